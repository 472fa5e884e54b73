/* SPDX-License-Identifier: Apache-2.0 */
/* Time travel: a ring of saved states at distances that grow with age, and replay from the nearest one (ARCHITECTURE 9.4).
 *
 * Thinning: walking from old to new, the middle one of three neighbours goes when the outer two are no further apart than half their age.
 * So a jump back by a steps replays at most about a/2 of them, and a million steps need some fifty states. The first state always stays. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/train/trainer-private.h"

#include "engine/nn/table.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"

#include <math.h>

#define SMALL_STATE ((gsize) 256 << 10)

void
_chain_ring_entry_free (gpointer entry)
{
  ChainRingEntry *e = entry;

  chain_exec_state_unref (e->state);
  chain_spec_unref (e->spec);
  chain_dataset_unref (e->data);
  g_clear_pointer (&e->eval.best_state, chain_exec_state_unref);
  g_clear_pointer (&e->eval.silent_since, g_array_unref);
  g_free (e);
}

static ChainRingEntry *
entry_at (const ChainTrainer *t, guint i)
{
  return g_ptr_array_index (t->ring, i);
}

/* *freed, if wanted and still empty, takes the state, whose memory serves the next one. */
static void
remove_at (ChainTrainer *t, guint i, ChainExecState **freed)
{
  ChainRingEntry *e = entry_at (t, i);

  t->ring_bytes -= chain_exec_state_bytes (e->state);
  if (freed != NULL && *freed == NULL)
    *freed = g_steal_pointer (&e->state);
  g_ptr_array_remove_index (t->ring, i);
}

/* The last entry, which stays, may still be without a state: its bytes are counted. */
static void
thin (ChainTrainer *t, ChainExecState **freed)
{
  guint64 now = entry_at (t, t->ring->len - 1)->step;

  for (guint i = 1; i + 1 < t->ring->len;)
    {
      guint64 before = entry_at (t, i - 1)->step, after = entry_at (t, i + 1)->step;

      if (i > 1 && after - before <= (now - after) / 2)
        remove_at (t, i, freed);
      else
        i++;
    }
  while (t->ring->len > 2 && t->ring_bytes > CHAIN_LIMIT_RING_BYTES)
    remove_at (t, 1, freed);
}

static ChainRingEntry *
entry_new (ChainTrainer *t)
{
  ChainRingEntry *e = g_new0 (ChainRingEntry, 1);

  e->step = t->step;
  e->sampler_epoch = t->sampler.epoch;
  e->sampler_pos = t->sampler.pos;
  e->sampler_step = t->sampler.step;
  e->n_applied = t->n_applied;
  e->rig_id = t->rig->id;
  e->segment = t->segment;
  e->spec = chain_spec_ref (t->spec);
  e->data = chain_dataset_ref (t->rig->data);
  e->loss = t->loss;
  e->grad_sq = t->grad_sq;
  e->epoch = _chain_trainer_position (t);
  e->eval.best = INFINITY;
  _chain_eval_state_copy (&e->eval, &t->eval);
  return e;
}

void
_chain_trainer_ring_push (ChainTrainer *t)
{
  ChainExecState *freed = NULL;
  ChainRingEntry *e;
  guint i = t->ring->len;
  gboolean last;
  gsize bytes;

  while (i > 0 && entry_at (t, i - 1)->step > t->step)
    i--;
  if (i > 0 && entry_at (t, i - 1)->step == t->step)
    {
      if (entry_at (t, i - 1)->n_applied == t->n_applied && entry_at (t, i - 1)->rig_id == t->rig->id)
        return;
      remove_at (t, --i, &freed);
    }
  bytes = chain_exec_save_bytes (t->rig->exec);
  e = entry_new (t);
  t->ring_bytes += bytes;
  t->ring_every = bytes < SMALL_STATE ? 64 : 32;
  last = i == t->ring->len;
  if (!last)            /* back in time: the new one may itself be thinned away */
    e->state = chain_exec_save_over (t->rig->exec, g_steal_pointer (&freed));
  g_ptr_array_insert (t->ring, (gint) i, e);
  thin (t, &freed);
  if (last)
    e->state = chain_exec_save_over (t->rig->exec, g_steal_pointer (&freed));
  g_clear_pointer (&freed, chain_exec_state_unref);
}

