/* SPDX-License-Identifier: Apache-2.0 */
/* Optimisers around an optimiser (SPEC 7.22, 7.23): SAM and ASAM give their base another gradient, Lookahead gives it a slow copy to
 * come back to. The variant names the base.
 *
 * The base is the row of the table itself, run in a context that passes everything on but what the wrapper wants to see: the gradients it
 * reads, the next values it sets. Its hyperparameters are parameters of the wrapper under the same names and with the same defaults. */
#include "engine/nn/table/optim/optim-private.h"

typedef struct
{
  ChainOptimCtx  inner;
  ChainOptimCtx *outer;
  ChainId       *next;      /* of each parameter; NULL: passed on */
} Base;

static Base *
base_of (ChainOptimCtx *c)
{
  return c->data;
}

static ChainId
pass_hyper_node (ChainOptimCtx *c, const char *name)
{
  ChainOptimCtx *o = base_of (c)->outer;

  return o->hyper_node (o, name);
}

static ChainId
pass_state (ChainOptimCtx *c, guint i, const char *name, double start)
{
  ChainOptimCtx *o = base_of (c)->outer;

  return o->state (o, i, name, start);
}

static ChainId
pass_sized_state (ChainOptimCtx *c, guint i, const char *name, guint rows, guint cols, double start)
{
  ChainOptimCtx *o = base_of (c)->outer;

  return o->sized_state (o, i, name, rows, cols, start);
}

static ChainId
pass_scalar_state (ChainOptimCtx *c, const char *name, double start)
{
  ChainOptimCtx *o = base_of (c)->outer;

  return o->scalar_state (o, name, start);
}

static void
pass_set_next (ChainOptimCtx *c, ChainId leaf, ChainId next)
{
  Base *b = base_of (c);

  for (guint i = 0; b->next != NULL && i < c->n; i++)
    if (c->params[i] == leaf)
      {
        b->next[i] = next;
        return;
      }
  b->outer->set_next (b->outer, leaf, next);
}

static ChainId
pass_loss_at (ChainOptimCtx *c, const ChainId *params, ChainId *out_grads)
{
  ChainOptimCtx *o = base_of (c)->outer;

  return o->loss_at (o, params, out_grads);
}

/* Runs the row that the variant names on these gradients. */
static void
run_base (ChainOptimCtx *c, const ChainId *grads, ChainId *next)
{
  const ChainOptimRow *row = chain_optim_row (chain_param_variant (&c->hyper));
  Base b = { .inner = *c, .outer = c, .next = next };

  b.inner.grads = grads;
  b.inner.hyper.info = &row->info;
  b.inner.hyper_node = pass_hyper_node;
  b.inner.state = pass_state;
  b.inner.sized_state = pass_sized_state;
  b.inner.scalar_state = pass_scalar_state;
  b.inner.set_next = pass_set_next;
  b.inner.loss_at = pass_loss_at;
  b.inner.tell = NULL;   /* the lines are the wrapper's */
  b.inner.data = &b;
  row->build (&b.inner);
}

/* ρ / (‖all of a‖ + 1e-12), 1 x 1 */
static ChainId
radius (ChainOptimCtx *c, const ChainId *a)
{
  ChainGraph *g = c->g;
  ChainId sum = CHAIN_NONE;

  for (guint i = 0; i < c->n; i++)
    {
      ChainId sq = chain_sum_all (g, chain_square (g, a[i]));

      sum = sum == CHAIN_NONE ? sq : chain_add (g, sum, sq);
    }
  return chain_div (g, chain_broadcast (g, c->hyper_node (c, "rho"), chain_shape (1, 1)), chain_offset (g, chain_sqrt (g, sum), 1e-12));
}

/* e = ρ g/(‖g‖ + 1e-12), adaptive: e = ρ w² ⊙ g/(‖|w| ⊙ g‖ + 1e-12); the base steps from w with the gradient at w + e. */
static void
sharpness_aware (ChainOptimCtx *c, gboolean adaptive)
{
  ChainGraph *g = c->g;
  g_autofree ChainId *scaled = g_new (ChainId, c->n), *at = g_new (ChainId, c->n), *grads = g_new (ChainId, c->n), *next = g_new (ChainId, c->n);
  ChainId r;

  for (guint i = 0; i < c->n; i++)
    scaled[i] = adaptive ? chain_mul (g, chain_abs (g, c->params[i]), c->grads[i]) : c->grads[i];
  r = radius (c, scaled);
  for (guint i = 0; i < c->n; i++)
    {
      ChainId d = adaptive ? chain_mul (g, chain_abs (g, c->params[i]), scaled[i]) : scaled[i];
      ChainId e = chain_mul_s (g, d, r);

      at[i] = chain_add (g, c->params[i], e);
      _chain_optim_tell (c, (int) i, 1, "g", c->grads[i]);
      _chain_optim_tell (c, (int) i, 2, "e", e);
    }
  c->loss_at (c, at, grads);
  for (guint i = 0; i < c->n; i++)
    if (grads[i] == CHAIN_NONE)
      grads[i] = chain_zeros_like (g, at[i]);
  run_base (c, grads, next);
  for (guint i = 0; i < c->n; i++)
    {
      _chain_optim_tell (c, (int) i, 3, "g", grads[i]);
      _chain_optim_tell (c, (int) i, 4, "w", next[i]);
      c->set_next (c, c->params[i], next[i]);
    }
}

