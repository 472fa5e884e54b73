/* SPDX-License-Identifier: Apache-2.0 */
/* How good the network is: loss, accuracy or regression figures over rows of a data set.
 *
 * Rows go through the evaluation form in blocks, so memory does not grow with the data. The loss is put together again term by term: a
 * mean is weighted by the rows of its block, a sum is added; then the figure is that of one block of all rows (SPEC 0.3). */
#include "engine/nn/metrics.h"

#include <math.h>

#define BLOCK 1024

ChainEvalPrograms
chain_eval_programs (const ChainModel *m, ChainExec *x)
{
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (ChainId));
  ChainEvalPrograms p;
  g_array_append_val (outputs, m->output_eval);
  g_array_append_val (outputs, m->proba_eval);
  p.outputs = chain_exec_program (x, (const ChainId *) (gconstpointer) outputs->data, outputs->len, NULL, 0, CHAIN_PLAN_DEFAULT);
  for (guint i = 0; i < m->terms->len; i++)
    g_array_append_val (outputs, g_array_index (m->terms, ChainTermInfo, i).value);
  p.loss = chain_exec_program (x, (const ChainId *) (gconstpointer) outputs->data, outputs->len, NULL, 0, CHAIN_PLAN_DEFAULT);
  return p;
}

static guint
node_width (const ChainModel *m, ChainId node)
{
  return (guint) chain_graph_node (m->graph, node)->shape.cols;
}

guint
chain_predicted_class (const double *proba, guint width)
{
  guint best = 0;
  if (width == 1)
    return proba[0] >= 0.5;
  for (guint j = 1; j < width; j++)
    if (proba[j] > proba[best])
      best = j;
  return best;
}

void
chain_confusion (const guint *truth, const guint *predicted, guint n, guint classes, guint *out)
{
  for (guint i = 0; i < classes * classes; i++)
    out[i] = 0;
  for (guint i = 0; i < n; i++)
    if (truth[i] < classes && predicted[i] < classes)
      out[truth[i] * classes + predicted[i]]++;
}

/* R² of a constant target: 1 if it is met exactly, else 0 (SPEC 11). */
void
chain_regression_metrics (const double *y, const double *t, guint n, double *r2, double *mae, double *rmse)
{
  double mean = 0, residual = 0, total = 0, size = 0;
  for (guint i = 0; i < n; i++)
    mean += t[i] / n;
  for (guint i = 0; i < n; i++)
    {
      residual += (y[i] - t[i]) * (y[i] - t[i]);
      total += (t[i] - mean) * (t[i] - mean);
      size += fabs (y[i] - t[i]);
    }
  *r2 = total > 0 ? 1 - residual / total : residual == 0;
  *mae = n ? size / n : NAN;
  *rmse = n ? sqrt (residual / n) : NAN;
}

/* --- evaluation --- */
typedef struct
{
  const ChainModel   *m;
  const ChainDataset *d;
  guint               width, columns;   /* of the prediction; of what it is compared with */
  double             *y, *t;            /* column by column, n each: for the regression figures */
  guint               n, at, correct;
  double              loss;
} Sums;

static void
add_terms (Sums *s, ChainExec *x, ChainProgram p, guint rows)
{
  for (guint i = 0; i < s->m->terms->len; i++)
    {
      const ChainTermInfo *term = &g_array_index (s->m->terms, ChainTermInfo, i);
      double value = chain_exec_read_one (x, p, rows, term->value);
      s->loss += term->summed ? value : value * rows / s->n;
    }
}

/* One number a row and column, in original units where these are known. */
static void
add_numbers (Sums *s, const double *out, guint first, guint rows)
{
  gboolean input = s->m->predicts == CHAIN_PREDICTS_INPUT;
  const double *truth = input ? s->d->x : s->d->t;
  for (guint j = 0; j < s->columns; j++)
    {
      const ChainPrepColumn *c = input ? NULL : s->d->prep->targets->pdata[j];
      double shift = c ? c->shift : 0, scale = c ? c->scale : 1;
      for (guint i = 0; i < rows; i++)
        {
          gsize to = (gsize) j * s->n + s->at + i;
          s->y[to] = out[(gsize) i * s->width + j] * scale + shift;
          s->t[to] = truth[(gsize) (first + i) * s->columns + j] * scale + shift;
        }
    }
}

