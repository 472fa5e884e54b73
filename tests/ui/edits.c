/* SPDX-License-Identifier: Apache-2.0 */
/* Building by hand from inside the window: what an edit leaves behind it. Focus, toasts, earlier runs, findings, and the check of gradients. */
#include "config.h"

#include <string.h>

#include "app/session/explore.h"
#include "engine/run/backend-registry.h"
#include "ui/canvas/element-ref.h"
#include "ui/dialogs/gradient-check.h"
#include "ui/window/application.h"
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

static gboolean
is_laid_out (gpointer data)
{
  Fixture *f = data;

  return chain_canvas_layout (chain_network_page_canvas (f->page)) != NULL && gtk_widget_get_mapped (GTK_WIDGET (f->win));
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

static void
tear_down (Fixture *f, gconstpointer data)
{
  gpointer weak[2] = { f->win, f->session };

  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    g_object_add_weak_pointer (weak[i], &weak[i]);
  gtk_window_destroy (GTK_WINDOW (f->win));
  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    assert_soon (is_gone, &weak[i]);
}

static void
act (Fixture *f, const char *action)
{
  g_action_group_activate_action (G_ACTION_GROUP (f->win), action, NULL);
}

/* --- Check Gradients --- */
static ChainGradientDialog *
gradient_dialog (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next)
    if (CHAIN_IS_GRADIENT_DIALOG (l->data))
      return l->data;
  return NULL;
}

static gboolean
is_checked (gpointer data)
{
  ChainGradientDialog *d = gradient_dialog ();

  return d != NULL && chain_gradient_dialog_is_done (d);
}

static void
test_check_gradients (Fixture *f, gconstpointer data)
{
  gpointer dialog;

  act (f, "check-gradients");
  assert_soon (is_checked, f);
  dialog = gradient_dialog ();
  g_assert_cmpstr (strstr (chain_gradient_dialog_verdict (dialog), "All 67 gradients agree"), !=, NULL);
  g_object_add_weak_pointer (dialog, &dialog);
  gtk_window_close (dialog);
  assert_soon (is_gone, &dialog);
}

/* Closed before it has begun to say anything. */
static void
test_check_given_up (Fixture *f, gconstpointer data)
{
  gpointer dialog;

  act (f, "check-gradients");
  dialog = gradient_dialog ();
  g_assert_false (chain_gradient_dialog_is_done (dialog));
  g_object_add_weak_pointer (dialog, &dialog);
  gtk_window_close (dialog);
  assert_soon (is_gone, &dialog);
}

/* --- where the focus is after an edit --- */
static void
settle (guint ms)
{
  gboolean late = FALSE;
  guint id = g_timeout_add (ms, late_cb, &late);

  while (!late)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
}

