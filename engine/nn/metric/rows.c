/* SPDX-License-Identifier: Apache-2.0 */
/* The figures that tell how good predictions are (SPEC 11), each a row with its function: nn/metric computes, this says what and when.
 *
 * A row is handed everything that is known of some predictions and takes what it needs. 0/0 is 0; what has no value at all is NaN. */
#include "engine/nn/table/rows.h"

#include "engine/nn/metric/figures.h"
#include "engine/nn/metrics.h"

#include <math.h>
#include <string.h>

/* --- classes --- */
static guint
class_count (const ChainFigureInput *in)
{
  return MAX (in->columns, 2);
}

static void
counts_of (const ChainFigureInput *in, const ChainParams *p, guint *out)
{
  g_autofree guint *answers = g_new (guint, in->n + 1);

  for (guint i = 0; i < in->n; i++)
    answers[i] = chain_predicted_class (in->proba + (gsize) i * in->columns, in->columns);
  chain_confusion (in->truth, answers, in->n, class_count (in), out);
}

static ChainClassFigures
class_figures (const ChainFigureInput *in, ChainClassScore *scores)
{
  guint k = class_count (in);
  g_autofree guint *counts = g_new (guint, (gsize) k * k);
  ChainClassFigures f;

  counts_of (in, NULL, counts);
  chain_class_figures (counts, k, scores, &f);
  return f;
}

/* The score that the variant names: an average over the classes, or that of class 1. */
static ChainClassScore
averaged (const ChainFigureInput *in, const ChainParams *p)
{
  g_autofree ChainClassScore *scores = g_new (ChainClassScore, class_count (in));
  ChainClassFigures f = class_figures (in, scores);
  const char *variant = chain_param_variant (p);

  if (g_str_equal (variant, "micro"))
    return f.micro;
  if (g_str_equal (variant, "weighted"))
    return f.weighted;
  return g_str_equal (variant, "class_1") ? scores[1] : f.macro;
}

static double
value_accuracy (const ChainFigureInput *in, const ChainParams *p)
{
  return class_figures (in, NULL).accuracy;
}

static double
value_balanced (const ChainFigureInput *in, const ChainParams *p)
{
  return class_figures (in, NULL).balanced_accuracy;
}

static double
value_kappa (const ChainFigureInput *in, const ChainParams *p)
{
  return class_figures (in, NULL).kappa;
}

static double
value_mcc (const ChainFigureInput *in, const ChainParams *p)
{
  return class_figures (in, NULL).mcc;
}

static double
value_precision (const ChainFigureInput *in, const ChainParams *p)
{
  return averaged (in, p).precision;
}

static double
value_recall (const ChainFigureInput *in, const ChainParams *p)
{
  return averaged (in, p).recall;
}

static double
value_f1 (const ChainFigureInput *in, const ChainParams *p)
{
  return averaged (in, p).f1;
}

/* Recall of class 0. */
static double
value_specificity (const ChainFigureInput *in, const ChainParams *p)
{
  g_autofree ChainClassScore *scores = g_new (ChainClassScore, class_count (in));

  class_figures (in, scores);
  return scores[0].recall;
}

static double
value_top_k (const ChainFigureInput *in, const ChainParams *p)
{
  return chain_top_k_accuracy (in->proba, in->truth, in->n, in->columns, (guint) chain_param (p, "k"));
}

/* --- probabilities --- */
static double
value_log_loss (const ChainFigureInput *in, const ChainParams *p)
{
  return chain_log_loss (in->proba, in->truth, in->n, in->columns);
}

static double
value_brier (const ChainFigureInput *in, const ChainParams *p)
{
  return chain_brier (in->proba, in->truth, in->n, in->columns);
}

static double
calibration (const ChainFigureInput *in, const ChainParams *p, gboolean largest)
{
  double ece, mce;

  chain_calibration (in->proba, in->truth, in->n, in->columns, (guint) chain_param (p, "bins"), NULL, &ece, &mce);
  return largest ? mce : ece;
}

static double
value_ece (const ChainFigureInput *in, const ChainParams *p)
{
  return calibration (in, p, FALSE);
}

static double
value_mce (const ChainFigureInput *in, const ChainParams *p)
{
  return calibration (in, p, TRUE);
}

