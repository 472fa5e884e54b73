/* SPDX-License-Identifier: Apache-2.0 */
/* The public builders: one line each where the op needs no more, so that a rule reads like the formula it stands for. A shape
 * that does not fit here is a mistake in the program, not in a document, and ends it with the sentence of the shape rule. */
#include "engine/graph/graph-private.h"

static ChainId
append (ChainGraph *g, ChainOp op, const ChainId *in, guint n_in, ChainShape shape, const ChainArg *arg)
{
  g_autoptr (GError) error = NULL;
  ChainId id = chain_graph_append (g, op, in, n_in, shape, arg, &error);

  if (id == CHAIN_NONE)
    g_error ("%s", error->message);
  return id;
}

static ChainId
append1 (ChainGraph *g, ChainOp op, ChainId a, ChainArg arg)
{
  return append (g, op, &a, 1, chain_shape (1, 1), &arg);
}

static ChainId
append2 (ChainGraph *g, ChainOp op, ChainId a, ChainId b, ChainArg arg)
{
  return append (g, op, (ChainId[]){ a, b }, 2, chain_shape (1, 1), &arg);
}

/* --- sources --- */

ChainId
chain_leaf (ChainGraph *g, ChainLeafKind kind, const char *name, ChainShape shape)
{
  ChainId id = append (g, CHAIN_OP_LEAF, NULL, 0, shape, &(ChainArg){ .i = { (int32_t) kind } });

  chain_graph_set_name (g, id, name);
  return id;
}

static ChainId
host_leaf (ChainGraph *g, ChainLeafKind kind, const char *key, const char *name)
{
  ChainId id = _chain_graph_find_scalar (g, key);

  if (id == CHAIN_NONE)
    {
      id = chain_leaf (g, kind, name, chain_shape (1, 1));
      _chain_graph_add_scalar (g, key, id);
    }
  return id;
}

ChainId
chain_scalar (ChainGraph *g, const char *name)
{
  g_autofree char *key = g_strconcat ("=", name, NULL);

  return host_leaf (g, CHAIN_LEAF_SCALAR, key, name);
}

ChainId
chain_n_rows (ChainGraph *g)
{
  return host_leaf (g, CHAIN_LEAF_ROWS, "rows", "n_rows");
}

ChainId
chain_const (ChainGraph *g, double value)
{
  return append (g, CHAIN_OP_CONST, NULL, 0, chain_shape (1, 1), &(ChainArg){ .value = value });
}

ChainId
chain_full (ChainGraph *g, ChainShape shape, double value)
{
  return chain_broadcast (g, chain_const (g, value), shape);
}

ChainId
chain_zeros_like (ChainGraph *g, ChainId a)
{
  return chain_full (g, _chain_shape_of (g, a), 0);
}

ChainId
chain_ones_like (ChainGraph *g, ChainId a)
{
  return chain_full (g, _chain_shape_of (g, a), 1);
}

ChainId
chain_random (ChainGraph *g, ChainRandomKind kind, guint purpose, guint32 object, ChainId step, ChainShape shape)
{
  return append (g, CHAIN_OP_RANDOM, &step, 1, shape, &(ChainArg){ .i = { (int32_t) kind, (int32_t) purpose, (int32_t) object } });
}

/* --- element-wise --- */

#define SHAPED1(name, OP) \
  ChainId chain_##name (ChainGraph *g, ChainId a) { return append1 (g, CHAIN_OP_##OP, a, (ChainArg){ 0 }); }
#define SHAPED2(name, OP) \
  ChainId chain_##name (ChainGraph *g, ChainId a, ChainId b) { return append2 (g, CHAIN_OP_##OP, a, b, (ChainArg){ 0 }); }
