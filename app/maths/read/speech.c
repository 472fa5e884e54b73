/* SPDX-License-Identifier: Apache-2.0 */
/* What a screen reader says: a sentence rather than a list of signs. Every phrase is a whole template, so that a translator may turn the
 * order of its parts round. */
#include "config.h"

#include "app/maths/tree.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const names[][2] = {
  { "α", N_("alpha") }, { "β", N_("beta") }, { "γ", N_("gamma") }, { "δ", N_("delta") }, { "ε", N_("epsilon") }, { "ϵ", N_("epsilon") }, { "η", N_("eta") },
  { "θ", N_("theta") }, { "κ", N_("kappa") }, { "λ", N_("lambda") }, { "μ", N_("mu") }, { "ν", N_("nu") }, { "ξ", N_("xi") }, { "π", N_("pi") }, { "ρ", N_("rho") },
  { "σ", N_("sigma") }, { "τ", N_("tau") }, { "φ", N_("phi") }, { "ϕ", N_("phi") }, { "χ", N_("chi") }, { "ψ", N_("psi") }, { "ω", N_("omega") },
  { "Δ", N_("delta") }, { "Σ", N_("capital sigma") }, { "Φ", N_("capital phi") }, { "Ω", N_("capital omega") }, { "∂", N_("partial") }, { "∇", N_("nabla") },
  { "∞", N_("infinity") }, { "ℓ", N_("ell") }, { "′", N_("prime") }, { "⊤", N_("transposed") }, { "−", N_("minus") },
  { "(", N_("open bracket") }, { ")", N_("close bracket") }, { "⋯", N_("and so on") }, { "⋮", N_("and so on") }, { "…", N_("and so on") },
};

static char *speak (const ChainMaths *m);

/* A word of its own for a letter with a name; letters without one stay together. */
static char *
spell (const char *text)
{
  GString *s = g_string_new (NULL);
  gboolean named = FALSE;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (names) && !g_str_has_prefix (p, names[i][0]))
        i++;
      if (s->len > 0 && (named || i < G_N_ELEMENTS (names)))
        g_string_append_c (s, ' ');
      named = i < G_N_ELEMENTS (names);
      if (named)
        g_string_append (s, _(names[i][1]));
      else
        g_string_append_unichar (s, g_utf8_get_char (p));
    }
  return g_string_free (s, FALSE);
}

/* The first atom of a numerator or denominator, through what has no voice. */
static const ChainMaths *
head_of (const ChainMaths *m)
{
  while (m->n > 0 && (m->kind == MATHS_ROW || m->kind == MATHS_INK || m->kind == MATHS_ANCHOR || m->kind == MATHS_SCRIPT))
    m = m->part[0];
  return m;
}

static gboolean
is_partial (const ChainMaths *m)
{
  const ChainMaths *h = head_of (m);

  return h->kind == MATHS_SYMBOL && g_str_has_prefix (h->text, "∂") && (h->text[strlen ("∂")] != '\0' || m->kind == MATHS_ROW);
}

static char *
without_partial (const ChainMaths *m)
{
  g_autofree char *all = speak (m);
  const char *first = _("partial");

  return g_strdup (g_str_has_prefix (all, first) ? g_strchug (all + strlen (first)) : all);
}

/* Those around a word are for the eye. */
static char *
without_spaces (const char *text)
{
  const char *end;

  while (*text != '\0' && g_unichar_isspace (g_utf8_get_char (text)))
    text = g_utf8_next_char (text);
  for (end = text + strlen (text); end > text && g_unichar_isspace (g_utf8_get_char (g_utf8_prev_char (end)));)
    end = g_utf8_prev_char (end);
  return g_strndup (text, (gsize) (end - text));
}

static gboolean
is_short (const ChainMaths *m)
{
  g_autoptr (GPtrArray) atoms = _chain_maths_flatten (m);

  return atoms->len == 1 && ((ChainMaths *) g_ptr_array_index (atoms, 0))->kind <= MATHS_SIGN;
}

static char *
speak_fraction (const ChainMaths *m)
{
  g_autofree char *over = NULL, *under = NULL;

  if (is_partial (m->part[0]) && is_partial (m->part[1]))
    {
      over = without_partial (m->part[0]);
      under = without_partial (m->part[1]);
      return g_strdup_printf (_("the derivative of %s with respect to %s"), over, under);
    }
  over = speak (m->part[0]);
  under = speak (m->part[1]);
  if (is_short (m->part[0]) && is_short (m->part[1]))
    return g_strdup_printf (_("%s over %s"), over, under);
  return g_strdup_printf (_("the fraction %s over %s, end of fraction,"), over, under);
}

