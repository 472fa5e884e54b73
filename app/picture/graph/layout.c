/* SPDX-License-Identifier: Apache-2.0 */
/* The graph as a layout: places are fitted into the picture, moved cells are moved, and each cell and wire becomes an element that can be hit,
 * focused and read out. Where there are very many, cells have no name until somebody asks and wires are no elements until they are hit (find.c). */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/graph/graph.h"
#include "app/picture/layout/names.h"
#include "app/picture/layout/plot.h"

#define PAD 16.0
#define FRAME_TOP 22.0       /* what a layer's frame takes beyond its cells */
#define FRAME_REST 6.0
#define LARGEST 1.25        /* a small graph is not blown up */
#define TALLEST 2.0
#define WIDEST_GAP 160.0     /* px */

ChainStepView *
chain_graph_view (const ChainSnapshot *s, int detail)
{
  g_autoptr (ChainDiagram) d = NULL;

  if (detail < 0 && s->step_view != NULL)
    return chain_step_view_ref (s->step_view);
  if (s->trace == NULL)
    return NULL;
  d = chain_diagram_new (s->trace, detail < 0 ? CHAIN_DETAIL_OPERATIONS : (ChainDetail) detail, NULL, NULL);
  return d != NULL ? chain_step_view_new (s->trace, d, NULL) : NULL;
}

static void
graph_free (gpointer data)
{
  ChainGraphLayout *g = data;

  g_free (g->cell);
  g_clear_pointer (&g->frames, g_array_unref);
  for (guint i = 0; i < g->n_layers; i++)
    g_free (g->layer[i]);
  g_free (g->layer);
  g_free (g->notice);
  g_clear_pointer (&g->made, g_ptr_array_unref);
  chain_step_view_unref (g->view);
  g_free (g);
}

static void
shift (ChainGraphCell *c, double dx, double dy)
{
  c->x += dx;
  c->x0 += dx;
  c->x1 += dx;
  c->y += dy;
  c->y0 += dy;
  c->y1 += dy;
}

/* Tags keep their distance. */
static void
stretch_cells (ChainGraphLayout *g)
{
  g->cell = g_memdup2 (g->places->cell, (g->places->n + 1) * sizeof *g->cell);
  for (guint i = 0; i < g->places->n; i++)
    {
      const ChainGraphCell *c = &g->places->cell[i], *host = c->host >= 0 ? &g->places->cell[c->host] : c;

      shift (&g->cell[i], g->widen * g->places->share[host->rank], host->y * (g->stretch - 1));
    }
}

static void
move_cells (ChainGraphLayout *g)
{
  if (g->view->moved == NULL)
    return;
  for (guint i = 0; i < g->places->n; i++)
    {
      ChainGraphCell *c = &g->cell[i];
      const ChainStepOffset *o = g_hash_table_lookup (g->view->moved, chain_graph_cell (g->view, i)->id);
      const ChainStepOffset *host = c->host >= 0 ? g_hash_table_lookup (g->view->moved, chain_graph_cell (g->view, (guint) c->host)->id) : NULL;

      shift (c, (o != NULL ? o->dx : 0) + (host != NULL ? host->dx : 0), (o != NULL ? o->dy : 0) + (host != NULL ? host->dy : 0));
    }
}

/* Chips and tags keep their distance: only what lies between the highest and the lowest symbol grows. */
static double
stretch_to (const ChainGraphPlaces *p, double height)
{
  const ChainGraphCell *top = NULL, *bottom = NULL;
  double between;

  for (guint i = 0; i < p->n; i++)
    {
      top = top == NULL || p->cell[i].y0 < top->y0 ? &p->cell[i] : top;
      bottom = bottom == NULL || p->cell[i].y1 > bottom->y1 ? &p->cell[i] : bottom;
    }
  if (top == NULL)
    return 1;
  between = (bottom->host >= 0 ? p->cell[bottom->host].y : bottom->y) - (top->host >= 0 ? p->cell[top->host].y : top->y);
  return between > 1 ? CLAMP (1 + (height - p->height) / between, 1, TALLEST) : 1;
}