void
_chain_trainer_ring_clear (ChainTrainer *t)
{
  g_ptr_array_set_size (t->ring, 0);
  t->ring_bytes = 0;
}

void
_chain_trainer_ring_cut (ChainTrainer *t, guint64 from)
{
  while (t->ring->len > 0 && entry_at (t, t->ring->len - 1)->step >= from)
    remove_at (t, t->ring->len - 1, NULL);
}

void
_chain_trainer_forget_after (ChainTrainer *t, double epoch)
{
  chain_series_truncate (t->train_loss, epoch);
  chain_series_truncate (t->eval_train, epoch);
  chain_series_truncate (t->eval_test, epoch);
  chain_series_truncate (t->eval_score, epoch);
  while (t->evaluations->len > 0 && g_array_index (t->evaluations, ChainEvaluation, t->evaluations->len - 1).step > t->step)
    g_array_set_size (t->evaluations, t->evaluations->len - 1);
}

static gboolean
restore_entry (ChainTrainer *t, const ChainRingEntry *e, GError **error)
{
  if (e->rig_id != t->rig->id)
    {
      ChainRig *rig = _chain_rig_new (e->spec, e->data, e->rig_id, t->threads, error);

      if (rig == NULL)
        return FALSE;
      _chain_rig_free (t->rig);
      t->rig = rig;
    }
  g_clear_pointer (&t->parked, chain_exec_state_unref);
  chain_spec_unref (t->spec);
  t->spec = chain_spec_ref (e->spec);
  chain_exec_set_seed (t->rig->exec, t->spec->seed);
  chain_exec_restore (t->rig->exec, e->state);
  t->step = e->step;
  _chain_trainer_segment_back (t, e->segment);
  t->loss = e->loss;
  t->grad_sq = e->grad_sq;
  t->n_applied = e->n_applied;
  _chain_eval_state_copy (&t->eval, &e->eval);
  _chain_trainer_sampler (t, e->sampler_epoch, e->sampler_pos, e->sampler_step);
  _chain_trainer_hyper (t);
  _chain_trainer_forget_after (t, e->epoch);
  t->has_metrics = FALSE;
  return TRUE;
}

static gboolean
replay_to (ChainTrainer *t, guint64 step, GError **error)
{
  while (t->step < step)
    {
      ChainStepResult r;

      if (t->cancel != NULL && g_atomic_int_get (t->cancel))
        {
          g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_CANCELLED, _("Going back was stopped on the way"));
          return FALSE;
        }
      if (!_chain_trainer_due_events (t, error))
        return FALSE;
      r = _chain_trainer_advance (t, FALSE, error);
      if (r == CHAIN_STEP_OK)
        continue;
      if (r != CHAIN_STEP_ERROR)
        g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_DIVERGED, _("The run ends before that step"));
      return FALSE;
    }
  return _chain_trainer_due_events (t, error);
}

static gboolean
rewind_to (ChainTrainer *t, guint64 step, GError **error)
{
  guint i = t->ring->len;

  while (i > 0 && entry_at (t, i - 1)->step > step)
    i--;
  if (i == 0)
    {
      g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE, _("This run was opened from a file; steps before that are not known"));
      return FALSE;
    }
  return restore_entry (t, entry_at (t, i - 1), error) && replay_to (t, step, error);
}

gboolean
_chain_trainer_goto (ChainTrainer *t, guint64 step, GError **error)
{
  if (!rewind_to (t, step, error))
    return FALSE;
  _chain_trainer_set_rate (t);
  return TRUE;
}

