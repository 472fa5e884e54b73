/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the journal share. */
#pragma once

#include "app/io/journal.h"

G_BEGIN_DECLS

struct _ChainJournal
{
  int      ref_count;     /* atomic */
  char    *root, *folder; /* folder: whole path */
  int      owner;         /* descriptor that holds the lock */
  guint64  seq;           /* atomic: last given */
  gboolean rooted;        /* the folder's own entry was synced */
  gboolean torn;          /* the last line of the log may lack its end */
  gboolean gone;          /* discarded; atomic */
  gboolean slots_known;   /* the next two are true of what is on disk */
  int      newest;        /* slot that holds the newest document: 0, 1; -1: neither does */
  char    *slot_data[2];  /* data part that belongs to each; NULL */
};

/* --- frame.c: kind, sequence number, note and checksum around bytes --- */
char    *_chain_frame_wrap   (const char *kind, guint64 seq, const char *note, const char *bytes, gsize len, gsize *out_len);
/* FALSE unless every byte is as it was written. *bytes points into data. note (transfer full), nullable. */
gboolean _chain_frame_unwrap (const char *data, gsize data_len, const char *kind, guint64 *seq, char **note, const char **bytes, gsize *len);
/* The frame in a file, checked; the bytes alone. (transfer full) or NULL. */
char    *_chain_frame_read   (const char *path, const char *kind, guint64 *seq, char **note, gsize *len, GError **error);

/* --- owner.c: who has a journal --- */
typedef enum { CHAIN_OWNER_ALIVE, CHAIN_OWNER_DEAD, CHAIN_OWNER_NONE } ChainOwnerState;
/* Opens and locks folder/owner. ALIVE: somebody else has it. DEAD: *fd is locked for the caller. file (nullable): (transfer full), the claim. */
ChainOwnerState _chain_owner_take  (const char *folder, int *fd, char **file);
int             _chain_owner_make  (const char *folder);                       /* a new locked one, written; -1 and errno */
gboolean        _chain_owner_write (int fd, const char *file);                 /* FALSE and errno */
gboolean        _chain_owner_pid_is_gone (const char *entry, const char *prefix);   /* "prefix-PID-…" of a dead process */

G_END_DECLS
