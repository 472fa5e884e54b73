/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels: the three instruction sets on every op and hard values, bit for bit; accuracy of the f32 functions over all binades
 * against libm in double; the core of OpenBLAS. */
#include "tests/engine/run/kit.h"

#include "engine/run/cpu/cpu-private.h"

#include <math.h>
#include <string.h>

static const ChainCpuKernels *
level (const char *isa)
{
  const char *best = chain_cpu_isa ();
  const ChainCpuKernels *k = chain_cpu_force_isa (isa) ? _chain_cpu_kernels () : NULL;

  g_assert_true (chain_cpu_force_isa (best));
  return k;
}

#define N 512

static void
hard_values (float *f, double *d, guint seed)
{
  static const double special[] = { 0, -0.0, 1, -1, 0.5, -0.5, INFINITY, -INFINITY, NAN, 1e-45, -1e-45, 1e-40, 1.17549435e-38, 3.4e38, -3.4e38,
                                    88.7, 89, -87.4, -103.9, -104.6, 0.55, 0.5500001, 1e-5, 1e308, -1e308, 5e-324, 65504, 65520, 2.5, 3.5, 1 - 1e-7 };
  Dice dice_;

  dice_init (&dice_, seed);
  for (guint i = 0; i < N; i++)
    {
      guint32 bits = (dice (&dice_, 1 << 16) << 16) | dice (&dice_, 1 << 16);
      guint64 wide = ((guint64) bits << 32) | dice (&dice_, 1u << 31);
      if (i < G_N_ELEMENTS (special) * 4)
        {
          d[i] = special[(i * (seed + 1) + seed) % G_N_ELEMENTS (special)];
          f[i] = (float) d[i];
        }
      else if (i % 2)
        {
          d[i] = dice_real (&dice_);
          f[i] = (float) d[i];
        }
      else
        {
          memcpy (&f[i], &bits, 4);
          memcpy (&d[i], &wide, 8);
        }
    }
}

/* NaNs are equal whatever they carry. */
static gboolean
same (const void *a, const void *b, gboolean f64, guint n)
{
  for (guint i = 0; i < n; i++)
    if (f64)
      {
        const double *p = a, *q = b;
        if (memcmp (p + i, q + i, 8) != 0 && !(isnan (p[i]) && isnan (q[i])))
          return FALSE;
      }
    else
      {
        const float *p = a, *q = b;
        if (memcmp (p + i, q + i, 4) != 0 && !(isnan (p[i]) && isnan (q[i])))
          return FALSE;
      }
  return TRUE;
}

static float f_in[3][N] __attribute__ ((aligned (64))), f_out[2][N] __attribute__ ((aligned (64)));
static double d_in[3][N] __attribute__ ((aligned (64))), d_out[2][N] __attribute__ ((aligned (64)));

static void
compare_kernel (ChainEw a, ChainEw b, int dtype, const char *name, int variant)
{
  for (int kind = 0; kind < 3; kind++)
    {
      double par[] = { kind, 0.75 };
      if (dtype == CHAIN_F32)
        {
          a (f_out[0], f_in[0], f_in[1], f_in[2], N, par);
          b (f_out[1], f_in[0], f_in[1], f_in[2], N, par);
        }
      else
        {
          a (d_out[0], d_in[0], d_in[1], d_in[2], N, par);
          b (d_out[1], d_in[0], d_in[1], d_in[2], N, par);
        }
      if (!(dtype == CHAIN_F32 ? same (f_out[0], f_out[1], FALSE, N) : same (d_out[0], d_out[1], TRUE, N)))
        g_error ("%s, precision %d, form %d: not the same bits", name, dtype, variant);
    }
}

