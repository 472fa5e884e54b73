/* SPDX-License-Identifier: Apache-2.0 */
/* Nanoseconds for each number of the f32 scalar functions, |x| < 4, at every instruction set of this machine, beside a loop over
 * libm in single and in double precision. Medians of 31 rounds over 4096 numbers.
 *
 *   bench-maths */
#include "engine/run/backend-registry.h"
#include "engine/run/cpu/cpu-private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 4096, ROUNDS = 31 };

static float x[N] __attribute__ ((aligned (64))), y[N] __attribute__ ((aligned (64))), z[N] __attribute__ ((aligned (64)));

static const struct { ChainOp op; float (*single) (float); double (*wide) (double); } rows[] = {
  { CHAIN_OP_EXP, expf, exp },       { CHAIN_OP_EXPM1, expm1f, expm1 }, { CHAIN_OP_LOG, logf, log },   { CHAIN_OP_LOG1P, log1pf, log1p },
  { CHAIN_OP_TANH, tanhf, tanh },    { CHAIN_OP_SIGMOID, NULL, NULL },  { CHAIN_OP_SOFTPLUS, NULL, NULL }, { CHAIN_OP_SIN, sinf, sin },
  { CHAIN_OP_COS, cosf, cos },       { CHAIN_OP_ATAN, atanf, atan },    { CHAIN_OP_ASINH, asinhf, asinh }, { CHAIN_OP_ERF, erff, erf },
  { CHAIN_OP_ERFC, erfcf, erfc },    { CHAIN_OP_POW, NULL, NULL },      { CHAIN_OP_SQRT, sqrtf, sqrt },
};

static int
compare (const void *a, const void *b)
{
  return *(const double *) a < *(const double *) b ? -1 : *(const double *) a > *(const double *) b;
}

static void
once (guint row, const ChainCpuKernels *k, gboolean wide)
{
  if (k != NULL)
    k->ew[CHAIN_F32][rows[row].op][0](z, x, y, NULL, N, NULL);
  else if (rows[row].op == CHAIN_OP_POW)
    for (int i = 0; i < N; i++)
      z[i] = wide ? (float) pow ((double) x[i], (double) y[i]) : powf (x[i], y[i]);
  else
    for (int i = 0; i < N; i++)
      z[i] = wide ? (float) rows[row].wide ((double) x[i]) : rows[row].single (x[i]);
}

static double
measure (guint row, const ChainCpuKernels *k, gboolean wide)
{
  double t[ROUNDS];

  if (k == NULL && rows[row].op != CHAIN_OP_POW && rows[row].single == NULL)
    return NAN;
  for (int r = 0; r < ROUNDS; r++)
    {
      gint64 began = g_get_monotonic_time ();
      int n = 0;
      for (; g_get_monotonic_time () - began < 1000; n++)
        once (row, k, wide);
      t[r] = (double) (g_get_monotonic_time () - began) * 1e3 / n / N;
    }
  qsort (t, ROUNDS, sizeof t[0], compare);
  return t[ROUNDS / 2];
}

int
main (void)
{
  static const char *const isas[] = { "AVX-512", "AVX2", "plain C" };
  GRand *dice = g_rand_new_with_seed (1);

  chain_backend_init ();
  printf ("%-10s %8s %8s %8s %8s %8s\n", "ns", isas[0], isas[1], isas[2], "libm f", "libm d");
  for (guint row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      gboolean positive = rows[row].op == CHAIN_OP_LOG || rows[row].op == CHAIN_OP_POW || rows[row].op == CHAIN_OP_SQRT;
      for (int i = 0; i < N; i++)
        {
          x[i] = (float) g_rand_double_range (dice, positive || rows[row].op == CHAIN_OP_LOG1P ? 0.001 : -4, 4);
          y[i] = (float) g_rand_double_range (dice, -4, 4);
        }
      printf ("%-10s", chain_op_row (rows[row].op)->name);
      for (guint i = 0; i < G_N_ELEMENTS (isas); i++)
        printf (" %8.3f", chain_cpu_force_isa (isas[i]) ? measure (row, _chain_cpu_kernels (), FALSE) : NAN);
      printf (" %8.3f", measure (row, NULL, FALSE));
      printf (" %8.3f\n", measure (row, NULL, TRUE));
    }
  g_rand_free (dice);
  return 0;
}
