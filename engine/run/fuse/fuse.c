/* SPDX-License-Identifier: Apache-2.0 */
/* Which items become one tile program, and in which order it computes them.
 *
 * Neighbours in the plan that are element-wise and have one shape go together, as long as nobody inside reads something made inside
 * other than number by number. Each block of numbers then goes through the whole program before the next block starts. That is
 * allowed because blocks of the arena are the same or disjoint (plan-slots.c), and because within a block a store comes after every
 * read of what it overwrites (`after`).
 *
 * The order is that of a list scheduler: whatever continues the value in the accumulator, else the node with the longest chain of
 * latencies below it. An optimiser so starts with the square root and ends with the division, and does the rest in their shadow
 * (TILES 1b: 1.5 to 1.25 times a hand-written loop by order alone). */
#include "engine/run/fuse/fuse-private.h"

#include <string.h>

#define MAX_SLOTS 40   /* bases that are no temps */

void
_chain_tile_free (ChainTile *t)
{
  if (t == NULL)
    return;
  g_free (t->ins);
  g_free (t->calls);
  g_free (t);
}

guint32 *
_chain_fuse_readers (const ChainPlan *plan)
{
  guint32 *last = g_new0 (guint32, plan->n_slots + 1);

  for (guint i = 0; i < plan->n_items; i++)
    for (int k = 0; k < plan->items[i].n_in; k++)
      last[plan->items[i].in[k]] = i + 1;
  return last;
}

/* --- which items --- */
gboolean
_chain_fuse_is_fusible (const ChainPlanItem *it)
{
  return (chain_op_row ((ChainOp) it->op)->flags & CHAIN_OP_ELEMENTWISE) && !(it->flags & CHAIN_ITEM_HOST)
         && it->op != CHAIN_OP_LGAMMA && it->op != CHAIN_OP_POLYGAMMA;
}

/* Equal for two slots that share memory. */
guint64
_chain_fuse_place (const ChainPlan *plan, guint32 slot)
{
  const ChainPlanSlot *s = &plan->slots[slot];

  return s->kind == CHAIN_SLOT_TEMP ? s->offset : (G_GUINT64_CONSTANT (1) << 63 | (guint64) s->leaf << 2 | s->kind);
}

static gboolean
reads_whole (const ChainPlan *plan, const ChainPlanItem *it, int k)
{
  return it->read[k] != CHAIN_READ_FULL && plan->slots[it->in[k]].kind != CHAIN_SLOT_HOST;
}

/* A row, column or number must be final before the group and stay until its end. */
static gboolean
disturbs (const ChainPlan *plan, const ChainPlanItem *writer, const ChainPlanItem *reader)
{
  for (int k = 0; k < reader->n_in; k++)
    if (reads_whole (plan, reader, k) && _chain_fuse_place (plan, reader->in[k]) == _chain_fuse_place (plan, writer->out))
      return TRUE;
  return FALSE;
}

static gboolean
fits (const ChainPlan *plan, guint first, guint i)
{
  const ChainPlanItem *a = &plan->items[first], *b = &plan->items[i];

  if (!_chain_fuse_is_fusible (b) || b->detail->rows != a->detail->rows || b->detail->cols != a->detail->cols || b->dtype != a->dtype || disturbs (plan, b, b))
    return FALSE;
  for (guint j = first; j < i; j++)
    if (disturbs (plan, &plan->items[j], b) || disturbs (plan, b, &plan->items[j]))
      return FALSE;
  return TRUE;
}

/* --- bases --- */
static ChainBaseKind
kind_of_read (guint8 read)
{
  return read == CHAIN_READ_ROW ? CHAIN_BASE_ROW : read == CHAIN_READ_COL ? CHAIN_BASE_COL
         : read == CHAIN_READ_ONE ? CHAIN_BASE_ONE : CHAIN_BASE_STREAM;
}

static guint8
base_for (Fuse *f, ChainBaseKind kind, guint32 slot)
{
  ChainTile *t = f->tile;

  for (guint i = 0; i < t->n_bases; i++)
    if (t->bases[i].slot == slot && t->bases[i].kind == kind)
      return (guint8) i;
  if (t->n_bases == MAX_SLOTS)
    {
      f->is_full = TRUE;
      return 0;
    }
  t->bases[t->n_bases] = (ChainTileBase){ (uint8_t) kind, slot };
  return t->n_bases++;
}

static guint
count_kind (const ChainTile *t, ChainBaseKind kind)
{
  guint n = 0;

  for (guint i = 0; i < t->n_bases; i++)
    n += t->bases[i].kind == kind;
  return n;
}

