/* SPDX-License-Identifier: Apache-2.0 */
/* Units off and on. Each is an edit of the spec as any other: a mask in the graph, carried weights, one entry of the history. The output's units
 * stay on: they are what the loss compares. */
#include "config.h"

#include "app/session/explore.h"

#include <glib/gi18n-lib.h>

#include "app/session/session-private.h"

static const ChainLayer *
hidden_layer (ChainSession *s, const char *id, GError **error)
{
  const ChainSpec *spec = chain_document_spec (s->document);
  const ChainLayer *l = chain_spec_layer (spec, id);
  gboolean output = spec->outputs->len == 0 && chain_spec_layer_index (spec, id) + 1 == (int) spec->layers->len;

  for (guint i = 0; i < spec->outputs->len; i++)
    output |= g_strcmp0 (g_ptr_array_index (spec->outputs, i), id) == 0;
  if (l != NULL && g_str_equal (l->type, "dense") && !output)
    return l;
  if (l == NULL)
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("There is no layer “%s”"), id);
  else if (output)
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("The units of the output are what the loss compares; switch off units of a hidden layer"));
  else
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("“%s” has no units of its own; switch off units of the dense layer before it"), id);
  return NULL;
}

gboolean
chain_session_is_off (ChainSession *s, const char *layer, guint unit)
{
  const ChainLayer *l = chain_spec_layer (chain_document_spec (s->document), layer);

  return l != NULL && chain_layer_is_off (l, unit);
}

static gboolean
has_unit (const ChainLayer *l, guint unit, GError **error)
{
  if (unit < l->units)
    return TRUE;
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("Layer “%s” has %u units"), l->id, l->units);
  return FALSE;
}

static gboolean
apply_off (ChainSession *s, ChainSpec *next, char *label /* (transfer full) */, GError **error)
{
  g_autofree char *text = label;

  return chain_session_apply (s, chain_spec_seal (next), text, NULL, error);
}

gboolean
chain_session_set_off (ChainSession *s, const char *layer, guint unit, gboolean off, GError **error)
{
  const ChainLayer *l = hidden_layer (s, layer, error);
  ChainSpec *next;

  if (l == NULL || !has_unit (l, unit, error))
    return FALSE;
  next = chain_spec_copy (chain_document_spec (s->document));
  chain_layer_set_off (chain_spec_layer (next, layer), unit, off);
  return apply_off (s, next, g_strdup_printf (off ? _("unit %u of %s off") : _("unit %u of %s on"), unit + 1, layer), error);
}

gboolean
chain_session_set_layer_off (ChainSession *s, const char *layer, gboolean off, GError **error)
{
  ChainSpec *next;

  if (hidden_layer (s, layer, error) == NULL)
    return FALSE;
  next = chain_spec_copy (chain_document_spec (s->document));
  chain_layer_set_all_off (chain_spec_layer (next, layer), off);
  return apply_off (s, next, g_strdup_printf (off ? _("layer %s off") : _("layer %s on"), layer), error);
}

gboolean
chain_session_is_solo (ChainSession *s, const char *layer, guint unit)
{
  const ChainLayer *l = chain_spec_layer (chain_document_spec (s->document), layer);

  if (l == NULL || l->units < 2)
    return FALSE;
  for (guint i = 0; i < l->units; i++)
    if (chain_layer_is_off (l, i) == (i == unit))
      return FALSE;
  return TRUE;
}

gboolean
chain_session_solo (ChainSession *s, const char *layer, guint unit, GError **error)
{
  const ChainLayer *l = hidden_layer (s, layer, error);
  gboolean back = chain_session_is_solo (s, layer, unit);
  ChainSpec *next;

  if (l == NULL || !has_unit (l, unit, error))
    return FALSE;
  next = chain_spec_copy (chain_document_spec (s->document));
  chain_layer_set_all_off (chain_spec_layer (next, layer), !back);
  chain_layer_set_off (chain_spec_layer (next, layer), unit, FALSE);
  return apply_off (s, next, back ? g_strdup_printf (_("all units of %s on"), layer) : g_strdup_printf (_("unit %u of %s alone"), unit + 1, layer), error);
}

/* --- layers beside one another --- */
/* The layer and what reads it, over however many layers (ids, not owned); the list is in the order of computing, so each link is seen once. */
static GHashTable *
fed_by (const ChainSpec *spec, const ChainLayer *l)
{
  GHashTable *fed = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_add (fed, l->id);
  for (guint i = 0; i < spec->layers->len; i++)
    {
      const ChainLayer *reader = g_ptr_array_index (spec->layers, i);

      for (guint k = 0; k < reader->inputs->len; k++)
        if (g_hash_table_contains (fed, g_ptr_array_index (reader->inputs, k)))
          g_hash_table_add (fed, reader->id);
    }
  return fed;
}

/* The layer and what it reads. */
static GHashTable *
feeders_of (const ChainSpec *spec, const ChainLayer *l)
{
  GHashTable *feeders = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_add (feeders, l->id);
  for (guint i = spec->layers->len; i-- > 0;)
    {
      const ChainLayer *reader = g_ptr_array_index (spec->layers, i);

      for (guint k = 0; g_hash_table_contains (feeders, reader->id) && k < reader->inputs->len; k++)
        g_hash_table_add (feeders, g_ptr_array_index (reader->inputs, k));
    }
  return feeders;
}

/* Dense, hidden, neither before nor behind. */
static GPtrArray *
layers_beside (ChainSession *s, ChainSpec *spec, const ChainLayer *l)
{
  g_autoptr (GHashTable) fed = fed_by (spec, l), feeders = feeders_of (spec, l);
  GPtrArray *beside = g_ptr_array_new ();

  for (guint i = 0; i < spec->layers->len; i++)
    {
      ChainLayer *other = g_ptr_array_index (spec->layers, i);

      if (!g_hash_table_contains (fed, other->id) && !g_hash_table_contains (feeders, other->id) && hidden_layer (s, other->id, NULL) != NULL)
        g_ptr_array_add (beside, other);
    }
  return beside;
}

static gboolean
all_off (const ChainLayer *l)
{
  for (guint i = 0; i < l->units; i++)
    if (!chain_layer_is_off (l, i))
      return FALSE;
  return TRUE;
}

gboolean
chain_session_solo_layer (ChainSession *s, const char *layer, GError **error)
{
  ChainSpec *next;
  g_autoptr (GPtrArray) beside = NULL;
  gboolean back = TRUE;

  if (hidden_layer (s, layer, error) == NULL)
    return FALSE;
  next = chain_spec_copy (chain_document_spec (s->document));
  beside = layers_beside (s, next, chain_spec_layer (next, layer));
  for (guint i = 0; i < beside->len; i++)
    back = back && all_off (g_ptr_array_index (beside, i));
  for (guint i = 0; i < beside->len; i++)
    chain_layer_set_all_off (g_ptr_array_index (beside, i), !back);
  if (beside->len > 0)
    return apply_off (s, next, g_strdup_printf (back ? _("layers beside %s on") : _("layer %s alone"), layer), error);
  chain_spec_unref (next);
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("No layer runs beside “%s”: everything goes through it already"), layer);
  return FALSE;
}
