/* SPDX-License-Identifier: Apache-2.0 */
/* Adam and its family (SPEC 7.7–7.12, 7.16–7.18).
 *
 * SLIDE: Adaptive Learning Rates, Algorithm 8.7. s, r there are m, v here. The slide prints √(r̂ + δ), the book √r̂ + δ: with δ = 1e-8 the
 * floor of the denominator is 1e-4 instead of 1e-8 (SPEC S4). Corrections 1 − βᵗ are host nodes, exact to f64 in f32 runs too. */
#include "engine/nn/table/optim/optim-private.h"

#include <string.h>

typedef struct { ChainId b1, b2, eps, c1, c2; } Adam;   /* host: β₁, β₂, ε, 1 − β₁ᵗ, 1 − β₂ᵗ */

static Adam
adam_hyper (ChainOptimCtx *c)
{
  Adam a = { .b1 = c->hyper_node (c, "beta1"), .b2 = c->hyper_node (c, "beta2"), .eps = c->hyper_node (c, "eps") };

  a.c1 = _chain_optim_correction (c, a.b1);
  a.c2 = _chain_optim_correction (c, a.b2);
  return a;
}

/* The same, with 1 for both corrections where the row's switch is off. */
static Adam
adam_hyper_switched (ChainOptimCtx *c)
{
  Adam a = adam_hyper (c);

  if (chain_param (&c->hyper, "bias_correction") == 0)
    a.c1 = a.c2 = chain_const (c->g, 1);
  return a;
}

static ChainId
first_moment (ChainOptimCtx *c, guint i, const Adam *a, ChainId grad)
{
  return _chain_optim_average (c, i, "m", 0, a->b1, grad);
}

static ChainId
second_moment (ChainOptimCtx *c, guint i, const Adam *a, ChainId grad)
{
  return _chain_optim_average (c, i, "v", 0, a->b2, chain_square (c->g, grad));
}

/* √(v/c₂) + ε; the root of c₂ and its inverse are host numbers, so that each entry has one division less */
static ChainId
denominator (ChainGraph *g, ChainId v, ChainId c2, ChainId eps)
{
  return _chain_plus (g, chain_mul_s (g, chain_sqrt (g, v), chain_div (g, chain_const (g, 1), chain_sqrt (g, c2))), eps);
}

/* Lines 1 to 5 of ADAM_LINES. */
static void
tell_adam (ChainOptimCtx *c, guint i, const Adam *a, ChainId grad, ChainId m, ChainId v)
{
  _chain_optim_tell (c, (int) i, 1, "g", grad);
  _chain_optim_tell (c, (int) i, 2, "m", m);
  _chain_optim_tell (c, (int) i, 3, "v", v);
  _chain_optim_tell_corrected (c, i, 4, 5, m, a->c1, v, a->c2);
}

/* The rows whose second line is the decay. */
static void
tell_decayed (ChainOptimCtx *c, guint i, ChainId grad, ChainId m, ChainId v)
{
  _chain_optim_tell (c, (int) i, 1, "g", grad);
  _chain_optim_tell (c, (int) i, 2, "w", _chain_optim_decayed (c, i));
  _chain_optim_tell (c, (int) i, 3, "m", m);
  _chain_optim_tell (c, (int) i, 4, "v", v);
}

static void
adam_update (ChainOptimCtx *c, guint i, const Adam *a, ChainId grad, ChainId from)
{
  ChainGraph *g = c->g;
  ChainId m = first_moment (c, i, a, grad), v = second_moment (c, i, a, grad);
  ChainId rate = chain_div (g, c->rates[i], a->c1), d;

  if (strcmp (c->hyper.info->id, "adam") == 0)
    tell_adam (c, i, a, grad, m, v);
  else
    {
      tell_decayed (c, i, grad, m, v);
      _chain_optim_tell_corrected (c, i, 5, 5, m, a->c1, v, a->c2);
    }
  if (_chain_optim_is (c, "slide_eps_inside_root"))
    d = chain_sqrt (g, _chain_plus (g, chain_div_s (g, v, a->c2), a->eps));
  else if (_chain_optim_is (c, "keras_epsilon_hat"))
    {
      rate = chain_mul (g, rate, chain_sqrt (g, a->c2));
      d = _chain_plus (g, chain_sqrt (g, v), a->eps);
    }
  else
    d = denominator (g, v, a->c2, a->eps);
  _chain_optim_descend (c, i, from, rate, chain_div (g, m, d));
}

