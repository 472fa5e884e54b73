/* SPDX-License-Identifier: Apache-2.0 */
/* Documents on disk. Opening builds everything first and replaces the present document only when nothing can fail any more; saving takes weights
 * and run record in one call on the worker's thread, so that they belong to the same step. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/session/autosave.h"
#include "app/session/session-private.h"

#include <string.h>

static gboolean
is_data_file (const char *path)
{
  static const char *const ends[] = { ".csv", ".tsv", ".txt", ".gz", ".idx", "-ubyte", ".npy", ".npz", ".data" };
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_has_suffix (lower, ends[i]))
      return TRUE;
  return FALSE;
}

static ChainTable *
embedded_table (ChainSession *s, const ChainDocumentFile *file, const ChainSpec *spec, const char *folder, ChainDataset **data, GError **error)
{
  ChainTable *table = NULL;

  if (file->data == NULL && file->prep == NULL)
    return _chain_session_find_data (s, spec, folder, &table, data, error) ? table : NULL;
  if (file->data != NULL)
    table = chain_table_ref (file->data);
  else if (_chain_session_find_data (s, spec, folder, &table, data, error))
    g_clear_pointer (data, chain_dataset_unref);
  *data = table == NULL ? NULL : chain_dataset_new (spec, table, file->prep, error);
  if (*data == NULL)
    g_clear_pointer (&table, chain_table_unref);
  return table;
}

typedef struct { GPtrArray *tensors; GPtrArray *extra; GError *error; gboolean ok; } Load;

static void
load_plain (ChainTrainer *t, gpointer data)
{
  Load *l = data;

  l->ok = chain_trainer_load_tensors (t, l->tensors, FALSE, &l->extra, &l->error);
}

/* A file of weights alone goes into the present network. */
static gboolean
open_weights (ChainSession *s, const ChainDocumentFile *file, GError **error)
{
  Load l = { .tensors = file->tensors };

  chain_worker_call (s->worker, load_plain, &l);
  if (!l.ok)
    {
      g_propagate_error (error, l.error);
      return FALSE;
    }
  if (l.extra != NULL && l.extra->len > 0)
    {
      g_autofree char *text = g_strdup_printf (ngettext ("%u tensor of the file has no place in this network, the first is %s",
                                                         "%u tensors of the file have no place in this network, the first is %s", l.extra->len),
                                               l.extra->len, (const char *) g_ptr_array_index (l.extra, 0));

      _chain_session_message (s, text, NULL, NULL);
    }
  g_clear_pointer (&l.extra, g_ptr_array_unref);
  s->own_numbers = TRUE;
  chain_document_touch (s->document);
  s->stale = TRUE;
  return TRUE;
}

/* A document that was saved before its first step has the draw in it as numbers: those are nobody's own. */
gboolean
_chain_session_same_numbers (ChainTrainer *t, const GPtrArray *drawn)
{
  g_autoptr (GPtrArray) now = chain_trainer_save_tensors (t, FALSE);

  for (guint i = 0; i < now->len && i < drawn->len; i++)
    {
      const ChainTensor *a = ((const ChainNamedTensor *) g_ptr_array_index (now, i))->tensor, *b = ((const ChainNamedTensor *) g_ptr_array_index (drawn, i))->tensor;

      for (gsize k = 0; k < chain_tensor_size (a); k++)
        if (chain_tensor_get (a, k) != chain_tensor_get (b, k))
          return FALSE;
    }
  return TRUE;
}

static void
tell_warnings (ChainSession *s, const ChainDocumentFile *file, const ChainTable *table, const ChainDataset *data)
{
  const char *said = file->spec->data.sha256;

  if (file->warnings->len > 0)
    _chain_session_message (s, g_ptr_array_index (file->warnings, 0), NULL, NULL);
  else if (said != NULL && table->sha256 != NULL && g_strcmp0 (said, table->sha256) != 0)
    _chain_session_message (s, _("The data file has changed since this document was made: its checksum is another"), NULL, NULL);
  else if (data->warnings->len > 0)
    _chain_session_message (s, g_ptr_array_index (data->warnings, 0), NULL, NULL);
}

