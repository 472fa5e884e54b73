/* SPDX-License-Identifier: Apache-2.0 */
/* Curves over a threshold. Rows of one score pass it together, so the order of equal scores is of no account: the area is
 * P(s⁺ > s⁻) + ½ P(s⁺ = s⁻). Average precision does not interpolate (Davis & Goadrich 2006). */
#include "engine/nn/metric/figures.h"

#include <math.h>
#include <stdlib.h>

typedef struct { double score; guint truth; } Row;

static int
descending (const void *a, const void *b)
{
  const Row *p = a, *q = b;

  return (p->score < q->score) - (p->score > q->score);
}

static Row *
sorted (const double *score, const guint *truth, guint n, guint *positives)
{
  Row *rows = g_new (Row, n + 1);

  *positives = 0;
  for (guint i = 0; i < n; i++)
    {
      rows[i] = (Row){ score[i], truth[i] };
      *positives += truth[i] != 0;
    }
  qsort (rows, n, sizeof *rows, descending);
  return rows;
}

/* Moves past the rows of one score, counting. */
static guint
next_score (const Row *rows, guint n, guint at, guint *hits, guint *misses)
{
  double score = rows[at].score;

  for (; at < n && rows[at].score == score; at++)
    if (rows[at].truth != 0)
      ++*hits;
    else
      ++*misses;
  return at;
}

double
chain_roc (const double *score, const guint *truth, guint n, ChainCurvePoint *curve, guint *n_points)
{
  guint positives, hits = 0, misses = 0, points = 1;
  g_autofree Row *rows = sorted (score, truth, n, &positives);
  guint negatives = n - positives;
  double area = 0, x = 0, y = 0;

  *n_points = 0;
  if (positives == 0 || negatives == 0)
    return NAN;
  if (curve != NULL)
    curve[0] = (ChainCurvePoint){ 0, 0, INFINITY };
  for (guint at = 0; at < n; points++)
    {
      double threshold = rows[at].score, to_x, to_y;

      at = next_score (rows, n, at, &hits, &misses);
      to_x = (double) misses / negatives;
      to_y = (double) hits / positives;
      area += (to_x - x) * (to_y + y) / 2;
      x = to_x;
      y = to_y;
      if (curve != NULL)
        curve[points] = (ChainCurvePoint){ x, y, threshold };
    }
  *n_points = points;
  return area;
}

double
chain_precision_recall (const double *score, const guint *truth, guint n, ChainCurvePoint *curve, guint *n_points)
{
  guint positives, hits = 0, misses = 0, points = 0;
  g_autofree Row *rows = sorted (score, truth, n, &positives);
  double area = 0, recall = 0;

  *n_points = 0;
  if (positives == 0 || positives == n)
    return NAN;
  for (guint at = 0; at < n; points++)
    {
      double threshold = rows[at].score, precision, before = recall;

      at = next_score (rows, n, at, &hits, &misses);
      recall = (double) hits / positives;
      precision = (double) hits / (hits + misses);
      area += (recall - before) * precision;
      if (curve != NULL)
        curve[points] = (ChainCurvePoint){ recall, precision, threshold };
    }
  *n_points = points;
  return area;
}
