/* SPDX-License-Identifier: Apache-2.0 */
/* How a value is made, and what a wire's local derivative is, as formulas: with names, or with the numbers of a trace in their places. */
#include "app/stepper/words/words.h"

#include <math.h>
#include <string.h>

#define WRITTEN 5             /* terms of a sum that are written out */

static const ChainWire *
wire_at (const ChainDiagram *d, guint i)
{
  return &g_array_index (d->wires, ChainWire, i);
}

static const char *
is_product (const ChainDiagram *d, guint cell)
{
  const ChainCell *c = chain_diagram_cell (d, cell);

  return c->kind == CHAIN_CELL_OPERATION && strcmp (c->symbol, "×") == 0 && c->row >= 0 && c->term < 0 ? c->symbol : NULL;
}

guint
_chain_named_cell (const ChainDiagram *d, guint cell)
{
  const ChainCell *c = chain_diagram_cell (d, cell);
  guint to;

  if (is_product (d, cell) == NULL || chain_graph_node (d->model->graph, c->node)->op != CHAIN_OP_MATMUL || c->fan_out != 1)
    return cell;
  to = wire_at (d, _chain_guint (d->p->wires_out, cell, 0))->to;
  return strcmp (chain_diagram_cell (d, to)->symbol, "+") == 0 ? to : cell;
}

/* What a wire brings in: its name or its number; a negative number in brackets after the first. */
static ChainMaths *
operand (const ChainTrace *t, const ChainDiagram *d, guint cell, gboolean numbers, gboolean fenced)
{
  const ChainCell *c = chain_diagram_cell (d, cell);
  double v;

  if (!numbers)
    return chain_maths_ref (c->name);
  v = chain_cell_value (t, c);
  return fenced && v < 0 ? chain_maths_fence ("(", _chain_number (v), ")") : _chain_number (v);
}

static ChainMaths *
product_of (const ChainTrace *t, const ChainDiagram *d, guint cell, gboolean numbers)
{
  const GArray *in = g_ptr_array_index (d->p->wires_in, cell);
  guint a = wire_at (d, g_array_index (in, guint, 0))->from, b = wire_at (d, g_array_index (in, guint, in->len - 1))->from;

  return chain_maths_row (operand (t, d, a, numbers, TRUE), chain_maths_sign ("×"), operand (t, d, b, numbers, TRUE), NULL);
}

/* A term of a sum: a product that has no line of its own is written out. */
static ChainMaths *
term_of (const ChainTrace *t, const ChainDiagram *d, guint cell, gboolean numbers, gboolean first)
{
  if (_chain_named_cell (d, cell) != cell)
    return product_of (t, d, cell, numbers);
  return operand (t, d, cell, numbers, !first);
}

static ChainMaths *
sum_of (const ChainTrace *t, const ChainDiagram *d, guint cell, gboolean numbers)
{
  const GArray *in = g_ptr_array_index (d->p->wires_in, cell);
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  for (guint k = 0; k < in->len; k++)
    {
      if (in->len > WRITTEN && k >= 2 && k + 2 < in->len)
        {
          if (k == 2)
            {
              g_ptr_array_add (parts, chain_maths_sign ("+"));
              g_ptr_array_add (parts, chain_maths_sign ("⋯"));
            }
          continue;
        }
      if (k > 0)
        g_ptr_array_add (parts, chain_maths_sign ("+"));
      g_ptr_array_add (parts, term_of (t, d, wire_at (d, g_array_index (in, guint, k))->from, numbers, k == 0));
    }
  return chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len);
}

/* What a call has for arguments; of the loss: predictions, then targets, no constants. */
static GArray *
arguments (const ChainDiagram *d, guint cell)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (guint));
  gboolean loss = chain_diagram_cell (d, cell)->kind == CHAIN_CELL_LOSS;

  for (guint pass = 0; pass < (loss ? 2u : 1u); pass++)
    for (guint k = 0; k < _chain_guints (d->p->wires_in, cell); k++)
      {
        guint from = wire_at (d, _chain_guint (d->p->wires_in, cell, k))->from;
        ChainCellKind kind = chain_diagram_cell (d, from)->kind;

        if (!loss || (kind != CHAIN_CELL_CONSTANT && (kind == CHAIN_CELL_TARGET) == (pass == 1)))
          g_array_append_val (out, from);
      }
  return out;
}

