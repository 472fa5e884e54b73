/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of links: skip connections and the joins that they end in. A sum has no weights and keeps those behind it; a concatenation makes the
 * reader wider, and the weights of the new columns are drawn. A link back would close a circle and is refused; one to a layer that merely stands
 * later in the list is not, the list is put in order again. */
#include "engine/nn/edit-private.h"

static gboolean
is_join (const ChainLayer *l)
{
  return l && (g_str_equal (l->type, "add") || g_str_equal (l->type, "concat") || g_str_equal (l->type, "multiply"));
}

static gboolean
is_source (const ChainSpec *spec, const char *name)
{
  if (chain_spec_layer (spec, name) || (spec->inputs->len == 0 && g_str_equal (name, "x")))
    return TRUE;
  for (guint i = 0; i < spec->inputs->len; i++)
    if (g_str_equal (((const ChainInput *) spec->inputs->pdata[i])->name, name))
      return TRUE;
  return FALSE;
}

/* Does `layer` read `from`, over however many layers? Marks each layer once: the cost is the number of links. */
static gboolean
depends_on (const ChainSpec *spec, const char *layer, const char *from)
{
  int last = chain_spec_layer_index (spec, layer), first = chain_spec_layer_index (spec, from);
  if (first < 0 || last < 0)
    return FALSE;
  g_autoptr (GHashTable) fed = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_add (fed, (gpointer) from);
  for (int i = first + 1; i <= last; i++)
    {
      const ChainLayer *l = spec->layers->pdata[i];
      for (guint k = 0; k < l->inputs->len; k++)
        if (g_hash_table_contains (fed, l->inputs->pdata[k]))
          g_hash_table_add (fed, l->id);
    }
  return g_hash_table_contains (fed, layer);
}

/* The join whose inputs are as good as the layer's own: the layer itself, or the one that it alone reads. */
static const ChainLayer *
join_of (const ChainSpec *spec, const ChainLayer *l)
{
  const ChainLayer *j = is_join (l) || l->inputs->len != 1 ? NULL : chain_spec_layer (spec, l->inputs->pdata[0]);
  if (is_join (l))
    return l;
  return is_join (j) && _chain_spec_readers (spec, j->id) == 1 && !_chain_spec_is_output (spec, j->id) ? j : NULL;
}

/* The list in the order of computing, changed as little as may be: what `id` reads, over however many layers, moves before it. */
static void
pull_before (ChainSpec *next, const char *id)
{
  guint at = (guint) chain_spec_layer_index (next, id);
  g_autoptr (GHashTable) needed = g_hash_table_new (g_str_hash, g_str_equal);
  const ChainLayer *target = next->layers->pdata[at];
  for (guint k = 0; k < target->inputs->len; k++)
    g_hash_table_add (needed, target->inputs->pdata[k]);
  for (guint i = next->layers->len; i-- > at + 1;)
    {
      const ChainLayer *l = next->layers->pdata[i];
      for (guint k = 0; g_hash_table_contains (needed, l->id) && k < l->inputs->len; k++)
        g_hash_table_add (needed, l->inputs->pdata[k]);
    }
  for (guint i = at + 1; i < next->layers->len; i++)
    if (g_hash_table_contains (needed, ((const ChainLayer *) next->layers->pdata[i])->id))
      g_ptr_array_insert (next->layers, (int) at++, g_ptr_array_steal_index (next->layers, i));
}

static gboolean
check_ends (const ChainSpec *spec, const char *from, const char *to, GError **error)
{
  if (!_chain_spec_need_layer (spec, to, error))
    return FALSE;
  if (!is_source (spec, from))
    _chain_spec_refuse_edit (NULL, error, N_ ("There is no layer “%s” in this network."), from);
  else if (g_str_equal (from, to))
    _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” cannot read itself; draw the connection to a later layer."), to);
  else if (depends_on (spec, from, to))
    _chain_spec_refuse_edit (NULL, error, N_ ("“%s” already feeds “%s”: a connection back would close a circle."), to, from);
  else
    return TRUE;
  return FALSE;
}

/* The kind of the join, or NULL with the reason why the widths do not allow it. */
static const char *
kind_of (const ChainSpec *spec, const ChainLayer *t, const ChainLayer *join, const char *from, const char *wanted, guint n_inputs, GError **error)
{
  const char *first = (join ? join : t)->inputs->pdata[0];
  guint w = chain_spec_layer_width (spec, from, n_inputs), have = chain_spec_layer_width (spec, first, n_inputs);
  const char *kind = join == t ? t->type : wanted ? wanted : w == have || !w || !have ? "add" : "concat";
  if (!g_str_equal (kind, "add") && !g_str_equal (kind, "concat") && !g_str_equal (kind, "multiply"))
    _chain_spec_refuse_edit (NULL, error, N_ ("There is no join “%s”; choose add or concat."), kind);
  else if (join == t && wanted && !g_str_equal (wanted, kind))
    _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” joins by %s, not by %s."), t->id, kind, wanted);
  else if (!g_str_equal (kind, "concat") && w && have && w != have)
    _chain_spec_refuse_edit (NULL, error, N_ ("“%s” gives %u values and “%s” gives %u: a sum needs equal widths; give one of them as many units, or concatenate."),
                             from, w, first, have);
  else
    return kind;
  return NULL;
}

