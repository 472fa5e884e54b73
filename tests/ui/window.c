/* SPDX-License-Identifier: Apache-2.0 */
/* The window from inside: every action, edits through the strip and the chips, width classes, names for a screen reader; and after each case
 * that nothing of the window is left. */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "engine/nn/table.h"
#include "engine/run/backend-registry.h"
#include "ui/canvas/canvas-node.h"
#include "ui/pages/choice-field.h"
#include "ui/window/application.h"
#include "ui/window/transport.h"
#include "ui/window/window-private.h"
#include "tests/ui/gdk-flaw.h"

typedef struct { ChainWindow *win; ChainSession *session; ChainNetworkPage *page; } Fixture;
typedef gboolean (*Condition) (gpointer data);

static ChainApplication *app;      /* one a process */

static gboolean
late_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_CONTINUE;
}

static gboolean
wait_until (Condition condition, gpointer data, guint ms)
{
  gboolean late = FALSE;
  guint id = g_timeout_add (ms, late_cb, &late);

  while (!condition (data) && !late)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
  return condition (data);
}

#define assert_soon(condition, data) \
  G_STMT_START { if (!wait_until ((condition), (data), 20000)) g_error ("timed out: %s", #condition); } G_STMT_END

static void
settle (guint ms)
{
  gboolean late = FALSE;
  guint id = g_timeout_add (ms, late_cb, &late);

  while (!late)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
}

static gboolean
is_laid_out (gpointer data)
{
  Fixture *f = data;
  const ChainLayout *l = chain_canvas_layout (chain_network_page_canvas (f->page));

  return l != NULL && gtk_widget_get_mapped (GTK_WIDGET (f->win));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->win = CHAIN_WINDOW (chain_window_new (GTK_APPLICATION (app)));
  f->session = chain_window_session (f->win);
  f->page = chain_window_page (f->win);
  gtk_window_present (GTK_WINDOW (f->win));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (f->win));
  assert_soon (is_laid_out, f);
}

static gboolean
is_gone (gpointer data)
{
  return *(gpointer *) data == NULL;
}

/* Window, page, canvas and session must all go: a missed signal or source would keep one of them. */
static void
tear_down (Fixture *f, gconstpointer data)
{
  gpointer weak[4] = { f->win, f->page, chain_network_page_canvas (f->page), f->session };

  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    g_object_add_weak_pointer (weak[i], &weak[i]);
  gtk_window_destroy (GTK_WINDOW (f->win));
  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    assert_soon (is_gone, &weak[i]);
}

static const ChainSpec *
spec_of (Fixture *f)
{
  return chain_document_spec (chain_session_document (f->session));
}

static void
act (Fixture *f, const char *action)
{
  g_action_group_activate_action (G_ACTION_GROUP (f->win), action, NULL);
}

static gboolean
enabled (Fixture *f, const char *action)
{
  return g_action_group_get_action_enabled (G_ACTION_GROUP (f->win), action);
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

static guint
count_type (GtkWidget *root, GType type)
{
  guint n = G_TYPE_CHECK_INSTANCE_TYPE (root, type);

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    n += count_type (child, type);
  return n;
}

/* --- cases --- */
static void
test_opens (Fixture *f, gconstpointer data)
{
  ChainCanvas *canvas = chain_network_page_canvas (f->page);

  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (f->win)), ==, "Two moons");
  g_assert_true (chain_window_is_pristine (f->win));
  g_assert_cmpuint (chain_canvas_pictures (canvas), >=, 1);
  g_assert_nonnull (chain_layout_find (chain_canvas_layout (canvas), "unit:d1:0"));
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (chain_canvas_pictures (chain_network_page_card (f->page, i)), >=, 1);
  g_assert_true (gtk_root_get_focus (GTK_ROOT (f->win)) == chain_transport_play_button (f->win->transport));
}

