/* SPDX-License-Identifier: Apache-2.0 */
/* Optimisers that see a weight as a matrix (SPEC 7.19, 7.20): Adafactor keeps one number a row and one a column, Muon makes each step
 * orthogonal. Biases and other single rows are vectors to both. */
#include "engine/nn/table/optim/optim-private.h"

#include <math.h>

static gboolean
is_matrix (ChainOptimCtx *c, guint i)
{
  return _chain_shape_of (c->g, c->params[i]).rows > 1;
}

static double
entries (ChainShape s)
{
  return (double) s.rows * s.cols;
}

/* √ of the mean square, 1 x 1 */
static ChainId
root_mean_square (ChainGraph *g, ChainId a)
{
  return chain_scale (g, _chain_norm (g, a), 1 / sqrt (entries (_chain_shape_of (g, a))));
}

/* --- Adafactor --- */
/* The state of rows x cols numbers: b old + (1 − b) x. */
static ChainId
sized_average (ChainOptimCtx *c, guint i, const char *name, ChainId b, ChainId x)
{
  ChainShape s = _chain_shape_of (c->g, x);
  ChainId leaf = c->sized_state (c, i, name, (guint) s.rows, (guint) s.cols, 0), next = _chain_average (c->g, leaf, b, x);

  c->set_next (c, leaf, next);
  return next;
}

/* v = R C/mean (R), R and C running averages of the means of the rows and of the columns of g² + ε₁. */
static ChainId
factored_square (ChainOptimCtx *c, guint i, ChainId beta, ChainId sq)
{
  ChainGraph *g = c->g;
  ChainShape s = _chain_shape_of (g, sq);
  ChainId rows = sized_average (c, i, "row", beta, chain_scale (g, chain_sum (g, sq, chain_shape (s.rows, 1)), 1.0 / s.cols));
  ChainId cols = sized_average (c, i, "col", beta, chain_scale (g, chain_sum (g, sq, chain_shape (1, s.cols)), 1.0 / s.rows));
  ChainId mean = chain_scale (g, chain_sum_all (g, rows), 1.0 / s.rows);

  _chain_optim_tell (c, (int) i, 2, "R", rows);
  _chain_optim_tell (c, (int) i, 3, "C", cols);
  return chain_mul (g, chain_broadcast (g, chain_div_s (g, rows, mean), s), chain_broadcast (g, cols, s));
}

/* A vector has one average in place of rows and columns. */
static void
tell_adafactor (ChainOptimCtx *c, guint i, ChainId beta, ChainId v, ChainId u, ChainId clipped)
{
  _chain_optim_tell (c, (int) i, 1, "g", c->grads[i]);
  _chain_optim_tell (c, (int) i, 1, "β", beta);
  if (!is_matrix (c, i))
    {
      _chain_optim_tell (c, (int) i, 2, "v", v);
      _chain_optim_tell (c, (int) i, 3, "v", v);
    }
  _chain_optim_tell (c, (int) i, 4, "v", v);
  _chain_optim_tell (c, (int) i, 5, "u", u);
  _chain_optim_tell (c, (int) i, 6, "u", clipped);
}

static void
build_adafactor (ChainOptimCtx *c)
{
  ChainGraph *g = c->g;
  gboolean relative = chain_param (&c->hyper, "relative_step") != 0, scaled = chain_param (&c->hyper, "scale_parameter") != 0;
  ChainShape single = chain_shape (1, 1);
  ChainId one = chain_const (g, 1), eps1 = c->hyper_node (c, "eps1"), limit = c->hyper_node (c, "clip");
  ChainId eps2 = scaled ? c->hyper_node (c, "eps2") : CHAIN_NONE;
  ChainId beta = chain_sub (g, one, chain_pow (g, c->step, chain_neg (g, c->hyper_node (c, "decay"))));

  for (guint i = 0; i < c->n; i++)
    {
      ChainId sq = _chain_plus (g, chain_square (g, c->grads[i]), eps1);
      ChainId v = is_matrix (c, i) ? factored_square (c, i, beta, sq) : _chain_optim_average (c, i, "v", 0, beta, sq);
      ChainId u = chain_div (g, c->grads[i], chain_sqrt (g, v)), rate = c->rates[i], first = u;
      ChainId over = chain_div (g, root_mean_square (g, u), chain_broadcast (g, limit, single));

      u = chain_div_s (g, u, chain_max (g, over, chain_full (g, single, 1)));
      tell_adafactor (c, i, beta, v, first, u);
      if (relative)
        rate = chain_min (g, rate, chain_div (g, one, chain_sqrt (g, c->step)));
      if (scaled)
        u = chain_mul_s (g, u, chain_max (g, root_mean_square (g, c->params[i]), chain_broadcast (g, eps2, single)));
      _chain_optim_descend (c, i, c->params[i], rate, u);
    }
}

