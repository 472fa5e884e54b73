/* SPDX-License-Identifier: Apache-2.0 */
/* How many rows of a row program are a block, and where in it lies what only the program sees.
 *
 * A block is as many rows as fit next to the first cache with everything that the program touches (32, 64 and 128 KiB were tried on 64 x 10 to
 * 4096 x 512 numbers: smaller ones pay for the start of each unit, larger ones leave nothing to share). It is a multiple of 16 rows, so that
 * blocks of any value begin at a cache line and no unit writes into the rows of the next. What only the program sees has one block of memory
 * for each thread, written again and again. Which rows are a block depends on shapes alone. */
#include "engine/run/fuse/rows.h"

#define BLOCK_ROWS 16
#define BLOCK_BYTES (1 << 16)    /* of all values of a block that are there at a time */

static gsize
row_bytes (const ChainPlanSlot *s)
{
  return (gsize) s->cols * (s->dtype == CHAIN_F64 ? 8 : 4);
}

/* In a row of a block; in multiples of 32 bytes, so that a block of 16 rows is a multiple of CHAIN_TILE_BYTES. */
static gsize
room_of (const ChainPlanSlot *s)
{
  return (row_bytes (s) + 31) & ~(gsize) 31;
}

/* The unit that reads this local value last. */
static guint
last_unit (const ChainRows *r, guint32 last_item)
{
  guint u = 0;

  while (u + 1 < r->units->len && g_array_index (r->units, ChainRowUnit, u + 1).item <= last_item)
    u++;
  return u;
}

typedef struct { gsize at, room; guint until; } Taken;

/* The lowest place that is free during unit u. */
static gsize
lowest (const GArray *taken, guint u, gsize room)
{
  gsize at = 0;

  for (guint i = 0; i < taken->len; i++)
    {
      const Taken *t = &g_array_index (taken, Taken, i);
      if (t->until < u || t->at >= at + room || t->at + t->room <= at)
        continue;
      at = t->at + t->room;
      i = G_MAXUINT;   /* from the first again */
    }
  return at;
}

/* Gives each local value a place, in bytes a row; values whose lives do not meet share. Returns how much a row needs. */
static gsize
place_locals (ChainRows *r, const ChainPlan *plan, const guint32 *readers)
{
  g_autoptr (GArray) taken = g_array_new (FALSE, FALSE, sizeof (Taken));
  gsize most = 0;

  r->local_at = g_new0 (gsize, r->local->len + 1);
  for (guint i = 0, item = r->first; i < r->local->len; i++)
    {
      guint32 slot = g_array_index (r->local, guint32, i);
      Taken t = { .room = room_of (&plan->slots[slot]) };
      guint from;
      while (plan->items[item].out != slot)
        item++;
      from = last_unit (r, item);
      t.until = last_unit (r, MAX (readers[slot], item + 1) - 1);
      r->local_at[i] = t.at = lowest (taken, from, t.room);
      most = MAX (most, t.at + t.room);
      g_array_append_val (taken, t);
    }
  return most;
}

/* What a row needs of everything else. */
static gsize
bytes_outside (const ChainRows *r, const ChainPlan *plan)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  gsize bytes = 0;

  for (guint i = 0; i < r->local->len; i++)
    g_hash_table_add (seen, GUINT_TO_POINTER (g_array_index (r->local, guint32, i) + 1));
  for (guint i = r->first; i < r->first + r->n_items; i++)
    for (int k = -1; k < plan->items[i].n_in; k++)
      {
        guint32 slot = k < 0 ? plan->items[i].out : plan->items[i].in[k];
        if (plan->slots[slot].rows == r->rows && g_hash_table_add (seen, GUINT_TO_POINTER (slot + 1)))
          bytes += row_bytes (&plan->slots[slot]);
      }
  return bytes;
}

/* As many rows as fit, in blocks of one size. */
void
_chain_rows_place (ChainRows *rows, const ChainPlan *plan, const guint32 *readers)
{
  const gint64 m = rows->rows;
  gsize local = place_locals (rows, plan, readers), bytes = local + bytes_outside (rows, plan);
  gint64 most = MAX ((gint64) (BLOCK_BYTES / bytes) & ~(gint64) (BLOCK_ROWS - 1), BLOCK_ROWS);

  rows->n_blocks = (m + most - 1) / most;
  rows->block = ((m + rows->n_blocks - 1) / rows->n_blocks + BLOCK_ROWS - 1) & ~(gint64) (BLOCK_ROWS - 1);
  rows->n_blocks = (m + rows->block - 1) / rows->block;
  rows->numbers = (gint64) (bytes / (plan->dtype == CHAIN_F64 ? 8 : 4)) * m;
  rows->local_bytes = local * (gsize) rows->block;
  for (guint i = 0; i < rows->local->len; i++)
    rows->local_at[i] *= (gsize) rows->block;
}
