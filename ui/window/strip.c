/* SPDX-License-Identifier: Apache-2.0 */
/* Every field shows the document and edits the document; there is no state here. The menus loop over the tables, so a new optimiser is a
 * row in the engine and nothing in this file. */
#include "config.h"

#include "ui/window/strip.h"

#include <glib/gi18n-lib.h>

#include "engine/nn/table.h"
#include "ui/canvas/report.h"
#include "ui/pages/choice-field.h"
#include "ui/settings/settings.h"
#include "ui/window/number-field.h"
#include "ui/pages/strip-rows.h"

enum { FIELD_DATA, FIELD_LOSS, FIELD_OPTIMISER, FIELD_RATE, FIELD_BATCH, FIELD_INIT, FIELD_DECAY, N_FIELDS };

struct _ChainStrip
{
  GtkBox            parent_instance;
  ChainSession     *session;
  ChainChoiceField *data, *loss, *optimiser, *init;
  ChainNumberField *rate, *batch, *decay;
  GtkWidget        *roots[N_FIELDS];
  guint             shown, fit_idle;
  ChainWidthClass   width;
  int               room;             /* pixels, as told last; 0: not told */
  GtkWidget        *fields, *more;
  ChainSettings    *settings;
};

G_DEFINE_FINAL_TYPE (ChainStrip, chain_strip, GTK_TYPE_BOX)

static const double rate_presets[] = { 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3 };
static const double batch_presets[] = { 1, 8, 16, 32, 64, 128, 256, 0 };
static const double decay_presets[] = { 0, 0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.1 };

static const ChainSpec *
current (ChainStrip *self)
{
  return chain_document_spec (chain_session_document (self->session));
}

static void
data_cb (const char *id, gpointer data)
{
  ChainStrip *self = data;
  GError *error = NULL;

  if (*id != '\0')
    chain_session_set_data (self->session, id, &error);
  chain_report (self->session, error);
}

static void
loss_cb (const char *id, gpointer data)
{
  ChainStrip *self = data;
  GError *error = NULL;

  chain_session_set_loss (self->session, id, &error);
  chain_report (self->session, error);
}

static void
optimiser_cb (const char *id, gpointer data)
{
  ChainStrip *self = data;
  GError *error = NULL;

  chain_session_set_optimiser (self->session, id, &error);
  chain_report (self->session, error);
}

static void
apply (ChainStrip *self, ChainSpec *next, const char *label, const char *key)
{
  GError *error = NULL;

  chain_session_apply (self->session, chain_spec_seal (next), label, key, &error);
  chain_report (self->session, error);
}

static void
init_cb (const char *id, gpointer data)
{
  ChainStrip *self = data;
  ChainSpec *next = chain_spec_copy (current (self));

  chain_choice_set (&next->initialiser, id, NULL);
  apply (self, next, _("change the initialiser"), NULL);
}

static void
rate_cb (double value, gpointer data)
{
  ChainStrip *self = data;
  ChainSpec *next = chain_spec_copy (current (self));

  chain_choice_set_param (&next->optimiser, "lr", value);
  apply (self, next, _("change the learning rate"), "optimiser.lr");
}

static void
batch_cb (double value, gpointer data)
{
  ChainStrip *self = data;
  ChainSpec *next = chain_spec_copy (current (self));

  next->batch_size = (guint) value;
  apply (self, next, _("change the batch size"), "batch");
}

static void
decay_cb (double value, gpointer data)
{
  ChainStrip *self = data;
  ChainSpec *next = chain_spec_copy (current (self));

  chain_choice_set_param (&next->optimiser, "weight_decay", value);
  apply (self, next, _("change the weight decay"), "optimiser.weight_decay");
}

/* A parameter of the optimiser: as given, else the row's default; FALSE if the row has none of that name. */
static gboolean
optimiser_param (const ChainSpec *spec, const char *name, double *value)
{
  const ChainOptimRow *row = chain_optim_row (spec->optimiser.id);

  for (guint i = 0; row != NULL && i < row->info.n_params; i++)
    if (g_str_equal (row->info.params[i].name, name))
      {
        *value = row->info.params[i].value;
        chain_choice_param (&spec->optimiser, name, value);
        return TRUE;
      }
  return FALSE;
}

