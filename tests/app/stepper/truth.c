/* SPDX-License-Identifier: Apache-2.0 */
/* What the cards say is true: the line of numbers, read back as a formula and computed, gives the result; a norm is never put in for a factor; a line
 * is not longer than a card. On ten networks, at every detail that has scalars, forward and backward. */
#include "tests/app/stepper/step-kit.h"

#include "app/stepper/diagram.h"
#include "engine/lang/formula.h"

#include <math.h>
#include <string.h>

static guint n_computed;

static char *
replaced (const char *text, const char *from, const char *to)
{
  g_auto (GStrv) parts = g_strsplit (text, from, -1);

  return g_strjoinv (to, parts);
}

/* As a typed formula: "(−0.52)(0.08) × 2" becomes "(-0.52)*(0.08) * 2". */
static char *
as_formula (const char *numbers)
{
  static const char *const pairs[][2] = { { "−", "-" }, { "×", "*" }, { ")(", ")*(" }, { "σ", "sigmoid" }, { "²", "^2" }, { "·", "*" } };
  char *text = g_strdup (numbers);

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      char *next = replaced (text, pairs[i][0], pairs[i][1]);

      g_free (text);
      text = next;
    }
  {
    g_autoptr (GRegex) bare = g_regex_new ("([a-z]) (\\(?-?[0-9.]+\\)?)", 0, 0, NULL);   /* tanh 0.5 */
    char *next = g_regex_replace (bare, text, -1, 0, "\\1(\\2)", 0, NULL);

    g_free (text);
    text = next;
  }
  return text;
}

