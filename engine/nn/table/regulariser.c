/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps weights and gradients small (SPEC 5): penalties on the loss, clipping of the gradient, constraints on the weights.
 *
 * SLIDE: Regularisation. Within a step penalties come first (they are part of the loss), then clipping, then the optimiser, then
 * constraints. Every number of a row is a host node, so a slider never plans again. A row of a weight holds what goes into one unit. */
#include "engine/base/limits.h"
#include "engine/nn/table/rows.h"

static gboolean
is_variant (const ChainRegularCtx *c, const char *name)
{
  return g_str_equal (chain_param_variant (&c->p), name);
}

static ChainId
sum_of_abs (ChainGraph *g, ChainId w)
{
  return chain_sum_all (g, chain_abs (g, w));
}

static ChainId
sum_of_squares (ChainGraph *g, ChainId w)
{
  return chain_sum_all (g, chain_square (g, w));
}

/* --- penalties --- */
static ChainId
penalty_l1 (ChainRegularCtx *c, ChainId w)
{
  return chain_mul (c->g, sum_of_abs (c->g, w), c->node (c, "lambda"));
}

static ChainId
penalty_l2 (ChainRegularCtx *c, ChainId w)
{
  ChainGraph *g = c->g;
  ChainId lambda = c->node (c, "lambda");

  return chain_mul (g, sum_of_squares (g, w), is_variant (c, "half") ? chain_mul (g, lambda, chain_const (g, 0.5)) : lambda);
}

/* λ (ρ Σ|w| + ½ (1 − ρ) Σw²); Keras: l1 Σ|w| + l2 Σw² */
static ChainId
penalty_elastic (ChainRegularCtx *c, ChainId w)
{
  ChainGraph *g = c->g;
  ChainId a, b;

  if (is_variant (c, "keras_l1_l2"))
    {
      a = c->node (c, "l1");
      b = c->node (c, "l2");
    }
  else
    {
      ChainId lambda = c->node (c, "lambda"), ratio = c->node (c, "l1_ratio");

      a = chain_mul (g, lambda, ratio);
      b = chain_mul (g, chain_mul (g, lambda, chain_const (g, 0.5)), chain_sub (g, chain_const (g, 1), ratio));
    }
  return chain_add (g, chain_mul (g, sum_of_abs (g, w), a), chain_mul (g, sum_of_squares (g, w), b));
}

static ChainId
penalty_group (ChainRegularCtx *c, ChainId w)
{
  return chain_mul (c->g, chain_sum_all (c->g, _chain_row_lengths (c->g, w)), c->node (c, "lambda"));
}

/* --- constraints --- */
/* w_row · min (1, c/‖w_row‖); Keras: w_row · min (‖w_row‖, c)/(ε + ‖w_row‖) */
static ChainId
project_max_norm (ChainRegularCtx *c, ChainId w)
{
  ChainGraph *g = c->g;
  ChainId norm = chain_sqrt (g, _chain_sum_cols (g, chain_square (g, w))), factor;
  ChainShape shape = _chain_shape_of (g, norm);
  ChainId limit = chain_broadcast (g, c->node (c, "c"), shape);

  if (is_variant (c, "keras_clip_with_epsilon"))
    factor = chain_div (g, chain_min (g, norm, limit), _chain_plus (g, norm, c->node (c, "eps")));
  else
    factor = chain_div (g, limit, chain_max (g, norm, limit));
  return chain_mul (g, w, chain_broadcast (g, factor, _chain_shape_of (g, w)));
}

/* clip (w, −c, c) */
static ChainId
project_clip (ChainRegularCtx *c, ChainId w)
{
  ChainId limit = chain_broadcast (c->g, c->node (c, "c"), _chain_shape_of (c->g, w));

  return chain_max (c->g, chain_min (c->g, w, limit), chain_neg (c->g, limit));
}

/* --- clipping --- */
static void
clip_value (ChainRegularCtx *c, ChainId *grads, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      ChainId limit = chain_broadcast (c->g, c->node (c, "clip"), _chain_shape_of (c->g, grads[i]));

      grads[i] = chain_max (c->g, chain_min (c->g, grads[i], limit), chain_neg (c->g, limit));
    }
}