static void
sync_data (ChainStrip *self, const ChainSpec *spec)
{
  gboolean own = spec->data.source == CHAIN_SOURCE_FILE || spec->data.source == CHAIN_SOURCE_EMBEDDED;
  g_autoptr (GPtrArray) rows = _chain_strip_data_rows (self->session);

  chain_choice_field_set_rows (self->data, rows);
  chain_choice_field_select (self->data, own ? "" : spec->data.choice.id);
}

static void
sync_loss (ChainStrip *self, const ChainSpec *spec)
{
  g_autoptr (GPtrArray) rows = _chain_strip_loss_rows (self->session);

  chain_choice_field_set_rows (self->loss, rows);
  chain_choice_field_select (self->loss, spec->losses->len > 0 ? ((ChainLossTerm *) g_ptr_array_index (spec->losses, 0))->choice.id : NULL);
}

static void
sync_optimiser (ChainStrip *self, const ChainSpec *spec)
{
  double v = 0;

  chain_choice_field_select (self->optimiser, spec->optimiser.id);
  gtk_widget_set_sensitive (self->roots[FIELD_RATE], optimiser_param (spec, "lr", &v));
  chain_number_field_set (self->rate, v);
  v = 0;
  gtk_widget_set_sensitive (self->roots[FIELD_DECAY], optimiser_param (spec, "weight_decay", &v));
  chain_number_field_set (self->decay, v);
}

/* A longer title may push the last fields out; not now, since the menu that it was chosen in may hang on one of them. */
static gboolean
fit_cb (gpointer data)
{
  ChainStrip *self = data;

  self->fit_idle = 0;
  chain_strip_set_class (self, self->width, self->room);
  return G_SOURCE_REMOVE;
}

static void
sync_fields (ChainStrip *self)
{
  const ChainSpec *spec = current (self);

  sync_data (self, spec);
  sync_loss (self, spec);
  sync_optimiser (self, spec);
  chain_choice_field_select (self->init, spec->initialiser.id);
  chain_number_field_set (self->batch, spec->batch_size);
  chain_settings_sync (self->settings);
  if (self->fit_idle == 0 && self->room > 0)
    self->fit_idle = g_idle_add (fit_cb, self);
}

static void
make_fields (ChainStrip *self)
{
  const ChainNumberRange rate = { 1e-5, 10, FALSE, NULL, rate_presets, G_N_ELEMENTS (rate_presets) };
  const ChainNumberRange batch = { 1, 4096, TRUE, _("Full"), batch_presets, G_N_ELEMENTS (batch_presets) };
  const ChainNumberRange decay = { 1e-6, 1, FALSE, _("None"), decay_presets, G_N_ELEMENTS (decay_presets) };

  self->data = chain_choice_field_new (_("Data"), TRUE, data_cb, self);
  self->loss = chain_choice_field_new (_("Loss"), TRUE, loss_cb, self);
  self->optimiser = chain_choice_field_new (_("Optimiser"), TRUE, optimiser_cb, self);
  self->rate = chain_number_field_new (_("Learning rate"), &rate, rate_cb, self);
  self->batch = chain_number_field_new (_("Batch"), &batch, batch_cb, self);
  self->init = chain_choice_field_new (_("Initialiser"), TRUE, init_cb, self);
  self->decay = chain_number_field_new (_("Weight decay"), &decay, decay_cb, self);
  self->roots[FIELD_DATA] = chain_choice_field_root (self->data);
  self->roots[FIELD_LOSS] = chain_choice_field_root (self->loss);
  self->roots[FIELD_OPTIMISER] = chain_choice_field_root (self->optimiser);
  self->roots[FIELD_RATE] = chain_number_field_root (self->rate);
  self->roots[FIELD_BATCH] = chain_number_field_root (self->batch);
  self->roots[FIELD_INIT] = chain_choice_field_root (self->init);
  self->roots[FIELD_DECAY] = chain_number_field_root (self->decay);
  for (guint i = 0; i < N_FIELDS; i++)
    gtk_box_append (GTK_BOX (self->fields), g_object_ref_sink (self->roots[i]));
  self->shown = N_FIELDS;
  chain_choice_field_set_table (self->optimiser, "optimisers");
  chain_choice_field_set_table (self->init, "initialisers");
}

