/* SPDX-License-Identifier: Apache-2.0 */
/* Gradient flow on a fixed log axis from 10⁻⁸ to 10⁴, so that bars may be compared between moments and runs. The words and the zones use the thresholds
 * of engine/nn/health.h; the bits come from the snapshot, so a bar, a badge and a message never disagree. */
#include "config.h"

#include "app/picture/layout/bars.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/layout/names.h"
#include "app/picture/number-text.h"
#include "engine/nn/health.h"

#define FLOW_LOW 1e-8
#define FLOW_HIGH 1e4

static void
bars_free (gpointer data)
{
  ChainBarsLayout *f = data;

  for (guint i = 0; i < f->bars->len; i++)
    g_free (g_array_index (f->bars, ChainBar, i).name);
  g_array_unref (f->bars);
  chain_plot_clear (&f->plot);
  g_free (f);
}

static ChainBarsLayout *
bars_new (ChainLayout *l)
{
  ChainBarsLayout *f = g_new0 (ChainBarsLayout, 1);

  f->bars = g_array_new (FALSE, TRUE, sizeof (ChainBar));
  l->data = f;
  l->free_data = bars_free;
  return f;
}

static const ChainSnapTensor *
weight_of (const ChainSnapshot *s, guint i)
{
  const ChainLayer *layer = g_ptr_array_index (s->spec->layers, i);
  g_autofree char *name = g_strconcat (layer->id, ".weight", NULL);

  return chain_snapshot_tensor (s, name);
}

/* One bar a layer with weights; no more than fit: the first ones and the last. */
static void
collect (ChainBarsLayout *f, const ChainSnapshot *s, guint room)
{
  g_autoptr (GArray) which = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < s->spec->layers->len; i++)
    if (weight_of (s, i))
      g_array_append_val (which, i);
  room = MAX (room, 2);
  for (guint k = 0; k < which->len; k++)
    {
      guint i = g_array_index (which, guint, k);
      ChainBar bar = { 0 };

      if (which->len > room && k >= room - 1 && k + 1 < which->len)
        {
          f->left_out++;
          continue;
        }
      bar.name = chain_name_layer (s, i);
      bar.value = NAN;
      bar.layer = i;
      g_array_append_val (f->bars, bar);
    }
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static void
judge (ChainBarsLayout *f, const ChainSnapshot *s, double *largest, double *median)
{
  g_autofree double *v = g_new (double, f->bars->len + 1);
  guint n = 0;

  *largest = *median = 0;
  for (guint i = 0; i < f->bars->len; i++)
    if (isfinite (g_array_index (f->bars, ChainBar, i).value))
      v[n++] = g_array_index (f->bars, ChainBar, i).value;
  f->empty = n == 0;
  if (n > 0)
    {
      qsort (v, n, sizeof *v, compare_doubles);
      *largest = v[n - 1];
      *median = v[n / 2];
    }
  for (guint i = 0; i < f->bars->len; i++)
    {
      ChainBar *b = &g_array_index (f->bars, ChainBar, i);
      guint bits = b->layer < s->layers->len ? ((const ChainSnapLayer *) g_ptr_array_index (s->layers, b->layer))->health : 0;

      if (!f->empty && (!isfinite (b->value) || (bits & CHAIN_HEALTH_NON_FINITE)))
        b->health = 2;
      else
        b->health = bits & CHAIN_HEALTH_VANISHING ? -1 : bits & CHAIN_HEALTH_EXPLODING ? 1 : 0;
    }
}

static double
flow_x (const ChainBarsLayout *f, double v)
{
  double at = log (CLAMP (v, FLOW_LOW, FLOW_HIGH) / FLOW_LOW) / log (FLOW_HIGH / FLOW_LOW);

  return f->plot.x + at * f->plot.w;
}

