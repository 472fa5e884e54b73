/* SPDX-License-Identifier: Apache-2.0 */
/* Wider and deeper while the function stays what it is (Chen, Goodfellow and Shlens 2016, "Net2Net"). The spec says what stands where; the numbers
 * come from the grafts "split" and "identity" (model/model-graft.c).
 *
 * Wider: a copy of a unit gives what the unit gives, and their readers share the old weight between the two. That works where units go their way
 * one by one to dense layers; what mixes them (a normalisation over the layer, a sum with another layer, softmax) would see the copies.
 * Deeper: an identity layer behind φ may keep φ only where φ(φ(z)) = φ(z); else it is a linear one, which is exact behind anything. */
#include "engine/nn/edit-private.h"
#include "engine/base/limits.h"
#include "engine/graph/eval-ref.h"
#include "engine/nn/table.h"

#include <math.h>

/* --- what an activation is like --- */
enum { POINTS = 241, SCALES = 3 };   /* z = −6 … 6 in steps of 1/20 */

/* φ at n points; FALSE if that cannot be said of single numbers. */
static gboolean
values_of (const ChainChoice *c, const double *z, guint n, double *y)
{
  const ChainActivationRow *row = chain_activation_row (c->id);
  ChainParams p = { row ? &row->info : NULL, c };
  if (!row || row->rowwise)
    return FALSE;
  ChainGraph *g = chain_graph_new ();
  ChainId leaf = chain_leaf (g, CHAIN_LEAF_INPUT, "z", chain_shape (CHAIN_B, 1)), id = row->build (g, leaf, &p);
  ChainRefBinding bind = { leaf, z };
  gboolean ok = chain_ref_eval (g, &bind, 1, n, 1, &id, 1, &y, NULL);
  chain_graph_free (g);
  return ok;
}

static gboolean
near (double a, double b)
{
  return fabs (a - b) <= 1e-12 * (1 + fabs (a));
}

/* The slope left and right of each point, h apart: a kink or a jump makes them differ by more than any bend does. */
static gboolean
is_smooth (const ChainChoice *c, const double *z)
{
  const double h = 1e-5;
  double at[POINTS], left[POINTS], right[POINTS], y0[POINTS], yl[POINTS], yr[POINTS];
  for (guint i = 0; i < POINTS; i++)
    {
      at[i] = z[i];
      left[i] = z[i] - h;
      right[i] = z[i] + h;
    }
  if (!values_of (c, at, POINTS, y0) || !values_of (c, left, POINTS, yl) || !values_of (c, right, POINTS, yr))
    return FALSE;
  for (guint i = 0; i < POINTS; i++)
    if (fabs ((yr[i] - y0[i]) - (y0[i] - yl[i])) / h > 1e-3 * (1 + fabs (y0[i])))
      return FALSE;
  return TRUE;
}

ChainActivationNature
chain_activation_nature (const ChainChoice *activation)
{
  static const double scales[SCALES] = { 0.3, 1.7, 4 };
  double z[POINTS], y[POINTS], again[POINTS], scaled[POINTS];
  ChainActivationNature nature = { TRUE, TRUE, TRUE };
  if (!activation->id || g_str_equal (activation->id, "identity"))
    return nature;
  for (guint i = 0; i < POINTS; i++)
    z[i] = ((double) i - POINTS / 2) / 20;
  if (!values_of (activation, z, POINTS, y) || !values_of (activation, y, POINTS, again))
    return (ChainActivationNature){ FALSE, FALSE, FALSE };
  for (guint i = 0; i < POINTS; i++)
    nature.idempotent = nature.idempotent && near (y[i], again[i]);
  for (guint s = 0; s < SCALES; s++)
    {
      for (guint i = 0; i < POINTS; i++)
        again[i] = scales[s] * z[i];
      nature.homogeneous = nature.homogeneous && values_of (activation, again, POINTS, scaled);
      for (guint i = 0; i < POINTS && nature.homogeneous; i++)
        nature.homogeneous = near (scaled[i], scales[s] * y[i]);
    }
  nature.smooth = is_smooth (activation, z);
  return nature;
}

/* --- where the units of a layer go --- */
static gboolean
is_any (const char *type, const char *const *types)
{
  for (; *types; types++)
    if (g_str_equal (type, *types))
      return TRUE;
  return FALSE;
}

static gboolean
check_activation (const ChainLayer *l, GError **error)
{
  const ChainActivationRow *row = l->activation.id ? chain_activation_row (l->activation.id) : NULL;
  if (!row || !row->rowwise)
    return TRUE;
  _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” ends in %s, which weighs its units against each other: copies would change what it gives."), l->id, row->info.id);
  return FALSE;
}

/* How a layer that reads some of the units takes them: 1 hands them on, 0 weighs them (dense), -1 with the reason. */
static int
take_units (const ChainSpec *spec, const ChainLayer *l, guint n_read, GError **error)
{
  static const char *const one_by_one[] = { "activation", "dropout", "batch_norm", "concat", "gaussian_noise", "prelu", "swish", "scalar_bias",
                                            "scalar_scale", "identity", NULL };
  const char *tied = _chain_spec_tied_to (spec, l);
  if (tied)
    _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” reads these units and shares its weights with “%s”; give one of them its own first."), l->id, tied);
  else if (n_read > 1)
    _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” reads these units on more than one way; the copies could not be told apart."), l->id);
  else if (g_str_equal (l->type, "dense"))
    return 0;
  else if (g_str_equal (l->type, "noise"))
    return 0;
  else if (!is_any (l->type, one_by_one))
    _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” (%s) takes these units together: with more of them it would give something else."), l->id, l->type);
  else if (_chain_spec_is_output (spec, l->id))
    _chain_spec_refuse_edit (NULL, error, N_ ("The units reach the output “%s” of the network, whose width is that of the target."), l->id);
  else if (check_activation (l, error))
    return 1;
  return -1;
}

