/* SPDX-License-Identifier: Apache-2.0 */
/* Editing a network by hand: what each verb does to the network, that undo brings back weights, moments and step bit for bit after more training,
 * and that redo brings back what was there before the undo. */
#include "config.h"

#include "app/session/build.h"
#include "app/session/session-private.h"

#include <math.h>
#include <string.h>

static const ChainSpec *
spec_of (ChainSession *s)
{
  return chain_document_spec (chain_session_document (s));
}

static const ChainLayer *
layer (ChainSession *s, const char *id)
{
  const ChainLayer *l = chain_spec_layer (spec_of (s), id);

  g_assert_nonnull (l);
  return l;
}

static void
settle (ChainSession *s)
{
  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
}

static void
train (ChainSession *s, int steps)
{
  chain_session_step (s, steps);
  settle (s);
}

static GPtrArray *
weights (ChainSession *s)
{
  settle (s);
  return _chain_session_weights (s);
}

static const ChainTensor *
tensor (GPtrArray *all, const char *name)
{
  for (guint i = 0; i < all->len; i++)
    {
      const ChainNamedTensor *n = g_ptr_array_index (all, i);

      if (strcmp (n->name, name) == 0)
        return n->tensor;
    }
  return NULL;
}

static void
assert_same (GPtrArray *a, GPtrArray *b, const char *what)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      const ChainNamedTensor *p = g_ptr_array_index (a, i);
      const ChainTensor *q = tensor (b, p->name);

      g_assert_nonnull (q);
      g_assert_cmpuint (chain_tensor_size (p->tensor), ==, chain_tensor_size (q));
      for (gsize k = 0; k < chain_tensor_size (q); k++)
        if (chain_tensor_get (p->tensor, k) != chain_tensor_get (q, k))
          g_error ("%s: %s differs at %u", what, p->name, (guint) k);
    }
}

static double
value (GPtrArray *all, const char *name, guint row, guint col)
{
  const ChainTensor *t = tensor (all, name);

  g_assert_nonnull (t);
  g_assert_cmpuint (row, <, t->rows);
  g_assert_cmpuint (col, <, t->cols);
  return chain_tensor_get (t, (gsize) row * t->cols + col);
}

static void
ok (gboolean result, GError **error)
{
  g_assert_no_error (*error);
  g_assert_true (result);
}

static void
refused (gboolean result, GError **error, const char *says)
{
  g_assert_false (result);
  g_assert_nonnull (*error);
  if (strstr ((*error)->message, says) == NULL)
    g_error ("“%s” does not say “%s”", (*error)->message, says);
  g_clear_error (error);
}

/* 2-6-6-1, trained for a while. */
static ChainSession *
trained (void)
{
  ChainSession *s = chain_session_new ();

  train (s, 30);
  return s;
}

