/* SPDX-License-Identifier: Apache-2.0 */
/* The plane of the inputs: regions by the value map (two classes), by class colour and certainty (more), by value (regression), the decision
 * line in text colour, the points on top. One input: a curve. The regions are half as strong as weights and tiles are, so that the points and
 * the line keep their contrast. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/draw/draw.h"
#include "app/picture/draw/paint.h"
#include "app/picture/draw/unit.h"
#include "app/picture/layout/field.h"
#include "app/picture/layout/names.h"

#define REGION 0.5     /* part of the value map that regions use */
#define RADIUS 6

static void
paint_classes (cairo_t *cr, const ChainFieldLayout *f, const ChainSnapshot *s, const ChainTheme *t)
{
  gsize size = (gsize) s->out_res * s->out_res;
  guint n = s->out_width;
  const ChainPlot *p = &f->plot;
  int pw, ph;
  g_autofree guint32 *pixels = NULL;
  g_autofree guint32 *ramp = g_new (guint32, (gsize) n * 256);

  for (guint c = 0; c < n; c++)
    for (int i = 0; i < 256; i++)
      {
        double weak = fmax (0, (i / 255.0 - 1.0 / n) / (1 - 1.0 / n));

        ramp[c * 256 + i] = chain_colour_pixel (chain_colour_mix (t->card, chain_class_colour (t->dark, c, n), 0.10 + 0.42 * weak));
      }
  chain_paint_device_size (cr, p->w, p->h, &pw, &ph);
  pixels = g_new (guint32, (gsize) pw * ph);
  for (int j = 0; j < ph; j++)
    for (int i = 0; i < pw; i++)
      {
        double gx = (i + 0.5) / pw * (s->out_res - 1), gy = (ph - 0.5 - j) / ph * (s->out_res - 1), best = -1;
        guint x0 = MIN ((guint) gx, s->out_res - 2), y0 = MIN ((guint) gy, s->out_res - 2), win = 0;
        double fx = gx - x0, fy = gy - y0;
        const float *a = s->output + (gsize) y0 * s->out_res + x0;

        for (guint c = 0; c < n; c++, a += size)
          {
            double lower = a[0] + (a[1] - a[0]) * fx, upper = a[s->out_res] + (a[s->out_res + 1] - a[s->out_res]) * fx;
            double v = lower + (upper - lower) * fy;

            if (v > best)
              {
                best = v;
                win = c;
              }
          }
        pixels[(gsize) j * pw + i] = ramp[win * 256 + (guint) (CLAMP (best, 0, 1) * 255)];
      }
  chain_paint_pixels (cr, pixels, pw, ph, p->x, p->y, p->w, p->h, RADIUS * t->scale);
}

