/* SPDX-License-Identifier: Apache-2.0 */
/* The picture of the computational graph, over the ten networks of the stepper's tests and the network of the mock-up, whose numbers are printed
 * on it: geometry first, words second, ink last. */
#include <math.h>
#include <string.h>

#include "app/picture/graph/graph.h"
#include "app/picture/views.h"
#include "tests/app/stepper/step-kit.h"

#define W 776
#define H 630

static ChainSnapshot *
snapshot_of (ChainTrainer *t)
{
  chain_trainer_set_trace_request (t, (ChainTraceRequest){ CHAIN_TRACE_SAMPLE, 0 });
  return chain_trainer_snapshot (t, CHAIN_WANT_TRACE);
}

/* With the debugger's view at a position. */
static ChainSnapshot *
snapshot_at (const ChainSnapshot *s, ChainStepView *v, guint position, double tween)
{
  g_autoptr (ChainStepView) c = chain_step_view_copy (v);

  c->position = position;
  c->tween = tween;
  return chain_step_view_snapshot (c, s);
}

static int
cell_named (const ChainStepView *v, const char *name)
{
  for (guint i = 0; i < v->diagram->cells->len; i++)
    {
      g_autofree char *text = chain_maths_to_text (chain_graph_cell (v, i)->name);

      if (strcmp (text, name) == 0)
        return (int) i;
    }
  return -1;
}

static const ChainElement *
element_named (const ChainLayout *l, const char *name)
{
  const ChainGraphLayout *g = l->data;
  int i = cell_named (g->view, name);

  g_assert_cmpint (i, >=, 0);
  return g_ptr_array_index (l->elements, i);
}

typedef struct { ChainTrainer *trainer; ChainSnapshot *s; ChainStepView *v; ChainTheme t; } Example;

static Example
example_new (void)
{
  Example e = { .trainer = step_kit_example () };

  e.s = snapshot_of (e.trainer);
  g_assert_nonnull (e.s->trace);
  e.v = chain_graph_view (e.s, CHAIN_DETAIL_OPERATIONS);
  chain_theme_init (&e.t, "light");
  return e;
}

static void
example_clear (Example *e)
{
  chain_step_view_unref (e->v);
  chain_snapshot_unref (e->s);
  chain_trainer_free (e->trainer);
}

static ChainLayout *
layout_at (const Example *e, guint position, double tween)
{
  g_autoptr (ChainSnapshot) s = snapshot_at (e->s, e->v, position, tween);

  return chain_layout_graph (s, &e->t, W, H);
}

/* --- words --- */

static void
test_words (void)
{
  Example e = example_new ();
  g_autoptr (ChainLayout) at23 = layout_at (&e, 23, 1), start = layout_at (&e, 0, 1);
  const ChainElement *h = element_named (at23, "h");

  g_assert_true (g_str_has_prefix (h->id, "cell:"));
  g_assert_cmpstr (h->role, ==, "operation");
  g_assert_nonnull (strstr (h->label, "−0.5068"));
  g_assert_nonnull (strstr (h->label, "0.5784"));
  g_assert_nonnull (strstr (h->label, "2 uses"));
  h = element_named (start, "h");
  g_assert_nonnull (strstr (h->label, "not computed yet"));
  g_assert_null (strstr (h->label, "0.5784"));
  g_assert_nonnull (strstr (at23->description, "24 cells"));
  example_clear (&e);
}

static void
test_csv (void)
{
  Example e = example_new ();
  g_autofree char *csv = chain_csv_graph (e.s);
  g_auto (GStrv) lines = g_strsplit (csv, "\n", -1);

  g_assert_cmpstr (lines[0], ==, "cell,name,symbol,shape,value,adjoint");
  g_assert_cmpuint (g_strv_length (lines), ==, e.v->diagram->cells->len + 2);
  example_clear (&e);
}

/* --- geometry --- */

/* A box of what is drawn of a cell; a tag is one, and a cell is two: symbol, and chips. */
typedef struct { double x0, y0, x1, y1; } Box;

#define CHIP_W 27.0
#define CHIP_H 9.5

static guint
boxes_of (const ChainGraphCell *c, Box *out)
{
  out[0] = (Box){ c->x - c->hw, c->y - c->hh, c->x + c->hw, c->y + c->hh };
  if (c->shape == CHAIN_SHAPE_TAG)
    return 1;
  out[1] = (Box){ c->x + c->value.x - CHIP_W, c->y + c->value.y - CHIP_H, c->x + c->value.x + CHIP_W, c->y + c->value.y + CHIP_H };
  out[2] = (Box){ c->x + c->adjoint.x - CHIP_W, c->y + c->adjoint.y - CHIP_H, c->x + c->adjoint.x + CHIP_W, c->y + c->adjoint.y + CHIP_H };
  return 3;
}

