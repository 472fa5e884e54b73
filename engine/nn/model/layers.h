/* SPDX-License-Identifier: Apache-2.0 */
/* Builders of layers: functions of nodes, no storage and no names (nn/model makes the leaves and calls these).
 *
 * x is m x n with m usually B. Vectors of a layer (bias, gamma, beta, running statistics) are 1 x n. Each builder adds its nodes to the
 * current scope of the graph. Formulas: SPEC 3. */
#pragma once

#include "engine/graph/graph.h"

G_BEGIN_DECLS

/* Y = X Wᵀ + 1 bᵀ. weight: out x in; bias: 1 x out or CHAIN_NONE. */
ChainId chain_layer_dense      (ChainGraph *g, ChainId x, ChainId weight, ChainId bias);

/* Inverted dropout, training form: m ⊙ x / (1 − p), P(m = 1) = 1 − p, drawn from stream (dropout, object) at host scalar `step`.
 * p = 0 is x itself and draws nothing; p = 1 is zeros. The evaluation form is x: call nothing. */
ChainId chain_layer_dropout    (ChainGraph *g, ChainId x, double p, guint32 object, ChainId step);
/* The same with a mask that is already there (0 or 1, shape of x). */
ChainId chain_layer_dropout_mask (ChainGraph *g, ChainId x, ChainId mask, double p);

/* Batch normalisation, training form: mean and population variance of the batch (two passes), x̂ = (x − μ)/√(v + ε), y = γ x̂ + β.
 * gamma, beta may be CHAIN_NONE (1 and 0). mean_next, var_next: the running statistics after this step,
 * run ← (1 − ρ) run + ρ new, ρ = momentum; with unbiased the variance enters as v n/(n − 1) (PyTorch), n from the n_rows leaf.
 * A batch of one row has v = 0 and is to be refused by the caller; here n − 1 is at least 1, so nothing becomes infinite. */
typedef struct { ChainId y, mean_next, var_next; } ChainBatchNorm;
ChainBatchNorm chain_layer_batch_norm_train (ChainGraph *g, ChainId x, ChainId gamma, ChainId beta, ChainId running_mean,
                                             ChainId running_var, double eps, double momentum, gboolean unbiased);
/* Evaluation form: the running statistics are constants. */
ChainId chain_layer_batch_norm_eval (ChainGraph *g, ChainId x, ChainId gamma, ChainId beta, ChainId running_mean, ChainId running_var,
                                     double eps);

/* Over the features of each row; gamma, beta may be CHAIN_NONE. */
ChainId chain_layer_layer_norm (ChainGraph *g, ChainId x, ChainId gamma, ChainId beta, double eps);
ChainId chain_layer_rms_norm   (ChainGraph *g, ChainId x, ChainId gamma, double eps);

/* Joins; n >= 1, for add and multiply all of one shape. concat joins columns. */
ChainId chain_layer_add        (ChainGraph *g, const ChainId *in, guint n);
ChainId chain_layer_multiply   (ChainGraph *g, const ChainId *in, guint n);
ChainId chain_layer_concat     (ChainGraph *g, const ChainId *in, guint n);

/* x + stddev ε, ε ~ N(0, 1) from stream (noise, object); training form. */
ChainId chain_layer_gaussian_noise (ChainGraph *g, ChainId x, double stddev, guint32 object, ChainId step);

/* z = μ + e^{½ℓ} ε with ℓ = ln variance, or z = μ + sp(ρ) ε; epsilon: the normals, shape of mu. */
ChainId chain_layer_reparameterise (ChainGraph *g, ChainId mu, ChainId spread, ChainId epsilon, gboolean softplus_std);

/* Rows scaled to length 1: x / max(‖x‖, ε). */
ChainId chain_layer_l2_normalise (ChainGraph *g, ChainId x, double eps);

/* a ⊙ σ(b) of the two halves of the columns; the largest of consecutive groups of `pieces` columns, the first one at a tie. */
ChainId chain_layer_glu        (ChainGraph *g, ChainId x);
ChainId chain_layer_maxout     (ChainGraph *g, ChainId x, int32_t pieces);

/* x where x > 0, else a x: one slope for all units (1 x 1) or one a unit (1 x n); the derivative at 0 is the slope. */
ChainId chain_layer_prelu      (ChainGraph *g, ChainId x, ChainId a);
/* x σ(β x), β as above. */
ChainId chain_layer_swish      (ChainGraph *g, ChainId x, ChainId beta);

/* x + s and x s: one number for all (1 x 1) or one a column (1 x n). */
ChainId chain_layer_shift      (ChainGraph *g, ChainId x, ChainId s);
ChainId chain_layer_scale      (ChainGraph *g, ChainId x, ChainId s);

/* u a + (1 − u) b with u one number a row, m x 1. */
ChainId chain_layer_interpolate (ChainGraph *g, ChainId a, ChainId b, ChainId u);

/* softmax ((z + gumbel)/t) by rows; gumbel: draws of −ln(−ln U), shape of z, or CHAIN_NONE for none. */
ChainId chain_layer_gumbel_softmax (ChainGraph *g, ChainId z, ChainId gumbel, double t);

G_END_DECLS
