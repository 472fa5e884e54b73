/* SPDX-License-Identifier: Apache-2.0 */
/* Central differences beside the adjoints (RELIABILITY 4.1, ARCHITECTURE 10): an executor in f64 with the same values, one entry moved either way,
 * the loss read twice. A leaf is moved by writing it, a computed value by pinning it; nodes are never edited.
 *
 * What was drawn at random is pinned to what the trace drew, so that a dropout mask is the same one in either precision. */
#include "app/stepper/trace.h"

#include <math.h>

#define STEP 6e-6
#define BAR 1e-6
#define FLOOR 1e-9            /* of the loss: rounding of two losses over 2h */
#define SINGLE_BAR 1e-5

struct _ChainProbe
{
  ChainTrace  *t;
  ChainExec   *x;
  ChainProgram all, loss;     /* every adjoint; the loss alone */
  GArray      *drawn;         /* of ChainId: random nodes */
  gboolean     have_all;      /* `all` was run with nothing moved */
};

static void
pin_drawn (ChainProbe *p)
{
  for (guint i = 0; i < p->drawn->len; i++)
    {
      ChainId id = g_array_index (p->drawn, ChainId, i);
      gint64 rows, cols;

      chain_trace_shape (p->t, id, &rows, &cols);
      for (gint64 k = 0; p->t->value[id] != NULL && k < rows * cols; k++)
        chain_exec_pin (p->x, id, k / cols, k % cols, p->t->value[id][k]);
    }
}

/* Every leaf as the trace has it. */
static gboolean
bind_leaf (ChainProbe *p, ChainId id, GError **error)
{
  const ChainNode *n = chain_graph_node (p->t->model->graph, id);
  gint64 rows, cols;

  if (p->t->value[id] == NULL || n->arg.i[0] == CHAIN_LEAF_ROWS)
    return TRUE;
  if (n->host)
    {
      chain_exec_set_scalar (p->x, id, p->t->value[id][0]);
      return TRUE;
    }
  chain_trace_shape (p->t, id, &rows, &cols);
  return chain_exec_write (p->x, id, p->t->b, p->t->value[id], (gsize) (rows * cols), error);
}

static void
make_programs (ChainProbe *p)
{
  const GArray *steps = p->t->model->steps;
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (ChainId));

  g_array_append_val (outputs, p->t->loss);
  p->loss = chain_exec_program (p->x, &p->t->loss, 1, NULL, 0, CHAIN_PLAN_KEEP_ALL);
  for (guint i = 0; i < steps->len; i++)
    {
      const ChainStep *s = &g_array_index (steps, ChainStep, i);

      g_array_append_val (outputs, s->sum);
      g_array_append_val (outputs, s->target);
    }
  p->all = chain_exec_program (p->x, (const ChainId *) (gconstpointer) outputs->data, outputs->len, NULL, 0, CHAIN_PLAN_KEEP_ALL);
}

ChainProbe *
chain_probe_new (ChainTrace *t, GError **error)
{
  g_autoptr (ChainProbe) p = NULL;
  const ChainGraph *g = t->model->graph;

  if (t->loss == CHAIN_NONE)
    {
      g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "Nothing is trained here, so there is no derivative to check");
      return NULL;
    }
  p = g_new0 (ChainProbe, 1);
  p->t = chain_trace_ref (t);
  p->drawn = g_array_new (FALSE, FALSE, sizeof (ChainId));
  p->x = chain_exec_new (g, CHAIN_F64, error);
  if (p->x == NULL)
    return NULL;
  chain_exec_set_seed (p->x, t->model->spec->seed);
  make_programs (p);
  for (ChainId id = 1; id <= t->n_nodes; id++)
    {
      guint16 op = chain_graph_node (g, id)->op;

      if (op == CHAIN_OP_LEAF && !bind_leaf (p, id, error))
        return NULL;
      if (op == CHAIN_OP_RANDOM)
        g_array_append_val (p->drawn, id);
    }
  pin_drawn (p);
  return g_steal_pointer (&p);
}

void
chain_probe_free (ChainProbe *p)
{
  if (p == NULL)
    return;
  g_clear_pointer (&p->x, chain_exec_free);
  g_array_unref (p->drawn);
  chain_trace_unref (p->t);
  g_free (p);
}

/* The loss with one entry moved to value. */
static gboolean
loss_at (ChainProbe *p, ChainId node, double *leaf, gsize n, gsize i, double value, double *loss, GError **error)
{
  gint64 rows, cols;
  gboolean good;

  chain_trace_shape (p->t, node, &rows, &cols);
  if (leaf != NULL)
    {
      double old = leaf[i];

      leaf[i] = value;
      good = chain_exec_write (p->x, node, p->t->b, leaf, n, error);
      leaf[i] = old;
    }
  else
    {
      chain_exec_pin (p->x, node, (gint64) i / cols, (gint64) i % cols, value);
      good = TRUE;
    }
  good = good && chain_exec_run (p->x, p->loss, p->t->b, error);
  *loss = good ? chain_exec_read_one (p->x, p->loss, p->t->b, p->t->loss) : NAN;
  return good;
}

static gboolean
put_back (ChainProbe *p, ChainId node, const double *leaf, gsize n, GError **error)
{
  if (leaf != NULL)
    return chain_exec_write (p->x, node, p->t->b, leaf, n, error);
  chain_exec_unpin_all (p->x);
  pin_drawn (p);
  return TRUE;
}

