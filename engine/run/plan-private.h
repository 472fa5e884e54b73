/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the plan compiler share: choosing items (plan.c), giving them memory (plan-slots.c), and both at once for plans of
 * single numbers (plan-numbers.c). */
#pragma once

#include "engine/run/plan.h"

G_BEGIN_DECLS

/* What an item reads. `numbers`: it is one number made of single numbers. */
typedef struct { ChainId in[3]; guint8 n, flags, read[3], numbers; } ChainReading;

typedef struct
{
  const ChainGraph *g;
  gint64            b;
  ChainDtype        dtype;
  ChainPlanFlags    flags;
  const ChainState *states;
  guint             n_states;
  ChainNode *const *chunks;     /* of g */
  guint             n_nodes, n_needed, n_host;
  guint8           *mark;       /* by node: CHAIN_MARK_… */
  guint32          *readers;    /* by node: how many nodes read it; NULL until that is asked for */
  guint32          *slot_of;    /* by node: slot + 1, or 0 */
  ChainPlanDetail  *details;    /* arrays are blocks (engine/base/blocks.h) */
  ChainPlanItem    *items;
  ChainPlanSlot    *slots;
  ChainPlanCommit  *commits;
  guint32          *last;       /* by slot: 1 + the last item that reads it, 0 if none does */
  guint8           *stays;      /* by slot: 0 a temporary that dies, 1 one that is kept, 2 no temporary */
  ChainReading     *readings;   /* of the items, the last first */
  guint             n_items, n_slots, n_commits, n_readings, n_details;
  guint64           arena;
} ChainPlanner;

enum { CHAIN_MARK_REACHED = 1, CHAIN_MARK_NEEDED = 2, CHAIN_MARK_KEPT = 4 };   /* by readers; by items; by the caller */

/* Which input of this add is contracted, or -1. */
static inline int
_chain_plan_contracted (ChainNode *const *chunks, const ChainNode *n)
{
  if (G_LIKELY (n->op != CHAIN_OP_ADD || n->host))
    return -1;
  for (int i = 0; i < 2; i++)
    if (chain_chunk_traits (chunks, n->in[i]) & CHAIN_TRAIT_MUL)
      return i;
  return -1;
}

extern const ChainPlanDetail _chain_plan_number;

/* Items, details and commits, and n_slots slots. */
void     _chain_plan_allocate (ChainPlanner *p, guint n_slots);

/* Plans the nodes marked as kept, and what they stand on, if all of that is single numbers; FALSE if not: then some of it is marked
 * as needed. */
gboolean _chain_plan_numbers (ChainPlanner *p);

/* Chooses in-place states, fills commits, gives every temporary an offset. */
gboolean _chain_plan_place (ChainPlanner *p, GError **error);

/* Bytes of a slot as allocated, FALSE on overflow. */
gboolean _chain_plan_slot_bytes (gint64 rows, gint64 cols, ChainDtype dtype, guint64 *bytes);

G_END_DECLS
