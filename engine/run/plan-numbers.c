/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of single numbers, in two passes instead of four.
 *
 * Where every node that is needed is a number made of numbers, nothing has a shape to look at, all blocks have one size, and there are
 * no broadcasts, products or sums to look through. So one pass from the last id to the first lists what each item reads, and sees there
 * and then for whom a value is read the last time: whoever reads it first on this way. A second pass from the first to the last
 * gives slots and memory. Graphs of 1e5 such nodes are larger than a cache, and what a pass does costs less than what it touches:
 * hence small records.
 *
 * The plan is the one that the general passes make (plan.c, plan-slots.c): the same items, slots and offsets. */
#include "engine/run/plan-private.h"

#include "engine/base/blocks.h"

#include <string.h>

enum { AHEAD = 16 };   /* nodes */

enum { BIT_HOST = 1 /* of input 0; the others follow */, BIT_DIES = 8, BIT_KEPT = 64 };

typedef struct { ChainId id, in[3]; guint8 op, n_in, flags, bits; } Step;

#define NOWHERE G_MAXUINT32

/* By node: its slot, and its block of 64 bytes in the arena. */
typedef struct { guint32 slot, block; } Home;

typedef struct
{
  Home    *homes;
  guint32 *free;      /* blocks that nobody uses: a stack */
  guint    n_free, n_blocks;
  guint    n_details, host, other;
} Placing;

const ChainPlanDetail _chain_plan_number = { .rows = 1, .cols = 1 };

/* --- what is needed, from the last id to the first --- */
static inline void
read_operands (const ChainPlanner *p, Step *s, const ChainNode *n)
{
  int c = _chain_plan_contracted (p->chunks, n);

  memcpy (s->in, n->in, sizeof s->in);
  if (c >= 0)
    {
      const ChainNode *m = chain_chunk_node (p->chunks, n->in[c]);
      s->in[0] = m->in[0];
      s->in[1] = m->in[1];
      s->in[2] = n->in[1 - c];
      s->n_in = 3;
      s->flags = CHAIN_ITEM_FMA;
    }
  for (guint i = 0; i < s->n_in; i++)
    {
      guint8 *mark = &p->mark[s->in[i]];
      guint host = (chain_chunk_traits (p->chunks, s->in[i]) & CHAIN_TRAIT_HOST) != 0;
      s->bits |= (guint8) ((host ? BIT_HOST : *mark == 0 ? BIT_DIES : 0) << i);
      *mark |= CHAIN_MARK_NEEDED;
    }
}

/* FALSE if this node is neither a number made of numbers, nor a leaf or host node that such may read. */
static inline gboolean
list_step (const ChainPlanner *p, ChainId id, Step *s)
{
  const ChainNode *n = chain_chunk_node (p->chunks, id);
  guint8 traits = chain_chunk_traits (p->chunks, id);

  __builtin_prefetch (n - AHEAD);
  *s = (Step){ .id = id, .op = (guint8) n->op, .n_in = n->n_in, .bits = p->mark[id] & CHAIN_MARK_KEPT ? BIT_KEPT : 0 };
  if (G_LIKELY (traits & CHAIN_TRAIT_NUMBER))
    {
      read_operands (p, s, n);
      return TRUE;
    }
  if (traits & CHAIN_TRAIT_HOST)
    {
      s->flags = CHAIN_ITEM_HOST;
      memcpy (s->in, n->in, sizeof s->in);
      for (guint i = 0; i < n->n_in; i++)
        p->mark[n->in[i]] |= CHAIN_MARK_NEEDED;
      return TRUE;
    }
  return (traits & CHAIN_TRAIT_LEAF) && chain_shape_is_scalar (n->shape);
}

/* The steps, the last first, and how many of them are items. */
static gboolean
list_steps (ChainPlanner *p, Step *steps, guint *n_steps)
{
  guint n = 0;

  p->n_items = p->n_host = p->n_details = 0;
  for (ChainId id = p->n_nodes; id > 0; id--)
    if (p->mark[id])
      {
        Step *s = &steps[n++];
        if (!list_step (p, id, s))
          return FALSE;
        if (s->op == CHAIN_OP_LEAF)
          continue;
        p->n_items++;
        if (s->flags & CHAIN_ITEM_HOST)
          p->n_host++;
      }
  p->n_details = p->n_host;
  *n_steps = n;
  return TRUE;
}