/* --- Muon --- */
/* X ← a X + (b A + c A²) X, A = X Xᵀ */
static ChainId
quintic (ChainGraph *g, ChainId x, double a, double b, double c)
{
  ChainId gram = chain_matmul (g, x, x, FALSE, TRUE), mix = chain_scale (g, gram, b);

  if (c != 0)
    mix = chain_add (g, mix, chain_scale (g, chain_matmul (g, gram, gram, FALSE, FALSE), c));
  return chain_add (g, chain_scale (g, x, a), chain_matmul (g, mix, x, FALSE, FALSE));
}

ChainId
_chain_newton_schulz (ChainGraph *g, ChainId u, guint steps, guint polish)
{
  ChainShape s = _chain_shape_of (g, u);
  gboolean tall = s.rows > s.cols;
  ChainId x = tall ? chain_transpose (g, u) : u;

  x = chain_div_s (g, x, chain_offset (g, _chain_norm (g, x), 1e-7));
  for (guint i = 0; i < steps; i++)
    x = quintic (g, x, 3.4445, -4.7750, 2.0315);
  for (guint i = 0; i < polish; i++)
    x = quintic (g, x, 1.5, -0.5, 0);
  return tall ? chain_transpose (g, x) : x;
}

/* The exact polar factor: enough rounds to lift singular values from 1e-7 of the norm, then six of the cubic, which squares what is left
 * of the error (0.32 to below 1e-16). */
enum { LIFT = 14, POLISH = 6 };

static void
muon_matrix (ChainOptimCtx *c, guint i, ChainId beta)
{
  ChainGraph *g = c->g;
  ChainShape s = _chain_shape_of (g, c->params[i]);
  gboolean exact = _chain_optim_is (c, "exact_polar");
  ChainId m = _chain_optim_average (c, i, "m", 0, beta, c->grads[i]), o;
  double size = _chain_optim_is (c, "match_rms") ? 0.2 * sqrt (MAX (s.rows, s.cols)) : sqrt (fmax (1, (double) s.rows / s.cols));

  _chain_optim_tell (c, (int) i, 1, "g", c->grads[i]);
  _chain_optim_tell (c, (int) i, 2, "m", m);
  if (chain_param (&c->hyper, "nesterov") != 0)
    m = _chain_average (g, m, beta, c->grads[i]);
  _chain_optim_tell (c, (int) i, 3, "U", m);
  if (c->tell != NULL)
    _chain_optim_tell (c, (int) i, 4, "X", chain_div_s (g, m, chain_offset (g, _chain_norm (g, m), 1e-7)));
  o = _chain_newton_schulz (g, m, exact ? LIFT : (guint) chain_param (&c->hyper, "ns_steps"), exact ? POLISH : 0);
  _chain_optim_tell (c, (int) i, 5, "X", o);
  _chain_optim_descend (c, i, _chain_optim_decayed (c, i), c->rates[i], chain_scale (g, o, size));
}

/* AdamW with a rate of its own, which follows the schedule of the matrices. */
static void
muon_vector (ChainOptimCtx *c, guint i)
{
  ChainGraph *g = c->g;
  ChainId b1 = c->hyper_node (c, "adam_beta1"), b2 = c->hyper_node (c, "adam_beta2"), eps = c->hyper_node (c, "adam_eps");
  ChainId c1 = _chain_optim_correction (c, b1), c2 = _chain_optim_correction (c, b2);
  ChainId m = _chain_optim_average (c, i, "m", 0, b1, c->grads[i]);
  ChainId v = _chain_optim_average (c, i, "v", 0, b2, chain_square (g, c->grads[i]));
  ChainId bottom = _chain_plus (g, chain_div_s (g, chain_sqrt (g, v), chain_sqrt (g, c2)), eps);
  ChainId rate = chain_mul (g, chain_div (g, c->rates[i], c->hyper_node (c, "lr")), c->hyper_node (c, "adam_lr"));
  ChainId from = c->params[i];

  if (c->decay[i] != 0)
    from = chain_mul_s (g, from, chain_sub (g, chain_const (g, 1), chain_mul (g, rate, chain_const (g, c->decay[i]))));
  _chain_optim_tell (c, (int) i, 1, "g", c->grads[i]);
  _chain_optim_tell (c, (int) i, 2, "m", m);
  _chain_optim_tell (c, (int) i, 3, "v", v);   /* a vector goes by AdamW */
  _chain_optim_tell_corrected (c, i, 4, 5, m, c1, v, c2);
  _chain_optim_descend (c, i, from, chain_div (g, rate, c1), chain_div (g, m, bottom));
  _chain_optim_tell (c, (int) i, 0, "η", rate);
}

