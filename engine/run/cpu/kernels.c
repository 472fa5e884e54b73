/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of the CPU back end. This file is compiled once for each instruction set (plain C, AVX2 + FMA, AVX-512) with CHAIN_ISA
 * set, and chosen at run time: all of them give the same bits, because every number is made by the same IEEE operations in the
 * same order (cpu-private.h) and only the number of lanes differs. -O3 is needed: at -O2 gcc 12 leaves loops scalar.
 *
 * Element-wise kernels work on whole blocks of 64 bytes: slots are padded to that, so there are no tails. Kernels that call libm
 * for each number stop at n. */
#include "engine/run/cpu/cpu-private.h"

#include "engine/run/cpu/maths.h"
#include "engine/run/cpu/scalar.h"
#include "engine/run/cpu/tile.h"

#include <math.h>

#if defined(__AVX512F__)
#include <immintrin.h>
#define CHAIN_ISA_NAME "AVX-512"
#define KERNELS _chain_cpu_kernels_avx512
#define TILES { _chain_cpu_tile_f32_avx512, _chain_cpu_tile_f64_avx512 }
#define VBYTES 64
#elif defined(__AVX2__)
#include <immintrin.h>
#define CHAIN_ISA_NAME "AVX2"
#define KERNELS _chain_cpu_kernels_avx2
#define TILES { _chain_cpu_tile_f32_avx2, _chain_cpu_tile_f64_avx2 }
#define VBYTES 32
#else
#define CHAIN_ISA_NAME "plain C"
#define KERNELS _chain_cpu_kernels_plain
#define TILES { _chain_cpu_tile_f32_plain, _chain_cpu_tile_f64_plain }
#define VBYTES 16
#endif

/* --- functions that the table needs in both precisions --- */
CHAIN_ALWAYS double
f64_sigmoid (double x)
{
  double e = exp (-fabs (x));

  return (x < 0 ? e : 1) / (1 + e);
}

CHAIN_ALWAYS double
f64_softplus (double x)
{
  return (x < 0 ? 0 : x) + log1p (exp (-fabs (x)));
}

/* To the nearest number of p bits with smallest exponent e_min, ties to even. */
static double
round_bits (double x, int p, int e_min, double max)
{
  double y;
  int e;

  if (!isfinite (x) || x == 0)
    return x;
  (void) frexp (x, &e);
  e = e - p > e_min - p + 1 ? e - p : e_min - p + 1;
  y = ldexp (rint (ldexp (x, -e)), e);
  return fabs (y) > max ? copysign (INFINITY, y) : y;
}

CHAIN_ALWAYS double
f64_round (double x, double kind)
{
  return kind == 0 ? rint (x) : kind == 1 ? round_bits (x, 8, -126, 0x1.FEp127) : round_bits (x, 11, -14, 65504);
}

CHAIN_ALWAYS float
f32_round (float x, float kind)
{
  float whole = __builtin_rintf (x);

  return kind == 0 ? whole : kind == 1 ? f32_round_bf16 (x) : f32_round_f16 (x);
}

/* --- f32 --- */
#define T float
#define S(name) name##_f32
#define DT CHAIN_F32
#define LANES 16
#define FMA_T __builtin_fmaf
#define FN_EXP f32_exp
#define FN_LOG f32_log
#define VECTOR_MATHS(X) X (EXP, exp, f32_exp (x)) X (EXPM1, expm1, f32_expm1 (x)) X (LOG, log, f32_log (x)) X (LOG1P, log1p, f32_log1p (x)) \
  X (TANH, tanh, f32_tanh (x)) X (SIGMOID, sigmoid, f32_sigmoid (x)) X (SOFTPLUS, softplus, f32_softplus (x)) \
  X (ATAN, atan, f32_atan (x)) X (ASINH, asinh, f32_asinh (x)) X (ERF, erf, f32_erf (x)) X (ERFC, erfc, f32_erfc (x)) \
  X (SQRT, sqrt, __builtin_sqrtf (x)) X (ABS, abs, f32_abs (x)) X (FLOOR, floor, __builtin_floorf (x)) \
  X (ROUND, round, f32_round (x, (float) par[0]))
