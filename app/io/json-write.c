/* SPDX-License-Identifier: Apache-2.0 */
/* Deterministic writing (same value, same bytes, whatever the locale) and the way back from a JSON path to its line and column, which
 * Jansson does not keep. */
#include "app/io/json.h"
#include "engine/base/number.h"

#include <math.h>
#include <string.h>

#define SHORT_ARRAY 16     /* scalars of an array that stays on one line */

static void
append_control (GString *to, guchar c)
{
  static const char hex[] = "0123456789abcdef";
  static const char named[] = "\bb\ff\nn\rr\tt";
  const char *p = c ? strchr (named, c) : NULL;

  if (p && (p - named) % 2 == 0)
    g_string_append_printf (to, "\\%c", p[1]);
  else
    g_string_append_printf (to, "\\u00%c%c", hex[c >> 4], hex[c & 15]);
}

void
chain_json_append_string (GString *to, const char *text)
{
  g_autofree char *valid = g_utf8_validate (text, -1, NULL) ? NULL : g_utf8_make_valid (text, -1);

  g_string_append_c (to, '"');
  for (const char *p = valid ? valid : text; *p; p++)
    if (*p == '"' || *p == '\\')
      g_string_append_printf (to, "\\%c", *p);
    else if ((guchar) *p < 0x20 || *p == 0x7f)
      append_control (to, (guchar) *p);
    else
      g_string_append_c (to, *p);
  g_string_append_c (to, '"');
}

void
chain_json_append_number (GString *to, double value)
{
  char buf[CHAIN_NUMBER_SIZE];

  g_string_append (to, isfinite (value) ? chain_number_write (buf, value) : "null");
}

static void
append_real (GString *to, double value)
{
  gsize start = to->len;

  chain_json_append_number (to, value);
  if (isfinite (value) && !strpbrk (to->str + start, ".eE"))
    g_string_append (to, ".0");
}

static void
append_break (GString *to, gboolean compact, guint depth)
{
  if (compact)
    return;
  g_string_append_c (to, '\n');
  for (guint i = 0; i < depth; i++)
    g_string_append (to, "  ");
}

static gboolean
is_short (const json_t *array)
{
  for (gsize i = 0; i < json_array_size (array); i++)
    {
      json_t *v = json_array_get (array, i);

      if (json_is_object (v) || json_is_array (v))
        return FALSE;
    }
  return json_array_size (array) <= SHORT_ARRAY || json_is_number (json_array_get (array, 0));
}

static void append_value (GString *to, json_t *value, gboolean compact, guint depth);

static void
append_array (GString *to, json_t *value, gboolean compact, guint depth)
{
  gboolean one_line = compact || is_short (value);
  gsize n = json_array_size (value);

  g_string_append_c (to, '[');
  for (gsize i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append (to, compact ? "," : one_line ? ", " : ",");
      if (!one_line)
        append_break (to, FALSE, depth + 1);
      append_value (to, json_array_get (value, i), compact, depth + 1);
    }
  if (!one_line && n > 0)
    append_break (to, FALSE, depth);
  g_string_append_c (to, ']');
}

static void
append_object (GString *to, json_t *value, gboolean compact, guint depth)
{
  json_t *member;
  const char *key;
  gboolean first = TRUE;

  g_string_append_c (to, '{');
  json_object_foreach (value, key, member)
    {
      if (!first)
        g_string_append_c (to, ',');
      first = FALSE;
      append_break (to, compact, depth + 1);
      chain_json_append_string (to, key);
      g_string_append (to, compact ? ":" : ": ");
      append_value (to, member, compact, depth + 1);
    }
  if (!first)
    append_break (to, compact, depth);
  g_string_append_c (to, '}');
}

