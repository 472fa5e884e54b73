/* SPDX-License-Identifier: Apache-2.0 */
/* Weight histograms, a row a layer over one symmetric axis; a bin has the colour that its weights have as edges of the network picture. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/draw/draw.h"
#include "app/picture/draw/paint.h"
#include "app/picture/layout/bars.h"

static void
draw_row (cairo_t *cr, ChainText *text, const ChainBar *b)
{
  const ChainTheme *t = text->theme;
  double bw = b->w / CHAIN_BINS, s = t->scale;

  for (int i = 0; i < CHAIN_BINS; i++)
    {
      ChainColour c = chain_map_signed (CHAIN_MAP_VALUE, t->dark, (2 * i + 1.0) / CHAIN_BINS - 1);
      double h = b->bins[i] > 0 ? fmax (1, b->bins[i] * b->h) : 0;

      if (h <= 0)
        continue;
      c = chain_colour_mix (c, t->outline, 0.45 * (1 - fabs ((2 * i + 1.0) / CHAIN_BINS - 1)));   /* the neutral middle stays visible */
      chain_theme_source (cr, &c, 1);
      cairo_rectangle (cr, b->x + bw * i + 0.25, b->y + b->h - h, bw - 0.5, h);
      cairo_fill (cr);
    }
  chain_theme_source (cr, &t->axis, 1);
  cairo_set_line_width (cr, s);
  cairo_move_to (cr, b->x, b->y + b->h + 0.5);
  cairo_line_to (cr, b->x + b->w, b->y + b->h + 0.5);
  cairo_stroke (cr);
  if (b->health == 2)
    chain_text_halo (text, CHAIN_TEXT_SMALL, "NaN", b->x + b->w, b->y + b->h / 2, 1, 0.5, &t->error, &t->card);
}

void
chain_draw_hist (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  const ChainBarsLayout *f = l->data;
  g_auto (ChainText) text;

  chain_text_init (&text, cr, t);
  if (chain_paint_part (o, CHAIN_PART_BACK))
    {
      chain_paint_card (cr, &text, l);
      for (guint i = 0; !f->empty && i < f->plot.ax.n_ticks; i++)
        {
          double x = round (chain_plot_x (&f->plot, f->plot.ax.ticks[i].value) - 0.5) + 0.5;

          chain_theme_source (cr, &t->axis, f->plot.ax.ticks[i].value == 0 ? 1 : 0.4);
          cairo_set_line_width (cr, t->scale);
          cairo_move_to (cr, x, f->plot.y);
          cairo_line_to (cr, x, f->plot.y + f->plot.h);
          cairo_stroke (cr);
          if (!f->plot.ax.ticks[i].hidden)
            chain_text_draw (&text, CHAIN_TEXT_AXIS, f->plot.ax.ticks[i].label, x, f->plot.y + f->plot.h + 10 * t->scale, 0.5, 0.5, &t->fg2);
        }
      for (guint i = 0; i < f->bars->len; i++)
        {
          const ChainBar *b = &g_array_index (f->bars, ChainBar, i);

          chain_text_draw_cut (&text, CHAIN_TEXT_SMALL, b->name, f->plot.x - 8 * t->scale, b->y + b->h - 6 * t->scale, 1, 0.5,
                               f->plot.x - 12 * t->scale, &t->fg2);
        }
      if (f->empty)
        chain_paint_notice (cr, &text, l, _("No layer has weights"));
    }
  if (chain_paint_part (o, CHAIN_PART_LIVE))
    for (guint i = 0; i < f->bars->len; i++)
      draw_row (cr, &text, &g_array_index (f->bars, ChainBar, i));
}
