/* SPDX-License-Identifier: Apache-2.0 */
/* Entries in a row and a cursor. Entry 0 is where it all began; entry i > 0 holds the spec after edit i and the weights from before it, and once it
 * is undone those from before the undo, so that redo brings them back. A drag
 * (same merge key within 500 ms) and a group both write into the top entry instead of making a new one, and keep its first weights. An
 * entry that was saved is never written into, so undoing back to it is clean again. */
#include "app/session/history.h"

#include "engine/base/limits.h"

#include <string.h>

#define MERGE_US (500 * 1000)
#define SHORT_GRAFT 256       /* bytes; such a one stays when the weights go */

typedef struct
{
  ChainSpec *spec;
  char      *label, *merge_key;
  gint64     time;
  GPtrArray *state;           /* weights from before the edit */
  gsize      bytes;
  GPtrArray *undone;          /* weights from before its undo */
  gsize      undone_bytes;
  ChainWeightEdit *weight;    /* a number set by hand; NULL */
  char      *graft;           /* NULL */
  gsize      graft_bytes;
  guint      serial;
  gboolean   numbers;         /* the spec is that of the entry before: all that it did is in state and graft */
} Entry;

struct _ChainHistory
{
  GPtrArray  *entries;
  guint       at, last_serial;
  guint       depth;          /* of groups */
  char       *group;          /* its label */
  gboolean    group_open;     /* the group has an entry */
  const void *saved;          /* the spec that was saved, compared by address; kept alive by saved_ref */
  ChainSpec  *saved_ref;
  gsize       bytes;
};

static void
entry_free (gpointer p)
{
  Entry *e = p;

  chain_spec_unref (e->spec);
  g_free (e->label);
  g_free (e->merge_key);
  g_free (e->graft);
  g_clear_pointer (&e->state, g_ptr_array_unref);
  g_clear_pointer (&e->undone, g_ptr_array_unref);
  if (e->weight != NULL)
    g_free ((char *) e->weight->tensor);
  g_free (e->weight);
  g_free (e);
}

static Entry *
entry_at (const ChainHistory *h, guint i)
{
  return g_ptr_array_index (h->entries, i);
}

static void
take_graft (ChainHistory *h, Entry *e, const char *graft)
{
  char *copy = g_strdup (graft);

  g_free (e->graft);
  e->graft = copy;
  h->bytes -= e->graft_bytes;
  e->graft_bytes = copy != NULL ? strlen (copy) : 0;
  h->bytes += e->graft_bytes;
}

static void
drop_state (ChainHistory *h, Entry *e)
{
  g_clear_pointer (&e->state, g_ptr_array_unref);
  g_clear_pointer (&e->undone, g_ptr_array_unref);
  h->bytes -= e->bytes + e->undone_bytes;
  e->bytes = e->undone_bytes = 0;
  if (e->graft_bytes > SHORT_GRAFT)
    take_graft (h, e, NULL);
}

ChainHistory *
chain_history_new (ChainSpec *spec)
{
  ChainHistory *h = g_new0 (ChainHistory, 1);
  Entry *e = g_new0 (Entry, 1);

  h->entries = g_ptr_array_new_with_free_func (entry_free);
  e->spec = spec;
  g_ptr_array_add (h->entries, e);
  chain_history_mark_saved (h);
  return h;
}

void
chain_history_free (ChainHistory *h)
{
  if (h == NULL)
    return;
  g_ptr_array_unref (h->entries);
  g_clear_pointer (&h->saved_ref, chain_spec_unref);
  g_free (h->group);
  g_free (h);
}

const ChainSpec *
chain_history_spec (const ChainHistory *h)
{
  return entry_at (h, h->at)->spec;
}

const ChainSpec *
chain_history_back (const ChainHistory *h, guint n)
{
  return n <= h->at ? entry_at (h, h->at - n)->spec : NULL;
}

static void
cut_after (ChainHistory *h, guint n)
{
  while (h->entries->len > n)
    {
      drop_state (h, entry_at (h, h->entries->len - 1));
      take_graft (h, entry_at (h, h->entries->len - 1), NULL);
      g_ptr_array_set_size (h->entries, (gint) h->entries->len - 1);
    }
}

/* The oldest entries go beyond 1 000, the oldest weights beyond 64 MiB. */
static void
keep_budget (ChainHistory *h)
{
  while (h->entries->len > CHAIN_LIMIT_UNDO + 1)
    {
      Entry *first = entry_at (h, 1);

      drop_state (h, first);
      take_graft (h, first, NULL);
      g_clear_pointer (&first->label, g_free);
      g_ptr_array_remove_index (h->entries, 0);
      h->at--;
    }
  for (guint i = 1; i < h->at && h->bytes > CHAIN_LIMIT_UNDO_BYTES; i++)
    drop_state (h, entry_at (h, i));
}

