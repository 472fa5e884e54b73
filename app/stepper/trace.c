/* SPDX-License-Identifier: Apache-2.0 */
/* A step on the keep-all plan, copied out node by node. Values are read by the executor that trains, so a number here is the number there: f32
 * converts to double and back without loss.
 *
 * The program asks for everything that the step table names. A plan computes only what its outputs need, and a contribution that training adds
 * up elsewhere is still a contribution that somebody wants to see arrive. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/stepper/trace.h"
#include "engine/base/limits.h"

static void
add_id (GArray *to, ChainId id)
{
  if (id != CHAIN_NONE)
    g_array_append_val (to, id);
}

static ChainProgram
program_of (const ChainModel *m, ChainExec *x)
{
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (ChainId));

  add_id (outputs, m->loss_train);
  add_id (outputs, m->grad_sq);
  for (guint i = 0; i < m->layers->len; i++)
    add_id (outputs, g_array_index (m->layers, ChainLayerInfo, i).out);
  for (guint i = 0; i < m->params->len; i++)
    add_id (outputs, g_array_index (m->params, ChainTensorInfo, i).grad);
  for (guint i = 0; i < m->steps->len; i++)
    {
      const ChainStep *s = &g_array_index (m->steps, ChainStep, i);

      add_id (outputs, s->node);
      add_id (outputs, s->contribution);
      add_id (outputs, s->sum);
    }
  for (guint i = 0; i < m->lines->len; i++)
    add_id (outputs, g_array_index (m->lines, ChainLineInfo, i).node);
  return chain_exec_program (x, (const ChainId *) (gconstpointer) outputs->data, outputs->len, (const ChainState *) (gconstpointer) m->states->data,
                             m->states->len, CHAIN_PLAN_KEEP_ALL);
}

/* The seed of a gradient is the constant 1; simplified away, it is in no plan. */
static ChainId
find_one (const ChainGraph *g)
{
  for (ChainId id = 1; id <= chain_graph_size (g); id++)
    {
      const ChainNode *n = chain_graph_node (g, id);

      if (n->op == CHAIN_OP_CONST && n->arg.value == 1)
        return id;
    }
  return CHAIN_NONE;
}

static void
find_adjoints (ChainTrace *t)
{
  const GArray *steps = t->model->steps;

  t->adjoint = g_new0 (ChainId, t->n_nodes + 1);
  for (guint i = 0; i < steps->len; i++)
    {
      const ChainStep *s = &g_array_index (steps, ChainStep, i);

      t->adjoint[s->target] = s->sum;
    }
  if (steps->len == 0)
    return;
  t->loss = g_array_index (steps, ChainStep, 0).node;   /* the walk starts there */
  t->adjoint[t->loss] = find_one (t->model->graph);
}

static gsize
size_of (const ChainTrace *t, ChainId id)
{
  gint64 rows, cols;

  chain_trace_shape (t, id, &rows, &cols);
  return (gsize) (rows * cols);
}

static gboolean
fits (const ChainTrace *t, const ChainPlan *plan, GError **error)
{
  gsize bytes = 0;

  for (guint32 i = 0; i < plan->n_slots; i++)
    if (!chain_add_size (bytes, (gsize) (plan->slots[i].rows * plan->slots[i].cols) * sizeof (double), &bytes))
      bytes = G_MAXSIZE / 2;
  return chain_memory_check (bytes, _("Every value of a step"), error);
}

static void
read_values (ChainTrace *t, ChainExec *x, ChainProgram p)
{
  const ChainGraph *g = t->model->graph;

  t->value = g_new0 (double *, t->n_nodes + 1);
  for (ChainId id = 1; id <= t->n_nodes; id++)
    {
      const ChainNode *n = chain_graph_node (g, id);
      gsize size = size_of (t, id);
      double *v = g_new0 (double, MAX (size, 1));

      if (n->op == CHAIN_OP_CONST)
        v[0] = n->arg.value;
      else if (!chain_exec_read (x, p, t->b, id, v, size))
        g_clear_pointer (&v, g_free);
      t->value[id] = v;
    }
}

ChainTrace *
chain_trace_new (ChainModel *model, ChainExec *x, gint64 b, ChainTraceRequest request, guint sample, guint n_samples, guint64 step, double epoch,
                 GError **error)
{
  g_autoptr (ChainTrace) t = g_new0 (ChainTrace, 1);
  ChainProgram p = program_of (model, x);
  const ChainPlan *plan;

  t->ref_count = 1;
  t->model = chain_model_ref (model);
  t->request = request;
  t->dtype = chain_exec_dtype (x);
  t->step = step;
  t->epoch = epoch;
  t->b = b;
  t->row = request.of == CHAIN_TRACE_BATCH ? -1 : request.of == CHAIN_TRACE_SAMPLE ? 0 : (gint64) request.index;
  t->sample = sample;
  t->n_samples = n_samples;
  t->n_nodes = chain_graph_size (model->graph);
  plan = chain_exec_plan (x, p, b, error);
  if (plan == NULL || !fits (t, plan, error) || !chain_exec_run (x, p, b, error))
    return NULL;
  t->bytes = chain_plan_bytes (plan);
  read_values (t, x, p);
  find_adjoints (t);
  return g_steal_pointer (&t);
}

ChainTrace *
chain_trace_ref (ChainTrace *t)
{
  g_atomic_int_inc (&t->ref_count);
  return t;
}

void
chain_trace_unref (ChainTrace *t)
{
  if (t == NULL || !g_atomic_int_dec_and_test (&t->ref_count))
    return;
  for (ChainId id = 1; t->value != NULL && id <= t->n_nodes; id++)
    g_free (t->value[id]);
  g_free (t->value);
  g_free (t->adjoint);
  chain_model_free (t->model);
  g_free (t);
}

void
chain_trace_shape (const ChainTrace *t, ChainId node, gint64 *rows, gint64 *cols)
{
  ChainShape s = chain_graph_node (t->model->graph, node)->shape;

  *rows = chain_axis (s.rows, t->b);
  *cols = chain_axis (s.cols, t->b);
}

double
chain_trace_at (const ChainTrace *t, ChainId node, gint64 row, gint64 col)
{
  gint64 rows, cols;

  if (node == CHAIN_NONE || t->value[node] == NULL)
    return NAN;
  chain_trace_shape (t, node, &rows, &cols);
  return row >= 0 && row < rows && col >= 0 && col < cols ? t->value[node][row * cols + col] : NAN;
}
