/* SPDX-License-Identifier: Apache-2.0 */
/* The learning rate as the schedule row computes it, from the first step to the end of the run, or else past the last change that the schedule
 * makes, and the present moment as a point on it. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/layout/lines.h"
#include "app/picture/layout/names.h"
#include "app/picture/layout/schedule-rate.h"
#include "app/picture/number-text.h"
#include "engine/nn/table.h"

static double
steps_per_epoch (const ChainSnapshot *s)
{
  guint n = s->data ? s->data->n_train : 0, batch = s->spec->batch_size;

  if (n == 0 || batch == 0 || batch >= n)
    return 1;
  return s->spec->drop_last ? floor ((double) n / batch) : ceil ((double) n / batch);
}

static double
base_rate (const ChainSpec *spec)
{
  const ChainOptimRow *row = chain_optim_row (spec->optimiser.id);
  double lr = 0;

  if (chain_choice_param (&spec->optimiser, "lr", &lr))
    return lr;
  for (guint i = 0; row && i < row->info.n_params; i++)
    if (g_strcmp0 (row->info.params[i].name, "lr") == 0)
      return row->info.params[i].value;
  return 0;
}

static double
rate_at (const ChainSnapshot *s, double lr, double epoch, double per_epoch)
{
  const ChainScheduleRow *row = s->spec->schedule.id ? chain_schedule_row (s->spec->schedule.id) : NULL;
  ChainParams p = { row ? &row->info : NULL, &s->spec->schedule };

  if (row == NULL)
    return lr;
  return row->rate (lr, s->spec->schedule_per_epoch ? floor (epoch) : floor (epoch * per_epoch + 1e-9), &p);
}

#define FIRST_EPOCHS 50.0
#define MOST_TIMES 64.0

/* The epoch from which the rate stays as it is, or 0 if it goes on changing (cycles, decay without an end) or never does. */
static double
last_change (const ChainSnapshot *s, double lr, double per_epoch)
{
  double low = 0, high = FIRST_EPOCHS * MOST_TIMES, end = rate_at (s, lr, high, per_epoch);

  for (double part = 0.8; part < 1; part += 0.01)
    if (rate_at (s, lr, part * high, per_epoch) != end)
      return 0;
  if (rate_at (s, lr, 0, per_epoch) == end)
    return 0;
  while (high - low > 0.25)
    {
      double middle = (low + high) / 2;

      if (rate_at (s, lr, middle, per_epoch) == end)
        high = middle;
      else
        low = middle;
    }
  return high;
}

static double
horizon (const ChainSnapshot *s, double lr, double per_epoch)
{
  double planned = s->spec->stop.epochs;

  if (!(planned > 0) && s->spec->stop.steps > 0)
    planned = (double) s->spec->stop.steps / per_epoch;
  if (planned > 0 && planned >= s->epoch)
    return planned;
  return chain_range_end (fmax (fmax (s->epoch, last_change (s, lr, per_epoch)) * 1.06, FIRST_EPOCHS));
}

double
chain_schedule_sample (const ChainSnapshot *s, double rate[CHAIN_RATE_SAMPLES])
{
  double lr = base_rate (s->spec), per_epoch = steps_per_epoch (s), end = horizon (s, lr, per_epoch);

  for (int i = 0; i < CHAIN_RATE_SAMPLES; i++)
    rate[i] = rate_at (s, lr, end * i / (CHAIN_RATE_SAMPLES - 1), per_epoch);
  return end;
}

static void
make_plot (ChainLayout *l, ChainLinesLayout *f, ChainText *text, double lo, double hi, double end)
{
  const ChainTheme *t = text->theme;
  ChainPlot *p = &f->plots[0];
  double bx, by, bw, bh, s = t->scale, wide = 0;

  chain_layout_body (l, t, &bx, &by, &bw, &bh);
  p->ax.max = end;
  p->ay.log = chain_range_wants_log (lo, hi);
  p->ay.min = p->ay.log ? lo : 0;
  p->ay.max = hi > 0 ? hi * 1.02 : 1;
  chain_range_nice (&p->ay.min, &p->ay.max, p->ay.log);
  p->y = by + 6 * s;
  p->h = fmax (1, floor (bh - 24 * s));
  chain_axis_ticks (&p->ay, text, p->h, TRUE);
  for (guint i = 0; i < p->ay.n_ticks; i++)
    wide = fmax (wide, chain_text_measure (text, CHAIN_TEXT_AXIS, p->ay.ticks[i].label, NULL));
  wide = ceil (fmax (wide + 9 * s, 24 * s));
  p->x = bx + wide;
  p->w = fmax (1, floor (bw - wide - 40 * s));
  chain_axis_ticks (&p->ax, text, p->w, FALSE);
  p->ax.name = g_strdup (_("epoch"));
}

ChainLayout *
chain_layout_schedule (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  ChainLayout *l = chain_layout_new (w, h, _("Learning rate"));
  ChainLinesLayout *f = chain_lines_new (l, 1);
  g_auto (ChainText) text;
  double rate[CHAIN_RATE_SAMPLES], end = chain_schedule_sample (s, rate), lo, hi, now;
  char number[CHAIN_NUMBER_TEXT_SIZE];
  const ChainScheduleRow *row = s->spec->schedule.id ? chain_schedule_row (s->spec->schedule.id) : NULL;
  ChainLine *line, *point;

  chain_text_init (&text, NULL, t);
  if (!chain_extent_d (rate, CHAIN_RATE_SAMPLES, 1, &lo, &hi))
    lo = hi = 0;
  make_plot (l, f, &text, lo, hi, end);
  line = chain_lines_add (f, "series:rate", 0, &t->update, 2.2);
  for (int i = 0; i < CHAIN_RATE_SAMPLES; i++)
    chain_line_to (f, line, end * i / (CHAIN_RATE_SAMPLES - 1), rate[i]);
  now = s->step > 0 && s->lr > 0 ? s->lr : rate_at (s, base_rate (s->spec), s->epoch, steps_per_epoch (s));
  point = chain_lines_add (f, "series:now", 0, &t->update, 2.2);
  point->marker = 1;
  chain_line_to (f, point, fmin (s->epoch, end), now);
  point->label = g_strdup (chain_number_text_setting (number, now));
  if (strlen (point->label) > 12)
    {
      g_free (point->label);
      point->label = g_strdup (chain_number_text_loss (number, now, 3));
    }
  point->label_x = fmin (point->end_x + 8 * t->scale, w - 12 * t->scale - chain_text_measure (&text, CHAIN_TEXT_CHIP, point->label, NULL));
  point->label_y = point->end_y + (point->end_y > f->plots[0].y + f->plots[0].h / 2 ? -12 : 13) * t->scale;
  l->note = g_strdup (row ? _(row->info.title) : _("constant"));
  l->description = g_strdup_printf (_("Learning rate against epoch, schedule %s, now %s"), l->note, chain_number_text_loss (number, now, 3));
  chain_layout_add (l, g_strdup ("plot"), "plot", f->plots[0].x, f->plots[0].y, f->plots[0].w, f->plots[0].h, g_strdup (l->description));
  chain_layout_hash_theme (l, t);
  chain_layout_hash_plot (l, &f->plots[0]);
  return l;
}
