/* SPDX-License-Identifier: Apache-2.0 */
/* The graph: an append-only store of immutable, interned nodes (ARCHITECTURE 5a).
 *
 * Values are nodes, ops are their making. Ids cross builder calls, pointers do not: node storage is in chunks that never
 * move, but rules copy ids first. A builder called with a bad shape is a programmer's error and asserts; code that builds
 * from a user's document checks shapes first (nn/spec validates) or calls chain_graph_append(), which returns an error.
 *
 * Threads: building is for one thread; a sealed graph is read by any number.
 *
 * Host nodes. A scalar leaf (learning rate, step, number of rows), a constant, and any op whose inputs are all host nodes,
 * is a *host node*: 1 x 1, evaluated in f64 whatever the precision of the run, once a step, before everything else. A tensor
 * op that reads a host node reads it rounded to its own dtype. Bias corrections such as 1 - beta^t are therefore exact
 * to f64 also in f32 runs, and the step counter does not stop at 2^24. */
#pragma once

#include "engine/graph/ops.h"

G_BEGIN_DECLS

typedef enum
{
  CHAIN_LEAF_INPUT,     /* data, bound for each batch; may have B axes */
  CHAIN_LEAF_PARAM,     /* trained */
  CHAIN_LEAF_STATE,     /* moments, running statistics, averages */
  CHAIN_LEAF_DATA,      /* constant matrix bound once (cost matrix, class weights) */
  CHAIN_LEAF_SCALAR,    /* host scalar f64: learning rate, step counter, betas */
  CHAIN_LEAF_ROWS       /* host scalar that the executor sets to B at each run */
} ChainLeafKind;

struct _ChainNode         /* a cache line */
{
  guint16    scope;       /* index for chain_graph_scope_name() */
  guint8     role;        /* ChainRole */
  guint8     order;       /* of an adjoint: 1 for a gradient, 2 for the gradient of a gradient */
  ChainId    origin;      /* the forward node whose rule made this one, or CHAIN_NONE */
  guint16    op;          /* ChainOp */
  guint8     host;        /* see above */
  guint8     n_in;
  ChainId    in[3];       /* CHAIN_NONE from n_in on */
  ChainShape shape;
  ChainArg   arg;
};

/* Nodes lie in chunks that never move: node id is chunks[(id - 1) >> BITS][(id - 1) & (SIZE - 1)]. For loops over very many; the
 * array of chunks itself moves when a chunk is added. */
#define CHAIN_GRAPH_CHUNK_BITS 10
#define CHAIN_GRAPH_CHUNK_SIZE (1u << CHAIN_GRAPH_CHUNK_BITS)

/* What a reader asks of its inputs, a byte a node behind the nodes of a chunk: sixty-four of them fit where one node does. */
enum
{
  CHAIN_TRAIT_HOST = 1,
  CHAIN_TRAIT_MUL = 2,         /* not of the host */
  CHAIN_TRAIT_BROADCAST = 4,
  CHAIN_TRAIT_LEAF = 8,
  CHAIN_TRAIT_NUMBER = 16      /* an element-wise operation without arguments that makes one number of single numbers, not of the host */
};

static inline const ChainNode *
chain_chunk_node (ChainNode *const *chunks, ChainId id)
{
  return &chunks[(id - 1) >> CHAIN_GRAPH_CHUNK_BITS][(id - 1) & (CHAIN_GRAPH_CHUNK_SIZE - 1)];
}

static inline guint8
chain_chunk_traits (ChainNode *const *chunks, ChainId id)
{
  const ChainNode *chunk = chunks[(id - 1) >> CHAIN_GRAPH_CHUNK_BITS];
  return ((const guint8 *) (const void *) (chunk + CHAIN_GRAPH_CHUNK_SIZE))[(id - 1) & (CHAIN_GRAPH_CHUNK_SIZE - 1)];
}

ChainGraph      *chain_graph_new    (void);
void             chain_graph_free   (ChainGraph *g);
void             chain_graph_seal   (ChainGraph *g);              /* no further nodes; idempotent */
guint            chain_graph_size   (const ChainGraph *g);        /* ids are 1 … size */
const ChainNode *chain_graph_node   (const ChainGraph *g, ChainId id);
ChainNode *const *chain_graph_chunks (const ChainGraph *g);
const char      *chain_graph_name   (const ChainGraph *g, ChainId id);   /* leaves and named nodes; NULL if none */
void             chain_graph_set_name (ChainGraph *g, ChainId id, const char *name);

