/* SPDX-License-Identifier: Apache-2.0 */
/* Large products: whatever gives the lanes, however they are cut and packed, on every instruction set and on one thread or three, each
 * number is what the definition says to the last bit: fma over k in order from +0, then a row. */
#include "engine/run/cpu/device.h"

#include "engine/base/rng.h"
#include "engine/run/backend-registry.h"
#include "engine/run/exec-private.h"

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
  ChainGemm g = { a, b, got, c->m, c->n, c->k, c->ta, c->tb, .bias = row };
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
                                       { 16, 200, 64 }, { 200, 16, 65 }, { 33, 129, 514 }, { 129, 33, 513 }, { 6, 64, 1025 }, { 110, 130, 33 }, { 300, 70, 33 }, { 65, 144, 70 } };

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

/* --- an update behind each piece of its gradient --- */
typedef struct { ChainGraph *g; ChainId x, dy, w, v, squares, read; ChainState states[2]; } Update;

/* read: what is made of the weights after the gradient and before the update, which then must not come first. */
static Update
make_update (gboolean reads_between, int rows, int cols)
{
  Update u = { .g = chain_graph_new () };
  ChainId grad;

  u.x = chain_leaf (u.g, CHAIN_LEAF_INPUT, "x", chain_shape (CHAIN_B, cols));
  u.dy = chain_leaf (u.g, CHAIN_LEAF_INPUT, "dy", chain_shape (CHAIN_B, rows));
  u.w = chain_leaf (u.g, CHAIN_LEAF_PARAM, "w", chain_shape (rows, cols));
  u.v = chain_leaf (u.g, CHAIN_LEAF_STATE, "v", chain_shape (rows, cols));
  grad = chain_matmul (u.g, u.dy, u.x, TRUE, FALSE);
  u.squares = chain_sum_all (u.g, chain_square (u.g, grad));
  u.read = reads_between ? chain_sum_all (u.g, u.w) : u.squares;
  u.states[0] = (ChainState){ u.v, chain_add (u.g, chain_scale (u.g, u.v, 0.9), chain_mul (u.g, grad, chain_scale (u.g, grad, 0.5))) };
  u.states[1] = (ChainState){ u.w, chain_sub (u.g, u.w, chain_div (u.g, chain_scale (u.g, grad, 0.1), chain_offset (u.g, chain_sqrt (u.g, u.states[0].next), 1e-3))) };
  chain_graph_seal (u.g);
  return u;
}

static guint
followed (ChainExec *x, ChainProgram p)
{
  const ChainExecProgram *program = x->programs->pdata[p];
  const ChainExecPlan *plan = &program->plans[program->last];
  guint n = 0;

  for (guint i = 0; i < plan->plan->n_items; i++)
    n += plan->prepared->ins[i].follow != NULL;
  return n;
}

/* Three steps; squares, `read`, weights and state, one behind the other. */
static double *
run_update (const Update *u, ChainDtype dtype, int rows, int cols, int threads, gboolean stepped, guint *n_followed)
{
  enum { B = 40 };
  const ChainId outputs[] = { u->squares, u->read };
  gsize n = (gsize) (rows * cols);
  double *all = g_new0 (double, 2 * n + 2);
  ChainExec *x = chain_exec_new (u->g, dtype, NULL);
  ChainProgram p = chain_exec_program (x, outputs, 2, u->states, 2, CHAIN_PLAN_COMMIT);
  const ChainPlan *plan = chain_exec_plan (x, p, B, NULL);

  for (gsize i = 0; i < n; i++)
    all[i] = sin ((double) i * 0.37);
  g_assert_true (chain_exec_write (x, u->x, B, all, (gsize) (B * cols), NULL) && chain_exec_write (x, u->dy, B, all + 7, (gsize) (B * rows), NULL)
                 && chain_exec_write (x, u->w, 1, all, n, NULL));
  chain_exec_set_threads (x, threads);
  for (int step = 0; step < 3; step++)
    {
      for (guint i = 0; stepped && i < plan->n_items; i++)
        g_assert_true (chain_exec_run_range (x, p, B, i, i + 1, NULL));
      if (stepped)
        chain_exec_commit (x, p, B);
      else
        g_assert_true (chain_exec_run (x, p, B, NULL));
    }
  *n_followed = followed (x, p);
  g_assert_true (chain_exec_read (x, p, B, u->squares, all, 1) && chain_exec_read (x, p, B, u->read, all + 1, 1));
  g_assert_true (chain_exec_read_leaf (x, u->w, all + 2, n) && chain_exec_read_leaf (x, u->v, all + 2 + n, n));
  chain_exec_free (x);
  return all;
}

static void
check_update (gboolean reads_between, int rows, int cols, ChainDtype dtype)
{
  Update u = make_update (reads_between, rows, cols);
  g_autofree double *want = NULL;
  guint n = 0;

  for (guint i = 0; i < 3 * G_N_ELEMENTS (isas); i++)
    {
      g_autofree double *got = NULL;
      if (!chain_cpu_force_isa (isas[i / 3]))
        continue;
      got = run_update (&u, dtype, rows, cols, i % 3 == 2 ? 3 : 1, i % 3 == 0, &n);
      g_assert_cmpuint (n, ==, reads_between ? 0 : 2);      /* the product and the sum of its squares */
      if (want == NULL)
        want = g_steal_pointer (&got);
      else
        g_assert_cmpmem (got, (gsize) (2 * rows * cols + 2) * sizeof *got, want, (gsize) (2 * rows * cols + 2) * sizeof *want);
    }
  chain_graph_free (u.g);
}

static void
test_update (void)
{
  static const int shapes[][2] = { { 90, 100 }, { 97, 101 }, { 48, 129 }, { 49, 300 }, { 145, 67 } };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (int way = 0; way < 4; way++)
      check_update (way & 1, shapes[i][0], shapes[i][1], way & 2 ? CHAIN_F64 : CHAIN_F32);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  g_test_add_func ("/run/large/shapes", test_shapes);
  g_test_add_func ("/run/large/plan", test_plan);
  g_test_add_func ("/run/large/update", test_update);
  return g_test_run ();
}
