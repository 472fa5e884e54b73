/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU back end: a device of plain memory that walks decoded items.
 *
 * A plan is decoded once, when its addresses are known: each item becomes a function pointer with its operands (1 to 2 ns of
 * overhead an item). Runs of element-wise items of one shape become tile programs (fuse.c), which pass values on in registers. That is
 * a lowering: each number is made by the same operations as without it. */
#include "engine/run/cpu/program.h"

#include "engine/base/tensor.h"
#include "engine/run/backend-registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
_chain_cpu_fail (ChainCpu *cpu, const char *text)
{
  cpu->error = text;
}

void *
_chain_cpu_scratch (ChainCpu *cpu, size_t bytes)
{
  if (bytes > cpu->scratch_bytes)
    {
      chain_aligned_free (cpu->scratch);
      cpu->scratch = chain_aligned_new (bytes);
      cpu->scratch_bytes = cpu->scratch != NULL ? bytes : 0;
    }
  return cpu->scratch;
}

/* --- decoding --- */
static gboolean
is_elementwise (int op)
{
  return (chain_op_row ((ChainOp) op)->flags & CHAIN_OP_ELEMENTWISE) != 0;
}

static void
run_host (ChainCpu *cpu, ChainIns *ins)
{
  _chain_cpu_host_item (ins->item, ins->y, ins->host, cpu->seed);
}

static const void *
spread_operand (const ChainIns *ins, int k, void *to, size_t first, size_t n)
{
  if (ins->read[k] == CHAIN_READ_ROW)
    _chain_cpu_spread_row (to, ins->in[k], (size_t) ins->cols, first, n, ins->dtype == CHAIN_F64 ? 8 : 4);
  else if (ins->read[k] == CHAIN_READ_COL)
    _chain_cpu_spread_column (to, ins->in[k], (size_t) ins->cols, first, n, ins->dtype == CHAIN_F64);
  else
    _chain_cpu_spread_column (to, ins->in[k], ins->n, 0, n, ins->dtype == CHAIN_F64);
  return to;
}

typedef struct { double numbers[3][CHAIN_EW_BLOCK]; } __attribute__ ((aligned (64))) Spread;

/* Numbers [first, first + n) of the item, n <= CHAIN_EW_BLOCK where something is spread. */
static void
run_stripe (const ChainIns *ins, size_t first, size_t n)
{
  size_t size = ins->dtype == CHAIN_F64 ? 8 : 4;
  const void *in[3] = { 0 };
  Spread spread;

  for (int k = 0; k < ins->n_in; k++)
    if (ins->spread & (1 << k))
      in[k] = spread_operand (ins, k, spread.numbers[k], first, n);
    else if (ins->read[k] == CHAIN_READ_ONE)
      in[k] = ins->in[k];
    else
      in[k] = (const char *) ins->in[k] + first * size;
  ins->kernel ((char *) ins->y + first * size, in[0], in[1], in[2], n, ins->par);
}

static void
run_stripes (void *data, int part)
{
  const ChainIns *ins = data;
  size_t first = (size_t) part * CHAIN_CPU_PART, end = MIN (ins->n, first + CHAIN_CPU_PART);

  if (ins->spread == 0)
    run_stripe (ins, first, end - first);
  else
    for (; first < end; first += CHAIN_EW_BLOCK)
      run_stripe (ins, first, MIN (end - first, CHAIN_EW_BLOCK));
}

static void
run_elementwise (ChainCpu *cpu, ChainIns *ins)
{
  _chain_cpu_round_operands (ins);
  if (ins->spread == 0 && ins->n <= CHAIN_CPU_PART)
    ins->kernel (ins->y, ins->in[0], ins->in[1], ins->in[2], ins->n, ins->par);
  else
    _chain_cpu_each (cpu, run_stripes, ins, (int) ((ins->n + CHAIN_CPU_PART - 1) / CHAIN_CPU_PART));
}

/* Operand k in f64; what is read as a row, column or number has the shape of the result. */
static double *
widen_operand (const ChainIns *ins, int k, double *to, ChainRefValue *out)
{
  gboolean whole = ins->read[k] == CHAIN_READ_FULL;
  int64_t rows = whole ? ins->in_rows[k] : ins->rows, cols = whole ? ins->in_cols[k] : ins->cols;

  *out = (ChainRefValue){ to, rows, cols };
  for (int64_t i = 0; i < rows * cols; i++)
    {
      int64_t at = whole ? i : ins->read[k] == CHAIN_READ_ROW ? i % cols : ins->read[k] == CHAIN_READ_COL ? i / cols : 0;
      *to++ = ins->dtype == CHAIN_F64 ? ((const double *) ins->in[k])[at] : (double) ((const float *) ins->in[k])[at];
    }
  return to;
}

