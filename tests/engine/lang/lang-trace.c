/* SPDX-License-Identifier: Apache-2.0 */
/* What a formula means: value, gradient and Hessian against autodiff_expressions_f64.json (40-digit arithmetic), by the tree and by the
 * graph; every row of the function table by tree, graph and central differences; kinks and ends of domains by hand. */
#include "engine/graph/eval-ref.h"
#include "engine/graph/grad.h"
#include "engine/lang/formula.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define MAX_NAMES 8

/* A formula in a graph of 1 x 1 leaves. */
typedef struct
{
  ChainGraph     *g;
  const char     *names[MAX_NAMES + 1];
  double          at[MAX_NAMES];
  ChainId         leaves[MAX_NAMES];
  ChainRefBinding bindings[MAX_NAMES];
  guint           n;
} Kit;

static void
kit_name (Kit *k, const char *name, double value)
{
  g_assert_cmpuint (k->n, <, MAX_NAMES);
  k->names[k->n] = name;
  k->at[k->n] = value;
  k->leaves[k->n] = chain_leaf (k->g, CHAIN_LEAF_INPUT, name, chain_shape (1, 1));
  k->bindings[k->n] = (ChainRefBinding){ k->leaves[k->n], &k->at[k->n] };
  k->n++;
}

static double
kit_value (Kit *k, ChainId id)
{
  g_autoptr (GError) error = NULL;
  double out = 0, *into = &out;

  if (id == CHAIN_NONE)
    return 0;
  chain_ref_eval (k->g, k->bindings, k->n, 1, 0, &id, 1, &into, &error);
  g_assert_no_error (error);
  return out;
}

static void
kit_gradient (Kit *k, ChainId y, ChainId *out)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < k->n; i++)
    out[i] = CHAIN_NONE;
  if (y != CHAIN_NONE)
    chain_grad (k->g, y, CHAIN_NONE, k->leaves, k->n, out, NULL, &error);
  g_assert_no_error (error);
}

static void
near (const char *what, double a, double b, double rtol, double atol)
{
  if (!(fabs (a - b) <= atol + rtol * fabs (b)) && !(isnan (a) && isnan (b)) && !(isinf (a) && a == b))
    g_error ("%s: %.17g instead of %.17g", what, a, b);
}

static json_t *
member (json_t *o, const char *name)
{
  json_t *v = json_object_get (o, name);

  g_assert_nonnull (v);
  return v;
}

/* Returns how many numbers were compared. */
static guint
check_case (json_t *c)
{
  const char *text = json_string_value (member (c, "expression")), *name;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainFormula) f = NULL;
  Kit k = { .g = chain_graph_new () };
  ChainId y, gradient[MAX_NAMES], row[MAX_NAMES];
  double value = json_number_value (member (c, "value"));
  json_t *v;

  json_object_foreach (member (c, "at"), name, v)
    kit_name (&k, name, json_number_value (v));
  f = chain_formula_parse (text, k.names, NULL, &error);
  g_assert_no_error (error);
  y = chain_formula_trace (f, k.g, k.names, k.leaves);
  near (text, kit_value (&k, y), value, 1e-12, 1e-13);
  near (text, chain_formula_eval (f, k.names, k.at), value, 1e-12, 1e-13);
  kit_gradient (&k, y, gradient);
  for (guint i = 0; i < k.n; i++)
    {
      near (text, kit_value (&k, gradient[i]), json_number_value (member (member (c, "gradient"), k.names[i])), 1e-12, 1e-13);
      kit_gradient (&k, gradient[i], row);
      for (guint j = 0; j < k.n; j++)
        near (text, kit_value (&k, row[j]), json_number_value (json_array_get (json_array_get (member (c, "hessian"), i), j)), 1e-10, 1e-13);
    }
  chain_graph_free (k.g);
  return 2 + k.n + k.n * k.n;
}

static void
test_vectors (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "vectors", "autodiff_expressions_f64.json", NULL);
  json_t *root = json_load_file (path, 0, NULL), *c;
  guint numbers = 0;
  gsize i;

  g_assert_nonnull (root);
  json_array_foreach (member (root, "cases"), i, c)
    {
      g_assert_cmpstr (json_string_value (member (c, "id")), ==, "scalar_expression");
      numbers += check_case (c);
    }
  g_test_message ("autodiff_expressions_f64.json: %u cases, %u numbers compared", (guint) i, numbers);
  g_assert_cmpuint (i, ==, json_array_size (member (root, "cases")));
  g_assert_cmpuint (numbers, >, 300);
  json_decref (root);
}

