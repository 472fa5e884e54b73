/* SPDX-License-Identifier: Apache-2.0 */
/* Large products: whatever gives the lanes, however they are cut and packed, on every instruction set and on one thread or three, each
 * number is what the definition says to the last bit: fma over k in order from +0, then a row. */
#include "engine/run/cpu/device.h"

#include "engine/base/rng.h"
#include "engine/run/backend-registry.h"
#include "engine/run/exec.h"

#include <math.h>
#include <string.h>

static const char *const isas[] = { "plain C", "AVX2", "AVX-512" };

typedef struct { int64_t m, n, k; int ta, tb, dtype; gboolean bias; } Case;

static void
fill (void *to, gsize n, int dtype, guint64 seed)
{
  ChainStream s;

  chain_stream_init (&s, seed, CHAIN_STREAM_DATA, 1, n);
  for (gsize i = 0; i < n; i++)
    {
      float v = i % 7 == 3 ? -0.0f : i % 31 == 5 ? 0.0f : chain_stream_normalf (&s, (guint32) i, 0);
      if (dtype == CHAIN_F64)
        ((double *) to)[i] = (double) v * 1.000000001;
      else
        ((float *) to)[i] = v;
    }
}

static void
define_f32 (const Case *c, const float *a, const float *b, const float *row, float *y)
{
  for (int64_t i = 0; i < c->m; i++)
    for (int64_t j = 0; j < c->n; j++)
      {
        float sum = 0;
        for (int64_t k = 0; k < c->k; k++)
          sum = fmaf (a[c->ta ? k * c->m + i : i * c->k + k], b[c->tb ? j * c->k + k : k * c->n + j], sum);
        y[i * c->n + j] = row != NULL ? sum + row[j] : sum;
      }
}

static void
define_f64 (const Case *c, const double *a, const double *b, const double *row, double *y)
{
  for (int64_t i = 0; i < c->m; i++)
    for (int64_t j = 0; j < c->n; j++)
      {
        double sum = 0;
        for (int64_t k = 0; k < c->k; k++)
          sum = fma (a[c->ta ? k * c->m + i : i * c->k + k], b[c->tb ? j * c->k + k : k * c->n + j], sum);
        y[i * c->n + j] = row != NULL ? sum + row[j] : sum;
      }
}

/* What lies behind the result must stay as it was. */
static void
check_on (const Case *c, const char *isa, int threads, const void *a, const void *b, const void *row, const void *want)
{
  gsize size = c->dtype == CHAIN_F64 ? 8 : 4, bytes = (gsize) (c->m * c->n) * size;
  g_autofree char *got = g_malloc (bytes + 64);
  ChainGemm g = { a, b, got, c->m, c->n, c->k, c->ta, c->tb, row };
  ChainDevice *d = NULL;

  memset (got, 0x5a, bytes + 64);
  if (!chain_cpu_force_isa (isa))
    return;
  g_assert_cmpint (chain_backend_cpu ()->open (0, &d), ==, 0);
  chain_backend_cpu ()->set_threads (d, threads);
  g_assert_true (_chain_large_run ((ChainCpu *) d, _chain_large_kernels (), &g, c->dtype));
  chain_backend_cpu ()->close (d);
  if (memcmp (got, want, bytes) != 0)
    g_error ("%s, %d threads: %d x %d x %d, turned %d %d, row %d, precision %d: not the same bits", isa, threads, (int) c->m, (int) c->n,
             (int) c->k, c->ta, c->tb, c->bias, c->dtype);
  for (gsize i = 0; i < 64; i++)
    g_assert_cmpint (got[bytes + i], ==, 0x5a);
}

static void
check (const Case *c)
{
  gsize size = c->dtype == CHAIN_F64 ? 8 : 4;
  g_autofree void *a = g_malloc ((gsize) (c->m * c->k) * size), *b = g_malloc ((gsize) (c->n * c->k) * size), *row = g_malloc ((gsize) c->n * size),
                  *want = g_malloc ((gsize) (c->m * c->n) * size);

  fill (a, (gsize) (c->m * c->k), c->dtype, 1);
  fill (b, (gsize) (c->n * c->k), c->dtype, 2);
  fill (row, (gsize) c->n, c->dtype, 3);
  if (c->dtype == CHAIN_F64)
    define_f64 (c, a, b, c->bias ? row : NULL, want);
  else
    define_f32 (c, a, b, c->bias ? row : NULL, want);
  for (guint i = 0; i < G_N_ELEMENTS (isas); i++)
    for (int threads = 1; threads <= 3; threads += 2)
      check_on (c, isas[i], threads, a, b, c->bias ? row : NULL, want);
}

/* Every way of lying in memory, in widths around those of vectors, tiles, blocks and pieces. */
static void
test_shapes (void)
{
  static const int64_t shapes[][3] = { { 1, 1, 1 }, { 1, 300, 40 }, { 300, 1, 40 }, { 5, 7, 1200 }, { 64, 65, 3 }, { 63, 31, 17 }, { 97, 100, 9 },
                                       { 16, 200, 64 }, { 200, 16, 65 }, { 33, 129, 514 }, { 129, 33, 513 }, { 6, 64, 1025 }, { 110, 130, 33 } };

  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (int way = 0; way < 16; way++)
      {
        Case c = { shapes[s][0], shapes[s][1], shapes[s][2], way & 1, way >> 1 & 1, way >> 2 & 1, (gboolean) (way >> 3) };
        check (&c);
      }
}

/* Through a plan: a product that is large, alone and with the row that is added to it, on every instruction set. */
static void
test_plan (void)
{
  const char *best = chain_cpu_isa ();
  ChainGraph *g = chain_graph_new ();
  ChainId x = chain_leaf (g, CHAIN_LEAF_DATA, "x", chain_shape (70, 150)), w = chain_leaf (g, CHAIN_LEAF_DATA, "w", chain_shape (130, 150)),
          row = chain_leaf (g, CHAIN_LEAF_DATA, "row", chain_shape (1, 130)), product = chain_matmul (g, x, w, FALSE, TRUE),
          sum = chain_add (g, product, chain_broadcast (g, row, chain_shape (70, 130)));
  static double in[130 * 150], first[70 * 130], got[70 * 130];

  chain_graph_seal (g);
  for (guint i = 0; i < 6; i++)
    {
      ChainExec *e;
      ChainProgram p;
      if (!chain_cpu_force_isa (isas[i % 3]))
        continue;
      e = chain_exec_new (g, CHAIN_F32, NULL);
      p = chain_exec_program (e, &sum, 1, NULL, 0, i < 3 ? CHAIN_PLAN_DEFAULT : CHAIN_PLAN_KEEP_ALL);
      for (guint k = 0; k < 130 * 150; k++)
        in[k] = sin (k * 0.7);
      g_assert_true (chain_exec_write (e, x, 1, in, 70 * 150, NULL) && chain_exec_write (e, w, 1, in, 130 * 150, NULL)
                     && chain_exec_write (e, row, 1, in, 130, NULL));
      g_assert_true (chain_exec_run (e, p, 1, NULL) && chain_exec_read (e, p, 1, sum, got, 70 * 130));
      if (i == 0)
        memcpy (first, got, sizeof first);
      g_assert_cmpmem (first, sizeof first, got, sizeof got);
      chain_exec_free (e);
    }
  g_assert_true (chain_cpu_force_isa (best));
  chain_graph_free (g);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  g_test_add_func ("/run/large/shapes", test_shapes);
  g_test_add_func ("/run/large/plan", test_plan);
  return g_test_run ();
}
