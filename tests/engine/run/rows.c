/* SPDX-License-Identifier: Apache-2.0 */
/* Row programs: random graphs of element-wise items, functions of rows and sums across them, with states in place, on three threads against
 * item by item, bit for bit, for every instruction set; and that a loss and a layer norm are one program each. */
#include "tests/engine/run/kit.h"

#include "engine/graph/grad.h"
#include "engine/run/fuse/rows.h"

#include <math.h>
#include <string.h>

typedef struct { Made m; Dice dice; int rows, cols; ChainId kept[4]; guint n_kept; } Maker;

static ChainId
add_leaf (Maker *k, ChainLeafKind kind, int rows, int cols)
{
  ChainId id = chain_leaf (k->m.g, kind, "leaf", chain_shape (rows, cols));

  g_array_append_val (k->m.leaves, id);
  g_array_append_val (k->m.nodes, id);
  return id;
}

/* One of the last values, spread over all entries. */
static ChainId
operand (Maker *k)
{
  guint n = k->m.nodes->len, back = dice (&k->dice, 4) == 0 ? n : MIN (5, n);

  return chain_broadcast (k->m.g, g_array_index (k->m.nodes, ChainId, n - 1 - dice (&k->dice, back)), chain_shape (k->rows, k->cols));
}

static void
add_node (Maker *k)
{
  ChainGraph *g = k->m.g;
  ChainId a = operand (k), id = a;

  switch (dice (&k->dice, 13))
    {
    case 0: id = chain_softmax (g, a); break;
    case 1: id = chain_logsumexp (g, a); break;
    case 2: id = chain_rowmax (g, a); break;
    case 3: id = chain_sum (g, chain_mul (g, a, operand (k)), chain_shape (k->rows, 1)); break;
    case 4: id = chain_sum (g, a, chain_shape (k->rows, 1)); break;
    case 5: id = chain_scale (g, chain_sum_all (g, a), 1e-3); break;
    case 6: id = chain_scale (g, chain_sum (g, a, chain_shape (1, k->cols)), 1e-2); break;
    case 7: id = chain_cumsum (g, a, FALSE); break;
    case 8: id = chain_tanh (g, a); break;
    case 9: id = chain_where (g, chain_lt (g, a, operand (k)), operand (k), a); break;
    case 10: id = chain_mul (g, a, operand (k)); break;
    case 11: id = chain_argmax (g, a); break;
    default: id = chain_sub (g, chain_scale (g, a, 0.5), operand (k)); break;
    }
  g_array_append_val (k->m.nodes, id);
}

static Maker *
make_rows (guint64 seed, int rows, int cols)
{
  Maker *k = g_new0 (Maker, 1);

  k->m = (Made){ .g = chain_graph_new (), .leaves = g_array_new (FALSE, FALSE, sizeof (ChainId)),
                 .states = g_array_new (FALSE, FALSE, sizeof (ChainState)), .nodes = g_array_new (FALSE, FALSE, sizeof (ChainId)) };
  k->rows = rows;
  k->cols = cols;
  dice_init (&k->dice, seed);
  for (int i = 0; i < 4; i++)
    add_leaf (k, CHAIN_LEAF_PARAM, i == 2 ? 1 : rows, i == 3 ? 1 : cols);
  for (guint i = 0; i < 28; i++)
    add_node (k);
  for (guint i = 0; i < 2; i++)
    {
      ChainId next = operand (k);
      ChainState s = { g_array_index (k->m.leaves, ChainId, i), next };
      g_array_append_val (k->m.states, s);
    }
  for (guint i = 8; i < k->m.nodes->len && k->n_kept < 4; i += 7)
    k->kept[k->n_kept++] = g_array_index (k->m.nodes, ChainId, i);
  chain_graph_seal (k->m.g);
  return k;
}

static void
maker_free (Maker *k)
{
  chain_graph_free (k->m.g);
  g_array_unref (k->m.leaves);
  g_array_unref (k->m.states);
  g_array_unref (k->m.nodes);
  g_free (k);
}

/* Two steps; what is kept, then the states. */
static GArray *
run_ways (const Maker *k, ChainDtype dtype, gboolean stepped, int threads)
{
  ChainExec *x = make_exec (&k->m, dtype, 1, 3);
  ChainProgram p = chain_exec_program (x, k->kept, k->n_kept, STATES (&k->m), stepped ? CHAIN_PLAN_KEEP_ALL : CHAIN_PLAN_COMMIT);
  const ChainPlan *plan = chain_exec_plan (x, p, 1, NULL);
  GArray *all = g_array_new (FALSE, FALSE, sizeof (double));

  chain_exec_set_threads (x, threads);
  for (int step = 0; step < 2; step++)
    {
      for (guint i = 0; stepped && i < plan->n_items; i++)
        g_assert_true (chain_exec_run_range (x, p, 1, i, i + 1, NULL));
      if (stepped)
        chain_exec_commit (x, p, 1);
      else
        g_assert_true (chain_exec_run (x, p, 1, NULL));
    }
  for (guint i = 0; i < k->n_kept + 2; i++)
    {
      ChainId id = i < k->n_kept ? k->kept[i] : g_array_index (k->m.leaves, ChainId, i - k->n_kept);
      ChainShape s = chain_graph_node (k->m.g, id)->shape;
      guint n = (guint) (s.rows * s.cols), at = all->len;
      g_array_set_size (all, at + n);
      g_assert_true (chain_exec_read (x, p, 1, id, &g_array_index (all, double, at), n));
    }
  chain_exec_free (x);
  return all;
}

