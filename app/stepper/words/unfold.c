/* SPDX-License-Identifier: Apache-2.0 */
/* The formula of a cell that several operations were folded into, a unit for instance: tanh (w₃₁ × x₁ + w₃₂ × x₂ + b₃). It is read from the fine
 * vertices inside the cell, so it says what is computed, and with numbers in the places of names it is an equation that holds. A norm is never a
 * factor. What would be longer than a line is not written: the caller says it in words. */
#include "app/stepper/words/words.h"

#include <string.h>

#define WRITTEN   5           /* terms of a sum that are written out */
#define MOST     24           /* names or numbers of a formula */

typedef enum { BIND_SUM, BIND_PRODUCT, BIND_ATOM } Bind;

typedef struct
{
  const ChainTrace   *t;
  const ChainDiagram *d;
  ChainNames         *names;  /* NULL: numbers */
  guint               cell;
  guint               written;
} Unfold;

static ChainMaths *vertex (Unfold *u, guint i, Bind outside, gboolean first);

/* The wires into a vertex: they lie together, in the order of the vertices. */
static guint
first_wire (const GArray *wires, guint to)
{
  guint low = 0, high = wires->len;

  while (low < high)
    {
      guint mid = low + (high - low) / 2;

      if (_chain_fine_wire (wires, mid)->to < to)
        low = mid + 1;
      else
        high = mid;
    }
  return low;
}

static guint
count_in (const Unfold *u, guint to, guint *first)
{
  const GArray *wires = u->d->p->fine_wires;
  guint n = 0;

  *first = first_wire (wires, to);
  while (*first + n < wires->len && _chain_fine_wire (wires, *first + n)->to == to)
    n++;
  return n;
}

static guint
from_of (const Unfold *u, guint wire)
{
  return _chain_fine_wire (u->d->p->fine_wires, wire)->from;
}

static gboolean
is_inside (const Unfold *u, guint i)
{
  const ChainFine *v = _chain_fine (u->d->p->fine, i);

  return v->cell == u->cell && v->kind != CHAIN_CELL_CONSTANT;
}

static ChainMaths *
enclosed (ChainMaths *m, Bind own, Bind outside)
{
  return m != NULL && own < outside ? chain_maths_fence ("(", m, ")") : m;
}

static double
number_of (const Unfold *u, const ChainFine *v)
{
  ChainCell c = { .node = v->node, .row = v->row, .col = v->col, .term = v->term };

  return chain_cell_value (u->t, &c);
}

/* What the cell reads. A negative number stands in brackets but at the start of a sum. */
static ChainMaths *
outer (Unfold *u, guint i, Bind outside, gboolean first)
{
  const ChainFine *v = _chain_fine (u->d->p->fine, i);
  gboolean constant = v->kind == CHAIN_CELL_CONSTANT;
  double value;

  u->written++;
  if (u->names != NULL && !constant)
    return _chain_name (u->names, v->node, v->row, v->col, v->term);
  value = number_of (u, v);
  return value < 0 && (outside == BIND_PRODUCT || !first) ? chain_maths_fence ("(", _chain_number (value), ")") : _chain_number (value);
}

/* --- sums: one in another is one --- */
static gboolean
is_sum (const Unfold *u, guint i)
{
  const ChainFine *v = _chain_fine (u->d->p->fine, i);
  ChainOp op = (ChainOp) _chain_trace_node (u->t, v->node)->op;
  guint first, n = count_in (u, i, &first);

  if (!is_inside (u, i))
    return FALSE;
  if (op == CHAIN_OP_MATMUL)
    return v->term < 0 && n > 0 && _chain_fine_wire (u->d->p->fine_wires, first)->other == G_MAXUINT;
  return op == CHAIN_OP_ADD || op == CHAIN_OP_SUM;
}

static void
collect_terms (const Unfold *u, guint i, GArray *terms)
{
  guint first, n;

  if (!is_sum (u, i))
    {
      g_array_append_val (terms, i);
      return;
    }
  n = count_in (u, i, &first);
  for (guint k = 0; k < n; k++)
    collect_terms (u, from_of (u, first + k), terms);
}

static ChainMaths *
sum (Unfold *u, guint i, Bind outside)
{
  g_autoptr (GArray) terms = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  collect_terms (u, i, terms);
  for (guint k = 0; k < terms->len; k++)
    {
      gboolean left_out = terms->len > WRITTEN && k >= 2 && k + 2 < terms->len;

      if (left_out && k > 2)
        continue;
      if (k > 0)
        g_ptr_array_add (parts, chain_maths_sign ("+"));
      g_ptr_array_add (parts, left_out ? chain_maths_sign ("⋯") : vertex (u, g_array_index (terms, guint, k), BIND_SUM, k == 0));
    }
  return enclosed (chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len), BIND_SUM, outside);
}

/* --- the rest --- */
static ChainMaths *
call (Unfold *u, guint i, const char *name)
{
  guint first, n = count_in (u, i, &first);
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  for (guint k = 0; k < n; k++)
    {
      if (n > WRITTEN && k >= 2 && k + 1 < n)
        {
          if (k == 2)
            g_ptr_array_add (parts, chain_maths_sign (", …"));
          continue;
        }
      if (k > 0)
        g_ptr_array_add (parts, chain_maths_sign (","));
      g_ptr_array_add (parts, vertex (u, from_of (u, first + k), BIND_SUM, TRUE));
    }
  return chain_maths_row (chain_maths_word (name), chain_maths_fence ("(", chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len), ")"), NULL);
}

