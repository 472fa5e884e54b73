/* SPDX-License-Identifier: Apache-2.0 */
/* Documents whose data are not where they may look for them: they open with their weights, do not train, save what they were, and go on bit for
 * bit once somebody says where the data are. */
#include "config.h"

#include "app/io/document.h"
#include "app/session/missing.h"
#include "tests/app/session/recovery-kit.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static char *message;

static void
message_cb (ChainSession *s, const char *text, const char *label, const char *action)
{
  g_free (message);
  message = g_strdup (text);
}

static ChainSession *
listening_session (void)
{
  ChainSession *s = chain_session_new ();

  g_clear_pointer (&message, g_free);
  g_signal_connect (s, "message", G_CALLBACK (message_cb), NULL);
  return s;
}

static void
write_text (const char *path, const char *text)
{
  GError *error = NULL;

  rec_ok (chain_file_replace (path, text, strlen (text), NULL, NULL, &error), &error);
}

static char *
rows (int slope)
{
  GString *text = g_string_new ("a,b,kind\n");

  for (int i = 0; i < 80; i++)
    g_string_append_printf (text, "%d,%d,%s\n", i, (i * slope) % 80, (i * slope) % 80 > i ? "over" : "under");
  return g_string_free (text, FALSE);
}

/* A trained document whose data are named and not embedded, as one of more than 64 MiB is. Its weights after five more steps are *later. */
static void
make_document (const char *path, const char *csv, const char *named, char **later)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (ChainDocumentFile) file = NULL;
  g_autofree char *text = rows (37);
  ChainSpec *spec;
  GError *error = NULL;

  write_text (csv, text);
  rec_ok (chain_session_import (s, csv, &error), &error);
  chain_session_step (s, 40);
  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
  rec_ok (chain_session_save (s, path, TRUE, &error), &error);
  chain_session_step (s, 5);
  *later = rec_weights_sum (s);
  file = chain_document_file_load (path, NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (&file->data, chain_table_unref);
  spec = chain_spec_copy (file->spec);
  chain_set_str (&spec->data.path, named);
  chain_spec_unref (file->spec);
  file->spec = chain_spec_seal (spec);
  rec_ok (chain_document_file_save (file, path, NULL, NULL, &error), &error);
}

static void
test_beside (void)
{
  g_autofree char *path = rec_in_folder ("beside.chainrule"), *csv = rec_in_folder ("beside.csv"), *later = NULL, *sum = NULL;
  g_autoptr (ChainSession) s = listening_session ();
  GError *error = NULL;

  make_document (path, csv, "beside.csv", &later);
  rec_ok (chain_session_open (s, path, &error), &error);
  g_assert_null (chain_session_missing_data (s));
  g_assert_null (message);
  chain_session_step (s, 5);
  sum = rec_weights_sum (s);
  g_assert_cmpstr (sum, ==, later);
  write_text (csv, "a,b,kind\n1,2,over\n2,1,under\n3,4,over\n4,3,under\n5,6,over\n6,5,under\n");
  rec_ok (chain_session_open_spec (s, chain_spec_example (), &error), &error);
  g_object_unref (g_steal_pointer (&s));
  s = listening_session ();
  rec_ok (chain_session_open (s, path, &error), &error);
  g_assert_nonnull (message);
  g_assert_nonnull (strstr (message, "checksum"));
}

