/* SPDX-License-Identifier: Apache-2.0 */
/* Which nodes, in which order, reading what.
 *
 * The order is that of the ids, which is an order of evaluation because a node is appended after its inputs; host items go first,
 * since nothing on the device feeds them. Three rewrites turn nodes into items, none of which changes a bit:
 *
 * - a broadcast is read through by element-wise items, as a row, a column or one number;
 * - an add takes in the first of its inputs that is a mul: one fma. This holds in every plan, so that stepping, training and
 *   evaluation agree to the last bit; where somebody else reads the product, the mul is an item as well;
 * - a sum that is the only reader of a mul multiplies by itself (the product is rounded before it is added).
 *
 * Keep-all plans do the second only, so that every node can be looked at and overridden. */
#include "engine/run/plan-private.h"

#include "engine/base/blocks.h"
#include "engine/base/limits.h"
#include "engine/run/fuse/rows.h"

#include <string.h>

/* How many nodes or items ahead memory is asked for: in large graphs most of the time goes into waiting for it. */
enum { AHEAD = 16 };

typedef struct { ChainId id; guint8 read; } Operand;

static inline const ChainNode *
node_of (const ChainPlanner *p, ChainId id)
{
  return chain_chunk_node (p->chunks, id);
}

static inline gboolean
is_elementwise (const ChainNode *n)
{
  return (_chain_op_rows[n->op].flags & CHAIN_OP_ELEMENTWISE) != 0;
}

static inline gint64
axis_rows (const ChainPlanner *p, ChainId id)
{
  return chain_axis (node_of (p, id)->shape.rows, p->b);
}

static inline gint64
axis_cols (const ChainPlanner *p, ChainId id)
{
  return chain_axis (node_of (p, id)->shape.cols, p->b);
}

/* The operand as an element-wise item of rows x cols reads it: through broadcasts, except on keep-all plans. */
static inline Operand
operand_through (const ChainPlanner *p, ChainId id, gint64 rows, gint64 cols)
{
  gint64 r, c;

  while (!(p->flags & CHAIN_PLAN_KEEP_ALL) && node_of (p, id)->op == CHAIN_OP_BROADCAST)
    id = node_of (p, id)->in[0];
  r = axis_rows (p, id);
  c = axis_cols (p, id);
  if (node_of (p, id)->host)
    return (Operand){ id, CHAIN_READ_ONE };
  if (r == rows && c == cols)
    return (Operand){ id, CHAIN_READ_FULL };
  if (r == 1 && c == 1)
    return (Operand){ id, CHAIN_READ_ONE };
  return (Operand){ id, r == 1 ? CHAIN_READ_ROW : CHAIN_READ_COL };
}

static gboolean
reads_product (const ChainPlanner *p, const ChainNode *n)
{
  const ChainNode *m;

  if (n->op != CHAIN_OP_SUM || n->host || (p->flags & CHAIN_PLAN_KEEP_ALL))
    return FALSE;
  m = node_of (p, n->in[0]);
  if (m->op != CHAIN_OP_MUL || m->host || p->readers[n->in[0]] != 1 || (p->mark[n->in[0]] & CHAIN_MARK_KEPT))
    return FALSE;
  for (int i = 0; i < 2; i++)
    if (operand_through (p, m->in[i], axis_rows (p, n->in[0]), axis_cols (p, n->in[0])).read != CHAIN_READ_FULL)
      return FALSE;
  return TRUE;
}

/* Operands of a number made of numbers: there are no broadcasts to look through. FALSE if it is not that simple. */
static inline gboolean
read_numbers (const ChainPlanner *p, const ChainNode *n, int c, ChainReading *out)
{
  guint8 traits[3] = { 0 }, any = 0;
  guint k = n->n_in;

  if (n->host || !is_elementwise (n) || !chain_shape_is_scalar (n->shape))
    return FALSE;
  memcpy (out->in, n->in, sizeof out->in);
  if (c >= 0)
    {
      const ChainNode *m = node_of (p, n->in[c]);
      out->in[2] = n->in[1 - c];
      out->in[0] = m->in[0];
      out->in[1] = m->in[1];
      k = 3;
    }
  for (guint i = 0; i < k; i++)
    any |= traits[i] = chain_chunk_traits (p->chunks, out->in[i]);
  out->n = (guint8) k;
  out->flags = c >= 0 ? CHAIN_ITEM_FMA : 0;
  out->numbers = 1;
  for (guint i = 0; i < 3; i++)
    out->read[i] = traits[i] & CHAIN_TRAIT_HOST ? CHAIN_READ_ONE : CHAIN_READ_FULL;
  return !(any & CHAIN_TRAIT_BROADCAST);
}

