/* SPDX-License-Identifier: Apache-2.0 */
/* Philox 4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 *
 * The high word of a uniform number is the first word of the block, in both precisions: a run in f32 and a run in f64 with the
 * same seed see the same draw up to rounding, so their dropout masks agree. A uniform number is (k + 1/2) · 2^-52 (f32:
 * 2^-23): never 0 or 1, exactly representable, and ln of it is finite. */
#include "engine/base/rng.h"

#include <math.h>

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

void
chain_stream_permute (const ChainStream *s, uint32_t *out, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    out[i] = i;
  for (uint32_t i = n; i > 1; i--)
    {
      uint32_t j = chain_stream_below (s, i - 1, 0, i);
      uint32_t t = out[i - 1];

      out[i - 1] = out[j];
      out[j] = t;
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
