/* SPDX-License-Identifier: Apache-2.0 */
/* Writing safetensors: the header padded with spaces so that data begins at a multiple of 8, tensors without holes, metadata by key, so
 * that the same content is the same bytes. */
#include "config.h"
#include "app/io/json.h"
#include "app/io/safetensors.h"
#include "engine/base/number.h"

#include <glib/gi18n-lib.h>
#include <string.h>

void
chain_tensor_file_add_raw (ChainTensorFile *f, const char *name, const char *dtype, guint rank, const guint64 *shape, const void *data)
{
  ChainFileTensor *t = g_new0 (ChainFileTensor, 1);
  gsize n = 1;

  g_assert (rank <= CHAIN_LIMIT_RANK && chain_dtype_size (dtype) > 0);
  for (guint i = 0; i < rank; i++)
    {
      t->shape[i] = shape[i];
      n *= shape[i];
    }
  t->name = g_strdup (name);
  t->dtype = g_intern_string (dtype);
  t->rank = rank;
  t->n = n;
  t->bytes = n * chain_dtype_size (dtype);
  t->data = g_memdup2 (data, t->bytes);
  g_ptr_array_add (f->tensors, t);
  g_hash_table_insert (f->by_name, t->name, t);
}

void
chain_tensor_file_add (ChainTensorFile *f, const char *name, const ChainTensor *t)
{
  guint64 shape[2] = { t->rank == 2 ? t->rows : chain_tensor_size (t), t->cols };

  chain_tensor_file_add_raw (f, name, t->dtype == CHAIN_F64 ? "F64" : "F32", (guint) t->rank, shape, t->data);
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(ChainFileTensor *const *) a)->name, (*(ChainFileTensor *const *) b)->name);
}

static int
by_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static GPtrArray *
ordered (const ChainTensorFile *f, gboolean sorted)
{
  GPtrArray *all = g_ptr_array_new ();

  g_ptr_array_extend (all, f->tensors, NULL, NULL);
  if (sorted)
    g_ptr_array_sort (all, by_name);
  return all;
}

static GPtrArray *
sorted_keys (GHashTable *table)
{
  GPtrArray *keys = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (keys, key);
  g_ptr_array_sort (keys, by_text);
  return keys;
}

static void
append_metadata (GString *h, const ChainTensorFile *f)
{
  g_autoptr (GPtrArray) keys = sorted_keys (f->metadata);

  if (keys->len == 0)
    return;
  g_string_append (h, "\"__metadata__\":{");
  for (guint i = 0; i < keys->len; i++)
    {
      if (i > 0)
        g_string_append_c (h, ',');
      chain_json_append_string (h, keys->pdata[i]);
      g_string_append_c (h, ':');
      chain_json_append_string (h, g_hash_table_lookup (f->metadata, keys->pdata[i]));
    }
  g_string_append_c (h, '}');
}

static void
append_entry (GString *h, const ChainFileTensor *t, gsize at)
{
  if (h->len > 1)
    g_string_append_c (h, ',');
  chain_json_append_string (h, t->name);
  g_string_append_printf (h, ":{\"dtype\":\"%s\",\"shape\":[", t->dtype);
  for (guint i = 0; i < t->rank; i++)
    g_string_append_printf (h, i ? ",%" G_GUINT64_FORMAT : "%" G_GUINT64_FORMAT, t->shape[i]);
  g_string_append_printf (h, "],\"data_offsets\":[%zu,%zu]}", at, at + t->bytes);
}

/* Names must be what the reader takes: unique, not too long, not the reserved one. */
static gboolean
check_names (const ChainTensorFile *f, GError **error)
{
  for (guint i = 0; i < f->tensors->len; i++)
    {
      const ChainFileTensor *t = f->tensors->pdata[i];

      if (strlen (t->name) <= CHAIN_LIMIT_ST_NAME && g_utf8_validate (t->name, -1, NULL) && !g_str_equal (t->name, "__metadata__")
          && g_hash_table_lookup (f->by_name, t->name) == t)
        continue;
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_HEADER, _("tensor number %u cannot be written under its name: too long, twice or reserved"), i + 1);
      return FALSE;
    }
  if (f->tensors->len <= CHAIN_LIMIT_ST_TENSORS)
    return TRUE;
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_TOO_LARGE, _("%u tensors; at most %d can be written"), f->tensors->len, CHAIN_LIMIT_ST_TENSORS);
  return FALSE;
}

