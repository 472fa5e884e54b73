/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the engine against itself: adjoints against differences, plans against the definition of the ops.
 *
 * Central differences of f64 with h = 6e-6 max (1, |x|), the cube root of the rounding error, are good to about 1e-9 here
 * (RELIABILITY 4.1). Where a function has a kink between x - h and x + h, the two one-sided differences disagree by far more than
 * curvature explains; such entries are counted apart. */
#include "engine/run/check.h"

#include "engine/graph/eval-ref.h"
#include "engine/run/exec-private.h"

#include <math.h>
#include <string.h>

typedef struct
{
  ChainExec   *x;
  ChainProgram program;
  gint64       b;
  ChainId      y, leaf;
  double      *values;      /* of the leaf */
  gsize        n;
  const int   *stop;        /* nullable */
  GError     **error;
} Probe;

static gboolean
value_at (Probe *p, gsize i, double value, double *y)
{
  double old = p->values[i];
  gboolean good;

  p->values[i] = value;
  good = chain_exec_write (p->x, p->leaf, p->b, p->values, p->n, p->error) && chain_exec_run (p->x, p->program, p->b, p->error);
  p->values[i] = old;
  *y = good ? chain_exec_read_one (p->x, p->program, p->b, p->y) : NAN;
  return good;
}

static gboolean
check_entry (Probe *p, gsize i, double adjoint, gint64 cols, ChainCheckRow *row)
{
  double at = p->values[i], h = 6e-6 * fmax (1, fabs (at)), left, mid, right, n, bar, error, d0, d1;
  double step = (at + h) - (at - h);   /* what was really moved */

  if (!value_at (p, i, at - h, &left) || !value_at (p, i, at, &mid) || !value_at (p, i, at + h, &right))
    return FALSE;
  n = (right - left) / step;
  bar = 1e-9 + 1e-7 * fmax (fabs (adjoint), fabs (n));
  error = fabs (adjoint - n) / bar;
  d0 = (mid - left) / h;
  d1 = (right - mid) / h;
  if (!(error <= 1) && fabs (d1 - d0) > 1e-9 + 1e-3 * (fabs (d0) + fabs (d1)))
    {
      row->n_kinks++;
      return TRUE;
    }
  if (row->n_checked++ == 0 || !(error <= row->error))
    {
      row->row = (gint64) i / cols;
      row->col = (gint64) i % cols;
      row->adjoint = adjoint;
      row->difference = n;
      row->error = isnan (error) ? INFINITY : error;
      row->bar = bar;
    }
  return TRUE;
}

static gboolean
is_stopped (Probe *p)
{
  if (p->stop == NULL || !g_atomic_int_get (p->stop))
    return FALSE;
  g_set_error_literal (p->error, CHAIN_ERROR, CHAIN_ERROR_CANCELLED, "The gradient check was given up");
  return TRUE;
}

static gboolean
check_leaf (Probe *p, ChainId grad, guint max_entries, ChainCheckRow *row)
{
  gint64 cols = chain_axis (chain_graph_node (p->x->g, p->leaf)->shape.cols, p->b);
  g_autofree double *adjoints = NULL;
  gsize count;
  gboolean good = TRUE;

  p->n = chain_ref_size (p->x->g, p->leaf, p->b);
  p->values = g_new0 (double, p->n);
  adjoints = g_new0 (double, p->n);
  good = chain_exec_read_leaf (p->x, p->leaf, p->values, p->n) && chain_exec_run (p->x, p->program, p->b, p->error);
  if (good && grad != CHAIN_NONE)
    good = chain_exec_read (p->x, p->program, p->b, grad, adjoints, p->n);
  count = max_entries == 0 ? p->n : MIN (max_entries, p->n);
  for (gsize k = 0; k < count && good; k++)
    {
      gsize i = count > 1 ? k * (p->n - 1) / (count - 1) : 0;
      good = !is_stopped (p) && check_entry (p, i, adjoints[i], cols, row);
    }
  if (!chain_exec_write (p->x, p->leaf, p->b, p->values, p->n, good ? p->error : NULL))   /* as it was */
    good = FALSE;
  g_clear_pointer (&p->values, g_free);
  return good;
}

gboolean
chain_check_gradient (ChainExec *x, gint64 b, ChainId y, const ChainId *wrt, const ChainId *grads, guint n, guint max_entries,
                      ChainCheckRow *rows, GError **error)
{
  return chain_check_gradient_until (x, b, y, wrt, grads, n, max_entries, rows, NULL, error);
}

