/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's promise: whatever happens to one part, the older state comes back or nothing does, and never a mixture. Every byte of every
 * part damaged, every call failed in turn, the states after a power cut enumerated; who owns a journal, and who has a file open. */
#include "app/io/journal.h"
#include "tests/app/io/faults.h"
#include "tests/app/io/kit.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *root;

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *full = g_build_filename (path, name, NULL);

      if (g_file_test (full, G_FILE_TEST_IS_DIR) && !g_file_test (full, G_FILE_TEST_IS_SYMLINK))
        remove_tree (full);
      else
        g_unlink (full);
    }
  g_rmdir (path);
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static ChainJournal *
new_journal (void)
{
  GError *error = NULL;
  ChainJournal *j = chain_journal_new (root, &error);

  g_assert_no_error (error);
  return j;
}

static char *
part (ChainJournal *j, const char *name)
{
  return g_build_filename (chain_journal_folder (j), name, NULL);
}

static void
write_slot (ChainJournal *j, guint64 seq, char fill, gsize len)
{
  g_autofree char *bytes = g_strnfill (len, fill);
  GError *error = NULL;

  g_assert_true (chain_journal_write_slot (j, seq, NULL, bytes, len, &error));
  g_assert_no_error (error);
}

static void
write_spec (ChainJournal *j, guint64 seq, const char *text)
{
  GError *error = NULL;

  g_assert_true (chain_journal_write_spec (j, seq, text, strlen (text), &error));
  g_assert_no_error (error);
}

/* What the newest slot holds, as one character; 0 = there is none. It must be of one write throughout. */
static char
newest (ChainJournal *j, gsize want_len, guint64 *seq)
{
  g_autofree char *data = NULL, *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize len = 0;

  bytes = chain_journal_read_slot (j, seq, &data, &len, &error);
  if (bytes == NULL)
    {
      g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT);
      return 0;
    }
  g_assert_cmpuint (len, ==, want_len);
  for (gsize i = 0; i < len; i++)
    g_assert_cmpint (bytes[i], ==, bytes[0]);
  return bytes[0];
}

