/* SPDX-License-Identifier: Apache-2.0 */
/* Spec -> graph: network, loss, gradient and optimiser as nodes of one graph (ARCHITECTURE 8, 9.7).
 *
 * The model builds loss_train and outputs_eval over the same leaves (dropout off and running statistics in the latter). Every layer has its
 * own scope, named by its id; the loss has scope "loss", the update "optimiser". */
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
  guint          rows, cols;  /* weight: out x in; others: 1 x n */
  guint          owner;       /* moment: index into params */
  double         start;       /* buffer, moment: first value */
} ChainTensorInfo;

typedef struct
{
  char   *id;
  guint   width;
  ChainId pre;                /* train form: value before the activation (z) */
  ChainId out;                /* train form: value after the whole layer (a) */
  ChainId out_eval;           /* evaluation form */
  ChainId adjoint;            /* dL/da of `out`; CHAIN_NONE if none */
  int     weight, bias;       /* index into params, -1 */
} ChainLayerInfo;

typedef struct
{
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
  ChainId       seed_step;    /* host leaf: the training step that keys `random` */
} ChainModel;

typedef struct { ChainId leaf, next; double start; char name[32]; } ChainScalarInfo;

/* Builds, differentiates, adds the optimiser, seals. d: inputs; k, n_classes from the data. (transfer full). */
ChainModel *chain_model_new  (const ChainSpec *spec, const ChainPrep *prep, GError **error);
void        chain_model_free (ChainModel *m);

/* By name: params, buffers, then moments; NULL if there is none. */
const ChainTensorInfo *chain_model_tensor (const ChainModel *m, const char *name);

/* Initial values of parameters (by each one's initialiser, seed), buffers, moments, scalars, into x. */
gboolean    chain_model_init (const ChainModel *m, ChainExec *x, uint64_t seed, GError **error);

/* Copies what survives: tensors of the same name; rows and columns by unit ids (ARCHITECTURE 9.8). Weights, biases, buffers, moments. */
void        chain_model_carry (const ChainModel *from, ChainExec *x_from, const ChainModel *to, ChainExec *x_to);

/* Scalars of the spec that a running trainer may change: writes every hyperparameter leaf from spec->optimiser. */
void        chain_model_set_hyper (const ChainModel *m, ChainExec *x, const ChainSpec *spec);

guint64     chain_model_n_params (const ChainModel *m);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainModel, chain_model_free)

G_END_DECLS
