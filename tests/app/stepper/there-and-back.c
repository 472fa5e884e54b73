/* SPDX-License-Identifier: Apache-2.0 */
/* Stepping is exact in both directions. A tape of more than 300 operations is walked from every position: forward to its end, the update included,
 * where the trainer makes that very step, back over its beginning by the trainer's own replay, and to the position again. At each stop everything
 * that is compared is compared as bytes: weights, moments and random streams of the executor, the run's record with the place in the order of rows,
 * and every number of the trace, among them the adjoints and the next weights. */
#include "tests/app/stepper/step-kit.h"

#include "app/stepper/diagram.h"

#include <string.h>

#define OPERATIONS 300u

typedef struct { ChainExecState *state; char *run; GByteArray *trace; } Moment;

static void
put (GByteArray *a, gconstpointer data, gsize size)
{
  g_byte_array_append (a, data, (guint) size);
}

static GByteArray *
bytes_of (const ChainTrace *t)
{
  GByteArray *a = g_byte_array_new ();

  put (a, &t->step, sizeof t->step);
  put (a, &t->epoch, sizeof t->epoch);
  put (a, &t->sample, sizeof t->sample);
  put (a, t->adjoint, (t->n_nodes + 1) * sizeof *t->adjoint);
  for (ChainId id = 1; id <= t->n_nodes; id++)
    {
      gint64 rows, cols;

      if (t->value[id] == NULL)
        continue;
      chain_trace_shape (t, id, &rows, &cols);
      put (a, &id, sizeof id);
      put (a, t->value[id], (gsize) (rows * cols) * sizeof (double));
    }
  return a;
}

/* What the record says of the wall clock is no part of the run. */
static char *
record_of (ChainTrainer *t)
{
  g_autofree char *run = chain_trainer_save_run (t);
  g_autoptr (GRegex) clock = g_regex_new ("\"(seconds|started|time|elapsed)[a-z_]*\":[^,}]*", 0, 0, NULL);

  return g_regex_replace_literal (clock, run, -1, 0, "", 0, NULL);
}

static Moment
moment (ChainTrainer *t, const ChainTrace *trace)
{
  return (Moment){ chain_exec_save (chain_trainer_exec (t)), record_of (t), bytes_of (trace) };
}

static void
moment_clear (Moment *m)
{
  chain_exec_state_unref (m->state);
  g_free (m->run);
  g_byte_array_unref (m->trace);
}

static void
same (const Moment *a, const Moment *b)
{
  g_assert_true (chain_exec_state_equal (a->state, b->state));
  g_assert_cmpstr (a->run, ==, b->run);
  g_assert_cmpmem (a->trace->data, a->trace->len, b->trace->data, b->trace->len);
}

static void
go (ChainTrainer *t, guint64 step)
{
  ChainCommand *c = chain_command_new (CHAIN_COMMAND_GOTO);
  GError *error = NULL;

  c->n = step;
  g_assert_true (chain_trainer_apply (t, c, &error));
  g_assert_no_error (error);
}

/* All that is shown at a position: words, formulas, the value and the adjoint of every cell. */
static char *
shown (const ChainTrace *t, const ChainDiagram *d, guint position)
{
  g_autoptr (ChainStepCard) c = chain_step_card (t, d, position);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  ChainMaths *const lines[] = { c->symbols, c->numbers, c->result };

  g_checksum_update (sum, (const guchar *) c->title, -1);
  g_checksum_update (sum, (const guchar *) c->spoken, -1);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *text = lines[i] != NULL ? chain_maths_to_text (lines[i]) : g_strdup ("");

      g_checksum_update (sum, (const guchar *) text, -1);
    }
  for (guint i = 0; i < d->cells->len; i++)
    {
      double v[2] = { chain_cell_value (t, chain_diagram_cell (d, i)), chain_cell_adjoint (t, d, i, position) };

      g_checksum_update (sum, (const guchar *) v, sizeof v);
    }
  return g_strdup (g_checksum_get_string (sum));
}

