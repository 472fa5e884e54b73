/* SPDX-License-Identifier: Apache-2.0 */
/* Captions. Where a rule hands something to several values, the one that the card follows is told in full (of a product: what is computed, not the
 * weight) and the others get their result in the same sentence. Matrices are spoken of by their norms. */
#include "config.h"

#include "app/stepper/story.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/stepper/private.h"

#define NAMED 3u      /* of many receivers, so many are named */

static const ChainWire *
wire_at (const ChainDiagram *d, guint i)
{
  return &g_array_index (d->wires, ChainWire, i);
}

static char *
text_of (const ChainDiagram *d, guint cell)
{
  return chain_maths_to_text (chain_diagram_cell (d, cell)->name);
}

static char *
number (double v)
{
  ChainMaths *m = _chain_number (v);
  char *text = chain_maths_to_text (m);

  chain_maths_unref (m);
  return text;
}

/* As a summand: a negative one in brackets. */
static char *
summand (double v)
{
  g_autofree char *n = number (v);

  return v < 0 ? g_strdup_printf ("(%s)", n) : g_steal_pointer (&n);
}

static gboolean
is_scalar (const ChainCell *c)
{
  return c->row >= 0 && c->col >= 0;
}

static void
tell (ChainStory *s, ChainTell what, char *caption)
{
  s->tell[s->n] = what;
  s->caption[s->n++] = caption;
}

/* --- a value is made --- */
/* "w₁ = 1.2, x = 0.8". */
static char *
inputs_text (const ChainTrace *t, const ChainDiagram *d, guint cell)
{
  GString *s = g_string_new (NULL);
  guint n = _chain_guints (d->p->wires_in, cell);

  for (guint k = 0; k < MIN (n, NAMED); k++)
    {
      guint from = wire_at (d, _chain_guint (d->p->wires_in, cell, k))->from;
      const ChainCell *c = chain_diagram_cell (d, from);
      g_autofree char *name = text_of (d, from), *value = number (chain_cell_value (t, c));

      if (k > 0)
        g_string_append (s, ", ");
      if (c->kind == CHAIN_CELL_CONSTANT)
        g_string_append (s, name);
      else
        g_string_append_printf (s, is_scalar (c) ? "%s = %s" : "‖%s‖ = %s", name, value);
    }
  if (n > NAMED)
    g_string_append_printf (s, g_dngettext (GETTEXT_PACKAGE, " and %u more", " and %u more", n - NAMED), n - NAMED);
  return g_string_free (s, FALSE);
}

static void
tell_value (const ChainTrace *t, const ChainDiagram *d, guint cell, ChainStory *s)
{
  const ChainCell *c = chain_diagram_cell (d, cell);
  g_autofree char *name = text_of (d, cell), *inputs = inputs_text (t, d, cell), *value = number (chain_cell_value (t, c));
  g_autofree char *making = c->making != NULL ? chain_maths_to_text (c->making) : NULL;

  if (*inputs != '\0')
    tell (s, CHAIN_TELL_TAKE, g_strdup_printf (_("Taken: %s"), inputs));
  if (making != NULL)
    tell (s, CHAIN_TELL_APPLY, g_strdup_printf (_("%s is computed: %s = %s"), c->symbol, name, making));
  if (!is_scalar (c))
    tell (s, CHAIN_TELL_RESULT, g_strdup_printf (c->on_tape ? _("%s appears and is stored: ‖%s‖ = %s") : _("%s appears: ‖%s‖ = %s"), name, name, value));
  else
    tell (s, CHAIN_TELL_RESULT, g_strdup_printf (c->on_tape ? _("The result appears and is stored: %s = %s") : _("The result appears: %s = %s"), name, value));
}

/* --- an adjoint is passed on --- */
/* Wires that bring something now: first the one that the card follows. (transfer full). */
static GArray *
flows_at (const ChainDiagram *d, guint cell, guint position)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint k = 0; k < _chain_guints (d->p->wires_in, cell); k++)
    {
      guint i = _chain_guint (d->p->wires_in, cell, k);
      gboolean param = chain_diagram_cell (d, wire_at (d, i)->from)->kind == CHAIN_CELL_PARAM;

      if (wire_at (d, i)->at != position)
        continue;
      if (!param && (out->len == 0 || chain_diagram_cell (d, wire_at (d, g_array_index (out, guint, 0))->from)->kind == CHAIN_CELL_PARAM))
        g_array_prepend_val (out, i);
      else
        g_array_append_val (out, i);
    }
  return out;
}

static guint
contributions (const ChainDiagram *d, guint cell, guint position, guint *by_now)
{
  guint n = 0;

  *by_now = 0;
  for (guint k = 0; k < _chain_guints (d->p->wires_out, cell); k++)
    {
      guint at = wire_at (d, _chain_guint (d->p->wires_out, cell, k))->at;

      n += at != G_MAXUINT;
      *by_now += at != G_MAXUINT && at <= position;
    }
  return n;
}

static char *
multiply_text (const ChainTrace *t, const ChainDiagram *d, guint wire)
{
  const ChainWire *w = wire_at (d, wire);
  double local = chain_wire_local (t, d, wire), gives = chain_wire_contribution (t, d, wire);
  g_autofree char *symbols = w->local != NULL ? chain_maths_to_text (w->local) : g_strdup ("∂"), *l = number (local), *above = NULL, *result = number (gives);

  if (isnan (local) || !d->scalars || !is_scalar (chain_diagram_cell (d, w->from)) || !is_scalar (chain_diagram_cell (d, w->to)))
    return g_strdup_printf (_("is multiplied by the local derivative %s"), symbols);
  if (local == 1)
    return g_strdup_printf (_("is multiplied by the local derivative %s: it stays %s"), g_str_has_suffix (symbols, "= 1") ? symbols : "1", result);
  above = number (chain_cell_adjoint (t, d, w->to, G_MAXUINT));
  return g_strdup_printf (_("is multiplied by the local derivative %s = %s: (%s)(%s) = %s"), symbols, l, above, l, result);
}

