/* SPDX-License-Identifier: Apache-2.0 */
/* Plans: what is computed, contracted, shared, and committed. Lifetimes are checked by brute force on random graphs. */
#include "tests/engine/run/kit.h"

#include <string.h>

static gboolean
is_elementwise (const ChainPlanItem *it)
{
  return (chain_op_row ((ChainOp) it->op)->flags & CHAIN_OP_ELEMENTWISE) != 0;
}

/* Walks the plan with a shadow of the arena: which slot owns each 64 bytes. Every read must find its own slot there. */
static void
check_lifetimes (const ChainPlan *p)
{
  g_autofree guint32 *owner = g_new0 (guint32, p->arena_bytes / 64 + 1);
  g_autofree gboolean *written = g_new0 (gboolean, p->n_slots + 1);

  for (guint i = 0; i < p->n_items; i++)
    {
      const ChainPlanItem *it = &p->items[i];
      const ChainPlanSlot *out = &p->slots[it->out];
      for (guint k = 0; k < it->n_in; k++)
        {
          const ChainPlanSlot *s = &p->slots[it->in[k]];
          if (s->kind != CHAIN_SLOT_TEMP)
            continue;
          g_assert_true (written[it->in[k]]);
          for (guint64 at = s->offset / 64; at < (s->offset + s->bytes) / 64; at++)
            g_assert_cmpuint (owner[at], ==, it->in[k] + 1);
          if (out->kind == CHAIN_SLOT_TEMP && out->offset < s->offset + s->bytes && s->offset < out->offset + out->bytes)
            {
              g_assert_true (is_elementwise (it) && it->read[k] == CHAIN_READ_FULL);
              g_assert_cmpuint (out->offset, ==, s->offset);
            }
        }
      if (out->kind != CHAIN_SLOT_TEMP)
        continue;
      written[it->out] = TRUE;
      g_assert_cmpuint (out->offset + out->bytes, <=, p->arena_bytes);
      for (guint64 at = out->offset / 64; at < (out->offset + out->bytes) / 64; at++)
        owner[at] = it->out + 1;
    }
  for (guint s = 0; s < p->n_slots; s++)   /* what is kept must still be there */
    if (p->slots[s].kind == CHAIN_SLOT_TEMP && p->slots[s].keep && written[s])
      for (guint64 at = p->slots[s].offset / 64; at < (p->slots[s].offset + p->slots[s].bytes) / 64; at++)
        g_assert_cmpuint (owner[at], ==, s + 1);
}

static void
test_lifetimes (void)
{
  for (guint64 seed = 0; seed < 60; seed++)
    {
      Made *m = seed % 2 ? make_any (seed, 60) : make_network (seed);
      for (int flags = 0; flags < 4; flags++)
        {
          ChainPlan *p = chain_plan_new (m->g, &m->loss, 1, STATES (m), 1 + (gint64) seed % 9, CHAIN_F32, (ChainPlanFlags) flags, NULL);
          g_assert_nonnull (p);
          check_lifetimes (p);
          for (guint i = 0; i < p->n_items; i++)
            g_assert_cmpint (chain_plan_find (p, p->items[i].node), ==, (int) i);
          chain_plan_free (p);
        }
      made_free (m);
    }
}

static ChainId
param (ChainGraph *g, const char *name)
{
  return chain_leaf (g, CHAIN_LEAF_PARAM, name, chain_shape (3, 4));
}