static void
read_through (const ChainPlanner *p, ChainReading *out, ChainId id, gint64 rows, gint64 cols)
{
  Operand o = operand_through (p, id, rows, cols);

  out->in[out->n] = o.id;
  out->read[out->n++] = o.read;
}

/* What the item of this node reads. */
static void
reading_of (const ChainPlanner *p, ChainId id, const ChainNode *n, ChainReading *out)
{
  int c = _chain_plan_contracted (p->chunks, n);

  if (read_numbers (p, n, c, out))
    return;
  *out = (ChainReading){ .flags = n->host ? CHAIN_ITEM_HOST : 0 };
  if (c >= 0)
    {
      const ChainNode *m = node_of (p, n->in[c]);
      out->flags |= CHAIN_ITEM_FMA;
      read_through (p, out, m->in[0], axis_rows (p, id), axis_cols (p, id));
      read_through (p, out, m->in[1], axis_rows (p, id), axis_cols (p, id));
      read_through (p, out, n->in[1 - c], axis_rows (p, id), axis_cols (p, id));
    }
  else if (reads_product (p, n))
    {
      out->flags |= CHAIN_ITEM_SUM_MUL;
      for (int i = 0; i < 2; i++)
        read_through (p, out, node_of (p, n->in[0])->in[i], axis_rows (p, n->in[0]), axis_cols (p, n->in[0]));
    }
  else
    for (guint i = 0; i < n->n_in; i++)
      if (is_elementwise (n) && !n->host)
        read_through (p, out, n->in[i], axis_rows (p, id), axis_cols (p, id));
      else
        out->in[out->n++] = n->in[i];   /* FULL */
}

static void
mark_from (ChainPlanner *p, ChainId id)
{
  p->mark[id] |= CHAIN_MARK_REACHED | CHAIN_MARK_NEEDED | CHAIN_MARK_KEPT;
}

static inline void
need_operands (ChainPlanner *p, ChainId id, const ChainNode *n)
{
  ChainReading *r = &p->readings[p->n_readings];

  p->n_needed++;
  if (n->op == CHAIN_OP_LEAF)
    return;
  p->n_readings++;
  p->n_host += n->host;
  p->n_details += !(chain_chunk_traits (p->chunks, id) & CHAIN_TRAIT_NUMBER);
  reading_of (p, id, n, r);
  for (guint i = 0; i < r->n; i++)
    p->mark[r->in[i]] |= CHAIN_MARK_NEEDED;
  for (guint i = 0; i < n->n_in && (p->flags & CHAIN_PLAN_KEEP_ALL); i++)   /* also what is read through */
    p->mark[n->in[i]] |= CHAIN_MARK_NEEDED | CHAIN_MARK_KEPT;
}

/* What is left to compute once broadcasts and products are read through, from the last id to the first. FALSE if readers would have to
 * be counted first. */
static gboolean
mark_needed (ChainPlanner *p)
{
  p->n_needed = p->n_host = p->n_readings = p->n_details = 0;
  for (ChainId id = p->n_nodes; id > 0; id--)
    if (p->mark[id] & CHAIN_MARK_NEEDED)
      {
        const ChainNode *n = node_of (p, id);
        __builtin_prefetch (n - AHEAD);
        if (n->op == CHAIN_OP_SUM && p->readers == NULL && !(p->flags & CHAIN_PLAN_KEEP_ALL))
          return FALSE;
        need_operands (p, id, n);
      }
  return TRUE;
}

