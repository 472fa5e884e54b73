/* SPDX-License-Identifier: Apache-2.0 */
/* A range of the table says what is possible ([0, 10¹²]), a slider shows what is usual: three powers of ten around the default where the row
 * asks for a logarithm, else the range itself, cut to ten times the default. Decays near one (β₂ = 0.999) are spread by −log₁₀ (1 − v), or the
 * whole of what matters would be the last pixel. */
#include "config.h"

#include "ui/settings/scale-map.h"

#include <math.h>

#define WIDE 1000.0        /* of the default, either way */

gboolean
chain_scale_allows (const ChainParamInfo *info, double v)
{
  if (!isfinite (v) || (info->integer && v > floor (v)))
    return FALSE;
  return (info->open_min ? v > info->min : v >= info->min) && (info->open_max ? v < info->max : v <= info->max);
}

static double
two_digits (double v)
{
  double unit = v > 0 ? pow (10, floor (log10 (v)) - 1) : 1;

  return v > 0 ? round (v / unit) * unit : 0;
}

/* 1, 2 or 5 times a power of ten, at least a 200th of the range. */
static double
nice_step (double range)
{
  double step = range / 200, unit = pow (10, floor (log10 (step))), lead = step / unit;

  return unit * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

static ChainScaleMap
log_map (const ChainParamInfo *info)
{
  double around = info->value > 0 ? info->value : info->integer ? 10 : 1e-3;
  double low = fmax (around / WIDE, info->min), high = fmin (around * WIDE, info->max);
  ChainScaleMap m = { CHAIN_SCALE_LOG, 0, 0, 0.25, info->integer, FALSE };

  if (info->integer)
    low = fmax (low, 1);
  if (!(info->min > 0) && !info->open_min)
    m.zero = TRUE;
  m.from = floor (log10 (low) + 1e-9);
  if (info->min > 0)
    m.from = log10 (low);
  m.to = log10 (high);
  return m;
}

static ChainScaleMap
linear_map (const ChainParamInfo *info)
{
  double size = fmax (fabs (info->value) * 10, 1), low = fmax (info->min, -size), high = fmin (info->max, size);
  ChainScaleMap m = { CHAIN_SCALE_LINEAR, low, high, 0, info->integer, FALSE };

  if (info->integer)
    m.to = fmin (info->max, fmax (high, low + 10));
  m.step = info->integer ? 1 : nice_step (m.to - m.from);
  if (info->open_min && m.from <= info->min)
    m.from += m.step;
  if (info->open_max && m.to >= info->max)
    m.to -= m.step;
  return m;
}

ChainScaleMap
chain_scale_map (const ChainParamInfo *info)
{
  if (info->log_scale)
    return log_map (info);
  if (info->max >= 1 && info->max <= 1 && info->min >= 0 && info->min <= 0 && info->open_max && info->value >= 0.9)
    return (ChainScaleMap){ CHAIN_SCALE_NEAR_ONE, 0, 5, 0.25, FALSE, FALSE };
  return linear_map (info);
}

double
chain_scale_position (const ChainScaleMap *m, double v)
{
  double p = v;

  if (m->kind == CHAIN_SCALE_LOG)
    p = v > 0 ? log10 (v) : m->from;
  else if (m->kind == CHAIN_SCALE_NEAR_ONE)
    p = v < 1 ? -log10 (1 - v) : m->to;
  return CLAMP (p, m->from, m->to);
}

double
chain_scale_value (const ChainScaleMap *m, double p)
{
  double v;

  if (m->kind == CHAIN_SCALE_NEAR_ONE)
    return 1 - two_digits (pow (10, -p));
  if (m->kind == CHAIN_SCALE_LINEAR)
    {
      v = m->integer ? round (p) : round (p / m->step) * m->step;
      v = CLAMP (v, m->from, m->to);
      return fabs (v) < m->step * 1e-6 ? 0 : v;
    }
  if (m->zero && p <= m->from + 1e-9)
    return 0;
  v = two_digits (pow (10, p));
  v = CLAMP (v, pow (10, m->from), pow (10, m->to));
  return m->integer ? round (v) : v;
}