static void
test_find (void)
{
  g_autofree char *path = rec_in_folder ("away.chainrule"), *csv = rec_in_folder ("away.csv"), *elsewhere = rec_in_folder ("moved.csv");
  g_autofree char *later = NULL, *sum = NULL;
  g_autoptr (ChainSession) s = listening_session ();
  g_autoptr (ChainDocumentFile) before = NULL, after = NULL;
  GError *error = NULL;

  make_document (path, csv, "/proc/self/environ", &later);
  g_assert_cmpint (g_rename (csv, elsewhere), ==, 0);
  before = chain_document_file_load (path, NULL, &error);
  rec_ok (chain_session_open (s, path, &error), &error);
  g_assert_nonnull (chain_session_missing_data (s));
  g_assert_nonnull (strstr (chain_session_missing_data (s), "/proc/self/environ"));
  g_assert_false (chain_document_is_dirty (chain_session_document (s)));
  g_assert_true (chain_session_wait (s, CHAIN_WANT_METRICS | CHAIN_WANT_PREDICTIONS));
  g_assert_true (isnan (chain_session_snapshot (s)->train.loss) && isnan (chain_session_snapshot (s)->test.accuracy));
  g_assert_null (chain_session_snapshot (s)->predictions);
  chain_session_play (s);
  g_assert_false (chain_session_is_playing (s));
  g_assert_nonnull (strstr (message, "not here"));
  chain_session_step (s, 3);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 0);
  rec_ok (chain_session_save (s, NULL, FALSE, &error), &error);
  after = chain_document_file_load (path, NULL, &error);
  g_assert_cmpstr (after->run_json, ==, before->run_json);
  g_assert_true (chain_spec_equal (after->spec, before->spec));
  g_assert_null (after->data);
  for (guint i = 0; i < before->tensors->len; i++)
    {
      const ChainNamedTensor *t = g_ptr_array_index (before->tensors, i);
      const ChainTensor *kept = chain_document_file_find (after, t->name);

      g_assert_nonnull (kept);
      for (gsize k = 0; k < chain_tensor_size (t->tensor); k++)
        g_assert_true (chain_tensor_get (kept, k) == chain_tensor_get (t->tensor, k));
    }
  g_assert_false (chain_session_find_data (s, "/nonexistent.csv", &error));
  g_clear_error (&error);
  g_assert_nonnull (chain_session_missing_data (s));
  g_clear_pointer (&message, g_free);
  rec_ok (chain_session_find_data (s, elsewhere, &error), &error);
  g_assert_null (chain_session_missing_data (s));
  g_assert_null (message);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 40);
  g_assert_cmpstr (chain_document_path (chain_session_document (s)), ==, path);
  g_assert_true (chain_document_is_dirty (chain_session_document (s)));
  chain_session_step (s, 5);
  sum = rec_weights_sum (s);
  g_assert_cmpstr (sum, ==, later);
}

static void
test_other_file (void)
{
  g_autofree char *path = rec_in_folder ("other.chainrule"), *csv = rec_in_folder ("other.csv"), *wrong = rec_in_folder ("wrong.csv"), *later = NULL, *text = rows (11);
  g_autoptr (ChainSession) s = listening_session ();
  GError *error = NULL;

  make_document (path, csv, "../other.csv", &later);
  write_text (wrong, text);
  rec_ok (chain_session_open (s, path, &error), &error);
  g_assert_nonnull (strstr (chain_session_missing_data (s), "outside"));
  rec_ok (chain_session_find_data (s, wrong, &error), &error);
  g_assert_nonnull (strstr (message, "checksum"));
}

/* A spec without fitted data: the network is drawn with inputs that are guessed, and takes the shape of the data that are found. */
#define PLAIN_SPEC(units, loss) \
  "{ \"format\": \"chainrule/1\", \"data\": { \"source\": \"file\", \"path\": \"/nonexistent/plain.csv\" }, \"network\": { \"layers\": [" \
  "{ \"id\": \"d1\", \"type\": \"dense\", \"units\": 5, \"activation\": \"tanh\" }, { \"id\": \"out\", \"type\": \"dense\", \"units\": " units " } ] }," \
  " \"losses\": [ { \"id\": \"" loss "\" } ] }"

static void
test_plain_spec (void)
{
  g_autofree char *path = rec_in_folder ("plain.json"), *csv = rec_in_folder ("plain.csv"), *text = rows (37);
  g_autoptr (ChainSession) s = listening_session ();
  GError *error = NULL;

  write_text (csv, text);
  write_text (path, PLAIN_SPEC ("1", "bce_with_logits"));
  rec_ok (chain_session_open (s, path, &error), &error);
  g_assert_nonnull (chain_session_missing_data (s));
  rec_ok (chain_session_find_data (s, csv, &error), &error);
  chain_session_step (s, 5);
  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 5);
}

