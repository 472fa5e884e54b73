/* SPDX-License-Identifier: Apache-2.0 */
/* Where values live.
 *
 * A temporary takes the smallest free block that is not more than twice its size, or a new one; an element-wise item takes over the
 * block of an input that dies with it. Blocks are never split or joined, so two slots have the same address or do not touch: a
 * back end may run element-wise items in stripes without looking for partial overlap.
 *
 * A state is computed in place, in its leaf's own slot, where nobody can tell: the plan commits, no item reads the leaf later,
 * the item itself reads it at most entry by entry, no other state takes its next value from that leaf, and next belongs to this
 * state alone. All other states are copied at the end. */
#include "engine/run/plan-private.h"

#include "engine/base/blocks.h"

#include <string.h>

typedef struct { guint64 offset, bytes; } Block;

#define ITEM(p, i) (p)->items[i]
#define SLOT(p, i) (p)->slots[i]

static inline gboolean
item_is_elementwise (const ChainPlanItem *it)
{
  return (_chain_op_rows[it->op].flags & CHAIN_OP_ELEMENTWISE) != 0;
}

static guint32 *
writers (const ChainPlanner *p)
{
  guint32 *by = chain_block_new0 ((gsize) (p->n_slots + 1) * sizeof *by);

  for (guint i = 0; i < p->n_items; i++)
    by[ITEM (p, i).out] = i + 1;
  return by;
}

static gboolean
next_is_private (const ChainPlanner *p, guint s)
{
  for (guint i = 0; i < p->n_states; i++)
    if (p->states[i].next == p->states[s].leaf || (i != s && p->states[i].next == p->states[s].next))
      return FALSE;
  return TRUE;
}

static gboolean
may_be_in_place (const ChainPlanner *p, guint s, const guint32 *by)
{
  guint32 leaf = p->slot_of[p->states[s].leaf] - 1, next = p->slot_of[p->states[s].next] - 1;
  const ChainPlanItem *it;

  if (!(p->flags & CHAIN_PLAN_COMMIT) || (p->flags & CHAIN_PLAN_KEEP_ALL) || SLOT (p, leaf).kind != CHAIN_SLOT_LEAF
      || SLOT (p, next).kind != CHAIN_SLOT_TEMP || by[next] == 0 || p->last[leaf] > by[next] || !next_is_private (p, s))
    return FALSE;
  it = &ITEM (p, by[next] - 1);
  for (guint k = 0; k < it->n_in; k++)
    if (it->in[k] == leaf && (it->read[k] != CHAIN_READ_FULL || !item_is_elementwise (it)))
      return FALSE;
  return TRUE;
}

/* Readers of the next value read the leaf from now on; it counts as last read by them. */
static void
move_to_leaf (ChainPlanner *p, guint s, guint32 by)
{
  guint32 leaf = p->slot_of[p->states[s].leaf] - 1, next = p->slot_of[p->states[s].next] - 1;

  ITEM (p, by - 1).out = leaf;
  for (guint i = by; i < p->last[next]; i++)
    for (guint k = 0; k < ITEM (p, i).n_in; k++)
      if (ITEM (p, i).in[k] == next)
        ITEM (p, i).in[k] = leaf;
  SLOT (p, next).bytes = 0;
  SLOT (p, next).keep = 0;
  p->last[leaf] = MAX (p->last[leaf], p->last[next]);
  p->last[next] = 0;
  p->slot_of[p->states[s].next] = leaf + 1;
}

/* Writers are looked up in the table made before anything moved: a slot that moved is asked for no more, and a leaf that was moved
 * to is the next value of no state (next_is_private()). */
static void
place_states (ChainPlanner *p)
{
  guint32 *by;

  if (p->n_states == 0)
    return;
  by = writers (p);
  for (guint s = 0; s < p->n_states; s++)
    if (may_be_in_place (p, s, by))
      move_to_leaf (p, s, by[p->slot_of[p->states[s].next] - 1]);
  for (guint s = 0; s < p->n_states; s++)
    if (p->states[s].leaf != p->states[s].next)
      p->commits[p->n_commits++] = (ChainPlanCommit){ p->slot_of[p->states[s].leaf] - 1, p->slot_of[p->states[s].next] - 1 };
  chain_block_free (by);
}