static void
append_value (GString *to, json_t *value, gboolean compact, guint depth)
{
  switch (json_typeof (value))
    {
    case JSON_OBJECT:
      append_object (to, value, compact, depth);
      break;
    case JSON_ARRAY:
      append_array (to, value, compact, depth);
      break;
    case JSON_STRING:
      chain_json_append_string (to, json_string_value (value));
      break;
    case JSON_INTEGER:
      g_string_append_printf (to, "%" G_GINT64_FORMAT, (gint64) json_integer_value (value));
      break;
    case JSON_REAL:
      append_real (to, json_real_value (value));
      break;
    case JSON_TRUE:
      g_string_append (to, "true");
      break;
    case JSON_FALSE:
      g_string_append (to, "false");
      break;
    case JSON_NULL:
    default:
      g_string_append (to, "null");
      break;
    }
}

char *
chain_json_write (json_t *value, gboolean compact)
{
  GString *to = g_string_new (NULL);

  append_value (to, value, compact, 0);
  if (!compact)
    g_string_append_c (to, '\n');
  return g_string_free (to, FALSE);
}

/* --- from a path to a place. The text is known to be valid, so a value is skipped by counting brackets. --- */
static gsize
skip_space (const char *s, gsize len, gsize i)
{
  while (i < len && strchr (" \t\r\n", s[i]) && s[i])
    i++;
  return i;
}

static gsize
skip_string (const char *s, gsize len, gsize i)
{
  for (i++; i < len && s[i] != '"'; i++)
    if (s[i] == '\\')
      i++;
  return i + 1;
}

static gsize
skip_value (const char *s, gsize len, gsize i)
{
  guint depth = 0;

  do
    {
      i = skip_space (s, len, i);
      if (i >= len)
        return len;
      if (s[i] == '"')
        i = skip_string (s, len, i);
      else if (s[i] == '[' || s[i] == '{')
        {
          depth++;
          i++;
        }
      else if (s[i] == ']' || s[i] == '}')
        {
          depth--;
          i++;
        }
      else if (s[i] == ',' || s[i] == ':')
        i++;
      else
        while (i < len && !strchr (",:]}[{ \t\r\n", s[i]))
          i++;
    }
  while (depth > 0);
  return i;
}

/* Behind the colon of `key` in the object that begins at i; len if it is not there. Keys spelled with escapes are not found. */
static gsize
enter_key (const char *s, gsize len, gsize i, const char *key, gsize n)
{
  if (i >= len || s[i] != '{')
    return len;
  i = skip_space (s, len, i + 1);
  while (i < len && s[i] == '"')
    {
      gsize begin = i + 1, end = skip_string (s, len, i);
      gboolean same = end - begin - 1 == n && memcmp (s + begin, key, n) == 0;

      i = skip_space (s, len, skip_space (s, len, end) + 1);
      if (same)
        return i;
      i = skip_space (s, len, skip_value (s, len, i));
      i = i < len && s[i] == ',' ? skip_space (s, len, i + 1) : len;
    }
  return len;
}

static gsize
enter_index (const char *s, gsize len, gsize i, gint64 index)
{
  if (i >= len || s[i] != '[')
    return len;
  for (i = skip_space (s, len, i + 1); index > 0 && i < len; index--)
    {
      i = skip_space (s, len, skip_value (s, len, i));
      i = i < len && s[i] == ',' ? skip_space (s, len, i + 1) : len;
    }
  return i;
}

gboolean
chain_json_locate (const char *text, gsize len, const char *path, ChainFileWhere *where)
{
  gsize i = skip_space (text, len, 0);

  while (*path && i < len)
    {
      gsize n = strcspn (path, ".[");
      const char *end = strchr (path, ']');
      gint64 index;

      if (n > 0)
        i = enter_key (text, len, i, path, n);
      else if (*path == '[' && end && chain_number_parse_int (path + 1, end - path - 1, 0, G_MAXINT32, &index))
        {
          i = enter_index (text, len, i, index);
          n = (gsize) (end - path) + 1;
        }
      else
        return FALSE;
      path += n;
      path += *path == '.';
    }
  if (i >= len)
    return FALSE;
  *where = (ChainFileWhere){ 1, 1, (gint64) i };
  for (gsize k = 0; k < i; k++)
    {
      where->column = text[k] == '\n' ? 1 : where->column + (((guchar) text[k] & 0xc0) != 0x80);
      where->line += text[k] == '\n';
    }
  return TRUE;
}
