/* SPDX-License-Identifier: Apache-2.0 */
/* One page. Each row writes a setting at once, there is nothing to confirm; style and text size go through the actions that the menu uses, so that
 * all three places agree. What a new document starts from is not here: it is in the document. */
#include "config.h"

#include "ui/dialogs/preferences.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "app/session/settings.h"

typedef struct { const char *id, *title; } Option;

static const Option styles[] = { { "system", N_ ("As the desktop") }, { "light", N_ ("Light") }, { "dark", N_ ("Dark") }, { NULL, NULL } };
static const Option sizes[] = { { "normal", N_ ("Normal") }, { "large", N_ ("Large") }, { "very-large", N_ ("Very large") }, { NULL, NULL } };

/* The desktop's own wish is known once, before anything here changes it. */
static gboolean
desktop_animates (void)
{
  static int animates = -1;
  gboolean now;

  if (animates < 0)
    {
      g_object_get (gtk_settings_get_default (), "gtk-enable-animations", &now, NULL);
      animates = now;
    }
  return animates > 0;
}

void
chain_preferences_apply_motion (void)
{
  gboolean animate = desktop_animates () && !chain_setting_boolean ("window", "reduced-motion", FALSE);

  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", animate, NULL);
}

/* --- choices --- */
static void
choice_cb (AdwComboRow *row, GParamSpec *pspec, gpointer data)
{
  const Option *options = g_object_get_data (G_OBJECT (row), "options");
  const char *action = g_object_get_data (G_OBJECT (row), "action");
  guint at = adw_combo_row_get_selected (row);

  if (at != GTK_INVALID_LIST_POSITION)
    gtk_widget_activate_action (data, action, "s", options[at].id);
}

static GtkWidget *
choice_row (GtkWindow *parent, const char *title, const Option *options, const char *key, const char *action)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  g_autofree char *present = chain_setting_string ("window", key, options[0].id);
  guint at = 0;

  for (guint i = 0; options[i].id != NULL; i++)
    {
      gtk_string_list_append (names, _(options[i].title));
      at = strcmp (options[i].id, present) == 0 ? i : at;
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (names));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), at);
  g_object_set_data (G_OBJECT (row), "options", (gpointer) options);
  g_object_set_data (G_OBJECT (row), "action", (gpointer) action);
  g_signal_connect_object (row, "notify::selected", G_CALLBACK (choice_cb), parent, 0);
  return row;
}

/* --- switches --- */
static void
switch_cb (GtkSwitch *sw, GParamSpec *pspec, gpointer data)
{
  chain_setting_set_boolean (g_object_get_data (G_OBJECT (sw), "group"), g_object_get_data (G_OBJECT (sw), "key"), gtk_switch_get_active (sw));
  chain_preferences_apply_motion ();
}

static GtkWidget *
switch_row (const char *title, const char *about, const char *group, const char *key, gboolean fallback)
{
  GtkWidget *row = adw_action_row_new (), *sw = gtk_switch_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), about);
  gtk_widget_set_valign (sw, GTK_ALIGN_CENTER);
  gtk_switch_set_active (GTK_SWITCH (sw), chain_setting_boolean (group, key, fallback));
  g_object_set_data (G_OBJECT (sw), "group", (gpointer) group);
  g_object_set_data (G_OBJECT (sw), "key", (gpointer) key);
  gtk_accessible_update_property (GTK_ACCESSIBLE (sw), GTK_ACCESSIBLE_PROPERTY_LABEL, title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, about, -1);
  g_signal_connect (sw, "notify::active", G_CALLBACK (switch_cb), NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), sw);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), sw);
  return row;
}

/* --- threads --- */
static void
threads_cb (AdwComboRow *row, GParamSpec *pspec, gpointer data)
{
  guint at = adw_combo_row_get_selected (row);

  if (at != GTK_INVALID_LIST_POSITION)
    chain_setting_set_number ("training", "threads", at);
}

