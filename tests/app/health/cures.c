/* SPDX-License-Identifier: Apache-2.0 */
/* Each cure on a real run that has what it is against: the finding is there, one click, and it is gone and stays away; undo brings everything
 * back. And no badge on a network that is well. */
#include "app/health/health.h"
#include "app/session/session.h"
#include "engine/run/backend-registry.h"

#include <math.h>

#define WANT (CHAIN_WANT_STATS | CHAIN_WANT_PARAMS)

static ChainSession *
session_of (const char *sample)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data", "samples", sample, NULL);
  ChainSession *s = chain_session_new ();
  GError *error = NULL;

  if (sample != NULL)
    chain_session_open (s, path, &error);
  g_assert_no_error (error);
  return s;
}

static const ChainSpec *
spec_of (ChainSession *s)
{
  return chain_document_spec (chain_session_document (s));
}

static void
change (ChainSession *s, void (*how) (ChainSpec *))
{
  ChainSpec *next = chain_spec_copy (spec_of (s));
  GError *error = NULL;

  how (next);
  chain_session_apply (s, chain_spec_seal (next), "case", NULL, &error);
  g_assert_no_error (error);
  chain_session_reset (s, FALSE);
}

static void
run (ChainSession *s, guint64 steps)
{
  gint64 end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  guint64 to;
  const ChainSnapshot *p;

  g_assert_true (chain_session_wait (s, WANT));
  to = chain_session_snapshot (s)->step + steps;
  if (steps > 0)
    chain_session_step (s, (int) steps);
  do
    {
      g_assert_true (chain_session_wait (s, WANT));
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      p = chain_session_snapshot (s);
    }
  while (p->step < to && p->state != CHAIN_RUN_DIVERGED && p->state != CHAIN_RUN_DONE);
}

/* A bit a layer; *offered: the cure is among those of the first of them. */
static guint
where (ChainSession *s, ChainFindingKind kind, const char *cure, gboolean *offered)
{
  g_autoptr (GPtrArray) list = chain_health_findings (chain_session_snapshot (s));
  guint bits = 0;

  for (guint i = 0; i < list->len; i++)
    {
      const ChainFinding *f = g_ptr_array_index (list, i);
      g_autoptr (GPtrArray) cures = chain_finding_cures (f);

      if (f->kind == kind && bits == 0 && cure != NULL)
        for (guint k = 0; k < cures->len; k++)
          *offered |= g_str_equal (g_ptr_array_index (cures, k), cure);
      bits |= f->kind == kind ? 1u << f->layer : 0;
    }
  return bits;
}

/* --- networks that ail --- */
static void
wide_start (ChainSpec *spec)
{
  chain_choice_set (&spec->initialiser, "normal", NULL);
  chain_choice_set_param (&spec->initialiser, "stddev", 5);
}

static void
constant_relu (ChainSpec *spec)
{
  chain_choice_set (&spec->initialiser, "constant", NULL);
  chain_choice_set (&((ChainLayer *) g_ptr_array_index (spec->layers, 0))->activation, "relu", NULL);
}

static void
deep_wide_start (ChainSpec *spec)
{
  for (guint i = 0; i + 1 < spec->layers->len; i++)
    {
      chain_layer_set_units (g_ptr_array_index (spec->layers, i), 12);
      chain_choice_set (&((ChainLayer *) g_ptr_array_index (spec->layers, i))->activation, "relu", NULL);
    }
  wide_start (spec);
  chain_choice_set_param (&spec->initialiser, "stddev", 2);
  chain_choice_set_param (&spec->optimiser, "lr", 1e-5);
}

static void
slower (ChainSpec *spec)
{
  chain_choice_set_param (&spec->optimiser, "lr", 1.5);
}

static void
probabilities (ChainSpec *spec)
{
  chain_choice_set (&((ChainLossTerm *) g_ptr_array_index (spec->losses, 0))->choice, "bce", NULL);
}

static const struct
{
  const char *sample;
  void      (*how) (ChainSpec *);
  guint       steps;        /* until the finding is there */
  ChainFindingKind kind;
  guint       bits;         /* where it is at least */
  const char *cure;
  guint       then;         /* steps after the cure */
} rows[] = {
  { "symmetric-start.json", NULL, 20, CHAIN_FINDING_SYMMETRIC, 3, "xavier", 60 },
  { "symmetric-start.json", constant_relu, 20, CHAIN_FINDING_SYMMETRIC, 3, "he", 60 },
  { "ten-sigmoid-layers.json", NULL, 60, CHAIN_FINDING_VANISHING, 1, "relu_he", 60 },
  { "ten-sigmoid-layers.json", NULL, 60, CHAIN_FINDING_VANISHING, 1, "skip", 60 },
  { "ten-sigmoid-layers.json", NULL, 60, CHAIN_FINDING_VANISHING, 1, "batch_norm", 60 },
  { "moons.json", wide_start, 60, CHAIN_FINDING_SATURATED, 3, "xavier", 60 },
  { "moons.json", wide_start, 60, CHAIN_FINDING_SATURATED, 3, "batch_norm", 60 },
  { "moons.json", wide_start, 60, CHAIN_FINDING_SATURATED, 3, "relu", 0 },
  { "dying-relu.json", NULL, 360, CHAIN_FINDING_DEAD, 1, "leaky", 0 },
  { "dying-relu.json", NULL, 360, CHAIN_FINDING_DEAD, 1, "lower_rate", 360 },
  { "ten-sigmoid-layers.json", deep_wide_start, 1, CHAIN_FINDING_EXPLODING, 1, "he", 60 },
  { "rate-too-big.json", NULL, 3, CHAIN_FINDING_EXPLODING, 1, "clip", 60 },
  { "rate-too-big.json", slower, 300, CHAIN_FINDING_DIVERGED, 2, "halve_rate", 300 },
  { "rate-too-big.json", NULL, 300, CHAIN_FINDING_DIVERGED, 2, "clip", 300 },
  { "moons.json", probabilities, 60, CHAIN_FINDING_DIVERGED, 4, "logits", 60 },
};

