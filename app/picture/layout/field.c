/* SPDX-License-Identifier: Apache-2.0 */
/* The plane is in the scaled units of the network; its numbers are written in original units by chain_axis_ticks_scaled(). Contours are
 * computed here, not while drawing: the regions, the line and the sentence then come from one geometry. */
#include "config.h"

#include "app/picture/layout/field.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/draw/paint.h"
#include "app/picture/layout/ghosts.h"
#include "app/picture/layout/names.h"
#include "app/picture/number-text.h"

#define MAX_DOTS 2000

static void
field_free (gpointer data)
{
  ChainFieldLayout *f = data;

  chain_plot_clear (&f->plot);
  for (guint i = 0; i < f->n_contours; i++)
    chain_contour_clear (&f->contours[i]);
  g_free (f->contours);
  g_clear_pointer (&f->ghosts, g_ptr_array_unref);
  g_free (f->logit);
  g_free (f->dots);
  g_free (f->dot_value);
  g_free (f);
}

guint
chain_field_class (const ChainSnapshot *s, gsize at, gsize size, double *sure)
{
  guint best = 0;

  if (s->out_width <= 1)
    {
      double p = s->output[at];

      *sure = fabs (2 * p - 1);
      return p >= 0.5;
    }
  for (guint c = 1; c < s->out_width; c++)
    if (s->output[c * size + at] > s->output[best * size + at])
      best = c;
  *sure = s->output[best * size + at];
  return best;
}

/* A trained network steps from 0 to 1 within one cell of the grid; there a level line through probabilities staggers, one through logits is as
 * smooth as the network. */
static float *
logits (const ChainSnapshot *s)
{
  gsize n = (gsize) s->out_res * s->out_res;
  const float *p = s->output + (s->out_width == 2 ? n : 0);
  float *z = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    z[i] = isfinite (p[i]) ? (float) CLAMP (log (fmax (p[i], 1e-12)) - log (fmax (1.0 - p[i], 1e-12)), -CHAIN_LOGIT_LIMIT, CHAIN_LOGIT_LIMIT) : NAN;
  return z;
}

/* Where the probability of class c equals the highest of the others. */
static void
margin_contour (ChainContour *out, const ChainSnapshot *s, guint c)
{
  gsize size = (gsize) s->out_res * s->out_res;
  g_autofree float *m = g_new (float, size);

  for (gsize i = 0; i < size; i++)
    {
      float other = -INFINITY;

      for (guint k = 0; k < s->out_width; k++)
        if (k != c && !(s->output[k * size + i] <= other))
          other = s->output[k * size + i];
      m[i] = logf (fmaxf (s->output[c * size + i], 1e-9f)) - logf (fmaxf (other, 1e-9f));
    }
  chain_contour_init (out, m, s->out_res, s->out_res, 0);
}

static void
make_contours (ChainFieldLayout *f, const ChainSnapshot *s)
{
  if (!f->has_field || f->line || f->classes == 0)
    return;
  if (s->out_width <= 2)
    {
      f->logit = logits (s);
      f->contours = g_new0 (ChainContour, 1);
      f->n_contours = 1;
      chain_contour_init (&f->contours[0], f->logit, s->out_res, s->out_res, 0);
      return;
    }
  f->n_contours = MIN (s->out_width, 16);
  f->contours = g_new0 (ChainContour, f->n_contours);
  for (guint c = 0; c < f->n_contours; c++)
    margin_contour (&f->contours[c], s, c);
}

/* The plane of the snapshot, or the data's own extent and a tenth where none was computed yet. */
static void
plane_range (const ChainSnapshot *s, guint axis, gboolean vertical, double *min, double *max)
{
  double a = vertical ? s->y0 : s->x0, b = vertical ? s->y1 : s->x1;

  if (b > a)
    {
      *min = a;
      *max = b;
      return;
    }
  if (s->data == NULL || axis >= s->data->d || !chain_extent_d (s->data->x + axis, s->data->n, s->data->d, min, max))
    {
      *min = -1;
      *max = 1;
    }
  a = fmax ((*max - *min) * 0.1, (0.5 - *max + *min) / 2);      /* a constant input still gets an axis of 0.5 */
  *min -= a;
  *max += a;
}