/* Area under a curve of two classes: one column is the score, of two the second. */
static double
area (const ChainFigureInput *in, double (*curve) (const double *, const guint *, guint, ChainCurvePoint *, guint *))
{
  g_autofree double *score = g_new (double, in->n + 1);
  guint points;

  if (in->columns > 2)
    return NAN;
  for (guint i = 0; i < in->n; i++)
    score[i] = in->proba[(gsize) i * in->columns + in->columns - 1];
  return curve (score, in->truth, in->n, NULL, &points);
}

static double
value_roc_auc (const ChainFigureInput *in, const ChainParams *p)
{
  return area (in, chain_roc);
}

static double
value_average_precision (const ChainFigureInput *in, const ChainParams *p)
{
  return area (in, chain_precision_recall);
}

/* --- numbers --- */
#define NUMBER(field) \
  static double \
  value_##field (const ChainFigureInput *in, const ChainParams *p) \
  { \
    ChainRegressionFigures f; \
    chain_regression_figures (in->y, in->t, in->n, &f); \
    return f.field; \
  }

NUMBER (mae)
NUMBER (mse)
NUMBER (rmse)
NUMBER (max_error)
NUMBER (median_absolute_error)
NUMBER (r2)
NUMBER (explained_variance)
NUMBER (bias)
NUMBER (pearson)

static const ChainParamInfo top_params[] = { { ROW_PARAM ("k", N_ ("Number k of guesses"), 5, 1, 1e6), .integer = TRUE } };
static const ChainParamInfo bin_params[] = { { ROW_PARAM ("bins", N_ ("Bins B of the confidence"), 10, 1, 1000), .integer = TRUE } };

#define AVERAGES ROW_VARIANTS ("macro", "micro", "weighted", "class_1")
#define CLASSES .task = CHAIN_LOSS_MULTICLASS
#define TWO_CLASSES .task = CHAIN_LOSS_BINARY
#define NUMBERS .task = CHAIN_LOSS_REGRESSION

