/* SPDX-License-Identifier: Apache-2.0 */
/* Text to tokens, one at a time. A token knows its place in characters, so that an error, and later a view, can point at it. */
#pragma once

#include "engine/lang/formula.h"
#include "engine/lang/rows.h"

G_BEGIN_DECLS

typedef enum
{
  CHAIN_TOKEN_END,
  CHAIN_TOKEN_NUMBER,
  CHAIN_TOKEN_NAME,       /* also functions and constants; `name` has subscripts as plain digits */
  CHAIN_TOKEN_OP,         /* + − · / ^, comparisons, and or not: `op` */
  CHAIN_TOKEN_ROOT,       /* √ */
  CHAIN_TOKEN_SUPER,      /* a whole superscript: `value` */
  CHAIN_TOKEN_OPEN,
  CHAIN_TOKEN_CLOSE,
  CHAIN_TOKEN_COMMA
} ChainTokenKind;

typedef struct
{
  ChainTokenKind kind;
  ChainLangOp    op;
  double         value;
  char           name[CHAIN_LIMIT_FORMULA_NAME * 4 + 1];
  const char    *start;           /* its bytes in the text */
  gsize          bytes;
  guint          column, length;  /* characters */
} ChainToken;

typedef struct
{
  const char        *at, *end;
  guint              column;      /* of `at` */
  ChainFormulaError *where;       /* nullable */
} ChainLexer;

/* FALSE with an error where the text cannot be a formula of any kind (size, encoding). */
gboolean _chain_lexer_init (ChainLexer *lex, const char *text, ChainFormulaError *where, GError **error);
/* The next token; FALSE with an error. After the end: END again. */
gboolean _chain_lexer_next (ChainLexer *lex, ChainToken *tok, GError **error);
/* "Column 7: " and the sentence; sets *where. Always FALSE. */
gboolean _chain_lexer_error (ChainFormulaError *where, guint column, guint length, ChainErrorCode code, GError **error,
                             const char *format, ...) G_GNUC_PRINTF (6, 7);
/* The token's text, shortened, fit for a message. (transfer full). */
char    *_chain_token_text  (const ChainToken *tok);

G_END_DECLS
