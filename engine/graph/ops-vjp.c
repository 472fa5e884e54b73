/* SPDX-License-Identifier: Apache-2.0 */
/* Reverse rules of the rows that are not element-wise: each linear row has a mirror (broadcast and sum, slice and concat, a
 * permutation and its inverse), matmul closes over itself by its two flags. Matrix rules: Giles, "Collected matrix
 * derivative results for forward and reverse mode AD", 2008; Murray, "Differentiation of the Cholesky decomposition", 2016. */
#include "engine/graph/ops-private.h"

CHAIN_VJP (matmul)
{
  const ChainNode *n = chain_graph_node (g, node);
  ChainId a = n->in[0], b = n->in[1];
  gboolean ta = n->arg.i[0], tb = n->arg.i[1];

  if (need[0])
    out[0] = ta ? chain_matmul (g, b, dy, tb, TRUE) : chain_matmul (g, dy, b, FALSE, !tb);
  if (need[1])
    out[1] = tb ? chain_matmul (g, dy, a, TRUE, ta) : chain_matmul (g, a, dy, !ta, FALSE);
}

CHAIN_VJP (transpose)
{
  if (need[0])
    out[0] = chain_transpose (g, dy);
}

CHAIN_VJP (reshape)
{
  if (need[0])
    out[0] = chain_reshape (g, dy, _chain_shape_of (g, _chain_input (g, node, 0)));
}

static int32_t
axis_size (const ChainGraph *g, ChainId id, int axis)
{
  ChainShape s = _chain_shape_of (g, id);

  return axis ? s.cols : s.rows;
}

CHAIN_VJP (concat)
{
  const ChainNode *n = chain_graph_node (g, node);
  int axis = n->arg.i[0];
  int32_t first = axis_size (g, n->in[0], axis), second = axis_size (g, n->in[1], axis);

  if (need[0])
    out[0] = chain_slice (g, dy, axis, 0, first);
  if (need[1])
    out[1] = chain_slice (g, dy, axis, first, second);
}

static ChainId
zeros_along (ChainGraph *g, ChainShape shape, int axis, int32_t size)
{
  if (axis)
    shape.cols = size;
  else
    shape.rows = size;
  return chain_full (g, shape, 0);
}

/* Zeros before and after; an axis that is a multiple of B has start and length of the same sign. */
CHAIN_VJP (slice)
{
  const ChainArg arg = chain_graph_node (g, node)->arg;
  ChainId a = _chain_input (g, node, 0);
  ChainShape shape = _chain_shape_of (g, a);
  int axis = arg.i[0];
  int32_t start = arg.i[1], after = axis_size (g, a, axis) - start - arg.i[2];
  ChainId padded = dy;

  if (!need[0])
    return;
  if (start != 0)
    padded = chain_concat (g, zeros_along (g, shape, axis, start), padded, axis);
  if (after != 0)
    padded = chain_concat (g, padded, zeros_along (g, shape, axis, after), axis);
  out[0] = padded;
}

/* Rows taken more than once add up: one-hotᵀ × dy. */
CHAIN_VJP (gather_rows)
{
  ChainId table = _chain_input (g, node, 0), index = _chain_input (g, node, 1);

  if (need[0])
    out[0] = chain_matmul (g, chain_one_hot (g, index, _chain_shape_of (g, table).rows), dy, TRUE, FALSE);
}

CHAIN_VJP (broadcast)
{
  if (need[0])
    out[0] = chain_sum (g, dy, _chain_shape_of (g, _chain_input (g, node, 0)));
}

CHAIN_VJP (sum)
{
  if (need[0])
    out[0] = chain_broadcast (g, dy, _chain_shape_of (g, _chain_input (g, node, 0)));
}

/* The first maximiser of a row gets all (SPEC 0.2, rule 3). */
CHAIN_VJP (rowmax)
{
  ChainId a = _chain_input (g, node, 0);
  ChainShape shape = _chain_shape_of (g, a);
  ChainId hot;

  if (!need[0])
    return;
  hot = chain_one_hot (g, chain_argmax (g, a), shape.cols);
  out[0] = chain_mul (g, chain_broadcast (g, dy, shape), hot);
}

