/* SPDX-License-Identifier: Apache-2.0 */
/* Each field is a plain control with a caption; the menu of the sample field holds the three answers to "of what": one sample of the data, a row of
 * the mini-batch that comes next, or all of that mini-batch. */
#include "config.h"

#include "ui/backprop/fields.h"

#include <glib/gi18n-lib.h>

#include "ui/pages/choice-field.h"

#define N_DETAILS 4
#define N_MARKS 3

struct _ChainStepFields
{
  GtkWidget  parent_instance;
  GtkWidget *detail[N_DETAILS], *sample, *of[3], *number[2], *network, *marks[N_MARKS], *search, *search_box, *mark_box;
  gboolean   filling;
  gboolean   proposing;        /* … or by the page */
  gboolean   of_chosen;        /* sample, row or mini-batch: by a person */
};

G_DEFINE_FINAL_TYPE (ChainStepFields, chain_step_fields, GTK_TYPE_WIDGET)

static const struct { const char *text, *tip; } details[N_DETAILS] = {
  { N_("Operations"), N_("One node for each operation on single numbers") },
  { N_("Units"), N_("Affine map and activation of a unit are one node") },
  { N_("Layers"), N_("One node for each layer, with its matrix") },
  { N_("Graph"), N_("Every node that the engine runs: network, loss, gradient, optimiser") },
};

static const struct { const char *text, *tip; } marks[N_MARKS] = {
  { N_("Values"), N_("Values under the operations") },
  { N_("Adjoints"), N_("Adjoints under the values") },
  { N_("Local ∂"), N_("The local derivative on the edge that is travelled") },
};

static void
changed_cb (ChainStepFields *self)
{
  if (!self->filling)
    g_signal_emit_by_name (self, "changed");
}

static void
toggled_cb (ChainStepFields *self, GtkToggleButton *button)
{
  if (gtk_toggle_button_get_active (button))
    changed_cb (self);
}

static GtkWidget *
captioned (ChainStepFields *self, const char *caption, GtkWidget *field)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *label = gtk_label_new (caption);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "field-caption");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), field);
  gtk_widget_set_parent (box, GTK_WIDGET (self));
  return box;
}

static void
add_detail (ChainStepFields *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "linked");
  for (guint i = 0; i < N_DETAILS; i++)
    {
      self->detail[i] = gtk_toggle_button_new_with_label (_(details[i].text));
      gtk_widget_set_tooltip_text (self->detail[i], _(details[i].tip));
      gtk_widget_add_css_class (self->detail[i], "step-detail");
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->detail[i]), GTK_TOGGLE_BUTTON (self->detail[0]));
      g_signal_connect_swapped (self->detail[i], "toggled", G_CALLBACK (toggled_cb), self);
      gtk_box_append (GTK_BOX (box), self->detail[i]);
    }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->detail[0]), TRUE);
  captioned (self, _("Detail"), box);
}

/* Choosing a number chooses its row. */
static void
number_cb (ChainStepFields *self, GtkWidget *number)
{
  if (self->filling)
    return;
  self->of_chosen = TRUE;
  for (guint i = 0; i < 2; i++)
    if (self->number[i] == number)
      {
        self->filling = TRUE;
        gtk_check_button_set_active (GTK_CHECK_BUTTON (self->of[i]), TRUE);
        self->filling = FALSE;
      }
  changed_cb (self);
}

static void
of_cb (ChainStepFields *self, GtkCheckButton *button)
{
  self->of_chosen |= !self->proposing;
  if (gtk_check_button_get_active (button))
    changed_cb (self);
}

static void
add_sample (ChainStepFields *self)
{
  static const char *const texts[] = { N_("Sample"), N_("Row of this mini-batch"), N_("Whole mini-batch") };
  GtkWidget *popover = gtk_popover_new (), *grid = gtk_grid_new ();

  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  for (guint i = 0; i < 3; i++)
    {
      self->of[i] = gtk_check_button_new_with_label (_(texts[i]));
      if (i > 0)
        gtk_check_button_set_group (GTK_CHECK_BUTTON (self->of[i]), GTK_CHECK_BUTTON (self->of[0]));
      gtk_grid_attach (GTK_GRID (grid), self->of[i], 0, (int) i, 1, 1);
      if (i < 2)
        {
          self->number[i] = gtk_spin_button_new_with_range (1, 1, 1);
          gtk_accessible_update_property (GTK_ACCESSIBLE (self->number[i]), GTK_ACCESSIBLE_PROPERTY_LABEL, _(texts[i]), -1);
          gtk_grid_attach (GTK_GRID (grid), self->number[i], 1, (int) i, 1, 1);
          g_signal_connect_swapped (self->number[i], "value-changed", G_CALLBACK (number_cb), self);
        }
    }
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->of[0]), TRUE);
  for (guint i = 0; i < 3; i++)
    g_signal_connect_swapped (self->of[i], "toggled", G_CALLBACK (of_cb), self);
  gtk_popover_set_child (GTK_POPOVER (popover), grid);
  self->sample = gtk_menu_button_new ();
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->sample), popover);
  gtk_menu_button_set_always_show_arrow (GTK_MENU_BUTTON (self->sample), TRUE);
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->sample), "–");
  captioned (self, _("Sample"), self->sample);
}

