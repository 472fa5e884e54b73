/* SPDX-License-Identifier: Apache-2.0 */
/* Two things that GTK 4.8 leaves undone when a popover closes.
 *
 * A click is lost. Whenever a window is laid out, GTK asks for a made-up motion on the surface that the pointer was last seen in
 * (gtk_window_native_layout, gdk_surface_ensure_motion). Nothing asks whether that surface is still on the screen: after a choice, which closes a
 * menu and lays out the window anew, the hidden menu hears the motion, becomes the widget under the pointer, and the next press goes to it. The
 * layout after that asks again, so it may go on for long. A hidden popover is therefore deaf to motion. Only GTK's own handler could tell the
 * two cases apart, and it stands first in the emission; so it is blocked from a hook, which stands before it.
 *
 * The keyboard is dead. What is chosen by a letter in a submenu leaves the focus on something inside the hidden menu, and all keys go there,
 * accelerators too. The focus then goes to what the menu belongs to. */
#include "config.h"

#include "ui/pages/popovers.h"

#include <gtk/gtk.h>

#define DEAF "chain-deaf"

static gboolean
event_hook (GSignalInvocationHint *hint, guint n, const GValue *values, gpointer data)
{
  GdkSurface *surface = g_value_get_object (&values[0]);
  GtkNative *popover = GDK_IS_POPUP (surface) ? gtk_native_get_for_surface (surface) : NULL;
  GdkEvent *event = g_value_get_pointer (&values[1]);
  gboolean was, deaf;

  if (popover == NULL)
    return TRUE;
  was = g_object_get_data (G_OBJECT (surface), DEAF) != NULL;
  deaf = !gtk_widget_get_mapped (GTK_WIDGET (popover)) && gdk_event_get_event_type (event) == GDK_MOTION_NOTIFY;
  if (deaf && !was)
    g_signal_handlers_block_matched (surface, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_DATA, hint->signal_id, 0, NULL, NULL, popover);
  else if (!deaf && was)
    g_signal_handlers_unblock_matched (surface, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_DATA, hint->signal_id, 0, NULL, NULL, popover);
  g_object_set_data (G_OBJECT (surface), DEAF, deaf ? surface : NULL);
  return TRUE;
}

/* Not before everything that hears of the closing has had its say. */
static gboolean
settle_focus_cb (gpointer data)
{
  GtkWidget *window = data, *focus = gtk_root_get_focus (GTK_ROOT (window)), *at = focus;

  if (focus == NULL || gtk_widget_get_mapped (focus))
    return G_SOURCE_REMOVE;
  while (at != NULL && !GTK_IS_POPOVER (at))
    at = gtk_widget_get_parent (at);
  while (at != NULL && !gtk_widget_get_mapped (at))
    at = gtk_widget_get_parent (at);
  if (at == NULL || at == window || !gtk_widget_grab_focus (at))
    gtk_window_set_focus (GTK_WINDOW (window), NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
closed_hook (GSignalInvocationHint *hint, guint n, const GValue *values, gpointer data)
{
  GtkRoot *window = gtk_widget_get_root (g_value_get_object (&values[0]));

  if (GTK_IS_WINDOW (window))
    g_idle_add_full (G_PRIORITY_HIGH, settle_focus_cb, g_object_ref (window), g_object_unref);
  return TRUE;
}

void
chain_popovers_mend (void)
{
  static gsize once;

  if (!g_once_init_enter (&once))
    return;
  g_type_class_unref (g_type_class_ref (GDK_TYPE_SURFACE));
  g_type_class_unref (g_type_class_ref (GTK_TYPE_POPOVER));
  g_signal_add_emission_hook (g_signal_lookup ("event", GDK_TYPE_SURFACE), 0, event_hook, NULL, NULL);
  g_signal_add_emission_hook (g_signal_lookup ("closed", GTK_TYPE_POPOVER), 0, closed_hook, NULL, NULL);
  g_once_init_leave (&once, 1);
}
