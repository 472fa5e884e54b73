/* SPDX-License-Identifier: Apache-2.0 */
/* Schedule-free optimisers (SPEC 7.24; Defazio et al. 2024): the average of the path takes the place of a falling rate.
 *
 * Three points: z takes the steps, x is a weighted average of all z, y lies between them. Gradients are taken at y, which is therefore
 * what the parameters hold; the network is evaluated at x. */
#include "engine/nn/table/optim/optim-private.h"

typedef struct { ChainId share, factor; } Weights;   /* host: c = γ/Σγ; min (1, t/warm-up) */

/* γ = t^r (largest η so far)^p */
static Weights
average_weights (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  ChainId zero = chain_const (g, 0), one = chain_const (g, 1), warm = c->hyper_node (c, "warmup_steps");
  ChainId peak = c->scalar_state (c, "lr_max", 0), sum = c->scalar_state (c, "weight_sum", 0);
  ChainId warming = chain_lt (g, c->step, warm), factor = chain_where (g, warming, chain_div (g, c->step, chain_max (g, warm, one)), one);
  ChainId top = chain_max (g, peak, chain_mul (g, c->lr, factor));
  ChainId gamma = chain_mul (g, chain_pow (g, c->step, c->hyper_node (c, "r")), chain_pow (g, top, c->hyper_node (c, "weight_lr_power")));
  ChainId total = chain_add (g, sum, gamma), any = chain_lt (g, zero, total);

  c->set_next (c, peak, top);
  c->set_next (c, sum, total);
  return (Weights){ chain_where (g, any, chain_div (g, gamma, chain_where (g, any, total, one)), zero), factor };
}

/* z ← z − η d; x ← (1 − c) x + c z; y ← (1 − β) z + β x */
static void
average_step (ChainOptimCtx *c, guint i, Weights w, ChainId beta, ChainId d)
{
  ChainGraph *g = c->g;
  ChainId x_leaf, z_leaf, x = _chain_optim_from_parameter (c, i, "x", &x_leaf), z = _chain_optim_from_parameter (c, i, "z", &z_leaf), y;

  if (c->decay[i] != 0)
    d = chain_add (g, d, chain_scale (g, c->params[i], c->decay[i]));
  c->set_eval (c, i, x);
  _chain_optim_tell (c, (int) i, 1, "g", c->grads[i]);
  _chain_optim_tell (c, (int) i, 2, "d", d);
  z = chain_sub (g, z, chain_mul_s (g, d, chain_mul (g, c->rates[i], w.factor)));
  x = _chain_average (g, z, w.share, x);
  y = _chain_average (g, x, beta, z);
  _chain_optim_tell (c, (int) i, 3, "z", z);
  _chain_optim_tell (c, (int) i, 4, "c", w.share);
  _chain_optim_tell (c, (int) i, 5, "x", x);
  _chain_optim_tell (c, (int) i, 6, "y", y);
  c->set_next (c, z_leaf, z);
  c->set_next (c, x_leaf, x);
  c->set_next (c, c->params[i], y);
}

static void
build_schedule_free_sgd (ChainOptimCtx *c)
{
  Weights w = average_weights (c);
  ChainId beta = c->hyper_node (c, "beta");

  for (guint i = 0; i < c->n; i++)
    average_step (c, i, w, beta, c->grads[i]);
}

static void
build_schedule_free_adamw (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  Weights w = average_weights (c);
  ChainId beta = c->hyper_node (c, "beta"), b2 = c->hyper_node (c, "beta2"), eps = c->hyper_node (c, "eps");
  ChainId c2 = _chain_optim_correction (c, b2);

  for (guint i = 0; i < c->n; i++)
    {
      ChainId v = _chain_optim_average (c, i, "v", 0, b2, chain_square (g, c->grads[i]));
      ChainId bottom = _chain_plus (g, chain_sqrt (g, chain_div_s (g, v, c2)), eps);

      average_step (c, i, w, beta, chain_div (g, c->grads[i], bottom));
    }
}

#define AVERAGE_PARAMS \
  PARAM_SHARE ("beta", N_ ("Share β of the average in y"), 0.9), \
  { ROW_PARAM ("warmup_steps", N_ ("Steps of warm-up (0 = none)"), 0, 0, 1e9), .integer = TRUE }, \
  { ROW_PARAM ("r", N_ ("Power r of the step in the weights"), 0, 0, 100) }, \
  { ROW_PARAM ("weight_lr_power", N_ ("Power of the rate in the weights"), 2, 0, 100) }

static const ChainParamInfo sgd_params[] = { PARAM_LR (0.1), AVERAGE_PARAMS, PARAM_DECAY (0) };
static const ChainParamInfo adamw_params[] = {
  PARAM_LR (0.0025), AVERAGE_PARAMS, PARAM_SHARE ("beta2", N_ ("Second-moment decay β₂"), 0.999), PARAM_EPS ("eps", N_ ("Small number ε"), 1e-8),
  PARAM_DECAY (0),
};

#define AVERAGE_LINES "z ← z − η d\n4  c ← γ / Σ γ, γ = t^r η²ₘₐₓ\n5  x ← (1 − c) x + c z (evaluate here)\n6  y ← (1 − β) z + β x"

static const ChainOptimRow rows[] = {
  { .info = { ROW_INFO ("schedule_free_sgd", N_ ("Schedule-free SGD"), "z ← z − η g(y); x ← (1 − c) x + c z; y = (1 − β) z + β x", "–",
              "Defazio et al. 2024", NULL, "PyTorch – · Keras – · optax contrib.schedule_free_sgd",
              N_ ("Use it when the length of the run is not known: it needs no schedule, and the average x is what counts."), N_ ("Averages")),
              ROW_PARAMS (sgd_params) },
    .build = build_schedule_free_sgd, .pseudo = "1  g ← ∇ℓ(y)\n2  d ← g + λ y\n3  " AVERAGE_LINES },
  { .info = { ROW_INFO ("schedule_free_adamw", N_ ("Schedule-free AdamW"), "z ← z − η (g/(√v̂ + ε) + λ y); x ← (1 − c) x + c z; y = (1 − β) z + β x",
              "–", "Defazio et al. 2024", NULL, "PyTorch – · Keras ScheduleFreeAdamW · optax contrib.schedule_free_adamw",
              N_ ("Use it as AdamW without a schedule; the network is evaluated at the average x."), N_ ("Averages")), ROW_PARAMS (adamw_params) },
    .build = build_schedule_free_adamw, .pseudo = "1  g ← ∇ℓ(y), v ← β₂ v + (1 − β₂) g ⊙ g\n2  d ← g / (√v̂ + ε) + λ y\n3  " AVERAGE_LINES },
};

const void *
_chain_optim_averaged (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
