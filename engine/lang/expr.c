/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a formula, and what can be asked about it without knowing its text. */
#include "engine/lang/expr.h"

#include <string.h>

ChainFormula *
_chain_expr_new (void)
{
  ChainFormula *f = g_new0 (ChainFormula, 1);

  f->ref_count = 1;
  f->nodes = g_array_new (FALSE, TRUE, sizeof (ChainExprNode));
  f->names = g_ptr_array_new_with_free_func (g_free);
  return f;
}

ChainFormula *
chain_formula_ref (ChainFormula *f)
{
  g_atomic_int_inc (&f->ref_count);
  return f;
}

void
chain_formula_unref (ChainFormula *f)
{
  if (f == NULL || !g_atomic_int_dec_and_test (&f->ref_count))
    return;
  g_array_unref (f->nodes);
  g_ptr_array_unref (f->names);
  g_free (f);
}

guint
_chain_expr_name (ChainFormula *f, const char *name)
{
  for (guint i = 0; i < f->names->len; i++)
    if (g_str_equal (f->names->pdata[i], name))
      return i;
  g_ptr_array_add (f->names, g_strdup (name));
  return f->names->len - 1;
}

guint
_chain_expr_add (ChainFormula *f, const ChainExprNode *node)
{
  g_array_append_vals (f->nodes, node, 1);
  f->n_ops += node->kind == CHAIN_EXPR_APPLY;
  return f->nodes->len - 1;
}

const char *const *
chain_formula_names (const ChainFormula *f)
{
  return (const char *const *) f->names->pdata;
}

guint
chain_formula_column (const ChainFormula *f, const char *name)
{
  for (guint i = 0; i < f->nodes->len; i++)
    {
      const ChainExprNode *n = _chain_expr_node (f, i);

      if (n->kind == CHAIN_EXPR_NAME && g_str_equal (f->names->pdata[n->index], name))
        return n->column;
    }
  return 0;
}

guint
chain_formula_n_ops (const ChainFormula *f)
{
  return f->n_ops;
}

/* Parsing makes nodes in one order only, so equal trees are equal arrays. */
static gboolean
node_equal (const ChainFormula *f, const ChainExprNode *a, const ChainFormula *h, const ChainExprNode *b)
{
  if (a->kind != b->kind || a->row != b->row || a->n_args != b->n_args || memcmp (a->args, b->args, sizeof a->args) != 0)
    return FALSE;
  if (a->kind == CHAIN_EXPR_NAME)
    return g_str_equal (f->names->pdata[a->index], h->names->pdata[b->index]);
  return a->index == b->index && (a->value < b->value) == (a->value > b->value);
}

gboolean
chain_formula_equal (const ChainFormula *a, const ChainFormula *b)
{
  if (a->nodes->len != b->nodes->len)
    return FALSE;
  for (guint i = 0; i < a->nodes->len; i++)
    if (!node_equal (a, _chain_expr_node (a, i), b, _chain_expr_node (b, i)))
      return FALSE;
  return TRUE;
}

guint *
_chain_expr_bind (const ChainFormula *f, const char *const *names)
{
  guint *places = g_new (guint, f->names->len - 1);

  for (guint i = 0; i + 1 < f->names->len; i++)
    {
      guint k = 0;

      while (names[k] != NULL && strcmp (names[k], f->names->pdata[i]) != 0)
        k++;
      g_assert (names[k] != NULL);
      places[i] = k;
    }
  return places;
}

/* U+2080 … U+2089 are three bytes: e2 82 80 … e2 82 89. */
void
_chain_expr_plain_digits (const char *name, gsize bytes, char *out)
{
  for (gsize i = 0; i < bytes; i++)
    {
      const guchar *p = (const guchar *) name + i;

      if (bytes - i >= 3 && p[0] == 0xe2 && p[1] == 0x82 && p[2] >= 0x80 && p[2] <= 0x89)
        {
          *out++ = (char) ('0' + (p[2] - 0x80));
          i += 2;
        }
      else
        *out++ = name[i];
    }
  *out = '\0';
}

guint
chain_formula_n_functions (void)
{
  guint n = 0;

  for (guint i = 0; i < _chain_lang_n_rows (); i++)
    n += _chain_lang_row (i)->name != NULL;
  return n;
}

ChainFormulaFunction
chain_formula_function (guint i)
{
  for (guint k = 0; k < _chain_lang_n_rows (); k++)
    {
      const ChainLangRow *row = _chain_lang_row (k);

      if (row->name != NULL && i-- == 0)
        return (ChainFormulaFunction){ row->name, row->usage, row->title };
    }
  g_assert_not_reached ();
}
