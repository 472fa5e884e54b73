/* SPDX-License-Identifier: Apache-2.0 */
/* Layers through the clipboard, the document beside itself, what an edit says that it takes away, other data under a run, and replays over edits. */
#include "config.h"

#include "engine/base/limits.h"
#include "engine/nn/edit.h"
#include "tests/app/session/build-kit.h"

#include <glib/gstdio.h>

/* --- clipboard --- */
static void
test_clipboard (void)
{
  g_autoptr (ChainSession) s = trained ();
  g_autoptr (ChainSession) other = chain_session_new ();
  const char *const both[] = { "d1", "d2", NULL }, *const second[] = { "d2", NULL }, *const none[] = { "no", NULL };
  g_autofree char *text = chain_session_copy_layers (s, both), *one = chain_session_copy_layers (s, second);
  GError *error = NULL;

  g_assert_null (chain_session_copy_layers (s, none));
  g_autoptr (GPtrArray) from = weights (s);
  ok (chain_session_paste_layers (other, text, NULL, &error), &error);    /* reads 2 values here too: all weights fit */
  g_assert_cmpuint (spec_of (other)->layers->len, ==, 5);
  g_assert_cmpstr (layer (other, "d1")->inputs->pdata[0], ==, "d5");
  g_assert_cmpstr (layer (other, "d5")->inputs->pdata[0], ==, "d4");
  g_autoptr (GPtrArray) to = weights (other);
  for (guint i = 0; i < 6; i++)
    {
      g_assert_cmpfloat (value (to, "d4.weight", i, 1), ==, value (from, "d1.weight", i, 1));
      g_assert_cmpfloat (value (to, "d5.weight", i, 5), ==, value (from, "d2.weight", i, 5));
      g_assert_cmpfloat (value (to, "d5.bias", 0, i), ==, value (from, "d2.bias", 0, i));
    }
  ok (chain_session_paste_layers (other, one, "d2", &error), &error);
  g_autoptr (GPtrArray) more = weights (other);
  g_assert_cmpfloat (value (more, "d6.weight", 3, 3), ==, value (from, "d2.weight", 3, 3));
  refused (chain_session_paste_layers (other, "hello", NULL, &error), &error, "clipboard");
  refused (chain_session_paste_layers (other, "{}", NULL, &error), &error, "clipboard");
  refused (chain_session_paste_layers (other, text, "d3", &error), &error, "output");
  train (other, 3);
}

/* --- what is lost, and keeping both --- */
static void
test_discards (void)
{
  g_autoptr (ChainSession) s = trained ();
  ChainSpec *next = chain_spec_remove_layer (spec_of (s), "d2", NULL);
  g_autofree char *lost = chain_session_discards (s, next);

  g_assert_cmpstr (lost, ==, "36 weights of layer 2, 6 biases of layer 2, 6 weights of the output");
  chain_spec_unref (next);
  next = chain_spec_set_units (spec_of (s), "d1", 9, NULL);
  g_assert_null (chain_session_discards (s, next));
  chain_spec_unref (next);
  next = chain_spec_copy (spec_of (s));
  chain_choice_set (&next->optimiser, "sgd", NULL);
  chain_spec_seal (next);
  g_assert_null (chain_session_discards (s, next));
  chain_spec_unref (next);
}

static void
test_branch (void)
{
  g_autoptr (ChainSession) s = trained ();
  g_autoptr (ChainSession) other = chain_session_new ();
  g_autofree char *text = NULL;
  GError *error = NULL;

  ok (remove_unit (s, &error), &error);
  g_assert_true (chain_session_set_weight (s, "d1.weight", 0, 0, 0.75, NULL));
  train (s, 5);
  g_assert_true (chain_session_undo (s));
  ok (chain_session_branch (s, &text, &error), &error);
  ok (chain_session_open_branch (other, text, &error), &error);
  g_assert_true (chain_spec_equal (spec_of (s), spec_of (other)));
  g_autoptr (GPtrArray) here = weights (s), there = weights (other);
  assert_same (here, there, "branch");
  g_assert_cmpuint (chain_session_snapshot (other)->step, ==, chain_session_snapshot (s)->step);
  g_assert_true (chain_document_is_dirty (chain_session_document (other)));
  g_assert_cmpstr (chain_document_redo_label (chain_session_document (other)), ==, "value in d1.weight");
  g_assert_true (chain_session_undo (s));
  g_assert_true (chain_session_undo (other));
  g_autoptr (GPtrArray) old = weights (s), same = weights (other);
  assert_same (old, same, "undo in the branch");
  g_assert_cmpuint (layer (other, "d1")->units, ==, 6);
  refused (chain_session_open_branch (other, "no such thing", &error), &error, "no branch");
  g_assert_cmpuint (layer (other, "d1")->units, ==, 6);
}