/* What was moved does not change how the rest is fitted. */
static void
fit (ChainGraphLayout *g, const ChainTheme *t, double w, double h)
{
  double s = t->scale, pad = MIN (PAD * s, MIN (w, h) * 0.05), top = h > 200 * s ? CHAIN_GRAPH_LEGEND * s : pad, room_w = MAX (w - 2 * pad, 1), room_h = MAX (h - top - pad, 1);
  double y0 = HUGE_VAL, y1 = -HUGE_VAL, height = g->places->height + FRAME_TOP + FRAME_REST, width = g->places->width + 2 * FRAME_REST;

  g->fit = MIN (MIN (room_w / width, room_h / height), LARGEST * s);
  g->widen = g->places->n_splits > 0 ? CLAMP (room_w / g->fit - width, 0, WIDEST_GAP * s / g->fit * g->places->n_splits) : 0;
  g->stretch = stretch_to (g->places, room_h / g->fit - FRAME_TOP - FRAME_REST);
  stretch_cells (g);
  for (guint i = 0; i < g->places->n; i++)
    {
      y0 = MIN (y0, g->cell[i].y0);
      y1 = MAX (y1, g->cell[i].y1);
    }
  y0 -= FRAME_TOP;
  y1 += FRAME_REST;
  g->fit = MIN (g->fit, room_h / (y1 - y0));
  g->ox = (w - g->fit * (g->places->width + g->widen)) / 2;
  g->oy = top + (room_h - g->fit * (y1 - y0)) / 2 - g->fit * y0;
  move_cells (g);
}

/* --- frames of layers --- */

static void
find_frames (ChainGraphLayout *g, const ChainSnapshot *s)
{
  guint n = s->spec->layers->len;
  g_autofree ChainGraphRect *r = g_new (ChainGraphRect, n + 1);
  g_autofree guint *count = g_new0 (guint, n + 1);

  g->frames = g_array_new (FALSE, FALSE, sizeof (ChainGraphFrame));
  g->n_layers = n;
  g->layer = g_new0 (char *, n + 1);
  for (guint i = 0; i < g->places->n; i++)
    {
      guint k = chain_graph_cell (g->view, i)->layer;
      const ChainGraphCell *c = &g->cell[i];

      if (k >= n)
        continue;
      r[k] = count[k]++ == 0 ? (ChainGraphRect){ c->x0, c->y0, c->x1, c->y1 }
                             : (ChainGraphRect){ MIN (r[k].x0, c->x0), MIN (r[k].y0, c->y0), MAX (r[k].x1, c->x1), MAX (r[k].y1, c->y1) };
    }
  for (guint k = 0; k < n; k++)
    {
      gboolean alone = count[k] > 1;

      for (guint i = 0; i < g->places->n && alone; i++)
        alone = chain_graph_cell (g->view, i)->layer == k || g->cell[i].x1 <= r[k].x0 || g->cell[i].x0 >= r[k].x1 || g->cell[i].y1 <= r[k].y0 || g->cell[i].y0 >= r[k].y1;
      if (!alone)
        continue;
      r[k] = (ChainGraphRect){ r[k].x0 - FRAME_REST, r[k].y0 - FRAME_TOP, r[k].x1 + FRAME_REST, r[k].y1 + FRAME_REST };
      g_array_append_val (g->frames, ((ChainGraphFrame){ k, r[k] }));
      g->layer[k] = chain_name_layer (s, k);
    }
}

/* --- elements --- */

static const char *
role_of (const ChainCell *c)
{
  static const char *const roles[] = { [CHAIN_CELL_INPUT] = "input", [CHAIN_CELL_TARGET] = "target", [CHAIN_CELL_CONSTANT] = "constant", [CHAIN_CELL_PARAM] = "parameter",
                                       [CHAIN_CELL_STATE] = "state", [CHAIN_CELL_OPERATION] = "operation", [CHAIN_CELL_LOSS] = "loss", [CHAIN_CELL_LAYER] = "layer" };

  return c->kind < G_N_ELEMENTS (roles) ? roles[c->kind] : "operation";
}

static void
add_cells (ChainLayout *l, const ChainGraphLayout *g)
{
  gboolean wordy = g->places->n <= CHAIN_GRAPH_WALKABLE;

  for (guint i = 0; i < g->places->n; i++)
    {
      const ChainCell *c = chain_graph_cell (g->view, i);
      const ChainGraphCell *p = &g->cell[i];

      chain_layout_add (l, g_strconcat ("cell:", c->id, NULL), role_of (c), g->ox + g->fit * p->x0, g->oy + g->fit * p->y0, g->fit * (p->x1 - p->x0),
                        g->fit * (p->y1 - p->y0), wordy ? chain_graph_cell_label (g->view, i) : g_strdup (c->id))->index = i;
    }
}

