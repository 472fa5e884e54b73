/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a formula: an array in which arguments stand before what they are arguments of, so that evaluation and tracing are one
 * loop and no depth of the tree is a depth of the stack. The root is the last. */
#pragma once

#include "engine/lang/formula.h"
#include "engine/lang/rows.h"

G_BEGIN_DECLS

typedef enum { CHAIN_EXPR_NUMBER, CHAIN_EXPR_CONSTANT, CHAIN_EXPR_NAME, CHAIN_EXPR_APPLY } ChainExprKind;

typedef struct
{
  ChainExprKind       kind;
  const ChainLangRow *row;         /* APPLY */
  double              value;       /* NUMBER (never negative), CONSTANT */
  guint               index;       /* NAME: into names; CONSTANT: its row */
  guint               n_args;
  guint               args[3];
  guint               column, length;   /* the characters it was read from */
} ChainExprNode;

struct _ChainFormula
{
  int        ref_count;
  GArray    *nodes;                /* of ChainExprNode */
  GPtrArray *names;                /* of char*, NULL-terminated when sealed */
  guint      n_ops;
};

static inline const ChainExprNode *
_chain_expr_node (const ChainFormula *f, guint i)
{
  return &g_array_index (f->nodes, ChainExprNode, i);
}

ChainFormula *_chain_expr_new  (void);
guint         _chain_expr_name (ChainFormula *f, const char *name);     /* finds or adds */
guint         _chain_expr_add  (ChainFormula *f, const ChainExprNode *node);
/* Places of the names in a caller's list; asserts that each is there. (transfer full). */
guint        *_chain_expr_bind (const ChainFormula *f, const char *const *names);

/* How deep the canonical text is nested, in the parser's count. */
guint         _chain_expr_depth (const ChainFormula *f);

/* x₁ -> x1. out has room for as many bytes as name. */
void          _chain_expr_plain_digits (const char *name, gsize bytes, char *out);

G_END_DECLS
