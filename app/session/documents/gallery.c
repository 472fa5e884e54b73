/* SPDX-License-Identifier: Apache-2.0 */
/* One thread goes through the examples twice: first a picture of each as it begins, so that the cards are filled at once, then each is trained to
 * its own end and says some times on the way how far it is. A big one is cut after LONGEST: a card is a taste, not the meal. What the thread
 * reports goes through the main loop, to the gallery that is open then. */
#include "config.h"

#include "app/session/documents/gallery.h"

#include <sys/resource.h>
#include <unistd.h>

#include "app/io/data-load.h"
#include "app/io/document.h"
#include "app/io/spec-io.h"
#include "app/picture/views.h"
#include "app/train/trainer.h"

#define LONGEST (1500 * G_TIME_SPAN_MILLISECOND)
#define BETWEEN (120 * G_TIME_SPAN_MILLISECOND)   /* two pictures of the same card */

typedef struct { ChainSnapshot *snapshot; gboolean done; } Kept;

typedef struct { int refs, cancelled; } Run;     /* shared with the thread */

struct _ChainGallery
{
  ChainGalleryFunc func;
  gpointer         data;
  Run             *run;
  guint            first;       /* source that tells what is known already; 0 */
};

typedef struct { Run *run; guint at; ChainSnapshot *snapshot; gboolean done; } Report;

static Kept *kept;              /* main thread */
static ChainGallery *shown;     /* the one that is told */

static void
run_unref (Run *r)
{
  if (g_atomic_int_dec_and_test (&r->refs))
    g_free (r);
}

static Kept *
kept_at (guint i)
{
  if (kept == NULL)
    kept = g_new0 (Kept, chain_examples ()->len);
  return &kept[i];
}

/* --- main thread --- */
static gboolean
report_cb (gpointer data)
{
  Report *r = data;
  Kept *k = kept_at (r->at);

  if (!k->done)
    {
      g_clear_pointer (&k->snapshot, chain_snapshot_unref);
      k->snapshot = chain_snapshot_ref (r->snapshot);
      k->done = r->done;
    }
  if (shown != NULL && shown->run == r->run)
    shown->func (r->at, k->snapshot, shown->data);
  return G_SOURCE_REMOVE;
}

static void
report_free (gpointer data)
{
  Report *r = data;

  chain_snapshot_unref (r->snapshot);
  run_unref (r->run);
  g_free (r);
}

/* --- the thread --- */
typedef struct { guint at; char *path, *view; gboolean begun; ChainTrainer *trainer; } Task;

typedef struct { Run *run; GPtrArray *tasks; } Job;

static void
task_free (gpointer p)
{
  Task *t = p;

  g_free (t->path);
  g_free (t->view);
  chain_trainer_free (t->trainer);
  g_free (t);
}

static gboolean
is_cancelled (const Job *job)
{
  return g_atomic_int_get (&job->run->cancelled) != 0;
}

static void
tell (const Job *job, Task *t, gboolean done)
{
  Report *r = g_new (Report, 1);
  const ChainView *view;

  /* which view suits can depend on what the network predicts, so all that the candidates want is asked for */
  view = t->view != NULL ? chain_view_by_id (t->view) : NULL;
  *r = (Report){ job->run, t->at, chain_trainer_snapshot (t->trainer, CHAIN_WANT_METRICS | (view != NULL ? view->want : CHAIN_WANT_FIELD | CHAIN_WANT_PARAMS | CHAIN_WANT_STATS | CHAIN_WANT_PREDICTIONS)), done };
  g_atomic_int_inc (&job->run->refs);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, report_cb, r, report_free);
}