/* The number of readers of everything that the outputs stand on. */
static void
count_readers (ChainPlanner *p)
{
  p->readers = chain_block_new0 ((gsize) (p->n_nodes + 1) * sizeof *p->readers);
  for (ChainId id = p->n_nodes; id > 0; id--)
    if (p->mark[id] & CHAIN_MARK_REACHED)
      for (guint i = 0; i < node_of (p, id)->n_in; i++)
        {
          p->mark[node_of (p, id)->in[i]] |= CHAIN_MARK_REACHED;
          p->readers[node_of (p, id)->in[i]]++;
        }
}

static void
mark_ends (ChainPlanner *p, const ChainId *outputs, guint n_outputs)
{
  for (guint i = 0; i < n_outputs; i++)
    mark_from (p, outputs[i]);
  for (guint i = 0; i < p->n_states; i++)
    {
      mark_from (p, p->states[i].leaf);
      mark_from (p, p->states[i].next);
    }
}

/* A sum may read through a product only if nobody else reads that: where there are no sums, one sweep is enough. */
static void
mark_nodes (ChainPlanner *p)
{
  p->readings = chain_block_new ((gsize) (p->n_nodes + 1) * sizeof *p->readings);
  if (mark_needed (p))
    return;
  count_readers (p);
  mark_needed (p);
}

/* Two cache lines are done one by one; what is longer is padded to a block of a tile program, so that none ends in pieces. */
gboolean
_chain_plan_slot_bytes (gint64 rows, gint64 cols, ChainDtype dtype, guint64 *bytes)
{
  gsize n, pad;

  if (!chain_mul_size (rows, cols, &n) || !chain_mul_size (n, dtype == CHAIN_F64 ? 8 : 4, &n))
    return FALSE;
  pad = n <= 128 ? 63 : CHAIN_TILE_BYTES - 1;
  if (!chain_add_size (n, pad, &n) || n > G_MAXINT64)
    return FALSE;
  *bytes = n & ~(guint64) pad;
  return TRUE;
}

static gboolean
add_slot (ChainPlanner *p, ChainId id, const ChainNode *n, GError **error)
{
  ChainPlanSlot *s = &p->slots[p->n_slots];

  s->bytes = 64;
  s->offset = 0;
  s->rows = s->cols = 1;
  s->dtype = n->host ? CHAIN_F64 : p->dtype;
  s->pad = 0;
  s->kind = n->host ? CHAIN_SLOT_HOST : n->op == CHAIN_OP_LEAF ? CHAIN_SLOT_LEAF : CHAIN_SLOT_TEMP;
  s->leaf = n->op == CHAIN_OP_LEAF ? id : CHAIN_NONE;
  s->keep = (p->mark[id] & CHAIN_MARK_KEPT) != 0;
  if (!chain_shape_is_scalar (n->shape))
    {
      s->rows = axis_rows (p, id);
      s->cols = axis_cols (p, id);
      if (!_chain_plan_slot_bytes (s->rows, s->cols, s->dtype, &s->bytes))
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_OVERFLOW,
                       "Node %u would hold %" G_GINT64_FORMAT " × %" G_GINT64_FORMAT " numbers, more than an address can count; use fewer rows",
                       id, s->rows, s->cols);
          return FALSE;
        }
    }
  p->stays[p->n_slots] = s->kind != CHAIN_SLOT_TEMP ? 2 : s->keep;
  p->slot_of[id] = ++p->n_slots;
  return TRUE;
}

static const ChainPlanDetail *
detail_of (ChainPlanner *p, ChainId id, const ChainNode *n, const ChainPlanSlot *out)
{
  ChainPlanDetail *d;

  if (chain_chunk_traits (p->chunks, id) & CHAIN_TRAIT_NUMBER)
    return &_chain_plan_number;
  d = &p->details[p->n_details++];
  *d = (ChainPlanDetail){ out->rows, out->cols, { n->arg.i[0], n->arg.i[1], n->arg.i[2] }, n->arg.value, n->arg.value2 };
  if (n->op == CHAIN_OP_SLICE)   /* start and length may be multiples of B, of rows and of columns */
    for (int i = 1; i < 3; i++)
      d->arg[i] = n->arg.i[i] < 0 ? (gint32) chain_axis (n->arg.i[i], p->b) : n->arg.i[i];
  return d;
}