static void
compare_levels (const ChainCpuKernels *a, const ChainCpuKernels *b)
{
  for (int dtype = 0; dtype < 2; dtype++)
    {
      for (int op = 0; op < CHAIN_N_OPS; op++)
        for (int v = 0; v < CHAIN_N_EW; v++)
          {
            g_assert_true ((a->ew[dtype][op][v] == NULL) == (b->ew[dtype][op][v] == NULL));
            if (a->ew[dtype][op][v] != NULL)
              compare_kernel (a->ew[dtype][op][v], b->ew[dtype][op][v], dtype, chain_op_row ((ChainOp) op)->name, v);
          }
      for (int v = 0; v < CHAIN_N_EW; v++)
        compare_kernel (a->fma[dtype][v], b->fma[dtype][v], dtype, "fma", v);
    }
}

/* Sums and row functions of awkward widths. */
static void
compare_rows (const ChainCpuKernels *a, const ChainCpuKernels *b)
{
  for (int dtype = 0; dtype < 2; dtype++)
    for (int n = 1; n <= 40; n++)
      {
        const void *x = dtype ? (const void *) d_in[0] : f_in[0], *y = dtype ? (const void *) d_in[1] : f_in[1];
        void *o[] = { dtype ? (void *) d_out[0] : f_out[0], dtype ? (void *) d_out[1] : f_out[1] };
        int m = N / 40;
        double s0 = a->sum[dtype](x, y, (size_t) (m * n)), s1 = b->sum[dtype](x, y, (size_t) (m * n));
        g_assert_true (same (&s0, &s1, TRUE, 1));
        for (int what = 0; what < 4; what++)
          {
            for (int k = 0; k < 2; k++)
              {
                const ChainCpuKernels *t = k ? b : a;
                if (what == 0)
                  t->sum_rows[dtype](o[k], x, y, m, n);
                else if (what == 1)
                  t->sum_cols[dtype](o[k], x, n % 2 ? y : NULL, m, n, 0, n);
                else if (what == 2)
                  t->softmax[dtype](o[k], x, m, n);
                else
                  t->logsumexp[dtype](o[k], x, m, n);
              }
            g_assert_true (same (o[0], o[1], dtype, (guint) (what == 0 || what == 3 ? m : what == 1 ? n : m * n)));
          }
      }
}

static void
test_levels (void)
{
  const ChainCpuKernels *plain = level ("plain C");

  g_assert_nonnull (plain);
  for (guint seed = 0; seed < 12; seed++)
    for (int i = 0; i < 2; i++)
      {
        const ChainCpuKernels *k = level (i ? "AVX-512" : "AVX2");
        for (guint j = 0; j < 3; j++)
          hard_values (f_in[j], d_in[j], seed * 3 + j);
        if (k != NULL)
          {
            compare_levels (plain, k);
            if (seed > 0)   /* sums of moderate numbers: infinities would hide order */
              for (guint j = 0; j < 3 * N; j++)
                {
                  f_in[j / N][j % N] = (float) sin (j * 1.7 + seed);
                  d_in[j / N][j % N] = sin (j * 1.7 + seed);
                }
            compare_rows (plain, k);
          }
      }
}

/* --- accuracy --- */
static double r_sigmoid (double x) { return x < 0 ? exp (x) / (1 + exp (x)) : 1 / (1 + exp (-x)); }
static double r_softplus (double x) { return x > 0 ? x + log1p (exp (-x)) : log1p (exp (x)); }
static double r_identity_sqrt (double x) { return sqrt (x); }

static const struct { ChainOp op; double (*f) (double); double bar; } functions[] = {
  { CHAIN_OP_EXP, exp, 1 }, { CHAIN_OP_EXPM1, expm1, 2 }, { CHAIN_OP_LOG, log, 1 }, { CHAIN_OP_LOG1P, log1p, 1 }, { CHAIN_OP_TANH, tanh, 4 },
  { CHAIN_OP_SIGMOID, r_sigmoid, 4 }, { CHAIN_OP_SOFTPLUS, r_softplus, 4 }, { CHAIN_OP_ERF, erf, 2 }, { CHAIN_OP_ERFC, erfc, 2 },
  { CHAIN_OP_SIN, sin, 2 }, { CHAIN_OP_COS, cos, 2 }, { CHAIN_OP_ATAN, atan, 2 }, { CHAIN_OP_ASINH, asinh, 2 },
  { CHAIN_OP_SQRT, r_identity_sqrt, 0.5001 },
};