/* --- naming the first bad value --- */
static gboolean
leaf_is_finite (ChainTrainer *t, const GArray *infos)
{
  for (guint i = 0; i < infos->len; i++)
    {
      const ChainTensorInfo *info = _chain_tensor_at (infos, i);
      gsize n = (gsize) info->rows * info->cols;
      double *v = _chain_trainer_scratch (t, n);

      chain_exec_read_leaf (t->rig->exec, info->leaf, v, n);
      for (gsize k = 0; k < n; k++)
        if (!isfinite (v[k]))
          return FALSE;
    }
  return TRUE;
}

static gboolean
weights_are_finite (ChainTrainer *t)
{
  const ChainModel *m = t->rig->model;

  return leaf_is_finite (t, m->params) && leaf_is_finite (t, m->buffers) && leaf_is_finite (t, m->moments);
}

static void
input_range (ChainTrainer *t, const ChainNode *node, guint b, double *low, double *high)
{
  *low = INFINITY;
  *high = -INFINITY;
  for (guint i = 0; i < node->n_in; i++)
    {
      ChainShape s = chain_graph_node (t->rig->model->graph, node->in[i])->shape;
      gsize n = (gsize) (chain_axis (s.rows, b) * chain_axis (s.cols, b));
      double *v = _chain_trainer_scratch (t, n);

      if (!chain_exec_read (t->rig->exec, t->rig->keep, b, node->in[i], v, n))
        continue;
      for (gsize k = 0; k < n; k++)
        {
          *low = fmin (*low, v[k]);
          *high = fmax (*high, v[k]);
        }
    }
}

static char *
place_of (const ChainGraph *g, const ChainNode *node)
{
  const char *scope = chain_graph_scope_name (g, node->scope);

  if (scope == NULL || *scope == '\0')
    return g_strdup (_("the network"));
  if (strcmp (scope, "loss") == 0)
    return g_strdup (_("the loss"));
  if (strcmp (scope, "optimiser") == 0)
    return g_strdup (_("the optimiser"));
  return g_strdup_printf (_("layer %s"), scope);
}

static char *
name_of (const ChainGraph *g, const ChainNode *node)
{
  const ChainOpRow *row = chain_op_row (node->op);

  if (node->role == CHAIN_ROLE_ADJOINT && node->origin != CHAIN_NONE)
    return g_strdup_printf (_("%s in the gradient of %s"), row->name, chain_op_row (chain_graph_node (g, node->origin)->op)->name);
  return g_strdup (row->name);
}

static ChainBrokeIn
kind_of_place (const ChainGraph *g, const ChainNode *node)
{
  const char *scope = chain_graph_scope_name (g, node->scope);

  if (scope == NULL || *scope == '\0')
    return CHAIN_BROKE_IN_NETWORK;
  return strcmp (scope, "loss") == 0 ? CHAIN_BROKE_IN_LOSS : strcmp (scope, "optimiser") == 0 ? CHAIN_BROKE_IN_OPTIMISER : CHAIN_BROKE_IN_LAYER;
}

static ChainBroke
how_broke (const ChainNode *node, double value, double low)
{
  if (node->op == CHAIN_OP_LOG && low <= 0)
    return CHAIN_BROKE_LOG;
  if (node->op == CHAIN_OP_SQRT && low < 0)
    return CHAIN_BROKE_ROOT;
  if (node->op == CHAIN_OP_DIV && low <= 0)
    return CHAIN_BROKE_DIVISION;
  return isnan (value) ? CHAIN_BROKE_NAN : CHAIN_BROKE_LARGE;
}

