/* SPDX-License-Identifier: Apache-2.0 */
/* One tick callback while something moves or is due, none else. Times are those of DESIGN 4.8: 240 ms for a step at up to four a second, 60 % of
 * the interval up to twelve, nothing above; slow motion takes its time, so that a caption can be read along with it. */
#include "config.h"

#include "ui/backprop/play.h"

#define MOVE_US (240 * G_TIME_SPAN_MILLISECOND)
#define SLOW_US (2600 * G_TIME_SPAN_MILLISECOND)
#define FAST 4.0
#define FASTEST 12.0

struct _ChainStepPlay
{
  GtkWidget         *widget;
  ChainStepPlayFuncs funcs;
  gpointer           data;
  double             speed;
  gboolean           slow, on;
  gint64             began;      /* of the present event; 0: nothing moves */
  gint64             due;        /* when the next event happens */
  guint              tick;
};

static gint64
move_time (ChainStepPlay *p)
{
  gboolean moves = TRUE;

  g_object_get (gtk_widget_get_settings (p->widget), "gtk-enable-animations", &moves, NULL);
  if (!moves)
    return 0;
  if (p->slow)
    return SLOW_US;
  if (!p->on || (p->speed > 0 && p->speed <= FAST))
    return MOVE_US;
  return p->speed > 0 && p->speed <= FASTEST ? (gint64) (0.6 * G_USEC_PER_SEC / p->speed) : 0;
}

static gint64
interval (ChainStepPlay *p)
{
  return p->speed > 0 ? (gint64) (G_USEC_PER_SEC / p->speed) : 0;
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  ChainStepPlay *p = data;
  gint64 now = gdk_frame_clock_get_frame_time (clock), move = move_time (p);

  if (p->began != 0)
    {
      double tween = move > 0 ? CLAMP ((double) (now - p->began) / (double) move, 0, 1) : 1;

      if (tween >= 1)
        p->began = 0;
      p->funcs.moved (p->data, tween);
    }
  if (p->on && now >= p->due)
    {
      p->due = MAX (p->due + interval (p), now);
      if (!p->funcs.advance (p->data))
        {
          p->on = FALSE;
          p->funcs.stopped (p->data);
        }
    }
  if (p->on || p->began != 0)
    return G_SOURCE_CONTINUE;
  p->tick = 0;
  return G_SOURCE_REMOVE;
}

static gint64
now_of (ChainStepPlay *p)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (p->widget);

  return clock != NULL ? gdk_frame_clock_get_frame_time (clock) : g_get_monotonic_time ();
}

static void
ensure_tick (ChainStepPlay *p)
{
  if (p->tick == 0)
    p->tick = gtk_widget_add_tick_callback (p->widget, tick_cb, p, NULL);
}

ChainStepPlay *
chain_step_play_new (GtkWidget *widget, const ChainStepPlayFuncs *funcs, gpointer data)
{
  ChainStepPlay *p = g_new0 (ChainStepPlay, 1);

  p->widget = widget;
  p->funcs = *funcs;
  p->data = data;
  p->speed = 1;
  return p;
}

void
chain_step_play_free (ChainStepPlay *p)
{
  if (p->tick != 0)
    gtk_widget_remove_tick_callback (p->widget, p->tick);
  g_free (p);
}

void
chain_step_play_set_speed (ChainStepPlay *p, double per_second, gboolean slow)
{
  p->speed = per_second;
  p->slow = slow;
  p->due = MIN (p->due, now_of (p) + interval (p));
}

void
chain_step_play_start (ChainStepPlay *p)
{
  if (p->on)
    return;
  p->on = TRUE;
  p->due = now_of (p);
  ensure_tick (p);
}

void
chain_step_play_stop (ChainStepPlay *p)
{
  p->on = FALSE;
}

gboolean
chain_step_play_is_on (ChainStepPlay *p)
{
  return p->on;
}

void
chain_step_play_move (ChainStepPlay *p)
{
  if (move_time (p) <= 0)
    {
      p->began = 0;
      p->funcs.moved (p->data, 1);
      return;
    }
  p->began = now_of (p);
  p->funcs.moved (p->data, 0);
  ensure_tick (p);
}

void
chain_step_play_skip (ChainStepPlay *p)
{
  if (p->began == 0)
    return;
  p->began = 0;
  p->funcs.moved (p->data, 1);
}
