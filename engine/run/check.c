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
      good = check_entry (p, i, adjoints[i], cols, row);
    }
  if (good)   /* as it was */
    good = chain_exec_write (p->x, p->leaf, p->b, p->values, p->n, p->error);
  g_clear_pointer (&p->values, g_free);
  return good;
}

gboolean
chain_check_gradient (ChainExec *x, gint64 b, ChainId y, const ChainId *wrt, const ChainId *grads, guint n, guint max_entries,
                      ChainCheckRow *rows, GError **error)
{
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (ChainId));
  Probe p = { .x = x, .b = b, .y = y, .error = error };
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

/* --- against the definition --- */
static GArray *
bind_all (ChainExec *x, gint64 b)
{
  GArray *bound = g_array_new (FALSE, FALSE, sizeof (ChainRefBinding));

  for (guint i = 0; i < x->leaves->len; i++)
    {
      const ChainExecLeaf *leaf = &g_array_index (x->leaves, ChainExecLeaf, i);
      gsize n = chain_ref_size (x->g, leaf->node, b);
      double *v = g_new0 (double, n);
      ChainRefBinding binding = { leaf->node, v };
      chain_exec_read_leaf (x, leaf->node, v, n);
      g_array_append_val (bound, binding);
    }
  return bound;
}

static double
worst_of_node (const double *got, const double *want, gsize n)
{
  double scale = 0, worst = 0;

  for (gsize k = 0; k < n; k++)
    if (isfinite (want[k]))
      scale = fmax (scale, fabs (want[k]));
  for (gsize k = 0; k < n; k++)
    if (!(got[k] == want[k] || (isnan (got[k]) && isnan (want[k]))))
      worst = fmax (worst, isfinite (got[k]) && isfinite (want[k]) ? fabs (got[k] - want[k]) / (scale > 0 ? scale : 1) : INFINITY);
  return worst;
}

static double
compare_all (ChainExec *x, ChainProgram program, gint64 b, const ChainPlan *plan, ChainId *worst, GError **error)
{
  guint n = plan->n_items;
  g_autofree ChainId *ids = g_new (ChainId, n + 1);
  g_autofree double **want = g_new0 (double *, n + 1);
  GArray *bound = bind_all (x, b);
  double most = 0;

  for (guint i = 0; i < n; i++)
    {
      ids[i] = plan->items[i].node;
      want[i] = g_new0 (double, chain_ref_size (x->g, ids[i], b));
    }
  if (!chain_ref_eval (x->g, (const ChainRefBinding *) (void *) bound->data, bound->len, b, x->seed, ids, n, want, error))
    most = NAN;
  for (guint i = 0; i < n && !isnan (most); i++)
    {
      gsize size = chain_ref_size (x->g, ids[i], b);
      g_autofree double *got = g_new0 (double, size);
      double d = chain_exec_read (x, program, b, ids[i], got, size) ? worst_of_node (got, want[i], size) : INFINITY;
      if (d > most || i == 0)
        {
          most = d;
          *worst = ids[i];
        }
    }
  for (guint i = 0; i < n; i++)
    g_free (want[i]);
  for (guint i = 0; i < bound->len; i++)
    g_free ((double *) g_array_index (bound, ChainRefBinding, i).data);
  g_array_unref (bound);
  return most;
}

double
chain_check_reference (ChainExec *x, gint64 b, ChainId y, ChainId *worst, GError **error)
{
  ChainProgram p = chain_exec_program (x, &y, 1, NULL, 0, CHAIN_PLAN_KEEP_ALL);
  const ChainPlan *plan = chain_exec_plan (x, p, b, error);

  *worst = CHAIN_NONE;
  if (plan == NULL || !chain_exec_run (x, p, b, error))
    return NAN;
  return compare_all (x, p, b, plan, worst, error);
}