static gboolean
evaluate_block (Sums *s, ChainExec *x, ChainProgram p, guint first, guint rows, double *out, GError **error)
{
  const ChainModel *m = s->m;
  gsize nx = (gsize) rows * s->d->d, nt = (gsize) rows * s->d->k;
  if (!chain_exec_write (x, m->x, rows, s->d->x + (gsize) first * s->d->d, nx, error)
      || !chain_exec_write (x, m->t, rows, s->d->t + (gsize) first * s->d->k, nt, error) || !chain_exec_run (x, p, rows, error))
    return FALSE;
  gboolean classify = m->predicts == CHAIN_PREDICTS_TARGET && m->n_classes > 0;
  add_terms (s, x, p, rows);
  if (!classify && !s->columns)
    return TRUE;
  chain_exec_read (x, p, rows, m->proba_eval, out, (gsize) rows * s->width);
  for (guint i = 0; classify && i < rows; i++)
    s->correct += chain_predicted_class (out + (gsize) i * s->width, s->width) == (guint) s->d->t[first + i];
  if (!classify)
    add_numbers (s, out, first, rows);
  s->at += rows;
  return TRUE;
}

static void
regression_figures (const Sums *s, ChainMetrics *out)
{
  double r2, mae, rmse, squares = 0;
  out->r2 = out->mae = 0;
  for (guint j = 0; j < s->columns; j++)
    {
      chain_regression_metrics (s->y + (gsize) j * s->n, s->t + (gsize) j * s->n, s->n, &r2, &mae, &rmse);
      out->r2 += r2 / s->columns;
      out->mae += mae / s->columns;
      squares += rmse * rmse / s->columns;
    }
  out->rmse = sqrt (squares);
}

gboolean
chain_evaluate (const ChainModel *m, ChainExec *x, const ChainEvalPrograms *p, const ChainDataset *d, guint first, guint last,
                ChainMetrics *out, GError **error)
{
  Sums s = { .m = m, .d = d, .n = last - first, .width = node_width (m, m->output_eval) };
  gboolean classify = m->predicts == CHAIN_PREDICTS_TARGET && m->n_classes > 0;
  *out = (ChainMetrics){ NAN, classify, NAN, NAN, NAN, NAN };
  g_return_val_if_fail (first <= last && last <= d->n, FALSE);
  if (s.n == 0)
    return TRUE;
  if (!classify && m->predicts != CHAIN_PREDICTS_NOTHING)
    s.columns = m->predicts == CHAIN_PREDICTS_INPUT ? d->d : d->k;
  g_autofree double *block = g_new (double, (gsize) MIN (s.n, BLOCK) * s.width);
  g_autofree double *y = g_new (double, (gsize) s.n * s.columns + 1), *t = g_new (double, (gsize) s.n * s.columns + 1);
  s.y = y;
  s.t = t;
  for (guint at = first; at < last; at += BLOCK)
    if (!evaluate_block (&s, x, p->loss, at, MIN (BLOCK, last - at), block, error))
      return FALSE;
  out->loss = s.loss;
  if (classify)
    out->accuracy = (double) s.correct / s.n;
  else if (s.columns)
    regression_figures (&s, out);
  return TRUE;
}

gboolean
chain_predict (const ChainModel *m, ChainExec *x, const ChainEvalPrograms *p, const double *xs, guint n, gboolean proba, double *out,
               GError **error)
{
  ChainId node = proba ? m->proba_eval : m->output_eval;
  guint width = node_width (m, node);
  for (guint at = 0; at < n; at += BLOCK)
    {
      guint rows = MIN (BLOCK, n - at);
      if (!chain_exec_write (x, m->x, rows, xs + (gsize) at * m->d, (gsize) rows * m->d, error)
          || !chain_exec_run (x, p->outputs, rows, error))
        return FALSE;
      if (!chain_exec_read (x, p->outputs, rows, node, out + (gsize) at * width, (gsize) rows * width))
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_DEVICE, "The outputs of the network could not be read back.");
          return FALSE;
        }
    }
  return TRUE;
}
