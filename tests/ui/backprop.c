/* SPDX-License-Identifier: Apache-2.0 */
/* The Backprop page in process: every detail of the document's network, the whole tape there and back, the example, and a step over the end of the
 * tape and back before its beginning, which leave the trainer where it was. Warnings are fatal. */
#include "config.h"

#include <string.h>

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

typedef struct { GtkWidget *win; ChainBackpropPage *page; ChainSession *session; } Fixture;

static void
act (Fixture *f, const char *name)
{
  g_action_group_activate_action (G_ACTION_GROUP (f->win), name, NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->win = chain_window_new (GTK_APPLICATION (app));
  f->session = chain_window_session (CHAIN_WINDOW (f->win));
  f->page = CHAIN_BACKPROP_PAGE (find_type (f->win, CHAIN_TYPE_BACKPROP_PAGE));
  gtk_window_present (GTK_WINDOW (f->win));
  g_action_group_activate_action (G_ACTION_GROUP (f->win), "page", g_variant_new_string ("backprop"));
  assert_soon (chain_backprop_page_diagram (f->page) != NULL);
}

static gboolean
is_gone (gpointer *weak)
{
  return *weak == NULL;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gpointer page = f->page, session = f->session;

  g_object_add_weak_pointer (page, &page);
  g_object_add_weak_pointer (session, &session);
  gtk_window_destroy (GTK_WINDOW (f->win));
  assert_soon (is_gone (&page) && is_gone (&session));
}

static void
test_details (Fixture *f, gconstpointer data)
{
  ChainStepFields *fields = chain_backprop_page_fields (f->page);

  for (ChainDetail d = CHAIN_DETAIL_OPERATIONS; d <= CHAIN_DETAIL_NODES; d++)
    {
      guint n;

      chain_step_fields_set_detail (fields, d);
      g_signal_emit_by_name (fields, "changed");
      assert_soon (chain_backprop_page_diagram (f->page)->detail == d);
      n = chain_backprop_page_diagram (f->page)->events->len;
      g_assert_cmpuint (n, >, 0);
      act (f, "to-end");
      g_assert_cmpuint (chain_backprop_page_position (f->page), ==, n);
      for (guint k = n; k > 0; k--)
        act (f, "step-back");
      g_assert_cmpuint (chain_backprop_page_position (f->page), ==, 0);
      act (f, "step-ten");
      g_assert_cmpuint (chain_backprop_page_position (f->page), >, 0);
      settle (100);
    }
}

/* Over the end the trainer makes its step and the next tape begins; back before the beginning it is undone to the last bit. */
static void
test_across (Fixture *f, gconstpointer data)
{
  const ChainTrace *before = chain_backprop_page_trace (f->page);
  g_autofree double *value = g_memdup2 (before->value[before->model->loss_train], sizeof (double));

  g_assert_cmpuint (before->step, ==, 0);
  act (f, "to-end");
  act (f, "step");
  assert_soon (chain_backprop_page_trace (f->page)->step == 1 && chain_backprop_page_position (f->page) == 0);
  act (f, "step-back");
  assert_soon (chain_backprop_page_trace (f->page)->step == 0 && chain_backprop_page_position (f->page) > 0);
  before = chain_backprop_page_trace (f->page);
  g_assert_cmpint (memcmp (before->value[before->model->loss_train], value, sizeof (double)), ==, 0);
}

static void
test_example (Fixture *f, gconstpointer data)
{
  const ChainCell *c;
  double adjoint = 0;

  chain_step_fields_set_example (chain_backprop_page_fields (f->page), TRUE);
  assert_soon (chain_backprop_page_diagram (f->page) != NULL && chain_backprop_page_diagram (f->page)->n_forward == 13);
  g_assert_cmpuint (chain_backprop_page_diagram (f->page)->n_backward, ==, 13);
  chain_backprop_page_go (f->page, 23);
  for (guint i = 0; i < chain_backprop_page_diagram (f->page)->cells->len; i++)
    {
      g_autofree char *name = NULL;

      c = chain_diagram_cell (chain_backprop_page_diagram (f->page), i);
      name = chain_maths_to_text (c->name);
      if (g_str_equal (name, "h"))
        adjoint = chain_cell_adjoint (chain_backprop_page_trace (f->page), chain_backprop_page_diagram (f->page), i, 23);
    }
  g_assert_cmpfloat_with_epsilon (adjoint, -0.5068, 5e-5);
  g_assert_cmpuint (chain_tape_rows (chain_backprop_page_tape (f->page)), ==, 10);
  chain_step_fields_set_example (chain_backprop_page_fields (f->page), FALSE);
  assert_soon (chain_backprop_page_diagram (f->page) != NULL && chain_backprop_page_diagram (f->page)->n_forward != 13);
}

/* The heat map opens for a matrix under the pointer, follows the position, and goes with the pointer; an entry of it can be in view. */
static void
test_matrix (Fixture *f, gconstpointer data)
{
  ChainCanvas *canvas = CHAIN_CANVAS (find_type (GTK_WIDGET (f->page), CHAIN_TYPE_CANVAS));
  ChainStepFields *fields = chain_backprop_page_fields (f->page);
  ChainStepHeat *h;

  chain_step_fields_set_detail (fields, CHAIN_DETAIL_LAYERS);
  g_signal_emit_by_name (fields, "changed");
  assert_soon (chain_backprop_page_diagram (f->page)->detail == CHAIN_DETAIL_LAYERS);
  assert_soon (chain_canvas_layout (canvas) != NULL && chain_layout_find (chain_canvas_layout (canvas), "cell:d1.weight") != NULL);
  act (f, "to-end");
  settle (200);
  g_signal_emit_by_name (canvas, "hovered", "cell:loss");
  settle (600);
  g_assert_null (chain_backprop_page_matrix (f->page));
  g_signal_emit_by_name (canvas, "hovered", "cell:d1.weight");
  assert_soon (chain_backprop_page_matrix (f->page) != NULL);
  h = chain_backprop_page_matrix (f->page);
  g_assert_cmpuint (h->n_panels, ==, 2);
  g_assert_cmpstr (chain_diagram_cell (chain_backprop_page_diagram (f->page), h->cell)->id, ==, "d1.weight");
  act (f, "to-start");
  assert_soon (chain_backprop_page_matrix (f->page) == NULL);      /* who steps looks at the graph */
  g_signal_emit_by_name (canvas, "hovered", NULL);
  g_signal_emit_by_name (canvas, "hovered", "cell:d1.weight");
  assert_soon (chain_backprop_page_matrix (f->page) != NULL && chain_backprop_page_matrix (f->page)->n_panels == 1);
  g_signal_emit_by_name (canvas, "hovered", NULL);
  assert_soon (chain_backprop_page_matrix (f->page) == NULL);
}

static GAction *
action_of (Fixture *f, const char *name)
{
  return g_action_map_lookup_action (G_ACTION_MAP (f->win), name);
}

static void
drag (Fixture *f, const char *cell, double dx, double dy)
{
  ChainBackpropPage *p = f->page;
  GtkEventController *found = NULL;
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (find_type (GTK_WIDGET (p), CHAIN_TYPE_CANVAS));
  ChainCanvas *canvas = CHAIN_CANVAS (find_type (GTK_WIDGET (p), CHAIN_TYPE_CANVAS));
  graphene_rect_t at;

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkEventController) c = g_list_model_get_item (all, i);

      if (GTK_IS_GESTURE_DRAG (c) && gtk_event_controller_get_propagation_phase (c) == GTK_PHASE_CAPTURE)
        found = c;
    }
  g_assert_true (chain_canvas_bounds (canvas, cell, &at));
  g_signal_emit_by_name (found, "drag-begin", at.origin.x + at.size.width / 2, at.origin.y + at.size.height / 4);
  for (int i = 1; i <= 5; i++)
    g_signal_emit_by_name (found, "drag-update", dx * i / 5, dy * i / 5);
  g_signal_emit_by_name (found, "drag-end", dx, dy);
}

