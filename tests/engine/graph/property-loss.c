/* SPDX-License-Identifier: Apache-2.0 */
/* Properties 6 to 10 of differentiation (RELIABILITY 4.3), of whole graphs and of random networks with a loss: what is stored and what is
 * computed anew have the same bits; slopes, curvature and remainders of the loss are those that its gradient promises; a network of
 * rectifiers without biases is homogeneous. 1 to 5, of single ops, are in property.c. */
#include "engine/graph/build-more.h"
#include "engine/graph/eval-ref.h"
#include "engine/graph/grad.h"
#include "tests/engine/draws.h"
#include "tests/engine/run/kit.h"

#include <math.h>
#include <string.h>

#define DRAWS 1000
#define LAYERS 4

/* --- 6 --- */
/* What a node is, bit for bit: alone in a plan that computes it anew, kept, in reused slots beside the loss, one item at a time and twice. */
static void
check_recompute (const Made *m, gint64 b, ChainDtype dtype, ChainId node)
{
  const ChainId both[] = { m->loss, node };
  ChainExec *x = make_exec (m, dtype, b, 5);
  ChainProgram p[] = {
    chain_exec_program (x, both, 2, NULL, 0, CHAIN_PLAN_DEFAULT), chain_exec_program (x, both, 2, NULL, 0, CHAIN_PLAN_KEEP_ALL),
    chain_exec_program (x, &node, 1, NULL, 0, CHAIN_PLAN_DEFAULT), chain_exec_program (x, both, 2, NULL, 0, CHAIN_PLAN_KEEP_ALL | CHAIN_PLAN_COMMIT),
  };
  gsize n = chain_ref_size (m->g, node, b);
  g_autofree double *first = g_new0 (double, n), *again = g_new0 (double, n);
  double loss = 0;

  for (guint i = 0; i < G_N_ELEMENTS (p); i++)
    {
      double *to = i ? again : first;

      if (i < 3)
        g_assert_true (chain_exec_run (x, p[i], b, NULL));
      else
        for (guint k = 0, items = chain_exec_plan (x, p[i], b, NULL)->n_items; k < 2 * items; k++)
          g_assert_true (chain_exec_run_range (x, p[i], b, k / 2, k / 2 + 1, NULL));
      g_assert_true (chain_exec_read (x, p[i], b, node, to, n));
      g_assert_cmpint (memcmp (first, to, n * sizeof (double)), ==, 0);
      if (i == 0)
        loss = chain_exec_read_one (x, p[i], b, m->loss);
      else if (i != 2)
        g_assert_cmpfloat (chain_exec_read_one (x, p[i], b, m->loss), ==, loss);
    }
  chain_exec_free (x);
}

static void
test_recompute (void)
{
  guint n = draws_count (1000);

  for (guint i = 0; i < n; i++)
    {
      guint64 seed = draws_seed_of (6, i);
      Made *m = i % 2 ? make_network (seed) : make_any (seed, 6);
      Dice d;
      ChainId node;

      dice_init (&d, seed);
      do
        node = 1 + dice (&d, chain_graph_size (m->g));
      while (chain_graph_node (m->g, node)->op == CHAIN_OP_LEAF || chain_graph_node (m->g, node)->host);
      check_recompute (m, 1 + dice (&d, 9), (ChainDtype) (i / 2 % 2), node);
      made_free (m);
    }
  draws_tell ("stored and recomputed, same bits", n, 0);
}

/* --- a random network with a loss --- */
typedef struct
{
  guint64    seed;
  Dice       d;
  gint64     b;
  ChainGraph *g;
  ChainExec  *x;
  ChainId    out, loss, w[2 * LAYERS], grad[2 * LAYERS], u[2 * LAYERS], v[2 * LAYERS];
  ChainId    leaves[2 * LAYERS + 2];   /* all: input, target, parameters */
  guint      n, depth;
  gsize      size[2 * LAYERS], total;  /* numbers in each parameter, in all */
  double    *theta;
} Net;

static ChainShape
shape_of (const Net *t, ChainId id)
{
  return chain_graph_node (t->g, id)->shape;
}

