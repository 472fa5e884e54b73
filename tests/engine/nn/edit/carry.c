/* SPDX-License-Identifier: Apache-2.0 */
/* What survives an edit of structure: every number of a unit that is still there, moments included, and nothing else. */
#include "tests/engine/nn/make.h"

#include <string.h>

#define ROWS 8

typedef struct { ChainSpec *s; ChainModel *m; ChainExec *x; } Side;

static ChainPrep *prep;

static ChainSpec *
start_spec (void)
{
  ChainSpec *s = make_spec ();
  make_layer (s, "d1", "dense", 4, "tanh", "x", NULL);
  make_layer (s, "bn", "batch_norm", 0, NULL, "d1", NULL);
  make_layer (s, "d2", "dense", 3, "tanh", "x", NULL);
  make_layer (s, "c", "concat", 0, NULL, "bn", "d2");
  make_layer (s, "d3", "dense", 2, NULL, "c", NULL);
  make_loss (s, "mse");
  return s;
}

static Side
make_side (ChainSpec *s, uint64_t seed)
{
  g_autoptr (GError) error = NULL;
  Side side = { .s = s, .m = chain_model_new (s, prep, &error) };
  g_assert_no_error (error);
  side.x = make_exec (side.m, CHAIN_F64, seed);
  return side;
}

static void
free_side (Side *side)
{
  chain_exec_free (side->x);
  chain_model_free (side->m);
  chain_spec_unref (side->s);
}

/* A trained model: no number is at its first value. */
static Side
trained (void)
{
  Side a = make_side (start_spec (), 1);
  g_autoptr (GError) error = NULL;
  g_autofree double *xs = make_numbers (ROWS * 3, 0.2), *ts = make_numbers (ROWS * 2, 0.9);
  write_leaf (a.x, a.m->x, ROWS, xs, ROWS * 3);
  write_leaf (a.x, a.m->t, ROWS, ts, ROWS * 2);
  ChainProgram p = make_train_program (a.m, a.x, CHAIN_PLAN_COMMIT);
  for (guint i = 0; i < 3; i++)
    g_assert_true (chain_exec_run (a.x, p, ROWS, &error));
  return a;
}

static double
at (Side *side, const char *name, guint row, guint col)
{
  const ChainTensorInfo *t = chain_model_tensor (side->m, name);
  g_assert_nonnull (t);
  gsize n = (gsize) t->rows * t->cols;
  g_autofree double *v = g_new (double, n);
  g_assert_true (chain_exec_read_leaf (side->x, t->leaf, v, n));
  return v[row * t->cols + col];
}

#define SAME(name, row, col, old_row, old_col) g_assert_cmpfloat (at (&b, name, row, col), ==, at (&a, name, old_row, old_col))
#define NEW(name, row, col) g_assert_cmpfloat (at (&b, name, row, col), ==, at (&fresh, name, row, col))

static Side
carried (Side *a, ChainSpec *s)
{
  Side b = make_side (s, 77);
  chain_model_carry (a->m, a->x, b.m, b.x);
  return b;
}

static void
test_same (void)
{
  Side a = trained (), b = carried (&a, start_spec ());
  for (guint i = 0; i < a.m->params->len; i++)
    {
      const ChainTensorInfo *t = &g_array_index (a.m->params, ChainTensorInfo, i);
      g_autofree char *m = g_strdup_printf ("opt.m.%s", t->name), *v = g_strdup_printf ("opt.v.%s", t->name);
      for (guint r = 0; r < t->rows; r++)
        for (guint c = 0; c < t->cols; c++)
          {
            SAME (t->name, r, c, r, c);
            SAME (m, r, c, r, c);
            SAME (v, r, c, r, c);
          }
    }
  SAME ("bn.running_mean", 0, 2, 0, 2);
  g_assert_cmpfloat (chain_exec_get_scalar (b.x, b.m->step), ==, 3);
  g_assert_cmpfloat (chain_exec_get_scalar (b.x, b.m->seed_step), ==, 3);
  free_side (&a);
  free_side (&b);
}

static void
test_widen (void)
{
  g_autoptr (GError) error = NULL;
  Side a = trained ();
  ChainSpec *wide = chain_spec_set_units (a.s, "d1", 6, &error);
  g_assert_no_error (error);
  Side fresh = make_side (chain_spec_copy (wide), 77), b = carried (&a, wide);
  SAME ("d1.weight", 3, 2, 3, 2);
  NEW ("d1.weight", 4, 0);
  NEW ("d1.weight", 5, 2);
  SAME ("bn.gamma", 0, 3, 0, 3);
  NEW ("bn.gamma", 0, 5);
  SAME ("bn.running_var", 0, 1, 0, 1);
  NEW ("bn.running_var", 0, 4);
  SAME ("d3.weight", 1, 3, 1, 3);
  NEW ("d3.weight", 1, 4);
  SAME ("d3.weight", 1, 6, 1, 4);   /* the columns of d2 have moved, and so have their weights */
  SAME ("d3.weight", 0, 8, 0, 6);
  SAME ("opt.v.d3.weight", 0, 8, 0, 6);
  g_assert_cmpfloat (at (&b, "opt.v.d3.weight", 0, 5), ==, 0);
  SAME ("d3.bias", 0, 1, 0, 1);
  free_side (&a);
  free_side (&b);
  free_side (&fresh);
}

