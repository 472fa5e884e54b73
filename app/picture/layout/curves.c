/* SPDX-License-Identifier: Apache-2.0 */
/* The loss card. Full-set losses are the strong lines; the loss of each batch lies behind them as a pale band of min/max columns (DESIGN 3.1:
 * the spread over batches). Dense series become one min/max pair a pixel column while they are read, so a million steps cost a scan, not a path. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/layout/ghosts.h"
#include "app/picture/number-text.h"

typedef struct { double min, max, last, end; guint n; } Range;

static void
scan (const ChainSeriesView *v, Range *r)
{
  guint n = v ? chain_series_view_size (v) : 0;

  for (guint i = 0; i < n; i++)
    {
      ChainBucket b = chain_series_view_get (v, i);

      if (!isfinite (b.min) || !isfinite (b.max))
        continue;
      r->min = fmin (r->min, b.min);
      r->max = fmax (r->max, b.max);
      r->last = b.last;
      r->end = fmax (r->end, b.x);
      r->n++;
    }
}

/* Points as they are while they are at least a pixel apart, else columns. */
static void
trace (ChainLinesLayout *f, ChainLine *line, const ChainSeriesView *v)
{
  const ChainPlot *p = &f->plots[line->plot];
  guint n = chain_series_view_size (v), in_column = 0;
  double column = -1e9, lo = 0, hi = 0, x = 0, last = 0;

  for (guint i = 0; i <= n; i++)
    {
      ChainBucket b = { 0 };
      double at = 1e9;

      if (i < n)
        {
          b = chain_series_view_get (v, i);
          at = floor (chain_plot_x (p, b.x));
        }
      if (at != column && in_column > 0)
        {
          if (in_column > 2 && hi > lo)
            {
              chain_line_to (f, line, x, hi);
              chain_line_to (f, line, x, lo);
            }
          chain_line_to (f, line, x, last);
          in_column = 0;
        }
      if (i == n)
        break;
      if (in_column == 0 || !isfinite (b.min))
        {
          lo = b.min;
          hi = b.max;
        }
      lo = fmin (lo, b.min);
      hi = fmax (hi, b.max);
      x = b.x;
      last = b.last;
      column = at;
      in_column += b.n > 1 ? 3 : 1;
    }
}

/* How long the line has gone one way: epochs > 0 falling, < 0 rising. */
static double
trend (const ChainSeriesView *v)
{
  guint n = v ? chain_series_view_size (v) : 0, fall = n, rise = n;
  double end;

  if (n < 2)
    return 0;
  end = chain_series_view_get (v, n - 1).x;
  for (fall = n - 1; fall > 0; fall--)
    if (!(chain_series_view_get (v, fall - 1).mean >= chain_series_view_get (v, fall).mean * 0.98))
      break;
  for (rise = n - 1; rise > 0; rise--)
    if (!(chain_series_view_get (v, rise - 1).mean <= chain_series_view_get (v, rise).mean * 1.02))
      break;
  if (fall <= rise)
    return end - chain_series_view_get (v, fall).x;
  return -(end - chain_series_view_get (v, rise).x);
}

static void
describe (ChainLayout *l, const Range *train, const Range *test, double way)
{
  char a[CHAIN_NUMBER_TEXT_SIZE], b[CHAIN_NUMBER_TEXT_SIZE];
  GString *d = g_string_new (_("Loss against epoch"));

  if (train->n == 0 && test->n == 0)
    g_string_append (d, _(": no steps yet"));
  if (train->n > 0)
    g_string_append_printf (d, _(": train %s"), chain_number_text_loss (a, train->last, 3));
  if (test->n > 0)
    g_string_append_printf (d, _(", test %s"), chain_number_text_loss (b, test->last, 3));
  if (fabs (way) >= 1)
    g_string_append_printf (d, way > 0 ? _(", falling for %u epochs") : _(", rising for %u epochs"), (guint) fmin (fabs (way), 4e9));
  l->description = g_string_free (d, FALSE);
}

