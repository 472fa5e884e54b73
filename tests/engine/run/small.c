/* SPDX-License-Identifier: Apache-2.0 */
/* Small products and chains of single numbers: on every instruction set, in both precisions, with and without a row that is added, the
 * whole run gives what the items one by one give, and both give what the definition says: fma over k in order, from +0. */
#include "engine/base/rng.h"
#include "engine/run/backend-registry.h"
#include "engine/run/exec.h"

#include <math.h>
#include <string.h>

static const char *const isas[] = { "plain C", "AVX2", "AVX-512" };
static const int sizes[] = { 1, 2, 3, 5, 8, 10, 13, 16, 17, 33 };

typedef struct { ChainGraph *g; ChainId a, b, row, product, sum; int m, n, k; gboolean ta, tb; } Product;

static Product
make_product (int m, int n, int k, gboolean ta, gboolean tb)
{
  Product p = { .g = chain_graph_new (), .m = m, .n = n, .k = k, .ta = ta, .tb = tb };

  p.a = chain_leaf (p.g, CHAIN_LEAF_DATA, "a", ta ? chain_shape (k, m) : chain_shape (m, k));
  p.b = chain_leaf (p.g, CHAIN_LEAF_DATA, "b", tb ? chain_shape (n, k) : chain_shape (k, n));
  p.row = chain_leaf (p.g, CHAIN_LEAF_DATA, "row", chain_shape (1, n));
  p.product = chain_matmul (p.g, p.a, p.b, ta, tb);
  p.sum = chain_add (p.g, p.product, chain_broadcast (p.g, p.row, chain_shape (m, n)));
  chain_graph_seal (p.g);
  return p;
}

static void
fill (ChainExec *x, ChainId id, int n, double *to)
{
  ChainStream s;

  chain_stream_init (&s, 5, CHAIN_STREAM_DATA, id, (guint64) n);
  for (int i = 0; i < n; i++)
    to[i] = i % 7 == 3 ? -0. : (double) (float) chain_stream_normal (&s, (guint32) i, 0);
  g_assert_true (chain_exec_write (x, id, 1, to, (gsize) n, NULL));
}

static double
defined (const Product *p, ChainDtype dtype, const double *a, const double *b, int i, int j)
{
  double sum = 0;

  for (int k = 0; k < p->k; k++)
    {
      double u = a[p->ta ? k * p->m + i : i * p->k + k], v = b[p->tb ? j * p->k + k : k * p->n + j];
      sum = dtype == CHAIN_F64 ? fma (u, v, sum) : (double) fmaf ((float) u, (float) v, (float) sum);
    }
  return sum;
}

