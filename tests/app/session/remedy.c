/* SPDX-License-Identifier: Apache-2.0 */
/* What the program offers after a run left the finite numbers: a click does what its label says, and where no click helps it is advice. */
#include <glib/gstdio.h>

#include "app/session/session.h"
#include "engine/run/backend-registry.h"

static const ChainSpec *
spec_of (ChainSession *s)
{
  return chain_document_spec (chain_session_document (s));
}

/* The remedy does what it says: a loss on probabilities whose logarithm broke gives way to the one from logits; a formula is the person's own. */
static void
test_remedy_of_loss (void)
{
  static const struct { const char *loss, *formula; ChainRemedy kind; const char *then; } rows[] =
    { { "bce", NULL, CHAIN_REMEDY_LOGITS, "bce_with_logits" }, { "formula", "log(y-t)", CHAIN_REMEDY_ADVICE, "formula" } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (ChainSession) s = chain_session_new ();
      g_autoptr (GError) error = NULL;
      ChainSpec *next = chain_spec_copy (spec_of (s));
      ChainLayer *out = g_ptr_array_index (next->layers, next->layers->len - 1);
      gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

      chain_choice_set (&((ChainLossTerm *) g_ptr_array_index (next->losses, 0))->choice, rows[i].loss, NULL);
      if (rows[i].formula != NULL)
        chain_choice_set_text (&((ChainLossTerm *) g_ptr_array_index (next->losses, 0))->choice, "expr", rows[i].formula);
      chain_choice_set (&out->activation, "identity", NULL);       /* no probability: ln of a negative number */
      g_assert_true (chain_session_apply (s, chain_spec_seal (next), "wild", NULL, &error));
      g_assert_no_error (error);
      chain_session_set_speed (s, 0);
      chain_session_play (s);
      do
        {
          g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
          g_assert_cmpint (g_get_monotonic_time (), <, end);
        }
      while (chain_session_snapshot (s)->state == CHAIN_RUN_RUNNING);
      g_assert_cmpint (chain_session_snapshot (s)->state, ==, CHAIN_RUN_DIVERGED);
      g_assert_cmpint (chain_session_snapshot (s)->remedy_kind, ==, rows[i].kind);
      chain_session_remedy (s);
      g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
      g_assert_cmpstr (((ChainLossTerm *) g_ptr_array_index (spec_of (s)->losses, 0))->choice.id, ==, rows[i].then);
      g_assert_cmpint (chain_session_snapshot (s)->state, ==, rows[i].kind == CHAIN_REMEDY_ADVICE ? CHAIN_RUN_DIVERGED : CHAIN_RUN_READY);
    }
}

static void
message_cb (ChainSession *s, const char *text, const char *label, const char *action, gpointer data)
{
  g_free (*(char **) data);
  *(char **) data = g_strdup_printf ("%s|%s", text, action);
}

/* A run that has reached its end does not pretend to play: it says so, and goes on when asked, from where it was. */
static void
test_end (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *told = NULL;
  ChainSpec *next = chain_spec_copy (spec_of (s));
  guint64 step;

  g_signal_connect (s, "message", G_CALLBACK (message_cb), &told);
  next->stop.epochs = 2;
  g_assert_true (chain_session_apply (s, chain_spec_seal (next), "short", NULL, &error));
  chain_session_set_speed (s, 0);
  chain_session_play (s);
  do
    g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
  while (chain_session_snapshot (s)->state == CHAIN_RUN_RUNNING);
  g_assert_cmpint (chain_session_snapshot (s)->state, ==, CHAIN_RUN_DONE);
  step = chain_session_snapshot (s)->step;
  chain_session_pause (s);
  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
  chain_session_play (s);
  g_assert_false (chain_session_is_playing (s));
  g_assert_cmpstr (told, ==, "The run has reached its end: 2 epochs|win.train-on");
  g_clear_pointer (&told, g_free);
  chain_session_step (s, 1);
  g_assert_nonnull (told);
  chain_session_train_on (s);
  g_assert_true (chain_session_is_playing (s));
  do
    g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
  while (chain_session_snapshot (s)->step < step + 20);
  chain_session_pause (s);
  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
  g_assert_cmpint (chain_session_snapshot (s)->state, ==, CHAIN_RUN_PAUSED);
}

static float
first_weight (ChainSession *s)
{
  const ChainSnapshot *p;

  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
  p = chain_session_snapshot (s);
  for (guint i = 0; i < p->tensors->len; i++)
    {
      const ChainSnapTensor *t = g_ptr_array_index (p->tensors, i);

      if (g_str_equal (t->name, "d1.weight"))
        return t->value[0];
    }
  g_assert_not_reached ();
}

/* Before the first step another initialiser draws again, but not over numbers that somebody put there. */
static void
test_draw (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;
  float before = first_weight (s);

  g_assert_true (chain_session_set (s, "initialiser", "he_normal", "init", NULL, &error));
  g_assert_cmpfloat (first_weight (s), !=, before);
  g_assert_true (chain_session_set_weight (s, "d1.weight", 0, 0, 0.625, &error));
  g_assert_true (chain_session_set (s, "initialiser", "glorot_normal", "init", NULL, &error));
  g_assert_cmpfloat (first_weight (s), ==, 0.625f);
  chain_session_reset (s, FALSE);
  g_assert_cmpfloat (first_weight (s), !=, 0.625f);
}

