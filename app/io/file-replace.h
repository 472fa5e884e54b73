/* SPDX-License-Identifier: Apache-2.0 */
/* The one way to read a file that a user chose and the one way to save one (RELIABILITY 0.3). */
#pragma once

#include "engine/base/types.h"

G_BEGIN_DECLS

/* What a file looked like: enough to notice that somebody else changed it. */
typedef struct
{
  gboolean exists;
  guint64  device, inode, size;
  gint64   mtime_ns;
  guint32  mode;
  gboolean synced;      /* after a save: FALSE = saved, but the folder could not be synced: may not survive a power cut */
} ChainFileStamp;

/* Where in a file something is wrong. line 0 = not known; column: of a text the character, of a table the field, from 1; offset -1 = not
 * known, else bytes from 0. */
typedef struct { guint line, column; gint64 offset; } ChainFileWhere;

/* Saves data as `path`: the file holds the old bytes or the new ones, whatever happens on the way; on failure the old file is untouched
 * and nothing is left behind. A symbolic link stays, its target is replaced; the mode stays; a hard link is broken. With `expected`, a
 * file that differs from it is not overwritten (CHAIN_ERROR_INCONSISTENT). stamp_out (nullable): of the new file; see `synced`.
 * Any thread; blocks for the disk. */
gboolean chain_file_replace (const char *path, const void *data, gsize len, const ChainFileStamp *expected, ChainFileStamp *stamp_out,
                             GError **error);

/* As chain_file_replace(), and the file that was there is called chain_file_backup_name() from then on. A save that fails leaves the backup
 * that there was; one that could not make a backup succeeds all the same, and there too the one before stays. */
gboolean chain_file_replace_keeping (const char *path, const void *data, gsize len, const ChainFileStamp *expected, ChainFileStamp *stamp_out,
                                     GError **error);
/* "name~" beside what path leads to. (transfer full). */
char    *chain_file_backup_name (const char *path);

/* The whole of a regular file in memory (never mapped), with one NUL byte after it that len does not count. Refuses anything else than a
 * regular file, and more than `max` bytes or than the memory budget. stamp may be NULL. (out) data is freed with g_free(). */
gboolean chain_file_read    (const char *path, gsize max, char **data, gsize *len, ChainFileStamp *stamp, GError **error);

/* As chain_file_read(), for a name that a document and not a person gave (RELIABILITY 2.4 rule 6): nothing outside of folder is opened, no
 * symbolic link on the way is followed. An absolute path counts where it begins with the folder. folder NULL = chain_file_read(). */
gboolean chain_file_read_in (const char *folder, const char *path, gsize max, char **data, gsize *len, ChainFileStamp *stamp, GError **error);

/* exists = FALSE if there is no such file. Follows links. */
void     chain_file_stamp   (const char *path, ChainFileStamp *stamp);
gboolean chain_file_stamp_equal (const ChainFileStamp *a, const ChainFileStamp *b);   /* `synced` does not count */

/* Removes temporaries that a killed save of this very path left behind; those of living processes stay. Returns how many. */
guint    chain_file_sweep   (const char *path);

/* SHA-256 as 64 hexadecimal digits. (transfer full). */
char    *chain_sha256       (const void *data, gsize len);

G_END_DECLS
