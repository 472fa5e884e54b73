/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tests/app/session/recovery-kit.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

char *rec_folder, *rec_root;
RecDiary *rec_diary;

char *
rec_in_folder (const char *name)
{
  return g_build_filename (rec_folder, name, NULL);
}

const ChainSpec *
rec_spec_of (ChainSession *s)
{
  return chain_document_spec (chain_session_document (s));
}

guint
rec_units_of (ChainSession *s)
{
  return chain_spec_layer (rec_spec_of (s), "d1")->units;
}

void
rec_ok (gboolean result, GError **error)
{
  g_assert_no_error (*error);
  g_assert_true (result);
}

void
rec_iterate_for (guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
}

void
rec_settle (ChainSession *s)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (!chain_session_autosave_is_settled (s) && g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (200);
  g_assert_true (chain_session_autosave_is_settled (s));
}

ChainSession *
rec_new_session (void)
{
  ChainSession *s = chain_session_new ();

  chain_session_keep_journal (s, rec_root);
  return s;
}

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

guint
rec_count_journals (void)
{
  g_autoptr (GDir) dir = g_dir_open (rec_root, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

gboolean
rec_has_spec_part (void)
{
  g_autoptr (GDir) dir = g_dir_open (rec_root, 0, NULL);
  const char *name = dir != NULL ? g_dir_read_name (dir) : NULL;
  g_autofree char *spec = name != NULL ? g_build_filename (rec_root, name, "spec", NULL) : NULL;

  return spec != NULL && g_file_test (spec, G_FILE_TEST_EXISTS);
}

void
rec_run_until (gboolean *flag)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (!*flag && g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
  g_assert_true (*flag);
}

/* All weights of this moment as one text of bytes. */
char *
rec_weights_sum (ChainSession *s)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  const ChainSnapshot *p;

  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
  p = chain_session_snapshot (s);
  for (guint i = 0; i < p->tensors->len; i++)
    {
      const ChainSnapTensor *t = g_ptr_array_index (p->tensors, i);

      g_checksum_update (sum, (const guchar *) t->value, (gssize) (sizeof (float) * t->rows * t->cols));
    }
  return g_strdup (g_checksum_get_string (sum));
}

/* --- children --- */
static void edit_for_ever (guint32 salt), train_for_ever (guint32 salt), recover_and_train (guint32 salt), edit_named_file (guint32 salt),
  import_and_train (guint32 salt);

static const struct { const char *name; void (*run) (guint32 salt); } roles[] = {
  { "edit", edit_for_ever }, { "train", train_for_ever }, { "recover", recover_and_train }, { "named", edit_named_file }, { "import", import_and_train },
};

/* The program itself in another role: a fork that goes on would inherit locks of threads that it does not have. */
pid_t
rec_spawn (const char *role, guint32 salt)
{
  char number[16];
  pid_t pid;

  rec_diary->n = 0;
  g_snprintf (number, sizeof number, "%u", salt);
  pid = fork ();
  if (pid == 0)
    {
      execl ("/proc/self/exe", "test-recovery", "--child", role, number, rec_folder, NULL);
      _exit (127);
    }
  return pid;
}

static int
be_child (char **argv)
{
  rec_root = rec_in_folder ("journal");
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    if (g_str_equal (argv[2], roles[i].name))
      roles[i].run ((guint32) g_ascii_strtoull (argv[3], NULL, 10));
  return 1;
}

static void
open_diary (void)
{
  g_autofree char *path = rec_in_folder ("diary");
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (ftruncate (fd, sizeof *rec_diary), ==, 0);
  rec_diary = mmap (NULL, sizeof *rec_diary, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (rec_diary != MAP_FAILED);
  close (fd);
}

static void
say (int units, guint64 step)
{
  int n = rec_diary->n;

  rec_diary->said[n].time = g_get_monotonic_time ();
  rec_diary->said[n].units = units;
  rec_diary->said[n].step = step;
  __atomic_store_n (&rec_diary->n, n + 1, __ATOMIC_SEQ_CST);
}

void
rec_wait_for_start (void)
{
  while (__atomic_load_n (&rec_diary->n, __ATOMIC_SEQ_CST) == 0)
    g_usleep (500);
}

void
rec_end (pid_t pid)
{
  int status;

  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status));
}

/* One edit every few milliseconds, for ever: the timer "at latest" must bite, since changes never settle. */
static void
edit_for_ever (guint32 salt)
{
  ChainSession *s = rec_new_session ();

  for (guint i = 0; i < 90000; i++)
    {
      int units = (int) (1 + (i + salt) % 60);

      if (!chain_session_set_units (s, "d1", units, NULL))
        _exit (3);
      say (units, i);
      rec_iterate_for (2 + (i + salt) % 5);
    }
}

static void
train_for_ever (guint32 salt)
{
  ChainSession *s = rec_new_session ();

  chain_session_set_speed (s, salt % 3 == 0 ? 0 : 500);
  chain_session_play (s);
  for (guint i = 0; i < 90000; i++)
    {
      chain_session_pump (s, CHAIN_WANT_METRICS);
      say (0, chain_session_snapshot (s)->step);
      rec_iterate_for (2);
    }
}

/* Restores whatever there is, goes on training, and is killed somewhere in between. */
static void
recover_and_train (guint32 salt)
{
  g_autoptr (GPtrArray) list = chain_unsaved_list (rec_root);
  ChainSession *s;

  say (0, 0);
  if (list->len != 1)
    _exit (4);
  s = rec_new_session ();
  if (!chain_session_restore (s, g_ptr_array_index (list, 0), NULL))
    _exit (5);
  say (1, chain_session_snapshot (s)->step);
  chain_session_play (s);
  for (;;)
    rec_iterate_for (5);
}

static void
edit_named_file (guint32 salt)
{
  g_autofree char *path = rec_in_folder ("named.chainrule");
  ChainSession *s = rec_new_session ();

  if (!chain_session_open (s, path, NULL) || !chain_session_set_units (s, "d1", 21, NULL))
    _exit (3);
  rec_settle (s);
  say (21, 0);
  for (;;)
    rec_iterate_for (5);
}

/* Data of one's own come back from the journal, also when their file is gone. */
static void
import_and_train (guint32 salt)
{
  g_autofree char *csv = rec_in_folder ("own.csv");
  ChainSession *s = rec_new_session ();

  if (!chain_session_import (s, csv, NULL))
    _exit (3);
  chain_session_step (s, 40);
  if (!chain_session_wait (s, CHAIN_WANT_PARAMS))
    _exit (4);
  rec_settle (s);
  say (0, 40);
  for (;;)
    rec_iterate_for (5);
}

ChainUnsaved *
rec_only_one (GPtrArray *list)
{
  g_assert_cmpuint (list->len, ==, 1);
  return g_ptr_array_index (list, 0);
}

gboolean
rec_begin (int argc, char **argv)
{
  chain_session_autosave_times (REC_SETTLE, REC_LATEST, REC_WEIGHTS, REC_LOG);
  if (argc == 5 && g_str_equal (argv[1], "--child"))
    {
      rec_folder = g_strdup (argv[4]);
      open_diary ();
      be_child (argv);
      return FALSE;
    }
  rec_folder = g_dir_make_tmp ("chainrule-recovery-XXXXXX", NULL);
  rec_root = rec_in_folder ("journal");
  open_diary ();
  return TRUE;
}

void
rec_finish (void)
{
  remove_tree (rec_folder);
  g_free (rec_root);
  g_free (rec_folder);
}
