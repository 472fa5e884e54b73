/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a journal is. The lock tells on a local disk; where a file system has none, pid, boot and start time do: a pid alone comes back
 * within hours, a pid with its start time does not come back before the next boot. The text is written in place, since another file would
 * be another lock; a text torn by a crash belongs to nobody, and then the lock alone decides. */
#include "config.h"

#include "app/io/journal/private.h"
#include "app/io/system.h"
#include "engine/base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define TEXT_MAX 16384        /* a path is PATH_MAX, three times as long where every byte is escaped */
#define STAT_START 20         /* fields of /proc/PID/stat between the name and the start time: 3 (state) to 22 */

typedef struct { gint64 pid; char *boot, *start, *file; } Owner;

static void
owner_clear (Owner *o)
{
  g_free (o->boot);
  g_free (o->start);
  g_free (o->file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Owner, owner_clear)

static char *
boot_id (void)
{
  char *text = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
    return g_strdup ("-");
  return g_strstrip (text);
}

/* In ticks since the boot; "-" if there is no such process. The name in between may hold spaces and brackets, so it is skipped from behind. */
static char *
start_of (gint64 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/stat", pid), *text = NULL;
  g_auto (GStrv) field = NULL;
  char *after;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (after = strrchr (text, ')')) == NULL || after[1] != ' ')
    return g_strdup ("-");
  field = g_strsplit (after + 2, " ", STAT_START + 1);
  return g_strdup (g_strv_length (field) > STAT_START - 1 ? field[STAT_START - 1] : "-");
}

static gboolean
parse (const char *data, gsize len, Owner *o)
{
  const char *bytes;
  guint64 seq;
  gsize n;
  g_autofree char *text = NULL;
  g_auto (GStrv) line = NULL;

  if (!_chain_frame_unwrap (data, len, "owner", &seq, NULL, &bytes, &n))
    return FALSE;
  text = g_strndup (bytes, n);
  line = g_strsplit (text, "\n", 5);
  if (g_strv_length (line) != 5 || !chain_number_parse_int (line[0], -1, 1, G_MAXINT, &o->pid))
    return FALSE;
  o->boot = g_strdup (line[1]);
  o->start = g_strdup (line[2]);
  o->file = *line[3] != '\0' ? g_filename_from_uri (line[3], NULL, NULL) : NULL;
  return TRUE;
}

static gboolean
read_owner (int fd, Owner *o)
{
  g_autofree char *data = g_malloc (TEXT_MAX + 1);
  gsize at = 0;
  ssize_t n;

  if (lseek (fd, 0, SEEK_SET) != 0)
    return FALSE;
  do
    {
      n = chain_system ()->read (fd, data + at, TEXT_MAX - at);
      at += n > 0 ? (gsize) n : 0;
    }
  while ((n > 0 && at < TEXT_MAX) || (n < 0 && errno == EINTR));
  data[at] = 0;
  return n >= 0 && parse (data, at, o);
}

static gboolean
lives (const Owner *o)
{
  g_autofree char *boot = boot_id (), *start = NULL;

  if (strcmp (boot, o->boot) != 0 || (kill ((pid_t) o->pid, 0) != 0 && errno == ESRCH))
    return FALSE;
  start = start_of (o->pid);
  return strcmp (start, o->start) == 0;
}

gboolean
_chain_owner_write (int fd, const char *file)
{
  g_autofree char *boot = boot_id (), *start = start_of (getpid ()), *uri = NULL, *text = NULL, *framed = NULL;
  gsize len, at = 0;

  uri = file != NULL ? g_filename_to_uri (file, NULL, NULL) : NULL;      /* a path may hold line ends */
  text = g_strdup_printf ("%d\n%s\n%s\n%s\n", (int) getpid (), boot, start, uri != NULL ? uri : "");
  framed = _chain_frame_wrap ("owner", 0, NULL, text, strlen (text), &len);
  if (framed == NULL || lseek (fd, 0, SEEK_SET) != 0)
    return FALSE;
  while (at < len)
    {
      ssize_t n = chain_system ()->write (fd, framed + at, len - at);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      at += (gsize) n;
    }
  return ftruncate (fd, (off_t) len) == 0;
}

/* 0: locked; 1: somebody has it; -1: this file system has no locks. */
static int
lock (int fd)
{
  int r;

  do
    r = flock (fd, LOCK_EX | LOCK_NB);
  while (r != 0 && errno == EINTR);
  return r == 0 ? 0 : errno == EWOULDBLOCK ? 1 : -1;
}

int
_chain_owner_make (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "owner", NULL);
  int fd = chain_system ()->openat (AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), e;

  if (fd < 0)
    return -1;
  if (lock (fd) != 1 && _chain_owner_write (fd, NULL))
    return fd;
  e = errno;
  close (fd);
  errno = e;
  return -1;
}

ChainOwnerState
_chain_owner_take (const char *folder, int *fd, char **file)
{
  g_autofree char *path = g_build_filename (folder, "owner", NULL);
  g_auto (Owner) o = { 0 };
  gboolean known;
  int held;

  do
    *fd = chain_system ()->openat (AT_FDCWD, path, O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0);
  while (*fd < 0 && errno == EINTR);
  if (*fd < 0)
    return CHAIN_OWNER_NONE;
  held = lock (*fd);
  known = read_owner (*fd, &o);
  if (file != NULL)
    *file = g_steal_pointer (&o.file);
  if (held == 0 && (!known || !lives (&o) || o.pid == getpid ()))
    return CHAIN_OWNER_DEAD;
  if (held < 0 && known && !lives (&o))
    return CHAIN_OWNER_DEAD;
  close (*fd);
  *fd = -1;
  return CHAIN_OWNER_ALIVE;
}

gboolean
_chain_owner_pid_is_gone (const char *entry, const char *prefix)
{
  gint64 pid;
  const char *rest, *dash;

  if (!g_str_has_prefix (entry, prefix))
    return FALSE;
  rest = entry + strlen (prefix);
  dash = strchr (rest, '-');
  if (dash == NULL || !chain_number_parse_int (rest, dash - rest, 1, G_MAXINT, &pid))
    return FALSE;
  return pid == getpid () || (kill ((pid_t) pid, 0) != 0 && errno == ESRCH);
}
