/* SPDX-License-Identifier: Apache-2.0 */
/* Pseudo-code is read by descent; what is not an assignment is left to the caller. */
#include "app/stepper/words/pseudo-tree.h"

#include <string.h>

#define DEEPEST 40

/* --- reading --- */
typedef struct { const char *at; guint depth; gboolean failed; } Reader;

static Tree *sum (Reader *r);

void
_chain_tree_free (gpointer p)
{
  Tree *t = p;

  if (t == NULL)
    return;
  g_ptr_array_unref (t->parts);
  g_free (t->text);
  g_free (t);
}

static Tree *
tree (TreeKind kind, const char *text, Tree *a, Tree *b)
{
  Tree *t = g_new0 (Tree, 1);

  t->kind = kind;
  t->text = g_strdup (text);
  t->parts = g_ptr_array_new_with_free_func (_chain_tree_free);
  if (a != NULL)
    g_ptr_array_add (t->parts, a);
  if (b != NULL)
    g_ptr_array_add (t->parts, b);
  return t;
}

static Tree *
fail (Reader *r)
{
  r->failed = TRUE;
  return tree (TREE_NUMBER, "0", NULL, NULL);
}

static void
skip (Reader *r)
{
  while (*r->at == ' ')
    r->at++;
}

static gboolean
take (Reader *r, const char *s)
{
  skip (r);
  if (!g_str_has_prefix (r->at, s))
    return FALSE;
  r->at += strlen (s);
  return TRUE;
}

static gboolean
is_index (gunichar c)
{
  return (c >= 0x2080 && c <= 0x208e) || c == 0x209c || c == 0x221e;   /* digits and signs below, t below, ∞ */
}

/* A letter with its hat and what stands below it. */
static Tree *
symbol (Reader *r)
{
  const char *from = r->at;

  r->at = g_utf8_next_char (r->at);
  if (g_utf8_get_char (r->at) == 0x302)
    r->at = g_utf8_next_char (r->at);
  while (is_index (g_utf8_get_char (r->at)))
    r->at = g_utf8_next_char (r->at);
  if (*r->at == '_')
    do
      r->at++;
    while (g_ascii_isalpha (*r->at));
  {
    g_autofree char *text = g_strndup (from, (gsize) (r->at - from));

    return tree (TREE_SYMBOL, text, NULL, NULL);
  }
}

static Tree *
number (Reader *r)
{
  const char *from = r->at;
  g_autofree char *text = NULL;

  while (g_ascii_isdigit (*r->at) || *r->at == '.')
    r->at++;
  if (*r->at == 'e' && (r->at[1] == '-' || g_ascii_isdigit (r->at[1])))
    for (r->at += 2; g_ascii_isdigit (*r->at);)
      r->at++;
  text = g_strndup (from, (gsize) (r->at - from));
  return tree (TREE_NUMBER, text, NULL, NULL);
}

static Tree *
call (Reader *r, const char *name)
{
  Tree *t = tree (TREE_CALL, name, sum (r), NULL);

  while (take (r, ","))
    g_ptr_array_add (t->parts, sum (r));
  if (!take (r, ")"))
    r->failed = TRUE;
  return t;
}

/* A word is a function, or one of the few that stand for a number. */
static Tree *
word (Reader *r)
{
  const char *from = r->at;
  g_autofree char *name = NULL;

  while (g_ascii_isalpha (*r->at))
    r->at++;
  name = g_strndup (from, (gsize) (r->at - from));
  if (*r->at == '(')
    {
      r->at++;
      return call (r, name);
    }
  return strcmp (name, "decay") == 0 || strcmp (name, "rows") == 0 || strcmp (name, "cols") == 0 ? tree (TREE_SYMBOL, name, NULL, NULL) : fail (r);
}

static Tree *
fenced (Reader *r, TreeKind kind, const char *right)
{
  Tree *t = tree (kind, NULL, sum (r), NULL);

  if (!take (r, right))
    r->failed = TRUE;
  return t;
}

static Tree *
plain_atom (Reader *r)
{
  gunichar c;

  skip (r);
  if (++r->depth > DEEPEST)
    return fail (r);
  c = g_utf8_get_char (r->at);
  if (take (r, "("))
    return fenced (r, TREE_FENCE, ")");
  if (take (r, "["))
    return fenced (r, TREE_BRACKET, "]");
  if (take (r, "‖"))
    return fenced (r, TREE_NORM, "‖");
  if (take (r, "|"))
    return fenced (r, TREE_ABS, "|");
  if (take (r, "√"))
    return tree (TREE_ROOT, NULL, plain_atom (r), NULL);
  if (take (r, "∇ℓ("))
    return call (r, "∇ℓ");
  if (take (r, "½"))
    return tree (TREE_NUMBER, "0.5", NULL, NULL);
  if (g_ascii_isdigit (*r->at))
    return number (r);
  if (g_ascii_isalpha (r->at[0]) && g_ascii_isalpha (r->at[1]))
    return word (r);
  return g_unichar_isalpha (c) || c == 0x3a0 ? symbol (r) : fail (r);
}

