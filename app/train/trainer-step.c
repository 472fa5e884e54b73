/* SPDX-License-Identifier: Apache-2.0 */
/* One step: draw rows, gather them straight into the input leaves, set the rate, run the training plan, look at two scalars.
 *
 * Nothing here allocates or locks once the plan of a batch size is compiled. The rate is computed again only where the schedule says that
 * it may have changed, so a constant rate costs one comparison. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/train/trainer-private.h"

#include "engine/base/limits.h"

#include <math.h>
#include <string.h>

enum { MEASURED_ROWS = 256, AHEAD = 2 };

static void
add_id (GArray *a, ChainId id)
{
  if (id != CHAIN_NONE)
    g_array_append_val (a, id);
}

static void
make_averages (ChainRig *r)
{
  const GArray *params = r->model->params;
  g_autoptr (GArray) eval = g_array_new (FALSE, FALSE, sizeof (ChainId));

  for (guint i = 0; i < params->len; i++)
    if (_chain_tensor_at (params, i)->eval != _chain_tensor_at (params, i)->leaf)
      g_array_append_val (eval, _chain_tensor_at (params, i)->eval);
  r->has_averages = eval->len > 0;
  if (r->has_averages)
    r->averages = chain_exec_program (r->exec, (const ChainId *) (gconstpointer) eval->data, eval->len, NULL, 0, CHAIN_PLAN_DEFAULT);
}

/* Programs over the same leaves: the step, the step with every value kept, units over a grid, the prediction alone. */
static void
make_programs (ChainRig *r)
{
  const ChainModel *m = r->model;
  const ChainState *states = (const ChainState *) (gconstpointer) m->states->data;
  g_autoptr (GArray) keep = g_array_new (FALSE, FALSE, sizeof (ChainId));
  g_autoptr (GArray) units = g_array_new (FALSE, FALSE, sizeof (ChainId));
  ChainId train[] = { m->loss_train, m->grad_sq };

  g_array_append_vals (keep, train, 2);
  add_id (keep, m->output_train);
  for (guint i = 0; i < m->layers->len; i++)
    {
      const ChainLayerInfo *l = _chain_layer_at (m, i);

      add_id (keep, l->pre);
      add_id (keep, l->out);
      add_id (keep, l->adjoint);
      add_id (units, l->out_eval);
    }
  for (guint i = 0; i < m->params->len; i++)
    add_id (keep, _chain_tensor_at (m->params, i)->grad);
  make_averages (r);
  r->train = chain_exec_program (r->exec, train, 2, states, m->states->len, CHAIN_PLAN_COMMIT);
  r->loop = (ChainExecLoop){ .program = r->train, .leaves = { m->x, m->t }, .outputs = { m->loss_train, m->grad_sq } };
  r->keep = chain_exec_program (r->exec, (const ChainId *) (gconstpointer) keep->data, keep->len, states, m->states->len, CHAIN_PLAN_KEEP_ALL);
  r->fields = chain_exec_program (r->exec, (const ChainId *) (gconstpointer) units->data, units->len, NULL, 0, CHAIN_PLAN_DEFAULT);
  r->output = chain_exec_program (r->exec, &m->proba_eval, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
  r->eval = chain_eval_programs (m, r->exec);
}

static void *
as_floats (const double *from, gsize n, GError **error)
{
  float *to;

  if (!chain_memory_check (n * sizeof (float), _("The training data in single precision"), error))
    return NULL;
  to = g_try_new (float, MAX (n, 1));
  if (to == NULL)
    {
      g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_MEMORY, _("There is no memory for the training data; use fewer rows"));
      return NULL;
    }
  for (gsize i = 0; i < n; i++)
    to[i] = (float) from[i];
  return to;
}

static gboolean
bind_data (ChainRig *r, GError **error)
{
  const ChainDataset *d = r->data;
  gsize size = r->spec->precision == CHAIN_F64 ? sizeof (double) : sizeof (float);

  r->row_x = d->d * size;
  r->row_t = d->k * size;
  r->x = d->x;
  r->t = d->t;
  if (r->spec->precision == CHAIN_F64)
    return TRUE;
  r->own_x = as_floats (d->x, (gsize) d->n_train * d->d, error);
  r->own_t = r->own_x == NULL ? NULL : as_floats (d->t, (gsize) d->n_train * d->k, error);
  r->x = r->own_x;
  r->t = r->own_t;
  return r->own_t != NULL;
}

/* Initialisers that measure what a layer makes of data see the first training rows. */
static gboolean
scale_by_data (ChainRig *r, GError **error)
{
  guint n = MIN (r->data->n_train, MEASURED_ROWS);

  return !chain_model_wants_data (r->model)
         || (chain_exec_write (r->exec, r->model->x, n, r->data->x, (gsize) n * r->data->d, error)
             && chain_model_init_data (r->model, r->exec, n, error));
}

