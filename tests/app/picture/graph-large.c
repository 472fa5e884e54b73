/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs with so many cells that wires are no elements and cells have no sentence until somebody asks: both are found by place and by name all the same. */
#include <math.h>
#include <string.h>

#include "app/picture/graph/graph.h"
#include "app/picture/views.h"
#include "tests/app/stepper/step-kit.h"

#define W 1200
#define H 900

typedef struct { ChainTrainer *trainer; ChainSnapshot *s; ChainTheme t; ChainLayout *l; const ChainGraphLayout *g; } Large;

static void
set_up (Large *f, gconstpointer data)
{
  g_autoptr (ChainStepView) v = NULL;
  g_autoptr (ChainSnapshot) s = NULL;

  f->trainer = step_kit_deep (20);
  chain_trainer_set_trace_request (f->trainer, (ChainTraceRequest){ CHAIN_TRACE_SAMPLE, 0 });
  s = chain_trainer_snapshot (f->trainer, CHAIN_WANT_TRACE);
  v = chain_graph_view (s, CHAIN_DETAIL_NODES);
  f->s = chain_step_view_snapshot (v, s);
  chain_theme_init (&f->t, "light");
  f->l = chain_layout_graph (f->s, &f->t, W, H);
  f->g = f->l->data;
  g_assert_cmpuint (f->g->places->n, >, CHAIN_GRAPH_WALKABLE);
}

static void
tear_down (Large *f, gconstpointer data)
{
  chain_layout_free (f->l);
  chain_snapshot_unref (f->s);
  chain_trainer_free (f->trainer);
}

/* In the middle of each wire there is a wire, or a cell that lies on it; most are the wire itself. */
static void
test_hit (Large *f, gconstpointer data)
{
  guint own = 0, none = 0;

  g_assert_cmpuint (f->l->elements->len, ==, f->g->places->n);
  for (guint i = 0; i < f->g->places->n_wires; i++)
    {
      const ChainElement *e;
      ChainLayPoint p;
      ChainLane lane;

      chain_graph_lane (f->g, i, FALSE, &lane);
      p = chain_graph_lane_at (&lane, 0.5, NULL);
      e = chain_layout_graph_hit (f->l, f->g->ox + f->g->fit * p.x, f->g->oy + f->g->fit * p.y);
      none += e == NULL;
      own += e != NULL && strcmp (e->role, "wire") == 0 && e->index == i;
    }
  g_assert_cmpuint (none, ==, 0);
  g_assert_cmpuint (own, >, f->g->places->n_wires / 2);
}

/* A wire's element has a sentence, and its id leads back to it. */
static void
test_names (Large *f, gconstpointer data)
{
  guint cell = f->g->places->n / 2, wire = f->g->places->n_wires / 2;
  const ChainElement *c = g_ptr_array_index (f->l->elements, cell);
  g_autofree char *name = chain_layout_label (f->l, c), *sentence = chain_graph_cell_label (f->g->view, cell);
  ChainElement *w = chain_graph_wire_element (f->g, wire);
  gboolean is_wire = FALSE;

  g_assert_cmpstr (name, ==, sentence);
  g_assert_cmpint (chain_graph_find (f->g, c->id, &is_wire), ==, (int) cell);
  g_assert_false (is_wire);
  g_assert_true (g_str_has_prefix (w->label, "Wire from "));
  g_assert_cmpint (chain_graph_find (f->g, w->id, &is_wire), ==, (int) wire);
  g_assert_true (is_wire);
  g_assert_cmpint (chain_graph_find (f->g, "wire:nobody>loss:0", &is_wire), ==, -1);
  g_assert_cmpint (chain_graph_find (f->g, "wire:", &is_wire), ==, -1);
  g_assert_cmpint (chain_graph_find (f->g, "layer:d1", &is_wire), ==, -1);
  g_free (w->id);
  g_free (w->role);
  g_free (w->label);
  g_free (w);
}

static guint
ink_of (Large *f, const char *hover)
{
  cairo_surface_t *s = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, W, H);
  cairo_t *cr = cairo_create (s);
  ChainOverlay o = { .hover = hover };
  guint sum = 0;

  cairo_scale (cr, 12, 12);
  cairo_translate (cr, -W / 2.0 + 50, -H / 2.0 + 37);
  chain_draw_graph (cr, f->l, f->s, &f->t, &o);
  cairo_destroy (cr);
  cairo_surface_flush (s);
  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++)
      sum = sum * 31 + ((const guint32 *) (gconstpointer) (cairo_image_surface_get_data (s) + y * cairo_image_surface_get_stride (s)))[x];
  cairo_surface_destroy (s);
  return sum;
}

/* A wire under the pointer is marked where it is large enough to be seen. */
static void
test_mark (Large *f, gconstpointer data)
{
  const ChainElement *e = NULL;
  g_autofree char *id = NULL;
  guint plain = ink_of (f, NULL);

  for (int i = 0; i < 400 && (e == NULL || strcmp (e->role, "wire") != 0); i++)
    e = chain_layout_graph_hit (f->l, W / 2.0 + (i % 20 - 10) * 2, H / 2.0 + (i / 20 - 10) * 2);
  g_assert_nonnull (e);
  g_assert_cmpstr (e->role, ==, "wire");
  id = g_strdup (e->id);
  g_assert_cmpuint (ink_of (f, id), !=, plain);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/graph-large/hit", Large, NULL, set_up, test_hit, tear_down);
  g_test_add ("/graph-large/names", Large, NULL, set_up, test_names, tear_down);
  g_test_add ("/graph-large/mark", Large, NULL, set_up, test_mark, tear_down);
  return g_test_run ();
}
