/* SPDX-License-Identifier: Apache-2.0 */
/* What a crash left, offered in the first window: a banner and not a dialog, so that a person may first look around. The dead journals stay locked
 * as long as the banner is there, so that a second program does not offer them too. */
#include "config.h"

#include "ui/window/window-private.h"

#include <glib/gi18n-lib.h>

#include "app/session/recovery.h"
#include "app/session/settings.h"
#include "ui/canvas/tooltip.h"
#include "ui/pages/banners.h"

#define NAMED 3               /* documents that are called by name */

static char *
ago (gint64 seconds)
{
  int minutes = (int) CLAMP (seconds / 60, 0, 100000000), hours = minutes / 60, days = hours / 24;

  if (minutes < 1)
    return g_strdup (_("less than a minute ago"));
  if (hours < 1)
    return g_strdup_printf (ngettext ("%d minute ago", "%d minutes ago", (gulong) minutes), minutes);
  if (days < 1)
    return g_strdup_printf (ngettext ("%d hour ago", "%d hours ago", (gulong) hours), hours);
  return g_strdup_printf (ngettext ("%d day ago", "%d days ago", (gulong) days), days);
}

/* "Two moons, 3 minutes ago; Spirals, 1 hour ago; and 2 more" */
static char *
names_of (const GPtrArray *list)
{
  GString *names = g_string_new (NULL);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  for (guint i = 0; i < list->len && i < NAMED; i++)
    {
      const ChainUnsaved *u = g_ptr_array_index (list, i);
      g_autofree char *when = ago (now - chain_unsaved_time (u));

      g_string_append_printf (names, "%s%s, %s", i > 0 ? "; " : "", chain_unsaved_title (u), when);
    }
  if (list->len > NAMED)
    g_string_append_printf (names, ngettext ("; and %u more", "; and %u more", list->len - NAMED), list->len - NAMED);
  return g_string_free (names, FALSE);
}

void
_chain_window_offer_unsaved (ChainWindow *w)
{
  static const ChainBannerButton buttons[] = {
    { N_("_Later"), "win.recover-later", NULL }, { N_("_Discard"), "win.recover-discard", NULL }, { N_("_Restore"), "win.recover", "suggested-action" },
  };
  ChainBannerButton shown[G_N_ELEMENTS (buttons)];
  g_autofree char *names = NULL, *text = NULL;

  g_clear_pointer (&w->unsaved, g_ptr_array_unref);
  w->unsaved = chain_unsaved_list (NULL);
  if (w->unsaved->len == 0)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    shown[i] = (ChainBannerButton){ _(buttons[i].label), buttons[i].action, buttons[i].style };
  names = names_of (w->unsaved);
  text = g_strdup_printf (ngettext ("Chainrule ended unexpectedly; %u document was not saved: %s", "Chainrule ended unexpectedly; %u documents were not saved: %s",
                                    w->unsaved->len), w->unsaved->len, names);
  chain_banners_show (w->banners, "unsaved", text, shown, G_N_ELEMENTS (shown));
}

static void
end_offer (ChainWindow *w)
{
  chain_banners_hide (w->banners, "unsaved");
  g_clear_pointer (&w->unsaved, g_ptr_array_unref);
}

static void
restore_one (ChainWindow *w, ChainUnsaved *u)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *heading = NULL;
  ChainWindow *at = w;

  if (!chain_window_is_pristine (w))
    {
      at = CHAIN_WINDOW (chain_window_new (gtk_window_get_application (GTK_WINDOW (w))));
      gtk_window_present (GTK_WINDOW (at));
    }
  if (chain_session_restore (at->session, u, &error))
    {
      chain_pump_kick (at->pump);
      return;
    }
  if (at != w)
    gtk_window_destroy (GTK_WINDOW (at));
  heading = g_strdup_printf (_("“%s” cannot be restored"), chain_unsaved_title (u));
  _chain_window_refuse (w, heading, error->message);
}

