/* SPDX-License-Identifier: Apache-2.0 */
/* A unit is dead when it answered 0 to every row of the data, training and test, for CHAIN_HEALTH_DEAD_EPOCHS epochs (DESIGN 4.9). One batch
 * cannot say so, and looking after every epoch would cost a pass over the data each time. So the calendar of evaluations looks, right after it
 * has evaluated anyway: a unit that was silent at each evaluation over so many epochs is dead. A look ends as soon as every unit has been seen to
 * answer, which in a healthy network is the first block of rows.
 *
 * What is known is one array of "silent since epoch …", never written again once it is made: it is part of the state that a replay restores, and
 * ring entries share it. */
#include "app/train/trainer-private.h"

#include "engine/nn/health.h"

#include <math.h>

#define BLOCK 512u

static const ChainActivationRow *
activation_of (const ChainRig *r, guint layer)
{
  const ChainLayer *l = g_ptr_array_index (r->model->spec->layers, layer);

  return l->activation.id != NULL ? chain_activation_row (l->activation.id) : NULL;
}

static gboolean
can_die (const ChainRig *r, guint layer)
{
  const ChainActivationRow *row = activation_of (r, layer);

  return row != NULL && !isnan (row->dead_below);
}

/* silent: a byte a unit of all layers in order; *left: how many are 1. */
static void
hear_layer (ChainTrainer *t, guint layer, guint rows, guint8 *silent, guint *left)
{
  const ChainLayerInfo *l = _chain_layer_at (t->rig->model, layer);
  double below = activation_of (t->rig, layer)->dead_below;
  gsize n = (gsize) rows * l->width;
  double *v = _chain_trainer_scratch (t, n);

  if (!chain_exec_read (t->rig->exec, t->rig->fields, rows, l->out_eval, v, n))
    return;
  for (guint j = 0; j < l->width; j++)
    for (guint i = 0; silent[j] && i < rows; i++)
      if (!(v[(gsize) i * l->width + j] <= below))      /* what is not a number is not dead */
        {
          silent[j] = 0;
          (*left)--;
        }
}

/* FALSE: it could not be looked at. */
static gboolean
hear_rows (ChainTrainer *t, guint first, guint rows, guint8 *silent, guint *left)
{
  ChainRig *r = t->rig;
  guint at = 0;

  if (!chain_exec_write (r->exec, r->model->x, rows, r->data->x + (gsize) first * r->data->d, (gsize) rows * r->data->d, NULL)
      || !chain_exec_run (r->exec, r->fields, rows, NULL))
    return FALSE;
  for (guint i = 0; i < r->model->layers->len; i++)
    {
      if (can_die (r, i))
        hear_layer (t, i, rows, silent + at, left);
      at += _chain_layer_at (r->model, i)->width;
    }
  return TRUE;
}

void
_chain_trainer_watch_dead (ChainTrainer *t)
{
  ChainRig *r = t->rig;
  const GArray *before = t->eval.silent_since;
  GArray *since = g_array_new (FALSE, TRUE, sizeof (double));
  g_autofree guint8 *silent = NULL;
  guint n = 0, left = 0;
  gboolean good = TRUE;

  for (guint i = 0; i < r->model->layers->len; i++)
    n += _chain_layer_at (r->model, i)->width;
  silent = g_new0 (guint8, n + 1);
  for (guint i = 0, at = 0; i < r->model->layers->len; at += _chain_layer_at (r->model, i++)->width)
    for (guint j = 0; can_die (r, i) && j < _chain_layer_at (r->model, i)->width; j++, left++)
      silent[at + j] = 1;
  for (guint row = 0; good && left > 0 && row < r->data->n; row += BLOCK)
    good = hear_rows (t, row, MIN (BLOCK, r->data->n - row), silent, &left);
  for (guint i = 0; i < n; i++)
    {
      double from = !good || !silent[i] ? NAN : _chain_trainer_position (t);

      if (!isnan (from) && before != NULL && before->len == n && !isnan (g_array_index (before, double, i)))
        from = g_array_index (before, double, i);
      g_array_append_val (since, from);
    }
  g_clear_pointer (&t->eval.silent_since, g_array_unref);
  t->eval.silent_since = since;
}

gboolean
_chain_trainer_is_dead (const ChainTrainer *t, guint layer, guint unit)
{
  guint at = unit;

  for (guint i = 0; i < layer; i++)
    at += _chain_layer_at (t->rig->model, i)->width;
  return t->eval.silent_since != NULL && at < t->eval.silent_since->len
         && _chain_trainer_position (t) - g_array_index (t->eval.silent_since, double, at) >= CHAIN_HEALTH_DEAD_EPOCHS;
}
