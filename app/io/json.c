/* SPDX-License-Identifier: Apache-2.0 */
/* Strict reading. json-glib 1.6.6 crashes on deep nesting and accepts half of what must be refused (RELIABILITY M5, M6); Jansson decides
 * the grammar right. What Jansson does not know is checked in one pass before it sees the text: the limits (depth, lengths, number of
 * keys), the byte order mark, NUL. After that pass memory is bounded by the text and the recursion of the parser by the depth. */
#include "config.h"
#include "app/io/json.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"

#include <glib/gi18n-lib.h>
#include <stdarg.h>
#include <string.h>

typedef struct
{
  const char           *text;
  gsize                 len;
  const ChainJsonLimits *lim;
  ChainFileWhere       *where;
  GError              **error;
} Reader;

static void where_is (const Reader *r, gsize at, ChainFileWhere *where);

static gboolean G_GNUC_PRINTF (4, 5)
fail (const Reader *r, gsize at, ChainErrorCode code, const char *format, ...)
{
  g_autofree char *what = NULL;
  ChainFileWhere where;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  where_is (r, at, &where);
  g_set_error (r->error, CHAIN_ERROR, code, _("line %u, column %u: %s"), where.line, where.column, what);
  if (r->where)
    *r->where = where;
  return FALSE;
}

/* Line and column (in characters) of a byte; runs once, when something is wrong. */
static void
where_is (const Reader *r, gsize at, ChainFileWhere *where)
{
  gsize start = 0;

  *where = (ChainFileWhere){ 1, 1, (gint64) at };
  for (gsize i = 0; i < at && i < r->len; i++)
    if (r->text[i] == '\n')
      {
        where->line++;
        start = i + 1;
      }
  for (gsize i = start; i < at && i < r->len; i++)
    where->column += ((guchar) r->text[i] & 0xc0) != 0x80;
}

static gboolean
check_bytes (const Reader *r)
{
  const char *end, *nul = r->len ? memchr (r->text, 0, r->len) : NULL;

  if (r->len > r->lim->bytes)
    return fail (r, 0, CHAIN_ERROR_TOO_LARGE, _("the text has %zu bytes; at most %zu are read"), r->len, r->lim->bytes);
  if (r->len == 0)
    return fail (r, 0, CHAIN_ERROR_EMPTY, _("the text is empty"));
  if (r->len >= 3 && memcmp (r->text, "\xef\xbb\xbf", 3) == 0)
    return fail (r, 0, CHAIN_ERROR_SYNTAX, _("a byte order mark stands before the value; save the file as UTF-8 without it"));
  if (nul)
    return fail (r, (gsize) (nul - r->text), CHAIN_ERROR_SYNTAX, _("a NUL byte is not allowed"));
  if (!g_utf8_validate_len (r->text, r->len, &end))
    return fail (r, (gsize) (end - r->text), CHAIN_ERROR_BAD_ENCODING, _("this is not UTF-8"));
  return TRUE;
}

/* From the opening quote; *at ends behind the closing one. An open string is left to Jansson. */
static gboolean
scan_string (const Reader *r, gsize *at)
{
  gsize begin = *at, i = begin + 1;

  while (i < r->len && r->text[i] != '"')
    {
      if (r->text[i] == '\\')
        {
          if (i + 5 < r->len && memcmp (r->text + i + 1, "u0000", 5) == 0)
            return fail (r, i, CHAIN_ERROR_BAD_VALUE, _("a text may not hold NUL"));
          i++;
        }
      i++;
    }
  if (i > begin && i - begin - 1 > r->lim->string)
    return fail (r, begin, CHAIN_ERROR_TOO_LARGE, _("a text of more than %zu bytes"), r->lim->string);
  *at = i + 1;
  return TRUE;
}

static gboolean
scan_number (const Reader *r, gsize *at)
{
  gsize begin = *at, i = begin;

  while (i < r->len && strchr ("+-.0123456789eE", r->text[i]) != NULL)
    i++;
  if (i - begin > r->lim->number)
    return fail (r, begin, CHAIN_ERROR_TOO_LARGE, _("a number of more than %zu characters"), r->lim->number);
  *at = i;
  return TRUE;
}

static gboolean
scan (const Reader *r)
{
  guint depth = 0, keys = 0;
  gsize i = 0;

  while (i < r->len)
    {
      char c = r->text[i];

      if (c == '"')
        {
          if (!scan_string (r, &i))
            return FALSE;
          continue;
        }
      if (g_ascii_isdigit (c) || c == '-')
        {
          if (!scan_number (r, &i))
            return FALSE;
          continue;
        }
      if ((c == '[' || c == '{') && ++depth > r->lim->depth)
        return fail (r, i, CHAIN_ERROR_TOO_DEEP, _("nested deeper than %u"), r->lim->depth);
      if ((c == ']' || c == '}') && depth > 0)
        depth--;
      if (c == ':' && ++keys > r->lim->keys)
        return fail (r, i, CHAIN_ERROR_TOO_LARGE, _("more than %u keys"), r->lim->keys);
      i++;
    }
  return TRUE;
}

static ChainErrorCode
class_of (const json_error_t *e)
{
  switch (json_error_code (e))
    {
    case json_error_duplicate_key:
      return CHAIN_ERROR_DUPLICATE;
    case json_error_invalid_utf8:
      return CHAIN_ERROR_BAD_ENCODING;
    case json_error_null_character:
      return CHAIN_ERROR_BAD_VALUE;
    case json_error_numeric_overflow:
      return strstr (e->text, "integer") ? CHAIN_ERROR_OVERFLOW : CHAIN_ERROR_BAD_VALUE;
    case json_error_stack_overflow:
      return CHAIN_ERROR_TOO_DEEP;
    case json_error_out_of_memory:
      return CHAIN_ERROR_MEMORY;
    default:
      return CHAIN_ERROR_SYNTAX;
    }
}

json_t *
chain_json_read (const char *text, gsize len, const ChainJsonLimits *limits, ChainFileWhere *where, GError **error)
{
  static const ChainJsonLimits document = { CHAIN_LIMIT_JSON_BYTES, CHAIN_LIMIT_JSON_DEPTH, CHAIN_LIMIT_JSON_STRING, CHAIN_LIMIT_JSON_NUMBER,
                                            CHAIN_LIMIT_JSON_KEYS };
  Reader r = { text, len, limits ? limits : &document, where, error };
  json_error_t e;
  json_t *value;

  if (!check_bytes (&r) || !scan (&r))
    return NULL;
  value = json_loadb (text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
  if (!value)
    {
      g_autofree char *what = chain_text_escape (e.text, -1);

      fail (&r, CLAMP (e.position, 0, (int) len), class_of (&e), "%s", what);
    }
  return value;
}
