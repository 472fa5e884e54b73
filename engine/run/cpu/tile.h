/* SPDX-License-Identifier: Apache-2.0 */
/* Between the device and the loops that execute a tile program (cpu-tile.c, once for each instruction set). */
#pragma once

#include "engine/run/cpu/cpu-private.h"
#include "engine/run/tile-ops.h"

G_BEGIN_DECLS

typedef struct { ChainEw run; const double *par; } ChainTileKernel;

/* One pass over numbers [done, done + left). base: the address of each operand; the first n_streams go on with each block. spread:
 * sets the addresses of rows and columns for the next n numbers; NULL where there are none. */
typedef struct _ChainTileRun ChainTileRun;
struct _ChainTileRun
{
  const ChainTileIns    *ins;
  const ChainTileKernel *kernels;
  char                 **base;
  int                    n_streams;
  int                    padded;      /* all streams are padded to a block: the last may be whole */
  size_t                 left, done;
  void                 (*spread) (ChainTileRun *r, size_t n);
};

void _chain_cpu_tile_f32_plain (ChainTileRun *r);
void _chain_cpu_tile_f64_plain (ChainTileRun *r);
#ifdef CHAIN_HAVE_X86_KERNELS
void _chain_cpu_tile_f32_avx2 (ChainTileRun *r);
void _chain_cpu_tile_f64_avx2 (ChainTileRun *r);
void _chain_cpu_tile_f32_avx512 (ChainTileRun *r);
void _chain_cpu_tile_f64_avx512 (ChainTileRun *r);
#endif

G_END_DECLS
