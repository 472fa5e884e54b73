/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery step by step: what is offered and how long, what comes back, what a full disk and a second window do. */
#include "config.h"

#include "app/io/file-replace.h"
#include "tests/app/io/faults.h"
#include "tests/app/session/recovery-kit.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static void
saved_cb (GObject *session, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  rec_ok (chain_session_save_finish (CHAIN_SESSION (session), result, &error), &error);
  *(gboolean *) data = TRUE;
}

static void
make_named_file (void)
{
  g_autofree char *path = rec_in_folder ("named.chainrule");
  g_autoptr (ChainSession) s = chain_session_new ();
  GError *error = NULL;

  chain_session_step (s, 30);
  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
  rec_ok (chain_session_save (s, path, TRUE, &error), &error);
}

static void
last_seen_cb (ChainSession *s, gboolean *read_only)
{
  *read_only = chain_session_is_read_only (s);
}

static void
test_restore_is_kept_until_saved (void)
{
  gboolean read_only = FALSE;
  g_autofree char *path = rec_in_folder ("named.chainrule"), *title = NULL, *after = NULL;
  g_autoptr (GPtrArray) list = NULL, none = NULL;
  ChainSession *s = rec_new_session ();
  GError *error = NULL;
  pid_t pid;

  make_named_file ();
  pid = rec_spawn ("named", 0);
  rec_wait_for_start ();
  rec_end (pid);
  list = chain_unsaved_list (rec_root);
  g_assert_cmpstr (chain_unsaved_path (rec_only_one (list)), ==, path);
  g_assert_cmpint (ABS (chain_unsaved_time (rec_only_one (list)) - g_get_real_time () / G_USEC_PER_SEC), <, 60);
  g_signal_connect (s, "document", G_CALLBACK (last_seen_cb), &read_only);
  rec_ok (chain_session_restore (s, rec_only_one (list), &error), &error);
  g_assert_false (read_only);       /* as a window shows it, without a further edit */
  title = chain_document_title (chain_session_document (s));
  g_assert_cmpstr (title, ==, "named (recovered)");
  g_assert_cmpuint (rec_units_of (s), ==, 21);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 30);
  g_assert_true (chain_document_is_dirty (chain_session_document (s)));
  g_assert_cmpuint (rec_count_journals (), ==, 1);
  rec_ok (chain_session_save (s, NULL, FALSE, &error), &error);     /* the file is as it was, so nothing is asked */
  rec_settle (s);
  after = chain_document_title (chain_session_document (s));
  g_assert_cmpstr (after, ==, "named");
  g_ptr_array_set_size (list, 0);
  chain_session_drop_journal (s);
  none = chain_unsaved_list (rec_root);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (rec_count_journals (), ==, 0);
  g_object_unref (s);
}

static void
test_later_and_discard (void)
{
  g_autoptr (GPtrArray) list = NULL;
  pid_t pid = rec_spawn ("edit", 0);

  rec_wait_for_start ();
  g_usleep (1000 * (REC_LATEST + 500));
  rec_end (pid);
  list = chain_unsaved_list (rec_root);
  g_assert_cmpuint (list->len, ==, 1);
  g_ptr_array_set_size (list, 0);                               /* later */
  g_ptr_array_unref (list);
  list = chain_unsaved_list (rec_root);
  chain_unsaved_discard (rec_only_one (list));
  g_ptr_array_unref (list);
  list = chain_unsaved_list (rec_root);
  g_assert_cmpuint (list->len, ==, 0);
}

/* A window that goes without waiting for its save leaves the journal to the next start. */
static void
test_left (void)
{
  g_autoptr (GPtrArray) list = NULL;
  ChainSession *s = rec_new_session ();
  GError *error = NULL;

  rec_ok (chain_session_set_units (s, "d1", 17, &error), &error);
  rec_settle (s);
  chain_session_leave_journal (s);
  g_object_unref (s);
  list = chain_unsaved_list (rec_root);
  chain_unsaved_discard (rec_only_one (list));
  g_assert_cmpuint (rec_count_journals (), ==, 0);
}

