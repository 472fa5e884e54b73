/* SPDX-License-Identifier: Apache-2.0 */
/* The graph, part by part. BACK is everything that stands still at a position: ground, frames, wires, cells with their numbers. LIVE is what
 * happens at it: glow, pulse, the chip that fades in, call-out and arrivals; a playing step redraws only this. Under the pointer, LIVE lays a veil
 * of the canvas over BACK and draws what depends on the hovered cell again on top, which comes to 25 % opacity for the rest (DESIGN 4.7).
 * FRONT is the legend, which no veil covers. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "app/picture/draw/draw.h"
#include "app/picture/graph/pen.h"

static void
pen_init (ChainGraphPen *p, cairo_t *cr, const ChainLayout *l, const ChainTheme *t, const ChainOverlay *o)
{
  double x0, y0, x1, y1, dx = 1, dy = 0, sx, sy, left = 0, under = o != NULL ? CHAIN_GRAPH_LEGEND * t->scale * o->fixed : 0;

  *p = (ChainGraphPen){ .cr = cr, .t = t, .unit = *t, .g = l->data };
  p->unit.scale = 1;
  p->v = p->g->view;
  p->moving = p->v->tween < 1 || p->v->tell != CHAIN_TELL_NOTHING;
  p->event = chain_graph_event (p->v);
  p->settled = p->event != NULL && p->moving ? p->v->position - 1 : p->v->position;
  cairo_save (cr);
  cairo_translate (cr, p->g->ox, p->g->oy);
  cairo_scale (cr, p->g->fit, p->g->fit);
  cairo_clip_extents (cr, &x0, &y0, &x1, &y1);
  cairo_user_to_device_distance (cr, &dx, &dy);
  cairo_surface_get_device_scale (cairo_get_group_target (cr), &sx, &sy);
  p->px = hypot (dx, dy) * sx;
  p->seen = (ChainGraphRect){ x0, y0, x1, y1 };
  cairo_device_to_user (cr, &left, &under);
  p->roof = MAX (y0, o != NULL && o->fixed > 0 ? under : (CHAIN_GRAPH_LEGEND * t->scale - p->g->oy) / p->g->fit);
  chain_text_init (&p->text, cr, &p->unit);
}

static void
pen_clear (ChainGraphPen *p)
{
  chain_text_clear (&p->text);
  cairo_restore (p->cr);
}

/* --- what stands still --- */

/* Dots keep their size and about their distance on screen at any zoom. */
static void
paint_ground (cairo_t *cr, const ChainLayout *l, const ChainTheme *t)
{
  double zoom = 1, none = 0, sx, sy, step, x0, y0, x1, y1;

  if (t->draw_background)
    {
      chain_theme_source (cr, &t->canvas, 1);
      cairo_rectangle (cr, 0, 0, l->width, l->height);
      cairo_fill (cr);
    }
  if (l->height <= 200 * t->scale)
    return;
  cairo_user_to_device_distance (cr, &zoom, &none);
  cairo_surface_get_device_scale (cairo_get_group_target (cr), &sx, &sy);
  zoom = exp2 (round (log2 (MAX (zoom * sx, 1e-6))));
  step = 24 * t->scale / zoom;
  cairo_clip_extents (cr, &x0, &y0, &x1, &y1);
  for (double y = MAX (ceil (y0 / step), -400) * step; y < MIN (y1, y0 + 800 * step); y += step)
    for (double x = MAX (floor (x0 / step), -400) * step + step / 2; x < MIN (x1, x0 + 800 * step); x += step)
      cairo_rectangle (cr, x, y, t->scale / zoom, t->scale / zoom);
  chain_theme_source (cr, &t->grid, 1);
  cairo_fill (cr);
}

