/* SPDX-License-Identifier: Apache-2.0 */
/* All that a layer has, in one popover under its chip. Each control writes one field through the session and is live: the picture behind it
 * follows, undo while it is open moves the controls back. It is built from the present spec and filled again on every change of the document. */
#include "config.h"

#include "ui/build/build-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/number-text.h"
#include "engine/base/number.h"
#include "engine/nn/table.h"
#include "ui/canvas/report.h"
#include "ui/canvas/theme.h"
#include "ui/canvas/wheel.h"
#include "ui/pages/activation-list.h"
#include "ui/pages/row-menu.h"

enum { SPIN_WIDTH, SPIN_DROPOUT, SPIN_RATE, N_SPINS };

typedef struct
{
  ChainBuild *build;
  char        layer[65];
  gboolean    is_output;
  GtkWidget  *popover, *grid, *title, *counts, *activation, *activation_name, *init, *init_name, *norm, *spins[N_SPINS], *decay, *frozen, *skip;
  GtkWidget  *verbs[6];
  int         row;
  gboolean    filling;
} Panel;

static const struct { const char *field, *title, *tip; double min, max, step; guint digits; } spin_rows[N_SPINS] = {
  { "units", N_("Width"), N_("Units of this layer"), 1, 1000000, 1, 0 },
  { "dropout", N_("Dropout"), N_("Share of its outputs that each training step leaves out"), 0, 0.95, 0.05, 2 },
  { "rate", N_("Learning-rate factor"), N_("Times the learning rate; 0 leaves the weights alone"), 0, 100, 0.1, 2 },
};

static const struct { const char *id, *title; } norms[] = { { "none", N_("None") }, { "batch_norm", N_("Batch") }, { "layer_norm", N_("Layer") }, { "rms_norm", N_("RMS") },
                                                            { "l2_normalise", N_("Length 1") } };

static const struct { const char *verb, *label; } verb_rows[] = {
  { "duplicate", N_("Duplicate") }, { "remove", N_("Remove") }, { "widen", N_("Widen") }, { "deepen", N_("Deepen") },
};

static const ChainLayer *
layer_of (Panel *p)
{
  return _chain_build_find (p->build, p->layer);
}

static void
set_field (Panel *p, const char *field, const char *value)
{
  GError *error = NULL;

  chain_session_set_layer (p->build->session, p->layer, field, value, &error);
  chain_report (p->build->session, error);
}

/* --- showing --- */
static const char *
init_title (const ChainLayer *l)
{
  const ChainInitRow *row = l->initialiser.id != NULL ? chain_init_row (l->initialiser.id) : NULL;

  return row != NULL ? _(row->info.title) : _("As the network");
}

static void
show_counts (Panel *p)
{
  const ChainSnapshot *s = chain_session_snapshot (p->build->session);
  guint64 n = 0;
  char buf[CHAIN_NUMBER_TEXT_SIZE];
  g_autofree char *text = NULL;

  for (guint i = 0; i < s->tensors->len; i++)
    {
      const ChainSnapTensor *t = g_ptr_array_index (s->tensors, i);

      if (g_strcmp0 (t->layer, p->layer) == 0)
        n += (guint64) t->rows * t->cols;
    }
  text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s parameter", "%s parameters", n), chain_number_text_count (buf, n));
  gtk_label_set_text (GTK_LABEL (p->counts), text);
}

static void
show_decay (Panel *p, const ChainLayer *l)
{
  char buf[CHAIN_NUMBER_SIZE];
  const char *text = isnan (l->decay) ? "" : chain_number_write (buf, l->decay);

  if (!gtk_widget_has_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (p->decay)))) && g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (p->decay)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (p->decay), text);
}

/* The norm layer that reads this one. */
static guint
norm_index (Panel *p)
{
  const ChainSpec *spec = _chain_build_spec (p->build);

  for (guint k = 0; k < spec->layers->len; k++)
    {
      const ChainLayer *l = g_ptr_array_index (spec->layers, k);

      for (guint i = 1; i < G_N_ELEMENTS (norms); i++)
        if (g_str_equal (l->type, norms[i].id) && l->inputs->len == 1 && g_str_equal (g_ptr_array_index (l->inputs, 0), p->layer))
          return i;
    }
  return 0;
}

