/* SPDX-License-Identifier: Apache-2.0 */
/* A graph so far away that a node is smaller than 6 px: nodes are dots without text. Thousands of wires are then not strokes, which would cost a
 * tenth of a second, but a density: each is run through a coverage buffer with anti-aliasing in its minor axis (Wu 1991), and the buffer is painted
 * once; where many wires lie on one another it is darker. A vector file gets the same as an image. */
#include "app/picture/graph/pen.h"

#include <math.h>
#include <string.h>

#define WIRE_COVER 46      /* of 255, a wire; among thousands less, so that it shows where they are dense */
#define LEAST_COVER 9
#define FEW_WIRES 500u

typedef struct { guint8 *a; int w, h, stride; double cover; } Cover;

static void
add (const Cover *c, int x, int y, double share)
{
  guint8 *at;

  if (x < 0 || y < 0 || x >= c->w || y >= c->h)
    return;
  at = c->a + (gsize) y * (gsize) c->stride + x;
  *at = (guint8) MIN (255, *at + (int) (c->cover * share));
}

/* The part of [x0, x1] that lies in [0, most]. */
static void
cover_line (const Cover *c, double x0, double y0, double x1, double y1)
{
  gboolean steep = fabs (y1 - y0) > fabs (x1 - x0);
  double u0 = steep ? y0 : x0, v0 = steep ? x0 : y0, u1 = steep ? y1 : x1, v1 = steep ? x1 : y1, slope;
  int from, to;

  if (u1 < u0)
    {
      double t = u0;

      u0 = u1;
      u1 = t;
      t = v0;
      v0 = v1;
      v1 = t;
    }
  slope = u1 > u0 ? (v1 - v0) / (u1 - u0) : 0;
  from = (int) CLAMP (floor (u0), 0, (steep ? c->h : c->w));
  to = (int) CLAMP (ceil (u1), -1, (steep ? c->h : c->w) - 1);
  for (int u = from; u <= to; u++)
    {
      double v = v0 + slope * (u - u0), f = floor (v);

      if (!(fabs (v) < 1e6))
        return;
      add (c, steep ? (int) f : u, steep ? u : (int) f, 1 - (v - f));
      add (c, steep ? (int) f + 1 : u, steep ? u : (int) f + 1, v - f);
    }
}

static gboolean
shown (const guint8 *lit, const ChainWire *w)
{
  return lit == NULL || (lit[w->from] && lit[w->to]);
}

static void
cover_wires (ChainGraphPen *p, const Cover *c, const guint8 *lit, double sx, double sy)
{
  const ChainGraphLayout *g = p->g;

  for (guint i = 0; i < g->places->n_wires; i++)
    {
      const ChainWire *w = chain_graph_wire (p->v, i);
      const ChainGraphCell *a = &g->cell[w->from], *b = &g->cell[w->to];
      double x = (a->x - p->seen.x0) * sx, y = (a->y - p->seen.y0) * sy;

      if (!shown (lit, w) || MAX (a->x, b->x) < p->seen.x0 || MIN (a->x, b->x) > p->seen.x1)
        continue;
      for (guint k = 0; k < g->places->n_bends[i]; k++)
        {
          ChainLayPoint bend = chain_graph_bend (g, i, k, NULL);
          double bx = (bend.x - p->seen.x0) * sx, by = (bend.y - p->seen.y0) * sy;

          cover_line (c, x, y, bx, by);
          x = bx;
          y = by;
        }
      cover_line (c, x, y, (b->x - p->seen.x0) * sx, (b->y - p->seen.y0) * sy);
    }
}

static void
paint_wires (ChainGraphPen *p, const guint8 *lit)
{
  double w = p->seen.x1 - p->seen.x0, h = p->seen.y1 - p->seen.y0;
  int pw, ph;
  cairo_surface_t *s;
  cairo_matrix_t m;
  cairo_pattern_t *pattern;
  Cover c;

  chain_paint_device_size (p->cr, w, h, &pw, &ph);
  s = cairo_image_surface_create (CAIRO_FORMAT_A8, pw, ph);
  if (cairo_surface_status (s) != CAIRO_STATUS_SUCCESS)
    {
      cairo_surface_destroy (s);
      return;
    }
  c = (Cover){ cairo_image_surface_get_data (s), pw, ph, cairo_image_surface_get_stride (s),
               MAX (LEAST_COVER, WIRE_COVER * MIN (1, (double) FEW_WIRES / MAX (p->g->places->n_wires, 1))) };
  cover_wires (p, &c, lit, pw / w, ph / h);
  cairo_surface_mark_dirty (s);
  pattern = cairo_pattern_create_for_surface (s);
  cairo_matrix_init_scale (&m, pw / w, ph / h);
  cairo_matrix_translate (&m, -p->seen.x0, -p->seen.y0);
  cairo_pattern_set_matrix (pattern, &m);
  chain_theme_source (p->cr, &p->t->forward, 1);
  cairo_mask (p->cr, pattern);
  cairo_pattern_destroy (pattern);
  cairo_surface_destroy (s);
}

/* 0: not known yet, 1: known, 2: with an adjoint, 3: a tag. */
static guint
ink_of (const ChainGraphPen *p, guint i)
{
  const ChainCell *c = chain_graph_cell (p->v, i);

  if (p->g->cell[i].shape == CHAIN_SHAPE_TAG)
    return 3;
  return p->settled < c->value_at ? 0 : p->v->adjoints && c->adjoint_at != G_MAXUINT && p->settled >= c->adjoint_at ? 2 : 1;
}

void
chain_graph_paint_far (ChainGraphPen *p, const guint8 *lit)
{
  const ChainColour *ink[] = { &p->t->axis, &p->t->forward, &p->t->backward, &p->t->outline };
  const ChainGraphLayout *g = p->g;
  double least = 1.2 / p->px;

  paint_wires (p, lit);
  cairo_save (p->cr);
  cairo_set_antialias (p->cr, CAIRO_ANTIALIAS_NONE);      /* boxes on whole pixels: one fill for all of a colour */
  for (guint k = 0; k < G_N_ELEMENTS (ink); k++)
    {
      for (guint i = 0; i < g->places->n; i++)
        {
          const ChainGraphCell *c = &g->cell[i];
          double hw = MAX (c->hw * 0.85, least), hh = MAX (c->hh * 0.85, least);

          if ((lit == NULL || lit[i]) && ink_of (p, i) == k && chain_graph_sees (p, &(ChainGraphRect){ c->x0, c->y0, c->x1, c->y1 }))
            cairo_rectangle (p->cr, c->x - hw, c->y - hh, 2 * hw, 2 * hh);
        }
      chain_theme_source (p->cr, ink[k], 1);
      cairo_fill (p->cr);
    }
  cairo_restore (p->cr);
}