/* Scopes: "d1", "loss", "optimiser". The scope is part of the interning key, so two equal layers stay two boxes. */
guint16          chain_graph_scope      (ChainGraph *g, const char *name);   /* makes or finds */
const char      *chain_graph_scope_name (const ChainGraph *g, guint16 scope);
guint            chain_graph_n_scopes   (const ChainGraph *g);
guint16          chain_graph_set_scope  (ChainGraph *g, guint16 scope);      /* returns the one before */
void             chain_graph_set_role   (ChainGraph *g, ChainRole role, guint8 order, ChainId origin); /* for nodes made from now on */

/* Appends (or finds) op (in[0..n_in)). shape is read only for ops whose shape the caller gives. CHAIN_NONE and an error
 * (CHAIN_ERROR_SHAPE, _TOO_LARGE above CHAIN_LIMIT_GRAPH_NODES) otherwise. */
ChainId  chain_graph_append   (ChainGraph *g, ChainOp op, const ChainId *in, guint n_in, ChainShape shape, const ChainArg *arg,
                               GError **error);

/* Re-runs every shape rule, host flag and order of inputs. */
gboolean chain_graph_validate (const ChainGraph *g, GError **error);

/* One line a node. (transfer full). */
char    *chain_graph_dump     (const ChainGraph *g);

/* --- builders; each asserts its shapes --- */
ChainId  chain_leaf       (ChainGraph *g, ChainLeafKind kind, const char *name, ChainShape shape);  /* never interned: each call a new node */
ChainId  chain_scalar     (ChainGraph *g, const char *name);                    /* LEAF_SCALAR; same name in the same graph, same node */
ChainId  chain_n_rows     (ChainGraph *g);                                      /* the LEAF_ROWS node of this graph */
ChainId  chain_const      (ChainGraph *g, double value);
ChainId  chain_full       (ChainGraph *g, ChainShape shape, double value);      /* broadcast of a constant */
ChainId  chain_zeros_like (ChainGraph *g, ChainId a);
ChainId  chain_ones_like  (ChainGraph *g, ChainId a);
/* kind by stream (purpose, object) at host scalar `step` */
ChainId  chain_random     (ChainGraph *g, ChainRandomKind kind, guint purpose, guint32 object, ChainId step, ChainShape shape);

ChainId  chain_add (ChainGraph *g, ChainId a, ChainId b);
ChainId  chain_sub (ChainGraph *g, ChainId a, ChainId b);
ChainId  chain_mul (ChainGraph *g, ChainId a, ChainId b);
ChainId  chain_div (ChainGraph *g, ChainId a, ChainId b);
ChainId  chain_neg (ChainGraph *g, ChainId a);
ChainId  chain_pow (ChainGraph *g, ChainId a, ChainId b);
ChainId  chain_exp (ChainGraph *g, ChainId a);
ChainId  chain_expm1 (ChainGraph *g, ChainId a);
ChainId  chain_log (ChainGraph *g, ChainId a);
ChainId  chain_log1p (ChainGraph *g, ChainId a);
ChainId  chain_sqrt (ChainGraph *g, ChainId a);
ChainId  chain_abs (ChainGraph *g, ChainId a);
ChainId  chain_sign (ChainGraph *g, ChainId a);
ChainId  chain_sin (ChainGraph *g, ChainId a);
ChainId  chain_cos (ChainGraph *g, ChainId a);
ChainId  chain_atan (ChainGraph *g, ChainId a);
ChainId  chain_asinh (ChainGraph *g, ChainId a);
ChainId  chain_erf (ChainGraph *g, ChainId a);
ChainId  chain_erfc (ChainGraph *g, ChainId a);
ChainId  chain_lgamma (ChainGraph *g, ChainId a);
ChainId  chain_polygamma (ChainGraph *g, guint order, ChainId a);
ChainId  chain_floor (ChainGraph *g, ChainId a);
ChainId  chain_round (ChainGraph *g, ChainId a, guint kind);     /* straight-through derivative is the caller's business: gradient none */
ChainId  chain_stop (ChainGraph *g, ChainId a);                  /* a, as a constant: no derivative passes */
ChainId  chain_tanh (ChainGraph *g, ChainId a);
ChainId  chain_sigmoid (ChainGraph *g, ChainId a);
ChainId  chain_softplus (ChainGraph *g, ChainId a);
ChainId  chain_relu (ChainGraph *g, ChainId a);
ChainId  chain_step (ChainGraph *g, ChainId a);                  /* 1[a > 0] */
ChainId  chain_min (ChainGraph *g, ChainId a, ChainId b);        /* NaN propagates; at a tie each gets half (SPEC 0.2) */
ChainId  chain_max (ChainGraph *g, ChainId a, ChainId b);
ChainId  chain_clamp (ChainGraph *g, ChainId a, double low, double high);
ChainId  chain_eq (ChainGraph *g, ChainId a, ChainId b);         /* 1 or 0 */
ChainId  chain_lt (ChainGraph *g, ChainId a, ChainId b);
ChainId  chain_where (ChainGraph *g, ChainId cond, ChainId a, ChainId b);   /* cond != 0; a zero cotangent is absorbing (SPEC 9.1) */