static void
test_actions (Fixture *f, gconstpointer data)
{
  static const char *const at_start[] = { "play", "step", "step-ten", "reset", "new-seed", "open", "save", "save-as", "export", "copy-picture", "copy-csv",
                                          "rate-halve", "rate-double", "add-layer", "remove-layer", "add-unit", "remove-unit", "zoom-in", "zoom-out",
                                          "zoom-fit", "side-column", "sidebar", "fullscreen", "freeze", "views-changed", "page", "text-size", "next-text-size", "open-path" };
  static const char *const not_yet[] = { "undo", "redo", "step-back", "step-back-ten", "remedy" };

  for (guint i = 0; i < G_N_ELEMENTS (at_start); i++)
    {
      g_assert_true (g_action_group_has_action (G_ACTION_GROUP (f->win), at_start[i]));
      g_assert_true (enabled (f, at_start[i]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (not_yet); i++)
    {
      g_assert_true (g_action_group_has_action (G_ACTION_GROUP (f->win), not_yet[i]));
      g_assert_false (enabled (f, not_yet[i]));
    }
}

static void
test_accels (Fixture *f, gconstpointer data)
{
  guint n;
  const ChainAccelRow *rows = chain_table_accels (&n);

  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) part = g_strsplit (rows[i].action, ".", 2);
      g_autofree char *name = g_strndup (part[1], strcspn (part[1], ":"));
      GActionGroup *group = g_str_equal (part[0], "app") ? G_ACTION_GROUP (app) : G_ACTION_GROUP (f->win);

      for (guint k = 0; rows[i].keys[k] != NULL; k++)
        {
          guint key;
          GdkModifierType state;

          g_assert_true (gtk_accelerator_parse (rows[i].keys[k], &key, &state));
        }
      if (!g_str_equal (part[0], "window"))
        g_assert_true (g_action_group_has_action (group, name));
    }
}

static gboolean
has_step (gpointer data)
{
  return chain_session_snapshot (((Fixture *) data)->session)->step >= 1;
}

static gboolean
has_fallen (gpointer data)
{
  const ChainSnapshot *s = chain_session_snapshot (((Fixture *) data)->session);

  return s->has_metrics && s->train.loss < 0.3;
}

static void
test_train (Fixture *f, gconstpointer data)
{
  g_autofree char *before = g_strdup (chain_canvas_layout (chain_network_page_card (f->page, 1))->description);

  act (f, "play");
  g_assert_true (chain_session_is_playing (f->session));
  assert_soon (has_fallen, f);
  g_assert_true (enabled (f, "step-back"));
  act (f, "play");
  g_assert_false (chain_session_is_playing (f->session));
  settle (700);
  g_assert_false (chain_pump_is_ticking (f->win->pump));      /* a resting window costs nothing */
  g_assert_cmpstr (chain_canvas_layout (chain_network_page_card (f->page, 1))->description, !=, before);
  g_assert_true (chain_document_is_dirty (chain_session_document (f->session)));
}

static gboolean
is_at_start (gpointer data)
{
  return chain_session_snapshot (((Fixture *) data)->session)->step == 0;
}

static void
test_step (Fixture *f, gconstpointer data)
{
  act (f, "step");
  assert_soon (has_step, f);
  g_assert_cmpuint (chain_session_snapshot (f->session)->step, ==, 1);
  g_assert_true (enabled (f, "step-back"));
  act (f, "step-back");
  assert_soon (is_at_start, f);
  g_assert_false (enabled (f, "step-back"));
}

static void
test_strip (Fixture *f, gconstpointer data)
{
  ChainChoiceField *field = chain_choice_field_of (chain_strip_field (f->win->strip, "optimiser"));
  ChainRowMenu *menu = chain_choice_field_menu (field);
  guint n;

  chain_table_optims (&n);
  g_assert_cmpstr (spec_of (f)->optimiser.id, ==, "adam");
  gtk_menu_button_popup (GTK_MENU_BUTTON (chain_choice_field_button (field)));
  g_assert_cmpuint (chain_row_menu_n_visible (menu), ==, n);
  g_signal_emit_by_name (gtk_widget_get_parent (chain_row_menu_row (menu, "sgd")), "row-activated", chain_row_menu_row (menu, "sgd"));
  g_assert_cmpstr (spec_of (f)->optimiser.id, ==, "sgd");
  g_assert_true (enabled (f, "undo"));
  act (f, "undo");
  g_assert_cmpstr (spec_of (f)->optimiser.id, ==, "adam");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (chain_choice_field_button (field)), GTK_ACCESSIBLE_PROPERTY_LABEL, "Optimiser: Adam");
  g_assert_false (enabled (f, "undo"));
  act (f, "redo");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (chain_choice_field_button (field)), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Optimiser: Gradient descent (SGD)");
}