static void
build_adam (ChainOptimCtx *c)
{
  Adam a = adam_hyper_switched (c);

  for (guint i = 0; i < c->n; i++)
    adam_update (c, i, &a, _chain_optim_coupled (c, i), c->params[i]);
}

static void
build_adamw (ChainOptimCtx *c)
{
  Adam a = adam_hyper (c);

  for (guint i = 0; i < c->n; i++)
    adam_update (c, i, &a, c->grads[i], _chain_optim_decayed (c, i));
}

static void
build_amsgrad (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  gboolean corrected = _chain_optim_is (c, "optax_max_of_corrected"), paper = _chain_optim_is (c, "paper_no_bias_correction");
  Adam a = adam_hyper (c);

  for (guint i = 0; i < c->n; i++)
    {
      ChainId grad = _chain_optim_coupled (c, i);
      ChainId m = first_moment (c, i, &a, grad), v = second_moment (c, i, &a, grad);
      ChainId leaf = c->state (c, i, "v_max", 0);
      ChainId top = chain_max (g, leaf, corrected ? chain_div_s (g, v, a.c2) : v);
      ChainId d = corrected || paper ? _chain_plus (g, chain_sqrt (g, top), a.eps) : denominator (g, top, a.c2, a.eps);

      tell_adam (c, i, &a, grad, m, v);
      _chain_optim_tell (c, (int) i, 6, "v_max", top);
      c->set_next (c, leaf, top);
      _chain_optim_descend (c, i, c->params[i], paper ? c->rates[i] : chain_div (g, c->rates[i], a.c1), chain_div (g, m, d));
    }
}

/* u ← max(β₂ u, |g| + ε) */
static void
build_adamax (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  Adam a = adam_hyper (c);

  for (guint i = 0; i < c->n; i++)
    {
      ChainId grad = _chain_optim_coupled (c, i), m = first_moment (c, i, &a, grad), leaf = c->state (c, i, "u", 0);
      ChainId u = chain_max (g, chain_mul_s (g, leaf, a.b2), _chain_plus (g, chain_abs (g, grad), a.eps));

      _chain_optim_tell (c, (int) i, 1, "g", grad);
      _chain_optim_tell (c, (int) i, 2, "m", m);
      _chain_optim_tell (c, (int) i, 3, "u", u);
      c->set_next (c, leaf, u);
      _chain_optim_descend (c, i, c->params[i], chain_div (g, c->rates[i], a.c1), chain_div (g, m, u));
    }
}

/* μ at step t + later: β₁ (1 − ½·0.96^((t + later) ψ)), host */
static ChainId
nadam_mu (ChainOptimCtx *c, const Adam *a, ChainId psi, double later)
{
  ChainGraph *g = c->g;
  ChainId t = chain_add (g, c->step, chain_const (g, later));
  ChainId bend = chain_mul (g, chain_const (g, 0.5), chain_pow (g, chain_const (g, 0.96), chain_mul (g, t, psi)));

  return chain_mul (g, a->b1, chain_sub (g, chain_const (g, 1), bend));
}

/* Weights of g and of m in the step, host. */
static void
nadam_weights (ChainOptimCtx *c, const Adam *a, ChainId *of_g, ChainId *of_m)
{
  ChainGraph *g = c->g;
  ChainId one = chain_const (g, 1);

  if (_chain_optim_is (c, "optax_constant_momentum"))
    {
      ChainId later = chain_pow (g, a->b1, chain_add (g, c->step, one));

      *of_g = chain_div (g, chain_sub (g, one, a->b1), a->c1);
      *of_m = chain_div (g, a->b1, chain_sub (g, one, later));
    }
  else
    {
      ChainId psi = c->hyper_node (c, "momentum_decay"), leaf = c->scalar_state (c, "mu_product", 1);
      ChainId mu = nadam_mu (c, a, psi, 0), after = nadam_mu (c, a, psi, 1), product = chain_mul (g, leaf, mu);

      c->set_next (c, leaf, product);
      *of_g = chain_div (g, chain_sub (g, one, mu), chain_sub (g, one, product));
      *of_m = chain_div (g, after, chain_sub (g, one, chain_mul (g, product, after)));
    }
}

