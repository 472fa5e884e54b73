/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs of the window: one row each, none with logic of its own; and the one function that knows which of them are possible now. */
#include "config.h"

#include "ui/window/window-private.h"

#include "ui/canvas/tooltip.h"

#include <glib/gi18n-lib.h>

#include "app/session/settings.h"

#define ACTION(name) static void name (GSimpleAction *action, GVariant *parameter, gpointer data)
#define SELF CHAIN_WINDOW (data)

#define LEAST_WIDTH 720           /* of the window (DESIGN 3) */
#define LEAST_HEIGHT 540
#define MOST_SIDE 32767

ACTION (play)
{
  ChainSession *s = SELF->session;

  if (chain_page_command (SELF->shown, "play"))
    return;
  if (chain_session_is_playing (s))
    chain_session_pause (s);
  else
    chain_session_play (s);
}

/* verb: as a page may understand it. */
static void
step_by (ChainWindow *self, const char *verb, int n)
{
  if (chain_page_command (self->shown, verb))
    return;
  chain_session_step (self->session, n);
  chain_pump_kick (self->pump);
}

ACTION (step) { step_by (SELF, "step", 1); }
ACTION (step_back) { step_by (SELF, "step-back", -1); }
ACTION (step_ten) { step_by (SELF, "step-ten", 10); }
ACTION (step_back_ten) { step_by (SELF, "step-back-ten", -10); }
ACTION (to_start) { chain_page_command (SELF->shown, "to-start"); }
ACTION (to_end) { chain_page_command (SELF->shown, "to-end"); }

ACTION (reset)
{
  chain_session_reset (SELF->session, FALSE);
  chain_pump_kick (SELF->pump);
}

ACTION (new_seed)
{
  chain_session_reset (SELF->session, TRUE);
  chain_pump_kick (SELF->pump);
}

ACTION (train_on)
{
  chain_session_train_on (SELF->session);
}

ACTION (remedy)
{
  chain_session_remedy (SELF->session);
  chain_pump_kick (SELF->pump);
}

ACTION (undo)
{
  if (!chain_page_command (SELF->shown, "undo"))
    chain_session_undo (SELF->session);
}

ACTION (undo_edit) { _chain_window_undo_edit (SELF, g_variant_get_uint32 (parameter)); }
ACTION (redo)
{
  if (!chain_page_command (SELF->shown, "redo"))
    chain_session_redo (SELF->session);
}
ACTION (lay_out) { chain_page_command (SELF->shown, "lay-out"); }
ACTION (keep_both) { _chain_window_keep_both (SELF); }
ACTION (open_file) { _chain_window_choose_open (SELF); }
ACTION (open_path) { _chain_window_open_elsewhere (SELF, g_variant_get_string (parameter, NULL)); }
ACTION (open_example) { _chain_window_open_example (SELF, g_variant_get_string (parameter, NULL)); }
ACTION (save) { _chain_window_save (SELF, FALSE, FALSE); }
ACTION (save_as) { _chain_window_save (SELF, TRUE, FALSE); }
ACTION (export) { _chain_window_export (SELF); }
/* The same keys copy a formula that has the focus as LaTeX: keys of the window come before those of its widgets. */
ACTION (copy_picture)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (SELF));

  if (focus == NULL || !gtk_widget_activate_action (focus, "formula.copy-latex", NULL))
    _chain_window_copy_picture (SELF);
}

ACTION (copy_csv) { _chain_window_copy_csv (SELF); }
ACTION (rate_halve) { chain_strip_scale_rate (SELF->strip, 0.5); }
ACTION (rate_double) { chain_strip_scale_rate (SELF->strip, 2); }
ACTION (all_settings) { chain_strip_show_settings (SELF->strip); }
ACTION (add_layer) { chain_net_editor_add_layer (chain_network_page_editor (SELF->page)); }
ACTION (remove_layer) { chain_build_remove (SELF->build); }
ACTION (add_unit) { chain_net_editor_add_units (chain_network_page_editor (SELF->page), 1); }
ACTION (remove_unit) { chain_net_editor_add_units (chain_network_page_editor (SELF->page), -1); }
ACTION (zoom_in) { chain_canvas_zoom_centre (chain_page_canvas (SELF->shown), 1.15); }
ACTION (zoom_out) { chain_canvas_zoom_centre (chain_page_canvas (SELF->shown), 1 / 1.15); }
ACTION (zoom_fit) { chain_canvas_fit (chain_page_canvas (SELF->shown)); }
ACTION (side_column) { chain_page_toggle_side (SELF->shown); }
ACTION (sidebar) { adw_flap_set_reveal_flap (ADW_FLAP (SELF->flap), !adw_flap_get_reveal_flap (ADW_FLAP (SELF->flap))); }

