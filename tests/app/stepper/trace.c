/* SPDX-License-Identifier: Apache-2.0 */
/* A trace is the step that training takes next, bit for bit, and looking at it moves nothing. */
#include "tests/app/stepper/step-kit.h"

#include "app/train/worker.h"

#include <math.h>
#include <string.h>

static void
bind_leaves (const ChainTrace *t, ChainExec *x)
{
  const ChainGraph *g = t->model->graph;

  for (ChainId id = 1; id <= t->n_nodes; id++)
    {
      const ChainNode *n = chain_graph_node (g, id);
      gint64 rows, cols;

      if (n->op != CHAIN_OP_LEAF || t->value[id] == NULL || n->arg.i[0] == CHAIN_LEAF_ROWS)
        continue;
      chain_trace_shape (t, id, &rows, &cols);
      if (n->host)
        chain_exec_set_scalar (x, id, t->value[id][0]);
      else
        g_assert_true (chain_exec_write (x, id, t->b, t->value[id], (gsize) (rows * cols), NULL));
    }
}

/* Item by item, as the stepper walks, against the trace that was run at once. */
static void
compare_items (const ChainTrace *t)
{
  const ChainModel *m = t->model;
  GError *error = NULL;
  ChainExec *x = chain_exec_new (m->graph, t->dtype, &error);
  ChainProgram p = chain_exec_program (x, &m->loss_train, 1, (const ChainState *) (gconstpointer) m->states->data, m->states->len, CHAIN_PLAN_KEEP_ALL);
  const ChainPlan *plan;

  chain_exec_set_seed (x, m->spec->seed);
  bind_leaves (t, x);
  plan = chain_exec_plan (x, p, t->b, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < plan->n_items; i++)
    {
      ChainId id = plan->items[i].node;
      gint64 rows, cols;
      g_autofree double *v = NULL;

      g_assert_true (chain_exec_run_range (x, p, t->b, i, i + 1, &error));
      chain_trace_shape (t, id, &rows, &cols);
      v = g_new0 (double, (gsize) (rows * cols));
      g_assert_true (chain_exec_read (x, p, t->b, id, v, (gsize) (rows * cols)));
      g_assert_nonnull (t->value[id]);
      g_assert_cmpmem (v, (gsize) (rows * cols) * sizeof *v, t->value[id], (gsize) (rows * cols) * sizeof *v);
    }
  chain_exec_free (x);
}

static void
test_bits (gconstpointer name)
{
  for (int precision = 0; precision < 2; precision++)
    {
      ChainSpec *spec = step_kit_spec (name);
      ChainTrainer *t;

      spec->precision = precision ? CHAIN_F64 : CHAIN_F32;
      t = step_kit_trainer (spec);
      for (guint k = 0; k < 3; k++)
        {
          g_autoptr (ChainTrace) sample = step_kit_trace (t, CHAIN_TRACE_SAMPLE, 3), batch = step_kit_trace (t, CHAIN_TRACE_BATCH, 0);

          g_assert_cmpint (sample->b, ==, 1);
          g_assert_cmpint (batch->b, ==, 5);
          compare_items (sample);
          compare_items (batch);
          g_assert_true (chain_trainer_iterate (t));
          g_assert_cmpfloat (chain_trainer_loss (t), ==, chain_trace_at (batch, batch->model->loss_train, 0, 0));   /* what came next */
        }
      chain_trainer_free (t);
    }
}

/* Weights, moments, streams and the order of rows are those of a run that nobody looked at. */
static void
test_moves_nothing (gconstpointer name)
{
  ChainTrainer *watched = step_kit_trainer (step_kit_spec (name)), *alone = step_kit_trainer (step_kit_spec (name));
  ChainExecState *a, *b;

  for (guint k = 0; k < 20; k++)
    {
      for (guint of = 0; of < 3; of++)
        {
          g_autoptr (ChainTrace) t = step_kit_trace (watched, (ChainTraceOf) of, k);

          g_assert_cmpuint (t->step, ==, k);
        }
      g_assert_true (chain_trainer_iterate (watched));
      g_assert_true (chain_trainer_iterate (alone));
      a = chain_exec_save (chain_trainer_exec (watched));
      b = chain_exec_save (chain_trainer_exec (alone));
      g_assert_true (chain_exec_state_equal (a, b));
      chain_exec_state_unref (a);
      chain_exec_state_unref (b);
    }
  chain_trainer_free (watched);
  chain_trainer_free (alone);
}

