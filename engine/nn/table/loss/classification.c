/* SPDX-License-Identifier: Apache-2.0 */
/* Losses for classes (SPEC 4.7–4.11, 4.17): cross-entropies on probabilities and from logits, label smoothing, hinges.
 *
 * From logits everything is finite: t sp(−z) + (1 − t) sp(z) never takes the logarithm of a rounded probability. (The slide
 * "Numerical stability" has the right last line; its first equality lacks a minus, SPEC E1.) On probabilities the values and derivatives
 * are PyTorch's: logarithms end at −100 and denominators at 1e-12. */
#include "engine/nn/table/rows.h"

#include <math.h>

/* −[t ln y + (1 − t) ln(1 − y)] where y (1 − y) >= 1e-12. In the tails the value is the one with clamped logarithms and the derivative
 * (y − t)·1e12: as in _chain_log_clamped(), h (a parabola in y or 1 − y) has that derivative and is taken off the frozen value. */
static ChainId
build_bce (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId y = roles[0], t = roles[1];
  ChainShape shape = _chain_shape_of (g, y);
  ChainId one = chain_full (g, shape, 1), half = chain_full (g, shape, 0.5), bottom = chain_full (g, shape, -100);
  ChainId u = chain_sub (g, one, y), s = chain_sub (g, one, t);
  ChainId tail = chain_lt (g, chain_mul (g, y, u), chain_full (g, shape, 1e-12));
  ChainId safe = chain_where (g, tail, half, y);
  ChainId plain = chain_add (g, chain_mul (g, t, chain_log (g, safe)), chain_mul (g, s, chain_log1p (g, chain_neg (g, safe))));
  ChainId value = chain_add (g, chain_mul (g, t, chain_max (g, chain_log (g, y), bottom)),
                             chain_mul (g, s, chain_max (g, chain_log1p (g, chain_neg (g, y)), bottom)));
  ChainId low = chain_sub (g, chain_scale (g, chain_square (g, y), 0.5), chain_mul (g, t, y));
  ChainId high = chain_sub (g, chain_scale (g, chain_square (g, u), 0.5), chain_mul (g, s, u));
  ChainId h = chain_scale (g, chain_where (g, chain_lt (g, y, half), low, high), 1e12);
  ChainId frozen = chain_stop (g, chain_neg (g, chain_add (g, value, h)));

  return chain_where (g, tail, chain_add (g, frozen, h), chain_neg (g, plain));
}

/* a·t·sp(−z) + b·(1 − t)·sp(z) */
static ChainId
logit_pair (ChainGraph *g, ChainId z, ChainId t, double a, double b)
{
  ChainId yes = chain_mul (g, t, chain_softplus (g, chain_neg (g, z)));
  ChainId no = chain_mul (g, chain_sub (g, chain_ones_like (g, t), t), chain_softplus (g, z));

  return chain_add (g, a == 1 ? yes : chain_scale (g, yes, a), b == 1 ? no : chain_scale (g, no, b));
}

static ChainId
build_bce_with_logits (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  gboolean weighted = g_str_equal (chain_param_variant (p), "pos_weight");

  return logit_pair (g, roles[0], roles[1], weighted ? chain_param (p, "pos_weight") : 1, 1);
}

static ChainId
build_cross_entropy (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  return chain_neg (g, _chain_sum_cols (g, chain_mul (g, roles[1], _chain_log_clamped (g, roles[0]))));
}

/* LSE(z) Σt − Σ t z. */
static ChainId
logits_ce (ChainGraph *g, ChainId z, ChainId t)
{
  ChainId lse = chain_mul (g, chain_logsumexp (g, z), _chain_sum_cols (g, t));

  return chain_sub (g, lse, _chain_sum_cols (g, chain_mul (g, t, z)));
}

static ChainId
build_ce_with_logits (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  return logits_ce (g, roles[0], roles[1]);
}

