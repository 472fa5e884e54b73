/* SPDX-License-Identifier: Apache-2.0 */
/* What opens beside Open: recent documents, then the examples by name, each with the sentence that says what it shows. A menu model has no
 * place for that sentence, so this is a popover of buttons; it is filled when it opens, since reading the examples would delay the first frame. */
#include "config.h"

#include "ui/window/window-private.h"

#include <glib/gi18n-lib.h>

#define MAX_RECENT 8
#define NOTE_CHARS 44

typedef struct { char *path, *name, *note; } Example;

static void
example_free (gpointer p)
{
  Example *e = p;

  g_free (e->path);
  g_free (e->name);
  g_free (e->note);
  g_free (e);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate ((*(const Example *const *) a)->name, (*(const Example *const *) b)->name);
}

static void
read_example (GPtrArray *list, const char *folder, const char *file)
{
  Example *e = g_new0 (Example, 1);
  ChainSpec *spec;

  e->path = g_build_filename (folder, file, NULL);
  spec = chain_spec_load (e->path, NULL, NULL);
  e->name = spec != NULL && spec->name != NULL ? g_strdup (spec->name) : g_strndup (file, strlen (file) - strlen (".json"));
  e->note = spec != NULL ? g_strdup (spec->note) : NULL;
  if (spec != NULL)
    chain_spec_unref (spec);
  g_ptr_array_add (list, e);
}

/* Read once; all windows show the same. */
static GPtrArray *
examples (void)
{
  static GPtrArray *list;
  const char *const folders[] = { CHAIN_SOURCE_DATA_DIR "/samples", CHAIN_DATA_DIR "/samples" };
  const char *folder = folders[g_file_test (folders[0], G_FILE_TEST_IS_DIR) ? 0 : 1], *file;
  g_autoptr (GDir) dir = NULL;

  if (list != NULL)
    return list;
  list = g_ptr_array_new_with_free_func (example_free);
  dir = g_dir_open (folder, 0, NULL);
  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (file, ".json"))
      read_example (list, folder, file);
  g_ptr_array_sort (list, compare_names);
  return list;
}

static GtkWidget *
line (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
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

static void
add_row (GtkWidget *box, const char *title, const char *note, const char *action, const char *path)
{
  GtkWidget *row = gtk_button_new (), *lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (lines), line (title, "open-title"));
  if (note != NULL && *note != '\0')
    gtk_box_append (GTK_BOX (lines), line (note, "card-note"));
  gtk_button_set_child (GTK_BUTTON (row), lines);
  gtk_widget_add_css_class (row, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  if (note != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, note, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row), action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", path);
  g_signal_connect (row, "clicked", G_CALLBACK (close_cb), NULL);
  gtk_box_append (GTK_BOX (box), row);
}

static void
add_recent (GtkWidget *box)
{
  GList *items = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());
  guint n = 0;

  for (GList *l = items; l != NULL && n < MAX_RECENT; l = l->next)
    {
      g_autofree char *path = g_filename_from_uri (gtk_recent_info_get_uri (l->data), NULL, NULL), *folder = NULL, *shown = NULL;

      if (path == NULL || !g_str_has_suffix (path, ".chainrule") || !gtk_recent_info_exists (l->data))
        continue;
      if (n++ == 0)
        gtk_box_append (GTK_BOX (box), line (_("Recent"), "sidebar-heading"));
      folder = g_path_get_dirname (path);
      shown = g_filename_display_name (folder);
      add_row (box, gtk_recent_info_get_display_name (l->data), shown, "win.open-path", path);
    }
  g_list_free_full (items, (GDestroyNotify) gtk_recent_info_unref);
}

static void
popup_cb (GtkMenuButton *arrow, gpointer data)
{
  GtkWidget *popover = gtk_popover_new (), *scroll = gtk_scrolled_window_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GPtrArray *list = examples ();

  add_recent (box);
  gtk_box_append (GTK_BOX (box), line (_("Examples"), "sidebar-heading"));
  for (guint i = 0; i < list->len; i++)
    {
      const Example *e = g_ptr_array_index (list, i);

      add_row (box, e->name, e->note, "win.open-example", e->path);
    }
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroll), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroll), 520);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), box);
  gtk_popover_set_child (GTK_POPOVER (popover), scroll);
  gtk_menu_button_set_popover (arrow, popover);
}

/* Of the arrow inside AdwSplitButton, which hands on a popover but not the function that makes one. */
void
_chain_window_add_open_menu (ChainWindow *w)
{
  for (GtkWidget *child = gtk_widget_get_first_child (w->open_button); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_MENU_BUTTON (child))
      {
        gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (child), popup_cb, NULL, NULL);
        gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Recent documents and examples"), -1);
      }
}
