/* SPDX-License-Identifier: Apache-2.0 */
/* A plan made ready for one set of addresses: what a run of all its items will do, step by step.
 *
 * Items that belong together become one step: a product with the row that is added to it, neighbours that are one number each, runs of
 * element-wise items of one shape as tile programs (fuse.c), which pass values on in registers. That is a lowering: each number is made
 * by the same operations as without it, and a run of some of the items does without it where a group does not lie inside. */
#include "engine/run/cpu/follow.h"
#include "engine/run/cpu/rows.h"
#include "engine/run/cpu/scalar.h"
#include "engine/run/cpu/small.h"

#include "engine/base/tensor.h"

#include <string.h>

/* Is item i a small product that only the next item reads, which adds a row to it? Then the row, else NULL. */
static const void *
bias_of (const ChainPrepared *p, const guint32 *readers, guint i)
{
  const ChainPlanItem *product = &p->plan->items[i], *sum = product + 1;
  const ChainPlanSlot *out = &p->plan->slots[product->out];
  guint row = i + 1 < p->plan->n_items && sum->in[0] == product->out;

  if (product->op != CHAIN_OP_MATMUL || i + 1 == p->plan->n_items || sum->op != CHAIN_OP_ADD || sum->flags != 0 || sum->in[0] == sum->in[1]
      || sum->in[1 - row] != product->out || sum->read[1 - row] != CHAIN_READ_FULL || out->kind != CHAIN_SLOT_TEMP || out->keep
      || readers[product->out] != i + 2 || p->plan->slots[sum->in[row]].kind == CHAIN_SLOT_HOST || p->slots[sum->out] != p->slots[product->out])
    return NULL;
  if (sum->read[row] != CHAIN_READ_ROW && !(sum->read[row] == CHAIN_READ_ONE && product->detail->cols == 1))
    return NULL;
  return _chain_cpu_is_own_product (&p->ins[i]) ? p->slots[sum->in[row]] : NULL;
}

/* --- what a step does --- */
static void
run_whole_program (ChainCpu *cpu, ChainIns *ins)
{
  _chain_cpu_program_run (cpu, ins->program);
}

static void
run_small_f32 (ChainCpu *cpu, ChainIns *ins)
{
  cpu->small->product[CHAIN_F32](ins->lowered);
}

static void
run_small_f64 (ChainCpu *cpu, ChainIns *ins)
{
  cpu->small->product[CHAIN_F64](ins->lowered);
}

static void
run_scalars_f32 (ChainCpu *cpu, ChainIns *ins)
{
  cpu->small->scalars[CHAIN_F32](ins->lowered, (int) ins->covers);
}

static void
run_scalars_f64 (ChainCpu *cpu, ChainIns *ins)
{
  cpu->small->scalars[CHAIN_F64](ins->lowered, (int) ins->covers);
}

/* --- products --- */
static guint
lower_product (ChainPrepared *p, const guint32 *readers, guint i)
{
  ChainIns *ins = &p->ins[i];
  gpointer y;
  ChainGemm g;
  ChainSmall *small;

  if (ins->op != CHAIN_OP_MATMUL)
    return 0;
  ins->bias = bias_of (p, readers, i);
  ins->covers = ins->bias != NULL ? 2 : 1;
  if (ins->bias != NULL)
    ins->whole = _chain_cpu_run_dense;
  if (ins->n_host > 0)
    return ins->covers;
  y = ins[ins->covers - 1].y;
  g = (ChainGemm){ ins->in[0], ins->in[1], y, ins->rows, ins->cols, ins->arg[0] ? ins->in_rows[0] : ins->in_cols[0], ins->arg[0],
                   ins->arg[1], .bias = ins->bias };
  if (p->scratch == NULL)
    p->scratch = chain_aligned_new (2 * CHAIN_SMALL_BYTES);
  small = g_new (ChainSmall, 1);
  if (p->scratch != NULL && _chain_small_make (small, &g, ins->dtype, p->scratch))
    {
      _chain_small_kernels ()->choose[ins->dtype](small);
      ins->lowered = small;
      ins->whole = ins->dtype == CHAIN_F64 ? run_small_f64 : run_small_f32;
    }
  g_ptr_array_add (p->lowered, small);
  return ins->covers;
}

/* --- single numbers --- */
static gboolean
is_scalar (const ChainIns *ins)
{
  gboolean sum = ins->op == CHAIN_OP_SUM;

  if (ins->rows != 1 || ins->cols != 1 || ins->run == ins->whole)
    return FALSE;
  if (sum)
    return ins->n_host == 0 && ins->in_rows[0] * ins->in_cols[0] <= CHAIN_SUM_BLOCK;
  return ins->op == CHAIN_OP_ADD || ins->op == CHAIN_OP_SUB || ins->op == CHAIN_OP_MUL || ins->op == CHAIN_OP_DIV;
}

