/* SPDX-License-Identifier: Apache-2.0 */
/* Puts small parameters, states and gradients that are updated alike one behind the other (fuse/together.c). A leaf moves once, with
 * what it holds, when the first committing plan that wants it is compiled; a temporary of such a plan gets its place in a block of its own. */
#include "engine/run/exec-private.h"

#include "engine/run/fuse/fuse.h"

#include <string.h>

#define MOST_ITEMS 4096   /* of a plan: what is larger does not consist of small tensors, or has better things to do */

typedef struct { void *data; gsize bytes; } Shared;

static gsize
round_up (gsize bytes)
{
  return (bytes + CHAIN_TILE_BYTES - 1) & ~(gsize) (CHAIN_TILE_BYTES - 1);
}

static gsize
row_bytes (const ChainPlan *plan, const guint32 *row, guint n)
{
  gsize sum = 0;

  for (guint i = 0; i < n; i++)
    sum += plan->slots[row[i]].bytes;
  return round_up (sum);
}

/* The last of a row may be filled up to the end of its block: what a program does to the rest of it, nobody sees. */
static void
widen_last (const ChainPlan *plan, const guint32 *row, guint n)
{
  ChainPlanSlot *last = (ChainPlanSlot *) &plan->slots[row[n - 1]];
  gsize sum = 0;

  for (guint i = 0; i < n; i++)
    sum += plan->slots[row[i]].bytes;
  last->bytes += round_up (sum) - sum;
}

static gboolean
may_move (ChainExec *x, const ChainPlan *plan, const guint32 *row, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      ChainExecLeaf *leaf = _chain_exec_leaf (x, plan->slots[row[i]].leaf);
      if (leaf->has_b || leaf->shared || !_chain_exec_reserve (x, leaf, 1, NULL) || leaf->bytes != plan->slots[row[i]].bytes)
        return FALSE;
    }
  return TRUE;
}

static void
move_leaves (ChainExec *x, const ChainPlan *plan, const guint32 *row, guint n)
{
  Shared s = { .bytes = row_bytes (plan, row, n) };
  char *at;

  if (!may_move (x, plan, row, n) || !_chain_exec_alloc (x, s.bytes, &s.data, NULL))
    return;
  at = s.data;
  for (guint i = 0; i < n; i++)
    {
      ChainExecLeaf *leaf = _chain_exec_leaf (x, plan->slots[row[i]].leaf);
      memcpy (at, leaf->data, leaf->bytes);
      _chain_exec_release (x, leaf->data, leaf->bytes);
      leaf->data = at;
      leaf->shared = 1;
      at += leaf->bytes;
    }
  widen_last (plan, row, n);
  g_array_append_val (x->shared, s);
  x->layout++;
  x->stamp++;
}

static void
place_temporaries (ChainExecPlan *e, const guint32 *row, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      ChainExecMoved m = { row[i], e->together_bytes };
      g_array_append_val (e->moved, m);
      e->together_bytes += e->plan->slots[row[i]].bytes;
    }
  e->together_bytes = round_up (e->together_bytes);
  widen_last (e->plan, row, n);
}

gboolean
_chain_exec_together (ChainExec *x, ChainExecPlan *e, gboolean commits, GError **error)
{
  g_autoptr (GArray) rows = NULL;
  guint first = 0;

  if (!x->on_host || !commits || e->plan->n_items > MOST_ITEMS)
    return TRUE;
  rows = _chain_fuse_together (e->plan);
  e->moved = g_array_new (FALSE, FALSE, sizeof (ChainExecMoved));
  for (guint i = 0; i < rows->len; i++)
    {
      const guint32 *row = &g_array_index (rows, guint32, first);
      if (g_array_index (rows, guint32, i) != G_MAXUINT32)
        continue;
      if (e->plan->slots[row[0]].kind == CHAIN_SLOT_LEAF)
        move_leaves (x, e->plan, row, i - first);
      else
        place_temporaries (e, row, i - first);
      first = i + 1;
    }
  return e->together_bytes == 0 || _chain_exec_alloc (x, e->together_bytes, &e->together, error);
}

void
_chain_exec_together_clear (ChainExec *x, ChainExecPlan *e)
{
  if (e->together != NULL)
    _chain_exec_release (x, e->together, e->together_bytes);
  g_clear_pointer (&e->moved, g_array_unref);
}

void
_chain_exec_free_shared (ChainExec *x)
{
  for (guint i = 0; i < x->shared->len; i++)
    _chain_exec_release (x, g_array_index (x->shared, Shared, i).data, g_array_index (x->shared, Shared, i).bytes);
  g_clear_pointer (&x->shared, g_array_unref);
}

GArray *
_chain_exec_shared_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (Shared));
}
