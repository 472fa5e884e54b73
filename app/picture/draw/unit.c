/* SPDX-License-Identifier: Apache-2.0 */
/* Over a plane: a heat map from -limit to limit, without the answer's contours. Along one input: a curve; the axis of the plot counts the target, so the
 * curve has a scale of its own at the right, from -limit to limit, with its zero drawn. */
#include "config.h"

#include "app/picture/draw/unit.h"

#include <math.h>

#include "app/picture/draw/paint.h"
#include "app/picture/layout/names.h"
#include "app/picture/number-text.h"

const float *
chain_unit_field (const ChainSnapshot *s, const char *id, double *limit)
{
  gboolean line = s->axis_x == s->axis_y;
  const float *field;
  int layer;
  guint unit;
  double lo, hi;
  gsize n = line ? s->res : (gsize) s->res * s->res;

  if (s->res < 2 || !chain_parse_unit (s, id, &layer, &unit))
    return NULL;
  field = layer < 0 ? s->inputs : ((const ChainSnapLayer *) g_ptr_array_index (s->layers, layer))->field;
  if (field == NULL)
    return NULL;
  field += n * unit;
  *limit = 1;
  if (chain_extent (field, n, &lo, &hi))
    *limit = chain_range_end (fmax (1, fmax (fabs (lo), fabs (hi))));
  return field;
}

static double
height_of (const ChainPlot *p, double v, double limit)
{
  return p->y + p->h * (0.5 - 0.46 * v / limit);
}

static void
paint_scale (cairo_t *cr, const ChainPlot *p, const ChainTheme *t, double limit)
{
  g_auto (ChainText) text;
  char number[CHAIN_NUMBER_TEXT_SIZE];
  double s = t->scale;

  chain_text_init (&text, cr, t);
  for (int i = -1; i <= 1; i++)
    {
      chain_number_text_setting (number, i * limit);
      chain_text_halo (&text, CHAIN_TEXT_AXIS, number, p->x + p->w - 3 * s, height_of (p, i * limit, limit) - (i == 0 ? 7 * s : 0), 1, 0.5, &t->forward, &t->card);
    }
}

static void
paint_line (cairo_t *cr, const ChainPlot *p, const ChainSnapshot *s, const ChainTheme *t, const float *field, double limit)
{
  gboolean pen = FALSE;

  cairo_save (cr);
  cairo_rectangle (cr, p->x, p->y, p->w, p->h);
  cairo_clip (cr);
  cairo_move_to (cr, p->x, height_of (p, 0, limit));
  cairo_line_to (cr, p->x + p->w, height_of (p, 0, limit));
  chain_theme_source (cr, &t->forward, 0.5);
  cairo_set_line_width (cr, t->scale);
  cairo_stroke (cr);
  for (guint i = 0; i < s->res; i++)
    {
      double x = p->x + p->w * i / (s->res - 1), y = height_of (p, field[i], limit);

      if (!isfinite (y))
        pen = FALSE;
      else if (pen)
        cairo_line_to (cr, x, y);
      else
        cairo_move_to (cr, x, y);
      pen = isfinite (y);
    }
  chain_theme_source (cr, &t->forward, 1);
  cairo_set_line_width (cr, 2.4 * t->scale);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
  cairo_restore (cr);
  paint_scale (cr, p, t, limit);
}

gboolean
chain_paint_unit (cairo_t *cr, const ChainFieldLayout *f, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  const ChainPlot *p = &f->plot;
  double limit = 1;
  const float *field = o != NULL && o->show_unit != NULL ? chain_unit_field (s, o->show_unit, &limit) : NULL;
  ChainLut lut;

  if (field == NULL)
    return FALSE;
  if (f->line)
    {
      paint_line (cr, p, s, t, field, limit);
      return TRUE;
    }
  chain_lut_init (&lut, CHAIN_MAP_VALUE, t->dark, 0.125, 0.875, -limit, limit);
  chain_paint_field (cr, field, s->res, s->res, &lut, p->x, p->y, p->w, p->h, 6 * t->scale);
  return TRUE;
}
