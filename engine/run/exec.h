/* SPDX-License-Identifier: Apache-2.0 */
/* Binds values to a graph on a device, compiles plans as they are needed (the last 8 for each program), runs them.
 *
 * An executor owns the storage of all leaves of a graph: parameters, states, inputs, scalars. Its *programs* (a set of outputs and
 * states) share that storage, so "train", "evaluate" and "what would node 17 be" see the same weights.
 * An executor belongs to one thread at a time. The graph must be sealed and must outlive it. */
#pragma once

#include "engine/base/tensor.h"
#include "engine/run/plan.h"

G_BEGIN_DECLS

typedef struct _ChainExec ChainExec;

ChainExec   *chain_exec_new         (const ChainGraph *g, ChainDtype dtype, GError **error);   /* on the CPU back end */
ChainExec   *chain_exec_new_on      (const ChainGraph *g, ChainDtype dtype, const ChainBackend *backend, int device, GError **error);
void         chain_exec_free        (ChainExec *x);
ChainDtype   chain_exec_dtype       (const ChainExec *x);
const ChainGraph *chain_exec_graph  (const ChainExec *x);
void         chain_exec_set_seed    (ChainExec *x, uint64_t seed);      /* keys every `random` node */
void         chain_exec_set_threads (ChainExec *x, int n);

/* --- values of leaves; row-major; conversion between f64 and the executor's dtype is done here --- */
void         chain_exec_set_scalar  (ChainExec *x, ChainId leaf, double value);
double       chain_exec_get_scalar  (const ChainExec *x, ChainId leaf);
/* n = rows * cols for this b (ignored where the leaf has no B axis) */
gboolean     chain_exec_write       (ChainExec *x, ChainId leaf, gint64 b, const double *data, gsize n, GError **error);
gboolean     chain_exec_write_f32   (ChainExec *x, ChainId leaf, gint64 b, const float *data, gsize n, GError **error);
gboolean     chain_exec_read_leaf   (ChainExec *x, ChainId leaf, double *out, gsize n);
ChainTensor *chain_exec_get_tensor  (ChainExec *x, ChainId leaf);                /* (transfer full): a copy, in the executor's dtype; no B leaves */
/* The leaf's own memory in the executor's dtype, large enough for b rows, for gathers without a second copy; valid until the next
 * call with a larger b. NULL on a device whose memory the host cannot write. */
void        *chain_exec_leaf_data   (ChainExec *x, ChainId leaf, gint64 b);

/* --- programs --- */
typedef guint ChainProgram;
ChainProgram chain_exec_program     (ChainExec *x, const ChainId *outputs, guint n_outputs, const ChainState *states, guint n_states,
                                     ChainPlanFlags flags);
const ChainPlan *chain_exec_plan    (ChainExec *x, ChainProgram p, gint64 b, GError **error);   /* compiled if needed; owned by x */
gboolean     chain_exec_run         (ChainExec *x, ChainProgram p, gint64 b, GError **error);
gboolean     chain_exec_run_range   (ChainExec *x, ChainProgram p, gint64 b, guint first, guint last, GError **error);
void         chain_exec_commit      (ChainExec *x, ChainProgram p, gint64 b);    /* the commits of a keep-all plan, by hand */

/* A program in a loop: addresses are looked up once and hold until something moves. The caller sets program, leaves and outputs (nodes or
 * CHAIN_NONE) and zeroes the rest; binding fills `to` (where the rows of a leaf go) and `from` (where an output is found, in the executor's
 * dtype). On a device whose memory the host cannot reach all of them are NULL: write and read as usual. */
typedef struct
{
  ChainProgram program;
  ChainId      leaves[2], outputs[2];
  void        *to[2];
  const void  *from[2];
  gint64       b;
  guint64      stamp;
  gpointer     entry;
  ChainPlanFlags flags;
} ChainExecLoop;

gboolean     chain_exec_loop_bind   (ChainExec *x, ChainExecLoop *l, gint64 b, GError **error);
gboolean     chain_exec_loop_run    (ChainExec *x, const ChainExecLoop *l, GError **error);    /* all items, then the commits */

/* The value of a node after a run of (p, b): outputs, kept nodes (keep-all: every node), leaves. FALSE if it is not held. */
gboolean     chain_exec_read        (ChainExec *x, ChainProgram p, gint64 b, ChainId node, double *out, gsize n);
double       chain_exec_read_one    (ChainExec *x, ChainProgram p, gint64 b, ChainId node);      /* entry [0][0] */
/* CPU: the node's memory in the executor's dtype (owned by x, valid until the next run), else NULL. */
const void  *chain_exec_peek        (ChainExec *x, ChainProgram p, gint64 b, ChainId node);

/* --- pins: a pinned entry overrides the computed one on keep-all plans (what-if, ablation) --- */
void         chain_exec_pin         (ChainExec *x, ChainId node, gint64 row, gint64 col, double value);
void         chain_exec_unpin_all   (ChainExec *x);

/* --- everything that a run changes: parameters, states, host state scalars --- */
typedef struct _ChainExecState ChainExecState;
ChainExecState *chain_exec_save     (ChainExec *x);                             /* (transfer full): one copy */
ChainExecState *chain_exec_save_over (ChainExec *x, ChainExecState *old);       /* old: nullable, (transfer full): its memory is used if it fits */
gsize           chain_exec_save_bytes (ChainExec *x);                           /* of a state saved now */
void            chain_exec_restore  (ChainExec *x, const ChainExecState *s);
gsize           chain_exec_state_bytes (const ChainExecState *s);
gboolean        chain_exec_state_equal (const ChainExecState *a, const ChainExecState *b);   /* bit for bit */
ChainExecState *chain_exec_state_ref (ChainExecState *s);                       /* atomic */
void            chain_exec_state_unref (ChainExecState *s);

/* Index of the first item in the plan whose value holds a NaN or infinity after a run on a keep-all plan, or -1. Sets *row, *col. */
int             chain_exec_first_bad (ChainExec *x, ChainProgram p, gint64 b, gint64 *row, gint64 *col);

guint64         chain_exec_bytes    (const ChainExec *x);   /* leaves + arenas held now */

G_END_DECLS
