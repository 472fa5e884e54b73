/* SPDX-License-Identifier: Apache-2.0 */
/* Editing a network by hand: what each verb does to the network, that undo brings back weights, moments and step bit for bit after more training,
 * and that redo brings back what was there before the undo. */
#include "config.h"

#include "tests/app/session/build-kit.h"

/* --- undo and redo of every verb --- */
static gboolean
disconnect (ChainSession *s, GError **e)
{
  return chain_session_disconnect (s, "d1", "d3", e);
}

typedef struct { const char *name; gboolean (*before) (ChainSession *s, GError **e); gboolean (*edit) (ChainSession *s, GError **e); } Verb;

static const Verb verbs[] = {
  { "duplicate", NULL, duplicate },   { "move", NULL, move },           { "connect-add", NULL, connect_add }, { "connect-concat", NULL, connect_concat },
  { "disconnect", connect_add, disconnect }, { "remove-unit", NULL, remove_unit }, { "swap-units", NULL, swap_units }, { "reset-unit", NULL, reset_unit },
  { "widen", NULL, widen },           { "deepen", NULL, deepen },       { "norm", NULL, norm },               { "dropout", NULL, dropout },
  { "activation", NULL, activation }, { "init", NULL, init },           { "rate", NULL, rate },               { "frozen", NULL, frozen },
  { "units", NULL, units },           { "remove-layer", NULL, remove_layer }, { "paste", NULL, paste },
};

static void
test_undo (gconstpointer data)
{
  const Verb *v = data;
  g_autoptr (ChainSession) s = chain_session_new ();
  GError *error = NULL;
  g_autoptr (ChainSpec) old = NULL;
  guint64 step;

  if (v->before != NULL)
    ok (v->before (s, &error), &error);
  train (s, 30);
  old = chain_spec_ref (spec_of (s));
  step = chain_session_snapshot (s)->step;
  g_autoptr (GPtrArray) before = weights (s);
  ok (v->edit (s, &error), &error);
  g_assert_nonnull (chain_document_undo_label (chain_session_document (s)));
  g_autoptr (GPtrArray) edited = weights (s);
  g_assert_cmpfloat (value (edited, "scalar.step", 0, 0), ==, value (before, "scalar.step", 0, 0));
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, step);      /* a run goes on where it was */
  train (s, 10);
  g_autoptr (GPtrArray) later = weights (s);
  g_autoptr (ChainSpec) next = chain_spec_ref (spec_of (s));

  for (guint round = 0; round < 2; round++)
    {
      g_assert_true (chain_session_undo (s));
      g_assert_true (chain_spec_equal (spec_of (s), old));
      g_autoptr (GPtrArray) back = weights (s);
      assert_same (before, back, v->name);
      g_assert_true (chain_session_redo (s));
      g_assert_true (chain_spec_equal (spec_of (s), next));
      g_autoptr (GPtrArray) again = weights (s);
      assert_same (later, again, v->name);
    }
  g_assert_true (chain_session_undo (s));
  train (s, 3);
  g_assert_true (isfinite (chain_session_snapshot (s)->loss));
}

/* --- what each does --- */
static void
test_duplicate (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;
  g_autoptr (GPtrArray) before = weights (s);

  ok (duplicate (s, &error), &error);
  g_assert_cmpuint (spec_of (s)->layers->len, ==, 4);
  g_assert_cmpstr (((const ChainLayer *) spec_of (s)->layers->pdata[2])->id, ==, "d4");
  g_assert_cmpstr (layer (s, "d3")->inputs->pdata[0], ==, "d4");
  g_assert_cmpstr (layer (s, "d4")->inputs->pdata[0], ==, "d2");
  g_assert_cmpstr (layer (s, "d4")->activation.id, ==, "tanh");
  g_autoptr (GPtrArray) now = weights (s);
  for (guint i = 0; i < 6; i++)
    {
      g_assert_cmpfloat (value (now, "d4.weight", i, 5 - i), ==, value (before, "d2.weight", i, 5 - i));
      g_assert_cmpfloat (value (now, "d4.bias", 0, i), ==, value (before, "d2.bias", 0, i));
      g_assert_cmpfloat (value (now, "d3.weight", 0, i), ==, value (before, "d3.weight", 0, i));
    }
  ok (chain_session_duplicate_layer (s, "d1", &error), &error);       /* 6 x 2 does not fit 6 x 6: settings only */
  settle (s);
  refused (chain_session_duplicate_layer (s, "d3", &error), &error, "output");
  refused (chain_session_duplicate_layer (s, "no", &error), &error, "no layer");
}