/* Streams first, then rows, columns, numbers. */
static void
sort_bases (Fuse *f)
{
  ChainTile *t = f->tile;
  ChainTileBase old[CHAIN_TILE_MAX_BASES];
  guint8 to[CHAIN_TILE_MAX_BASES], n = 0;

  memcpy (old, t->bases, sizeof old);
  for (guint8 kind = CHAIN_BASE_STREAM; kind <= CHAIN_BASE_ONE; kind++)
    for (guint i = 0; i < t->n_bases; i++)
      if (old[i].kind == kind)
        {
          t->bases[n] = old[i];
          to[i] = n++;
        }
  for (guint i = 0; i < f->n; i++)
    {
      for (int k = 0; k < f->nodes[i].it->n_in; k++)
        if (!f->nodes[i].in[k].is_node)
          f->nodes[i].in[k].at = to[f->nodes[i].in[k].at];
      if (f->nodes[i].dest != FUSE_NONE)
        f->nodes[i].dest = to[f->nodes[i].dest];
    }
  t->n_streams = (guint8) count_kind (t, CHAIN_BASE_STREAM);
  t->n_rows = (guint8) count_kind (t, CHAIN_BASE_ROW);
  t->n_cols = (guint8) count_kind (t, CHAIN_BASE_COL);
  t->n_ones = (guint8) count_kind (t, CHAIN_BASE_ONE);
}

/* --- nodes --- */
static guint
latency (const ChainPlanItem *it)
{
  switch (it->op)
    {
    case CHAIN_OP_ADD: case CHAIN_OP_SUB: case CHAIN_OP_MUL: case CHAIN_OP_NEG: case CHAIN_OP_ABS: case CHAIN_OP_RELU: case CHAIN_OP_STEP:
    case CHAIN_OP_SIGN: case CHAIN_OP_FLOOR: case CHAIN_OP_STOP: case CHAIN_OP_MIN: case CHAIN_OP_MAX: case CHAIN_OP_LT: case CHAIN_OP_EQ:
    case CHAIN_OP_WHERE:
      return 1;
    case CHAIN_OP_DIV: case CHAIN_OP_SQRT:
      return 6;
    default:
      return 10;
    }
}

static void
resolve_operand (Fuse *f, FuseNode *node, int k)
{
  const ChainPlanItem *it = node->it;

  for (guint j = 0; j < f->n && it->read[k] == CHAIN_READ_FULL; j++)   /* in place: the slot may be a leaf that was just overwritten */
    if (f->nodes[j].it->out == it->in[k])
      {
        node->in[k] = (FuseRef){ TRUE, (guint8) j };
        f->nodes[j].users |= G_GUINT64_CONSTANT (1) << f->n;
        node->after |= G_GUINT64_CONSTANT (1) << j;
        return;
      }
  node->in[k] = (FuseRef){ FALSE, base_for (f, kind_of_read (it->read[k]), it->in[k]) };
}

/* A store waits for all reads of what it overwrites. */
static void
order_stores (Fuse *f)
{
  for (guint j = 0; j < f->n; j++)
    for (guint i = 0; i < j && f->nodes[j].dest != FUSE_NONE; i++)
      for (int k = 0; k < f->nodes[i].it->n_in; k++)
        if (!f->nodes[i].in[k].is_node && _chain_fuse_place (f->plan, f->nodes[i].it->in[k]) == _chain_fuse_place (f->plan, f->nodes[j].it->out))
          f->nodes[j].after |= G_GUINT64_CONSTANT (1) << i;
  for (guint i = f->n; i > 0; i--)
    {
      FuseNode *node = &f->nodes[i - 1];
      node->height = latency (node->it);
      for (guint j = i; j < f->n; j++)
        if (f->nodes[j].after >> (i - 1) & 1)
          node->height = MAX (node->height, latency (node->it) + f->nodes[j].height);
    }
}

static void
collect (Fuse *f, const guint32 *readers, guint end)
{
  for (guint i = f->tile->first; i < end; i++)
    {
      FuseNode *node = &f->nodes[f->n];
      const ChainPlanSlot *out = &f->plan->slots[f->plan->items[i].out];
      *node = (FuseNode){ .it = &f->plan->items[i], .dest = FUSE_NONE, .temp = FUSE_NONE };
      for (int k = 0; k < node->it->n_in; k++)
        resolve_operand (f, node, k);
      if (out->kind != CHAIN_SLOT_TEMP || out->keep || readers[node->it->out] > end)
        node->dest = base_for (f, CHAIN_BASE_STREAM, node->it->out);
      f->n++;
    }
  sort_bases (f);
  order_stores (f);
}

static void
schedule (Fuse *f)
{
  guint64 done = 0;
  guint8 last = FUSE_NONE;

  for (guint pos = 0; pos < f->n; pos++)
    {
      guint best = f->n, best_rank = 0;
      for (guint i = 0; i < f->n; i++)
        {
          gboolean goes_on = last != FUSE_NONE && (f->nodes[last].users >> i & 1);
          guint rank = f->nodes[i].height + (goes_on ? 1u << 20 : 0);
          if (!(done >> i & 1) && (f->nodes[i].after & ~done) == 0 && (best == f->n || rank > best_rank))
            {
              best = i;
              best_rank = rank;
            }
        }
      f->order[pos] = (guint8) best;
      f->nodes[best].pos = (guint8) pos;
      done |= G_GUINT64_CONSTANT (1) << best;
      last = (guint8) best;
    }
  for (guint i = 0; i < f->n; i++)
    for (guint j = 0; j < f->n; j++)
      if (f->nodes[i].users >> j & 1)
        f->nodes[i].last_use = MAX (f->nodes[i].last_use, f->nodes[j].pos);
}

