/* SPDX-License-Identifier: Apache-2.0 */
/* Confusion matrix and scatter of predictions. Right and wrong have a colour each, and a place each (on and off the diagonal), so that the
 * colours only repeat what the place says. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/draw/draw.h"
#include "app/picture/draw/paint.h"
#include "app/picture/layout/answers.h"
#include "app/picture/layout/names.h"
#include "app/picture/number-text.h"

/* --- confusion matrix --- */
static void
draw_cell (cairo_t *cr, ChainText *text, const ChainConfusionLayout *f, guint i, guint j, guint n, double share)
{
  const ChainTheme *t = text->theme;
  double x = f->x + j * f->cw, y = f->y + i * f->ch, s = t->scale, gap = f->cw > 12 * s ? 1 : 0.25;
  const ChainColour *ink = i == j ? &t->forward : &t->error;
  double strength = n == 0 ? 0 : 0.12 + 0.88 * sqrt (share);
  ChainColour c = chain_colour_mix (t->card, *ink, (t->dark ? 0.72 : 0.8) * strength);
  char number[CHAIN_NUMBER_TEXT_SIZE];

  if (f->dots)
    {
      if (n == 0)
        return;
      cairo_arc (cr, x + f->cw / 2, y + f->ch / 2, fmax (0.7 * s, fmin (f->cw, f->ch) * 0.48 * sqrt (share)), 0, 2 * G_PI);
      chain_theme_source (cr, ink, i == j ? 0.85 : 1);
      cairo_fill (cr);
      return;
    }
  if (n == 0)
    c = chain_colour_mix (t->card, t->chip, 0.55);
  chain_paint_round (cr, x + gap / 2, y + gap / 2, f->cw - gap, f->ch - gap, f->cw > 14 * s ? 3 * s : 0);
  chain_theme_source (cr, &c, 1);
  cairo_fill (cr);
  if (!f->counts || n == 0)
    return;
  chain_number_text_count (number, n);
  chain_text_draw (text, f->ch >= 20 * s && f->cw >= 40 * s ? CHAIN_TEXT_LABEL_BOLD : CHAIN_TEXT_AXIS, number, x + f->cw / 2, y + f->ch / 2, 0.5, 0.5,
                   0.299 * c.r + 0.587 * c.g + 0.114 * c.b > 0.52 ? &(ChainColour){ 0.08, 0.08, 0.1 } : &(ChainColour){ 1, 1, 1 });
}

static void
draw_names (cairo_t *cr, ChainText *text, const ChainConfusionLayout *f, const ChainLayout *l)
{
  const ChainTheme *t = text->theme;
  double s = t->scale, bottom = f->y + f->ch * f->n;

  for (guint i = 0; i < f->n; i++)
    {
      if (i % f->every_row == 0)
        chain_text_draw_cut (text, CHAIN_TEXT_SMALL, f->name[i], f->x - 6 * s, f->y + (i + 0.5) * f->ch, 1, 0.5, f->names, &t->fg);
      if (i % f->every == 0)
        chain_text_draw_cut (text, CHAIN_TEXT_SMALL, f->name[i], f->x + (i + 0.5) * f->cw, bottom + 9 * s, 0.5, 0.5, f->cw * f->every - 2 * s, &t->fg);
    }
  if (f->caption)
    chain_text_draw_cut (text, CHAIN_TEXT_AXIS,
                         f->shares && l->width > 300 * s ? _("rows: true · columns: predicted · right: share correct") : _("rows: true · columns: predicted"),
                         l->width / 2, bottom + 24 * s, 0.5, 0.5, l->width - 16 * s, &t->fg2);
  if (!f->dots)
    return;
  chain_theme_source (cr, &t->grid, 1);
  cairo_set_line_width (cr, 1);
  cairo_rectangle (cr, f->x - 0.5, f->y - 0.5, f->cw * f->n + 1, f->ch * f->n + 1);
  cairo_move_to (cr, f->x, f->y);
  cairo_line_to (cr, f->x + f->cw * f->n, bottom);
  cairo_stroke (cr);
}

