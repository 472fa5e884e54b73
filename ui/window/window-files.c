/* SPDX-License-Identifier: Apache-2.0 */
/* Documents in and out: choosers, the close question, the question when somebody else changed the file, files dropped on the window. The
 * work is the session's. */
#include "config.h"

#include "ui/window/window-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "app/session/documents/weights.h"
#include "app/session/recovery.h"
#include "app/session/settings.h"
#include "ui/dialogs/weights.h"
#include "ui/pages/banners.h"

#define SAVING_DELAY 300      /* milliseconds */

typedef struct { ChainWindow *window; gboolean then_close, overwrite; char *path; } SaveJob;

static void
save_job_free (gpointer data, GClosure *closure)
{
  SaveJob *job = data;

  g_free (job->path);
  g_free (job);
}

static void
backup_response_cb (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  ChainWindow *w = data;
  g_autoptr (GError) error = NULL;

  if (!g_str_equal (response, "backup"))
    return;
  if (chain_session_open_backup (w->session, g_object_get_data (G_OBJECT (dialog), "path"), &error))
    chain_pump_kick (w->pump);
  else
    _chain_window_refuse (w, _("The backup cannot be opened either"), error->message);
}

/* What the last save replaced is offered where there is one. */
static void
refuse_file (ChainWindow *w, const char *path, const char *heading, const char *reason)
{
  g_autofree char *backup = chain_file_backup_name (path), *body = NULL;
  GtkWidget *d;

  if (!g_file_test (backup, G_FILE_TEST_IS_REGULAR))
    {
      _chain_window_refuse (w, heading, reason);
      return;
    }
  body = g_strdup_printf (_("%s\n\nThe file as it was before the last save is still there."), reason);
  d = adw_message_dialog_new (GTK_WINDOW (w), heading, body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (d), "close", _("_Close"), "backup", _("Open _Backup"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (d), "backup", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (d), "close");
  g_object_set_data_full (G_OBJECT (d), "path", g_strdup (path), g_free);
  g_signal_connect_object (d, "response", G_CALLBACK (backup_response_cb), w, 0);
  gtk_window_present (GTK_WINDOW (d));
}

gboolean
chain_window_open (ChainWindow *w, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_filename_display_basename (path), *heading = NULL, *uri = NULL;

  if (chain_session_open (w->session, path, &error))
    {
      uri = g_filename_to_uri (path, NULL, NULL);
      if (uri != NULL)
        gtk_recent_manager_add_item (gtk_recent_manager_get_default (), uri);
      chain_pump_kick (w->pump);
      return TRUE;
    }
  heading = g_strdup_printf (_("“%s” cannot be opened"), name);
  refuse_file (w, path, heading, error->message);
  return FALSE;
}

static gboolean
has_open (ChainWindow *w, const char *path)
{
  const char *own = chain_document_path (chain_session_document (w->session));
  ChainFileStamp a, b;

  if (own == NULL || g_strcmp0 (own, path) == 0)
    return own != NULL;
  chain_file_stamp (own, &a);
  chain_file_stamp (path, &b);
  return a.exists && b.exists && a.device == b.device && a.inode == b.inode;
}

ChainWindow *
chain_window_find (GtkApplication *app, const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);

  for (GList *l = app != NULL ? gtk_application_get_windows (app) : NULL; l != NULL; l = l->next)
    if (CHAIN_IS_WINDOW (l->data) && has_open (l->data, absolute))
      return l->data;
  return NULL;
}

void
_chain_window_open_elsewhere (ChainWindow *w, const char *path)
{
  ChainWindow *has = chain_window_find (gtk_window_get_application (GTK_WINDOW (w)), path);
  GtkWidget *other;

  if (has != NULL)
    {
      gtk_window_present (GTK_WINDOW (has));
      return;
    }

  if (chain_window_is_pristine (w))
    {
      chain_window_open (w, path);
      return;
    }
  other = chain_window_new (gtk_window_get_application (GTK_WINDOW (w)));
  gtk_window_present (GTK_WINDOW (other));
  chain_window_open (CHAIN_WINDOW (other), path);
}

void
_chain_window_open_example (ChainWindow *w, const char *path)
{
  g_autoptr (GError) error = NULL;

  if (chain_document_is_dirty (chain_session_document (w->session)))
    {
      w = CHAIN_WINDOW (chain_window_new (gtk_window_get_application (GTK_WINDOW (w))));
      gtk_window_present (GTK_WINDOW (w));
    }
  if (chain_session_open_example (w->session, path, &error))
    chain_pump_kick (w->pump);
  else
    _chain_window_refuse (w, _("The example cannot be opened"), error->message);
}

