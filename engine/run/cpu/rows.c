/* SPDX-License-Identifier: Apache-2.0 */
/* Row programs with their addresses, for several threads: functions of rows would otherwise be done by one, and element-wise items only cut
 * where they are large. On one thread the steps one by one are as fast (tests/bench/RESULTS.md), so they stay.
 *
 * To a unit a block of rows is a tensor of its own: the addresses of what goes on with the rows are moved there, and what only the program
 * sees lies in the block of the thread. */
#include "engine/run/cpu/rows.h"

#include "engine/base/tensor.h"
#include "engine/run/fuse/rows.h"

/* Where an operand is: at `base` for row 0, or in the block of the thread. */
typedef struct { char *base; gsize row_bytes, local; gboolean is_local; } Place;

typedef struct
{
  ChainCpuProgram *program;          /* or */
  const ChainIns  *ins;
  Place            places[CHAIN_TILE_MAX_BASES];
  guint            n_places;
  gboolean         all_local;        /* streams: a block may be filled up */
} Unit;

struct _ChainCpuRows
{
  ChainIns   ins;                    /* of its step: lowered is this */
  ChainRows *plan;
  Unit      *units;
  char      *local;
  int        n_threads;              /* that there is memory for */
};

void
_chain_cpu_rows_free (ChainCpuRows *rows)
{
  if (rows == NULL)
    return;
  for (guint i = 0; i < rows->plan->units->len; i++)
    _chain_cpu_program_free (rows->units[i].program);
  _chain_rows_free (rows->plan);
  chain_aligned_free (rows->local);
  g_free (rows->units);
  g_free (rows);
}

/* --- making --- */
static gsize
row_bytes (const ChainPlanSlot *s)
{
  return (gsize) s->cols * (s->dtype == CHAIN_F64 ? 8 : 4);
}

static Place
place_of (ChainCpuRows *rows, const ChainPrepared *p, guint32 slot, gboolean goes_on)
{
  Place at = { p->slots[slot], goes_on ? row_bytes (&p->plan->slots[slot]) : 0, 0, FALSE };

  for (guint i = 0; i < rows->plan->local->len; i++)
    {
      guint32 local = g_array_index (rows->plan->local, guint32, i);
      if (local != slot)
        continue;
      at.is_local = TRUE;
      at.local = rows->plan->local_at[i];
    }
  return at;
}

static void
place_tile (const ChainCpu *cpu, ChainCpuRows *rows, const ChainPrepared *p, Unit *u, ChainTile *t)
{
  u->program = _chain_cpu_program_new (cpu, p->plan, p->slots, t);
  u->n_places = (guint) (t->n_bases - t->n_temps - t->n_ones);
  u->all_local = TRUE;
  for (guint k = 0; k < u->n_places; k++)
    {
      u->places[k] = place_of (rows, p, t->bases[k].slot, t->bases[k].kind != CHAIN_BASE_ROW);
      u->all_local = u->all_local && (k >= t->n_streams || u->places[k].is_local);
    }
}

static void
place_item (ChainCpuRows *rows, const ChainPrepared *p, Unit *u, guint item)
{
  const ChainPlanItem *it = &p->plan->items[item];

  u->ins = &p->ins[item];
  u->n_places = it->n_in + 1u;
  for (guint k = 0; k < it->n_in; k++)
    u->places[k] = place_of (rows, p, it->in[k], TRUE);
  u->places[it->n_in] = place_of (rows, p, it->out, TRUE);
}

static gboolean
reserve (ChainCpuRows *rows, int n_threads)
{
  if (n_threads <= rows->n_threads)
    return TRUE;
  chain_aligned_free (rows->local);
  rows->local = chain_aligned_new (rows->plan->local_bytes * (gsize) n_threads + 64);
  rows->n_threads = rows->local != NULL ? n_threads : 0;
  if (rows->local != NULL)
    memset (rows->local, 0, rows->plan->local_bytes * (gsize) n_threads);
  return rows->local != NULL;
}

static ChainCpuRows *
rows_new (const ChainCpu *cpu, ChainPrepared *p, ChainRows *r)
{
  ChainCpuRows *rows = g_new0 (ChainCpuRows, 1);

  rows->plan = r;
  rows->units = g_new0 (Unit, r->units->len);
  for (guint i = 0; i < r->units->len; i++)
    {
      ChainRowUnit *u = &g_array_index (r->units, ChainRowUnit, i);
      if (u->tile != NULL)
        place_tile (cpu, rows, p, &rows->units[i], g_steal_pointer (&u->tile));
      else
        place_item (rows, p, &rows->units[i], u->item);
    }
  if (!reserve (rows, 1))
    g_clear_pointer (&rows, _chain_cpu_rows_free);
  return rows;
}

/* --- running --- */
typedef struct { ChainCpu *cpu; const ChainCpuRows *rows; int n_parts; } Job;

static char *
address (const Place *at, char *local, gint64 first)
{
  return at->is_local ? local + at->local : at->base + (gsize) first * at->row_bytes;
}

