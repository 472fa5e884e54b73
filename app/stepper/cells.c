/* SPDX-License-Identifier: Apache-2.0 */
/* Cells and wires of a diagram: what each shows, and the names that it has. */
#include "app/stepper/assemble.h"

#include "engine/nn/table.h"

#include <string.h>

guint
_chain_diagram_add_cell (ChainDiagram *d, ChainCell *c)
{
  g_array_append_val (d->cells, *c);
  g_ptr_array_add (d->p->wires_in, g_array_new (FALSE, FALSE, sizeof (guint)));
  g_ptr_array_add (d->p->wires_out, g_array_new (FALSE, FALSE, sizeof (guint)));
  g_hash_table_insert (d->by_id, c->id, GUINT_TO_POINTER (d->cells->len));
  return d->cells->len - 1;
}

guint
_chain_diagram_add_wire (ChainDiagram *d, ChainWire *w)
{
  guint i = d->wires->len;

  g_array_append_val (d->wires, *w);
  g_array_append_val (g_ptr_array_index (d->p->wires_out, w->from), i);
  g_array_append_val (g_ptr_array_index (d->p->wires_in, w->to), i);
  g_array_index (d->cells, ChainCell, w->from).fan_out++;
  return i;
}

static const struct { const char *id, *symbol; } short_names[] = {
  { "sigmoid", "σ" }, { "leaky_relu", "lrelu" }, { "gelu_erf", "gelu" }, { "gelu_tanh", "gelu" }, { "softplus", "sp" }, { "log_softmax", "lsm" },
  { "hard_sigmoid", "hσ" }, { "hard_swish", "hswish" }, { "log_sigmoid", "ln σ" },
};

const char *
_chain_activation_symbol (const ChainSpec *spec, guint layer)
{
  const ChainLayer *l = g_ptr_array_index (spec->layers, layer);
  const ChainActivationRow *row = l->activation.id != NULL ? chain_activation_row (l->activation.id) : NULL;

  for (guint i = 0; row != NULL && i < G_N_ELEMENTS (short_names); i++)
    if (strcmp (short_names[i].id, row->info.id) == 0)
      return short_names[i].symbol;
  return row == NULL || strcmp (row->info.id, "identity") == 0 ? "Σ" : row->info.id;
}

static gboolean
is_layer_key (const ChainAssembly *a, const char *key)
{
  return strchr (key, ':') == NULL && chain_spec_layer_index (a->f->t->model->spec, key) >= 0;
}

static const char *
symbol_of (const ChainAssembly *a, guint group, const ChainFine *last)
{
  const GArray *members = g_ptr_array_index (a->members, group);
  const ChainTrace *t = a->f->t;
  const char *key = g_ptr_array_index (a->keys, group);
  ChainOp op = (ChainOp) _chain_trace_node (t, last->node)->op;

  if (strcmp (key, "loss") == 0)
    return _chain_loss_symbol (t);
  if (is_layer_key (a, key))
    return g_array_index (t->model->layers, ChainLayerInfo, last->layer).id;
  if (a->f->part[last->node] == CHAIN_PART_DROPOUT && members->len > 1)
    return "drop";
  if (last->layer != G_MAXUINT && members->len > 1 && last->kind == CHAIN_CELL_OPERATION
      && (strstr (key, "/act") != NULL || strchr (key, '/') == NULL))
    return _chain_activation_symbol (t->model->spec, last->layer);
  if (op == CHAIN_OP_MATMUL && (last->term >= 0 || a->f->is_product[g_array_index (members, guint, members->len - 1)]))
    return "×";
  if (op == CHAIN_OP_MATMUL && last->row >= 0)
    return "+";
  if (op == CHAIN_OP_LEAF)
    return "";
  return chain_op_row (op)->symbol;
}

/* What the cell stands for: the last value of an operation, all of a layer's, or of what is given the rectangle that its members fill. */
static void
set_place (ChainCell *c, const ChainAssembly *a, guint group)
{
  const GArray *members = g_ptr_array_index (a->members, group);
  const ChainTrace *t = a->f->t;
  const ChainFine *last = _chain_fine (a->f->fine, g_array_index (members, guint, members->len - 1));
  gint64 rows, cols;

  c->node = last->node;
  c->row = last->row;
  c->col = last->col;
  c->term = last->term;
  c->layer = last->layer;
  if (strcmp (c->id, "loss") == 0)
    {
      c->node = t->loss;
      c->layer = G_MAXUINT;
      c->row = c->col = 0;
      return;
    }
  if (is_layer_key (a, c->id))
    {
      c->node = g_array_index (t->model->layers, ChainLayerInfo, last->layer).out;
      chain_trace_shape (t, c->node, &rows, &cols);
      c->row = a->f->scalars ? t->row : -1;
      c->col = a->f->scalars && cols == 1 ? 0 : -1;
      return;
    }
  for (guint i = 0; c->kind != CHAIN_CELL_OPERATION && i < members->len; i++)
    {
      const ChainFine *v = _chain_fine (a->f->fine, g_array_index (members, guint, i));

      c->row = v->row == last->row ? c->row : -1;
      c->col = v->col == last->col ? c->col : -1;
    }
}

