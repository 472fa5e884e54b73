/* SPDX-License-Identifier: Apache-2.0 */
/* Losses for numbers, and the reductions (SPEC 0.3, 4.1–4.6, 4.31).
 *
 * r = y − t. Each builder returns the unreduced tensor, an entry per output: the divisor of "mean" is therefore N·K, of "batchmean" N. The
 * lecture's "squared L² norm" averaged over samples is mse with batchmean (SPEC S11). */
#include "engine/nn/table/rows.h"

#include <math.h>

/* The number of rows as a host node. */
static ChainId
rows_of (ChainGraph *g, int32_t rows)
{
  if (rows > 0)
    return chain_const (g, rows);
  if (rows == CHAIN_B)
    return chain_n_rows (g);
  return chain_mul (g, chain_n_rows (g), chain_const (g, -rows));
}

ChainId
chain_loss_reduce (ChainGraph *g, ChainId none, const char *reduction)
{
  ChainShape shape = _chain_shape_of (g, none);
  ChainId sum = chain_sum_all (g, none), count;

  if (g_str_equal (reduction, "sum"))
    return sum;
  count = rows_of (g, shape.rows);
  if (g_str_equal (reduction, "mean") && shape.cols != 1)
    count = chain_mul (g, count, rows_of (g, shape.cols));
  return chain_div (g, sum, count);
}

static ChainId
build_mse (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  return chain_square (g, chain_sub (g, roles[0], roles[1]));
}

static ChainId
build_half_mse (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  return chain_scale (g, build_mse (g, roles, p), 0.5);
}

static ChainId
build_l1 (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  return chain_abs (g, chain_sub (g, roles[0], roles[1]));
}

/* c (r − c/2) with c = clip (r, −δ, δ): ½ r² inside, δ (|r| − δ/2) outside, derivative c everywhere. */
static ChainId
huber (ChainGraph *g, const ChainId *roles, double delta)
{
  ChainId r = chain_sub (g, roles[0], roles[1]);
  ChainId c = chain_clamp (g, r, -delta, delta);

  return chain_mul (g, c, chain_sub (g, r, chain_scale (g, c, 0.5)));
}

static ChainId
build_huber (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  return huber (g, roles, chain_param (p, "delta"));
}

/* SLIDE: Piecewise functions, "Hinge loss": the linear branch lacks −β/2, so the value jumps at |r| = β (SPEC S1). */
static ChainId
slide_hinge (ChainGraph *g, const ChainId *roles, double beta)
{
  ChainId r = chain_sub (g, roles[0], roles[1]);
  ChainId size = chain_abs (g, r);
  ChainId inside = chain_lt (g, size, chain_full (g, _chain_shape_of (g, r), beta));

  return chain_where (g, inside, chain_scale (g, chain_square (g, r), 0.5 / beta), size);
}

static ChainId
build_smooth_l1 (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  double beta = chain_param (p, "beta");

  if (g_str_equal (chain_param_variant (p), "slide_hinge"))
    return slide_hinge (g, roles, beta);
  return chain_scale (g, huber (g, roles, beta), 1 / beta);
}

/* ln cosh r = sp(2r) − r − ln 2: no overflow, and smooth at 0, where |r| + ln(1 + e^−2|r|) − ln 2 has a false kink in the second
 * derivative. */
static ChainId
build_log_cosh (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId r = chain_sub (g, roles[0], roles[1]);

  return chain_offset (g, chain_sub (g, chain_softplus (g, chain_scale (g, r, 2)), r), -G_LN2);
}

/* τ max(e, 0) + (1 − τ) max(−e, 0), e = t − y: at e = 0 the derivative is 0. */
static ChainId
build_quantile (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  double tau = chain_param (p, "tau");
  ChainId under = chain_relu (g, chain_sub (g, roles[1], roles[0]));
  ChainId over = chain_relu (g, chain_sub (g, roles[0], roles[1]));

  return chain_add (g, chain_scale (g, under, tau), chain_scale (g, over, 1 - tau));
}

