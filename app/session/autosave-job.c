/* SPDX-License-Identifier: Apache-2.0 */
/* One write of the journal. The numbers are copied on the worker's thread between two steps, which is all that training waits for; making
 * the bytes, their checksum and the disk happen on a thread of the pool. */
#include "config.h"

#include "app/session/autosave.h"
#include "app/session/session-private.h"
#include "engine/base/number.h"

#include <string.h>

void
_chain_autosave_job_free (gpointer data)
{
  ChainAutosaveJob *j = data;

  chain_journal_unref (j->journal);
  g_free (j->title);
  g_free (j->path);
  g_clear_pointer (&j->doc_spec, chain_spec_unref);
  g_clear_pointer (&j->table, chain_table_unref);
  g_clear_pointer (&j->spec, chain_spec_unref);
  g_clear_pointer (&j->prep, chain_prep_unref);
  g_clear_pointer (&j->tensors, g_ptr_array_unref);
  g_free (j->run);
  g_free (j);
}

void
_chain_autosave_job_fill (ChainTrainer *t, ChainAutosaveJob *j)
{
  j->step = chain_trainer_step (t);
  j->epoch = chain_trainer_epoch (t);
  j->loss = chain_trainer_loss (t);
  j->lr = chain_trainer_lr (t);
  if ((j->what & CHAIN_AUTOSAVE_SLOT) == 0)
    return;
  j->slot_seq = chain_journal_next (j->journal);
  j->spec = chain_spec_ref (chain_trainer_spec (t));
  j->prep = chain_prep_ref (chain_trainer_data (t)->prep);
  j->tensors = chain_trainer_save_tensors (t, TRUE);
  if (j->run == NULL)
    j->run = chain_trainer_save_run (t);
}

/* Name, file, what the file looked like, and the spec. */
static gboolean
write_spec (ChainAutosaveJob *j, GError **error)
{
  g_autoptr (ChainJson) about = json_object ();
  g_autofree char *spec = chain_spec_to_json (j->doc_spec), *text = NULL, *uri = NULL;
  const ChainFileStamp *s = &j->stamp;
  json_t *file;

  json_object_set_new (about, "title", json_string (j->title));
  uri = j->path != NULL ? g_filename_to_uri (j->path, NULL, NULL) : NULL;
  if (uri != NULL)
    {
      file = json_object ();
      json_object_set_new (file, "uri", json_string (uri));
      if (s->exists)
        json_object_set_new (file, "stamp", json_pack ("[I,I,I,I]", (json_int_t) s->device, (json_int_t) s->inode, (json_int_t) s->size,
                                                       (json_int_t) s->mtime_ns));
      json_object_set_new (about, "file", file);
    }
  json_object_set_new (about, "spec", json_loads (spec, 0, NULL));
  text = chain_json_write (about, TRUE);
  return chain_journal_write_spec (j->journal, j->spec_seq, text, strlen (text), error);
}

/* Any network with the data of spec: a part that is named by its bytes must not be another one after an edit of the network. */
static ChainSpec *
data_alone (const ChainSpec *spec)
{
  g_autoptr (ChainSpec) from = chain_spec_copy (spec), example = chain_spec_example ();
  ChainSpec *alone = chain_spec_copy (example);
  ChainDataSpec data = alone->data;

  alone->data = from->data;
  from->data = data;
  return chain_spec_seal (alone);
}

static gboolean
write_data (ChainAutosaveJob *j, char **name, GError **error)
{
  g_autoptr (ChainDocumentFile) file = NULL;
  g_autofree char *bytes = NULL;
  gsize len;

  if (j->table == NULL)
    return TRUE;
  file = chain_document_file_new ();
  file->spec = data_alone (j->spec);
  file->data = chain_table_ref (j->table);
  bytes = chain_document_file_write (file, &len, error);
  return bytes != NULL && chain_journal_write_data (j->journal, bytes, len, name, error);
}

static gboolean
write_slot (ChainAutosaveJob *j, GError **error)
{
  g_autoptr (ChainDocumentFile) file = _chain_session_document_file (j->spec, j->unfitted ? NULL : j->prep, j->tensors, j->run);
  g_autofree char *bytes = NULL, *data = NULL;
  gint64 start = g_get_monotonic_time ();
  gsize len;

  if (!write_data (j, &data, error))
    return FALSE;
  bytes = chain_document_file_write (file, &len, error);
  if (bytes == NULL || !chain_journal_write_slot (j->journal, j->slot_seq, data, bytes, len, error))
    return FALSE;
  j->took = g_get_monotonic_time () - start;
  return TRUE;
}

static gboolean
write_log (ChainAutosaveJob *j, GError **error)
{
  const double values[] = { j->epoch, j->loss, j->lr, j->train, j->test, j->score };
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_append_printf (line, "%" G_GUINT64_FORMAT, j->step);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      char number[CHAIN_NUMBER_SIZE];

      g_string_append_c (line, ' ');
      g_string_append (line, chain_number_write (number, values[i]));
    }
  return chain_journal_log (j->journal, line->str, error);
}

/* The edit before the weights: it is small, and it is what a person did. A slot of step 0 has its line too, or lines of a run that was reset
 * would tell of steps that are lost. */
gboolean
_chain_autosave_job_write (ChainAutosaveJob *j, GError **error)
{
  if ((j->what & CHAIN_AUTOSAVE_CLEAR) != 0)
    {
      chain_journal_clear (j->journal);
      return TRUE;
    }
  return ((j->what & CHAIN_AUTOSAVE_SPEC) == 0 || write_spec (j, error)) && ((j->what & CHAIN_AUTOSAVE_SLOT) == 0 || write_slot (j, error))
         && ((j->what & CHAIN_AUTOSAVE_LOG) == 0 || (j->step == 0 && (j->what & CHAIN_AUTOSAVE_SLOT) == 0) || write_log (j, error));
}