static ChainId
smooth (Net *t, ChainId z)
{
  ChainGraph *g = t->g;

  switch (dice (&t->d, 11))
    {
    case 0: return chain_tanh (g, z);
    case 1: return chain_sigmoid (g, z);
    case 2: return chain_softplus (g, z);
    case 3: return chain_sin (g, z);
    case 4: return chain_cos (g, z);
    case 5: return chain_atan (g, z);
    case 6: return chain_asinh (g, z);
    case 7: return chain_erf (g, z);
    case 8: return chain_mul (g, z, chain_sigmoid (g, z));
    case 9: return chain_mul (g, z, chain_erfc (g, chain_scale (g, z, -0.5)));
    default: return chain_softmax (g, z);
    }
}

/* Positively homogeneous. */
static ChainId
rectified (Net *t, ChainId z)
{
  ChainGraph *g = t->g;
  ChainId zero = chain_zeros_like (g, z);

  switch (dice (&t->d, 4))
    {
    case 0: return chain_abs (g, z);
    case 1: return chain_where (g, chain_lt (g, zero, z), z, chain_scale (g, z, 0.1));
    case 2: return chain_max (g, z, chain_scale (g, z, 0.3));
    default: return chain_relu (g, z);
    }
}

static ChainId
some_loss (Net *t, ChainId y, ChainId target)
{
  ChainGraph *g = t->g;
  ChainId r = chain_sub (g, y, target);

  switch (dice (&t->d, 5))
    {
    case 0: return chain_mean_all (g, chain_square (g, r));
    case 1: return chain_neg (g, chain_mean_all (g, chain_mul (g, target, chain_log_softmax (g, y))));
    case 2: return chain_mean_all (g, chain_sub (g, chain_softplus (g, y), chain_mul (g, target, y)));
    case 3: return chain_sum_all (g, chain_sub (g, chain_softplus (g, chain_scale (g, r, 2)), r));
    default: return chain_mean_all (g, chain_sub (g, chain_exp (g, chain_tanh (g, y)), chain_mul (g, target, y)));
    }
}

static ChainId
param (Net *t, int32_t rows, int32_t cols)
{
  t->size[t->n] = (gsize) rows * (gsize) cols;
  t->total += t->size[t->n];
  t->leaves[2 + t->n] = t->w[t->n] = chain_leaf (t->g, CHAIN_LEAF_PARAM, "w", chain_shape (rows, cols));
  return t->w[t->n++];
}

/* Graph and gradient; the caller may add nodes before net_bind(). */
static void
net_open (Net *t, guint test, guint i, gboolean homogeneous)
{
  int32_t width = 1 + (int32_t) (i % 4);
  ChainId h;

  *t = (Net){ .seed = draws_seed_of (test, i), .g = chain_graph_new () };
  dice_init (&t->d, t->seed);
  t->b = 1 + dice (&t->d, 5);
  t->depth = 1 + dice (&t->d, homogeneous ? LAYERS : 3);
  h = t->leaves[0] = chain_leaf (t->g, CHAIN_LEAF_INPUT, "x", chain_shape (CHAIN_B, width));
  for (guint k = 0; k < t->depth; k++)
    {
      int32_t next = 1 + (int32_t) dice (&t->d, 5);
      ChainId w = param (t, next, width);

      h = homogeneous ? chain_matmul (t->g, h, w, FALSE, TRUE) : chain_affine (t->g, h, w, param (t, 1, next));
      if (k + 1 < t->depth)
        h = homogeneous ? rectified (t, h) : smooth (t, h);
      width = next;
    }
  t->out = h;
  t->leaves[1] = chain_leaf (t->g, CHAIN_LEAF_INPUT, "t", shape_of (t, h));
  t->loss = some_loss (t, h, t->leaves[1]);
  g_assert_true (chain_grad (t->g, t->loss, CHAIN_NONE, t->w, t->n, t->grad, NULL, NULL));
}

