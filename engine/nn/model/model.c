/* SPDX-License-Identifier: Apache-2.0 */
/* A spec becomes a graph: leaves, network in its training and its evaluation form, loss, gradient, update; then it is sealed.
 *
 * Both forms of the network read the same leaves, so one executor serves training, evaluation, pictures and the stepper with the same
 * weights, and where the forms agree they are the same nodes. The model keeps only names and ids; values live in an executor. */
#include "engine/nn/model/model-private.h"

#include "engine/base/limits.h"
#include "engine/nn/table/rows.h"

#include <string.h>

ChainTensorInfo *
_chain_model_param (const ChainModel *m, guint i)
{
  return &g_array_index (m->params, ChainTensorInfo, i);
}

double
_chain_choice_number (const ChainChoice *c, const ChainRowInfo *info, const char *name, double fallback)
{
  double value;
  if (c && chain_choice_param (c, name, &value))
    return value;
  for (guint i = 0; info && i < info->n_params; i++)
    if (g_str_equal (info->params[i].name, name))
      return info->params[i].value;
  return fallback;
}

static void
tensor_clear (gpointer p)
{
  ChainTensorInfo *t = p;
  g_free (t->name);
  g_free (t->layer);
}

static void
layer_clear (gpointer p)
{
  g_free (((ChainLayerInfo *) p)->id);
}

static GArray *
array_of (gsize size, GDestroyNotify clear)
{
  GArray *a = g_array_new (FALSE, TRUE, (guint) size);
  g_array_set_clear_func (a, clear);
  return a;
}

static ChainModel *
model_alloc (const ChainSpec *spec, const ChainPrep *prep)
{
  ChainModel *m = g_new0 (ChainModel, 1);
  m->ref_count = 1;
  m->graph = chain_graph_new ();
  m->spec = spec->sealed ? chain_spec_ref (spec) : chain_spec_seal (chain_spec_copy (spec));
  m->d = prep->n_inputs;
  m->k = prep->n_targets;
  m->n_classes = prep->n_classes;
  m->params = array_of (sizeof (ChainTensorInfo), tensor_clear);
  m->buffers = array_of (sizeof (ChainTensorInfo), tensor_clear);
  m->moments = array_of (sizeof (ChainTensorInfo), tensor_clear);
  m->scalars = array_of (sizeof (ChainScalarInfo), NULL);
  m->layers = array_of (sizeof (ChainLayerInfo), layer_clear);
  m->states = array_of (sizeof (ChainState), NULL);
  m->steps = array_of (sizeof (ChainStep), NULL);
  m->outputs = array_of (sizeof (ChainId), NULL);
  m->terms = array_of (sizeof (ChainTermInfo), NULL);
  m->hyper = array_of (sizeof (ChainHyperInfo), NULL);
  m->lines = array_of (sizeof (ChainLineInfo), NULL);
  m->input_names = chain_prep_input_names (prep);
  m->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  return m;
}

ChainModel *
chain_model_ref (ChainModel *m)
{
  g_atomic_int_inc (&m->ref_count);
  return m;
}

void
chain_model_free (ChainModel *m)
{
  if (!m || !g_atomic_int_dec_and_test (&m->ref_count))
    return;
  GArray *const arrays[] = { m->params, m->buffers, m->moments, m->scalars, m->layers,
                             m->states, m->steps, m->outputs, m->terms, m->hyper, m->lines };
  g_hash_table_unref (m->by_name);
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    g_array_unref (arrays[i]);
  g_strfreev (m->input_names);
  chain_graph_free (m->graph);
  chain_spec_unref (m->spec);
  g_free (m);
}

/* --- leaves --- */
static void
add_counter (ChainModel *m, const char *name, ChainId leaf)
{
  ChainScalarInfo s = { .leaf = leaf };
  g_strlcpy (s.name, name, sizeof s.name);
  g_array_append_val (m->scalars, s);
}

static void
declare_data (ChainBuild *b)
{
  ChainModel *m = b->m;
  int32_t at = 0;
  m->x = chain_leaf (b->g, CHAIN_LEAF_INPUT, "x", chain_shape (CHAIN_B, (int32_t) m->d));
  m->t = chain_leaf (b->g, CHAIN_LEAF_INPUT, "t", chain_shape (CHAIN_B, (int32_t) MAX (m->k, 1)));
  m->lr = chain_scalar (b->g, "lr");
  m->step = chain_scalar (b->g, "step");
  m->seed_step = chain_scalar (b->g, "seed_step");
  add_counter (m, "step", m->step);
  add_counter (m, "seed_step", m->seed_step);
  b->blocks = g_new0 (ChainId, b->spec->inputs->len + 1);
  for (guint i = 0; i < b->spec->inputs->len; i++)
    {
      int32_t size = (int32_t) ((const ChainInput *) b->spec->inputs->pdata[i])->size;
      b->blocks[i] = size == (int32_t) m->d ? m->x : chain_slice (b->g, m->x, 1, at, size);
      at += size;
    }
}

