/* SPDX-License-Identifier: Apache-2.0 */
/* One definition of the maths (ARCHITECTURE 9.1, 9.2): each row of each table that becomes a part of a graph, in each of its variants, trains
 * in a small network to the same bits however its plan is run: item by item in plain C with every value kept, which is the reference; fused on
 * each instruction set that the processor has; and fused on two threads. In f32 and f64. Initialisers are drawn on each instruction set.
 * Schedules and metrics are functions of the host in f64 and never become a plan. */
#include "tests/engine/metamorphic/kit.h"
#include "tests/engine/nn/make.h"

#include "engine/run/backend-registry.h"

#include <math.h>
#include <string.h>

enum { B = 19, STEPS = 3 };

static const char *const isas[] = { "plain C", "AVX2", "AVX-512" };

typedef struct { double loss, grad_sq; ChainExecState *state; } Result;

static void
give_data (const ChainModel *m, ChainExec *x, const double *xs, const double *ts)
{
  write_leaf (x, m->x, B, xs, B * m->d);
  if (chain_graph_node (m->graph, m->t)->op == CHAIN_OP_LEAF)
    write_leaf (x, m->t, B, ts, B * m->k);
}

static Result
train (const ChainModel *m, ChainDtype dtype, gboolean stepped, int threads, const double *xs, const double *ts)
{
  ChainExec *x = make_exec (m, dtype, 7);
  ChainProgram p = make_train_program (m, x, stepped ? CHAIN_PLAN_KEEP_ALL : CHAIN_PLAN_COMMIT);
  const ChainPlan *plan = chain_exec_plan (x, p, B, NULL);
  Result r;

  g_assert_nonnull (plan);
  chain_exec_set_threads (x, threads);
  chain_model_set_hyper (m, x, m->spec);
  chain_exec_set_scalar (x, m->lr, 0.02);
  give_data (m, x, xs, ts);
  for (guint step = 0; step < STEPS; step++)
    {
      for (guint i = 0; stepped && i < plan->n_items; i++)
        g_assert_true (chain_exec_run_range (x, p, B, i, i + 1, NULL));
      if (stepped)
        chain_exec_commit (x, p, B);
      else
        g_assert_true (chain_exec_run (x, p, B, NULL));
    }
  r = (Result){ chain_exec_read_one (x, p, B, m->loss_train), chain_exec_read_one (x, p, B, m->grad_sq), chain_exec_save (x) };
  chain_exec_free (x);
  return r;
}

static void
expect_same (const Result *got, const Result *want, const char *table, const char *id, const char *variant, const char *how, ChainDtype dtype)
{
  if (memcmp (&got->loss, &want->loss, sizeof got->loss) != 0 || memcmp (&got->grad_sq, &want->grad_sq, sizeof got->grad_sq) != 0
      || !chain_exec_state_equal (got->state, want->state))
    g_error ("%s/%s (%s), %s, %s: not the bits of item by item in plain C; loss %a, not %a", table, id, variant != NULL ? variant : "standard", how,
             dtype == CHAIN_F64 ? "f64" : "f32", got->loss, want->loss);
}

static void
compare_ways (const ChainModel *m, const double *xs, const double *ts, const char *table, const char *id, const char *variant)
{
  const char *best = chain_cpu_isa ();

  for (int dtype = CHAIN_F32; dtype <= CHAIN_F64; dtype++)
    {
      Result want, got;
      g_assert_true (chain_cpu_force_isa ("plain C"));
      want = train (m, (ChainDtype) dtype, TRUE, 1, xs, ts);
      if (!isfinite (want.loss) || !isfinite (want.grad_sq))
        g_error ("%s/%s (%s): the reference is not finite", table, id, variant != NULL ? variant : "standard");
      for (guint i = 0; i <= G_N_ELEMENTS (isas); i++)
        if (chain_cpu_force_isa (i < G_N_ELEMENTS (isas) ? isas[i] : best))
          {
            got = train (m, (ChainDtype) dtype, FALSE, i < G_N_ELEMENTS (isas) ? 1 : 2, xs, ts);
            expect_same (&got, &want, table, id, variant, i < G_N_ELEMENTS (isas) ? isas[i] : "two threads", (ChainDtype) dtype);
            chain_exec_state_unref (got.state);
          }
      chain_exec_state_unref (want.state);
    }
  g_assert_true (chain_cpu_force_isa (best));
}