static void
test_move (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;

  ok (chain_session_set_layer (s, "d1", "units", "4", &error), &error);
  ok (chain_session_move_layer (s, "d1", "d2", &error), &error);
  g_assert_cmpstr (((const ChainLayer *) spec_of (s)->layers->pdata[0])->id, ==, "d2");
  g_assert_cmpstr (layer (s, "d2")->inputs->pdata[0], ==, "x");
  g_assert_cmpstr (layer (s, "d1")->inputs->pdata[0], ==, "d2");
  g_assert_cmpstr (layer (s, "d3")->inputs->pdata[0], ==, "d1");
  ok (chain_session_move_layer (s, "d1", NULL, &error), &error);
  g_assert_cmpstr (layer (s, "d1")->inputs->pdata[0], ==, "x");
  g_assert_cmpstr (layer (s, "d2")->inputs->pdata[0], ==, "d1");
  g_assert_cmpstr (layer (s, "d3")->inputs->pdata[0], ==, "d2");
  settle (s);
  ChainSpec *same = chain_spec_ref (spec_of (s));
  ok (chain_session_move_layer (s, "d1", NULL, &error), &error);       /* where it is: nothing happens, nothing to undo */
  ok (chain_session_move_layer (s, "d2", "d1", &error), &error);
  ok (chain_session_move_layer (s, "d2", "d2", &error), &error);
  g_assert_true (same == spec_of (s));
  chain_spec_unref (same);
  refused (chain_session_move_layer (s, "d3", "d1", &error), &error, "output");
  refused (chain_session_move_layer (s, "d1", "d3", &error), &error, "output");
}

static void
test_connect (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;

  ok (chain_session_can_connect (s, "d1", "d3", &error), &error);
  refused (chain_session_can_connect (s, "d3", "d1", &error), &error, "circle");
  refused (chain_session_can_connect (s, "d2", "d2", &error), &error, "itself");
  refused (chain_session_can_connect (s, "d2", "d3", &error), &error, "already reads");
  refused (chain_session_can_connect (s, "none", "d3", &error), &error, "no layer");
  refused (chain_session_connect (s, "x", "d3", "add", &error), &error, "equal widths");
  refused (chain_session_connect (s, "d1", "d3", "glue", &error), &error, "no join");
  g_autoptr (GPtrArray) before = weights (s);
  ok (chain_session_connect (s, "d1", "d3", NULL, &error), &error);
  g_assert_cmpstr (layer (s, "add1")->type, ==, "add");
  g_assert_cmpstr (layer (s, "d3")->inputs->pdata[0], ==, "add1");
  g_autoptr (GPtrArray) summed = weights (s);
  g_assert_cmpfloat (value (summed, "d3.weight", 0, 4), ==, value (before, "d3.weight", 0, 4));
  refused (chain_session_can_connect (s, "d1", "d3", &error), &error, "already reads");
  refused (chain_session_can_connect (s, "d1", "add1", &error), &error, "already reads");
  ok (chain_session_connect (s, "x", "d3", NULL, &error), &error);     /* 2 and 6 values: side by side */
  g_assert_cmpuint (chain_spec_layer_width (spec_of (s), "concat1", 2), ==, 8);
  g_autoptr (GPtrArray) joined = weights (s);
  g_assert_cmpuint (tensor (joined, "d3.weight")->cols, ==, 8);
  g_assert_cmpfloat (value (joined, "d3.weight", 0, 4), ==, value (before, "d3.weight", 0, 4));
  ok (chain_session_disconnect (s, "x", "d3", &error), &error);
  ok (chain_session_disconnect (s, "d1", "add1", &error), &error);
  g_assert_cmpuint (spec_of (s)->layers->len, ==, 3);
  g_autoptr (GPtrArray) after = weights (s);
  assert_same (before, after, "connect and disconnect");
  refused (chain_session_disconnect (s, "d1", "d2", &error), &error, "what layer “d2” reads");
  refused (chain_session_disconnect (s, "d1", "d3", &error), &error, "no connection");
}

