/* SPDX-License-Identifier: Apache-2.0 */
/* CSV text -> cells. libcsv holds the grammar (strict: a stray quote is an error, an open one too); it knows no positions, so the text
 * is fed line by line and a callback knows the line it is in. Limits are looked at while a field grows, not when it is complete. The
 * meaning of cells is the next file's business. */
#include "config.h"
#include "app/io/csv/private.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"

#include <csv.h>
#include <glib/gi18n-lib.h>
#include <stdarg.h>
#include <string.h>

#define PIECE ((gsize) 256 << 10)      /* bytes fed at once: a limit is noticed at most this late */

typedef struct
{
  ChainCsvCells     *cells;
  struct csv_parser  parser;
  gboolean           no_header;
  gboolean           failed;
  guint              line;         /* of the piece being fed, from 1 */
  guint              row_line;     /* of the beginning of the row; 0 between rows */
  guint              blank_line;   /* the first blank line that data may still follow */
  guint              fields;       /* of the row so far */
  gsize              row_bytes;
} Csv;

gboolean
_chain_csv_fail (const ChainCsvCells *c, guint line, guint column, gint64 offset, ChainErrorCode code, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  if (column > 0 && column <= c->names->len)
    {
      g_autofree char *name = chain_text_escape (c->names->pdata[column - 1], (gssize) MIN (strlen (c->names->pdata[column - 1]), 80));
      g_set_error (c->error, CHAIN_ERROR, code, _("line %u, column %u (%s): %s"), line, column, name, what);
    }
  else if (column > 0)
    g_set_error (c->error, CHAIN_ERROR, code, _("line %u, column %u: %s"), line, column, what);
  else
    g_set_error (c->error, CHAIN_ERROR, code, _("line %u: %s"), line, what);
  if (c->where)
    *c->where = (ChainFileWhere){ line, column, offset };
  return FALSE;
}

static void
fail_row (Csv *s, ChainErrorCode code, guint column, const char *what)
{
  _chain_csv_fail (s->cells, s->row_line ? s->row_line : s->line, column, -1, code, "%s", what);
  s->failed = TRUE;
}

static gboolean
in_header (const Csv *s)
{
  return s->cells->header_line == 0;
}

static void
on_field (void *text, size_t len, void *data)
{
  Csv *s = data;
  guint32 n = (guint32) len;

  if (s->failed)
    return;
  s->fields++;
  if (len > CHAIN_LIMIT_CSV_FIELD)
    fail_row (s, CHAIN_ERROR_TOO_LARGE, s->fields, _("a field of more than 1 MiB"));
  else if (in_header (s) && s->fields > CHAIN_LIMIT_CSV_COLUMNS)
    fail_row (s, CHAIN_ERROR_TOO_LARGE, 0, _("more than 65,536 columns"));
  else if (!in_header (s) && s->fields > s->cells->names->len)
    fail_row (s, CHAIN_ERROR_RAGGED, 0, _("it has more fields than the first line has names"));
  else if (in_header (s) && !s->no_header)
    g_ptr_array_add (s->cells->names, g_strstrip (g_strndup (len ? text : "", len)));
  else
    {
      if (in_header (s))
        g_ptr_array_add (s->cells->names, g_strdup_printf ("c%u", s->fields));
      g_string_append_len (s->cells->arena, len ? text : "", (gssize) len);
      g_array_append_val (s->cells->lengths, n);
    }
}

static void
on_row (int end, void *data)
{
  Csv *s = data;
  ChainCsvCells *c = s->cells;

  if (s->failed)
    return;
  if (!in_header (s) && s->fields < c->names->len)
    {
      g_autofree char *what = g_strdup_printf (_("it has %u fields, the first line has %u"), s->fields, c->names->len);
      fail_row (s, CHAIN_ERROR_RAGGED, 0, what);
      return;
    }
  if (s->blank_line && !in_header (s))
    {
      g_ptr_array_add (c->warnings, g_strdup_printf (_("line %u is blank and was left out"), s->blank_line));
      s->blank_line = G_MAXUINT;   /* told once */
    }
  if (!in_header (s) || s->no_header)
    g_array_append_val (c->lines, s->row_line);
  if (in_header (s))
    c->header_line = s->row_line;
  s->fields = 0;
  s->row_line = 0;
  s->row_bytes = 0;
}

