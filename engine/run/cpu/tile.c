/* SPDX-License-Identifier: Apache-2.0 */
/* Executes tile programs in registers. Compiled once for each instruction set, as cpu-kernels.c is, and for the same reasons; fma is
 * written where the program says so and nowhere else (-ffp-contract=off). Jumps between micro-operations are computed gotos: gcc and
 * clang both give every operation its own indirect jump, which the processor predicts by the path that led there. */
#include "engine/run/cpu/tile.h"

#include "engine/run/cpu/maths.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#define TILES_F32 _chain_cpu_tile_f32_avx512
#define TILES_F64 _chain_cpu_tile_f64_avx512
#define VBYTES 64
#define BLOCK_BYTES 512
#elif defined(__AVX2__)
#include <immintrin.h>
#define TILES_F32 _chain_cpu_tile_f32_avx2
#define TILES_F64 _chain_cpu_tile_f64_avx2
#define VBYTES 32
#define BLOCK_BYTES 128
#else
#define TILES_F32 _chain_cpu_tile_f32_plain
#define TILES_F64 _chain_cpu_tile_f64_plain
#define VBYTES 16
#endif

#define T float
#define S(name) name##_f32
#define FMA_T __builtin_fmaf
#define SQRT_T __builtin_sqrtf
#define FLOOR_T __builtin_floorf
#include "engine/run/cpu/tile-typed.h"
#undef T
#undef S
#undef FMA_T
#undef SQRT_T
#undef FLOOR_T
#define T double
#define S(name) name##_f64
#define FMA_T __builtin_fma
#define SQRT_T __builtin_sqrt
#define FLOOR_T __builtin_floor
#include "engine/run/cpu/tile-typed.h"

void
TILES_F32 (ChainTileRun *r)
{
  tile_f32 (r);
}

void
TILES_F64 (ChainTileRun *r)
{
  tile_f64 (r);
}
