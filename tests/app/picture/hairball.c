/* SPDX-License-Identifier: Apache-2.0 */
/* Networks with more edges than an eye or a frame can take (DESIGN 6.5): how many are drawn, which, and that the picture says so. */
#include "app/picture/layout/net.h"
#include "tests/app/picture/kit.h"

#include <math.h>
#include <string.h>

static const struct
{
  PictureCase net;
  guint       all, drawn, bands;    /* edges between the tiles that are shown; of them drawn; pairs of columns with a density */
} rows[] = {
  { { .name = "2-6-6-1", .d = 2, .widths = { 6, 6, 1 }, .classes = 2, .rows = 20, .steps = 9, .loss = 1, .bare = TRUE, .activation = "tanh" }, 54, 54, 0 },
  { { .name = "12-12-1", .d = 12, .widths = { 12, 1 }, .classes = 2, .rows = 20, .steps = 9, .loss = 1, .bare = TRUE, .activation = "tanh" }, 156, 156, 0 },
  { { .name = "12-32-1", .d = 12, .widths = { 32, 1 }, .classes = 2, .rows = 20, .steps = 9, .loss = 1, .bare = TRUE, .activation = "tanh" }, 416, 416, 0 },
  { { .name = "12-32-19-1", .d = 12, .widths = { 32, 19, 1 }, .classes = 2, .rows = 20, .steps = 9, .loss = 1, .bare = TRUE, .activation = "tanh" }, 1011, 400, 2 },
  { { .name = "2-32-31-1", .d = 2, .widths = { 32, 31, 1 }, .classes = 2, .rows = 20, .steps = 9, .loss = 1, .bare = TRUE, .activation = "tanh" }, 64 + 992 + 31, 400, 1 },
  { { .name = "64-32-32-1", .d = 64, .widths = { 32, 32, 1 }, .classes = 2, .image = 8, .rows = 20, .steps = 9, .loss = 1, .bare = TRUE, .activation = "tanh" },
    32 + 1024 + 32, 400, 1 },
  { { .name = "2-30-30-1", .d = 2, .widths = { 30, 30, 1 }, .classes = 2, .rows = 20, .steps = 9, .loss = 1, .bare = TRUE, .activation = "tanh" }, 60 + 900 + 30, 990, 0 },
  /* of 300 units 31 are shown, of 64 and 784 inputs a stack */
  { { .name = "2-300-1", .d = 2, .widths = { 300, 1 }, .classes = 2, .rows = 20, .steps = 9, .loss = 1, .bare = TRUE, .activation = "tanh" }, 3 * 31, 3 * 31, 0 },
  { { .name = "64-64-10", .d = 64, .widths = { 64, 10 }, .classes = 10, .image = 8, .rows = 20, .steps = 9, .loss = 1, .bare = TRUE, .activation = "tanh" }, 31 + 310, 31 + 310, 0 },
  { { .name = "784-128-10", .d = 784, .widths = { 128, 10 }, .classes = 10, .image = 28, .rows = 20, .steps = 9, .loss = 1, .bare = TRUE, .activation = "tanh" }, 31 + 310, 31 + 310, 0 },
};

static guint
stacks_of (const ChainNetLayout *n)
{
  guint count = 0;

  for (guint i = 0; i < n->tiles->len; i++)
    count += g_array_index (n->tiles, ChainTile, i).kind == CHAIN_TILE_STACK;
  return count;
}

/* Means of all inputs together; none of them is left out. */
static guint
from_stack (const ChainNetLayout *n)
{
  guint count = 0;

  for (guint i = 0; i < n->edges->len; i++)
    count += g_array_index (n->edges, ChainEdge, i).col == G_MAXUINT;
  return count;
}

static void
test_counts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (ChainSnapshot) s = picture_kit_snapshot (&rows[i].net);
      const ChainView *v = chain_view_by_id ("network");
      ChainTheme t;
      g_autoptr (ChainLayout) l = NULL;
      const ChainNetLayout *n;

      chain_theme_init (&t, "light");
      l = v->layout (s, &t, 776, 630);
      n = l->data;
      g_test_message ("%s", rows[i].net.name);
      g_assert_cmpuint (n->n_all_edges, ==, rows[i].all);
      g_assert_cmpuint (n->edges->len, ==, rows[i].drawn);
      g_assert_cmpuint (n->bands->len, ==, rows[i].bands);
      g_assert_cmpuint (stacks_of (n), ==, rows[i].net.d > 12 ? 1 : 0);
      g_assert_cmpuint (from_stack (n), ==, rows[i].net.d > 12 ? MIN (rows[i].net.widths[0], 32) - (rows[i].net.widths[0] > 32) : 0);
      g_assert_cmpint (strstr (l->note, "strongest 400 of") != NULL, ==, rows[i].drawn < rows[i].all);
      g_assert_cmpint (strstr (l->description, "strongest 400 of") != NULL, ==, rows[i].drawn < rows[i].all);
    }
}

static int
compare_sizes (gconstpointer a, gconstpointer b)
{
  float x = *(const float *) a, y = *(const float *) b;

  return x < y ? 1 : x > y ? -1 : 0;
}

/* Those that are drawn are the 400 largest of all weights. */
static void
test_strongest (void)
{
  g_autoptr (ChainSnapshot) s = picture_kit_snapshot (&rows[3].net);
  g_autoptr (GArray) sizes = g_array_new (FALSE, FALSE, sizeof (float));
  ChainTheme t;
  g_autoptr (ChainLayout) l = NULL;
  const ChainNetLayout *n;

  for (guint i = 0; i < s->tensors->len; i++)
    {
      const ChainSnapTensor *w = g_ptr_array_index (s->tensors, i);

      for (gsize k = 0; w->kind == CHAIN_PARAM_WEIGHT && k < (gsize) w->rows * w->cols; k++)
        {
          float size = fabsf (w->value[k]);

          g_array_append_val (sizes, size);
        }
    }
  g_array_sort (sizes, compare_sizes);
  chain_theme_init (&t, "light");
  l = chain_view_by_id ("network")->layout (s, &t, 776, 630);
  n = l->data;
  g_assert_cmpuint (sizes->len, ==, n->n_all_edges);
  for (guint i = 0; i < n->edges->len; i++)
    g_assert_cmpfloat (fabsf (g_array_index (n->edges, ChainEdge, i).w), ==, g_array_index (sizes, float, n->edges->len - 1 - i));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hairball/counts", test_counts);
  g_test_add_func ("/hairball/strongest", test_strongest);
  return g_test_run ();
}
