/* SPDX-License-Identifier: Apache-2.0 */
/* What a run will hold, part by part, before it runs: the sum that is announced, and that the process must keep to (ARCHITECTURE 9.4).
 *
 * The largest part of a network of moderate size is neither weights nor values but the ring of saved states for going back: its limit is
 * announced, since a long run fills it. Thinning keeps some fifty states of a million steps (trainer-replay.c). */
#include "app/train/trainer-private.h"

#include "engine/base/limits.h"

enum { STATES = 64, EVALUATED_ROWS = 1024 };

static guint64
of_evaluation (const ChainRig *r)
{
  guint64 n = MAX (r->data->n_train, r->data->n - r->data->n_train), columns = r->model->n_classes > 0 ? r->model->n_classes : r->data->k;

  return sizeof (double) * (2 * n * columns + MIN (n, EVALUATED_ROWS) * MAX (columns, r->data->d));
}

gboolean
chain_trainer_memory (ChainTrainer *t, ChainTrainerMemory *m, GError **error)
{
  const ChainRig *r = t->rig;
  const ChainPlan *plan = chain_exec_plan (r->exec, r->train, t->sampler.batch, error);
  guint64 state = chain_exec_save_bytes (r->exec);

  *m = (ChainTrainerMemory){ .plan = plan != NULL ? chain_plan_bytes (plan) : 0 };
  if (plan == NULL || chain_exec_plan (r->exec, r->eval.loss, MIN (r->data->n_train, EVALUATED_ROWS), error) == NULL)
    return FALSE;
  m->plans = MAX (chain_exec_bytes (r->exec), m->plan) - m->plan;
  m->data = (r->own_x != NULL ? (guint64) r->data->n_train * r->row_x : 0) + (r->own_t != NULL ? (guint64) r->data->n_train * r->row_t : 0);
  m->states = MAX (2 * state, MIN (STATES * state, CHAIN_LIMIT_RING_BYTES)) + (t->spec->stop.keep_best ? 2 * state : 0);
  m->evaluation = of_evaluation (r);
  m->total = m->plan + m->plans + m->data + m->states + m->evaluation;
  return TRUE;
}