static void
assert_same (const GArray *a, const GArray *b, guint64 seed)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      double p = g_array_index (a, double, i), q = g_array_index (b, double, i);
      if (memcmp (&p, &q, sizeof p) != 0 && !(isnan (p) && isnan (q)))
        g_error ("seed %" G_GUINT64_FORMAT ": value %u of %u: %a, not %a", seed, i, a->len, p, q);
    }
}

/* Row programs of more than one block in the plan of k. */
static guint
count_programs (const Maker *k, ChainDtype dtype)
{
  ChainPlan *plan = chain_plan_new (k->m.g, k->kept, k->n_kept, STATES (&k->m), 1, dtype, CHAIN_PLAN_COMMIT, NULL);
  g_autofree guint32 *readers = _chain_fuse_readers (plan);
  guint n = 0;

  for (guint i = plan->n_host; i < plan->n_items;)
    {
      ChainRows *r = _chain_fuse_rows (plan, readers, i);
      n += r != NULL && r->n_blocks > 1;
      i += r != NULL ? r->n_items : 1;
      _chain_rows_free (r);
    }
  chain_plan_free (plan);
  return n;
}

static void
test_random (void)
{
  static const int shapes[][2] = { { 1000, 10 }, { 2049, 1 }, { 300, 37 }, { 129, 128 }, { 50, 512 }, { 33, 1000 }, { 4097, 3 } };
  static const char *const isas[] = { "plain C", "AVX2", "AVX-512" };
  const char *best = chain_cpu_isa ();
  guint n_programs = 0;

  for (guint64 seed = 0; seed < 84; seed++)
    {
      const int *shape = shapes[seed % G_N_ELEMENTS (shapes)];
      ChainDtype dtype = seed / 7 % 2 ? CHAIN_F64 : CHAIN_F32;
      Maker *k = make_rows (seed, shape[0], shape[1]);
      GArray *want = run_ways (k, dtype, TRUE, 1);
      n_programs += count_programs (k, dtype);
      for (guint i = 0; i < G_N_ELEMENTS (isas); i++)
        if (chain_cpu_force_isa (isas[i]))
          for (int threads = 1; threads <= 3; threads += 2)
            {
              g_autoptr (GArray) got = run_ways (k, dtype, FALSE, threads);
              assert_same (got, want, seed);
            }
      g_assert_true (chain_cpu_force_isa (best));
      g_array_unref (want);
      maker_free (k);
    }
  g_assert_cmpuint (n_programs, >, 60);
}

/* All rows of the loss and of its gradient, one program: only the mean waits. */
static void
test_loss (void)
{
  ChainGraph *g = chain_graph_new ();
  ChainId z = chain_leaf (g, CHAIN_LEAF_PARAM, "z", chain_shape (2000, 10)), t = chain_leaf (g, CHAIN_LEAF_DATA, "t", chain_shape (2000, 1));
  ChainId picked = chain_sum (g, chain_mul (g, chain_one_hot (g, t, 10), z), chain_shape (2000, 1));
  ChainId out[2] = { chain_scale (g, chain_sum_all (g, chain_sub (g, chain_logsumexp (g, z), picked)), 1.0 / 2000) };
  ChainPlan *plan;
  ChainRows *r;

  g_assert_true (chain_grad (g, out[0], CHAIN_NONE, &z, 1, &out[1], NULL, NULL));
  chain_graph_seal (g);
  plan = chain_plan_new (g, out, 2, NULL, 0, 1, CHAIN_F32, CHAIN_PLAN_DEFAULT, NULL);
  g_autofree guint32 *readers = _chain_fuse_readers (plan);
  g_autofree char *text = chain_plan_dump (g, plan);
  g_test_message ("%s", text);
  r = _chain_fuse_rows (plan, readers, plan->n_host);
  g_assert_nonnull (r);
  g_assert_cmpuint (r->n_items, ==, plan->n_items - plan->n_host);
  g_assert_cmpuint (r->after->len, ==, 2);
  g_assert_cmpint (r->n_blocks, >, 4);
  g_assert_cmpuint (r->local_bytes, <, 2000 * 10 * 4);
  g_assert_nonnull (strstr (text, "row program of items"));
  _chain_rows_free (r);
  chain_plan_free (plan);
  chain_graph_free (g);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  g_test_add_func ("/run/rows/random", test_random);
  g_test_add_func ("/run/rows/loss", test_loss);
  return g_test_run ();
}
