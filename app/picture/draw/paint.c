/* SPDX-License-Identifier: Apache-2.0 */
/* Fields are computed at the resolution of the device: values are interpolated, then coloured, so the white band of a diverging map stays
 * sharp at every size, one lookup a pixel, and cairo only copies (nearest filter, no scaling of colours). Vector files get the same image at two
 * pixels a unit without an extend mode, which cairo's SVG back end would otherwise turn into a raster of the whole region. */
#include "app/picture/draw/paint.h"

#include <math.h>
#include <string.h>

gboolean
chain_paint_part (const ChainOverlay *o, ChainPart part)
{
  return o == NULL || o->parts == 0 || (o->parts & part) != 0;
}

void
chain_paint_round (cairo_t *cr, double x, double y, double w, double h, double r)
{
  r = fmin (r, fmin (w, h) / 2);
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + w - r, y + r, r, -G_PI_2, 0);
  cairo_arc (cr, x + w - r, y + h - r, r, 0, G_PI_2);
  cairo_arc (cr, x + r, y + h - r, r, G_PI_2, G_PI);
  cairo_arc (cr, x + r, y + r, r, G_PI, 1.5 * G_PI);
  cairo_close_path (cr);
}

void
chain_paint_card (cairo_t *cr, ChainText *t, const ChainLayout *l)
{
  const ChainTheme *th = t->theme;
  double s = th->scale, room = l->width - 24 * s, note = 0;
  g_autofree char *title = l->title ? g_markup_escape_text (l->title, -1) : NULL, *right = l->note ? g_markup_escape_text (l->note, -1) : NULL;

  if (th->draw_background)
    {
      chain_theme_source (cr, &th->card, 1);
      cairo_rectangle (cr, 0, 0, l->width, l->height);
      cairo_fill (cr);
    }
  if (!th->draw_header || l->title == NULL)
    return;
  if (l->note)
    {
      note = chain_text_measure (t, CHAIN_TEXT_SMALL, right, NULL);
      note = fmin (note, room - fmin (room * 0.6, chain_text_measure (t, CHAIN_TEXT_TITLE, title, NULL)) - 12 * s);
      chain_text_draw_cut (t, CHAIN_TEXT_SMALL, right, l->width - 12 * s, 17 * s, 1, 0.5, note + 0.5, &th->fg2);
    }
  chain_text_draw_cut (t, CHAIN_TEXT_TITLE, title, 12 * s, 17 * s, 0, 0.5, room - fmax (note, 0) - 12 * s, &th->fg);
}

/* At the end of the axis: a short name is pushed on by the last number, before a long one numbers give way. Where it starts. */
static double
axis_name (ChainText *t, const ChainPlot *p, gboolean *is_long)
{
  ChainTextStyle style = p->ax.name_is_maths ? CHAIN_TEXT_MATHS_SMALL : CHAIN_TEXT_SMALL;
  double w = p->ax.name ? chain_text_measure (t, style, p->ax.name, NULL) : 0;

  *is_long = w > 16 * t->theme->scale;
  return p->x + p->w - fmin (w, p->w * 0.6) - 8 * t->theme->scale;
}

static void
draw_axis_name (ChainText *t, const ChainPlot *p, double used)
{
  ChainTextStyle style = p->ax.name_is_maths ? CHAIN_TEXT_MATHS_SMALL : CHAIN_TEXT_SMALL;
  double s = t->theme->scale;
  gboolean is_long;

  if (p->ax.name == NULL)
    return;
  axis_name (t, p, &is_long);
  if (is_long)
    chain_text_draw_cut (t, style, p->ax.name, p->x + p->w, p->y + p->h + 12 * s, 1, 0.5, p->w * 0.6, &t->theme->fg2);
  else
    chain_text_draw (t, style, p->ax.name, fmax (p->x + p->w, used + 8 * s + chain_text_measure (t, style, p->ax.name, NULL)), p->y + p->h + 12 * s, 1, 0.5,
                     &t->theme->fg2);
}

