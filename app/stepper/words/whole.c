/* SPDX-License-Identifier: Apache-2.0 */
/* The formula of a layer or of an operation on matrices, read from the nodes of the graph: H = tanh (X Wᵀ + b), a row of a batch being a row of X.
 * A matrix has no one number, so what is shown of it are its first entries and its norm, and both are called so. */
#include "app/stepper/words/words.h"

#include <string.h>

#define MOST 10               /* names of a formula */

typedef enum { BIND_SUM, BIND_PRODUCT, BIND_ATOM } Bind;

typedef struct
{
  const ChainTrace   *t;
  const ChainDiagram *d;
  ChainNames         *names;
  guint               layer;
  ChainId             root;
  guint               written;
} Whole;

static ChainMaths *node (Whole *w, ChainId id, Bind outside);

/* Values that other cells show are called by their names. */
static gboolean
is_named (const Whole *w, ChainId id)
{
  const ChainNode *n = _chain_trace_node (w->t, id);

  if (id == w->root)
    return FALSE;
  if (n->op == CHAIN_OP_LEAF || n->op == CHAIN_OP_CONST || n->op == CHAIN_OP_RANDOM)
    return TRUE;
  for (guint i = 0; i < w->d->model->layers->len; i++)
    if (g_array_index (w->d->model->layers, ChainLayerInfo, i).out == id && i != w->layer)
      return TRUE;
  return w->layer == G_MAXUINT;
}

static ChainMaths *
enclosed (ChainMaths *m, Bind own, Bind outside)
{
  return own < outside ? chain_maths_fence ("(", m, ")") : m;
}

static ChainMaths *
two (Whole *w, const ChainNode *n, const char *sign, Bind own, Bind outside)
{
  ChainMaths *a = node (w, n->in[0], own), *b = node (w, n->in[1], n->op == CHAIN_OP_SUB ? BIND_PRODUCT : own);

  return enclosed (chain_maths_row (a, chain_maths_sign (sign), b, NULL), own, outside);
}

static ChainMaths *
factor (Whole *w, ChainId id, gboolean transposed)
{
  ChainMaths *m = node (w, id, transposed ? BIND_ATOM : BIND_PRODUCT);

  return transposed ? chain_maths_script (m, NULL, chain_maths_word ("T")) : m;
}

static ChainMaths *
call (Whole *w, const ChainNode *n, const char *name)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  for (guint k = 0; k < n->n_in; k++)
    {
      if (k > 0)
        g_ptr_array_add (parts, chain_maths_sign (","));
      g_ptr_array_add (parts, node (w, n->in[k], BIND_SUM));
    }
  return chain_maths_row (chain_maths_word (name), chain_maths_fence ("(", chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len), ")"), NULL);
}

static ChainMaths *
operation (Whole *w, const ChainNode *n, Bind outside)
{
  switch ((int) n->op)
    {
    case CHAIN_OP_MATMUL: return enclosed (chain_maths_row (factor (w, n->in[0], n->arg.i[0] != 0), factor (w, n->in[1], n->arg.i[1] != 0), NULL),
                                           BIND_PRODUCT, outside);
    case CHAIN_OP_ADD: return two (w, n, "+", BIND_SUM, outside);
    case CHAIN_OP_SUB: return two (w, n, "−", BIND_SUM, outside);
    case CHAIN_OP_MUL: return two (w, n, "⊙", BIND_PRODUCT, outside);
    case CHAIN_OP_DIV: return chain_maths_fraction (node (w, n->in[0], BIND_SUM), node (w, n->in[1], BIND_SUM));
    case CHAIN_OP_SQRT: return chain_maths_root (node (w, n->in[0], BIND_SUM));
    case CHAIN_OP_NEG: return enclosed (chain_maths_row (chain_maths_sign ("−"), node (w, n->in[0], BIND_PRODUCT), NULL), BIND_SUM, outside);
    default: return call (w, n, chain_op_row ((ChainOp) n->op)->name);
    }
}

