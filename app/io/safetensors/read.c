/* SPDX-License-Identifier: Apache-2.0 */
/* Reading safetensors. Order: length, header, every number, every size product (checked), every span against the file, and only then a
 * tensor exists; nothing is allocated by what the header promises, because a tensor is a pointer into the bytes that were read. The
 * checks are those of the reference reader (no overlap, no hole, no tail) with lower limits; a C++ port that left out the checked
 * product had a heap overflow from three dimensions (RELIABILITY 1, S11). */
#include "config.h"
#include "app/io/safetensors.h"
#include "app/io/json.h"
#include "app/io/keyed-hash.h"
#include "engine/base/number.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

static const struct { const char *name; guint size; } dtypes[] = {
  { "BOOL", 1 }, { "U8", 1 }, { "I8", 1 }, { "I16", 2 }, { "U16", 2 }, { "F16", 2 }, { "BF16", 2 }, { "I32", 4 }, { "U32", 4 }, { "F32", 4 },
  { "F64", 8 }, { "I64", 8 }, { "U64", 8 },
};

typedef struct { ChainFileWhere *where; GError **error; } Reader;

static gboolean G_GNUC_PRINTF (5, 6)
fail (const Reader *r, gint64 offset, const char *name, ChainErrorCode code, const char *format, ...)
{
  g_autofree char *what = NULL, *shown = name ? chain_text_escape (name, (gssize) MIN (strlen (name), 80)) : NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  if (shown)
    g_set_error (r->error, CHAIN_ERROR, code, _("tensor “%s”: %s"), shown, what);
  else
    g_set_error (r->error, CHAIN_ERROR, code, _("byte %" G_GINT64_FORMAT ": %s"), offset, what);
  if (r->where)
    *r->where = (ChainFileWhere){ 0, 0, offset };
  return FALSE;
}

guint
chain_dtype_size (const char *dtype)
{
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (g_str_equal (dtypes[i].name, dtype))
      return dtypes[i].size;
  return 0;
}

static const char *
dtype_name (const char *dtype)
{
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (g_str_equal (dtypes[i].name, dtype))
      return dtypes[i].name;
  return NULL;
}

static void
tensor_free (gpointer p)
{
  ChainFileTensor *t = p;

  g_free (t->name);
  g_free (t);
}

static void
owned_tensor_free (gpointer p)
{
  g_free ((gpointer) ((ChainFileTensor *) p)->data);
  tensor_free (p);
}

static ChainTensorFile *
file_new (gboolean owns_data)
{
  ChainTensorFile *f = g_new0 (ChainTensorFile, 1);

  f->tensors = g_ptr_array_new_with_free_func (owns_data ? owned_tensor_free : tensor_free);
  f->metadata = g_hash_table_new_full (chain_keyed_hash, g_str_equal, g_free, g_free);
  f->by_name = g_hash_table_new (chain_keyed_hash, g_str_equal);
  f->warnings = g_ptr_array_new_with_free_func (g_free);
  return f;
}

ChainTensorFile *
chain_tensor_file_new (void)
{
  return file_new (TRUE);
}

void
chain_tensor_file_free (ChainTensorFile *f)
{
  g_hash_table_unref (f->by_name);
  g_hash_table_unref (f->metadata);
  g_ptr_array_unref (f->tensors);
  g_ptr_array_unref (f->warnings);
  g_free (f->buffer);
  g_free (f);
}

const ChainFileTensor *
chain_tensor_file_find (const ChainTensorFile *f, const char *name)
{
  return g_hash_table_lookup (f->by_name, name);
}

/* --- reading --- */
static gboolean
read_shape (const Reader *r, const char *name, const json_t *shape, guint size, ChainFileTensor *t)
{
  gsize product = size;
  gboolean zero = FALSE;

  if (!json_is_array (shape))
    return fail (r, 8, name, CHAIN_ERROR_BAD_HEADER, _("“shape” must be a list of whole numbers"));
  if (json_array_size (shape) > CHAIN_LIMIT_RANK)
    return fail (r, 8, name, CHAIN_ERROR_UNSUPPORTED, _("%zu dimensions; at most %d are read"), json_array_size (shape), CHAIN_LIMIT_RANK);
  t->rank = (guint) json_array_size (shape);
  for (guint i = 0; i < t->rank; i++)
    {
      const json_t *d = json_array_get (shape, i);

      if (!json_is_integer (d) || json_integer_value (d) < 0)
        return fail (r, 8, name, CHAIN_ERROR_BAD_HEADER, _("“shape” must be a list of whole numbers"));
      t->shape[i] = (guint64) json_integer_value (d);
      zero |= t->shape[i] == 0;
      /* Zero hides nothing: the other dimensions must have a product that fits all the same. */
      if (t->shape[i] != 0 && (!chain_mul_size (product, t->shape[i], &product) || product > G_MAXINT64))
        return fail (r, 8, name, CHAIN_ERROR_OVERFLOW, _("the product of its dimensions does not fit 64 bits"));
    }
  t->bytes = zero ? 0 : product;
  t->n = t->bytes / size;
  return TRUE;
}

