/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the CPU back end.
 *
 * What "the value" is, to the last bit, whatever the instruction set, the number of threads or the grouping of items:
 *
 * - element-wise: each scalar function is one sequence of IEEE operations (cpu-maths.h); f64 transcendentals are libm's.
 * - sum of a row (and of a whole matrix, taken as one row in row-major order): cut into blocks of 4096 numbers; within a block
 *   16 accumulators starting at +0, number i going to accumulator i mod 16, then a tree (j + (j + 8), 4, 2, 1); block sums are
 *   added in order.
 * - sum of columns: for each column the rows are added in order to +0.
 * - a sum of a product rounds each product first.
 * - matmul: for each entry fma over k in order, starting at +0. Only where the processor has no fma and OpenBLAS is there, products of
 *   more than CHAIN_GEMM_OWN multiplications are its own, on pieces cut by shape alone.
 * - softmax: exp (x - max), then divided by its row sum; logsumexp: max + log (row sum of exp (x - max)). */
#pragma once

#include "engine/graph/graph.h"
#include "engine/run/backend.h"

G_BEGIN_DECLS

#define CHAIN_SUM_BLOCK 4096
#define CHAIN_GEMM_OWN (1 << 20)    /* multiplications; without an instruction for fma, own products are slow */
#define CHAIN_EW_BLOCK 512          /* numbers of a stripe: a few stripes fit into the first cache */

/* y[i] = f (a[i], b[i], c[i]). Blocks are 64-byte aligned and padded: a kernel may compute up to the next multiple of 64 bytes. */
typedef void (*ChainEw) (void *y, const void *a, const void *b, const void *c, size_t n, const double *par);

/* Which operand is one number: index into the last axis of a table of kernels. */
enum { CHAIN_EW_STREAMS, CHAIN_EW_A_ONE, CHAIN_EW_B_ONE, CHAIN_EW_C_ONE, CHAIN_N_EW };

typedef struct
{
  const void *a, *b;
  void       *c;
  int64_t     m, n, k;
  int         ta, tb;
  const void *bias;         /* a row of n numbers added to each row of the finished product, or NULL */
  void      (*after) (void *data, int64_t first, int64_t rows);    /* these rows are finished; on any thread. NULL */
  void       *data;
} ChainGemm;

struct _ChainTileRun;
struct _ChainScalar;

typedef struct
{
  const char *isa;
  ChainEw ew[2][CHAIN_N_OPS][CHAIN_N_EW];   /* by dtype; NULL where there is no such form */
  ChainEw fma[2][CHAIN_N_EW];
  /* y nullable: sum of x·y */
  double (*sum[2]) (const void *x, const void *y, size_t n);
  void   (*sum_rows[2]) (void *out, const void *x, const void *y, int64_t m, int64_t n);
  void   (*sum_cols[2]) (void *out, const void *x, const void *y, int64_t m, int64_t n, int64_t first, int64_t last);
  void   (*softmax[2]) (void *out, const void *x, int64_t m, int64_t n);
  void   (*logsumexp[2]) (void *out, const void *x, int64_t m, int64_t n);
  void   (*rowmax[2]) (void *out, const void *x, int64_t m, int64_t n);
  void   (*scalar) (const struct _ChainScalar *s);   /* scalar.h */
  gboolean has_fma;                                  /* one instruction, not a call */
  void   (*tile[2]) (struct _ChainTileRun *r);    /* cpu-tile.h */
} ChainCpuKernels;

extern const ChainCpuKernels _chain_cpu_kernels_plain;
#ifdef CHAIN_HAVE_X86_KERNELS
extern const ChainCpuKernels _chain_cpu_kernels_avx2;
extern const ChainCpuKernels _chain_cpu_kernels_avx512;
#endif

const ChainCpuKernels *_chain_cpu_kernels (void);     /* those in force */
gboolean               _chain_cpu_has_fma (void);     /* the machine, whatever is in force */

/* One decoded item. */
typedef struct _ChainIns ChainIns;
typedef struct _ChainCpu ChainCpu;
typedef void (*ChainInsRun) (ChainCpu *cpu, ChainIns *ins);

struct _ChainIns
{
  ChainInsRun  run;
  ChainEw      kernel;
  void        *y;
  const void  *in[3];
  const double *host[3];     /* operands that are host scalars: rounded into one[] before each run */
  double       one[3];       /* as f32 or f64 */
  double       par[2];
  size_t       n;            /* numbers of y */
  int64_t      rows, cols;
  int64_t      in_rows[3], in_cols[3];
  int32_t      arg[3];
  uint8_t      n_in, dtype, n_host, spread, op, read[3], flags;   /* spread: bit k set if operand k is a row or column */
  /* What a whole run does at this item: it and those behind it that it covers. */
  ChainInsRun  whole;
  uint32_t     covers;
  struct _ChainCpuProgram *program;
  const void  *bias;         /* of a product whose sum with a row is the next item: the row, see _chain_cpu_run_dense() */
  void        *follow;       /* of a gradient that its update follows, and of its sum of squares (follow.c) */
  uint8_t      taken;        /* an item of that update: a whole run has done it already */
  const void  *lowered;      /* a ChainSmall, or ChainScalarIns for each item covered */
  const ChainPlanItem *item;
};

/* Sets run (and kernel) for an item that is not element-wise. FALSE if the op is unknown. */
gboolean _chain_cpu_decode_shape (ChainIns *ins);
gboolean _chain_cpu_decode_rows  (ChainIns *ins);
void     _chain_cpu_run_matmul   (ChainCpu *cpu, ChainIns *ins);
gboolean _chain_cpu_is_own_product (const ChainIns *ins);     /* not OpenBLAS */
/* The product ins[0] and the sum ins[1] with ins->bias in one: same bits. */
void     _chain_cpu_run_dense    (ChainCpu *cpu, ChainIns *ins);
void     _chain_cpu_host_item    (const ChainPlanItem *it, double *out, const double *const in[3], uint64_t seed);
void    *_chain_cpu_scratch      (ChainCpu *cpu, size_t bytes);    /* 64-byte aligned; NULL if it cannot be had */
void     _chain_cpu_fail         (ChainCpu *cpu, const char *text);

/* OpenBLAS (cpu-gemm.c). */
void        _chain_blas_open (void);
const char *_chain_blas_core (void);

/* Runs job (data, i) for i in [0, n): on the pool where cpu has threads, else here. Returns when all are done. */
void _chain_cpu_each (ChainCpu *cpu, void (*job) (void *data, int i), void *data, int n);

G_END_DECLS
