/* SPDX-License-Identifier: Apache-2.0 */
/* The calendar of evaluations (epochs 1, 2, 4 … and every eval_every) and the rules that end a run. What early stopping remembers is part of
 * the state that a replay restores, so going back in time also takes back the patience that was used up. */
#include "app/train/trainer-private.h"

#include <math.h>

void
_chain_eval_state_clear (ChainEvalState *e)
{
  g_clear_pointer (&e->best_state, chain_exec_state_unref);
  g_clear_pointer (&e->silent_since, g_array_unref);
  *e = (ChainEvalState){ .best = INFINITY };
}

void
_chain_eval_state_copy (ChainEvalState *to, const ChainEvalState *from)
{
  ChainExecState *best = from->best_state != NULL ? chain_exec_state_ref (from->best_state) : NULL;
  GArray *silent = from->silent_since != NULL ? g_array_ref (from->silent_since) : NULL;

  g_clear_pointer (&to->best_state, chain_exec_state_unref);
  g_clear_pointer (&to->silent_since, g_array_unref);
  *to = *from;
  to->best_state = best;
  to->silent_since = silent;
}

gboolean
chain_trainer_evaluate (ChainTrainer *t, ChainMetrics *train, ChainMetrics *test, GError **error)
{
  ChainRig *r = t->rig;
  const ChainDataset *d = r->data;
  ChainMetrics none = { NAN, d->prep->classify, NAN, NAN, NAN, NAN };

  if (!chain_evaluate (r->model, r->exec, &r->eval, d, 0, d->n_train, &t->train, error))
    return FALSE;
  t->test = none;
  if (d->n > d->n_train && !chain_evaluate (r->model, r->exec, &r->eval, d, d->n_train, d->n, &t->test, error))
    return FALSE;
  t->has_metrics = TRUE;
  t->metrics_epoch = _chain_trainer_position (t);
  if (train != NULL)
    *train = t->train;
  if (test != NULL)
    *test = t->test;
  return TRUE;
}

static double
score_of (const ChainTrainer *t)
{
  const ChainMetrics *m = t->rig->data->n > t->rig->data->n_train ? &t->test : &t->train;

  return m->classify ? m->accuracy : m->r2;
}

static void
append_once (ChainSeries *s, double x, double y)
{
  chain_series_truncate (s, x - 1e-9);
  chain_series_append (s, x, y);
}

void
_chain_trainer_note (ChainTrainer *t)
{
  append_once (t->eval_train, t->metrics_epoch, t->train.loss);
  if (t->rig->data->n > t->rig->data->n_train)
    append_once (t->eval_test, t->metrics_epoch, t->test.loss);
  append_once (t->eval_score, t->metrics_epoch, score_of (t));
}

static gboolean
is_due (const ChainSpec *spec, guint64 epoch)
{
  guint every = MAX (spec->stop.eval_every, 1);

  return (epoch & (epoch - 1)) == 0 || epoch % every == 0;
}

static void
remember (ChainTrainer *t)
{
  ChainEvaluation e = { t->step, t->metrics_epoch, t->train.loss, t->test.loss, score_of (t) };

  while (t->evaluations->len > 0 && g_array_index (t->evaluations, ChainEvaluation, t->evaluations->len - 1).step >= t->step)
    g_array_set_size (t->evaluations, t->evaluations->len - 1);
  g_array_append_val (t->evaluations, e);
}

static void
judge (ChainTrainer *t)
{
  const ChainStopSpec *stop = &t->spec->stop;
  ChainEvalState *e = &t->eval;
  double loss = t->rig->data->n > t->rig->data->n_train ? t->test.loss : t->train.loss;

  if (loss < e->best - (isfinite (e->best) ? stop->min_delta : 0))
    {
      e->best = loss;
      e->best_step = t->step;
      e->best_epoch = t->metrics_epoch;
      g_clear_pointer (&e->best_state, chain_exec_state_unref);
      if (stop->keep_best)
        e->best_state = chain_exec_save (t->rig->exec);
    }
  else if (stop->early_stopping && t->metrics_epoch - e->best_epoch >= stop->patience)
    e->stop = TRUE;
  if (t->train.loss < stop->target_loss)
    e->reached_target = TRUE;
}

gboolean
_chain_trainer_calendar (ChainTrainer *t, gboolean live, GError **error)
{
  guint64 epoch;

  if (!chain_sampler_at_epoch_end (&t->sampler))
    return TRUE;
  epoch = (guint64) _chain_trainer_position (t);
  if (!is_due (t->spec, epoch))
    return TRUE;
  if (!chain_trainer_evaluate (t, NULL, NULL, error))
    return FALSE;
  _chain_trainer_note (t);
  remember (t);
  judge (t);
  _chain_trainer_watch_dead (t);
  if (live && t->on_eval != NULL)
    t->on_eval (t->step, &t->train, &t->test, t->log_data);
  return TRUE;
}

gboolean
_chain_trainer_finished (ChainTrainer *t)
{
  const ChainStopSpec *stop = &t->spec->stop;

  if (t->step == 0)
    return FALSE;
  if (stop->steps > 0 && t->step >= stop->steps)
    return TRUE;
  if (stop->epochs > 0 && _chain_trainer_position (t) >= stop->epochs - 1e-9)
    return TRUE;
  return (stop->early_stopping && t->eval.stop) || (isfinite (stop->target_loss) && t->eval.reached_target);
}

/* With keep-best the weights shown and saved are those of the best evaluation; the true end is parked, so that going on is possible. */
void
_chain_trainer_finish (ChainTrainer *t)
{
  _chain_trainer_set_state (t, CHAIN_RUN_DONE, NULL, NULL);
  if (!t->spec->stop.keep_best || t->eval.best_state == NULL || t->eval.best_step == t->step || t->parked != NULL)
    return;
  t->parked = chain_exec_save (t->rig->exec);
  chain_exec_restore (t->rig->exec, t->eval.best_state);
  t->lr_fresh = FALSE;
  t->has_metrics = FALSE;
}