static void
add_wires (ChainLayout *l, const ChainGraphLayout *g)
{
  for (guint i = 0; i < g->places->n_wires && g->places->n <= CHAIN_GRAPH_WALKABLE; i++)
    g_ptr_array_add (l->elements, chain_graph_wire_element (g, i));
}

static void
hash_still (ChainLayout *l, const ChainGraphLayout *g, const ChainTheme *t)
{
  const ChainStepView *v = g->view;
  struct { const void *trace, *diagram, *places, *moved; double fit, ox, oy; guint position, flags; } key;

  memset (&key, 0, sizeof key);
  key.trace = v->trace;
  key.diagram = v->diagram;
  key.places = v->places;
  key.moved = v->moved;
  key.fit = g->fit;
  key.ox = g->ox;
  key.oy = g->oy;
  key.position = v->position;
  key.flags = (v->values ? 1u : 0) | (v->adjoints ? 2u : 0) | (v->local ? 4u : 0) | (v->tween < 1 ? 8u : 0);
  chain_layout_hash_theme (l, t);
  chain_layout_hash (l, &key, sizeof key);
}

static ChainLayout *
layout (const ChainSnapshot *s, const ChainTheme *t, double w, double h, int detail)
{
  ChainLayout *l = chain_layout_new (w, h, _("Computational graph"));
  ChainGraphLayout *g = g_new0 (ChainGraphLayout, 1);

  l->data = g;
  l->free_data = graph_free;
  g->view = chain_graph_view (s, detail);
  g->places = g->view != NULL && g->view->diagram->cells->len > 0 ? chain_graph_places (g->view, NULL) : NULL;
  if (g->places == NULL)
    {
      g->notice = g_strdup (s->trace_error != NULL ? s->trace_error : _("There is no training step to walk through yet."));
      l->description = g_strdup (g->notice);
      chain_layout_hash_theme (l, t);
      chain_layout_hash (l, g->notice, strlen (g->notice));
      return l;
    }
  fit (g, t, w, h);
  find_frames (g, s);
  add_cells (l, g);
  add_wires (l, g);
  if (g->places->n > CHAIN_GRAPH_WALKABLE)
    l->label = chain_graph_label;
  l->note = g_strdup (g->view->diagram->note);
  l->description = chain_graph_description (g->view);
  hash_still (l, g, t);
  return l;
}

ChainLayout *
chain_layout_graph (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  return layout (s, t, w, h, -1);
}

ChainLayout *
chain_layout_graph_units (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  return layout (s, t, w, h, CHAIN_DETAIL_UNITS);
}

ChainLayout *
chain_layout_graph_layers (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  return layout (s, t, w, h, CHAIN_DETAIL_LAYERS);
}

ChainLayout *
chain_layout_graph_nodes (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  return layout (s, t, w, h, CHAIN_DETAIL_NODES);
}

gboolean
chain_step_view_map (const ChainStepView *v, const ChainTheme *t, double width, double height, ChainStepPoint *at, double *scale)
{
  ChainGraphLayout g = { .view = (ChainStepView *) v, .places = chain_graph_places (v, NULL) };

  if (g.places == NULL)
    return FALSE;
  fit (&g, t, width, height);
  for (guint i = 0; at != NULL && i < g.places->n; i++)
    at[i] = (ChainStepPoint){ g.ox + g.fit * g.cell[i].x, g.oy + g.fit * g.cell[i].y };
  *scale = g.fit;
  g_free (g.cell);
  return TRUE;
}

gboolean
chain_step_view_place (const ChainStepView *v, const ChainTheme *t, double width, double height, guint cell, double *x, double *y)
{
  g_autofree ChainStepPoint *at = g_new (ChainStepPoint, v->diagram->cells->len + 1);
  double scale;

  if (cell >= v->diagram->cells->len || !chain_step_view_map (v, t, width, height, at, &scale))
    return FALSE;
  *x = at[cell].x;
  *y = at[cell].y;
  return TRUE;
}
