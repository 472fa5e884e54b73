/* SPDX-License-Identifier: Apache-2.0 */
/* What a user types reaches the network: a typed loss is checked with the spec and has the engine's gradient, typed features are columns of
 * the data set, the same ones for prediction as for training. */
#include "engine/graph/eval-ref.h"
#include "engine/graph/grad.h"
#include "engine/nn/dataset.h"
#include "engine/nn/model.h"
#include "engine/nn/table.h"

#include <math.h>
#include <string.h>

static ChainSpec *
spec_with (const char *expr, const char *const *features)
{
  g_autoptr (ChainSpec) example = chain_spec_example ();
  ChainSpec *s = chain_spec_copy (example);
  ChainLossTerm *t = s->losses->pdata[0];

  chain_choice_set (&t->choice, "formula", NULL);
  if (expr != NULL)
    chain_choice_set_text (&t->choice, "expr", expr);
  for (; features != NULL && *features != NULL; features++)
    g_ptr_array_add (s->data.features, g_strdup (*features));
  return chain_spec_seal (s);
}

static void
test_loss_checked (void)
{
  static const struct { const char *expr, *says; } cases[] = {
    { "(y - t)^2", NULL },
    { "where(abs(y − t) < 1, (y − t)²/2, abs(y − t) − 0.5)", NULL },
    { "sqr(y - t)", "Loss: “expr” of “formula”: Column 1: “sqr” is not a function; did you mean “sqrt”?" },
    { "(y - x)^2", "Column 6: “x” is not known here; use y or t" },
    { "t^2", "does not contain y" },
    { "", "Column 1: the formula is empty" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ChainSpec) s = spec_with (cases[i].expr, NULL);
      g_autoptr (GError) error = NULL;
      gboolean ok = chain_spec_validate (s, 2, &error);

      g_assert_cmpint (ok, ==, cases[i].says == NULL);
      if (!ok && strstr (error->message, cases[i].says) == NULL)
        g_error ("%s: %s", cases[i].expr, error->message);
    }
}

/* Value and gradient of a typed Huber are those of the row "huber". */
static void
test_loss_built (void)
{
  static const double y[4] = { 0.2, 3, -2, 1 }, t[4] = { 0, 0, 1, 1 };
  const ChainLossRow *rows[2] = { chain_loss_row ("formula"), chain_loss_row ("huber") };
  g_autoptr (ChainSpec) s = spec_with ("where(abs(y - t) < 1, (y - t)^2/2, abs(y - t) - 0.5)", NULL);
  ChainGraph *g = chain_graph_new ();
  ChainId in[2] = { chain_leaf (g, CHAIN_LEAF_INPUT, "y", chain_shape (4, 1)), chain_leaf (g, CHAIN_LEAF_INPUT, "t", chain_shape (4, 1)) };
  ChainRefBinding bind[2] = { { in[0], y }, { in[1], t } };
  ChainId ids[4];
  double out[4][4], *into[4] = { out[0], out[1], out[2], out[3] };

  for (guint i = 0; i < 2; i++)
    {
      ChainParams p = { &rows[i]->info, i == 0 ? &((ChainLossTerm *) s->losses->pdata[0])->choice : NULL };

      ids[i] = rows[i]->build (g, in, &p);
      g_assert_true (chain_grad (g, chain_sum_all (g, ids[i]), CHAIN_NONE, in, 1, &ids[2 + i], NULL, NULL));
    }
  g_assert_true (chain_ref_eval (g, bind, 2, 4, 0, ids, 4, into, NULL));
  for (guint k = 0; k < 4; k++)
    {
      g_assert_cmpfloat (fabs (out[0][k] - out[1][k]), <, 1e-15);
      g_assert_cmpfloat (fabs (out[2][k] - out[3][k]), <, 1e-15);
    }
  chain_graph_free (g);
}

