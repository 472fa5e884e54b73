/* SPDX-License-Identifier: Apache-2.0 */
/* The layered layout: nothing overlaps, edges go forward, same input same output, what was there stays, and it can be stopped. */
#include "app/picture/layered/layered.h"

#include <math.h>

typedef struct { GArray *nodes, *edges; } Input;

static const ChainLayOptions options = { 24, 38, 22, NULL };

static Input
input_new (void)
{
  return (Input){ g_array_new (FALSE, FALSE, sizeof (ChainLayNode)), g_array_new (FALSE, FALSE, sizeof (ChainLayEdge)) };
}

static void
input_free (Input *in)
{
  g_array_unref (in->nodes);
  g_array_unref (in->edges);
}

static guint
add (Input *in, double w, double h)
{
  ChainLayNode n = { .w = w, .h = h, .axis = h / 3, .rank = -1, .cluster = -1, .host = -1, .order = in->nodes->len, .old_place = NAN };

  g_array_append_val (in->nodes, n);
  return in->nodes->len - 1;
}

static void
join (Input *in, guint from, guint to)
{
  ChainLayEdge e = { from, to };

  g_array_append_val (in->edges, e);
}

static ChainLayNode *
node (Input *in, guint i)
{
  return &g_array_index (in->nodes, ChainLayNode, i);
}

static ChainLayered *
lay (Input *in)
{
  return chain_layered_new ((ChainLayNode *) (void *) in->nodes->data, in->nodes->len, (ChainLayEdge *) (void *) in->edges->data, in->edges->len, &options);
}

/* Random, but the same each time: n nodes, each reading up to three earlier ones, most of them near. */
static Input
random_input (guint n, guint32 seed)
{
  g_autoptr (GRand) r = g_rand_new_with_seed (seed);
  Input in = input_new ();

  for (guint i = 0; i < n; i++)
    {
      add (&in, 38 + g_rand_int_range (r, 0, 30), 70 + g_rand_int_range (r, 0, 20));
      node (&in, i)->cluster = g_rand_int_range (r, 0, 4) == 0 ? -1 : (int) (i * 10 / n);
      for (gint k = g_rand_int_range (r, 1, 4); i > 0 && k > 0; k--)
        {
          guint reach = g_rand_int_range (r, 0, 10) == 0 ? i : 12;

          join (&in, i - 1 - (guint) g_rand_int_range (r, 0, (gint32) MIN (i, reach)), i);
        }
    }
  return in;
}

static void
assert_apart (Input *in, const ChainLayered *l)
{
  for (guint i = 0; i < l->n_nodes; i++)
    for (guint j = i + 1; j < l->n_nodes; j++)
      {
        const ChainLayNode *a = node (in, i), *b = node (in, j);

        if (l->rank[i] != l->rank[j])
          continue;
        g_assert_true (l->x[i] + a->w <= l->x[j] + 1e-6 || l->x[j] + b->w <= l->x[i] + 1e-6 || l->y[i] + a->h <= l->y[j] + 1e-6 || l->y[j] + b->h <= l->y[i] + 1e-6);
      }
}

static void
assert_sound (Input *in, const ChainLayered *l)
{
  for (guint e = 0; e < l->n_edges; e++)
    {
      const ChainLayEdge *edge = &g_array_index (in->edges, ChainLayEdge, e);
      double x = l->x[edge->from];

      g_assert_cmpint (l->rank[edge->from], <, l->rank[edge->to]);
      for (guint b = 0; b < l->n_bends[e]; b++)
        {
          g_assert_cmpfloat (l->bend[e][b].x, >, x);
          x = l->bend[e][b].x;
        }
      g_assert_cmpfloat (l->x[edge->to], >, x - 1e-9);
    }
  for (guint i = 0; i < l->n_nodes; i++)
    {
      g_assert_cmpfloat (l->x[i], >=, -1e-6);
      g_assert_cmpfloat (l->y[i], >=, -1e-6);
      g_assert_cmpfloat (l->x[i] + node (in, i)->w, <=, l->width + 1e-6);
      g_assert_cmpfloat (l->y[i] + node (in, i)->h, <=, l->height + 1e-6);
    }
}

