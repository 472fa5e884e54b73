/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens to a tree. chain_formula_parse() of formula.h is its public face; the parts below are what a language of statements
 * (let, if, for, functions) is added around: an expression ends at the first token that cannot continue it. */
#pragma once

#include "engine/lang/expr.h"
#include "engine/lang/lexer.h"

G_BEGIN_DECLS

typedef struct
{
  ChainLexer         lex;
  ChainToken         tok;        /* the next one */
  guint              previous_end;   /* column behind the token before it */
  ChainFormula      *f;          /* receives nodes */
  const char *const *allowed;
  guint              depth, deepest;
} ChainParser;

/* One expression of operators that bind at least as tightly as min; *node is its root. Leaves tok behind it. */
gboolean _chain_parser_expression (ChainParser *p, ChainPrec min, guint *node, GError **error);
gboolean _chain_parser_advance    (ChainParser *p, GError **error);

G_END_DECLS
