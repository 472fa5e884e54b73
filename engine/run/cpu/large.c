/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of large products (large.h). Compiled once for each instruction set, as kernels.c is; all give the same bits. */
#include "engine/run/cpu/large.h"

#include "engine/run/cpu/squares.h"

#include <string.h>

#if defined(__AVX512F__)
#define VB 64
#define VECTORS 4
#define LARGE _chain_large_avx512
#elif defined(__AVX2__)
#define VB 32
#define VECTORS 2
#define LARGE _chain_large_avx2
#else
#define VB 16
#define VECTORS 2
#define LARGE _chain_large_plain
#endif

#define T float
#define FMA_T __builtin_fmaf
#define D(name) name##_f32
#define SQUARE 8
#include "engine/run/cpu/large-typed.h"
#undef T
#undef FMA_T
#undef D
#undef SQUARE

#define T double
#define FMA_T __builtin_fma
#define D(name) name##_f64
#define SQUARE 4
#include "engine/run/cpu/large-typed.h"

const ChainLargeKernels LARGE = { { VECTORS * VB / 4, VECTORS * VB / 8 }, { block_f32, block_f64 }, { lanes_f32, lanes_f64 }, { tiles_f32, tiles_f64 },
                                  { turn_f32, turn_f64 } };
