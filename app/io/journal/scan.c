/* SPDX-License-Identifier: Apache-2.0 */
/* The journals of others. Scans and claims happen under a lock on the whole folder: of two programs that open one file at the same moment
 * exactly one is first, and of two that start at the same moment exactly one offers a dead journal. The lock is held for milliseconds;
 * where it cannot be had, things go on without it. */
#include "config.h"

#include "app/io/journal/private.h"
#include "app/io/system.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LOCK_TRIES 50
#define LOCK_PAUSE 5000       /* microseconds */

static int
lock_root (const char *root)
{
  int fd = chain_system ()->openat (AT_FDCWD, root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  for (guint i = 0; fd >= 0 && i < LOCK_TRIES && flock (fd, LOCK_EX | LOCK_NB) != 0; i++)
    {
      if (errno != EWOULDBLOCK && errno != EINTR)
        break;
      g_usleep (LOCK_PAUSE);
    }
  return fd;
}

static void
unlock_root (int fd)
{
  if (fd >= 0)
    close (fd);
}

static void
sweep_folder (const char *folder, gboolean all)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (all || (name[0] == '.' && g_str_has_suffix (name, ".tmp")))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);

        g_unlink (path);
      }
  if (all)
    g_rmdir (folder);
}

/* Left half made or half removed by a process that is gone. */
static gboolean
is_litter (const char *entry)
{
  return _chain_owner_pid_is_gone (entry, "new-") || _chain_owner_pid_is_gone (entry, "gone-");
}

static void
consider (GPtrArray *dead, const char *root, const char *entry)
{
  g_autofree char *folder = g_build_filename (root, entry, NULL), *file = NULL;
  ChainOwnerState state;
  ChainJournal *j;
  int fd = -1;

  if (is_litter (entry))
    sweep_folder (folder, TRUE);
  if (!g_str_has_prefix (entry, "doc-"))
    return;
  state = _chain_owner_take (folder, &fd, &file);
  if (state == CHAIN_OWNER_NONE)      /* lost with a power cut: whoever finds it may have it */
    fd = _chain_owner_make (folder);
  if (fd < 0)
    return;
  sweep_folder (folder, FALSE);
  if (file != NULL)
    chain_file_sweep (file);
  j = g_new0 (ChainJournal, 1);
  *j = (ChainJournal){ .ref_count = 1, .root = g_strdup (root), .folder = g_steal_pointer (&folder), .owner = fd, .newest = -1 };
  g_ptr_array_add (dead, j);
}

GPtrArray *
chain_journal_dead (const char *root)
{
  GPtrArray *dead = g_ptr_array_new_with_free_func ((GDestroyNotify) chain_journal_unref);
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (root, 0, NULL);
  const char *entry;
  int held;

  if (dir == NULL)
    return dead;
  held = lock_root (root);
  while ((entry = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (entries, g_strdup (entry));
  for (guint i = 0; i < entries->len; i++)
    consider (dead, root, g_ptr_array_index (entries, i));
  unlock_root (held);
  return dead;
}

static guint64
newest_number (ChainJournal *j)
{
  g_autofree char *data = NULL, *slot = NULL, *spec = NULL;
  guint64 a = 0, b = 0;
  gsize len;

  slot = chain_journal_read_slot (j, &a, &data, &len, NULL);
  spec = chain_journal_read_spec (j, &b, &len, NULL);
  return MAX (slot != NULL ? a : 0, spec != NULL ? b : 0);
}

gboolean
chain_journal_adopt (ChainJournal *j, GError **error)
{
  __atomic_store_n (&j->seq, newest_number (j), __ATOMIC_SEQ_CST);
  j->torn = TRUE;             /* the log may end in the middle of a line */
  if (_chain_owner_write (j->owner, NULL))
    return TRUE;
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("%s cannot be written to: %s"), j->root, g_strerror (errno));
  return FALSE;
}

/* --- claims --- */
/* The same file by its path, or by another path that leads to it. */
static gboolean
same_file (const char *a, const char *b)
{
  ChainFileStamp s, t;

  if (strcmp (a, b) == 0)
    return TRUE;
  chain_file_stamp (a, &s);
  chain_file_stamp (b, &t);
  return s.exists && t.exists && s.device == t.device && s.inode == t.inode;
}

static gboolean
is_claimed (ChainJournal *j, const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (j->root, 0, NULL);
  g_autofree char *own = g_path_get_basename (j->folder);
  const char *entry;
  gboolean claimed = FALSE;

  while (dir != NULL && !claimed && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folder = g_build_filename (j->root, entry, NULL), *file = NULL;
      int fd = -1;

      if (!g_str_has_prefix (entry, "doc-") || strcmp (entry, own) == 0)
        continue;
      claimed = _chain_owner_take (folder, &fd, &file) == CHAIN_OWNER_ALIVE && file != NULL && same_file (file, path);
      if (fd >= 0)
        close (fd);
    }
  return claimed;
}

gboolean
chain_journal_claim (ChainJournal *j, const char *path, gboolean *elsewhere, GError **error)
{
  int held = lock_root (j->root);
  gboolean ok;

  *elsewhere = path != NULL && is_claimed (j, path);
  ok = _chain_owner_write (j->owner, *elsewhere ? NULL : path);
  if (!ok)
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("%s cannot be written to: %s"), j->root, g_strerror (errno));
  unlock_root (held);
  return ok;
}
