/* SPDX-License-Identifier: Apache-2.0 */
/* The rules against an outside implementation: golden/vectors/autodiff_ops_f64.json has inputs, value, a cotangent and its VJP, a
 * tangent and its JVP for 75 uses of 55 operations. An id that is not known here fails the test. */
#include "engine/graph/build-more.h"
#include "tests/engine/graph/ref-kit.h"

#include <jansson.h>
#include <math.h>

#define RTOL 1e-10
#define ATOL 1e-12

static guint n_compared;
static double worst;

typedef struct
{
  Kit     k;
  json_t *json, *params;
  ChainId in[2];
  guint   n_in;
  const char *names[2];
} Case;

static double
number (json_t *j)
{
  if (json_is_string (j))
    return g_str_equal (json_string_value (j), "NaN") ? NAN : g_str_equal (json_string_value (j), "Infinity") ? INFINITY : -INFINITY;
  g_assert_true (json_is_number (j));
  return json_number_value (j);
}

static double
param (const Case *c, const char *name)
{
  json_t *j = json_object_get (c->params, name);

  g_assert_nonnull (j);
  return number (j);
}

/* -1 for "axis": null. */
static int
axis (const Case *c)
{
  json_t *j = json_object_get (c->params, "axis");

  g_assert_nonnull (j);
  return json_is_null (j) ? -1 : (int) json_integer_value (j);
}

/* Vectors are rows for what acts on rows and columns for what the table has as columns. */
static gboolean
wants_columns (const char *id, guint input)
{
  static const char *const columns[] = { "matvec", "dot", "outer", "solve", "quadratic_form" };

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    if (g_str_equal (id, columns[i]))
      return TRUE;
  return FALSE;
}

static ChainId
tensor (Case *c, const char *name, json_t *j, gboolean column)
{
  json_t *shape = json_object_get (j, "shape"), *data = json_object_get (j, "data");
  gsize n = json_array_size (data), rank = json_array_size (shape);
  g_autofree double *values = g_new (double, n);
  ChainShape s = chain_shape (1, 1);

  for (gsize i = 0; i < n; i++)
    values[i] = number (json_array_get (data, i));
  if (rank == 2)
    s = chain_shape ((int) json_integer_value (json_array_get (shape, 0)), (int) json_integer_value (json_array_get (shape, 1)));
  else if (rank == 1)
    s = column ? chain_shape ((int) n, 1) : chain_shape (1, (int) n);
  return kit_leaf (&c->k, name, s, values);
}

static ChainShape
shape_of (const Case *c, ChainId id)
{
  return chain_graph_node (c->k.g, id)->shape;
}

/* Both inputs at their common shape. */
static void
broadcast_both (Case *c, ChainId *a, ChainId *b)
{
  ChainShape sa = shape_of (c, *a), sb = shape_of (c, *b);
  ChainShape s = chain_shape (MAX (sa.rows, sb.rows), MAX (sa.cols, sb.cols));

  *a = chain_broadcast (c->k.g, *a, s);
  *b = chain_broadcast (c->k.g, *b, s);
}

#define BINARY(name) \
  static ChainId case_##name (Case *c, ChainId a, ChainId b) \
  { \
    broadcast_both (c, &a, &b); \
    return chain_##name (c->k.g, a, b); \
  }
#define UNARY(name) \
  static ChainId case_##name (Case *c, ChainId a, ChainId b) \
  { \
    return chain_##name (c->k.g, a); \
  }
#define OTHER(name, expression) \
  static ChainId case_##name (Case *c, ChainId a, ChainId b) \
  { \
    ChainGraph *g = c->k.g; \
    return (expression); \
  }

