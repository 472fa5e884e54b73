/* SPDX-License-Identifier: Apache-2.0 */
/* The loop body: learning, time travel, resuming, stopping. Equality is always of bits: the state after a step is a function of spec, data, seed
 * and events, so every way to reach a step must leave the same bits. */
#include "tests/app/train/train-kit.h"

#include <math.h>
#include <string.h>

static void
test_learns (void)
{
  ChainTrainer *t = train_kit_trainer (train_kit_spec ());
  ChainMetrics before, after, test;

  g_assert_true (chain_trainer_evaluate (t, &before, NULL, NULL));
  train_kit_run (t, 400);
  g_assert_true (chain_trainer_evaluate (t, &after, &test, NULL));
  g_assert_cmpfloat (after.loss, <, before.loss / 4);
  g_assert_cmpfloat (test.accuracy, >, 0.9);
  g_assert_cmpuint (chain_trainer_step (t), ==, 400);
  g_assert_cmpint (chain_trainer_state (t), ==, CHAIN_RUN_RUNNING);
  chain_trainer_free (t);
}

static void
test_step_back (void)
{
  ChainTrainer *t = train_kit_trainer (train_kit_spec ());
  ChainExecState *seen[301];

  for (guint s = 0; s <= 300; s++)
    {
      seen[s] = chain_exec_save (chain_trainer_exec (t));
      if (s < 300)
        train_kit_run (t, 1);
    }
  for (guint back = 1; back <= 50; back++)
    {
      ChainExecState *now;

      train_kit_apply (t, train_kit_goto (300 - back));
      g_assert_cmpuint (chain_trainer_step (t), ==, 300 - back);
      now = chain_exec_save (chain_trainer_exec (t));
      train_kit_same (now, seen[300 - back], TRUE);
      train_kit_same (now, seen[300], FALSE);
      chain_exec_state_unref (now);
      if (back % 10 == 0)
        train_kit_apply (t, train_kit_goto (300));
    }
  train_kit_apply (t, train_kit_goto (0));
  train_kit_run (t, 300);
  ChainExecState *again = chain_exec_save (chain_trainer_exec (t));
  train_kit_same (again, seen[300], TRUE);
  chain_exec_state_unref (again);
  for (guint s = 0; s <= 300; s++)
    chain_exec_state_unref (seen[s]);
  chain_trainer_free (t);
}

/* rate at 70, batch at 130, a weight at 150, a unit more at 200; then back and forth across all of them. */
static void
make_events (ChainTrainer *t, guint64 at)
{
  ChainCommand *c;

  if (at == 70)
    train_kit_apply (t, train_kit_rate (t, 0.01));
  if (at == 130)
    train_kit_apply (t, train_kit_batch (t, 7));
  if (at == 150)
    {
      c = chain_command_new (CHAIN_COMMAND_WEIGHT);
      c->name = g_strdup ("d1.weight");
      c->row = 2;
      c->col = 1;
      c->value = 0.75;
      train_kit_apply (t, c);
    }
  if (at == 200)
    {
      c = chain_command_new (CHAIN_COMMAND_SPEC);
      c->spec = chain_spec_set_units (chain_trainer_spec (t), "d1", 7, NULL);
      g_assert_nonnull (c->spec);
      train_kit_apply (t, c);
    }
}

static void
test_events (void)
{
  static const guint64 visits[] = { 240, 190, 140, 69, 71, 129, 131, 151, 149, 201, 199, 230, 0, 250 };
  ChainTrainer *t = train_kit_trainer (train_kit_spec ());
  ChainExecState *seen[251];

  for (guint s = 0; s <= 250; s++)
    {
      make_events (t, s);
      seen[s] = chain_exec_save (chain_trainer_exec (t));
      if (s < 250)
        train_kit_run (t, 1);
    }
  g_assert_cmpuint (chain_trainer_events (t)->len, ==, 4);
  for (guint i = 0; i < G_N_ELEMENTS (visits); i++)
    {
      ChainExecState *now;

      train_kit_apply (t, train_kit_goto (visits[i]));
      g_assert_cmpuint (chain_trainer_step (t), ==, visits[i]);
      now = chain_exec_save (chain_trainer_exec (t));
      train_kit_same (now, seen[visits[i]], TRUE);
      chain_exec_state_unref (now);
    }
  train_kit_apply (t, train_kit_goto (100));
  g_assert_cmpfloat (chain_trainer_lr (t), ==, 0.01);
  train_kit_apply (t, train_kit_goto (60));
  g_assert_cmpfloat (chain_trainer_lr (t), ==, 0.03);
  train_kit_apply (t, train_kit_rate (t, 0.02));
  g_assert_cmpuint (chain_trainer_events (t)->len, ==, 1);
  for (guint s = 0; s <= 250; s++)
    chain_exec_state_unref (seen[s]);
  chain_trainer_free (t);
}

