/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the session share. Main thread, but for what runs inside chain_worker_call(). */
#pragma once

#include "app/health/health.h"
#include "app/session/session.h"
#include "engine/nn/model.h"

G_BEGIN_DECLS

/* Data that was in use a moment ago: undo must not read a file again, and must find the very same rows. */
typedef struct { ChainSpec *spec; ChainTable *table; ChainDataset *data; } ChainSessionData;

/* Data that a document names and that were not found: what stands in for them, and the run record as it was read. */
typedef struct { ChainTable *table; ChainDataset *data; char *reason, *run; gboolean fitted; } ChainSessionMissing;

struct _ChainSession
{
  GObject        parent;
  ChainDocument *document;
  ChainTable    *table;
  ChainDataset  *data;
  ChainModel    *model;         /* of the document's spec, for checks and for telling structural edits; no values */
  GPtrArray     *recent;        /* of ChainSessionData, newest last */
  ChainWorker   *worker;
  ChainSnapshot *snapshot;
  gboolean       playing;
  double         speed;         /* epochs a second; 0 = no limit */
  guint          threads;       /* that the trainer computes with */
  guint          seq;           /* of the last command sent */
  gboolean       stale;         /* something happened since the last picture was asked for */
  gboolean       asked;         /* a picture is on its way */
  guint          asked_for, have;
  char          *told;          /* the last refusal that was passed on */
  gboolean       opening;       /* rows that stand in for the present document's data are nothing to open another with */
  gboolean       backs_up;      /* a save leaves the file before it as "name~" */
  GHashTable    *granted;       /* paths of data files that a person chose; NULL */
  ChainSessionMissing *missing; /* NULL */
  GPtrArray     *ghosts;        /* of ChainGhost, newest first; never written once a snapshot has it; NULL */
  gboolean       ghosts_hidden;
  guint          runs;          /* made so far */
  gboolean       own_numbers;   /* weights set by hand, pasted or read from a file: not the draw, which another initialiser may replace */
  guint          reset_seq;     /* of the last reset: older snapshots are of the run before */
  ChainTraceRequest trace;
  struct _ChainAutosave *autosave;   /* NULL: no journal is kept */
};

/* --- session.c --- */
/* Replaces document, data and trainer. tensors, run: nullable. Takes missing (nullable) if it succeeds, and else nothing. */
gboolean  _chain_session_start   (ChainSession *s, ChainSpec *spec, ChainTable *table, ChainDataset *data, GPtrArray *tensors, const char *run,
                                  ChainSessionMissing *missing, GError **error);
guint     _chain_session_send    (ChainSession *s, ChainCommand *c);
void      _chain_session_message (ChainSession *s, const char *text, const char *action_label, const char *action);
void      _chain_session_changed (ChainSession *s);      /* emits "document" */
void      _chain_session_send_speed (ChainSession *s);
GPtrArray *_chain_session_weights (ChainSession *s);   /* (transfer full): with moments */

/* --- explore/ghosts.c --- */
/* The run as the newest snapshot shows it is about to be replaced; entry: of the history, that it was of. FALSE: nothing was trained since one was put by. */
gboolean  _chain_session_put_by    (ChainSession *s, guint entry);
void      _chain_session_show_with (ChainSession *s, ChainSnapshot *p);   /* earlier runs into p, which nobody has seen yet */

/* --- session-file.c --- */
/* A task for a thread of the pool. It holds the session until done has been called, and no longer: the thread that lets go of a task last may be the
 * one of the pool, and a session must end where the main loop is. done hears of the session as of the source. (transfer full). */
GTask    *_chain_session_task      (ChainSession *s, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
/* (transfer full); run nullable; takes references. */
ChainDocumentFile *_chain_session_document_file (ChainSpec *spec, ChainPrep *prep, GPtrArray *tensors, const char *run);
/* All of the present document, (transfer full). *running: the document has more than it holds: training went on, or an edit is not in it. */
ChainDocumentFile *_chain_session_present_file (ChainSession *s, gboolean *running);
gboolean  _chain_session_same_numbers (ChainTrainer *t, const GPtrArray *drawn);   /* drawn: what it began with */
gsize     _chain_session_table_bytes (const ChainTable *t);
/* Makes what was read the present document, without path. folder: where its data may lie; NULL = nowhere. */
gboolean  _chain_session_open_parts (ChainSession *s, const ChainDocumentFile *file, const char *folder, GError **error);

/* --- health/cure.c --- */
gboolean  _chain_session_apply_and_restart (ChainSession *s, ChainSpec *next, const char *label, GError **error);

/* --- health/start.c --- */
void      _chain_session_draw_again (ChainSession *s, const ChainSpec *before);   /* after an edit: new weights where only the start changed */

/* --- session-missing.c --- */
ChainTable *_chain_session_stand_in (const ChainSpec *spec, const ChainPrep *prep);   /* prep nullable */
void      _chain_session_missing_free (ChainSessionMissing *m);
gboolean  _chain_session_is_missing (const ChainSession *s);
gboolean  _chain_session_prep_is_own (const ChainSession *s);   /* FALSE: fitted to rows that stand in */
void      _chain_session_blank_missing (ChainSession *s, ChainSnapshot *p);  /* p: not shown to anybody yet */
gboolean  _chain_session_refuse_missing (ChainSession *s);   /* TRUE, and says so, where nothing can be trained */

/* --- session-data.c --- */
void      _chain_session_grant     (ChainSession *s, const char *path);   /* a person chose this file */
char     *_chain_session_labels_beside (const char *path);                /* (transfer full) (nullable) */
/* Table and data set of spec: the present ones, recent ones, or made anew. base_dir: of relative paths. (transfer full). */
gboolean  _chain_session_find_data (ChainSession *s, const ChainSpec *spec, const char *base_dir, ChainTable **table, ChainDataset **data,
                                    GError **error);
void      _chain_session_keep_data (ChainSession *s, const ChainSpec *spec, ChainTable *table, ChainDataset *data);
void      _chain_session_forget_table (ChainSession *s, const ChainTable *table);   /* it is not to be found again */
void      _chain_session_data_free (gpointer p);
/* Loss, output width and activation that suit the data. spec is mutable. */
void      _chain_session_fit       (ChainSpec *spec, const ChainDataset *data);
void      _chain_session_set_loss_of (ChainSpec *spec, const char *loss_id, guint width);
/* As chain_session_apply() with data that is already there; base: nothing is taken but next. */
gboolean  _chain_session_enter     (ChainSession *s, ChainSpec *next, ChainTable *table, ChainDataset *data, const char *label,
                                    const char *merge_key, GError **error);

/* --- session-build.c --- */
/* What of from's weights finds no place in to, in words; NULL: nothing is lost. (transfer full). */
char     *_chain_session_lost      (const ChainModel *from, const ChainModel *to);

/* --- session-edit.c --- */
/* As chain_session_apply() for a sealed spec, with what happens to the numbers besides (engine/nn/edit.h); next may equal the present spec. */
gboolean  _chain_session_apply_graft (ChainSession *s, ChainSpec *next, const char *graft, const char *label, const char *merge_key, GError **error);

G_END_DECLS
