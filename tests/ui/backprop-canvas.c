/* SPDX-License-Identifier: Apache-2.0 */
/* The graph on the Backprop page in process: detail by zoom there and back, with the size of symbols and the place kept; what a hand has opened stays;
 * the present step stays in view. Warnings are fatal. */
#include "config.h"

#include <math.h>

#include "app/session/session.h"
#include "engine/run/backend-registry.h"
#include "ui/backprop/backprop.h"
#include "ui/canvas/canvas.h"
#include "ui/window/application.h"
#include "ui/window/window.h"
#include "tests/ui/gdk-flaw.h"

static ChainApplication *app;

static gboolean
late_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Turns the main loop until condition holds. */
#define assert_soon(condition) \
  G_STMT_START \
  { \
    gboolean late = FALSE; \
    guint id = g_timeout_add (60000, late_cb, &late); \
    while (!(condition) && !late) \
      g_main_context_iteration (NULL, TRUE); \
    if (late) \
      g_error ("timed out: %s", #condition); \
    g_source_remove (id); \
  } \
  G_STMT_END

static void
settle (guint ms)
{
  gboolean late = FALSE;

  g_timeout_add (ms, late_cb, &late);
  while (!late)
    g_main_context_iteration (NULL, TRUE);
}

static GtkWidget *
find_type (GtkWidget *root, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_type (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

typedef struct { GtkWidget *win; ChainBackpropPage *page; ChainCanvas *canvas; } Fixture;

static const ChainDiagram *
diagram (Fixture *f)
{
  return chain_backprop_page_diagram (f->page);
}

static void
show (Fixture *f, ChainDetail detail)
{
  ChainStepFields *fields = chain_backprop_page_fields (f->page);

  chain_step_fields_set_detail (fields, detail);
  g_signal_emit_by_name (fields, "changed");
  assert_soon (diagram (f)->detail == detail);
  settle (400);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->win = chain_window_new (GTK_APPLICATION (app));
  f->page = CHAIN_BACKPROP_PAGE (find_type (f->win, CHAIN_TYPE_BACKPROP_PAGE));
  gtk_window_set_default_size (GTK_WINDOW (f->win), 1280, 800);
  gtk_window_present (GTK_WINDOW (f->win));
  g_action_group_activate_action (G_ACTION_GROUP (f->win), "page", g_variant_new_string ("backprop"));
  assert_soon (diagram (f) != NULL);
  f->canvas = CHAIN_CANVAS (find_type (GTK_WIDGET (f->page), CHAIN_TYPE_CANVAS));
  assert_soon (chain_canvas_layout (f->canvas) != NULL);
  settle (300);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gpointer page = f->page;

  g_object_add_weak_pointer (page, &page);
  gtk_window_destroy (GTK_WINDOW (f->win));
  assert_soon (page == NULL);
}

/* Centre of a cell on the canvas, and its width there. */
static graphene_point_t
centre (Fixture *f, const char *cell, double *width)
{
  g_autofree char *id = g_strconcat ("cell:", cell, NULL);
  graphene_rect_t r;

  g_assert_true (chain_canvas_bounds (f->canvas, id, &r));
  if (width != NULL)
    *width = r.size.width;
  return GRAPHENE_POINT_INIT (r.origin.x + r.size.width / 2, r.origin.y + r.size.height / 2);
}

static gboolean
has (Fixture *f, const char *cell)
{
  return chain_diagram_find (diagram (f), cell) != NULL;
}

/* At one point, notch by notch, until a cell is there or gone; how many. */
static guint
zoom_until (Fixture *f, double factor, graphene_point_t at, const char *cell, gboolean there)
{
  guint notches = 0;

  while (has (f, cell) != there)
    {
      g_assert_cmpuint (notches++, <, 30);
      chain_canvas_zoom (f->canvas, factor, at.x, at.y);
      settle (50);
    }
  return notches;
}

static const char *
layer_with (Fixture *f, guint n)
{
  const ChainDiagram *d = diagram (f);

  for (guint i = 0; i < d->cells->len; i++)
    if (chain_diagram_cell (d, i)->kind == CHAIN_CELL_LAYER && chain_diagram_cell (d, i)->layer == n)
      return chain_diagram_cell (d, i)->id;
  return NULL;
}

static void
test_zoom (Fixture *f, gconstpointer data)
{
  g_autofree char *layer = NULL, *other = NULL, *unit = NULL, *loss = NULL;
  graphene_point_t at;
  double before, after;
  guint in, out;

  show (f, CHAIN_DETAIL_LAYERS);
  layer = g_strdup (layer_with (f, 0));
  other = g_strdup (layer_with (f, 1));
  unit = g_strconcat (layer, ":0", NULL);
  loss = g_strdup ("loss");
  at = centre (f, layer, NULL);
  centre (f, loss, &before);
  in = zoom_until (f, 1.15, at, unit, TRUE);
  settle (500);
  g_assert_false (has (f, layer));
  g_assert_true (has (f, other));      /* in place: the rest is as it was */
  g_assert_cmpint (chain_step_fields_detail (chain_backprop_page_fields (f->page)), ==, CHAIN_DETAIL_LAYERS);
  centre (f, loss, &after);
  g_assert_cmpfloat_with_epsilon (after / before, pow (1.15, in), 0.03);      /* zoom alone has changed the size */
  chain_canvas_zoom (f->canvas, 1 / 1.15, at.x, at.y);
  settle (300);
  g_assert_true (has (f, unit));       /* one notch back folds nothing */
  out = 1 + zoom_until (f, 1 / 1.15, at, layer, TRUE);
  g_assert_cmpuint (out, >=, 2);
  settle (400);
  g_assert_false (has (f, unit));
}

/* What was opened is where it was folded; and where it was opened it folds. */
static void
test_place (Fixture *f, gconstpointer data)
{
  g_autofree char *layer = NULL;
  graphene_point_t at, middle = { 0, 0 };
  guint n = 0;

  show (f, CHAIN_DETAIL_LAYERS);
  layer = g_strdup (layer_with (f, 1));
  at = centre (f, layer, NULL);
  {
    g_autofree char *unit = g_strconcat (layer, ":0", NULL);

    zoom_until (f, 1.15, at, unit, TRUE);
  }
  settle (500);
  for (guint i = 0; i < diagram (f)->cells->len; i++)
    {
      const ChainCell *c = chain_diagram_cell (diagram (f), i);
      graphene_point_t p;

      if (c->kind != CHAIN_CELL_OPERATION || c->layer != 1)
        continue;
      p = centre (f, c->id, NULL);
      middle.x += p.x;
      middle.y += p.y;
      n++;
    }
  g_assert_cmpuint (n, ==, 6);
  g_assert_cmpfloat_with_epsilon (middle.x / (float) n, at.x, 40);
  g_assert_cmpfloat_with_epsilon (middle.y / (float) n, at.y, 60);      /* a cell's middle is lower than its symbol's: chips hang below */
}

/* A hand's choice outlives zooming out. */
static void
test_by_hand (Fixture *f, gconstpointer data)
{
  g_autofree char *layer = NULL, *unit = NULL, *element = NULL;
  graphene_point_t at;

  show (f, CHAIN_DETAIL_LAYERS);
  layer = g_strdup (layer_with (f, 0));
  unit = g_strconcat (layer, ":0", NULL);
  element = g_strconcat ("cell:", layer, NULL);
  at = centre (f, layer, NULL);
  g_signal_emit_by_name (f->canvas, "activated", element);
  assert_soon (has (f, unit));
  settle (400);
  for (guint i = 0; i < 4; i++)
    {
      chain_canvas_zoom (f->canvas, 1 / 1.15, at.x, at.y);
      settle (50);
    }
  g_assert_true (has (f, unit));
}

static gboolean
is_in_view (Fixture *f, guint position)
{
  const ChainEventRow *e = &g_array_index (diagram (f)->events, ChainEventRow, position - 1);
  graphene_point_t at = centre (f, chain_diagram_cell (diagram (f), e->cell)->id, NULL);
  float w = (float) gtk_widget_get_width (GTK_WIDGET (f->canvas)), h = (float) gtk_widget_get_height (GTK_WIDGET (f->canvas));

  return at.x > 0.05f * w && at.x < 0.95f * w && at.y > 0.05f * h && at.y < 0.95f * h;
}

static void
test_follow (Fixture *f, gconstpointer data)
{
  double zoom, x, y, zoom2, x2, y2;
  guint n;

  show (f, CHAIN_DETAIL_UNITS);
  chain_canvas_zoom (f->canvas, 1.9, 1, 1);      /* below what opens units */
  settle (100);
  n = diagram (f)->events->len;
  for (guint k = 1; k <= n; k++)
    {
      chain_backprop_page_go (f->page, k);
      settle (320);
      if (g_array_index (diagram (f)->events, ChainEventRow, k - 1).phase != CHAIN_PHASE_UPDATE)
        g_assert_true (is_in_view (f, k));
    }
  chain_canvas_camera (f->canvas, &zoom, &x, &y);
  g_assert_cmpfloat (zoom, >, 1.5);
  chain_canvas_set_camera (f->canvas, zoom, x + 2000, y);      /* a hand pans away: nothing moves back until the next step */
  settle (400);
  chain_canvas_camera (f->canvas, &zoom2, &x2, &y2);
  g_assert_cmpfloat_with_epsilon (x2, x + 2000, 1e-6);
  chain_backprop_page_go (f->page, 3);
  settle (400);
  g_assert_true (is_in_view (f, 3));
  chain_canvas_fit (f->canvas);
  settle (200);
  chain_canvas_camera (f->canvas, &zoom, &x, &y);
  g_assert_cmpfloat_with_epsilon (fabs (zoom - 1) + fabs (x) + fabs (y), 0, 1e-9);
}

int
main (int argc, char **argv)
{
  int status;

  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_setenv ("GTK_A11Y", "test", FALSE);
  chain_backend_init ();
  gtk_test_init (&argc, &argv, NULL);
  gdk_flaw_ignore ();
  app = chain_application_new (G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (app), NULL, NULL));
  g_test_add ("/backprop-canvas/zoom", Fixture, NULL, set_up, test_zoom, tear_down);
  g_test_add ("/backprop-canvas/place", Fixture, NULL, set_up, test_place, tear_down);
  g_test_add ("/backprop-canvas/by-hand", Fixture, NULL, set_up, test_by_hand, tear_down);
  g_test_add ("/backprop-canvas/follow", Fixture, NULL, set_up, test_follow, tear_down);
  status = g_test_run ();
  g_object_unref (app);
  return status;
}
