/* SPDX-License-Identifier: Apache-2.0 */
/* The scalar functions in single precision, as straight lines without branches, so that a compiler turns a loop over them into
 * vectors of any width: every width does the same IEEE operations in the same order and gives the same bits. Selections are
 * written so that a NaN falls through. fma is explicit; files that include this are compiled with -ffp-contract=off.
 *
 * Accuracy (tests/engine/cpu-maths.c, every 4099th bit pattern): exp, log, log1p, expm1 <= 1 ulp, tanh, sigmoid, softplus <= 4.
 * exp: Cody-Waite reduction by ln 2 in two parts. log: mantissa in [sqrt 1/2, sqrt 2), the polynomial of Moshier's Cephes logf.
 * log1p: 1 + x rounded, its rounding error divided by it and added (Kahan; as in FreeBSD's s_log1p). */
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#define CHAIN_ALWAYS static inline __attribute__ ((always_inline, unused))
#define FMAF __builtin_fmaf

CHAIN_ALWAYS uint32_t
f32_bits (float x)
{
  uint32_t u;
  memcpy (&u, &x, sizeof u);
  return u;
}

CHAIN_ALWAYS float
f32_from (uint32_t u)
{
  float x;
  memcpy (&x, &u, sizeof x);
  return x;
}

CHAIN_ALWAYS float
f32_abs (float x)
{
  return f32_from (f32_bits (x) & 0x7fffffffu);
}

CHAIN_ALWAYS float
f32_copysign (float x, float sign)
{
  return f32_from ((f32_bits (x) & 0x7fffffffu) | (f32_bits (sign) & 0x80000000u));
}

/* x = n ln 2 + r, |r| <= ln 2 / 2. n by adding 1.5 · 2^23, whose low bits then are n. */
CHAIN_ALWAYS float
f32_reduce (float x, int32_t *n)
{
  float t = FMAF (x, 1.44269504f, 12582912.0f), k = t - 12582912.0f;
  float r = FMAF (k, -0.693145752f, x);

  *n = (int32_t) (f32_bits (t) - 0x4b400000u);
  return FMAF (k, -1.42860677e-6f, r);
}

/* 2^n for n in [-126, 127]; any n gives some number */
CHAIN_ALWAYS float
f32_pow2 (int32_t n)
{
  return f32_from ((uint32_t) (n + 127) << 23);
}

/* (exp r - 1 - r) / r² */
CHAIN_ALWAYS float
f32_exp_tail (float r)
{
  float p = FMAF (r, 1.37805939e-3f, 8.37312452e-3f);

  p = FMAF (p, r, 4.16695364e-2f);
  p = FMAF (p, r, 1.66664720e-1f);
  return FMAF (p, r, 4.99999851e-1f);
}

CHAIN_ALWAYS float
f32_exp (float x)
{
  int32_t n, h;
  float r, p;

  x = x > 89.0f ? 89.0f : x;
  x = x < -104.5f ? -104.5f : x;
  r = f32_reduce (x, &n);
  p = FMAF (f32_exp_tail (r), r, 1.0f);
  p = FMAF (p, r, 1.0f);
  h = n >> 1;
  return p * f32_pow2 (h) * f32_pow2 (n - h);
}

CHAIN_ALWAYS float
f32_expm1 (float x)
{
  int32_t n, h;
  float r, q, s, t, y;
  float c = x > 89.0f ? 89.0f : x;

  c = c < -20.0f ? -20.0f : c;
  r = f32_reduce (c, &n);
  q = FMAF (f32_exp_tail (r) * r, r, r);
  h = n >> 1;
  s = f32_pow2 (h);
  t = f32_pow2 (n - h);
  y = FMAF (q, s, s - f32_pow2 (h - n)) * t;
  y = f32_abs (x) < 1e-4f ? FMAF (x * 0.5f, x, x) : y;
  return x == 0.0f ? x : y;
}

/* x = m 2^e with m in [sqrt 1/2, sqrt 2), for a normal x > 0 */
CHAIN_ALWAYS float
f32_split (float x, float *e)
{
  uint32_t u = f32_bits (x), k = (u - 0x3f3504f3u) & 0xff800000u;

  *e = (float) ((int32_t) k >> 23);
  return f32_from (u - k);
}

