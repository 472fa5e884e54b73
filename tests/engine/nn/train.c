/* SPDX-License-Identifier: Apache-2.0 */
/* The whole of engine/nn in one loop: what the window opens with must fit, in f32 and f64, and the same seed must give the same bits. */
#include "tests/engine/nn/make.h"

#include <string.h>

typedef struct { ChainDataset *d; ChainModel *m; ChainExec *x; ChainSampler sampler; ChainProgram train; double first, last; guint64 steps; } Loop;

static void
open_loop (Loop *l, const ChainSpec *s)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainTable) t = chain_table_generate (&s->data, &error);
  g_assert_no_error (error);
  *l = (Loop){ .d = chain_dataset_new (s, t, NULL, &error) };
  g_assert_no_error (error);
  l->m = chain_model_new (s, l->d->prep, &error);
  g_assert_no_error (error);
  l->x = make_exec (l->m, s->precision, s->seed);
  chain_sampler_init (&l->sampler, l->d->n_train, s->batch_size, s->order, s->drop_last, s->seed);
  l->train = make_train_program (l->m, l->x, CHAIN_PLAN_COMMIT);
}

static void
one_step (Loop *l)
{
  guint b, d = l->d->d, k = l->d->k;
  g_autoptr (GError) error = NULL;
  const uint32_t *rows = chain_sampler_next (&l->sampler, &b);
  g_autofree double *x = g_new (double, b * d), *t = g_new (double, b * k);
  for (guint i = 0; i < b; i++)
    {
      memcpy (x + i * d, l->d->x + rows[i] * d, d * sizeof (double));
      memcpy (t + i * k, l->d->t + rows[i] * k, k * sizeof (double));
    }
  write_leaf (l->x, l->m->x, b, x, b * d);
  write_leaf (l->x, l->m->t, b, t, b * k);
  g_assert_true (chain_exec_run (l->x, l->train, b, &error));
  l->last = chain_exec_read_one (l->x, l->train, b, l->m->loss_train);
  if (l->steps++ == 0)
    l->first = l->last;
}

static void
run_epochs (Loop *l, guint epochs)
{
  while (l->sampler.epoch < epochs - 1 || !chain_sampler_at_epoch_end (&l->sampler))
    one_step (l);
}

static ChainMetrics
figures (Loop *l, gboolean test)
{
  ChainMetrics m;
  g_autoptr (GError) error = NULL;
  ChainEvalPrograms p = chain_eval_programs (l->m, l->x);
  g_assert_true (chain_evaluate (l->m, l->x, &p, l->d, test ? l->d->n_train : 0, test ? l->d->n : l->d->n_train, &m, &error));
  return m;
}

static void
close_loop (Loop *l)
{
  chain_sampler_clear (&l->sampler);
  chain_exec_free (l->x);
  chain_model_free (l->m);
  chain_dataset_unref (l->d);
}

static void
test_moons (gconstpointer precision)
{
  g_autoptr (ChainSpec) example = chain_spec_example (), s = chain_spec_copy (example);
  Loop l;
  s->precision = GPOINTER_TO_INT (precision);
  open_loop (&l, s);
  g_assert_cmpfloat (figures (&l, TRUE).accuracy, <, 0.9);   /* a straight, wrong line before */
  run_epochs (&l, 60);
  ChainMetrics train = figures (&l, FALSE), test = figures (&l, TRUE);
  g_test_message ("%d steps: train loss %.4f, accuracy %.3f; test loss %.4f, accuracy %.3f", (int) l.steps, train.loss, train.accuracy,
                  test.loss, test.accuracy);
  g_assert_true (train.classify);
  g_assert_cmpuint (l.steps, ==, 60 * 7);
  g_assert_cmpfloat (l.first, >, 0.5);
  g_assert_cmpfloat (train.loss, <, 0.1);
  g_assert_cmpfloat (test.accuracy, >=, 0.97);
  close_loop (&l);
}

static void
test_same_bits (void)
{
  g_autoptr (ChainSpec) s = chain_spec_example ();
  Loop a, b;
  open_loop (&a, s);
  open_loop (&b, s);
  run_epochs (&a, 3);
  ChainExecState *mid = chain_exec_save (a.x);
  guint64 epoch = a.sampler.epoch, step = a.sampler.step;
  guint pos = a.sampler.pos;
  run_epochs (&a, 6);
  run_epochs (&b, 6);
  ChainExecState *p = chain_exec_save (a.x), *q = chain_exec_save (b.x);
  g_assert_true (chain_exec_state_equal (p, q));
  chain_exec_restore (b.x, mid);   /* back to the middle, and once more */
  chain_sampler_seek (&b.sampler, epoch, pos, step);
  run_epochs (&b, 6);
  ChainExecState *r = chain_exec_save (b.x);
  g_assert_true (chain_exec_state_equal (p, r));
  chain_exec_state_unref (mid);
  chain_exec_state_unref (p);
  chain_exec_state_unref (q);
  chain_exec_state_unref (r);
  close_loop (&a);
  close_loop (&b);
}

/* Every optimiser of the table lowers the loss of the example: none is there that cannot train. */
static void
test_every_optimiser (void)
{
  guint n;
  const ChainOptimRow *rows = chain_table_optims (&n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ChainSpec) example = chain_spec_example (), s = chain_spec_copy (example);
      Loop l;
      chain_choice_set (&s->optimiser, rows[i].info.id, NULL);
      s->precision = CHAIN_F64;
      open_loop (&l, s);
      double before = figures (&l, FALSE).loss;
      run_epochs (&l, 4);
      double after = figures (&l, FALSE).loss;
      g_test_message ("%s: %.4f -> %.4f", rows[i].info.id, before, after);
      g_assert_true (isfinite (after));
      if (!g_str_equal (rows[i].info.id, "langevin"))   /* samples around, by design */
        g_assert_cmpfloat (after, <, before);
      close_loop (&l);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/nn/train/moons-f32", GINT_TO_POINTER (CHAIN_F32), test_moons);
  g_test_add_data_func ("/nn/train/moons-f64", GINT_TO_POINTER (CHAIN_F64), test_moons);
  g_test_add_func ("/nn/train/same-bits", test_same_bits);
  g_test_add_func ("/nn/train/every-optimiser", test_every_optimiser);
  return g_test_run ();
}