/* SLIDE: Piecewise functions, label smoothing: the clamp leaves soft labels alone and rows of more than two classes do not sum to 1 (S2). */
static ChainId
smoothed (ChainGraph *g, ChainId t, double classes, const ChainParams *p)
{
  double e = chain_param (p, "label_smoothing"), k = chain_param (p, "k");

  if (g_str_equal (chain_param_variant (p), "slide_clamp"))
    return chain_clamp (g, t, k, 1 - k);
  return chain_offset (g, chain_scale (g, t, 1 - e), e / classes);
}

static ChainId
build_smoothing_bce (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  return logit_pair (g, roles[0], smoothed (g, roles[1], 2, p), 1, 1);
}

static ChainId
build_smoothing_ce (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  return logits_ce (g, roles[0], smoothed (g, roles[1], _chain_shape_of (g, roles[1]).cols, p));
}

/* max(0, margin − t y); a target of 0 counts as −1, as in Keras. */
static ChainId
build_hinge (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainShape shape = _chain_shape_of (g, roles[1]);
  ChainId t = chain_where (g, roles[1], roles[1], chain_full (g, shape, -1));

  return chain_relu (g, chain_sub (g, chain_full (g, shape, chain_param (p, "margin")), chain_mul (g, t, roles[0])));
}

static ChainId
build_squared_hinge (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  return chain_square (g, build_hinge (g, roles, p));
}

