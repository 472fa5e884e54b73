/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of single f64 numbers: the values side by side, four or five words an item, one loop.
 *
 * Where the machine has fma, sums, differences, products, negatives and fmas are all the one instruction d = a·b + c, with 1, -1 and
 * -0 as values of their own: a + b is a·1 + b, a - b is b·(-1) + a, a·b is a·b + (-0), -a is a·(-1) + (-0). Each rounds once, as
 * the operation does, and gives its zeros their signs: the same bits (what a NaN carries is nobody's promise). So nothing is chosen
 * between them: up to CHAIN_SCALAR_RUN follow each other behind one jump. */
#pragma once

#include "engine/run/cpu/cpu-private.h"

G_BEGIN_DECLS

#define CHAIN_SCALAR_OPS(X) \
  X (add, A + B) X (sub, A - B) X (mul, A * B) X (div, A / B) X (neg, -A) X (sqrt, __builtin_sqrt (A)) X (fma, FMA_T (A, B, C))

#define CHAIN_SCALAR_RUN 16

/* The first word of an instruction: how many d = a·b + c follow, four words each; or what else to do with the next four. */
typedef enum
{
  CHAIN_SCALAR_run = CHAIN_SCALAR_RUN,
#define CHAIN_SCALAR_ROW(name, what) CHAIN_SCALAR_##name,
  CHAIN_SCALAR_OPS (CHAIN_SCALAR_ROW)
#undef CHAIN_SCALAR_ROW
  CHAIN_SCALAR_call,       /* a kernel on blocks of one number; which, in the upper three bytes */
  CHAIN_SCALAR_end
} ChainScalarOp;

typedef struct { ChainEw kernel; double par[2]; } ChainScalarCall;
typedef struct { double *at; uint32_t index; } ChainScalarPort;           /* a value that lives outside */

typedef struct _ChainScalar
{
  uint32_t        *code;        /* operands: indices of values */
  ChainScalarCall *calls;
  ChainScalarPort *in, *out;    /* read before, written after each run */
  double          *values;
  guint            n_in, n_out, n_calls;
} ChainScalar;

/* NULL unless every item of the plan but those of the host is an element-wise operation on single f64 numbers. */
ChainScalar *_chain_cpu_scalar_new  (const ChainCpuKernels *kernels, const ChainPlan *plan, void *const *slots);
void         _chain_cpu_scalar_free (ChainScalar *s);

G_END_DECLS