/* Error in units of the last place of the result; below the normal numbers, of the smallest denormal. Wrong specials are infinite. */
static double
ulps (float got, double want)
{
  float rounded = (float) want;
  double unit;

  if (isnan (want) || isnan (got))
    return isnan (want) && isnan (got) ? 0 : INFINITY;
  if (isinf (rounded) || isinf (got))
    return rounded == got ? 0 : fabs (want) > 3.4028e38 && isinf (got) && signbit (got) == signbit (rounded) ? 0 : INFINITY;
  if (rounded == 0 && got == 0)
    return signbit (rounded) == signbit (got) ? 0 : INFINITY;
  unit = fabs (want) < 1.17549435e-38 ? 0x1p-149 : ldexp (1, (int) floor (log2 (fabs (want))) - 23);
  return fabs (got - want) / unit;
}

static void
test_accuracy (void)
{
  for (guint f = 0; f < G_N_ELEMENTS (functions); f++)
    {
      ChainEw run = _chain_cpu_kernels ()->ew[CHAIN_F32][functions[f].op][0];
      double worst = 0;
      float at = 0;
      for (guint64 bits = 0; bits < G_GUINT64_CONSTANT (1) << 32;)
        {
          guint n = 0;
          for (; n < N && bits < G_GUINT64_CONSTANT (1) << 32; n++, bits += 4099)
            {
              guint32 u = (guint32) bits;
              memcpy (&f_in[0][n], &u, 4);
            }
          run (f_out[0], f_in[0], NULL, NULL, n, NULL);
          for (guint i = 0; i < n; i++)
            {
              double e = ulps (f_out[0][i], functions[f].f (f_in[0][i]));
              if (e > worst)
                {
                  worst = e;
                  at = f_in[0][i];
                }
            }
        }
      g_test_message ("%s: %.2f ulp at %a", chain_op_row (functions[f].op)->name, worst, at);
      g_assert_cmpfloat (worst, <=, functions[f].bar);
    }
}

/* Sampling misses them. */
static void
test_specials (void)
{
  static const float special[] = { 0.0f, -0.0f, INFINITY, -INFINITY, NAN, -1.0f, 1.0f, 1e-40f, -1e-40f, 3e38f, -3e38f };

  for (guint f = 0; f < G_N_ELEMENTS (functions); f++)
    {
      memset (f_in[0], 0, sizeof f_in[0]);
      memcpy (f_in[0], special, sizeof special);
      _chain_cpu_kernels ()->ew[CHAIN_F32][functions[f].op][0](f_out[0], f_in[0], NULL, NULL, G_N_ELEMENTS (special), NULL);
      for (guint i = 0; i < G_N_ELEMENTS (special); i++)
        if (!(ulps (f_out[0][i], functions[f].f (special[i])) <= functions[f].bar))
          g_error ("%s (%a) = %a", chain_op_row (functions[f].op)->name, special[i], f_out[0][i]);
    }
}

