/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs of the program without a window: edit, train, save, open, import, undo. */
#include "config.h"

#include "app/io/spec-io.h"
#include "app/session/session.h"
#include "app/session/settings.h"
#include "engine/nn/table.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static char *folder;

static char *
in_folder (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static const ChainSpec *
spec_of (ChainSession *s)
{
  return chain_document_spec (chain_session_document (s));
}

static void
wait (ChainSession *s)
{
  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
}

static float
weight_sum (ChainSession *s)
{
  float sum = 0;

  wait (s);
  for (guint i = 0; i < chain_session_snapshot (s)->tensors->len; i++)
    {
      const ChainSnapTensor *t = g_ptr_array_index (chain_session_snapshot (s)->tensors, i);

      for (guint k = 0; k < t->rows * t->cols; k++)
        sum += t->value[k] * (float) (1 + k % 7 + i);
    }
  return sum;
}

static void
ok (gboolean result, GError **error)
{
  g_assert_no_error (*error);
  g_assert_true (result);
}

static void
test_new (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autofree char *title = chain_document_title (chain_session_document (s)), *subtitle = chain_document_subtitle (chain_session_document (s));

  g_assert_cmpstr (title, ==, "Two moons");
  g_assert_cmpstr (subtitle, ==, "Untitled");
  g_assert_nonnull (chain_session_snapshot (s));
  g_assert_nonnull (chain_session_snapshot (s)->output);
  g_assert_cmpint (chain_session_snapshot (s)->state, ==, CHAIN_RUN_READY);
  g_assert_cmpfloat (chain_session_speed (s), ==, 24);
  g_assert_false (chain_document_is_dirty (chain_session_document (s)));
  g_assert_false (chain_session_is_playing (s));
}

static void
test_edits (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  GError *error = NULL;

  ok (chain_session_set_units (s, "d1", 9, &error), &error);
  g_assert_cmpuint (chain_spec_layer (spec_of (s), "d1")->units, ==, 9);
  wait (s);
  g_assert_cmpuint (chain_snapshot_tensor (chain_session_snapshot (s), "d1.weight")->rows, ==, 9);
  ok (chain_session_add_layer (s, "d1", &error), &error);
  g_assert_cmpuint (spec_of (s)->layers->len, ==, 4);
  ok (chain_session_set_activation (s, "d1", "relu", &error), &error);
  ok (chain_session_set_optimiser (s, "sgd", &error), &error);
  ok (chain_session_set (s, "optimiser.params.lr", "0.2", "learning rate", "lr", &error), &error);
  wait (s);
  g_assert_cmpfloat (chain_session_snapshot (s)->lr, ==, 0.2);
  ok (chain_session_set_loss (s, "mse", &error), &error);
  ok (chain_session_remove_layer (s, "d2", &error), &error);
  wait (s);
  g_assert_true (chain_spec_equal (chain_session_snapshot (s)->spec, spec_of (s)));
  g_assert_true (chain_document_is_dirty (chain_session_document (s)));
  g_assert_cmpstr (chain_document_undo_label (chain_session_document (s)), ==, "remove layer d2");
}

static void
test_refusals (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  const ChainSpec *before = spec_of (s);
  GError *error = NULL;

  g_assert_false (chain_session_set_units (s, "d1", 0, &error));
  g_clear_error (&error);
  g_assert_false (chain_session_set_units (s, "nothing", 3, &error));
  g_clear_error (&error);
  g_assert_false (chain_session_set (s, "optimiser.params.lr", "-1", "rate", NULL, &error));
  g_clear_error (&error);
  g_assert_false (chain_session_set (s, "no.such.key", "1", "x", NULL, &error));
  g_clear_error (&error);
  g_assert_false (chain_session_set_optimiser (s, "magic", &error));
  g_clear_error (&error);
  g_assert_false (chain_session_set_weight (s, "d1.weight", 99, 0, 1, &error));
  g_clear_error (&error);
  g_assert_false (chain_session_open (s, "/nonexistent/file.chainrule", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (chain_session_import (s, "/nonexistent/file.csv", &error));
  g_clear_error (&error);
  g_assert_false (chain_session_save (s, NULL, FALSE, &error));
  g_clear_error (&error);
  g_assert_true (spec_of (s) == before);
  g_assert_null (chain_document_undo_label (chain_session_document (s)));
}

/* Training, an edit that loses weights, undo: the trained network is back. */
static void
test_undo_brings_weights_back (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  GError *error = NULL;
  float trained;

  chain_session_step (s, 200);
  trained = weight_sum (s);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 200);
  ok (chain_session_set_units (s, "d1", 2, &error), &error);
  g_assert_cmpfloat (weight_sum (s), !=, trained);
  g_assert_true (chain_session_undo (s));
  g_assert_cmpfloat (weight_sum (s), ==, trained);
  g_assert_true (chain_session_redo (s));
  wait (s);
  g_assert_cmpuint (chain_snapshot_tensor (chain_session_snapshot (s), "d1.weight")->rows, ==, 2);
  g_assert_false (chain_session_redo (s));
}

static double
weight_at (ChainSession *s, const char *name, guint at)
{
  wait (s);
  return chain_snapshot_tensor (chain_session_snapshot (s), name)->value[at];
}

/* A number set by hand goes back and forth with undo and redo; a drag is one entry; nothing else moves. */
static void
test_undo_weight (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  ChainDocument *d = chain_session_document (s);
  GError *error = NULL;
  double other, before = weight_at (s, "d1.weight", 3);

  other = weight_at (s, "d1.weight", 2);
  ok (chain_session_set_weight (s, "d1.weight", 1, 1, 0.5, &error), &error);
  ok (chain_session_set_weight (s, "d1.weight", 1, 1, 0.75, &error), &error);
  g_assert_true (chain_document_is_dirty (d));
  g_assert_cmpstr (chain_document_undo_label (d), ==, "value in d1.weight");
  ok (chain_session_set_weight (s, "d2.bias", 0, 2, -1.25, &error), &error);
  g_assert_cmpfloat (weight_at (s, "d1.weight", 3), ==, 0.75);
  g_assert_cmpfloat (weight_at (s, "d2.bias", 2), ==, -1.25);
  g_assert_true (chain_session_undo (s));
  g_assert_cmpfloat (weight_at (s, "d2.bias", 2), ==, 0);
  g_assert_cmpfloat (weight_at (s, "d1.weight", 3), ==, 0.75);
  g_assert_true (chain_session_undo (s));
  g_assert_cmpfloat (weight_at (s, "d1.weight", 3), ==, before);
  g_assert_cmpfloat (weight_at (s, "d1.weight", 2), ==, other);
  g_assert_false (chain_document_is_dirty (d));
  g_assert_false (chain_session_undo (s));
  g_assert_true (chain_session_redo (s));
  g_assert_cmpfloat (weight_at (s, "d1.weight", 3), ==, 0.75);
  g_assert_true (chain_session_redo (s));
  g_assert_cmpfloat (weight_at (s, "d2.bias", 2), ==, -1.25);
  ok (chain_session_set_units (s, "d1", 9, &error), &error);
  g_assert_true (chain_session_undo (s));
  g_assert_cmpfloat (weight_at (s, "d1.weight", 3), ==, 0.75);
}

/* Redo brings back the weights that were there at undo, and a further undo those from before the redo. */
static void
test_redo_brings_weights_back (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  GError *error = NULL;
  float small, wide;

  chain_session_step (s, 50);
  ok (chain_session_set_units (s, "d1", 9, &error), &error);
  chain_session_step (s, 70);
  wide = weight_sum (s);
  g_assert_true (chain_session_undo (s));
  chain_session_step (s, 30);
  small = weight_sum (s);
  g_assert_cmpfloat (small, !=, wide);
  g_assert_true (chain_session_redo (s));
  g_assert_cmpfloat (weight_sum (s), ==, wide);
  g_assert_true (chain_session_undo (s));
  g_assert_cmpfloat (weight_sum (s), ==, small);
}

static void
test_time (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  float at_30;

  chain_session_step (s, 30);
  at_30 = weight_sum (s);
  chain_session_step (s, 50);
  g_assert_cmpfloat (weight_sum (s), !=, at_30);
  chain_session_step (s, -50);
  g_assert_cmpfloat (weight_sum (s), ==, at_30);
  chain_session_step (s, -1000);
  wait (s);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 0);
  chain_session_step (s, 30);
  g_assert_cmpfloat (weight_sum (s), ==, at_30);
  chain_session_reset (s, FALSE);
  wait (s);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 0);
  chain_session_step (s, 30);
  g_assert_cmpfloat (weight_sum (s), ==, at_30);
  chain_session_reset (s, TRUE);
  chain_session_step (s, 30);
  g_assert_cmpfloat (weight_sum (s), !=, at_30);
}

