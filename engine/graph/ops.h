/* SPDX-License-Identifier: Apache-2.0 */
/* The op table: one row per operation. Everything else (losses, layers, optimisers) is a composition of these.
 *
 * Row-wise ops (softmax, logsumexp, rowmax, argmax, cumsum, argsort, permute) act along the columns of each row.
 * Element-wise ops need equal shapes: broadcasting is the op `broadcast`, its mirror is `sum`.
 * An index (gather_rows, one_hot, permute) is cut to a whole number; out of range or NaN it reads 0 (permute: writes nothing).
 * NaN counts as the largest number in rowmax, argmax and argsort. Cholesky is that of the symmetric part (A + Aᵀ)/2. */
#pragma once

#include "engine/base/types.h"

G_BEGIN_DECLS

typedef enum
{
  CHAIN_OP_NONE,
  /* sources */
  CHAIN_OP_LEAF, CHAIN_OP_CONST, CHAIN_OP_RANDOM,
  /* element-wise */
  CHAIN_OP_ADD, CHAIN_OP_SUB, CHAIN_OP_MUL, CHAIN_OP_DIV, CHAIN_OP_NEG, CHAIN_OP_POW,
  CHAIN_OP_EXP, CHAIN_OP_EXPM1, CHAIN_OP_LOG, CHAIN_OP_LOG1P, CHAIN_OP_SQRT, CHAIN_OP_ABS, CHAIN_OP_SIGN,
  CHAIN_OP_SIN, CHAIN_OP_COS, CHAIN_OP_ATAN, CHAIN_OP_ASINH, CHAIN_OP_ERF, CHAIN_OP_ERFC, CHAIN_OP_LGAMMA,
  CHAIN_OP_POLYGAMMA, CHAIN_OP_FLOOR, CHAIN_OP_TANH, CHAIN_OP_SIGMOID, CHAIN_OP_SOFTPLUS, CHAIN_OP_RELU,
  CHAIN_OP_STEP, CHAIN_OP_MIN, CHAIN_OP_MAX, CHAIN_OP_CLAMP, CHAIN_OP_EQ, CHAIN_OP_LT, CHAIN_OP_WHERE,
  CHAIN_OP_ROUND, CHAIN_OP_STOP,
  /* shape and products */
  CHAIN_OP_MATMUL, CHAIN_OP_TRANSPOSE, CHAIN_OP_RESHAPE, CHAIN_OP_CONCAT, CHAIN_OP_SLICE, CHAIN_OP_GATHER_ROWS,
  CHAIN_OP_ONE_HOT, CHAIN_OP_BROADCAST, CHAIN_OP_SUM,
  /* rows */
  CHAIN_OP_ROWMAX, CHAIN_OP_ARGMAX, CHAIN_OP_CUMSUM, CHAIN_OP_PERMUTE, CHAIN_OP_ARGSORT, CHAIN_OP_LOGSUMEXP,
  CHAIN_OP_SOFTMAX,
  /* small matrices */
  CHAIN_OP_SOLVE, CHAIN_OP_CHOLESKY,
  CHAIN_N_OPS
} ChainOp;

/* Constants of a node. Meaning of the fields by op (unused ones are 0, they are part of the interning key):
 *   LEAF      i[0] = ChainLeafKind, name = its name
 *   CONST     value (1 x 1)
 *   RANDOM    i[0] = ChainRandomKind, i[1] = ChainStreamPurpose, i[2] = object (chain_stream_object)
 *   POLYGAMMA i[0] = order n, 0 … 64
 *   CLAMP     value = low, value2 = high
 *   ROUND     i[0] = 0 to integer (half to even), 1 bfloat16, 2 binary16
 *   MATMUL    i[0] = transpose a, i[1] = transpose b
 *   CONCAT    i[0] = axis (0 rows, 1 columns)
 *   SLICE     i[0] = axis, i[1] = start, i[2] = length (all may be multiples of B when axis is rows: see graph.h)
 *   ONE_HOT   i[0] = classes (a number or a multiple of B)
 *   CUMSUM    i[0] = 1: from the right
 *   PERMUTE   i[0] = 1: inverse (scatter)
 *   CHOLESKY, SOLVE: none. SOLVE i[0] = 1: transposed matrix */
