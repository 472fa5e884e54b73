/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of the fuser share: which items go together and in which order (fuse.c), and what is emitted (fuse-emit.c). */
#pragma once

#include "engine/run/fuse/fuse.h"

G_BEGIN_DECLS

#define FUSE_NONE 255

/* An operand: a node of the group, or a base. */
typedef struct { gboolean is_node; guint8 at; } FuseRef;

typedef struct
{
  const ChainPlanItem *it;
  FuseRef  in[3];
  guint64  users, after;   /* nodes that read it; nodes that must come first */
  guint    height;         /* latency from here to the end of the longest chain */
  guint8   pos, last_use;  /* in the order of execution */
  guint8   dest;           /* base of the stream that it is stored to, or FUSE_NONE */
  guint8   temp;           /* number of its temp, or FUSE_NONE */
  gboolean in_x, is_call;
} FuseNode;

typedef struct
{
  const ChainPlan *plan;
  FuseNode         nodes[CHAIN_TILE_MAX_ITEMS];
  guint            n;
  guint8           order[CHAIN_TILE_MAX_ITEMS];
  ChainTile       *tile;
  gboolean         is_full;   /* too many bases */
} Fuse;

/* Fills tile->ins, calls and temps. FALSE if there are not enough temps. */
gboolean _chain_fuse_emit (Fuse *f);

gboolean _chain_fuse_is_fusible (const ChainPlanItem *it);
guint64  _chain_fuse_place      (const ChainPlan *plan, guint32 slot);     /* equal for two slots that share memory */

/* A program of as many items as fit from `first` on, before `limit`; one is enough. (transfer full). */
ChainTile *_chain_fuse_part (const ChainPlan *plan, const guint32 *readers, guint first, guint limit);

G_END_DECLS