static void
build_sam (ChainOptimCtx *c)
{
  sharpness_aware (c, FALSE);
}

static void
build_asam (ChainOptimCtx *c)
{
  sharpness_aware (c, TRUE);
}

/* Every k steps: s ← s + α (w − s); w ← s. The base keeps its moments. */
static void
build_lookahead (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  g_autofree ChainId *next = g_new (ChainId, c->n);
  ChainId k = c->hyper_node (c, "k"), alpha = c->hyper_node (c, "alpha");
  ChainId rounds = chain_floor (g, chain_div (g, c->step, k)), due = chain_eq (g, chain_mul (g, rounds, k), c->step);

  run_base (c, c->grads, next);
  for (guint i = 0; i < c->n; i++)
    {
      ChainId leaf, slow = _chain_optim_from_parameter (c, i, "slow", &leaf);
      ChainId now = chain_broadcast (g, due, _chain_shape_of (g, slow));
      ChainId moved = chain_where (g, now, chain_add (g, slow, chain_mul_s (g, chain_sub (g, next[i], slow), alpha)), slow);

      ChainId w = chain_where (g, now, moved, next[i]);

      _chain_optim_tell (c, (int) i, 1, "g", c->grads[i]);
      _chain_optim_tell (c, (int) i, 2, "w", next[i]);
      _chain_optim_tell (c, (int) i, 3, "s", moved);
      _chain_optim_tell (c, (int) i, 3, "w", w);
      c->set_next (c, leaf, moved);
      c->set_next (c, c->params[i], w);
    }
}

#define BASE_PARAMS \
  PARAM_SHARE ("momentum", N_ ("Momentum μ (base SGD)"), 0), PARAM_SHARE ("dampening", N_ ("Dampening d (base SGD)"), 0), \
  PARAM_SWITCH ("nesterov", N_ ("Nesterov's form (base SGD; 0 or 1)"), 0), PARAM_SHARE ("beta1", N_ ("First-moment decay β₁ (base Adam)"), 0.9), \
  PARAM_SHARE ("beta2", N_ ("Second-moment decay β₂ (base Adam)"), 0.999), PARAM_EPS ("eps", N_ ("Small number ε (base Adam)"), 1e-8), \
  PARAM_SWITCH ("bias_correction", N_ ("Bias correction (base Adam; 0 or 1)"), 1), PARAM_DECAY (0)
#define BASES ROW_VARIANTS ("sgd", "adam", "adamw")

static const ChainParamInfo sam_params[] = {
  PARAM_LR (0.05), { ROW_PARAM ("rho", N_ ("Radius ρ"), 0.05, 0, 1e3), .log_scale = TRUE }, BASE_PARAMS,
};
static const ChainParamInfo asam_params[] = {
  PARAM_LR (0.05), { ROW_PARAM ("rho", N_ ("Radius ρ"), 0.5, 0, 1e3), .log_scale = TRUE }, BASE_PARAMS,
};
static const ChainParamInfo lookahead_params[] = {
  PARAM_LR (0.05),
  { ROW_PARAM ("k", N_ ("Fast steps k between two slow ones"), 5, 1, 1e6), .integer = TRUE, .log_scale = TRUE },
  { ROW_PARAM ("alpha", N_ ("Slow step α"), 0.5, 0, 1) },
  BASE_PARAMS,
};

static const ChainOptimRow rows[] = {
  { .info = { ROW_INFO ("sam", N_ ("SAM (sharpness-aware)"), "e = ρ g/‖g‖; a step of the base from w with the gradient at w + e", "–",
              "Foret et al. 2021", NULL, "PyTorch – · Keras – · optax contrib.sam",
              N_ ("Use it to look for flat minima: two gradients a step, and often a better test score."), N_ ("Wrappers")),
              ROW_PARAMS (sam_params), BASES },
    .build = build_sam, .pseudo = "1  g ← ∇ℓ(w)\n2  e ← ρ g / (‖g‖ + 1e-12)\n3  g ← ∇ℓ(w + e)\n4  w ← base(w, g)" },
  { .info = { ROW_INFO ("asam", N_ ("ASAM (adaptive SAM)"), "e = ρ w² ⊙ g/‖|w| ⊙ g‖; a step of the base from w with the gradient at w + e", "–",
              "Kwon et al. 2021", NULL, "PyTorch – · Keras – · optax –",
              N_ ("Use it as SAM that does not change when the weights of a ReLU layer are scaled."), N_ ("Wrappers")),
              ROW_PARAMS (asam_params), BASES },
    .build = build_asam, .pseudo = "1  g ← ∇ℓ(w)\n2  e ← ρ w² ⊙ g / (‖|w| ⊙ g‖ + 1e-12)\n3  g ← ∇ℓ(w + e)\n4  w ← base(w, g)" },
  { .info = { ROW_INFO ("lookahead", N_ ("Lookahead"), "after k steps of the base: s ← s + α (w − s), w ← s, s the slow weights", "–",
              "Zhang et al. 2019", NULL, "PyTorch – · Keras – · optax lookahead",
              N_ ("Use it to steady a fast optimiser: it goes part of the way back to where it came from."), N_ ("Wrappers")),
              ROW_PARAMS (lookahead_params), BASES },
    .build = build_lookahead, .pseudo = "1  g ← ∇ℓ(w)\n2  w ← base(w, g)\n3  if k divides t: s ← s + α (w − s), w ← s" },
};

const void *
_chain_optim_wrap (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
