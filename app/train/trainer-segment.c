/* SPDX-License-Identifier: Apache-2.0 */
/* A curve is of one run: of one data set and one loss. When either changes under way the weights stay (ARCHITECTURE 9.8), but what was measured
 * before says nothing about what comes after: a new segment begins, with empty curves and no evaluations for a schedule to listen to. The segments
 * before are kept for the way back: in time, and by an edit that puts data and loss back before a step was made. */
#include "app/train/trainer-private.h"

#include <math.h>
#include <string.h>

#define MOST_PAST 8u

typedef struct
{
  guint         id;
  guint64       step;
  double        epoch;
  ChainSpec    *spec;           /* (ref) whose losses it was measured with */
  ChainDataset *data;           /* (ref) */
  ChainSeries  *train_loss, *eval_train, *eval_test, *eval_score;
  GArray       *evaluations;
  double        loss;
} Segment;

void
_chain_segment_free (gpointer p)
{
  Segment *g = p;

  chain_spec_unref (g->spec);
  chain_dataset_unref (g->data);
  chain_series_free (g->train_loss);
  chain_series_free (g->eval_train);
  chain_series_free (g->eval_test);
  chain_series_free (g->eval_score);
  g_array_unref (g->evaluations);
  g_free (g);
}

static void
make_curves (ChainTrainer *t)
{
  t->evaluations = g_array_new (FALSE, FALSE, sizeof (ChainEvaluation));
  t->train_loss = chain_series_new ();
  t->eval_train = chain_series_new ();
  t->eval_test = chain_series_new ();
  t->eval_score = chain_series_new ();
}

static void
drop_curves (ChainTrainer *t)
{
  chain_series_free (t->train_loss);
  chain_series_free (t->eval_train);
  chain_series_free (t->eval_test);
  chain_series_free (t->eval_score);
  g_array_unref (t->evaluations);
}

static gboolean
same_names (const GPtrArray *a, const GPtrArray *b)
{
  for (guint i = 0; a->len == b->len && i < a->len; i++)
    if (strcmp (a->pdata[i], b->pdata[i]) != 0)
      return FALSE;
  return a->len == b->len;
}

static gboolean
same_losses (const ChainSpec *a, const ChainSpec *b)
{
  if (a->losses->len != b->losses->len)
    return FALSE;
  for (guint i = 0; i < a->losses->len; i++)
    {
      const ChainLossTerm *p = a->losses->pdata[i], *q = b->losses->pdata[i];

      if (!chain_choice_equal (&p->choice, &q->choice) || g_strcmp0 (p->reduction, q->reduction) != 0 || p->weight != q->weight
          || !same_names (p->roles, q->roles) || !same_names (p->sources, q->sources))
        return FALSE;
    }
  return TRUE;
}

/* The newest past segment becomes the present one again. */
static void
pop (ChainTrainer *t)
{
  Segment *g = g_ptr_array_steal_index (t->past, t->past->len - 1);

  drop_curves (t);
  t->segment = g->id;
  t->segment_step = g->step;
  t->segment_epoch = g->epoch;
  t->train_loss = g_steal_pointer (&g->train_loss);
  t->eval_train = g_steal_pointer (&g->eval_train);
  t->eval_test = g_steal_pointer (&g->eval_test);
  t->eval_score = g_steal_pointer (&g->eval_score);
  t->evaluations = g->evaluations;
  g->evaluations = g_array_new (FALSE, FALSE, 1);
  t->loss = g->loss;
  _chain_segment_free (g);
}

static void
push (ChainTrainer *t, const ChainSpec *spec, ChainDataset *data)
{
  Segment *g = g_new0 (Segment, 1);

  *g = (Segment){ t->segment, t->segment_step, t->segment_epoch, chain_spec_ref (spec), chain_dataset_ref (data), t->train_loss, t->eval_train,
                  t->eval_test, t->eval_score, t->evaluations, t->loss };
  g_ptr_array_add (t->past, g);
  if (t->past->len > MOST_PAST)
    g_ptr_array_remove_index (t->past, 0);
  make_curves (t);
}

void
_chain_trainer_segments_new (ChainTrainer *t)
{
  t->past = g_ptr_array_new_with_free_func (_chain_segment_free);
  make_curves (t);
}

void
_chain_trainer_segments_free (ChainTrainer *t)
{
  drop_curves (t);
  g_ptr_array_unref (t->past);
}

/* All of them with the present one as the newest; (transfer full). The present one is empty then. */
GPtrArray *
_chain_trainer_segments_steal (ChainTrainer *t)
{
  GPtrArray *past = t->past;

  push (t, t->spec, t->rig->data);
  t->past = g_ptr_array_new_with_free_func (_chain_segment_free);
  return past;
}

/* Takes past, which has one at least. */
void
_chain_trainer_segments_give (ChainTrainer *t, GPtrArray *past)
{
  g_ptr_array_unref (t->past);
  t->past = past;
  pop (t);
}

void
_chain_trainer_segment_first (ChainTrainer *t)
{
  g_ptr_array_set_size (t->past, 0);
  drop_curves (t);
  make_curves (t);
  t->segment = ++t->last_segment;
  t->segment_step = t->step;
  t->segment_epoch = 0;
}

/* After the change, before its first step. */
void
_chain_trainer_segment_next (ChainTrainer *t, const ChainSpec *spec_before, ChainDataset *data_before)
{
  const Segment *last = t->past->len > 0 ? g_ptr_array_index (t->past, t->past->len - 1) : NULL;

  if (data_before == t->rig->data && same_losses (spec_before, t->spec))
    return;
  if (last != NULL && t->step == t->segment_step && last->data == t->rig->data && same_losses (last->spec, t->spec))
    {
      pop (t);
      return;
    }
  if (t->step == t->segment_step)       /* no step was made: what a picture measured at its start goes */
    {
      drop_curves (t);
      make_curves (t);
    }
  else
    push (t, spec_before, data_before);
  t->segment = ++t->last_segment;
  t->segment_step = t->step;
  t->segment_epoch = _chain_trainer_position (t);
  t->loss = NAN;
}

/* Back in time. A segment that is no longer kept is an empty one. */
void
_chain_trainer_segment_back (ChainTrainer *t, guint segment)
{
  while (t->segment != segment && t->past->len > 0)
    pop (t);
  if (t->segment != segment)
    _chain_trainer_segment_first (t);
  t->segment = segment;
}