/* A program of the items [first, end), or NULL if it needs too much. */
static ChainTile *
build (const ChainPlan *plan, const guint32 *readers, guint first, guint end)
{
  g_autofree Fuse *f = g_new0 (Fuse, 1);
  ChainTile *t = g_new0 (ChainTile, 1);

  f->plan = plan;
  f->tile = t;
  t->first = first;
  t->n_items = end - first;
  t->rows = plan->items[first].detail->rows;
  t->cols = plan->items[first].detail->cols;
  t->dtype = plan->items[first].dtype;
  t->by_rows = t->cols * (t->dtype == CHAIN_F64 ? 8 : 4) % CHAIN_TILE_BYTES == 0;
  collect (f, readers, end);
  schedule (f);
  if (f->is_full || t->n_rows + t->n_cols > CHAIN_TILE_MAX_SPREAD || !_chain_fuse_emit (f))
    g_clear_pointer (&t, _chain_tile_free);
  return t;
}

/* --- how far a group reaches --- */
/* Do these two items have a value in common? Numbers of the host do not count: every tensor reads the learning rate. */
static gboolean
are_related (const ChainPlan *plan, const ChainPlanItem *a, const ChainPlanItem *b)
{
  for (int k = 0; k < b->n_in; k++)
    {
      if (b->in[k] == a->out)
        return TRUE;
      for (int i = 0; i < a->n_in; i++)
        if (a->in[i] == b->in[k] && b->read[k] != CHAIN_READ_ONE)
          return TRUE;
    }
  return FALSE;
}

/* Nothing is gained by doing strangers together; apart, two tensors of one shape have the same program. */
static gboolean
is_border (const ChainPlan *plan, guint first, guint at, guint end)
{
  for (guint i = first; i < at; i++)
    for (guint j = at; j < end; j++)
      if (are_related (plan, &plan->items[i], &plan->items[j]))
        return FALSE;
  return TRUE;
}

static guint
reach (const ChainPlan *plan, guint first)
{
  guint end = first;

  while (end < plan->n_items && end - first < CHAIN_TILE_MAX_ITEMS && fits (plan, first, end))
    end++;
  for (guint at = first + 1; at < end; at++)
    if (is_border (plan, first, at, end))
      return at;
  return end;
}

static gboolean
is_spread (const ChainPlanItem *it)
{
  for (int k = 0; k < it->n_in; k++)
    if (it->read[k] == CHAIN_READ_ROW || it->read[k] == CHAIN_READ_COL)
      return TRUE;
  return FALSE;
}

ChainTile *
_chain_fuse (const ChainPlan *plan, const guint32 *readers, guint first)
{
  ChainTile *t = NULL;

  if (!_chain_fuse_is_fusible (&plan->items[first]))
    return NULL;
  for (guint end = reach (plan, first); t == NULL && end > first + !is_spread (&plan->items[first]); end = first + (end - first + 1) / 2)
    {
      t = build (plan, readers, first, end);
      if (end == first + 1)
        break;
    }
  return t;
}

ChainTile *
_chain_fuse_part (const ChainPlan *plan, const guint32 *readers, guint first, guint limit)
{
  ChainTile *t = NULL;

  for (guint end = MIN (reach (plan, first), limit), n; t == NULL && end > first; end = first + n / 2)
    {
      n = end - first;
      t = build (plan, readers, first, end);
    }
  return t;
}

gboolean
_chain_tile_same (const ChainTile *a, const ChainTile *b)
{
  if (a->n_rows + a->n_cols + b->n_rows + b->n_cols > 0 || a->dtype != b->dtype || a->n_ins != b->n_ins || a->n_calls != b->n_calls
      || a->n_bases != b->n_bases || a->n_streams != b->n_streams || a->n_ones != b->n_ones || a->n_temps != b->n_temps
      || memcmp (a->ins, b->ins, a->n_ins * sizeof *a->ins) != 0)
    return FALSE;
  for (guint i = 0; i < a->n_calls; i++)
    if (a->calls[i].op != b->calls[i].op || a->calls[i].form != b->calls[i].form || memcmp (a->calls[i].par, b->calls[i].par, 16) != 0)
      return FALSE;
  for (guint i = a->n_streams; i < a->n_bases; i++)
    if (a->bases[i].kind != b->bases[i].kind || a->bases[i].slot != b->bases[i].slot)
      return FALSE;
  return TRUE;
}