ACTION (fullscreen)
{
  if (gtk_window_is_fullscreen (GTK_WINDOW (SELF)))
    gtk_window_unfullscreen (GTK_WINDOW (SELF));
  else
    gtk_window_fullscreen (GTK_WINDOW (SELF));
}

/* The picture stops, training goes on. */
ACTION (freeze)
{
  ChainWindow *self = SELF;

  self->frozen = !self->frozen;
  g_simple_action_set_state (action, g_variant_new_boolean (self->frozen));
  chain_page_set_frozen (CHAIN_PAGE (self->page), self->frozen);
  _chain_window_toast (self, self->frozen ? _("The picture is frozen; press . to go on") : _("The picture follows again"), NULL, NULL);
}

/* Another picture in a card wants other numbers. */
ACTION (views_changed)
{
  _chain_window_update_want (SELF);
  _chain_window_update_actions (SELF);
  chain_pump_kick (SELF->pump);
}

ACTION (page)
{
  if (!_chain_window_show_page (SELF, g_variant_get_string (parameter, NULL)))
    return;
  g_simple_action_set_state (action, parameter);
  if (SELF->width_class <= CHAIN_WIDTH_COMPACT)
    adw_flap_set_reveal_flap (ADW_FLAP (SELF->flap), FALSE);
}

static void
page_beside (ChainWindow *self, int by)
{
  guint n;
  const ChainPageRow *rows = chain_table_pages (&n);
  g_autoptr (GVariant) now = g_action_group_get_action_state (G_ACTION_GROUP (self), "page");

  for (guint i = 0; i < n; i++)
    if (g_str_equal (rows[i].id, g_variant_get_string (now, NULL)) && (int) i + by >= 0 && (int) i + by < (int) n)
      {
        g_action_group_activate_action (G_ACTION_GROUP (self), "page", g_variant_new_string (rows[(int) i + by].id));
        return;
      }
}

ACTION (next_page) { page_beside (SELF, 1); }
ACTION (previous_page) { page_beside (SELF, -1); }

static const struct { const char *id; double size; } text_sizes[] = { { "normal", 1 }, { "large", 1.25 }, { "very-large", 1.5 } };

ACTION (text_size)
{
  for (guint i = 0; i < G_N_ELEMENTS (text_sizes); i++)
    if (g_str_equal (text_sizes[i].id, g_variant_get_string (parameter, NULL)))
      {
        SELF->text_size = text_sizes[i].size;
        g_simple_action_set_state (action, g_variant_new_string (text_sizes[i].id));
        _chain_window_set_text_size (SELF, text_sizes[i].size);
        chain_setting_set_string ("window", "text-size", text_sizes[i].id);
      }
}

ACTION (next_text_size)
{
  for (guint i = 0; i < G_N_ELEMENTS (text_sizes); i++)
    if (text_sizes[i].size >= SELF->text_size)
      {
        const char *id = text_sizes[(i + 1) % G_N_ELEMENTS (text_sizes)].id;

        g_action_group_activate_action (G_ACTION_GROUP (SELF), "text-size", g_variant_new_string (id));
        return;
      }
}

/* The size without full screen or maximising, which come on top of it. */
void
_chain_window_keep_size (ChainWindow *w)
{
  int width, height;

  gtk_window_get_default_size (GTK_WINDOW (w), &width, &height);
  chain_setting_set_number ("window", "width", width);
  chain_setting_set_number ("window", "height", height);
  chain_setting_set_boolean ("window", "maximised", gtk_window_is_maximized (GTK_WINDOW (w)));
}

void
_chain_window_recall_size (ChainWindow *w)
{
  double width = chain_setting_number ("window", "width", 0), height = chain_setting_number ("window", "height", 0);

  if (width >= LEAST_WIDTH && height >= LEAST_HEIGHT && width <= MOST_SIDE && height <= MOST_SIDE)
    gtk_window_set_default_size (GTK_WINDOW (w), (int) width, (int) height);
  if (chain_setting_boolean ("window", "maximised", FALSE))
    gtk_window_maximize (GTK_WINDOW (w));
}

