/* SPDX-License-Identifier: Apache-2.0 */
/* The C ABI between the engine and its devices. No GLib here: nvcc reads this header.
 *
 * A plan is plain data: items in the order in which they run, and slots, the buffers they read and write. `run` takes a
 * range of items: training calls (0, n_items), the stepper (i, i + 1); there is no second interpreter. Nothing here aborts
 * or prints; a status of 0 is good and last_error() has the text otherwise. */
#ifndef CHAIN_BACKEND_H
#define CHAIN_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CHAIN_BACKEND_ABI 2u

/* How an operand of an element-wise item is indexed: broadcast nodes are read through, not stored. */
enum { CHAIN_READ_FULL = 0,   /* [r][c] */
       CHAIN_READ_ROW = 1,    /* [0][c]: a 1 x n row used for every r */
       CHAIN_READ_COL = 2,    /* [r][0] */
       CHAIN_READ_ONE = 3 };  /* [0][0] */

enum { CHAIN_ITEM_FMA = 1,    /* an add contracted with the mul that is its first such input: y = fma (in0, in1, in2) */
       CHAIN_ITEM_SUM_MUL = 2,/* a sum that reads the product of in0 and in1 without storing it; same bits as mul, then sum */
       CHAIN_ITEM_HOST = 4 }; /* f64 scalars in host memory, see engine/graph/graph.h */

/* What most items of large plans have in common: they make one number, without arguments. */
typedef struct
{
  int64_t  rows, cols;      /* of the value */
  int32_t  arg[3];
  double   value, value2;
} ChainPlanDetail;

typedef struct
{
  uint16_t op;              /* ChainOp */
  uint8_t  dtype;           /* 0 f32, 1 f64 */
  uint8_t  flags;
  uint8_t  n_in;
  uint8_t  read[3];         /* CHAIN_READ_… of each input (element-wise items; FULL otherwise) */
  uint32_t out;             /* slot */
  uint32_t in[3];           /* slots */
  uint32_t node;            /* the graph node whose value this is */
  uint32_t pad;
  const ChainPlanDetail *detail;
} ChainPlanItem;

/* kinds of slot */
enum { CHAIN_SLOT_TEMP = 0, CHAIN_SLOT_LEAF = 1, CHAIN_SLOT_HOST = 2 };

typedef struct
{
  uint64_t bytes;           /* as allocated: multiple of 64 */
  uint64_t offset;          /* in the plan's arena (temps; slots whose lives do not meet share) */
  uint32_t leaf;            /* node id of the leaf (leaf and host-leaf slots), else 0 */
  uint8_t  kind, dtype, keep, pad;
  int64_t  rows, cols;
} ChainPlanSlot;

/* Copied at the end of a committing run: leaf <- next; next's slot is the leaf's own slot when it was computed in place. The commits
 * of a run are simultaneous: where next is itself a leaf, its value is read before any leaf is written. */
typedef struct { uint32_t leaf_slot, next_slot; } ChainPlanCommit;

typedef struct
{
  uint32_t               struct_size, abi;
  uint32_t               n_items, n_slots, n_commits, n_host;  /* items [0, n_host) are host items */
  const ChainPlanItem   *items;
  const ChainPlanSlot   *slots;
  const ChainPlanCommit *commits;
  const ChainPlanDetail *details;     /* that items point at */
  uint64_t               arena_bytes;
  int64_t                b;           /* the batch size it was compiled for */
  uint8_t                dtype, pad[7];
} ChainPlan;

typedef struct ChainDevice ChainDevice;
typedef struct ChainPrepared ChainPrepared;   /* a plan decoded for a device and for the addresses of its slots */

typedef struct
{
  uint32_t    abi;
  const char *name;
  int  (*device_count) (void);
  int  (*open) (int i, ChainDevice **out);
  void (*close) (ChainDevice *);
  int  (*supports) (ChainDevice *, int op, int dtype);
  int  (*alloc) (ChainDevice *, size_t bytes, void **out);
  void (*release) (ChainDevice *, void *p);
  int  (*write) (ChainDevice *, void *dst, const void *src, size_t bytes);
  int  (*read) (ChainDevice *, void *dst, const void *src, size_t bytes);
  int  (*sync) (ChainDevice *);
  int  (*set_threads) (ChainDevice *, int n);
  /* slots[i] is the address of slot i: device memory, or a double in host memory for a CHAIN_SLOT_HOST. The plan must outlive the
   * result; the addresses must stay. */
  int  (*prepare) (ChainDevice *, const ChainPlan *, void *const *slots, ChainPrepared **out);
  void (*discard) (ChainDevice *, ChainPrepared *);
  /* Runs items [first, last) k_steps times, each followed by the commits when last == n_items and commit != 0. seed keys the
   * `random` items. */
  int  (*run) (ChainDevice *, ChainPrepared *, uint32_t first, uint32_t last, uint32_t k_steps, int commit, uint64_t seed);
  int  (*poll) (ChainDevice *);
  const char *(*last_error) (ChainDevice *);
  const char *(*describe) (ChainDevice *);    /* "CPU, AVX-512, OpenBLAS SkylakeX, 1 thread" */
} ChainBackend;

/* The one symbol that a module exports. */
typedef const ChainBackend *(*ChainBackendEntry) (void);
#define CHAIN_BACKEND_SYMBOL "chain_backend"

#ifdef __cplusplus
}
#endif
#endif
