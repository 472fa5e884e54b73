/* SPDX-License-Identifier: Apache-2.0 */
/* Predicted against true in original units, both axes over the same range: a point above the diagonal was predicted too high. */
#include "config.h"

#include "app/picture/layout/answers.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/layout/names.h"
#include "app/picture/number-text.h"

#define MOST_ELEMENTS 500
#define REACH 7.0

static void
scatter_free (gpointer data)
{
  ChainScatterLayout *f = data;

  chain_plot_clear (&f->plot);
  g_free (f->x);
  g_free (f->y);
  g_free (f->foot);
  g_free (f);
}

/* Of the true values and of the predictions, but a network that explodes must not squash the data. */
static void
make_range (ChainScatterLayout *f, const ChainPredictions *p)
{
  double lo, hi, a, b, room;

  if (!chain_extent_d (p->truth, p->n, 1, &lo, &hi))
    lo = hi = 0;
  room = hi > lo ? hi - lo : fmax (fabs (hi), 1);
  if (chain_extent_d (p->value, p->n, 1, &a, &b))
    {
      lo = fmin (lo, fmax (a, lo - room));
      hi = fmax (hi, fmin (b, hi + room));
    }
  chain_range_nice (&lo, &hi, FALSE);
  f->plot.ax.min = f->plot.ay.min = lo;
  f->plot.ax.max = f->plot.ay.max = hi;
}

static void
make_axes (ChainLayout *l, ChainScatterLayout *f, const ChainSnapshot *s, ChainText *text)
{
  double x, y, w, h, wide = 0, sc = text->theme->scale;
  g_autofree char *raw = chain_name_target (s, 0), *name = g_strdup_printf (_("true %s"), raw);

  chain_layout_body (l, text->theme, &x, &y, &w, &h);
  f->plot.h = fmax (1, floor (h - 18 * sc));
  make_range (f, s->predictions);
  chain_axis_ticks (&f->plot.ay, text, f->plot.h, TRUE);
  for (guint i = 0; i < f->plot.ay.n_ticks; i++)
    wide = fmax (wide, chain_text_measure (text, CHAIN_TEXT_AXIS, f->plot.ay.ticks[i].label, NULL));
  wide = ceil (fmin (wide + 8 * sc, w * 0.4));
  f->plot.x = x + wide;
  f->plot.y = y + 2 * sc;
  f->plot.w = fmax (1, floor (w - wide));
  chain_axis_ticks (&f->plot.ax, text, f->plot.w, FALSE);
  f->plot.ax.name = g_markup_escape_text (name, -1);
  f->plot.ay.name = g_strdup (_("predicted"));
}

static void
make_points (ChainScatterLayout *f, const ChainPredictions *p)
{
  f->n = p->n;
  f->x = g_new (float, p->n + 1);
  f->y = g_new (float, p->n + 1);
  f->foot = g_new (float, p->n + 1);
  for (guint i = 0; i < p->n; i++)
    {
      f->x[i] = (float) chain_plot_x (&f->plot, p->truth[i]);
      f->y[i] = (float) chain_plot_y (&f->plot, p->value[i]);
      f->foot[i] = (float) chain_plot_y (&f->plot, p->truth[i]);
    }
}

static gboolean
is_inside (const ChainPlot *p, double x, double y)
{
  return x >= p->x - 0.5 && x <= p->x + p->w + 0.5 && y >= p->y - 0.5 && y <= p->y + p->h + 0.5;
}

static void
add_points (ChainLayout *l, const ChainScatterLayout *f, const ChainSnapshot *s)
{
  const ChainPredictions *p = s->predictions;
  guint stride = (p->n + MOST_ELEMENTS - 1) / MOST_ELEMENTS;
  g_autofree char *target = chain_name_target (s, 0);
  char truth[CHAIN_NUMBER_TEXT_SIZE], value[CHAIN_NUMBER_TEXT_SIZE], off[CHAIN_NUMBER_TEXT_SIZE], row[CHAIN_NUMBER_TEXT_SIZE];

  for (guint i = 0; i < p->n; i += MAX (stride, 1))
    {
      double residual = p->value[i] - p->truth[i];

      if (!is_inside (&f->plot, f->x[i], f->y[i]))
        continue;
      chain_number_text_loss (truth, p->truth[i], 3);
      chain_number_text_loss (value, p->value[i], 3);
      chain_number_text_loss (off, fabs (residual), 3);
      chain_number_text_count (row, s->data->rows[p->row[i]] + 1);
      chain_layout_add (l, g_strdup_printf ("point:%u", i), "point", f->x[i] - 4.0, f->y[i] - 4.0, 8, 8,
                        g_strdup_printf (residual >= 0 ? _("Row %s: %s is %s, predicted %s, too high by %s")
                                                       : _("Row %s: %s is %s, predicted %s, too low by %s"),
                                         row, target, truth, value, off))->index = i;
    }
}

static void
describe (ChainLayout *l, const ChainScatterLayout *f, const ChainSnapshot *s)
{
  const ChainPredictions *p = s->predictions;
  g_autofree char *rows = chain_answers_rows (p), *target = chain_name_target (s, 0);
  char r2[CHAIN_NUMBER_TEXT_SIZE], rmse[CHAIN_NUMBER_TEXT_SIZE];
  guint outside = 0;

  for (guint i = 0; i < f->n; i++)
    outside += !is_inside (&f->plot, f->x[i], f->y[i]);
  chain_number_text_loss (r2, p->r2, 3);
  chain_number_text_loss (rmse, p->rmse, 3);
  l->note = outside ? g_strdup_printf (_("R² %s · %u outside · %s"), r2, outside, rows) : g_strdup_printf (_("R² %s · %s"), r2, rows);
  l->description = g_strdup_printf (_("Predicted against true %s on %s: R² %s, typical error %s"), target, rows, r2, rmse);
}

ChainLayout *
chain_layout_predicted (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  ChainLayout *l = chain_layout_new (w, h, _("Predicted against true"));
  ChainScatterLayout *f = g_new0 (ChainScatterLayout, 1);
  g_auto (ChainText) text;

  chain_text_init (&text, NULL, t);
  l->data = f;
  l->free_data = scatter_free;
  f->empty = s->predictions == NULL || s->predictions->classify || s->predictions->n == 0;
  if (f->empty)
    {
      l->description = g_strdup (_("There are no predictions yet."));
      chain_layout_hash_theme (l, t);
      return l;
    }
  make_axes (l, f, s, &text);
  make_points (f, s->predictions);
  describe (l, f, s);
  chain_layout_add (l, g_strdup ("plot"), "plot", f->plot.x, f->plot.y, f->plot.w, f->plot.h, g_strdup (l->description));
  add_points (l, f, s);
  chain_layout_hash_theme (l, t);
  chain_layout_hash_plot (l, &f->plot);
  return l;
}

/* The nearest point within reach, else the plot. */
const ChainElement *
chain_layout_predicted_hit (const ChainLayout *l, double x, double y)
{
  const ChainElement *best = NULL;
  double nearest = REACH;

  for (guint i = 0; i < l->elements->len; i++)
    {
      const ChainElement *e = g_ptr_array_index (l->elements, i);
      double d = hypot (e->x + e->w / 2 - x, e->y + e->h / 2 - y);

      if (strcmp (e->role, "plot") == 0)
        {
          if (x >= e->x && x <= e->x + e->w && y >= e->y && y <= e->y + e->h)
            best = e;
        }
      else if (d <= nearest)
        {
          nearest = d;
          best = e;
        }
    }
  return best;
}