static ChainSpec *
restless_spec (void)
{
  ChainSpec *spec = train_kit_spec ();
  ChainLayer *l = g_ptr_array_index (spec->layers, 0);

  l->dropout = 0.2;
  spec->order = CHAIN_ORDER_REPLACEMENT;
  chain_choice_set (&spec->schedule, "cosine", NULL);
  return spec;
}

static void
resume (ChainSpec *(*make) (void), guint first, guint second)
{
  ChainTrainer *whole = train_kit_trainer (make ()), *half = train_kit_trainer (make ()), *rest = train_kit_trainer (make ());
  g_autoptr (GPtrArray) tensors = NULL, extra = NULL;
  g_autofree char *run = NULL;
  GError *error = NULL;
  ChainExecState *a, *b;

  train_kit_run (whole, first + second);
  train_kit_run (half, first);
  tensors = chain_trainer_save_tensors (half, TRUE);
  run = chain_trainer_save_run (half);
  g_assert_true (chain_trainer_load_tensors (rest, tensors, TRUE, &extra, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (extra->len, ==, 0);
  g_assert_true (chain_trainer_load_run (rest, run, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (chain_trainer_step (rest), ==, first);
  train_kit_run (rest, second);
  a = chain_exec_save (chain_trainer_exec (whole));
  b = chain_exec_save (chain_trainer_exec (rest));
  train_kit_same (a, b, TRUE);
  g_assert_cmpfloat (chain_trainer_loss (whole), ==, chain_trainer_loss (rest));
  g_assert_cmpfloat (chain_trainer_epoch (whole), ==, chain_trainer_epoch (rest));
  chain_exec_state_unref (a);
  chain_exec_state_unref (b);
  chain_trainer_free (whole);
  chain_trainer_free (half);
  chain_trainer_free (rest);
}

static void
test_resume (void)
{
  resume (train_kit_spec, 123, 77);
  resume (restless_spec, 31, 90);
}

static void
test_early_stopping (void)
{
  ChainSpec *spec = train_kit_spec ();
  ChainTrainer *t;
  ChainMetrics shown;
  double best = INFINITY;

  spec->stop.early_stopping = TRUE;
  spec->stop.keep_best = TRUE;
  spec->stop.patience = 6;
  spec->stop.eval_every = 1;
  spec->stop.epochs = 2000;
  chain_choice_set_param (&spec->optimiser, "lr", 0.1);
  t = train_kit_trainer (spec);
  while (chain_trainer_iterate (t))
    if (chain_trainer_epoch (t) == floor (chain_trainer_epoch (t)))
      {
        ChainMetrics test;

        g_assert_true (chain_trainer_evaluate (t, NULL, &test, NULL));
        best = fmin (best, test.loss);
      }
  g_assert_cmpint (chain_trainer_state (t), ==, CHAIN_RUN_DONE);
  g_assert_cmpfloat (chain_trainer_epoch (t), <, 2000);
  g_assert_true (chain_trainer_evaluate (t, NULL, &shown, NULL));
  g_assert_cmpfloat (shown.loss, <=, best);
  g_assert_false (chain_trainer_iterate (t));
  chain_trainer_free (t);
}

static void
test_limits (void)
{
  ChainSpec *spec = train_kit_spec ();
  ChainTrainer *t;
  guint n = 0;

  spec->stop.steps = 37;
  t = train_kit_trainer (spec);
  while (chain_trainer_iterate (t))
    n++;
  g_assert_cmpuint (n, ==, 36);
  g_assert_cmpuint (chain_trainer_step (t), ==, 37);
  chain_trainer_free (t);

  spec = train_kit_spec ();
  spec->stop.epochs = 3;
  t = train_kit_trainer (spec);
  while (chain_trainer_iterate (t))
    ;
  g_assert_cmpfloat (chain_trainer_epoch (t), ==, 3);
  chain_trainer_free (t);

  spec = train_kit_spec ();
  spec->stop.target_loss = 0.2;
  spec->stop.eval_every = 1;
  t = train_kit_trainer (spec);
  while (chain_trainer_iterate (t))
    g_assert_cmpuint (chain_trainer_step (t), <, 5000);
  g_assert_cmpint (chain_trainer_state (t), ==, CHAIN_RUN_DONE);
  chain_trainer_free (t);
}

typedef struct { guint evaluations; double epochs[64]; } Calendar;

static void
count_evaluation (guint64 step, const ChainMetrics *train, const ChainMetrics *test, gpointer data)
{
  Calendar *c = data;

  c->epochs[c->evaluations++] = (double) step / 7;   /* 210 training rows in batches of 32: 7 steps an epoch */
}

static void
test_calendar (void)
{
  static const double want[] = { 1, 2, 4, 8, 10, 16, 20, 30, 32, 40 };
  ChainSpec *spec = train_kit_spec ();
  ChainTrainer *t;
  Calendar c = { 0 };

  spec->stop.eval_every = 10;
  t = train_kit_trainer (spec);
  chain_trainer_set_log (t, NULL, count_evaluation, &c);
  train_kit_run (t, 7 * 41);
  g_assert_cmpuint (c.evaluations, ==, G_N_ELEMENTS (want));
  for (guint i = 0; i < G_N_ELEMENTS (want); i++)
    g_assert_cmpfloat (c.epochs[i], ==, want[i]);
  chain_trainer_free (t);
}

static void
test_script (void)
{
  GPtrArray *script = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref), *bad;
  ChainTrainer *t = train_kit_trainer (train_kit_spec ());
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 5; i++)
    {
      GArray *rows = g_array_new (FALSE, FALSE, sizeof (guint32));

      for (guint32 k = 0; k <= i; k++)
        g_array_append_val (rows, k);
      g_ptr_array_add (script, rows);
    }
  g_assert_true (chain_trainer_set_script (t, script, NULL));
  while (chain_trainer_iterate (t))
    ;
  g_assert_cmpuint (chain_trainer_step (t), ==, 5);
  g_assert_cmpint (chain_trainer_state (t), ==, CHAIN_RUN_DONE);

  bad = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_ptr_array_add (bad, g_array_append_val (g_array_new (FALSE, FALSE, sizeof (guint32)), ((guint32){ 100000 })));
  g_assert_false (chain_trainer_set_script (t, bad, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE);
  chain_trainer_free (t);
}

/* --- divergence --- */
static ChainSpec *
wild_spec (void)
{
  ChainSpec *spec = train_kit_spec ();
  ChainLossTerm *loss = chain_loss_term_new ("mse");

  g_ptr_array_set_size (spec->losses, 0);
  g_ptr_array_add (spec->losses, loss);
  for (guint i = 0; i < 2; i++)
    chain_choice_set (&((ChainLayer *) g_ptr_array_index (spec->layers, i))->activation, "identity", NULL);
  chain_choice_set (&spec->optimiser, "sgd", NULL);
  chain_choice_set_param (&spec->optimiser, "lr", 0.9);
  return spec;
}

static void
assert_finite (ChainTrainer *t)
{
  g_autoptr (GPtrArray) tensors = chain_trainer_save_tensors (t, TRUE);

  for (guint i = 0; i < tensors->len; i++)
    {
      const struct { char *name; ChainTensor *tensor; } *n = g_ptr_array_index (tensors, i);

      for (gsize k = 0; k < chain_tensor_size (n->tensor); k++)
        g_assert_true (isfinite (chain_tensor_get (n->tensor, k)));
    }
}

static void
test_diverges (void)
{
  ChainTrainer *t = train_kit_trainer (wild_spec ()), *good = train_kit_trainer (wild_spec ());
  ChainExecState *a, *b;
  g_autofree char *start = NULL;

  while (chain_trainer_iterate (t))
    g_assert_cmpuint (chain_trainer_step (t), <, 10000);
  g_assert_cmpint (chain_trainer_state (t), ==, CHAIN_RUN_DIVERGED);
  start = g_strdup_printf ("Step %" G_GUINT64_FORMAT ": ", chain_trainer_step (t) + 1);
  g_assert_true (g_str_has_prefix (chain_trainer_message (t), start));
  g_assert_nonnull (strstr (chain_trainer_message (t), "inputs were in ["));
  g_assert_nonnull (strstr (chain_trainer_remedy (t), "0.45"));
  assert_finite (t);
  train_kit_run (good, chain_trainer_step (t));
  a = chain_exec_save (chain_trainer_exec (t));
  b = chain_exec_save (chain_trainer_exec (good));
  train_kit_same (a, b, TRUE);
  chain_exec_state_unref (a);
  chain_exec_state_unref (b);
  g_assert_false (chain_trainer_iterate (t));
  train_kit_apply (t, train_kit_rate (t, 0.0001));
  g_assert_cmpint (chain_trainer_state (t), ==, CHAIN_RUN_RUNNING);
  chain_trainer_free (t);
  chain_trainer_free (good);
}

/* A network in which one planted operation breaks: the message must name that one, in its layer, with its cell and what went in. */
static ChainTrainer *
break_with (const char *activation, const char *loss, const char *weight, double value)
{
  ChainSpec *spec = train_kit_spec ();
  ChainTrainer *t;
  ChainCommand *c;

  for (guint i = 0; i < 2; i++)
    chain_choice_set (&((ChainLayer *) g_ptr_array_index (spec->layers, i))->activation, activation, NULL);
  chain_choice_set (&((ChainLossTerm *) g_ptr_array_index (spec->losses, 0))->choice, loss, NULL);
  t = train_kit_trainer (spec);
  train_kit_run (t, 20);
  c = chain_command_new (CHAIN_COMMAND_WEIGHT);
  c->name = g_strdup (weight);
  c->value = value;
  train_kit_apply (t, c);
  while (chain_trainer_iterate (t))
    g_assert_cmpuint (chain_trainer_step (t), <, 200);
  g_assert_cmpint (chain_trainer_state (t), ==, CHAIN_RUN_DIVERGED);
  g_test_message ("%s", chain_trainer_message (t));
  assert_finite (t);
  return t;
}

static void
test_names_the_node (void)
{
  ChainTrainer *t = break_with ("elu", "mse", "d3.weight", 3e38);

  /* elu computes exp of large inputs too and does not use it: the square of the error is what overflows */
  g_assert_nonnull (strstr (chain_trainer_message (t), "Step 21: mul in the loss overflowed (row "));
  chain_trainer_free (t);
  t = break_with ("relu", "mse", "d1.weight", 3e38);
  g_assert_nonnull (strstr (chain_trainer_message (t), "Step 21: matmul in layer d1 overflowed (row "));
  chain_trainer_free (t);
}

static void
test_snapshot (void)
{
  ChainTrainer *t = train_kit_trainer (train_kit_spec ());
  g_autoptr (ChainSnapshot) s = NULL;
  const ChainSnapTensor *w;
  const ChainSnapLayer *l;
  ChainExecState *before, *after;

  train_kit_run (t, 50);
  before = chain_exec_save (chain_trainer_exec (t));
  s = chain_trainer_snapshot (t, CHAIN_WANT_PARAMS | CHAIN_WANT_FIELD | CHAIN_WANT_STATS | CHAIN_WANT_METRICS | CHAIN_WANT_NODES);
  after = chain_exec_save (chain_trainer_exec (t));
  train_kit_same (before, after, TRUE);
  chain_exec_state_unref (before);
  chain_exec_state_unref (after);
  g_assert_cmpuint (s->step, ==, 50);
  g_assert_cmpuint (s->bytes, <=, 2 << 20);
  w = chain_snapshot_tensor (s, "d1.weight");
  g_assert_cmpuint (w->rows, ==, 6);
  g_assert_cmpuint (w->cols, ==, 2);
  g_assert_true (w->value != NULL && w->grad != NULL && w->update != NULL);
  l = chain_snapshot_layer (s, "d2");
  g_assert_cmpuint (l->width, ==, 6);
  g_assert_true (l->field != NULL && l->adjoint != NULL && isfinite (l->stat.grad_rms));
  for (guint i = 0; i < 6 * s->res * s->res; i++)
    g_assert_true (fabsf (l->field[i]) <= 1);
  g_assert_cmpuint (s->out_width, ==, 1);
  for (guint i = 0; i < s->out_res * s->out_res; i++)
    g_assert_true (s->output[i] >= 0 && s->output[i] <= 1);
  g_assert_true (s->has_metrics && isfinite (s->train.loss) && isfinite (s->test.accuracy));
  g_assert_cmpfloat (s->x0, <, -2);
  g_assert_cmpfloat (s->x1, <, 4);
  g_assert_cmpuint (chain_series_view_size (s->train_loss), ==, 50);
  g_assert_null (chain_snapshot_tensor (s, "nothing"));
  chain_trainer_free (t);
}

static void
test_reset (void)
{
  ChainTrainer *t = train_kit_trainer (train_kit_spec ());
  ChainExecState *start = chain_exec_save (chain_trainer_exec (t)), *again;
  ChainCommand *c = chain_command_new (CHAIN_COMMAND_RESET);

  train_kit_run (t, 30);
  c->n = chain_trainer_spec (t)->seed;
  train_kit_apply (t, c);
  again = chain_exec_save (chain_trainer_exec (t));
  train_kit_same (start, again, TRUE);
  chain_exec_state_unref (again);
  g_assert_cmpuint (chain_trainer_step (t), ==, 0);
  g_assert_cmpint (chain_trainer_state (t), ==, CHAIN_RUN_READY);
  c = chain_command_new (CHAIN_COMMAND_RESET);
  c->n = 99;
  train_kit_apply (t, c);
  again = chain_exec_save (chain_trainer_exec (t));
  train_kit_same (start, again, FALSE);
  g_assert_cmpuint (chain_trainer_spec (t)->seed, ==, 99);
  chain_exec_state_unref (start);
  chain_exec_state_unref (again);
  chain_trainer_free (t);
}

static void
test_bad_weights (void)
{
  ChainSpec *other = train_kit_spec ();
  ChainTrainer *t = train_kit_trainer (train_kit_spec ()), *u;
  g_autoptr (GPtrArray) tensors = NULL;
  g_autoptr (GError) error = NULL;
  ChainExecState *before = chain_exec_save (chain_trainer_exec (t)), *after;

  chain_layer_set_units (g_ptr_array_index (other->layers, 0), 9);
  u = train_kit_trainer (other);
  tensors = chain_trainer_save_tensors (u, TRUE);
  g_assert_false (chain_trainer_load_tensors (t, tensors, TRUE, NULL, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE);
  after = chain_exec_save (chain_trainer_exec (t));
  train_kit_same (before, after, TRUE);
  chain_exec_state_unref (before);
  chain_exec_state_unref (after);
  chain_trainer_free (t);
  chain_trainer_free (u);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trainer/learns", test_learns);
  g_test_add_func ("/trainer/step-back", test_step_back);
  g_test_add_func ("/trainer/events", test_events);
  g_test_add_func ("/trainer/resume", test_resume);
  g_test_add_func ("/trainer/early-stopping", test_early_stopping);
  g_test_add_func ("/trainer/limits", test_limits);
  g_test_add_func ("/trainer/calendar", test_calendar);
  g_test_add_func ("/trainer/script", test_script);
  g_test_add_func ("/trainer/diverges", test_diverges);
  g_test_add_func ("/trainer/names-the-node", test_names_the_node);
  g_test_add_func ("/trainer/snapshot", test_snapshot);
  g_test_add_func ("/trainer/reset", test_reset);
  g_test_add_func ("/trainer/bad-weights", test_bad_weights);
  return g_test_run ();
}