/* Refuses what no machine could hold before any of it is asked for. */
static gboolean
check_size (const ChainModel *m, GError **error)
{
  guint64 entries = chain_model_n_params (m);
  return chain_memory_check (entries > G_MAXSIZE / 4 ? G_MAXSIZE : (gsize) entries * sizeof (float), "the weights of this network",
                             error);
}

static gboolean
declare_layers (ChainBuild *b, GError **error)
{
  guint n = b->spec->layers->len;
  for (guint i = 0; i < n; i++)
    {
      const ChainLayer *l = b->spec->layers->pdata[i];
      ChainLayerInfo info = { .id = g_strdup (l->id), .width = chain_spec_layer_width (b->spec, l->id, b->m->d), .weight = -1,
                              .bias = -1, .gamma = -1, .beta = -1, .slope = -1, .mean = -1, .var = -1 };
      g_array_append_val (b->m->layers, info);
      g_hash_table_insert (b->layer_at, l->id, GUINT_TO_POINTER (i + 1));
      if (info.width == 0 || info.width > CHAIN_LIMIT_WIDTH)
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "Layer “%s”: its width cannot be known or is above %d.", l->id,
                       CHAIN_LIMIT_WIDTH);
          return FALSE;
        }
      if (!_chain_net_declare (b, i, error))
        return FALSE;
    }
  return check_size (b->m, error);
}

/* --- forms --- */
static void
keep_train_form (ChainBuild *b, const ChainNet *net)
{
  for (guint i = 0; i < b->m->layers->len; i++)
    {
      ChainLayerInfo *info = &g_array_index (b->m->layers, ChainLayerInfo, i);
      info->pre = net->pre[i];
      info->act = net->act[i];
      info->out = net->out[i];
    }
}

static void
keep_eval_form (ChainBuild *b, const ChainNet *net)
{
  for (guint i = 0; i < b->m->layers->len; i++)
    g_array_index (b->m->layers, ChainLayerInfo, i).out_eval = net->out[i];
  g_array_set_size (b->m->outputs, 0);
  for (guint i = 0; i < b->spec->outputs->len; i++)
    {
      ChainId out = _chain_net_source (b, net, b->spec->outputs->pdata[i]);
      g_array_append_val (b->m->outputs, out);
    }
  if (b->spec->outputs->len == 0)
    g_array_append_val (b->m->outputs, net->out[b->m->layers->len - 1]);
  b->m->output_eval = g_array_index (b->m->outputs, ChainId, 0);
}

/* The loss of the evaluation form, and its terms one by one. */
static void
build_eval_loss (ChainBuild *b, const ChainId *params, const ChainNet *eval)
{
  guint n = b->spec->losses->len;
  g_autofree ChainId *terms = g_new0 (ChainId, n);
  b->m->loss_eval = _chain_loss_penalise (b, params, NULL, _chain_loss_build (b, eval, NULL, terms, NULL));
  ChainId penalties = _chain_loss_penalise (b, params, NULL, CHAIN_NONE);
  g_array_set_size (b->m->terms, 0);
  for (guint i = 0; i < n; i++)
    {
      const ChainLossTerm *t = b->spec->losses->pdata[i];
      g_array_append_val (b->m->terms, ((ChainTermInfo){ terms[i], g_str_equal (t->reduction, "sum") && !chain_loss_row (t->choice.id)->scalar }));
    }
  if (penalties)   /* counts once: as a mean, whose blocks' weights add up to 1 */
    g_array_append_val (b->m->terms, ((ChainTermInfo){ penalties, FALSE }));
}

static gboolean
build_losses (ChainBuild *b, const ChainId *leaves, const ChainNet *train, const ChainNet *eval, GError **error)
{
  ChainId data = _chain_loss_build (b, train, NULL, NULL, error);
  if (!data)
    return FALSE;
  b->m->loss_train = _chain_loss_penalise (b, leaves, NULL, data);
  build_eval_loss (b, leaves, eval);
  return TRUE;
}

/* Where the optimiser evaluates elsewhere than it trains (schedule-free), the evaluation form is built again on those values. */
static void
rebuild_eval_form (ChainBuild *b, ChainNet *eval)
{
  ChainModel *m = b->m;
  g_autofree ChainId *params = g_new0 (ChainId, m->params->len + 1);
  gboolean elsewhere = FALSE;
  for (guint i = 0; i < m->params->len; i++)
    {
      params[i] = _chain_model_param (m, i)->eval;
      elsewhere = elsewhere || params[i] != _chain_model_param (m, i)->leaf;
    }
  if (!elsewhere)
    return;
  _chain_net_clear (eval);
  _chain_net_build (b, params, FALSE, eval);
  keep_eval_form (b, eval);
  m->proba_eval = _chain_loss_link (b, m->output_eval);
  build_eval_loss (b, params, eval);
}

