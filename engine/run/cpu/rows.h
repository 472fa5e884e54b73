/* SPDX-License-Identifier: Apache-2.0 */
/* Row programs on this device (fuse/rows.h). */
#pragma once

#include "engine/run/cpu/program.h"

G_BEGIN_DECLS

/* Fills p->pooled: the steps of p, with row programs where blocks of rows can be done at the same time. */
void _chain_cpu_rows_list (ChainCpu *cpu, ChainPrepared *p);
void _chain_cpu_rows_free (ChainCpuRows *rows);

G_END_DECLS
