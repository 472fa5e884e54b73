/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of one step, layer by layer, and what they say (DESIGN 4.9).
 *
 * All numbers are read from a keep-all run of the very step that trains; nothing is computed a second way. A layer without weights has no
 * gradient of its own, so its figures are NaN rather than 0: a bar of length nought would be a claim. */
#include "engine/nn/health.h"

#include <math.h>
#include <string.h>

ChainProgram
chain_probe_program (const ChainModel *m, ChainExec *x)
{
  const ChainId outputs[] = { m->loss_train, m->grad_sq };
  return chain_exec_program (x, outputs, G_N_ELEMENTS (outputs), (const ChainState *) (gconstpointer) m->states->data, m->states->len,
                             CHAIN_PLAN_KEEP_ALL);
}

static double
rms (const double *v, gsize n)
{
  double sum = 0;
  for (gsize i = 0; i < n; i++)
    sum += v[i] * v[i];
  return n ? sqrt (sum / n) : NAN;
}

/* --- twins: units with the same incoming weights --- */
typedef struct { double key; guint unit; } Projection;

static int
compare_projections (gconstpointer a, gconstpointer b)
{
  double p = ((const Projection *) a)->key, q = ((const Projection *) b)->key;
  return p < q ? -1 : p > q;
}

static gboolean
are_twins (const double *a, const double *b, guint n)
{
  double difference = 0, size = 0;
  for (guint j = 0; j < n; j++)
    {
      difference += (a[j] - b[j]) * (a[j] - b[j]);
      size += a[j] * a[j] + b[j] * b[j];
    }
  return difference <= 0 || sqrt (difference) < CHAIN_HEALTH_SYMMETRIC_DISTANCE * sqrt (size / 2);
}

/* Twins have equal projections on any direction, so after sorting by one only neighbours need a look: n log n instead of n². Rows
 * of zeros are twins as well: all of them learn the same. */
static double
twin_share (const double *w, guint rows, guint cols)
{
  g_autofree Projection *p = g_new (Projection, rows);
  g_autofree gboolean *twin = g_new0 (gboolean, rows);
  guint n = 0;
  for (guint i = 0; i < rows; i++)
    {
      p[i] = (Projection){ 0, i };
      for (guint j = 0; j < cols; j++)
        p[i].key += w[(gsize) i * cols + j] * (1 + fmod (j * 0.6180339887498949, 1));
    }
  qsort (p, rows, sizeof (Projection), compare_projections);
  for (guint i = 1; i < rows; i++)
    if (are_twins (w + (gsize) p[i - 1].unit * cols, w + (gsize) p[i].unit * cols, cols))
      twin[p[i - 1].unit] = twin[p[i].unit] = TRUE;
  for (guint i = 0; i < rows; i++)
    n += (guint) twin[i];
  return rows ? (double) n / rows : NAN;
}

/* --- one layer --- */
static void
probe_weights (const ChainTensorInfo *t, ChainExec *x, ChainProgram p, gint64 b, ChainLayerStat *out)
{
  gsize n = (gsize) t->rows * t->cols;
  g_autofree double *w = g_new (double, n), *v = g_new (double, n);
  if (!chain_exec_read_leaf (x, t->leaf, w, n))
    return;
  out->weight_rms = rms (w, n);
  if (t->kind == CHAIN_PARAM_WEIGHT)
    out->symmetric = twin_share (w, t->rows, t->cols);
  if (t->grad && chain_exec_read (x, p, b, t->grad, v, n))
    out->grad_rms = rms (v, n);
  if (t->next != t->leaf && chain_exec_read (x, p, b, t->next, v, n))
    {
      for (gsize i = 0; i < n; i++)
        v[i] -= w[i];
      out->update_ratio = out->weight_rms > 0 ? rms (v, n) / out->weight_rms : NAN;
    }
}

static void
probe_values (const ChainActivationRow *row, const double *a, guint rows, guint cols, ChainLayerStat *out)
{
  gsize n = (gsize) rows * cols, saturated = 0, bad = 0;
  double sum = 0;
  guint dead = 0;
  for (gsize i = 0; i < n; i++)
    {
      sum += a[i];
      bad += !isfinite (a[i]);
      saturated += row && (a[i] < row->saturated_low || a[i] > row->saturated_high);   /* NaN bounds: never */
    }
  for (guint j = 0; j < cols && row && !isnan (row->dead_below); j++)
    {
      gboolean alive = FALSE;
      for (guint i = 0; i < rows && !alive; i++)
        alive = a[(gsize) i * cols + j] > row->dead_below;
      dead += !alive;
    }
  out->act_mean = sum / n;
  out->act_rms = rms (a, n);
  out->non_finite = (double) bad / n;
  if (row && !isnan (row->dead_below))
    out->dead = (double) dead / cols;
  if (row && !(isnan (row->saturated_low) && isnan (row->saturated_high)))
    out->saturated = (double) saturated / n;
}