/* Opening never fails for the data's sake: rows stand in for them where they are not to be had. */
static ChainTable *
stand_in (const ChainDocumentFile *file, const GError *why, ChainDataset **data, ChainSessionMissing **missing)
{
  ChainTable *table;

  if (file->spec->data.source != CHAIN_SOURCE_FILE)
    return NULL;
  table = _chain_session_stand_in (file->spec, file->prep);
  *data = chain_dataset_new (file->spec, table, file->prep, NULL);
  if (*data == NULL)
    {
      chain_table_unref (table);
      return NULL;
    }
  *missing = g_new0 (ChainSessionMissing, 1);
  **missing = (ChainSessionMissing){ chain_table_ref (table), chain_dataset_ref (*data), g_strdup (why->message), g_strdup (file->run_json), file->prep != NULL };
  return table;
}

gboolean
_chain_session_open_parts (ChainSession *s, const ChainDocumentFile *file, const char *folder, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (ChainDataset) data = NULL;
  ChainSessionMissing *missing = NULL;
  g_autoptr (ChainTable) table = NULL;
  gboolean has_run;

  s->opening = TRUE;
  table = embedded_table (s, file, file->spec, folder, &data, &local);
  s->opening = FALSE;
  if (table == NULL)
    table = stand_in (file, local, &data, &missing);
  if (table == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  has_run = file->tensors->len > 0 && missing == NULL;
  if (!_chain_session_start (s, file->spec, table, data, file->tensors, has_run ? file->run_json : NULL, missing, missing != NULL ? NULL : error))
    {
      if (missing != NULL)      /* what a person can do something about */
        g_propagate_error (error, g_steal_pointer (&local));
      _chain_session_missing_free (missing);
      return FALSE;
    }
  if (missing == NULL)
    tell_warnings (s, file, table, data);
  return TRUE;
}

static gboolean
open_file (ChainSession *s, const char *path, const ChainDocumentFile *file, const ChainFileStamp *stamp, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (!_chain_session_open_parts (s, file, folder, error))
    return FALSE;
  chain_document_set_saved (s->document, path, stamp, FALSE);
  return TRUE;
}

gboolean
chain_session_open (ChainSession *s, const char *path, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autoptr (ChainDocumentFile) file = NULL;
  ChainFileStamp stamp;

  if (is_data_file (absolute))
    return chain_session_import (s, absolute, error);
  file = chain_document_file_load (absolute, &stamp, error);
  if (file == NULL)
    return FALSE;
  if (file->spec == NULL)
    return open_weights (s, file, error);
  return open_file (s, absolute, file, &stamp, error);
}

gboolean
chain_session_open_spec (ChainSession *s, ChainSpec *spec, GError **error)
{
  ChainTable *table;
  ChainDataset *data;
  gboolean ok = FALSE;

  if (!spec->sealed)
    chain_spec_seal (spec);
  if (_chain_session_find_data (s, spec, NULL, &table, &data, error))
    {
      ok = _chain_session_start (s, spec, table, data, NULL, NULL, NULL, error);
      chain_table_unref (table);
      chain_dataset_unref (data);
    }
  chain_spec_unref (spec);
  return ok;
}

/* Ctrl+S must not write into the examples: the document is new, named by its spec. */
gboolean
chain_session_open_example (ChainSession *s, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (ChainDocumentFile) file = NULL;
  ChainSpec *spec;

  if (!g_str_has_suffix (path, ".chainrule"))
    {
      spec = chain_spec_load (path, NULL, error);
      return spec != NULL && chain_session_open_spec (s, spec, error);
    }
  file = chain_document_file_load (path, NULL, error);      /* with weights and data of its own */
  return file != NULL && _chain_session_open_parts (s, file, folder, error);
}

/* --- saving --- */
typedef struct { ChainWorker *worker; const ChainSpec *wanted; ChainSpec *spec; ChainDataset *data; GPtrArray *tensors; char *run; gboolean running, same; } Saved;

static void
save_moment (ChainTrainer *t, gpointer data)
{
  Saved *s = data;

  s->spec = chain_spec_ref (chain_trainer_spec (t));
  s->data = chain_dataset_ref (chain_trainer_data (t));
  s->same = chain_model_same_graph (chain_trainer_model (t), s->wanted);
  s->tensors = chain_trainer_save_tensors (t, TRUE);
  s->run = chain_trainer_save_run (t);
  s->running = chain_worker_state (s->worker) == CHAIN_RUN_RUNNING;
}

gsize
_chain_session_table_bytes (const ChainTable *t)
{
  return (gsize) t->n_rows * t->columns->len * sizeof (double);
}

ChainDocumentFile *
_chain_session_document_file (ChainSpec *spec, ChainPrep *prep, GPtrArray *tensors, const char *run)
{
  ChainDocumentFile *file = chain_document_file_new ();

  file->spec = chain_spec_ref (spec);
  if (prep != NULL)
    file->prep = chain_prep_ref (prep);
  for (guint i = 0; i < tensors->len; i++)
    {
      const ChainNamedTensor *n = g_ptr_array_index (tensors, i);

      chain_document_file_add (file, n->name, n->tensor);
    }
  file->run_json = g_strdup (run);
  return file;
}

/* The rows that data was made of; NULL: not at hand. */
static ChainTable *
table_of (ChainSession *s, const ChainDataset *data)
{
  if (data == s->data)
    return s->table;
  for (guint i = 0; i < s->recent->len; i++)
    {
      const ChainSessionData *d = g_ptr_array_index (s->recent, i);

      if (d->data == data)
        return d->table;
    }
  return NULL;
}

/* Tensors need the network that they are of: after an edit that the trainer refused, or a step back to before an edit, that is the trainer's own. */
ChainDocumentFile *
_chain_session_present_file (ChainSession *s, gboolean *running)
{
  ChainDocumentFile *file;
  ChainSpec *spec = (ChainSpec *) chain_document_spec (s->document);
  ChainTable *table;
  gboolean missing = _chain_session_is_missing (s), apart;
  Saved moment = { .worker = s->worker, .wanted = spec };

  chain_worker_call (s->worker, save_moment, &moment);
  apart = !moment.same || moment.data != s->data;
  if (apart)
    {
      spec = moment.spec;
      _chain_session_message (s, _("The saved network is the one that is trained; it does not have the last edit"), _("Undo"), "win.undo");
    }
  /* not what was fitted to rows that stand in */
  file = _chain_session_document_file (spec, _chain_session_prep_is_own (s) ? moment.data->prep : NULL, moment.tensors,
                                       missing ? s->missing->run : moment.run);
  *running = moment.running || apart;      /* either way the document has more than the file */
  table = table_of (s, moment.data);
  if (!missing && table != NULL && (spec->data.source == CHAIN_SOURCE_FILE || spec->data.source == CHAIN_SOURCE_EMBEDDED)
      && _chain_session_table_bytes (table) <= CHAIN_LIMIT_EMBED_BYTES)
    file->data = chain_table_ref (table);
  chain_spec_unref (moment.spec);
  chain_dataset_unref (moment.data);
  g_ptr_array_unref (moment.tensors);
  g_free (moment.run);
  return file;
}

/* What the window asks before it overwrites: not the words of the file system. CHAIN_ERROR_INCONSISTENT of a save means this and nothing else. */
static void
explain_change (GError **local, const char *path, gboolean changed_on_disk)
{
  g_autofree char *name = g_filename_display_basename (path);

  if (!g_error_matches (*local, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT))
    return;
  if (!changed_on_disk)
    {
      (*local)->code = CHAIN_ERROR_IO;
      return;
    }
  g_clear_error (local);
  g_set_error (local, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT, _("“%s” was changed on disk by another program; save it as a copy, or overwrite it"), name);
}

/* One save: what is written was true at one moment, whatever is edited while the disk is slow. */
typedef struct
{
  ChainDocument     *document;
  ChainSpec         *spec;
  ChainDocumentFile *file;          /* NULL: a plain spec */
  char              *path;
  ChainFileStamp     expected, stamp;
  gboolean           checks;        /* expected is to be compared */
  guint64            moves;         /* of the document at that moment */
  gboolean           running;       /* training went on after it */
  gboolean           backs_up;
  gboolean           recovered;     /* what is on disk may be damaged */
  gboolean           changed;       /* the file is not the one that was expected */
} SaveJob;

static void
save_job_free (gpointer data)
{
  SaveJob *job = data;

  g_object_unref (job->document);
  chain_spec_unref (job->spec);
  g_clear_pointer (&job->file, chain_document_file_free);
  g_free (job->path);
  g_free (job);
}

static SaveJob *
save_job_new (ChainSession *s, const char *path, gboolean overwrite_changed, GError **error)
{
  const char *own = chain_document_path (s->document);
  g_autofree char *absolute = path != NULL ? g_canonicalize_filename (path, NULL) : g_strdup (own);
  const ChainFileStamp *seen = chain_document_stamp (s->document);
  SaveJob *job;

  if (absolute == NULL)
    {
      g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("This document has no file yet; choose where to save it"));
      return NULL;
    }
  if (!_chain_autosave_claim (s, absolute, error))
    return NULL;
  job = g_new0 (SaveJob, 1);
  job->document = g_object_ref (s->document);
  job->spec = chain_spec_ref (chain_document_spec (s->document));
  job->file = g_str_has_suffix (absolute, ".json") ? NULL : _chain_session_present_file (s, &job->running);
  job->moves = chain_document_moves (s->document);
  job->backs_up = s->backs_up;
  job->recovered = chain_document_is_recovered (s->document);
  job->checks = !overwrite_changed && seen != NULL && g_strcmp0 (absolute, own) == 0;
  if (job->checks)
    job->expected = *seen;
  job->path = g_steal_pointer (&absolute);
  return job;
}

