/* SPDX-License-Identifier: Apache-2.0 */
/* A line of pseudo-code as maths, with symbols or with numbers, and its value. */
#include "app/stepper/private.h"
#include "app/stepper/words/pseudo-tree.h"
#include "engine/base/number.h"

#include <math.h>
#include <string.h>

typedef struct { ChainPseudoValue value; gpointer data; guint clause; } Numbers;   /* value NULL: symbols */

static ChainMaths *show (const Tree *t, const Numbers *n, gboolean first);

static const Tree *
part (const Tree *t, guint i)
{
  return g_ptr_array_index (t->parts, i);
}

static double
value_of (const Tree *t, const Numbers *n)
{
  double a = t->parts->len > 0 && t->kind != TREE_NORM ? value_of (part (t, 0), n) : NAN, b = t->parts->len > 1 ? value_of (part (t, 1), n) : NAN;
  double v;

  switch (t->kind)
    {
    case TREE_NUMBER: return chain_number_parse (t->text, -1, &v) ? v : NAN;
    case TREE_SYMBOL: return n->value (t->text, n->clause, FALSE, n->data);
    case TREE_FENCE: case TREE_BRACKET: return a;
    case TREE_NORM: return part (t, 0)->kind == TREE_SYMBOL ? n->value (part (t, 0)->text, n->clause, TRUE, n->data) : NAN;
    case TREE_ABS: return fabs (a);
    case TREE_ROOT: return sqrt (a);
    case TREE_POWER: return pow (a, b);
    case TREE_MINUS: return -a;
    case TREE_PRODUCT: return a * b;
    case TREE_FRACTION: return a / b;
    case TREE_SUM: return strcmp (t->text, "+") == 0 ? a + b : a - b;
    case TREE_CALL:
      if (strcmp (t->text, "sign") == 0)
        return (a > 0) - (a < 0);
      if (strcmp (t->text, "max") == 0 && t->parts->len == 2)
        return isnan (a) || isnan (b) ? NAN : fmax (a, b);
      return NAN;
    case TREE_TRANSPOSE:
    default: return NAN;
    }
}

/* --- symbols --- */
static const struct { gunichar c; const char *digit; } below[] = { { 0x208a, "+" }, { 0x208b, "−" }, { 0x209c, "t" }, { 0x221e, "∞" } };

static char *
index_text (const char *s)
{
  GString *out = g_string_new (NULL);

  for (; *s != '\0'; s = g_utf8_next_char (s))
    {
      gunichar c = g_utf8_get_char (s);
      gboolean known = FALSE;

      for (guint i = 0; i < G_N_ELEMENTS (below); i++)
        if (below[i].c == c)
          {
            g_string_append (out, below[i].digit);
            known = TRUE;
          }
      if (!known && c >= 0x2080 && c <= 0x2089)
        g_string_append_c (out, (char) ('0' + (c - 0x2080)));
      else if (!known && *s != '_')
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

ChainMaths *
_chain_pseudo_symbol (const char *symbol)
{
  const char *rest = g_utf8_next_char (symbol);
  gboolean hat = *symbol != '\0' && g_utf8_get_char (rest) == 0x302;
  g_autofree char *letter = g_strndup (symbol, (gsize) (rest - symbol)), *index = NULL;
  ChainMaths *m;

  if (g_ascii_isalpha (symbol[0]) && g_ascii_isalpha (symbol[1]))
    return chain_maths_word (symbol);
  if (hat)
    rest = g_utf8_next_char (rest);
  m = hat ? chain_maths_accent (CHAIN_ACCENT_HAT, chain_maths_symbol (letter)) : chain_maths_symbol (letter);
  if (*rest == '\0')
    return m;
  index = index_text (rest);
  return chain_maths_script (m, g_ascii_isdigit (index[0]) ? chain_maths_number (index) : chain_maths_symbol (index), NULL);
}

static ChainMaths *
number (double v, gboolean first)
{
  return v < 0 && !first ? chain_maths_fence ("(", _chain_number (v), ")") : _chain_number (v);
}

/* Inside a fraction or root brackets say nothing. */
static const Tree *
bare (const Tree *t)
{
  return t->kind == TREE_FENCE ? part (t, 0) : t;
}

static ChainMaths *
show_product (const Tree *t, const Numbers *n, gboolean first)
{
  const Tree *a = part (t, 0), *b = part (t, 1);
  ChainMaths *x = show (a, n, first), *y = show (b, n, FALSE);
  gboolean side = b->kind == TREE_FENCE || (n->value != NULL && b->kind == TREE_SYMBOL && value_of (b, n) < 0);

  if (n->value == NULL && t->text == NULL)
    return chain_maths_row (x, y, NULL);
  return side && n->value != NULL ? chain_maths_row (x, y, NULL) : chain_maths_row (x, chain_maths_sign (n->value != NULL ? "×" : t->text), y, NULL);
}

static ChainMaths *
show_call (const Tree *t, const Numbers *n)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  ChainMaths *name = strcmp (t->text, "∇ℓ") == 0 ? chain_maths_row (chain_maths_symbol ("∇"), chain_maths_symbol ("ℓ"), NULL) : chain_maths_word (t->text);

  for (guint i = 0; i < t->parts->len; i++)
    {
      if (i > 0)
        g_ptr_array_add (parts, chain_maths_sign (","));
      g_ptr_array_add (parts, show (part (t, i), n, TRUE));
    }
  return chain_maths_row (name, chain_maths_fence ("(", chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len), ")"), NULL);
}