/* --- undo and redo of every verb --- */
static gboolean duplicate (ChainSession *s, GError **e) { return chain_session_duplicate_layer (s, "d2", e); }
static gboolean move (ChainSession *s, GError **e) { return chain_session_move_layer (s, "d2", NULL, e); }
static gboolean connect_add (ChainSession *s, GError **e) { return chain_session_connect (s, "d1", "d3", NULL, e); }
static gboolean connect_concat (ChainSession *s, GError **e) { return chain_session_connect (s, "x", "d3", "concat", e); }
static gboolean remove_unit (ChainSession *s, GError **e) { return chain_session_remove_unit (s, "d1", 2, e); }
static gboolean swap_units (ChainSession *s, GError **e) { return chain_session_swap_units (s, "d1", 0, 5, e); }
static gboolean reset_unit (ChainSession *s, GError **e) { return chain_session_reset_unit (s, "d2", 1, e); }
static gboolean widen (ChainSession *s, GError **e) { return chain_session_widen (s, "d1", 10, e); }
static gboolean deepen (ChainSession *s, GError **e) { return chain_session_deepen (s, "d1", e); }
static gboolean norm (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d1", "norm", "batch_norm", e); }
static gboolean dropout (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d1", "dropout", "0.25", e); }
static gboolean activation (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d2", "activation", "relu", e); }
static gboolean init (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d2", "init", "he_normal", e); }
static gboolean rate (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d2", "rate", "0.5", e); }
static gboolean frozen (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d1", "frozen", "1", e); }
static gboolean units (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d1", "units", "3", e); }
static gboolean remove_layer (ChainSession *s, GError **e) { return chain_session_remove_layer (s, "d2", e); }

static gboolean
paste (ChainSession *s, GError **e)
{
  const char *const ids[] = { "d1", "d2", NULL };
  g_autofree char *text = chain_session_copy_layers (s, ids);

  return chain_session_paste_layers (s, text, "d2", e);
}

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

static void
test_set_layer (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;
  g_autoptr (ChainSpec) start = chain_spec_ref (spec_of (s));
  static const struct { const char *field, *bad; } wrong[] = {
    { "activation", "magic" }, { "init", "magic" }, { "dropout", "1.5" }, { "dropout", "x" }, { "norm", "magic" }, { "rate", "-1" },
    { "decay", "-1" },         { "frozen", "maybe" }, { "units", "0" },   { "units", "2.5" }, { "colour", "red" },
  };

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

/* --- clipboard --- */
static void
test_clipboard (void)
{
  g_autoptr (ChainSession) s = trained ();
  g_autoptr (ChainSession) other = chain_session_new ();
  const char *const both[] = { "d1", "d2", NULL }, *const second[] = { "d2", NULL }, *const none[] = { "no", NULL };
  g_autofree char *text = chain_session_copy_layers (s, both), *one = chain_session_copy_layers (s, second);
  GError *error = NULL;

  g_assert_null (chain_session_copy_layers (s, none));
  g_autoptr (GPtrArray) from = weights (s);
  ok (chain_session_paste_layers (other, text, NULL, &error), &error);    /* reads 2 values here too: all weights fit */
  g_assert_cmpuint (spec_of (other)->layers->len, ==, 5);
  g_assert_cmpstr (layer (other, "d1")->inputs->pdata[0], ==, "d5");
  g_assert_cmpstr (layer (other, "d5")->inputs->pdata[0], ==, "d4");
  g_autoptr (GPtrArray) to = weights (other);
  for (guint i = 0; i < 6; i++)
    {
      g_assert_cmpfloat (value (to, "d4.weight", i, 1), ==, value (from, "d1.weight", i, 1));
      g_assert_cmpfloat (value (to, "d5.weight", i, 5), ==, value (from, "d2.weight", i, 5));
      g_assert_cmpfloat (value (to, "d5.bias", 0, i), ==, value (from, "d2.bias", 0, i));
    }
  ok (chain_session_paste_layers (other, one, "d2", &error), &error);
  g_autoptr (GPtrArray) more = weights (other);
  g_assert_cmpfloat (value (more, "d6.weight", 3, 3), ==, value (from, "d2.weight", 3, 3));
  refused (chain_session_paste_layers (other, "hello", NULL, &error), &error, "clipboard");
  refused (chain_session_paste_layers (other, "{}", NULL, &error), &error, "clipboard");
  refused (chain_session_paste_layers (other, text, "d3", &error), &error, "output");
  train (other, 3);
}

/* --- what is lost, and keeping both --- */
static void
test_discards (void)
{
  g_autoptr (ChainSession) s = trained ();
  ChainSpec *next = chain_spec_remove_layer (spec_of (s), "d2", NULL);
  g_autofree char *lost = chain_session_discards (s, next);

  g_assert_cmpstr (lost, ==, "w of layer 2, 36 weights; b of layer 2, 6 weights; w of the output, 6 weights");
  chain_spec_unref (next);
  next = chain_spec_set_units (spec_of (s), "d1", 9, NULL);
  g_assert_null (chain_session_discards (s, next));
  chain_spec_unref (next);
  next = chain_spec_copy (spec_of (s));
  chain_choice_set (&next->optimiser, "sgd", NULL);
  chain_spec_seal (next);
  g_assert_null (chain_session_discards (s, next));
  chain_spec_unref (next);
}

static void
test_branch (void)
{
  g_autoptr (ChainSession) s = trained ();
  g_autoptr (ChainSession) other = chain_session_new ();
  g_autofree char *text = NULL;
  GError *error = NULL;

  ok (remove_unit (s, &error), &error);
  g_assert_true (chain_session_set_weight (s, "d1.weight", 0, 0, 0.75, NULL));
  train (s, 5);
  g_assert_true (chain_session_undo (s));
  ok (chain_session_branch (s, &text, &error), &error);
  ok (chain_session_open_branch (other, text, &error), &error);
  g_assert_true (chain_spec_equal (spec_of (s), spec_of (other)));
  g_autoptr (GPtrArray) here = weights (s), there = weights (other);
  assert_same (here, there, "branch");
  g_assert_cmpuint (chain_session_snapshot (other)->step, ==, chain_session_snapshot (s)->step);
  g_assert_true (chain_document_is_dirty (chain_session_document (other)));
  g_assert_cmpstr (chain_document_redo_label (chain_session_document (other)), ==, "value in d1.weight");
  g_assert_true (chain_session_undo (s));
  g_assert_true (chain_session_undo (other));
  g_autoptr (GPtrArray) old = weights (s), same = weights (other);
  assert_same (old, same, "undo in the branch");
  g_assert_cmpuint (layer (other, "d1")->units, ==, 6);
  refused (chain_session_open_branch (other, "no such thing", &error), &error, "no branch");
  g_assert_cmpuint (layer (other, "d1")->units, ==, 6);
}

/* Where the weights of a redo are not kept any more, it does with those that are there what the edit did. */
static void
test_redo_graft (void)
{
  ChainHistory *h = chain_history_new (chain_spec_example ());

  g_assert_true (chain_history_enter (h, chain_spec_set_units (chain_history_spec (h), "d1", 9, NULL), "widen", NULL, NULL, 0, 0));
  chain_history_set_graft (h, "split d1");
  g_assert_null (chain_history_redo_graft (h));
  g_assert_true (chain_history_undo (h, NULL));
  g_assert_cmpstr (chain_history_redo_graft (h), ==, "split d1");
  g_assert_true (chain_history_redo (h));
  g_assert_null (chain_history_redo_graft (h));
  chain_history_free (h);
}

typedef struct { guint n; char *last; } Said;

static void
hear (ChainSession *s, const char *text, const char *button, const char *action, Said *said)
{
  said->n++;
  chain_set_str (&said->last, text);
}

/* What an edit takes away is said, with a way back; what keeps everything says nothing. */
static void
test_told (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;
  Said said = { 0 };

  g_signal_connect (s, "message", G_CALLBACK (hear), &said);
  ok (widen (s, &error), &error);
  ok (deepen (s, &error), &error);
  ok (duplicate (s, &error), &error);
  ok (swap_units (s, &error), &error);
  ok (connect_add (s, &error), &error);
  g_assert_cmpuint (said.n, ==, 0);
  ok (remove_unit (s, &error), &error);
  g_assert_cmpuint (said.n, ==, 1);
  g_assert_cmpstr (said.last, ==, "Gone with this edit: w of layer 1, 2 weights; b of layer 1, 1 weight; w of layer 2, 10 weights; and 1 more");
  ok (paste (s, &error), &error);
  g_assert_cmpuint (said.n, ==, 2);
  g_free (said.last);
}

/* Other data: weights stay, the curve of the old ones does not; put back before a step, it is there again. */
static void
test_new_data (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;
  guint run = chain_session_snapshot (s)->segment;

  g_assert_cmpuint (chain_series_view_size (chain_session_snapshot (s)->train_loss), ==, 30);
  ok (chain_session_set_data (s, "circles", &error), &error);
  settle (s);
  g_assert_cmpuint (chain_series_view_size (chain_session_snapshot (s)->train_loss), ==, 0);
  g_assert_cmpuint (chain_session_snapshot (s)->segment, !=, run);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, 30);
  g_assert_true (chain_session_undo (s));
  settle (s);
  g_assert_cmpuint (chain_series_view_size (chain_session_snapshot (s)->train_loss), ==, 30);
  g_assert_cmpuint (chain_session_snapshot (s)->segment, ==, run);
  g_assert_true (chain_session_redo (s));
  train (s, 4);
  g_assert_cmpuint (chain_series_view_size (chain_session_snapshot (s)->train_loss), ==, 4);
}

/* A replay does the same again: back in time before the edits, and forward over them. */
static void
test_replay (void)
{
  g_autoptr (ChainSession) s = trained ();
  GError *error = NULL;

  ok (widen (s, &error), &error);
  train (s, 3);
  ok (reset_unit (s, &error), &error);
  train (s, 3);
  ok (paste (s, &error), &error);
  train (s, 4);
  g_autoptr (GPtrArray) end = weights (s);
  guint64 step = chain_session_snapshot (s)->step;
  chain_session_step (s, -20);
  settle (s);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, step - 20);
  chain_session_step (s, 20);
  g_autoptr (GPtrArray) again = weights (s);
  g_assert_cmpuint (chain_session_snapshot (s)->step, ==, step);
  assert_same (end, again, "replay");
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
  g_test_add_func ("/build/clipboard", test_clipboard);
  g_test_add_func ("/build/discards", test_discards);
  g_test_add_func ("/build/branch", test_branch);
  g_test_add_func ("/build/replay", test_replay);
  g_test_add_func ("/build/new-data", test_new_data);
  g_test_add_func ("/build/redo-graft", test_redo_graft);
  g_test_add_func ("/build/told", test_told);
  return g_test_run ();
}
