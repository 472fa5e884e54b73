/* SPDX-License-Identifier: Apache-2.0 */
/* Small products for one precision and one width of vectors: included by small.c with T, S(), FMA_T and VB (bytes of a vector) set.
 * A template. */

typedef T S (vec) __attribute__ ((vector_size (VB), may_alias));
typedef T S (uvec) __attribute__ ((vector_size (VB), aligned (sizeof (T)), may_alias));
#define VEC S (vec)
#define VL (VB / (int) sizeof (T))

CHAIN_ALWAYS VEC
S (fma) (VEC a, VEC b, VEC c)
{
#if VB == 64
  return sizeof (T) == 4 ? (VEC) _mm512_fmadd_ps ((__m512) a, (__m512) b, (__m512) c)
                         : (VEC) _mm512_fmadd_pd ((__m512d) a, (__m512d) b, (__m512d) c);
#elif VB == 32
  return sizeof (T) == 4 ? (VEC) _mm256_fmadd_ps ((__m256) a, (__m256) b, (__m256) c)
                         : (VEC) _mm256_fmadd_pd ((__m256d) a, (__m256d) b, (__m256d) c);
#else
  for (int i = 0; i < VL; i++)
    c[i] = FMA_T (a[i], b[i], c[i]);
  return c;
#endif
}

/* The first w <= VL numbers at p, zeros behind them. */
CHAIN_ALWAYS VEC
S (load) (const T *p, int w)
{
#if VB == 64
  return sizeof (T) == 4 ? (VEC) _mm512_maskz_loadu_ps ((__mmask16) ((1u << w) - 1), p)
                         : (VEC) _mm512_maskz_loadu_pd ((__mmask8) ((1u << w) - 1), p);
#elif VB == 32 && defined(__AVX512F__)
  return sizeof (T) == 4 ? (VEC) _mm256_maskz_loadu_ps ((__mmask8) ((1u << w) - 1), p)
                         : (VEC) _mm256_maskz_loadu_pd ((__mmask8) ((1u << w) - 1), p);
#else
  union { VEC v; T t[VL]; } u = { { 0 } };
  if (w == VL)
    return *(const S (uvec) *) p;
  for (int i = 0; i < w; i++)
    u.t[i] = p[i];
  return u.v;
#endif
}

CHAIN_ALWAYS void
S (store) (T *p, VEC v, int w)
{
  if (w == VL)
    {
      *(S (uvec) *) p = v;
      return;
    }
#if VB == 64
  if (sizeof (T) == 4)
    _mm512_mask_storeu_ps (p, (__mmask16) ((1u << w) - 1), (__m512) v);
  else
    _mm512_mask_storeu_pd (p, (__mmask8) ((1u << w) - 1), (__m512d) v);
#elif VB == 32 && defined(__AVX512F__)
  if (sizeof (T) == 4)
    _mm256_mask_storeu_ps (p, (__mmask8) ((1u << w) - 1), (__m256) v);
  else
    _mm256_mask_storeu_pd (p, (__mmask8) ((1u << w) - 1), (__m256d) v);
#else
  union { VEC v; T t[VL]; } u = { v };
  for (int i = 0; i < w; i++)
    p[i] = u.t[i];
#endif
}

#if VB == 32 && defined(__AVX512F__)
/* Rows of eight as vectors of sixteen: who reads them next does so in sixteens, and a load that needs two stores which are still on
 * their way waits for both. A single row is followed by zeros up to the end of its block. */
CHAIN_ALWAYS void
S (store_pairs) (float *out, const __m256 *acc, const int R, int alone)
{
#pragma GCC unroll 5
  for (int i = 0; i + 1 < R; i += 2)
    _mm512_storeu_ps (out + i * 8, _mm512_insertf32x8 (_mm512_castps256_ps512 (acc[i]), acc[i + 1], 1));
  if (R % 2 == 1 && alone)
    _mm512_storeu_ps (out, _mm512_zextps256_ps512 (acc[0]));
  else if (R % 2 == 1)
    _mm256_storeu_ps (out + (R - 1) * 8, acc[R - 1]);
}
#endif

/* R rows of one panel of w lanes. BY_K: s is stored by k (si is 1), else by row. Three rows share a pointer, so that ten do not need
 * ten registers for addresses. */
CHAIN_ALWAYS void
S (rows) (const ChainSmall *p, int64_t i0, int64_t c0, int w, const int R, const int BY_K)
{
  VEC acc[10];
  const T *l = (const T *) p->lanes + c0, *s0 = (const T *) p->s + i0 * p->si;
  const int64_t si = BY_K ? 1 : p->si, sk = BY_K ? p->sk : 1, ld = p->ld;
  const T *s3 = s0 + 3 * si, *s6 = s3 + 3 * si, *s9 = s6 + 3 * si;
  T *out = (T *) p->out + i0 * p->ldo + c0;

#pragma GCC unroll 10
  for (int i = 0; i < R; i++)
    acc[i] = (VEC) { 0 };
  for (int64_t k = p->k; k > 0; k--, l += ld, s0 += sk, s3 += sk, s6 += sk, s9 += sk)
    {
      VEC v = S (load) (l, w);
#pragma GCC unroll 10
      for (int i = 0; i < R; i++)
        {
          const T *s = BY_K ? s0 + i : (i < 3 ? s0 : i < 6 ? s3 : i < 9 ? s6 : s9) + i % 3 * si;
          acc[i] = S (fma) (*s - (VEC) { 0 }, v, acc[i]);   /* not + 0: that would lose the sign of -0 */
        }
    }
  if (p->bias != NULL)
    {
      VEC b = p->bias_by_row ? (VEC) { 0 } : S (load) ((const T *) p->bias + c0, w);
#pragma GCC unroll 10
      for (int i = 0; i < R; i++)
        {
          VEC one = ((const T *) p->bias)[p->bias_by_row ? i0 + i : 0] - (VEC) { 0 };
          acc[i] += p->bias_by_row ? one : b;
        }
    }
#if VB == 32 && defined(__AVX512F__)
  if (sizeof (T) == 4 && w == VL && p->ldo == VL)
    {
      S (store_pairs) ((float *) out, (const __m256 *) acc, R, p->rows == 1);
      return;
    }
#endif
#pragma GCC unroll 10
  for (int i = 0; i < R; i++)
    S (store) (out + i * p->ldo, acc[i], w);
}

#define ROWS(r) \
  static void S (rows_##r) (const ChainSmall *p, int64_t i, int64_t c, int w) \
  { \
    if (p->si == 1) \
      S (rows) (p, i, c, w, r, 1); \
    else \
      S (rows) (p, i, c, w, r, 0); \
  }
ROWS (1) ROWS (2) ROWS (3) ROWS (4) ROWS (5) ROWS (6) ROWS (8) ROWS (10)
#undef ROWS

static const ChainSmallRows S (rows_of)[] = { NULL, S (rows_1), S (rows_2), S (rows_3), S (rows_4), S (rows_5), S (rows_6), NULL, S (rows_8),
                                              NULL, S (rows_10) };

static void
S (panel) (const ChainSmall *p, int64_t c, int w)
{
  static const uint8_t step[] = { 0, 1, 2, 3, 4, 5, 6, 4, 8, 5, 10, 6, 6, 8, 8, 8 };   /* of what is left, below 16; then 8 */

  for (int64_t i = 0; i < p->rows;)
    {
      int64_t left = p->rows - i;
      int r = left < 16 ? step[left] : 8;
      S (rows_of)[r] (p, i, c, w);
      i += r;
    }
}

#undef VEC
#undef VL
