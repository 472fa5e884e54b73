/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of networks that play against each other, and autoencoders (SPEC 4.31, 4.32).
 *
 * real and fake are what the discriminator says of either, before any sigmoid. Two terms of a spec, one for each player, train disjoint
 * layers: the generator's gradient passes through the discriminator, whose weights stand still meanwhile. */
#include "engine/graph/grad.h"
#include "engine/nn/table/rows.h"

#include <math.h>

static ChainId
mean (ChainGraph *g, ChainId a)
{
  return chain_loss_reduce (g, a, "mean");
}

/* ½ mean (a − label)² */
static ChainId
to_label (ChainGraph *g, ChainId a, double label)
{
  return chain_scale (g, mean (g, chain_square (g, label != 0 ? chain_offset (g, a, -label) : a)), 0.5);
}

static ChainId
build_discriminator (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  const char *variant = chain_param_variant (p);
  ChainId real = roles[0], fake = roles[1];

  if (g_str_equal (variant, "wgan"))
    return chain_sub (g, mean (g, fake), mean (g, real));
  if (g_str_equal (variant, "lsgan"))
    return chain_add (g, to_label (g, real, chain_param (p, "b")), to_label (g, fake, chain_param (p, "a")));
  if (g_str_equal (variant, "hinge"))
    return chain_add (g, mean (g, chain_relu (g, chain_offset (g, chain_neg (g, real), 1))), mean (g, chain_relu (g, chain_offset (g, fake, 1))));
  return chain_add (g, mean (g, chain_softplus (g, chain_neg (g, real))), mean (g, chain_softplus (g, fake)));
}

static ChainId
build_generator (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  const char *variant = chain_param_variant (p);
  ChainId fake = roles[0];

  if (g_str_equal (variant, "minimax_saturating"))
    return chain_neg (g, mean (g, chain_softplus (g, fake)));
  if (g_str_equal (variant, "lsgan"))
    return to_label (g, fake, chain_param (p, "c"));
  if (g_str_equal (variant, "non_saturating"))
    return mean (g, chain_softplus (g, chain_neg (g, fake)));
  return chain_neg (g, mean (g, fake));
}

/* λ (‖∂D/∂x̂‖ − c)² for each sample. The derivative is more graph, which the gradient of the loss passes through in its turn. Samples do not
 * mix in D, so the derivative of the sum holds that of each sample in its row. */
static ChainId
build_gradient_penalty (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId at = roles[1], slope = CHAIN_NONE, over;

  if (!chain_grad (g, chain_sum_all (g, roles[0]), CHAIN_NONE, &at, 1, &slope, NULL, NULL) || slope == CHAIN_NONE)
    slope = chain_zeros_like (g, at);
  over = chain_offset (g, _chain_row_lengths (g, slope), -chain_param (p, "target"));
  if (g_str_equal (chain_param_variant (p), "one_sided"))
    over = chain_relu (g, over);
  return chain_scale (g, chain_square (g, over), chain_param (p, "lambda"));
}

static ChainId
build_reconstruction (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  const ChainLossRow *row = chain_loss_row (g_str_equal (chain_param_variant (p), "bce") ? "bce" : "mse");
  ChainParams defaults = { &row->info, NULL };

  return row->build (g, roles, &defaults);
}

static const ChainParamInfo discriminator_params[] = {
  { ROW_PARAM ("a", N_ ("Label of fakes (least squares)"), 0, -1e6, 1e6) },
  { ROW_PARAM ("b", N_ ("Label of real samples (least squares)"), 1, -1e6, 1e6) },
};
static const ChainParamInfo generator_params[] = {
  { ROW_PARAM ("c", N_ ("Label that fakes strive for (least squares)"), 1, -1e6, 1e6) },
};

static const ChainParamInfo penalty_params[] = {
  { ROW_PARAM ("lambda", N_ ("Strength λ"), 10, 0, 1e6), .log_scale = TRUE },
  { ROW_PARAM ("target", N_ ("Wanted length c of the slope"), 1, 0, 1e6) },
};

#define GAME .task = CHAIN_LOSS_OTHER, .output_activation = "identity", .link = "sigmoid", .scalar = TRUE

