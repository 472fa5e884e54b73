/* SPDX-License-Identifier: Apache-2.0 */
/* Operations, inputs and the loss with their chips (DESIGN 4.7): a value and an adjoint differ by colour, by shape (an adjoint's chip points to
 * where it flows) and by place. A cell is hollow until its value is known, of the forward colour then, of the backward one from its first
 * contribution on. */
#include "app/picture/graph/pen.h"

#include <math.h>
#include <string.h>

#include "app/picture/number-text.h"

#define CHIP_H 19.0
#define POINT 8.0          /* of an adjoint's chip */

const ChainColour *
chain_graph_phase_colour (const ChainGraphPen *p)
{
  if (p->event == NULL || p->event->phase == CHAIN_PHASE_FORWARD)
    return &p->t->forward;
  return p->event->phase == CHAIN_PHASE_BACKWARD ? &p->t->backward : &p->t->update;
}

guint
chain_graph_flows (const ChainGraphPen *p, guint cell, guint position, guint *arrived)
{
  const ChainGraphPlaces *pl = p->g->places;
  guint n = 0;

  *arrived = 0;
  for (guint k = pl->first_out[cell]; k < pl->first_out[cell + 1]; k++)
    {
      guint at = chain_graph_wire (p->v, pl->out[k])->at;

      n += at != G_MAXUINT;
      *arrived += at != G_MAXUINT && at <= position;
    }
  return n;
}

/* --- shapes --- */

static void
trace_shape (cairo_t *cr, const ChainGraphCell *c, double off)
{
  if (c->shape == CHAIN_SHAPE_ROUND)
    {
      cairo_new_sub_path (cr);
      cairo_arc (cr, c->x, c->y, c->hw + off, 0, 2 * G_PI);
    }
  else
    chain_paint_round (cr, c->x - c->hw - off, c->y - c->hh - off, 2 * (c->hw + off), 2 * (c->hh + off),
                       (c->shape == CHAIN_SHAPE_TAG ? 4 : c->shape == CHAIN_SHAPE_BOX ? 6 : 9) + MAX (off, 0));
}

void
chain_graph_paint_ring (ChainGraphPen *p, guint cell, double off, double width, const ChainColour *c, double alpha)
{
  trace_shape (p->cr, &p->g->cell[cell], off);
  cairo_set_line_width (p->cr, width);
  chain_theme_source (p->cr, c, alpha);
  cairo_stroke (p->cr);
}

/* --- chips --- */

double
chain_graph_chip_width (ChainGraphPen *p, const char *text, gboolean adjoint)
{
  return MAX (chain_text_measure (&p->text, CHAIN_TEXT_CHIP, text, NULL) + 15, 38) + (adjoint ? POINT - 2 : 0);
}

static void
trace_chip (cairo_t *cr, double x, double y, double w, gboolean adjoint)
{
  double r = 6, x0 = x - w / 2, x1 = x + w / 2, y0 = y - CHIP_H / 2, y1 = y + CHIP_H / 2;

  if (!adjoint)
    {
      chain_paint_round (cr, x0, y0, w, CHIP_H, 7);
      return;
    }
  cairo_new_sub_path (cr);
  cairo_arc (cr, x1 - r, y0 + r, r, -G_PI_2, 0);
  cairo_arc (cr, x1 - r, y1 - r, r, 0, G_PI_2);
  cairo_line_to (cr, x0 + POINT, y1);
  cairo_line_to (cr, x0, y);
  cairo_line_to (cr, x0 + POINT, y0);
  cairo_close_path (cr);
}

static void
unknown_chip (ChainGraphPen *p, double x, double y, double alpha)
{
  static const double dots[] = { 2, 2 };

  trace_chip (p->cr, x, y, 38, TRUE);
  cairo_set_dash (p->cr, dots, 2, 0);
  cairo_set_line_width (p->cr, 1);
  chain_theme_source (p->cr, &p->t->axis, alpha);
  cairo_stroke (p->cr);
  cairo_set_dash (p->cr, NULL, 0, 0);
  chain_text_draw (&p->text, CHAIN_TEXT_SMALL, "?", x + 2, y, 0.5, 0.5, &p->t->fg3);
}

