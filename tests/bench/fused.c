/* SPDX-License-Identifier: Apache-2.0 */
/* How far the engine's optimisers are from loops written by hand (TILES 1): one tensor, the update of each rule as a graph, run by
 * an executor, and in turn with it a fused C loop over plain arrays. Best and median of the rounds; the ratio decides, because the
 * rounds of both alternate.
 *
 *   fused [plain C|AVX2|AVX-512] */
#include "engine/run/backend-registry.h"
#include "engine/run/exec.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 41 };
static const float b1 = 0.9f, b2 = 0.999f, rest1 = 0.1f, rest2 = 0.001f, eps = 1e-8f;
static float rate = 1e-6f, c1 = 1.5f, c2 = 1.2f;

typedef struct { float *w, *g, *m, *v; size_t n; } Loop;

/* The compiler may use every vector instruction that the engine's kernels use. */
#if defined(__x86_64__)
#define BEST __attribute__ ((target ("avx512f,avx512dq,avx512vl,fma,prefer-vector-width=512"), optimize ("O3"), noinline))
#else
#define BEST __attribute__ ((noinline))
#endif

BEST static void
adam_loop (const Loop *l)
{
  float *restrict w = __builtin_assume_aligned (l->w, 64), *restrict m = __builtin_assume_aligned (l->m, 64);
  float *restrict v = __builtin_assume_aligned (l->v, 64);
  const float *restrict g = __builtin_assume_aligned (l->g, 64);

  for (size_t i = 0; i < l->n; i++)
    {
      float p = m[i] = __builtin_fmaf (m[i], b1, g[i] * rest1), q = v[i] = __builtin_fmaf (v[i], b2, g[i] * g[i] * rest2);
      w[i] -= p / (__builtin_sqrtf (q) / c2 + eps) * (rate / c1);
    }
}

BEST static void
rmsprop_loop (const Loop *l)
{
  float *restrict w = __builtin_assume_aligned (l->w, 64), *restrict v = __builtin_assume_aligned (l->v, 64);
  const float *restrict g = __builtin_assume_aligned (l->g, 64);

  for (size_t i = 0; i < l->n; i++)
    {
      float q = v[i] = __builtin_fmaf (v[i], b2, g[i] * g[i] * rest2);
      w[i] -= g[i] / (__builtin_sqrtf (q) + eps) * rate;
    }
}

BEST static void
momentum_loop (const Loop *l)
{
  float *restrict w = __builtin_assume_aligned (l->w, 64), *restrict m = __builtin_assume_aligned (l->m, 64);
  const float *restrict g = __builtin_assume_aligned (l->g, 64);

  for (size_t i = 0; i < l->n; i++)
    {
      float p = m[i] = __builtin_fmaf (m[i], b1, g[i]);
      w[i] -= p * rate;
    }
}

typedef struct
{
  const char *name;
  void (*loop) (const Loop *l);
  int which;             /* 0 Adam, 1 RMSProp, 2 momentum */
} Rule;

static const Rule rules[] = { { "Adam", adam_loop, 0 }, { "RMSProp", rmsprop_loop, 1 }, { "momentum", momentum_loop, 2 } };

static guint
build (ChainGraph *graph, const Rule *rule, int rows, int cols, ChainId leaves[4], ChainState states[3])
{
  ChainShape s = chain_shape (rows, cols);
  ChainId scale = chain_scalar (graph, "rate"), step, d;
  guint n = 0;

  leaves[0] = chain_leaf (graph, CHAIN_LEAF_PARAM, "w", s);
  leaves[1] = chain_leaf (graph, CHAIN_LEAF_DATA, "g", s);
  leaves[2] = chain_leaf (graph, CHAIN_LEAF_STATE, "m", s);
  leaves[3] = chain_leaf (graph, CHAIN_LEAF_STATE, "v", s);
  step = leaves[1];
  if (rule->which != 1)
    {
      step = chain_add (graph, chain_scale (graph, leaves[2], (double) b1), rule->which == 0 ? chain_scale (graph, leaves[1], (double) rest1) : leaves[1]);
      states[n++] = (ChainState){ leaves[2], step };
    }
  if (rule->which != 2)
    {
      ChainId square = chain_scale (graph, chain_square (graph, leaves[1]), (double) rest2);
      ChainId v = chain_add (graph, chain_scale (graph, leaves[3], (double) b2), square);
      states[n++] = (ChainState){ leaves[3], v };
      d = chain_sqrt (graph, v);
      if (rule->which == 0)
        d = chain_div_s (graph, d, chain_scalar (graph, "c2"));
      step = chain_div (graph, step, chain_offset (graph, d, (double) eps));
    }
  states[n++] = (ChainState){ leaves[0], chain_sub (graph, leaves[0], chain_mul_s (graph, step, scale)) };
  chain_graph_seal (graph);
  return n;
}

