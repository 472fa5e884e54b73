/* SPDX-License-Identifier: Apache-2.0 */
/* Slow motion: one part of an event at a time. What is taken glows and comes along its wires as chips; an adjoint leaves as a chip, meets the local
 * derivative half way, and what comes out of the product goes on. A chip shows a factor, a product or a sum, never a number in between. */
#include "app/picture/graph/pen.h"

#include <math.h>

#include "app/picture/number-text.h"

#define BEGINS 0.08     /* clear of the symbol that it leaves */
#define MEETS 0.5       /* of the way: where the local derivative is */
#define COMES 0.6       /* of the last part: a chip goes the rest of its way, then the number at the far end changes */
#define MANY 12u        /* more flows at once are shown as dots */

static void
paint_dot (ChainGraphPen *p, ChainLayPoint at, const ChainColour *c)
{
  cairo_new_sub_path (p->cr);
  cairo_arc (p->cr, at.x, at.y, 5.5, 0, 2 * G_PI);
  chain_theme_source (p->cr, c, 1);
  cairo_fill (p->cr);
}

/* at: of the way from the beginning of the flow to its end. NAN: there is no number to carry. */
static void
carry (ChainGraphPen *p, guint wire, gboolean backward, double at, double v, gboolean as_dot)
{
  ChainLane l;
  ChainLayPoint q;

  chain_graph_lane (p->g, wire, backward, &l);
  q = chain_graph_lane_at (&l, backward ? 1 - at : at, NULL);
  if (as_dot || isnan (v) || p->px < CHAIN_GRAPH_READABLE)
    paint_dot (p, q, chain_graph_phase_colour (p));
  else
    chain_graph_paint_chip (p, q.x, q.y, v, backward, TRUE, 1, TRUE);
}

/* --- a value is made --- */
static void
paint_taken (ChainGraphPen *p, guint cell)
{
  const ChainGraphPlaces *pl = p->g->places;
  const ChainColour *c = chain_graph_phase_colour (p);
  guint first = pl->first_in[cell], end = pl->first_in[cell + 1];
  gboolean taken = p->v->tell == CHAIN_TELL_TAKE;

  for (guint k = first; k < end; k++)
    {
      chain_graph_paint_glow (p, pl->in[k], FALSE, c);
      if (taken)
        chain_graph_paint_ring (p, chain_graph_wire (p->v, pl->in[k])->from, 3.5, 7, c, 0.25);
    }
  for (guint k = first; taken && k < end; k++)
    {
      const ChainCell *from = chain_graph_cell (p->v, chain_graph_wire (p->v, pl->in[k])->from);
      gboolean number = p->v->values && !chain_graph_is_matrix (from) && from->kind != CHAIN_CELL_CONSTANT;

      carry (p, pl->in[k], FALSE, p->v->share, number ? chain_cell_value (p->v->trace, from) : NAN, end - first > MANY);
    }
}

static void
tell_value (ChainGraphPen *p, guint cell)
{
  gboolean result = p->v->tell == CHAIN_TELL_RESULT;
  ChainGraphMoment m = { .position = p->v->position - !result, .fade = result ? p->v->share : 0, .current = p->v->tell != CHAIN_TELL_TAKE };

  chain_graph_paint_cell (p, cell, &m);
  paint_taken (p, cell);
  if (m.current)
    {
      chain_graph_paint_ring (p, cell, 3.5, 7, chain_graph_phase_colour (p), 0.18);
      chain_graph_paint_cell (p, cell, &m);
    }
}

/* --- an adjoint is passed on --- */
static gboolean
flows (const ChainGraphPen *p, guint wire)
{
  return chain_graph_wire (p->v, wire)->at == p->v->position;
}

static void
paint_receivers (ChainGraphPen *p, guint cell)
{
  const ChainGraphPlaces *pl = p->g->places;
  gboolean arrives = p->v->tell == CHAIN_TELL_ARRIVE;
  double fade = arrives ? CLAMP ((p->v->share - COMES) / (1 - COMES), 0, 1) : 0;
  ChainGraphMoment m = { .position = p->v->position, .fade = fade, .receives = TRUE }, before = { .position = p->v->position - 1, .fade = 1 };

  for (guint k = pl->first_in[cell]; k < pl->first_in[cell + 1]; k++)
    if (flows (p, pl->in[k]))
      {
        guint to = chain_graph_wire (p->v, pl->in[k])->from;

        if (arrives)
          chain_graph_paint_ring (p, to, 3.5, 7, chain_graph_phase_colour (p), 0.18);
        chain_graph_paint_cell (p, to, arrives ? &m : &before);
      }
}

