/* SPDX-License-Identifier: Apache-2.0 */
/* What a layer is, on its tiles, by shape and not by colour: a frozen one is hatched, as ice is on maps, and keeps its picture; where a sum
 * or a product joins two paths its sign stands at the place they meet. Tiles too small for that leave it to the chip. */
#include <math.h>
#include <string.h>

#include "app/picture/draw/paint.h"
#include "app/picture/layout/net.h"

static void
draw_hatch (cairo_t *cr, const ChainTheme *t, const ChainTile *tile)
{
  double s = t->scale, gap = fmax (4, fmin (8 * s, tile->size / 6));

  cairo_save (cr);
  chain_paint_round (cr, tile->x, tile->y, tile->size, tile->size, tile->size / 6);
  cairo_clip (cr);
  chain_theme_source (cr, &t->canvas, 0.9);
  cairo_set_line_width (cr, fmax (1, 2 * s));
  chain_paint_hatch (cr, tile->x, tile->y, tile->size, tile->size, gap, FALSE);
  chain_theme_source (cr, &t->outline, 0.9);
  cairo_set_line_width (cr, fmax (0.6, 0.8 * s));
  chain_paint_hatch (cr, tile->x, tile->y, tile->size, tile->size, gap, FALSE);
  cairo_restore (cr);
}

/* A cross of two strokes, upright for a sum, lying for a product. */
static void
draw_join (cairo_t *cr, const ChainTheme *t, const ChainTile *tile, gboolean product)
{
  double s = t->scale, x = tile->x, y = tile->y + tile->size / 2, r = 7.5 * s, along = product ? 2.9 * s : 3.9 * s, across = product ? 2.9 * s : 0;

  cairo_arc (cr, x, y, r, 0, 2 * G_PI);
  chain_theme_source (cr, &t->card, 1);
  cairo_fill_preserve (cr);
  chain_theme_source (cr, &t->outline, 1);
  cairo_set_line_width (cr, 1.3 * s);
  cairo_stroke (cr);
  chain_theme_source (cr, &t->fg, 1);
  cairo_set_line_width (cr, 1.6 * s);
  cairo_move_to (cr, x - along, y - across);
  cairo_line_to (cr, x + along, y + across);
  cairo_move_to (cr, x + across, y - along);
  cairo_line_to (cr, x - across, y + along);
  cairo_stroke (cr);
}

void
chain_draw_net_kind (cairo_t *cr, const ChainSnapshot *s, const ChainTheme *t, const ChainTile *tile, int layer)
{
  const ChainLayer *l = layer >= 0 && (guint) layer < s->spec->layers->len ? g_ptr_array_index (s->spec->layers, layer) : NULL;

  if (l == NULL || tile->kind != CHAIN_TILE_UNIT)
    return;
  if (l->frozen && tile->size >= 10)
    draw_hatch (cr, t, tile);
  if ((strcmp (l->type, "add") == 0 || strcmp (l->type, "multiply") == 0) && tile->size >= 22 * t->scale)
    draw_join (cr, t, tile, l->type[0] == 'm');
}

void
chain_draw_net_lock (cairo_t *cr, const ChainColour *c, double x, double y, double h)
{
  double w = h * 0.8;

  chain_theme_source (cr, c, 1);
  cairo_rectangle (cr, x, y + h * 0.45, w, h * 0.55);
  cairo_fill (cr);
  cairo_set_line_width (cr, h * 0.14);
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + w / 2, y + h * 0.36, w * 0.28, G_PI, 2 * G_PI);
  cairo_rel_line_to (cr, 0, h * 0.12);
  cairo_move_to (cr, x + w * 0.22, y + h * 0.36);
  cairo_rel_line_to (cr, 0, h * 0.12);
  cairo_stroke (cr);
}
