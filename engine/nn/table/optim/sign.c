/* SPDX-License-Identifier: Apache-2.0 */
/* Optimisers that use signs, lengths or added noise (SPEC 7.14, 7.15, 7.18, 7.25): signSGD, Signum, Lion, LARS, Langevin, gradient noise. */
#include "engine/nn/table/optim/optim-private.h"

#include "engine/base/rng.h"

static void
build_sign_sgd (ChainOptimCtx *c)
{
  for (guint i = 0; i < c->n; i++)
    {
      ChainId grad = _chain_optim_coupled (c, i);

      _chain_optim_tell (c, (int) i, 1, "g", grad);
      _chain_optim_descend (c, i, c->params[i], c->rates[i], chain_sign (c->g, grad));
    }
}

static void
build_signum (ChainOptimCtx *c)
{
  ChainId beta = c->hyper_node (c, "beta");

  for (guint i = 0; i < c->n; i++)
    {
      ChainId grad = _chain_optim_coupled (c, i), m = _chain_optim_average (c, i, "m", 0, beta, grad);

      _chain_optim_tell (c, (int) i, 1, "g", grad);
      _chain_optim_tell (c, (int) i, 2, "m", m);
      _chain_optim_descend (c, i, c->params[i], c->rates[i], chain_sign (c->g, m));
    }
}

static void
build_lion (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  ChainId b1 = c->hyper_node (c, "beta1"), b2 = c->hyper_node (c, "beta2");

  for (guint i = 0; i < c->n; i++)
    {
      ChainId m = c->state (c, i, "m", 0), d = chain_sign (g, _chain_average (g, m, b1, c->grads[i]));
      ChainId next = _chain_average (g, m, b2, c->grads[i]);

      _chain_optim_tell (c, (int) i, 1, "g", c->grads[i]);
      _chain_optim_tell (c, (int) i, 2, "d", d);
      _chain_optim_tell (c, (int) i, 4, "m", next);
      c->set_next (c, m, next);
      if (c->decay[i] != 0)
        d = chain_add (g, chain_scale (g, c->params[i], c->decay[i]), d);
      _chain_optim_tell (c, (int) i, 3, "w", chain_sub (g, c->params[i], chain_mul_s (g, d, c->rates[i])));
      _chain_optim_descend (c, i, c->params[i], c->rates[i], d);
    }
}

/* q = κ‖w‖/(‖g‖ + λ‖w‖ + ε); 1 where a norm is 0, or biases that start at 0 would stay there. */
static ChainId
lars_rate (ChainOptimCtx *c, guint i, ChainId kappa, ChainId eps)
{
  ChainGraph *g = c->g;
  ChainId a = _chain_norm (g, c->params[i]), b = _chain_norm (g, c->grads[i]), one = chain_full (g, chain_shape (1, 1), 1);
  ChainId both = chain_mul (g, chain_sign (g, a), chain_sign (g, b));
  ChainId bottom = _chain_plus (g, chain_add (g, chain_scale (g, a, c->decay[i]), b), eps);

  return chain_where (g, both, chain_div (g, chain_mul_s (g, a, kappa), chain_where (g, both, bottom, one)), one);
}

static void
build_lars (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  ChainId mu = c->hyper_node (c, "momentum"), kappa = c->hyper_node (c, "trust"), eps = c->hyper_node (c, "eps");

  for (guint i = 0; i < c->n; i++)
    {
      ChainId b = c->state (c, i, "momentum", 0), q = lars_rate (c, i, kappa, eps);
      ChainId d = chain_mul_s (g, chain_mul_s (g, _chain_optim_coupled (c, i), q), c->rates[i]);
      ChainId next = chain_add (g, chain_mul_s (g, b, mu), d), w = chain_sub (g, c->params[i], next);

      _chain_optim_tell (c, (int) i, 1, "g", c->grads[i]);
      _chain_optim_tell (c, (int) i, 2, "q", q);
      _chain_optim_tell (c, (int) i, 3, "b", next);
      _chain_optim_tell (c, (int) i, 4, "w", w);
      c->set_next (c, b, next);
      c->set_next (c, c->params[i], w);
    }
}

/* N(0, 1) of the shape of parameter i at this step. */
static ChainId
normals (ChainOptimCtx *c, guint i)
{
  if (c->noise != NULL)
    return c->noise (c, i);
  return chain_random (c->g, CHAIN_RANDOM_NORMAL, CHAIN_STREAM_NOISE, chain_stream_object ("optimiser") + i, c->step,
                       _chain_shape_of (c->g, c->params[i]));
}

/* w ← w − η g + √(2 η T) ξ */
static void
build_langevin (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  ChainId twice_t = chain_mul (g, chain_const (g, 2), c->hyper_node (c, "temperature"));

  for (guint i = 0; i < c->n; i++)
    {
      ChainId spread = chain_sqrt (g, chain_mul (g, twice_t, c->rates[i]));
      ChainId xi = normals (c, i), from = chain_add (g, chain_mul_s (g, xi, spread), c->params[i]);

      _chain_optim_tell (c, (int) i, 1, "g", c->grads[i]);
      _chain_optim_tell (c, (int) i, 2, "ξ", xi);
      _chain_optim_descend (c, i, from, c->rates[i], _chain_optim_coupled (c, i));
    }
}

/* g ← g + √(η_n/(1 + t)^γ) ξ, t from 0 */
static void
build_gradient_noise (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  ChainId spread = chain_sqrt (g, chain_div (g, c->hyper_node (c, "eta"), chain_pow (g, c->step, c->hyper_node (c, "gamma"))));

  for (guint i = 0; i < c->n; i++)
    {
      ChainId d = chain_add (g, chain_mul_s (g, normals (c, i), spread), _chain_optim_coupled (c, i));

      _chain_optim_tell (c, (int) i, 1, "g", d);
      _chain_optim_descend (c, i, c->params[i], c->rates[i], d);
    }
}

