/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks kept between graphs: alignment, sizes, reuse, the bound, many threads. */
#include "engine/base/blocks.h"

#include <string.h>

static void
test_sizes (void)
{
  for (gsize n = 0; n < 3000000; n = n * 9 / 8 + 1)
    {
      char *p = chain_block_new (n), *z = chain_block_new0 (n);
      g_assert_cmpuint ((gsize) (void *) p % 64, ==, 0);
      g_assert_cmpuint (chain_block_room (p), >=, n);
      g_assert_cmpuint (chain_block_room (p), <=, n + n / 8 + 4096);
      memset (p, 1, n);
      for (gsize i = 0; i < n; i += 997)
        g_assert_cmpint (z[i], ==, 0);
      chain_block_free (p);
      chain_block_free (z);
    }
  chain_block_free (NULL);
}

/* What is kept is given again, and cleared where that is asked for. */
static void
test_reuse (void)
{
  void *a = chain_block_new (100000), *b;
  char *c;

  memset (a, 7, 100000);
  chain_block_free (a);
  if (chain_blocks_kept () == 0)
    {
      g_test_skip ("nothing is kept under AddressSanitizer");
      return;
    }
  b = chain_block_new (100000);
  g_assert_true (a == b);
  chain_block_free (b);
  c = chain_block_new0 (100000);
  for (int i = 0; i < 100000; i++)
    g_assert_cmpint (c[i], ==, 0);
  chain_block_free (c);
}

static void
test_bound (void)
{
  void *p[40];

  for (guint i = 0; i < G_N_ELEMENTS (p); i++)
    p[i] = chain_block_new ((gsize) 8 << 20);
  for (guint i = 0; i < G_N_ELEMENTS (p); i++)
    chain_block_free (p[i]);
  g_assert_cmpuint (chain_blocks_kept (), <=, CHAIN_BLOCKS_KEPT);
}

static gpointer
worker (gpointer data)
{
  guint seed = GPOINTER_TO_UINT (data);
  char *held[8] = { NULL };

  for (guint i = 0; i < 4000; i++)
    {
      guint at = (seed = seed * 1664525u + 1013904223u) >> 29;
      gsize n = 4096 + (seed >> 8) % 60000;
      if (held[at] != NULL)
        g_assert_cmpint (held[at][0], ==, held[at][4095]);
      chain_block_free (held[at]);
      held[at] = chain_block_new (n);
      held[at][0] = held[at][4095] = (char) i;
    }
  for (guint i = 0; i < 8; i++)
    chain_block_free (held[i]);
  return NULL;
}

static void
test_threads (void)
{
  GThread *t[4];

  for (guint i = 0; i < 4; i++)
    t[i] = g_thread_new ("blocks", worker, GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < 4; i++)
    g_thread_join (t[i]);
  g_assert_cmpuint (chain_blocks_kept (), <=, CHAIN_BLOCKS_KEPT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/blocks/sizes", test_sizes);
  g_test_add_func ("/blocks/reuse", test_reuse);
  g_test_add_func ("/blocks/bound", test_bound);
  g_test_add_func ("/blocks/threads", test_threads);
  return g_test_run ();
}
