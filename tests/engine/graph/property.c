/* SPDX-License-Identifier: Apache-2.0 */
/* Properties 1 to 5 of differentiation (RELIABILITY 4.3): identities that hold for every op, shape and number, so that no expected value is
 * needed. Every op of the table is drawn in turn, with random axes (some a batch) and random numbers of its domain; the plans that training runs
 * compute both sides, in f64 and in f32. 6 to 10, of whole graphs and
 * losses, are in property-loss.c. */
#include "tests/engine/draws.h"
#include "tests/engine/graph/ref-kit.h"
#include "tests/engine/run/kit.h"

#include <math.h>
#include <string.h>

#define PER_OP 24   /* draws of each op: over 1,000 in all */

typedef struct { ChainId id; double *v; gsize n; } Value;

/* A graph with numbers for its leaves. */
typedef struct { ChainGraph *g; GArray *leaves; Dice d; gint64 b; guint64 seed; ChainOp op; } Scene;

/* y = op (in); need[i]: an input that is differentiated, not an index. */
typedef struct { ChainId y, in[3]; guint n; } Drawn;

static const double bars[] = { [CHAIN_F32] = 1e-5, [CHAIN_F64] = 1e-12 };

static void
scene_open (Scene *s, guint test, guint i)
{
  *s = (Scene){ .g = chain_graph_new (), .leaves = g_array_new (FALSE, FALSE, sizeof (Value)), .seed = draws_seed_of (test, i) };
  dice_init (&s->d, s->seed);
  s->b = 1 + dice (&s->d, 5);
}

static void
scene_close (Scene *s)
{
  for (guint i = 0; i < s->leaves->len; i++)
    g_free (g_array_index (s->leaves, Value, i).v);
  g_array_unref (s->leaves);
  chain_graph_free (s->g);
}

static double
between (Scene *s, double low, double high)
{
  return low + (high - low) * (dice (&s->d, 1 << 30) + 0.5) / (1 << 30);
}

static gsize
size_of (Scene *s, ChainId id)
{
  return chain_ref_size (s->g, id, s->b);
}

static Value *
leaf_shaped (Scene *s, ChainShape shape)
{
  gboolean batch = shape.rows < 0 || shape.cols < 0;
  Value v = { .id = chain_leaf (s->g, batch ? CHAIN_LEAF_INPUT : CHAIN_LEAF_PARAM, "leaf", shape) };

  v.n = size_of (s, v.id);
  v.v = g_new0 (double, v.n);
  g_array_append_val (s->leaves, v);
  return &g_array_index (s->leaves, Value, s->leaves->len - 1);
}

static ChainId
leaf (Scene *s, ChainShape shape, double low, double high)
{
  Value *v = leaf_shaped (s, shape);

  for (gsize i = 0; i < v->n; i++)
    v->v[i] = between (s, low, high);
  return v->id;
}

static ChainId
leaf_like (Scene *s, ChainId of)
{
  return leaf (s, chain_graph_node (s->g, of)->shape, -1, 1);
}

