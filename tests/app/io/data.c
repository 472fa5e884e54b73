/* SPDX-License-Identifier: Apache-2.0 */
/* Every row of the data table loads; files of the user are told by content and found relative to the document. */
#include "app/io/data-load.h"
#include "app/io/file-replace.h"
#include "app/io/system.h"
#include "engine/nn/table.h"
#include "tests/app/io/kit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void
test_rows (void)
{
  guint n, files = 0;
  const ChainDataRow *rows = chain_table_data (&n);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ChainSpec) s = chain_spec_new ();
      g_autoptr (ChainDataset) set = NULL;
      g_autoptr (ChainTable) t = NULL;
      g_autoptr (GError) error = NULL;

      s->data.source = rows[i].generated ? CHAIN_SOURCE_GENERATOR : CHAIN_SOURCE_BUNDLED;
      chain_choice_set (&s->data.choice, rows[i].info.id, NULL);
      t = chain_data_load (&s->data, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (t->n_rows, >, 20);
      if (rows[i].target)
        g_assert_cmpint (chain_table_find (t, rows[i].target), >=, 0);
      set = chain_dataset_new (s, t, NULL, &error);
      g_assert_no_error (error);
      files += !rows[i].generated;
    }
  g_assert_cmpuint (files, >=, 5);
}

