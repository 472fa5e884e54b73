/* SPDX-License-Identifier: Apache-2.0 */
/* Ticks by Heckbert's nice numbers: 40 lines that every reader can check, and good enough for ranges that the program chooses itself.
 * Everything here is a pure function of its arguments; ranges are coarse, so that a picture does not breathe while training. */
#include "app/picture/layout/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/picture/number-text.h"

double
chain_nice_number (double v, gboolean round)
{
  double k = floor (log10 (v)), unit = pow (10, k), f = v / unit;

  if (round)
    return unit * (f < 1.5 ? 1 : f < 3 ? 2 : f < 7 ? 5 : 10);
  return unit * (f <= 1 + 1e-9 ? 1 : f <= 2 + 1e-9 ? 2 : f <= 5 + 1e-9 ? 5 : 10);
}

static guint
count_steps (double min, double max, double step)
{
  double n = floor (max / step + 1e-9) - ceil (min / step - 1e-9) + 1;

  return n > 0 ? (guint) fmin (n, 1000) : 0;
}

/* The next step down (10 -> 5 -> 2 -> 1) or up. */
static double
next_step (double step, gboolean up)
{
  return up ? chain_nice_number (step * 1.5, FALSE) : chain_nice_number (step / 2.6, FALSE);
}

guint
chain_ticks_linear (ChainTick *ticks, double min, double max, double target)
{
  double step = chain_nice_number ((max - min) / fmax (1, target), TRUE);
  int decimals;
  guint n = 0;

  for (int guard = 0; guard < 4 && count_steps (min, max, step) < 3; guard++)
    step = next_step (step, FALSE);
  for (int guard = 0; guard < 4 && count_steps (min, max, step) > 8; guard++)
    step = next_step (step, TRUE);
  decimals = (int) fmax (0, -floor (log10 (step) + 1e-9));
  for (double i = ceil (min / step - 1e-9); i * step <= max + step * 1e-9 && n < CHAIN_MAX_TICKS; i++)
    {
      char text[CHAIN_NUMBER_TEXT_SIZE];

      memset (&ticks[n], 0, sizeof ticks[n]);
      ticks[n].value = i == 0 ? 0 : i * step;
      if (fabs (ticks[n].value) >= 1e5 && fabs (ticks[n].value) < 1e12)
        chain_number_text_rate (text, ticks[n].value);
      else if (fabs (ticks[n].value) >= 1e5 || decimals > 4)
        chain_number_text_short (text, ticks[n].value);
      else
        chain_number_text_fixed (text, ticks[n].value, decimals);
      g_strlcpy (ticks[n].label, text, sizeof ticks[n].label);
      n++;
    }
  return n;
}

guint
chain_ticks_log (ChainTick *ticks, double min, double max, double target)
{
  int lo = (int) floor (log10 (min) + 1e-9), hi = (int) floor (log10 (max) + 1e-9);
  double decades = log10 (max / min);
  int stride = decades > 8 ? (int) ceil (decades / fmax (2, fmin (8, target))) : 1;
  guint n = 0;

  for (int k = lo; k <= hi && n + 3 < CHAIN_MAX_TICKS; k++)
    for (int m = 1; m <= 5; m = m == 1 ? 2 : m + 3)
      {
        double v = m * pow (10, k);
        char text[CHAIN_NUMBER_TEXT_SIZE];

        if (v < min * (1 - 1e-9) || v > max * (1 + 1e-9) || (m > 1 && decades >= 3) || (m == 1 && ((k % stride) + stride) % stride != 0))
          continue;
        memset (&ticks[n], 0, sizeof ticks[n]);
        ticks[n].value = v;
        ticks[n].minor = m > 1;
        if (m == 1)
          chain_number_text_power (text, k);
        else
          chain_number_text_setting (text, v);
        g_strlcpy (ticks[n].label, text, sizeof ticks[n].label);
        n++;
      }
  return n;
}

