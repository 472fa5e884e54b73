/* SPDX-License-Identifier: Apache-2.0 */
/* Edits that add or move whole layers. A network is a list in the order of computing; a new layer stands right behind the one it reads, so the
 * order stays right without sorting. Output layers have the width of the target and no readers: nothing goes behind them. */
#include "engine/nn/edit-private.h"
#include "engine/base/limits.h"
#include "engine/nn/table.h"

#include <string.h>

ChainSpec *
_chain_spec_refuse_edit (ChainSpec *next, GError **error, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (g_dgettext (CHAIN_TEXT_DOMAIN, format), args);   /* with its numbers it is no msgid any more */
  va_end (args);
  g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, text);
  chain_spec_unref (next);
  return NULL;
}

gboolean
_chain_spec_has (const GPtrArray *names, const char *name)
{
  for (guint i = 0; i < names->len; i++)
    if (g_str_equal (names->pdata[i], name))
      return TRUE;
  return FALSE;
}

guint
_chain_spec_readers (const ChainSpec *spec, const char *id)
{
  guint n = 0;
  for (guint i = 0; i < spec->layers->len; i++)
    {
      const ChainLayer *l = spec->layers->pdata[i];
      for (guint k = 0; k < l->inputs->len; k++)
        n += g_str_equal (l->inputs->pdata[k], id);
    }
  return n;
}

void
_chain_spec_train_too (ChainSpec *next, const char *like, const char *id)
{
  for (guint i = 0; i < next->losses->len; i++)
    {
      ChainLossTerm *t = next->losses->pdata[i];
      if (_chain_spec_has (t->trains, like))
        g_ptr_array_add (t->trains, g_strdup (id));
    }
}

const char *
_chain_spec_tied_to (const ChainSpec *spec, const ChainLayer *l)
{
  for (guint i = 0; i < spec->layers->len; i++)
    {
      const ChainLayer *other = spec->layers->pdata[i];
      if (g_strcmp0 (other->weights_of, l->id) == 0)
        return other->id;
    }
  return l->weights_of;
}

static gboolean
has_room (const ChainSpec *spec, guint more, GError **error)
{
  if (spec->layers->len + more <= CHAIN_LIMIT_LAYERS)
    return TRUE;
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_TOO_LARGE, g_dgettext (CHAIN_TEXT_DOMAIN, N_ ("A network has at most %d layers.")), CHAIN_LIMIT_LAYERS);
  return FALSE;
}

/* after: NULL or a layer that may have readers. */
static gboolean
can_follow (const ChainSpec *spec, const char *after, GError **error)
{
  if (after && !_chain_spec_need_layer (spec, after, error))
    return FALSE;
  if (!after || !_chain_spec_is_output (spec, after))
    return TRUE;
  _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” is an output of the network: nothing can stand behind it; choose an earlier place."), after);
  return FALSE;
}

/* "d12" -> "d" */
static char *
prefix_of (const char *id)
{
  gsize n = strlen (id);
  while (n > 1 && g_ascii_isdigit (id[n - 1]))
    n--;
  return g_strndup (id, MIN (n, 48));
}

static char *
free_id_like (const ChainSpec *spec, const char *id)
{
  g_autofree char *prefix = prefix_of (id);
  return chain_spec_free_layer_id (spec, prefix);
}

