/* SPDX-License-Identifier: Apache-2.0 */
/* While a picture is larger than the canvas, the cell of the present step is kept in view, with what it flows to where there is room for both. What a
 * hand has moved meanwhile stays until the next step. */
#include "config.h"

#include "ui/backprop/page-private.h"

#include <math.h>

#define EDGE 0.10              /* of the canvas: nearer than this is out of view */
#define REACH 46.0             /* natural: from the centre of a cell to what belongs to it */
#define LEGEND 40.0            /* px */

typedef struct { double x0, y0, x1, y1; } Box;

static void
grow (Box *b, ChainStepPoint at)
{
  *b = (Box){ MIN (b->x0, at.x), MIN (b->y0, at.y), MAX (b->x1, at.x), MAX (b->y1, at.y) };
}

static Box
inner (ChainBackpropPage *p)
{
  double w = gtk_widget_get_width (GTK_WIDGET (p->canvas)), h = gtk_widget_get_height (GTK_WIDGET (p->canvas));

  return (Box){ EDGE * w, MAX (EDGE * h, LEGEND), (1 - EDGE) * w, (1 - EDGE) * h };
}

static gboolean
holds (Box room, Box b, double margin)
{
  double mx = MIN (margin, (room.x1 - room.x0) / 4), my = MIN (margin, (room.y1 - room.y0) / 4);

  return b.x0 - mx >= room.x0 && b.x1 + mx <= room.x1 && b.y0 - my >= room.y0 && b.y1 + my <= room.y1;
}

/* The cell of an event, and what it flows to. */
static Box
flow_of (const ChainDiagram *d, const ChainStepPoint *at, guint position)
{
  const ChainEventRow *e = &g_array_index (d->events, ChainEventRow, position > 0 ? position - 1 : 0);
  Box b = { at[e->cell].x, at[e->cell].y, at[e->cell].x, at[e->cell].y };

  for (guint i = 0; i < d->wires->len; i++)
    {
      const ChainWire *w = &g_array_index (d->wires, ChainWire, i);

      if (e->phase == CHAIN_PHASE_BACKWARD && w->to == e->cell && w->at == position)
        grow (&b, at[w->from]);
      else if (e->phase != CHAIN_PHASE_BACKWARD && w->from == e->cell)
        grow (&b, at[w->to]);
    }
  return b;
}

static gboolean
fits (Box room, Box b, double margin)
{
  return b.x1 - b.x0 + 2 * margin <= room.x1 - room.x0 && b.y1 - b.y0 + 2 * margin <= room.y1 - room.y0;
}

static void
glide_to (ChainBackpropPage *p, double x, double y, gboolean gliding)
{
  ChainLens *l = &p->lens;
  double zoom;

  chain_canvas_camera (p->canvas, &zoom, &l->from_x, &l->from_y);
  l->to_x = x;
  l->to_y = y;
  l->glides = gliding && _chain_lens_is_animated ();
  if (l->glides)
    l->glide_began = _chain_lens_begin_tick (p);
  else
    chain_canvas_set_camera (p->canvas, zoom, x, y);
}

/* Where there is nothing beyond the canvas, nothing moves. */
void
_chain_lens_follow (ChainBackpropPage *p, gboolean gliding)
{
  ChainLens *l = &p->lens;
  double scale, zoom, x, y, dx, dy;
  g_autofree ChainStepPoint *at = NULL;
  Box room = inner (p), flow, cell;
  guint now;

  if (l->holds)
    {
      l->holds = FALSE;
      return;
    }
  chain_canvas_camera (p->canvas, &zoom, &x, &y);
  if (p->diagram == NULL || p->diagram->events->len == 0 || p->dragged != NULL || (zoom < 1 + 1e-6 && fabs (x) + fabs (y) < 0.5))
    return;
  at = _chain_lens_map_cells (p, &scale);
  if (at == NULL)
    return;
  now = g_array_index (p->diagram->events, ChainEventRow, p->position > 0 ? p->position - 1 : 0).cell;
  dx = l->glides ? l->to_x - x : 0;      /* as it will be */
  dy = l->glides ? l->to_y - y : 0;
  cell = (Box){ at[now].x + dx, at[now].y + dy, at[now].x + dx, at[now].y + dy };
  if (holds (room, cell, REACH * scale))
    return;
  flow = flow_of (p->diagram, at, p->position);
  if (!fits (room, flow, REACH * scale))
    flow = (Box){ at[now].x, at[now].y, at[now].x, at[now].y };
  glide_to (p, x + (room.x0 + room.x1 - flow.x0 - flow.x1) / 2, y + (room.y0 + room.y1 - flow.y0 - flow.y1) / 2, gliding);
}
