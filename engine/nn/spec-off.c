/* SPDX-License-Identifier: Apache-2.0 */
/* Units that are switched off, as an ordered list of their ids: equal sets are equal lists, a look-up halves it, and a million units are read and
 * switched at once without looking through the list for each. */
#include "engine/nn/spec.h"

/* The place of an id in the ordered list, or where it would stand. */
static guint
off_place (const ChainLayer *l, guint32 id)
{
  guint from = 0, to = l->off->len;

  while (from < to)
    {
      guint middle = from + (to - from) / 2;

      if (g_array_index (l->off, guint32, middle) < id)
        from = middle + 1;
      else
        to = middle;
    }
  return from;
}

gboolean
chain_layer_is_off (const ChainLayer *l, guint unit)
{
  guint32 id = unit < l->unit_ids->len ? g_array_index (l->unit_ids, guint32, unit) : 0;
  guint at = unit < l->unit_ids->len ? off_place (l, id) : l->off->len;

  return at < l->off->len && g_array_index (l->off, guint32, at) == id;
}

/* In the order of their ids, so that equal sets are equal lists. */
void
chain_layer_set_off (ChainLayer *l, guint unit, gboolean off)
{
  if (unit >= l->unit_ids->len || chain_layer_is_off (l, unit) == off)
    return;
  guint32 id = g_array_index (l->unit_ids, guint32, unit);
  guint place = off_place (l, id);
  if (off)
    g_array_insert_val (l->off, place, id);
  else
    g_array_remove_index (l->off, place);
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;

  return x < y ? -1 : x > y;
}

void
chain_layer_set_all_off (ChainLayer *l, gboolean off)
{
  g_array_set_size (l->off, 0);
  if (!off)
    return;
  g_array_append_vals (l->off, l->unit_ids->data, l->unit_ids->len);
  g_array_sort (l->off, compare_ids);
}

gboolean
chain_layer_take_off (ChainLayer *l, GArray *ids, guint32 *unknown)
{
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < l->unit_ids->len; i++)
    g_hash_table_add (known, GUINT_TO_POINTER (g_array_index (l->unit_ids, guint32, i)));
  g_array_sort (ids, compare_ids);
  g_array_set_size (l->off, 0);
  for (guint i = 0; i < ids->len; i++)
    {
      *unknown = g_array_index (ids, guint32, i);
      if (!g_hash_table_contains (known, GUINT_TO_POINTER (*unknown)))
        return FALSE;
      if (i == 0 || g_array_index (ids, guint32, i - 1) != *unknown)
        g_array_append_val (l->off, *unknown);
    }
  return TRUE;
}