/* Left in the middle of an edit that no timer has written yet, and in the middle of a save: the session goes when all is on disk. What could be
 * saved after all is not offered. */
static void
test_left_in_the_middle (void)
{
  for (guint saves = 0; saves < 2; saves++)
    {
      g_autofree char *path = rec_in_folder ("left.chainrule");
      g_autoptr (GPtrArray) list = NULL;
      ChainSession *s = rec_new_session (), *watched = s;
      GError *error = NULL;
      gboolean saved = FALSE;
      gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

      chain_session_autosave_times (60000, 90000, 60000, 60000);
      rec_ok (chain_session_set_units (s, "d1", 23, &error), &error);
      if (saves == 1)
        chain_session_save_async (s, path, TRUE, saved_cb, &saved);
      chain_session_leave_journal (s);
      g_object_add_weak_pointer (G_OBJECT (s), (gpointer *) &watched);
      chain_session_drop_journal (s);       /* what the window does at its end */
      g_object_unref (s);
      while (watched != NULL && g_get_monotonic_time () < end)
        if (!g_main_context_iteration (NULL, FALSE))
          g_usleep (500);
      chain_session_autosave_times (REC_SETTLE, REC_LATEST, REC_WEIGHTS, REC_LOG);
      g_assert_null (watched);
      g_assert_cmpint (saved, ==, saves == 1);
      list = chain_unsaved_list (rec_root);
      g_assert_cmpuint (list->len, ==, 1 - saves);
      if (saves == 0)
        chain_unsaved_discard (rec_only_one (list));
      g_assert_cmpuint (rec_count_journals (), ==, 0);
    }
}

/* Nothing unsaved, nothing kept: also after undo, after a save while training, after closing. */
static void
test_nothing_to_offer (void)
{
  g_autofree char *path = rec_in_folder ("quiet.chainrule");
  ChainSession *s = rec_new_session ();
  GError *error = NULL;

  g_assert_cmpuint (rec_count_journals (), ==, 0);
  rec_ok (chain_session_set_units (s, "d1", 12, &error), &error);
  rec_settle (s);
  g_assert_cmpuint (rec_count_journals (), ==, 1);
  chain_session_undo (s);
  rec_settle (s);
  {
    g_autofree char *spec = NULL;
    g_autoptr (GDir) dir = g_dir_open (rec_root, 0, NULL);

    spec = g_build_filename (rec_root, g_dir_read_name (dir), "spec", NULL);
    g_assert_false (g_file_test (spec, G_FILE_TEST_EXISTS));
  }
  chain_session_play (s);
  rec_ok (chain_session_save (s, path, TRUE, &error), &error);
  g_assert_true (chain_document_is_dirty (chain_session_document (s)));     /* it trains on */
  chain_session_pause (s);
  rec_settle (s);
  g_object_unref (s);
  g_assert_cmpuint (rec_count_journals (), ==, 0);
}

static void
write_rows (const char *path)
{
  g_autoptr (GString) text = g_string_new ("a,b,y\n");
  GError *error = NULL;

  for (int i = 0; i < 60; i++)
    g_string_append_printf (text, "%d,%d,%d\n", i, (i * 37) % 60, 3 * i + 1);
  rec_ok (chain_file_replace (path, text->str, text->len, NULL, NULL, &error), &error);
}

