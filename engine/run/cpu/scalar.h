/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of single f64 numbers: the values side by side, an instruction of five words an item, one loop. */
#pragma once

#include "engine/run/cpu/cpu-private.h"

G_BEGIN_DECLS

#define CHAIN_SCALAR_OPS(X) \
  X (add, A + B) X (sub, A - B) X (mul, A * B) X (div, A / B) X (neg, -A) X (sqrt, __builtin_sqrt (A)) X (fma, FMA_T (A, B, C))

typedef enum
{
#define CHAIN_SCALAR_ROW(name, what) CHAIN_SCALAR_##name,
  CHAIN_SCALAR_OPS (CHAIN_SCALAR_ROW)
#undef CHAIN_SCALAR_ROW
  CHAIN_SCALAR_call,       /* a kernel on blocks of one number; which, in the upper three bytes of op */
  CHAIN_SCALAR_end
} ChainScalarOp;

typedef struct { uint32_t op, d, a, b, c; } ChainScalarCode;              /* operands: indices of values */
typedef struct { ChainEw kernel; double par[2]; } ChainScalarCall;
typedef struct { double *at; uint32_t index; } ChainScalarPort;           /* a value that lives outside */

typedef struct _ChainScalar
{
  ChainScalarCode *code;
  ChainScalarCall *calls;
  ChainScalarPort *in, *out;    /* read before, written after each run */
  double          *values;
  guint            n_in, n_out, n_calls;
} ChainScalar;

/* NULL unless every item of the plan but those of the host is an element-wise operation on single f64 numbers. */
ChainScalar *_chain_cpu_scalar_new  (const ChainCpuKernels *kernels, const ChainPlan *plan, void *const *slots);
void         _chain_cpu_scalar_free (ChainScalar *s);

G_END_DECLS
