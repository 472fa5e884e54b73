/* SPDX-License-Identifier: Apache-2.0 */
/* Which entries of its inputs an entry of an operation reads, and how its adjoint reaches them.
 *
 * Where an entry is read by one entry of the operation only, what arrives is an entry of the step table's contribution, to the last bit. In a
 * matrix product an entry is read by many; there each gets its adjoint times the other factor, and the engine's sum is shown when all are in. */
#include "app/stepper/private.h"

static void
join (ChainFineGraph *f, guint from, ChainFineWire w)
{
  if (from == G_MAXUINT)
    return;
  w.from = from;
  w.wire = G_MAXUINT;
  g_array_append_val (f->wires, w);
}

static ChainId
contribution (const ChainFineGraph *f, ChainId node, guint input)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (f->steps, GUINT_TO_POINTER (node * 4 + input)));
}

/* From entry (row, col) of input k of the operation, whose entry `to` it goes into; many: other entries of the operation read it too. */
static void
read_entry (ChainFineGraph *f, guint to, ChainId node, guint k, gint64 row, gint64 col, guint order, gboolean many)
{
  ChainId via = _chain_trace_node (f->t, node)->in[k], c = contribution (f, node, k);
  guint from = _chain_fine_find (f, via, row, col);

  join (f, from, (ChainFineWire){ .to = to, .input = order, .flow = c == CHAIN_NONE ? CHAIN_FLOW_NONE : many ? CHAIN_FLOW_LOCAL : CHAIN_FLOW_TABLE,
                                  .contribution = c, .via = via, .row = row, .col = col, .other = G_MAXUINT });
}

/* The products of an entry of a matrix product, and their sum. */
static guint
matmul_entry (ChainFineGraph *f, ChainId id, gint64 row, gint64 col)
{
  const ChainNode *n = _chain_trace_node (f->t, id);
  ChainId a = n->in[0], b = n->in[1], to_a = contribution (f, id, 0), to_b = contribution (f, id, 1);
  gboolean ta = n->arg.i[0] != 0, tb = n->arg.i[1] != 0;
  gint64 rows, cols, k_all;
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (guint));
  guint sum;

  chain_trace_shape (f->t, a, &rows, &cols);
  k_all = ta ? rows : cols;
  for (gint64 k = 0; k < k_all; k++)
    {
      guint x = ta ? _chain_fine_find (f, a, k, row) : _chain_fine_find (f, a, row, k);
      guint y = tb ? _chain_fine_find (f, b, col, k) : _chain_fine_find (f, b, k, col), p;

      if (x == G_MAXUINT || y == G_MAXUINT)
        continue;
      p = _chain_fine_add (f, id, row, col, k_all == 1 ? -1 : k, CHAIN_CELL_OPERATION);
      join (f, x, (ChainFineWire){ .to = p, .input = 1, .flow = to_a ? CHAIN_FLOW_FACTOR : CHAIN_FLOW_NONE, .other = y });
      join (f, y, (ChainFineWire){ .to = p, .input = 0, .flow = to_b ? CHAIN_FLOW_FACTOR : CHAIN_FLOW_NONE, .other = x });
      g_array_append_val (parts, p);
    }
  if (k_all == 1 && parts->len == 1)
    return g_array_index (parts, guint, 0);
  sum = _chain_fine_add (f, id, row, col, -1, CHAIN_CELL_OPERATION);
  for (guint i = 0; i < parts->len; i++)
    join (f, g_array_index (parts, guint, i),
          (ChainFineWire){ .to = sum, .input = i, .flow = to_a || to_b ? CHAIN_FLOW_PART : CHAIN_FLOW_NONE, .other = G_MAXUINT });
  return sum;
}

/* Rows and columns of input k that entry (row, col) reads. */
static void
extent (const ChainTrace *t, const ChainNode *n, guint k, gint64 row, gint64 col, gint64 own_rows, gint64 own_cols, gint64 at[4])
{
  gint64 rows, cols;

  chain_trace_shape (t, n->in[k], &rows, &cols);
  if (chain_op_row ((ChainOp) n->op)->flags & CHAIN_OP_ELEMENTWISE)
    at[0] = row, at[1] = row + 1, at[2] = col, at[3] = col + 1;
  else if (n->op == CHAIN_OP_SUM)
    at[0] = own_rows == rows ? row : 0, at[1] = own_rows == rows ? row + 1 : rows, at[2] = own_cols == cols ? col : 0,
    at[3] = own_cols == cols ? col + 1 : cols;
  else if (n->op == CHAIN_OP_SOLVE || n->op == CHAIN_OP_CHOLESKY || rows != own_rows)
    at[0] = 0, at[1] = rows, at[2] = 0, at[3] = cols;
  else   /* operations on rows */
    at[0] = row, at[1] = row + 1, at[2] = 0, at[3] = cols;
}

static void
concat_entry (ChainFineGraph *f, guint to, ChainId id, gint64 row, gint64 col)
{
  const ChainNode *n = _chain_trace_node (f->t, id);
  gint64 rows, cols;

  chain_trace_shape (f->t, n->in[0], &rows, &cols);
  if (n->arg.i[0] == 0)
    read_entry (f, to, id, row >= rows, row >= rows ? row - rows : row, col, 0, FALSE);
  else
    read_entry (f, to, id, col >= cols, row, col >= cols ? col - cols : col, 0, FALSE);
}

static void
plain_entry (ChainFineGraph *f, guint to, ChainId id, gint64 row, gint64 col)
{
  const ChainNode *n = _chain_trace_node (f->t, id);
  gint64 rows, cols, at[4];
  guint order = 0;

  chain_trace_shape (f->t, id, &rows, &cols);
  for (guint k = 0; k < n->n_in; k++)
    {
      gboolean many;

      extent (f->t, n, k, row, col, rows, cols, at);
      many = (at[1] - at[0]) * (at[3] - at[2]) > 1 && cols > 1 && n->op != CHAIN_OP_SUM;
      for (gint64 r = at[0]; r < at[1]; r++)
        for (gint64 c = at[2]; c < at[3]; c++)
          read_entry (f, to, id, k, r, c, order++, many);
    }
}

guint
_chain_fine_entry (ChainFineGraph *f, ChainId node, gint64 row, gint64 col)
{
  const ChainNode *n = _chain_trace_node (f->t, node);
  guint to;

  if (row >= 0 && n->op == CHAIN_OP_MATMUL)
    return matmul_entry (f, node, row, col);
  /* leaves and constants that it reads come first */
  if (row >= 0 && n->op != CHAIN_OP_CONCAT)
    {
      guint before = f->wires->len;

      plain_entry (f, G_MAXUINT, node, row, col);
      to = _chain_fine_add (f, node, row, col, -1, CHAIN_CELL_OPERATION);
      for (guint i = before; i < f->wires->len; i++)
        _chain_fine_wire (f->wires, i)->to = to;
      return to;
    }
  for (guint k = 0; row < 0 && k < n->n_in; k++)
    _chain_fine_find (f, n->in[k], -1, -1);
  to = _chain_fine_add (f, node, row, col, -1, CHAIN_CELL_OPERATION);
  if (row >= 0)
    concat_entry (f, to, node, row, col);
  for (guint k = 0; row < 0 && k < n->n_in; k++)
    read_entry (f, to, node, k, -1, -1, k, FALSE);
  return to;
}