/* A dragged cell stays where it is while one steps; Ctrl+Z takes the drag back, and laying out again takes all of them back and can be undone. */
static void
test_moves (Fixture *f, gconstpointer data)
{
  ChainCanvas *canvas = CHAIN_CANVAS (find_type (GTK_WIDGET (f->page), CHAIN_TYPE_CANVAS));
  graphene_rect_t before, moved, now;

  assert_soon (chain_canvas_layout (canvas) != NULL && chain_canvas_bounds (canvas, "cell:loss", &before));
  settle (600);      /* what comes first has come to rest */
  chain_canvas_bounds (canvas, "cell:loss", &before);
  g_assert_false (g_action_get_enabled (action_of (f, "undo")));
  drag (f, "cell:loss", -60, 40);
  settle (300);
  chain_canvas_bounds (canvas, "cell:loss", &moved);
  g_assert_cmpfloat_with_epsilon (moved.origin.x - before.origin.x, -60, 1.5);
  g_assert_cmpfloat_with_epsilon (moved.origin.y - before.origin.y, 40, 1.5);
  act (f, "step");
  settle (700);
  chain_canvas_bounds (canvas, "cell:loss", &now);
  g_assert_cmpfloat_with_epsilon (now.origin.x, moved.origin.x, 1.5);
  g_assert_true (g_action_get_enabled (action_of (f, "undo")));
  act (f, "undo");
  settle (300);
  chain_canvas_bounds (canvas, "cell:loss", &now);
  g_assert_cmpfloat_with_epsilon (now.origin.x, before.origin.x, 1.5);
  g_assert_false (g_action_get_enabled (action_of (f, "undo")));
  act (f, "redo");
  act (f, "lay-out");
  settle (300);
  chain_canvas_bounds (canvas, "cell:loss", &now);
  g_assert_cmpfloat_with_epsilon (now.origin.x, before.origin.x, 1.5);
  act (f, "undo");
  settle (300);
  chain_canvas_bounds (canvas, "cell:loss", &now);
  g_assert_cmpfloat_with_epsilon (now.origin.x, moved.origin.x, 1.5);
}

