/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in files, on the command line and on canvases look the same in every country. The grammar is checked here byte by byte,
 * so nothing that strtod would also take (hex, "nan", blanks, a decimal comma) ever reaches it; GLib's ASCII pair does the
 * conversions, correctly rounded. */
#include "engine/base/number.h"

#include <math.h>
#include <string.h>

static const char *
skip_digits (const char *p, const char *end)
{
  while (p < end && g_ascii_isdigit (*p))
    p++;
  return p;
}

/* [+-]? digits [. digits] [eE [+-]? digits], all of [p, end). */
static gboolean
is_decimal (const char *p, const char *end)
{
  const char *start;
  gssize n_digits;

  if (p < end && (*p == '+' || *p == '-'))
    p++;
  start = p;
  p = skip_digits (p, end);
  n_digits = p - start;
  if (p < end && *p == '.')
    {
      start = ++p;
      p = skip_digits (p, end);
      n_digits += p - start;
    }
  if (n_digits == 0)
    return FALSE;
  if (p < end && (*p == 'e' || *p == 'E'))
    {
      p++;
      if (p < end && (*p == '+' || *p == '-'))
        p++;
      start = p;
      p = skip_digits (p, end);
      if (p == start)
        return FALSE;
    }
  return p == end;
}

gboolean
chain_number_parse (const char *text, gssize len, double *value)
{
  gsize n = len < 0 ? strlen (text) : (gsize) len;
  char small[64];
  g_autofree char *large = NULL;
  char *copy = small;
  double v;

  if (!is_decimal (text, text + n))
    return FALSE;
  if (n >= sizeof small)
    copy = large = g_malloc (n + 1);
  memcpy (copy, text, n);
  copy[n] = '\0';
  v = g_ascii_strtod (copy, NULL);
  if (!isfinite (v))
    return FALSE;
  *value = v;
  return TRUE;
}

gboolean
chain_number_parse_int (const char *text, gssize len, gint64 min, gint64 max, gint64 *value)
{
  const char *p = text, *end = text + (len < 0 ? strlen (text) : (gsize) len);
  gboolean negative = FALSE;
  gint64 v = 0;

  if (p < end && (*p == '+' || *p == '-'))
    negative = *p++ == '-';
  if (p == end)
    return FALSE;
  for (; p < end; p++)
    {
      if (!g_ascii_isdigit (*p) || __builtin_mul_overflow (v, (gint64) 10, &v)
          || __builtin_sub_overflow (v, (gint64) (*p - '0'), &v))   /* kept negative: G_MININT64 has no opposite */
        return FALSE;
    }
  if (!negative && __builtin_sub_overflow ((gint64) 0, v, &v))
    return FALSE;
  if (v < min || v > max)
    return FALSE;
  *value = v;
  return TRUE;
}

/* TRUE if value has no digits to write. */
static gboolean
write_special (char buf[CHAIN_NUMBER_SIZE], double value)
{
  if (isfinite (value))
    return FALSE;
  g_strlcpy (buf, isnan (value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity", CHAIN_NUMBER_SIZE);
  return TRUE;
}

static void
write_format (char buf[CHAIN_NUMBER_SIZE], int precision, char conversion, double value)
{
  char format[16];

  g_snprintf (format, sizeof format, "%%.%d%c", precision, conversion);
  g_ascii_formatd (buf, CHAIN_NUMBER_SIZE, format, value);
}

/* Below a power of two the doubles lie twice as dense, so the nearest text of 16 digits may miss it while the next one above hits.
 * All such powers are written with an exponent. TRUE and the text if that is so. */
static gboolean
write_next_above (char buf[CHAIN_NUMBER_SIZE], double value)
{
  char *p;

  write_format (buf, 15, 'e', value);
  for (p = strchr (buf, 'e') - 1; p >= buf && (*p == '9' || *p == '.'); p--)
    if (*p == '9')
      *p = '0';
  if (p < buf || !g_ascii_isdigit (*p))
    return FALSE;
  ++*p;
  return g_ascii_strtod (buf, NULL) == value;
}

const char *
chain_number_write (char buf[CHAIN_NUMBER_SIZE], double value)
{
  if (write_special (buf, value))
    return buf;
  /* Every decimal of up to 15 digits survives the way through a normal double, so 15 is where to begin; a subnormal
   * number has fewer digits and begins at 1. */
  for (int digits = value == 0 || fabs (value) >= 0x1p-1022 ? 15 : 1; digits <= 17; digits++)
    {
      write_format (buf, digits, 'g', value);
      if (g_ascii_strtod (buf, NULL) == value || (digits == 16 && write_next_above (buf, value)))
        break;
    }
  return buf;
}

const char *
chain_number_write_digits (char buf[CHAIN_NUMBER_SIZE], double value, int significant)
{
  if (!write_special (buf, value))
    write_format (buf, CLAMP (significant, 1, 17), 'g', value);
  return buf;
}

const char *
chain_number_write_fixed (char buf[CHAIN_NUMBER_SIZE], double value, int decimals)
{
  if (fabs (value) >= 1e20)
    return chain_number_write_digits (buf, value, 17);
  if (!write_special (buf, value))
    write_format (buf, CLAMP (decimals, 0, 16), 'f', value);   /* sign, 20 digits, point, 16: fits */
  return buf;
}

/* Characters that could move the cursor, hide text or turn its direction. */
static gboolean
is_dangerous (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e)
         || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

char *
chain_text_escape (const char *text, gssize len)
{
  const char *p = text, *end = text + (len < 0 ? strlen (text) : (gsize) len);
  GString *s = g_string_sized_new ((gsize) (end - p) + 1);

  while (p < end)
    {
      gunichar c = *p == '\0' ? 0 : g_utf8_get_char_validated (p, end - p);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          g_string_append_printf (s, "\\x%02x", (guint) (guchar) *p++);
          continue;
        }
      if (!is_dangerous (c))
        g_string_append_unichar (s, c);
      else
        g_string_append_printf (s, c < 0x80 ? "\\x%02x" : "\\u%04x", c);
      p += c == 0 ? 1 : g_unichar_to_utf8 (c, NULL);
    }
  return g_string_free (s, FALSE);
}
