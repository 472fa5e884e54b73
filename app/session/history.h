/* SPDX-License-Identifier: Apache-2.0 */
/* Undo as a stack of whole immutable specs (ARCHITECTURE 5e): an entry is a spec, what was done, and the weights that were current before.
 * Main thread. */
#pragma once

#include "engine/nn/spec.h"

G_BEGIN_DECLS

typedef struct _ChainHistory ChainHistory;

ChainHistory    *chain_history_new    (ChainSpec *spec /* (transfer full) */);
void             chain_history_free   (ChainHistory *h);
const ChainSpec *chain_history_spec   (const ChainHistory *h);
const ChainSpec *chain_history_back   (const ChainHistory *h, guint n);    /* n entries ago; NULL if there are fewer */

/* FALSE: next equals the present spec, nothing was entered. bytes: size of state. now: monotonic microseconds. Takes next and state. */
gboolean         chain_history_enter  (ChainHistory *h, ChainSpec *next, const char *label, const char *merge_key, GPtrArray *state,
                                       gsize bytes, gint64 now);
void             chain_history_begin  (ChainHistory *h, const char *label);
void             chain_history_end    (ChainHistory *h);

const char      *chain_history_undo_label (const ChainHistory *h);
const char      *chain_history_redo_label (const ChainHistory *h);
gboolean         chain_history_undo   (ChainHistory *h, GPtrArray **state);     /* *state: (transfer full) (nullable) */
gboolean         chain_history_redo   (ChainHistory *h);

void             chain_history_mark_saved (ChainHistory *h);
gboolean         chain_history_is_saved   (const ChainHistory *h);
guint            chain_history_size   (const ChainHistory *h);
gsize            chain_history_bytes  (const ChainHistory *h);                  /* of states */

G_END_DECLS