static void
add_item (ChainPlanner *p, ChainId id, const ChainNode *n, guint at)
{
  const ChainReading *r = &p->readings[--p->n_readings];
  ChainPlanItem *it = &p->items[at];

  it->op = n->op;
  it->dtype = n->host ? CHAIN_F64 : p->dtype;
  it->node = id;
  it->out = p->slot_of[id] - 1;
  it->pad = 0;
  it->detail = detail_of (p, id, n, &p->slots[it->out]);
  it->flags = r->flags;
  it->n_in = r->n;
  memcpy (it->read, r->read, sizeof it->read);
  memset (it->in, 0, sizeof it->in);
  for (guint i = 0; i < r->n; i++)
    {
      guint32 in = it->in[i] = p->slot_of[r->in[i]] - 1;
      p->last[in] = MAX (p->last[in], at + 1);
    }
}

void
_chain_plan_allocate (ChainPlanner *p, guint n_slots)
{
  p->items = chain_block_new ((gsize) (n_slots + 1) * sizeof *p->items);
  p->slots = chain_block_new ((gsize) (n_slots + 1) * sizeof *p->slots);
  p->details = chain_block_new ((gsize) (p->n_details + 1) * sizeof *p->details);
  p->commits = chain_block_new ((gsize) (p->n_states + 1) * sizeof *p->commits);
}

/* In the order of ids, host items before all others. */
static gboolean
add_items (ChainPlanner *p, GError **error)
{
  guint host = 0, other = p->n_host;

  _chain_plan_allocate (p, p->n_needed);
  p->slot_of = chain_block_new0 ((gsize) (p->n_nodes + 1) * sizeof *p->slot_of);
  p->last = chain_block_new0 ((gsize) (p->n_needed + 1) * sizeof *p->last);
  p->stays = chain_block_new (p->n_needed + 1);
  p->n_details = 0;
  for (ChainId id = 1; id <= p->n_nodes; id++)
    if (p->mark[id] & CHAIN_MARK_NEEDED)
      {
        const ChainNode *n = node_of (p, id);
        __builtin_prefetch (n + AHEAD);
        if (!add_slot (p, id, n, error))
          return FALSE;
        if (n->op != CHAIN_OP_LEAF)
          add_item (p, id, n, n->host ? host++ : other++);
      }
  p->n_items = other;
  return TRUE;
}

static ChainPlan *
plan_finish (ChainPlanner *p)
{
  ChainPlan *plan = g_new0 (ChainPlan, 1);

  plan->struct_size = sizeof *plan;
  plan->abi = CHAIN_BACKEND_ABI;
  plan->n_items = p->n_items;
  plan->n_slots = p->n_slots;
  plan->n_commits = p->n_commits;
  plan->n_host = p->n_host;
  plan->items = g_steal_pointer (&p->items);
  plan->slots = g_steal_pointer (&p->slots);
  plan->commits = g_steal_pointer (&p->commits);
  plan->details = g_steal_pointer (&p->details);
  plan->arena_bytes = p->arena;
  plan->b = p->b;
  plan->dtype = p->dtype;
  return plan;
}

ChainPlan *
chain_plan_new (const ChainGraph *g, const ChainId *outputs, guint n_outputs, const ChainState *states, guint n_states, gint64 b,
                ChainDtype dtype, ChainPlanFlags flags, GError **error)
{
  ChainPlanner p = { .g = g, .b = b, .dtype = dtype, .flags = flags, .states = states, .n_states = n_states };
  ChainPlan *plan = NULL;

  g_assert (b >= 1);
  p.n_nodes = chain_graph_size (g);
  p.chunks = chain_graph_chunks (g);
  p.mark = chain_block_new0 (p.n_nodes + 1);
  mark_ends (&p, outputs, n_outputs);
  if (_chain_plan_numbers (&p))
    plan = plan_finish (&p);
  else
    {
      mark_nodes (&p);
      if (add_items (&p, error) && _chain_plan_place (&p, error))
        plan = plan_finish (&p);
    }
  if (plan != NULL && !chain_memory_check (chain_plan_bytes (plan), "The plan of this network", error))
    g_clear_pointer (&plan, chain_plan_free);
  chain_block_free (p.items);
  chain_block_free (p.slots);
  chain_block_free (p.commits);
  chain_block_free (p.details);
  chain_block_free (p.last);
  chain_block_free (p.stays);
  chain_block_free (p.readings);
  chain_block_free (p.mark);
  chain_block_free (p.readers);
  chain_block_free (p.slot_of);
  return plan;
}