static void
paint_frames (ChainGraphPen *p)
{
  static const double dash[] = { 2, 4 };
  ChainColour tint = chain_colour_mix (p->t->canvas, p->t->chip, 0.45);

  for (guint i = 0; i < p->g->frames->len; i++)
    {
      const ChainGraphFrame *f = &g_array_index (p->g->frames, ChainGraphFrame, i);
      g_autofree char *name = NULL;

      if (!chain_graph_sees (p, &f->r))
        continue;
      chain_paint_round (p->cr, f->r.x0, f->r.y0, f->r.x1 - f->r.x0, f->r.y1 - f->r.y0, 12);
      chain_theme_source (p->cr, &tint, 1);
      cairo_fill_preserve (p->cr);
      cairo_set_line_width (p->cr, 1);
      cairo_set_dash (p->cr, dash, 2, 0);
      chain_theme_source (p->cr, &p->t->axis, 0.8);
      cairo_stroke (p->cr);
      cairo_set_dash (p->cr, NULL, 0, 0);
      if (p->px < CHAIN_GRAPH_READABLE)
        continue;
      name = g_markup_escape_text (p->g->layer[f->layer], -1);
      chain_text_draw_cut (&p->text, CHAIN_TEXT_SMALL, name, f->r.x0 + 9, f->r.y0 + 10, 0, 0.5, f->r.x1 - f->r.x0 - 14, &p->t->fg3);
    }
}

static gboolean
cell_seen (const ChainGraphPen *p, guint i)
{
  const ChainGraphCell *c = &p->g->cell[i];

  return chain_graph_sees (p, &(ChainGraphRect){ c->x0 - 12, c->y0 - 24, c->x1 + 12, c->y1 });
}

/* A receiver's chip changes while its number does. */
static gboolean
in_flux (const ChainGraphPen *p, guint cell)
{
  const ChainGraphPlaces *pl = p->g->places;

  if (!p->moving || p->event == NULL)
    return FALSE;
  if (p->event->cell == cell)
    return TRUE;
  for (guint k = pl->first_out[cell]; p->event->phase == CHAIN_PHASE_BACKWARD && k < pl->first_out[cell + 1]; k++)
    if (chain_graph_wire (p->v, pl->out[k])->at == p->v->position)
      return TRUE;
  return FALSE;
}

static void
paint_all (ChainGraphPen *p, const guint8 *lit)
{
  const ChainGraphPlaces *pl = p->g->places;
  ChainGraphMoment still = { .position = p->settled, .fade = 1 };

  if (p->px < CHAIN_GRAPH_DOT)
    {
      chain_graph_paint_far (p, lit);
      return;
    }
  for (guint i = 0; i < pl->n_wires; i++)
    {
      const ChainWire *w = chain_graph_wire (p->v, i);
      const ChainGraphCell *a = &p->g->cell[w->from], *b = &p->g->cell[w->to];
      ChainGraphRect r = { MIN (a->x, b->x), MIN (a->y, b->y), MAX (a->x, b->x), MAX (a->y, b->y) };

      if (lit != NULL && !(lit[w->from] && lit[w->to]))
        continue;
      if (pl->n_bends[i] > 0)
        r = chain_graph_wire_rect (p->g, i);
      if (chain_graph_sees (p, &r))
        chain_graph_paint_wire (p, i, p->settled);
    }
  for (guint i = 0; i < pl->n; i++)
    if ((lit == NULL || lit[i]) && cell_seen (p, i) && !(lit == NULL && in_flux (p, i)))
      chain_graph_paint_cell (p, i, &still);
}

/* --- what happens --- */

static void
paint_travel (ChainGraphPen *p, guint wire, gboolean backward)
{
  const ChainColour *c = chain_graph_phase_colour (p);

  if (backward && !p->v->adjoints)
    return;
  chain_graph_paint_glow (p, wire, backward, c);
  if (p->moving && p->v->tween < 0.5)
    chain_graph_paint_pulse (p, wire, backward, p->v->tween * 2, c);
}

