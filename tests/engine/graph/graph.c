/* SPDX-License-Identifier: Apache-2.0 */
/* The store: equal nodes are one node, scopes and leaves keep them apart, chunks do not move, shape rules refuse with a sentence,
 * damage is found, every text is as expected. */
#include "tests/engine/graph/ref-kit.h"

#include "engine/base/limits.h"

#include <math.h>
#include <string.h>

static ChainGraph *
new_graph (ChainId *a, ChainId *b)
{
  ChainGraph *g = chain_graph_new ();

  *a = chain_leaf (g, CHAIN_LEAF_PARAM, "a", chain_shape (2, 3));
  *b = chain_leaf (g, CHAIN_LEAF_PARAM, "b", chain_shape (2, 3));
  return g;
}

static void
test_interning (void)
{
  ChainId a, b, sum;
  ChainGraph *g = new_graph (&a, &b);
  guint size;

  g_assert_cmpuint (a, !=, b);
  sum = chain_add (g, a, b);
  size = chain_graph_size (g);
  g_assert_cmpuint (chain_add (g, a, b), ==, sum);
  g_assert_cmpuint (chain_graph_size (g), ==, size);
  g_assert_cmpuint (chain_add (g, b, a), !=, sum);
  g_assert_cmpuint (chain_sub (g, a, b), !=, sum);
  g_assert_cmpuint (chain_clamp (g, a, 0, 1), !=, chain_clamp (g, a, 0, 2));
  g_assert_cmpuint (chain_clamp (g, a, -1, 1), ==, chain_clamp (g, a, -1, 1));
  g_assert_cmpuint (chain_const (g, 0.0), !=, chain_const (g, -0.0));
  g_assert_cmpuint (chain_const (g, NAN), ==, chain_const (g, NAN));
  g_assert_cmpuint (chain_sum (g, a, chain_shape (1, 3)), !=, chain_sum (g, a, chain_shape (2, 1)));
  g_assert_cmpuint (chain_leaf (g, CHAIN_LEAF_PARAM, "a", chain_shape (2, 3)), !=, a);
  g_assert_cmpuint (chain_scalar (g, "rate"), ==, chain_scalar (g, "rate"));
  g_assert_cmpuint (chain_scalar (g, "rate"), !=, chain_scalar (g, "beta"));
  g_assert_cmpuint (chain_n_rows (g), ==, chain_n_rows (g));
  g_assert_cmpuint (chain_scalar (g, "n_rows"), !=, chain_n_rows (g));
  g_assert_cmpuint (chain_broadcast (g, a, chain_shape (2, 3)), ==, a);
  g_assert_cmpuint (chain_sum (g, a, chain_shape (2, 3)), ==, a);
  g_assert_cmpuint (chain_reshape (g, a, chain_shape (2, 3)), ==, a);
  g_assert_cmpuint (chain_slice (g, a, 1, 0, 3), ==, a);
  chain_graph_free (g);
}

static void
test_scopes (void)
{
  ChainId a, b, sum, other;
  ChainGraph *g = new_graph (&a, &b);
  guint16 d1 = chain_graph_scope (g, "d1"), d2 = chain_graph_scope (g, "d2");

  g_assert_cmpuint (chain_graph_scope (g, "d1"), ==, d1);
  g_assert_cmpuint (chain_graph_n_scopes (g), ==, 3);   /* with the outermost, "" */
  g_assert_cmpstr (chain_graph_scope_name (g, d2), ==, "d2");
  g_assert_cmpuint (chain_graph_set_scope (g, d1), ==, 0);
  sum = chain_add (g, a, b);
  g_assert_cmpuint (chain_graph_set_scope (g, d2), ==, d1);
  other = chain_add (g, a, b);
  g_assert_cmpuint (sum, !=, other);
  g_assert_cmpuint (chain_graph_node (g, sum)->scope, ==, d1);
  g_assert_cmpuint (chain_graph_node (g, other)->scope, ==, d2);

  /* neither role nor origin is part of the key */
  chain_graph_set_role (g, CHAIN_ROLE_ADJOINT, 1, sum);
  g_assert_cmpuint (chain_add (g, a, b), ==, other);
  g_assert_cmpint (chain_graph_node (g, other)->role, ==, CHAIN_ROLE_FORWARD);
  sum = chain_sub (g, a, b);
  g_assert_cmpint (chain_graph_node (g, sum)->role, ==, CHAIN_ROLE_ADJOINT);
  g_assert_cmpuint (chain_graph_node (g, sum)->order, ==, 1);
  chain_graph_free (g);
}