/* A branch that stands later in the list may still feed an earlier layer. */
static void
test_connect_order (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  GError *error = NULL;

  ok (chain_session_connect (s, "x", "d3", "concat", &error), &error);
  ok (chain_session_add_layer (s, "d2", &error), &error);
  const char *side = ((const ChainLayer *) spec_of (s)->layers->pdata[2])->id;
  g_autofree char *id = g_strdup (side);
  ChainSpec *next = chain_spec_copy (spec_of (s));
  ChainLayer *l = chain_spec_layer (next, id);

  chain_set_str ((char **) &l->inputs->pdata[0], "x");
  ok (chain_session_apply (s, chain_spec_seal (next), "side", NULL, &error), &error);
  ok (chain_session_connect (s, id, "d2", "concat", &error), &error);
  settle (s);
  g_assert_cmpint (chain_spec_layer_index (spec_of (s), id), <, chain_spec_layer_index (spec_of (s), "d2"));
  train (s, 3);
  refused (chain_session_can_connect (s, "d3", id, &error), &error, "circle");
}

static void
test_units (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;
  g_autoptr (GPtrArray) before = weights (s);

  ok (remove_unit (s, &error), &error);
  g_autoptr (GPtrArray) less = weights (s);
  g_assert_cmpuint (tensor (less, "d1.weight")->rows, ==, 5);
  g_assert_cmpfloat (value (less, "d1.weight", 1, 0), ==, value (before, "d1.weight", 1, 0));
  g_assert_cmpfloat (value (less, "d1.weight", 2, 0), ==, value (before, "d1.weight", 3, 0));
  g_assert_cmpfloat (value (less, "d2.weight", 4, 4), ==, value (before, "d2.weight", 4, 5));
  g_assert_cmpfloat (value (less, "opt.m.d2.weight", 4, 4), ==, value (before, "opt.m.d2.weight", 4, 5));
  g_assert_true (chain_session_undo (s));
  ok (swap_units (s, &error), &error);
  g_autoptr (GPtrArray) swapped = weights (s);
  g_assert_cmpfloat (value (swapped, "d1.weight", 0, 1), ==, value (before, "d1.weight", 5, 1));
  g_assert_cmpfloat (value (swapped, "d1.bias", 0, 5), ==, value (before, "d1.bias", 0, 0));
  g_assert_cmpfloat (value (swapped, "d2.weight", 3, 0), ==, value (before, "d2.weight", 3, 5));
  refused (chain_session_remove_unit (s, "d3", 0, &error), &error, "outputs");
  refused (chain_session_remove_unit (s, "d1", 6, &error), &error, "no unit 7");
  refused (chain_session_swap_units (s, "d3", 0, 0, &error), &error, "outputs");
  ok (chain_session_set_layer (s, "d1", "units", "1", &error), &error);
  refused (chain_session_remove_unit (s, "d1", 0, &error), &error, "at least one");
}

static void
test_reset (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;
  g_autoptr (GPtrArray) before = weights (s);

  ok (reset_unit (s, &error), &error);
  g_autoptr (GPtrArray) once = weights (s);
  ok (reset_unit (s, &error), &error);
  g_autoptr (GPtrArray) twice = weights (s);
  for (guint c = 0; c < 6; c++)
    {
      g_assert_cmpfloat (value (once, "d2.weight", 1, c), !=, value (before, "d2.weight", 1, c));
      g_assert_cmpfloat (value (twice, "d2.weight", 1, c), !=, value (once, "d2.weight", 1, c));
      g_assert_cmpfloat (value (twice, "d2.weight", 2, c), ==, value (before, "d2.weight", 2, c));
      g_assert_cmpfloat (value (once, "opt.v.d2.weight", 1, c), ==, 0);
    }
  g_assert_true (chain_session_undo (s));
  g_assert_true (chain_session_undo (s));
  g_autoptr (GPtrArray) back = weights (s);
  assert_same (before, back, "reset twice");
  refused (chain_session_reset_unit (s, "d2", 6, &error), &error, "no unit 7");
}

