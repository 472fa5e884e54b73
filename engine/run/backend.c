/* SPDX-License-Identifier: Apache-2.0 */
/* Which instruction set, which core of OpenBLAS. Decided once, before any thread exists. */
#include "engine/run/backend-registry.h"

#include "engine/run/cpu/large.h"
#include "engine/run/cpu/small.h"

#include <stdlib.h>
#include <string.h>

static const ChainCpuKernels *in_force;
static gboolean has_fma;        /* the machine, whatever is in force */

static gboolean
cpu_has (const ChainCpuKernels *k)
{
#ifdef CHAIN_HAVE_X86_KERNELS
  __builtin_cpu_init ();
  if (k == &_chain_cpu_kernels_avx512)
    return __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512dq") && __builtin_cpu_supports ("avx512vl")
           && __builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("fma");
  if (k == &_chain_cpu_kernels_avx2)
    return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
#endif
  return k == &_chain_cpu_kernels_plain;
}

/* Best first. */
static const ChainCpuKernels *const levels[] = {
#ifdef CHAIN_HAVE_X86_KERNELS
  &_chain_cpu_kernels_avx512,
  &_chain_cpu_kernels_avx2,
#endif
  &_chain_cpu_kernels_plain,
};

void
chain_backend_init (void)
{
  static gsize once;

  if (!g_once_init_enter (&once))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (levels) && in_force == NULL; i++)
    if (cpu_has (levels[i]))
      in_force = levels[i];
  has_fma = in_force->has_fma;
  if (strcmp (in_force->isa, "AVX-512") == 0)
    setenv ("OPENBLAS_CORETYPE", "SkylakeX", 0);   /* a core that the user has set wins */
  _chain_blas_open ();
  g_once_init_leave (&once, 1);
}

const ChainCpuKernels *
_chain_cpu_kernels (void)
{
  chain_backend_init ();
  return in_force;
}

const ChainSmallKernels *
_chain_small_kernels (void)
{
#ifdef CHAIN_HAVE_X86_KERNELS
  if (_chain_cpu_kernels () == &_chain_cpu_kernels_avx512)
    return &_chain_small_avx512;
  if (_chain_cpu_kernels () == &_chain_cpu_kernels_avx2)
    return &_chain_small_avx2;
#endif
  return &_chain_small_plain;
}

const ChainLargeKernels *
_chain_large_kernels (void)
{
#ifdef CHAIN_HAVE_X86_KERNELS
  if (_chain_cpu_kernels () == &_chain_cpu_kernels_avx512)
    return &_chain_large_avx512;
  if (_chain_cpu_kernels () == &_chain_cpu_kernels_avx2)
    return &_chain_large_avx2;
#endif
  return &_chain_large_plain;
}

gboolean
_chain_cpu_has_fma (void)
{
  chain_backend_init ();
  return has_fma;
}

const char *
chain_blas_core (void)
{
  chain_backend_init ();
  return _chain_blas_core ();
}

const char *
chain_cpu_isa (void)
{
  return _chain_cpu_kernels ()->isa;
}

gboolean
chain_cpu_force_isa (const char *isa)
{
  chain_backend_init ();
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    if (strcmp (levels[i]->isa, isa) == 0 && cpu_has (levels[i]))
      {
        in_force = levels[i];
        return TRUE;
      }
  return FALSE;
}
