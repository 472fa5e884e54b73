/* SPDX-License-Identifier: Apache-2.0 */
/* One way of writing numbers for every picture, so that a chip, an axis and a readout agree (DESIGN 4.10). Digits come from
 * engine/base/number, which knows no locale; here they only get their minus, their exponent and their spaces. */
#include "app/picture/number-text.h"

#include <math.h>
#include <string.h>

#include "engine/base/number.h"

#define MINUS "\xe2\x88\x92"
#define TIMES "\xe2\x80\xaf\xc3\x97\xe2\x80\xaf"     /* narrow no-break spaces around the sign */
#define NARROW "\xe2\x80\xaf"

static const char *const superscripts[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };

/* Appends with '-' written as U+2212. */
static void
append (char *buf, const char *text)
{
  gsize n = strlen (buf);

  for (; *text && n + 4 < CHAIN_NUMBER_TEXT_SIZE; text++)
    if (*text == '-')
      {
        memcpy (buf + n, MINUS, 3);
        n += 3;
      }
    else
      buf[n++] = *text;
  buf[n] = '\0';
}

static void
append_power (char *buf, int exponent)
{
  char digits[16];

  g_strlcat (buf, "10", CHAIN_NUMBER_TEXT_SIZE);
  if (exponent < 0)
    g_strlcat (buf, "⁻", CHAIN_NUMBER_TEXT_SIZE);
  g_snprintf (digits, sizeof digits, "%d", ABS (exponent));
  for (const char *d = digits; *d; d++)
    g_strlcat (buf, superscripts[*d - '0'], CHAIN_NUMBER_TEXT_SIZE);
}

static gboolean
special (char *buf, double v)
{
  buf[0] = '\0';
  if (isnan (v))
    append (buf, "NaN");
  else if (isinf (v))
    append (buf, v < 0 ? "-∞" : "∞");
  else
    return FALSE;
  return TRUE;
}

/* A rounded zero has no sign. */
static const char *
drop_sign_of_zero (const char *text)
{
  if (text[0] == '-' && strspn (text + 1, "0.") == strlen (text + 1))
    return text + 1;
  return text;
}

const char *
chain_number_text_fixed (char buf[CHAIN_NUMBER_TEXT_SIZE], double v, int decimals)
{
  char raw[CHAIN_NUMBER_SIZE];

  if (special (buf, v))
    return buf;
  if (fabs (v) >= 1e15)
    return chain_number_text_short (buf, v);
  append (buf, drop_sign_of_zero (chain_number_write_fixed (raw, v, decimals)));
  return buf;
}

/* d.dd × 10ᵏ with `decimals` decimals; the mantissa never rounds up to 10. */
static const char *
scientific (char *buf, double v, int decimals, gboolean drop_one)
{
  char raw[CHAIN_NUMBER_SIZE];
  int k = (int) floor (log10 (fabs (v)));
  double m = v / pow (10, k), unit = pow (10, -decimals);

  if (k < -300)
    m = v * 1e300 / pow (10, k + 300);
  if (fabs (m) + unit / 2 >= 10)
    {
      m /= 10;
      k++;
    }
  else if (fabs (m) < 1)
    {
      m *= 10;
      k--;
    }
  buf[0] = '\0';
  chain_number_write_fixed (raw, m, decimals);
  if (!(drop_one && strcmp (raw, "1") == 0))
    {
      append (buf, raw);
      if (k == 0)
        return buf;
      g_strlcat (buf, TIMES, CHAIN_NUMBER_TEXT_SIZE);
    }
  append_power (buf, k);
  return buf;
}

const char *
chain_number_text (char buf[CHAIN_NUMBER_TEXT_SIZE], double v, int digits)
{
  double a = fabs (v);

  if (special (buf, v))
    return buf;
  if (a == 0)
    return chain_number_text_fixed (buf, 0, digits);
  if (a >= pow (10, -digits) && a + 0.5 * pow (10, -digits) < 1000)
    return chain_number_text_fixed (buf, v, digits);
  return scientific (buf, v, 1, FALSE);
}

static const char *
add_plus (char *buf, double v)
{
  if (v > 0)
    {
      memmove (buf + 1, buf, MIN (strlen (buf) + 1, CHAIN_NUMBER_TEXT_SIZE - 2));
      buf[0] = '+';
    }
  return buf;
}

const char *
chain_number_text_signed (char buf[CHAIN_NUMBER_TEXT_SIZE], double v, int digits)
{
  chain_number_text (buf, v, digits);
  return add_plus (buf, v);
}

const char *
chain_number_text_card (char buf[CHAIN_NUMBER_TEXT_SIZE], double v, gboolean sign)
{
  if (special (buf, v))
    return sign ? add_plus (buf, isnan (v) ? 0 : v) : buf;
  if (v == 0 || (fabs (v) >= 0.1 && fabs (v) < 999.5))
    chain_number_text_fixed (buf, v, 3);
  else
    scientific (buf, v, 2, FALSE);
  return sign ? add_plus (buf, v) : buf;
}

