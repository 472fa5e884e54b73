/* SPDX-License-Identifier: Apache-2.0 */
/* Buttons call actions of the window, so that keys, menus and buttons are one; the page on screen decides what they mean. */
#include "config.h"

#include "ui/backprop/bar.h"

#include <glib/gi18n-lib.h>

#include "ui/pages/choice-field.h"

struct _ChainStepBar
{
  GtkWidget      parent_instance;
  GtkWidget     *play, *play_icon, *play_label, *grain, *speed, *grain_box;
  ChainTimeline *timeline;
};

G_DEFINE_FINAL_TYPE (ChainStepBar, chain_step_bar, GTK_TYPE_WIDGET)

static const struct { const char *text; double speed; gboolean slow; } speeds[] = {
  { N_("Slow motion"), 0.25, TRUE }, { N_("½ step/s"), 0.5, FALSE }, { N_("1 step/s"), 1, FALSE }, { N_("2 steps/s"), 2, FALSE },
  { N_("4 steps/s"), 4, FALSE }, { N_("12 steps/s"), 12, FALSE }, { N_("Fastest"), 0, FALSE },
};

static const char *const grains[] = { N_("Operation"), N_("Layer"), N_("Mini-batch"), N_("Epoch") };

static GtkWidget *
add_button (ChainStepBar *self, const char *icon, const char *action, const char *tip, const char *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tip);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_parent (button, GTK_WIDGET (self));
  return button;
}

static void
add_play (ChainStepBar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->play = gtk_button_new ();
  self->play_icon = gtk_image_new ();
  self->play_label = gtk_label_new (NULL);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), self->play_icon);
  gtk_box_append (GTK_BOX (box), self->play_label);
  gtk_button_set_child (GTK_BUTTON (self->play), box);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->play), "win.play");
  gtk_widget_set_tooltip_text (self->play, _("Play or pause (Space)"));
  gtk_widget_set_valign (self->play, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->play, "suggested-action");
  gtk_widget_add_css_class (self->play, "play");
  gtk_widget_set_parent (self->play, GTK_WIDGET (self));
}

static void
changed_cb (ChainStepBar *self)
{
  g_signal_emit_by_name (self, "changed");
}

/* Whoever has just chosen wants to see what it does: the next Space plays (ui/window/window-keys.c). */
static void
chosen_cb (GtkWidget *field)
{
  g_object_set_data (G_OBJECT (field), "chain-chosen", field);
}

static GtkWidget *
add_choice (ChainStepBar *self, const char *caption, GtkWidget **field, const char **rows, guint selected)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *label = gtk_label_new (caption);

  *field = gtk_drop_down_new_from_strings (rows);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (*field), selected);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "field-caption");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), *field);
  gtk_widget_set_parent (box, GTK_WIDGET (self));
  chain_choice_name_button (*field, caption);
  g_signal_connect (*field, "notify::selected", G_CALLBACK (chosen_cb), NULL);
  g_signal_connect_swapped (*field, "notify::selected", G_CALLBACK (changed_cb), self);
  return box;
}

static void
chain_step_bar_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (chain_step_bar_parent_class)->dispose (object);
}

static void
chain_step_bar_class_init (ChainStepBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chain_step_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  g_signal_new ("changed", CHAIN_TYPE_STEP_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
chain_step_bar_init (ChainStepBar *self)
{
  const char *speed_rows[G_N_ELEMENTS (speeds) + 1] = { NULL }, *grain_rows[G_N_ELEMENTS (grains) + 1] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (speeds); i++)
    speed_rows[i] = _(speeds[i].text);
  for (guint i = 0; i < G_N_ELEMENTS (grains); i++)
    grain_rows[i] = _(grains[i]);
  gtk_widget_add_css_class (GTK_WIDGET (self), "transport");
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self))), 6);
  add_button (self, "chainrule-reset-symbolic", "win.to-start", _("To the start of the tape (Home)"), _("To the start"));
  add_button (self, "chainrule-step-back-symbolic", "win.step-back", _("One step back (←)"), _("Step back"));
  add_play (self);
  add_button (self, "chainrule-step-symbolic", "win.step", _("One step forward (→)"), _("Step forward"));
  self->timeline = CHAIN_TIMELINE (chain_timeline_new ());
  gtk_widget_set_hexpand (GTK_WIDGET (self->timeline), TRUE);
  gtk_widget_set_parent (GTK_WIDGET (self->timeline), GTK_WIDGET (self));
  self->grain_box = add_choice (self, _("Step by"), &self->grain, grain_rows, CHAIN_GRAIN_OPERATION);
  add_choice (self, _("Speed"), &self->speed, speed_rows, 2);
  chain_step_bar_set_playing (self, FALSE);
}

GtkWidget *
chain_step_bar_new (void)
{
  return g_object_new (CHAIN_TYPE_STEP_BAR, NULL);
}

ChainTimeline *
chain_step_bar_timeline (ChainStepBar *b)
{
  return b->timeline;
}

ChainGrain
chain_step_bar_grain (ChainStepBar *b)
{
  return (ChainGrain) gtk_drop_down_get_selected (GTK_DROP_DOWN (b->grain));
}

double
chain_step_bar_speed (ChainStepBar *b)
{
  return speeds[MIN (gtk_drop_down_get_selected (GTK_DROP_DOWN (b->speed)), G_N_ELEMENTS (speeds) - 1)].speed;
}

gboolean
chain_step_bar_is_slow (ChainStepBar *b)
{
  return speeds[MIN (gtk_drop_down_get_selected (GTK_DROP_DOWN (b->speed)), G_N_ELEMENTS (speeds) - 1)].slow;
}

void
chain_step_bar_set_playing (ChainStepBar *b, gboolean playing)
{
  const char *text = playing ? _("Pause") : _("Play");

  gtk_label_set_text (GTK_LABEL (b->play_label), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (b->play), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_image_set_from_icon_name (GTK_IMAGE (b->play_icon), playing ? "media-playback-pause-symbolic" : "media-playback-start-symbolic");
}

void
chain_step_bar_set_class (ChainStepBar *b, ChainWidthClass width)
{
  gtk_widget_set_visible (b->grain_box, width != CHAIN_WIDTH_NARROW);
}

GtkWidget *
chain_step_bar_play_button (ChainStepBar *b)
{
  return b->play;
}
