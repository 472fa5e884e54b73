/* SPDX-License-Identifier: Apache-2.0 */
/* Losses that weigh samples by class or by difficulty (SPEC 4.12, 4.16). SLIDE: Cost sensitivity.
 *
 * With a hard target and m = (2t − 1) z the probability of the truth is σ(m) and that of the error σ(−m) = e^(−sp(m)). The factor
 * (1 − p)^γ is built as e^(−γ sp(m)): 1 − σ(m) would be 0 from m = 37 on and its power would lose its derivative. */
#include "engine/nn/table/rows.h"

#include <math.h>

/* w₁ t + w₀ (1 − t) */
static ChainId
class_weight (ChainGraph *g, ChainId t, double yes, double no)
{
  return chain_offset (g, chain_scale (g, t, yes - no), no);
}

static ChainId
build_weighted_bce (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  double alpha = chain_param (p, "alpha_pos");
  ChainId yes = chain_mul (g, roles[1], _chain_log_clamped (g, roles[0]));
  ChainId no = chain_mul (g, _chain_complement (g, roles[1]), _chain_log_clamped (g, _chain_complement (g, roles[0])));

  return chain_neg (g, chain_add (g, chain_scale (g, yes, alpha), chain_scale (g, no, 1 - alpha)));
}

static ChainId
build_weighted_logits (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  double alpha = chain_param (p, "alpha_pos");
  ChainId yes = chain_mul (g, roles[1], chain_softplus (g, chain_neg (g, roles[0])));
  ChainId no = chain_mul (g, _chain_complement (g, roles[1]), chain_softplus (g, roles[0]));

  return chain_add (g, chain_scale (g, yes, alpha), chain_scale (g, no, 1 - alpha));
}

static ChainId
build_focal (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  double alpha = chain_param (p, "alpha"), gamma = chain_param (p, "gamma");
  ChainId t = roles[1];
  ChainId m = chain_mul (g, chain_offset (g, chain_scale (g, t, 2), -1), roles[0]);
  ChainId error = chain_softplus (g, chain_neg (g, m));
  ChainId focus = chain_exp (g, chain_scale (g, chain_softplus (g, m), -gamma));

  return chain_mul (g, class_weight (g, t, alpha, 1 - alpha), chain_mul (g, focus, error));
}

/* q^γ; q is kept above 1e-30 because the derivative of the logarithm at 0 would meet 0 · ∞. */
static ChainId
power (ChainGraph *g, ChainId q, double gamma)
{
  return chain_exp (g, chain_scale (g, chain_log (g, chain_clamp (g, q, 1e-30, 2)), gamma));
}

static ChainId
build_focal_probabilities (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  double alpha = chain_param (p, "alpha"), gamma = chain_param (p, "gamma");
  ChainId y = roles[0], t = roles[1];
  ChainId truth = chain_add (g, chain_mul (g, t, y), chain_mul (g, _chain_complement (g, t), _chain_complement (g, y)));
  ChainId error = chain_add (g, chain_mul (g, t, _chain_complement (g, y)), chain_mul (g, _chain_complement (g, t), y));
  ChainId weight = chain_mul (g, class_weight (g, t, alpha, 1 - alpha), power (g, error, gamma));

  return chain_neg (g, chain_mul (g, weight, _chain_log_clamped (g, truth)));
}

/* Σₖ αₖ aₖ of each row; one α serves all columns, none is ¼. */
static ChainId
weigh_columns (ChainGraph *g, ChainId a, const ChainParams *p)
{
  ChainShape shape = _chain_shape_of (g, a);
  ChainId alpha = _chain_class_list (g, p, "alpha", (guint) shape.cols, 0.25);

  return _chain_sum_cols (g, chain_mul (g, a, chain_broadcast (g, alpha, shape)));
}

static ChainId
build_focal_classes (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId z = roles[0], t = roles[1];
  ChainId log_p = chain_sub (g, z, chain_broadcast (g, chain_logsumexp (g, z), _chain_shape_of (g, z)));
  ChainId focus = power (g, _chain_complement (g, chain_softmax (g, z)), chain_param (p, "gamma"));

  return chain_neg (g, weigh_columns (g, chain_mul (g, t, chain_mul (g, focus, log_p)), p));
}

static const ChainParamInfo alpha_params[] = {
  { ROW_PARAM ("alpha_pos", N_ ("Weight α of the positive class"), 0.5, 0, 1), .open_min = TRUE, .open_max = TRUE },
};
static const ChainParamInfo focal_params[] = {
  { ROW_PARAM ("alpha", N_ ("Weight α of the positive class"), 0.25, 0, 1) },
  { ROW_PARAM ("gamma", N_ ("Focus γ"), 2, 0, 20) },
};
static const ChainParamInfo focal_class_params[] = {
  { ROW_TEXT_PARAM ("alpha", N_ ("Weight α of each class, with commas; one for all (0.25)")), .per_class = 1 },
  { ROW_PARAM ("gamma", N_ ("Focus γ"), 2, 0, 20) },
};

