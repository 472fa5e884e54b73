/* SPDX-License-Identifier: Apache-2.0 */
/* Activations that the lecture names or draws: its rows come first in every menu (SPEC 2).
 *
 * A row builds the stable form, and its derivative follows from the ops. That only works where each op in it carries its own rule at the
 * kink: softplus is one op, because max (z, 0) + ln (1 + e^−|z|) differentiated piece by piece gives 0 or 1 at z = 0 instead of ½.
 * Where a branch may be infinite although it is not taken, the branch is fed a harmless argument, so 0 · ∞ never arises. */
#include "engine/nn/table/rows.h"

#include "engine/graph/build-more.h"

#include <math.h>

static ChainId
build_identity (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return z;
}

static ChainId
build_sigmoid (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_sigmoid (g, z);
}

static ChainId
build_tanh (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_tanh (g, z);
}

static ChainId
build_relu (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_relu (g, z);
}

/* z times a slope that does not depend on z: the derivative at 0 is the slope (SPEC 0.2, from the left). */
static ChainId
build_leaky_relu (ChainGraph *g, ChainId z, const ChainParams *p)
{
  ChainShape shape = _chain_shape_of (g, z);
  ChainId positive = chain_lt (g, chain_full (g, shape, 0), z);
  double a = chain_param (p, "negative_slope");

  return chain_mul (g, z, chain_where (g, positive, chain_full (g, shape, 1), chain_full (g, shape, a)));
}

static ChainId
build_softplus (ChainGraph *g, ChainId z, const ChainParams *p)
{
  double beta = chain_param (p, "beta");

  if (beta == 1)
    return chain_softplus (g, z);
  return chain_scale (g, chain_softplus (g, chain_scale (g, z, beta)), 1 / beta);
}

static ChainId
tempered (ChainGraph *g, ChainId z, const ChainParams *p)
{
  double t = chain_param (p, "temperature");

  return t == 1 ? z : chain_scale (g, z, 1 / t);
}

static ChainId
build_softmax (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_softmax (g, tempered (g, z, p));
}

static ChainId
build_log_softmax (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_log_softmax (g, tempered (g, z, p));
}

static ChainId
build_softmin (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_softmax (g, chain_neg (g, tempered (g, z, p)));
}