/* Tree, graph and central differences of the tree agree at a smooth point. */
static void
check_smooth (const char *text, double a, double b)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainFormula) f = NULL;
  Kit k = { .g = chain_graph_new () };
  ChainId y, gradient[MAX_NAMES];
  double value;

  kit_name (&k, "a", a);
  kit_name (&k, "b", b);
  f = chain_formula_parse (text, k.names, NULL, &error);
  g_assert_no_error (error);
  y = chain_formula_trace (f, k.g, k.names, k.leaves);
  value = chain_formula_eval (f, k.names, k.at);
  g_assert_true (isfinite (value));
  near (text, kit_value (&k, y), value, 1e-14, 1e-300);
  kit_gradient (&k, y, gradient);
  for (guint i = 0; i < k.n; i++)
    {
      double at[2] = { a, b }, h = 1e-5 * fmax (1e-3, fabs (at[i])), up, down;

      at[i] += h;
      up = chain_formula_eval (f, k.names, at);
      at[i] -= 2 * h;
      down = chain_formula_eval (f, k.names, at);
      near (text, kit_value (&k, gradient[i]), (up - down) / (2 * h), 2e-6, 2e-6);
    }
  chain_graph_free (k.g);
}

/* Where each function is smooth; a row that is not named here fails. */
static void
test_functions (void)
{
  static const struct { const char *name, *call; double points[3]; } cases[] = {
    { "pow", "pow(a, b)", { 0.3, 1.7, 40 } }, { "exp", "exp(a)", { -3, 0.2, 5 } }, { "expm1", "expm1(a)", { -3, 1e-9, 2 } },
    { "ln", "ln(a)", { 0.01, 1, 50 } }, { "log1p", "log1p(a)", { -0.5, 1e-9, 8 } }, { "log2", "log2(a)", { 0.3, 3, 1000 } },
    { "log10", "log10(a)", { 0.3, 3, 1000 } }, { "sqrt", "sqrt(a)", { 0.1, 1, 90 } }, { "sin", "sin(a)", { -2, 0.1, 9 } },
    { "cos", "cos(a)", { -2, 0.1, 9 } }, { "tan", "tan(a)", { -1, 0.1, 1.2 } }, { "asin", "asin(a)", { -0.9, 1e-8, 0.99 } },
    { "acos", "acos(a)", { -0.9, 0.1, 0.99 } }, { "atan", "atan(a)", { -9, 0.1, 0.7 } }, { "sinh", "sinh(a)", { -2, 1e-9, 3 } },
    { "cosh", "cosh(a)", { -2, 0.1, 3 } }, { "tanh", "tanh(a)", { -2, 1e-9, 3 } }, { "asinh", "asinh(a)", { -9, 1e-9, 3 } },
    { "acosh", "acosh(a)", { 1.01, 2, 1e5 } }, { "atanh", "atanh(a)", { -0.9, 1e-9, 0.7 } }, { "abs", "abs(a)", { -9, 0.1, 3 } },
    { "sign", "sign(a)", { -9, 0.1, 3 } }, { "floor", "floor(a)", { -1.5, 0.5, 3.2 } }, { "ceil", "ceil(a)", { -1.5, 0.5, 3.2 } },
    { "round", "round(a)", { -1.4, 0.6, 3.2 } }, { "mod", "mod(a, b)", { -1.5, 0.3, 3.2 } }, { "min", "min(a, b, 1)", { -1, 0.3, 3 } },
    { "max", "max(a, b, 1)", { -1, 0.3, 3 } }, { "clamp", "clamp(a, -1, 1)", { -3, 0.3, 2 } },
    { "clamp", "clamp(a, b - 2, b)", { -3, 0.3, 2 } }, { "where", "where(a > 0.1, a*b, b - a)", { -3, 0.3, 2 } },
    { "erf", "erf(a)", { -1, 0.3, 2 } }, { "erfc", "erfc(a)", { -1, 0.3, 5 } }, { "lgamma", "lgamma(a)", { 0.3, 2.5, 30 } },
    { "sigmoid", "sigmoid(a)", { -30, 0.3, 5 } }, { "softplus", "softplus(a)", { -30, 0, 5 } }, { "relu", "relu(a)", { -1, 0.3, 5 } },
    { "step", "step(a)", { -1, 0.3, 5 } }, { "silu", "silu(a)", { -3, 0, 5 } }, { "gelu", "gelu(a)", { -3, 0, 5 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint k = 0; k < 3; k++)
      check_smooth (cases[i].call, cases[i].points[k], 1.3);
  for (guint i = 0; i < chain_formula_n_functions (); i++)
    {
      ChainFormulaFunction row = chain_formula_function (i);
      gboolean found = FALSE;

      for (guint k = 0; k < G_N_ELEMENTS (cases); k++)
        found = found || g_str_equal (cases[k].name, row.name);
      if (!found)
        g_error ("%s has no case", row.name);
      g_assert_true (g_str_has_prefix (row.usage, row.name));
      g_assert_nonnull (row.title);
    }
}

/* --- kinks (SPEC 0.2), ends of domains (SPEC 9.1), NaN --- */
static void
test_edges (void)
{
  static const struct { const char *text; double a, value, slope; } cases[] = {
    { "abs(a)", 0, 0, 0 }, { "relu(a)", 0, 0, 0 }, { "max(a, -a)", 0, 0, 0 }, { "clamp(a, 0, 1)", 0, 0, 0 }, { "clamp(a, 0, 1)", 1, 1, 0 },
    { "clamp(a, sin(0), cos(0))", 1, 1, 0 }, { "clamp(a, b, b + 1)", 0, 0, 0 },
    { "sqrt(a)", 0, 0, INFINITY }, { "asin(a)", 1, M_PI_2, INFINITY }, { "asin(a)", -1, -M_PI_2, INFINITY },
    { "acos(a)", 1, 0, -INFINITY }, { "acos(a)", -1, M_PI, -INFINITY }, { "where(a > 0, ln(a), a)", 0, 0, 1 },
    { "where(a > 0, sqrt(a), 0)", 0, 0, 0 }, { "a^2", 0, 0, 0 }, { "a^1", 0, 0, 1 }, { "a^0.5", 0, 0, INFINITY }, { "a^3", -2, -8, 12 },
    { "a^b", 0, 1, 0 }, { "ln(a)", -1, NAN, -1 }, { "a <= a", NAN, 0, 0 }, { "a != a", NAN, 1, 0 }, { "clamp(a, b, 1 + b)", NAN, NAN, 1 },
    { "not a", 0, 1, 0 }, { "a and b", 2, 0, 0 }, { "a or b", 2, 1, 0 }, { "3 + 4", 1, 7, 0 }, { "a > 1 and a <= 2", 2, 1, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ChainFormula) f = NULL;
      Kit k = { .g = chain_graph_new () };
      ChainId y, gradient[MAX_NAMES];

      kit_name (&k, "a", cases[i].a);
      kit_name (&k, "b", 0);
      f = chain_formula_parse (cases[i].text, k.names, NULL, &error);
      g_assert_no_error (error);
      y = chain_formula_trace (f, k.g, k.names, k.leaves);
      near (cases[i].text, kit_value (&k, y), cases[i].value, 1e-15, 0);
      near (cases[i].text, chain_formula_eval (f, k.names, k.at), cases[i].value, 1e-15, 0);
      kit_gradient (&k, y, gradient);
      near (cases[i].text, kit_value (&k, gradient[0]), cases[i].slope, 1e-14, 0);
      chain_graph_free (k.g);
    }
}

/* A matrix of B rows, element by element; rows of numbers at once. */
static void
test_shapes (void)
{
  static const char *const both[] = { "y", "t", NULL };
  static const double y[6] = { 1, 2, 3, 4, 5, 6 }, t[6] = { 0.5, 2, 1, 7, 5, -1 };
  g_autoptr (ChainFormula) f = chain_formula_parse ("(y - t)^2 + 1", both, NULL, NULL);
  g_autoptr (GError) error = NULL;
  ChainGraph *g = chain_graph_new ();
  ChainShape shape = chain_shape (CHAIN_B, 2);
  ChainId leaves[2] = { chain_leaf (g, CHAIN_LEAF_INPUT, "y", shape), chain_leaf (g, CHAIN_LEAF_INPUT, "t", shape) };
  ChainRefBinding bindings[2] = { { leaves[0], y }, { leaves[1], t } };
  ChainId d = chain_formula_trace (f, g, both, leaves);
  double out[6], *into = out, rows[9] = { 1, 0.5, -1, 2, 2, -1, 4, 7, -1 };

  g_assert_true (chain_shape_equal (chain_graph_node (g, d)->shape, shape));
  g_assert_true (chain_ref_eval (g, bindings, 2, 3, 0, &d, 1, &into, &error));
  for (guint i = 0; i < 6; i++)
    g_assert_cmpfloat (out[i], ==, (y[i] - t[i]) * (y[i] - t[i]) + 1);
  chain_formula_eval_rows (f, both, rows, 3, 3, rows + 2, 3);
  g_assert_cmpfloat (rows[2], ==, 1.25);
  g_assert_cmpfloat (rows[5], ==, 1);
  g_assert_cmpfloat (rows[8], ==, 10);
  chain_graph_free (g);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lang/vectors", test_vectors);
  g_test_add_func ("/lang/functions", test_functions);
  g_test_add_func ("/lang/edges", test_edges);
  g_test_add_func ("/lang/shapes", test_shapes);
  return g_test_run ();
}
