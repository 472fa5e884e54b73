/* SPDX-License-Identifier: Apache-2.0 */
/* NumPy's .npy: magic, version, a header that is the text of a Python dictionary, the data. The header is read by a hand-written grammar of
 * exactly the three keys that it may have; nothing is evaluated, objects (which are pickles) are refused by name (RELIABILITY T5). */
#include "config.h"
#include "app/io/npy.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"

#include <float.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

typedef struct { ChainFileWhere *where; GError **error; const char *begin, *p, *end; } Reader;

typedef struct
{
  gboolean has_descr, has_order, has_shape, fortran, big;
  char     kind;
  guint    size, rank;
  guint64  shape[CHAIN_LIMIT_RANK];
} Header;

static gboolean G_GNUC_PRINTF (4, 5)
fail (const Reader *r, gsize offset, ChainErrorCode code, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (r->error, CHAIN_ERROR, code, _("byte %zu: %s"), offset, what);
  if (r->where)
    *r->where = (ChainFileWhere){ 0, 0, (gint64) offset };
  return FALSE;
}

static gboolean
bad_header (const Reader *r)
{
  return fail (r, (gsize) (r->p - r->begin), CHAIN_ERROR_BAD_HEADER, _("the header is not the dictionary that NumPy writes"));
}

static void
skip_space (Reader *r)
{
  while (r->p < r->end && strchr (" \t\r\n", *r->p) && *r->p)
    r->p++;
}

static gboolean
accept (Reader *r, char c)
{
  skip_space (r);
  if (r->p < r->end && *r->p == c)
    {
      r->p++;
      return TRUE;
    }
  return FALSE;
}

static gboolean
accept_word (Reader *r, const char *word)
{
  gsize n = strlen (word);

  if ((gsize) (r->end - r->p) < n || memcmp (r->p, word, n) != 0)
    return FALSE;
  r->p += n;
  return TRUE;
}

/* 'text' or "text" without escapes, shorter than 32 bytes. */
static gboolean
read_string (Reader *r, char out[32])
{
  char quote;
  gsize n = 0;

  skip_space (r);
  if (r->p >= r->end || (*r->p != '\'' && *r->p != '"'))
    return bad_header (r);
  quote = *r->p++;
  while (r->p < r->end && *r->p != quote && n < 31 && *r->p != '\\' && *r->p > 31)
    out[n++] = *r->p++;
  out[n] = 0;
  if (r->p >= r->end || *r->p != quote)
    return bad_header (r);
  r->p++;
  return TRUE;
}

static gboolean
read_descr (Reader *r, Header *h)
{
  static const struct { char kind; const char *sizes; } kinds[] = { { 'f', "248" }, { 'i', "1248" }, { 'u', "1248" }, { 'b', "1" } };
  gsize at = (gsize) (r->p - r->begin);
  char text[32];

  skip_space (r);
  if (r->p < r->end && (*r->p == '[' || *r->p == '('))
    return fail (r, at, CHAIN_ERROR_UNSUPPORTED, _("records and sub-arrays are not read"));
  if (!read_string (r, text))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strlen (text) == 3 && strchr ("<>|", text[0]) && text[1] == kinds[i].kind && strchr (kinds[i].sizes, text[2]))
      {
        h->kind = text[1];
        h->size = (guint) (text[2] - '0');
        h->big = text[0] == '>';
        return TRUE;
      }
  return fail (r, at, CHAIN_ERROR_UNSUPPORTED, _("elements of this type are not read; save the array as float32, float64 or an integer type"));
}

static gboolean
read_order (Reader *r, Header *h)
{
  skip_space (r);
  h->fortran = accept_word (r, "True");
  return h->fortran || accept_word (r, "False") || bad_header (r);
}

static gboolean
read_dimension (Reader *r, guint64 *out)
{
  guint64 v = 0;
  const char *start = r->p;

  for (; r->p < r->end && g_ascii_isdigit (*r->p); r->p++)
    if (__builtin_mul_overflow (v, 10u, &v) || __builtin_add_overflow (v, (guint64) (*r->p - '0'), &v))
      return fail (r, (gsize) (start - r->begin), CHAIN_ERROR_OVERFLOW, _("a dimension does not fit 64 bits"));
  *out = v;
  return r->p > start || bad_header (r);
}