static void
test_play (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  guint frames = 0;

  chain_session_set_speed (s, 0);
  chain_session_play (s);
  g_assert_true (chain_session_is_playing (s));
  while (frames < 10 && g_get_monotonic_time () < end)
    {
      frames += (guint) chain_session_pump (s, CHAIN_WANT_FIELD | CHAIN_WANT_PARAMS | CHAIN_WANT_METRICS);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (1000);
    }
  g_assert_cmpuint (frames, >=, 10);
  g_assert_true (chain_session_is_playing (s));
  chain_session_pause (s);
  wait (s);
  g_assert_cmpint (chain_session_snapshot (s)->state, ==, CHAIN_RUN_PAUSED);
  g_assert_cmpuint (chain_session_snapshot (s)->step, >, 0);
  g_assert_true (chain_document_is_dirty (chain_session_document (s)));
}

static void
test_save_and_open (void)
{
  g_autoptr (ChainSession) s = chain_session_new (), other = chain_session_new ();
  g_autofree char *path = in_folder ("moons.chainrule"), *subtitle = NULL;
  GError *error = NULL;
  float saved, later;

  ok (chain_session_set_units (s, "d2", 5, &error), &error);
  chain_session_step (s, 77);
  saved = weight_sum (s);
  ok (chain_session_save (s, path, FALSE, &error), &error);
  g_assert_false (chain_document_is_dirty (chain_session_document (s)));
  chain_session_step (s, 40);
  later = weight_sum (s);
  g_assert_true (chain_document_is_dirty (chain_session_document (s)));
  ok (chain_session_open (other, path, &error), &error);
  g_assert_true (chain_spec_equal (spec_of (other), spec_of (s)));
  g_assert_cmpfloat (weight_sum (other), ==, saved);
  g_assert_cmpuint (chain_session_snapshot (other)->step, ==, 77);
  chain_session_step (other, 40);
  g_assert_cmpfloat (weight_sum (other), ==, later);   /* going on leaves the bits of a run that was never saved */
  subtitle = chain_document_subtitle (chain_session_document (other));
  g_assert_true (g_str_has_suffix (subtitle, "edited"));
}