/* The first free block of at least `bytes`, an index into the array sorted by size. */
static guint
block_at_least (const GArray *blocks, guint64 bytes)
{
  guint lo = 0, hi = blocks->len;

  while (lo < hi)
    {
      guint mid = lo + (hi - lo) / 2;
      if (g_array_index (blocks, Block, mid).bytes < bytes)
        lo = mid + 1;
      else
        hi = mid;
    }
  return lo;
}

static void
give_block (GArray *blocks, Block b)
{
  if (blocks->len == 0 || g_array_index (blocks, Block, blocks->len - 1).bytes <= b.bytes)
    g_array_append_val (blocks, b);
  else
    g_array_insert_val (blocks, block_at_least (blocks, b.bytes + 1), b);
}

static gboolean
take_block (ChainPlanner *p, GArray *blocks, guint64 bytes, Block *out, GError **error)
{
  guint at = blocks->len;

  if (at > 0 && g_array_index (blocks, Block, at - 1).bytes > bytes)
    at = block_at_least (blocks, bytes + 1);
  /* the youngest of the right size, else the smallest larger one */
  if (at > 0 && g_array_index (blocks, Block, at - 1).bytes == bytes)
    at--;
  if (at < blocks->len && g_array_index (blocks, Block, at).bytes / 2 <= bytes)
    {
      *out = g_array_index (blocks, Block, at);
      if (at + 1 == blocks->len)
        g_array_set_size (blocks, at);
      else
        g_array_remove_index (blocks, at);
      return TRUE;
    }
  if (bytes > G_MAXINT64 - p->arena)
    {
      g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_OVERFLOW,
                           "The values of this plan are together larger than memory can be; use fewer rows");
      return FALSE;
    }
  *out = (Block){ p->arena, bytes };
  p->arena += bytes;
  return TRUE;
}

static gboolean
dies_at (const ChainPlanner *p, guint32 slot, guint item)
{
  return p->last[slot] == item + 1 && !p->stays[slot];
}

/* The block of an input that this element-wise item reads entry by entry for the last time. */
static gboolean
inherit_block (const ChainPlanner *p, guint i, Block *of)
{
  const ChainPlanItem *it = &ITEM (p, i);

  if ((p->flags & CHAIN_PLAN_KEEP_ALL) || !item_is_elementwise (it))
    return FALSE;
  for (guint k = 0; k < it->n_in; k++)
    if (it->read[k] == CHAIN_READ_FULL && dies_at (p, it->in[k], i) && of[it->in[k]].bytes != 0)
      {
        of[it->out] = of[it->in[k]];
        of[it->in[k]].bytes = 0;
        return TRUE;
      }
  return FALSE;
}

static gboolean
place_item (ChainPlanner *p, guint i, GArray *blocks, Block *of, GError **error)
{
  const ChainPlanItem *it = &ITEM (p, i);

  __builtin_prefetch (it + 8);   /* in large plans most of the time goes into waiting for them */
  if (p->stays[it->out] < 2)
    {
      guint64 bytes = it->detail == &_chain_plan_number ? 64 : SLOT (p, it->out).bytes;   /* slots are read as little as can be */
      if (!inherit_block (p, i, of) && !take_block (p, blocks, bytes, &of[it->out], error))
        return FALSE;
      SLOT (p, it->out).offset = of[it->out].offset;
    }
  if (p->flags & CHAIN_PLAN_KEEP_ALL)
    return TRUE;
  for (guint k = 0; k < it->n_in; k++)
    if (dies_at (p, it->in[k], i) && of[it->in[k]].bytes != 0)
      {
        give_block (blocks, of[it->in[k]]);
        of[it->in[k]].bytes = 0;
      }
  return TRUE;
}

gboolean
_chain_plan_place (ChainPlanner *p, GError **error)
{
  GArray *blocks;
  Block *of;
  gboolean good = TRUE;

  place_states (p);
  blocks = g_array_new (FALSE, FALSE, sizeof (Block));
  of = chain_block_new0 ((gsize) (p->n_slots + 1) * sizeof *of);
  for (guint s = 0; s < p->n_states; s++)   /* what will be committed must be there at the end */
    {
      SLOT (p, p->slot_of[p->states[s].next] - 1).keep = 1;
      p->stays[p->slot_of[p->states[s].next] - 1] |= 1;
    }
  for (guint i = 0; i < p->n_items && good; i++)
    good = place_item (p, i, blocks, of, error);
  g_array_unref (blocks);
  chain_block_free (of);
  return good;
}