static gboolean
is_left_out (const char *numbers)
{
  static const char *const words[] = { "⋯", "…", "dropout", "10⁻", "10⁺", "concat", "10ˣ", "√", "<", "/", "lse", "10²", "10³" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (numbers, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

/* Four decimals each: an error of a few units of the fourth for each number in it. */
static void
compare (const char *numbers, double shown, const char *where, guint position)
{
  const char *eq = strstr (numbers, " = ");
  const char *right = eq != NULL ? eq + 3 : numbers;
  g_autofree char *text = as_formula (right);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainFormula) f = NULL;
  double v;

  if (is_left_out (right))
    return;
  f = chain_formula_parse (text, (const char *const[]){ NULL }, NULL, &error);
  if (f == NULL)
    g_test_message ("not read: %s", text);
  if (f == NULL)
    return;   /* an operation that is not of the language: maximum over a row, a loss of its own name */
  v = chain_formula_eval (f, NULL, NULL);
  n_computed++;
  if (!(fabs (v - shown) <= 3e-3 * (1 + fabs (shown))))
    g_error ("%s, position %u: %s is %g, not %g", where, position, numbers, v, shown);
}

static void
judge (const ChainTrace *t, const ChainDiagram *d, guint p, const char *where)
{
  const ChainEventRow *e = &g_array_index (d->events, ChainEventRow, p - 1);
  const ChainCell *cell = chain_diagram_cell (d, e->cell);
  g_autoptr (ChainStepCard) c = chain_step_card (t, d, p);
  g_autofree char *numbers = c->numbers != NULL ? chain_maths_to_text (c->numbers) : NULL;
  g_autofree char *symbols = c->symbols != NULL ? chain_maths_to_text (c->symbols) : NULL;
  gint64 rows, cols;

  g_assert_true (numbers == NULL || strstr (numbers, "NaN") == NULL);
  g_assert_cmpint (symbols != NULL ? g_utf8_strlen (symbols, -1) : 0, <, 200);
  if (e->phase != CHAIN_PHASE_FORWARD)
    {
      gboolean shared = c->node != CHAIN_NONE && t->b > 1 && chain_graph_node (t->model->graph, c->node)->op == CHAIN_OP_LEAF;

      if (!shared && c->node != CHAIN_NONE && numbers != NULL && t->adjoint[c->node] != CHAIN_NONE)   /* shared: the card speaks of this row's part */
        compare (numbers, chain_trace_at (t, t->adjoint[c->node], c->row, c->col), where, p);
      return;
    }
  chain_trace_shape (t, cell->node, &rows, &cols);
  if (numbers == NULL || ((cell->row < 0 || cell->col < 0) && rows * cols > 1))
    return;
  compare (numbers, chain_cell_value (t, cell), where, p);
}

static void
test_truth (gconstpointer name)
{
  ChainTrainer *trainer = step_kit_trainer (step_kit_spec (name));

  n_computed = 0;
  for (guint of = 0; of < 3; of++)
    for (guint detail = 0; detail < CHAIN_DETAIL_NODES; detail++)
      {
        g_autoptr (ChainTrace) t = step_kit_trace (trainer, (ChainTraceOf) of, 3);
        g_autoptr (ChainDiagram) d = chain_diagram_new (t, (ChainDetail) detail, NULL, NULL);
        g_autofree char *where = g_strdup_printf ("%s, of %u, detail %u", (const char *) name, of, detail);

        for (guint p = 1; p <= d->n_forward + d->n_backward; p++)
          judge (t, d, p, where);
      }
  g_test_message ("%s: %u lines computed", (const char *) name, n_computed);
  g_assert_cmpuint (n_computed, >=, 20);
  chain_trainer_free (trainer);
}

/* The unit of a small network, in full. */
static void
test_unit (void)
{
  ChainTrainer *trainer = step_kit_trainer (step_kit_spec ("plain"));
  g_autoptr (ChainTrace) t = step_kit_trace (trainer, CHAIN_TRACE_SAMPLE, 0);
  g_autoptr (ChainDiagram) d = chain_diagram_new (t, CHAIN_DETAIL_UNITS, NULL, NULL);
  g_autoptr (ChainStepCard) first = chain_step_card (t, d, 1), second = NULL;
  g_autofree char *text = chain_maths_to_text (first->symbols), *making = NULL;
  const ChainCell *unit = chain_diagram_cell (d, g_array_index (d->events, ChainEventRow, 0).cell);
  g_autoptr (ChainDiagram) layers = chain_diagram_new (t, CHAIN_DETAIL_LAYERS, NULL, NULL);
  g_autofree char *whole = NULL;

  g_assert_nonnull (strstr (text, "tanh("));
  g_assert_nonnull (strstr (text, "× x₁ + "));
  making = chain_maths_to_text (unit->making);
  g_assert_cmpint (g_utf8_strlen (making, -1), <, 12);
  second = chain_step_card (t, layers, 1);
  whole = chain_maths_to_text (second->symbols);
  g_assert_cmpstr (whole, ==, "H⁽¹⁾ = tanh(xW⁽¹⁾ᵀ + b⁽¹⁾)");
  chain_trainer_free (trainer);
}

/* Whatever has an adjoint has a difference, also a matrix: at the entry of the largest adjoint, or at the one that was chosen. */
static void
test_matrices (void)
{
  ChainTrainer *trainer = step_kit_trainer (step_kit_spec ("plain"));
  g_autoptr (ChainTrace) t = step_kit_trace (trainer, CHAIN_TRACE_BATCH, 0);
  g_autoptr (ChainDiagram) d = chain_diagram_new (t, CHAIN_DETAIL_LAYERS, NULL, NULL);
  g_autoptr (ChainProbe) probe = chain_probe_new (t, NULL);
  guint n = 0;

  for (guint p = 1; p <= d->n_forward + d->n_backward; p++)
    {
      g_autoptr (ChainStepCard) c = chain_step_card (t, d, p);
      ChainProbeResult r;

      if (c->entry == NULL)
        continue;
      g_assert_true (chain_probe_run (probe, c->node, c->row, c->col, &r, NULL));
      g_assert_true (r.agrees || r.kink);
      n++;
    }
  g_assert_cmpuint (n, >=, 2);
  {
    guint last = d->n_forward + d->n_backward;
    g_autoptr (ChainStepCard) chosen = chain_step_card_at (t, d, last, "d1.weight", 1, 1), own = chain_step_card (t, d, last);

    g_assert_cmpint (chosen->row, ==, 1);
    g_assert_cmpint (chosen->col, ==, 1);
    g_assert_nonnull (own->entry);
  }
  chain_trainer_free (trainer);
}

/* Weights 0 before a rectifier: its kink is named with what is done there. */
static void
test_kink (void)
{
  ChainSpec *spec = step_kit_spec ("relu");
  ChainTrainer *trainer;
  gboolean found = FALSE;

  chain_choice_set (&((ChainLayer *) g_ptr_array_index (spec->layers, 0))->initialiser, "zeros", NULL);
  trainer = step_kit_trainer (spec);
  {
    g_autoptr (ChainTrace) t = step_kit_trace (trainer, CHAIN_TRACE_SAMPLE, 0);
    g_autoptr (ChainDiagram) d = chain_diagram_new (t, CHAIN_DETAIL_OPERATIONS, NULL, NULL);
    g_autoptr (ChainProbe) probe = chain_probe_new (t, NULL);

    for (guint p = d->n_forward + 1; p <= d->n_forward + d->n_backward; p++)
      {
        g_autoptr (ChainStepCard) c = chain_step_card (t, d, p);
        ChainProbeResult r;

        if (c->node == CHAIN_NONE || !chain_probe_run (probe, c->node, c->row, c->col, &r, NULL) || !r.kink)
          continue;
        found = TRUE;
        g_assert_cmpint (r.kinked, ==, CHAIN_OP_RELU);
        g_assert_true (r.at_kink);
        {
          g_autofree char *text = chain_probe_kink_text (&r);

          g_assert_true (g_str_has_prefix (text, "Kink of relu: by convention ∂y/∂a = 1 if a > 0, else 0 (0 at a = 0); the central difference gives "));
        }
      }
  }
  g_assert_true (found);
  chain_trainer_free (trainer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; step_kit_names[i] != NULL; i++)
    {
      g_autofree char *path = g_strconcat ("/truth/", step_kit_names[i], NULL);

      g_test_add_data_func (path, step_kit_names[i], test_truth);
    }
  g_test_add_func ("/truth/unit", test_unit);
  g_test_add_func ("/truth/matrices", test_matrices);
  g_test_add_func ("/truth/kink", test_kink);
  return g_test_run ();
}
