/* SPDX-License-Identifier: Apache-2.0 */
/* Marks on tiles that a person set; used by draw/net.c. */
#pragma once

#include <cairo.h>

#include "app/picture/layout/net.h"
#include "app/picture/text.h"

G_BEGIN_DECLS

gboolean chain_net_is_off    (const ChainSnapshot *s, const ChainNetColumn *c, const ChainTile *tile);
void     chain_net_draw_off  (cairo_t *cr, ChainText *text, const ChainTile *tile);
/* One byte a tile, 1 where the overlay hides it; NULL where it hides none. (transfer full). */
guint8  *chain_net_faint     (const ChainSnapshot *s, const ChainNetLayout *n, const ChainOverlay *o);
void     chain_net_draw_veil (cairo_t *cr, const ChainTheme *t, const ChainTile *tile);

G_END_DECLS