static char *
speak_script (const ChainMaths *m)
{
  g_autofree char *base = speak (m->part[0]);
  g_autofree char *low = m->part[1] != NULL ? speak (m->part[1]) : NULL, *high = m->part[2] != NULL ? speak (m->part[2]) : NULL;
  g_autofree char *whole = low != NULL ? g_strdup_printf (_("%s sub %s"), base, low) : g_strdup (base);

  if (high == NULL)
    return g_steal_pointer (&whole);
  if (m->part[2]->kind == MATHS_FENCE)   /* an index in brackets, of a layer, is no power */
    return g_strdup_printf (_("%s superscript %s"), whole, high);
  if (g_str_equal (high, "2"))
    return g_strdup_printf (_("%s squared"), whole);
  if (g_str_equal (high, "3"))
    return g_strdup_printf (_("%s cubed"), whole);
  if (g_str_equal (high, "T") || g_str_equal (high, _("transposed")))
    return g_strdup_printf (_("%s transposed"), whole);
  if (g_str_equal (high, _("prime")))
    return g_strdup_printf (_("%s prime"), whole);
  return g_strdup_printf (_("%s to the power %s"), whole, high);
}

static char *
speak_fence (const ChainMaths *m)
{
  g_autofree char *body = speak (m->part[0]);

  if (g_str_equal (m->text, "‖"))
    return g_strdup_printf (_("the norm of %s"), body);
  if (g_str_equal (m->text, "|"))
    return g_strdup_printf (_("the absolute value of %s"), body);
  return is_short (m->part[0]) ? g_strdup (body) : g_strdup_printf (_("open bracket %s close bracket"), body);
}

/* "i = 1" below and "n" above: over i from 1 to n. */
static char *
speak_limits (const ChainMaths *m, const char *name)
{
  g_autofree char *upper = m->part[1] != NULL ? speak (m->part[1]) : NULL;
  g_autofree char *lower = m->part[0] != NULL ? speak (m->part[0]) : NULL;
  g_autofree char *mark = g_strdup_printf (" %s ", _("equals"));
  g_auto (GStrv) sides = lower != NULL ? g_strsplit (lower, mark, 2) : NULL;

  if (lower == NULL)
    return g_strdup (name);
  if (upper == NULL)
    return g_strdup_printf (_("%s over %s"), name, lower);
  if (g_strv_length (sides) == 2)
    return g_strdup_printf (_("%s over %s from %s to %s"), name, sides[0], sides[1], upper);
  return g_strdup_printf (_("%s from %s to %s"), name, lower, upper);
}

static char *
speak_big (const ChainMaths *m)
{
  const MathsSign *row = _chain_maths_sign_row (m->text);
  g_autofree char *limits = speak_limits (m, row != NULL && row->spoken != NULL ? _(row->spoken) : m->text);
  g_autofree char *body = m->part[2] != NULL ? speak (m->part[2]) : NULL;

  return body != NULL ? g_strdup_printf (_("%s of %s"), limits, body) : g_steal_pointer (&limits);
}

static char *
speak_cases (const ChainMaths *m)
{
  GString *s = g_string_new (NULL);

  for (guint i = 0; i + 1 < m->n; i += 2)
    {
      g_autofree char *value = speak (m->part[i]), *when = speak (m->part[i + 1]);

      g_string_append (s, i > 0 ? "; " : "");
      /* Translators: a value and the condition under which it holds, which has its own "if" */
      g_string_append_printf (s, _("%s, %s"), value, when);
    }
  return g_string_free (s, FALSE);
}

/* Dots stand for rows or columns that are not written out. */
static gboolean
has_more (const ChainMaths *m)
{
  gboolean more = FALSE;

  for (guint i = 0; i < m->n; i++)
    more |= m->part[i]->text != NULL && (g_str_equal (m->part[i]->text, "⋯") || g_str_equal (m->part[i]->text, "⋮"));
  return more;
}

static char *
speak_matrix (const ChainMaths *m)
{
  GString *s = g_string_new (NULL);

  if (has_more (m))
    g_string_append (s, _("the matrix that begins"));
  else
    g_string_append_printf (s, _("the matrix of %u by %u"), m->n / m->value, m->value);
  for (guint i = 0; i < m->n; i++)
    {
      g_autofree char *cell = speak (m->part[i]);

      if (i % m->value == 0 && m->part[i]->text != NULL && g_str_equal (m->part[i]->text, "⋮"))
        {
          g_string_append_printf (s, "; %s", cell);
          break;
        }
      if (i % m->value == 0)
        g_string_append_printf (s, _("; row %u: %s"), i / m->value + 1, cell);
      else
        g_string_append_printf (s, ", %s", cell);
    }
  return g_string_free (s, FALSE);
}

static char *
speak_accent (const ChainMaths *m)
{
  static const char *const accents[] = { N_("%s bar"), N_("%s hat"), N_("%s tilde"), N_("%s dot") };
  g_autofree char *body = speak (m->part[0]);

  if (!is_short (m->part[0]) && m->value == CHAIN_ACCENT_BAR)
    return g_strdup_printf (_("the mean of %s, end of mean,"), body);
  return g_strdup_printf (_(accents[m->value]), body);
}

static gboolean
is_space (const ChainMaths *m)
{
  g_autofree char *rest = m->text != NULL && m->kind != MATHS_FENCE && m->kind != MATHS_BIG ? without_spaces (m->text) : NULL;

  return rest != NULL && *rest == '\0' && m->n == 0;
}

