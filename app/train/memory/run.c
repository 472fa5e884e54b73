/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that a reset has put aside. An undo that goes back behind a reset brings weights of another run: then that run's curves, step and place in the
 * data come with them, and the run that is left is put aside in its turn, for a redo. What is saved with the weights says which run and where in it,
 * as numbers beside those of the executor; a document does not have them. A run that is no longer kept leaves the present curves as they are. */
#include "app/train/trainer-private.h"

#include <math.h>
#include <string.h>

#define MOST_RUNS 8u
#define PREFIX "scalar.run."

typedef struct { guint64 id; GPtrArray *past, *events; } Run;

static void
run_free (gpointer p)
{
  Run *r = p;

  g_ptr_array_unref (r->past);
  g_ptr_array_unref (r->events);
  g_free (r);
}

/* Unlike that of any other trainer, also where weights come from a branch of the document or out of a journal: the moment, in microseconds, which fits
 * into f64. Two of one moment are told apart by the count. */
static guint64
new_id (void)
{
  static int last;

  return (guint64) g_get_real_time () + (guint) g_atomic_int_add (&last, 1);
}

void
_chain_trainer_runs_new (ChainTrainer *t)
{
  t->runs = g_ptr_array_new_with_free_func (run_free);
  t->run = new_id ();
}

void
_chain_trainer_put_by (ChainTrainer *t)
{
  Run *r = g_new (Run, 1);

  r->id = t->run;
  r->past = _chain_trainer_segments_steal (t);
  r->events = t->events;
  g_ptr_array_set_size (r->events, (gint) t->n_applied);
  t->events = g_ptr_array_new_with_free_func (_chain_event_free);
  t->n_applied = 0;
  t->plain_event = NULL;
  g_ptr_array_add (t->runs, r);
  if (t->runs->len > MOST_RUNS)
    g_ptr_array_remove_index (t->runs, 0);
  t->run = new_id ();
}

/* --- marks --- */
static void
add_mark (GPtrArray *to, const char *name, double value)
{
  ChainNamedTensor *n = g_new0 (ChainNamedTensor, 1);

  n->name = g_strconcat (PREFIX, name, NULL);
  n->tensor = chain_tensor_new (CHAIN_F64, 1, 1);
  n->tensor->rank = 0;
  chain_tensor_set (n->tensor, 0, value);
  g_ptr_array_add (to, n);
}

static double
mark_of (GPtrArray *from, const char *name)
{
  g_autofree char *full = g_strconcat (PREFIX, name, NULL);

  for (guint i = from->len; i-- > 0;)
    {
      const ChainNamedTensor *n = g_ptr_array_index (from, i);

      if (strcmp (n->name, full) == 0)
        return chain_tensor_get (n->tensor, 0);
    }
  return NAN;
}

GPtrArray *
chain_trainer_save_state (ChainTrainer *t)
{
  GPtrArray *to = chain_trainer_save_tensors (t, TRUE);

  add_mark (to, "id", (double) t->run);
  add_mark (to, "segment", t->segment);
  add_mark (to, "step", (double) t->step);
  add_mark (to, "epoch", _chain_trainer_position (t));
  add_mark (to, "sampler-epoch", (double) t->sampler.epoch);
  add_mark (to, "sampler-pos", t->sampler.pos);
  add_mark (to, "sampler-step", (double) t->sampler.step);
  add_mark (to, "loss", t->loss);
  return to;
}

static void
recall (ChainTrainer *t, Run *r, GPtrArray *marks)
{
  guint64 epoch = (guint64) mark_of (marks, "sampler-epoch"), at = (guint64) mark_of (marks, "sampler-step");
  guint pos = (guint) mark_of (marks, "sampler-pos");

  g_ptr_array_unref (t->events);
  t->events = g_ptr_array_ref (r->events);
  t->run = r->id;
  t->step = (guint64) mark_of (marks, "step");
  _chain_trainer_segments_give (t, g_ptr_array_ref (r->past));
  _chain_trainer_segment_back (t, (guint) mark_of (marks, "segment"));
  while (t->events->len > 0 && ((ChainEvent *) g_ptr_array_index (t->events, t->events->len - 1))->step > t->step)
    g_ptr_array_set_size (t->events, (gint) t->events->len - 1);
  t->n_applied = t->events->len;
  _chain_trainer_forget_after (t, mark_of (marks, "epoch"));
  _chain_trainer_sampler (t, epoch, pos, at);
  t->loss = mark_of (marks, "loss");
  t->grad_sq = 0;
}

static Run *
steal_run (ChainTrainer *t, double id)
{
  for (guint i = 0; i < t->runs->len; i++)
    if (((Run *) g_ptr_array_index (t->runs, i))->id == (guint64) id)
      return g_ptr_array_steal_index (t->runs, i);
  return NULL;
}

gboolean
chain_trainer_load_state (ChainTrainer *t, GPtrArray *tensors, GError **error)
{
  double id = mark_of (tensors, "id");
  Run *r = isnan (id) || id == (double) t->run ? NULL : steal_run (t, id);

  if (r != NULL)
    {
      _chain_trainer_put_by (t);
      recall (t, r, tensors);
      run_free (r);
    }
  return chain_trainer_load_tensors (t, tensors, TRUE, NULL, error);
}
