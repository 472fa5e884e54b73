/* SPDX-License-Identifier: Apache-2.0 */
/* The trainer's thread. Between two steps it reads one flag and one mask; only when there is mail does it take the lock. Snapshots go up by an
 * atomic exchange, so neither side waits for the other (ARCHITECTURE 5c). A pthread mutex, because ThreadSanitizer cannot see GLib's.
 *
 * Pace: with a limit of v steps a second a step is due every 1/v; what is due is run, then the thread sleeps on the condition until the next
 * one, so a command is answered at once also at one step a second. At full speed pictures take a 25th of the time at most,
 * at least two a second come all the same, and one follows a command at once. */
#include "app/train/worker.h"

#include <pthread.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 64u
#define WINDOW 0.5            /* seconds over which the throughput is measured */
#define PICTURES 24.0         /* seconds of training for one of making pictures */
#define LONGEST_WAIT 0.5      /* seconds between two pictures */
#define CATCH_UP 0.1          /* seconds of due steps that are made up for at most */

/* A command; or a function, with somebody who waits for `done` or with `dropped` for the case that it never runs. */
typedef struct { ChainCommand *command; void (*func) (ChainTrainer *, gpointer); gpointer data; gboolean *done; GDestroyNotify dropped; } Mail;

/* What an idle call that outlives the worker may still look at. */
typedef struct { int ref_count; ChainWorkerFunc func; gpointer data; } Listener;

struct _ChainWorker
{
  pthread_t       thread;
  pthread_mutex_t lock;
  pthread_cond_t  wake, finished;
  GArray         *box;                /* of Mail; under the lock */
  guint           seq;                /* given out; under the lock */
  int             attention;          /* atomic: there is mail */
  int             want;               /* atomic: ChainWant bits, plus WANTED */
  int             stop;               /* atomic */
  ChainSnapshot  *out;                /* atomic exchange */
  Listener       *listener;

  /* the thread's own */
  ChainTrainer   *trainer;
  gboolean        playing;
  guint64         steps_left;         /* 0: no end */
  double          speed;
  double          pace_start;
  guint64         pace_steps;
  guint           applied;            /* atomic */
  char           *refused;            /* why the last command was not carried out */
  int             seen;               /* atomic: ChainRunState */
  double          window_start, window_epoch, next_picture;
  guint64         window_step;
  double          steps_per_s, samples_per_s;
};

#define WANTED (1 << 30)

static double
now (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);
  return (double) ts.tv_sec + 1e-9 * (double) ts.tv_nsec;
}

static void
listener_unref (Listener *l)
{
  if (g_atomic_int_dec_and_test (&l->ref_count))
    g_free (l);
}

/* Main thread. */
static void
tell (gpointer data)
{
  Listener *l = data;

  if (l->func != NULL)
    l->func (l->data);
  listener_unref (l);
}

static ChainRunState
run_state (const ChainWorker *w)
{
  ChainRunState s = chain_trainer_state (w->trainer);

  if (s >= CHAIN_RUN_DONE)
    return s;
  if (w->playing)
    return CHAIN_RUN_RUNNING;
  return chain_trainer_step (w->trainer) == 0 ? CHAIN_RUN_READY : CHAIN_RUN_PAUSED;
}

static void
post_state (ChainWorker *w)
{
  ChainRunState s = run_state (w);

  if ((int) s == g_atomic_int_get (&w->seen))
    return;
  g_atomic_int_set (&w->seen, (int) s);
  g_atomic_int_inc (&w->listener->ref_count);
  g_idle_add_once (tell, w->listener);
}

static void
start_measuring (ChainWorker *w)
{
  w->window_start = w->pace_start = now ();
  w->window_step = chain_trainer_step (w->trainer);
  w->window_epoch = chain_trainer_epoch (w->trainer);
  w->pace_steps = 0;
}

static void
set_playing (ChainWorker *w, gboolean playing, guint64 steps)
{
  if (playing && !w->playing)
    start_measuring (w);
  w->playing = playing;
  w->steps_left = steps;
  if (!playing)
    w->steps_per_s = w->samples_per_s = 0;
}

static void
measure (ChainWorker *w)
{
  double time = now (), span = time - w->window_start;
  guint64 step = chain_trainer_step (w->trainer);
  double epoch = chain_trainer_epoch (w->trainer);

  if (span < WINDOW)
    return;
  w->steps_per_s = step > w->window_step ? (double) (step - w->window_step) / span : 0;
  w->samples_per_s = epoch > w->window_epoch ? (epoch - w->window_epoch) * chain_trainer_data (w->trainer)->n_train / span : 0;
  w->window_start = time;
  w->window_step = step;
  w->window_epoch = epoch;
}

