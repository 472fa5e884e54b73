/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that change a run. Where the graph stays the same (rate, batch size, schedule, stopping rules) the run goes on with the same
 * executor; otherwise a new rig is built and weights are carried over by the ids of layers and units (ARCHITECTURE 9.8). */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/train/trainer-private.h"
#include "engine/nn/edit.h"

#include <math.h>

static void
take_spec (ChainTrainer *t, const ChainSpec *spec)
{
  ChainSpec *old = t->spec;

  t->spec = chain_spec_ref (spec);
  chain_spec_unref (old);
}

static gboolean
rebuild (ChainTrainer *t, const ChainSpec *spec, ChainDataset *data, const char *graft, GError **error)
{
  ChainRig *old = t->rig, *rig = _chain_rig_new (spec, data, t->next_rig_id, t->threads, error);
  ChainSpec *before;
  gboolean new_data = data != old->data;

  if (rig == NULL)
    return FALSE;
  chain_model_carry (old->model, old->exec, rig->model, rig->exec);
  if (graft != NULL && !chain_model_graft (old->model, old->exec, rig->model, rig->exec, graft, error))
    {
      _chain_rig_free (rig);
      return FALSE;
    }
  t->next_rig_id++;
  t->rig = rig;
  before = chain_spec_ref (t->spec);
  take_spec (t, spec);
  if (new_data)
    g_clear_pointer (&t->script, g_ptr_array_unref);
  if (new_data && t->sampler.pos > 0)
    _chain_trainer_sampler (t, t->sampler.epoch + 1, 0, t->sampler.step);
  else
    _chain_trainer_sampler (t, t->sampler.epoch, t->sampler.pos, t->sampler.step);
  _chain_eval_state_clear (&t->eval);
  t->eval.best_step = t->step;
  t->eval.best_epoch = _chain_trainer_position (t);
  t->has_metrics = FALSE;
  _chain_trainer_segment_next (t, before, old->data);
  chain_spec_unref (before);
  _chain_rig_free (old);
  return TRUE;
}

/* All or nothing, also where the graft's second line is wrong. */
static gboolean
graft_here (ChainTrainer *t, const char *graft, GError **error)
{
  ChainExec *x = t->rig->exec;
  ChainExecState *before = chain_exec_save (x);
  gboolean ok = chain_model_graft (t->rig->model, x, t->rig->model, x, graft, error);

  if (!ok)
    chain_exec_restore (x, before);
  chain_exec_state_unref (before);
  return ok;
}

static gboolean
change_spec (ChainTrainer *t, const ChainSpec *spec, ChainDataset *data, const char *graft, GError **error)
{
  ChainModel *m = t->rig->model;

  if (data == NULL)
    data = t->rig->data;
  if (data == t->rig->data && chain_model_same_graph (m, spec))
    {
      gboolean order = spec->batch_size != t->spec->batch_size || spec->order != t->spec->order || spec->drop_last != t->spec->drop_last;

      if (graft != NULL && !graft_here (t, graft, error))
        return FALSE;
      t->has_metrics = t->has_metrics && graft == NULL;
      take_spec (t, spec);
      if (order)
        _chain_trainer_sampler (t, t->sampler.epoch, t->sampler.pos, t->sampler.step);
    }
  else if (!rebuild (t, spec, data, graft, error))
    return FALSE;
  chain_exec_set_seed (t->rig->exec, spec->seed);
  t->eval.stop = FALSE;
  t->eval.reached_target = FALSE;
  _chain_trainer_hyper (t);
  _chain_trainer_set_rate (t);
  return TRUE;
}

static gboolean
change_weight (ChainTrainer *t, const ChainCommand *c, GError **error)
{
  const ChainTensorInfo *info = chain_model_tensor (t->rig->model, c->name);
  gsize n;
  g_autofree double *v = NULL;

  if (info == NULL || c->row >= info->rows || c->col >= info->cols || !isfinite (c->value))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE, _("There is no entry (%u, %u) in %s that could take this value"), c->row, c->col,
                   c->name != NULL ? c->name : "");
      return FALSE;
    }
  n = (gsize) info->rows * info->cols;
  v = g_new (double, n);
  chain_exec_read_leaf (t->rig->exec, info->leaf, v, n);
  v[(gsize) c->row * info->cols + c->col] = c->value;
  t->has_metrics = FALSE;
  return chain_exec_write (t->rig->exec, info->leaf, 1, v, n, error);
}

gboolean
_chain_trainer_change (ChainTrainer *t, const ChainCommand *c, GError **error)
{
  if (c->kind == CHAIN_COMMAND_SPEC)
    return change_spec (t, c->spec, c->data, c->graft, error);
  return change_weight (t, c, error);
}

/* Events that were recorded after the present (the user went back in time) happen again when their step comes. */
gboolean
_chain_trainer_due_events (ChainTrainer *t, GError **error)
{
  gboolean any = FALSE;

  while (t->n_applied < t->events->len)
    {
      const ChainEvent *e = g_ptr_array_index (t->events, t->n_applied);

      if (e->step > t->step)
        break;
      if (!_chain_trainer_change (t, e->command, error))
        return FALSE;
      t->n_applied++;
      any = TRUE;
    }
  if (any)
    _chain_trainer_ring_push (t);
  return TRUE;
}

