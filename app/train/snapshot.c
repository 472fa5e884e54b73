/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a snapshot. Everything in it is owned by it or is an immutable shared thing, so the last reader frees it on whatever thread it is. */
#include "app/train/snapshot.h"

#include "app/train/trainer-private.h"

void
_chain_snap_tensor_free (gpointer p)
{
  ChainSnapTensor *t = p;

  g_free (t->name);
  g_free (t->layer);
  g_free (t->value);
  g_free (t->grad);
  g_free (t->update);
  g_free (t);
}

void
_chain_snap_layer_free (gpointer p)
{
  ChainSnapLayer *l = p;

  g_free (l->id);
  g_free (l->adjoint);
  g_free (l->unit_state);
  g_free (l->field);
  g_free (l);
}

ChainSnapshot *
chain_snapshot_ref (ChainSnapshot *s)
{
  g_atomic_int_inc (&s->ref_count);
  return s;
}

static void
free_nodes (ChainSnapshot *s)
{
  if (s->nodes == NULL)
    return;
  for (guint i = 0; i <= s->n_nodes; i++)
    g_free (s->nodes[i]);
  g_free (s->nodes);
}

void
chain_predictions_free (ChainPredictions *p)
{
  if (p == NULL)
    return;
  g_free (p->row);
  g_free (p->truth);
  g_free (p->value);
  g_free (p->sure);
  g_free (p->confusion);
  g_free (p);
}

void
chain_snapshot_unref (ChainSnapshot *s)
{
  if (s == NULL || !g_atomic_int_dec_and_test (&s->ref_count))
    return;
  g_free (s->message);
  g_free (s->remedy);
  g_clear_pointer (&s->spec, chain_spec_unref);
  g_clear_pointer (&s->data, chain_dataset_unref);
  g_clear_pointer (&s->tensors, g_ptr_array_unref);
  g_clear_pointer (&s->layers, g_ptr_array_unref);
  g_free (s->output);
  g_free (s->inputs);
  chain_series_view_unref (s->train_loss);
  chain_series_view_unref (s->eval_train);
  chain_series_view_unref (s->eval_test);
  chain_series_view_unref (s->eval_score);
  free_nodes (s);
  if (s->step_view != NULL)
    s->step_view_unref (s->step_view);
  chain_predictions_free (s->predictions);
  g_clear_pointer (&s->ghosts, g_ptr_array_unref);
  chain_trace_unref (s->trace);
  g_free (s->trace_error);
  g_free (s);
}

const ChainSnapTensor *
chain_snapshot_tensor (const ChainSnapshot *s, const char *name)
{
  for (guint i = 0; i < s->tensors->len; i++)
    {
      const ChainSnapTensor *t = g_ptr_array_index (s->tensors, i);

      if (strcmp (t->name, name) == 0)
        return t;
    }
  return NULL;
}

const ChainSnapLayer *
chain_snapshot_layer (const ChainSnapshot *s, const char *id)
{
  for (guint i = 0; i < s->layers->len; i++)
    {
      const ChainSnapLayer *l = g_ptr_array_index (s->layers, i);

      if (strcmp (l->id, id) == 0)
        return l;
    }
  return NULL;
}
