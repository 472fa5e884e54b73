/* SPDX-License-Identifier: Apache-2.0 */
/* Loss terms as nodes: who plays which role, in what form the target comes, reduced, weighted, summed.
 *
 * The data holds a class as its index. What a loss wants follows from the width of the prediction: one output for two classes takes the
 * index itself as 0 or 1, k outputs for k classes take a row of the unit matrix. So the same data serves binary cross-entropy with one
 * output, softmax with two, and least squares with either. */
#include "engine/nn/model/model-private.h"

#include "engine/nn/refuse.h"
#include "engine/nn/table/rows.h"

#include <string.h>

static guint
width_of (ChainBuild *b, ChainId node)
{
  return (guint) chain_graph_node (b->g, node)->shape.cols;
}

static const char *
first_output (const ChainSpec *spec)
{
  if (spec->outputs->len)
    return spec->outputs->pdata[0];
  return ((const ChainLayer *) spec->layers->pdata[spec->layers->len - 1])->id;
}

const char *
_chain_loss_source (const ChainSpec *spec, const ChainLossTerm *t, const ChainLossRole *role, gboolean first)
{
  for (guint i = 0; i < t->roles->len; i++)
    if (g_str_equal (t->roles->pdata[i], role->name))
      return t->sources->pdata[i];
  if (role->is_data && !role->column)
    return role->source ? role->source : "t";
  return first ? first_output (spec) : NULL;
}

const ChainLossTerm *
_chain_loss_of_output (const ChainSpec *spec)
{
  for (guint i = 0; i < spec->losses->len; i++)
    {
      const ChainLossTerm *t = spec->losses->pdata[i];
      const ChainLossRow *row = chain_loss_row (t->choice.id);
      if (row->n_roles && g_strcmp0 (_chain_loss_source (spec, t, &row->roles[0], TRUE), first_output (spec)) == 0)
        return t;
    }
  return NULL;
}

/* The class index in the form that goes with `width` outputs. */
static ChainId
class_target (ChainBuild *b, const ChainLossRow *row, const char *pred, guint width, GError **error)
{
  guint classes = b->m->n_classes;
  if (width == 1 && row->task != CHAIN_LOSS_MULTICLASS)
    {
      if (classes <= 2)
        return b->m->t;
      return _chain_refuse (error, "Loss “%s”: one output tells two classes apart, and the data has %u; give “%s” %u outputs and a loss for"
                            " several classes.", row->info.id, classes, pred, classes);
    }
  if (width == classes)
    return chain_one_hot (b->g, b->m->t, (int) classes);
  return _chain_refuse (error, "Loss “%s”: “%s” has %u outputs, and the data has %u classes.", row->info.id, pred, width, classes);
}

static ChainId
data_role (ChainBuild *b, const ChainNet *net, const ChainLossRow *row, const char *pred, guint width, const char *source,
           GError **error)
{
  ChainId node = _chain_net_source (b, net, source);
  if (!node)
    return _chain_refuse (error, "Loss “%s”: the target “%s” is neither a layer nor a column of the data.", row->info.id, source);
  if (node == b->m->t && b->m->n_classes)
    return class_target (b, row, pred, width, error);
  if (width_of (b, node) == width)
    return node;
  g_autofree char *what = g_str_equal (source, "t") ? g_strdup ("the target") : g_strdup_printf ("“%s”", source);
  return _chain_refuse (error, "Loss “%s”: “%s” has %u outputs, and %s has %u columns.", row->info.id, pred, width, what, width_of (b, node));
}

/* A weight or a mark for each sample. */
static ChainId
column_role (ChainBuild *b, const ChainNet *net, const ChainLossRow *row, const ChainLossRole *role, const char *source, GError **error)
{
  ChainId node = _chain_net_source (b, net, source);
  if (!node)
    return _chain_refuse (error, "Loss “%s”: “%s” (%s) is neither a layer nor a column of the data.", row->info.id, source, role->name);
  if (width_of (b, node) == 1)
    return node;
  return _chain_refuse (error, "Loss “%s”: “%s” (%s) has %u columns; it takes one number a sample.", row->info.id, source, role->name,
                        width_of (b, node));
}

/* A list with a number for each class has as many as the prediction has outputs. */
static gboolean
check_lists (const ChainLossTerm *t, const ChainLossRow *row, guint width, GError **error)
{
  for (guint i = 0; i < row->info.n_params; i++)
    {
      const ChainParamInfo *p = &row->info.params[i];
      const char *text = p->per_class ? chain_choice_text (&t->choice, p->name) : NULL;
      double list[CHAIN_PARAM_LIST_MAX];
      guint n = text ? (guint) MAX (0, _chain_parse_list (text, list, G_N_ELEMENTS (list))) : 0, want = p->per_class == 2 ? width * width : width;
      if (n > 0 && n != want && (n > 1 || p->per_class == 2))
        return _chain_refuse (error, "Loss “%s”: “%s” has %u numbers; the network has %u outputs, so give %u.", row->info.id, p->name, n, width,
                              want);
    }
  return TRUE;
}