static void
check_product (const Product *p, ChainDtype dtype)
{
  double a[33 * 33], b[33 * 33], row[33], got[33 * 33], step[33 * 33];
  ChainExec *x = chain_exec_new (p->g, dtype, NULL);
  ChainProgram both = chain_exec_program (x, &p->sum, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
  ChainProgram alone = chain_exec_program (x, &p->product, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
  gsize n = (gsize) p->m * (gsize) p->n;

  fill (x, p->a, p->m * p->k, a);
  fill (x, p->b, p->n * p->k, b);
  fill (x, p->row, p->n, row);
  g_assert_true (chain_exec_run (x, alone, 1, NULL) && chain_exec_read (x, alone, 1, p->product, got, n));
  for (int i = 0; i < p->m * p->n; i++)
    g_assert_cmpfloat (got[i], ==, defined (p, dtype, a, b, i / p->n, i % p->n));
  g_assert_true (chain_exec_run (x, both, 1, NULL) && chain_exec_read (x, both, 1, p->sum, got, n));
  for (guint i = 0; i < 2; i++)
    g_assert_true (chain_exec_run_range (x, both, 1, i, i + 1, NULL));
  g_assert_true (chain_exec_read (x, both, 1, p->sum, step, n));
  g_assert_cmpmem (got, n * sizeof *got, step, n * sizeof *step);
  for (int i = 0; i < p->m * p->n; i++)
    {
      double sum = defined (p, dtype, a, b, i / p->n, i % p->n) + row[i % p->n];
      g_assert_cmpfloat (got[i], ==, dtype == CHAIN_F64 ? sum : (double) (float) sum);
    }
  chain_exec_free (x);
}

static void
test_products (void)
{
  for (guint s = 0; s < G_N_ELEMENTS (isas); s++)
    for (guint i = 0; i < 1000 && chain_cpu_force_isa (isas[s]); i += 1 + 2 * (s == 0))
      {
        int m = sizes[i % 10], n = sizes[i / 10 % 10], k = sizes[i / 100];
        Product p = make_product (m, n, k, (i + i / 10) % 2, (i / 2 + i / 100) % 2);
        check_product (&p, (i / 3) % 4 == 0 ? CHAIN_F64 : CHAIN_F32);
        chain_graph_free (p.g);
      }
}

/* Sums of squares, their sum, and arithmetic with a number of the host. */
static void
test_scalars (void)
{
  static const int lengths[] = { 1, 7, 16, 17, 64, 100, 4095, 16, 8, 3, 33, 8, 48, 1, 5 };

  for (guint s = 0; s < G_N_ELEMENTS (isas); s++)
    for (guint d = 0; d < 2 && chain_cpu_force_isa (isas[s]); d++)
      {
        ChainGraph *g = chain_graph_new ();
        ChainId total = CHAIN_NONE, rate = chain_scalar (g, "rate"), out, leaf[G_N_ELEMENTS (lengths)];
        double v[4096], whole, steps;
        ChainExec *x;
        ChainProgram p;
        guint n;

        for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
          {
            ChainId sq;
            leaf[i] = chain_leaf (g, CHAIN_LEAF_DATA, "v", chain_shape (1, lengths[i]));
            sq = chain_sum_all (g, i % 2 ? leaf[i] : chain_square (g, leaf[i]));
            total = total == CHAIN_NONE ? sq : chain_add (g, total, sq);
          }
        out = chain_div (g, chain_sub (g, total, rate), chain_add (g, chain_mul (g, total, total), rate));
        chain_graph_seal (g);
        x = chain_exec_new (g, d ? CHAIN_F64 : CHAIN_F32, NULL);
        p = chain_exec_program (x, &out, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
        for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
          fill (x, leaf[i], lengths[i], v);
        chain_exec_set_scalar (x, rate, 0.3);
        g_assert_true (chain_exec_run (x, p, 1, NULL));
        whole = chain_exec_read_one (x, p, 1, out);
        n = chain_exec_plan (x, p, 1, NULL)->n_items;
        for (guint i = 0; i < n; i++)
          g_assert_true (chain_exec_run_range (x, p, 1, i, i + 1, NULL));
        steps = chain_exec_read_one (x, p, 1, out);
        g_assert_true (isfinite (whole) && whole != 0);
        g_assert_cmpmem (&whole, sizeof whole, &steps, sizeof steps);
        chain_exec_free (x);
        chain_graph_free (g);
      }
}

/* Sums of columns: rows in order. */
static void
check_columns (ChainDtype dtype, int rows, int cols)
{
  ChainGraph *g = chain_graph_new ();
  ChainId a = chain_leaf (g, CHAIN_LEAF_DATA, "a", chain_shape (rows, cols)), y = chain_sum (g, a, chain_shape (1, cols));
  double v[65 * 9], got[9];
  ChainExec *x;
  ChainProgram p;

  chain_graph_seal (g);
  x = chain_exec_new (g, dtype, NULL);
  p = chain_exec_program (x, &y, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
  fill (x, a, rows * cols, v);
  g_assert_true (chain_exec_run (x, p, 1, NULL) && chain_exec_read (x, p, 1, y, got, (gsize) cols));
  for (int c = 0; c < cols; c++)
    {
      double sum = 0;
      for (int r = 0; r < rows; r++)
        sum = dtype == CHAIN_F64 ? sum + v[r * cols + c] : (double) ((float) sum + (float) v[r * cols + c]);
      g_assert_cmpfloat (sum, ==, got[c]);
    }
  chain_exec_free (x);
  chain_graph_free (g);
}

static void
test_columns (void)
{
  static const int rows[] = { 2, 5, 10, 64, 65 };

  for (guint s = 0; s < G_N_ELEMENTS (isas); s++)
    for (guint i = 0; i < G_N_ELEMENTS (rows) && chain_cpu_force_isa (isas[s]); i++)
      for (int cols = 2; cols <= 9; cols++)
        {
          check_columns (CHAIN_F32, rows[i], cols);
          check_columns (CHAIN_F64, rows[i], cols);
        }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  g_test_add_func ("/run/small/products", test_products);
  g_test_add_func ("/run/small/scalars", test_scalars);
  g_test_add_func ("/run/small/columns", test_columns);
  return g_test_run ();
}
