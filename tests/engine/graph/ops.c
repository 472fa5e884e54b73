/* SPDX-License-Identifier: Apache-2.0 */
/* Every row of the op table: no empty cell, a case for each, and derivatives. From each case a scalar is made in two ways, Σ w ⊙ y and
 * Σ w ⊙ sin y (so that linear ops have higher derivatives too), and differentiated three times; every entry of every
 * gradient is compared with five-point differences of the order below, and forward mode with reverse mode. */
#include "tests/engine/graph/ref-kit.h"

#include <math.h>
#include <string.h>

#define ORDERS 3
#define STEP 3e-4
#define BAR 2e-9

static guint n_compared, n_forward;
static double worst_difference, worst_forward;

static void
test_table (void)
{
  gboolean covered[CHAIN_N_OPS] = { FALSE };
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  guint n;
  const OpCase *cases = op_cases (&n);

  for (guint i = 0; i < n; i++)
    covered[cases[i].op] = TRUE;
  for (int op = CHAIN_OP_NONE + 1; op < CHAIN_N_OPS; op++)
    {
      const ChainOpRow *row = chain_op_row ((ChainOp) op);
      gboolean rules = !(row->flags & (CHAIN_OP_NO_GRADIENT | CHAIN_OP_SOURCE));

      g_assert_true (row->name && *row->name && row->symbol && *row->symbol && row->title && *row->title);
      g_assert_true (row->formula && *row->formula && row->local && *row->local);
      g_assert_true (g_utf8_validate (row->formula, -1, NULL) && g_utf8_validate (row->local, -1, NULL) && g_utf8_validate (row->symbol, -1, NULL));
      g_assert_true (row->arity <= 3 && row->shape);
      g_assert_true ((row->ref != NULL) == (op != CHAIN_OP_LEAF));
      g_assert_true ((row->vjp != NULL) == rules && (row->jvp != NULL) == rules);
      g_assert_true (g_hash_table_add (names, (gpointer) row->name));
      g_assert_cmpint (chain_op_by_name (row->name), ==, op);
      if (!covered[op])
        g_error ("no test case for “%s”", row->name);
    }
  g_assert_cmpint (chain_op_by_name ("no such op"), ==, CHAIN_OP_NONE);
}

static void
test_composites (void)
{
  guint n;
  const ChainCompositeRow *rows = chain_composite_rows (&n);

  g_assert_cmpuint (n, >=, 10);
  for (guint i = 0; i < n; i++)
    {
      ChainId in[3], y, sum, grads[3];
      Kit k;

      g_assert_true (rows[i].name && *rows[i].name && rows[i].symbol && *rows[i].symbol && rows[i].formula && *rows[i].formula);
      g_assert_true (rows[i].local && *rows[i].local && rows[i].title && *rows[i].title && rows[i].build);
      kit_init (&k);
      in[0] = kit_grid_leaf (&k, "a", chain_shape (CHAIN_B, 3), 0.3, 2, 0);
      in[1] = kit_grid_leaf (&k, "b", chain_shape (rows[i].arity == 3 ? 2 : CHAIN_B, 3), -1, 1, 1);
      in[2] = kit_grid_leaf (&k, "c", chain_shape (1, 2), -1, 1, 2);
      y = rows[i].build (k.g, in);
      sum = chain_sum_all (k.g, chain_sin (k.g, y));
      g_assert_true (chain_grad (k.g, sum, CHAIN_NONE, in, rows[i].arity, grads, NULL, NULL));
      for (guint j = 0; j < rows[i].arity; j++)
        {
          g_autofree double *value = kit_eval (&k, grads[j]);

          for (gsize e = 0; e < kit_size (&k, in[j]); e++)
            g_assert_true (isfinite (value[e]));
        }
      g_assert_true (chain_graph_validate (k.g, NULL));
      kit_clear (&k);
    }
}

/* --- derivatives --- */

/* Σ weights ⊙ a, weights a new leaf. */
static ChainId
weigh (Kit *k, ChainId a, guint salt)
{
  ChainId w = kit_grid_leaf (k, "w", chain_graph_node (k->g, a)->shape, 0.4, 1.6, salt);

  return chain_sum_all (k->g, chain_mul (k->g, a, w));
}