static gboolean
read_offsets (const Reader *r, const char *name, const json_t *offsets, gsize *begin, gsize *end)
{
  const json_t *a = json_array_get (offsets, 0), *z = json_array_get (offsets, 1);

  if (json_array_size (offsets) != 2 || !json_is_integer (a) || !json_is_integer (z) || json_integer_value (a) < 0 || json_integer_value (z) < 0)
    return fail (r, 8, name, CHAIN_ERROR_BAD_HEADER, _("“data_offsets” must be two whole numbers"));
  *begin = (gsize) json_integer_value (a);
  *end = (gsize) json_integer_value (z);
  if (*end < *begin)
    return fail (r, 8, name, CHAIN_ERROR_INCONSISTENT, _("its data ends before it begins"));
  return TRUE;
}

/* data holds the begin as an offset until every span has been checked. */
static gboolean
read_entry (const Reader *r, ChainTensorFile *f, const char *name, const json_t *entry)
{
  const json_t *dtype = json_object_get (entry, "dtype"), *shape = json_object_get (entry, "shape"), *offsets = json_object_get (entry, "data_offsets");
  ChainFileTensor *t;
  gsize begin = 0, end = 0;

  if (strlen (name) > CHAIN_LIMIT_ST_NAME)
    return fail (r, 8, name, CHAIN_ERROR_TOO_LARGE, _("a name of %zu bytes; at most %d are read"), strlen (name), CHAIN_LIMIT_ST_NAME);
  if (json_object_size (entry) != 3 || !dtype || !shape || !offsets)
    return fail (r, 8, name, CHAIN_ERROR_BAD_HEADER, _("it must have dtype, shape and data_offsets, and no more"));
  if (!json_is_string (dtype))
    return fail (r, 8, name, CHAIN_ERROR_BAD_HEADER, _("“dtype” must be a text"));
  if (!dtype_name (json_string_value (dtype)))
    return fail (r, 8, name, CHAIN_ERROR_UNSUPPORTED, _("numbers of this type are not read"));
  t = g_new0 (ChainFileTensor, 1);
  t->name = g_strdup (name);
  g_ptr_array_add (f->tensors, t);
  g_hash_table_insert (f->by_name, t->name, t);
  t->dtype = dtype_name (json_string_value (dtype));
  if (!read_shape (r, name, shape, chain_dtype_size (t->dtype), t) || !read_offsets (r, name, offsets, &begin, &end))
    return FALSE;
  if (end - begin != t->bytes)
    return fail (r, 8, name, CHAIN_ERROR_INCONSISTENT, _("its shape needs %zu bytes, its offsets give %zu"), t->bytes, end - begin);
  t->data = GSIZE_TO_POINTER (begin);
  return TRUE;
}

static gboolean
read_metadata (const Reader *r, ChainTensorFile *f, json_t *metadata)
{
  const char *key;
  json_t *value;

  if (!json_is_object (metadata))
    return fail (r, 8, NULL, CHAIN_ERROR_BAD_HEADER, _("__metadata__ must be an object of texts"));
  json_object_foreach (metadata, key, value)
    {
      if (!json_is_string (value))
        return fail (r, 8, NULL, CHAIN_ERROR_BAD_HEADER, _("__metadata__ must hold texts only"));
      g_hash_table_insert (f->metadata, g_strdup (key), g_strdup (json_string_value (value)));
    }
  return TRUE;
}

static int
by_begin (gconstpointer a, gconstpointer b)
{
  const ChainFileTensor *s = *(ChainFileTensor *const *) a, *t = *(ChainFileTensor *const *) b;

  /* Empty tensors share their begin with the next one: they come first. */
  if (s->data != t->data)
    return s->data < t->data ? -1 : 1;
  return s->bytes < t->bytes ? -1 : s->bytes > t->bytes;
}

/* Every byte of the data belongs to exactly one tensor. */
static gboolean
check_spans (const Reader *r, ChainTensorFile *f, const char *data, gsize size)
{
  gsize at = 0;

  g_ptr_array_sort (f->tensors, by_begin);
  for (guint i = 0; i < f->tensors->len; i++)
    {
      ChainFileTensor *t = f->tensors->pdata[i];
      gsize begin = GPOINTER_TO_SIZE (t->data);

      if (begin != at)
        return fail (r, 8, t->name, CHAIN_ERROR_INCONSISTENT, begin < at ? _("it shares bytes with another tensor") : _("there is a hole before its data"));
      if (!chain_add_size (at, t->bytes, &at))
        return fail (r, 8, t->name, CHAIN_ERROR_OVERFLOW, _("the data ends beyond 64 bits"));
    }
  if (at > size)
    return fail (r, (gint64) (data - f->buffer + (gssize) size), NULL, CHAIN_ERROR_TRUNCATED,
                 _("the file ends here; its header promises %zu bytes of data and there are %zu"), at, size);
  if (at < size)
    return fail (r, (gint64) (data - f->buffer + (gssize) at), NULL, CHAIN_ERROR_INCONSISTENT, _("%zu bytes stand after the last tensor"), size - at);
  for (guint i = 0; i < f->tensors->len; i++)
    {
      ChainFileTensor *t = f->tensors->pdata[i];
      t->data = data + GPOINTER_TO_SIZE (t->data);
    }
  return TRUE;
}