static void
paint_contours (cairo_t *cr, const ChainFieldLayout *f, const ChainSnapshot *s, const ChainTheme *t)
{
  const ChainPlot *p = &f->plot;
  double kx = p->w / (s->out_res - 1), ky = p->h / (s->out_res - 1);

  cairo_save (cr);
  chain_paint_round (cr, p->x, p->y, p->w, p->h, RADIUS * t->scale);
  cairo_clip (cr);
  for (guint c = 0; c < f->n_contours; c++)
    {
      const ChainContour *line = &f->contours[c];
      guint start = 0;

      for (guint k = 0; k < line->ends->len; k++)
        {
          guint end = g_array_index (line->ends, guint, k);

          for (guint i = start; i < end; i++)
            {
              ChainPoint q = g_array_index (line->points, ChainPoint, i);

              if (i == start)
                cairo_move_to (cr, p->x + q.x * kx, p->y + p->h - q.y * ky);
              else
                cairo_line_to (cr, p->x + q.x * kx, p->y + p->h - q.y * ky);
            }
          start = end;
        }
    }
  chain_theme_source (cr, &t->fg, 1);
  cairo_set_line_width (cr, (f->classes == 2 ? 1.8 : 1.3) * t->scale);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* Thin and dashed in the colour of words, so that it is neither a region nor the line of the present run. */
static void
paint_ghosts (cairo_t *cr, const ChainFieldLayout *f, const ChainTheme *t)
{
  const ChainPlot *p = &f->plot;
  const double dash[2] = { 4 * t->scale, 3 * t->scale };

  cairo_save (cr);
  chain_paint_round (cr, p->x, p->y, p->w, p->h, RADIUS * t->scale);
  cairo_clip (cr);
  for (guint i = 0; f->ghosts != NULL && i < f->ghosts->len; i++)
    {
      const ChainGhostLine *line = g_ptr_array_index (f->ghosts, i);
      gboolean pen = FALSE;

      for (guint k = 0; k < line->points->len; k++)
        {
          ChainPoint q = g_array_index (line->points, ChainPoint, k);

          if (isnan (q.x))
            pen = FALSE;
          else if (pen)
            cairo_line_to (cr, q.x, q.y);
          else
            cairo_move_to (cr, q.x, q.y);
          pen = !isnan (q.x);
        }
      chain_theme_source (cr, &t->fg, 0.35 + 0.2 * (i + 1) / f->ghosts->len);
      cairo_set_line_width (cr, 1.2 * t->scale);
      cairo_set_dash (cr, dash, 2, 0);
      cairo_stroke (cr);
    }
  cairo_restore (cr);
}

static void
label_ghosts (ChainText *text, const ChainFieldLayout *f)
{
  for (guint i = 0; f->ghosts != NULL && i < f->ghosts->len; i++)
    {
      const ChainGhostLine *line = g_ptr_array_index (f->ghosts, i);

      if (line->points->len > 0)
        chain_text_halo (text, CHAIN_TEXT_SMALL, line->label, line->label_x, line->label_y, 0.5, 0.5, &text->theme->fg, &text->theme->card);
    }
}

/* Interpolated as a logit, coloured as the probability that it stands for. */
static void
paint_probability (cairo_t *cr, const ChainFieldLayout *f, const ChainSnapshot *s, const ChainTheme *t)
{
  const ChainPlot *p = &f->plot;
  ChainLut lut;

  chain_lut_init (&lut, CHAIN_MAP_VALUE, t->dark, 0, 1, -CHAIN_LOGIT_LIMIT, CHAIN_LOGIT_LIMIT);
  for (int i = 0; i < CHAIN_LUT_SIZE; i++)
    {
      double z = CHAIN_LOGIT_LIMIT * (2.0 * i / (CHAIN_LUT_SIZE - 1) - 1), v = REGION * tanh (z / 2);      /* 2 sigmoid (z) - 1 */

      lut.pixel[i] = chain_colour_pixel (chain_map_signed (CHAIN_MAP_VALUE, t->dark, v));
    }
  chain_paint_field (cr, f->logit, s->out_res, s->out_res, &lut, p->x, p->y, p->w, p->h, RADIUS * t->scale);
}

/* Not one finite answer on the plane. */
static void
paint_broken (cairo_t *cr, const ChainFieldLayout *f, const ChainTheme *t)
{
  const ChainPlot *p = &f->plot;

  cairo_save (cr);
  chain_paint_round (cr, p->x, p->y, p->w, p->h, RADIUS * t->scale);
  cairo_clip (cr);
  chain_theme_source (cr, &t->error, 0.5);
  cairo_set_line_width (cr, t->scale);
  chain_paint_hatch (cr, p->x, p->y, p->w, p->h, 12 * t->scale, FALSE);
  cairo_restore (cr);
}

static void
paint_plane (cairo_t *cr, const ChainFieldLayout *f, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  const ChainPlot *p = &f->plot;
  ChainLut lut;
  double lo, hi;

  if (chain_paint_unit (cr, f, s, t, o))
    return;
  if (!f->has_field)
    {
      chain_paint_round (cr, p->x, p->y, p->w, p->h, RADIUS * t->scale);
      chain_theme_source (cr, &t->chip, 0.6);
      cairo_fill (cr);
      return;
    }
  if (f->classes > 0 && s->out_width > 2)
    paint_classes (cr, f, s, t);
  else if (f->logit)
    paint_probability (cr, f, s, t);
  else
    {
      chain_lut_init (&lut, CHAIN_MAP_VALUE, t->dark, 0.05, 0.95, f->lo, f->hi);
      chain_paint_field (cr, s->output, s->out_res, s->out_res, &lut, p->x, p->y, p->w, p->h, RADIUS * t->scale);
    }
  if (s->out_width > 0 && !chain_extent (s->output, (gsize) s->out_res * s->out_res, &lo, &hi))
    {
      paint_broken (cr, f, t);
      return;
    }
  paint_ghosts (cr, f, t);
  paint_contours (cr, f, s, t);
}

static ChainColour
dot_colour (const ChainFieldLayout *f, guint i, const ChainTheme *t, gboolean on_field)
{
  ChainColour c;

  if (f->classes == 0 && f->line)
    return t->dark ? chain_colour_mix (t->forward, t->fg, 0.2) : t->forward;
  if (f->classes == 0)
    return chain_map_signed (CHAIN_MAP_VALUE, t->dark, 0.9 * f->dot_value[i] / f->hi);
  c = chain_class_colour (t->dark, f->dots[i].shape, f->classes);
  if (!on_field)
    return c;
  return t->dark ? chain_colour_mix (c, (ChainColour){ 1, 1, 1 }, 0.12) : chain_colour_mix (c, (ChainColour){ 0, 0, 0 }, 0.48);
}

static void
paint_dots (cairo_t *cr, const ChainFieldLayout *f, const ChainTheme *t, gboolean on_field)
{
  double s = t->scale, grow = f->n_dots > 800 ? 0.75 : f->n_dots < 60 ? 1.25 : 1;
  ChainColour rim = t->dark ? (ChainColour){ 0.08, 0.08, 0.08 } : (ChainColour){ 1, 1, 1 };

  cairo_save (cr);
  cairo_set_line_width (cr, (f->n_dots > 800 ? 0.7 : 1.1) * s);
  for (guint i = 0; i < f->n_dots; i++)
    {
      const ChainDot *d = &f->dots[i];
      ChainColour c = dot_colour (f, i, t, on_field);

      chain_paint_marker (cr, d->shape, d->x, d->y, (d->test ? 2.1 : 3.1) * s * grow);
      chain_theme_source (cr, f->classes || f->line ? &rim : &t->fg, 0.9);
      cairo_stroke_preserve (cr);
      chain_theme_source (cr, &c, 1);
      cairo_fill (cr);
    }
  cairo_restore (cr);
}

static void
paint_residuals (cairo_t *cr, const ChainFieldLayout *f, const ChainSnapshot *s, const ChainTheme *t)
{
  const ChainPlot *p = &f->plot;

  chain_theme_source (cr, &t->backward, 0.7);
  cairo_set_line_width (cr, t->scale);
  for (guint i = 0; i < f->n_dots; i++)
    {
      double g = (f->dots[i].x - p->x) / p->w * (s->out_res - 1), v;
      guint k = (guint) CLAMP (g, 0, s->out_res - 2);

      v = s->output[k] + (s->output[k + 1] - s->output[k]) * (g - k);
      if (!isfinite (v))
        continue;
      cairo_move_to (cr, f->dots[i].x, f->dots[i].y);
      cairo_line_to (cr, f->dots[i].x, CLAMP (chain_plot_y (p, v), -1e5, 1e5));
    }
  cairo_stroke (cr);
}

static void
paint_curve (cairo_t *cr, const ChainFieldLayout *f, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  const ChainPlot *p = &f->plot;
  guint n = f->classes > 2 ? s->out_width : 1;

  cairo_save (cr);
  cairo_rectangle (cr, p->x, p->y, p->w, p->h);
  cairo_clip (cr);
  if (o && g_strcmp0 (o->hover, "plot") == 0 && n == 1)
    paint_residuals (cr, f, s, t);
  paint_ghosts (cr, f, t);
  for (guint c = 0; c < n; c++)
    {
      ChainColour colour = n > 1 ? chain_class_colour (t->dark, c, n) : t->test;
      gboolean pen = FALSE;

      for (guint i = 0; i < s->out_res; i++)
        {
          double v = s->output[(gsize) c * s->out_res + i], x = p->x + p->w * i / (s->out_res - 1);
          double y = CLAMP (chain_plot_y (p, v), -1e5, 1e5);

          if (isnan (v))
            pen = FALSE;
          else if (pen)
            cairo_line_to (cr, x, y);
          else
            cairo_move_to (cr, x, y);
          pen = !isnan (v);
        }
      chain_theme_source (cr, &colour, 1);
      cairo_set_line_width (cr, 2.4 * t->scale);
      cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
      cairo_stroke (cr);
    }
  cairo_restore (cr);
}

/* Axes of a plane: numbers only, names at the ends; the field itself is the frame. */
static void
paint_numbers (cairo_t *cr, ChainText *text, const ChainFieldLayout *f)
{
  const ChainPlot *p = &f->plot;
  const ChainTheme *t = text->theme;
  double s = t->scale, name = p->x + p->w;
  ChainTextStyle sx = p->ax.name_is_maths ? CHAIN_TEXT_MATHS_SMALL : CHAIN_TEXT_SMALL, sy = p->ay.name_is_maths ? CHAIN_TEXT_MATHS_SMALL : CHAIN_TEXT_SMALL;

  if (p->ax.name)
    {
      name -= chain_text_measure (text, sx, p->ax.name, NULL) + 8 * s;
      chain_text_draw_cut (text, sx, p->ax.name, p->x + p->w, p->y + p->h + 11 * s, 1, 0.5, p->w * 0.6, &t->fg2);
    }
  for (guint i = 0; i < p->ax.n_ticks; i++)
    {
      double x = chain_plot_x (p, p->ax.ticks[i].value), half = chain_text_measure (text, CHAIN_TEXT_AXIS, p->ax.ticks[i].label, NULL) / 2;

      if (!p->ax.ticks[i].hidden && x + half < name)
        chain_text_draw (text, CHAIN_TEXT_AXIS, p->ax.ticks[i].label, x, p->y + p->h + 11 * s, 0.5, 0.5, &t->fg2);
    }
  for (guint i = 0; i < p->ay.n_ticks; i++)
    {
      double y = chain_plot_y (p, p->ay.ticks[i].value);

      if (!p->ay.ticks[i].hidden && (y > p->y + 17 * s || !p->ay.name_is_maths))
        chain_text_draw (text, CHAIN_TEXT_AXIS, p->ay.ticks[i].label, p->x - 6 * s, y, 1, 0.5, &t->fg2);
    }
  if (p->ay.name && p->ay.name_is_maths)
    chain_text_draw (text, sy, p->ay.name, p->x - 6 * s, p->y + 6 * s, 1, 0.5, &t->fg2);
  else if (p->ay.name)
    {
      chain_text_halo (text, sy, p->ay.name, p->x + 6 * s, p->y + 10 * s, 0, 0.5, &t->fg2, &t->card);
    }
}

static void
draw_all (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o, gboolean with_output)
{
  const ChainFieldLayout *f = l->data;
  g_auto (ChainText) text;
  gboolean field = f->has_field && !f->line;

  chain_text_init (&text, cr, t);
  if (chain_paint_part (o, CHAIN_PART_BACK))
    {
      chain_paint_card (cr, &text, l);
      if (s->data == NULL || s->data->d == 0)
        {
          chain_paint_notice (cr, &text, l, _("There is no data yet."));
          return;
        }
      if (f->line || !with_output)
        chain_paint_axes (cr, &text, &f->plot, !f->line);
    }
  if (s->data == NULL || s->data->d == 0)
    return;
  if (with_output && chain_paint_part (o, CHAIN_PART_LIVE))
    {
      if (!f->line)
        paint_plane (cr, f, s, t, o);
      else if (f->has_field && !chain_paint_unit (cr, f, s, t, o))
        paint_curve (cr, f, s, t, o);
    }
  if (with_output && chain_paint_part (o, CHAIN_PART_OVERLAY) && (o == NULL || o->show_unit == NULL))
    label_ghosts (&text, f);
  if (chain_paint_part (o, CHAIN_PART_FRONT))
    {
      paint_dots (cr, f, t, field);
      if (!f->line && with_output)
        paint_numbers (cr, &text, f);
      else if (f->plot.ay.name)
        chain_text_halo (&text, f->plot.ay.name_is_maths ? CHAIN_TEXT_MATHS_SMALL : CHAIN_TEXT_SMALL, f->plot.ay.name, f->plot.x + 4 * t->scale,
                         f->plot.y + 6 * t->scale, 0, 0.5, &t->fg2, &t->card);
    }
}

void
chain_draw_boundary (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  draw_all (cr, l, s, t, o, TRUE);
}

void
chain_draw_data (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  draw_all (cr, l, s, t, o, FALSE);
}

/* Crosses over the points of the data, which are still and so belong to the back here: neither hides the other. */
void
chain_draw_generated (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  const ChainFieldLayout *f = l->data;
  gsize stride, n = (gsize) s->out_res * s->out_res;
  guint points = chain_generated_points (s, &stride);
  double arm = 2.6 * t->scale;

  if (chain_paint_part (o, CHAIN_PART_BACK))
    draw_all (cr, l, s, t, &(ChainOverlay){ .parts = CHAIN_PART_BACK | CHAIN_PART_FRONT }, FALSE);
  if (!chain_paint_part (o, CHAIN_PART_LIVE))
    return;
  cairo_save (cr);
  cairo_rectangle (cr, f->plot.x, f->plot.y, f->plot.w, f->plot.h);
  cairo_clip (cr);
  for (guint i = 0; i < points; i++)
    {
      double x = chain_plot_x (&f->plot, s->output[i * stride]), y = chain_plot_y (&f->plot, s->output[n + i * stride]);

      if (!(fabs (x) < 1e5 && fabs (y) < 1e5))
        continue;
      cairo_move_to (cr, x - arm, y - arm);
      cairo_line_to (cr, x + arm, y + arm);
      cairo_move_to (cr, x - arm, y + arm);
      cairo_line_to (cr, x + arm, y - arm);
    }
  chain_theme_source (cr, &t->fg, 0.85);
  cairo_set_line_width (cr, 1.1 * t->scale);
  cairo_stroke (cr);
  cairo_restore (cr);
}