static void
publish (ChainWorker *w, guint want)
{
  ChainSnapshot *s, *old;
  double start = now ();

  chain_trainer_set_idle (w->trainer, run_state (w) != CHAIN_RUN_RUNNING);
  s = chain_trainer_snapshot (w->trainer, want);
  s->state = run_state (w);
  s->seq = g_atomic_int_get (&w->applied);
  s->steps_per_s = w->steps_per_s;
  s->samples_per_s = w->samples_per_s;
  if (s->message == NULL)
    s->message = g_strdup (w->refused);
  old = g_atomic_pointer_exchange (&w->out, s);
  chain_snapshot_unref (old);
  w->next_picture = now () + MIN (PICTURES * (now () - start), LONGEST_WAIT);
}

static void
obey (ChainWorker *w, ChainCommand *c)
{
  GError *error = NULL;
  ChainCommandKind kind = c->kind;

  g_clear_pointer (&w->refused, g_free);
  if (kind == CHAIN_COMMAND_GOTO)
    set_playing (w, FALSE, 0);
  if (kind == CHAIN_COMMAND_GOTO && c->n > chain_trainer_step (w->trainer))
    set_playing (w, TRUE, c->n - chain_trainer_step (w->trainer));
  else if (kind == CHAIN_COMMAND_PLAY)
    set_playing (w, TRUE, 0);
  else if (kind == CHAIN_COMMAND_PAUSE)
    set_playing (w, FALSE, 0);
  else if (kind == CHAIN_COMMAND_STEPS)
    set_playing (w, c->n > 0, c->n);
  else if (kind == CHAIN_COMMAND_SPEED)
    {
      w->speed = c->value;
      start_measuring (w);
    }
  else if (kind != CHAIN_COMMAND_STOP)
    {
      if (!chain_trainer_apply (w->trainer, g_steal_pointer (&c), &error) && error != NULL)
        w->refused = g_strdup (error->message);
      g_clear_error (&error);
      start_measuring (w);
    }
  chain_command_free (c);
}

/* Takes everything out of the box under the lock, then works without it. */
static void
drain (ChainWorker *w)
{
  GArray *mail;

  pthread_mutex_lock (&w->lock);
  mail = w->box;
  w->box = g_array_new (FALSE, FALSE, sizeof (Mail));
  g_atomic_int_set (&w->attention, 0);
  pthread_mutex_unlock (&w->lock);
  for (guint i = 0; i < mail->len; i++)
    {
      Mail *m = &g_array_index (mail, Mail, i);

      if (m->command != NULL)
        {
          guint seq = m->command->seq;

          obey (w, m->command);
          w->next_picture = 0;
          post_state (w);
          g_atomic_int_set (&w->applied, seq);
          continue;
        }
      m->func (w->trainer, m->data);
      if (m->done == NULL)
        continue;
      pthread_mutex_lock (&w->lock);
      *m->done = TRUE;
      pthread_cond_broadcast (&w->finished);
      pthread_mutex_unlock (&w->lock);
    }
  g_array_unref (mail);
  post_state (w);
}

/* until: seconds on the monotonic clock; 0 = until somebody wakes it. A picture that is wanted ends the sleep only when it may be drawn. */
static void
sleep_until (ChainWorker *w, double until)
{
  struct timespec ts = { (time_t) until, (long) ((until - (double) (time_t) until) * 1e9) };

  pthread_mutex_lock (&w->lock);
  while (!g_atomic_int_get (&w->attention) && !g_atomic_int_get (&w->stop) && !g_atomic_int_get (&w->want))
    if (until <= 0)
      pthread_cond_wait (&w->wake, &w->lock);
    else if (pthread_cond_timedwait (&w->wake, &w->lock, &ts) != 0)
      break;
  pthread_mutex_unlock (&w->lock);
}

static gboolean
is_called (ChainWorker *w)
{
  return g_atomic_int_get (&w->attention) || g_atomic_int_get (&w->stop);
}

/* How many steps are due now; with a limit the thread sleeps until the first one is. */
static guint
steps_due (ChainWorker *w)
{
  double due, elapsed;

  if (!(w->speed > 0) || w->steps_left > 0)
    return CHUNK;
  elapsed = now () - w->pace_start;
  due = elapsed * w->speed - (double) w->pace_steps;
  if (due < 1)
    {
      sleep_until (w, w->pace_start + ((double) w->pace_steps + 1) / w->speed);
      return 0;
    }
  if (due > 1 + CATCH_UP * w->speed)
    {
      w->pace_start = now ();
      w->pace_steps = 0;
      due = 1 + CATCH_UP * w->speed;
      w->pace_start -= due / w->speed;
    }
  return due < CHUNK ? (guint) due : CHUNK;
}

static void
run_some (ChainWorker *w)
{
  guint n = steps_due (w);

  for (guint i = 0; i < n; i++)
    {
      if (!chain_trainer_iterate (w->trainer))
        {
          set_playing (w, FALSE, 0);
          break;
        }
      w->pace_steps++;
      if (w->steps_left > 0 && --w->steps_left == 0)
        {
          set_playing (w, FALSE, 0);
          break;
        }
      if (is_called (w) || g_atomic_int_get (&w->want))
        break;
    }
  measure (w);
  if (!w->playing)
    post_state (w);
}