static gboolean
apart (const ChainGraphCell *a, const ChainGraphCell *b)
{
  Box p[3], q[3];

  for (guint i = 0; i < boxes_of (a, p); i++)
    for (guint j = 0; j < boxes_of (b, q); j++)
      if (p[i].x1 > q[j].x0 + 1e-6 && q[j].x1 > p[i].x0 + 1e-6 && p[i].y1 > q[j].y0 + 1e-6 && q[j].y1 > p[i].y0 + 1e-6)
        return FALSE;
  return TRUE;
}

/* Its lanes begin at the right of a cell and end at the left of the other, or at a tag that stands there. */
static void
check_wire (const ChainGraphLayout *g, guint i)
{
  const ChainWire *w = chain_graph_wire (g->view, i);
  const ChainGraphCell *a = &g->cell[w->from], *b = &g->cell[w->to];
  ChainLayPoint from, to;
  ChainLane lane;

  chain_graph_lane (g, i, FALSE, &lane);
  from = lane.p[0];
  to = lane.p[lane.n - 1];
  if (a->host < 0)
    g_assert_cmpfloat (a->x, <, b->x);
  for (guint k = 3; a->host < 0 && k < lane.n; k += 3)
    g_assert_cmpfloat (lane.p[k].x, >, lane.p[k - 3].x - 1e-6);
  g_assert_cmpfloat (fabs (from.x - a->x), <=, MAX (a->hw, a->stand == CHAIN_STAND_ROW ? a->right : 0) + 8);
  g_assert_cmpfloat (fabs (from.y - a->y), <=, a->hh + 8);
  g_assert_cmpfloat (fabs (to.x - b->x), <=, MAX (b->hw, b->through ? 0 : b->arrive) + 8);
  g_assert_cmpfloat (fabs (to.y - b->y), <=, b->hh + 8);
}

static void
check_geometry (const ChainLayout *l)
{
  const ChainGraphLayout *g = l->data;
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < l->elements->len; i++)
    g_assert_true (g_hash_table_add (ids, ((ChainElement *) g_ptr_array_index (l->elements, i))->id));
  for (guint i = 0; i < g->places->n; i++)
    {
      const ChainGraphCell *c = &g->cell[i];
      const ChainElement *e = g_ptr_array_index (l->elements, i);

      for (guint j = 0; j < i; j++)
        g_assert_true (apart (c, &g->cell[j]));
      g_assert_true (e->x >= -1 && e->y >= -1 && e->x + e->w <= l->width + 1 && e->y + e->h <= l->height + 1);
      g_assert_true (chain_layout_graph_hit (l, g->ox + g->fit * c->x, g->oy + g->fit * c->y) == e);
    }
  for (guint i = 0; i < g->places->n_wires; i++)
    check_wire (g, i);
}

static void
test_geometry (void)
{
  ChainTheme t;

  chain_theme_init (&t, "light");
  for (guint i = 0; step_kit_names[i] != NULL; i++)
    {
      ChainTrainer *trainer = step_kit_trainer (step_kit_spec (step_kit_names[i]));
      g_autoptr (ChainSnapshot) s = snapshot_of (trainer);
      ChainLayout *(*const details[]) (const ChainSnapshot *, const ChainTheme *, double, double) = { chain_layout_graph, chain_layout_graph_units,
                                                                                                    chain_layout_graph_layers, chain_layout_graph_nodes };

      g_test_message ("%s", step_kit_names[i]);
      for (guint k = 0; k < G_N_ELEMENTS (details); k++)
        {
          g_autoptr (ChainLayout) l = details[k] (s, &t, W, H);

          g_assert_null (((ChainGraphLayout *) l->data)->notice);
          check_geometry (l);
        }
      chain_trainer_free (trainer);
    }
}

