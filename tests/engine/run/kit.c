/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine/run/kit.h"

#include "engine/graph/grad.h"

#include <math.h>

void
dice_init (Dice *d, guint64 seed)
{
  chain_stream_init (&d->stream, seed, CHAIN_STREAM_CHECK, 7, 0);
  d->n = 0;
}

guint
dice (Dice *d, guint n)
{
  return chain_stream_below (&d->stream, d->n++, 0, n);
}

double
dice_real (Dice *d)
{
  return chain_stream_normal (&d->stream, d->n++, 1);
}

static Made *
made_new (void)
{
  Made *m = g_new0 (Made, 1);

  m->g = chain_graph_new ();
  m->leaves = g_array_new (FALSE, FALSE, sizeof (ChainId));
  m->states = g_array_new (FALSE, FALSE, sizeof (ChainState));
  m->nodes = g_array_new (FALSE, FALSE, sizeof (ChainId));
  return m;
}

void
made_free (Made *m)
{
  chain_graph_free (m->g);
  g_array_unref (m->leaves);
  g_array_unref (m->states);
  g_array_unref (m->nodes);
  g_free (m);
}

static ChainId
leaf (Made *m, ChainLeafKind kind, int rows, int cols)
{
  ChainId id = chain_leaf (m->g, kind, "leaf", chain_shape (rows, cols));

  g_array_append_val (m->leaves, id);
  return id;
}

static ChainShape
shape_of (const Made *m, ChainId id)
{
  return chain_graph_node (m->g, id)->shape;
}

static ChainId
pick (const Made *m, Dice *d)
{
  return g_array_index (m->nodes, ChainId, dice (d, m->nodes->len));
}

/* Any node brought to this shape: the last random choices that fit, else a broadcast number. */
static ChainId
pick_like (Made *m, Dice *d, ChainShape s)
{
  for (int i = 0; i < 30; i++)
    {
      ChainId id = pick (m, d);
      ChainShape t = shape_of (m, id);
      if (chain_shape_equal (t, s))
        return id;
      if ((t.rows == 1 && t.cols == s.cols) || (t.cols == 1 && t.rows == s.rows) || chain_shape_is_scalar (t))
        return chain_broadcast (m->g, id, s);
    }
  return chain_full (m->g, s, 0.7);
}

static ChainId
unary (Made *m, Dice *d, ChainId a)
{
  ChainGraph *g = m->g;
  ChainId positive = chain_offset (g, chain_abs (g, a), 0.5);

  switch (dice (d, 22))
    {
    case 0: return chain_neg (g, a);
    case 1: return chain_exp (g, chain_tanh (g, a));
    case 2: return chain_expm1 (g, chain_tanh (g, a));
    case 3: return chain_log (g, positive);
    case 4: return chain_log1p (g, positive);
    case 5: return chain_sqrt (g, positive);
    case 6: return chain_sin (g, a);
    case 7: return chain_cos (g, a);
    case 8: return chain_atan (g, a);
    case 9: return chain_asinh (g, a);
    case 10: return chain_erf (g, a);
    case 11: return chain_erfc (g, a);
    case 12: return chain_tanh (g, chain_lgamma (g, positive));
    case 13: return chain_tanh (g, chain_polygamma (g, dice (d, 3), positive));
    case 14: return chain_tanh (g, a);
    case 15: return chain_sigmoid (g, a);
    case 16: return chain_tanh (g, chain_softplus (g, a));
    case 17: return chain_relu (g, chain_tanh (g, a));
    case 18: return chain_clamp (g, a, -0.6, 0.8);
    case 19: return chain_pow (g, chain_clamp (g, positive, 0.5, 2), chain_full (g, shape_of (m, a), 1.7));
    case 20: return chain_abs (g, a);
    default: return chain_sqrt (g, chain_sqrt (g, positive));
    }
}

static ChainId
binary (Made *m, Dice *d, ChainId a)
{
  ChainGraph *g = m->g;
  ChainId b = pick_like (m, d, shape_of (m, a)), c = pick_like (m, d, shape_of (m, a));

  switch (dice (d, 9))
    {
    case 0: return chain_tanh (g, chain_add (g, a, b));
    case 1: return chain_tanh (g, chain_sub (g, a, b));
    case 2: return chain_tanh (g, chain_mul (g, a, b));
    case 3: return chain_tanh (g, chain_div (g, a, chain_offset (g, chain_abs (g, b), 0.5)));
    case 4: return chain_min (g, a, b);
    case 5: return chain_max (g, a, b);
    case 6: return chain_tanh (g, chain_add (g, c, chain_mul (g, a, b)));
    case 7: return chain_tanh (g, chain_add (g, chain_mul (g, a, b), chain_mul (g, b, c)));
    default: return chain_tanh (g, chain_sum (g, chain_mul (g, a, b), chain_shape (1, shape_of (m, a).cols)));
    }
}