ChainSpec *
chain_spec_duplicate_layer (const ChainSpec *spec, const char *id, char **copy, GError **error)
{
  if (!_chain_spec_need_layer (spec, id, error) || !has_room (spec, 1, error))
    return NULL;
  const ChainLayer *l = chain_spec_layer (spec, id);
  if (_chain_spec_is_output (spec, id))
    return _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” is an output of the network: its copy would have nothing to stand before; duplicate the layer before it."), id);
  if (l->inputs->len != 1)
    return _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” joins %u layers: a copy of it behind it would have only one to read; draw a connection instead."), id, l->inputs->len);
  ChainSpec *next = chain_spec_copy (spec);
  ChainLayer *c = chain_layer_copy (l);
  g_autofree char *name = free_id_like (spec, id);
  chain_set_str (&c->id, name);
  g_ptr_array_set_size (c->inputs, 0);
  g_ptr_array_add (c->inputs, g_strdup (id));
  _chain_spec_rename_readers (next, id, name);
  g_ptr_array_insert (next->layers, chain_spec_layer_index (spec, id) + 1, c);
  _chain_spec_train_too (next, id, name);
  if (copy)
    *copy = g_strdup (name);
  next = _chain_spec_edit_end (next, error);
  if (!next && copy)
    g_clear_pointer (copy, g_free);
  return next;
}

ChainSpec *
chain_spec_move_layer (const ChainSpec *spec, const char *id, const char *after, GError **error)
{
  if (!_chain_spec_need_layer (spec, id, error) || !can_follow (spec, after, error))
    return NULL;
  const ChainLayer *l = chain_spec_layer (spec, id);
  if (_chain_spec_is_output (spec, id))
    return _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” is an output of the network and stays at the end; move the layers before it."), id);
  if (l->inputs->len != 1)
    return _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” joins %u layers and stays where they meet; remove the connection first."), id, l->inputs->len);
  const char *source = after ? after : _chain_spec_first_input (spec), *reads = l->inputs->pdata[0];
  if (g_strcmp0 (id, after) == 0 || (g_str_equal (source, reads) && _chain_spec_readers (spec, source) == 1))
    return chain_spec_ref (spec);
  ChainSpec *next = chain_spec_copy (spec);
  ChainLayer *moved = chain_spec_layer (next, id);
  g_autofree char *old = g_strdup (reads);
  _chain_spec_rename_readers (next, id, old);
  moved = g_ptr_array_steal_index (next->layers, (guint) chain_spec_layer_index (next, id));
  _chain_spec_rename_readers (next, source, id);
  g_free (moved->inputs->pdata[0]);
  moved->inputs->pdata[0] = g_strdup (source);
  g_ptr_array_insert (next->layers, after ? chain_spec_layer_index (next, after) + 1 : 0, moved);
  _chain_spec_tidy_joins (next, spec);
  return _chain_spec_edit_end (next, error);
}

/* --- pasting --- */
static const char *
renamed (GHashTable *names, const char *id)
{
  return g_hash_table_lookup (names, id);
}

/* A layer for `next`: new id, links among the pasted ones kept, all others to `source`. */
static ChainLayer *
pasted_layer (const ChainSpec *next, const ChainLayer *l, GHashTable *names, const char *source)
{
  ChainLayer *c = chain_layer_copy (l);
  chain_set_str (&c->id, renamed (names, l->id));
  for (guint k = 0; k < c->inputs->len; k++)
    {
      const char *to = renamed (names, c->inputs->pdata[k]);
      char *name = g_strdup (to ? to : source);
      g_free (c->inputs->pdata[k]);
      c->inputs->pdata[k] = name;
    }
  if (c->weights_of && renamed (names, c->weights_of))
    chain_set_str (&c->weights_of, renamed (names, c->weights_of));
  else if (c->weights_of && !chain_spec_layer (next, c->weights_of))
    chain_set_str (&c->weights_of, NULL);
  return c;
}

/* Names are given one by one against a spec that has the earlier ones already. */
static GHashTable *
new_names (const ChainSpec *spec, const GPtrArray *layers)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (ChainSpec) seen = chain_spec_copy (spec);
  for (guint i = 0; i < layers->len; i++)
    {
      const ChainLayer *l = layers->pdata[i];
      char *id = free_id_like (seen, l->id);
      g_hash_table_insert (names, l->id, id);
      g_ptr_array_add (seen->layers, chain_layer_new (id, l->type));
    }
  return names;
}

