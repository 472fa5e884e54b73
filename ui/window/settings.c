/* SPDX-License-Identifier: Apache-2.0 */
/* A list of rows, each a caption and a control, over fields of the spec. The sentence under a caption says what the setting does, since
 * nobody knows all of these words. */
#include "config.h"

#include "ui/window/settings.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

#include "engine/nn/table.h"
#include "ui/canvas/report.h"
#include "ui/window/choice-field.h"

struct _ChainSettings
{
  ChainSession     *session;
  GtkWidget        *popover, *overflow, *group, *seed, *epochs;
  ChainChoiceField *order, *precision, *schedule, *output;
  gboolean          filling;
};

static const ChainChoiceItem orders[] = { { "shuffle", N_("Shuffled each epoch"), NULL }, { "sequential", N_("As stored"), NULL },
                                          { "replacement", N_("With replacement"), NULL }, { "balanced", N_("Classes alike, by repeating"), NULL },
                                          { "undersample", N_("Classes alike, by leaving out"), NULL } };
static const ChainChoiceItem precisions[] = { { "f32", N_("Single (f32)"), NULL }, { "f64", N_("Double (f64)"), NULL } };

static ChainSpec *
copy (ChainSettings *s)
{
  return chain_spec_copy (chain_document_spec (chain_session_document (s->session)));
}

static void
apply (ChainSettings *s, ChainSpec *next, const char *label, const char *key)
{
  GError *error = NULL;

  chain_session_apply (s->session, chain_spec_seal (next), label, key, &error);
  chain_report (s->session, error);
}

static void
seed_cb (ChainSettings *s)
{
  ChainSpec *next;

  if (s->filling)
    return;
  next = copy (s);
  next->seed = (guint64) gtk_spin_button_get_value (GTK_SPIN_BUTTON (s->seed));
  apply (s, next, _("change the seed"), "seed");
}

static void
epochs_cb (ChainSettings *s)
{
  ChainSpec *next;

  if (s->filling)
    return;
  next = copy (s);
  next->stop.epochs = gtk_spin_button_get_value (GTK_SPIN_BUTTON (s->epochs));
  apply (s, next, _("change the number of epochs"), "epochs");
}

static void
order_cb (const char *id, gpointer data)
{
  ChainSpec *next = copy (data);

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    if (g_str_equal (id, orders[i].id))
      next->order = (ChainOrder) i;
  apply (data, next, _("change the sampling order"), NULL);
}

static void
precision_cb (const char *id, gpointer data)
{
  ChainSpec *next = copy (data);

  next->precision = g_str_equal (id, "f64") ? CHAIN_F64 : CHAIN_F32;
  apply (data, next, _("change the precision"), NULL);
}

static void
schedule_cb (const char *id, gpointer data)
{
  ChainSpec *next = copy (data);

  chain_choice_set (&next->schedule, id, NULL);
  apply (data, next, _("change the schedule"), NULL);
}

static void
output_cb (const char *id, gpointer data)
{
  ChainSettings *s = data;
  const ChainSpec *spec = chain_document_spec (chain_session_document (s->session));
  const ChainLayer *last = spec->layers->len > 0 ? g_ptr_array_index (spec->layers, spec->layers->len - 1) : NULL;
  GError *error = NULL;

  if (last != NULL)
    chain_session_set_activation (s->session, last->id, id, &error);
  chain_report (s->session, error);
}

static void
add_row (ChainSettings *s, const char *title, const char *about, GtkWidget *control)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), about);
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), control);
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (s->group), row);
}

static ChainChoiceField *
add_choice (ChainSettings *s, const char *title, const char *about, ChainChoiceFunc changed)
{
  ChainChoiceField *f = chain_choice_field_new (title, FALSE, changed, s);

  add_row (s, title, about, chain_choice_field_root (f));
  return f;
}

static GtkWidget *
spin (double max)
{
  GtkWidget *w = gtk_spin_button_new_with_range (0, max, 1);

  gtk_editable_set_width_chars (GTK_EDITABLE (w), 7);
  return w;
}

