/* SPDX-License-Identifier: Apache-2.0 */
/* Which items become one row program.
 *
 * A softmax with its loss, a layer norm, and what their gradients are made of, all work along rows: element-wise items, sums and maxima of
 * rows, and columns spread over rows. Item by item each of them would walk through a whole batch. As one program a few rows go through all
 * of them while they lie in the first cache, and what only the program sees never leaves it: it needs no more memory than those rows.
 *
 * Items in between that cross rows (the mean of the losses, sums of columns) wait until all rows are done, if nothing behind them in the
 * program reads what they make. Everything else that could go wrong is that two values share memory: blocks of the arena are the same or
 * disjoint (plan-slots.c), so it is enough that two values at one place, one of them written, have rows of one length. What only the program
 * sees lies elsewhere and shares nothing.
 *
 * Every number is made by the operations of its item, so the bits are those of the items one by one. */
#include "engine/run/fuse/rows.h"

#include "engine/run/fuse/fuse-private.h"

enum { LONGEST = 96, MOST_AFTER = 24 };

typedef enum { ROLE_ELEMENT, ROLE_ROW, ROLE_AFTER, ROLE_NONE } Role;

typedef struct
{
  const ChainPlan *plan;
  const guint32   *readers;
  guint            first, end;
  gint64           rows;
  guint8           role[LONGEST], is_local[LONGEST];   /* by item from first on */
} Finder;

void
_chain_rows_free (ChainRows *r)
{
  if (r == NULL)
    return;
  for (guint i = 0; i < r->units->len; i++)
    _chain_tile_free (g_array_index (r->units, ChainRowUnit, i).tile);
  g_array_unref (r->units);
  g_array_unref (r->after);
  g_array_unref (r->local);
  g_free (r->local_at);
  g_free (r);
}

gboolean
_chain_rows_goes_on (const ChainPlan *plan, const ChainPlanItem *it, int k, gint64 rows)
{
  return (it->read[k] == CHAIN_READ_FULL || it->read[k] == CHAIN_READ_COL) && plan->slots[it->in[k]].kind != CHAIN_SLOT_HOST
         && plan->slots[it->in[k]].rows == rows;
}

/* --- what an item may be --- */
static gboolean
is_row_function (const ChainPlan *plan, const ChainPlanItem *it, gint64 rows)
{
  switch (it->op)
    {
    case CHAIN_OP_SUM: case CHAIN_OP_ROWMAX: case CHAIN_OP_LOGSUMEXP: case CHAIN_OP_SOFTMAX: case CHAIN_OP_ONE_HOT: case CHAIN_OP_ARGMAX:
    case CHAIN_OP_CUMSUM: case CHAIN_OP_BROADCAST:
      break;
    default:
      return FALSE;
    }
  for (int k = 0; k < it->n_in; k++)
    if (!_chain_rows_goes_on (plan, it, k, rows))
      return FALSE;
  return TRUE;
}

static Role
role_of (const Finder *f, guint i)
{
  const ChainPlanItem *it = &f->plan->items[i];

  if ((it->flags & CHAIN_ITEM_HOST) || it->dtype != f->plan->items[f->first].dtype || it->op == CHAIN_OP_MATMUL)
    return ROLE_NONE;
  if (it->detail->rows == f->rows)
    return _chain_fuse_is_fusible (it) ? ROLE_ELEMENT : is_row_function (f->plan, it, f->rows) ? ROLE_ROW : ROLE_NONE;
  return it->detail->rows == 1 ? ROLE_AFTER : ROLE_NONE;
}

/* How far it may reach at most; FALSE if nothing there works along rows. */
static gboolean
scan (Finder *f)
{
  guint n = 0, n_after = 0;
  gboolean has_row = FALSE;

  for (f->end = f->first; n < LONGEST && f->first + n < f->plan->n_items; n++)
    {
      Role role = f->role[n] = (guint8) role_of (f, f->first + n);
      if (role == ROLE_NONE || (role == ROLE_AFTER && (n == 0 || ++n_after > MOST_AFTER)))
        break;
      has_row = has_row || role == ROLE_ROW;
      if (role != ROLE_AFTER)
        f->end = f->first + n + 1;
    }
  return has_row;
}

/* --- memory --- */
static gboolean
is_member (const Finder *f, guint i)
{
  return f->role[i - f->first] != ROLE_AFTER;
}

static gboolean
reads (const ChainPlanItem *it, guint32 slot)
{
  for (int k = 0; k < it->n_in; k++)
    if (it->in[k] == slot)
      return TRUE;
  return FALSE;
}

static void
find_local (Finder *f)
{
  for (guint i = f->first; i < f->end; i++)
    {
      guint32 out = f->plan->items[i].out;
      const ChainPlanSlot *s = &f->plan->slots[out];
      gboolean local = is_member (f, i) && s->kind == CHAIN_SLOT_TEMP && !s->keep && f->readers[out] <= f->end;
      for (guint j = i + 1; j < f->end && local; j++)
        local = is_member (f, j) || !reads (&f->plan->items[j], out);
      f->is_local[i - f->first] = local;
    }
}

static gboolean
slot_is_local (const Finder *f, guint32 slot)
{
  for (guint i = f->first; i < f->end; i++)
    if (f->plan->items[i].out == slot)
      return f->is_local[i - f->first];
  return FALSE;
}