static void
draw_shares (ChainText *text, const ChainConfusionLayout *f, const ChainPredictions *p)
{
  double s = text->theme->scale;

  for (guint i = 0; i < f->n && f->shares; i++)
    {
      guint sum = 0;
      char number[CHAIN_NUMBER_TEXT_SIZE];

      for (guint j = 0; j < f->n; j++)
        sum += p->confusion[i * f->n + j];
      if (sum == 0)
        continue;
      chain_number_text_fixed (number, 100.0 * p->confusion[i * f->n + i] / sum, 0);
      g_strlcat (number, "\xe2\x80\xaf%", sizeof number);
      chain_text_draw (text, CHAIN_TEXT_AXIS, number, f->x + f->cw * f->n + 34 * s, f->y + (i + 0.5) * f->ch, 1, 0.5, &text->theme->fg2);
    }
}

void
chain_draw_confusion (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  const ChainConfusionLayout *f = l->data;
  const ChainElement *hover = o && o->hover ? chain_layout_find (l, o->hover) : NULL;
  g_auto (ChainText) text;

  chain_text_init (&text, cr, t);
  if (chain_paint_part (o, CHAIN_PART_BACK))
    {
      chain_paint_card (cr, &text, l);
      if (f->n > 0)
        draw_names (cr, &text, f, l);
      else
        chain_paint_notice (cr, &text, l, l->description);
    }
  if (f->n == 0)
    return;
  if (chain_paint_part (o, CHAIN_PART_LIVE))
    {
      for (guint i = 0; i < f->n; i++)
        {
          const guint *row = s->predictions->confusion + (gsize) i * f->n;
          guint sum = 0;

          for (guint j = 0; j < f->n; j++)
            sum += row[j];
          for (guint j = 0; j < f->n; j++)
            draw_cell (cr, &text, f, i, j, row[j], sum ? (double) row[j] / sum : 0);
        }
      draw_shares (&text, f, s->predictions);
    }
  if (hover == NULL || !chain_paint_part (o, CHAIN_PART_OVERLAY))
    return;
  chain_theme_source (cr, &t->fg, 1);
  cairo_set_line_width (cr, 1.5 * t->scale);
  chain_paint_round (cr, hover->x, hover->y, hover->w, hover->h, 3 * t->scale);
  cairo_stroke (cr);
}

/* --- predicted against true --- */
static void
draw_points (cairo_t *cr, const ChainScatterLayout *f, const ChainTheme *t)
{
  double s = t->scale, r = (f->n > 800 ? 2 : f->n < 60 ? 3.6 : 2.8) * s;
  ChainColour c = t->dark ? chain_colour_mix (t->forward, t->fg, 0.2) : t->forward;

  cairo_save (cr);
  cairo_rectangle (cr, f->plot.x - r, f->plot.y - r, f->plot.w + 2 * r, f->plot.h + 2 * r);
  cairo_clip (cr);
  cairo_set_line_width (cr, 0.8 * s);
  for (guint i = 0; i < f->n; i++)
    {
      if (!isfinite (f->x[i]) || !isfinite (f->y[i]))
        continue;
      cairo_new_sub_path (cr);
      cairo_arc (cr, CLAMP (f->x[i], -1e5f, 1e5f), CLAMP (f->y[i], -1e5f, 1e5f), r, 0, 2 * G_PI);
      chain_theme_source (cr, &t->card, 0.9);
      cairo_stroke_preserve (cr);
      chain_theme_source (cr, &c, 0.8);
      cairo_fill (cr);
    }
  cairo_restore (cr);
}

static void
draw_diagonal (cairo_t *cr, const ChainPlot *p, const ChainTheme *t)
{
  chain_theme_source (cr, &t->fg, 0.75);
  cairo_set_line_width (cr, 1.4 * t->scale);
  cairo_move_to (cr, p->x, p->y + p->h);
  cairo_line_to (cr, p->x + p->w, p->y);
  cairo_stroke (cr);
}