static ChainId
shaping (Made *m, Dice *d, ChainId a)
{
  ChainGraph *g = m->g;
  ChainShape s = shape_of (m, a);
  ChainId same = pick_like (m, d, s), w;

  switch (dice (d, 13))
    {
    case 0: return chain_tanh (g, chain_matmul (g, a, same, FALSE, TRUE));
    case 1: return chain_tanh (g, chain_matmul (g, a, same, TRUE, FALSE));
    case 2:
      w = leaf (m, CHAIN_LEAF_PARAM, s.cols > 0 ? s.cols : 3, 5);
      return s.cols > 0 ? chain_tanh (g, chain_matmul (g, a, w, FALSE, FALSE)) : a;
    case 3: return chain_transpose (g, a);
    case 4: return chain_tanh (g, chain_sum (g, a, chain_shape (s.rows, 1)));
    case 5: return chain_tanh (g, chain_sum (g, a, chain_shape (1, s.cols)));
    case 6: return chain_tanh (g, chain_sum_all (g, a));
    case 7: return chain_rowmax (g, a);
    case 8: return chain_tanh (g, chain_cumsum (g, a, dice (d, 2)));
    case 9: return chain_logsumexp (g, a);
    case 10: return chain_softmax (g, a);
    case 11: return s.cols > 0 && s.cols < 20 ? chain_concat (g, a, same, 1) : a;
    default: return s.cols > 1 ? chain_slice (g, a, 1, 1, s.cols - 1) : a;
    }
}

/* Ops that jump, on leaves; ops with whole numbers; small matrices; random numbers. */
static void
add_jumps (Made *m, Dice *d, ChainId x, ChainId y)
{
  ChainGraph *g = m->g;
  ChainId index = chain_argmax (g, x), spd, small = leaf (m, CHAIN_LEAF_DATA, 4, 4), eye, out[24];
  guint n = 0;

  out[n++] = chain_where (g, chain_lt (g, x, y), x, y);
  out[n++] = chain_mul (g, chain_eq (g, x, x), y);
  out[n++] = chain_sign (g, x);
  out[n++] = chain_step (g, x);
  out[n++] = chain_stop (g, y);
  out[n++] = chain_floor (g, chain_scale (g, x, 4));
  for (guint k = 0; k < 3; k++)
    out[n++] = chain_round (g, chain_scale (g, x, 4), k);
  out[n++] = chain_one_hot (g, index, shape_of (m, x).cols);
  out[n++] = chain_gather_rows (g, small, chain_clamp (g, index, 0, 3));
  out[n++] = chain_permute (g, y, chain_argsort (g, x), FALSE);
  out[n++] = chain_permute (g, y, chain_argsort (g, x), TRUE);
  eye = chain_one_hot (g, chain_transpose (g, chain_cumsum (g, chain_full (g, chain_shape (1, 4), 1), FALSE)), 5);
  eye = chain_slice (g, eye, 1, 1, 4);
  spd = chain_add (g, chain_matmul (g, small, small, FALSE, TRUE), chain_scale (g, eye, 4));
  out[n++] = chain_reshape (g, small, chain_shape (2, 8));
  out[n++] = chain_concat (g, x, chain_slice (g, y, 0, 0, CHAIN_B), 0);
  out[n++] = chain_slice (g, small, 0, 1, 2);
  out[n++] = chain_cholesky (g, spd);
  out[n++] = chain_solve (g, spd, small, FALSE);
  out[n++] = chain_random (g, CHAIN_RANDOM_UNIFORM, CHAIN_STREAM_DROPOUT, 5, chain_scalar (g, "step"), chain_shape (CHAIN_B, 5));
  out[n++] = chain_random (g, CHAIN_RANDOM_NORMAL, CHAIN_STREAM_NOISE, 6, chain_scalar (g, "step"), chain_shape (3, 5));
  g_array_append_vals (m->nodes, out, n);
}

Made *
make_any (guint64 seed, guint n)
{
  Made *m = made_new ();
  Dice d;
  ChainId x, id, total = CHAIN_NONE;

  dice_init (&d, seed);
  for (int i = 0; i < 2; i++)
    {
      id = leaf (m, CHAIN_LEAF_INPUT, CHAIN_B, 5);
      g_array_append_val (m->nodes, id);
      id = leaf (m, CHAIN_LEAF_PARAM, 1, 5);
      g_array_append_val (m->nodes, id);
    }
  id = leaf (m, CHAIN_LEAF_PARAM, 7, 5);
  g_array_append_val (m->nodes, id);
  id = chain_tanh (m->g, chain_scalar (m->g, "rate"));
  g_array_append_val (m->nodes, id);
  x = g_array_index (m->nodes, ChainId, 0);
  add_jumps (m, &d, x, g_array_index (m->nodes, ChainId, 2));
  for (guint i = 0; i < n; i++)
    {
      guint kind = dice (&d, 3);
      id = pick (m, &d);
      id = kind == 0 ? unary (m, &d, id) : kind == 1 ? binary (m, &d, id) : shaping (m, &d, id);
      g_array_append_val (m->nodes, id);
    }
  for (guint i = 0; i < m->nodes->len; i++)
    {
      id = chain_sum_all (m->g, g_array_index (m->nodes, ChainId, i));
      total = total == CHAIN_NONE ? id : chain_add (m->g, total, id);
    }
  m->loss = total;
  chain_graph_seal (m->g);
  return m;
}

