/* SPDX-License-Identifier: Apache-2.0 */
/* What the bytes are before they are cells: another format under a .csv name, a text in another encoding, which separator. */
#include "config.h"
#include "app/io/csv/private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SNIFF_BYTES ((gsize) 64 << 10)
#define SNIFF_ROWS 100

static const struct { const char *bytes; gsize len; const char *what; } magics[] = {
  { "\x1f\x8b", 2, N_("gzip data; unpack it first") },
  { "PK\x03\x04", 4, N_("a ZIP archive or a spreadsheet; export it as CSV") },
  { "\x7f" "ELF", 4, N_("a program") },
  { "\x89PNG", 4, N_("a PNG image") },
  { "\xff\xd8\xff", 3, N_("a JPEG image") },
  { "%PDF", 4, N_("a PDF document") },
  { "\x93NUMPY", 6, N_("NumPy data") },
  { "<!DOCTYPE", 9, N_("an HTML page, perhaps a failed download") },
  { "<!doctype", 9, N_("an HTML page, perhaps a failed download") },
  { "<html", 5, N_("an HTML page, perhaps a failed download") },
  { "version https://git-lfs", 23, N_("a Git LFS pointer; fetch the file itself") },
};

static guint
line_of (const char *text, const char *at)
{
  guint line = 1;

  for (const char *p = text; p < at; p++)
    line += *p == '\n' || (*p == '\r' && p[1] != '\n');
  return line;
}

gboolean
_chain_csv_check_text (const ChainCsvCells *c, const char *text, gsize len)
{
  const char *end, *nul = len ? memchr (text, 0, len) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (magics); i++)
    if (len >= magics[i].len && memcmp (text, magics[i].bytes, magics[i].len) == 0)
      return _chain_csv_fail (c, 1, 0, 0, CHAIN_ERROR_BAD_MAGIC, _("this is %s"), _(magics[i].what));
  if (len >= 2 && (memcmp (text, "\xff\xfe", 2) == 0 || memcmp (text, "\xfe\xff", 2) == 0))
    return _chain_csv_fail (c, 1, 0, 0, CHAIN_ERROR_BAD_ENCODING, _("this is UTF-16; save it as UTF-8"));
  if (nul)
    return _chain_csv_fail (c, line_of (text, nul), 0, nul - text, CHAIN_ERROR_BAD_ENCODING,
                            _("a NUL byte; the file is damaged or not UTF-8 text"));
  if (!g_utf8_validate_len (text, len, &end))
    return _chain_csv_fail (c, line_of (text, end), 0, end - text, CHAIN_ERROR_BAD_ENCODING, _("this is not UTF-8; save the file as UTF-8"));
  return TRUE;
}

gsize
_chain_csv_sep_line (const char *text, gsize len, char *delimiter)
{
  if (len < 6 || memcmp (text, "sep=", 4) != 0 || !strchr (",;\t| :", text[4]) || (text[5] != '\n' && text[5] != '\r'))
    return 0;
  *delimiter = text[4];
  return len > 6 && text[5] == '\r' && text[6] == '\n' ? 7 : 6;
}

/* Fields of the first rows if all rows have the same number, else 0. The last row is left out when the text was cut. */
static guint
count_fields (const char *text, gsize len, char delimiter, gboolean cut)
{
  guint expected = 0, fields = 1, rows = 0;
  gboolean quoted = FALSE, used = FALSE;

  for (gsize i = 0; i <= len && rows < SNIFF_ROWS; i++)
    {
      char ch = i < len ? text[i] : '\n';

      if (i == len && (cut || quoted))
        break;
      if (ch == '"')
        quoted = !quoted;
      if (!quoted && (ch == '\n' || ch == '\r'))
        {
          if (used && expected != 0 && fields != expected)
            return 0;
          expected = used ? fields : expected;
          rows += used;
          fields = 1;
          used = FALSE;
          continue;
        }
      fields += !quoted && ch == delimiter;
      used |= ch != ' ';
    }
  return expected;
}

char
_chain_csv_sniff (const char *text, gsize len)
{
  static const char candidates[] = ",;\t|";
  gboolean cut = len > SNIFF_BYTES;
  guint best = 1;
  char found = ',';

  for (guint i = 0; candidates[i]; i++)
    {
      guint n = count_fields (text, MIN (len, SNIFF_BYTES), candidates[i], cut);

      if (n > best)
        {
          best = n;
          found = candidates[i];
        }
    }
  return found;
}
