/* SPDX-License-Identifier: Apache-2.0 */
/* The document as an object that title, buttons and dialogs watch. What is in it is one spec of the history; "edited" means that the present
 * spec is not the saved one, or that training has moved the weights since. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/session/document.h"
#include "app/session/history.h"

#include <string.h>

struct _ChainDocument
{
  GObject        parent;
  ChainHistory  *history;
  char          *path;
  ChainFileStamp stamp;
  gboolean       has_stamp;
  gboolean       touched;
  gboolean       recovered;
  guint64        moves;         /* grows with everything that a save must not miss */
};

G_DEFINE_FINAL_TYPE (ChainDocument, chain_document, G_TYPE_OBJECT)

static guint changed_signal;

static void
chain_document_finalize (GObject *object)
{
  ChainDocument *d = CHAIN_DOCUMENT (object);

  chain_history_free (d->history);
  g_free (d->path);
  G_OBJECT_CLASS (chain_document_parent_class)->finalize (object);
}

static void
chain_document_class_init (ChainDocumentClass *class)
{
  G_OBJECT_CLASS (class)->finalize = chain_document_finalize;
  changed_signal = g_signal_new ("changed", CHAIN_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
chain_document_init (ChainDocument *d)
{
}

static void
changed (ChainDocument *d)
{
  g_signal_emit (d, changed_signal, 0);
}

ChainDocument *
chain_document_new (ChainSpec *spec)
{
  ChainDocument *d = g_object_new (CHAIN_TYPE_DOCUMENT, NULL);

  d->history = chain_history_new (spec);
  return d;
}

const ChainSpec *
chain_document_spec (ChainDocument *d)
{
  return chain_history_spec (d->history);
}

static gsize
state_bytes (const GPtrArray *state)
{
  gsize sum = 0;

  for (guint i = 0; state != NULL && i < state->len; i++)
    {
      const ChainNamedTensor *n = g_ptr_array_index (state, i);

      sum += chain_tensor_size (n->tensor) * (n->tensor->dtype == CHAIN_F64 ? sizeof (double) : sizeof (float));
    }
  return sum;
}

void
chain_document_apply (ChainDocument *d, ChainSpec *next, const char *label, const char *merge_key, GPtrArray *state)
{
  d->moves++;
  if (chain_history_enter (d->history, next, label, merge_key, state, state_bytes (state), g_get_monotonic_time ()))
    changed (d);
}

void
chain_document_apply_weight (ChainDocument *d, const ChainWeightEdit *edit, const char *label, const char *merge_key)
{
  d->moves++;
  chain_history_enter_weight (d->history, edit, label, merge_key, g_get_monotonic_time ());
  changed (d);
}

void
chain_document_apply_weights (ChainDocument *d, const char *label, GPtrArray *before)
{
  d->moves++;
  chain_history_enter_weights (d->history, label, before, state_bytes (before), g_get_monotonic_time ());
  changed (d);
}

gboolean
chain_document_merges (ChainDocument *d, const char *merge_key)
{
  return chain_history_merges (d->history, merge_key, g_get_monotonic_time ());
}

const ChainWeightEdit *
chain_document_next_weight (ChainDocument *d, gboolean redo)
{
  return redo ? chain_history_redo_weight (d->history) : chain_history_undo_weight (d->history);
}

gboolean
chain_document_next_has_state (ChainDocument *d, gboolean redo)
{
  GPtrArray *state;

  return redo ? chain_history_redo_state (d->history, &state) : chain_history_undo_needs_state (d->history);
}

gboolean
chain_document_next_is_lost (ChainDocument *d, gboolean redo)
{
  return redo ? chain_history_redo_is_lost (d->history) : chain_history_undo_is_lost (d->history);
}

void
chain_document_keep (ChainDocument *d, gboolean redo, GPtrArray *state)
{
  gsize bytes = state_bytes (state);

  if (redo)
    chain_history_keep_redone (d->history, state, bytes);
  else
    chain_history_keep_undone (d->history, state, bytes);
}

void
chain_document_begin (ChainDocument *d, const char *label)
{
  chain_history_begin (d->history, label);
}

void
chain_document_end (ChainDocument *d)
{
  chain_history_end (d->history);
}

const char *
chain_document_undo_label (ChainDocument *d)
{
  return chain_history_undo_label (d->history);
}

const char *
chain_document_redo_label (ChainDocument *d)
{
  return chain_history_redo_label (d->history);
}

gboolean
chain_document_undo (ChainDocument *d, GPtrArray **state)
{
  if (!chain_history_undo (d->history, state))
    return FALSE;
  d->moves++;
  changed (d);
  return TRUE;
}

gboolean
chain_document_redo (ChainDocument *d, GPtrArray **state)
{
  GPtrArray *kept = NULL;

  if (chain_history_redo_state (d->history, &kept))
    g_ptr_array_ref (kept);
  if (!chain_history_redo (d->history))
    return FALSE;
  if (state != NULL)
    *state = kept;
  else
    g_clear_pointer (&kept, g_ptr_array_unref);
  d->moves++;
  changed (d);
  return TRUE;
}

gboolean
chain_document_is_dirty (ChainDocument *d)
{
  return d->touched || !chain_history_is_saved (d->history);
}

void
chain_document_touch (ChainDocument *d)
{
  d->moves++;
  if (d->touched)
    return;
  d->touched = TRUE;
  changed (d);
}

guint64
chain_document_moves (ChainDocument *d)
{
  return d->moves;
}

void
chain_document_set_saved (ChainDocument *d, const char *path, const ChainFileStamp *stamp, gboolean still_touched)
{
  chain_set_str (&d->path, path);
  d->has_stamp = stamp != NULL;
  if (stamp != NULL)
    d->stamp = *stamp;
  d->touched = still_touched;
  d->recovered = FALSE;
  chain_history_mark_saved (d->history);
  changed (d);
}

void
chain_document_set_recovered (ChainDocument *d, const char *path, const ChainFileStamp *stamp)
{
  chain_set_str (&d->path, path);
  d->has_stamp = stamp != NULL;
  if (stamp != NULL)
    d->stamp = *stamp;
  d->touched = d->recovered = TRUE;
  changed (d);
}

void
chain_document_keep_mine (ChainDocument *d, const ChainFileStamp *stamp)
{
  d->stamp = *stamp;
  d->has_stamp = TRUE;
  d->touched = TRUE;
  changed (d);
}

const char *
chain_document_path (ChainDocument *d)
{
  return d->path;
}

const ChainFileStamp *
chain_document_stamp (ChainDocument *d)
{
  return d->has_stamp ? &d->stamp : NULL;
}

char *
chain_document_title (ChainDocument *d)
{
  g_autofree char *name = chain_document_name (d);

  return d->recovered ? g_strdup_printf (_("%s (recovered)"), name) : g_steal_pointer (&name);
}

gboolean
chain_document_is_recovered (ChainDocument *d)
{
  return d->recovered;
}

char *
chain_document_name (ChainDocument *d)
{
  const ChainSpec *spec = chain_document_spec (d);

  if (d->path != NULL)
    {
      g_autofree char *base = g_path_get_basename (d->path);
      char *dot = strrchr (base, '.');

      if (dot != NULL && dot != base)
        *dot = '\0';
      return g_filename_display_name (base);
    }
  return g_strdup (spec->name != NULL && *spec->name != '\0' ? spec->name : _("Untitled"));
}

/* The folder with the home folder as "~". */
static char *
folder_of (const char *path)
{
  g_autofree char *dir = g_path_get_dirname (path), *shown = NULL;
  const char *home = g_get_home_dir ();
  gsize n = home != NULL ? strlen (home) : 0;

  if (n > 1 && strncmp (dir, home, n) == 0 && (dir[n] == '\0' || dir[n] == G_DIR_SEPARATOR))
    shown = g_strconcat ("~", dir + n, NULL);
  return g_filename_display_name (shown != NULL ? shown : dir);
}

char *
chain_document_subtitle (ChainDocument *d)
{
  g_autofree char *place = d->path != NULL ? folder_of (d->path) : g_strdup (_("Untitled"));

  return chain_document_is_dirty (d) ? g_strdup_printf (_("%s · edited"), place) : g_steal_pointer (&place);
}

const ChainSpec *
chain_document_history (ChainDocument *d, guint back)
{
  return chain_history_back (d->history, back);
}

const ChainHistory *
chain_document_entries (ChainDocument *d)
{
  return d->history;
}

void
chain_document_set_entries (ChainDocument *d, ChainHistory *h)
{
  chain_history_free (d->history);
  d->history = h;
  d->moves++;
  d->touched = TRUE;
  changed (d);
}

gsize
chain_document_state_bytes (const GPtrArray *state)
{
  return state_bytes (state);
}

void
chain_document_set_graft (ChainDocument *d, const char *graft)
{
  chain_history_set_graft (d->history, graft);
}

const char *
chain_document_redo_graft (ChainDocument *d)
{
  return chain_history_redo_graft (d->history);
}
