/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of small products (small.h). Compiled once for each instruction set, as kernels.c is; all give the same bits, since each
 * number is one chain of fma over k in order.
 *
 * Vectors are as wide as the lanes need: eight lanes of f32 use half of what AVX-512 has, because processors that execute it in two
 * halves then do half the work. */
#include "engine/run/cpu/small.h"

#include "engine/run/cpu/maths.h"

#include <string.h>

#include "engine/run/cpu/squares.h"

/* --- f32, f64, in two widths --- */
#if defined(__AVX512F__)
#define WIDE_BYTES 64
#define NARROW_BYTES 32
#define SMALL _chain_small_avx512
#elif defined(__AVX2__)
#define WIDE_BYTES 32
#define NARROW_BYTES 32
#define SMALL _chain_small_avx2
#else
#define WIDE_BYTES 16
#define NARROW_BYTES 16
#define SMALL _chain_small_plain
#endif

#define T float
#define FMA_T __builtin_fmaf
#define D(name) name##_f32
#define SQUARE 8
#define S(name) name##_f32_wide
#define WIDE(name) name##_f32_wide
#define VB WIDE_BYTES
#include "engine/run/cpu/small-typed.h"
#undef VB
#if NARROW_BYTES == WIDE_BYTES
#define NARROW(name) name##_f32_wide
#else
#undef S
#define S(name) name##_f32_narrow
#define NARROW(name) name##_f32_narrow
#define VB NARROW_BYTES
#include "engine/run/cpu/small-typed.h"
#undef VB
#endif
#include "engine/run/cpu/small-drive.h"
#undef T
#undef FMA_T
#undef D
#undef SQUARE
#undef S
#undef WIDE
#undef NARROW

#define T double
#define FMA_T __builtin_fma
#define D(name) name##_f64
#define SQUARE 4
#define S(name) name##_f64_wide
#define WIDE(name) name##_f64_wide
#define VB WIDE_BYTES
#include "engine/run/cpu/small-typed.h"
#undef VB
#if NARROW_BYTES == WIDE_BYTES
#define NARROW(name) name##_f64_wide
#else
#undef S
#define S(name) name##_f64_narrow
#define NARROW(name) name##_f64_narrow
#define VB NARROW_BYTES
#include "engine/run/cpu/small-typed.h"
#undef VB
#endif
#include "engine/run/cpu/small-drive.h"

const ChainSmallKernels SMALL = { { choose_f32, choose_f64 }, { product_f32, product_f64 }, { scalars_f32, scalars_f64 },
                                  { columns_f32, columns_f64 } };