static ChainScalarIns
scalar_of (const ChainIns *ins)
{
  ChainScalarIns s = { .y = ins->y, .n = (uint32_t) (ins->in_rows[0] * ins->in_cols[0]), .n_in = ins->n_in };

  s.op = ins->op == CHAIN_OP_SUM ? (ins->flags & CHAIN_ITEM_SUM_MUL ? CHAIN_SCALAR_SUM_MUL : CHAIN_SCALAR_SUM)
         : ins->flags & CHAIN_ITEM_FMA ? CHAIN_SCALAR_FMA : ins->op == CHAIN_OP_ADD ? CHAIN_SCALAR_ADD
         : ins->op == CHAIN_OP_SUB ? CHAIN_SCALAR_SUB : ins->op == CHAIN_OP_MUL ? CHAIN_SCALAR_MUL : CHAIN_SCALAR_DIV;
  memcpy (s.in, ins->in, sizeof s.in);
  memcpy (s.host, ins->host, sizeof s.host);
  if (s.op == CHAIN_SCALAR_SUM_MUL && s.in[0] == s.in[1])
    s.op = CHAIN_SCALAR_SQUARES;
  return s;
}

/* Is s[1] the sum of s[-1] and s[0]? */
static gboolean
adds_up (const ChainScalarIns *s)
{
  return s->op == CHAIN_SCALAR_SQUARES && s[1].op == CHAIN_SCALAR_ADD && s[1].in[0] == s[-1].y && s[1].in[1] == s->y && s->y != s[-1].y
         && s[1].host[0] == NULL && s[1].host[1] == NULL;
}

/* A sum to one number and the arithmetic of single numbers behind it. */
static guint
lower_scalars (ChainPrepared *p, guint i)
{
  ChainScalarIns *s;
  guint n = 0;

  while (i + n < p->plan->n_items && is_scalar (&p->ins[i + n]))
    n++;
  if (n == 0 || p->ins[i].op != CHAIN_OP_SUM)
    return 0;
  s = g_new0 (ChainScalarIns, n);
  for (guint k = 0; k < n; k++)
    s[k] = scalar_of (&p->ins[i + k]);
  for (guint k = 1; k + 1 < n; k++)
    if (adds_up (&s[k]))
      s[k].op = CHAIN_SCALAR_SQUARES_ADD;
  g_ptr_array_add (p->lowered, s);
  p->ins[i].lowered = s;
  p->ins[i].covers = n;
  p->ins[i].whole = p->ins[i].dtype == CHAIN_F64 ? run_scalars_f64 : run_scalars_f32;
  return n;
}

/* --- programs --- */
/* Fuses what can be fused from item i on; a program equal to the one before becomes a part of it. */
static guint
lower_program (const ChainCpu *cpu, ChainPrepared *p, const guint32 *readers, guint i, ChainCpuProgram **last)
{
  ChainTile *t = _chain_fuse (p->plan, readers, i);
  ChainCpuProgram *one = t != NULL ? _chain_cpu_program_new (cpu, p->plan, p->slots, t) : NULL;
  ChainIns *ins;
  guint n;

  if (one == NULL)
    return 0;
  n = _chain_cpu_program_items (one);
  if (_chain_cpu_follow_take (p, i, one))
    {
      p->programs[p->n_programs++] = one;
      *last = NULL;
      return n;
    }
  if (*last != NULL && _chain_cpu_program_join (*last, one))
    {
      _chain_cpu_program_free (one);
      for (ins = &p->ins[i]; ins->program != *last; ins--)
        continue;
      ins->covers = _chain_cpu_program_items (*last);
      return n;
    }
  p->programs[p->n_programs++] = *last = one;
  ins = &p->ins[t->first];
  ins->program = one;
  ins->covers = n;
  ins->whole = run_whole_program;
  return n;
}

static void
lower (const ChainCpu *cpu, ChainPrepared *p)
{
  g_autofree guint32 *readers = _chain_fuse_readers (p->plan);
  ChainCpuProgram *last = NULL;

  p->programs = g_new0 (ChainCpuProgram *, p->plan->n_items + 1);
  p->lowered = g_ptr_array_new_with_free_func (g_free);
  for (guint i = p->plan->n_host; i < p->plan->n_items;)
    {
      guint n = lower_product (p, readers, i);
      if (n == 0)
        n = lower_scalars (p, i);
      if (n > 0)
        last = NULL;
      else
        {
          n = lower_program (cpu, p, readers, i, &last);
          if (n == 0)
            last = NULL;
        }
      i += MAX (n, 1);
    }
}

