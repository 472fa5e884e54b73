/* SPDX-License-Identifier: Apache-2.0 */
/* Diagrams of a step: the numbers of the mock-up, every optimiser's lines, walks at each level on every sample, there and back. */
#include "tests/app/stepper/step-kit.h"

#include "app/stepper/diagram.h"

#include <math.h>
#include <string.h>

static char *
card_text (const ChainTrace *t, const ChainDiagram *d, guint position)
{
  g_autoptr (ChainStepCard) c = chain_step_card (t, d, position);
  g_autofree char *symbols = c->symbols != NULL ? chain_maths_to_text (c->symbols) : NULL;
  g_autofree char *numbers = c->numbers != NULL ? chain_maths_to_text (c->numbers) : NULL;
  g_autofree char *result = c->result != NULL ? chain_maths_to_text (c->result) : NULL;

  g_assert_true (c->title != NULL && c->title[0] != '\0');
  g_assert_true (c->spoken != NULL && c->spoken[0] != '\0');
  return g_strdup_printf ("%s|%s|%s|%s|%s", c->title, c->spoken, symbols != NULL ? symbols : "", numbers != NULL ? numbers : "", result != NULL ? result : "");
}

static void
test_example (void)
{
  static const char *const tape[] = { "z₁ = w₁ × x + b₁", "h = tanh z₁", "z₂ = w₂ × h + b₂", "p = tanh z₂", "z₃ = w₃ × h + b₃", "q = tanh z₃",
                                      "m₄ = w₄ × p", "m₅ = w₅ × q", "s = m₄ + m₅ + b₄", "L = BCE(s, t)" };
  ChainTrainer *trainer = step_kit_example ();
  g_autoptr (ChainTrace) t = step_kit_trace (trainer, CHAIN_TRACE_SAMPLE, 0);
  g_autoptr (ChainDiagram) d = chain_diagram_new (t, CHAIN_DETAIL_OPERATIONS, NULL, NULL);
  g_autoptr (ChainStepCard) c = chain_step_card (t, d, 23);
  g_autofree char *numbers = chain_maths_to_text (c->numbers), *result = chain_maths_to_text (c->result);
  guint n = 0;

  g_assert_cmpuint (d->n_forward, ==, 13);
  g_assert_cmpuint (d->n_backward, ==, 13);
  g_assert_cmpuint (d->cells->len, ==, 24);
  g_assert_cmpstr (c->title, ==, "Both branches meet at h");
  g_assert_nonnull (strstr (numbers, "(0.4154)(−0.90) + (−0.1208)(1.10)"));
  g_assert_nonnull (strstr (result, "−0.3738 − 0.1329 = −0.5068"));
  for (guint i = 0; i < d->cells->len; i++)
    if (chain_diagram_cell (d, i)->on_tape)
      {
        g_autofree char *name = chain_maths_to_text (chain_diagram_cell (d, i)->name), *making = chain_maths_to_text (chain_diagram_cell (d, i)->making);
        g_autofree char *line = g_strconcat (name, " = ", making, NULL);

        g_assert_cmpstr (line, ==, tape[n++]);
      }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (tape));
  chain_trainer_free (trainer);
}

/* Where a number is shown it is one, and nothing is without words. Contributions add up to the adjoint that the engine has. */
static void
walk (ChainTrainer *trainer, ChainTraceOf of, ChainDetail detail, const char *opened)
{
  g_autoptr (ChainTrace) t = step_kit_trace (trainer, of, 1);
  g_autoptr (ChainDiagram) d = chain_diagram_new (t, detail, opened, NULL);
  guint stride = MAX (1, d->events->len / 400);

  g_assert_cmpuint (d->events->len, >, 0);
  for (guint p = 0; p <= d->events->len; p += stride)
    {
      g_autofree char *text = card_text (t, d, p);

      if (strstr (text, "NaN") != NULL)
        g_error ("position %u: %s", p, text);
    }
  for (guint i = 0; i < d->cells->len; i++)
    {
      const ChainCell *c = chain_diagram_cell (d, i);
      ChainId sum = t->adjoint[c->node];

      g_assert_nonnull (c->name);
      g_assert_true (isfinite (chain_cell_value (t, c)));
      g_assert_true (chain_diagram_find (d, c->id) == c);
      if (c->adjoint_at == G_MAXUINT || c->row < 0 || c->col < 0)
        continue;
      g_assert_cmpfloat (chain_cell_adjoint (t, d, i, d->events->len), ==, chain_trace_at (t, sum, c->row, c->col));
    }
}