/* The adjoint in f64, the largest one of its node, and the one that the trace holds. */
static gboolean
read_adjoint (ChainProbe *p, ChainId node, gsize n, gsize i, double *adjoint, double *largest, GError **error)
{
  g_autofree double *v = g_new0 (double, n);
  ChainId sum = p->t->adjoint[node];

  if (!p->have_all && !chain_exec_run (p->x, p->all, p->t->b, error))
    return FALSE;
  p->have_all = TRUE;
  if (node == p->t->loss)
    v[0] = 1;
  else if (chain_graph_node (p->t->model->graph, sum)->op == CHAIN_OP_CONST)
    v[0] = chain_graph_node (p->t->model->graph, sum)->arg.value;
  else if (!chain_exec_read (p->x, p->all, p->t->b, sum, v, n))
    {
      g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "This value has no adjoint to check");
      return FALSE;
    }
  *adjoint = v[i];
  *largest = 0;
  for (gsize k = 0; k < n; k++)
    *largest = fmax (*largest, fabs (v[k]));
  return TRUE;
}

/* Terms that may have been added up in one adjoint: rows of the run times the widest layer. */
static double
terms (const ChainTrace *t)
{
  guint width = 1;

  for (guint i = 0; i < t->model->layers->len; i++)
    width = MAX (width, g_array_index (t->model->layers, ChainLayerInfo, i).width);
  return (double) t->b * width;
}

static void
judge (const ChainProbe *p, ChainId node, gsize i, const double y[3], double h, double step, double largest, ChainProbeResult *out)
{
  double left = (y[1] - y[0]) / h, right = (y[2] - y[1]) / h, held = p->t->value[p->t->adjoint[node]][i];
  double bar = BAR * fmax (fabs (out->adjoint), fabs ((y[2] - y[0]) / step)) + FLOOR * fmax (1, fabs (y[1]));

  out->difference = (y[2] - y[0]) / step;
  out->error = fabs (out->difference - out->adjoint);
  out->agrees = out->error <= bar;
  out->kink = !out->agrees && fabs (right - left) > 1e-9 + 1e-3 * (fabs (left) + fabs (right));
  if (p->t->dtype == CHAIN_F32 && !(fabs (held - out->adjoint) <= SINGLE_BAR * sqrt (terms (p->t)) * largest + 1e-30))
    out->agrees = FALSE;
}

/* How far an entry of a kinked operation is from its kink; INFINITY where it has none there. */
static double
distance (const ChainProbe *p, const ChainNode *n, gint64 row, gint64 col)
{
  double a = chain_trace_at (p->t, n->in[0], row, col), b = n->n_in > 1 ? chain_trace_at (p->t, n->in[1], row, col) : NAN;

  switch ((int) n->op)
    {
    case CHAIN_OP_RELU: case CHAIN_OP_ABS: return fabs (a);
    case CHAIN_OP_MIN: case CHAIN_OP_MAX: return fabs (a - b);
    case CHAIN_OP_CLAMP: return fmin (fabs (a - n->arg.value), fabs (a - n->arg.value2));
    default: return INFINITY;
    }
}

/* The kinked operation whose input is nearest to its kink, of those that read node, directly or not (their ids are greater), and are near enough for a
 * step of h to cross it. */
static ChainOp
find_kink (const ChainProbe *p, ChainId node, double h, gboolean *at_kink)
{
  double nearest = 1e3 * h;
  ChainOp found = CHAIN_OP_NONE;

  for (ChainId id = node + 1; id <= p->t->n_nodes; id++)
    {
      const ChainNode *n = chain_graph_node (p->t->model->graph, id);
      gint64 rows, cols;

      if (!(chain_op_row ((ChainOp) n->op)->flags & CHAIN_OP_KINKED) || n->role != CHAIN_ROLE_FORWARD || p->t->value[id] == NULL)
        continue;
      chain_trace_shape (p->t, id, &rows, &cols);
      for (gint64 k = 0; k < rows * cols; k++)
        if (distance (p, n, k / cols, k % cols) < nearest)
          {
            nearest = distance (p, n, k / cols, k % cols);
            found = (ChainOp) n->op;
          }
    }
  *at_kink = nearest == 0;
  return found;
}

gboolean
chain_probe_run (ChainProbe *p, ChainId node, gint64 row, gint64 col, ChainProbeResult *out, GError **error)
{
  gboolean is_leaf = chain_graph_node (p->t->model->graph, node)->op == CHAIN_OP_LEAF, good;
  g_autofree double *v = NULL;
  double y[3], largest, at, h;
  gint64 rows, cols;
  gsize n, i;

  chain_trace_shape (p->t, node, &rows, &cols);
  g_assert (row >= 0 && row < rows && col >= 0 && col < cols);
  n = (gsize) (rows * cols);
  i = (gsize) (row * cols + col);
  v = g_new0 (double, n);
  if (p->t->adjoint[node] == CHAIN_NONE || !read_adjoint (p, node, n, i, &out->adjoint, &largest, error))
    {
      if (error != NULL && *error == NULL)
        g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "The loss does not depend on this value, so there is no derivative to check");
      return FALSE;
    }
  if (is_leaf ? !chain_exec_read_leaf (p->x, node, v, n) : !chain_exec_read (p->x, p->all, p->t->b, node, v, n))
    v[i] = chain_trace_at (p->t, node, row, col);
  at = v[i];
  h = STEP * fmax (1, fabs (at));
  good = loss_at (p, node, is_leaf ? v : NULL, n, i, at - h, &y[0], error) && loss_at (p, node, is_leaf ? v : NULL, n, i, at, &y[1], error)
         && loss_at (p, node, is_leaf ? v : NULL, n, i, at + h, &y[2], error);
  good = put_back (p, node, is_leaf ? v : NULL, n, good ? error : NULL) && good;
  out->kinked = CHAIN_OP_NONE;
  out->at_kink = FALSE;
  if (good)
    judge (p, node, i, y, h, (at + h) - (at - h), largest, out);
  if (good && out->kink)
    out->kinked = find_kink (p, node, h, &out->at_kink);
  return good;
}
