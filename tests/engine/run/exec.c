/* SPDX-License-Identifier: Apache-2.0 */
/* Executors: every op against its definition; training, keep-all, stepped, threaded runs and instruction sets bit for bit. */
#include "tests/engine/run/kit.h"

#include "engine/graph/eval-ref.h"
#include "engine/graph/grad.h"
#include "engine/run/check.h"

#include <math.h>
#include <string.h>

static void
test_reference (gconstpointer data)
{
  ChainDtype dtype = (ChainDtype) GPOINTER_TO_INT (data);

  for (guint64 seed = 0; seed < 40; seed++)
    {
      Made *m = make_any (seed, 50);
      gint64 b = 1 + (gint64) (seed * 7) % 19;
      ChainExec *x = make_exec (m, dtype, b, seed);
      ChainId worst;
      double d = chain_check_reference (x, b, m->loss, &worst, NULL);
      if (!(d <= (dtype == CHAIN_F64 ? 1e-13 : 2e-6)))
        g_test_message ("seed %u: %s n%u differs by %g", (guint) seed, chain_op_row (chain_graph_node (m->g, worst)->op)->name, worst, d);
      g_assert_cmpfloat (d, <=, dtype == CHAIN_F64 ? 1e-13 : 2e-6);
      chain_exec_free (x);
      made_free (m);
    }
}

