/* SPDX-License-Identifier: Apache-2.0 */
/* Accuracy of what is composed of several ops (RELIABILITY 4.5), through the plans and fused kernels that training runs, on every instruction
 * set: every 4,099th float (CHAIN_TEST_DRAWS=4099: all of them), errors in units of the last place of the truth, which is computed in double
 * or long double from the formula and not by the engine.
 *
 * Bars. A rounded argument z of e^z costs |z| units of the result: a bar that grows is written per unit of that argument. Constants of a
 * row (slopes, SELU's α and λ) are rounded to the precision of the run, which costs up to one unit more. Where the result is next to the
 * denormals (below 1e-37), a factor of it is one and keeps fewer digits: the bar grows by |z| there (M18 leaves such results out).
 *
 * GELU: the plan's bar of 4 units for z > −5 holds from −1.5 on. Below, erfc multiplies the error of its argument, z/√2 rounded twice, by z²
 * (11.5 units at −3.02); no composition can do better without knowing the precision it runs in, for the low part of 1/√2 is another. */
#include "engine/nn/table.h"
#include "engine/run/backend-registry.h"
#include "engine/run/exec.h"
#include "tests/engine/draws.h"
#include "tests/engine/run/kit.h"

#include <math.h>
#include <string.h>

#define COLS 64
#define ROWS 512
#define CHUNK (ROWS * COLS)

static const char *const levels[] = { "AVX-512", "AVX2", "plain C" };

/* --- the truth --- */
static long double t_identity (long double z) { return z; }
static long double t_sigmoid (long double z) { return z < 0 ? expl (z) / (1 + expl (z)) : 1 / (1 + expl (-z)); }
static long double t_relu (long double z) { return z > 0 ? z : isnan (z) ? z : 0; }
static long double t_leaky (long double z) { return z > 0 ? z : 0.01L * z; }
static long double t_softplus (long double z) { return z > 0 ? z + log1pl (expl (-z)) : log1pl (expl (z)); }
static long double t_clip (long double z, long double a, long double b) { return z < a ? a : z > b ? b : z; }
static long double t_relu6 (long double z) { return t_clip (z, 0, 6); }
static long double t_hardtanh (long double z) { return t_clip (z, -1, 1); }
static long double t_hard_sigmoid (long double z) { return t_clip ((z + 3) / 6, 0, 1); }
static long double t_hard_swish (long double z) { return z * t_hard_sigmoid (z); }
static long double t_elu (long double z) { return z > 0 ? z : expm1l (z); }
static long double t_selu (long double z) { return 1.0507009873554804934L * (z > 0 ? z : 1.6732632423543772848L * expm1l (z)); }
static long double t_gelu (long double z) { return z == 0 ? z : isinf (z) && z < 0 ? NAN : 0.5L * z * erfcl (-z * 0.70710678118654752440L); }
static long double t_silu (long double z) { return isinf (z) && z < 0 ? NAN : z * t_sigmoid (z); }
static long double t_mish (long double z) { return isinf (z) && z < 0 ? NAN : z * tanhl (t_softplus (z)); }
static long double t_log_sigmoid (long double z) { return -t_softplus (-z); }
static long double t_softsign (long double z) { return isinf (z) ? NAN : z / (1 + fabsl (z)); }
static long double t_gaussian (long double z) { return expl (-z * z); }
static long double t_square (long double z) { return z * z; }
static long double t_step (long double z) { return isnan (z) ? z : z >= 0; }
static long double t_sign (long double z) { return isnan (z) ? z : z >= 0 ? 1 : -1; }

static long double
t_gelu_tanh (long double z)
{
  long double c = t_clip (z, -40, 40), u = 0.79788456080286535588L * (c + 0.044715L * c * c * c);

  return isinf (z) && z < 0 ? NAN : z * t_sigmoid (2 * u);
}

/* What a rounded argument of the exponential costs, in units of the result: its size. */
static double c_square (double z) { return z * z; }
static double c_cubic (double z) { return 1.6 * fabs (z + 0.0447 * z * z * z); }

/* In f32: at most bar + grows · cost (z) units; in f64: bar64 + grows · cost (z), bar64 twice what the C library promises of the function that
 * the row is made of (exp, log1p, expm1, sin 1; tanh 2; erfc 5), plus one a rounded constant or product. */
