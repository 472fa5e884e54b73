/* SPDX-License-Identifier: Apache-2.0 */
/* The two lanes of a wire: values run on the upper one to the right, contributions on the lower one to the left, 7 px apart (DESIGN 4.7). An
 * S-curve has horizontal tangents at both ends; its inner points lie 14 px beyond the middle of the gap, which keeps a steep wire in a narrow gap
 * off the cells; among many wires that would lay all of them on one line, so there the curve is soft. */
#include "app/picture/graph/graph.h"

#include <math.h>

#define LANE 3.5
#define STEEP 14.0
#define MANY 3u

static const ChainGraphCell *
end_of (const ChainGraphLayout *g, guint wire, gboolean from)
{
  const ChainWire *w = chain_graph_wire (g->view, wire);

  return &g->cell[from ? w->from : w->to];
}

gboolean
chain_graph_wire_is_drop (const ChainGraphLayout *g, guint wire)
{
  const ChainWire *w = chain_graph_wire (g->view, wire);

  return g->cell[w->from].host == (int) w->to;
}

static void
line_to (ChainLane *l, double x, double y)
{
  ChainLayPoint a = l->p[l->n - 1];

  if (l->n + 3 > CHAIN_LANE_POINTS)
    return;
  l->p[l->n++] = (ChainLayPoint){ a.x + (x - a.x) / 3, a.y + (y - a.y) / 3 };
  l->p[l->n++] = (ChainLayPoint){ x - (x - a.x) / 3, y - (y - a.y) / 3 };
  l->p[l->n++] = (ChainLayPoint){ x, y };
}

typedef struct { double lo, hi; } Gap;      /* where a wire may be steep */

/* side: of the lane, −1 upper. On the way up the upper lane is the left one. */
static void
curve_to (ChainLane *l, double x, double y, double side, gboolean many, Gap gap)
{
  ChainLayPoint a = l->p[l->n - 1];
  double dx = x - a.x, dy = y - a.y, tall = CLAMP ((fabs (dy) - 8) / 30, 0, 1), k, mid;

  if (fabs (dy) < 0.5 || l->n + 3 > CHAIN_LANE_POINTS)
    {
      line_to (l, x, y);
      return;
    }
  mid = (MAX (a.x, MIN (gap.lo, x)) + MIN (x, MAX (gap.hi, a.x))) / 2 + (dy < 0 ? 1 : -1) * side * LANE * tall * (many ? 0.4 : 1);
  k = many ? -0.12 * dx : MIN (STEEP, 0.8 * MIN (mid - a.x, x - mid)) * tall;
  l->p[l->n++] = (ChainLayPoint){ mid + k, a.y };
  l->p[l->n++] = (ChainLayPoint){ mid - k, y };
  l->p[l->n++] = (ChainLayPoint){ x, y };
}

static double
edge_of (const ChainGraphCell *c, double off)
{
  return c->shape == CHAIN_SHAPE_ROUND ? sqrt (MAX (c->hw * c->hw - off * off, 0)) : c->hw;
}

ChainLayPoint
chain_graph_bend (const ChainGraphLayout *g, guint wire, guint k, double *half)
{
  ChainLayPoint at = g->places->bend[wire][k];
  guint rank = chain_graph_rank_at (g->places, at.x);

  if (half != NULL)
    *half = g->places->half_rank[rank];
  return (ChainLayPoint){ at.x + g->widen * g->places->share[rank], at.y * g->stretch };
}

/* From a tag at its left into a cell; from one further down up along the gutter. */
static void
drop_beside (const ChainGraphCell *a, const ChainGraphCell *b, double side, ChainLane *out)
{
  ChainLayPoint from = { a->x + a->hw, a->y }, to = { b->x - b->hw, b->y }, mid;

  if (fabs (a->y - b->y) > 1)
    {
      from.y += side * LANE - (a->hh - 12);
      to = (ChainLayPoint){ b->x - b->hw * 0.82 + (side > 0 ? 4 : 0), b->y + b->hh * 0.62 + (side > 0 ? 3 : 0) };
    }
  mid = (ChainLayPoint){ (from.x + to.x) / 2, (from.y + to.y) / 2 };
  out->n = 1;
  out->p[0] = from;
  out->p[out->n++] = (ChainLayPoint){ mid.x, from.y };
  out->p[out->n++] = (ChainLayPoint){ mid.x, fabs (a->y - b->y) > 1 ? mid.y : to.y };
  out->p[out->n++] = to;
}

/* From under a tag onto the top of its cell. */
static void
drop (const ChainGraphCell *a, const ChainGraphCell *b, double side, ChainLane *out)
{
  double away = CLAMP ((a->x - b->x) * 0.3, -b->hw * 0.7, b->hw * 0.7), end = fabs (a->x - b->x) < b->hw * 0.5 ? a->x : b->x + away;
  double top = b->shape == CHAIN_SHAPE_ROUND ? sqrt (MAX (b->hw * b->hw - (end - b->x) * (end - b->x), 0)) : b->hh, dy;

  end += side > 0 ? 5 : 0;
  out->n = 1;
  out->p[0] = (ChainLayPoint){ a->x + (side > 0 ? 5 : 0), a->y + a->hh };
  dy = b->y - top - out->p[0].y;
  out->p[out->n++] = (ChainLayPoint){ out->p[0].x, out->p[0].y + dy * 0.5 };
  out->p[out->n++] = (ChainLayPoint){ end, out->p[0].y + dy * 0.5 };
  out->p[out->n++] = (ChainLayPoint){ end, b->y - top };
}