/* Numbers of each id, NULL for CHAIN_NONE (zero); (transfer full) each. */
static void
evaluate (Scene *s, ChainDtype dtype, const ChainId *ids, guint n, double **out)
{
  g_autoptr (GError) error = NULL;
  ChainId *some = g_newa (ChainId, n);
  guint n_some = 0;
  ChainExec *x;
  ChainProgram p;

  for (guint i = 0; i < n; i++)
    if (ids[i] != CHAIN_NONE)
      some[n_some++] = ids[i];
  chain_graph_seal (s->g);
  x = chain_exec_new (s->g, dtype, NULL);
  for (guint i = 0; i < s->leaves->len; i++)
    {
      const Value *v = &g_array_index (s->leaves, Value, i);
      g_assert_true (chain_exec_write (x, v->id, s->b, v->v, v->n, NULL));
    }
  p = chain_exec_program (x, some, n_some, NULL, 0, CHAIN_PLAN_DEFAULT);
  if (n_some)
    chain_exec_run (x, p, s->b, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    {
      out[i] = ids[i] == CHAIN_NONE ? NULL : g_new0 (double, size_of (s, ids[i]));
      if (out[i] != NULL)
        g_assert_true (chain_exec_read (x, p, s->b, ids[i], out[i], size_of (s, ids[i])));
    }
  chain_exec_free (x);
}

static void
drop (double **v, guint n)
{
  for (guint i = 0; i < n; i++)
    g_clear_pointer (&v[i], g_free);
}

static double
norm (const double *v, gsize n)
{
  double sum = 0;

  for (gsize i = 0; v != NULL && i < n; i++)
    sum += v[i] * v[i];
  return sqrt (sum);
}

static void
expect (Scene *s, ChainDtype dtype, double error, double size, double *worst)
{
  double share = error == 0 ? 0 : error / (bars[dtype] * (size + 1e-30));

  if (!(share <= 1))
    g_error ("%s, seed %" G_GUINT64_FORMAT ", %s: off by %g at size %g\n%s", s->op ? chain_op_row (s->op)->name : "graph", s->seed,
             dtype == CHAIN_F32 ? "f32" : "f64", error, size, chain_graph_dump (s->g));
  *worst = fmax (*worst, share);
}

/* |a − b| entry by entry against size; NULL is zero. */
static void
expect_equal (Scene *s, ChainDtype dtype, const double *a, const double *b, gsize n, double size, double *worst)
{
  for (gsize i = 0; i < n; i++)
    expect (s, dtype, fabs ((a ? a[i] : 0) - (b ? b[i] : 0)), size, worst);
}

/* --- one random use of an op --- */
static int32_t
axis (Scene *s)
{
  return dice (&s->d, 4) == 0 ? CHAIN_B : 1 + (int32_t) dice (&s->d, 6);
}

static const OpCase *
some_case (Scene *s, ChainOp op)
{
  guint n, k = 0, of_op = 0;
  const OpCase *cases = op_cases (&n);

  for (guint i = 0; i < n; i++)
    of_op += cases[i].op == op;
  if (of_op == 0)
    g_error ("no case for %s", chain_op_row (op)->name);
  of_op = dice (&s->d, of_op);
  for (guint i = 0;; i++)
    if (cases[i].op == op && k++ == of_op)
      return &cases[i];
}

/* Whole numbers below n, or (n = 0) a permutation of each row. */
static ChainId
index_leaf (Scene *s, ChainShape shape, gint64 n)
{
  Value *v = leaf_shaped (s, shape);
  gsize cols = (gsize) chain_axis (shape.cols, s->b);

  for (gsize i = 0; i < v->n; i++)
    v->v[i] = n ? dice (&s->d, (guint) n) : (double) (i % cols);
  for (gsize i = 0; n == 0 && i < v->n; i++)
    {
      gsize other = i - i % cols + dice (&s->d, (guint) cols);
      double keep = v->v[i];
      v->v[i] = v->v[other];
      v->v[other] = keep;
    }
  return v->id;
}

static void
cut (Scene *s, ChainShape *in, ChainArg *arg)
{
  int32_t n, start, sign;

  arg->i[0] = (int32_t) dice (&s->d, 2);
  if (arg->i[0] == 0 && in->rows < 0)
    in->rows = -1 - (int32_t) dice (&s->d, 4);
  else if (in->cols < 0)
    in->cols = 3;
  n = arg->i[0] ? in->cols : in->rows;
  sign = n < 0 ? -1 : 1;
  n *= sign;
  start = (int32_t) dice (&s->d, (guint) n);
  arg->i[1] = sign * start;
  arg->i[2] = sign * (1 + (int32_t) dice (&s->d, (guint) (n - start)));
}

/* The shapes of an op that is not element-wise; in[0] is drawn already. */
static void
shapes_of (Scene *s, ChainOp op, ChainShape *in, ChainArg *arg, ChainShape *out)
{
  int32_t a = axis (s), b = axis (s), c = axis (s), k = 1 + (int32_t) dice (&s->d, 3);

  switch (op)
    {
    case CHAIN_OP_MATMUL:
      arg->i[0] = (int32_t) dice (&s->d, 2);
      arg->i[1] = (int32_t) dice (&s->d, 2);
      in[0] = arg->i[0] ? chain_shape (b, a) : chain_shape (a, b);
      in[1] = arg->i[1] ? chain_shape (c, b) : chain_shape (b, c);
      break;
    case CHAIN_OP_RESHAPE:
      c = c < 0 ? 2 : c;
      in[0] = chain_shape (a, c * k);
      *out = chain_shape (a * k, c);
      break;
    case CHAIN_OP_CONCAT:
      arg->i[0] = (int32_t) dice (&s->d, 2);
      c = b < 0 ? -k : k;
      in[0] = arg->i[0] ? chain_shape (a, b) : chain_shape (b, a);
      in[1] = arg->i[0] ? chain_shape (a, c) : chain_shape (c, a);
      break;
    case CHAIN_OP_SLICE:
      cut (s, in, arg);
      break;
    case CHAIN_OP_BROADCAST:
    case CHAIN_OP_SUM:
      *out = chain_shape (a, b);
      *in = chain_shape (k == 1 ? a : 1, k == 2 ? b : 1);
      if (op == CHAIN_OP_SUM)
        {
          ChainShape swap = *in;
          *in = *out;
          *out = swap;
        }
      break;
    case CHAIN_OP_SOLVE:
    case CHAIN_OP_CHOLESKY:
      in[0] = chain_shape (k + 1, k + 1);
      in[1] = chain_shape (k + 1, b);
      arg->i[0] = op == CHAIN_OP_SOLVE ? (int32_t) dice (&s->d, 2) : 0;
      break;
    case CHAIN_OP_RANDOM:
      *out = chain_shape (a, b);
      break;
    default:
      break;
    }
}

static ChainId
index_of (Scene *s, ChainOp op, ChainShape first, ChainArg *arg)
{
  if (op == CHAIN_OP_PERMUTE)
    return index_leaf (s, first, 0);
  if (op == CHAIN_OP_ONE_HOT)
    {
      arg->i[0] = 1 + (int32_t) dice (&s->d, 5);
      return index_leaf (s, chain_shape (axis (s), 1), arg->i[0]);
    }
  return index_leaf (s, chain_shape (axis (s), 1), chain_axis (first.rows, s->b));
}

static Drawn
draw_shaped (Scene *s, ChainOp op, const ChainId *given)
{
  const OpCase *c = some_case (s, op);
  ChainShape in[3] = { { axis (s), axis (s) } }, out = c->out;
  ChainArg arg = c->arg;
  guint arity = chain_op_row (op)->arity;
  g_autoptr (GError) error = NULL;
  Drawn r = { .n = arity };

  in[1] = in[2] = in[0];
  shapes_of (s, op, in, &arg, &out);
  for (guint i = 0; i < arity; i++)
    if (c->index != NULL && i + 1 == arity)
      {
        r.in[i] = index_of (s, op, in[0], &arg);
        r.n--;
      }
    else if (op == CHAIN_OP_RANDOM)
      {
        r.in[i] = chain_scalar (s->g, "step");
        r.n--;
      }
    else
      {
        r.in[i] = leaf (s, in[i], c->low[i], c->high[i]);
        if (i == 0 && (op == CHAIN_OP_SOLVE || op == CHAIN_OP_CHOLESKY))
          for (int32_t k = 0; k < in[0].rows; k++)
            g_array_index (s->leaves, Value, s->leaves->len - 1).v[k * (in[0].rows + 1)] += 3;
      }
  if (given != NULL)
    r.in[0] = given[0];
  r.y = chain_graph_append (s->g, op, r.in, arity, out, &arg, &error);
  if (error != NULL)
    g_error ("%s, seed %" G_GUINT64_FORMAT ": %s", chain_op_row (op)->name, s->seed, error->message);
  return r;
}

static Drawn
draw (Scene *s, ChainOp op)
{
  s->op = op;
  return draw_shaped (s, op, NULL);
}

/* Runs a property on PER_OP draws of every op, in both precisions. */
static void
each_op (guint test, const char *what, void (*check) (Scene *s, Drawn *y, double *worst))
{
  double worst = 0;
  guint n = 0;

  for (ChainOp op = CHAIN_OP_LEAF; op < CHAIN_N_OPS; op++)
    for (guint i = 0; i < draws_count (PER_OP); i++, n++)
      {
        Scene s;
        Drawn y;

        scene_open (&s, test, n);
        y = draw (&s, op);
        check (&s, &y, &worst);
        scene_close (&s);
      }
  g_assert_cmpuint (n, >=, 1000);
  draws_tell (what, n, worst);
}

static void
gradient (Scene *s, ChainId y, ChainId seed, const Drawn *of, ChainId *out)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (chain_grad (s->g, y, seed, of->in, of->n, out, NULL, &error));
  g_assert_no_error (error);
}

