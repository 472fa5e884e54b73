/* SPDX-License-Identifier: Apache-2.0 */
/* Which two of many inputs a picture of the plane should have: the pair that tells most about the target one by one. Classification: the
 * largest ratio of the variance between the classes to that within them (Fisher, The use of multiple measurements in taxonomic problems,
 * 1936); regression: the largest |correlation|. Constant inputs and one-hot columns come in only where there is nothing else. */
#include "app/train/trainer-private.h"

#include <math.h>

typedef struct { guint input; gboolean constant, number; double score; } Candidate;

/* Finite values only; shares of a NaN cell would poison the whole column. */
static double
mean_of (const ChainDataset *d, guint input, double *variance)
{
  double sum = 0, squares = 0;
  guint n = 0;

  for (guint i = 0; i < d->n_train; i++)
    if (isfinite (d->x[(gsize) i * d->d + input]))
      {
        sum += d->x[(gsize) i * d->d + input];
        n++;
      }
  sum /= MAX (n, 1);
  for (guint i = 0; i < d->n_train; i++)
    if (isfinite (d->x[(gsize) i * d->d + input]))
      squares += (d->x[(gsize) i * d->d + input] - sum) * (d->x[(gsize) i * d->d + input] - sum);
  *variance = squares / MAX (n, 1);
  return sum;
}

static double
class_ratio (const ChainDataset *d, guint input, double mean, double variance)
{
  guint classes = d->prep->n_classes;
  g_autofree double *sums = g_new0 (double, classes + 1);
  g_autofree guint *n = g_new0 (guint, classes + 1);
  double between = 0;

  for (guint i = 0; i < d->n_train; i++)
    if (d->t[(gsize) i * d->k] >= 0 && d->t[(gsize) i * d->k] < classes && isfinite (d->x[(gsize) i * d->d + input]))
      {
        guint c = (guint) d->t[(gsize) i * d->k];

        sums[c] += d->x[(gsize) i * d->d + input] - mean;
        n[c]++;
      }
  for (guint c = 0; c < classes; c++)
    if (n[c] > 0)
      between += sums[c] / n[c] * (sums[c] / MAX (d->n_train, 1));
  return between / fmax (variance - between, 1e-12 * variance);
}

static double
correlation (const ChainDataset *d, guint input, double mean, double variance)
{
  double t_mean = 0, t_squares = 0, both = 0;

  for (guint i = 0; i < d->n_train; i++)
    t_mean += d->t[(gsize) i * d->k] / d->n_train;
  for (guint i = 0; i < d->n_train; i++)
    {
      double t = d->t[(gsize) i * d->k] - t_mean;

      t_squares += t * t / d->n_train;
      both += t * (d->x[(gsize) i * d->d + input] - mean) / d->n_train;
    }
  return t_squares > 0 ? fabs (both) / sqrt (variance * t_squares) : 0;
}

static Candidate
judge (const ChainDataset *d, guint input, gboolean number)
{
  Candidate c = { input, TRUE, number, 0 };
  double variance, mean = mean_of (d, input, &variance);

  c.constant = !(variance > 1e-18);
  if (c.constant || d->t == NULL || d->k == 0)
    return c;
  c.score = d->prep->classify ? class_ratio (d, input, mean, variance) : correlation (d, input, mean, variance);
  if (isnan (c.score))
    c.score = 0;
  return c;
}

/* a before b? Equal scores: the earlier column, so that the choice is the same every time. */
static gboolean
is_better (const Candidate *a, const Candidate *b)
{
  if (a->constant != b->constant)
    return b->constant;
  if (a->number != b->number)
    return a->number;
  return a->score != b->score ? a->score > b->score : a->input < b->input;
}

void
_chain_dataset_axes (const ChainDataset *d, guint *x, guint *y)
{
  Candidate first = { 0, TRUE, FALSE, -1 }, second = { 0, TRUE, FALSE, -1 };
  guint at = 0;

  for (guint i = 0; i < d->prep->inputs->len; i++)
    {
      const ChainPrepColumn *p = g_ptr_array_index (d->prep->inputs, i);
      gboolean number = p->kind == CHAIN_COLUMN_NUMBER || p->labels == NULL;
      guint wide = number ? 1 : p->labels->len;

      for (guint k = 0; k < wide && at < d->d; k++, at++)
        {
          Candidate c = judge (d, at, number);

          if (at == 0 || is_better (&c, &first))
            {
              second = first;
              first = c;
            }
          else if (is_better (&c, &second))
            second = c;
        }
    }
  *x = *y = first.input;
  if (second.constant || second.number != first.number)
    return;
  *x = MIN (first.input, second.input);
  *y = MAX (first.input, second.input);
}