void
chain_plan_free (ChainPlan *plan)
{
  if (plan == NULL)
    return;
  chain_block_free ((void *) plan->items);
  chain_block_free ((void *) plan->slots);
  chain_block_free ((void *) plan->commits);
  chain_block_free ((void *) plan->details);
  g_free (plan);
}

static int
find_between (const ChainPlan *plan, ChainId node, guint lo, guint hi)
{
  while (lo < hi)
    {
      guint mid = lo + (hi - lo) / 2;
      if (plan->items[mid].node == node)
        return (int) mid;
      if (plan->items[mid].node < node)
        lo = mid + 1;
      else
        hi = mid;
    }
  return -1;
}

int
chain_plan_find (const ChainPlan *plan, ChainId node)
{
  int i = find_between (plan, node, 0, plan->n_host);

  return i >= 0 ? i : find_between (plan, node, plan->n_host, plan->n_items);
}

guint64
chain_plan_bytes (const ChainPlan *plan)
{
  guint64 sum = plan->arena_bytes;

  for (guint i = 0; i < plan->n_slots; i++)
    if (plan->slots[i].kind != CHAIN_SLOT_TEMP)
      sum += plan->slots[i].bytes;
  return sum;
}

static void
dump_item (GString *s, const ChainGraph *g, const ChainPlan *plan, guint i)
{
  static const char *reads[] = { "", ":row", ":col", ":one" };
  const ChainPlanItem *it = &plan->items[i];

  g_string_append_printf (s, "%4u  n%u = %s%s (", i, it->node,
                          it->flags & CHAIN_ITEM_FMA ? "fma" : chain_op_row ((ChainOp) it->op)->name,
                          it->flags & CHAIN_ITEM_SUM_MUL ? "-of-mul" : "");
  for (guint k = 0; k < it->n_in; k++)
    g_string_append_printf (s, "%ss%u%s", k > 0 ? ", " : "", it->in[k], reads[it->read[k]]);
  g_string_append_printf (s, ") -> s%u @%" G_GUINT64_FORMAT "  %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT, it->out,
                          plan->slots[it->out].offset, it->detail->rows, it->detail->cols);
  if (plan->slots[it->out].kind == CHAIN_SLOT_LEAF)
    g_string_append (s, "  in place");
  if (it->flags & CHAIN_ITEM_HOST)
    g_string_append (s, "  host");
  if (chain_graph_name (g, it->node) != NULL)
    g_string_append_printf (s, "  %s", chain_graph_name (g, it->node));
  g_string_append_c (s, '\n');
}

static GString *
dump_items (const ChainGraph *g, const ChainPlan *plan)
{
  GString *s = g_string_new (NULL);

  g_string_append_printf (s, "b %" G_GINT64_FORMAT ", %u items (%u host), %u slots, %u commits, arena %" G_GUINT64_FORMAT " bytes\n",
                          plan->b, plan->n_items, plan->n_host, plan->n_slots, plan->n_commits, plan->arena_bytes);
  for (guint i = 0; i < plan->n_items; i++)
    dump_item (s, g, plan, i);
  return s;
}

char *
chain_plan_dump_items (const ChainGraph *g, const ChainPlan *plan)
{
  return g_string_free (dump_items (g, plan), FALSE);
}

char *
chain_plan_dump (const ChainGraph *g, const ChainPlan *plan)
{
  GString *s = dump_items (g, plan);
  g_autofree guint32 *readers = _chain_fuse_readers (plan);

  for (guint i = plan->n_host; i < plan->n_items;)
    {
      ChainRows *r = _chain_fuse_rows (plan, readers, i);
      ChainTile *t = r == NULL ? _chain_fuse (plan, readers, i) : NULL;
      if (r != NULL)
        _chain_rows_dump (r, plan, s);
      else if (t != NULL)
        _chain_tile_dump (t, s);
      i += r != NULL ? r->n_items : t != NULL ? t->n_items : 1;
      _chain_rows_free (r);
      _chain_tile_free (t);
    }
  return g_string_free (s, FALSE);
}
