/* SPDX-License-Identifier: Apache-2.0 */
/* The checksum of the file stands in the spec, so the rows that were read before and those that are read now are two data sets, and undo finds the
 * former. */
#include "config.h"

#include "app/session/documents/source.h"

#include <glib/gi18n-lib.h>

#include "app/io/data-load.h"
#include "app/session/session-private.h"

char *
chain_session_data_path (ChainSession *s)
{
  const ChainDataSpec *d = &chain_document_spec (s->document)->data;
  const char *own = chain_document_path (s->document);
  g_autofree char *folder = own != NULL ? g_path_get_dirname (own) : NULL;

  if (d->source != CHAIN_SOURCE_FILE || d->path == NULL || _chain_session_is_missing (s))
    return NULL;
  if (g_path_is_absolute (d->path))
    return g_strdup (d->path);
  return folder != NULL ? g_build_filename (folder, d->path, NULL) : NULL;
}

gboolean
chain_session_read_data_again (ChainSession *s, GError **error)
{
  g_autofree char *path = chain_session_data_path (s), *name = NULL, *label = NULL;
  g_autoptr (ChainTable) table = NULL;
  g_autoptr (ChainDataset) data = NULL;
  ChainSpec *next;

  if (path == NULL)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("The data of this document are not read from a file"));
      return FALSE;
    }
  next = chain_spec_copy (chain_document_spec (s->document));
  table = chain_data_load_file (path, &next->data, error);
  if (table != NULL)
    {
      chain_set_str (&next->data.sha256, table->sha256);
      data = chain_dataset_new (next, table, NULL, error);
    }
  if (data == NULL)
    {
      chain_spec_unref (next);
      return FALSE;
    }
  if (data->prep->classify != s->data->prep->classify || data->prep->n_classes != s->data->prep->n_classes || data->prep->n_targets != s->data->prep->n_targets)
    _chain_session_fit (next, data);
  name = g_filename_display_basename (path);
  label = g_strdup_printf (_("data of %s read again"), name);
  return _chain_session_enter (s, chain_spec_seal (next), table, data, label, NULL, error);
}
