/* SPDX-License-Identifier: Apache-2.0 */
/* Autosave as the other files of the session see it. */
#pragma once

#include "app/io/journal.h"
#include "app/session/recovery.h"

G_BEGIN_DECLS

typedef struct _ChainAutosave ChainAutosave;

/* All do nothing where no journal is kept. */
void     _chain_autosave_changed (ChainSession *s);                        /* spec, weights, run state, path or dirty state changed */
void     _chain_autosave_restart (ChainSession *s);                        /* another document took the place of the old one */
void     _chain_autosave_free    (ChainSession *s);
void     _chain_autosave_adopt   (ChainSession *s, ChainJournal *journal); /* takes a reference */
/* Before a save under another name: FALSE if that file is open elsewhere. */
gboolean _chain_autosave_claim   (ChainSession *s, const char *path, GError **error);
void     _chain_autosave_saved   (ChainSession *s, const char *path);       /* that save is over: the claim follows the document again */
/* While TRUE, what takes the document's place is the same document, and the journal is not thrown away. */
void     _chain_autosave_goes_on (ChainSession *s, gboolean goes_on);
const char *_chain_autosave_root (ChainSession *s);                        /* NULL = the user's */

/* --- autosave-job.c: what happens off the main thread --- */
typedef enum { CHAIN_AUTOSAVE_SPEC = 1, CHAIN_AUTOSAVE_SLOT = 2, CHAIN_AUTOSAVE_LOG = 4, CHAIN_AUTOSAVE_CLEAR = 8 } ChainAutosaveWhat;

typedef struct
{
  ChainJournal  *journal;
  guint          what;
  guint64        spec_seq, slot_seq;
  char          *title, *path;      /* path nullable */
  ChainFileStamp stamp;             /* exists = FALSE: none */
  gboolean       before;            /* main thread's: of the document before its data were found */
  ChainSpec     *doc_spec;
  gboolean       unfitted;          /* the preprocessing was fitted to rows that stand in: it is nobody's */
  ChainTable    *table;             /* to be kept; NULL: the data are found by name */
  double         train, test, score;

  /* filled on the worker's thread */
  ChainSpec     *spec;
  ChainPrep     *prep;
  GPtrArray     *tensors;
  char          *run;
  guint64        step;
  double         epoch, loss, lr;

  gint64         took;              /* microseconds that writing the slot took */
} ChainAutosaveJob;

void     _chain_autosave_job_free  (gpointer job);
void     _chain_autosave_job_fill  (ChainTrainer *t, ChainAutosaveJob *job);   /* worker's thread */
gboolean _chain_autosave_job_write (ChainAutosaveJob *job, GError **error);    /* any thread */

G_END_DECLS