/* Where the last number ends. */
static double
draw_numbers_x (cairo_t *cr, ChainText *t, const ChainPlot *p, const ChainColour *ink, gboolean grid_x)
{
  double s = t->theme->scale, used = p->x + p->w;
  gboolean is_long;
  double name = axis_name (t, p, &is_long);

  for (guint i = 0; i < p->ax.n_ticks; i++)
    {
      double x = round (chain_plot_x (p, p->ax.ticks[i].value) - 0.5) + 0.5, half;

      chain_theme_source (cr, ink, 1);
      cairo_move_to (cr, x, grid_x ? p->y : p->y + p->h);
      cairo_line_to (cr, x, p->y + p->h + 4 * s);
      cairo_stroke (cr);
      half = chain_text_measure (t, CHAIN_TEXT_AXIS, p->ax.ticks[i].label, NULL) / 2;
      if (p->ax.ticks[i].hidden || (is_long && x + half > name))
        continue;
      chain_text_draw (t, CHAIN_TEXT_AXIS, p->ax.ticks[i].label, x, p->y + p->h + 12 * s, 0.5, 0.5, &t->theme->fg2);
      used = x + half;
    }
  return used;
}

void
chain_paint_axes (cairo_t *cr, ChainText *t, const ChainPlot *p, gboolean grid_x)
{
  const ChainTheme *th = t->theme;
  double s = th->scale, used = p->x + p->w;
  ChainColour grid = th->dark ? chain_colour_mix (th->grid, th->axis, 0.3) : th->grid;

  cairo_set_line_width (cr, s);
  for (guint i = 0; i < p->ay.n_ticks; i++)
    {
      double y = round (chain_plot_y (p, p->ay.ticks[i].value) - 0.5) + 0.5;

      chain_theme_source (cr, &grid, p->ay.ticks[i].minor ? 0.5 : 1);
      cairo_move_to (cr, p->x, y);
      cairo_line_to (cr, p->x + p->w, y);
      cairo_stroke (cr);
      if (!p->ay.ticks[i].hidden)
        chain_text_draw (t, CHAIN_TEXT_AXIS, p->ay.ticks[i].label, p->x - 7 * s, y, 1, 0.5, &th->fg2);
    }
  used = draw_numbers_x (cr, t, p, grid_x ? &grid : &th->axis, grid_x);
  chain_theme_source (cr, &th->axis, 1);
  cairo_move_to (cr, p->x, round (p->y + p->h - 0.5) + 0.5);
  cairo_line_to (cr, p->x + p->w, round (p->y + p->h - 0.5) + 0.5);
  cairo_stroke (cr);
  draw_axis_name (t, p, used);
}

void
chain_paint_notice (cairo_t *cr, ChainText *t, const ChainLayout *l, const char *text)
{
  double x, y, w, h;

  chain_layout_body (l, t->theme, &x, &y, &w, &h);
  chain_text_draw_cut (t, CHAIN_TEXT_LABEL, text, x + w / 2, y + h / 2, 0.5, 0.5, w, &t->theme->fg3);
}

void
chain_paint_device_size (cairo_t *cr, double w, double h, int *pw, int *ph)
{
  cairo_surface_type_t type = cairo_surface_get_type (cairo_get_group_target (cr));
  double sx, sy, dx = 1, dy = 0;

  cairo_surface_get_device_scale (cairo_get_group_target (cr), &sx, &sy);
  cairo_user_to_device_distance (cr, &dx, &dy);
  sx *= hypot (dx, dy);
  if (type == CAIRO_SURFACE_TYPE_PDF || type == CAIRO_SURFACE_TYPE_SVG || type == CAIRO_SURFACE_TYPE_RECORDING)
    sx = fmax (sx, 2);
  *pw = (int) CLAMP (ceil (w * sx - 1e-6), 1, 4096);
  *ph = (int) CLAMP (ceil (h * sx - 1e-6), 1, 4096);
}

