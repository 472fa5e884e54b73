/* SPDX-License-Identifier: Apache-2.0 */
/* A complaint of GTK 4.8 that is no fault of ours: a tooltip whose delay ends when the menu or window that it belongs to has closed asks for the
 * position of the pointer on a surface that is gone, and then for the widget there. It happens on slow machines. Every other warning stays as fatal as G_DEBUG made it; GLib has no
 * exception for one message, so that is done here. */
#pragma once

#include <gtk/gtk.h>
#include <stdlib.h>
#include <string.h>

static GLogLevelFlags gdk_flaw_fatal;   /* what was fatal */

static inline void
gdk_flaw_judge (GLogLevelFlags level, const char *message)
{
  static const char *const flaws[] = { "gdk_surface_get_device_position: assertion 'GDK_IS_SURFACE", "_gtk_widget_find_at_coords: assertion 'GDK_IS_SURFACE" };

  for (guint i = 0; message != NULL && i < G_N_ELEMENTS (flaws); i++)
    if (strstr (message, flaws[i]) != NULL)
      return;
  if (level & gdk_flaw_fatal)
    abort ();
}

static inline GLogWriterOutput
gdk_flaw_writer_cb (GLogLevelFlags level, const GLogField *fields, gsize n, gpointer data)
{
  const char *message = NULL;

  for (gsize i = 0; i < n; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      message = fields[i].value;
  g_log_writer_default (level, fields, n, data);
  gdk_flaw_judge (level, message);
  return G_LOG_WRITER_HANDLED;
}

static inline void
gdk_flaw_log_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  if (!(level & (G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG)))
    g_printerr ("%s: %s\n", domain != NULL ? domain : "", message);
  gdk_flaw_judge (level, message);
}

/* After gtk_test_init(). */
static inline void
gdk_flaw_ignore (void)
{
  gdk_flaw_fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_writer_func (gdk_flaw_writer_cb, NULL, NULL);
  g_log_set_default_handler (gdk_flaw_log_cb, NULL);
}