static ChainMaths *
node (Whole *w, ChainId id, Bind outside)
{
  const ChainLayerInfo *l = w->layer == G_MAXUINT ? NULL : &g_array_index (w->d->model->layers, ChainLayerInfo, w->layer);
  const ChainNode *n = _chain_trace_node (w->t, id);

  while (id != w->root && _chain_is_passage (n))
    {
      if (n->op == CHAIN_OP_TRANSPOSE)
        return chain_maths_script (node (w, n->in[0], BIND_ATOM), NULL, chain_maths_word ("T"));
      id = n->in[0];
      n = _chain_trace_node (w->t, id);
    }
  if (is_named (w, id) || w->written > MOST)
    {
      w->written++;
      return _chain_name (w->names, id, -1, -1, -1);
    }
  if (l != NULL && id == l->out && l->out != l->act)
    return chain_maths_row (chain_maths_word ("dropout"), chain_maths_fence ("(", node (w, l->act, BIND_SUM), ")"), NULL);
  if (l != NULL && id == l->act && l->act != l->pre)
    return chain_maths_row (chain_maths_word (_chain_activation_symbol (w->d->model->spec, w->layer)), chain_maths_fence ("(", node (w, l->pre, BIND_SUM), ")"), NULL);
  return operation (w, n, outside);
}

/* A layer whose formula is long is its kind with what it reads: "batch norm (H, γ, β)". */
static ChainMaths *
by_kind (const ChainDiagram *d, guint cell)
{
  const ChainCell *c = chain_diagram_cell (d, cell);
  const ChainLayer *l = c->layer == G_MAXUINT ? NULL : g_ptr_array_index (d->model->spec->layers, c->layer);
  g_autofree char *kind = g_strdup (l != NULL ? l->type : c->symbol);
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  g_strdelimit (kind, "_", ' ');
  for (guint k = 0; k < _chain_guints (d->p->wires_in, cell); k++)
    {
      const ChainWire *w = &g_array_index (d->wires, ChainWire, _chain_guint (d->p->wires_in, cell, k));

      if (chain_diagram_cell (d, w->from)->kind == CHAIN_CELL_CONSTANT)
        continue;
      if (parts->len > 0)
        g_ptr_array_add (parts, chain_maths_sign (","));
      g_ptr_array_add (parts, chain_maths_ref (chain_diagram_cell (d, w->from)->name));
    }
  return chain_maths_row (chain_maths_word (kind), chain_maths_fence ("(", chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len), ")"), NULL);
}

ChainMaths *
_chain_whole (const ChainTrace *t, const ChainDiagram *d, guint cell, ChainNames *names)
{
  const ChainCell *c = chain_diagram_cell (d, cell);
  Whole w = { t, d, names, c->kind == CHAIN_CELL_LAYER ? c->layer : G_MAXUINT, c->node, 0 };
  ChainMaths *m = node (&w, c->node, BIND_SUM);

  if (w.written <= MOST)
    return m;
  chain_maths_unref (m);
  return by_kind (d, cell);
}

ChainMaths *
_chain_entries (const ChainTrace *t, const ChainCell *c, gboolean adjoint)
{
  ChainId id = adjoint ? t->adjoint[c->node] : c->node;
  gint64 rows, cols, n_rows, n_cols;
  ChainMaths *cells[16];
  guint k = 0;

  if (id == CHAIN_NONE || t->value[id] == NULL)
    return NULL;
  chain_trace_shape (t, id, &rows, &cols);
  n_rows = c->row >= 0 ? 1 : MIN (rows, 3) + (rows > 3);
  n_cols = c->col >= 0 ? 1 : MIN (cols, 3) + (cols > 3);
  for (gint64 r = 0; r < n_rows; r++)
    for (gint64 j = 0; j < n_cols; j++)
      {
        gboolean below = c->row < 0 && r == 3, right = c->col < 0 && j == 3;

        cells[k++] = below || right ? chain_maths_symbol (below && right ? "⋱" : below ? "⋮" : "⋯")
                     : _chain_number (chain_trace_at (t, id, c->row >= 0 ? c->row : r, c->col >= 0 ? c->col : j));
      }
  return chain_maths_matrix (cells, (guint) n_rows, (guint) n_cols);
}
