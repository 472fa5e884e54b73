/* SPDX-License-Identifier: Apache-2.0 */
/* The document's file while it is open: changed or deleted by another program, open in another window, data that are not where it says. A monitor
 * tells at once on a local disk; on others the file is looked at when the window gets the focus, and in any case before a save. */
#include "config.h"

#include "ui/window/window-private.h"

#include <glib/gi18n-lib.h>

#include "app/session/documents/source.h"
#include "app/session/missing.h"
#include "app/session/recovery.h"
#include "ui/pages/banners.h"

static char *
file_name (ChainWindow *w)
{
  return g_filename_display_basename (chain_document_path (chain_session_document (w->session)));
}

static void
show_changed (ChainWindow *w, gboolean exists)
{
  const ChainBannerButton buttons[] = { { _("_Reload"), "win.reload", NULL }, { _("_Keep Mine"), "win.keep-mine", NULL },
                                        { _("Save as _Copy…"), "win.save-copy", NULL } };
  gboolean dirty = chain_document_is_dirty (chain_session_document (w->session));
  g_autofree char *name = file_name (w), *text = NULL;

  if (!exists)
    text = g_strdup_printf (_("“%s” was deleted or moved while it was open; saving writes it anew"), name);
  else if (dirty)
    text = g_strdup_printf (_("“%s” was changed by another program; reloading loses what is not saved here"), name);
  else
    text = g_strdup_printf (_("“%s” was changed by another program"), name);
  chain_banners_show (w->banners, "changed", text, exists ? buttons : buttons + 1, exists ? 3 : 2);
}

static void
check_file (ChainWindow *w)
{
  ChainDocument *d = chain_session_document (w->session);
  const ChainFileStamp *known = chain_document_stamp (d);
  ChainFileStamp now;

  if (w->saving)        /* what is there may be our own, which the document does not know yet; it is looked at again when the save is over */
    return;
  if (chain_document_path (d) != NULL && known != NULL)
    {
      chain_file_stamp (chain_document_path (d), &now);
      if (!chain_file_stamp_equal (known, &now))
        {
          show_changed (w, now.exists);
          return;
        }
    }
  chain_banners_hide (w->banners, "changed");
}

static void
monitor_cb (ChainWindow *w)
{
  check_file (w);
}

/* --- the file of the data: what is trained on is a copy of it --- */
static void
check_source (ChainWindow *w)
{
  const ChainBannerButton buttons[] = { { _("_Ignore"), "win.ignore-source", NULL }, { _("_Read Again"), "win.read-again", "suggested-action" } };
  ChainFileStamp now;
  g_autofree char *name = NULL, *text = NULL;

  if (w->source == NULL)
    {
      chain_banners_hide (w->banners, "source");
      return;
    }
  chain_file_stamp (w->source, &now);
  if (chain_file_stamp_equal (&now, &w->source_stamp))
    {
      chain_banners_hide (w->banners, "source");
      return;
    }
  name = g_filename_display_basename (w->source);
  text = g_strdup_printf (now.exists ? _("The data file “%s” has changed; the network goes on with the rows that were read")
                                     : _("The data file “%s” was deleted or moved; the network goes on with the rows that were read"), name);
  chain_banners_show (w->banners, "source", text, buttons, now.exists ? 2 : 1);
}

static void
active_cb (ChainWindow *w)
{
  if (!gtk_window_is_active (GTK_WINDOW (w)))
    return;
  check_file (w);
  check_source (w);
  chain_session_claim_again (w->session);
}

static void
watch (ChainWindow *w, const char *path)
{
  g_autoptr (GFile) file = path != NULL ? g_file_new_for_path (path) : NULL;

  if (g_strcmp0 (path, w->watched) == 0)
    return;
  chain_set_str (&w->watched, path);
  g_clear_object (&w->monitor);
  w->monitor = file != NULL ? g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, NULL) : NULL;
  if (w->monitor == NULL)
    return;
  g_file_monitor_set_rate_limit (w->monitor, 200);
  g_signal_connect_object (w->monitor, "changed", G_CALLBACK (monitor_cb), w, G_CONNECT_SWAPPED);
}

static void
show_elsewhere (ChainWindow *w)
{
  const ChainBannerButton buttons[] = { { _("Save as _Copy…"), "win.save-copy", NULL } };
  g_autofree char *name = NULL, *text = NULL;

  if (!chain_session_is_read_only (w->session))
    {
      chain_banners_hide (w->banners, "elsewhere");
      return;
    }
  name = file_name (w);
  text = g_strdup_printf (_("“%s” is also open in another window; here it can be saved under another name only"), name);
  chain_banners_show (w->banners, "elsewhere", text, buttons, G_N_ELEMENTS (buttons));
}

