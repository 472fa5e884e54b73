/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan costs to run, counted from its items and so exact for what is really done: nothing that the planner left out is counted, and a
 * product that it computes twice is counted twice.
 *
 * Counting as is usual (Golub & Van Loan, Matrix Computations, 1.2): an addition and a multiplication are one each, an m x k by k x n product
 * is 2 m k n, a function such as tanh is one an entry. Moving numbers (copy, transpose, cut) costs none. Host scalars are a handful a step and
 * left out. */
#include "engine/run/plan.h"

static guint64
entries (const ChainGraph *g, ChainId id, gint64 b)
{
  ChainShape s = chain_graph_node (g, id)->shape;

  return (guint64) chain_axis (s.rows, b) * (guint64) chain_axis (s.cols, b);
}

static guint64
of_matrices (const ChainGraph *g, const ChainNode *node, guint64 out, gint64 b)
{
  ChainShape a = chain_graph_node (g, node->in[0])->shape;
  guint64 n = (guint64) chain_axis (a.rows, b);

  if (node->op == CHAIN_OP_MATMUL)
    return 2 * out * (guint64) chain_axis (node->arg.i[0] ? a.rows : a.cols, b);
  if (node->op == CHAIN_OP_CHOLESKY)
    return n * n * n / 3;
  return 2 * n * n * n / 3 + 2 * n * out;      /* solve: elimination, then two triangles a column */
}

guint64
chain_plan_item_flops (const ChainGraph *g, const ChainPlanItem *it, gint64 b)
{
  const ChainNode *node = chain_graph_node (g, it->node);
  guint64 out = entries (g, it->node, b), in = node->n_in > 0 ? entries (g, node->in[0], b) : 0;

  if (it->flags & CHAIN_ITEM_HOST)
    return 0;
  if (chain_op_row ((ChainOp) it->op)->flags & CHAIN_OP_ELEMENTWISE)
    return it->op == CHAIN_OP_STOP ? 0 : it->flags & CHAIN_ITEM_FMA ? 2 * out : out;
  switch ((ChainOp) it->op)
    {
    case CHAIN_OP_MATMUL: case CHAIN_OP_SOLVE: case CHAIN_OP_CHOLESKY:
      return of_matrices (g, node, out, b);
    case CHAIN_OP_SUM:
      return it->flags & CHAIN_ITEM_SUM_MUL ? 2 * in : in;
    case CHAIN_OP_ROWMAX: case CHAIN_OP_ARGMAX: case CHAIN_OP_CUMSUM:
      return in;
    case CHAIN_OP_LOGSUMEXP: case CHAIN_OP_SOFTMAX:
      return 3 * in;                           /* exponential, sum, and one more */
    default:
      return 0;
    }
}

guint64
chain_plan_flops (const ChainGraph *g, const ChainPlan *plan)
{
  guint64 sum = 0;

  for (guint32 i = 0; i < plan->n_items; i++)
    sum += chain_plan_item_flops (g, &plan->items[i], plan->b);
  return sum;
}
