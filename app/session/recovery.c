/* SPDX-License-Identifier: Apache-2.0 */
/* After a crash. A dead journal is locked as long as it is offered and adopted in place when it is restored: there is no moment at which the
 * work lies nowhere, so a kill at any point of a recovery leaves something to recover (A14). The newest whole slot gives weights and run;
 * a spec that is newer than it is applied on top, as the edit that it was. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/session/autosave.h"
#include "app/session/session-private.h"
#include "engine/base/number.h"

#include <string.h>

struct _ChainUnsaved
{
  ChainJournal      *journal;
  gint64             time;
  char              *title, *path;
  ChainFileStamp     stamp;       /* exists = FALSE: none */
  ChainSpec         *spec;        /* newest; NULL if damaged */
  guint64            spec_seq;
};

void
chain_unsaved_free (ChainUnsaved *u)
{
  if (u == NULL)
    return;
  chain_journal_unref (u->journal);
  g_free (u->title);
  g_free (u->path);
  g_clear_pointer (&u->spec, chain_spec_unref);
  g_free (u);
}

const char *
chain_unsaved_title (const ChainUnsaved *u)
{
  return u->title;
}

const char *
chain_unsaved_path (const ChainUnsaved *u)
{
  return u->path;
}

gint64
chain_unsaved_time (const ChainUnsaved *u)
{
  return u->time;
}

void
chain_unsaved_discard (ChainUnsaved *u)
{
  chain_journal_discard (u->journal);
}

/* --- finding --- */
static void
read_file (ChainUnsaved *u, const json_t *file)
{
  const char *uri = json_string_value (json_object_get (file, "uri"));
  const json_t *stamp = json_object_get (file, "stamp");
  json_int_t v[4] = { 0 };

  if (uri == NULL || (u->path = g_filename_from_uri (uri, NULL, NULL)) == NULL || json_array_size (stamp) != G_N_ELEMENTS (v))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (v); i++)
    v[i] = json_integer_value (json_array_get (stamp, i));
  u->stamp = (ChainFileStamp){ TRUE, (guint64) v[0], (guint64) v[1], (guint64) v[2], v[3], 0, TRUE };
}

static ChainSpec *
sealed_spec (const json_t *tree)
{
  ChainSpec *spec = tree != NULL ? _chain_spec_from_tree (tree, NULL, NULL) : NULL;

  if (spec == NULL)
    return NULL;
  spec->source_json = chain_json_write ((json_t *) tree, TRUE);
  if (chain_spec_validate (spec, 0, NULL))
    return chain_spec_seal (spec);
  chain_spec_unref (spec);
  return NULL;
}

static gboolean
read_about (ChainUnsaved *u)
{
  gsize len;
  g_autofree char *text = chain_journal_read_spec (u->journal, &u->spec_seq, &len, NULL);
  g_autoptr (ChainJson) about = text != NULL ? chain_json_read (text, len, NULL, NULL, NULL) : NULL;

  if (about == NULL)
    return FALSE;
  u->title = g_strdup (json_string_value (json_object_get (about, "title")));
  read_file (u, json_object_get (about, "file"));
  u->spec = sealed_spec (json_object_get (about, "spec"));
  return u->spec != NULL;
}

static ChainDocumentFile *
read_slot (ChainUnsaved *u, guint64 *seq, char **data)
{
  gsize len;
  char *bytes = chain_journal_read_slot (u->journal, seq, data, &len, NULL);

  return bytes != NULL ? chain_document_file_read (bytes, len, NULL, NULL) : NULL;
}

/* FALSE: nothing in it can be read. */
static gboolean
look_inside (ChainUnsaved *u)
{
  g_autofree char *data = NULL;
  guint64 seq;
  g_autoptr (ChainDocumentFile) slot = read_about (u) ? NULL : read_slot (u, &seq, &data);

  if (u->spec == NULL && (slot == NULL || slot->spec == NULL))
    return FALSE;
  if (u->title == NULL)
    u->title = g_strdup (slot != NULL && slot->spec->name != NULL && *slot->spec->name != '\0' ? slot->spec->name : _("Untitled"));
  return TRUE;
}

static gboolean
has_whole_part (ChainJournal *j)
{
  g_autofree char *data = NULL, *spec = NULL, *slot = NULL;
  guint64 seq;
  gsize len;

  spec = chain_journal_read_spec (j, &seq, &len, NULL);
  slot = chain_journal_read_slot (j, &seq, &data, &len, NULL);
  return spec != NULL || slot != NULL;
}

