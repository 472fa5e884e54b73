/* SPDX-License-Identifier: Apache-2.0 */
/* The real system calls. The table exists because the promise "old or new, never mixed" is about what happens when one of these fails:
 * tests put their own table in and fail each call in turn. */
#include "app/io/system.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
real_openat (int dir, const char *name, int flags, mode_t mode)
{
  return openat (dir, name, flags, mode);
}

static int
real_fallocate (int fd, off_t len)
{
  int r = posix_fallocate (fd, 0, len);

  errno = r;
  return r == 0 ? 0 : -1;
}

static int
real_renameat (int dir, const char *from, const char *to)
{
  return renameat (dir, from, dir, to);
}

static int
real_linkat (int dir, const char *from, const char *to)
{
  return linkat (dir, from, dir, to, 0);
}

static int
real_unlinkat (int dir, const char *name)
{
  return unlinkat (dir, name, 0);
}

static int
real_open_beneath (int dir, const char *name, int flags)
{
  struct open_how how = { .flags = (guint64) flags, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };

  return (int) syscall (SYS_openat2, dir, name, &how, sizeof how);
}

static const ChainSystem real = { real_openat, read, write, real_fallocate, fchmod, fsync, close, fstat, fstatat, real_renameat, real_linkat,
                                  real_unlinkat, real_open_beneath };
static const ChainSystem *current = &real;

const ChainSystem *
chain_system (void)
{
  return current;
}

void
chain_system_set (const ChainSystem *table)
{
  current = table ? table : &real;
}
