/* SPDX-License-Identifier: Apache-2.0 */
/* Figures about predictions, from plain numbers (SPEC 11). 0/0 is 0 and sets `undefined`; what has no value at all (the area under a curve
 * where a class is missing, the correlation with a constant) is NaN. Any thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* --- classes --- */
typedef struct { double precision, recall, f1; guint support; } ChainClassScore;
typedef struct
{
  double accuracy, balanced_accuracy, kappa, mcc;
  ChainClassScore macro, micro, weighted;       /* support: of all classes */
  gboolean undefined;                           /* some figure was 0/0 */
} ChainClassFigures;

/* counts: classes x classes, [true][predicted]. scores (nullable): one a class. */
void   chain_class_figures   (const guint *counts, guint classes, ChainClassScore *scores, ChainClassFigures *out);
/* Share of rows whose truth is among the k most probable; ties go to the lower index. */
double chain_top_k_accuracy  (const double *proba, const guint *truth, guint n, guint classes, guint k);
/* −mean ln p of the truth; logarithms end at −100. */
double chain_log_loss        (const double *proba, const guint *truth, guint n, guint classes);
/* mean ‖p − onehot‖²; of one column: mean (p − t)². */
double chain_brier           (const double *proba, const guint *truth, guint n, guint classes);

/* Reliability: equal bins (lo, hi] of the confidence (the largest probability), the first with 0. */
typedef struct { guint count; double confidence, accuracy; } ChainCalibrationBin;
/* bins (nullable) receives n_bins entries. */
void   chain_calibration     (const double *proba, const guint *truth, guint n, guint classes, guint n_bins, ChainCalibrationBin *bins,
                              double *ece, double *mce);

/* --- two classes by a score --- */
typedef struct { double x, y, threshold; } ChainCurvePoint;
/* ROC: x = false, y = true positive rate, from (0, 0) at ∞, a point for each distinct score. PR: x = recall, y = precision, a point for each.
 * curve (nullable) receives at most n + 1 points, *n_points how many. Area: trapezia, or average precision. NaN if a class is missing. */
double chain_roc             (const double *score, const guint *truth, guint n, ChainCurvePoint *curve, guint *n_points);
double chain_precision_recall (const double *score, const guint *truth, guint n, ChainCurvePoint *curve, guint *n_points);

/* --- numbers --- */
typedef struct { double mae, mse, rmse, max_error, median_absolute_error, r2, explained_variance, bias, pearson; } ChainRegressionFigures;
void   chain_regression_figures (const double *y, const double *t, guint n, ChainRegressionFigures *out);

G_END_DECLS