static void
test_grow (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;
  double loss;

  g_assert_true (chain_session_wait (s, CHAIN_WANT_METRICS));
  loss = chain_session_snapshot (s)->train.loss;
  ok (chain_session_widen (s, "d1", 11, &error), &error);
  ok (chain_session_deepen (s, "d1", &error), &error);
  ok (chain_session_deepen (s, NULL, &error), &error);
  g_assert_true (chain_session_wait (s, CHAIN_WANT_METRICS));
  g_assert_cmpuint (spec_of (s)->layers->len, ==, 5);
  g_assert_cmpfloat_with_epsilon (chain_session_snapshot (s)->train.loss, loss, 1e-6 * loss);
  refused (chain_session_widen (s, "d3", 4, &error), &error, "output");
  refused (chain_session_widen (s, "d1", 11, &error), &error, "wider means 12");
  refused (chain_session_deepen (s, "d3", &error), &error, "output");
  ok (chain_session_set_layer (s, "d2", "norm", "layer_norm", &error), &error);
  refused (chain_session_widen (s, "d2", 12, &error), &error, "together");
  ok (chain_session_set_layer (s, "d2", "norm", "none", &error), &error);
  ok (chain_session_set_layer (s, "d2", "activation", "softmax", &error), &error);
  refused (chain_session_widen (s, "d2", 12, &error), &error, "softmax");
  ok (chain_session_set_layer (s, "d2", "activation", "tanh", &error), &error);
  ok (chain_session_connect (s, "d4", "d3", "concat", &error), &error);
  ok (chain_session_widen (s, "d2", 12, &error), &error);
  train (s, 5);
}

static const struct { const char *field, *bad; } wrong[] = {
  { "activation", "magic" }, { "init", "magic" }, { "dropout", "1.5" }, { "dropout", "x" }, { "norm", "magic" }, { "rate", "-1" },
  { "decay", "-1" },         { "frozen", "maybe" }, { "units", "0" },   { "units", "2.5" }, { "colour", "red" },
};

static void
test_set_layer (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;
  g_autoptr (ChainSpec) start = chain_spec_ref (spec_of (s));

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      refused (chain_session_set_layer (s, "d1", wrong[i].field, wrong[i].bad, &error), &error, "");
      g_assert_true (start == spec_of (s));
    }
  refused (chain_session_set_layer (s, "no", "units", "2", &error), &error, "no layer");
  ok (activation (s, &error), &error);
  g_assert_cmpstr (layer (s, "d2")->activation.id, ==, "relu");
  ok (chain_session_set_layer (s, "d2", "activation", "none", &error), &error);
  g_assert_null (layer (s, "d2")->activation.id);
  ok (init (s, &error), &error);
  g_assert_cmpstr (layer (s, "d2")->initialiser.id, ==, "he_normal");
  ok (chain_session_set_layer (s, "d2", "init", "default", &error), &error);
  g_assert_null (layer (s, "d2")->initialiser.id);
  ok (dropout (s, &error), &error);
  g_assert_cmpfloat (layer (s, "d1")->dropout, ==, 0.25);
  ok (rate (s, &error), &error);
  g_assert_cmpfloat (layer (s, "d2")->rate, ==, 0.5);
  ok (frozen (s, &error), &error);
  g_assert_true (layer (s, "d1")->frozen);
  ok (chain_session_set_layer (s, "d1", "note", "by hand", &error), &error);
  g_assert_cmpstr (layer (s, "d1")->note, ==, "by hand");
  ok (norm (s, &error), &error);
  g_assert_cmpstr (layer (s, "d2")->inputs->pdata[0], ==, "bn1");
  ok (chain_session_set_layer (s, "d1", "norm", "rms_norm", &error), &error);
  g_assert_cmpstr (layer (s, "bn1")->type, ==, "rms_norm");
  ok (chain_session_set_layer (s, "d1", "norm", "none", &error), &error);
  g_assert_cmpstr (layer (s, "d2")->inputs->pdata[0], ==, "d1");
  ok (chain_session_set_optimiser (s, "adamw", &error), &error);
  ok (chain_session_set_layer (s, "d1", "decay", "0.1", &error), &error);
  g_assert_cmpfloat (layer (s, "d1")->decay, ==, 0.1);
  ok (chain_session_set_layer (s, "d1", "decay", "default", &error), &error);
  g_assert_true (isnan (layer (s, "d1")->decay));
  settle (s);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autofree char *path = g_strdup_printf ("/build/undo/%s", verbs[i].name);

      g_test_add_data_func (path, &verbs[i], test_undo);
    }
  g_test_add_func ("/build/duplicate", test_duplicate);
  g_test_add_func ("/build/move", test_move);
  g_test_add_func ("/build/connect", test_connect);
  g_test_add_func ("/build/connect-order", test_connect_order);
  g_test_add_func ("/build/units", test_units);
  g_test_add_func ("/build/reset", test_reset);
  g_test_add_func ("/build/grow", test_grow);
  g_test_add_func ("/build/set-layer", test_set_layer);
  return g_test_run ();
}
