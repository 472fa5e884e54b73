/* SPDX-License-Identifier: Apache-2.0 */
/* The further figures of `eval --json`: what the confusion matrix, the probabilities or the errors of all rows say (SPEC 11). A figure that
 * has no value, as the area under a curve of one class, has no key. */
#include "config.h"

#include <math.h>

#include "app/cli/cli.h"
#include "engine/base/number.h"
#include "engine/nn/metric/figures.h"

#define BINS 15

static void
figure (GString *to, const char *name, double value)
{
  char text[CHAIN_NUMBER_SIZE];

  if (isfinite (value))
    g_string_append_printf (to, ",\"%s\":%s", name, chain_number_write (text, value));
}

/* p: n x width probabilities; one column is that of class 1. */
static void
class_figures (GString *to, const double *p, const double *t, guint n, guint width, guint classes)
{
  g_autofree guint *truth = g_new (guint, n), *answers = g_new (guint, n), *counts = g_new (guint, classes * classes);
  g_autofree double *score = g_new (double, n);
  ChainClassFigures f;
  double ece, mce;
  guint points;

  for (guint i = 0; i < n; i++)
    {
      truth[i] = (guint) t[i];
      answers[i] = chain_predicted_class (p + (gsize) i * width, width);
      score[i] = p[(gsize) i * width + (width > 1)];
    }
  chain_confusion (truth, answers, n, classes, counts);
  chain_class_figures (counts, classes, NULL, &f);
  chain_calibration (p, truth, n, width, BINS, NULL, &ece, &mce);
  figure (to, "balanced_accuracy", f.balanced_accuracy);
  figure (to, "macro_precision", f.macro.precision);
  figure (to, "macro_recall", f.macro.recall);
  figure (to, "macro_f1", f.macro.f1);
  figure (to, "weighted_f1", f.weighted.f1);
  figure (to, "kappa", f.kappa);
  figure (to, "mcc", f.mcc);
  if (classes > 2)
    figure (to, "top_2_accuracy", chain_top_k_accuracy (p, truth, n, width, 2));
  else
    {
      figure (to, "auc", chain_roc (score, truth, n, NULL, &points));
      figure (to, "average_precision", chain_precision_recall (score, truth, n, NULL, &points));
    }
  figure (to, "log_loss", chain_log_loss (p, truth, n, width));
  figure (to, "brier", chain_brier (p, truth, n, width));
  figure (to, "ece", ece);
  figure (to, "mce", mce);
}

/* Of the first target, in its own units. */
static void
number_figures (GString *to, const double *p, const ChainDataset *d, guint first, guint n, guint width)
{
  const ChainPrepColumn *c = d->prep->targets->pdata[0];
  g_autofree double *y = g_new (double, n), *t = g_new (double, n);
  ChainRegressionFigures f;

  for (guint i = 0; i < n; i++)
    {
      y[i] = p[(gsize) i * width] * c->scale + c->shift;
      t[i] = d->t[(gsize) (first + i) * d->k] * c->scale + c->shift;
    }
  chain_regression_figures (y, t, n, &f);
  figure (to, "max_error", f.max_error);
  figure (to, "median_absolute_error", f.median_absolute_error);
  figure (to, "explained_variance", f.explained_variance);
  figure (to, "bias", f.bias);
  figure (to, "pearson", f.pearson);
}

/* Rows of a file may hold a class that training never saw; then no figure can be given. */
static gboolean
classes_known (const double *t, guint n, guint classes)
{
  for (guint i = 0; i < n; i++)
    if (!(t[i] >= 0 && t[i] < classes))
      return FALSE;
  return TRUE;
}

gboolean
cli_figures_json (GString *to, const ChainModel *m, ChainExec *x, const ChainDataset *d, guint first, guint last, GError **error)
{
  ChainEvalPrograms programs = chain_eval_programs (m, x);
  guint width = (guint) chain_graph_node (m->graph, m->proba_eval)->shape.cols, n = last - first;
  g_autofree double *p = g_try_new (double, (gsize) n * width + 1);

  if (n == 0 || m->predicts != CHAIN_PREDICTS_TARGET)
    return TRUE;
  if (p == NULL || !chain_predict (m, x, &programs, d->x + (gsize) first * d->d, n, TRUE, p, error))
    return FALSE;
  if (m->n_classes > 0 && !classes_known (d->t + (gsize) first * d->k, n, MAX (m->n_classes, 2)))
    return TRUE;
  g_assert (to->str[to->len - 1] == '}');
  g_string_truncate (to, to->len - 1);
  if (m->n_classes > 0)
    class_figures (to, p, d->t + (gsize) first * d->k, n, width, MAX (m->n_classes, 2));
  else
    number_figures (to, p, d, first, n, width);
  g_string_append_c (to, '}');
  return TRUE;
}
