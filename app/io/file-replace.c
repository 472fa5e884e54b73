/* SPDX-License-Identifier: Apache-2.0 */
/* Saving. g_file_replace_contents() loses the old file on a full disk and does not sync a new one; g_file_set_contents_full() ignores a
 * folder that cannot be synced and replaces links (RELIABILITY M1-M4, measured). So the eight steps of RELIABILITY 0.3 are written out
 * here once: a temporary beside the target, its space reserved, written, synced, renamed, the folder synced. Until the rename every
 * error removes the temporary and leaves the old file alone; after it the new file is in place and only durability can be in doubt. */
#include "config.h"
#include "app/io/file-replace.h"
#include "app/io/system.h"
#include "engine/base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MAX_LINKS 8          /* links of links that are followed */
#define MAX_STEM 200         /* bytes of the name kept in a temporary's, below NAME_MAX */

static void
stamp_from_stat (ChainFileStamp *stamp, const struct stat *st)
{
  *stamp = (ChainFileStamp){ TRUE, st->st_dev, st->st_ino, (guint64) st->st_size,
                             (gint64) st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec, st->st_mode & 07777, TRUE };
}

gboolean
chain_file_stamp_equal (const ChainFileStamp *a, const ChainFileStamp *b)
{
  if (!a->exists || !b->exists)
    return a->exists == b->exists;
  return a->device == b->device && a->inode == b->inode && a->size == b->size && a->mtime_ns == b->mtime_ns;
}

void
chain_file_stamp (const char *path, ChainFileStamp *stamp)
{
  struct stat st;

  *stamp = (ChainFileStamp){ .exists = FALSE };
  if (chain_system ()->fstatat (AT_FDCWD, path, &st, 0) == 0)
    stamp_from_stat (stamp, &st);
}

/* "Not enough space …" with both figures where the file system tells them; else the system's own words. */
static void
set_io_error (GError **error, const char *path, int dir, gsize len, int err)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = chain_text_escape (base, -1);
  struct statvfs fs;

  if ((err == ENOSPC || err == EDQUOT) && dir >= 0 && fstatvfs (dir, &fs) == 0)
    {
      g_autofree char *needs = g_format_size (len);
      g_autofree char *has = g_format_size ((guint64) fs.f_bavail * fs.f_frsize);

      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("%s was not saved: it needs %s and the disk has %s free; the old file is unchanged"),
                   name, needs, has);
    }
  else
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("%s was not saved: %s; the old file is unchanged"), name, g_strerror (err));
}

/* The path that the links at `path` lead to, whether or not a file is there. (transfer full); NULL and errno. */
static char *
follow_links (const char *path)
{
  g_autofree char *at = g_strdup (path);

  for (guint i = 0; i <= MAX_LINKS; i++)
    {
      char target[PATH_MAX];
      ssize_t n = readlink (at, target, sizeof target - 1);
      g_autofree char *folder = NULL;

      if (n < 0)
        return errno == EINVAL || errno == ENOENT ? g_steal_pointer (&at) : NULL;
      target[n] = 0;
      folder = g_path_get_dirname (at);
      g_free (at);
      at = g_path_is_absolute (target) ? g_strdup (target) : g_build_filename (folder, target, NULL);
    }
  errno = ELOOP;
  return NULL;
}

static int
open_temporary (int dir, const char *name, gboolean is_new, char **temporary)
{
  for (guint tries = 0; tries < 16; tries++)
    {
      guint32 salt = 0;
      int fd;

      if (getrandom (&salt, sizeof salt, 0) != sizeof salt)
        salt = tries;
      g_free (*temporary);
      *temporary = g_strdup_printf (".%.*s.%d.%08x.tmp", MAX_STEM, name, (int) getpid (), salt);
      /* A new file gets the mode that the user's mask says; one that exists gets its own before it is renamed. */
      fd = chain_system ()->openat (dir, *temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, is_new ? 0666 : 0600);
      if (fd >= 0)
        return fd;
      if (errno != EEXIST && errno != EINTR)
        break;
    }
  g_clear_pointer (temporary, g_free);
  return -1;
}

