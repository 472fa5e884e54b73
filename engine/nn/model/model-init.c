/* SPDX-License-Identifier: Apache-2.0 */
/* Values into an executor: first ones from the initialisers, with what a network adds to them (fixup, LSUV), and hyperparameters. */
#include "engine/nn/model/model-carry.h"
#include "engine/nn/table/rows.h"

#include <math.h>
#include <string.h>

/* --- first values --- */
static void
fill_with (const ChainChoice *own, const ChainChoice *common, double *w, guint fan_out, guint fan_in, uint64_t seed, const char *object)
{
  const ChainChoice *c = own->id ? own : common;
  const ChainInitRow *row = chain_init_row (c->id);
  ChainParams params = { &row->info, c };
  row->fill (w, fan_out, fan_in, &params, seed, chain_stream_object (object));
}

/* A bias is drawn as one column of a block with its layer's fan-in, so that rules that hang on the fan-in mean the same for it. */
static void
fill_bias (const ChainModel *m, const ChainTensorInfo *t, double *out, uint64_t seed, const char *object)
{
  const ChainTensorInfo *w = NULL;
  for (guint i = 0; i < m->layers->len && !w; i++)
    {
      const ChainLayerInfo *info = &g_array_index (m->layers, ChainLayerInfo, i);
      w = g_str_equal (info->id, t->layer) && info->weight >= 0 ? _chain_model_param (m, (guint) info->weight) : NULL;
    }
  guint fan_in = w ? w->cols : 1;
  g_autofree double *block = g_new0 (double, (gsize) t->cols * fan_in);
  fill_with (&m->spec->bias_initialiser, &m->spec->bias_initialiser, block, t->cols, fan_in, seed, object);
  for (guint i = 0; i < t->cols; i++)
    out[i] = block[(gsize) i * fan_in];
}

static const ChainChoice *
initialiser_of (const ChainModel *m, const char *layer)
{
  const ChainLayer *l = chain_spec_layer (m->spec, layer);
  return l->initialiser.id ? &l->initialiser : &m->spec->initialiser;
}

/* --- fixup: residual branches --- */
static gboolean
is_sum (const ChainLayer *l)
{
  return g_str_equal (l->type, "add") && l->inputs->len >= 2;
}

static guint
readers (const ChainSpec *spec, const char *id)
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

/* Dense layers on the way back from an input of a sum through layers that nothing else reads, to where the ways part. place: that of `layer`
 * among them, counted from the sum; -1: it is not there. */
static guint
branch_layers (const ChainSpec *spec, const char *from, const char *layer, int *place)
{
  guint m = 0;
  *place = -1;
  for (const ChainLayer *l = chain_spec_layer (spec, from); l && l->inputs->len == 1 && readers (spec, l->id) == 1;
       l = chain_spec_layer (spec, l->inputs->pdata[0]))
    if (g_str_equal (l->type, "dense"))
      {
        *place = g_str_equal (l->id, layer) ? (int) m : *place;
        m++;
      }
  return m;
}

/* The way with the fewest layers is the skip connection, the first of them at a tie; the others are branches: 0 for the last layer of a
 * branch, L^(−1/(2m−2)) for those before, 1 for what is in none. */
static double
branch_factor (const ChainSpec *spec, const ChainLayer *sum, const char *layer, guint branches)
{
  guint skip = 0, shortest = G_MAXUINT;
  int place;
  for (guint k = 0; k < sum->inputs->len; k++)
    {
      guint m = branch_layers (spec, sum->inputs->pdata[k], layer, &place);
      skip = m < shortest ? k : skip;
      shortest = MIN (shortest, m);
    }
  for (guint k = 0; k < sum->inputs->len; k++)
    {
      guint m = branch_layers (spec, sum->inputs->pdata[k], layer, &place);
      if (k != skip && place >= 0)
        return place == 0 ? 0 : _chain_fixup_scale (branches, m);
    }
  return 1;
}

/* Factor on the He weights of a layer. */
static double
fixup_factor (const ChainSpec *spec, const char *layer)
{
  const char *last = ((const ChainLayer *) spec->layers->pdata[spec->layers->len - 1])->id;
  guint branches = 0;
  double factor = 1;
  for (guint i = 0; i < spec->layers->len; i++)
    branches += is_sum (spec->layers->pdata[i]) ? ((const ChainLayer *) spec->layers->pdata[i])->inputs->len - 1 : 0;
  for (guint i = 0; branches && i < MAX (spec->outputs->len, 1); i++)
    if (g_str_equal (spec->outputs->len ? (const char *) spec->outputs->pdata[i] : last, layer))
      return 0;
  for (guint i = 0; i < spec->layers->len; i++)
    if (is_sum (spec->layers->pdata[i]))
      factor *= branch_factor (spec, spec->layers->pdata[i], layer, branches);
  return factor;
}