static void
add_network (ChainStepFields *self)
{
  const char *rows[] = { _("This network"), _("1–1–2–1 example"), NULL };

  self->network = gtk_drop_down_new_from_strings (rows);
  chain_choice_name_button (self->network, _("Network"));
  g_signal_connect_swapped (self->network, "notify::selected", G_CALLBACK (changed_cb), self);
  captioned (self, _("Network"), self->network);
}

static void
search_cb (ChainStepFields *self)
{
  g_signal_emit_by_name (self, "search", gtk_editable_get_text (GTK_EDITABLE (self->search)), FALSE);
}

static void
search_next_cb (ChainStepFields *self)
{
  g_signal_emit_by_name (self, "search", gtk_editable_get_text (GTK_EDITABLE (self->search)), TRUE);
}

static void
stop_search_cb (ChainStepFields *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_widget_child_focus (gtk_widget_get_parent (GTK_WIDGET (self)), GTK_DIR_TAB_FORWARD);
}

static void
add_search (ChainStepFields *self)
{
  self->search = gtk_search_entry_new ();
  gtk_editable_set_width_chars (GTK_EDITABLE (self->search), 9);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->search), 14);
  gtk_widget_set_tooltip_text (self->search, _("A name, an operation or a layer: h, tanh, d2 (Ctrl+F; Enter: the next)"));
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (search_cb), self);
  g_signal_connect_swapped (self->search, "activate", G_CALLBACK (search_next_cb), self);
  g_signal_connect_swapped (self->search, "next-match", G_CALLBACK (search_next_cb), self);
  g_signal_connect_swapped (self->search, "stop-search", G_CALLBACK (stop_search_cb), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Find"), -1);
  self->search_box = captioned (self, _("Find"), self->search);
}

static void
add_marks (ChainStepFields *self)
{
  self->mark_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  for (guint i = 0; i < N_MARKS; i++)
    {
      self->marks[i] = gtk_check_button_new_with_label (_(marks[i].text));
      gtk_check_button_set_active (GTK_CHECK_BUTTON (self->marks[i]), TRUE);
      gtk_widget_set_tooltip_text (self->marks[i], _(marks[i].tip));
      g_signal_connect_swapped (self->marks[i], "toggled", G_CALLBACK (changed_cb), self);
      gtk_box_append (GTK_BOX (self->mark_box), self->marks[i]);
    }
  gtk_widget_set_hexpand (self->mark_box, TRUE);
  gtk_widget_set_halign (self->mark_box, GTK_ALIGN_END);
  gtk_widget_set_valign (self->mark_box, GTK_ALIGN_END);
  gtk_widget_set_parent (self->mark_box, GTK_WIDGET (self));
}

static void
chain_step_fields_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (chain_step_fields_parent_class)->dispose (object);
}

static void
chain_step_fields_class_init (ChainStepFieldsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chain_step_fields_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  g_signal_new ("changed", CHAIN_TYPE_STEP_FIELDS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("search", CHAIN_TYPE_STEP_FIELDS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_BOOLEAN);
}

static void
chain_step_fields_init (ChainStepFields *self)
{
  self->filling = TRUE;
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self))), 12);
  gtk_widget_add_css_class (GTK_WIDGET (self), "strip");
  add_detail (self);
  add_sample (self);
  add_network (self);
  add_search (self);
  add_marks (self);
  self->filling = FALSE;
}

GtkWidget *
chain_step_fields_new (void)
{
  return g_object_new (CHAIN_TYPE_STEP_FIELDS, NULL);
}

ChainDetail
chain_step_fields_detail (ChainStepFields *f)
{
  for (guint i = 1; i < N_DETAILS; i++)
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (f->detail[i])))
      return (ChainDetail) i;
  return CHAIN_DETAIL_OPERATIONS;
}

void
chain_step_fields_set_detail (ChainStepFields *f, ChainDetail detail)
{
  gboolean filling = f->filling;

  f->filling = TRUE;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (f->detail[detail]), TRUE);
  f->filling = filling;
}

