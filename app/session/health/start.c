/* SPDX-License-Identifier: Apache-2.0 */
/* The initialiser is about the start. Before the first step there is nothing to lose but the draw itself, so another initialiser draws again at once
 * and the picture shows what was chosen (DESIGN 1, task S2); undo brings the first draw back. A run that has begun keeps its weights: there the
 * choice counts from the next restart on, and so it does where somebody put numbers there: by hand, from a file, from the clipboard. */
#include "config.h"

#include "app/session/session-private.h"

static gboolean
draws_alike (const ChainSpec *a, const ChainSpec *b)
{
  if (!chain_choice_equal (&a->initialiser, &b->initialiser) || !chain_choice_equal (&a->bias_initialiser, &b->bias_initialiser))
    return FALSE;
  for (guint i = 0; i < a->layers->len; i++)
    {
      const ChainLayer *l = g_ptr_array_index (a->layers, i), *same = chain_spec_layer (b, l->id);

      if (same != NULL && !chain_choice_equal (&l->initialiser, &same->initialiser))
        return FALSE;
    }
  return TRUE;
}

static void
read_step (ChainTrainer *t, gpointer data)
{
  *(guint64 *) data = chain_trainer_step (t);
}

void
_chain_session_draw_again (ChainSession *s, const ChainSpec *before)
{
  guint64 step = 1;
  GPtrArray *weights;

  if (s->playing || s->own_numbers || draws_alike (before, chain_document_spec (s->document)))
    return;
  chain_worker_call (s->worker, read_step, &step);
  if (step > 0)
    return;
  weights = chain_document_next_has_state (s->document, FALSE) ? NULL : _chain_session_weights (s);
  if (weights != NULL)
    chain_document_keep (s->document, TRUE, weights);
  chain_session_reset (s, FALSE);
}