static void
test_user_file (void)
{
  g_autofree char *path = kit_scratch ("mine.data"), *dir = g_path_get_dirname (path), *sum = NULL;
  g_autoptr (ChainSpec) s = chain_spec_new ();
  g_autoptr (ChainTable) t = NULL, u = NULL;
  g_autoptr (GError) error = NULL;
  const char text[] = "a;b;name\n1,5;2;x1\n2,5;3;7\n";

  kit_write (path, text, strlen (text));
  s->data.source = CHAIN_SOURCE_FILE;
  chain_set_str (&s->data.path, "mine.data");
  g_assert_null (chain_data_load (&s->data, dir, NULL, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE);
  g_assert_nonnull (strstr (error->message, "mine.data: line 2, column 1 (a): “1,5”"));
  g_clear_error (&error);
  /* Columns that nobody uses may hold what they like. */
  g_ptr_array_add (s->data.ignore, g_strdup ("a"));
  g_ptr_array_add (s->data.ignore, g_strdup ("name"));
  t = chain_data_load (&s->data, dir, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (t->n_rows, ==, 2);
  sum = chain_sha256 (text, strlen (text));
  g_assert_cmpstr (t->sha256, ==, sum);
  g_assert_cmpuint (t->warnings->len, ==, 0);
  chain_set_str (&s->data.sha256, "0");
  s->data.limit = 1;
  u = chain_data_load (&s->data, dir, NULL, &error);
  g_assert_cmpuint (u->warnings->len, ==, 1);
  g_assert_cmpuint (u->n_rows, ==, 1);
  chain_set_str (&s->data.format, "xls");
  g_assert_null (chain_data_load (&s->data, dir, NULL, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_UNSUPPORTED);
}

static void
test_refusals (void)
{
  static const ChainDataSource sources[] = { CHAIN_SOURCE_EMBEDDED, CHAIN_SOURCE_FILE, CHAIN_SOURCE_BUNDLED };

  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      g_autoptr (ChainSpec) s = chain_spec_new ();
      g_autoptr (GError) error = NULL;

      s->data.source = sources[i];   /* no path, and the default row is a generator */
      g_assert_null (chain_data_load (&s->data, NULL, NULL, &error));
      g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC);
    }
}

/* --- no second file --- */
static const ChainSystem *real;
static ChainSystem watching;
static guint opened_freely;

static int
count_openat (int dir, const char *name, int flags, mode_t mode)
{
  opened_freely++;
  return real->openat (dir, name, flags, mode);
}

static int
no_open_beneath (int dir, const char *name, int flags)
{
  errno = ENOSYS;
  return -1;
}

static void
assert_refused (const char *path, const char *dir, gboolean outside)
{
  g_autoptr (ChainSpec) s = chain_spec_new ();
  g_autoptr (GError) error = NULL;

  s->data.source = CHAIN_SOURCE_FILE;
  chain_set_str (&s->data.path, path);
  g_assert_null (chain_data_load (&s->data, dir, NULL, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_IO);
  g_assert_true (!outside || strstr (error->message, "outside of the document’s folder") != NULL);
}

static void
assert_read (const char *path, const char *dir)
{
  g_autoptr (ChainSpec) s = chain_spec_new ();
  g_autoptr (ChainTable) t = NULL;
  g_autoptr (GError) error = NULL;

  s->data.source = CHAIN_SOURCE_FILE;
  chain_set_str (&s->data.path, path);
  t = chain_data_load (&s->data, dir, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (t->n_rows, ==, 2);
}

/* What a document names is opened inside its folder only, by openat2() and by the walk for kernels without it; nothing else is even tried. */
static void
test_no_second_file (void)
{
  const char text[] = "a,b\n1,2\n3,4\n";
  g_autofree char *outside = kit_scratch ("outside.csv"), *dir = kit_scratch ("docs"), *inside = g_build_filename (dir, "in.csv", NULL);
  g_autofree char *sub = g_build_filename (dir, "sub", NULL), *deep = g_build_filename (sub, "deep.csv", NULL), *link = g_build_filename (dir, "link.csv", NULL);
  g_autofree char *away = g_build_filename (dir, "away", NULL), *slashed = g_strconcat (dir, "/", NULL), *up = g_strconcat (dir, "/../outside.csv", NULL);
  g_autofree char *twin = g_strconcat (dir, "2/in.csv", NULL);

  g_assert_cmpint (g_mkdir_with_parents (sub, 0700), ==, 0);
  kit_write (outside, text, strlen (text));
  kit_write (inside, text, strlen (text));
  kit_write (deep, text, strlen (text));
  g_assert_cmpint (symlink (inside, link), ==, 0);
  g_assert_cmpint (symlink ("..", away), ==, 0);
  real = chain_system ();
  watching = *real;
  watching.openat = count_openat;
  for (guint old_kernel = 0; old_kernel < 2; old_kernel++)
    {
      watching.open_beneath = old_kernel ? no_open_beneath : real->open_beneath;
      chain_system_set (&watching);
      assert_read ("in.csv", dir);
      assert_read ("./in.csv", dir);
      assert_read ("sub/deep.csv", dir);
      assert_read (inside, dir);
      assert_read (inside, slashed);
      assert_refused ("../outside.csv", dir, TRUE);
      assert_refused ("sub/../../outside.csv", dir, TRUE);
      assert_refused (outside, dir, TRUE);
      assert_refused (up, dir, TRUE);
      assert_refused (twin, dir, TRUE);
      assert_refused ("/proc/self/environ", dir, TRUE);
      assert_refused ("/dev/zero", dir, TRUE);
      assert_refused ("link.csv", dir, TRUE);
      assert_refused ("away/outside.csv", dir, FALSE);
      assert_refused ("sub", dir, FALSE);
      assert_refused ("nothing.csv", dir, FALSE);
      assert_refused ("", dir, FALSE);
      chain_system_set (NULL);
    }
  g_assert_cmpuint (opened_freely, ==, 0);
  g_assert_cmpint (unlink (deep) | rmdir (sub) | unlink (inside) | unlink (link) | unlink (away), ==, 0);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/io/data/rows", test_rows);
  g_test_add_func ("/io/data/user-file", test_user_file);
  g_test_add_func ("/io/data/refusals", test_refusals);
  g_test_add_func ("/io/data/no-second-file", test_no_second_file);
  status = g_test_run ();
  kit_finish ();
  return status;
}
