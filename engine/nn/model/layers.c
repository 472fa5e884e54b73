/* SPDX-License-Identifier: Apache-2.0 */
/* Layers as compositions of ops (SPEC 3). No layer has a backward pass of its own: each is differentiated through its ops, so a stepper
 * can walk inside it and a second derivative costs nothing extra to write.
 *
 * Normalisations compute the mean first and the variance from the differences: E[x²] − μ² loses all digits when |μ| ≫ σ.
 * The vectors of a layer are combined before they are spread over the batch (γ/√(v + ε) is 1 x n), which saves two passes over m x n. */
#include "engine/nn/model/layers.h"

#include "engine/base/rng.h"

static ChainShape
shape_of (ChainGraph *g, ChainId a)
{
  return chain_graph_node (g, a)->shape;
}

static ChainId
spread (ChainGraph *g, ChainId a, ChainShape shape)
{
  return chain_broadcast (g, a, shape);
}

/* The number of rows as a host node. */
static ChainId
row_count (ChainGraph *g, int32_t rows)
{
  if (rows > 0)
    return chain_const (g, rows);
  if (rows == CHAIN_B)
    return chain_n_rows (g);
  return chain_mul (g, chain_n_rows (g), chain_const (g, -rows));
}

ChainId
chain_layer_dense (ChainGraph *g, ChainId x, ChainId weight, ChainId bias)
{
  ChainId z = chain_matmul (g, x, weight, FALSE, TRUE);

  if (bias == CHAIN_NONE)
    return z;
  return chain_add (g, z, spread (g, bias, shape_of (g, z)));
}

ChainId
chain_layer_dropout_mask (ChainGraph *g, ChainId x, ChainId mask, double p)
{
  g_assert (p >= 0 && p <= 1);
  if (p == 1)
    return chain_zeros_like (g, x);
  return chain_mul (g, x, chain_scale (g, mask, 1 / (1 - p)));
}

ChainId
chain_layer_dropout (ChainGraph *g, ChainId x, double p, guint32 object, ChainId step)
{
  ChainShape shape = shape_of (g, x);
  ChainId u;

  g_assert (p >= 0 && p <= 1);
  if (p == 0)
    return x;
  if (p == 1)
    return chain_zeros_like (g, x);
  u = chain_random (g, CHAIN_RANDOM_UNIFORM, CHAIN_STREAM_DROPOUT, object, step, shape);
  return chain_layer_dropout_mask (g, x, chain_lt (g, chain_full (g, shape, p), u), p);
}

/* γ s ⊙ (x − μ) + β for vectors of 1 x n. */
static ChainId
normalise (ChainGraph *g, ChainId centred, ChainId scale, ChainId gamma, ChainId beta)
{
  ChainShape shape = shape_of (g, centred);
  ChainId y;

  if (gamma != CHAIN_NONE)
    scale = chain_mul (g, gamma, scale);
  y = chain_mul (g, centred, spread (g, scale, shape));
  return beta == CHAIN_NONE ? y : chain_add (g, y, spread (g, beta, shape));
}

/* 1 / √(v + ε) */
static ChainId
inverse_deviation (ChainGraph *g, ChainId v, double eps)
{
  return chain_div (g, chain_ones_like (g, v), chain_sqrt (g, chain_offset (g, v, eps)));
}

ChainBatchNorm
chain_layer_batch_norm_train (ChainGraph *g, ChainId x, ChainId gamma, ChainId beta, ChainId running_mean, ChainId running_var,
                              double eps, double momentum, gboolean unbiased)
{
  ChainShape shape = shape_of (g, x);
  ChainId mean = chain_mean_rows (g, x);
  ChainId centred = chain_sub (g, x, spread (g, mean, shape));
  ChainId var = chain_mean_rows (g, chain_square (g, centred));
  ChainId sample = var;
  ChainBatchNorm bn;

  bn.y = normalise (g, centred, inverse_deviation (g, var, eps), gamma, beta);
  if (unbiased)
    {
      ChainId n = row_count (g, shape.rows), one = chain_const (g, 1);

      sample = chain_mul_s (g, var, chain_div (g, n, chain_max (g, chain_sub (g, n, one), one)));
    }
  bn.mean_next = chain_add (g, chain_scale (g, running_mean, 1 - momentum), chain_scale (g, mean, momentum));
  bn.var_next = chain_add (g, chain_scale (g, running_var, 1 - momentum), chain_scale (g, sample, momentum));
  return bn;
}

ChainId
chain_layer_batch_norm_eval (ChainGraph *g, ChainId x, ChainId gamma, ChainId beta, ChainId running_mean, ChainId running_var,
                             double eps)
{
  ChainId centred = chain_sub (g, x, spread (g, running_mean, shape_of (g, x)));

  return normalise (g, centred, inverse_deviation (g, running_var, eps), gamma, beta);
}

/* Mean over the columns of each row, m x 1. */
static ChainId
mean_cols (ChainGraph *g, ChainId a)
{
  ChainShape shape = shape_of (g, a);

  g_assert (shape.cols > 0);
  return chain_scale (g, chain_sum (g, a, chain_shape (shape.rows, 1)), 1.0 / shape.cols);
}

static ChainId
scale_features (ChainGraph *g, ChainId y, ChainId gamma, ChainId beta)
{
  ChainShape shape = shape_of (g, y);

  if (gamma != CHAIN_NONE)
    y = chain_mul (g, y, spread (g, gamma, shape));
  if (beta != CHAIN_NONE)
    y = chain_add (g, y, spread (g, beta, shape));
  return y;
}

