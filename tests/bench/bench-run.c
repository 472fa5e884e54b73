/* SPDX-License-Identifier: Apache-2.0 */
/* Time of one training step on plans built directly from the graph: W1 (2-8-8-1, tanh, squared error, SGD, batch 10) and W2
 * (784-128-10, ReLU, softmax cross-entropy, Adam, batch 64). Prints the median and the best of the rounds in µs.
 *
 *   bench-run [w1|w2|w3|dump-w1|dump-w2|items-w1|items-w2] [threads] */
#include "engine/base/rng.h"
#include "engine/graph/grad.h"
#include "engine/run/backend-registry.h"
#include "engine/run/exec.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Many short rounds: where others use the cores too, some of the rounds are undisturbed. */
enum { ROUNDS = 501 };

typedef struct
{
  ChainGraph *g;
  ChainId     x, t, loss;
  GArray     *params, *states;   /* ChainId, ChainState */
  GArray     *leaves;            /* what has to be filled: ChainId */
} Net;

static void
new_state (Net *net, ChainId leaf, ChainId next)
{
  ChainState s = { leaf, next };

  g_array_append_val (net->states, s);
}

static ChainId
parameter (Net *net, const char *name, int rows, int cols)
{
  ChainId id = chain_leaf (net->g, CHAIN_LEAF_PARAM, name, chain_shape (rows, cols));

  g_array_append_val (net->params, id);
  return id;
}

static ChainId
dense (Net *net, ChainId h, int in, int out)
{
  ChainId w = parameter (net, "w", out, in), b = parameter (net, "b", 1, out);
  ChainId z = chain_matmul (net->g, h, w, FALSE, TRUE);

  return chain_add (net->g, z, chain_broadcast (net->g, b, chain_shape (CHAIN_B, out)));
}

static void
sgd (Net *net, const ChainId *grads)
{
  ChainId rate = chain_scalar (net->g, "rate");

  for (guint i = 0; i < net->params->len; i++)
    {
      ChainId p = g_array_index (net->params, ChainId, i);
      new_state (net, p, chain_sub (net->g, p, chain_mul_s (net->g, grads[i], rate)));
    }
}

static void
adam (Net *net, const ChainId *grads)
{
  ChainGraph *g = net->g;
  ChainId rate = chain_scalar (g, "rate"), t = chain_scalar (g, "t"), one = chain_const (g, 1);
  ChainId b1 = chain_const (g, 0.9), b2 = chain_const (g, 0.999), t1 = chain_add (g, t, one);
  ChainId c1 = chain_sub (g, one, chain_pow (g, b1, t1)), c2 = chain_sub (g, one, chain_pow (g, b2, t1));

  for (guint i = 0; i < net->params->len; i++)
    {
      ChainId p = g_array_index (net->params, ChainId, i);
      ChainShape shape = chain_graph_node (g, p)->shape;
      ChainId m = chain_leaf (g, CHAIN_LEAF_STATE, "m", shape), v = chain_leaf (g, CHAIN_LEAF_STATE, "v", shape);
      ChainId m1 = chain_add (g, chain_scale (g, m, 0.9), chain_scale (g, grads[i], 0.1));
      ChainId v1 = chain_add (g, chain_scale (g, v, 0.999), chain_scale (g, chain_square (g, grads[i]), 0.001));
      ChainId den = chain_offset (g, chain_sqrt (g, chain_div_s (g, v1, c2)), 1e-8);
      ChainId step = chain_div (g, chain_mul_s (g, m1, chain_div (g, rate, c1)), den);
      new_state (net, m, m1);
      new_state (net, v, v1);
      new_state (net, p, chain_sub (g, p, step));
    }
  new_state (net, t, t1);
}