static int
compare (const void *a, const void *b)
{
  return *(const double *) a < *(const double *) b ? -1 : *(const double *) a > *(const double *) b;
}

static double
now (void)
{
  return (double) g_get_monotonic_time ();
}

static void
fill (Loop *l, ChainExec *x, const ChainId leaves[4])
{
  float *to[] = { l->w, l->g, l->m, l->v };

  for (int k = 0; k < 4; k++)
    {
      for (size_t i = 0; i < l->n; i++)
        to[k][i] = k == 3 ? 0.01f : 0.1f * sinf ((float) i * (1.7f + (float) k));
      if (!chain_exec_write_f32 (x, leaves[k], 1, to[k], l->n, NULL))
        g_error ("no memory");
    }
}

static void
measure (const Rule *rule, int rows, int cols)
{
  ChainGraph *graph = chain_graph_new ();
  ChainId leaves[4];
  ChainState states[3];
  guint n_states = build (graph, rule, rows, cols, leaves, states);
  ChainExec *x = chain_exec_new (graph, CHAIN_F32, NULL);
  ChainProgram p = chain_exec_program (x, NULL, 0, states, n_states, CHAIN_PLAN_COMMIT);
  size_t n = (size_t) rows * (size_t) cols, bytes = (n * sizeof (float) + 63) & ~(size_t) 63;
  Loop l = { aligned_alloc (64, bytes), aligned_alloc (64, bytes), aligned_alloc (64, bytes), aligned_alloc (64, bytes), n };
  double ours[ROUNDS], hand[ROUNDS], ratio[ROUNDS];
  int inner = (int) MAX (1, 2000000 / n / 10);

  fill (&l, x, leaves);
  chain_exec_set_scalar (x, chain_scalar (graph, "rate"), (double) (rule->which == 0 ? rate / c1 : rate));
  if (rule->which == 0)
    chain_exec_set_scalar (x, chain_scalar (graph, "c2"), (double) c2);
  for (int r = 0; r < ROUNDS; r++)
    {
      double t0 = now (), t1;
      for (int i = 0; i < inner; i++)
        rule->loop (&l);
      t1 = now ();
      for (int i = 0; i < inner; i++)
        chain_exec_run (x, p, 1, NULL);
      ours[r] = (now () - t1) / inner;
      hand[r] = (t1 - t0) / inner;
      ratio[r] = ours[r] / hand[r];
    }
  if (memcmp (l.w, chain_exec_peek (x, p, 1, leaves[0]), n * sizeof (float)) != 0)
    printf ("other bits: ");
  qsort (ours, ROUNDS, sizeof *ours, compare);
  qsort (hand, ROUNDS, sizeof *hand, compare);
  qsort (ratio, ROUNDS, sizeof *ratio, compare);
  printf ("%-8s %8zu numbers: loop %9.3f us (best %9.3f), engine %9.3f us (best %9.3f), ratio %.2f (of the best %.2f)\n", rule->name, n,
          hand[ROUNDS / 2], hand[0], ours[ROUNDS / 2], ours[0], ratio[ROUNDS / 2], ours[0] / hand[0]);
  free (l.w);
  free (l.g);
  free (l.m);
  free (l.v);
  chain_exec_free (x);
  chain_graph_free (graph);
}

int
main (int argc, char **argv)
{
  static const int sizes[][2] = { { 1, 128 }, { 8, 125 }, { 100, 200 }, { 400, 500 }, { 1000, 2000 } };

  chain_backend_init ();
  if (argc > 1 && !chain_cpu_force_isa (argv[1]))
    g_error ("this processor lacks %s", argv[1]);
  for (guint r = 0; r < G_N_ELEMENTS (rules); r++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      measure (&rules[r], sizes[s][0], sizes[s][1]);
  return 0;
}
