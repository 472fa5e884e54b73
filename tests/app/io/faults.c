/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/app/io/faults.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const ChainSystem *real;
static guint count, fail_at;
static int fail_with;
static gboolean sticky_fault, fail_unlink;
static gsize cap, written;
static GArray *steps;

static gboolean
fails (gboolean is_unlink)
{
  count++;
  if (fail_at == 0 || (count != fail_at && !(sticky_fault && count > fail_at)) || (is_unlink && sticky_fault && !fail_unlink))
    return FALSE;
  errno = fail_with;
  return TRUE;
}

static void
record (StepKind kind, gsize offset, gsize len)
{
  Step s = { kind, offset, len };

  g_array_append_val (steps, s);
}

static gboolean
is_folder (int fd)
{
  struct stat st;

  return fstat (fd, &st) == 0 && S_ISDIR (st.st_mode);
}

static int
f_openat (int dir, const char *name, int flags, mode_t mode)
{
  return fails (FALSE) ? -1 : real->openat (dir, name, flags, mode);
}

static ssize_t
f_read (int fd, void *buf, size_t len)
{
  return fails (FALSE) ? -1 : real->read (fd, buf, len);
}

static ssize_t
f_write (int fd, const void *buf, size_t len)
{
  ssize_t n = fails (FALSE) ? -1 : real->write (fd, buf, MIN (len, cap));

  if (n > 0)
    {
      record (STEP_WRITE, written, (gsize) n);
      written += (gsize) n;
    }
  return n;
}

static int
f_fallocate (int fd, off_t len)
{
  return fails (FALSE) ? -1 : real->fallocate (fd, len);
}

static int
f_fchmod (int fd, mode_t mode)
{
  return fails (FALSE) ? -1 : real->fchmod (fd, mode);
}

static int
f_fsync (int fd)
{
  if (fails (FALSE))
    return -1;
  record (is_folder (fd) ? STEP_SYNC_DIR : STEP_SYNC_FILE, 0, 0);
  return real->fsync (fd);
}

static int
f_close (int fd)
{
  gboolean bad = fails (FALSE);
  int e = errno, r = real->close (fd);

  if (!bad)
    return r;
  errno = e;   /* the descriptor is gone all the same, as with the real call */
  return -1;
}

static int
f_fstat (int fd, struct stat *st)
{
  return fails (FALSE) ? -1 : real->fstat (fd, st);
}

static int
f_fstatat (int dir, const char *name, struct stat *st, int flags)
{
  return fails (FALSE) ? -1 : real->fstatat (dir, name, st, flags);
}

static int
f_renameat (int dir, const char *from, const char *to)
{
  if (fails (FALSE))
    return -1;
  record (STEP_RENAME, 0, 0);
  return real->renameat (dir, from, to);
}

static int
f_linkat (int dir, const char *from, const char *to)
{
  return fails (FALSE) ? -1 : real->linkat (dir, from, to);
}

static int
f_unlinkat (int dir, const char *name)
{
  return fails (TRUE) ? -1 : real->unlinkat (dir, name);
}

static int
f_open_beneath (int dir, const char *name, int flags)
{
  return fails (FALSE) ? -1 : real->open_beneath (dir, name, flags);
}

static const ChainSystem table = { f_openat, f_read, f_write, f_fallocate, f_fchmod, f_fsync, f_close, f_fstat, f_fstatat, f_renameat, f_linkat,
                                   f_unlinkat, f_open_beneath };

void
faults_begin (guint at, int err, gboolean sticky, gboolean unlink_too, gsize write_at_most)
{
  if (!steps)
    steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_array_set_size (steps, 0);
  chain_system_set (NULL);
  real = chain_system ();
  count = 0;
  written = 0;
  fail_at = at;
  fail_with = err;
  sticky_fault = sticky;
  fail_unlink = unlink_too;
  cap = write_at_most;
  chain_system_set (&table);
}

guint
faults_end (void)
{
  chain_system_set (NULL);
  return count;
}

GArray *
faults_log (void)
{
  return steps;
}