static const ChainParamInfo leaky_params[] = {
  { ROW_PARAM ("negative_slope", N_ ("Slope for z ≤ 0"), 0.01, 0, 1e6), .log_scale = TRUE },
};
static const ChainParamInfo softplus_params[] = {
  { ROW_PARAM ("beta", N_ ("Sharpness β"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
};
static const ChainParamInfo softmax_params[] = {
  { ROW_PARAM ("temperature", N_ ("Temperature T"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
};

static const ChainActivationRow rows[] = {
  { .info = { ROW_INFO ("identity", N_ ("Identity (linear)"), "y = z", "y′ = 1", "–", "Computational graph",
              "PyTorch Identity · Keras linear · jax.nn.identity",
              N_ ("Use it on the output of a regression, and to see what a network without bends can do."), N_ ("From the lecture")) },
    .build = build_identity, .dead_below = NAN, .saturated_low = NAN, .saturated_high = NAN },
  { .info = { ROW_INFO ("sigmoid", N_ ("Logistic sigmoid"), "y = σ(z) = 1 / (1 + e^−z)", "y′ = σ(z) σ(−z) = y (1 − y)",
              "Verhulst 1838; Rumelhart et al. 1986", "Cross-entropy loss with logits", "PyTorch Sigmoid · Keras sigmoid · jax.nn.sigmoid",
              N_ ("Use it on the output for a yes-or-no probability; in hidden layers it flattens out and learning slows."), N_ ("From the lecture")) },
    .build = build_sigmoid, .dead_below = NAN, .saturated_low = 0.03, .saturated_high = 0.97 },
  { .info = { ROW_INFO ("tanh", N_ ("Hyperbolic tangent"), "y = tanh z", "y′ = 1 − y²", "LeCun et al. 1998", NULL,
              "PyTorch Tanh · Keras tanh · jnp.tanh", N_ ("Use it first in small, smooth networks: it is centred at zero, bounded and has no kinks."),
              N_ ("Bounded")) },
    .build = build_tanh, .dead_below = NAN, .saturated_low = -0.97, .saturated_high = 0.97 },
  { .info = { ROW_INFO ("relu", N_ ("Rectified linear unit (ReLU)"), "y = max(z, 0)", "y′ = 1[z > 0], 0 at the kink", "Nair & Hinton 2010",
              "Weight initialisation", "PyTorch ReLU · Keras relu · jax.nn.relu",
              N_ ("Use it first in deep networks: it is cheap and does not flatten out for z > 0, but a unit can die."), N_ ("From the lecture")) },
    .build = build_relu, .dead_below = 0, .saturated_low = NAN, .saturated_high = NAN },
  { .info = { ROW_INFO ("softmax", N_ ("Softmax"), "yᵢ = e^(zᵢ/T) / Σⱼ e^(zⱼ/T)", "∂yᵢ/∂zⱼ = yᵢ (δᵢⱼ − yⱼ) / T, δᵢⱼ = 1 if i = j else 0",
              "Bridle 1990", "Computational graph", "PyTorch Softmax · Keras softmax · jax.nn.softmax",
              N_ ("Use it on the output for probabilities of several classes; for training prefer the loss from logits."), N_ ("From the lecture")),
              ROW_PARAMS (softmax_params) },
    .build = build_softmax, .rowwise = TRUE, .dead_below = NAN, .saturated_low = NAN, .saturated_high = NAN },
  { .info = { ROW_INFO ("leaky_relu", N_ ("Leaky ReLU"), "y = z if z > 0 else a z", "y′ = 1 if z > 0 else a", "Maas et al. 2013", NULL,
              "PyTorch LeakyReLU (0.01) · Keras leaky_relu (0.2) · jax.nn.leaky_relu (0.01)",
              N_ ("Use it in place of ReLU when units die: the small slope lets them come back."), N_ ("Rectifiers")), ROW_PARAMS (leaky_params) },
    .build = build_leaky_relu, .dead_below = NAN, .saturated_low = NAN, .saturated_high = NAN },
  { .info = { ROW_INFO ("softplus", N_ ("Softplus"), "y = ln(1 + e^(β z)) / β", "y′ = σ(β z), σ(z) = 1/(1 + e^−z)", "Dugas et al. 2001", NULL,
              "PyTorch Softplus (linear above 20) · Keras softplus · jax.nn.softplus",
              N_ ("Use it as a smooth ReLU, and where an output must be positive, such as a standard deviation."), N_ ("Rectifiers")),
              ROW_PARAMS (softplus_params) },
    .build = build_softplus, .dead_below = NAN, .saturated_low = NAN, .saturated_high = NAN },
  { .info = { ROW_INFO ("log_softmax", N_ ("Log-softmax"), "yᵢ = zᵢ/T − ln Σⱼ e^(zⱼ/T)", "∂yᵢ/∂zⱼ = (δᵢⱼ − softmax(z)ⱼ) / T, δᵢⱼ = 1 if i = j else 0",
              "Bridle 1990", NULL, "PyTorch LogSoftmax · Keras log_softmax · jax.nn.log_softmax",
              N_ ("Use it where logarithms of probabilities are wanted; never take the logarithm of a softmax."), N_ ("Over a row")),
              ROW_PARAMS (softmax_params) },
    .build = build_log_softmax, .rowwise = TRUE, .dead_below = NAN, .saturated_low = NAN, .saturated_high = NAN },
  { .info = { ROW_INFO ("softmin", N_ ("Softmin"), "yᵢ = e^(−zᵢ/T) / Σⱼ e^(−zⱼ/T)", "∂yᵢ/∂zⱼ = yᵢ (yⱼ − δᵢⱼ) / T, δᵢⱼ = 1 if i = j else 0",
              "Bridle 1990", NULL, "PyTorch Softmin · Keras – · JAX –",
              N_ ("Use it to turn distances or costs into weights: the smallest gets most."), N_ ("Over a row")),
              ROW_PARAMS (softmax_params) },
    .build = build_softmin, .rowwise = TRUE, .dead_below = NAN, .saturated_low = NAN, .saturated_high = NAN },
};

const void *
_chain_act_lecture (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
