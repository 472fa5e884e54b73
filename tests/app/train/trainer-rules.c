/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that reach into the loop: a schedule that listens to evaluations, one that moves the momentum, optimisers that evaluate elsewhere
 * than they train or keep a copy of the weights. Time travel and resuming must give the same bits with each of them. */
#include "tests/app/train/train-kit.h"

#include "app/io/document.h"
#include "engine/nn/model.h"

#include <math.h>
#include <string.h>

static ChainSpec *
plateau_spec (void)
{
  ChainSpec *spec = train_kit_spec ();

  chain_choice_set (&spec->schedule, "reduce_on_plateau", NULL);
  chain_choice_set_param (&spec->schedule, "patience", 1);
  chain_choice_set_param (&spec->schedule, "threshold", 0.1);
  chain_choice_set_param (&spec->schedule, "factor", 0.5);
  spec->stop.eval_every = 1;
  return spec;
}

static ChainSpec *
with_optimiser (const char *id, const char *variant)
{
  ChainSpec *spec = train_kit_spec ();

  chain_choice_set (&spec->optimiser, id, variant);
  return spec;
}

static ChainSpec *
averaged_spec (void)
{
  return with_optimiser ("schedule_free_adamw", NULL);
}

static ChainSpec *
lookahead_spec (void)
{
  return with_optimiser ("lookahead", "adam");
}

static ChainSpec *
factored_spec (void)
{
  return with_optimiser ("adafactor", NULL);
}

static ChainSpec *
sam_spec (void)
{
  return with_optimiser ("sam", "adamw");
}

static ChainSpec *
muon_spec (void)
{
  return with_optimiser ("muon", NULL);
}

static ChainSpec *
measured_spec (void)
{
  ChainSpec *spec = with_optimiser ("lookahead", "sgd");

  chain_choice_set (&spec->initialiser, "lsuv", NULL);
  return spec;
}

static void
check_same (ChainTrainer *a, ChainTrainer *b)
{
  ChainExecState *x = chain_exec_save (chain_trainer_exec (a)), *y = chain_exec_save (chain_trainer_exec (b));

  train_kit_same (x, y, TRUE);
  g_assert_cmpfloat (chain_trainer_lr (a), ==, chain_trainer_lr (b));
  chain_exec_state_unref (x);
  chain_exec_state_unref (y);
}

/* Straight to step 300; there, back to 70 and on again; in two halves with a file between them. */
static void
check_ways (ChainSpec *(*make) (void))
{
  ChainTrainer *straight = train_kit_trainer (make ()), *back = train_kit_trainer (make ()), *rest = train_kit_trainer (make ());
  g_autoptr (GPtrArray) tensors = NULL;
  g_autofree char *run = NULL;
  g_autoptr (GError) error = NULL;
  ChainMetrics a, b;

  train_kit_run (straight, 300);
  train_kit_run (back, 160);
  tensors = chain_trainer_save_tensors (back, TRUE);
  run = chain_trainer_save_run (back);
  train_kit_run (back, 140);
  train_kit_apply (back, train_kit_goto (70));
  train_kit_run (back, 230);
  check_same (straight, back);
  g_assert_true (chain_trainer_load_tensors (rest, tensors, TRUE, NULL, &error));
  g_assert_true (chain_trainer_load_run (rest, run, &error));
  g_assert_no_error (error);
  train_kit_run (rest, 140);
  check_same (straight, rest);
  g_assert_true (chain_trainer_evaluate (straight, &a, NULL, NULL) && chain_trainer_evaluate (rest, &b, NULL, NULL));
  g_assert_cmpfloat (a.loss, ==, b.loss);
  g_assert_true (isfinite (a.loss));
  chain_trainer_free (straight);
  chain_trainer_free (back);
  chain_trainer_free (rest);
}

static void
test_plateau (void)
{
  ChainTrainer *t = train_kit_trainer (plateau_spec ());
  double first = chain_trainer_lr (t), last;

  train_kit_run (t, 300);
  last = chain_trainer_lr (t);
  g_assert_cmpfloat (last, <, first);
  g_assert_cmpfloat (log2 (first / last), ==, floor (log2 (first / last)));   /* by halves */
  train_kit_apply (t, train_kit_goto (1));
  train_kit_run (t, 1);
  g_assert_cmpfloat (chain_trainer_lr (t), ==, first);
  chain_trainer_free (t);
  check_ways (plateau_spec);
}

