/* SPDX-License-Identifier: Apache-2.0 */
/* The fine graph: every node that the loss depends on, opened into its entries (ARCHITECTURE 9.11). Entries are those of the row that is looked at;
 * parameters and what is computed from a whole batch have no rows and are there in full.
 *
 * An entry of a matrix product is its products and their sum; a single product is the entry itself. Nodes that only move numbers (broadcast,
 * transpose, reshape, slice) are read through: a wire starts where the number was made. */
#include "app/stepper/private.h"

#define FINE_MOST 12000

typedef struct { gint64 row, col, rows, cols; } Shown;

/* Which entries of an axis belong to the row looked at: a multiple of B has as many for each. */
static void
shown_axis (const ChainTrace *t, gint32 axis, gint64 *first, gint64 *n)
{
  gboolean one = axis < 0 && t->row >= 0;

  *first = one ? t->row * -axis : 0;
  *n = one ? -axis : chain_axis (axis, t->b);
}

static Shown
shown (const ChainTrace *t, ChainId id)
{
  ChainShape s = _chain_trace_node (t, id)->shape;
  Shown out;

  shown_axis (t, s.rows, &out.row, &out.rows);
  shown_axis (t, s.cols, &out.col, &out.cols);
  return out;
}

gboolean
_chain_is_passage (const ChainNode *n)
{
  return n->op == CHAIN_OP_BROADCAST || n->op == CHAIN_OP_TRANSPOSE || n->op == CHAIN_OP_RESHAPE || n->op == CHAIN_OP_SLICE;
}

/* One step back through a node that only moves numbers. */
static void
read_through (const ChainTrace *t, ChainId *id, gint64 *row, gint64 *col)
{
  const ChainNode *n = _chain_trace_node (t, *id);
  gint64 rows, cols, own_rows, own_cols, r = *row, c = *col;

  chain_trace_shape (t, *id, &own_rows, &own_cols);
  *id = n->in[0];
  if (r < 0)
    return;
  chain_trace_shape (t, *id, &rows, &cols);
  if (n->op == CHAIN_OP_BROADCAST)
    {
      *row = rows == 1 ? 0 : r;
      *col = cols == 1 ? 0 : c;
    }
  else if (n->op == CHAIN_OP_TRANSPOSE)
    {
      *row = c;
      *col = r;
    }
  else if (n->op == CHAIN_OP_RESHAPE)
    {
      *row = (r * own_cols + c) / cols;
      *col = (r * own_cols + c) % cols;
    }
  else if (n->arg.i[0] == 0)
    *row = r + (n->arg.i[1] < 0 ? -(gint64) n->arg.i[1] * t->b : n->arg.i[1]);
  else
    *col = c + (n->arg.i[1] < 0 ? -(gint64) n->arg.i[1] * t->b : n->arg.i[1]);
}

guint
_chain_fine_add (ChainFineGraph *f, ChainId node, gint64 row, gint64 col, gint64 term, ChainCellKind kind)
{
  ChainFine v = { .node = node, .row = row, .col = col, .term = term, .layer = f->layer[node], .cell = G_MAXUINT, .kind = (guint8) kind };

  g_array_append_val (f->fine, v);
  return f->fine->len - 1;
}

static ChainCellKind
kind_of (const ChainFineGraph *f, ChainId id)
{
  const ChainNode *n = _chain_trace_node (f->t, id);

  if (f->constant[id] || n->op == CHAIN_OP_RANDOM)
    return CHAIN_CELL_CONSTANT;
  if (n->op != CHAIN_OP_LEAF)
    return CHAIN_CELL_OPERATION;
  if (id == f->t->model->t)
    return CHAIN_CELL_TARGET;
  return n->arg.i[0] == CHAIN_LEAF_INPUT ? CHAIN_CELL_INPUT : n->arg.i[0] == CHAIN_LEAF_PARAM ? CHAIN_CELL_PARAM
         : n->arg.i[0] == CHAIN_LEAF_STATE ? CHAIN_CELL_STATE : CHAIN_CELL_CONSTANT;
}

typedef struct { ChainId node; gint64 row, col; } Place;

static guint
place_hash (gconstpointer key)
{
  const Place *p = key;

  return p->node * 2654435761u ^ (guint) p->row * 40503u ^ (guint) p->col * 69069u;
}

static gboolean
place_equal (gconstpointer a, gconstpointer b)
{
  const Place *p = a, *q = b;

  return p->node == q->node && p->row == q->row && p->col == q->col;
}

static void
remember (ChainFineGraph *f, ChainId node, gint64 row, gint64 col, guint i)
{
  Place p = { node, row, col };

  g_hash_table_insert (f->places, g_memdup2 (&p, sizeof p), GUINT_TO_POINTER (i + 1));
}