static void
test_random (void)
{
  for (guint32 seed = 1; seed <= 12; seed++)
    {
      Input in = random_input (20 + 25 * seed, seed);
      g_autoptr (ChainLayered) l = lay (&in), again = lay (&in);

      assert_sound (&in, l);
      assert_apart (&in, l);
      for (guint i = 0; i < l->n_nodes; i++)
        g_assert_true (l->x[i] == again->x[i] && l->y[i] == again->y[i]);
      input_free (&in);
    }
}

/* Two clusters never mix within a rank. */
static void
test_clusters (void)
{
  Input in = random_input (200, 77);
  g_autoptr (ChainLayered) l = lay (&in);

  for (guint i = 0; i < l->n_nodes; i++)
    for (guint j = 0; j < l->n_nodes; j++)
      for (guint k = 0; k < l->n_nodes; k++)
        if (l->rank[i] == l->rank[j] && l->rank[j] == l->rank[k] && node (&in, i)->cluster >= 0 && node (&in, i)->cluster == node (&in, k)->cluster &&
            node (&in, j)->cluster != node (&in, i)->cluster && node (&in, j)->cluster >= 0)
          g_assert_false (l->y[i] < l->y[j] && l->y[j] < l->y[k]);
  input_free (&in);
}

/* The mock-up's shape: a fan-out and a join come out symmetric, the two ways straight and without a crossing. */
static void
test_diamond (void)
{
  Input in = input_new ();
  guint a = add (&in, 38, 80), b = add (&in, 38, 80), c = add (&in, 38, 80), d = add (&in, 38, 80), e = add (&in, 38, 80), f = add (&in, 38, 80);
  g_autoptr (ChainLayered) l = NULL;

  join (&in, a, b); join (&in, b, d); join (&in, a, c); join (&in, c, e); join (&in, d, f); join (&in, e, f);
  l = lay (&in);
  g_assert_cmpuint (l->crossings, ==, 0);
  g_assert_cmpfloat_with_epsilon (l->y[b], l->y[d], 1e-9);
  g_assert_cmpfloat_with_epsilon (l->y[c], l->y[e], 1e-9);
  g_assert_cmpfloat_with_epsilon (l->y[a], (l->y[b] + l->y[c]) / 2, 1e-9);
  g_assert_cmpfloat_with_epsilon (l->y[f], l->y[a], 1e-9);
  input_free (&in);
}

/* Parameters stand above their operation, side by side, and nothing of another node of the rank lies on them. */
static void
test_satellites (void)
{
  Input in = input_new ();
  guint a = add (&in, 38, 80), b = add (&in, 38, 80), c = add (&in, 38, 80), w, v, u;
  g_autoptr (ChainLayered) l = NULL;

  join (&in, a, b); join (&in, a, c);
  w = add (&in, 72, 44); v = add (&in, 72, 44); u = add (&in, 72, 44);
  node (&in, w)->host = node (&in, v)->host = (int) c;
  node (&in, u)->host = (int) b;
  l = lay (&in);
  assert_sound (&in, l);
  assert_apart (&in, l);
  g_assert_cmpfloat_with_epsilon (l->y[w] + 44 + 22, l->y[c], 1e-9);
  g_assert_cmpfloat_with_epsilon (l->y[w], l->y[v], 1e-9);
  g_assert_cmpfloat (l->x[w] + 72, <, l->x[v]);
  g_assert_cmpfloat_with_epsilon ((l->x[w] + l->x[v] + 72) / 2, l->x[c] + 19, 1e-9);
  g_assert_cmpfloat_with_epsilon (l->x[u] + 36, l->x[b] + 19, 1e-9);
  input_free (&in);
}

static int
place_in_rank (const ChainLayered *l, guint i, guint n)
{
  int place = 0;

  for (guint j = 0; j < n; j++)
    place += l->rank[j] == l->rank[i] && l->y[j] < l->y[i];
  return place;
}

