/* SPDX-License-Identifier: Apache-2.0 */
/* The fuser: random element-wise graphs with rows, columns, numbers and states, fused against item by item, bit for bit, for every
 * instruction set; and what is emitted for the rules that everybody uses. */
#include "tests/engine/run/kit.h"

#include "engine/run/fuse/fuse.h"

#include <math.h>
#include <string.h>

typedef ChainId (*Unary) (ChainGraph *g, ChainId a);
typedef ChainId (*Binary) (ChainGraph *g, ChainId a, ChainId b);

static ChainId low (ChainGraph *g, ChainId a) { return chain_clamp (g, a, -0.6, 0.8); }
static ChainId half (ChainGraph *g, ChainId a) { return chain_round (g, a, 1); }
static ChainId whole (ChainGraph *g, ChainId a) { return chain_round (g, a, 0); }
static ChainId square_sum (ChainGraph *g, ChainId a, ChainId b) { return chain_add (g, chain_mul (g, a, a), chain_mul (g, b, b)); }
static ChainId product_minus (ChainGraph *g, ChainId a, ChainId b) { return chain_sub (g, chain_scale (g, chain_mul (g, a, b), 0.3), a); }
static ChainId root_ratio (ChainGraph *g, ChainId a, ChainId b)
{
  return chain_div (g, a, chain_offset (g, chain_sqrt (g, chain_square (g, b)), 0.1));
}

static const Unary unaries[] = { chain_neg, chain_exp, chain_expm1, chain_log, chain_log1p, chain_sqrt, chain_abs, chain_sign, chain_sin,
                                 chain_cos, chain_atan, chain_asinh, chain_erf, chain_erfc, chain_floor, chain_tanh, chain_sigmoid,
                                 chain_softplus, chain_relu, chain_step, chain_stop, low, half, whole, chain_square,
                                 chain_lgamma };
static const Binary binaries[] = { chain_add, chain_sub, chain_mul, chain_div, chain_pow, chain_min, chain_max, chain_eq, chain_lt,
                                   square_sum, product_minus, root_ratio };

typedef struct
{
  Made    *m;
  Dice     dice;
  int      rows, cols;
  GArray  *kept;       /* ChainId: outputs besides the states */
} Maker;

static ChainId
add_leaf (Maker *k, ChainLeafKind kind, int rows, int cols)
{
  ChainId id = chain_leaf (k->m->g, kind, "leaf", chain_shape (rows, cols));

  g_array_append_val (k->m->leaves, id);
  return id;
}

static ChainId
operand (Maker *k)
{
  ChainGraph *g = k->m->g;
  ChainId id = g_array_index (k->m->nodes, ChainId, dice (&k->dice, 3) == 0 ? dice (&k->dice, k->m->nodes->len)
                              : k->m->nodes->len - 1 - dice (&k->dice, MIN (4, k->m->nodes->len)));

  return chain_broadcast (g, id, chain_shape (k->rows, k->cols));
}

static void
add_node (Maker *k)
{
  ChainGraph *g = k->m->g;
  guint kind = dice (&k->dice, 8);
  ChainId id;

  if (kind < 3)
    id = unaries[dice (&k->dice, G_N_ELEMENTS (unaries))](g, operand (k));
  else if (kind < 7)
    id = binaries[dice (&k->dice, G_N_ELEMENTS (binaries))](g, operand (k), operand (k));
  else
    id = chain_where (g, operand (k), operand (k), operand (k));
  g_array_append_val (k->m->nodes, id);
}

static Maker *
make_elementwise (guint64 seed, int rows, int cols)
{
  Maker *k = g_new0 (Maker, 1);
  Made *m = k->m = g_new0 (Made, 1);
  ChainId id;

  m->g = chain_graph_new ();
  m->leaves = g_array_new (FALSE, FALSE, sizeof (ChainId));
  m->states = g_array_new (FALSE, FALSE, sizeof (ChainState));
  m->nodes = g_array_new (FALSE, FALSE, sizeof (ChainId));
  k->kept = g_array_new (FALSE, FALSE, sizeof (ChainId));
  k->rows = rows;
  k->cols = cols;
  dice_init (&k->dice, seed);
  for (int i = 0; i < 7; i++)
    {
      id = i == 6 ? chain_scalar (m->g, "rate") : add_leaf (k, CHAIN_LEAF_PARAM, i == 3 || i == 5 ? 1 : rows, i == 4 || i == 5 ? 1 : cols);
      g_array_append_val (m->nodes, id);
    }
  for (guint i = 0; i < 24; i++)
    add_node (k);
  for (guint i = 0; i < 3; i++)     /* states of the last values, in place where the plan can do it */
    {
      ChainState s = { g_array_index (m->leaves, ChainId, i), g_array_index (m->nodes, ChainId, m->nodes->len - 1 - 2 * i) };
      if (chain_shape_equal (chain_graph_node (m->g, s.next)->shape, chain_shape (rows, cols)) && !chain_graph_node (m->g, s.next)->host)
        g_array_append_val (m->states, s);
    }
  for (guint i = 9; i < m->nodes->len; i += 5)
    g_array_append_val (k->kept, g_array_index (m->nodes, ChainId, i));
  m->loss = g_array_index (m->nodes, ChainId, m->nodes->len - 1);
  chain_graph_seal (m->g);
  return k;
}

