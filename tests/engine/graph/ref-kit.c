/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine/graph/ref-kit.h"

#include "engine/base/rng.h"

#include <math.h>

void
kit_init (Kit *k)
{
  k->g = chain_graph_new ();
  k->leaves = g_array_new (FALSE, FALSE, sizeof (ChainRefBinding));
  k->seed = 1;
}

void
kit_clear (Kit *k)
{
  for (guint i = 0; i < k->leaves->len; i++)
    g_free ((gpointer) g_array_index (k->leaves, ChainRefBinding, i).data);
  g_array_unref (k->leaves);
  chain_graph_free (k->g);
}

gsize
kit_size (Kit *k, ChainId id)
{
  return chain_ref_size (k->g, id, KIT_B);
}

ChainId
kit_leaf (Kit *k, const char *name, ChainShape shape, const double *data)
{
  gboolean batch = shape.rows < 0 || shape.cols < 0;
  ChainId id = chain_leaf (k->g, batch ? CHAIN_LEAF_INPUT : CHAIN_LEAF_PARAM, name, shape);
  ChainRefBinding o = { id, g_memdup2 (data, kit_size (k, id) * sizeof (double)) };

  g_array_append_val (k->leaves, o);
  return id;
}

double *
kit_data (Kit *k, ChainId leaf)
{
  for (guint i = 0; i < k->leaves->len; i++)
    if (g_array_index (k->leaves, ChainRefBinding, i).leaf == leaf)
      return (double *) g_array_index (k->leaves, ChainRefBinding, i).data;   /* ours, from g_memdup2() */
  g_assert_not_reached ();
}

/* Centres are at 0.31 of a cell: a symmetric interval then never gives 0. The salt moves the grid by a tenth of a cell. */
ChainId
kit_grid_leaf (Kit *k, const char *name, ChainShape shape, double low, double high, guint salt)
{
  guint n = (guint) (chain_axis (shape.rows, KIT_B) * chain_axis (shape.cols, KIT_B));
  g_autofree uint32_t *perm = g_new (uint32_t, n);
  g_autofree double *data = g_new (double, n);
  ChainStream s;

  chain_stream_init (&s, 77, CHAIN_STREAM_CHECK, salt, 0);
  chain_stream_permute (&s, perm, n);
  for (guint i = 0; i < n; i++)
    data[i] = low + (high - low) * (perm[i] + 0.31 + 0.1 * (salt % 4)) / n;
  return kit_leaf (k, name, shape, data);
}

static gboolean
evaluate (Kit *k, const ChainId *ids, guint n, double *const *out)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = chain_ref_eval (k->g, (const ChainRefBinding *) (gpointer) k->leaves->data, k->leaves->len, KIT_B, k->seed, ids, n, out, &error);

  g_assert_no_error (error);
  return ok;
}

double *
kit_eval (Kit *k, ChainId id)
{
  double *out = g_new (double, kit_size (k, id));

  evaluate (k, &id, 1, &out);
  return out;
}

void
kit_eval_scalars (Kit *k, const ChainId *ids, guint n, double *out)
{
  g_autofree double **places = g_new (double *, n);

  for (guint i = 0; i < n; i++)
    places[i] = out + i;
  evaluate (k, ids, n, places);
}

/* --- one case or more for every op --- */

static const double class_numbers[] = { 2, 0, 2, 1, 0, 1 };
static const double permutation[] = { 2, 0, 1, 1, 2, 0 };

