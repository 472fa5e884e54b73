/* SPDX-License-Identifier: Apache-2.0 */
/* What the network says about rows that it was not trained on, row by row: for the confusion matrix, predicted against true, mistakes. The
 * rows are spread evenly over the split and the same in every picture, so that a picture changes only where the network does. Fewer rows
 * for large networks: a picture costs at most about 2·10^8 multiply-adds. */
#include "app/train/trainer-private.h"

#include "engine/nn/health.h"

#include <math.h>
#include <string.h>

#define MOST_ROWS 2000u
#define LEAST_ROWS 200u
#define WORK 2e8
#define BLOCK 256u

static ChainPredictions *
predictions_new (const ChainTrainer *t)
{
  const ChainDataset *d = t->rig->data;
  ChainPredictions *p = g_new0 (ChainPredictions, 1);
  double params = fmax ((double) chain_model_n_params (t->rig->model), 1);
  guint first, most = (guint) CLAMP (WORK / params, LEAST_ROWS, MOST_ROWS);

  p->classify = d->prep->classify;
  p->test = d->n > d->n_train;
  first = p->test ? d->n_train : 0;
  p->n_all = p->test ? d->n - d->n_train : d->n_train;
  p->n = MIN (p->n_all, most);
  p->n_classes = p->classify ? d->prep->n_classes : 0;
  p->row = g_new (guint, p->n + 1);
  p->truth = g_new (double, p->n + 1);
  p->value = g_new (double, p->n + 1);
  p->sure = p->classify ? g_new (float, p->n + 1) : NULL;
  p->accuracy = p->r2 = p->rmse = NAN;
  for (guint i = 0; i < p->n; i++)
    p->row[i] = first + (guint) ((guint64) i * p->n_all / p->n);
  return p;
}

static void
take_class (ChainPredictions *p, guint i, const double *out, guint width)
{
  guint c = chain_predicted_class (out, width);

  p->value[i] = c;
  p->sure[i] = (float) (width > 1 ? out[c] : c == 1 ? out[0] : 1 - out[0]);
}

static gboolean
predict_rows (ChainTrainer *t, ChainPredictions *p)
{
  const ChainRig *r = t->rig;
  const ChainDataset *d = r->data;
  const ChainPrepColumn *target = p->classify ? NULL : g_ptr_array_index (d->prep->targets, 0);
  guint width = (guint) chain_graph_node (r->model->graph, r->model->proba_eval)->shape.cols;
  double shift = target != NULL ? target->shift : 0, scale = target != NULL ? target->scale : 1;
  double *xs = _chain_trainer_scratch (t, (gsize) BLOCK * ((gsize) d->d + width)), *out = xs + (gsize) BLOCK * d->d;

  for (guint at = 0; at < p->n; at += BLOCK)
    {
      guint n = MIN (BLOCK, p->n - at);

      for (guint i = 0; i < n; i++)
        memcpy (xs + (gsize) i * d->d, d->x + (gsize) p->row[at + i] * d->d, d->d * sizeof *xs);
      if (!chain_predict (r->model, r->exec, &r->eval, xs, n, TRUE, out, NULL))
        return FALSE;
      for (guint i = 0; i < n; i++)
        {
          p->truth[at + i] = d->t[(gsize) p->row[at + i] * d->k] * scale + shift;
          p->value[at + i] = out[(gsize) i * width] * scale + shift;
          if (p->classify)
            take_class (p, at + i, out + (gsize) i * width, width);
        }
    }
  return TRUE;
}

static void
count_classes (ChainPredictions *p)
{
  guint c = p->n_classes, right = 0;

  for (guint i = 0; i < p->n; i++)
    right += p->truth[i] == p->value[i];
  p->accuracy = (double) right / p->n;
  if (c == 0 || c > CHAIN_CONFUSION_CLASSES)
    return;
  p->confusion = g_new0 (guint, (gsize) c * c);
  for (guint i = 0; i < p->n; i++)
    if (p->truth[i] >= 0 && p->truth[i] < c && p->value[i] < c)
      p->confusion[(gsize) p->truth[i] * c + (gsize) p->value[i]]++;
}