/* The network that the program opens with, 2-6-6-1, as the window of 1280 x 800 has room for it. */
static void
test_readable (void)
{
  g_autoptr (ChainSpec) spec = chain_spec_example ();
  ChainTrainer *trainer = step_kit_trainer (chain_spec_copy (spec));
  g_autoptr (ChainSnapshot) s = snapshot_of (trainer);
  g_autoptr (ChainLayout) units = NULL, full = NULL, layers = NULL;
  ChainTheme t;

  chain_theme_init (&t, "light");
  units = chain_layout_graph_units (s, &t, 766, 630);
  full = chain_layout_graph (s, &t, 766, 630);
  layers = chain_layout_graph_layers (s, &t, 766, 630);
  check_geometry (units);
  check_geometry (full);
  check_geometry (layers);
  g_assert_cmpfloat (10.5 * ((ChainGraphLayout *) units->data)->fit, >=, 9);      /* the smallest text, px */
  g_assert_cmpfloat (10.5 * ((ChainGraphLayout *) layers->data)->fit, >=, 9);
  chain_trainer_free (trainer);
}

/* Products of one sum are lines of one block, the sum stands at its middle, and its activation on the same line: straight wires. */
static void
test_sums (void)
{
  g_autoptr (ChainSpec) spec = chain_spec_example ();
  ChainTrainer *trainer = step_kit_trainer (chain_spec_copy (spec));
  g_autoptr (ChainSnapshot) s = snapshot_of (trainer);
  g_autoptr (ChainLayout) l = NULL;
  const ChainGraphLayout *g;
  ChainTheme t;
  guint sums = 0;

  chain_theme_init (&t, "light");
  l = chain_layout_graph (s, &t, W, H);
  g = l->data;
  for (guint i = 0; i < g->places->n; i++)
    {
      double top = HUGE_VAL, bottom = -HUGE_VAL;
      guint n = 0;

      for (guint k = g->places->first_in[i]; k < g->places->first_in[i + 1]; k++)
        {
          const ChainGraphCell *c = &g->cell[chain_graph_wire (g->view, g->places->in[k])->from];

          if (c->line < 0)
            continue;
          top = MIN (top, c->y);
          bottom = MAX (bottom, c->y);
          n++;
        }
      if (n == 0)
        continue;
      sums++;
      g_assert_cmpfloat_with_epsilon (bottom - top, CHAIN_GRAPH_LINE * (n - 1) * g->stretch, 1e-6);
      g_assert_cmpfloat_with_epsilon (g->cell[i].y, (top + bottom) / 2, 1e-6);
      g_assert_cmpfloat_with_epsilon (g->cell[chain_graph_wire (g->view, g->places->out[g->places->first_out[i]])->to].y, g->cell[i].y, 1e-6);
    }
  g_assert_cmpuint (sums, ==, 13);
  chain_trainer_free (trainer);
}

static int
place_in_rank (const ChainGraphLayout *g, guint i, const ChainGraphLayout *both)
{
  int place = 0;

  for (guint j = 0; j < g->places->n; j++)
    place += g->cell[j].host < 0 && g->cell[j].rank == g->cell[i].rank && g->cell[j].y < g->cell[i].y - 1e-6
             && chain_diagram_find (both->view->diagram, chain_graph_cell (g->view, j)->id) != NULL;
  return place;
}

/* Opening one unit moves no other cell by more than one place within its rank. */
static void
test_opening (void)
{
  g_autoptr (ChainSpec) spec = chain_spec_example ();
  ChainTrainer *trainer = step_kit_trainer (chain_spec_copy (spec));
  g_autoptr (ChainSnapshot) s = snapshot_of (trainer), open = NULL;
  g_autoptr (ChainDiagram) diagram = NULL, opened = NULL;
  g_autoptr (ChainStepView) v = NULL, after = NULL;
  g_autoptr (ChainSnapshot) shut = NULL;
  g_autoptr (ChainLayout) a = NULL, b = NULL;
  g_autofree char *id = NULL;
  ChainTheme t;

  chain_theme_init (&t, "light");
  diagram = chain_diagram_new (s->trace, CHAIN_DETAIL_UNITS, NULL, NULL);
  for (guint i = 0; i < diagram->cells->len && id == NULL; i++)
    if (chain_diagram_cell (diagram, i)->n_opened > 0)
      id = g_strconcat (chain_diagram_cell (diagram, i)->id, " ", NULL);
  g_assert_nonnull (id);
  opened = chain_diagram_new (s->trace, CHAIN_DETAIL_UNITS, id, NULL);
  g_assert_cmpuint (opened->cells->len, >, diagram->cells->len);
  v = chain_step_view_new (s->trace, diagram, NULL);
  shut = chain_step_view_snapshot (v, s);
  a = chain_layout_graph (shut, &t, W, H);
  after = chain_step_view_new (s->trace, opened, v);
  open = chain_step_view_snapshot (after, s);
  b = chain_layout_graph (open, &t, W, H);
  check_geometry (b);
  for (guint i = 0; i < diagram->cells->len; i++)
    {
      const ChainGraphLayout *ga = a->data, *gb = b->data;
      int at;
      const ChainCell *same = chain_diagram_find (opened, chain_diagram_cell (diagram, i)->id);

      if (same == NULL || ga->cell[i].host >= 0)
        continue;
      at = (int) (same - chain_diagram_cell (opened, 0));
      if (gb->cell[at].host < 0)
        g_assert_cmpint (ABS (place_in_rank (ga, i, gb) - place_in_rank (gb, (guint) at, ga)), <=, 1);
    }
  chain_trainer_free (trainer);
}

