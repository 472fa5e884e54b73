/* SPDX-License-Identifier: Apache-2.0 */
/* The scalar functions in single precision, as straight lines without branches, so that a compiler turns a loop over them into
 * vectors of any width: every width does the same IEEE operations in the same order and gives the same bits. Selections are
 * written so that a NaN falls through. fma is explicit; files that include this are compiled with -ffp-contract=off.
 *
 * Accuracy (tests/engine/run/kernels.c, every 4099th bit pattern): exp, log, log1p, expm1 <= 1 ulp, tanh, sigmoid, softplus <= 4,
 * erf, erfc, sin, cos, atan, asinh <= 2, pow <= 4.
 * exp: Cody-Waite reduction by ln 2 in two parts. log: mantissa in [sqrt 1/2, sqrt 2), the polynomial of Moshier's Cephes logf.
 * log1p: 1 + x rounded, its rounding error divided by it and added (Kahan; as in FreeBSD's s_log1p).
 * All other coefficients are minimax fits (Remez) of the function named beside them, made with 40 digits. erfc and pow, whose results
 * span all exponents, go by way of double: two vectors for one, and still several times as fast as a call for each number. */
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#define CHAIN_ALWAYS static inline __attribute__ ((always_inline, unused))
#define FMAF __builtin_fmaf
#define FMAD __builtin_fma

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

CHAIN_ALWAYS uint64_t
f64_bits (double x)
{
  uint64_t u;
  memcpy (&u, &x, sizeof u);
  return u;
}