#define S11 { 1, 1 }
#define ELEMENT1(OP, lo, hi, ...) \
  { .op = CHAIN_OP_##OP, { { 2, 3 } }, { lo }, { hi }, .arg = __VA_ARGS__ }, { .op = CHAIN_OP_##OP, { S11 }, { lo }, { hi }, .arg = __VA_ARGS__ }, \
  { .op = CHAIN_OP_##OP, { { 1, 4 } }, { lo }, { hi }, .arg = __VA_ARGS__ }, { .op = CHAIN_OP_##OP, { { 4, 1 } }, { lo }, { hi }, .arg = __VA_ARGS__ }, \
  { .op = CHAIN_OP_##OP, { { CHAIN_B, 2 } }, { lo }, { hi }, .arg = __VA_ARGS__ }, { .op = CHAIN_OP_##OP, { { -2, 1 } }, { lo }, { hi }, .arg = __VA_ARGS__ }
#define ELEMENT2(OP, lo, hi, lo2, hi2) \
  { .op = CHAIN_OP_##OP, { { 2, 3 }, { 2, 3 } }, { lo, lo2 }, { hi, hi2 } }, { .op = CHAIN_OP_##OP, { S11, S11 }, { lo, lo2 }, { hi, hi2 } }, \
  { .op = CHAIN_OP_##OP, { { 1, 4 }, { 1, 4 } }, { lo, lo2 }, { hi, hi2 } }, { .op = CHAIN_OP_##OP, { { 4, 1 }, { 4, 1 } }, { lo, lo2 }, { hi, hi2 } }, \
  { .op = CHAIN_OP_##OP, { { CHAIN_B, 2 }, { CHAIN_B, 2 } }, { lo, lo2 }, { hi, hi2 } }, \
  { .op = CHAIN_OP_##OP, { { -2, 1 }, { -2, 1 } }, { lo, lo2 }, { hi, hi2 } }
#define NOTHING { .value = 0 }

static const OpCase cases[] = {
  { .op = CHAIN_OP_LEAF, .out = { CHAIN_B, 3 } },
  { .op = CHAIN_OP_CONST, .arg = { .value = 2.5 } },
  { .op = CHAIN_OP_RANDOM, { S11 }, { 1 }, { 9 }, .arg = { .i = { CHAIN_RANDOM_NORMAL, 4, 99 } }, .out = { CHAIN_B, 3 } },
  { .op = CHAIN_OP_RANDOM, { S11 }, { 1 }, { 9 }, .arg = { .i = { CHAIN_RANDOM_UNIFORM, 4, 99 } }, .out = { 2, 2 } },
  ELEMENT2 (ADD, -1, 1, -1, 1),
  ELEMENT2 (SUB, -1, 1, -1, 1),
  ELEMENT2 (MUL, -1, 1, -1, 1),
  ELEMENT2 (DIV, -1, 1, 0.7, 2),
  ELEMENT2 (POW, 0.5, 2, -2, 3),
  ELEMENT1 (NEG, -1, 1, NOTHING),
  ELEMENT1 (EXP, -2, 1, NOTHING),
  ELEMENT1 (EXPM1, -2, 1, NOTHING),
  ELEMENT1 (LOG, 0.5, 3, NOTHING),
  ELEMENT1 (LOG1P, -0.5, 3, NOTHING),
  ELEMENT1 (SQRT, 0.5, 3, NOTHING),
  ELEMENT1 (ABS, -1, 1, NOTHING),
  ELEMENT1 (SIGN, -1, 1, NOTHING),
  ELEMENT1 (SIN, -2, 2, NOTHING),
  ELEMENT1 (COS, -2, 2, NOTHING),
  ELEMENT1 (ATAN, -2, 2, NOTHING),
  ELEMENT1 (ASINH, -2, 2, NOTHING),
  ELEMENT1 (ERF, -1.5, 1.5, NOTHING),
  ELEMENT1 (ERFC, -1.5, 1.5, NOTHING),
  ELEMENT1 (LGAMMA, 0.8, 4, NOTHING),
  ELEMENT1 (LGAMMA, -0.7, -0.3, NOTHING),
  ELEMENT1 (POLYGAMMA, 0.8, 4, { .i = { 0 } }),
  ELEMENT1 (POLYGAMMA, 0.9, 4, { .i = { 2 } }),
  ELEMENT1 (FLOOR, -1.9, 2, NOTHING),
  ELEMENT1 (TANH, -2, 2, NOTHING),
  ELEMENT1 (SIGMOID, -3, 3, NOTHING),
  ELEMENT1 (SOFTPLUS, -3, 3, NOTHING),
  ELEMENT1 (RELU, -1, 1, NOTHING),
  ELEMENT1 (STEP, -1, 1, NOTHING),
  ELEMENT2 (MIN, -1, 1, -1.02, 1),
  ELEMENT2 (MAX, -1, 1, -1.02, 1),
  ELEMENT1 (CLAMP, -2, 2, { .value = -1.013, .value2 = 0.937 }),
  ELEMENT2 (EQ, -1, 1, -1.02, 1),
  ELEMENT2 (LT, -1, 1, -1.02, 1),
  { .op = CHAIN_OP_WHERE, { { 2, 3 }, { 2, 3 }, { 2, 3 } }, { -1, -1, -1 }, { 1, 1, 1 } },
  { .op = CHAIN_OP_WHERE, { { CHAIN_B, 2 }, { CHAIN_B, 2 }, { CHAIN_B, 2 } }, { -1, -1, -1 }, { 1, 1, 1 } },
  ELEMENT1 (ROUND, -1.9, 2, { .i = { 0 } }),
  ELEMENT1 (STOP, -1, 1, NOTHING),
  { .op = CHAIN_OP_ROUND, { { 2, 3 } }, { 256 }, { 268 }, .arg = { .i = { 1 } } },   /* bfloat16 numbers are even there */

  { .op = CHAIN_OP_MATMUL, { { 2, 3 }, { 3, 4 } }, { -1, -1 }, { 1, 1 } },
  { .op = CHAIN_OP_MATMUL, { { 3, 2 }, { 3, 4 } }, { -1, -1 }, { 1, 1 }, .arg = { .i = { 1, 0 } } },
  { .op = CHAIN_OP_MATMUL, { { 2, 3 }, { 4, 3 } }, { -1, -1 }, { 1, 1 }, .arg = { .i = { 0, 1 } } },
  { .op = CHAIN_OP_MATMUL, { { 3, 2 }, { 4, 3 } }, { -1, -1 }, { 1, 1 }, .arg = { .i = { 1, 1 } } },
  { .op = CHAIN_OP_MATMUL, { S11, S11 }, { -1, -1 }, { 1, 1 } },
  { .op = CHAIN_OP_MATMUL, { { 1, 3 }, { 3, 1 } }, { -1, -1 }, { 1, 1 } },
  { .op = CHAIN_OP_MATMUL, { { 3, 1 }, { 1, 3 } }, { -1, -1 }, { 1, 1 } },
  { .op = CHAIN_OP_MATMUL, { { CHAIN_B, 2 }, { 4, 2 } }, { -1, -1 }, { 1, 1 }, .arg = { .i = { 0, 1 } } },
  { .op = CHAIN_OP_MATMUL, { { CHAIN_B, 2 }, { CHAIN_B, 2 } }, { -1, -1 }, { 1, 1 }, .arg = { .i = { 1, 0 } } },
  { .op = CHAIN_OP_TRANSPOSE, { { 2, 3 } }, { -1 }, { 1 } },
  { .op = CHAIN_OP_TRANSPOSE, { { CHAIN_B, 1 } }, { -1 }, { 1 } },
  { .op = CHAIN_OP_RESHAPE, { { 2, 6 } }, { -1 }, { 1 }, .out = { 3, 4 } },
  { .op = CHAIN_OP_RESHAPE, { { CHAIN_B, 4 } }, { -1 }, { 1 }, .out = { -2, 2 } },
  { .op = CHAIN_OP_CONCAT, { { 2, 3 }, { 2, 1 } }, { -1, -1 }, { 1, 1 }, .arg = { .i = { 1 } } },
  { .op = CHAIN_OP_CONCAT, { { 2, 3 }, { 1, 3 } }, { -1, -1 }, { 1, 1 } },
  { .op = CHAIN_OP_CONCAT, { { CHAIN_B, 2 }, { -2, 2 } }, { -1, -1 }, { 1, 1 } },
  { .op = CHAIN_OP_SLICE, { { 2, 5 } }, { -1 }, { 1 }, .arg = { .i = { 1, 1, 3 } } },
  { .op = CHAIN_OP_SLICE, { { 4, 2 } }, { -1 }, { 1 }, .arg = { .i = { 0, 0, 2 } } },
  { .op = CHAIN_OP_SLICE, { { 4, 2 } }, { -1 }, { 1 }, .arg = { .i = { 0, 3, 1 } } },
  { .op = CHAIN_OP_SLICE, { { -3, 2 } }, { -1 }, { 1 }, .arg = { .i = { 0, -1, -1 } } },
  { .op = CHAIN_OP_SLICE, { { -2, 1 } }, { -1 }, { 1 }, .arg = { .i = { 0, 0, -1 } } },
  { .op = CHAIN_OP_GATHER_ROWS, { { 3, 2 }, { 4, 1 } }, { -1 }, { 1 }, .index = class_numbers },
  { .op = CHAIN_OP_GATHER_ROWS, { { 3, 2 }, { CHAIN_B, 1 } }, { -1 }, { 1 }, .index = class_numbers },
  { .op = CHAIN_OP_GATHER_ROWS, { { CHAIN_B, 2 }, { 4, 1 } }, { -1 }, { 1 }, .index = class_numbers },
  { .op = CHAIN_OP_ONE_HOT, { { 4, 1 } }, .arg = { .i = { 3 } }, .index = class_numbers },
  { .op = CHAIN_OP_ONE_HOT, { { CHAIN_B, 1 } }, .arg = { .i = { CHAIN_B } }, .index = class_numbers },
  { .op = CHAIN_OP_BROADCAST, { S11 }, { -1 }, { 1 }, .out = { 2, 3 } },
  { .op = CHAIN_OP_BROADCAST, { { 1, 3 } }, { -1 }, { 1 }, .out = { CHAIN_B, 3 } },
  { .op = CHAIN_OP_BROADCAST, { { CHAIN_B, 1 } }, { -1 }, { 1 }, .out = { CHAIN_B, 3 } },
  { .op = CHAIN_OP_SUM, { { 2, 3 } }, { -1 }, { 1 }, .out = S11 },
  { .op = CHAIN_OP_SUM, { { CHAIN_B, 3 } }, { -1 }, { 1 }, .out = { 1, 3 } },
  { .op = CHAIN_OP_SUM, { { CHAIN_B, 3 } }, { -1 }, { 1 }, .out = { CHAIN_B, 1 } },
  { .op = CHAIN_OP_SUM, { { -2, 1 } }, { -1 }, { 1 }, .out = S11 },

  { .op = CHAIN_OP_ROWMAX, { { 3, 4 } }, { -1 }, { 1 } },
  { .op = CHAIN_OP_ROWMAX, { { CHAIN_B, 1 } }, { -1 }, { 1 } },
  { .op = CHAIN_OP_ROWMAX, { { 2, CHAIN_B } }, { -1 }, { 1 } },
  { .op = CHAIN_OP_ARGMAX, { { 3, 4 } }, { -1 }, { 1 } },
  { .op = CHAIN_OP_CUMSUM, { { 2, 4 } }, { -1 }, { 1 } },
  { .op = CHAIN_OP_CUMSUM, { { CHAIN_B, 3 } }, { -1 }, { 1 }, .arg = { .i = { 1 } } },
  { .op = CHAIN_OP_PERMUTE, { { 2, 3 }, { 2, 3 } }, { -1 }, { 1 }, .index = permutation },
  { .op = CHAIN_OP_PERMUTE, { { 2, 3 }, { 2, 3 } }, { -1 }, { 1 }, .arg = { .i = { 1 } }, .index = permutation },
  { .op = CHAIN_OP_ARGSORT, { { 3, 4 } }, { -1 }, { 1 } },
  { .op = CHAIN_OP_LOGSUMEXP, { { 2, 4 } }, { -2 }, { 2 } },
  { .op = CHAIN_OP_LOGSUMEXP, { { CHAIN_B, 1 } }, { -2 }, { 2 } },
  { .op = CHAIN_OP_SOFTMAX, { { 2, 4 } }, { -2 }, { 2 } },
  { .op = CHAIN_OP_SOFTMAX, { { CHAIN_B, 1 } }, { -2 }, { 2 } },
  { .op = CHAIN_OP_SOFTMAX, { { 1, CHAIN_B } }, { -2 }, { 2 } },
  { .op = CHAIN_OP_SOLVE, { { 3, 3 }, { 3, 2 } }, { -1, -1 }, { 1, 1 }, .spd = TRUE },
  { .op = CHAIN_OP_SOLVE, { { 3, 3 }, { 3, 1 } }, { -1, -1 }, { 1, 1 }, .arg = { .i = { 1 } }, .spd = TRUE },
  { .op = CHAIN_OP_SOLVE, { S11, { 1, 4 } }, { 1, -1 }, { 2, 1 } },
  { .op = CHAIN_OP_CHOLESKY, { { 3, 3 } }, { -1 }, { 1 }, .spd = TRUE },
  { .op = CHAIN_OP_CHOLESKY, { S11 }, { 1 }, { 2 } },
};

const OpCase *
op_cases (guint *n)
{
  *n = G_N_ELEMENTS (cases);
  return cases;
}

static void
make_definite (Kit *k, ChainId a)
{
  int32_t n = chain_graph_node (k->g, a)->shape.rows;
  double *data = kit_data (k, a);

  for (int32_t i = 0; i < n; i++)
    data[i * n + i] += 3;
}

ChainId
op_case_build (Kit *k, const OpCase *c, ChainId *in)
{
  static const char *const names[] = { "a", "b", "c" };
  guint n_in = chain_op_row (c->op)->arity;
  g_autoptr (GError) error = NULL;
  ChainId y;

  for (guint i = 0; i < n_in; i++)
    if (c->index && i + 1 == n_in)
      in[i] = kit_leaf (k, names[i], c->in[i], c->index);
    else
      in[i] = kit_grid_leaf (k, names[i], c->in[i], c->low[i], c->high[i], i);
  if (c->spd)
    make_definite (k, in[0]);
  y = chain_graph_append (k->g, c->op, in, n_in, c->out, &c->arg, &error);
  g_assert_no_error (error);
  return y;
}
