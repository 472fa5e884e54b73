/* SPDX-License-Identifier: Apache-2.0 */
/* The generation before: the old file gets a second name just before a save replaces it, so that nothing is copied and the old bytes stay where
 * they are (RELIABILITY 0.3, step 6). What goes wrong here is no reason not to save. */
#include "app/io/file-replace.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *
chain_file_backup_name (const char *path)
{
  char *real = realpath (path, NULL), *name = g_strconcat (real != NULL ? real : path, "~", NULL);

  free (real);
  return name;
}

void
chain_file_backup (const char *path)
{
  g_autofree char *backup = chain_file_backup_name (path), *real = g_strndup (backup, strlen (backup) - 1);
  struct stat old, before;

  if (lstat (real, &old) != 0 || !S_ISREG (old.st_mode))
    return;
  if (lstat (backup, &before) == 0 && (!S_ISREG (before.st_mode) || unlink (backup) != 0))
    return;
  if (link (real, backup) != 0)
    return;             /* a file system without second names has no backup */
}