static void
name_button (GtkWidget *button, const char *what, const char *value)
{
  g_autofree char *name = g_strdup_printf ("%s: %s", what, value);

  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
show (Panel *p)
{
  const ChainLayer *l = layer_of (p);
  const ChainActivationRow *act = l != NULL ? chain_activation_row (l->activation.id != NULL ? l->activation.id : "identity") : NULL;
  g_autofree char *title = NULL;
  ChainSubject s;
  double values[N_SPINS];

  if (l == NULL)
    {
      gtk_popover_popdown (GTK_POPOVER (p->popover));
      return;
    }
  title = _chain_build_layer_title (p->build, p->layer);
  p->filling = TRUE;
  gtk_label_set_text (GTK_LABEL (p->title), title);
  gtk_label_set_text (GTK_LABEL (p->activation_name), _(act->info.title));
  name_button (p->activation, _("Activation"), _(act->info.title));
  gtk_label_set_text (GTK_LABEL (p->init_name), init_title (l));
  name_button (p->init, _("Initialiser"), init_title (l));
  values[SPIN_WIDTH] = l->units;
  values[SPIN_DROPOUT] = l->dropout;
  values[SPIN_RATE] = l->rate;
  for (guint i = 0; i < N_SPINS; i++)
    if (p->spins[i] != NULL)
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (p->spins[i]), values[i]);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (p->norm), norm_index (p));
  gtk_switch_set_active (GTK_SWITCH (p->frozen), l->frozen);
  show_decay (p, l);
  show_counts (p);
  _chain_build_subject (p->build, gtk_widget_get_name (p->popover), &s);
  for (guint i = 0; i < G_N_ELEMENTS (verb_rows); i++)
    gtk_widget_set_sensitive (p->verbs[i], _chain_build_verb_applies (p->build, verb_rows[i].verb, &s) && !(i == 1 && s.is_output));
  p->filling = FALSE;
}

/* --- controls --- */
static double
spin_value (const ChainLayer *l, guint i)
{
  return i == 0 ? (double) l->units : i == 1 ? l->dropout : l->rate;
}

/* A spin button reads its own text again when the focus leaves: what it only shows rounded is not an edit. */
static void
spin_cb (Panel *p, GtkWidget *spin)
{
  double value = gtk_spin_button_get_value (GTK_SPIN_BUTTON (spin));
  const ChainLayer *l = layer_of (p);
  char buf[CHAIN_NUMBER_SIZE];

  if (p->filling || l == NULL)
    return;
  for (guint i = 0; i < N_SPINS; i++)
    if (p->spins[i] == spin && fabs (value - CLAMP (spin_value (l, i), spin_rows[i].min, spin_rows[i].max)) > 0.5 * pow (10, -(double) spin_rows[i].digits))
      set_field (p, spin_rows[i].field, chain_number_write (buf, value));
}

static void
norm_cb (Panel *p)
{
  if (!p->filling)
    set_field (p, "norm", norms[gtk_drop_down_get_selected (GTK_DROP_DOWN (p->norm))].id);
}

static void
frozen_cb (Panel *p)
{
  if (!p->filling)
    set_field (p, "frozen", gtk_switch_get_active (GTK_SWITCH (p->frozen)) ? "1" : "0");
}

static void
decay_cb (Panel *p)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (p->decay))));
  const ChainLayer *l = layer_of (p);

  if (p->filling || l == NULL || (*text == '\0' && isnan (l->decay)))
    return;
  set_field (p, "decay", *text == '\0' ? "default" : text);
}

static void
decay_left_cb (Panel *p)
{
  decay_cb (p);
  show (p);
}

static void
verb_cb (Panel *p, GtkWidget *button)
{
  ChainBuild *b = p->build;
  g_autofree char *element = g_strconcat ("layer:", p->layer, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (verb_rows); i++)
    if (p->verbs[i] == button)
      {
        if (i < 2)
          gtk_popover_popdown (GTK_POPOVER (p->popover));
        chain_build_do (b, verb_rows[i].verb, element);
        return;
      }
}