#define BUILD1(name, OP) \
  ChainId \
  chain_##name (ChainGraph *g, ChainId a) \
  { \
    return _chain_graph_append_one (g, CHAIN_OP_##OP, a); \
  }
#define BUILD2(name, OP) \
  ChainId \
  chain_##name (ChainGraph *g, ChainId a, ChainId b) \
  { \
    return _chain_graph_append_two (g, CHAIN_OP_##OP, a, b); \
  }

BUILD2 (add, ADD)
BUILD2 (sub, SUB)
BUILD2 (mul, MUL)
BUILD2 (div, DIV)
BUILD1 (neg, NEG)
BUILD2 (pow, POW)
BUILD1 (exp, EXP)
BUILD1 (expm1, EXPM1)
BUILD1 (log, LOG)
BUILD1 (log1p, LOG1P)
BUILD1 (sqrt, SQRT)
BUILD1 (abs, ABS)
BUILD1 (sign, SIGN)
BUILD1 (sin, SIN)
BUILD1 (cos, COS)
BUILD1 (atan, ATAN)
BUILD1 (asinh, ASINH)
BUILD1 (erf, ERF)
BUILD1 (erfc, ERFC)
BUILD1 (lgamma, LGAMMA)
BUILD1 (floor, FLOOR)
BUILD1 (tanh, TANH)
BUILD1 (sigmoid, SIGMOID)
BUILD1 (softplus, SOFTPLUS)
BUILD1 (relu, RELU)
BUILD1 (step, STEP)
BUILD1 (stop, STOP)
BUILD2 (min, MIN)
BUILD2 (max, MAX)
BUILD2 (eq, EQ)
BUILD2 (lt, LT)

ChainId
chain_polygamma (ChainGraph *g, guint order, ChainId a)
{
  return append1 (g, CHAIN_OP_POLYGAMMA, a, (ChainArg){ .i = { (int32_t) order } });
}

ChainId
chain_round (ChainGraph *g, ChainId a, guint kind)
{
  return append1 (g, CHAIN_OP_ROUND, a, (ChainArg){ .i = { (int32_t) kind } });
}

ChainId
chain_clamp (ChainGraph *g, ChainId a, double low, double high)
{
  return append1 (g, CHAIN_OP_CLAMP, a, (ChainArg){ .value = low, .value2 = high });
}

ChainId
chain_where (ChainGraph *g, ChainId cond, ChainId a, ChainId b)
{
  return append (g, CHAIN_OP_WHERE, (ChainId[]){ cond, a, b }, 3, chain_shape (1, 1), NULL);
}

/* --- shape and products --- */

ChainId
chain_matmul (ChainGraph *g, ChainId a, ChainId b, gboolean ta, gboolean tb)
{
  return append2 (g, CHAIN_OP_MATMUL, a, b, (ChainArg){ .i = { ta ? 1 : 0, tb ? 1 : 0 } });
}

SHAPED1 (transpose, TRANSPOSE)

ChainId
chain_reshape (ChainGraph *g, ChainId a, ChainShape shape)
{
  if (chain_shape_equal (_chain_shape_of (g, a), shape))
    return a;
  return append (g, CHAIN_OP_RESHAPE, &a, 1, shape, NULL);
}

ChainId
chain_concat (ChainGraph *g, ChainId a, ChainId b, int axis)
{
  return append2 (g, CHAIN_OP_CONCAT, a, b, (ChainArg){ .i = { axis } });
}

ChainId
chain_slice (ChainGraph *g, ChainId a, int axis, int32_t start, int32_t len)
{
  ChainShape s = _chain_shape_of (g, a);

  if (start == 0 && len == (axis ? s.cols : s.rows))
    return a;
  return append1 (g, CHAIN_OP_SLICE, a, (ChainArg){ .i = { axis, start, len } });
}

SHAPED2 (gather_rows, GATHER_ROWS)

ChainId
chain_one_hot (ChainGraph *g, ChainId index, int classes)
{
  return append1 (g, CHAIN_OP_ONE_HOT, index, (ChainArg){ .i = { classes } });
}

ChainId
chain_broadcast (ChainGraph *g, ChainId a, ChainShape shape)
{
  if (chain_shape_equal (_chain_shape_of (g, a), shape))
    return a;
  return append (g, CHAIN_OP_BROADCAST, &a, 1, shape, NULL);
}

ChainId
chain_sum (ChainGraph *g, ChainId a, ChainShape shape)
{
  if (chain_shape_equal (_chain_shape_of (g, a), shape))
    return a;
  return append (g, CHAIN_OP_SUM, &a, 1, shape, NULL);
}

/* --- rows and small matrices --- */

SHAPED1 (rowmax, ROWMAX)
SHAPED1 (argmax, ARGMAX)
SHAPED1 (argsort, ARGSORT)
SHAPED1 (logsumexp, LOGSUMEXP)
SHAPED1 (softmax, SOFTMAX)
SHAPED1 (cholesky, CHOLESKY)

ChainId
chain_cumsum (ChainGraph *g, ChainId a, gboolean reverse)
{
  return append1 (g, CHAIN_OP_CUMSUM, a, (ChainArg){ .i = { reverse ? 1 : 0 } });
}

ChainId
chain_permute (ChainGraph *g, ChainId a, ChainId index, gboolean inverse)
{
  return append2 (g, CHAIN_OP_PERMUTE, a, index, (ChainArg){ .i = { inverse ? 1 : 0 } });
}

ChainId
chain_solve (ChainGraph *g, ChainId a, ChainId b, gboolean transposed)
{
  return append2 (g, CHAIN_OP_SOLVE, a, b, (ChainArg){ .i = { transposed ? 1 : 0 } });
}

/* --- compositions --- */

ChainId
chain_square (ChainGraph *g, ChainId a)
{
  return chain_mul (g, a, a);
}

ChainId
chain_sum_all (ChainGraph *g, ChainId a)
{
  return chain_sum (g, a, chain_shape (1, 1));
}

ChainId
chain_mul_s (ChainGraph *g, ChainId a, ChainId scalar)
{
  return chain_mul (g, a, chain_broadcast (g, scalar, _chain_shape_of (g, a)));
}

ChainId
chain_div_s (ChainGraph *g, ChainId a, ChainId scalar)
{
  return chain_div (g, a, chain_broadcast (g, scalar, _chain_shape_of (g, a)));
}

ChainId
chain_scale (ChainGraph *g, ChainId a, double c)
{
  return chain_mul_s (g, a, chain_const (g, c));
}

ChainId
chain_offset (ChainGraph *g, ChainId a, double c)
{
  return chain_add (g, a, chain_full (g, _chain_shape_of (g, a), c));
}

ChainId
chain_mean_rows (ChainGraph *g, ChainId a)
{
  ChainShape s = _chain_shape_of (g, a);
  ChainId total = chain_sum (g, a, chain_shape (1, s.cols));
  ChainId count;

  if (s.rows > 0)
    count = chain_const (g, s.rows);
  else if (s.rows == CHAIN_B)
    count = chain_n_rows (g);
  else
    count = chain_scale (g, chain_n_rows (g), -(double) s.rows);
  return chain_div_s (g, total, count);
}

gboolean
_chain_graph_constant (const ChainGraph *g, ChainId id, double *value)
{
  double sign = 1;

  while (TRUE)
    {
      const ChainNode *n = chain_graph_node (g, id);

      if (n->op == CHAIN_OP_CONST)
        {
          *value = sign * n->arg.value;
          return TRUE;
        }
      if (n->op != CHAIN_OP_BROADCAST && n->op != CHAIN_OP_NEG)
        return FALSE;
      if (n->op == CHAIN_OP_NEG)
        sign = -sign;
      id = n->in[0];
    }
}
