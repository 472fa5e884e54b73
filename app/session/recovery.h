/* SPDX-License-Identifier: Apache-2.0 */
/* What a crash may cost and what comes back (RELIABILITY 3.1: P2, A12 to A14, A21, A23). A session keeps a journal only where it is asked to:
 * the window asks, the command line never does. Main thread; the disk is waited for on another thread. */
#pragma once

#include "app/session/session.h"

G_BEGIN_DECLS

/* --- keeping --- */
/* From now on unsaved work of this session is kept under root (NULL = the user's state folder), and the file that it has open is claimed. */
void        chain_session_keep_journal    (ChainSession *s, const char *root);
/* The document is closed: what is not saved is not wanted. */
void        chain_session_drop_journal    (ChainSession *s);
/* The window goes while a save may still fail: what the journal does not have yet is written, without waiting for it, and holds the session.
 * When the session ends, the journal stays and is offered at the next start, unless the save succeeded. */
void        chain_session_leave_journal   (ChainSession *s);
/* Why nothing is kept at present; NULL = autosave works, or nothing had to be written yet. "document" is emitted when it changes. */
const char *chain_session_autosave_error  (ChainSession *s);
/* Nothing waits to be written. */
gboolean    chain_session_autosave_is_settled (ChainSession *s);
/* Milliseconds: after the last change, after the first, between two checkpoints of training, between two lines of the log (tests). */
void        chain_session_autosave_times  (guint settle, guint latest, guint weights, guint log);

/* --- the generation before --- */
/* From now on a save leaves what it replaces as "name~". */
void        chain_session_keep_backup     (ChainSession *s, gboolean keep);
/* Opens the backup of path, whose own content cannot be read: unsaved work on path, titled as recovered. */
gboolean    chain_session_open_backup     (ChainSession *s, const char *path, GError **error);

/* --- one file, two windows --- */
/* The file is open elsewhere: it can be saved under another name only. "document" is emitted when it changes. */
gboolean    chain_session_is_read_only    (ChainSession *s);
/* Asks again whether it is still open elsewhere; the window does when it gets the focus. */
void        chain_session_claim_again     (ChainSession *s);

/* --- recovery --- */
/* One document that a program which ended unexpectedly had not saved. It is ours, so that no other program offers it, until it is freed. */
typedef struct _ChainUnsaved ChainUnsaved;

/* (transfer full): of ChainUnsaved, newest first. Removes what dead programs left that holds no unsaved work. */
GPtrArray  *chain_unsaved_list    (const char *root);
const char *chain_unsaved_title   (const ChainUnsaved *u);
const char *chain_unsaved_path    (const ChainUnsaved *u);    /* NULL: it had no file */
gint64      chain_unsaved_time    (const ChainUnsaved *u);    /* of the newest part, seconds since 1970 */
void        chain_unsaved_discard (ChainUnsaved *u);
void        chain_unsaved_free    (ChainUnsaved *u);          /* not discarded: it is offered again at the next start */
/* The document as it was, paused, unsaved, its journal going on from where it stopped: until it is saved or discarded, a further crash offers
 * it again. FALSE leaves session and journal as they were. */
gboolean    chain_session_restore (ChainSession *s, ChainUnsaved *u, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainUnsaved, chain_unsaved_free)

G_END_DECLS
