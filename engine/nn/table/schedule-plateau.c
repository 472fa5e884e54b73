/* SPDX-License-Identifier: Apache-2.0 */
/* A schedule that listens: the rate falls when a metric no longer improves (SPEC 8, reduce_on_plateau).
 *
 * The rate is a function of the metrics reported so far and of nothing else: it is worked out from all of them each time one is added.
 * There is no state to save, to copy into the ring or to forget on the way back; a run record that holds the evaluations holds the rate. */
#include "engine/nn/table/rows.h"

#include <math.h>
#include <string.h>

/* Changes below this are ignored, as PyTorch does. */
#define LEAST_CHANGE 1e-8

typedef struct { double threshold; gboolean highest, absolute; } Better;

/* A relative threshold is a share of the size of the best: PyTorch multiplies the best by 1 ∓ threshold, which below 0 would call a worse
 * value better. */
static gboolean
is_better (const Better *b, double metric, double best)
{
  double step = b->absolute ? b->threshold : fabs (best) * b->threshold;

  if (!isfinite (best))
    return !isnan (metric) && metric != best;
  return b->highest ? metric > best + step : metric < best - step;
}

static double
replay_plateau (double lr, const double *metric, guint n, const ChainParams *p)
{
  const char *variant = chain_param_variant (p);
  Better better = { chain_param (p, "threshold"), g_str_has_prefix (variant, "max"), g_str_has_suffix (variant, "absolute") };
  double factor = chain_param (p, "factor"), patience = chain_param (p, "patience"), cooldown = chain_param (p, "cooldown");
  double best = better.highest ? -INFINITY : INFINITY, bad = 0, cool = 0;

  for (guint i = 0; i < n; i++)
    {
      double next;

      bad = is_better (&better, metric[i], best) ? 0 : bad + 1;
      best = bad == 0 ? metric[i] : best;
      if (cool > 0)
        {
          cool--;
          bad = 0;
        }
      if (bad <= patience)
        continue;
      next = fmax (lr * factor, chain_param (p, "lr_min"));
      lr = lr - next > LEAST_CHANGE ? next : lr;
      cool = cooldown;
      bad = 0;
    }
  return lr;
}

/* Before the first metric. */
static double
rate_plateau (double lr, double k, const ChainParams *p)
{
  return lr;
}

static const ChainParamInfo params[] = {
  { ROW_PARAM ("factor", N_ ("Factor at a plateau"), 0.1, 0, 1), .open_min = TRUE, .open_max = TRUE },
  { ROW_PARAM ("patience", N_ ("Evaluations without improvement"), 10, 0, 1e6), .integer = TRUE },
  { ROW_PARAM ("threshold", N_ ("Least improvement"), 1e-4, 0, 1e6), .log_scale = TRUE },
  { ROW_PARAM ("cooldown", N_ ("Evaluations of rest after a change"), 0, 0, 1e6), .integer = TRUE },
  { ROW_PARAM ("lr_min", N_ ("Lowest rate"), 0, 0, 1e3), .log_scale = TRUE },
};

static const ChainScheduleRow rows[] = {
  { .info = { ROW_INFO ("reduce_on_plateau", N_ ("Reduce on plateau"),
              "η ← max(f η, ηₘᵢₙ) after more than `patience` evaluations without improvement", "–", "–", NULL,
              "PyTorch ReduceLROnPlateau · Keras ReduceLROnPlateau · optax contrib.reduce_on_plateau",
              N_ ("Use it to lower the rate when the test loss (max: the score) stands still. It counts evaluations: evaluate "
              "every epoch to count epochs."), N_ ("Listening")),
              ROW_PARAMS (params), ROW_VARIANTS ("min_relative", "min_absolute", "max_relative", "max_absolute") },
    .rate = rate_plateau, .replay = replay_plateau },
};

const void *
_chain_schedule_plateau (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
