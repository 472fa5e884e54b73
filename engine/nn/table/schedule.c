/* SPDX-License-Identifier: Apache-2.0 */
/* Learning-rate schedules that only fall or warm up (SPEC 8): the rate of step k as a closed form in f64, k from 0. A closed form needs no
 * memory, so stepping back and replaying give the same rate. */
#include "engine/nn/table/rows.h"

#include <math.h>

static gboolean
is_variant (const ChainParams *p, const char *name)
{
  return g_str_equal (chain_param_variant (p), name);
}

static double
rate_constant (double lr, double k, const ChainParams *p)
{
  return lr;
}

static double
rate_step (double lr, double k, const ChainParams *p)
{
  return lr * pow (chain_param (p, "gamma"), floor (k / chain_param (p, "step_size")));
}

static double
rate_multi_step (double lr, double k, const ChainParams *p)
{
  double milestones[CHAIN_PARAM_LIST_MAX];
  int n = _chain_param_list (p, "milestones", milestones, G_N_ELEMENTS (milestones)), passed = 0;

  for (int i = 0; i < n; i++)
    passed += milestones[i] <= k;
  return lr * pow (chain_param (p, "gamma"), passed);
}

static double
rate_exponential (double lr, double k, const ChainParams *p)
{
  return lr * pow (chain_param (p, "gamma"), k);
}

static double
rate_cosine (double lr, double k, const ChainParams *p)
{
  double low = chain_param (p, "lr_min"), t = chain_param (p, "t_max");

  if (is_variant (p, "held_after_t_max"))
    k = fmin (k, t);
  return low + 0.5 * (lr - low) * (1 + cos (G_PI * k / t));
}

static double
rate_linear (double lr, double k, const ChainParams *p)
{
  double a = chain_param (p, "start_factor"), b = chain_param (p, "end_factor"), n = chain_param (p, "total_iters");

  return lr * (a + (b - a) * fmin (k, n) / n);
}

static double
rate_warmup_cosine (double lr, double k, const ChainParams *p)
{
  double low = chain_param (p, "lr_min"), warm = chain_param (p, "warmup"), rest = fmax (1, chain_param (p, "total") - warm);

  if (k < warm)
    return lr * (k + 1) / warm;
  return low + 0.5 * (lr - low) * (1 + cos (G_PI * fmin (k - warm, rest) / rest));
}

static double
rate_polynomial (double lr, double k, const ChainParams *p)
{
  double n = chain_param (p, "total_iters"), end = is_variant (p, "with_end_value") ? chain_param (p, "lr_end") : 0;

  return (lr - end) * pow (1 - fmin (k, n) / n, chain_param (p, "power")) + end;
}

static double
rate_inverse_sqrt (double lr, double k, const ChainParams *p)
{
  double w = chain_param (p, "warmup"), s = k + 1;

  if (is_variant (p, "noam_vaswani_2017"))
    return chain_param (p, "factor") / sqrt (chain_param (p, "d_model")) * fmin (1 / sqrt (s), s * pow (w, -1.5));
  return s < w ? lr * s / w : lr * sqrt (w / s);
}

static double
rate_inverse_time (double lr, double k, const ChainParams *p)
{
  return lr / (1 + chain_param (p, "decay") * k);
}

#define STEPS(id, label, start) { ROW_PARAM (id, label, start, 1, 1e9), .integer = TRUE, .log_scale = TRUE }
#define RATE(id, label, start) { ROW_PARAM (id, label, start, 0, 1e3), .log_scale = TRUE }