static void
init_chosen_cb (Panel *p, const char *id)
{
  set_field (p, "init", id);
}

static void
init_popup_cb (GtkMenuButton *button, gpointer data)
{
  Panel *p = data;
  const ChainLayer *l = layer_of (p);
  GtkWidget *menu = chain_row_menu_new (_("Initialiser"));
  g_autoptr (GPtrArray) rows = chain_menu_rows_new ();

  chain_menu_rows_add (rows, &(ChainMenuRow){ .id = "default", .title = _("As the network") });
  chain_menu_rows_add_table (rows, "initialisers");
  chain_row_menu_set_current (CHAIN_ROW_MENU (menu), l != NULL && l->initialiser.id != NULL ? l->initialiser.id : "default");
  chain_row_menu_set_rows (CHAIN_ROW_MENU (menu), rows);
  g_signal_connect_swapped (menu, "chosen", G_CALLBACK (init_chosen_cb), p);
  gtk_menu_button_set_popover (button, menu);
}

static void
activation_picked_cb (const char *id, gpointer data)
{
  Panel *p = data;

  set_field (p, "activation", g_str_equal (id, "identity") ? "none" : id);
}

static void
activation_popup_cb (GtkMenuButton *button, gpointer data)
{
  Panel *p = data;
  const ChainLayer *l = layer_of (p);

  if (l != NULL)
    gtk_menu_button_set_popover (button, chain_activation_popover_new (l->activation.id != NULL ? l->activation.id : "identity",
                                                                       p->is_output ? _chain_build_spec (p->build) : NULL, activation_picked_cb, p, NULL));
}

static void
linked_cb (gpointer data)
{
  gtk_popover_popdown (GTK_POPOVER (((Panel *) data)->popover));
}

static void
skip_popup_cb (GtkMenuButton *button, gpointer data)
{
  Panel *p = data;
  GtkWidget *popover = gtk_popover_new ();

  gtk_popover_set_child (GTK_POPOVER (popover), _chain_build_targets (p->build, p->layer, G_CALLBACK (linked_cb), p));
  gtk_menu_button_set_popover (button, popover);
}

/* --- making --- */
static void
attach (Panel *p, const char *title, GtkWidget *control)
{
  GtkWidget *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_set_halign (control, GTK_IS_SWITCH (control) ? GTK_ALIGN_END : GTK_ALIGN_FILL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_grid_attach (GTK_GRID (p->grid), label, 0, p->row, 1, 1);
  gtk_grid_attach (GTK_GRID (p->grid), control, 1, p->row++, 1, 1);
}

static GtkWidget *
menu_button (GtkWidget **name, GtkMenuButtonCreatePopupFunc popup, Panel *p)
{
  GtkWidget *button = gtk_menu_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_widget_set_hexpand (box, TRUE);
  *name = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (*name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (*name), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (*name), 16);
  gtk_widget_set_hexpand (*name, TRUE);
  gtk_box_append (GTK_BOX (box), *name);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("pan-down-symbolic"));
  gtk_menu_button_set_child (GTK_MENU_BUTTON (button), box);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (button), popup, p, NULL);
  return button;
}

static void
make_spin (Panel *p, guint i)
{
  p->spins[i] = gtk_spin_button_new_with_range (spin_rows[i].min, spin_rows[i].max, spin_rows[i].step);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (p->spins[i]), spin_rows[i].digits);
  gtk_widget_set_tooltip_text (p->spins[i], _(spin_rows[i].tip));
  attach (p, _(spin_rows[i].title), p->spins[i]);
  chain_wheel_calm (p->spins[i]);
  g_signal_connect_swapped (p->spins[i], "value-changed", G_CALLBACK (spin_cb), p);
}

static void
make_norm (Panel *p)
{
  GtkStringList *names = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (norms); i++)
    gtk_string_list_append (names, _(norms[i].title));
  p->norm = gtk_drop_down_new (G_LIST_MODEL (names), NULL);
  attach (p, _("Normalisation"), p->norm);
  g_signal_connect_swapped (p->norm, "notify::selected", G_CALLBACK (norm_cb), p);
}

