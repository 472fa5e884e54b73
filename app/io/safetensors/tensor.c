/* SPDX-License-Identifier: Apache-2.0 */
/* Stored numbers to host numbers: half precision, integers and truth values become f32 or f64 without loss where the type has room. */
#include "config.h"
#include "app/io/safetensors.h"
#include "engine/base/number.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction. */
static double
from_half (guint16 h)
{
  int exponent = h >> 10 & 31;
  double fraction = h & 1023, v;

  if (exponent == 31)
    v = fraction != 0 ? NAN : INFINITY;
  else if (exponent == 0)
    v = ldexp (fraction, -24);
  else
    v = ldexp (fraction + 1024, exponent - 25);
  return h & 0x8000 ? -v : v;
}

static double
from_bits32 (guint32 bits)
{
  float v;

  memcpy (&v, &bits, 4);
  return v;
}

static double
from_bits64 (guint64 bits)
{
  double v;

  memcpy (&v, &bits, 8);
  return v;
}

static double
read_number (const char *dtype, const guchar *p, guint size)
{
  guint64 bits = 0;

  memcpy (&bits, p, size);
  bits = GUINT64_FROM_LE (bits);
  if (g_str_equal (dtype, "BF16"))
    return from_bits32 ((guint32) bits << 16);
  switch (dtype[0])
    {
    case 'F':
      return size == 2 ? from_half ((guint16) bits) : size == 4 ? from_bits32 ((guint32) bits) : from_bits64 (bits);
    case 'I':
      return size == 1 ? (gint8) bits : size == 2 ? (gint16) bits : size == 4 ? (gint32) bits : (double) (gint64) bits;
    case 'B':
      return bits != 0;
    default:
      return (double) bits;
    }
}

/* Axes after the first are joined: 2 x 3 x 4 becomes 2 x 12. */
static gboolean
fold_shape (const ChainFileTensor *t, guint *rows, guint *cols)
{
  guint64 r = t->rank >= 2 ? t->shape[0] : 1, c = r ? t->n / r : 0;

  if (t->n == 0 || r > G_MAXINT32 || c > G_MAXINT32)
    return FALSE;
  *rows = (guint) r;
  *cols = (guint) c;
  return TRUE;
}

ChainTensor *
chain_file_tensor_read (const ChainFileTensor *t, GError **error)
{
  gboolean wide = g_str_equal (t->dtype, "F64") || (strchr ("IU", t->dtype[0]) && t->n > 0 && t->bytes / t->n >= 4);
  g_autofree char *name = chain_text_escape (t->name, -1);
  guint rows, cols;
  ChainTensor *out;

  if (!fold_shape (t, &rows, &cols))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, _("tensor “%s” has no elements or too many of them"), name);
      return NULL;
    }
  if (!chain_memory_check (t->n * (wide ? 8 : 4), name, error))
    return NULL;
  out = chain_tensor_new (wide ? CHAIN_F64 : CHAIN_F32, rows, cols);
  if (!out)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_MEMORY, _("there is not enough memory for tensor “%s”"), name);
      return NULL;
    }
  out->rank = (int) MIN (t->rank, 2);
  if (g_str_equal (t->dtype, wide ? "F64" : "F32") && G_BYTE_ORDER == G_LITTLE_ENDIAN)
    memcpy (out->data, t->data, t->bytes);   /* keeps the bits of a NaN */
  else
    for (gsize i = 0; i < t->n; i++)
      chain_tensor_set (out, i, read_number (t->dtype, (const guchar *) t->data + i * (t->bytes / t->n), (guint) (t->bytes / t->n)));
  return out;
}
