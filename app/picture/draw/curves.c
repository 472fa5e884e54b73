/* SPDX-License-Identifier: Apache-2.0 */
/* Lines over axes: solid or dashed, a marker at the end, the label beside it with a leader where it was pushed away. */
#include "app/picture/draw/draw.h"

#include <math.h>

#include "app/picture/draw/paint.h"
#include "app/picture/layout/lines.h"

static void
trace (cairo_t *cr, const ChainLine *line)
{
  gboolean pen = FALSE;

  for (guint i = 0; i < line->points->len; i++)
    {
      const ChainVertex *v = &g_array_index (line->points, ChainVertex, i);

      if (isnan (v->x))
        pen = FALSE;
      else if (pen)
        cairo_line_to (cr, v->x, v->y);
      else
        {
          cairo_move_to (cr, v->x, v->y);
          pen = TRUE;
        }
    }
}

static void
draw_line (cairo_t *cr, const ChainLinesLayout *f, const ChainLine *line, const ChainTheme *t)
{
  const ChainPlot *p = &f->plots[line->plot];
  const double dash[2] = { 5 * t->scale, 3 * t->scale };
  double room = 2 * t->scale;

  cairo_save (cr);
  cairo_rectangle (cr, p->x - 1, p->y - room, p->w + 2, p->h + 2 * room);
  cairo_clip (cr);
  trace (cr, line);
  cairo_set_line_width (cr, line->width * t->scale);
  cairo_set_line_join (cr, line->points->len > 2000 || line->faint ? CAIRO_LINE_JOIN_BEVEL : CAIRO_LINE_JOIN_ROUND);
  if (line->dashed)
    cairo_set_dash (cr, dash, 2, 0);
  chain_theme_source (cr, &line->colour, line->faint ? 0.22 : line->ghost ? 0.55 : 1);
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
draw_end (cairo_t *cr, ChainText *text, const ChainLinesLayout *f, const ChainLine *line)
{
  const ChainTheme *t = text->theme;
  const ChainPlot *p = &f->plots[line->plot];
  double s = t->scale, y = CLAMP (line->end_y, p->y, p->y + p->h);

  if (line->points->len == 0 || line->end_x == 0)
    return;
  if (line->label && !line->ghost && fabs (line->label_y - y) > 3 * s && line->label_x > line->end_x + 9 * s)
    {
      cairo_move_to (cr, line->end_x, y);
      cairo_line_to (cr, line->label_x - 2 * s, line->label_y);
      cairo_set_line_width (cr, s);
      chain_theme_source (cr, &line->colour, 0.5);
      cairo_stroke (cr);
    }
  if (line->marker >= 0)
    {
      chain_paint_marker (cr, (guint) line->marker, line->end_x, y, (line->ghost ? 2.2 : 3.1) * s);
      chain_theme_source (cr, &t->card, 1);
      cairo_set_line_width (cr, 2 * s);
      cairo_stroke_preserve (cr);
      chain_theme_source (cr, &line->colour, 1);
      cairo_fill (cr);
    }
  if (line->label && line->ghost && line->label_y < y - 12 * s)
    {
      cairo_move_to (cr, line->end_x, y - 4 * s);
      cairo_line_to (cr, line->end_x, line->label_y + 7 * s);
      cairo_set_line_width (cr, s);
      chain_theme_source (cr, &line->colour, 0.3);
      cairo_stroke (cr);
    }
  if (line->label && line->ghost)
    chain_text_halo (text, CHAIN_TEXT_SMALL, line->label, line->label_x, line->label_y, 1, 0.5, &t->fg2, &t->card);
  else if (line->label)
    chain_text_halo (text, CHAIN_TEXT_CHIP, line->label, line->label_x, line->label_y, 0, 0.5, &line->colour, &t->card);
}

void
chain_draw_lines (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  const ChainLinesLayout *f = l->data;
  g_auto (ChainText) text;

  chain_text_init (&text, cr, t);
  if (chain_paint_part (o, CHAIN_PART_BACK))
    {
      chain_paint_card (cr, &text, l);
      for (guint i = 0; i < f->n_plots; i++)
        {
          chain_paint_axes (cr, &text, &f->plots[i], f->grid_x);
          if (f->titles[i])
            chain_text_draw_cut (&text, CHAIN_TEXT_LABEL, f->titles[i], f->plots[i].x, f->plots[i].y - 9 * t->scale, 0, 0.5,
                                 f->plots[i].w, &t->fg);
        }
    }
  if (!chain_paint_part (o, CHAIN_PART_LIVE))
    return;
  for (guint i = 0; i < f->lines->len; i++)
    draw_line (cr, f, g_ptr_array_index (f->lines, i), t);
  for (guint i = 0; i < f->lines->len; i++)
    draw_end (cr, &text, f, g_ptr_array_index (f->lines, i));
  if (f->notice)
    chain_paint_notice (cr, &text, l, f->notice);
}
