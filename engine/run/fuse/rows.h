/* SPDX-License-Identifier: Apache-2.0 */
/* Row programs: neighbours of the plan that make each row of their results of the same row of their operands, done a block of rows after
 * the other. Plain data without addresses, as tile programs are. */
#pragma once

#include "engine/run/fuse/fuse.h"

G_BEGIN_DECLS

/* Either a tile program, or one item that works along rows (a sum, a softmax); then tile is NULL. */
typedef struct { guint32 item, n_items; ChainTile *tile; } ChainRowUnit;

typedef struct
{
  guint32 first, n_items;    /* of the plan: units, and the items that come after them */
  gint64  rows;
  GArray *units;             /* ChainRowUnit, in order */
  GArray *after;             /* guint32: items among the others that cross rows; they are done behind all units */
  GArray *local;             /* guint32: slots that only the units see */
  gsize  *local_at;          /* where each of them lies in the memory of a thread, local_bytes long */
  gsize   local_bytes;
  gint64  block, n_blocks;   /* rows */
  gint64  numbers;           /* of all values */
} ChainRows;

/* The longest row program that starts at item `first`; NULL where there is none that has a row function and more than one unit.
 * (transfer full). */
ChainRows *_chain_fuse_rows (const ChainPlan *plan, const guint32 *readers, guint first);
/* Fills what says how it is cut; part of the above. */
void       _chain_rows_place (ChainRows *r, const ChainPlan *plan, const guint32 *readers);
void       _chain_rows_free (ChainRows *r);
void       _chain_rows_dump (const ChainRows *r, const ChainPlan *plan, GString *s);

/* Does operand k go on with the rows, or is it the same for all of them? */
gboolean   _chain_rows_goes_on (const ChainPlan *plan, const ChainPlanItem *it, int k, gint64 rows);

G_END_DECLS
