/* SPDX-License-Identifier: Apache-2.0 */
/* Which items are done in stripes together.
 *
 * Neighbours in the plan that are element-wise and have one shape form a group, as long as nobody inside reads something made
 * inside other than number by number. Blocks of the arena are the same or disjoint (plan-slots.c), so doing stripe after stripe
 * is the same as doing item after item. A value that only the group reads, and that nobody keeps, lives in a stripe buffer. */
#include "engine/run/cpu-device.h"

#include <string.h>

typedef struct { const ChainPrepared *p; guint32 *last_reader; } Finder;

static gboolean
fits (const ChainPrepared *p, guint first, guint i)
{
  const ChainIns *a = &p->ins[first], *b = &p->ins[i];

  if (!b->elementwise || b->rows != a->rows || b->cols != a->cols)
    return FALSE;
  for (int k = 0; k < b->n_in; k++)
    if (b->read[k] != CHAIN_READ_FULL && b->host[k] == NULL)
      for (guint j = first; j < i; j++)      /* a row, column or number: must be final before the group, and stay until its end */
        if (p->ins[j].y == b->in[k])
          return FALSE;
  for (guint j = first; j < i; j++)
    for (int k = 0; k < p->ins[j].n_in; k++)
      if (p->ins[j].read[k] != CHAIN_READ_FULL && p->ins[j].in[k] == b->y)
        return FALSE;
  return TRUE;
}

/* Gives stripe buffers to the values that stay inside items [first, end). */
static void
place_locals (const Finder *f, guint first, guint end)
{
  guint32 owner[CHAIN_CPU_LOCALS] = { 0 };   /* 1 + slot, while in use */
  const ChainPlan *plan = f->p->plan;

  for (guint i = first; i < end; i++)
    {
      ChainIns *ins = &f->p->ins[i];
      guint32 out = ins->item->out;
      for (int k = 0; k < ins->n_in; k++)
        for (int b = 0; b < CHAIN_CPU_LOCALS; b++)
          if (ins->read[k] == CHAIN_READ_FULL && owner[b] == ins->item->in[k] + 1)
            ins->local[k] = (uint8_t) (b + 1);
      for (int b = 0; b < CHAIN_CPU_LOCALS; b++)   /* a buffer read here for the last time may take the result */
        if (owner[b] != 0 && f->last_reader[owner[b] - 1] == i)
          owner[b] = 0;
      if (plan->slots[out].kind != CHAIN_SLOT_TEMP || plan->slots[out].keep || f->last_reader[out] >= end)
        continue;
      for (int b = 0; b < CHAIN_CPU_LOCALS && ins->local[3] == 0; b++)
        if (owner[b] == 0)
          {
            owner[b] = out + 1;
            ins->local[3] = (uint8_t) (b + 1);
          }
    }
}

void
_chain_cpu_find_groups (ChainPrepared *p)
{
  Finder f = { p, g_new0 (guint32, p->plan->n_slots + 1) };

  for (guint i = 0; i < p->plan->n_items; i++)
    for (int k = 0; k < p->ins[i].n_in; k++)
      f.last_reader[p->plan->items[i].in[k]] = i;
  for (guint i = 0; i < p->plan->n_items; )
    {
      guint end = i + 1;
      if (p->ins[i].elementwise && p->ins[i].n > CHAIN_EW_BLOCK)
        while (end < p->plan->n_items && end - i < 255 && fits (p, i, end))
          end++;
      if (end > i + 1)
        {
          p->ins[i].group = end - i;
          place_locals (&f, i, end);
        }
      i = end;
    }
  g_free (f.last_reader);
}