/* ( ) , (3,) , (3, 2) , (3, 2,) */
static gboolean
read_shape (Reader *r, Header *h)
{
  if (!accept (r, '('))
    return bad_header (r);
  while (!accept (r, ')'))
    {
      if (h->rank == CHAIN_LIMIT_RANK)
        return fail (r, (gsize) (r->p - r->begin), CHAIN_ERROR_UNSUPPORTED, _("more than %d dimensions"), CHAIN_LIMIT_RANK);
      if (!read_dimension (r, &h->shape[h->rank++]))
        return FALSE;
      if (accept_word (r, "L") && r->p >= r->end)
        return bad_header (r);
      if (!accept (r, ','))
        {
          if (h->rank < 2 || !accept (r, ')'))   /* (3) is a number, not a tuple */
            return bad_header (r);
          break;
        }
    }
  return TRUE;
}

static gboolean
read_pair (Reader *r, Header *h)
{
  char key[32];
  gboolean *has;

  if (!read_string (r, key))
    return FALSE;
  has = g_str_equal (key, "descr") ? &h->has_descr : g_str_equal (key, "fortran_order") ? &h->has_order
        : g_str_equal (key, "shape") ? &h->has_shape : NULL;
  if (!has || !accept (r, ':'))
    return bad_header (r);
  if (*has)
    return fail (r, (gsize) (r->p - r->begin), CHAIN_ERROR_DUPLICATE, _("“%s” stands twice in the header"), key);
  *has = TRUE;
  return has == &h->has_descr ? read_descr (r, h) : has == &h->has_order ? read_order (r, h) : read_shape (r, h);
}

static gboolean
read_header (Reader *r, Header *h)
{
  if (r->end == r->p || r->end[-1] != '\n' || !accept (r, '{'))
    return bad_header (r);
  while (!accept (r, '}'))
    {
      if (!read_pair (r, h))
        return FALSE;
      if (!accept (r, ','))
        {
          if (!accept (r, '}'))
            return bad_header (r);
          break;
        }
    }
  skip_space (r);
  if (r->p != r->end || !h->has_descr || !h->has_order || !h->has_shape)
    return bad_header (r);
  if (h->rank == 0)
    return fail (r, 10, CHAIN_ERROR_UNSUPPORTED, _("a single number is not a table"));
  return TRUE;
}

/* Version and header; *data is where the numbers begin. */
static gboolean
read_front (Reader *r, const guchar *p, gsize len, Header *h, gsize *data)
{
  gsize n, at = p[6] == 1 ? 10 : 12;

  if (!(p[6] >= 1 && p[6] <= 3 && p[7] == 0))
    return fail (r, 6, CHAIN_ERROR_UNSUPPORTED, _("format version %u.%u; 1.0, 2.0 and 3.0 are read"), p[6], p[7]);
  if (len < at)
    return fail (r, len, CHAIN_ERROR_TRUNCATED, _("the file ends inside its header"));
  n = p[8] | (gsize) p[9] << 8;
  if (at == 12)
    n |= (gsize) p[10] << 16 | (gsize) p[11] << 24;
  if (n > len - at)
    return fail (r, len, CHAIN_ERROR_TRUNCATED, _("the file ends inside its header"));
  if (n > CHAIN_LIMIT_NPY_HEADER)
    return fail (r, 8, CHAIN_ERROR_TOO_LARGE, _("a header of %zu bytes; at most %zu are read"), n, CHAIN_LIMIT_NPY_HEADER);
  r->p = (const char *) p + at;
  r->end = r->p + n;
  *data = at + n;
  return read_header (r, h);
}

static gboolean
check_size (Reader *r, const Header *h, gsize at, gsize have, gsize *cols)
{
  gsize bytes = h->size;
  gboolean zero = FALSE;

  for (guint i = 0; i < h->rank; i++)
    {
      zero |= h->shape[i] == 0;
      if (h->shape[i] != 0 && (!chain_mul_size (bytes, h->shape[i], &bytes) || bytes > G_MAXINT64))
        return fail (r, at, CHAIN_ERROR_OVERFLOW, _("the product of the dimensions does not fit 64 bits"));
    }
  if (zero)
    return fail (r, at, CHAIN_ERROR_EMPTY, _("a dimension is zero: there is no data"));
  if (bytes > have)
    return fail (r, at + have, CHAIN_ERROR_TRUNCATED, _("the file ends here; its header promises %zu bytes of data and there are %zu"), bytes, have);
  if (bytes < have)
    return fail (r, at + bytes, CHAIN_ERROR_INCONSISTENT, _("%zu bytes stand after the data"), have - bytes);
  *cols = bytes / h->size / h->shape[0];
  if (*cols > CHAIN_LIMIT_CSV_COLUMNS || h->shape[0] > G_MAXUINT32)
    return fail (r, at, CHAIN_ERROR_TOO_LARGE, _("%zu numbers a row; at most %d are read"), *cols, CHAIN_LIMIT_CSV_COLUMNS);
  if (!chain_mul_size (bytes / h->size, sizeof (double), &bytes))
    return fail (r, at, CHAIN_ERROR_OVERFLOW, _("the table does not fit 64 bits"));
  return chain_memory_check (bytes, _("The table"), r->error);
}

