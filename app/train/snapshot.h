/* SPDX-License-Identifier: Apache-2.0 */
/* The immutable picture of one moment of training: everything that a view draws comes from here (and from the spec and the data set
 * that it refers to). Published once, never written again; reference-counted; any thread may read. */
#pragma once

#include "app/stepper/trace.h"
#include "app/train/series.h"
#include "engine/nn/metrics.h"

G_BEGIN_DECLS

/* What a click can do about a run that left the finite numbers; advice is for the person. */
typedef enum { CHAIN_REMEDY_ADVICE, CHAIN_REMEDY_HALVE_RATE, CHAIN_REMEDY_LOGITS } ChainRemedy;

typedef enum { CHAIN_RUN_READY, CHAIN_RUN_RUNNING, CHAIN_RUN_PAUSED, CHAIN_RUN_DONE, CHAIN_RUN_DIVERGED, CHAIN_RUN_FAILED } ChainRunState;

typedef enum
{
  CHAIN_WANT_PARAMS = 1 << 0,   /* weights, gradients, next update */
  CHAIN_WANT_FIELD = 1 << 1,    /* response of every unit and of the output over the plane (or the line) */
  CHAIN_WANT_STATS = 1 << 2,    /* layer statistics, mean |dL/da| of units */
  CHAIN_WANT_METRICS = 1 << 3,  /* train and test metrics now, into the display-only series too */
  CHAIN_WANT_NODES = 1 << 4,    /* every node of the last step, from the keep-all plan, committing nothing */
  CHAIN_WANT_PREDICTIONS = 1 << 5,  /* truth and prediction of up to 2 000 held-out rows */
  CHAIN_WANT_TRACE = 1 << 6     /* the step that comes next, every value of it (chain_trainer_set_trace_request) */
} ChainWant;

/* Rows that were not trained on, evenly over the test split, or training rows where there is none; only for networks that predict the target. */
typedef struct
{
  gboolean classify, test;      /* test: rows of the test split */
  guint    n, n_all;            /* rows here; rows of the split */
  guint   *row;                 /* n: indices into the data set */
  double  *truth;               /* n: class index, or the first target in original units */
  double  *value;               /* n: predicted likewise */
  float   *sure;                /* n: probability of the predicted class; NULL for values */
  guint    n_classes;           /* 0 for values */
  guint   *confusion;           /* n_classes x n_classes counts, [true][predicted]; NULL for values and beyond CHAIN_CONFUSION_CLASSES */
  double   accuracy, r2, rmse;  /* of these rows and this target; NaN where the word means nothing */
} ChainPredictions;

#define CHAIN_CONFUSION_CLASSES 64u

typedef struct
{
  char          *name, *layer;
  ChainParamKind kind;
  guint          rows, cols;
  float         *value;         /* rows * cols */
  float         *grad;          /* of the rows of the last step (before the first one: of the step to come) at these weights, before clipping; NULL if not asked for */
  float         *update;        /* what a step with it adds; NULL likewise */
} ChainSnapTensor;

typedef struct
{
  char          *id;
  guint          width;
  ChainLayerStat stat;
  guint64        n_params, flops; /* trained numbers; operations of its scope in one step: 0 if not asked for (STATS) */
  guint          health;        /* bits of ChainHealth (engine/nn/health.h) */
  guint8        *unit_state;    /* width: bits of ChainHealth of each unit over the last batch: dead (for the whole data set for so many epochs),
                                   saturated, symmetric, not finite; NULL if not asked for */
  float         *adjoint;       /* width: mean |dL/da| over the last batch; NULL if not asked for */
  float         *field;         /* width x res x res (plane) or width x res (line): response of each unit; NULL if not asked for.
                                   [unit][iy][ix]: iy = 0 is y0, the last is y1; points lie on the ends: x0 + (x1 - x0) ix / (res - 1) */
} ChainSnapLayer;

/* The first value that broke: in which step, of what, and the range of what it was made from. */
typedef enum { CHAIN_BROKE_UNKNOWN, CHAIN_BROKE_LARGE, CHAIN_BROKE_NAN, CHAIN_BROKE_LOG, CHAIN_BROKE_ROOT, CHAIN_BROKE_DIVISION } ChainBroke;
typedef enum { CHAIN_BROKE_IN_LAYER, CHAIN_BROKE_IN_LOSS, CHAIN_BROKE_IN_OPTIMISER, CHAIN_BROKE_IN_NETWORK } ChainBrokeIn;
typedef struct { guint64 step; ChainBroke how; ChainBrokeIn in; gboolean backward; double low, high; } ChainTrouble;