static void
finish (Net *net, void (*rule) (Net *net, const ChainId *grads))
{
  g_autofree ChainId *grads = g_new0 (ChainId, net->params->len);

  if (!chain_grad (net->g, net->loss, CHAIN_NONE, (const ChainId *) (void *) net->params->data, net->params->len, grads, NULL, NULL))
    g_error ("no gradient");
  rule (net, grads);
  chain_graph_seal (net->g);
}

static void
net_init (Net *net)
{
  net->g = chain_graph_new ();
  net->params = g_array_new (FALSE, FALSE, sizeof (ChainId));
  net->states = g_array_new (FALSE, FALSE, sizeof (ChainState));
}

static void
build_w1 (Net *net)
{
  ChainId h, d;

  net_init (net);
  net->x = chain_leaf (net->g, CHAIN_LEAF_INPUT, "x", chain_shape (CHAIN_B, 2));
  net->t = chain_leaf (net->g, CHAIN_LEAF_INPUT, "t", chain_shape (CHAIN_B, 1));
  h = chain_tanh (net->g, dense (net, net->x, 2, 8));
  h = chain_tanh (net->g, dense (net, h, 8, 8));
  d = chain_sub (net->g, dense (net, h, 8, 1), net->t);
  net->loss = chain_div (net->g, chain_sum_all (net->g, chain_square (net->g, d)), chain_n_rows (net->g));
  finish (net, sgd);
}

static void
build_classifier (Net *net, const int *widths, int n)
{
  ChainId h, picked;

  net_init (net);
  net->x = h = chain_leaf (net->g, CHAIN_LEAF_INPUT, "x", chain_shape (CHAIN_B, widths[0]));
  net->t = chain_leaf (net->g, CHAIN_LEAF_INPUT, "t", chain_shape (CHAIN_B, 1));
  for (int i = 1; i < n; i++)
    {
      h = dense (net, h, widths[i - 1], widths[i]);
      if (i < n - 1)
        h = chain_relu (net->g, h);
    }
  picked = chain_sum_all (net->g, chain_mul (net->g, h, chain_one_hot (net->g, net->t, widths[n - 1])));
  net->loss = chain_div (net->g, chain_sub (net->g, chain_sum_all (net->g, chain_logsumexp (net->g, h)), picked), chain_n_rows (net->g));
  finish (net, adam);
}

static void
fill (ChainExec *x, ChainId id, gint64 b, double scale, gboolean classes)
{
  ChainShape s = chain_graph_node (chain_exec_graph (x), id)->shape;
  gsize n = (gsize) (chain_axis (s.rows, b) * chain_axis (s.cols, b));
  g_autofree double *v = g_new (double, n);
  ChainStream stream;

  chain_stream_init (&stream, 1, CHAIN_STREAM_DATA, id, 0);
  for (gsize i = 0; i < n; i++)
    v[i] = classes ? (double) (i % 10) : scale * chain_stream_normal (&stream, (guint32) i, 0);
  if (!chain_exec_write (x, id, b, v, n, NULL))
    g_error ("write");
}

static int
compare (const void *a, const void *b)
{
  return *(const double *) a < *(const double *) b ? -1 : *(const double *) a > *(const double *) b;
}

static double
now_us (void)
{
  return (double) g_get_monotonic_time ();
}

static void
time_items (ChainExec *x, ChainProgram p, gint64 b, int inner)
{
  const ChainPlan *plan = chain_exec_plan (x, p, b, NULL);

  for (guint i = 0; i < plan->n_items; i++)
    {
      double best = 1e9;
      for (int r = 0; r < 99; r++)
        {
          double t0 = now_us ();
          for (int k = 0; k < inner; k++)
            chain_exec_run_range (x, p, b, i, i + 1, NULL);
          best = MIN (best, (now_us () - t0) / inner);
        }
      printf ("%3u  %8.4f us  %s %dx%d\n", i, best, chain_op_row ((ChainOp) plan->items[i].op)->name, (int) plan->items[i].detail->rows,
              (int) plan->items[i].detail->cols);
    }
}