/* Same input, same output. */
static void
test_same (void)
{
  ChainTheme t;

  chain_theme_init (&t, "light");
  for (guint i = 0; step_kit_names[i] != NULL; i++)
    {
      ChainTrainer *trainer = step_kit_trainer (step_kit_spec (step_kit_names[i]));
      g_autoptr (ChainSnapshot) s = snapshot_of (trainer);
      g_autoptr (ChainLayout) a = chain_layout_graph (s, &t, W, H), b = chain_layout_graph (s, &t, W, H);
      const ChainGraphLayout *ga = a->data, *gb = b->data;

      for (guint k = 0; k < ga->places->n; k++)
        g_assert_true (memcmp (&ga->cell[k].x, &gb->cell[k].x, 2 * sizeof (double)) == 0);
      chain_trainer_free (trainer);
    }
}

/* A wire is hit within 6 px, a place with nothing is not. */
static void
test_hit (void)
{
  Example e = example_new ();
  g_autoptr (ChainLayout) l = layout_at (&e, 26, 1);
  const ChainGraphLayout *g = l->data;
  const ChainElement *hit;
  ChainLane lane;
  ChainLayPoint p;

  for (guint i = 0; i < g->places->n_wires; i++)
    {
      chain_graph_lane (g, i, FALSE, &lane);
      p = chain_graph_lane_at (&lane, 0.5, NULL);
      hit = chain_layout_graph_hit (l, g->ox + g->fit * p.x, g->oy + g->fit * p.y);
      g_assert_nonnull (hit);
      g_assert_cmpstr (hit->role, ==, "wire");
    }
  g_assert_null (chain_layout_graph_hit (l, 3, H - 3));
  example_clear (&e);
}

static void
test_move (void)
{
  Example e = example_new ();
  g_autoptr (ChainLayout) before = layout_at (&e, 26, 1), after = NULL;
  g_autoptr (ChainStepView) v = chain_step_view_copy (e.v);
  g_autoptr (ChainSnapshot) s = NULL;
  const ChainElement *h = element_named (before, "h"), *x = element_named (before, "x");
  double fit = ((ChainGraphLayout *) before->data)->fit;

  chain_step_view_move (v, h->id + strlen ("cell:"), 10, -20);
  chain_step_view_move (v, h->id + strlen ("cell:"), 5, 0);
  s = chain_step_view_snapshot (v, e.s);
  after = chain_layout_graph (s, &e.t, W, H);
  g_assert_cmpfloat_with_epsilon (element_named (after, "h")->x, h->x + 15 * fit, 1e-6);
  g_assert_cmpfloat_with_epsilon (element_named (after, "h")->y, h->y - 20 * fit, 1e-6);
  g_assert_cmpfloat_with_epsilon (element_named (after, "x")->x, x->x, 1e-6);
  g_assert_cmpuint (before->still, !=, after->still);
  example_clear (&e);
}

/* While a step plays, no place is found anew and what stands still is not drawn again. */
static void
test_playing (void)
{
  Example e = example_new ();
  g_autoptr (ChainLayout) a = layout_at (&e, 23, 0.2), b = layout_at (&e, 23, 0.8), c = layout_at (&e, 24, 0.2), d = layout_at (&e, 23, 1);

  g_assert_true (((ChainGraphLayout *) a->data)->places == ((ChainGraphLayout *) c->data)->places);
  g_assert_cmpuint (a->still, ==, b->still);
  g_assert_cmpuint (a->still, !=, c->still);
  g_assert_cmpuint (a->still, !=, d->still);
  example_clear (&e);
}

