/* SPDX-License-Identifier: Apache-2.0 */
/* The one promise of saving: the file is the old one or the new one. Every system call failed in turn, every legal state after a crash
 * enumerated, a full disk, 300 kills; then links, modes, strangers' changes and what must not be opened at all. */
#include "app/io/file-replace.h"
#include "tests/app/io/faults.h"
#include "tests/app/io/kit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char *
scratch_dir (const char *name)
{
  char *dir = kit_scratch (name);

  g_assert_cmpint (g_mkdir_with_parents (dir, 0700), ==, 0);
  return dir;
}

static guint
count_entries (const char *dir)
{
  g_autoptr (GDir) d = g_dir_open (dir, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (d))
    n++;
  return n;
}

static void
assert_holds (const char *path, const char *data, gsize len)
{
  gsize n;
  g_autofree char *got = kit_read (path, &n);

  g_assert_cmpmem (got, n, data, len);
}

static void
empty_dir (const char *dir)
{
  g_autoptr (GDir) d = g_dir_open (dir, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (d)))
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);
      unlink (path);
    }
}

static guint
count_descriptors (void)
{
  return count_entries ("/proc/self/fd");
}

/* --- every call, every error --- */
typedef struct { char *dir, *path, *old, *new; gsize old_len, new_len; } Case;

static void
case_init (Case *c, const char *name, gsize new_len)
{
  *c = (Case){ .dir = scratch_dir (name), .old_len = 1000, .new_len = new_len };
  c->path = g_build_filename (c->dir, "document.chainrule", NULL);
  c->old = g_strnfill (c->old_len, 'o');
  c->new = g_strnfill (c->new_len, 'n');
}

static void
case_clear (Case *c)
{
  empty_dir (c->dir);
  rmdir (c->dir);
  g_free (c->dir);
  g_free (c->path);
  g_free (c->old);
  g_free (c->new);
}

/* One save with a fault. Returns the number of calls. */
static guint
save_with_fault (const Case *c, gboolean exists, guint at, int err, gboolean sticky, gboolean unlink_too, gsize cap)
{
  g_autoptr (GError) error = NULL;
  ChainFileStamp stamp = { .synced = TRUE };
  guint calls, descriptors, left;
  gboolean ok;

  empty_dir (c->dir);
  if (exists)
    kit_write (c->path, c->old, c->old_len);
  descriptors = count_descriptors ();
  faults_begin (at, err, sticky, unlink_too, cap);
  ok = chain_file_replace (c->path, c->new, c->new_len, NULL, &stamp, &error);
  calls = faults_end ();
  g_assert_cmpuint (count_descriptors (), ==, descriptors);
  left = count_entries (c->dir);
  if (ok)
    {
      g_assert_no_error (error);
      assert_holds (c->path, c->new, c->new_len);
      g_assert_cmpuint (left, ==, 1);
      return calls;
    }
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "document.chainrule"));
  if (exists)
    assert_holds (c->path, c->old, c->old_len);
  else
    g_assert_false (g_file_test (c->path, G_FILE_TEST_EXISTS));
  if (!unlink_too)
    g_assert_cmpuint (left, ==, exists ? 1 : 0);
  return calls;
}

static void
test_faults (void)
{
  static const int errors[] = { ENOSPC, EIO, EDQUOT, EACCES, EROFS, EMFILE };
  guint runs = 0;
  Case c;

  case_init (&c, "faults", 300000);
  for (int exists = 0; exists < 2; exists++)
    {
      guint n = save_with_fault (&c, exists, 0, 0, FALSE, FALSE, 1 << 16);

      g_assert_cmpuint (n, >=, 14);
      for (guint at = 1; at <= n; at++)
        for (guint e = 0; e < G_N_ELEMENTS (errors); e++)
          for (int mode = 0; mode < 3; mode++, runs++)   /* once; from there on; from there on and the removal too */
            save_with_fault (&c, exists, at, errors[e], mode > 0, mode == 2, 1 << 16);
    }
  g_test_message ("%u faults", runs);
  g_assert_cmpuint (runs, >=, 500);
  case_clear (&c);
}