static void
place_flow (ChainLayout *l, ChainBarsLayout *f, ChainText *text, double pitch, const ChainSpec *spec)
{
  double s = text->theme->scale;

  for (guint i = 0; i < f->bars->len; i++)
    {
      ChainBar *b = &g_array_index (f->bars, ChainBar, i);
      const ChainLayer *layer = g_ptr_array_index (spec->layers, b->layer);
      char number[CHAIN_NUMBER_TEXT_SIZE];
      static const char *const words[] = { N_("vanishing"), N_("healthy"), N_("exploding"), N_("not a number") };

      b->h = CLAMP (pitch * 0.6, 1.5, 12 * s);
      b->x = f->plot.x;
      b->y = f->plot.y + pitch * (i + 0.5) - b->h / 2;
      b->w = isfinite (b->value) ? fmax (1, flow_x (f, b->value) - f->plot.x) : 0;
      chain_number_text_short (number, b->value);
      if (pitch >= 12 * s && (isfinite (b->value) || b->health == 2))
        g_snprintf (b->text, sizeof b->text, "%s%s", b->health < 0 ? "▽\xe2\x80\xaf" : b->health == 1 ? "▲\xe2\x80\xaf" : "", number);
      chain_layout_add (l, g_strdup_printf ("bar:%s", layer->id), "bar", b->x, b->y, f->plot.w, b->h,
                        isnan (b->value) && b->health == 0 ? g_strdup_printf (_("%s: no gradient yet"), b->name)
                                                           : g_strdup_printf (_("%s: RMS gradient %s, %s"), b->name, number, _(words[b->health + 1])));
    }
}

static double
name_width (const ChainBarsLayout *f, ChainText *text, double most)
{
  double w = 0;

  for (guint i = 0; i < f->bars->len; i++)
    w = fmax (w, chain_text_measure (text, CHAIN_TEXT_SMALL, g_array_index (f->bars, ChainBar, i).name, NULL));
  return ceil (fmin (w, most));
}

static const char *
verdict (const ChainBarsLayout *f, const ChainSnapshot *s, double largest)
{
  gboolean low = FALSE, high = FALSE, bad = FALSE;

  for (guint i = 0; i < f->bars->len; i++)
    {
      low |= g_array_index (f->bars, ChainBar, i).health == -1;
      high |= g_array_index (f->bars, ChainBar, i).health == 1;
      bad |= g_array_index (f->bars, ChainBar, i).health == 2;
    }
  if (s->state == CHAIN_RUN_DIVERGED)
    return N_("diverged");
  if (!f->empty && !bad && !(largest > 0))
    return N_("all gradients are 0");
  return bad ? N_("not a number") : high ? N_("exploding") : low ? N_("vanishing") : f->empty ? N_("no gradient yet") : N_("healthy");
}

ChainLayout *
chain_layout_flow (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  ChainLayout *l = chain_layout_new (w, h, _("Gradient flow"));
  ChainBarsLayout *f = bars_new (l);
  g_auto (ChainText) text;
  double x, y, bw, bh, sc = t->scale, names, largest, median, pitch;
  char number[CHAIN_NUMBER_TEXT_SIZE];

  chain_text_init (&text, NULL, t);
  chain_layout_body (l, t, &x, &y, &bw, &bh);
  bh -= 12 * sc;                                   /* the words under the zones */
  collect (f, s, (guint) fmax (2, bh / (6 * sc)));
  for (guint i = 0; i < f->bars->len; i++)
    {
      ChainBar *b = &g_array_index (f->bars, ChainBar, i);

      if (b->layer < s->layers->len)
        b->value = ((const ChainSnapLayer *) g_ptr_array_index (s->layers, b->layer))->stat.grad_rms;
    }
  judge (f, s, &largest, &median);
  names = name_width (f, &text, bw * 0.35) + 8 * sc;
  f->plot = (ChainPlot){ .x = x + names, .y = y, .w = fmax (1, bw - names), .h = bh };
  f->zone_low = flow_x (f, fmax (FLOW_LOW * 10, fmin (CHAIN_HEALTH_VANISHING_RMS, f->empty ? 1 : fmax (CHAIN_HEALTH_VANISHING_RATIO * largest, 1e-7))));
  f->zone_high = flow_x (f, CLAMP (f->empty ? 1 : CHAIN_HEALTH_EXPLODING_RATIO * median, 1e-1, 1e3));
  f->zone_high_end = f->plot.x + f->plot.w;
  pitch = f->bars->len ? fmin (f->plot.h / f->bars->len, 20 * sc) : 0;
  place_flow (l, f, &text, pitch, s->spec);
  l->note = g_strdup_printf (_("RMS, log scale · %s"), _(verdict (f, s, largest)));
  l->description = g_strdup_printf (_("Gradient flow, RMS of ∂L/∂w of %u layers, largest %s, %s"), f->bars->len + f->left_out,
                                    chain_number_text_short (number, largest), _(verdict (f, s, largest)));
  chain_layout_hash_theme (l, t);
  chain_layout_hash (l, &f->zone_low, 3 * sizeof (double));
  for (guint i = 0; i < f->bars->len; i++)
    chain_layout_hash (l, g_array_index (f->bars, ChainBar, i).name, strlen (g_array_index (f->bars, ChainBar, i).name));
  return l;
}

