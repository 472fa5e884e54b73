/* SPDX-License-Identifier: Apache-2.0 */
/* One line in front of each part: what it is, how new, how long, and a checksum over that line and the bytes. The line is made again from
 * what was read and compared, so that no byte of a part can change unnoticed, the spaces of its first line included. */
#include "config.h"

#include "app/io/journal/private.h"
#include "engine/base/number.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAGIC "chainrule-journal 1"
#define HEAD_MAX 512
#define FIELDS 5              /* kind, number, length, note, checksum */

static char *
head_of (const char *kind, guint64 seq, gsize len, const char *note)
{
  return g_strdup_printf (MAGIC " %s %" G_GUINT64_FORMAT " %" G_GSIZE_FORMAT " %s", kind, seq, len, note != NULL ? note : "-");
}

static char *
sum_of (const char *head, const char *bytes, gsize len)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (sum, (const guchar *) head, (gssize) strlen (head));
  g_checksum_update (sum, (const guchar *) "\n", 1);
  g_checksum_update (sum, (const guchar *) bytes, (gssize) len);
  return g_strdup (g_checksum_get_string (sum));
}

char *
_chain_frame_wrap (const char *kind, guint64 seq, const char *note, const char *bytes, gsize len, gsize *out_len)
{
  g_autofree char *head = head_of (kind, seq, len, note), *sum = sum_of (head, bytes, len), *line = g_strdup_printf ("%s %s\n", head, sum);
  gsize n = strlen (line);
  char *out = g_try_malloc (n + len + 1);

  if (out == NULL)
    return NULL;
  memcpy (out, line, n);
  memcpy (out + n, bytes, len);
  out[n + len] = 0;
  *out_len = n + len;
  return out;
}

gboolean
_chain_frame_unwrap (const char *data, gsize data_len, const char *kind, guint64 *seq, char **note, const char **bytes, gsize *len)
{
  const char *end = memchr (data, '\n', MIN (data_len, HEAD_MAX));
  gsize line = end != NULL ? (gsize) (end - data) : 0;
  g_autofree char *text = g_strndup (data, line), *head = NULL, *sum = NULL, *again = NULL;
  g_auto (GStrv) field = NULL;
  gint64 number, length;

  if (end == NULL || strlen (text) != line || !g_str_has_prefix (text, MAGIC " "))
    return FALSE;
  field = g_strsplit (text + strlen (MAGIC " "), " ", FIELDS + 1);
  if (g_strv_length (field) != FIELDS || strcmp (field[0], kind) != 0 || !chain_number_parse_int (field[1], -1, 0, G_MAXINT64, &number)
      || !chain_number_parse_int (field[2], -1, 0, G_MAXINT64, &length) || (gsize) length != data_len - line - 1)
    return FALSE;
  head = head_of (kind, (guint64) number, (gsize) length, field[3]);
  sum = sum_of (head, end + 1, (gsize) length);
  again = g_strdup_printf ("%s %s", head, sum);
  if (strcmp (again, text) != 0)
    return FALSE;
  *seq = (guint64) number;
  *bytes = end + 1;
  *len = (gsize) length;
  if (note != NULL)
    *note = strcmp (field[3], "-") == 0 ? NULL : g_strdup (field[3]);
  return TRUE;
}

char *
_chain_frame_read (const char *path, const char *kind, guint64 *seq, char **note, gsize *len, GError **error)
{
  g_autofree char *data = NULL;
  const char *bytes;
  gsize n;

  if (!chain_file_read (path, G_MAXSSIZE, &data, &n, NULL, error))
    return NULL;
  if (!_chain_frame_unwrap (data, n, kind, seq, note, &bytes, len))
    {
      g_autofree char *name = g_path_get_basename (path);

      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT, _("the part “%s” of the journal is damaged"), name);
      return NULL;
    }
  memmove (data, bytes, *len);
  data[*len] = 0;
  return g_steal_pointer (&data);
}
