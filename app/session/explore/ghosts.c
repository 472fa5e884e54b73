/* SPDX-License-Identifier: Apache-2.0 */
/* A run is put by when a reset or an edit of structure, data or loss replaces it: its newest snapshot becomes a ghost. Clicks that follow one another
 * without a step between them replace one run, so they leave one ghost. */
#include "app/session/explore.h"
#include "app/session/session-private.h"

#include <math.h>

gboolean
_chain_session_put_by (ChainSession *s, guint entry)
{
  const ChainSnapshot *p = s->snapshot;
  const ChainGhost *last = s->ghosts != NULL && s->ghosts->len > 0 ? g_ptr_array_index (s->ghosts, 0) : NULL;
  GPtrArray *next;

  if (p == NULL || p->step == 0 || p->seq < s->reset_seq || (last != NULL && last->segment == p->segment && last->step == p->step))
    return FALSE;
  next = g_ptr_array_new_with_free_func ((GDestroyNotify) chain_ghost_unref);
  g_ptr_array_add (next, chain_ghost_new (p, entry, s->runs));
  for (guint i = 0; s->ghosts != NULL && i < s->ghosts->len && next->len < CHAIN_GHOSTS; i++)
    g_ptr_array_add (next, chain_ghost_ref (g_ptr_array_index (s->ghosts, i)));
  g_clear_pointer (&s->ghosts, g_ptr_array_unref);
  s->ghosts = next;
  return TRUE;
}

/* An undo that leads back into a run has nothing to compare it with there: that one is the present. */
void
_chain_session_show_with (ChainSession *s, ChainSnapshot *p)
{
  const ChainHistory *h = chain_document_entries (s->document);

  p->runs = s->runs;
  for (guint i = 0; s->ghosts != NULL && !s->ghosts_hidden && i < s->ghosts->len; i++)
    {
      ChainGhost *g = g_ptr_array_index (s->ghosts, i);
      int edits = CHAIN_GHOST_LOST;

      if (chain_history_distance (h, g->entry, &edits) && edits == 0 && g->segment == p->segment)
        continue;
      if (p->ghosts == NULL)
        p->ghosts = g_ptr_array_new_with_free_func ((GDestroyNotify) chain_ghost_unref);
      p->ghost_edits[p->ghosts->len] = edits;
      g_ptr_array_add (p->ghosts, chain_ghost_ref (g));
    }
}

guint
chain_session_n_ghosts (ChainSession *s)
{
  return s->ghosts != NULL ? s->ghosts->len : 0;
}

gboolean
chain_session_shows_ghosts (ChainSession *s)
{
  return !s->ghosts_hidden;
}

/* Only a new snapshot can show them or not: published ones are never written again. */
void
chain_session_show_ghosts (ChainSession *s, gboolean show)
{
  s->ghosts_hidden = !show;
  s->stale = TRUE;
  _chain_session_changed (s);
}

void
chain_session_forget_ghosts (ChainSession *s)
{
  g_clear_pointer (&s->ghosts, g_ptr_array_unref);
  s->stale = TRUE;
  _chain_session_changed (s);
}
