/* SPDX-License-Identifier: Apache-2.0 */
/* bench W8: a scalar graph in f64, recorded, differentiated and planned, then evaluated forward and back: nanoseconds for each forward node.
 * A chain of + and × over ten parameters; every graph is new, the first of the process by itself. tests/bench/scalar.c has the stages. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/cli/cli.h"
#include "engine/base/number.h"
#include "engine/graph/grad.h"
#include "engine/run/exec.h"

enum { WIDTH = 10, ROUNDS = 15 };

typedef struct { ChainGraph *g; ChainId x[WIDTH], out[WIDTH + 1]; } Scalar;

static double
now_ns (void)
{
  return (double) g_get_monotonic_time () * 1e3;
}

static void
record (Scalar *s, guint n)
{
  ChainId y, before;

  s->g = chain_graph_new ();
  for (int i = 0; i < WIDTH; i++)
    s->x[i] = chain_leaf (s->g, CHAIN_LEAF_PARAM, "x", chain_shape (1, 1));
  y = s->x[0];
  before = s->x[1];
  for (guint k = 0; k < n / 4; k++)
    {
      ChainId m = chain_mul (s->g, y, s->x[k % WIDTH]), a = chain_add (s->g, m, before);
      ChainId t = chain_mul (s->g, a, s->x[(k + 3) % WIDTH]);
      y = chain_add (s->g, y, t);
      before = m;
    }
  s->out[0] = y;
}

/* Nanoseconds a node for graph, gradient and plan; many small graphs are made in one go, the clock being coarse. */
static double
time_making (guint n, guint inner)
{
  double at = now_ns ();

  for (guint k = 0; k < inner; k++)
    {
      Scalar s;
      ChainPlan *plan = NULL;
      record (&s, n);
      if (chain_grad (s.g, s.out[0], CHAIN_NONE, s.x, WIDTH, s.out + 1, NULL, NULL))
        plan = chain_plan_new (s.g, s.out, WIDTH + 1, NULL, 0, 1, CHAIN_F64, CHAIN_PLAN_DEFAULT, NULL);
      chain_plan_free (plan);
      chain_graph_free (s.g);
    }
  return (now_ns () - at) / inner / n;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

static double
time_running (guint n, double *best)
{
  double t[ROUNDS];
  guint inner = MAX (4000000 / n, 1);
  ChainProgram p;
  ChainExec *x;
  Scalar s;

  record (&s, n);
  chain_grad (s.g, s.out[0], CHAIN_NONE, s.x, WIDTH, s.out + 1, NULL, NULL);
  chain_graph_seal (s.g);
  x = chain_exec_new (s.g, CHAIN_F64, NULL);
  p = chain_exec_program (x, s.out, WIDTH + 1, NULL, 0, CHAIN_PLAN_DEFAULT);
  for (int i = 0; i < WIDTH; i++)
    chain_exec_write (x, s.x[i], 1, &(double){ 0.003 + 0.0003 * i }, 1, NULL);
  for (int r = 0; r < ROUNDS; r++)
    {
      double at = now_ns ();
      for (guint k = 0; k < inner; k++)
        chain_exec_run (x, p, 1, NULL);
      t[r] = (now_ns () - at) / inner / n;
    }
  chain_exec_free (x);
  chain_graph_free (s.g);
  qsort (t, ROUNDS, sizeof t[0], compare);
  *best = t[0];
  return t[ROUNDS / 2];
}

int
cli_bench_scalar (void)
{
  static const guint sizes[] = { 1000, 100000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint n = sizes[i], inner = MAX (200000 / n, 1);
      double first = time_making (n, 1), later[ROUNDS], best, median;
      char a[CHAIN_NUMBER_SIZE], b[CHAIN_NUMBER_SIZE], c[CHAIN_NUMBER_SIZE], d[CHAIN_NUMBER_SIZE], e[CHAIN_NUMBER_SIZE];
      for (int r = 0; r < ROUNDS; r++)
        later[r] = time_making (n, inner);
      qsort (later, ROUNDS, sizeof later[0], compare);
      median = time_running (n, &best);
      printf ("{\"workload\":\"W8\",\"threads\":1,\"nodes\":%u,\"first_ns\":%s,\"later_ns\":%s,\"later_min_ns\":%s,\"evaluate_ns\":%s,"
              "\"evaluate_min_ns\":%s}\n",
              n, chain_number_write_digits (a, first, 5), chain_number_write_digits (b, later[ROUNDS / 2], 5),
              chain_number_write_digits (c, later[0], 5), chain_number_write_digits (d, median, 5), chain_number_write_digits (e, best, 5));
    }
  return CHAIN_EXIT_OK;
}
