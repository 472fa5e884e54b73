/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of single f64 numbers: the values side by side, four or five words an item, one loop.
 *
 * Where the machine has fma, sums, differences, products, negatives and fmas are all the one instruction d = a·b + c, with 1, -1 and
 * -0 as values of their own: a + b is a·1 + b, a - b is b·(-1) + a, a·b is a·b + (-0), -a is a·(-1) + (-0). Each rounds once, as
 * the operation does, and gives its zeros their signs: the same bits (what a NaN carries is nobody's promise). So nothing is chosen
 * between them, and up to CHAIN_SCALAR_RUN follow each other behind one jump.
 *
 * What such a plan waits for is the way of a number through memory to the next instruction. Where that takes the result of the one before, as
 * a factor or as the summand, it takes it from a register: each of a run has one of three kinds, and each row of kinds its own code. */
#pragma once

#include "engine/run/cpu/cpu-private.h"

G_BEGIN_DECLS

#define CHAIN_SCALAR_OPS(X) \
  X (add, A + B) X (sub, A - B) X (mul, A * B) X (div, A / B) X (neg, -A) X (sqrt, __builtin_sqrt (A)) X (fma, FMA_T (A, B, C))

#define CHAIN_SCALAR_RUN 3

/* Where d = a·b + c finds what the instruction before it made. */
enum { CHAIN_SCALAR_NOT, CHAIN_SCALAR_AS_A, CHAIN_SCALAR_AS_C, CHAIN_SCALAR_KINDS };

/* X (kind of the first, …) for every row of one, two or three kinds, counted up from the last. */
#define CHAIN_SCALAR_ROWS_1(X) X (0) X (1) X (2)
#define CHAIN_SCALAR_ROWS_2(X) X (0, 0) X (0, 1) X (0, 2) X (1, 0) X (1, 1) X (1, 2) X (2, 0) X (2, 1) X (2, 2)
#define CHAIN_SCALAR_ROWS_OF(X, i) X (i, 0, 0) X (i, 0, 1) X (i, 0, 2) X (i, 1, 0) X (i, 1, 1) X (i, 1, 2) X (i, 2, 0) X (i, 2, 1) X (i, 2, 2)
#define CHAIN_SCALAR_ROWS_3(X) CHAIN_SCALAR_ROWS_OF (X, 0) CHAIN_SCALAR_ROWS_OF (X, 1) CHAIN_SCALAR_ROWS_OF (X, 2)

/* The first word of an instruction: of what kinds are the d = a·b + c that follow, four words each; or what else to do with the next four. */
typedef enum
{
  CHAIN_SCALAR_one = 0,
  CHAIN_SCALAR_two = CHAIN_SCALAR_one + CHAIN_SCALAR_KINDS,
  CHAIN_SCALAR_three = CHAIN_SCALAR_two + CHAIN_SCALAR_KINDS * CHAIN_SCALAR_KINDS,
  CHAIN_SCALAR_last = CHAIN_SCALAR_three + CHAIN_SCALAR_KINDS * CHAIN_SCALAR_KINDS * CHAIN_SCALAR_KINDS - 1,
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
