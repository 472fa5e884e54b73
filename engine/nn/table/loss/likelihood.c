/* SPDX-License-Identifier: Apache-2.0 */
/* Likelihoods of counts and of numbers with their own spread, and the divergence of a Gaussian from N(0, 1) (SPEC 4.22, 4.26, 4.27). */
#include "engine/nn/table/rows.h"

#include <math.h>

/* t ln t − t + ½ ln(2πt) for t > 1, else 0: Stirling's ln t!. */
static ChainId
stirling (ChainGraph *g, ChainId t)
{
  ChainShape shape = _chain_shape_of (g, t);
  ChainId one = chain_full (g, shape, 1), many = chain_lt (g, one, t);
  ChainId safe = chain_where (g, many, t, one);
  ChainId size = chain_sub (g, chain_mul (g, safe, chain_log (g, safe)), safe);
  ChainId full = chain_add (g, size, chain_scale (g, chain_log (g, chain_scale (g, safe, 2 * G_PI)), 0.5));

  return chain_where (g, many, full, chain_full (g, shape, 0));
}

static ChainId
build_poisson (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId y = roles[0], t = roles[1], loss;

  if (chain_param (p, "log_input") == 1)
    loss = chain_sub (g, chain_exp (g, y), chain_mul (g, t, y));
  else
    loss = chain_sub (g, y, chain_mul (g, t, chain_log (g, chain_offset (g, y, chain_param (p, "eps")))));
  return chain_param (p, "full") == 1 ? chain_add (g, loss, stirling (g, t)) : loss;
}

static const char *
link_poisson (const ChainParams *p)
{
  return chain_param (p, "log_input") == 1 ? "exp" : "identity";
}

/* ½ (ln v + r²/v), v = max (var, ε) with the derivative of var: the clamp is transparent (PyTorch). */
static ChainId
gaussian_variance (ChainGraph *g, ChainId r2, ChainId var, double eps)
{
  ChainId clamped = chain_max (g, var, chain_full (g, _chain_shape_of (g, var), eps));
  ChainId v = chain_add (g, chain_stop (g, clamped), chain_sub (g, var, chain_stop (g, var)));

  return chain_scale (g, chain_add (g, chain_log (g, v), chain_div (g, r2, v)), 0.5);
}

static ChainId
build_gaussian (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId r2 = chain_square (g, chain_sub (g, roles[0], roles[2])), spread = roles[1], loss;

  if (g_str_equal (chain_param_variant (p), "variance"))
    loss = gaussian_variance (g, r2, spread, chain_param (p, "eps"));
  else
    loss = chain_scale (g, chain_add (g, spread, chain_mul (g, r2, chain_exp (g, chain_neg (g, spread)))), 0.5);
  return chain_param (p, "full") == 1 ? chain_offset (g, loss, 0.5 * log (2 * G_PI)) : loss;
}

/* −½ Σ (1 + ℓ − μ² − e^ℓ) = ½ Σ (μ² + (e^ℓ − 1 − ℓ)) */
static ChainId
build_kl_gaussian (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId mu = roles[0], l = roles[1];
  ChainId spread = chain_sub (g, chain_expm1 (g, l), l);

  return chain_scale (g, _chain_sum_cols (g, chain_add (g, chain_square (g, mu), spread)), 0.5);
}

static const ChainParamInfo poisson_params[] = {
  { ROW_PARAM ("log_input", N_ ("The output is the logarithm of the rate (0 or 1)"), 1, 0, 1), .integer = TRUE },
  { ROW_PARAM ("full", N_ ("With ln t! by Stirling (0 or 1)"), 0, 0, 1), .integer = TRUE },
  { ROW_PARAM ("eps", N_ ("Smallest rate ε"), 1e-8, 0, 1), .open_min = TRUE, .log_scale = TRUE },
};
static const ChainParamInfo gaussian_params[] = {
  { ROW_PARAM ("full", N_ ("With ½ ln 2π (0 or 1)"), 0, 0, 1), .integer = TRUE },
  { ROW_PARAM ("eps", N_ ("Smallest variance ε"), 1e-6, 0, 1), .open_min = TRUE, .log_scale = TRUE },
};

static const ChainLossRow rows[] = {
  { .info = { ROW_INFO ("poisson_nll", N_ ("Poisson (counts)"), "L = e^y − t y, y the logarithm of the rate; of a rate: y − t ln(y + ε)",
              "∂L/∂y = e^y − t; of a rate: 1 − t / (y + ε)", "Nelder & Wedderburn 1972", NULL,
              "PyTorch PoissonNLLLoss · Keras Poisson (of a rate, ε 1e-7) · optax –",
              N_ ("Use it for counts 0, 1, 2 and so on; leave the targets unscaled."), N_ ("Likelihoods")), ROW_PARAMS (poisson_params) },
    .task = CHAIN_LOSS_REGRESSION, .output_activation = "identity", .link = "exp", .link_for = link_poisson,
    .roles = { { .name = "pred" }, { .name = "target", .is_data = TRUE } }, .n_roles = 2, .build = build_poisson },
  { .info = { ROW_INFO ("gaussian_nll", N_ ("Gaussian with its own variance"),
              "L = ½ (ℓ + r² e^−ℓ), r = y − t, ℓ the logarithm of the variance; of a variance: ½ (ln v + r²/v)",
              "∂L/∂y = r e^−ℓ, ∂L/∂ℓ = ½ (1 − r² e^−ℓ)", "Nix & Weigend 1994", NULL, "PyTorch GaussianNLLLoss (of a variance) · Keras – · optax –",
              N_ ("Use it to predict how uncertain each answer is; a second layer gives the logarithm of the variance."), N_ ("Likelihoods")),
              ROW_PARAMS (gaussian_params), ROW_VARIANTS ("log_variance", "variance") },
    .task = CHAIN_LOSS_REGRESSION, .output_activation = "identity", .link = "identity",
    .roles = { { .name = "pred" }, { .name = "var" }, { .name = "target", .is_data = TRUE } }, .n_roles = 3, .build = build_gaussian },
  { .info = { ROW_INFO ("kl_gaussian_standard_normal", N_ ("Divergence from N(0, 1)"),
              "L = −½ Σ (1 + ℓ − μ² − e^ℓ), μ mean, ℓ logarithm of the variance", "∂L/∂μ = μ, ∂L/∂ℓ = ½ (e^ℓ − 1)", "Kingma & Welling 2014", NULL,
              "PyTorch – · Keras – · optax –",
              N_ ("Use it as the second term of a variational autoencoder: it keeps the code near a standard normal."),
              N_ ("Similarity and divergence")) },
    .task = CHAIN_LOSS_OTHER, .output_activation = "identity", .link = "identity", .per_sample = TRUE,
    .roles = { { .name = "mu" }, { .name = "logvar" } }, .n_roles = 2, .build = build_kl_gaussian },
};

const void *
_chain_loss_likelihood (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
