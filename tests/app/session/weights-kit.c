/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/app/session/weights-kit.h"

#include <glib/gstdio.h>

static char *folder;
static GPtrArray *paths;

void
wkit_add (ChainTensorFile *f, const char *name, guint rows, guint cols, float first)
{
  guint64 shape[] = { rows, cols };
  g_autofree float *v = g_new (float, MAX (rows, 1) * cols);

  for (guint i = 0; i < MAX (rows, 1) * cols; i++)
    v[i] = first + (float) i;
  chain_tensor_file_add_raw (f, name, "F32", rows == 0 ? 1 : 2, rows == 0 ? shape + 1 : shape, v);
}

char *
wkit_path (const char *name)
{
  char *path;

  if (folder == NULL)
    {
      folder = g_dir_make_tmp ("chain-weights-XXXXXX", NULL);
      paths = g_ptr_array_new_with_free_func (g_free);
    }
  path = g_build_filename (folder, name, NULL);
  g_ptr_array_add (paths, g_strdup (path));
  return path;
}

char *
wkit_save (const ChainTensorFile *f, const char *name)
{
  char *path = wkit_path (name);
  GError *error = NULL;

  chain_tensor_file_save (f, path, NULL, NULL, &error);
  g_assert_no_error (error);
  return path;
}

void
wkit_finish (void)
{
  for (guint i = 0; paths != NULL && i < paths->len; i++)
    g_unlink (g_ptr_array_index (paths, i));
  g_clear_pointer (&paths, g_ptr_array_unref);
  if (folder != NULL)
    g_rmdir (folder);
  g_clear_pointer (&folder, g_free);
}