static GString *
make_header (const ChainTensorFile *f, const GPtrArray *all, gsize *data)
{
  GString *h = g_string_new ("{");

  append_metadata (h, f);
  *data = 0;
  for (guint i = 0; i < all->len; i++)
    {
      const ChainFileTensor *t = all->pdata[i];

      append_entry (h, t, *data);
      *data += t->bytes;
    }
  g_string_append_c (h, '}');
  while (h->len % 8 != 0)
    g_string_append_c (h, ' ');
  return h;
}

char *
chain_tensor_file_write (const ChainTensorFile *f, gboolean sorted, gsize *len, GError **error)
{
  g_autoptr (GPtrArray) all = ordered (f, sorted);
  GString *h;
  gsize data, at;
  guint64 n;
  char *out = NULL;

  if (!check_names (f, error))
    return NULL;
  h = make_header (f, all, &data);
  n = GUINT64_TO_LE ((guint64) h->len);
  if (h->len > CHAIN_LIMIT_ST_HEADER)
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_TOO_LARGE, _("the header would have %zu bytes; at most %zu can be written"), h->len, CHAIN_LIMIT_ST_HEADER);
  else if (chain_memory_check (8 + h->len + data, _("The file"), error) && !(out = g_try_malloc (8 + h->len + data)))
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_MEMORY, _("there is not enough memory to write %zu bytes"), data);
  if (out)
    {
      memcpy (out, &n, 8);
      memcpy (out + 8, h->str, h->len);
      at = 8 + h->len;
      for (guint i = 0; i < all->len; i++)
        {
          const ChainFileTensor *t = all->pdata[i];

          if (t->bytes > 0)
            memcpy (out + at, t->data, t->bytes);
          at += t->bytes;
        }
      *len = at;
    }
  g_string_free (h, TRUE);
  return out;
}

gboolean
chain_tensor_file_save (const ChainTensorFile *f, const char *path, const ChainFileStamp *expected, ChainFileStamp *stamp, GError **error)
{
  gsize len = 0;
  g_autofree char *bytes = chain_tensor_file_write (f, TRUE, &len, error);

  return bytes && chain_file_replace (path, bytes, len, expected, stamp, error);
}

/* Every part is preceded by its length, so that no two contents give the same stream. */
static void
digest_text (GChecksum *sum, const char *text)
{
  guint64 n = GUINT64_TO_LE ((guint64) strlen (text));

  g_checksum_update (sum, (const guchar *) &n, 8);
  g_checksum_update (sum, (const guchar *) text, (gssize) strlen (text));
}

char *
chain_tensor_file_digest (const ChainTensorFile *f, const char *except)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GPtrArray) all = ordered (f, TRUE);
  g_autoptr (GPtrArray) keys = sorted_keys (f->metadata);

  for (guint i = 0; i < keys->len; i++)
    if (!g_str_equal (keys->pdata[i], except))
      {
        digest_text (sum, keys->pdata[i]);
        digest_text (sum, g_hash_table_lookup (f->metadata, keys->pdata[i]));
      }
  for (guint i = 0; i < all->len; i++)
    {
      const ChainFileTensor *t = all->pdata[i];
      guint64 head[CHAIN_LIMIT_RANK + 1] = { t->rank };

      for (guint k = 0; k < t->rank; k++)
        head[k + 1] = GUINT64_TO_LE (t->shape[k]);
      digest_text (sum, t->name);
      digest_text (sum, t->dtype);
      g_checksum_update (sum, (const guchar *) head, (gssize) sizeof head);
      g_checksum_update (sum, t->data, (gssize) t->bytes);
    }
  return g_strdup (g_checksum_get_string (sum));
}