/* --- networks --- */
static void
state (Made *m, ChainId of, ChainId next)
{
  ChainState s = { of, next };

  g_array_append_val (m->states, s);
}

static void
optimise (Made *m, ChainId w, ChainId grad, guint kind)
{
  ChainGraph *g = m->g;
  ChainId rate = chain_scalar (g, "rate"), v, v1, s, s1;
  ChainShape shape = shape_of (m, w);

  if (kind == 0)
    {
      state (m, w, chain_sub (g, w, chain_mul_s (g, grad, rate)));
      return;
    }
  v = leaf (m, CHAIN_LEAF_STATE, shape.rows, shape.cols);
  v1 = chain_add (g, chain_scale (g, v, 0.9), chain_scale (g, grad, 0.1));
  state (m, v, v1);
  if (kind == 1)
    {
      state (m, w, chain_sub (g, w, chain_mul_s (g, v1, rate)));
      return;
    }
  s = chain_leaf (g, CHAIN_LEAF_STATE, "s", shape);    /* stays zero at first */
  s1 = chain_add (g, chain_scale (g, s, 0.99), chain_scale (g, chain_square (g, grad), 0.01));
  state (m, s, s1);
  state (m, w, chain_sub (g, w, chain_div (g, chain_mul_s (g, v1, rate), chain_offset (g, chain_sqrt (g, s1), 1e-4))));
}

Made *
make_network (guint64 seed)
{
  Made *m = made_new ();
  ChainGraph *g = m->g;
  Dice d;
  ChainId w[16], grads[16], h, t, x, step;
  guint n = 0, kind, width = 1 + 3, layers;

  dice_init (&d, seed);
  kind = dice (&d, 3);
  layers = 1 + dice (&d, 3);
  x = h = leaf (m, CHAIN_LEAF_INPUT, CHAIN_B, (int) width);
  for (guint i = 0; i < layers; i++)
    {
      guint out = i + 1 == layers ? 3 : 1 + dice (&d, 40);
      w[n] = leaf (m, CHAIN_LEAF_PARAM, (int) out, (int) width);
      w[n + 1] = leaf (m, CHAIN_LEAF_PARAM, 1, (int) out);
      h = chain_add (g, chain_matmul (g, h, w[n], FALSE, TRUE), chain_broadcast (g, w[n + 1], chain_shape (CHAIN_B, (int) out)));
      h = i + 1 == layers ? h : dice (&d, 2) ? chain_tanh (g, h) : chain_relu (g, h);
      n += 2;
      width = out;
    }
  t = chain_softmax (g, chain_slice (g, x, 1, 0, 3));
  h = chain_sub (g, chain_broadcast (g, chain_logsumexp (g, h), chain_shape (CHAIN_B, 3)), h);
  m->loss = chain_div (g, chain_sum_all (g, chain_mul (g, t, h)), chain_n_rows (g));
  g_assert_true (chain_grad (g, m->loss, CHAIN_NONE, w, n, grads, NULL, NULL));
  for (guint i = 0; i < n; i++)
    optimise (m, w[i], grads[i], kind);
  step = chain_scalar (g, "step");
  state (m, step, chain_add (g, step, chain_const (g, 1)));
  chain_graph_seal (g);
  return m;
}

ChainExec *
make_exec (const Made *m, ChainDtype dtype, gint64 b, guint64 seed)
{
  ChainExec *x = chain_exec_new (m->g, dtype, NULL);
  Dice d;

  dice_init (&d, seed);
  for (guint i = 0; i < m->leaves->len; i++)
    {
      ChainId id = g_array_index (m->leaves, ChainId, i);
      ChainShape s = shape_of (m, id);
      gsize n = (gsize) (chain_axis (s.rows, b) * chain_axis (s.cols, b));
      g_autofree double *v = g_new (double, n);
      for (gsize k = 0; k < n; k++)
        v[k] = 0.5 * dice_real (&d);
      g_assert_true (chain_exec_write (x, id, b, v, n, NULL));
    }
  for (ChainId id = 1; id <= chain_graph_size (m->g); id++)
    if (chain_graph_node (m->g, id)->op == CHAIN_OP_LEAF && chain_graph_node (m->g, id)->arg.i[0] == CHAIN_LEAF_SCALAR)
      chain_exec_set_scalar (x, id, g_strcmp0 (chain_graph_name (m->g, id), "step") == 0 ? 3 : 0.05);
  chain_exec_set_seed (x, 11);
  return x;
}