/* Nor over those that a document brings; but a document saved as it was drawn brings nobody's. */
static void
test_draw_of_a_document (void)
{
  g_autofree char *folder = g_dir_make_tmp ("chain-XXXXXX", NULL), *path = g_build_filename (folder, "a.chainrule", NULL);

  for (guint own = 0; own < 2; own++)
    {
      g_autoptr (ChainSession) s = chain_session_new (), again = chain_session_new ();
      g_autoptr (GError) error = NULL;
      float before;

      if (own)
        g_assert_true (chain_session_set_weight (s, "d1.weight", 0, 0, 0.625, &error));
      g_assert_true (chain_session_save (s, path, TRUE, &error));
      g_assert_true (chain_session_open (again, path, &error));
      before = first_weight (again);
      g_assert_true (chain_session_set (again, "initialiser", "he_normal", "init", NULL, &error));
      g_assert_cmpint (first_weight (again) == before, ==, own == 1);
    }
  g_remove (path);
  g_rmdir (folder);
}

/* --- the curve belongs to the run --- */
static void
train_to (ChainSession *s, guint64 step)
{
  const ChainSnapshot *p;

  g_assert_true (chain_session_wait (s, CHAIN_WANT_METRICS | CHAIN_WANT_PARAMS));
  chain_session_step (s, (int) (step - chain_session_snapshot (s)->step));
  do
    {
      g_assert_true (chain_session_wait (s, CHAIN_WANT_METRICS | CHAIN_WANT_PARAMS));
      p = chain_session_snapshot (s);
    }
  while (p->step < step && p->state != CHAIN_RUN_DIVERGED);
}

/* The losses of all steps so far, and where it stands. */
typedef struct { guint64 step; double epoch; guint n; double first, last; float weight; } Curve;

static Curve
curve_of (ChainSession *s)
{
  float w = first_weight (s);
  const ChainSnapshot *p = chain_session_snapshot (s);
  guint n = p->train_loss != NULL ? chain_series_view_size (p->train_loss) : 0;

  return (Curve){ p->step, p->epoch, n, n > 0 ? chain_series_view_get (p->train_loss, 0).mean : 0, n > 0 ? chain_series_view_get (p->train_loss, n - 1).last : 0, w };
}

static void
assert_curve (ChainSession *s, Curve want)
{
  Curve got = curve_of (s);

  g_assert_cmpuint (got.step, ==, want.step);
  g_assert_cmpfloat (got.epoch, ==, want.epoch);
  g_assert_cmpuint (got.n, ==, want.n);
  g_assert_cmpfloat (got.first, ==, want.first);
  g_assert_cmpfloat (got.last, ==, want.last);
  g_assert_cmpfloat (got.weight, ==, want.weight);
}

/* A cure starts another run; undo brings back the run before it with its curve, redo the other one, and each goes on where it stood. */
static void
test_undo_of_cure (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data", "samples", "symmetric-start.json", NULL);
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;
  Curve before, after, on;

  g_assert_true (chain_session_open (s, path, &error));
  train_to (s, 20);
  before = curve_of (s);
  g_assert_cmpuint (before.n, ==, 20);
  g_assert_true (chain_session_cure (s, "xavier", 0, &error));
  train_to (s, 31);
  after = curve_of (s);
  g_assert_cmpuint (after.n, ==, 31);
  g_assert_true (chain_session_undo (s));
  assert_curve (s, before);
  g_assert_true (chain_session_redo (s));
  assert_curve (s, after);
  g_assert_true (chain_session_undo (s));
  train_to (s, 25);
  on = curve_of (s);
  g_assert_cmpuint (on.n, ==, 25);
  g_assert_cmpfloat (on.first, ==, before.first);
}

/* Likewise what is offered after divergence. */
static void
test_undo_of_remedy (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data", "samples", "rate-too-big.json", NULL);
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;
  Curve before;

  g_assert_true (chain_session_open (s, path, &error));
  g_assert_true (chain_session_set (s, "optimiser.params.lr", "900", "rate", NULL, &error));
  train_to (s, 1000);
  g_assert_cmpint (chain_session_snapshot (s)->state, ==, CHAIN_RUN_DIVERGED);
  before = curve_of (s);
  chain_session_remedy (s);
  g_assert_cmpuint (curve_of (s).step, ==, 0);
  g_assert_true (chain_session_undo (s));
  assert_curve (s, before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  g_test_add_func ("/remedy/of-loss", test_remedy_of_loss);
  g_test_add_func ("/remedy/end", test_end);
  g_test_add_func ("/remedy/draw", test_draw);
  g_test_add_func ("/remedy/draw-of-a-document", test_draw_of_a_document);
  g_test_add_func ("/remedy/undo-of-cure", test_undo_of_cure);
  g_test_add_func ("/remedy/undo-of-remedy", test_undo_of_remedy);
  return g_test_run ();
}
