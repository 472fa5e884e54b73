/* SPDX-License-Identifier: Apache-2.0 */
/* The draw column of the view table: geometry -> ink. Each takes the layout that its view made. */
#pragma once

#include "app/picture/views.h"

G_BEGIN_DECLS

void chain_draw_network     (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o);
void chain_draw_boundary    (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o);
void chain_draw_data        (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o);
void chain_draw_generated   (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o);
void chain_draw_flow        (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o);
void chain_draw_hist        (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o);
void chain_draw_confusion   (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o);
void chain_draw_predicted   (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o);
void chain_draw_mistakes    (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o);
void chain_draw_lines       (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o);

G_END_DECLS