BINARY (add)
BINARY (sub)
BINARY (mul)
BINARY (div)
BINARY (pow)
BINARY (max)
BINARY (min)
UNARY (neg)
UNARY (exp)
UNARY (log)
UNARY (log1p)
UNARY (expm1)
UNARY (sqrt)
UNARY (rsqrt)
UNARY (square)
UNARY (reciprocal)
UNARY (sin)
UNARY (cos)
UNARY (tan)
UNARY (sinh)
UNARY (cosh)
UNARY (tanh)
UNARY (atan)
UNARY (asinh)
UNARY (erf)
UNARY (abs)
UNARY (sign)
UNARY (lgamma)
UNARY (transpose)
UNARY (norm2)
UNARY (logdet_spd)
UNARY (softmax)
UNARY (log_softmax)
UNARY (logsumexp)
UNARY (prod_cols)
UNARY (rowmax)
UNARY (rowmin)
UNARY (variance_rows)
OTHER (pow_const, chain_pow_const (g, a, param (c, "exponent")))
OTHER (clamp, chain_clamp (g, a, param (c, "min"), param (c, "max")))
OTHER (matmul, chain_matmul (g, a, b, FALSE, FALSE))
OTHER (dot, chain_dot (g, a, b))
OTHER (outer, chain_matmul (g, a, b, FALSE, TRUE))
OTHER (reshape, chain_reshape (g, a, chain_shape (4, 3)))
OTHER (sum, axis (c) < 0 ? chain_sum_all (g, a) : axis (c) == 0 ? chain_sum (g, a, chain_shape (1, shape_of (c, a).cols)) : chain_sum_cols (g, a))
OTHER (mean, axis (c) < 0 ? chain_mean_all (g, a) : axis (c) == 0 ? chain_mean_rows (g, a) : chain_mean_cols (g, a))
OTHER (cumsum, chain_cumsum (g, a, FALSE))
OTHER (sort, chain_sort (g, a, json_is_true (json_object_get (c->params, "descending"))))
OTHER (concat, chain_concat (g, a, b, axis (c)))
OTHER (slice, chain_slice (g, a, axis (c), (int) param (c, "start"), (int) (param (c, "stop") - param (c, "start"))))
OTHER (solve, chain_solve (g, a, b, FALSE))
OTHER (quadratic_form, chain_quadratic_form (g, tensor (c, "matrix", json_object_get (c->params, "matrix"), FALSE), a))

static ChainId
flat_leaf (Case *c, const char *name, ChainShape shape)
{
  json_t *list = json_object_get (c->params, name);
  gsize n = json_array_size (list);
  g_autofree double *values = g_new (double, n);

  g_assert_cmpuint (n, ==, (guint) (shape.rows * shape.cols));
  for (gsize i = 0; i < n; i++)
    values[i] = number (json_array_get (list, i));
  return kit_leaf (&c->k, name, shape, values);
}

static ChainId
case_where (Case *c, ChainId a, ChainId b)
{
  return chain_where (c->k.g, flat_leaf (c, "condition", shape_of (c, a)), a, b);
}

static ChainId
case_gather_rows (Case *c, ChainId a, ChainId b)
{
  int n = (int) json_array_size (json_object_get (c->params, "rows"));

  return chain_gather_rows (c->k.g, a, flat_leaf (c, "rows", chain_shape (n, 1)));
}

/* `axis` of the file for rows that act on one axis only; -2: no such parameter */
static const struct { const char *id; ChainId (*build) (Case *, ChainId, ChainId); int axis; } table[] = {
  { "add", case_add, -2 }, { "sub", case_sub, -2 }, { "mul", case_mul, -2 }, { "div", case_div, -2 }, { "pow", case_pow, -2 },
  { "pow_const", case_pow_const, -2 }, { "neg", case_neg, -2 }, { "exp", case_exp, -2 }, { "log", case_log, -2 },
  { "log1p", case_log1p, -2 }, { "expm1", case_expm1, -2 }, { "sqrt", case_sqrt, -2 }, { "rsqrt", case_rsqrt, -2 },
  { "square", case_square, -2 }, { "reciprocal", case_reciprocal, -2 }, { "sin", case_sin, -2 }, { "cos", case_cos, -2 },
  { "tan", case_tan, -2 }, { "sinh", case_sinh, -2 }, { "cosh", case_cosh, -2 }, { "tanh", case_tanh, -2 }, { "atan", case_atan, -2 },
  { "asinh", case_asinh, -2 }, { "erf", case_erf, -2 }, { "abs", case_abs, -2 }, { "sign", case_sign, -2 }, { "lgamma", case_lgamma, -2 },
  { "maximum", case_max, -2 }, { "minimum", case_min, -2 }, { "clamp", case_clamp, -2 }, { "where", case_where, -2 },
  { "matmul", case_matmul, -2 }, { "matvec", case_matmul, -2 }, { "dot", case_dot, -2 }, { "outer", case_outer, -2 },
  { "transpose", case_transpose, -2 }, { "reshape", case_reshape, -2 }, { "sum", case_sum, -3 }, { "mean", case_mean, -3 },
  { "prod", case_prod_cols, 1 }, { "max", case_rowmax, 1 }, { "min", case_rowmin, 1 }, { "variance", case_variance_rows, 0 },
  { "norm2", case_norm2, -2 }, { "logsumexp", case_logsumexp, 1 }, { "softmax", case_softmax, 1 }, { "log_softmax", case_log_softmax, 1 },
  { "cumsum", case_cumsum, 1 }, { "sort", case_sort, 1 }, { "concat", case_concat, -3 }, { "slice", case_slice, -3 },
  { "gather_rows", case_gather_rows, -2 }, { "solve", case_solve, -2 }, { "logdet_spd", case_logdet_spd, -2 },
  { "quadratic_form", case_quadratic_form, -2 },
};

