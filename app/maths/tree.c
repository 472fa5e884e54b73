/* SPDX-License-Identifier: Apache-2.0 */
/* Building. A tree is a handful of small nodes that never change, so that one formula may be shown, exported and read aloud at the same time;
 * a count of references is all the administration it needs. What a sign means stands in one table, for every reading. */
#include "config.h"

#include "app/maths/tree.h"

#include <glib/gi18n-lib.h>
#include <stdarg.h>
#include <string.h>

static const MathsSign signs[] = {
  { "+", MATHS_BIN, "+", N_("plus") }, { "−", MATHS_BIN, "-", N_("minus") }, { "-", MATHS_BIN, "-", N_("minus") }, { "±", MATHS_BIN, "\\pm ", N_("plus or minus") },
  { "×", MATHS_BIN, "\\times ", N_("times") }, { "·", MATHS_BIN, "\\cdot ", N_("times") }, { "⋅", MATHS_BIN, "\\cdot ", N_("times") },
  { "⊙", MATHS_BIN, "\\odot ", N_("times, entry by entry,") }, { "/", MATHS_ORD, "/", N_("divided by") }, { "∘", MATHS_BIN, "\\circ ", N_("after") },
  { "⊗", MATHS_BIN, "\\otimes ", N_("outer product with") }, { "⊕", MATHS_BIN, "\\oplus ", NULL }, { "∗", MATHS_BIN, "\\ast ", N_("convolved with") },
  { "=", MATHS_REL, "=", N_("equals") }, { "≠", MATHS_REL, "\\neq ", N_("is not equal to") }, { "≈", MATHS_REL, "\\approx ", N_("is about") },
  { "<", MATHS_REL, "<", N_("is less than") }, { ">", MATHS_REL, ">", N_("is greater than") }, { "≤", MATHS_REL, "\\leq ", N_("is at most") },
  { "≥", MATHS_REL, "\\geq ", N_("is at least") }, { "←", MATHS_REL, "\\leftarrow ", N_("becomes") }, { "→", MATHS_REL, "\\rightarrow ", N_("goes to") },
  { "⇒", MATHS_REL, "\\Rightarrow ", N_("implies") }, { "∈", MATHS_REL, "\\in ", N_("is in") }, { "∼", MATHS_REL, "\\sim ", N_("is drawn from") },
  { "~", MATHS_REL, "\\sim ", N_("is drawn from") }, { "∝", MATHS_REL, "\\propto ", N_("is proportional to") }, { "≡", MATHS_REL, "\\equiv ", N_("is defined as") },
  { ":", MATHS_REL, ":", NULL }, { "≪", MATHS_REL, "\\ll ", N_("is much less than") }, { "≫", MATHS_REL, "\\gg ", N_("is much greater than") },
  { "(", MATHS_OPEN, "(", NULL }, { ")", MATHS_CLOSE, ")", NULL }, { "[", MATHS_OPEN, "[", NULL }, { "]", MATHS_CLOSE, "]", NULL },
  { "{", MATHS_OPEN, "\\{", NULL }, { "}", MATHS_CLOSE, "\\}", NULL }, { "|", MATHS_ORD, "|", NULL }, { "‖", MATHS_ORD, "\\|", NULL },
  { "⟨", MATHS_OPEN, "\\langle ", NULL }, { "⟩", MATHS_CLOSE, "\\rangle ", NULL }, { "⌊", MATHS_OPEN, "\\lfloor ", NULL }, { "⌋", MATHS_CLOSE, "\\rfloor ", NULL },
  { ",", MATHS_PUNCT, ",", NULL }, { ";", MATHS_PUNCT, ";", NULL }, { "…", MATHS_INNER, "\\ldots ", N_("and so on") }, { "⋯", MATHS_INNER, "\\cdots ", N_("and so on") },
  { "!", MATHS_CLOSE, "!", N_("factorial") }, { "%", MATHS_ORD, "\\%", N_("per cent") }, { "∑", MATHS_OP, "\\sum", N_("the sum") },
  { "∏", MATHS_OP, "\\prod", N_("the product") }, { "∫", MATHS_OP, "\\int", N_("the integral") },
};

const MathsSign *
_chain_maths_sign_row (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    if (g_str_equal (signs[i].text, text))
      return &signs[i];
  return NULL;
}

static ChainMaths *
node (MathsKind kind, const char *text, guint n, ...)
{
  ChainMaths *m = g_malloc0 (sizeof *m + n * sizeof (ChainMaths *));
  va_list args;

  m->ref_count = 1;
  m->kind = kind;
  m->text = g_strdup (text);
  m->n = n;
  va_start (args, n);
  for (guint i = 0; i < n; i++)
    m->part[i] = va_arg (args, ChainMaths *);
  va_end (args);
  return m;
}

static ChainMaths *
node_of (MathsKind kind, ChainMaths **parts, guint n)
{
  ChainMaths *m = g_malloc0 (sizeof *m + n * sizeof (ChainMaths *));

  m->ref_count = 1;
  m->kind = kind;
  m->n = n;
  if (n > 0)
    memcpy (m->part, parts, n * sizeof *parts);
  return m;
}

ChainMaths *
chain_maths_ref (ChainMaths *m)
{
  g_atomic_int_inc (&m->ref_count);
  return m;
}

void
chain_maths_unref (ChainMaths *m)
{
  if (m == NULL || !g_atomic_int_dec_and_test (&m->ref_count))
    return;
  for (guint i = 0; i < m->n; i++)
    chain_maths_unref (m->part[i]);
  g_free (m->text);
  g_free (m->right);
  g_free (m);
}