/* With a backup: name and name~ are each a whole generation after any failure, and after a failed save both are what they were. */
static void
test_backup_faults (void)
{
  g_autofree char *backup = NULL;
  guint n = 1;
  Case c;

  case_init (&c, "backup", 5000);
  backup = g_strconcat (c.path, "~", NULL);
  for (int mode = 0; mode < 3; mode++)
    for (guint at = 0; at <= n; at++)
      {
        gboolean ok;
        gsize len;
        g_autofree char *kept = NULL;

        empty_dir (c.dir);
        kit_write (c.path, c.old, c.old_len);
        kit_write (backup, "older", 5);
        faults_begin (at, EIO, mode > 0, mode == 2, 1000);
        ok = chain_file_replace_keeping (c.path, c.new, c.new_len, NULL, NULL, NULL);
        n = MAX (n, faults_end ());
        assert_holds (c.path, ok ? c.new : c.old, ok ? c.new_len : c.old_len);
        kept = kit_read (backup, &len);
        if (ok && len == c.old_len)
          g_assert_cmpmem (kept, len, c.old, c.old_len);
        else
          g_assert_cmpmem (kept, len, "older", 5);
        g_assert_true (at > 0 || len == c.old_len);
        if (mode < 2)
          g_assert_cmpuint (count_entries (c.dir), ==, 2);
      }
  g_assert_cmpuint (n, >=, 17);
  case_clear (&c);
}

/* A signal is no reason to fail: every call interrupted once, and writes of 7 bytes. */
static void
test_interrupted (void)
{
  g_autoptr (GError) error = NULL;
  Case c;
  guint n;

  case_init (&c, "interrupted", 5000);
  n = save_with_fault (&c, TRUE, 0, 0, FALSE, FALSE, 7);
  g_assert_cmpuint (n, >, 5000 / 7);
  n = save_with_fault (&c, TRUE, 0, 0, FALSE, FALSE, 1000);
  for (guint at = 1; at <= n; at++)
    {
      gboolean ok;

      empty_dir (c.dir);
      kit_write (c.path, c.old, c.old_len);
      faults_begin (at, EINTR, FALSE, FALSE, 1000);
      ok = chain_file_replace (c.path, c.new, c.new_len, NULL, NULL, &error);
      faults_end ();
      /* stat cannot be interrupted on Linux; what it says is believed. */
      if (!ok && strstr (error->message, g_strerror (EINTR)))
        g_assert_cmpuint (count_entries (c.dir), ==, 1);
      else
        g_assert_true (ok);
      assert_holds (c.path, ok ? c.new : c.old, ok ? c.new_len : c.old_len);
      g_clear_error (&error);
    }
  case_clear (&c);
}

/* Which call is which: the sync of the file is a failure, that of the folder a warning. */
static void
test_sync (void)
{
  guint warned = 0, failed = 0;
  Case c;
  guint n;

  case_init (&c, "sync", 100);
  n = save_with_fault (&c, TRUE, 0, 0, FALSE, FALSE, 1 << 20);
  for (guint at = 1; at <= n; at++)
    {
      g_autoptr (GError) error = NULL;
      ChainFileStamp stamp = { .synced = TRUE };

      kit_write (c.path, c.old, c.old_len);
      faults_begin (at, EIO, FALSE, FALSE, 1 << 20);
      if (!chain_file_replace (c.path, c.new, c.new_len, NULL, &stamp, &error))
        failed++;
      else if (!stamp.synced)
        warned++;
      faults_end ();
    }
  g_assert_cmpuint (warned, ==, 1);
  g_assert_cmpuint (failed, >=, 9);
  case_clear (&c);
}

/* --- after a crash --- */
/* One unsynced write may be there, missing (zeros) or torn; a size may be the old one; an unsynced rename may have happened or not. Counts
 * states and those in which the name leads to anything else than old or new. */
typedef struct { guint states, bad; } Tally;

static void
check_states (const Step *log, guint n, const Case *c, Tally *t)
{
  g_autofree char *disk = g_malloc (c->new_len);
  gsize unsynced[16];
  guint m = 0, combinations = 1;
  gboolean renamed = FALSE, rename_synced = FALSE;

  for (guint i = 0; i < n; i++)
    switch (log[i].kind)
      {
      case STEP_WRITE:
        g_assert_cmpuint (m, <, G_N_ELEMENTS (unsynced));
        unsynced[m++] = i;
        break;
      case STEP_SYNC_FILE:
        m = 0;
        break;
      case STEP_RENAME:
        renamed = TRUE;
        break;
      case STEP_SYNC_DIR:
      default:
        rename_synced = renamed;
        break;
      }
  for (guint i = 0; i < m; i++)
    combinations *= 3;
  for (guint k = 0; k < combinations; k++)
    {
      gsize have = 0;

      memset (disk, 0, c->new_len);
      for (guint i = 0, code = k; i < n; i++)
        {
          gboolean open = FALSE;
          guint keep = 2;

          if (log[i].kind != STEP_WRITE)
            continue;
          for (guint j = 0; j < m; j++)
            open |= unsynced[j] == i;
          if (open)
            {
              keep = code % 3;
              code /= 3;
            }
          memcpy (disk + log[i].offset, c->new + log[i].offset, log[i].len * keep / 2);
          have += log[i].len;
        }
      for (int happened = rename_synced; happened <= renamed; happened++)
        {
          t->states++;
          t->bad += happened && (have != c->new_len || memcmp (disk, c->new, c->new_len) != 0);
        }
    }
}