static int
newest_first (gconstpointer a, gconstpointer b)
{
  const ChainUnsaved *x = *(const ChainUnsaved *const *) a, *y = *(const ChainUnsaved *const *) b;

  return x->time < y->time ? 1 : x->time > y->time ? -1 : 0;
}

GPtrArray *
chain_unsaved_list (const char *root)
{
  g_autofree char *own = root == NULL ? chain_journal_root () : NULL;
  g_autoptr (GPtrArray) dead = chain_journal_dead (root != NULL ? root : own);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) chain_unsaved_free);

  for (guint i = 0; i < dead->len; i++)
    {
      ChainUnsaved *u = g_new0 (ChainUnsaved, 1);

      u->journal = chain_journal_ref (g_ptr_array_index (dead, i));
      u->time = chain_journal_time (u->journal);
      if (look_inside (u))
        g_ptr_array_add (list, u);
      else
        {
          if (!has_whole_part (u->journal))       /* everything was saved, or no byte of it can be trusted */
            chain_journal_discard (u->journal);
          chain_unsaved_free (u);                 /* else a newer program may understand it */
        }
    }
  g_ptr_array_sort (list, newest_first);
  return list;
}

/* --- coming back --- */
/* The table that the journal kept; NULL where the data are found by name, or not at all. */
static ChainTable *
kept_table (ChainUnsaved *u, const char *name)
{
  gsize len;
  char *bytes = name != NULL ? chain_journal_read_data (u->journal, name, &len, NULL) : NULL;
  g_autoptr (ChainDocumentFile) file = bytes != NULL ? chain_document_file_read (bytes, len, NULL, NULL) : NULL;

  return file != NULL && file->data != NULL ? chain_table_ref (file->data) : NULL;
}

/* An edit that was made after the checkpoint, on the checkpoint. */
static void
apply_newer (ChainSession *s, ChainUnsaved *u, guint64 slot_seq)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (u->spec == NULL || u->spec_seq <= slot_seq || chain_spec_equal (u->spec, chain_document_spec (s->document)))
    return;
  if (chain_session_apply (s, chain_spec_ref (u->spec), _("recovered edits"), NULL, &error))
    return;
  text = g_strdup_printf (_("The last edits could not be restored: %s"), error->message);
  _chain_session_message (s, text, NULL, NULL);
}

/* How far training had come when the program ended, if that was further than the checkpoint. */
static void
tell_lost_steps (ChainSession *s, ChainUnsaved *u)
{
  g_autoptr (GPtrArray) lines = chain_journal_read_log (u->journal);
  guint64 step = s->snapshot->step;
  g_auto (GStrv) field = lines->len > 0 ? g_strsplit (g_ptr_array_index (lines, lines->len - 1), " ", 3) : NULL;
  g_autofree char *text = NULL;
  gint64 last;

  if (field == NULL || field[0] == NULL || !chain_number_parse_int (field[0], -1, 0, G_MAXINT64, &last) || (guint64) last <= step)
    return;
  text = g_strdup_printf (_("Training had come to step %" G_GINT64_FORMAT "; the weights are those of step %" G_GUINT64_FORMAT), last, step);
  _chain_session_message (s, text, NULL, NULL);
}

static gboolean
open_parts (ChainSession *s, ChainUnsaved *u, guint64 *slot_seq, GError **error)
{
  g_autofree char *data = NULL, *folder = u->path != NULL ? g_path_get_dirname (u->path) : NULL;
  g_autoptr (ChainDocumentFile) file = read_slot (u, slot_seq, &data);
  gboolean whole = file != NULL && file->spec != NULL;

  if (!whole)
    {
      g_clear_pointer (&file, chain_document_file_free);
      if (u->spec == NULL)
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT, _("nothing in it is whole"));
          return FALSE;
        }
      file = chain_document_file_new ();
      file->spec = chain_spec_ref (u->spec);
      *slot_seq = u->spec_seq;
    }
  file->data = kept_table (u, data);
  return _chain_session_open_parts (s, file, folder, error);
}

gboolean
chain_session_restore (ChainSession *s, ChainUnsaved *u, GError **error)
{
  guint64 seq = 0;

  if (!open_parts (s, u, &seq, error))
    return FALSE;
  chain_document_set_recovered (s->document, u->path, u->stamp.exists ? &u->stamp : NULL);
  _chain_autosave_adopt (s, u->journal);
  apply_newer (s, u, seq);
  tell_lost_steps (s, u);
  return TRUE;
}
