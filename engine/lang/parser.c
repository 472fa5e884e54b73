/* SPDX-License-Identifier: Apache-2.0 */
/* Precedence climbing (Richards 1979; Clarke 1986) over the levels of the row table. The stack deepens only by brackets, signs and
 * powers, each counted, so no text makes it overflow; a long sum is a loop. Names and numbers of arguments are checked here, while
 * the column is known: what comes out can be traced and evaluated without any further error. The canonical text may be nested deeper than
 * what was typed (a sign gets brackets, pow becomes ^), at most threefold; it must be within the limit too, so that it reads back. */
#include "engine/lang/parser.h"

#include "engine/lang/names.h"

static gboolean
refuse (ChainParser *p, const ChainToken *tok, GError **error, const char *sentence)
{
  return _chain_lexer_error (p->lex.where, tok->column, tok->length, CHAIN_ERROR_SYNTAX, error, "%s", sentence);
}

gboolean
_chain_parser_advance (ChainParser *p, GError **error)
{
  p->previous_end = p->tok.column + p->tok.length;
  return _chain_lexer_next (&p->lex, &p->tok, error);
}

static gboolean
too_deep (ChainParser *p, guint column, guint length, GError **error)
{
  return _chain_lexer_error (p->lex.where, column, length, CHAIN_ERROR_TOO_DEEP, error,
                             "brackets, signs and powers are nested more than %u deep; simplify the formula", CHAIN_LIMIT_FORMULA_DEPTH);
}

static gboolean
enter (ChainParser *p, GError **error)
{
  if (p->depth == CHAIN_LIMIT_FORMULA_DEPTH)
    return too_deep (p, p->tok.column, p->tok.length, error);
  p->depth++;
  p->deepest = MAX (p->deepest, p->depth);
  return TRUE;
}

/* Span from the first character of `from` to the end of the last token read. */
static gboolean
apply (ChainParser *p, const ChainLangRow *row, const guint *args, guint n, guint column, guint *node, GError **error)
{
  ChainExprNode e = { .kind = CHAIN_EXPR_APPLY, .row = row, .n_args = n, .column = column, .length = p->previous_end - column };

  if (p->f->n_ops >= CHAIN_LIMIT_FORMULA_OPS)
    return _chain_lexer_error (p->lex.where, column, 0, CHAIN_ERROR_TOO_LARGE, error,
                               "the formula has more than %u operations; split it into parts", CHAIN_LIMIT_FORMULA_OPS);
  for (guint i = 0; i < n; i++)
    e.args[i] = args[i];
  *node = _chain_expr_add (p->f, &e);
  return TRUE;
}

/* What stands where an operand should be. */
static gboolean
no_operand (ChainParser *p, GError **error)
{
  g_autofree char *text = _chain_token_text (&p->tok);

  if (p->tok.kind == CHAIN_TOKEN_END)
    return _chain_lexer_error (p->lex.where, p->tok.column, 0, CHAIN_ERROR_SYNTAX, error,
                               p->f->nodes->len == 0 && p->depth == 0 ? "the formula is empty; type for example x1^2 + 1"
                                                                      : "the formula ends here, but a number, a name or a bracket is due");
  if (p->tok.kind == CHAIN_TOKEN_CLOSE)
    return refuse (p, &p->tok, error, "a number, a name or a bracket is due before this “)”");
  return _chain_lexer_error (p->lex.where, p->tok.column, p->tok.length, CHAIN_ERROR_SYNTAX, error,
                             "here stands “%s”, but a number, a name or a bracket is due", text);
}

static gboolean
close_bracket (ChainParser *p, guint opened, GError **error)
{
  if (p->tok.kind == CHAIN_TOKEN_CLOSE)
    return _chain_parser_advance (p, error);
  if (p->tok.kind == CHAIN_TOKEN_COMMA)
    return refuse (p, &p->tok, error, "a comma is read only between the arguments of a function; write a decimal number with a point");
  if (p->tok.kind == CHAIN_TOKEN_END)
    return _chain_lexer_error (p->lex.where, p->tok.column, 0, CHAIN_ERROR_SYNTAX, error,
                               "the bracket of column %u is not closed; add “)”", opened);
  return refuse (p, &p->tok, error, "an operator is missing before this; write * to multiply");
}