/* Σ v ⊙ y */
static ChainId
paired (Scene *s, ChainId v, ChainId y)
{
  return chain_sum_all (s->g, chain_mul (s->g, v, y));
}

/* --- 1 --- */
static double
inner (const double *a, const double *b, gsize n)
{
  double sum = 0;

  for (gsize i = 0; a != NULL && b != NULL && i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

static void
check_dot_product (Scene *s, Drawn *y, double *worst)
{
  ChainId v = leaf_like (s, y->y), u[3], ids[8];   /* J u, v, then J'v and u by turns */
  double *out[8];
  guint n = 2 + 2 * y->n;

  for (guint i = 0; i < y->n; i++)
    u[i] = leaf_like (s, y->in[i]);
  g_assert_true (chain_jvp (s->g, &y->y, 1, y->in, u, y->n, &ids[0], NULL));
  ids[1] = v;
  gradient (s, y->y, v, y, ids + 2);
  for (guint i = y->n; i-- > 0;)
    {
      ids[2 + 2 * i] = ids[2 + i];
      ids[3 + 2 * i] = u[i];
    }
  if (chain_op_row (s->op)->vjp == NULL)
    for (guint i = 0; i < y->n; i++)
      g_assert_true (ids[0] == CHAIN_NONE && ids[2 + 2 * i] == CHAIN_NONE);
  for (int t = 0; t < 2; t++)
    {
      gsize m = size_of (s, y->y);
      double forward, reverse = 0, size;

      evaluate (s, (ChainDtype) t, ids, n, out);
      forward = inner (out[0], out[1], m);
      size = norm (out[0], m) * norm (out[1], m);
      for (guint i = 0; i < y->n; i++)
        {
          gsize k = size_of (s, y->in[i]);
          reverse += inner (out[2 + 2 * i], out[3 + 2 * i], k);
          size += norm (out[2 + 2 * i], k) * norm (out[3 + 2 * i], k);
        }
      expect (s, (ChainDtype) t, fabs (forward - reverse), size, worst);
      drop (out, n);
    }
}

static void
test_dot_product (void)
{
  each_op (1, "<J u, v> = <u, J'v>", check_dot_product);
}

/* --- 2 --- */
static void
check_linear (Scene *s, Drawn *y, double *worst)
{
  double a = between (s, -2, 2), b = between (s, -2, 2), *out[9];
  ChainId v = leaf_like (s, y->y), w = leaf_like (s, y->y), ids[9];

  gradient (s, y->y, chain_add (s->g, chain_scale (s->g, v, a), chain_scale (s->g, w, b)), y, ids);
  gradient (s, y->y, v, y, ids + y->n);
  gradient (s, y->y, w, y, ids + 2 * y->n);
  for (int t = 0; t < 2; t++)
    {
      evaluate (s, (ChainDtype) t, ids, 3 * y->n, out);
      for (guint i = 0; i < y->n; i++)
        {
          gsize n = size_of (s, y->in[i]);
          double *one = out[y->n + i], *two = out[2 * y->n + i];
          double size = fabs (a) * norm (one, n) + fabs (b) * norm (two, n);

          for (gsize k = 0; one != NULL && k < n; k++)
            expect (s, (ChainDtype) t, fabs (out[i][k] - a * one[k] - b * two[k]), size, worst);
          g_assert_true ((out[i] == NULL) == (one == NULL) && (one == NULL) == (two == NULL));
        }
      drop (out, 3 * y->n);
    }
}

static void
test_linear (void)
{
  each_op (2, "J'(a v + b w) = a J'v + b J'w", check_linear);
}

/* --- 3 --- */
static void
check_zero (Scene *s, Drawn *y, double *worst)
{
  ChainId v = leaf (s, chain_graph_node (s->g, y->y)->shape, 0, 0), ids[6];
  double *out[6];

  gradient (s, y->y, v, y, ids);
  gradient (s, paired (s, leaf_like (s, y->y), chain_stop (s->g, y->y)), CHAIN_NONE, y, ids + y->n);
  for (int t = 0; t < 2; t++)
    {
      evaluate (s, (ChainDtype) t, ids, 2 * y->n, out);
      for (guint i = 0; i < y->n; i++)
        {
          expect_equal (s, (ChainDtype) t, out[i], NULL, size_of (s, y->in[i]), 0, worst);
          expect_equal (s, (ChainDtype) t, out[y->n + i], NULL, size_of (s, y->in[i]), 0, worst);
        }
      drop (out, 2 * y->n);
    }
}

static void
test_zero (void)
{
  each_op (3, "J' 0 = 0, and nothing passes a stop", check_zero);
}

/* --- 4 --- */
/* f's first input made from op's value: a leaf plus one number that is the weighted sum of all of it, squeezed into f's domain. */
static ChainId
joint (Scene *s, ChainId y, ChainId weights, ChainId leaf_, const OpCase *c)
{
  ChainShape shape = chain_graph_node (s->g, leaf_)->shape;
  ChainId sum = chain_broadcast (s->g, chain_tanh (s->g, paired (s, weights, y)), shape);
  ChainId open = chain_sigmoid (s->g, chain_add (s->g, leaf_, sum));

  return chain_offset (s->g, chain_scale (s->g, open, c->high[0] - c->low[0]), c->low[0]);
}

static const ChainOp outer_ops[] = {
  CHAIN_OP_MUL, CHAIN_OP_DIV, CHAIN_OP_EXP, CHAIN_OP_LOG, CHAIN_OP_SQRT, CHAIN_OP_SIN, CHAIN_OP_ERF, CHAIN_OP_TANH, CHAIN_OP_SOFTPLUS,
  CHAIN_OP_RELU, CHAIN_OP_LGAMMA, CHAIN_OP_CUMSUM, CHAIN_OP_SOFTMAX, CHAIN_OP_LOGSUMEXP, CHAIN_OP_ROWMAX, CHAIN_OP_POW, CHAIN_OP_TRANSPOSE,
};

/* The whole gradient at once, and by hand: the adjoint of the middle as numbers (a leaf of its own: nothing is shared) through op. */
static void
check_chain (Scene *s, Drawn *y, double *worst)
{
  ChainOp f = outer_ops[dice (&s->d, G_N_ELEMENTS (outer_ops))];
  const OpCase *c = some_case (s, f);
  ChainId start = leaf (s, chain_shape (axis (s), axis (s)), -1, 1), weights = leaf_like (s, y->y), mid, z, v, seed, ids[6], whole[4];
  double *out[6], *adjoint;
  guint n_in = chain_op_row (f)->arity;

  mid = joint (s, y->y, weights, start, c);
  z = n_in == 1 ? chain_graph_append (s->g, f, &mid, 1, c->out, &c->arg, NULL)
                : chain_graph_append (s->g, f, (ChainId[]){ mid, leaf (s, chain_graph_node (s->g, mid)->shape, c->low[1], c->high[1]) }, 2, c->out,
                                      &c->arg, NULL);
  g_assert_true (z != CHAIN_NONE);
  v = leaf_like (s, z);
  gradient (s, z, v, y, ids);
  g_assert_true (chain_grad (s->g, z, v, &y->y, 1, &whole[3], NULL, NULL));
  seed = leaf (s, chain_graph_node (s->g, y->y)->shape, 0, 0);
  adjoint = g_array_index (s->leaves, Value, s->leaves->len - 1).v;
  gradient (s, y->y, seed, y, ids + y->n);
  for (int t = 0; t < 2; t++)
    {
      evaluate (s, (ChainDtype) t, &whole[3], 1, out);
      memset (adjoint, 0, size_of (s, y->y) * sizeof (double));
      if (out[0] != NULL)
        memcpy (adjoint, out[0], size_of (s, y->y) * sizeof (double));
      drop (out, 1);
      evaluate (s, (ChainDtype) t, ids, 2 * y->n, out);
      for (guint i = 0; i < y->n; i++)
        {
          gsize n = size_of (s, y->in[i]);
          expect_equal (s, (ChainDtype) t, out[i], out[y->n + i], n, norm (out[i], n), worst);
        }
      drop (out, 2 * y->n);
    }
}

static void
test_chain (void)
{
  each_op (4, "(f of g)' = g' f'", check_chain);
}

/* --- 5 --- */
/* The same op twice in two scopes, two nodes with the same numbers: the parts of its gradient add up to the whole. */
static void
check_fan_out (Scene *s, Drawn *y, double *worst)
{
  const ChainNode *node = chain_graph_node (s->g, y->y);
  ChainId v = leaf_like (s, y->y), twin, ids[6];
  double share = between (s, 0.1, 0.9), *out[6];
  ChainShape shape = node->shape;
  ChainArg arg = node->arg;
  guint16 before = chain_graph_set_scope (s->g, chain_graph_scope (s->g, "twin"));

  twin = chain_graph_append (s->g, s->op, y->in, node->n_in, shape, &arg, NULL);
  chain_graph_set_scope (s->g, before);
  g_assert_true (twin != y->y || node->n_in == 0 || node->host);
  gradient (s, paired (s, v, y->y), CHAIN_NONE, y, ids);
  gradient (s, chain_add (s->g, chain_scale (s->g, paired (s, v, y->y), share), chain_scale (s->g, paired (s, v, twin), 1 - share)), CHAIN_NONE, y,
            ids + y->n);
  for (int t = 0; t < 2; t++)
    {
      evaluate (s, (ChainDtype) t, ids, 2 * y->n, out);
      for (guint i = 0; i < y->n; i++)
        {
          gsize n = size_of (s, y->in[i]);
          expect_equal (s, (ChainDtype) t, out[i], out[y->n + i], n, norm (out[i], n), worst);
        }
      drop (out, 2 * y->n);
    }
}

static void
test_fan_out (void)
{
  each_op (5, "a node twice, the same gradient", check_fan_out);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  g_test_add_func ("/property/01-dot-product", test_dot_product);
  g_test_add_func ("/property/02-linear", test_linear);
  g_test_add_func ("/property/03-zero", test_zero);
  g_test_add_func ("/property/04-chain", test_chain);
  g_test_add_func ("/property/05-fan-out", test_fan_out);
  return g_test_run ();
}
