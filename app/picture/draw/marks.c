/* SPDX-License-Identifier: Apache-2.0 */
/* A class is shape and colour together, never colour alone (DESIGN 5.4). The first two classes have the ends of the value map, so that points
 * and regions agree; further ones have hues between. */
#include <math.h>

#include "app/picture/draw/paint.h"

typedef struct { const char *text; int corners; double turn, grow; } Marker;

static const Marker markers[CHAIN_N_MARKERS] = {
  { "▲", 3, -0.25, 1.22 }, { "●", 0, 0, 1 },         { "■", 4, 0.125, 1.2 }, { "◆", 4, 0, 1.3 },
  { "▼", 3, 0.25, 1.22 },  { "⬟", 5, -0.25, 1.15 }, { "▶", 3, 0, 1.22 },    { "⬢", 6, 0, 1.12 },
};

static const guint32 class_colours[][2] = {
  { 0xca6802, 0xfea667 }, { 0x1c89e4, 0x8ac3fe }, { 0x03a14a, 0x54dd7d }, { 0xc454b0, 0xfe91e8 }, { 0x8f7f00, 0xe0d24a },
  { 0x008f8f, 0x4fd6d6 }, { 0xd7314b, 0xff8b9b }, { 0x6a5acd, 0xb4a6ff }, { 0x7a5230, 0xcda37c }, { 0x5e6a75, 0xaab6c2 },
};

const char *
chain_marker_text (guint shape)
{
  return markers[shape % CHAIN_N_MARKERS].text;
}

ChainColour
chain_class_colour (gboolean dark, guint c, guint n)
{
  guint32 rgb = class_colours[c % G_N_ELEMENTS (class_colours)][dark ? 1 : 0];
  ChainColour colour = { ((rgb >> 16) & 255) / 255.0, ((rgb >> 8) & 255) / 255.0, (rgb & 255) / 255.0 };
  double round = (double) (c / G_N_ELEMENTS (class_colours)) / fmax (1, ceil (n / (double) G_N_ELEMENTS (class_colours)));

  return chain_colour_mix (colour, dark ? (ChainColour){ 1, 1, 1 } : (ChainColour){ 0, 0, 0 }, round * 0.6);
}

void
chain_paint_marker (cairo_t *cr, guint shape, double x, double y, double r)
{
  const Marker *m = &markers[shape % CHAIN_N_MARKERS];

  cairo_new_sub_path (cr);
  if (m->corners == 0)
    cairo_arc (cr, x, y, r, 0, 2 * G_PI);
  for (int i = 0; i < m->corners; i++)
    {
      double a = 2 * G_PI * (m->turn + (double) i / m->corners);

      cairo_line_to (cr, x + r * m->grow * cos (a), y + r * m->grow * sin (a));
    }
  cairo_close_path (cr);
}
