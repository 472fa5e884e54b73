/* SPDX-License-Identifier: Apache-2.0 */
/* The name of the generation before (RELIABILITY 0.3, step 6); chain_file_replace_keeping() gives it to the file that it replaces. */
#include "app/io/file-replace.h"

#include <stdlib.h>

char *
chain_file_backup_name (const char *path)
{
  char *real = realpath (path, NULL), *name = g_strconcat (real != NULL ? real : path, "~", NULL);

  free (real);
  return name;
}
