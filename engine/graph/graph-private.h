/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of this room only. */
#pragma once

#include "engine/graph/graph.h"

G_BEGIN_DECLS

/* Where and for whom nodes are made from now on: what a node begins with. */
typedef struct
{
  guint16 scope;
  guint8  role;
  guint8  order;
  ChainId origin;
} ChainContext;

/* An entry of the table that makes equal nodes one node: see graph.c. */
typedef struct { guint32 tag; ChainId id; } ChainInternEntry;

struct _ChainGraph
{
  ChainNode        **chunks;
  ChainInternEntry **local;    /* by chunk, or NULL */
  guint              n_chunks, n_slabs, size;
  guint              end;      /* the size at which the current chunk is full; of a sealed graph its size */
  ChainNode         *chunk;    /* the current one */
  void             **slabs;    /* blocks of several chunks */
  void             **local_slabs;
  gboolean           sealed;
  guint8             order;    /* no node has a higher one */
  ChainContext       context;

  ChainInternEntry  *global;   /* power of two, or NULL */
  guint              global_size, global_used;

  GHashTable        *names;          /* id -> name */
  GHashTable        *scalars;        /* name -> id */
  GPtrArray         *scopes;         /* index -> name */
  GHashTable        *scope_by_name;  /* name (owned by scopes) -> index */
};

static inline ChainNode *
_chain_node_at (const ChainGraph *g, ChainId id)
{
  return &g->chunks[(id - 1) >> CHAIN_GRAPH_CHUNK_BITS][(id - 1) & (CHAIN_GRAPH_CHUNK_SIZE - 1)];
}

static inline ChainContext
_chain_graph_context (const ChainGraph *g)
{
  return g->context;
}

static inline void
_chain_graph_set_context (ChainGraph *g, ChainContext context)
{
  g->context = context;
  g->order = MAX (g->order, context.order);
}

/* op (a) and op (a, b) for an element-wise row whose shape rule is "same" and that has no arguments. Ends the program where that is a
 * mistake. */
ChainId      _chain_graph_append_one (ChainGraph *g, ChainOp op, ChainId a);
ChainId      _chain_graph_append_two (ChainGraph *g, ChainOp op, ChainId a, ChainId b);

/* The leaf that chain_scalar() or chain_n_rows() made before under this name, and its registration. */
ChainId      _chain_graph_find_scalar (const ChainGraph *g, const char *name);
void         _chain_graph_add_scalar  (ChainGraph *g, const char *name, ChainId id);

/* Input i of a node; copied, so it survives the next builder call. */
static inline ChainId
_chain_input (const ChainGraph *g, ChainId id, guint i)
{
  return _chain_node_at (g, id)->in[i];
}

static inline ChainShape
_chain_shape_of (const ChainGraph *g, ChainId id)
{
  return _chain_node_at (g, id)->shape;
}

/* FALSE for an input that carries no derivative: a condition, an index. */
static inline gboolean
_chain_op_input_differentiable (const ChainNode *node, guint i)
{
  guint8 flags = _chain_op_rows[node->op].flags;

  if (flags & (CHAIN_OP_NO_GRADIENT | CHAIN_OP_SOURCE))
    return FALSE;
  if (node->op == CHAIN_OP_WHERE)
    return i > 0;
  return !(flags & CHAIN_OP_INDEX_INPUT) || i + 1 < node->n_in;
}

/* TRUE if the node is one number known while the graph is built: a constant, or a broadcast or negative of one. */
gboolean     _chain_graph_constant    (const ChainGraph *g, ChainId id, double *value);

/* psi^(n) (x): engine/graph/polygamma.c. */
double       _chain_polygamma         (int n, double x);

G_END_DECLS