/* Many nodes, asked for twice in another order: pointers stay, ids come back; also with one very popular input, which fills the
 * local table. */
static void
test_large (void)
{
  enum { N = 30000 };
  ChainGraph *g = chain_graph_new ();
  ChainId x = chain_leaf (g, CHAIN_LEAF_PARAM, "x", chain_shape (1, 1)), chain = x;
  const ChainNode *first = chain_graph_node (g, x);
  g_autofree ChainId *ids = g_new (ChainId, 2 * N);
  guint size;

  for (guint i = 0; i < N; i++)
    {
      ids[2 * i] = chain_clamp (g, x, 0, i + 1);
      ids[2 * i + 1] = chain = chain_mul (g, chain, chain_const (g, i));
    }
  size = chain_graph_size (g);
  g_assert_cmpuint (size, ==, 1 + 3 * N);
  g_assert_true (chain_graph_node (g, x) == first);
  for (guint i = N; i-- > 0;)
    {
      ChainId before = i ? ids[2 * i - 1] : x;

      g_assert_cmpuint (chain_clamp (g, x, 0, i + 1), ==, ids[2 * i]);
      g_assert_cmpuint (chain_mul (g, before, chain_const (g, i)), ==, ids[2 * i + 1]);
    }
  g_assert_cmpuint (chain_graph_size (g), ==, size);
  g_assert_true (chain_graph_validate (g, NULL));
  chain_graph_free (g);
}

static void
test_host (void)
{
  ChainGraph *g = chain_graph_new ();
  ChainId rate = chain_scalar (g, "rate"), rows = chain_n_rows (g), x = chain_leaf (g, CHAIN_LEAF_PARAM, "x", chain_shape (1, 1));
  ChainId step = chain_scalar (g, "step");

#define HOST(id) chain_graph_node (g, id)->host
  g_assert_true (HOST (rate) && HOST (rows) && HOST (chain_const (g, 2)));
  g_assert_true (HOST (chain_div (g, rate, rows)));
  g_assert_true (HOST (chain_exp (g, chain_neg (g, rate))));
  g_assert_false (HOST (x));
  g_assert_false (HOST (chain_mul (g, rate, x)));
  g_assert_false (HOST (chain_broadcast (g, rate, chain_shape (2, 2))));
  g_assert_false (HOST (chain_random (g, CHAIN_RANDOM_UNIFORM, 4, 1, step, chain_shape (1, 1))));
  g_assert_true (HOST (chain_matmul (g, rate, rows, FALSE, FALSE)));
#undef HOST
  chain_graph_free (g);
}

/* op, two shapes, argument, wanted shape (0 × 0: refused) */
typedef struct { ChainOp op; ChainShape a, b; ChainArg arg; ChainShape given, expect; } ShapeRow;
#define NO { .value = 0 }
#define I(...) { .i = { __VA_ARGS__ } }
#define BAD { 0, 0 }