/* The power of every number of the list by every other, as three forms of the kernel; C, annex F.9.4.4 is what libm does. */
static guint
fill_powers (float *list, guint room)
{
  static const float special[] = { 0.0f, -0.0f, INFINITY, -INFINITY, NAN, 1.0f, -1.0f, 2.0f, -2.0f, 3.0f, -3.0f, 0.5f, -0.5f, 1.5f, -2.5f, 1e-45f,
                                   -1e-45f, 1e-39f, 3.4e38f, -3.4e38f, 8388607.5f, -8388607.0f, 8388609.0f, 16777215.0f, -16777215.0f, 16777216.0f,
                                   16777218.0f, -33554432.0f, 0.99999994f, 1.0000001f, -0.99999994f, 0.70710677f, 0.7071068f, 1.4142135f };
  guint n = G_N_ELEMENTS (special);
  Dice d;

  memcpy (list, special, sizeof special);
  dice_init (&d, 5);
  for (; n < room; n++)
    if (n % 2)
      {
        guint32 bits = (dice (&d, 1 << 16) << 16) | dice (&d, 1 << 16);
        memcpy (&list[n], &bits, 4);
      }
    else
      list[n] = (float) (dice_real (&d) * (n % 4 ? 30 : 1));
  return n;
}

static void
test_pow (void)
{
  const ChainEw *pow_kernel = _chain_cpu_kernels ()->ew[CHAIN_F32][CHAIN_OP_POW];
  float worst_x = 0, worst_y = 0;
  double worst = 0;
  guint n = fill_powers (f_in[0], N);

  for (guint i = 0; i < n; i++)
    for (int form = 0; form < 3; form++)
      {
        for (guint k = 0; k < N; k++)
          f_in[1][k] = f_in[0][i];
        if (form == CHAIN_EW_A_ONE)
          pow_kernel[form](f_out[0], f_in[1], f_in[0], NULL, n, NULL);
        else
          pow_kernel[form](f_out[0], f_in[0], f_in[1], NULL, n, NULL);
        for (guint k = 0; k < n; k++)
          {
            float x = f_in[form == CHAIN_EW_A_ONE][k], y = f_in[form != CHAIN_EW_A_ONE][k];
            double e = ulps (f_out[0][k], pow ((double) x, (double) y));
            if (e > worst)
              {
                worst = e;
                worst_x = x;
                worst_y = y;
              }
          }
      }
  g_test_message ("pow: %.2f ulp at %a, %a", worst, worst_x, worst_y);
  g_assert_cmpfloat (worst, <=, 4);
}

/* Where sine and cosine change from one reduction to the other, and multiples of a quarter turn. */
static void
test_turns (void)
{
  for (guint f = 0; f < 2; f++)
    for (guint i = 0; i < 4000; i++)
      {
        ChainEw run = _chain_cpu_kernels ()->ew[CHAIN_F32][f ? CHAIN_OP_COS : CHAIN_OP_SIN][0];
        for (guint k = 0; k < 16; k++)
          f_in[0][k] = i < 2000 ? (float) ((i * 16 + k) * G_PI_2 * (k % 2 ? 1 : -1)) : 65536.0f + ((float) i - 3000.0f) * 0.0078125f * (float) k;
        run (f_out[0], f_in[0], NULL, NULL, 16, NULL);
        for (guint k = 0; k < 16; k++)
          if (!(ulps (f_out[0][k], f ? cos (f_in[0][k]) : sin (f_in[0][k])) <= 2))
            g_error ("%s (%a) = %a", f ? "cos" : "sin", f_in[0][k], f_out[0][k]);
      }
}

static void
test_core (void)
{
  g_test_message ("%s, OpenBLAS %s", chain_cpu_isa (), chain_blas_core ());
  if (strcmp (chain_cpu_isa (), "AVX-512") != 0)
    {
      g_test_skip ("no AVX-512");
      return;
    }
  g_assert_cmpstr (chain_blas_core (), !=, "Haswell");
  g_assert_cmpstr (chain_blas_core (), !=, "Prescott");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  g_test_add_func ("/run/kernels/levels", test_levels);
  g_test_add_func ("/run/kernels/accuracy", test_accuracy);
  g_test_add_func ("/run/kernels/specials", test_specials);
  g_test_add_func ("/run/kernels/pow", test_pow);
  g_test_add_func ("/run/kernels/turns", test_turns);
  g_test_add_func ("/run/kernels/core", test_core);
  return g_test_run ();
}
