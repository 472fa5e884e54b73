/* SPDX-License-Identifier: Apache-2.0 */
/* A rate for each weight from the sizes of past gradients (SPEC 7.4–7.6, 7.13): Adagrad, Adadelta, RMSProp, Rprop.
 *
 * SLIDE: Adaptive Learning Rates, Algorithm 8.5 keeps δ inside the root, as Keras and optax do; PyTorch adds it outside (SPEC S5). */
#include "engine/nn/table/optim/optim-private.h"

/* √(v + ε) or √v + ε */
static ChainId
root (ChainGraph *g, ChainId v, ChainId eps, gboolean inside)
{
  return inside ? chain_sqrt (g, _chain_plus (g, v, eps)) : _chain_plus (g, chain_sqrt (g, v), eps);
}

/* r ← r + g²; w ← w − η/(1 + (t − 1) decay) · g/(√r + ε) */
static void
build_adagrad (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  gboolean inside = _chain_optim_is (c, "keras_optax_eps_inside");
  ChainId one = chain_const (g, 1), eps = c->hyper_node (c, "eps");
  ChainId slow = chain_add (g, one, chain_mul (g, chain_sub (g, c->step, one), c->hyper_node (c, "lr_decay")));

  for (guint i = 0; i < c->n; i++)
    {
      ChainId grad = _chain_optim_coupled (c, i);
      ChainId leaf = c->state (c, i, "sum", chain_param (&c->hyper, "initial_accumulator"));
      ChainId r = chain_add (g, chain_square (g, grad), leaf);

      _chain_optim_tell (c, (int) i, 1, "g", grad);
      _chain_optim_tell (c, (int) i, 2, "r", r);
      c->set_next (c, leaf, r);
      _chain_optim_descend (c, i, c->params[i], chain_div (g, c->rates[i], slow), chain_div (g, grad, root (g, r, eps, inside)));
    }
}

/* E ← ρE + (1 − ρ)g²; Δ = √(X + ε)/√(E + ε)·g; X ← ρX + (1 − ρ)Δ² */
static void
build_adadelta (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  ChainId rho = c->hyper_node (c, "rho"), eps = c->hyper_node (c, "eps");

  for (guint i = 0; i < c->n; i++)
    {
      ChainId grad = _chain_optim_coupled (c, i), leaf = c->state (c, i, "delta", 0);
      ChainId e = _chain_optim_average (c, i, "square", 0, rho, chain_square (g, grad));
      ChainId d = chain_mul (g, chain_div (g, root (g, leaf, eps, TRUE), root (g, e, eps, TRUE)), grad);
      ChainId x = _chain_average (g, leaf, rho, chain_square (g, d));

      _chain_optim_tell (c, (int) i, 1, "g", grad);
      _chain_optim_tell (c, (int) i, 2, "E", e);
      _chain_optim_tell (c, (int) i, 3, "Δ", d);
      _chain_optim_tell (c, (int) i, 4, "X", x);
      c->set_next (c, leaf, x);
      _chain_optim_descend (c, i, c->params[i], c->rates[i], d);
    }
}

static void
build_rmsprop (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  gboolean inside = !_chain_optim_is (c, "pytorch");
  gboolean centred = chain_param (&c->hyper, "centered") != 0, heavy = chain_param (&c->hyper, "momentum") != 0;
  ChainId rho = c->hyper_node (c, "rho"), eps = c->hyper_node (c, "eps");

  for (guint i = 0; i < c->n; i++)
    {
      ChainId grad = _chain_optim_coupled (c, i);
      ChainId v = _chain_optim_average (c, i, "square", 0, rho, chain_square (g, grad)), d;

      _chain_optim_tell (c, (int) i, 1, "g", grad);
      _chain_optim_tell (c, (int) i, 2, "r", v);
      if (centred)      /* rounding may leave v a little below 0 */
        {
          ChainId m = _chain_optim_average (c, i, "mean", 0, rho, grad);

          v = chain_max (g, chain_sub (g, v, chain_square (g, m)), chain_zeros_like (g, v));
        }
      d = chain_div (g, grad, root (g, v, eps, inside));
      _chain_optim_tell (c, (int) i, 3, "v", v);
      _chain_optim_tell (c, (int) i, 4, "d", d);
      if (heavy)
        {
          ChainId leaf = c->state (c, i, "momentum", 0);

          d = chain_add (g, chain_mul_s (g, leaf, c->hyper_node (c, "momentum")), d);
          c->set_next (c, leaf, d);
        }
      _chain_optim_tell (c, (int) i, 5, "d", d);
      _chain_optim_descend (c, i, c->params[i], c->rates[i], d);
    }
}