static const GActionEntry entries[] = {
  { "play", play, NULL, NULL, NULL, { 0 } },
  { "step", step, NULL, NULL, NULL, { 0 } },
  { "step-back", step_back, NULL, NULL, NULL, { 0 } },
  { "step-ten", step_ten, NULL, NULL, NULL, { 0 } },
  { "step-back-ten", step_back_ten, NULL, NULL, NULL, { 0 } },
  { "to-start", to_start, NULL, NULL, NULL, { 0 } },
  { "to-end", to_end, NULL, NULL, NULL, { 0 } },
  { "reset", reset, NULL, NULL, NULL, { 0 } },
  { "new-seed", new_seed, NULL, NULL, NULL, { 0 } },
  { "train-on", train_on, NULL, NULL, NULL, { 0 } },
  { "remedy", remedy, NULL, NULL, NULL, { 0 } },
  { "undo", undo, NULL, NULL, NULL, { 0 } },
  { "undo-edit", undo_edit, "u", NULL, NULL, { 0 } },
  { "redo", redo, NULL, NULL, NULL, { 0 } },
  { "lay-out", lay_out, NULL, NULL, NULL, { 0 } },
  { "keep-both", keep_both, NULL, NULL, NULL, { 0 } },
  { "open", open_file, NULL, NULL, NULL, { 0 } },
  { "open-path", open_path, "s", NULL, NULL, { 0 } },
  { "open-example", open_example, "s", NULL, NULL, { 0 } },
  { "save", save, NULL, NULL, NULL, { 0 } },
  { "save-as", save_as, NULL, NULL, NULL, { 0 } },
  { "export", export, NULL, NULL, NULL, { 0 } },
  { "copy-picture", copy_picture, NULL, NULL, NULL, { 0 } },
  { "copy-csv", copy_csv, NULL, NULL, NULL, { 0 } },
  { "rate-halve", rate_halve, NULL, NULL, NULL, { 0 } },
  { "rate-double", rate_double, NULL, NULL, NULL, { 0 } },
  { "all-settings", all_settings, NULL, NULL, NULL, { 0 } },
  { "add-layer", add_layer, NULL, NULL, NULL, { 0 } },
  { "remove-layer", remove_layer, NULL, NULL, NULL, { 0 } },
  { "add-unit", add_unit, NULL, NULL, NULL, { 0 } },
  { "remove-unit", remove_unit, NULL, NULL, NULL, { 0 } },
  { "zoom-in", zoom_in, NULL, NULL, NULL, { 0 } },
  { "zoom-out", zoom_out, NULL, NULL, NULL, { 0 } },
  { "zoom-fit", zoom_fit, NULL, NULL, NULL, { 0 } },
  { "side-column", side_column, NULL, NULL, NULL, { 0 } },
  { "sidebar", sidebar, NULL, NULL, NULL, { 0 } },
  { "fullscreen", fullscreen, NULL, NULL, NULL, { 0 } },
  { "freeze", freeze, NULL, "false", NULL, { 0 } },
  { "views-changed", views_changed, NULL, NULL, NULL, { 0 } },
  { "page", page, "s", "'network'", NULL, { 0 } },
  { "next-page", next_page, NULL, NULL, NULL, { 0 } },
  { "previous-page", previous_page, NULL, NULL, NULL, { 0 } },
  { "text-size", text_size, "s", "'normal'", NULL, { 0 } },
  { "next-text-size", next_text_size, NULL, NULL, NULL, { 0 } },
};

static void
enable (ChainWindow *w, const char *name, gboolean enabled)
{
  GAction *a = g_action_map_lookup_action (G_ACTION_MAP (w), name);

  g_assert (a != NULL);
  if (g_action_get_enabled (a) != enabled)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (a), enabled);
}

static void
label_undo (GtkWidget *button, const char *verb_with_label, const char *verb, const char *label)
{
  g_autofree char *text = label != NULL ? g_strdup_printf (verb_with_label, label) : g_strdup (verb);

  chain_tooltip_set (button, text);
}

void
_chain_window_update_actions (ChainWindow *w)
{
  ChainDocument *d = chain_session_document (w->session);
  const ChainSnapshot *s = chain_session_snapshot (w->session);
  const char *page_undo = chain_page_undo_label (w->shown, FALSE), *page_redo = chain_page_undo_label (w->shown, TRUE);
  const char *undo_label = page_undo != NULL ? page_undo : chain_document_undo_label (d), *redo_label = page_redo != NULL ? page_redo : chain_document_redo_label (d);
  gboolean broken = s->state == CHAIN_RUN_DIVERGED || s->state == CHAIN_RUN_FAILED;

  enable (w, "undo", undo_label != NULL);
  enable (w, "redo", redo_label != NULL);
  label_undo (w->undo_button, _("Undo: %s"), _("Undo (Ctrl+Z)"), undo_label);
  label_undo (w->redo_button, _("Redo: %s"), _("Redo (Ctrl+Shift+Z)"), redo_label);
  enable (w, "step-back", s->step > 0 || w->shown != CHAIN_PAGE (w->page));      /* another page has steps of its own */
  enable (w, "step-back-ten", s->step > 0 || w->shown != CHAIN_PAGE (w->page));
  enable (w, "remedy", broken && s->remedy_kind != CHAIN_REMEDY_ADVICE);
}

void
_chain_window_add_actions (ChainWindow *w)
{
  g_autofree char *size = chain_setting_string ("window", "text-size", "normal");

  g_action_map_add_action_entries (G_ACTION_MAP (w), entries, G_N_ELEMENTS (entries), w);
  if (!g_str_equal (size, "normal"))
    g_action_group_activate_action (G_ACTION_GROUP (w), "text-size", g_variant_new_string (size));
}