static void
maker_free (Maker *k)
{
  made_free (k->m);
  g_array_unref (k->kept);
  g_free (k);
}

/* Two steps; then the values of `kept` and of all leaves, one behind the other. */
static GArray *
run_ways (const Maker *k, ChainDtype dtype, gboolean stepped, int threads)
{
  const Made *m = k->m;
  ChainExec *x = make_exec (m, dtype, 1, 3);
  ChainProgram p = chain_exec_program (x, (const ChainId *) (void *) k->kept->data, k->kept->len, STATES (m),
                                       stepped ? CHAIN_PLAN_KEEP_ALL : CHAIN_PLAN_COMMIT);
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
  for (guint i = 0; i < k->kept->len + m->leaves->len; i++)
    {
      ChainId id = i < k->kept->len ? g_array_index (k->kept, ChainId, i) : g_array_index (m->leaves, ChainId, i - k->kept->len);
      ChainShape s = chain_graph_node (m->g, id)->shape;
      guint n = (guint) (s.rows * s.cols), at = all->len;
      g_array_set_size (all, at + n);
      g_assert_true (chain_exec_read (x, p, 1, id, &g_array_index (all, double, at), n));
    }
  chain_exec_free (x);
  return all;
}

static void
assert_same (const GArray *a, const GArray *b)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      double p = g_array_index (a, double, i), q = g_array_index (b, double, i);
      if (memcmp (&p, &q, sizeof p) != 0 && !(isnan (p) && isnan (q)))
        g_error ("value %u of %u: %a, not %a", i, a->len, p, q);
    }
}

static void
compare_all (guint64 seed, int rows, int cols, ChainDtype dtype, int threads)
{
  static const char *const isas[] = { "plain C", "AVX2", "AVX-512" };
  const char *best = chain_cpu_isa ();
  Maker *k = make_elementwise (seed, rows, cols);
  GArray *want = run_ways (k, dtype, TRUE, 1);

  for (guint i = 0; i < G_N_ELEMENTS (isas); i++)
    if (chain_cpu_force_isa (isas[i]))
      {
        GArray *got = run_ways (k, dtype, FALSE, threads);
        assert_same (got, want);
        g_array_unref (got);
      }
  g_assert_true (chain_cpu_force_isa (best));
  g_array_unref (want);
  maker_free (k);
}

static void
test_random (void)
{
  for (guint seed = 0; seed < 300; seed++)     /* 1 to 300 numbers, each count once */
    {
      int n = (int) seed + 1, rows = 1;
      for (int r = 2; r <= 20; r++)
        if (n % r == 0 && (seed + (guint) r) % 3 > 0)
          rows = r;
      compare_all (seed, rows, n / rows, seed % 2 ? CHAIN_F64 : CHAIN_F32, 1);
    }
}

static void
test_large (void)
{
  static const int shapes[][2] = { { 100, 200 }, { 2000, 10 }, { 1, 20000 }, { 20000, 1 }, { 7, 2857 }, { 37, 1003 } };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (int dtype = 0; dtype < 2; dtype++)
      compare_all (1000 + i, shapes[i][0], shapes[i][1], (ChainDtype) dtype, 1 + (int) (i % 2));
}

/* What selects or compares stays in registers: no call of a kernel. */
static void
check_calls (const ChainTile *t)
{
  static const ChainOp in_registers[] = { CHAIN_OP_WHERE, CHAIN_OP_SIGN, CHAIN_OP_LT, CHAIN_OP_EQ, CHAIN_OP_MIN, CHAIN_OP_MAX, CHAIN_OP_FLOOR,
                                          CHAIN_OP_STOP, CHAIN_OP_RELU, CHAIN_OP_STEP, CHAIN_OP_ABS };

  for (guint i = 0; i < t->n_calls; i++)
    for (guint k = 0; k < G_N_ELEMENTS (in_registers); k++)
      g_assert_cmpint (t->calls[i].op, !=, in_registers[k]);
}