static void
run_item (ChainCpu *cpu, const Unit *u, char *local, gint64 first, gint64 n)
{
  ChainIns ins = *u->ins;

  for (guint k = 0; k < ins.n_in; k++)
    {
      ins.in[k] = address (&u->places[k], local, first);
      ins.in_rows[k] = n;
    }
  ins.y = address (&u->places[ins.n_in], local, first);
  ins.rows = n;
  ins.n = (size_t) (n * ins.cols);
  ins.run (cpu, &ins);
}

static void
run_tile (const ChainCpuRows *rows, const Unit *u, char *local, gint64 first, gint64 n)
{
  const ChainTile *t = _chain_cpu_program_tile (u->program);
  char *at[CHAIN_TILE_MAX_BASES];
  gboolean last = first + n == rows->plan->rows;
  gsize begin = (gsize) (first * t->cols) * (t->dtype == CHAIN_F64 ? 8 : 4);

  for (guint k = 0; k < u->n_places; k++)
    at[k] = address (&u->places[k], local, first);
  _chain_cpu_program_block (u->program, at, (size_t) (n * t->cols), u->all_local || (last && begin % CHAIN_TILE_BYTES == 0));
}

static void
run_blocks (void *data, int part)
{
  const Job *j = data;
  const ChainCpuRows *rows = j->rows;
  gint64 end = rows->plan->n_blocks * (part + 1) / j->n_parts;
  char *local = rows->local + rows->plan->local_bytes * (gsize) part;

  for (gint64 b = rows->plan->n_blocks * part / j->n_parts; b < end; b++)
    {
      gint64 first = b * rows->plan->block, n = MIN (rows->plan->block, rows->plan->rows - first);
      for (guint i = 0; i < rows->plan->units->len; i++)
        if (rows->units[i].program != NULL)
          run_tile (rows, &rows->units[i], local, first, n);
        else
          run_item (j->cpu, &rows->units[i], local, first, n);
    }
}

static void
run_rows (ChainCpu *cpu, ChainIns *ins)
{
  ChainCpuRows *rows = (ChainCpuRows *) ins->lowered;
  Job j = { cpu, rows, 1 };

  j.n_parts = (int) MIN ((gint64) cpu->n_threads, rows->plan->n_blocks);
  if (!reserve (rows, j.n_parts))
    {
      _chain_cpu_fail (cpu, "There is no memory left for the values of a block of rows; use a smaller network");
      return;
    }
  for (guint i = 0; i < rows->plan->units->len; i++)
    if (rows->units[i].program != NULL)
      _chain_cpu_program_begin (rows->units[i].program);
  _chain_cpu_each (cpu, run_blocks, &j, j.n_parts);
}

/* --- steps --- */
/* May the steps of items [first, end) be replaced? Each of them must be of units alone or wait until all rows are done, and do nothing for
 * an item elsewhere. */
static gboolean
replaces (const ChainPrepared *p, const ChainRows *r)
{
  guint end = r->first + r->n_items, i = r->first;

  if (r->n_blocks < 2)
    return FALSE;
  for (; i < end; i += p->ins[i].covers)
    {
      gboolean waits = p->ins[i].rows == 1;
      for (guint k = i; k < MIN (i + p->ins[i].covers, end); k++)
        if (p->ins[k].taken || p->ins[k].follow != NULL || (p->ins[k].rows == 1) != waits)
          return FALSE;
    }
  return i == end;
}

static void
add_step (ChainPrepared *p, ChainIns *ins)
{
  if (!ins->taken && !((ins->flags & CHAIN_ITEM_HOST) && ins->op == CHAIN_OP_CONST))
    p->pooled[p->n_pooled++] = (ChainCpuStep){ ins->whole, ins };
}

/* Takes r. */
static void
add_rows (const ChainCpu *cpu, ChainPrepared *p, ChainRows *r)
{
  guint first = r->first, end = first + r->n_items;
  ChainCpuRows *rows = replaces (p, r) ? rows_new (cpu, p, g_steal_pointer (&r)) : NULL;

  if (rows != NULL)
    {
      rows->ins.lowered = rows;
      p->rows[p->n_rows++] = rows;
      p->pooled[p->n_pooled++] = (ChainCpuStep){ run_rows, &rows->ins };
    }
  for (guint i = first; i < end; i += p->ins[i].covers)
    if (rows == NULL || p->ins[i].rows == 1)
      add_step (p, &p->ins[i]);
  _chain_rows_free (r);
}

void
_chain_cpu_rows_list (ChainCpu *cpu, ChainPrepared *p)
{
  g_autofree guint32 *readers = _chain_fuse_readers (p->plan);

  p->pooled = g_new0 (ChainCpuStep, p->plan->n_items + 1);
  p->rows = g_new0 (ChainCpuRows *, p->plan->n_items + 1);
  for (guint i = 0; i < p->plan->n_items;)
    {
      ChainRows *r = i >= p->plan->n_host ? _chain_fuse_rows (p->plan, readers, i) : NULL;
      guint at = i, n = r != NULL ? r->n_items : p->ins[i].covers;
      if (r != NULL)
        add_rows (cpu, p, r);
      else
        add_step (p, &p->ins[i]);
      while (at < i + n)     /* its last step may go on behind it */
        at += p->ins[at].covers;
      i = at;
    }
}
