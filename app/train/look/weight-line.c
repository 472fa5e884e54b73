/* SPDX-License-Identifier: Apache-2.0 */
/* The loss is that of chain_evaluate(), so that the point in the middle is the figure that the window shows where all training rows are used. The range is fixed by
 * the caller: with a range that follows the curve two moments could not be compared. */
#include "config.h"

#include "app/train/weight-line.h"

#include <glib/gi18n-lib.h>
#include <math.h>

ChainWeightLineStart *
chain_weight_line_start (ChainTrainer *t)
{
  ChainWeightLineStart *s = g_new0 (ChainWeightLineStart, 1);

  s->spec = chain_spec_ref (chain_trainer_model (t)->spec);
  s->data = chain_dataset_ref (chain_trainer_data (t));
  s->tensors = chain_trainer_save_tensors (t, FALSE);
  s->step = chain_trainer_step (t);
  return s;
}

void
chain_weight_line_start_free (ChainWeightLineStart *s)
{
  if (s == NULL)
    return;
  chain_spec_unref (s->spec);
  chain_dataset_unref (s->data);
  g_ptr_array_unref (s->tensors);
  g_free (s);
}

void
chain_weight_line_free (ChainWeightLine *l)
{
  if (l == NULL)
    return;
  g_free (l->tensor);
  g_free (l->value);
  g_free (l->loss);
  g_free (l);
}

static ChainWeightLine *
line_new (const ChainWeightLineStart *s, const char *tensor, guint row, guint col, double now, double low, double high)
{
  ChainWeightLine *l = g_new0 (ChainWeightLine, 1);

  l->tensor = g_strdup (tensor);
  l->row = row;
  l->col = col;
  l->n = CHAIN_WEIGHT_LINE_POINTS + 1;
  l->n_rows = MIN (s->data->n_train, CHAIN_WEIGHT_LINE_ROWS);
  l->step = s->step;
  l->value = g_new (double, l->n);
  l->loss = g_new (double, l->n);
  low = fmin (low, now);
  high = fmax (high, now);
  for (guint i = 0; i + 1 < l->n; i++)
    l->value[i] = low + (high - low) * i / (l->n - 2);
  for (l->at = l->n - 1; l->at > 0 && l->value[l->at - 1] > now; l->at--)
    l->value[l->at] = l->value[l->at - 1];
  l->value[l->at] = now;
  return l;
}

static gboolean
walk (ChainTrainer *t, ChainWeightLine *l, const ChainTensorInfo *info, double *v, const int *stop, GError **error)
{
  const ChainModel *m = chain_trainer_model (t);
  ChainExec *x = chain_trainer_exec (t);
  ChainEvalPrograms p = chain_eval_programs (m, x);
  gsize size = (gsize) info->rows * info->cols;

  for (guint i = 0; i < l->n; i++)
    {
      ChainMetrics metrics;

      if (stop != NULL && g_atomic_int_get (stop))
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_CANCELLED, _("The loss along a weight was given up"));
          return FALSE;
        }
      v[(gsize) l->row * info->cols + l->col] = l->value[i];
      if (!chain_exec_write (x, info->leaf, 1, v, size, error) || !chain_evaluate (m, x, &p, chain_trainer_data (t), 0, l->n_rows, &metrics, error))
        return FALSE;
      l->loss[i] = metrics.loss;
    }
  return TRUE;
}

ChainWeightLine *
chain_weight_line_new (const ChainWeightLineStart *s, const char *tensor, guint row, guint col, double low, double high, const int *stop, GError **error)
{
  ChainTrainer *t = chain_trainer_new (s->spec, s->data, error);
  const ChainTensorInfo *info = t != NULL ? chain_model_tensor (chain_trainer_model (t), tensor) : NULL;
  ChainWeightLine *l = NULL;
  gsize size = info != NULL ? (gsize) info->rows * info->cols : 0;
  g_autofree double *v = g_new (double, size + 1);

  if (t != NULL && (info == NULL || row >= info->rows || col >= info->cols || !(high > low && isfinite (high - low))))
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE, _("There is no entry (%u, %u) in %s to walk along"), row, col, tensor);
  else if (t != NULL && info->eval != info->leaf)
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE, _("This optimiser is evaluated at an average of the weights, which no single weight moves; choose another one for this plot"));
  else if (t != NULL && chain_trainer_load_tensors (t, s->tensors, FALSE, NULL, error) && chain_exec_read_leaf (chain_trainer_exec (t), info->leaf, v, size))
    {
      l = line_new (s, tensor, row, col, v[(gsize) row * info->cols + col], low, high);
      if (!walk (t, l, info, v, stop, error))
        g_clear_pointer (&l, chain_weight_line_free);
    }
  chain_trainer_free (t);
  return l;
}
