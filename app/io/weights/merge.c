/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a map: tensors as the network has them, and the report as JSON for programs. */
#include "config.h"

#include "app/io/weights-map.h"

#include <string.h>

static void
named_free (gpointer p)
{
  ChainNamedTensor *n = p;

  g_free (n->name);
  chain_tensor_unref (n->tensor);
  g_free (n);
}

static ChainTensor *
read_as (const ChainMapRow *r, const ChainMapTarget *to, ChainDtype dtype, GError **error)
{
  g_autoptr (ChainTensor) in = chain_file_tensor_read (r->tensor, error);
  ChainTensor *out = in != NULL ? chain_tensor_new (dtype, to->rows, to->cols) : NULL;

  if (out == NULL)
    {
      if (in != NULL)
        g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_MEMORY, "%s", to->name);
      return NULL;
    }
  out->rank = to->kind == CHAIN_PARAM_WEIGHT ? 2 : 1;
  for (guint i = 0; i < to->rows; i++)
    for (guint j = 0; j < to->cols; j++)
      chain_tensor_set (out, (gsize) i * to->cols + j, chain_tensor_get (in, r->transposed ? (gsize) j * to->rows + i : (gsize) i * to->cols + j));
  return out;
}

static const ChainMapRow *
row_for (const ChainWeightsMap *map, const char *name, const ChainMapTarget **to)
{
  for (guint i = 0; i < map->rows->len; i++)
    {
      const ChainMapRow *r = g_ptr_array_index (map->rows, i);

      *to = r->to >= 0 ? g_ptr_array_index (map->targets, r->to) : NULL;
      if (*to != NULL && strcmp ((*to)->name, name) == 0)
        return r;
    }
  return NULL;
}

GPtrArray *
chain_weights_map_merge (const ChainWeightsMap *map, GPtrArray *present, GError **error)
{
  g_autoptr (GPtrArray) merged = g_ptr_array_new_with_free_func (named_free);

  for (guint i = 0; i < present->len; i++)
    {
      const ChainNamedTensor *n = g_ptr_array_index (present, i);
      const ChainMapTarget *to;
      const ChainMapRow *r = row_for (map, n->name, &to);
      ChainNamedTensor *out = g_new (ChainNamedTensor, 1);

      *out = (ChainNamedTensor){ g_strdup (n->name), r == NULL ? chain_tensor_ref (n->tensor) : read_as (r, to, n->tensor->dtype, error) };
      if (out->tensor == NULL)
        {
          g_free (out->name);
          g_free (out);
          return NULL;
        }
      g_ptr_array_add (merged, out);
    }
  return g_steal_pointer (&merged);
}

/* --- the report --- */
static void
append_text (GString *to, const char *key, const char *text)
{
  g_string_append_printf (to, ",\"%s\":", key);
  if (text != NULL)
    chain_json_append_string (to, text);
  else
    g_string_append (to, "null");
}

static void
append_row (GString *to, const ChainWeightsMap *map, const ChainMapRow *r)
{
  static const char *const by[] = { "nothing", "name", "order", "hand" };

  g_string_append (to, "{\"name\":");
  chain_json_append_string (to, r->tensor->name);
  g_string_append_printf (to, ",\"dtype\":\"%s\",\"shape\":[", r->tensor->dtype);
  for (guint i = 0; i < r->tensor->rank; i++)
    g_string_append_printf (to, "%s%" G_GUINT64_FORMAT, i > 0 ? "," : "", r->tensor->shape[i]);
  g_string_append_c (to, ']');
  append_text (to, "to", r->to >= 0 ? ((const ChainMapTarget *) g_ptr_array_index (map->targets, r->to))->name : NULL);
  append_text (to, "by", by[r->to >= 0 ? r->by : CHAIN_MAP_NOWHERE]);
  g_string_append_printf (to, ",\"transposed\":%s", r->transposed ? "true" : "false");
  append_text (to, "note", r->note);
  g_string_append_c (to, '}');
}

char *
chain_weights_map_json (const ChainWeightsMap *map)
{
  GString *to = g_string_new ("{\"tensors\":[");
  gboolean first = TRUE;

  for (guint i = 0; i < map->rows->len; i++)
    {
      if (i > 0)
        g_string_append_c (to, ',');
      append_row (to, map, g_ptr_array_index (map->rows, i));
    }
  g_string_append (to, "],\"kept\":[");
  for (guint k = 0; k < map->targets->len; k++)
    {
      if (chain_weights_map_source (map, k) >= 0)
        continue;
      if (!first)
        g_string_append_c (to, ',');
      chain_json_append_string (to, ((const ChainMapTarget *) g_ptr_array_index (map->targets, k))->name);
      first = FALSE;
    }
  g_string_append (to, "]}");
  return g_string_free (to, FALSE);
}
