/* SPDX-License-Identifier: Apache-2.0 */
/* Piecewise linear (and quadratic) activations beyond the lecture (SPEC 2.5, 2.17–2.19, 2.23).
 *
 * Each clamps z itself, not a rescaled z: clamp's derivative is 0 at its bounds, and only so do the bounds stay the exact numbers ±3. */
#include "engine/nn/table/rows.h"

#include <math.h>

static ChainId
build_relu6 (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_clamp (g, z, 0, 6);
}

static ChainId
build_hardtanh (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_clamp (g, z, chain_param (p, "min"), chain_param (p, "max"));
}

/* clip ((z + 3)/6, 0, 1); (z + 3)/6 and not z/6 + ½, which cancels near −3. */
static ChainId
gate (ChainGraph *g, ChainId z)
{
  return chain_div (g, chain_offset (g, chain_clamp (g, z, -3, 3), 3), chain_full (g, _chain_shape_of (g, z), 6));
}

static ChainId
build_hard_sigmoid (ChainGraph *g, ChainId z, const ChainParams *p)
{
  if (g_str_equal (chain_param_variant (p), "legacy"))
    return chain_scale (g, chain_offset (g, chain_clamp (g, z, -2.5, 2.5), 2.5), 0.2);
  return gate (g, z);
}

static ChainId
build_hard_swish (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_mul (g, z, gate (g, z));
}

static ChainId
build_abs (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_abs (g, z);
}

static const ChainParamInfo hardtanh_params[] = {
  { ROW_PARAM ("min", N_ ("Lower bound"), -1, -1e6, 1e6) },
  { ROW_PARAM ("max", N_ ("Upper bound"), 1, -1e6, 1e6) },
};

static const ChainActivationRow rows[] = {
  { .info = { ROW_INFO ("relu6", N_ ("ReLU6"), "y = min(max(z, 0), 6)", "y′ = 1[0 < z < 6]", "Krizhevsky 2010", NULL,
              "PyTorch ReLU6 · Keras relu6 · jax.nn.relu6", N_ ("Use it where values must stay small, as for low-precision numbers."),
              N_ ("Piecewise linear")) },
    .build = build_relu6, .dead_below = 0, .saturated_low = NAN, .saturated_high = 5.999 },
  { .info = { ROW_INFO ("hardtanh", N_ ("Hard tanh"), "y = min(max(z, a), b)", "y′ = 1[a < z < b]", "Collobert 2004", NULL,
              "PyTorch Hardtanh · Keras hard_tanh · jax.nn.hard_tanh", N_ ("Use it as a cheap tanh, where speed matters more than smoothness."),
              N_ ("Piecewise linear")), ROW_PARAMS (hardtanh_params) },
    .build = build_hardtanh, .dead_below = NAN, .saturated_low = -0.97, .saturated_high = 0.97 },
  { .info = { ROW_INFO ("hard_sigmoid", N_ ("Hard sigmoid"), "y = clip((z + 3)/6, 0, 1); legacy: clip(0.2 z + 0.5, 0, 1)",
              "y′ = 1/6 on (−3, 3); legacy: 0.2 on (−2.5, 2.5)", "Courbariaux et al. 2015; Howard et al. 2019", NULL,
              "PyTorch Hardsigmoid · Keras hard_sigmoid · jax.nn.hard_sigmoid; legacy: Keras 2, Theano",
              N_ ("Use it as a cheap sigmoid, for example for gates."), N_ ("Piecewise linear")), ROW_VARIANTS ("standard", "legacy") },
    .build = build_hard_sigmoid, .dead_below = NAN, .saturated_low = 0.03, .saturated_high = 0.97 },
  { .info = { ROW_INFO ("hard_swish", N_ ("Hard swish"), "y = z clip((z + 3)/6, 0, 1)", "y′ = 0 for z ≤ −3, z/3 + ½ between, 1 for z ≥ 3",
              "Howard et al. 2019", NULL, "PyTorch Hardswish · Keras hard_silu · jax.nn.hard_silu",
              N_ ("Use it as a cheap SiLU, where the network has to run on a phone."), N_ ("Piecewise linear")) },
    .build = build_hard_swish, .dead_below = NAN, .saturated_low = NAN, .saturated_high = NAN },
  { .info = { ROW_INFO ("abs", N_ ("Absolute value"), "y = |z|", "y′ = sign z, 0 at 0", "–", NULL, "torch.abs · keras.ops.abs · jnp.abs",
              N_ ("Use it for small experiments with folds: one unit solves XOR."), N_ ("Plain functions")) },
    .build = build_abs, .dead_below = NAN, .saturated_low = NAN, .saturated_high = NAN },
};

const void *
_chain_act_pieces (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