/* Every entry that has an adjoint, against a central difference; an entry at a kink may disagree and is named as one. */
static void
check_differences (ChainTrace *t)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainProbe) p = chain_probe_new (t, &error);
  guint checked = 0, kinks = 0;

  g_assert_no_error (error);
  for (ChainId id = 1; id <= t->n_nodes; id++)
    {
      gint64 rows, cols;

      if (t->adjoint[id] == CHAIN_NONE || t->value[id] == NULL)
        continue;
      chain_trace_shape (t, id, &rows, &cols);
      for (gint64 k = 0; k < rows * cols; k++)
        {
          ChainProbeResult r;

          g_assert_true (chain_probe_run (p, id, k / cols, k % cols, &r, &error));
          checked++;
          kinks += r.kink;
          if (!r.agrees && !r.kink)
            g_error ("node %u (%s) [%d]: %.17g, difference %.17g", id, chain_op_row ((ChainOp) chain_graph_node (t->model->graph, id)->op)->name, (int) k,
                     r.adjoint, r.difference);
        }
    }
  g_assert_cmpuint (checked, >, 20);
  g_assert_cmpuint (kinks, <=, checked / 10);
}

static void
test_differences (gconstpointer name)
{
  for (int precision = 0; precision < 2; precision++)
    {
      ChainSpec *spec = step_kit_spec (name);
      ChainTrainer *t;

      spec->precision = precision ? CHAIN_F64 : CHAIN_F32;
      t = step_kit_trainer (spec);
      for (guint of = 0; of < 3; of++)
        {
          g_autoptr (ChainTrace) trace = step_kit_trace (t, (ChainTraceOf) of, 2);

          if (of != CHAIN_TRACE_SAMPLE || strcmp (name, "batch_norm") != 0)   /* the variance of one row is 0: nothing moves */
            check_differences (trace);
        }
      chain_trainer_free (t);
    }
}

/* A request beyond the data is cut to it; a trace outlives its trainer. */
static void
test_life (void)
{
  ChainTrainer *t = step_kit_trainer (step_kit_spec ("plain"));
  g_autoptr (ChainTrace) sample = step_kit_trace (t, CHAIN_TRACE_SAMPLE, 1000000), row = step_kit_trace (t, CHAIN_TRACE_ROW, 1000000);

  g_assert_cmpuint (sample->sample, ==, sample->n_samples - 1);
  g_assert_cmpint (row->row, ==, row->b - 1);
  chain_trainer_free (t);
  g_assert_cmpuint (chain_graph_size (row->model->graph), ==, row->n_nodes);
  g_assert_true (isfinite (chain_trace_at (row, row->loss, 0, 0)));
}

static void
ask_for_row (ChainTrainer *t, gpointer data)
{
  chain_trainer_set_trace_request (t, (ChainTraceRequest){ CHAIN_TRACE_ROW, 3 });
}

/* On the worker's thread, between two steps: what was asked for comes with the next picture, paused as well. */
static void
test_worker (void)
{
  ChainTrainer *alone = step_kit_trainer (step_kit_spec ("dropout"));
  g_autoptr (ChainTrace) expected = step_kit_trace (alone, CHAIN_TRACE_ROW, 3);
  ChainWorker *w = chain_worker_new (step_kit_trainer (step_kit_spec ("dropout")), NULL, NULL);
  g_autoptr (ChainSnapshot) s = NULL;

  chain_worker_post (w, ask_for_row, NULL, NULL);
  chain_worker_want (w, CHAIN_WANT_TRACE);
  while ((s = chain_worker_take (w)) == NULL)
    g_usleep (1000);
  chain_trainer_free (chain_worker_stop (w));
  chain_trainer_free (alone);
  g_assert_nonnull (s->trace);
  g_assert_cmpint (s->trace->row, ==, 3);
  g_assert_cmpuint (s->trace->sample, ==, expected->sample);
  g_assert_cmpfloat (chain_trace_at (s->trace, s->trace->loss, 0, 0), ==, chain_trace_at (expected, expected->loss, 0, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; step_kit_names[i] != NULL; i++)
    {
      g_autofree char *bits = g_strconcat ("/trace/bits/", step_kit_names[i], NULL), *still = g_strconcat ("/trace/moves-nothing/", step_kit_names[i], NULL);
      g_autofree char *differences = g_strconcat ("/trace/differences/", step_kit_names[i], NULL);

      g_test_add_data_func (bits, step_kit_names[i], test_bits);
      g_test_add_data_func (still, step_kit_names[i], test_moves_nothing);
      g_test_add_data_func (differences, step_kit_names[i], test_differences);
    }
  g_test_add_func ("/trace/life", test_life);
  g_test_add_func ("/trace/worker", test_worker);
  return g_test_run ();
}