void
chain_step_fields_set_partly (ChainStepFields *f, int detail)
{
  for (guint i = 0; i < N_DETAILS; i++)
    {
      gboolean partly = (int) i == detail && chain_step_fields_detail (f) != (ChainDetail) i;
      g_autofree char *tip = partly ? g_strdup_printf (_("%s. Some of the nodes are open so far."), _(details[i].tip)) : g_strdup (_(details[i].tip));

      if (partly)
        gtk_widget_add_css_class (f->detail[i], "partly");
      else
        gtk_widget_remove_css_class (f->detail[i], "partly");
      gtk_widget_set_tooltip_text (f->detail[i], tip);
      gtk_accessible_update_property (GTK_ACCESSIBLE (f->detail[i]), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, partly ? _("Shown in part") : "", -1);
    }
}

static guint
number_of (GtkWidget *spin)
{
  return (guint) gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (spin)) - 1;
}

ChainTraceRequest
chain_step_fields_request (ChainStepFields *f)
{
  if (gtk_check_button_get_active (GTK_CHECK_BUTTON (f->of[2])))
    return (ChainTraceRequest){ CHAIN_TRACE_BATCH, 0 };
  if (gtk_check_button_get_active (GTK_CHECK_BUTTON (f->of[1])))
    return (ChainTraceRequest){ CHAIN_TRACE_ROW, number_of (f->number[1]) };
  return (ChainTraceRequest){ CHAIN_TRACE_SAMPLE, number_of (f->number[0]) };
}

gboolean
chain_step_fields_is_example (ChainStepFields *f)
{
  return gtk_drop_down_get_selected (GTK_DROP_DOWN (f->network)) == 1;
}

void
chain_step_fields_set_example (ChainStepFields *f, gboolean example)
{
  gtk_drop_down_set_selected (GTK_DROP_DOWN (f->network), example ? 1 : 0);
}

ChainMarks
chain_step_fields_marks (ChainStepFields *f)
{
  ChainMarks on = 0;

  for (guint i = 0; i < N_MARKS; i++)
    if (gtk_check_button_get_active (GTK_CHECK_BUTTON (f->marks[i])))
      on |= 1u << i;
  return on;
}

/* Normalised over a batch of one, every value is 0: there is more to see in a row of a mini-batch. */
static void
propose_row (ChainStepFields *f, const ChainTrace *trace)
{
  gboolean normalised = FALSE;

  for (guint i = 0; i < trace->model->layers->len; i++)
    normalised |= g_array_index (trace->model->layers, ChainLayerInfo, i).mean >= 0;
  if (f->of_chosen || !normalised || trace->request.of != CHAIN_TRACE_SAMPLE)
    return;
  f->proposing = TRUE;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (f->of[1]), TRUE);
  f->proposing = FALSE;
}

void
chain_step_fields_tell (ChainStepFields *f, const ChainTrace *trace)
{
  ChainTraceOf of = trace->request.of;
  guint b = (guint) (of == CHAIN_TRACE_SAMPLE ? 1 : trace->b);
  g_autofree char *text = of == CHAIN_TRACE_SAMPLE ? g_strdup_printf (_("%u of %u"), trace->request.index + 1, trace->n_samples)
                          : of == CHAIN_TRACE_ROW  ? g_strdup_printf (_("Row %u of %u"), trace->request.index + 1, b)
                                                   : g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "All %u row", "All %u rows", b), b);

  guint batch = trace->model->spec->batch_size, rows = of != CHAIN_TRACE_SAMPLE ? b : batch > 0 ? MIN (batch, trace->n_samples) : trace->n_samples;
  g_autofree char *name = NULL;

  f->filling = TRUE;
  gtk_menu_button_set_label (GTK_MENU_BUTTON (f->sample), text);
  name = g_strdup_printf (_("Sample: %s"), text);
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (gtk_widget_get_first_child (f->sample)), GTK_ACCESSIBLE_RELATION_LABELLED_BY);      /* or it says both */
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_first_child (f->sample)), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_spin_button_set_range (GTK_SPIN_BUTTON (f->number[0]), 1, MAX (trace->n_samples, 1));
  gtk_spin_button_set_range (GTK_SPIN_BUTTON (f->number[1]), 1, MAX (rows, 1));
  f->filling = FALSE;
  propose_row (f, trace);
}

void
chain_step_fields_set_class (ChainStepFields *f, ChainWidthClass width)
{
  gtk_widget_set_visible (f->search_box, width >= CHAIN_WIDTH_NORMAL);
  gtk_widget_set_visible (f->mark_box, width >= CHAIN_WIDTH_COMPACT);
}

void
chain_step_fields_search (ChainStepFields *f)
{
  gtk_widget_set_visible (f->search_box, TRUE);
  gtk_widget_grab_focus (f->search);
}