/* --- losses: the networks of the metamorphic tests, with every role played --- */
static void
test_losses (void)
{
  guint n, n_rows, seen = 0;
  const MetaCase *cases = meta_cases (&n);
  const ChainLossRow *rows = chain_table_losses (&n_rows);

  for (guint i = 0; i < n; i++)
    {
      Meta a;
      Dice d;
      MetaData data;

      dice_init (&d, i);
      meta_open (&a, &cases[i], i % META_NETS, NULL);
      data = meta_data (&a, &d, B);
      compare_ways (a.m, data.x, data.t, "losses", cases[i].row->info.id, cases[i].variant);
      meta_data_clear (&data);
      meta_close (&a);
    }
  for (guint i = 0; i < n_rows; i++)
    for (guint k = 0; k < n; k++)
      if (cases[k].row == &rows[i])
        {
          seen++;
          break;
        }
  g_assert_cmpuint (seen, ==, n_rows);
}

/* --- the other tables: a row in a network of its own --- */
typedef void (*Place) (ChainSpec *s, const ChainRowInfo *row, const char *variant);

static void
place_activation (ChainSpec *s, const ChainRowInfo *row, const char *variant)
{
  ChainLayer *l = make_layer (s, "d1", "dense", 7, NULL, "x", NULL);

  chain_choice_set (&l->activation, row->id, variant);
  make_layer (s, "out", "dense", 2, NULL, "d1", NULL);
}

static void
place_layer (ChainSpec *s, const ChainRowInfo *row, const char *variant)
{
  const ChainLayerRow *layer = chain_layer_row (row->id);
  gboolean two = layer->max_inputs != 1;
  ChainLayer *l;

  make_layer (s, "d1", "dense", 6, "tanh", "x", NULL);
  make_layer (s, "d2", "dense", 6, NULL, "x", NULL);
  l = make_layer (s, "row", row->id, g_str_equal (row->id, "dense") ? 5 : 0, g_str_equal (row->id, "activation") ? "silu" : NULL, "d1", two ? "d2" : NULL);
  chain_choice_set (&l->params, row->id, variant);
  make_layer (s, "out", "dense", 2, NULL, "row", NULL);
}

static void
place_optimiser (ChainSpec *s, const ChainRowInfo *row, const char *variant)
{
  make_layer (s, "d1", "dense", 7, "tanh", "x", NULL);
  make_layer (s, "out", "dense", 2, NULL, "d1", NULL);
  chain_choice_set (&s->optimiser, row->id, variant);
}

static void
place_regulariser (ChainSpec *s, const ChainRowInfo *row, const char *variant)
{
  ChainChoice *c = chain_choice_new (row->id);

  make_layer (s, "d1", "dense", 7, "tanh", "x", NULL);
  make_layer (s, "out", "dense", 2, NULL, "d1", NULL);
  chain_choice_set (c, row->id, variant);
  g_ptr_array_add (s->regularisers, c);
}

static void
compare_placed (const char *table, const ChainRowInfo *row, const char *variant, Place place)
{
  g_autoptr (GError) error = NULL;
  g_autofree double *xs = make_numbers (B * 5, 0.4), *ts = make_numbers (B * 2, 2.1);
  ChainSpec *s = make_spec ();
  ChainPrep *prep = make_prep (5, 2, 0);
  ChainModel *m;

  make_loss (s, "mse");
  place (s, row, variant);
  m = chain_model_new (s, prep, &error);
  if (m == NULL)
    g_error ("%s/%s (%s): %s", table, row->id, variant != NULL ? variant : "standard", error->message);
  compare_ways (m, xs, ts, table, row->id, variant);
  chain_model_free (m);
  free_prep (prep);
  chain_spec_unref (s);
}