static GtkWidget *
chip_of (Fixture *f, const char *element)
{
  GtkWidget *canvas = GTK_WIDGET (chain_network_page_canvas (f->page));

  for (GtkWidget *child = gtk_widget_get_first_child (canvas); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (g_strcmp0 (chain_element_of_widget (child), element) == 0)
      return child;
  return NULL;
}

static GtkWidget *
find_class (GtkWidget *root, const char *css, guint nth)
{
  GtkWidget *found = NULL;
  guint n = 0;

  if (GTK_IS_BUTTON (root) && gtk_widget_has_css_class (root, css))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    if ((found = find_class (child, css, 0)) != NULL && n++ == nth)
      return found;
  return NULL;
}

/* The − and + of a chip, in this order. */
static GtkWidget *
step_of (Fixture *f, const char *layer, guint nth)
{
  g_autofree char *element = g_strconcat ("layer:", layer, NULL);
  GtkWidget *chip = chip_of (f, element);

  g_assert_nonnull (chip);
  return find_class (gtk_widget_get_first_child (chip), "circular", nth);
}

/* "layer:d1", "add:x": the chip that has the focus; NULL: none. */
static const char *
focused_chip (Fixture *f)
{
  for (GtkWidget *at = gtk_root_get_focus (GTK_ROOT (f->win)); at != NULL; at = gtk_widget_get_parent (at))
    if (chain_element_of_widget (at) != NULL)
      return chain_element_of_widget (at);
  return NULL;
}

static void
press (GtkWidget *button)
{
  g_assert_true (gtk_widget_grab_focus (button));
  g_signal_emit_by_name (button, "clicked");
  settle (150);
}

/* The focus follows once the picture with the new chips is on the screen. */
#define assert_becomes(condition) \
  G_STMT_START { for (guint i_ = 0; i_ < 400 && !(condition); i_++) settle (50); g_assert_true (condition); } G_STMT_END

static void
test_focus_of_steps (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    {
      press (step_of (f, "d1", 1));
      assert_becomes (gtk_root_get_focus (GTK_ROOT (f->win)) == step_of (f, "d1", 1));
      press (step_of (f, "d2", 0));
      assert_becomes (gtk_root_get_focus (GTK_ROOT (f->win)) == step_of (f, "d2", 0));
    }
  for (guint i = 0; i < 2; i++)       /* down to one unit: there is no less, and the other button has the focus */
    press (step_of (f, "d2", 0));
  g_assert_cmpuint (chain_spec_layer (chain_document_spec (chain_session_document (f->session)), "d2")->units, ==, 1);
  assert_becomes (gtk_root_get_focus (GTK_ROOT (f->win)) == step_of (f, "d2", 1));
}

static void
test_focus_of_new_layers (Fixture *f, gconstpointer data)
{
  const ChainSpec *spec;
  g_autofree char *added = NULL, *copy = NULL;

  press (chip_of (f, "add:d1"));
  spec = chain_document_spec (chain_session_document (f->session));
  added = g_strconcat ("layer:", ((ChainLayer *) g_ptr_array_index (spec->layers, 1))->id, NULL);
  assert_becomes (g_strcmp0 (focused_chip (f), added) == 0);
  g_assert_cmpstr (chain_canvas_selected (chain_network_page_canvas (f->page)), ==, added);
  g_assert_true (gtk_widget_activate_action (gtk_root_get_focus (GTK_ROOT (f->win)), "build.duplicate", NULL));
  settle (150);
  spec = chain_document_spec (chain_session_document (f->session));
  copy = g_strconcat ("layer:", ((ChainLayer *) g_ptr_array_index (spec->layers, 2))->id, NULL);
  assert_becomes (g_strcmp0 (focused_chip (f), copy) == 0);
  g_assert_cmpstr (added, !=, copy);
  act (f, "undo");
  settle (150);
  assert_becomes (focused_chip (f) != NULL && g_str_has_prefix (focused_chip (f), "layer:"));      /* a neighbour of the one that went */
}

/* --- the toast of one edit --- */
static gboolean
has_step (gpointer data)
{
  return chain_session_snapshot (((Fixture *) data)->session)->step > 0;
}

static guint
units (Fixture *f, const char *layer)
{
  return chain_spec_layer (chain_document_spec (chain_session_document (f->session)), layer)->units;
}

static void
undo_edit (Fixture *f, guint serial)
{
  g_action_group_activate_action (G_ACTION_GROUP (f->win), "undo-edit", g_variant_new_uint32 (serial));
}

/* Its button undoes the edit that it names, or nothing. */
static void
test_toast_of_an_edit (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint serial;

  act (f, "step");
  assert_soon (has_step, f);
  g_assert_true (chain_session_set_units (f->session, "d1", 5, &error));
  g_assert_nonnull (f->win->edit_toast);
  serial = f->win->edit_serial;
  g_assert_cmpuint (serial, !=, 0);
  g_assert_true (chain_session_set (f->session, "optimiser.params.lr", "0.01", "rate", NULL, &error));
  g_assert_null (f->win->edit_toast);
  undo_edit (f, serial);
  g_assert_cmpuint (units (f, "d1"), ==, 5);
  g_assert_cmpstr (chain_document_undo_label (chain_session_document (f->session)), ==, "rate");
  g_assert_true (chain_session_undo (f->session));
  g_assert_true (chain_session_set_units (f->session, "d2", 4, &error));
  g_assert_nonnull (f->win->edit_toast);
  g_assert_cmpstr (adw_toast_get_action_name (f->win->edit_toast), ==, "win.undo-edit");
  undo_edit (f, g_variant_get_uint32 (adw_toast_get_action_target_value (f->win->edit_toast)));
  g_assert_cmpuint (units (f, "d2"), ==, 6);
  g_assert_cmpuint (units (f, "d1"), ==, 5);
  g_assert_null (f->win->edit_toast);
}

/* --- what stands in the way --- */
static GtkWidget *
find_type (GtkWidget *root, GType type)
{
  GtkWidget *found = NULL;

  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_type (child, type);
  return found;
}

/* No tooltip over the rows of an open list; the badge clear of the ring under a chip. */
static void
test_out_of_the_way (Fixture *f, gconstpointer data)
{
  GtkWidget *arrow = find_type (f->win->open_button, GTK_TYPE_MENU_BUTTON);
  const ChainLayout *l;
  const ChainElement *chip, *badge;

  g_assert_true (gtk_widget_get_has_tooltip (arrow) && gtk_widget_get_has_tooltip (f->win->open_button));
  gtk_menu_button_popup (GTK_MENU_BUTTON (arrow));
  settle (100);
  g_assert_false (gtk_widget_get_has_tooltip (arrow) || gtk_widget_get_has_tooltip (f->win->open_button));
  gtk_menu_button_popdown (GTK_MENU_BUTTON (arrow));
  settle (100);
  g_assert_true (gtk_widget_get_has_tooltip (arrow) && gtk_widget_get_has_tooltip (f->win->open_button));
  l = chain_canvas_layout (chain_network_page_canvas (f->page));
  chip = chain_layout_find (l, "layer:d1");
  badge = chain_layout_find (l, "badge:d1");
  g_assert_cmpfloat (badge->y, >=, chip->y + chip->h + 4);
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
  ADD ("/edits/check-gradients", test_check_gradients);
  ADD ("/edits/check-given-up", test_check_given_up);
  ADD ("/edits/toast-of-an-edit", test_toast_of_an_edit);
  ADD ("/edits/out-of-the-way", test_out_of_the_way);
  ADD ("/edits/focus-of-steps", test_focus_of_steps);
  ADD ("/edits/focus-of-new-layers", test_focus_of_new_layers);
  return g_test_run ();
}