static void
test_own_data (void)
{
  g_autofree char *csv = rec_in_folder ("own.csv"), *sum = NULL, *want = NULL;
  g_autoptr (ChainSession) s = rec_new_session ();
  g_autoptr (ChainSession) whole = chain_session_new ();
  g_autoptr (GPtrArray) list = NULL;
  GError *error = NULL;
  pid_t pid;

  write_rows (csv);
  pid = rec_spawn ("import", 0);
  rec_wait_for_start ();
  rec_end (pid);
  rec_ok (chain_session_import (whole, csv, &error), &error);
  chain_session_step (whole, 45);
  want = rec_weights_sum (whole);
  g_assert_cmpint (g_unlink (csv), ==, 0);
  list = chain_unsaved_list (rec_root);
  rec_ok (chain_session_restore (s, rec_only_one (list), &error), &error);
  g_assert_null (chain_session_missing_data (s));
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 40);
  chain_session_step (s, 5);
  sum = rec_weights_sum (s);
  g_assert_cmpstr (sum, ==, want);
}

static guint
count_data_parts (void)
{
  g_autoptr (GDir) root = g_dir_open (rec_root, 0, NULL), dir = NULL;
  g_autofree char *folder = g_build_filename (rec_root, g_dir_read_name (root), NULL);
  const char *name;
  guint n = 0;

  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_prefix (name, "data-");
  return n;
}

/* The rows are written once, however often the network is edited: both slots name the same part. */
static void
test_data_once (void)
{
  g_autofree char *csv = rec_in_folder ("once.csv");
  g_autoptr (ChainSession) s = rec_new_session ();
  GError *error = NULL;

  write_rows (csv);
  rec_ok (chain_session_import (s, csv, &error), &error);
  for (int units = 9; units < 12; units++)
    {
      rec_ok (chain_session_set_units (s, "d1", units, &error), &error);
      rec_settle (s);
      g_assert_cmpuint (count_data_parts (), ==, 1);
    }
}

/* --- A21 --- */
static void
test_autosave_off (void)
{
  g_autofree char *file = rec_in_folder ("in-the-way"), *under = g_build_filename (file, "journal", NULL), *path = rec_in_folder ("still.chainrule");
  g_autoptr (ChainSession) s = chain_session_new ();
  GError *error = NULL;

  rec_ok (chain_file_replace (file, "x", 1, NULL, NULL, &error), &error);
  chain_session_keep_journal (s, under);
  g_assert_nonnull (chain_session_autosave_error (s));
  rec_ok (chain_session_set_units (s, "d1", 13, &error), &error);
  rec_iterate_for (REC_SETTLE * 4);
  g_assert_nonnull (chain_session_autosave_error (s));
  g_assert_nonnull (strstr (chain_session_autosave_error (s), "in-the-way"));
  chain_session_step (s, 5);
  rec_ok (chain_session_save (s, path, TRUE, &error), &error);
  g_assert_cmpint (g_unlink (file), ==, 0);                     /* the way is free again */
  rec_ok (chain_session_set_units (s, "d1", 14, &error), &error);
  rec_settle (s);
  g_assert_null (chain_session_autosave_error (s));
}

static void
test_full_disk (void)
{
  static const int errors[] = { ENOSPC, EIO };
  guint refused = 0;

  for (guint e = 0; e < G_N_ELEMENTS (errors); e++)
    for (guint at = 1; at < 40; at += 3)
      {
        g_autoptr (ChainSession) s = rec_new_session ();
        GError *error = NULL;

        rec_ok (chain_session_set_units (s, "d1", 13, &error), &error);
        rec_settle (s);
        rec_ok (chain_session_set_units (s, "d1", 14, &error), &error);
        faults_begin (at, errors[e], TRUE, FALSE, 1 << 16);
        rec_settle (s);
        faults_end ();
        refused += chain_session_autosave_error (s) != NULL;
        rec_ok (chain_session_set_units (s, "d1", 15, &error), &error);
        rec_settle (s);
        g_assert_null (chain_session_autosave_error (s));
      }
  g_test_message ("%u refused writes", refused);
  g_assert_cmpuint (refused, >, 10);
  g_assert_cmpuint (rec_count_journals (), ==, 0);
}

