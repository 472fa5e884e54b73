/* SPDX-License-Identifier: Apache-2.0 */
/* The trainer's life and its loop body. A run is a list of steps with events between them; `advance` is the one way to make a step, live or in
 * a replay, so both leave the same bits behind. What a step leaves besides the weights (series, ring, evaluations) is added here, after
 * the guard has looked at it. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/train/trainer-private.h"

#include <math.h>

ChainCommand *
chain_command_new (ChainCommandKind kind)
{
  ChainCommand *c = g_new0 (ChainCommand, 1);

  c->kind = kind;
  return c;
}

void
chain_command_free (ChainCommand *c)
{
  if (c == NULL)
    return;
  g_clear_pointer (&c->spec, chain_spec_unref);
  g_clear_pointer (&c->data, chain_dataset_unref);
  g_free (c->name);
  g_free (c->graft);
  g_free (c);
}

void
_chain_event_free (gpointer event)
{
  ChainEvent *e = event;

  chain_command_free (e->command);
  g_free (e);
}

ChainTrainer *
chain_trainer_new (const ChainSpec *spec, ChainDataset *data, GError **error)
{
  ChainTrainer *t;
  ChainRig *rig = _chain_rig_new (spec, data, 0, 0, error);

  if (rig == NULL)
    return NULL;
  t = g_new0 (ChainTrainer, 1);
  t->rig = rig;
  t->next_rig_id = 1;
  t->spec = chain_spec_ref (spec);
  t->loss = NAN;
  t->ring = g_ptr_array_new_with_free_func (_chain_ring_entry_free);
  t->events = g_ptr_array_new_with_free_func (_chain_event_free);
  _chain_trainer_segments_new (t);
  _chain_trainer_runs_new (t);
  _chain_eval_state_clear (&t->eval);
  _chain_trainer_sampler (t, 0, 0, 0);
  _chain_trainer_hyper (t);
  _chain_trainer_set_rate (t);
  _chain_trainer_ring_push (t);
  return t;
}

void
chain_trainer_free (ChainTrainer *t)
{
  if (t == NULL)
    return;
  g_ptr_array_unref (t->ring);
  g_ptr_array_unref (t->events);
  _chain_trainer_segments_free (t);
  g_ptr_array_unref (t->runs);
  _chain_eval_state_clear (&t->eval);
  g_clear_pointer (&t->parked, chain_exec_state_unref);
  chain_sampler_clear (&t->sampler);
  g_clear_pointer (&t->script, g_ptr_array_unref);
  _chain_rig_free (t->rig);
  chain_spec_unref (t->spec);
  g_free (t->message);
  g_free (t->remedy);
  g_free (t->scratch);
  g_free (t);
}

void
_chain_trainer_set_state (ChainTrainer *t, ChainRunState state, const char *message, const char *remedy)
{
  t->state = state;
  t->trouble = -1;
  chain_set_str (&t->message, message);
  chain_set_str (&t->remedy, remedy);
}

/* After anything but a step: the state follows from where the run is. */
void
_chain_trainer_settle (ChainTrainer *t)
{
  if (_chain_trainer_finished (t))
    _chain_trainer_finish (t);
  else
    _chain_trainer_set_state (t, t->step == 0 ? CHAIN_RUN_READY : CHAIN_RUN_RUNNING, NULL, NULL);
}

void
_chain_trainer_unpark (ChainTrainer *t)
{
  if (t->parked == NULL)
    return;
  chain_exec_restore (t->rig->exec, t->parked);
  g_clear_pointer (&t->parked, chain_exec_state_unref);
  t->lr_fresh = FALSE;
}

ChainStepResult
_chain_trainer_advance (ChainTrainer *t, gboolean live, GError **error)
{
  ChainStepResult r = _chain_trainer_run_step (t, error);
  double epoch;

  if (G_UNLIKELY (r != CHAIN_STEP_OK))
    return r;
  epoch = _chain_trainer_position (t);
  chain_series_append (t->train_loss, epoch, t->loss);
  if (live && t->on_step != NULL)
    t->on_step (t->step, epoch, t->loss, t->lr, t->log_data);
  if (G_UNLIKELY (chain_sampler_at_epoch_end (&t->sampler)) && !_chain_trainer_calendar (t, live, error))
    return CHAIN_STEP_ERROR;
  if (G_UNLIKELY ((t->step & (t->ring_every - 1)) == 0))
    _chain_trainer_ring_push (t);
  return CHAIN_STEP_OK;
}