static gboolean
write_all (int fd, const char *data, gsize len)
{
  while (len > 0)
    {
      ssize_t n = chain_system ()->write (fd, data, MIN (len, (gsize) 1 << 30));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          errno = n == 0 ? ENOSPC : errno;
          return FALSE;
        }
      data += n;
      len -= (gsize) n;
    }
  return TRUE;
}

/* EINTR is the one error that an fsync may be asked again after; any other may have dropped the pages (RELIABILITY 0.3 step 5). */
static gboolean
sync_fd (int fd)
{
  int r;

  do
    r = chain_system ()->fsync (fd);
  while (r != 0 && errno == EINTR);
  return r == 0;
}

/* Steps 3 to 5: reserve, write, mode, sync. */
static gboolean
fill_temporary (int fd, const void *data, gsize len, const ChainFileStamp *old)
{
  const ChainSystem *sys = chain_system ();
  int r;

  if (len > 0)
    {
      do
        r = sys->fallocate (fd, (off_t) len);
      while (r != 0 && errno == EINTR);
      if (r != 0 && errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS)
        return FALSE;
    }
  if (!write_all (fd, data, len))
    return FALSE;
  if (old->exists)
    {
      do
        r = sys->fchmod (fd, old->mode);
      while (r != 0 && errno == EINTR);
      if (r != 0)
        return FALSE;
    }
  return sync_fd (fd);
}

/* A second name for the file that is to be replaced, not yet the backup's: (transfer full), or NULL where there can or need be none. */
static char *
link_old (int dir, const char *name, const char *temporary, const ChainFileStamp *old)
{
  g_autofree char *backup = g_strconcat (name, "~", NULL), *linked = NULL;
  struct stat st;
  int r = chain_system ()->fstatat (dir, backup, &st, AT_SYMLINK_NOFOLLOW);

  if (!old->exists || (r != 0 && errno != ENOENT) || (r == 0 && !S_ISREG (st.st_mode)))
    return NULL;
  if (r == 0 && st.st_dev == old->device && st.st_ino == old->inode)
    return NULL;             /* it has that name; and rename() between two names of one file would do nothing */
  linked = g_strdup (temporary);
  for (char *salt = linked + strlen (linked) - strlen ("00000000.tmp"); *salt != '.'; salt++)
    *salt = *salt == 'f' ? '0' : 'f';
  do
    r = chain_system ()->linkat (dir, name, linked);
  while (r != 0 && errno == EINTR);
  return r == 0 ? g_steal_pointer (&linked) : NULL;
}

static void
drop (int dir, const char *temporary)
{
  /* The second try is for a signal; what still stays is found by chain_file_sweep(). */
  if (chain_system ()->unlinkat (dir, temporary) != 0)
    chain_system ()->unlinkat (dir, temporary);
}

static int
rename_in (int dir, const char *from, const char *to)
{
  int r;

  do
    r = chain_system ()->renameat (dir, from, to);
  while (r != 0 && errno == EINTR);
  return r == 0 ? 0 : errno;
}

/* The new file takes its place first: a save that fails must not have touched the backup. */
static int
put_in_place (int dir, const char *name, const char *temporary, const ChainFileStamp *old, gboolean keeps)
{
  g_autofree char *linked = keeps ? link_old (dir, name, temporary, old) : NULL, *backup = g_strconcat (name, "~", NULL);
  int err = rename_in (dir, temporary, name);

  if (linked != NULL && (err != 0 || rename_in (dir, linked, backup) != 0))
    drop (dir, linked);
  return err;
}

/* Steps 2 to 7 in an open folder. Returns 0 or the errno of what failed; *synced is FALSE when only the folder's sync did. */
static int
replace_in (int dir, const char *name, const void *data, gsize len, const ChainFileStamp *old, gboolean keeps, ChainFileStamp *stamp, gboolean *synced)
{
  const ChainSystem *sys = chain_system ();
  g_autofree char *temporary = NULL;
  struct stat st;
  int fd, err = 0;

  fd = open_temporary (dir, name, !old->exists, &temporary);
  if (fd < 0)
    return errno;
  if (!fill_temporary (fd, data, len, old) || sys->fstat (fd, &st) != 0)
    err = errno;
  /* After EINTR Linux has closed the descriptor; other errors of close come from a failed write-back, which fsync has told. */
  if (sys->close (fd) != 0 && errno != EINTR && err == 0)
    err = errno;
  if (err == 0)
    err = put_in_place (dir, name, temporary, old, keeps);
  if (err != 0)
    {
      drop (dir, temporary);
      return err;
    }
  *synced = sync_fd (dir);
  if (stamp)
    stamp_from_stat (stamp, &st);
  return 0;
}

