/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of single units. A unit is known by its id, not by its place: taking one out of the middle, or exchanging two, leaves every other one
 * its weights, its moments and its readers (ARCHITECTURE 9.8). */
#include "engine/nn/edit-private.h"

/* A dense layer that may change its units one by one. */
static gboolean
check_layer (const ChainSpec *spec, const char *id, const char *what, GError **error)
{
  if (!_chain_spec_need_layer (spec, id, error))
    return FALSE;
  const ChainLayer *l = chain_spec_layer (spec, id);
  if (!g_str_equal (l->type, "dense"))
    _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” has no units of its own: %s in the layer that it reads."), id, what);
  else if (_chain_spec_is_output (spec, id))
    _chain_spec_refuse_edit (NULL, error, N_ ("The units of layer “%s” are the outputs of the network: they stand for the targets and stay."), id);
  else if (_chain_spec_tied_to (spec, l))
    _chain_spec_refuse_edit (NULL, error, N_ ("Layers “%s” and “%s” share their weights; give one of them its own first."), id, _chain_spec_tied_to (spec, l));
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_index (const ChainLayer *l, guint index, GError **error)
{
  if (index < l->units)
    return TRUE;
  _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” has %u units; there is no unit %u."), l->id, l->units, index + 1);
  return FALSE;
}

ChainSpec *
chain_spec_remove_unit (const ChainSpec *spec, const char *layer, guint index, GError **error)
{
  if (!check_layer (spec, layer, "remove it", error) || !check_index (chain_spec_layer (spec, layer), index, error))
    return NULL;
  if (chain_spec_layer (spec, layer)->units == 1)
    return _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” needs at least one unit; to take it out, remove the layer."), layer);
  ChainSpec *next = chain_spec_copy (spec);
  ChainLayer *l = chain_spec_layer (next, layer);
  chain_layer_set_off (l, index, FALSE);
  g_array_remove_index (l->unit_ids, index);
  l->units--;
  return _chain_spec_edit_end (next, error);
}

/* Are the units known by their place somewhere behind the layer? Then to exchange two is to change the function. */
static gboolean
check_order (const ChainSpec *spec, const char *id, GError **error)
{
  static const char *const by_place[] = { "add", "multiply", "glu", "maxout", "reparameterised_gaussian", "interpolate" };
  g_autoptr (GHashTable) fed = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_add (fed, (gpointer) id);
  for (guint i = (guint) chain_spec_layer_index (spec, id) + 1; i < spec->layers->len; i++)
    {
      const ChainLayer *l = spec->layers->pdata[i];
      gboolean reads = FALSE, place = _chain_spec_is_output (spec, l->id);
      for (guint k = 0; k < l->inputs->len; k++)
        reads = reads || g_hash_table_contains (fed, l->inputs->pdata[k]);
      if (!reads || g_str_equal (l->type, "dense") || g_str_equal (l->type, "noise"))
        continue;
      for (guint k = 0; k < G_N_ELEMENTS (by_place); k++)
        place = place || g_str_equal (by_place[k], l->type);
      if (place)
        {
          _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” (%s) knows these units by their place: exchanged, the network would give something else."), l->id,
                                   l->type);
          return FALSE;
        }
      g_hash_table_add (fed, l->id);
    }
  return TRUE;
}

ChainSpec *
chain_spec_swap_units (const ChainSpec *spec, const char *layer, guint a, guint b, GError **error)
{
  if (!check_layer (spec, layer, "exchange them", error) || !check_index (chain_spec_layer (spec, layer), a, error)
      || !check_index (chain_spec_layer (spec, layer), b, error) || !check_order (spec, layer, error))
    return NULL;
  ChainSpec *next = chain_spec_copy (spec);
  guint32 *ids = (guint32 *) chain_spec_layer (next, layer)->unit_ids->data, id = ids[a];
  ids[a] = ids[b];
  ids[b] = id;
  return _chain_spec_edit_end (next, error);
}
