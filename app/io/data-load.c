/* SPDX-License-Identifier: Apache-2.0 */
/* From a data section to a table. The format of a file is told by its first bytes, not by its name. No environment variable is needed:
 * the programs run from any build folder (ARCHITECTURE 10), so the data folder is looked for beside the executable, in the source tree
 * that it was built from and where it is installed, in this order. */
#include "config.h"
#include "app/io/data-load.h"
#include "app/io/csv.h"
#include "app/io/file-replace.h"
#include "app/io/idx.h"
#include "app/io/npy.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/nn/table.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

static char *
executable_dir (void)
{
  char path[PATH_MAX];
  ssize_t n = readlink ("/proc/self/exe", path, sizeof path - 1);

  if (n <= 0)
    return NULL;
  path[n] = 0;
  return g_path_get_dirname (path);
}

static char *
if_data_dir (char *path)
{
  g_autofree char *inside = g_build_filename (path, "datasets", NULL);

  if (g_file_test (inside, G_FILE_TEST_IS_DIR))
    return path;
  g_free (path);
  return NULL;
}

char *
chain_data_dir (void)
{
  g_autofree char *exe = executable_dir ();
  char *found = NULL;

  if (exe)   /* an installation that was moved as a whole: bin/ beside share/ */
    found = if_data_dir (g_build_filename (exe, "..", "share", "chainrule", NULL));
  if (!found)
    found = if_data_dir (g_strdup (CHAIN_SOURCE_DATA_DIR));
  if (!found)
    found = if_data_dir (g_strdup (CHAIN_DATA_DIR));
  return found;
}

static gboolean
is_idx (const char *data, gsize len)
{
  return len >= 2 && ((data[0] == 0 && data[1] == 0) || ((guchar) data[0] == 0x1f && (guchar) data[1] == 0x8b));
}

static ChainTable *
read_csv (const char *text, gsize len, const ChainDataSpec *data, GError **error)
{
  ChainCsvOptions options = { 0, data && !data->header, data ? data->ignore : NULL };

  if (data && data->delimiter && strlen (data->delimiter) == 1)
    options.delimiter = data->delimiter[0];
  else if (data && data->delimiter && *data->delimiter && !g_str_equal (data->delimiter, "auto"))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE, _("the delimiter must be one character or \"auto\""));
      return NULL;
    }
  return chain_csv_read (text, len, &options, NULL, error);
}

static ChainTable *
read_table (const char *bytes, gsize len, const ChainDataSpec *data, GError **error)
{
  const char *format = data ? data->format : NULL;

  if (format && !g_str_equal (format, "csv") && !g_str_equal (format, "idx") && !g_str_equal (format, "npy"))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_UNSUPPORTED, _("the format “%s” is not known; csv, idx and npy are"), format);
      return NULL;
    }
  if (format ? g_str_equal (format, "npy") : len >= 6 && memcmp (bytes, "\x93NUMPY", 6) == 0)
    return chain_npy_read (bytes, len, NULL, error);
  if (format ? g_str_equal (format, "idx") : is_idx (bytes, len))
    return chain_idx_read (bytes, len, NULL, error);
  return read_csv (bytes, len, data, error);
}

/* Keeps the first `limit` rows. */
static void
cut_rows (ChainTable *t, double limit)
{
  if (!(limit >= 1) || limit >= t->n_rows)
    return;
  t->n_rows = (guint) limit;
  for (guint i = 0; i < t->columns->len; i++)
    {
      ChainColumn *c = t->columns->pdata[i];

      c->n_missing = 0;
      for (guint r = 0; r < t->n_rows; r++)
        c->n_missing += c->values[r] != c->values[r];
    }
}

static ChainTable *
load_file (const char *folder, const char *path, const ChainDataSpec *data, GError **error)
{
  g_autofree char *bytes = NULL, *name = chain_text_escape (path, -1), *base = g_path_get_basename (path);
  ChainTable *t;
  gsize len;

  if (data && data->labels_path)
    t = chain_idx_load_pair (folder, path, data->labels_path, error);
  else
    {
      if (!chain_file_read_in (folder, path, CHAIN_LIMIT_GZIP, &bytes, &len, NULL, error))
        return NULL;
      t = read_table (bytes, len, data, error);
      if (!t)
        {
          g_prefix_error (error, "%s: ", name);
          return NULL;
        }
      g_free (t->sha256);
      t->sha256 = chain_sha256 (bytes, len);
      chain_set_str (&t->path, path);
    }
  if (!t)
    return NULL;
  if (!t->title)
    chain_set_str (&t->title, base);
  if (data)
    cut_rows (t, data->limit);
  return t;
}

