/* SPDX-License-Identifier: Apache-2.0 */
/* What a picture needs, taken between two steps. Gradients, updates, adjoints and statistics come from one run of the keep-all plan on the rows
 * of the present batch, committing nothing: the cost is one step a frame and the numbers are those that training would compute. */
#include "app/train/trainer-private.h"

#include "engine/nn/health.h"

#include <math.h>

#define BUDGET ((gsize) 2 << 20)
#define LARGEST_TENSOR 200000u

double *
_chain_trainer_scratch (ChainTrainer *t, gsize n)
{
  if (n > t->scratch_size)
    {
      g_free (t->scratch);
      t->scratch = g_new (double, n);
      t->scratch_size = n;
    }
  return t->scratch;
}

/* The rows of the last step, or before the first one those of the step to come: a picture of the start. FALSE if the run failed. */
static gboolean
run_kept (ChainTrainer *t, guint *b)
{
  ChainRig *r = t->rig;
  ChainSampler *s = &t->sampler;
  guint64 epoch = s->epoch, step = s->step;
  guint pos = s->pos;
  const uint32_t *rows = t->rows;

  *b = t->n_rows;
  if (rows == NULL)
    {
      rows = chain_sampler_next (s, b);
      if (rows != NULL)
        _chain_trainer_gather (t, rows, *b);
      chain_sampler_seek (s, epoch, pos, step);
    }
  else
    _chain_trainer_gather (t, rows, *b);
  return rows != NULL && chain_exec_run (r->exec, r->keep, *b, NULL);
}

static float *
as_floats (const double *v, gsize n)
{
  float *out = g_new (float, MAX (n, 1));

  for (gsize i = 0; i < n; i++)
    out[i] = (float) v[i];
  return out;
}

static float *
kept_floats (ChainTrainer *t, guint b, ChainId node, gsize n)
{
  double *v = _chain_trainer_scratch (t, n);

  if (node == CHAIN_NONE || !chain_exec_read (t->rig->exec, t->rig->keep, b, node, v, n))
    return NULL;
  return as_floats (v, n);
}

static void
difference (float *update, const float *value, gsize n)
{
  for (gsize i = 0; i < n; i++)
    update[i] -= value[i];
}

static void
add_tensor (ChainTrainer *t, ChainSnapshot *s, const ChainTensorInfo *info, guint want, gboolean kept, guint b)
{
  ChainSnapTensor *out = g_new0 (ChainSnapTensor, 1);
  gsize n = (gsize) info->rows * info->cols;
  gboolean gradients = kept && s->bytes + 3 * n * sizeof (float) <= BUDGET;

  out->name = g_strdup (info->name);
  out->layer = g_strdup (info->layer);
  out->kind = info->kind;
  out->rows = info->rows;
  out->cols = info->cols;
  g_ptr_array_add (s->tensors, out);
  if (!(want & CHAIN_WANT_PARAMS) || n > LARGEST_TENSOR || s->bytes + n * sizeof (float) > BUDGET)
    return;
  chain_exec_read_leaf (t->rig->exec, info->leaf, _chain_trainer_scratch (t, n), n);
  out->value = as_floats (t->scratch, n);
  s->bytes += n * sizeof (float);
  if (!gradients)
    return;
  out->grad = kept_floats (t, b, info->grad, n);
  out->update = kept_floats (t, b, info->next, n);
  if (out->update != NULL)
    difference (out->update, out->value, n);
  s->bytes += 2 * n * sizeof (float);
}

static float *
mean_adjoint (ChainTrainer *t, const ChainLayerInfo *l, guint b)
{
  gsize n = (gsize) b * l->width;
  double *v = _chain_trainer_scratch (t, n);
  float *out;

  if (l->adjoint == CHAIN_NONE || !chain_exec_read (t->rig->exec, t->rig->keep, b, l->adjoint, v, n))
    return NULL;
  out = g_new (float, l->width);
  for (guint j = 0; j < l->width; j++)
    {
      double sum = 0;

      for (guint i = 0; i < b; i++)
        sum += fabs (v[(gsize) i * l->width + j]);
      out[j] = (float) (sum / b);
    }
  return out;
}