/* The exact words, with the operation, for the command line and the log; t->broke has the same for a sentence that knows no operations. */
static char *
sentence (ChainTrainer *t, guint64 step, ChainId id, guint b, gint64 row, gint64 col)
{
  const ChainGraph *g = t->rig->model->graph;
  const ChainNode *node = chain_graph_node (g, id);
  gsize n = (gsize) (chain_axis (node->shape.rows, b) * chain_axis (node->shape.cols, b));
  g_autofree char *place = place_of (g, node), *name = name_of (g, node);
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, step), *r = NULL, *c = NULL;
  char low_text[CHAIN_NUMBER_SIZE], high_text[CHAIN_NUMBER_SIZE];
  double low, high, value = NAN, *v = _chain_trainer_scratch (t, n);
  const char *what;

  if (chain_exec_read (t->rig->exec, t->rig->keep, b, id, v, n))
    value = v[row * chain_axis (node->shape.cols, b) + col];
  input_range (t, node, b, &low, &high);
  t->broke = (ChainTrouble){ step, how_broke (node, value, low), kind_of_place (g, node), node->role == CHAIN_ROLE_ADJOINT, low, high };
  r = g_strdup_printf ("%" G_GINT64_FORMAT, row + 1);
  c = g_strdup_printf ("%" G_GINT64_FORMAT, col + 1);
  what = isnan (value) ? _("Step %s: %s in %s is not a number (row %s, column %s); inputs were in [%s, %s]")
                       : _("Step %s: %s in %s overflowed (row %s, column %s); inputs were in [%s, %s]");
  return g_strdup_printf (what, number, name, place, r, c, chain_number_write_digits (low_text, low, 4),
                          chain_number_write_digits (high_text, high, 4));
}

/* A number that is no probability, or no denominator, within the loss. */
static char *
remedy_of_loss (ChainTrainer *t)
{
  const char *id = t->spec->losses->len > 0 ? ((const ChainLossTerm *) g_ptr_array_index (t->spec->losses, 0))->choice.id : NULL;

  if (chain_loss_from_logits (id) != NULL)
    {
      t->remedy_kind = CHAIN_REMEDY_LOGITS;
      return g_strdup (_("Choose the loss that works from logits and restart"));
    }
  if (g_strcmp0 (id, "formula") == 0)
    return g_strdup (_("Change the formula so that what is divided by or taken the logarithm of stays positive, and restart"));
  return g_strdup (_("Give the loss predictions that it is made for, for example with another activation on the output, and restart"));
}

static char *
remedy_for (ChainTrainer *t, ChainId id)
{
  const ChainGraph *g = t->rig->model->graph;
  char rate[CHAIN_NUMBER_SIZE];

  t->remedy_kind = CHAIN_REMEDY_ADVICE;
  if (id != CHAIN_NONE)
    {
      const ChainNode *n = chain_graph_node (g, id);
      const char *scope = chain_graph_scope_name (g, n->scope);

      if ((n->op == CHAIN_OP_LOG || n->op == CHAIN_OP_DIV) && scope != NULL && strcmp (scope, "loss") == 0)
        return remedy_of_loss (t);
      if (n->op == CHAIN_OP_LOG || n->op == CHAIN_OP_SQRT)
        return g_strdup_printf (_("Keep the inputs of %s positive, for example with softplus before it, and restart"), chain_op_row (n->op)->name);
    }
  t->remedy_kind = CHAIN_REMEDY_HALVE_RATE;
  return g_strdup_printf (_("Halve the learning rate to %s and restart"), chain_number_write_digits (rate, t->base_lr / 2, 3));
}

/* Where the first bad entry of a node is; FALSE if all are finite (or are not held). */
static gboolean
bad_entry (ChainTrainer *t, guint b, ChainId id, gint64 *row, gint64 *col)
{
  ChainShape s = chain_graph_node (t->rig->model->graph, id)->shape;
  gint64 cols = chain_axis (s.cols, b);
  gsize n = (gsize) (chain_axis (s.rows, b) * cols);
  double *v = _chain_trainer_scratch (t, n);

  if (!chain_exec_read (t->rig->exec, t->rig->keep, b, id, v, n))
    return FALSE;
  for (gsize k = 0; k < n; k++)
    if (!isfinite (v[k]))
      {
        *row = (gint64) k / cols;
        *col = (gint64) k % cols;
        return TRUE;
      }
  return FALSE;
}