/* The page never holds the window at a width. */
static void
test_widths (Fixture *f, gconstpointer data)
{
  static const int widths[] = { 1700, 1280, 1000, 740 };

  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      gtk_window_set_default_size (GTK_WINDOW (f->win), widths[i], 640);
      for (guint k = 0; k < 400 && gtk_widget_get_width (f->win) > widths[i]; k++)
        settle (50);
      g_assert_cmpint (gtk_widget_get_width (f->win), <=, widths[i]);
    }
  act (f, "to-end");
  act (f, "side-column");
  settle (100);
}

/* Playing at the fastest walks on by itself, and leaving the page stops it. */
static void
test_play (Fixture *f, gconstpointer data)
{
  act (f, "play");
  assert_soon (chain_backprop_page_position (f->page) >= 2);
  g_action_group_activate_action (G_ACTION_GROUP (f->win), "page", g_variant_new_string ("network"));
  settle (50);
  {
    guint at = chain_backprop_page_position (f->page);

    settle (1500);
    g_assert_cmpuint (chain_backprop_page_position (f->page), ==, at);
  }
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
  g_test_add ("/backprop/details", Fixture, NULL, set_up, test_details, tear_down);
  g_test_add ("/backprop/across", Fixture, NULL, set_up, test_across, tear_down);
  g_test_add ("/backprop/example", Fixture, NULL, set_up, test_example, tear_down);
  g_test_add ("/backprop/matrix", Fixture, NULL, set_up, test_matrix, tear_down);
  g_test_add ("/backprop/moves", Fixture, NULL, set_up, test_moves, tear_down);
  g_test_add ("/backprop/widths", Fixture, NULL, set_up, test_widths, tear_down);
  g_test_add ("/backprop/play", Fixture, NULL, set_up, test_play, tear_down);
  status = g_test_run ();
  g_object_unref (app);
  return status;
}
