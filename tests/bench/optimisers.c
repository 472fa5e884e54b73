/* SPDX-License-Identifier: Apache-2.0 */
/* What every row of the optimiser table costs: the update of one tensor of 2·10⁴ and one of 2·10⁵ numbers in f32, built by the row itself,
 * its gradient given. A row that asks for the loss elsewhere (SAM) gets the same gradient again, so that only its own arithmetic is timed;
 * in training it pays for that forward and backward pass too. Best of the rounds, in nanoseconds a number, and how many numbers the plan reads
 * and writes for each: the floor of a large tensor is their bytes. */
#include "engine/nn/table.h"
#include "engine/graph/eval-ref.h"
#include "engine/run/backend-registry.h"
#include "engine/run/exec.h"

#include <math.h>
#include <stdio.h>

enum { ROUNDS = 25 };

typedef struct { ChainId leaf; double start; } Start;
typedef struct { GArray *states, *starts, *hyper; ChainId param, grad, eval; } Run;

static ChainId
scalar (Run *r, ChainGraph *g, const char *name, double value)
{
  Start s = { chain_scalar (g, name), value };

  g_array_append_val (r->hyper, s);
  return s.leaf;
}

static ChainId
hyper_node (ChainOptimCtx *c, const char *name)
{
  return scalar (c->data, c->g, name, chain_param (&c->hyper, name));
}

static ChainId
scalar_state (ChainOptimCtx *c, const char *name, double start)
{
  return scalar (c->data, c->g, name, start);
}

static ChainId
sized_state (ChainOptimCtx *c, guint i, const char *name, guint rows, guint cols, double start)
{
  Start s = { chain_leaf (c->g, CHAIN_LEAF_STATE, name, chain_shape ((int32_t) rows, (int32_t) cols)), isnan (start) ? 0.1 : start };

  g_array_append_val (((Run *) c->data)->starts, s);
  return s.leaf;
}

static ChainId
state (ChainOptimCtx *c, guint i, const char *name, double start)
{
  ChainShape shape = chain_graph_node (c->g, c->params[i])->shape;

  return sized_state (c, i, name, (guint) shape.rows, (guint) shape.cols, start);
}

static void
set_next (ChainOptimCtx *c, ChainId leaf, ChainId next)
{
  ChainState s = { leaf, next };

  g_array_append_val (((Run *) c->data)->states, s);
}

static void
set_eval (ChainOptimCtx *c, guint i, ChainId value)
{
  ((Run *) c->data)->eval = value;
}

static ChainId
loss_at (ChainOptimCtx *c, const ChainId *params, ChainId *out_grads)
{
  Run *r = c->data;

  if (out_grads != NULL)
    out_grads[0] = chain_add (c->g, r->grad, chain_scale (c->g, params[0], 1e-3));
  return chain_sum_all (c->g, params[0]);
}

static void
fill (ChainExec *x, ChainGraph *g, ChainId leaf, double value, double swing)
{
  gsize n = chain_ref_size (g, leaf, 1);
  g_autofree double *v = g_new (double, n);

  for (gsize i = 0; i < n; i++)
    v[i] = value + swing * sin (1.7 * (double) i);
  if (!chain_exec_write (x, leaf, 1, v, n, NULL))
    g_error ("no memory");
}

/* Nanoseconds a number. */
static double
time_of (ChainExec *x, ChainProgram p, gsize n)
{
  gsize inner = MAX (2000000 / n / 4, 1);
  double best = INFINITY;

  for (int r = 0; r < ROUNDS; r++)
    {
      gint64 at = g_get_monotonic_time ();

      for (gsize i = 0; i < inner; i++)
        chain_exec_run (x, p, 1, NULL);
      best = MIN (best, (double) (g_get_monotonic_time () - at) * 1e3 / (double) inner / (double) n);
    }
  return best;
}

/* states: tensors of state, beside w itself. */
static double
measure (const ChainOptimRow *row, int rows, int cols, guint *states)
{
  ChainGraph *g = chain_graph_new ();
  g_autoptr (GArray) next = g_array_new (FALSE, FALSE, sizeof (ChainState));
  g_autoptr (GArray) starts = g_array_new (FALSE, FALSE, sizeof (Start)), hyper = g_array_new (FALSE, FALSE, sizeof (Start));
  Run r = { next, starts, hyper, CHAIN_NONE, CHAIN_NONE, CHAIN_NONE };
  ChainOptimCtx c = { .g = g, .n = 1, .params = &r.param, .grads = &r.grad, .decay = &(double){ 0 }, .hyper = { &row->info, NULL },
                      .hyper_node = hyper_node, .state = state, .sized_state = sized_state, .scalar_state = scalar_state, .set_next = set_next,
                      .set_eval = set_eval, .loss_at = loss_at, .data = &r };
  ChainChoice *choice = chain_choice_new (row->info.id);
  ChainExec *x;
  ChainProgram p;
  double t;

  c.hyper.choice = choice;
  c.lr = scalar (&r, g, "lr", 1e-6);
  c.step = scalar (&r, g, "step", 3);
  c.rates = &c.lr;
  r.param = chain_leaf (g, CHAIN_LEAF_PARAM, "w", chain_shape (rows, cols));
  r.grad = chain_leaf (g, CHAIN_LEAF_DATA, "g", chain_shape (rows, cols));
  row->build (&c);
  chain_graph_seal (g);
  x = chain_exec_new (g, CHAIN_F32, NULL);
  p = chain_exec_program (x, NULL, 0, (const ChainState *) (gpointer) next->data, next->len, CHAIN_PLAN_COMMIT);
  fill (x, g, r.param, 0, 0.1);
  fill (x, g, r.grad, 0, 0.1);
  for (guint i = 0; i < starts->len; i++)
    fill (x, g, g_array_index (starts, Start, i).leaf, g_array_index (starts, Start, i).start + 0.01, 0.005);
  for (guint i = 0; i < hyper->len; i++)
    chain_exec_set_scalar (x, g_array_index (hyper, Start, i).leaf, g_array_index (hyper, Start, i).start);
  t = time_of (x, p, (gsize) rows * (gsize) cols);
  *states = starts->len;
  chain_exec_free (x);
  chain_graph_free (g);
  chain_choice_free (choice);
  return t;
}

int
main (void)
{
  guint n_rows;
  const ChainOptimRow *row = chain_table_optims (&n_rows);

  chain_backend_init ();
  printf ("| optimiser | states | 2·10⁴ numbers, ns each | 2·10⁵ numbers, ns each |\n|---|---|---|---|\n");
  for (guint i = 0; i < n_rows; i++)
    {
      guint states;
      double small = measure (&row[i], 100, 200, &states), large = measure (&row[i], 400, 500, &states);

      printf ("| %s | %u | %.2f | %.2f |\n", row[i].info.id, states, small, large);
      fflush (stdout);
    }
  return 0;
}