static void
net_bind (Net *t, ChainDtype dtype)
{
  gsize at = 0;
  Dice d;

  dice_init (&d, t->seed + 1);
  chain_graph_seal (t->g);
  t->x = chain_exec_new (t->g, dtype, NULL);
  g_free (t->theta);
  t->theta = g_new (double, t->total);
  for (guint i = 0; i < t->n + 2; i++)
    {
      gsize n = chain_ref_size (t->g, t->leaves[i], t->b);
      g_autofree double *v = g_new (double, n);

      for (gsize k = 0; k < n; k++)
        v[k] = i == 1 ? 1 / (1 + exp (-dice_real (&d))) : dice_real (&d);
      if (i >= 2)
        memcpy (t->theta + at, v, n * sizeof (double));
      at += i >= 2 ? n : 0;
      g_assert_true (chain_exec_write (t->x, t->leaves[i], t->b, v, n, NULL));
    }
}

static void
net_close (Net *t)
{
  g_clear_pointer (&t->x, chain_exec_free);
  g_clear_pointer (&t->theta, g_free);
  g_clear_pointer (&t->g, chain_graph_free);
}

static void
write_all (Net *t, const ChainId *leaves, const double *v)
{
  for (guint i = 0; i < t->n; v += t->size[i++])
    g_assert_true (chain_exec_write (t->x, leaves[i], t->b, v, t->size[i], NULL));
}

/* θ + h v */
static void
move (Net *t, double h, const double *v)
{
  g_autofree double *at = g_memdup2 (t->theta, t->total * sizeof (double));

  for (gsize i = 0; i < t->total; i++)
    at[i] += h * v[i];
  write_all (t, t->w, at);
}

static ChainProgram
program (Net *t, const ChainId *ids, guint n)
{
  ChainId some[4 * LAYERS + 2] = { 0 };
  guint m = 0;

  for (guint i = 0; i < n; i++)
    if (ids[i] != CHAIN_NONE)
      some[m++] = ids[i];
  return chain_exec_program (t->x, some, m, NULL, 0, CHAIN_PLAN_DEFAULT);
}

/* The numbers of one node a parameter, one after another. */
static void
read_all (Net *t, ChainProgram p, const ChainId *ids, double *out)
{
  g_assert_true (chain_exec_run (t->x, p, t->b, NULL));
  for (guint i = 0; i < t->n; out += t->size[i++])
    if (ids[i] == CHAIN_NONE)
      memset (out, 0, t->size[i] * sizeof (double));
    else
      g_assert_true (chain_exec_read (t->x, p, t->b, ids[i], out, t->size[i]));
}

static double
loss_at (Net *t, ChainProgram p, double h, const double *v)
{
  move (t, h, v);
  g_assert_true (chain_exec_run (t->x, p, t->b, NULL));
  return chain_exec_read_one (t->x, p, t->b, t->loss);
}

