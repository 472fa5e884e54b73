/* SPDX-License-Identifier: Apache-2.0 */
/* What of a run goes into a document: tensors by name, and the run record as JSON. Together they are enough to go on bit for bit: weights,
 * moments, host scalars, where the sampler stands, and what early stopping remembers; the rest follows from spec, data and seed. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/train/trainer-private.h"

#include "engine/run/backend-registry.h"

#include <math.h>

#define LOSS_POINTS 512u
#define MOST_EVENTS 1000u
#define MOST_GRAFT 4096u

static void
named_free (gpointer p)
{
  ChainNamedTensor *n = p;

  g_free (n->name);
  chain_tensor_unref (n->tensor);
  g_free (n);
}

static void
add_named (GPtrArray *to, const char *name, ChainTensor *tensor, int rank)
{
  ChainNamedTensor *n;

  if (tensor == NULL)
    return;
  tensor->rank = rank;
  n = g_new0 (ChainNamedTensor, 1);
  n->name = g_strdup (name);
  n->tensor = tensor;
  g_ptr_array_add (to, n);
}

static int
rank_of (const ChainModel *m, const ChainTensorInfo *info)
{
  const ChainTensorInfo *shape = info->kind == CHAIN_PARAM_MOMENT ? _chain_tensor_at (m->params, info->owner) : info;

  return shape->kind == CHAIN_PARAM_WEIGHT ? 2 : 1;
}

static void
save_infos (ChainTrainer *t, const GArray *infos, const char *prefix, GPtrArray *to)
{
  for (guint i = 0; i < infos->len; i++)
    {
      const ChainTensorInfo *info = _chain_tensor_at (infos, i);
      g_autofree char *name = g_strconcat (prefix, info->name, NULL);

      add_named (to, name, chain_exec_get_tensor (t->rig->exec, info->leaf), rank_of (t->rig->model, info));
    }
}

/* Weights alone are for evaluating elsewhere: where the optimiser keeps an average for that, they are the average. */
static void
save_evaluated (ChainTrainer *t, GPtrArray *to)
{
  const GArray *params = t->rig->model->params;
  gboolean ran = t->rig->has_averages && chain_exec_run (t->rig->exec, t->rig->averages, 1, NULL);

  save_infos (t, params, "", to);
  for (guint i = 0; ran && i < params->len; i++)
    {
      const ChainTensorInfo *info = _chain_tensor_at (params, i);
      ChainTensor *x = ((ChainNamedTensor *) g_ptr_array_index (to, i))->tensor;
      gsize n = chain_tensor_size (x);
      double *v = _chain_trainer_scratch (t, n);

      if (info->eval != info->leaf && chain_exec_read (t->rig->exec, t->rig->averages, 1, info->eval, v, n))
        for (gsize k = 0; k < n; k++)
          chain_tensor_set (x, k, v[k]);
    }
}

static void
save_best (ChainTrainer *t, GPtrArray *to)
{
  ChainExecState *now;

  if (t->eval.best_state == NULL || t->parked != NULL)
    return;
  now = chain_exec_save (t->rig->exec);
  chain_exec_restore (t->rig->exec, t->eval.best_state);
  save_infos (t, t->rig->model->params, "best.", to);
  save_infos (t, t->rig->model->buffers, "best.", to);
  chain_exec_restore (t->rig->exec, now);
  chain_exec_state_unref (now);
}

GPtrArray *
chain_trainer_save_tensors (ChainTrainer *t, gboolean with_moments)
{
  const ChainModel *m = t->rig->model;
  GPtrArray *to = g_ptr_array_new_with_free_func (named_free);

  if (with_moments)
    save_infos (t, m->params, "", to);
  else
    save_evaluated (t, to);
  save_infos (t, m->buffers, "", to);
  if (!with_moments)
    return to;
  save_infos (t, m->moments, "", to);
  for (guint i = 0; i < m->scalars->len; i++)
    {
      const ChainScalarInfo *s = &g_array_index (m->scalars, ChainScalarInfo, i);
      g_autofree char *name = g_strconcat ("scalar.", s->name, NULL);

      add_named (to, name, chain_exec_get_tensor (t->rig->exec, s->leaf), 0);
    }
  save_best (t, to);
  return to;
}

static ChainTensor *
find (GPtrArray *tensors, const char *name)
{
  for (guint i = 0; i < tensors->len; i++)
    {
      const ChainNamedTensor *n = g_ptr_array_index (tensors, i);

      if (strcmp (n->name, name) == 0)
        return n->tensor;
    }
  return NULL;
}

