/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of one open document and what is written into it. Every part is replaced through chain_file_replace(), so it is the old or the
 * new one; two slots on top of that cover what no rename does: a sector that cannot be read any more. The order within a document is kept
 * by sequence numbers that are given when something becomes true, not when it is written, since writing happens on another thread. */
#include "config.h"

#include "app/io/journal/private.h"
#include "app/io/system.h"
#include "engine/base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include <zlib.h>

#define LOG_BYTES ((gsize) 1 << 20)
#define DATA_DIGITS 32        /* of the SHA-256 in a data part's name */

char *
chain_journal_root (void)
{
  return g_build_filename (g_get_user_state_dir (), "chainrule", "journal", NULL);
}

static char *
part (const ChainJournal *j, const char *name)
{
  return g_build_filename (j->folder, name, NULL);
}

static gboolean
fail (GError **error, const char *root, int err)
{
  g_autofree char *shown = chain_text_escape (root, -1);

  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("%s cannot be written to: %s"), shown, g_strerror (err));
  return FALSE;
}

/* Ours alone, also where it was made under another mask. */
static gboolean
make_root (const char *root, GError **error)
{
  GStatBuf st;

  if (g_mkdir_with_parents (root, 0700) != 0 || g_stat (root, &st) != 0)
    return fail (error, root, errno);
  if ((st.st_mode & 077) != 0 && g_chmod (root, 0700) != 0)
    return fail (error, root, errno);
  return TRUE;
}

static guint64
salt (void)
{
  guint64 v = 0;

  if (getrandom (&v, sizeof v, 0) != sizeof v)
    v = (guint64) g_get_monotonic_time ();
  return v;
}

/* Made under a name that scans pass over, renamed once the owner is there: a folder without owner is nobody's. */
ChainJournal *
chain_journal_new (const char *root, GError **error)
{
  guint64 id = salt ();
  g_autofree char *made = g_strdup_printf ("%s/new-%d-%016" G_GINT64_MODIFIER "x", root, (int) getpid (), id);
  g_autofree char *final = g_strdup_printf ("%s/doc-%d-%016" G_GINT64_MODIFIER "x", root, (int) getpid (), id);
  g_autofree char *owner = g_build_filename (made, "owner", NULL);
  ChainJournal *j;
  int fd, e;

  if (!make_root (root, error))
    return NULL;
  if (g_mkdir (made, 0700) != 0)
    {
      fail (error, root, errno);
      return NULL;
    }
  fd = _chain_owner_make (made);
  if (fd < 0 || g_rename (made, final) != 0)
    {
      e = errno;
      if (fd >= 0)
        close (fd);
      g_unlink (owner);
      g_rmdir (made);
      fail (error, root, e);
      return NULL;
    }
  j = g_new0 (ChainJournal, 1);
  *j = (ChainJournal){ .ref_count = 1, .root = g_strdup (root), .folder = g_steal_pointer (&final), .owner = fd, .newest = -1, .slots_known = TRUE };
  return j;
}

ChainJournal *
chain_journal_ref (ChainJournal *j)
{
  g_atomic_int_inc (&j->ref_count);
  return j;
}

static void
forget_slots (ChainJournal *j)
{
  g_clear_pointer (&j->slot_data[0], g_free);
  g_clear_pointer (&j->slot_data[1], g_free);
  j->newest = -1;
}

void
chain_journal_unref (ChainJournal *j)
{
  if (j == NULL || !g_atomic_int_dec_and_test (&j->ref_count))
    return;
  if (j->owner >= 0)
    close (j->owner);
  forget_slots (j);
  g_free (j->folder);
  g_free (j->root);
  g_free (j);
}