static gboolean
may_merge (const ChainHistory *h, const char *key, gint64 now, gboolean weight)
{
  const Entry *top = entry_at (h, h->at);

  if (h->at == 0 || h->at + 1 != h->entries->len || top->spec == h->saved || weight != (top->weight != NULL))
    return FALSE;
  if (h->depth > 0 && !weight)
    return h->group_open;
  return key != NULL && top->merge_key != NULL && strcmp (key, top->merge_key) == 0 && now - top->time <= MERGE_US;
}

static void
merge (ChainHistory *h, ChainSpec *next, GPtrArray *state, gsize bytes, gint64 now)
{
  Entry *top = entry_at (h, h->at);

  chain_spec_unref (top->spec);
  top->spec = next;
  top->time = now;
  if (top->state == NULL && state != NULL)
    {
      top->state = state;
      top->bytes = bytes;
      h->bytes += bytes;
    }
  else
    g_clear_pointer (&state, g_ptr_array_unref);
}

static Entry *
push (ChainHistory *h, ChainSpec *spec, const char *label, const char *merge_key, gint64 now)
{
  Entry *e = g_new0 (Entry, 1);

  e->serial = ++h->last_serial;
  cut_after (h, h->at + 1);
  e->spec = spec;
  e->label = g_strdup (label);
  e->merge_key = g_strdup (merge_key);
  e->time = now;
  g_ptr_array_add (h->entries, e);
  h->at++;
  return e;
}

gboolean
chain_history_enter (ChainHistory *h, ChainSpec *next, const char *label, const char *merge_key, GPtrArray *state, gsize bytes, gint64 now)
{
  Entry *e;

  if (chain_spec_equal (next, chain_history_spec (h)))
    {
      chain_spec_unref (next);
      g_clear_pointer (&state, g_ptr_array_unref);
      return FALSE;
    }
  if (may_merge (h, merge_key, now, FALSE))
    {
      merge (h, next, state, bytes, now);
      return TRUE;
    }
  e = push (h, next, h->depth > 0 ? h->group : label, h->depth > 0 ? NULL : merge_key, now);
  e->state = state;
  e->bytes = state != NULL ? bytes : 0;
  h->bytes += e->bytes;
  h->group_open = h->depth > 0;
  keep_budget (h);
  return TRUE;
}

/* A copy of the spec: by its address the history knows what was saved. */
void
chain_history_enter_weight (ChainHistory *h, const ChainWeightEdit *edit, const char *label, const char *merge_key, gint64 now)
{
  Entry *e;

  if (may_merge (h, merge_key, now, TRUE))
    {
      e = entry_at (h, h->at);
      e->weight->after = edit->after;
      e->time = now;
      return;
    }
  e = push (h, chain_spec_seal (chain_spec_copy (chain_history_spec (h))), label, merge_key, now);
  e->weight = g_new (ChainWeightEdit, 1);
  *e->weight = *edit;
  e->weight->tensor = g_strdup (edit->tensor);
  h->group_open = FALSE;
  keep_budget (h);
}

/* Many numbers at once, the spec as it was. */
void
chain_history_enter_weights (ChainHistory *h, const char *label, GPtrArray *state, gsize bytes, gint64 now)
{
  Entry *e = push (h, chain_spec_seal (chain_spec_copy (chain_history_spec (h))), label, NULL, now);

  e->numbers = TRUE;
  e->state = state;
  e->bytes = bytes;
  h->bytes += bytes;
  h->group_open = FALSE;
  keep_budget (h);
}

void
chain_history_set_graft (ChainHistory *h, const char *graft)
{
  take_graft (h, entry_at (h, h->at), graft);
  keep_budget (h);
}

const char *
chain_history_redo_graft (const ChainHistory *h)
{
  return h->at + 1 < h->entries->len ? entry_at (h, h->at + 1)->graft : NULL;
}

gboolean
chain_history_merges (const ChainHistory *h, const char *merge_key, gint64 now)
{
  return may_merge (h, merge_key, now, entry_at (h, h->at)->weight != NULL);
}

void
chain_history_begin (ChainHistory *h, const char *label)
{
  if (h->depth++ > 0)
    return;
  g_free (h->group);
  h->group = g_strdup (label);
  h->group_open = FALSE;
}

void
chain_history_end (ChainHistory *h)
{
  g_return_if_fail (h->depth > 0);
  if (--h->depth == 0)
    h->group_open = FALSE;
}

const char *
chain_history_undo_label (const ChainHistory *h)
{
  return h->at > 0 ? entry_at (h, h->at)->label : NULL;
}

const char *
chain_history_redo_label (const ChainHistory *h)
{
  return h->at + 1 < h->entries->len ? entry_at (h, h->at + 1)->label : NULL;
}

gboolean
chain_history_undo (ChainHistory *h, GPtrArray **state)
{
  if (state != NULL)
    *state = NULL;
  if (h->at == 0)
    return FALSE;
  if (state != NULL && entry_at (h, h->at)->state != NULL)
    *state = g_ptr_array_ref (entry_at (h, h->at)->state);
  h->at--;
  h->group_open = FALSE;
  return TRUE;
}

