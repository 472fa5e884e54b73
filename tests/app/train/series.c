/* SPDX-License-Identifier: Apache-2.0 */
/* A series against a plain array: recent values exact, older ones in buckets that say the truth, memory bounded, views unchanged by what the
 * writer does afterwards. */
#include "app/train/series.h"

#include <math.h>

#define EXACT 65536u
#define MOST_BYTES (2u << 20)

static double
value_at (guint64 i)
{
  return sin (0.01 * (double) i) * (1 + (double) (i % 97)) + (i % 1013 == 0 ? 500 : 0);
}

static void
check_bucket (const ChainBucket *b, guint64 first)
{
  double low = INFINITY, high = -INFINITY, sum = 0;

  for (guint64 i = first; i < first + b->n; i++)
    {
      low = fmin (low, value_at (i));
      high = fmax (high, value_at (i));
      sum += value_at (i);
    }
  g_assert_cmpfloat (b->x, ==, (double) first);
  g_assert_cmpfloat (b->min, ==, low);
  g_assert_cmpfloat (b->max, ==, high);
  g_assert_cmpfloat (b->last, ==, value_at (first + b->n - 1));
  g_assert_cmpfloat_with_epsilon (b->mean, sum / (double) b->n, 1e-9 * (fabs (low) + fabs (high) + 1));
}

/* Every value is in exactly one entry, in order; the newest 65 536 are entries of their own. */
static void
check_view (const ChainSeriesView *v, guint64 n)
{
  guint64 at = 0;

  for (guint i = 0; i < chain_series_view_size (v); i++)
    {
      ChainBucket b = chain_series_view_get (v, i);

      check_bucket (&b, at);
      if (at + EXACT >= n)
        g_assert_cmpuint (b.n, ==, 1);
      at += b.n;
    }
  g_assert_cmpuint (at, ==, n);
}

static void
test_buckets (void)
{
  static const guint64 sizes[] = { 0, 1, 1023, 1024, 1025, 65536, 65537, 66560, 66561, 100000, 300000, 700000 };
  ChainSeries *s = chain_series_new ();
  guint64 n = 0;

  for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
    {
      ChainSeriesView *v;

      for (; n < sizes[k]; n++)
        chain_series_append (s, (double) n, value_at (n));
      v = chain_series_view (s);
      check_view (v, n);
      chain_series_view_unref (v);
      g_assert_cmpuint (chain_series_bytes (s), <=, MOST_BYTES);
    }
  chain_series_free (s);
}

static void
test_bound (void)
{
  ChainSeries *s = chain_series_new ();
  ChainSeriesView *v;
  guint64 n = 0, total = 0;

  for (; n < 5000000; n++)
    chain_series_append (s, (double) n, 1);
  g_assert_cmpuint (chain_series_bytes (s), <=, MOST_BYTES);
  v = chain_series_view (s);
  for (guint i = 0; i < chain_series_view_size (v); i++)
    total += chain_series_view_get (v, i).n;
  g_assert_cmpuint (total, ==, n);
  chain_series_view_unref (v);
  chain_series_free (s);
}

static void
test_truncate (void)
{
  static const guint64 cuts[] = { 299999, 299000, 290000, 240000, 234465, 180000, 100000, 40000, 10, 0 };
  ChainSeries *s = chain_series_new ();
  ChainSeriesView *old;

  for (guint64 i = 0; i < 300000; i++)
    chain_series_append (s, (double) i, value_at (i));
  old = chain_series_view (s);
  for (guint k = 0; k < G_N_ELEMENTS (cuts); k++)
    {
      ChainSeriesView *v;
      guint64 at = 0;

      chain_series_truncate (s, (double) cuts[k]);
      v = chain_series_view (s);
      for (guint i = 0; i < chain_series_view_size (v); i++)
        {
          ChainBucket b = chain_series_view_get (v, i);

          check_bucket (&b, at);
          at += b.n;
        }
      g_assert_cmpuint (at, <=, cuts[k] + 1);
      if (cuts[k] >= 234465)
        g_assert_cmpuint (at, ==, cuts[k] + 1);
      chain_series_view_unref (v);
    }
  chain_series_truncate (s, -1);
  for (guint64 i = 0; i < 5000; i++)
    chain_series_append (s, (double) i, -1);
  check_view (old, 300000);
  chain_series_view_unref (old);
  chain_series_free (s);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/series/buckets", test_buckets);
  g_test_add_func ("/series/bound", test_bound);
  g_test_add_func ("/series/truncate", test_truncate);
  return g_test_run ();
}