/* Hides every second label until neighbours are 8 px apart; minor ticks of a log axis lose theirs first when decades alone suffice. */
static void
drop_labels (ChainAxis *a, ChainText *t, double length, gboolean vertical)
{
  double span = a->log ? log10 (a->max / a->min) : a->max - a->min;
  guint majors = 0;

  for (guint i = 0; i < a->n_ticks; i++)
    majors += !a->ticks[i].minor;
  for (guint i = 0; i < a->n_ticks; i++)
    a->ticks[i].hidden = a->ticks[i].minor && majors >= 2;
  for (guint every = 1; every < 32; every *= 2)
    {
      double end = -1e9;
      gboolean clash = FALSE;

      for (guint i = 0, shown = 0; i < a->n_ticks; i++)
        {
          double v = a->log ? log10 (a->ticks[i].value / a->min) : a->ticks[i].value - a->min, at = v / span * length;
          double h, w = chain_text_measure (t, CHAIN_TEXT_AXIS, a->ticks[i].label, &h), half = (vertical ? h * 0.7 : w) / 2;

          if (a->ticks[i].hidden && every == 1)
            continue;
          a->ticks[i].hidden = shown++ % every != 0;
          if (a->ticks[i].hidden)
            continue;
          clash |= at - half < end + (vertical ? 4 : 8);
          end = at + half;
        }
      if (!clash)
        return;
    }
}

void
chain_axis_ticks_scaled (ChainAxis *a, ChainText *t, double length, gboolean vertical, double offset, double factor)
{
  double target = length / t->theme->scale / (vertical ? 44 : 70);
  double lo = a->min * factor + offset, hi = a->max * factor + offset;

  a->n_ticks = a->log ? chain_ticks_log (a->ticks, a->min, a->max, target) : chain_ticks_linear (a->ticks, MIN (lo, hi), MAX (lo, hi), target);
  if (!a->log)
    for (guint i = 0; i < a->n_ticks; i++)
      a->ticks[i].value = (a->ticks[i].value - offset) / factor;
  drop_labels (a, t, length, vertical);
}

void
chain_axis_ticks (ChainAxis *a, ChainText *t, double length, gboolean vertical)
{
  chain_axis_ticks_scaled (a, t, length, vertical, 0, 1);
}

void
chain_range_nice (double *min, double *max, gboolean log)
{
  if (log)
    {
      double k = pow (10, floor (log10 (*min) + 1e-12)), f = *min / k;

      *min = k * (f >= 5 ? 5 : f >= 2 ? 2 : 1);
      *max = chain_nice_number (fmax (*max, *min * 10), FALSE);
    }
  else
    {
      double span = *max - *min, step;

      if (!(span > 1e-12 * fmax (fabs (*min), fabs (*max))))
        span = fmax (fabs (*max) * 0.2, *max == 0 ? 1 : 1e-300);
      step = chain_nice_number (span / 5, TRUE);
      *min = floor (*min / step + 1e-9) * step;
      *max = ceil (*max / step - 1e-9) * step;
      if (*max <= *min)
        *max = *min + step;
    }
}

double
chain_range_end (double v)
{
  static const double ends[] = { 1, 1.5, 2, 3, 4, 6, 8, 10 };
  double unit;
  int decade;

  if (!(v > 0))
    return 1;
  decade = (int) floor (log10 (v));
  unit = pow (10, abs (decade));
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (v <= (decade < 0 ? ends[i] / unit : ends[i] * unit) * (1 + 1e-12))
      return decade < 0 ? ends[i] / unit : ends[i] * unit;      /* 6 / 10 is 0.6, 6 · 0.1 is not */
  return decade < 0 ? 15 / unit : 15 * unit;
}

gboolean
chain_range_wants_log (double min, double max)
{
  return min > 0 && max / min > 50;
}

double
chain_plot_x (const ChainPlot *p, double v)
{
  double f = p->ax.log ? log (v / p->ax.min) / log (p->ax.max / p->ax.min) : (v - p->ax.min) / (p->ax.max - p->ax.min);

  return p->x + f * p->w;
}

