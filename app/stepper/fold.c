/* SPDX-License-Identifier: Apache-2.0 */
/* Which fine vertices are one cell. A key is a name: "d2/z:1" is an operation, "d2:1" a unit, "d2" a layer, "loss" the loss, "d2.weight:1:0" a number
 * of a parameter; it says where something is and not how many things stand before it, so what is open stays open while the network is edited
 * elsewhere.
 *
 * A key that is opened gives way to the next finer one: layer, unit, activation, operation. */
#include "app/stepper/private.h"

#include <string.h>

static const char *
layer_id (const ChainFineGraph *f, guint layer)
{
  return g_array_index (f->t->model->layers, ChainLayerInfo, layer).id;
}

static const ChainLayerInfo *
layer_of (const ChainFineGraph *f, const ChainFine *v)
{
  return v->layer == G_MAXUINT ? NULL : &g_array_index (f->t->model->layers, ChainLayerInfo, v->layer);
}

static void
append_entry (GString *s, const ChainFineGraph *f, const ChainFine *v)
{
  gint64 rows, cols;
  gboolean batch = _chain_trace_node (f->t, v->node)->shape.rows == CHAIN_B;

  if (v->row < 0)
    return;
  chain_trace_shape (f->t, v->node, &rows, &cols);
  if (rows > 1 && !batch)
    g_string_append_printf (s, ":%d", (int) v->row);
  g_string_append_printf (s, ":%d", (int) v->col);
  if (v->term >= 0)
    g_string_append_printf (s, ":×%d", (int) v->term);
}

char *
_chain_fold_own (const ChainFineGraph *f, guint i)
{
  const ChainFine *v = _chain_fine (f->fine, i);
  const ChainNode *n = _chain_trace_node (f->t, v->node);
  const ChainLayerInfo *l = layer_of (f, v);
  const char *name = chain_graph_name (f->t->model->graph, v->node), *scope = chain_graph_scope_name (f->t->model->graph, n->scope);
  GString *s = g_string_new (NULL);

  if (n->op == CHAIN_OP_LEAF && name != NULL)
    {
      g_string_append (s, name);
      if (v->row >= 0 && n->shape.rows == 1)
        g_string_append_printf (s, ":0:%d", (int) v->col);
      else
        append_entry (s, f, v);
      return g_string_free (s, FALSE);
    }
  g_string_append_printf (s, "%s/", l != NULL ? l->id : scope != NULL && *scope ? scope : "graph");
  if (l != NULL && (v->node == l->out || v->node == l->pre) && v->term < 0)
    g_string_append (s, v->node == l->pre ? "z" : "a");
  else
    g_string_append_printf (s, "%s%u", chain_op_row ((ChainOp) n->op)->name, f->ordinal[v->node]);
  append_entry (s, f, v);
  return g_string_free (s, FALSE);
}

static gboolean
is_open (GHashTable *opened, const char *key)
{
  return opened != NULL && g_hash_table_contains (opened, key);
}

/* The column that an entry of a layer stands in; −1: it is of none, or of all. */
static gint64
unit_of (const ChainFineGraph *f, const ChainFine *v)
{
  const ChainLayerInfo *l = layer_of (f, v);
  gint64 rows, cols;

  if (l == NULL || v->row < 0)
    return -1;
  chain_trace_shape (f->t, v->node, &rows, &cols);
  return cols == (gint64) l->width ? v->col : -1;
}

/* The sum of products, where an addition right behind is the only one to read it: bias and products are added in one go. */
static guint
summed_in (const ChainFineGraph *f, guint i)
{
  const ChainFine *v = _chain_fine (f->fine, i);
  guint reader = G_MAXUINT;

  if (!f->scalars || v->term >= 0 || v->kind != CHAIN_CELL_OPERATION || _chain_trace_node (f->t, v->node)->op != CHAIN_OP_MATMUL || f->next_reader == NULL
      || f->n_readers[i] != 1)
    return i;
  if (i > 0 && f->is_product[i])
    return i;
  reader = f->next_reader[i];
  return _chain_trace_node (f->t, _chain_fine (f->fine, reader)->node)->op == CHAIN_OP_ADD && _chain_fine (f->fine, reader)->layer == v->layer ? reader : i;
}