/* What a reader may compare the first output with. */
static ChainPredicts
what_is_predicted (ChainBuild *b)
{
  const ChainLossTerm *t = _chain_loss_of_output (b->spec);
  const ChainLossRow *row = t ? chain_loss_row (t->choice.id) : NULL;
  for (guint k = 1; row && k < row->n_roles; k++)
    {
      const char *source = row->roles[k].is_data ? _chain_loss_source (b->spec, t, &row->roles[k], FALSE) : NULL;
      if (g_strcmp0 (source, "t") == 0)
        return CHAIN_PREDICTS_TARGET;
      if (g_strcmp0 (source, "x") == 0)
        return CHAIN_PREDICTS_INPUT;
    }
  return CHAIN_PREDICTS_NOTHING;
}

static gboolean
build_all (ChainBuild *b, ChainNet *train, ChainNet *eval, GError **error)
{
  ChainModel *m = b->m;
  declare_data (b);
  if (!declare_layers (b, error))
    return FALSE;
  g_autofree ChainId *leaves = g_new0 (ChainId, m->params->len + 1);
  for (guint i = 0; i < m->params->len; i++)
    leaves[i] = _chain_model_param (m, i)->leaf;
  _chain_net_build (b, leaves, TRUE, train);
  _chain_net_build (b, leaves, FALSE, eval);
  keep_train_form (b, train);
  keep_eval_form (b, eval);
  int first = b->spec->outputs->len ? chain_spec_layer_index (b->spec, b->spec->outputs->pdata[0]) : (int) m->layers->len - 1;
  m->output_train = train->out[first];
  m->proba_eval = _chain_loss_link (b, m->output_eval);
  m->predicts = what_is_predicted (b);
  if (!build_losses (b, leaves, train, eval, error) || !_chain_update_build (b, train, error))
    return FALSE;
  rebuild_eval_form (b, eval);
  return TRUE;
}

static void
index_names (ChainModel *m)
{
  GArray *const tensors[] = { m->params, m->buffers, m->moments };
  for (guint k = 0; k < G_N_ELEMENTS (tensors); k++)
    for (guint i = 0; i < tensors[k]->len; i++)
      {
        ChainTensorInfo *t = &g_array_index (tensors[k], ChainTensorInfo, i);
        g_hash_table_insert (m->by_name, t->name, t);
      }
}

static gboolean
frequencies_fit (const ChainSpec *spec, const ChainPrep *prep, GError **error)
{
  double list[CHAIN_PARAM_LIST_MAX];
  guint n = spec->frequencies ? (guint) MAX (0, _chain_parse_list (spec->frequencies, list, G_N_ELEMENTS (list))) : 0;
  if (n == 0 || prep->n_classes == 0 || n == prep->n_classes)
    return TRUE;
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "Batches: there are frequencies of %u classes, and the data has %u.", n, prep->n_classes);
  return FALSE;
}

ChainModel *
chain_model_new_open (const ChainSpec *spec, const ChainPrep *prep, GError **error)
{
  if (!chain_spec_validate (spec, prep->n_inputs, error) || !frequencies_fit (spec, prep, error))
    return NULL;
  g_autoptr (ChainModel) m = model_alloc (spec, prep);
  ChainBuild b = { .m = m, .g = m->graph, .spec = m->spec, .prep = prep };
  ChainNet train = { 0 }, eval = { 0 };
  b.layer_at = g_hash_table_new (g_str_hash, g_str_equal);
  b.loss_scope = chain_graph_scope (m->graph, "loss");
  b.update_scope = chain_graph_scope (m->graph, "optimiser");
  gboolean ok = build_all (&b, &train, &eval, error);
  _chain_net_clear (&train);
  _chain_net_clear (&eval);
  g_hash_table_unref (b.layer_at);
  g_free (b.blocks);
  if (!ok)
    return NULL;
  index_names (m);
  return g_steal_pointer (&m);
}

ChainModel *
chain_model_new (const ChainSpec *spec, const ChainPrep *prep, GError **error)
{
  ChainModel *m = chain_model_new_open (spec, prep, error);
  if (m != NULL)
    chain_graph_seal (m->graph);
  return m;
}

const ChainTensorInfo *
chain_model_tensor (const ChainModel *m, const char *name)
{
  return g_hash_table_lookup (m->by_name, name);
}

guint64
chain_model_n_params (const ChainModel *m)
{
  guint64 n = 0;
  for (guint i = 0; i < m->params->len; i++)
    n += (guint64) _chain_model_param (m, i)->rows * _chain_model_param (m, i)->cols;
  return n;
}