static void
test_cure (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data), bits, first;
  g_autoptr (ChainSession) s = session_of (rows[i].sample);
  g_autoptr (ChainSpec) before = NULL;
  gboolean offered = FALSE;
  GError *error = NULL;
  float weight;

  if (rows[i].how != NULL)
    change (s, rows[i].how);
  run (s, rows[i].steps);
  bits = where (s, rows[i].kind, rows[i].cure, &offered);
  g_assert_cmpuint (bits & rows[i].bits, ==, rows[i].bits);
  g_assert_true (offered);
  for (first = 0; !(bits & (1u << first)); first++)
    continue;
  before = chain_spec_ref (spec_of (s));
  weight = ((ChainSnapTensor *) g_ptr_array_index (chain_session_snapshot (s)->tensors, 0))->value[0];
  chain_session_cure (s, rows[i].cure, (int) first, &error);
  g_assert_no_error (error);
  g_assert_false (chain_spec_equal (before, spec_of (s)));
  run (s, rows[i].then);
  bits = where (s, rows[i].kind, NULL, NULL);
  if (chain_cure_row (rows[i].cure)->restart && first == 0 && rows[i].kind != CHAIN_FINDING_DEAD)
    g_assert_cmpuint (bits, ==, 0);
  else
    g_assert_cmpuint (bits & (1u << first), ==, 0);
  g_assert_cmpint (chain_session_snapshot (s)->state, !=, CHAIN_RUN_DIVERGED);
  g_assert_true (chain_session_undo (s));
  g_assert_true (chain_spec_equal (before, spec_of (s)));
  run (s, 0);
  g_assert_cmpfloat (((ChainSnapTensor *) g_ptr_array_index (chain_session_snapshot (s)->tensors, 0))->value[0], ==, weight);
}

/* Every cure of every kind of finding has a row above. */
static void
test_all_tested (void)
{
  guint n;
  const ChainCureRow *cures = chain_table_cures (&n);

  for (guint i = 0; i < n; i++)
    {
      gboolean found = g_str_equal (cures[i].id, "redraw");       /* test_redraw */

      for (guint k = 0; k < G_N_ELEMENTS (rows); k++)
        found |= g_str_equal (rows[k].cure, cures[i].id);
      g_assert_true (found);
    }
}

/* Units made equal by hand under a random initialiser: other random numbers are the cure. */
static void
test_redraw (void)
{
  g_autoptr (ChainSession) s = session_of ("moons.json");
  gboolean offered = FALSE;
  GError *error = NULL;

  for (guint i = 0; i < 4; i++)
    g_assert_true (chain_session_set_weight (s, "d1.weight", i / 2, i % 2, 0.5, &error));
  run (s, 0);
  g_assert_cmpuint (where (s, CHAIN_FINDING_SYMMETRIC, "redraw", &offered), ==, 1);
  g_assert_true (offered);
  g_assert_true (chain_session_cure (s, "redraw", 0, &error));
  run (s, 20);
  g_assert_cmpuint (where (s, CHAIN_FINDING_SYMMETRIC, NULL, NULL), ==, 0);
}

/* Before the first step another initialiser draws at once, and undo brings the draw back; later the weights stay. */
static void
test_draw_again (void)
{
  for (guint steps = 0; steps < 2; steps++)
    {
      g_autoptr (ChainSession) s = session_of (NULL);
      GError *error = NULL;
      float before, after;

      run (s, steps);
      before = ((ChainSnapTensor *) g_ptr_array_index (chain_session_snapshot (s)->tensors, 0))->value[0];
      g_assert_true (chain_session_set (s, "initialiser", "constant", "initialiser", NULL, &error));
      run (s, 0);
      after = ((ChainSnapTensor *) g_ptr_array_index (chain_session_snapshot (s)->tensors, 0))->value[0];
      g_assert_cmpint (after != before, ==, steps == 0);
      g_assert_cmpuint (where (s, CHAIN_FINDING_SYMMETRIC, NULL, NULL), ==, steps == 0 ? 3 : 0);
      g_assert_true (chain_session_undo (s));
      run (s, 0);
      g_assert_cmpfloat (((ChainSnapTensor *) g_ptr_array_index (chain_session_snapshot (s)->tensors, 0))->value[0], ==, before);
    }
}

static void
test_healthy (void)
{
  static const char *const samples[] = { NULL, "moons.json", "circles.json", "wave.json", "digits.json" };

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (ChainSession) s = session_of (samples[i]);

      for (guint k = 0; k < 5; k++)
        {
          g_autoptr (GPtrArray) list = NULL;

          run (s, k == 0 ? 0 : 30);
          list = chain_health_findings (chain_session_snapshot (s));
          g_assert_cmpuint (list->len, ==, 0);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  chain_backend_init ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *name = g_strdup_printf ("/cures/%02u-%s", i, rows[i].cure);

      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_cure);
    }
  g_test_add_func ("/cures/all-tested", test_all_tested);
  g_test_add_func ("/cures/redraw", test_redraw);
  g_test_add_func ("/cures/draw-again", test_draw_again);
  g_test_add_func ("/cures/healthy", test_healthy);
  return g_test_run ();
}