void
chain_paint_pixels (cairo_t *cr, guint32 *pixels, int pw, int ph, double x, double y, double w, double h, double radius)
{
  cairo_surface_t *image = cairo_image_surface_create_for_data ((unsigned char *) pixels, CAIRO_FORMAT_RGB24, pw, ph, pw * 4);
  cairo_matrix_t m;

  cairo_set_source_surface (cr, image, 0, 0);
  cairo_matrix_init_scale (&m, pw / w, ph / h);
  cairo_matrix_translate (&m, -x, -y);
  cairo_pattern_set_matrix (cairo_get_source (cr), &m);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  if (radius > 0)
    chain_paint_round (cr, x, y, w, h, radius);
  else
    cairo_rectangle (cr, x, y, w, h);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0, 0, 0);
  cairo_surface_finish (image);
  cairo_surface_destroy (image);
}

void
chain_paint_field (cairo_t *cr, const float *f, guint nx, guint ny, const ChainLut *lut, double x, double y, double w, double h, double radius)
{
  int pw, ph;
  double scale = (CHAIN_LUT_SIZE - 1) / (lut->hi - lut->lo);
  g_autofree guint32 *pixels = NULL;
  g_autofree float *row = g_new (float, nx + 1);

  chain_paint_device_size (cr, w, h, &pw, &ph);
  pixels = g_new (guint32, (gsize) pw * ph);
  for (int j = 0; j < ph; j++)
    {
      double gy = (ph - 0.5 - j) / ph * (ny - 1), gx, step = (double) (nx - 1) / pw;
      guint y0 = MIN ((guint) gy, ny > 1 ? ny - 2 : 0), y1 = MIN (y0 + 1, ny - 1);
      float fy = (float) (gy - y0);
      const float *a = f + (gsize) y0 * nx, *b = f + (gsize) y1 * nx;

      for (guint i = 0; i < nx; i++)
        row[i] = a[i] + (b[i] - a[i]) * fy;
      row[nx] = row[nx - 1];
      gx = step / 2;
      for (int i = 0; i < pw; i++, gx += step)
        {
          guint x0 = (guint) gx;
          float v = row[x0] + (row[x0 + 1] - row[x0]) * (float) (gx - x0);

          pixels[(gsize) j * pw + i] = chain_lut_get (lut, scale, v);
        }
    }
  chain_paint_pixels (cr, pixels, pw, ph, x, y, w, h, radius);
}

void
chain_paint_cells (cairo_t *cr, const float *f, guint nx, guint ny, const ChainLut *lut, double x, double y, double w, double h, double radius)
{
  int pw, ph;
  double scale = (CHAIN_LUT_SIZE - 1) / (lut->hi - lut->lo);
  g_autofree guint32 *pixels = NULL;

  chain_paint_device_size (cr, w, h, &pw, &ph);
  pixels = g_new (guint32, (gsize) pw * ph);
  for (int j = 0; j < ph; j++)
    for (int i = 0; i < pw; i++)
      pixels[(gsize) j * pw + i] = chain_lut_get (lut, scale, f[(gsize) (j * (gint64) ny / ph) * nx + (gsize) (i * (gint64) nx / pw)]);
  chain_paint_pixels (cr, pixels, pw, ph, x, y, w, h, radius);
}

void
chain_paint_hatch (cairo_t *cr, double x, double y, double w, double h, double gap, gboolean crossed)
{
  for (double d = gap / 2; d < w + h; d += gap)
    {
      cairo_move_to (cr, x + d, y);
      cairo_line_to (cr, x + d - h, y + h);
      if (crossed)
        {
          cairo_move_to (cr, x + w - d, y);
          cairo_line_to (cr, x + w - d + h, y + h);
        }
    }
  cairo_stroke (cr);
}
