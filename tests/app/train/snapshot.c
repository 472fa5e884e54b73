/* SPDX-License-Identifier: Apache-2.0 */
/* What a snapshot says about single rows and units, and which inputs its plane has. */
#include "tests/app/train/train-kit.h"

#include "engine/nn/health.h"

#include <math.h>
#include <string.h>

static ChainSpec *
spec_over (const char *data, guint outputs, const char *loss)
{
  ChainSpec *spec = train_kit_spec ();
  ChainLayer *last = g_ptr_array_index (spec->layers, spec->layers->len - 1);

  chain_choice_set (&spec->data.choice, data, NULL);
  chain_layer_set_units (last, outputs);
  chain_choice_set (&last->activation, NULL, NULL);
  chain_choice_set (&((ChainLossTerm *) g_ptr_array_index (spec->losses, 0))->choice, loss, NULL);
  return spec;
}

/* The counts are those of the metrics, and asking for them moves nothing. */
static void
test_classes (void)
{
  ChainTrainer *t = train_kit_trainer (spec_over ("moons", 1, "bce_with_logits"));
  g_autoptr (ChainSnapshot) s = NULL;
  ChainExecState *before, *after;
  const ChainPredictions *p;
  ChainMetrics test;
  guint sum = 0;

  train_kit_run (t, 60);
  before = chain_exec_save (chain_trainer_exec (t));
  s = chain_trainer_snapshot (t, CHAIN_WANT_PREDICTIONS);
  after = chain_exec_save (chain_trainer_exec (t));
  train_kit_same (before, after, TRUE);
  chain_exec_state_unref (before);
  chain_exec_state_unref (after);
  p = s->predictions;
  g_assert_nonnull (p);
  g_assert_true (p->classify && p->test);
  g_assert_cmpuint (p->n, ==, s->data->n - s->data->n_train);
  g_assert_cmpuint (p->n_classes, ==, 2);
  for (guint i = 0; i < 4; i++)
    sum += p->confusion[i];
  g_assert_cmpuint (sum, ==, p->n);
  for (guint i = 0; i < p->n; i++)
    {
      g_assert_cmpfloat (p->truth[i], ==, s->data->t[p->row[i]]);
      g_assert_cmpfloat (p->sure[i], >=, 0.5);
    }
  g_assert_true (chain_trainer_evaluate (t, NULL, &test, NULL));
  g_assert_cmpfloat_with_epsilon (p->accuracy, test.accuracy, 1e-12);
  g_assert_cmpfloat_with_epsilon ((double) (p->confusion[0] + p->confusion[3]) / p->n, test.accuracy, 1e-12);
  g_assert_cmpuint (s->bytes, >=, p->n * 24);
  chain_trainer_free (t);
}

/* In the units of the table: what R² and RMSE of the metrics are computed from. Without a split: training rows. */
static void
test_values (void)
{
  ChainSpec *spec = spec_over ("wave", 1, "mse");
  ChainTrainer *t;
  g_autoptr (ChainSnapshot) s = NULL, none = NULL;
  ChainMetrics train;

  spec->data.test = 0;
  t = train_kit_trainer (spec);
  train_kit_run (t, 40);
  none = chain_trainer_snapshot (t, CHAIN_WANT_PARAMS);
  g_assert_null (none->predictions);
  s = chain_trainer_snapshot (t, CHAIN_WANT_PREDICTIONS);
  g_assert_false (s->predictions->test || s->predictions->classify);
  g_assert_cmpuint (s->predictions->n, ==, s->data->n_train);
  g_assert_null (s->predictions->confusion);
  g_assert_true (chain_trainer_evaluate (t, &train, NULL, NULL));
  g_assert_cmpfloat_with_epsilon (s->predictions->r2, train.r2, 1e-9);
  g_assert_cmpfloat_with_epsilon (s->predictions->rmse, train.rmse, 1e-9);
  chain_trainer_free (t);
}

