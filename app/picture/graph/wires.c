/* SPDX-License-Identifier: Apache-2.0 */
/* Wires: the value's lane is solid with its arrow towards the output, the adjoint's is dashed with its arrow towards the input and appears when its
 * contribution has arrived (DESIGN 4.7). What is under way gets a glow and a pulse. */
#include "app/picture/graph/pen.h"

#include <math.h>

#define ARROW 6.0

gboolean
chain_graph_sees (const ChainGraphPen *p, const ChainGraphRect *r)
{
  return r->x1 >= p->seen.x0 && r->x0 <= p->seen.x1 && r->y1 >= p->seen.y0 && r->y0 <= p->seen.y1;
}

/* back: from its end to its beginning. cut: the arrow's length is left out. */
static void
trace_lane (cairo_t *cr, const ChainLane *l)
{
  cairo_move_to (cr, l->p[0].x, l->p[0].y);
  for (guint i = 1; i + 2 < l->n; i += 3)
    cairo_curve_to (cr, l->p[i].x, l->p[i].y, l->p[i + 1].x, l->p[i + 1].y, l->p[i + 2].x, l->p[i + 2].y);
}

static void
arrow (cairo_t *cr, ChainLayPoint tip, double angle, double size)
{
  double c = cos (angle), s = sin (angle);

  cairo_move_to (cr, tip.x, tip.y);
  cairo_line_to (cr, tip.x - size * c + size * 0.38 * s, tip.y - size * s - size * 0.38 * c);
  cairo_line_to (cr, tip.x - size * c - size * 0.38 * s, tip.y - size * s + size * 0.38 * c);
  cairo_close_path (cr);
  cairo_fill (cr);
}

static double
angle_of (ChainLayPoint from, ChainLayPoint to)
{
  return atan2 (to.y - from.y, to.x - from.x);
}

static void
paint_lane (ChainGraphPen *p, const ChainLane *l, gboolean backward, const ChainColour *c)
{
  static const double dash[] = { 6, 3 };
  cairo_t *cr = p->cr;

  chain_theme_source (cr, c, 1);
  cairo_set_line_width (cr, 1.6);
  if (backward)
    cairo_set_dash (cr, dash, 2, 0);
  trace_lane (cr, l);
  cairo_stroke (cr);
  if (backward)
    cairo_set_dash (cr, NULL, 0, 0);
  if (p->px < CHAIN_GRAPH_READABLE * 0.7)
    return;
  if (backward)
    arrow (cr, l->p[0], angle_of (l->p[1], l->p[0]), ARROW);
  else
    arrow (cr, l->p[l->n - 1], angle_of (l->p[l->n - 2], l->p[l->n - 1]), ARROW);
}

void
chain_graph_paint_wire (ChainGraphPen *p, guint wire, guint position)
{
  const ChainWire *w = chain_graph_wire (p->v, wire);
  gboolean known = position >= chain_graph_cell (p->v, w->from)->value_at, back = p->v->adjoints && w->at != G_MAXUINT && position >= w->at;
  ChainColour soft = chain_colour_mix (p->t->canvas, p->t->forward, p->t->high_contrast ? 1 : 0.62);
  ChainColour pale = chain_colour_mix (p->t->canvas, p->t->axis, 0.75);
  ChainLane l;

  chain_graph_lane (p->g, wire, FALSE, &l);
  paint_lane (p, &l, FALSE, known && p->v->values ? &soft : &pale);
  if (!back || chain_graph_wire_is_drop (p->g, wire))
    return;
  chain_graph_lane (p->g, wire, TRUE, &l);
  paint_lane (p, &l, TRUE, &p->t->backward);
}

void
chain_graph_paint_glow (ChainGraphPen *p, guint wire, gboolean backward, const ChainColour *c)
{
  ChainLane l;

  chain_graph_lane (p->g, wire, backward, &l);
  cairo_set_line_width (p->cr, 13);
  cairo_set_line_cap (p->cr, CAIRO_LINE_CAP_ROUND);
  chain_theme_source (p->cr, c, 0.2);
  trace_lane (p->cr, &l);
  cairo_stroke (p->cr);
  cairo_set_line_cap (p->cr, CAIRO_LINE_CAP_BUTT);
  paint_lane (p, &l, backward, c);
}

void
chain_graph_paint_pulse (ChainGraphPen *p, guint wire, gboolean backward, double at, const ChainColour *c)
{
  ChainLane l;
  ChainLayPoint q;

  chain_graph_lane (p->g, wire, backward, &l);
  for (int k = 3; k >= 0; k--)     /* a short tail */
    {
      double t = at - k * 0.05;

      if (t < 0)
        continue;
      q = chain_graph_lane_at (&l, backward ? 1 - t : t, NULL);
      cairo_new_sub_path (p->cr);
      cairo_arc (p->cr, q.x, q.y, 5.5 - k, 0, 2 * G_PI);
      chain_theme_source (p->cr, c, k == 0 ? 1 : 0.35);
      cairo_fill (p->cr);
    }
}
