/* SPDX-License-Identifier: Apache-2.0 */
/* Differentiation as a whole: the step table, scopes and orders of what is made, masks (a zero adjoint through `where` absorbs), errors,
 * long chains, and on random graphs the identity <J u, v> = <u, Jᵀ v> with higher orders against differences. */
#include "engine/base/rng.h"
#include "engine/graph/build-more.h"
#include "tests/engine/graph/ref-kit.h"

#include <math.h>

static double
scalar (Kit *k, ChainId id)
{
  double value = 0;

  kit_eval_scalars (k, &id, 1, &value);
  return value;
}

/* y = u · v + u, u = sin x, v = exp u: three paths into u. SLIDE: sum over paths. */
static void
test_steps (void)
{
  const double x0 = 0.7;
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (ChainStep));
  ChainId x, u, v, product, y, grad;
  guint into_u = 0;
  Kit k;

  kit_init (&k);
  x = kit_leaf (&k, "x", chain_shape (1, 1), &x0);
  u = chain_sin (k.g, x);
  v = chain_exp (k.g, u);
  product = chain_mul (k.g, u, v);
  y = chain_add (k.g, product, u);
  g_assert_true (chain_grad (k.g, y, CHAIN_NONE, &x, 1, &grad, steps, NULL));
  g_assert_cmpuint (steps->len, ==, 6);   /* two of add, two of mul, exp, sin */
  for (guint i = 0; i < steps->len; i++)
    {
      const ChainStep *s = &g_array_index (steps, ChainStep, i);

      g_assert_cmpuint (chain_graph_node (k.g, s->node)->in[s->input], ==, s->target);
      if (i)
        g_assert_cmpuint (s->node, <=, g_array_index (steps, ChainStep, i - 1).node);
      if (s->target != u)
        {
          g_assert_cmpuint (s->sum, ==, s->contribution);
          continue;
        }
      into_u++;
      g_assert_true ((s->sum == s->contribution) == (into_u == 1));
      if (into_u > 1)
        {
          const ChainNode *sum = chain_graph_node (k.g, s->sum);

          g_assert_cmpint (sum->op, ==, CHAIN_OP_ADD);
          g_assert_cmpuint (sum->in[1], ==, s->contribution);
        }
    }
  g_assert_cmpuint (into_u, ==, 3);
  g_assert_cmpuint (g_array_index (steps, ChainStep, 5).sum, ==, grad);
  g_assert_cmpfloat_with_epsilon (scalar (&k, grad), cos (x0) * (exp (sin (x0)) * (1 + sin (x0)) + 1), 1e-14);
  kit_clear (&k);
}

/* Rules run in the scope of their node, with role, order and origin; the builder's own context is untouched. A rule that asks for
 * a value that exists receives the forward node. */
static void
test_context (void)
{
  const double data[] = { 0.1, 0.2 };
  ChainId x, z, y, grad, second;
  guint16 layer, loss;
  Kit k;

  kit_init (&k);
  x = kit_leaf (&k, "x", chain_shape (1, 2), data);
  layer = chain_graph_scope (k.g, "d1");
  loss = chain_graph_scope (k.g, "loss");
  chain_graph_set_scope (k.g, layer);
  z = chain_exp (k.g, x);
  chain_graph_set_scope (k.g, loss);
  y = chain_sum_all (k.g, chain_square (k.g, z));
  chain_graph_set_role (k.g, CHAIN_ROLE_OPTIMISER, 0, CHAIN_NONE);
  g_assert_true (chain_grad (k.g, y, CHAIN_NONE, &x, 1, &grad, NULL, NULL));
  g_assert_cmpuint (chain_graph_node (k.g, grad)->scope, ==, layer);
  g_assert_cmpint (chain_graph_node (k.g, grad)->role, ==, CHAIN_ROLE_ADJOINT);
  g_assert_cmpuint (chain_graph_node (k.g, grad)->order, ==, 1);
  g_assert_cmpuint (chain_graph_node (k.g, grad)->origin, ==, z);
  g_assert_cmpuint (chain_graph_node (k.g, grad)->in[1], ==, z);   /* exp' = exp: the stored intermediate */
  g_assert_cmpint (chain_graph_node (k.g, chain_cos (k.g, grad))->role, ==, CHAIN_ROLE_OPTIMISER);
  g_assert_cmpuint (chain_graph_node (k.g, chain_sin (k.g, grad))->scope, ==, loss);

  g_assert_true (chain_grad (k.g, chain_sum_all (k.g, grad), CHAIN_NONE, &x, 1, &second, NULL, NULL));
  g_assert_cmpuint (chain_graph_node (k.g, second)->order, ==, 2);
  kit_clear (&k);
}