/* Where the weights of a redo are not kept any more, it does with those that are there what the edit did. */
static void
test_redo_graft (void)
{
  ChainHistory *h = chain_history_new (chain_spec_example ());

  g_assert_true (chain_history_enter (h, chain_spec_set_units (chain_history_spec (h), "d1", 9, NULL), "widen", NULL, NULL, 0, 0));
  chain_history_set_graft (h, "split d1");
  g_assert_null (chain_history_redo_graft (h));
  g_assert_true (chain_history_undo (h, NULL));
  g_assert_cmpstr (chain_history_redo_graft (h), ==, "split d1");
  g_assert_true (chain_history_redo (h));
  g_assert_null (chain_history_redo_graft (h));
  chain_history_free (h);
}

typedef struct { guint n; char *last; } Said;

static void
hear (ChainSession *s, const char *text, const char *button, const char *action, Said *said)
{
  said->n++;
  chain_set_str (&said->last, text);
}

/* What an edit takes away is said, with a way back; what keeps everything says nothing. */
static void
test_told (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;
  Said said = { 0 };

  g_signal_connect (s, "message", G_CALLBACK (hear), &said);
  ok (widen (s, &error), &error);
  ok (deepen (s, &error), &error);
  ok (duplicate (s, &error), &error);
  ok (swap_units (s, &error), &error);
  ok (connect_add (s, &error), &error);
  g_assert_cmpuint (said.n, ==, 0);
  ok (remove_unit (s, &error), &error);
  g_assert_cmpuint (said.n, ==, 1);
  g_assert_cmpstr (said.last, ==, "This edit drops 2 weights of layer 1, 1 bias of layer 1, 10 weights of layer 2, and 1 more number");
  ok (paste (s, &error), &error);
  g_assert_cmpuint (said.n, ==, 2);
  g_free (said.last);
}

/* Other data: weights stay, the curve of the old ones does not; put back before a step, it is there again. */
static void
test_new_data (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;
  guint run = chain_session_snapshot (s)->segment;

  g_assert_cmpuint (chain_series_view_size (chain_session_snapshot (s)->train_loss), ==, 30);
  ok (chain_session_set_data (s, "circles", &error), &error);
  settle (s);
  g_assert_cmpuint (chain_series_view_size (chain_session_snapshot (s)->train_loss), ==, 0);
  g_assert_cmpuint (chain_session_snapshot (s)->segment, !=, run);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 30);
  g_assert_true (chain_session_undo (s));
  settle (s);
  g_assert_cmpuint (chain_series_view_size (chain_session_snapshot (s)->train_loss), ==, 30);
  g_assert_cmpuint (chain_session_snapshot (s)->segment, ==, run);
  g_assert_true (chain_session_redo (s));
  train (s, 4);
  g_assert_cmpuint (chain_series_view_size (chain_session_snapshot (s)->train_loss), ==, 4);
}

/* A replay does the same again: back in time before the edits, and forward over them. */
static void
test_replay (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;

  ok (widen (s, &error), &error);
  train (s, 3);
  ok (reset_unit (s, &error), &error);
  train (s, 3);
  ok (paste (s, &error), &error);
  train (s, 4);
  g_autoptr (GPtrArray) end = weights (s);
  guint64 step = chain_session_snapshot (s)->step;
  chain_session_step (s, -20);
  settle (s);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, step - 20);
  chain_session_step (s, 20);
  g_autoptr (GPtrArray) again = weights (s);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, step);
  assert_same (end, again, "replay");
}