typedef struct
{
  Kit      k;
  ChainId  in[3];
  guint    n_in;                    /* inputs with a derivative */
  ChainId  scalar[ORDERS + 1];      /* L0 … L3; CHAIN_NONE once nothing depends on the inputs */
  ChainId  grad[ORDERS][3];
  guint    orders;
} Chain3;

/* L_(k+1) = Σ_i w ⊙ dL_k/dx_i. */
static void
differentiate (Chain3 *c)
{
  for (guint order = 0; order < ORDERS; order++)
    {
      g_autoptr (GError) error = NULL;
      ChainId next = CHAIN_NONE;

      chain_grad (c->k.g, c->scalar[order], CHAIN_NONE, c->in, c->n_in, c->grad[order], NULL, &error);
      g_assert_no_error (error);
      c->orders = order + 1;
      for (guint i = 0; i < c->n_in; i++)
        if (c->grad[order][i])
          {
            ChainId part = weigh (&c->k, c->grad[order][i], order * 3 + i + 5);

            next = next ? chain_add (c->k.g, next, part) : part;
          }
      c->scalar[order + 1] = next;
      if (next == CHAIN_NONE)
        return;
    }
}

/* d scalar[order] / d x by five points, for all orders at once. */
static void
five_points (Chain3 *c, double *x, double *out)
{
  static const double at[] = { -2, -1, 1, 2 }, weight[] = { 1, -8, 8, -1 };
  double keep = *x, h = STEP * MAX (1, fabs (keep)), value[ORDERS];

  for (guint o = 0; o < c->orders; o++)
    out[o] = 0;
  for (int p = 0; p < 4; p++)
    {
      *x = keep + at[p] * h;
      kit_eval_scalars (&c->k, c->scalar, c->orders, value);
      for (guint o = 0; o < c->orders; o++)
        out[o] += weight[p] * value[o] / (12 * h);
    }
  *x = keep;
}

static void
compare (Chain3 *c, const char *name)
{
  for (guint i = 0; i < c->n_in; i++)
    {
      double *value[ORDERS];
      double *x = kit_data (&c->k, c->in[i]);
      gsize n = kit_size (&c->k, c->in[i]);

      for (guint o = 0; o < c->orders; o++)
        value[o] = c->grad[o][i] ? kit_eval (&c->k, c->grad[o][i]) : g_new0 (double, n);
      for (gsize e = 0; e < n; e++)
        {
          double difference[ORDERS];

          five_points (c, &x[e], difference);
          for (guint o = 0; o < c->orders; o++)
            {
              double error = fabs (difference[o] - value[o][e]) / (1 + fabs (value[o][e]));

              n_compared++;
              worst_difference = MAX (worst_difference, error);
              if (!(error < BAR))
                g_error ("“%s”, order %u, input %u, entry %u: %.17g, by differences %.17g", name, o + 1, i, (guint) e, value[o][e], difference[o]);
            }
        }
      for (guint o = 0; o < c->orders; o++)
        g_free (value[o]);
    }
}

/* Forward mode through the same graph: the tangent of L_k must be <dL_k/dx, t>. */
static void
compare_forward (Chain3 *c, const char *name)
{
  ChainId tangent[3], moved[ORDERS];

  for (guint i = 0; i < c->n_in; i++)
    tangent[i] = kit_grid_leaf (&c->k, "t", chain_graph_node (c->k.g, c->in[i])->shape, -1, 1, 40 + i);
  for (guint o = 0; o < c->orders; o++)
    {
      double forward = 0, reverse = 0, size = 1;

      g_assert_true (chain_jvp (c->k.g, &c->scalar[o], 1, c->in, tangent, c->n_in, &moved[o], NULL));
      if (moved[o])
        kit_eval_scalars (&c->k, &moved[o], 1, &forward);
      for (guint i = 0; i < c->n_in; i++)
        if (c->grad[o][i])
          {
            g_autofree double *slope = kit_eval (&c->k, c->grad[o][i]);
            const double *t = kit_data (&c->k, tangent[i]);

            for (gsize e = 0; e < kit_size (&c->k, c->in[i]); e++)
              {
                reverse += slope[e] * t[e];
                size += fabs (slope[e] * t[e]);
              }
          }
      n_forward++;
      worst_forward = MAX (worst_forward, fabs (forward - reverse) / size);
      if (!(fabs (forward - reverse) <= 1e-12 * size))
        g_error ("“%s”, order %u: forward %.17g, reverse %.17g", name, o + 1, forward, reverse);
    }
}

