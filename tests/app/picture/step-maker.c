/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs made on a thread: a small one is there when asking returns, a large one comes by the main loop, the last order counts, and neither an order
 * that is not wanted nor a maker that goes is waited for as long as a layout takes. */
#include "app/picture/graph/graph.h"
#include "app/picture/step-maker.h"
#include "tests/app/stepper/step-kit.h"

#define DEEP 300u

typedef struct { guint n; ChainDetail detail; guint cells; gboolean placed; ChainTrace *trace; } Seen;

static void
made_cb (ChainDiagram *d, ChainStepView *v, ChainDetail detail, gpointer data)
{
  Seen *seen = data;

  seen->n++;
  seen->detail = detail;
  seen->cells = d->cells->len;
  seen->trace = v->trace;
  seen->placed = v->diagram == d && chain_graph_places (v, &(int){ 1 }) != NULL;      /* cancelled at once: what is there is there */
}

static void
test_small (void)
{
  ChainTrainer *trainer = step_kit_example ();
  g_autoptr (ChainTrace) t = step_kit_trace (trainer, CHAIN_TRACE_SAMPLE, 0);
  Seen seen = { 0 };
  ChainStepMaker *m = chain_step_maker_new (made_cb, &seen);
  gboolean at_once = chain_step_maker_ask (m, &(ChainStepOrder){ .trace = t, .detail = CHAIN_DETAIL_OPERATIONS });

  while (chain_step_maker_busy (m))
    g_main_context_iteration (NULL, TRUE);
  if (!at_once)
    g_test_message ("a busy machine: the small graph came by the main loop");
  g_assert_cmpuint (seen.n, ==, 1);
  g_assert_cmpint (seen.detail, ==, CHAIN_DETAIL_OPERATIONS);
  g_assert_true (seen.trace == t && seen.placed);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (seen.n, ==, 1);
  chain_step_maker_free (m);
  chain_trainer_free (trainer);
}

/* Too much to read becomes coarser, unless a person asked for it. */
static void
test_detail (void)
{
  ChainTrainer *trainer = step_kit_deep (30);
  g_autoptr (ChainTrace) t = step_kit_trace (trainer, CHAIN_TRACE_SAMPLE, 0);

  for (int chosen = 0; chosen < 2; chosen++)
    {
      Seen seen = { 0 };
      ChainStepMaker *m = chain_step_maker_new (made_cb, &seen);

      chain_step_maker_ask (m, &(ChainStepOrder){ .trace = t, .detail = CHAIN_DETAIL_OPERATIONS, .chosen = chosen });
      while (chain_step_maker_busy (m))
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (seen.n, ==, 1);
      g_assert_cmpint (seen.detail, ==, chosen ? CHAIN_DETAIL_OPERATIONS : CHAIN_DETAIL_LAYERS);
      chain_step_maker_free (m);
    }
  chain_trainer_free (trainer);
}

static double
since (gint64 began)
{
  return (double) (g_get_monotonic_time () - began) / 1e3;
}

static void
test_large (void)
{
  ChainTrainer *trainer = step_kit_deep (DEEP);
  g_autoptr (ChainTrace) t = step_kit_trace (trainer, CHAIN_TRACE_SAMPLE, 0);
  ChainStepOrder order = { .trace = t, .detail = CHAIN_DETAIL_NODES, .chosen = TRUE };
  Seen seen = { 0 };
  ChainStepMaker *m = chain_step_maker_new (made_cb, &seen);
  gint64 began = g_get_monotonic_time ();
  double whole, gone;
  guint cells;

  g_assert_false (chain_step_maker_ask (m, &order));
  g_assert_cmpuint (seen.n, ==, 0);
  while (chain_step_maker_busy (m))
    g_main_context_iteration (NULL, FALSE);
  whole = since (began);
  g_assert_cmpuint (seen.n, ==, 1);
  cells = seen.cells;
  g_assert_cmpuint (cells, >, 10000);
  g_assert_true (seen.placed);
  /* the last order counts */
  chain_step_maker_ask (m, &order);
  order.detail = CHAIN_DETAIL_LAYERS;
  chain_step_maker_ask (m, &order);
  while (chain_step_maker_busy (m))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (seen.n, ==, 2);
  g_assert_cmpint (seen.detail, ==, CHAIN_DETAIL_LAYERS);
  /* a maker goes in the middle of a layout */
  order.detail = CHAIN_DETAIL_NODES;
  chain_step_maker_ask (m, &order);
  while (chain_step_maker_cells (m) == 0)
    g_usleep (500);
  began = g_get_monotonic_time ();
  chain_step_maker_free (m);
  gone = since (began);
  g_test_message ("%u cells: made in %.0f ms, given up in %.0f ms", cells, whole, gone);
  g_assert_cmpfloat (gone, <, whole / 2);
  g_assert_cmpuint (seen.n, ==, 2);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  chain_trainer_free (trainer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/step-maker/small", test_small);
  g_test_add_func ("/step-maker/detail", test_detail);
  g_test_add_func ("/step-maker/large", test_large);
  return g_test_run ();
}