static void
test_changed_on_disk (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autofree char *path = in_folder ("clash.chainrule");
  GError *error = NULL;

  ok (chain_session_save (s, path, FALSE, &error), &error);
  ok (chain_session_save (s, NULL, FALSE, &error), &error);
  g_assert_true (g_file_set_contents (path, "something else", -1, NULL));
  g_assert_false (chain_session_save (s, NULL, FALSE, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT);
  g_assert_nonnull (strstr (error->message, "changed on disk"));
  g_clear_error (&error);
  ok (chain_session_save (s, NULL, TRUE, &error), &error);
}

static void
test_json (void)
{
  g_autoptr (ChainSession) s = chain_session_new (), other = chain_session_new ();
  g_autofree char *path = in_folder ("spec.json");
  GError *error = NULL;

  ok (chain_session_add_layer (s, "d2", &error), &error);
  ok (chain_session_save (s, path, FALSE, &error), &error);
  ok (chain_session_open (other, path, &error), &error);
  g_assert_true (chain_spec_equal (spec_of (other), spec_of (s)));
}

static char *
write_table (const char *name, const char *head, guint classes)
{
  g_autoptr (GString) text = g_string_new (head);
  char *path = in_folder (name);

  for (guint i = 0; i < 60; i++)
    if (classes == 0)
      g_string_append_printf (text, "%u,%u,%u,%u.25\n", i % 7, i % 5, i % 11, 3 * (i % 7) + i % 5);
    else
      g_string_append_printf (text, "%u,%u,%u,%c\n", i % 7, i % 5, i % 11, 'a' + (int) (i % classes));
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  return path;
}

static const char *
loss_of (ChainSession *s)
{
  return ((ChainLossTerm *) g_ptr_array_index (spec_of (s)->losses, 0))->choice.id;
}

static guint
output_units (ChainSession *s)
{
  return ((ChainLayer *) g_ptr_array_index (spec_of (s)->layers, spec_of (s)->layers->len - 1))->units;
}

static void
test_import (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autofree char *two = write_table ("two.csv", "p,q,r,kind\n", 2), *three = write_table ("three.csv", "p,q,r,kind\n", 3);
  g_autofree char *numbers = write_table ("prices.csv", "p,q,r,price\n", 0), *title = NULL, *path = in_folder ("with-data.chainrule");
  g_autoptr (ChainSession) other = chain_session_new ();
  GError *error = NULL;

  ok (chain_session_open (s, three, &error), &error);
  g_assert_cmpstr (loss_of (s), ==, "ce_with_logits");
  g_assert_cmpuint (output_units (s), ==, 3);
  g_assert_cmpuint (chain_session_data (s)->d, ==, 3);
  g_assert_cmpuint (chain_spec_layer (spec_of (s), "d1")->units, ==, 6);
  ok (chain_session_import (s, numbers, &error), &error);
  g_assert_cmpstr (loss_of (s), ==, "mse");
  g_assert_cmpuint (output_units (s), ==, 1);
  title = chain_document_title (chain_session_document (s));
  g_assert_cmpstr (title, ==, "prices");
  chain_session_step (s, 20);
  wait (s);
  g_assert_true (isfinite (chain_session_snapshot (s)->loss));
  ok (chain_session_save (s, path, FALSE, &error), &error);
  g_assert_cmpint (g_remove (numbers), ==, 0);   /* the document carries its data */
  ok (chain_session_open (other, path, &error), &error);
  g_assert_cmpfloat (weight_sum (other), ==, weight_sum (s));
  ok (chain_session_import (s, two, &error), &error);
  g_assert_cmpstr (loss_of (s), ==, "bce_with_logits");
  g_assert_cmpuint (output_units (s), ==, 1);
  g_assert_true (chain_session_undo (s));
  g_assert_true (chain_session_undo (s));
  g_assert_true (chain_session_undo (s));
  g_assert_cmpstr (spec_of (s)->name, ==, "Two moons");
  wait (s);
  g_assert_cmpuint (chain_session_data (s)->d, ==, 2);
}

static void
test_data_rows (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  GError *error = NULL;
  guint n;
  const ChainDataRow *data = chain_table_data (&n);

  for (guint i = 0; i < n; i++)
    {
      if (!data[i].generated)
        continue;
      ok (chain_session_set_data (s, data[i].info.id, &error), &error);
      chain_session_step (s, 3);
      wait (s);
      g_assert_null (chain_session_snapshot (s)->message);
      g_assert_true (isfinite (chain_session_snapshot (s)->loss));
    }
  ok (chain_session_set_data (s, "penguins", &error), &error);
  g_assert_cmpuint (output_units (s), ==, 3);
  g_assert_cmpstr (loss_of (s), ==, "ce_with_logits");
}

/* --- undo of everything --- */
static void
random_verb (ChainSession *s, GRand *random)
{
  static const char *const data[] = { "moons", "circles", "xor", "penguins", "blobs" };
  static const char *const acts[] = { "tanh", "relu", "sigmoid" };
  static const char *const optims[] = { "sgd", "adam", "momentum", "rmsprop" };
  const GPtrArray *layers = spec_of (s)->layers;
  const char *layer = ((ChainLayer *) g_ptr_array_index (layers, (guint) g_rand_int_range (random, 0, (gint32) layers->len)))->id;
  g_autofree char *id = g_strdup (layer), *number = g_strdup_printf ("0.%d", g_rand_int_range (random, 1, 9));
  int pick = g_rand_int_range (random, 0, 100);

  if (pick < 20)
    chain_session_set (s, "optimiser.params.lr", number, "rate", pick < 10 ? "lr" : NULL, NULL);
  else if (pick < 40)
    chain_session_set_units (s, id, g_rand_int_range (random, 1, 9), NULL);
  else if (pick < 50 && layers->len < 6)
    chain_session_add_layer (s, id, NULL);
  else if (pick < 57)
    chain_session_remove_layer (s, id, NULL);
  else if (pick < 67)
    chain_session_set_activation (s, id, acts[pick % 3], NULL);
  else if (pick < 75)
    chain_session_set_optimiser (s, optims[pick % 4], NULL);
  else if (pick < 80)
    chain_session_set_data (s, data[pick % 5], NULL);
  else if (pick < 84)
    chain_session_set_loss (s, pick % 2 ? "mse" : "bce", NULL);
  else if (pick < 88)
    chain_session_set (s, "batch.size", pick % 2 ? "10" : "64", "batch", NULL, NULL);
  else if (pick < 94)
    chain_session_undo (s);
  else
    chain_session_redo (s);
}

static void
test_undo_everything (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autofree char *first = chain_spec_to_json (spec_of (s)), *last = NULL;
  float weights = weight_sum (s);
  guint n = 0;

  for (guint i = 0; i < 200; i++)
    random_verb (s, random);
  while (chain_session_undo (s))
    n++;
  g_assert_cmpuint (n, >, 20);
  last = chain_spec_to_json (spec_of (s));
  g_assert_cmpstr (first, ==, last);
  g_assert_cmpfloat (weight_sum (s), ==, weights);
  g_assert_false (chain_document_is_dirty (chain_session_document (s)));
  while (chain_session_redo (s))
    n--;
  g_assert_cmpuint (n, ==, 0);
  wait (s);
  g_assert_true (chain_spec_equal (chain_session_snapshot (s)->spec, spec_of (s)));
}

static void
test_diverged (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  GError *error = NULL;
  ChainSpec *next = chain_spec_copy (spec_of (s));
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  double lr;

  for (guint i = 0; i < 2; i++)
    chain_choice_set (&((ChainLayer *) g_ptr_array_index (next->layers, i))->activation, "relu", NULL);
  chain_choice_set (&((ChainLossTerm *) g_ptr_array_index (next->losses, 0))->choice, "mse", NULL);
  chain_choice_set (&next->optimiser, "sgd", NULL);
  chain_choice_set_param (&next->optimiser, "lr", 50);
  ok (chain_session_apply (s, chain_spec_seal (next), "wild", NULL, &error), &error);
  chain_session_set_speed (s, 0);
  chain_session_play (s);
  do
    {
      wait (s);
      g_assert_cmpint (g_get_monotonic_time (), <, end);
    }
  while (chain_session_snapshot (s)->state == CHAIN_RUN_RUNNING);
  g_assert_cmpint (chain_session_snapshot (s)->state, ==, CHAIN_RUN_DIVERGED);
  g_assert_nonnull (chain_session_snapshot (s)->message);
  chain_session_remedy (s);
  wait (s);
  g_assert_true (chain_choice_param (&spec_of (s)->optimiser, "lr", &lr));
  g_assert_cmpfloat (lr, ==, 25);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 0);
  g_assert_cmpint (chain_session_snapshot (s)->state, ==, CHAIN_RUN_READY);
}