static void
add_layer (ChainSnapshot *s, const ChainLayerInfo *l)
{
  ChainSnapLayer *out = g_new0 (ChainSnapLayer, 1);

  out->id = g_strdup (l->id);
  out->width = l->width;
  out->stat = (ChainLayerStat){ .grad_rms = NAN, .weight_rms = NAN, .update_ratio = NAN, .act_mean = NAN, .act_rms = NAN, .dead = NAN,
                                .saturated = NAN, .symmetric = NAN, .non_finite = NAN };
  g_strlcpy (out->stat.layer, l->id, sizeof out->stat.layer);
  g_ptr_array_add (s->layers, out);
}

/* The probe knows one batch; dead is who was silent for longer. */
static void
count_dead (const ChainSnapLayer *l, double *share)
{
  guint n = 0;

  if (isnan (*share) || l->unit_state == NULL)
    return;
  for (guint i = 0; i < l->width; i++)
    n += (l->unit_state[i] & CHAIN_HEALTH_DEAD) != 0;
  *share = (double) n / l->width;
}

/* What a step costs, from the very plan that trains. A layer's part is what stands in its scope, forward and backward; the update is the
 * optimiser's. */
static void
add_cost (ChainTrainer *t, ChainSnapshot *s)
{
  const ChainModel *m = t->rig->model;
  const ChainPlan *plan;

  s->n_params = chain_model_n_params (m);
  s->batch = t->sampler.batch;
  for (guint i = 0; i < m->params->len; i++)
    {
      const ChainTensorInfo *p = _chain_tensor_at (m->params, i);
      int layer = chain_spec_layer_index (t->rig->spec, p->layer);

      if (layer >= 0)
        ((ChainSnapLayer *) g_ptr_array_index (s->layers, layer))->n_params += (guint64) p->rows * p->cols;
    }
  plan = chain_exec_plan (t->rig->exec, t->rig->train, s->batch, NULL);
  if (plan == NULL)
    return;
  s->step_flops = chain_plan_flops (m->graph, plan);
  s->step_bytes = chain_plan_bytes (plan);
  for (guint32 i = 0; i < plan->n_items; i++)
    {
      const char *scope = chain_graph_scope_name (m->graph, chain_graph_node (m->graph, plan->items[i].node)->scope);
      int layer = scope != NULL ? chain_spec_layer_index (t->rig->spec, scope) : -1;

      if (layer >= 0)
        ((ChainSnapLayer *) g_ptr_array_index (s->layers, layer))->flops += chain_plan_item_flops (m->graph, &plan->items[i], plan->b);
    }
}

/* Of all gradients of the kept batch. Squares of numbers near the end of f32 have no room in it. */
static double
kept_norm (ChainTrainer *t, guint b)
{
  const ChainModel *m = t->rig->model;
  double sum = chain_exec_read_one (t->rig->exec, t->rig->keep, b, m->grad_sq);

  if (isfinite (sum))
    return sqrt (sum);
  sum = 0;
  for (guint i = 0; i < m->params->len; i++)
    {
      const ChainTensorInfo *info = _chain_tensor_at (m->params, i);
      gsize n = (gsize) info->rows * info->cols;
      double *v = _chain_trainer_scratch (t, n);

      if (info->grad != CHAIN_NONE && chain_exec_read (t->rig->exec, t->rig->keep, b, info->grad, v, n))
        for (gsize k = 0; k < n; k++)
          sum += v[k] * v[k];
    }
  return sqrt (sum);
}

static void
add_stats (ChainTrainer *t, ChainSnapshot *s, guint b)
{
  guint n = s->layers->len;
  g_autofree ChainLayerStat *stats = g_new0 (ChainLayerStat, n + 1);
  g_autofree guint *health = g_new0 (guint, n + 1);

  if (!chain_probe_layers (t->rig->model, t->rig->exec, t->rig->keep, b, stats))
    return;
  for (guint i = 0; i < n; i++)
    ((ChainSnapLayer *) g_ptr_array_index (s->layers, i))->stat = stats[i];
  _chain_trainer_unit_states (t, s, b);
  for (guint i = 0; i < n; i++)
    count_dead (g_ptr_array_index (s->layers, i), &stats[i].dead);
  s->grad_norm = kept_norm (t, b);   /* of the same batch and weights as the rest */
  chain_health_layers (stats, n, s->grad_norm, health);
  for (guint i = 0; i < n; i++)
    {
      const ChainLayerInfo *l = _chain_layer_at (t->rig->model, i);
      ChainSnapLayer *out = g_ptr_array_index (s->layers, i);

      out->stat = stats[i];
      out->health = health[i];
      out->adjoint = mean_adjoint (t, l, b);
      s->bytes += l->width * sizeof (float);
    }
}