ChainMaths *
chain_maths_symbol (const char *text)
{
  return node (MATHS_SYMBOL, text, 0);
}

/* A hyphen in a number is a minus sign. */
ChainMaths *
chain_maths_number (const char *text)
{
  ChainMaths *m = node (MATHS_NUMBER, NULL, 0);
  GString *s = g_string_new (text);

  g_string_replace (s, "-", "−", 0);
  m->text = g_string_free (s, FALSE);
  return m;
}

ChainMaths *
chain_maths_word (const char *text)
{
  return node (MATHS_WORD, text, 0);
}

ChainMaths *
chain_maths_sign (const char *text)
{
  return node (MATHS_SIGN, text, 0);
}

ChainMaths *
chain_maths_row (ChainMaths *first, ...)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  va_list args;

  va_start (args, first);
  for (ChainMaths *m = first; m != NULL; m = va_arg (args, ChainMaths *))
    g_ptr_array_add (parts, m);
  va_end (args);
  return node_of (MATHS_ROW, (ChainMaths **) parts->pdata, parts->len);
}

ChainMaths *
chain_maths_row_of (ChainMaths **parts, guint n)
{
  return node_of (MATHS_ROW, parts, n);
}

ChainMaths *
chain_maths_fraction (ChainMaths *over, ChainMaths *under)
{
  return node (MATHS_FRACTION, NULL, 2, over, under);
}

ChainMaths *
chain_maths_script (ChainMaths *base, ChainMaths *sub, ChainMaths *sup)
{
  return node (MATHS_SCRIPT, NULL, 3, base, sub, sup);
}

ChainMaths *
chain_maths_root (ChainMaths *body)
{
  return node (MATHS_ROOT, NULL, 1, body);
}

ChainMaths *
chain_maths_fence (const char *left, ChainMaths *body, const char *right)
{
  ChainMaths *m = node (MATHS_FENCE, left, 1, body);

  m->right = g_strdup (right);
  return m;
}

ChainMaths *
chain_maths_big (const char *sign, ChainMaths *lower, ChainMaths *upper, ChainMaths *body)
{
  return node (MATHS_BIG, sign, 3, lower, upper, body);
}

ChainMaths *
chain_maths_accent (ChainMathsAccent accent, ChainMaths *body)
{
  ChainMaths *m = node (MATHS_ACCENT, NULL, 1, body);

  m->value = accent;
  return m;
}

ChainMaths *
chain_maths_cases (ChainMaths **values, ChainMaths **conditions, guint n)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    {
      g_ptr_array_add (parts, values[i]);
      g_ptr_array_add (parts, conditions[i]);
    }
  return node_of (MATHS_CASES, (ChainMaths **) parts->pdata, parts->len);
}

ChainMaths *
chain_maths_matrix (ChainMaths **cells, guint rows, guint cols)
{
  ChainMaths *m = node_of (MATHS_MATRIX, cells, rows * cols);

  m->value = MAX (cols, 1);
  return m;
}

ChainMaths *
chain_maths_ink (ChainMathsInk ink, ChainMaths *body)
{
  ChainMaths *m = node (MATHS_INK, NULL, 1, body);

  m->value = ink;
  return m;
}

ChainMaths *
chain_maths_anchor (const char *id, ChainMaths *body)
{
  return node (MATHS_ANCHOR, id, 1, body);
}

ChainMaths *
chain_maths_lines (ChainMaths **lines, guint n)
{
  return node_of (MATHS_LINES, lines, n);
}

/* Words that are language rather than the name of a function. */
static gboolean
is_prose (const char *text)
{
  static const char *const words[] = { "if", "else", "otherwise", "for", "and", "or", "where", "with", "of", "in", NULL };

  return g_strv_contains (words, text) || strchr (text, ' ') != NULL;
}

MathsClass
_chain_maths_class (const ChainMaths *m)
{
  const MathsSign *row;

  switch (m->kind)
    {
    case MATHS_WORD:
      return is_prose (m->text) ? MATHS_TEXT : MATHS_OP;
    case MATHS_SIGN:
      row = _chain_maths_sign_row (m->text);
      return row != NULL ? row->cls : MATHS_ORD;
    case MATHS_FRACTION:
    case MATHS_FENCE:
    case MATHS_CASES:
    case MATHS_MATRIX:
    case MATHS_LINES:
      return MATHS_INNER;
    case MATHS_SCRIPT:
      return m->part[0]->kind == MATHS_ROW || m->part[0]->kind == MATHS_FENCE ? MATHS_ORD : _chain_maths_class (m->part[0]);
    case MATHS_BIG:
      return MATHS_OP;
    case MATHS_INK:
    case MATHS_ANCHOR:
      return _chain_maths_class (m->part[0]);
    default:
      return MATHS_ORD;
    }
}

gboolean
_chain_maths_is_unary (int before)
{
  return before < 0 || before == MATHS_OP || before == MATHS_BIN || before == MATHS_REL || before == MATHS_OPEN || before == MATHS_PUNCT || before == MATHS_TEXT;
}

static void
flatten (const ChainMaths *m, GPtrArray *out)
{
  if (m->kind != MATHS_ROW && m->kind != MATHS_INK && m->kind != MATHS_ANCHOR)
    g_ptr_array_add (out, (gpointer) m);
  else
    for (guint i = 0; i < m->n; i++)
      flatten (m->part[i], out);
}

GPtrArray *
_chain_maths_flatten (const ChainMaths *m)
{
  GPtrArray *out = g_ptr_array_new ();

  flatten (m, out);
  return out;
}