/* Functions of one number that libm does not have, or that are too rare for a loop of their own: their definition, rounded. */
static void
run_by_definition (ChainCpu *cpu, ChainIns *ins)
{
  const ChainPlanItem *it = ins->item;
  ChainArg arg = { it->value, it->value2, { it->arg[0], it->arg[1], it->arg[2] } };
  size_t total = ins->n;
  ChainRefValue in[3];
  double *work, *at;

  _chain_cpu_round_operands (ins);
  for (int k = 0; k < ins->n_in; k++)
    total += MAX (ins->n, (size_t) (it->in_rows[k] * it->in_cols[k]));
  work = _chain_cpu_scratch (cpu, (total + 8) * sizeof *work);
  if (work == NULL)
    {
      _chain_cpu_fail (cpu, "There is no memory left for one operation; use fewer rows");
      return;
    }
  at = work + ins->n;
  for (int k = 0; k < ins->n_in; k++)
    at = widen_operand (ins, k, at, &in[k]);
  chain_op_row ((ChainOp) it->op)->ref (in, &arg, cpu->seed, work, it->rows, it->cols);
  for (size_t i = 0; i < ins->n; i++)
    if (ins->dtype == CHAIN_F64)
      ((double *) ins->y)[i] = work[i];
    else
      ((float *) ins->y)[i] = (float) work[i];
}

/* The kernel for the operands that are one number; what has no kernel of its own is spread. */
static void
choose_kernel (const ChainCpuKernels *kernels, ChainIns *ins)
{
  gboolean fma = (ins->flags & CHAIN_ITEM_FMA) != 0;
  const ChainEw *row = fma ? kernels->fma[ins->dtype] : kernels->ew[ins->dtype][ins->op];

  ins->kernel = row[CHAIN_EW_STREAMS];
  for (int k = 0; k < ins->n_in; k++)
    if (ins->read[k] == CHAIN_READ_ONE && ins->n_in > 1 && ins->kernel == row[CHAIN_EW_STREAMS])
      ins->kernel = row[CHAIN_EW_A_ONE + k];
    else if (ins->read[k] != CHAIN_READ_FULL)
      ins->spread |= (uint8_t) (1 << k);
}

static gboolean
decode (ChainCpu *cpu, const ChainPlan *plan, const ChainPlanItem *it, void *const *slots, ChainIns *ins)
{
  *ins = (ChainIns){ .item = it, .y = slots[it->out], .par = { it->value, it->value2 }, .n = (size_t) (it->rows * it->cols),
                     .rows = it->rows, .cols = it->cols, .n_in = it->n_in, .dtype = it->dtype, .op = (uint8_t) it->op, .flags = it->flags };
  memcpy (ins->in_rows, it->in_rows, sizeof ins->in_rows);
  memcpy (ins->in_cols, it->in_cols, sizeof ins->in_cols);
  memcpy (ins->arg, it->arg, sizeof ins->arg);
  memcpy (ins->read, it->read, sizeof ins->read);
  for (int k = 0; k < it->n_in; k++)
    {
      ins->in[k] = slots[it->in[k]];
      if (plan->slots[it->in[k]].kind != CHAIN_SLOT_HOST)
        continue;
      ins->host[k] = slots[it->in[k]];
      if (!(it->flags & CHAIN_ITEM_HOST))
        ins->in[k] = &ins->one[k];
      ins->n_host++;
    }
  if (it->flags & CHAIN_ITEM_HOST)
    {
      ins->run = run_host;
      return TRUE;
    }
  if (it->op == CHAIN_OP_LGAMMA || it->op == CHAIN_OP_POLYGAMMA || it->op == CHAIN_OP_SOLVE || it->op == CHAIN_OP_CHOLESKY)
    {
      ins->run = run_by_definition;
      return TRUE;
    }
  if (is_elementwise (it->op))
    {
      if (it->op == CHAIN_OP_ROUND)
        ins->par[0] = it->arg[0];
      ins->run = run_elementwise;
      choose_kernel (cpu->kernels, ins);
      return TRUE;
    }
  return _chain_cpu_decode_shape (ins) || _chain_cpu_decode_rows (ins);
}

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
  if (sum->read[row] != CHAIN_READ_ROW && !(sum->read[row] == CHAIN_READ_ONE && product->cols == 1))
    return NULL;
  return _chain_cpu_is_own_product (&p->ins[i]) ? p->slots[sum->in[row]] : NULL;
}

static guint
n_covered (const ChainIns *ins)
{
  return ins->program != NULL ? _chain_cpu_program_items (ins->program) : ins->bias != NULL ? 2 : 1;
}

