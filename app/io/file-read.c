/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what a user chose. Opened without blocking (a FIFO would wait for ever), accepted only if regular (/dev/zero has no end), read
 * into memory: a mapped file that somebody truncates is a SIGBUS (RELIABILITY M11, T7). The file may shrink or grow meanwhile: what
 * counts is what was read, up to the size that the check allowed. */
#include "config.h"
#include "app/io/file-replace.h"
#include "app/io/system.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

static gboolean
fail (GError **error, const char *path, const char *why)
{
  g_autofree char *name = chain_text_escape (path, -1);

  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("%s cannot be read: %s"), name, why);
  return FALSE;
}

static gboolean
check_size (const char *path, gsize size, gsize max, GError **error)
{
  g_autofree char *name = chain_text_escape (path, -1);
  g_autofree char *has = g_format_size (size);
  g_autofree char *may = g_format_size (max);

  if (size > max)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_TOO_LARGE, _("%s has %s; at most %s are read"), name, has, may);
      return FALSE;
    }
  return chain_memory_check (size + 1, name, error);
}

/* Reads until `size` bytes or the end. -1 on error. */
static gssize
read_all (int fd, char *buf, gsize size)
{
  gsize at = 0;

  while (at < size)
    {
      ssize_t n = chain_system ()->read (fd, buf + at, MIN (size - at, (gsize) 1 << 30));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      at += (gsize) n;
    }
  return (gssize) at;
}

static gboolean
read_fd (int fd, const char *path, gsize max, char **data, gsize *len, ChainFileStamp *stamp, GError **error)
{
  struct stat st;
  g_autofree char *buf = NULL;
  gssize n;

  if (chain_system ()->fstat (fd, &st) != 0)
    return fail (error, path, g_strerror (errno));
  if (!S_ISREG (st.st_mode))
    return fail (error, path, _("it is not a regular file"));
  if (!check_size (path, (gsize) st.st_size, max, error))
    return FALSE;
  buf = g_try_malloc ((gsize) st.st_size + 1);
  if (!buf)
    return fail (error, path, _("there is not enough memory for it"));
  n = read_all (fd, buf, (gsize) st.st_size);
  if (n < 0)
    return fail (error, path, g_strerror (errno));
  buf[n] = 0;
  if (stamp)
    *stamp = (ChainFileStamp){ TRUE, st.st_dev, st.st_ino, (guint64) st.st_size,
                               (gint64) st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec, st.st_mode & 07777, TRUE };
  *data = g_steal_pointer (&buf);
  *len = (gsize) n;
  return TRUE;
}

gboolean
chain_file_read (const char *path, gsize max, char **data, gsize *len, ChainFileStamp *stamp, GError **error)
{
  const ChainSystem *sys = chain_system ();
  gboolean ok;
  int fd;

  do
    fd = sys->openat (AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0);
  while (fd < 0 && errno == EINTR);
  if (fd < 0)
    return fail (error, path, g_strerror (errno));
  ok = read_fd (fd, path, max, data, len, stamp, error);
  sys->close (fd);
  return ok;
}

/* --- inside a folder --- */
/* For kernels before 5.6, and where a sandbox hides openat2(): one component after the other, none of them a link or a way up. */
static int
walk_beneath (int dir, const char *path, int flags)
{
  g_auto (GStrv) name = g_strsplit (path, "/", -1);
  guint n = g_strv_length (name);
  int at = fcntl (dir, F_DUPFD_CLOEXEC, 0);

  for (guint i = 0; i < n && at >= 0; i++)
    {
      int next, e;

      if (i + 1 < n && (*name[i] == '\0' || strcmp (name[i], ".") == 0))
        continue;
      if (strcmp (name[i], "..") == 0)
        {
          close (at);
          errno = EXDEV;
          return -1;
        }
      next = openat (at, name[i], i + 1 < n ? O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC : flags | O_NOFOLLOW);
      e = errno;
      close (at);
      errno = e;
      at = next;
    }
  return at;
}

static int
open_beneath (int dir, const char *path, int flags)
{
  int fd = chain_system ()->open_beneath (dir, path, flags);

  if (fd >= 0 || (errno != ENOSYS && errno != EPERM && errno != EINVAL))
    return fd;
  if (!g_path_is_absolute (path))
    return walk_beneath (dir, path, flags);
  errno = EXDEV;
  return -1;
}

/* "/folder/x" as "x", so that a document which was saved with whole paths finds what lies beside it. */
static const char *
inside (const char *folder, const char *path)
{
  gsize n = strlen (folder);

  while (n > 1 && folder[n - 1] == '/')
    n--;
  if (!g_path_is_absolute (path) || strncmp (path, folder, n) != 0 || path[n] != '/')
    return path;
  for (path += n; *path == '/'; path++)
    ;
  return path;
}

gboolean
chain_file_read_in (const char *folder, const char *path, gsize max, char **data, gsize *len, ChainFileStamp *stamp, GError **error)
{
  g_autofree char *name = chain_text_escape (path, -1), *whole = NULL;
  int dir, fd, e;
  gboolean ok;

  if (folder == NULL)
    return chain_file_read (path, max, data, len, stamp, error);
  whole = g_canonicalize_filename (folder, NULL);
  dir = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0)
    return fail (error, folder, g_strerror (errno));
  do
    fd = open_beneath (dir, inside (whole, path), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  e = errno;
  close (dir);
  if (fd < 0 && (e == EXDEV || e == ELOOP))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO,
                   _("%s lies outside of the document’s folder and is not opened unasked; choose the data file yourself"), name);
      return FALSE;
    }
  if (fd < 0)
    return fail (error, path, g_strerror (e));
  ok = read_fd (fd, path, max, data, len, stamp, error);
  close (fd);
  return ok;
}