/* What a gradient of this norm is multiplied by: c/max (n, c), or PyTorch's min (1, c/(n + 1e-6)); 1 x 1. */
static ChainId
shrink (ChainRegularCtx *c, ChainId norm)
{
  ChainGraph *g = c->g;
  ChainShape single = chain_shape (1, 1);
  ChainId limit = chain_broadcast (g, c->node (c, "max_norm"), single);

  if (is_variant (c, "pytorch_1e-6"))
    return chain_min (g, chain_full (g, single, 1), chain_div (g, limit, chain_offset (g, norm, 1e-6)));
  return chain_div (g, limit, chain_max (g, norm, limit));
}

static void
clip_global (ChainRegularCtx *c, ChainId *grads, guint n)
{
  ChainGraph *g = c->g;
  ChainId sum = CHAIN_NONE, factor;

  for (guint i = 0; i < n; i++)
    sum = sum == CHAIN_NONE ? sum_of_squares (g, grads[i]) : chain_add (g, sum, sum_of_squares (g, grads[i]));
  if (sum == CHAIN_NONE)
    return;
  factor = shrink (c, chain_sqrt (g, sum));
  for (guint i = 0; i < n; i++)
    grads[i] = chain_mul_s (g, grads[i], factor);
}

static void
clip_each (ChainRegularCtx *c, ChainId *grads, guint n)
{
  for (guint i = 0; i < n; i++)
    grads[i] = chain_mul_s (c->g, grads[i], shrink (c, _chain_norm (c->g, grads[i])));
}

#define PARAM_SIZE(id, label, start) { ROW_PARAM (id, label, start, 0, 1e6), .log_scale = TRUE }
#define PARAM_LIMIT(id, label, start) { ROW_PARAM (id, label, start, 0, 1e12), .open_min = TRUE, .log_scale = TRUE }
/* Of which loss the layers are meant, so that a constraint may hold for one of two networks. */
#define PARAM_LOSS { ROW_PARAM ("loss", N_ ("Only layers that this loss trains (0 = all)"), 0, 0, CHAIN_LIMIT_LAYERS), .integer = TRUE }
#define PARAM_ALL { ROW_PARAM ("all", N_ ("Biases, γ and β too (0 or 1)"), 0, 0, 1), .integer = TRUE }, PARAM_LOSS

static const ChainParamInfo penalty_params[] = { PARAM_SIZE ("lambda", N_ ("Strength λ"), 0.01), PARAM_ALL };
static const ChainParamInfo elastic_params[] = {
  PARAM_SIZE ("lambda", N_ ("Strength λ"), 0.01), { ROW_PARAM ("l1_ratio", N_ ("Share ρ of L1"), 0.5, 0, 1) },
  PARAM_SIZE ("l1", N_ ("L1 strength (Keras form)"), 0.01), PARAM_SIZE ("l2", N_ ("L2 strength (Keras form)"), 0.01), PARAM_ALL,
};
static const ChainParamInfo max_params[] = {
  PARAM_LIMIT ("c", N_ ("Longest row c"), 2), { ROW_PARAM ("eps", N_ ("Small number ε (Keras form)"), 1e-7, 0, 1), .log_scale = TRUE }, PARAM_ALL,
};
static const ChainParamInfo value_params[] = { PARAM_LIMIT ("clip", N_ ("Largest entry c"), 1), PARAM_LOSS };
static const ChainParamInfo clip_params[] = { PARAM_LIMIT ("c", N_ ("Largest weight c"), 0.01), PARAM_ALL };
static const ChainParamInfo norm_params[] = { PARAM_LIMIT ("max_norm", N_ ("Largest length c"), 1), PARAM_LOSS };

