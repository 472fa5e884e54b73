/* SPDX-License-Identifier: Apache-2.0 */
/* The file that the last save replaced (RELIABILITY A19): there for the day on which the document cannot be read. */
#include "config.h"

#include "app/session/recovery.h"
#include "app/session/session-private.h"

void
chain_session_keep_backup (ChainSession *s, gboolean keep)
{
  s->backs_up = keep;
}

/* The next save goes to the document's own name, over what is damaged there; that is what the stamp says. */
gboolean
chain_session_open_backup (ChainSession *s, const char *path, GError **error)
{
  g_autofree char *backup = chain_file_backup_name (path), *absolute = g_canonicalize_filename (path, NULL);
  ChainFileStamp damaged;

  if (!chain_session_open (s, backup, error))
    return FALSE;
  chain_file_stamp (absolute, &damaged);
  chain_document_set_recovered (s->document, absolute, &damaged);
  return TRUE;
}
