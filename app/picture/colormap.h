/* SPDX-License-Identifier: Apache-2.0 */
/* Perceptual colour maps as tables (DESIGN 4.4, 4.5). Two diverging maps, one meaning each: value (weights, activations, outputs), adjoint
 * (gradients, adjoints, updates); four sequential ones. Any thread. */
#pragma once

#include "app/picture/theme.h"

G_BEGIN_DECLS

typedef enum { CHAIN_MAP_VALUE, CHAIN_MAP_ADJOINT, CHAIN_MAP_SLATE, CHAIN_MAP_VIRIDIS, CHAIN_MAP_CIVIDIS, CHAIN_MAP_MAGMA, CHAIN_MAP_INFERNO,
               CHAIN_N_MAPS } ChainMap;

#define CHAIN_LUT_SIZE 1024

/* A map as ARGB32 pixels: entry i stands for lo + (hi - lo) i / (CHAIN_LUT_SIZE - 1). */
typedef struct { guint32 pixel[CHAIN_LUT_SIZE]; guint32 bad; /* NaN */ double lo, hi; } ChainLut;

const char *chain_map_name   (ChainMap map);                                        /* "value", "viridis" */
ChainColour chain_map_colour (ChainMap map, gboolean dark, double t);               /* t in [0, 1], clamped; diverging maps: 0.5 is neutral */
ChainColour chain_map_signed (ChainMap map, gboolean dark, double v);               /* v in [-1, 1], clamped */

/* Part [from, to] of the map (0, 1: all of it) over the values lo … hi. */
void        chain_lut_init   (ChainLut *lut, ChainMap map, gboolean dark, double from, double to, double lo, double hi);

static inline guint32
chain_lut_get (const ChainLut *lut, double scale, double v)
{
  double i = (v - lut->lo) * scale;

  if (!(i >= 0))
    return i < 0 ? lut->pixel[0] : lut->bad;
  return lut->pixel[i < CHAIN_LUT_SIZE - 1 ? (int) i : CHAIN_LUT_SIZE - 1];
}

ChainColour chain_colour_mix   (ChainColour a, ChainColour b, double t);            /* a at 0, b at 1 */
guint32     chain_colour_pixel (ChainColour c);                                     /* opaque ARGB32 */

G_END_DECLS