static const ChainParamInfo pos_params[] = {
  { ROW_PARAM ("pos_weight", N_ ("Weight of the positive class"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
};
static const ChainParamInfo smoothing_params[] = {
  { ROW_PARAM ("label_smoothing", N_ ("Smoothing ε (standard)"), 0.1, 0, 1), .open_max = TRUE },
  { ROW_PARAM ("k", N_ ("Clamp k (slide form)"), 0.1, 0, 0.5), .open_max = TRUE },
};
static const ChainParamInfo hinge_params[] = {
  { ROW_PARAM ("margin", N_ ("Margin"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
};

#define BINARY(activation, read) \
  .task = CHAIN_LOSS_BINARY, .output_activation = activation, .link = read, \
  .roles = { { .name = "pred" }, { .name = "target", .is_data = TRUE } }, .n_roles = 2
#define CLASSES(activation, read) \
  .task = CHAIN_LOSS_MULTICLASS, .output_activation = activation, .link = read, .per_sample = TRUE, \
  .roles = { { .name = "pred" }, { .name = "target", .is_data = TRUE, .one_hot = TRUE } }, .n_roles = 2

static const ChainLossRow rows[] = {
  { .info = { ROW_INFO ("bce", N_ ("Binary cross-entropy"), "L = −[t ln y + (1 − t) ln(1 − y)]", "∂L/∂y = (y − t) / (y (1 − y))", "Good 1952",
              "Supervised classification loss", "PyTorch BCELoss · Keras BinaryCrossentropy · optax –",
              N_ ("Use it for two classes when the network ends in a sigmoid; the form from logits is safer."),
              N_ ("Classification on probabilities")) },
    BINARY ("sigmoid", "identity"), .build = build_bce },
  { .info = { ROW_INFO ("cross_entropy", N_ ("Cross-entropy"), "L = −Σₖ tₖ ln yₖ", "∂L/∂yₖ = −tₖ / yₖ", "Good 1952", "Supervised classification loss",
              "PyTorch NLLLoss (of log-probabilities) · Keras CategoricalCrossentropy · optax –",
              N_ ("Use it for several classes when the network ends in a softmax; the form from logits is safer."),
              N_ ("Classification on probabilities")) },
    CLASSES ("softmax", "identity"), .build = build_cross_entropy },
  { .info = { ROW_INFO ("bce_with_logits", N_ ("Binary cross-entropy (logits)"),
              "L = t·sp(−z) + (1 − t)·sp(z); pos_weight: p·t·sp(−z) + (1 − t)·sp(z); sp(z) = ln(1 + e^z)", "∂L/∂z = σ(z) − t, σ(z) = 1/(1 + e^−z)",
              "Good 1952", "Cross-entropy loss with logits",
              "PyTorch BCEWithLogitsLoss · Keras BinaryCrossentropy(from_logits=True) · optax sigmoid_binary_cross_entropy",
              N_ ("Use it first for two classes: sigmoid and loss in one, stable for every z."), N_ ("Classification from logits")),
              ROW_PARAMS (pos_params),
              ROW_VARIANTS ("standard", "pos_weight") },
    BINARY ("identity", "sigmoid"), .build = build_bce_with_logits },
  { .info = { ROW_INFO ("ce_with_logits", N_ ("Cross-entropy (logits)"), "L = ln Σₖ e^zₖ − Σₖ tₖ zₖ", "∂L/∂zₖ = softmax(z)ₖ − tₖ", "Bridle 1990",
              "Cross-entropy loss with logits",
              "PyTorch CrossEntropyLoss · Keras CategoricalCrossentropy(from_logits=True) · optax softmax_cross_entropy",
              N_ ("Use it first for several classes: softmax and loss in one, stable for every z."), N_ ("Classification from logits")) },
    CLASSES ("identity", "softmax"), .build = build_ce_with_logits },
  { .info = { ROW_INFO ("label_smoothing_bce", N_ ("Label smoothing, two classes (logits)"),
              "s = (1 − ε) t + ε/2; slide: s = clip(t, k, 1 − k); then binary cross-entropy of z and s", "∂L/∂z = σ(z) − s, σ(z) = 1/(1 + e^−z)",
              "Szegedy et al. 2016", "Piecewise functions", "PyTorch – · Keras BinaryCrossentropy(label_smoothing) · optax smooth_labels",
              N_ ("Use it against over-confident predictions and a few wrong labels."), N_ ("Label smoothing")), ROW_PARAMS (smoothing_params),
              ROW_VARIANTS ("standard", "slide_clamp") },
    BINARY ("identity", "sigmoid"), .build = build_smoothing_bce },
  { .info = { ROW_INFO ("label_smoothing_ce", N_ ("Label smoothing, several classes (logits)"),
              "s = (1 − ε) t + ε/K, K classes; slide: s = clip(t, k, 1 − k); then cross-entropy of z and s", "∂L/∂z = softmax(z) Σs − s",
              "Szegedy et al. 2016", "Piecewise functions",
              "PyTorch CrossEntropyLoss(label_smoothing) · Keras CategoricalCrossentropy(label_smoothing) · optax smooth_labels",
              N_ ("Use it against over-confident predictions. Slide form: clamp; rows do not sum to 1 when K > 2."), N_ ("Label smoothing")),
              ROW_PARAMS (smoothing_params), ROW_VARIANTS ("standard", "slide_clamp") },
    CLASSES ("identity", "softmax"), .build = build_smoothing_ce },
  { .info = { ROW_INFO ("hinge", N_ ("Hinge (support vector)"), "L = max(0, m − t y), t = ±1, margin m", "∂L/∂y = −t·1[t y < m]",
              "Cortes & Vapnik 1995", NULL, "PyTorch – · Keras Hinge · optax hinge_loss",
              N_ ("Use it for a wide margin between two classes; targets 0 and 1 are read as −1 and 1. It is not what the slides call hinge."),
              N_ ("Margin")),
              ROW_PARAMS (hinge_params) },
    BINARY ("identity", "sigmoid"), .build = build_hinge },
  { .info = { ROW_INFO ("squared_hinge", N_ ("Squared hinge"), "L = max(0, m − t y)², t = ±1, margin m", "∂L/∂y = −2 t max(0, m − t y)",
              "Cortes & Vapnik 1995", NULL, "PyTorch – · Keras SquaredHinge · optax –",
              N_ ("Use it as a hinge without the kink; it punishes gross errors more."), N_ ("Margin")),
              ROW_PARAMS (hinge_params) },
    BINARY ("identity", "sigmoid"), .build = build_squared_hinge },
};

const void *
_chain_loss_classes (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