ChainRig *
_chain_rig_new (const ChainSpec *spec, ChainDataset *data, guint id, int threads, GError **error)
{
  ChainRig *r;
  guint batch;

  if (data->n_train == 0)
    {
      g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("The training split has no rows; hold fewer rows out for testing"));
      return NULL;
    }
  r = g_new0 (ChainRig, 1);
  r->id = id;
  r->spec = chain_spec_ref (spec);
  r->data = chain_dataset_ref (data);
  r->model = chain_model_new (spec, data->prep, error);
  r->exec = r->model == NULL ? NULL : chain_exec_new (r->model->graph, spec->precision, error);
  if (r->exec == NULL)
    goto failed;
  if (threads > 0)
    chain_exec_set_threads (r->exec, threads);
  chain_exec_set_seed (r->exec, spec->seed);
  make_programs (r);
  _chain_dataset_axes (data, &r->axis_x, &r->axis_y);
  batch = spec->batch_size == 0 ? data->n_train : MIN (spec->batch_size, data->n_train);
  if (!bind_data (r, error) || chain_exec_plan (r->exec, r->train, batch, error) == NULL)
    goto failed;
  chain_model_set_hyper (r->model, r->exec, spec);
  if (!chain_model_init (r->model, r->exec, spec->seed, error) || !scale_by_data (r, error))
    goto failed;
  return r;

failed:
  _chain_rig_free (r);
  return NULL;
}

void
_chain_rig_free (ChainRig *r)
{
  if (r == NULL)
    return;
  chain_exec_free (r->exec);
  g_clear_pointer (&r->model, chain_model_free);
  g_free (r->own_x);
  g_free (r->own_t);
  chain_dataset_unref (r->data);
  chain_spec_unref (r->spec);
  g_free (r);
}

void
_chain_trainer_sampler (ChainTrainer *t, guint64 epoch, guint pos, guint64 step)
{
  const ChainSpec *spec = t->spec;

  chain_sampler_clear (&t->sampler);
  chain_sampler_init (&t->sampler, t->rig->data->n_train, spec->batch_size, spec->order, spec->drop_last, spec->seed);
  chain_sampler_set_classes (&t->sampler, t->rig->data->t, t->rig->data->k, t->rig->data->prep->n_classes, spec->frequencies);
  if (t->script != NULL)
    t->sampler.script = g_ptr_array_ref (t->script);
  chain_sampler_seek (&t->sampler, epoch, t->script != NULL ? pos : MIN (pos, t->sampler.n), step);
  t->rows = NULL;
}

static double
base_rate (const ChainSpec *spec)
{
  const ChainOptimRow *row = chain_optim_row (spec->optimiser.id != NULL ? spec->optimiser.id : "sgd");
  ChainParams p = { row != NULL ? &row->info : NULL, &spec->optimiser };
  double lr;

  if (chain_choice_param (&spec->optimiser, "lr", &lr))
    return lr;
  for (guint i = 0; row != NULL && i < row->info.n_params; i++)
    if (strcmp (row->info.params[i].name, "lr") == 0)
      return chain_param (&p, "lr");
  return 0;
}

void
_chain_trainer_hyper (ChainTrainer *t)
{
  const char *id = t->spec->schedule.id != NULL ? t->spec->schedule.id : "constant";

  chain_model_set_hyper (t->rig->model, t->rig->exec, t->spec);
  t->base_lr = base_rate (t->spec);
  t->schedule = chain_schedule_row (id);
  t->constant = t->schedule == NULL || strcmp (id, "constant") == 0;
  t->lr_epoch = -1;
  t->lr_fresh = FALSE;
}

/* The rate of a schedule that listens, from every evaluation of the calendar so far: going back in time takes back what it heard. */
static double
rate_after_evaluations (const ChainTrainer *t, const ChainParams *p)
{
  gboolean score = g_str_has_prefix (chain_param_variant (p), "max");
  g_autofree double *metric = g_new (double, t->evaluations->len + 1);

  for (guint i = 0; i < t->evaluations->len; i++)
    {
      const ChainEvaluation *e = &g_array_index (t->evaluations, ChainEvaluation, i);

      metric[i] = score ? e->score : isnan (e->test) ? e->train : e->test;
    }
  return t->schedule->replay (t->base_lr, metric, t->evaluations->len, p);
}

static void
follow_schedule (ChainTrainer *t, double k)
{
  ChainParams p = { &t->schedule->info, &t->spec->schedule };

  t->lr = t->schedule->replay != NULL ? rate_after_evaluations (t, &p) : t->schedule->rate (t->base_lr, k, &p);
  if (t->schedule->momentum != NULL)
    chain_model_set_momentum (t->rig->model, t->rig->exec, t->schedule->momentum (k, &p));
}

