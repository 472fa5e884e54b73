/* SPDX-License-Identifier: Apache-2.0 */
/* Learning-rate schedules that rise again (SPEC 8): restarts, triangles, one cycle, the range test. */
#include "engine/nn/table/rows.h"

#include <math.h>

static gboolean
is_variant (const ChainParams *p, const char *name)
{
  return g_str_equal (chain_param_variant (p), name);
}

static double
rate_restarts (double lr, double k, const ChainParams *p)
{
  double low = chain_param (p, "lr_min"), t = chain_param (p, "t_0"), factor = chain_param (p, "t_mult");

  if (factor == 1)
    k = fmod (k, t);
  else
    while (k >= t)
      {
        k -= t;
        t *= factor;
      }
  return low + 0.5 * (lr - low) * (1 + cos (G_PI * k / t));
}

static double
rate_cyclical (double lr, double k, const ChainParams *p)
{
  double up = chain_param (p, "step_size_up"), down = chain_param (p, "step_size_down");
  double total = up + (down > 0 ? down : up), ratio = up / total;
  double cycle = floor (1 + k / total), x = 1 + k / total - cycle;
  double height = (chain_param (p, "lr_max") - lr) * (x <= ratio ? x / ratio : (x - 1) / (ratio - 1));

  if (is_variant (p, "triangular2"))
    height *= exp2 (1 - cycle);
  else if (is_variant (p, "exp_range"))
    height *= pow (chain_param (p, "gamma"), k);
  return lr + height;
}

/* From a to b as x goes from 0 to 1. */
static double
anneal (double a, double b, double x, gboolean linear)
{
  return linear ? a + (b - a) * x : b + 0.5 * (a - b) * (1 + cos (G_PI * x));
}

/* The value at step k on the way value[0] … value[3]. Phases end at the steps end[i]; after the last the value stays. */
static double
cycle_value (const double value[4], double k, const ChainParams *p)
{
  double total = chain_param (p, "total_steps"), pct = chain_param (p, "pct_start");
  gboolean three = chain_param (p, "three_phase") != 0;
  double end[] = { pct * total - 1, three ? 2 * pct * total - 2 : total - 1, total - 1 };
  double begin = 0;

  for (guint i = 0; i < 3; i++)
    {
      if (k <= end[i] && end[i] > begin)
        return anneal (value[i], value[i + 1], (k - begin) / (end[i] - begin), is_variant (p, "linear"));
      begin = end[i];
    }
  return value[3];
}

/* The optimiser's rate is the highest one. */
static double
rate_one_cycle (double lr, double k, const ChainParams *p)
{
  double first = lr / chain_param (p, "div_factor"), last = first / chain_param (p, "final_div_factor");
  const double value[] = { first, lr, chain_param (p, "three_phase") != 0 ? first : last, last };

  return cycle_value (value, k, p);
}

/* Low where the rate is high. */
static double
momentum_one_cycle (double k, const ChainParams *p)
{
  double low = chain_param (p, "base_momentum"), high = chain_param (p, "max_momentum");
  const double value[] = { high, low, high, high };

  return is_variant (p, "cos_with_momentum") ? cycle_value (value, k, p) : NAN;
}

static double
rate_range_test (double lr, double k, const ChainParams *p)
{
  double high = chain_param (p, "lr_max"), n = chain_param (p, "steps"), x = fmin (k / (n - 1), 1);

  return is_variant (p, "linear") ? lr + (high - lr) * x : lr * pow (high / lr, x);
}

#define STEPS(id, label, start, low) { ROW_PARAM (id, label, start, low, 1e9), .integer = TRUE, .log_scale = TRUE }
#define RATE(id, label, start) { ROW_PARAM (id, label, start, 0, 1e3), .log_scale = TRUE }

