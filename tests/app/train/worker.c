/* SPDX-License-Identifier: Apache-2.0 */
/* The trainer on its thread: commands at any moment, stopping in time, states told once. Runs under ThreadSanitizer too. */
#include "app/train/worker.h"
#include "tests/app/train/train-kit.h"

#include <math.h>

static guint
send_kind (ChainWorker *w, ChainCommandKind kind, guint64 n)
{
  ChainCommand *c = chain_command_new (kind);

  c->n = n;
  return chain_worker_send (w, c);
}

static guint
send_speed (ChainWorker *w, double steps_per_s)
{
  ChainCommand *c = chain_command_new (CHAIN_COMMAND_SPEED);

  c->value = steps_per_s;
  return chain_worker_send (w, c);
}

/* A snapshot that has seen command seq; fails after 10 s. */
static ChainSnapshot *
wait_for (ChainWorker *w, guint seq, guint want)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  for (;;)
    {
      ChainSnapshot *s;

      chain_worker_want (w, want);
      g_usleep (500);
      s = chain_worker_take (w);
      if (s != NULL && s->seq >= seq)
        return s;
      chain_snapshot_unref (s);
      g_assert_cmpint (g_get_monotonic_time (), <, end);
    }
}

static ChainSnapshot *
wait_for_state (ChainWorker *w, guint seq, ChainRunState state)
{
  for (;;)
    {
      ChainSnapshot *s = wait_for (w, seq, 0);

      if (s->state == state)
        return s;
      chain_snapshot_unref (s);
    }
}

static void
test_stops_in_time (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (g_test_rand_int ());
  ChainTrainer *t = train_kit_trainer (train_kit_spec ());

  for (guint i = 0; i < 100; i++)
    {
      ChainWorker *w = chain_worker_new (t, NULL, NULL);
      gint64 start;

      send_kind (w, CHAIN_COMMAND_PLAY, 0);
      if (i % 3 == 1)
        send_speed (w, 3);
      if (i % 5 == 2)
        chain_worker_want (w, CHAIN_WANT_FIELD | CHAIN_WANT_METRICS);
      g_usleep ((gulong) g_rand_int_range (random, 0, 12000));
      start = g_get_monotonic_time ();
      t = chain_worker_stop (w);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 250000);
    }
  chain_trainer_free (t);
}

/* A run that is driven by hand, with commands, and one without a thread leave the same bits. */
static void
test_same_bits (void)
{
  ChainTrainer *plain = train_kit_trainer (train_kit_spec ());
  ChainWorker *w = chain_worker_new (train_kit_trainer (train_kit_spec ()), NULL, NULL);
  ChainTrainer *t;
  ChainExecState *a, *b;
  ChainSnapshot *s;
  guint seq;

  train_kit_run (plain, 160);
  seq = send_kind (w, CHAIN_COMMAND_STEPS, 100);
  s = wait_for_state (w, seq, CHAIN_RUN_PAUSED);
  g_assert_cmpuint (s->step, ==, 100);
  chain_snapshot_unref (s);
  seq = send_kind (w, CHAIN_COMMAND_GOTO, 40);
  s = wait_for_state (w, seq, CHAIN_RUN_PAUSED);
  g_assert_cmpuint (s->step, ==, 40);
  chain_snapshot_unref (s);
  seq = send_kind (w, CHAIN_COMMAND_GOTO, 160);
  s = wait_for_state (w, seq, CHAIN_RUN_PAUSED);
  g_assert_cmpuint (s->step, ==, 160);
  chain_snapshot_unref (s);
  t = chain_worker_stop (w);
  a = chain_exec_save (chain_trainer_exec (plain));
  b = chain_exec_save (chain_trainer_exec (t));
  train_kit_same (a, b, TRUE);
  chain_exec_state_unref (a);
  chain_exec_state_unref (b);
  chain_trainer_free (plain);
  chain_trainer_free (t);
}

static ChainCommand *
random_edit (GRand *random, const ChainSpec *spec)
{
  ChainCommand *c = chain_command_new (CHAIN_COMMAND_SPEC);
  ChainSpec *next = chain_spec_copy (spec);

  switch (g_rand_int_range (random, 0, 4))
    {
    case 0:
      chain_choice_set_param (&next->optimiser, "lr", 0.001 * g_rand_int_range (random, 1, 40));
      break;
    case 1:
      next->batch_size = (guint) g_rand_int_range (random, 1, 64);
      break;
    case 2:
      chain_layer_set_units (g_ptr_array_index (next->layers, 0), (guint) g_rand_int_range (random, 1, 12));
      break;
    default:
      chain_choice_set (&((ChainLayer *) g_ptr_array_index (next->layers, 1))->activation, g_rand_boolean (random) ? "relu" : "tanh", NULL);
      break;
    }
  c->spec = chain_spec_seal (next);
  return c;
}

static void
test_commands_while_running (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  ChainWorker *w = chain_worker_new (train_kit_trainer (train_kit_spec ()), NULL, NULL);
  g_autoptr (ChainSpec) now = chain_spec_seal (train_kit_spec ());
  guint seq = send_kind (w, CHAIN_COMMAND_PLAY, 0);
  guint64 step = 0;

  for (guint i = 0; i < 120; i++)
    {
      ChainCommand *c = random_edit (random, now);
      g_autoptr (ChainSnapshot) s = NULL;

      chain_spec_unref (now);
      now = chain_spec_ref (c->spec);
      seq = chain_worker_send (w, c);
      if (i % 10 != 0)
        continue;
      s = wait_for (w, seq, CHAIN_WANT_PARAMS | CHAIN_WANT_STATS);
      g_assert_true (chain_spec_equal (s->spec, now));
      g_assert_null (s->message);
      g_assert_cmpint (s->state, ==, CHAIN_RUN_RUNNING);
      g_assert_cmpuint (s->step, >=, step);
      step = s->step;
    }
  seq = send_kind (w, CHAIN_COMMAND_PAUSE, 0);
  chain_snapshot_unref (wait_for_state (w, seq, CHAIN_RUN_PAUSED));
  chain_trainer_free (chain_worker_stop (w));
}

