/* SPDX-License-Identifier: Apache-2.0 */
/* Figures against tests/golden/vectors/metrics_f64.json, every field of every case; and what has no value. */
#include "tests/engine/vectors/vec-kit.h"

#include "engine/nn/metric/figures.h"
#include "engine/nn/metrics.h"

#include <math.h>

typedef struct { VecCount *c; json_t *o; const char *id; GHashTable *seen; } Case;

static void
expect (Case *k, const char *field, const double *got, guint n)
{
  Vec want = vec_tensor (vec_get (k->o, field));

  g_hash_table_add (k->seen, (gpointer) field);
  g_assert_cmpuint (want.n, ==, n);
  vec_compare (k->c, field, got, want.v, n, 1e-12, 1e-15);
  vec_clear (&want);
}

static void
expect_one (Case *k, const char *field, double got)
{
  expect (k, field, &got, 1);
}

/* A field that no line of this test reads would be passed unseen. */
static void
all_seen (Case *k)
{
  static const char *const given[] = { "id", "case", "classes", "target", "probabilities", "score", "threshold", "prediction", NULL };
  const char *name;
  json_t *value;

  json_object_foreach (k->o, name, value)
    if (!g_strv_contains (given, name) && !g_hash_table_contains (k->seen, name))
      g_error ("%s: “%s” is not compared", k->id, name);
}

static guint *
indices (json_t *v, guint *n)
{
  Vec list = vec_tensor (v);
  guint *out = g_new (guint, list.n + 1);

  for (guint i = 0; i < list.n; i++)
    out[i] = (guint) list.v[i];
  *n = list.n;
  vec_clear (&list);
  return out;
}

static void
average (Case *k, const char *field, ChainClassScore s)
{
  double three[] = { s.precision, s.recall, s.f1 };

  expect (k, field, three, 3);
}

static void
calibration (Case *k, const double *proba, const guint *truth, guint n, guint classes)
{
  const char *name;
  json_t *value;

  g_hash_table_add (k->seen, (gpointer) "calibration");
  json_object_foreach (vec_get (k->o, "calibration"), name, value)
    {
      guint bins = (guint) g_ascii_strtoull (name, NULL, 10);
      g_autofree ChainCalibrationBin *got = g_new (ChainCalibrationBin, bins);
      double ece, mce, want[2] = { vec_number (vec_get (value, "ece")), vec_number (vec_get (value, "mce")) };

      chain_calibration (proba, truth, n, classes, bins, got, &ece, &mce);
      vec_compare (k->c, "ece", &ece, &want[0], 1, 1e-12, 1e-15);
      vec_compare (k->c, "mce", &mce, &want[1], 1, 1e-12, 1e-15);
      for (guint i = 0; i < bins; i++)
        {
          Vec row = vec_tensor (json_array_get (vec_get (value, "bins_count_confidence_accuracy"), i));
          double three[] = { got[i].count, got[i].confidence, got[i].accuracy };

          vec_compare (k->c, "bin", three, row.v, 3, 1e-12, 1e-15);
          vec_clear (&row);
        }
    }
}

static void
confusion_figures (Case *k, const guint *counts, guint classes)
{
  g_autofree ChainClassScore *scores = g_new (ChainClassScore, classes);
  g_autofree double *part = g_new (double, classes * classes);
  ChainClassFigures f;

  for (guint i = 0; i < classes * classes; i++)
    part[i] = counts[i];
  expect (k, "confusion_rows_true_columns_predicted", part, classes * classes);
  chain_class_figures (counts, classes, scores, &f);
  for (guint i = 0; i < classes; i++)
    part[i] = scores[i].precision;
  expect (k, "precision", part, classes);
  for (guint i = 0; i < classes; i++)
    part[i] = scores[i].recall;
  expect (k, "recall", part, classes);
  for (guint i = 0; i < classes; i++)
    part[i] = scores[i].f1;
  expect (k, "f1", part, classes);
  expect_one (k, "accuracy", f.accuracy);
  expect_one (k, "balanced_accuracy", f.balanced_accuracy);
  expect_one (k, "mcc", f.mcc);
  expect_one (k, "cohen_kappa", f.kappa);
  average (k, "macro", f.macro);
  average (k, "micro", f.micro);
  average (k, "weighted", f.weighted);
  g_assert_cmpint (f.undefined, ==, g_str_equal (vec_text (k->o, "case"), "a_class_never_predicted"));
}

