/* SPDX-License-Identifier: Apache-2.0 */
/* When the journal is written. A change is written 3 s after the last one, but no later than 9 s after the first, so that with the write itself
 * a crash costs at most 10 s of edits; while training runs a checkpoint is written every 25 s, so that it costs at most 30 s (RELIABILITY P2).
 * One write is under way at a time; what falls due meanwhile follows it. A write that fails turns the mark "autosave is off" on and is tried
 * again with the next change; nothing else stops (A21).
 *
 * An edit writes the weights too, since it may have changed them, unless the network is so large that this takes more than a second: then they
 * wait for the next checkpoint, and what comes back is the checkpoint with the edit applied to it. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/session/autosave.h"
#include "app/session/session-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <unistd.h>

#define EVERYTHING (CHAIN_AUTOSAVE_SPEC | CHAIN_AUTOSAVE_SLOT | CHAIN_AUTOSAVE_LOG)
#define DEAR G_USEC_PER_SEC   /* a slot that takes longer is not written with every edit */

static struct { guint settle, latest, weights, log; } times = { 3000, 9000, 25000, 5000 };

struct _ChainAutosave
{
  char             *root;
  ChainJournal     *journal;        /* NULL until something has to be said in it */
  ChainAutosaveJob *job;            /* under way; NULL */
  guint             again;          /* what fell due meanwhile */
  guint             settle_id, weights_id, log_id;
  gint64            first_change;   /* not yet written; 0 = none */
  gint64            slot_time, slot_took;
  gboolean          has_parts;      /* something may have been written into the journal since it was last empty */
  gboolean          whole;          /* all that this document needs is in it: parts may be written alone */
  gboolean          goes_on;        /* the next document is the same one, with its data found */
  gboolean          read_only;
  gboolean          leaving;        /* the window is gone: at the end the journal stays if there is unsaved work in it */
  char             *claimed;        /* the path that was asked for; NULL */
  char             *saving_path;    /* a save under this name is on its way; NULL */
  char             *error;
};

void
chain_session_autosave_times (guint settle, guint latest, guint weights, guint log)
{
  times.settle = settle;
  times.latest = latest;
  times.weights = weights;
  times.log = log;
}

static void
set_error (ChainSession *s, const char *text)
{
  ChainAutosave *a = s->autosave;

  if (g_strcmp0 (a->error, text) == 0)
    return;
  chain_set_str (&a->error, text);
  _chain_session_changed (s);
}

static gboolean
ensure_journal (ChainSession *s)
{
  ChainAutosave *a = s->autosave;
  g_autoptr (GError) error = NULL;

  if (a->journal != NULL)
    return TRUE;
  a->journal = chain_journal_new (a->root, &error);
  if (a->journal == NULL)
    set_error (s, error->message);
  return a->journal != NULL;
}

/* --- one write --- */
static void begin (ChainSession *s, guint what);

static void
done_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  ChainSession *s = CHAIN_SESSION (object);
  ChainAutosave *a = s->autosave;
  ChainAutosaveJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean ok = g_task_propagate_boolean (G_TASK (result), &error);
  guint again;

  if (a == NULL || a->job != job)
    return;                   /* of a document that is not open any more */
  a->job = NULL;
  if (ok && (job->what & CHAIN_AUTOSAVE_CLEAR) != 0)
    a->has_parts = FALSE;
  if (ok && job->what == EVERYTHING && !job->before)
    a->whole = TRUE;
  if (ok && (job->what & CHAIN_AUTOSAVE_SLOT) != 0)
    {
      a->slot_time = g_get_monotonic_time ();
      a->slot_took = job->took;
    }
  if (ok || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    set_error (s, ok ? NULL : error->message);
  again = a->again;
  a->again = 0;
  if (again != 0)
    begin (s, again);
}

