/* SPDX-License-Identifier: Apache-2.0 */
/* The cells of the op table, one family a file: shapes, references, rules. Names follow the row: _chain_vjp_tanh(). */
#pragma once

#include "engine/graph/graph-private.h"

G_BEGIN_DECLS

#define CHAIN_SHAPE(name) \
  gboolean _chain_shape_##name (const ChainShape *in, guint n, const ChainArg *arg, ChainShape *out, GError **error)
#define CHAIN_REF(name) \
  void _chain_ref_##name (const ChainRefValue *in, const ChainArg *arg, uint64_t seed, double *out, int64_t rows, int64_t cols)
#define CHAIN_VJP(name) \
  void _chain_vjp_##name (ChainGraph *g, ChainId node, ChainId dy, const gboolean *need, ChainId *out)
#define CHAIN_JVP(name) \
  ChainId _chain_jvp_##name (ChainGraph *g, ChainId node, const ChainId *dx)

CHAIN_SHAPE (given);
CHAIN_SHAPE (scalar);
CHAIN_SHAPE (random);
CHAIN_SHAPE (same);
CHAIN_SHAPE (polygamma);
CHAIN_SHAPE (clamp);
CHAIN_SHAPE (round);
CHAIN_SHAPE (matmul);
CHAIN_SHAPE (transpose);
CHAIN_SHAPE (reshape);
CHAIN_SHAPE (concat);
CHAIN_SHAPE (slice);
CHAIN_SHAPE (gather_rows);
CHAIN_SHAPE (one_hot);
CHAIN_SHAPE (broadcast);
CHAIN_SHAPE (sum);
CHAIN_SHAPE (row);
CHAIN_SHAPE (permute);
CHAIN_SHAPE (solve);
CHAIN_SHAPE (square);

#define CHAIN_RULES(name) CHAIN_REF (name); CHAIN_VJP (name); CHAIN_JVP (name)

CHAIN_REF (const);
CHAIN_REF (random);
CHAIN_RULES (add);
CHAIN_RULES (sub);
CHAIN_RULES (mul);
CHAIN_RULES (div);
CHAIN_RULES (neg);
CHAIN_RULES (pow);
CHAIN_RULES (exp);
CHAIN_RULES (expm1);
CHAIN_RULES (log);
CHAIN_RULES (log1p);
CHAIN_RULES (sqrt);
CHAIN_RULES (abs);
CHAIN_REF (sign);
CHAIN_RULES (sin);
CHAIN_RULES (cos);
CHAIN_RULES (atan);
CHAIN_RULES (asinh);
CHAIN_RULES (erf);
CHAIN_RULES (erfc);
CHAIN_RULES (lgamma);
CHAIN_RULES (polygamma);
CHAIN_REF (floor);
CHAIN_RULES (tanh);
CHAIN_RULES (sigmoid);
CHAIN_RULES (softplus);
CHAIN_RULES (relu);
CHAIN_REF (step);
CHAIN_RULES (min);
CHAIN_RULES (max);
CHAIN_RULES (clamp);
CHAIN_REF (eq);
CHAIN_REF (lt);
CHAIN_RULES (where);
CHAIN_REF (round);
CHAIN_REF (stop);
CHAIN_RULES (matmul);
CHAIN_RULES (transpose);
CHAIN_RULES (reshape);
CHAIN_RULES (concat);
CHAIN_RULES (slice);
CHAIN_RULES (gather_rows);
CHAIN_REF (one_hot);
CHAIN_RULES (broadcast);
CHAIN_RULES (sum);
CHAIN_RULES (rowmax);
CHAIN_REF (argmax);
CHAIN_RULES (cumsum);
CHAIN_RULES (permute);
CHAIN_REF (argsort);
CHAIN_RULES (logsumexp);
CHAIN_RULES (softmax);
CHAIN_RULES (solve);
CHAIN_RULES (cholesky);

G_END_DECLS