static void
check_case (const OpCase *row, gboolean bent)
{
  const ChainOpRow *op = chain_op_row (row->op);
  Chain3 c = { 0 };
  ChainId y;

  kit_init (&c.k);
  y = op_case_build (&c.k, row, c.in);
  c.n_in = op->arity - (row->index ? 1 : 0);
  if (row->op == CHAIN_OP_RANDOM)
    c.n_in = 0;
  c.scalar[0] = weigh (&c.k, bent ? chain_sin (c.k.g, y) : y, 4);
  differentiate (&c);
  if (op->flags & CHAIN_OP_NO_GRADIENT)
    for (guint i = 0; i < c.n_in; i++)
      g_assert_cmpuint (c.grad[0][i], ==, CHAIN_NONE);
  if (row->op != CHAIN_OP_STOP)      /* whose differences are not its derivative: that is what it is for */
    compare (&c, op->name);
  if (c.n_in)
    compare_forward (&c, op->name);
  g_assert_true (chain_graph_validate (c.k.g, NULL));
  kit_clear (&c.k);
}

static void
test_derivatives (void)
{
  guint n;
  const OpCase *cases = op_cases (&n);

  for (guint i = 0; i < n; i++)
    for (int bent = 0; bent < 2; bent++)
      check_case (&cases[i], bent);
  g_test_message ("%u cases, %u derivatives against differences, worst %.2e; %u forward against reverse, worst %.2e", n, n_compared,
                  worst_difference, n_forward, worst_forward);
  g_assert_cmpuint (n_compared, >, 3000);
}

/* --- conventions at kinks (SPEC 0.2, 9.1) --- */

typedef struct
{
  const char *what;
  ChainOp     op;
  double      a, b;
  ChainArg    arg;
  double      by_a, by_b;
} Kink;

static const Kink kinks[] = {
  { "relu at 0", CHAIN_OP_RELU, 0, 0, { .value = 0 }, 0, 0 },
  { "abs at 0", CHAIN_OP_ABS, 0, 0, { .value = 0 }, 0, 0 },
  { "softplus at 0", CHAIN_OP_SOFTPLUS, 0, 0, { .value = 0 }, 0.5, 0 },
  { "clamp at low", CHAIN_OP_CLAMP, -1, 0, { .value = -1, .value2 = 1 }, 0, 0 },
  { "clamp at high", CHAIN_OP_CLAMP, 1, 0, { .value = -1, .value2 = 1 }, 0, 0 },
  { "clamp inside", CHAIN_OP_CLAMP, 0.5, 0, { .value = -1, .value2 = 1 }, 1, 0 },
  { "max at a tie", CHAIN_OP_MAX, 2, 2, { .value = 0 }, 0.5, 0.5 },
  { "min at a tie", CHAIN_OP_MIN, 2, 2, { .value = 0 }, 0.5, 0.5 },
  { "max", CHAIN_OP_MAX, 3, 2, { .value = 0 }, 1, 0 },
  { "min", CHAIN_OP_MIN, 3, 2, { .value = 0 }, 0, 1 },
  { "0^3", CHAIN_OP_POW, 0, 3, { .value = 0 }, 0, 0 },
  { "0^1", CHAIN_OP_POW, 0, 1, { .value = 0 }, 1, 0 },
  { "0^0.5", CHAIN_OP_POW, 0, 0.5, { .value = 0 }, INFINITY, 0 },
  { "0^0", CHAIN_OP_POW, 0, 0, { .value = 0 }, 0, 0 },
  { "2^0", CHAIN_OP_POW, 2, 0, { .value = 0 }, 0, M_LN2 },
  { "sqrt at 0", CHAIN_OP_SQRT, 0, 0, { .value = 0 }, INFINITY, 0 },
  { "log at 0", CHAIN_OP_LOG, 0, 0, { .value = 0 }, INFINITY, 0 },
  { "sigmoid far out", CHAIN_OP_SIGMOID, 37.5, 0, { .value = 0 }, 5.175555005801869e-17, 0 },
};

