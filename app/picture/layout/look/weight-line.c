/* SPDX-License-Identifier: Apache-2.0 */
/* One curve, one marker. The marker stands on the curve: while the run goes on the other weights move too, so that the curve is of the step that it names,
 * and only the next one says what the loss has become. */
#include "config.h"

#include "app/picture/layout/weight-line.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/number-text.h"

static void
value_range (const ChainWeightLine *line, ChainAxis *a)
{
  double lo = INFINITY, hi = -INFINITY;

  for (guint i = 0; i < line->n; i++)
    if (isfinite (line->loss[i]))
      {
        lo = fmin (lo, line->loss[i]);
        hi = fmax (hi, line->loss[i]);
      }
  if (!(lo <= hi))
    lo = 0, hi = 1;
  a->log = chain_range_wants_log (lo, hi);
  a->min = lo;
  a->max = hi;
  if (!a->log && lo > 0 && lo < 0.5 * hi)
    a->min = 0;
  chain_range_nice (&a->min, &a->max, a->log);
}

static void
make_plot (ChainLayout *l, ChainPlot *p, ChainText *text, const ChainWeightLine *line)
{
  const ChainTheme *t = text->theme;
  double x, y, w, h, s = t->scale, wide = 0;

  chain_layout_body (l, t, &x, &y, &w, &h);
  p->ax.min = line != NULL ? line->value[0] : -1;
  p->ax.max = line != NULL ? line->value[line->n - 1] : 1;
  p->ay.max = 1;
  if (line != NULL)
    value_range (line, &p->ay);
  p->y = y + 6 * s;
  p->h = fmax (1, floor (h - 26 * s));
  chain_axis_ticks (&p->ay, text, p->h, TRUE);
  for (guint i = 0; i < p->ay.n_ticks; i++)
    if (!p->ay.ticks[i].hidden)
      wide = fmax (wide, chain_text_measure (text, CHAIN_TEXT_AXIS, p->ay.ticks[i].label, NULL));
  wide = ceil (fmax (wide + 9 * s, 24 * s));
  p->x = x + wide;
  p->w = fmax (1, floor (w - wide - 8 * s));
  chain_axis_ticks (&p->ax, text, p->w, FALSE);
  p->ax.name = g_strdup (_("weight"));
}

/* Straight between two points of the curve. */
static double
loss_at (const ChainWeightLine *line, double w)
{
  guint i = 0;
  double step;

  while (i + 2 < line->n && line->value[i + 1] < w)
    i++;
  step = line->value[i + 1] - line->value[i];
  return step > 0 ? line->loss[i] + (line->loss[i + 1] - line->loss[i]) * (w - line->value[i]) / step : line->loss[line->at];
}

static void
add_marker (ChainLayout *l, ChainLinesLayout *f, const ChainWeightLine *line, double now, const ChainTheme *t)
{
  const ChainPlot *p = &f->plots[0];
  double w = CLAMP (isfinite (now) ? now : line->value[line->at], line->value[0], line->value[line->n - 1]), loss = loss_at (line, w);
  ChainLine *marker = chain_lines_add (f, "marker:now", 0, &t->accent, 1.2);
  char a[CHAIN_NUMBER_TEXT_SIZE], b[CHAIN_NUMBER_TEXT_SIZE];

  if (!isfinite (loss))
    return;
  marker->dashed = TRUE;
  marker->marker = 1;
  chain_line_to (f, marker, w, p->ay.min);
  chain_line_to (f, marker, w, loss);
  chain_number_text (a, w, 3);
  chain_number_text_loss (b, loss, 3);
  l->description = g_strdup_printf (_("Training loss along one weight, from %u rows: %s at %s"), line->n_rows, b, a);
  l->note = g_strdup_printf (_("%s at w = %s"), b, a);
  chain_layout_add (l, g_strdup ("marker:now"), "marker", marker->end_x - 5 * t->scale, marker->end_y - 5 * t->scale, 10 * t->scale, 10 * t->scale, g_strdup (l->note));
}

ChainLayout *
chain_layout_weight_line (const ChainWeightLine *line, double now, const ChainTheme *t, double w, double h)
{
  ChainLayout *l = chain_layout_new (w, h, _("Training loss along this weight"));
  ChainLinesLayout *f = chain_lines_new (l, 1);
  g_auto (ChainText) text;
  ChainLine *curve;

  chain_text_init (&text, NULL, t);
  make_plot (l, &f->plots[0], &text, line);
  chain_layout_add (l, g_strdup ("plot"), "plot", f->plots[0].x, f->plots[0].y, f->plots[0].w, f->plots[0].h, NULL);
  if (line == NULL)
    {
      f->notice = g_strdup (_("Computing…"));
      l->description = g_strdup (f->notice);
      return l;
    }
  curve = chain_lines_add (f, "series:loss", 0, &t->train, 2.2);
  for (guint i = 0; i < line->n; i++)
    chain_line_to (f, curve, line->value[i], line->loss[i]);
  add_marker (l, f, line, now, t);
  if (l->description == NULL)
    l->description = g_strdup (_("Training loss along one weight"));
  return l;
}
