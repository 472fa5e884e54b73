/* SPDX-License-Identifier: Apache-2.0 */
/* What lies at a point of the graph, and what an id stands for. Of thousands of wires only those are traced whose straight pieces pass near the point:
 * comparing 30 000 rectangles takes a tenth of a millisecond, less than building an index again for each picture would. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "app/picture/graph/graph.h"

#define REACH 6.0          /* around a wire */
#define BULGE 30.0         /* a curve keeps to the rectangle of its ends but for its lanes and steep middle */

static void
element_free (gpointer data)
{
  ChainElement *e = data;

  g_free (e->id);
  g_free (e->role);
  g_free (e->label);
  g_free (e);
}

ChainElement *
chain_graph_wire_element (const ChainGraphLayout *g, guint wire)
{
  const ChainWire *w = chain_graph_wire (g->view, wire);
  ChainGraphRect r = chain_graph_wire_rect (g, wire);
  ChainElement *e = g_new0 (ChainElement, 1);

  *e = (ChainElement){ g_strdup_printf ("wire:%s>%s:%u", chain_graph_cell (g->view, w->from)->id, chain_graph_cell (g->view, w->to)->id, w->input), g_strdup ("wire"),
                       g->ox + g->fit * r.x0, g->oy + g->fit * r.y0, g->fit * (r.x1 - r.x0), g->fit * (r.y1 - r.y0), chain_graph_wire_label (g->view, wire), wire, FALSE };
  return e;
}

char *
chain_graph_label (gpointer layout, const ChainElement *e)
{
  const ChainGraphLayout *g = layout;

  return strcmp (e->role, "wire") == 0 ? chain_graph_wire_label (g->view, e->index) : chain_graph_cell_label (g->view, e->index);
}

static int
cell_index (const ChainGraphLayout *g, const char *id)
{
  return (int) GPOINTER_TO_UINT (g_hash_table_lookup (g->view->diagram->by_id, id)) - 1;
}

/* "wire:<from>><to>:<input>". */
static int
wire_index (const ChainGraphLayout *g, const char *id)
{
  const char *middle = strchr (id, '>'), *last = strrchr (id, ':');
  g_autofree char *from = NULL, *to = NULL;
  int a, b;

  if (middle == NULL || last == NULL || last < middle)
    return -1;
  from = g_strndup (id, (gsize) (middle - id));
  to = g_strndup (middle + 1, (gsize) (last - middle - 1));
  a = cell_index (g, from);
  b = cell_index (g, to);
  for (guint k = a >= 0 && b >= 0 ? g->places->first_out[a] : 0; a >= 0 && b >= 0 && k < g->places->first_out[a + 1]; k++)
    {
      const ChainWire *w = chain_graph_wire (g->view, g->places->out[k]);

      if (w->to == (guint) b && w->input == (guint) g_ascii_strtoull (last + 1, NULL, 10))
        return (int) g->places->out[k];
    }
  return -1;
}

int
chain_graph_find (const ChainGraphLayout *g, const char *id, gboolean *wire)
{
  *wire = g_str_has_prefix (id, "wire:");
  if (g->places == NULL)
    return -1;
  if (*wire)
    return wire_index (g, id + strlen ("wire:"));
  return g_str_has_prefix (id, "cell:") ? cell_index (g, id + strlen ("cell:")) : -1;
}

/* --- hits --- */

static gboolean
piece_near (double x0, double y0, double x1, double y1, double x, double y)
{
  return x >= MIN (x0, x1) - BULGE && x <= MAX (x0, x1) + BULGE && y >= MIN (y0, y1) - BULGE && y <= MAX (y0, y1) + BULGE;
}

static gboolean
wire_near (const ChainGraphLayout *g, guint wire, double x, double y)
{
  const ChainWire *w = chain_graph_wire (g->view, wire);
  const ChainGraphCell *a = &g->cell[w->from], *b = &g->cell[w->to];
  double at_x = a->x, at_y = a->y, half;

  for (guint i = 0; i < g->places->n_bends[wire]; i++)
    {
      ChainLayPoint bend = chain_graph_bend (g, wire, i, &half);

      if (piece_near (at_x, at_y, bend.x + half, bend.y, x, y))
        return TRUE;
      at_x = bend.x;
      at_y = bend.y;
    }
  return piece_near (at_x, at_y, b->x, b->y, x, y);
}

static int
hit_cell (const ChainGraphLayout *g, double x, double y)
{
  int cell = -1;

  for (guint i = 0; i < g->places->n; i++)
    {
      const ChainGraphCell *c = &g->cell[i];

      if (fabs (x - c->x) <= c->hw && fabs (y - c->y) <= c->hh)
        return (int) i;
      if (x >= c->x0 && x <= c->x1 && y >= c->y0 && y <= c->y1)
        cell = (int) i;
    }
  return cell;
}

static int
hit_wire (const ChainGraphLayout *g, double x, double y)
{
  double best = REACH;
  int wire = -1;
  ChainLane lane;

  for (guint i = 0; i < g->places->n_wires; i++)
    for (int k = 0; k < 2 && wire_near (g, i, x, y); k++)
      {
        double d;

        chain_graph_lane (g, i, k == 1, &lane);
        d = chain_graph_lane_distance (&lane, x, y);
        if (d >= best)
          continue;
        best = d;
        wire = (int) i;
      }
  return wire;
}

/* Of the thread that owns the layout: a wire becomes an element of it when it is hit first. */
static const ChainElement *
made_element (ChainGraphLayout *g, guint wire)
{
  if (g->made == NULL)
    g->made = g_ptr_array_new_with_free_func (element_free);
  for (guint i = 0; i < g->made->len; i++)
    if (((const ChainElement *) g_ptr_array_index (g->made, i))->index == wire)
      return g_ptr_array_index (g->made, i);
  g_ptr_array_add (g->made, chain_graph_wire_element (g, wire));
  return g_ptr_array_index (g->made, g->made->len - 1);
}

/* A symbol before a chip of its neighbour, a chip before a wire. */
const ChainElement *
chain_layout_graph_hit (const ChainLayout *l, double x, double y)
{
  ChainGraphLayout *g = l->data;
  double nx, ny;
  int at;

  if (g->places == NULL)
    return NULL;
  nx = (x - g->ox) / g->fit;
  ny = (y - g->oy) / g->fit;
  at = hit_cell (g, nx, ny);
  if (at >= 0)
    return g_ptr_array_index (l->elements, at);
  at = hit_wire (g, nx, ny);
  if (at < 0)
    return NULL;
  return l->elements->len > g->places->n ? g_ptr_array_index (l->elements, g->places->n + (guint) at) : made_element (g, (guint) at);
}