static void
each_variant (const char *table, const ChainRowInfo *row, Place place)
{
  if (row->variants == NULL)
    compare_placed (table, row, NULL, place);
  for (guint k = 0; row->variants != NULL && row->variants[k] != NULL; k++)
    compare_placed (table, row, row->variants[k], place);
}

#define WALK(name, Row, table, list, place) \
  static void \
  test_##name (void) \
  { \
    guint n; \
    const Row *rows = list (&n); \
\
    g_assert_cmpuint (n, >, 0); \
    for (guint i = 0; i < n; i++) \
      each_variant (table, &rows[i].info, place); \
  }
WALK (activations, ChainActivationRow, "activations", chain_table_activations, place_activation)
WALK (layers, ChainLayerRow, "layers", chain_table_layers, place_layer)
WALK (optimisers, ChainOptimRow, "optimisers", chain_table_optims, place_optimiser)
WALK (regularisers, ChainRegularRow, "regularisers", chain_table_regulars, place_regulariser)

/* --- initialisers: what is measured of data goes through plans, the rest through the host --- */
static ChainExecState *
initial (const ChainModel *m, ChainDtype dtype, const double *xs)
{
  g_autoptr (GError) error = NULL;
  ChainExec *x = make_exec (m, dtype, 7);
  ChainExecState *s;

  write_leaf (x, m->x, B, xs, B * m->d);
  g_assert_true (chain_model_init_data (m, x, B, &error));
  g_assert_no_error (error);
  s = chain_exec_save (x);
  chain_exec_free (x);
  return s;
}

static void
test_initialisers (void)
{
  g_autofree double *xs = make_numbers (B * 5, 0.4);
  const char *best = chain_cpu_isa ();
  guint n;
  const ChainInitRow *rows = chain_table_inits (&n);

  for (guint i = 0; i < 2 * n; i++)
    {
      g_autoptr (GError) error = NULL;
      ChainSpec *s = make_spec ();
      ChainPrep *prep = make_prep (5, 2, 0);
      ChainModel *m;
      ChainExecState *want = NULL;

      make_loss (s, "mse");
      chain_choice_set (&make_layer (s, "d1", "dense", 5, "tanh", "x", NULL)->initialiser, rows[i / 2].info.id, NULL);
      make_layer (s, "out", "dense", 2, NULL, "d1", NULL);
      m = chain_model_new (s, prep, &error);
      g_assert_no_error (error);
      for (guint k = 0; k < G_N_ELEMENTS (isas); k++)
        if (chain_cpu_force_isa (isas[k]))
          {
            ChainExecState *got = initial (m, i % 2 ? CHAIN_F64 : CHAIN_F32, xs);
            if (want != NULL && !chain_exec_state_equal (got, want))
              g_error ("initialisers/%s: %s gives other bits than plain C", rows[i / 2].info.id, isas[k]);
            g_clear_pointer (&want, chain_exec_state_unref);
            want = got;
          }
      chain_exec_state_unref (want);
      chain_model_free (m);
      free_prep (prep);
      chain_spec_unref (s);
    }
  g_assert_true (chain_cpu_force_isa (best));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  g_test_add_func ("/ways/losses", test_losses);
  g_test_add_func ("/ways/activations", test_activations);
  g_test_add_func ("/ways/layers", test_layers);
  g_test_add_func ("/ways/optimisers", test_optimisers);
  g_test_add_func ("/ways/regularisers", test_regularisers);
  g_test_add_func ("/ways/initialisers", test_initialisers);
  return g_test_run ();
}