/* One step a second: a command is answered at once, not at the next step. */
static void
test_answers_when_slow (void)
{
  ChainWorker *w = chain_worker_new (train_kit_trainer (train_kit_spec ()), NULL, NULL);
  guint seq;
  gint64 start;

  send_speed (w, 1);
  seq = send_kind (w, CHAIN_COMMAND_PLAY, 0);
  chain_snapshot_unref (wait_for (w, seq, 0));
  for (guint i = 0; i < 5; i++)
    {
      start = g_get_monotonic_time ();
      seq = send_kind (w, i % 2 == 0 ? CHAIN_COMMAND_PAUSE : CHAIN_COMMAND_PLAY, 0);
      while (chain_worker_applied (w) < seq)
        g_usleep (100);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 200000);
    }
  chain_trainer_free (chain_worker_stop (w));
}

static void
test_pace (void)
{
  ChainWorker *w = chain_worker_new (train_kit_trainer (train_kit_spec ()), NULL, NULL);
  ChainSnapshot *s;
  guint seq;

  send_speed (w, 200);
  send_kind (w, CHAIN_COMMAND_PLAY, 0);
  g_usleep (500000);
  seq = send_kind (w, CHAIN_COMMAND_PAUSE, 0);
  s = wait_for_state (w, seq, CHAIN_RUN_PAUSED);
  g_assert_cmpuint (s->step, <=, 125);
  g_assert_cmpuint (s->step, >=, 30);
  chain_snapshot_unref (s);
  chain_trainer_free (chain_worker_stop (w));
}

static void
test_refusal_is_told (void)
{
  ChainWorker *w = chain_worker_new (train_kit_trainer (train_kit_spec ()), NULL, NULL);
  ChainCommand *c = chain_command_new (CHAIN_COMMAND_WEIGHT);
  ChainSnapshot *s;

  c->name = g_strdup ("nothing.weight");
  s = wait_for (w, chain_worker_send (w, c), 0);
  g_assert_nonnull (s->message);
  g_assert_cmpint (s->state, ==, CHAIN_RUN_READY);
  chain_snapshot_unref (s);
  chain_trainer_free (chain_worker_stop (w));
}

static void
count_state (gpointer data)
{
  ++*(guint *) data;
}

static void
read_step (ChainTrainer *t, gpointer data)
{
  *(guint64 *) data = chain_trainer_step (t);
}

static void
test_states_and_calls (void)
{
  ChainSpec *spec = train_kit_spec ();
  ChainWorker *w;
  guint told = 0;
  guint64 step = 0;
  gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  spec->stop.steps = 50;
  w = chain_worker_new (train_kit_trainer (spec), count_state, &told);
  send_kind (w, CHAIN_COMMAND_PLAY, 0);
  while (chain_worker_state (w) != CHAIN_RUN_DONE && g_get_monotonic_time () < end)
    g_usleep (200);
  chain_worker_call (w, read_step, &step);
  g_assert_cmpuint (step, ==, 50);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (told, ==, 2);
  send_kind (w, CHAIN_COMMAND_RESET, 3);
  chain_worker_call (w, read_step, &step);
  g_assert_cmpuint (step, ==, 0);
  chain_trainer_free (chain_worker_stop (w));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (told, ==, 2);
}

typedef struct { int ran, dropped; guint64 step; } Posted;

static void
ran (ChainTrainer *t, gpointer data)
{
  Posted *p = data;

  p->step = chain_trainer_step (t);
  g_atomic_int_inc (&p->ran);
}

static void
ran_slowly (ChainTrainer *t, gpointer data)
{
  g_usleep (30000);
  ran (t, data);
}

static void
was_dropped (gpointer data)
{
  g_atomic_int_inc (&((Posted *) data)->dropped);
}

/* Each posted function runs once or is dropped once, after the commands before it. */
static void
test_posts (void)
{
  ChainWorker *w = chain_worker_new (train_kit_trainer (train_kit_spec ()), NULL, NULL);
  Posted first = { 0 }, rest = { 0 };
  guint64 step = 1;

  send_kind (w, CHAIN_COMMAND_RESET, 3);
  chain_worker_post (w, ran, was_dropped, &first);
  chain_worker_call (w, read_step, &step);
  g_assert_cmpint (first.ran, ==, 1);
  g_assert_cmpuint (first.step, ==, 0);
  chain_worker_post (w, ran_slowly, was_dropped, &rest);
  g_usleep (5000);
  for (guint i = 0; i < 10; i++)
    chain_worker_post (w, ran, was_dropped, &rest);
  chain_trainer_free (chain_worker_stop (w));
  g_assert_cmpint (rest.ran + rest.dropped, ==, 11);
  g_assert_cmpint (rest.ran, >=, 1);
  g_assert_cmpint (first.dropped, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/stops-in-time", test_stops_in_time);
  g_test_add_func ("/worker/same-bits", test_same_bits);
  g_test_add_func ("/worker/commands-while-running", test_commands_while_running);
  g_test_add_func ("/worker/answers-when-slow", test_answers_when_slow);
  g_test_add_func ("/worker/pace", test_pace);
  g_test_add_func ("/worker/refusal-is-told", test_refusal_is_told);
  g_test_add_func ("/worker/states-and-calls", test_states_and_calls);
  g_test_add_func ("/worker/posts", test_posts);
  return g_test_run ();
}
