/* SPDX-License-Identifier: Apache-2.0 */
/* The table of what can be applied: operators and functions are rows of one table, each with its meaning for one number, its making
 * of nodes, and how it is written. Parser, printer, evaluation and tracing loop over it or look into it; none of them knows a function. */
#pragma once

#include "engine/graph/graph.h"

G_BEGIN_DECLS

/* Operators come first and have fixed places; functions follow. */
typedef enum
{
  CHAIN_LANG_OR, CHAIN_LANG_AND, CHAIN_LANG_NOT,
  CHAIN_LANG_LT, CHAIN_LANG_LE, CHAIN_LANG_GT, CHAIN_LANG_GE, CHAIN_LANG_EQ, CHAIN_LANG_NE,
  CHAIN_LANG_ADD, CHAIN_LANG_SUB, CHAIN_LANG_MUL, CHAIN_LANG_DIV, CHAIN_LANG_NEG, CHAIN_LANG_POW,
  CHAIN_LANG_N_OPERATORS
} ChainLangOp;

/* How tightly it binds; CALL is a number, a name, a call or a bracket. */
typedef enum
{
  CHAIN_PREC_NONE, CHAIN_PREC_OR, CHAIN_PREC_AND, CHAIN_PREC_NOT, CHAIN_PREC_COMPARE, CHAIN_PREC_SUM, CHAIN_PREC_PRODUCT, CHAIN_PREC_SIGN,
  CHAIN_PREC_POWER, CHAIN_PREC_CALL
} ChainPrec;

/* Templates: %L0 first argument as a left operand, %R1 second as a right operand, %P0 as the base of a power, %X1 as an exponent,
 * %N2 third with nothing around it. NULL = as the style before it; a function without any is name(a, b). */
typedef struct
{
  const char *name;               /* of a function: as it is called */
  const char *alias;              /* a second name; NULL */
  const char *title;              /* msgid; functions */
  const char *usage;              /* functions */
  guint8      prec, latex_prec;
  guint8      min_args, max_args; /* more than two: folded from the left, where max_args is CHAIN_LANG_MANY */
  double    (*eval)  (const double *a);
  ChainId   (*build) (ChainGraph *g, const ChainId *a);
  const char *plain, *unicode, *latex;
} ChainLangRow;

#define CHAIN_LANG_MANY 255

const ChainLangRow *_chain_lang_row      (guint i);            /* operators at their ChainLangOp */
const ChainLangRow *_chain_lang_function (const char *name);   /* by name or alias; NULL */
guint               _chain_lang_n_rows   (void);

/* pi and e. */
typedef struct { const char *name, *alias, *latex; double value; } ChainLangConstant;
const ChainLangConstant *_chain_lang_constant (guint i);       /* NULL behind the last */
int                      _chain_lang_find_constant (const char *name);   /* -1 */

G_END_DECLS
