/* SPDX-License-Identifier: Apache-2.0 */
/* What can be asked of a spec's structure, and the edits of structure that the canvas and the command line share.
 *
 * An edit copies, changes, checks and seals: a caller never sees half of one. Layers stay in topological order because a new layer is
 * put right behind the one it reads; ids are never renumbered, so selection, weights and moments survive (ARCHITECTURE 8, 9.8). */
#include "engine/nn/edit-private.h"
#include "engine/base/limits.h"

#include <string.h>

void
chain_layer_set_units (ChainLayer *l, guint units)
{
  l->units = units;
  if (units < l->unit_ids->len)
    g_array_set_size (l->unit_ids, units);
  while (l->unit_ids->len < units)
    {
      guint32 id = l->next_unit_id++;
      g_array_append_val (l->unit_ids, id);
    }
}

int
chain_spec_layer_index (const ChainSpec *spec, const char *id)
{
  for (guint i = 0; i < spec->layers->len; i++)
    if (g_strcmp0 (((const ChainLayer *) spec->layers->pdata[i])->id, id) == 0)
      return (int) i;
  return -1;
}

ChainLayer *
chain_spec_layer (const ChainSpec *spec, const char *id)
{
  int i = chain_spec_layer_index (spec, id);
  return i < 0 ? NULL : spec->layers->pdata[i];
}

static const ChainInput *
spec_input (const ChainSpec *spec, const char *name)
{
  for (guint i = 0; i < spec->inputs->len; i++)
    {
      const ChainInput *in = spec->inputs->pdata[i];
      if (g_str_equal (in->name, name))
        return in;
    }
  return NULL;
}

static gboolean
name_is_taken (const ChainSpec *spec, const char *name)
{
  static const char *const reserved[] = { "x", "t", "loss", "optimiser", "opt", "data" };
  for (guint i = 0; i < G_N_ELEMENTS (reserved); i++)
    if (g_str_equal (name, reserved[i]))
      return TRUE;
  return spec_input (spec, name) || chain_spec_layer (spec, name);
}

char *
chain_spec_free_layer_id (const ChainSpec *spec, const char *prefix)
{
  for (guint n = 1;; n++)
    {
      char *id = g_strdup_printf ("%s%u", prefix, n);
      if (!name_is_taken (spec, id))
        return id;
      g_free (id);
    }
}

/* Widths of all layers up to `last` in order; each layer reads only earlier ones, so one pass is enough (the link count, not the
 * number of paths, is the cost). */
static guint
width_of (const ChainSpec *spec, const guint *widths, guint n_known, const char *source, guint n_inputs)
{
  for (guint i = n_known; i-- > 0;)
    if (g_str_equal (((const ChainLayer *) spec->layers->pdata[i])->id, source))
      return widths[i];
  const ChainInput *in = spec_input (spec, source);
  return in ? in->size : g_str_equal (source, "x") ? n_inputs : 0;
}

static guint
layer_width (const ChainSpec *spec, const ChainLayer *l, const guint *widths, guint n_known, guint n_inputs)
{
  if (g_str_equal (l->type, "dense"))
    return l->units;
  guint64 sum = 0;
  guint first = 0;
  for (guint k = 0; k < l->inputs->len; k++)
    {
      guint w = width_of (spec, widths, n_known, l->inputs->pdata[k], n_inputs);
      if (w == 0)
        return 0;
      sum += w;
      first = k == 0 ? w : first;
    }
  double pieces = 2;   /* maxout: columns of a group (SPEC 2.26); a gated linear unit halves (2.27) */
  if (g_str_equal (l->type, "maxout") || g_str_equal (l->type, "glu"))
    {
      chain_choice_param (&l->params, "pieces", &pieces);
      return pieces >= 1 ? first / (guint) pieces : 0;
    }
  if (g_str_equal (l->type, "noise"))
    {
      double size = 2;
      chain_choice_param (&l->params, "size", &size);
      return (guint) size;
    }
  if (!g_str_equal (l->type, "concat"))
    return first;
  return sum > CHAIN_LIMIT_WIDTH ? 0 : (guint) sum;
}

guint
chain_spec_layer_width (const ChainSpec *spec, const char *id, guint n_inputs)
{
  int last = chain_spec_layer_index (spec, id);
  if (last < 0)
    return width_of (spec, NULL, 0, id, n_inputs);
  g_autofree guint *widths = g_new0 (guint, last + 1);
  for (int i = 0; i <= last; i++)
    widths[i] = layer_width (spec, spec->layers->pdata[i], widths, (guint) i, n_inputs);
  return widths[last];
}

