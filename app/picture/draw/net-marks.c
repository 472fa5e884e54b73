/* SPDX-License-Identifier: Apache-2.0 */
/* What a person did to a unit, as marks on its tile: switched off (a pattern and a word), hidden (pale). */
#include "config.h"

#include "app/picture/draw/net-marks.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "app/picture/draw/paint.h"

gboolean
chain_net_is_off (const ChainSnapshot *s, const ChainNetColumn *c, const ChainTile *tile)
{
  return c->layer >= 0 && tile->kind == CHAIN_TILE_UNIT && chain_layer_is_off (g_ptr_array_index (s->spec->layers, c->layer), tile->unit);
}

void
chain_net_draw_off (cairo_t *cr, ChainText *text, const ChainTile *tile)
{
  const ChainTheme *t = text->theme;
  double s = t->scale;

  cairo_save (cr);
  chain_paint_round (cr, tile->x, tile->y, tile->size, tile->size, tile->size / 6);
  cairo_clip (cr);
  chain_theme_source (cr, &t->chip, 1);
  cairo_paint (cr);
  chain_theme_source (cr, &t->fg3, 0.55);
  cairo_set_line_width (cr, s);
  chain_paint_hatch (cr, tile->x, tile->y, tile->size, tile->size, 6 * s, FALSE);
  cairo_restore (cr);
  if (tile->size >= 20 * s)
    chain_text_halo (text, CHAIN_TEXT_CHIP, _("off"), tile->x + tile->size / 2, tile->y + tile->size / 2, 0.5, 0.5, &t->fg, &t->chip);
}

/* The list has a space after each id; an id is whole or not there. */
static gboolean
lists (const char *hidden, const char *kind, const char *layer, int unit)
{
  g_autofree char *id = unit < 0 ? g_strdup_printf ("%s:%s ", kind, layer) : g_strdup_printf ("%s:%s:%d ", kind, layer, unit);
  const char *at = strstr (hidden, id);

  while (at != NULL && at != hidden && at[-1] != ' ')
    at = strstr (at + 1, id);
  return at != NULL;
}

guint8 *
chain_net_faint (const ChainSnapshot *s, const ChainNetLayout *n, const ChainOverlay *o)
{
  guint8 *faint;

  if (o == NULL || o->hidden == NULL || *o->hidden == '\0')
    return NULL;
  faint = g_new0 (guint8, n->tiles->len + 1);
  for (guint i = 0; i < n->tiles->len; i++)
    {
      const ChainTile *tile = &g_array_index (n->tiles, ChainTile, i);
      const ChainNetColumn *c = &g_array_index (n->columns, ChainNetColumn, tile->column);
      const char *id = c->layer == -1 ? "x" : c->layer < 0 ? NULL : ((const ChainLayer *) g_ptr_array_index (s->spec->layers, c->layer))->id;

      faint[i] = id != NULL && (lists (o->hidden, "layer", id, -1) || (tile->kind == CHAIN_TILE_UNIT && lists (o->hidden, "unit", id, (int) tile->unit)));
    }
  return faint;
}

void
chain_net_draw_veil (cairo_t *cr, const ChainTheme *t, const ChainTile *tile)
{
  cairo_rectangle (cr, tile->x - 2 * t->scale, tile->y - 2 * t->scale, tile->size + 4 * t->scale, tile->size + 12 * t->scale);
  chain_theme_source (cr, &t->canvas, 0.82);
  cairo_fill (cr);
}