static char *
operation_key (const ChainFineGraph *f, guint i, GHashTable *opened)
{
  const ChainFine *v = _chain_fine (f->fine, summed_in (f, i));
  ChainPart part = (ChainPart) f->part[v->node];
  g_autofree char *key = NULL;

  if (v->kind != CHAIN_CELL_OPERATION)
    return _chain_fold_own (f, i);
  if (part == CHAIN_PART_LOSS && !is_open (opened, "loss"))
    return g_strdup ("loss");
  if (part == CHAIN_PART_ACT || part == CHAIN_PART_DROPOUT)
    {
      if (v->row >= 0)
        key = g_strdup_printf ("%s/%s:%d", layer_id (f, v->layer), part == CHAIN_PART_ACT ? "act" : "drop", (int) v->col);
      else
        key = g_strdup_printf ("%s/%s", layer_id (f, v->layer), part == CHAIN_PART_ACT ? "act" : "drop");
      if (!is_open (opened, key))
        return g_steal_pointer (&key);
    }
  return _chain_fold_own (f, summed_in (f, i));
}

/* What a unit is made of does not read another unit of its layer: softmax and normalisation along a row do. */
static gboolean
has_units (const ChainFineGraph *f, guint layer)
{
  return layer != G_MAXUINT && f->mixed != NULL && !f->mixed[layer];
}

/* A bias has one row as well, but each of its numbers belongs to another unit. */
static gboolean
is_weight (const ChainFineGraph *f, const ChainFine *v)
{
  const GArray *params = f->t->model->params;

  for (guint i = 0; i < params->len; i++)
    if (g_array_index (params, ChainTensorInfo, i).leaf == v->node)
      return g_array_index (params, ChainTensorInfo, i).kind == CHAIN_PARAM_WEIGHT;
  return FALSE;
}

static char *
unit_key (const ChainFineGraph *f, guint i, GHashTable *opened)
{
  const ChainFine *v = _chain_fine (f->fine, i);
  gint64 unit = unit_of (f, v);
  const char *name = chain_graph_name (f->t->model->graph, v->node);
  g_autofree char *key = NULL;

  if (v->kind == CHAIN_CELL_PARAM && v->row >= 0 && v->layer != G_MAXUINT && _chain_trace_node (f->t, v->node)->shape.cols > 1 && is_weight (f, v))
    {
      key = g_strdup_printf ("%s:%d", layer_id (f, v->layer), (int) v->row);
      return is_open (opened, key) ? operation_key (f, i, opened) : g_strdup_printf ("%s:%d", name, (int) v->row);
    }
  if (v->kind == CHAIN_CELL_OPERATION && unit >= 0 && has_units (f, v->layer))
    {
      key = g_strdup_printf ("%s:%d", layer_id (f, v->layer), (int) unit);
      if (!is_open (opened, key))
        return g_steal_pointer (&key);
    }
  return operation_key (f, i, opened);
}

static char *
layer_key (const ChainFineGraph *f, guint i, GHashTable *opened)
{
  const ChainFine *v = _chain_fine (f->fine, i);
  const char *name = chain_graph_name (f->t->model->graph, v->node);
  gboolean open = v->layer != G_MAXUINT && is_open (opened, layer_id (f, v->layer));

  if (v->kind == CHAIN_CELL_CONSTANT)
    return operation_key (f, i, opened);
  if (open)
    return unit_key (f, i, opened);
  if (v->kind == CHAIN_CELL_OPERATION && v->layer != G_MAXUINT)
    return g_strdup (layer_id (f, v->layer));
  return v->kind == CHAIN_CELL_OPERATION || name == NULL ? operation_key (f, i, opened) : g_strdup (name);
}

char *
_chain_fold_key (const ChainFineGraph *f, guint i, ChainDetail detail, GHashTable *opened)
{
  return detail == CHAIN_DETAIL_LAYERS ? layer_key (f, i, opened) : detail == CHAIN_DETAIL_UNITS ? unit_key (f, i, opened) : operation_key (f, i, opened);
}

/* Readers of each vertex, and which layers have units that read each other. Called once the fine graph is complete. */
void
_chain_fold_prepare (ChainFineGraph *f)
{
  f->next_reader = g_new0 (guint, f->fine->len + 1);
  f->n_readers = g_new0 (guint, f->fine->len + 1);
  f->is_product = g_new0 (guint8, f->fine->len + 1);
  f->mixed = g_new0 (guint8, f->t->model->layers->len + 1);
  for (guint i = 0; i < f->wires->len; i++)
    {
      const ChainFineWire *w = _chain_fine_wire (f->wires, i);
      const ChainFine *from = _chain_fine (f->fine, w->from), *to = _chain_fine (f->fine, w->to);

      if (!to->used)
        continue;
      f->n_readers[w->from]++;
      f->next_reader[w->from] = w->to;
      f->is_product[w->to] |= w->flow == CHAIN_FLOW_FACTOR || w->other != G_MAXUINT;
      if (from->kind == CHAIN_CELL_OPERATION && from->layer == to->layer && from->layer != G_MAXUINT && unit_of (f, from) != unit_of (f, to))
        f->mixed[from->layer] = TRUE;
    }
}