static void
applied_cb (ChainWindow *w)
{
  chain_pump_kick (w->pump);
}

/* A whole document may be called .safetensors, since it is one: then it opens as such. */
static void
take_weights (ChainWindow *w, const char *path)
{
  g_autofree char *name = g_filename_display_basename (path), *heading = NULL;
  g_autoptr (GError) error = NULL;
  ChainWeightsMap *map = chain_session_map_weights (w->session, path, &error);
  GtkWidget *dialog;

  if (map == NULL)
    {
      heading = g_strdup_printf (_("“%s” cannot be opened"), name);
      _chain_window_refuse (w, heading, error->message);
    }
  else if (g_hash_table_contains (map->file->metadata, "chainrule"))
    {
      chain_weights_map_free (map);
      _chain_window_open_elsewhere (w, path);
    }
  else
    {
      dialog = chain_weights_dialog_new (GTK_WINDOW (w), w->session, map, name);
      g_signal_connect_object (dialog, "applied", G_CALLBACK (applied_cb), w, G_CONNECT_SWAPPED);
      gtk_window_present (GTK_WINDOW (dialog));
    }
}

/* A data file becomes the data of the document that is open (undoable); weights go into its network after a look; a document opens. */
static void
take_file (ChainWindow *w, const char *path)
{
  g_autofree char *lower = g_utf8_strdown (path, -1);
  g_autofree char *name = g_filename_display_basename (path), *heading = NULL;
  g_autoptr (GError) error = NULL;

  if (g_str_has_suffix (lower, ".chainrule") || g_str_has_suffix (lower, ".json"))
    {
      _chain_window_open_elsewhere (w, path);
      return;
    }
  if (g_str_has_suffix (lower, ".safetensors"))
    {
      take_weights (w, path);
      return;
    }
  if (chain_session_import (w->session, path, &error))
    {
      chain_pump_kick (w->pump);
      return;
    }
  heading = g_strdup_printf (_("“%s” cannot be used as data"), name);
  _chain_window_refuse (w, heading, error->message);
}

static void
add_filter (GtkFileChooser *chooser, const char *name, const char *const *patterns)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  for (; *patterns != NULL; patterns++)
    gtk_file_filter_add_pattern (filter, *patterns);
  gtk_file_chooser_add_filter (chooser, filter);
}

/* Where a chooser begins: the folder of the preferences, else the one used last. */
static void
start_in_folder (GtkFileChooser *chooser)
{
  g_autofree char *fixed = chain_setting_string ("documents", "data-folder", NULL), *last = chain_setting_string ("documents", "last-folder", NULL);
  const char *folder = fixed != NULL && g_file_test (fixed, G_FILE_TEST_IS_DIR) ? fixed : last;
  g_autoptr (GFile) file = folder != NULL && g_file_test (folder, G_FILE_TEST_IS_DIR) ? g_file_new_for_path (folder) : NULL;

  if (file != NULL)
    gtk_file_chooser_set_current_folder (chooser, file, NULL);
}

static void
keep_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  chain_setting_set_string ("documents", "last-folder", folder);
}

static void
open_response_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
  ChainWindow *w = data;
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  g_clear_object (&w->chooser);
  if (path == NULL)
    return;
  keep_folder (path);
  take_file (w, path);
}

void
_chain_window_choose_open (ChainWindow *w)
{
  static const char *const all[] = { "*.chainrule", "*.json", "*.csv", "*.tsv", "*-ubyte", "*-ubyte.gz", "*.idx", "*.safetensors", NULL };
  static const char *const documents[] = { "*.chainrule", "*.json", NULL }, *const weights[] = { "*.safetensors", NULL }, *const data[] = { "*.csv", "*.tsv", "*-ubyte", "*-ubyte.gz", "*.idx", NULL };
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_("Open"), GTK_WINDOW (w), GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);

  start_in_folder (GTK_FILE_CHOOSER (chooser));
  add_filter (GTK_FILE_CHOOSER (chooser), _("Documents, data and weights"), all);
  add_filter (GTK_FILE_CHOOSER (chooser), _("Documents"), documents);
  add_filter (GTK_FILE_CHOOSER (chooser), _("Data"), data);
  add_filter (GTK_FILE_CHOOSER (chooser), _("Weights"), weights);
  g_set_object (&w->chooser, GTK_NATIVE_DIALOG (chooser));
  g_signal_connect_object (chooser, "response", G_CALLBACK (open_response_cb), w, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
  g_object_unref (chooser);
}

