/* SPDX-License-Identifier: Apache-2.0 */
/* A tree back to text, by the templates of the row table. Work waits on a heap stack, not on the machine's: a sum of ten thousand terms
 * is as deep as it is long. Brackets are set only where reading back would make another tree; a sign is always bracketed behind an
 * operator, because nobody writes a − −b. */
#include "engine/lang/expr.h"

#include "engine/base/number.h"

#include <math.h>
#include <string.h>

typedef struct
{
  const char *text;         /* literal, or NULL and a node */
  gsize       bytes;
  guint       node;
  guint8      need;         /* binds at least so tightly, or gets brackets */
  gboolean    no_sign;      /* a sign gets brackets */
  guint       depth;        /* as the parser will count it */
} Item;

typedef struct
{
  const ChainFormula *f;
  ChainFormulaStyle   style;
  GString            *out;
  GArray             *stack;   /* of Item */
  guint               depth;   /* of the node being written, its brackets included */
  guint               deepest;
} Printer;

static const char *
row_template (const ChainLangRow *row, ChainFormulaStyle style)
{
  if (style == CHAIN_FORMULA_LATEX)
    return row->latex != NULL ? row->latex : row->plain;
  return style == CHAIN_FORMULA_UNICODE && row->unicode != NULL ? row->unicode : row->plain;
}

static guint8
node_prec (const Printer *p, const ChainExprNode *n)
{
  if (n->kind != CHAIN_EXPR_APPLY)
    return CHAIN_PREC_CALL;
  return p->style == CHAIN_FORMULA_LATEX && n->row->latex_prec ? n->row->latex_prec : n->row->prec;
}

static void
push_text (Printer *p, const char *text, gsize bytes)
{
  Item item = { .text = text, .bytes = bytes };

  g_array_append_val (p->stack, item);
}

/* The argument that a template names; the letter says how it is used. */
static void
push_argument (Printer *p, const ChainExprNode *n, char use, char digit)
{
  guint8 prec = n->row->prec;
  gboolean deeper = use == 'N' || use == 'X' || n->row == _chain_lang_row (CHAIN_LANG_NOT);
  Item item = { .node = n->args[digit - '0'], .depth = p->depth + deeper };

  switch (use)
    {
    case 'L':
      item.need = prec;
      break;
    case 'R':
      item.need = prec + 1;
      item.no_sign = TRUE;
      break;
    case 'P':
      item.need = CHAIN_PREC_CALL;
      break;
    case 'X':
      item.need = CHAIN_PREC_POWER;
      item.no_sign = TRUE;
      break;
    default:
      break;
    }
  g_array_append_val (p->stack, item);
}

static void
push_template (Printer *p, const ChainExprNode *n, const char *t)
{
  while (*t != '\0')
    {
      gsize plain = strcspn (t, "%");

      if (plain > 0)
        push_text (p, t, plain);
      t += plain;
      if (*t == '%')
        {
          push_argument (p, n, t[1], t[2]);
          t += 3;
        }
    }
}

/* Items were pushed first to last; the stack is read from its end. */
static void
turn (GArray *stack, guint from)
{
  for (guint to = stack->len; from + 1 < to; from++)
    {
      Item *a = &g_array_index (stack, Item, from), *b = &g_array_index (stack, Item, --to), t = *a;

      *a = *b;
      *b = t;
    }
}

/* max(max(a, b), c) is written as it is folded, max(a, b, c): last argument first, the caller turns the stack. */
static void
push_call (Printer *p, const ChainExprNode *n)
{
  const ChainExprNode *inner = n;
  guint from = p->stack->len;

  push_text (p, ")", 1);
  for (guint i = n->n_args; i-- > 0;)
    {
      inner = _chain_expr_node (p->f, n->args[0]);
      if (i == 0 && n->row->max_args == CHAIN_LANG_MANY && inner->row == n->row)
        {
          n = inner;
          i = n->n_args;
          continue;
        }
      push_argument (p, n, 'N', (char) ('0' + i));
      push_text (p, i > 0 ? ", " : "(", i > 0 ? 2 : 1);
    }
  push_text (p, n->row->name, strlen (n->row->name));
  turn (p->stack, from);
}

/* --- leaves --- */
static void
write_number (Printer *p, double value)
{
  char text[CHAIN_NUMBER_SIZE];
  const char *e;

  chain_number_write (text, value);
  e = strchr (text, 'e');
  if (p->style != CHAIN_FORMULA_LATEX || e == NULL)
    {
      g_string_append (p->out, text);
      return;
    }
  g_string_append_printf (p->out, "\\left(%.*s \\cdot 10^{%s", (int) (e - text), text, e[1] == '-' ? "-" : "");
  e += 1 + (e[1] == '-' || e[1] == '+');
  g_string_append (p->out, e + (e[0] == '0' && e[1] != '\0'));
  g_string_append (p->out, "}\\right)");
}

