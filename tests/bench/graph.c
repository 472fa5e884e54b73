/* SPDX-License-Identifier: Apache-2.0 */
/* Milliseconds to place and to draw a computational graph: every node of the engine's graph for chains of dense layers, fitted into 1200 x 900 and
 * zoomed to 4 and 16 times, medians and 95th percentiles of 41 pictures in which the graph is panned. A picture is what a frame of a pan costs the
 * drawing thread: layout with its labels, and all ink; "step" is what a frame of a playing step costs.
 *
 *   bench-graph */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/picture/graph/graph.h"
#include "tests/app/stepper/step-kit.h"

enum { W = 1200, H = 900, FRAMES = 41 };

static int
compare (const void *a, const void *b)
{
  return *(const double *) a < *(const double *) b ? -1 : *(const double *) a > *(const double *) b;
}

static double
since (gint64 began)
{
  return (double) (g_get_monotonic_time () - began) / 1e3;
}

static double
frame (const ChainSnapshot *s, const ChainTheme *t, double zoom, double pan, guint parts)
{
  cairo_surface_t *f = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, W, H);
  cairo_t *cr = cairo_create (f);
  ChainOverlay o = { .parts = parts };
  gint64 began = g_get_monotonic_time ();
  g_autoptr (ChainLayout) l = chain_layout_graph (s, t, W, H);

  cairo_translate (cr, W / 2 + pan, H / 2);
  cairo_scale (cr, zoom, zoom);
  cairo_translate (cr, -W / 2, -H / 2);
  chain_draw_graph (cr, l, s, t, &o);
  cairo_destroy (cr);
  cairo_surface_destroy (f);
  return since (began);
}

static void
row (const ChainSnapshot *s, const ChainTheme *t, double zoom, guint parts, const char *what)
{
  double ms[FRAMES];

  frame (s, t, zoom, 0, parts);
  for (int i = 0; i < FRAMES; i++)
    ms[i] = frame (s, t, zoom, 7.0 * i, parts);
  qsort (ms, FRAMES, sizeof ms[0], compare);
  printf ("  %-10s median %6.1f ms   p95 %6.1f ms\n", what, ms[FRAMES / 2], ms[FRAMES * 95 / 100]);
}

/* What a movement of the pointer costs. */
static void
hits (const ChainSnapshot *s, const ChainTheme *t)
{
  g_autoptr (ChainLayout) l = chain_layout_graph (s, t, W, H);
  gint64 began = g_get_monotonic_time ();
  guint cells = 0, wires = 0;

  for (int i = 0; i < 1000; i++)
    {
      const ChainElement *e = chain_layout_graph_hit (l, W * (0.02 + 0.00096 * i), H * (0.5 + 0.2 * sin (i * 0.7)));

      wires += e != NULL && strcmp (e->role, "wire") == 0;
      cells += e != NULL && strcmp (e->role, "wire") != 0;
    }
  printf ("  hit        mean   %6.3f ms   %u cells and %u wires of 1000 points\n", since (began) / 1000, cells, wires);
}

static void
measure (guint layers)
{
  ChainTrainer *trainer;
  g_autoptr (ChainSnapshot) s = NULL, shown = NULL;
  g_autoptr (ChainStepView) v = NULL;
  ChainTheme t;
  gint64 began;

  trainer = step_kit_deep (layers);
  chain_trainer_set_trace_request (trainer, (ChainTraceRequest){ CHAIN_TRACE_SAMPLE, 0 });
  s = chain_trainer_snapshot (trainer, CHAIN_WANT_TRACE);
  chain_theme_init (&t, "light");
  began = g_get_monotonic_time ();
  v = chain_graph_view (s, CHAIN_DETAIL_NODES);
  printf ("%u layers: %u cells, %u wires; diagram %.1f ms", layers + 2, v->diagram->cells->len, v->diagram->wires->len, since (began));
  began = g_get_monotonic_time ();
  chain_step_view_prepare (v, NULL);
  printf (", places %.1f ms\n", since (began));
  shown = chain_step_view_snapshot (v, s);
  row (shown, &t, 1, CHAIN_PART_ALL, "fitted");
  row (shown, &t, 4, CHAIN_PART_ALL, "zoomed 4");
  row (shown, &t, 16, CHAIN_PART_ALL, "zoomed 16");
  row (shown, &t, 16, CHAIN_PART_LIVE, "step");
  hits (shown, &t);
  chain_trainer_free (trainer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  measure (5);
  measure (20);
  measure (105);
  return 0;
}
