/* SPDX-License-Identifier: Apache-2.0 */
/* A formula in a window: it wraps, copies, is named for a screen reader, and says which part the pointer is at. */
#include "config.h"

#include <adwaita.h>

#include "ui/maths/formula.h"

typedef struct { GtkWidget *win, *formula; } Fixture;

static ChainMaths *
chain_rule (void)
{
  return chain_maths_row (chain_maths_fraction (chain_maths_symbol ("∂L"), chain_maths_symbol ("∂h")), chain_maths_sign ("="),
                          chain_maths_anchor ("one", chain_maths_fence ("(", chain_maths_number ("0.4154"), ")")), chain_maths_sign ("+"),
                          chain_maths_anchor ("two", chain_maths_ink (CHAIN_MATHS_BACKWARD, chain_maths_fence ("(", chain_maths_number ("1.10"), ")"))), NULL);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (ChainMaths) m = chain_rule ();

  f->formula = chain_maths_label_new (m);
  gtk_widget_set_halign (f->formula, GTK_ALIGN_START);
  f->win = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (f->win), f->formula);
  gtk_window_present (GTK_WINDOW (f->win));
  gtk_test_widget_wait_for_draw (f->win);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gpointer weak = f->formula;

  g_object_add_weak_pointer (G_OBJECT (f->formula), &weak);
  gtk_window_destroy (GTK_WINDOW (f->win));
  for (guint i = 0; i < 1000 && weak != NULL; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_null (weak);
}

static void
test_wrap (Fixture *f, gconstpointer data)
{
  int least, natural, low, high;

  gtk_widget_measure (f->formula, GTK_ORIENTATION_HORIZONTAL, -1, &least, &natural, NULL, NULL);
  g_assert_cmpint (least, <, natural);
  g_assert_cmpint (least, >, 20);
  gtk_widget_measure (f->formula, GTK_ORIENTATION_VERTICAL, natural, &low, NULL, NULL, NULL);
  gtk_widget_measure (f->formula, GTK_ORIENTATION_VERTICAL, least, &high, NULL, NULL, NULL);
  g_assert_cmpint (high, >, low);
  chain_maths_label_set_size (CHAIN_MATHS_LABEL (f->formula), 34);
  gtk_widget_measure (f->formula, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &low, NULL, NULL);
  g_assert_cmpint (low, >=, 2 * natural - 2);
  chain_maths_label_set_maths (CHAIN_MATHS_LABEL (f->formula), NULL);
  gtk_widget_measure (f->formula, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  g_assert_cmpint (natural, ==, 0);
  gtk_test_widget_wait_for_draw (f->win);
}

static void
test_names (Fixture *f, gconstpointer data)
{
  g_autofree char *wrong = gtk_test_accessible_check_property (GTK_ACCESSIBLE (f->formula), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                                               "the derivative of L with respect to h equals 0.4154 plus 1.10");

  g_assert_cmpstr (wrong, ==, NULL);
  g_assert_cmpint (gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (f->formula)), ==, GTK_ACCESSIBLE_ROLE_MATH);
  g_assert_true (gtk_widget_grab_focus (f->formula));
}

static void
on_anchor_cb (ChainMathsLabel *formula, const char *id, gpointer user)
{
  g_string_append_printf (user, "%s ", id != NULL ? id : "-");
}

static void
test_anchors (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (f->formula);
  graphene_rect_t r;

  g_signal_connect (f->formula, "anchor", G_CALLBACK (on_anchor_cb), seen);
  g_assert_true (chain_maths_label_find (CHAIN_MATHS_LABEL (f->formula), "two", &r));
  g_assert_false (chain_maths_label_find (CHAIN_MATHS_LABEL (f->formula), "three", &r));
  g_assert_cmpfloat (r.origin.x + r.size.width, <=, gtk_widget_get_width (f->formula) + 1);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) c = g_list_model_get_item (controllers, i);

      if (!GTK_IS_EVENT_CONTROLLER_MOTION (c))
        continue;
      g_signal_emit_by_name (c, "motion", (double) (r.origin.x + r.size.width / 2), (double) (r.origin.y + r.size.height / 2));
      g_signal_emit_by_name (c, "motion", (double) (r.origin.x + r.size.width / 2), (double) (r.origin.y + r.size.height / 2 + 1));
      g_signal_emit_by_name (c, "leave");
    }
  g_assert_cmpstr (seen->str, ==, "two - ");
}

static void
read_cb (GObject *clipboard, GAsyncResult *result, gpointer user)
{
  *(char **) user = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);
}

static void
assert_clipboard (GtkWidget *w, const char *text)
{
  g_autofree char *got = NULL;

  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (w), NULL, read_cb, &got);
  while (got == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (got, ==, text);
}

static void
test_copy (Fixture *f, gconstpointer data)
{
  g_assert_true (gtk_widget_activate_action (f->formula, "formula.copy-text", NULL));
  assert_clipboard (f->formula, "∂L/∂h = (0.4154) + (1.10)");
  g_assert_true (gtk_widget_activate_action (f->formula, "formula.copy-latex", NULL));
  assert_clipboard (f->formula, "\\frac{\\partial L}{\\partial h}=\\left(0.4154\\right)+\\left(1.10\\right)");
  g_assert_true (gtk_widget_activate_action (f->formula, "formula.menu", NULL));
  g_assert_true (GTK_IS_POPOVER_MENU (gtk_widget_get_first_child (f->formula)));
  gtk_test_widget_wait_for_draw (f->win);
}

int
main (int argc, char **argv)
{
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_setenv ("GTK_A11Y", "test", FALSE);
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add ("/formula/wrap", Fixture, NULL, set_up, test_wrap, tear_down);
  g_test_add ("/formula/names", Fixture, NULL, set_up, test_names, tear_down);
  g_test_add ("/formula/anchors", Fixture, NULL, set_up, test_anchors, tear_down);
  g_test_add ("/formula/copy", Fixture, NULL, set_up, test_copy, tear_down);
  return g_test_run ();
}