static void
build_nadam (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  Adam a = adam_hyper (c);
  ChainId of_g, of_m;

  nadam_weights (c, &a, &of_g, &of_m);
  for (guint i = 0; i < c->n; i++)
    {
      ChainId grad = _chain_optim_coupled (c, i), m = first_moment (c, i, &a, grad), v = second_moment (c, i, &a, grad);
      ChainId top = chain_add (g, chain_mul_s (g, grad, of_g), chain_mul_s (g, m, of_m));

      _chain_optim_tell (c, (int) i, 1, "g", grad);
      _chain_optim_tell (c, (int) i, 2, "factor of g", of_g);
      _chain_optim_tell (c, (int) i, 2, "factor of m", of_m);
      _chain_optim_tell (c, (int) i, 3, "m", m);
      _chain_optim_tell (c, (int) i, 4, "v", v);
      _chain_optim_descend (c, i, c->params[i], c->rates[i], chain_div (g, top, denominator (g, v, a.c2, a.eps)));
    }
}

/* ρ∞ = 2/(1 − β₂) − 1; ρ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ). use: 1 where ρ > 5; rectify: R √(1 − β₂ᵗ) there, 1 elsewhere. All host. */
static void
radam_terms (ChainOptimCtx *c, const Adam *a, ChainId *use, ChainId *rectify, ChainId *rho_out)
{
  ChainGraph *g = c->g;
  ChainId one = chain_const (g, 1), two = chain_const (g, 2), four = chain_const (g, 4);
  ChainId far = chain_sub (g, chain_div (g, two, chain_sub (g, one, a->b2)), one);
  ChainId gone = chain_div (g, chain_mul (g, chain_mul (g, two, c->step), chain_pow (g, a->b2, c->step)), a->c2);
  ChainId rho = chain_sub (g, far, gone);
  ChainId top = chain_mul (g, chain_mul (g, chain_sub (g, rho, four), chain_sub (g, rho, two)), far);
  ChainId bottom = chain_mul (g, chain_mul (g, chain_sub (g, far, four), chain_sub (g, far, two)), rho);

  *rho_out = rho;
  *use = chain_lt (g, chain_const (g, 5), rho);
  *rectify = chain_where (g, *use, chain_sqrt (g, chain_mul (g, chain_div (g, top, bottom), a->c2)), one);
}

static void
build_radam (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  Adam a = adam_hyper (c);
  ChainId use, rectify, skip, rho;

  radam_terms (c, &a, &use, &rectify, &rho);
  skip = chain_sub (g, chain_const (g, 1), use);
  for (guint i = 0; i < c->n; i++)
    {
      ChainId grad = _chain_optim_coupled (c, i), m = first_moment (c, i, &a, grad), v = second_moment (c, i, &a, grad);
      ChainId d = _chain_plus (g, chain_mul_s (g, _chain_plus (g, chain_sqrt (g, v), a.eps), use), skip);
      ChainId rate = chain_mul (g, chain_div (g, c->rates[i], a.c1), rectify);

      tell_adam (c, i, &a, grad, m, v);
      _chain_optim_tell (c, (int) i, 6, "ρ", rho);
      _chain_optim_descend (c, i, c->params[i], rate, chain_div (g, m, d));
    }
}

/* v ← v − (1 − β₂) sign(v − g²) g²: v moves by at most a share of g², whatever it was. */
static void
build_yogi (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  gboolean correct = chain_param (&c->hyper, "bias_correction") != 0;
  Adam a = adam_hyper (c);
  ChainId share = chain_sub (g, chain_const (g, 1), a.b2);

  for (guint i = 0; i < c->n; i++)
    {
      ChainId grad = c->grads[i], m = first_moment (c, i, &a, grad), sq = chain_square (g, grad);
      ChainId leaf = c->state (c, i, "v", chain_param (&c->hyper, "initial_accumulator"));
      ChainId v = chain_sub (g, leaf, chain_mul_s (g, chain_mul (g, chain_sign (g, chain_sub (g, leaf, sq)), sq), share));
      ChainId d = correct ? denominator (g, v, a.c2, a.eps) : _chain_plus (g, chain_sqrt (g, v), a.eps);

      tell_decayed (c, i, grad, m, v);
      c->set_next (c, leaf, v);
      _chain_optim_descend (c, i, _chain_optim_decayed (c, i), correct ? chain_div (g, c->rates[i], a.c1) : c->rates[i],
                            chain_div (g, m, d));
    }
}

