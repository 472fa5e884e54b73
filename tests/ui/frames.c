/* SPDX-License-Identifier: Apache-2.0 */
/* How smooth the window is while training runs at no limit: opens it, trains for some seconds and counts the frames and the gaps between
 * them (ENVIRONMENT 8). One line of JSON; with --check it fails below 55 frames a second or above a gap of 50 ms. With --alone nobody
 * watches: the same session trains without a window, which is what the steps a second are compared with (tests/bench/watched).
 *
 * With --still it does not train: what pointer work costs, while something outside moves the pointer (tests/ui/gui/pointer).
 *
 *   ui-frames [SECONDS [DOCUMENT]] [--check|--alone|--still] */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/base/number.h"
#include "engine/run/backend-registry.h"
#include "ui/window/application.h"
#include "ui/window/window.h"

typedef struct { gint64 last, first, worst, busy; guint n, late, long_gaps; GArray *gaps, *work; } Count;

/* What this thread has computed so far: unlike a gap, it does not grow when others want the core. */
static gint64
thread_us (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (gint64) t.tv_sec * G_USEC_PER_SEC + t.tv_nsec / 1000;
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Count *c = data;
  gint64 now = g_get_monotonic_time (), busy = thread_us ();

  if (c->last != 0)
    {
      gint64 gap = now - c->last, work = busy - c->busy;

      c->n++;
      g_array_append_val (c->gaps, gap);
      g_array_append_val (c->work, work);
      c->worst = MAX (c->worst, gap);
      c->late += gap > 25000;
      c->long_gaps += gap > 50000;
    }
  else
    c->first = now;
  c->last = now;
  c->busy = busy;
  return G_SOURCE_CONTINUE;
}

static int
compare_gaps (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

/* Milliseconds that 95 of 100 gaps keep below. */
static double
percentile_95 (GArray *gaps)
{
  g_array_sort (gaps, compare_gaps);
  return gaps->len > 0 ? (double) g_array_index (gaps, gint64, (gaps->len * 95) / 100) / 1000 : NAN;
}

static gboolean
alarm_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
wait (guint ms)
{
  gboolean over = FALSE;

  g_timeout_add (ms, alarm_cb, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

/* Training that does not end before the measurement does. */
static void
play (ChainSession *s)
{
  g_autoptr (ChainSpec) next = chain_spec_copy (chain_document_spec (chain_session_document (s)));
  g_autoptr (GError) error = NULL;

  next->stop.epochs = 0;
  next->stop.steps = 0;
  next->stop.early_stopping = FALSE;
  next->stop.target_loss = NAN;
  if (!chain_session_apply (s, g_steal_pointer (&next), "No end", NULL, &error))
    g_error ("%s", error->message);
  chain_session_set_speed (s, 0);
  chain_session_play (s);
}

/* The first snapshot that arrives may have been asked for long ago. */
static guint64
step_now (ChainSession *s)
{
  for (int fresh = 0; fresh < 2; fresh++)
    while (!chain_session_pump (s, 0))
      wait (1);
  return chain_session_snapshot (s)->step;
}

/* Steps a second of a session that nobody draws. */
static int
alone (guint seconds, const char *path)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;
  guint64 steps;

  if (path != NULL && !chain_session_open (s, path, &error))
    g_error ("%s", error->message);
  play (s);
  wait (1000);
  steps = step_now (s);
  wait (seconds * 1000);
  steps = step_now (s) - steps;
  g_print ("{\"steps_per_s\": %" G_GUINT64_FORMAT ", \"threads\": %u}\n", steps / seconds, chain_session_threads (s));
  chain_session_pause (s);
  return 0;
}

int
main (int argc, char **argv)
{
  guint seconds = argc > 1 ? (guint) atoi (argv[1]) : 20;
  const char *path = argc > 2 && argv[2][0] != '-' ? argv[2] : NULL;
  g_autoptr (ChainApplication) app = NULL;
  g_autoptr (GError) error = NULL;
  Count c = { 0 };
  guint64 steps;
  gboolean still = argc > 1 && g_str_equal (argv[argc - 1], "--still");
  char rate[CHAIN_NUMBER_SIZE], worst[CHAIN_NUMBER_SIZE], most[CHAIN_NUMBER_SIZE], busy[CHAIN_NUMBER_SIZE];
  double fps;
  GtkWidget *w;

  chain_backend_init ();
  if (argc > 1 && g_str_equal (argv[argc - 1], "--alone"))
    return alone (seconds, path);
  app = chain_application_new (G_APPLICATION_NON_UNIQUE);
  if (!g_application_register (G_APPLICATION (app), NULL, &error))
    g_error ("%s", error->message);
  w = chain_window_new (GTK_APPLICATION (app));
  gtk_window_present (GTK_WINDOW (w));
  if (path != NULL)
    g_assert_true (chain_window_open (CHAIN_WINDOW (w), path));
  wait (1000);
  if (!still)
    play (chain_window_session (CHAIN_WINDOW (w)));
  wait (1000);
  steps = chain_session_snapshot (chain_window_session (CHAIN_WINDOW (w)))->step;
  c.gaps = g_array_new (FALSE, FALSE, sizeof (gint64));
  c.work = g_array_new (FALSE, FALSE, sizeof (gint64));
  gtk_widget_add_tick_callback (w, tick_cb, &c, NULL);
  wait (seconds * 1000);
  fps = c.n / ((double) (c.last - c.first) / G_USEC_PER_SEC);
  steps = chain_session_snapshot (chain_window_session (CHAIN_WINDOW (w)))->step - steps;
  g_print ("{\"frames_per_s\": %s, \"p95_ms\": %s, \"worst_ms\": %s, \"over_25_ms\": %u, \"over_50_ms\": %u, \"work_p95_ms\": %s, \"frames\": %u, \"steps_per_s\": %" G_GUINT64_FORMAT "}\n",
           chain_number_write_fixed (rate, fps, 1), chain_number_write_fixed (most, percentile_95 (c.gaps), 1),
           chain_number_write_fixed (worst, (double) c.worst / 1000, 1), c.late, c.long_gaps,
           chain_number_write_fixed (busy, percentile_95 (c.work), 1), c.n, steps / seconds);
  chain_session_pause (chain_window_session (CHAIN_WINDOW (w)));
  gtk_window_destroy (GTK_WINDOW (w));
  g_array_unref (c.gaps);
  g_array_unref (c.work);
  wait (200);
  return argc > 1 && g_str_equal (argv[argc - 1], "--check") && (fps < 55 || c.long_gaps > 0) ? 1 : 0;
}
