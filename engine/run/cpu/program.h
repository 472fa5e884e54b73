/* SPDX-License-Identifier: Apache-2.0 */
/* A tile program on this device: what the fuser made, with addresses, for one or more tensors. */
#pragma once

#include "engine/run/cpu/device.h"
#include "engine/run/cpu/tile.h"
#include "engine/run/fuse/fuse.h"

G_BEGIN_DECLS

/* Takes t. (transfer full). */
ChainCpuProgram *_chain_cpu_program_new   (const ChainCpu *cpu, const ChainPlan *plan, void *const *slots, ChainTile *t);
void             _chain_cpu_program_free  (ChainCpuProgram *p);
/* Makes `more`, the next program of the plan, a part of p where both do the same; FALSE where they do not. `more` stays the caller's. */
gboolean         _chain_cpu_program_join  (ChainCpuProgram *p, ChainCpuProgram *more);
guint            _chain_cpu_program_items (const ChainCpuProgram *p);
void             _chain_cpu_program_run   (ChainCpu *cpu, ChainCpuProgram *p);
/* The same piece by piece, for a program of one tensor without rows and columns: numbers [first, first + n); both are multiples of a
 * vector, but for the end of the tensor. */
void             _chain_cpu_program_begin (ChainCpuProgram *p);
void             _chain_cpu_program_part  (const ChainCpuProgram *p, size_t first, size_t n);
/* n numbers at the addresses `at` (streams, rows, columns), as if they were the whole tensor. fill_up: the last block may be a whole one. */
void             _chain_cpu_program_block (const ChainCpuProgram *p, char *const *at, size_t n, gboolean fill_up);
const ChainTile *_chain_cpu_program_tile  (const ChainCpuProgram *p);

void             _chain_cpu_spread_row    (char *to, const char *from, size_t cols, size_t first, size_t n, size_t size);
void             _chain_cpu_spread_column (void *to, const void *from, size_t cols, size_t first, size_t n, gboolean f64);

G_END_DECLS
