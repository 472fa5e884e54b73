/* SPDX-License-Identifier: Apache-2.0 */
/* Columns are characters, as an entry counts them, not bytes. What people type out of habit from other languages ("&&", "=", "[") is
 * known here by name, because the sentence that says what to type instead is worth more than "unexpected character". */
#include "engine/lang/lexer.h"

#include "engine/base/number.h"
#include "engine/lang/expr.h"

#include <string.h>

gboolean
_chain_lexer_error (ChainFormulaError *where, guint column, guint length, ChainErrorCode code, GError **error, const char *format, ...)
{
  g_autofree char *sentence = NULL;
  va_list args;

  va_start (args, format);
  sentence = g_strdup_vprintf (format, args);
  va_end (args);
  if (where != NULL)
    *where = (ChainFormulaError){ column, length };
  g_set_error (error, CHAIN_ERROR, code, "Column %u: %s", column, sentence);
  return FALSE;
}

gboolean
_chain_lexer_init (ChainLexer *lex, const char *text, ChainFormulaError *where, GError **error)
{
  gsize bytes = strlen (text);
  const char *bad;

  *lex = (ChainLexer){ text, text + bytes, 1, where };
  if (bytes > CHAIN_LIMIT_FORMULA_BYTES)
    return _chain_lexer_error (where, 1, 0, CHAIN_ERROR_TOO_LARGE, error,
                               "the formula is %" G_GSIZE_FORMAT " bytes long; at most %u are read, so split it into parts", bytes,
                               CHAIN_LIMIT_FORMULA_BYTES);
  if (!g_utf8_validate_len (text, bytes, &bad))
    return _chain_lexer_error (where, (guint) g_utf8_strlen (text, bad - text) + 1, 1, CHAIN_ERROR_BAD_ENCODING, error,
                               "here are bytes that are no text (UTF-8); type this place again");
  return TRUE;
}

char *
_chain_token_text (const ChainToken *tok)
{
  const char *end = tok->start + tok->bytes;

  if (tok->length <= 32)
    return chain_text_escape (tok->start, (gssize) tok->bytes);
  end = g_utf8_offset_to_pointer (tok->start, 31);
  g_autofree char *head = chain_text_escape (tok->start, end - tok->start);
  return g_strconcat (head, "…", NULL);
}

static gboolean
fail (ChainLexer *lex, const ChainToken *tok, GError **error, const char *advice)
{
  g_autofree char *text = _chain_token_text (tok);

  return _chain_lexer_error (lex->where, tok->column, tok->length, CHAIN_ERROR_SYNTAX, error, "“%s” is not read here; %s", text, advice);
}

/* Takes bytes (whole characters) from the text into the token. */
static void
take (ChainLexer *lex, ChainToken *tok, gsize bytes)
{
  guint n = (guint) g_utf8_strlen (lex->at, (gssize) bytes);

  tok->bytes += bytes;
  tok->length += n;
  lex->at += bytes;
  lex->column += n;
}

