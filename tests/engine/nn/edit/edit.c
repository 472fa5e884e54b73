/* SPDX-License-Identifier: Apache-2.0 */
/* Structural edits as functions of a spec: what they refuse and why, for shared weights, joins, losses on hidden layers and outputs; and that what
 * they give back is always a valid network of which the old one knows nothing. */
#include "engine/nn/edit.h"
#include "tests/engine/nn/make.h"

#include <string.h>

enum { D = 3 };

static ChainSpec *
plain (void)
{
  ChainSpec *s = make_spec ();
  make_layer (s, "d1", "dense", 4, "tanh", "x", NULL);
  make_layer (s, "d2", "dense", 4, "relu", "d1", NULL);
  make_layer (s, "d3", "dense", 2, NULL, "d2", NULL);
  make_loss (s, "mse");
  return s;
}

/* d1 -> d2 -> a = d1 + d2 -> d3 */
static ChainSpec *
residual (void)
{
  ChainSpec *s = make_spec ();
  make_layer (s, "d1", "dense", 4, "relu", "x", NULL);
  make_layer (s, "d2", "dense", 4, "relu", "d1", NULL);
  make_layer (s, "a", "add", 0, NULL, "d1", "d2");
  make_layer (s, "d3", "dense", 2, NULL, "a", NULL);
  make_loss (s, "mse");
  return s;
}

/* d2 uses the weights of d1's twin: both read x. */
static ChainSpec *
tied (void)
{
  ChainSpec *s = make_spec ();
  make_layer (s, "d1", "dense", 4, "relu", "x", NULL);
  ChainLayer *twin = make_layer (s, "d2", "dense", 4, "relu", "x", NULL);
  chain_set_str (&twin->weights_of, "d1");
  make_layer (s, "c", "concat", 0, NULL, "d1", "d2");
  make_layer (s, "d3", "dense", 2, NULL, "c", NULL);
  make_loss (s, "mse");
  return s;
}

static ChainSpec *
scored (void)
{
  ChainSpec *s = plain ();
  ChainLossTerm *t = make_loss (s, "mse");
  make_role (t, "pred", "d3");
  make_role (t, "target", "t");
  g_ptr_array_add (t->trains, g_strdup ("d1"));
  g_ptr_array_add (t->trains, g_strdup ("d2"));
  return s;
}

static ChainSpec *
gated (void)
{
  ChainSpec *s = make_spec ();
  make_layer (s, "d1", "dense", 4, NULL, "x", NULL);
  make_layer (s, "g", "glu", 0, NULL, "d1", NULL);
  make_layer (s, "d3", "dense", 2, NULL, "g", NULL);
  make_loss (s, "mse");
  return s;
}

static ChainSpec *
through (void)
{
  ChainSpec *s = make_spec ();
  make_layer (s, "d1", "dense", 2, NULL, "x", NULL);
  make_layer (s, "act", "activation", 0, "tanh", "d1", NULL);
  make_loss (s, "mse");
  return s;
}

typedef ChainSpec *(*Edit) (const ChainSpec *s, GError **error);

static ChainSpec *widen_1 (const ChainSpec *s, GError **e) { return chain_spec_widen (s, "d1", 6, e); }
static ChainSpec *widen_2 (const ChainSpec *s, GError **e) { return chain_spec_widen (s, "d2", 6, e); }
static ChainSpec *swap_1 (const ChainSpec *s, GError **e) { return chain_spec_swap_units (s, "d1", 0, 1, e); }
static ChainSpec *less_1 (const ChainSpec *s, GError **e) { return chain_spec_remove_unit (s, "d1", 1, e); }
static ChainSpec *less_2 (const ChainSpec *s, GError **e) { return chain_spec_remove_unit (s, "d2", 1, e); }
static ChainSpec *less_a (const ChainSpec *s, GError **e) { return chain_spec_remove_unit (s, "a", 1, e); }
static ChainSpec *twice_a (const ChainSpec *s, GError **e) { return chain_spec_duplicate_layer (s, "a", NULL, e); }
static ChainSpec *move_a (const ChainSpec *s, GError **e) { return chain_spec_move_layer (s, "a", "d1", e); }
static ChainSpec *move_none (const ChainSpec *s, GError **e) { return chain_spec_move_layer (s, "d1", "none", e); }
static ChainSpec *deep_3 (const ChainSpec *s, GError **e) { return chain_spec_deepen (s, "d3", D, NULL, e); }
static ChainSpec *deep_unknown (const ChainSpec *s, GError **e) { return chain_spec_deepen (s, NULL, 0, NULL, e); }
static ChainSpec *norm_3 (const ChainSpec *s, GError **e) { return chain_spec_set_norm (s, "d3", "batch_norm", e); }
static ChainSpec *join_a (const ChainSpec *s, GError **e) { return chain_spec_connect (s, "x", "a", NULL, D, e); }
static ChainSpec *join_as (const ChainSpec *s, GError **e) { return chain_spec_connect (s, "x", "a", "concat", D, e); }
static ChainSpec *join_tied (const ChainSpec *s, GError **e) { return chain_spec_connect (s, "d1", "d2", "concat", D, e); }
static ChainSpec *cut_2 (const ChainSpec *s, GError **e) { return chain_spec_disconnect (s, "x", "d1", D, e); }

