/* SPDX-License-Identifier: Apache-2.0 */
/* Step and sign, which train only with a derivative that is not theirs (SPEC 2.22; Bengio, Léonard & Courville 2013, Hubara et al. 2016).
 *
 * v + (s − stop s) has the value of v, bit for bit, and the derivative of the surrogate s: the bracket is 0 exactly and only s carries a
 * derivative. Whoever shows such a gradient says so: `straight_through` of the row. */
#include "engine/nn/table/rows.h"

#include <math.h>

#define NOT_TRUE "straight-through, not the true derivative (which is 0): 1; clipped 1[|z| ≤ 1]; sigmoid σ(z) σ(−z); none 0"

/* 1[|z| <= 1] · z: the factor has no derivative, so both ends of the interval count as inside. */
static ChainId
clipped (ChainGraph *g, ChainId z)
{
  ChainId outside = chain_lt (g, chain_ones_like (g, z), chain_abs (g, z));

  return chain_mul (g, z, _chain_complement (g, outside));
}

static ChainId
straight_through (ChainGraph *g, ChainId value, ChainId z, const ChainParams *p)
{
  const char *variant = chain_param_variant (p);
  ChainId s = z;

  if (g_str_equal (variant, "none"))
    return value;
  if (g_str_equal (variant, "clipped"))
    s = clipped (g, z);
  else if (g_str_equal (variant, "sigmoid"))
    s = chain_sigmoid (g, z);
  return chain_add (g, value, chain_sub (g, s, chain_stop (g, s)));
}

/* sign z where that is not 0 (and NaN where z is), at_zero elsewhere. */
static ChainId
sign_or (ChainGraph *g, ChainId z, const ChainParams *p)
{
  ChainShape shape = _chain_shape_of (g, z);
  ChainId zero = chain_eq (g, z, chain_full (g, shape, 0));

  return chain_where (g, zero, chain_full (g, shape, chain_param (p, "at_zero")), chain_sign (g, z));
}

static ChainId
build_step (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return straight_through (g, chain_relu (g, sign_or (g, z, p)), z, p);
}

static ChainId
build_sign (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return straight_through (g, sign_or (g, z, p), z, p);
}

static const ChainParamInfo step_params[] = { { ROW_PARAM ("at_zero", N_ ("Value at z = 0"), 1, 0, 1) } };
static const ChainParamInfo sign_params[] = { { ROW_PARAM ("at_zero", N_ ("Value at z = 0"), 1, -1, 1) } };

static const ChainActivationRow rows[] = {
  { .info = { ROW_INFO ("step", N_ ("Unit step (straight-through)"), "y = 1[z ≥ 0]", NOT_TRUE, "Rosenblatt 1958; Bengio et al. 2013", NULL,
              "torch.heaviside (no gradient) · keras.ops.heaviside · jnp.heaviside",
              N_ ("Use it for units that say yes or no; it trains only with a stand-in for its derivative."), N_ ("Straight-through")),
              ROW_PARAMS (step_params), ROW_VARIANTS ("identity", "clipped", "sigmoid", "none") },
    .build = build_step, .straight_through = TRUE, .dead_below = 0, .saturated_low = NAN, .saturated_high = NAN },
  { .info = { ROW_INFO ("sign", N_ ("Sign (straight-through)"), "y = 1 if z ≥ 0 else −1", NOT_TRUE, "Hubara et al. 2016", NULL,
              "torch.sign (no gradient) · keras.ops.sign · jnp.sign",
              N_ ("Use it for networks of plus and minus one; it trains only with a stand-in for its derivative."), N_ ("Straight-through")),
              ROW_PARAMS (sign_params), ROW_VARIANTS ("identity", "clipped", "sigmoid", "none") },
    .build = build_sign, .straight_through = TRUE, .dead_below = NAN, .saturated_low = NAN, .saturated_high = NAN },
};

const void *
_chain_act_straight (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
