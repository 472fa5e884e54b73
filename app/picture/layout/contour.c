/* SPDX-License-Identifier: Apache-2.0 */
/* Marching squares with the segments joined through the grid edges that they cross: each crossing belongs to one grid edge and has at most two
 * neighbours, so a line is a walk through an array, no hash needed. Joined lines give clean joins, dashes and small SVG files. */
#include "app/picture/layout/contour.h"

#include <math.h>

typedef struct { gint32 next[2]; float at; } Crossing;

typedef struct
{
  const float *f;
  guint        nx, ny;
  double       level;
  Crossing    *c;        /* horizontal edges, then vertical ones */
} Grid;

/* Edge from (x, y) to the right or upwards. */
static guint
edge_id (const Grid *g, guint x, guint y, gboolean vertical)
{
  return (vertical ? g->nx * g->ny : 0) + y * g->nx + x;
}

static void
link_edges (Grid *g, guint a, guint b)
{
  g->c[a].next[g->c[a].next[0] >= 0] = (gint32) b;
  g->c[b].next[g->c[b].next[0] >= 0] = (gint32) a;
}

static void
cross (Grid *g, guint id, double a, double b)
{
  g->c[id].at = (float) ((g->level - a) / (b - a));
}

static void
visit_cell (Grid *g, guint x, guint y)
{
  double v[4] = { g->f[y * g->nx + x], g->f[y * g->nx + x + 1], g->f[(y + 1) * g->nx + x + 1], g->f[(y + 1) * g->nx + x] };
  guint e[4] = { edge_id (g, x, y, FALSE), edge_id (g, x + 1, y, TRUE), edge_id (g, x, y + 1, FALSE), edge_id (g, x, y, TRUE) };
  guint hit[4], n = 0;
  gboolean above[4];

  for (int i = 0; i < 4; i++)
    {
      if (!isfinite (v[i]))
        return;
      above[i] = v[i] >= g->level;
    }
  for (int i = 0; i < 4; i++)
    if (above[i] != above[(i + 1) % 4])
      {
        int a = i < 2 ? i : (i + 1) % 4, b = i < 2 ? i + 1 : i;   /* edges run right and up */

        cross (g, e[i], v[a], v[b]);
        hit[n++] = e[i];
      }
  if (n == 2)
    link_edges (g, hit[0], hit[1]);
  else if (n == 4)
    {
      gboolean high = (v[0] + v[1] + v[2] + v[3]) / 4 >= g->level;

      if (above[0] == high)
        {
          link_edges (g, hit[0], hit[1]);
          link_edges (g, hit[2], hit[3]);
        }
      else
        {
          link_edges (g, hit[0], hit[3]);
          link_edges (g, hit[1], hit[2]);
        }
    }
}

static void
emit (ChainContour *out, const Grid *g, guint id)
{
  guint size = g->nx * g->ny, at = id % size;
  ChainPoint p = { (float) (at % g->nx), (float) (at / g->nx) };

  if (id < size)
    p.x += g->c[id].at;
  else
    p.y += g->c[id].at;
  g_array_append_val (out->points, p);
}

/* Walks from a crossing and unlinks what it passed. */
static void
walk (ChainContour *out, Grid *g, guint start)
{
  gint32 at = (gint32) start;

  while (at >= 0)
    {
      Crossing *c = &g->c[at];
      int k = c->next[0] >= 0 ? 0 : 1;
      gint32 next = c->next[k];

      emit (out, g, (guint) at);
      c->next[k] = -1;
      if (next >= 0)
        g->c[next].next[g->c[next].next[0] == at ? 0 : 1] = -1;
      at = next;
    }
  g_array_append_val (out->ends, out->points->len);
}

void
chain_contour_init (ChainContour *out, const float *f, guint nx, guint ny, double level)
{
  Grid g = { f, nx, ny, level, NULL };
  guint size = 2 * nx * ny;

  out->points = g_array_new (FALSE, FALSE, sizeof (ChainPoint));
  out->ends = g_array_new (FALSE, FALSE, sizeof (guint));
  if (nx < 2 || ny < 2)
    return;
  g.c = g_new (Crossing, size);
  for (guint i = 0; i < size; i++)
    g.c[i] = (Crossing){ { -1, -1 }, 0 };
  for (guint y = 0; y + 1 < ny; y++)
    for (guint x = 0; x + 1 < nx; x++)
      visit_cell (&g, x, y);
  for (guint i = 0; i < size; i++)      /* open lines first, from their ends; what is left are rings */
    if ((g.c[i].next[0] >= 0) != (g.c[i].next[1] >= 0))
      walk (out, &g, i);
  for (guint i = 0; i < size; i++)
    if (g.c[i].next[0] >= 0)
      walk (out, &g, i);
  g_free (g.c);
}

void
chain_contour_clear (ChainContour *c)
{
  g_clear_pointer (&c->points, g_array_unref);
  g_clear_pointer (&c->ends, g_array_unref);
}
