/* SPDX-License-Identifier: Apache-2.0 */
/* What every op means, in f64, one number after the other: the definition that fast kernels are compared with. Element-wise
 * rows; the others are in ops-ref-matrix.c. NaN goes through every function (SPEC 0.4); stable forms are those of SPEC 2. */
#include "engine/graph/ops-private.h"

#include "engine/base/rng.h"

#include <math.h>

CHAIN_REF (const)
{
  out[0] = arg->value;
}

CHAIN_REF (random)
{
  ChainStream s;

  chain_stream_init (&s, seed, (uint32_t) arg->i[1], (uint32_t) arg->i[2], (uint64_t) in[0].data[0]);
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < cols; c++)
      out[r * cols + c] = arg->i[0] == CHAIN_RANDOM_NORMAL ? chain_stream_normal (&s, (uint32_t) r, (uint32_t) c)
                                                            : chain_stream_uniform (&s, (uint32_t) r, (uint32_t) c);
}

#define REF1(name, expression) \
  CHAIN_REF (name) \
  { \
    for (int64_t i = 0; i < rows * cols; i++) \
      { \
        double x = in[0].data[i]; \
        out[i] = (expression); \
      } \
  }
#define REF2(name, expression) \
  CHAIN_REF (name) \
  { \
    for (int64_t i = 0; i < rows * cols; i++) \
      { \
        double a = in[0].data[i], b = in[1].data[i]; \
        out[i] = (expression); \
      } \
  }

static double
sigmoid (double x)
{
  double e = exp (-fabs (x));

  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

static double
log_gamma (double x)
{
  int sign;

  return lgamma_r (x, &sign);
}

/* To the nearest number of p bits whose smallest normal exponent is e_min and largest value is max, ties to even; one rounding,
 * also for subnormal results. */
static double
round_to_bits (double x, int p, int e_min, double max)
{
  int e;
  double y;

  if (!isfinite (x) || x == 0)
    return x;
  frexp (x, &e);
  e = MAX (e - p, e_min - p + 1);
  y = ldexp (rint (ldexp (x, -e)), e);
  return fabs (y) > max ? copysign (INFINITY, y) : y;
}

static double
round_kind (double x, int kind)
{
  switch (kind)
    {
    case 0:
      return rint (x);
    case 1:
      return round_to_bits (x, 8, -126, 0x1.FEp127);
    default:
      return round_to_bits (x, 11, -14, 65504);
    }
}

REF2 (add, a + b)
REF2 (sub, a - b)
REF2 (mul, a * b)
REF2 (div, a / b)
REF1 (neg, -x)
REF2 (pow, pow (a, b))
REF1 (exp, exp (x))
REF1 (expm1, expm1 (x))
REF1 (log, log (x))
REF1 (log1p, log1p (x))
REF1 (sqrt, sqrt (x))
REF1 (abs, fabs (x))
REF1 (sign, x > 0 ? 1 : x < 0 ? -1 : x)
REF1 (sin, sin (x))
REF1 (cos, cos (x))
REF1 (atan, atan (x))
REF1 (asinh, asinh (x))
REF1 (erf, erf (x))
REF1 (erfc, erfc (x))
REF1 (lgamma, log_gamma (x))
REF1 (polygamma, _chain_polygamma (arg->i[0], x))
REF1 (floor, floor (x))
REF1 (tanh, tanh (x))
REF1 (sigmoid, sigmoid (x))
REF1 (softplus, fmax (x, 0) + log1p (exp (-fabs (x))))
REF1 (relu, x > 0 ? x : isnan (x) ? x : 0)
REF1 (step, x > 0 ? 1 : 0)
REF2 (min, a < b || isnan (a) ? a : b)
REF2 (max, a > b || isnan (a) ? a : b)
REF1 (clamp, x < arg->value ? arg->value : x > arg->value2 ? arg->value2 : x)
REF2 (eq, a == b ? 1 : 0)
REF2 (lt, a < b ? 1 : 0)
REF1 (round, round_kind (x, arg->i[0]))
REF1 (stop, x)

CHAIN_REF (where)
{
  for (int64_t i = 0; i < rows * cols; i++)
    out[i] = in[0].data[i] != 0 ? in[1].data[i] : in[2].data[i];
}
