/* SPDX-License-Identifier: Apache-2.0 */
/* A tree to nodes of a graph, or to numbers: one pass over the array each. Parts without names are numbers in both, so a formula such
 * as 2·π·x₁ is one product and not three broadcasts. */
#include "engine/lang/expr.h"

typedef struct { ChainId id; gboolean constant; double value; } Traced;

static gboolean
is_row (const ChainExprNode *n, ChainLangOp op)
{
  return n->row == _chain_lang_row (op);
}

/* Rows that have a shorter form when an argument is a number: a square, and a clamp between two numbers. */
static ChainId
build_special (ChainGraph *g, const ChainExprNode *n, const Traced *args)
{
  if (is_row (n, CHAIN_LANG_POW) && args[1].constant && args[1].value == 2)
    return chain_square (g, args[0].id);
  if (n->row == _chain_lang_function ("clamp") && args[1].constant && args[2].constant && args[1].value <= args[2].value)
    return chain_clamp (g, args[0].id, args[1].value, args[2].value);
  return CHAIN_NONE;
}

static Traced
trace_apply (ChainGraph *g, const ChainExprNode *n, const Traced *t, ChainShape shape)
{
  Traced out = { .constant = TRUE }, args[3] = { { 0 } };
  double values[3] = { 0 };
  ChainId ids[3] = { 0 };

  for (guint i = 0; i < n->n_args; i++)
    {
      args[i] = t[n->args[i]];
      values[i] = args[i].value;
      out.constant = out.constant && args[i].constant;
    }
  if (out.constant)
    {
      out.value = n->row->eval (values);
      return out;
    }
  out.id = build_special (g, n, args);
  if (out.id != CHAIN_NONE)
    return out;
  for (guint i = 0; i < n->n_args; i++)
    ids[i] = args[i].constant ? chain_full (g, shape, args[i].value) : args[i].id;
  out.id = n->row->build (g, ids);
  return out;
}

ChainId
chain_formula_trace (const ChainFormula *f, ChainGraph *g, const char *const *names, const ChainId *values)
{
  g_autofree Traced *t = g_new0 (Traced, f->nodes->len);
  g_autofree guint *places = _chain_expr_bind (f, names);
  ChainShape shape = chain_graph_node (g, values[0])->shape;
  const Traced *root = &t[f->nodes->len - 1];

  for (guint i = 0; i < f->nodes->len; i++)
    {
      const ChainExprNode *n = _chain_expr_node (f, i);

      if (n->kind == CHAIN_EXPR_APPLY)
        t[i] = trace_apply (g, n, t, shape);
      else if (n->kind == CHAIN_EXPR_NAME)
        t[i] = (Traced){ .id = values[places[n->index]] };
      else
        t[i] = (Traced){ .constant = TRUE, .value = n->value };
      if (n->kind == CHAIN_EXPR_NAME)
        g_assert (chain_shape_equal (chain_graph_node (g, t[i].id)->shape, shape));
    }
  return root->constant ? chain_full (g, shape, root->value) : root->id;
}

static double
eval_one (const ChainFormula *f, const guint *places, const double *values, double *v)
{
  for (guint i = 0; i < f->nodes->len; i++)
    {
      const ChainExprNode *n = _chain_expr_node (f, i);
      double args[3] = { 0 };

      if (n->kind == CHAIN_EXPR_NAME)
        v[i] = values[places[n->index]];
      else if (n->kind != CHAIN_EXPR_APPLY)
        v[i] = n->value;
      else
        {
          for (guint k = 0; k < n->n_args; k++)
            args[k] = v[n->args[k]];
          v[i] = n->row->eval (args);
        }
    }
  return v[f->nodes->len - 1];
}

void
chain_formula_eval_rows (const ChainFormula *f, const char *const *names, const double *values, gsize stride, gsize n, double *out,
                         gsize out_stride)
{
  g_autofree double *v = g_new (double, f->nodes->len);
  g_autofree guint *places = _chain_expr_bind (f, names);

  for (gsize i = 0; i < n; i++)
    out[i * out_stride] = eval_one (f, places, values + i * stride, v);
}

double
chain_formula_eval (const ChainFormula *f, const char *const *names, const double *values)
{
  double out;

  chain_formula_eval_rows (f, names, values, 0, 1, &out, 1);
  return out;
}