/* iRprop−: only the sign of the gradient; each weight has its own step. After a change of sign the step shrinks and the weight waits. */
static void
build_rprop (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  ChainId plus = c->hyper_node (c, "eta_plus"), minus = c->hyper_node (c, "eta_minus");
  ChainId low = c->hyper_node (c, "step_min"), high = c->hyper_node (c, "step_max");

  for (guint i = 0; i < c->n; i++)
    {
      ChainShape shape = _chain_shape_of (g, c->params[i]);
      ChainId zero = chain_full (g, shape, 0), one = chain_full (g, shape, 1), grad = _chain_optim_coupled (c, i);
      ChainId before = c->state (c, i, "previous", 0), step = c->state (c, i, "step", chain_param (&c->hyper, "lr"));
      ChainId change = chain_mul (g, chain_sign (g, grad), chain_sign (g, before));
      ChainId turned = chain_lt (g, change, zero);
      ChainId factor = chain_where (g, chain_lt (g, zero, change), chain_broadcast (g, plus, shape),
                                    chain_where (g, turned, chain_broadcast (g, minus, shape), one));
      ChainId size = chain_max (g, chain_min (g, chain_mul (g, step, factor), chain_broadcast (g, high, shape)),
                                chain_broadcast (g, low, shape));
      ChainId used = chain_where (g, turned, zero, grad);
      ChainId next = chain_sub (g, c->params[i], chain_mul (g, chain_sign (g, used), size));

      _chain_optim_tell (c, (int) i, 1, "g", grad);
      _chain_optim_tell (c, (int) i, 2, "s", size);
      _chain_optim_tell (c, (int) i, 3, "g", used);
      _chain_optim_tell (c, (int) i, 4, "w", next);
      _chain_optim_tell (c, (int) i, 5, "g₀", used);
      c->set_next (c, step, size);
      c->set_next (c, before, used);
      c->set_next (c, c->params[i], next);
    }
}

