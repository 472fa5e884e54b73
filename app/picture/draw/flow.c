/* SPDX-License-Identifier: Apache-2.0 */
/* Gradient flow: bars over the zones where a layer learns nothing or too much; the zones carry words, the bars marks and numbers, so that the
 * colours only repeat what is written. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/draw/draw.h"
#include "app/picture/draw/paint.h"
#include "app/picture/layout/bars.h"

static void
draw_zone (cairo_t *cr, ChainText *text, const ChainPlot *p, double x0, double x1, const ChainColour *band, const ChainColour *ink, const char *word)
{
  double s = text->theme->scale, w = chain_text_measure (text, CHAIN_TEXT_AXIS, word, NULL);
  double at = fmin (fmax ((x0 + x1) / 2, p->x + w / 2 - 4 * s), p->x + p->w - w / 2);

  if (x1 <= x0)
    return;
  chain_theme_source (cr, band, 1);
  chain_paint_round (cr, x0, p->y, x1 - x0, p->h, 2 * s);
  cairo_fill (cr);
  chain_text_draw (text, CHAIN_TEXT_AXIS, word, at, p->y + p->h + 9 * s, 0.5, 0.5, ink);
}

static void
draw_bar (cairo_t *cr, ChainText *text, const ChainBarsLayout *f, const ChainBar *b)
{
  const ChainTheme *t = text->theme;
  double s = t->scale, end = b->x + b->w;
  const ChainColour *c = b->health > 0 ? &t->error : b->health < 0 ? &t->warning : &t->backward;

  if (b->w > 0)
    {
      chain_paint_round (cr, b->x, b->y, b->w, b->h, 3 * s);
      chain_theme_source (cr, c, 0.87);
      cairo_fill (cr);
    }
  else if (b->health == 2)
    {
      cairo_save (cr);
      cairo_rectangle (cr, f->plot.x, b->y, f->plot.w * 0.25, b->h);
      cairo_clip (cr);
      chain_theme_source (cr, &t->error, 1);
      cairo_set_line_width (cr, 1.5 * s);
      chain_paint_hatch (cr, f->plot.x, b->y, f->plot.w * 0.25, b->h, 6 * s, FALSE);
      cairo_restore (cr);
      end = f->plot.x + f->plot.w * 0.25;
    }
  if (b->text[0])
    {
      double w = chain_text_measure (text, CHAIN_TEXT_AXIS, b->text, NULL);

      gboolean in_zone = end < f->zone_high && end + 8 * s + w > f->zone_high && b->w > w + 14 * s;

      if (in_zone || end + 6 * s + w > f->plot.x + f->plot.w)
        chain_text_draw (text, CHAIN_TEXT_AXIS, b->text, end - 6 * s, b->y + b->h / 2, 1, 0.5, &t->card);
      else
        chain_text_halo (text, CHAIN_TEXT_AXIS, b->text, end + 6 * s, b->y + b->h / 2, 0, 0.5, &t->fg, &t->card);
    }
}

void
chain_draw_flow (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  const ChainBarsLayout *f = l->data;
  g_auto (ChainText) text;

  chain_text_init (&text, cr, t);
  if (chain_paint_part (o, CHAIN_PART_BACK))
    {
      chain_paint_card (cr, &text, l);
      draw_zone (cr, &text, &f->plot, f->plot.x, f->zone_low, &t->warning_bg, &t->warning, _("vanishing"));
      draw_zone (cr, &text, &f->plot, f->zone_high, f->zone_high_end, &t->error_bg, &t->error, _("exploding"));
      for (guint i = 0; i < f->bars->len; i++)
        {
          const ChainBar *b = &g_array_index (f->bars, ChainBar, i), *last = &g_array_index (f->bars, ChainBar, f->bars->len - 1);
          double pitch = f->bars->len > 1 ? (last->y - g_array_index (f->bars, ChainBar, 0).y) / (f->bars->len - 1) : last->h;
          guint every = MAX (1, (guint) ceil (13 * t->scale / fmax (pitch, 1)));

          /* names that would touch are left out; the first and the last stay */
          if (i + 1 == f->bars->len || (i % every == 0 && i + every < f->bars->len))
            chain_text_draw_cut (&text, CHAIN_TEXT_SMALL, b->name, f->plot.x - 8 * t->scale, b->y + b->h / 2, 1, 0.5, f->plot.x - 12 * t->scale, &t->fg2);
        }
    }
  if (!chain_paint_part (o, CHAIN_PART_LIVE))
    return;
  for (guint i = 0; i < f->bars->len; i++)
    draw_bar (cr, &text, f, &g_array_index (f->bars, ChainBar, i));
  if (f->empty && f->bars->len == 0)
    chain_paint_notice (cr, &text, l, _("No layer has weights"));
}