static gboolean
check_expected (int dir, const char *name, const ChainFileStamp *expected, ChainFileStamp *old, GError **error)
{
  struct stat st;

  *old = (ChainFileStamp){ .exists = FALSE };
  if (chain_system ()->fstatat (dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
    stamp_from_stat (old, &st);
  else if (errno != ENOENT)
    {
      set_io_error (error, name, dir, 0, errno);
      return FALSE;
    }
  if (old->exists && !S_ISREG (st.st_mode))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("%s was not saved: it is not a regular file; choose another name"), name);
      return FALSE;
    }
  if (old->exists && faccessat (dir, name, W_OK, AT_EACCESS) != 0 && errno == EACCES)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("%s was not saved: it may not be written to; choose another name"), name);
      return FALSE;
    }
  if (expected && old->exists && !chain_file_stamp_equal (expected, old))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT,
                   _("%s was changed by another program since it was opened; reload it, or save under another name"), name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
replace (const char *path, const void *data, gsize len, const ChainFileStamp *expected, gboolean keeps, ChainFileStamp *stamp_out, GError **error)
{
  g_autofree char *target = follow_links (path);
  g_autofree char *folder = target ? g_path_get_dirname (target) : NULL;
  g_autofree char *name = target ? g_path_get_basename (target) : NULL;
  ChainFileStamp old;
  gboolean synced = FALSE, ok;
  int dir = -1, err;

  if (folder)
    do
      dir = chain_system ()->openat (AT_FDCWD, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    while (dir < 0 && errno == EINTR);
  if (dir < 0)
    {
      set_io_error (error, path, -1, len, errno);
      return FALSE;
    }
  ok = check_expected (dir, name, expected, &old, error);
  if (ok)
    {
      err = replace_in (dir, name, data, len, &old, keeps, stamp_out, &synced);
      ok = err == 0;
      if (!ok)
        set_io_error (error, path, dir, len, err);
      else if (stamp_out)
        stamp_out->synced = synced;
    }
  chain_system ()->close (dir);
  return ok;
}

gboolean
chain_file_replace (const char *path, const void *data, gsize len, const ChainFileStamp *expected, ChainFileStamp *stamp_out, GError **error)
{
  return replace (path, data, len, expected, FALSE, stamp_out, error);
}

gboolean
chain_file_replace_keeping (const char *path, const void *data, gsize len, const ChainFileStamp *expected, ChainFileStamp *stamp_out, GError **error)
{
  return replace (path, data, len, expected, TRUE, stamp_out, error);
}

/* ".name.PID.salt.tmp" of a process that is gone. */
static gboolean
is_stale (const char *entry, const char *prefix)
{
  gint64 pid;
  const char *rest = entry + strlen (prefix), *dot;

  if (!g_str_has_prefix (entry, prefix) || !g_str_has_suffix (entry, ".tmp") || !(dot = strchr (rest, '.')))
    return FALSE;
  if (strlen (dot) != strlen (".00000000.tmp") || !chain_number_parse_int (rest, dot - rest, 1, G_MAXINT, &pid))
    return FALSE;
  return kill ((pid_t) pid, 0) != 0 && errno == ESRCH;
}

guint
chain_file_sweep (const char *path)
{
  g_autofree char *target = follow_links (path);
  g_autofree char *folder = target ? g_path_get_dirname (target) : NULL;
  g_autofree char *name = target ? g_path_get_basename (target) : NULL;
  g_autofree char *prefix = name ? g_strdup_printf (".%.*s.", MAX_STEM, name) : NULL;
  g_autoptr (GDir) dir = folder ? g_dir_open (folder, 0, NULL) : NULL;
  const char *entry;
  guint n = 0;

  while (dir && (entry = g_dir_read_name (dir)))
    if (is_stale (entry, prefix))
      {
        g_autofree char *full = g_build_filename (folder, entry, NULL);

        n += unlink (full) == 0;
      }
  return n;
}

char *
chain_sha256 (const void *data, gsize len)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, len);
}