static const ChainParamInfo step_params[] = {
  STEPS ("step_size", N_ ("Steps between drops"), 1000),
  { ROW_PARAM ("gamma", N_ ("Factor γ"), 0.1, 0, 1), .open_min = TRUE },
};
static const ChainParamInfo multi_params[] = {
  { ROW_TEXT_PARAM ("milestones", N_ ("Steps at which the rate drops, with commas")) },
  { ROW_PARAM ("gamma", N_ ("Factor γ"), 0.1, 0, 1), .open_min = TRUE },
};
static const ChainParamInfo exponential_params[] = { { ROW_PARAM ("gamma", N_ ("Factor γ a step"), 0.999, 0, 1), .open_min = TRUE } };
static const ChainParamInfo cosine_params[] = { STEPS ("t_max", N_ ("Steps T to the minimum"), 1000), RATE ("lr_min", N_ ("Lowest rate"), 0) };
static const ChainParamInfo linear_params[] = {
  { ROW_PARAM ("start_factor", N_ ("First factor a"), 1.0 / 3, 0, 1e3) },
  { ROW_PARAM ("end_factor", N_ ("Last factor b"), 1, 0, 1e3) },
  STEPS ("total_iters", N_ ("Steps n"), 5),
};
static const ChainParamInfo warmup_params[] = {
  STEPS ("warmup", N_ ("Steps of warm-up w"), 100), STEPS ("total", N_ ("Steps in all"), 1000), RATE ("lr_min", N_ ("Lowest rate"), 0),
};
static const ChainParamInfo polynomial_params[] = {
  STEPS ("total_iters", N_ ("Steps n"), 1000),
  { ROW_PARAM ("power", N_ ("Power p"), 1, 0, 100), .open_min = TRUE },
  RATE ("lr_end", N_ ("Last rate (with end value)"), 1e-4),
};
static const ChainParamInfo sqrt_params[] = {
  STEPS ("warmup", N_ ("Steps of warm-up w"), 100),
  { ROW_PARAM ("factor", N_ ("Factor c (Noam)"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
  STEPS ("d_model", N_ ("Width d (Noam)"), 512),
};
static const ChainParamInfo time_params[] = { { ROW_PARAM ("decay", N_ ("Decay d a step"), 0.01, 0, 1e6), .log_scale = TRUE } };

static const ChainScheduleRow rows[] = {
  { .info = { ROW_INFO ("constant", N_ ("Constant"), "ηₖ = η", "–", "Robbins & Monro 1951", "Adaptive Learning Rates",
              "PyTorch – · Keras – · optax constant_schedule", N_ ("Use it first: one rate for the whole run."), N_ ("Falling")) },
    .rate = rate_constant },
  { .info = { ROW_INFO ("step", N_ ("Step"), "ηₖ = η γ^⌊k/s⌋, k the step, s steps between drops", "–", "–", NULL,
              "PyTorch StepLR · Keras ExponentialDecay(staircase) · optax exponential_decay(staircase)",
              N_ ("Use it to drop the rate by a factor every so many steps."), N_ ("Falling")), ROW_PARAMS (step_params) },
    .rate = rate_step },
  { .info = { ROW_INFO ("cosine", N_ ("Cosine"), "ηₖ = ηₘᵢₙ + ½ (η − ηₘᵢₙ)(1 + cos(π k/T)), k the step", "–", "Loshchilov & Hutter 2017", NULL,
              "PyTorch CosineAnnealingLR (periodic) · Keras CosineDecay (held) · optax cosine_decay_schedule (held)",
              N_ ("Use it when the number of steps is known; it falls slowly, fast, slowly. Then it is held, or rises again (PyTorch)."),
              N_ ("Falling")),
              ROW_PARAMS (cosine_params), ROW_VARIANTS ("held_after_t_max", "pytorch_periodic") },
    .rate = rate_cosine },
  { .info = { ROW_INFO ("multi_step", N_ ("Multi-step"), "ηₖ = η γ^n, n the milestones that step k has passed", "–", "–", NULL,
              "PyTorch MultiStepLR · Keras PiecewiseConstantDecay · optax piecewise_constant_schedule",
              N_ ("Use it to drop the rate at the steps you name."), N_ ("Falling")), ROW_PARAMS (multi_params) },
    .rate = rate_multi_step },
  { .info = { ROW_INFO ("exponential", N_ ("Exponential"), "ηₖ = η γ^k, k the step", "–", "–", NULL,
              "PyTorch ExponentialLR · Keras ExponentialDecay · optax exponential_decay",
              N_ ("Use it for a steady fall by the same factor each step."), N_ ("Falling")), ROW_PARAMS (exponential_params) },
    .rate = rate_exponential },
  { .info = { ROW_INFO ("linear_warmup", N_ ("Linear warm-up"), "ηₖ = η (a + (b − a) min(k, n)/n), k the step", "–", "Goyal et al. 2017", NULL,
              "PyTorch LinearLR · Keras – · optax linear_schedule",
              N_ ("Use it to start gently, while averages of the optimiser and of batch normalisation settle."), N_ ("Warm-up")),
              ROW_PARAMS (linear_params) },
    .rate = rate_linear },
  { .info = { ROW_INFO ("warmup_cosine", N_ ("Warm-up, then cosine"), "ηₖ = η (k + 1)/w for steps k < w, then cosine over the rest", "–",
              "Loshchilov & Hutter 2017", NULL,
              "PyTorch SequentialLR · Keras CosineDecay(warmup_steps) · optax warmup_cosine_decay_schedule (starts at 0)",
              N_ ("Use it for large models, as most of them do: a gentle start, then a smooth fall."), N_ ("Warm-up")), ROW_PARAMS (warmup_params) },
    .rate = rate_warmup_cosine },
  { .info = { ROW_INFO ("polynomial", N_ ("Polynomial"), "ηₖ = (η − ηₑ)(1 − min(k, n)/n)^p + ηₑ, k the step, ηₑ the last rate", "–", "–", NULL,
              "PyTorch PolynomialLR · Keras PolynomialDecay · optax polynomial_schedule",
              N_ ("Use it to fall to zero, or to an end value, in a given number of steps."), N_ ("Falling")),
              ROW_PARAMS (polynomial_params), ROW_VARIANTS ("pytorch", "with_end_value") },
    .rate = rate_polynomial },
  { .info = { ROW_INFO ("inverse_sqrt", N_ ("Inverse square root"), "ηₖ = η s/w, then η √(w/s), s = k + 1; Noam: c d^−½ min(s^−½, s w^−3/2)", "–",
              "Vaswani et al. 2017", NULL, "PyTorch – · Keras – · optax –",
              N_ ("Use it for runs of unknown length: warm-up, then a slow fall. Noam's form ignores the rate and uses its own factor."),
              N_ ("Warm-up")),
              ROW_PARAMS (sqrt_params),
              ROW_VARIANTS ("standard", "noam_vaswani_2017") },
    .rate = rate_inverse_sqrt },
  { .info = { ROW_INFO ("inverse_time", N_ ("Inverse time"), "ηₖ = η / (1 + d k), k the step", "–", "Robbins & Monro 1951", NULL,
              "PyTorch – · Keras InverseTimeDecay · optax –",
              N_ ("Use it as the classical rate of stochastic approximation, which converges in theory."), N_ ("Falling")),
              ROW_PARAMS (time_params) },
    .rate = rate_inverse_time },
};

const void *
_chain_schedule_rows (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