CHAIN_ALWAYS double
f64_from (uint64_t u)
{
  double x;
  memcpy (&x, &u, sizeof x);
  return x;
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

/* f32_exp for x in [0, 20]: nothing to clamp, and one power of two is as exact as two. */
CHAIN_ALWAYS float
f32_exp_near (float x)
{
  int32_t n;
  float r = f32_reduce (x, &n), p = FMAF (f32_exp_tail (r), r, 1.0f);

  return FMAF (p, r, 1.0f) * f32_pow2 (n);
}

CHAIN_ALWAYS float
f32_tanh (float x)
{
  float t = f32_abs (x), s = x * x, e = t > 10.0f ? 10.0f : t;
  float far = 1.0f - 2.0f / (f32_exp_near (e + e) + 1.0f);
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

/* atan z = z + z³ P (z²) up to 1, beyond it π/2 - atan (1 / z) */
CHAIN_ALWAYS float
f32_atan (float x)
{
  float t = f32_abs (x), z = t > 1.0f ? 1.0f / t : t, s = z * z, y;
  float p = FMAF (s, -1.79364537e-3f, 1.09147208e-2f);

  p = FMAF (p, s, -3.11780810e-2f);
  p = FMAF (p, s, 5.79578551e-2f);
  p = FMAF (p, s, -8.40346744e-2f);
  p = FMAF (p, s, 1.09521924e-1f);
  p = FMAF (p, s, -1.42642431e-1f);
  p = FMAF (p, s, 1.99985484e-1f);
  p = FMAF (p, s, -3.33332991e-1f);
  y = FMAF (p * s, z, z);
  y = t > 1.0f ? 1.57079637f - (y + 4.37113883e-8f) : y;
  return f32_copysign (y, x);
}

/* log (t + r), r = √(1 + t²), with what the roundings of t², 1 + t², r and t + r lost: (2 r low + e) / 2 r (t + r). Beyond 2^13 the
 * root is t itself to the last place. */
CHAIN_ALWAYS float
f32_asinh (float x)
{
  float t = f32_abs (x), c = t > 8192.0f ? 1.0f : t;
  float h = c * c, u = 1.0f + h, r = __builtin_sqrtf (u);
  float lost = FMAF (c, c, -h) + (h > 1.0f ? 1.0f - (u - h) : h - (u - 1.0f));
  float e = FMAF (-r, r, u) + lost, a = c + r, low = c - (a - r);
  float small = FMAF (r + r, low, e) / ((r + r) * a), k, f, y;

  a = t > 8192.0f ? t : a;
  f = f32_split (a, &k) - 1.0f;
  small = t > 8192.0f ? 0.0f : small;
  k = t > 8192.0f ? k + 1.0f : k;
  y = f + f32_log_tail (f, k, small);
  y = FMAF (k, 0.693359375f, y);
  y = t < 4e-3f ? FMAF (h * t, -1.66666672e-1f, t) : y;
  y = t == INFINITY ? t : y;
  return t != t ? x : f32_copysign (y, x);
}

/* Up to 0.93: x + x P (x²); beyond: 1 - exp (-t + t Q (t)), the logarithm of erfc being nearly a parabola; 1 from 4. */
CHAIN_ALWAYS float
f32_erf (float x)
{
  float t = f32_abs (x), s = x * x, u = t > 4.0f ? 4.0f : t, near, far;
  float p = FMAF (s, 8.31677089e-5f, -8.13001177e-4f);
  float q = FMAF (u, -1.04330156e-5f, 3.14856983e-4f);

  p = FMAF (p, s, 5.19990661e-3f);
  p = FMAF (p, s, -2.68589415e-2f);
  p = FMAF (p, s, 1.12836872e-1f);
  p = FMAF (p, s, -3.76126332e-1f);
  p = FMAF (p, s, 1.28379167e-1f);
  near = FMAF (p, t, t);
  q = FMAF (q, u, -3.61033686e-3f);
  q = FMAF (q, u, 2.36945543e-2f);
  q = FMAF (q, u, -1.06159035e-1f);
  q = FMAF (q, u, -6.35198043e-1f);
  q = FMAF (q, u, -1.28637073e-1f);
  far = 1.0f - f32_exp (FMAF (q, u, -u));
  return f32_copysign (t < 0.93f ? near : far, x);
}

/* 2^w, for results that will be floats */
CHAIN_ALWAYS double
f64_exp2 (double w)
{
  double t, r, p;

  w = w > 200.0 ? 200.0 : w;
  w = w < -200.0 ? -200.0 : w;
  t = w + 0x1.8p52;
  r = w - (t - 0x1.8p52);
  p = FMAD (r, 1.53457654145522808e-4, 1.33999585177112329e-3);
  p = FMAD (p, r, 9.61848935589284864e-3);
  p = FMAD (p, r, 5.55032870858172641e-2);
  p = FMAD (p, r, 2.40226468845148584e-1);
  p = FMAD (p, r, 6.93147205770108825e-1);
  p = FMAD (p, r, 1.00000000055575450);
  return f64_from (f64_bits (p) + (f64_bits (t) << 52));
}

/* 1 / x to 2^-46, for x in the range of floats */
CHAIN_ALWAYS double
f64_inverse (double x)
{
  double r = (double) (1.0f / (float) x);

  return FMAD (FMAD (-x, r, 1.0), r, r);
}

/* erfc t = exp (-t²) P (q) / (1 + 2 t), q = (t - 3) / (t + 3) (Shepherd and Laframboise, Math. Comp. 36, 1981). The square of a
 * float is exact in double; from 10.5 the result is below half the smallest denormal. */
CHAIN_ALWAYS float
f32_erfc (float x)
{
  float c = f32_abs (x) > 10.5f ? 10.5f : f32_abs (x);
  double t = (double) c, d = t + 3.0, g = FMAD (2.0, t, 1.0);
  double both = f64_inverse (d * g), q = (t - 3.0) * (g * both);
  double p = FMAD (q, -2.68126863812181739e-4, -7.77581553780419382e-4);
  double y;

  p = FMAD (p, q, 2.00181242826119156e-3);
  p = FMAD (p, q, 2.56737608179820939e-3);
  p = FMAD (p, q, -2.37975306687830907e-2);
  p = FMAD (p, q, 6.82957677889927028e-2);
  p = FMAD (p, q, -1.19270975232226026e-1);
  p = FMAD (p, q, 1.29646414474949722e-1);
  p = FMAD (p, q, -4.75623994398953163e-2);
  p = FMAD (p, q, -1.35621139296964745e-1);
  p = FMAD (p, q, 1.25300805912183027);
  y = f64_exp2 (t * t * -1.4426950408889634) * p * (d * both);
  return (float) (x < 0.0f ? 2.0 - y : y);
}

/* log2 (m 2^e) = e + 2 atanh ((m - 1) / (m + 1)) / ln 2, for a float m in [sqrt 1/2, sqrt 2) */
CHAIN_ALWAYS double
f64_log2 (double m, double e)
{
  double s = (m - 1.0) * f64_inverse (m + 1.0), z = s * s;
  double p = FMAD (z, 3.40730113602758569e-1, 4.11672718532870002e-1);

  p = FMAD (p, z, 5.77083584975418629e-1);
  p = FMAD (p, z, 9.61796673341713506e-1);
  p = FMAD (p, z, 2.88539008179008634);
  return FMAD (p, s, e);
}

/* 1 if y is whole, for 0 <= y: adding 2^23 leaves no place for a fraction */
CHAIN_ALWAYS int
f32_is_whole (float y)
{
  return (y >= 8388608.0f) | ((y + 8388608.0f) - 8388608.0f == y);
}

/* 2^(y log2 |x|), then the special cases of C, annex F.9.4.4. */
CHAIN_ALWAYS float
f32_pow (float x, float y)
{
  float t = f32_abs (x), n = f32_abs (y), e, r;
  float tiny = t < 1.17549435e-38f ? 8388608.0f : 1.0f, m = f32_split (t * tiny, &e);
  int whole = f32_is_whole (n), odd = whole & (n < 16777216.0f) & !f32_is_whole (n * 0.5f);
  int down = (t < 1.0f) != (y < 0.0f);

  e = tiny > 1.0f ? e - 23.0f : e;
  r = (float) f64_exp2 ((double) y * f64_log2 ((double) m, (double) e));
  r = ((t == 0.0f) | (t == INFINITY)) ? (down ? 0.0f : INFINITY) : r;
  r = t == 1.0f ? 1.0f : r;
  r = odd ? f32_from (f32_bits (r) ^ (f32_bits (x) & 0x80000000u)) : r;
  r = ((x < 0.0f) & (t < INFINITY) & !whole) ? NAN : r;
  r = ((x != x) | (y != y)) ? x + y : r;
  return ((y == 0.0f) | (x == 1.0f)) ? 1.0f : r;
}

/* sin (r + q π/2) for |r| <= π/4 */
CHAIN_ALWAYS float
f32_sin_quadrant (float r, uint32_t q)
{
  float s = r * r;
  float a = FMAF (s, -1.95113672e-4f, 8.33213232e-3f), b = FMAF (s, 2.44286787e-5f, -1.38872776e-3f), y;

  a = FMAF (a, s, -1.66666542e-1f);
  a = FMAF (a * s, r, r);
  b = FMAF (b, s, 4.16666449e-2f);
  b = FMAF (b, s, -0.5f);
  b = FMAF (b, s, 1.0f);
  y = (q & 1u) ? b : a;
  return f32_from (f32_bits (y) ^ ((q & 2u) << 30));
}

/* x = q π/2 + r by Cody and Waite, π/2 in three parts: good to |x| = CHAIN_SIN_NEAR */
#define CHAIN_SIN_NEAR 65536.0f

CHAIN_ALWAYS float
f32_quarter (float x, uint32_t *q)
{
  float t = FMAF (x, 6.36619772e-1f, 12582912.0f), k = t - 12582912.0f;
  float r = FMAF (k, -1.57079637f, x);

  *q = f32_bits (t);
  r = FMAF (k, 4.37113883e-8f, r);
  return FMAF (k, 1.71512451e-15f, r);
}

/* Any finite x >= 2^-7, whole numbers only (Payne and Hanek, 1983): x = m 2^e, and of 2/π only the 96 bits count whose product with
 * m 2^e lies below 4. For one number at a time. */
static inline __attribute__ ((unused)) float
f32_quarter_far (float x, uint32_t *q)
{
  static const uint32_t two_over_pi[8] = { 0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab };
  __extension__ typedef unsigned __int128 Wide;
  uint32_t u = f32_bits (x), at = ((u >> 23) & 0xffu) - 120u, skip = at % 32u;
  const uint32_t *w = two_over_pi + at / 32u;
  Wide bits = ((Wide) w[0] << 96 | (Wide) w[1] << 64 | (Wide) w[2] << 32 | w[3]) << skip >> 32;
  uint64_t turn = (uint64_t) (bits * ((u & 0x7fffffu) | 0x800000u) >> 32);   /* in 2^-62 quarters */
  uint64_t n = (turn + ((uint64_t) 1 << 61)) >> 62;
  float r = (float) ((double) (int64_t) (turn - (n << 62)) * (1.5707963267948966 * 0x1p-62));

  *q = (uint32_t) (u >> 31 ? 0 - n : n);
  return u >> 31 ? -r : r;
}

CHAIN_ALWAYS int
f32_is_far (float x)
{
  return f32_abs (x) > CHAIN_SIN_NEAR && f32_abs (x) < INFINITY;
}

CHAIN_ALWAYS float
f32_sin (float x)
{
  uint32_t q;
  float r = f32_quarter (x, &q);

  return x == 0.0f ? x : f32_sin_quadrant (r, q);
}

CHAIN_ALWAYS float
f32_cos (float x)
{
  uint32_t q;
  float r = f32_quarter (x, &q);

  return f32_sin_quadrant (r, q + 1u);
}

static inline __attribute__ ((unused)) float
f32_sin_far (float x)
{
  uint32_t q;
  float r = f32_quarter_far (x, &q);

  return f32_sin_quadrant (r, q);
}

static inline __attribute__ ((unused)) float
f32_cos_far (float x)
{
  uint32_t q;
  float r = f32_quarter_far (x, &q);

  return f32_sin_quadrant (r, q + 1u);
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