static double
dot (const double *a, const double *b, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

/* A random unit vector of all parameters. */
static double *
direction (Net *t)
{
  double *v = g_new (double, t->total), length;

  for (gsize i = 0; i < t->total; i++)
    v[i] = dice_real (&t->d);
  length = sqrt (dot (v, v, t->total));
  for (gsize i = 0; i < t->total; i++)
    v[i] /= length;
  return v;
}

static void
expect (const Net *t, const char *what, double error, double bar, double *worst)
{
  if (!(error <= bar))
    g_error ("%s, seed %" G_GUINT64_FORMAT ": off by %g, bar %g\n%s", what, t->seed, error, bar, chain_graph_dump (t->g));
  *worst = fmax (*worst, error / bar);
}

/* --- 7 --- */
/* Five points along the gradient: its squared norm, written with a unit vector. */
static void
test_slope (void)
{
  const double h = 2e-4;
  double worst = 0;
  guint n = draws_count (DRAWS);

  for (guint i = 0; i < n; i++)
    {
      Net t;
      g_autofree double *g = NULL;
      ChainProgram p, q;
      double norm, slope;

      net_open (&t, 7, i, FALSE);
      net_bind (&t, CHAIN_F64);
      g = g_new (double, t.total);
      read_all (&t, q = program (&t, t.grad, t.n), t.grad, g);
      norm = sqrt (dot (g, g, t.total));
      for (gsize k = 0; k < t.total; k++)
        g[k] /= norm > 0 ? norm : 1;
      p = program (&t, &t.loss, 1);
      slope = (8 * (loss_at (&t, p, h, g) - loss_at (&t, p, -h, g)) - loss_at (&t, p, 2 * h, g) + loss_at (&t, p, -2 * h, g)) / (12 * h);
      expect (&t, "slope along the gradient", fabs (slope - norm), 1e-9 + 1e-8 * norm, &worst);
      net_close (&t);
    }
  draws_tell ("slope along the gradient = its norm", n, worst);
}

/* --- 8 --- */
/* Σ grad ⊙ v, and its gradient: H v by reverse over reverse. */
static void
curvature (Net *t, ChainId *leaves, ChainId *out)
{
  ChainId sum = CHAIN_NONE;

  for (guint i = 0; i < t->n; i++)
    {
      ChainId part;

      leaves[i] = chain_leaf (t->g, CHAIN_LEAF_DATA, "v", shape_of (t, t->w[i]));
      part = t->grad[i] == CHAIN_NONE ? CHAIN_NONE : chain_dot (t->g, t->grad[i], leaves[i]);
      sum = sum == CHAIN_NONE ? part : part == CHAIN_NONE ? sum : chain_add (t->g, sum, part);
    }
  g_assert_true (chain_grad (t->g, sum, CHAIN_NONE, t->w, t->n, out, NULL, NULL));
}

static void
check_curvature (guint i, double *worst)
{
  const double h = 1e-5;
  ChainId hv[2 * LAYERS], hu[2 * LAYERS], over[2 * LAYERS];
  g_autofree double *v = NULL, *u = NULL, *Hv = NULL, *Hu = NULL, *left = NULL, *right = NULL;
  ChainProgram p;
  double size, difference = 0;
  Net t;

  net_open (&t, 8, i, FALSE);
  curvature (&t, t.v, hv);
  curvature (&t, t.u, hu);
  for (guint k = 0; k < t.n; k++)
    over[k] = CHAIN_NONE;
  for (guint k = 0; k < t.n; k++)   /* forward over reverse, one gradient at a time */
    if (t.grad[k] != CHAIN_NONE)
      g_assert_true (chain_jvp (t.g, &t.grad[k], 1, t.w, t.u, t.n, &over[k], NULL));
  net_bind (&t, CHAIN_F64);
  write_all (&t, t.v, v = direction (&t));
  write_all (&t, t.u, u = direction (&t));
  Hv = g_new (double, t.total);
  Hu = g_new (double, t.total);
  left = g_new (double, t.total);
  right = g_new (double, t.total);
  read_all (&t, program (&t, hv, t.n), hv, Hv);
  read_all (&t, program (&t, over, t.n), over, Hu);
  size = sqrt (dot (Hv, Hv, t.total)) + sqrt (dot (Hu, Hu, t.total)) + 1e-6;
  expect (&t, "forward over reverse: symmetry", fabs (dot (u, Hv, t.total) - dot (v, Hu, t.total)), 1e-10 * size, worst);
  read_all (&t, program (&t, hu, t.n), hu, Hu);
  expect (&t, "reverse over reverse: symmetry", fabs (dot (u, Hv, t.total) - dot (v, Hu, t.total)), 1e-10 * size, worst);
  p = program (&t, t.grad, t.n);
  move (&t, h, v);
  read_all (&t, p, t.grad, right);
  move (&t, -h, v);
  read_all (&t, p, t.grad, left);
  for (gsize k = 0; k < t.total; k++)
    difference = fmax (difference, fabs ((right[k] - left[k]) / (2 * h) - Hv[k]));
  expect (&t, "H v against a difference", difference, 1e-6 * fmax (size, 1e-2), worst);
  net_close (&t);
}

static void
test_curvature (void)
{
  double worst = 0;
  guint n = draws_count (DRAWS);

  for (guint i = 0; i < n; i++)
    check_curvature (i, &worst);
  draws_tell ("H v", n, worst);
}

/* --- 9 --- */
/* Slope of log2 |L(θ + h v) − L(θ) − h g'v| over six halvings of h. Where the curvature along v is almost none the next term rules: such
 * directions are drawn again. FALSE: the loss is flat. */
static gboolean
check_taylor (guint i, double *worst)
{
  enum { HALVINGS = 6 };
  ChainId hv[2 * LAYERS];
  g_autofree double *g = NULL, *v = NULL, *Hv = NULL;
  double sx = 0, sy = 0, sxx = 0, sxy = 0, base, slope, bend = 0;
  ChainProgram p, q;
  Net t;

  net_open (&t, 9, i, FALSE);
  curvature (&t, t.v, hv);
  net_bind (&t, CHAIN_F64);
  g = g_new (double, t.total);
  Hv = g_new (double, t.total);
  read_all (&t, program (&t, t.grad, t.n), t.grad, g);
  q = program (&t, hv, t.n);
  for (guint trial = 0; trial < 8 && fabs (bend) < 0.02; trial++)
    {
      g_free (v);
      write_all (&t, t.v, v = direction (&t));
      read_all (&t, q, hv, Hv);
      bend = dot (v, Hv, t.total);
    }
  p = program (&t, &t.loss, 1);
  base = loss_at (&t, p, 0, v);
  for (guint k = 0; k <= HALVINGS; k++)
    {
      double h = ldexp (1, -9 - (int) k), y = log2 (fabs (loss_at (&t, p, h, v) - base - h * dot (g, v, t.total)));

      sx += -(double) k;
      sy += y;
      sxx += (double) k * k;
      sxy += -(double) k * y;
    }
  slope = ((HALVINGS + 1) * sxy - sx * sy) / ((HALVINGS + 1) * sxx - sx * sx);
  if (fabs (bend) >= 0.02)
    expect (&t, "Taylor remainder: slope 2", fabs (slope - 2), 0.1, worst);
  net_close (&t);
  return fabs (bend) >= 0.02;
}

static void
test_taylor (void)
{
  double worst = 0;
  guint n = draws_count (DRAWS), done = 0, i = 0;

  for (; done < n; i++)
    done += check_taylor (i, &worst);
  g_assert_cmpuint (i, <, 2 * n);
  draws_tell ("Taylor remainder falls as h²", n, worst);
}

/* --- 10 --- */
/* L' = Σ ∂L/∂f ⊙ f: that of each layer, <w, ∂L/∂w>, and depth times that of all. */
static void
test_euler (void)
{
  static const double bars[] = { [CHAIN_F32] = 1e-5, [CHAIN_F64] = 1e-12 };
  double worst = 0;
  guint n = draws_count (DRAWS);

  for (guint i = 0; i < n; i++)
    for (int dtype = 0; dtype < 2; dtype++)
      {
        Net t;
        ChainId by_out;
        ChainProgram p;
        g_autofree double *g = NULL;
        double want, size, sum = 0;

        net_open (&t, 10, i, TRUE);
        g_assert_true (chain_grad (t.g, t.loss, CHAIN_NONE, &t.out, 1, &by_out, NULL, NULL));
        ChainId outs[] = { chain_dot (t.g, by_out, t.out), chain_sum_all (t.g, chain_abs (t.g, chain_mul (t.g, by_out, t.out))) };
        net_bind (&t, (ChainDtype) dtype);
        p = program (&t, outs, 2);
        g_assert_true (chain_exec_run (t.x, p, t.b, NULL));
        want = chain_exec_read_one (t.x, p, t.b, outs[0]);
        size = chain_exec_read_one (t.x, p, t.b, outs[1]) + 1e-30;
        g = g_new (double, t.total);
        read_all (&t, program (&t, t.grad, t.n), t.grad, g);
        for (gsize k = 0; k < t.total; k++)
          size += fabs (t.theta[k] * g[k]);
        for (gsize k = 0, l = 0; l < t.n; k += t.size[l++])
          {
            double own = dot (t.theta + k, g + k, t.size[l]);

            expect (&t, "<w, g> of a layer", fabs (own - want), bars[dtype] * size, &worst);
            sum += own;
          }
        expect (&t, "<w, g> = depth L'", fabs (sum - t.depth * want), bars[dtype] * t.depth * size, &worst);
        net_close (&t);
      }
  draws_tell ("homogeneous networks", n, worst);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  g_test_add_func ("/property/06-recompute", test_recompute);
  g_test_add_func ("/property/07-slope", test_slope);
  g_test_add_func ("/property/08-curvature", test_curvature);
  g_test_add_func ("/property/09-taylor", test_taylor);
  g_test_add_func ("/property/10-euler", test_euler);
  return g_test_run ();
}
