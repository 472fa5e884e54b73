/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's own limit, for fractions of it: fused multiply-adds on enough independent registers to hide their latency. */
#include "app/cli/cli.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#ifdef __clang__
#define PEAK_ATTRIBUTES(isa) __attribute__ ((target (isa), noinline))
#else
#define PEAK_ATTRIBUTES(isa) __attribute__ ((target (isa), optimize ("O3"), noipa))
#endif

/* n accumulators of one vector each; every pass is n vector multiply-adds. The optimiser may not drop them: the sum is returned. */
#define PEAK_FUNCTION(name, isa, V, n, set1, fmadd)                                     \
  PEAK_ATTRIBUTES (isa) static float                                                    \
  name (long passes, float seed)                                                        \
  {                                                                                     \
    V a[n], m = set1 (0.999f), c = set1 (seed);                                         \
    float lane[sizeof (V) / sizeof (float)];                                            \
    for (int i = 0; i < n; i++)                                                         \
      a[i] = set1 (seed + (float) i);                                                   \
    for (long p = 0; p < passes; p++)                                                   \
      {                                                                                 \
        _Pragma ("GCC unroll 24") for (int i = 0; i < n; i++) a[i] = fmadd (a[i], m, c);\
      }                                                                                 \
    for (int i = 1; i < n; i++)                                                         \
      a[0] = a[0] + a[i];                                                               \
    memcpy (lane, a, sizeof lane);                                                      \
    return lane[0];                                                                     \
  }

PEAK_FUNCTION (peak_512, "avx512f", __m512, 24, _mm512_set1_ps, _mm512_fmadd_ps)
PEAK_FUNCTION (peak_256, "avx2,fma", __m256, 12, _mm256_set1_ps, _mm256_fmadd_ps)

double
cli_fma_peak (void)
{
  gboolean wide = __builtin_cpu_supports ("avx512f") != 0, fma = __builtin_cpu_supports ("fma") != 0;
  const long passes = 200000;
  const double flop = 2.0 * (double) passes * (wide ? 16 * 24 : 8 * 12);
  double best = 0;
  float sum = 0;
  volatile float sink;

  if (!wide && !fma)
    return NAN;
  for (int round = 0; round < 7; round++)
    {
      gint64 began = g_get_monotonic_time ();
      sum += wide ? peak_512 (passes, 1e-3f) : peak_256 (passes, 1e-3f);
      double seconds = (double) (g_get_monotonic_time () - began) * 1e-6;
      best = MAX (best, flop / MAX (seconds, 1e-9));
    }
  sink = sum;
  (void) sink;
  return best;
}