/* Ranges, frame and ticks; returns the room that labels at the line ends have to the right of the plot. */
static void
make_plot (ChainLayout *l, ChainLinesLayout *f, ChainText *text, const Range *y, double end, double label_width)
{
  const ChainTheme *t = text->theme;
  ChainPlot *p = &f->plots[0];
  double bx, by, bw, bh, s = t->scale, wide = 0;

  chain_layout_body (l, t, &bx, &by, &bw, &bh);
  p->ax.max = chain_range_end (end * 1.06);
  p->ay.min = y->n ? y->min : 0;
  p->ay.max = y->n ? y->max : 1;
  p->ay.log = y->n && chain_range_wants_log (y->min, y->max);
  if (!p->ay.log && p->ay.min > 0 && p->ay.min < 0.5 * p->ay.max)
    p->ay.min = 0;
  chain_range_nice (&p->ay.min, &p->ay.max, p->ay.log);
  p->y = by + 6 * s;
  p->h = fmax (1, floor (bh - 24 * s));
  chain_axis_ticks (&p->ay, text, p->h, TRUE);
  for (guint i = 0; i < p->ay.n_ticks; i++)
    if (!p->ay.ticks[i].hidden)
      wide = fmax (wide, chain_text_measure (text, CHAIN_TEXT_AXIS, p->ay.ticks[i].label, NULL));
  wide = ceil (fmax (wide + 9 * s, 24 * s));
  p->x = bx + wide;
  p->w = fmax (1, floor (bw - wide - fmax (36 * s, label_width - 2 * s)));
  chain_axis_ticks (&p->ax, text, p->w, FALSE);
  p->ax.name = g_strdup (_("epoch"));
  f->grid_x = FALSE;
}

static void
add_series (ChainLayout *l, ChainLinesLayout *f, const ChainTheme *t, const ChainSeriesView *v, const char *id, const char *label, gboolean test)
{
  const ChainColour *c = test ? &t->test : &t->train;
  ChainLine *line = chain_lines_add (f, id, 0, c, 2.2);

  line->dashed = test;
  line->marker = test ? 3 : 1;
  trace (f, line, v);
  line->label = g_strdup (label);
  chain_layout_add (l, g_strdup (id), "series", f->plots[0].x, line->end_y - 6 * t->scale, f->plots[0].w, 12 * t->scale, g_strdup (label));
}

/* --- earlier runs --- */
static void
scan_ghosts (const ChainSnapshot *s, Range *r)
{
  gboolean test;

  for (guint i = 0; s->ghosts != NULL && i < s->ghosts->len; i++)
    scan (chain_ghost_series (g_ptr_array_index (s->ghosts, i), s, &test), r);
}

/* Oldest first, so that the newest lies on top; the label is one of a point, not of the margin, which belongs to the present run. */
static void
add_ghosts (ChainLayout *l, ChainLinesLayout *f, const ChainTheme *t, const ChainSnapshot *s)
{
  for (guint i = s->ghosts != NULL ? s->ghosts->len : 0; i-- > 0;)
    {
      const ChainGhost *g = g_ptr_array_index (s->ghosts, i);
      gboolean test;
      const ChainSeriesView *v = chain_ghost_series (g, s, &test);
      g_autofree char *id = g_strdup_printf ("series:ghost:%u", i), *when = v != NULL ? chain_ghost_when (g, s) : NULL, *text = NULL;
      char number[CHAIN_NUMBER_TEXT_SIZE];
      double last;
      ChainLine *line;

      if (v == NULL)
        continue;
      last = chain_series_view_get (v, chain_series_view_size (v) - 1).last;
      text = g_strdup_printf (test ? _("%s: test %s") : _("%s: train %s"), when, chain_number_text_loss (number, last, last < 0.1 && last >= 1e-3 ? 2 : 3));
      line = chain_lines_add (f, id, 0, &t->fg2, 1.4);
      line->ghost = TRUE;
      line->dashed = test;
      line->marker = 1;
      trace (f, line, v);
      line->label = g_strdup (text);
      chain_layout_add (l, g_strdup (id), "series", f->plots[0].x, line->end_y - 6 * t->scale, f->plots[0].w, 12 * t->scale, g_strdup (text));
    }
}

/* The label of the present run lies on the place that ends at x and is as high as a line of small text around y. */
static gboolean
is_taken (const ChainLinesLayout *f, ChainText *text, double left, double right, double y)
{
  for (guint i = 0; i < f->lines->len; i++)
    {
      const ChainLine *line = g_ptr_array_index (f->lines, i);
      double wide = line->label != NULL && !line->ghost ? chain_text_measure (text, CHAIN_TEXT_CHIP, line->label, NULL) : -1;

      if (wide >= 0 && fabs (line->label_y - y) < 14 * text->theme->scale && line->label_x < right && line->label_x + wide > left)
        return TRUE;
    }
  return FALSE;
}