/* --- A23 --- */
static void
test_two_windows (void)
{
  g_autofree char *path = rec_in_folder ("named.chainrule"), *copy = rec_in_folder ("copy.chainrule");
  ChainSession *first = rec_new_session (), *second = rec_new_session ();
  GError *error = NULL;

  make_named_file ();
  rec_ok (chain_session_open (first, path, &error), &error);
  rec_ok (chain_session_open (second, path, &error), &error);
  g_assert_false (chain_session_is_read_only (first));
  g_assert_true (chain_session_is_read_only (second));
  rec_ok (chain_session_set_units (second, "d1", 9, &error), &error);
  g_assert_false (chain_session_save (second, NULL, TRUE, &error));
  g_assert_nonnull (strstr (error->message, "another window"));
  g_clear_error (&error);
  g_assert_true (chain_session_is_read_only (second));
  rec_ok (chain_session_save (second, copy, TRUE, &error), &error);
  g_assert_false (chain_session_is_read_only (second));
  g_assert_false (chain_session_save (first, copy, TRUE, &error));
  g_clear_error (&error);
  g_assert_false (chain_session_is_read_only (first));
  rec_ok (chain_session_save (first, NULL, FALSE, &error), &error);
  rec_ok (chain_session_open (second, path, &error), &error);
  g_assert_true (chain_session_is_read_only (second));
  g_object_unref (first);
  chain_session_claim_again (second);
  g_assert_false (chain_session_is_read_only (second));
  g_object_unref (second);
}

/* --- A17 --- */
static const ChainSystem *real;
static ChainSystem slow;
static gulong delay = 300000;

static int
slow_fsync (int fd)
{
  g_usleep (delay);
  return real->fsync (fd);
}

static void
message_cb (ChainSession *s, const char *text, const char *label, const char *action, char **last)
{
  g_free (*last);
  *last = g_strdup (text);
}

/* The log of a run that was reset must not tell of steps that nobody misses. */
static void
test_reset_is_no_loss (void)
{
  g_autofree char *said = NULL;
  g_autoptr (GPtrArray) list = NULL;
  ChainSession *s = rec_new_session ();
  GError *error = NULL;

  chain_session_step (s, 40);
  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
  rec_ok (chain_session_set_units (s, "d1", 17, &error), &error);
  rec_settle (s);
  chain_session_reset (s, FALSE);
  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
  rec_ok (chain_session_set_units (s, "d1", 18, &error), &error);
  rec_settle (s);
  chain_session_leave_journal (s);
  g_object_unref (s);
  s = rec_new_session ();
  g_signal_connect (s, "message", G_CALLBACK (message_cb), &said);
  list = chain_unsaved_list (rec_root);
  rec_ok (chain_session_restore (s, rec_only_one (list), &error), &error);
  g_assert_cmpuint (rec_units_of (s), ==, 18);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 0);
  g_assert_cmpstr (said, ==, NULL);
  chain_unsaved_discard (rec_only_one (list));
  g_object_unref (s);
}

/* A disk that takes its time, for the save and for the journal: the main loop goes on, edits included, and what was edited meanwhile is unsaved. */
static void
test_slow_disk (void)
{
  g_autofree char *path = rec_in_folder ("slow.chainrule");
  ChainSession *s = rec_new_session (), *again = chain_session_new ();
  GError *error = NULL;
  gboolean saved = FALSE;
  gint64 worst = 0, start = g_get_monotonic_time (), last = start;
  guint units = 20;

  real = chain_system ();
  slow = *real;
  slow.fsync = slow_fsync;
  chain_system_set (&slow);
  rec_ok (chain_session_set_units (s, "d1", 20, &error), &error);
  chain_session_save_async (s, path, TRUE, saved_cb, &saved);
  while (!saved)
    {
      gint64 now = g_get_monotonic_time ();

      worst = MAX (worst, now - last);
      last = now;
      if ((now - start) / 50000 > units - 20)
        rec_ok (chain_session_set_units (s, "d1", (int) ++units, &error), &error);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (500);
    }
  chain_system_set (NULL);
  g_test_message ("the save took %d ms, the loop at most %d ms", (int) ((last - start) / 1000), (int) (worst / 1000));
  g_assert_cmpint (last - start, >=, 600000);
  g_assert_cmpint (worst, <, 250000);       /* 300 ms is one sync */
  g_assert_true (chain_document_is_dirty (chain_session_document (s)));
  rec_settle (s);
  rec_ok (chain_session_open (again, path, &error), &error);
  g_assert_cmpuint (rec_units_of (again), ==, 20);
  g_object_unref (again);
  g_object_unref (s);
}