static const ChainLossRow rows[] = {
  { .info = { ROW_INFO ("reconstruction", N_ ("Reconstruction (autoencoder)"), "L = (y − x)², x the network's own input; bce: cross-entropy of x",
              "∂L/∂y = 2 (y − x)", "Hinton & Salakhutdinov 2006", "Unsupervised loss",
              "PyTorch MSELoss(y, x) · Keras fit(x, x) · optax squared_error",
              N_ ("Use it to train an autoencoder; the cross-entropy form wants inputs between 0 and 1 and a sigmoid on the output."),
              N_ ("Regression")),
              ROW_VARIANTS ("mse_slide", "bce") },
    .task = CHAIN_LOSS_REGRESSION, .output_activation = "identity", .link = "identity",
    .roles = { { .name = "pred" }, { .name = "target", .is_data = TRUE, .source = "x" } }, .n_roles = 2, .build = build_reconstruction },
  { .info = { ROW_INFO ("gan_discriminator", N_ ("Adversarial pair: discriminator (logits)"),
              "a of real, b of made samples; minimax: mean sp(−a) + mean sp(b); wgan: mean b − mean a; lsgan: ½ mean(a − 1)² + ½ "
              "mean b²; hinge: mean max(0, 1 − a) + mean max(0, 1 + b); sp(z) = ln(1 + e^z)",
              "minimax: −σ(−a)/n, σ(b)/n, σ(z) = 1/(1 + e^−z), n samples", "Goodfellow et al. 2014; Arjovsky et al. 2017; Mao et al. 2017",
              "Unsupervised loss", "PyTorch BCEWithLogitsLoss twice · Keras – · optax –",
              N_ ("Use it for the judge of an adversarial pair; a Wasserstein judge also needs weight clipping or a gradient penalty."),
              N_ ("Adversarial")),
              ROW_PARAMS (discriminator_params), ROW_VARIANTS ("minimax", "wgan", "lsgan", "hinge") },
    GAME, .roles = { { .name = "real" }, { .name = "fake" } }, .n_roles = 2, .build = build_discriminator },
  { .info = { ROW_INFO ("gan_generator", N_ ("Adversarial pair: generator (logits)"),
              "b of made samples; non-saturating: mean sp(−b); saturating: −mean sp(b); wgan, hinge: −mean b; lsgan: ½ mean(b − "
              "1)²; sp(z) = ln(1 + e^z)", "non-saturating: −σ(−b)/n; saturating: −σ(b)/n, σ(z) = 1/(1 + e^−z), n samples",
              "Goodfellow et al. 2014; Arjovsky et al. 2017; Mao et al. 2017", "Unsupervised loss",
              "PyTorch BCEWithLogitsLoss(b, 1) · Keras – · optax –",
              N_ ("Use it for the forger of an adversarial pair; the saturating form has no gradient where the judge is sure."), N_ ("Adversarial")),
              ROW_PARAMS (generator_params), ROW_VARIANTS ("non_saturating", "minimax_saturating", "wgan", "lsgan", "hinge") },
    GAME, .roles = { { .name = "fake" } }, .n_roles = 1, .build = build_generator },
  { .info = { ROW_INFO ("gradient_penalty", N_ ("Gradient penalty (WGAN-GP)"),
              "L = λ (‖s‖ − c)², s = ∂D/∂x̂, x̂ between a real and a made sample, D the judge; one-sided: only above c",
              "∂L/∂w = 2 λ (‖s‖ − c) (s/‖s‖)·∂s/∂w", "Gulrajani et al. 2017", NULL, "PyTorch – · Keras – · optax –",
              N_ ("Use it to keep the slope of a Wasserstein judge near 1, together with the judge's own loss and without batch normalisation."),
              N_ ("Adversarial")),
              ROW_PARAMS (penalty_params), ROW_VARIANTS ("two_sided", "one_sided") },
    .task = CHAIN_LOSS_OTHER, .output_activation = "identity", .link = "identity", .per_sample = TRUE,
    .roles = { { .name = "value" }, { .name = "at", .any_width = TRUE } }, .n_roles = 2, .build = build_gradient_penalty },
};

const void *
_chain_loss_adversarial (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