static ChainMaths *
two (Unfold *u, guint a, guint b, const char *sign, Bind own, Bind outside)
{
  ChainMaths *x = vertex (u, a, own, TRUE), *y = vertex (u, b, own == BIND_SUM ? BIND_PRODUCT : own, FALSE);

  return enclosed (chain_maths_row (x, chain_maths_sign (sign), y, NULL), own, outside);
}

static ChainMaths *
operation (Unfold *u, guint i, Bind outside, gboolean first_term)
{
  const ChainFine *v = _chain_fine (u->d->p->fine, i);
  ChainOp op = (ChainOp) _chain_trace_node (u->t, v->node)->op;
  guint first, n = count_in (u, i, &first), a = n > 0 ? from_of (u, first) : 0, b = n > 0 ? from_of (u, first + n - 1) : 0;

  if (op == CHAIN_OP_MATMUL && n == 2)   /* written as weight × value; the wires stand value first */
    return two (u, b, a, "×", BIND_PRODUCT, outside);
  switch ((int) op)
    {
    case CHAIN_OP_MUL: return two (u, a, b, "×", BIND_PRODUCT, outside);
    case CHAIN_OP_SUB: return two (u, a, b, "−", BIND_SUM, outside);
    case CHAIN_OP_LT: return two (u, a, b, "<", BIND_SUM, outside);
    case CHAIN_OP_DIV: return chain_maths_fraction (vertex (u, a, BIND_SUM, TRUE), vertex (u, b, BIND_SUM, TRUE));
    case CHAIN_OP_POW: return chain_maths_script (vertex (u, a, BIND_ATOM, FALSE), NULL, vertex (u, b, BIND_SUM, TRUE));
    case CHAIN_OP_SQRT: return chain_maths_root (vertex (u, a, BIND_SUM, TRUE));
    case CHAIN_OP_NEG: return enclosed (chain_maths_row (chain_maths_sign ("−"), vertex (u, a, BIND_PRODUCT, FALSE), NULL), BIND_SUM, first_term ? outside : BIND_ATOM);
    case CHAIN_OP_CONCAT: return n == 1 ? vertex (u, a, outside, first_term) : call (u, i, "concat");
    default: return call (u, i, chain_op_row (op)->name);
    }
}

/* The entry of a layer's value before its activation, or before its dropout, among what is inside; G_MAXUINT: it is not. */
static guint
inner_entry (const Unfold *u, ChainId node, gint64 row, gint64 col)
{
  const GArray *members = g_ptr_array_index (u->d->p->members, u->cell);

  for (guint k = 0; k < members->len; k++)
    {
      const ChainFine *v = _chain_fine (u->d->p->fine, g_array_index (members, guint, k));

      if (v->node == node && v->row == row && v->col == col && v->term < 0)
        return g_array_index (members, guint, k);
    }
  return G_MAXUINT;
}

static ChainMaths *
vertex (Unfold *u, guint i, Bind outside, gboolean first)
{
  const ChainFine *v = _chain_fine (u->d->p->fine, i);
  const ChainLayerInfo *l = v->layer == G_MAXUINT ? NULL : &g_array_index (u->d->model->layers, ChainLayerInfo, v->layer);
  guint before = G_MAXUINT;
  const char *name = NULL;

  if (!is_inside (u, i))
    return outer (u, i, outside, first);
  if (u->written > MOST)
    {
      u->written++;
      return chain_maths_sign ("…");
    }
  if (l != NULL && v->node == l->out && l->out != l->act)
    before = inner_entry (u, l->act, v->row, v->col), name = "dropout";
  else if (l != NULL && v->node == l->act && l->act != l->pre)
    before = inner_entry (u, l->pre, v->row, v->col), name = _chain_activation_symbol (u->d->model->spec, v->layer);
  if (before != G_MAXUINT)
    return chain_maths_row (chain_maths_word (name), chain_maths_fence ("(", vertex (u, before, BIND_SUM, TRUE), ")"), NULL);
  return is_sum (u, i) ? sum (u, i, first ? outside : MAX (outside, BIND_PRODUCT)) : operation (u, i, outside, first);
}

ChainMaths *
_chain_unfolded (const ChainTrace *t, const ChainDiagram *d, guint cell, ChainNames *names)
{
  const GArray *members = g_ptr_array_index (d->p->members, cell);
  Unfold u = { t, d, names, cell, 0 };
  ChainMaths *m = vertex (&u, g_array_index (members, guint, members->len - 1), BIND_SUM, TRUE);

  if (u.written > MOST)
    g_clear_pointer (&m, chain_maths_unref);
  return m;
}

/* The same in one short line: tanh z₃. */
ChainMaths *
_chain_unfolded_brief (const ChainTrace *t, const ChainDiagram *d, guint cell, ChainNames *names)
{
  const GArray *members = g_ptr_array_index (d->p->members, cell);
  const ChainFine *v = _chain_fine (d->p->fine, g_array_index (members, guint, members->len - 1));
  const ChainLayerInfo *l = v->layer == G_MAXUINT ? NULL : &g_array_index (d->model->layers, ChainLayerInfo, v->layer);
  ChainMaths *m;

  if (l == NULL || v->node != l->out || l->act == l->pre)
    return _chain_unfolded (t, d, cell, names);
  m = chain_maths_row (chain_maths_word (_chain_activation_symbol (d->model->spec, v->layer)), _chain_name (names, l->pre, v->row, v->col, -1), NULL);
  return l->out == l->act ? m : chain_maths_row (chain_maths_word ("dropout"), chain_maths_fence ("(", m, ")"), NULL);
}