/* What a run of all items does: constants of the host are computed now, once. */
static void
list_steps (ChainCpu *cpu, ChainPrepared *p)
{
  p->steps = g_new0 (ChainCpuStep, p->plan->n_items + 1);
  for (guint i = 0; i < p->plan->n_items; i += p->ins[i].covers)
    {
      ChainIns *ins = &p->ins[i];
      if ((ins->flags & CHAIN_ITEM_HOST) && ins->op == CHAIN_OP_CONST)
        ins->run (cpu, ins);
      else if (!ins->taken)
        p->steps[p->n_steps++] = (ChainCpuStep){ ins->whole, ins };
    }
}

static void
list_copies (ChainPrepared *p)
{
  p->copies = g_new0 (ChainCpuCopy, p->plan->n_commits + 1);
  for (guint i = 0; i < p->plan->n_commits; i++)
    {
      const ChainPlanCommit *c = &p->plan->commits[i];
      const ChainPlanSlot *leaf = &p->plan->slots[c->leaf_slot];
      ChainCpuCopy copy = { p->slots[c->leaf_slot], p->slots[c->next_slot], (size_t) (leaf->rows * leaf->cols) * (leaf->dtype == CHAIN_F64 ? 8 : 4) };
      if (copy.to != copy.from)
        p->copies[p->n_copies++] = copy;
      p->swaps = p->swaps || (p->plan->slots[c->next_slot].leaf != CHAIN_NONE && c->leaf_slot != c->next_slot);
    }
}

static void
decode_items (ChainCpu *cpu, ChainPrepared *p, guint n)
{
  p->ins = g_new0 (ChainIns, n + 1);
  for (guint i = 0; i < n; i++)
    {
      if (!_chain_cpu_decode (cpu, p->plan, &p->plan->items[i], p->slots, &p->ins[i]))
        g_assert_not_reached ();
      p->ins[i].covers = 1;
    }
}

static void
run_scalar_plan (ChainCpu *cpu, ChainIns *ins)
{
  cpu->kernels->scalar (ins->lowered);
}

/* Of a plan of single numbers the host's items and then, as one, all others; that step is the entry behind the decoded items. */
static void
decode_scalar_plan (ChainCpu *cpu, ChainPrepared *p, guint n)
{
  decode_items (cpu, p, n);
  p->ins[n].lowered = p->scalar;
  p->steps = g_new0 (ChainCpuStep, p->plan->n_host + 1);
  p->n_steps = 0;
  for (guint i = 0; i < p->plan->n_host; i++)
    if (p->ins[i].op == CHAIN_OP_CONST)
      p->ins[i].run (cpu, &p->ins[i]);
    else
      p->steps[p->n_steps++] = (ChainCpuStep){ p->ins[i].run, &p->ins[i] };
  p->steps[p->n_steps++] = (ChainCpuStep){ run_scalar_plan, &p->ins[n] };
  for (guint i = 0; i < n; i++)
    p->ins[i].whole = p->ins[i].run;
  p->complete = n == p->plan->n_items;
}

void
_chain_cpu_complete (ChainCpu *cpu, ChainPrepared *p)
{
  g_free (p->ins);
  g_free (p->steps);
  decode_scalar_plan (cpu, p, p->plan->n_items);
}

static void
decode_plan (ChainCpu *cpu, ChainPrepared *p)
{
  decode_items (cpu, p, p->plan->n_items);
  lower (cpu, p);
  for (guint i = 0; i < p->plan->n_items; i++)
    if (p->ins[i].whole == NULL)
      p->ins[i].whole = p->ins[i].run;
  list_steps (cpu, p);
  p->complete = TRUE;
}

int
_chain_cpu_prepare (ChainDevice *d, const ChainPlan *plan, void *const *slots, ChainPrepared **out)
{
  ChainCpu *cpu = (ChainCpu *) d;
  ChainPrepared *p = g_new0 (ChainPrepared, 1);

  p->plan = plan;
  p->slots = g_memdup2 (slots, plan->n_slots * sizeof *slots);
  p->scalar = _chain_cpu_scalar_new (cpu->kernels, plan, slots);
  if (p->scalar != NULL)
    decode_scalar_plan (cpu, p, plan->n_host);
  else
    decode_plan (cpu, p);
  list_copies (p);
  *out = p;
  return 0;
}

void
_chain_cpu_discard (ChainDevice *d, ChainPrepared *p)
{
  for (guint i = 0; i < p->n_programs; i++)
    _chain_cpu_program_free (p->programs[i]);
  for (guint i = 0; i < p->n_rows; i++)
    _chain_cpu_rows_free (p->rows[i]);
  g_clear_pointer (&p->lowered, g_ptr_array_unref);
  _chain_cpu_scalar_free (p->scalar);
  chain_aligned_free (p->scratch);
  g_free (p->programs);
  g_free (p->pooled);
  g_free (p->rows);
  g_free (p->copies);
  g_free (p->steps);
  g_free (p->slots);
  g_free (p->ins);
  g_free (p);
}