ChainId
chain_layer_layer_norm (ChainGraph *g, ChainId x, ChainId gamma, ChainId beta, double eps)
{
  ChainShape shape = shape_of (g, x);
  ChainId centred = chain_sub (g, x, spread (g, mean_cols (g, x), shape));
  ChainId inv = inverse_deviation (g, mean_cols (g, chain_square (g, centred)), eps);

  return scale_features (g, chain_mul (g, centred, spread (g, inv, shape)), gamma, beta);
}

ChainId
chain_layer_rms_norm (ChainGraph *g, ChainId x, ChainId gamma, double eps)
{
  ChainId inv = inverse_deviation (g, mean_cols (g, chain_square (g, x)), eps);

  return scale_features (g, chain_mul (g, x, spread (g, inv, shape_of (g, x))), gamma, CHAIN_NONE);
}

ChainId
chain_layer_add (ChainGraph *g, const ChainId *in, guint n)
{
  ChainId y = in[0];

  for (guint i = 1; i < n; i++)
    y = chain_add (g, y, in[i]);
  return y;
}

ChainId
chain_layer_multiply (ChainGraph *g, const ChainId *in, guint n)
{
  ChainId y = in[0];

  for (guint i = 1; i < n; i++)
    y = chain_mul (g, y, in[i]);
  return y;
}

ChainId
chain_layer_concat (ChainGraph *g, const ChainId *in, guint n)
{
  ChainId y = in[0];

  for (guint i = 1; i < n; i++)
    y = chain_concat (g, y, in[i], 1);
  return y;
}

ChainId
chain_layer_gaussian_noise (ChainGraph *g, ChainId x, double stddev, guint32 object, ChainId step)
{
  ChainId e;

  if (stddev == 0)
    return x;
  e = chain_random (g, CHAIN_RANDOM_NORMAL, CHAIN_STREAM_NOISE, object, step, shape_of (g, x));
  return chain_add (g, x, chain_scale (g, e, stddev));
}

ChainId
chain_layer_reparameterise (ChainGraph *g, ChainId mu, ChainId spread_in, ChainId epsilon, gboolean softplus_std)
{
  ChainId sigma = softplus_std ? chain_softplus (g, spread_in) : chain_exp (g, chain_scale (g, spread_in, 0.5));

  return chain_add (g, mu, chain_mul (g, sigma, epsilon));
}

/* ‖x‖ is taken over rows that are long enough only: the derivative of √ at 0 is infinite, and 0 · ∞ would reach x. */
ChainId
chain_layer_l2_normalise (ChainGraph *g, ChainId x, double eps)
{
  ChainShape shape = shape_of (g, x), column = chain_shape (shape.rows, 1);
  ChainId sq = chain_sum (g, chain_square (g, x), column);
  ChainId tiny = chain_lt (g, sq, chain_full (g, column, eps * eps));
  ChainId safe = chain_where (g, tiny, chain_full (g, column, 1), sq);
  ChainId norm = chain_where (g, tiny, chain_full (g, column, eps), chain_sqrt (g, safe));

  return chain_div (g, x, spread (g, norm, shape));
}

ChainId
chain_layer_glu (ChainGraph *g, ChainId x)
{
  int32_t half = shape_of (g, x).cols / 2;

  return chain_mul (g, chain_slice (g, x, 1, 0, half), chain_sigmoid (g, chain_slice (g, x, 1, half, half)));
}

/* Rows of a group become rows of a matrix, so that rowmax (first maximiser) does the work: m x (n·k) -> (m·n) x k -> m x n. */
ChainId
chain_layer_maxout (ChainGraph *g, ChainId x, int32_t pieces)
{
  ChainShape shape = shape_of (g, x);
  int32_t units = shape.cols / pieces;
  ChainId groups = chain_reshape (g, x, chain_shape (shape.rows * units, pieces));

  g_assert (pieces >= 2 && shape.cols % pieces == 0);
  return chain_reshape (g, chain_rowmax (g, groups), chain_shape (shape.rows, units));
}

ChainId
chain_layer_prelu (ChainGraph *g, ChainId x, ChainId a)
{
  ChainShape shape = shape_of (g, x);
  ChainId positive = chain_lt (g, chain_full (g, shape, 0), x);

  return chain_where (g, positive, x, chain_mul (g, x, spread (g, a, shape)));
}

ChainId
chain_layer_swish (ChainGraph *g, ChainId x, ChainId beta)
{
  return chain_mul (g, x, chain_sigmoid (g, chain_mul (g, x, spread (g, beta, shape_of (g, x)))));
}

ChainId
chain_layer_shift (ChainGraph *g, ChainId x, ChainId s)
{
  return chain_add (g, x, spread (g, s, shape_of (g, x)));
}

ChainId
chain_layer_scale (ChainGraph *g, ChainId x, ChainId s)
{
  return chain_mul (g, x, spread (g, s, shape_of (g, x)));
}

ChainId
chain_layer_interpolate (ChainGraph *g, ChainId a, ChainId b, ChainId u)
{
  return chain_add (g, b, chain_mul (g, spread (g, u, shape_of (g, a)), chain_sub (g, a, b)));
}

ChainId
chain_layer_gumbel_softmax (ChainGraph *g, ChainId z, ChainId gumbel, double t)
{
  ChainId sum = gumbel == CHAIN_NONE ? z : chain_add (g, z, gumbel);

  return chain_softmax (g, t == 1 ? sum : chain_scale (g, sum, 1 / t));
}