/* log (1 + f) - f for f in [sqrt 1/2 - 1, sqrt 2 - 1], plus what small adds */
CHAIN_ALWAYS float
f32_log_tail (float f, float e, float small)
{
  float s = f * f;
  float p = FMAF (f, 7.0376836292e-2f, -1.1514610310e-1f);

  p = FMAF (p, f, 1.1676998740e-1f);
  p = FMAF (p, f, -1.2420140846e-1f);
  p = FMAF (p, f, 1.4249322787e-1f);
  p = FMAF (p, f, -1.6668057665e-1f);
  p = FMAF (p, f, 2.0000714765e-1f);
  p = FMAF (p, f, -2.4999993993e-1f);
  p = FMAF (p, f, 3.3333331174e-1f);
  p = FMAF (p, f * s, small);
  p = FMAF (e, -2.12194440e-4f, p);
  return FMAF (s, -0.5f, p);
}

CHAIN_ALWAYS float
f32_log (float x)
{
  float tiny = x < 1.17549435e-38f ? 8388608.0f : 1.0f;
  float e, m = f32_split (x * tiny, &e), f = m - 1.0f, y;

  e = tiny > 1.0f ? e - 23.0f : e;
  y = f + f32_log_tail (f, e, 0.0f);
  y = FMAF (e, 0.693359375f, y);
  y = x == INFINITY ? x : y;
  y = x == 0.0f ? -INFINITY : y;
  y = x < 0.0f ? NAN : y;
  return x != x ? x : y;
}

CHAIN_ALWAYS float
f32_log1p (float x)
{
  float u = 1.0f + x;
  float c = x >= 1.0f ? 1.0f - (u - x) : x - (u - 1.0f);
  float e, m = f32_split (u, &e), f = m - 1.0f, y;
  int near = e == 0.0f;

  f = near ? x : f;
  c = near ? 0.0f : c / u;
  y = f + f32_log_tail (f, e, c);
  y = FMAF (e, 0.693359375f, y);
  y = x == 0.0f ? x : y;
  y = x == INFINITY ? x : y;
  y = x == -1.0f ? -INFINITY : y;
  y = x < -1.0f ? NAN : y;
  return x != x ? x : y;
}

CHAIN_ALWAYS float
f32_tanh (float x)
{
  float t = f32_abs (x), s = x * x, e = t > 10.0f ? 10.0f : t;
  float far = 1.0f - 2.0f / (f32_exp (e + e) + 1.0f);
  float near = FMAF (s, 1.57394847e-2f, -5.23025580e-2f);

  near = FMAF (near, s, 1.33152470e-1f);
  near = FMAF (near, s, -3.33327681e-1f);
  near = FMAF (near * s, t, t);
  return f32_copysign (t < 0.55f ? near : far, x);
}

/* e = exp -|x|: 1 / (1 + e) or e / (1 + e), so that the left tail keeps its digits */
CHAIN_ALWAYS float
f32_sigmoid (float x)
{
  float e = f32_exp (-f32_abs (x));

  return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

/* max (x, 0) + log1p (exp -|x|) */
CHAIN_ALWAYS float
f32_softplus (float x)
{
  float l = f32_log1p (f32_exp (-f32_abs (x)));

  return (x < 0.0f ? 0.0f : x) + l;
}

/* to bfloat16 and back, half to even, NaN kept */
CHAIN_ALWAYS float
f32_round_bf16 (float x)
{
  uint32_t u = f32_bits (x);
  uint32_t r = (u + 0x7fffu + ((u >> 16) & 1u)) & 0xffff0000u;

  return x != x ? x : f32_from (r);
}

/* To binary16 and back: adding and removing a number 2^13 times the last place of the result rounds half to even; the last place
 * never lies below 2^-24, the smallest denormal. */
CHAIN_ALWAYS float
f32_round_f16 (float x)
{
  float t = f32_abs (x);
  uint32_t e = f32_bits (t) & 0x7f800000u;
  float big = f32_from ((e < 0x38800000u ? 0x38800000u : e > 0x47000000u ? 0x47000000u : e) + (13u << 23));
  float r = (t + big * 1.5f) - big * 1.5f;

  r = t >= 65520.0f ? INFINITY : r;
  return x != x ? x : f32_copysign (r, x);
}
