/* SPDX-License-Identifier: Apache-2.0 */
/* Squares of eight by eight f32, or four by four f64, turned in registers: to[c * ld + r] = from[r * stride + c] for c < cols, zeros where
 * r >= rows. For the files that are compiled once for each instruction set. */
#pragma once

#include "engine/run/cpu/maths.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX2__)
#define SHUFFLE(a, b, ...) __builtin_shufflevector (a, b, __VA_ARGS__)

CHAIN_ALWAYS __m256
row_f32 (const float *p, int n)
{
  static const int32_t ones[16] = { -1, -1, -1, -1, -1, -1, -1, -1 };

  return _mm256_maskload_ps (p, _mm256_loadu_si256 ((const __m256i *) (const void *) (ones + 8 - n)));
}

static void
square_f32 (float *to, int64_t ld, const float *from, int64_t stride, int rows, int cols)
{
  __m256 v[8], t[8];

  for (int r = 0; r < 8; r++)
    v[r] = r < rows ? row_f32 (from + r * stride, cols) : _mm256_setzero_ps ();
  for (int i = 0; i < 8; i += 2)
    {
      t[i] = SHUFFLE (v[i], v[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
      t[i + 1] = SHUFFLE (v[i], v[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
  for (int i = 0; i < 8; i += 4)
    for (int j = 0; j < 2; j++)
      {
        v[i + 2 * j] = SHUFFLE (t[i + j], t[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        v[i + 2 * j + 1] = SHUFFLE (t[i + j], t[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
      }
  for (int j = 0; j < 4; j++)
    {
      t[j] = SHUFFLE (v[j], v[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
      t[j + 4] = SHUFFLE (v[j], v[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
  for (int c = 0; c < cols; c++)
    _mm256_storeu_ps (to + c * ld, t[c]);
}

static void
square_f64 (double *to, int64_t ld, const double *from, int64_t stride, int rows, int cols)
{
  static const int64_t ones[8] = { -1, -1, -1, -1 };
  const __m256i mask = _mm256_loadu_si256 ((const __m256i *) (const void *) (ones + 4 - cols));
  __m256d v[4], t[4];

  for (int r = 0; r < 4; r++)
    v[r] = r < rows ? _mm256_maskload_pd (from + r * stride, mask) : _mm256_setzero_pd ();
  for (int i = 0; i < 4; i += 2)
    {
      t[i] = SHUFFLE (v[i], v[i + 1], 0, 4, 2, 6);
      t[i + 1] = SHUFFLE (v[i], v[i + 1], 1, 5, 3, 7);
    }
  for (int j = 0; j < 2; j++)
    {
      v[j] = SHUFFLE (t[j], t[j + 2], 0, 1, 4, 5);
      v[j + 2] = SHUFFLE (t[j], t[j + 2], 2, 3, 6, 7);
    }
  for (int c = 0; c < cols; c++)
    _mm256_storeu_pd (to + c * ld, v[c]);
}
#else
#define PLAIN_SQUARE(T, name, n) \
  static void name (T *to, int64_t ld, const T *from, int64_t stride, int rows, int cols) \
  { \
    for (int c = 0; c < cols; c++) \
      for (int r = 0; r < n; r++) \
        to[c * ld + r] = r < rows ? from[r * stride + c] : 0; \
  }
PLAIN_SQUARE (float, square_f32, 8)
PLAIN_SQUARE (double, square_f64, 4)
#endif