static void
test_contraction (void)
{
  ChainGraph *g = chain_graph_new ();
  ChainId a = param (g, "a"), b = param (g, "b"), c = param (g, "c");
  ChainId m = chain_mul (g, a, b), s = chain_add (g, c, m), two = chain_add (g, m, chain_mul (g, b, c)), both[] = { s, m };
  ChainPlan *p;

  chain_graph_seal (g);
  p = chain_plan_new (g, &s, 1, NULL, 0, 1, CHAIN_F32, CHAIN_PLAN_DEFAULT, NULL);
  g_assert_cmpuint (p->n_items, ==, 1);          /* the product has no other reader */
  g_assert_cmpint (p->items[0].flags & CHAIN_ITEM_FMA, !=, 0);
  g_assert_cmpuint (p->slots[p->items[0].in[0]].leaf, ==, a);
  g_assert_cmpuint (p->slots[p->items[0].in[2]].leaf, ==, c);
  chain_plan_free (p);
  p = chain_plan_new (g, both, 2, NULL, 0, 1, CHAIN_F32, CHAIN_PLAN_DEFAULT, NULL);
  g_assert_cmpuint (p->n_items, ==, 2);          /* kept, and contracted all the same */
  g_assert_cmpint (p->items[chain_plan_find (p, s)].flags & CHAIN_ITEM_FMA, !=, 0);
  chain_plan_free (p);
  p = chain_plan_new (g, &two, 1, NULL, 0, 1, CHAIN_F32, CHAIN_PLAN_KEEP_ALL, NULL);
  g_assert_cmpuint (p->n_items, ==, 3);
  g_assert_cmpuint (p->slots[p->items[2].in[0]].leaf, ==, a);   /* the first mul of two */
  chain_plan_free (p);
  chain_graph_free (g);
}

static void
test_read_through (void)
{
  ChainGraph *g = chain_graph_new ();
  ChainId x = chain_leaf (g, CHAIN_LEAF_INPUT, "x", chain_shape (CHAIN_B, 4)), r = chain_leaf (g, CHAIN_LEAF_PARAM, "r", chain_shape (1, 4));
  ChainId wide = chain_broadcast (g, r, chain_shape (CHAIN_B, 4)), y = chain_sub (g, x, wide);
  ChainId t = chain_sum (g, chain_mul (g, x, x), chain_shape (1, 4)), out[] = { y, t };
  ChainPlan *p;

  chain_graph_seal (g);
  p = chain_plan_new (g, out, 2, NULL, 0, 6, CHAIN_F32, CHAIN_PLAN_DEFAULT, NULL);
  g_assert_cmpuint (p->n_items, ==, 2);
  g_assert_cmpuint (p->items[0].read[1], ==, CHAIN_READ_ROW);
  g_assert_cmpint (p->items[1].flags & CHAIN_ITEM_SUM_MUL, !=, 0);
  chain_plan_free (p);
  p = chain_plan_new (g, out, 2, NULL, 0, 6, CHAIN_F32, CHAIN_PLAN_KEEP_ALL, NULL);
  g_assert_cmpuint (p->n_items, ==, 4);
  chain_plan_free (p);
  chain_graph_free (g);
}

/* --- commits that could go wrong: after each, every leaf must hold its next value computed from the old ones --- */
typedef struct { ChainGraph *g; ChainId a, b, c; ChainState s[3]; } Nasty;

static void
swap (Nasty *n)
{
  n->s[0].next = n->b;
  n->s[1].next = n->a;
  n->s[2].next = chain_add (n->g, n->a, n->b);
}

static void
rotate (Nasty *n)
{
  n->s[0].next = n->b;
  n->s[1].next = n->c;
  n->s[2].next = n->a;
}

static void
shared_next (Nasty *n)
{
  n->s[0].next = n->s[1].next = chain_sub (n->g, n->a, n->b);
  n->s[2].next = chain_mul (n->g, n->a, n->b);
}

static void
late_reader (Nasty *n)
{
  n->s[0].next = chain_neg (n->g, n->a);
  n->s[1].next = chain_add (n->g, n->s[0].next, n->a);
  n->s[2].next = chain_sub (n->g, n->a, n->s[1].next);
}

static void
delayed (Nasty *n)      /* b follows a by one step */
{
  n->s[0].next = chain_exp (n->g, n->a);
  n->s[1].next = n->a;
  n->s[2].next = n->c;
}

static void
crosswise (Nasty *n)
{
  n->s[0].next = chain_matmul (n->g, n->a, chain_transpose (n->g, n->a), FALSE, TRUE);
  n->s[1].next = chain_transpose (n->g, n->b);
  n->s[2].next = chain_sub (n->g, n->c, chain_broadcast (n->g, chain_sum (n->g, n->c, chain_shape (1, 4)), chain_shape (4, 4)));
}