/* One node more moves no node of another rank by more than one place. */
static void
test_stable (void)
{
  for (guint32 seed = 1; seed <= 8; seed++)
    {
      Input in = random_input (120, seed);
      g_autoptr (ChainLayered) before = lay (&in), after = NULL;
      guint n = in.nodes->len, more;

      for (guint i = 0; i < n; i++)
        node (&in, i)->old_place = before->y[i];
      more = add (&in, 38, 80);
      join (&in, n / 2, more);
      after = lay (&in);
      for (guint i = 0; i < n; i++)
        if (after->rank[i] != after->rank[more] && after->rank[i] == before->rank[i])
          g_assert_cmpint (ABS (place_in_rank (after, i, n) - place_in_rank (before, i, n)), <=, 1);
      input_free (&in);
    }
}

static void
test_degenerate (void)
{
  Input none = input_new (), one = input_new (), wide = input_new (), chain = input_new (), apart = input_new ();
  g_autoptr (ChainLayered) l0 = lay (&none), l1 = NULL, l2 = NULL, l3 = NULL, l4 = NULL;

  g_assert_cmpuint (l0->n_ranks, ==, 0);
  add (&one, 10, 10);
  l1 = lay (&one);
  g_assert_cmpfloat_with_epsilon (l1->width, 10, 1e-9);
  add (&wide, 38, 80);
  for (guint i = 0; i < 2000; i++)
    join (&wide, 0, add (&wide, 38, 80));
  l2 = lay (&wide);
  assert_sound (&wide, l2);
  add (&chain, 38, 80);
  for (guint i = 1; i < 5000; i++)
    join (&chain, i - 1, add (&chain, 38, 80));
  l3 = lay (&chain);
  g_assert_cmpuint (l3->n_ranks, ==, 5000);
  g_assert_cmpfloat_with_epsilon (l3->height, 80, 1e-6);
  for (guint i = 0; i < 40; i++)
    add (&apart, 38, 80);
  l4 = lay (&apart);
  assert_apart (&apart, l4);
  input_free (&none); input_free (&one); input_free (&wide); input_free (&chain); input_free (&apart);
}

/* Five thousand nodes with the long edges of a gradient: the second half reads the first in reverse. Time is for the benchmark; here it must end, and
 * end at once when it is told to. */
static void
test_large (void)
{
  Input in = input_new ();
  ChainLayOptions stopped = options;
  int flag = 1;
  gint64 began;
  g_autoptr (ChainLayered) l = NULL;

  for (guint i = 0; i < 5000; i++)
    {
      add (&in, 38, 80);
      if (i > 0)
        join (&in, i - 1 - (i > 3 ? i % 3 : 0), i);
      if (i >= 2500)
        join (&in, 4999 - i, i);
    }
  began = g_get_monotonic_time ();
  l = lay (&in);
  g_test_message ("5 000 nodes, %u edges: %.0f ms, %u ranks, %u crossings", in.edges->len, (double) (g_get_monotonic_time () - began) / 1000, l->n_ranks, l->crossings);
  assert_sound (&in, l);
  stopped.cancel = &flag;
  began = g_get_monotonic_time ();
  g_assert_null (chain_layered_new ((ChainLayNode *) (void *) in.nodes->data, in.nodes->len, (ChainLayEdge *) (void *) in.edges->data, in.edges->len, &stopped));
  g_test_message ("cancelled after %.0f ms", (double) (g_get_monotonic_time () - began) / 1000);
  input_free (&in);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layered/random", test_random);
  g_test_add_func ("/layered/clusters", test_clusters);
  g_test_add_func ("/layered/diamond", test_diamond);
  g_test_add_func ("/layered/satellites", test_satellites);
  g_test_add_func ("/layered/stable", test_stable);
  g_test_add_func ("/layered/degenerate", test_degenerate);
  g_test_add_func ("/layered/large", test_large);
  return g_test_run ();
}
