/* SPDX-License-Identifier: Apache-2.0 */
/* Rates live on a logarithmic scale: a step of the wheel or a key is a factor 10^(1/4), a preset one click away, and any number can be
 * typed. The decimal sign is a point, as on all pictures; an entry also takes a comma. The wheel is for the field that has the keyboard
 * focus: under a pointer that merely passes it scrolls the page. */
#include "config.h"

#include "ui/window/number-field.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/number-text.h"
#include "engine/base/number.h"

struct _ChainNumberField
{
  GtkWidget       *root, *button, *label, *popover, *entry, *scale, *presets;
  ChainNumberRange range;
  double           value;
  ChainNumberFunc  changed;
  gpointer         data;
  gboolean         filling;
};

static const char *
value_text (ChainNumberField *f, double v, char buf[CHAIN_NUMBER_TEXT_SIZE])
{
  if (v <= 0 && f->range.zero != NULL)
    return f->range.zero;
  return f->range.integer ? chain_number_text_fixed (buf, v, 0) : chain_number_text_setting (buf, v);
}

/* Two significant digits: what the slider and the wheel land on can be said and typed. */
static double
tidy (ChainNumberField *f, double v)
{
  double unit = pow (10, floor (log10 (v)) - 1);

  return f->range.integer ? MAX (round (v), 1) : round (v / unit) * unit;
}

static void
show (ChainNumberField *f)
{
  char buf[CHAIN_NUMBER_TEXT_SIZE], plain[CHAIN_NUMBER_SIZE];
  g_autofree char *name = g_strdup_printf ("%s %s", (const char *) g_object_get_data (G_OBJECT (f->root), "caption"), value_text (f, f->value, buf));

  f->filling = TRUE;
  gtk_accessible_update_property (GTK_ACCESSIBLE (f->button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_label_set_text (GTK_LABEL (f->label), value_text (f, f->value, buf));
  if (f->entry != NULL)
    {
      gtk_editable_set_text (GTK_EDITABLE (f->entry), chain_number_write_digits (plain, f->value, 6));
      gtk_editable_set_enable_undo (GTK_EDITABLE (f->entry), FALSE);        /* what stood there before is the document's to undo */
      gtk_editable_set_enable_undo (GTK_EDITABLE (f->entry), TRUE);
      gtk_range_set_value (GTK_RANGE (f->scale), log10 (MAX (f->value, f->range.min)));
      gtk_widget_remove_css_class (f->entry, "error");
    }
  f->filling = FALSE;
}

static void
take (ChainNumberField *f, double v)
{
  if (fabs (v - f->value) <= 1e-12 * fabs (v))
    return;
  f->value = v;
  show (f);
  f->changed (v, f->data);
}

static void
scale_cb (ChainNumberField *f)
{
  if (!f->filling)
    take (f, tidy (f, pow (10, gtk_range_get_value (GTK_RANGE (f->scale)))));
}

static void
activate_cb (ChainNumberField *f)
{
  g_autofree char *text = g_strstrip (g_strdelimit (g_strdup (gtk_editable_get_text (GTK_EDITABLE (f->entry))), ",", '.'));
  double v;

  if (!chain_number_parse (text, -1, &v) || v < 0 || (v <= 0 && f->range.zero == NULL))
    {
      gtk_widget_add_css_class (f->entry, "error");
      return;
    }
  take (f, f->range.integer ? round (v) : v);
  gtk_menu_button_popdown (GTK_MENU_BUTTON (f->button));
}

static void
preset_cb (GtkButton *button, gpointer data)
{
  ChainNumberField *f = data;
  const double *v = g_object_get_data (G_OBJECT (button), "value");

  take (f, *v);
  gtk_menu_button_popdown (GTK_MENU_BUTTON (f->button));
}

void
chain_number_field_multiply (ChainNumberField *f, double factor)
{
  double v = f->value > 0 ? tidy (f, f->value * factor) : f->range.min;

  if (f->range.integer && fabs (v - f->value) < 0.5)
    v = f->value + (factor > 1 ? 1 : -1);
  if (v < f->range.min * (1 - 1e-9))
    v = f->range.zero != NULL ? 0 : f->range.min;
  take (f, MIN (v, f->range.max));
}

static gboolean
has_focus (ChainNumberField *f)
{
  GtkRoot *root = gtk_widget_get_root (f->button);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  return focus != NULL && (focus == f->button || gtk_widget_is_ancestor (focus, f->button));
}

static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx, double dy, gpointer data)
{
  ChainNumberField *f = data;

  if (fabs (dy) < 1e-9 || !has_focus (f))
    return FALSE;
  chain_number_field_multiply (f, pow (10, dy < 0 ? 0.25 : -0.25));
  return TRUE;
}

static void
add_presets (ChainNumberField *f)
{
  f->presets = gtk_flow_box_new ();
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (f->presets), GTK_SELECTION_NONE);
  gtk_flow_box_set_min_children_per_line (GTK_FLOW_BOX (f->presets), 4);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (f->presets), 4);
  for (guint i = 0; i < f->range.n_presets; i++)
    {
      char buf[CHAIN_NUMBER_TEXT_SIZE];
      GtkWidget *b = gtk_button_new_with_label (value_text (f, f->range.presets[i], buf));
      GtkWidget *child = gtk_flow_box_child_new ();

      g_object_set_data (G_OBJECT (b), "value", (gpointer) &f->range.presets[i]);
      g_signal_connect (b, "clicked", G_CALLBACK (preset_cb), f);
      gtk_widget_set_focusable (child, FALSE);      /* the button is the stop */
      gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), b);
      gtk_flow_box_insert (GTK_FLOW_BOX (f->presets), child, -1);
    }
}