static gboolean
close_cb (gpointer data)
{
  gtk_window_close (GTK_WINDOW (data));
  return G_SOURCE_REMOVE;
}

/* Not inside the answer of a dialog that stands over the window. */
static void
close_for_sure (ChainWindow *w)
{
  w->sure = TRUE;
  g_idle_add_full (G_PRIORITY_DEFAULT, close_cb, g_object_ref (w), g_object_unref);
}

/* --- saving --- */
static void save_to (ChainWindow *w, const char *path, gboolean overwrite, gboolean then_close);

static void
overwrite_response_cb (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  SaveJob *job = data;

  if (g_str_equal (response, "overwrite"))
    save_to (job->window, job->path, TRUE, job->then_close);
}

static void
ask_overwrite (ChainWindow *w, const char *path, const char *reason, gboolean then_close)
{
  GtkWidget *d = adw_message_dialog_new (GTK_WINDOW (w), _("The file has changed on disk"), reason);
  SaveJob *job = g_new0 (SaveJob, 1);

  job->window = w;
  job->path = g_strdup (path);
  job->then_close = then_close;
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (d), "cancel", _("_Cancel"), "overwrite", _("_Overwrite"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (d), "overwrite", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (d), "cancel");
  g_signal_connect_data (d, "response", G_CALLBACK (overwrite_response_cb), job, save_job_free, 0);
  gtk_window_present (GTK_WINDOW (d));
}

static void
not_saved_response_cb (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  if (g_str_equal (response, "save-as"))
    _chain_window_save (data, TRUE, FALSE);
}

/* A folder that may not be written to or a full disk is left by choosing another place. */
static void
tell_not_saved (ChainWindow *w, const char *why)
{
  GtkWidget *d = adw_message_dialog_new (GTK_WINDOW (w), _("The document was not saved"), why);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (d), "close", _("_Close"), "save-as", _("Save _As…"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (d), "save-as", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (d), "close");
  g_signal_connect_object (d, "response", G_CALLBACK (not_saved_response_cb), w, 0);
  gtk_window_present (GTK_WINDOW (d));
}

/* Shown once a save takes long enough to be noticed; with a way out where somebody waits for the window to close. */
static gboolean
show_saving_cb (gpointer data)
{
  const ChainBannerButton out[] = { { _("Close _without Waiting"), "win.close-now", NULL } };
  ChainWindow *w = data;

  w->saving_id = 0;
  chain_banners_show (w->banners, "saving", w->close_after ? _("Saving; the window closes when it is done") : _("Saving…"), out, w->close_after ? 1 : 0);
  return G_SOURCE_REMOVE;
}

static void
end_saving (ChainWindow *w)
{
  w->saving = FALSE;
  g_clear_handle_id (&w->saving_id, g_source_remove);
  if (w->session != NULL)
    chain_banners_hide (w->banners, "saving");
}

static void
saved_cb (GObject *session, GAsyncResult *result, gpointer data)
{
  SaveJob *job = data;
  ChainWindow *w = job->window;
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL;
  gboolean ok = chain_session_save_finish (CHAIN_SESSION (session), result, &error), closes = job->then_close || w->close_after;

  end_saving (w);
  if (w->session != NULL)
    _chain_window_update_disk (w);      /* the file was not looked at while it was being replaced */
  w->close_after = FALSE;
  if (w->session == NULL)
    ;                                   /* closed without waiting */
  else if (ok)
    {
      uri = g_filename_to_uri (chain_document_path (chain_session_document (w->session)), NULL, NULL);
      if (uri != NULL)
        gtk_recent_manager_add_item (gtk_recent_manager_get_default (), uri);
      if (closes && !chain_document_is_dirty (chain_session_document (w->session)))
        close_for_sure (w);
      else if (closes)
        gtk_window_close (GTK_WINDOW (w));
    }
  else if (g_error_matches (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT) && !job->overwrite)
    ask_overwrite (w, job->path, error->message, job->then_close);
  else
    tell_not_saved (w, error->message);
  g_object_unref (w);
  save_job_free (job, NULL);
}

static void
save_to (ChainWindow *w, const char *path, gboolean overwrite, gboolean then_close)
{
  SaveJob *job;

  if (w->saving)
    return;
  job = g_new0 (SaveJob, 1);
  *job = (SaveJob){ g_object_ref (w), then_close, overwrite, g_strdup (path) };
  w->saving = TRUE;
  w->close_after = then_close;
  w->saving_id = g_timeout_add (SAVING_DELAY, show_saving_cb, w);
  if (then_close)
    chain_session_pause (w->session);   /* or it would be edited again as soon as it is saved */
  chain_session_save_async (w->session, path, overwrite, saved_cb, job);
}