/* A row of the table on what is known of these predictions; only fields that are one number. */
static void
expect_row (Case *k, const char *field, const char *row_id, const char *variant, const ChainFigureInput *in)
{
  const ChainMetricRow *row = chain_metric_row (row_id);
  ChainChoice choice = { .id = (char *) row_id, .variant = (char *) variant };
  ChainParams p = { &row->info, &choice };
  json_t *value = vec_get (k->o, field);
  double want = vec_number (json_is_array (value) ? json_array_get (value, g_str_equal (row_id, "precision") ? 0 : g_str_equal (row_id, "recall") ? 1 : 2) : value);
  double got = row->value (in, &p);

  vec_compare (k->c, row_id, &got, &want, 1, 1e-12, 1e-15);
}

static void
class_rows (Case *k, const ChainFigureInput *in)
{
  static const char *const averages[] = { "macro", "micro", "weighted" }, *const scores[] = { "precision", "recall", "f1" };
  static const char *const plain[] = { "accuracy", "balanced_accuracy", "mcc", "cohen_kappa", "log_loss" };
  const ChainMetricRow *confusion = chain_metric_row ("confusion"), *top = chain_metric_row ("top_k_accuracy"), *ece = chain_metric_row ("ece");
  g_autofree guint *counts = g_new (guint, in->columns * in->columns);
  g_autofree double *part = g_new (double, in->columns * in->columns);
  g_autoptr (GArray) params = g_array_new (FALSE, FALSE, sizeof (ChainParamValue));
  ChainChoice choice = { .params = params };
  ChainParams p = { &top->info, &choice };
  ChainParamValue two = { (char *) "k", 2, NULL }, ten = { (char *) "bins", 10, NULL };
  json_t *bins = json_object_get (vec_get (k->o, "calibration"), "10");
  double got;

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    expect_row (k, plain[i], plain[i], NULL, in);
  for (guint i = 0; i < 9; i++)
    expect_row (k, averages[i / 3], scores[i % 3], averages[i / 3], in);
  expect_row (k, "brier_multi_class", "brier", NULL, in);
  confusion->counts (in, NULL, counts);
  for (guint i = 0; i < in->columns * in->columns; i++)
    part[i] = counts[i];
  expect (k, "confusion_rows_true_columns_predicted", part, in->columns * in->columns);
  g_array_append_val (params, two);
  got = top->value (in, &p);
  expect (k, "top_2_accuracy", &got, 1);
  g_array_index (params, ChainParamValue, 0) = ten;
  for (guint i = 0; bins != NULL && i < 2; i++)
    {
      double want = vec_number (vec_get (bins, i == 0 ? "ece" : "mce"));

      p.info = i == 0 ? &ece->info : &chain_metric_row ("mce")->info;
      got = (i == 0 ? ece : chain_metric_row ("mce"))->value (in, &p);
      vec_compare (k->c, "ece, mce", &got, &want, 1, 1e-12, 1e-15);
    }
}

static void
multi_class (Case *k)
{
  guint n, n_answers, classes = (guint) vec_number (vec_get (k->o, "classes"));
  g_autofree guint *truth = indices (vec_get (k->o, "target"), &n), *want = indices (vec_get (k->o, "prediction"), &n_answers);
  g_autofree guint *answers = g_new (guint, n), *counts = g_new (guint, classes * classes);
  Vec proba = vec_tensor (vec_get (k->o, "probabilities"));

  g_assert_cmpuint (n, ==, n_answers);
  for (guint i = 0; i < n; i++)
    {
      answers[i] = chain_predicted_class (proba.v + (gsize) i * classes, classes);
      g_assert_cmpuint (answers[i], ==, want[i]);
    }
  chain_confusion (truth, answers, n, classes, counts);
  confusion_figures (k, counts, classes);
  expect_one (k, "top_2_accuracy", chain_top_k_accuracy (proba.v, truth, n, classes, 2));
  expect_one (k, "log_loss", chain_log_loss (proba.v, truth, n, classes));
  expect_one (k, "brier_multi_class", chain_brier (proba.v, truth, n, classes));
  calibration (k, proba.v, truth, n, classes);
  class_rows (k, &(ChainFigureInput){ .n = n, .proba = proba.v, .truth = truth, .columns = classes });
  vec_clear (&proba);
}

