/* SPDX-License-Identifier: Apache-2.0 */
/* Undo as a stack of whole immutable specs (ARCHITECTURE 5e): an entry is a spec, what was done, and the weights that were current before.
 * An entry may instead be one number of a tensor that was set by hand. Main thread. */
#pragma once

#include "engine/nn/spec.h"

G_BEGIN_DECLS

typedef struct _ChainHistory ChainHistory;

typedef struct { const char *tensor; guint row, col; double before, after; } ChainWeightEdit;

ChainHistory    *chain_history_new    (ChainSpec *spec /* (transfer full) */);
void             chain_history_free   (ChainHistory *h);
const ChainSpec *chain_history_spec   (const ChainHistory *h);
const ChainSpec *chain_history_back   (const ChainHistory *h, guint n);    /* n entries ago; NULL if there are fewer */

/* FALSE: next equals the present spec, nothing was entered. bytes: size of state. now: monotonic microseconds. Takes next and state. */
gboolean         chain_history_enter  (ChainHistory *h, ChainSpec *next, const char *label, const char *merge_key, GPtrArray *state,
                                       gsize bytes, gint64 now);
/* A number was set by hand; the tensor's name is copied. Merges with the top entry as an edit does, which then keeps its own `before`. */
void             chain_history_enter_weight (ChainHistory *h, const ChainWeightEdit *edit, const char *label, const char *merge_key, gint64 now);
/* All weights were replaced, the spec stays: an entry of its own. Takes state, the weights before. */
void             chain_history_enter_weights (ChainHistory *h, const char *label, GPtrArray *state, gsize bytes, gint64 now);
/* What the newest edit did with weights besides (engine/nn/edit.h), for a redo that finds none kept; and that of the next redo, or NULL. */
void             chain_history_set_graft  (ChainHistory *h, const char *graft);
const char      *chain_history_redo_graft (const ChainHistory *h);
/* An edit with this key would go into the top entry. */
gboolean         chain_history_merges (const ChainHistory *h, const char *merge_key, gint64 now);
void             chain_history_begin  (ChainHistory *h, const char *label);
void             chain_history_end    (ChainHistory *h);

const char      *chain_history_undo_label (const ChainHistory *h);
const char      *chain_history_redo_label (const ChainHistory *h);
gboolean         chain_history_undo   (ChainHistory *h, GPtrArray **state);     /* *state: (transfer full) (nullable) */
gboolean         chain_history_redo   (ChainHistory *h);
/* The number that the next undo or redo sets; NULL if it is about the spec. */
const ChainWeightEdit *chain_history_undo_weight (const ChainHistory *h);
const ChainWeightEdit *chain_history_redo_weight (const ChainHistory *h);
/* The next undo or redo is about weights alone, and those that it would bring are not kept any more. */
gboolean         chain_history_undo_is_lost (const ChainHistory *h);
gboolean         chain_history_redo_is_lost (const ChainHistory *h);
/* The next undo or redo changes weights that are kept: *state (nullable) is what redo brings back. */
gboolean         chain_history_undo_needs_state (const ChainHistory *h);
gboolean         chain_history_redo_state (const ChainHistory *h, GPtrArray **state /* (transfer none) */);
/* After undo: the weights from before it, for redo. After redo: likewise, for the next undo. Takes state. */
void             chain_history_keep_undone (ChainHistory *h, GPtrArray *state, gsize bytes);
void             chain_history_keep_redone (ChainHistory *h, GPtrArray *state, gsize bytes);

/* A name for the present entry that outlives undo, redo and what is dropped; and how many edits lie between it and now: > 0 done since, < 0 undone
 * since. FALSE: no way leads there any more. */
guint            chain_history_serial   (const ChainHistory *h);
gboolean         chain_history_distance (const ChainHistory *h, guint serial, int *distance);

void             chain_history_mark_saved (ChainHistory *h);
gboolean         chain_history_is_saved   (const ChainHistory *h);
guint            chain_history_size   (const ChainHistory *h);
/* For writing all of it down and reading it again. Entry 0 is where it began; the present one is chain_history_at(). What is in an entry belongs to it. */
typedef struct { ChainSpec *spec; const char *label; const ChainWeightEdit *weight; GPtrArray *state, *undone; } ChainHistoryEntry;
guint            chain_history_at     (const ChainHistory *h);
ChainHistoryEntry chain_history_entry (const ChainHistory *h, guint i);
/* Takes references of spec, state and undone. Not a state of the saved document any more. */
void             chain_history_append (ChainHistory *h, const ChainHistoryEntry *e, gsize bytes, gsize undone_bytes);
void             chain_history_seek   (ChainHistory *h, guint at);
gsize            chain_history_bytes  (const ChainHistory *h);                  /* of states and grafts */

G_END_DECLS