static void
test_export (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autofree char *png = in_folder ("net.png"), *svg = in_folder ("loss.svg"), *bytes = NULL;
  gsize n = 0;
  GError *error = NULL;

  chain_session_step (s, 25);
  ok (chain_session_export (s, "boundary", png, 0, 0, 1, "light", &error), &error);
  g_assert_true (g_file_get_contents (png, &bytes, &n, NULL));
  g_assert_cmpuint (n, >, 1000);
  g_assert_cmpmem (bytes, 8, "\x89PNG\r\n\x1a\n", 8);
  ok (chain_session_export (s, "loss", svg, 300, 200, 1, "dark", &error), &error);
  g_assert_true (g_file_test (svg, G_FILE_TEST_IS_REGULAR));
  g_assert_false (chain_session_export (s, "nothing", svg, 0, 0, 1, "light", &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC);
  g_clear_error (&error);
}

static void
test_settings (void)
{
  g_autofree char *text = NULL;

  chain_setting_reload (folder);
  g_assert_cmpfloat (chain_setting_number ("window", "width", 7.5), ==, 7.5);
  chain_setting_set_number ("window", "width", 1280.25);
  chain_setting_set_string ("view", "page", "network · µ");
  chain_setting_set_boolean ("view", "dark", TRUE);
  g_assert_null (chain_setting_error ());
  chain_setting_reload (folder);
  g_assert_cmpfloat (chain_setting_number ("window", "width", 7.5), ==, 1280.25);
  text = chain_setting_string ("view", "page", NULL);
  g_assert_cmpstr (text, ==, "network · µ");
  g_assert_true (chain_setting_boolean ("view", "dark", FALSE));
  chain_setting_reload (NULL);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("chainrule-session-XXXXXX", NULL);
  g_test_add_func ("/session/new", test_new);
  g_test_add_func ("/session/edits", test_edits);
  g_test_add_func ("/session/refusals", test_refusals);
  g_test_add_func ("/session/undo-brings-weights-back", test_undo_brings_weights_back);
  g_test_add_func ("/session/undo-weight", test_undo_weight);
  g_test_add_func ("/session/redo-brings-weights-back", test_redo_brings_weights_back);
  g_test_add_func ("/session/time", test_time);
  g_test_add_func ("/session/play", test_play);
  g_test_add_func ("/session/save-and-open", test_save_and_open);
  g_test_add_func ("/session/changed-on-disk", test_changed_on_disk);
  g_test_add_func ("/session/json", test_json);
  g_test_add_func ("/session/import", test_import);
  g_test_add_func ("/session/data-rows", test_data_rows);
  g_test_add_func ("/session/undo-everything", test_undo_everything);
  g_test_add_func ("/session/diverged", test_diverged);
  g_test_add_func ("/session/export", test_export);
  g_test_add_func ("/session/settings", test_settings);
  result = g_test_run ();
  {
    g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
      {
        g_autofree char *path = in_folder (name);

        g_remove (path);
      }
  }
  g_rmdir (folder);
  g_free (folder);
  return result;
}