static gboolean
is_given (const ChainFineGraph *f, ChainId id)
{
  guint16 op = _chain_trace_node (f->t, id)->op;

  return op == CHAIN_OP_LEAF || op == CHAIN_OP_RANDOM || f->constant[id];
}

static gboolean
is_shown (const ChainTrace *t, const Place *p)
{
  Shown s = shown (t, p->node);

  return p->row >= s.row && p->row < s.row + s.rows && p->col >= s.col && p->col < s.col + s.cols;
}

guint
_chain_fine_find (ChainFineGraph *f, ChainId node, gint64 row, gint64 col)
{
  Place p = { node, row, col };
  guint i;

  while (_chain_is_passage (_chain_trace_node (f->t, p.node)))
    read_through (f->t, &p.node, &p.row, &p.col);
  i = GPOINTER_TO_UINT (g_hash_table_lookup (f->places, &p));
  if (i > 0)
    return i - 1;
  if (!is_given (f, p.node) || (p.row >= 0 && !is_shown (f->t, &p)))
    return G_MAXUINT;   /* another row's */
  i = _chain_fine_add (f, p.node, p.row, p.col, -1, kind_of (f, p.node));
  remember (f, p.node, p.row, p.col, i);
  return i;
}

/* --- which nodes, and what they are --- */
static void
mark_constant (ChainFineGraph *f)
{
  for (ChainId id = 1; id <= f->t->n_nodes; id++)
    {
      const ChainNode *n = _chain_trace_node (f->t, id);
      gboolean all = n->n_in > 0 && n->op != CHAIN_OP_RANDOM;

      for (guint k = 0; k < n->n_in; k++)
        all = all && f->constant[n->in[k]];
      f->constant[id] = all || n->host || n->op == CHAIN_OP_CONST;
    }
}

static void
mark_layers (ChainFineGraph *f)
{
  const ChainModel *m = f->t->model;

  for (ChainId id = 1; id <= f->t->n_nodes; id++)
    {
      const char *scope = chain_graph_scope_name (m->graph, _chain_trace_node (f->t, id)->scope);
      int layer = scope != NULL ? chain_spec_layer_index (m->spec, scope) : -1;

      f->layer[id] = layer < 0 ? G_MAXUINT : (guint) layer;
      if (layer < 0 && g_strcmp0 (scope, "loss") == 0)
        f->part[id] = CHAIN_PART_LOSS;
    }
}

static void
number_nodes (ChainFineGraph *f)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (ChainId id = 1; id <= f->t->n_nodes; id++)
    {
      const ChainNode *n = _chain_trace_node (f->t, id);
      gpointer key = GUINT_TO_POINTER (((guint) n->scope << 12 | (guint) n->op << 3 | n->role) + 1);

      f->ordinal[id] = GPOINTER_TO_UINT (g_hash_table_lookup (seen, key));
      g_hash_table_insert (seen, key, GUINT_TO_POINTER (f->ordinal[id] + 1));
    }
}

/* The nodes between two values of a layer, if each works on entries alone: they may be one symbol. */
static void
mark_between (ChainFineGraph *f, ChainId from, ChainId to, ChainPart part)
{
  g_autoptr (GArray) todo = g_array_new (FALSE, FALSE, sizeof (ChainId));
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer key;

  if (from == to || from == CHAIN_NONE || to == CHAIN_NONE)
    return;
  g_array_append_val (todo, to);
  for (guint i = 0; i < todo->len; i++)
    {
      ChainId id = g_array_index (todo, ChainId, i);
      const ChainNode *n = _chain_trace_node (f->t, id);

      if (id == from || is_given (f, id) || g_hash_table_contains (seen, GUINT_TO_POINTER (id)))
        continue;
      if (!_chain_is_passage (n) && !(chain_op_row ((ChainOp) n->op)->flags & CHAIN_OP_ELEMENTWISE))
        return;
      g_hash_table_add (seen, GUINT_TO_POINTER (id));
      g_array_append_vals (todo, n->in, n->n_in);
    }
  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_size (seen) > 1 && g_hash_table_iter_next (&iter, &key, NULL))
    f->part[GPOINTER_TO_UINT (key)] = (guint8) part;
}

static void
mark_parts (ChainFineGraph *f)
{
  const ChainModel *m = f->t->model;

  for (guint i = 0; i < m->layers->len; i++)
    {
      const ChainLayerInfo *l = &g_array_index (m->layers, ChainLayerInfo, i);

      mark_between (f, l->pre, l->act, CHAIN_PART_ACT);
      mark_between (f, l->act, l->out, CHAIN_PART_DROPOUT);
    }
}

