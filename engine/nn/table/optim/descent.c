/* SPDX-License-Identifier: Apache-2.0 */
/* Gradient descent and momentum (SPEC 7.1–7.3). SLIDE: Batch gradient descent; Adaptive Learning Rates, Algorithm 8.2.
 *
 * A row builds the next values as nodes, so that the stepper can walk through an update as it walks through a layer. Hyperparameters are
 * host leaves: moving a slider changes a number, not the graph. Only what changes the set of states (momentum 0 or not, the variant) is
 * read when the graph is built.
 *
 * The slide keeps η inside the velocity, PyTorch outside: equal while η is constant, different after it changes (SPEC S7). */
#include "engine/nn/table/optim/optim-private.h"

#include <math.h>

gboolean
_chain_optim_is (const ChainOptimCtx *c, const char *variant)
{
  return g_str_equal (chain_param_variant (&c->hyper), variant);
}

void
_chain_optim_tell (ChainOptimCtx *c, int i, guint line, const char *symbol, ChainId node)
{
  if (c->tell != NULL)
    c->tell (c, i, line, symbol, node);
}

void
_chain_optim_tell_corrected (ChainOptimCtx *c, guint i, guint m_line, guint v_line, ChainId m, ChainId c1, ChainId v, ChainId c2)
{
  if (c->tell == NULL)
    return;
  c->tell (c, (int) i, m_line, "m̂", chain_div_s (c->g, m, c1));
  c->tell (c, (int) i, v_line, "v̂", chain_div_s (c->g, v, c2));
}

ChainId
_chain_optim_coupled (ChainOptimCtx *c, guint i)
{
  if (c->decay[i] == 0)
    return c->grads[i];
  return chain_add (c->g, chain_scale (c->g, c->params[i], c->decay[i]), c->grads[i]);
}

ChainId
_chain_optim_decayed (ChainOptimCtx *c, guint i)
{
  ChainGraph *g = c->g;
  ChainId keep;

  if (c->decay[i] == 0)
    return c->params[i];
  keep = chain_sub (g, chain_const (g, 1), chain_mul (g, c->rates[i], chain_const (g, c->decay[i])));
  return chain_mul_s (g, c->params[i], keep);
}

void
_chain_optim_descend (ChainOptimCtx *c, guint i, ChainId from, ChainId rate, ChainId d)
{
  ChainId next = chain_sub (c->g, from, chain_mul_s (c->g, d, rate));

  _chain_optim_tell (c, (int) i, 0, "η", c->rates[i]);   /* what the row makes of it is in its lines */
  _chain_optim_tell (c, (int) i, 0, "w", next);
  c->set_next (c, c->params[i], next);
}

ChainId
_chain_optim_correction (ChainOptimCtx *c, ChainId beta)
{
  return chain_sub (c->g, chain_const (c->g, 1), chain_pow (c->g, beta, c->step));
}

ChainId
_chain_optim_average (ChainOptimCtx *c, guint i, const char *name, double start, ChainId b, ChainId x)
{
  ChainId leaf = c->state (c, i, name, start);
  ChainId next = _chain_average (c->g, leaf, b, x);

  c->set_next (c, leaf, next);
  return next;
}

ChainId
_chain_optim_from_parameter (ChainOptimCtx *c, guint i, const char *name, ChainId *leaf)
{
  ChainGraph *g = c->g;
  ChainId first = chain_eq (g, c->step, chain_const (g, 1));

  *leaf = c->state (c, i, name, NAN);
  return chain_where (g, chain_broadcast (g, first, _chain_shape_of (g, *leaf)), c->params[i], *leaf);
}

/* PyTorch: b₁ = g; b ← μ b + (1 − d) g. The state starts at 0, so the first step only has to leave out the dampening. */
static void
build_sgd (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  gboolean heavy = chain_param (&c->hyper, "momentum") != 0, ahead = chain_param (&c->hyper, "nesterov") != 0;
  ChainId one = chain_const (g, 1), mu = CHAIN_NONE, keep = CHAIN_NONE;

  if (heavy)
    {
      mu = c->hyper_node (c, "momentum");
      keep = chain_where (g, chain_eq (g, c->step, one), one, chain_sub (g, one, c->hyper_node (c, "dampening")));
    }
  for (guint i = 0; i < c->n; i++)
    {
      ChainId d = _chain_optim_coupled (c, i), b = d;

      _chain_optim_tell (c, (int) i, 1, "g", d);
      if (heavy)
        {
          ChainId leaf = c->state (c, i, "momentum", 0);

          b = chain_add (g, chain_mul_s (g, leaf, mu), chain_mul_s (g, d, keep));
          c->set_next (c, leaf, b);
          d = ahead ? chain_add (g, chain_mul_s (g, b, mu), d) : b;
        }
      _chain_optim_tell (c, (int) i, 2, "b", b);
      _chain_optim_tell (c, (int) i, 3, "d", d);
      _chain_optim_descend (c, i, c->params[i], c->rates[i], d);
    }
}

