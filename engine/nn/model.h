/* SPDX-License-Identifier: Apache-2.0 */
/* Spec -> graph: network, loss, gradient and optimiser as nodes of one graph (ARCHITECTURE 8, 9.7).
 *
 * The model builds loss_train and outputs_eval over the same leaves (dropout off and running statistics in the latter). Every layer has its
 * own scope, named by its id; the loss has scope "loss", the update "optimiser".
 *
 * Weight decay. It acts on weights only, not on biases or gamma and beta (SPEC 5), unless the optimiser's choice has the parameter
 * "decay_all" = 1: then on every trained tensor, as PyTorch's weight_decay does. A layer's own `decay` replaces the optimiser's for
 * that layer. Decay is written into the graph as a constant: changing it, or anything else that chain_model_same_graph() denies, makes a
 * new model, and the weights are carried over.
 *
 * Besides its row's parameters every optimiser understands (chain_optimiser_extras()): "l1" and "l2", penalties l1 Σ|w| + ½ l2 Σw² on the
 * weights of the layers that an objective trains, added to its loss; "clip_value", then "clip_norm" (SPEC 5, standard form), on its
 * gradients. These four are live.
 *
 * Regularisers of the spec act on weights too (a row's parameter "all" says: on every parameter): penalties are added to the loss of each
 * objective, clipping follows that of the optimiser's extras, in the order of the spec, constraints follow the optimiser. Their numbers are live.
 *
 * Evaluation values. A parameter's `eval` is what the evaluation form, its loss and its outputs read. It is the leaf, but for the
 * schedule-free optimisers, which train at y and evaluate at their average x: there it is a node over the moment "opt.x.<parameter>".
 *
 * Frozen layers have no gradient and no state: `next` is the leaf itself. A frozen batch normalisation uses its running statistics, in
 * training too, and leaves them as they are.
 *
 * Objectives. Loss terms with the same `trains` are one objective; each has its own gradient and moments. Several are updated in turn
 * within a step, in the order of the spec: the second sees the parameters that the first has just changed. Moments of the first are named
 * "opt.<state>.<parameter>", of the second "opt2.…". */
#pragma once

#include "engine/graph/grad.h"
#include "engine/nn/dataset.h"
#include "engine/nn/table.h"
#include "engine/run/exec.h"

G_BEGIN_DECLS

typedef enum { CHAIN_PARAM_WEIGHT, CHAIN_PARAM_BIAS, CHAIN_PARAM_GAMMA, CHAIN_PARAM_BETA, CHAIN_PARAM_SLOPE, CHAIN_PARAM_BUFFER,
               CHAIN_PARAM_MOMENT } ChainParamKind;

typedef struct
{
  char          *name;        /* "d1.weight", "bn1.running_mean", "opt.m.d1.weight" */
  char          *layer;       /* id */
  ChainParamKind kind;
  ChainId        leaf;
  ChainId        grad;        /* gradient before clipping; parameters only; CHAIN_NONE if it has none */
  ChainId        next;        /* value after a step */
  ChainId        eval;        /* value that the evaluation form reads: the leaf, or the average that a schedule-free optimiser keeps */
  guint          rows, cols;  /* weight: out x in; others: 1 x n */
  guint          owner;       /* moment: index into params */
  double         start;       /* buffer, moment: first value; moment: NaN = that of its owner */
} ChainTensorInfo;

typedef struct
{
  char   *id;
  guint   width;
  ChainId pre;                /* train form: value before the activation (z) */
  ChainId act;                /* train form: after the activation, before the attached dropout */
  ChainId out;                /* train form: value after the whole layer (a) */
  ChainId out_eval;           /* evaluation form */
  ChainId adjoint;            /* dL/da of `out`; CHAIN_NONE if none */
  int     weight, bias;       /* index into params, -1 */
  int     gamma, beta, slope; /* index into params, -1; slope: what a layer of another kind trains (prelu, swish, a scalar) */
  int     mean, var;          /* index into buffers, -1 */
} ChainLayerInfo;

/* One loss term in the evaluation form, weighted, so that an evaluation in blocks can put it together again. */
typedef struct { ChainId value; gboolean summed; } ChainTermInfo;

/* A quantity of a line of the optimiser's pseudo-code. param: index into params; -1: one for all. line: as printed, from 1; 0: the last. */
typedef struct { int param; guint line; const char *symbol; ChainId node; } ChainLineInfo;   /* symbol: static */

/* A hyperparameter that is a host leaf. */
typedef struct { ChainId leaf; char name[32]; int regulariser; } ChainHyperInfo;   /* regulariser: index into the spec's; -1: the optimiser's */

/* What the first output is a prediction of. */
typedef enum { CHAIN_PREDICTS_NOTHING, CHAIN_PREDICTS_TARGET, CHAIN_PREDICTS_INPUT } ChainPredicts;