static void
test_features (void)
{
  static const char *const typed[] = { "x1^2", "x₁·x2", "sin(pi*x2)", NULL };
  g_autoptr (ChainSpec) s = spec_with (NULL, typed), copy = chain_spec_copy (s);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainTable) table = chain_table_generate (&s->data, &error);
  g_autoptr (ChainDataset) d = chain_dataset_new (s, table, NULL, &error), all = NULL;
  g_auto (GStrv) names = NULL;

  g_assert_no_error (error);
  g_assert_true (chain_spec_equal (s, copy));
  g_ptr_array_remove_index (copy->data.features, 1);
  g_assert_false (chain_spec_equal (s, copy));
  g_assert_cmpuint (d->d, ==, 5);
  g_assert_cmpuint (chain_prep_n_columns (d->prep), ==, 2);
  for (guint i = 0; i < d->n; i++)
    {
      const double *x = d->x + (gsize) i * 5;

      g_assert_cmpfloat (x[2], ==, x[0] * x[0]);
      g_assert_cmpfloat (x[3], ==, x[0] * x[1]);
      g_assert_cmpfloat (x[4], ==, sin (G_PI * x[1]));
    }
  names = chain_prep_input_names (d->prep);
  g_assert_cmpuint (g_strv_length (names), ==, 5);
  g_assert_cmpstr (names[2], ==, "x₁²");
  all = chain_dataset_apply (d->prep, table, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (all->x + (gsize) d->rows[7] * 5, 5 * sizeof (double), d->x + 35, 5 * sizeof (double));
  chain_spec_seal (copy);
  g_assert_null (chain_dataset_new (copy, table, d->prep, &error));
  g_assert_nonnull (strstr (error->message, "not those that this document was fitted with"));
  g_clear_error (&error);
  chain_dataset_unref (chain_dataset_new (s, table, d->prep, &error));
  g_assert_no_error (error);
}

static void
test_features_refused (void)
{
  static const struct { const char *text, *says; gboolean in_spec; } cases[] = {
    { "x1 +", "Data, feature 2: Column 5: the formula ends here", TRUE },
    { "y", "Data, feature 2: Column 1: “y” is not known here; use x1, x2 …", TRUE },
    { "x3", "Data, feature 2: Column 1: “x3” is not known here; use x1 or x2", FALSE },
    { "ln(x1)", "the feature “ln(x1)” is not a finite number there", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *typed[] = { "x1", cases[i].text, NULL };
      g_autoptr (ChainSpec) s = spec_with (NULL, typed);
      g_autoptr (GError) error = NULL;
      g_autoptr (ChainTable) table = chain_table_generate (&s->data, NULL);
      gboolean ok = chain_spec_validate (s, 0, &error);

      g_assert_cmpint (ok, ==, !cases[i].in_spec);
      if (ok)
        g_assert_null (chain_dataset_new (s, table, NULL, &error));
      if (strstr (error->message, cases[i].says) == NULL)
        g_error ("%s: %s", cases[i].text, error->message);
    }
}

/* Also a loss whose gradient is nothing anywhere makes a model, which then learns nothing. */
static void
test_model (void)
{
  static const char *const typed[] = { "x1*x2", NULL };
  static const char *const exprs[] = { "abs(y - t)^1.5", "y > t" };

  for (guint i = 0; i < G_N_ELEMENTS (exprs); i++)
    {
      g_autoptr (ChainSpec) s = spec_with (exprs[i], typed);
      g_autoptr (GError) error = NULL;
      g_autoptr (ChainTable) table = chain_table_generate (&s->data, NULL);
      g_autoptr (ChainDataset) d = chain_dataset_new (s, table, NULL, &error);
      ChainModel *m = chain_model_new (s, d->prep, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (m->d, ==, 3);
      g_assert_true (chain_graph_validate (m->graph, &error));
      chain_model_free (m);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/typed/loss-checked", test_loss_checked);
  g_test_add_func ("/nn/typed/loss-built", test_loss_built);
  g_test_add_func ("/nn/typed/features", test_features);
  g_test_add_func ("/nn/typed/features-refused", test_features_refused);
  g_test_add_func ("/nn/typed/model", test_model);
  return g_test_run ();
}