/* f (a, b, …); a single argument without brackets. */
static ChainMaths *
call_of (const ChainTrace *t, const ChainDiagram *d, guint cell, const char *name, gboolean numbers)
{
  g_autoptr (GArray) in = arguments (d, cell);
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  if (in->len == 1)
    return chain_maths_row (chain_maths_word (name), operand (t, d, g_array_index (in, guint, 0), numbers, TRUE), NULL);
  for (guint k = 0; k < in->len; k++)
    {
      if (in->len > WRITTEN && k >= 2 && k + 1 < in->len)
        {
          if (k == 2)
            {
              g_ptr_array_add (parts, chain_maths_sign (","));
              g_ptr_array_add (parts, chain_maths_sign ("…"));
            }
          continue;
        }
      if (k > 0)
        g_ptr_array_add (parts, chain_maths_sign (","));
      g_ptr_array_add (parts, operand (t, d, g_array_index (in, guint, k), numbers, FALSE));
    }
  return chain_maths_row (chain_maths_word (name), chain_maths_fence ("(", chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len), ")"), NULL);
}

static ChainMaths *
infix (const ChainTrace *t, const ChainDiagram *d, guint cell, ChainOp op, gboolean numbers)
{
  const GArray *in = g_ptr_array_index (d->p->wires_in, cell);
  guint a = wire_at (d, g_array_index (in, guint, 0))->from, b = wire_at (d, g_array_index (in, guint, in->len - 1))->from;
  gboolean div = op == CHAIN_OP_DIV;
  ChainMaths *x = operand (t, d, a, numbers, !div), *y = operand (t, d, b, numbers, !div);

  if (div)
    return chain_maths_fraction (x, y);
  if (op == CHAIN_OP_POW)
    return chain_maths_script (x, NULL, y);
  return chain_maths_row (x, chain_maths_sign (op == CHAIN_OP_SUB ? "−" : op == CHAIN_OP_MUL ? "×" : op == CHAIN_OP_LT ? "<" : "="), y, NULL);
}

static gboolean
is_plain (const ChainDiagram *d, guint cell)
{
  return _chain_guints (d->p->members, cell) == 1;
}

static gboolean
is_scalar (const ChainCell *c)
{
  return c->row >= 0 && c->col >= 0;
}

static gboolean
reads_scalars (const ChainDiagram *d, guint cell)
{
  for (guint k = 0; k < _chain_guints (d->p->wires_in, cell); k++)
    if (!is_scalar (chain_diagram_cell (d, wire_at (d, _chain_guint (d->p->wires_in, cell, k))->from)))
      return FALSE;
  return TRUE;
}

/* Cells that are written from what is folded into them. */
static gboolean
is_unit (const ChainDiagram *d, guint cell)
{
  const ChainCell *c = chain_diagram_cell (d, cell);

  return d->scalars && c->kind == CHAIN_CELL_OPERATION && is_scalar (c) && !is_plain (d, cell) && strchr (c->id, '/') == NULL && strchr (c->id, ':') != NULL;
}

static gboolean
is_whole (const ChainDiagram *d, guint cell)
{
  const ChainCell *c = chain_diagram_cell (d, cell);

  return c->kind == CHAIN_CELL_LAYER || (!d->scalars && c->kind == CHAIN_CELL_OPERATION && is_plain (d, cell));
}

static ChainMaths *simple_making (const ChainTrace *t, const ChainDiagram *d, guint cell, gboolean numbers);

static gboolean
is_given (const ChainDiagram *d, guint cell)
{
  const ChainCell *c = chain_diagram_cell (d, cell);

  return _chain_guints (d->p->wires_in, cell) == 0 || c->kind == CHAIN_CELL_INPUT || c->kind == CHAIN_CELL_TARGET || c->kind == CHAIN_CELL_PARAM;
}

ChainMaths *
_chain_making (const ChainTrace *t, const ChainDiagram *d, guint cell, gboolean numbers)
{
  ChainNames *names = numbers ? NULL : _chain_names_new (t, d);
  ChainMaths *m = NULL;

  if (d->detail == CHAIN_DETAIL_NODES)
    m = numbers || chain_diagram_cell (d, cell)->making == NULL ? NULL : chain_maths_ref (chain_diagram_cell (d, cell)->making);
  else if (is_given (d, cell) || (numbers && is_whole (d, cell)))
    m = NULL;
  else if (is_whole (d, cell))
    m = _chain_whole (t, d, cell, names);
  else if (is_unit (d, cell))
    m = _chain_unfolded (t, d, cell, names);
  if (m == NULL && d->detail != CHAIN_DETAIL_NODES && !is_given (d, cell) && !is_whole (d, cell) && (!numbers || reads_scalars (d, cell)))
    m = simple_making (t, d, cell, numbers);
  g_clear_pointer (&names, _chain_names_free);
  return m;
}