static void
test_kinks (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinks); i++)
    {
      const Kink *row = &kinks[i];
      guint n_in = chain_op_row (row->op)->arity;
      double expect[2] = { row->by_a, row->by_b };
      ChainId in[2], grads[2], y;
      Kit k;

      kit_init (&k);
      in[0] = kit_leaf (&k, "a", chain_shape (1, 1), &row->a);
      in[1] = kit_leaf (&k, "b", chain_shape (1, 1), &row->b);
      y = chain_graph_append (k.g, row->op, in, n_in, chain_shape (1, 1), &row->arg, NULL);
      g_assert_true (chain_grad (k.g, y, CHAIN_NONE, in, n_in, grads, NULL, NULL));
      for (guint j = 0; j < n_in; j++)
        {
          ChainId one = chain_const (k.g, 1), forward;
          double both[2];

          g_assert_true (chain_jvp (k.g, &y, 1, &in[j], &one, 1, &forward, NULL));
          kit_eval_scalars (&k, (ChainId[]){ grads[j], forward }, 2, both);
          for (int mode = 0; mode < 2; mode++)
            if (!(both[mode] == expect[j] || fabs (both[mode] - expect[j]) <= 1e-14 * fabs (expect[j])))
              g_error ("%s: derivative %.17g, not %.17g", row->what, both[mode], expect[j]);
        }
      kit_clear (&k);
    }
}

/* The first of equal entries of a row gets all; the derivative of x^p with a constant exponent follows the same limits. */
static void
test_ties (void)
{
  static const double row[] = { 1, 3, 3, 2 }, zero = 0;
  ChainId a, x, y, grad, power;
  g_autofree double *slope = NULL;
  Kit k;

  kit_init (&k);
  a = kit_leaf (&k, "a", chain_shape (1, 4), row);
  y = chain_rowmax (k.g, a);
  g_assert_true (chain_grad (k.g, y, CHAIN_NONE, &a, 1, &grad, NULL, NULL));
  slope = kit_eval (&k, grad);
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat (slope[i], ==, i == 1 ? 1 : 0);

  x = kit_leaf (&k, "x", chain_shape (1, 1), &zero);
  power = chain_pow (k.g, x, chain_const (k.g, 2));
  for (int order = 1; order <= 4; order++)
    {
      static const double expect[] = { 0, 0, 2, 0 };
      double value;

      g_assert_true (chain_grad (k.g, power, CHAIN_NONE, &x, 1, &grad, NULL, NULL));
      if (grad == CHAIN_NONE)
        {
          g_assert_cmpint (order, >, 2);
          break;
        }
      kit_eval_scalars (&k, &grad, 1, &value);
      g_assert_cmpfloat (value, ==, expect[order]);
      power = grad;
    }
  kit_clear (&k);
}

/* --- references --- */

static double
reference1 (ChainOp op, double x, int arg)
{
  ChainRefValue in = { &x, 1, 1 };
  ChainArg a = { .i = { arg } };
  double y = 0;

  chain_op_row (op)->ref (&in, &a, 0, &y, 1, 1);
  return y;
}

