/* SPDX-License-Identifier: Apache-2.0 */
/* A curve is of one data set and one loss: what was measured before a change of either is not shown as if it belonged to what comes after, and is
 * there again where one goes back. */
#include "tests/app/train/train-kit.h"

#include <math.h>

static guint
points (ChainTrainer *t, double *first, guint *segment)
{
  g_autoptr (ChainSnapshot) s = chain_trainer_snapshot (t, CHAIN_WANT_METRICS);
  guint n = chain_series_view_size (s->train_loss);

  *first = n > 0 ? chain_series_view_get (s->train_loss, 0).x : NAN;
  *segment = s->segment;
  for (guint i = 0; i < chain_series_view_size (s->eval_train); i++)
    g_assert_cmpfloat (chain_series_view_get (s->eval_train, i).x, >=, s->segment_epoch);
  return n;
}

static ChainCommand *
other_data (ChainTrainer *t, const char *id, ChainDataset *data)
{
  ChainCommand *c = chain_command_new (CHAIN_COMMAND_SPEC);
  ChainSpec *next = chain_spec_copy (chain_trainer_spec (t));
  g_autoptr (GError) error = NULL;

  chain_choice_set (&next->data.choice, id, NULL);
  c->spec = chain_spec_seal (next);
  c->data = data != NULL ? chain_dataset_ref (data) : NULL;
  if (data == NULL)
    {
      ChainTable *table = chain_table_generate (&next->data, &error);

      g_assert_no_error (error);
      c->data = chain_dataset_new (next, table, NULL, &error);
      g_assert_no_error (error);
      chain_table_unref (table);
    }
  return c;
}

static ChainCommand *
other_loss (ChainTrainer *t, const char *id)
{
  ChainCommand *c = chain_command_new (CHAIN_COMMAND_SPEC);
  ChainSpec *next = chain_spec_copy (chain_trainer_spec (t));

  chain_choice_set (&((ChainLossTerm *) next->losses->pdata[0])->choice, id, NULL);
  c->spec = chain_spec_seal (next);
  return c;
}

static void
test_data (void)
{
  ChainTrainer *t = train_kit_trainer (train_kit_spec ());
  double first;
  guint one, two, again;
  ChainDataset *old;

  train_kit_run (t, 50);
  g_assert_cmpuint (points (t, &first, &one), ==, 50);
  old = chain_dataset_ref (chain_trainer_data (t));
  train_kit_apply (t, other_data (t, "circles", NULL));
  g_assert_cmpuint (points (t, &first, &two), ==, 0);
  g_assert_cmpuint (two, !=, one);
  g_assert_true (isnan (chain_trainer_loss (t)));
  g_assert_cmpuint (chain_trainer_step (t), ==, 50);                 /* the weights and their step are kept */
  train_kit_run (t, 20);
  g_assert_cmpuint (points (t, &first, &again), ==, 20);
  g_assert_cmpuint (again, ==, two);
  g_assert_cmpfloat (first, >, 7);                                   /* 50 steps of 7 an epoch were before */

  train_kit_apply (t, train_kit_goto (30));                          /* back in time: the old data and their curve */
  g_assert_cmpuint (points (t, &first, &again), ==, 30);
  g_assert_cmpuint (again, ==, one);
  g_assert_true (chain_trainer_data (t) == old);
  train_kit_run (t, 25);                                             /* the change happens again at step 50 */
  g_assert_cmpuint (points (t, &first, &again), ==, 5);
  g_assert_true (chain_trainer_data (t) != old);

  train_kit_apply (t, other_data (t, "moons", old));                 /* not undone: five steps were made on the others */
  g_assert_cmpuint (points (t, &first, &again), ==, 0);
  chain_dataset_unref (old);
  chain_trainer_free (t);
}

/* Undone before a step: nothing has happened. */
static void
test_undone (void)
{
  ChainTrainer *t = train_kit_trainer (train_kit_spec ());
  ChainDataset *old = chain_dataset_ref (chain_trainer_data (t));
  double first;
  guint one, again;

  train_kit_run (t, 40);
  g_assert_cmpuint (points (t, &first, &one), ==, 40);
  train_kit_apply (t, other_data (t, "circles", NULL));
  train_kit_apply (t, other_data (t, "xor", NULL));
  g_assert_cmpuint (points (t, &first, &again), ==, 0);
  train_kit_apply (t, other_data (t, "moons", old));
  g_assert_cmpuint (points (t, &first, &again), ==, 40);
  g_assert_cmpuint (again, ==, one);
  chain_dataset_unref (old);
  chain_trainer_free (t);
}

static void
test_loss (void)
{
  ChainTrainer *t = train_kit_trainer (train_kit_spec ());
  double first;
  guint one, again;

  train_kit_run (t, 40);
  points (t, &first, &one);
  train_kit_apply (t, train_kit_rate (t, 0.001));                    /* a rate is no other run */
  g_assert_cmpuint (points (t, &first, &again), ==, 40);
  train_kit_apply (t, other_loss (t, "hinge"));
  g_assert_cmpuint (points (t, &first, &again), ==, 0);
  g_assert_cmpuint (again, !=, one);
  train_kit_run (t, 3);
  g_assert_cmpuint (points (t, &first, &again), ==, 3);
  train_kit_apply (t, train_kit_goto (10));
  g_assert_cmpuint (points (t, &first, &again), ==, 10);
  chain_trainer_free (t);
}

/* More changes than are kept: the way back shows what is left, and never another run's curve. */
static void
test_many (void)
{
  ChainTrainer *t = train_kit_trainer (train_kit_spec ());
  double first;
  guint segment;

  for (guint i = 0; i < 12; i++)
    {
      train_kit_run (t, 10);
      g_assert_cmpuint (points (t, &first, &segment), ==, 10);
      train_kit_apply (t, other_loss (t, i % 2 ? "bce_with_logits" : "hinge"));
    }
  train_kit_apply (t, train_kit_goto (75));
  g_assert_cmpuint (points (t, &first, &segment), ==, 5);
  train_kit_apply (t, train_kit_goto (5));
  g_assert_cmpuint (points (t, &first, &segment), <=, 5);
  train_kit_run (t, 2);
  g_assert_cmpuint (chain_trainer_step (t), ==, 7);
  chain_trainer_free (t);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/segment/data", test_data);
  g_test_add_func ("/segment/undone", test_undone);
  g_test_add_func ("/segment/loss", test_loss);
  g_test_add_func ("/segment/many", test_many);
  return g_test_run ();
}