static void
test_crash_states (void)
{
  Tally t = { 0, 0 }, unsafe = { 0, 0 };
  g_autoptr (GArray) doctored = g_array_new (FALSE, FALSE, sizeof (Step));
  GArray *log;
  Case c;

  case_init (&c, "crash", 512 * 7);
  save_with_fault (&c, TRUE, 0, 0, FALSE, FALSE, 512);
  log = faults_log ();
  for (guint i = 0; i <= log->len; i++)
    check_states ((const Step *) log->data, i, &c, &t);
  g_test_message ("%u states", t.states);
  g_assert_cmpuint (t.states, >=, 2000);
  g_assert_cmpuint (t.bad, ==, 0);
  /* The enumerator sees what it is for: without the sync of the file there are torn documents. */
  for (guint i = 0; i < log->len; i++)
    if (g_array_index (log, Step, i).kind != STEP_SYNC_FILE)
      g_array_append_val (doctored, g_array_index (log, Step, i));
  g_assert_cmpuint (doctored->len, ==, log->len - 1);
  check_states ((const Step *) doctored->data, doctored->len, &c, &unsafe);
  g_assert_cmpuint (unsafe.bad, >, 0);
  case_clear (&c);
}

/* --- a real full disk, in a child that may mount one; else a limit on file size --- */
static int
fill_disk (const Case *c, gboolean mounted)
{
  g_autoptr (GError) error = NULL;
  gsize n;
  g_autofree char *got = NULL;

  if (!mounted)
    {
      struct rlimit limit = { 1 << 20, 1 << 20 };

      signal (SIGXFSZ, SIG_IGN);
      setrlimit (RLIMIT_FSIZE, &limit);
    }
  if (!chain_file_replace (c->path, c->old, c->old_len, NULL, NULL, NULL))
    return 1;
  if (chain_file_replace (c->path, c->new, c->new_len, NULL, NULL, &error) || !error)
    return 2;
  got = kit_read (c->path, &n);
  if (n != c->old_len || memcmp (got, c->old, n) != 0)
    return 3;
  if (mounted && (!strstr (error->message, "needs") || !strstr (error->message, "free")))
    return 4;
  return count_entries (c->dir) == 1 ? 0 : 5;
}