/* --- signs: longest first --- */
static const struct { const char *text; ChainTokenKind kind; ChainLangOp op; } signs[] = {
  { "**", CHAIN_TOKEN_OP, CHAIN_LANG_POW }, { "<=", CHAIN_TOKEN_OP, CHAIN_LANG_LE }, { ">=", CHAIN_TOKEN_OP, CHAIN_LANG_GE },
  { "==", CHAIN_TOKEN_OP, CHAIN_LANG_EQ }, { "!=", CHAIN_TOKEN_OP, CHAIN_LANG_NE }, { "≤", CHAIN_TOKEN_OP, CHAIN_LANG_LE },
  { "≥", CHAIN_TOKEN_OP, CHAIN_LANG_GE }, { "≠", CHAIN_TOKEN_OP, CHAIN_LANG_NE },
  { "+", CHAIN_TOKEN_OP, CHAIN_LANG_ADD }, { "-", CHAIN_TOKEN_OP, CHAIN_LANG_SUB }, { "−", CHAIN_TOKEN_OP, CHAIN_LANG_SUB },
  { "*", CHAIN_TOKEN_OP, CHAIN_LANG_MUL }, { "·", CHAIN_TOKEN_OP, CHAIN_LANG_MUL }, { "⋅", CHAIN_TOKEN_OP, CHAIN_LANG_MUL },
  { "∙", CHAIN_TOKEN_OP, CHAIN_LANG_MUL }, { "×", CHAIN_TOKEN_OP, CHAIN_LANG_MUL }, { "∗", CHAIN_TOKEN_OP, CHAIN_LANG_MUL },
  { "/", CHAIN_TOKEN_OP, CHAIN_LANG_DIV }, { "÷", CHAIN_TOKEN_OP, CHAIN_LANG_DIV }, { "∕", CHAIN_TOKEN_OP, CHAIN_LANG_DIV },
  { "^", CHAIN_TOKEN_OP, CHAIN_LANG_POW }, { "<", CHAIN_TOKEN_OP, CHAIN_LANG_LT }, { ">", CHAIN_TOKEN_OP, CHAIN_LANG_GT },
  { "√", CHAIN_TOKEN_ROOT, CHAIN_LANG_N_OPERATORS }, { "(", CHAIN_TOKEN_OPEN, CHAIN_LANG_N_OPERATORS },
  { ")", CHAIN_TOKEN_CLOSE, CHAIN_LANG_N_OPERATORS }, { ",", CHAIN_TOKEN_COMMA, CHAIN_LANG_N_OPERATORS },
};

/* Habits; looked at before the signs above, which some of them begin with. */
static const struct { const char *text, *advice; } habits[] = {
  { "&&", "write “and”" }, { "||", "write “or”" }, { "<>", "write != for “not equal”" }, { "=<", "write <=" }, { "=>", "write >=" },
  { "//", "write floor(a/b) for whole division" }, { "[", "use round brackets" }, { "]", "use round brackets" },
  { "{", "use round brackets" }, { "}", "use round brackets" }, { "%", "write mod(a, b) for the rest of a division" },
  { "|", "write abs(a) for the absolute value" }, { "&", "write “and”" }, { ";", "write a comma between the arguments of a function" },
  { "?", "write where(condition, a, b) for a choice" }, { ":", "write where(condition, a, b) for a choice" },
};

static gboolean
starts (const ChainLexer *lex, const char *sign)
{
  return g_str_has_prefix (lex->at, sign);
}

static gboolean
read_sign (ChainLexer *lex, ChainToken *tok, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (habits); i++)
    if (starts (lex, habits[i].text))
      {
        take (lex, tok, strlen (habits[i].text));
        return fail (lex, tok, error, habits[i].advice);
      }
  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    if (starts (lex, signs[i].text))
      {
        take (lex, tok, strlen (signs[i].text));
        tok->kind = signs[i].kind;
        tok->op = signs[i].op;
        return TRUE;
      }
  take (lex, tok, (gsize) (g_utf8_next_char (lex->at) - lex->at));
  return fail (lex, tok, error, *tok->start == '=' ? "write == to compare" : *tok->start == '!' ? "write “not”" : "remove it");
}

/* --- numbers --- */
static gsize
digits (const char *p)
{
  gsize n = 0;

  while (g_ascii_isdigit (p[n]))
    n++;
  return n;
}

static gboolean
read_number (ChainLexer *lex, ChainToken *tok, GError **error)
{
  const char *p = lex->at;
  gsize n = digits (p), exponent;

  if (p[n] == '.')
    n += 1 + digits (p + n + 1);
  if (p[n] == 'e' || p[n] == 'E')
    {
      exponent = 1 + (p[n + 1] == '+' || p[n + 1] == '-');
      if (g_ascii_isdigit (p[n + exponent]))
        n += exponent + digits (p + n + exponent);
    }
  take (lex, tok, n);
  tok->kind = CHAIN_TOKEN_NUMBER;
  if (*lex->at == '.')
    {
      take (lex, tok, 1 + digits (lex->at + 1));
      return fail (lex, tok, error, "a number has one decimal point");
    }
  if (!chain_number_parse (tok->start, (gssize) n, &tok->value))
    return fail (lex, tok, error, n == 1 ? "a point needs a digit beside it" : "the number is too large; the largest is about 1.8e308");
  return TRUE;
}