/* From a bad value back to the earliest one that has only good inputs. An infinity that nobody uses (the branch that a `where` does not take)
 * is not on this way, which is why this is not a scan from the front. */
static ChainId
trace_back (ChainTrainer *t, guint b, ChainId id, gint64 *row, gint64 *col)
{
  const ChainGraph *g = t->rig->model->graph;

  for (;;)
    {
      const ChainNode *n = chain_graph_node (g, id);
      ChainId from = CHAIN_NONE;

      for (guint i = 0; i < n->n_in; i++)
        if (bad_entry (t, b, n->in[i], row, col) && (from == CHAIN_NONE || n->in[i] < from))
          from = n->in[i];
      if (from == CHAIN_NONE)
        break;
      id = from;
    }
  return bad_entry (t, b, id, row, col) ? id : CHAIN_NONE;
}

static ChainId
first_of_kept (ChainTrainer *t, guint b, gint64 *row, gint64 *col)
{
  const ChainModel *m = t->rig->model;
  const ChainId shown[] = { m->loss_train, m->grad_sq };

  for (guint i = 0; i < G_N_ELEMENTS (shown); i++)
    if (bad_entry (t, b, shown[i], row, col))
      return trace_back (t, b, shown[i], row, col);
  for (guint i = 0; i < m->states->len; i++)
    if (bad_entry (t, b, g_array_index (m->states, ChainState, i).next, row, col))
      return trace_back (t, b, g_array_index (m->states, ChainState, i).next, row, col);
  return CHAIN_NONE;
}

/* Runs the step after the present state with every value kept and finds the one that broke it. */
static ChainId
first_bad (ChainTrainer *t, guint *b, gint64 *row, gint64 *col)
{
  ChainRig *r = t->rig;
  guint64 epoch = t->sampler.epoch, at = t->sampler.step;
  guint pos = t->sampler.pos;
  const uint32_t *rows;

  _chain_trainer_set_rate (t);
  rows = chain_sampler_next (&t->sampler, b);
  if (rows != NULL)
    _chain_trainer_gather (t, rows, *b);
  chain_sampler_seek (&t->sampler, epoch, pos, at);
  if (rows == NULL || !chain_exec_run (r->exec, r->keep, *b, NULL))
    return CHAIN_NONE;
  return first_of_kept (t, *b, row, col);
}

/* The layer whose part of the graph a node is; the last one for what belongs to none. */
static int
layer_of (ChainTrainer *t, ChainId id)
{
  const ChainGraph *g = t->rig->model->graph;
  const char *scope = id != CHAIN_NONE ? chain_graph_scope_name (g, chain_graph_node (g, id)->scope) : NULL;
  int layer = scope != NULL ? chain_spec_layer_index (t->spec, scope) : -1;

  return layer >= 0 ? layer : (int) t->spec->layers->len - 1;
}

/* The bad step showed itself in loss or gradient. If the weights were already broken before it, the update of an earlier step did it. */
void
_chain_trainer_diagnose (ChainTrainer *t)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL, *remedy = NULL;
  guint64 bad = t->step;
  gint64 row = 0, col = 0;
  guint b = 1;
  ChainId id = CHAIN_NONE;

  for (int tries = 0; tries < 8; tries++, bad--)
    if (!_chain_trainer_goto (t, bad - 1, &error) || bad == 1 || weights_are_finite (t))
      break;
  _chain_trainer_ring_cut (t, t->step + 1);
  t->broke = (ChainTrouble){ .step = bad, .in = CHAIN_BROKE_IN_LOSS };
  if (error == NULL)
    id = first_bad (t, &b, &row, &col);
  if (id != CHAIN_NONE)
    message = sentence (t, bad, id, b, row, col);
  else
    message = g_strdup (_("The loss left the finite numbers"));
  remedy = remedy_for (t, id);
  _chain_trainer_set_state (t, CHAIN_RUN_DIVERGED, message, remedy);
  t->trouble = layer_of (t, id);
}
