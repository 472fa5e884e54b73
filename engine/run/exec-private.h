/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of an executor, shared by exec.c (programs and runs) and exec-leaf.c (values of leaves, saved states). */
#pragma once

#include "engine/run/exec.h"

G_BEGIN_DECLS

#define CHAIN_EXEC_PLANS 8   /* compiled plans held for each program */

typedef struct
{
  ChainId node;
  gsize   bytes;        /* allocated on the device; 0 until the first write, read or plan */
  gint64  b;            /* rows of the batch last written, for leaves with a B axis */
  void   *data;         /* device memory; NULL for a host scalar */
  double  scalar;       /* host scalars: their f64 value, read by plans in place */
  guint8  kind;         /* ChainLeafKind */
  guint8  is_state;     /* some program commits to it */
  guint8  has_b;
  guint8  shared;       /* data lies in one of ChainExec.shared */
} ChainExecLeaf;

typedef struct { guint32 slot; gsize at; } ChainExecMoved;

typedef struct
{
  ChainPlan     *plan;
  ChainPrepared *prepared;
  void          *arena;
  GArray        *moved;     /* ChainExecMoved: temporaries in `together`, not in the arena; NULL */
  void          *together;
  gsize          together_bytes;
  double        *host;      /* values of host items */
  void         **slots;
  gint64         b;
  guint64        used;      /* clock of the last use */
  guint64        layout;    /* ChainExec.layout when the addresses were taken */
} ChainExecPlan;

typedef struct
{
  ChainId       *outputs;
  ChainState    *states;
  guint          n_outputs, n_states;
  ChainPlanFlags flags;
  ChainExecPlan  plans[CHAIN_EXEC_PLANS];
  guint          last;      /* index of the plan used last: nearly always the right one */
} ChainExecProgram;

typedef struct { ChainId node; gint64 row, col; double value; } ChainExecPin;

struct _ChainExec
{
  const ChainGraph   *g;
  ChainDtype          dtype;
  const ChainBackend *backend;
  ChainDevice        *device;
  gboolean            on_host;     /* the CPU: device memory is plain memory */
  GArray             *leaves;      /* ChainExecLeaf, in order of ids; never grows after chain_exec_new() */
  GArray             *shared;      /* blocks of several leaves */
  GPtrArray          *programs;
  GArray             *pins;
  ChainExecLeaf      *rows;        /* the leaf that holds the number of rows, or NULL */
  guint64             seed, clock, layout;
  guint64             stamp;       /* counts whatever may move an address or drop a plan: ChainExecLoop looks at it */
  guint64             bytes;
};

ChainExecLeaf *_chain_exec_leaf     (const ChainExec *x, ChainId id);                                      /* NULL if it is no leaf */
gboolean       _chain_exec_reserve  (ChainExec *x, ChainExecLeaf *leaf, gint64 b, GError **error);
gboolean       _chain_exec_alloc    (ChainExec *x, gsize bytes, void **out, GError **error);
void           _chain_exec_release  (ChainExec *x, void *p, gsize bytes);
gboolean       _chain_exec_fetch    (ChainExec *x, const void *from, ChainDtype dtype, double *out, gsize n);
gsize          _chain_exec_leaf_size (const ChainExec *x, const ChainExecLeaf *leaf, gint64 b);           /* numbers */
/* Small tensors that are updated alike, side by side (exec-together.c). */
gboolean       _chain_exec_together       (ChainExec *x, ChainExecPlan *e, gboolean commits, GError **error);
void           _chain_exec_together_clear (ChainExec *x, ChainExecPlan *e);
GArray        *_chain_exec_shared_new     (void);
void           _chain_exec_free_shared    (ChainExec *x);
gboolean       _chain_exec_failed   (ChainExec *x, GError **error);                                        /* sets the device's text; FALSE */

G_END_DECLS