/* Value axis of a line: targets and curve, nice in original units, then scaled. */
static void
value_range (ChainFieldLayout *f, const ChainSnapshot *s, double offset, double factor)
{
  double lo = INFINITY, hi = -INFINITY, a, b;

  if (f->classes > 0)
    {
      f->plot.ay.min = -0.05;
      f->plot.ay.max = 1.05;
      return;
    }
  if (chain_extent_d (s->data->t, s->data->n, s->data->k, &a, &b))
    {
      lo = a;
      hi = b;
    }
  if (f->has_field && chain_extent (s->output, s->out_res, &a, &b))
    {
      double room = lo <= hi ? (hi - lo) * 2 + 1 : 1e6;      /* a run that explodes must not squash the data */

      lo = fmin (lo, fmax (a, lo <= hi ? lo - room : a));
      hi = fmax (hi, fmin (b, lo <= hi ? hi + room : b));
    }
  if (!(lo <= hi))
    lo = -1, hi = 1;
  a = lo * factor + offset;
  b = hi * factor + offset;
  lo = MIN (a, b);
  hi = MAX (a, b);
  chain_range_nice (&lo, &hi, FALSE);
  f->plot.ay.min = (lo - offset) / factor;
  f->plot.ay.max = (hi - offset) / factor;
}

static void
set_name (ChainAxis *a, char *name)
{
  a->name = chain_text_variable (name, &a->name_is_maths);
  g_free (name);
}

static void
make_axes (ChainLayout *l, ChainFieldLayout *f, const ChainSnapshot *s, const ChainTheme *t)
{
  g_auto (ChainText) text;
  double x, y, w, h, ox, fx, oy, fy, wide = 0, sc = t->scale;

  chain_text_init (&text, NULL, t);
  chain_layout_body (l, t, &x, &y, &w, &h);
  f->plot = (ChainPlot){ .x = x + 18 * sc, .y = y + 2 * sc, .w = w - 18 * sc, .h = h - 18 * sc };
  plane_range (s, s->axis_x, FALSE, &f->plot.ax.min, &f->plot.ax.max);
  chain_units_input (s, s->axis_x, &ox, &fx);
  if (f->line)
    {
      chain_units_target (s, 0, &oy, &fy);
      value_range (f, s, oy, fy);
    }
  else
    {
      chain_units_input (s, s->axis_y, &oy, &fy);
      plane_range (s, s->axis_y, TRUE, &f->plot.ay.min, &f->plot.ay.max);
    }
  f->plot.ay.ticks[0].value = 0;
  chain_axis_ticks_scaled (&f->plot.ay, &text, f->plot.h, TRUE, oy, fy);
  for (guint i = 0; i < f->plot.ay.n_ticks; i++)
    wide = fmax (wide, chain_text_measure (&text, CHAIN_TEXT_AXIS, f->plot.ay.ticks[i].label, NULL));
  wide = ceil (fmin (fmax (wide + 8 * sc, 18 * sc), w * 0.4));
  f->plot.x = x + wide;
  f->plot.w = fmax (1, floor (w - wide));
  f->plot.h = fmax (1, floor (f->plot.h));
  chain_axis_ticks_scaled (&f->plot.ax, &text, f->plot.w, FALSE, ox, fx);
  set_name (&f->plot.ax, chain_name_input (s, s->axis_x));
  set_name (&f->plot.ay, f->line ? (f->classes ? g_strdup ("p") : chain_name_target (s, 0)) : chain_name_input (s, s->axis_y));
}

