/* SPDX-License-Identifier: Apache-2.0 */
/* Batches: every row once an epoch, the same rows again after a seek, whatever was drawn before. */
#include "engine/nn/dataset.h"

#include <string.h>

#define N 23

static void
count_epoch (ChainSampler *s, guint *count, guint *batches, guint *last)
{
  memset (count, 0, N * sizeof (guint));
  *batches = 0;
  do
    {
      guint n;
      const uint32_t *rows = chain_sampler_next (s, &n);
      g_assert_nonnull (rows);
      for (guint i = 0; i < n; i++)
        count[rows[i]]++;
      *last = n;
      (*batches)++;
    }
  while (!chain_sampler_at_epoch_end (s));
}

static void
test_permutation (void)
{
  ChainSampler s;
  guint count[N], batches, last;
  uint32_t first[2][N];
  chain_sampler_init (&s, N, 5, CHAIN_ORDER_SHUFFLE, FALSE, 7);
  for (guint e = 0; e < 4; e++)
    {
      count_epoch (&s, count, &batches, &last);
      for (guint i = 0; i < N; i++)
        g_assert_cmpuint (count[i], ==, 1);
      g_assert_cmpuint (batches, ==, 5);
      g_assert_cmpuint (last, ==, 3);   /* the short last batch is used */
      g_assert_cmpuint (s.epoch, ==, e);
      if (e < 2)
        memcpy (first[e], s.perm, sizeof first[e]);
    }
  g_assert_true (memcmp (first[0], first[1], sizeof first[0]) != 0);
  chain_sampler_clear (&s);
}

static void
test_drop_last (void)
{
  ChainSampler s;
  guint count[N], batches, last, total = 0;
  chain_sampler_init (&s, N, 5, CHAIN_ORDER_SHUFFLE, TRUE, 7);
  count_epoch (&s, count, &batches, &last);
  for (guint i = 0; i < N; i++)
    total += count[i];
  g_assert_cmpuint (batches, ==, 4);
  g_assert_cmpuint (total, ==, 20);
  chain_sampler_clear (&s);
}

static void
test_sequential (void)
{
  ChainSampler s;
  guint n;
  chain_sampler_init (&s, N, 4, CHAIN_ORDER_SEQUENTIAL, FALSE, 7);
  for (guint i = 0; i < 12; i++)
    {
      const uint32_t *rows = chain_sampler_next (&s, &n);
      for (guint k = 0; k < n; k++)
        g_assert_cmpuint (rows[k], ==, (i % 6) * 4 + k);
    }
  chain_sampler_clear (&s);
}

static void
test_replacement (void)
{
  ChainSampler s;
  guint count[N], batches, last, twice = 0;
  chain_sampler_init (&s, N, 6, CHAIN_ORDER_REPLACEMENT, FALSE, 3);
  count_epoch (&s, count, &batches, &last);
  for (guint i = 0; i < N; i++)
    twice += count[i] > 1;
  g_assert_cmpuint (twice, >, 0);
  g_assert_cmpuint (batches, ==, 4);
  chain_sampler_clear (&s);
}

/* Step k of a run, reached directly, by another run, and after a detour, is the same. */
static void
test_seek (void)
{
  static const ChainOrder orders[] = { CHAIN_ORDER_SHUFFLE, CHAIN_ORDER_SEQUENTIAL, CHAIN_ORDER_REPLACEMENT };
  for (guint o = 0; o < G_N_ELEMENTS (orders); o++)
    {
      ChainSampler a, b;
      guint n_a, n_b;
      chain_sampler_init (&a, N, 5, orders[o], FALSE, 11);
      chain_sampler_init (&b, N, 5, orders[o], FALSE, 11);
      for (guint step = 0; step < 17; step++)
        {
          guint64 epoch = a.epoch;
          guint pos = a.pos;
          chain_sampler_seek (&b, 40 - step, 5, 99);   /* a detour */
          chain_sampler_next (&b, &n_b);
          chain_sampler_seek (&b, epoch, pos, step);
          const uint32_t *rows_a = chain_sampler_next (&a, &n_a), *rows_b = chain_sampler_next (&b, &n_b);
          g_assert_cmpuint (n_a, ==, n_b);
          g_assert_cmpmem (rows_a, n_a * sizeof (uint32_t), rows_b, n_b * sizeof (uint32_t));
          g_assert_cmpuint (b.step, ==, step + 1);
        }
      chain_sampler_clear (&a);
      chain_sampler_clear (&b);
    }
}

/* A changed batch size does not change which rows are still to come in the epoch; nor does a full batch in between. */
static void
test_set_batch (void)
{
  ChainSampler s;
  guint n, seen[N] = { 0 };
  chain_sampler_init (&s, N, 5, CHAIN_ORDER_SHUFFLE, FALSE, 7);
  for (guint k = 0; k < 2; k++)
    {
      const uint32_t *rows = chain_sampler_next (&s, &n);
      for (guint i = 0; i < n; i++)
        seen[rows[i]]++;
      chain_sampler_set_batch (&s, k == 0 ? 0 : 3);
    }
  g_assert_cmpuint (n, ==, 18);
  for (guint i = 0; i < N; i++)
    g_assert_cmpuint (seen[i], ==, 1);
  g_assert_true (chain_sampler_at_epoch_end (&s));
  chain_sampler_set_batch (&s, 100);
  const uint32_t *rows = chain_sampler_next (&s, &n);
  g_assert_cmpuint (n, ==, N);   /* above the rows: clipped */
  for (guint i = 0; i < N; i++)
    g_assert_cmpuint (rows[i], ==, i);
  chain_sampler_clear (&s);
}

static void
test_script (void)
{
  ChainSampler s;
  guint n;
  static const guint32 rows[] = { 3, 1, 4, 1 };
  chain_sampler_init (&s, 6, 2, CHAIN_ORDER_SHUFFLE, TRUE, 7);
  s.script = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  for (guint i = 0; i < 3; i++)
    {
      GArray *batch = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_array_append_vals (batch, rows, i + 2);
      g_ptr_array_add (s.script, batch);
    }
  for (guint i = 0; i < 3; i++)
    {
      const uint32_t *got = chain_sampler_next (&s, &n);
      g_assert_cmpmem (got, n * sizeof (uint32_t), rows, (i + 2) * sizeof (guint32));
    }
  g_assert_cmpuint (s.epoch, ==, 0);   /* 9 rows of 6: the second epoch begins with the next batch */
  g_assert_true (chain_sampler_at_epoch_end (&s));
  g_assert_null (chain_sampler_next (&s, &n));
  g_assert_cmpuint (s.epoch, ==, 1);
  g_assert_cmpuint (s.pos, ==, 3);
  chain_sampler_seek (&s, 0, 2, 1);
  chain_sampler_next (&s, &n);
  g_assert_cmpuint (n, ==, 3);
  chain_sampler_clear (&s);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/sampler/permutation", test_permutation);
  g_test_add_func ("/nn/sampler/drop-last", test_drop_last);
  g_test_add_func ("/nn/sampler/sequential", test_sequential);
  g_test_add_func ("/nn/sampler/replacement", test_replacement);
  g_test_add_func ("/nn/sampler/seek", test_seek);
  g_test_add_func ("/nn/sampler/set-batch", test_set_batch);
  g_test_add_func ("/nn/sampler/script", test_script);
  return g_test_run ();
}
