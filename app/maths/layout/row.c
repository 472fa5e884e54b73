/* SPDX-License-Identifier: Apache-2.0 */
/* Rows: atoms with TeX's spaces between them (The TeXbook, chapter 18), colours and anchors as spans over atoms, so that a coloured "− 0.13" is
 * spaced as a black one and an anchor may cross a line's end. Lines are broken here too: before binary signs, after relations. */
#include "app/maths/layout/box.h"

#include <string.h>

typedef struct { MathsBox *box; int left, right; double space; } Atom;
typedef struct { const char *id; guint first, end; } Span;
typedef struct { GArray *atoms, *spans; } List;

#define INDENT 1.5

/* 0 none, 1 thin, 2 medium, 3 thick; negative: not in scripts. Ordinary, operator, binary, relation, opening, closing, punctuation, inner. */
static const gint8 spaces[8][8] = {
  { 0, 1, -2, -3, 0, 0, 0, -1 }, { 1, 1, 0, -3, 0, 0, 0, -1 }, { -2, -2, 0, 0, -2, 0, 0, -2 }, { -3, -3, 0, 0, -3, 0, 0, -3 },
  { 0, 0, 0, 0, 0, 0, 0, 0 }, { 0, 1, -2, -3, 0, 0, 0, -1 }, { -1, -1, 0, -1, -1, -1, -1, -1 }, { -1, 1, -2, -3, -1, 0, -1, -1 },
};

static double
space_between (int a, int b, const MathsEnv *env)
{
  static const double widths[] = { 0, 3 / 18.0, 4 / 18.0, 5 / 18.0 };
  int s;

  if (a == MATHS_TEXT || b == MATHS_TEXT)
    return 0.28 * _chain_maths_scale (env);
  s = spaces[a][b];
  return s < 0 && env->level > 0 ? 0 : widths[ABS (s)] * _chain_maths_scale (env);
}

static MathsBox *
set_atom (const ChainMaths *m, const MathsEnv *env)
{
  MathsBox *b;

  switch (m->kind)
    {
    case MATHS_SYMBOL:
      return _chain_maths_letters (m->text, env, TRUE);
    case MATHS_NUMBER:
    case MATHS_WORD:
    case MATHS_SIGN:
      b = _chain_maths_letters (g_str_equal (m->text, "~") ? "∼" : m->text, env, FALSE);
      b->name = m->kind == MATHS_SIGN ? "sign" : "letters";
      return b;
    case MATHS_FRACTION:
      return _chain_maths_set_fraction (m, env);
    case MATHS_SCRIPT:
      return _chain_maths_set_script (m, env);
    case MATHS_ROOT:
      return _chain_maths_set_root (m, env);
    case MATHS_FENCE:
      return _chain_maths_set_fence (m, env);
    case MATHS_BIG:
      return _chain_maths_set_big (m, env);
    case MATHS_ACCENT:
      return _chain_maths_set_accent (m, env);
    default:
      return _chain_maths_set_table (m, env);
    }
}

static void
collect (List *l, const ChainMaths *m, const MathsEnv *env)
{
  if (m->kind == MATHS_ROW || m->kind == MATHS_INK || m->kind == MATHS_ANCHOR)
    {
      Span span = { m->text, l->atoms->len, 0 };
      MathsEnv e = *env;

      if (m->kind == MATHS_INK)
        e.ink = (ChainMathsInk) m->value;
      for (guint i = 0; i < m->n; i++)
        collect (l, m->part[i], &e);
      span.end = l->atoms->len;
      if (m->kind == MATHS_ANCHOR)
        g_array_append_val (l->spans, span);
    }
  else
    {
      Atom a = { set_atom (m, env), (int) _chain_maths_class (m), (int) _chain_maths_class (m), 0 };

      if (m->kind == MATHS_FENCE)
        {
          a.left = MATHS_OPEN;
          a.right = MATHS_CLOSE;
        }
      g_array_append_val (l->atoms, a);
      if (m->kind == MATHS_BIG && m->part[2] != NULL)
        collect (l, m->part[2], env);
    }
}

