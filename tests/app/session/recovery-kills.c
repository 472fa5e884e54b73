/* SPDX-License-Identifier: Apache-2.0 */
/* What a kill costs, counted: children edit and train with a journal and are killed at any moment; the parent restores and compares with what
 * the child had told it. */
#include "config.h"

#include "tests/app/session/recovery-kit.h"

#include <math.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KILLS 10
#else
#define KILLS 50
#endif
#define RECOVERY_KILLS 30

static gint64
last_said (void)
{
  return rec_diary->said[rec_diary->n - 1].time;
}

/* How long ago, at the kill, the child was in the state that came back. */
static double
lost_ms (int found)
{
  g_assert_cmpint (found, >=, 0);
  return found + 1 < rec_diary->n ? (double) (last_said () - rec_diary->said[found + 1].time) / 1000 : 0;
}

static void
test_kills_while_editing (void)
{
  double worst = 0;
  guint restored = 0;

  for (guint i = 0; i < KILLS; i++)
    {
      g_autoptr (ChainSession) s = rec_new_session ();
      g_autoptr (GPtrArray) list = NULL;
      pid_t pid = rec_spawn ("edit", i * 7);
      GError *error = NULL;
      int found = -1;

      rec_wait_for_start ();
      g_usleep (1000 * (REC_LATEST + 100 + i * 13 % 100));
      rec_end (pid);
      list = chain_unsaved_list (rec_root);
      g_assert_cmpuint (list->len, <=, 1);
      worst = MAX (worst, list->len == 0 ? lost_ms (0) : 0);      /* killed before the first write */
      if (list->len == 0)
        continue;
      rec_ok (chain_session_restore (s, rec_only_one (list), &error), &error);
      restored++;
      for (int k = 0; k < rec_diary->n; k++)
        if (rec_diary->said[k].units == (int) rec_units_of (s))
          found = k;
      worst = MAX (worst, lost_ms (found));
      g_assert_true (chain_document_is_dirty (chain_session_document (s)));
    }
  g_test_message ("%d kills while editing; at most %d ms of edits lost, the bound is %d + %d", KILLS, (int) worst, REC_LATEST, REC_SLACK);
  g_assert_cmpfloat (worst, <=, REC_LATEST + REC_SLACK);
  g_assert_cmpuint (restored, >, KILLS / 2);
  g_assert_cmpuint (rec_count_journals (), ==, 0);
}

/* An uninterrupted run to `step`, as the program makes it: the same steps from the start. */
static char *
uninterrupted (int step)
{
  g_autoptr (ChainSession) s = chain_session_new ();

  chain_session_step (s, step);
  return rec_weights_sum (s);
}

static void
test_kills_while_training (void)
{
  double worst = 0;
  guint trained = 0;

  for (guint i = 0; i < KILLS; i++)
    {
      g_autoptr (ChainSession) s = rec_new_session ();
      g_autoptr (GPtrArray) list = NULL;
      g_autofree char *resumed = NULL, *whole = NULL;
      pid_t pid = rec_spawn ("train", i);
      GError *error = NULL;
      guint64 step;
      int found = 0;

      rec_wait_for_start ();
      g_usleep (1000 * (REC_WEIGHTS + 120 + i * 17 % 100));
      rec_end (pid);
      list = chain_unsaved_list (rec_root);
      g_assert_cmpuint (list->len, <=, 1);
      worst = MAX (worst, list->len == 0 ? lost_ms (0) : 0);
      if (list->len == 0)
        continue;
      rec_ok (chain_session_restore (s, rec_only_one (list), &error), &error);
      step = chain_session_snapshot (s)->step;
      for (int k = 0; k < rec_diary->n; k++)
        if (rec_diary->said[k].step <= step)
          found = k;
      worst = MAX (worst, lost_ms (found));
      g_assert_false (chain_session_is_playing (s));
      trained += step > 0;
      if (i % 10 != 0)
        continue;
      chain_session_step (s, 50);
      resumed = rec_weights_sum (s);
      whole = uninterrupted ((int) step + 50);
      g_assert_cmpstr (resumed, ==, whole);
    }
  g_test_message ("%d kills while training; at most %d ms of training lost, the bound is %d + %d", KILLS, (int) worst, REC_WEIGHTS, REC_SLACK);
  g_assert_cmpfloat (worst, <=, REC_WEIGHTS + REC_SLACK);
  g_assert_cmpuint (trained, >, KILLS / 2);
}

static void
test_kills_while_recovering (void)
{
  pid_t pid = rec_spawn ("train", 1);
  guint64 before = 0;
  guint restored = 0;

  rec_wait_for_start ();
  g_usleep (1000 * (REC_WEIGHTS + 500));
  rec_end (pid);
  for (guint i = 0; i < RECOVERY_KILLS; i++)
    {
      g_autoptr (GPtrArray) list = NULL;

      pid = rec_spawn ("recover", i);
      rec_wait_for_start ();
      g_usleep (i * i * 3170 % 300000);
      rec_end (pid);
      restored += rec_diary->n > 1;
      if (i % 5 != 4)
        continue;
      list = chain_unsaved_list (rec_root);
      {
        g_autoptr (ChainSession) s = chain_session_new ();
        GError *error = NULL;
        ChainUnsaved *u = rec_only_one (list);

        g_assert_cmpstr (chain_unsaved_title (u), ==, "Two moons");
        rec_ok (chain_session_restore (s, u, &error), &error);      /* a session without a journal leaves it for the next time */
        g_assert_cmpuint (chain_session_snapshot (s)->step, >=, before);
        before = chain_session_snapshot (s)->step;
      }
    }
  g_test_message ("%d kills while recovering, %u of them after the restore; step %d", RECOVERY_KILLS, restored, (int) before);
  g_assert_cmpuint (before, >, 0);
  g_assert_cmpuint (restored, >, 0);
  {
    g_autoptr (GPtrArray) list = chain_unsaved_list (rec_root);

    chain_unsaved_discard (rec_only_one (list));
  }
  g_assert_cmpuint (rec_count_journals (), ==, 0);
}

int
main (int argc, char **argv)
{
  int status;

  if (!rec_begin (argc, argv))
    return 1;
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recovery/kills-while-editing", test_kills_while_editing);
  g_test_add_func ("/recovery/kills-while-training", test_kills_while_training);
  g_test_add_func ("/recovery/kills-while-recovering", test_kills_while_recovering);
  status = g_test_run ();
  rec_finish ();
  return status;
}
