/* SPDX-License-Identifier: Apache-2.0 */
/* A cure is one undo entry: the change of the spec and, where training starts again, the weights that it gives up. A run that was going goes on. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/session/session-private.h"

gboolean
chain_session_cure (ChainSession *s, const char *cure, int layer, GError **error)
{
  const ChainCureRow *row = chain_cure_row (cure);
  const ChainSpec *spec = chain_document_spec (s->document);
  ChainSpec *next = row != NULL && (guint) layer < spec->layers->len ? chain_cure_spec (row, spec, layer) : NULL;
  gboolean playing = s->playing && s->snapshot->state != CHAIN_RUN_DIVERGED;
  g_autofree char *label = NULL;
  GPtrArray *weights;

  if (next == NULL)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("This would change nothing now; the network is not what it was when it was offered"));
      return FALSE;
    }
  label = chain_cure_label (row, spec);
  weights = row->restart ? _chain_session_weights (s) : NULL;
  if (!chain_session_apply (s, next, label, NULL, error))
    {
      g_clear_pointer (&weights, g_ptr_array_unref);
      return FALSE;
    }
  if (!row->restart)
    return TRUE;
  if (weights != NULL && !chain_document_next_has_state (s->document, FALSE))
    chain_document_keep (s->document, TRUE, g_steal_pointer (&weights));
  g_clear_pointer (&weights, g_ptr_array_unref);
  chain_session_reset (s, FALSE);
  if (playing)
    chain_session_play (s);
  return TRUE;
}