static void
test_full_disk (void)
{
  int status;
  pid_t pid;
  Case c;

  case_init (&c, "full", 4 << 20);
  pid = fork ();
  if (pid == 0)
    {
      gboolean mounted = unshare (CLONE_NEWNS) == 0 && mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
                         && mount ("none", c.dir, "tmpfs", 0, "size=1m") == 0;

      _exit (fill_disk (&c, mounted));
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  case_clear (&c);
}

/* --- kill -9 --- */
#define KILLS 300
#define WORDS 20000

static void G_GNUC_NORETURN
save_for_ever (const char *path)
{
  g_autofree guint64 *data = g_new (guint64, WORDS);

  for (guint64 k = 1;; k++)
    {
      gsize n = WORDS / 2 + (gsize) (k % 2) * (WORDS / 2);

      for (gsize i = 0; i < n; i++)
        data[i] = k << 32 | n;
      if (!chain_file_replace (path, data, n * 8, NULL, NULL, NULL))
        _exit (1);
    }
}

/* Whole: as long as it says and of one save throughout. Returns the number of that save. */
static guint64
assert_whole (const char *path)
{
  gsize len;
  g_autofree char *bytes = kit_read (path, &len);
  const guint64 *data = (const guint64 *) (void *) bytes;

  g_assert_cmpuint (len, >, 0);
  g_assert_cmpuint (len % 8, ==, 0);
  for (gsize i = 0; i < len / 8; i++)
    g_assert_true (data[i] == data[0] && (data[i] & 0xffffffff) == len / 8);
  return data[0] >> 32;
}

static void
test_kills (void)
{
  g_autofree char *dir = scratch_dir ("kills"), *path = g_build_filename (dir, "document.chainrule", NULL);
  guint64 seed = 1, saved = 0, first = 1 | (guint64) 1 << 32;
  guint stale = 0;

  kit_write (path, &first, 8);
  for (guint i = 0; i < KILLS; i++)
    {
      pid_t pid = fork ();
      int status;

      if (pid == 0)
        save_for_ever (path);
      g_usleep (kit_next (&seed) % 16000);
      g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
      g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
      g_assert_true (WIFSIGNALED (status));   /* it did not end by itself: every save succeeded */
      saved += assert_whole (path);
      stale += chain_file_sweep (path);
      g_assert_cmpuint (count_entries (dir), ==, 1);
    }
  g_test_message ("%d kills, %u of them in the middle of a save, %u saves", KILLS, stale, (guint) saved);
  g_assert_cmpuint (saved, >, KILLS);
  g_assert_cmpuint (stale, >, 0);
  empty_dir (dir);
  rmdir (dir);
}

/* --- links, modes, strangers --- */
static void
test_links_and_modes (void)
{
  g_autofree char *dir = scratch_dir ("links"), *path = g_build_filename (dir, "real", NULL), *link = g_build_filename (dir, "link", NULL);
  g_autofree char *chain = g_build_filename (dir, "chain", NULL), *hard = g_build_filename (dir, "hard", NULL), *loop = g_build_filename (dir, "loop", NULL);
  g_autoptr (GError) error = NULL;
  ChainFileStamp stamp;
  struct stat st;

  kit_write (path, "old", 3);
  g_assert_cmpint (chmod (path, 0640), ==, 0);
  g_assert_cmpint (symlink ("real", link), ==, 0);
  g_assert_cmpint (symlink (link, chain), ==, 0);
  g_assert_cmpint (symlink ("loop", loop), ==, 0);
  g_assert_cmpint (linkat (AT_FDCWD, path, AT_FDCWD, hard, 0), ==, 0);
  g_assert_true (chain_file_replace (chain, "new", 3, NULL, &stamp, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK) && g_file_test (chain, G_FILE_TEST_IS_SYMLINK));
  assert_holds (path, "new", 3);
  assert_holds (hard, "old", 3);
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0640);
  g_assert_true (stamp.exists && stamp.synced && stamp.inode == st.st_ino);
  g_assert_false (chain_file_replace (loop, "x", 1, NULL, NULL, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_IO);
  g_clear_error (&error);
  g_assert_false (chain_file_replace (dir, "x", 1, NULL, NULL, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_IO);
  empty_dir (dir);
  rmdir (dir);
}

static void
test_changed_by_others (void)
{
  g_autofree char *path = kit_scratch ("shared.json");
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  ChainFileStamp stamp, after;
  gsize len;

  kit_write (path, "one", 3);
  g_assert_true (chain_file_read (path, 100, &data, &len, &stamp, &error));
  g_assert_true (chain_file_replace (path, "two", 3, &stamp, &after, &error));
  kit_write (path, "theirs", 6);
  g_assert_false (chain_file_replace (path, "mine", 4, &after, NULL, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT);
  g_clear_error (&error);
  assert_holds (path, "theirs", 6);
  g_assert_true (chain_file_replace (path, "mine", 4, NULL, NULL, &error));
  g_assert_cmpint (unlink (path), ==, 0);
  g_assert_true (chain_file_replace (path, "anew", 4, &after, NULL, &error));   /* deleted meanwhile: written anew */
  assert_holds (path, "anew", 4);
}

static void
test_read (void)
{
  g_autofree char *path = kit_scratch ("ten"), *fifo = kit_scratch ("fifo"), *data = NULL;
  const char *const never[] = { fifo, "/dev/zero", "/", "/proc/self", "/no/such/file", NULL };
  g_autoptr (GError) error = NULL;
  gsize len;

  kit_write (path, "0123456789", 10);
  g_assert_true (chain_file_read (path, 10, &data, &len, NULL, &error));
  g_assert_cmpuint (len, ==, 10);
  g_assert_cmpint (data[10], ==, 0);
  g_clear_pointer (&data, g_free);
  g_assert_false (chain_file_read (path, 9, &data, &len, NULL, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  for (guint i = 0; never[i]; i++)
    {
      g_assert_false (chain_file_read (never[i], 100, &data, &len, NULL, &error));
      g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_IO);
      g_clear_error (&error);
    }
  for (guint at = 1; at <= 3; at++)   /* open, fstat, read */
    {
      faults_begin (at, EIO, FALSE, FALSE, 100);
      g_assert_false (chain_file_read (path, 10, &data, &len, NULL, &error));
      faults_end ();
      g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_IO);
      g_clear_error (&error);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/io/replace/faults", test_faults);
  g_test_add_func ("/io/replace/backup-faults", test_backup_faults);
  g_test_add_func ("/io/replace/interrupted", test_interrupted);
  g_test_add_func ("/io/replace/sync", test_sync);
  g_test_add_func ("/io/replace/crash-states", test_crash_states);
  g_test_add_func ("/io/replace/full-disk", test_full_disk);
  g_test_add_func ("/io/replace/kills", test_kills);
  g_test_add_func ("/io/replace/links-and-modes", test_links_and_modes);
  g_test_add_func ("/io/replace/changed-by-others", test_changed_by_others);
  g_test_add_func ("/io/replace/read", test_read);
  status = g_test_run ();
  kit_finish ();
  return status;
}
