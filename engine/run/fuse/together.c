/* SPDX-License-Identifier: Apache-2.0 */
/* Which blocks should follow one another in memory. Where the update of one tensor is the same program as the update of the next, and
 * every operand of the one is followed by the same operand of the other, a back end may run both as one: an optimiser over all tensors
 * of a small network is then one pass over four streams. */
#include "engine/run/fuse/fuse.h"

#define TOO_LARGE (1 << 18)   /* bytes of a row of blocks: beyond it, what a program costs to start does not matter */

/* The slots that are operand k of each program, if they are all of one kind, all different, and not yet in a row. */
static void
add_row (const ChainPlan *plan, const GPtrArray *run, guint k, guint8 *taken, GArray *out)
{
  guint start = out->len, end = G_MAXUINT32;
  guint64 bytes = 0;
  gboolean good = TRUE;
  guint8 kind = plan->slots[((const ChainTile *) run->pdata[0])->bases[k].slot].kind;

  for (guint i = 0; i < run->len; i++)
    {
      guint32 slot = ((const ChainTile *) run->pdata[i])->bases[k].slot;
      good = good && plan->slots[slot].kind == kind && kind != CHAIN_SLOT_HOST && !taken[slot];
      taken[slot] |= 2;
      bytes += plan->slots[slot].bytes;
      g_array_append_val (out, slot);
    }
  good = good && bytes <= TOO_LARGE;
  for (guint i = start; i < out->len; i++)
    taken[g_array_index (out, guint32, i)] = good || (taken[g_array_index (out, guint32, i)] & 1);
  if (!good)
    g_array_set_size (out, start);
  else
    g_array_append_val (out, end);
}

static void
end_run (const ChainPlan *plan, GPtrArray *run, guint8 *taken, GArray *out)
{
  for (guint k = 0; run->len > 1 && k < ((const ChainTile *) run->pdata[0])->n_streams; k++)
    add_row (plan, run, k, taken, out);
  g_ptr_array_set_size (run, 0);
}

static void
free_tile (gpointer t)
{
  _chain_tile_free (t);
}

GArray *
_chain_fuse_together (const ChainPlan *plan)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GPtrArray) run = g_ptr_array_new_with_free_func (free_tile);
  g_autofree guint32 *readers = _chain_fuse_readers (plan);
  g_autofree guint8 *taken = g_new0 (guint8, plan->n_slots + 1);

  for (guint i = plan->n_host; i < plan->n_items;)
    {
      ChainTile *t = _chain_fuse (plan, readers, i);
      if (run->len > 0 && (t == NULL || !_chain_tile_same (run->pdata[0], t)))
        end_run (plan, run, taken, out);
      if (t != NULL)
        g_ptr_array_add (run, t);
      i += t != NULL ? t->n_items : 1;
    }
  end_run (plan, run, taken, out);
  return out;
}
