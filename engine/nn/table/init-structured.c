/* SPDX-License-Identifier: Apache-2.0 */
/* Initialisers that make a block as a whole (orthogonal, identity, Dirac, sparse; SPEC 6), and the quantile of the normal distribution. */
#include "engine/nn/table/rows.h"

#include "engine/base/rng.h"

#include <math.h>

static double
normal_below (double x)
{
  return 0.5 * erfc (-x * (G_SQRT2 / 2));
}

/* Acklam's rational approximation of the lower half (relative error 1e-9), then two Halley steps on erfc. */
static double
lower_quantile (double p)
{
  static const double a[] = { -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02,
                              1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239e+00 };
  static const double b[] = { -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                              6.680131188771972e+01, -1.328068155288572e+01 };
  static const double c[] = { -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                              -2.549732539343734e+00, 4.374664141464968e+00, 2.938163982698783e+00 };
  static const double d[] = { 7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00 };
  double x;

  if (p < 0.02425)
    {
      double q = sqrt (-2 * log (p));
      x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) / ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
    }
  else
    {
      double q = p - 0.5, r = q * q;
      x = (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q
          / (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
    }
  for (int i = 0; i < 2; i++)
    {
      double u = (normal_below (x) - p) * sqrt (2 * G_PI) * exp (x * x / 2);
      x -= u / (1 + x * u / 2);
    }
  return x;
}

double
_chain_normal_quantile (double p)
{
  return p <= 0.5 ? lower_quantile (p) : -lower_quantile (1 - p);
}

double
_chain_truncated_normal (double u, double mean, double stddev, double a, double b)
{
  double low = normal_below (a), x = _chain_normal_quantile (low + u * (normal_below (b) - low));

  return mean + stddev * CLAMP (x, a, b);
}

/* Takes from v[k] what lies along v[0 … k), then scales it to length 1. Twice is enough (Kahan; Parlett 1998). */
static void
orthogonalise (double *v, guint k, guint n)
{
  double *x = v + (gsize) k * n, sq = 0;

  for (guint pass = 0; pass < 2; pass++)
    for (guint j = 0; j < k; j++)
      {
        const double *q = v + (gsize) j * n;
        double dot = 0;

        for (guint i = 0; i < n; i++)
          dot += q[i] * x[i];
        for (guint i = 0; i < n; i++)
          x[i] -= dot * q[i];
      }
  for (guint i = 0; i < n; i++)
    sq += x[i] * x[i];
  for (guint i = 0; i < n && sq > 0; i++)
    x[i] /= sqrt (sq);
}

/* Gram–Schmidt gives the Q whose R has a positive diagonal, which is the sign rule of SPEC 6. */
void
_chain_orthogonal (double *w, guint rows, guint cols, double gain)
{
  gboolean tall = rows >= cols;
  guint n = MAX (rows, cols), count = MIN (rows, cols);
  g_autofree double *v = g_new (double, (gsize) n * count);

  for (guint k = 0; k < count; k++)
    {
      for (guint i = 0; i < n; i++)
        v[(gsize) k * n + i] = tall ? w[(gsize) i * cols + k] : w[(gsize) k * cols + i];
      orthogonalise (v, k, n);
    }
  for (guint k = 0; k < count; k++)
    for (guint i = 0; i < n; i++)
      w[tall ? (gsize) i * cols + k : (gsize) k * cols + i] = gain * v[(gsize) k * n + i];
}

void
_chain_dirac (double *w, guint rows, guint cols, guint groups, double gain)
{
  guint height = MAX (1, rows / groups);

  for (guint r = 0; r < rows; r++)
    for (guint c = 0; c < cols; c++)
      w[(gsize) r * cols + c] = r / height < groups && r % height == c ? gain : 0;
}

static void
fill_orthogonal (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  ChainStream s;

  chain_stream_init (&s, seed, CHAIN_STREAM_INIT, object, 0);
  for (guint r = 0; r < fan_out; r++)
    for (guint c = 0; c < fan_in; c++)
      w[(gsize) r * fan_in + c] = chain_stream_normal (&s, r, c);
  _chain_orthogonal (w, fan_out, fan_in, chain_param (p, "gain"));
}

static void
fill_identity (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  _chain_dirac (w, fan_out, fan_in, 1, chain_param (p, "gain"));
}

static void
fill_dirac (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  _chain_dirac (w, fan_out, fan_in, (guint) chain_param (p, "groups"), 1);
}

/* ⌈sparsity · rows⌉ zeros in each column, at places drawn for that column. */
static void
fill_sparse (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  double stddev = chain_param (p, "stddev");
  guint zeros = MIN (fan_out, (guint) ceil (chain_param (p, "sparsity") * fan_out));
  g_autofree uint32_t *order = g_new (uint32_t, fan_out);
  ChainStream s;

  for (guint c = 0; c < fan_in; c++)
    {
      chain_stream_init (&s, seed, CHAIN_STREAM_INIT, object, (uint64_t) c + 1);
      chain_stream_permute (&s, order, fan_out);
      chain_stream_init (&s, seed, CHAIN_STREAM_INIT, object, 0);
      for (guint i = 0; i < fan_out; i++)
        w[(gsize) order[i] * fan_in + c] = i < zeros ? 0 : stddev * chain_stream_normal (&s, order[i], c);
    }
}

static const ChainParamInfo gain_params[] = { { ROW_PARAM ("gain", N_ ("Gain g"), 1, 0, 1e3), .open_min = TRUE, .log_scale = TRUE } };
static const ChainParamInfo dirac_params[] = { { ROW_PARAM ("groups", N_ ("Groups"), 1, 1, 1e6), .integer = TRUE } };
static const ChainParamInfo sparse_params[] = {
  { ROW_PARAM ("sparsity", N_ ("Share of zeros"), 0.9, 0, 1) },
  { ROW_PARAM ("stddev", N_ ("Standard deviation s"), 0.01, 0, 1e6), .log_scale = TRUE },
};

static const ChainInitRow rows[] = {
  { .info = { ROW_INFO ("identity", N_ ("Identity"), "w = g I, I the identity matrix", "ones on the main diagonal", "Le, Jaitly & Hinton 2015",
              "Weight initialisation", "PyTorch eye_ · Keras Identity · JAX –",
              N_ ("Use it in deep linear chains: the layer starts by passing its input on."), N_ ("Fixed")), ROW_PARAMS (gain_params) },
    .fill = fill_identity },
  { .info = { ROW_INFO ("orthogonal", N_ ("Orthogonal"), "w = g Q, Q an orthogonal matrix drawn at random", "Var w = g²/max(nᵢₙ, nₒᵤₜ) on average",
              "Saxe et al. 2014", NULL, "PyTorch orthogonal_ · Keras Orthogonal · JAX orthogonal",
              N_ ("Use it for very deep networks: it keeps lengths exactly."), N_ ("Whole matrices")), ROW_PARAMS (gain_params) },
    .fill = fill_orthogonal },
  { .info = { ROW_INFO ("dirac", N_ ("Dirac"), "w[i h + d, d] = 1 for each of the groups i of h rows, else 0", "each group is an identity",
              "Zagoruyko & Komodakis 2017", NULL, "PyTorch dirac_ · Keras – · JAX delta_orthogonal",
              N_ ("Use it as the identity, repeated for groups of units."), N_ ("Whole matrices")),
              ROW_PARAMS (dirac_params) },
    .fill = fill_dirac },
  { .info = { ROW_INFO ("sparse", N_ ("Sparse"), "⌈sparsity · rows⌉ zeros a column, the rest N(0, s²)", "Var w = (1 − sparsity) s²", "Martens 2010",
              NULL, "PyTorch sparse_ · Keras – · JAX –", N_ ("Use it in wide layers to keep units different: each gets few strong connections."),
              N_ ("Whole matrices")),
              ROW_PARAMS (sparse_params) },
    .fill = fill_sparse },
};

const void *
_chain_init_structured (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