/* With its power. */
static Tree *
atom (Reader *r)
{
  Tree *t = plain_atom (r);

  r->depth--;
  if (g_str_has_prefix (r->at, "²"))
    return r->at += strlen ("²"), tree (TREE_POWER, NULL, t, tree (TREE_NUMBER, "2", NULL, NULL));
  if (g_str_has_prefix (r->at, "ᵗ"))
    return r->at += strlen ("ᵗ"), tree (TREE_POWER, NULL, t, tree (TREE_SYMBOL, "t", NULL, NULL));
  if (g_str_has_prefix (r->at, "ᵀ"))
    return r->at += strlen ("ᵀ"), tree (TREE_TRANSPOSE, NULL, t, NULL);
  if (*r->at == '^')
    {
      gboolean minus;

      r->at++;
      minus = take (r, "−");
      return tree (TREE_POWER, NULL, t, minus ? tree (TREE_MINUS, NULL, plain_atom (r), NULL) : plain_atom (r));
    }
  return t;
}

static gboolean
starts_atom (Reader *r)
{
  static const char *const ends[] = { "+", "−", ")", "]", ",", "←", "=", "/", "·", "⊙", ":", "<", ">", "≠", "}", "{", "~" };
  gunichar c;

  skip (r);
  c = g_utf8_get_char (r->at);
  if (c == 0 || c == 0x2016 || c == '|')   /* a bar that comes now closes */
    return c != 0 && r->at[-1] == ' ' && g_utf8_get_char (g_utf8_next_char (r->at)) != ' ' && g_utf8_get_char (g_utf8_next_char (r->at)) != ')';
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_has_prefix (r->at, ends[i]))
      return FALSE;
  return TRUE;
}

/* What stands before a stroke is all of the product so far, what stands behind it one atom. */
static Tree *
product (Reader *r)
{
  Tree *t = atom (r);

  while (!r->failed)
    {
      if (take (r, "/"))
        t = tree (TREE_FRACTION, NULL, t, atom (r));
      else if (starts_atom (r))
        t = tree (TREE_PRODUCT, NULL, t, atom (r));
      else
        break;
    }
  return t;
}

static Tree *
term (Reader *r)
{
  Tree *t = product (r);

  while (!r->failed)
    {
      if (take (r, "⊙"))
        t = tree (TREE_PRODUCT, "⊙", t, product (r));
      else if (take (r, "·"))
        t = tree (TREE_PRODUCT, "·", t, product (r));
      else
        break;
    }
  return t;
}

static Tree *
sum (Reader *r)
{
  Tree *t;

  if (++r->depth > DEEPEST)
    return fail (r);
  t = take (r, "−") ? tree (TREE_MINUS, NULL, term (r), NULL) : term (r);
  while (!r->failed)
    {
      if (take (r, "+"))
        t = tree (TREE_SUM, "+", t, term (r));
      else if (take (r, "−"))
        t = tree (TREE_SUM, "−", t, term (r));
      else
        break;
    }
  r->depth--;
  return t;
}

/* Symbol ← expression. */
static gboolean
clause (Reader *r, ChainPseudo *p)
{
  Tree *left;

  skip (r);
  left = atom (r);
  g_ptr_array_add (p->left, left);
  if (r->failed || left->kind != TREE_SYMBOL)
    return FALSE;
  if (take (r, "←"))
    g_ptr_array_add (p->relation, (gpointer) "←");
  else if (take (r, "="))
    g_ptr_array_add (p->relation, (gpointer) "=");
  else
    return FALSE;
  g_ptr_array_add (p->right, sum (r));
  return !r->failed;
}

ChainPseudo *
_chain_pseudo_parse (const char *line)
{
  g_autoptr (ChainPseudo) p = g_new0 (ChainPseudo, 1);
  Reader r = { .at = line };

  p->left = g_ptr_array_new_with_free_func (_chain_tree_free);
  p->right = g_ptr_array_new_with_free_func (_chain_tree_free);
  p->relation = g_ptr_array_new ();
  do
    if (!clause (&r, p))
      return NULL;
  while (take (&r, ","));
  skip (&r);
  return *r.at == '\0' ? g_steal_pointer (&p) : NULL;
}

void
_chain_pseudo_free (ChainPseudo *p)
{
  if (p == NULL)
    return;
  g_ptr_array_unref (p->left);
  g_ptr_array_unref (p->right);
  g_ptr_array_unref (p->relation);
  g_free (p);
}

guint
_chain_pseudo_clauses (const ChainPseudo *p)
{
  return p->right->len;
}

const char *
_chain_pseudo_left (const ChainPseudo *p, guint i)
{
  return ((const Tree *) g_ptr_array_index (p->left, i))->text;
}