ChainMaths *
_chain_brief (const ChainTrace *t, const ChainDiagram *d, guint cell, ChainNames *names)
{
  ChainMaths *m = NULL;

  if (is_given (d, cell))
    return NULL;
  if (is_whole (d, cell))
    return _chain_whole (t, d, cell, names);
  if (is_unit (d, cell))
    m = _chain_unfolded_brief (t, d, cell, names);
  return m != NULL ? m : simple_making (t, d, cell, FALSE);
}

static ChainMaths *
simple_making (const ChainTrace *t, const ChainDiagram *d, guint cell, gboolean numbers)
{
  const ChainCell *c = chain_diagram_cell (d, cell);
  ChainOp op = (ChainOp) chain_graph_node (d->model->graph, c->node)->op;
  guint n = _chain_guints (d->p->wires_in, cell);

  if (op == CHAIN_OP_MATMUL && strcmp (c->symbol, "×") == 0)
    return product_of (t, d, cell, numbers);
  if (strcmp (c->symbol, "+") == 0)
    return sum_of (t, d, cell, numbers);
  if (is_plain (d, cell) && op == CHAIN_OP_MATMUL)
    return product_of (t, d, cell, numbers);
  if (is_plain (d, cell) && op == CHAIN_OP_CONCAT && n == 1)
    return operand (t, d, wire_at (d, _chain_guint (d->p->wires_in, cell, 0))->from, numbers, FALSE);
  if (is_plain (d, cell) && (op == CHAIN_OP_SUB || op == CHAIN_OP_MUL || op == CHAIN_OP_DIV || op == CHAIN_OP_POW || op == CHAIN_OP_LT || op == CHAIN_OP_EQ))
    return infix (t, d, cell, op, numbers);
  if (is_plain (d, cell) && op == CHAIN_OP_NEG)
    return chain_maths_row (chain_maths_sign ("−"), operand (t, d, wire_at (d, _chain_guint (d->p->wires_in, cell, 0))->from, numbers, TRUE), NULL);
  if (is_plain (d, cell) && op == CHAIN_OP_SQRT)
    return chain_maths_root (operand (t, d, wire_at (d, _chain_guint (d->p->wires_in, cell, 0))->from, numbers, FALSE));
  return call_of (t, d, cell, is_plain (d, cell) && c->row >= 0 && c->symbol[0] != '\0' && op != CHAIN_OP_SUM ? chain_op_row (op)->name
                  : op == CHAIN_OP_SUM && is_plain (d, cell) ? "sum" : c->symbol, numbers);
}

/* --- local derivatives --- */
static ChainMaths *
one_minus (ChainMaths *m)
{
  return chain_maths_row (chain_maths_number ("1"), chain_maths_sign ("−"), m, NULL);
}

static ChainMaths *
one_minus_square (ChainMaths *y)
{
  return one_minus (chain_maths_script (y, NULL, chain_maths_number ("2")));
}

/* The derivative of the operation at its only input, from what it reads and what it makes; NULL where the number says it all. */
static ChainMaths *
slope (ChainOp op, ChainMaths *y, ChainMaths *a)
{
  switch ((int) op)
    {
    case CHAIN_OP_TANH: return one_minus_square (chain_maths_ref (y));
    case CHAIN_OP_EXP: return chain_maths_ref (y);
    case CHAIN_OP_LOG: return chain_maths_fraction (chain_maths_number ("1"), chain_maths_ref (a));
    case CHAIN_OP_SIGMOID:
      return chain_maths_row (chain_maths_ref (y), chain_maths_fence ("(", one_minus (chain_maths_ref (y)), ")"), NULL);
    case CHAIN_OP_SQRT:
      return chain_maths_fraction (chain_maths_number ("1"), chain_maths_row (chain_maths_number ("2"), chain_maths_ref (y), NULL));
    case CHAIN_OP_RELU:
      {
        ChainMaths *values[] = { chain_maths_number ("1"), chain_maths_number ("0") };
        ChainMaths *when[] = { chain_maths_row (chain_maths_ref (a), chain_maths_sign (">"), chain_maths_number ("0"), NULL), chain_maths_word ("else") };

        return chain_maths_cases (values, when, 2);
      }
    default: return NULL;
    }
}