static gboolean
wrong_count (ChainParser *p, const ChainToken *name, const ChainLangRow *row, gboolean few, GError **error)
{
  g_autofree char *text = _chain_token_text (name);

  return _chain_lexer_error (p->lex.where, name->column, name->length, CHAIN_ERROR_SYNTAX, error, "“%s” has too %s arguments; write %s", text,
                             few ? "few" : "many", row->usage);
}

/* Arguments up to the closing bracket. Functions of any number are folded from the left: max(a, b, c) is max(max(a, b), c). */
static gboolean
arguments (ChainParser *p, const ChainToken *name, const ChainLangRow *row, guint opened, guint *node, GError **error)
{
  guint args[4], n = 0, total = 0;

  if (p->tok.kind == CHAIN_TOKEN_CLOSE)
    return wrong_count (p, name, row, TRUE, error);
  for (;; total++)
    {
      if (row->max_args != CHAIN_LANG_MANY && n == row->max_args)
        return wrong_count (p, name, row, FALSE, error);
      if (row->max_args == CHAIN_LANG_MANY && n == 2)
        {
          if (!apply (p, row, args, 2, name->column, &args[0], error))
            return FALSE;
          n = 1;
        }
      if (!_chain_parser_expression (p, CHAIN_PREC_OR, &args[n++], error))
        return FALSE;
      if (p->tok.kind != CHAIN_TOKEN_COMMA)
        break;
      if (!_chain_parser_advance (p, error))
        return FALSE;
    }
  if (p->tok.kind == CHAIN_TOKEN_CLOSE && total + 1 < row->min_args)
    return wrong_count (p, name, row, TRUE, error);
  if (!close_bracket (p, opened, error))
    return FALSE;
  return apply (p, row, args, n, name->column, node, error);
}

static gboolean
call (ChainParser *p, const ChainToken *name, guint *node, GError **error)
{
  const ChainLangRow *row = _chain_lang_function (name->name);
  guint opened = p->tok.column;
  gboolean ok;

  if (row == NULL)
    return _chain_name_unknown_function (name, p->allowed, p->lex.where, error);
  if (!enter (p, error) || !_chain_parser_advance (p, error))
    return FALSE;
  ok = arguments (p, name, row, opened, node, error);
  p->depth--;
  return ok;
}

/* A name, a constant, or the head of a call. */
static gboolean
name_or_call (ChainParser *p, guint *node, GError **error)
{
  ChainToken tok = p->tok;
  ChainExprNode e = { .column = tok.column, .length = tok.length };
  gboolean listed = p->allowed != NULL && _chain_name_allowed (tok.name, p->allowed);
  int constant = _chain_lang_find_constant (tok.name);

  if (!_chain_parser_advance (p, error))
    return FALSE;
  if (p->tok.kind == CHAIN_TOKEN_OPEN)
    return call (p, &tok, node, error);
  if (listed || (p->allowed == NULL && constant < 0 && _chain_lang_function (tok.name) == NULL))
    {
      e.kind = CHAIN_EXPR_NAME;
      e.index = _chain_expr_name (p->f, tok.name);
    }
  else if (constant >= 0)
    {
      e.kind = CHAIN_EXPR_CONSTANT;
      e.index = (guint) constant;
      e.value = _chain_lang_constant (e.index)->value;
    }
  else
    return _chain_name_unknown (&tok, p->allowed, p->lex.where, error);
  *node = _chain_expr_add (p->f, &e);
  return TRUE;
}

static gboolean
bracket (ChainParser *p, guint *node, GError **error)
{
  guint opened = p->tok.column;

  if (!enter (p, error) || !_chain_parser_advance (p, error) || !_chain_parser_expression (p, CHAIN_PREC_OR, node, error)
      || !close_bracket (p, opened, error))
    return FALSE;
  p->depth--;
  return TRUE;
}

