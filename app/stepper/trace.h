/* SPDX-License-Identifier: Apache-2.0 */
/* One training step held still: every value of the graph that trains, for one state of the weights and one choice of rows. What the debugger
 * walks (DESIGN 3.2, ARCHITECTURE 9.1, 9.4, 9.11).
 *
 * A trace is the step that comes next, run on the keep-all plan of the same state and the same rows, committing nothing: forward values,
 * adjoints, every node of the optimiser and the next value of every parameter and moment. It is immutable, so a position in it can be gone to
 * in either direction without a bit being lost; a step across its end is a step of the trainer, and back across its beginning is the trainer's
 * replay. Reference-counted; any thread may read. */
#pragma once

#include "engine/nn/model.h"

G_BEGIN_DECLS

typedef enum
{
  CHAIN_TRACE_BATCH,      /* the mini-batch that the next step trains on */
  CHAIN_TRACE_ROW,        /* the same run, looked at through one of its rows: what parameters receive is the whole batch's */
  CHAIN_TRACE_SAMPLE      /* one sample of the data set alone: a plan with B = 1 */
} ChainTraceOf;

typedef struct { ChainTraceOf of; guint index; } ChainTraceRequest;   /* index: row of the batch, or sample of the training split; cut to what there is */

typedef struct
{
  int               ref_count;
  ChainModel       *model;        /* (ref) */
  ChainTraceRequest request;      /* as it was served */
  ChainDtype        dtype;        /* the precision that trains; numbers here are its bits, as doubles */
  guint64           step;         /* steps done before this one */
  double            epoch;
  gint64            b;            /* rows of the run */
  gint64            row;          /* ROW: the row looked at; SAMPLE: 0; BATCH: -1 */
  guint             sample;       /* SAMPLE, ROW: which row of the data set it is */
  guint             n_samples;    /* of the training split */
  guint             n_nodes;
  double          **value;        /* [1 … n_nodes]: rows x cols of the node for this b, row-major; NULL: not in the plan */
  ChainId          *adjoint;      /* [1 … n_nodes]: the node that holds dL/dnode when all contributions are in; CHAIN_NONE */
  ChainId           loss;         /* 1 x 1: what the step table is the gradient of (the first objective); CHAIN_NONE if nothing is trained */
  guint64           bytes;        /* held by the keep-all plan */
} ChainTrace;

/* x: an executor of model whose leaves hold the present state and, in x and t, the b rows of the run. sample: which row of the training split the row
 * looked at is. Runs, reads, commits nothing; the program that it adds to x is made once. (transfer full). */
ChainTrace *chain_trace_new   (ChainModel *model, ChainExec *x, gint64 b, ChainTraceRequest request, guint sample, guint n_samples, guint64 step,
                               double epoch, GError **error);
ChainTrace *chain_trace_ref   (ChainTrace *t);
void        chain_trace_unref (ChainTrace *t);

/* rows and cols of a node's value here. */
void        chain_trace_shape (const ChainTrace *t, ChainId node, gint64 *rows, gint64 *cols);
/* One entry; NAN where nothing is held. */
double      chain_trace_at    (const ChainTrace *t, ChainId node, gint64 row, gint64 col);

/* A central difference of the loss by one entry of a node, in f64 at the same values, h = 6e-6 max (1, |v|) (RELIABILITY 4.1). An executor of
 * its own is made at the first call and kept: one ChainProbe belongs to one thread. */
typedef struct _ChainProbe ChainProbe;
typedef struct
{
  double   difference;      /* central */
  double   adjoint;         /* f64 */
  double   error;           /* |difference − adjoint| */
  gboolean agrees;          /* 1e-6 relative; and the f32 adjoint of the trace within 1e-5 √K of the f64 one */
  gboolean kink;            /* one-sided differences disagree: not differentiable here */
  ChainOp  kinked;          /* the operation that has it, whose derivative there is a convention; CHAIN_OP_NONE: not found */
  gboolean at_kink;         /* its input is at the kink, not beside it */
} ChainProbeResult;
ChainProbe *chain_probe_new  (ChainTrace *t, GError **error);
void        chain_probe_free (ChainProbe *p);
char       *chain_probe_kink_text (const ChainProbeResult *r);   /* a sentence about a result that is a kink; (transfer full) */
gboolean    chain_probe_run  (ChainProbe *p, ChainId node, gint64 row, gint64 col, ChainProbeResult *out, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainTrace, chain_trace_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainProbe, chain_probe_free)

G_END_DECLS
