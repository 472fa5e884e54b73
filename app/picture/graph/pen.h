/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that put the graph's ink down share. Everything is drawn in natural coordinates (graph.h); px tells how large that comes out. */
#pragma once

#include "app/picture/graph/graph.h"

G_BEGIN_DECLS

typedef struct
{
  cairo_t                *cr;
  ChainText               text;
  const ChainTheme       *t;         /* colours */
  ChainTheme              unit;      /* the same at scale 1: natural coordinates */
  const ChainGraphLayout *g;
  const ChainStepView    *v;
  const ChainEventRow    *event;     /* under way or last; NULL */
  gboolean                moving;    /* tween < 1, or a part is told */
  guint                   settled;   /* position whose numbers stand still */
  double                  px;        /* device pixels a natural unit */
  ChainGraphRect          seen;      /* natural: what the clip lets through */
  double                  roof;      /* natural: under the legend */
  ChainGraphRect          note;      /* natural: the note that was put down last; empty: none */
} ChainGraphPen;

/* From so many pixels on a node has text, has a shape; below it is a dot (DESIGN, ARCHITECTURE 5d). The smallest text is 10.5 high, and below 7 px
 * nobody reads it. */
#define CHAIN_GRAPH_READABLE (7 / 10.5)
#define CHAIN_GRAPH_DOT (6.0 / 38)

typedef struct { guint position; double fade; gboolean current, receives; } ChainGraphMoment;
/* position: whose state is drawn; fade: opacity of the chip that the event brings. No number between the old one and the new one is ever shown. */

/* cells.c */
void   chain_graph_paint_cell   (ChainGraphPen *p, guint cell, const ChainGraphMoment *m);
void   chain_graph_paint_chip   (ChainGraphPen *p, double x, double y, double value, gboolean adjoint, gboolean stored, double alpha, gboolean strong);
double chain_graph_chip_width   (ChainGraphPen *p, const char *text, gboolean adjoint);
void   chain_graph_paint_ring   (ChainGraphPen *p, guint cell, double off, double width, const ChainColour *c, double alpha);
void   chain_graph_paint_badge  (ChainGraphPen *p, guint cell, guint position);
const ChainColour *chain_graph_phase_colour (const ChainGraphPen *p);
/* Contributions that flow into a cell's adjoint, and how many have arrived at a position. */
guint  chain_graph_flows        (const ChainGraphPen *p, guint cell, guint position, guint *arrived);

/* tags.c */
void   chain_graph_paint_tag    (ChainGraphPen *p, guint cell, const ChainGraphMoment *m);
void   chain_graph_paint_box    (ChainGraphPen *p, guint cell, const ChainGraphMoment *m);
void   chain_graph_paint_map    (ChainGraphPen *p, const ChainCell *c, gboolean adjoint, double x, double y, double w, double h);
/* Draws m with (ax) of its width at x and its baseline at y. Width. */
double chain_graph_paint_maths  (ChainGraphPen *p, ChainMaths *m, double size, double x, double y, double ax, const ChainColour *c);
void   chain_graph_maths_size   (ChainGraphPen *p, ChainMaths *m, double size, double *w, double *ascent, double *descent);

/* wires.c */
void   chain_graph_paint_wire   (ChainGraphPen *p, guint wire, guint position);
void   chain_graph_paint_glow   (ChainGraphPen *p, guint wire, gboolean backward, const ChainColour *c);
void   chain_graph_paint_pulse  (ChainGraphPen *p, guint wire, gboolean backward, double at, const ChainColour *c);
gboolean chain_graph_sees       (const ChainGraphPen *p, const ChainGraphRect *r);

/* notes.c */
void   chain_graph_paint_legend  (ChainGraphPen *p, const ChainLayout *l);
void   chain_graph_paint_arrivals (ChainGraphPen *p, guint cell, guint position);
void   chain_graph_paint_callout (ChainGraphPen *p, guint wire, gboolean factors);

/* tell.c: one part of the event, for slow motion */
void   chain_graph_paint_told    (ChainGraphPen *p);

/* far.c */
void   chain_graph_paint_far    (ChainGraphPen *p, const guint8 *lit);

G_END_DECLS