/* Every element-wise op goes through programs above. */
static void
test_all_ops (void)
{
  gboolean used[CHAIN_N_OPS] = { FALSE };

  for (guint seed = 0; seed < 60; seed++)
    {
      Maker *k = make_elementwise (seed, 3, 5);
      ChainPlan *plan = chain_plan_new (k->m->g, (const ChainId *) (void *) k->kept->data, k->kept->len, STATES (k->m), 1, CHAIN_F32,
                                        CHAIN_PLAN_COMMIT, NULL);
      g_autofree guint32 *readers = _chain_fuse_readers (plan);
      for (guint i = plan->n_host; i < plan->n_items;)
        {
          ChainTile *t = _chain_fuse (plan, readers, i);
          for (guint j = i; t != NULL && j < i + t->n_items; j++)
            used[plan->items[j].op] = TRUE;
          if (t != NULL)
            check_calls (t);
          i += t != NULL ? t->n_items : 1;
          _chain_tile_free (t);
        }
      chain_plan_free (plan);
      maker_free (k);
    }
  for (int op = 1; op < CHAIN_N_OPS; op++)
    if ((chain_op_row ((ChainOp) op)->flags & CHAIN_OP_ELEMENTWISE) && op != CHAIN_OP_LGAMMA && op != CHAIN_OP_POLYGAMMA && !used[op])
      g_error ("no program has %s", chain_op_row ((ChainOp) op)->name);
}

/* --- what is emitted --- */
static ChainId
average (ChainGraph *g, ChainId m, double beta, ChainId x)
{
  return chain_add (g, chain_scale (g, m, beta), chain_scale (g, x, 1 - beta));
}

/* The root starts, the division ends, the two moments are stored on the way, nothing else goes through memory. */
static void
test_adam (void)
{
  ChainGraph *g = chain_graph_new ();
  ChainShape shape = chain_shape (30, 40);
  ChainId w = chain_leaf (g, CHAIN_LEAF_PARAM, "w", shape), d = chain_leaf (g, CHAIN_LEAF_DATA, "d", shape);
  ChainId m = chain_leaf (g, CHAIN_LEAF_STATE, "m", shape), v = chain_leaf (g, CHAIN_LEAF_STATE, "v", shape);
  ChainId m1 = average (g, m, 0.9, d), v1 = average (g, v, 0.999, chain_square (g, d));
  ChainId step = chain_div (g, m1, chain_offset (g, chain_sqrt (g, v1), 1e-8));
  ChainState s[] = { { m, m1 }, { v, v1 }, { w, chain_sub (g, w, chain_mul_s (g, step, chain_scalar (g, "rate"))) } };
  ChainPlan *plan;
  ChainTile *t;
  int n_roots = 0, n_stores = 0;

  chain_graph_seal (g);
  plan = chain_plan_new (g, NULL, 0, s, 3, 1, CHAIN_F32, CHAIN_PLAN_COMMIT, NULL);
  g_autofree guint32 *readers = _chain_fuse_readers (plan);
  g_autoptr (GString) text = g_string_new (NULL);
  t = _chain_fuse (plan, readers, plan->n_host);
  g_assert_nonnull (t);
  _chain_tile_dump (t, text);
  g_test_message ("%s", text->str);
  g_assert_cmpuint (t->n_items, ==, plan->n_items - plan->n_host);
  g_assert_cmpuint (t->n_temps, ==, 0);
  g_assert_cmpuint (t->n_ins - 1, <=, 9);
  for (guint i = 0; i < t->n_ins; i++)
    {
      n_roots += t->ins[i].op == CHAIN_TILE_sqrt_add_x_as_ && i < 4;
      n_stores += t->ins[i].op == CHAIN_TILE_fma_msa_st || t->ins[i].op == CHAIN_TILE_sub_ma__st;
    }
  g_assert_cmpint (n_roots, ==, 1);
  g_assert_cmpint (n_stores, ==, 3);
  _chain_tile_free (t);
  chain_plan_free (plan);
  chain_graph_free (g);
}

