/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of single f64 numbers: their own loop gives the bits of the items run one by one, on every instruction set, with states in place
 * and over several steps; and the values of the reference. */
#include "tests/engine/run/kit.h"

#include "engine/graph/eval-ref.h"
#include "engine/graph/grad.h"
#include "engine/run/cpu/scalar.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 5, STEPS = 4, MOST_FILLER = 34 };

typedef struct
{
  ChainGraph *g;
  ChainId     x[WIDTH], rate, out[WIDTH + 2];   /* the last of out: a leaf that is not one number */
  ChainState  states[WIDTH];
} Numbers;

static ChainId
one_op (ChainGraph *g, guint which, ChainId a, ChainId b, ChainId c)
{
  switch (which)
    {
    case 0: return chain_sub (g, a, b);
    case 1: return chain_div (g, a, chain_offset (g, chain_square (g, b), 1));
    case 2: return chain_neg (g, a);
    case 3: return chain_sqrt (g, chain_offset (g, chain_square (g, a), 0.5));
    case 4: return chain_exp (g, chain_neg (g, chain_square (g, a)));
    case 5: return chain_log1p (g, chain_square (g, a));
    case 6: return chain_sin (g, a);
    case 7: return chain_atan (g, a);
    case 8: return chain_erf (g, a);
    case 9: return chain_softplus (g, a);
    case 10: return chain_max (g, a, b);
    case 11: return chain_clamp (g, a, -1.5, 1.25);
    case 12: return chain_clamp (g, a, -0.5, 0.25);
    case 13: return chain_where (g, chain_lt (g, a, b), b, c);
    case 14: return chain_pow (g, chain_offset (g, chain_square (g, a), 1), b);
    case 15: return chain_sigmoid (g, a);
    case 16: return chain_abs (g, a);
    case 17: return chain_add (g, chain_mul (g, a, b), c);
    case 18: return chain_mul (g, chain_add (g, a, b), c);
    default: return chain_tanh (g, chain_mul (g, a, c));
    }
}

/* Some arithmetic without a function between: runs in which each reads the one before, or does not. */
static ChainId
arithmetic (ChainGraph *g, Dice *d, ChainId a, ChainId b, ChainId c)
{
  ChainId first, second;

  for (guint n = dice (d, 7); n > 0; n--)
    switch (dice (d, 5))
      {
      case 0: a = chain_add (g, a, c); break;
      case 1: a = chain_mul (g, b, a); break;
      case 2: a = chain_sub (g, c, a); break;
      case 3: a = chain_add (g, a, chain_sub (g, b, c)); break;
      default:
        first = chain_sub (g, a, c);
        second = chain_sub (g, b, a);
        a = dice (d, 2) ? chain_max (g, first, second) : chain_sub (g, first, second);
      }
  return a;
}

/* A value of n operations, its gradient and a step of descent on it. */
static void
make (Numbers *m, guint64 seed, guint n)
{
  ChainGraph *g = m->g = chain_graph_new ();
  ChainId pool[8], sum;
  Dice d;

  dice_init (&d, seed);
  for (guint i = 0; i < WIDTH; i++)
    pool[i] = m->x[i] = chain_leaf (g, CHAIN_LEAF_PARAM, "x", chain_shape (1, 1));
  for (guint i = WIDTH; i < 8; i++)
    pool[i] = chain_const (g, 0.25 * i - 1);
  m->rate = chain_scalar (g, "rate");
  sum = pool[0];
  for (guint i = 0; i < n; i++)
    {
      guint a = dice (&d, 8), b = dice (&d, 8), c = dice (&d, WIDTH);
      pool[a] = chain_tanh (g, one_op (g, dice (&d, 20), pool[a], pool[b], pool[c]));
      pool[a] = chain_tanh (g, arithmetic (g, &d, pool[a], pool[b], pool[c]));
      sum = chain_add (g, sum, chain_mul (g, pool[a], pool[c]));
    }
  m->out[0] = sum = chain_tanh (g, chain_scale (g, sum, 0.1));
  g_assert_true (chain_grad (g, sum, CHAIN_NONE, m->x, WIDTH, m->out + 1, NULL, NULL));
  for (guint i = 0; i < WIDTH; i++)
    {
      if (m->out[i + 1] == CHAIN_NONE)
        m->out[i + 1] = m->x[i];
      m->states[i] = (ChainState){ m->x[i], chain_sub (g, m->x[i], chain_mul (g, m->out[i + 1], m->rate)) };
    }
  m->out[WIDTH + 1] = chain_leaf (g, CHAIN_LEAF_PARAM, "two", chain_shape (2, 1));
  chain_graph_seal (g);
}