typedef struct { double value, value2; int32_t i[3]; } ChainArg;

typedef enum { CHAIN_RANDOM_UNIFORM, CHAIN_RANDOM_NORMAL } ChainRandomKind;

typedef struct _ChainGraph ChainGraph;
typedef struct _ChainNode ChainNode;

/* The shape of op (in[0..n), arg), or FALSE and a sentence. For ops whose shape is given by the caller (leaf, random,
 * reshape, broadcast, sum) *out holds it on entry and is checked. */
typedef gboolean (*ChainShapeFunc) (const ChainShape *in, guint n, const ChainArg *arg, ChainShape *out, GError **error);

/* The naive f64 definition of "right": row-major blocks, rows/cols already numbers. Slow, obvious, one thread. `seed` and
 * `step` serve random only. */
typedef struct { const double *data; int64_t rows, cols; } ChainRefValue;
typedef void (*ChainRefFunc) (const ChainRefValue *in, const ChainArg *arg, uint64_t seed, double *out, int64_t rows, int64_t cols);

/* Adjoints of the inputs of node, given the adjoint dy of its value: only builder calls, no numbers.
 * out[i] = CHAIN_NONE where there is no gradient. need[i] says which are wanted. Rules copy ids before they build. */
typedef void (*ChainVjpFunc) (ChainGraph *g, ChainId node, ChainId dy, const gboolean *need, ChainId *out);

/* Tangent of the value given tangents of the inputs (CHAIN_NONE = zero); only builder calls. Returns CHAIN_NONE for zero. */
typedef ChainId (*ChainJvpFunc) (ChainGraph *g, ChainId node, const ChainId *dx);

typedef enum
{
  CHAIN_OP_ELEMENTWISE = 1 << 0,
  CHAIN_OP_NO_GRADIENT = 1 << 1,   /* floor, sign, comparisons, …: derivative 0 or none by SPEC 0.2 */
  CHAIN_OP_KINKED = 1 << 2,        /* has points where the rule is a convention */
  CHAIN_OP_SOURCE = 1 << 3,
  CHAIN_OP_INDEX_INPUT = 1 << 4    /* the last input holds whole numbers */
} ChainOpFlags;

typedef struct
{
  const char    *name;      /* id: "matmul" */
  const char    *symbol;    /* in a node's circle: "×" */
  const char    *formula;   /* "y = a × b" */
  const char    *local;     /* local derivatives: "∂y/∂a = b, ∂y/∂b = a" */
  const char    *title;     /* msgid: "Multiply" */
  guint8         arity;
  guint8         flags;
  ChainShapeFunc shape;
  ChainRefFunc   ref;       /* NULL only for leaf */
  ChainVjpFunc   vjp;       /* NULL iff NO_GRADIENT or SOURCE */
  ChainJvpFunc   jvp;
} ChainOpRow;

extern const ChainOpRow _chain_op_rows[CHAIN_N_OPS];   /* for loops over very many nodes; everybody else asks chain_op_row() */

/* The row; static, never NULL for a valid op. Any thread. */
const ChainOpRow *chain_op_row     (ChainOp op);
ChainOp           chain_op_by_name (const char *name);   /* CHAIN_OP_NONE if unknown */

/* A composite row (ARCHITECTURE 5a): a builder with a name, formula and derivative text whose nodes are drawn as one box
 * that a view can open. */
typedef struct { const char *name, *symbol, *formula, *local, *title; guint8 arity; ChainId (*build) (ChainGraph *g, const ChainId *in); } ChainCompositeRow;
const ChainCompositeRow *chain_composite_rows (guint *n);

G_END_DECLS