static char *
arrive_text (const ChainTrace *t, const ChainDiagram *d, guint wire, guint position)
{
  const ChainWire *w = wire_at (d, wire);
  const ChainCell *c = chain_diagram_cell (d, w->from);
  double before = chain_cell_adjoint (t, d, w->from, position - 1), gives = chain_wire_contribution (t, d, wire);
  guint by_now, n = contributions (d, w->from, position, &by_now);
  g_autofree char *name = text_of (d, w->from), *now = number (chain_cell_adjoint (t, d, w->from, position)), *part = number (gives);

  if (!is_scalar (c) && n > 1)
    return g_strdup_printf (_("and is added at %s (%u of %u): norm %s"), name, by_now, n, now);
  if (!is_scalar (c))
    return g_strdup_printf (_("and arrives at %s: norm %s"), name, now);
  if (n > 1 && !isnan (before))
    {
      g_autofree char *was = number (before), *added = summand (gives);

      return g_strdup_printf (_("and is added at %s: %s + %s = %s"), name, was, added, now);
    }
  if (n > 1)
    return g_strdup_printf (_("and waits at %s, branch %u of %u: %s"), name, by_now, n, part);
  return g_strdup_printf (_("and arrives at %s: %s"), name, now);
}

/* "; at w₂: −0.0699". */
static char *
others_text (const ChainTrace *t, const ChainDiagram *d, const GArray *flows, guint position)
{
  GString *s = g_string_new (NULL);

  for (guint k = 1; k < MIN (flows->len, NAMED + 1); k++)
    {
      guint from = wire_at (d, g_array_index (flows, guint, k))->from;
      g_autofree char *name = text_of (d, from), *v = number (chain_cell_adjoint (t, d, from, position));

      g_string_append_printf (s, _("; at %s: %s"), name, v);
    }
  if (flows->len > NAMED + 1)
    g_string_append_printf (s, g_dngettext (GETTEXT_PACKAGE, "; and %u more", "; and %u more", flows->len - NAMED - 1), flows->len - NAMED - 1);
  return g_string_free (s, FALSE);
}

static void
tell_adjoint (const ChainTrace *t, const ChainDiagram *d, guint cell, guint position, ChainStory *s)
{
  const ChainCell *c = chain_diagram_cell (d, cell);
  g_autoptr (GArray) flows = flows_at (d, cell, position);
  g_autofree char *own = text_of (d, _chain_named_cell (d, cell)), *v = number (chain_cell_adjoint (t, d, cell, G_MAXUINT));
  g_autofree char *to = NULL, *arrive = NULL, *others = NULL;
  guint first;

  if (c->kind == CHAIN_CELL_LOSS)
    tell (s, CHAIN_TELL_LEAVE, g_strdup_printf (_("The loss begins with its adjoint ∂L/∂L = %s"), v));
  else
    tell (s, CHAIN_TELL_LEAVE, g_strdup_printf (is_scalar (c) ? _("The adjoint %s leaves %s") : _("The adjoint, of norm %s, leaves %s"), v, own));
  if (flows->len == 0)
    return;
  first = g_array_index (flows, guint, 0);
  to = text_of (d, wire_at (d, first)->from);
  tell (s, CHAIN_TELL_TRAVEL, flows->len == 1 ? g_strdup_printf (_("travels along the dashed edge to %s"), to)
                              : g_strdup_printf (_("travels along %u dashed edges, one of them to %s"), flows->len, to));
  tell (s, CHAIN_TELL_MULTIPLY, multiply_text (t, d, first));
  arrive = arrive_text (t, d, first, position);
  others = others_text (t, d, flows, position);
  tell (s, CHAIN_TELL_ARRIVE, g_strconcat (arrive, others, NULL));
}

/* --- a line of the optimiser --- */
static void
tell_line (const ChainTrace *t, const ChainDiagram *d, guint position, guint line, ChainStory *s)
{
  g_autoptr (ChainStepCard) c = chain_step_card (t, d, position);
  g_autofree char *symbols = chain_maths_to_text (c->symbols), *numbers = c->line_numbers[line] != NULL ? chain_maths_to_text (c->line_numbers[line]) : NULL;

  tell (s, CHAIN_TELL_LINE, g_strdup_printf (_("Line %u of the optimiser: %s"), line + 1, symbols));
  if (numbers != NULL)
    tell (s, CHAIN_TELL_NUMBERS, g_strdup_printf (_("With the numbers of this weight: %s"), numbers));
}

ChainStory *
chain_story_new (const ChainTrace *t, const ChainDiagram *d, guint position)
{
  ChainStory *s = g_new0 (ChainStory, 1);
  const ChainEventRow *e;

  if (position == 0 || position > d->events->len)
    return s;
  e = &g_array_index (d->events, ChainEventRow, position - 1);
  if (d->detail == CHAIN_DETAIL_NODES || e->phase == CHAIN_PHASE_FORWARD)
    tell_value (t, d, e->cell, s);
  else if (e->phase == CHAIN_PHASE_BACKWARD)
    tell_adjoint (t, d, e->cell, position, s);
  else
    tell_line (t, d, position, e->line, s);
  return s;
}

void
chain_story_free (ChainStory *s)
{
  for (guint i = 0; s != NULL && i < s->n; i++)
    g_free (s->caption[i]);
  g_free (s);
}
