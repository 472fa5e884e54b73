/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a journal back, one's own or a dead one's. Nothing here trusts a byte that its checksum does not cover. */
#include "config.h"

#include "app/io/journal/private.h"
#include "engine/base/number.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <zlib.h>

#define LOG_MAX ((gsize) 16 << 20)
#define SUM_DIGITS 8

char *
chain_journal_read_spec (ChainJournal *j, guint64 *seq, gsize *len, GError **error)
{
  g_autofree char *path = g_build_filename (j->folder, "spec", NULL);

  return _chain_frame_read (path, "spec", seq, NULL, len, error);
}

char *
chain_journal_read_slot (ChainJournal *j, guint64 *seq, char **data, gsize *len, GError **error)
{
  static const char *const names[] = { "a", "b" };
  char *best = NULL;

  *data = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (j->folder, names[i], NULL), *note = NULL, *bytes = NULL;
      guint64 number;
      gsize n;

      bytes = _chain_frame_read (path, "slot", &number, &note, &n, NULL);
      if (bytes == NULL || (best != NULL && number <= *seq))
        continue;
      g_free (best);
      g_free (*data);
      best = g_steal_pointer (&bytes);
      *data = g_steal_pointer (&note);
      *seq = number;
      *len = n;
    }
  if (best == NULL)
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT, _("the journal has no whole copy of the weights"));
  return best;
}

char *
chain_journal_read_data (ChainJournal *j, const char *name, gsize *len, GError **error)
{
  g_autofree char *path = NULL;
  guint64 seq;

  if (!g_str_has_prefix (name, "data-") || strchr (name, '/') != NULL)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT, _("the part “%s” of the journal is damaged"), name);
      return NULL;
    }
  path = g_build_filename (j->folder, name, NULL);
  return _chain_frame_read (path, "data", &seq, NULL, len, error);
}

static gboolean
is_whole_line (const char *line)
{
  gsize n = strlen (line);
  g_autofree char *sum = NULL;

  if (n < SUM_DIGITS + 2 || line[n - SUM_DIGITS - 1] != ' ')
    return FALSE;
  sum = g_strdup_printf ("%08x", (guint) crc32 (0, (const Bytef *) line, (uInt) (n - SUM_DIGITS - 1)));
  return strcmp (line + n - SUM_DIGITS, sum) == 0;
}

GPtrArray *
chain_journal_read_log (ChainJournal *j)
{
  g_autofree char *path = g_build_filename (j->folder, "log", NULL), *text = NULL;
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) all = NULL;
  gsize len;

  if (!chain_file_read (path, LOG_MAX, &text, &len, NULL, NULL))
    return lines;
  all = g_strsplit (text, "\n", -1);
  for (guint i = 0; all[i] != NULL; i++)
    if (is_whole_line (all[i]))
      g_ptr_array_add (lines, g_strndup (all[i], strlen (all[i]) - SUM_DIGITS - 1));
  return lines;
}

gint64
chain_journal_time (ChainJournal *j)
{
  static const char *const names[] = { "spec", "a", "b", "log" };
  gint64 newest = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (j->folder, names[i], NULL);
      GStatBuf st;

      if (g_stat (path, &st) == 0)
        newest = MAX (newest, (gint64) st.st_mtime);
    }
  return newest;
}