/* NAN: not known yet. */
void
chain_graph_paint_chip (ChainGraphPen *p, double x, double y, double value, gboolean adjoint, gboolean stored, double alpha, gboolean strong)
{
  static const double dots[] = { 2, 2 };
  const ChainColour *ink = adjoint ? &p->t->backward : &p->t->forward, *ground = adjoint ? &p->t->backward_bg : &p->t->forward_bg;
  char n[CHAIN_NUMBER_TEXT_SIZE];
  double w;

  if (isnan (value) && adjoint)
    {
      unknown_chip (p, x, y, alpha);
      return;
    }
  chain_number_text (n, value, p->t->digits);
  w = p->px < CHAIN_GRAPH_READABLE ? 46 : chain_graph_chip_width (p, n, adjoint);
  trace_chip (p->cr, x, y, w, adjoint);
  if (stored)
    chain_theme_source (p->cr, ground, alpha);
  else
    chain_theme_source (p->cr, &p->t->canvas, alpha);
  cairo_fill_preserve (p->cr);
  cairo_set_line_width (p->cr, strong ? 1.5 : 1);
  if (!stored)
    cairo_set_dash (p->cr, dots, 2, 0);
  chain_theme_source (p->cr, ink, strong || !stored ? alpha : 0);
  cairo_stroke (p->cr);
  cairo_set_dash (p->cr, NULL, 0, 0);
  if (p->px < CHAIN_GRAPH_READABLE)
    return;
  cairo_save (p->cr);
  if (alpha < 1)
    cairo_push_group (p->cr);
  chain_text_draw (&p->text, CHAIN_TEXT_CHIP, n, x + (adjoint ? POINT / 2 - 1 : 0), y, 0.5, 0.5, ink);
  if (alpha < 1)
    {
      cairo_pop_group_to_source (p->cr);
      cairo_paint_with_alpha (p->cr, alpha);
    }
  cairo_restore (p->cr);
}

/* Not differentiable here: an operation with a corner, fed within 1e-12 of it. */
static gboolean
at_kink (const ChainGraphPen *p, guint cell)
{
  static const char *const corners[] = { "relu", "ReLU", "abs", "|·|", "|x|", "max", "leaky ReLU", "hinge" };
  const ChainGraphPlaces *pl = p->g->places;
  const ChainCell *c = chain_graph_cell (p->v, cell);
  gboolean has = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (corners) && !has; i++)
    has = g_strcmp0 (c->symbol, corners[i]) == 0;
  if (!has || pl->first_in[cell + 1] != pl->first_in[cell] + 1)
    return FALSE;
  return fabs (chain_cell_value (p->v->trace, chain_graph_cell (p->v, chain_graph_wire (p->v, pl->in[pl->first_in[cell]])->from))) < 1e-12;
}

static void
paint_chips (ChainGraphPen *p, guint cell, const ChainGraphMoment *m)
{
  const ChainCell *c = chain_graph_cell (p->v, cell);
  const ChainGraphCell *g = &p->g->cell[cell];
  double x = g->x + g->value.x, y = g->y + g->value.y, value = chain_cell_value (p->v->trace, c), to, from;
  gboolean forward = p->event != NULL && p->event->phase == CHAIN_PHASE_FORWARD;

  if (p->v->values && m->position >= c->value_at && !isnan (value))
    {
      gboolean comes = m->current && forward;

      chain_graph_paint_chip (p, x, y, value, FALSE, c->on_tape || c->kind == CHAIN_CELL_INPUT, comes ? m->fade : 1, comes);
      if (at_kink (p, cell))
        chain_text_draw (&p->text, CHAIN_TEXT_CHIP, "◇", x + 30, y, 0.5, 0.5, &p->t->warning);
    }
  if (!p->v->adjoints || c->adjoint_at == G_MAXUINT)
    return;
  x = g->x + g->adjoint.x;
  y = g->y + g->adjoint.y;
  to = chain_cell_adjoint (p->v->trace, p->v->diagram, cell, m->position);
  if (!m->receives || m->position == 0)
    {
      chain_graph_paint_chip (p, x, y, to, TRUE, TRUE, 1, FALSE);
      return;
    }
  from = chain_cell_adjoint (p->v->trace, p->v->diagram, cell, m->position - 1);
  if (m->fade < 1)
    chain_graph_paint_chip (p, x, y, from, TRUE, TRUE, 1 - m->fade, FALSE);
  if (m->fade > 0)
    chain_graph_paint_chip (p, x, y, to, TRUE, TRUE, m->fade, TRUE);
}

/* --- symbols --- */

static void
paint_symbol (ChainGraphPen *p, guint cell, const ChainColour *ink)
{
  const ChainCell *c = chain_graph_cell (p->v, cell);
  const ChainGraphCell *g = &p->g->cell[cell];
  const char *text = c->symbol != NULL ? c->symbol : "";
  gboolean sign = g_utf8_strlen (text, -1) <= 1;
  double w, size = sign ? 1.35 : 1, room = 2 * g->hw - 6;

  if (p->px < CHAIN_GRAPH_READABLE * 0.7)
    return;
  if (c->kind == CHAIN_CELL_INPUT)
    {
      double up, down;

      chain_graph_maths_size (p, c->name, 17, &w, &up, &down);
      if (w < room)
        chain_graph_paint_maths (p, c->name, 17, g->x, g->y + 5, 0.5, ink);
      return;
    }
  w = chain_text_measure (&p->text, CHAIN_TEXT_LABEL_BOLD, text, NULL);
  size = MIN (size, room / MAX (w, 1));
  cairo_save (p->cr);
  cairo_translate (p->cr, g->x, g->y);
  cairo_scale (p->cr, size, size);
  chain_text_draw (&p->text, CHAIN_TEXT_LABEL_BOLD, text, 0, 0, 0.5, 0.5, &p->t->fg);
  cairo_restore (p->cr);
}

