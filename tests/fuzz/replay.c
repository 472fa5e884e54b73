/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over files and folders: the seeds are a test where there is no libFuzzer. */
#include <glib.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static guint
run_path (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autofree char *data = NULL;
  const char *name;
  gsize len;
  guint n = 0;

  if (!dir)
    {
      g_assert_true (g_file_get_contents (path, &data, &len, NULL));
      LLVMFuzzerTestOneInput ((const uint8_t *) data, len);
      return 1;
    }
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *inside = g_build_filename (path, name, NULL);
      n += run_path (inside);
    }
  return n;
}

int
main (int argc, char **argv)
{
  guint n = 0;

  for (int i = 1; i < argc; i++)
    n += run_path (argv[i]);
  g_print ("%u inputs\n", n);
  return n > 0 ? 0 : 1;
}
