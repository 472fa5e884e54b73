/* SPDX-License-Identifier: Apache-2.0 */
/* Distances between distributions: earth mover's distance on a line, maximum mean discrepancy, entropic transport (SPEC 4.23–4.25).
 *
 * The last two compare the batch as a whole with that of the targets, by way of a matrix with an entry for each pair of rows. Sinkhorn's
 * rounds are nodes, so the derivative is that of the rounds that were made. */
#include "engine/graph/build-more.h"
#include "engine/nn/table/rows.h"

#include <math.h>

static ChainId
build_emd (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  gboolean samples = g_str_equal (chain_param_variant (p), "samples");
  ChainId y = samples ? chain_sort (g, roles[0], FALSE) : roles[0], t = samples ? chain_sort (g, roles[1], FALSE) : roles[1];
  ChainId d = chain_sub (g, y, t), cost;

  if (!samples)
    d = chain_cumsum (g, d, FALSE);
  cost = _chain_sum_cols (g, chain_param (p, "p") == 2 ? chain_square (g, d) : chain_abs (g, d));
  return samples ? chain_scale (g, cost, 1.0 / _chain_shape_of (g, d).cols) : cost;
}

/* Rows as a host number. */
static ChainId
count (ChainGraph *g, ChainId a)
{
  int32_t rows = _chain_shape_of (g, a).rows;

  return rows > 0 ? chain_const (g, rows) : chain_scale (g, chain_n_rows (g), -rows);
}

/* ‖a‖² + ‖b‖² − 2 a·b, about the centre of b so that data far from 0 lose no digits. */
ChainId
_chain_distances (ChainGraph *g, ChainId a, ChainId b)
{
  ChainId centre = chain_stop (g, chain_mean_rows (g, b)), product, aa, bb;

  a = chain_sub (g, a, chain_broadcast (g, centre, _chain_shape_of (g, a)));
  b = chain_sub (g, b, chain_broadcast (g, centre, _chain_shape_of (g, b)));
  product = chain_matmul (g, a, b, FALSE, TRUE);
  aa = chain_broadcast (g, _chain_sum_cols (g, chain_square (g, a)), _chain_shape_of (g, product));
  bb = chain_broadcast (g, chain_transpose (g, _chain_sum_cols (g, chain_square (g, b))), _chain_shape_of (g, product));
  return chain_relu (g, chain_sub (g, chain_add (g, aa, bb), chain_scale (g, product, 2)));
}

/* --- maximum mean discrepancy --- */
/* median: 1 x 1, of the squared distances, in place of the bandwidths; CHAIN_NONE: there is none. */
typedef struct { double sigma[CHAIN_PARAM_LIST_MAX]; int n; gboolean unbiased; ChainId median; } Kernel;

/* Largest entry, 1 x 1. */
static ChainId
largest (ChainGraph *g, ChainId a)
{
  return chain_rowmax (g, chain_transpose (g, chain_rowmax (g, a)));
}

/* The median heuristic: σ² is half the median of the squared distances between all samples of both sets (Gretton et al. 2012, 8). Of an even
 * number of pairs it is the lower of both middle ones. The number of rows is not known here, so nothing can be sorted: the place is closed
 * in by halves, and the largest entry below it is the median. Nothing flows back through it. */
static ChainId
median_distance (ChainGraph *g, ChainId x, ChainId y)
{
  enum { HALVES = 48 };
  const ChainId parts[] = { chain_stop (g, _chain_distances (g, x, x)), chain_stop (g, _chain_distances (g, y, y)), chain_stop (g, _chain_distances (g, x, y)) };
  ChainId n = chain_add (g, count (g, x), count (g, y));
  /* entries of all pairs and of the diagonal: n zeros, then each pair twice */
  ChainId wanted = chain_add (g, n, chain_scale (g, chain_mul (g, n, chain_offset (g, n, -1)), 0.5));
  ChainId low = chain_full (g, chain_shape (1, 1), 0), high = low, out = low;

  wanted = chain_broadcast (g, wanted, chain_shape (1, 1));
  for (guint k = 0; k < G_N_ELEMENTS (parts); k++)
    high = chain_max (g, high, largest (g, parts[k]));
  for (guint i = 0; i < HALVES; i++)
    {
      ChainId middle = chain_scale (g, chain_add (g, low, high), 0.5), above = CHAIN_NONE, few;

      for (guint k = 0; k < G_N_ELEMENTS (parts); k++)
        {
          ChainId over = chain_sum_all (g, chain_lt (g, chain_broadcast (g, middle, _chain_shape_of (g, parts[k])), parts[k]));

          over = k == 2 ? chain_scale (g, over, 2) : over;
          above = above == CHAIN_NONE ? over : chain_add (g, above, over);
        }
      few = chain_lt (g, chain_sub (g, chain_broadcast (g, chain_mul (g, n, n), chain_shape (1, 1)), wanted), above);
      low = chain_where (g, few, middle, low);
      high = chain_where (g, few, high, middle);
    }
  for (guint k = 0; k < G_N_ELEMENTS (parts); k++)
    {
      ChainId over = chain_lt (g, chain_broadcast (g, high, _chain_shape_of (g, parts[k])), parts[k]);

      out = chain_max (g, out, largest (g, chain_where (g, over, chain_zeros_like (g, parts[k]), parts[k])));
    }
  return chain_where (g, out, out, chain_ones_like (g, out));
}