static void
test_refused (void)
{
  static const struct { const char *name; ChainSpec *(*make) (void); Edit edit; const char *says; } rows[] = {
    { "widen before a sum", residual, widen_1, "takes these units together" },
    { "widen into a sum", residual, widen_2, "takes these units together" },
    { "widen shared weights", tied, widen_1, "share their weights" },
    { "widen the one that shares", tied, widen_2, "share their weights" },
    { "widen before a gate", gated, widen_1, "takes these units together" },
    { "widen up to an output", through, widen_1, "reach the output" },
    { "exchange before a sum", residual, swap_1, "by their place" },
    { "exchange before a gate", gated, swap_1, "by their place" },
    { "exchange up to an output", through, swap_1, "by their place" },
    { "exchange with shared weights", tied, swap_1, "share their weights" },
    { "one unit less before a sum", residual, less_1, "equal width" },
    { "one unit less of a sum", residual, less_a, "no units of its own" },
    { "one unit less with shared weights", tied, less_2, "share their weights" },
    { "one unit less before a gate", gated, less_1, "groups of 2" },
    { "a sum twice", residual, twice_a, "joins 2 layers" },
    { "a sum elsewhere", residual, move_a, "joins 2 layers" },
    { "behind nothing", plain, move_none, "no layer" },
    { "deeper behind the output", plain, deep_3, "is an output" },
    { "deeper behind unknown data", plain, deep_unknown, "is not known" },
    { "norm behind the output", plain, norm_3, "is an output" },
    { "another width into a sum", residual, join_a, "equal widths" },
    { "another kind into a sum", residual, join_as, "joins by add" },
    { "wider input of shared weights", tied, join_tied, "another shape" },
    { "the only input", plain, cut_2, "what layer “d1” reads" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ChainSpec) s = chain_spec_seal (rows[i].make ());
      g_autoptr (ChainSpec) before = chain_spec_copy (s);
      ChainSpec *next = rows[i].edit (s, &error);
      g_test_message ("%s: %s", rows[i].name, error ? error->message : "-");
      g_assert_null (next);
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, rows[i].says));
      g_assert_true (chain_spec_equal (s, before));
    }
}

/* Losses that train some layers only go on with what stands in for them. */
static void
test_trains (void)
{
  g_autoptr (ChainSpec) s = chain_spec_seal (scored ());
  g_autofree char *id = NULL, *deep = NULL;
  g_autoptr (ChainSpec) two = chain_spec_duplicate_layer (s, "d2", &id, NULL);
  g_autoptr (ChainSpec) deeper = chain_spec_deepen (s, "d1", D, &deep, NULL);
  const ChainLossTerm *t = two->losses->pdata[1], *u = deeper->losses->pdata[1];
  g_assert_cmpuint (t->trains->len, ==, 3);
  g_assert_cmpstr (t->trains->pdata[2], ==, id);
  g_assert_cmpstr (u->trains->pdata[2], ==, deep);
  g_assert_cmpuint (((const ChainLossTerm *) two->losses->pdata[0])->trains->len, ==, 0);
}