static gboolean
loss_reads (const ChainSpec *spec, const char *id, GError **error)
{
  for (guint i = 0; i < spec->losses->len; i++)
    if (_chain_spec_has (((const ChainLossTerm *) spec->losses->pdata[i])->sources, id))
      {
        _chain_spec_refuse_edit (NULL, error, N_ ("Loss %u reads layer “%s”: with other units it would be another loss."), i + 1, id);
        return TRUE;
      }
  return FALSE;
}

GPtrArray *
_chain_spec_carriers (const ChainSpec *spec, const char *id, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  const ChainLayer *first = chain_spec_layer (spec, id);
  if (!check_activation (first, error) || loss_reads (spec, id, error))
    return NULL;
  g_ptr_array_add (all, (gpointer) first);
  for (guint i = (guint) chain_spec_layer_index (spec, id) + 1; i < spec->layers->len; i++)
    {
      const ChainLayer *l = spec->layers->pdata[i];
      guint n = 0;
      for (guint k = 0; k < l->inputs->len; k++)
        for (guint m = 0; m < all->len; m++)
          n += g_str_equal (l->inputs->pdata[k], ((const ChainLayer *) all->pdata[m])->id);
      int how = n ? take_units (spec, l, n, error) : 0;
      if (how < 0 || (how > 0 && loss_reads (spec, l->id, error)))
        return NULL;
      if (how > 0)
        g_ptr_array_add (all, (gpointer) l);
    }
  return g_steal_pointer (&all);
}

/* --- wider --- */
ChainSpec *
chain_spec_widen (const ChainSpec *spec, const char *id, guint units, GError **error)
{
  if (!_chain_spec_need_layer (spec, id, error))
    return NULL;
  const ChainLayer *l = chain_spec_layer (spec, id);
  if (!g_str_equal (l->type, "dense"))
    return _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” is not a dense layer: its width follows from what it reads."), id);
  if (_chain_spec_is_output (spec, id))
    return _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” is an output of the network: its width is that of the target."), id);
  if (units <= l->units || units > CHAIN_LIMIT_WIDTH)
    return _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” has %u units; wider means %u to %d."), id, l->units, l->units + 1, CHAIN_LIMIT_WIDTH);
  if (_chain_spec_tied_to (spec, l))
    return _chain_spec_refuse_edit (NULL, error, N_ ("Layers “%s” and “%s” share their weights; give one of them its own first."), id, _chain_spec_tied_to (spec, l));
  g_autoptr (GPtrArray) carriers = _chain_spec_carriers (spec, id, error);
  if (!carriers)
    return NULL;
  ChainSpec *next = chain_spec_copy (spec);
  ChainLayer *wider = chain_spec_layer (next, id);
  chain_layer_set_units (wider, units);
  for (guint i = l->units; i < units; i++)
    chain_layer_set_off (wider, i, chain_layer_is_off (l, i % l->units));
  return _chain_spec_edit_end (next, error);
}

/* --- deeper --- */
ChainSpec *
chain_spec_deepen (const ChainSpec *spec, const char *after, guint n_inputs, char **added, GError **error)
{
  if (after && !_chain_spec_need_layer (spec, after, error))
    return NULL;
  if (after && _chain_spec_is_output (spec, after))
    return _chain_spec_refuse_edit (NULL, error, N_ ("Layer “%s” is an output of the network: nothing can stand behind it; go deeper behind the layer before it."), after);
  if (spec->layers->len >= CHAIN_LIMIT_LAYERS)
    return _chain_spec_refuse_edit (NULL, error, N_ ("A network has at most %d layers."), CHAIN_LIMIT_LAYERS);
  const char *source = after ? after : _chain_spec_first_input (spec);
  const ChainLayer *l = after ? chain_spec_layer (spec, after) : NULL;
  guint width = chain_spec_layer_width (spec, source, n_inputs);
  if (width < 1)
    return _chain_spec_refuse_edit (NULL, error, N_ ("The width of “%s” is not known; choose the data first."), source);
  ChainSpec *next = chain_spec_copy (spec);
  g_autofree char *id = chain_spec_free_layer_id (spec, "d");
  ChainLayer *d = chain_layer_new (id, "dense");
  chain_layer_set_units (d, width);
  g_ptr_array_add (d->inputs, g_strdup (source));
  if (l && l->activation.id && chain_activation_nature (&l->activation).idempotent)
    chain_choice_copy (&d->activation, &l->activation);
  if (l)
    chain_choice_copy (&d->initialiser, &l->initialiser);
  _chain_spec_rename_readers (next, source, id);
  g_ptr_array_insert (next->layers, after ? chain_spec_layer_index (spec, after) + 1 : 0, d);
  if (after)
    _chain_spec_train_too (next, after, id);
  if (added)
    *added = g_strdup (id);
  next = _chain_spec_edit_end (next, error);
  if (!next && added)
    g_clear_pointer (added, g_free);
  return next;
}
