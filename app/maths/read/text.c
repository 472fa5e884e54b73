/* SPDX-License-Identifier: Apache-2.0 */
/* Plain text, for the clipboard and for lists of one line. Sub- and superscripts are Unicode's where it has every character of them, otherwise
 * the usual _ and ^; brackets are added where the two-dimensional form needed none. */
#include "app/maths/tree.h"

#include <string.h>

#define SUBS   "0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊−₋=₌(₍)₎aₐeₑhₕiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓβᵦγᵧρᵨφᵩχᵪ"
#define SUPERS "0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺−⁻=⁼(⁽)⁾aᵃbᵇcᶜdᵈeᵉfᶠgᵍhʰiⁱjʲkᵏlˡmᵐnⁿoᵒpᵖrʳsˢtᵗuᵘvᵛwʷxˣyʸzᶻAᴬBᴮDᴰEᴱGᴳHᴴIᴵJᴶKᴷLᴸMᴹNᴺOᴼPᴾRᴿTᵀUᵁVⱽWᵂβᵝγᵞδᵟ"

static void put (GString *s, const ChainMaths *m);

static char *
text_of (const ChainMaths *m)
{
  GString *s = g_string_new (NULL);

  if (m != NULL)
    put (s, m);
  return g_string_free (s, FALSE);
}

static gunichar
lookup (const char *pairs, gunichar c)
{
  for (const char *p = pairs; *p != '\0'; p = g_utf8_next_char (g_utf8_next_char (p)))
    if (g_utf8_get_char (p) == c)
      return g_utf8_get_char (g_utf8_next_char (p));
  return 0;
}

static gboolean
is_one_word (const char *t)
{
  for (; *t != '\0'; t = g_utf8_next_char (t))
    if (!g_unichar_isalnum (g_utf8_get_char (t)) && *t != '.')
      return FALSE;
  return TRUE;
}

static void
put_script (GString *s, const ChainMaths *m, gboolean below)
{
  g_autofree char *t = text_of (m);
  g_autoptr (GString) small = g_string_new (NULL);
  gboolean whole = *t != '\0';

  for (const char *p = t; *p != '\0' && whole; p = g_utf8_next_char (p))
    if (g_unichar_isspace (g_utf8_get_char (p)))      /* between two indices; a binary sign's own spaces are none */
      g_string_append (small, *p == ' ' ? "" : "\u200a");
    else
      {
        gunichar c = lookup (below ? SUBS : SUPERS, g_utf8_get_char (p));

        whole = c != 0;
        g_string_append_unichar (small, c != 0 ? c : ' ');
      }
  if (whole)
    g_string_append (s, small->str);
  else if (g_str_equal (t, "′") || g_str_equal (t, "⊤"))
    g_string_append (s, t);
  else
    g_string_append_printf (s, is_one_word (t) ? "%c%s" : "%c(%s)", below ? '_' : '^', t);
}

/* More than one atom that a slash or a power would tear apart. */
static gboolean
needs_brackets (const ChainMaths *m, gboolean under)
{
  g_autoptr (GPtrArray) atoms = _chain_maths_flatten (m);

  for (guint i = 0; i < atoms->len; i++)
    {
      MathsClass c = _chain_maths_class (g_ptr_array_index (atoms, i));

      if (c == MATHS_BIN || c == MATHS_REL || (c == MATHS_INNER && ((ChainMaths *) g_ptr_array_index (atoms, i))->kind == MATHS_FRACTION))
        return TRUE;
    }
  return under && atoms->len > 1 && !(atoms->len == 2 && g_strcmp0 (((const ChainMaths *) g_ptr_array_index (atoms, 0))->text, "∂") == 0);
}

static void
put_bracketed (GString *s, const ChainMaths *m, gboolean brackets)
{
  g_string_append (s, brackets ? "(" : "");
  put (s, m);
  g_string_append (s, brackets ? ")" : "");
}

static const char *
gap (int before, const ChainMaths *last, int now, const ChainMaths *m)
{
  if (before < 0)
    return "";
  if (before == MATHS_BIN || before == MATHS_REL || before == MATHS_PUNCT || before == MATHS_TEXT || now == MATHS_BIN || now == MATHS_REL || now == MATHS_TEXT)
    return " ";
  if (before == MATHS_OP)
    return now == MATHS_OPEN || m->kind == MATHS_FENCE ? "" : " ";
  if (last->kind == MATHS_FRACTION && now != MATHS_CLOSE && now != MATHS_PUNCT)
    return " · ";
  if (m->kind == MATHS_FRACTION && before != MATHS_OPEN)
    return " · ";
  if (now == MATHS_OP && before != MATHS_OPEN)
    return " ";
  return last->kind == MATHS_NUMBER && m->kind == MATHS_NUMBER ? " " : "";
}