static void
test_narrow (void)
{
  Side a = trained ();
  ChainSpec *s = chain_spec_copy (a.s);
  ChainLayer *d1 = chain_spec_layer (s, "d1");
  g_array_remove_index (d1->unit_ids, 1);   /* a unit in the middle */
  d1->units = 3;
  Side b = carried (&a, s);
  SAME ("d1.weight", 0, 1, 0, 1);
  SAME ("d1.weight", 1, 1, 2, 1);
  SAME ("d1.bias", 0, 2, 0, 3);
  SAME ("bn.running_mean", 0, 1, 0, 2);
  SAME ("d3.weight", 0, 1, 0, 2);
  SAME ("d3.weight", 1, 3, 1, 4);
  SAME ("opt.m.d1.weight", 2, 0, 3, 0);
  free_side (&a);
  free_side (&b);
}

static void
test_insert (void)
{
  g_autoptr (GError) error = NULL;
  Side a = trained ();
  ChainSpec *s = chain_spec_insert_layer (a.s, "d2", &error);
  g_assert_no_error (error);
  Side fresh = make_side (chain_spec_copy (s), 77), b = carried (&a, s);
  SAME ("d1.weight", 2, 2, 2, 2);
  SAME ("d2.weight", 1, 1, 1, 1);
  NEW ("d4.weight", 1, 1);
  SAME ("d3.weight", 0, 2, 0, 2);
  NEW ("d3.weight", 0, 5);   /* reads the new layer */
  SAME ("d3.bias", 0, 0, 0, 0);
  Side c = { .s = chain_spec_remove_layer (b.s, "d4", &error) };
  g_assert_no_error (error);
  c.m = chain_model_new (c.s, prep, &error);
  c.x = make_exec (c.m, CHAIN_F64, 9);
  chain_model_carry (b.m, b.x, c.m, c.x);
  g_assert_cmpfloat (at (&c, "d3.weight", 0, 2), ==, at (&a, "d3.weight", 0, 2));
  free_side (&a);
  free_side (&b);
  free_side (&c);
  free_side (&fresh);
}

static void
test_optimiser (void)
{
  Side a = trained ();
  ChainSpec *s = start_spec ();
  chain_choice_set (&s->optimiser, "rmsprop", NULL);
  Side b = carried (&a, s);
  SAME ("d1.weight", 2, 2, 2, 2);
  for (guint i = 0; i < b.m->moments->len; i++)
    {
      const ChainTensorInfo *t = &g_array_index (b.m->moments, ChainTensorInfo, i);
      g_assert_cmpfloat (at (&b, t->name, 0, 0), ==, t->start);
    }
  g_assert_cmpfloat (chain_exec_get_scalar (b.x, b.m->step), ==, 0);   /* bias corrections start again … */
  g_assert_cmpfloat (chain_exec_get_scalar (b.x, b.m->seed_step), ==, 3);   /* … dropout goes on */
  free_side (&a);
  free_side (&b);
}

/* Another choice of input columns: weights go with the name of the column. */
static void
test_inputs (void)
{
  Side a = trained ();
  g_autoptr (GError) error = NULL;
  ChainPrep *other = make_prep (3, 2, 0);
  char *first = ((ChainPrepColumn *) other->inputs->pdata[0])->column;
  ((ChainPrepColumn *) other->inputs->pdata[0])->column = ((ChainPrepColumn *) other->inputs->pdata[2])->column;
  ((ChainPrepColumn *) other->inputs->pdata[2])->column = first;
  Side b = { .s = start_spec () };
  b.m = chain_model_new (b.s, other, &error);
  g_assert_no_error (error);
  b.x = make_exec (b.m, CHAIN_F64, 9);
  chain_model_carry (a.m, a.x, b.m, b.x);
  SAME ("d1.weight", 1, 0, 1, 2);
  SAME ("d1.weight", 1, 1, 1, 1);
  SAME ("d2.weight", 0, 2, 0, 0);
  free_side (&a);
  free_side (&b);
  free_prep (other);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  prep = make_prep (3, 2, 0);
  g_test_add_func ("/nn/carry/same", test_same);
  g_test_add_func ("/nn/carry/widen", test_widen);
  g_test_add_func ("/nn/carry/narrow", test_narrow);
  g_test_add_func ("/nn/carry/insert", test_insert);
  g_test_add_func ("/nn/carry/optimiser", test_optimiser);
  g_test_add_func ("/nn/carry/inputs", test_inputs);
  int result = g_test_run ();
  free_prep (prep);
  return result;
}