gboolean
_chain_model_draw (const ChainModel *m, ChainExec *x, const ChainTensorInfo *t, guint64 seed, const char *object, double *v)
{
  gsize n = (gsize) t->rows * t->cols;
  for (gsize i = 0; i < n; i++)
    v[i] = t->start;
  if (t->kind == CHAIN_PARAM_MOMENT && isnan (t->start) && !chain_exec_read_leaf (x, _chain_model_param (m, t->owner)->leaf, v, n))
    return FALSE;
  if (t->kind == CHAIN_PARAM_WEIGHT)
    fill_with (&chain_spec_layer (m->spec, t->layer)->initialiser, &m->spec->initialiser, v, t->rows, t->cols, seed, object);
  else if (t->kind == CHAIN_PARAM_BIAS)
    fill_bias (m, t, v, seed, object);
  if (t->kind == CHAIN_PARAM_WEIGHT && chain_init_row (initialiser_of (m, t->layer)->id)->after == CHAIN_INIT_AFTER_BRANCHES)
    {
      double factor = fixup_factor (m->spec, t->layer);
      for (gsize i = 0; i < n; i++)
        v[i] *= factor;
    }
  return TRUE;
}

/* A weight is drawn for its layer's name, everything else for its own. */
static gboolean
init_tensor (const ChainModel *m, ChainExec *x, const ChainTensorInfo *t, uint64_t seed, GError **error)
{
  gsize n = (gsize) t->rows * t->cols;
  g_autofree double *v = g_new (double, n);
  return _chain_model_draw (m, x, t, seed, t->kind == CHAIN_PARAM_WEIGHT ? t->layer : t->name, v) && chain_exec_write (x, t->leaf, 1, v, n, error);
}

gboolean
chain_model_init (const ChainModel *m, ChainExec *x, uint64_t seed, GError **error)
{
  GArray *const tensors[] = { m->params, m->buffers, m->moments };
  for (guint k = 0; k < G_N_ELEMENTS (tensors); k++)
    for (guint i = 0; i < tensors[k]->len; i++)
      if (!init_tensor (m, x, &g_array_index (tensors[k], ChainTensorInfo, i), seed, error))
        return FALSE;
  for (guint i = 0; i < m->scalars->len; i++)
    {
      const ChainScalarInfo *s = &g_array_index (m->scalars, ChainScalarInfo, i);
      chain_exec_set_scalar (x, s->leaf, s->start);
    }
  chain_exec_set_seed (x, seed);
  chain_model_set_hyper (m, x, m->spec);
  return TRUE;
}

/* --- LSUV --- */
static gboolean
wants_data (const ChainModel *m, const ChainLayerInfo *info)
{
  return info->weight >= 0 && chain_init_row (initialiser_of (m, info->id)->id)->after == CHAIN_INIT_AFTER_DATA;
}

gboolean
chain_model_wants_data (const ChainModel *m)
{
  for (guint i = 0; i < m->layers->len; i++)
    if (wants_data (m, &g_array_index (m->layers, ChainLayerInfo, i)))
      return TRUE;
  return FALSE;
}

/* Population variance over the whole batch and all units. */
static double
variance (const double *z, gsize n)
{
  double mean = 0, sum = 0;
  for (gsize i = 0; i < n; i++)
    mean += z[i] / (double) n;
  for (gsize i = 0; i < n; i++)
    sum += (z[i] - mean) * (z[i] - mean);
  return sum / (double) n;
}

static gboolean
divide_weight (ChainExec *x, const ChainTensorInfo *w, double by, GError **error)
{
  gsize n = (gsize) w->rows * w->cols;
  g_autofree double *v = g_new (double, n);
  if (!chain_exec_read_leaf (x, w->leaf, v, n))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    v[i] /= by;
  return chain_exec_write (x, w->leaf, 1, v, n, error);
}

/* W ← W/√Var, at least once, until |Var − 1| < tol; a layer that gives the same for all rows and units cannot be scaled and stays. */
static gboolean
unit_variance (const ChainModel *m, ChainExec *x, ChainProgram p, const ChainLayerInfo *info, gint64 n, GError **error)
{
  const ChainChoice *c = initialiser_of (m, info->id);
  const ChainRowInfo *row = &chain_init_row (c->id)->info;
  double tol = _chain_choice_number (c, row, "tol", 0.1), rounds = _chain_choice_number (c, row, "rounds", 10);
  gsize size = (gsize) n * info->width;
  g_autofree double *z = g_new (double, size);
  for (guint round = 0; round < (guint) rounds; round++)
    {
      if (!chain_exec_run (x, p, n, error))
        return FALSE;
      double var = chain_exec_read (x, p, n, info->pre, z, size) ? variance (z, size) : 0;
      if (!(var > 0 && isfinite (var)) || (round > 0 && fabs (var - 1) < tol))
        break;
      if (!divide_weight (x, _chain_model_param (m, (guint) info->weight), sqrt (var), error))
        return FALSE;
    }
  return TRUE;
}

