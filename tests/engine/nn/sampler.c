/* SPDX-License-Identifier: Apache-2.0 */
/* Batches: every row once an epoch, the same rows again after a seek, whatever was drawn before. */
#include "engine/nn/dataset.h"

#include <math.h>
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

/* --- classes --- */
/* 200 rows: 160 of class 0, 30 of class 1, none of class 2, 10 of class 3. */
#define MANY 200
#define CLASSES 4
static const double shares[CLASSES] = { 160, 30, 0, 10 };

static void
open_classes (ChainSampler *s, guint batch, ChainOrder order, const char *frequencies)
{
  static double t[MANY];
  for (guint i = 0; i < MANY; i++)
    t[i] = i % 20 == 7 ? 3 : i % 20 > 16 ? 1 : 0;
  chain_sampler_init (s, MANY, batch, order, FALSE, 5);
  chain_sampler_set_classes (s, t, 1, CLASSES, frequencies);
}

static guint
class_of (uint32_t row)
{
  return row % 20 == 7 ? 3 : row % 20 > 16 ? 1 : 0;
}

/* Draws of each class, and of each row, over some epochs. */
static void
tally (ChainSampler *s, guint epochs, guint *classes, guint *rows)
{
  memset (classes, 0, CLASSES * sizeof (guint));
  memset (rows, 0, MANY * sizeof (guint));
  for (guint e = 0; e < epochs; e++)
    do
      {
        guint n;
        const uint32_t *batch = chain_sampler_next (s, &n);
        for (guint i = 0; i < n; i++)
          {
            classes[class_of (batch[i])]++;
            rows[batch[i]]++;
          }
      }
    while (!chain_sampler_at_epoch_end (s));
}

/* Within five deviations of a binomial. */
static void
expect_share (guint got, guint n, double share)
{
  g_assert_cmpfloat (fabs (got - n * share), <=, 5 * sqrt (n * share * (1 - share)) + 1e-9);
}

static void
test_balanced (void)
{
  ChainSampler s;
  guint classes[CLASSES], rows[MANY];
  open_classes (&s, 32, CHAIN_ORDER_BALANCED, NULL);
  g_assert_cmpuint (s.n, ==, MANY);
  tally (&s, 50, classes, rows);
  for (guint c = 0; c < CLASSES; c++)
    expect_share (classes[c], 50 * MANY, shares[c] > 0 ? 1.0 / 3 : 0);
  for (guint i = 0; i < MANY; i++)
    g_assert_cmpuint (rows[i], >, 0);
  chain_sampler_clear (&s);
  open_classes (&s, 32, CHAIN_ORDER_BALANCED, "1, 3, 5, 0");      /* class 2 has no rows: 1 to 3 */
  tally (&s, 50, classes, rows);
  expect_share (classes[0], 50 * MANY, 0.25);
  g_assert_cmpuint (classes[0] + classes[1], ==, 50 * MANY);
  chain_sampler_clear (&s);
}

static void
test_undersample (void)
{
  ChainSampler s;
  guint classes[CLASSES], rows[MANY];
  open_classes (&s, 8, CHAIN_ORDER_UNDERSAMPLE, NULL);
  g_assert_cmpuint (s.n, ==, 30);                                  /* as many of each as the scarcest has */
  tally (&s, 1, classes, rows);
  for (guint c = 0; c < CLASSES; c++)
    g_assert_cmpuint (classes[c], ==, shares[c] > 0 ? 10 : 0);
  for (guint i = 0; i < MANY; i++)
    g_assert_cmpuint (rows[i], <=, 1);
  tally (&s, 200, classes, rows);
  for (guint i = 0; i < MANY; i++)                                 /* over time every row has its turn */
    g_assert_cmpuint (rows[i], >, 0);
  chain_sampler_clear (&s);
  open_classes (&s, 0, CHAIN_ORDER_UNDERSAMPLE, "4, 2, 0, 1");
  tally (&s, 1, classes, rows);
  g_assert_cmpuint (classes[0], ==, 40);
  g_assert_cmpuint (classes[1], ==, 20);
  g_assert_cmpuint (classes[3], ==, 10);
  g_assert_cmpuint (s.batch, ==, 70);
  chain_sampler_clear (&s);
}

/* A regression has no classes: every row is drawn as by replacement and by shuffling. */
static void
test_no_classes (void)
{
  ChainSampler s, plain;
  guint n;
  chain_sampler_init (&s, N, 5, CHAIN_ORDER_UNDERSAMPLE, FALSE, 7);
  chain_sampler_init (&plain, N, 5, CHAIN_ORDER_SHUFFLE, FALSE, 7);
  chain_sampler_set_classes (&s, NULL, 1, 0, NULL);
  g_assert_cmpmem (chain_sampler_next (&s, &n), 5 * sizeof (uint32_t), chain_sampler_next (&plain, &n), 5 * sizeof (uint32_t));
  chain_sampler_clear (&s);
  chain_sampler_clear (&plain);
}

static void
test_classes_seek (void)
{
  static const ChainOrder orders[] = { CHAIN_ORDER_BALANCED, CHAIN_ORDER_UNDERSAMPLE };
  for (guint o = 0; o < G_N_ELEMENTS (orders); o++)
    {
      ChainSampler a, b;
      guint n_a, n_b;
      open_classes (&a, 7, orders[o], "1, 2, 1, 3");
      open_classes (&b, 7, orders[o], "1, 2, 1, 3");
      for (guint step = 0; step < 25; step++)
        {
          guint64 epoch = a.epoch;
          guint pos = a.pos;
          chain_sampler_seek (&b, 40 - step, 5, 99);
          chain_sampler_next (&b, &n_b);
          chain_sampler_seek (&b, epoch, pos, step);
          const uint32_t *rows_a = chain_sampler_next (&a, &n_a), *rows_b = chain_sampler_next (&b, &n_b);
          g_assert_cmpmem (rows_a, n_a * sizeof (uint32_t), rows_b, n_b * sizeof (uint32_t));
        }
      chain_sampler_clear (&a);
      chain_sampler_clear (&b);
    }
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
  g_test_add_func ("/nn/sampler/balanced", test_balanced);
  g_test_add_func ("/nn/sampler/undersample", test_undersample);
  g_test_add_func ("/nn/sampler/no-classes", test_no_classes);
  g_test_add_func ("/nn/sampler/classes-seek", test_classes_seek);
  g_test_add_func ("/nn/sampler/seek", test_seek);
  g_test_add_func ("/nn/sampler/set-batch", test_set_batch);
  g_test_add_func ("/nn/sampler/script", test_script);
  return g_test_run ();
}