/* --- slots, items and memory, from the first id to the last --- */
static inline void
add_slot (ChainPlanner *p, const Step *s, guint32 block)
{
  gboolean host = (s->flags & CHAIN_ITEM_HOST) != 0, leaf = s->op == CHAIN_OP_LEAF;
  ChainPlanSlot *slot = &p->slots[p->n_slots++];

  slot->bytes = 64;
  slot->offset = block != NOWHERE ? (guint64) block * 64 : 0;
  slot->leaf = leaf ? s->id : CHAIN_NONE;
  slot->kind = host ? CHAIN_SLOT_HOST : leaf ? CHAIN_SLOT_LEAF : CHAIN_SLOT_TEMP;
  slot->dtype = host ? CHAIN_F64 : (guint8) p->dtype;
  slot->keep = (s->bits & BIT_KEPT) != 0;
  slot->pad = 0;
  slot->rows = slot->cols = 1;
}

/* The block of the first input that dies here, else the one given back last, else a new one. The other inputs that die give theirs back. */
static inline guint32
choose_block (Placing *w, const Step *s)
{
  guint32 block = NOWHERE;

  for (guint i = 0; i < 3; i++)
    {
      guint32 of = s->bits & BIT_DIES << i ? w->homes[s->in[i]].block : NOWHERE;
      if (of == NOWHERE)   /* read again, or a leaf */
        continue;
      if (block == NOWHERE)
        block = of;
      else
        w->free[w->n_free++] = of;
    }
  if (block != NOWHERE)
    return block;
  return w->n_free > 0 ? w->free[--w->n_free] : w->n_blocks++;
}

static inline const ChainPlanDetail *
detail_of (ChainPlanner *p, const Step *s)
{
  const ChainNode *n;

  if (!(s->flags & CHAIN_ITEM_HOST))
    return &_chain_plan_number;
  n = chain_chunk_node (p->chunks, s->id);
  p->details[p->n_details] = (ChainPlanDetail){ 1, 1, { n->arg.i[0], n->arg.i[1], n->arg.i[2] }, n->arg.value, n->arg.value2 };
  return &p->details[p->n_details++];
}

static inline void
add_item (ChainPlanner *p, Placing *w, const Step *s, guint at, guint32 out)
{
  ChainPlanItem *it = &p->items[at];

  it->op = s->op;
  it->dtype = s->flags & CHAIN_ITEM_HOST ? CHAIN_F64 : (guint8) p->dtype;
  it->flags = s->flags;
  it->n_in = s->n_in;
  for (guint i = 0; i < 3; i++)   /* CHAIN_NONE has slot 0 */
    {
      it->read[i] = s->bits & BIT_HOST << i ? CHAIN_READ_ONE : CHAIN_READ_FULL;
      it->in[i] = w->homes[s->in[i]].slot;
    }
  it->out = out;
  it->node = s->id;
  it->pad = 0;
  it->detail = detail_of (p, s);
}

static void
add_steps (ChainPlanner *p, const Step *steps, guint n)
{
  Placing w = { .other = p->n_host };

  w.homes = chain_block_new ((gsize) (p->n_nodes + 1) * sizeof *w.homes);
  w.free = chain_block_new ((gsize) (n + 1) * sizeof *w.free);
  w.homes[CHAIN_NONE] = (Home){ 0, NOWHERE };
  p->n_details = 0;
  for (guint k = n; k-- > 0;)
    {
      const Step *s = &steps[k];
      gboolean host = (s->flags & CHAIN_ITEM_HOST) != 0;
      Home home = { p->n_slots, NOWHERE };
      if (s->op != CHAIN_OP_LEAF)
        {
          if (!host)
            home.block = choose_block (&w, s);
          add_item (p, &w, s, host ? w.host++ : w.other++, home.slot);
        }
      add_slot (p, s, home.block);
      w.homes[s->id] = home;
    }
  p->arena = (guint64) w.n_blocks * 64;
  chain_block_free (w.homes);
  chain_block_free (w.free);
}

gboolean
_chain_plan_numbers (ChainPlanner *p)
{
  Step *steps;
  guint n;
  gboolean good;

  if (p->n_states > 0 || (p->flags & CHAIN_PLAN_KEEP_ALL))
    return FALSE;
  steps = chain_block_new ((gsize) (p->n_nodes + 1) * sizeof *steps);
  good = list_steps (p, steps, &n);
  if (good)
    {
      _chain_plan_allocate (p, n);
      add_steps (p, steps, n);
    }
  chain_block_free (steps);
  return good;
}