static ChainExec *
exec_for (const Numbers *m, ChainProgram *p)
{
  ChainExec *x = chain_exec_new (m->g, CHAIN_F64, NULL);

  for (guint i = 0; i < WIDTH; i++)
    {
      double v = 0.3 * i - 0.7;
      g_assert_true (chain_exec_write (x, m->x[i], 1, &v, 1, NULL));
    }
  chain_exec_set_scalar (x, m->rate, 0.05);
  *p = chain_exec_program (x, m->out, WIDTH + 1, m->states, WIDTH, CHAIN_PLAN_COMMIT);
  return x;
}

static void
assert_same (ChainExec *a, ChainProgram pa, ChainExec *b, ChainProgram pb, const ChainId *ids, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      double u = chain_exec_read_one (a, pa, 1, ids[i]), v = chain_exec_read_one (b, pb, 1, ids[i]);
      g_assert_true (memcmp (&u, &v, sizeof u) == 0 || (isnan (u) && isnan (v)));
    }
}

static gboolean met[CHAIN_SCALAR_last + 1];   /* rows of kinds */

static void
note_rows (const ChainScalar *s)
{
  for (const uint32_t *ip = s->code; (uint8_t) *ip != CHAIN_SCALAR_end;)
    {
      guint n = *ip > CHAIN_SCALAR_last || *ip < CHAIN_SCALAR_two ? 1 : *ip < CHAIN_SCALAR_three ? 2 : 3;
      if (*ip <= CHAIN_SCALAR_last)
        met[*ip] = TRUE;
      ip += 1 + 4 * n;
    }
}

static void
assert_is_scalar (ChainExec *x, ChainProgram p)
{
  const ChainPlan *plan = chain_exec_plan (x, p, 1, NULL);
  g_autofree double *numbers = g_new0 (double, plan->n_slots);
  g_autofree void **slots = g_new0 (void *, plan->n_slots);
  ChainScalar *s;

  for (guint i = 0; i < plan->n_slots; i++)
    slots[i] = &numbers[i];
  s = _chain_cpu_scalar_new (_chain_cpu_kernels (), plan, slots);
  g_assert_nonnull (s);
  note_rows (s);
  _chain_cpu_scalar_free (s);
}

static void
compare (const Numbers *m)
{
  ChainProgram pa, pb;
  ChainExec *a = exec_for (m, &pa), *b = exec_for (m, &pb);
  guint n = chain_exec_plan (b, pb, 1, NULL)->n_items;

  assert_is_scalar (a, pa);
  for (int step = 0; step < STEPS; step++)
    {
      g_assert_true (chain_exec_run (a, pa, 1, NULL));
      for (guint i = 0; i < n; i++)
        g_assert_true (chain_exec_run_range (b, pb, 1, i, i + 1, NULL));
      assert_same (a, pa, b, pb, m->out, WIDTH + 1);
      for (guint i = 0; i < WIDTH; i++)
        assert_same (a, pa, b, pb, &m->x[i], 1);
    }
  g_assert_true (chain_exec_run (b, pb, 1, NULL));   /* whole runs go on from partial ones */
  g_assert_true (chain_exec_run_range (a, pa, 1, 0, 1, NULL));
  g_assert_true (chain_exec_run (a, pa, 1, NULL));
  assert_same (a, pa, b, pb, m->out, WIDTH + 1);
  chain_exec_free (a);
  chain_exec_free (b);
}

static void
test_bits (void)
{
  static const char *const isas[] = { "plain C", "AVX2", "AVX-512" };
  const char *best = chain_cpu_isa ();

  for (guint k = 0; k < G_N_ELEMENTS (isas); k++)
    if (chain_cpu_force_isa (isas[k]))
      for (guint64 seed = 0; seed < 12; seed++)
        {
          Numbers m;
          make (&m, seed, 3 + 20 * (guint) seed);
          compare (&m);
          chain_graph_free (m.g);
        }
  g_assert_true (chain_cpu_force_isa (best));
  for (guint i = 0; _chain_cpu_kernels ()->has_fma && i <= CHAIN_SCALAR_last; i++)
    g_assert_true (met[i]);
}