static json_t *
read_header (const Reader *r, const char *data, gsize len, gsize *header)
{
  ChainJsonLimits limits = { CHAIN_LIMIT_ST_HEADER, CHAIN_LIMIT_JSON_DEPTH, CHAIN_LIMIT_ST_HEADER, CHAIN_LIMIT_JSON_NUMBER, 8 * CHAIN_LIMIT_ST_TENSORS };
  guint64 n;
  json_t *root;

  if (len < 8)
    {
      fail (r, (gint64) len, NULL, len ? CHAIN_ERROR_TRUNCATED : CHAIN_ERROR_EMPTY, _("the file ends before the length of its header"));
      return NULL;
    }
  memcpy (&n, data, 8);
  n = GUINT64_FROM_LE (n);
  if (n > CHAIN_LIMIT_ST_HEADER)
    fail (r, 0, NULL, CHAIN_ERROR_TOO_LARGE, _("a header of %" G_GUINT64_FORMAT " bytes; at most %zu are read: this is probably not a safetensors file"),
          n, CHAIN_LIMIT_ST_HEADER);
  else if (n > len - 8)
    fail (r, (gint64) len, NULL, CHAIN_ERROR_TRUNCATED, _("the file ends inside its header"));
  else if (n == 0 || data[8] != '{')
    fail (r, 8, NULL, CHAIN_ERROR_BAD_HEADER, _("the header must begin with “{”"));
  else
    {
      root = chain_json_read (data + 8, n, &limits, r->where, r->error);
      if (!root)
        g_prefix_error (r->error, "%s", _("in the header, "));
      if (!root && r->where)
        r->where->offset += 8;
      *header = n;
      return root;
    }
  return NULL;
}

static gboolean
has_non_finite (const ChainFileTensor *t)
{
  const guchar *p = t->data;

  for (gsize i = 0; i < t->n; i++)
    {
      guint64 bits = 0;

      memcpy (&bits, p + i * (t->bytes / t->n), t->bytes / t->n);
      if ((t->dtype[0] == 'B' && (bits & 0x7f80) == 0x7f80) || (t->bytes == 2 * t->n && t->dtype[0] == 'F' && (bits & 0x7c00) == 0x7c00)
          || (t->bytes == 4 * t->n && (bits & 0x7f800000) == 0x7f800000)
          || (t->bytes == 8 * t->n && (bits & 0x7ff0000000000000u) == 0x7ff0000000000000u))
        return TRUE;
    }
  return FALSE;
}

static void
warn_non_finite (ChainTensorFile *f)
{
  for (guint i = 0; i < f->tensors->len; i++)
    {
      const ChainFileTensor *t = f->tensors->pdata[i];
      gboolean is_float = strchr (t->dtype, 'F') != NULL;
      g_autofree char *name = NULL;

      if (!is_float || t->n == 0 || !has_non_finite (t))
        continue;
      name = chain_text_escape (t->name, -1);
      g_ptr_array_add (f->warnings, g_strdup_printf (_("tensor “%s” holds NaN or infinity"), name));
    }
}

ChainTensorFile *
chain_tensor_file_read (char *data, gsize len, ChainFileWhere *where, GError **error)
{
  g_autoptr (ChainTensorFile) f = file_new (FALSE);
  Reader r = { where, error };
  g_autoptr (ChainJson) root = NULL;
  json_t *entry;
  const char *name;
  gsize header = 0;

  f->buffer = data;
  root = read_header (&r, data, len, &header);
  if (!root)
    return NULL;
  if (json_object_size (root) > CHAIN_LIMIT_ST_TENSORS + (json_object_get (root, "__metadata__") != NULL))
    {
      fail (&r, 8, NULL, CHAIN_ERROR_TOO_LARGE, _("%zu tensors; at most %d are read"), json_object_size (root), CHAIN_LIMIT_ST_TENSORS);
      return NULL;
    }
  json_object_foreach (root, name, entry)
    if (!(g_str_equal (name, "__metadata__") ? read_metadata (&r, f, entry) : read_entry (&r, f, name, entry)))
      return NULL;
  if (!check_spans (&r, f, data + 8 + header, len - 8 - header))
    return NULL;
  warn_non_finite (f);
  return g_steal_pointer (&f);
}

ChainTensorFile *
chain_tensor_file_load (const char *path, ChainFileStamp *stamp, GError **error)
{
  ChainTensorFile *f;
  char *data;
  gsize len;

  if (!chain_file_read (path, G_MAXSSIZE, &data, &len, stamp, error))
    return NULL;
  f = chain_tensor_file_read (data, len, NULL, error);
  if (!f)
    {
      g_autofree char *name = chain_text_escape (path, -1);
      g_prefix_error (error, "%s: ", name);
    }
  return f;
}