/* A file that cannot be read never takes the place of a good backup. */
static gboolean
keeps_old (const SaveJob *job)
{
  g_autoptr (ChainDocumentFile) old = job->backs_up && job->recovered ? chain_document_file_load (job->path, NULL, NULL) : NULL;

  return job->backs_up && (!job->recovered || old != NULL);
}

/* Any thread. */
static gboolean
save_job_write (SaveJob *job, GError **error)
{
  const ChainFileStamp *expected = job->checks ? &job->expected : NULL;
  ChainFileStamp now;
  gsize len = 0;
  g_autofree char *bytes = NULL;
  gboolean ok;

  chain_file_sweep (job->path);
  bytes = job->file != NULL ? chain_document_file_write (job->file, &len, error) : chain_spec_to_json (job->spec);
  len = job->file != NULL || bytes == NULL ? len : strlen (bytes);
  ok = bytes != NULL && (keeps_old (job) ? chain_file_replace_keeping : chain_file_replace) (job->path, bytes, len, expected, &job->stamp, error);
  if (!ok && job->checks)
    {
      chain_file_stamp (job->path, &now);
      job->changed = now.exists && !chain_file_stamp_equal (&job->expected, &now);
    }
  return ok;
}

/* Takes failed (nullable). */
static gboolean
save_job_end (ChainSession *s, SaveJob *job, GError *failed, GError **error)
{
  _chain_autosave_saved (s, job->path);
  if (failed != NULL)
    {
      explain_change (&failed, job->path, job->changed);
      g_propagate_error (error, failed);
      _chain_autosave_changed (s);      /* the claim goes back to the file that is open */
      return FALSE;
    }
  if (s->document == job->document)
    chain_document_set_saved (s->document, job->path, &job->stamp, job->running || chain_document_moves (s->document) != job->moves);
  if (!job->stamp.synced)
    _chain_session_message (s, _("Saved, but the folder could not be synced: it may not survive a power cut"), NULL, NULL);
  return TRUE;
}

