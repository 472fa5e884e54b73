/* SPDX-License-Identifier: Apache-2.0 */
/* The fuser: from runs of element-wise items to tile programs (tile-ops.h). Plain data without addresses; a back end supplies them.
 *
 * A program gives the same bits as its items one by one: each number is made by the same operations in the same order, whatever
 * the order of the items. */
#pragma once

#include "engine/graph/graph.h"
#include "engine/run/backend.h"
#include "engine/run/tile-ops.h"

G_BEGIN_DECLS

#define CHAIN_TILE_MAX_ITEMS 48
#define CHAIN_TILE_MAX_BASES 64
#define CHAIN_TILE_MAX_TEMPS 20
#define CHAIN_TILE_MAX_SPREAD 6     /* rows and columns */

/* What a base is; bases are sorted by it. */
typedef enum { CHAIN_BASE_STREAM,   /* entry by entry: goes on with each block */
               CHAIN_BASE_ROW, CHAIN_BASE_COL,
               CHAIN_BASE_ONE,      /* one number, of the device or of the host */
               CHAIN_BASE_TEMP      /* a block that only this program sees */
} ChainBaseKind;

typedef struct { uint8_t kind; uint32_t slot; } ChainTileBase;   /* slot: of the plan; number of a temp */

/* A kernel that has no micro-operation of its own: form = operand that is one number (1 + its index), 0 for none. */
typedef struct { uint16_t op; uint8_t flags, form; double par[2]; } ChainTileCall;

typedef struct
{
  uint32_t       first, n_items;      /* of the plan */
  uint32_t       n_ins, n_calls;
  uint8_t        by_rows;             /* no block crosses the end of a row: columns are numbers that change from row to row */
  uint8_t        dtype, n_bases, n_streams, n_rows, n_cols, n_ones, n_temps;
  int64_t        rows, cols;
  ChainTileIns  *ins;                 /* ends with CHAIN_TILE_end */
  ChainTileCall *calls;
  ChainTileBase  bases[CHAIN_TILE_MAX_BASES];
} ChainTile;

/* readers: by slot, 1 + the last item that reads it. The longest program that starts at item `first`, or NULL if no two items (or one
 * that reads a row or column) fit together. (transfer full). */
ChainTile *_chain_fuse (const ChainPlan *plan, const guint32 *readers, guint first);
guint32   *_chain_fuse_readers (const ChainPlan *plan);
void       _chain_tile_free (ChainTile *t);

/* Do both do the same with the same numbers, to other blocks? */
gboolean   _chain_tile_same (const ChainTile *a, const ChainTile *b);

/* Slots whose blocks should follow one another, of programs that do the same: rows of slots, each ended by G_MAXUINT32. (transfer full). */
GArray    *_chain_fuse_together (const ChainPlan *plan);

/* One line a micro-operation. */
void       _chain_tile_dump (const ChainTile *t, GString *s);

G_END_DECLS