/* Column 0 is constant, 1 one-hot in the making (a category), 2 noise, 3 and 5 tell the class, 4 tells it a little. */
static ChainTable *
six_columns (gboolean classify)
{
  ChainTable *table = chain_table_new (200);
  ChainColumn *c;
  guint32 state = 1;

  for (guint j = 0; j < 6; j++)
    {
      g_autofree char *name = g_strdup_printf ("c%u", j);

      c = chain_table_add (table, name, j == 1 ? CHAIN_COLUMN_CATEGORY : CHAIN_COLUMN_NUMBER);
      for (guint k = 0; k < 2 && j == 1; k++)
        g_ptr_array_add (c->labels, g_strdup_printf ("l%u", k));
      for (guint i = 0; i < 200; i++)
        {
          double noise = ((state = state * 1664525u + 1013904223u) >> 8) / 16777216.0;
          double pull = j == 3 ? 3 : j == 5 ? 2 : j == 4 ? 0.4 : 0;

          c->values[i] = j == 0 ? 7 : j == 1 ? i % 2 : noise + pull * (i % 2);
        }
    }
  c = chain_table_add (table, "t", classify ? CHAIN_COLUMN_CATEGORY : CHAIN_COLUMN_NUMBER);
  for (guint k = 0; k < 2 && classify; k++)
    g_ptr_array_add (c->labels, g_strdup_printf ("%u", k));
  for (guint i = 0; i < 200; i++)
    c->values[i] = i % 2;
  return table;
}

static void
test_axes (void)
{
  for (int classify = 0; classify < 2; classify++)
    {
      g_autoptr (ChainSpec) spec = spec_over ("moons", 1, classify ? "bce_with_logits" : "mse");
      ChainTable *table = six_columns (classify);
      ChainDataset *data;
      ChainTrainer *t;
      g_autoptr (ChainSnapshot) s = NULL;
      GError *error = NULL;

      spec->data.source = CHAIN_SOURCE_EMBEDDED;
      chain_spec_seal (spec);
      data = chain_dataset_new (spec, table, NULL, &error);
      g_assert_no_error (error);
      t = chain_trainer_new (spec, data, &error);
      g_assert_no_error (error);
      s = chain_trainer_snapshot (t, CHAIN_WANT_FIELD);
      g_assert_cmpuint (data->d, ==, 7);      /* the category has two */
      g_assert_cmpuint (s->axis_x, ==, 4);
      g_assert_cmpuint (s->axis_y, ==, 6);
      g_assert_cmpfloat (s->x1 - s->x0, >=, 0.5);
      chain_trainer_free (t);
      chain_dataset_unref (data);
      chain_table_unref (table);
    }
}

/* Two units made equal by hand are twins, one with a large negative bias is dead once it was silent for 20 epochs; the layer's share agrees with
 * the units. Going back in time takes the epochs of silence back too. */
static void
test_unit_states (void)
{
  ChainSpec *spec = spec_over ("moons", 1, "bce_with_logits");
  ChainLayer *first = g_ptr_array_index (spec->layers, 0);
  ChainTrainer *t;
  g_autoptr (ChainSnapshot) s = NULL;
  const ChainSnapLayer *l;
  guint dead = 0, epoch;

  chain_choice_set_param (&spec->optimiser, "lr", 1e-9);      /* nothing moves */
  spec->stop.eval_every = 1;
  spec->stop.epochs = spec->stop.steps = 0;
  chain_choice_set (&first->activation, "relu", NULL);
  t = train_kit_trainer (spec);
  for (guint i = 0; i < 5; i++)
    {
      ChainCommand *c = chain_command_new (CHAIN_COMMAND_WEIGHT);

      c->name = g_strdup (i < 4 ? "d1.weight" : "d1.bias");
      c->row = i < 4 ? 1 + i / 2 : 0;
      c->col = i < 4 ? i % 2 : 5;
      c->value = i < 4 ? 0.25 + i % 2 : -1000;
      train_kit_apply (t, c);
    }
  s = chain_trainer_snapshot (t, CHAIN_WANT_STATS);
  l = g_ptr_array_index (s->layers, 0);
  g_assert_nonnull (l->unit_state);
  g_assert_true (l->unit_state[1] & CHAIN_HEALTH_SYMMETRIC);
  g_assert_true (l->unit_state[2] & CHAIN_HEALTH_SYMMETRIC);
  g_assert_false (l->unit_state[0] & CHAIN_HEALTH_SYMMETRIC);
  g_assert_false (l->unit_state[5] & CHAIN_HEALTH_DEAD);       /* not for long yet */
  for (epoch = 0; epoch < 21; epoch++)
    {
      chain_snapshot_unref (s);
      while (chain_trainer_epoch (t) < epoch + 1)
        train_kit_run (t, 1);
      s = chain_trainer_snapshot (t, CHAIN_WANT_STATS);
      l = g_ptr_array_index (s->layers, 0);
      g_assert_cmpint ((l->unit_state[5] & CHAIN_HEALTH_DEAD) != 0, ==, epoch + 1 >= 21);      /* seen silent first at the end of epoch 1 */
      g_assert_cmpint ((l->health & CHAIN_HEALTH_DEAD) != 0, ==, epoch + 1 >= 21);
    }
  for (guint i = 0; i < l->width; i++)
    dead += (l->unit_state[i] & CHAIN_HEALTH_DEAD) != 0;
  g_assert_cmpfloat_with_epsilon (l->stat.dead * l->width, dead, 1e-9);
  g_assert_cmpfloat_with_epsilon (l->stat.symmetric * l->width, 2, 1e-9);
  train_kit_apply (t, train_kit_goto (s->step - 1));
  chain_snapshot_unref (s);
  s = chain_trainer_snapshot (t, CHAIN_WANT_STATS);
  g_assert_false (((ChainSnapLayer *) g_ptr_array_index (s->layers, 0))->unit_state[5] & CHAIN_HEALTH_DEAD);
  chain_trainer_free (t);
}