static void
paint_step (ChainGraphPen *p)
{
  const ChainGraphPlaces *pl = p->g->places;
  double late = CLAMP (p->v->tween * 2 - 1, 0, 1);
  gboolean forward, backward;
  guint cell;
  ChainGraphMoment m = { .fade = late, .current = TRUE };

  if (p->event == NULL || p->px < CHAIN_GRAPH_DOT)
    return;
  if (p->v->tell != CHAIN_TELL_NOTHING)
    {
      chain_graph_paint_told (p);
      return;
    }
  cell = p->event->cell;
  forward = p->event->phase == CHAIN_PHASE_FORWARD;
  backward = p->event->phase == CHAIN_PHASE_BACKWARD;
  m.position = forward && late <= 0 ? p->v->position - 1 : p->v->position;
  for (guint k = pl->first_in[cell]; k < pl->first_in[cell + 1]; k++)
    {
      const ChainWire *w = chain_graph_wire (p->v, pl->in[k]);

      if (forward || (backward && w->at == p->v->position))
        paint_travel (p, pl->in[k], backward);
      if (backward && w->at == p->v->position)
        chain_graph_paint_ring (p, w->from, 3.5, 7, chain_graph_phase_colour (p), 0.18);
    }
  chain_graph_paint_ring (p, cell, 3.5, 7, chain_graph_phase_colour (p), 0.18);
  chain_graph_paint_cell (p, cell, &m);
  m = (ChainGraphMoment){ .position = p->v->position, .fade = late, .receives = TRUE };
  for (guint k = pl->first_in[cell]; backward && k < pl->first_in[cell + 1]; k++)
    {
      const ChainWire *w = chain_graph_wire (p->v, pl->in[k]);

      if (w->at == p->v->position)
        chain_graph_paint_cell (p, w->from, &m);
    }
}

/* On the wire that the event is about: the one to another operation rather than to a parameter. */
static void
paint_words (ChainGraphPen *p)
{
  const ChainGraphPlaces *pl = p->g->places;
  int wire = -1;
  guint arrived, cell;

  if (p->event == NULL || p->event->phase != CHAIN_PHASE_BACKWARD || p->px < CHAIN_GRAPH_READABLE || p->v->tell != CHAIN_TELL_NOTHING)
    return;
  cell = p->event->cell;
  for (guint k = pl->first_in[cell]; k < pl->first_in[cell + 1]; k++)
    {
      const ChainWire *w = chain_graph_wire (p->v, pl->in[k]);

      if (w->at != p->v->position)
        continue;
      if (wire < 0 || (chain_graph_wire_is_drop (p->g, (guint) wire) && !chain_graph_wire_is_drop (p->g, pl->in[k])))
        wire = (int) pl->in[k];
    }
  /* of all who receive something now, the one that the card speaks of */
  if (wire >= 0 && p->v->adjoints && p->v->tween >= 0.5
      && chain_graph_flows (p, chain_graph_wire (p->v, (guint) wire)->from, p->v->position, &arrived) > 1)
    chain_graph_paint_arrivals (p, chain_graph_wire (p->v, (guint) wire)->from, p->v->position);
  if (wire >= 0 && p->v->local)
    chain_graph_paint_callout (p, (guint) wire, FALSE);
}

/* --- under the pointer --- */

static int
index_of (const ChainLayout *l, const char *id, gboolean *wire)
{
  return id != NULL ? chain_graph_find (l->data, id, wire) : -1;
}

/* The cell and all that depends on it. (transfer full). */
static guint8 *
depends (const ChainGraphPen *p, guint cell)
{
  const ChainGraphPlaces *pl = p->g->places;
  guint8 *lit = g_new0 (guint8, pl->n + 1);
  g_autofree guint *todo = g_new (guint, pl->n + 1);
  guint n = 0;

  todo[n++] = cell;
  lit[cell] = 1;
  while (n > 0)
    {
      guint at = todo[--n];

      for (guint k = pl->first_out[at]; k < pl->first_out[at + 1]; k++)
        {
          guint to = chain_graph_wire (p->v, pl->out[k])->to;

          if (!lit[to])
            todo[n++] = to;
          lit[to] = 1;
        }
    }
  return lit;
}

static void
paint_veil (ChainGraphPen *p, guint cell)
{
  g_autofree guint8 *lit = depends (p, cell);

  chain_theme_source (p->cr, &p->t->canvas, 0.75);
  cairo_rectangle (p->cr, p->seen.x0, p->seen.y0, p->seen.x1 - p->seen.x0, p->seen.y1 - p->seen.y0);
  cairo_fill (p->cr);
  paint_all (p, lit);
}