/* NULL: this one has no picture. */
static ChainTrainer *
load (const char *path)
{
  g_autoptr (ChainDocumentFile) file = g_str_has_suffix (path, ".chainrule") ? chain_document_file_load (path, NULL, NULL) : NULL;
  ChainSpec *spec = file != NULL ? (file->spec != NULL ? chain_spec_ref (file->spec) : NULL) : chain_spec_load (path, NULL, NULL);
  g_autoptr (ChainTable) table = file != NULL && file->data != NULL ? chain_table_ref (file->data)
                                 : spec != NULL ? chain_data_load (&chain_spec_seal (spec)->data, NULL, NULL, NULL) : NULL;
  g_autoptr (ChainDataset) data = table != NULL ? chain_dataset_new (spec, table, file != NULL ? file->prep : NULL, NULL) : NULL;
  ChainTrainer *t = data != NULL ? chain_trainer_new (spec, data, NULL) : NULL;

  if (t != NULL && file != NULL && file->tensors->len > 0)
    chain_trainer_load_tensors (t, file->tensors, FALSE, NULL, NULL);
  g_clear_pointer (&spec, chain_spec_unref);
  return t;
}

static void
train (const Job *job, Task *t)
{
  gint64 began = g_get_monotonic_time (), told = began, now = began;

  while (!is_cancelled (job) && now - began < LONGEST && chain_trainer_iterate (t->trainer))
    {
      now = g_get_monotonic_time ();
      if (now - told < BETWEEN)
        continue;
      tell (job, t, FALSE);
      told = now;
    }
  if (!is_cancelled (job))
    tell (job, t, TRUE);
  g_clear_pointer (&t->trainer, chain_trainer_free);
}

static void
job_free (Job *job)
{
  g_ptr_array_unref (job->tasks);
  run_unref (job->run);
  g_free (job);
}

static gpointer
gallery_thread (gpointer data)
{
  Job *job = data;

  setpriority (PRIO_PROCESS, (id_t) gettid (), 10);
  for (guint i = 0; i < job->tasks->len && !is_cancelled (job); i++)
    {
      Task *t = g_ptr_array_index (job->tasks, i);

      t->trainer = load (t->path);
      if (t->trainer != NULL && !t->begun)
        tell (job, t, FALSE);
    }
  for (guint i = 0; i < job->tasks->len && !is_cancelled (job); i++)
    if (((Task *) g_ptr_array_index (job->tasks, i))->trainer != NULL)
      train (job, g_ptr_array_index (job->tasks, i));
  job_free (job);
  return NULL;
}

/* --- main thread --- */
static gboolean
first_cb (gpointer data)
{
  ChainGallery *g = data;

  g->first = 0;
  for (guint i = 0; i < chain_examples ()->len && shown == g; i++)
    if (kept_at (i)->snapshot != NULL)
      g->func (i, kept_at (i)->snapshot, g->data);
  return G_SOURCE_REMOVE;
}

ChainGallery *
chain_gallery_start (ChainGalleryFunc func, gpointer data)
{
  ChainGallery *g = g_new0 (ChainGallery, 1);
  Job *job = g_new0 (Job, 1);

  *g = (ChainGallery){ func, data, g_new0 (Run, 1), g_idle_add (first_cb, g) };
  g->run->refs = 2;
  job->run = g->run;
  job->tasks = g_ptr_array_new_with_free_func (task_free);
  for (guint i = 0; i < chain_examples ()->len; i++)
    {
      const ChainExample *e = g_ptr_array_index (chain_examples (), i);
      Task *t;

      if (kept_at (i)->done)
        continue;
      t = g_new (Task, 1);
      *t = (Task){ i, g_strdup (e->path), e->row != NULL ? g_strdup (e->row->view) : NULL, kept_at (i)->snapshot != NULL, NULL };
      g_ptr_array_add (job->tasks, t);
    }
  shown = g;
  g_thread_unref (g_thread_new ("gallery", gallery_thread, job));
  return g;
}

void
chain_gallery_stop (ChainGallery *g)
{
  g_atomic_int_set (&g->run->cancelled, 1);
  g_clear_handle_id (&g->first, g_source_remove);
  if (shown == g)
    shown = NULL;
  run_unref (g->run);
  g_free (g);
}

gboolean
chain_gallery_is_done (void)
{
  for (guint i = 0; i < chain_examples ()->len; i++)
    if (!kept_at (i)->done)
      return FALSE;
  return TRUE;
}

const char *
chain_gallery_view (const ChainExample *e, const ChainSnapshot *snapshot)
{
  return e->row != NULL && e->row->view != NULL ? e->row->view : chain_view_for_result (snapshot);
}