static void
test_momentum (void)
{
  ChainSpec *spec = with_optimiser ("sgd", NULL);
  ChainTrainer *t;
  const ChainModel *m;
  double low = 1;

  chain_choice_set_param (&spec->optimiser, "momentum", 0.9);
  chain_choice_set (&spec->schedule, "one_cycle", "cos_with_momentum");
  chain_choice_set_param (&spec->schedule, "total_steps", 100);
  t = train_kit_trainer (spec);
  m = chain_trainer_model (t);
  for (guint s = 0; s < 100; s++)
    {
      train_kit_run (t, 1);
      for (guint i = 0; i < m->hyper->len; i++)
        if (g_str_equal (g_array_index (m->hyper, ChainHyperInfo, i).name, "momentum"))
          low = fmin (low, chain_exec_get_scalar (chain_trainer_exec (t), g_array_index (m->hyper, ChainHyperInfo, i).leaf));
    }
  g_assert_cmpfloat_with_epsilon (low, 0.85, 1e-9);
  chain_trainer_free (t);
}

/* Evaluated at x: putting the moments x in the place of the parameters of a plain network gives the same loss. */
static void
test_evaluates_at_average (void)
{
  ChainTrainer *t = train_kit_trainer (averaged_spec ()), *plain = train_kit_trainer (train_kit_spec ());
  const ChainModel *m = chain_trainer_model (t);
  g_autoptr (GPtrArray) tensors = NULL;
  ChainMetrics at_x, at_y, want;

  g_assert_true (chain_trainer_evaluate (t, &at_x, NULL, NULL) && chain_trainer_evaluate (plain, &want, NULL, NULL));
  g_assert_cmpfloat (at_x.loss, ==, want.loss);             /* before the first step x is w */
  train_kit_run (t, 200);
  g_assert_true (chain_trainer_evaluate (t, &at_x, NULL, NULL));
  g_assert_cmpfloat (at_x.loss, <, 0.8 * want.loss);
  tensors = chain_trainer_save_tensors (t, TRUE);
  g_assert_true (chain_trainer_load_tensors (plain, tensors, FALSE, NULL, NULL));
  g_assert_true (chain_trainer_evaluate (plain, &at_y, NULL, NULL));
  for (guint i = 0; i < m->params->len; i++)
    {
      const ChainTensorInfo *p = &g_array_index (m->params, ChainTensorInfo, i);
      g_autofree char *name = g_strconcat ("opt.x.", p->name, NULL);
      const ChainTensorInfo *x = chain_model_tensor (m, name);
      g_autofree double *v = g_new (double, p->rows * p->cols);

      g_assert_nonnull (x);
      chain_exec_read_leaf (chain_trainer_exec (t), x->leaf, v, p->rows * p->cols);
      g_assert_true (chain_exec_write (chain_trainer_exec (plain), chain_model_tensor (chain_trainer_model (plain), p->name)->leaf, 1, v,
                                       p->rows * p->cols, NULL));
    }
  g_assert_true (chain_trainer_evaluate (plain, &want, NULL, NULL));
  g_assert_cmpfloat_with_epsilon (at_x.loss, want.loss, 1e-12);
  g_assert_cmpfloat (fabs (at_x.loss - at_y.loss), >, 1e-6);
  g_clear_pointer (&tensors, g_ptr_array_unref);
  tensors = chain_trainer_save_tensors (t, FALSE);          /* weights alone are those of the evaluation */
  g_assert_true (chain_trainer_load_tensors (plain, tensors, FALSE, NULL, NULL));
  g_assert_true (chain_trainer_evaluate (plain, &want, NULL, NULL));
  g_assert_cmpfloat_with_epsilon (at_x.loss, want.loss, 1e-12);
  chain_trainer_free (t);
  chain_trainer_free (plain);
}

/* A unit more: the copy of the weights that it brings along is its own first weights, not zero. */
static void
test_grows (void)
{
  ChainTrainer *t = train_kit_trainer (averaged_spec ());
  ChainCommand *c = chain_command_new (CHAIN_COMMAND_SPEC);
  double w[2], x[2 * 64];
  const ChainTensorInfo *info;
  ChainSpec *next;

  train_kit_run (t, 50);
  next = chain_spec_copy (chain_trainer_spec (t));
  chain_layer_set_units (g_ptr_array_index (next->layers, 0), ((ChainLayer *) g_ptr_array_index (next->layers, 0))->units + 1);
  c->spec = chain_spec_seal (next);
  train_kit_apply (t, c);
  info = chain_model_tensor (chain_trainer_model (t), "opt.x.d1.weight");
  g_assert_cmpuint (info->cols, ==, 2);
  g_assert_true (chain_exec_read_leaf (chain_trainer_exec (t), info->leaf, x, info->rows * 2));
  memcpy (w, x + (info->rows - 1) * 2, sizeof w);
  g_assert_cmpfloat (fabs (w[0]) + fabs (w[1]), >, 0);
  train_kit_run (t, 50);
  chain_trainer_free (t);
}

static ChainSpec *
with_regulariser (const char *id, const char *param, double value)
{
  ChainSpec *spec = train_kit_spec ();

  g_ptr_array_add (spec->regularisers, chain_choice_new (id));
  chain_choice_set_param (spec->regularisers->pdata[0], param, value);
  return spec;
}

