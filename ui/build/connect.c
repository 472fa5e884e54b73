/* SPDX-License-Identifier: Apache-2.0 */
/* A skip connection without a drag: the layers it can go to, and beside each that it cannot the sentence why. How the two paths meet is
 * chosen above the list; left alone, equal widths are added and others stand side by side. */
#include "config.h"

#include "ui/build/build-private.h"

#include <glib/gi18n-lib.h>

#include "ui/canvas/report.h"

typedef struct
{
  ChainBuild *build;
  char       *from;
  GtkWidget  *list, *join[3];
  GCallback   done;
  gpointer    data;
} Targets;

static const char *const joins[] = { NULL, "add", "concat" };

static void
targets_free (gpointer data)
{
  Targets *t = data;

  g_free (t->from);
  g_free (t);
}

static void
activated_cb (Targets *t, GtkListBoxRow *row)
{
  const char *to = gtk_widget_get_name (GTK_WIDGET (row)), *join = NULL;
  g_autofree char *from = g_strdup (t->from), *target = g_strdup (to);
  ChainSession *session = t->build->session;
  GError *error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (joins); i++)
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (t->join[i])))
      join = joins[i];
  ((void (*) (gpointer)) t->done) (t->data);      /* first: the edit may do away with what the list hangs on */
  chain_session_connect (session, from, target, join, &error);
  chain_report (session, error);
}

static GtkWidget *
make_row (ChainBuild *b, const char *from, const ChainLayer *l)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = _chain_build_layer_title (b, l->id), *label = NULL;
  gboolean ok = chain_session_can_connect (b->session, from, l->id, &error);
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *title = gtk_label_new (name), *why;

  gtk_widget_set_name (row, l->id);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_box_append (GTK_BOX (box), title);
  if (!ok)
    {
      why = gtk_label_new (error->message);
      gtk_label_set_xalign (GTK_LABEL (why), 0);
      gtk_label_set_wrap (GTK_LABEL (why), TRUE);
      gtk_label_set_max_width_chars (GTK_LABEL (why), 38);
      gtk_widget_add_css_class (why, "caption");
      gtk_box_append (GTK_BOX (box), why);
    }
  label = ok ? g_strdup (name) : g_strdup_printf ("%s: %s", name, error->message);
  gtk_widget_set_sensitive (row, ok);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return row;
}

static GtkWidget *
make_joins (Targets *t)
{
  static const char *const titles[] = { N_("Automatic"), N_("Add"), N_("Side by Side") };
  static const char *const tips[] = { N_("Equal widths are added, others stand side by side"), N_("Sum, unit by unit: both must be equally wide"),
                                      N_("One after the other: the next layer reads both") };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "linked");
  gtk_box_set_homogeneous (GTK_BOX (box), TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    {
      t->join[i] = gtk_toggle_button_new_with_label (_(titles[i]));
      gtk_widget_set_tooltip_text (t->join[i], _(tips[i]));
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (t->join[i]), GTK_TOGGLE_BUTTON (t->join[0]));
      gtk_box_append (GTK_BOX (box), t->join[i]);
    }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (t->join[0]), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (box), GTK_ACCESSIBLE_PROPERTY_LABEL, _("How the two paths meet"), -1);
  return box;
}

GtkWidget *
_chain_build_targets (ChainBuild *b, const char *from, GCallback done, gpointer data)
{
  const ChainSpec *spec = _chain_build_spec (b);
  g_autofree char *name = _chain_build_layer_title (b, from), *text = g_strdup_printf (_("Connect “%s” to"), name);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8), *caption = gtk_label_new (text), *scroll = gtk_scrolled_window_new ();
  Targets *t = g_new0 (Targets, 1);

  *t = (Targets){ .build = b, .from = g_strdup (from), .list = gtk_list_box_new (), .done = done, .data = data };
  g_object_set_data_full (G_OBJECT (box), "chain-targets", t, targets_free);
  gtk_widget_add_css_class (caption, "heading");
  gtk_label_set_xalign (GTK_LABEL (caption), 0);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (t->list), GTK_SELECTION_NONE);
  for (guint i = 0; i < spec->layers->len; i++)
    if (!g_str_equal (((const ChainLayer *) g_ptr_array_index (spec->layers, i))->id, from))
      gtk_list_box_append (GTK_LIST_BOX (t->list), make_row (b, from, g_ptr_array_index (spec->layers, i)));
  gtk_accessible_update_property (GTK_ACCESSIBLE (t->list), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  g_signal_connect_swapped (t->list, "row-activated", G_CALLBACK (activated_cb), t);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroll), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroll), 320);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), t->list);
  gtk_box_append (GTK_BOX (box), caption);
  gtk_box_append (GTK_BOX (box), scroll);
  gtk_box_append (GTK_BOX (box), make_joins (t));
  gtk_widget_add_css_class (box, "targets");
  return box;
}

static void
first_row (GtkWidget *box)
{
  Targets *t = g_object_get_data (G_OBJECT (box), "chain-targets");

  for (int i = 0; gtk_list_box_get_row_at_index (GTK_LIST_BOX (t->list), i) != NULL; i++)
    {
      GtkWidget *row = GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (t->list), i));

      if (gtk_widget_get_sensitive (row) && gtk_widget_grab_focus (row))
        return;
    }
}

void
_chain_build_connect_list (ChainBuild *b, const ChainSubject *from)
{
  GtkWidget *popover = gtk_popover_new (), *box;
  g_autofree char *element = g_strconcat ("layer:", from->layer, NULL);

  box = _chain_build_targets (b, from->layer, G_CALLBACK (gtk_popover_popdown), popover);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  _chain_build_show (b, popover, element, NULL);
  first_row (box);
}