static void
make_decay (Panel *p)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  p->decay = gtk_entry_new ();
  gtk_editable_set_width_chars (GTK_EDITABLE (p->decay), 8);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (p->decay), 8);
  gtk_entry_set_placeholder_text (GTK_ENTRY (p->decay), _("As the optimiser"));
  attach (p, _("Weight decay"), p->decay);
  g_signal_connect_swapped (p->decay, "activate", G_CALLBACK (decay_cb), p);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (decay_left_cb), p);
  gtk_widget_add_controller (p->decay, focus);
}

static void
make_controls (Panel *p, const ChainLayer *l)
{
  p->activation = menu_button (&p->activation_name, activation_popup_cb, p);
  attach (p, _("Activation"), p->activation);
  if (g_str_equal (l->type, "dense") && !p->is_output)
    make_spin (p, SPIN_WIDTH);
  p->init = menu_button (&p->init_name, init_popup_cb, p);
  attach (p, _("Initialiser"), p->init);
  make_spin (p, SPIN_DROPOUT);
  make_norm (p);
  make_spin (p, SPIN_RATE);
  make_decay (p);
  p->frozen = gtk_switch_new ();
  gtk_widget_set_tooltip_text (p->frozen, _("Its weights stay as they are while the others train"));
  attach (p, _("Frozen"), p->frozen);
  g_signal_connect_swapped (p->frozen, "notify::active", G_CALLBACK (frozen_cb), p);
}

static GtkWidget *
make_verbs (Panel *p)
{
  static const char *const tips[] = { N_("A copy of this layer behind it"), N_("Take this layer out"),
                                      N_("One more unit; the outputs stay what they are"), N_("One more layer behind this one; the outputs stay what they are") };
  GtkWidget *grid = gtk_grid_new (), *name;

  gtk_grid_set_column_homogeneous (GTK_GRID (grid), TRUE);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 6);
  p->skip = menu_button (&name, skip_popup_cb, p);
  gtk_label_set_text (GTK_LABEL (name), _("Skip to…"));
  gtk_widget_set_sensitive (p->skip, !p->is_output);
  gtk_accessible_update_property (GTK_ACCESSIBLE (p->skip), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Skip to…"), -1);
  gtk_grid_attach (GTK_GRID (grid), p->skip, 0, 0, 2, 1);
  for (int i = 0; i < (int) G_N_ELEMENTS (verb_rows); i++)
    {
      p->verbs[i] = gtk_button_new_with_label (_(verb_rows[i].label));
      gtk_widget_set_tooltip_text (p->verbs[i], _(tips[i]));
      g_signal_connect_swapped (p->verbs[i], "clicked", G_CALLBACK (verb_cb), p);
      gtk_grid_attach (GTK_GRID (grid), p->verbs[i], i % 2, 1 + (3 - i) / 2, 1, 1);
    }
  return grid;
}

static GtkWidget *
make_header (Panel *p)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  p->title = gtk_label_new (NULL);
  p->counts = gtk_label_new (NULL);
  gtk_widget_add_css_class (p->title, "heading");
  gtk_widget_add_css_class (p->counts, "caption");
  gtk_widget_add_css_class (p->counts, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (p->title), 0);
  gtk_widget_set_hexpand (p->title, TRUE);
  gtk_box_append (GTK_BOX (box), p->title);
  gtk_box_append (GTK_BOX (box), p->counts);
  return box;
}

/* A popover hears no accelerators of the window, and a switch of GTK 4.8 no Space. */
static gboolean
key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  Panel *p = data;
  ChainSession *s = p->build->session;
  guint key = gdk_keyval_to_lower (keyval);

  if (key == GDK_KEY_space && gtk_widget_has_focus (p->frozen))
    gtk_switch_set_active (GTK_SWITCH (p->frozen), !gtk_switch_get_active (GTK_SWITCH (p->frozen)));
  else if ((state & GDK_CONTROL_MASK) != 0 && key == GDK_KEY_z)
    (void) ((state & GDK_SHIFT_MASK) != 0 ? chain_session_redo (s) : chain_session_undo (s));
  else if ((state & GDK_CONTROL_MASK) != 0 && key == GDK_KEY_y)
    chain_session_redo (s);
  else
    return FALSE;
  return TRUE;
}

