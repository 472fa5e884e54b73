/* SPDX-License-Identifier: Apache-2.0 */
/* The window is not modal: a slider is dragged here and the network is watched there. Pages follow the order of a run; search finds a line on any
 * of them. Nothing is held here: every group reads the document and writes the document. */
#include "config.h"

#include "ui/settings/settings.h"

#include <glib/gi18n-lib.h>

#include "ui/settings/section.h"

typedef ChainSection (*MakeSection) (ChainSession *session, AdwPreferencesPage *page);

typedef struct { const char *id; guint page; MakeSection make; } SectionRow;
typedef struct { const char *name, *title, *icon; } PageRow;

static const PageRow pages[] = {
  { "data", N_("Data"), "x-office-spreadsheet-symbolic" },
  { "loss", N_("Loss"), "find-location-symbolic" },
  { "optimiser", N_("Optimiser"), "media-seek-forward-symbolic" },
  { "run", N_("Run"), "preferences-system-symbolic" },
};
static const SectionRow sections[] = {
  { "data", 0, chain_section_data }, { "features", 0, chain_section_features }, { "sampling", 0, chain_section_sampling },
  { "loss", 1, chain_section_loss },
  { "optimiser", 2, chain_section_optimiser }, { "schedule", 2, chain_section_schedule }, { "regular", 2, chain_section_regular },
  { "start", 3, chain_section_start }, { "run", 3, chain_section_run },
};

struct _ChainSettings
{
  ChainSession        *session;
  GtkWidget           *window, *overflow;
  AdwPreferencesGroup *overflow_group;
  ChainSection         sections[G_N_ELEMENTS (sections)];
};

/* --- what sections share --- */
AdwPreferencesGroup *
chain_section_group (AdwPreferencesPage *page, const char *title, const char *about)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  if (title != NULL)
    adw_preferences_group_set_title (group, title);
  chain_section_describe (group, about);
  adw_preferences_page_add (page, group);
  return group;
}

/* The group reads markup, a sentence may hold "<". */
void
chain_section_describe (AdwPreferencesGroup *group, const char *about)
{
  g_autofree char *escaped = about != NULL ? g_markup_escape_text (about, -1) : NULL;

  if (g_strcmp0 (escaped, adw_preferences_group_get_description (group)) != 0)
    adw_preferences_group_set_description (group, escaped);
}

ChainSpec *
chain_section_copy (ChainSession *session)
{
  return chain_spec_copy (chain_document_spec (chain_session_document (session)));
}

gboolean
chain_section_apply (ChainSession *session, ChainSpec *next, const char *label, const char *key, GError **error)
{
  return chain_session_apply (session, chain_spec_seal (next), label, key, error);
}

/* --- keys: those of the main window that a person expects here too --- */
static gboolean
text_undoes (GtkWidget *window)
{
  return chain_kit_text_undoes (gtk_root_get_focus (GTK_ROOT (window)));
}

static gboolean
undo_cb (GtkWidget *window, GVariant *args, gpointer data)
{
  if (text_undoes (window))
    return FALSE;
  chain_session_undo (((ChainSettings *) data)->session);
  return TRUE;
}

static gboolean
redo_cb (GtkWidget *window, GVariant *args, gpointer data)
{
  if (text_undoes (window))
    return FALSE;
  chain_session_redo (((ChainSettings *) data)->session);
  return TRUE;
}

static gboolean
play_cb (GtkWidget *window, GVariant *args, gpointer data)
{
  ChainSession *s = ((ChainSettings *) data)->session;

  (chain_session_is_playing (s) ? chain_session_pause : chain_session_play) (s);
  return TRUE;
}

static gboolean
close_cb (GtkWidget *window, GVariant *args, gpointer data)
{
  gtk_window_close (GTK_WINDOW (window));
  return TRUE;
}