void
_chain_trainer_predictions (ChainTrainer *t, ChainSnapshot *s)
{
  ChainPredictions *p;
  double mae;

  if (t->rig->model->predicts != CHAIN_PREDICTS_TARGET || t->rig->data->k == 0)
    return;
  p = s->predictions = predictions_new (t);
  if (!predict_rows (t, p))
    p->n = 0;
  if (p->n > 0 && p->classify)
    count_classes (p);
  else if (p->n > 0)
    chain_regression_metrics (p->value, p->truth, p->n, &p->r2, &mae, &p->rmse);
  s->bytes += p->n * (sizeof (guint) + 2 * sizeof (double) + (p->classify ? sizeof (float) : 0));
  s->bytes += p->confusion != NULL ? (gsize) p->n_classes * p->n_classes * sizeof (guint) : 0;
}

/* --- health of single units, from the run that the layers were probed with --- */
static guint8
state_of (const ChainActivationRow *row, const double *a, guint rows, guint stride)
{
  guint bad = 0, saturated = 0, alive = 0;
  guint8 state = 0;

  for (guint i = 0; i < rows; i++)
    {
      double v = a[(gsize) i * stride];

      bad += !isfinite (v);
      saturated += row != NULL && (v < row->saturated_low || v > row->saturated_high);   /* NaN bounds: never */
      alive += row != NULL && v > row->dead_below;
    }
  if (bad > 0)
    state |= CHAIN_HEALTH_NON_FINITE;
  else if (row != NULL && !isnan (row->dead_below) && alive == 0)
    state |= CHAIN_HEALTH_DEAD;
  if (saturated > CHAIN_HEALTH_SATURATED_SHARE * rows)
    state |= CHAIN_HEALTH_SATURATED;
  return state;
}

/* Units with the incoming weights of another one. Layers that the probe found without any are not looked at. */
static void
mark_twins (ChainTrainer *t, ChainSnapLayer *out, const ChainLayerInfo *l)
{
  const ChainTensorInfo *w = l->weight >= 0 ? _chain_tensor_at (t->rig->model->params, (guint) l->weight) : NULL;
  double *v;

  if (w == NULL || w->rows != out->width || !(out->stat.symmetric > 0) || out->width > 512)
    return;
  v = _chain_trainer_scratch (t, (gsize) w->rows * w->cols);
  if (!chain_exec_read_leaf (t->rig->exec, w->leaf, v, (gsize) w->rows * w->cols))
    return;
  for (guint i = 0; i < w->rows; i++)
    for (guint k = 0; k < i; k++)
      {
        const double *a = v + (gsize) i * w->cols, *b = v + (gsize) k * w->cols;
        double apart = 0, size = 0;

        for (guint j = 0; j < w->cols; j++)
          {
            apart += (a[j] - b[j]) * (a[j] - b[j]);
            size += a[j] * a[j] + b[j] * b[j];
          }
        if (apart > 0 && sqrt (apart) >= CHAIN_HEALTH_SYMMETRIC_DISTANCE * sqrt (size / 2))
          continue;
        out->unit_state[i] |= CHAIN_HEALTH_SYMMETRIC;
        out->unit_state[k] |= CHAIN_HEALTH_SYMMETRIC;
      }
}

void
_chain_trainer_unit_states (ChainTrainer *t, ChainSnapshot *s, guint b)
{
  for (guint i = 0; i < s->layers->len; i++)
    {
      const ChainLayerInfo *l = _chain_layer_at (t->rig->model, i);
      const ChainLayer *layer = g_ptr_array_index (t->rig->model->spec->layers, i);
      const ChainActivationRow *row = layer->activation.id != NULL ? chain_activation_row (layer->activation.id) : NULL;
      ChainSnapLayer *out = g_ptr_array_index (s->layers, i);
      gsize n = (gsize) b * l->width;
      double *a = _chain_trainer_scratch (t, n);

      if (!chain_exec_read (t->rig->exec, t->rig->keep, b, l->act, a, n))
        continue;
      out->unit_state = g_new0 (guint8, l->width);
      for (guint j = 0; j < l->width; j++)
        {
          out->unit_state[j] = state_of (row, a + j, b, l->width);
          if (!_chain_trainer_is_dead (t, i, j))
            out->unit_state[j] &= (guint8) ~CHAIN_HEALTH_DEAD;      /* silent in this batch only, or not for long */
        }
      mark_twins (t, out, l);
      s->bytes += l->width;
    }
}
