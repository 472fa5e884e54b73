/* SPDX-License-Identifier: Apache-2.0 */
/* Ink of the large heat map: maps, axes counted from 1, colour bars with their ends, the entry under the pointer in words below. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/draw/paint.h"
#include "app/picture/graph/heat.h"
#include "app/picture/number-text.h"

#define LABELS 6

static void
paint_points (cairo_t *cr, const ChainStepHeat *h, const ChainHeatPanel *p, const ChainTheme *t)
{
  g_autofree float *f = g_new (float, (gsize) h->nx * h->ny);
  double most = MAX (p->most, 1e-300);
  gint64 row, col;
  ChainLut lut;

  for (guint j = 0; j < h->ny; j++)
    for (guint i = 0; i < h->nx; i++)
      {
        chain_heat_point (h, p, i, j, &row, &col);
        f[j * h->nx + i] = (float) (p->entry[row * h->all_cols + col] / most);
      }
  chain_lut_init (&lut, p->adjoint ? CHAIN_MAP_ADJOINT : CHAIN_MAP_VALUE, t->dark, 0, 1, -1, 1);
  chain_paint_cells (cr, f, h->nx, h->ny, &lut, p->map.x, p->map.y, p->map.w, p->map.h, 0);
  cairo_rectangle (cr, p->map.x - 0.5, p->map.y - 0.5, p->map.w + 1, p->map.h + 1);
  cairo_set_line_width (cr, 1);
  chain_theme_source (cr, &t->axis, 1);
  cairo_stroke (cr);
}

/* 1, 2, 5, 10 …: not more labels than fit. */
static gint64
step_of (gint64 n, double length, double room)
{
  static const int mantissa[] = { 1, 2, 5 };
  gint64 ten = 1, step = 1;

  for (guint i = 0; n / step > LABELS || (double) step * length / (double) n < room; i++)
    {
      if (step >= n)
        return n;
      ten = i > 0 && i % 3 == 0 ? ten * 10 : ten;
      step = mantissa[i % 3] * ten;
    }
  return step;
}

static void
axis_label (ChainText *text, const ChainTheme *t, gint64 number, double x, double y, gboolean across)
{
  char n[CHAIN_NUMBER_TEXT_SIZE];

  chain_text_draw (text, CHAIN_TEXT_AXIS, chain_number_text_count (n, (guint64) number), x, y, across ? 0.5 : 1, across ? 0 : 0.5, &t->fg2);
}

/* first: of the node's axis; labels stand at the middle of their entry. */
static void
paint_axis (ChainText *text, const ChainTheme *t, const ChainHeatRect *m, gint64 first, gint64 n, gboolean across)
{
  double s = t->scale, length = across ? m->w : m->h, one = length / (double) n;
  gint64 step = step_of (n, length, (across ? 30 : 16) * s);

  for (gint64 k = 1; k <= n; k = k == 1 && step > 1 ? step : k + step)
    {
      double at = one * ((double) k - 0.5);

      if (k == 1 && step > 1 && one * (double) (step - 1) < (across ? 24 : 14) * s)      /* the first would touch the second */
        continue;
      if (across)
        axis_label (text, t, first + k, m->x + at, m->y + m->h + 4 * s, TRUE);
      else
        axis_label (text, t, first + k, m->x - 5 * s, m->y + at, FALSE);
    }
  if (across)
    chain_text_draw (text, CHAIN_TEXT_SMALL, _("column"), m->x + m->w / 2, m->y + m->h + 17 * s, 0.5, 0, &t->fg3);
  else
    {
      cairo_save (text->cr);
      cairo_translate (text->cr, m->x - 36 * s, m->y + m->h / 2);
      cairo_rotate (text->cr, -G_PI_2);
      chain_text_draw (text, CHAIN_TEXT_SMALL, _("row"), 0, 0, 0.5, 0.5, &t->fg3);
      cairo_restore (text->cr);
    }
}