/* The operations that the loss is made by, ascending. */
static GArray *
operations (const ChainFineGraph *f)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (ChainId));
  g_autofree guint8 *needed = g_new0 (guint8, f->t->n_nodes + 1);

  needed[f->t->loss] = 1;
  for (ChainId id = f->t->loss; id >= 1; id--)
    {
      const ChainNode *n = _chain_trace_node (f->t, id);

      for (guint k = 0; needed[id] && !f->constant[id] && k < n->n_in; k++)
        needed[n->in[k]] = 1;
    }
  for (ChainId id = 1; id <= f->t->loss; id++)
    if (needed[id] && !is_given (f, id) && !_chain_is_passage (_chain_trace_node (f->t, id)))
      g_array_append_val (out, id);
  return out;
}

static gint64
count (const ChainFineGraph *f, const GArray *ops)
{
  gint64 n = 0;

  for (guint i = 0; i < ops->len && n < FINE_MOST; i++)
    {
      ChainId id = g_array_index (ops, ChainId, i);
      const ChainNode *node = _chain_trace_node (f->t, id);
      Shown s = shown (f->t, id);
      gint64 rows, cols;

      chain_trace_shape (f->t, node->in[0], &rows, &cols);
      n += s.rows * s.cols * (node->op == CHAIN_OP_MATMUL ? 1 + (node->arg.i[0] ? rows : cols) : 1);
    }
  return n;
}

static void
index_steps (ChainFineGraph *f)
{
  const GArray *steps = f->t->model->steps;

  f->steps = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < steps->len; i++)
    {
      const ChainStep *s = &g_array_index (steps, ChainStep, i);

      g_hash_table_insert (f->steps, GUINT_TO_POINTER (s->node * 4 + s->input), GUINT_TO_POINTER (s->contribution));
    }
}

static void
add_operation (ChainFineGraph *f, ChainId id)
{
  Shown s = shown (f->t, id);

  if (!f->scalars)
    s = (Shown){ -1, -1, 1, 1 };
  for (gint64 r = s.row; r < s.row + s.rows; r++)
    for (gint64 c = s.col; c < s.col + s.cols; c++)
      {
        guint i = _chain_fine_entry (f, id, r, c);

        remember (f, id, r, c, i);
      }
}

/* Only what the loss reads: an entry that was cut out again, or of which nothing is used, is not drawn. */
static void
mark_used (ChainFineGraph *f)
{
  _chain_fine (f->fine, f->root)->used = TRUE;
  for (guint i = f->wires->len; i-- > 0;)
    {
      const ChainFineWire *w = _chain_fine_wire (f->wires, i);

      if (_chain_fine (f->fine, w->to)->used)
        {
          _chain_fine (f->fine, w->from)->used = TRUE;
          _chain_fine (f->fine, w->from)->n_flows += w->flow != CHAIN_FLOW_NONE;
        }
    }
}

ChainFineGraph *
_chain_fine_new (const ChainTrace *t, gboolean scalars)
{
  ChainFineGraph *f = g_new0 (ChainFineGraph, 1);
  g_autoptr (GArray) ops = NULL;

  f->t = t;
  f->fine = g_array_new (FALSE, FALSE, sizeof (ChainFine));
  f->wires = g_array_new (FALSE, FALSE, sizeof (ChainFineWire));
  f->places = g_hash_table_new_full (place_hash, place_equal, g_free, NULL);
  f->constant = g_new0 (guint8, t->n_nodes + 1);
  f->layer = g_new0 (guint, t->n_nodes + 1);
  f->part = g_new0 (guint8, t->n_nodes + 1);
  f->ordinal = g_new0 (guint, t->n_nodes + 1);
  number_nodes (f);
  mark_constant (f);
  mark_layers (f);
  mark_parts (f);
  index_steps (f);
  if (t->loss == CHAIN_NONE)
    return f;
  ops = operations (f);
  f->scalars = scalars && t->row >= 0 && count (f, ops) < FINE_MOST;
  for (guint i = 0; i < ops->len; i++)
    add_operation (f, g_array_index (ops, ChainId, i));
  f->root = _chain_fine_find (f, t->loss, f->scalars ? 0 : -1, f->scalars ? 0 : -1);
  mark_used (f);
  _chain_fold_prepare (f);
  return f;
}

void
_chain_fine_free (ChainFineGraph *f)
{
  g_clear_pointer (&f->fine, g_array_unref);
  g_clear_pointer (&f->wires, g_array_unref);
  g_hash_table_unref (f->places);
  g_hash_table_unref (f->steps);
  g_free (f->constant);
  g_free (f->layer);
  g_free (f->part);
  g_free (f->ordinal);
  g_free (f->next_reader);
  g_free (f->n_readers);
  g_free (f->is_product);
  g_free (f->mixed);
  g_free (f);
}