/* --- superscripts --- */
static int
super_digit (const char *p)
{
  static const char *const supers[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };

  for (int i = 0; i < 10; i++)
    if (g_str_has_prefix (p, supers[i]))
      return i;
  return -1;
}

static gboolean
read_super (ChainLexer *lex, ChainToken *tok, GError **error)
{
  gboolean minus = starts (lex, "⁻");

  tok->kind = CHAIN_TOKEN_SUPER;
  if (minus)
    take (lex, tok, strlen ("⁻"));
  if (super_digit (lex->at) < 0)
    return fail (lex, tok, error, "a raised minus needs raised digits behind it, or write ^(-1)");
  for (int d; (d = super_digit (lex->at)) >= 0;)
    {
      tok->value = tok->value * 10 + d;
      take (lex, tok, (gsize) (g_utf8_next_char (lex->at) - lex->at));
    }
  if (tok->value > 1e9)
    return fail (lex, tok, error, "the exponent is too large; write it behind ^");
  tok->value = minus ? -tok->value : tok->value;
  return TRUE;
}

/* --- names --- */
static gboolean
is_subscript (gunichar c)
{
  return c >= 0x2080 && c <= 0x2089;
}

static gboolean
begins_name (gunichar c)
{
  return g_unichar_isalpha (c) || c == '_';
}

static gboolean
continues_name (gunichar c)
{
  return begins_name (c) || (c < 128 && g_ascii_isdigit ((char) c)) || is_subscript (c) || c == '\'' || g_unichar_ismark (c);
}

static gboolean
read_name (ChainLexer *lex, ChainToken *tok, GError **error)
{
  static const struct { const char *word; ChainLangOp op; } words[] = {
    { "and", CHAIN_LANG_AND }, { "or", CHAIN_LANG_OR }, { "not", CHAIN_LANG_NOT },
  };
  const char *p = lex->at;

  while (continues_name (g_utf8_get_char (p)))
    p = g_utf8_next_char (p);
  take (lex, tok, (gsize) (p - lex->at));
  tok->kind = CHAIN_TOKEN_NAME;
  if (tok->length > CHAIN_LIMIT_FORMULA_NAME)
    return fail (lex, tok, error, "a name has at most 64 characters");
  _chain_expr_plain_digits (tok->start, tok->bytes, tok->name);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (tok->name, words[i].word))
      {
        tok->kind = CHAIN_TOKEN_OP;
        tok->op = words[i].op;
      }
  return TRUE;
}

gboolean
_chain_lexer_next (ChainLexer *lex, ChainToken *tok, GError **error)
{
  gunichar c;

  while (g_unichar_isspace (g_utf8_get_char (lex->at)))
    {
      lex->at = g_utf8_next_char (lex->at);
      lex->column++;
    }
  tok->kind = CHAIN_TOKEN_END;
  tok->op = CHAIN_LANG_N_OPERATORS;
  tok->value = 0;
  tok->name[0] = '\0';
  tok->start = lex->at;
  tok->bytes = 0;
  tok->column = lex->column;
  tok->length = 0;
  c = g_utf8_get_char (lex->at);
  if (c == 0)
    return TRUE;
  if (c == '.' || (c < 128 && g_ascii_isdigit ((char) c)))
    return read_number (lex, tok, error);
  if (starts (lex, "⁻") || super_digit (lex->at) >= 0)
    return read_super (lex, tok, error);
  if (begins_name (c))
    return read_name (lex, tok, error);
  return read_sign (lex, tok, error);
}
