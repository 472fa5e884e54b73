/* SPDX-License-Identifier: Apache-2.0 */
/* What all draw functions share: card, axes, fields through lookup tables, markers. */
#pragma once

#include "app/picture/colormap.h"
#include "app/picture/layout/plot.h"

G_BEGIN_DECLS

/* TRUE if the part is to be drawn. */
gboolean chain_paint_part   (const ChainOverlay *o, ChainPart part);
void     chain_paint_round  (cairo_t *cr, double x, double y, double w, double h, double r);   /* path only */
/* Background (card or canvas) and the card's header, as the theme wants them. */
void     chain_paint_card   (cairo_t *cr, ChainText *t, const ChainLayout *l);
void     chain_paint_axes   (cairo_t *cr, ChainText *t, const ChainPlot *p, gboolean grid_x);
/* A sentence in the middle of the body, for pictures that have nothing to show yet. */
void     chain_paint_notice (cairo_t *cr, ChainText *t, const ChainLayout *l, const char *text);

/* f: ny rows of nx values, row 0 at the bottom, first and last points on the border of the rectangle; bilinear between values, then one table
 * lookup a device pixel. radius > 0: rounded corners. */
void     chain_paint_field  (cairo_t *cr, const float *f, guint nx, guint ny, const ChainLut *lut, double x, double y, double w, double h, double radius);
/* The same rectangle from nx x ny cells without interpolation, row 0 at the top (weight images). */
void     chain_paint_cells  (cairo_t *cr, const float *f, guint nx, guint ny, const ChainLut *lut, double x, double y, double w, double h, double radius);
/* pixels: ARGB32 at device resolution made by the caller for (w, h). */
void     chain_paint_pixels (cairo_t *cr, guint32 *pixels, int pw, int ph, double x, double y, double w, double h, double radius);
/* Device pixels of w x h units here, at least 1, at most 4096 each; vector surfaces count 2 a unit. */
void     chain_paint_device_size (cairo_t *cr, double w, double h, int *pw, int *ph);

/* Class markers ● ▲ ■ ◆ …: path of shape i around (x, y). Class 0 is ▲, class 1 ●, as in the mock-up. */
#define CHAIN_N_MARKERS 8
void        chain_paint_marker (cairo_t *cr, guint shape, double x, double y, double r);
const char *chain_marker_text  (guint shape);                          /* "▲" */
ChainColour chain_class_colour (gboolean dark, guint c, guint n);      /* region colour of class c of n */

void     chain_paint_hatch  (cairo_t *cr, double x, double y, double w, double h, double gap, gboolean crossed);  /* strokes inside the clip */

G_END_DECLS