static const ChainParamInfo huber_params[] = {
  { ROW_PARAM ("delta", N_ ("Border δ between square and line"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
};
static const ChainParamInfo smooth_params[] = {
  { ROW_PARAM ("beta", N_ ("Border β between square and line"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
};
static const ChainParamInfo quantile_params[] = {
  { ROW_PARAM ("tau", N_ ("Quantile τ"), 0.5, 0, 1), .open_min = TRUE, .open_max = TRUE },
};

#define FOR_NUMBERS \
  .task = CHAIN_LOSS_REGRESSION, .output_activation = "identity", .link = "identity", \
  .roles = { { .name = "pred" }, { .name = "target", .is_data = TRUE } }, .n_roles = 2

static const ChainLossRow rows[] = {
  { .info = { ROW_INFO ("mse", N_ ("Squared error (MSE)"), "L = (y − t)²", "∂L/∂y = 2 (y − t)", "Gauss 1809", "Supervised regression loss",
              "PyTorch MSELoss · Keras MeanSquaredError · optax squared_error",
              N_ ("Use it first in regression; large errors count most, so outliers pull hard."), N_ ("Regression")) },
    FOR_NUMBERS, .build = build_mse },
  { .info = { ROW_INFO ("l1", N_ ("Absolute error (L1, MAE)"), "L = |y − t|", "∂L/∂y = sign(y − t), 0 at 0", "Laplace 1774",
              "Supervised regression loss", "PyTorch L1Loss · Keras MeanAbsoluteError · optax –",
              N_ ("Use it when some targets are badly wrong: it fits the median, not the mean."), N_ ("Regression")) },
    FOR_NUMBERS, .build = build_l1 },
  { .info = { ROW_INFO ("huber", N_ ("Huber"), "L = ½ r² if |r| ≤ δ else δ (|r| − ½ δ), r = y − t", "∂L/∂y = clip(r, −δ, δ)", "Huber 1964",
              "Piecewise functions", "PyTorch HuberLoss · Keras Huber · optax huber_loss",
              N_ ("Use it when a few targets are wrong: squared near the target, absolute far away."), N_ ("Regression")),
              ROW_PARAMS (huber_params) },
    FOR_NUMBERS, .build = build_huber },
  { .info = { ROW_INFO ("smooth_l1", N_ ("Smooth L1 (the slides' “hinge”)"), "L = r²/(2β) if |r| < β else |r| − β/2, r = y − t; slide: else |r|",
              "∂L/∂y = r/β if |r| < β else sign r", "Girshick 2015", "Piecewise functions", "PyTorch SmoothL1Loss · Keras – · optax –",
              N_ ("Use it as Huber divided by β. The slides call this hinge loss; it is smooth L1 without the −β/2 that makes it "
              "continuous. Same gradient, different value."), N_ ("Regression")),
              ROW_PARAMS (smooth_params), ROW_VARIANTS ("standard", "slide_hinge") },
    FOR_NUMBERS, .build = build_smooth_l1 },
  { .info = { ROW_INFO ("half_mse", N_ ("Half squared error"), "L = ½ (y − t)²", "∂L/∂y = y − t", "Bishop 2006", NULL,
              "PyTorch – · Keras – · optax l2_loss", N_ ("Use it as the squared error when the gradient should be the residual itself."),
              N_ ("Regression")) },
    FOR_NUMBERS, .build = build_half_mse },
  { .info = { ROW_INFO ("log_cosh", N_ ("Log-cosh"), "L = ln cosh(y − t)", "∂L/∂y = tanh(y − t)", "–", NULL,
              "PyTorch – · Keras LogCosh · optax log_cosh", N_ ("Use it as Huber with δ = 1 when every derivative should be smooth."),
              N_ ("Regression")) },
    FOR_NUMBERS, .build = build_log_cosh },
  { .info = { ROW_INFO ("quantile", N_ ("Quantile (pinball)"), "L = max(τ e, (τ − 1) e), e = t − y", "∂L/∂y = −τ (e > 0), 1 − τ (e < 0), 0 at 0",
              "Koenker & Bassett 1978", NULL, "PyTorch – · Keras – · optax –",
              N_ ("Use it to predict a bound that a given share of the targets stays below."), N_ ("Regression")), ROW_PARAMS (quantile_params) },
    FOR_NUMBERS, .build = build_quantile },
};

const void *
_chain_loss_regression (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
