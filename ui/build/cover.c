/* SPDX-License-Identifier: Apache-2.0 */
/* What a drag shows over the picture: what can be reached glows, what cannot is dimmed, a line says where a layer would come to stand, and a
 * sentence beside the pointer says what a drop would do or why it would do nothing. Colour is never alone: possible targets have a solid
 * frame, impossible ones none and a veil. */
#include "config.h"

#include "ui/build/drag.h"

#include <math.h>

#include "app/picture/draw/paint.h"
#include "app/picture/text.h"
#include "ui/canvas/theme.h"

#define PAD 8

static void
frame (cairo_t *cr, const graphene_rect_t *r, double pad, double radius)
{
  chain_paint_round (cr, r->origin.x - pad, r->origin.y - pad, r->size.width + 2 * pad, r->size.height + 2 * pad, radius);
}

static void
draw_glow (cairo_t *cr, const ChainTheme *t, const graphene_rect_t *r, gboolean over)
{
  if (over)
    {
      frame (cr, r, PAD, 14);
      chain_theme_source (cr, &t->accent, 0.14);
      cairo_fill (cr);
    }
  for (int i = 3; i > 0; i--)
    {
      frame (cr, r, PAD + 1.5 * i, 14 + i);
      chain_theme_source (cr, &t->accent, over ? 0.16 : 0.08);
      cairo_set_line_width (cr, 3.0 * i);
      cairo_stroke (cr);
    }
  frame (cr, r, PAD, 14);
  chain_theme_source (cr, &t->accent, over ? 1 : 0.75);
  cairo_set_line_width (cr, over ? 2.5 : 1.5);
  cairo_stroke (cr);
}

static void
draw_targets (ChainDrag *d, cairo_t *cr, const ChainTheme *t)
{
  for (guint i = 0; i < d->targets->len; i++)
    {
      const ChainDragTarget *target = &g_array_index (d->targets, ChainDragTarget, i);

      if (target->own)
        continue;
      if (target->possible)
        draw_glow (cr, t, &target->rect, (int) i == d->over);
      else
        {
          frame (cr, &target->rect, PAD, 14);
          chain_theme_source (cr, &t->canvas, 0.62);
          cairo_fill (cr);
        }
    }
}

/* From the port under the chip to the pointer, as an edge of the picture runs. */
static void
draw_rope (ChainDrag *d, cairo_t *cr, const ChainTheme *t)
{
  double x = d->from.x, y = d->from.y, reach = fmax (30, fabs (d->x - x) / 2);

  for (int halo = 1; halo >= 0; halo--)
    {
      cairo_move_to (cr, x, y);
      cairo_curve_to (cr, x + reach, y, d->x - reach, d->y, d->x, d->y);
      chain_theme_source (cr, halo ? &t->canvas : &t->accent, halo ? 0.85 : 1);
      cairo_set_line_width (cr, halo ? 6 : 2.5);
      cairo_stroke (cr);
    }
  cairo_arc (cr, x, y, 4.5, 0, 2 * G_PI);
  cairo_new_sub_path (cr);
  cairo_arc (cr, d->x, d->y, 4.5, 0, 2 * G_PI);
  cairo_fill (cr);
}

/* A line in the gap, with a head at both ends so that it is seen over edges. */
static void
draw_insertion (ChainDrag *d, cairo_t *cr, const ChainTheme *t, double height)
{
  const graphene_rect_t *a = &g_array_index (d->targets, ChainDragTarget, (guint) d->over).rect,
                        *b = d->over + 1 < (int) d->targets->len ? &g_array_index (d->targets, ChainDragTarget, (guint) d->over + 1).rect : a;
  double x = round ((a->origin.x + a->size.width + b->origin.x) / 2), top = fmin (a->origin.y, b->origin.y) - 4, bottom = fmin (height - 30, fmax (a->origin.y + a->size.height, b->origin.y + b->size.height) + 10);

  frame (cr, &d->from_rect, PAD, 14);
  chain_theme_source (cr, &t->canvas, 0.5);
  cairo_fill (cr);
  if (!d->moves)
    return;
  chain_theme_source (cr, &t->canvas, 0.9);
  cairo_set_line_width (cr, 8);
  cairo_move_to (cr, x, top);
  cairo_line_to (cr, x, bottom);
  cairo_stroke (cr);
  chain_theme_source (cr, &t->accent, 1);
  cairo_set_line_width (cr, 3);
  cairo_move_to (cr, x, top);
  cairo_line_to (cr, x, bottom);
  cairo_stroke (cr);
  for (int i = 0; i < 2; i++)
    {
      cairo_arc (cr, x, i == 0 ? top : bottom, 5, 0, 2 * G_PI);
      cairo_fill (cr);
    }
}

static void
draw_swap (ChainDrag *d, cairo_t *cr, const ChainTheme *t)
{
  double half = d->from_rect.size.width / 2;

  frame (cr, &d->from_rect, 0, half / 3);
  chain_theme_source (cr, &t->canvas, 0.55);
  cairo_fill (cr);
  chain_paint_round (cr, d->x - half, d->y - half, 2 * half, 2 * half, half / 3);
  chain_theme_source (cr, &t->accent, 0.3);
  cairo_fill_preserve (cr);
  chain_theme_source (cr, &t->accent, 1);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
  if (d->over < 0)
    return;
  frame (cr, &d->over_rect, 4, half / 3 + 4);
  cairo_set_line_width (cr, 3);
  cairo_stroke (cr);
}

/* Beside the pointer and always whole. */
static void
draw_text (ChainDrag *d, cairo_t *cr, const ChainTheme *t, int width, int height)
{
  g_autofree char *markup = g_markup_escape_text (d->text, -1);
  g_autoptr (PangoLayout) layout = pango_cairo_create_layout (cr);
  PangoFontDescription *font = pango_font_description_from_string (t->font);
  int w, h;
  double x, y;

  pango_font_description_set_absolute_size (font, 13.5 * t->scale * PANGO_SCALE);
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);
  pango_layout_set_width (layout, (int) (MIN (340 * t->scale, width - 40) * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_markup (layout, markup, -1);
  pango_layout_get_pixel_size (layout, &w, &h);
  x = CLAMP (d->x + 18, 6, MAX (6, width - w - 26));
  y = CLAMP (d->y + 18, 6, MAX (6, height - h - 18));
  chain_paint_round (cr, round (x), round (y), w + 20, h + 12, 8);
  chain_theme_source (cr, &t->card, 0.97);
  cairo_fill_preserve (cr);
  chain_theme_source (cr, &t->axis, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  chain_theme_source (cr, &t->fg, 1);
  cairo_move_to (cr, round (x) + 10, round (y) + 6);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  ChainDrag *d = data;
  ChainTheme t;

  if (!d->active)
    return;
  chain_theme_follow (&t, 1);
  if (d->kind == CHAIN_DRAG_LINK)
    {
      draw_targets (d, cr, &t);
      draw_rope (d, cr, &t);
    }
  else if (d->kind == CHAIN_DRAG_LAYER)
    draw_insertion (d, cr, &t, height);
  else if (d->kind == CHAIN_DRAG_UNIT)
    draw_swap (d, cr, &t);
  if (d->text != NULL)
    draw_text (d, cr, &t, width, height);
}

GtkWidget *
_chain_drag_cover (ChainDrag *d)
{
  GtkWidget *cover = gtk_drawing_area_new ();

  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (cover), draw_cb, d, NULL);
  gtk_accessible_update_state (GTK_ACCESSIBLE (cover), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  return cover;
}
