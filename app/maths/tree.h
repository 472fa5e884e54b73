/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the room: what a tree is made of, and what every reading has to know of a sign. */
#pragma once

#include "app/maths/maths.h"

typedef enum
{
  MATHS_SYMBOL, MATHS_NUMBER, MATHS_WORD, MATHS_SIGN, MATHS_ROW, MATHS_FRACTION, MATHS_SCRIPT, MATHS_ROOT, MATHS_FENCE, MATHS_BIG, MATHS_ACCENT,
  MATHS_CASES, MATHS_MATRIX, MATHS_INK, MATHS_ANCHOR, MATHS_LINES
} MathsKind;

/* Atoms of The TeXbook, chapter 17; TEXT stands off from everything by a word space. */
typedef enum { MATHS_ORD, MATHS_OP, MATHS_BIN, MATHS_REL, MATHS_OPEN, MATHS_CLOSE, MATHS_PUNCT, MATHS_INNER, MATHS_TEXT } MathsClass;

struct _ChainMaths
{
  int         ref_count;
  MathsKind   kind;
  char       *text, *right;       /* right: closing sign of a fence */
  guint       value;              /* accent, ink, or columns */
  guint       n;
  ChainMaths *part[];             /* SCRIPT: base, sub, sup; BIG: lower, upper, body; CASES: value, condition, value … */
};

typedef struct
{
  const char *text;
  MathsClass  cls;
  const char *latex, *spoken;     /* spoken: a msgid; NULL: as it is written */
} MathsSign;

const MathsSign *_chain_maths_sign_row (const char *text);      /* NULL: not in the table */
MathsClass       _chain_maths_class    (const ChainMaths *m);   /* of a leaf or a construct, before TeX's rules about unary signs */
/* Parts of rows, inks and anchors in one list; their leaves borrowed. */
GPtrArray       *_chain_maths_flatten  (const ChainMaths *m);
/* TeX: a binary sign without an operand on one side is an ordinary one. `before` is the class that stands before, or −1. */
gboolean         _chain_maths_is_unary (int before);
