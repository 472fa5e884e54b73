/* SPDX-License-Identifier: Apache-2.0 */
/* Philox 4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 *
 * The high word of a uniform number is the first word of the block, in both precisions: a run in f32 and a run in f64 with the
 * same seed see the same draw up to rounding, so their dropout masks agree. A uniform number is (k + 1/2) · 2^-52 (f32:
 * 2^-23): never 0 or 1, exactly representable, and ln of it is finite. */
#include "engine/base/rng.h"

#include <math.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u   /* golden ratio */
#define PHILOX_W1 0xBB67AE85u   /* sqrt (3) - 1 */

void
chain_philox (const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];

  for (int round = 0; round < 10; round++)
    {
      uint64_t p0 = (uint64_t) PHILOX_M0 * c0;
      uint64_t p1 = (uint64_t) PHILOX_M1 * c2;
      uint32_t n0 = (uint32_t) (p1 >> 32) ^ c1 ^ k0;
      uint32_t n2 = (uint32_t) (p0 >> 32) ^ c3 ^ k1;

      c1 = (uint32_t) p1;
      c3 = (uint32_t) p0;
      c0 = n0;
      c2 = n2;
      k0 += PHILOX_W0;
      k1 += PHILOX_W1;
    }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

void
chain_stream_init (ChainStream *s, uint64_t seed, uint32_t purpose, uint32_t object, uint64_t step)
{
  const uint32_t counter[4] = { purpose, object, 0, 0 };
  const uint32_t key[2] = { (uint32_t) seed, (uint32_t) (seed >> 32) };
  uint32_t w[4];

  chain_philox (counter, key, w);
  s->key[0] = w[0];
  s->key[1] = w[1];
  s->step = step;
}

void
chain_stream_words (const ChainStream *s, uint32_t row, uint32_t col, uint32_t out[4])
{
  const uint32_t counter[4] = { row, col, (uint32_t) s->step, (uint32_t) (s->step >> 32) };

  chain_philox (counter, s->key, out);
}

static double
uniform_of_words (uint32_t high, uint32_t low)
{
  uint64_t k = ((uint64_t) high << 32 | low) >> 12;

  return ((double) k + 0.5) * 0x1p-52;
}

double
chain_stream_uniform (const ChainStream *s, uint32_t row, uint32_t col)
{
  uint32_t w[4];

  chain_stream_words (s, row, col, w);
  return uniform_of_words (w[0], w[1]);
}

float
chain_stream_uniformf (const ChainStream *s, uint32_t row, uint32_t col)
{
  uint32_t w[4];

  chain_stream_words (s, row, col, w);
  return ((float) (w[0] >> 9) + 0.5f) * 0x1p-23f;
}

double
chain_stream_normal (const ChainStream *s, uint32_t row, uint32_t col)
{
  uint32_t w[4];
  double u, v;

  chain_stream_words (s, row, col, w);
  u = uniform_of_words (w[0], w[1]);
  v = uniform_of_words (w[2], w[3]);
  return sqrt (-2.0 * log (u)) * cos (2.0 * G_PI * v);
}

float
chain_stream_normalf (const ChainStream *s, uint32_t row, uint32_t col)
{
  return (float) chain_stream_normal (s, row, col);
}

uint32_t
chain_stream_below (const ChainStream *s, uint32_t row, uint32_t col, uint32_t n)
{
  uint32_t w[4];
  uint64_t product;
  uint32_t threshold;

  g_assert (n >= 1);
  chain_stream_words (s, row, col, w);
  product = (uint64_t) w[0] * n;
  if ((uint32_t) product >= n)
    return (uint32_t) (product >> 32);

  /* Lemire, "Fast random integer generation in an interval", 2019: reject the 2^32 mod n smallest low words. */
  threshold = (uint32_t) -n % n;
  for (gboolean first = TRUE; (uint32_t) product < threshold; first = FALSE)
    {
      if (first)
        chain_stream_words (s, row, col + 0x80000000u, w);
      else
        chain_philox (w, s->key, w);
      product = (uint64_t) w[0] * n;
    }
  return (uint32_t) (product >> 32);
}