static void
test_commits (void)
{
  static void (*const cases[]) (Nasty *) = { swap, rotate, shared_next, late_reader, delayed, crosswise };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Nasty n = { .g = chain_graph_new () };
      double want[3][16], start[3][16], got[16];
      ChainExec *x;
      ChainId next[3];
      for (int k = 0; k < 3; k++)
        n.s[k].leaf = chain_leaf (n.g, CHAIN_LEAF_PARAM, "p", chain_shape (4, 4));
      n.a = n.s[0].leaf;
      n.b = n.s[1].leaf;
      n.c = n.s[2].leaf;
      cases[i](&n);
      chain_graph_seal (n.g);
      x = chain_exec_new (n.g, CHAIN_F64, NULL);
      for (int k = 0; k < 3; k++)
        {
          next[k] = n.s[k].next;
          for (int e = 0; e < 16; e++)
            start[k][e] = 0.1 * (e + 1) * (k + 1) - 0.5;
          g_assert_true (chain_exec_write (x, n.s[k].leaf, 1, start[k], 16, NULL));
        }
      for (int round = 0; round < 3; round++)
        {
          ChainProgram values = chain_exec_program (x, next, 3, NULL, 0, CHAIN_PLAN_DEFAULT);
          ChainProgram step = chain_exec_program (x, NULL, 0, n.s, 3, CHAIN_PLAN_COMMIT);
          g_assert_true (chain_exec_run (x, values, 1, NULL));
          for (int k = 0; k < 3; k++)
            g_assert_true (chain_exec_read (x, values, 1, next[k], want[k], 16));
          g_assert_true (chain_exec_run (x, step, 1, NULL));
          for (int k = 0; k < 3; k++)
            {
              g_assert_true (chain_exec_read_leaf (x, n.s[k].leaf, got, 16));
              g_assert_cmpmem (got, sizeof got, want[k], sizeof want[k]);
            }
        }
      chain_exec_free (x);
      chain_graph_free (n.g);
    }
}

/* The common case must not copy. */
static void
test_in_place (void)
{
  for (guint64 seed = 0; seed < 10; seed++)
    {
      Made *m = make_network (seed);
      ChainPlan *p = chain_plan_new (m->g, &m->loss, 1, STATES (m), 8, CHAIN_F32, CHAIN_PLAN_COMMIT, NULL);
      for (guint i = 0; i < p->n_commits; i++)
        g_assert_true (p->commits[i].leaf_slot == p->commits[i].next_slot || p->slots[p->commits[i].leaf_slot].kind == CHAIN_SLOT_HOST);
      chain_plan_free (p);
      made_free (m);
    }
}

static void
test_too_large (void)
{
  ChainGraph *g = chain_graph_new ();
  ChainId x = chain_leaf (g, CHAIN_LEAF_INPUT, "x", chain_shape (CHAIN_B, 1000000)), y = chain_exp (g, x);
  GError *error = NULL;

  chain_graph_seal (g);
  g_assert_null (chain_plan_new (g, &y, 1, NULL, 0, G_MAXINT64 / 4, CHAIN_F64, CHAIN_PLAN_DEFAULT, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_OVERFLOW);
  g_clear_error (&error);
  g_assert_null (chain_plan_new (g, &y, 1, NULL, 0, 100000000, CHAIN_F64, CHAIN_PLAN_DEFAULT, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_MEMORY);
  g_clear_error (&error);
  chain_graph_free (g);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run/plan/lifetimes", test_lifetimes);
  g_test_add_func ("/run/plan/contraction", test_contraction);
  g_test_add_func ("/run/plan/read-through", test_read_through);
  g_test_add_func ("/run/plan/commits", test_commits);
  g_test_add_func ("/run/plan/in-place", test_in_place);
  g_test_add_func ("/run/plan/too-large", test_too_large);
  return g_test_run ();
}