/* --- small tensors side by side --- */
/* The update of seven tensors of every awkward size: gradients are products, so that they are temporaries. */
static guint
add_updates (ChainGraph *g, ChainId rate, ChainId leaves[4][7], ChainState states[21])
{
  static const int sizes[7][2] = { { 8, 2 }, { 1, 8 }, { 8, 8 }, { 1, 1 }, { 3, 43 }, { 1, 17 }, { 16, 8 } };
  ChainId grad[7];
  guint n = 0;

  for (guint i = 0; i < 7; i++)
    {
      leaves[0][i] = chain_leaf (g, CHAIN_LEAF_DATA, "d", chain_shape (sizes[i][1], sizes[i][0]));
      grad[i] = chain_transpose (g, leaves[0][i]);
    }
  for (guint i = 0; i < 7; i++)
    {
      ChainShape shape = chain_shape (sizes[i][0], sizes[i][1]);
      ChainId w = leaves[1][i] = chain_leaf (g, CHAIN_LEAF_PARAM, "w", shape), m = leaves[2][i] = chain_leaf (g, CHAIN_LEAF_STATE, "m", shape);
      ChainId v = leaves[3][i] = chain_leaf (g, CHAIN_LEAF_STATE, "v", shape);
      ChainId m1 = average (g, m, 0.9, grad[i]), v1 = average (g, v, 0.999, chain_square (g, grad[i]));
      ChainId step = chain_div (g, m1, chain_offset (g, chain_sqrt (g, v1), 1e-8));
      states[n++] = (ChainState){ m, m1 };
      states[n++] = (ChainState){ v, v1 };
      states[n++] = (ChainState){ w, chain_sub (g, w, chain_mul_s (g, step, rate)) };
    }
  chain_graph_seal (g);
  return n;
}

static ChainExec *
make_updates (const ChainGraph *g, ChainId rate, ChainId leaves[4][7], ChainDtype dtype)
{
  ChainExec *x = chain_exec_new (g, dtype, NULL);
  double v[130];

  for (guint i = 0; i < 28; i++)
    {
      ChainShape shape = chain_graph_node (g, leaves[i / 7][i % 7])->shape;
      for (int e = 0; e < shape.rows * shape.cols; e++)
        v[e] = i / 7 == 3 ? 0.01 + e : sin (e + (double) i);
      g_assert_true (chain_exec_write (x, leaves[i / 7][i % 7], 1, v, (gsize) (shape.rows * shape.cols), NULL));
    }
  chain_exec_set_scalar (x, rate, 0.01);
  return x;
}

static void
check_together (ChainDtype dtype)
{
  ChainGraph *g = chain_graph_new ();
  ChainId leaves[4][7], rate = chain_scalar (g, "rate");
  ChainState states[21];
  guint n = add_updates (g, rate, leaves, states);
  ChainExec *x = make_updates (g, rate, leaves, dtype), *y = make_updates (g, rate, leaves, dtype);
  ChainProgram p = chain_exec_program (x, NULL, 0, states, n, CHAIN_PLAN_COMMIT), q = chain_exec_program (y, NULL, 0, states, n, CHAIN_PLAN_COMMIT);
  ChainExecState *fused, *apart;

  g_assert_true (chain_exec_run (x, p, 1, NULL));
  n = chain_exec_plan (y, q, 1, NULL)->n_items;
  for (guint i = 0; i < n; i++)
    g_assert_true (chain_exec_run_range (y, q, 1, i, i + 1, NULL));
  for (guint i = 0; i + 1 < 7; i++)    /* the weights of the next tensor begin where those of this one end */
    {
      const char *here = chain_exec_peek (x, p, 1, leaves[1][i]), *next = chain_exec_peek (x, p, 1, leaves[1][i + 1]);
      g_assert_true (next > here && next - here <= 2048);
    }
  fused = chain_exec_save (x);
  apart = chain_exec_save (y);
  g_assert_true (chain_exec_state_equal (fused, apart));
  chain_exec_state_unref (fused);
  chain_exec_state_unref (apart);
  chain_exec_free (x);
  chain_exec_free (y);
  chain_graph_free (g);
}

static void
test_together (void)
{
  static const char *const isas[] = { "plain C", "AVX2", "AVX-512" };

  for (guint s = 0; s < G_N_ELEMENTS (isas); s++)
    for (guint d = 0; d < 2 && chain_cpu_force_isa (isas[s]); d++)
      check_together (d ? CHAIN_F64 : CHAIN_F32);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  g_test_add_func ("/run/fuse/random", test_random);
  g_test_add_func ("/run/fuse/large", test_large);
  g_test_add_func ("/run/fuse/all-ops", test_all_ops);
  g_test_add_func ("/run/fuse/adam", test_adam);
  g_test_add_func ("/run/fuse/together", test_together);
  return g_test_run ();
}
