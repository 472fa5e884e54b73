/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of curves: loss, learning rate, activations. One or more small plots, each with lines that already lie in picture coordinates and are
 * reduced to at most a min/max pair a pixel column. */
#pragma once

#include "app/picture/colormap.h"
#include "app/picture/layout/plot.h"

G_BEGIN_DECLS

typedef struct { float x, y; } ChainVertex;     /* x NaN: lift the pen */

typedef struct
{
  char       *id;           /* "series:train" */
  guint       plot;
  ChainColour colour;
  double      width;
  gboolean    dashed, faint;
  gboolean    ghost;        /* of an earlier run: thin and pale, labelled on the left of its end */
  int         marker;       /* at the end; -1 = none */
  GArray     *points;       /* of ChainVertex */
  char       *label;        /* markup at the end; NULL = none */
  double      end_x, end_y, label_x, label_y;
} ChainLine;

typedef struct
{
  ChainPlot *plots;
  char     **titles;        /* markup inside each plot, or NULL */
  guint      n_plots;
  GPtrArray *lines;         /* of ChainLine */
  char      *notice;        /* what to say where there is nothing to draw; NULL */
  gboolean   grid_x;
} ChainLinesLayout;

ChainLayout *chain_layout_loss        (const ChainSnapshot *s, const ChainTheme *t, double w, double h);
ChainLayout *chain_layout_schedule    (const ChainSnapshot *s, const ChainTheme *t, double w, double h);
ChainLayout *chain_layout_activations (const ChainSnapshot *s, const ChainTheme *t, double w, double h);

/* Shared by the three. */
ChainLinesLayout *chain_lines_new  (ChainLayout *l, guint n_plots);
ChainLine        *chain_lines_add  (ChainLinesLayout *f, const char *id, guint plot, const ChainColour *c, double width);
/* Appends a value in plot units; NaN and, on log axes, values not above 0 lift the pen. */
void              chain_line_to    (ChainLinesLayout *f, ChainLine *line, double x, double y);

G_END_DECLS
