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

enum { BIT_DIES = 1 /* input 0; the others follow */, BIT_KEPT = 8 };

typedef struct { ChainId id, in[3]; guint8 op, n_in, flags, bits; } Step;

#define NOWHERE G_MAXUINT32           /* a leaf */
#define ON_HOST (G_MAXUINT32 - 1)     /* or not in the arena either */

/* By node: its slot, and its block of 64 bytes in the arena. */
typedef struct { guint32 slot, block; } Home;

typedef struct
{
  const Home *homes;
  guint32    *free;      /* blocks that nobody uses: a stack */
  guint       n_free, n_blocks;
} Placing;

const ChainPlanDetail _chain_plan_number = { .rows = 1, .cols = 1 };

/* --- what is needed, from the last id to the first --- */
static inline gboolean
is_product (ChainNode *const *chunks, ChainId id)
{
  return (chain_chunk_traits (chunks, id) & CHAIN_TRAIT_MUL) != 0;
}

/* All three inputs alike: CHAIN_NONE is marked too, and has no block that could die. */
static inline void
list_number (ChainNode *const *chunks, guint8 *mark, const ChainNode *n, Step *s)
{
  ChainId a = n->in[0], b = n->in[1], c = n->in[2];
  guint8 bits = s->bits;

  s->flags = 0;
  s->n_in = n->n_in;
  if (n->op == CHAIN_OP_ADD && (is_product (chunks, a) || is_product (chunks, b)))
    {
      gboolean first = is_product (chunks, a);
      const ChainNode *m = chain_chunk_node (chunks, first ? a : b);
      c = first ? b : a;
      a = m->in[0];
      b = m->in[1];
      s->flags = CHAIN_ITEM_FMA;
      s->n_in = 3;
    }
  bits |= mark[a] == 0 ? BIT_DIES : 0;
  mark[a] |= CHAIN_MARK_NEEDED;
  bits |= mark[b] == 0 ? BIT_DIES << 1 : 0;
  mark[b] |= CHAIN_MARK_NEEDED;
  bits |= mark[c] == 0 ? BIT_DIES << 2 : 0;
  mark[c] |= CHAIN_MARK_NEEDED;
  s->in[0] = a;
  s->in[1] = b;
  s->in[2] = c;
  s->bits = bits;
}

/* FALSE, and nothing marked, if this node is not a leaf or host node that numbers may read. */
static gboolean
list_other (const ChainPlanner *p, const ChainNode *n, guint8 traits, Step *s)
{
  if (!(traits & CHAIN_TRAIT_HOST) && !((traits & CHAIN_TRAIT_LEAF) && chain_shape_is_scalar (n->shape)))
    return FALSE;
  s->flags = traits & CHAIN_TRAIT_HOST ? CHAIN_ITEM_HOST : 0;
  s->n_in = n->n_in;
  memcpy (s->in, n->in, sizeof s->in);
  for (guint i = 0; i < n->n_in; i++)
    p->mark[n->in[i]] |= CHAIN_MARK_NEEDED;
  return TRUE;
}

/* The steps, the last first, and how many of them are items. FALSE if one is no number. */
static gboolean
list_steps (ChainPlanner *p, Step *steps, guint *n_steps)
{
  ChainNode *const *chunks = p->chunks;
  guint8 *mark = p->mark;
  guint n = 0, n_leaves = 0, n_host = 0;

  for (ChainId id = p->n_nodes; id > 0; id--)
    if (mark[id])
      {
        const ChainNode *node = chain_chunk_node (chunks, id);
        guint8 traits = chain_chunk_traits (chunks, id);
        Step *s = &steps[n++];
        __builtin_prefetch (node - AHEAD);
        s->id = id;
        s->op = (guint8) node->op;
        s->bits = mark[id] & CHAIN_MARK_KEPT ? BIT_KEPT : 0;
        if (G_LIKELY (traits & CHAIN_TRAIT_NUMBER))
          {
            list_number (chunks, mark, node, s);
            continue;
          }
        if (!list_other (p, node, traits, s))
          return FALSE;
        n_leaves += s->op == CHAIN_OP_LEAF;
        n_host += s->op != CHAIN_OP_LEAF && s->flags;
      }
  p->n_items = n - n_leaves;
  p->n_host = p->n_details = n_host;
  *n_steps = n;
  return TRUE;
}

