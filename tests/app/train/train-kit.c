/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/app/train/train-kit.h"

#include "app/io/data-load.h"

ChainSpec *
train_kit_spec (void)
{
  g_autoptr (ChainSpec) example = chain_spec_example ();
  ChainSpec *spec = chain_spec_copy (example);

  spec->stop.epochs = 0;
  spec->stop.steps = 0;
  return spec;
}

ChainTrainer *
train_kit_trainer (ChainSpec *spec)
{
  GError *error = NULL;
  ChainTable *table;
  ChainDataset *data;
  ChainTrainer *t;

  chain_spec_seal (spec);
  table = chain_data_load (&spec->data, NULL, NULL, &error);
  g_assert_no_error (error);
  data = chain_dataset_new (spec, table, NULL, &error);
  g_assert_no_error (error);
  t = chain_trainer_new (spec, data, &error);
  g_assert_no_error (error);
  chain_dataset_unref (data);
  chain_table_unref (table);
  chain_spec_unref (spec);
  return t;
}

void
train_kit_run (ChainTrainer *t, guint64 steps)
{
  for (guint64 i = 0; i < steps; i++)
    g_assert_true (chain_trainer_iterate (t));
}

static ChainCommand *
spec_command (ChainSpec *next)
{
  ChainCommand *c = chain_command_new (CHAIN_COMMAND_SPEC);

  c->spec = chain_spec_seal (next);
  return c;
}

ChainCommand *
train_kit_rate (ChainTrainer *t, double lr)
{
  ChainSpec *next = chain_spec_copy (chain_trainer_spec (t));

  chain_choice_set_param (&next->optimiser, "lr", lr);
  return spec_command (next);
}

ChainCommand *
train_kit_batch (ChainTrainer *t, guint batch)
{
  ChainSpec *next = chain_spec_copy (chain_trainer_spec (t));

  next->batch_size = batch;
  return spec_command (next);
}

ChainCommand *
train_kit_goto (guint64 step)
{
  ChainCommand *c = chain_command_new (CHAIN_COMMAND_GOTO);

  c->n = step;
  return c;
}

void
train_kit_apply (ChainTrainer *t, ChainCommand *c)
{
  GError *error = NULL;

  g_assert_true (chain_trainer_apply (t, c, &error));
  g_assert_no_error (error);
}

void
train_kit_same (ChainExecState *a, ChainExecState *b, gboolean same)
{
  g_assert_true (chain_exec_state_equal (a, b) == same);
}