static void
write_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (_chain_autosave_job_write (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
write_elsewhere (GTask *task)
{
  g_task_run_in_thread (task, write_thread);
  g_object_unref (task);
}

/* Worker's thread. */
static void
filled (ChainTrainer *t, gpointer data)
{
  _chain_autosave_job_fill (t, g_task_get_task_data (data));
  write_elsewhere (data);
}

/* The trainer was replaced before it got to it. */
static void
dropped (gpointer data)
{
  g_task_return_new_error (data, G_IO_ERROR, G_IO_ERROR_CANCELLED, "-");
  g_object_unref (data);
}

static gboolean
keeps_table (const ChainSession *s, const ChainSpec *spec)
{
  return (spec->data.source == CHAIN_SOURCE_FILE || spec->data.source == CHAIN_SOURCE_EMBEDDED) && !_chain_session_is_missing (s)
         && _chain_session_table_bytes (s->table) <= CHAIN_LIMIT_EMBED_BYTES;
}

static ChainAutosaveJob *
new_job (ChainSession *s, guint what)
{
  ChainAutosaveJob *job = g_new0 (ChainAutosaveJob, 1);
  ChainDocument *d = s->document;
  const ChainFileStamp *stamp = chain_document_stamp (d);
  const ChainSnapshot *shown = s->snapshot;

  job->journal = chain_journal_ref (s->autosave->journal);
  job->what = what;
  job->title = chain_document_name (d);
  job->path = g_strdup (chain_document_path (d));
  if (stamp != NULL)
    job->stamp = *stamp;
  job->doc_spec = chain_spec_ref (chain_document_spec (d));
  job->table = keeps_table (s, job->doc_spec) ? chain_table_ref (s->table) : NULL;
  job->unfitted = !_chain_session_prep_is_own (s);
  if (_chain_session_is_missing (s))
    job->run = g_strdup (s->missing->run);      /* as it was read: nothing is trained without data */
  job->train = shown->has_metrics ? shown->train.loss : NAN;
  job->test = shown->has_metrics ? shown->test.loss : NAN;
  job->score = shown->has_metrics ? (shown->data->prep->classify ? shown->train.accuracy : shown->train.r2) : NAN;
  job->spec_seq = chain_journal_next (job->journal);
  return job;
}

static void
begin (ChainSession *s, guint what)
{
  ChainAutosave *a = s->autosave;
  GTask *task;

  if (a->job != NULL)
    {
      a->again |= what;
      return;
    }
  what = chain_document_is_dirty (s->document) ? what & ~(guint) CHAIN_AUTOSAVE_CLEAR : CHAIN_AUTOSAVE_CLEAR;
  if (what == 0 || (what == CHAIN_AUTOSAVE_CLEAR && !a->has_parts) || !ensure_journal (s))
    return;
  if (!a->whole && what != CHAIN_AUTOSAVE_CLEAR)
    what = EVERYTHING;
  a->has_parts = TRUE;                /* also where the write fails half way */
  if (what == CHAIN_AUTOSAVE_CLEAR)
    a->whole = FALSE;
  a->job = new_job (s, what);
  task = _chain_session_task (s, NULL, done_cb, NULL);
  g_task_set_task_data (task, a->job, _chain_autosave_job_free);
  if (what == CHAIN_AUTOSAVE_CLEAR)
    write_elsewhere (task);
  else
    chain_worker_post (s->worker, filled, dropped, task);
}

/* --- when --- */
static gboolean
settle_cb (gpointer data)
{
  ChainSession *s = data;
  ChainAutosave *a = s->autosave;
  gboolean dear = a->slot_took > DEAR && g_get_monotonic_time () - a->slot_time < (gint64) times.weights * 1000;

  a->settle_id = 0;
  a->first_change = 0;
  begin (s, dear ? EVERYTHING & ~(guint) CHAIN_AUTOSAVE_SLOT : EVERYTHING);
  return G_SOURCE_REMOVE;
}

static void
plan (ChainSession *s)
{
  ChainAutosave *a = s->autosave;
  gint64 now = g_get_monotonic_time () / 1000, due;

  if (a->first_change == 0)
    a->first_change = now;
  due = MIN (now + times.settle, a->first_change + times.latest);
  g_clear_handle_id (&a->settle_id, g_source_remove);
  a->settle_id = g_timeout_add ((guint) MAX (due - now, 0), settle_cb, s);
}

/* Ends by itself after a last checkpoint once nothing moves any more. */
static gboolean
weights_cb (gpointer data)
{
  ChainSession *s = data;

  begin (s, CHAIN_AUTOSAVE_SLOT | CHAIN_AUTOSAVE_LOG);
  if (s->playing)
    return G_SOURCE_CONTINUE;
  s->autosave->weights_id = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
log_cb (gpointer data)
{
  ChainSession *s = data;

  if (s->playing)
    {
      begin (s, CHAIN_AUTOSAVE_LOG);
      return G_SOURCE_CONTINUE;
    }
  s->autosave->log_id = 0;
  return G_SOURCE_REMOVE;
}

static void
watch_training (ChainSession *s)
{
  ChainAutosave *a = s->autosave;

  if (!s->playing)
    return;
  if (a->weights_id == 0)
    a->weights_id = g_timeout_add (times.weights, weights_cb, s);
  if (a->log_id == 0)
    a->log_id = g_timeout_add (times.log, log_cb, s);
}

/* --- the file that is open --- */
static void
claim (ChainSession *s, const char *path)
{
  ChainAutosave *a = s->autosave;
  g_autoptr (GError) error = NULL;
  gboolean elsewhere = FALSE, was = a->read_only;

  chain_set_str (&a->claimed, path);
  if ((path != NULL || a->journal != NULL) && ensure_journal (s) && !chain_journal_claim (a->journal, path, &elsewhere, &error))
    set_error (s, error->message);
  a->read_only = elsewhere;
  if (was != elsewhere)
    _chain_session_changed (s);
}

gboolean
_chain_autosave_claim (ChainSession *s, const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);

  if (s->autosave == NULL)
    return TRUE;
  if (g_strcmp0 (path, s->autosave->claimed) != 0 || s->autosave->read_only)
    claim (s, path);
  if (!s->autosave->read_only)
    {
      chain_set_str (&s->autosave->saving_path, path);
      return TRUE;
    }
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("“%s” is also open in another window; save under another name"), name);
  claim (s, chain_document_path (s->document));
  return FALSE;
}

void
_chain_autosave_saved (ChainSession *s, const char *path)
{
  if (s->autosave != NULL && g_strcmp0 (s->autosave->saving_path, path) == 0)
    g_clear_pointer (&s->autosave->saving_path, g_free);
}

void
chain_session_claim_again (ChainSession *s)
{
  if (s->autosave != NULL && s->autosave->read_only)
    claim (s, chain_document_path (s->document));
}

gboolean
chain_session_is_read_only (ChainSession *s)
{
  return s->autosave != NULL && s->autosave->read_only;
}

void
_chain_autosave_changed (ChainSession *s)
{
  ChainAutosave *a = s->autosave;
  const char *path;

  if (a == NULL || s->worker == NULL)
    return;
  path = a->saving_path != NULL ? a->saving_path : chain_document_path (s->document);
  if (g_strcmp0 (a->claimed, path) != 0)
    claim (s, path);
  if (chain_document_is_dirty (s->document))
    plan (s);
  else if (a->has_parts || a->job != NULL)
    begin (s, CHAIN_AUTOSAVE_CLEAR);          /* saved, or undone to what is saved */
  watch_training (s);
}

/* --- beginning and end --- */
static void
forget (ChainAutosave *a)
{
  g_clear_handle_id (&a->settle_id, g_source_remove);
  g_clear_handle_id (&a->weights_id, g_source_remove);
  g_clear_handle_id (&a->log_id, g_source_remove);
  g_clear_pointer (&a->claimed, g_free);
  g_clear_pointer (&a->saving_path, g_free);
  a->job = NULL;              /* its task owns it */
  a->again = 0;
  a->first_change = a->slot_time = a->slot_took = 0;
  a->has_parts = a->whole = a->read_only = FALSE;
}

static void
discard (ChainAutosave *a)
{
  forget (a);
  if (a->journal != NULL)
    chain_journal_discard (a->journal);
  g_clear_pointer (&a->journal, chain_journal_unref);
}

/* A folder that cannot be made is told at once, not with the first edit. */
static void
probe (ChainSession *s)
{
  ChainAutosave *a = s->autosave;
  g_autofree char *shown = g_filename_display_name (a->root), *text = NULL;

  if (g_mkdir_with_parents (a->root, 0700) == 0 && g_access (a->root, W_OK | X_OK) == 0)
    return;
  text = g_strdup_printf (_("%s cannot be written to: %s"), shown, g_strerror (errno));
  set_error (s, text);
}

void
chain_session_keep_journal (ChainSession *s, const char *root)
{
  if (s->autosave != NULL)
    return;
  s->autosave = g_new0 (ChainAutosave, 1);
  s->autosave->root = root != NULL ? g_strdup (root) : chain_journal_root ();
  probe (s);
  _chain_autosave_changed (s);
}

void
chain_session_leave_journal (ChainSession *s)
{
  ChainAutosave *a = s->autosave;

  if (a == NULL)
    return;
  a->leaving = TRUE;
  if (!a->whole || a->job != NULL || a->settle_id != 0 || a->weights_id != 0)
    begin (s, EVERYTHING);          /* its task holds the session until it is written */
  g_clear_handle_id (&a->settle_id, g_source_remove);
  g_clear_handle_id (&a->weights_id, g_source_remove);
  g_clear_handle_id (&a->log_id, g_source_remove);
}

void
chain_session_drop_journal (ChainSession *s)
{
  if (s->autosave != NULL && !s->autosave->leaving)
    _chain_autosave_free (s);
}

void
_chain_autosave_free (ChainSession *s)
{
  ChainAutosave *a = g_steal_pointer (&s->autosave);

  if (a == NULL)
    return;
  if (a->leaving && chain_document_is_dirty (s->document))
    {
      forget (a);
      g_clear_pointer (&a->journal, chain_journal_unref);
    }
  else
    discard (a);
  g_free (a->root);
  g_free (a->error);
  g_free (a);
}

/* Where the document goes on, its journal stays until the first write replaces what is in it; a write that is under way is waited for. */
void
_chain_autosave_restart (ChainSession *s)
{
  ChainAutosave *a = s->autosave;

  if (a == NULL)
    return;
  if (!a->goes_on)
    {
      discard (a);
      return;
    }
  a->whole = FALSE;
  if (a->job != NULL)
    a->job->before = TRUE;
}

void
_chain_autosave_goes_on (ChainSession *s, gboolean goes_on)
{
  if (s->autosave != NULL)
    s->autosave->goes_on = goes_on;
}

void
_chain_autosave_adopt (ChainSession *s, ChainJournal *journal)
{
  ChainAutosave *a = s->autosave;
  g_autoptr (GError) error = NULL;

  if (a == NULL)
    return;
  if (a->journal != journal)
    discard (a);
  a->journal = chain_journal_ref (journal);
  a->has_parts = a->whole = TRUE;
  if (!chain_journal_adopt (journal, &error))
    set_error (s, error->message);
  _chain_autosave_changed (s);
  _chain_session_changed (s);       /* until now the path was held by this very journal, as by another window */
}

const char *
_chain_autosave_root (ChainSession *s)
{
  return s->autosave != NULL ? s->autosave->root : NULL;
}

const char *
chain_session_autosave_error (ChainSession *s)
{
  return s->autosave != NULL ? s->autosave->error : NULL;
}

gboolean
chain_session_autosave_is_settled (ChainSession *s)
{
  return s->autosave == NULL || (s->autosave->job == NULL && s->autosave->settle_id == 0 && s->autosave->again == 0);
}
