/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of the plan compiler share: choosing items (plan.c) and giving them memory (plan-slots.c). */
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
  guint8           *mark;       /* by node: see plan.c */
  guint32          *readers;    /* by node: how many nodes read it; NULL until that is asked for */
  guint32          *slot_of;    /* by node: slot + 1, or 0 */
  ChainPlanItem    *items;      /* arrays are blocks (engine/base/blocks.h) */
  ChainPlanSlot    *slots;
  ChainPlanCommit  *commits;
  guint32          *last;       /* by slot: 1 + the last item that reads it, 0 if none does */
  guint8           *stays;      /* by slot: 0 a temporary that dies, 1 one that is kept, 2 no temporary */
  ChainReading     *readings;   /* of the items, the last first */
  guint             n_items, n_slots, n_commits, n_readings;
  guint64           arena;
} ChainPlanner;

/* Chooses in-place states, fills commits, gives every temporary an offset. */
gboolean _chain_plan_place (ChainPlanner *p, GError **error);

/* Bytes of a slot as allocated, FALSE on overflow. */
gboolean _chain_plan_slot_bytes (gint64 rows, gint64 cols, ChainDtype dtype, guint64 *bytes);

G_END_DECLS
