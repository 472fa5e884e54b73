/* SPDX-License-Identifier: Apache-2.0 */
/* The response of one hidden unit or input in place of the network's answer. */
#pragma once

#include <cairo.h>

#include "app/picture/layout/field.h"

G_BEGIN_DECLS

/* Values of the unit over the plane or the line, and the limit ±*limit that they are drawn in: at least 1, so that a unit that hardly moves looks it.
 * NULL: the snapshot has none (images, more than 32 inputs, a unit that is gone). */
const float *chain_unit_field (const ChainSnapshot *s, const char *id, double *limit);
/* TRUE if that is what the overlay asks for and it was drawn. */
gboolean chain_paint_unit (cairo_t *cr, const ChainFieldLayout *f, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o);

G_END_DECLS