/* A large paste is in the event list by its name only: the record must fit into the head of a file. */
static void
test_large_paste (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (ChainSession) other = chain_session_new ();
  const char *const ids[] = { "d2", NULL };
  g_autofree char *text = NULL, *branch = NULL;
  GError *error = NULL;

  ok (chain_session_set_units (s, "d1", 80, &error), &error);
  ok (chain_session_set_units (s, "d2", 80, &error), &error);
  settle (s);
  text = chain_session_copy_layers (s, ids);
  g_assert_cmpuint (strlen (text), >, 65536);
  for (guint i = 0; i < 3; i++)
    ok (chain_session_paste_layers (s, text, "d2", &error), &error);
  train (s, 2);
  g_autoptr (GPtrArray) here = weights (s);
  g_assert_cmpfloat (value (here, "d4.weight", 79, 79), !=, 0);
  ok (chain_session_branch (s, &branch, &error), &error);
  ok (chain_session_open_branch (other, branch, &error), &error);
  g_autoptr (GPtrArray) there = weights (other);
  assert_same (here, there, "large paste");
  train (other, 2);
}

/* --- what must not come apart --- */
static void
assert_saves (ChainSession *s, guint layers)
{
  g_autoptr (ChainSession) other = chain_session_new ();
  g_autofree char *folder = g_dir_make_tmp ("chain-branch-XXXXXX", NULL), *path = g_build_filename (folder, "x.chain", NULL);
  GError *error = NULL;

  ok (chain_session_save (s, path, FALSE, &error), &error);
  ok (chain_session_open (other, path, &error), &error);
  g_assert_cmpuint (spec_of (other)->layers->len, ==, layers);
  g_autoptr (GPtrArray) here = weights (s);
  g_autoptr (GPtrArray) there = weights (other);
  assert_same (here, there, "saved");
  train (other, 2);
  g_unlink (path);
  g_rmdir (folder);
}

/* An edit that the document has and the trainer refused, or a step back to before an edit: what is saved can be opened. */
static void
test_apart (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;
  Said said = { 0 };

  g_signal_connect (s, "message", G_CALLBACK (hear), &said);
  ok (_chain_session_apply_graft (s, chain_spec_duplicate_layer (spec_of (s), "d2", NULL, NULL), "set d1.bias 1 6 0", "bad", NULL, &error), &error);
  settle (s);
  assert_saves (s, 3);
  g_assert_cmpstr (said.last, ==, "The saved network is the one that is trained; it does not have the last edit");
  g_assert_true (chain_document_is_dirty (chain_session_document (s)));
  chain_set_str (&said.last, "");
  g_assert_true (chain_session_undo (s));
  assert_saves (s, 3);
  g_assert_false (chain_document_is_dirty (chain_session_document (s)));
  g_assert_cmpstr (said.last, ==, "");
  g_free (said.last);
}

static void
test_apart_back (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;

  ok (duplicate (s, &error), &error);
  train (s, 3);
  assert_saves (s, 4);
  train (s, -10);
  assert_saves (s, 3);
}

/* Weights that went out of the budget cannot come back, and undo says so. */
static void
test_no_longer_kept (void)
{
  g_autoptr (ChainSession) s = trained ();
  ChainHistory *h = (ChainHistory *) chain_document_entries (chain_session_document (s));
  GError *error = NULL;
  Said said = { 0 };

  g_signal_connect (s, "message", G_CALLBACK (hear), &said);
  ok (reset_unit (s, &error), &error);
  g_autoptr (GPtrArray) once = weights (s);
  chain_history_enter_weights (h, "large", _chain_session_weights (s), CHAIN_LIMIT_UNDO_BYTES + 1, 0);
  g_assert_true (chain_session_undo (s));
  g_assert_cmpuint (said.n, ==, 0);
  g_assert_true (chain_session_undo (s));
  g_assert_cmpstr (said.last, ==, "The weights from before this step are no longer kept");
  g_autoptr (GPtrArray) back = weights (s);
  assert_same (once, back, "not kept");
  g_assert_true (chain_session_redo (s));       /* by its graft */
  g_assert_cmpuint (said.n, ==, 1);
  g_assert_true (chain_session_redo (s));
  g_free (said.last);
}

