/* SPDX-License-Identifier: Apache-2.0 */
/* Figures about predictions (SPEC 11) and about one step of training. */
#pragma once

#include "engine/nn/model.h"

G_BEGIN_DECLS

typedef struct
{
  double   loss;                    /* in the form that is trained, evaluation form of the network */
  gboolean classify;
  double   accuracy;                /* classification: correct / N; else NaN */
  double   r2, mae, rmse;           /* regression, in original units, over all targets; else NaN */
} ChainMetrics;

/* Evaluates rows [first, last) of the data set in blocks; x holds the weights. prog_*: programs made by chain_eval_programs(). */
typedef struct { ChainProgram loss, outputs; } ChainEvalPrograms;
ChainEvalPrograms chain_eval_programs (const ChainModel *m, ChainExec *x);
gboolean chain_evaluate (const ChainModel *m, ChainExec *x, const ChainEvalPrograms *p, const ChainDataset *d, guint first, guint last,
                         ChainMetrics *out, GError **error);

/* Outputs (first output, evaluation form; proba: through the loss's link) for rows of a block xs (n x d f64): out is n x width. */
gboolean chain_predict  (const ChainModel *m, ChainExec *x, const ChainEvalPrograms *p, const double *xs, guint n, gboolean proba,
                         double *out, GError **error);

/* Class of a row of outputs: first index of the maximum; one output: >= 0.5 after the link (given as probability). */
guint    chain_predicted_class (const double *proba, guint width);

/* n x n_classes counts, [true][predicted]. */
void     chain_confusion (const guint *truth, const guint *predicted, guint n, guint classes, guint *out);
void     chain_regression_metrics (const double *y, const double *t, guint n, double *r2, double *mae, double *rmse);

/* Statistics of one layer at one step: gradient flow, update ratio, dead and saturated shares. */
typedef struct
{
  char   layer[65];
  double grad_rms;                  /* RMS of dL/dw over the layer's weights */
  double weight_rms;
  double update_ratio;              /* RMS of the last update / RMS of the weights; NaN if not known */
  double act_mean, act_rms;
  double dead, saturated;           /* shares of units, of entries */
} ChainLayerStat;

G_END_DECLS
