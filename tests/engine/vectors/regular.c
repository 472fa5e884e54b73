/* SPDX-License-Identifier: Apache-2.0 */
/* Regularisers against tests/golden/vectors (rtol 1e-11, as the losses that they are added to): value and gradient of the penalties,
 * projections, clipping of a list of gradients. Within a model: tests/app/train/trainer-rules.c. */
#include "tests/engine/vectors/vec-kit.h"

#include <math.h>

/* --- a row on given numbers --- */
static ChainId
constant_node (ChainRegularCtx *c, const char *name)
{
  return chain_const (c->g, chain_param (&c->p, name));
}

enum { MAX_GRADS = 4 };

static void
compare_list (VecCount *c, const char *what, double **got, json_t *list)
{
  json_t *o;
  gsize i;

  json_array_foreach (list, i, o)
    {
      Vec want = vec_tensor (o);

      vec_compare (c, what, got[i], want.v, want.n, 1e-11, 1e-13);
      vec_clear (&want);
    }
}

static void
clip_case (VecCount *c, const ChainRegularRow *row, ChainRegularCtx *ctx, VecKit *k, json_t *o)
{
  json_t *grads = vec_get (o, "grads"), *g;
  ChainId ids[MAX_GRADS];
  double *out[MAX_GRADS];
  Vec v[MAX_GRADS];
  guint n = (guint) json_array_size (grads);
  gsize i;

  g_assert_cmpuint (n, <=, MAX_GRADS);
  json_array_foreach (grads, i, g)
    {
      v[i] = vec_tensor (g);
      ids[i] = vec_kit_leaf (k, "g", &v[i], FALSE);
    }
  row->clip (ctx, ids, n);
  vec_kit_eval (k, BY_EXEC_F64, ids, n, out);
  compare_list (c, row->info.id, out, vec_get (o, "result"));
  for (i = 0; i < n; i++)
    {
      g_free (out[i]);
      vec_clear (&v[i]);
    }
}

static void
weight_case (VecCount *c, const ChainRegularRow *row, ChainRegularCtx *ctx, VecKit *k, json_t *o)
{
  Vec w = vec_tensor (vec_get (o, "w")), want = vec_tensor (vec_get (o, row->penalty != NULL ? "grad" : "result"));
  ChainId leaf = vec_kit_leaf (k, "w", &w, FALSE), ids[2];
  double *out[2];
  guint n = row->penalty != NULL ? 2 : 1;

  if (row->penalty != NULL)
    {
      ids[1] = row->penalty (ctx, leaf);
      g_assert_true (chain_grad (k->g, ids[1], CHAIN_NONE, &leaf, 1, ids, NULL, NULL));
    }
  else
    ids[0] = row->project (ctx, leaf);
  vec_kit_eval (k, BY_EXEC_F64, ids, n, out);
  vec_compare (c, row->info.id, out[0], want.v, want.n, 1e-11, 1e-13);
  if (n == 2)
    {
      double value = vec_number (vec_get (o, "value"));

      vec_compare (c, row->info.id, out[1], &value, 1, 1e-11, 1e-13);
    }
  for (guint i = 0; i < n; i++)
    g_free (out[i]);
  vec_clear (&w);
  vec_clear (&want);
}

static void
regular_case (VecCount *c, json_t *o)
{
  const char *id = vec_text (o, "id"), *variant = vec_text (o, "variant"), *unknown = NULL;
  const ChainRegularRow *row = chain_regular_row (id);
  ChainRegularCtx ctx = { .node = constant_node };
  ChainChoice *choice;
  VecKit k;

  if (row == NULL)
    {
      vec_count_no_row (c, id);
      return;
    }
  choice = vec_choice (&row->info, g_str_equal (variant, "standard") ? NULL : variant, vec_get (o, "params"), NULL, &unknown);
  if (choice == NULL)
    g_error ("%s: parameter %s", id, unknown);
  vec_kit_init (&k);
  ctx.g = k.g;
  ctx.p = (ChainParams){ &row->info, choice };
  if (row->clip != NULL)
    clip_case (c, row, &ctx, &k, o);
  else
    weight_case (c, row, &ctx, &k, o);
  c->cases++;
  vec_kit_clear (&k);
  vec_choice_free (choice);
}

static void
test_vectors (void)
{
  json_t *root = vec_load ("regularisers_f64.json"), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    regular_case (&c, o);
  vec_count_report (&c, "regularisers_f64.json", NULL);
  json_decref (root);
}

/* Every row is one of the three kinds. */
static void
test_kinds (void)
{
  guint n;
  const ChainRegularRow *rows = chain_table_regulars (&n);

  g_assert_cmpuint (n, ==, 9);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint ((rows[i].penalty != NULL) + (rows[i].clip != NULL) + (rows[i].project != NULL), ==, 1);
}

/* A row of zeros has no direction: penalty 0, derivative 0, and no length to divide by. */
static void
test_zero_row (void)
{
  static const char *const ids[] = { "group_lasso", "max_norm" };
  double zeros[3] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      const ChainRegularRow *row = chain_regular_row (ids[i]);
      Vec w = { zeros, 1, 3, 3, 2 };
      ChainRegularCtx ctx = { .p = { &row->info, NULL }, .node = constant_node };
      double *out;
      ChainId leaf, id;
      VecKit k;

      vec_kit_init (&k);
      ctx.g = k.g;
      leaf = vec_kit_leaf (&k, "w", &w, FALSE);
      if (row->project != NULL)
        id = row->project (&ctx, leaf);
      else
        g_assert_true (chain_grad (k.g, row->penalty (&ctx, leaf), CHAIN_NONE, &leaf, 1, &id, NULL, NULL));
      vec_kit_eval (&k, BY_EXEC_F64, &id, 1, &out);
      g_assert_true (out[0] == 0 && out[1] == 0 && out[2] == 0);
      g_free (out);
      vec_kit_clear (&k);
    }
}

/* Weight clipping by hand, at the border too. */
static void
test_weight_clipping (void)
{
  double w[6] = { -0.5, -0.01, 0, 0.004, 0.01, 3 };
  const double want[6] = { -0.01, -0.01, 0, 0.004, 0.01, 0.01 };
  const ChainRegularRow *row = chain_regular_row ("weight_clipping");
  ChainRegularCtx ctx = { .p = { &row->info, NULL }, .node = constant_node };
  Vec v = { w, 2, 3, 6, 2 };
  double *out;
  ChainId id;
  VecKit k;

  vec_kit_init (&k);
  ctx.g = k.g;
  id = row->project (&ctx, vec_kit_leaf (&k, "w", &v, FALSE));
  vec_kit_eval (&k, BY_EXEC_F64, &id, 1, &out);
  g_assert_cmpmem (out, sizeof w, want, sizeof want);
  g_free (out);
  vec_kit_clear (&k);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vectors/regularisers", test_vectors);
  g_test_add_func ("/vectors/regularisers/kinds", test_kinds);
  g_test_add_func ("/vectors/regularisers/zero-row", test_zero_row);
  g_test_add_func ("/vectors/regularisers/weight-clipping", test_weight_clipping);
  return vec_test_run ();
}