/* Σ over the bandwidths of e^(−d²/(2σ²)). */
static ChainId
kernel (ChainGraph *g, ChainId a, ChainId b, const Kernel *o)
{
  ChainId d = _chain_distances (g, a, b), sum = CHAIN_NONE;
  const double *sigma = o->sigma;

  if (o->median != CHAIN_NONE)
    return chain_exp (g, chain_neg (g, chain_div_s (g, d, o->median)));
  for (int i = 0; i < o->n; i++)
    {
      ChainId k = chain_exp (g, chain_scale (g, d, -0.5 / (sigma[i] * sigma[i])));

      sum = sum == CHAIN_NONE ? k : chain_add (g, sum, k);
    }
  return sum;
}

/* Mean over the pairs of one set; unbiased: without the pairs of a row with itself, whose kernel is n. */
static ChainId
within (ChainGraph *g, ChainId a, const Kernel *o)
{
  ChainId sum = chain_sum_all (g, kernel (g, a, a, o)), m = count (g, a), pairs;

  if (!o->unbiased)
    return chain_div (g, sum, chain_mul (g, m, m));
  pairs = chain_max (g, chain_mul (g, m, chain_offset (g, m, -1)), chain_const (g, 1));
  return chain_div (g, chain_sub (g, sum, chain_scale (g, m, o->median != CHAIN_NONE ? 1 : o->n)), pairs);
}

static ChainId
build_mmd (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  const char *variant = chain_param_variant (p);
  Kernel o = { .sigma = { 1 }, .unbiased = g_str_equal (variant, "unbiased") };
  ChainId x = roles[0], y = roles[1], own, cross;

  if (g_str_equal (variant, "linear"))
    return chain_sum_all (g, chain_square (g, chain_sub (g, chain_mean_rows (g, x), chain_mean_rows (g, y))));
  o.n = MAX (1, _chain_param_list (p, "sigma", o.sigma, G_N_ELEMENTS (o.sigma)));
  if (chain_param (p, "median") == 1)
    o.median = median_distance (g, x, y);
  own = chain_add (g, within (g, x, &o), within (g, y, &o));
  cross = chain_mean_all (g, kernel (g, x, y, &o));
  return chain_sub (g, own, chain_scale (g, cross, 2));
}

/* --- Sinkhorn --- */
/* One half of a round in units of ε: f = ln n − LSEⱼ (hⱼ − Kᵢⱼ), m x 1, with h 1 x n. */
static ChainId
potential (ChainGraph *g, ChainId h, ChainId k, ChainId log_n)
{
  ChainId lse = chain_logsumexp (g, chain_sub (g, chain_broadcast (g, h, _chain_shape_of (g, k)), k));

  return chain_sub (g, chain_broadcast (g, log_n, _chain_shape_of (g, lse)), lse);
}

ChainId
_chain_sinkhorn (ChainGraph *g, ChainId x, ChainId y, double epsilon, guint iterations, ChainId *plan, ChainId *cost)
{
  ChainId m = count (g, x), n = count (g, y), c = _chain_distances (g, x, y), k = chain_scale (g, c, 1 / epsilon);
  ChainId kt = chain_transpose (g, k), log_m = chain_log (g, m), log_n = chain_log (g, n), f = CHAIN_NONE, h, sum;
  ChainShape shape = _chain_shape_of (g, k);

  h = chain_full (g, chain_shape (1, shape.cols), 0);
  for (guint i = 0; i < iterations; i++)
    {
      f = potential (g, h, k, log_n);
      h = chain_transpose (g, potential (g, chain_transpose (g, f), kt, log_m));
    }
  sum = chain_add (g, chain_mean_all (g, f), chain_div (g, chain_sum_all (g, h), n));
  if (plan != NULL)
    {
      ChainId weight = chain_mul (g, m, n);
      ChainId height = chain_add (g, chain_broadcast (g, f, shape), chain_broadcast (g, h, shape));

      *plan = chain_div_s (g, chain_exp (g, chain_sub (g, height, k)), weight);
      *cost = chain_dot (g, *plan, c);
    }
  return chain_scale (g, sum, epsilon);
}