static void
test_walks (gconstpointer name)
{
  ChainTrainer *t = step_kit_trainer (step_kit_spec (name));

  for (guint of = 0; of < 3; of++)
    for (guint detail = 0; detail <= CHAIN_DETAIL_NODES; detail++)
      {
        walk (t, (ChainTraceOf) of, (ChainDetail) detail, NULL);
        walk (t, (ChainTraceOf) of, (ChainDetail) detail, "loss d1 d1:1 d1/act:0");
      }
  chain_trainer_free (t);
}

/* In one sample or f64 everything that arrives adds up to the engine's sum, but for rounding. */
static void
test_sums (gconstpointer name)
{
  ChainTrainer *trainer = step_kit_trainer (step_kit_spec (name));
  g_autoptr (ChainTrace) t = step_kit_trace (trainer, CHAIN_TRACE_SAMPLE, 2);
  g_autoptr (ChainDiagram) d = chain_diagram_new (t, CHAIN_DETAIL_OPERATIONS, NULL, NULL);
  guint checked = 0;

  g_assert_true (d->scalars);
  for (guint i = 0; i < d->cells->len; i++)
    {
      double sum = 0, size = 0, adjoint = chain_cell_adjoint (t, d, i, d->events->len);

      if (chain_diagram_cell (d, i)->adjoint_at == G_MAXUINT || chain_diagram_cell (d, i)->kind == CHAIN_CELL_LOSS)
        continue;
      for (guint k = 0; k < d->wires->len; k++)
        {
          const ChainWire *w = &g_array_index (d->wires, ChainWire, k);

          if (w->from != i || w->at == G_MAXUINT)
            continue;
          sum += chain_wire_contribution (t, d, k);
          size += fabs (chain_wire_contribution (t, d, k));
        }
      if (!(fabs (sum - adjoint) <= 1e-5 * (size + fabs (adjoint)) + 1e-12))
        g_error ("%s: %.9g arrives, %.9g is there", chain_diagram_cell (d, i)->id, sum, adjoint);
      checked++;
    }
  g_assert_cmpuint (checked, >, 10);
  chain_trainer_free (trainer);
}

static void
test_samples (void)
{
  g_autoptr (GPtrArray) paths = step_kit_samples ();

  for (guint i = 0; i < paths->len; i++)
    {
      ChainTrainer *t = step_kit_sample (g_ptr_array_index (paths, i));

      g_test_message ("%s", (char *) g_ptr_array_index (paths, i));
      for (guint detail = 0; detail <= CHAIN_DETAIL_NODES; detail++)
        walk (t, CHAIN_TRACE_SAMPLE, (ChainDetail) detail, NULL);
      walk (t, CHAIN_TRACE_BATCH, CHAIN_DETAIL_LAYERS, NULL);
      chain_trainer_free (t);
    }
  g_assert_cmpuint (paths->len, >, 15);
}

/* From every position of a long tape: away and back, by either grain, the same card and the same bits. */
static void
test_there_and_back (void)
{
  ChainSpec *spec = step_kit_spec ("skip");
  ChainTrainer *trainer;
  g_autoptr (ChainTrace) t = NULL;
  g_autoptr (ChainDiagram) d = NULL;
  g_autoptr (GPtrArray) cards = g_ptr_array_new_with_free_func (g_free);

  chain_layer_set_units (g_ptr_array_index (spec->layers, 0), 9);
  chain_layer_set_units (g_ptr_array_index (spec->layers, 1), 9);
  trainer = step_kit_trainer (spec);
  t = step_kit_trace (trainer, CHAIN_TRACE_SAMPLE, 0);
  d = chain_diagram_new (t, CHAIN_DETAIL_OPERATIONS, "loss", NULL);
  g_assert_true (d->scalars);
  g_assert_cmpuint (d->events->len, >=, 300);
  for (guint p = 0; p <= d->events->len; p++)
    g_ptr_array_add (cards, card_text (t, d, p));
  for (guint p = d->events->len + 1; p-- > 0;)
    {
      guint away = chain_diagram_move (d, chain_diagram_move (d, p, CHAIN_MOVE_LAYER, TRUE), CHAIN_MOVE_LAYER, FALSE);
      g_autofree char *text = card_text (t, d, p), *there = card_text (t, d, away);

      g_assert_cmpstr (text, ==, g_ptr_array_index (cards, p));
      g_assert_cmpstr (there, ==, g_ptr_array_index (cards, away));
      g_assert_cmpuint (chain_diagram_move (d, MIN (p + 1, d->events->len), CHAIN_MOVE_OPERATION, TRUE), ==, MIN (p, d->events->len - 1));
    }
  chain_trainer_free (trainer);
}