/* Length of the rows of what the item writes (k = -1) or reads; 0 if it is the same for all rows. */
static gint64
stride (const Finder *f, const ChainPlanItem *it, int k)
{
  if (k < 0)
    return f->plan->slots[it->out].cols;
  return _chain_rows_goes_on (f->plan, it, k, f->rows) ? f->plan->slots[it->in[k]].cols : 0;
}

/* Do access k of a and access l of b touch the same memory, one of them writing? */
static gboolean
meets (const Finder *f, const ChainPlanItem *a, int k, const ChainPlanItem *b, int l)
{
  guint32 p = k < 0 ? a->out : a->in[k], q = l < 0 ? b->out : b->in[l];

  return (k < 0 || l < 0) && _chain_fuse_place (f->plan, p) == _chain_fuse_place (f->plan, q);
}

/* May item j follow item i in the program? */
static gboolean
agrees (const Finder *f, guint i, guint j)
{
  const ChainPlanItem *a = &f->plan->items[i], *b = &f->plan->items[j];

  if (!is_member (f, j))
    return TRUE;
  for (int k = -1; k < a->n_in; k++)
    for (int l = -1; l < b->n_in; l++)
      if (meets (f, a, k, b, l))
        {
          guint32 p = k < 0 ? a->out : a->in[k], q = l < 0 ? b->out : b->in[l];
          gboolean apart = p != q && (slot_is_local (f, p) || slot_is_local (f, q));
          if (!apart && (!is_member (f, i) || stride (f, a, k) != stride (f, b, l) || stride (f, a, k) == 0))
            return FALSE;
        }
  return TRUE;
}

/* The first item that may not be there, or end. */
static guint
first_conflict (const Finder *f)
{
  for (guint j = f->first + 1; j < f->end; j++)
    for (guint i = f->first; i < j; i++)
      if (!agrees (f, i, j))
        return j;
  return f->end;
}

/* Shortens the program until all agree; what is local depends on where it ends. FALSE if nothing is left. */
static gboolean
settle (Finder *f)
{
  for (;;)
    {
      guint at;
      gboolean has_row = FALSE;

      find_local (f);
      at = first_conflict (f);
      while (at > f->first && !is_member (f, at - 1))
        at--;
      for (guint i = f->first; i < at; i++)
        has_row = has_row || f->role[i - f->first] == ROLE_ROW;
      if (!has_row || at < f->first + 2)
        return FALSE;
      if (at == f->end)
        return TRUE;
      f->end = at;
    }
}

/* --- making --- */
static gboolean
add_units (const Finder *f, ChainRows *r)
{
  for (guint i = f->first; i < f->end;)
    {
      Role role = (Role) f->role[i - f->first];
      ChainRowUnit u = { i, 1, NULL };
      if (role == ROLE_AFTER)
        {
          g_array_append_val (r->after, u.item);
          i++;
          continue;
        }
      if (role == ROLE_ELEMENT)
        {
          u.tile = _chain_fuse_part (f->plan, f->readers, i, f->end);
          if (u.tile == NULL)
            return FALSE;
          u.n_items = u.tile->n_items;
        }
      g_array_append_val (r->units, u);
      i += u.n_items;
    }
  return r->units->len > 1;
}

ChainRows *
_chain_fuse_rows (const ChainPlan *plan, const guint32 *readers, guint first)
{
  Finder f = { .plan = plan, .readers = readers, .first = first, .rows = plan->items[first].detail->rows };
  ChainRows *r;

  if (f.rows < 2 || !scan (&f) || !settle (&f))
    return NULL;
  r = g_new0 (ChainRows, 1);
  *r = (ChainRows){ .first = first, .n_items = f.end - first, .rows = f.rows, .units = g_array_new (FALSE, FALSE, sizeof (ChainRowUnit)),
                    .after = g_array_new (FALSE, FALSE, sizeof (guint32)), .local = g_array_new (FALSE, FALSE, sizeof (guint32)) };
  for (guint i = first; i < f.end; i++)
    if (f.is_local[i - first])
      g_array_append_val (r->local, plan->items[i].out);
  if (!add_units (&f, r))
    g_clear_pointer (&r, _chain_rows_free);
  else
    _chain_rows_place (r, plan, readers);
  return r;
}

void
_chain_rows_dump (const ChainRows *r, const ChainPlan *plan, GString *s)
{
  g_string_append_printf (s, "row program of items %u to %u: %u units, %" G_GINT64_FORMAT " rows in blocks of %" G_GINT64_FORMAT ", %u values of its own\n",
                          r->first, r->first + r->n_items - 1, r->units->len, r->rows, MIN (r->block, r->rows), r->local->len);
  for (guint i = 0; i < r->units->len; i++)
    {
      const ChainRowUnit *u = &g_array_index (r->units, ChainRowUnit, i);
      const ChainPlanItem *it = &plan->items[u->item];
      if (u->tile != NULL)
        {
          _chain_tile_dump (u->tile, s);
          continue;
        }
      g_string_append_printf (s, "  %s%s", chain_op_row ((ChainOp) it->op)->name, it->flags & CHAIN_ITEM_SUM_MUL ? "-of-mul" : "");
      for (guint k = 0; k < it->n_in; k++)
        g_string_append_printf (s, "  s%u", it->in[k]);
      g_string_append_printf (s, "  -> s%u\n", it->out);
    }
  for (guint i = 0; i < r->after->len; i++)
    g_string_append_printf (s, "%s item %u", i == 0 ? "  then" : ",", g_array_index (r->after, guint32, i));
  if (r->after->len > 0)
    g_string_append_c (s, '\n');
}
