/* SPDX-License-Identifier: Apache-2.0 */
/* psi^(n), the derivatives of ln Gamma; libm stops at lgamma.
 *
 * x > 0: recurrence up to x >= 20 + n, then the asymptotic series (DLMF 5.11.2, 5.15.8). x < 0: reflection (DLMF 5.15.6).
 * Digamma has one positive root; there the sum of the series cancels, so a Taylor series about the root, which is stored in two
 * pieces, keeps the relative error small as well. Sums run in long double. */
#include "engine/graph/graph-private.h"

#include <math.h>

#define PI_L 3.14159265358979323846264338327950288L
#define ROOT_HIGH 1.4616321449683622
#define ROOT_LOW 9.549995429965697e-17L

static const long double bernoulli[] = {   /* B_2, B_4, … */
  1.0L / 6, -1.0L / 30, 1.0L / 42, -1.0L / 30, 5.0L / 66, -691.0L / 2730, 7.0L / 6, -3617.0L / 510, 43867.0L / 798,
  -174611.0L / 330, 854513.0L / 138, -236364091.0L / 2730, 8553103.0L / 6
};

static long double
factorial (int n)
{
  long double f = 1;

  for (int i = 2; i <= n; i++)
    f *= i;
  return f;
}

static long double
digamma_positive (long double x)
{
  long double sum = 0, power = 1;

  for (; x < 20; x += 1)
    sum -= 1 / x;
  sum += logl (x) - 1 / (2 * x);
  for (guint k = 1; k <= G_N_ELEMENTS (bernoulli); k++)
    {
      power /= x * x;
      sum -= bernoulli[k - 1] * power / (2 * k);
    }
  return sum;
}

/* (-1)^(n+1) psi^(n) (x), a positive number, for n >= 1. */
static long double
polygamma_positive (int n, long double x)
{
  long double sum = 0, scale = factorial (n - 1), term;

  for (; x < 20 + n; x += 1)
    sum += scale * n / powl (x, n + 1);
  term = scale / powl (x, n);
  sum += term + term * n / (2 * x);
  for (int k = 1; k <= (int) G_N_ELEMENTS (bernoulli); k++)
    {
      /* term = (2k + n - 1)! / ((2k)! x^(2k+n)) */
      term *= (long double) (2 * k + n - 2) * (2 * k + n - 1) / ((long double) (2 * k - 1) * (2 * k)) / (x * x);
      sum += bernoulli[k - 1] * term;
    }
  return sum;
}

static long double
digamma_near_root (long double x)
{
  long double d = (x - ROOT_HIGH) - ROOT_LOW, power = 1, sum = 0;
  long double root = (long double) ROOT_HIGH + ROOT_LOW;

  for (int k = 1; k <= 8; k++)
    {
      power *= d / k;
      sum += power * polygamma_positive (k, root) * (k % 2 ? 1 : -1);
    }
  return sum;
}

static long double
positive (int n, long double x)
{
  if (n > 0)
    return (n % 2 ? 1 : -1) * polygamma_positive (n, x);
  if (fabsl (x - ROOT_HIGH) < 2e-3L)
    return digamma_near_root (x);
  return digamma_positive (x);
}

/* The n-th derivative of cot (pi x) divided by pi^n is a polynomial in c = cot (pi x): P_0 = c, P_(n+1) = -(1 + c²) P_n'. */
static long double
cotangent_derivative (int n, long double x)
{
  long double p[68] = { 0, 1 }, next[68], c, value = 0;
  long double r = x - rintl (x);

  for (int k = 0; k < n; k++)
    {
      for (int i = 0; i < 68; i++)
        next[i] = -((i + 1 < 68 ? (i + 1) * p[i + 1] : 0) + (i >= 1 ? (i - 1) * p[i - 1] : 0));
      for (int i = 0; i < 68; i++)
        p[i] = next[i];
    }
  c = fabsl (r) == 0.5L ? 0 : 1 / tanl (PI_L * r);
  for (int i = n + 1; i >= 0; i--)
    value = value * c + p[i];
  return value * powl (PI_L, n);
}

double
_chain_polygamma (int n, double x)
{
  if (isnan (x))
    return x;
  if (x > 0)
    return isinf (x) ? (n == 0 ? x : n % 2 ? 0.0 : -0.0) : (double) positive (n, x);
  if (x == floor (x))   /* a pole: of even order one side is as good as the other, except at a signed zero */
    return n % 2 ? INFINITY : x == 0 ? copysign (INFINITY, -x) : NAN;
  return (double) ((n % 2 ? -1 : 1) * positive (n, 1 - (long double) x) - PI_L * cotangent_derivative (n, x));
}
