/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that saving and reading use, behind one table, so that tests can count them, fail the n-th one and record their
 * order (RELIABILITY 5.4). Each entry behaves as the call of its name: -1 and errno on failure. */
#pragma once

#include <glib.h>
#include <sys/stat.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef struct
{
  int     (*openat)     (int dir, const char *name, int flags, mode_t mode);
  ssize_t (*read)       (int fd, void *buf, size_t len);
  ssize_t (*write)      (int fd, const void *buf, size_t len);
  int     (*fallocate)  (int fd, off_t len);
  int     (*fchmod)     (int fd, mode_t mode);
  int     (*fsync)      (int fd);
  int     (*close)      (int fd);
  int     (*fstat)      (int fd, struct stat *st);
  int     (*fstatat)    (int dir, const char *name, struct stat *st, int flags);
  int     (*renameat)   (int dir, const char *from, const char *to);
  int     (*linkat)     (int dir, const char *from, const char *to);
  int     (*unlinkat)   (int dir, const char *name);
  int     (*open_beneath) (int dir, const char *name, int flags);   /* openat2() with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS */
} ChainSystem;

/* The table in use. Any thread, as long as nobody swaps it. */
const ChainSystem *chain_system     (void);
/* Swaps the table; NULL = the real one. Tests only, before any thread. */
void               chain_system_set (const ChainSystem *table);

G_END_DECLS