/* v ← α v − η g; w ← w + v */
static void
velocity_step (ChainOptimCtx *c, guint i, ChainId v, ChainId alpha, ChainId grad)
{
  ChainGraph *g = c->g;
  ChainId next = chain_sub (g, chain_mul_s (g, v, alpha), chain_mul_s (g, grad, c->rates[i])), w = chain_add (g, c->params[i], next);

  _chain_optim_tell (c, (int) i, 1, "g", grad);
  _chain_optim_tell (c, (int) i, 2, "α", alpha);
  _chain_optim_tell (c, (int) i, 2, "η", c->rates[i]);
  _chain_optim_tell (c, (int) i, 2, "v", next);
  _chain_optim_tell (c, (int) i, 3, "w", w);

  c->set_next (c, v, next);
  c->set_next (c, c->params[i], w);
}

static void
build_momentum (ChainOptimCtx *c)
{
  ChainId alpha = c->hyper_node (c, "alpha");

  for (guint i = 0; i < c->n; i++)
    velocity_step (c, i, c->state (c, i, "velocity", 0), alpha, _chain_optim_coupled (c, i));
}

/* Goodfellow 8.3: the gradient is taken at w + α v, so the model is instantiated a second time there. */
static void
build_nesterov (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  ChainId alpha = c->hyper_node (c, "alpha");
  g_autofree ChainId *v = g_new (ChainId, c->n);
  g_autofree ChainId *ahead = g_new (ChainId, c->n);
  g_autofree ChainId *grads = g_new (ChainId, c->n);

  for (guint i = 0; i < c->n; i++)
    {
      v[i] = c->state (c, i, "velocity", 0);
      ahead[i] = chain_add (g, chain_mul_s (g, v[i], alpha), c->params[i]);
    }
  c->loss_at (c, ahead, grads);
  for (guint i = 0; i < c->n; i++)
    {
      ChainId grad = grads[i] != CHAIN_NONE ? grads[i] : chain_zeros_like (g, ahead[i]);

      if (c->decay[i] != 0)
        grad = chain_add (g, chain_scale (g, ahead[i], c->decay[i]), grad);
      velocity_step (c, i, v[i], alpha, grad);
    }
}

static const ChainParamInfo sgd_params[] = {
  PARAM_LR (0.1),
  PARAM_SHARE ("momentum", N_ ("Momentum μ"), 0),
  PARAM_SHARE ("dampening", N_ ("Dampening d"), 0),
  PARAM_DECAY (0),
  PARAM_SWITCH ("nesterov", N_ ("Nesterov's form (0 or 1)"), 0),
};
static const ChainParamInfo momentum_params[] = { PARAM_LR (0.01), PARAM_SHARE ("alpha", N_ ("Momentum α"), 0.9) };

static const ChainOptimRow rows[] = {
  { .info = { ROW_INFO ("sgd", N_ ("Gradient descent (SGD)"), "w ← w − η g; with momentum b ← μ b + (1 − d) g, w ← w − η b", "–",
              "Robbins & Monro 1951; Sutskever et al. 2013", "Batch gradient descent", "PyTorch SGD · Keras SGD · optax sgd",
              N_ ("Use it as the plain rule, with all samples, one, or a minibatch; with momentum and a schedule it is hard to beat."),
              N_ ("Descent")),
              ROW_PARAMS (sgd_params), ROW_VARIANTS ("pytorch") },
    .build = build_sgd,
    .pseudo = "1  g ← ∇ℓ(w) + λ w\n2  if μ ≠ 0: b ← μ b + (1 − d) g (first step: b ← g)\n3  d ← g + μ b (Nesterov), b, or g\n4  w ← w − η d" },
  { .info = { ROW_INFO ("momentum", N_ ("Momentum (Algorithm 8.2)"), "v ← α v − η g; w ← w + v", "–", "Polyak 1964; Goodfellow et al. 2016, Alg. 8.2",
              "Adaptive Learning Rates", "PyTorch SGD(momentum) with η outside · Keras SGD(momentum) · optax sgd(momentum)",
              N_ ("Use it against zigzags in narrow valleys: it rolls like a ball. Here η is inside the velocity, in PyTorch outside."),
              N_ ("Descent")),
              ROW_PARAMS (momentum_params), ROW_VARIANTS ("slide_goodfellow_8.2") },
    .build = build_momentum, .pseudo = "1  g ← ∇ℓ(w)\n2  v ← α v − η g\n3  w ← w + v" },
  { .info = { ROW_INFO ("nesterov", N_ ("Nesterov momentum (Algorithm 8.3)"), "g at w + α v; v ← α v − η g; w ← w + v", "–",
              "Nesterov 1983; Sutskever et al. 2013", NULL, "PyTorch SGD(nesterov) in another form · Keras SGD(nesterov) · optax sgd(nesterov)",
              N_ ("Use it as momentum that looks ahead before it takes the gradient: steadier, at two gradients a step."), N_ ("Descent")),
              ROW_PARAMS (momentum_params), ROW_VARIANTS ("goodfellow_8.3") },
    .build = build_nesterov, .pseudo = "1  g ← ∇ℓ(w + α v)\n2  v ← α v − η g\n3  w ← w + v" },
};

const void *
_chain_optim_descent (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