static const ShapeRow shape_rows[] = {
  { CHAIN_OP_ADD, { 2, 3 }, { 2, 3 }, NO, BAD, { 2, 3 } },
  { CHAIN_OP_ADD, { 2, 3 }, { 1, 3 }, NO, BAD, BAD },
  { CHAIN_OP_ADD, { CHAIN_B, 3 }, { 3, 3 }, NO, BAD, BAD },
  { CHAIN_OP_ADD, { CHAIN_B, 3 }, { -2, 3 }, NO, BAD, BAD },
  { CHAIN_OP_MATMUL, { CHAIN_B, 3 }, { 3, 2 }, NO, BAD, { CHAIN_B, 2 } },
  { CHAIN_OP_MATMUL, { CHAIN_B, 3 }, { CHAIN_B, 2 }, I (1, 0), BAD, { 3, 2 } },
  { CHAIN_OP_MATMUL, { 2, 3 }, { 2, 3 }, I (0, 1), BAD, { 2, 2 } },
  { CHAIN_OP_MATMUL, { 2, 3 }, { 2, 3 }, NO, BAD, BAD },
  { CHAIN_OP_RESHAPE, { 4, 3 }, BAD, NO, { 2, 6 }, { 2, 6 } },
  { CHAIN_OP_RESHAPE, { CHAIN_B, 4 }, BAD, NO, { -4, 1 }, { -4, 1 } },
  { CHAIN_OP_RESHAPE, { CHAIN_B, 4 }, BAD, NO, { 4, CHAIN_B }, { 4, CHAIN_B } },
  { CHAIN_OP_RESHAPE, { CHAIN_B, 4 }, BAD, NO, { 2, 2 }, BAD },
  { CHAIN_OP_RESHAPE, { 4, 3 }, BAD, NO, { 2, 5 }, BAD },
  { CHAIN_OP_RESHAPE, { 4, 3 }, BAD, NO, { 0, 12 }, BAD },
  { CHAIN_OP_CONCAT, { 2, 3 }, { 2, 1 }, I (1), BAD, { 2, 4 } },
  { CHAIN_OP_CONCAT, { CHAIN_B, 3 }, { -2, 3 }, I (0), BAD, { -3, 3 } },
  { CHAIN_OP_CONCAT, { CHAIN_B, 3 }, { 2, 3 }, I (0), BAD, BAD },
  { CHAIN_OP_CONCAT, { G_MAXINT32, 3 }, { 1, 3 }, I (0), BAD, BAD },
  { CHAIN_OP_CONCAT, { 2, 3 }, { 2, 3 }, I (2), BAD, BAD },
  { CHAIN_OP_SLICE, { 4, 3 }, BAD, I (0, 3, 1), BAD, { 1, 3 } },
  { CHAIN_OP_SLICE, { 4, 3 }, BAD, I (0, 3, 2), BAD, BAD },
  { CHAIN_OP_SLICE, { 4, 3 }, BAD, I (0, G_MAXINT32, 1), BAD, BAD },
  { CHAIN_OP_SLICE, { 4, 3 }, BAD, I (1, 0, 0), BAD, BAD },
  { CHAIN_OP_SLICE, { -3, 3 }, BAD, I (0, -1, -2), BAD, { -2, 3 } },
  { CHAIN_OP_SLICE, { -3, 3 }, BAD, I (0, -2, -2), BAD, BAD },
  { CHAIN_OP_SLICE, { -3, 3 }, BAD, I (0, 1, 1), BAD, BAD },
  { CHAIN_OP_GATHER_ROWS, { 5, 3 }, { CHAIN_B, 1 }, NO, BAD, { CHAIN_B, 3 } },
  { CHAIN_OP_GATHER_ROWS, { 5, 3 }, { 4, 2 }, NO, BAD, BAD },
  { CHAIN_OP_ONE_HOT, { CHAIN_B, 1 }, BAD, I (7), BAD, { CHAIN_B, 7 } },
  { CHAIN_OP_ONE_HOT, { CHAIN_B, 2 }, BAD, I (7), BAD, BAD },
  { CHAIN_OP_ONE_HOT, { CHAIN_B, 1 }, BAD, I (0), BAD, BAD },
  { CHAIN_OP_BROADCAST, { 1, 3 }, BAD, NO, { CHAIN_B, 3 }, { CHAIN_B, 3 } },
  { CHAIN_OP_BROADCAST, { 2, 3 }, BAD, NO, { 4, 3 }, BAD },
  { CHAIN_OP_SUM, { CHAIN_B, 3 }, BAD, NO, { 1, 3 }, { 1, 3 } },
  { CHAIN_OP_SUM, { 4, 3 }, BAD, NO, { 2, 3 }, BAD },
  { CHAIN_OP_ROWMAX, { CHAIN_B, 3 }, BAD, NO, BAD, { CHAIN_B, 1 } },
  { CHAIN_OP_PERMUTE, { 2, 3 }, { 2, 3 }, NO, BAD, { 2, 3 } },
  { CHAIN_OP_PERMUTE, { 2, 3 }, { 1, 3 }, NO, BAD, BAD },
  { CHAIN_OP_SOLVE, { 3, 3 }, { 3, 2 }, NO, BAD, { 3, 2 } },
  { CHAIN_OP_SOLVE, { 3, 2 }, { 3, 2 }, NO, BAD, BAD },
  { CHAIN_OP_SOLVE, { 3, 3 }, { 2, 2 }, NO, BAD, BAD },
  { CHAIN_OP_CHOLESKY, { 3, 2 }, BAD, NO, BAD, BAD },
  { CHAIN_OP_CLAMP, { 3, 2 }, BAD, { .value = 1, .value2 = 0 }, BAD, BAD },
  { CHAIN_OP_CLAMP, { 3, 2 }, BAD, { .value = NAN }, BAD, BAD },
  { CHAIN_OP_POLYGAMMA, { 3, 2 }, BAD, I (-1), BAD, BAD },
  { CHAIN_OP_POLYGAMMA, { 3, 2 }, BAD, I (65), BAD, BAD },
  { CHAIN_OP_ROUND, { 3, 2 }, BAD, I (3), BAD, BAD },
  { CHAIN_OP_RANDOM, { 2, 1 }, BAD, NO, { 2, 2 }, BAD },
  { CHAIN_OP_RANDOM, { 1, 1 }, BAD, I (2), { 2, 2 }, BAD },
  { CHAIN_OP_LEAF, BAD, BAD, I (CHAIN_LEAF_SCALAR), { 2, 1 }, BAD },
  { CHAIN_OP_LEAF, BAD, BAD, I (9), { 2, 1 }, BAD },
  { CHAIN_OP_LEAF, BAD, BAD, NO, { 2, 0 }, BAD },
};