static void
build_adabelief (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  Adam a = adam_hyper (c);
  ChainId outside = c->hyper_node (c, "eps_outside");

  for (guint i = 0; i < c->n; i++)
    {
      ChainId grad = c->grads[i], m = first_moment (c, i, &a, grad), leaf = c->state (c, i, "v", 0);
      ChainId surprise = chain_square (g, chain_sub (g, grad, m));
      ChainId v = _chain_plus (g, _chain_average (g, leaf, a.b2, surprise), a.eps);

      tell_decayed (c, i, grad, m, v);
      c->set_next (c, leaf, v);
      _chain_optim_descend (c, i, _chain_optim_decayed (c, i), chain_div (g, c->rates[i], a.c1),
                            chain_div (g, m, denominator (g, v, a.c2, outside)));
    }
}

/* ‖w‖/‖u‖, 1 where either is 0. */
static ChainId
trust_ratio (ChainGraph *g, ChainId w, ChainId u)
{
  ChainId a = _chain_norm (g, w), b = _chain_norm (g, u), one = chain_full (g, chain_shape (1, 1), 1);
  ChainId both = chain_mul (g, chain_sign (g, a), chain_sign (g, b));

  return chain_where (g, both, chain_div (g, a, chain_where (g, both, b, one)), one);
}

static void
build_lamb (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  Adam a = adam_hyper (c);

  for (guint i = 0; i < c->n; i++)
    {
      ChainId grad = c->grads[i], m = first_moment (c, i, &a, grad), v = second_moment (c, i, &a, grad);
      ChainId u = chain_div (g, chain_div_s (g, m, a.c1), denominator (g, v, a.c2, a.eps));

      if (c->decay[i] != 0)
        u = chain_add (g, chain_scale (g, c->params[i], c->decay[i]), u);
      tell_adam (c, i, &a, grad, m, v);
      _chain_optim_tell (c, (int) i, 6, "u", u);
      _chain_optim_descend (c, i, c->params[i], c->rates[i], chain_mul_s (g, u, trust_ratio (g, c->params[i], u)));
    }
}

#define MOMENTS PARAM_SHARE ("beta1", N_ ("First-moment decay β₁"), 0.9), PARAM_SHARE ("beta2", N_ ("Second-moment decay β₂"), 0.999)
#define SMALL(start) PARAM_EPS ("eps", N_ ("Small number ε"), start)

#define CORRECTION PARAM_SWITCH ("bias_correction", N_ ("Bias correction (0 or 1)"), 1)

static const ChainParamInfo adam_params[] = { PARAM_LR (0.001), MOMENTS, SMALL (1e-8), CORRECTION, PARAM_DECAY (0) };
static const ChainParamInfo moment_params[] = { PARAM_LR (0.001), MOMENTS, SMALL (1e-8), PARAM_DECAY (0) };
static const ChainParamInfo adamw_params[] = { PARAM_LR (0.001), MOMENTS, SMALL (1e-8), PARAM_DECAY (0.01) };
static const ChainParamInfo adamax_params[] = { PARAM_LR (0.002), MOMENTS, SMALL (1e-8), PARAM_DECAY (0) };
static const ChainParamInfo nadam_params[] = {
  PARAM_LR (0.002), MOMENTS, SMALL (1e-8), { ROW_PARAM ("momentum_decay", N_ ("Momentum decay ψ"), 0.004, 0, 10) }, PARAM_DECAY (0),
};
static const ChainParamInfo yogi_params[] = {
  PARAM_LR (0.01), MOMENTS, SMALL (1e-3),
  { ROW_PARAM ("initial_accumulator", N_ ("First v₀"), 1e-6, 0, 1e3), .log_scale = TRUE },
  CORRECTION, PARAM_DECAY (0),
};
static const ChainParamInfo belief_params[] = {
  PARAM_LR (0.001), MOMENTS, PARAM_EPS ("eps", N_ ("Small number ε inside"), 1e-16), PARAM_EPS ("eps_outside", N_ ("Small number ε₂ outside"), 1e-16),
  PARAM_DECAY (0),
};
static const ChainParamInfo lamb_params[] = { PARAM_LR (0.001), MOMENTS, SMALL (1e-6), PARAM_DECAY (0.01) };

