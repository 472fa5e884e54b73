/* SPDX-License-Identifier: Apache-2.0 */
/* Items that move numbers or work along rows: one function for each op and precision, from one template. */
#include "engine/run/cpu/device.h"

#include "engine/base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define T float
#define S(name) name##_f32
#define UNIFORM chain_stream_uniformf
#define NORMAL chain_stream_normalf
#include "engine/run/cpu/shape-typed.h"
#undef T
#undef S
#undef UNIFORM
#undef NORMAL
#define T double
#define S(name) name##_f64
#define UNIFORM chain_stream_uniform
#define NORMAL chain_stream_normal
#include "engine/run/cpu/shape-typed.h"

/* --- what the kernels of the instruction set do --- */
typedef struct { ChainCpu *cpu; ChainIns *ins; } Work;

static void
sum_some_columns (void *data, int part)
{
  const Work *w = data;
  const ChainIns *ins = w->ins;
  int64_t first = (int64_t) part * 256, last = MIN (ins->cols, first + 256);

  w->cpu->kernels->sum_cols[ins->dtype] (ins->y, ins->in[0], ins->flags & CHAIN_ITEM_SUM_MUL ? ins->in[1] : NULL, ins->in_rows[0],
                                         ins->cols, first, last);
}

static void
run_sum (ChainCpu *cpu, ChainIns *ins)
{
  const void *y = ins->flags & CHAIN_ITEM_SUM_MUL ? ins->in[1] : NULL;
  Work w = { cpu, ins };

  _chain_cpu_round_operands (ins);
  if (ins->rows == 1 && ins->cols == 1)
    {
      double total = cpu->kernels->sum[ins->dtype](ins->in[0], y, (size_t) (ins->in_rows[0] * ins->in_cols[0]));
      if (ins->dtype == CHAIN_F64)
        *(double *) ins->y = total;
      else
        *(float *) ins->y = (float) total;
    }
  else if (ins->rows == 1 && ins->cols <= 8 && y == NULL && ins->in_rows[0] <= 64)
    cpu->small->columns[ins->dtype](ins->y, ins->in[0], ins->in_rows[0], ins->cols);
  else if (ins->rows == 1 && ins->cols <= 256)
    sum_some_columns (&w, 0);
  else if (ins->rows == 1)
    _chain_cpu_each (cpu, sum_some_columns, &w, (int) ((ins->cols + 255) / 256));
  else
    cpu->kernels->sum_rows[ins->dtype](ins->y, ins->in[0], y, ins->in_rows[0], ins->in_cols[0]);
}

static void
run_softmax (ChainCpu *cpu, ChainIns *ins)
{
  _chain_cpu_round_operands (ins);
  cpu->kernels->softmax[ins->dtype](ins->y, ins->in[0], ins->in_rows[0], ins->in_cols[0]);
}

static void
run_logsumexp (ChainCpu *cpu, ChainIns *ins)
{
  _chain_cpu_round_operands (ins);
  cpu->kernels->logsumexp[ins->dtype](ins->y, ins->in[0], ins->in_rows[0], ins->in_cols[0]);
}

static void
run_rowmax (ChainCpu *cpu, ChainIns *ins)
{
  _chain_cpu_round_operands (ins);
  cpu->kernels->rowmax[ins->dtype](ins->y, ins->in[0], ins->in_rows[0], ins->in_cols[0]);
}

gboolean
_chain_cpu_decode_rows (ChainIns *ins)
{
  switch (ins->op)
    {
    case CHAIN_OP_SUM:
      ins->run = run_sum;
      return TRUE;
    case CHAIN_OP_SOFTMAX:
      ins->run = run_softmax;
      return TRUE;
    case CHAIN_OP_LOGSUMEXP:
      ins->run = run_logsumexp;
      return TRUE;
    case CHAIN_OP_ROWMAX:
      ins->run = run_rowmax;
      return TRUE;
    case CHAIN_OP_MATMUL:
      ins->run = _chain_cpu_run_matmul;
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
_chain_cpu_decode_shape (ChainIns *ins)
{
  static const ChainInsRun table[2][CHAIN_N_OPS] = {
    { [CHAIN_OP_CONST] = constant_f32, [CHAIN_OP_RANDOM] = random_f32, [CHAIN_OP_TRANSPOSE] = transpose_f32,
      [CHAIN_OP_RESHAPE] = reshape_f32, [CHAIN_OP_CONCAT] = concat_f32, [CHAIN_OP_SLICE] = slice_f32,
      [CHAIN_OP_GATHER_ROWS] = gather_f32, [CHAIN_OP_ONE_HOT] = one_hot_f32, [CHAIN_OP_BROADCAST] = broadcast_f32,
      [CHAIN_OP_ARGMAX] = argmax_f32, [CHAIN_OP_CUMSUM] = cumsum_f32, [CHAIN_OP_PERMUTE] = permute_f32,
      [CHAIN_OP_ARGSORT] = argsort_f32 },
    { [CHAIN_OP_CONST] = constant_f64, [CHAIN_OP_RANDOM] = random_f64, [CHAIN_OP_TRANSPOSE] = transpose_f64,
      [CHAIN_OP_RESHAPE] = reshape_f64, [CHAIN_OP_CONCAT] = concat_f64, [CHAIN_OP_SLICE] = slice_f64,
      [CHAIN_OP_GATHER_ROWS] = gather_f64, [CHAIN_OP_ONE_HOT] = one_hot_f64, [CHAIN_OP_BROADCAST] = broadcast_f64,
      [CHAIN_OP_ARGMAX] = argmax_f64, [CHAIN_OP_CUMSUM] = cumsum_f64, [CHAIN_OP_PERMUTE] = permute_f64,
      [CHAIN_OP_ARGSORT] = argsort_f64 },
  };

  ins->run = table[ins->dtype][ins->op];
  return ins->run != NULL;
}

/* --- host scalars --- */
void
_chain_cpu_host_item (const ChainPlanItem *it, double *out, const double *const in[3], uint64_t seed)
{
  ChainArg arg = { it->detail->value, it->detail->value2, { it->detail->arg[0], it->detail->arg[1], it->detail->arg[2] } };
  ChainRefValue v[3];

  switch (it->op)
    {
    case CHAIN_OP_CONST:
      *out = it->detail->value;
      return;
    case CHAIN_OP_ADD:
      *out = *in[0] + *in[1];
      return;
    case CHAIN_OP_SUB:
      *out = *in[0] - *in[1];
      return;
    case CHAIN_OP_MUL:
      *out = *in[0] * *in[1];
      return;
    case CHAIN_OP_DIV:
      *out = *in[0] / *in[1];
      return;
    default:
      for (int k = 0; k < it->n_in; k++)
        v[k] = (ChainRefValue){ in[k], 1, 1 };
      chain_op_row ((ChainOp) it->op)->ref (v, &arg, seed, out, 1, 1);
    }
}