static void
build_muon (ChainOptimCtx *c)
{
  ChainId beta = c->hyper_node (c, "momentum");

  for (guint i = 0; i < c->n; i++)
    if (is_matrix (c, i))
      muon_matrix (c, i, beta);
    else
      muon_vector (c, i);
}

static const ChainParamInfo adafactor_params[] = {
  PARAM_LR (0.01),
  PARAM_SWITCH ("relative_step", N_ ("Rate at most 1/√t (0 or 1)"), 0),
  PARAM_SWITCH ("scale_parameter", N_ ("Rate times the size of the weights (0 or 1)"), 1),
  PARAM_EPS ("eps1", N_ ("Small number ε₁ under the squares"), 1e-30),
  PARAM_EPS ("eps2", N_ ("Least size ε₂ of the weights"), 1e-3),
  { ROW_PARAM ("clip", N_ ("Largest size d of a step"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
  { ROW_PARAM ("decay", N_ ("Power of the decay"), 0.8, 0, 10), .open_min = TRUE },
};
static const ChainParamInfo muon_params[] = {
  PARAM_LR (0.02),
  PARAM_SHARE ("momentum", N_ ("Momentum β"), 0.95),
  PARAM_SWITCH ("nesterov", N_ ("Nesterov's form (0 or 1)"), 1),
  { ROW_PARAM ("ns_steps", N_ ("Newton–Schulz rounds"), 5, 1, 20), .integer = TRUE },
  PARAM_DECAY (0),
  { ROW_PARAM ("adam_lr", N_ ("Learning rate of the vectors"), 0.01, 0, 1e3), .log_scale = TRUE },
  PARAM_SHARE ("adam_beta1", N_ ("β₁ of the vectors"), 0.9),
  PARAM_SHARE ("adam_beta2", N_ ("β₂ of the vectors"), 0.95),
  PARAM_EPS ("adam_eps", N_ ("ε of the vectors"), 1e-10),
};

static const ChainOptimRow rows[] = {
  { .info = { ROW_INFO ("adafactor", N_ ("Adafactor"),
              "v = R Cᵀ/mean(R); u = g/√v; w ← w − α u/max(1, RMS(u)/d); R, C averages of g² by rows and columns", "–", "Shazeer & Stern 2018", NULL,
              "PyTorch Adafactor (2.5 and later) · Keras Adafactor · optax adafactor",
              N_ ("Use it for Adam's rates with little memory: one number a row and one a column."), N_ ("Matrices")),
              ROW_PARAMS (adafactor_params) },
    .build = build_adafactor,
    .pseudo = "1  g ← ∇ℓ(w), β ← 1 − t^−0.8\n2  R ← β R + (1 − β) row means of g² + ε₁\n3  C ← β C + (1 − β) column means of g² + ε₁\n4  v ← R Cᵀ / mean(R)\n"
              "5  u ← g / √v\n6  u ← u / max(1, RMS(u)/d)\n7  w ← w − η max(ε₂, RMS(w)) u" },
  { .info = { ROW_INFO ("muon", N_ ("Muon"), "m ← β m + (1 − β) g; w ← w − η s NS((1 − β) g + β m), NS makes a matrix orthogonal, s its scale", "–",
              "Jordan et al. 2024", NULL, "PyTorch Muon (2.9 and later) · Keras Muon · optax contrib.muon",
              N_ ("Use it for matrices of hidden layers: every direction moves by the same amount. Vectors are left to AdamW."), N_ ("Matrices")),
              ROW_PARAMS (muon_params),
              ROW_VARIANTS ("rows_over_cols", "match_rms", "exact_polar") },
    .build = build_muon,
    .pseudo = "1  g ← ∇ℓ(w)\n2  m ← β m + (1 − β) g\n3  U ← (1 − β) g + β m (Nesterov), or m\n4  X ← U / ‖U‖\n5  5 times: A ← X Xᵀ, X ← a X + (b A + c A²) X\n"
              "6  w ← (1 − η λ) w − η s X, s = √max(1, rows/cols)" },
};

const void *
_chain_optim_matrix (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
