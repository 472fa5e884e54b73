/* SPDX-License-Identifier: Apache-2.0 */
/* Level lines of a field on a grid, joined to polylines (DESIGN 6.3). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct { float x, y; } ChainPoint;                       /* in grid units: 0 … nx - 1, 0 … ny - 1 */
typedef struct { GArray *points; GArray *ends; } ChainContour;   /* ChainPoint; guint index one past the end of each line */

/* Marching squares; the saddle case is resolved by the mean of the cell; cells with a NaN are left out. f: ny rows of nx. */
void chain_contour_init  (ChainContour *c, const float *f, guint nx, guint ny, double level);
void chain_contour_clear (ChainContour *c);

G_END_DECLS