static const ChainParamInfo adagrad_params[] = {
  PARAM_LR (0.01),
  { ROW_PARAM ("lr_decay", N_ ("Decay of the rate a step"), 0, 0, 1e3), .log_scale = TRUE },
  PARAM_DECAY (0),
  { ROW_PARAM ("initial_accumulator", N_ ("First sum r₀"), 0, 0, 1e3) },
  PARAM_EPS ("eps", N_ ("Small number ε"), 1e-10),
};
static const ChainParamInfo adadelta_params[] = {
  PARAM_LR (1), PARAM_SHARE ("rho", N_ ("Decay ρ"), 0.9), PARAM_EPS ("eps", N_ ("Small number ε"), 1e-6), PARAM_DECAY (0),
};
static const ChainParamInfo rmsprop_params[] = {
  PARAM_LR (0.01),
  PARAM_SHARE ("rho", N_ ("Decay ρ"), 0.99),
  PARAM_EPS ("eps", N_ ("Small number δ"), 1e-8),
  PARAM_SWITCH ("centered", N_ ("Centred (0 or 1)"), 0),
  PARAM_SHARE ("momentum", N_ ("Momentum μ"), 0),
  PARAM_DECAY (0),
};
static const ChainParamInfo rprop_params[] = {
  { ROW_PARAM ("lr", N_ ("First step s₀"), 0.01, 0, 1e3), .open_min = TRUE, .log_scale = TRUE },
  { ROW_PARAM ("eta_minus", N_ ("Factor after a change of sign"), 0.5, 0, 1), .open_min = TRUE, .open_max = TRUE },
  { ROW_PARAM ("eta_plus", N_ ("Factor otherwise"), 1.2, 1, 10), .open_min = TRUE },
  { ROW_PARAM ("step_min", N_ ("Smallest step"), 1e-6, 0, 1), .log_scale = TRUE },
  { ROW_PARAM ("step_max", N_ ("Largest step"), 50, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
};

static const ChainOptimRow rows[] = {
  { .info = { ROW_INFO ("rmsprop", N_ ("RMSProp"), "r ← ρ r + (1 − ρ) g²; w ← w − η g/(√r + δ); slide: g/√(δ + r)", "–",
              "Tieleman & Hinton 2012; Goodfellow et al. 2016, Alg. 8.5", "Adaptive Learning Rates",
              "PyTorch RMSprop (ρ 0.99, δ outside) · Keras RMSprop (ρ 0.9, inside) · optax rmsprop (inside)",
              N_ ("Use it for a rate of each weight's own, from its recent gradients. δ is inside the root (slide: 1e-6, Keras, "
              "optax) or outside (PyTorch)."), N_ ("Adaptive")),
              ROW_PARAMS (rmsprop_params), ROW_VARIANTS ("pytorch", "slide_goodfellow_8.5_eps_inside") },
    .build = build_rmsprop,
    .pseudo = "1  g ← ∇ℓ(w) + λ w\n2  r ← ρ r + (1 − ρ) g ⊙ g\n3  v ← r, or r − m² with m ← ρ m + (1 − ρ) g (centred)\n"
              "4  d ← g / (√v + δ), slide: g / √(δ + v)\n5  if μ ≠ 0: d ← b ← μ b + d\n6  w ← w − η d" },
  { .info = { ROW_INFO ("adagrad", N_ ("Adagrad"), "r ← r + g²; w ← w − η g/(√r + ε)", "–", "Duchi et al. 2011", NULL,
              "PyTorch Adagrad · Keras Adagrad (ε inside, r₀ 0.1) · optax adagrad (ε inside)",
              N_ ("Use it for inputs that are mostly zero: its rates only fall, which is too slow for long runs."), N_ ("Adaptive")),
              ROW_PARAMS (adagrad_params),
              ROW_VARIANTS ("pytorch", "goodfellow_8.4", "keras_optax_eps_inside") },
    .build = build_adagrad, .pseudo = "1  g ← ∇ℓ(w) + λ w\n2  r ← r + g ⊙ g\n3  w ← w − η/(1 + (t − 1) decay) · g / (√r + ε)" },
  { .info = { ROW_INFO ("adadelta", N_ ("Adadelta"), "E ← ρE + (1 − ρ)g²; Δ = √(X + ε)/√(E + ε) g; X ← ρX + (1 − ρ)Δ²; w ← w − ηΔ", "–",
              "Zeiler 2012", NULL, "PyTorch Adadelta · Keras Adadelta (η 0.001) · optax adadelta", N_ ("Use it as RMSProp that finds its own rate."),
              N_ ("Adaptive")),
              ROW_PARAMS (adadelta_params) },
    .build = build_adadelta,
    .pseudo = "1  g ← ∇ℓ(w) + λ w\n2  E ← ρ E + (1 − ρ) g ⊙ g\n3  Δ ← √(X + ε) / √(E + ε) ⊙ g\n4  X ← ρ X + (1 − ρ) Δ ⊙ Δ\n5  w ← w − η Δ" },
  { .info = { ROW_INFO ("rprop", N_ ("Rprop (iRprop−)"), "s ← s·η₊ while the sign of g stays, s·η₋ when it turns; w ← w − sign(g) s", "–",
              "Riedmiller & Braun 1993; Igel & Hüsken 2003", NULL, "PyTorch Rprop · Keras – · optax rprop",
              N_ ("Use it with full batches, where it is fast and needs no tuning: only signs of gradients count."), N_ ("Adaptive")),
              ROW_PARAMS (rprop_params), ROW_VARIANTS ("irprop_minus_pytorch") },
    .build = build_rprop,
    .pseudo = "1  g ← ∇ℓ(w)\n2  s ← clip(s · {η₊ if g g₀ > 0, η₋ if < 0, 1 if 0})\n3  if g g₀ < 0: g ← 0\n4  w ← w − sign(g) s\n5  g₀ ← g" },
};

const void *
_chain_optim_adaptive (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