static gboolean
check_shapes (const GArray *infos, GPtrArray *tensors, gboolean required, GError **error)
{
  for (guint i = 0; i < infos->len; i++)
    {
      const ChainTensorInfo *info = _chain_tensor_at (infos, i);
      const ChainTensor *x = find (tensors, info->name);

      if (x == NULL && required)
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT, _("The weights have no %s, which this network needs"), info->name);
          return FALSE;
        }
      if (x != NULL && (x->rows != info->rows || x->cols != info->cols))
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, _("%s is %u × %u in the file; this network needs %u × %u"), info->name, x->rows,
                       x->cols, info->rows, info->cols);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
write_tensor (ChainTrainer *t, ChainId leaf, const ChainTensor *x, GError **error)
{
  gsize n = chain_tensor_size (x);
  double *v = _chain_trainer_scratch (t, n);

  for (gsize i = 0; i < n; i++)
    v[i] = chain_tensor_get (x, i);
  return chain_exec_write (t->rig->exec, leaf, 1, v, n, error);
}

static gboolean
write_infos (ChainTrainer *t, const GArray *infos, const char *prefix, GPtrArray *tensors, GError **error)
{
  for (guint i = 0; i < infos->len; i++)
    {
      g_autofree char *name = g_strconcat (prefix, _chain_tensor_at (infos, i)->name, NULL);
      const ChainTensor *x = find (tensors, name);

      if (x != NULL && !write_tensor (t, _chain_tensor_at (infos, i)->leaf, x, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_known (const ChainModel *m, const char *name)
{
  return chain_model_tensor (m, name) != NULL || g_str_has_prefix (name, "scalar.") || g_str_has_prefix (name, "best.")
         || g_str_has_prefix (name, "opt.") || g_str_has_prefix (name, "data.");
}

static void
report_extra (const ChainModel *m, GPtrArray *tensors, GPtrArray **extra)
{
  if (extra == NULL)
    return;
  *extra = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < tensors->len; i++)
    {
      const ChainNamedTensor *n = g_ptr_array_index (tensors, i);

      if (!is_known (m, n->name))
        g_ptr_array_add (*extra, g_strdup (n->name));
    }
}

static gboolean
load_best (ChainTrainer *t, GPtrArray *tensors, GError **error)
{
  ChainExecState *now;
  gboolean ok, any = FALSE;

  for (guint i = 0; i < tensors->len; i++)
    any = any || g_str_has_prefix (((ChainNamedTensor *) g_ptr_array_index (tensors, i))->name, "best.");
  if (!any)
    return TRUE;
  now = chain_exec_save (t->rig->exec);
  ok = write_infos (t, t->rig->model->params, "best.", tensors, error) && write_infos (t, t->rig->model->buffers, "best.", tensors, error);
  if (ok)
    t->eval.best_state = chain_exec_save (t->rig->exec);
  chain_exec_restore (t->rig->exec, now);
  chain_exec_state_unref (now);
  return ok;
}

gboolean
chain_trainer_load_tensors (ChainTrainer *t, GPtrArray *tensors, gboolean with_moments, GPtrArray **extra, GError **error)
{
  const ChainModel *m = t->rig->model;

  if (!check_shapes (m->params, tensors, TRUE, error) || !check_shapes (m->buffers, tensors, FALSE, error)
      || (with_moments && !check_shapes (m->moments, tensors, FALSE, error)))
    return FALSE;
  if (!write_infos (t, m->params, "", tensors, error) || !write_infos (t, m->buffers, "", tensors, error)
      || (with_moments && !write_infos (t, m->moments, "", tensors, error)))
    return FALSE;
  for (guint i = 0; with_moments && i < m->scalars->len; i++)
    {
      const ChainScalarInfo *s = &g_array_index (m->scalars, ChainScalarInfo, i);
      g_autofree char *name = g_strconcat ("scalar.", s->name, NULL);
      const ChainTensor *x = find (tensors, name);

      if (x != NULL)
        chain_exec_set_scalar (t->rig->exec, s->leaf, chain_tensor_get (x, 0));
    }
  report_extra (m, tensors, extra);
  _chain_trainer_rebase (t);
  if (with_moments && !load_best (t, tensors, error))
    return FALSE;
  _chain_trainer_settle (t);
  return TRUE;
}

/* --- the run record --- */
static json_t *
number (double v)
{
  return isfinite (v) ? json_real (v) : json_null ();
}

/* What an edit did with weights, but for the numbers of a large paste: an opened run is not replayed from before it was saved, and the record has
 * its place in the head of a file. */
static json_t *
graft_json (const char *graft)
{
  g_autofree char *start = strlen (graft) > MOST_GRAFT ? g_strndup (graft, strcspn (graft, " ")) : NULL;

  return json_string (start != NULL ? start : graft);
}

static json_t *
event_json (const ChainEvent *e)
{
  const ChainCommand *c = e->command;
  json_t *j = json_object ();

  json_object_set_new (j, "step", json_integer ((json_int_t) e->step));
  if (c->kind == CHAIN_COMMAND_SPEC)
    {
      json_object_set_new (j, "spec", _chain_spec_to_tree (c->spec, FALSE));
      if (c->graft != NULL)
        json_object_set_new (j, "graft", graft_json (c->graft));
    }
  else
    {
      json_object_set_new (j, "weight", json_string (c->name));
      json_object_set_new (j, "row", json_integer (c->row));
      json_object_set_new (j, "col", json_integer (c->col));
      json_object_set_new (j, "value", number (c->value));
    }
  return j;
}

static json_t *
events_json (const ChainTrainer *t)
{
  json_t *list = json_array ();
  guint from = t->n_applied > MOST_EVENTS ? t->n_applied - MOST_EVENTS : 0;

  for (guint i = from; i < t->n_applied; i++)
    json_array_append_new (list, event_json (g_ptr_array_index (t->events, i)));
  return list;
}

static json_t *
evaluations_json (const ChainTrainer *t)
{
  json_t *list = json_array ();

  for (guint i = 0; i < t->evaluations->len; i++)
    {
      const ChainEvaluation *e = &g_array_index (t->evaluations, ChainEvaluation, i);
      json_t *row = json_array ();

      json_array_append_new (row, json_integer ((json_int_t) e->step));
      json_array_append_new (row, number (e->epoch));
      json_array_append_new (row, number (e->train));
      json_array_append_new (row, number (e->test));
      json_array_append_new (row, number (e->score));
      json_array_append_new (list, row);
    }
  return list;
}

/* The loss curve thinned to some hundred points: enough to draw it again. */
static json_t *
loss_json (const ChainTrainer *t)
{
  ChainSeriesView *v = chain_series_view (t->train_loss);
  guint n = chain_series_view_size (v), stride = n / LOSS_POINTS + 1;
  json_t *list = json_array ();

  for (guint i = 0; i < n; i++)
    if (i % stride == 0 || i + 1 == n)
      {
        ChainBucket b = chain_series_view_get (v, i);
        json_t *row = json_array ();

        json_array_append_new (row, number (b.x));
        json_array_append_new (row, number (b.mean));
        json_array_append_new (list, row);
      }
  chain_series_view_unref (v);
  return list;
}

static json_t *
best_json (const ChainTrainer *t)
{
  json_t *j = json_object ();

  json_object_set_new (j, "loss", number (t->eval.best));
  json_object_set_new (j, "step", json_integer ((json_int_t) t->eval.best_step));
  json_object_set_new (j, "epoch", number (t->eval.best_epoch));
  return j;
}

char *
chain_trainer_save_run (ChainTrainer *t)
{
  g_autoptr (ChainJson) j = json_object ();
  const ChainSampler *s = &t->sampler;

  json_object_set_new (j, "version", json_integer (1));
  json_object_set_new (j, "step", json_integer ((json_int_t) t->step));
  json_object_set_new (j, "epoch", number (_chain_trainer_position (t)));
  json_object_set_new (j, "loss", number (t->loss));
  json_object_set_new (j, "sampler_epoch", json_integer ((json_int_t) s->epoch));
  json_object_set_new (j, "sampler_pos", json_integer (s->pos));
  json_object_set_new (j, "sampler_step", json_integer ((json_int_t) s->step));
  json_object_set_new (j, "seed", json_integer ((json_int_t) t->spec->seed));
  json_object_set_new (j, "rows", json_integer (t->rig->data->n_train));
  json_object_set_new (j, "shows_best", json_boolean (t->parked != NULL));
  json_object_set_new (j, "best", best_json (t));
  json_object_set_new (j, "events", events_json (t));
  json_object_set_new (j, "evaluations", evaluations_json (t));
  json_object_set_new (j, "loss_curve", loss_json (t));
  json_object_set_new (j, "build", json_string (CHAIN_VERSION));
  json_object_set_new (j, "blas_core", json_string (chain_blas_core ()));
  json_object_set_new (j, "cpu", json_string (chain_cpu_isa ()));
  json_object_set_new (j, "threads", json_integer (MAX (t->threads, 1)));
  json_object_set_new (j, "precision", json_string (t->spec->precision == CHAIN_F64 ? "f64" : "f32"));
  return chain_json_write (j, TRUE);
}

static double
real_of (const json_t *j)
{
  return json_is_number (j) ? json_number_value (j) : NAN;
}

static gboolean
count_of (const json_t *j, const char *key, guint64 most, guint64 *out, GError **error)
{
  const json_t *v = json_object_get (j, key);

  if (!json_is_integer (v) || json_integer_value (v) < 0 || (guint64) json_integer_value (v) > most)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE, _("The run record has no usable “%s”; the weights can still be opened"), key);
      return FALSE;
    }
  *out = (guint64) json_integer_value (v);
  return TRUE;
}

static ChainEvent *
event_from (const json_t *j)
{
  const json_t *spec = json_object_get (j, "spec"), *step = json_object_get (j, "step"), *name = json_object_get (j, "weight");
  ChainCommand *c = chain_command_new (spec != NULL ? CHAIN_COMMAND_SPEC : CHAIN_COMMAND_WEIGHT);
  ChainEvent *e;

  if (spec != NULL)
    {
      c->spec = _chain_spec_from_tree (spec, NULL, NULL);
      if (c->spec != NULL)
        chain_spec_seal (c->spec);
    }
  c->graft = g_strdup (json_string_value (json_object_get (j, "graft")));
  c->name = g_strdup (json_string_value (name));
  c->row = (guint) json_integer_value (json_object_get (j, "row"));
  c->col = (guint) json_integer_value (json_object_get (j, "col"));
  c->value = real_of (json_object_get (j, "value"));
  if (!json_is_integer (step) || (c->spec == NULL && c->name == NULL))
    {
      chain_command_free (c);
      return NULL;
    }
  e = g_new0 (ChainEvent, 1);
  e->step = (guint64) json_integer_value (step);
  e->command = c;
  return e;
}

static void
load_history (ChainTrainer *t, const json_t *j)
{
  const json_t *row;
  double last = -1;
  size_t i;

  json_array_foreach (json_object_get (j, "events"), i, row)
    {
      ChainEvent *e = event_from (row);

      if (e != NULL)
        g_ptr_array_add (t->events, e);
    }
  t->n_applied = t->events->len;
  json_array_foreach (json_object_get (j, "evaluations"), i, row)
    {
      ChainEvaluation e = { (guint64) json_integer_value (json_array_get (row, 0)), real_of (json_array_get (row, 1)),
                            real_of (json_array_get (row, 2)), real_of (json_array_get (row, 3)), real_of (json_array_get (row, 4)) };

      if (!(e.epoch > last))
        continue;
      last = e.epoch;
      g_array_append_val (t->evaluations, e);
      chain_series_append (t->eval_train, e.epoch, e.train);
      if (!isnan (e.test))
        chain_series_append (t->eval_test, e.epoch, e.test);
      chain_series_append (t->eval_score, e.epoch, e.score);
    }
  last = -1;
  json_array_foreach (json_object_get (j, "loss_curve"), i, row)
    {
      double x = real_of (json_array_get (row, 0));

      if (!(x > last))
        continue;
      last = x;
      chain_series_append (t->train_loss, x, real_of (json_array_get (row, 1)));
    }
}

gboolean
chain_trainer_load_run (ChainTrainer *t, const char *json, GError **error)
{
  g_autoptr (ChainJson) j = chain_json_read (json, strlen (json), NULL, NULL, error);
  guint64 step, epoch, pos, at, best_step;
  const json_t *best;
  ChainExecState *best_state = t->eval.best_state != NULL ? chain_exec_state_ref (t->eval.best_state) : NULL;
  gboolean ok = j != NULL && count_of (j, "step", G_MAXINT64, &step, error) && count_of (j, "sampler_epoch", G_MAXINT64, &epoch, error)
                && count_of (j, "sampler_pos", G_MAXUINT, &pos, error) && count_of (j, "sampler_step", G_MAXINT64, &at, error);

  if (!ok)
    {
      g_clear_pointer (&best_state, chain_exec_state_unref);
      return FALSE;
    }
  _chain_trainer_restart (t, step, epoch, (guint) pos);
  chain_sampler_seek (&t->sampler, epoch, t->sampler.script != NULL ? (guint) pos : MIN ((guint) pos, t->sampler.n), at);
  t->loss = real_of (json_object_get (j, "loss"));
  load_history (t, j);
  best = json_object_get (j, "best");
  t->eval.best = isnan (real_of (json_object_get (best, "loss"))) ? INFINITY : real_of (json_object_get (best, "loss"));
  t->eval.best_step = count_of (best, "step", G_MAXINT64, &best_step, NULL) ? best_step : 0;
  t->eval.best_epoch = fmax (real_of (json_object_get (best, "epoch")), 0);
  t->eval.best_state = best_state;
  _chain_trainer_ring_clear (t);
  _chain_trainer_ring_push (t);
  _chain_trainer_settle (t);
  return TRUE;
}