gboolean
_chain_trainer_reset (ChainTrainer *t, const ChainCommand *c, GError **error)
{
  ChainSpec *spec = chain_spec_ref (c->spec != NULL ? c->spec : t->spec);
  ChainRig *rig;

  if (c->n != spec->seed)
    {
      ChainSpec *copy = chain_spec_copy (spec);

      copy->seed = c->n;
      chain_spec_unref (spec);
      spec = chain_spec_seal (copy);
    }
  rig = _chain_rig_new (spec, c->data != NULL ? c->data : t->rig->data, t->next_rig_id, t->threads, error);
  if (rig == NULL)
    {
      chain_spec_unref (spec);
      return FALSE;
    }
  if (c->data != NULL && c->data != t->rig->data)
    g_clear_pointer (&t->script, g_ptr_array_unref);
  t->next_rig_id++;
  _chain_trainer_put_by (t);
  _chain_rig_free (t->rig);
  t->rig = rig;
  take_spec (t, spec);
  chain_spec_unref (spec);
  _chain_trainer_restart (t, 0, 0, 0);
  t->loss = NAN;
  _chain_trainer_settle (t);
  return TRUE;
}

/* The present weights become the start of what is known of this run. */
void
_chain_trainer_restart (ChainTrainer *t, guint64 step, guint64 epoch, guint pos)
{
  t->step = step;
  t->grad_sq = 0;
  g_ptr_array_set_size (t->events, 0);
  t->n_applied = 0;
  t->plain_event = NULL;
  _chain_trainer_segment_first (t);
  _chain_eval_state_clear (&t->eval);
  g_clear_pointer (&t->parked, chain_exec_state_unref);
  t->has_metrics = FALSE;
  _chain_trainer_sampler (t, epoch, pos, step);
  _chain_trainer_hyper (t);
  _chain_trainer_set_rate (t);
  _chain_trainer_ring_clear (t);
  _chain_trainer_ring_push (t);
}

void
_chain_trainer_rebase (ChainTrainer *t)
{
  g_ptr_array_set_size (t->events, (gint) t->n_applied);
  t->plain_event = NULL;
  _chain_eval_state_clear (&t->eval);
  t->eval.best_step = t->step;
  t->eval.best_epoch = _chain_trainer_position (t);
  g_clear_pointer (&t->parked, chain_exec_state_unref);
  t->has_metrics = FALSE;
  _chain_trainer_hyper (t);
  _chain_trainer_set_rate (t);
  _chain_trainer_ring_clear (t);
  _chain_trainer_ring_push (t);
}

static gboolean
apply_goto (ChainTrainer *t, guint64 step, GError **error)
{
  GError *local = NULL;

  if (step > t->step && t->state < CHAIN_RUN_DONE)
    {
      while (t->step < step && chain_trainer_iterate (t))
        if (t->cancel != NULL && g_atomic_int_get (t->cancel))
          break;
      return TRUE;
    }
  if (step >= t->step && t->state >= CHAIN_RUN_DONE)
    return TRUE;
  if (!_chain_trainer_goto (t, step, &local))
    {
      if (g_error_matches (local, CHAIN_ERROR, CHAIN_ERROR_CANCELLED))
        _chain_trainer_settle (t);
      g_propagate_error (error, local);
      return FALSE;
    }
  _chain_trainer_settle (t);
  return TRUE;
}

/* Two settings with no step between them: only the later one matters (a slider that is dragged while paused). Structural edits stay, each
 * of them carries weights. */
static gboolean
replaces (const ChainTrainer *t, const ChainEvent *last, const ChainCommand *c, gboolean plain)
{
  if (last == NULL || last->step != t->step || last->command->kind != c->kind || !plain)
    return FALSE;
  if (c->kind == CHAIN_COMMAND_SPEC)
    return last == t->plain_event;
  return last->command->row == c->row && last->command->col == c->col && strcmp (last->command->name, c->name) == 0;
}

/* plain: the structure stayed. */
static void
record (ChainTrainer *t, ChainCommand *c, gboolean plain)
{
  ChainEvent *last = t->n_applied > 0 ? g_ptr_array_index (t->events, t->n_applied - 1) : NULL;
  ChainEvent *e = g_new0 (ChainEvent, 1);

  e->step = t->step;
  e->command = c;
  g_ptr_array_set_size (t->events, (gint) (replaces (t, last, c, plain) ? t->n_applied - 1 : t->n_applied));
  g_ptr_array_add (t->events, e);
  t->n_applied = t->events->len;
  t->plain_event = plain ? e : NULL;
}

gboolean
chain_trainer_apply (ChainTrainer *t, ChainCommand *c, GError **error)
{
  gboolean ok, parked = t->parked != NULL;
  guint rig = t->rig->id;

  if (c->kind == CHAIN_COMMAND_GOTO || c->kind == CHAIN_COMMAND_RESET)
    {
      ok = c->kind == CHAIN_COMMAND_GOTO ? apply_goto (t, c->n, error) : _chain_trainer_reset (t, c, error);
      chain_command_free (c);
      return ok;
    }
  if (c->kind != CHAIN_COMMAND_SPEC && c->kind != CHAIN_COMMAND_WEIGHT)
    {
      chain_command_free (c);
      return TRUE;
    }
  _chain_trainer_unpark (t);
  if (!_chain_trainer_change (t, c, error))
    {
      if (parked)
        _chain_trainer_settle (t);
      chain_command_free (c);
      return FALSE;
    }
  record (t, c, rig == t->rig->id && c->graft == NULL);
  _chain_trainer_ring_cut (t, t->step);
  _chain_trainer_ring_push (t);
  _chain_trainer_settle (t);
  return TRUE;
}
