/* SPDX-License-Identifier: Apache-2.0 */
/* Slow motion: the captions of the mock-up's step, and on every network at each level that a part has words and every number is one. */
#include "tests/app/stepper/step-kit.h"

#include "app/stepper/story.h"

#include <string.h>

static void
test_example (void)
{
  static const char *const both[] = { "The adjoint −0.1208 leaves z₂", "travels along 2 dashed edges, one of them to h",
                                      "is multiplied by the local derivative ∂z₂/∂h = w₂ = 1.10: (−0.1208)(1.10) = −0.1329",
                                      "and is added at h: −0.3738 + (−0.1329) = −0.5068; at w₂: −0.0699" };
  static const char *const first[] = { "Taken: w₁ = 1.20, x = 0.80", "× is computed: m₁ = w₁ × x", "The result appears: m₁ = 0.96" };
  ChainTrainer *trainer = step_kit_example ();
  g_autoptr (ChainTrace) t = step_kit_trace (trainer, CHAIN_TRACE_SAMPLE, 0);
  g_autoptr (ChainDiagram) d = chain_diagram_new (t, CHAIN_DETAIL_OPERATIONS, NULL, NULL);
  g_autoptr (ChainStory) start = chain_story_new (t, d, 0), forward = chain_story_new (t, d, 1), s = chain_story_new (t, d, 23);

  for (guint p = 0; p <= d->events->len; p++)
    {
      g_autoptr (ChainStory) one = chain_story_new (t, d, p);

      for (guint i = 0; i < one->n; i++)
        g_test_message ("%u.%u %s", p, i, one->caption[i]);
    }
  g_assert_cmpuint (start->n, ==, 0);
  g_assert_cmpuint (forward->n, ==, G_N_ELEMENTS (first));
  for (guint i = 0; i < forward->n; i++)
    g_assert_cmpstr (forward->caption[i], ==, first[i]);
  g_assert_cmpuint (s->n, ==, G_N_ELEMENTS (both));
  for (guint i = 0; i < s->n; i++)
    {
      g_assert_cmpint (s->tell[i], ==, CHAIN_TELL_LEAVE + i);
      g_assert_cmpstr (s->caption[i], ==, both[i]);
    }
  chain_trainer_free (trainer);
}

static void
check (const ChainTrace *t, ChainDetail detail)
{
  g_autoptr (ChainDiagram) d = chain_diagram_new (t, detail, NULL, NULL);
  guint stride = MAX (1, d->events->len / 200);

  for (guint p = 1; p <= d->events->len; p += stride)
    {
      g_autoptr (ChainStory) s = chain_story_new (t, d, p);

      g_assert_cmpuint (s->n, >, 0);
      for (guint i = 0; i < s->n; i++)
        {
          g_assert_cmpint (s->tell[i], >, i > 0 ? (int) s->tell[i - 1] : (int) CHAIN_TELL_NOTHING);
          g_assert_true (s->caption[i] != NULL && *s->caption[i] != '\0');
          if (strstr (s->caption[i], "NaN") != NULL)
            g_error ("detail %d, position %u: %s", detail, p, s->caption[i]);
        }
    }
}

static void
test_all (gconstpointer name)
{
  ChainTrainer *trainer = step_kit_trainer (step_kit_spec (name));

  for (guint of = 0; of < 3; of++)
    {
      g_autoptr (ChainTrace) t = step_kit_trace (trainer, (ChainTraceOf) of, 1);

      for (guint detail = 0; detail <= CHAIN_DETAIL_NODES; detail++)
        check (t, (ChainDetail) detail);
    }
  chain_trainer_free (trainer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/story/example", test_example);
  for (guint i = 0; step_kit_names[i] != NULL; i++)
    {
      g_autofree char *path = g_strconcat ("/story/all/", step_kit_names[i], NULL);

      g_test_add_data_func (path, step_kit_names[i], test_all);
    }
  return g_test_run ();
}