static Atom *
atom (const List *l, guint i)
{
  return &g_array_index (l->atoms, Atom, i);
}

/* The TeXbook, appendix G, rules 5 and 6: a binary sign needs something on both sides. */
static void
space_out (List *l, const MathsEnv *env)
{
  for (guint i = 0; i < l->atoms->len; i++)
    {
      Atom *a = atom (l, i);
      int before = i > 0 ? atom (l, i - 1)->right : -1, after = i + 1 < l->atoms->len ? atom (l, i + 1)->left : -1;

      if (a->left == MATHS_BIN && (_chain_maths_is_unary (before) || after < 0 || after == MATHS_REL || after == MATHS_CLOSE || after == MATHS_PUNCT))
        a->left = a->right = MATHS_ORD;
      a->space = before < 0 ? 0 : space_between (before, a->left, env);
    }
}

static List
list_of (const ChainMaths *m, const MathsEnv *env)
{
  List l = { g_array_new (FALSE, TRUE, sizeof (Atom)), g_array_new (FALSE, TRUE, sizeof (Span)) };

  collect (&l, m, env);
  space_out (&l, env);
  return l;
}

static void
list_clear (List *l)
{
  g_array_unref (l->atoms);
  g_array_unref (l->spans);
}

/* Atoms from … end − 1 in a row; each is packed once. */
static MathsBox *
pack (const List *l, guint from, guint end)
{
  MathsBox *row = _chain_maths_group ("row");
  double x = 0;

  for (guint i = from; i < end; i++)
    {
      MathsBox *b = atom (l, i)->box;

      x += i > from ? atom (l, i)->space : 0;
      _chain_maths_add (row, b, x, 0);
      row->italic = b->italic;
      x += b->w;
    }
  for (guint k = 0; k < l->spans->len; k++)
    {
      const Span *s = &g_array_index (l->spans, Span, k);
      guint a = MAX (s->first, from), z = MIN (s->end, end);
      MathsBox *mark;

      if (a >= z)
        continue;
      mark = _chain_maths_rule (atom (l, z - 1)->box->x + atom (l, z - 1)->box->w - atom (l, a)->box->x, 0, CHAIN_MATHS_PLAIN);
      mark->kind = BOX_ANCHOR;
      mark->name = "anchor";
      mark->id = g_strdup (s->id);
      for (guint i = a; i < z; i++)
        {
          mark->asc = MAX (mark->asc, atom (l, i)->box->asc);
          mark->desc = MAX (mark->desc, atom (l, i)->box->desc);
        }
      _chain_maths_add (row, mark, atom (l, a)->box->x, 0);
    }
  return row;
}

MathsBox *
_chain_maths_set (const ChainMaths *m, const MathsEnv *env)
{
  List l = list_of (m, env);
  MathsBox *row = pack (&l, 0, l.atoms->len);

  list_clear (&l);
  return row;
}

static double
width_of (const List *l, guint from, guint end)
{
  double w = 0;

  for (guint i = from; i < end; i++)
    w += atom (l, i)->box->w + (i > from ? atom (l, i)->space : 0);
  return w;
}

static gboolean
may_break_before (const List *l, guint i, int depth, gboolean first_relation)
{
  int before = atom (l, i - 1)->right, now = atom (l, i)->left;

  return depth == 0 && (now == MATHS_BIN || (before == MATHS_REL && first_relation) || (before == MATHS_PUNCT && now != MATHS_CLOSE));
}

/* The last place that keeps from … end − 1 within the width, else the first one beyond it, else the end. Brackets are kept whole where one can
 * do without breaking in them. */