static gboolean
find_roles (ChainBuild *b, const ChainNet *net, const ChainLossTerm *t, const ChainLossRow *row, ChainId *out, GError **error)
{
  const char *pred = NULL;
  guint width = 0;
  for (guint k = 0; k < row->n_roles; k++)
    {
      const ChainLossRole *role = &row->roles[k];
      const char *source = _chain_loss_source (b->spec, t, role, k == 0);
      if (!source)
        return _chain_refuse (error, "Loss “%s”: nothing plays the role “%s”; name a layer.", row->info.id, role->name);
      out[k] = role->column    ? column_role (b, net, row, role, source, error)
               : role->is_data ? data_role (b, net, row, pred ? pred : "", width, source, error)
                               : _chain_net_source (b, net, source);
      if (!out[k])
        return FALSE;
      if (k > 0 && !role->is_data && !role->any_width && width_of (b, out[k]) != width)
        return _chain_refuse (error, "Loss “%s”: “%s” has %u outputs and “%s” has %u; they must agree.", row->info.id, pred, width, source,
                              width_of (b, out[k]));
      pred = k == 0 ? source : pred;
      width = k == 0 ? width_of (b, out[k]) : width;
    }
  return check_lists (t, row, width, error);
}

ChainId
_chain_loss_build (ChainBuild *b, const ChainNet *net, const gboolean *mask, ChainId *terms, GError **error)
{
  guint16 before = chain_graph_set_scope (b->g, b->loss_scope);
  ChainId sum = CHAIN_NONE;
  chain_graph_set_role (b->g, CHAIN_ROLE_FORWARD, 0, CHAIN_NONE);
  for (guint i = 0; i < b->spec->losses->len; i++)
    {
      const ChainLossTerm *t = b->spec->losses->pdata[i];
      const ChainLossRow *row = chain_loss_row (t->choice.id);
      ChainParams params = { &row->info, &t->choice };
      ChainId roles[G_N_ELEMENTS (row->roles)] = { 0 };
      if (terms)
        terms[i] = CHAIN_NONE;
      if (mask && !mask[i])
        continue;
      if (!find_roles (b, net, t, row, roles, error))
        return CHAIN_NONE;
      ChainId value = chain_loss_reduce (b->g, row->build (b->g, roles, &params), t->reduction);
      if (t->weight != 1)
        value = chain_scale (b->g, value, t->weight);
      if (terms)
        terms[i] = value;
      sum = sum ? chain_add (b->g, sum, value) : value;
    }
  chain_graph_set_scope (b->g, before);
  return sum;
}

gboolean
_chain_loss_trains (const ChainLossTerm *t, const char *layer)
{
  for (guint i = 0; i < t->trains->len; i++)
    if (g_str_equal (t->trains->pdata[i], layer))
      return TRUE;
  return t->trains->len == 0;
}

static gboolean
is_penalised (ChainBuild *b, const gboolean *mask, const ChainTensorInfo *p)
{
  if (chain_spec_layer (b->spec, p->layer)->frozen)
    return FALSE;
  for (guint i = 0; i < b->spec->losses->len; i++)
    if ((!mask || mask[i]) && _chain_loss_trains (b->spec->losses->pdata[i], p->layer))
      return TRUE;
  return FALSE;
}

/* λ₁ Σ|w| or ½ λ₂ Σw² of one weight (SPEC 5). */
static ChainId
penalty (ChainBuild *b, ChainId w, const char *name)
{
  ChainGraph *g = b->g;
  gboolean l1 = g_str_equal (name, "l1");
  ChainId sum = chain_sum_all (g, l1 ? chain_abs (g, w) : chain_square (g, w));
  ChainId lambda = _chain_hyper_node (b, name);
  return chain_mul (g, sum, l1 ? lambda : chain_mul (g, lambda, chain_const (g, 0.5)));
}

ChainId
_chain_loss_penalise (ChainBuild *b, const ChainId *params, const gboolean *mask, ChainId loss)
{
  static const char *const names[] = { "l1", "l2" };
  guint16 before = chain_graph_set_scope (b->g, b->loss_scope);
  double value;
  chain_graph_set_role (b->g, CHAIN_ROLE_FORWARD, 0, CHAIN_NONE);
  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    for (guint i = 0; chain_choice_param (&b->spec->optimiser, names[k], &value) && i < b->m->params->len; i++)
      if (_chain_model_param (b->m, i)->kind == CHAIN_PARAM_WEIGHT && is_penalised (b, mask, _chain_model_param (b->m, i)))
        {
          ChainId more = penalty (b, params[i], names[k]);
          loss = loss ? chain_add (b->g, loss, more) : more;
        }
  for (guint k = 0; k < b->spec->regularisers->len; k++)
    {
      const ChainRegularRow *row = _chain_regular_at (b->spec, k);
      ChainRegularCtx c = _chain_regular_ctx (b, k);
      for (guint i = 0; row->penalty && i < b->m->params->len; i++)
        if (_chain_regular_acts_on (&c, _chain_model_param (b->m, i)) && is_penalised (b, mask, _chain_model_param (b->m, i)))
          {
            ChainId more = row->penalty (&c, params[i]);
            loss = loss ? chain_add (b->g, loss, more) : more;
          }
    }
  chain_graph_set_scope (b->g, before);
  return loss;
}

ChainId
_chain_loss_link (ChainBuild *b, ChainId output)
{
  const ChainLossTerm *t = _chain_loss_of_output (b->spec);
  const ChainLossRow *row = t ? chain_loss_row (t->choice.id) : NULL;
  ChainParams of_loss = { row ? &row->info : NULL, t ? &t->choice : NULL };
  const char *name = row && row->link_for ? row->link_for (&of_loss) : row ? row->link : NULL;
  const ChainActivationRow *link = name ? chain_activation_row (name) : NULL;
  if (!link)
    return output;
  guint16 before = chain_graph_set_scope (b->g, b->loss_scope);
  ChainParams params = { &link->info, NULL };
  chain_graph_set_role (b->g, CHAIN_ROLE_FORWARD, 0, CHAIN_NONE);
  ChainId out = link->build (b->g, output, &params);
  chain_graph_set_scope (b->g, before);
  return out;
}
