/* SPDX-License-Identifier: Apache-2.0 */
/* A thread for each order, joined by the main thread, which alone frees what the order holds: no thread ever drops the last reference to a model, and
 * none outlives its maker. The thread of a cancelled order goes on until its next look at `cancel`; meanwhile it stands in the list of threads. */
#include "app/picture/step-maker.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#define MOST 300u             /* cells of which a picture could show every number */
#define READABLE (7 / 10.5)   /* scale at which its smallest text is 7 px */
#define USUAL_W 766.0
#define USUAL_H 630.0
#define PATIENCE_NS 15000000  /* of who asks: some hundred cells are ready by then, and the window loses one frame at most */

typedef struct
{
  ChainStepMaker *maker;
  pthread_t       thread;
  gboolean        threaded;   /* FALSE: none could be started, it was made in place */
  pthread_mutex_t lock;
  pthread_cond_t  changed;
  gboolean        over;       /* under lock, as source */
  guint           source;     /* calls the main thread */
  int             cancel;     /* atomic, as cells */
  int             cells;
  ChainTrace     *trace;
  ChainDetail     detail;
  gboolean        chosen;
  char           *opened, *watched;
  ChainStepView  *before;
  ChainTheme      theme;
  double          width, height;
  ChainDiagram   *diagram;    /* made; NULL if cancelled */
  ChainStepView  *view;
} Job;

struct _ChainStepMaker
{
  ChainStepMade made;
  gpointer      data;
  Job          *wanted;       /* NULL: nothing */
  GPtrArray    *jobs;         /* all that have a thread */
};

static gboolean
is_cancelled (Job *j)
{
  return g_atomic_int_get (&j->cancel) != 0;
}

static void
take_diagram (Job *j)
{
  chain_step_view_unref (j->view);
  chain_diagram_unref (j->diagram);
  j->diagram = chain_diagram_new (j->trace, j->detail, j->opened, j->watched);
  j->view = chain_step_view_new (j->trace, j->diagram, j->before);
}

/* Its places are found, if it can be asked at all. */
static gboolean
is_too_much (Job *j)
{
  double scale;

  if (j->diagram->note != NULL || j->diagram->cells->len > MOST)
    return TRUE;
  if (!chain_step_view_prepare (j->view, &j->cancel) || !chain_step_view_map (j->view, &j->theme, j->width, j->height, NULL, &scale))
    return FALSE;
  return scale / j->theme.scale < READABLE;
}

/* What a smaller network is shown in full, a larger one is shown in units, then in layers, unless somebody asked for it (DESIGN 2.3). */
static void
make_diagram (Job *j)
{
  take_diagram (j);
  while (!j->chosen && j->detail < CHAIN_DETAIL_LAYERS && !is_cancelled (j) && is_too_much (j))
    {
      j->detail++;
      take_diagram (j);
    }
  g_atomic_int_set (&j->cells, (int) j->diagram->cells->len);
}

static gboolean done_cb (gpointer data);

static void *
job_run (void *data)
{
  Job *j = data;

  if (!is_cancelled (j))
    make_diagram (j);
  if (!is_cancelled (j))
    chain_step_view_prepare (j->view, &j->cancel);
  pthread_mutex_lock (&j->lock);
  j->over = TRUE;
  j->source = g_idle_add_full (G_PRIORITY_DEFAULT, done_cb, j, NULL);
  pthread_cond_signal (&j->changed);
  pthread_mutex_unlock (&j->lock);
  return NULL;
}

/* Waits for its thread. */
static void
job_free (gpointer data)
{
  Job *j = data;

  if (j->threaded)
    pthread_join (j->thread, NULL);
  if (j->source != 0)
    g_source_remove (j->source);
  pthread_mutex_destroy (&j->lock);
  pthread_cond_destroy (&j->changed);
  chain_step_view_unref (j->view);
  chain_diagram_unref (j->diagram);
  chain_step_view_unref (j->before);
  chain_trace_unref (j->trace);
  g_free (j->opened);
  g_free (j->watched);
  g_free (j);
}

/* Its thread has said that it is over. */
static void
deliver (Job *j)
{
  ChainStepMaker *m = j->maker;
  gboolean wanted = m->wanted == j;
  guint at;

  if (wanted)
    m->wanted = NULL;
  if (g_ptr_array_find (m->jobs, j, &at))
    g_ptr_array_steal_index_fast (m->jobs, at);
  if (wanted)      /* may ask again */
    m->made (j->diagram, j->view, j->detail, m->data);
  job_free (j);
}

static gboolean
done_cb (gpointer data)
{
  Job *j = data;

  pthread_mutex_lock (&j->lock);
  j->source = 0;
  pthread_mutex_unlock (&j->lock);
  deliver (j);
  return G_SOURCE_REMOVE;
}

ChainStepMaker *
chain_step_maker_new (ChainStepMade made, gpointer data)
{
  ChainStepMaker *m = g_new0 (ChainStepMaker, 1);

  m->made = made;
  m->data = data;
  m->jobs = g_ptr_array_new_with_free_func (job_free);
  return m;
}

void
chain_step_maker_drop (ChainStepMaker *m)
{
  if (m->wanted != NULL)
    g_atomic_int_set (&m->wanted->cancel, 1);
  m->wanted = NULL;
}

void
chain_step_maker_free (ChainStepMaker *m)
{
  chain_step_maker_drop (m);
  g_ptr_array_unref (m->jobs);
  g_free (m);
}

static gboolean
soon_over (Job *j)
{
  struct timespec until;
  gboolean over;

  clock_gettime (CLOCK_REALTIME, &until);
  until.tv_nsec += PATIENCE_NS;
  if (until.tv_nsec >= 1000000000)
    {
      until.tv_nsec -= 1000000000;
      until.tv_sec++;
    }
  pthread_mutex_lock (&j->lock);
  while (!j->over && pthread_cond_timedwait (&j->changed, &j->lock, &until) != ETIMEDOUT)
    continue;
  over = j->over;
  pthread_mutex_unlock (&j->lock);
  return over;
}

gboolean
chain_step_maker_ask (ChainStepMaker *m, const ChainStepOrder *order)
{
  Job *j = g_new0 (Job, 1);

  chain_step_maker_drop (m);
  j->maker = m;
  j->trace = chain_trace_ref (order->trace);
  j->detail = order->detail;
  j->chosen = order->chosen;
  j->opened = g_strdup (order->opened);
  j->watched = g_strdup (order->watched);
  j->width = order->width > 1 ? order->width : USUAL_W;
  j->height = order->height > 1 ? order->height : USUAL_H;
  if (order->theme != NULL)
    j->theme = *order->theme;
  else
    chain_theme_init (&j->theme, "light");
  j->before = order->before != NULL ? chain_step_view_ref (order->before) : NULL;
  pthread_mutex_init (&j->lock, NULL);
  pthread_cond_init (&j->changed, NULL);
  m->wanted = j;
  g_ptr_array_add (m->jobs, j);
  j->threaded = pthread_create (&j->thread, NULL, job_run, j) == 0;
  if (!j->threaded)
    job_run (j);
  if (!soon_over (j))
    return FALSE;
  deliver (j);
  return TRUE;
}

gboolean
chain_step_maker_busy (ChainStepMaker *m)
{
  return m->wanted != NULL;
}

guint
chain_step_maker_cells (ChainStepMaker *m)
{
  return m->wanted != NULL ? (guint) g_atomic_int_get (&m->wanted->cells) : 0;
}
