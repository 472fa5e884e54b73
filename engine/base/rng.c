/* SPDX-License-Identifier: Apache-2.0 */
/* Philox 4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 *
 * The high word of a uniform number is the first word of the block, in both precisions: a run in f32 and a run in f64 with the
 * same seed see the same draw up to rounding, so their dropout masks agree. A uniform number is (k + 1/2) · 2^-52 (f32:
 * 2^-23): never 0 or 1, exactly representable, and ln of it is finite. */
#include "engine/base/rng.h"

#include <math.h>
#if defined(__x86_64__)
#include <immintrin.h>
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

/* --- draws below last, last - 1, …, PERMUTE of them at once: shuffling is a tenth of a small network's step --- */
#define PERMUTE 32

/* FALSE: one of them would be rejected, ask for each. What lies beyond the last bound, 1, means nothing. */
typedef gboolean (*Draw) (const ChainStream *s, uint32_t last, uint32_t out[PERMUTE]);

#if defined(__x86_64__)
/* Entries of 64 bits each. The multiplication looks at the low halves only, so what is above them need not be cleared. Once for each
 * instruction set: XOR3 (a, b, c) is one instruction where there is one. */
#define DRAW(name, isa, V, LANES, P, XOR3) \
  __attribute__ ((target (isa))) static gboolean \
  name (const ChainStream *s, uint32_t last, uint32_t out[PERMUTE]) \
  { \
    enum { CHAINS = 4 }; \
    typedef uint64_t Lanes __attribute__ ((vector_size (8 * LANES), may_alias)); \
    typedef int64_t Signed __attribute__ ((vector_size (8 * LANES), may_alias)); \
    const V m0 = (V) ((Lanes) { 0 } + PHILOX_M0), m1 = (V) ((Lanes) { 0 } + PHILOX_M1); \
    Lanes count = { 0 }; \
    uint64_t refused = 0; \
\
    for (uint32_t k = 0; k < LANES; k++) \
      count[k] = k; \
    for (uint32_t first = 0; first < PERMUTE; first += CHAINS * LANES) \
      { \
        V c0[CHAINS], c1[CHAINS], c2[CHAINS], c3[CHAINS]; \
        uint32_t k0 = s->key[0], k1 = s->key[1]; \
        for (uint32_t j = 0; j < CHAINS; j++) \
          { \
            c0[j] = (V) ((uint64_t) (last - 1 - first - j * LANES) - count); \
            c1[j] = (V) (Lanes) { 0 }; \
            c2[j] = (V) ((Lanes) { 0 } + (uint32_t) s->step); \
            c3[j] = (V) ((Lanes) { 0 } + (s->step >> 32)); \
          } \
        for (int round = 0; round < 10; round++, k0 += PHILOX_W0, k1 += PHILOX_W1) \
          { \
            const V v0 = (V) ((Lanes) { 0 } + k0), v1 = (V) ((Lanes) { 0 } + k1); \
            for (int j = 0; j < CHAINS; j++) \
              { \
                V p0 = P (mul_epu32) (c0[j], m0), p1 = P (mul_epu32) (c2[j], m1); \
                c0[j] = XOR3 ((V) ((Lanes) p1 >> 32), c1[j], v0); \
                c2[j] = XOR3 ((V) ((Lanes) p0 >> 32), c3[j], v1); \
                c1[j] = p1; \
                c3[j] = p0; \
              } \
          } \
        for (uint32_t j = 0; j < CHAINS; j++) \
          { \
            const uint32_t at = first + j * LANES; \
            const Lanes bound = ((uint64_t) last - at) - count, product = (Lanes) P (mul_epu32) (c0[j], (V) bound); \
            const Lanes low = (Lanes) ((Signed) (product & 0xffffffffu) < (Signed) bound), high = product >> 32; \
            for (uint32_t k = 0; k < LANES; k++) \
              { \
                out[at + k] = (uint32_t) high[k]; \
                refused |= low[k]; \
              } \
          } \
      } \
    return refused == 0; \
  }
#define XOR_TWICE(a, b, c) ((a) ^ (b) ^ (c))
#define XOR_ONCE(a, b, c) _mm512_ternarylogic_epi64 (a, b, c, 0x96)
#define P128(name) _mm_##name
#define P256(name) _mm256_##name
#define P512(name) _mm512_##name
DRAW (draw_sse2, "sse2", __m128i, 2, P128, XOR_TWICE)
DRAW (draw_avx2, "avx2", __m256i, 4, P256, XOR_TWICE)
DRAW (draw_avx512, "avx512f", __m512i, 8, P512, XOR_ONCE)

static Draw
draw_in_force (void)
{
  return __builtin_cpu_supports ("avx512f") ? draw_avx512 : __builtin_cpu_supports ("avx2") ? draw_avx2 : draw_sse2;
}
#else
static gboolean
draw_plain (const ChainStream *s, uint32_t last, uint32_t out[PERMUTE])
{
  gboolean good = TRUE;

  for (uint32_t k = 0; k < PERMUTE; k++)
    {
      uint32_t w[4];
      uint64_t product;

      chain_stream_words (s, last - 1 - k, 0, w);
      product = (uint64_t) w[0] * (last - k);
      out[k] = (uint32_t) (product >> 32);
      good = good && (k >= last || (uint32_t) product >= last - k);
    }
  return good;
}

static Draw
draw_in_force (void)
{
  return draw_plain;
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
  const Draw draw = draw_in_force ();
  uint32_t j[PERMUTE];

  for (uint32_t k = 0; k < n; k++)
    out[k] = k;
  for (uint32_t i = n, take; i > 1; i -= take)
    {
      gboolean good = draw (s, i, j);
      take = MIN (i - 1, PERMUTE);
      for (uint32_t k = 0; k < take; k++)
        swap_with (out, i - k - 1, G_LIKELY (good) ? j[k] : chain_stream_below (s, i - k - 1, 0, i - k));
    }
}

uint32_t
chain_stream_object (const char *id)
{
  uint32_t h = 2166136261u;

  for (const unsigned char *p = (const unsigned char *) id; *p; p++)
    h = (h ^ *p) * 16777619u;
  return h;
}