static ChainId
build_sinkhorn (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  double epsilon = chain_param (p, "epsilon");
  guint rounds = (guint) chain_param (p, "iterations");
  ChainId both = _chain_sinkhorn (g, roles[0], roles[1], epsilon, rounds, NULL, NULL), own;

  if (!g_str_equal (chain_param_variant (p), "debiased_divergence"))
    return both;
  own = chain_add (g, _chain_sinkhorn (g, roles[0], roles[0], epsilon, rounds, NULL, NULL),
                   _chain_sinkhorn (g, roles[1], roles[1], epsilon, rounds, NULL, NULL));
  return chain_sub (g, both, chain_scale (g, own, 0.5));
}

static const ChainParamInfo emd_params[] = {
  { ROW_PARAM ("p", N_ ("Power p, 1 or 2"), 1, 1, 2), .integer = TRUE },
};
static const ChainParamInfo mmd_params[] = {
  { ROW_TEXT_PARAM ("sigma", N_ ("Bandwidths σ, with commas (1)")) },
  { ROW_PARAM ("median", N_ ("Bandwidth from the median distance in the batch (0 or 1)"), 0, 0, 1), .integer = TRUE },
};
static const ChainParamInfo sinkhorn_params[] = {
  { ROW_PARAM ("epsilon", N_ ("Blur ε"), 0.1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
  { ROW_PARAM ("iterations", N_ ("Rounds L"), 50, 1, 200), .integer = TRUE },
};

#define SETS \
  .task = CHAIN_LOSS_OTHER, .output_activation = "identity", .link = "identity", .scalar = TRUE, \
  .roles = { { .name = "pred" }, { .name = "target", .is_data = TRUE } }, .n_roles = 2

static const ChainLossRow rows[] = {
  { .info = { ROW_INFO ("emd_1d", N_ ("Earth mover's distance (one dimension)"),
              "histogram: L = Σᵢ |Dᵢ|^p, D = running sum of y − t; samples: mean |y₍ᵢ₎ − t₍ᵢ₎|^p, sorted",
              "running sum from the right of sign D (p = 1) or 2 D", "Rubner et al. 2000; Hou et al. 2016", "Structured output",
              "PyTorch – · Keras – · optax –", N_ ("Use it for ordered classes or histograms, where near misses should cost little."),
              N_ ("Similarity and divergence")), ROW_PARAMS (emd_params), ROW_VARIANTS ("histogram", "samples") },
    .task = CHAIN_LOSS_MULTICLASS, .output_activation = "softmax", .link = "identity", .per_sample = TRUE,
    .roles = { { .name = "pred" }, { .name = "target", .is_data = TRUE, .one_hot = TRUE } }, .n_roles = 2, .build = build_emd },
  { .info = { ROW_INFO ("mmd", N_ ("Maximum mean discrepancy"),
              "L = mean k(x, x′) + mean k(y, y′) − 2 mean k(x, y), k = Σ e^(−‖a − b‖²/(2σ²)); linear: k = a·b; median: 2σ² = median ‖a − b‖²",
              "2/(mn) Σⱼ k(xᵢ, yⱼ)(xᵢ − yⱼ)/σ² − 2/m² Σⱼ k(xᵢ, xⱼ)(xᵢ − xⱼ)/σ²", "Gretton et al. 2012", "Structured output",
              "PyTorch – · Keras – · optax –", N_ ("Use it to make a batch of outputs distributed like the targets, without pairing them."),
              N_ ("Similarity and divergence")), ROW_PARAMS (mmd_params), ROW_VARIANTS ("biased", "unbiased", "linear") },
    SETS, .build = build_mmd },
  { .info = { ROW_INFO ("sinkhorn", N_ ("Sinkhorn (entropic transport)"),
              "f ← −ε LSEⱼ(ln bⱼ + (gⱼ − Cᵢⱼ)/ε), g likewise, L times; value Σ a f + Σ b g; C = ‖xᵢ − yⱼ‖², a = 1/m, b = 1/n, LSE = ln Σ e^",
              "that of the rounds; when they have settled 2 Σⱼ Pᵢⱼ (xᵢ − yⱼ), Pᵢⱼ the share moved from i to j", "Cuturi 2013; Feydy et al. 2019",
              NULL, "PyTorch – (GeomLoss) · Keras – · optax – (OTT)",
              N_ ("Use it in place of the mean discrepancy when it should count how far apart samples are and not only how many are near."),
              N_ ("Similarity and divergence")), ROW_PARAMS (sinkhorn_params), ROW_VARIANTS ("entropic_dual", "debiased_divergence") },
    SETS, .build = build_sinkhorn },
};

const void *
_chain_loss_transport (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