static gboolean
fail (ChainTrainer *t, GError *error)
{
  _chain_trainer_set_state (t, CHAIN_RUN_FAILED, error != NULL ? error->message : _("The step could not be run"), NULL);
  g_clear_error (&error);
  return FALSE;
}

gboolean
chain_trainer_iterate (ChainTrainer *t)
{
  GError *error = NULL;

  if (G_UNLIKELY (t->state >= CHAIN_RUN_DONE))
    return FALSE;
  if (G_UNLIKELY (t->n_applied < t->events->len) && !_chain_trainer_due_events (t, &error))
    return fail (t, error);
  switch (_chain_trainer_advance (t, TRUE, &error))
    {
    case CHAIN_STEP_OK:
      t->state = CHAIN_RUN_RUNNING;
      break;
    case CHAIN_STEP_END:
      _chain_trainer_finish (t);
      return FALSE;
    case CHAIN_STEP_BAD:
      _chain_trainer_diagnose (t);
      return FALSE;
    case CHAIN_STEP_ERROR:
    default:
      return fail (t, error);
    }
  if (G_LIKELY (!_chain_trainer_finished (t)))
    return TRUE;
  _chain_trainer_finish (t);
  return FALSE;
}

gboolean
chain_trainer_set_script (ChainTrainer *t, GPtrArray *script, GError **error)
{
  const guint n = t->rig->data->n_train;

  for (guint i = 0; i < script->len; i++)
    {
      const GArray *rows = g_ptr_array_index (script, i);

      for (guint k = 0; k < MAX (rows->len, 1); k++)
        if (rows->len == 0 || g_array_index (rows, guint32, k) >= n)
          {
            g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE,
                         rows->len == 0 ? _("Batch %u of the script is empty; give at least one row")
                                        : _("Batch %u of the script names a row that is not among the %u training rows; rows count from 0"),
                         i, n);
            g_ptr_array_unref (script);
            return FALSE;
          }
    }
  g_clear_pointer (&t->script, g_ptr_array_unref);
  t->script = script;
  _chain_trainer_sampler (t, t->sampler.epoch, t->sampler.pos, t->step);
  return TRUE;
}

void
chain_trainer_set_threads (ChainTrainer *t, int n)
{
  t->threads = n;
  chain_exec_set_threads (t->rig->exec, n);
}

void
chain_trainer_set_log (ChainTrainer *t, ChainStepFunc on_step, ChainEvalFunc on_eval, gpointer data)
{
  t->on_step = on_step;
  t->on_eval = on_eval;
  t->log_data = data;
}

void
chain_trainer_set_cancel (ChainTrainer *t, const int *flag)
{
  t->cancel = flag;
}

void
chain_trainer_set_idle (ChainTrainer *t, gboolean idle)
{
  t->idle = idle;
}

ChainRunState
chain_trainer_state (const ChainTrainer *t)
{
  return t->state;
}

const char *
chain_trainer_message (const ChainTrainer *t)
{
  return t->message;
}

const char *
chain_trainer_remedy (const ChainTrainer *t)
{
  return t->remedy;
}

guint64
chain_trainer_step (const ChainTrainer *t)
{
  return t->step;
}

double
chain_trainer_epoch (const ChainTrainer *t)
{
  return _chain_trainer_position (t);
}

double
chain_trainer_loss (const ChainTrainer *t)
{
  return t->loss;
}

double
chain_trainer_lr (const ChainTrainer *t)
{
  return t->lr;
}

const ChainSpec *
chain_trainer_spec (const ChainTrainer *t)
{
  return t->spec;
}

ChainDataset *
chain_trainer_data (const ChainTrainer *t)
{
  return t->rig->data;
}

ChainModel *
chain_trainer_model (const ChainTrainer *t)
{
  return t->rig->model;
}

ChainExec *
chain_trainer_exec (const ChainTrainer *t)
{
  return t->rig->exec;
}

GPtrArray *
chain_trainer_events (const ChainTrainer *t)
{
  return t->events;
}