static void
paint_mark (ChainGraphPen *p, const ChainLayout *l, const char *id, gboolean focus)
{
  gboolean wire = FALSE;
  int i = index_of (l, id, &wire);

  if (i < 0 || (wire && p->px < CHAIN_GRAPH_DOT))
    return;
  if (wire)
    {
      chain_graph_paint_glow (p, (guint) i, FALSE, focus ? &p->t->accent : &p->t->forward);
      if (p->px >= CHAIN_GRAPH_READABLE && chain_graph_wire (p->v, (guint) i)->at <= p->settled)
        chain_graph_paint_callout (p, (guint) i, TRUE);
      return;
    }
  if (focus)
    chain_graph_paint_ring (p, (guint) i, 5, 5, &p->t->canvas, 1);
  chain_graph_paint_ring (p, (guint) i, focus ? 5 : 4, 2, focus ? &p->t->accent : &p->t->outline, 1);
}

static void
paint_overlay (ChainGraphPen *p, const ChainLayout *l, const ChainOverlay *o)
{
  gboolean wire = FALSE;
  int hover = index_of (l, o->hover != NULL ? o->hover : o->selected, &wire);
  guint arrived;

  paint_mark (p, l, o->selected, FALSE);
  paint_mark (p, l, o->hover, FALSE);
  paint_mark (p, l, o->focus, TRUE);
  if (hover >= 0 && !wire && p->v->adjoints && p->px >= CHAIN_GRAPH_READABLE && !in_flux (p, (guint) hover)
      && chain_graph_flows (p, (guint) hover, p->settled, &arrived) > 1 && arrived > 0)
    chain_graph_paint_arrivals (p, (guint) hover, p->settled);
}

static void
draw_back (cairo_t *cr, const ChainLayout *l, const ChainTheme *t, const ChainOverlay *o)
{
  ChainGraphPen p;

  pen_init (&p, cr, l, t, o);
  paint_frames (&p);
  paint_all (&p, NULL);
  pen_clear (&p);
}

/* Under zoom the legend stays at the top, on a strip of its own. */
static void
paint_front (ChainGraphPen *p, const ChainLayout *l, const ChainOverlay *o)
{
  cairo_save (p->cr);
  if (o != NULL && o->fixed > 0)
    {
      cairo_identity_matrix (p->cr);
      cairo_scale (p->cr, o->fixed, o->fixed);
      if (l->height > 200 * p->t->scale)
        {
          chain_theme_source (p->cr, &p->t->canvas, 0.9);
          cairo_rectangle (p->cr, 0, 0, l->width, (CHAIN_GRAPH_LEGEND - 4) * p->t->scale);
          cairo_fill (p->cr);
        }
    }
  chain_graph_paint_legend (p, l);
  cairo_restore (p->cr);
}

void
chain_draw_graph (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  const ChainGraphLayout *g = l->data;
  gboolean wire = FALSE;
  int hover = o != NULL ? index_of (l, o->hover, &wire) : -1;
  ChainGraphPen p;

  if (chain_paint_part (o, CHAIN_PART_BACK))
    paint_ground (cr, l, t);
  if (g->places == NULL)
    {
      g_auto (ChainText) text;

      chain_text_init (&text, cr, t);
      if (chain_paint_part (o, CHAIN_PART_BACK))
        chain_paint_notice (cr, &text, l, g->notice);
      return;
    }
  if (chain_paint_part (o, CHAIN_PART_BACK))
    draw_back (cr, l, t, o);
  pen_init (&p, cr, l, t, o);
  if (chain_paint_part (o, CHAIN_PART_LIVE))
    {
      if (hover >= 0 && !wire)
        paint_veil (&p, (guint) hover);
      paint_step (&p);
      if (hover < 0)
        paint_words (&p);
    }
  if (o != NULL && chain_paint_part (o, CHAIN_PART_OVERLAY))
    paint_overlay (&p, l, o);
  pen_clear (&p);
  if (chain_paint_part (o, CHAIN_PART_FRONT))
    paint_front (&p, l, o);
}