CHAIN_VJP (cumsum)
{
  gboolean reverse = chain_graph_node (g, node)->arg.i[0];

  if (need[0])
    out[0] = chain_cumsum (g, dy, !reverse);
}

CHAIN_VJP (permute)
{
  gboolean inverse = chain_graph_node (g, node)->arg.i[0];

  if (need[0])
    out[0] = chain_permute (g, dy, _chain_input (g, node, 1), !inverse);
}

CHAIN_VJP (logsumexp)
{
  ChainId a = _chain_input (g, node, 0);
  ChainId weights;

  if (!need[0])
    return;
  weights = chain_softmax (g, a);
  out[0] = chain_mul (g, chain_broadcast (g, dy, _chain_shape_of (g, a)), weights);
}

/* y ⊙ (dy − Σ dy ⊙ y) */
CHAIN_VJP (softmax)
{
  ChainShape shape = _chain_shape_of (g, node);
  ChainId total;

  if (!need[0])
    return;
  total = chain_sum (g, chain_mul (g, dy, node), chain_shape (shape.rows, 1));
  out[0] = chain_mul (g, node, chain_sub (g, dy, chain_broadcast (g, total, shape)));
}

/* X = A⁻¹ B: dB = A⁻ᵀ dX, dA = −dB Xᵀ; with Aᵀ X = B: dB = A⁻¹ dX, dA = −X dBᵀ. */
CHAIN_VJP (solve)
{
  ChainId a = _chain_input (g, node, 0);
  gboolean transposed = chain_graph_node (g, node)->arg.i[0];
  ChainId db = chain_solve (g, a, dy, !transposed);

  if (need[0])
    out[0] = chain_neg (g, transposed ? chain_matmul (g, node, db, FALSE, TRUE) : chain_matmul (g, db, node, FALSE, TRUE));
  if (need[1])
    out[1] = db;
}

/* n × n numbers: 1 below the diagonal, `diagonal` on it, 0 above. */
static ChainId
lower_mask (ChainGraph *g, ChainId like, double diagonal)
{
  ChainShape shape = _chain_shape_of (g, like);
  ChainId counts = chain_cumsum (g, chain_full (g, chain_shape (1, shape.cols), 1), FALSE);
  ChainId col = chain_broadcast (g, counts, shape);
  ChainId row = chain_transpose (g, col);
  ChainId below = chain_lt (g, col, row);

  return chain_add (g, below, chain_scale (g, chain_eq (g, col, row), diagonal));
}

/* A = L Lᵀ: S = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹, Ā = (S + Sᵀ)/2; Φ takes the lower triangle and halves the diagonal. The upper triangle of
 * L is 0 whatever A is, so its adjoint is dropped first. */
CHAIN_VJP (cholesky)
{
  ChainId lower, phi, left, s;

  if (!need[0])
    return;
  lower = chain_mul (g, dy, lower_mask (g, dy, 1));
  phi = chain_matmul (g, node, lower, TRUE, FALSE);
  phi = chain_mul (g, phi, lower_mask (g, dy, 0.5));
  left = chain_solve (g, node, phi, TRUE);
  s = chain_solve (g, node, chain_transpose (g, left), TRUE);
  out[0] = chain_scale (g, chain_add (g, s, chain_transpose (g, s)), 0.5);
}

/* dL = L Φ(L⁻¹ dA L⁻ᵀ) with the symmetric part of dA. Here for its mask. */
CHAIN_JVP (cholesky)
{
  ChainId da, half, inner;

  if (dx[0] == CHAIN_NONE)
    return CHAIN_NONE;
  da = chain_scale (g, chain_add (g, dx[0], chain_transpose (g, dx[0])), 0.5);
  half = chain_solve (g, node, da, FALSE);
  inner = chain_solve (g, node, chain_transpose (g, half), FALSE);
  return chain_matmul (g, node, chain_mul (g, inner, lower_mask (g, inner, 0.5)), FALSE, FALSE);
}