static void step_meanwhile (ChainSession *s) { chain_session_step (s, 7); }
static void reset_meanwhile (ChainSession *s) { chain_session_reset (s, FALSE); }
static void weight_meanwhile (ChainSession *s) { chain_session_set_weight (s, "d1.weight", 0, 0, 0.5, NULL); }
static void play_meanwhile (ChainSession *s) { chain_session_play (s); rec_iterate_for (20); chain_session_pause (s); }
static void redo_meanwhile (ChainSession *s) { chain_session_undo (s); chain_session_redo (s); }
static void nothing_meanwhile (ChainSession *s) { }

/* Whatever moves the weights while the disk is slow is unsaved when the save is done, and the journal keeps it; what did not move is saved. */
static void
test_moved_while_saving (void)
{
  static const struct { void (*move) (ChainSession *s); gboolean dirty; } moves[] = {
    { step_meanwhile, TRUE }, { reset_meanwhile, TRUE }, { weight_meanwhile, TRUE }, { play_meanwhile, TRUE }, { redo_meanwhile, TRUE },
    { nothing_meanwhile, FALSE },
  };

  real = chain_system ();
  slow = *real;
  slow.fsync = slow_fsync;
  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    {
      g_autofree char *path = rec_in_folder ("moved.chainrule");
      ChainSession *s = rec_new_session ();
      GError *error = NULL;
      gboolean saved = FALSE;

      rec_ok (chain_session_set_units (s, "d1", 20, &error), &error);
      chain_session_step (s, 20);
      g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
      chain_system_set (&slow);
      chain_session_save_async (s, path, TRUE, saved_cb, &saved);
      moves[i].move (s);
      rec_run_until (&saved);
      chain_system_set (NULL);
      g_assert_cmpint (chain_document_is_dirty (chain_session_document (s)), ==, moves[i].dirty);
      rec_settle (s);
      g_assert_cmpint (rec_has_spec_part (), ==, moves[i].dirty);
      g_object_unref (s);
    }
}

/* Steps that were only asked for are not in what is saved at once. */
static void
test_saved_before_the_steps (void)
{
  g_autofree char *path = rec_in_folder ("before.chainrule");
  g_autoptr (ChainSession) s = rec_new_session ();
  GError *error = NULL;

  chain_session_step (s, 2000);
  rec_ok (chain_session_save (s, path, TRUE, &error), &error);
  g_assert_true (chain_document_is_dirty (chain_session_document (s)));
}

/* Undone while a write is under way and done again: the clearing that was queued in between must not run on work that is unsaved again. */
static void
test_clear_that_came_too_late (void)
{
  ChainSession *s = rec_new_session ();
  GError *error = NULL;

  real = chain_system ();
  slow = *real;
  slow.fsync = slow_fsync;
  delay = 50000;
  chain_system_set (&slow);
  rec_ok (chain_session_set_units (s, "d1", 20, &error), &error);
  rec_iterate_for (REC_SETTLE * 3);         /* the write has begun */
  chain_session_autosave_times (60000, 90000, 60000, 60000);
  chain_session_undo (s);
  g_assert_false (chain_document_is_dirty (chain_session_document (s)));
  chain_session_redo (s);
  rec_iterate_for (800);
  chain_system_set (NULL);
  delay = 300000;
  g_assert_true (rec_has_spec_part ());
  chain_session_autosave_times (REC_SETTLE, REC_LATEST, REC_WEIGHTS, REC_LOG);
  g_object_unref (s);
}