static void
make_popover (ChainNumberField *f, const char *caption)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  f->popover = gtk_popover_new ();
  f->entry = gtk_entry_new ();
  f->scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, log10 (f->range.min), log10 (f->range.max), 0.25);
  gtk_scale_set_draw_value (GTK_SCALE (f->scale), FALSE);
  gtk_widget_set_size_request (f->scale, 240, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (f->scale), GTK_ACCESSIBLE_PROPERTY_LABEL, caption, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (f->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, caption, -1);
  add_presets (f);
  gtk_box_append (GTK_BOX (box), f->entry);
  gtk_box_append (GTK_BOX (box), f->scale);
  gtk_box_append (GTK_BOX (box), f->presets);
  gtk_popover_set_child (GTK_POPOVER (f->popover), box);
  g_signal_connect_swapped (f->entry, "activate", G_CALLBACK (activate_cb), f);
  g_signal_connect_swapped (f->scale, "value-changed", G_CALLBACK (scale_cb), f);
}

/* Made on first use: seven popovers would cost the first frame 30 ms. */
static void
popup_cb (GtkMenuButton *button, gpointer data)
{
  ChainNumberField *f = data;

  if (f->popover == NULL)
    {
      make_popover (f, g_object_get_data (G_OBJECT (f->root), "caption"));
      gtk_menu_button_set_popover (button, f->popover);
    }
  show (f);
}

static GtkWidget *
make_button (ChainNumberField *f, const char *caption)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL | GTK_EVENT_CONTROLLER_SCROLL_DISCRETE);

  f->label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (f->label), 0);
  gtk_widget_set_hexpand (f->label, TRUE);
  gtk_widget_add_css_class (f->label, "numeric");
  gtk_box_append (GTK_BOX (box), f->label);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("pan-down-symbolic"));
  f->button = gtk_menu_button_new ();
  gtk_menu_button_set_child (GTK_MENU_BUTTON (f->button), box);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (f->button), popup_cb, f, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (f->button), GTK_ACCESSIBLE_PROPERTY_LABEL, caption, -1);
  gtk_widget_add_css_class (f->button, "number-field");
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), f);
  gtk_widget_add_controller (f->button, scroll);
  return f->button;
}

ChainNumberField *
chain_number_field_new (const char *caption, const ChainNumberRange *range, ChainNumberFunc changed, gpointer data)
{
  ChainNumberField *f = g_new0 (ChainNumberField, 1);
  GtkWidget *label = gtk_label_new (caption);

  f->range = *range;
  f->changed = changed;
  f->data = data;
  f->value = -1;
  f->root = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "field-caption");
  gtk_box_append (GTK_BOX (f->root), label);
  gtk_box_append (GTK_BOX (f->root), make_button (f, caption));
  g_object_set_data_full (G_OBJECT (f->root), "caption", g_strdup (caption), g_free);
  g_object_set_data_full (G_OBJECT (f->root), "field", f, g_free);
  return f;
}

GtkWidget *
chain_number_field_root (ChainNumberField *f)
{
  return f->root;
}

void
chain_number_field_set (ChainNumberField *f, double value)
{
  if (fabs (value - f->value) <= 0)
    return;
  f->value = value;
  show (f);
}

double
chain_number_field_get (ChainNumberField *f)
{
  return f->value;
}