static void
curve_field (Case *k, const char *field, const ChainCurvePoint *p, guint n, int which)
{
  g_autofree double *v = g_new (double, n);

  for (guint i = 0; i < n; i++)
    v[i] = which == 0 ? p[i].x : which == 1 ? p[i].y : p[i].threshold;
  expect (k, field, v, n);
}

static void
binary_rows (Case *k, const ChainFigureInput *in)
{
  static const char *const plain[] = { "accuracy", "specificity", "brier", "roc_auc", "average_precision" };
  static const char *const scores[] = { "precision", "recall", "f1" };

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    expect_row (k, plain[i], plain[i], NULL, in);
  for (guint i = 0; i < G_N_ELEMENTS (scores); i++)
    expect_row (k, scores[i], scores[i], "class_1", in);
}

static void
binary (Case *k)
{
  guint n, points, counts[4];
  g_autofree guint *truth = indices (vec_get (k->o, "target"), &n), *answers = g_new (guint, n);
  g_autofree ChainCurvePoint *curve = g_new (ChainCurvePoint, n + 1);
  Vec score = vec_tensor (vec_get (k->o, "score"));
  ChainClassScore scores[2];
  ChainClassFigures f;
  double four[4];

  for (guint i = 0; i < n; i++)
    answers[i] = chain_predicted_class (score.v + i, 1);
  chain_confusion (truth, answers, n, 2, counts);
  chain_class_figures (counts, 2, scores, &f);
  for (guint i = 0; i < 4; i++)
    four[i] = counts[i];
  expect (k, "tn_fp_fn_tp", four, 4);
  expect_one (k, "accuracy", f.accuracy);
  expect_one (k, "precision", scores[1].precision);
  expect_one (k, "recall", scores[1].recall);
  expect_one (k, "specificity", scores[0].recall);
  expect_one (k, "f1", scores[1].f1);
  expect_one (k, "brier", chain_brier (score.v, truth, n, 1));
  expect_one (k, "roc_auc", chain_roc (score.v, truth, n, curve, &points));
  curve_field (k, "roc_fpr", curve, points, 0);
  curve_field (k, "roc_tpr", curve, points, 1);
  curve_field (k, "roc_thresholds", curve, points, 2);
  expect_one (k, "average_precision", chain_precision_recall (score.v, truth, n, curve, &points));
  curve_field (k, "pr_recall", curve, points, 0);
  curve_field (k, "pr_precision", curve, points, 1);
  curve_field (k, "pr_thresholds", curve, points, 2);
  binary_rows (k, &(ChainFigureInput){ .n = n, .proba = score.v, .truth = truth, .columns = 1 });
  vec_clear (&score);
}

static void
regression (Case *k)
{
  static const char *const plain[] = { "mae", "mse", "rmse", "max_error", "median_absolute_error", "r2", "explained_variance", "pearson_r" };
  Vec t = vec_tensor (vec_get (k->o, "target")), y = vec_tensor (vec_get (k->o, "prediction"));
  ChainRegressionFigures f;

  chain_regression_figures (y.v, t.v, t.n, &f);
  expect_one (k, "mae", f.mae);
  expect_one (k, "mse", f.mse);
  expect_one (k, "rmse", f.rmse);
  expect_one (k, "max_error", f.max_error);
  expect_one (k, "median_absolute_error", f.median_absolute_error);
  expect_one (k, "r2", f.r2);
  expect_one (k, "explained_variance", f.explained_variance);
  expect_one (k, "bias", f.bias);
  expect_one (k, "pearson_r", f.pearson);
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    expect_row (k, plain[i], plain[i], NULL, &(ChainFigureInput){ .n = t.n, .y = y.v, .t = t.v });
  expect_row (k, "bias", "mean_error", NULL, &(ChainFigureInput){ .n = t.n, .y = y.v, .t = t.v });
  vec_clear (&t);
  vec_clear (&y);
}