static ChainId
plain_op (ChainGraph *g, guint which, ChainId a, ChainId b, ChainId c)
{
  switch (which)
    {
    case 0: return chain_add (g, a, b);
    case 1: return chain_sub (g, a, b);
    case 2: return chain_mul (g, a, b);
    case 3: return chain_neg (g, a);
    case 4: return chain_add (g, chain_mul (g, a, b), c);
    case 5: return chain_div (g, a, b);
    case 6: return chain_sqrt (g, a);
    default: return chain_atan (g, a);
    }
}

/* Every operation followed by every other one, on what it made and on what it did not, with numbers whose zeros, infinities, NaNs and
 * small parts show any difference; behind runs of every length. */
static void
pairs_of (const double *numbers, guint n_filler)
{
  ChainGraph *g = chain_graph_new ();
  ChainId x[3], out[2 * 8 * 8 + MOST_FILLER];
  ChainProgram p, q;
  ChainExec *e;
  guint n = 0, n_items;

  for (guint i = 0; i < 3; i++)
    x[i] = chain_leaf (g, CHAIN_LEAF_PARAM, "x", chain_shape (1, 1));
  for (guint i = 0; i < n_filler; i++)
    out[n] = chain_add (g, n > 0 ? out[n - 1] : x[0], x[1]), n++;
  for (guint first = 0; first < 8; first++)
    for (guint second = 0; second < 8; second++)
      {
        ChainId one = plain_op (g, first, x[0], x[1], x[2]);
        out[n++] = plain_op (g, second, one, x[2], x[1]);
        out[n++] = plain_op (g, second, x[1], x[0], one);
      }
  chain_graph_seal (g);
  e = chain_exec_new (g, CHAIN_F64, NULL);
  for (guint i = 0; i < 3; i++)
    g_assert_true (chain_exec_write (e, x[i], 1, &numbers[i], 1, NULL));
  p = chain_exec_program (e, out, n, NULL, 0, CHAIN_PLAN_DEFAULT);
  q = chain_exec_program (e, out, n, NULL, 0, CHAIN_PLAN_KEEP_ALL);
  n_items = chain_exec_plan (e, q, 1, NULL)->n_items;
  g_assert_true (chain_exec_run (e, p, 1, NULL));
  for (guint i = 0; i < n_items; i++)
    g_assert_true (chain_exec_run_range (e, q, 1, i, i + 1, NULL));
  assert_same (e, p, e, q, out, n);
  chain_exec_free (e);
  chain_graph_free (g);
}

static void
test_pairs (void)
{
  static const char *const isas[] = { "plain C", "AVX2", "AVX-512" };
  static const double hard[] = { 0, -0.0, 1, -1, 3, -1.0 / 3, INFINITY, -INFINITY, NAN, 5e-324, -5e-324, 0x1p-537, 0x1.8p-1022, 1.7e308 };
  const char *best = chain_cpu_isa ();
  Dice d;

  dice_init (&d, 3);
  for (guint k = 0; k < G_N_ELEMENTS (isas); k++)
    if (chain_cpu_force_isa (isas[k]))
      for (guint i = 0; i < MOST_FILLER; i++)
        {
          double numbers[3];
          for (guint c = 0; c < 3; c++)
            numbers[c] = i == 0 ? 0.3 - c : hard[dice (&d, G_N_ELEMENTS (hard))];
          pairs_of (numbers, i);
        }
  g_assert_true (chain_cpu_force_isa (best));
}

/* Against the definition, which knows no fma. */
static void
test_reference (void)
{
  for (guint64 seed = 20; seed < 40; seed++)
    {
      ChainRefBinding bind[WIDTH + 1];
      double x0[WIDTH], rate = 0.05, want[WIDTH + 1], *to[WIDTH + 1];
      ChainProgram p;
      ChainExec *x;
      Numbers m;
      make (&m, seed, 40);
      x = exec_for (&m, &p);
      for (guint i = 0; i < WIDTH; i++)
        {
          x0[i] = 0.3 * i - 0.7;
          bind[i] = (ChainRefBinding){ m.x[i], &x0[i] };
        }
      bind[WIDTH] = (ChainRefBinding){ m.rate, &rate };
      p = chain_exec_program (x, m.out, WIDTH + 1, NULL, 0, CHAIN_PLAN_DEFAULT);
      g_assert_true (chain_exec_run (x, p, 1, NULL));
      for (guint i = 0; i <= WIDTH; i++)
        to[i] = &want[i];
      g_assert_true (chain_ref_eval (m.g, bind, WIDTH + 1, 1, 0, m.out, WIDTH + 1, to, NULL));
      for (guint i = 0; i <= WIDTH; i++)
        g_assert_cmpfloat (fabs (chain_exec_read_one (x, p, 1, m.out[i]) - want[i]), <=, 1e-9 * (1 + fabs (want[i])));
      chain_exec_free (x);
      chain_graph_free (m.g);
    }
}