/* A join that is an output: what is left becomes the output. */
static void
test_output_join (void)
{
  ChainSpec *m = make_spec ();
  make_layer (m, "d1", "dense", 2, "tanh", "x", NULL);
  make_layer (m, "d2", "dense", 2, NULL, "d1", NULL);
  make_layer (m, "a", "add", 0, NULL, "d2", "d1");
  make_loss (m, "mse");
  g_autoptr (ChainSpec) s = chain_spec_seal (m);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainSpec) first = chain_spec_disconnect (s, "d1", "a", D, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (first->layers->len, ==, 2);
  g_assert_cmpstr (first->outputs->pdata[0], ==, "d2");
  g_autoptr (ChainSpec) second = chain_spec_disconnect (s, "d2", "a", D, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (second->outputs->pdata[0], ==, "d1");
}

/* A chain of connections: a third input into the join that is there, not a join of a join. */
static void
test_joins (void)
{
  g_autoptr (GError) error = NULL;
  ChainSpec *m = make_spec ();
  make_layer (m, "d1", "dense", 4, "tanh", "x", NULL);
  make_layer (m, "d2", "dense", 4, "tanh", "d1", NULL);
  make_layer (m, "d3", "dense", 4, "tanh", "d2", NULL);
  make_layer (m, "d4", "dense", 2, NULL, "d3", NULL);
  make_loss (m, "mse");
  g_autoptr (ChainSpec) s = chain_spec_seal (m);
  g_autoptr (ChainSpec) one = chain_spec_connect (s, "d1", "d4", NULL, D, &error);
  g_assert_no_error (error);
  g_autoptr (ChainSpec) two = chain_spec_connect (one, "d2", "d4", NULL, D, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (two->layers->len, ==, 5);
  g_assert_cmpuint (chain_spec_layer (two, "add1")->inputs->len, ==, 3);
  g_autoptr (ChainSpec) back = chain_spec_disconnect (two, "d1", "d4", D, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (chain_spec_layer (back, "add1")->inputs->len, ==, 2);
  g_autoptr (ChainSpec) main_way = chain_spec_disconnect (back, "d3", "add1", D, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (chain_spec_layer (main_way, "d4")->inputs->pdata[0], ==, "d2");
}

static void
test_paste_shared (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainSpec) from = chain_spec_seal (tied ());
  g_autoptr (ChainSpec) to = chain_spec_seal (plain ());
  g_autoptr (GPtrArray) some = g_ptr_array_new ();
  g_autoptr (GPtrArray) ids = NULL;
  for (guint i = 0; i < 3; i++)
    g_ptr_array_add (some, from->layers->pdata[i]);
  g_autoptr (ChainSpec) next = chain_spec_paste_layers (to, some, NULL, &ids, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (next->layers->len, ==, 6);
  const ChainLayer *twin = chain_spec_layer (next, ids->pdata[1]), *join = chain_spec_layer (next, ids->pdata[2]);
  g_assert_cmpstr (twin->weights_of, ==, ids->pdata[0]);
  g_assert_cmpstr (join->inputs->pdata[1], ==, ids->pdata[1]);
  g_assert_cmpstr (chain_spec_layer (next, "d1")->inputs->pdata[0], ==, ids->pdata[2]);
  g_ptr_array_set_size (some, 0);
  g_assert_null (chain_spec_paste_layers (to, some, NULL, NULL, &error));
  g_assert_nonnull (error);
}

static guint
repeats (const ChainSpec *s)
{
  guint n = 0;
  for (guint i = 0; i < s->layers->len; i++)
    {
      const ChainLayer *l = s->layers->pdata[i];
      for (guint k = 1; k < l->inputs->len; k++)
        for (guint j = 0; j < k; j++)
          n += g_str_equal (l->inputs->pdata[k], l->inputs->pdata[j]);
    }
  return n;
}

/* What stood between a layer and the join that reads both goes: the join is left with one layer, and goes too. */
static void
test_out_of_a_block (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainSpec) s = chain_spec_seal (residual ()), moved = chain_spec_move_layer (s, "d2", "a", &error), removed = NULL;
  g_assert_no_error (error);
  g_assert_cmpuint (repeats (moved), ==, 0);
  g_assert_null (chain_spec_layer (moved, "a"));
  g_assert_cmpstr (chain_spec_layer (moved, "d2")->inputs->pdata[0], ==, "d1");
  g_assert_cmpstr (chain_spec_layer (moved, "d3")->inputs->pdata[0], ==, "d2");
  removed = chain_spec_remove_layer (s, "d2", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (repeats (removed), ==, 0);
  g_assert_cmpuint (removed->layers->len, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edit/refused", test_refused);
  g_test_add_func ("/edit/trains", test_trains);
  g_test_add_func ("/edit/output-join", test_output_join);
  g_test_add_func ("/edit/joins", test_joins);
  g_test_add_func ("/edit/paste-shared", test_paste_shared);
  g_test_add_func ("/edit/out-of-a-block", test_out_of_a_block);
  return g_test_run ();
}