static const ChainParamInfo restart_params[] = {
  STEPS ("t_0", N_ ("Steps T₀ to the first restart"), 100, 1),
  STEPS ("t_mult", N_ ("Growth m of the period"), 1, 1),
  RATE ("lr_min", N_ ("Lowest rate"), 0),
};
static const ChainParamInfo cyclical_params[] = {
  RATE ("lr_max", N_ ("Highest rate"), 0.1),
  STEPS ("step_size_up", N_ ("Steps up"), 100, 1),
  { ROW_PARAM ("step_size_down", N_ ("Steps down (0 = as up)"), 0, 0, 1e9), .integer = TRUE },
  { ROW_PARAM ("gamma", N_ ("Factor γ a step (exp_range)"), 0.999, 0, 1), .open_min = TRUE },
};
static const ChainParamInfo one_cycle_params[] = {
  STEPS ("total_steps", N_ ("Steps in all"), 1000, 2),
  { ROW_PARAM ("pct_start", N_ ("Share of the rise"), 0.3, 0, 1), .open_min = TRUE, .open_max = TRUE },
  { ROW_PARAM ("div_factor", N_ ("Highest over first rate"), 25, 1, 1e9), .log_scale = TRUE },
  { ROW_PARAM ("final_div_factor", N_ ("First over last rate"), 1e4, 1, 1e12), .log_scale = TRUE },
  { ROW_PARAM ("three_phase", N_ ("Third phase (0 or 1)"), 0, 0, 1), .integer = TRUE },
  { ROW_PARAM ("base_momentum", N_ ("Lowest momentum (with momentum)"), 0.85, 0, 1), .open_max = TRUE },
  { ROW_PARAM ("max_momentum", N_ ("Highest momentum (with momentum)"), 0.95, 0, 1), .open_max = TRUE },
};
static const ChainParamInfo range_params[] = { RATE ("lr_max", N_ ("Highest rate"), 1), STEPS ("steps", N_ ("Steps n"), 100, 2) };

static const ChainScheduleRow rows[] = {
  { .info = { ROW_INFO ("cosine_warm_restarts", N_ ("Cosine with warm restarts"), "cosine from each restart; periods T₀, T₀m, T₀m² …", "–",
              "Loshchilov & Hutter 2017", NULL, "PyTorch CosineAnnealingWarmRestarts · Keras CosineDecayRestarts · optax sgdr_schedule",
              N_ ("Use it to leave a minimum again and again; the end of each period is a good place to stop."), N_ ("Cycles")),
              ROW_PARAMS (restart_params) },
    .rate = rate_restarts },
  { .info = { ROW_INFO ("cyclical", N_ ("Cyclical"), "triangle between η and ηₘₐₓ; height × 1, × 2^(1−cycle) or × γ^k, k the step", "–", "Smith 2017",
              NULL, "PyTorch CyclicLR · Keras – · optax –", N_ ("Use it when little should be tuned: the rate swings between two values."),
              N_ ("Cycles")),
              ROW_PARAMS (cyclical_params),
              ROW_VARIANTS ("triangular", "triangular2", "exp_range") },
    .rate = rate_cyclical },
  { .info = { ROW_INFO ("one_cycle", N_ ("One cycle"), "ηₘₐₓ/div → ηₘₐₓ → ηₘₐₓ/(div·final) in T steps", "–", "Smith 2018", NULL,
              "PyTorch OneCycleLR · Keras – · optax cosine_onecycle_schedule",
              N_ ("Use it for fast training in a fixed number of steps; the optimiser's rate is the highest one."), N_ ("Cycles")),
              ROW_PARAMS (one_cycle_params),
              ROW_VARIANTS ("cos", "linear", "cos_with_momentum") },
    .rate = rate_one_cycle, .momentum = momentum_one_cycle },
  { .info = { ROW_INFO ("lr_range_test", N_ ("Range test"), "ηₖ = η (ηₘₐₓ/η)^(k/(n−1)), k the step of n; or linear", "–", "Smith 2017", NULL,
              "PyTorch – · Keras – · optax –", N_ ("Use it once to find a rate: raise it until the loss climbs."), N_ ("Cycles")),
              ROW_PARAMS (range_params),
              ROW_VARIANTS ("exponential", "linear") },
    .rate = rate_range_test },
};

const void *
_chain_schedule_cycles (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