double
chain_plot_y (const ChainPlot *p, double v)
{
  double f = p->ay.log ? log (v / p->ay.min) / log (p->ay.max / p->ay.min) : (v - p->ay.min) / (p->ay.max - p->ay.min);

  return p->y + p->h - f * p->h;
}

void
chain_plot_clear (ChainPlot *p)
{
  g_clear_pointer (&p->ax.name, g_free);
  g_clear_pointer (&p->ay.name, g_free);
}

void
chain_labels_spread (double *at, guint n, double gap, double lo, double hi)
{
  g_autofree guint *order = g_new (guint, n + 1);

  for (guint i = 0; i < n; i++)
    {
      guint j = i;

      for (; j > 0 && at[order[j - 1]] > at[i]; j--)
        order[j] = order[j - 1];
      order[j] = i;
    }
  for (guint i = 1; i < n; i++)      /* split each overlap in halves, then keep order */
    if (at[order[i]] - at[order[i - 1]] < gap)
      {
        double push = (gap - (at[order[i]] - at[order[i - 1]])) / 2;

        at[order[i - 1]] -= push;
        at[order[i]] += push;
      }
  for (guint i = 0; i < n; i++)
    at[order[i]] = fmax (at[order[i]], i == 0 ? lo : at[order[i - 1]] + gap);
  for (guint i = n; i-- > 0;)
    at[order[i]] = fmin (at[order[i]], i == n - 1 ? hi : at[order[i + 1]] - gap);
}

ChainLayout *
chain_layout_new (double w, double h, const char *title)
{
  ChainLayout *l = g_new0 (ChainLayout, 1);

  l->width = w;
  l->height = h;
  l->title = g_strdup (title);
  l->elements = g_ptr_array_new ();
  l->still = 0xcbf29ce484222325u;
  return l;
}

ChainElement *
chain_layout_add (ChainLayout *l, char *id, const char *role, double x, double y, double w, double h, char *label)
{
  ChainElement *e = g_new0 (ChainElement, 1);

  e->id = id;
  e->role = g_strdup (role);
  e->x = x;
  e->y = y;
  e->w = w;
  e->h = h;
  e->label = label ? label : g_strdup (id);
  g_ptr_array_add (l->elements, e);
  return e;
}

void
chain_layout_body (const ChainLayout *l, const ChainTheme *t, double *x, double *y, double *w, double *h)
{
  double s = t->scale;

  *x = 12 * s;
  *y = (t->draw_header ? 32 : 4) * s;
  *w = fmax (1, l->width - 24 * s);
  *h = fmax (1, l->height - *y - (t->draw_header ? 12 : 6) * s);
}

/* FNV-1a, 64 bits. */
void
chain_layout_hash (ChainLayout *l, gconstpointer data, gsize n)
{
  const guint8 *p = data;

  for (gsize i = 0; i < n; i++)
    l->still = (l->still ^ p[i]) * 0x100000001b3u;
}

static void
hash_axis (ChainLayout *l, const ChainAxis *a)
{
  double range[3] = { a->min, a->max, a->log };

  chain_layout_hash (l, range, sizeof range);
  for (guint i = 0; i < a->n_ticks; i++)
    chain_layout_hash (l, a->ticks[i].label, strlen (a->ticks[i].label));
  if (a->name)
    chain_layout_hash (l, a->name, strlen (a->name));
}

void
chain_layout_hash_plot (ChainLayout *l, const ChainPlot *p)
{
  double box[4] = { p->x, p->y, p->w, p->h };

  chain_layout_hash (l, box, sizeof box);
  hash_axis (l, &p->ax);
  hash_axis (l, &p->ay);
}

void
chain_layout_hash_theme (ChainLayout *l, const ChainTheme *t)
{
  double size[3] = { l->width, l->height, t->scale };

  chain_layout_hash (l, size, sizeof size);
  chain_layout_hash (l, &t->canvas, (gsize) ((const char *) &t->digits - (const char *) &t->canvas));
  chain_layout_hash (l, t->font, strlen (t->font));
  if (l->title)
    chain_layout_hash (l, l->title, strlen (l->title));
  if (l->note)
    chain_layout_hash (l, l->note, strlen (l->note));
}
