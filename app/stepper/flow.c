/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of cells and wires. Nothing is differentiated here: values, contributions and sums are read from the trace. Two things are computed, both
 * as the engine does: one factor times the adjoint of its product, rounded to the precision that trains, and the sum of those that have arrived
 * while others are still missing. When all are in, the engine's own sum is shown (ARCHITECTURE 9.11). */
#include "app/stepper/private.h"

#include <math.h>

double
_chain_flow_round (const ChainTrace *t, double v)
{
  return t->dtype == CHAIN_F32 ? (double) (float) v : v;
}

/* An entry, or the root of the sum of squares of those in the rectangle that −1 leaves open. */
static double
region (const ChainTrace *t, ChainId node, gint64 row, gint64 col)
{
  gint64 rows, cols;
  double sum = 0;

  if (node == CHAIN_NONE || t->value[node] == NULL)
    return NAN;
  if (row >= 0 && col >= 0)
    return chain_trace_at (t, node, row, col);
  chain_trace_shape (t, node, &rows, &cols);
  for (gint64 r = row < 0 ? 0 : row; r < (row < 0 ? rows : row + 1); r++)
    for (gint64 c = col < 0 ? 0 : col; c < (col < 0 ? cols : col + 1); c++)
      sum += t->value[node][r * cols + c] * t->value[node][r * cols + c];
  return rows == 1 && cols == 1 ? t->value[node][0] : sqrt (sum);
}

static double
fine_value (const ChainTrace *t, const GArray *fine, const GArray *wires, guint i)
{
  const ChainFine *v = _chain_fine (fine, i);

  return region (t, v->node, v->row, v->col);
}

/* The k-th product of an entry: row of a times column of b. */
static double
product (const ChainTrace *t, const ChainCell *c)
{
  const ChainNode *n = _chain_trace_node (t, c->node);
  double a = n->arg.i[0] ? chain_trace_at (t, n->in[0], c->term, c->row) : chain_trace_at (t, n->in[0], c->row, c->term);
  double b = n->arg.i[1] ? chain_trace_at (t, n->in[1], c->col, c->term) : chain_trace_at (t, n->in[1], c->term, c->col);

  return _chain_flow_round (t, a * b);
}

double
chain_cell_value (const ChainTrace *t, const ChainCell *c)
{
  return c->term >= 0 ? product (t, c) : region (t, c->node, c->row, c->col);
}

static double
fine_adjoint (const ChainTrace *t, const ChainFine *v)
{
  return region (t, t->adjoint[v->node], v->row, v->col);
}

/* ∂yⱼ/∂aₖ of an operation whose entries read whole rows. */
static double
row_local (const ChainTrace *t, const ChainFine *to, const ChainFineWire *w)
{
  const ChainNode *n = _chain_trace_node (t, to->node);
  double y = chain_trace_at (t, to->node, to->row, to->col);

  if (n->op == CHAIN_OP_SOFTMAX)
    return y * ((w->col == to->col) - chain_trace_at (t, to->node, to->row, w->col));
  if (n->op == CHAIN_OP_CUMSUM)
    return n->arg.i[0] ? w->col >= to->col : w->col <= to->col;
  if (n->op == CHAIN_OP_PERMUTE)
    {
      gint64 at = n->arg.i[0] ? w->col : to->col;

      return chain_trace_at (t, n->in[1], to->row, at) == (double) (n->arg.i[0] ? to->col : w->col);
    }
  return NAN;
}

static double
fine_contribution (const ChainTrace *t, const ChainDiagram *d, guint i)
{
  const ChainFineWire *w = _chain_fine_wire (d->p->fine_wires, i);
  const ChainFine *to = _chain_fine (d->p->fine, w->to);

  switch (w->flow)
    {
    case CHAIN_FLOW_TABLE:
      return region (t, w->contribution, w->row, w->col);
    case CHAIN_FLOW_FACTOR:
      return _chain_flow_round (t, fine_adjoint (t, to) * fine_value (t, d->p->fine, d->p->fine_wires, w->other));
    case CHAIN_FLOW_PART:
      return fine_adjoint (t, to);
    case CHAIN_FLOW_LOCAL:
      return _chain_flow_round (t, fine_adjoint (t, to) * row_local (t, to, w));
    case CHAIN_FLOW_NONE:
    default:
      return 0;
    }
}

/* The row looked at is not all that parameters receive. */
static gboolean
is_shared (const ChainTrace *t, ChainId node)
{
  return t->row >= 0 && t->b > 1 && chain_graph_node (t->model->graph, node)->shape.rows > 0;
}

typedef struct { guint from, n; double sum; } Arrival;

/* What the wire brings to each of the vertices that it starts from. */
static GArray *
arrivals (const ChainTrace *t, const ChainDiagram *d, guint wire)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (Arrival));
  g_autoptr (GHashTable) place = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < _chain_guints (d->p->inside, wire); i++)
    {
      guint k = _chain_guint (d->p->inside, wire, i), at;
      const ChainFineWire *w = _chain_fine_wire (d->p->fine_wires, k);
      Arrival *a;

      if (w->flow == CHAIN_FLOW_NONE)
        continue;
      at = GPOINTER_TO_UINT (g_hash_table_lookup (place, GUINT_TO_POINTER (w->from)));
      if (at == 0)
        {
          g_array_append_val (out, ((Arrival){ w->from, 0, 0 }));
          at = out->len;
          g_hash_table_insert (place, GUINT_TO_POINTER (w->from), GUINT_TO_POINTER (at));
        }
      a = &g_array_index (out, Arrival, at - 1);
      a->sum = a->n++ == 0 ? fine_contribution (t, d, k) : _chain_flow_round (t, a->sum + fine_contribution (t, d, k));
    }
  return out;
}

