/* SPDX-License-Identifier: Apache-2.0 */
/* The document: current spec, its history, path, dirty state, data. A GObject because title, buttons and dialogs watch it. Main thread. */
#pragma once

#include <gio/gio.h>

#include "app/io/document.h"
#include "app/session/history.h"
#include "engine/nn/spec.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_DOCUMENT (chain_document_get_type ())
G_DECLARE_FINAL_TYPE (ChainDocument, chain_document, CHAIN, DOCUMENT, GObject)

/* Signal "changed": spec, path, dirty state, undo or redo changed. */
ChainDocument   *chain_document_new      (ChainSpec *spec /* (transfer full), sealed */);
const ChainSpec *chain_document_spec     (ChainDocument *d);
/* ARCHITECTURE 5e: same merge_key as the top entry (within 500 ms) replaces it; NULL never merges. state: the weights current before the edit,
 * kept with the entry so that undo brings them back ((transfer full), nullable). */
void             chain_document_apply    (ChainDocument *d, ChainSpec *next /* (transfer full) */, const char *label, const char *merge_key,
                                          GPtrArray *state);
/* A number of a tensor was set by hand: an entry of its own. before is read only where chain_document_merges() says FALSE. */
void             chain_document_apply_weight (ChainDocument *d, const ChainWeightEdit *edit, const char *label, const char *merge_key);
/* All weights were replaced at once; before: what they were ((transfer full)). */
void             chain_document_apply_weights (ChainDocument *d, const char *label, GPtrArray *before);
/* chain_history_set_graft(), chain_history_redo_graft() */
void             chain_document_set_graft (ChainDocument *d, const char *graft);
const char      *chain_document_redo_graft (ChainDocument *d);
gboolean         chain_document_merges   (ChainDocument *d, const char *merge_key);
void             chain_document_begin    (ChainDocument *d, const char *label);   /* group: one undo entry */
void             chain_document_end      (ChainDocument *d);
const char      *chain_document_undo_label (ChainDocument *d);    /* NULL = nothing to undo */
const char      *chain_document_redo_label (ChainDocument *d);
/* *state (nullable): weights to go back to, (transfer full) or NULL. */
gboolean         chain_document_undo     (ChainDocument *d, GPtrArray **state);
gboolean         chain_document_redo     (ChainDocument *d, GPtrArray **state);
/* What the next undo (redo) is about: a number set by hand, or NULL; and whether weights come back with it, so that those of the present are to be
 * kept with chain_document_keep() after it ((transfer full)). */
const ChainWeightEdit *chain_document_next_weight (ChainDocument *d, gboolean redo);
gboolean         chain_document_next_has_state (ChainDocument *d, gboolean redo);
gboolean         chain_document_next_is_lost (ChainDocument *d, gboolean redo);   /* it is about weights that are not kept any more */
void             chain_document_keep     (ChainDocument *d, gboolean redo, GPtrArray *state);
gboolean         chain_document_is_dirty (ChainDocument *d);
void             chain_document_touch    (ChainDocument *d);      /* training moved the weights: unsaved work that is not an edit */
/* A number that changes with every edit, undo, redo and touch: what a save compares, before and after the disk. */
guint64          chain_document_moves    (ChainDocument *d);
/* still_touched: it has gone on since what was saved. One "changed" for both, or the journal would be emptied in between. */
void             chain_document_set_saved (ChainDocument *d, const char *path, const ChainFileStamp *stamp, gboolean still_touched);
/* After a crash: unsaved work on path (nullable), which looked like stamp (nullable). */
void             chain_document_set_recovered (ChainDocument *d, const char *path, const ChainFileStamp *stamp);
/* Somebody else changed the file to what stamp says, and this document is to replace it with the next save. */
void             chain_document_keep_mine (ChainDocument *d, const ChainFileStamp *stamp);
const char      *chain_document_path     (ChainDocument *d);      /* NULL: untitled */
const ChainFileStamp *chain_document_stamp (ChainDocument *d);
gboolean         chain_document_is_recovered (ChainDocument *d);  /* until it is saved */
char            *chain_document_name     (ChainDocument *d);      /* (transfer full): the spec's name or the file's */
char            *chain_document_title    (ChainDocument *d);      /* (transfer full): the name, with "(recovered)" until it is saved */
char            *chain_document_subtitle (ChainDocument *d);      /* "Untitled · edited", "~/lectures" */
/* Its history, as long as the document lives, and another one in its place ((transfer full)): then it has unsaved work. */
const ChainHistory *chain_document_entries (ChainDocument *d);
void             chain_document_set_entries (ChainDocument *d, ChainHistory *h);
gsize            chain_document_state_bytes (const GPtrArray *state);
/* (state, current) for tests and "compare with n edits ago": spec n entries back; NULL if there are fewer. */
const ChainSpec *chain_document_history  (ChainDocument *d, guint back);

G_END_DECLS