static const ChainRegularRow rows[] = {
  { .info = { ROW_INFO ("l1", N_ ("L1 penalty (lasso)"), "λ Σ|w|", "λ sign(w), 0 at 0", "Tibshirani 1996", "Unsupervised loss",
              "PyTorch – · Keras L1 · optax –", N_ ("Use it to drive weights to exactly zero, so that few connections remain."), N_ ("Penalties")),
              ROW_PARAMS (penalty_params) },
    .penalty = penalty_l1 },
  { .info = { ROW_INFO ("l2", N_ ("L2 penalty (weight decay)"), "½ λ Σw²; Keras: λ Σw²", "λ w; Keras: 2 λ w",
              "Hoerl & Kennard 1970; Krogh & Hertz 1992", "Unsupervised loss", "PyTorch weight_decay · Keras L2 (no ½) · optax add_decayed_weights",
              N_ ("Use it against overfitting: it keeps weights small and answers smooth."), N_ ("Penalties")),
              ROW_PARAMS (penalty_params), ROW_VARIANTS ("half", "keras_no_half") },
    .penalty = penalty_l2 },
  { .info = { ROW_INFO ("elastic_net", N_ ("Elastic net"), "λ (ρ Σ|w| + ½ (1 − ρ) Σw²); Keras: l₁ Σ|w| + l₂ Σw²", "λ (ρ sign w + (1 − ρ) w)",
              "Zou & Hastie 2005", NULL, "PyTorch – · Keras L1L2 · optax –",
              N_ ("Use it for few connections when groups of alike inputs should stay together."), N_ ("Penalties")), ROW_PARAMS (elastic_params),
              ROW_VARIANTS ("zou_hastie_ratio", "keras_l1_l2") },
    .penalty = penalty_elastic },
  { .info = { ROW_INFO ("group_lasso", N_ ("Group lasso"), "λ Σ ‖w_row‖", "λ w_row/‖w_row‖, 0 at 0", "Yuan & Lin 2006", NULL,
              "PyTorch – · Keras – · optax –", N_ ("Use it to switch whole units off: a row holds what goes into one unit."), N_ ("Penalties")),
              ROW_PARAMS (penalty_params), ROW_VARIANTS ("rows") },
    .penalty = penalty_group },
  { .info = { ROW_INFO ("max_norm", N_ ("Max-norm"), "w_row ← w_row · min(1, c/‖w_row‖)", "–", "Srebro et al. 2005; Srivastava et al. 2014", NULL,
              "PyTorch renorm · Keras MaxNorm (c 2) · optax –",
              N_ ("Use it with dropout and large rates: it bounds the length of the weights of each unit."), N_ ("Constraints")),
              ROW_PARAMS (max_params), ROW_VARIANTS ("per_unit_row_projection", "keras_clip_with_epsilon") },
    .project = project_max_norm },
  { .info = { ROW_INFO ("weight_clipping", N_ ("Weight clipping"), "w ← clip(w, −c, c)", "–", "Arjovsky et al. 2017", NULL,
              "PyTorch clamp_ · Keras – · optax –",
              N_ ("Use it on the judge of a Wasserstein pair, whose slope it bounds; elsewhere a penalty is better."), N_ ("Constraints")),
              ROW_PARAMS (clip_params) },
    .project = project_clip },
  { .info = { ROW_INFO ("clip_value", N_ ("Clip by value"), "g ← clip(g, −c, c)", "–", "Mikolov 2012", NULL,
              "PyTorch clip_grad_value_ · Keras clipvalue · optax clip",
              N_ ("Use it to bound every entry of a gradient by itself; this changes the direction of the step."), N_ ("Clipping")),
              ROW_PARAMS (value_params) },
    .clip = clip_value },
  { .info = { ROW_INFO ("clip_global_norm", N_ ("Clip by norm (all together)"), "g ← g · c/max(‖g‖, c), ‖g‖ over all tensors", "–",
              "Pascanu et al. 2013", NULL, "PyTorch clip_grad_norm_ (+ 1e-6) · Keras global_clipnorm · optax clip_by_global_norm",
              N_ ("Use it against steps that blow up: it bounds the length of the step and keeps its direction."), N_ ("Clipping")),
              ROW_PARAMS (norm_params), ROW_VARIANTS ("standard", "pytorch_1e-6") },
    .clip = clip_global },
  { .info = { ROW_INFO ("clip_per_tensor_norm", N_ ("Clip by norm (each tensor)"), "g ← g · c/max(‖g‖, c) for each tensor", "–", "–", NULL,
              "PyTorch – · Keras clipnorm · optax clip_by_block_norm", N_ ("Use it to bound the step of each layer by itself."), N_ ("Clipping")),
              ROW_PARAMS (norm_params) },
    .clip = clip_each },
};

const void *
_chain_regular_rows (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
