/* SPDX-License-Identifier: Apache-2.0 */
/* Documents from outside: weights that another library saved find their parameters, and the twelve examples are there and train. */
#include "config.h"

#include <glib/gstdio.h>
#include <math.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "app/picture/views.h"
#include "app/session/documents/gallery.h"
#include "app/session/documents/source.h"
#include "app/session/documents/weights.h"
#include "app/session/recovery.h"
#include "tests/app/session/weights-kit.h"

static const char *
to_of (const ChainWeightsMap *map, const char *name, const ChainMapRow **row)
{
  for (guint i = 0; i < map->rows->len; i++)
    {
      const ChainMapRow *r = g_ptr_array_index (map->rows, i);

      if (strcmp (r->tensor->name, name) != 0)
        continue;
      if (row != NULL)
        *row = r;
      return r->to < 0 ? NULL : ((const ChainMapTarget *) g_ptr_array_index (map->targets, r->to))->name;
    }
  g_assert_not_reached ();
}

static guint
row_named (const ChainWeightsMap *map, const char *name)
{
  for (guint i = 0; i < map->rows->len; i++)
    if (strcmp (((const ChainMapRow *) g_ptr_array_index (map->rows, i))->tensor->name, name) == 0)
      return i;
  g_assert_not_reached ();
}

static int
target_named (const ChainWeightsMap *map, const char *name)
{
  for (guint i = 0; i < map->targets->len; i++)
    if (strcmp (((const ChainMapTarget *) g_ptr_array_index (map->targets, i))->name, name) == 0)
      return (int) i;
  g_assert_not_reached ();
}