static void
compare (const Case *c, const char *what, const double *value, gsize n, json_t *expect)
{
  json_t *data = json_object_get (expect, "data");

  g_assert_cmpuint (json_array_size (data), ==, n);
  for (gsize i = 0; i < n; i++)
    {
      double e = number (json_array_get (data, i)), bar = ATOL + RTOL * fabs (e);

      n_compared++;
      if (value[i] == e || (isnan (value[i]) && isnan (e)))
        continue;
      if (!(fabs (value[i] - e) <= bar))
        g_error ("%s, %s, entry %u: %.17g, not %.17g", json_string_value (json_object_get (c->json, "id")), what, (guint) i, value[i], e);
      worst = MAX (worst, fabs (value[i] - e) / (fabs (e) + ATOL / RTOL));
    }
}

static void
compare_node (Case *c, const char *what, ChainId id, gsize n, json_t *expect)
{
  g_autofree double *value = id ? kit_eval (&c->k, id) : g_new0 (double, n);

  compare (c, what, value, n, expect);
}

static ChainId
build_case (Case *c)
{
  const char *id = json_string_value (json_object_get (c->json, "id")), *key;
  json_t *value;

  json_object_foreach (json_object_get (c->json, "inputs"), key, value)
    {
      g_assert_cmpuint (c->n_in, <, 2);
      c->names[c->n_in] = key;
      c->in[c->n_in] = tensor (c, key, value, wants_columns (id, c->n_in));
      c->n_in++;
    }
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (table[i].id, id))
      {
        if (table[i].axis >= 0)
          g_assert_cmpint (axis (c), ==, table[i].axis);
        return table[i].build (c, c->in[0], c->in[1]);
      }
  g_error ("no builder for “%s”", id);
}

static void
check_case (json_t *json)
{
  Case c = { .json = json, .params = json_object_get (json, "params") };
  const char *id = json_string_value (json_object_get (json, "id"));
  ChainId y, seed, grads[2], tangents[2], moved;
  g_autofree double *dy = NULL, *forward = NULL;
  double dot = 0;

  kit_init (&c.k);
  y = build_case (&c);
  compare_node (&c, "value", y, kit_size (&c.k, y), json_object_get (json, "y"));

  seed = tensor (&c, "cotangent", json_object_get (json, "cotangent"), FALSE);
  seed = chain_reshape (c.k.g, seed, shape_of (&c, y));
  g_assert_true (chain_grad (c.k.g, y, seed, c.in, c.n_in, grads, NULL, NULL));
  for (guint i = 0; i < c.n_in; i++)
    {
      compare_node (&c, "vjp", grads[i], kit_size (&c.k, c.in[i]), json_object_get (json_object_get (json, "vjp"), c.names[i]));
      tangents[i] = tensor (&c, "tangent", json_object_get (json_object_get (json, "tangent"), c.names[i]), wants_columns (id, i));
    }

  g_assert_true (chain_jvp (c.k.g, &y, 1, c.in, tangents, c.n_in, &moved, NULL));
  compare_node (&c, "jvp", moved, kit_size (&c.k, y), json_object_get (json, "jvp"));
  dy = kit_eval (&c.k, seed);
  forward = moved ? kit_eval (&c.k, moved) : g_new0 (double, kit_size (&c.k, y));
  for (gsize i = 0; i < kit_size (&c.k, y); i++)
    dot += dy[i] * forward[i];
  g_assert_cmpfloat_with_epsilon (dot, number (json_object_get (json, "dot_test")), 1e-10 * (1 + fabs (dot)));
  g_assert_true (chain_graph_validate (c.k.g, NULL));
  kit_clear (&c.k);
}

static void
test_vectors (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "vectors", "autodiff_ops_f64.json", NULL);
  json_error_t where;
  json_t *root = json_load_file (path, JSON_REJECT_DUPLICATES, &where);
  json_t *cases, *row;
  gsize i;

  g_assert_nonnull (root);
  cases = json_object_get (root, "cases");
  g_assert_cmpuint (json_array_size (cases), >=, 75);
  json_array_foreach (cases, i, row)
    check_case (row);
  g_test_message ("%u cases, %u numbers, worst relative difference %.2e", (guint) json_array_size (cases), n_compared, worst);
  json_decref (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops-vectors/autodiff-ops", test_vectors);
  return g_test_run ();
}