static double
norm_of (const ChainSnapshot *s)
{
  double sum = 0;

  for (guint i = 0; i < s->tensors->len; i++)
    {
      const ChainSnapTensor *x = g_ptr_array_index (s->tensors, i);

      g_assert_nonnull (x->grad);
      for (gsize k = 0; k < (gsize) x->rows * x->cols; k++)
        sum += (double) x->grad[k] * x->grad[k];
    }
  return sqrt (sum);
}

/* Norm, RMS and gradients are of one batch and one state of the weights, at the start as later; and at the start they are those of the step to come. */
static void
test_one_moment (void)
{
  ChainSpec *spec = spec_over ("wave", 1, "mse");
  ChainTrainer *t;
  g_autoptr (ChainSnapshot) start = NULL, after = NULL;

  chain_choice_set (&spec->optimiser, "sgd", NULL);
  chain_choice_set_param (&spec->optimiser, "lr", 0.75);
  t = train_kit_trainer (spec);
  start = chain_trainer_snapshot (t, CHAIN_WANT_PARAMS | CHAIN_WANT_STATS);
  for (guint step = 0; step < 20; step++)
    {
      g_autoptr (ChainSnapshot) s = chain_trainer_snapshot (t, CHAIN_WANT_PARAMS | CHAIN_WANT_STATS);

      g_assert_cmpfloat_with_epsilon (s->grad_norm / norm_of (s), 1, 1e-5);
      for (guint i = 0; i < s->layers->len; i++)
        g_assert_cmpfloat (((ChainSnapLayer *) g_ptr_array_index (s->layers, i))->stat.grad_rms, <=, s->grad_norm * (1 + 1e-6));
      train_kit_run (t, 1);
      if (step == 0)
        after = chain_trainer_snapshot (t, CHAIN_WANT_PARAMS);
    }
  for (guint i = 0; i < start->tensors->len; i++)
    {
      const ChainSnapTensor *a = g_ptr_array_index (start->tensors, i), *b = g_ptr_array_index (after->tensors, i);

      for (gsize k = 0; k < (gsize) a->rows * a->cols; k++)
        g_assert_cmpfloat_with_epsilon (a->value[k] + a->update[k], b->value[k], 1e-6);
    }
  chain_trainer_free (t);
}

/* What broke, in numbers that a sentence can be made of. */
static void
test_broke (void)
{
  ChainSpec *spec = spec_over ("wave", 1, "mse");
  ChainTrainer *t;
  g_autoptr (ChainSnapshot) s = NULL;

  chain_choice_set (&spec->optimiser, "sgd", NULL);
  chain_choice_set_param (&spec->optimiser, "lr", 900);
  t = train_kit_trainer (spec);
  for (guint i = 0; i < 500 && chain_trainer_state (t) != CHAIN_RUN_DIVERGED; i++)
    chain_trainer_iterate (t);
  s = chain_trainer_snapshot (t, CHAIN_WANT_PARAMS | CHAIN_WANT_STATS);
  g_assert_cmpint (s->state, ==, CHAIN_RUN_DIVERGED);
  g_assert_cmpuint (s->broke.step, ==, s->step + 1);
  g_assert_cmpint (s->broke.how, ==, CHAIN_BROKE_LARGE);
  g_assert_cmpfloat (fmax (fabs (s->broke.low), fabs (s->broke.high)), >, 1e15);
  if (isfinite (((ChainSnapLayer *) g_ptr_array_index (s->layers, 0))->stat.grad_rms))
    g_assert_true (isfinite (s->grad_norm));
  chain_trainer_free (t);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/snapshot/classes", test_classes);
  g_test_add_func ("/snapshot/values", test_values);
  g_test_add_func ("/snapshot/axes", test_axes);
  g_test_add_func ("/snapshot/unit-states", test_unit_states);
  g_test_add_func ("/snapshot/one-moment", test_one_moment);
  g_test_add_func ("/snapshot/broke", test_broke);
  return g_test_run ();
}
