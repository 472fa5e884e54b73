/* SPDX-License-Identifier: Apache-2.0 */
/* Overlap, similarity and divergence, one number a sample (SPEC 4.18–4.22). SLIDE: Structured output.
 *
 * I = Σyt, Y = Σy, T = Σt over the K entries of a sample. The slide's score −I/(Y + T) is half the Dice coefficient and not IoU (S3). */
#include "engine/nn/table/rows.h"

#include <math.h>

static ChainId
column (ChainGraph *g, ChainId like, double value)
{
  return chain_full (g, chain_shape (_chain_shape_of (g, like).rows, 1), value);
}

static ChainId
build_soft_iou (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  double s = chain_param (p, "smooth");
  ChainId both = _chain_sum_cols (g, chain_mul (g, roles[0], roles[1]));
  ChainId either = chain_sub (g, chain_add (g, _chain_sum_cols (g, roles[0]), _chain_sum_cols (g, roles[1])), both);

  return _chain_complement (g, chain_div (g, chain_offset (g, both, s), chain_offset (g, either, s)));
}

static ChainId
build_dice (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  const char *variant = chain_param_variant (p);
  double s = chain_param (p, "smooth");
  gboolean squared = g_str_equal (variant, "squared_denominator");
  ChainId both = _chain_sum_cols (g, chain_mul (g, roles[0], roles[1]));
  ChainId y = squared ? chain_square (g, roles[0]) : roles[0], t = squared ? chain_square (g, roles[1]) : roles[1];
  ChainId total = chain_add (g, _chain_sum_cols (g, y), _chain_sum_cols (g, t));

  if (g_str_equal (variant, "slide_no_factor_2"))
    return chain_neg (g, chain_div (g, both, chain_where (g, total, total, column (g, total, 1))));
  return _chain_complement (g, chain_div (g, chain_offset (g, chain_scale (g, both, 2), s), chain_offset (g, total, s)));
}

static ChainId
build_tversky (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  double s = chain_param (p, "smooth");
  ChainId both = _chain_sum_cols (g, chain_mul (g, roles[0], roles[1]));
  ChainId false_pos = chain_scale (g, chain_sub (g, _chain_sum_cols (g, roles[0]), both), chain_param (p, "alpha"));
  ChainId false_neg = chain_scale (g, chain_sub (g, _chain_sum_cols (g, roles[1]), both), chain_param (p, "beta"));
  ChainId top = chain_offset (g, both, s);

  return _chain_complement (g, chain_div (g, top, chain_add (g, top, chain_add (g, false_pos, false_neg))));
}

static ChainId
build_focal_tversky (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId loss = chain_clamp (g, build_tversky (g, roles, p), 1e-30, 2);

  return chain_exp (g, chain_scale (g, chain_log (g, loss), chain_param (p, "gamma")));
}

/* max(‖a‖, ε); a row shorter than ε gets no derivative from its length. */
static ChainId
length (ChainGraph *g, ChainId a, double eps)
{
  ChainId sq = _chain_sum_cols (g, chain_square (g, a));
  ChainId tiny = chain_lt (g, sq, column (g, a, eps * eps));

  return chain_where (g, tiny, column (g, a, eps), chain_sqrt (g, chain_where (g, tiny, column (g, a, 1), sq)));
}

static ChainId
build_cosine (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  double eps = chain_param (p, "eps");
  ChainId dot = _chain_sum_cols (g, chain_mul (g, roles[0], roles[1]));
  ChainId c = chain_div (g, chain_div (g, dot, length (g, roles[0], eps)), length (g, roles[1], eps));

  return g_str_equal (chain_param_variant (p), "slide_negative_similarity") ? chain_neg (g, c) : _chain_complement (g, c);
}

/* ln a with ln 0 = 0, for a ln a. */
static ChainId
log_or_zero (ChainGraph *g, ChainId a)
{
  return chain_log (g, chain_where (g, a, a, chain_ones_like (g, a)));
}