/* Another detail of the same step: the same phase, both ends kept; the same detail: the same position. From units to operations and back too. */
static void
test_moments (gconstpointer name)
{
  ChainTrainer *trainer = step_kit_trainer (step_kit_spec (name));
  g_autoptr (ChainTrace) t = step_kit_trace (trainer, CHAIN_TRACE_SAMPLE, 0);

  for (guint a = 0; a <= CHAIN_DETAIL_NODES; a++)
    for (guint b = 0; b <= CHAIN_DETAIL_NODES; b++)
      {
        g_autoptr (ChainDiagram) from = chain_diagram_new (t, (ChainDetail) a, NULL, NULL), to = chain_diagram_new (t, (ChainDetail) b, NULL, NULL);

        g_assert_cmpuint (chain_diagram_moment (from, 0, to), ==, 0);
        g_assert_cmpuint (chain_diagram_moment (from, from->events->len, to), ==, to->events->len);
        for (guint p = 1; p <= from->events->len; p++)
          {
            guint q = chain_diagram_moment (from, p, to);
            const ChainEventRow *e = &g_array_index (from->events, ChainEventRow, p - 1);

            g_assert_cmpuint (q, <=, to->events->len);
            if (a == b)
              g_assert_cmpuint (q, ==, p);
            if (e->phase == CHAIN_PHASE_FORWARD)
              g_assert_cmpuint (q, <=, to->n_forward);
            else
              g_assert_cmpuint (q, >=, to->n_forward);
            if (a == CHAIN_DETAIL_UNITS && b == CHAIN_DETAIL_OPERATIONS)
              g_assert_cmpuint (chain_diagram_moment (to, q, from), ==, p);
          }
      }
  chain_trainer_free (trainer);
}

/* Each line of each row's pseudo-code has numbers, and none is missing. */
static void
test_optimisers (void)
{
  guint n;
  const ChainOptimRow *rows = chain_table_optims (&n);

  for (guint k = 0; k < n; k++)
    {
      ChainSpec *spec = step_kit_spec ("plain");
      ChainTrainer *trainer;

      chain_choice_set (&spec->optimiser, rows[k].info.id, NULL);
      trainer = step_kit_trainer (spec);
      g_assert_true (chain_trainer_iterate (trainer));
      for (guint which = 0; which < 2; which++)
        {
          g_autoptr (ChainTrace) t = step_kit_trace (trainer, CHAIN_TRACE_SAMPLE, 1);
          g_autoptr (ChainDiagram) d = chain_diagram_new (t, CHAIN_DETAIL_OPERATIONS, NULL, which ? "d1.bias:0:1" : "d1.weight:2:1");
          g_autoptr (ChainStepCard) c = chain_step_card (t, d, d->events->len);

          g_assert_cmpuint (d->n_update, >=, 2);
          for (guint i = 0; i < d->n_update; i++)
            {
              g_autofree char *line = chain_maths_to_text (c->line_maths[i]), *numbers = chain_maths_to_text (c->line_numbers[i]);

              if (numbers[0] == '\0' || strstr (numbers, "NaN") != NULL)
                g_error ("%s, line %u (%s): “%s”", rows[k].info.id, i + 1, c->lines[i], numbers);
              g_assert_true (line[0] != '\0');
            }
        }
      chain_trainer_free (trainer);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diagram/example", test_example);
  g_test_add_func ("/diagram/optimisers", test_optimisers);
  g_test_add_func ("/diagram/there-and-back", test_there_and_back);
  for (guint i = 0; step_kit_names[i] != NULL; i++)
    {
      g_autofree char *walks = g_strconcat ("/diagram/walks/", step_kit_names[i], NULL), *sums = g_strconcat ("/diagram/sums/", step_kit_names[i], NULL);
      g_autofree char *moments = g_strconcat ("/diagram/moments/", step_kit_names[i], NULL);

      g_test_add_data_func (walks, step_kit_names[i], test_walks);
      g_test_add_data_func (sums, step_kit_names[i], test_sums);
      g_test_add_data_func (moments, step_kit_names[i], test_moments);
    }
  g_test_add_func ("/diagram/samples", test_samples);
  return g_test_run ();
}