/* --- edits --- */
ChainSpec *
_chain_spec_edit_end (ChainSpec *next, GError **error)
{
  if (!chain_spec_validate (next, 0, error))
    {
      chain_spec_unref (next);
      return NULL;
    }
  return chain_spec_seal (next);
}

gboolean
_chain_spec_need_layer (const ChainSpec *spec, const char *id, GError **error)
{
  if (chain_spec_layer (spec, id))
    return TRUE;
  _chain_spec_refuse_edit (NULL, error, N_ ("There is no layer “%s” in this network."), id);
  return FALSE;
}

void
_chain_spec_rename_source (GPtrArray *names, const char *from, const char *to)
{
  for (guint i = 0; i < names->len; i++)
    if (g_str_equal (names->pdata[i], from))
      {
        g_free (names->pdata[i]);
        names->pdata[i] = g_strdup (to);
      }
}

void
_chain_spec_rename_readers (ChainSpec *spec, const char *from, const char *to)
{
  for (guint i = 0; i < spec->layers->len; i++)
    _chain_spec_rename_source (((ChainLayer *) spec->layers->pdata[i])->inputs, from, to);
}

/* The dense layer that a new one takes after: `after` itself, else the nearest earlier one, else the first of all. */
static const ChainLayer *
model_for_new_layer (const ChainSpec *spec, int after)
{
  for (int i = after; i >= 0; i--)
    if (g_str_equal (((const ChainLayer *) spec->layers->pdata[i])->type, "dense"))
      return spec->layers->pdata[i];
  for (guint i = 0; i < spec->layers->len; i++)
    if (g_str_equal (((const ChainLayer *) spec->layers->pdata[i])->type, "dense"))
      return spec->layers->pdata[i];
  return NULL;
}

/* After the network's own input: the first source that is not a layer. */
const char *
_chain_spec_first_input (const ChainSpec *spec)
{
  return spec->inputs->len ? ((const ChainInput *) spec->inputs->pdata[0])->name : "x";
}

gboolean
_chain_spec_is_output (const ChainSpec *spec, const char *id)
{
  if (spec->outputs->len == 0)
    return spec->layers->len > 0 && g_str_equal (((const ChainLayer *) spec->layers->pdata[spec->layers->len - 1])->id, id);
  for (guint i = 0; i < spec->outputs->len; i++)
    if (g_str_equal (spec->outputs->pdata[i], id))
      return TRUE;
  return FALSE;
}

/* The layer that feeds the one before it decides what a new layer looks like. */
static ChainLayer *
new_layer_like (const ChainSpec *spec, const ChainLayer *like)
{
  g_autofree char *id = chain_spec_free_layer_id (spec, "d");
  ChainLayer *l = chain_layer_new (id, "dense");
  chain_layer_set_units (l, like ? like->units : 4);
  if (like)
    {
      chain_choice_copy (&l->activation, &like->activation);
      chain_choice_copy (&l->initialiser, &like->initialiser);
    }
  return l;
}

/* Behind an output there are no readers to join: the new layer goes in front of it and takes over its first source, so that the output
 * keeps its width, its loss and its name. */
static void
insert_before_output (ChainSpec *next, int at)
{
  ChainLayer *out = next->layers->pdata[at];
  const ChainLayer *feeder = chain_spec_layer (next, out->inputs->pdata[0]);
  gboolean dense = feeder && g_str_equal (feeder->type, "dense");
  ChainLayer *l = new_layer_like (next, dense ? feeder : NULL);
  g_ptr_array_add (l->inputs, g_strdup (out->inputs->pdata[0]));
  g_free (out->inputs->pdata[0]);
  out->inputs->pdata[0] = g_strdup (l->id);
  g_ptr_array_insert (next->layers, at, l);
}