gboolean
chain_history_redo (ChainHistory *h)
{
  if (h->at + 1 >= h->entries->len)
    return FALSE;
  h->at++;
  return TRUE;
}

const ChainWeightEdit *
chain_history_undo_weight (const ChainHistory *h)
{
  return h->at > 0 ? entry_at (h, h->at)->weight : NULL;
}

const ChainWeightEdit *
chain_history_redo_weight (const ChainHistory *h)
{
  return h->at + 1 < h->entries->len ? entry_at (h, h->at + 1)->weight : NULL;
}

gboolean
chain_history_undo_is_lost (const ChainHistory *h)
{
  return h->at > 0 && entry_at (h, h->at)->numbers && entry_at (h, h->at)->state == NULL;
}

gboolean
chain_history_redo_is_lost (const ChainHistory *h)
{
  const Entry *e = h->at + 1 < h->entries->len ? entry_at (h, h->at + 1) : NULL;

  return e != NULL && e->numbers && e->undone == NULL && e->graft == NULL;
}

gboolean
chain_history_undo_needs_state (const ChainHistory *h)
{
  return h->at > 0 && entry_at (h, h->at)->state != NULL;
}

gboolean
chain_history_redo_state (const ChainHistory *h, GPtrArray **state)
{
  *state = h->at + 1 < h->entries->len ? entry_at (h, h->at + 1)->undone : NULL;
  return *state != NULL;
}

static void
keep (ChainHistory *h, GPtrArray **to, gsize *to_bytes, GPtrArray *state, gsize bytes)
{
  g_clear_pointer (to, g_ptr_array_unref);
  h->bytes += bytes - *to_bytes;
  *to = state;
  *to_bytes = bytes;
}

/* Beyond the budget nothing is kept here: redo then carries weights over, as an edit does. */
void
chain_history_keep_undone (ChainHistory *h, GPtrArray *state, gsize bytes)
{
  Entry *e = h->at + 1 < h->entries->len ? entry_at (h, h->at + 1) : NULL;

  if (e == NULL || h->bytes + bytes - e->undone_bytes > CHAIN_LIMIT_UNDO_BYTES)
    g_ptr_array_unref (state);
  else
    keep (h, &e->undone, &e->undone_bytes, state, bytes);
}

void
chain_history_keep_redone (ChainHistory *h, GPtrArray *state, gsize bytes)
{
  Entry *e = entry_at (h, h->at);

  if (h->at == 0 || h->bytes + bytes - e->bytes > CHAIN_LIMIT_UNDO_BYTES)
    g_ptr_array_unref (state);
  else
    keep (h, &e->state, &e->bytes, state, bytes);
}

guint
chain_history_serial (const ChainHistory *h)
{
  return entry_at (h, h->at)->serial;
}

gboolean
chain_history_distance (const ChainHistory *h, guint serial, int *distance)
{
  for (guint i = 0; i < h->entries->len; i++)
    if (entry_at (h, i)->serial == serial)
      {
        *distance = (int) h->at - (int) i;
        return TRUE;
      }
  return FALSE;
}

void
chain_history_mark_saved (ChainHistory *h)
{
  g_clear_pointer (&h->saved_ref, chain_spec_unref);
  h->saved_ref = chain_spec_ref (chain_history_spec (h));
  h->saved = h->saved_ref;
}

gboolean
chain_history_is_saved (const ChainHistory *h)
{
  return chain_history_spec (h) == h->saved;
}

guint
chain_history_size (const ChainHistory *h)
{
  return h->entries->len - 1;
}

guint
chain_history_at (const ChainHistory *h)
{
  return h->at;
}

ChainHistoryEntry
chain_history_entry (const ChainHistory *h, guint i)
{
  const Entry *e = entry_at (h, i);

  return (ChainHistoryEntry){ e->spec, e->label, e->weight, e->state, e->undone };
}

void
chain_history_append (ChainHistory *h, const ChainHistoryEntry *from, gsize bytes, gsize undone_bytes)
{
  Entry *e = push (h, chain_spec_ref (from->spec), from->label, NULL, 0);

  if (from->weight != NULL)
    {
      e->weight = g_new (ChainWeightEdit, 1);
      *e->weight = *from->weight;
      e->weight->tensor = g_strdup (from->weight->tensor);
    }
  e->numbers = from->weight == NULL && chain_spec_equal (from->spec, entry_at (h, h->at - 1)->spec);
  e->state = from->state != NULL ? g_ptr_array_ref (from->state) : NULL;
  e->undone = from->undone != NULL ? g_ptr_array_ref (from->undone) : NULL;
  e->bytes = e->state != NULL ? bytes : 0;
  e->undone_bytes = e->undone != NULL ? undone_bytes : 0;
  h->bytes += e->bytes + e->undone_bytes;
  keep_budget (h);
}

void
chain_history_seek (ChainHistory *h, guint at)
{
  h->at = MIN (at, h->entries->len - 1);
}

gsize
chain_history_bytes (const ChainHistory *h)
{
  return h->bytes;
}