/* Through a unit: the derivative of its activation, times the factor that the value has in its sum. */
static ChainMaths *
unit_derivative (const ChainDiagram *d, guint wire, ChainNames *names)
{
  const ChainWire *w = wire_at (d, wire);
  const ChainCell *y = chain_diagram_cell (d, w->to);
  const ChainFineWire *f = _chain_fine_wire (d->p->fine_wires, _chain_guint (d->p->inside, wire, 0));
  const ChainLayerInfo *l = y->layer == G_MAXUINT ? NULL : &g_array_index (d->model->layers, ChainLayerInfo, y->layer);
  const ChainFine *other = f->other == G_MAXUINT ? NULL : _chain_fine (d->p->fine, f->other);
  ChainOp op;
  ChainMaths *act = NULL;

  if (_chain_guints (d->p->inside, wire) != 1 || l == NULL || !is_unit (d, w->to) || y->node != l->out || l->out != l->act
      || chain_graph_node (d->model->graph, l->pre)->op != CHAIN_OP_ADD || (other == NULL && chain_diagram_cell (d, w->from)->kind != CHAIN_CELL_PARAM))
    return NULL;
  op = (ChainOp) chain_graph_node (d->model->graph, l->act)->op;
  if (l->act != l->pre)
    {
      g_autoptr (ChainMaths) z = _chain_name (names, l->pre, y->row, y->col, -1);

      act = chain_graph_node (d->model->graph, l->act)->in[0] == l->pre ? slope (op, y->name, z) : NULL;
      if (act == NULL || op == CHAIN_OP_RELU)
        {
          g_clear_pointer (&act, chain_maths_unref);
          act = chain_maths_row (chain_maths_script (chain_maths_word (_chain_activation_symbol (d->model->spec, y->layer)), NULL, chain_maths_symbol ("′")),
                                 chain_maths_fence ("(", chain_maths_ref (z), ")"), NULL);
        }
      else if (op == CHAIN_OP_TANH)
        act = chain_maths_fence ("(", act, ")");
    }
  if (other == NULL)
    return act != NULL ? act : chain_maths_number ("1");
  return act == NULL ? _chain_name (names, other->node, other->row, other->col, other->term)
         : chain_maths_row (act, chain_maths_sign ("×"), _chain_name (names, other->node, other->row, other->col, other->term), NULL);
}

/* The right-hand side; NULL where the number says it all. */
static ChainMaths *
derivative (const ChainDiagram *d, guint wire, ChainNames *names)
{
  const ChainWire *w = wire_at (d, wire);
  const ChainCell *y = chain_diagram_cell (d, w->to), *a = chain_diagram_cell (d, w->from);
  const GArray *in = g_ptr_array_index (d->p->wires_in, w->to);
  ChainOp op = (ChainOp) chain_graph_node (d->model->graph, y->node)->op;
  guint other = wire_at (d, g_array_index (in, guint, g_array_index (in, guint, 0) == wire ? in->len - 1 : 0))->from;

  if (y->kind == CHAIN_CELL_LAYER || y->kind == CHAIN_CELL_LOSS || y->row < 0)
    return NULL;
  if (is_unit (d, w->to))
    return unit_derivative (d, wire, names);
  if (strcmp (y->symbol, "+") == 0)
    return chain_maths_number ("1");
  if (in->len == 2 && (op == CHAIN_OP_MATMUL || op == CHAIN_OP_MUL))
    return chain_maths_ref (chain_diagram_cell (d, other)->name);
  if (_chain_guints (d->p->members, w->to) > 1)
    return NULL;
  switch ((int) op)
    {
    case CHAIN_OP_SUB: return chain_maths_number (g_array_index (in, guint, 0) == wire ? "1" : "−1");
    case CHAIN_OP_NEG: return chain_maths_number ("−1");
    case CHAIN_OP_SUM: case CHAIN_OP_CONCAT: return chain_maths_number ("1");
    default: return slope (op, y->name, a->name);
    }
}

static ChainMaths *
partial (ChainMaths *name)
{
  return chain_maths_row (chain_maths_symbol ("∂"), name, NULL);
}

ChainMaths *
_chain_local (const ChainDiagram *d, guint wire, ChainNames *names)
{
  const ChainWire *w = wire_at (d, wire);
  const ChainCell *y = chain_diagram_cell (d, _chain_named_cell (d, w->to)), *a = chain_diagram_cell (d, _chain_named_cell (d, w->from));
  ChainMaths *left, *right = derivative (d, wire, names);

  if (y == a)   /* a product into its own sum */
    a = chain_diagram_cell (d, w->from);
  left = chain_maths_fraction (partial (chain_maths_ref (y->name)), partial (chain_maths_ref (a->name)));
  return right == NULL ? left : chain_maths_row (left, chain_maths_sign ("="), right, NULL);
}