const char *
chain_number_text_loss (char buf[CHAIN_NUMBER_TEXT_SIZE], double v, int significant)
{
  double a = fabs (v);
  int k;

  if (special (buf, v))
    return buf;
  if (a == 0)
    return chain_number_text_fixed (buf, 0, 0);
  k = (int) floor (log10 (a));
  if (a < 1e-3 || a >= 1e5)
    return scientific (buf, v, MAX (0, significant - 2), FALSE);
  return chain_number_text_fixed (buf, v, MAX (significant - 1 - k, 0));
}

const char *
chain_number_text_short (char buf[CHAIN_NUMBER_TEXT_SIZE], double v)
{
  if (special (buf, v))
    return buf;
  if (v == 0)
    return chain_number_text_fixed (buf, 0, 0);
  if (fabs (v) >= 0.095 && fabs (v) < 99.5)
    return chain_number_text_fixed (buf, v, fabs (v) < 9.95 ? 1 : 0);
  return scientific (buf, v, 1, FALSE);
}

const char *
chain_number_text_percent (char buf[CHAIN_NUMBER_TEXT_SIZE], double share)
{
  if (special (buf, share))
    return buf;
  chain_number_text_fixed (buf, share * 100, 1);
  g_strlcat (buf, NARROW "%", CHAIN_NUMBER_TEXT_SIZE);
  return buf;
}

const char *
chain_number_text_rate (char buf[CHAIN_NUMBER_TEXT_SIZE], double v)
{
  static const struct { double limit, unit; const char *sign; } rows[] = {
    { 999.5, 1, "" }, { 999.5e3, 1e3, NARROW "k" }, { 999.5e6, 1e6, NARROW "M" }, { G_MAXDOUBLE, 1e9, NARROW "G" },
  };
  guint i = 0;

  if (special (buf, v))
    return buf;
  while (fabs (v) >= rows[i].limit)
    i++;
  v /= rows[i].unit;
  chain_number_text_fixed (buf, v, fabs (v) < 9.95 && v != floor (v) ? 1 : 0);
  g_strlcat (buf, rows[i].sign, CHAIN_NUMBER_TEXT_SIZE);
  return buf;
}

const char *
chain_number_text_setting (char buf[CHAIN_NUMBER_TEXT_SIZE], double v)
{
  char raw[CHAIN_NUMBER_SIZE], mantissa[CHAIN_NUMBER_SIZE];
  int decimals;

  if (special (buf, v))
    return buf;
  chain_number_write (raw, v);
  if (v == 0 || (fabs (v) >= 1e-3 && fabs (v) < 1e6 && !strchr (raw, 'e')))
    {
      append (buf, v == 0 ? "0" : raw);
      return buf;
    }
  for (decimals = 0; decimals < 16; decimals++)      /* the shortest mantissa that reads back as v */
    {
      double back;
      g_autofree char *text = NULL;

      chain_number_write_fixed (mantissa, v / pow (10, floor (log10 (fabs (v)))), decimals);
      text = g_strdup_printf ("%se%d", mantissa, (int) floor (log10 (fabs (v))));
      if (chain_number_parse (text, -1, &back) && back == v)
        break;
    }
  return scientific (buf, v, decimals, TRUE);
}

const char *
chain_number_text_time (char buf[CHAIN_NUMBER_TEXT_SIZE], double s)
{
  char number[CHAIN_NUMBER_TEXT_SIZE];

  if (special (buf, s))
    return buf;
  if (s < 59.95)
    {
      double unit = s < 0.9995e-3 ? 1e-6 : s < 0.9995 ? 1e-3 : 1;

      chain_number_text_fixed (number, s / unit, s / unit < 9.95 ? 1 : 0);
      g_snprintf (buf, CHAIN_NUMBER_TEXT_SIZE, "%s" NARROW "%s", number, unit == 1 ? "s" : unit == 1e-3 ? "ms" : "µs");
      return buf;
    }
  if (s < 3600)
    g_snprintf (buf, CHAIN_NUMBER_TEXT_SIZE, "%d" NARROW "min %d" NARROW "s", (int) (s + 0.5) / 60, (int) (s + 0.5) % 60);
  else if (s < 1e12)
    g_snprintf (buf, CHAIN_NUMBER_TEXT_SIZE, "%" G_GINT64_FORMAT NARROW "h %d" NARROW "min", (gint64) s / 3600, (int) ((gint64) s % 3600 / 60));
  else
    g_strlcpy (buf, "∞", CHAIN_NUMBER_TEXT_SIZE);
  return buf;
}

const char *
chain_number_text_power (char buf[CHAIN_NUMBER_TEXT_SIZE], int exponent)
{
  buf[0] = '\0';
  append_power (buf, exponent);
  return buf;
}

const char *
chain_number_text_count (char buf[CHAIN_NUMBER_TEXT_SIZE], guint64 n)
{
  char raw[24];
  int len = g_snprintf (raw, sizeof raw, "%" G_GUINT64_FORMAT, n), at = 0;

  for (int i = 0; i < len; i++)
    {
      if (i > 0 && (len - i) % 3 == 0 && len > 4)
        {
          memcpy (buf + at, NARROW, 3);
          at += 3;
        }
      buf[at++] = raw[i];
    }
  buf[at] = '\0';
  return buf;
}