static void
test_shapes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shape_rows); i++)
    {
      const ShapeRow *row = &shape_rows[i];
      ChainGraph *g = chain_graph_new ();
      guint n_in = chain_op_row (row->op)->arity;
      ChainShape shapes[2] = { row->a, row->b };
      g_autoptr (GError) error = NULL;
      ChainId in[2] = { CHAIN_NONE, CHAIN_NONE }, id;

      for (guint j = 0; j < n_in; j++)
        in[j] = chain_leaf (g, CHAIN_LEAF_INPUT, "x", shapes[j]);
      id = chain_graph_append (g, row->op, in, n_in, row->given, &row->arg, &error);
      if (row->expect.rows == 0)
        {
          g_assert_cmpuint (id, ==, CHAIN_NONE);
          g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE);
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
        }
      else
        {
          g_assert_no_error (error);
          g_assert_true (chain_shape_equal (chain_graph_node (g, id)->shape, row->expect));
        }
      chain_graph_free (g);
    }
}

static void
test_append_refuses (void)
{
  ChainId a, b;
  ChainGraph *g = new_graph (&a, &b);
  const struct { ChainOp op; ChainId in[3]; guint n; } rows[] = {
    { CHAIN_OP_ADD, { a, 0, 0 }, 1 }, { CHAIN_OP_ADD, { a, 0, 0 }, 2 }, { CHAIN_OP_ADD, { a, 99, 0 }, 2 },
    { CHAIN_OP_NONE, { 0, 0, 0 }, 0 }, { CHAIN_N_OPS, { 0, 0, 0 }, 0 }, { CHAIN_OP_NEG, { a, b, 0 }, 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (chain_graph_append (g, rows[i].op, rows[i].in, rows[i].n, chain_shape (1, 1), NULL, &error), ==, CHAIN_NONE);
      g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE);
    }
  g_assert_cmpuint (chain_graph_size (g), ==, 2);
  chain_graph_free (g);
}

static void
test_validate (void)
{
  for (int damage = 0; damage < 9; damage++)
    {
      ChainId a, b, y;
      ChainGraph *g = new_graph (&a, &b);
      g_autoptr (GError) error = NULL;
      ChainNode *node;

      y = chain_sum_all (g, chain_mul (g, a, b));
      g_assert_true (chain_graph_validate (g, &error));
      node = (ChainNode *) chain_graph_node (g, y);   /* on purpose: nodes are const to everybody else */
      switch (damage)
        {
        case 0: node->shape.cols = 2; break;
        case 1: node->in[0] = y; break;
        case 2: node->in[0] = 1000; break;
        case 3: node->host = 1; break;
        case 4: node->in[1] = a; break;
        case 5: node->n_in = 0; break;
        case 6: node->scope = 7; break;
        case 7: node->op = CHAIN_N_OPS; break;
        default: node->op = CHAIN_OP_CHOLESKY; break;
        }
      g_assert_false (chain_graph_validate (g, &error));
      g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE);
      g_assert_nonnull (strstr (error->message, "Node 4"));
      chain_graph_free (g);
    }
}

static void
test_dump (void)
{
  ChainGraph *g = chain_graph_new ();
  ChainId x = chain_leaf (g, CHAIN_LEAF_INPUT, "x", chain_shape (CHAIN_B, 2)), y, grad;
  g_autofree char *text = NULL;

  chain_graph_set_scope (g, chain_graph_scope (g, "loss"));
  y = chain_sum_all (g, chain_scale (g, x, 0.1));
  chain_graph_set_name (g, y, "total");
  g_assert_true (chain_grad (g, y, CHAIN_NONE, &x, 1, &grad, NULL, NULL));
  text = chain_graph_dump (g);
  g_assert_cmpstr (text, ==,
                   "1 = leaf () B×2 forward “x”\n"
                   "2 = const () 1×1 value 0.1 forward host in loss\n"
                   "3 = broadcast (2) B×2 forward in loss\n"
                   "4 = mul (1, 3) B×2 forward in loss\n"
                   "5 = sum (4) 1×1 forward in loss “total”\n"
                   "6 = const () 1×1 value 1 adjoint order 1 of 5 host in loss\n"
                   "7 = broadcast (6) B×2 adjoint order 1 of 5 in loss\n"
                   "8 = mul (7, 3) B×2 adjoint order 1 of 4 in loss\n");
  g_assert_cmpstr (chain_graph_name (g, x), ==, "x");
  g_assert_null (chain_graph_name (g, grad));
  chain_graph_seal (g);
  chain_graph_seal (g);
  g_assert_true (chain_graph_validate (g, NULL));
  chain_graph_free (g);
}