typedef struct _ChainGhost ChainGhost;   /* app/train/ghost.h */
#define CHAIN_SNAP_GHOSTS 3u
#define CHAIN_GHOST_LOST G_MININT

typedef struct
{
  int            ref_count;
  guint64        step;
  double         epoch;         /* 46.3 */
  guint          seq;           /* the last command applied */
  ChainRunState  state;
  char          *message;       /* diverged or failed: sentence naming the first bad node; else NULL */
  char          *remedy;        /* "Halve the learning rate to 0.015 and restart"; NULL */
  ChainRemedy    remedy_kind;
  int            trouble;       /* diverged: the layer where the first value broke; else -1 */
  ChainTrouble   broke;         /* diverged: how it broke, for a sentence without operations (app/health) */
  double         loss, lr, grad_norm;
  double         steps_per_s, samples_per_s;
  gboolean       has_metrics;
  ChainMetrics   train, test;   /* test all NaN without a split */
  ChainSpec     *spec;          /* (ref) what is running */
  ChainDataset  *data;          /* (ref) */
  GPtrArray     *tensors;       /* of ChainSnapTensor: parameters, in model order */
  GPtrArray     *layers;        /* of ChainSnapLayer */
  guint64        n_params;      /* STATS: trained numbers, operations of a step, bytes that it works on; of rows of a batch */
  guint64        step_flops, step_bytes;
  guint          batch;
  guint          res;           /* points a side of the fields */
  guint          axis_x, axis_y;/* which inputs span the plane (scaled units); axis_y == axis_x: a line */
  double         x0, x1, y0, y1;/* extent of the plane in scaled units */
  guint          out_width;
  guint          out_res;       /* points a side of `output`: finer than res */
  float         *output;        /* out_width x out_res x out_res: prediction (probability, or value in scaled units); NULL if not asked for */
  float         *inputs;        /* d x res x res: the inputs themselves over the plane; NULL likewise */
  guint          segment;       /* counts the runs of one data set and one loss; the curves are of the present one, which began here: */
  double         segment_epoch;
  ChainSeriesView *train_loss;  /* x = epoch: training loss of each step (exact), */
  ChainSeriesView *eval_train;  /* full training-set loss at evaluations and published metrics */
  ChainSeriesView *eval_test;   /* test loss likewise */
  ChainSeriesView *eval_score;  /* test accuracy or R² (training score without a split) */
  guint          n_nodes;       /* WANT_NODES: values of all nodes of the step, by id */
  float        **nodes;         /* n_nodes + 1 arrays, NULL where there is none */
  ChainPredicts  predicts;      /* what the network's first output stands for */
  ChainPredictions *predictions;/* NULL if not asked for or if nothing of the data is predicted */
  struct _ChainStepView *step_view;   /* (ref) what the debugger shows of the trace (app/picture/step-view.h); NULL: the trace as it is */
  void         (*step_view_unref) (struct _ChainStepView *v);   /* comes with it */
  GPtrArray     *ghosts;        /* (ref) of ChainGhost, newest first: earlier runs of this session to compare with, put in by the session before anybody
                                   sees the snapshot; NULL: none, or not to be shown */
  int            ghost_edits[CHAIN_SNAP_GHOSTS];   /* for each of them: edits since, < 0 undone since, CHAIN_GHOST_LOST where no way leads back */
  guint          runs;          /* of the session so far: how long ago a ghost was */
  ChainTrace    *trace;         /* NULL if not asked for, or: */
  char          *trace_error;   /* why there is none */
  gsize          bytes;
} ChainSnapshot;

void           chain_predictions_free (ChainPredictions *p);   /* NULL is fine */
ChainSnapshot *chain_snapshot_ref   (ChainSnapshot *s);
void           chain_snapshot_unref (ChainSnapshot *s);
const ChainSnapTensor *chain_snapshot_tensor (const ChainSnapshot *s, const char *name);
const ChainSnapLayer  *chain_snapshot_layer  (const ChainSnapshot *s, const char *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainSnapshot, chain_snapshot_unref)

G_END_DECLS