#define FAR_MATHS(X) X (sin, f32_sin, f32_sin_far) X (cos, f32_cos, f32_cos_far)
#define SCALAR_MATHS(X)
#define POW_KERNEL BINARY_BLOCKS (pow, f32_pow (p, q))
#include "engine/run/cpu/kernels-typed.h"
#undef T
#undef S
#undef DT
#undef LANES
#undef FMA_T
#undef FN_EXP
#undef FN_LOG
#undef VECTOR_MATHS
#undef SCALAR_MATHS
#undef FAR_MATHS
#undef POW_KERNEL

/* --- f64 --- */
#define T double
#define S(name) name##_f64
#define DT CHAIN_F64
#define LANES 8
#define FMA_T __builtin_fma
#define FN_EXP exp
#define FN_LOG log
#define VECTOR_MATHS(X) X (SQRT, sqrt, __builtin_sqrt (x)) X (ABS, abs, __builtin_fabs (x)) X (FLOOR, floor, __builtin_floor (x))
#define SCALAR_MATHS(X) X (EXP, exp, exp (x)) X (EXPM1, expm1, expm1 (x)) X (LOG, log, log (x)) X (LOG1P, log1p, log1p (x)) \
  X (TANH, tanh, tanh (x)) X (SIGMOID, sigmoid, f64_sigmoid (x)) X (SOFTPLUS, softplus, f64_softplus (x)) \
  X (SIN, sin, sin (x)) X (COS, cos, cos (x)) X (ATAN, atan, atan (x)) \
  X (ASINH, asinh, asinh (x)) X (ERF, erf, erf (x)) X (ERFC, erfc, erfc (x)) X (ROUND, round, f64_round (x, par[0]))
#define FAR_MATHS(X)
#define POW_KERNEL BINARY_EACH (pow, pow (p, q))
#include "engine/run/cpu/kernels-typed.h"
#include "engine/run/cpu/scalar-typed.h"

/* --- the table --- */
#define BOTH_1(OP, name) .ew[0][CHAIN_OP_##OP] = { name##_f32 }, .ew[1][CHAIN_OP_##OP] = { name##_f64 },
#define BOTH_2(OP, name) .ew[0][CHAIN_OP_##OP] = { name##_f32, name##_a_f32, name##_b_f32 }, \
                         .ew[1][CHAIN_OP_##OP] = { name##_f64, name##_a_f64, name##_b_f64 },
#define BOTH_3(name) { name##_f32, name##_a_f32, name##_b_f32, name##_c_f32 }, { name##_f64, name##_a_f64, name##_b_f64, name##_c_f64 }
#define PAIR(name) { name##_f32, name##_f64 }

const ChainCpuKernels KERNELS = {
  .isa = CHAIN_ISA_NAME,
  BOTH_1 (NEG, neg) BOTH_1 (EXP, exp) BOTH_1 (EXPM1, expm1) BOTH_1 (LOG, log) BOTH_1 (LOG1P, log1p) BOTH_1 (SQRT, sqrt)
  BOTH_1 (ABS, abs) BOTH_1 (SIGN, sign) BOTH_1 (SIN, sin) BOTH_1 (COS, cos) BOTH_1 (ATAN, atan) BOTH_1 (ASINH, asinh)
  BOTH_1 (ERF, erf) BOTH_1 (ERFC, erfc) BOTH_1 (FLOOR, floor) BOTH_1 (TANH, tanh) BOTH_1 (SIGMOID, sigmoid)
  BOTH_1 (SOFTPLUS, softplus) BOTH_1 (RELU, relu) BOTH_1 (STEP, step) BOTH_1 (CLAMP, clamp) BOTH_1 (ROUND, round)
  BOTH_1 (STOP, stop)
  BOTH_2 (ADD, add) BOTH_2 (SUB, sub) BOTH_2 (MUL, mul) BOTH_2 (DIV, div) BOTH_2 (POW, pow) BOTH_2 (MIN, min) BOTH_2 (MAX, max)
  BOTH_2 (EQ, eq) BOTH_2 (LT, lt)
  .ew[0][CHAIN_OP_WHERE] = { where_f32, where_a_f32, where_b_f32, where_c_f32 },
  .ew[1][CHAIN_OP_WHERE] = { where_f64, where_a_f64, where_b_f64, where_c_f64 },
  .fma = { BOTH_3 (fma) },
  .sum = PAIR (sum), .sum_rows = PAIR (sum_rows), .sum_cols = PAIR (sum_cols),
  .softmax = PAIR (softmax), .logsumexp = PAIR (logsumexp), .rowmax = PAIR (rowmax), .tile = TILES, .scalar = scalar,
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  .has_fma = TRUE,
#endif
};