#define BINARY(activation, read) \
  .task = CHAIN_LOSS_BINARY, .output_activation = activation, .link = read, \
  .roles = { { .name = "pred" }, { .name = "target", .is_data = TRUE } }, .n_roles = 2

static const ChainLossRow rows[] = {
  { .info = { ROW_INFO ("weighted_bce", N_ ("Weighted binary cross-entropy"), "L = −α t ln y − (1 − α)(1 − t) ln(1 − y)",
              "∂L/∂y = −α t / y + (1 − α)(1 − t) / (1 − y)", "Xie & Tu 2015", "Cost sensitivity", "PyTorch – · Keras – · optax –",
              N_ ("Use it when one class is rare. Slide form halves the loss at α = 0.5."), N_ ("Cost-sensitive")), ROW_PARAMS (alpha_params),
              ROW_VARIANTS ("slide") },
    BINARY ("sigmoid", "identity"), .build = build_weighted_bce },
  { .info = { ROW_INFO ("weighted_bce_with_logits", N_ ("Weighted binary cross-entropy (logits)"),
              "L = α t sp(−z) + (1 − α)(1 − t) sp(z); sp(z) = ln(1 + e^z)", "∂L/∂z = −α t σ(−z) + (1 − α)(1 − t) σ(z), σ(z) = 1/(1 + e^−z)",
              "Xie & Tu 2015", "Cost sensitivity", "PyTorch BCEWithLogitsLoss(pos_weight), times 1 − α · Keras – · optax –",
              N_ ("Use it when one class is rare and the network ends in logits; it is stable for every z."), N_ ("Cost-sensitive")),
              ROW_PARAMS (alpha_params), ROW_VARIANTS ("slide") },
    BINARY ("identity", "sigmoid"), .build = build_weighted_logits },
  { .info = { ROW_INFO ("focal", N_ ("Focal (logits)"),
              "L = αₜ σ(−m)^γ sp(−m), m = (2t − 1) z, αₜ = α if t = 1 else 1 − α; σ(z) = 1/(1 + e^−z), sp(z) = ln(1 + e^z)",
              "∂L/∂z = −(2t − 1) αₜ σ(−m)^γ (γ σ(m) sp(−m) + σ(−m))", "Lin et al. 2017", "Cost sensitivity",
              "torchvision sigmoid_focal_loss · Keras BinaryFocalCrossentropy(from_logits=True) · optax sigmoid_focal_loss",
              N_ ("Use it when easy samples drown the hard ones, as with very rare positives."), N_ ("Cost-sensitive")), ROW_PARAMS (focal_params) },
    BINARY ("identity", "sigmoid"), .build = build_focal },
  { .info = { ROW_INFO ("focal_probabilities", N_ ("Focal (probabilities)"),
              "L = −αₜ (1 − pₜ)^γ ln pₜ, pₜ = y and αₜ = α if t = 1, else 1 − y and 1 − α", "∂L/∂pₜ = αₜ (1 − pₜ)^γ (γ ln pₜ / (1 − pₜ) − 1/pₜ)",
              "Lin et al. 2017", "Cost sensitivity", "PyTorch – · Keras BinaryFocalCrossentropy · optax –",
              N_ ("Use it as the focal loss for a network that ends in a sigmoid."), N_ ("Cost-sensitive")), ROW_PARAMS (focal_params) },
    BINARY ("sigmoid", "identity"), .build = build_focal_probabilities },
  { .info = { ROW_INFO ("focal_multi_class", N_ ("Focal, several classes (logits)"), "L = −Σₖ αₖ tₖ (1 − pₖ)^γ ln pₖ, p = softmax(z)",
              "∂L/∂z = u − p Σu, uₖ = αₖ tₖ (γ (1 − pₖ)^(γ−1) pₖ ln pₖ − (1 − pₖ)^γ)", "Lin et al. 2017", "Cost sensitivity",
              "PyTorch – · Keras CategoricalFocalCrossentropy(from_logits=True) · optax –",
              N_ ("Use it as the focal loss for several classes; one α serves all (Keras), or each has its own."), N_ ("Cost-sensitive")),
              ROW_PARAMS (focal_class_params) },
    .task = CHAIN_LOSS_MULTICLASS, .output_activation = "identity", .link = "softmax", .per_sample = TRUE,
    .roles = { { .name = "pred" }, { .name = "target", .is_data = TRUE, .one_hot = TRUE } }, .n_roles = 2, .build = build_focal_classes },
};

const void *
_chain_loss_weighted (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
