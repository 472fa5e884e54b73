/* SPDX-License-Identifier: Apache-2.0 */
/* A cure is one undo entry: the change of the spec and, where training starts again, the weights that it gives up. A run that was going goes on. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/session/session-private.h"

/* One undo entry for both: with the weights it brings back the run that they were of. */
gboolean
_chain_session_apply_and_restart (ChainSession *s, ChainSpec *next, const char *label, GError **error)
{
  g_autoptr (GPtrArray) weights = _chain_session_weights (s);
  guint entry = chain_history_serial (chain_document_entries (s->document));

  if (!chain_session_apply (s, next, label, NULL, error))
    return FALSE;
  if (entry == chain_history_serial (chain_document_entries (s->document)))   /* nothing to undo: it was so already */
    return chain_session_reset (s, FALSE), TRUE;
  _chain_session_put_by (s, entry);
  if (!chain_document_next_has_state (s->document, FALSE))
    chain_document_keep (s->document, TRUE, g_steal_pointer (&weights));
  chain_session_reset (s, FALSE);
  return TRUE;
}

gboolean
chain_session_cure (ChainSession *s, const char *cure, int layer, GError **error)
{
  const ChainCureRow *row = chain_cure_row (cure);
  const ChainSpec *spec = chain_document_spec (s->document);
  ChainSpec *next = row != NULL && (guint) layer < spec->layers->len ? chain_cure_spec (row, spec, layer) : NULL;
  gboolean playing = s->playing && s->snapshot->state != CHAIN_RUN_DIVERGED;
  g_autofree char *label = NULL;

  if (next == NULL)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("This would change nothing now; the network is not what it was when it was offered"));
      return FALSE;
    }
  label = chain_cure_label (row, spec);
  if (!row->restart)
    return chain_session_apply (s, next, label, NULL, error);
  if (!_chain_session_apply_and_restart (s, next, label, error))
    return FALSE;
  if (playing)
    chain_session_play (s);
  return TRUE;
}
