/* SPDX-License-Identifier: Apache-2.0 */
/* Cases and matrices. Cells are set in text style; a row is at least as high as a line of text, so that rows of letters without descenders are
 * no closer than others (the strut of LaTeX's array, stretched by 1.2 for cases as amsmath does). */
#include "app/maths/layout/box.h"

typedef struct { guint rows, cols; MathsBox **cell; double *width, *asc, *desc; } Table;

static void
measure (Table *t, const ChainMaths *m, const MathsEnv *env, double stretch)
{
  MathsEnv e = *env;
  double s = _chain_maths_scale (env);

  e.display = FALSE;
  for (guint i = 0; i < t->rows; i++)
    {
      t->asc[i] = 0.84 * stretch * s;
      t->desc[i] = 0.36 * stretch * s;
      for (guint k = 0; k < t->cols; k++)
        {
          MathsBox *c = _chain_maths_set (m->part[i * t->cols + k], &e);

          t->cell[i * t->cols + k] = c;
          t->width[k] = MAX (t->width[k], c->w);
          t->asc[i] = MAX (t->asc[i], c->asc + 0.08 * s);
          t->desc[i] = MAX (t->desc[i], c->desc + 0.08 * s);
        }
    }
}

/* The rows around the axis, from the left at 0. */
static MathsBox *
arrange (const Table *t, const MathsEnv *env, gboolean centred)
{
  MathsBox *b = _chain_maths_group ("table");
  double s = _chain_maths_scale (env), total = 0, y, axis = _chain_maths_constant (HB_OT_MATH_CONSTANT_AXIS_HEIGHT) * s;

  for (guint i = 0; i < t->rows; i++)
    total += t->asc[i] + t->desc[i];
  y = -axis - total / 2;
  for (guint i = 0; i < t->rows; i++)
    {
      double x = 0;

      y += t->asc[i];
      for (guint k = 0; k < t->cols; k++)
        {
          MathsBox *c = t->cell[i * t->cols + k];

          _chain_maths_add (b, c, centred ? x + (t->width[k] - c->w) / 2 : x, y);
          x += t->width[k] + s;
        }
      y += t->desc[i];
    }
  b->w = -s;
  for (guint k = 0; k < t->cols; k++)
    b->w += t->width[k] + s;
  b->w = MAX (b->w, 0);
  return b;
}

static MathsBox *
fenced (const char *left, MathsBox *body, const char *right, double gap, const MathsEnv *env)
{
  MathsBox *b = _chain_maths_group ("fence");
  double axis = _chain_maths_constant (HB_OT_MATH_CONSTANT_AXIS_HEIGHT) * _chain_maths_scale (env), h = 2 * MAX (body->asc - axis, body->desc + axis), x;

  _chain_maths_centre (_chain_maths_grown (left, h, env), b, 0, env);
  x = b->w + gap;
  _chain_maths_add (b, body, x, 0);
  if (right != NULL)
    _chain_maths_centre (_chain_maths_grown (right, h, env), b, x + body->w + gap, env);
  return b;
}

MathsBox *
_chain_maths_set_table (const ChainMaths *m, const MathsEnv *env)
{
  gboolean cases = m->kind == MATHS_CASES;
  guint cols = cases ? 2 : m->kind == MATHS_MATRIX ? m->value : 1, rows = m->n / cols;
  g_autofree MathsBox **cell = g_new0 (MathsBox *, m->n + 1);
  g_autofree double *sizes = g_new0 (double, cols + 2 * rows + 1);
  Table t = { rows, cols, cell, sizes, sizes + cols, sizes + cols + rows };
  double s = _chain_maths_scale (env);
  MathsBox *body;

  measure (&t, m, env, cases ? 1.2 : 1);
  body = arrange (&t, env, m->kind == MATHS_MATRIX);
  if (m->kind == MATHS_LINES)
    return body;
  return fenced (cases ? "{" : "(", body, cases ? NULL : ")", (cases ? 0.17 : 0.1) * s, env);
}