/* Two factors in the first half of their part, the product in the second. */
static void
paint_flow (ChainGraphPen *p, guint wire, gboolean as_dot)
{
  const ChainWire *w = chain_graph_wire (p->v, wire);
  gboolean matrix = chain_graph_is_matrix (chain_graph_cell (p->v, w->from)) || chain_graph_is_matrix (chain_graph_cell (p->v, w->to));
  double leaves = matrix ? NAN : chain_cell_adjoint (p->v->trace, p->v->diagram, w->to, G_MAXUINT);
  double gives = matrix ? NAN : chain_wire_contribution (p->v->trace, p->v->diagram, wire), share = p->v->share;

  switch (p->v->tell)
    {
    case CHAIN_TELL_LEAVE:
      break;
    case CHAIN_TELL_TRAVEL:
      carry (p, wire, TRUE, BEGINS + share * (MEETS - BEGINS), leaves, as_dot);
      break;
    case CHAIN_TELL_MULTIPLY:
      carry (p, wire, TRUE, MEETS, share < 0.5 ? leaves : gives, as_dot);
      break;
    default:
      if (share < COMES)
        carry (p, wire, TRUE, MEETS + (1 - MEETS) * share / COMES, gives, as_dot);
      break;
    }
}

/* The local derivative stands on the wire from when it is needed; of many, on the one to another operation. */
static void
paint_local (ChainGraphPen *p, guint cell)
{
  const ChainGraphPlaces *pl = p->g->places;
  int wire = -1;

  if (!p->v->local || p->v->tell < CHAIN_TELL_MULTIPLY || p->px < CHAIN_GRAPH_READABLE)
    return;
  for (guint k = pl->first_in[cell]; k < pl->first_in[cell + 1]; k++)
    if (flows (p, pl->in[k]) && (wire < 0 || (chain_graph_wire_is_drop (p->g, (guint) wire) && !chain_graph_wire_is_drop (p->g, pl->in[k]))))
      wire = (int) pl->in[k];
  if (wire >= 0)
    chain_graph_paint_callout (p, (guint) wire, FALSE);
}

static void
tell_adjoint (ChainGraphPen *p, guint cell)
{
  const ChainGraphPlaces *pl = p->g->places;
  const ChainColour *c = chain_graph_phase_colour (p);
  guint n = pl->first_in[cell + 1] - pl->first_in[cell];
  ChainGraphMoment m = { .position = p->v->position - 1, .fade = 1, .current = TRUE };

  for (guint k = pl->first_in[cell]; k < pl->first_in[cell + 1]; k++)
    if (flows (p, pl->in[k]))
      chain_graph_paint_glow (p, pl->in[k], TRUE, c);
  if (p->v->tell == CHAIN_TELL_LEAVE)
    chain_graph_paint_ring (p, cell, 3.5, 7, c, 0.25);
  chain_graph_paint_cell (p, cell, &m);
  if (p->v->tell == CHAIN_TELL_LEAVE && !chain_graph_is_matrix (chain_graph_cell (p->v, cell)))      /* its own chip is what leaves */
    chain_graph_paint_chip (p, p->g->cell[cell].x + p->g->cell[cell].adjoint.x, p->g->cell[cell].y + p->g->cell[cell].adjoint.y,
                            chain_cell_adjoint (p->v->trace, p->v->diagram, cell, G_MAXUINT), TRUE, TRUE, 1, TRUE);
  paint_receivers (p, cell);
  paint_local (p, cell);
  for (guint k = pl->first_in[cell]; k < pl->first_in[cell + 1]; k++)
    if (flows (p, pl->in[k]))
      paint_flow (p, pl->in[k], n > MANY);
}

void
chain_graph_paint_told (ChainGraphPen *p)
{
  guint cell = p->event->cell;
  ChainGraphMoment m = { .position = p->v->position, .fade = 1, .current = TRUE };

  switch (p->v->tell)
    {
    case CHAIN_TELL_TAKE: case CHAIN_TELL_APPLY: case CHAIN_TELL_RESULT:
      tell_value (p, cell);
      break;
    case CHAIN_TELL_LEAVE: case CHAIN_TELL_TRAVEL: case CHAIN_TELL_MULTIPLY: case CHAIN_TELL_ARRIVE:
      if (p->v->adjoints)
        {
          tell_adjoint (p, cell);
          break;
        }
      G_GNUC_FALLTHROUGH;
    default:
      chain_graph_paint_ring (p, cell, 3.5, 7, chain_graph_phase_colour (p), 0.18);
      chain_graph_paint_cell (p, cell, &m);
      break;
    }
}