/* Σ a (ln a − ln b) by rows. */
static ChainId
divergence (ChainGraph *g, ChainId a, ChainId log_b)
{
  return _chain_sum_cols (g, chain_mul (g, a, chain_sub (g, log_or_zero (g, a), log_b)));
}

static ChainId
build_kl (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  const char *variant = chain_param_variant (p);
  ChainId y = roles[0], t = roles[1];

  if (g_str_equal (variant, "reverse"))
    return divergence (g, y, _chain_log_clamped (g, t));
  if (g_str_equal (variant, "log_probabilities"))
    return divergence (g, t, y);
  if (g_str_equal (variant, "probabilities"))
    return divergence (g, t, _chain_log_clamped (g, y));
  return divergence (g, t, chain_sub (g, y, chain_broadcast (g, chain_logsumexp (g, y), _chain_shape_of (g, y))));
}

static ChainId
build_js (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId log_m = log_or_zero (g, chain_scale (g, chain_add (g, roles[0], roles[1]), 0.5));

  return chain_scale (g, chain_add (g, divergence (g, roles[0], log_m), divergence (g, roles[1], log_m)), 0.5);
}

static const ChainParamInfo smooth_params[] = { { ROW_PARAM ("smooth", N_ ("Smoothing s"), 1, 0, 1e6) } };
static const ChainParamInfo tversky_params[] = {
  { ROW_PARAM ("alpha", N_ ("Weight α of false positives"), 0.5, 0, 1e6) },
  { ROW_PARAM ("beta", N_ ("Weight β of false negatives"), 0.5, 0, 1e6) },
  { ROW_PARAM ("smooth", N_ ("Smoothing s"), 1, 0, 1e6) },
};
static const ChainParamInfo focal_tversky_params[] = {
  { ROW_PARAM ("alpha", N_ ("Weight α of false positives"), 0.5, 0, 1e6) },
  { ROW_PARAM ("beta", N_ ("Weight β of false negatives"), 0.5, 0, 1e6) },
  { ROW_PARAM ("smooth", N_ ("Smoothing s"), 1, 0, 1e6) },
  { ROW_PARAM ("gamma", N_ ("Power γ"), 0.75, 0, 20), .open_min = TRUE },
};
static const ChainParamInfo eps_params[] = {
  { ROW_PARAM ("eps", N_ ("Smallest length ε"), 1e-8, 0, 1), .open_min = TRUE, .log_scale = TRUE },
};

#define OVER_CLASSES(activation, read) \
  .task = CHAIN_LOSS_MULTICLASS, .output_activation = activation, .link = read, .per_sample = TRUE, \
  .roles = { { .name = "pred" }, { .name = "target", .is_data = TRUE, .one_hot = TRUE } }, .n_roles = 2

