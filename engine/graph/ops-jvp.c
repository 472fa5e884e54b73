/* SPDX-License-Identifier: Apache-2.0 */
/* Forward rules of the rows that are not element-wise. A linear row is its own tangent. Cholesky is in ops-vjp.c. */
#include "engine/graph/ops-private.h"

static ChainId
add_parts (ChainGraph *g, ChainId a, ChainId b)
{
  if (a == CHAIN_NONE || b == CHAIN_NONE)
    return a ? a : b;
  return chain_add (g, a, b);
}

CHAIN_JVP (matmul)
{
  const ChainNode *n = chain_graph_node (g, node);
  ChainId a = n->in[0], b = n->in[1];
  gboolean ta = n->arg.i[0], tb = n->arg.i[1];
  ChainId by_a = dx[0] ? chain_matmul (g, dx[0], b, ta, tb) : CHAIN_NONE;
  ChainId by_b = dx[1] ? chain_matmul (g, a, dx[1], ta, tb) : CHAIN_NONE;

  return add_parts (g, by_a, by_b);
}

CHAIN_JVP (transpose)
{
  return dx[0] ? chain_transpose (g, dx[0]) : CHAIN_NONE;
}

CHAIN_JVP (reshape)
{
  return dx[0] ? chain_reshape (g, dx[0], _chain_shape_of (g, node)) : CHAIN_NONE;
}

CHAIN_JVP (concat)
{
  int axis = chain_graph_node (g, node)->arg.i[0];
  ChainId a, b;

  if (dx[0] == CHAIN_NONE && dx[1] == CHAIN_NONE)
    return CHAIN_NONE;
  a = dx[0] ? dx[0] : chain_zeros_like (g, _chain_input (g, node, 0));
  b = dx[1] ? dx[1] : chain_zeros_like (g, _chain_input (g, node, 1));
  return chain_concat (g, a, b, axis);
}

CHAIN_JVP (slice)
{
  const ChainArg arg = chain_graph_node (g, node)->arg;

  return dx[0] ? chain_slice (g, dx[0], arg.i[0], arg.i[1], arg.i[2]) : CHAIN_NONE;
}

CHAIN_JVP (gather_rows)
{
  return dx[0] ? chain_gather_rows (g, dx[0], _chain_input (g, node, 1)) : CHAIN_NONE;
}

CHAIN_JVP (broadcast)
{
  return dx[0] ? chain_broadcast (g, dx[0], _chain_shape_of (g, node)) : CHAIN_NONE;
}

CHAIN_JVP (sum)
{
  return dx[0] ? chain_sum (g, dx[0], _chain_shape_of (g, node)) : CHAIN_NONE;
}

CHAIN_JVP (rowmax)
{
  ChainId a = _chain_input (g, node, 0);
  ChainId hot;

  if (dx[0] == CHAIN_NONE)
    return CHAIN_NONE;
  hot = chain_one_hot (g, chain_argmax (g, a), _chain_shape_of (g, a).cols);
  return chain_sum (g, chain_mul (g, dx[0], hot), _chain_shape_of (g, node));
}

CHAIN_JVP (cumsum)
{
  return dx[0] ? chain_cumsum (g, dx[0], chain_graph_node (g, node)->arg.i[0]) : CHAIN_NONE;
}

CHAIN_JVP (permute)
{
  return dx[0] ? chain_permute (g, dx[0], _chain_input (g, node, 1), chain_graph_node (g, node)->arg.i[0]) : CHAIN_NONE;
}

CHAIN_JVP (logsumexp)
{
  ChainId weights;

  if (dx[0] == CHAIN_NONE)
    return CHAIN_NONE;
  weights = chain_softmax (g, _chain_input (g, node, 0));
  return chain_sum (g, chain_mul (g, dx[0], weights), _chain_shape_of (g, node));
}

CHAIN_JVP (softmax)
{
  ChainShape shape = _chain_shape_of (g, node);
  ChainId total;

  if (dx[0] == CHAIN_NONE)
    return CHAIN_NONE;
  total = chain_sum (g, chain_mul (g, dx[0], node), chain_shape (shape.rows, 1));
  return chain_mul (g, node, chain_sub (g, dx[0], chain_broadcast (g, total, shape)));
}

/* A X = B: dX = A⁻¹ (dB − dA X). */
CHAIN_JVP (solve)
{
  ChainId a = _chain_input (g, node, 0);
  gboolean transposed = chain_graph_node (g, node)->arg.i[0];
  ChainId moved = dx[0] ? chain_matmul (g, dx[0], node, transposed, FALSE) : CHAIN_NONE;
  ChainId right;

  if (moved == CHAIN_NONE && dx[1] == CHAIN_NONE)
    return CHAIN_NONE;
  if (moved == CHAIN_NONE)
    right = dx[1];
  else
    right = dx[1] ? chain_sub (g, dx[1], moved) : chain_neg (g, moved);
  return chain_solve (g, a, right, transposed);
}