ChainTable *
chain_data_load_file (const char *path, const ChainDataSpec *data, GError **error)
{
  return load_file (NULL, path, data, error);
}

/* Bundled images that are a table: as many numbers as a square has, called p00, p01 … p10 … by row and column. */
static void
find_pixels (ChainTable *t, const ChainDataRow *row)
{
  guint side = 1, n = 0;

  while (side * side < row->dims)
    side++;
  if (t->image_width > 0 || side * side != row->dims || side < 2 || side > 10)
    return;
  for (guint i = 0; i < t->columns->len; i++)
    {
      const ChainColumn *c = t->columns->pdata[i];
      g_autofree char *name = g_strdup_printf ("p%u%u", n / side, n % side);

      n += c->kind == CHAIN_COLUMN_NUMBER && strcmp (c->name, name) == 0;
    }
  if (n == row->dims)
    t->image_width = t->image_height = side;
}

/* The file of a bundled row, read with the row's own target and columns left out. */
static ChainTable *
load_bundled (const ChainDataSpec *data, const char *datasets_dir, GError **error)
{
  const ChainDataRow *row = data->choice.id ? chain_data_row (data->choice.id) : NULL;
  g_autofree char *data_dir = datasets_dir ? NULL : chain_data_dir ();
  g_autofree char *dir = datasets_dir ? g_strdup (datasets_dir) : data_dir ? g_build_filename (data_dir, "datasets", NULL) : NULL;
  g_autofree char *path = NULL, *labels = NULL;
  g_autoptr (ChainSpec) holder = chain_spec_new ();
  ChainTable *t;

  if (!row || !row->file)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("there is no bundled data set “%s”"), data->choice.id ? data->choice.id : "");
      return NULL;
    }
  if (!dir)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("the folder of the bundled data sets was not found"));
      return NULL;
    }
  path = g_build_filename (dir, row->file, NULL);
  labels = row->labels_file ? g_build_filename (dir, row->labels_file, NULL) : NULL;
  chain_set_str (&holder->data.labels_path, labels);
  for (guint i = 0; row->ignore && row->ignore[i]; i++)
    g_ptr_array_add (holder->data.ignore, g_strdup (row->ignore[i]));
  for (guint i = 0; i < data->ignore->len; i++)
    g_ptr_array_add (holder->data.ignore, g_strdup (data->ignore->pdata[i]));
  holder->data.limit = data->limit;
  t = chain_data_load_file (path, &holder->data, error);
  if (t && row->target)
    chain_set_str (&t->default_target, row->target);
  if (t)
    {
      chain_set_str (&t->title, row->info.title);
      find_pixels (t, row);
    }
  return t;
}

static ChainTable *
load_user_file (const ChainDataSpec *data, const char *base_dir, GError **error)
{
  ChainTable *t;

  if (!data->path)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("data.path: the data come from a file, but none is named"));
      return NULL;
    }
  t = load_file (base_dir, data->path, data, error);
  if (t && data->sha256 && g_strcmp0 (data->sha256, t->sha256) != 0)
    g_ptr_array_add (t->warnings, g_strdup (_("the file has changed since this document was made")));
  return t;
}

ChainTable *
chain_data_load (const ChainDataSpec *data, const char *base_dir, const char *datasets_dir, GError **error)
{
  ChainTable *t;

  switch (data->source)
    {
    case CHAIN_SOURCE_GENERATOR:
      t = chain_table_generate (data, error);
      if (t)
        cut_rows (t, data->limit);
      return t;
    case CHAIN_SOURCE_BUNDLED:
      return load_bundled (data, datasets_dir, error);
    case CHAIN_SOURCE_FILE:
      return load_user_file (data, base_dir, error);
    case CHAIN_SOURCE_EMBEDDED:
    default:
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("data.source: embedded data are part of a document, and this one holds none"));
      return NULL;
    }
}
