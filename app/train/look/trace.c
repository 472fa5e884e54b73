/* SPDX-License-Identifier: Apache-2.0 */
/* The step that comes next, held still for the debugger (app/stepper/trace.h). Its rows are those that the sampler will give, asked of a second
 * sampler at the same place: the trainer's own does not move, and neither does anything else that a run depends on. */
#include "app/train/trainer-private.h"

/* Rows of the next mini-batch. (transfer full). */
static uint32_t *
next_rows (const ChainTrainer *t, guint *n)
{
  const ChainSampler *from = &t->sampler;
  const ChainDataset *d = t->rig->data;
  const uint32_t *rows, first = 0;
  uint32_t *copy;
  ChainSampler s = { 0 };

  chain_sampler_init (&s, d->n_train, t->spec->batch_size, t->spec->order, t->spec->drop_last, t->spec->seed);
  chain_sampler_set_classes (&s, d->t, d->k, d->prep->n_classes, t->spec->frequencies);
  if (from->script != NULL)
    s.script = g_ptr_array_ref (from->script);
  chain_sampler_seek (&s, from->epoch, from->pos, from->step);
  rows = chain_sampler_next (&s, n);
  if (rows == NULL)   /* the script is over */
    {
      rows = &first;
      *n = 1;
    }
  copy = g_memdup2 (rows, *n * sizeof *rows);
  chain_sampler_clear (&s);
  return copy;
}

void
_chain_trainer_trace (ChainTrainer *t, ChainSnapshot *s)
{
  ChainRig *r = t->rig;
  ChainTraceRequest q = t->trace;
  g_autofree uint32_t *rows = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 1, sample;

  if (q.of == CHAIN_TRACE_SAMPLE)
    {
      sample = q.index = MIN (q.index, r->data->n_train - 1);
      rows = g_memdup2 (&sample, sizeof sample);
    }
  else
    rows = next_rows (t, &n);
  q.index = q.of == CHAIN_TRACE_ROW ? MIN (q.index, n - 1) : q.of == CHAIN_TRACE_BATCH ? 0 : q.index;
  sample = rows[q.of == CHAIN_TRACE_ROW ? q.index : 0];
  _chain_trainer_set_rate (t);
  _chain_trainer_gather (t, rows, n);
  s->trace = chain_trace_new (r->model, r->exec, n, q, sample, r->data->n_train, t->step, _chain_trainer_position (t), &error);
  if (s->trace == NULL)
    s->trace_error = g_strdup (error->message);
}

void
chain_trainer_set_trace_request (ChainTrainer *t, ChainTraceRequest request)
{
  t->trace = request;
}
