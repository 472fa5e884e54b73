/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: a private folder per open document from which its unsaved work comes back after a crash (RELIABILITY 3.1).
 *
 *   owner   pid, boot id and start time of the program that has it, and the file that it has open; locked with flock() as long as it lives
 *   spec    what the document is: name, file, and its spec as JSON; replaced as a whole
 *   a, b    two slots for a whole document with weights; the older one is replaced, so a bad newer one falls back
 *   data-…  the table of a document whose data are its own, named by its content, written once
 *   log     one line of numbers for each moment of training, each with its checksum
 *
 * Every part carries its kind, sequence number, length and SHA-256. All functions may block for the disk; one thread at a time per journal,
 * apart from chain_journal_next() and chain_journal_discard(). */
#pragma once

#include "app/io/file-replace.h"

G_BEGIN_DECLS

typedef struct _ChainJournal ChainJournal;

/* XDG_STATE_HOME/chainrule/journal. (transfer full). */
char         *chain_journal_root    (void);

/* Makes a folder (0700) with a locked owner. NULL with one sentence. */
ChainJournal *chain_journal_new     (const char *root, GError **error);
ChainJournal *chain_journal_ref     (ChainJournal *j);
/* The last reference gives the lock up; the folder stays, as after a crash. */
void          chain_journal_unref   (ChainJournal *j);
const char   *chain_journal_folder  (const ChainJournal *j);
/* The work in it is saved or not wanted: the folder is gone from the next scan on. Does not wait for the disk. Any thread. */
void          chain_journal_discard (ChainJournal *j);

/* --- writing --- */
/* When what a part holds was true: larger is later. Any thread. */
guint64       chain_journal_next       (ChainJournal *j);
gboolean      chain_journal_write_spec (ChainJournal *j, guint64 seq, const char *text, gsize len, GError **error);
/* Into the slot that does not hold the newest document. data: name of the data part that belongs to it; NULL = none. */
gboolean      chain_journal_write_slot (ChainJournal *j, guint64 seq, const char *data, const char *bytes, gsize len, GError **error);
/* *name (transfer full): of the part, by its content; written only if it is not there. */
gboolean      chain_journal_write_data (ChainJournal *j, const char *bytes, gsize len, char **name, GError **error);
/* One line without its end. The log is bounded: the older half goes when it is full. */
gboolean      chain_journal_log        (ChainJournal *j, const char *line, GError **error);
/* The document was saved: everything but the owner goes. */
void          chain_journal_clear      (ChainJournal *j);

/* --- reading --- */
char         *chain_journal_read_spec  (ChainJournal *j, guint64 *seq, gsize *len, GError **error);
/* The newest slot that is whole. *data (transfer full) (nullable). Bytes are g_free()d. */
char         *chain_journal_read_slot  (ChainJournal *j, guint64 *seq, char **data, gsize *len, GError **error);
char         *chain_journal_read_data  (ChainJournal *j, const char *name, gsize *len, GError **error);
/* (transfer full): the lines whose checksum is right, in order. */
GPtrArray    *chain_journal_read_log   (ChainJournal *j);
gint64        chain_journal_time       (ChainJournal *j);   /* of the newest part: seconds since 1970; 0 = none */

/* --- others --- */
/* (transfer full): journals whose owner is gone, each locked for us until its last reference. Removes what dead owners left half made or
 * half removed. Empty where the folder cannot be read. */
GPtrArray    *chain_journal_dead       (const char *root);
/* Makes a dead journal ours. */
gboolean      chain_journal_adopt      (ChainJournal *j, GError **error);
/* Says that this program has `path` open; NULL = no file. *elsewhere: somebody living said so before; then nothing is said. */
gboolean      chain_journal_claim      (ChainJournal *j, const char *path, gboolean *elsewhere, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainJournal, chain_journal_unref)

G_END_DECLS