/* A join in front of the layer's first input, or one more input of the join that is there already. */
static ChainLayer *
need_join (ChainSpec *next, const char *to, const char *join, const char *kind)
{
  ChainLayer *j = join ? chain_spec_layer (next, join) : NULL, *t = chain_spec_layer (next, to);
  if (j && (g_str_equal (join, to) || g_str_equal (j->type, kind)))
    return j;
  g_autofree char *id = chain_spec_free_layer_id (next, kind);
  j = chain_layer_new (id, kind);
  g_ptr_array_add (j->inputs, t->inputs->pdata[0]);
  t->inputs->pdata[0] = g_strdup (id);
  g_ptr_array_insert (next->layers, chain_spec_layer_index (next, to), j);
  _chain_spec_train_too (next, to, id);
  return j;
}

static ChainSpec *
check_end (ChainSpec *next, guint n_inputs, GError **error)
{
  if (!chain_spec_validate (next, n_inputs, error))
    {
      chain_spec_unref (next);
      return NULL;
    }
  return chain_spec_seal (next);
}

ChainSpec *
chain_spec_connect (const ChainSpec *spec, const char *from, const char *to, const char *join, guint n_inputs, GError **error)
{
  if (!check_ends (spec, from, to, error))
    return NULL;
  const ChainLayer *t = chain_spec_layer (spec, to), *j = join_of (spec, t);
  if (_chain_spec_has (t->inputs, from) || (j && _chain_spec_has (j->inputs, from)))
    return _chain_spec_refuse_edit (NULL, error, N_ ("“%s” already reads “%s”; draw the connection from another layer."), to, from);
  if (!is_join (t) && t->inputs->len != 1)
    return _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” reads exactly %u inputs, each with its own meaning; draw the connection to a layer behind it."), to,
                                    t->inputs->len);
  const char *kind = kind_of (spec, t, j, from, join, n_inputs, error);
  if (!kind)
    return NULL;
  ChainSpec *next = chain_spec_copy (spec);
  ChainLayer *into = need_join (next, to, j ? j->id : NULL, kind);
  g_ptr_array_add (into->inputs, g_strdup (from));
  pull_before (next, into->id);
  return check_end (next, n_inputs, error);
}

/* --- taking a link away --- */
static void
forget_first (GPtrArray *names, const char *name)
{
  for (guint i = 0; i < names->len; i++)
    if (g_str_equal (names->pdata[i], name))
      {
        g_ptr_array_remove_index (names, i);
        return;
      }
}

/* What is left stands for the join: for its readers, in losses, among the outputs. */
static void
dissolve (ChainSpec *next, const char *id)
{
  g_autofree char *left = g_strdup (chain_spec_layer (next, id)->inputs->pdata[0]);
  gboolean output = _chain_spec_is_output (next, id);
  _chain_spec_rename_readers (next, id, left);
  for (guint i = 0; i < next->losses->len; i++)
    {
      ChainLossTerm *t = next->losses->pdata[i];
      _chain_spec_rename_source (t->sources, id, left);
      forget_first (t->trains, id);
    }
  if (output && next->outputs->len == 0)
    g_ptr_array_add (next->outputs, g_strdup (id));
  _chain_spec_rename_source (next->outputs, id, left);
  g_ptr_array_remove_index (next->layers, (guint) chain_spec_layer_index (next, id));
}

static void
drop_repeats (GPtrArray *names)
{
  for (guint i = names->len; i-- > 1;)
    for (guint k = 0; k < i; k++)
      if (g_str_equal (names->pdata[i], names->pdata[k]))
        {
          g_ptr_array_remove_index (names, i);
          break;
        }
}

/* Joins that came to read a layer twice because what stood between is gone: once is what was meant, and a join of one is none. */
void
_chain_spec_tidy_joins (ChainSpec *next, const ChainSpec *before)
{
  for (guint i = next->layers->len; i-- > 0;)
    {
      ChainLayer *l = next->layers->pdata[i];
      const ChainLayer *was = chain_spec_layer (before, l->id);
      guint n = l->inputs->len;
      if (!is_join (l) || !was || n < 2)
        continue;
      for (guint k = 1; k < was->inputs->len; k++)      /* it was so before: somebody wants it */
        for (guint j = 0; j < k; j++)
          if (g_str_equal (was->inputs->pdata[k], was->inputs->pdata[j]))
            n = 0;
      if (n == 0)
        continue;
      drop_repeats (l->inputs);
      if (l->inputs->len == 1 && n > 1)
        dissolve (next, l->id);
    }
}

ChainSpec *
chain_spec_disconnect (const ChainSpec *spec, const char *from, const char *to, guint n_inputs, GError **error)
{
  if (!_chain_spec_need_layer (spec, to, error))
    return NULL;
  const ChainLayer *t = chain_spec_layer (spec, to), *j = join_of (spec, t);
  if (!j || !_chain_spec_has (j->inputs, from))
    {
      gboolean reads = _chain_spec_has (t->inputs, from);
      const ChainLayer *shared = reads || t->inputs->len != 1 ? NULL : chain_spec_layer (spec, t->inputs->pdata[0]);
      if (is_join (shared) && _chain_spec_has (shared->inputs, from))
        return _chain_spec_refuse_edit (NULL, error, N_ ("Other layers read “%s” too; take the connection from “%s” to “%s” away instead."), shared->id, from, shared->id);
      return reads ? _chain_spec_refuse_edit (NULL, error, N_ ("“%s” is what layer “%s” reads: without it the layer has no input; remove the layer, or connect it to another one first."),
                                              from, to)
                   : _chain_spec_refuse_edit (NULL, error, N_ ("There is no connection from “%s” to “%s”."), from, to);
    }
  ChainSpec *next = chain_spec_copy (spec);
  ChainLayer *into = chain_spec_layer (next, j->id);
  forget_first (into->inputs, from);
  if (into->inputs->len == 1)
    dissolve (next, j->id);
  return check_end (next, n_inputs, error);
}