#define ADAM_LINES \
  "1  g ← ∇ℓ(w) + λ w\n2  m ← β₁ m + (1 − β₁) g\n3  v ← β₂ v + (1 − β₂) g ⊙ g\n4  m̂ ← m / (1 − β₁ᵗ)\n5  v̂ ← v / (1 − β₂ᵗ)\n"

static const ChainOptimRow rows[] = {
  { .info = { ROW_INFO ("adam", N_ ("Adam"), "w ← w − η m̂/(√v̂ + ε), m̂ and v̂ averages of g and g², corrected; slide: η m̂/√(v̂ + ε)", "–",
              "Kingma & Ba 2015; Goodfellow et al. 2016, Alg. 8.7", "Adaptive Learning Rates", "PyTorch Adam · Keras Adam (ε̂ 1e-7) · optax adam",
              N_ ("Use it first: it works with little tuning. Slide form: δ inside the root."), N_ ("Adam and relatives")), ROW_PARAMS (adam_params),
              ROW_VARIANTS ("standard", "slide_eps_inside_root", "keras_epsilon_hat") },
    .build = build_adam, .pseudo = ADAM_LINES "6  w ← w − η m̂ / (√v̂ + ε), slide: η m̂ / √(v̂ + ε)" },
  { .info = { ROW_INFO ("adamw", N_ ("AdamW"), "w ← (1 − η λ) w, then Adam without λ", "–", "Loshchilov & Hutter 2019", NULL,
              "PyTorch AdamW (λ 0.01) · Keras AdamW (0.004) · optax adamw (1e-4)",
              N_ ("Use it as Adam with weight decay that the adaptive rate does not distort."), N_ ("Adam and relatives")),
              ROW_PARAMS (adamw_params), ROW_VARIANTS ("pytorch") },
    .build = build_adamw,
    .pseudo = "1  g ← ∇ℓ(w)\n2  w ← (1 − η λ) w\n3  m ← β₁ m + (1 − β₁) g\n4  v ← β₂ v + (1 − β₂) g ⊙ g\n"
              "5  m̂ ← m / (1 − β₁ᵗ), v̂ ← v / (1 − β₂ᵗ)\n6  w ← w − η m̂ / (√v̂ + ε)" },
  { .info = { ROW_INFO ("amsgrad", N_ ("AMSGrad"), "v_max ← max(v_max, v); w ← w − η m̂/(√v̂_max + ε), m and v averages of g and g²", "–",
              "Reddi et al. 2018", NULL, "PyTorch Adam(amsgrad=True) · Keras Adam(amsgrad=True) · optax amsgrad (maximum of v̂)",
              N_ ("Use it when Adam will not settle: its rates never grow again."), N_ ("Adam and relatives")), ROW_PARAMS (moment_params),
              ROW_VARIANTS ("pytorch", "optax_max_of_corrected", "paper_no_bias_correction") },
    .build = build_amsgrad, .pseudo = ADAM_LINES "6  v_max ← max(v_max, v)\n7  w ← w − η m̂ / (√(v_max / (1 − β₂ᵗ)) + ε)" },
  { .info = { ROW_INFO ("adamax", N_ ("Adamax"), "u ← max(β₂ u, |g| + ε); w ← w − η/(1 − β₁ᵗ) m/u, m average of g", "–", "Kingma & Ba 2015", NULL,
              "PyTorch Adamax · Keras Adamax (ε outside u) · optax adamax",
              N_ ("Use it as Adam with the largest gradient in place of the mean square."), N_ ("Adam and relatives")),
              ROW_PARAMS (adamax_params), ROW_VARIANTS ("pytorch") },
    .build = build_adamax, .pseudo = "1  g ← ∇ℓ(w) + λ w\n2  m ← β₁ m + (1 − β₁) g\n3  u ← max(β₂ u, |g| + ε)\n4  w ← w − η / (1 − β₁ᵗ) · m / u" },
  { .info = { ROW_INFO ("nadam", N_ ("NAdam"), "w ← w − η [(1 − μₜ)/(1 − Π) g + μₜ₊₁/(1 − Π μₜ₊₁) m]/(√v̂ + ε)", "–", "Dozat 2016", NULL,
              "PyTorch NAdam · Keras Nadam (ψ 1) · optax nadam (constant momentum)", N_ ("Use it as Adam with Nesterov's look ahead."),
              N_ ("Adam and relatives")),
              ROW_PARAMS (nadam_params), ROW_VARIANTS ("dozat_pytorch", "optax_constant_momentum") },
    .build = build_nadam,
    .pseudo = "1  g ← ∇ℓ(w) + λ w\n2  μₜ ← β₁ (1 − ½·0.96^(tψ)), Π ← Π μₜ\n3  m ← β₁ m + (1 − β₁) g\n4  v ← β₂ v + (1 − β₂) g ⊙ g\n"
              "5  w ← w − η [(1 − μₜ)/(1 − Π) g + μₜ₊₁/(1 − Π μₜ₊₁) m] / (√v̂ + ε)" },
  { .info = { ROW_INFO ("radam", N_ ("RAdam"), "ρ > 5: w ← w − η R m̂ √(1 − β₂ᵗ)/(√v + ε), else w ← w − η m̂; ρ grows with t, R a factor below 1",
              "–", "Liu et al. 2020", NULL, "PyTorch RAdam · Keras – · optax radam (ρ ≥ 5)",
              N_ ("Use it in place of Adam with a warm-up: it warms itself up while its averages settle."), N_ ("Adam and relatives")),
              ROW_PARAMS (moment_params), ROW_VARIANTS ("pytorch") },
    .build = build_radam, .pseudo = ADAM_LINES "6  ρ ← ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)\n7  if ρ > 5: w ← w − η R m̂ √(1 − β₂ᵗ) / (√v + ε), else w ← w − η m̂" },
  { .info = { ROW_INFO ("yogi", N_ ("Yogi"), "v ← v − (1 − β₂) sign(v − g²) g²; w ← w − η m̂/(√v̂ + ε)", "–", "Zaheer et al. 2018", NULL,
              "PyTorch – · Keras – · optax yogi",
              N_ ("Use it in place of Adam when large gradients are rare: its rates rise only slowly afterwards."), N_ ("Adam and relatives")),
              ROW_PARAMS (yogi_params) },
    .build = build_yogi,
    .pseudo = "1  g ← ∇ℓ(w)\n2  w ← (1 − η λ) w\n3  m ← β₁ m + (1 − β₁) g\n4  v ← v − (1 − β₂) sign(v − g²) g²\n5  w ← w − η m̂ / (√v̂ + ε)" },
  { .info = { ROW_INFO ("adabelief", N_ ("AdaBelief"), "v ← β₂ v + (1 − β₂)(g − m)² + ε; w ← w − η m̂/(√v̂ + ε₂)", "–", "Zhuang et al. 2020", NULL,
              "PyTorch – · Keras – · optax adabelief",
              N_ ("Use it in place of Adam for large steps where the gradient is as expected and small ones where it surprises."),
              N_ ("Adam and relatives")),
              ROW_PARAMS (belief_params) },
    .build = build_adabelief,
    .pseudo = "1  g ← ∇ℓ(w)\n2  w ← (1 − η λ) w\n3  m ← β₁ m + (1 − β₁) g\n4  v ← β₂ v + (1 − β₂)(g − m)² + ε\n5  w ← w − η m̂ / (√v̂ + ε₂)" },
  { .info = { ROW_INFO ("lamb", N_ ("LAMB"), "u = m̂/(√v̂ + ε) + λ w; w ← w − η (‖w‖/‖u‖) u, m̂ and v̂ as in Adam", "–", "You et al. 2020", NULL,
              "PyTorch – · Keras Lamb · optax lamb", N_ ("Use it as Adam for very large batches: each layer moves by a share of its own length."),
              N_ ("Layer-wise")), ROW_PARAMS (lamb_params) },
    .build = build_lamb, .pseudo = ADAM_LINES "6  u ← m̂ / (√v̂ + ε) + λ w (λ not in line 1)\n7  w ← w − η (‖w‖ / ‖u‖) u" },
};

const void *
_chain_optim_adam (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
