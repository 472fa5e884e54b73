/* SPDX-License-Identifier: Apache-2.0 */
/* What works along rows: softmax cross-entropy and layer norm, value and gradient, on m x n numbers in f32. Best of many short rounds, in
 * nanoseconds a number of the operand; with an argument, so many threads. */
#include "engine/graph/grad.h"
#include "engine/nn/model/layers.h"
#include "engine/run/backend-registry.h"
#include "engine/run/exec.h"

#include <math.h>
#include <stdio.h>

enum { ROUNDS = 60 };

static void
fill (ChainExec *x, ChainId leaf, int rows, int cols, double (*value) (int))
{
  g_autofree double *v = g_new (double, rows * cols);

  for (int i = 0; i < rows * cols; i++)
    v[i] = value (i);
  if (!chain_exec_write (x, leaf, 1, v, (gsize) rows * (gsize) cols, NULL))
    g_error ("no memory");
}

static double wave (int i) { return sin (1.7 * i) * 2; }
static double label (int i) { return i * 7 % 10; }

static double
best_time (ChainExec *x, ChainProgram p, gsize n)
{
  gsize inner = MAX (2000000 / n / 4, 1);
  double best = INFINITY;

  for (int r = 0; r < ROUNDS; r++)
    {
      gint64 at = g_get_monotonic_time ();

      for (gsize i = 0; i < inner; i++)
        chain_exec_run (x, p, 1, NULL);
      best = MIN (best, (double) (g_get_monotonic_time () - at) * 1e3 / (double) inner / (double) n);
    }
  return best;
}

static double
measure (gboolean norm, int rows, int cols, int threads)
{
  ChainGraph *g = chain_graph_new ();
  ChainId z = chain_leaf (g, CHAIN_LEAF_PARAM, "z", chain_shape (rows, cols)), y, grad, out[2];
  ChainId other = chain_leaf (g, CHAIN_LEAF_DATA, "t", norm ? chain_shape (rows, cols) : chain_shape (rows, 1));
  ChainExec *x;
  ChainProgram p;
  double t;

  if (norm)
    y = chain_sum_all (g, chain_mul (g, chain_layer_layer_norm (g, z, CHAIN_NONE, CHAIN_NONE, 1e-5), other));
  else
    y = chain_scale (g, chain_sum_all (g, chain_sub (g, chain_logsumexp (g, z), chain_sum (g, chain_mul (g, chain_one_hot (g, other, cols), z),
                                                                                           chain_shape (rows, 1)))), 1.0 / rows);
  if (!chain_grad (g, y, CHAIN_NONE, &z, 1, &grad, NULL, NULL))
    g_error ("no gradient");
  chain_graph_seal (g);
  x = chain_exec_new (g, CHAIN_F32, NULL);
  chain_exec_set_threads (x, threads);
  out[0] = y;
  out[1] = grad;
  p = chain_exec_program (x, out, 2, NULL, 0, CHAIN_PLAN_DEFAULT);
  fill (x, z, rows, cols, wave);
  fill (x, other, rows, norm ? cols : 1, norm ? wave : label);
  t = best_time (x, p, (gsize) rows * (gsize) cols);
  if (g_getenv ("PLAN") != NULL)
    {
      g_autofree char *text = chain_plan_dump (g, chain_exec_plan (x, p, 1, NULL));
      printf ("%s", text);
    }
  chain_exec_free (x);
  chain_graph_free (g);
  return t;
}

int
main (int argc, char **argv)
{
  static const int shapes[][2] = { { 10, 3 }, { 64, 10 }, { 64, 128 }, { 128, 512 }, { 1000, 10 }, { 1024, 256 }, { 4096, 64 }, { 4096, 512 } };
  int threads = argc > 1 ? (int) g_ascii_strtoll (argv[1], NULL, 10) : 1;

  chain_backend_init ();
  printf ("| rows x columns | softmax cross-entropy, ns a number | layer norm, ns a number |\n|---|---|---|\n");
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    printf ("| %d x %d | %.3f | %.3f |\n", shapes[i][0], shapes[i][1], measure (FALSE, shapes[i][0], shapes[i][1], threads),
            measure (TRUE, shapes[i][0], shapes[i][1], threads));
  return 0;
}
