/* SPDX-License-Identifier: Apache-2.0 */
/* Gains of activations (SPEC 6): what φ makes of a standard normal. Integrals over N(0, 1) by Gauss–Legendre on pieces half a unit wide, so
 * that every kink of the table (multiples of one half) is a border: value and derivative are those of the row's own graph. */
#include "engine/nn/table/rows.h"

#include "engine/graph/eval-ref.h"
#include "engine/graph/grad.h"

#include <math.h>

enum { PIECES = 56, POINTS = 16, N = PIECES * POINTS };   /* −14 … 14: the tails outside are below 1e-40 */

/* Nodes and weights of Gauss–Legendre on (−1, 1) by Newton's method on the Legendre polynomial. */
static void
legendre (double *x, double *w)
{
  for (guint i = 0; i < POINTS; i++)
    {
      double z = cos (G_PI * (i + 0.75) / (POINTS + 0.5)), slope = 1;

      for (guint round = 0; round < 20; round++)
        {
          double p = 1, before = 0;

          for (guint k = 0; k < POINTS; k++)
            {
              double older = before;

              before = p;
              p = ((2 * k + 1) * z * before - k * older) / (k + 1);
            }
          slope = POINTS * (z * p - before) / (z * z - 1);
          z -= p / slope;
        }
      x[i] = z;
      w[i] = 2 / ((1 - z * z) * slope * slope);
    }
}

/* Points and their weights under the density of N(0, 1). */
static void
normal_rule (double *z, double *w)
{
  double x[POINTS], v[POINTS];

  legendre (x, v);
  for (guint i = 0; i < N; i++)
    {
      double middle = ((double) (i / POINTS) - PIECES / 2.0 + 0.5) / 2;

      z[i] = middle + x[i % POINTS] / 4;
      w[i] = v[i % POINTS] / 4 * exp (-z[i] * z[i] / 2) / sqrt (2 * G_PI);
    }
}

/* torch.nn.init.calculate_gain: conventions, not derived values. */
static double
pytorch_gain (const ChainActivationRow *row, const ChainParams *p)
{
  static const struct { const char *id; double gain; } known[] = {
    { "identity", 1 }, { "sigmoid", 1 }, { "tanh", 5.0 / 3 }, { "relu", G_SQRT2 }, { "selu", 0.75 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].id, row->info.id))
      return known[i].gain;
  if (g_str_equal (row->info.id, "leaky_relu"))
    return sqrt (2 / (1 + pow (chain_param (p, "negative_slope"), 2)));
  return NAN;
}

gboolean
chain_activation_gain (const ChainActivationRow *row, const ChainChoice *choice, ChainGain *out)
{
  g_autofree double *z = g_new (double, N), *w = g_new (double, N), *y = g_new (double, N), *d = g_new (double, N);
  ChainParams p = { &row->info, choice };
  ChainRefBinding bind;
  ChainGraph *g;
  ChainId ids[2], leaf;
  double *values[] = { y, d };
  gboolean ok;

  if (row->rowwise)
    return FALSE;
  normal_rule (z, w);
  g = chain_graph_new ();
  leaf = chain_leaf (g, CHAIN_LEAF_INPUT, "z", chain_shape (CHAIN_B, 1));
  bind = (ChainRefBinding){ leaf, z };
  ids[0] = row->build (g, leaf, &p);
  ok = chain_grad (g, chain_sum_all (g, ids[0]), CHAIN_NONE, &leaf, 1, &ids[1], NULL, NULL);
  if (ok && ids[1] == CHAIN_NONE)
    ids[1] = chain_zeros_like (g, leaf);
  ok = ok && chain_ref_eval (g, &bind, 1, N, 1, ids, 2, values, NULL);
  chain_graph_free (g);
  *out = (ChainGain){ .pytorch = pytorch_gain (row, &p) };
  for (guint i = 0; ok && i < N; i++)
    {
      out->mean += w[i] * y[i];
      out->second_moment += w[i] * y[i] * y[i];
      out->derivative_second_moment += w[i] * d[i] * d[i];
    }
  out->gain = 1 / sqrt (out->second_moment);
  out->backward_gain = 1 / sqrt (out->derivative_second_moment);
  return ok;
}