static void
test_rate (Fixture *f, gconstpointer data)
{
  double before = 0, after = 0;

  g_assert_true (chain_choice_param (&spec_of (f)->optimiser, "lr", &before));
  act (f, "rate-double");
  g_assert_true (chain_choice_param (&spec_of (f)->optimiser, "lr", &after));
  g_assert_cmpfloat_with_epsilon (after, 2 * before, 1e-12);
  act (f, "rate-halve");
  g_assert_true (chain_choice_param (&spec_of (f)->optimiser, "lr", &after));
  g_assert_cmpfloat_with_epsilon (after, before, 1e-12);
}

static gboolean
has_two_more (gpointer data)
{
  Fixture *f = data;

  return chain_layout_find (chain_canvas_layout (chain_network_page_canvas (f->page)), "unit:d1:7") != NULL;
}

static void
test_units (Fixture *f, gconstpointer data)
{
  ChainNetEditor *editor = chain_network_page_editor (f->page);
  guint before = chain_spec_layer (spec_of (f), "d1")->units;

  chain_canvas_select (chain_network_page_canvas (f->page), "unit:d1:2");
  act (f, "add-unit");
  act (f, "add-unit");
  g_assert_cmpuint (chain_spec_layer (spec_of (f), "d1")->units, ==, before + 2);
  assert_soon (has_two_more, f);
  act (f, "remove-unit");
  g_assert_cmpuint (chain_spec_layer (spec_of (f), "d1")->units, ==, before + 1);
  chain_net_editor_add_units (editor, -100);
  g_assert_cmpuint (chain_spec_layer (spec_of (f), "d1")->units, ==, before + 1);     /* never below one */
}

static void
test_layers (Fixture *f, gconstpointer data)
{
  guint before = spec_of (f)->layers->len;

  chain_canvas_select (chain_network_page_canvas (f->page), "unit:d1:0");
  act (f, "add-layer");
  g_assert_cmpuint (spec_of (f)->layers->len, ==, before + 1);
  g_assert_cmpint (chain_spec_layer_index (spec_of (f), "d1"), ==, 0);
  act (f, "remove-layer");                       /* what is selected: that unit */
  g_assert_cmpuint (chain_spec_layer (spec_of (f), "d1")->units, ==, 5);
  act (f, "undo");
  chain_canvas_select (chain_network_page_canvas (f->page), "layer:d1");
  act (f, "remove-layer");
  g_assert_cmpuint (spec_of (f)->layers->len, ==, before);
  g_assert_cmpint (chain_spec_layer_index (spec_of (f), "d1"), ==, -1);
  act (f, "undo");
  act (f, "undo");
  g_assert_cmpuint (spec_of (f)->layers->len, ==, before);
  g_assert_cmpint (chain_spec_layer_index (spec_of (f), "d1"), ==, 0);
}

static gboolean
has_the_weight (gpointer data)
{
  const ChainSnapTensor *t = chain_snapshot_tensor (chain_session_snapshot (((Fixture *) data)->session), "d1.weight");

  return t != NULL && fabsf (t->value[1] - 2.5f) < 1e-6f;
}

static void
test_edit_weight (Fixture *f, gconstpointer data)
{
  ChainCanvas *canvas = chain_network_page_canvas (f->page);
  GtkWidget *spin;

  g_signal_emit_by_name (canvas, "activated", "weight:d1:0:1");
  spin = find_type (GTK_WIDGET (canvas), GTK_TYPE_SPIN_BUTTON);
  g_assert_nonnull (spin);
  g_assert_true (gtk_widget_get_mapped (spin));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 2.5);
  assert_soon (has_the_weight, f);
}

static gboolean
results_alone (gpointer data)
{
  const Fixture *f = data;

  return gtk_widget_get_mapped (GTK_WIDGET (chain_network_page_card (f->page, 0))) && !gtk_widget_get_mapped (GTK_WIDGET (chain_network_page_canvas (f->page)));
}

static void
test_width_classes (Fixture *f, gconstpointer data)
{
  static const struct { int w, h; ChainWidthClass class; guint fields; } rows[] =
    { { 1700, 1000, CHAIN_WIDTH_WIDE, 7 }, { 1280, 800, CHAIN_WIDTH_NORMAL, 6 }, { 1000, 700, CHAIN_WIDTH_COMPACT, 4 }, { 740, 560, CHAIN_WIDTH_NARROW, 3 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gtk_window_set_default_size (GTK_WINDOW (f->win), rows[i].w, rows[i].h);
      settle (400);
      g_assert_cmpint (chain_window_class (f->win), ==, rows[i].class);
      g_assert_cmpuint (chain_strip_n_shown (f->win->strip), >=, rows[i].fields);
      g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (f->win)), <=, rows[i].w);
      g_assert_cmpint (adw_flap_get_reveal_flap (ADW_FLAP (f->win->flap)), ==, rows[i].class >= CHAIN_WIDTH_NORMAL);
    }
  chain_network_page_show (f->page, "results");
  assert_soon (results_alone, f);
  g_assert_cmpuint (chain_network_page_want (f->page) & CHAIN_WANT_FIELD, !=, 0);
}

