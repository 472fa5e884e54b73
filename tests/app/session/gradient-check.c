/* SPDX-License-Identifier: Apache-2.0 */
/* Check Gradients through the session: every sample document passes, at the start and after steps; a wrong gradient, weights that are not finite and a
 * job that nobody waits for any more are told apart; the run notices nothing. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "app/session/explore.h"

typedef struct { ChainGradientCheck *check; GError *error; gboolean done; } Result;

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Result *r = data;

  r->check = chain_session_check_gradients_finish (CHAIN_SESSION (source), result, &r->error);
  r->done = TRUE;
}

static Result
check (ChainSession *s, GCancellable *cancellable, gboolean cancel)
{
  Result r = { 0 };

  chain_session_check_gradients_async (s, cancellable, done_cb, &r);
  if (cancel)
    g_cancellable_cancel (cancellable);
  while (!r.done)
    g_main_context_iteration (NULL, TRUE);
  return r;
}

static char *
sample (const char *name)
{
  return g_build_filename (g_getenv ("G_TEST_SRCDIR"), "..", "data", "samples", name, NULL);
}

static ChainSession *
open_sample (const char *name)
{
  ChainSession *s = chain_session_new ();
  g_autofree char *path = sample (name);
  g_autoptr (GError) error = NULL;

  chain_session_open (s, path, &error);
  g_assert_no_error (error);
  return s;
}

static void
test_samples (void)
{
  g_autofree char *folder = sample (NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autoptr (ChainSession) s = open_sample (name);
      Result r = check (s, NULL, FALSE);
      g_autofree char *text = NULL, *verdict = NULL;

      g_assert_no_error (r.error);
      text = chain_gradient_check_text (r.check);
      verdict = chain_gradient_check_verdict (r.check);
      g_test_message ("%s: %s", name, verdict);
      g_assert_true (r.check->passed);
      g_assert_cmpfloat (r.check->worst, <=, 1);
      g_assert_true (g_str_has_prefix (text, verdict));
      for (guint i = 0; i < r.check->lines->len; i++)
        {
          const ChainCheckLine *l = r.check->lines->pdata[i];

          g_assert_nonnull (strstr (text, l->tensor));
          g_assert_cmpuint (l->row.n_checked + l->row.n_kinks, ==, MIN (l->n_entries, CHAIN_SESSION_CHECK_ENTRIES));
          g_assert_cmpfloat (fabs (l->row.adjoint - l->row.difference), <=, l->row.bar);
        }
      chain_gradient_check_free (r.check);
      n++;
    }
  g_assert_cmpuint (n, >=, 20);
}

/* In f32 too, and while the run goes on: what is checked are the weights of one moment. */
static void
test_running (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  Result r;

  g_assert_cmpint (chain_document_spec (chain_session_document (s))->precision, ==, CHAIN_F32);
  chain_session_set_speed (s, 0);
  chain_session_play (s);
  for (guint i = 0; i < 3; i++)
    {
      r = check (s, NULL, FALSE);
      g_assert_no_error (r.error);
      g_assert_true (r.check->passed);
      g_clear_pointer (&r.check, chain_gradient_check_free);
    }
  g_assert_true (chain_session_is_playing (s));
}

static void
test_cancel (void)
{
  g_autoptr (ChainSession) s = open_sample ("fashion-residual.json");
  g_autoptr (GCancellable) c = g_cancellable_new ();
  gint64 began = g_get_monotonic_time ();
  Result r = check (s, c, TRUE);

  g_assert_null (r.check);
  g_assert_true (g_error_matches (r.error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || g_error_matches (r.error, CHAIN_ERROR, CHAIN_ERROR_CANCELLED));
  g_assert_cmpint (g_get_monotonic_time () - began, <, 10 * G_USEC_PER_SEC);      /* under a memory checker too */
  g_error_free (r.error);
}

/* A step's gradient stands in where the true one is 0. */
static void
test_stand_in (void)
{
  g_autoptr (ChainSession) s = open_sample ("moons.json");
  g_autoptr (GError) error = NULL;
  g_autofree char *verdict = NULL;
  Result r;

  g_assert_true (chain_session_set_activation (s, "d1", "step", &error));
  r = check (s, NULL, FALSE);
  g_assert_no_error (r.error);
  verdict = chain_gradient_check_verdict (r.check);
  g_assert_false (r.check->passed);
  g_assert_cmpuint (r.check->notes->len, ==, 1);
  g_assert_nonnull (strstr (verdict, "straight-through"));
  chain_gradient_check_free (r.check);
}

static void
test_not_finite (void)
{
  g_autoptr (ChainSession) s = open_sample ("wave.json");
  g_autoptr (GError) error = NULL;
  g_autofree char *verdict = NULL;
  const ChainSpec *spec = chain_document_spec (chain_session_document (s));
  g_autofree char *tensor = g_strdup_printf ("%s.weight", ((const ChainLayer *) spec->layers->pdata[spec->layers->len - 1])->id);
  Result r;

  g_assert_true (chain_session_set_weight (s, tensor, 0, 0, 3e38, &error));
  g_assert_true (chain_session_set_weight (s, tensor, 0, 1, 3e38, &error));
  r = check (s, NULL, FALSE);
  g_assert_no_error (r.error);
  verdict = chain_gradient_check_verdict (r.check);
  g_assert_false (r.check->passed);
  g_assert_nonnull (strstr (verdict, "No verdict"));
  chain_gradient_check_free (r.check);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gradient-check/samples", test_samples);
  g_test_add_func ("/gradient-check/running", test_running);
  g_test_add_func ("/gradient-check/cancel", test_cancel);
  g_test_add_func ("/gradient-check/stand-in", test_stand_in);
  g_test_add_func ("/gradient-check/not-finite", test_not_finite);
  return g_test_run ();
}