typedef struct { const char *id; long double (*f) (long double); double bar, bar64, (*cost) (double), grows; } Truth;

#define SIMPLE(name, f, bar, bar64) { name, f, bar, bar64, NULL, 0 }

static const Truth truths[] = {
  SIMPLE ("identity", t_identity, 0, 0),
  SIMPLE ("sigmoid", t_sigmoid, 4, 4),
  SIMPLE ("tanh", tanhl, 4, 4),
  SIMPLE ("relu", t_relu, 0, 0),
  SIMPLE ("leaky_relu", t_leaky, 1.5, 1.5),
  SIMPLE ("softplus", t_softplus, 4, 2),
  SIMPLE ("relu6", t_relu6, 0, 0),
  SIMPLE ("hardtanh", t_hardtanh, 0, 0),
  SIMPLE ("hard_sigmoid", t_hard_sigmoid, 2, 2),
  SIMPLE ("hard_swish", t_hard_swish, 3, 3),
  SIMPLE ("abs", fabsl, 0, 0),
  SIMPLE ("elu", t_elu, 2, 2),
  SIMPLE ("selu", t_selu, 3, 3),
  SIMPLE ("celu", t_elu, 2, 2),
  { "gelu_erf", t_gelu, 4, 10, c_square, 2 },
  { "gelu_tanh", t_gelu_tanh, 8, 4, c_cubic, 4 },
  SIMPLE ("silu", t_silu, 8, 4),
  SIMPLE ("mish", t_mish, 8, 6),
  SIMPLE ("log_sigmoid", t_log_sigmoid, 4, 2),
  SIMPLE ("softsign", t_softsign, 2, 2),
  SIMPLE ("sine", sinl, 2, 2),
  { "gaussian", t_gaussian, 1, 2, c_square, 1 },
  SIMPLE ("square", t_square, 0.5001, 0.5001),
  SIMPLE ("exp", expl, 1, 2),
  SIMPLE ("step", t_step, 0, 0),
  SIMPLE ("sign", t_sign, 0, 0),
};

static const Truth *
truth_of (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (truths); i++)
    if (g_str_equal (truths[i].id, id))
      return &truths[i];
  g_error ("activation “%s” has no accuracy bar", id);
}

/* --- errors --- */
/* In units of the last place of `want` in a precision of `digits` bits; below the normal numbers, of the smallest denormal. A wrong infinity
 * or NaN is infinitely wrong, but where the truth is next to the largest number. */
static double
ulps (double got, long double want, ChainDtype dtype)
{
  int digits = dtype == CHAIN_F32 ? 24 : 53, low = dtype == CHAIN_F32 ? -149 : -1074;
  long double top = dtype == CHAIN_F32 ? 3.40282e38L : 1.797693e308L;
  int e;

  if (isnan (want) || isnan (got))
    return isnan (want) && isnan (got) ? 0 : INFINITY;
  if (isinf (got) || isinf (want))
    return fabsl (want) >= top && (isinf (want) || isinf (got)) && signbit (got) == signbit (want) ? 0 : INFINITY;
  if (got == want)
    return 0;
  frexpl (want, &e);
  e = want == 0 ? low : MAX (e - digits, low);
  return (double) ldexpl (fabsl (got - want), -e);
}

/* --- a graph of one input on every level --- */
typedef struct { ChainGraph *g; ChainId in[2], out; ChainExec *x[G_N_ELEMENTS (levels)]; ChainProgram p[G_N_ELEMENTS (levels)]; ChainDtype dtype; } Bench;