static void
make_dots (ChainFieldLayout *f, const ChainSnapshot *s)
{
  const ChainDataset *d = s->data;
  guint stride = (d->n + MAX_DOTS - 1) / MAX_DOTS;

  if (d->d == 0 || s->axis_x >= d->d || s->axis_y >= d->d)
    return;
  stride = MAX (stride, 1);
  f->dots = g_new0 (ChainDot, d->n / stride + 1);
  f->dot_value = g_new0 (float, d->n / stride + 1);
  for (guint i = 0; i < d->n; i += stride)
    {
      ChainDot *dot = &f->dots[f->n_dots];
      double vx = d->x[(gsize) i * d->d + s->axis_x], t = d->t[(gsize) i * d->k], vy = d->x[(gsize) i * d->d + s->axis_y];

      if (f->line)
        vy = f->classes > 2 ? 0 : t;
      if (!isfinite (vx) || !isfinite (vy))
        continue;
      *dot = (ChainDot){ (float) chain_plot_x (&f->plot, vx), (float) chain_plot_y (&f->plot, vy), 1, i >= d->n_train };
      if (f->classes > 0 && isfinite (t))
        dot->shape = (guint16) t;
      f->dot_value[f->n_dots] = (float) t;
      if (dot->x >= f->plot.x && dot->x <= f->plot.x + f->plot.w && dot->y >= f->plot.y - 1 && dot->y <= f->plot.y + f->plot.h + 1)
        f->n_dots++;
    }
}

/* "● 1  ▲ 0 · test smaller" */
static char *
class_note (const ChainSnapshot *s, guint classes)
{
  GString *n = g_string_new (NULL);

  for (guint c = 0; c < MIN (classes, 4); c++)
    {
      guint k = classes == 2 ? 1 - c : c;
      g_autofree char *name = chain_name_class (s, k);

      g_string_append_printf (n, "%s%s\xe2\x80\xaf%s", c ? "  " : "", chain_marker_text (k), name);
    }
  if (classes > 4)
    g_string_append_printf (n, "  +%u", classes - 4);
  if (s->data->n_train < s->data->n)
    g_string_append_printf (n, " · %s", _("test smaller"));
  return g_string_free (n, FALSE);
}

static double
share_of_class (const ChainSnapshot *s)
{
  gsize size = s->axis_x == s->axis_y ? s->out_res : (gsize) s->out_res * s->out_res, n = 0;
  double sure;

  for (gsize i = 0; i < size; i++)
    n += chain_field_class (s, i, size, &sure) == 1;
  return size ? n / (double) size : 0;
}

static void
describe (ChainLayout *l, ChainFieldLayout *f, const ChainSnapshot *s, const char *what)
{
  g_autofree char *x = chain_name_input (s, s->axis_x), *y = f->line ? chain_name_target (s, 0) : chain_name_input (s, s->axis_y);
  char share[CHAIN_NUMBER_TEXT_SIZE];
  GString *d = g_string_new (NULL);

  if (f->line)
    g_string_append_printf (d, _("%s: %s against %s"), what, y, x);
  else
    g_string_append_printf (d, _("%s over %s and %s"), what, x, y);
  if (f->has_field && f->classes == 2)
    {
      g_autofree char *name = chain_name_class (s, 1);

      g_string_append_printf (d, _(", class %s on %s of the area"), name, chain_number_text_percent (share, share_of_class (s)));
    }
  g_string_append_printf (d, _(", %u points, %u of them for test"), s->data->n, s->data->n - s->data->n_train);
  for (guint i = 0; f->ghosts != NULL && i < f->ghosts->len; i++)
    g_string_append_printf (d, _(", with the line of %s"), ((const ChainGhostLine *) g_ptr_array_index (f->ghosts, i))->label);
  l->description = g_string_free (d, FALSE);
}