typedef struct
{
  int           ref_count;    /* atomic */
  ChainGraph   *graph;        /* sealed */
  ChainSpec    *spec;         /* (ref) */
  guint         d, k, n_classes;
  ChainId       x;            /* LEAF_INPUT, B x d */
  ChainId       t;            /* LEAF_INPUT, B x k (class index or values) */
  GArray       *params;       /* of ChainTensorInfo: what is trained */
  GArray       *buffers;      /* of ChainTensorInfo: running statistics */
  GArray       *moments;      /* of ChainTensorInfo: the optimiser's tensors */
  GArray       *scalars;      /* of { ChainId leaf; ChainId next; double start; char name[32]; } ChainScalarInfo */
  GArray       *layers;       /* of ChainLayerInfo */
  GArray       *states;       /* of ChainState: all of the above */
  GArray       *steps;        /* of ChainStep: the step table of the first objective */
  ChainId       loss_train, loss_eval;   /* 1 x 1: weighted sum of the terms with their reductions + regularisers */
  GArray       *outputs;      /* of ChainId: evaluation form of spec->outputs */
  ChainId       output_eval;  /* the first */
  ChainId       output_train;
  ChainId       proba_eval;   /* output_eval through the loss's link: what a reader calls the prediction */
  ChainId       grad_sq;      /* 1 x 1: sum of squares of all gradients, for the guard and the norm display */
  ChainId       lr, step;     /* host leaves */
  ChainId       seed_step;    /* host leaf: the training step that keys `random`; a state of its own, one more after each step, which goes
                                 on when a changed optimiser starts to count again */
  GArray       *terms;        /* of ChainTermInfo */
  GArray       *hyper;        /* of ChainHyperInfo */
  char        **input_names;  /* d names, NULL-terminated */
  ChainPredicts predicts;
  GHashTable   *by_name;      /* name -> ChainTensorInfo* */
  GArray       *lines;        /* of ChainLineInfo: what the lines of the optimiser's pseudo-code make, of the first objective */
} ChainModel;

typedef struct { ChainId leaf, next; double start; char name[32]; } ChainScalarInfo;

/* Builds, differentiates, adds the optimiser, seals. d: inputs; k, n_classes from the data. (transfer full). */
ChainModel *chain_model_new  (const ChainSpec *spec, const ChainPrep *prep, GError **error);
/* As chain_model_new(), but the graph is left open for more nodes (Hessian-vector products, probes); the caller seals it. */
ChainModel *chain_model_new_open (const ChainSpec *spec, const ChainPrep *prep, GError **error);
/* Whoever shows a step of a network may keep its model longer than the trainer does, which leaves it behind at a structural edit. Any thread, once
 * the graph is sealed. */
ChainModel *chain_model_ref  (ChainModel *m);
void        chain_model_free (ChainModel *m);   /* gives one reference back */

/* Static; names, titles, ranges. */
const ChainParamInfo *chain_optimiser_extras (guint *n);

/* By name: params, buffers, then moments; NULL if there is none. */
const ChainTensorInfo *chain_model_tensor (const ChainModel *m, const char *name);

/* Initial values of parameters (by each one's initialiser, seed), buffers, moments, scalars, into x. */
gboolean    chain_model_init (const ChainModel *m, ChainExec *x, uint64_t seed, GError **error);

/* After chain_model_init(), and after n rows of training data are in the leaf x: scales the weights of layers whose initialiser asks for data
 * (LSUV: unit variance before each activation, from the first layer to the last). Does nothing where no layer does. */
gboolean    chain_model_wants_data (const ChainModel *m);
gboolean    chain_model_init_data  (const ChainModel *m, ChainExec *x, gint64 n, GError **error);

/* Copies what survives: tensors of the same name; rows and columns by unit ids (ARCHITECTURE 9.8). Weights, biases, buffers, moments,
 * scalars. x_to must have been initialised: what is new keeps its first values. With another optimiser (or variant) the moments and the
 * step of the optimiser start again. */
void        chain_model_carry (const ChainModel *from, ChainExec *x_from, const ChainModel *to, ChainExec *x_to);

/* TRUE if a running model of m->spec can go on with `spec`: they differ only in what is not in the graph (name, rate and other live
 * hyperparameters, schedule, batch size, order, stop). Else: a new model and chain_model_carry(). */
gboolean    chain_model_same_graph (const ChainModel *m, const ChainSpec *spec);

/* Scalars of the spec that a running trainer may change: writes every hyperparameter leaf from spec->optimiser. */
void        chain_model_set_hyper (const ChainModel *m, ChainExec *x, const ChainSpec *spec);

/* The momentum (first-moment decay) that a schedule gives, into the leaf of the optimiser that has one; NaN: as it is. */
void        chain_model_set_momentum (const ChainModel *m, ChainExec *x, double value);

guint64     chain_model_n_params (const ChainModel *m);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainModel, chain_model_free)

G_END_DECLS