static void
show_missing (ChainWindow *w)
{
  const ChainBannerButton buttons[] = { { _("_Find the Data…"), "win.find-data", "suggested-action" } };
  const char *why = chain_session_missing_data (w->session);
  g_autofree char *text = NULL;

  if (why == NULL)
    {
      chain_banners_hide (w->banners, "missing");
      return;
    }
  text = g_strdup_printf (_("%s. Nothing is trained until the data are found."), why);
  chain_banners_show (w->banners, "missing", text, buttons, G_N_ELEMENTS (buttons));
}

static void
source_cb (ChainWindow *w)
{
  check_source (w);
}

/* Other rows of the same file are another table: from then on it counts as it is. */
static void
watch_source (ChainWindow *w)
{
  g_autofree char *path = chain_session_data_path (w->session);
  g_autoptr (GFile) file = NULL;

  if (g_strcmp0 (path, w->source) == 0 && w->source_table == chain_session_table (w->session))
    return;
  chain_set_str (&w->source, path);
  w->source_table = chain_session_table (w->session);
  g_clear_object (&w->source_monitor);
  if (path == NULL)
    return;
  chain_file_stamp (path, &w->source_stamp);
  file = g_file_new_for_path (path);
  w->source_monitor = g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, NULL);
  if (w->source_monitor == NULL)
    return;
  g_file_monitor_set_rate_limit (w->source_monitor, 200);
  g_signal_connect_object (w->source_monitor, "changed", G_CALLBACK (source_cb), w, G_CONNECT_SWAPPED);
}

static void
ignore_source (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ChainWindow *w = data;

  if (w->source != NULL)
    chain_file_stamp (w->source, &w->source_stamp);
  check_source (w);
}

static void
read_again (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ChainWindow *w = data;
  g_autoptr (GError) error = NULL;

  if (!chain_session_read_data_again (w->session, &error))
    {
      _chain_window_refuse (w, _("The data cannot be read again"), error->message);
      return;
    }
  ignore_source (NULL, NULL, w);      /* also where the file turned out to be the same */
  chain_pump_kick (w->pump);
}

/* After each change of the document. */
void
_chain_window_update_disk (ChainWindow *w)
{
  watch (w, chain_document_path (chain_session_document (w->session)));
  watch_source (w);
  check_source (w);
  check_file (w);
  show_elsewhere (w);
  show_missing (w);
}

static void
reload (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ChainWindow *w = data;
  g_autofree char *path = g_strdup (chain_document_path (chain_session_document (w->session)));

  if (path != NULL)
    chain_window_open (w, path);
}

/* The next save overwrites what is there now, and nothing newer. */
static void
keep_mine (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ChainWindow *w = data;
  ChainDocument *d = chain_session_document (w->session);
  ChainFileStamp now;

  if (chain_document_path (d) == NULL)
    return;
  chain_file_stamp (chain_document_path (d), &now);
  chain_document_keep_mine (d, &now);
}

static void
found_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
  ChainWindow *w = data;
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  g_autoptr (GError) error = NULL;

  g_clear_object (&w->chooser);
  if (path == NULL)
    return;
  if (chain_session_find_data (w->session, path, &error))
    chain_pump_kick (w->pump);
  else
    _chain_window_refuse (w, _("These data do not fit the document"), error->message);
}

static void
find_data (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ChainWindow *w = data;
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_("Find the Data"), GTK_WINDOW (w), GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);

  g_set_object (&w->chooser, GTK_NATIVE_DIALOG (chooser));
  g_signal_connect_object (chooser, "response", G_CALLBACK (found_cb), w, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
  g_object_unref (chooser);
}

static void
save_copy (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  _chain_window_save_copy (data);
}

static void
release_cb (gpointer application, GObject *session)
{
  g_application_release (application);
}

/* The file is the old or the new one, whatever becomes of the save; should it fail, the journal has the work. The program stays, without a
 * window, until both are on disk: the session is held by what still writes. */
static void
close_now (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ChainWindow *w = data;
  GApplication *application = G_APPLICATION (gtk_window_get_application (GTK_WINDOW (w)));

  if (application != NULL)
    {
      g_application_hold (application);
      g_object_weak_ref (G_OBJECT (w->session), release_cb, application);
    }
  chain_session_leave_journal (w->session);
  w->sure = TRUE;
  gtk_window_close (GTK_WINDOW (w));
}

void
_chain_window_add_disk (ChainWindow *w)
{
  static const GActionEntry entries[] = {
    { "reload", reload, NULL, NULL, NULL, { 0 } },
    { "keep-mine", keep_mine, NULL, NULL, NULL, { 0 } },
    { "close-now", close_now, NULL, NULL, NULL, { 0 } },
    { "find-data", find_data, NULL, NULL, NULL, { 0 } },
    { "save-copy", save_copy, NULL, NULL, NULL, { 0 } },
    { "ignore-source", ignore_source, NULL, NULL, NULL, { 0 } },
    { "read-again", read_again, NULL, NULL, NULL, { 0 } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (w), entries, G_N_ELEMENTS (entries), w);
  g_signal_connect (w, "notify::is-active", G_CALLBACK (active_cb), NULL);
}