/* The whole of a network against the interpreter of the definitions. */
static void
test_network_reference (void)
{
  for (guint64 seed = 0; seed < 12; seed++)
    {
      Made *m = make_network (seed);
      gint64 b = 1 + (gint64) seed * 3;
      ChainExec *x = make_exec (m, CHAIN_F64, b, seed);
      ChainProgram p = chain_exec_program (x, &m->loss, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
      g_autofree ChainRefBinding *bound = g_new0 (ChainRefBinding, m->leaves->len);
      double want, *out[] = { &want };
      for (guint i = 0; i < m->leaves->len; i++)
        {
          ChainId id = g_array_index (m->leaves, ChainId, i);
          double *v = g_new0 (double, chain_ref_size (m->g, id, b));
          g_assert_true (chain_exec_read_leaf (x, id, v, chain_ref_size (m->g, id, b)));
          bound[i] = (ChainRefBinding){ id, v };
        }
      g_assert_true (chain_ref_eval (m->g, bound, m->leaves->len, b, 0, &m->loss, 1, out, NULL));
      g_assert_true (chain_exec_run (x, p, b, NULL));
      g_assert_cmpfloat (fabs (chain_exec_read_one (x, p, b, m->loss) - want), <=, 1e-13 * fabs (want));
      for (guint i = 0; i < m->leaves->len; i++)
        g_free ((double *) bound[i].data);
      chain_exec_free (x);
      made_free (m);
    }
}

/* Each op has run in the graphs above: a row without a test must not slip in. */
static void
test_all_ops_used (void)
{
  gboolean used[CHAIN_N_OPS] = { FALSE };

  for (guint64 seed = 0; seed < 40; seed++)
    {
      Made *m = make_any (seed, 50);
      for (ChainId id = 1; id <= chain_graph_size (m->g); id++)
        used[chain_graph_node (m->g, id)->op] = TRUE;
      made_free (m);
    }
  for (int op = CHAIN_OP_LEAF; op < CHAIN_N_OPS; op++)
    if (!used[op])
      g_error ("no random graph uses %s", chain_op_row ((ChainOp) op)->name);
}

/* Products above and below the size at which OpenBLAS takes over, with every pair of transposes. */
static void
test_products (void)
{
  static const int sizes[][3] = { { 1, 1, 1 }, { 3, 17, 5 }, { 10, 8, 8 }, { 33, 1, 70 }, { 64, 128, 784 }, { 130, 90, 101 }, { 16, 300, 256 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes) * 8; i++)
    {
      int m = sizes[i / 8][0], n = sizes[i / 8][1], k = sizes[i / 8][2], ta = i & 1, tb = (i >> 1) & 1;
      ChainDtype dtype = i & 4 ? CHAIN_F64 : CHAIN_F32;
      Made made = { .g = chain_graph_new (), .leaves = g_array_new (FALSE, FALSE, sizeof (ChainId)) };
      ChainId a = chain_leaf (made.g, CHAIN_LEAF_PARAM, "a", ta ? chain_shape (k, m) : chain_shape (m, k));
      ChainId b = chain_leaf (made.g, CHAIN_LEAF_PARAM, "b", tb ? chain_shape (n, k) : chain_shape (k, n)), worst;
      ChainExec *x;
      g_array_append_val (made.leaves, a);
      g_array_append_val (made.leaves, b);
      made.loss = chain_matmul (made.g, a, b, ta, tb);
      chain_graph_seal (made.g);
      x = make_exec (&made, dtype, 1, i);
      g_assert_cmpfloat (chain_check_reference (x, 1, made.loss, &worst, NULL), <=, (dtype == CHAIN_F64 ? 1e-14 : 1e-6) * sqrt (k));
      chain_exec_free (x);
      chain_graph_free (made.g);
      g_array_unref (made.leaves);
    }
}

/* --- one network, run in several ways --- */
typedef enum { FUSED, KEPT, STEPPED, THREADED, N_WAYS } Way;

static ChainExecState *
train (const Made *m, ChainDtype dtype, gint64 b, Way way, int n_steps, double *loss)
{
  ChainExec *x = make_exec (m, dtype, b, 5);
  ChainPlanFlags flags = way == STEPPED ? CHAIN_PLAN_KEEP_ALL : way == KEPT ? CHAIN_PLAN_KEEP_ALL | CHAIN_PLAN_COMMIT : CHAIN_PLAN_COMMIT;
  ChainProgram p = chain_exec_program (x, &m->loss, 1, STATES (m), flags);
  const ChainPlan *plan = chain_exec_plan (x, p, b, NULL);
  ChainExecState *s;

  if (way == THREADED)
    chain_exec_set_threads (x, 2);
  for (int i = 0; i < n_steps; i++)
    if (way == STEPPED)
      {
        for (guint k = 0; k < plan->n_items; k++)
          g_assert_true (chain_exec_run_range (x, p, b, k, k + 1, NULL));
        chain_exec_commit (x, p, b);
      }
    else
      g_assert_true (chain_exec_run (x, p, b, NULL));
  *loss = chain_exec_read_one (x, p, b, m->loss);
  s = chain_exec_save (x);
  chain_exec_free (x);
  return s;
}

static void
compare_ways (const Made *m, ChainDtype dtype, gint64 b, int n_steps)
{
  double loss[N_WAYS];
  ChainExecState *s[N_WAYS];

  for (int way = 0; way < N_WAYS; way++)
    s[way] = train (m, dtype, b, (Way) way, n_steps, &loss[way]);
  g_assert_true (isfinite (loss[0]));
  for (int way = 1; way < N_WAYS; way++)
    {
      g_assert_cmpmem (&loss[way], sizeof loss[way], &loss[0], sizeof loss[0]);
      g_assert_true (chain_exec_state_equal (s[way], s[0]));
    }
  for (int way = 0; way < N_WAYS; way++)
    chain_exec_state_unref (s[way]);
}

static void
test_ways (void)
{
  for (guint64 seed = 0; seed < 40; seed++)
    {
      Made *m = make_network (seed);
      compare_ways (m, seed % 2 ? CHAIN_F32 : CHAIN_F64, 1 + (gint64) (seed * 13) % 50, 8);
      made_free (m);
    }
}

/* Large enough for stripes, large products and more than one part. */
static Made *
make_wide (void)
{
  Made *m = make_network (3);
  ChainGraph *g;
  ChainId x, w, b, h, grads[2], wrt[2];
  ChainState s;

  made_free (m);
  m = g_new0 (Made, 1);
  m->g = g = chain_graph_new ();
  m->leaves = g_array_new (FALSE, FALSE, sizeof (ChainId));
  m->states = g_array_new (FALSE, FALSE, sizeof (ChainState));
  m->nodes = g_array_new (FALSE, FALSE, sizeof (ChainId));
  x = chain_leaf (g, CHAIN_LEAF_INPUT, "x", chain_shape (CHAIN_B, 300));
  wrt[0] = w = chain_leaf (g, CHAIN_LEAF_PARAM, "w", chain_shape (271, 300));
  wrt[1] = b = chain_leaf (g, CHAIN_LEAF_PARAM, "b", chain_shape (1, 271));
  g_array_append_val (m->leaves, x);
  g_array_append_vals (m->leaves, wrt, 2);
  h = chain_add (g, chain_matmul (g, x, w, FALSE, TRUE), chain_broadcast (g, b, chain_shape (CHAIN_B, 271)));
  h = chain_mul (g, chain_tanh (g, h), chain_softmax (g, h));
  m->loss = chain_div (g, chain_sum_all (g, h), chain_n_rows (g));
  g_assert_true (chain_grad (g, m->loss, CHAIN_NONE, wrt, 2, grads, NULL, NULL));
  for (int i = 0; i < 2; i++)
    {
      ChainId v = chain_leaf (g, CHAIN_LEAF_STATE, "v", chain_graph_node (g, wrt[i])->shape);
      ChainId v1 = chain_add (g, chain_scale (g, v, 0.9), chain_square (g, grads[i]));
      s = (ChainState){ v, v1 };
      g_array_append_val (m->states, s);
      s = (ChainState){ wrt[i], chain_sub (g, wrt[i], chain_div (g, grads[i], chain_offset (g, chain_sqrt (g, v1), 1e-3))) };
      g_array_append_val (m->states, s);
    }
  chain_graph_seal (g);
  return m;
}

static void
test_wide (void)
{
  Made *m = make_wide ();

  compare_ways (m, CHAIN_F32, 160, 3);
  compare_ways (m, CHAIN_F64, 33, 2);
  made_free (m);
}

static void
test_instruction_sets (void)
{
  static const char *isas[] = { "plain C", "AVX2", "AVX-512" };
  const char *best = chain_cpu_isa ();

  for (guint64 seed = 0; seed < 24; seed++)
    {
      Made *m = seed % 2 ? make_any (seed, 60) : make_network (seed);
      double want = 0;
      ChainExecState *state = NULL;
      for (guint k = 0; k < G_N_ELEMENTS (isas); k++)
        {
          double loss;
          ChainExecState *s;
          if (!chain_cpu_force_isa (isas[k]))
            continue;
          s = train (m, seed % 4 < 2 ? CHAIN_F32 : CHAIN_F64, 1 + (gint64) seed, FUSED, 3, &loss);
          if (state != NULL)
            {
              g_assert_cmpmem (&loss, sizeof loss, &want, sizeof want);
              g_assert_true (chain_exec_state_equal (s, state));
              chain_exec_state_unref (state);
            }
          state = s;
          want = loss;
        }
      chain_exec_state_unref (state);
      made_free (m);
    }
  g_assert_true (chain_cpu_force_isa (best));
}

/* --- what an executor promises --- */
static void
test_save_restore (void)
{
  Made *m = make_network (8);
  ChainExec *x = make_exec (m, CHAIN_F32, 7, 1);
  ChainProgram p = chain_exec_program (x, &m->loss, 1, STATES (m), CHAIN_PLAN_COMMIT);
  ChainExecState *a = chain_exec_save (x), *b, *c;

  for (int i = 0; i < 5; i++)
    g_assert_true (chain_exec_run (x, p, 7, NULL));
  b = chain_exec_save (x);
  g_assert_false (chain_exec_state_equal (a, b));
  chain_exec_restore (x, a);
  for (int i = 0; i < 5; i++)
    g_assert_true (chain_exec_run (x, p, 7, NULL));
  c = chain_exec_save (x);
  g_assert_true (chain_exec_state_equal (b, c));
  g_assert_cmpfloat (chain_exec_get_scalar (x, chain_scalar (m->g, "step")), ==, 8);
  chain_exec_state_unref (chain_exec_state_ref (a));
  chain_exec_state_unref (a);
  chain_exec_state_unref (b);
  chain_exec_state_unref (c);
  chain_exec_free (x);
  made_free (m);
}

/* Batch sizes come and go; weights are shared by all plans; memory does not grow. */
static void
test_batches (void)
{
  Made *m = make_network (8);
  ChainExec *x = make_exec (m, CHAIN_F32, 64, 1);
  ChainProgram p = chain_exec_program (x, &m->loss, 1, STATES (m), CHAIN_PLAN_COMMIT);
  guint64 bytes = 0;

  for (int round = 0; round < 40; round++)
    {
      for (gint64 b = 1; b <= 20; b++)
        g_assert_true (chain_exec_run (x, p, b, NULL));
      if (round == 0)
        bytes = chain_exec_bytes (x);
      g_assert_cmpuint (chain_exec_bytes (x), ==, bytes);
    }
  for (int round = 0; round < 3; round++)              /* eight sizes in turn: nothing is compiled twice */
    for (gint64 b = 1; b <= 8; b++)
      {
        static const ChainPlan *first[9];
        const ChainPlan *plan = chain_exec_plan (x, p, b, NULL);
        first[b] = round == 0 ? plan : first[b];
        g_assert_true (plan == first[b]);
      }
  g_assert_true (chain_exec_run (x, p, 500, NULL));   /* leaves grow, plans made before still run */
  g_assert_true (chain_exec_run (x, p, 20, NULL));
  chain_exec_free (x);
  made_free (m);
}

static void
test_long_run (void)
{
  Made *m = make_network (0);
  ChainExec *x = make_exec (m, CHAIN_F32, 10, 1);
  ChainProgram p = chain_exec_program (x, &m->loss, 1, STATES (m), CHAIN_PLAN_COMMIT);
  guint64 bytes;

  chain_exec_set_scalar (x, chain_scalar (m->g, "rate"), 1e-3);
  g_assert_true (chain_exec_run (x, p, 10, NULL));
  bytes = chain_exec_bytes (x);
  for (int i = 1; i < 100000; i++)
    if (!chain_exec_run (x, p, 10, NULL))
      g_assert_not_reached ();
  g_assert_cmpuint (chain_exec_bytes (x), ==, bytes);
  g_assert_cmpfloat (chain_exec_get_scalar (x, chain_scalar (m->g, "step")), ==, 100003);
  g_assert_true (isfinite (chain_exec_read_one (x, p, 10, m->loss)));
  chain_exec_free (x);
  made_free (m);
}

/* y = a·b + c: a pin on the product must reach the sum although the sum is one fma. */
static void
test_pins (void)
{
  ChainGraph *g = chain_graph_new ();
  ChainId a = chain_leaf (g, CHAIN_LEAF_PARAM, "a", chain_shape (1, 3)), c = chain_leaf (g, CHAIN_LEAF_PARAM, "c", chain_shape (1, 3));
  ChainId m = chain_mul (g, a, a), y = chain_add (g, c, m), z = chain_exp (g, y);
  const double va[] = { 1, 2, 3 }, vc[] = { 10, 20, 30 };
  double got[3];
  ChainExec *x;
  ChainProgram p;

  chain_graph_seal (g);
  x = chain_exec_new (g, CHAIN_F64, NULL);
  p = chain_exec_program (x, &z, 1, NULL, 0, CHAIN_PLAN_KEEP_ALL);
  g_assert_true (chain_exec_write (x, a, 1, va, 3, NULL) && chain_exec_write (x, c, 1, vc, 3, NULL));
  chain_exec_pin (x, m, 0, 1, -20);
  g_assert_true (chain_exec_run (x, p, 1, NULL));
  g_assert_true (chain_exec_read (x, p, 1, y, got, 3));
  g_assert_cmpfloat (got[0], ==, 11);
  g_assert_cmpfloat (got[1], ==, 0);
  g_assert_cmpfloat (got[2], ==, 39);
  g_assert_true (chain_exec_read (x, p, 1, z, got, 3));
  g_assert_cmpfloat (got[1], ==, 1);
  chain_exec_unpin_all (x);
  g_assert_true (chain_exec_run (x, p, 1, NULL));
  g_assert_true (chain_exec_read (x, p, 1, y, got, 3));
  g_assert_cmpfloat (got[1], ==, 24);
  chain_exec_free (x);
  chain_graph_free (g);
}

static void
test_first_bad (void)
{
  ChainGraph *g = chain_graph_new ();
  ChainId a = chain_leaf (g, CHAIN_LEAF_PARAM, "a", chain_shape (2, 2)), l = chain_log (g, a), y = chain_neg (g, l);
  const double v[] = { 1, 2, -3, 4 };
  gint64 row, col;
  ChainExec *x;
  ChainProgram p;

  chain_graph_seal (g);
  x = chain_exec_new (g, CHAIN_F32, NULL);
  p = chain_exec_program (x, &y, 1, NULL, 0, CHAIN_PLAN_KEEP_ALL);
  g_assert_true (chain_exec_write (x, a, 1, v, 4, NULL));
  g_assert_true (chain_exec_run (x, p, 1, NULL));
  g_assert_cmpint (chain_exec_first_bad (x, p, 1, &row, &col), ==, chain_plan_find (chain_exec_plan (x, p, 1, NULL), l));
  g_assert_cmpint (row, ==, 1);
  g_assert_cmpint (col, ==, 0);
  chain_exec_free (x);
  chain_graph_free (g);
}

static void
test_gradient_check (void)
{
  ChainGraph *g = chain_graph_new ();
  ChainId a = chain_leaf (g, CHAIN_LEAF_PARAM, "a", chain_shape (2, 3)), y, grad, wrong;
  ChainCheckRow row;
  const double v[] = { 0.3, -0.7, 1.1, 0, -0.2, 0.9 };
  ChainExec *x;

  y = chain_sum_all (g, chain_mul (g, chain_tanh (g, a), chain_relu (g, a)));
  y = chain_add (g, y, chain_sum_all (g, chain_abs (g, a)));
  g_assert_true (chain_grad (g, y, CHAIN_NONE, &a, 1, &grad, NULL, NULL));
  wrong = chain_scale (g, grad, 1.00001);
  chain_graph_seal (g);
  x = chain_exec_new (g, CHAIN_F64, NULL);
  g_assert_true (chain_exec_write (x, a, 1, v, 6, NULL));
  g_assert_true (chain_check_gradient (x, 1, y, &a, &grad, 1, 0, &row, NULL));
  g_assert_cmpuint (row.n_checked, ==, 5);
  g_assert_cmpuint (row.n_kinks, ==, 1);       /* |0| */
  g_assert_false (chain_check_gradient (x, 1, y, &a, &wrong, 1, 0, &row, NULL));
  g_assert_cmpfloat (row.error, >, 1);
  chain_exec_free (x);
  chain_graph_free (g);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  g_test_add_data_func ("/run/exec/reference-f64", GINT_TO_POINTER (CHAIN_F64), test_reference);
  g_test_add_data_func ("/run/exec/reference-f32", GINT_TO_POINTER (CHAIN_F32), test_reference);
  g_test_add_func ("/run/exec/network-reference", test_network_reference);
  g_test_add_func ("/run/exec/all-ops-used", test_all_ops_used);
  g_test_add_func ("/run/exec/products", test_products);
  g_test_add_func ("/run/exec/ways", test_ways);
  g_test_add_func ("/run/exec/wide", test_wide);
  g_test_add_func ("/run/exec/instruction-sets", test_instruction_sets);
  g_test_add_func ("/run/exec/save-restore", test_save_restore);
  g_test_add_func ("/run/exec/batches", test_batches);
  g_test_add_func ("/run/exec/long-run", test_long_run);
  g_test_add_func ("/run/exec/pins", test_pins);
  g_test_add_func ("/run/exec/first-bad", test_first_bad);
  g_test_add_func ("/run/check/gradient", test_gradient_check);
  return g_test_run ();
}