gboolean
chain_session_save (ChainSession *s, const char *path, gboolean overwrite_changed, GError **error)
{
  SaveJob *job = save_job_new (s, path, overwrite_changed, error);
  GError *failed = NULL;
  gboolean ok;

  if (job == NULL)
    return FALSE;
  save_job_write (job, &failed);
  ok = save_job_end (s, job, failed, error);
  save_job_free (job);
  return ok;
}

static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (save_job_write (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

typedef struct { ChainSession *session; GAsyncReadyCallback done; gpointer data; } Errand;

static void
errand_cb (GObject *none, GAsyncResult *result, gpointer data)
{
  Errand *e = data;

  e->done (G_OBJECT (e->session), result, e->data);
  g_object_unref (e->session);
  g_free (e);
}

GTask *
_chain_session_task (ChainSession *s, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
  Errand *e = g_new (Errand, 1);

  *e = (Errand){ g_object_ref (s), done, data };
  return g_task_new (NULL, cancellable, errand_cb, e);
}

void
chain_session_save_async (ChainSession *s, const char *path, gboolean overwrite_changed, GAsyncReadyCallback done, gpointer data)
{
  g_autoptr (GTask) task = _chain_session_task (s, NULL, done, data);
  GError *error = NULL;
  SaveJob *job = save_job_new (s, path, overwrite_changed, &error);

  if (job == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, job, save_job_free);
  g_task_run_in_thread (task, save_thread);
}

gboolean
chain_session_save_finish (ChainSession *s, GAsyncResult *result, GError **error)
{
  SaveJob *job = g_task_get_task_data (G_TASK (result));
  GError *failed = NULL;

  g_task_propagate_boolean (G_TASK (result), &failed);
  if (job != NULL)
    return save_job_end (s, job, failed, error);
  g_propagate_error (error, failed);
  return FALSE;
}
