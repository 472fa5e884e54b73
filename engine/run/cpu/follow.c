/* SPDX-License-Identifier: Apache-2.0 */
/* A gradient of weights, its squares for the guard, and the update that reads it, a few rows at a time.
 *
 * One behind the other, each of them would walk through all of the memory: a gradient of 128 x 784 is written, read for its squares and
 * read for the update, and between two of these walks it has left the second cache. So the product calls back after each block of rows.
 *
 * The update then happens earlier than the plan has it. That is allowed if nothing in between reads or writes what it writes, and if all
 * that it reads is there already: leaves, numbers of the host, and the gradient. Runs of some of the items do without. */
#include "engine/run/cpu/follow.h"

#include "engine/run/cpu/large.h"

typedef struct
{
  ChainCpu        *cpu;
  const ChainIns  *product;
  ChainCpuProgram *program;
  size_t           n, done;    /* numbers of the gradient; how many of their squares are summed */
  double           total;
  gboolean         sums;       /* in this run: on one thread, where blocks come in order */
} Follow;

/* --- running --- */
/* Blocks of a sum as the kernel has them, so the same bits (cpu-private.h). */
static void
add_squares (Follow *f, size_t end)
{
  const ChainIns *ins = f->product;
  size_t size = ins->dtype == CHAIN_F64 ? 8 : 4;

  while (f->done < end && (end - f->done >= CHAIN_SUM_BLOCK || end == f->n))
    {
      size_t n = MIN (CHAIN_SUM_BLOCK, end - f->done);
      const char *x = (const char *) ins->y + f->done * size;
      double more = f->cpu->kernels->sum[ins->dtype](x, x, n);
      f->total = ins->dtype == CHAIN_F64 ? f->total + more : (double) ((float) f->total + (float) more);
      f->done += n;
    }
}

static void
after_rows (void *data, int64_t first, int64_t rows)
{
  Follow *f = data;
  size_t cols = (size_t) f->product->cols;

  if (f->sums)
    add_squares (f, (size_t) (first + rows) * cols);
  _chain_cpu_program_part (f->program, (size_t) first * cols, (size_t) rows * cols);
}

static void
run_product (ChainCpu *cpu, ChainIns *ins)
{
  Follow *f = ins->follow;
  ChainGemm g = { ins->in[0], ins->in[1], ins->y, ins->rows, ins->cols, ins->in_rows[0], 1, 0, .after = after_rows, .data = f };

  f->cpu = cpu;
  f->sums = cpu->pool == NULL;
  f->total = 0;
  f->done = 0;
  _chain_cpu_program_begin (f->program);
  if (!_chain_large_run (cpu, cpu->large, &g, ins->dtype))
    _chain_cpu_fail (cpu, "There is no memory left for a matrix product; use fewer rows or a smaller network");
}

static void
run_sum (ChainCpu *cpu, ChainIns *ins)
{
  const Follow *f = ins->follow;

  if (!f->sums)
    ins->run (cpu, ins);
  else if (ins->dtype == CHAIN_F64)
    *(double *) ins->y = f->total;
  else
    *(float *) ins->y = (float) f->total;
}

/* --- lowering --- */
static gboolean
is_gradient (const ChainPrepared *p, guint i, guint32 slot)
{
  const ChainIns *ins = &p->ins[i];

  return p->plan->items[i].op == CHAIN_OP_MATMUL && p->plan->items[i].out == slot && ins->arg[0] != 0 && ins->arg[1] == 0 && ins->n_host == 0
         && ins->lowered == NULL && ins->follow == NULL && ins->covers == 1 && _chain_cpu_is_own_product (ins)
         && (size_t) (ins->rows * ins->cols) > CHAIN_SUM_BLOCK;
}

/* The product among the items before `i` whose result is the only temporary among what `program` reads and writes. */
static gboolean
find_product (const ChainPrepared *p, guint i, const ChainTile *t, guint *product)
{
  guint32 slot = G_MAXUINT32;

  if (t->n_rows + t->n_cols > 0)
    return FALSE;
  for (guint k = 0; k < (guint) (t->n_bases - t->n_temps); k++)
    {
      const ChainPlanSlot *s = &p->plan->slots[t->bases[k].slot];
      gboolean one = t->bases[k].kind == CHAIN_BASE_ONE;
      if (one ? s->kind != CHAIN_SLOT_HOST : s->kind == CHAIN_SLOT_TEMP && slot != G_MAXUINT32)
        return FALSE;
      if (!one && s->kind == CHAIN_SLOT_TEMP)
        slot = t->bases[k].slot;
    }
  for (*product = p->plan->n_host; slot != G_MAXUINT32 && *product < i; ++*product)
    if (is_gradient (p, *product, slot))
      return TRUE;
  return FALSE;
}

static gboolean
touches (const ChainPlan *plan, const ChainPlanItem *it, guint32 leaf)
{
  gboolean yes = plan->slots[it->out].kind == CHAIN_SLOT_LEAF && plan->slots[it->out].leaf == leaf;

  for (int k = 0; k < it->n_in; k++)
    yes = yes || (plan->slots[it->in[k]].kind == CHAIN_SLOT_LEAF && plan->slots[it->in[k]].leaf == leaf);
  return yes;
}

/* Does an item between the two mind that the update comes first? */
static gboolean
is_free (const ChainPrepared *p, guint product, guint i, const ChainTile *t)
{
  for (guint k = 0; k < t->n_streams; k++)
    for (guint j = product; j < i && p->plan->slots[t->bases[k].slot].kind == CHAIN_SLOT_LEAF; j++)
      if (touches (p->plan, &p->plan->items[j], p->plan->slots[t->bases[k].slot].leaf))
        return FALSE;
  for (guint j = i; j < i + t->n_items; j++)
    if (p->plan->items[j].out == p->plan->items[product].out)
      return FALSE;
  return TRUE;
}

/* The gradient's sum of squares, if there is one. */
static void
take_sum (ChainPrepared *p, guint product, guint i, Follow *f)
{
  guint32 slot = p->plan->items[product].out;

  for (guint j = product + 1; j < i; j++)
    {
      const ChainPlanItem *it = &p->plan->items[j];
      if (it->op == CHAIN_OP_SUM && (it->flags & CHAIN_ITEM_SUM_MUL) && it->in[0] == slot && it->in[1] == slot && p->ins[j].rows == 1
          && p->ins[j].cols == 1 && p->ins[j].whole == NULL)
        {
          p->ins[j].follow = f;
          p->ins[j].whole = run_sum;
          return;
        }
    }
}

gboolean
_chain_cpu_follow_take (ChainPrepared *p, guint i, ChainCpuProgram *program)
{
  const ChainTile *t = _chain_cpu_program_tile (program);
  ChainIns *ins;
  Follow *f;
  guint product;

  if (!find_product (p, i, t, &product) || !is_free (p, product, i, t))
    return FALSE;
  ins = &p->ins[product];
  f = g_new0 (Follow, 1);
  g_ptr_array_add (p->lowered, f);
  *f = (Follow){ .product = ins, .program = program, .n = (size_t) (ins->rows * ins->cols) };
  ins->follow = f;
  ins->whole = run_product;
  take_sum (p, product, i, f);
  for (guint j = i; j < i + t->n_items; j++)
    p->ins[j].taken = 1;
  return TRUE;
}
