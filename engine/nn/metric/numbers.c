/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of predicted numbers. Of a constant target R² and explained variance are 1 if it is met exactly, else 0 (SPEC 11). */
#include "engine/nn/metric/figures.h"

#include <math.h>
#include <stdlib.h>

static int
ascending (const void *a, const void *b)
{
  double p = *(const double *) a, q = *(const double *) b;

  return (p > q) - (p < q);
}

/* Of sizes, which are sorted in place. */
static double
median (double *sizes, guint n)
{
  qsort (sizes, n, sizeof *sizes, ascending);
  return (sizes[(n - 1) / 2] + sizes[n / 2]) / 2;
}

typedef struct { double y, t, yy, tt, yt, ee; } Moments;      /* about the means; ee of the errors */

static Moments
moments (const double *y, const double *t, guint n)
{
  Moments m = { 0 };

  for (guint i = 0; i < n; i++)
    {
      m.y += y[i] / n;
      m.t += t[i] / n;
    }
  for (guint i = 0; i < n; i++)
    {
      double a = y[i] - m.y, b = t[i] - m.t;

      m.yy += a * a;
      m.tt += b * b;
      m.yt += a * b;
      m.ee += (a - b) * (a - b);
    }
  return m;
}

void
chain_regression_figures (const double *y, const double *t, guint n, ChainRegressionFigures *out)
{
  g_autofree double *sizes = g_new (double, n + 1);
  gboolean constant = TRUE;
  Moments m = moments (y, t, n);

  *out = (ChainRegressionFigures){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
  if (n == 0)
    return;
  out->mae = out->mse = out->bias = out->max_error = 0;
  for (guint i = 0; i < n; i++)
    {
      double e = y[i] - t[i];

      sizes[i] = fabs (e);
      out->mae += sizes[i] / n;
      out->mse += e * e / n;
      out->bias += e / n;
      out->max_error = fmax (out->max_error, sizes[i]);
      constant = constant && t[i] == t[0];
    }
  out->rmse = sqrt (out->mse);
  out->median_absolute_error = median (sizes, n);
  out->r2 = constant ? out->mse == 0 : 1 - out->mse * n / m.tt;
  out->explained_variance = constant ? m.ee == 0 : 1 - m.ee / m.tt;
  out->pearson = constant || m.yy == 0 ? NAN : m.yt / (sqrt (m.yy) * sqrt (m.tt));
}
