/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of the update: for every row and variant of the optimiser table, on a matrix and on a vector, what the last line leaves is bit for bit the
 * weight that the trainer has after the step; lines are typeset, numbers stand in the places of the symbols, and come to what the engine has. */
#include "tests/app/stepper/step-kit.h"

#include "app/stepper/diagram.h"
#include "app/stepper/words/pseudo.h"

#include <math.h>
#include <string.h>

static guint n_lines, n_plugged;

static const ChainTensorInfo *
param_named (const ChainTrace *t, const char *name)
{
  return chain_model_tensor (t->model, name);
}

static guint
plugged_lines (const ChainStepCard *c)
{
  guint n = 0;

  for (guint i = 0; c->lines[i] != NULL; i++)
    {
      g_autofree char *numbers = chain_maths_to_text (c->line_numbers[i]);
      g_auto (GStrv) sides = g_strsplit (numbers, " = ", -1);

      n_lines++;
      n += g_strv_length (sides) > 2;
      g_assert_null (strstr (numbers, "NaN"));
      g_assert_null (strstr (c->lines[i], "slide"));
    }
  n_plugged += n;
  return n;
}

/* The trace is the step that the trainer makes next. */
static guint
judge (ChainTrainer *trainer, const char *tensor, const char *watched, gint64 row, gint64 col, const char *what)
{
  g_autoptr (ChainTrace) t = step_kit_trace (trainer, CHAIN_TRACE_BATCH, 0);
  g_autoptr (ChainDiagram) d = chain_diagram_new (t, CHAIN_DETAIL_OPERATIONS, NULL, watched);
  g_autoptr (ChainStepCard) c = chain_step_card_at (t, d, d->events->len, watched, row, col);
  const ChainTensorInfo *info = param_named (t, tensor);
  double shown = chain_trace_at (t, info->next, row, col);
  ChainSnapshot *s;
  guint n = plugged_lines (c);

  g_assert_cmpuint (g_strv_length (c->lines), ==, d->n_update);
  g_assert_true (chain_trainer_iterate (trainer));
  s = chain_trainer_snapshot (trainer, CHAIN_WANT_TRACE);
  if (chain_trace_at (s->trace, info->leaf, row, col) != shown)
    g_error ("%s: the last line leaves %.9g, the trainer has %.9g", what, shown, chain_trace_at (s->trace, info->leaf, row, col));
  chain_snapshot_unref (s);
  return n;
}

/* Rows whose lines are calls, draws or statistics of whole matrices: their results are told. */
static gboolean
is_wrapped (const char *id)
{
  return strcmp (id, "sam") == 0 || strcmp (id, "asam") == 0 || strcmp (id, "lookahead") == 0;
}

static void
test_row (const ChainOptimRow *row, const char *variant)
{
  ChainSpec *spec = step_kit_spec ("plain");
  g_autofree char *what = g_strdup_printf ("%s, %s", row->info.id, variant != NULL ? variant : "default");
  ChainTrainer *trainer;
  guint n = 0;

  chain_choice_set (&spec->optimiser, row->info.id, variant);
  trainer = step_kit_trainer (spec);
  for (guint k = 0; k < 3; k++)
    {
      n += judge (trainer, "d1.weight", "d1.weight", 2, 1, what);
      n += judge (trainer, "d1.bias", "d1.bias", 0, 1, what);
    }
  g_test_message ("%s: %u lines with numbers in six steps", what, n);
  g_assert_cmpuint (n, >=, is_wrapped (row->info.id) ? 0 : 6);
  chain_trainer_free (trainer);
}

static void
test_rows (void)
{
  guint n;
  const ChainOptimRow *rows = chain_table_optims (&n);

  for (guint i = 0; i < n; i++)
    {
      test_row (&rows[i], NULL);
      for (guint k = 1; rows[i].info.variants != NULL && rows[i].info.variants[k] != NULL; k++)
        test_row (&rows[i], rows[i].info.variants[k]);
    }
  g_test_message ("%u of %u lines with numbers", n_plugged, n_lines);
  g_assert_cmpuint (n_plugged * 2, >, n_lines);
}

static double
value_cb (const char *symbol, guint clause, gboolean norm, gpointer data)
{
  return norm ? 5 : strcmp (symbol, "a") == 0 ? 3 : strcmp (symbol, "β₁") == 0 ? 0.5 : strcmp (symbol, "t") == 0 ? 2 : NAN;
}

static void
test_reading (void)
{
  static const struct { const char *line, *text, *numbers; double value; } cases[] = {
    { "x ← β₁ a − (1 − β₁) a", "x ← β₁ a − (1 − β₁) a", "0.5 × 3 − (1 − 0.5) × 3", 0 },
    { "x ← a / (1 − β₁ᵗ)", NULL, NULL, 4 },
    { "x ← √(a + 1) / β₁ · a", NULL, NULL, 12 },
    { "x ← a² ⊙ a / (‖a‖ + 1e-12)", NULL, NULL, 27 / 5. },
    { "x ← (1 − a)/(1 − β₁) a", NULL, NULL, -12 },
    { "x ← −a + |a| sign(a) max(a, 4)", NULL, NULL, 9 },
    { "x ← 1 − a^−2", NULL, NULL, 1 - 1 / 9. },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ChainPseudo) p = _chain_pseudo_parse (cases[i].line);
      g_autoptr (ChainMaths) numbers = NULL;
      double v;

      g_assert_nonnull (p);
      numbers = _chain_pseudo_numbers (p, 0, value_cb, NULL, &v);
      g_assert_nonnull (numbers);
      g_assert_cmpfloat_with_epsilon (v, cases[i].value, 1e-9);
    }
  g_assert_null (_chain_pseudo_parse ("if g g₀ < 0: g ← 0"));
  g_assert_null (_chain_pseudo_parse ("x ← (a"));
  g_assert_null (_chain_pseudo_parse ("x ← a b +"));
  g_assert_null (_chain_pseudo_parse (""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/update/reading", test_reading);
  g_test_add_func ("/update/rows", test_rows);
  return g_test_run ();
}
