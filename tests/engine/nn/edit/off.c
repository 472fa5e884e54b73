/* SPDX-License-Identifier: Apache-2.0 */
/* Units that are switched off: what the network then computes is worked out by hand from its weights, and what it may not learn stays as it is. */
#include "tests/engine/nn/fixture.h"

#include <string.h>

#define HIDDEN 4u
#define D 3u

static void
open_off (Fixture *f, guint off, const char *activation)
{
  f->s = make_spec ();
  chain_choice_set (&f->s->optimiser, "sgd", NULL);
  ChainLayer *l = make_layer (f->s, "d1", "dense", HIDDEN, activation, "x", NULL);
  make_layer (f->s, "d2", "dense", 2, NULL, "d1", NULL);
  make_loss (f->s, "mse");
  for (guint i = 0; i < HIDDEN; i++)
    chain_layer_set_off (l, i, (off >> i & 1) != 0);
  chain_spec_seal (f->s);
  open_model (f, D, 2, 0, ROWS);
}

static double *
leaf (Fixture *f, const char *name, gsize n)
{
  double *v = g_new (double, n);
  g_assert_true (chain_exec_read_leaf (f->x, chain_model_tensor (f->m, name)->leaf, v, n));
  return v;
}

/* y = W2 (m ⊙ tanh (W1 x + b1)) + b2, m = 0 for units that are off */
static void
by_hand (Fixture *f, guint off, double *out)
{
  g_autofree double *w1 = leaf (f, "d1.weight", HIDDEN * D), *b1 = leaf (f, "d1.bias", HIDDEN), *w2 = leaf (f, "d2.weight", 2 * HIDDEN);
  g_autofree double *b2 = leaf (f, "d2.bias", 2), *x = make_numbers (ROWS * D, 0.3);
  for (guint r = 0; r < ROWS; r++)
    for (guint k = 0; k < 2; k++)
      {
        double y = b2[k];
        for (guint j = 0; j < HIDDEN; j++)
          {
            double z = b1[j];
            for (guint i = 0; i < D; i++)
              z += w1[j * D + i] * x[r * D + i];
            y += off >> j & 1 ? 0 : w2[k * HIDDEN + j] * tanh (z);
          }
        out[r * 2 + k] = y;
      }
}

static void
read_outputs (Fixture *f, double *out)
{
  ChainProgram p = chain_exec_program (f->x, &f->m->output_eval, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
  g_assert_true (chain_exec_run (f->x, p, ROWS, NULL));
  g_assert_true (chain_exec_read (f->x, p, ROWS, f->m->output_eval, out, ROWS * 2));
}

/* Every subset of four units, none and all of them among these. */
static void
test_forward (void)
{
  for (guint off = 0; off < 1u << HIDDEN; off++)
    {
      Fixture f;
      double hand[ROWS * 2], engine[ROWS * 2];
      open_off (&f, off, "tanh");
      by_hand (&f, off, hand);
      read_outputs (&f, engine);
      for (guint i = 0; i < ROWS * 2; i++)
        g_assert_cmpfloat_with_epsilon (engine[i], hand[i], 1e-12);
      close_model (&f);
    }
}

/* The weights into a unit that is off, its bias and the weights out of it stay; those of the others move. */
static void
test_training (void)
{
  Fixture f;
  open_off (&f, 1u << 2, "tanh");
  g_autofree double *w1 = leaf (&f, "d1.weight", HIDDEN * D), *b1 = leaf (&f, "d1.bias", HIDDEN), *w2 = leaf (&f, "d2.weight", 2 * HIDDEN);
  ChainProgram p = make_train_program (f.m, f.x, CHAIN_PLAN_COMMIT);
  for (guint step = 0; step < 5; step++)
    g_assert_true (chain_exec_run (f.x, p, ROWS, NULL));
  g_autofree double *v1 = leaf (&f, "d1.weight", HIDDEN * D), *c1 = leaf (&f, "d1.bias", HIDDEN), *v2 = leaf (&f, "d2.weight", 2 * HIDDEN);
  for (guint j = 0; j < HIDDEN; j++)
    {
      gboolean moved = memcmp (w1 + j * D, v1 + j * D, D * sizeof (double)) != 0 && (w2[j] < v2[j] || w2[j] > v2[j]) && (b1[j] < c1[j] || b1[j] > c1[j]);
      gboolean still = memcmp (w1 + j * D, v1 + j * D, D * sizeof (double)) == 0 && memcmp (w2 + j, v2 + j, sizeof (double)) == 0
                       && memcmp (w2 + HIDDEN + j, v2 + HIDDEN + j, sizeof (double)) == 0 && memcmp (b1 + j, c1 + j, sizeof (double)) == 0;
      g_assert_true (j == 2 ? still : moved);
    }
  close_model (&f);
}

/* exp (1000) is infinite; 0 times that would be no number. */
static void
test_not_finite (void)
{
  Fixture f;
  double out[ROWS * 2];
  open_off (&f, 1u << 1, "exp");
  g_autofree double *b1 = leaf (&f, "d1.bias", HIDDEN);
  b1[1] = 1000;
  write_leaf (f.x, chain_model_tensor (f.m, "d1.bias")->leaf, 1, b1, HIDDEN);
  read_outputs (&f, out);
  for (guint i = 0; i < ROWS * 2; i++)
    g_assert_true (isfinite (out[i]));
  close_model (&f);
}

/* Off and on again: the weights are carried over, so the outputs are those from before. */
static void
test_carry (void)
{
  Fixture a, b;
  double before[ROWS * 2], after[ROWS * 2];
  open_off (&a, 0, "tanh");
  open_off (&b, 9, "tanh");
  g_assert_false (chain_model_same_graph (a.m, b.s));
  read_outputs (&a, before);
  chain_model_carry (a.m, a.x, b.m, b.x);
  chain_model_carry (b.m, b.x, a.m, a.x);
  read_outputs (&a, after);
  g_assert_cmpmem (before, sizeof before, after, sizeof after);
  close_model (&a);
  close_model (&b);
}

/* As many units as a layer may have, off and on again, in the worst order: in time that grows with their number, not with its square. */
static void
test_many (void)
{
  enum { N = 65536 };
  ChainLayer *l = chain_layer_new ("d1", "dense");
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  gint64 began = g_get_monotonic_time ();
  guint32 unknown = 0;
  chain_layer_set_units (l, N);
  chain_layer_set_all_off (l, TRUE);
  for (guint i = 0; i < N; i++)
    g_assert_true (chain_layer_is_off (l, i));
  chain_layer_set_all_off (l, FALSE);
  g_assert_false (chain_layer_is_off (l, N / 2));
  for (guint32 i = N; i-- > 0;)
    g_array_append_val (ids, i);
  unknown = g_array_index (ids, guint32, 5);
  g_array_append_val (ids, unknown);      /* twice is once */
  g_assert_true (chain_layer_take_off (l, ids, &unknown));
  g_assert_cmpuint (l->off->len, ==, N);
  g_assert_true (chain_layer_is_off (l, 0) && chain_layer_is_off (l, N - 1));
  unknown = N;
  g_array_append_val (ids, unknown);
  g_assert_false (chain_layer_take_off (l, ids, &unknown));
  g_assert_cmpuint (unknown, ==, N);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 2 * G_USEC_PER_SEC);
  chain_layer_free (l);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/off/forward", test_forward);
  g_test_add_func ("/nn/off/training", test_training);
  g_test_add_func ("/nn/off/not-finite", test_not_finite);
  g_test_add_func ("/nn/off/carry", test_carry);
  g_test_add_func ("/nn/off/many", test_many);
  return g_test_run ();
}