static guint
line_end (const List *l, guint from, double width, gboolean inside)
{
  guint best = 0;
  int depth = 0;

  for (guint i = from + 1; i < l->atoms->len; i++)
    {
      depth += (atom (l, i - 1)->left == MATHS_OPEN && atom (l, i - 1)->right == MATHS_OPEN) - (atom (l, i - 1)->right == MATHS_CLOSE && atom (l, i - 1)->left == MATHS_CLOSE);
      if (!may_break_before (l, i, inside ? 0 : depth, i > from + 1))
        continue;
      if (best != 0 && width_of (l, from, i) > width)
        break;
      best = i;
    }
  if (!inside && width_of (l, from, best != 0 ? best : l->atoms->len) > width)
    return line_end (l, from, width, TRUE);
  return best != 0 ? best : l->atoms->len;
}

static void
add_below (MathsBox *column, MathsBox *line, double x)
{
  double gap = 0.4, skip = 1.35, y = column->kids->len == 0 ? 0 : MAX (column->desc + gap + line->asc, column->desc + skip - 0.3);

  _chain_maths_add (column, line, x, y);
}

/* `hang` is where the first line begins; the others are indented from there. */
static void
break_from (MathsBox *column, const List *l, guint from, double hang, double max)
{
  double indent = hang;

  while (from < l->atoms->len)
    {
      double room = MAX (max - indent, 0.5);
      guint end = max <= 0 || width_of (l, from, l->atoms->len) <= room ? l->atoms->len : line_end (l, from, room, FALSE);

      add_below (column, pack (l, from, end), indent);
      indent = hang + (max > 0 && max - hang < 4 * INDENT ? 0.5 : INDENT);
      from = end;
    }
}

static guint
first_relation (const List *l)
{
  guint i = 0;

  while (i < l->atoms->len && atom (l, i)->left != MATHS_REL)
    i++;
  return i;
}

/* Each line's left side stands against the widest one's right edge; what is too long is broken to the right of the relations. */
static MathsBox *
set_lines (const ChainMaths *m, const MathsEnv *env, double max)
{
  MathsBox *column = _chain_maths_group ("lines");
  g_autofree List *l = g_new0 (List, m->n);
  double edge = 0;

  for (guint i = 0; i < m->n; i++)
    {
      guint r;

      l[i] = list_of (m->part[i], env);
      r = first_relation (&l[i]);
      if (r > 0 && r < l[i].atoms->len)
        edge = MAX (edge, width_of (&l[i], 0, r) + atom (&l[i], r)->space);
    }
  for (guint i = 0; i < m->n; i++)
    {
      guint r = first_relation (&l[i]);
      double w = width_of (&l[i], 0, r) + (r < l[i].atoms->len ? atom (&l[i], r)->space : 0);

      if (r == l[i].atoms->len)
        break_from (column, &l[i], 0, 0, max);
      else if (max <= 0 || edge - w + width_of (&l[i], 0, l[i].atoms->len) <= max)
        add_below (column, pack (&l[i], 0, l[i].atoms->len), r == 0 ? edge : edge - w);
      else
        break_from (column, &l[i], 0, r == 0 ? MIN (edge, max * 0.3) : MIN (edge - w, MAX (0, max * 0.3)), max);
      list_clear (&l[i]);
    }
  return column;
}

MathsBox *
_chain_maths_set_broken (const ChainMaths *m, const MathsEnv *env, double max)
{
  MathsEnv e = *env;
  MathsBox *column;
  List l;

  while ((m->kind == MATHS_INK || m->kind == MATHS_ROW) && m->n == 1)
    {
      if (m->kind == MATHS_INK)
        e.ink = (ChainMathsInk) m->value;
      m = m->part[0];
    }
  if (m->kind == MATHS_LINES)
    return set_lines (m, &e, max);
  column = _chain_maths_group ("lines");
  l = list_of (m, &e);
  break_from (column, &l, 0, 0, max);
  list_clear (&l);
  return column;
}
