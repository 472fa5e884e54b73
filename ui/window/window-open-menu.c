/* SPDX-License-Identifier: Apache-2.0 */
/* What opens beside Open: the last documents, each with its folder, and the gallery of examples. A menu model has no place for the folder, so this
 * is a popover of buttons, filled when it opens. The gallery, the preferences and the gradient check, windows over this one, are opened from here too. */
#include "config.h"

#include "ui/window/window-private.h"

#include <glib/gi18n-lib.h>

#include "ui/dialogs/gradient-check.h"
#include "ui/dialogs/preferences.h"
#include "ui/gallery/gallery.h"

#define MAX_RECENT 8
#define NOTE_CHARS 44

static GtkWidget *
line (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_width_chars (GTK_LABEL (label), NOTE_CHARS);
  gtk_label_set_max_width_chars (GTK_LABEL (label), NOTE_CHARS);
  gtk_widget_add_css_class (label, style);
  return label;
}

/* Hears of the click after the action has run. */
static void
close_cb (GtkWidget *button)
{
  gtk_popover_popdown (GTK_POPOVER (gtk_widget_get_ancestor (button, GTK_TYPE_POPOVER)));
}

/* path: the action's target; NULL: it takes none. */
static void
add_row (GtkWidget *box, const char *title, const char *note, const char *action, const char *path)
{
  GtkWidget *row = gtk_button_new (), *lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (lines), line (title, "open-title"));
  gtk_box_append (GTK_BOX (lines), line (note, "card-note"));
  gtk_button_set_child (GTK_BUTTON (row), lines);
  gtk_widget_add_css_class (row, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, note, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row), action);
  if (path != NULL)
    gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", path);
  g_signal_connect (row, "clicked", G_CALLBACK (close_cb), NULL);
  gtk_box_append (GTK_BOX (box), row);
}

/* --- the last documents --- */
static int
newer_first (gconstpointer a, gconstpointer b)
{
  return g_date_time_compare (gtk_recent_info_get_modified ((GtkRecentInfo *) b), gtk_recent_info_get_modified ((GtkRecentInfo *) a));
}

/* Other programs open .json files too: of those only what this one has opened. */
static gboolean
is_document (GtkRecentInfo *info, const char *path)
{
  if (g_str_has_suffix (path, ".chainrule"))
    return TRUE;
  return g_str_has_suffix (path, ".json") && gtk_recent_info_has_application (info, g_get_application_name ());
}

static void
add_recent (GtkWidget *box)
{
  GList *items = g_list_sort (gtk_recent_manager_get_items (gtk_recent_manager_get_default ()), newer_first);
  guint n = 0;

  for (GList *l = items; l != NULL && n < MAX_RECENT; l = l->next)
    {
      g_autofree char *path = g_filename_from_uri (gtk_recent_info_get_uri (l->data), NULL, NULL), *folder = NULL, *shown = NULL;

      if (path == NULL || !is_document (l->data, path) || !gtk_recent_info_exists (l->data))
        continue;
      if (n++ == 0)
        gtk_box_append (GTK_BOX (box), line (_("Recent"), "sidebar-heading"));
      folder = g_path_get_dirname (path);
      shown = g_filename_display_name (folder);
      add_row (box, gtk_recent_info_get_display_name (l->data), shown, "win.open-path", path);
    }
  g_list_free_full (items, (GDestroyNotify) gtk_recent_info_unref);
}

/* The pointer rests on the arrow: its tooltip would come over the first row. */
static void
shown_cb (GtkWidget *popover, GParamSpec *pspec, gpointer arrow)
{
  gboolean hidden = !gtk_widget_get_visible (popover);

  gtk_widget_set_has_tooltip (arrow, hidden);
  gtk_widget_set_has_tooltip (gtk_widget_get_parent (arrow), hidden);
}

static void
popup_cb (GtkMenuButton *arrow, gpointer data)
{
  GtkWidget *popover = gtk_popover_new (), *scroll = gtk_scrolled_window_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  add_recent (box);
  add_row (box, _("Examples…"), _("Networks to start from, each with one thing to see"), "win.examples", NULL);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroll), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroll), 520);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), box);
  gtk_popover_set_child (GTK_POPOVER (popover), scroll);
  g_signal_connect_object (popover, "notify::visible", G_CALLBACK (shown_cb), arrow, 0);
  gtk_menu_button_set_popover (arrow, popover);
}

/* --- windows over this one --- */
static void
examples (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_present (GTK_WINDOW (chain_gallery_window_new (data)));
}

static void
preferences (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_present (GTK_WINDOW (chain_preferences_new (data)));
}

static void
check_gradients (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_present (GTK_WINDOW (chain_gradient_dialog_new (data, CHAIN_WINDOW (data)->session)));
}

/* Of the arrow inside AdwSplitButton, which hands on a popover but not the function that makes one. */
void
_chain_window_add_open_menu (ChainWindow *w)
{
  static const GActionEntry entries[] = {
    { "examples", examples, NULL, NULL, NULL, { 0 } },
    { "preferences", preferences, NULL, NULL, NULL, { 0 } },
    { "check-gradients", check_gradients, NULL, NULL, NULL, { 0 } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (w), entries, G_N_ELEMENTS (entries), w);
  for (GtkWidget *child = gtk_widget_get_first_child (w->open_button); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_MENU_BUTTON (child))
      {
        gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (child), popup_cb, NULL, NULL);
        gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Recent documents and examples"), -1);
      }
}