static void
test_none (void)
{
  const double data[] = { 1, 2 };
  ChainId x, z, y, late, wrt[3], grads[3], moved;
  Kit k;

  kit_init (&k);
  x = kit_leaf (&k, "x", chain_shape (1, 2), data);
  z = kit_leaf (&k, "z", chain_shape (1, 2), data);
  y = chain_sum_all (k.g, chain_mul (k.g, x, chain_sign (k.g, z)));
  late = chain_neg (k.g, x);
  wrt[0] = z;
  wrt[1] = late;
  wrt[2] = x;
  g_assert_true (chain_grad (k.g, y, CHAIN_NONE, wrt, 3, grads, NULL, NULL));
  g_assert_cmpuint (grads[0], ==, CHAIN_NONE);
  g_assert_cmpuint (grads[1], ==, CHAIN_NONE);
  g_assert_cmpuint (grads[2], !=, CHAIN_NONE);
  g_assert_true (chain_jvp (k.g, &y, 1, &z, &x, 1, &moved, NULL));
  g_assert_cmpuint (moved, ==, CHAIN_NONE);
  g_assert_true (chain_jvp (k.g, &y, 1, &x, &(ChainId){ CHAIN_NONE }, 1, &moved, NULL));
  g_assert_cmpuint (moved, ==, CHAIN_NONE);
  /* y with respect to itself */
  g_assert_true (chain_grad (k.g, y, CHAIN_NONE, &y, 1, grads, NULL, NULL));
  g_assert_cmpfloat (scalar (&k, grads[0]), ==, 1);
  kit_clear (&k);
}

static void
test_errors (void)
{
  const double data[] = { 1, 2 };
  g_autoptr (GError) error = NULL;
  ChainId x, y, out, one, bad = 999;
  Kit k;

  kit_init (&k);
  x = kit_leaf (&k, "x", chain_shape (1, 2), data);
  y = chain_exp (k.g, x);
  one = chain_const (k.g, 1);
#define REFUSED(call) \
  do { g_assert_false (call); g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE); g_clear_error (&error); } while (0)
  REFUSED (chain_grad (k.g, y, CHAIN_NONE, &x, 1, &out, NULL, &error));
  REFUSED (chain_grad (k.g, y, one, &x, 1, &out, NULL, &error));
  REFUSED (chain_grad (k.g, bad, CHAIN_NONE, &x, 1, &out, NULL, &error));
  REFUSED (chain_grad (k.g, one, CHAIN_NONE, &bad, 1, &out, NULL, &error));
  REFUSED (chain_jvp (k.g, &y, 1, &x, &one, 1, &out, &error));
  REFUSED (chain_jvp (k.g, &bad, 1, &x, &x, 1, &out, &error));
  g_assert_true (chain_grad (k.g, y, x, &x, 1, &out, NULL, &error));
#undef REFUSED
  kit_clear (&k);
}

/* --- masks --- */