/* --- slots, items and memory, from the first id to the last --- */
/* The block of the first input that dies here, else the one given back last, else a new one. The other inputs that die give theirs back. */
static inline guint32
choose_block (Placing *w, const Step *s)
{
  guint32 block = NOWHERE;

  for (guint i = 0; i < 3; i++)
    {
      guint32 of = s->bits & BIT_DIES << i ? w->homes[s->in[i]].block : NOWHERE;
      if (of >= ON_HOST)
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

static inline void
fill_item (ChainPlanItem *it, const Step *s, const Home *homes, ChainDtype dtype, guint32 out, const ChainPlanDetail *detail)
{
  Home a = homes[s->in[0]], b = homes[s->in[1]], c = homes[s->in[2]];   /* CHAIN_NONE has slot 0 */

  *it = (ChainPlanItem){ .op = s->op, .dtype = (guint8) dtype, .flags = s->flags, .n_in = s->n_in, .out = out, .in = { a.slot, b.slot, c.slot },
                         .node = s->id, .detail = detail };
  if (s->flags & CHAIN_ITEM_HOST)
    return;
  it->read[0] = a.block == ON_HOST ? CHAIN_READ_ONE : CHAIN_READ_FULL;
  it->read[1] = b.block == ON_HOST ? CHAIN_READ_ONE : CHAIN_READ_FULL;
  it->read[2] = c.block == ON_HOST ? CHAIN_READ_ONE : CHAIN_READ_FULL;
}

/* A leaf or host node; those are few. */
static Home
add_other (ChainPlanner *p, const Step *s, const Home *homes, guint32 slot, guint *host)
{
  const ChainNode *n = chain_chunk_node (p->chunks, s->id);
  ChainPlanDetail *d = &p->details[*host];
  gboolean leaf = s->op == CHAIN_OP_LEAF, on_host = (s->flags & CHAIN_ITEM_HOST) != 0;

  p->slots[slot] = (ChainPlanSlot){ .bytes = 64, .leaf = leaf ? s->id : CHAIN_NONE, .kind = on_host ? CHAIN_SLOT_HOST : CHAIN_SLOT_LEAF,
                                    .dtype = on_host ? CHAIN_F64 : (guint8) p->dtype, .keep = (s->bits & BIT_KEPT) != 0, .rows = 1, .cols = 1 };
  if (!leaf)
    {
      *d = (ChainPlanDetail){ 1, 1, { n->arg.i[0], n->arg.i[1], n->arg.i[2] }, n->arg.value, n->arg.value2 };
      fill_item (&p->items[(*host)++], s, homes, CHAIN_F64, slot, d);
    }
  return (Home){ slot, on_host ? ON_HOST : NOWHERE };
}

static void
add_steps (ChainPlanner *p, const Step *steps, guint n)
{
  Home *homes = chain_block_new ((gsize) (p->n_nodes + 1) * sizeof *homes);
  Placing w = { .homes = homes, .free = chain_block_new ((gsize) (n + 1) * sizeof (guint32)) };
  ChainPlanItem *it = p->items + p->n_host;
  ChainPlanSlot *slots = p->slots;
  const ChainDtype dtype = p->dtype;
  guint host = 0;

  homes[CHAIN_NONE] = (Home){ 0, NOWHERE };
  for (guint32 slot = 0; slot < n; slot++)
    {
      const Step *s = &steps[n - 1 - slot];
      Home home = { slot, NOWHERE };
      if (G_LIKELY (s->op != CHAIN_OP_LEAF && !s->flags) || (s->flags & CHAIN_ITEM_FMA))   /* a number */
        {
          home.block = choose_block (&w, s);
          fill_item (it++, s, homes, dtype, slot, &_chain_plan_number);
          slots[slot] = (ChainPlanSlot){ .bytes = 64, .offset = (guint64) home.block * 64, .kind = CHAIN_SLOT_TEMP, .dtype = (guint8) dtype,
                                         .keep = (s->bits & BIT_KEPT) != 0, .rows = 1, .cols = 1 };
        }
      else
        home = add_other (p, s, homes, slot, &host);
      homes[s->id] = home;
    }
  p->n_slots = n;
  p->arena = (guint64) w.n_blocks * 64;
  chain_block_free (homes);
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