gboolean
chain_model_init_data (const ChainModel *m, ChainExec *x, gint64 n, GError **error)
{
  if (!chain_model_wants_data (m))
    return TRUE;
  g_autofree ChainId *pre = g_new (ChainId, m->layers->len);
  for (guint i = 0; i < m->layers->len; i++)
    pre[i] = g_array_index (m->layers, ChainLayerInfo, i).pre;
  ChainProgram p = chain_exec_program (x, pre, m->layers->len, NULL, 0, CHAIN_PLAN_DEFAULT);
  for (guint i = 0; i < m->layers->len; i++)
    {
      const ChainLayerInfo *info = &g_array_index (m->layers, ChainLayerInfo, i);
      if (wants_data (m, info) && !unit_variance (m, x, p, info, n, error))
        return FALSE;
    }
  for (guint i = 0; i < m->moments->len; i++)      /* copies of the weights start where these do now */
    if (isnan (g_array_index (m->moments, ChainTensorInfo, i).start)
        && !init_tensor (m, x, &g_array_index (m->moments, ChainTensorInfo, i), m->spec->seed, error))
      return FALSE;
  return TRUE;
}

/* --- hyperparameters --- */
void
chain_model_set_hyper (const ChainModel *m, ChainExec *x, const ChainSpec *spec)
{
  const ChainRowInfo *row = &chain_optim_row (m->spec->optimiser.id)->info;
  g_return_if_fail (g_strcmp0 (spec->optimiser.id, m->spec->optimiser.id) == 0 && spec->regularisers->len == m->spec->regularisers->len);
  chain_exec_set_scalar (x, m->lr, _chain_choice_number (&spec->optimiser, row, "lr", 0.01));
  for (guint i = 0; i < m->hyper->len; i++)
    {
      const ChainHyperInfo *h = &g_array_index (m->hyper, ChainHyperInfo, i);
      if (h->regulariser < 0)
        chain_exec_set_scalar (x, h->leaf, _chain_choice_number (&spec->optimiser, row, h->name, 0));
      else
        chain_exec_set_scalar (x, h->leaf, _chain_choice_number (spec->regularisers->pdata[h->regulariser],
                                                                 &_chain_regular_at (m->spec, (guint) h->regulariser)->info, h->name, 0));
    }
}

void
chain_model_set_momentum (const ChainModel *m, ChainExec *x, double value)
{
  gboolean classic = g_str_equal (m->spec->optimiser.id, "momentum") || g_str_equal (m->spec->optimiser.id, "nesterov");
  for (guint i = 0; i < m->hyper->len && !isnan (value); i++)
    {
      const ChainHyperInfo *h = &g_array_index (m->hyper, ChainHyperInfo, i);
      if (g_str_equal (h->name, "momentum") || g_str_equal (h->name, "beta1") || (classic && g_str_equal (h->name, "alpha")))
        chain_exec_set_scalar (x, h->leaf, value);
    }
}

static void
take_live_param (ChainChoice *to, const ChainChoice *from, const char *name)
{
  double value;
  chain_choice_unset (to, name);
  if (chain_choice_param (from, name, &value))
    chain_choice_set_param (to, name, value);
}

gboolean
chain_model_same_graph (const ChainModel *m, const ChainSpec *spec)
{
  g_autoptr (ChainSpec) s = chain_spec_copy (m->spec);
  if (g_strcmp0 (s->optimiser.id, spec->optimiser.id) != 0 || s->regularisers->len != spec->regularisers->len)
    return FALSE;
  take_live_param (&s->optimiser, &spec->optimiser, "lr");
  for (guint i = 0; i < m->hyper->len; i++)
    {
      const ChainHyperInfo *h = &g_array_index (m->hyper, ChainHyperInfo, i);
      if (h->regulariser < 0)
        take_live_param (&s->optimiser, &spec->optimiser, h->name);
      else
        take_live_param (s->regularisers->pdata[h->regulariser], spec->regularisers->pdata[h->regulariser], h->name);
    }
  chain_set_str (&s->name, spec->name);
  chain_set_str (&s->note, spec->note);
  chain_choice_copy (&s->schedule, &spec->schedule);
  s->schedule_per_epoch = spec->schedule_per_epoch;
  s->batch_size = spec->batch_size;
  s->order = spec->order;
  chain_set_str (&s->frequencies, spec->frequencies);
  s->drop_last = spec->drop_last;
  s->stop = spec->stop;
  return chain_spec_equal (s, spec);
}