/* A run of items, as the device groups them. */
static void
time_range (ChainExec *x, ChainProgram p, gint64 b, guint first, guint last)
{
  double best = 1e9;

  for (int r = 0; r < 9; r++)
    {
      double t0 = now_us ();
      for (int k = 0; k < 100; k++)
        chain_exec_run_range (x, p, b, first, last, NULL);
      best = MIN (best, (now_us () - t0) / 100);
    }
  printf ("items [%u, %u)  %.3f us\n", first, last, best);
}

static void
measure (const char *name, Net *net, gint64 b, double scale, int inner, int threads, const char *mode)
{
  ChainExec *x = chain_exec_new (net->g, CHAIN_F32, NULL);
  ChainProgram p = chain_exec_program (x, &net->loss, 1, (const ChainState *) (void *) net->states->data, net->states->len, CHAIN_PLAN_COMMIT);
  double times[ROUNDS];

  chain_exec_set_threads (x, threads);
  fill (x, net->x, b, 1, FALSE);
  fill (x, net->t, b, 1, scale < 0.2);
  for (guint i = 0; i < net->params->len; i++)
    fill (x, g_array_index (net->params, ChainId, i), b, scale, FALSE);
  /* so slow that the one batch is not learnt by heart: vanishing gradients would be denormal and slow */
  chain_exec_set_scalar (x, chain_scalar (net->g, "rate"), 1e-6);
  if (strcmp (mode, "dump") == 0)
    {
      g_autofree char *text = chain_plan_dump (net->g, chain_exec_plan (x, p, b, NULL));
      fputs (text, stdout);
    }
  else if (strcmp (mode, "items") == 0)
    time_items (x, p, b, inner);
  else if (g_getenv ("BENCH_FIRST") != NULL && g_getenv ("BENCH_LAST") != NULL)
    time_range (x, p, b, (guint) g_ascii_strtoull (g_getenv ("BENCH_FIRST"), NULL, 10),
                (guint) g_ascii_strtoull (g_getenv ("BENCH_LAST"), NULL, 10));
  else
    {
      for (int r = 0; r < ROUNDS; r++)
        {
          double t0 = now_us ();
          for (int k = 0; k < inner; k++)
            if (!chain_exec_run (x, p, b, NULL))
              g_error ("run");
          times[r] = (now_us () - t0) / inner;
        }
      qsort (times, ROUNDS, sizeof *times, compare);
      printf ("%s  median %.3f us  best %.3f us  loss %.6g  (%s, OpenBLAS %s, %d threads)\n", name, times[ROUNDS / 2], times[0],
              chain_exec_read_one (x, p, b, net->loss), chain_cpu_isa (), chain_blas_core (), threads);
    }
  chain_exec_free (x);
}

int
main (int argc, char **argv)
{
  static const int w2[] = { 784, 128, 10 }, w3[] = { 784, 512, 256, 10 };
  const char *what = argc > 1 ? argv[1] : "w1w2", *mode = strncmp (what, "dump", 4) == 0 ? "dump" : strncmp (what, "items", 5) == 0 ? "items" : "";
  int threads = argc > 2 ? (int) g_ascii_strtoll (argv[2], NULL, 10) : 1;
  Net net;

  chain_backend_init ();
  if (argc > 3)
    chain_cpu_force_isa (argv[3]);
  if (strstr (what, "w1") != NULL)
    {
      build_w1 (&net);
      measure ("W1", &net, 10, 0.5, 500, threads, mode);
    }
  if (strstr (what, "w2") != NULL)
    {
      build_classifier (&net, w2, 3);
      measure ("W2", &net, 64, 0.05, 2, threads, mode);
    }
  if (strstr (what, "w3") != NULL)
    {
      build_classifier (&net, w3, 4);
      measure ("W3", &net, 128, 0.05, 1, threads, mode);
    }
  return 0;
}
