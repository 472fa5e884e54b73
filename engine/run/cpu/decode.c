/* SPDX-License-Identifier: Apache-2.0 */
/* From an item of a plan to an instruction: a function pointer with its operands, 1 to 2 ns of overhead when it runs. */
#include "engine/run/cpu/program.h"

#include <string.h>

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

/* The arithmetic of every step, without a look at the item. */
#define HOST(name, expression) \
  static void \
  name (ChainCpu *cpu, ChainIns *ins) \
  { \
    const double a = *ins->host[0], b = *ins->host[1]; \
    *(double *) ins->y = (expression); \
  }
HOST (host_add, a + b)
HOST (host_sub, a - b)
HOST (host_mul, a * b)
HOST (host_div, a / b)

static ChainInsRun
host_function (int op)
{
  return op == CHAIN_OP_ADD ? host_add : op == CHAIN_OP_SUB ? host_sub : op == CHAIN_OP_MUL ? host_mul : op == CHAIN_OP_DIV ? host_div : run_host;
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
  ChainArg arg = { it->detail->value, it->detail->value2, { it->detail->arg[0], it->detail->arg[1], it->detail->arg[2] } };
  size_t total = ins->n;
  ChainRefValue in[3];
  double *work, *at;

  _chain_cpu_round_operands (ins);
  for (int k = 0; k < ins->n_in; k++)
    total += MAX (ins->n, (size_t) (ins->in_rows[k] * ins->in_cols[k]));
  work = _chain_cpu_scratch (cpu, (total + 8) * sizeof *work);
  if (work == NULL)
    {
      _chain_cpu_fail (cpu, "There is no memory left for one operation; use fewer rows");
      return;
    }
  at = work + ins->n;
  for (int k = 0; k < ins->n_in; k++)
    at = widen_operand (ins, k, at, &in[k]);
  chain_op_row ((ChainOp) it->op)->ref (in, &arg, cpu->seed, work, it->detail->rows, it->detail->cols);
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

gboolean
_chain_cpu_decode (ChainCpu *cpu, const ChainPlan *plan, const ChainPlanItem *it, void *const *slots, ChainIns *ins)
{
  const ChainPlanDetail *d = it->detail;

  *ins = (ChainIns){ .item = it, .y = slots[it->out], .par = { d->value, d->value2 }, .n = (size_t) (d->rows * d->cols),
                     .rows = d->rows, .cols = d->cols, .n_in = it->n_in, .dtype = it->dtype, .op = (uint8_t) it->op, .flags = it->flags };
  memcpy (ins->arg, d->arg, sizeof ins->arg);
  memcpy (ins->read, it->read, sizeof ins->read);
  for (int k = 0; k < it->n_in; k++)
    {
      ins->in[k] = slots[it->in[k]];
      ins->in_rows[k] = plan->slots[it->in[k]].rows;
      ins->in_cols[k] = plan->slots[it->in[k]].cols;
      if (plan->slots[it->in[k]].kind != CHAIN_SLOT_HOST)
        continue;
      ins->host[k] = slots[it->in[k]];
      if (!(it->flags & CHAIN_ITEM_HOST))
        ins->in[k] = &ins->one[k];
      ins->n_host++;
    }
  if (it->flags & CHAIN_ITEM_HOST)
    {
      ins->run = ins->whole = host_function (it->op);
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
        ins->par[0] = d->arg[0];
      ins->run = run_elementwise;
      choose_kernel (cpu->kernels, ins);
      return TRUE;
    }
  return _chain_cpu_decode_shape (ins) || _chain_cpu_decode_rows (ins);
}