/* --- weight histograms --- */

static void
fill_bins (ChainBar *b, const ChainSnapTensor *w, double limit)
{
  gsize n = (gsize) w->rows * w->cols, good = 0;
  double sum = 0, most = 0;

  for (gsize i = 0; i < n; i++)
    if (isfinite (w->value[i]))
      {
        double at = (w->value[i] / limit + 1) / 2 * CHAIN_BINS;

        b->bins[(int) CLAMP (at, 0, CHAIN_BINS - 1)]++;
        sum += (double) w->value[i] * w->value[i];
        good++;
      }
  b->value = good ? sqrt (sum / (double) good) : NAN;
  b->health = good < n ? 2 : 0;
  for (int i = 0; i < CHAIN_BINS; i++)
    most = fmax (most, b->bins[i]);
  for (int i = 0; i < CHAIN_BINS && most > 0; i++)
    b->bins[i] /= (float) most;
}

static double
largest_weight (const ChainBarsLayout *f, const ChainSnapshot *s)
{
  double most = 0, lo, hi;

  for (guint i = 0; i < f->bars->len; i++)
    {
      const ChainSnapTensor *w = weight_of (s, g_array_index (f->bars, ChainBar, i).layer);

      if (w->value && chain_extent (w->value, (gsize) w->rows * w->cols, &lo, &hi))
        most = fmax (most, fmax (fabs (lo), fabs (hi)));
    }
  return most > 0 ? chain_nice_number (most, FALSE) : 1;
}

static void
place_hist (ChainLayout *l, ChainBarsLayout *f, const ChainSnapshot *s, double pitch)
{
  for (guint i = 0; i < f->bars->len; i++)
    {
      ChainBar *b = &g_array_index (f->bars, ChainBar, i);
      const ChainSnapTensor *w = weight_of (s, b->layer);
      const ChainLayer *layer = g_ptr_array_index (s->spec->layers, b->layer);
      char number[CHAIN_NUMBER_TEXT_SIZE];

      if (w->value)
        fill_bins (b, w, f->limit);
      b->x = f->plot.x;
      b->y = f->plot.y + pitch * i;
      b->w = f->plot.w;
      b->h = fmax (2, pitch - 4);
      chain_number_text_short (number, b->value);
      chain_layout_add (l, g_strdup_printf ("hist:%s", layer->id), "bar", b->x, b->y, b->w, b->h,
                        g_strdup_printf (_("%s: %u weights, RMS %s"), b->name, w->rows * w->cols, number));
    }
}

ChainLayout *
chain_layout_hist (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  ChainLayout *l = chain_layout_new (w, h, _("Weights"));
  ChainBarsLayout *f = bars_new (l);
  g_auto (ChainText) text;
  double x, y, bw, bh, sc = t->scale, names;
  char number[CHAIN_NUMBER_TEXT_SIZE];

  chain_text_init (&text, NULL, t);
  chain_layout_body (l, t, &x, &y, &bw, &bh);
  bh -= 16 * sc;
  collect (f, s, (guint) fmax (2, bh / (22 * sc)));
  f->empty = f->bars->len == 0;
  f->limit = largest_weight (f, s);
  names = name_width (f, &text, bw * 0.35) + 8 * sc;
  f->plot = (ChainPlot){ .x = x + names, .y = y, .w = fmax (1, bw - names), .h = bh };
  f->plot.ax.min = -f->limit;
  f->plot.ax.max = f->limit;
  chain_axis_ticks (&f->plot.ax, &text, f->plot.w, FALSE);
  if (!f->empty)
    place_hist (l, f, s, bh / f->bars->len);
  l->note = f->left_out ? g_strdup_printf (_("%u layers not shown"), f->left_out) : g_strdup (_("counts, each layer to its own height"));
  l->description = g_strdup_printf (_("Histogram of the weights of %u layers between ±%s"), f->bars->len, chain_number_text_short (number, f->limit));
  chain_layout_hash_theme (l, t);
  chain_layout_hash_plot (l, &f->plot);
  return l;
}