static void
chain_strip_dispose (GObject *object)
{
  ChainStrip *self = CHAIN_STRIP (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_handle_id (&self->fit_idle, g_source_remove);
  g_clear_pointer (&self->settings, chain_settings_free);
  for (guint i = 0; i < N_FIELDS; i++)
    g_clear_object (&self->roots[i]);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (chain_strip_parent_class)->dispose (object);
}

static void
chain_strip_class_init (ChainStripClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chain_strip_dispose;
}

/* The fields stand in a viewport: their width must not become the least width of the window. */
static void
chain_strip_init (ChainStrip *self)
{
  GtkWidget *scroll = gtk_scrolled_window_new ();

  self->fields = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  self->more = gtk_button_new_from_icon_name ("view-more-symbolic");
  gtk_widget_add_css_class (GTK_WIDGET (self), "strip");
  gtk_widget_set_hexpand (self->fields, TRUE);
  gtk_widget_add_css_class (self->more, "flat");
  gtk_widget_set_valign (self->more, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->more, _("All settings (Alt+Return)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->more), GTK_ACCESSIBLE_PROPERTY_LABEL, _("All settings"), -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), self->fields);
  gtk_widget_set_hexpand (scroll, TRUE);
  gtk_box_append (GTK_BOX (self), scroll);
  gtk_box_append (GTK_BOX (self), self->more);
  make_fields (self);
}

void
chain_strip_set_session (ChainStrip *strip, ChainSession *session)
{
  strip->session = g_object_ref (session);
  strip->settings = chain_settings_new (session);
  g_signal_connect_swapped (strip->more, "clicked", G_CALLBACK (chain_strip_show_settings), strip);
  g_signal_connect_swapped (session, "document", G_CALLBACK (sync_fields), strip);
  sync_fields (strip);
}

static void
move_field (ChainStrip *self, guint i, gboolean into_strip)
{
  GtkWidget *root = self->roots[i], *parent = gtk_widget_get_parent (root);
  GtkWidget *to = into_strip ? self->fields : chain_settings_overflow (self->settings);

  if (parent == to)
    return;
  gtk_box_remove (GTK_BOX (parent), root);
  gtk_box_append (GTK_BOX (to), root);
}

void
chain_strip_set_class (ChainStrip *strip, ChainWidthClass width, int room)
{
  static const guint most[] = { 4, 5, 7, 7 };
  int used = 64;
  guint shown = 0;

  strip->width = width;
  strip->room = room;
  for (; shown < most[width]; shown++)
    {
      int nat;

      gtk_widget_measure (strip->roots[shown], GTK_ORIENTATION_HORIZONTAL, -1, NULL, &nat, NULL, NULL);
      if (used + nat + 10 > room)
        break;
      used += nat + 10;
    }
  if (shown == strip->shown)
    return;
  strip->shown = shown;
  for (guint i = 0; i < N_FIELDS; i++)
    if (gtk_widget_get_parent (strip->roots[i]) != strip->fields || i >= shown)
      move_field (strip, i, i < shown);
  gtk_widget_set_visible (chain_settings_overflow (strip->settings), shown < N_FIELDS);
}

void
chain_strip_show_settings (ChainStrip *strip)
{
  chain_settings_present (strip->settings, GTK_WIDGET (strip));
}

ChainSettings *
chain_strip_settings (ChainStrip *strip)
{
  return strip->settings;
}

void
chain_strip_scale_rate (ChainStrip *strip, double factor)
{
  if (gtk_widget_is_sensitive (strip->roots[FIELD_RATE]))
    chain_number_field_multiply (strip->rate, factor);
}

guint
chain_strip_n_shown (ChainStrip *strip)
{
  return strip->shown;
}

GtkWidget *
chain_strip_field (ChainStrip *strip, const char *id)
{
  static const char *const ids[] = { "data", "loss", "optimiser", "rate", "batch", "initialiser", "decay" };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    if (g_str_equal (ids[i], id))
      return strip->roots[i];
  return NULL;
}