static void
put_row (GString *s, const ChainMaths *m)
{
  g_autoptr (GPtrArray) atoms = _chain_maths_flatten (m);
  int before = -1;

  for (guint i = 0; i < atoms->len; i++)
    {
      const ChainMaths *a = g_ptr_array_index (atoms, i);
      int cls = (int) _chain_maths_class (a);

      if (cls == MATHS_BIN && _chain_maths_is_unary (before))
        cls = MATHS_ORD;
      g_string_append (s, gap (before, i > 0 ? g_ptr_array_index (atoms, i - 1) : NULL, cls, a));
      put (s, a);
      before = a->kind == MATHS_BIG && a->part[2] != NULL ? MATHS_ORD : cls;
    }
}

static void
put_accent (GString *s, const ChainMaths *m)
{
  static const char *const marks[] = { "\xcc\x84", "\xcc\x82", "\xcc\x83", "\xcc\x87" };
  static const char *const names[] = { "mean", "hat", "tilde", "dot" };
  g_autofree char *body = text_of (m->part[0]);
  const char *rest = *body != '\0' ? g_utf8_next_char (body) : body;
  g_autofree char *first = g_strndup (body, (gsize) (rest - body)), *both = g_strconcat (first, marks[m->value], NULL);
  g_autofree char *whole = g_utf8_normalize (both, -1, G_NORMALIZE_NFC);
  const ChainMaths *b = m->part[0];

  if (b->kind == MATHS_SYMBOL ? g_utf8_strlen (body, -1) == 1 : b->kind == MATHS_SCRIPT && b->part[0]->kind == MATHS_SYMBOL)
    g_string_append_printf (s, "%s%s", whole, rest);
  else
    g_string_append_printf (s, "%s(%s)", names[m->value], body);
}

static void
put_table (GString *s, const ChainMaths *m, guint cols, const char *within, const char *between)
{
  for (guint i = 0; i < m->n; i++)
    {
      g_string_append (s, i == 0 ? "" : i % cols != 0 ? within : between);
      put (s, m->part[i]);
    }
}

static void
put_big (GString *s, const ChainMaths *m)
{
  g_string_append (s, m->text);
  if (m->part[0] != NULL)
    put_script (s, m->part[0], TRUE);
  if (m->part[1] != NULL)
    put_script (s, m->part[1], FALSE);
  g_string_append_c (s, ' ');
  if (m->part[2] != NULL)
    put (s, m->part[2]);
}

static void
put_construct (GString *s, const ChainMaths *m)
{
  switch (m->kind)
    {
    case MATHS_FRACTION:
      put_bracketed (s, m->part[0], needs_brackets (m->part[0], FALSE));
      g_string_append_c (s, '/');
      put_bracketed (s, m->part[1], needs_brackets (m->part[1], TRUE));
      break;
    case MATHS_SCRIPT:
      put_bracketed (s, m->part[0], m->part[0]->kind == MATHS_FRACTION || needs_brackets (m->part[0], TRUE));
      if (m->part[1] != NULL)
        put_script (s, m->part[1], TRUE);
      if (m->part[2] != NULL)
        put_script (s, m->part[2], FALSE);
      break;
    case MATHS_ROOT:
      g_string_append (s, "√");
      put_bracketed (s, m->part[0], m->part[0]->kind == MATHS_FRACTION || needs_brackets (m->part[0], TRUE));
      break;
    case MATHS_CASES:
      g_string_append (s, "{ ");
      put_table (s, m, 2, " ", "; ");
      break;
    default:
      g_string_append_c (s, '(');
      put_table (s, m, m->value, ", ", "; ");
      g_string_append_c (s, ')');
    }
}

static void
put (GString *s, const ChainMaths *m)
{
  switch (m->kind)
    {
    case MATHS_SYMBOL:
    case MATHS_NUMBER:
    case MATHS_WORD:
    case MATHS_SIGN:
      g_string_append (s, g_str_equal (m->text, "-") ? "−" : m->text);
      break;
    case MATHS_ROW:
    case MATHS_INK:
    case MATHS_ANCHOR:
      put_row (s, m);
      break;
    case MATHS_FENCE:
      g_string_append (s, m->text);
      put (s, m->part[0]);
      g_string_append (s, m->right);
      break;
    case MATHS_BIG:
      put_big (s, m);
      break;
    case MATHS_ACCENT:
      put_accent (s, m);
      break;
    case MATHS_LINES:
      put_table (s, m, 1, "", "\n");
      break;
    default:
      put_construct (s, m);
    }
}

char *
chain_maths_to_text (const ChainMaths *m)
{
  return text_of (m);
}
