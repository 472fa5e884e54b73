/* SPDX-License-Identifier: Apache-2.0 */
/* Cells and wires in words: for a screen reader, a tooltip, a description and a file. Four decimals, as on the formula card (DESIGN 4.10). */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/graph/graph.h"
#include "app/picture/number-text.h"
#include "engine/base/number.h"

#define DECIMALS 4

char *
chain_graph_shape_text (const ChainStepView *v, const ChainCell *c)
{
  gint64 rows, cols;

  chain_trace_shape (v->trace, c->node, &rows, &cols);
  rows = c->row >= 0 ? 1 : rows;
  cols = c->col >= 0 ? 1 : cols;
  return g_strdup_printf ("%" G_GINT64_FORMAT " × %" G_GINT64_FORMAT, rows, cols);
}

static const char *
kind_word (const ChainCell *c)
{
  switch (c->kind)
    {
    case CHAIN_CELL_INPUT: return _("input");
    case CHAIN_CELL_TARGET: return _("target");
    case CHAIN_CELL_CONSTANT: return _("constant");
    case CHAIN_CELL_PARAM: return _("parameter");
    case CHAIN_CELL_STATE: return _("memory of the optimiser");
    case CHAIN_CELL_LAYER: return _("layer");
    default: return NULL;
    }
}

static void
append_numbers (GString *s, const ChainStepView *v, guint cell)
{
  const ChainCell *c = chain_graph_cell (v, cell);
  gboolean matrix = chain_graph_is_matrix (c);
  double value = chain_cell_value (v->trace, c), adjoint = chain_cell_adjoint (v->trace, v->diagram, cell, v->position);
  char n[CHAIN_NUMBER_TEXT_SIZE];

  if (v->position < c->value_at)
    g_string_append_printf (s, ", %s", _("not computed yet"));
  else if (!isnan (value))
    g_string_append_printf (s, matrix ? _(", norm %s") : _(", value %s"), chain_number_text (n, value, DECIMALS));
  if (c->adjoint_at == G_MAXUINT)
    return;
  if (isnan (adjoint))
    g_string_append_printf (s, ", %s", _("adjoint not known yet"));
  else if (v->position < c->adjoint_at)
    g_string_append_printf (s, _(", adjoint so far %s"), chain_number_text (n, adjoint, DECIMALS));
  else
    g_string_append_printf (s, matrix ? _(", norm of the adjoint %s") : _(", adjoint %s"), chain_number_text (n, adjoint, DECIMALS));
}

char *
chain_graph_cell_label (const ChainStepView *v, guint cell)
{
  const ChainCell *c = chain_graph_cell (v, cell);
  GString *s = g_string_new (NULL);
  g_autofree char *name = chain_maths_to_speech (c->name), *making = c->making != NULL ? chain_maths_to_speech (c->making) : NULL;

  g_string_append (s, name);
  if (making != NULL)
    g_string_append_printf (s, ", %s", making);
  else if (kind_word (c) != NULL)
    g_string_append_printf (s, ", %s", kind_word (c));
  if (chain_graph_is_matrix (c))
    {
      g_autofree char *shape = chain_graph_shape_text (v, c);

      g_string_append_printf (s, ", %s", shape);
    }
  append_numbers (s, v, cell);
  if (c->fan_out > 1)
    g_string_append_printf (s, ngettext (", %u use", ", %u uses", c->fan_out), c->fan_out);
  return g_string_free (s, FALSE);
}

char *
chain_graph_wire_label (const ChainStepView *v, guint wire)
{
  const ChainWire *w = chain_graph_wire (v, wire);
  g_autofree char *from = chain_maths_to_text (chain_graph_cell (v, w->from)->name), *to = chain_maths_to_text (chain_graph_cell (v, w->to)->name);
  GString *s = g_string_new (NULL);
  char n[CHAIN_NUMBER_TEXT_SIZE];
  double local, gives;

  g_string_append_printf (s, _("Wire from %s to %s"), from, to);
  if (w->local == NULL || w->at == G_MAXUINT)
    return g_string_free (s, FALSE);
  local = chain_wire_local (v->trace, v->diagram, wire);
  gives = chain_wire_contribution (v->trace, v->diagram, wire);
  if (!isnan (local))
    g_string_append_printf (s, _(", local derivative %s"), chain_number_text (n, local, DECIMALS));
  if (v->position >= w->at && !isnan (gives))
    g_string_append_printf (s, _(", contribution %s"), chain_number_text (n, gives, DECIMALS));
  return g_string_free (s, FALSE);
}

char *
chain_graph_description (const ChainStepView *v)
{
  const ChainDiagram *d = v->diagram;
  g_autofree char *n = g_strdup_printf (_("Computational graph with %u cells and %u wires; %u forward and %u backward steps."), d->cells->len, d->wires->len, d->n_forward,
                                        d->n_backward);
  ChainStepCard *card = chain_step_card (v->trace, d, v->position);
  char *all = card != NULL && card->spoken != NULL ? g_strconcat (n, " ", card->spoken, NULL) : g_strdup (n);

  if (card != NULL)
    chain_step_card_free (card);
  return all;
}

/* --- file --- */

static void
append_row (GString *s, const ChainStepView *v, guint i)
{
  const ChainCell *c = chain_graph_cell (v, i);
  g_autofree char *name = chain_maths_to_text (c->name), *shape = chain_graph_shape_text (v, c);
  double number[] = { chain_cell_value (v->trace, c), chain_cell_adjoint (v->trace, v->diagram, i, MAX (v->position, v->diagram->n_forward + v->diagram->n_backward)) };
  char text[CHAIN_NUMBER_SIZE];

  g_string_append_printf (s, "%s,\"%s\",\"%s\",%s", c->id, name, c->symbol != NULL ? c->symbol : "", shape);
  for (guint k = 0; k < 2; k++)
    if (isnan (number[k]))
      g_string_append (s, ",");
    else
      g_string_append_printf (s, ",%s", chain_number_write (text, number[k]));
  g_string_append_c (s, '\n');
}

static char *
csv (const ChainSnapshot *snapshot, int detail)
{
  GString *s = g_string_new ("cell,name,symbol,shape,value,adjoint\n");
  g_autoptr (ChainStepView) v = chain_graph_view (snapshot, detail);

  for (guint i = 0; v != NULL && i < v->diagram->cells->len; i++)
    append_row (s, v, i);
  return g_string_free (s, FALSE);
}

char *
chain_csv_graph (const ChainSnapshot *s)
{
  return csv (s, -1);
}

char *
chain_csv_graph_units (const ChainSnapshot *s)
{
  return csv (s, CHAIN_DETAIL_UNITS);
}

char *
chain_csv_graph_layers (const ChainSnapshot *s)
{
  return csv (s, CHAIN_DETAIL_LAYERS);
}

char *
chain_csv_graph_nodes (const ChainSnapshot *s)
{
  return csv (s, CHAIN_DETAIL_NODES);
}