static const ChainParamInfo sign_params[] = { PARAM_LR (0.001) };
static const ChainParamInfo signum_params[] = { PARAM_LR (0.001), PARAM_SHARE ("beta", N_ ("Decay β"), 0.9) };
static const ChainParamInfo lion_params[] = {
  PARAM_LR (1e-4), PARAM_SHARE ("beta1", N_ ("Decay β₁ of the step"), 0.9), PARAM_SHARE ("beta2", N_ ("Decay β₂ of the memory"), 0.99), PARAM_DECAY (0),
};
static const ChainParamInfo lars_params[] = {
  PARAM_LR (0.1),
  PARAM_SHARE ("momentum", N_ ("Momentum μ"), 0.9),
  PARAM_DECAY (1e-4),
  { ROW_PARAM ("trust", N_ ("Trust κ"), 0.001, 0, 1e3), .open_min = TRUE, .log_scale = TRUE },
  PARAM_EPS ("eps", N_ ("Small number ε"), 0),
};
static const ChainParamInfo langevin_params[] = { PARAM_LR (0.01), { ROW_PARAM ("temperature", N_ ("Temperature T"), 1e-3, 0, 1e6), .log_scale = TRUE } };
static const ChainParamInfo noise_params[] = {
  PARAM_LR (0.01),
  { ROW_PARAM ("eta", N_ ("Size η of the noise"), 0.3, 0, 1e3), .log_scale = TRUE },
  { ROW_PARAM ("gamma", N_ ("Power γ of its decay"), 0.55, 0, 10) },
};

static const ChainOptimRow rows[] = {
  { .info = { ROW_INFO ("lion", N_ ("Lion"), "w ← w − η (sign(β₁ m + (1 − β₁) g) + λ w); m ← β₂ m + (1 − β₂) g", "–", "Chen et al. 2023", NULL,
              "PyTorch – · Keras Lion · optax lion", N_ ("Use it to save memory: all weights move by the same amount. Use a tenth of Adam's rate."),
              N_ ("Signs")),
              ROW_PARAMS (lion_params) },
    .build = build_lion, .pseudo = "1  g ← ∇ℓ(w)\n2  d ← sign(β₁ m + (1 − β₁) g)\n3  w ← w − η (d + λ w)\n4  m ← β₂ m + (1 − β₂) g" },
  { .info = { ROW_INFO ("sign_sgd", N_ ("signSGD"), "w ← w − η sign(g)", "–", "Bernstein et al. 2018", NULL, "PyTorch – · Keras – · optax sign_sgd",
              N_ ("Use it to see what signs alone can do: one bit of each gradient is enough to send in distributed training."), N_ ("Signs")),
              ROW_PARAMS (sign_params) },
    .build = build_sign_sgd, .pseudo = "1  g ← ∇ℓ(w)\n2  w ← w − η sign(g)" },
  { .info = { ROW_INFO ("signum", N_ ("Signum"), "m ← β m + (1 − β) g; w ← w − η sign(m)", "–", "Bernstein et al. 2018", NULL,
              "PyTorch – · Keras – · optax signum", N_ ("Use it as signSGD of an averaged gradient, which is steadier."), N_ ("Signs")),
              ROW_PARAMS (signum_params) },
    .build = build_signum, .pseudo = "1  g ← ∇ℓ(w)\n2  m ← β m + (1 − β) g\n3  w ← w − η sign(m)" },
  { .info = { ROW_INFO ("lars", N_ ("LARS"), "q = κ‖w‖/(‖g‖ + λ‖w‖ + ε); b ← μ b + η q (g + λ w); w ← w − b", "–", "You et al. 2017", NULL,
              "PyTorch – · Keras – · optax lars", N_ ("Use it as SGD for very large batches: each layer has its own rate."), N_ ("Layer-wise")),
              ROW_PARAMS (lars_params) },
    .build = build_lars, .pseudo = "1  g ← ∇ℓ(w)\n2  q ← κ ‖w‖ / (‖g‖ + λ ‖w‖ + ε)\n3  b ← μ b + η q (g + λ w)\n4  w ← w − b" },
  { .info = { ROW_INFO ("langevin", N_ ("Langevin (SGLD)"), "w ← w − η g + √(2 η T) ξ, ξ ~ N(0, I)", "–", "Welling & Teh 2011", NULL,
              "PyTorch – · Keras – · optax –",
              N_ ("Use it to sample weights instead of choosing one set: it wanders about the minimum with a temperature."), N_ ("Noise")),
              ROW_PARAMS (langevin_params) },
    .build = build_langevin, .pseudo = "1  g ← ∇ℓ(w)\n2  ξ ~ N(0, I)\n3  w ← w − η g + √(2 η T) ξ" },
  { .info = { ROW_INFO ("gradient_noise", N_ ("Gradient noise"), "g ← g + √(η_n/(1 + t)^γ) ξ; w ← w − η g", "–", "Neelakantan et al. 2015", NULL,
              "PyTorch – · Keras – · optax noisy_sgd", N_ ("Use it to get out of bad starts: SGD with noise that fades."), N_ ("Noise")),
              ROW_PARAMS (noise_params) },
    .build = build_gradient_noise, .pseudo = "1  g ← ∇ℓ(w) + √(η_n / (1 + t)^γ) ξ\n2  w ← w − η g" },
};

const void *
_chain_optim_sign (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