/* The results of a window that opens narrow are not drawn until they are asked for; a unit may be pointed at before that. */
static void
test_points_undrawn (void)
{
  ChainWindow *win = CHAIN_WINDOW (chain_window_new (GTK_APPLICATION (app)));
  ChainNetworkPage *page = chain_window_page (win);

  g_assert_null (chain_canvas_layout (chain_network_page_card (page, 0)));
  g_signal_emit_by_name (chain_network_page_canvas (page), "hovered", NULL);
  g_assert_null (chain_canvas_layout (chain_network_page_card (page, 0)));
  gtk_window_destroy (GTK_WINDOW (win));
}

static void
test_names (Fixture *f, gconstpointer data)
{
  ChainCanvas *canvas = chain_network_page_canvas (f->page);
  GtkWidget *node;

  settle (500);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (canvas), GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (chain_network_page_card (f->page, 0)), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (canvas), GTK_ACCESSIBLE_PROPERTY_LABEL, "Network");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (canvas), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, chain_canvas_layout (canvas)->description);
  g_assert_cmpuint (count_type (GTK_WIDGET (canvas), CHAIN_TYPE_CANVAS_NODE), ==, 2 + 6 + 6 + 1 + 12 + 36 + 6);
  node = find_type (GTK_WIDGET (canvas), CHAIN_TYPE_CANVAS_NODE);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (node), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       chain_layout_find (chain_canvas_layout (canvas), chain_canvas_node_id (CHAIN_CANVAS_NODE (node)))->label);
}

static void
test_walk (Fixture *f, gconstpointer data)
{
  ChainCanvas *canvas = chain_network_page_canvas (f->page);

  settle (200);
  g_assert_true (chain_canvas_focus_element (canvas, "unit:d1:0"));
  g_assert_cmpstr (chain_canvas_focused (canvas), ==, "unit:d1:0");
  gtk_widget_child_focus (GTK_WIDGET (canvas), GTK_DIR_TAB_FORWARD);
  g_assert_cmpstr (chain_canvas_focused (canvas), ==, "unit:d1:0");        /* one stop: Tab does not walk inside */
}

static void
test_zoom (Fixture *f, gconstpointer data)
{
  ChainCanvas *canvas = chain_network_page_canvas (f->page);
  graphene_rect_t before, after;

  g_assert_true (chain_canvas_bounds (canvas, "unit:d1:0", &before));
  act (f, "zoom-in");
  g_assert_true (chain_canvas_bounds (canvas, "unit:d1:0", &after));
  g_assert_cmpfloat (after.size.width, >, before.size.width);
  for (guint i = 0; i < 30; i++)
    act (f, "zoom-in");
  g_assert_cmpfloat_with_epsilon (chain_canvas_zoom_level (canvas), 4, 1e-9);
  act (f, "zoom-fit");
  settle (200);
  g_assert_true (chain_canvas_bounds (canvas, "unit:d1:0", &after));
  g_assert_true (graphene_rect_equal (&before, &after));
}

static gboolean
is_dark_picture (gpointer data)
{
  return chain_canvas_pictures (chain_network_page_canvas (((Fixture *) data)->page)) >= 3;
}