ChainSpec *
chain_spec_insert_layer (const ChainSpec *spec, const char *after, GError **error)
{
  if (after && !_chain_spec_need_layer (spec, after, error))
    return NULL;
  if (spec->layers->len >= CHAIN_LIMIT_LAYERS)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_TOO_LARGE, g_dgettext (CHAIN_TEXT_DOMAIN, N_ ("A network has at most %d layers.")), CHAIN_LIMIT_LAYERS);
      return NULL;
    }
  int at = after ? chain_spec_layer_index (spec, after) : -1;
  ChainSpec *next = chain_spec_copy (spec);
  if (after && _chain_spec_is_output (spec, after) && ((ChainLayer *) next->layers->pdata[at])->inputs->len)
    {
      insert_before_output (next, at);
      return _chain_spec_edit_end (next, error);
    }
  ChainLayer *l = new_layer_like (spec, model_for_new_layer (spec, at));
  const char *source = after ? after : _chain_spec_first_input (spec);
  _chain_spec_rename_readers (next, source, l->id);
  g_ptr_array_add (l->inputs, g_strdup (source));
  g_ptr_array_insert (next->layers, at + 1, l);
  return _chain_spec_edit_end (next, error);
}

static void
forget_name (GPtrArray *names, const char *id)
{
  for (guint i = names->len; i-- > 0;)
    if (g_str_equal (names->pdata[i], id))
      g_ptr_array_remove_index (names, i);
}

ChainSpec *
chain_spec_remove_layer (const ChainSpec *spec, const char *id, GError **error)
{
  if (!_chain_spec_need_layer (spec, id, error))
    return NULL;
  const ChainLayer *l = chain_spec_layer (spec, id);
  const char *source = l->inputs->len ? l->inputs->pdata[0] : _chain_spec_first_input (spec);
  if (_chain_spec_is_output (spec, id))
    {
      _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” is an output of the network and cannot be removed; make another layer the output first."), id);
      return NULL;
    }
  ChainSpec *next = chain_spec_copy (spec);
  _chain_spec_rename_readers (next, id, source);
  for (guint i = 0; i < next->losses->len; i++)
    {
      ChainLossTerm *t = next->losses->pdata[i];
      gboolean all = t->trains->len == 0;
      _chain_spec_rename_source (t->sources, id, source);
      forget_name (t->trains, id);
      if (!all && t->trains->len == 0)
        {
          _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” is the only one that loss %u trains; change what the loss trains first."), id, i + 1);
          chain_spec_unref (next);
          return NULL;
        }
    }
  g_ptr_array_remove_index (next->layers, (guint) chain_spec_layer_index (next, id));
  _chain_spec_tidy_joins (next, spec);
  return _chain_spec_edit_end (next, error);
}

ChainSpec *
chain_spec_set_units (const ChainSpec *spec, const char *id, guint units, GError **error)
{
  if (!_chain_spec_need_layer (spec, id, error))
    return NULL;
  if (!g_str_equal (chain_spec_layer (spec, id)->type, "dense"))
    {
      _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” is not a dense layer: its width follows from what it reads."), id);
      return NULL;
    }
  if (units < 1 || units > CHAIN_LIMIT_WIDTH)
    {
      _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s”: a layer has 1 to %d units."), id, CHAIN_LIMIT_WIDTH);
      return NULL;
    }
  ChainSpec *next = chain_spec_copy (spec);
  chain_layer_set_units (chain_spec_layer (next, id), units);
  return _chain_spec_edit_end (next, error);
}

/* --- what the window opens with --- */
static void
add_dense (ChainSpec *s, const char *id, const char *source, guint units, const char *activation)
{
  ChainLayer *l = chain_layer_new (id, "dense");
  chain_layer_set_units (l, units);
  g_ptr_array_add (l->inputs, g_strdup (source));
  if (activation)
    chain_choice_set (&l->activation, activation, NULL);
  g_ptr_array_add (s->layers, l);
}

ChainSpec *
chain_spec_example (void)
{
  ChainSpec *s = chain_spec_new ();
  chain_set_str (&s->name, "Two moons");
  chain_choice_set (&s->data.choice, "moons", NULL);
  chain_choice_set_param (&s->data.choice, "n", 300);
  chain_choice_set_param (&s->data.choice, "noise", 0.17);
  s->data.seed = 7;
  s->data.test = 0.3;
  add_dense (s, "d1", "x", 6, "tanh");
  add_dense (s, "d2", "d1", 6, "tanh");
  add_dense (s, "d3", "d2", 1, NULL);
  g_ptr_array_add (s->losses, chain_loss_term_new ("bce_with_logits"));
  chain_choice_set (&s->initialiser, "glorot_uniform", NULL);
  chain_choice_set (&s->optimiser, "adam", NULL);
  chain_choice_set_param (&s->optimiser, "lr", 0.03);
  s->batch_size = 32;
  s->seed = 1;
  return chain_spec_seal (s);
}