/* Where everything that a vertex gets is inside this wire, what travels is the engine's own sum. */
static double
arrived (const ChainTrace *t, const ChainDiagram *d, const Arrival *a)
{
  const ChainFine *v = _chain_fine (d->p->fine, a->from);

  return a->n > 1 && a->n == v->n_flows && !is_shared (t, v->node) ? fine_adjoint (t, v) : a->sum;
}

double
chain_wire_contribution (const ChainTrace *t, const ChainDiagram *d, guint wire)
{
  g_autoptr (GArray) all = NULL;
  double squares = 0;

  if (d->p->inside->len == 0 || g_array_index (d->wires, ChainWire, wire).at == G_MAXUINT)
    return NAN;
  all = arrivals (t, d, wire);
  if (all->len == 1)
    return arrived (t, d, &g_array_index (all, Arrival, 0));
  for (guint i = 0; i < all->len; i++)
    {
      double v = arrived (t, d, &g_array_index (all, Arrival, i));

      squares += v * v;
    }
  return sqrt (squares);
}

/* The local derivative of the one fine wire inside, where it is known without dividing. */
static double
known_local (const ChainTrace *t, const ChainDiagram *d, const ChainFineWire *w)
{
  const ChainFine *to = _chain_fine (d->p->fine, w->to);
  const ChainNode *n = _chain_trace_node (t, to->node);
  double y = region (t, to->node, to->row, to->col), a, b;

  if (w->flow == CHAIN_FLOW_FACTOR)
    return fine_value (t, d->p->fine, d->p->fine_wires, w->other);
  if (w->flow == CHAIN_FLOW_PART)
    return 1;
  if (w->flow == CHAIN_FLOW_LOCAL)
    return row_local (t, to, w);
  if (to->row < 0)
    return NAN;
  a = n->n_in > 0 ? chain_trace_at (t, n->in[0], to->row, to->col) : NAN;
  b = n->n_in > 1 ? chain_trace_at (t, n->in[1], to->row, to->col) : NAN;
  switch ((int) n->op)
    {
    case CHAIN_OP_ADD: case CHAIN_OP_SUM: case CHAIN_OP_CONCAT: return 1;
    case CHAIN_OP_SUB: return w->via == n->in[0] ? 1 : -1;
    case CHAIN_OP_NEG: return -1;
    case CHAIN_OP_MUL: return w->via == n->in[0] ? b : a;
    case CHAIN_OP_DIV: return w->via == n->in[0] ? 1 / b : -y / b;
    case CHAIN_OP_EXP: return y;
    case CHAIN_OP_LOG: return 1 / a;
    case CHAIN_OP_SQRT: return 1 / (2 * y);
    case CHAIN_OP_TANH: return 1 - y * y;
    case CHAIN_OP_SIGMOID: return y * (1 - y);
    case CHAIN_OP_SOFTPLUS: return 1 / (1 + exp (-a));
    case CHAIN_OP_RELU: return a > 0;
    case CHAIN_OP_ABS: return (a > 0) - (a < 0);
    default: return NAN;
    }
}

double
chain_wire_local (const ChainTrace *t, const ChainDiagram *d, guint wire)
{
  const ChainWire *w = &g_array_index (d->wires, ChainWire, wire);
  double local = NAN, adjoint, travels;

  if (d->p->inside->len == 0 || w->at == G_MAXUINT)
    return NAN;
  if (_chain_guints (d->p->inside, wire) == 1)
    {
      const ChainFineWire *one = _chain_fine_wire (d->p->fine_wires, _chain_guint (d->p->inside, wire, 0));

      if (_chain_guints (d->p->members, w->to) <= 2)
        local = known_local (t, d, one);
    }
  if (!isnan (local))
    return _chain_flow_round (t, local);
  adjoint = chain_cell_adjoint (t, d, w->to, d->events->len);
  travels = chain_wire_contribution (t, d, wire);
  return adjoint != 0 ? travels / adjoint : NAN;
}

/* What has arrived at a cell by then, added up in the order of arrival. */
double
_chain_wire_sum (const ChainTrace *t, const ChainDiagram *d, guint cell, guint position)
{
  double sum = NAN;

  for (guint k = _chain_guints (d->p->wires_out, cell); k-- > 0;)
    {
      guint i = _chain_guint (d->p->wires_out, cell, k);

      if (g_array_index (d->wires, ChainWire, i).at > position)
        continue;
      sum = isnan (sum) ? chain_wire_contribution (t, d, i) : _chain_flow_round (t, sum + chain_wire_contribution (t, d, i));
    }
  return sum;
}

double
chain_cell_adjoint (const ChainTrace *t, const ChainDiagram *d, guint cell, guint position)
{
  const ChainCell *c = chain_diagram_cell (d, cell);

  if (c->adjoint_at == G_MAXUINT)
    return NAN;
  if (position < c->adjoint_at)
    return _chain_wire_sum (t, d, cell, position);
  return region (t, t->adjoint[c->node], c->row, c->col);
}