/* What was edited before the data were found is in the journal until something newer is, and what comes back has both. */
static void
test_journal_goes_on (void)
{
  g_autofree char *path = rec_in_folder ("kept.chainrule"), *csv = rec_in_folder ("kept.csv"), *elsewhere = rec_in_folder ("kept-moved.csv"), *later = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (ChainSession) s = rec_new_session ();
  GError *error = NULL;

  make_document (path, csv, "/proc/self/environ", &later);
  g_assert_cmpint (g_rename (csv, elsewhere), ==, 0);
  rec_ok (chain_session_open (s, path, &error), &error);
  rec_ok (chain_session_set_optimiser (s, "sgd", &error), &error);
  rec_settle (s);
  g_assert_true (rec_has_spec_part ());
  chain_session_autosave_times (60000, 90000, 60000, 60000);
  rec_ok (chain_session_find_data (s, elsewhere, &error), &error);
  rec_iterate_for (100);
  g_assert_true (rec_has_spec_part ());
  chain_session_autosave_times (REC_SETTLE, REC_LATEST, REC_WEIGHTS, REC_LOG);
  chain_session_step (s, 3);
  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
  rec_settle (s);
  chain_session_leave_journal (s);
  g_object_unref (s);
  s = rec_new_session ();
  list = chain_unsaved_list (rec_root);
  rec_ok (chain_session_restore (s, rec_only_one (list), &error), &error);
  g_assert_null (chain_session_missing_data (s));
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 43);
  g_assert_cmpstr (rec_spec_of (s)->optimiser.id, ==, "sgd");
  chain_unsaved_discard (rec_only_one (list));
}

/* The preprocessing of rows that stand in is not the document's own, also not after a crash: the data that are found have other columns. */
static void
test_crash_without_data (void)
{
  g_autofree char *path = rec_in_folder ("crashed.json"), *csv = rec_in_folder ("crashed.csv"), *text = rows (37);
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (ChainSession) s = rec_new_session ();
  GError *error = NULL;

  write_text (csv, text);
  write_text (path, PLAIN_SPEC ("1", "bce_with_logits"));
  rec_ok (chain_session_open (s, path, &error), &error);
  rec_ok (chain_session_set_units (s, "d1", 6, &error), &error);
  rec_settle (s);
  chain_session_leave_journal (s);
  g_object_unref (s);
  s = rec_new_session ();
  list = chain_unsaved_list (rec_root);
  rec_ok (chain_session_restore (s, rec_only_one (list), &error), &error);
  g_assert_nonnull (chain_session_missing_data (s));
  g_assert_cmpuint (rec_units_of (s), ==, 6);
  rec_ok (chain_session_find_data (s, csv, &error), &error);
  chain_unsaved_discard (rec_only_one (list));
}

/* An edit of the data's settings, or opening the document again, does not turn rows that stand in into data. */
static void
test_still_missing (void)
{
  g_autofree char *path = rec_in_folder ("still.json");
  g_autoptr (ChainSession) s = chain_session_new ();
  ChainSpec *next;
  GError *error = NULL;

  write_text (path, PLAIN_SPEC ("1", "bce_with_logits"));
  for (guint i = 0; i < 2; i++)
    {
      rec_ok (chain_session_open (s, path, &error), &error);
      g_assert_nonnull (chain_session_missing_data (s));
    }
  next = chain_spec_copy (rec_spec_of (s));
  next->data.test = 0.5;
  rec_ok (chain_session_apply (s, chain_spec_seal (next), "split", NULL, &error), &error);
  g_assert_nonnull (chain_session_missing_data (s));
  chain_session_step (s, 3);
  g_assert_true (chain_session_wait (s, CHAIN_WANT_METRICS));
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 0);
  chain_session_undo (s);
  g_assert_nonnull (chain_session_missing_data (s));
}

