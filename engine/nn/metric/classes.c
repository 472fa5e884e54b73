/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of a confusion matrix and of probabilities. The correlation of several classes is Gorodkin's R_K (2004); calibration as in
 * Guo et al. 2017. */
#include "engine/nn/metric/figures.h"

#include <math.h>

static double
ratio (double a, double b, gboolean *undefined)
{
  if (b == 0)
    *undefined = TRUE;
  return b == 0 ? 0 : a / b;
}

static ChainClassScore
score_of (double hit, double predicted, double true_ones, gboolean *undefined)
{
  return (ChainClassScore){ ratio (hit, predicted, undefined), ratio (hit, true_ones, undefined), ratio (2 * hit, predicted + true_ones, undefined),
                            (guint) true_ones };
}

static void
add_score (ChainClassScore *to, const ChainClassScore *s, double weight)
{
  to->precision += weight * s->precision;
  to->recall += weight * s->recall;
  to->f1 += weight * s->f1;
}

void
chain_class_figures (const guint *counts, guint classes, ChainClassScore *scores, ChainClassFigures *out)
{
  double total = 0, hits = 0, chance = 0, truth_sq = 0, answer_sq = 0;

  *out = (ChainClassFigures){ 0 };
  for (guint i = 0; i < classes * classes; i++)
    total += counts[i];
  for (guint k = 0; k < classes; k++)
    {
      double truth = 0, answers = 0;
      ChainClassScore s;

      for (guint j = 0; j < classes; j++)
        {
          truth += counts[k * classes + j];
          answers += counts[j * classes + k];
        }
      s = score_of (counts[k * classes + k], answers, truth, &out->undefined);
      add_score (&out->macro, &s, 1.0 / classes);
      add_score (&out->weighted, &s, ratio (truth, total, &out->undefined));
      hits += counts[k * classes + k];
      chance += truth * answers;
      truth_sq += truth * truth;
      answer_sq += answers * answers;
      if (scores != NULL)
        scores[k] = s;
    }
  out->micro = score_of (hits, total, total, &out->undefined);
  out->macro.support = out->weighted.support = (guint) total;
  out->accuracy = out->micro.recall;
  out->balanced_accuracy = out->macro.recall;
  out->kappa = ratio (hits * total - chance, total * total - chance, &out->undefined);
  out->mcc = ratio (hits * total - chance, sqrt (total * total - truth_sq) * sqrt (total * total - answer_sq), &out->undefined);
}

double
chain_top_k_accuracy (const double *proba, const guint *truth, guint n, guint classes, guint k)
{
  guint correct = 0;

  for (guint i = 0; i < n; i++)
    {
      const double *p = proba + (gsize) i * classes;
      guint before = 0;

      for (guint j = 0; j < classes; j++)
        before += p[j] > p[truth[i]] || (p[j] == p[truth[i]] && j < truth[i]);
      correct += before < k;
    }
  return n > 0 ? (double) correct / n : NAN;
}

double
chain_log_loss (const double *proba, const guint *truth, guint n, guint classes)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    {
      double p = classes > 1 ? proba[(gsize) i * classes + truth[i]] : truth[i] ? proba[i] : 1 - proba[i];

      sum -= fmax (log (p), -100);
    }
  return n > 0 ? sum / n : NAN;
}

double
chain_brier (const double *proba, const guint *truth, guint n, guint classes)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < classes; j++)
      {
        double want = classes > 1 ? truth[i] == j : truth[i], e = proba[(gsize) i * classes + j] - want;

        sum += e * e;
      }
  return n > 0 ? sum / n : NAN;
}

/* Class and confidence of a row; one column is the probability of class 1. */
static guint
best_of (const double *p, guint classes, double *confidence)
{
  guint best = 0;

  if (classes == 1)
    {
      best = p[0] >= 0.5;
      *confidence = fmax (p[0], 1 - p[0]);
      return best;
    }
  for (guint j = 1; j < classes; j++)
    if (p[j] > p[best])
      best = j;
  *confidence = p[best];
  return best;
}

void
chain_calibration (const double *proba, const guint *truth, guint n, guint classes, guint n_bins, ChainCalibrationBin *bins, double *ece,
                   double *mce)
{
  g_autofree ChainCalibrationBin *sums = g_new0 (ChainCalibrationBin, n_bins);

  for (guint i = 0; i < n; i++)
    {
      double confidence;
      guint best = best_of (proba + (gsize) i * classes, classes, &confidence), b = 0;

      while (b + 1 < n_bins && confidence > (double) (b + 1) / n_bins)
        b++;
      sums[b].count++;
      sums[b].confidence += confidence;
      sums[b].accuracy += best == truth[i];
    }
  *ece = *mce = n > 0 ? 0 : NAN;
  for (guint b = 0; b < n_bins; b++)
    {
      ChainCalibrationBin *s = &sums[b];
      double gap;

      s->confidence /= MAX (s->count, 1);
      s->accuracy /= MAX (s->count, 1);
      gap = fabs (s->accuracy - s->confidence);
      if (s->count > 0)
        {
          *ece += gap * s->count / n;
          *mce = fmax (*mce, gap);
        }
      if (bins != NULL)
        bins[b] = *s;
    }
}