static void
panel_free (gpointer data, GClosure *closure)
{
  g_free (data);
}

/* The panel must not hear the document once its popover is closed: widgets live on until an idle. */
static void
closed_cb (Panel *p)
{
  g_signal_handlers_disconnect_by_data (p->build->session, p);
  p->filling = TRUE;
}

/* Where the window is low, or its text large, the rows scroll. */
static GtkWidget *
scrolled (ChainBuild *b, GtkWidget *box)
{
  GtkWidget *scroll = gtk_scrolled_window_new ();
  int room = gtk_widget_get_height (GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (b->canvas)))) - (int) (190 * chain_theme_text_scaling ());

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroll), TRUE);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scroll), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroll), MAX (room, 220));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), box);
  return scroll;
}

void
_chain_build_layer_popover (ChainBuild *b, const ChainSubject *s, ChainLayerPart first)
{
  g_autofree char *element = g_strconcat ("layer:", s->layer, NULL);
  Panel *p = g_new0 (Panel, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  GtkEventController *key = gtk_event_controller_key_new ();

  p->build = b;
  p->is_output = s->is_output;
  g_strlcpy (p->layer, s->layer, sizeof p->layer);
  p->popover = gtk_popover_new ();
  gtk_widget_set_name (p->popover, element);
  p->grid = gtk_grid_new ();
  gtk_grid_set_row_spacing (GTK_GRID (p->grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (p->grid), 12);
  gtk_box_append (GTK_BOX (box), make_header (p));
  make_controls (p, _chain_build_find (b, s->layer));
  gtk_box_append (GTK_BOX (box), p->grid);
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (box), make_verbs (p));
  gtk_widget_add_css_class (box, "layer-panel");
  gtk_popover_set_child (GTK_POPOVER (p->popover), scrolled (b, box));
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), p);
  gtk_widget_add_controller (box, key);
  g_signal_connect_data (p->popover, "closed", G_CALLBACK (closed_cb), p, panel_free, G_CONNECT_SWAPPED);
  g_signal_connect_swapped (p->popover, "destroy", G_CALLBACK (closed_cb), p);
  g_signal_connect_swapped (b->session, "document", G_CALLBACK (show), p);
  g_signal_connect_swapped (b->session, "snapshot", G_CALLBACK (show_counts), p);
  show (p);
  gtk_accessible_update_property (GTK_ACCESSIBLE (p->popover), GTK_ACCESSIBLE_PROPERTY_LABEL, gtk_label_get_text (GTK_LABEL (p->title)), -1);
  _chain_build_show (b, p->popover, element, NULL);
  gtk_widget_grab_focus (first == CHAIN_LAYER_PART_WIDTH && p->spins[SPIN_WIDTH] != NULL ? p->spins[SPIN_WIDTH]
                         : first == CHAIN_LAYER_PART_INIT                                ? p->init
                                                                                         : p->activation);
}

/* The list alone, as the name of a chip opens it. */
typedef struct { ChainBuild *build; char layer[65]; } Pick;

static void
picked_cb (const char *id, gpointer data)
{
  Pick *pick = data;
  GError *error = NULL;

  chain_session_set_activation (pick->build->session, pick->layer, id, &error);
  chain_report (pick->build->session, error);
}

void
_chain_build_activations (ChainBuild *b, const ChainSubject *s)
{
  const ChainLayer *l = _chain_build_find (b, s->layer);
  g_autofree char *element = g_strconcat ("layer:", s->layer, NULL);
  Pick *pick = g_new0 (Pick, 1);

  pick->build = b;
  g_strlcpy (pick->layer, s->layer, sizeof pick->layer);
  _chain_build_show (b, chain_activation_popover_new (l->activation.id != NULL ? l->activation.id : "identity", s->is_output ? _chain_build_spec (b) : NULL,
                                                      picked_cb, pick, g_free), element, NULL);
}