/* At the upper right, newest first, where a loss that falls leaves room, and below the labels of the present run where it ends there. */
static void
place_ghost_labels (ChainLinesLayout *f, ChainText *text)
{
  const ChainPlot *p = &f->plots[0];
  double s = text->theme->scale, y = p->y + 7 * s;

  for (guint i = f->lines->len; i-- > 0;)
    {
      ChainLine *line = g_ptr_array_index (f->lines, i);
      double wide = line->ghost ? chain_text_measure (text, CHAIN_TEXT_SMALL, line->label, NULL) : 0;

      if (!line->ghost)
        continue;
      line->label_x = p->x + p->w - 2 * s;
      while (y < p->y + p->h - 8 * s && is_taken (f, text, line->label_x - wide, line->label_x, y))
        y += 2 * s;
      line->label_y = y;
      y += 14 * s;
    }
}

static void
place_labels (ChainLinesLayout *f, const ChainTheme *t)
{
  double at[8];
  guint n = 0;

  for (guint i = 0; i < f->lines->len && n < 8; i++)
    {
      const ChainLine *line = g_ptr_array_index (f->lines, i);

      if (line->label && !line->ghost)
        at[n++] = line->end_y;
    }
  chain_labels_spread (at, n, 15 * t->scale, f->plots[0].y + 2 * t->scale, f->plots[0].y + f->plots[0].h - 9 * t->scale);
  n = 0;
  for (guint i = 0; i < f->lines->len && n < 8; i++)
    {
      ChainLine *line = g_ptr_array_index (f->lines, i);

      if (line->label && !line->ghost)
        {
          line->label_y = at[n++];
          line->label_x = line->end_x + 10 * t->scale;
        }
    }
}

static char *
end_label (const char *name, double v)
{
  char number[CHAIN_NUMBER_TEXT_SIZE];

  return g_strdup_printf ("%s\xe2\x80\xaf %s", name, chain_number_text_loss (number, v, v < 0.1 && v >= 1e-3 ? 2 : 3));
}

/* Behind the lines: the loss of each batch. */
static void
add_batches (ChainLinesLayout *f, const ChainTheme *t, const ChainSeriesView *v)
{
  ChainLine *line = chain_lines_add (f, "series:batches", 0, &t->train, 1);

  line->faint = TRUE;
  trace (f, line, v);
}

ChainLayout *
chain_layout_loss (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  ChainLayout *l = chain_layout_new (w, h, _("Loss"));
  ChainLinesLayout *f = chain_lines_new (l, 1);
  Range train = { INFINITY, -INFINITY, NAN, 0, 0 }, test = train, batch = train, y = train, ghosts;
  g_auto (ChainText) text;
  gboolean evaluated;
  const ChainSeriesView *main_series;
  g_autofree char *a = NULL, *b = NULL;

  chain_text_init (&text, NULL, t);
  scan (s->eval_train, &train);
  scan (s->eval_test, &test);
  scan (s->train_loss, &batch);
  evaluated = train.n >= 2 || (train.n == 1 && batch.n < 2);
  main_series = evaluated ? s->eval_train : s->train_loss;
  if (!evaluated)
    train = batch;
  y.n = train.n + test.n;
  y.min = fmin (train.min, test.min);
  y.max = fmax (train.max, test.max);
  ghosts = y;
  scan_ghosts (s, &ghosts);
  y = ghosts.n > y.n ? ghosts : y;
  if (train.n)
    a = end_label (_("Train"), train.last);
  if (test.n)
    b = end_label (_("Test"), test.last);
  make_plot (l, f, &text, &y, fmax (fmax (fmax (train.end, test.end), batch.end), y.end),
             fmax (a ? chain_text_measure (&text, CHAIN_TEXT_CHIP, a, NULL) : 0, b ? chain_text_measure (&text, CHAIN_TEXT_CHIP, b, NULL) : 0));
  describe (l, &train, &test, trend (main_series));
  chain_layout_add (l, g_strdup ("plot"), "plot", f->plots[0].x, f->plots[0].y, f->plots[0].w, f->plots[0].h, g_strdup (l->description));
  add_ghosts (l, f, t, s);
  if (evaluated && batch.n > 1)
    add_batches (f, t, s->train_loss);
  if (test.n)
    add_series (l, f, t, s->eval_test, "series:test", b, TRUE);
  if (train.n)
    add_series (l, f, t, main_series, "series:train", a, FALSE);
  else if (f->lines->len == 0)
    f->notice = g_strdup (_("No steps yet"));
  place_labels (f, t);
  place_ghost_labels (f, &text);
  l->note = g_strdup (f->plots[0].ay.log ? _("log scale") : "");
  chain_layout_hash_theme (l, t);
  chain_layout_hash_plot (l, &f->plots[0]);
  return l;
}
