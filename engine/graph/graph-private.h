/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of this room only. */
#pragma once

#include "engine/graph/graph.h"

G_BEGIN_DECLS

/* Where and for whom nodes are made from now on. */
typedef struct
{
  guint16 scope;
  guint8  role;
  guint8  order;
  ChainId origin;
} ChainContext;

ChainContext _chain_graph_context     (const ChainGraph *g);
void         _chain_graph_set_context (ChainGraph *g, ChainContext context);

/* The host flag that a node of this op, inputs and shape must carry. */
gboolean     _chain_graph_is_host     (const ChainGraph *g, ChainOp op, const ChainId *in, guint n_in, ChainShape shape, const ChainArg *arg);

/* The leaf that chain_scalar() or chain_n_rows() made before under this name, and its registration. */
ChainId      _chain_graph_find_scalar (const ChainGraph *g, const char *name);
void         _chain_graph_add_scalar  (ChainGraph *g, const char *name, ChainId id);

/* Input i of a node; copied, so it survives the next builder call. */
static inline ChainId
_chain_input (const ChainGraph *g, ChainId id, guint i)
{
  return chain_graph_node (g, id)->in[i];
}

static inline ChainShape
_chain_shape_of (const ChainGraph *g, ChainId id)
{
  return chain_graph_node (g, id)->shape;
}

/* FALSE for an input that carries no derivative: a condition, an index. */
gboolean     _chain_op_input_differentiable (const ChainNode *node, guint i);

/* TRUE if the node is one number known while the graph is built: a constant, or a broadcast or negative of one. */
gboolean     _chain_graph_constant    (const ChainGraph *g, ChainId id, double *value);

/* psi^(n) (x): engine/graph/polygamma.c. */
double       _chain_polygamma         (int n, double x);

G_END_DECLS