/* A regulariser and the optimiser's extra of the same meaning make the same step. */
static void
test_regularisers (void)
{
  static const struct { const char *id, *param, *extra; double value; } pairs[] = {
    { "l1", "lambda", "l1", 0.003 }, { "l2", "lambda", "l2", 0.02 }, { "clip_value", "clip", "clip_value", 0.01 },
    { "clip_global_norm", "max_norm", "clip_norm", 0.05 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      ChainSpec *extra = train_kit_spec ();
      ChainTrainer *a = train_kit_trainer (with_regulariser (pairs[i].id, pairs[i].param, pairs[i].value)), *b;

      chain_choice_set_param (&extra->optimiser, pairs[i].extra, pairs[i].value);
      b = train_kit_trainer (extra);
      train_kit_run (a, 30);
      train_kit_run (b, 30);
      g_assert_cmpfloat_with_epsilon (chain_trainer_loss (a), chain_trainer_loss (b), 1e-6);
      check_same (a, b);
      chain_trainer_free (a);
      chain_trainer_free (b);
    }
}

/* No row of d1 is longer than c after any step; another c is taken without a new graph, and the way back gives the same bits. */
static void
test_max_norm (void)
{
  ChainTrainer *t = train_kit_trainer (with_regulariser ("max_norm", "c", 0.6));
  const ChainModel *m = chain_trainer_model (t);
  const ChainTensorInfo *w = chain_model_tensor (m, "d1.weight");
  double v[64], c = 0.6;
  guint longest = 0;

  for (guint s = 0; s < 80; s++)
    {
      if (s == 40)
        {
          ChainCommand *command = chain_command_new (CHAIN_COMMAND_SPEC);
          ChainSpec *next = chain_spec_copy (chain_trainer_spec (t));

          c = 0.4;
          chain_choice_set_param (next->regularisers->pdata[0], "c", c);
          command->spec = chain_spec_seal (next);
          train_kit_apply (t, command);
          g_assert_true (chain_trainer_model (t) == m);
        }
      train_kit_run (t, 1);
      g_assert_true (chain_exec_read_leaf (chain_trainer_exec (t), w->leaf, v, w->rows * 2));
      for (guint i = 0; i < w->rows; i++)
        {
          double norm = hypot (v[2 * i], v[2 * i + 1]);

          g_assert_cmpfloat (norm, <, c * (1 + 1e-6));
          longest += norm > c * (1 - 1e-6);
        }
    }
  g_assert_cmpuint (longest, >, 0);
  chain_trainer_free (t);
}

static void
test_ways (gconstpointer make)
{
  check_ways (*(ChainSpec *(*const *) (void)) make);
}

/* A graft whose second line is wrong leaves the numbers of the first as they were, with and without a new graph. */
static void
test_graft_whole (void)
{
  ChainTrainer *t = train_kit_trainer (train_kit_spec ());
  ChainExecState *before, *after;

  train_kit_run (t, 5);
  before = chain_exec_save (chain_trainer_exec (t));
  for (guint i = 0; i < 2; i++)
    {
      ChainCommand *c = chain_command_new (CHAIN_COMMAND_SPEC);
      g_autoptr (GError) error = NULL;

      c->spec = i == 0 ? chain_spec_ref (chain_trainer_spec (t)) : chain_spec_set_units (chain_trainer_spec (t), "d1", 7, NULL);
      c->graft = g_strdup ("set d2.bias 1 6 1 2 3 4 5 6\nset d2.bias 1 6 1 2");
      g_assert_false (chain_trainer_apply (t, c, &error));
      g_assert_nonnull (error);
      after = chain_exec_save (chain_trainer_exec (t));
      train_kit_same (before, after, TRUE);
      chain_exec_state_unref (after);
    }
  chain_exec_state_unref (before);
  chain_trainer_free (t);
}

int
main (int argc, char **argv)
{
  static ChainSpec *(*const makes[]) (void) = { averaged_spec, lookahead_spec, factored_spec, sam_spec, muon_spec, measured_spec };
  static const char *const paths[] = { "/rules/ways/averaged", "/rules/ways/lookahead", "/rules/ways/factored", "/rules/ways/sam", "/rules/ways/muon",
                                        "/rules/ways/measured" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rules/plateau", test_plateau);
  g_test_add_func ("/rules/momentum", test_momentum);
  g_test_add_func ("/rules/evaluates-at-average", test_evaluates_at_average);
  g_test_add_func ("/rules/grows", test_grows);
  g_test_add_func ("/rules/regularisers", test_regularisers);
  g_test_add_func ("/rules/max-norm", test_max_norm);
  g_test_add_func ("/rules/graft-whole", test_graft_whole);
  for (guint i = 0; i < G_N_ELEMENTS (makes); i++)
    g_test_add_data_func (paths[i], &makes[i], test_ways);
  return g_test_run ();
}