static void
bench_open (Bench *t, ChainDtype dtype)
{
  const char *best = chain_cpu_isa ();

  t->dtype = dtype;
  chain_graph_seal (t->g);
  for (guint k = 0; k < G_N_ELEMENTS (levels); k++)
    if (chain_cpu_force_isa (levels[k]))
      {
        t->x[k] = chain_exec_new (t->g, dtype, NULL);
        t->p[k] = chain_exec_program (t->x[k], &t->out, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
      }
  g_assert_true (chain_cpu_force_isa (best));
}

static void
bench_close (Bench *t)
{
  for (guint k = 0; k < G_N_ELEMENTS (levels); k++)
    g_clear_pointer (&t->x[k], chain_exec_free);
  chain_graph_free (t->g);
}

/* Runs every level on b rows; all must give the bits of the first. Returns its numbers, owned by its executor. */
static const void *
bench_run (Bench *t, gint64 b, const double *const in[2], gsize n_out)
{
  const char *best = chain_cpu_isa ();
  const void *first = NULL;

  for (guint k = 0; k < G_N_ELEMENTS (levels); k++)
    if (t->x[k] != NULL)
      {
        const void *y;

        g_assert_true (chain_cpu_force_isa (levels[k]));
        for (guint i = 0; i < 2 && t->in[i] != CHAIN_NONE; i++)
          g_assert_true (chain_exec_write (t->x[k], t->in[i], b, in[i], chain_axis (chain_graph_node (t->g, t->in[i])->shape.cols, b) * (gsize) b, NULL));
        g_assert_true (chain_exec_run (t->x[k], t->p[k], b, NULL));
        y = chain_exec_peek (t->x[k], t->p[k], b, t->out);
        g_assert_nonnull (y);
        for (gsize i = 0; first != NULL && i < n_out; i++)
          {
            double p = t->dtype == CHAIN_F32 ? ((const float *) first)[i] : ((const double *) first)[i];
            double q = t->dtype == CHAIN_F32 ? ((const float *) y)[i] : ((const double *) y)[i];
            if (memcmp (&p, &q, sizeof p) != 0 && !(isnan (p) && isnan (q)))
              g_error ("%s differs from another level: %a, %a", levels[k], q, p);
          }
        first = first != NULL ? first : y;
      }
  g_assert_true (chain_cpu_force_isa (best));
  return first;
}

static double
number (const Bench *t, const void *y, gsize i)
{
  return t->dtype == CHAIN_F32 ? ((const float *) y)[i] : ((const double *) y)[i];
}

/* The next CHUNK test numbers: floats by their bits, or doubles of every size and, half of them, between -50 and 50. FALSE at the end. */
static gboolean
fill (ChainDtype dtype, double *z, guint64 *at, Dice *d)
{
  guint64 stride = MAX (1, 4099 / MIN (4099, draws_count (1)));

  if (*at >= G_GUINT64_CONSTANT (1) << 32)
    return FALSE;
  for (guint i = 0; i < CHUNK; i++, *at += dtype == CHAIN_F32 ? stride : 1 << 16)
    {
      guint32 bits = (guint32) *at;
      float f;

      memcpy (&f, &bits, 4);
      z[i] = dtype == CHAIN_F32 ? f
             : i % 2            ? 100 * (dice (d, 1 << 30) + 0.5) / (1 << 30) - 50
                                : ldexp (dice_real (d), (int) dice (d, 600) - 300);
    }
  return TRUE;
}

/* --- activations --- */
typedef struct { double worst, at, share, absolute; } Tally;

static void
judge (const Bench *t, const Truth *f, const double *z, const void *y, Tally *tally)
{
  for (guint i = 0; i < CHUNK; i++)
    {
      long double want = f->f (z[i]);
      double got = number (t, y, i), e = ulps (got, want, t->dtype);
      double bar = (fabsl (want) < (t->dtype == CHAIN_F32 ? 1e-37L : 1e-305L) ? fabs (z[i]) : 0) + (t->dtype == CHAIN_F32 ? f->bar : f->bar64) + (f->cost && fabs (z[i]) < 1e3 ? f->grows * f->cost (z[i]) : 0);

      if (g_str_equal (f->id, "gelu_erf") && t->dtype == CHAIN_F32 && z[i] <= -5)   /* as RELIABILITY 4.5 has it */
        bar = 256;
      if (e > bar)
        g_error ("%s (%a) = %a, %.2f units off, bar %.2f; truth %.9Lg", f->id, z[i], got, e, bar, want);
      if (e > tally->worst)
        {
          tally->worst = e;
          tally->at = z[i];
        }
      if (e > 0 && isfinite (got))
        tally->absolute = fmax (tally->absolute, (double) fabsl (got - want) / fmax (1, fabs (z[i])));
      tally->share = bar > 0 ? fmax (tally->share, e / bar) : tally->share;
    }
}

static void
test_activation (gconstpointer data)
{
  static double z[CHUNK];
  const ChainActivationRow *row = data;
  const Truth *f = truth_of (row->info.id);
  const double *const in[2] = { z };

  for (int dtype = 0; dtype < 2; dtype++)
    {
      ChainParams p = { &row->info, NULL };
      Bench t = { .g = chain_graph_new () };
      Tally tally = { 0 };
      guint64 at = 0;
      Dice d;

      dice_init (&d, draws_seed ());
      t.in[0] = chain_leaf (t.g, CHAIN_LEAF_INPUT, "z", chain_shape (CHAIN_B, COLS));
      t.out = chain_scale (t.g, row->build (t.g, t.in[0], &p), 1);
      bench_open (&t, (ChainDtype) dtype);
      while (fill ((ChainDtype) dtype, z, &at, &d))
        judge (&t, f, z, bench_run (&t, ROWS, in, CHUNK), &tally);
      g_test_message ("%s, %s: %.2f units at %g, %.0f %% of the bar", row->info.id, dtype == CHAIN_F32 ? "f32" : "f64", tally.worst, tally.at,
                      100 * tally.share);
      if (g_str_equal (row->info.id, "gelu_erf") && dtype == CHAIN_F32)
        g_assert_cmpfloat (tally.absolute, <=, 1e-7);
      bench_close (&t);
    }
}

/* --- over rows --- */
static long double
log_softmax (const double *z, guint n, guint i)
{
  guint top = 0;
  long double rest = 0;

  for (guint k = 1; k < n; k++)
    top = z[k] > z[top] ? k : top;
  for (guint k = 0; k < n; k++)
    rest += k == top ? 0 : expl ((long double) z[k] - z[top]);
  return (long double) z[i] - z[top] - log1pl (rest);
}

static void
check_log_softmax (guint width, double size, ChainDtype dtype, double *worst)
{
  const ChainActivationRow *row = chain_activation_row ("log_softmax");
  ChainParams p = { &row->info, NULL };
  Bench t = { .g = chain_graph_new () };
  gint64 b = CHUNK / 16 / width;
  g_autofree double *z = g_new (double, b * width);
  const double *const in[2] = { z };
  const void *y;
  Dice d;

  dice_init (&d, draws_seed () + width);
  for (gsize i = 0; i < (gsize) b * width; i++)
    z[i] = (float) CLAMP (size * dice_real (&d), -1e4, 1e4);
  t.in[0] = chain_leaf (t.g, CHAIN_LEAF_INPUT, "z", chain_shape (CHAIN_B, (int32_t) width));
  t.out = row->build (t.g, t.in[0], &p);
  bench_open (&t, dtype);
  y = bench_run (&t, b, in, (gsize) b * width);
  for (gsize i = 0; i < (gsize) b * width; i++)
    {
      long double want = log_softmax (z + i / width * width, width, (guint) (i % width));
      double e = ulps (number (&t, y, i), want, dtype), gap = 0;

      if (want > -1e-3)   /* −e^−gap as good as: the gap itself is a rounded difference */
        gap = -(double) logl (-want);
      if (!(want == 0 ? number (&t, y, i) == 0 : e <= 8 + gap))
        g_error ("log-softmax of %u logits of size %g: %a, truth %.9Lg, %g units off", width, size, number (&t, y, i), want, e);
      *worst = fmax (*worst, e);
    }
  bench_close (&t);
}

static void
test_log_softmax (void)
{
  static const guint widths[] = { 1, 2, 3, 10, 33, 100, 1000 };
  static const double sizes[] = { 0.01, 1, 8, 100, 1e4 };
  double worst[2] = { 0 };

  for (guint w = 0; w < G_N_ELEMENTS (widths); w++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      for (int dtype = 0; dtype < 2; dtype++)
        check_log_softmax (widths[w], sizes[s], (ChainDtype) dtype, &worst[dtype]);
  g_test_message ("log-softmax: %.2f units in f32, %.2f in f64", worst[CHAIN_F32], worst[CHAIN_F64]);
}

/* --- losses from logits --- */
static void
loss_bench (Bench *t, const char *id, int32_t cols)
{
  const ChainLossRow *row = chain_loss_row (id);
  ChainParams p = { &row->info, NULL };

  *t = (Bench){ .g = chain_graph_new () };
  t->in[0] = chain_leaf (t->g, CHAIN_LEAF_INPUT, "z", chain_shape (CHAIN_B, cols));
  t->in[1] = chain_leaf (t->g, CHAIN_LEAF_INPUT, "t", chain_shape (CHAIN_B, cols));
  t->out = row->build (t->g, t->in, &p);
}

static void
test_bce (void)
{
  static double z[CHUNK], target[CHUNK];
  static const double targets[] = { 0, 1, 0.5, 0.25, 1e-30, 1e-7, 1 - 0x1p-24 };
  const double *const in[2] = { z, target };

  for (int dtype = 0; dtype < 2; dtype++)
    {
      double worst = 0, share;
      guint64 at = 0, n = 0;
      Bench t;
      Dice d;

      dice_init (&d, draws_seed ());
      loss_bench (&t, "bce_with_logits", COLS);
      bench_open (&t, (ChainDtype) dtype);
      while (fill ((ChainDtype) dtype, z, &at, &d))
        {
          const void *y;

          for (guint i = 0; i < CHUNK; i++, n++)
            target[i] = n % 8 < 7 ? targets[n % 8] : (float) ((dice (&d, 1 << 24) + 0.5) / (1 << 24));
          y = bench_run (&t, ROWS, in, CHUNK);
          for (guint i = 0; i < CHUNK; i++)
            if (isfinite (z[i]))
              {
                long double want = target[i] * t_softplus (-(long double) z[i]) + (1 - (long double) target[i]) * t_softplus (z[i]);

                share = ulps (number (&t, y, i), want, (ChainDtype) dtype);
                if (!(share <= 8) || !isfinite (number (&t, y, i)))
                  g_error ("bce (%a, %a) = %a, %g units off, truth %.9Lg", z[i], target[i], number (&t, y, i), share, want);
                worst = fmax (worst, share);
              }
        }
      g_test_message ("bce with logits, %s: %.2f units", dtype == CHAIN_F32 ? "f32" : "f64", worst);
      bench_close (&t);
    }
}

/* (0, s, −s) with each of the three classes: finite, and s or 2 s where the truth is not the first. */
static void
test_cross_entropy (void)
{
  enum { N = 31 * 3 };
  double z[N * 3], target[N * 3] = { 0 };
  const double *const in[2] = { z, target };

  for (guint i = 0; i < N; i++)
    {
      double s = (float) pow (10, i / 3);

      z[3 * i] = 0;
      z[3 * i + 1] = s;
      z[3 * i + 2] = -s;
      target[3 * i + i % 3] = 1;
    }
  for (int dtype = 0; dtype < 2; dtype++)
    {
      Bench t;
      const void *y;

      loss_bench (&t, "ce_with_logits", 3);
      bench_open (&t, (ChainDtype) dtype);
      y = bench_run (&t, N, in, N);
      for (guint i = 0; i < N; i++)
        {
          double got = number (&t, y, i), want = (double) -log_softmax (z + 3 * i, 3, i % 3), s = z[3 * i + 1];

          g_assert_true (isfinite (got));
          g_assert_cmpfloat (fabs (got - want), <=, (dtype == CHAIN_F32 ? 1e-6 : 1e-15) * s);
        }
      bench_close (&t);
    }
}

int
main (int argc, char **argv)
{
  guint n;
  const ChainActivationRow *rows = chain_table_activations (&n);

  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  for (guint i = 0; i < n; i++)
    if (!rows[i].rowwise)
      {
        g_autofree char *path = g_strdup_printf ("/run/composite/%s", rows[i].info.id);
        g_test_add_data_func (path, &rows[i], test_activation);
      }
  g_test_add_func ("/run/composite/log-softmax", test_log_softmax);
  g_test_add_func ("/run/composite/bce-with-logits", test_bce);
  g_test_add_func ("/run/composite/cross-entropy", test_cross_entropy);
  return g_test_run ();
}
