/* SPDX-License-Identifier: Apache-2.0 */
/* Smooth activations beyond the lecture (SPEC 2.3, 2.8–2.16, 2.20–2.23).
 *
 * Exponential units use expm1: e^z − 1 loses eight digits at z = −1e-8. The exact GELU uses erfc: 1 + erf cancels for z < 0 and returns
 * 0 at z = −10, where the value is −7.6e-23. */
#include "engine/nn/table/rows.h"

#include <math.h>

/* Exact fixed point for mean 0, variance 1 (Klambauer et al. 2017). */
#define SELU_LAMBDA 1.0507009873554804934193349852946
#define SELU_ALPHA 1.6732632423543772848170429916717
#define SQRT_2_OVER_PI 0.79788456080286535588
#define GELU_CUBIC 0.044715

/* scale · z for z > 0, else low · (e^(z/width) − 1). At 0 the lower branch rules: derivative low/width (SPEC 0.2). */
static ChainId
exponential_unit (ChainGraph *g, ChainId z, double scale, double low, double width)
{
  ChainShape shape = _chain_shape_of (g, z);
  ChainId zero = chain_full (g, shape, 0);
  ChainId positive = chain_lt (g, zero, z);
  ChainId below = chain_where (g, positive, zero, z);

  if (width != 1)
    below = chain_scale (g, below, 1 / width);
  below = chain_scale (g, chain_expm1 (g, below), low);
  return chain_where (g, positive, scale == 1 ? z : chain_scale (g, z, scale), below);
}

static ChainId
build_elu (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return exponential_unit (g, z, 1, chain_param (p, "alpha"), 1);
}

static ChainId
build_selu (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return exponential_unit (g, z, SELU_LAMBDA, SELU_LAMBDA * SELU_ALPHA, 1);
}

static ChainId
build_celu (ChainGraph *g, ChainId z, const ChainParams *p)
{
  double alpha = chain_param (p, "alpha");

  return exponential_unit (g, z, 1, alpha, alpha);
}

/* The half goes to z: z erfc (…) overflows from half of the largest number on. */
static ChainId
build_gelu_erf (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_mul (g, chain_scale (g, z, 0.5), chain_erfc (g, chain_scale (g, z, -G_SQRT2 / 2)));
}

/* The cubic is fed a clamped z: at |z| = 40 the sigmoid has long underflowed, and beyond it u would become infinite and meet 0. */
static ChainId
build_gelu_tanh (ChainGraph *g, ChainId z, const ChainParams *p)
{
  ChainId c = chain_clamp (g, z, -40, 40);
  ChainId cubic = chain_offset (g, chain_scale (g, chain_square (g, c), GELU_CUBIC), 1);
  ChainId twice_u = chain_scale (g, chain_mul (g, c, cubic), 2 * SQRT_2_OVER_PI);

  return chain_mul (g, z, chain_sigmoid (g, twice_u));
}

static ChainId
build_silu (ChainGraph *g, ChainId z, const ChainParams *p)
{
  double beta = chain_param (p, "beta");

  return chain_mul (g, z, chain_sigmoid (g, beta == 1 ? z : chain_scale (g, z, beta)));
}

static ChainId
build_mish (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_mul (g, z, chain_tanh (g, chain_softplus (g, z)));
}

static ChainId
build_log_sigmoid (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_neg (g, chain_softplus (g, chain_neg (g, z)));
}

static ChainId
build_softsign (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_div (g, z, chain_offset (g, chain_abs (g, z), 1));
}

static ChainId
build_sine (ChainGraph *g, ChainId z, const ChainParams *p)
{
  double omega = chain_param (p, "omega");

  return chain_sin (g, omega == 1 ? z : chain_scale (g, z, omega));
}

static ChainId
build_gaussian (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_exp (g, chain_scale (g, chain_square (g, z), -chain_param (p, "a")));
}

static ChainId
build_square (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_square (g, z);
}

static ChainId
build_exp (ChainGraph *g, ChainId z, const ChainParams *p)
{
  return chain_exp (g, z);
}