/* 40-digit values. */
static void
test_polygamma (void)
{
  static const struct { int n; double x, y; } rows[] = {
    { 0, 1, -0.57721566490153286061 }, { 0, 0.5, -1.9635100260214234794 }, { 0, 10, 2.2517525890667211077 }, { 0, 1e-8, -100000000.57721564845 },
    { 0, 1e10, 23.025850929890456840 }, { 1, 1, 1.6449340668482264365 }, { 1, 0.5, 4.9348022005446793094 }, { 2, 1, -2.4041138063191885708 },
    { 3, 1, 6.4939394022668291491 }, { 3, 0.5, 97.409091034002437236 }, { 0, -0.5, 0.036489973978576520559 }, { 1, -0.5, 8.9348022005446793094 },
    { 2, 0.5, -16.828796644234319996 }, { 2, -0.5, -0.82879664423431999560 }, { 0, -1.5, 0.70315664064524318723 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      double y = reference1 (CHAIN_OP_POLYGAMMA, rows[i].x, rows[i].n);

      if (!(fabs (y - rows[i].y) <= 1e-13 * fabs (rows[i].y)))
        g_error ("polygamma (%d, %g) = %.17g, not %.17g", rows[i].n, rows[i].x, y, rows[i].y);
    }
  g_assert_cmpfloat (reference1 (CHAIN_OP_POLYGAMMA, -2, 1), ==, INFINITY);
  g_assert_true (isnan (reference1 (CHAIN_OP_POLYGAMMA, -2, 0)));
  g_assert_cmpfloat (reference1 (CHAIN_OP_POLYGAMMA, 0, 0), ==, -INFINITY);
}

/* psi^(n) (x + 1) - psi^(n) (x) = (-1)^n n! / x^(n+1), also across the root of digamma and at negative x. */
static void
test_polygamma_recurrence (void)
{
  for (int n = 0; n < 6; n++)
    for (double x = -3.3; x < 30; x += 0.17)
      {
        double step = pow (-1, n) * tgamma (n + 1) / pow (x, n + 1);
        double low = reference1 (CHAIN_OP_POLYGAMMA, x, n), high = reference1 (CHAIN_OP_POLYGAMMA, x + 1, n);
        double bar = 4e-13 * (fabs (low) + fabs (high) + fabs (step));

        if (!(fabs (high - low - step) <= bar))
          g_error ("polygamma %d at %g: %.17g, not %.17g", n, x, high - low, step);
      }
  /* the double nearest to the root of digamma; 50-digit value */
  g_assert_cmpfloat_with_epsilon (reference1 (CHAIN_OP_POLYGAMMA, 0x1.762d86356be3fp+0, 0) / -9.2412655217294275e-17, 1, 1e-13);
}

static void
test_round (void)
{
  static const struct { int kind; double x, y; } rows[] = {
    { 0, 2.5, 2 }, { 0, 3.5, 4 }, { 0, -0.5, -0.0 }, { 1, 1 + 0x1p-8, 1 }, { 1, 1 + 0x3p-8, 1 + 0x1p-6 }, { 1, 0x1p128, INFINITY },
    { 1, 0x1.FEFp127, 0x1.FEp127 }, { 1, 0x1p-134, 0 }, { 1, 0x1.8p-133, 0x1p-132 }, { 2, 65504, 65504 }, { 2, 65520, INFINITY },
    { 2, 65519, 65504 }, { 2, 0x1p-25, 0 }, { 2, 0x1.8p-24, 0x1p-23 }, { 2, 1 + 0x1p-11, 1 }, { 2, 1.0009765625, 1.0009765625 },
    { 2, -INFINITY, -INFINITY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      double y = reference1 (CHAIN_OP_ROUND, rows[i].x, rows[i].kind);

      if (y != rows[i].y || signbit (y) != signbit (rows[i].y))
        g_error ("round (%d, %a) = %a, not %a", rows[i].kind, rows[i].x, y, rows[i].y);
    }
}

/* NaN goes through every differentiable element-wise function (SPEC 0.4), from each input. */
static void
test_nan (void)
{
  for (int op = CHAIN_OP_ADD; op <= CHAIN_OP_CLAMP; op++)
    for (guint i = 0; i < chain_op_row ((ChainOp) op)->arity; i++)
      {
        double data[2] = { 1, 1 }, y = 0;
        ChainRefValue in[2] = { { &data[0], 1, 1 }, { &data[1], 1, 1 } };
        ChainArg arg = { .value = -1, .value2 = 1 };

        if (op == CHAIN_OP_STEP)   /* a comparison */
          continue;
        data[i] = NAN;
        if (op == CHAIN_OP_POW)    /* 1^NaN is 1 in IEEE 754 */
          data[1 - i] = 2;
        chain_op_row ((ChainOp) op)->ref (in, &arg, 0, &y, 1, 1);
        if (!isnan (y))
          g_error ("“%s” swallows NaN", chain_op_row ((ChainOp) op)->name);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ops/table", test_table);
  g_test_add_func ("/ops/composites", test_composites);
  g_test_add_func ("/ops/derivatives", test_derivatives);
  g_test_add_func ("/ops/kinks", test_kinks);
  g_test_add_func ("/ops/ties", test_ties);
  g_test_add_func ("/ops/polygamma", test_polygamma);
  g_test_add_func ("/ops/polygamma-recurrence", test_polygamma_recurrence);
  g_test_add_func ("/ops/round", test_round);
  g_test_add_func ("/ops/nan", test_nan);
  return g_test_run ();
}
