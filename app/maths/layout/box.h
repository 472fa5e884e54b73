/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes, in em of the base level: x to the right, y down, both from the left end of the parent's baseline. */
#pragma once

#include "app/maths/layout/font.h"
#include "app/maths/tree.h"

typedef enum { BOX_GROUP, BOX_GLYPH, BOX_RULE, BOX_ANCHOR } MathsBoxKind;

typedef struct _MathsBox MathsBox;
struct _MathsBox
{
  MathsBoxKind     kind;
  const char      *name;       /* static: what construct a group is */
  double           x, y, w, asc, desc;
  double           italic;     /* of the last glyph; part of w */
  double           scale;      /* of a glyph: em of its level */
  const MathsFont *font;
  hb_codepoint_t   glyph;
  ChainMathsInk    ink;
  char            *id;         /* of an anchor */
  GPtrArray       *kids;
};

/* Where something is set: display or text, how deep in scripts, whether superscripts are kept low (TeX's cramped styles). */
typedef struct { int level; gboolean display, cramped; ChainMathsInk ink; } MathsEnv;

struct _ChainMathsBox
{
  ChainMaths     *tree;
  MathsBox       *root;
  ChainMathsStyle style;
};

MathsBox *_chain_maths_group   (const char *name);
MathsBox *_chain_maths_rule    (double w, double thickness, ChainMathsInk ink);      /* stands on the baseline */
void      _chain_maths_add     (MathsBox *parent, MathsBox *kid, double x, double y);  /* (transfer full) kid; the parent grows */
void      _chain_maths_box_free (MathsBox *b);
const MathsBox *_chain_maths_end_glyph (const MathsBox *b, gboolean last);           /* NULL where a construct or nothing is at that end */

double    _chain_maths_scale   (const MathsEnv *env);
MathsEnv  _chain_maths_env_script (const MathsEnv *env, gboolean cramped);

MathsBox *_chain_maths_glyph   (const MathsFont *f, hb_codepoint_t glyph, const MathsEnv *env);
MathsBox *_chain_maths_letters (const char *text, const MathsEnv *env, gboolean italic);
/* The smallest form of the sign that is `target` em high or more; the tallest one if none is. Upright forms are centred on the axis. */
MathsBox *_chain_maths_grown   (const char *sign, double target, const MathsEnv *env);
/* The form of an accent (a combining sign) that is as wide as the body or narrower; its attachment in `at`. */
MathsBox *_chain_maths_widened (gunichar sign, double width, const MathsEnv *env, double *at);
void      _chain_maths_centre  (MathsBox *b, MathsBox *parent, double x, const MathsEnv *env);   /* adds it there, its middle on the axis */

/* Constructs; each takes a node of its kind. */
MathsBox *_chain_maths_set          (const ChainMaths *m, const MathsEnv *env);      /* any tree on one line */
MathsBox *_chain_maths_set_broken   (const ChainMaths *m, const MathsEnv *env, double max_width);
MathsBox *_chain_maths_set_fraction (const ChainMaths *m, const MathsEnv *env);
MathsBox *_chain_maths_set_script   (const ChainMaths *m, const MathsEnv *env);
MathsBox *_chain_maths_set_root     (const ChainMaths *m, const MathsEnv *env);
MathsBox *_chain_maths_set_fence    (const ChainMaths *m, const MathsEnv *env);
MathsBox *_chain_maths_set_big      (const ChainMaths *m, const MathsEnv *env);      /* the sign with its limits, without the body */
MathsBox *_chain_maths_set_accent   (const ChainMaths *m, const MathsEnv *env);
MathsBox *_chain_maths_set_table    (const ChainMaths *m, const MathsEnv *env);