static void
recover (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ChainWindow *w = data;
  g_autoptr (GPtrArray) list = g_steal_pointer (&w->unsaved);

  end_offer (w);
  for (guint i = 0; list != NULL && i < list->len; i++)
    restore_one (w, g_ptr_array_index (list, i));
}

static void
later (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  end_offer (data);
}

static void
discard_response_cb (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  ChainWindow *w = data;

  if (!g_str_equal (response, "discard"))
    return;
  for (guint i = 0; w->unsaved != NULL && i < w->unsaved->len; i++)
    chain_unsaved_discard (g_ptr_array_index (w->unsaved, i));
  end_offer (w);
}

static void
discard (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ChainWindow *w = data;
  g_autofree char *names = NULL, *body = NULL;
  GtkWidget *d;

  if (w->unsaved == NULL)
    return;
  names = names_of (w->unsaved);
  body = g_strdup_printf (_("%s. What was not saved is lost then."), names);
  d = adw_message_dialog_new (GTK_WINDOW (w), _("Discard unsaved work?"), body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (d), "cancel", _("_Cancel"), "discard", _("_Discard"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (d), "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (d), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (d), "cancel");
  g_signal_connect_object (d, "response", G_CALLBACK (discard_response_cb), w, 0);
  gtk_window_present (GTK_WINDOW (d));
}

/* --- the mark "autosave is off" --- */
static GtkWidget *
new_mark (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *label = gtk_label_new (_("Autosave is off"));

  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("dialog-warning-symbolic"));
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_add_css_class (box, "autosave-mark");
  gtk_widget_set_visible (box, FALSE);
  return box;
}

void
_chain_window_update_mark (ChainWindow *w)
{
  const char *why = w->unkept ? _("It is switched off in the preferences") : chain_session_autosave_error (w->session);
  GtkWidget *label = gtk_widget_get_last_child (w->autosave_mark);
  g_autofree char *tip = NULL;

  gtk_widget_set_visible (w->autosave_mark, why != NULL);
  if (why == NULL)
    return;
  gtk_widget_set_visible (label, w->width_class > CHAIN_WIDTH_COMPACT);
  tip = g_strdup_printf (_("Autosave is off: a crash would lose what is not saved.\n%s"), why);
  chain_tooltip_set (w->autosave_mark, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (w->autosave_mark), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
}

/* Without a home nothing is remembered. */
static void
tell_forgetful (ChainWindow *w)
{
  const char *why = chain_setting_check ();
  g_autofree char *text = NULL;

  if (why == NULL)
    return;
  text = g_strdup_printf (_("Style and text size will not be remembered: %s"), why);
  _chain_window_toast (w, text, NULL, NULL);
}

void
chain_window_greet (ChainWindow *w)
{
  _chain_window_offer_unsaved (w);
  tell_forgetful (w);
}

void
_chain_window_add_recovery (ChainWindow *w)
{
  static const GActionEntry entries[] = {
    { "recover", recover, NULL, NULL, NULL, { 0 } },
    { "recover-later", later, NULL, NULL, NULL, { 0 } },
    { "recover-discard", discard, NULL, NULL, NULL, { 0 } },
  };
  GtkWidget *header = gtk_widget_get_first_child (w->content);

  g_action_map_add_action_entries (G_ACTION_MAP (w), entries, G_N_ELEMENTS (entries), w);
  w->banners = chain_banners_new ();
  gtk_box_insert_child_after (GTK_BOX (w->content), w->banners, header);
  w->autosave_mark = new_mark ();
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), w->autosave_mark);
  w->unkept = !chain_setting_boolean ("documents", "autosave", TRUE);
  if (!w->unkept)
    chain_session_keep_journal (w->session, NULL);
  chain_session_keep_backup (w->session, chain_setting_boolean ("documents", "backup", TRUE));
}
