/* SPDX-License-Identifier: Apache-2.0 */
/* From outputs to a plan: which nodes, in which order, in which buffers (ARCHITECTURE 8, 9).
 *
 * Order is the order of ids. Broadcast nodes are read through by element-wise items and not stored unless kept. An add whose first
 * mul input has its shape is computed as fma in *every* plan, also where the mul's own value is stored too (9.1). */
#pragma once

#include "engine/graph/graph.h"
#include "engine/run/backend.h"

G_BEGIN_DECLS

/* A state: after a committing run the leaf holds the value of next. Both have the same shape (and are both host or neither). */
typedef struct { ChainId leaf, next; } ChainState;

typedef enum
{
  CHAIN_PLAN_DEFAULT = 0,
  CHAIN_PLAN_KEEP_ALL = 1 << 0,   /* every node has its own slot, nothing is computed in place, nothing read through: the stepper */
  CHAIN_PLAN_COMMIT = 1 << 1      /* a run over all items ends by committing the states */
} ChainPlanFlags;

/* (transfer full). b >= 1. Errors: CHAIN_ERROR_OVERFLOW, _MEMORY (sum over the budget). g must outlive the plan. */
ChainPlan *chain_plan_new  (const ChainGraph *g, const ChainId *outputs, guint n_outputs, const ChainState *states, guint n_states,
                            gint64 b, ChainDtype dtype, ChainPlanFlags flags, GError **error);
void       chain_plan_free (ChainPlan *plan);

/* The index of the item that computes node, or -1 (leaves, nodes not in the plan). */
int        chain_plan_find (const ChainPlan *plan, ChainId node);

/* Arena + leaves: what an executor will allocate for it. */
guint64    chain_plan_bytes (const ChainPlan *plan);

/* Additions, multiplications and functions of one run (plan-cost.c says how they are counted). */
guint64    chain_plan_flops      (const ChainGraph *g, const ChainPlan *plan);
guint64    chain_plan_item_flops (const ChainGraph *g, const ChainPlanItem *item, gint64 b);

/* One line an item, then the tile programs that the CPU makes of them. (transfer full). */
char      *chain_plan_dump (const ChainGraph *g, const ChainPlan *plan);
char      *chain_plan_dump_items (const ChainGraph *g, const ChainPlan *plan);   /* without the programs */

G_END_DECLS