static void
test_cancel (void)
{
  Example e = example_new ();
  int cancel = 1;

  g_assert_false (chain_step_view_prepare (e.v, &cancel));
  cancel = 0;
  g_assert_true (chain_step_view_prepare (e.v, &cancel));
  example_clear (&e);
}

/* --- ink --- */

static cairo_surface_t *
paint (const Example *e, guint position, double tween, const ChainOverlay *o)
{
  g_autoptr (ChainSnapshot) s = snapshot_at (e->s, e->v, position, tween);
  g_autoptr (ChainLayout) l = chain_layout_graph (s, &e->t, W, H);
  cairo_surface_t *f = cairo_image_surface_create (CAIRO_FORMAT_RGB24, W, H);
  cairo_t *cr = cairo_create (f);

  chain_draw_graph (cr, l, s, &e->t, o);
  cairo_destroy (cr);
  cairo_surface_flush (f);
  return f;
}

/* How many pixels differ inside a rectangle. */
static guint
differ (cairo_surface_t *a, cairo_surface_t *b, double x, double y, double w, double h)
{
  guint n = 0;

  for (int j = (int) y; j < (int) (y + h); j++)
    for (int i = (int) x; i < (int) (x + w); i++)
      n += memcmp (cairo_image_surface_get_data (a) + j * cairo_image_surface_get_stride (a) + 4 * i,
                   cairo_image_surface_get_data (b) + j * cairo_image_surface_get_stride (b) + 4 * i, 3) != 0;
  return n;
}

/* Step 23 is about z₂, w₂ and h: the target is drawn the same before and after, h is not; a pulse is somewhere else a moment later. */
static void
test_ink (void)
{
  Example e = example_new ();
  g_autoptr (ChainLayout) l = layout_at (&e, 23, 1);
  const ChainElement *h = element_named (l, "h"), *t = element_named (l, "t");
  cairo_surface_t *before = paint (&e, 22, 1, NULL), *after = paint (&e, 23, 1, NULL), *early = paint (&e, 23, 0.1, NULL), *late = paint (&e, 23, 0.4, NULL);

  g_assert_cmpuint (differ (before, after, h->x, h->y, h->w, h->h), >, 100);
  g_assert_cmpuint (differ (before, after, t->x, t->y, t->w, t->h), ==, 0);
  g_assert_cmpuint (differ (early, late, 0, 0, W, H), >, 20);
  g_assert_cmpuint (differ (early, late, t->x, t->y, t->w, t->h), ==, 0);
  cairo_surface_destroy (before);
  cairo_surface_destroy (after);
  cairo_surface_destroy (early);
  cairo_surface_destroy (late);
  example_clear (&e);
}

/* Under the pointer at p, the loss depends on it and stays as it is; q and x do not, and pale. */
static void
test_hover (void)
{
  Example e = example_new ();
  g_autoptr (ChainLayout) l = layout_at (&e, 13, 1);
  const ChainElement *p = element_named (l, "p"), *q = element_named (l, "q"), *loss = element_named (l, "s");
  ChainOverlay o = { .hover = p->id };
  cairo_surface_t *plain = paint (&e, 13, 1, NULL), *hover = paint (&e, 13, 1, &o);
  double r = 12 * ((ChainGraphLayout *) l->data)->fit, mid = 19 * ((ChainGraphLayout *) l->data)->fit;

  g_assert_cmpuint (differ (plain, hover, q->x + q->w / 2 - r, q->y + mid - r, 2 * r, 2 * r), >, (guint) (2 * r * r));
  g_assert_cmpuint (differ (plain, hover, loss->x + loss->w / 2 - r, loss->y + mid - r, 2 * r, 2 * r), <, (guint) (r * r / 4));
  cairo_surface_destroy (plain);
  cairo_surface_destroy (hover);
  example_clear (&e);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph/words", test_words);
  g_test_add_func ("/graph/csv", test_csv);
  g_test_add_func ("/graph/geometry", test_geometry);
  g_test_add_func ("/graph/readable", test_readable);
  g_test_add_func ("/graph/sums", test_sums);
  g_test_add_func ("/graph/opening", test_opening);
  g_test_add_func ("/graph/same", test_same);
  g_test_add_func ("/graph/hit", test_hit);
  g_test_add_func ("/graph/move", test_move);
  g_test_add_func ("/graph/playing", test_playing);
  g_test_add_func ("/graph/cancel", test_cancel);
  g_test_add_func ("/graph/ink", test_ink);
  g_test_add_func ("/graph/hover", test_hover);
  return g_test_run ();
}