static gboolean primary (ChainParser *p, guint *node, GError **error);
static gboolean prefix (ChainParser *p, ChainPrec min, guint *node, GError **error);

/* √ binds like a call: √x^2 is (√x)^2, √(x + 1) is sqrt(x + 1). */
static gboolean
root_sign (ChainParser *p, guint *node, GError **error)
{
  guint column = p->tok.column, arg, depth = p->depth;

  if (!enter (p, error) || !_chain_parser_advance (p, error))
    return FALSE;
  if (p->tok.kind == CHAIN_TOKEN_OPEN)
    p->depth = depth;                 /* √( is as deep as sqrt( */
  if (!primary (p, &arg, error))
    return FALSE;
  p->depth = depth;
  return apply (p, _chain_lang_function ("sqrt"), &arg, 1, column, node, error);
}

static gboolean
primary (ChainParser *p, guint *node, GError **error)
{
  switch (p->tok.kind)
    {
    case CHAIN_TOKEN_NUMBER:
      *node = _chain_expr_add (p->f, &(ChainExprNode){ .kind = CHAIN_EXPR_NUMBER, .value = p->tok.value, .column = p->tok.column,
                                                       .length = p->tok.length });
      return _chain_parser_advance (p, error);
    case CHAIN_TOKEN_NAME:
      return name_or_call (p, node, error);
    case CHAIN_TOKEN_OPEN:
      return bracket (p, node, error);
    case CHAIN_TOKEN_ROOT:
      return root_sign (p, node, error);
    default:
      return no_operand (p, error);
    }
}

static gboolean prefix (ChainParser *p, ChainPrec min, guint *node, GError **error);

/* The raised number behind a base: x² is x^2, x⁻¹ is x^(−1). *node is the base and becomes the power. */
static gboolean
raised_power (ChainParser *p, guint column, guint *node, GError **error)
{
  ChainExprNode e = { .kind = CHAIN_EXPR_NUMBER, .value = p->tok.value, .column = p->tok.column, .length = p->tok.length };
  gboolean negative = p->tok.value < 0;
  guint args[2] = { *node, 0 };

  e.value = negative ? -e.value : e.value;
  args[1] = _chain_expr_add (p->f, &e);
  if (!_chain_parser_advance (p, error)
      || (negative && !apply (p, _chain_lang_row (CHAIN_LANG_NEG), &args[1], 1, e.column, &args[1], error))
      || !apply (p, _chain_lang_row (CHAIN_LANG_POW), args, 2, column, node, error))
    return FALSE;
  if (p->tok.kind == CHAIN_TOKEN_OP && p->tok.op == CHAIN_LANG_POW)
    return refuse (p, &p->tok, error, "a raised exponent is followed by another power; add brackets");
  return TRUE;
}

/* The exponent behind ^ is a signed power, so 2^-x^2 is 2^(−(x^2)). */
static gboolean
power (ChainParser *p, guint *node, GError **error)
{
  guint column = p->tok.column, args[2];

  if (!primary (p, node, error))
    return FALSE;
  if (p->tok.kind == CHAIN_TOKEN_SUPER && !raised_power (p, column, node, error))
    return FALSE;
  if (p->tok.kind != CHAIN_TOKEN_OP || p->tok.op != CHAIN_LANG_POW)
    return TRUE;
  args[0] = *node;
  if (!enter (p, error) || !_chain_parser_advance (p, error) || !prefix (p, CHAIN_PREC_POWER, &args[1], error))
    return FALSE;
  p->depth--;
  return apply (p, _chain_lang_row (CHAIN_LANG_POW), args, 2, column, node, error);
}