/* Fuses what can be fused; equal programs in a row become one. */
static void
find_programs (const ChainCpu *cpu, ChainPrepared *p)
{
  g_autofree guint32 *readers = _chain_fuse_readers (p->plan);
  ChainCpuProgram *last = NULL;

  p->programs = g_new0 (ChainCpuProgram *, p->plan->n_items + 1);
  for (guint i = p->plan->n_host; i < p->plan->n_items;)
    {
      const void *bias = p->ins[i].bias = bias_of (p, readers, i);
      ChainTile *t = bias == NULL ? _chain_fuse (p->plan, readers, i) : NULL;
      ChainCpuProgram *one = t != NULL ? _chain_cpu_program_new (cpu, p->plan, p->slots, t) : NULL;
      if (one == NULL)
        {
          last = NULL;
          i += bias != NULL ? 2 : 1;
          continue;
        }
      i += _chain_cpu_program_items (one);
      if (last != NULL && _chain_cpu_program_join (last, one))
        {
          _chain_cpu_program_free (one);
          continue;
        }
      p->programs[p->n_programs++] = last = one;
      p->ins[t->first].program = one;
    }
}

/* What a run of all items does: constants of the host are computed now, once. */
static void
list_steps (ChainCpu *cpu, ChainPrepared *p)
{
  p->steps = g_new0 (ChainIns *, p->plan->n_items + 1);
  for (guint i = 0; i < p->plan->n_items;)
    {
      ChainIns *ins = &p->ins[i];
      if (ins->run == run_host && ins->op == CHAIN_OP_CONST)
        run_host (cpu, ins);
      else
        p->steps[p->n_steps++] = ins;
      i += n_covered (ins);
    }
}

static int
cpu_prepare (ChainDevice *d, const ChainPlan *plan, void *const *slots, ChainPrepared **out)
{
  ChainCpu *cpu = (ChainCpu *) d;
  ChainPrepared *p = g_new0 (ChainPrepared, 1);

  p->plan = plan;
  p->slots = g_memdup2 (slots, plan->n_slots * sizeof *slots);
  p->ins = g_new0 (ChainIns, plan->n_items + 1);
  for (guint i = 0; i < plan->n_items; i++)
    if (!decode (cpu, plan, &plan->items[i], slots, &p->ins[i]))
      g_assert_not_reached ();
  find_programs (cpu, p);
  list_steps (cpu, p);
  *out = p;
  return 0;
}

static void
cpu_discard (ChainDevice *d, ChainPrepared *p)
{
  for (guint i = 0; i < p->n_programs; i++)
    _chain_cpu_program_free (p->programs[i]);
  g_free (p->programs);
  g_free (p->steps);
  g_free (p->slots);
  g_free (p->ins);
  g_free (p);
}

/* --- running --- */
static void
commit_one (const ChainPrepared *p, const ChainPlanCommit *c, const void *from)
{
  const ChainPlanSlot *leaf = &p->plan->slots[c->leaf_slot];

  if (p->slots[c->leaf_slot] != from)
    memcpy (p->slots[c->leaf_slot], from, (size_t) (leaf->rows * leaf->cols) * (leaf->dtype == CHAIN_F64 ? 8 : 4));
}

static gboolean
is_copied_from_leaf (const ChainPrepared *p, const ChainPlanCommit *c)
{
  return p->plan->slots[c->next_slot].leaf != CHAIN_NONE && c->leaf_slot != c->next_slot;
}

/* Next values that are themselves leaves are read before any leaf is written. */
static void
run_commits (ChainCpu *cpu, const ChainPrepared *p)
{
  size_t bytes = 0;
  char *copy = NULL, *at;

  for (guint i = 0; i < p->plan->n_commits; i++)
    if (is_copied_from_leaf (p, &p->plan->commits[i]))
      bytes += p->plan->slots[p->plan->commits[i].next_slot].bytes;
  if (bytes > 0 && (copy = _chain_cpu_scratch (cpu, bytes)) == NULL)
    {
      _chain_cpu_fail (cpu, "There is no memory left to commit the step; use a smaller network");
      return;
    }
  at = copy;
  for (guint i = 0; i < p->plan->n_commits; i++)
    if (is_copied_from_leaf (p, &p->plan->commits[i]))
      {
        const ChainPlanSlot *next = &p->plan->slots[p->plan->commits[i].next_slot];
        memcpy (at, p->slots[p->plan->commits[i].next_slot], (size_t) (next->rows * next->cols) * (next->dtype == CHAIN_F64 ? 8 : 4));
        at += next->bytes;
      }
  at = copy;
  for (guint i = 0; i < p->plan->n_commits; i++)
    if (is_copied_from_leaf (p, &p->plan->commits[i]))
      {
        commit_one (p, &p->plan->commits[i], at);
        at += p->plan->slots[p->plan->commits[i].next_slot].bytes;
      }
    else
      commit_one (p, &p->plan->commits[i], p->slots[p->plan->commits[i].next_slot]);
}