static void
add_rows (ChainSettings *s)
{
  s->seed = g_object_ref_sink (spin (2147483647));
  s->epochs = g_object_ref_sink (spin (1000000));
  add_row (s, _("Seed"), _("Same seed, same weights and batches"), s->seed);
  s->order = add_choice (s, _("Sampling order"), _("How rows are drawn into batches"), order_cb);
  add_row (s, _("Epochs"), _("Stop after so many; 0 is no limit"), s->epochs);
  s->precision = add_choice (s, _("Precision"), _("Numbers that training computes with"), precision_cb);
  s->schedule = add_choice (s, _("Schedule"), _("How the learning rate changes"), schedule_cb);
  s->output = add_choice (s, _("Output activation"), _("Applied to the last layer"), output_cb);
}

ChainSettings *
chain_settings_new (ChainSession *session)
{
  ChainSettings *s = g_new0 (ChainSettings, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *scroll = gtk_scrolled_window_new ();

  s->session = session;
  s->overflow = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  s->group = adw_preferences_group_new ();
  add_rows (s);
  gtk_widget_set_visible (s->overflow, FALSE);
  gtk_box_append (GTK_BOX (box), s->overflow);
  gtk_box_append (GTK_BOX (box), s->group);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroll), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroll), 480);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), box);
  gtk_widget_set_size_request (scroll, 400, -1);
  s->popover = g_object_ref_sink (gtk_popover_new ());
  gtk_widget_add_css_class (s->popover, "settings");
  gtk_popover_set_child (GTK_POPOVER (s->popover), scroll);
  g_signal_connect_swapped (s->seed, "value-changed", G_CALLBACK (seed_cb), s);
  g_signal_connect_swapped (s->epochs, "value-changed", G_CALLBACK (epochs_cb), s);
  return s;
}

void
chain_settings_free (ChainSettings *s)
{
  g_signal_handlers_disconnect_by_data (s->seed, s);
  g_signal_handlers_disconnect_by_data (s->epochs, s);
  g_object_unref (s->seed);
  g_object_unref (s->epochs);
  g_object_unref (s->popover);
  g_free (s);
}

GtkWidget *
chain_settings_popover (ChainSettings *s)
{
  return s->popover;
}

GtkWidget *
chain_settings_overflow (ChainSettings *s)
{
  return s->overflow;
}

static void
fill_static (ChainChoiceField *f, const ChainChoiceItem *rows, guint n, guint selected)
{
  ChainChoiceItem items[16];

  g_assert (n <= G_N_ELEMENTS (items));
  for (guint i = 0; i < n; i++)
    items[i] = (ChainChoiceItem){ rows[i].id, _(rows[i].title), NULL };
  chain_choice_field_set_items (f, items, n);
  chain_choice_field_select (f, rows[selected].id);
}

static void
fill_rows (ChainChoiceField *f, const char *table, const char *selected)
{
  g_autoptr (GPtrArray) infos = chain_table_infos (table);
  g_autofree ChainChoiceItem *items = NULL;

  g_assert (infos != NULL);
  items = g_new0 (ChainChoiceItem, infos->len);
  for (guint i = 0; i < infos->len; i++)
    {
      const ChainRowInfo *info = g_ptr_array_index (infos, i);

      items[i] = (ChainChoiceItem){ info->id, _(info->title), NULL };
    }
  chain_choice_field_set_items (f, items, infos->len);
  chain_choice_field_select (f, selected);
}

void
chain_settings_sync (ChainSettings *s)
{
  const ChainSpec *spec = chain_document_spec (chain_session_document (s->session));
  const ChainLayer *last = spec->layers->len > 0 ? g_ptr_array_index (spec->layers, spec->layers->len - 1) : NULL;

  s->filling = TRUE;
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (s->seed), (double) spec->seed);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (s->epochs), spec->stop.epochs);
  s->filling = FALSE;
  fill_static (s->order, orders, G_N_ELEMENTS (orders), spec->order);
  fill_static (s->precision, precisions, G_N_ELEMENTS (precisions), spec->precision == CHAIN_F64);
  fill_rows (s->schedule, "schedules", spec->schedule.id != NULL ? spec->schedule.id : "constant");
  if (last != NULL)
    fill_rows (s->output, "activations", last->activation.id != NULL ? last->activation.id : "identity");
}