static ChainMaths *
show_power (const Tree *t, const Numbers *n)
{
  const Tree *base = part (t, 0);
  ChainMaths *m;

  if (n->value != NULL && base->kind == TREE_SYMBOL && value_of (base, n) < 0)
    m = chain_maths_fence ("(", _chain_number (value_of (base, n)), ")");
  else
    m = show (base, n, TRUE);
  return chain_maths_script (m, NULL, show (bare (part (t, 1)), n, TRUE));
}

static ChainMaths *
show (const Tree *t, const Numbers *n, gboolean first)
{
  switch (t->kind)
    {
    case TREE_NUMBER: return number (value_of (t, n), first);
    case TREE_SYMBOL: return n->value == NULL ? _chain_pseudo_symbol (t->text) : number (value_of (t, n), first);
    case TREE_CALL: return show_call (t, n);
    case TREE_FENCE: return chain_maths_fence ("(", show (part (t, 0), n, TRUE), ")");
    case TREE_BRACKET: return chain_maths_fence ("[", show (part (t, 0), n, TRUE), "]");
    case TREE_NORM: return n->value != NULL ? number (value_of (t, n), first) : chain_maths_fence ("‖", show (part (t, 0), n, TRUE), "‖");
    case TREE_ABS: return chain_maths_fence ("|", show (part (t, 0), n, TRUE), "|");
    case TREE_ROOT: return chain_maths_root (show (bare (part (t, 0)), n, TRUE));
    case TREE_POWER: return show_power (t, n);
    case TREE_TRANSPOSE: return chain_maths_script (show (part (t, 0), n, TRUE), NULL, chain_maths_word ("T"));
    case TREE_MINUS: return chain_maths_row (chain_maths_sign ("−"), show (part (t, 0), n, FALSE), NULL);
    case TREE_PRODUCT: return show_product (t, n, first);
    case TREE_FRACTION: return chain_maths_fraction (show (bare (part (t, 0)), n, TRUE), show (bare (part (t, 1)), n, TRUE));
    case TREE_SUM:
    default: return chain_maths_row (show (part (t, 0), n, first), chain_maths_sign (t->text), show (part (t, 1), n, FALSE), NULL);
    }
}

ChainMaths *
_chain_pseudo_maths (const ChainPseudo *p)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  Numbers none = { 0 };

  for (guint i = 0; i < p->right->len; i++)
    {
      if (i > 0)
        {
          g_ptr_array_add (parts, chain_maths_sign (","));
          g_ptr_array_add (parts, chain_maths_word ("\u2003"));
        }
      g_ptr_array_add (parts, show (g_ptr_array_index (p->left, i), &none, TRUE));
      g_ptr_array_add (parts, chain_maths_sign (g_ptr_array_index (p->relation, i)));
      g_ptr_array_add (parts, show (g_ptr_array_index (p->right, i), &none, TRUE));
    }
  return chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len);
}

ChainMaths *
_chain_pseudo_numbers (const ChainPseudo *p, guint clause, ChainPseudoValue value, gpointer data, double *out)
{
  Numbers n = { value, data, clause };
  const Tree *right = g_ptr_array_index (p->right, clause);

  *out = value_of (right, &n);
  return isnan (*out) || right->kind == TREE_SYMBOL || right->kind == TREE_NUMBER ? NULL : show (right, &n, TRUE);
}
