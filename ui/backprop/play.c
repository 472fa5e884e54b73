/* SPDX-License-Identifier: Apache-2.0 */
/* One tick callback while something moves or is due, none else. Times are those of DESIGN 4.8: 240 ms for a step at up to four a second, 60 % of
 * the interval up to twelve, nothing above; slow motion takes its time, so that a caption can be read along with it. How far an event has come is one
 * number for all speeds, so that another speed changes the pace and not the place. */
#include "config.h"

#include "ui/backprop/play.h"

#define MOVE_US (240 * G_TIME_SPAN_MILLISECOND)
#define CAPTION_US (700 * G_TIME_SPAN_MILLISECOND)      /* to find a caption, */
#define LETTER_US (22 * G_TIME_SPAN_MILLISECOND)        /* to read it; */
#define CAPTION_MOST_US (2800 * G_TIME_SPAN_MILLISECOND)
#define REST_US (700 * G_TIME_SPAN_MILLISECOND)         /* before the next event */
#define STALL_US (100 * G_TIME_SPAN_MILLISECOND)        /* a late frame moves a part no further than that */
#define FAST 4.0
#define FASTEST 12.0

struct _ChainStepPlay
{
  GtkWidget         *widget;
  ChainStepPlayFuncs funcs;
  gpointer           data;
  double             speed;
  gboolean           slow, on;
  gboolean           moving, held;
  double             at;         /* of the present event: 0 … 1 */
  guint              n_parts;
  gint64             part[CHAIN_STORY_PARTS];
  gint64             last;       /* frame */
  gint64             due;        /* when the next event happens */
  guint              tick;
};

gboolean
chain_step_play_animates (ChainStepPlay *p)
{
  gboolean moves = TRUE;

  g_object_get (gtk_widget_get_settings (p->widget), "gtk-enable-animations", &moves, NULL);
  return moves;
}

static gboolean
in_parts (ChainStepPlay *p)
{
  return p->slow && p->n_parts > 0;
}

/* What the whole event would take at the pace of this moment; 0: it is shown at once. Captions are read without animations as well. */
static gint64
move_time (ChainStepPlay *p)
{
  if (in_parts (p))
    return p->part[MIN ((guint) (p->at * p->n_parts), p->n_parts - 1)] * p->n_parts;
  if (!chain_step_play_animates (p))
    return 0;
  if (!p->on || (p->speed > 0 && p->speed <= FAST))
    return MOVE_US;
  return p->speed > 0 && p->speed <= FASTEST ? (gint64) (0.6 * G_USEC_PER_SEC / p->speed) : 0;
}

static gint64
interval (ChainStepPlay *p)
{
  return p->speed > 0 ? (gint64) (G_USEC_PER_SEC / p->speed) : 0;
}

static void
end_movement (ChainStepPlay *p, gint64 now)
{
  p->moving = p->held = FALSE;
  p->at = 1;
  if (in_parts (p))
    p->due = now + REST_US;
}

static void
advance_movement (ChainStepPlay *p, gint64 now)
{
  gint64 time = move_time (p), dt = CLAMP (now - p->last, 0, STALL_US);

  p->at = time > 0 ? MIN (p->at + (double) dt / (double) time, 1) : 1;
  if (p->at >= 1)
    end_movement (p, now);
  p->funcs.moved (p->data, p->at);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  ChainStepPlay *p = data;
  gint64 now = gdk_frame_clock_get_frame_time (clock);

  if (p->moving && !p->held)
    advance_movement (p, now);
  p->last = now;
  if (p->on && !p->held && now >= p->due && !(p->moving && in_parts (p)))
    {
      p->due = MAX (p->due + interval (p), now);
      if (!p->funcs.advance (p->data))
        {
          p->on = FALSE;
          p->funcs.stopped (p->data);
        }
    }
  if (p->on || (p->moving && !p->held))
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
  if (p->tick != 0)
    return;
  p->last = now_of (p);
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
  p->at = 1;
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
  p->held = FALSE;
  p->due = now_of (p);
  ensure_tick (p);
}

void
chain_step_play_stop (ChainStepPlay *p)
{
  p->on = FALSE;
  p->held = p->moving && in_parts (p);
}

gboolean
chain_step_play_is_on (ChainStepPlay *p)
{
  return p->on;
}

gboolean
chain_step_play_is_moving (ChainStepPlay *p)
{
  return p->moving;
}

static gint64
reading_time (const char *caption)
{
  return MIN (CAPTION_US + g_utf8_strlen (caption, -1) * LETTER_US, CAPTION_MOST_US);
}

void
chain_step_play_move (ChainStepPlay *p, const ChainStory *story)
{
  p->n_parts = story != NULL ? story->n : 0;
  for (guint i = 0; i < p->n_parts; i++)
    p->part[i] = reading_time (story->caption[i]);
  p->at = 0;
  p->held = FALSE;
  p->moving = move_time (p) > 0;
  if (!p->moving)
    end_movement (p, now_of (p));
  p->funcs.moved (p->data, p->at);
  if (p->moving)
    ensure_tick (p);
}

void
chain_step_play_skip (ChainStepPlay *p)
{
  if (!p->moving)
    return;
  end_movement (p, now_of (p));
  p->funcs.moved (p->data, 1);
}

void
chain_step_play_drop (ChainStepPlay *p)
{
  p->moving = p->held = FALSE;
  p->at = 1;
}