static void *
work (void *data)
{
  ChainWorker *w = data;

  pthread_setname_np (pthread_self (), "trainer");
  setpriority (PRIO_PROCESS, (id_t) gettid (), 10);
  while (!g_atomic_int_get (&w->stop))
    {
      int want;

      if (g_atomic_int_get (&w->attention))
        drain (w);
      if (g_atomic_int_get (&w->want) && (!w->playing || w->speed > 0 || w->next_picture <= now ()))
        {
          want = g_atomic_int_and ((guint *) &w->want, 0);
          publish (w, (guint) want & ~(guint) WANTED);
        }
      if (w->playing)
        run_some (w);
      else
        sleep_until (w, 0);
    }
  return NULL;
}

static void
make_condition (pthread_cond_t *c)
{
  pthread_condattr_t a;

  pthread_condattr_init (&a);
  pthread_condattr_setclock (&a, CLOCK_MONOTONIC);
  pthread_cond_init (c, &a);
  pthread_condattr_destroy (&a);
}

ChainWorker *
chain_worker_new (ChainTrainer *trainer, ChainWorkerFunc on_state, gpointer data)
{
  ChainWorker *w = g_new0 (ChainWorker, 1);

  w->trainer = trainer;
  w->listener = g_new0 (Listener, 1);
  *w->listener = (Listener){ 1, on_state, data };
  w->box = g_array_new (FALSE, FALSE, sizeof (Mail));
  w->seen = (int) run_state (w);
  chain_trainer_set_cancel (trainer, &w->stop);
  pthread_mutex_init (&w->lock, NULL);
  make_condition (&w->wake);
  make_condition (&w->finished);
  if (pthread_create (&w->thread, NULL, work, w) != 0)
    g_error ("No thread could be started");
  return w;
}

static void
clear_box (ChainWorker *w)
{
  for (guint i = 0; i < w->box->len; i++)
    {
      Mail *m = &g_array_index (w->box, Mail, i);

      chain_command_free (m->command);
      if (m->dropped != NULL)
        m->dropped (m->data);
    }
  g_array_unref (w->box);
}

ChainTrainer *
chain_worker_stop (ChainWorker *w)
{
  ChainTrainer *t = w->trainer;

  pthread_mutex_lock (&w->lock);
  g_atomic_int_set (&w->stop, 1);
  pthread_cond_broadcast (&w->wake);
  pthread_mutex_unlock (&w->lock);
  pthread_join (w->thread, NULL);
  w->listener->func = NULL;
  listener_unref (w->listener);
  chain_snapshot_unref (g_atomic_pointer_exchange (&w->out, NULL));
  chain_trainer_set_cancel (t, NULL);
  clear_box (w);
  pthread_mutex_destroy (&w->lock);
  pthread_cond_destroy (&w->wake);
  pthread_cond_destroy (&w->finished);
  g_free (w->refused);
  g_free (w);
  return t;
}

static void
put (ChainWorker *w, const Mail *m)
{
  g_array_append_val (w->box, *m);
  g_atomic_int_set (&w->attention, 1);
  pthread_cond_signal (&w->wake);
}

guint
chain_worker_send (ChainWorker *w, ChainCommand *c)
{
  guint seq;

  pthread_mutex_lock (&w->lock);
  seq = ++w->seq;
  c->seq = seq;
  put (w, &(Mail){ .command = c });
  pthread_mutex_unlock (&w->lock);
  return seq;
}

void
chain_worker_want (ChainWorker *w, guint want)
{
  pthread_mutex_lock (&w->lock);
  g_atomic_int_or ((guint *) &w->want, want | WANTED);
  pthread_cond_signal (&w->wake);
  pthread_mutex_unlock (&w->lock);
}

ChainSnapshot *
chain_worker_take (ChainWorker *w)
{
  return g_atomic_pointer_exchange (&w->out, NULL);
}

ChainRunState
chain_worker_state (ChainWorker *w)
{
  return (ChainRunState) g_atomic_int_get (&w->seen);
}

guint
chain_worker_applied (ChainWorker *w)
{
  return g_atomic_int_get (&w->applied);
}

void
chain_worker_call (ChainWorker *w, void (*func) (ChainTrainer *t, gpointer data), gpointer data)
{
  gboolean done = FALSE;

  pthread_mutex_lock (&w->lock);
  put (w, &(Mail){ .func = func, .data = data, .done = &done });
  while (!done)
    pthread_cond_wait (&w->finished, &w->lock);
  pthread_mutex_unlock (&w->lock);
}

void
chain_worker_post (ChainWorker *w, void (*func) (ChainTrainer *t, gpointer data), GDestroyNotify dropped, gpointer data)
{
  pthread_mutex_lock (&w->lock);
  put (w, &(Mail){ .func = func, .dropped = dropped, .data = data });
  pthread_mutex_unlock (&w->lock);
}