static void
see_cb (ChainSession *s, guint *seen)
{
  const ChainSnapshot *p = chain_session_snapshot (s);

  (*seen)++;
  g_assert_nonnull (chain_session_missing_data (s));
  g_assert_true (isnan (p->train.loss) && isnan (p->test.loss) && isnan (p->loss));
  g_assert_null (p->predictions);
}

/* Nobody is shown numbers of rows that stand in, not even for a moment. */
static void
test_blank_from_the_start (void)
{
  g_autofree char *path = rec_in_folder ("blank.json");
  g_autoptr (ChainSession) s = chain_session_new ();
  GError *error = NULL;
  guint seen = 0;

  write_text (path, PLAIN_SPEC ("1", "bce_with_logits"));
  g_signal_connect (s, "snapshot", G_CALLBACK (see_cb), &seen);
  rec_ok (chain_session_open (s, path, &error), &error);
  g_assert_cmpuint (seen, >, 0);
}

/* Any number of classes; and where no rows can stand in, the reason is the file that is missing. */
static void
test_many_classes (void)
{
  static const char *const whole[] = { PLAIN_SPEC ("21", "ce_with_logits"), PLAIN_SPEC ("300", "ce_with_logits") };
  g_autofree char *path = rec_in_folder ("classes.json");
  g_autoptr (ChainSession) s = chain_session_new ();
  GError *error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (whole); i++)
    {
      write_text (path, whole[i]);
      rec_ok (chain_session_open (s, path, &error), &error);
      g_assert_nonnull (chain_session_missing_data (s));
    }
  write_text (path, PLAIN_SPEC ("3", "mse"));
  g_assert_false (chain_session_open (s, path, &error));
  g_assert_nonnull (strstr (error->message, "/nonexistent/plain.csv"));
  g_clear_error (&error);
}

/* A10: whatever happens to the data file while the document is open, the rows in memory are the ones that were read. */
static void
test_file_goes_while_training (void)
{
  g_autofree char *csv = rec_in_folder ("going.csv"), *text = rows (37), *want = NULL, *sum = NULL;
  gsize len = strlen (text);
  g_autoptr (ChainSession) whole = chain_session_new ();
  g_autoptr (ChainSession) s = chain_session_new ();
  GError *error = NULL;

  write_text (csv, text);
  rec_ok (chain_session_import (whole, csv, &error), &error);
  rec_ok (chain_session_import (s, csv, &error), &error);
  chain_session_step (whole, 60);
  want = rec_weights_sum (whole);
  for (guint i = 0; i < 20; i++)
    {
      if (i < 18)
        g_assert_cmpint (truncate (csv, (off_t) (len * (18 - i) / 20)), ==, 0);
      else
        g_unlink (csv);
      chain_session_step (s, 3);
      g_assert_true (chain_session_wait (s, CHAIN_WANT_METRICS));
    }
  sum = rec_weights_sum (s);
  g_assert_cmpstr (sum, ==, want);
}

int
main (int argc, char **argv)
{
  int status;

  if (!rec_begin (argc, argv))
    return 1;
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/missing/beside", test_beside);
  g_test_add_func ("/missing/find", test_find);
  g_test_add_func ("/missing/other-file", test_other_file);
  g_test_add_func ("/missing/plain-spec", test_plain_spec);
  g_test_add_func ("/missing/journal-goes-on", test_journal_goes_on);
  g_test_add_func ("/missing/crash-without-data", test_crash_without_data);
  g_test_add_func ("/missing/still-missing", test_still_missing);
  g_test_add_func ("/missing/blank-from-the-start", test_blank_from_the_start);
  g_test_add_func ("/missing/many-classes", test_many_classes);
  g_test_add_func ("/missing/file-goes-while-training", test_file_goes_while_training);
  status = g_test_run ();
  g_free (message);
  rec_finish ();
  return status;
}