static ChainCellKind
kind_of (const ChainAssembly *a, guint group, const ChainFine *last)
{
  const GArray *members = g_ptr_array_index (a->members, group);

  for (guint i = 0; i < members->len; i++)
    if (g_array_index (members, guint, i) == a->f->root)
      return CHAIN_CELL_LOSS;
  if (last->kind == CHAIN_CELL_OPERATION && is_layer_key (a, g_ptr_array_index (a->keys, group)))
    return CHAIN_CELL_LAYER;
  return (ChainCellKind) last->kind;
}

/* How many cells there would be if this one were opened. */
static guint
count_opened (const ChainAssembly *a, guint group)
{
  const GArray *members = g_ptr_array_index (a->members, group);
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) opened = NULL;
  GHashTableIter iter;
  gpointer key;

  if (members->len < 2 || _chain_fine (a->f->fine, g_array_index (members, guint, members->len - 1))->kind != CHAIN_CELL_OPERATION)
    return 0;
  opened = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (opened, g_strdup (g_ptr_array_index (a->keys, group)));
  g_hash_table_iter_init (&iter, a->opened);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_hash_table_add (opened, g_strdup (key));
  for (guint i = 0; i < members->len; i++)
    g_hash_table_add (keys, _chain_fold_key (a->f, g_array_index (members, guint, i), a->detail, opened));
  return g_hash_table_size (keys) > 1 ? g_hash_table_size (keys) : 0;
}

static void
add_cell (ChainDiagram *d, const ChainAssembly *a, guint group, ChainNames *names)
{
  GArray *members = g_ptr_array_index (a->members, group);
  const ChainFine *last = _chain_fine (a->f->fine, g_array_index (members, guint, members->len - 1));
  ChainCell c = { .id = g_strdup (g_ptr_array_index (a->keys, group)), .kind = kind_of (a, group, last), .role = CHAIN_ROLE_FORWARD,
                  .symbol = symbol_of (a, group, last), .adjoint_at = G_MAXUINT, .n_opened = count_opened (a, group) };

  set_place (&c, a, group);
  c.name = _chain_name (names, c.node, c.row, c.col, c.term);
  c.on_tape = last->kind == CHAIN_CELL_OPERATION;
  _chain_diagram_add_cell (d, &c);
  g_ptr_array_add (d->p->members, g_array_ref (members));
}

static int
by_target (gconstpointer a, gconstpointer b, gpointer data)
{
  const ChainAssembly *s = data;
  const ChainEdge *x = a, *y = b;
  guint p = s->place[x->to], q = s->place[y->to];
  const ChainFineWire *v = _chain_fine_wire (s->f->wires, g_array_index (x->inside, guint, 0));
  const ChainFineWire *w = _chain_fine_wire (s->f->wires, g_array_index (y->inside, guint, 0));

  if (p != q)
    return p < q ? -1 : 1;
  if (v->to != w->to)
    return v->to < w->to ? -1 : 1;   /* the sum before the addition behind it: products, then bias */
  return v->input < w->input ? -1 : v->input > w->input;
}

static void
add_wires (ChainDiagram *d, const ChainAssembly *a)
{
  g_array_sort_with_data (a->edges, by_target, (gpointer) a);
  for (guint i = 0; i < a->edges->len; i++)
    {
      const ChainEdge *e = &g_array_index (a->edges, ChainEdge, i);
      ChainWire w = { .from = a->place[e->from], .to = a->place[e->to], .at = G_MAXUINT };

      w.input = ((GArray *) g_ptr_array_index (d->p->wires_in, w.to))->len;
      for (guint k = 0; k < e->inside->len; k++)
        {
          ChainFineWire *f = _chain_fine_wire (a->f->wires, g_array_index (e->inside, guint, k));

          f->wire = i;
          if (f->flow != CHAIN_FLOW_NONE)
            w.at = 0;   /* when, the events say */
        }
      _chain_diagram_add_wire (d, &w);
      g_ptr_array_add (d->p->inside, g_array_ref (e->inside));
    }
}

/* A single product that only goes into a sum is written in the sum's line: z = w × h + b. */
static void
join_lines (ChainDiagram *d)
{
  for (guint i = 0; i < d->cells->len; i++)
    g_array_index (d->cells, ChainCell, i).on_tape &= _chain_named_cell (d, i) == i;
}

void
_chain_diagram_fill (ChainDiagram *d, const ChainTrace *t, ChainAssembly *a, const char *watched)
{
  ChainNames *names = _chain_names_new (t, d);

  for (guint i = 0; i < a->order->len; i++)
    add_cell (d, a, g_array_index (a->order, guint, i), names);
  add_wires (d, a);
  d->p->fine = g_array_ref (a->f->fine);
  d->p->fine_wires = g_array_ref (a->f->wires);
  for (guint i = 0; i < d->p->fine->len; i++)
    {
      ChainFine *v = _chain_fine (d->p->fine, i);

      v->cell = v->used ? a->place[v->cell] : G_MAXUINT;
    }
  join_lines (d);
  _chain_diagram_events (d, watched);
  for (guint i = 0; i < d->cells->len; i++)
    g_array_index (d->cells, ChainCell, i).making = _chain_brief (t, d, i, names);
  for (guint i = 0; i < d->wires->len; i++)
    if (g_array_index (d->wires, ChainWire, i).at != G_MAXUINT)
      g_array_index (d->wires, ChainWire, i).local = _chain_local (d, i, names);
  _chain_names_free (names);
}
