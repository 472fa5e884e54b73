/* SPDX-License-Identifier: Apache-2.0 */
/* A wrong name is the most frequent error in a typed formula. The sentence names the nearest known one: by a small table of what other
 * languages and schoolbooks call a function, then by the number of letters to change (Damerau 1964, adjacent letters swapped count
 * once), never further than a third of the word. */
#include "engine/lang/names.h"

#include <string.h>

/* The number behind prefix, whole and without a leading zero. */
static gboolean
is_numbered (const char *name, const char *prefix, gsize n)
{
  const char *p = name + n;

  if (strncmp (name, prefix, n) != 0 || *p < '1' || *p > '9')
    return FALSE;
  while (g_ascii_isdigit (*p))
    p++;
  return *p == '\0';
}

gboolean
_chain_name_allowed (const char *name, const char *const *allowed)
{
  char plain[CHAIN_LIMIT_FORMULA_NAME * 4 + 1];

  for (guint i = 0; allowed != NULL && allowed[i] != NULL; i++)
    {
      gsize n = strlen (allowed[i]);

      if (n >= sizeof plain)
        continue;
      _chain_expr_plain_digits (allowed[i], n, plain);
      if (g_str_has_suffix (plain, "#") ? is_numbered (name, plain, strlen (plain) - 1) : g_str_equal (name, plain))
        return TRUE;
    }
  return allowed == NULL;
}

/* Letters to insert, drop, change or swap; words longer than the table are far apart. */
static guint
distance (const char *a, const char *b)
{
  guint d[18][18], n = (guint) strlen (a), m = (guint) strlen (b);

  if (n > 17 || m > 17)
    return G_MAXUINT;
  for (guint i = 0; i <= n; i++)
    for (guint j = 0; j <= m; j++)
      {
        if (i == 0 || j == 0)
          {
            d[i][j] = i + j;
            continue;
          }
        d[i][j] = MIN (MIN (d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
          d[i][j] = MIN (d[i][j], d[i - 2][j - 2] + 1);
      }
  return d[n][m];
}

static const struct { const char *typed, *meant; } elsewhere[] = {
  { "arcsin", "asin" }, { "arccos", "acos" }, { "arctan", "atan" }, { "tg", "tan" }, { "arctg", "atan" }, { "sh", "sinh" }, { "ch", "cosh" },
  { "th", "tanh" }, { "arsinh", "asinh" }, { "arcosh", "acosh" }, { "artanh", "atanh" }, { "arcsinh", "asinh" }, { "arccosh", "acosh" },
  { "arctanh", "atanh" }, { "lg", "log10" }, { "ld", "log2" }, { "lb", "log2" }, { "heaviside", "step" }, { "theta", "step" }, { "if", "where" },
  { "ifelse", "where" }, { "select", "where" }, { "power", "pow" }, { "root", "sqrt" }, { "fabs", "abs" }, { "sgn", "sign" }, { "int", "floor" },
  { "ceiling", "ceil" }, { "maximum", "max" }, { "minimum", "min" }, { "logistic", "sigmoid" }, { "expit", "sigmoid" }, { "swish", "silu" },
  { "gammaln", "lgamma" }, { "fmod", "mod" }, { "rem", "mod" }, { "trunc", "floor" }, { "square", "pow" },
};

/* The nearest of word and what is already best. */
static void
consider (const char *typed, const char *word, guint *best, const char **found)
{
  guint d = word != NULL ? distance (typed, word) : G_MAXUINT;

  if (d < *best)
    {
      *best = d;
      *found = word;
    }
}

static const char *
nearest_function (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  guint best = MAX (2, (guint) strlen (name) / 3 + 1);
  const char *found = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (elsewhere); i++)
    if (g_str_equal (elsewhere[i].typed, lower))
      return elsewhere[i].meant;
  for (guint i = 0; i < _chain_lang_n_rows (); i++)
    {
      consider (lower, _chain_lang_row (i)->name, &best, &found);
      consider (lower, _chain_lang_row (i)->alias, &best, &found);
    }
  return found;
}

gboolean
_chain_name_unknown_function (const ChainToken *tok, const char *const *allowed, ChainFormulaError *where, GError **error)
{
  g_autofree char *text = _chain_token_text (tok);
  const char *near = nearest_function (tok->name);

  if (_chain_lang_find_constant (tok->name) >= 0 || (allowed != NULL && _chain_name_allowed (tok->name, allowed)))
    return _chain_lexer_error (where, tok->column, tok->length, CHAIN_ERROR_BAD_VALUE, error,
                               "“%s” is a number, not a function; write %s*( … ) to multiply", text, text);
  if (near != NULL)
    return _chain_lexer_error (where, tok->column, tok->length, CHAIN_ERROR_BAD_VALUE, error,
                               "“%s” is not a function; did you mean “%s”?", text, near);
  return _chain_lexer_error (where, tok->column, tok->length, CHAIN_ERROR_BAD_VALUE, error,
                             "“%s” is not a function; use for example sin, exp, ln, sqrt, abs, max or where", text);
}

/* "x1, x2 …, y or t" */
static char *
list_names (const char *const *allowed)
{
  GString *s = g_string_new (NULL);

  for (guint i = 0; allowed[i] != NULL && i < 8; i++)
    {
      gsize n = strlen (allowed[i]);

      if (i > 0)
        g_string_append (s, allowed[i + 1] == NULL ? " or " : ", ");
      if (g_str_has_suffix (allowed[i], "#"))
        g_string_append_printf (s, "%.*s1, %.*s2 …", (int) n - 1, allowed[i], (int) n - 1, allowed[i]);
      else
        g_string_append (s, allowed[i]);
    }
  if (g_strv_length ((char **) allowed) > 8)
    g_string_append (s, " …");
  return g_string_free (s, FALSE);
}

gboolean
_chain_name_unknown (const ChainToken *tok, const char *const *allowed, ChainFormulaError *where, GError **error)
{
  g_autofree char *text = _chain_token_text (tok), *names = NULL;
  const ChainLangRow *row = _chain_lang_function (tok->name);

  if (row != NULL)
    return _chain_lexer_error (where, tok->column, tok->length, CHAIN_ERROR_SYNTAX, error, "“%s” needs its arguments in brackets: %s", text,
                               row->usage);
  if (allowed == NULL || allowed[0] == NULL)
    return _chain_lexer_error (where, tok->column, tok->length, CHAIN_ERROR_BAD_VALUE, error,
                               "“%s” is not known, and no names can be used here; write a number", text);
  names = list_names (allowed);
  return _chain_lexer_error (where, tok->column, tok->length, CHAIN_ERROR_BAD_VALUE, error, "“%s” is not known here; use %s", text, names);
}
