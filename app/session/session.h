/* SPDX-License-Identifier: Apache-2.0 */
/* One open document with its data, its trainer on a worker thread and the newest snapshot. Every verb of the window is one function here
 * (STYLE rule 10); a GAction and, where it makes sense, a subcommand call it. Main thread.
 *
 * Functions that can fail return FALSE with one sentence and leave everything as it was. */
#pragma once

#include "app/session/document.h"
#include "app/train/worker.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_SESSION (chain_session_get_type ())
G_DECLARE_FINAL_TYPE (ChainSession, chain_session, CHAIN, SESSION, GObject)

/* Signals: "snapshot" (a newer snapshot was taken by pump), "state" (run state changed), "document" (document replaced or changed),
 * "message" (const char *text, const char *action_label or NULL, const char *action_name or NULL): a toast. */
ChainSession    *chain_session_new       (void);                       /* opens the example of DESIGN 2.2 */
ChainDocument   *chain_session_document  (ChainSession *s);
ChainSnapshot   *chain_session_snapshot  (ChainSession *s);            /* (transfer none): newest taken; never NULL once open */
ChainDataset    *chain_session_data      (ChainSession *s);            /* (transfer none) */
ChainTable      *chain_session_table     (ChainSession *s);            /* (transfer none): the columns as read */

/* --- documents --- */
gboolean         chain_session_open      (ChainSession *s, const char *path, GError **error);   /* .chainrule, .json; .csv and IDX: as import */
gboolean         chain_session_open_example (ChainSession *s, const char *path, GError **error); /* as open, but the document has no file */
gboolean         chain_session_open_spec (ChainSession *s, ChainSpec *spec /* (transfer full) */, GError **error);
gboolean         chain_session_save      (ChainSession *s, const char *path /* NULL = its own */, gboolean overwrite_changed, GError **error);
/* The same without waiting for the disk: the document may be edited meanwhile, and what was current at the call is saved. done gets the session
 * and calls finish, which marks the document as saved. */
void             chain_session_save_async  (ChainSession *s, const char *path, gboolean overwrite_changed, GAsyncReadyCallback done, gpointer data);
gboolean         chain_session_save_finish (ChainSession *s, GAsyncResult *result, GError **error);
gboolean         chain_session_import    (ChainSession *s, const char *path, GError **error);   /* data file -> new data of this document, fitting loss and output */
/* (transfer full): one picture of the present moment; format by the extension. */
gboolean         chain_session_export    (ChainSession *s, const char *view, const char *path, double width, double height, double scale, const char *style,
                                          GError **error);

/* --- edits (undoable); each ends in chain_document_apply and a command to the worker --- */
gboolean         chain_session_apply     (ChainSession *s, ChainSpec *next /* (transfer full) */, const char *label, const char *merge_key, GError **error);
/* As apply for edits of next->data: where kind or number of the targets change, loss and output follow. next is not sealed yet. */
gboolean         chain_session_apply_data (ChainSession *s, ChainSpec *next /* (transfer full) */, const char *label, const char *merge_key, GError **error);
gboolean         chain_session_set       (ChainSession *s, const char *path, const char *value, const char *label, const char *merge_key, GError **error);
gboolean         chain_session_set_data  (ChainSession *s, const char *data_id, GError **error);      /* row of the data table; loss, output and name follow */
gboolean         chain_session_set_loss  (ChainSession *s, const char *loss_id, GError **error);      /* output activation follows when it must */
gboolean         chain_session_set_optimiser (ChainSession *s, const char *id, GError **error);       /* keeps lr if in range, else the row's default */
gboolean         chain_session_add_layer (ChainSession *s, const char *after, GError **error);
gboolean         chain_session_remove_layer (ChainSession *s, const char *id, GError **error);
gboolean         chain_session_set_units (ChainSession *s, const char *id, int units, GError **error);
gboolean         chain_session_set_activation (ChainSession *s, const char *layer, const char *id, GError **error);
/* One entry of a tensor ("d1.weight", "d1.bias"): CHAIN_COMMAND_WEIGHT to the worker; undo puts back what was there, values set
 * within 500 ms are one entry. FALSE if there is no such entry. */
gboolean         chain_session_set_weight (ChainSession *s, const char *tensor, guint row, guint col, double value, GError **error);
gboolean         chain_session_undo      (ChainSession *s);
gboolean         chain_session_redo      (ChainSession *s);

/* --- training --- */
void             chain_session_play      (ChainSession *s);            /* a run that has ended says why instead (tell_end) */
gboolean         chain_session_tell_end  (ChainSession *s);            /* ended: a message with the reason and an offer; FALSE if it has not */
void             chain_session_train_on  (ChainSession *s);            /* lifts what ended the run (undoable) and plays */
void             chain_session_pause     (ChainSession *s);
gboolean         chain_session_is_playing (ChainSession *s);
void             chain_session_step      (ChainSession *s, int n);     /* n > 0 forward, n < 0 back in time; ends paused */
void             chain_session_reset     (ChainSession *s, gboolean new_seed);
void             chain_session_set_speed (ChainSession *s, double epochs_per_s);   /* 0 = no limit; a step slower than one epoch counts */
double           chain_session_speed     (ChainSession *s);
guint            chain_session_threads   (ChainSession *s);            /* that it trains with; follows the size of the network */
void             chain_session_remedy    (ChainSession *s);            /* after divergence: what the snapshot's remedy says, and restart; nothing where that is advice */

/* What is offered about a finding (app/health): changes the document, and starts again where the cure says so. One undo entry. */
gboolean         chain_session_cure      (ChainSession *s, const char *cure, int layer, GError **error);

/* Which rows CHAIN_WANT_TRACE holds still; the next picture follows it, paused or not. */
void             chain_session_set_trace_request (ChainSession *s, ChainTraceRequest request);
ChainTraceRequest chain_session_trace_request (ChainSession *s);

/* Called once a frame while a picture is shown: asks the worker for what the visible views want, takes the newest snapshot, emits "snapshot" if
 * it is new. Returns TRUE if it was. */
gboolean         chain_session_pump      (ChainSession *s, guint want);
/* The newest snapshot shows the present and nothing is under way: no need to pump until the next signal. */
gboolean         chain_session_is_settled (ChainSession *s);
gboolean         chain_session_wait      (ChainSession *s, guint want);   /* as pump, but waits for a snapshot of the present (tests, export) */

G_END_DECLS