static guint syncs;

static int
late_fsync (int fd)
{
  errno = EIO;
  return ++syncs > 3 ? -1 : real->fsync (fd);
}

/* The first write fails after its first part: undone, nothing of it may be offered after a crash. */
static void
test_half_a_first_write (void)
{
  ChainSession *s = rec_new_session ();
  GError *error = NULL;

  real = chain_system ();
  slow = *real;
  slow.fsync = late_fsync;
  syncs = 0;
  chain_system_set (&slow);
  rec_ok (chain_session_set_units (s, "d1", 20, &error), &error);
  rec_settle (s);
  chain_system_set (NULL);
  g_assert_nonnull (chain_session_autosave_error (s));
  g_assert_true (rec_has_spec_part ());
  chain_session_undo (s);
  rec_settle (s);
  g_assert_false (rec_has_spec_part ());
  g_object_unref (s);
}

/* While a save under another name is on its way, that name is this window's, whatever is edited. */
static void
test_name_is_held_while_saving (void)
{
  g_autofree char *path = rec_in_folder ("named.chainrule"), *other = rec_in_folder ("held.chainrule");
  ChainSession *first = rec_new_session (), *second = rec_new_session ();
  GError *error = NULL;
  gboolean saved = FALSE;

  make_named_file ();
  rec_ok (chain_session_open (first, path, &error), &error);
  real = chain_system ();
  slow = *real;
  slow.fsync = slow_fsync;
  chain_system_set (&slow);
  chain_session_save_async (first, other, TRUE, saved_cb, &saved);
  rec_ok (chain_session_set_units (first, "d1", 19, &error), &error);
  g_assert_false (saved);
  g_assert_false (chain_session_save (second, other, TRUE, &error));
  g_assert_nonnull (strstr (error->message, "another window"));
  g_clear_error (&error);
  rec_run_until (&saved);
  chain_system_set (NULL);
  g_assert_false (chain_session_save (second, other, TRUE, &error));
  g_clear_error (&error);
  rec_ok (chain_session_save (second, path, TRUE, &error), &error);     /* given back */
  g_object_unref (first);
  g_object_unref (second);
}

int
main (int argc, char **argv)
{
  int status;

  if (!rec_begin (argc, argv))
    return 1;
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recovery/kept-until-saved", test_restore_is_kept_until_saved);
  g_test_add_func ("/recovery/later-and-discard", test_later_and_discard);
  g_test_add_func ("/recovery/left", test_left);
  g_test_add_func ("/recovery/left-in-the-middle", test_left_in_the_middle);
  g_test_add_func ("/recovery/nothing-to-offer", test_nothing_to_offer);
  g_test_add_func ("/recovery/own-data", test_own_data);
  g_test_add_func ("/recovery/data-once", test_data_once);
  g_test_add_func ("/recovery/autosave-off", test_autosave_off);
  g_test_add_func ("/recovery/full-disk", test_full_disk);
  g_test_add_func ("/recovery/slow-disk", test_slow_disk);
  g_test_add_func ("/recovery/moved-while-saving", test_moved_while_saving);
  g_test_add_func ("/recovery/saved-before-the-steps", test_saved_before_the_steps);
  g_test_add_func ("/recovery/clear-that-came-too-late", test_clear_that_came_too_late);
  g_test_add_func ("/recovery/half-a-first-write", test_half_a_first_write);
  g_test_add_func ("/recovery/name-is-held-while-saving", test_name_is_held_while_saving);
  g_test_add_func ("/recovery/reset-is-no-loss", test_reset_is_no_loss);
  g_test_add_func ("/recovery/two-windows", test_two_windows);
  status = g_test_run ();
  rec_finish ();
  return status;
}
