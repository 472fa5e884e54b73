/* SPDX-License-Identifier: Apache-2.0 */
/* Differentiation, graph to graph: reverse accumulation (the lecture's two steps) and forward mode.
 *
 * The gradient is more graph, made by the vjp column of the op table with the public builders only, so it can be differentiated
 * again. While the rule of a node runs, the current scope is that node's, role is adjoint, origin is that node. A second
 * contribution becomes an explicit `add` node (in the scope of the node that receives): the lecture's "sum over paths" is a node one
 * can point at. An adjoint that came through `where` stays 0 on the branch not taken also where a local derivative is infinite, as
 * far as element-wise ops reach; everywhere else 0 · ∞ is NaN (SPEC 9.1). */
#pragma once

#include "engine/graph/graph.h"

G_BEGIN_DECLS

/* One row a contribution, in the order of the backward pass: what the backprop view steps through. */
typedef struct
{
  ChainId node;           /* the forward node whose rule ran */
  guint   input;          /* which of its inputs received */
  ChainId target;         /* that input */
  ChainId contribution;   /* adjoint · local derivative */
  ChainId sum;            /* the running sum afterwards (= contribution for the first) */
} ChainStep;

/* out[i] = dy/d wrt[i] (same shape as wrt[i]), CHAIN_NONE where y does not depend on it. y must be 1 x 1 unless seed (the
 * adjoint of y, same shape) is given; CHAIN_NONE means 1. steps (nullable) receives ChainStep rows. order of the new nodes is
 * one more than the highest among the nodes between wrt and y. */
gboolean chain_grad (ChainGraph *g, ChainId y, ChainId seed, const ChainId *wrt, guint n, ChainId *out, GArray *steps,
                     GError **error);

/* Forward mode: out[j] = the tangent of y[j] when wrt[i] moves by tangent[i] (same shapes); CHAIN_NONE is zero. */
gboolean chain_jvp  (ChainGraph *g, const ChainId *y, guint n_y, const ChainId *wrt, const ChainId *tangent, guint n, ChainId *out,
                     GError **error);

G_END_DECLS