/* --- the first words of entries (last, 0), (last - 1, 0) …, PERMUTE of them at once: shuffling is a tenth of a small network's step --- */
#define PERMUTE 8

#if defined(__SSE2__)
/* Two entries a vector, 64 bits each. The multiplication looks at the low halves only, so what is above them need not be cleared. */
static void
first_words (const ChainStream *s, uint32_t last, uint32_t out[PERMUTE])
{
  const __m128i m0 = _mm_set1_epi64x (PHILOX_M0), m1 = _mm_set1_epi64x (PHILOX_M1);
  __m128i c0[PERMUTE / 2], c1[PERMUTE / 2], c2[PERMUTE / 2], c3[PERMUTE / 2];
  uint32_t k0 = s->key[0], k1 = s->key[1];

  for (uint32_t j = 0; j < PERMUTE / 2; j++)
    {
      c0[j] = _mm_set_epi64x ((long long) (last - 2 * j - 1), (long long) (last - 2 * j));
      c1[j] = _mm_setzero_si128 ();
      c2[j] = _mm_set1_epi64x ((long long) (s->step & 0xffffffffu));
      c3[j] = _mm_set1_epi64x ((long long) (s->step >> 32));
    }
  for (int round = 0; round < 10; round++, k0 += PHILOX_W0, k1 += PHILOX_W1)
    {
      const __m128i v0 = _mm_set1_epi64x (k0), v1 = _mm_set1_epi64x (k1);
      for (int j = 0; j < PERMUTE / 2; j++)
        {
          __m128i p0 = _mm_mul_epu32 (c0[j], m0), p1 = _mm_mul_epu32 (c2[j], m1);
          c0[j] = _mm_xor_si128 (_mm_xor_si128 (_mm_srli_epi64 (p1, 32), c1[j]), v0);
          c2[j] = _mm_xor_si128 (_mm_xor_si128 (_mm_srli_epi64 (p0, 32), c3[j]), v1);
          c1[j] = p1;
          c3[j] = p0;
        }
    }
  for (int j = 0; j < PERMUTE / 2; j++)
    {
      out[2 * j] = (uint32_t) _mm_cvtsi128_si32 (c0[j]);
      out[2 * j + 1] = (uint32_t) _mm_cvtsi128_si32 (_mm_srli_si128 (c0[j], 8));
    }
}
#else
static void
first_words (const ChainStream *s, uint32_t last, uint32_t out[PERMUTE])
{
  uint32_t w[4];

  for (uint32_t j = 0; j < PERMUTE; j++)
    {
      chain_stream_words (s, last - j, 0, w);
      out[j] = w[0];
    }
}
#endif

static inline void
swap_with (uint32_t *out, uint32_t i, uint32_t j)
{
  uint32_t t = out[i];

  out[i] = out[j];
  out[j] = t;
}

void
chain_stream_permute (const ChainStream *s, uint32_t *out, uint32_t n)
{
  uint32_t i = n, w[PERMUTE];

  for (uint32_t k = 0; k < n; k++)
    out[k] = k;
  for (; i > PERMUTE; i -= PERMUTE)
    {
      first_words (s, i - 1, w);
      for (uint32_t k = 0; k < PERMUTE; k++)
        {
          uint64_t product = (uint64_t) w[k] * (i - k);
          if (G_LIKELY ((uint32_t) product >= i - k))
            swap_with (out, i - k - 1, (uint32_t) (product >> 32));
          else
            swap_with (out, i - k - 1, chain_stream_below (s, i - k - 1, 0, i - k));
        }
    }
  for (; i > 1; i--)
    swap_with (out, i - 1, chain_stream_below (s, i - 1, 0, i));
}

uint32_t
chain_stream_object (const char *id)
{
  uint32_t h = 2166136261u;

  for (const unsigned char *p = (const unsigned char *) id; *p; p++)
    h = (h ^ *p) * 16777619u;
  return h;
}