static const ChainParamInfo alpha_params[] = { { ROW_PARAM ("alpha", N_ ("Scale α"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE } };
static const ChainParamInfo beta_params[] = { { ROW_PARAM ("beta", N_ ("Sharpness β"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE } };
static const ChainParamInfo omega_params[] = { { ROW_PARAM ("omega", N_ ("Frequency ω"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE } };
static const ChainParamInfo a_params[] = { { ROW_PARAM ("a", N_ ("Width factor a"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE } };

#define NO_LIMITS .dead_below = NAN, .saturated_low = NAN, .saturated_high = NAN

static const ChainActivationRow rows[] = {
  { .info = { ROW_INFO ("elu", N_ ("Exponential linear unit (ELU)"), "y = z if z > 0 else α (e^z − 1)", "y′ = 1 if z > 0 else α e^z",
              "Clevert et al. 2016", NULL, "PyTorch ELU · Keras elu · jax.nn.elu",
              N_ ("Use it in place of ReLU when activations should average about zero; it costs an exponential."), N_ ("Exponential units")),
              ROW_PARAMS (alpha_params) },
    .build = build_elu, NO_LIMITS },
  { .info = { ROW_INFO ("selu", N_ ("Scaled ELU (SELU)"), "y = λ z if z > 0 else λ α (e^z − 1), λ = 1.0507, α = 1.6733",
              "y′ = λ if z > 0 else λ α e^z", "Klambauer et al. 2017", NULL, "PyTorch SELU · Keras selu · jax.nn.selu",
              N_ ("Use it with LeCun-normal weights and no batch normalisation: it keeps mean and variance by itself."), N_ ("Exponential units")) },
    .build = build_selu, NO_LIMITS },
  { .info = { ROW_INFO ("celu", N_ ("CELU"), "y = max(z, 0) + min(0, α (e^(z/α) − 1))", "y′ = 1 if z > 0 else e^(z/α)", "Barron 2017", NULL,
              "PyTorch CELU · Keras celu · jax.nn.celu", N_ ("Use it in place of ELU when α is not 1: its slope has no jump for any α."),
              N_ ("Exponential units")),
              ROW_PARAMS (alpha_params) },
    .build = build_celu, NO_LIMITS },
  { .info = { ROW_INFO ("gelu_erf", N_ ("GELU (exact)"), "y = z Φ(z) = ½ z erfc(−z/√2), Φ the normal distribution function",
              "y′ = Φ(z) + z φ(z), φ the normal density", "Hendrycks & Gimpel 2016", NULL,
              "PyTorch GELU · Keras gelu · jax.nn.gelu(approximate=False)",
              N_ ("Use it as the usual choice of transformers: smooth, and close to ReLU."), N_ ("Gated by themselves")) },
    .build = build_gelu_erf, NO_LIMITS },
  { .info = { ROW_INFO ("gelu_tanh", N_ ("GELU (tanh form)"), "y = z σ(2u), u = √(2/π) (z + 0.044715 z³), σ(z) = 1/(1 + e^−z)",
              "y′ = σ(2u) + 2 z σ(2u) σ(−2u) u′", "Hendrycks & Gimpel 2016", NULL,
              "PyTorch GELU(approximate='tanh') · Keras gelu(approximate=True) · jax.nn.gelu",
              N_ ("Use it to match models trained with the approximate GELU; it differs by at most 4.7e-4."), N_ ("Gated by themselves")) },
    .build = build_gelu_tanh, NO_LIMITS },
  { .info = { ROW_INFO ("silu", N_ ("SiLU (Swish)"), "y = z σ(β z), σ(z) = 1/(1 + e^−z)", "y′ = σ(βz) + β z σ(βz) σ(−βz)",
              "Elfwing et al. 2018; Ramachandran et al. 2017", NULL, "PyTorch SiLU · Keras silu · jax.nn.silu",
              N_ ("Use it in deep networks as a smooth ReLU that dips below zero."), N_ ("Gated by themselves")), ROW_PARAMS (beta_params) },
    .build = build_silu, NO_LIMITS },
  { .info = { ROW_INFO ("mish", N_ ("Mish"), "y = z tanh(ln(1 + e^z))", "y′ = t + z (1 − t²) σ(z), t = tanh(ln(1 + e^z)), σ(z) = 1/(1 + e^−z)",
              "Misra 2019", NULL, "PyTorch Mish · Keras mish · jax.nn.mish", N_ ("Use it as SiLU; it is a little smoother and costs a little more."),
              N_ ("Gated by themselves")) },
    .build = build_mish, NO_LIMITS },
  { .info = { ROW_INFO ("log_sigmoid", N_ ("Log-sigmoid"), "y = −ln(1 + e^−z)", "y′ = σ(−z), σ(z) = 1/(1 + e^−z)", "–", NULL,
              "PyTorch LogSigmoid · Keras log_sigmoid · jax.nn.log_sigmoid", N_ ("Use it where the logarithm of a probability is wanted."),
              N_ ("Rectifiers")) },
    .build = build_log_sigmoid, NO_LIMITS },
  { .info = { ROW_INFO ("softsign", N_ ("Softsign"), "y = z / (1 + |z|)", "y′ = 1 / (1 + |z|)²", "Turian et al. 2009", NULL,
              "PyTorch Softsign · Keras softsign · jax.nn.soft_sign",
              N_ ("Use it in place of tanh when units flatten out too soon: its tails are slow."), N_ ("Bounded")) },
    .build = build_softsign, .dead_below = NAN, .saturated_low = -0.97, .saturated_high = 0.97 },
  { .info = { ROW_INFO ("sine", N_ ("Sine"), "y = sin(ω z)", "y′ = ω cos(ω z)", "Sitzmann et al. 2020", NULL, "torch.sin · keras.ops.sin · jnp.sin",
              N_ ("Use it to fit signals with fine, repeating detail; ω = 30 in the first layer is usual."), N_ ("Periodic and radial")),
              ROW_PARAMS (omega_params) },
    .build = build_sine, NO_LIMITS },
  { .info = { ROW_INFO ("gaussian", N_ ("Gaussian"), "y = e^(−a z²)", "y′ = −2 a z y", "Broomhead & Lowe 1988", NULL, "PyTorch – · Keras – · JAX –",
              N_ ("Use it for local bumps: a unit answers only near its own place."), N_ ("Periodic and radial")), ROW_PARAMS (a_params) },
    .build = build_gaussian, NO_LIMITS },
  { .info = { ROW_INFO ("square", N_ ("Square"), "y = z²", "y′ = 2 z", "–", NULL, "torch.square · keras.ops.square · jnp.square",
              N_ ("Use it for polynomial features and small experiments."), N_ ("Plain functions")) },
    .build = build_square, NO_LIMITS },
  { .info = { ROW_INFO ("exp", N_ ("Exponential"), "y = e^z", "y′ = e^z", "–", NULL, "torch.exp · Keras exponential · jnp.exp",
              N_ ("Use it on an output that is a rate or a scale; it overflows for large z."), N_ ("Plain functions")) },
    .build = build_exp, NO_LIMITS },
};

const void *
_chain_act_smooth (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