void
chain_graph_lane (const ChainGraphLayout *g, guint wire, gboolean backward, ChainLane *out)
{
  const ChainGraphCell *a = end_of (g, wire, TRUE), *b = end_of (g, wire, FALSE);
  double off = backward ? LANE : -LANE, half;
  gboolean many = b->degree > MANY || chain_graph_cell (g->view, chain_graph_wire (g->view, wire)->from)->fan_out > MANY;
  ChainLayPoint end = { b->x - (b->arrive > 0 ? b->arrive : edge_of (b, off)), b->y + off }, bend;
  Gap free = { -HUGE_VAL, HUGE_VAL };

  if (chain_graph_wire_is_drop (g, wire))
    {
      (a->stand == CHAIN_STAND_OVER ? drop : drop_beside) (a, b, backward ? 1 : -1, out);
      return;
    }
  out->n = 1;
  out->p[0] = (ChainLayPoint){ a->x + (a->stand == CHAIN_STAND_ROW ? a->right : edge_of (a, off)), a->y + off };
  if (a->stand == CHAIN_STAND_OVER && a->tags > 0 && b->y < a->y)       /* past the tags over its own beginning, or over its end */
    free.lo = a->x + a->tag_reach;
  if (a->stand == CHAIN_STAND_SIDE)
    line_to (out, a->x + a->right, a->y + off);      /* under its name */
  if (b->stand == CHAIN_STAND_OVER && b->tags > 0 && b->y > a->y)
    free.hi = b->x - b->tag_reach;
  for (guint i = 0; i < g->places->n_bends[wire]; i++)
    {
      bend = chain_graph_bend (g, wire, i, &half);
      curve_to (out, bend.x - half, bend.y + off, off > 0 ? 1 : -1, many, (Gap){ -HUGE_VAL, HUGE_VAL });
      line_to (out, bend.x + half, bend.y + off);
    }
  curve_to (out, end.x, end.y, off > 0 ? 1 : -1, many, g->places->n_bends[wire] == 0 ? free : (Gap){ -HUGE_VAL, free.hi });
  if (b->arrive > 0 && b->through)
    line_to (out, b->x - edge_of (b, off), b->y + off);
}

static ChainLayPoint
cubic (const ChainLayPoint *p, double t)
{
  double u = 1 - t, a = u * u * u, b = 3 * u * u * t, c = 3 * u * t * t, d = t * t * t;

  return (ChainLayPoint){ a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x, a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y };
}

#define STEPS 12

/* By length, so that a pulse keeps its speed. */
ChainLayPoint
chain_graph_lane_at (const ChainLane *l, double t, double *angle)
{
  ChainLayPoint at[(CHAIN_LANE_POINTS / 3) * STEPS + 1];
  double length[G_N_ELEMENTS (at)], want, share;
  guint n = 1, i = 1;

  at[0] = l->p[0];
  length[0] = 0;
  for (guint k = 0; k + 3 < l->n; k += 3)
    for (guint j = 1; j <= STEPS; j++, n++)
      {
        at[n] = cubic (l->p + k, (double) j / STEPS);
        length[n] = length[n - 1] + hypot (at[n].x - at[n - 1].x, at[n].y - at[n - 1].y);
      }
  if (n == 1)
    return at[0];
  want = CLAMP (t, 0, 1) * length[n - 1];
  while (i + 1 < n && length[i] < want)
    i++;
  share = length[i] > length[i - 1] ? (want - length[i - 1]) / (length[i] - length[i - 1]) : 1;
  if (angle != NULL)
    *angle = atan2 (at[i].y - at[i - 1].y, at[i].x - at[i - 1].x);
  return (ChainLayPoint){ at[i - 1].x + (at[i].x - at[i - 1].x) * share, at[i - 1].y + (at[i].y - at[i - 1].y) * share };
}

double
chain_graph_lane_distance (const ChainLane *l, double x, double y)
{
  double best = HUGE_VAL;

  for (guint k = 0; k + 3 < l->n; k += 3)
    {
      ChainLayPoint a = l->p[k];

      for (guint j = 1; j <= STEPS; j++)
        {
          ChainLayPoint b = cubic (l->p + k, (double) j / STEPS);
          double dx = b.x - a.x, dy = b.y - a.y, len = dx * dx + dy * dy, t = len > 0 ? CLAMP (((x - a.x) * dx + (y - a.y) * dy) / len, 0, 1) : 0;

          best = MIN (best, hypot (a.x + t * dx - x, a.y + t * dy - y));
          a = b;
        }
    }
  return best;
}

/* Control points enclose the curve. */
ChainGraphRect
chain_graph_wire_rect (const ChainGraphLayout *g, guint wire)
{
  ChainGraphRect r = { HUGE_VAL, HUGE_VAL, -HUGE_VAL, -HUGE_VAL };
  ChainLane l;

  for (int k = 0; k < 2; k++)
    {
      chain_graph_lane (g, wire, k == 1, &l);
      for (guint i = 0; i < l.n; i++)
        r = (ChainGraphRect){ MIN (r.x0, l.p[i].x), MIN (r.y0, l.p[i].y), MAX (r.x1, l.p[i].x), MAX (r.y1, l.p[i].y) };
    }
  return r;
}
