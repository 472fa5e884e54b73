/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of small products (small.h). Compiled once for each instruction set, as kernels.c is; all give the same bits, since each
 * number is one chain of fma over k in order.
 *
 * Vectors are as wide as the lanes need: eight lanes of f32 use half of what AVX-512 has, because processors that execute it in two
 * halves then do half the work. */
#include "engine/run/cpu/small.h"

#include "engine/run/cpu/maths.h"

#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

/* --- squares: to[c * ld + r] = from[r * stride + c] --- */
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

/* --- f32, f64, in two widths --- */
#if defined(__AVX512F__)
#define WIDE_BYTES 64
#define NARROW_BYTES 32
#define SMALL _chain_small_avx512
#elif defined(__AVX2__)
#define WIDE_BYTES 32
#define NARROW_BYTES 32
#define SMALL _chain_small_avx2
#else
#define WIDE_BYTES 16
#define NARROW_BYTES 16
#define SMALL _chain_small_plain
#endif

#define T float
#define FMA_T __builtin_fmaf
#define D(name) name##_f32
#define SQUARE 8
#define S(name) name##_f32_wide
#define WIDE(name) name##_f32_wide
#define VB WIDE_BYTES
#include "engine/run/cpu/small-typed.h"
#undef VB
#if NARROW_BYTES == WIDE_BYTES
#define NARROW(name) name##_f32_wide
#else
#undef S
#define S(name) name##_f32_narrow
#define NARROW(name) name##_f32_narrow
#define VB NARROW_BYTES
#include "engine/run/cpu/small-typed.h"
#undef VB
#endif
#include "engine/run/cpu/small-drive.h"
#undef T
#undef FMA_T
#undef D
#undef SQUARE
#undef S
#undef WIDE
#undef NARROW

#define T double
#define FMA_T __builtin_fma
#define D(name) name##_f64
#define SQUARE 4
#define S(name) name##_f64_wide
#define WIDE(name) name##_f64_wide
#define VB WIDE_BYTES
#include "engine/run/cpu/small-typed.h"
#undef VB
#if NARROW_BYTES == WIDE_BYTES
#define NARROW(name) name##_f64_wide
#else
#undef S
#define S(name) name##_f64_narrow
#define NARROW(name) name##_f64_narrow
#define VB NARROW_BYTES
#include "engine/run/cpu/small-typed.h"
#undef VB
#endif
#include "engine/run/cpu/small-drive.h"

const ChainSmallKernels SMALL = { { choose_f32, choose_f64 }, { product_f32, product_f64 }, { scalars_f32, scalars_f64 },
                                  { columns_f32, columns_f64 } };