static GtkWidget *
threads_row (void)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint n = g_get_num_processors (), at = (guint) CLAMP (chain_setting_number ("training", "threads", 0), 0, n);

  gtk_string_list_append (names, _("Auto"));
  for (guint i = 1; i <= n; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      gtk_string_list_append (names, text);
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Threads"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _("For networks that are large enough; results do not depend on it"));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (names));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), at);
  g_signal_connect (row, "notify::selected", G_CALLBACK (threads_cb), NULL);
  return row;
}

/* --- folder --- */
static void
show_folder (GtkWidget *row)
{
  g_autofree char *folder = chain_setting_string ("documents", "data-folder", NULL), *shown = NULL, *text = NULL;

  shown = folder != NULL ? g_filename_display_name (folder) : NULL;
  text = g_markup_escape_text (shown != NULL ? shown : _("The one that was used last"), -1);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  gtk_widget_set_visible (g_object_get_data (G_OBJECT (row), "reset"), folder != NULL);
}

static void
reset_folder_cb (GtkWidget *row)
{
  chain_setting_set_string ("documents", "data-folder", NULL);
  show_folder (row);
}

static void
folder_response_cb (GtkNativeDialog *chooser, int response, gpointer row)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL)
    chain_setting_set_string ("documents", "data-folder", path);
  show_folder (row);
  g_object_set_data (row, "chooser", NULL);
}

static void
choose_folder_cb (GtkWidget *row)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_("Folder of Documents and Data"), GTK_WINDOW (gtk_widget_get_root (row)),
                                                               GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL, NULL);

  g_object_set_data_full (G_OBJECT (row), "chooser", chooser, g_object_unref);
  g_signal_connect_object (chooser, "response", G_CALLBACK (folder_response_cb), row, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static GtkWidget *
folder_row (void)
{
  GtkWidget *row = adw_action_row_new (), *reset = gtk_button_new_with_mnemonic (_("_Last Used")), *choose = gtk_button_new_with_mnemonic (_("_Choose…"));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Open starts in this folder"));
  gtk_widget_set_valign (reset, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (choose, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (reset, "clicked", G_CALLBACK (reset_folder_cb), row);
  g_signal_connect_swapped (choose, "clicked", G_CALLBACK (choose_folder_cb), row);
  g_object_set_data (G_OBJECT (row), "reset", reset);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), reset);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), choose);
  show_folder (row);
  return row;
}

/* --- the page --- */
static GtkWidget *
group (GtkWidget *page, const char *title)
{
  GtkWidget *g = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (g), title);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (g));
  return g;
}

GtkWidget *
chain_preferences_new (GtkWindow *parent)
{
  GtkWidget *w = adw_preferences_window_new (), *page = adw_preferences_page_new (), *look, *compute, *documents;

  gtk_window_set_transient_for (GTK_WINDOW (w), parent);
  gtk_window_set_modal (GTK_WINDOW (w), TRUE);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (w), TRUE);
  gtk_window_set_title (GTK_WINDOW (w), _("Preferences"));
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (w), FALSE);
  look = group (page, _("Appearance"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (look), choice_row (parent, _("Style"), styles, "style", "app.style"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (look), choice_row (parent, _("Text size of pictures"), sizes, "text-size", "win.text-size"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (look), switch_row (_("Reduced motion"), _("No animations, also where the desktop has them"),
                                                                       "window", "reduced-motion", FALSE));
  compute = group (page, _("Computing"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (compute), threads_row ());
  documents = group (page, _("Documents"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (documents), switch_row (_("Autosave"), _("Keeps unsaved work for after a crash; holds from the next window on"),
                                                                            "documents", "autosave", TRUE));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (documents), switch_row (_("Backup"), _("A save leaves the file before it as “name~”; holds from the next window on"),
                                                                            "documents", "backup", TRUE));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (documents), folder_row ());
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (w), ADW_PREFERENCES_PAGE (page));
  return w;
}