static void
paint_bar (ChainText *text, const ChainTheme *t, const ChainHeatPanel *p)
{
  const ChainHeatRect *b = &p->bar;
  char n[CHAIN_NUMBER_TEXT_SIZE];
  float f[64];
  ChainLut lut;

  for (guint i = 0; i < G_N_ELEMENTS (f); i++)
    f[i] = 1 - 2 * (float) i / (float) (G_N_ELEMENTS (f) - 1);
  chain_lut_init (&lut, p->adjoint ? CHAIN_MAP_ADJOINT : CHAIN_MAP_VALUE, t->dark, 0, 1, -1, 1);
  chain_paint_cells (text->cr, f, 1, G_N_ELEMENTS (f), &lut, b->x, b->y, b->w, b->h, 2);
  chain_text_draw (text, CHAIN_TEXT_AXIS, chain_number_text (n, p->most, 3), b->x + b->w + 4 * t->scale, b->y, 0, 0.2, &t->fg2);
  chain_text_draw (text, CHAIN_TEXT_AXIS, "0", b->x + b->w + 4 * t->scale, b->y + b->h / 2, 0, 0.5, &t->fg2);
  chain_text_draw (text, CHAIN_TEXT_AXIS, chain_number_text (n, -p->most, 3), b->x + b->w + 4 * t->scale, b->y + b->h, 0, 0.8, &t->fg2);
}

/* At least as large as can be seen. */
static void
paint_mark (cairo_t *cr, const ChainStepHeat *h, const ChainHeatPanel *p, const ChainTheme *t, gint64 row, gint64 col, const ChainColour *ink)
{
  double w = p->map.w / (double) h->cols, ht = p->map.h / (double) h->rows, least = 7 * t->scale, x, y;

  if (row < h->row || col < h->col || row >= h->row + h->rows || col >= h->col + h->cols)
    return;
  x = p->map.x + w * ((double) (col - h->col) + 0.5);
  y = p->map.y + ht * ((double) (row - h->row) + 0.5);
  w = MAX (w, least);
  ht = MAX (ht, least);
  for (int k = 0; k < 2; k++)
    {
      cairo_rectangle (cr, x - w / 2, y - ht / 2, w, ht);
      cairo_set_line_width (cr, (k == 0 ? 4 : 2) * t->scale);
      chain_theme_source (cr, k == 0 ? &t->card : ink, 1);
      cairo_stroke (cr);
    }
}

void
chain_step_heat_draw (cairo_t *cr, const ChainStepHeat *h, const ChainTheme *t, gint64 row, gint64 col, gint64 chosen_row, gint64 chosen_col)
{
  double s = t->scale, x = 14 * s;
  g_auto (ChainText) text = { 0 };
  g_autofree char *title = g_markup_escape_text (h->title, -1), *entry = NULL;

  chain_text_init (&text, cr, t);
  chain_text_draw_cut (&text, CHAIN_TEXT_TITLE, title, x, 20 * s, 0, 0.5, h->width - 2 * x, &t->fg);
  for (guint k = 0; k < h->n_panels; k++)
    {
      const ChainHeatPanel *p = &h->panel[k];
      g_autofree char *caption = chain_heat_caption (p);
      gboolean beside = h->n_panels > 1 && h->panel[1].map.x > h->panel[0].map.x;

      chain_text_draw_cut (&text, CHAIN_TEXT_SMALL, caption, p->map.x - 44 * s, p->map.y - 11 * s, 0, 0.5,
                           beside ? h->panel[1].map.x - h->panel[0].map.x - 8 * s : h->width - 2 * x, p->adjoint ? &t->backward : &t->forward);
      paint_points (cr, h, p, t);
      paint_axis (&text, t, &p->map, h->row, h->rows, FALSE);
      paint_axis (&text, t, &p->map, h->col, h->cols, TRUE);
      paint_bar (&text, t, p);
      paint_mark (cr, h, p, t, chosen_row, chosen_col, &t->accent);
      paint_mark (cr, h, p, t, row, col, &t->fg);
    }
  if (h->note != NULL)
    chain_text_draw_cut (&text, CHAIN_TEXT_SMALL, h->note, x, h->height - (h->n_panels > 0 ? 32 : 16) * s, 0, 0.5, h->width - 2 * x, &t->fg2);
  if (h->n_panels == 0)
    return;
  entry = row >= 0 ? chain_step_heat_entry (h, row, col) : g_strdup (_("Point at an entry to read it; click it to follow it on the card"));
  chain_text_draw_cut (&text, row >= 0 ? CHAIN_TEXT_LABEL_BOLD : CHAIN_TEXT_SMALL, entry, x, h->height - 14 * s, 0, 0.5, h->width - 2 * x, row >= 0 ? &t->fg : &t->fg3);
}