static gboolean
is_comma (const ChainMaths *m)
{
  return m->n == 0 && m->text != NULL && g_str_has_prefix (m->text, ",");
}

/* Two factors that would run into each other when they are heard. */
static gboolean
is_product (const ChainMaths *a, const ChainMaths *b)
{
  const guint grown = 1u << MATHS_FRACTION | 1u << MATHS_MATRIX | 1u << MATHS_CASES | 1u << MATHS_ROOT;

  if (is_space (a) || is_comma (a) || is_comma (b) || a->kind == MATHS_SIGN || a->kind == MATHS_WORD || b->kind == MATHS_SIGN || b->kind == MATHS_WORD)
    return FALSE;
  return (grown >> a->kind & 1) || ((grown | 1u << MATHS_BIG) >> b->kind & 1) || (a->kind == MATHS_FENCE && b->kind == MATHS_FENCE)
         || ((a->kind == MATHS_NUMBER || a->kind == MATHS_FENCE) && (b->kind == MATHS_NUMBER || b->kind == MATHS_FENCE));
}

static char *
speak_row (const ChainMaths *m)
{
  g_autoptr (GPtrArray) atoms = _chain_maths_flatten (m);
  GString *s = g_string_new (NULL);
  MathsClass before = MATHS_REL;

  for (guint i = 0; i < atoms->len; i++)
    {
      const ChainMaths *a = g_ptr_array_index (atoms, i);
      g_autofree char *t = speak (a);

      if (is_space (a) || *t == '\0')   /* a space: what follows is not what a function is taken of */
        {
          before = MATHS_REL;
          continue;
        }
      if (before == MATHS_OP && strchr (":)", *t) == NULL && (_chain_maths_class (a) == MATHS_ORD || a->kind == MATHS_FENCE || a->kind == MATHS_FRACTION))
        g_string_append_printf (s, " %s", _("of"));
      if (i > 0 && is_product (g_ptr_array_index (atoms, i - 1), a))
        g_string_append_printf (s, " %s", _("times"));
      g_string_append_printf (s, s->len > 0 && strchr (",:", *t) == NULL ? " %s" : "%s", t);
      before = a->kind == MATHS_BIG ? MATHS_ORD : _chain_maths_class (a);
    }
  return g_string_free (s, FALSE);
}

static char *
speak_sign (const char *text)
{
  const MathsSign *row = _chain_maths_sign_row (text);

  if (row != NULL && row->spoken != NULL)
    return g_strdup (_(row->spoken));
  if (g_str_equal (text, "("))
    return g_strdup (_("open bracket"));
  if (g_str_equal (text, ")"))
    return g_strdup (_("close bracket"));
  return spell (text);
}

static char *
speak_lines (const ChainMaths *m)
{
  GString *s = g_string_new (NULL);

  for (guint i = 0; i < m->n; i++)
    {
      g_autofree char *line = speak (m->part[i]);

      g_string_append_printf (s, i > 0 ? ".\n%s" : "%s", line);
    }
  return g_string_free (s, FALSE);
}

static char *
speak_construct (const ChainMaths *m)
{
  g_autofree char *body = NULL;

  switch (m->kind)
    {
    case MATHS_FRACTION:
      return speak_fraction (m);
    case MATHS_SCRIPT:
      return speak_script (m);
    case MATHS_ROOT:
      body = speak (m->part[0]);
      return g_strdup_printf (is_short (m->part[0]) ? _("the square root of %s") : _("the square root of %s, end of root,"), body);
    case MATHS_FENCE:
      return speak_fence (m);
    case MATHS_BIG:
      return speak_big (m);
    case MATHS_ACCENT:
      return speak_accent (m);
    case MATHS_CASES:
      return speak_cases (m);
    case MATHS_MATRIX:
      return speak_matrix (m);
    default:
      return speak_lines (m);
    }
}

static char *
speak (const ChainMaths *m)
{
  switch (m->kind)
    {
    case MATHS_SYMBOL:
    case MATHS_NUMBER:
      return spell (m->text);
    case MATHS_WORD:
      return without_spaces (m->text);
    case MATHS_SIGN:
      return speak_sign (m->text);
    case MATHS_ROW:
    case MATHS_INK:
    case MATHS_ANCHOR:
      return speak_row (m);
    default:
      return speak_construct (m);
    }
}

/* A comma that closed a phrase has nothing to do at the end of the sentence or before another mark. */
char *
chain_maths_to_speech (const ChainMaths *m)
{
  GString *s = g_string_new (NULL);
  g_autofree char *t = speak (m);

  g_string_append (s, t);
  g_string_replace (s, ",,", ",", 0);
  g_string_replace (s, ",;", ";", 0);
  g_string_replace (s, ",.", ".", 0);
  if (s->len > 0 && s->str[s->len - 1] == ',')
    g_string_truncate (s, s->len - 1);
  return g_string_free (s, FALSE);
}