static ChainLayout *
layout_plane (const ChainSnapshot *s, const ChainTheme *t, double w, double h, gboolean with_output, const char *title)
{
  ChainLayout *l = chain_layout_new (w, h, title);
  ChainFieldLayout *f = g_new0 (ChainFieldLayout, 1);

  l->data = f;
  l->free_data = field_free;
  if (s->data == NULL || s->data->d == 0)
    {
      l->description = g_strdup (_("There is no data yet."));
      return l;
    }
  f->line = s->data->d == 1 || s->axis_x == s->axis_y;
  f->classes = chain_classes_of (s);
  f->has_field = with_output && s->output != NULL && s->out_res >= 2;
  make_axes (l, f, s, t);
  make_dots (f, s);
  make_contours (f, s);
  if (f->has_field)
    chain_ghosts_over_field (f, s, t);
  if (!chain_extent_d (s->data->t, s->data->n, s->data->k, &f->lo, &f->hi))
    f->lo = f->hi = 0;
  f->hi = fmax (fmax (fabs (f->lo), fabs (f->hi)), 1e-9);
  f->lo = -f->hi;
  l->note = f->classes ? class_note (s, f->classes) : g_strdup (s->data->n_train < s->data->n ? _("test smaller") : "");
  describe (l, f, s, title);
  chain_layout_add (l, g_strdup ("plot"), "plot", f->plot.x, f->plot.y, f->plot.w, f->plot.h, g_strdup (l->description));
  chain_layout_hash_theme (l, t);
  chain_layout_hash_plot (l, &f->plot);
  chain_layout_hash (l, &s->data, sizeof s->data);
  chain_layout_hash (l, f->has_field ? "f" : "-", 1);      /* points are darker over a field */
  return l;
}

ChainLayout *
chain_layout_boundary (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  return layout_plane (s, t, w, h, TRUE, chain_is_classify (s) ? _("Decision boundary") : _("Prediction"));
}

ChainLayout *
chain_layout_data (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  return layout_plane (s, t, w, h, FALSE, _("Data"));
}

/* --- what a generator makes, over the data that it should look like: the network's first output on the grid of the boundary. Such a network
 * starts from noise, so that each point of the grid is one more draw --- */

/* The width of the first output, which the snapshot itself knows only once a field was asked for. */
static guint
output_width (const ChainSnapshot *s)
{
  const char *id = s->spec->outputs->len > 0 ? g_ptr_array_index (s->spec->outputs, 0) : NULL;

  for (guint i = 0; i < s->layers->len; i++)
    {
      const ChainSnapLayer *l = g_ptr_array_index (s->layers, i);

      if (id != NULL ? g_str_equal (l->id, id) : i + 1 == s->layers->len)
        return l->width;
    }
  return 0;
}

gboolean
chain_generated_applies (const ChainSnapshot *s)
{
  return s->predicts == CHAIN_PREDICTS_NOTHING && s->data != NULL && s->data->d == 2 && output_width (s) == 2;
}

guint
chain_generated_points (const ChainSnapshot *s, gsize *stride)
{
  gsize n = s->output != NULL && s->out_width == 2 && s->axis_x != s->axis_y ? (gsize) s->out_res * s->out_res : 0;

  *stride = MAX (n / CHAIN_GENERATED_MOST, 1);
  return (guint) (n / *stride);
}

ChainLayout *
chain_layout_generated (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  ChainLayout *l = chain_layout_data (s, t, w, h);
  char count[CHAIN_NUMBER_TEXT_SIZE];
  gsize stride;
  ChainElement *plot = l->elements->len > 0 ? g_ptr_array_index (l->elements, 0) : NULL;

  g_free (l->title);
  l->title = g_strdup (_("Generated points"));
  if (plot == NULL)
    return l;
  g_free (l->note);
  l->note = g_strdup_printf ("×\xe2\x80\xaf%s", _("generated, over the data"));
  g_free (l->description);
  l->description = g_strdup_printf (_("%s generated points over %u of the data"), chain_number_text_count (count, chain_generated_points (s, &stride)),
                                    s->data->n);
  g_free (plot->label);
  plot->label = g_strdup (l->description);
  return l;
}