const char *
chain_journal_folder (const ChainJournal *j)
{
  return j->folder;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

/* The rename ends it at once, whatever another thread is still writing there; what that leaves is removed by the next scan. */
void
chain_journal_discard (ChainJournal *j)
{
  g_autofree char *base = g_path_get_basename (j->folder);
  g_autofree char *gone = g_strdup_printf ("%s/gone-%d-%s", j->root, (int) getpid (), base);

  if (g_atomic_int_get (&j->gone))
    return;
  g_atomic_int_set (&j->gone, TRUE);
  remove_folder (g_rename (j->folder, gone) == 0 ? gone : j->folder);
}

guint64
chain_journal_next (ChainJournal *j)
{
  return __atomic_add_fetch (&j->seq, 1, __ATOMIC_SEQ_CST);
}

/* --- writing --- */
/* The entry of the folder itself must survive a power cut too; once is enough. */
static void
sync_root (ChainJournal *j)
{
  int fd, r;

  if (j->rooted)
    return;
  fd = chain_system ()->openat (AT_FDCWD, j->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0)
    return;
  do
    r = chain_system ()->fsync (fd);
  while (r != 0 && errno == EINTR);
  chain_system ()->close (fd);
  j->rooted = r == 0;
}

static gboolean
write_part (ChainJournal *j, const char *name, const char *kind, guint64 seq, const char *note, const char *bytes, gsize len, GError **error)
{
  g_autofree char *path = part (j, name), *framed = NULL;
  gsize n = 0;

  framed = _chain_frame_wrap (kind, seq, note, bytes, len, &n);
  if (framed == NULL)
    return fail (error, j->folder, ENOMEM);
  sync_root (j);
  return chain_file_replace (path, framed, n, NULL, NULL, error);
}

gboolean
chain_journal_write_spec (ChainJournal *j, guint64 seq, const char *text, gsize len, GError **error)
{
  return write_part (j, "spec", "spec", seq, NULL, text, len, error);
}

static const char *const slot_names[] = { "a", "b" };

/* What an adopted journal holds; read once, since a slot may be large. */
static void
know_slots (ChainJournal *j)
{
  guint64 newest = 0;

  for (int i = 0; i < 2 && !j->slots_known; i++)
    {
      g_autofree char *path = part (j, slot_names[i]), *bytes = NULL;
      guint64 seq;
      gsize len;

      bytes = _chain_frame_read (path, "slot", &seq, &j->slot_data[i], &len, NULL);
      if (bytes == NULL || (j->newest >= 0 && seq <= newest))
        continue;
      newest = seq;
      j->newest = i;
    }
  j->slots_known = TRUE;
}

/* Data parts that neither slot names. */
static void
drop_data (ChainJournal *j)
{
  g_autoptr (GDir) dir = g_dir_open (j->folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "data-") && g_strcmp0 (name, j->slot_data[0]) != 0 && g_strcmp0 (name, j->slot_data[1]) != 0)
      {
        g_autofree char *path = part (j, name);

        g_unlink (path);
      }
}

gboolean
chain_journal_write_slot (ChainJournal *j, guint64 seq, const char *data, const char *bytes, gsize len, GError **error)
{
  int to;

  know_slots (j);
  to = j->newest == 0 ? 1 : 0;
  if (!write_part (j, slot_names[to], "slot", seq, data, bytes, len, error))
    return FALSE;
  j->newest = to;
  g_free (j->slot_data[to]);
  j->slot_data[to] = g_strdup (data);
  drop_data (j);
  return TRUE;
}

gboolean
chain_journal_write_data (ChainJournal *j, const char *bytes, gsize len, char **name, GError **error)
{
  g_autofree char *sum = chain_sha256 (bytes, len), *own = g_strdup_printf ("data-%.*s", DATA_DIGITS, sum), *path = part (j, own);

  if (!g_file_test (path, G_FILE_TEST_EXISTS) && !write_part (j, own, "data", 0, NULL, bytes, len, error))
    return FALSE;
  *name = g_steal_pointer (&own);
  return TRUE;
}

/* --- the log --- */
/* The younger half of a full log takes its place. */
static gboolean
halve_log (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  const char *from;
  gsize len;

  if (!chain_file_read (path, 16 * LOG_BYTES, &text, &len, NULL, NULL))
    return chain_file_replace (path, "", 0, NULL, NULL, error);
  from = memchr (text + len / 2, '\n', len - len / 2);
  from = from != NULL ? from + 1 : text + len;
  return chain_file_replace (path, from, len - (gsize) (from - text), NULL, NULL, error);
}

static gboolean
append (int fd, const char *text, gsize len)
{
  while (len > 0)
    {
      ssize_t n = chain_system ()->write (fd, text, len);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      text += n;
      len -= (gsize) n;
    }
  return TRUE;
}

/* Not synced: a line costs a write, and what a power cut takes of the log is only a note of how far training had come. */
gboolean
chain_journal_log (ChainJournal *j, const char *line, GError **error)
{
  g_autofree char *path = part (j, "log"), *text = NULL;
  guint32 sum = (guint32) crc32 (0, (const Bytef *) line, (uInt) strlen (line));
  struct stat st;
  gboolean ok;
  int fd;

  text = g_strdup_printf ("%s%s %08x\n", j->torn ? "\n" : "", line, sum);
  fd = chain_system ()->openat (AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail (error, j->folder, errno);
  ok = append (fd, text, strlen (text));
  if (!ok)
    fail (error, j->folder, errno);
  j->torn = !ok;
  if (ok && chain_system ()->fstat (fd, &st) == 0 && (gsize) st.st_size > LOG_BYTES)
    ok = halve_log (path, error);
  chain_system ()->close (fd);
  return ok;
}

void
chain_journal_clear (ChainJournal *j)
{
  g_autoptr (GDir) dir = g_dir_open (j->folder, 0, NULL);
  const char *name;

  forget_slots (j);
  /* The spec first: without it the rest is still whole, and a kill in between offers more than was lost, not less. */
  for (int pass = 0; dir != NULL && pass < 2; pass++, g_dir_rewind (dir))
    while ((name = g_dir_read_name (dir)) != NULL)
      if (strcmp (name, "owner") != 0 && (pass == 1 || strcmp (name, "spec") == 0))
        {
          g_autofree char *path = part (j, name);

          g_unlink (path);
        }
}