static double
from_half (guint bits)
{
  int e = bits >> 10 & 31;
  double f = bits & 1023, v = e == 31 ? (f != 0 ? NAN : INFINITY) : e == 0 ? ldexp (f, -24) : ldexp (f + 1024, e - 25);

  return bits & 0x8000 ? -v : v;
}

static double
read_number (const Header *h, const guchar *p)
{
  guint64 bits = 0;
  guint32 word;
  float f;
  double d;

  for (guint i = 0; i < h->size; i++)
    bits |= (guint64) p[h->big ? h->size - 1 - i : i] << 8 * i;
  if (h->kind == 'u' || h->kind == 'b')
    return (double) bits;
  if (h->kind == 'i')
    return (double) ((gint64) (bits << (64 - 8 * h->size)) >> (64 - 8 * h->size));
  if (h->size == 2)
    return from_half ((guint) bits);
  word = (guint32) bits;
  memcpy (&f, &word, 4);
  memcpy (&d, &bits, 8);
  return h->size == 4 ? f : d;
}

/* Fortran order: the first index runs fastest, so column c of the flattened rows (C order over the other axes) must be found by its indices. */
static gsize
fortran_offset (const Header *h, gsize row, gsize col)
{
  gsize at = 0, index[CHAIN_LIMIT_RANK] = { row };

  for (guint i = h->rank; i-- > 1;)
    {
      index[i] = col % h->shape[i];
      col /= h->shape[i];
    }
  for (guint i = h->rank; i-- > 0;)
    at = at * h->shape[i] + index[i];
  return at;
}

static ChainTable *
make_table (const Header *h, const guchar *data, gsize cols)
{
  ChainTable *t = chain_table_new ((guint) h->shape[0]);
  gsize rows = h->shape[0], bad = 0, huge = 0;

  for (gsize c = 0; c < cols; c++)
    {
      g_autofree char *name = cols == 1 ? g_strdup ("value") : g_strdup_printf ("x%zu", c);
      ChainColumn *column = chain_table_add (t, name, CHAIN_COLUMN_NUMBER);

      for (gsize k = 0; k < rows; k++)
        {
          double v = read_number (h, data + (h->fortran ? fortran_offset (h, k, c) : k * cols + c) * h->size);

          bad += !isfinite (v);
          column->n_missing += !isfinite (v);
          huge += isfinite (v) && fabs (v) > FLT_MAX;
          column->values[k] = isfinite (v) ? v : NAN;
        }
    }
  if (bad > 0)
    g_ptr_array_add (t->warnings, g_strdup_printf (_("%zu values are NaN or infinite; they count as missing"), bad));
  if (huge > 0)
    g_ptr_array_add (t->warnings, g_strdup_printf (_("%zu values are too large for 32-bit training; they would become infinite"), huge));
  t->image_height = h->rank == 3 ? (guint) h->shape[1] : 0;
  t->image_width = h->rank == 3 ? (guint) h->shape[2] : 0;
  return t;
}

ChainTable *
chain_npy_read (const void *data, gsize len, ChainFileWhere *where, GError **error)
{
  Reader r = { where, error, data, data, data };
  const guchar *p = data;
  Header h = { .has_descr = FALSE };
  gsize at = 0, cols = 0;

  if (len == 0)
    fail (&r, 0, CHAIN_ERROR_EMPTY, _("the file is empty"));
  else if (len < 6 || memcmp (p, "\x93NUMPY", 6) != 0)
    fail (&r, 0, CHAIN_ERROR_BAD_MAGIC, len >= 2 && memcmp (p, "PK", 2) == 0 ? _("this is an archive of arrays (.npz); unpack one .npy file from it")
                                                                             : _("this is not a NumPy file"));
  else if (len < 10)
    fail (&r, len, CHAIN_ERROR_TRUNCATED, _("the file ends inside its header"));
  else if (read_front (&r, p, len, &h, &at) && check_size (&r, &h, at, len - at, &cols))
    return make_table (&h, p + at, cols);
  return NULL;
}