static void
test_vectors (void)
{
  json_t *root = vec_load ("metrics_f64.json"), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    {
      g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
      Case k = { &c, o, vec_text (o, "id"), seen };

      if (g_str_equal (k.id, "multi_class"))
        multi_class (&k);
      else if (g_str_equal (k.id, "binary"))
        binary (&k);
      else if (g_str_equal (k.id, "regression"))
        regression (&k);
      else
        vec_count_no_row (&c, k.id);
      all_seen (&k);
      c.cases++;
    }
  vec_count_report (&c, "metrics_f64.json", NULL);
  json_decref (root);
}

/* --- what has no value --- */
static void
test_nothing (void)
{
  static const double score[] = { 0.2, 0.7, 0.7 }, flat[] = { 0, 1, 0, 1, 0, 1 };
  static const guint ones[] = { 1, 1, 1 }, counts[4] = { 0, 0, 0, 3 };
  ChainClassScore scores[2];
  ChainClassFigures f;
  ChainRegressionFigures r;
  double ece, mce;
  guint points;

  g_assert_true (isnan (chain_roc (score, ones, 3, NULL, &points)));
  g_assert_cmpuint (points, ==, 0);
  g_assert_true (isnan (chain_precision_recall (score, ones, 3, NULL, &points)));
  chain_class_figures (counts, 2, scores, &f);
  g_assert_true (f.undefined);
  g_assert_cmpfloat (scores[0].precision, ==, 0);
  g_assert_cmpfloat (f.mcc, ==, 0);
  g_assert_cmpfloat (f.kappa, ==, 0);
  g_assert_cmpfloat (f.accuracy, ==, 1);
  chain_regression_figures (score, score, 0, &r);
  g_assert_true (isnan (r.r2) && isnan (r.mae));
  chain_calibration (flat, ones, 3, 2, 4, NULL, &ece, &mce);          /* sure and right */
  g_assert_cmpfloat (ece, ==, 0);
  g_assert_cmpfloat (mce, ==, 0);
  g_assert_cmpfloat (chain_log_loss (flat, ones, 3, 2), ==, 0);
  g_assert_cmpfloat (chain_log_loss (flat, (const guint[]){ 0, 1, 1 }, 3, 2), ==, 100.0 / 3);
}

/* The order of rows is of no account; a rising function of the scores changes no curve. */
static void
test_invariance (void)
{
  double score[40], bent[40], turned[40];
  guint truth[40], back[40], points;

  for (guint i = 0; i < 40; i++)
    {
      score[i] = floor (10 * fmod (0.618 * (i + 1), 1)) / 10;
      truth[i] = sin (1.7 * i) + score[i] > 0.4;
      bent[i] = exp (3 * score[i]);
      turned[39 - i] = score[i];
      back[39 - i] = truth[i];
    }
  double area = chain_roc (score, truth, 40, NULL, &points);
  g_assert_cmpuint (points, ==, 11);
  g_assert_cmpfloat (area, >, 0.5);
  g_assert_cmpfloat (chain_roc (bent, truth, 40, NULL, &points), ==, area);
  g_assert_cmpfloat (chain_roc (turned, back, 40, NULL, &points), ==, area);
  g_assert_cmpfloat (chain_precision_recall (turned, back, 40, NULL, &points), ==, chain_precision_recall (score, truth, 40, NULL, &points));
}

/* Every row has a value or counts; of perfect predictions the value is what the row says. */
static void
test_rows (void)
{
  static const double sure[] = { 1, 0, 0, 1, 0, 1, 1, 0 }, numbers[] = { -1, 0.5, 2, 3 };
  static const guint truth[] = { 0, 1, 1, 0 };
  const ChainFigureInput in = { 4, sure, truth, 2, numbers, numbers };
  guint n;
  const ChainMetricRow *rows = chain_table_metrics (&n);

  g_assert_cmpuint (n, >=, 20);
  for (guint i = 0; i < n; i++)
    {
      ChainParams p = { &rows[i].info, NULL };

      g_assert_true ((rows[i].value != NULL) != (rows[i].counts != NULL));
      g_assert_true (rows[i].counts != NULL || fabs (rows[i].value (&in, &p) - rows[i].best) < 1e-15);
    }
  g_assert_null (chain_metric_row ("moons"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vectors/metrics", test_vectors);
  g_test_add_func ("/metrics/rows", test_rows);
  g_test_add_func ("/metrics/nothing", test_nothing);
  g_test_add_func ("/metrics/invariance", test_invariance);
  return vec_test_run ();
}