/* Operation by operation, as the keys do. */
static guint
walk (const ChainDiagram *d, guint position, guint to)
{
  while (position != to)
    {
      guint next = chain_diagram_move (d, position, CHAIN_MOVE_OPERATION, to < position);

      g_assert_cmpuint (next, !=, position);
      position = next;
    }
  return position;
}

/* A tape for the state that the trainer is in; NULL-safe to compare with another of the same state. */
static ChainDiagram *
tape_of (const ChainTrace *t)
{
  ChainDiagram *d = chain_diagram_new (t, CHAIN_DETAIL_OPERATIONS, NULL, NULL);

  g_assert_true (d->scalars);
  g_assert_cmpuint (d->n_forward + d->n_backward, >=, OPERATIONS);
  g_assert_cmpuint (d->n_update, >, 0);
  return d;
}

static void
insert_before_last (ChainSpec *spec)
{
  ChainLayer *l = chain_layer_new ("d5", "dense"), *last = g_ptr_array_index (spec->layers, spec->layers->len - 1);

  g_ptr_array_add (l->inputs, g_strdup (g_ptr_array_index (last->inputs, 0)));
  chain_layer_set_units (l, 8);
  chain_choice_set (&l->activation, "tanh", NULL);
  g_free (g_ptr_array_steal_index (last->inputs, 0));
  g_ptr_array_add (last->inputs, g_strdup ("d5"));
  g_ptr_array_insert (spec->layers, (int) spec->layers->len - 1, l);
}

static ChainTrainer *
wide (gconstpointer optimiser)
{
  ChainSpec *spec = step_kit_spec ("dropout");

  chain_layer_set_units (g_ptr_array_index (spec->layers, 0), 9);
  chain_choice_set (&((ChainLayer *) g_ptr_array_index (spec->layers, 0))->activation, "tanh", NULL);
  chain_choice_set (&spec->optimiser, optimiser, NULL);
  insert_before_last (spec);
  return step_kit_trainer (spec);
}

static void
test_every_position (gconstpointer optimiser)
{
  ChainTrainer *trainer = wide (optimiser);
  g_autoptr (GPtrArray) pages = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (ChainTrace) here = NULL, after = NULL;
  g_autoptr (ChainDiagram) d = NULL;
  Moment start, next;

  for (guint k = 0; k < 3; k++)      /* moments that are not zero */
    g_assert_true (chain_trainer_iterate (trainer));
  here = step_kit_trace (trainer, CHAIN_TRACE_ROW, 2);
  start = moment (trainer, here);
  d = tape_of (here);
  for (guint p = 0; p <= d->events->len; p++)
    g_ptr_array_add (pages, shown (here, d, p));
  g_assert_true (chain_trainer_iterate (trainer));
  after = step_kit_trace (trainer, CHAIN_TRACE_ROW, 2);
  next = moment (trainer, after);
  go (trainer, 3);
  for (guint p = 0; p <= d->events->len; p++)
    {
      g_autoptr (ChainTrace) then = NULL, again = NULL;
      g_autoptr (ChainDiagram) tape = NULL;
      g_autofree char *page = NULL;
      Moment m;

      walk (d, p, d->events->len);
      g_assert_true (chain_trainer_iterate (trainer));
      then = step_kit_trace (trainer, CHAIN_TRACE_ROW, 2);
      m = moment (trainer, then);
      same (&m, &next);
      moment_clear (&m);
      go (trainer, 3);
      again = step_kit_trace (trainer, CHAIN_TRACE_ROW, 2);
      m = moment (trainer, again);
      same (&m, &start);
      moment_clear (&m);
      tape = p % 16 == 0 ? tape_of (again) : chain_diagram_ref (d);
      page = shown (again, tape, walk (tape, walk (tape, tape->events->len, 0), p));
      g_assert_cmpstr (page, ==, g_ptr_array_index (pages, p));
    }
  moment_clear (&start);
  moment_clear (&next);
  chain_trainer_free (trainer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/there-and-back/adam", "adam", test_every_position);
  g_test_add_data_func ("/there-and-back/sgd", "sgd", test_every_position);
  return g_test_run ();
}
