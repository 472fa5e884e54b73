/* SPDX-License-Identifier: Apache-2.0 */
/* Single keys. They are heard last, after the focused widget has had its chance: a text field keeps its letters, a button its Space, a
 * slider its arrows, a canvas its walking (ARCHITECTURE 10). Keys with Ctrl are accelerators of the application. */
#include "ui/window/window-private.h"

typedef struct { guint keyval; GdkModifierType state; const char *action; } KeyRow;

static const KeyRow keys[] = {
  { GDK_KEY_space, 0, "play" },
  { GDK_KEY_Right, 0, "step" },
  { GDK_KEY_Left, 0, "step-back" },
  { GDK_KEY_Right, GDK_SHIFT_MASK, "step-ten" },
  { GDK_KEY_Left, GDK_SHIFT_MASK, "step-back-ten" },
  { GDK_KEY_Home, 0, "to-start" },
  { GDK_KEY_End, 0, "to-end" },
  { GDK_KEY_bracketleft, 0, "rate-halve" },
  { GDK_KEY_bracketright, 0, "rate-double" },
  { GDK_KEY_plus, 0, "add-unit" },
  { GDK_KEY_plus, GDK_SHIFT_MASK, "add-unit" },
  { GDK_KEY_KP_Add, 0, "add-unit" },
  { GDK_KEY_minus, 0, "remove-unit" },
  { GDK_KEY_KP_Subtract, 0, "remove-unit" },
  { GDK_KEY_Delete, 0, "remove-layer" },
  { GDK_KEY_period, 0, "freeze" },
  { GDK_KEY_t, 0, "next-text-size" },
};

static gboolean
is_text (GtkWidget *focus)
{
  return focus != NULL && (GTK_IS_TEXT (focus) || GTK_IS_TEXT_VIEW (focus) || GTK_IS_EDITABLE (focus));
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  ChainWindow *w = data;
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (w));
  GdkModifierType relevant = state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK);

  if (is_text (focus) || (focus != NULL && gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) != NULL))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i].keyval == keyval && keys[i].state == relevant)
      {
        g_action_group_activate_action (G_ACTION_GROUP (w), keys[i].action, NULL);
        return TRUE;
      }
  return FALSE;
}

/* A GtkButton answers Space 250 ms late, with an animation; Train must not. */
static gboolean
play_key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  if ((keyval != GDK_KEY_space && keyval != GDK_KEY_Return && keyval != GDK_KEY_KP_Enter) || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  g_action_group_activate_action (G_ACTION_GROUP (data), "play", NULL);
  return TRUE;
}

/* A choice by keyboard leaves the focus on the button it was made with, where Space would open the list again. Whoever has just chosen wants to see
 * what it does: that one Space trains. Any other key, and the button is a button again. */
static gboolean
chosen_key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  GtkWidget *at = gtk_root_get_focus (GTK_ROOT (data));

  while (at != NULL && g_object_get_data (G_OBJECT (at), "chain-chosen") == NULL)
    at = gtk_widget_get_parent (at);
  if (at == NULL || GTK_IS_POPOVER (at))
    return FALSE;
  g_object_set_data (G_OBJECT (at), "chain-chosen", NULL);
  if (keyval != GDK_KEY_space || is_text (gtk_root_get_focus (GTK_ROOT (data))) || gtk_widget_get_ancestor (gtk_root_get_focus (GTK_ROOT (data)), GTK_TYPE_POPOVER) != NULL)
    return FALSE;
  g_action_group_activate_action (G_ACTION_GROUP (data), "play", NULL);
  return TRUE;
}

static void
add (GtkWidget *widget, GCallback pressed, GtkPropagationPhase phase, ChainWindow *w)
{
  GtkEventController *key = gtk_event_controller_key_new ();

  gtk_event_controller_set_propagation_phase (key, phase);
  g_signal_connect (key, "key-pressed", pressed, w);
  gtk_widget_add_controller (widget, key);
}

/* On the content, which stands before the window's own arrow keys; and on the window, for when nothing has the focus. */
void
_chain_window_add_keys (ChainWindow *w)
{
  add (w->content, G_CALLBACK (chosen_key_cb), GTK_PHASE_CAPTURE, w);
  add (w->content, G_CALLBACK (key_cb), GTK_PHASE_BUBBLE, w);
  add (GTK_WIDGET (w), G_CALLBACK (key_cb), GTK_PHASE_BUBBLE, w);
  add (chain_transport_play_button (w->transport), G_CALLBACK (play_key_cb), GTK_PHASE_CAPTURE, w);
}
