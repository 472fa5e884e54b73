/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's own limit, for fractions of it: fused multiply-adds on enough independent registers to hide their latency. */
#include "app/cli/cli.h"

#include <math.h>

typedef float V16 __attribute__ ((vector_size (64)));
typedef float V8 __attribute__ ((vector_size (32)));

/* 24 accumulators of one vector each; every pass is 24 vector multiply-adds. The optimiser may not drop them: the sum is returned. */
#define PEAK_FUNCTION(name, isa, V, n)                                                  \
  __attribute__ ((target (isa), optimize ("O3,fp-contract=fast"), noinline)) static float  \
  name (long passes, float seed)                                                        \
  {                                                                                     \
    V a[n], m, c;                                                                       \
    for (int i = 0; i < n; i++)                                                         \
      a[i] = (V){ 0 } + seed + (float) i;                                               \
    m = (V){ 0 } + 0.999f;                                                              \
    c = (V){ 0 } + seed;                                                                \
    for (long p = 0; p < passes; p++)                                                   \
      {                                                                                 \
        _Pragma ("GCC unroll 24") for (int i = 0; i < n; i++) a[i] = a[i] * m + c;      \
        __asm__ volatile ("" ::: "memory");                                             \
      }                                                                                 \
    for (int i = 1; i < n; i++)                                                         \
      a[0] += a[i];                                                                     \
    return a[0][0];                                                                     \
  }

PEAK_FUNCTION (peak_512, "avx512f", V16, 24)
PEAK_FUNCTION (peak_256, "avx2,fma", V8, 12)

double
cli_fma_peak (void)
{
  gboolean wide = __builtin_cpu_supports ("avx512f") != 0, fma = __builtin_cpu_supports ("fma") != 0;
  const long passes = 200000;
  const double flop = 2.0 * (double) passes * (wide ? 16 * 24 : 8 * 12);
  double best = 0;
  volatile float sink = 0;

  if (!wide && !fma)
    return NAN;
  for (int round = 0; round < 7; round++)
    {
      gint64 began = g_get_monotonic_time ();
      sink += wide ? peak_512 (passes, 1e-3f) : peak_256 (passes, 1e-3f);
      double seconds = (double) (g_get_monotonic_time () - began) * 1e-6;
      best = MAX (best, flop / MAX (seconds, 1e-9));
    }
  return best;
}