static void
test_sealed (void)
{
  if (g_test_subprocess ())
    {
      ChainId a, b;
      ChainGraph *g = new_graph (&a, &b);

      chain_graph_seal (g);
      chain_add (g, a, b);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
}

static void
test_bad_builder (void)
{
  if (g_test_subprocess ())
    {
      ChainId a, b;
      ChainGraph *g = new_graph (&a, &b);

      chain_matmul (g, a, b, FALSE, FALSE);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*matrix product*");
}

/* --- the reference interpreter --- */

static void
test_eval (void)
{
  static const double data[] = { 1, 2, 3, 4, 5, 6 };
  ChainGraph *g = chain_graph_new ();
  ChainId x = chain_leaf (g, CHAIN_LEAF_INPUT, "x", chain_shape (CHAIN_B, 2)), mean, outputs[2];
  ChainRefBinding bind = { x, data };
  double m[2], all;
  double *out[2] = { m, &all };
  g_autoptr (GError) error = NULL;

  mean = chain_mean_rows (g, x);
  outputs[0] = mean;
  outputs[1] = chain_sum_all (g, x);
  g_assert_true (chain_ref_eval (g, &bind, 1, 3, 0, outputs, 2, out, NULL));
  g_assert_cmpfloat (m[0], ==, 3);
  g_assert_cmpfloat (m[1], ==, 4);
  g_assert_cmpfloat (all, ==, 21);
  g_assert_true (chain_ref_eval (g, &bind, 1, 1, 0, outputs, 2, out, NULL));
  g_assert_cmpfloat (m[1], ==, 2);
  g_assert_false (chain_ref_eval (g, NULL, 0, 3, 0, outputs, 2, out, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC);
  g_assert_nonnull (strstr (error->message, "“x”"));
  g_clear_error (&error);
  g_assert_false (chain_ref_eval (g, &bind, 1, G_MAXINT64 / 2, 0, outputs, 2, out, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_OVERFLOW);
  g_clear_error (&error);
  g_assert_false (chain_ref_eval (g, &bind, 1, (gint64) 1 << 50, 0, outputs, 2, out, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_MEMORY);
  chain_graph_free (g);
}

/* Same seed and step, same numbers; a hidden dependence on anything else would show. */
static void
test_random (void)
{
  ChainId step, u, other;
  double one = 1;
  g_autofree double *first = NULL, *second = NULL, *third = NULL, *fourth = NULL;
  Kit k;

  kit_init (&k);
  step = kit_leaf (&k, "step", chain_shape (1, 1), &one);
  u = chain_random (k.g, CHAIN_RANDOM_NORMAL, 4, 12, step, chain_shape (CHAIN_B, 5));
  other = chain_random (k.g, CHAIN_RANDOM_NORMAL, 4, 13, step, chain_shape (CHAIN_B, 5));
  first = kit_eval (&k, u);
  second = kit_eval (&k, u);
  third = kit_eval (&k, other);
  g_assert_cmpmem (first, 15 * sizeof (double), second, 15 * sizeof (double));
  g_assert_cmpint (memcmp (first, third, 15 * sizeof (double)), !=, 0);
  kit_data (&k, step)[0] = 2;
  fourth = kit_eval (&k, u);
  g_assert_cmpint (memcmp (first, fourth, 15 * sizeof (double)), !=, 0);
  kit_clear (&k);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph/interning", test_interning);
  g_test_add_func ("/graph/scopes", test_scopes);
  g_test_add_func ("/graph/large", test_large);
  g_test_add_func ("/graph/host", test_host);
  g_test_add_func ("/graph/shapes", test_shapes);
  g_test_add_func ("/graph/append-refuses", test_append_refuses);
  g_test_add_func ("/graph/validate", test_validate);
  g_test_add_func ("/graph/dump", test_dump);
  g_test_add_func ("/graph/sealed", test_sealed);
  g_test_add_func ("/graph/bad-builder", test_bad_builder);
  g_test_add_func ("/graph/eval", test_eval);
  g_test_add_func ("/graph/random", test_random);
  return g_test_run ();
}