gboolean
chain_check_gradient_until (ChainExec *x, gint64 b, ChainId y, const ChainId *wrt, const ChainId *grads, guint n, guint max_entries,
                            ChainCheckRow *rows, const int *stop, GError **error)
{
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (ChainId));
  Probe p = { .x = x, .b = b, .y = y, .stop = stop, .error = error };
  gboolean passed = TRUE;

  g_assert (chain_exec_dtype (x) == CHAIN_F64);
  g_array_append_val (outputs, y);
  for (guint i = 0; i < n; i++)
    if (grads[i] != CHAIN_NONE)
      g_array_append_val (outputs, grads[i]);
  p.program = chain_exec_program (x, (const ChainId *) (void *) outputs->data, outputs->len, NULL, 0, CHAIN_PLAN_DEFAULT);
  memset (rows, 0, n * sizeof *rows);
  for (guint i = 0; i < n; i++)
    {
      rows[i].leaf = p.leaf = wrt[i];
      if (!check_leaf (&p, grads[i], max_entries, &rows[i]))
        return FALSE;
      passed = passed && rows[i].error <= 1;
    }
  return passed;
}

/* --- against the definition: each node from the executor's own values of its inputs, so that errors do not add up --- */
static double *
values_of (ChainExec *x, ChainProgram p, gint64 b, ChainId id, gint64 *rows, gint64 *cols)
{
  ChainShape s = chain_graph_node (x->g, id)->shape;
  gsize n = chain_ref_size (x->g, id, b);
  double *v = g_new0 (double, n);

  *rows = chain_axis (s.rows, b);
  *cols = chain_axis (s.cols, b);
  if (!chain_exec_read (x, p, b, id, v, n))
    for (gsize k = 0; k < n; k++)
      v[k] = NAN;
  return v;
}

static double
largest (const double *v, gsize n, double most)
{
  for (gsize k = 0; k < n; k++)
    if (isfinite (v[k]))
      most = fmax (most, fabs (v[k]));
  return most;
}

/* Relative to the largest number in the value or in what it was made from: a sum that cancels cannot know more. */
static double
worst_of (const double *got, const double *want, gsize n, double scale)
{
  double worst = 0;

  for (gsize k = 0; k < n; k++)
    if (!(got[k] == want[k] || (isnan (got[k]) && isnan (want[k]))))
      worst = fmax (worst, isfinite (got[k]) && isfinite (want[k]) ? fabs (got[k] - want[k]) / (scale > 0 ? scale : 1) : INFINITY);
  return worst;
}

static double
compare_item (ChainExec *x, ChainProgram p, gint64 b, const ChainPlanItem *it)
{
  const ChainNode *node = chain_graph_node (x->g, it->node);
  ChainArg arg = { it->detail->value, it->detail->value2, { it->detail->arg[0], it->detail->arg[1], it->detail->arg[2] } };
  ChainRefValue in[3] = { { 0 } };
  gint64 rows, cols;
  g_autofree double *got = values_of (x, p, b, it->node, &rows, &cols);
  g_autofree double *want = g_new0 (double, (gsize) (rows * cols));
  double scale = 0, worst;

  for (guint k = 0; k < node->n_in; k++)
    {
      in[k].data = values_of (x, p, b, node->in[k], &in[k].rows, &in[k].cols);
      scale = largest (in[k].data, (gsize) (in[k].rows * in[k].cols), scale);
    }
  chain_op_row (node->op)->ref (in, &arg, x->seed, want, rows, cols);
  worst = worst_of (got, want, (gsize) (rows * cols), largest (want, (gsize) (rows * cols), scale));
  for (guint k = 0; k < node->n_in; k++)
    g_free ((double *) in[k].data);
  return worst;
}

double
chain_check_reference (ChainExec *x, gint64 b, ChainId y, ChainId *worst, GError **error)
{
  ChainProgram p = chain_exec_program (x, &y, 1, NULL, 0, CHAIN_PLAN_KEEP_ALL);
  const ChainPlan *plan = chain_exec_plan (x, p, b, error);
  double most = -1;

  *worst = CHAIN_NONE;
  if (plan == NULL || !chain_exec_run (x, p, b, error))
    return NAN;
  for (guint i = 0; i < plan->n_items; i++)
    {
      double d = compare_item (x, p, b, &plan->items[i]);
      if (d > most)
        {
          most = d;
          *worst = plan->items[i].node;
        }
    }
  return fmax (most, 0);
}
