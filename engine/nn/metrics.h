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
  double   r2, mae, rmse;           /* regression, in original units: mae and rmse over all targets, r2 the mean over them; an autoencoder is
                                       compared with its own input, in the units of the network; else NaN */
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

/* Statistics of one layer at one step: gradient flow, update ratio, dead and saturated shares. NaN where the word means nothing (a layer
 * without weights, an activation that cannot saturate, a value that the program does not hold). */
typedef struct
{
  char   layer[65];
  double grad_rms;                  /* RMS of dL/dw over the layer's weights (gamma for a normalisation) */
  double weight_rms;
  double update_ratio;              /* RMS of the last update / RMS of the weights; NaN if not known */
  double act_mean, act_rms;         /* after the activation, before dropout */
  double dead, saturated;           /* shares of units, of entries */
  double symmetric;                 /* share of units with the incoming weights of another one */
  double non_finite;                /* share of entries of the activations that are NaN or infinite */
} ChainLayerStat;

/* Fills out[0 … n_layers). keep_all: a program of x whose plan keeps all nodes and holds the gradients and next values as outputs or
 * states and does not commit; it has just been run for b. FALSE
 * if the program does not hold the layers' values. */
gboolean chain_probe_layers (const ChainModel *m, ChainExec *x, ChainProgram keep_all, gint64 b, ChainLayerStat *out);
/* A program fit for it: keep-all, not committing, all states. */
ChainProgram chain_probe_program (const ChainModel *m, ChainExec *x);

G_END_DECLS
