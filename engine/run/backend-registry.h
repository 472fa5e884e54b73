/* SPDX-License-Identifier: Apache-2.0 */
/* Finding devices: the built-in CPU and, where it is installed and safe to open, the CUDA module. */
#pragma once

#include "engine/base/types.h"
#include "engine/run/backend.h"

G_BEGIN_DECLS

/* Chooses the OpenBLAS core (SkylakeX on a CPU with AVX-512 F, BW, DQ, VL unless OPENBLAS_CORETYPE is set), opens
 * libopenblas.so.0, sets it to one thread. Both mains call it first, before any thread exists; later calls do nothing. */
void                chain_backend_init    (void);
const ChainBackend *chain_backend_cpu     (void);
const char         *chain_blas_core       (void);   /* "SkylakeX"; "none" without OpenBLAS; serves where the processor has no fma */
const char         *chain_cpu_isa         (void);   /* "AVX-512", "AVX2" or "plain C" */
/* For tests: use the kernels of this level from now on ("plain C", "AVX2", "AVX-512"); FALSE if the CPU lacks it. */
gboolean            chain_cpu_force_isa   (const char *isa);

G_END_DECLS