/* x12 -> x₁₂ or x_{12}. A digit at the start of a name cannot be, so the stem is never empty. */
static void
write_name (Printer *p, const char *name)
{
  gsize stem = strlen (name);

  while (stem > 0 && g_ascii_isdigit (name[stem - 1]))
    stem--;
  if (p->style == CHAIN_FORMULA_PLAIN)
    stem = strlen (name);
  for (gsize i = 0; i < stem; i++)
    {
      if (p->style == CHAIN_FORMULA_LATEX && name[i] == '_')
        g_string_append_c (p->out, '\\');
      g_string_append_c (p->out, name[i]);
    }
  if (name[stem] == '\0')
    return;
  if (p->style == CHAIN_FORMULA_LATEX)
    g_string_append_printf (p->out, "_{%s}", name + stem);
  else
    for (const char *d = name + stem; *d != '\0'; d++)
      g_string_append_unichar (p->out, 0x2080 + (gunichar) (*d - '0'));
}

static void
write_leaf (Printer *p, const ChainExprNode *n)
{
  const ChainLangConstant *c;

  if (n->kind == CHAIN_EXPR_NUMBER)
    {
      write_number (p, n->value);
      return;
    }
  if (n->kind == CHAIN_EXPR_NAME)
    {
      write_name (p, p->f->names->pdata[n->index]);
      return;
    }
  c = _chain_lang_constant (n->index);
  g_string_append (p->out, p->style == CHAIN_FORMULA_LATEX ? c->latex
                           : p->style == CHAIN_FORMULA_UNICODE && c->alias != NULL ? c->alias : c->name);
}

/* x², x¹⁰: a power with a small whole exponent. The digits are written now, the base follows on the stack before them. */
static gboolean
push_raised (Printer *p, const ChainExprNode *n)
{
  static const char *const raised[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
  const ChainExprNode *e;
  int value;

  if (p->style != CHAIN_FORMULA_UNICODE || n->row != _chain_lang_row (CHAIN_LANG_POW))
    return FALSE;
  e = _chain_expr_node (p->f, n->args[1]);
  if (e->kind != CHAIN_EXPR_NUMBER || e->value > 99 || e->value != floor (e->value))
    return FALSE;
  value = (int) e->value;
  push_argument (p, n, 'P', '0');
  if (value > 9)
    push_text (p, raised[value / 10], strlen (raised[value / 10]));
  push_text (p, raised[value % 10], strlen (raised[value % 10]));
  return TRUE;
}

static void
write_node (Printer *p, const Item *item)
{
  const ChainExprNode *n = _chain_expr_node (p->f, item->node);
  gboolean sign = item->no_sign && n->row == _chain_lang_row (CHAIN_LANG_NEG);
  gboolean brackets = node_prec (p, n) < item->need || sign;
  gboolean latex = p->style == CHAIN_FORMULA_LATEX;
  const char *opening = latex ? "\\left(" : "(", *closing = latex ? "\\right)" : ")";
  guint from = p->stack->len;

  p->depth = item->depth + brackets;
  p->deepest = MAX (p->deepest, p->depth);
  if (n->kind != CHAIN_EXPR_APPLY)
    {
      write_leaf (p, n);
      return;
    }
  if (brackets)
    push_text (p, opening, strlen (opening));
  if (!push_raised (p, n))
    {
      const char *t = row_template (n->row, p->style);

      if (t != NULL)
        push_template (p, n, t);
      else
        push_call (p, n);
    }
  if (brackets)
    push_text (p, closing, strlen (closing));
  turn (p->stack, from);
}

static void
print (Printer *p)
{
  Item item = { .node = p->f->nodes->len - 1 };

  p->stack = g_array_new (FALSE, TRUE, sizeof (Item));
  g_array_append_val (p->stack, item);
  while (p->stack->len > 0)
    {
      item = g_array_index (p->stack, Item, p->stack->len - 1);
      g_array_set_size (p->stack, p->stack->len - 1);
      if (item.text != NULL)
        g_string_append_len (p->out, item.text, (gssize) item.bytes);
      else
        write_node (p, &item);
    }
  g_array_unref (p->stack);
}

char *
chain_formula_text (const ChainFormula *f, ChainFormulaStyle style)
{
  Printer p = { .f = f, .style = style, .out = g_string_new (NULL) };

  print (&p);
  return g_string_free (p.out, FALSE);
}

guint
_chain_expr_depth (const ChainFormula *f)
{
  Printer p = { .f = f, .style = CHAIN_FORMULA_PLAIN, .out = g_string_new (NULL) };

  print (&p);
  g_string_free (p.out, TRUE);
  return p.deepest;
}