static const ChainLossRow rows[] = {
  { .info = { ROW_INFO ("dice", N_ ("Dice"), "L = 1 − (2I + s)/(Y + T + s), I = Σyt, Y = Σy, T = Σt; squared: Σy² + Σt² below; slide: −I/(Y + T)",
              "∂L/∂y = −(2t (Y + T + s) − (2I + s)) / (Y + T + s)²", "Milletari et al. 2016", "Structured output",
              "PyTorch – · Keras Dice · optax dice_loss",
              N_ ("Use it for masks whose pixels are rare. Slide form: half the Dice coefficient, negated; best value −0.5."), N_ ("Overlap")),
              ROW_PARAMS (smooth_params), ROW_VARIANTS ("standard", "squared_denominator", "slide_no_factor_2") },
    OVER_CLASSES ("softmax", "identity"), .build = build_dice },
  { .info = { ROW_INFO ("soft_iou", N_ ("Soft IoU (Jaccard)"), "L = 1 − A/B, A = I + s, B = Y + T − I + s, I = Σyt, Y = Σy, T = Σt",
              "∂L/∂y = −(t B − A (1 − t)) / B²", "Rahman & Wang 2016", "Structured output", "PyTorch – · Keras – · optax –",
              N_ ("Use it when intersection over union is the score that counts."), N_ ("Overlap")),
              ROW_PARAMS (smooth_params) },
    OVER_CLASSES ("softmax", "identity"), .build = build_soft_iou },
  { .info = { ROW_INFO ("cosine", N_ ("Cosine"), "L = 1 − c, c = y·t / (‖y‖ ‖t‖); slide: −c", "∂c/∂y = t / (‖y‖ ‖t‖) − c y / ‖y‖²", "Salton 1975",
              "Structured output", "PyTorch CosineEmbeddingLoss (1 − c) · Keras CosineSimilarity (−c) · optax cosine_distance (1 − c)",
              N_ ("Use it when only the direction of a vector matters. Slide: −cos in [−1, 1]. Standard: 1 − cos in [0, 2]."),
              N_ ("Similarity and divergence")),
              ROW_PARAMS (eps_params), ROW_VARIANTS ("one_minus_similarity", "slide_negative_similarity") },
    .task = CHAIN_LOSS_REGRESSION, .output_activation = "identity", .link = "identity", .per_sample = TRUE,
    .roles = { { .name = "pred" }, { .name = "target", .is_data = TRUE } }, .n_roles = 2, .build = build_cosine },
  { .info = { ROW_INFO ("kl_divergence", N_ ("Kullback–Leibler divergence"),
              "L = Σ t (ln t − ln y), y = softmax of logits by default; reverse: Σ y (ln y − ln t)",
              "∂L/∂z = y Σt − t; log-probabilities −t; probabilities −t/y; reverse ln(y/t) + 1", "Kullback & Leibler 1951", "Structured output",
              "PyTorch KLDivLoss (log input) · Keras KLDivergence (probabilities) · optax kl_divergence (log input)",
              N_ ("Use it to match a whole distribution, as when a small network learns from a large one. By default the prediction is logits."),
              N_ ("Similarity and divergence")),
              ROW_VARIANTS ("logits", "log_probabilities", "probabilities", "reverse") },
    OVER_CLASSES ("identity", "softmax"), .build = build_kl },
  { .info = { ROW_INFO ("js_divergence", N_ ("Jensen–Shannon divergence"), "L = ½ D(y‖m) + ½ D(t‖m), m = (y + t)/2, D(a‖m) = Σ a ln(a/m)",
              "∂L/∂y = ½ ln(y/m)", "Lin 1991", NULL, "PyTorch – · Keras – · optax –",
              N_ ("Use it for a distance between probabilities that is symmetric and bounded."), N_ ("Similarity and divergence")) },
    OVER_CLASSES ("softmax", "identity"), .build = build_js },
  { .info = { ROW_INFO ("tversky", N_ ("Tversky"), "L = 1 − A/B, A = I + s, B = A + α(Y − I) + β(T − I), I = Σyt, Y = Σy, T = Σt",
              "∂L/∂y = −(t B − A (t + α(1 − t) − β t)) / B²", "Salehi et al. 2017", NULL, "PyTorch – · Keras Tversky · optax dice_loss(alpha, beta)",
              N_ ("Use it as Dice with separate prices for false positives and false negatives."), N_ ("Overlap")), ROW_PARAMS (tversky_params) },
    OVER_CLASSES ("softmax", "identity"), .build = build_tversky },
  { .info = { ROW_INFO ("focal_tversky", N_ ("Focal Tversky"), "L = V^γ, V the Tversky loss", "∂L/∂y = γ V^(γ−1) ∂V/∂y", "Abraham & Khan 2019", NULL,
              "PyTorch – · Keras – · optax –", N_ ("Use it as Tversky with more weight on samples that are still wrong."), N_ ("Overlap")),
              ROW_PARAMS (focal_tversky_params) },
    OVER_CLASSES ("softmax", "identity"), .build = build_focal_tversky },
};

const void *
_chain_loss_overlap (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
