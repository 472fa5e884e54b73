/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/app/io/kit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *folder;

char *
kit_data (const char *path)
{
  const char *root = g_getenv ("G_TEST_SRCDIR");

  g_assert_nonnull (root);
  return g_build_filename (root, path, NULL);
}

char *
kit_scratch (const char *name)
{
  if (!folder)
    folder = g_dir_make_tmp ("chainrule-test-XXXXXX", NULL);
  g_assert_nonnull (folder);
  return g_build_filename (folder, name, NULL);
}

void
kit_finish (void)
{
  g_autoptr (GDir) dir = folder ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      unlink (path);
      rmdir (path);
    }
  if (folder)
    rmdir (folder);
  g_clear_pointer (&folder, g_free);
}

char *
kit_read (const char *path, gsize *len)
{
  GError *error = NULL;
  char *data;

  g_file_get_contents (path, &data, len, &error);
  g_assert_no_error (error);
  return data;
}

void
kit_write (const char *path, const void *data, gsize len)
{
  FILE *f = fopen (path, "wb");

  g_assert_nonnull (f);
  g_assert_cmpuint (fwrite (data, 1, len, f), ==, len);
  g_assert_cmpint (fclose (f), ==, 0);
}

void
kit_in_locales (void (*run) (const char *locale))
{
  static const struct { const char *name, *point; } locales[] = { { "C.UTF-8", "." }, { "de_DE.UTF-8", "," }, { "tr_TR.UTF-8", "," } };

  g_autofree char *built = g_build_filename (g_getenv ("G_TEST_BUILDDIR"), "app", NULL);

  g_setenv ("LOCPATH", built, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (locales); i++)
    {
      /* Built with localedef beside the tests. A locale that is not there is a failure: nothing would be tested. */
      g_assert_nonnull (setlocale (LC_ALL, locales[i].name));
      g_assert_cmpstr (localeconv ()->decimal_point, ==, locales[i].point);
      run (locales[i].name);
    }
  setlocale (LC_ALL, "C.UTF-8");
}

guint32
kit_next (guint64 *state)
{
  guint64 z = *state += 0x9e3779b97f4a7c15u;   /* splitmix64 */

  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return (guint32) (z >> 32 ^ z);
}

gboolean
kit_sanitized (void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return TRUE;
#else
  return FALSE;
#endif
}