/* The residual: from the point straight to the diagonal. */
static void
draw_residual (cairo_t *cr, const ChainScatterLayout *f, const ChainElement *e, const ChainTheme *t)
{
  if (e->index >= f->n || !isfinite (f->y[e->index]))
    return;
  chain_theme_source (cr, &t->backward, 1);
  cairo_set_line_width (cr, 1.6 * t->scale);
  cairo_move_to (cr, f->x[e->index], f->y[e->index]);
  cairo_line_to (cr, f->x[e->index], f->foot[e->index]);
  cairo_stroke (cr);
  cairo_arc (cr, f->x[e->index], f->y[e->index], 5 * t->scale, 0, 2 * G_PI);
  chain_theme_source (cr, &t->fg, 1);
  cairo_stroke (cr);
}

void
chain_draw_predicted (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  const ChainScatterLayout *f = l->data;
  const ChainElement *hover = o && o->hover ? chain_layout_find (l, o->hover) : NULL;
  g_auto (ChainText) text;

  chain_text_init (&text, cr, t);
  if (chain_paint_part (o, CHAIN_PART_BACK))
    {
      chain_paint_card (cr, &text, l);
      if (f->empty)
        chain_paint_notice (cr, &text, l, l->description);
      else
        {
          chain_paint_axes (cr, &text, &f->plot, TRUE);
          draw_diagonal (cr, &f->plot, t);
        }
    }
  if (f->empty)
    return;
  if (chain_paint_part (o, CHAIN_PART_LIVE))
    draw_points (cr, f, t);
  if (chain_paint_part (o, CHAIN_PART_FRONT))
    chain_text_halo (&text, CHAIN_TEXT_SMALL, f->plot.ay.name, f->plot.x + 4 * t->scale, f->plot.y + 6 * t->scale, 0, 0.5, &t->fg2, &t->card);
  if (hover && strcmp (hover->role, "point") == 0 && chain_paint_part (o, CHAIN_PART_OVERLAY))
    draw_residual (cr, f, hover, t);
}

/* --- mistakes --- */
static void
draw_image (cairo_t *cr, const ChainMistakesLayout *f, const ChainMistake *m, const ChainSnapshot *s, const ChainTheme *t)
{
  g_autofree float *image = chain_image_of (s, s->predictions->row[m->at]);
  ChainLut lut;

  chain_lut_init (&lut, CHAIN_MAP_SLATE, t->dark, 0, 1, f->lo, f->hi);
  chain_paint_cells (cr, image, s->data->image_width, s->data->image_height, &lut, m->x, m->y, f->w, f->h, 3 * t->scale);
  chain_theme_source (cr, &t->outline, 0.7);
  cairo_set_line_width (cr, 0.8 * t->scale);
  chain_paint_round (cr, m->x, m->y, f->w, f->h, 3 * t->scale);
  cairo_stroke (cr);
}

void
chain_draw_mistakes (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  const ChainMistakesLayout *f = l->data;
  const ChainElement *hover = o && o->hover ? chain_layout_find (l, o->hover) : NULL;
  g_auto (ChainText) text;

  chain_text_init (&text, cr, t);
  if (chain_paint_part (o, CHAIN_PART_BACK))
    chain_paint_card (cr, &text, l);
  if (chain_paint_part (o, CHAIN_PART_LIVE))
    {
      if (f->n == 0)
        chain_paint_notice (cr, &text, l, l->description);
      for (guint i = 0; i < f->n; i++)
        {
          const ChainMistake *m = &f->mistakes[i];

          draw_image (cr, f, m, s, t);
          chain_text_draw_cut (&text, CHAIN_TEXT_SMALL, m->text, m->x + f->w / 2, m->y + f->h + 8 * t->scale, 0.5, 0.5, f->w + 22 * t->scale, &t->fg);
        }
    }
  if (hover == NULL || !chain_paint_part (o, CHAIN_PART_OVERLAY))
    return;
  chain_theme_source (cr, &t->accent, 1);
  cairo_set_line_width (cr, 2 * t->scale);
  chain_paint_round (cr, hover->x, hover->y, hover->w, hover->h, 3 * t->scale);
  cairo_stroke (cr);
}
