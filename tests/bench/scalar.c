/* SPDX-License-Identifier: Apache-2.0 */
/* Scalar graphs (W8): a chain of + and × over ten parameters in f64, recorded, differentiated, planned, prepared and evaluated forward and
 * back. Nanoseconds for each forward node, at 10² to 10⁶ nodes: the first graph of the process, then the median of later ones, each
 * made and freed; the share of each stage; the evaluation of the last.
 *
 *   bench-scalar [nodes …] */
#include "engine/base/number.h"
#include "engine/graph/grad.h"
#include "engine/run/exec.h"

#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 10, MAX_ROUNDS = 31, N_STAGES = 5 };

static const char *const stages[N_STAGES] = { "append", "differentiate", "plan", "prepare", "free" };

typedef struct
{
  ChainGraph  *g;
  ChainId      x[WIDTH], y, out[WIDTH + 1];
  ChainPlan   *plan;
  ChainExec   *exec;
  ChainProgram program;
} Scalar;

static double
now_ns (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
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
  s->y = y;
}

static void
make (Scalar *s, guint n, double *t)
{
  double at = now_ns (), next;

#define STAGE(i) (next = now_ns (), t[i] = (next - at) / n, at = next)
  record (s, n);
  STAGE (0);
  s->out[0] = s->y;
  if (!chain_grad (s->g, s->y, CHAIN_NONE, s->x, WIDTH, s->out + 1, NULL, NULL))
    g_error ("no gradient");
  chain_graph_seal (s->g);
  STAGE (1);
  s->plan = chain_plan_new (s->g, s->out, WIDTH + 1, NULL, 0, 1, CHAIN_F64, CHAIN_PLAN_DEFAULT, NULL);
  STAGE (2);
  chain_plan_free (s->plan);
  at = now_ns ();
  s->exec = chain_exec_new (s->g, CHAIN_F64, NULL);
  s->program = chain_exec_program (s->exec, s->out, WIDTH + 1, NULL, 0, CHAIN_PLAN_DEFAULT);
  if (chain_exec_plan (s->exec, s->program, 1, NULL) == NULL)
    g_error ("no plan");
  STAGE (3);
  t[3] -= t[2];   /* the executor plans for itself */
#undef STAGE
}

static void
unmake (Scalar *s, guint n, double *t)
{
  double at = now_ns ();

  chain_exec_free (s->exec);
  chain_graph_free (s->g);
  *t = (now_ns () - at) / n;
}

static int
compare (const void *a, const void *b)
{
  return *(const double *) a < *(const double *) b ? -1 : *(const double *) a > *(const double *) b;
}

static double
median (double *v, int n)
{
  qsort (v, (size_t) n, sizeof *v, compare);
  return v[n / 2];
}

static double
evaluate (Scalar *s, guint n)
{
  static const double x0[WIDTH] = { 3.1e-3, 4.2e-3, -2.3e-3, 1.7e-3, 5e-3, -4.4e-3, 2e-3, 3.3e-3, -1.2e-3, 2.7e-3 };
  double t[MAX_ROUNDS];
  guint inner = MAX (2000000 / n, 1);

  for (int i = 0; i < WIDTH; i++)
    chain_exec_write (s->exec, s->x[i], 1, &x0[i], 1, NULL);
  for (int r = 0; r < MAX_ROUNDS; r++)
    {
      double at = now_ns ();
      for (guint k = 0; k < inner; k++)
        chain_exec_run (s->exec, s->program, 1, NULL);
      t[r] = (now_ns () - at) / inner / n;
    }
  return median (t, MAX_ROUNDS);
}

static void
bench (guint n)
{
  double t[N_STAGES], all[N_STAGES + 1][MAX_ROUNDS], first = 0;
  int rounds = n > 200000 ? 7 : MAX_ROUNDS;
  Scalar s;

  for (int r = -1; r < rounds; r++)
    {
      make (&s, n, t);
      if (r == rounds - 1)
        break;
      unmake (&s, n, &t[4]);
      if (r < 0)
        first = t[0] + t[1] + t[2];
      for (int i = 0; r >= 0 && i < N_STAGES; i++)
        all[i][r] = t[i];
      if (r >= 0)
        all[N_STAGES][r] = t[0] + t[1] + t[2];
    }
  printf ("%8u nodes: first %6.1f, later %6.1f;", n, first, median (all[N_STAGES], rounds - 1));
  for (int i = 0; i < N_STAGES; i++)
    printf (" %s %.1f", stages[i], median (all[i], rounds - 1));
  printf ("; evaluate %.2f\n", evaluate (&s, n));
  unmake (&s, n, &t[4]);
}

int
main (int argc, char **argv)
{
  if (argc == 1)
    for (guint n = 100; n <= 1000000; n *= 10)
      bench (n);
  for (int i = 1; i < argc; i++)
    bench ((guint) g_ascii_strtoull (argv[i], NULL, 10));
  return 0;
}