static void
run_one (ChainCpu *cpu, ChainIns *ins)
{
  if (ins->program != NULL)
    _chain_cpu_program_run (cpu, ins->program);
  else if (ins->bias != NULL)
    _chain_cpu_run_dense (cpu, ins);
  else
    ins->run (cpu, ins);
}

/* Some of the items: programs that lie inside are run as such. */
static void
run_range (ChainCpu *cpu, ChainPrepared *p, uint32_t first, uint32_t last)
{
  for (uint32_t i = first; i < last;)
    {
      ChainIns *ins = &p->ins[i];
      guint n = n_covered (ins);
      if (i + n <= last)
        run_one (cpu, ins);
      else
        ins->run (cpu, ins);
      i += i + n <= last ? n : 1;
    }
}

static int
cpu_run (ChainDevice *d, ChainPrepared *p, uint32_t first, uint32_t last, uint32_t k_steps, int commit, uint64_t seed)
{
  ChainCpu *cpu = (ChainCpu *) d;

  cpu->seed = seed;
  cpu->error = NULL;
  for (uint32_t k = 0; k < k_steps; k++)
    {
      if (first > 0 || last < p->plan->n_items)
        run_range (cpu, p, first, last);
      else
        for (guint i = 0; i < p->n_steps; i++)
          run_one (cpu, p->steps[i]);
      if (commit && last == p->plan->n_items && p->plan->n_commits > 0)
        run_commits (cpu, p);
    }
  return cpu->error != NULL;
}

/* --- the rest of the table --- */
static int
cpu_count (void)
{
  return 1;
}

static int
cpu_open (int i, ChainDevice **out)
{
  ChainCpu *cpu;

  if (i != 0)
    return 1;
  cpu = g_new0 (ChainCpu, 1);
  cpu->kernels = _chain_cpu_kernels ();
  cpu->n_threads = 1;
  *out = (ChainDevice *) cpu;
  return 0;
}

static void
cpu_close (ChainDevice *d)
{
  ChainCpu *cpu = (ChainCpu *) d;

  _chain_cpu_pool_free (cpu);
  chain_aligned_free (cpu->scratch);
  g_free (cpu);
}

static int
cpu_supports (ChainDevice *d, int op, int dtype)
{
  return op > CHAIN_OP_NONE && op < CHAIN_N_OPS && (dtype == CHAIN_F32 || dtype == CHAIN_F64);
}

static int
cpu_alloc (ChainDevice *d, size_t bytes, void **out)
{
  *out = chain_aligned_new (bytes);
  if (*out == NULL)
    _chain_cpu_fail ((ChainCpu *) d, "There is no memory left for the values of the network; use fewer rows or a smaller network");
  return *out == NULL;
}

static void
cpu_release (ChainDevice *d, void *p)
{
  chain_aligned_free (p);
}

static int
cpu_copy (ChainDevice *d, void *to, const void *from, size_t bytes)
{
  memcpy (to, from, bytes);
  return 0;
}

static int
cpu_idle (ChainDevice *d)
{
  return 0;
}

static int
cpu_set_threads (ChainDevice *d, int n)
{
  _chain_cpu_pool_resize ((ChainCpu *) d, CLAMP (n, 1, CHAIN_CPU_MAX_THREADS));
  return 0;
}

static const char *
cpu_last_error (ChainDevice *d)
{
  return ((ChainCpu *) d)->error != NULL ? ((ChainCpu *) d)->error : "No error";
}

static const char *
cpu_describe (ChainDevice *d)
{
  ChainCpu *cpu = (ChainCpu *) d;

  snprintf (cpu->text, sizeof cpu->text, "CPU, %s, OpenBLAS %s, %d thread%s", cpu->kernels->isa, chain_blas_core (), cpu->n_threads,
            cpu->n_threads == 1 ? "" : "s");
  return cpu->text;
}

const ChainBackend *
chain_backend_cpu (void)
{
  static const ChainBackend table = {
    .abi = CHAIN_BACKEND_ABI, .name = "CPU", .device_count = cpu_count, .open = cpu_open, .close = cpu_close, .supports = cpu_supports,
    .alloc = cpu_alloc, .release = cpu_release, .write = cpu_copy, .read = cpu_copy, .sync = cpu_idle, .set_threads = cpu_set_threads,
    .prepare = cpu_prepare, .discard = cpu_discard, .run = cpu_run, .poll = cpu_idle, .last_error = cpu_last_error,
    .describe = cpu_describe,
  };

  return &table;
}