static void
add_keys (ChainSettings *s)
{
  static const struct { const char *keys; GtkShortcutFunc func; } rows[] = { { "<Control>z", undo_cb }, { "<Control><Shift>z", redo_cb }, { "F5", play_cb },
                                                                             { "<Control>w", close_cb }, { "<Alt>Return", close_cb } };
  GtkEventController *keys = gtk_shortcut_controller_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys), gtk_shortcut_new (gtk_shortcut_trigger_parse_string (rows[i].keys),
                                                                                            gtk_callback_action_new (rows[i].func, s, NULL)));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);      /* before the entry that has the focus */
  gtk_widget_add_controller (s->window, keys);
}

/* --- window --- */
static void
make_overflow (ChainSettings *s, AdwPreferencesPage *page)
{
  s->overflow_group = chain_section_group (page, _("From the Strip"), _("Fields that the main window has no room for now"));
  adw_preferences_group_add (s->overflow_group, s->overflow);
  g_object_bind_property (s->overflow, "visible", s->overflow_group, "visible", G_BINDING_SYNC_CREATE);
}

static void
make_window (ChainSettings *s)
{
  AdwPreferencesPage *made[G_N_ELEMENTS (pages)];

  s->window = adw_preferences_window_new ();
  gtk_window_set_title (GTK_WINDOW (s->window), _("All Settings"));
  gtk_window_set_modal (GTK_WINDOW (s->window), FALSE);
  gtk_window_set_hide_on_close (GTK_WINDOW (s->window), TRUE);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (s->window), FALSE);      /* the settings do it */
  gtk_widget_add_css_class (s->window, "settings");
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      made[i] = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
      adw_preferences_page_set_title (made[i], _(pages[i].title));
      adw_preferences_page_set_icon_name (made[i], pages[i].icon);
      adw_preferences_page_set_name (made[i], pages[i].name);
      adw_preferences_window_add (ADW_PREFERENCES_WINDOW (s->window), made[i]);
    }
  make_overflow (s, made[0]);
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    s->sections[i] = sections[i].make (s->session, made[sections[i].page]);
  add_keys (s);
}

/* As high as the window it belongs to, so that it fits on the smallest screen, too. */
void
chain_settings_present (ChainSettings *s, GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  gboolean first = s->window == NULL;

  if (first)
    make_window (s);
  if (gtk_window_get_transient_for (GTK_WINDOW (s->window)) != GTK_WINDOW (root))
    gtk_window_set_transient_for (GTK_WINDOW (s->window), GTK_WINDOW (root));
  if (first)
    gtk_window_set_default_size (GTK_WINDOW (s->window), 640, CLAMP (gtk_widget_get_height (GTK_WIDGET (root)) - 60, 400, 760));
  chain_settings_sync (s);
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    s->sections[i].show (s->sections[i].self, chain_document_spec (chain_session_document (s->session)));
  gtk_window_present (GTK_WINDOW (s->window));
}

ChainSettings *
chain_settings_new (ChainSession *session)
{
  ChainSettings *s = g_new0 (ChainSettings, 1);

  s->session = session;
  s->overflow = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_VERTICAL, 8));
  gtk_widget_set_visible (s->overflow, FALSE);
  return s;
}

/* First the widgets, whose last signals still find what they point to. */
void
chain_settings_free (ChainSettings *s)
{
  if (s->window != NULL)
    {
      chain_kit_hush (s->window);
      gtk_window_destroy (GTK_WINDOW (s->window));
      for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
        s->sections[i].free (s->sections[i].self);
    }
  g_object_unref (s->overflow);
  g_free (s);
}

GtkWidget *
chain_settings_overflow (ChainSettings *s)
{
  return s->overflow;
}

/* Hidden, it follows when it is shown again. */
void
chain_settings_sync (ChainSettings *s)
{
  if (s->window == NULL || !gtk_widget_get_visible (s->window))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    s->sections[i].show (s->sections[i].self, chain_document_spec (chain_session_document (s->session)));
}

GtkWidget *
chain_settings_window (ChainSettings *s)
{
  return s->window;
}

gpointer
chain_settings_section (ChainSettings *s, const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    if (s->window != NULL && g_str_equal (sections[i].id, id))
      return s->sections[i].self;
  return NULL;
}