static void
test_parts (void)
{
  g_autoptr (ChainJournal) j = new_journal ();
  g_autofree char *spec = NULL, *name = NULL, *again = NULL, *data = NULL, *slot = NULL, *of = NULL;
  g_autoptr (GPtrArray) lines = NULL;
  GError *error = NULL;
  struct stat st;
  guint64 seq;
  gsize len;

  g_assert_cmpint (stat (root, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0700);
  g_assert_cmpint (stat (chain_journal_folder (j), &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0700);
  g_assert_cmpuint (chain_journal_next (j), ==, 1);
  write_spec (j, 1, "{}");
  spec = chain_journal_read_spec (j, &seq, &len, &error);
  g_assert_cmpstr (spec, ==, "{}");
  g_assert_cmpuint (seq, ==, 1);
  g_assert_true (chain_journal_write_data (j, "rows", 4, &name, &error));
  g_assert_true (chain_journal_write_data (j, "rows", 4, &again, &error));
  g_assert_cmpstr (name, ==, again);
  g_assert_true (chain_journal_write_slot (j, 2, name, "weights", 7, &error));
  write_slot (j, 3, 'c', 100);
  write_slot (j, 4, 'd', 100);      /* nobody names the data any more */
  g_assert_null (chain_journal_read_data (j, name, &len, NULL));
  g_assert_true (chain_journal_write_data (j, "rows", 4, &of, &error));
  g_assert_true (chain_journal_write_slot (j, 5, of, "weights", 7, &error));
  slot = chain_journal_read_slot (j, &seq, &data, &len, &error);
  g_assert_cmpmem (slot, len, "weights", 7);
  g_assert_cmpstr (data, ==, of);
  g_assert_cmpuint (seq, ==, 5);
  g_assert_null (chain_journal_read_data (j, "data-/../owner", &len, NULL));
  g_assert_null (chain_journal_read_data (j, "owner", &len, NULL));
  g_assert_true (chain_journal_log (j, "1 0.5", &error));
  g_assert_true (chain_journal_log (j, "2 0.25", &error));
  lines = chain_journal_read_log (j);
  g_assert_cmpuint (lines->len, ==, 2);
  g_assert_cmpstr (lines->pdata[1], ==, "2 0.25");
  chain_journal_clear (j);
  g_assert_cmpuint (count_entries (chain_journal_folder (j)), ==, 1);
  chain_journal_discard (j);
  g_assert_cmpuint (count_entries (root), ==, 0);
}

/* --- damage --- */
typedef void (*Check) (ChainJournal *j, gpointer data);

/* Every bit-flip and every truncation of one part. */
static guint
damage (ChainJournal *j, const char *name, Check check, gpointer data)
{
  g_autofree char *path = part (j, name), *bytes = NULL;
  gsize len;

  bytes = kit_read (path, &len);
  for (gsize i = 0; i < len; i++)
    for (guint bit = 0; bit < 8; bit += 3)
      {
        bytes[i] = (char) (bytes[i] ^ 1 << bit);
        kit_write (path, bytes, len);
        check (j, data);
        bytes[i] = (char) (bytes[i] ^ 1 << bit);
      }
  for (gsize i = 0; i < len; i++)
    {
      kit_write (path, bytes, i);
      check (j, data);
    }
  kit_write (path, bytes, len);
  return (guint) (4 * len);
}

static void
gives_older (ChainJournal *j, gpointer data)
{
  guint64 seq = 0;

  g_assert_cmpint (newest (j, 300, &seq), ==, *(char *) data);
}

static void
spec_refused (ChainJournal *j, gpointer data)
{
  g_autoptr (GError) error = NULL;
  guint64 seq;
  gsize len;

  g_assert_null (chain_journal_read_spec (j, &seq, &len, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT);
}

/* Lines 1 to 3; a damaged one is missing, the others stay, none is invented. */
static void
log_keeps (ChainJournal *j, gpointer data)
{
  g_autoptr (GPtrArray) lines = chain_journal_read_log (j);
  int last = 0;

  g_assert_cmpuint (lines->len, <=, 3);
  for (guint i = 0; i < lines->len; i++)
    {
      const char *line = lines->pdata[i];

      g_assert_true (g_str_has_suffix (line, " loss 0.5") && line[0] - '0' > last && strlen (line) == 10);
      last = line[0] - '0';
    }
}

static void
test_damage (void)
{
  g_autoptr (ChainJournal) j = new_journal ();
  char older = 'a';
  guint n;

  write_slot (j, 1, 'a', 300);
  write_slot (j, 2, 'b', 300);
  n = damage (j, "b", gives_older, &older);
  older = 'b';
  n += damage (j, "a", gives_older, &older);
  write_spec (j, 3, "{ \"name\": \"moons\" }");
  n += damage (j, "spec", spec_refused, NULL);
  for (guint i = 1; i <= 3; i++)
    {
      g_autofree char *line = g_strdup_printf ("%u loss 0.5", i);

      g_assert_true (chain_journal_log (j, line, NULL));
    }
  n += damage (j, "log", log_keeps, NULL);
  g_test_message ("%u damaged parts", n);
  g_assert_cmpuint (n, >, 3000);
  chain_journal_discard (j);
}

/* A damaged owner belongs to nobody once its lock is gone, and to its program as long as it holds it. */
static void
test_damaged_owner (void)
{
  ChainJournal *j = new_journal ();
  g_autofree char *path = part (j, "owner"), *bytes = NULL;
  gsize len;

  write_slot (j, 1, 'a', 10);
  bytes = kit_read (path, &len);
  for (gsize i = 0; i <= len; i++)
    {
      g_autoptr (GPtrArray) dead = NULL;
      int fd = g_open (path, O_WRONLY | O_CLOEXEC);

      if (i < len)
        bytes[i] = (char) (bytes[i] ^ 4);
      g_assert_cmpint (pwrite (fd, bytes, len, 0), ==, (gssize) len);
      close (fd);
      dead = chain_journal_dead (root);
      g_assert_cmpuint (dead->len, ==, 0);
      if (i < len)
        bytes[i] = (char) (bytes[i] ^ 4);
      if (i % 16 != 3)
        continue;
      chain_journal_unref (j);
      g_ptr_array_unref (dead);
      dead = chain_journal_dead (root);
      g_assert_cmpuint (dead->len, ==, 1);
      j = chain_journal_ref (dead->pdata[0]);
      g_assert_true (chain_journal_adopt (j, NULL));
    }
  chain_journal_discard (j);
  chain_journal_unref (j);
}

/* --- faults --- */
/* One write with a fault at call `at`. Returns the number of calls. */
static guint
write_with_fault (gboolean slot, guint at, int err, gboolean sticky)
{
  g_autoptr (ChainJournal) j = new_journal ();
  g_autofree char *bytes = g_strnfill (5000, 'c'), *spec = NULL;
  g_autoptr (GError) error = NULL;
  guint64 seq = 0;
  gboolean ok;
  guint calls;
  gsize len;

  write_slot (j, 1, 'a', 5000);
  write_slot (j, 2, 'b', 5000);
  write_spec (j, 3, "old");
  faults_begin (at, err, sticky, FALSE, 700);
  ok = slot ? chain_journal_write_slot (j, 4, NULL, bytes, 5000, &error) : chain_journal_write_spec (j, 4, "new", 3, &error);
  calls = faults_end ();
  g_assert_true (ok == (error == NULL));
  g_assert_cmpint (newest (j, 5000, &seq), ==, slot && ok ? 'c' : 'b');
  spec = chain_journal_read_spec (j, &seq, &len, NULL);
  g_assert_cmpstr (spec, ==, !slot && ok ? "new" : "old");
  chain_journal_discard (j);
  return calls;
}

static void
test_faults (void)
{
  static const int errors[] = { ENOSPC, EIO, EDQUOT, EROFS, EACCES, EINTR };
  guint runs = 0;

  for (int slot = 0; slot < 2; slot++)
    {
      guint n = write_with_fault (slot, 0, 0, FALSE);

      g_assert_cmpuint (n, >=, 10);
      for (guint at = 1; at <= n; at++)
        for (guint e = 0; e < G_N_ELEMENTS (errors); e++)
          for (int sticky = 0; sticky < (errors[e] == EINTR ? 1 : 2); sticky++, runs++)
            write_with_fault (slot, at, errors[e], sticky);
    }
  g_test_message ("%u writes with a fault", runs);
  g_assert_cmpuint (runs, >, 200);
}

/* --- after a power cut --- */
/* A file of which only the first `whole` bytes reached the disk: the rest is not there, zero, or what was there before. */
static void
tear (const char *path, const char *new, gsize len, gsize whole, int rest, const char *old, gsize old_len)
{
  g_autofree char *bytes = g_malloc0 (MAX (len, old_len));

  memcpy (bytes, new, whole);
  if (rest == 2 && old_len > whole)
    memcpy (bytes + whole, old + whole, old_len - whole);
  kit_write (path, bytes, rest == 0 ? whole : rest == 1 ? len : MAX (old_len, whole));
}

/* Worse than any file system that keeps its word: the rename lasted, what was in the file did not. Slot and spec torn independently. */
static void
test_crash_states (void)
{
  g_autoptr (ChainJournal) j = new_journal ();
  g_autofree char *a = part (j, "a"), *spec = part (j, "spec"), *long_text = g_strnfill (1500, 'x'), *other = g_strnfill (1300, 'y');
  g_autofree char *old_a = NULL, *new_a = NULL, *old_spec = NULL, *new_spec = NULL;
  gsize old_a_len, new_a_len, old_spec_len, new_spec_len;
  guint states = 0;

  write_slot (j, 1, 'a', 30000);
  write_slot (j, 2, 'b', 30000);
  write_spec (j, 2, long_text);
  old_a = kit_read (a, &old_a_len);
  old_spec = kit_read (spec, &old_spec_len);
  write_slot (j, 3, 'c', 30000);
  write_spec (j, 4, other);
  new_a = kit_read (a, &new_a_len);
  new_spec = kit_read (spec, &new_spec_len);
  for (gsize x = 0; x <= new_a_len + 511; x += 512)
    for (int rest = 0; rest < 3; rest++)
      for (gsize y = 0; y <= new_spec_len + 511; y += 512)
        for (int spec_rest = 0; spec_rest < 3; spec_rest++, states++)
          {
            g_autofree char *text = NULL;
            guint64 seq = 0;
            gsize len;

            tear (a, new_a, new_a_len, MIN (x, new_a_len), rest, old_a, old_a_len);
            tear (spec, new_spec, new_spec_len, MIN (y, new_spec_len), spec_rest, old_spec, old_spec_len);
            g_assert_cmpint (newest (j, 30000, &seq), ==, seq == 3 ? 'c' : 'b');
            g_assert_cmpuint (seq, >=, 2);
            text = chain_journal_read_spec (j, &seq, &len, NULL);
            g_assert_true (text == NULL || strcmp (text, seq == 4 ? other : long_text) == 0);
          }
  g_test_message ("%u states after a power cut", states);
  g_assert_cmpuint (states, >, 2000);
  chain_journal_discard (j);
}

/* --- owners --- */
static pid_t
child_with_journal (const char *file, int *ready)
{
  int pipe_fd[2];
  pid_t pid;

  g_assert_cmpint (pipe (pipe_fd), ==, 0);
  pid = fork ();
  if (pid == 0)
    {
      ChainJournal *j = chain_journal_new (root, NULL);
      gboolean elsewhere = FALSE;

      chain_journal_write_slot (j, 1, NULL, "x", 1, NULL);
      chain_journal_claim (j, file, &elsewhere, NULL);
      _exit (write (pipe_fd[1], "!", 1) == 1 ? pause () : 1);
    }
  close (pipe_fd[1]);
  *ready = pipe_fd[0];
  return pid;
}

static void
test_owners (void)
{
  g_autofree char *file = kit_scratch ("open.chainrule"), *link = kit_scratch ("link.chainrule");
  g_autoptr (ChainJournal) own = new_journal ();
  g_autoptr (GPtrArray) dead = NULL, again = NULL;
  gboolean elsewhere;
  GError *error = NULL;
  int ready, status;
  char c;
  pid_t pid;

  kit_write (file, "x", 1);
  g_assert_cmpint (symlink (file, link), ==, 0);
  pid = child_with_journal (file, &ready);
  g_assert_cmpint (read (ready, &c, 1), ==, 1);
  dead = chain_journal_dead (root);
  g_assert_cmpuint (dead->len, ==, 0);
  g_assert_true (chain_journal_claim (own, file, &elsewhere, &error));
  g_assert_true (elsewhere);
  g_assert_true (chain_journal_claim (own, link, &elsewhere, &error));
  g_assert_true (elsewhere);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  close (ready);
  g_assert_true (chain_journal_claim (own, file, &elsewhere, &error));
  g_assert_false (elsewhere);
  g_ptr_array_unref (dead);
  dead = chain_journal_dead (root);
  g_assert_cmpuint (dead->len, ==, 1);
  again = chain_journal_dead (root);      /* offered once */
  g_assert_cmpuint (again->len, ==, 0);
  chain_journal_discard (dead->pdata[0]);
  chain_journal_discard (own);
}

/* A file system without locks: pid, boot and start time decide alone. Here the lock is free and the owner's text names a process that lives. */
static void
test_without_locks (void)
{
  static const struct { gboolean lives, wrong_start; guint dead; } cases[] = { { TRUE, FALSE, 0 }, { TRUE, TRUE, 1 }, { FALSE, FALSE, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) dead = NULL;
      g_autoptr (GDir) dir = NULL;
      g_autofree char *from = NULL, *to = NULL, *bytes = NULL, *folder = g_build_filename (root, "doc-1-0", NULL);
      int ready, status;
      char c;
      gsize len;
      pid_t pid = child_with_journal (NULL, &ready);

      g_assert_cmpint (read (ready, &c, 1), ==, 1);
      close (ready);
      dir = g_dir_open (root, 0, NULL);
      from = g_build_filename (root, g_dir_read_name (dir), "owner", NULL);
      bytes = kit_read (from, &len);
      g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
      to = g_build_filename (folder, "owner", NULL);
      if (cases[i].wrong_start)       /* a later process with the same pid: the text of another journal, whole, of another start */
        {
          g_autoptr (ChainJournal) own = new_journal ();
          g_autofree char *mine = part (own, "owner"), *text = NULL;

          text = kit_read (mine, &len);
          kit_write (to, text, len);
          chain_journal_discard (own);
        }
      else
        kit_write (to, bytes, len);
      if (!cases[i].lives)
        {
          kill (pid, SIGKILL);
          waitpid (pid, &status, 0);
        }
      dead = chain_journal_dead (root);
      g_assert_cmpuint (dead->len, ==, cases[i].dead + (cases[i].lives ? 0 : 1));
      kill (pid, SIGKILL);
      waitpid (pid, &status, 0);
      g_clear_pointer (&dead, g_ptr_array_unref);
      remove_tree (root);
    }
}

static void
test_litter (void)
{
  static const char *const litter[] = { "new-999999999-0", "gone-999999999-doc-1-0" };
  g_autofree char *busy = g_strdup_printf ("%s/new-1-0", root), *inside = NULL, *torn = NULL;
  ChainJournal *j = new_journal ();
  g_autoptr (GPtrArray) dead = NULL;
  GStatBuf st;

  for (guint i = 0; i < G_N_ELEMENTS (litter); i++)
    {
      g_autofree char *dir = g_build_filename (root, litter[i], NULL), *file = g_build_filename (dir, "a", NULL);

      g_assert_cmpint (g_mkdir (dir, 0700), ==, 0);
      kit_write (file, "x", 1);
    }
  g_assert_cmpint (g_mkdir (busy, 0700), ==, 0);      /* process 1 lives: it may be making it */
  torn = part (j, ".a.999999999.00000000.tmp");
  kit_write (torn, "x", 1);
  write_slot (j, 1, 'a', 10);
  inside = g_strdup (chain_journal_folder (j));
  chain_journal_unref (j);
  dead = chain_journal_dead (root);
  g_assert_cmpuint (dead->len, ==, 1);
  g_assert_cmpuint (count_entries (root), ==, 2);
  g_assert_cmpint (g_stat (torn, &st), !=, 0);
  g_assert_cmpuint (count_entries (inside), ==, 2);
  g_rmdir (busy);
  chain_journal_discard (dead->pdata[0]);
}

static void
test_log_is_bounded (void)
{
  g_autoptr (ChainJournal) j = new_journal ();
  g_autofree char *path = part (j, "log"), *pad = g_strnfill (4000, '7');
  g_autoptr (GPtrArray) lines = NULL;
  struct stat st;

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *line = g_strdup_printf ("%u %s", i, pad);

      g_assert_true (chain_journal_log (j, line, NULL));
      g_assert_cmpint (stat (path, &st), ==, 0);
      g_assert_cmpint (st.st_size, <, (1 << 20) + 5000);
    }
  lines = chain_journal_read_log (j);
  g_assert_cmpuint (lines->len, >, 100);
  g_assert_true (g_str_has_prefix (lines->pdata[lines->len - 1], "999 "));
  faults_begin (2, ENOSPC, FALSE, FALSE, 3);      /* open, three bytes, full */
  g_assert_false (chain_journal_log (j, "torn", NULL));
  faults_end ();
  g_assert_true (chain_journal_log (j, "after", NULL));
  g_ptr_array_unref (lines);
  lines = chain_journal_read_log (j);
  g_assert_cmpstr (lines->pdata[lines->len - 1], ==, "after");
  kit_write (path, " 00000000\n", 10);            /* the checksum of no bytes is right, and still no line */
  g_ptr_array_unref (lines);
  lines = chain_journal_read_log (j);
  g_assert_cmpuint (lines->len, ==, 0);
  chain_journal_discard (j);
}

/* A21: in place of the folder there is a file, so that it holds for root too. */
static void
test_unwritable (void)
{
  g_autofree char *file = kit_scratch ("no-folder"), *under = g_build_filename (file, "journal", NULL);
  g_autoptr (GPtrArray) dead = NULL;
  g_autoptr (GError) error = NULL;

  kit_write (file, "x", 1);
  g_assert_null (chain_journal_new (under, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_IO);
  dead = chain_journal_dead (under);
  g_assert_cmpuint (dead->len, ==, 0);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  root = kit_scratch ("journal");
  g_test_add_func ("/io/journal/parts", test_parts);
  g_test_add_func ("/io/journal/damage", test_damage);
  g_test_add_func ("/io/journal/damaged-owner", test_damaged_owner);
  g_test_add_func ("/io/journal/faults", test_faults);
  g_test_add_func ("/io/journal/crash-states", test_crash_states);
  g_test_add_func ("/io/journal/owners", test_owners);
  g_test_add_func ("/io/journal/without-locks", test_without_locks);
  g_test_add_func ("/io/journal/litter", test_litter);
  g_test_add_func ("/io/journal/log", test_log_is_bounded);
  g_test_add_func ("/io/journal/unwritable", test_unwritable);
  status = g_test_run ();
  remove_tree (root);
  g_free (root);
  kit_finish ();
  return status;
}
