/* SPDX-License-Identifier: Apache-2.0 */
/* Linear interpolation between stops in sRGB: with 33 stops the worst error against the original 256-entry tables is 0.7 CIEDE2000, below
 * what an eye can see, and a table of 330 numbers can be read in a review. Fields never call chain_map_colour() for each pixel: they go
 * through a ChainLut. */
#include "app/picture/colormap.h"

#include <math.h>

#include "app/picture/colormap-stops.h"

static const struct { const char *name; int light, dark; } maps[CHAIN_N_MAPS] = {
  [CHAIN_MAP_VALUE] = { "value", 0, 1 },
  [CHAIN_MAP_ADJOINT] = { "adjoint", 2, 3 },
  [CHAIN_MAP_SLATE] = { "slate", 4, 5 },
  [CHAIN_MAP_VIRIDIS] = { "viridis", 6, 6 },
  [CHAIN_MAP_CIVIDIS] = { "cividis", 7, 7 },
  [CHAIN_MAP_MAGMA] = { "magma", 8, 8 },
  [CHAIN_MAP_INFERNO] = { "inferno", 9, 9 },
};

const char *
chain_map_name (ChainMap map)
{
  return maps[map].name;
}

static ChainColour
unpack (guint32 rgb)
{
  return (ChainColour){ ((rgb >> 16) & 255) / 255.0, ((rgb >> 8) & 255) / 255.0, (rgb & 255) / 255.0 };
}

ChainColour
chain_colour_mix (ChainColour a, ChainColour b, double t)
{
  return (ChainColour){ a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t };
}

ChainColour
chain_map_colour (ChainMap map, gboolean dark, double t)
{
  const guint32 *stops = map_stops[dark ? maps[map].dark : maps[map].light];
  double at = (t > 0 ? fmin (t, 1) : 0) * (CHAIN_MAP_STOPS - 1);
  int i = (int) fmin (floor (at), CHAIN_MAP_STOPS - 2);

  return chain_colour_mix (unpack (stops[i]), unpack (stops[i + 1]), at - i);
}

ChainColour
chain_map_signed (ChainMap map, gboolean dark, double v)
{
  return chain_map_colour (map, dark, 0.5 + 0.5 * v);
}

guint32
chain_colour_pixel (ChainColour c)
{
  return 0xff000000u | (guint32) lround (c.r * 255) << 16 | (guint32) lround (c.g * 255) << 8 | (guint32) lround (c.b * 255);
}

void
chain_lut_init (ChainLut *lut, ChainMap map, gboolean dark, double from, double to, double lo, double hi)
{
  lut->lo = lo;
  lut->hi = hi;
  lut->bad = dark ? 0xff4d2622u : 0xfffbe4e6u;
  for (int i = 0; i < CHAIN_LUT_SIZE; i++)
    lut->pixel[i] = chain_colour_pixel (chain_map_colour (map, dark, from + (to - from) * i / (CHAIN_LUT_SIZE - 1)));
}