static void
save_response_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
  ChainWindow *w = data;
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  gboolean then_close = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (dialog), "then-close"));

  g_clear_object (&w->chooser);
  if (path == NULL)
    return;
  if (!g_str_has_suffix (path, ".chainrule") && !g_str_has_suffix (path, ".json"))
    {
      char *with = g_strconcat (path, ".chainrule", NULL);

      g_free (path);
      path = with;
    }
  keep_folder (path);
  save_to (w, path, TRUE, then_close);      /* the chooser has asked about an existing file */
}

/* A copy stands beside the file that it is a copy of. */
static char *
proposed_name (ChainWindow *w, gboolean copy)
{
  g_autofree char *name = chain_document_name (chain_session_document (w->session)), *full = NULL;

  g_strdelimit (name, "/\\:", '-');
  full = copy ? g_strdup_printf (_("%s (copy)"), name) : g_steal_pointer (&name);
  return g_strconcat (full, ".chainrule", NULL);
}

static void
choose_save (ChainWindow *w, const char *title, gboolean copy, gboolean then_close)
{
  static const char *const documents[] = { "*.chainrule", NULL };
  const char *own = chain_document_path (chain_session_document (w->session));
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (w), GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  g_autofree char *name = proposed_name (w, copy), *folder = own != NULL ? g_path_get_dirname (own) : NULL;
  g_autoptr (GFile) beside = folder != NULL ? g_file_new_for_path (folder) : NULL;

  add_filter (GTK_FILE_CHOOSER (chooser), _("Chainrule documents"), documents);
  if (beside != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (chooser), beside, NULL);
  else
    start_in_folder (GTK_FILE_CHOOSER (chooser));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  g_object_set_data (G_OBJECT (chooser), "then-close", GINT_TO_POINTER (then_close));
  g_set_object (&w->chooser, GTK_NATIVE_DIALOG (chooser));
  g_signal_connect_object (chooser, "response", G_CALLBACK (save_response_cb), w, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
  g_object_unref (chooser);
}

void
_chain_window_save (ChainWindow *w, gboolean as, gboolean then_close)
{
  const char *path = chain_document_path (chain_session_document (w->session));

  if (path != NULL && !as && !chain_session_is_read_only (w->session))
    save_to (w, path, FALSE, then_close);
  else
    choose_save (w, _("Save As"), FALSE, then_close);
}

void
_chain_window_save_copy (ChainWindow *w)
{
  choose_save (w, _("Save as Copy"), TRUE, FALSE);
}

static void
close_response_cb (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  ChainWindow *w = data;

  if (g_str_equal (response, "save"))
    _chain_window_save (w, FALSE, TRUE);
  else if (g_str_equal (response, "discard"))
    close_for_sure (w);
}

gboolean
_chain_window_ask_close (ChainWindow *w)
{
  ChainDocument *d = chain_session_document (w->session);
  g_autofree char *title = chain_document_title (d), *heading = NULL;
  GtkWidget *dialog;

  if (w->saving)
    {
      w->close_after = TRUE;
      g_clear_handle_id (&w->saving_id, g_source_remove);
      show_saving_cb (w);
      return TRUE;
    }
  if (!chain_document_is_dirty (d))
    return FALSE;
  heading = g_strdup_printf (_("Save changes to “%s”?"), title);
  dialog = adw_message_dialog_new (GTK_WINDOW (w), heading, _("Edits and weights that are not saved will be lost."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "discard", _("_Discard"), "save", _("_Save"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "save", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "save");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (close_response_cb), w, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  return TRUE;
}

/* --- dropped files --- */
static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, gpointer data)
{
  gboolean taken = FALSE;

  for (const GSList *l = g_value_get_boxed (value); l != NULL; l = l->next)
    {
      g_autofree char *path = g_file_get_path (l->data);

      if (path == NULL)
        continue;
      take_file (data, path);
      taken = TRUE;
    }
  return taken;
}

void
_chain_window_take (ChainWindow *w, const char *path)
{
  take_file (w, path);
}

void
_chain_window_add_drop (ChainWindow *w)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), w);
  gtk_widget_add_controller (GTK_WIDGET (w), GTK_EVENT_CONTROLLER (target));
}
