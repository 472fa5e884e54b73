/* SPDX-License-Identifier: Apache-2.0 */
/* Nobody waits: each frame the pump says what the visible pictures want and takes what is there (ARCHITECTURE 5c). Wants are capped at
 * 30 Hz, full-set metrics at 10 Hz, so that looking costs the trainer little; a hidden or resting window does not tick at all. After a
 * command the pump keeps looking for a moment, because an edit of a paused network also changes the picture. */
#include "ui/canvas/pump.h"

#define WANT_US (G_USEC_PER_SEC / 30 - 4000)     /* a tick is never exactly on time: the next one would be a frame late */
#define METRICS_US (G_USEC_PER_SEC / 10 - 4000)
#define QUIET_US (200 * 1000)

struct _ChainPump
{
  GtkWidget    *widget;
  ChainSession *session;
  guint         tick;
  guint         want;
  gint64        last_want, last_metrics;
  gint64        kicked;
};

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  ChainPump *p = data;
  gint64 now = g_get_monotonic_time ();
  guint want = p->want;

  if (now - p->last_want >= WANT_US)
    {
      p->last_want = now;
      if (now - p->last_metrics >= METRICS_US)
        p->last_metrics = now;
      else
        want &= ~(guint) CHAIN_WANT_METRICS;
      chain_session_pump (p->session, want);
    }
  if (!chain_session_is_settled (p->session) || now - p->kicked < QUIET_US)
    return G_SOURCE_CONTINUE;
  p->tick = 0;
  return G_SOURCE_REMOVE;
}

static void
start (ChainPump *p)
{
  if (p->tick == 0 && gtk_widget_get_mapped (p->widget))
    p->tick = gtk_widget_add_tick_callback (p->widget, tick_cb, p, NULL);
}

void
chain_pump_kick (ChainPump *p)
{
  p->kicked = g_get_monotonic_time ();
  p->last_metrics = 0;
  start (p);
}

static void
unmap_cb (ChainPump *p)
{
  if (p->tick != 0)
    gtk_widget_remove_tick_callback (p->widget, p->tick);
  p->tick = 0;
}

ChainPump *
chain_pump_new (GtkWidget *widget, ChainSession *session)
{
  ChainPump *p = g_new0 (ChainPump, 1);

  p->widget = widget;
  p->session = g_object_ref (session);
  g_signal_connect_swapped (widget, "map", G_CALLBACK (chain_pump_kick), p);
  g_signal_connect_swapped (widget, "unmap", G_CALLBACK (unmap_cb), p);
  g_signal_connect_swapped (session, "state", G_CALLBACK (chain_pump_kick), p);
  g_signal_connect_swapped (session, "document", G_CALLBACK (chain_pump_kick), p);
  return p;
}

void
chain_pump_free (ChainPump *p)
{
  unmap_cb (p);
  g_signal_handlers_disconnect_by_data (p->widget, p);
  g_signal_handlers_disconnect_by_data (p->session, p);
  g_object_unref (p->session);
  g_free (p);
}

void
chain_pump_set_want (ChainPump *p, guint want)
{
  if (p->want == want)
    return;
  p->want = want;
  chain_pump_kick (p);
}

gboolean
chain_pump_is_ticking (ChainPump *p)
{
  return p->tick != 0;
}