static void
test_style (Fixture *f, gconstpointer data)
{
  g_action_group_activate_action (G_ACTION_GROUP (app), "style", g_variant_new_string ("dark"));
  g_assert_true (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  act (f, "next-text-size");
  settle (200);
  act (f, "next-text-size");
  assert_soon (is_dark_picture, f);
  g_action_group_activate_action (G_ACTION_GROUP (app), "style", g_variant_new_string ("light"));
  g_assert_false (adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

static void
test_save_and_reopen (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("chainrule-ui-XXXXXX", NULL), *path = g_build_filename (folder, "net.chainrule", NULL);

  chain_canvas_select (chain_network_page_canvas (f->page), "unit:d1:0");
  act (f, "add-unit");
  g_assert_true (chain_session_save (f->session, path, FALSE, &error));
  g_assert_false (chain_document_is_dirty (chain_session_document (f->session)));
  act (f, "undo");
  g_assert_true (chain_window_open (f->win, path));
  g_assert_cmpuint (chain_spec_layer (spec_of (f), "d1")->units, ==, 7);
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_screenshot (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("chainrule-ui-XXXXXX", NULL), *path = g_build_filename (folder, "w.png", NULL);
  g_autoptr (GdkTexture) t = NULL;

  g_assert_true (chain_window_save_png (f->win, path, &error));
  t = gdk_texture_new_from_filename (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gdk_texture_get_width (t), ==, gtk_widget_get_width (GTK_WIDGET (f->win)));
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static gboolean
has_confusion (gpointer data)
{
  Fixture *f = data;
  ChainCanvas *card = chain_network_page_card (f->page, 0);
  const ChainLayout *l = chain_canvas_layout (card);

  return g_str_equal (chain_canvas_view (card)->id, "confusion") && l != NULL && chain_layout_find (l, "cell:0:0") != NULL;
}

/* Images: the first card becomes the confusion matrix, with its numbers, though nothing trains. The menu of a card swaps its picture. */
static void
test_cards_follow (Fixture *f, gconstpointer data)
{
  GError *error = NULL;
  ChainCanvas *card = chain_network_page_card (f->page, 1);
  GtkWidget *menu = find_type (gtk_widget_get_parent (GTK_WIDGET (card)), GTK_TYPE_MENU_BUTTON), *rows;

  g_assert_cmpstr (chain_canvas_view (chain_network_page_card (f->page, 0))->id, ==, "boundary");
  g_assert_true (chain_session_set_data (f->session, "digits", &error));
  assert_soon (has_confusion, f);
  gtk_menu_button_popup (GTK_MENU_BUTTON (menu));
  rows = gtk_popover_get_child (GTK_POPOVER (gtk_menu_button_get_popover (GTK_MENU_BUTTON (menu))));
  for (GtkWidget *row = gtk_widget_get_first_child (rows); row != NULL; row = gtk_widget_get_next_sibling (row))
    if (g_str_equal (gtk_widget_get_name (row), "mistakes"))
      {
        g_signal_emit_by_name (row, "clicked");
        break;
      }
  g_assert_cmpstr (chain_canvas_view (card)->id, ==, "mistakes");
}

static void
test_close_while_training (Fixture *f, gconstpointer data)
{
  chain_session_set_speed (f->session, 0);
  act (f, "play");
  assert_soon (has_step, f);
}

static void
test_speed_scale (void)
{
  g_assert_cmpfloat_with_epsilon (chain_transport_speed_of (0), 1, 1e-12);
  g_assert_cmpfloat (chain_transport_speed_of (1), ==, 0);
  g_assert_cmpfloat (chain_transport_position_of (0), ==, 1);
  for (double s = 1; s < 1e5; s *= 3)
    g_assert_cmpfloat_with_epsilon (chain_transport_speed_of (chain_transport_position_of (s)), s, 1e-9 * s);
}

int
main (int argc, char **argv)
{
  GError *error = NULL;

  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_setenv ("GTK_A11Y", "test", FALSE);
  chain_backend_init ();
  gtk_test_init (&argc, &argv, NULL);
  gdk_flaw_ignore ();
  app = chain_application_new (G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (app), NULL, &error);
  g_assert_no_error (error);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/window/opens", test_opens);
  ADD ("/window/actions", test_actions);
  ADD ("/window/accels", test_accels);
  ADD ("/window/train", test_train);
  ADD ("/window/step", test_step);
  ADD ("/window/strip", test_strip);
  ADD ("/window/rate", test_rate);
  ADD ("/window/units", test_units);
  ADD ("/window/layers", test_layers);
  ADD ("/window/edit-weight", test_edit_weight);
  ADD ("/window/width-classes", test_width_classes);
  g_test_add_func ("/window/points-undrawn", test_points_undrawn);
  ADD ("/window/names", test_names);
  ADD ("/window/walk", test_walk);
  ADD ("/window/zoom", test_zoom);
  ADD ("/window/style", test_style);
  ADD ("/window/save-and-reopen", test_save_and_reopen);
  ADD ("/window/screenshot", test_screenshot);
  ADD ("/window/close-while-training", test_close_while_training);
  ADD ("/window/cards-follow", test_cards_follow);
  g_test_add_func ("/window/speed-scale", test_speed_scale);
  return g_test_run ();
}