/* A tag over it pushes the name aside. */
static void
paint_name (ChainGraphPen *p, guint cell)
{
  const ChainCell *c = chain_graph_cell (p->v, cell);
  const ChainGraphCell *g = &p->g->cell[cell];
  double w, up, down;

  if (p->px < CHAIN_GRAPH_READABLE || g->shape == CHAIN_SHAPE_BOX || g->stand == CHAIN_STAND_ROW)
    return;
  chain_graph_maths_size (p, c->name, 15, &w, &up, &down);
  if (c->kind == CHAIN_CELL_INPUT && w < 2 * g->hw - 6)
    return;
  if (w > 48)
    return;
  if (g->tags > 1 || g->stand == CHAIN_STAND_SIDE)
    chain_graph_paint_maths (p, c->name, 15, g->x + g->hw, g->y - 12, 0, &p->t->fg2);
  else if (g->tags > 0)
    chain_graph_paint_maths (p, c->name, 15, g->x + 11, g->y - g->hh - 3, 0, &p->t->fg2);
  else
    chain_graph_paint_maths (p, c->name, 17, g->x, g->y - g->hh - 8, 0.5, &p->t->fg2);
}

void
chain_graph_paint_badge (ChainGraphPen *p, guint cell, guint position)
{
  const ChainGraphCell *g = &p->g->cell[cell];
  guint arrived, n = chain_graph_flows (p, cell, position, &arrived);
  double x = g->x - g->hw * 0.72 - 4, y = g->y - g->hh * 0.72 - 3, w;
  g_autofree char *text = NULL;

  if (n < 2 || g->shape == CHAIN_SHAPE_TAG || !p->v->adjoints || p->px < CHAIN_GRAPH_READABLE)
    return;
  text = arrived > 0 ? g_strdup_printf ("Σ %u/%u", arrived, n) : g_strdup ("Σ");
  w = MAX (chain_text_measure (&p->text, CHAIN_TEXT_AXIS, text, NULL) + 10, 17);
  if (g->stand == CHAIN_STAND_SIDE)      /* a tag stands at the left */
    {
      x = g->x;
      y = g->y - g->hh - 3;
    }
  else
    x -= w / 2 - 9;
  chain_paint_round (p->cr, x - w / 2, y - 8.5, w, 17, 8.5);
  chain_theme_source (p->cr, arrived > 0 ? &p->t->backward : &p->t->canvas, 1);
  cairo_fill_preserve (p->cr);
  cairo_set_line_width (p->cr, 1.2);
  chain_theme_source (p->cr, arrived > 0 ? &p->t->canvas : &p->t->backward, 1);
  cairo_stroke (p->cr);
  chain_text_draw (&p->text, CHAIN_TEXT_AXIS, text, x, y, 0.5, 0.5, arrived > 0 ? &p->t->canvas : &p->t->backward);
}

void
chain_graph_paint_cell (ChainGraphPen *p, guint cell, const ChainGraphMoment *m)
{
  const ChainCell *c = chain_graph_cell (p->v, cell);
  const ChainGraphCell *g = &p->g->cell[cell];
  gboolean known = m->position >= c->value_at, marked = m->current || m->receives;
  gboolean back = known && p->v->adjoints && c->adjoint_at != G_MAXUINT && !isnan (chain_cell_adjoint (p->v->trace, p->v->diagram, cell, m->position));
  const ChainColour *ink = !known ? &p->t->axis : back ? &p->t->backward : &p->t->forward;
  const ChainColour *ground = !known ? &p->t->canvas : back ? &p->t->backward_bg : &p->t->forward_bg;

  if (marked)
    ink = chain_graph_phase_colour (p);
  if (g->shape == CHAIN_SHAPE_TAG)
    {
      chain_graph_paint_tag (p, cell, m);
      return;
    }
  trace_shape (p->cr, g, 0);
  chain_theme_source (p->cr, &p->t->canvas, 1);
  cairo_fill_preserve (p->cr);
  chain_theme_source (p->cr, ground, 1);
  cairo_fill_preserve (p->cr);
  cairo_set_line_width (p->cr, marked ? 3 : 1.7);
  chain_theme_source (p->cr, ink, 1);
  cairo_stroke (p->cr);
  if (c->kind == CHAIN_CELL_LOSS)
    chain_graph_paint_ring (p, cell, -3.5, 1.2, ink, 1);
  if (g->shape == CHAIN_SHAPE_BOX)
    chain_graph_paint_box (p, cell, m);
  else
    paint_symbol (p, cell, ink);
  paint_name (p, cell);
  paint_chips (p, cell, m);
  chain_graph_paint_badge (p, cell, m->receives && m->fade <= 0 ? m->position - 1 : m->position);
}