/* where (x > 0, ln x, x) at 0: 1, where a tape gives NaN; the second derivative is 0. */
static void
test_trap (void)
{
  static const struct { double x, first, second; } rows[] = { { 0, 1, 0 }, { -3, 1, 0 }, { 2, 0.5, -0.25 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      ChainId x, y, grad, second;
      Kit k;

      kit_init (&k);
      x = kit_leaf (&k, "x", chain_shape (1, 1), &rows[i].x);
      y = chain_where (k.g, chain_step (k.g, x), chain_log (k.g, x), x);
      g_assert_true (chain_grad (k.g, y, CHAIN_NONE, &x, 1, &grad, NULL, NULL));
      g_assert_cmpfloat (scalar (&k, grad), ==, rows[i].first);
      g_assert_true (chain_grad (k.g, grad, CHAIN_NONE, &x, 1, &second, NULL, NULL));
      g_assert_cmpfloat (scalar (&k, second), ==, rows[i].second);
      kit_clear (&k);
    }
}

/* A choice inside a choice, in the other branch, through several singular ops: where (c, 1, where (d, √(ln x), x)). */
static void
test_nested_masks (void)
{
  static const struct { double c, d, x, expect; } rows[] = {
    { 1, 1, 0, 0 }, { 1, 0, -1, 0 }, { 0, 0, 0, 1 }, { 0, 0, -1, 1 }, { 0, 1, M_E, 0.5 / M_E },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      ChainId c, d, x, inner, y, grad;
      Kit k;

      kit_init (&k);
      c = kit_leaf (&k, "c", chain_shape (1, 1), &rows[i].c);
      d = kit_leaf (&k, "d", chain_shape (1, 1), &rows[i].d);
      x = kit_leaf (&k, "x", chain_shape (1, 1), &rows[i].x);
      inner = chain_where (k.g, d, chain_sqrt (k.g, chain_log (k.g, x)), x);
      y = chain_where (k.g, c, chain_const (k.g, 1), inner);
      g_assert_true (chain_grad (k.g, y, CHAIN_NONE, &x, 1, &grad, NULL, NULL));
      g_assert_cmpfloat_with_epsilon (scalar (&k, grad), rows[i].expect, 1e-16);
      kit_clear (&k);
    }
}

/* An adjoint that is 0 without a mask must not absorb: ½ (ln x)² has f' = 0 and f'' = 1 at x = 1. And 0/0 without `where` stays NaN. */
static void
test_no_false_mask (void)
{
  const double one = 1, zero = 0;
  ChainId x, z, y, grad, second;
  Kit k;

  kit_init (&k);
  x = kit_leaf (&k, "x", chain_shape (1, 1), &one);
  y = chain_scale (k.g, chain_square (k.g, chain_log (k.g, x)), 0.5);
  g_assert_true (chain_grad (k.g, y, CHAIN_NONE, &x, 1, &grad, NULL, NULL));
  g_assert_cmpfloat (scalar (&k, grad), ==, 0);
  g_assert_true (chain_grad (k.g, grad, CHAIN_NONE, &x, 1, &second, NULL, NULL));
  g_assert_cmpfloat (scalar (&k, second), ==, 1);
  z = kit_leaf (&k, "z", chain_shape (1, 1), &zero);
  y = chain_mul (k.g, chain_log (k.g, z), chain_sign (k.g, z));
  g_assert_true (chain_grad (k.g, y, CHAIN_NONE, &z, 1, &grad, NULL, NULL));
  g_assert_true (isnan (scalar (&k, grad)));
  kit_clear (&k);
}

/* ‖x‖ at 0: derivative 0; beside it the usual one, also of second order. */
static void
test_norm (void)
{
  static const double rows[][2] = { { 0, 0 }, { 3, 4 } };

  for (guint i = 0; i < 2; i++)
    {
      ChainId x, y, grad, second;
      g_autofree double *slope = NULL, *curve = NULL;
      Kit k;

      kit_init (&k);
      x = kit_leaf (&k, "x", chain_shape (1, 2), rows[i]);
      y = chain_norm2 (k.g, x);
      g_assert_true (chain_grad (k.g, y, CHAIN_NONE, &x, 1, &grad, NULL, NULL));
      g_assert_true (chain_grad (k.g, chain_sum_all (k.g, grad), CHAIN_NONE, &x, 1, &second, NULL, NULL));
      slope = kit_eval (&k, grad);
      curve = kit_eval (&k, second);
      for (int j = 0; j < 2; j++)
        {
          g_assert_cmpfloat_with_epsilon (slope[j], i ? rows[i][j] / 5 : 0, 1e-15);
          g_assert_cmpfloat_with_epsilon (curve[j], i ? (1 - 7 * rows[i][j] / 25) / 5 : 0, 1e-15);
        }
      kit_clear (&k);
    }
}

/* --- size --- */

/* 60 000 nodes in a row, twice differentiated in both modes: no recursion, linear time. y = x · 1.0001^n at first order. */
static void
test_long_chain (void)
{
  enum { N = 30000 };
  const double x0 = 0.5;
  ChainId x, y, one, grad, moved;
  guint forward;
  Kit k;

  kit_init (&k);
  x = y = kit_leaf (&k, "x", chain_shape (1, 1), &x0);
  for (guint i = 0; i < N; i++)
    y = chain_mul (k.g, y, chain_const (k.g, 1 + 1e-9 * i));
  forward = chain_graph_size (k.g);
  g_assert_true (chain_grad (k.g, y, CHAIN_NONE, &x, 1, &grad, NULL, NULL));
  g_assert_cmpuint (chain_graph_size (k.g), <=, 2 * forward + 4);
  one = chain_const (k.g, 1);
  g_assert_true (chain_jvp (k.g, &y, 1, &x, &one, 1, &moved, NULL));
  g_assert_cmpfloat_with_epsilon (scalar (&k, grad), scalar (&k, y) / x0, 1e-9);
  g_assert_cmpfloat_with_epsilon (scalar (&k, moved), scalar (&k, grad), 1e-9);
  kit_clear (&k);
}

/* --- random graphs --- */

typedef struct { Kit k; ChainStream s; uint32_t at; ChainId in[3], pool[64]; guint n; } Random;

static guint
pick (Random *r, guint n)
{
  return chain_stream_below (&r->s, r->at++, 0, n);
}

static ChainId
one_of (Random *r)
{
  return r->pool[pick (r, r->n)];
}

/* Values stay in a tame range: everything that is added is bounded. */
static ChainId
grow (Random *r)
{
  ChainGraph *g = r->k.g;
  ChainId a = one_of (r), b = one_of (r);
  ChainShape s = chain_graph_node (g, a)->shape;

  switch (pick (r, 14))
    {
    case 0: return chain_tanh (g, chain_add (g, a, b));
    case 1: return chain_tanh (g, chain_mul (g, a, b));
    case 2: return chain_sigmoid (g, chain_sub (g, a, b));
    case 3: return chain_sin (g, a);
    case 4: return chain_div (g, a, chain_offset (g, chain_square (g, b), 1));
    case 5: return chain_softmax (g, a);
    case 6: return chain_broadcast (g, chain_logsumexp (g, a), s);
    case 7: return chain_tanh (g, chain_cumsum (g, a, pick (r, 2)));
    case 8: return chain_broadcast (g, chain_mean_rows (g, a), s);
    case 9: return chain_tanh (g, chain_matmul (g, a, chain_matmul (g, a, b, TRUE, FALSE), FALSE, FALSE));
    case 10: return chain_where (g, chain_step (g, b), a, chain_neg (g, a));
    case 11: return chain_softplus (g, chain_broadcast (g, chain_rowmax (g, a), s));
    case 12: return chain_concat (g, chain_slice (g, a, 1, 1, 2), chain_slice (g, b, 1, 0, 1), 1);
    default: return chain_atan (g, chain_sort (g, a, pick (r, 2)));
    }
}

static void
random_graph (Random *r, guint seed)
{
  kit_init (&r->k);
  chain_stream_init (&r->s, seed, CHAIN_STREAM_CHECK, 3, 0);
  r->at = 0;
  r->n = 3;
  for (guint i = 0; i < 3; i++)
    r->pool[i] = r->in[i] = kit_grid_leaf (&r->k, "x", chain_shape (CHAIN_B, 3), -1.5, 1.5, seed * 3 + i);
  while (r->n < 24)
    {
      ChainId next = grow (r);

      r->pool[r->n++] = next;
    }
}

static double
inner (Kit *k, ChainId a, ChainId b, double *size)
{
  g_autofree double *x = NULL, *y = NULL;
  double sum = 0;

  if (a == CHAIN_NONE || b == CHAIN_NONE)
    return 0;
  x = kit_eval (k, a);
  y = kit_eval (k, b);
  for (gsize i = 0; i < kit_size (k, a); i++)
    {
      sum += x[i] * y[i];
      *size += fabs (x[i] * y[i]);
    }
  return sum;
}

static void
test_dot_product (void)
{
  double worst = 0;
  guint n = 0;

  for (guint seed = 0; seed < 120; seed++)
    {
      ChainId y, v, u[3], grads[3], moved;
      double forward, reverse = 0, size = 1e-3;
      Random r;

      random_graph (&r, seed);
      y = r.pool[r.n - 1];
      v = kit_grid_leaf (&r.k, "v", chain_graph_node (r.k.g, y)->shape, -1, 1, seed + 7);
      for (guint i = 0; i < 3; i++)
        u[i] = kit_grid_leaf (&r.k, "u", chain_shape (CHAIN_B, 3), -1, 1, seed + 11 + i);
      g_assert_true (chain_jvp (r.k.g, &y, 1, r.in, u, 3, &moved, NULL));
      g_assert_true (chain_grad (r.k.g, y, v, r.in, 3, grads, NULL, NULL));
      forward = inner (&r.k, moved, v, &size);
      for (guint i = 0; i < 3; i++)
        reverse += inner (&r.k, grads[i], u[i], &size);
      n += forward != 0;
      worst = MAX (worst, fabs (forward - reverse) / size);
      g_assert_cmpfloat (fabs (forward - reverse), <=, 1e-12 * size);
      g_assert_true (chain_graph_validate (r.k.g, NULL));
      kit_clear (&r.k);
    }
  g_test_message ("120 graphs, %u with a derivative, worst relative difference %.2e", n, worst);
  g_assert_cmpuint (n, >, 100);
}

/* H v by forward over reverse and by reverse over reverse: the same numbers; and v H w = w H v. */
static void
test_second_order (void)
{
  for (guint seed = 0; seed < 30; seed++)
    {
      ChainId y, v, w, grad, over, slope, back, x;
      double size = 1e-3, vhw, whv, twice;
      Random r;

      random_graph (&r, 500 + seed);
      x = r.in[0];
      y = chain_sum_all (r.k.g, chain_square (r.k.g, r.pool[r.n - 1]));
      v = kit_grid_leaf (&r.k, "v", chain_shape (CHAIN_B, 3), -1, 1, seed + 7);
      w = kit_grid_leaf (&r.k, "w", chain_shape (CHAIN_B, 3), -1, 1, seed + 9);
      g_assert_true (chain_grad (r.k.g, y, CHAIN_NONE, &x, 1, &grad, NULL, NULL));
      if (grad != CHAIN_NONE)
        {
          g_assert_true (chain_jvp (r.k.g, &grad, 1, &x, &v, 1, &over, NULL));
          slope = chain_dot (r.k.g, grad, w);
          g_assert_true (chain_grad (r.k.g, slope, CHAIN_NONE, &x, 1, &back, NULL, NULL));
          whv = inner (&r.k, over, w, &size);
          vhw = inner (&r.k, back, v, &size);
          g_assert_true (chain_jvp (r.k.g, &grad, 1, &x, &w, 1, &over, NULL));
          twice = inner (&r.k, over, v, &size);
          g_assert_cmpfloat (fabs (whv - vhw), <=, 1e-12 * size);
          g_assert_cmpfloat (fabs (whv - twice), <=, 1e-12 * size);
        }
      kit_clear (&r.k);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grad/steps", test_steps);
  g_test_add_func ("/grad/context", test_context);
  g_test_add_func ("/grad/none", test_none);
  g_test_add_func ("/grad/errors", test_errors);
  g_test_add_func ("/grad/trap", test_trap);
  g_test_add_func ("/grad/nested-masks", test_nested_masks);
  g_test_add_func ("/grad/no-false-mask", test_no_false_mask);
  g_test_add_func ("/grad/norm", test_norm);
  g_test_add_func ("/grad/long-chain", test_long_chain);
  g_test_add_func ("/grad/dot-product", test_dot_product);
  g_test_add_func ("/grad/second-order", test_second_order);
  return g_test_run ();
}