static gboolean
prefix (ChainParser *p, ChainPrec min, guint *node, GError **error)
{
  ChainLangOp op = p->tok.kind == CHAIN_TOKEN_OP ? p->tok.op : CHAIN_LANG_N_OPERATORS;
  guint column = p->tok.column, arg;

  if (op != CHAIN_LANG_SUB && op != CHAIN_LANG_ADD && op != CHAIN_LANG_NOT)
    return power (p, node, error);
  if (op == CHAIN_LANG_NOT && min > CHAIN_PREC_NOT)
    return refuse (p, &p->tok, error, "“not” binds less tightly than what stands before it; put brackets around “not …”");
  if (!enter (p, error) || !_chain_parser_advance (p, error)
      || !(op == CHAIN_LANG_NOT ? _chain_parser_expression (p, CHAIN_PREC_NOT, &arg, error) : prefix (p, CHAIN_PREC_POWER, &arg, error)))
    return FALSE;
  p->depth--;
  *node = arg;
  return op == CHAIN_LANG_ADD || apply (p, _chain_lang_row (op == CHAIN_LANG_NOT ? CHAIN_LANG_NOT : CHAIN_LANG_NEG), &arg, 1, column, node, error);
}

gboolean
_chain_parser_expression (ChainParser *p, ChainPrec min, guint *node, GError **error)
{
  guint column = p->tok.column, args[2];
  gboolean compared = FALSE;

  if (!prefix (p, min, &args[0], error))
    return FALSE;
  while (p->tok.kind == CHAIN_TOKEN_OP && p->tok.op != CHAIN_LANG_NOT && _chain_lang_row (p->tok.op)->prec >= min)
    {
      const ChainLangRow *row = _chain_lang_row (p->tok.op);

      if (row->prec == CHAIN_PREC_COMPARE && compared)
        return refuse (p, &p->tok, error, "comparisons are not chained; write a < b and b < c");
      compared = row->prec == CHAIN_PREC_COMPARE;
      if (!_chain_parser_advance (p, error) || !_chain_parser_expression (p, row->prec + 1, &args[1], error)
          || !apply (p, row, args, 2, column, &args[0], error))
        return FALSE;
    }
  *node = args[0];
  return TRUE;
}

/* What may stand behind a whole formula: nothing. */
static gboolean
at_end (ChainParser *p, GError **error)
{
  g_autofree char *text = _chain_token_text (&p->tok);

  switch (p->tok.kind)
    {
    case CHAIN_TOKEN_END:
      return TRUE;
    case CHAIN_TOKEN_CLOSE:
      return refuse (p, &p->tok, error, "this “)” closes no bracket; remove it or add “(” before it");
    case CHAIN_TOKEN_COMMA:
      return refuse (p, &p->tok, error, "a comma is read only between the arguments of a function; write a decimal number with a point");
    case CHAIN_TOKEN_SUPER:
      return refuse (p, &p->tok, error, "two raised exponents follow one another; add brackets");
    case CHAIN_TOKEN_OP:
      return refuse (p, &p->tok, error, "“not” stands between two values; write “and not” or “or not”");
    default:
      return _chain_lexer_error (p->lex.where, p->tok.column, p->tok.length, CHAIN_ERROR_SYNTAX, error,
                                 "an operator is missing before “%s”; write * to multiply", text);
    }
}

ChainFormula *
chain_formula_parse (const char *text, const char *const *allowed_names, ChainFormulaError *where, GError **error)
{
  g_autoptr (ChainFormula) f = _chain_expr_new ();
  ChainParser p = { .f = f, .allowed = allowed_names };
  guint root;

  if (!_chain_lexer_init (&p.lex, text, where, error) || !_chain_lexer_next (&p.lex, &p.tok, error)
      || !_chain_parser_expression (&p, CHAIN_PREC_OR, &root, error) || !at_end (&p, error))
    return NULL;
  if (p.deepest > CHAIN_LIMIT_FORMULA_DEPTH / 3 - 3 && _chain_expr_depth (f) > CHAIN_LIMIT_FORMULA_DEPTH)
    {
      too_deep (&p, 1, 0, error);
      return NULL;
    }
  g_ptr_array_add (f->names, NULL);
  return g_steal_pointer (&f);
}
