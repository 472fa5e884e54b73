/* SPDX-License-Identifier: Apache-2.0 */
/* IDX, http://yann.lecun.com/exdb/mnist: two zero bytes, a type, the number of dimensions, the dimensions and the data, all big endian.
 * The header says how much data there must be, so a gzip stream is unpacked to its header first and then to that size and one byte more,
 * never further: a stream that goes on is refused after 177 bytes, not after 48 MiB (RELIABILITY T4). The buffer grows with the data that
 * came, not with what the header promises. */
#include "config.h"
#include "app/io/idx.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <zlib.h>

#define HEAD_MAX (4 + 4 * CHAIN_LIMIT_RANK)
#define FIRST_BLOCK ((gsize) 64 << 10)

typedef struct { ChainFileWhere *where; GError **error; } Reader;

typedef struct
{
  guint   type, size, rank;
  guint32 dims[CHAIN_LIMIT_RANK];
  gsize   head, data;          /* bytes */
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

static guint
type_size (guint type)
{
  switch (type)
    {
    case 0x08:
    case 0x09:
      return 1;
    case 0x0b:
      return 2;
    case 0x0c:
    case 0x0d:
      return 4;
    case 0x0e:
      return 8;
    default:
      return 0;
    }
}

static guint32
big32 (const guchar *p)
{
  return (guint32) p[0] << 24 | (guint32) p[1] << 16 | (guint32) p[2] << 8 | p[3];
}

/* data: at least the first HEAD_MAX bytes, or all there are. */
static gboolean
read_header (const Reader *r, const guchar *data, gsize len, Header *h)
{
  gboolean zero = FALSE;

  if (len == 0)
    return fail (r, 0, CHAIN_ERROR_EMPTY, _("the file is empty"));
  if (len >= 2 && (data[0] || data[1]))
    return fail (r, 0, CHAIN_ERROR_BAD_MAGIC, _("an IDX file begins with two zero bytes; this is another format"));
  if (len < 4)
    return fail (r, len, CHAIN_ERROR_TRUNCATED, _("the file ends inside its header"));
  *h = (Header){ .type = data[2], .size = type_size (data[2]), .rank = data[3], .head = 4 + 4 * (gsize) data[3] };
  if (h->size == 0)
    return fail (r, 2, CHAIN_ERROR_BAD_HEADER, _("element type 0x%02x is not defined"), h->type);
  if (h->rank == 0 || h->rank > CHAIN_LIMIT_RANK)
    return fail (r, 3, CHAIN_ERROR_BAD_HEADER, _("%u dimensions; 1 to %d are read"), h->rank, CHAIN_LIMIT_RANK);
  if (len < h->head)
    return fail (r, len, CHAIN_ERROR_TRUNCATED, _("the file ends inside its header"));
  h->data = h->size;
  for (guint i = 0; i < h->rank; i++)
    {
      h->dims[i] = big32 (data + 4 + 4 * i);
      zero |= h->dims[i] == 0;
      if (h->dims[i] != 0 && (!chain_mul_size (h->data, h->dims[i], &h->data) || h->data > G_MAXINT64 / 2))
        return fail (r, 4 + 4 * i, CHAIN_ERROR_OVERFLOW, _("the product of the dimensions does not fit 64 bits"));
    }
  if (zero)
    return fail (r, 4, CHAIN_ERROR_EMPTY, _("a dimension is zero: there is no data"));
  return TRUE;
}

static gboolean
check_length (const Reader *r, const Header *h, gsize len)
{
  if (len - h->head < h->data)
    return fail (r, len, CHAIN_ERROR_TRUNCATED, _("the file ends here; its header promises %zu bytes of data and there are %zu"), h->data, len - h->head);
  if (len - h->head > h->data)
    return fail (r, h->head + h->data, CHAIN_ERROR_INCONSISTENT, _("the header promises %zu bytes of data and there are more"), h->data);
  return TRUE;
}

/* --- gzip --- */
typedef struct
{
  const Reader *r;
  z_stream      z;
  const guchar *in;
  gsize         len;
  guchar       *out;
  gsize         have, room;
  gboolean      ended;         /* the last member is complete */
} Gzip;

static gboolean
grow (Gzip *g, gsize want)
{
  gsize room = MIN (want, MAX (g->room * 2, FIRST_BLOCK));
  guchar *out;

  if (g->have < g->room)
    return TRUE;
  if (!chain_memory_check (room, _("The unpacked file"), g->r->error))
    return FALSE;
  out = g_try_realloc (g->out, room);
  if (!out)
    return fail (g->r, 0, CHAIN_ERROR_MEMORY, _("there is not enough memory to unpack it"));
  g->out = out;
  g->room = room;
  return TRUE;
}

/* After the end of a member: the next one, or the end of the file. */
static gboolean
next_member (Gzip *g, gsize at)
{
  if (at == g->len)
    {
      g->ended = TRUE;
      return TRUE;
    }
  if (g->len - at < 2 || g->in[at] != 0x1f || g->in[at + 1] != 0x8b)
    return fail (g->r, at, CHAIN_ERROR_INCONSISTENT, _("bytes stand after the gzip data"));
  if (inflateReset (&g->z) != Z_OK)
    return fail (g->r, at, CHAIN_ERROR_DECOMPRESS, _("the gzip data cannot be unpacked"));
  return TRUE;
}

/* Unpacks until `want` bytes are there or the stream ends. */
static gboolean
unpack (Gzip *g, gsize want)
{
  while (g->have < want && !g->ended)
    {
      gsize used = (gsize) (g->z.next_in - g->in), room;
      int status;

      if (!grow (g, want))
        return FALSE;
      room = MIN (MIN (want, g->room) - g->have, (gsize) 1 << 30);
      g->z.avail_in = (uInt) MIN (g->len - used, (gsize) 1 << 30);
      g->z.next_out = g->out + g->have;
      g->z.avail_out = (uInt) room;
      status = inflate (&g->z, Z_NO_FLUSH);
      g->have += room - g->z.avail_out;
      used = (gsize) (g->z.next_in - g->in);
      if (status == Z_STREAM_END)
        {
          if (!next_member (g, used))
            return FALSE;
        }
      else if (status != Z_OK)
        return fail (g->r, used, CHAIN_ERROR_DECOMPRESS,
                     status == Z_BUF_ERROR && used == g->len ? _("the gzip data is cut") : _("the gzip data is damaged"));
    }
  return TRUE;
}

static ChainTable *make_table (const Reader *r, const Header *h, const guchar *data);

static ChainTable *
read_unpacked (Gzip *g)
{
  Header h;

  if (!unpack (g, HEAD_MAX) || !read_header (g->r, g->out, g->have, &h))
    return NULL;
  if (h.head + h.data > CHAIN_LIMIT_GZIP)
    {
      fail (g->r, 4, CHAIN_ERROR_TOO_LARGE, _("the header promises %zu bytes; at most %zu are unpacked"), h.data, CHAIN_LIMIT_GZIP);
      return NULL;
    }
  /* One byte more than promised, so that a stream that goes on is seen, and so is the checksum of one that does not. */
  if (!unpack (g, h.head + h.data + 1) || !check_length (g->r, &h, g->have))
    return NULL;
  return make_table (g->r, &h, g->out + h.head);
}

static ChainTable *
read_gzip (const Reader *r, const guchar *data, gsize len)
{
  Gzip g = { .r = r, .in = data, .len = len };
  ChainTable *table = NULL;

  g.z.next_in = (guchar *) data;
  if (inflateInit2 (&g.z, 15 + 16) != Z_OK)
    fail (r, 0, CHAIN_ERROR_MEMORY, _("there is not enough memory to unpack it"));
  else
    {
      table = read_unpacked (&g);
      inflateEnd (&g.z);
    }
  g_free (g.out);
  return table;
}

/* --- table --- */
static double
read_number (const guchar *p, guint type)
{
  guint32 word;
  guint64 bits;
  float f;
  double d;

  switch (type)
    {
    case 0x09:
      return (gint8) p[0];
    case 0x0b:
      return (gint16) (p[0] << 8 | p[1]);
    case 0x0c:
      return (gint32) big32 (p);
    case 0x0d:
      word = big32 (p);
      memcpy (&f, &word, 4);
      return f;
    case 0x0e:
      bits = (guint64) big32 (p) << 32 | big32 (p + 4);
      memcpy (&d, &bits, 8);
      return d;
    default:
      return p[0];
    }
}

static char *
column_name (const Header *h, guint i, guint cols)
{
  if (cols == 1)
    return g_strdup ("value");
  if (h->rank == 3)
    return g_strdup_printf ("p%u_%u", i / h->dims[2], i % h->dims[2]);
  return g_strdup_printf ("x%u", i);
}

static ChainTable *
make_table (const Reader *r, const Header *h, const guchar *data)
{
  gsize rows = h->dims[0], cols = h->data / h->size / rows, bad = 0, bytes;
  ChainTable *t;

  if (cols > CHAIN_LIMIT_CSV_COLUMNS)
    {
      fail (r, 4, CHAIN_ERROR_TOO_LARGE, _("%zu numbers a row; at most %d are read"), cols, CHAIN_LIMIT_CSV_COLUMNS);
      return NULL;
    }
  if (!chain_mul_size (rows * cols, sizeof (double), &bytes) || !chain_memory_check (bytes, _("The table"), r->error))
    return NULL;
  t = chain_table_new ((guint) rows);
  for (guint i = 0; i < cols; i++)
    {
      g_autofree char *name = column_name (h, i, (guint) cols);
      ChainColumn *c = chain_table_add (t, name, CHAIN_COLUMN_NUMBER);

      for (gsize k = 0; k < rows; k++)
        {
          double v = read_number (data + (k * cols + i) * h->size, h->type);

          bad += !isfinite (v);
          c->values[k] = isfinite (v) ? v : NAN;
          c->n_missing += !isfinite (v);
        }
    }
  if (bad > 0)
    g_ptr_array_add (t->warnings, g_strdup_printf (_("%zu values are NaN or infinite; they count as missing"), bad));
  t->image_width = h->rank == 3 ? h->dims[2] : 0;
  t->image_height = h->rank == 3 ? h->dims[1] : 0;
  return t;
}

ChainTable *
chain_idx_read (const void *data, gsize len, ChainFileWhere *where, GError **error)
{
  Reader r = { where, error };
  const guchar *p = data;
  Header h;

  if (len >= 2 && p[0] == 0x1f && p[1] == 0x8b)
    return read_gzip (&r, p, len);
  if (!read_header (&r, p, len, &h) || !check_length (&r, &h, len))
    return NULL;
  return make_table (&r, &h, p + h.head);
}

static ChainTable *
load (const char *folder, const char *path, char **sha256, GError **error)
{
  g_autofree char *data = NULL;
  ChainTable *t;
  gsize len;

  if (!chain_file_read_in (folder, path, CHAIN_LIMIT_GZIP, &data, &len, NULL, error))
    return NULL;
  t = chain_idx_read (data, len, NULL, error);
  if (t)
    *sha256 = chain_sha256 (data, len);
  else
    {
      g_autofree char *name = chain_text_escape (path, -1);
      g_prefix_error (error, "%s: ", name);
    }
  return t;
}

static int
by_value (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* Whole numbers -> a category whose labels are in numeric order, so that class 3 is the digit 3. */
static gboolean
add_labels (ChainTable *t, const ChainTable *from, const char *path, GError **error)
{
  const ChainColumn *src = from->columns->pdata[0];
  g_autofree double *sorted = NULL;
  ChainColumn *c;
  guint n = 0;

  if (from->columns->len != 1 || from->n_rows != t->n_rows || src->n_missing > 0)
    {
      g_autofree char *name = chain_text_escape (path, -1);
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT, _("%s holds %u rows of %u numbers; %u labels are needed"), name, from->n_rows,
                   from->columns->len, t->n_rows);
      return FALSE;
    }
  sorted = g_memdup2 (src->values, from->n_rows * sizeof (double));
  qsort (sorted, from->n_rows, sizeof (double), by_value);
  c = chain_table_add (t, "label", CHAIN_COLUMN_CATEGORY);
  for (guint i = 0; i < from->n_rows; i++)
    if (i == 0 || sorted[i] != sorted[n - 1])
      {
        char buf[CHAIN_NUMBER_SIZE];

        sorted[n++] = sorted[i];
        g_ptr_array_add (c->labels, g_strdup (chain_number_write_digits (buf, sorted[i], 17)));
      }
  for (guint i = 0; i < from->n_rows; i++)
    c->values[i] = (double) ((double *) bsearch (&src->values[i], sorted, n, sizeof (double), by_value) - sorted);
  chain_set_str (&t->default_target, "label");
  return TRUE;
}

ChainTable *
chain_idx_load_pair (const char *folder, const char *images, const char *labels, GError **error)
{
  g_autofree char *images_sum = NULL, *labels_sum = NULL;
  g_autoptr (ChainTable) t = load (folder, images, &images_sum, error);
  g_autoptr (ChainTable) l = t ? load (folder, labels, &labels_sum, error) : NULL;

  if (!l || !add_labels (t, l, labels, error))
    return NULL;
  chain_set_str (&t->sha256, images_sum);
  chain_set_str (&t->path, images);
  return g_steal_pointer (&t);
}