ChainSpec *
chain_spec_paste_layers (const ChainSpec *spec, const GPtrArray *layers, const char *after, GPtrArray **ids, GError **error)
{
  if (layers->len == 0)
    return _chain_spec_refuse_edit (NULL, error, N_ ("There is no layer to paste; copy one first."));
  if (!can_follow (spec, after, error) || !has_room (spec, layers->len, error))
    return NULL;
  g_autoptr (GHashTable) names = new_names (spec, layers);
  const ChainLayer *last = layers->pdata[layers->len - 1];
  const char *source = after ? after : _chain_spec_first_input (spec);
  ChainSpec *next = chain_spec_copy (spec);
  int at = after ? chain_spec_layer_index (next, after) + 1 : 0;
  _chain_spec_rename_readers (next, source, renamed (names, last->id));
  for (guint i = 0; i < layers->len; i++)
    g_ptr_array_insert (next->layers, at + (int) i, pasted_layer (spec, layers->pdata[i], names, source));
  if (after)
    for (guint i = 0; i < layers->len; i++)
      _chain_spec_train_too (next, after, renamed (names, ((const ChainLayer *) layers->pdata[i])->id));
  next = _chain_spec_edit_end (next, error);
  if (next && ids)
    {
      *ids = g_ptr_array_new_with_free_func (g_free);
      for (guint i = 0; i < layers->len; i++)
        g_ptr_array_add (*ids, g_strdup (renamed (names, ((const ChainLayer *) layers->pdata[i])->id)));
    }
  return next;
}

/* --- normalisation behind a layer --- */
static gboolean
is_norm (const char *type)
{
  static const char *const norms[] = { "batch_norm", "layer_norm", "rms_norm", "l2_normalise" };
  for (guint i = 0; i < G_N_ELEMENTS (norms); i++)
    if (g_str_equal (norms[i], type))
      return TRUE;
  return FALSE;
}

const ChainLayer *
chain_spec_norm_of (const ChainSpec *spec, const char *id)
{
  for (guint i = 0; i < spec->layers->len; i++)
    {
      const ChainLayer *l = spec->layers->pdata[i];
      if (is_norm (l->type) && l->inputs->len == 1 && g_str_equal (l->inputs->pdata[0], id))
        return l;
    }
  return NULL;
}

static ChainSpec *
insert_norm (const ChainSpec *spec, const char *id, const char *norm, GError **error)
{
  if (!can_follow (spec, id, error) || !has_room (spec, 1, error))
    return NULL;
  ChainSpec *next = chain_spec_copy (spec);
  g_autofree char *name = chain_spec_free_layer_id (spec, g_str_equal (norm, "batch_norm") ? "bn" : "norm");
  ChainLayer *l = chain_layer_new (name, norm);
  g_ptr_array_add (l->inputs, g_strdup (id));
  _chain_spec_rename_readers (next, id, name);
  g_ptr_array_insert (next->layers, chain_spec_layer_index (spec, id) + 1, l);
  _chain_spec_train_too (next, id, name);
  return _chain_spec_edit_end (next, error);
}

ChainSpec *
chain_spec_set_norm (const ChainSpec *spec, const char *id, const char *norm, GError **error)
{
  if (!_chain_spec_need_layer (spec, id, error))
    return NULL;
  const ChainLayer *now = chain_spec_norm_of (spec, id);
  gboolean none = g_str_equal (norm, "none");
  if (!none && !is_norm (norm))
    return _chain_spec_refuse_edit (NULL, error, N_ ("There is no normalisation “%s”; choose none, batch_norm, layer_norm, rms_norm or l2_normalise."), norm);
  if (none)
    return now ? chain_spec_remove_layer (spec, now->id, error) : chain_spec_ref (spec);
  if (!now)
    return insert_norm (spec, id, norm, error);
  ChainSpec *next = chain_spec_copy (spec);
  ChainLayer *l = chain_spec_layer (next, now->id);
  chain_set_str (&l->type, norm);
  chain_choice_set (&l->params, NULL, NULL);
  return _chain_spec_edit_end (next, error);
}