static const ChainMetricRow rows[] = {
  { .info = { ROW_INFO ("accuracy", N_ ("Accuracy"), "correct/N, N samples", "–", "–", NULL, "torchmetrics Accuracy · Keras Accuracy · optax –",
              N_ ("Use it first for classes: the share of right answers. It misleads where one class is much larger than the others."),
              N_ ("Classes")) },
    CLASSES, .best = 1, .value = value_accuracy },
  { .info = { ROW_INFO ("top_k_accuracy", N_ ("Top-k accuracy"), "share of samples whose class is among the k most probable", "–",
              "Russakovsky et al. 2015", NULL, "torchmetrics Accuracy(top_k) · Keras TopKCategoricalAccuracy · optax –",
              N_ ("Use it with many classes, where a near miss should count as a hit."), N_ ("Classes")),
              ROW_PARAMS (top_params) },
    CLASSES, .best = 1, .value = value_top_k },
  { .info = { ROW_INFO ("confusion", N_ ("Confusion matrix"), "C[true, predicted] = number of samples", "–", "–", NULL,
              "torchmetrics ConfusionMatrix · Keras – · optax –",
              N_ ("Use it to see which classes are taken for which; every other figure of classes follows from it."), N_ ("Classes")) },
    CLASSES, .best = NAN, .counts = counts_of },
  { .info = { ROW_INFO ("precision", N_ ("Precision"),
              "TP/(TP + FP), true and false positives; macro: mean over the classes, micro: pooled, weighted: by class size", "–",
              "van Rijsbergen 1979", NULL, "torchmetrics Precision · Keras Precision · optax –",
              N_ ("Use it when a false alarm is dear: the share of alarms that are right."), N_ ("Classes")), AVERAGES },
    CLASSES, .best = 1, .value = value_precision },
  { .info = { ROW_INFO ("recall", N_ ("Recall (sensitivity)"),
              "TP/(TP + FN), true positives and false negatives; macro: mean over the classes, micro: pooled, weighted: by class size", "–",
              "van Rijsbergen 1979", NULL, "torchmetrics Recall · Keras Recall · optax –",
              N_ ("Use it when a miss is dear: the share of a class that is found."), N_ ("Classes")), AVERAGES },
    CLASSES, .best = 1, .value = value_recall },
  { .info = { ROW_INFO ("f1", N_ ("F1 score"),
              "2 TP/(2 TP + FP + FN), of precision and recall; macro: mean over the classes, micro: pooled, weighted: by class size", "–",
              "van Rijsbergen 1979", NULL, "torchmetrics F1Score · Keras F1Score · optax –",
              N_ ("Use it for precision and recall in one number, which is low as soon as either is low."), N_ ("Classes")), AVERAGES },
    CLASSES, .best = 1, .value = value_f1 },
  { .info = { ROW_INFO ("balanced_accuracy", N_ ("Balanced accuracy"), "mean of the recalls of all classes", "–", "Brodersen et al. 2010", NULL,
              "torchmetrics Accuracy(average='macro') · Keras – · optax –", N_ ("Use it in place of accuracy when classes are of unequal size."),
              N_ ("Classes")) },
    CLASSES, .best = 1, .value = value_balanced },
  { .info = { ROW_INFO ("specificity", N_ ("Specificity"), "TN/(TN + FP), true negatives and false positives: the recall of class 0", "–",
              "Yerushalmy 1947", NULL, "torchmetrics Specificity · Keras – · optax –",
              N_ ("Use it with recall when the negative class should be left in peace: the share of it that is."), N_ ("Two classes")) },
    TWO_CLASSES, .best = 1, .value = value_specificity },
  { .info = { ROW_INFO ("cohen_kappa", N_ ("Cohen's κ"), "(pₒ − pₑ)/(1 − pₑ), pₒ accuracy, pₑ accuracy of guessing by class size", "–", "Cohen 1960",
              NULL, "torchmetrics CohenKappa · Keras – · optax –",
              N_ ("Use it to see how much better than guessing the answers are: 0 is guessing, 1 is perfect."), N_ ("Classes")) },
    CLASSES, .best = 1, .value = value_kappa },
  { .info = { ROW_INFO ("mcc", N_ ("Matthews correlation"),
              "correlation of truth and answer; two classes: (TP·TN − FP·FN)/√((TP+FP)(TP+FN)(TN+FP)(TN+FN))", "–", "Matthews 1975; Gorodkin 2004",
              NULL, "torchmetrics MatthewsCorrCoef · Keras – · optax –",
              N_ ("Use it for classes of unequal size: 1 is perfect, 0 is guessing, −1 is always wrong."), N_ ("Classes")) },
    CLASSES, .best = 1, .value = value_mcc },
  { .info = { ROW_INFO ("roc_auc", N_ ("Area under the ROC curve"), "P(s⁺ > s⁻) + ½ P(s⁺ = s⁻), s the score of a positive and of a negative sample",
              "–", "Fawcett 2006", NULL, "torchmetrics AUROC · Keras AUC · optax –",
              N_ ("Use it to judge how well a score ranks two classes whatever the threshold: ½ is guessing, 1 is perfect."), N_ ("Two classes")) },
    TWO_CLASSES, .best = 1, .value = value_roc_auc },
  { .info = { ROW_INFO ("average_precision", N_ ("Average precision (PR curve)"), "Σᵢ (Rᵢ − Rᵢ₋₁) Pᵢ over falling thresholds, R recall, P precision",
              "–", "Davis & Goadrich 2006", NULL, "torchmetrics AveragePrecision · Keras AUC(curve='PR') · optax –",
              N_ ("Use it in place of the ROC area when positives are rare."), N_ ("Two classes")) },
    TWO_CLASSES, .best = 1, .value = value_average_precision },
  { .info = { ROW_INFO ("log_loss", N_ ("Log loss"), "−mean ln p of the true class; ln p is at least −100", "–", "Good 1952", NULL,
              "PyTorch NLLLoss · Keras CategoricalCrossentropy · optax –",
              N_ ("Use it to judge probabilities and not only answers: being sure and wrong costs most."), N_ ("Probabilities")) },
    CLASSES, .best = 0, .value = value_log_loss },
  { .info = { ROW_INFO ("brier", N_ ("Brier score"), "mean ‖p − t‖², t one-hot; two classes, one score: mean (p − t)²", "–", "Brier 1950", NULL,
              "PyTorch – · Keras – · optax –", N_ ("Use it as log loss when one gross error should not spoil the figure: it is bounded."),
              N_ ("Probabilities")) },
    CLASSES, .best = 0, .value = value_brier },
  { .info = { ROW_INFO ("ece", N_ ("Expected calibration error (ECE)"),
              "Σ_b (n_b/N) |acc_b − conf_b| over B bins of the confidence, n_b of N samples in bin b", "–", "Guo et al. 2017", NULL,
              "torchmetrics CalibrationError · Keras – · optax –",
              N_ ("Use it to see whether answers given with a confidence of 0.8 are right in eight of ten cases; 0 is perfect."),
              N_ ("Probabilities")),
              ROW_PARAMS (bin_params) },
    CLASSES, .best = 0, .value = value_ece },
  { .info = { ROW_INFO ("mce", N_ ("Maximum calibration error"), "max_b |acc_b − conf_b| over B bins of the confidence", "–", "Guo et al. 2017", NULL,
              "torchmetrics CalibrationError(norm='max') · Keras – · optax –",
              N_ ("Use it where trust is at stake: the largest gap between confidence and share of right answers."), N_ ("Probabilities")),
              ROW_PARAMS (bin_params) },
    CLASSES, .best = 0, .value = value_mce },
  { .info = { ROW_INFO ("r2", N_ ("R² (share explained)"), "1 − Σ(y − t)²/Σ(t − mean t)²; of a constant target 1 if met exactly, else 0", "–",
              "Wright 1921", NULL, "torchmetrics R2Score · Keras R2Score · optax –",
              N_ ("Use it first for regression: 1 is perfect, 0 is no better than the mean of the targets."), N_ ("Numbers")) },
    NUMBERS, .best = 1, .value = value_r2 },
  { .info = { ROW_INFO ("mae", N_ ("Mean absolute error (MAE)"), "mean |y − t|", "–", "–", NULL,
              "torchmetrics MeanAbsoluteError · Keras MeanAbsoluteError · optax –",
              N_ ("Use it for the mean error in the units of the target; outliers count no more than others."), N_ ("Numbers")) },
    NUMBERS, .best = 0, .value = value_mae },
  { .info = { ROW_INFO ("mse", N_ ("Mean squared error (MSE)"), "mean (y − t)²", "–", "–", NULL,
              "torchmetrics MeanSquaredError · Keras MeanSquaredError · optax –",
              N_ ("Use it to see what the squared error trains for; large errors count most."), N_ ("Numbers")) },
    NUMBERS, .best = 0, .value = value_mse },
  { .info = { ROW_INFO ("rmse", N_ ("Root mean squared error (RMSE)"), "√mean (y − t)²", "–", "–", NULL,
              "torchmetrics MeanSquaredError(squared=False) · Keras RootMeanSquaredError · optax –",
              N_ ("Use it for the squared error in the units of the target."), N_ ("Numbers")) },
    NUMBERS, .best = 0, .value = value_rmse },
  { .info = { ROW_INFO ("max_error", N_ ("Largest error"), "max |y − t|", "–", "–", NULL, "PyTorch – · Keras – · optax –",
              N_ ("Use it when the worst case is what counts."), N_ ("Numbers")) },
    NUMBERS, .best = 0, .value = value_max_error },
  { .info = { ROW_INFO ("median_absolute_error", N_ ("Median absolute error"), "median |y − t|", "–", "–", NULL, "PyTorch – · Keras – · optax –",
              N_ ("Use it when some targets are badly wrong: half of the errors are smaller."), N_ ("Numbers")) },
    NUMBERS, .best = 0, .value = value_median_absolute_error },
  { .info = { ROW_INFO ("explained_variance", N_ ("Explained variance"), "1 − Var(y − t)/Var t", "–", "–", NULL,
              "torchmetrics ExplainedVariance · Keras – · optax –", N_ ("Use it as R² when a constant offset of all predictions should be forgiven."),
              N_ ("Numbers")) },
    NUMBERS, .best = 1, .value = value_explained_variance },
  { .info = { ROW_INFO ("mean_error", N_ ("Mean error (bias)"), "mean (y − t)", "–", "–", NULL, "PyTorch – · Keras – · optax –",
              N_ ("Use it to see whether predictions are too high or too low on the whole."), N_ ("Numbers")) },
    NUMBERS, .best = 0, .value = value_bias },
  { .info = { ROW_INFO ("pearson_r", N_ ("Pearson's r"), "Σ(y − ȳ)(t − t̄)/√(Σ(y − ȳ)² Σ(t − t̄)²), ȳ and t̄ the means", "–", "Pearson 1895", NULL,
              "torchmetrics PearsonCorrCoef · Keras PearsonCorrelation · optax –",
              N_ ("Use it to see whether predictions rise and fall with the targets; offset and scale are of no account."), N_ ("Numbers")) },
    NUMBERS, .best = 1, .value = value_pearson },
};

const void *
_chain_metric_rows (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