/* The example network is 2-6-6-1: d1, d2, d3. Each row: what a library calls the six tensors, and whether it has inputs × outputs. */
static void
test_names (void)
{
  static const struct { const char *weight[3], *bias[3]; gboolean turned; ChainMapBy by; } habits[] = {
    { { "d1.weight", "d2.weight", "d3.weight" }, { "d1.bias", "d2.bias", "d3.bias" }, FALSE, CHAIN_MAP_BY_NAME },
    { { "0.weight", "2.weight", "4.weight" }, { "0.bias", "2.bias", "4.bias" }, FALSE, CHAIN_MAP_BY_ORDER },
    { { "layers.8.weight", "layers.9.weight", "layers.10.weight" }, { "layers.8.bias", "layers.9.bias", "layers.10.bias" }, FALSE, CHAIN_MAP_BY_ORDER },
    { { "net.fc1.weight", "net.fc2.weight", "net.fc3.weight" }, { "net.fc1.bias", "net.fc2.bias", "net.fc3.bias" }, FALSE, CHAIN_MAP_BY_ORDER },
    { { "dense/kernel:0", "dense_1/kernel:0", "dense_2/kernel:0" }, { "dense/bias:0", "dense_1/bias:0", "dense_2/bias:0" }, TRUE, CHAIN_MAP_BY_ORDER },
    { { "W1", "W2", "W3" }, { "b1", "b2", "b3" }, FALSE, CHAIN_MAP_BY_ORDER },
  };
  static const char *const weights[] = { "d1.weight", "d2.weight", "d3.weight" }, *const biases[] = { "d1.bias", "d2.bias", "d3.bias" };
  static const guint out[] = { 6, 6, 1 }, in[] = { 2, 6, 6 };
  g_autoptr (ChainSession) s = chain_session_new ();

  for (guint h = 0; h < G_N_ELEMENTS (habits); h++)
    {
      g_autofree char *path = NULL;
      g_autoptr (ChainTensorFile) file = chain_tensor_file_new ();
      g_autoptr (ChainWeightsMap) map = NULL;
      GError *error = NULL;

      for (guint i = 0; i < 3; i++)
        {
          wkit_add (file, habits[h].weight[i], habits[h].turned ? in[i] : out[i], habits[h].turned ? out[i] : in[i], 10 * i);
          wkit_add (file, habits[h].bias[i], 0, out[i], 100 * i);
        }
      path = wkit_save (file, "habit.safetensors");
      map = chain_session_map_weights (s, path, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (chain_weights_map_used (map), ==, 6);
      for (guint i = 0; i < 3; i++)
        {
          const ChainMapRow *row;

          g_assert_cmpstr (to_of (map, habits[h].weight[i], &row), ==, weights[i]);
          g_assert_cmpint (row->by, ==, habits[h].by);
          /* one row or one column is no matter of direction */
          g_assert_cmpint (row->transposed, ==, habits[h].turned && out[i] > 1);
          g_assert_cmpint (row->note != NULL, ==, row->transposed);
          g_assert_cmpstr (to_of (map, habits[h].bias[i], NULL), ==, biases[i]);
        }
    }
}

/* What has no place says why; the rest finds its own all the same. */
static void
test_misfits (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (ChainTensorFile) file = chain_tensor_file_new ();
  g_autoptr (ChainWeightsMap) map = NULL;
  g_autofree char *path = NULL, *json = NULL, *shape = NULL;
  const ChainMapRow *row;
  GError *error = NULL;

  wkit_add (file, "d1.weight", 5, 2, 0);                  /* its name, not its shape */
  wkit_add (file, "conv.weight", 3, 3, 0);                /* nobody's shape */
  wkit_add (file, "head.weight", 6, 6, 0);                /* fits d2 … */
  wkit_add (file, "head.bias", 0, 7, 0);                  /* … but this does not: the layer stays out */
  wkit_add (file, "d3.bias", 0, 1, 4);
  chain_tensor_file_add_raw (file, "steps", "I64", 0, NULL, &(gint64){ 9 });
  chain_tensor_file_add_raw (file, "cube.weight", "F32", 3, (guint64[]){ 1, 2, 1 }, (float[]){ 1, 2 });
  path = wkit_save (file, "misfits.safetensors");
  map = chain_session_map_weights (s, path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (chain_weights_map_used (map), ==, 1);
  g_assert_cmpstr (to_of (map, "d3.bias", NULL), ==, "d3.bias");
  g_assert_null (to_of (map, "d1.weight", &row));
  g_assert_cmpstr (row->note, ==, "d1.weight is 6 × 2 in this network");
  g_assert_null (to_of (map, "conv.weight", &row));
  g_assert_nonnull (strstr (row->note, "no parameter"));
  g_assert_null (to_of (map, "head.weight", &row));
  g_assert_nonnull (strstr (row->note, "as a whole"));
  g_assert_null (to_of (map, "cube.weight", &row));
  g_assert_nonnull (strstr (row->note, "3 axes"));
  shape = chain_weights_map_shape (row->tensor);
  g_assert_cmpstr (shape, ==, "1 × 2 × 1");
  json = chain_weights_map_json (map);
  g_assert_nonnull (strstr (json, "\"kept\":[\"d1.weight\",\"d1.bias\",\"d2.weight\",\"d2.bias\",\"d3.weight\"]"));

  g_assert_true (chain_weights_map_set (map, row_named (map, "head.weight"), target_named (map, "d2.weight")));
  g_assert_false (chain_weights_map_set (map, row_named (map, "head.weight"), target_named (map, "d1.weight")));
  g_assert_cmpstr (to_of (map, "head.weight", &row), ==, "d2.weight");
  g_assert_cmpint (row->by, ==, CHAIN_MAP_BY_HAND);
  g_assert_true (chain_weights_map_set (map, row_named (map, "d3.bias"), -1));
  g_assert_cmpuint (chain_weights_map_used (map), ==, 1);
}

/* A parameter has one source: who comes later takes its place. */
static void
test_one_source (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (ChainTensorFile) file = chain_tensor_file_new ();
  g_autoptr (ChainWeightsMap) map = NULL;
  g_autofree char *path = NULL;

  wkit_add (file, "a", 0, 6, 0);
  wkit_add (file, "d1.bias", 0, 6, 10);
  path = wkit_save (file, "two.safetensors");
  map = chain_session_map_weights (s, path, NULL);
  g_assert_null (to_of (map, "a", NULL));
  g_assert_true (chain_weights_map_set (map, row_named (map, "a"), target_named (map, "d1.bias")));
  g_assert_cmpstr (to_of (map, "a", NULL), ==, "d1.bias");
  g_assert_null (to_of (map, "d1.bias", NULL));
}

static float
entry (ChainSession *s, const char *name, guint row, guint col)
{
  const ChainSnapTensor *t;

  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
  t = chain_snapshot_tensor (chain_session_snapshot (s), name);
  return t->value[row * t->cols + col];
}

/* Applied in one edit, the right way round; undo brings back what was trained, redo the file's again. */
static void
test_apply (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  ChainDocument *d = chain_session_document (s);
  g_autoptr (ChainTensorFile) file = chain_tensor_file_new ();
  g_autoptr (ChainWeightsMap) map = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;
  float trained, kept;

  chain_session_step (s, 20);
  trained = entry (s, "d1.weight", 3, 1);
  kept = entry (s, "d2.weight", 0, 0);
  wkit_add (file, "dense/kernel", 2, 6, 0);      /* entry [1][3] = 9 */
  wkit_add (file, "dense/bias", 0, 6, 50);
  path = wkit_save (file, "apply.safetensors");
  map = chain_session_map_weights (s, path, &error);
  g_assert_no_error (error);
  g_assert_true (chain_session_apply_weights (s, map, "apply", &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (entry (s, "d1.weight", 3, 1), ==, 9);
  g_assert_cmpfloat (entry (s, "d1.bias", 0, 2), ==, 52);
  g_assert_cmpfloat (entry (s, "d2.weight", 0, 0), ==, kept);
  g_assert_cmpstr (chain_document_undo_label (d), ==, "weights of apply");
  g_assert_true (chain_document_is_dirty (d));
  g_assert_true (chain_session_undo (s));
  g_assert_cmpfloat (entry (s, "d1.weight", 3, 1), ==, trained);
  g_assert_true (chain_session_redo (s));
  g_assert_cmpfloat (entry (s, "d1.weight", 3, 1), ==, 9);

  g_assert_true (chain_session_remove_layer (s, "d2", NULL));
  g_assert_true (chain_session_set_units (s, "d1", 4, NULL));
  g_assert_false (chain_session_apply_weights (s, map, "apply", &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT);
  g_clear_error (&error);
}

static void
test_not_finite (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (ChainTensorFile) file = chain_tensor_file_new ();
  g_autoptr (ChainWeightsMap) map = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;
  float before = entry (s, "d3.bias", 0, 0);

  chain_tensor_file_add_raw (file, "d3.bias", "F32", 1, (guint64[]){ 1 }, (float[]){ NAN });
  path = wkit_save (file, "nan.safetensors");
  map = chain_session_map_weights (s, path, NULL);
  g_assert_false (chain_session_apply_weights (s, map, "nan", &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE);
  g_assert_nonnull (strstr (error->message, "d3.bias"));
  g_clear_error (&error);
  g_assert_cmpfloat (entry (s, "d3.bias", 0, 0), ==, before);
  g_assert_null (chain_document_undo_label (chain_session_document (s)));
}

/* A19: the second save leaves the first one; when the file is damaged, that opens, and the next save mends the file. */
static void
test_backup (void)
{
  g_autoptr (ChainSession) s = chain_session_new (), t = chain_session_new ();
  g_autofree char *path = NULL, *backup = NULL;
  GError *error = NULL;

  path = wkit_path ("backed.chainrule");
  backup = wkit_path ("backed.chainrule~");
  g_assert_true (chain_session_save (s, path, TRUE, &error));
  g_assert_false (g_file_test (backup, G_FILE_TEST_EXISTS));
  chain_session_keep_backup (s, TRUE);
  g_assert_true (chain_session_add_layer (s, "d1", &error));
  g_assert_true (chain_session_save (s, path, FALSE, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (backup, G_FILE_TEST_IS_REGULAR));
  g_assert_true (g_file_set_contents_full (path, "damaged", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_assert_false (chain_session_open (t, path, &error));
  g_clear_error (&error);
  g_assert_true (chain_session_open_backup (t, path, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (chain_document_spec (chain_session_document (t))->layers->len, ==, 3);
  g_assert_cmpstr (chain_document_path (chain_session_document (t)), ==, path);
  g_assert_true (chain_document_is_dirty (chain_session_document (t)));
  chain_session_keep_backup (t, TRUE);
  g_assert_true (chain_session_save (t, NULL, FALSE, &error));
  g_assert_no_error (error);
  g_assert_true (chain_session_open (s, backup, &error));     /* what was damaged has not taken its place */
  g_assert_no_error (error);
  g_assert_true (chain_session_open (s, path, &error));
  g_assert_cmpuint (chain_document_spec (chain_session_document (s))->layers->len, ==, 3);
}

/* A10: other rows in the same file are another data set; undo finds the former ones. */
static void
test_read_again (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autofree char *path = wkit_path ("rows.csv"), *found = NULL;
  GError *error = NULL;

  g_assert_null (chain_session_data_path (s));
  g_assert_false (chain_session_read_data_again (s, NULL));
  g_assert_true (g_file_set_contents_full (path, "a,b\n1,2\n2,3\n3,5\n4,4\n", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_assert_true (chain_session_import (s, path, &error));
  found = chain_session_data_path (s);
  g_assert_cmpstr (found, ==, path);
  chain_session_step (s, 10);
  g_assert_true (chain_session_read_data_again (s, &error));      /* the same: no edit */
  g_assert_cmpstr (chain_document_undo_label (chain_session_document (s)), ==, "data: rows");
  g_assert_true (g_file_set_contents_full (path, "a,b\n1,2\n2,3\n3,5\n4,4\n5,9\n", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_assert_cmpuint (chain_session_table (s)->n_rows, ==, 4);
  g_assert_true (chain_session_read_data_again (s, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (chain_session_table (s)->n_rows, ==, 5);
  g_assert_true (chain_session_undo (s));
  g_assert_cmpuint (chain_session_table (s)->n_rows, ==, 4);
  g_assert_true (chain_session_redo (s));
  g_assert_cmpuint (chain_session_table (s)->n_rows, ==, 5);
}

/* --- examples --- */
static void
test_examples (void)
{
  const GPtrArray *list = chain_examples ();
  guint n;
  const ChainExampleRow *rows = chain_table_examples (&n);

  g_assert_cmpuint (n, ==, 12);
  g_assert_cmpuint (list->len, >=, n);
  for (guint i = 0; i < list->len; i++)
    {
      const ChainExample *e = g_ptr_array_index (list, i);
      g_autoptr (ChainSession) s = chain_session_new ();
      GError *error = NULL;

      g_assert_true (e->row == (i < n ? &rows[i] : NULL));
      g_assert_true (e->row == NULL || chain_view_by_id (e->row->view) != NULL);
      g_assert_true (*e->name != '\0' && *e->note != '\0');
      g_assert_true (chain_session_open_example (s, e->path, &error));
      g_assert_no_error (error);
      g_assert_null (chain_document_path (chain_session_document (s)));
      g_assert_false (chain_document_is_dirty (chain_session_document (s)));
    }
}

typedef struct { guint reports, stepped; GMainLoop *loop; } Seen;

static void
seen_cb (guint i, ChainSnapshot *snapshot, gpointer data)
{
  Seen *seen = data;
  const ChainExample *e = g_ptr_array_index (chain_examples (), i);

  g_assert_nonnull (snapshot);
  g_assert_nonnull (chain_gallery_view (e, snapshot));
  seen->reports++;
  seen->stepped += snapshot->step > 0;
  if (chain_gallery_is_done () || seen->stepped == 3)
    g_main_loop_quit (seen->loop);
}

static void
not_again_cb (guint i, ChainSnapshot *snapshot, gpointer data)
{
  g_assert_not_reached ();
}

/* Stopped in the middle, it goes on where it was; what is known is told again at once; a stopped one is silent. */
static void
test_gallery (void)
{
  Seen seen = { 0, 0, g_main_loop_new (NULL, FALSE) };
  ChainGallery *silent = chain_gallery_start (not_again_cb, NULL), *g;

  chain_gallery_stop (silent);
  g = chain_gallery_start (seen_cb, &seen);
  g_main_loop_run (seen.loop);
  chain_gallery_stop (g);
  g_assert_cmpuint (seen.stepped, ==, 3);
  seen = (Seen){ 0, 0, seen.loop };
  g = chain_gallery_start (seen_cb, &seen);
  while (seen.reports == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (seen.reports, >=, 3);
  chain_gallery_stop (g);
  g_main_loop_unref (seen.loop);
}

/* Microseconds of the processor for mapping a file of n tensors, each of which would fit. */
static double
map_time (guint n)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (ChainTensorFile) file = chain_tensor_file_new ();
  g_autoptr (ChainWeightsMap) map = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;
  clock_t began;

  for (guint i = 0; i < n / 2; i++)
    {
      g_autofree char *weight = g_strdup_printf ("block.%u.weight", i), *bias = g_strdup_printf ("block.%u.bias", i);

      wkit_add (file, weight, 6, 6, 0);
      wkit_add (file, bias, 0, 6, 0);
    }
  path = wkit_save (file, "many.safetensors");
  began = clock ();
  map = chain_session_map_weights (s, path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (map->rows->len, ==, n);
  g_assert_cmpuint (chain_weights_map_used (map), ==, 2);
  g_assert_cmpstr (to_of (map, "block.0.weight", NULL), ==, "d2.weight");
  return (double) (clock () - began);
}

/* As many tensors as a file may have: sixteen times as many take sixteen times as long, not 256 times. */
static void
test_many_tensors (void)
{
  double few = map_time (4096), many = map_time (65536);

  g_test_message ("%.0f and %.0f ms", few / 1000, many / 1000);
  g_assert_cmpfloat (many, <, 60 * few);
}

static void
saved_cb (GObject *session, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  g_assert_true (chain_session_save_finish (CHAIN_SESSION (session), result, &error));
  g_assert_no_error (error);
}

static void
gone_cb (gpointer data, GObject *session)
{
  g_atomic_pointer_set ((GThread **) data, g_thread_self ());
  g_main_context_wakeup (NULL);
}

/* Who lets go of a session while it is saved leaves its end to the save: to the main loop that hears of it, not to the thread that wrote, which no
 * sleeping loop would notice. On one processor the loop hears of it before the thread goes on: there the thread is the last one. */
static void
test_end_of_save (void)
{
  g_autofree char *folder = g_dir_make_tmp ("chainrule-XXXXXX", NULL), *path = g_build_filename (folder, "end.json", NULL);
  cpu_set_t all, one;

  g_assert_cmpint (sched_getaffinity (0, sizeof all, &all), ==, 0);
  CPU_ZERO (&one);
  CPU_SET ((gsize) sched_getcpu (), &one);
  g_assert_cmpint (sched_setaffinity (0, sizeof one, &one), ==, 0);
  for (guint i = 0; i < 20; i++)
    {
      ChainSession *s = chain_session_new ();
      GThread *where = NULL;

      g_object_weak_ref (G_OBJECT (s), gone_cb, &where);
      chain_session_save_async (s, path, TRUE, saved_cb, NULL);
      g_object_unref (s);
      while (g_atomic_pointer_get (&where) == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_true (where == g_thread_self ());
    }
  g_assert_cmpint (sched_setaffinity (0, sizeof all, &all), ==, 0);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/save/end", test_end_of_save);      /* first: threads that there are already keep their processors */
  g_test_add_func ("/weights/names", test_names);
  g_test_add_func ("/weights/misfits", test_misfits);
  g_test_add_func ("/weights/one-source", test_one_source);
  g_test_add_func ("/weights/apply", test_apply);
  g_test_add_func ("/weights/not-finite", test_not_finite);
  g_test_add_func ("/weights/many-tensors", test_many_tensors);
  g_test_add_func ("/documents/backup", test_backup);
  g_test_add_func ("/documents/read-again", test_read_again);
  g_test_add_func ("/examples/all-open", test_examples);
  g_test_add_func ("/examples/gallery", test_gallery);
  status = g_test_run ();
  wkit_finish ();
  return status;
}
