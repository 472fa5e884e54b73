/* SPDX-License-Identifier: Apache-2.0 */
/* Copies are cheap: a frame of a playing step is a few words and four references. Whoever drags a cell gets a table of his own. */
#include "app/picture/graph/graph.h"

#include <string.h>

static ChainStepView *
view_new (void)
{
  ChainStepView *v = g_new0 (ChainStepView, 1);

  v->ref_count = 1;
  v->tween = 1;
  v->values = v->adjoints = v->local = TRUE;
  return v;
}

/* Another parameter's update, or the same layers of another model: cells and wires are what they were. */
static gboolean
same_graph (const ChainDiagram *a, const ChainDiagram *b)
{
  gboolean same = a == b || (a->cells->len == b->cells->len && a->wires->len == b->wires->len);

  for (guint i = 0; a != b && same && i < a->cells->len; i++)
    {
      const ChainCell *c = &g_array_index (a->cells, ChainCell, i), *d = &g_array_index (b->cells, ChainCell, i);

      same = strcmp (c->id, d->id) == 0 && c->kind == d->kind && c->layer == d->layer && (c->row < 0) == (d->row < 0) && (c->col < 0) == (d->col < 0);
    }
  for (guint i = 0; a != b && same && i < a->wires->len; i++)
    {
      const ChainWire *w = &g_array_index (a->wires, ChainWire, i), *x = &g_array_index (b->wires, ChainWire, i);

      same = w->from == x->from && w->to == x->to && w->input == x->input;
    }
  return same;
}

ChainStepView *
chain_step_view_new (ChainTrace *trace, ChainDiagram *diagram, const ChainStepView *before)
{
  ChainStepView *v = view_new ();

  v->trace = chain_trace_ref (trace);
  v->diagram = chain_diagram_ref (diagram);
  v->position = diagram->n_forward + diagram->n_backward;
  if (before != NULL && same_graph (before->diagram, diagram))
    v->places = chain_graph_places_ref (before->places);
  else
    v->places = chain_graph_places_new (before);
  if (before != NULL && before->moved != NULL)
    v->moved = g_hash_table_ref (before->moved);
  return v;
}

ChainStepView *
chain_step_view_copy (const ChainStepView *v)
{
  ChainStepView *c = g_memdup2 (v, sizeof *v);

  c->ref_count = 1;
  chain_trace_ref (c->trace);
  chain_diagram_ref (c->diagram);
  chain_graph_places_ref (c->places);
  if (c->moved != NULL)
    g_hash_table_ref (c->moved);
  return c;
}

ChainStepView *
chain_step_view_ref (ChainStepView *v)
{
  g_atomic_int_inc (&v->ref_count);
  return v;
}

void
chain_step_view_unref (ChainStepView *v)
{
  if (v == NULL || !g_atomic_int_dec_and_test (&v->ref_count))
    return;
  chain_trace_unref (v->trace);
  chain_diagram_unref (v->diagram);
  chain_graph_places_unref (v->places);
  g_clear_pointer (&v->moved, g_hash_table_unref);
  g_free (v);
}

void
chain_step_view_move (ChainStepView *v, const char *cell, double dx, double dy)
{
  GHashTable *own = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  ChainStepOffset *o = g_new0 (ChainStepOffset, 1), *was;
  GHashTableIter iter;
  gpointer key, value;

  if (v->moved != NULL)
    {
      g_hash_table_iter_init (&iter, v->moved);
      while (g_hash_table_iter_next (&iter, &key, &value))
        g_hash_table_insert (own, g_strdup (key), g_memdup2 (value, sizeof *o));
    }
  was = g_hash_table_lookup (own, cell);
  *o = (ChainStepOffset){ dx + (was != NULL ? was->dx : 0), dy + (was != NULL ? was->dy : 0) };
  g_hash_table_replace (own, g_strdup (cell), o);
  g_clear_pointer (&v->moved, g_hash_table_unref);
  v->moved = own;
}

ChainSnapshot *
chain_step_view_snapshot (ChainStepView *v, const ChainSnapshot *of)
{
  ChainSnapshot *s = g_new0 (ChainSnapshot, 1);

  s->ref_count = 1;
  s->step = of->step;
  s->epoch = of->epoch;
  s->state = of->state;
  s->loss = of->loss;
  s->lr = of->lr;
  s->predicts = of->predicts;
  s->spec = chain_spec_ref (of->spec);
  s->data = of->data != NULL ? chain_dataset_ref (of->data) : NULL;
  s->tensors = g_ptr_array_new ();
  s->layers = g_ptr_array_new ();
  s->trace = chain_trace_ref (v->trace);
  s->step_view = chain_step_view_ref (v);
  s->step_view_unref = chain_step_view_unref;
  return s;
}

gboolean
chain_step_view_prepare (const ChainStepView *v, const int *cancel)
{
  return chain_graph_places (v, cancel) != NULL;
}