static gboolean
feed_piece (Csv *s, const char *text, gsize len, gint64 offset)
{
  gsize done;

  s->row_bytes += len;
  done = csv_parse (&s->parser, text, len, on_field, on_row, s);
  if (s->failed)
    return FALSE;
  if (done < len && csv_error (&s->parser) != CSV_EPARSE)
    return _chain_csv_fail (s->cells, s->line, 0, offset, CHAIN_ERROR_MEMORY, _("there is not enough memory for this field"));
  if (done < len)
    return _chain_csv_fail (s->cells, s->line, s->fields + 1, offset + (gint64) done, CHAIN_ERROR_SYNTAX,
                            _("a quote stands inside a field or text behind a closing quote; put the whole field in quotes and double the quotes in it"));
  if (s->parser.entry_pos > CHAIN_LIMIT_CSV_FIELD)
    return _chain_csv_fail (s->cells, s->line, s->fields + 1, offset, CHAIN_ERROR_TOO_LARGE, _("a field of more than 1 MiB"));
  if (s->row_bytes > CHAIN_LIMIT_CSV_LINE)
    return _chain_csv_fail (s->cells, s->line, 0, offset, CHAIN_ERROR_TOO_LARGE, _("a line of more than 64 MiB"));
  return TRUE;
}

/* Bytes of the line at `text`, its end (LF, CRLF or CR) included. */
static gsize
line_length (const char *text, gsize len)
{
  gsize n = 0;

  while (n < len && text[n] != '\n' && text[n] != '\r')
    n++;
  if (n < len)
    n += text[n] == '\r' && n + 1 < len && text[n + 1] == '\n' ? 2 : 1;
  return n;
}

static gboolean
is_blank (const char *text, gsize len)
{
  for (gsize i = 0; i < len; i++)
    if (!strchr (" \t\r\n", text[i]))
      return FALSE;
  return TRUE;
}

static gboolean
feed (Csv *s, const char *text, gsize len, gint64 offset)
{
  for (gsize at = 0; at < len; s->line++)
    {
      gsize n = line_length (text + at, len - at);

      if (s->row_line == 0 && is_blank (text + at, n))
        s->blank_line = s->blank_line ? s->blank_line : s->line;
      else if (s->row_line == 0)
        s->row_line = s->line;
      if (s->row_line == 0)   /* a blank line between rows: libcsv would skip it, but tabs may be delimiters */
        {
          at += n;
          continue;
        }
      for (gsize i = 0; i < n; i += PIECE)
        if (!feed_piece (s, text + at + i, MIN (PIECE, n - i), offset + (gint64) (at + i)))
          return FALSE;
      at += n;
    }
  if (csv_fini (&s->parser, on_field, on_row, s) != 0)
    return _chain_csv_fail (s->cells, s->row_line, s->fields + 1, offset + (gint64) len, CHAIN_ERROR_SYNTAX, _("a quote is opened and never closed"));
  return !s->failed;
}

static gboolean
parse (ChainCsvCells *c, const char *text, gsize len, gint64 offset, guint first_line, char delimiter, gboolean no_header)
{
  Csv s = { .cells = c, .no_header = no_header, .line = first_line };
  gboolean ok;

  if (csv_init (&s.parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
    return _chain_csv_fail (c, 1, 0, 0, CHAIN_ERROR_MEMORY, _("there is not enough memory"));
  csv_set_delim (&s.parser, (guchar) delimiter);
  csv_set_blk_size (&s.parser, 64 << 10);
  ok = feed (&s, text, len, offset);
  csv_free (&s.parser);
  if (ok && c->lines->len == 0)
    return _chain_csv_fail (c, s.line, 0, offset + (gint64) len, CHAIN_ERROR_EMPTY, _("there is no row of data"));
  return ok;
}

ChainTable *
chain_csv_read (const char *text, gsize len, const ChainCsvOptions *options, ChainFileWhere *where, GError **error)
{
  static const ChainCsvOptions defaults;
  g_autoptr (GString) arena = g_string_new (NULL);
  g_autoptr (GArray) lengths = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  ChainCsvCells c = { arena, lengths, lines, names, warnings, 0, where, error };
  gsize at, sep;
  char delimiter, hint = 0;

  options = options ? options : &defaults;
  if (!_chain_csv_check_text (&c, text, len))
    return NULL;
  at = len >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  sep = _chain_csv_sep_line (text + at, len - at, &hint);
  at += sep;
  delimiter = options->delimiter ? options->delimiter : hint ? hint : _chain_csv_sniff (text + at, len - at);
  if (!parse (&c, text + at, len - at, (gint64) at, sep ? 2 : 1, delimiter, options->no_header))
    return NULL;
  return _chain_csv_columns (&c, options);
}

void
chain_csv_append (GString *to, const char *cell, gboolean is_text)
{
  gboolean guard = is_text && *cell && strchr ("=+-@\t\r", *cell);

  if (!guard && !strpbrk (cell, ",;\"\r\n\t") && *cell != ' ' && *cell)
    {
      g_string_append (to, cell);
      return;
    }
  g_string_append (to, guard ? "\"'" : "\"");
  for (const char *p = cell; *p; p++)
    {
      if (*p == '"')
        g_string_append_c (to, '"');
      g_string_append_c (to, *p);
    }
  g_string_append_c (to, '"');
}