static char *
replaced (const char *text, const char *old, const char *by)
{
  g_auto (GStrv) parts = g_strsplit (text, old, 2);

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  return g_strjoinv (by, parts);
}

/* Text that somebody made: nothing of it reaches the trainer but whole tensors of the pasted layers. */
static void
test_damaged (void)
{
  g_autoptr (ChainSession) s = trained ();
  const char *const ids[] = { "d2", NULL };
  static const char *const bad[] = { "6,7,[", "4294967302,6,[", "-6,-6,[", "6,6,[\"a\",", "6,6,[7,", "6,6,7,[" };
  g_autofree char *text = chain_session_copy_layers (s, ids), *strange = NULL;
  GError *error = NULL;
  g_autoptr (GPtrArray) before = weights (s);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *damaged = replaced (text, "6,\n      6,\n      [", bad[i]);

      refused (chain_session_paste_layers (s, damaged, "d2", &error), &error, "damaged");
      g_assert_cmpuint (spec_of (s)->layers->len, ==, 3);
    }
  strange = replaced (text, "\"d2.bias\"", "\"d2.x 1 1 0\\nset d1.bias\"");
  ok (chain_session_paste_layers (s, strange, "d2", &error), &error);
  g_autoptr (GPtrArray) after = weights (s);
  g_assert_cmpfloat (value (after, "d1.bias", 0, 3), ==, value (before, "d1.bias", 0, 3));
  g_assert_cmpfloat (value (after, "d4.weight", 3, 3), ==, value (before, "d2.weight", 3, 3));
  assert_saves (s, 4);
}

static void
spoil (ChainTrainer *t, gpointer data)
{
  double v[36] = { NAN };

  g_assert_true (chain_exec_write (chain_trainer_exec (t), chain_model_tensor (chain_trainer_model (t), "d2.weight")->leaf, 1, v, 36, NULL));
}

/* A layer that has diverged is pasted as a fresh one, and one too large is not copied; both are said. */
static void
test_not_copied (void)
{
  g_autoptr (ChainSession) s = trained ();
  const char *const ids[] = { "d2", NULL };
  GError *error = NULL;
  Said said = { 0 };

  g_signal_connect (s, "message", G_CALLBACK (hear), &said);
  chain_worker_call (s->worker, spoil, NULL);
  g_autofree char *text = chain_session_copy_layers (s, ids);
  g_assert_cmpstr (said.last, ==, "Weights that are no numbers are not copied; where the layer is pasted they are drawn anew");
  ok (chain_session_paste_layers (s, text, "d2", &error), &error);
  g_autoptr (GPtrArray) after = weights (s);
  for (guint i = 0; i < 6; i++)
    g_assert_true (isfinite (value (after, "d4.weight", i, 0)) && value (after, "d4.weight", i, 0) != 0);
  ok (chain_session_set_units (s, "d1", 2001, &error), &error);
  ok (chain_session_set_units (s, "d2", 2001, &error), &error);
  g_assert_null (chain_session_copy_layers (s, ids));
  g_assert_nonnull (strstr (said.last, "more numbers than can be copied"));
  g_free (said.last);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/build/clipboard", test_clipboard);
  g_test_add_func ("/build/discards", test_discards);
  g_test_add_func ("/build/branch", test_branch);
  g_test_add_func ("/build/replay", test_replay);
  g_test_add_func ("/build/new-data", test_new_data);
  g_test_add_func ("/build/redo-graft", test_redo_graft);
  g_test_add_func ("/build/told", test_told);
  g_test_add_func ("/build/large-paste", test_large_paste);
  g_test_add_func ("/build/apart", test_apart);
  g_test_add_func ("/build/apart-back", test_apart_back);
  g_test_add_func ("/build/no-longer-kept", test_no_longer_kept);
  g_test_add_func ("/build/damaged", test_damaged);
  g_test_add_func ("/build/not-copied", test_not_copied);
  return g_test_run ();
}