static void
add_nodes (ChainTrainer *t, ChainSnapshot *s, guint b)
{
  const ChainGraph *g = t->rig->model->graph;

  s->n_nodes = chain_graph_size (g);
  s->nodes = g_new0 (float *, s->n_nodes + 1);
  for (ChainId id = 1; id <= s->n_nodes; id++)
    {
      const ChainNode *n = chain_graph_node (g, id);
      gsize size = (gsize) (chain_axis (n->shape.rows, b) * chain_axis (n->shape.cols, b));

      if (size > LARGEST_TENSOR || s->bytes + size * sizeof (float) > BUDGET)
        continue;
      s->nodes[id] = kept_floats (t, b, id, size);
      s->bytes += s->nodes[id] != NULL ? size * sizeof (float) : 0;
    }
}

static void
add_scalars (ChainTrainer *t, ChainSnapshot *s)
{
  s->step = t->step;
  s->epoch = _chain_trainer_position (t);
  s->state = t->state;
  s->message = g_strdup (t->message);
  s->remedy = g_strdup (t->remedy);
  s->remedy_kind = t->remedy_kind;
  s->trouble = t->state == CHAIN_RUN_DIVERGED ? t->trouble : -1;
  s->broke = t->broke;
  s->loss = t->loss;
  s->lr = t->lr;
  s->spec = chain_spec_ref (t->spec);
  s->data = chain_dataset_ref (t->rig->data);
  s->train = t->train;
  s->test = t->test;
  s->has_metrics = t->has_metrics;
}

static void
add_series (ChainTrainer *t, ChainSnapshot *s)
{
  s->segment = t->segment;
  s->segment_epoch = t->segment_epoch;
  s->train_loss = chain_series_view (t->train_loss);
  s->eval_train = chain_series_view (t->eval_train);
  s->eval_test = chain_series_view (t->eval_test);
  s->eval_score = chain_series_view (t->eval_score);
}

ChainSnapshot *
chain_trainer_snapshot (ChainTrainer *t, guint want)
{
  const ChainModel *m = t->rig->model;
  ChainSnapshot *s = g_new0 (ChainSnapshot, 1);
  gboolean kept = FALSE;
  guint b = 0;

  s->ref_count = 1;
  s->tensors = g_ptr_array_new_with_free_func (_chain_snap_tensor_free);
  s->layers = g_ptr_array_new_with_free_func (_chain_snap_layer_free);
  if ((want & CHAIN_WANT_METRICS) && (!t->has_metrics || t->metrics_epoch != _chain_trainer_position (t))
      && chain_trainer_evaluate (t, NULL, NULL, NULL))
    _chain_trainer_note (t);
  for (guint i = 0; i < m->layers->len; i++)
    add_layer (s, _chain_layer_at (m, i));
  s->predicts = m->predicts;
  s->axis_x = t->rig->axis_x;
  s->axis_y = t->rig->axis_y;
  if (want & CHAIN_WANT_FIELD)
    _chain_trainer_fields (t, s);
  if (want & (CHAIN_WANT_PARAMS | CHAIN_WANT_STATS | CHAIN_WANT_NODES))
    kept = run_kept (t, &b);
  s->grad_norm = sqrt (t->grad_sq);
  if (kept && (want & CHAIN_WANT_STATS))
    add_stats (t, s, b);
  for (guint i = 0; i < m->params->len; i++)
    add_tensor (t, s, _chain_tensor_at (m->params, i), want, kept, b);
  if (kept && (want & CHAIN_WANT_NODES))
    add_nodes (t, s, b);
  if (want & CHAIN_WANT_PREDICTIONS)
    _chain_trainer_predictions (t, s);
  if (want & CHAIN_WANT_TRACE)
    _chain_trainer_trace (t, s);
  if (want & CHAIN_WANT_STATS)
    add_cost (t, s);
  add_scalars (t, s);
  add_series (t, s);
  return s;
}