ChainId  chain_matmul (ChainGraph *g, ChainId a, ChainId b, gboolean ta, gboolean tb);
ChainId  chain_transpose (ChainGraph *g, ChainId a);
ChainId  chain_reshape (ChainGraph *g, ChainId a, ChainShape shape);        /* row-major order kept; B counts must agree */
ChainId  chain_concat (ChainGraph *g, ChainId a, ChainId b, int axis);
/* len rows or columns from start; on an axis that is a multiple of B, start and len are multiples of B written negatively (0 is 0) */
ChainId  chain_slice (ChainGraph *g, ChainId a, int axis, int32_t start, int32_t len);
ChainId  chain_gather_rows (ChainGraph *g, ChainId table, ChainId index);   /* table m x n, index k x 1 -> k x n */
ChainId  chain_one_hot (ChainGraph *g, ChainId index, int classes);         /* m x 1 -> m x classes; out of range: a row of 0 */
ChainId  chain_broadcast (ChainGraph *g, ChainId a, ChainShape shape);      /* 1 x 1, 1 x n or m x 1 -> m x n; identity if equal */
ChainId  chain_sum (ChainGraph *g, ChainId a, ChainShape shape);            /* m x n -> 1 x n, m x 1 or 1 x 1; identity if equal */
ChainId  chain_rowmax (ChainGraph *g, ChainId a);
ChainId  chain_argmax (ChainGraph *g, ChainId a);                           /* first maximiser, m x 1 */
ChainId  chain_cumsum (ChainGraph *g, ChainId a, gboolean reverse);
ChainId  chain_permute (ChainGraph *g, ChainId a, ChainId index, gboolean inverse);   /* y[i][j] = a[i][index[i][j]] */
ChainId  chain_argsort (ChainGraph *g, ChainId a);                          /* ascending, stable */
ChainId  chain_logsumexp (ChainGraph *g, ChainId a);                        /* m x n -> m x 1 */
ChainId  chain_softmax (ChainGraph *g, ChainId a);
ChainId  chain_solve (ChainGraph *g, ChainId a, ChainId b, gboolean transposed);
ChainId  chain_cholesky (ChainGraph *g, ChainId a);                         /* lower triangle */

/* --- compositions used everywhere (no rows of their own) --- */
ChainId  chain_square (ChainGraph *g, ChainId a);                           /* a · a */
ChainId  chain_sum_all (ChainGraph *g, ChainId a);                          /* 1 x 1 */
ChainId  chain_scale (ChainGraph *g, ChainId a, double c);                  /* a · broadcast (const) */
ChainId  chain_offset (ChainGraph *g, ChainId a, double c);
ChainId  chain_mul_s (ChainGraph *g, ChainId a, ChainId scalar);            /* a · broadcast (1 x 1) */
ChainId  chain_div_s (ChainGraph *g, ChainId a, ChainId scalar);
ChainId  chain_mean_rows (ChainGraph *g, ChainId a);                        /* m x n -> 1 x n, divided by n_rows where m is B */

G_END_DECLS