gboolean
chain_probe_layers (const ChainModel *m, ChainExec *x, ChainProgram keep_all, gint64 b, ChainLayerStat *out)
{
  for (guint i = 0; i < m->layers->len; i++)
    {
      const ChainLayerInfo *info = &g_array_index (m->layers, ChainLayerInfo, i);
      const ChainLayer *l = m->spec->layers->pdata[i];
      gsize n = (gsize) b * info->width;
      g_autofree double *a = g_new (double, n);
      out[i] = (ChainLayerStat){ .grad_rms = NAN, .weight_rms = NAN, .update_ratio = NAN, .act_mean = NAN, .act_rms = NAN, .dead = NAN,
                                 .saturated = NAN, .symmetric = NAN, .non_finite = NAN };
      g_strlcpy (out[i].layer, info->id, sizeof out[i].layer);
      if (!chain_exec_read (x, keep_all, b, info->act, a, n))
        return FALSE;
      probe_values (l->activation.id ? chain_activation_row (l->activation.id) : NULL, a, (guint) b, info->width, &out[i]);
      int weights = info->weight >= 0 ? info->weight : info->gamma;
      if (weights >= 0)
        probe_weights (&g_array_index (m->params, ChainTensorInfo, weights), x, keep_all, b, &out[i]);
    }
  return TRUE;
}

/* --- judgement --- */
static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double p = *(const double *) a, q = *(const double *) b;
  return p < q ? -1 : p > q;
}

void
chain_health_layers (const ChainLayerStat *stats, guint n, double global_norm, guint *out)
{
  g_autofree double *grads = g_new (double, n + 1);
  guint known = 0;
  for (guint i = 0; i < n; i++)
    if (isfinite (stats[i].grad_rms))
      grads[known++] = stats[i].grad_rms;
  qsort (grads, known, sizeof (double), compare_doubles);
  double largest = known ? grads[known - 1] : 0, median = known ? grads[(known - 1) / 2] : 0;
  for (guint i = 0; i < n; i++)
    {
      const ChainLayerStat *s = &stats[i];
      out[i] = CHAIN_HEALTH_OK;
      if (s->dead > 0)
        out[i] |= CHAIN_HEALTH_DEAD;
      if (s->saturated > CHAIN_HEALTH_SATURATED_SHARE)
        out[i] |= CHAIN_HEALTH_SATURATED;
      if (s->symmetric > 0)
        out[i] |= CHAIN_HEALTH_SYMMETRIC;
      if (s->grad_rms < CHAIN_HEALTH_VANISHING_RATIO * largest && s->grad_rms < CHAIN_HEALTH_VANISHING_RMS)
        out[i] |= CHAIN_HEALTH_VANISHING;
      if ((s->grad_rms > CHAIN_HEALTH_EXPLODING_RATIO * median && s->grad_rms > CHAIN_HEALTH_EXPLODING_RMS) || (s->grad_rms > 0 && global_norm > CHAIN_HEALTH_EXPLODING_NORM))
        out[i] |= CHAIN_HEALTH_EXPLODING;
      if (s->non_finite > 0 || isinf (s->grad_rms))
        out[i] |= CHAIN_HEALTH_NON_FINITE;
    }
}

static const struct { guint bit; const char *name; } gravity[] = {
  { CHAIN_HEALTH_NON_FINITE, "not finite" }, { CHAIN_HEALTH_EXPLODING, "exploding" }, { CHAIN_HEALTH_SYMMETRIC, "symmetric" },
  { CHAIN_HEALTH_DEAD, "dead" },             { CHAIN_HEALTH_SATURATED, "saturated" }, { CHAIN_HEALTH_VANISHING, "vanishing" },
};

guint
chain_health_gravest (guint bits)
{
  for (guint i = 0; i < G_N_ELEMENTS (gravity); i++)
    if (bits & gravity[i].bit)
      return gravity[i].bit;
  return CHAIN_HEALTH_OK;
}

const char *
chain_health_name (guint bits)
{
  for (guint i = 0; i < G_N_ELEMENTS (gravity); i++)
    if (bits & gravity[i].bit)
      return gravity[i].name;
  return "ok";
}
