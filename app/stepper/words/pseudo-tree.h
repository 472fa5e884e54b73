/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a line of pseudo-code: made by pseudo.c, shown and computed by pseudo-show.c. */
#pragma once

#include "app/stepper/words/pseudo.h"

G_BEGIN_DECLS

typedef enum
{
  TREE_NUMBER, TREE_SYMBOL, TREE_CALL, TREE_FENCE, TREE_BRACKET, TREE_NORM, TREE_ABS, TREE_ROOT, TREE_POWER, TREE_TRANSPOSE, TREE_MINUS,
  TREE_PRODUCT, TREE_FRACTION, TREE_SUM
} TreeKind;

typedef struct
{
  TreeKind   kind;
  char      *text;            /* NUMBER, SYMBOL, name of a CALL; sign of a SUM or PRODUCT, NULL: side by side */
  GPtrArray *parts;           /* of Tree */
} Tree;

struct _ChainPseudo
{
  GPtrArray *left, *right;    /* of Tree: of each clause */
  GPtrArray *relation;        /* of static strings */
};

void _chain_tree_free (gpointer t);

G_END_DECLS