/* Every node can be looked at on a keep-all plan, whole or item by item. */
static void
test_keep_all (void)
{
  ChainProgram p, q;
  ChainExec *a, *b;
  Numbers m;
  const ChainPlan *plan;

  make (&m, 7, 30);
  a = exec_for (&m, &p);
  b = exec_for (&m, &q);
  p = chain_exec_program (a, m.out, WIDTH + 1, NULL, 0, CHAIN_PLAN_KEEP_ALL);
  q = chain_exec_program (b, m.out, WIDTH + 1, NULL, 0, CHAIN_PLAN_KEEP_ALL);
  plan = chain_exec_plan (b, q, 1, NULL);
  g_assert_true (chain_exec_run (a, p, 1, NULL));
  for (guint i = 0; i < plan->n_items; i++)
    g_assert_true (chain_exec_run_range (b, q, 1, i, i + 1, NULL));
  for (guint i = 0; i < plan->n_items; i++)
    assert_same (a, p, b, q, &plan->items[i].node, 1);
  chain_exec_free (a);
  chain_exec_free (b);
  chain_graph_free (m.g);
}

static void
assert_same_plans (const ChainPlan *p, const ChainPlan *q)
{
  g_assert_cmpuint (p->n_items, ==, q->n_items);
  g_assert_cmpuint (p->n_host, ==, q->n_host);
  g_assert_cmpuint (p->arena_bytes, ==, q->arena_bytes);
  g_assert_cmpuint (p->n_slots + 1, ==, q->n_slots);   /* and that leaf */
  for (guint i = 0; i < p->n_slots; i++)
    g_assert_cmpmem (&p->slots[i], sizeof p->slots[i], &q->slots[i], sizeof q->slots[i]);
  for (guint i = 0; i < p->n_items; i++)
    {
      const ChainPlanItem *a = &p->items[i], *b = &q->items[i];
      g_assert_cmpmem (a, offsetof (ChainPlanItem, detail), b, offsetof (ChainPlanItem, detail));
      g_assert_cmpmem (a->detail->arg, sizeof a->detail->arg, b->detail->arg, sizeof b->detail->arg);
      g_assert_true (a->detail->rows == b->detail->rows && a->detail->cols == b->detail->cols && a->detail->value == b->detail->value
                     && a->detail->value2 == b->detail->value2);
    }
}

/* A plan of nothing but numbers is made in a shorter way than one with a tensor: it is the same plan. */
static void
test_short_way (void)
{
  for (guint64 seed = 0; seed < 200; seed++)
    for (ChainDtype dtype = CHAIN_F32; dtype <= CHAIN_F64; dtype++)
      {
        Numbers m;
        ChainPlan *p, *q;
        make (&m, seed, 1 + (guint) seed % 40);   /* the shortest have no operation with arguments */
        p = chain_plan_new (m.g, m.out, WIDTH + 1, NULL, 0, 1, dtype, CHAIN_PLAN_DEFAULT, NULL);
        q = chain_plan_new (m.g, m.out, WIDTH + 2, NULL, 0, 1, dtype, CHAIN_PLAN_DEFAULT, NULL);
        assert_same_plans (p, q);
        chain_plan_free (p);
        chain_plan_free (q);
        chain_graph_free (m.g);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  g_test_add_func ("/run/scalar/bits", test_bits);
  g_test_add_func ("/run/scalar/short-way", test_short_way);
  g_test_add_func ("/run/scalar/pairs", test_pairs);
  g_test_add_func ("/run/scalar/reference", test_reference);
  g_test_add_func ("/run/scalar/keep-all", test_keep_all);
  return g_test_run ();
}