void
_chain_trainer_set_rate (ChainTrainer *t)
{
  gboolean listens = t->schedule != NULL && t->schedule->replay != NULL;
  double k = listens ? t->evaluations->len : (double) t->step;

  if (t->lr_fresh && t->constant)
    return;
  if (!t->constant && (t->spec->schedule_per_epoch || listens))
    {
      k = listens ? k : floor (_chain_trainer_position (t));
      if (t->lr_fresh && k == t->lr_epoch)
        return;
      t->lr_epoch = k;
    }
  t->lr = t->base_lr;
  if (!t->constant)
    follow_schedule (t, k);
  chain_exec_set_scalar (t->rig->exec, t->rig->model->lr, t->lr);
  t->lr_fresh = TRUE;
}

/* Rows come from all over the data: while one is copied, the row after the next is on its way from memory. */
static void
gather_long (char *to, const char *from, gsize row, const uint32_t *rows, guint n)
{
  for (guint i = 0; i < n; i++, to += row)
    {
      const char *next = from + rows[MIN (i + AHEAD, n - 1)] * row;

      for (gsize k = 0; k < row; k += 64)
        __builtin_prefetch (next + k, 0, 2);
      memcpy (to, from + rows[i] * row, row);
    }
}

/* Rows of one or two numbers, the usual case of tiny networks, are moved as such. */
static inline void
gather_rows (char *to, const char *from, gsize row, const uint32_t *rows, guint n)
{
  if (row == 4)
    for (guint i = 0; i < n; i++)
      memcpy (to + (gsize) i * 4, from + (gsize) rows[i] * 4, 4);
  else if (row == 8)
    for (guint i = 0; i < n; i++)
      memcpy (to + (gsize) i * 8, from + (gsize) rows[i] * 8, 8);
  else if (row >= 512)
    gather_long (to, from, row, rows, n);
  else
    for (guint i = 0; i < n; i++)
      memcpy (to + i * row, from + rows[i] * row, row);
}

static gboolean
gather_by_copy (ChainTrainer *t, ChainId leaf, const void *from, gsize row, const uint32_t *rows, guint n)
{
  g_autofree char *block = g_malloc (row * n);

  gather_rows (block, from, row, rows, n);
  if (t->rig->spec->precision == CHAIN_F64)
    return chain_exec_write (t->rig->exec, leaf, n, (const double *) (gconstpointer) block, row * n / sizeof (double), NULL);
  return chain_exec_write_f32 (t->rig->exec, leaf, n, (const float *) (gconstpointer) block, row * n / sizeof (float), NULL);
}

void
_chain_trainer_gather (ChainTrainer *t, const uint32_t *rows, guint n)
{
  ChainRig *r = t->rig;
  void *x = chain_exec_leaf_data (r->exec, r->model->x, n);
  void *target = chain_exec_leaf_data (r->exec, r->model->t, n);

  if (x == NULL || target == NULL)
    {
      gather_by_copy (t, r->model->x, r->x, r->row_x, rows, n);
      gather_by_copy (t, r->model->t, r->t, r->row_t, rows, n);
      return;
    }
  gather_rows (x, r->x, r->row_x, rows, n);
  gather_rows (target, r->t, r->row_t, rows, n);
}

/* The value of an output that the loop has bound, or read from the device. */
static inline double
output_of (const ChainRig *r, guint k, guint n)
{
  const void *from = r->loop.from[k];

  if (G_UNLIKELY (from == NULL))
    return chain_exec_read_one (r->exec, r->train, n, r->loop.outputs[k]);
  return r->spec->precision == CHAIN_F64 ? *(const double *) from : (double) *(const float *) from;
}

ChainStepResult
_chain_trainer_run_step (ChainTrainer *t, GError **error)
{
  ChainRig *r = t->rig;
  guint n;
  const uint32_t *rows;

  if (!t->lr_fresh || !t->constant)
    _chain_trainer_set_rate (t);
  rows = chain_sampler_next (&t->sampler, &n);
  if (rows == NULL)
    return CHAIN_STEP_END;
  t->rows = rows;
  t->n_rows = n;
  if (!chain_exec_loop_bind (r->exec, &r->loop, n, error))
    return CHAIN_STEP_ERROR;
  if (G_UNLIKELY (r->loop.to[0] == NULL || r->loop.to[1] == NULL))
    _chain_trainer_gather (t, rows, n);
  else
    {
      gather_rows (r->loop.to[0], r->x, r->row_x, rows, n);
      gather_rows (r->loop.to[1], r->t, r->row_t, rows, n);
    }
  if (!chain_exec_loop_run (r->exec, &r->loop, error))
    return CHAIN_STEP_ERROR;
  t->loss = output_of (r, 0, n);
  t->grad_sq = output_of (r, 1, n);
  t->step++;
  return isfinite (t->loss) && isfinite (t->grad_sq) ? CHAIN_STEP_OK : CHAIN_STEP_BAD;
}
