/* SPDX-License-Identifier: Apache-2.0 */
/* bench: the time of one training step of a standard workload through the very trainer that everything else uses: batch gather, plan,
 * update, guard. Medians of rounds; the data are random numbers that live in memory. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/cli/cli.h"
#include "engine/base/number.h"
#include "engine/base/rng.h"
#include "engine/run/backend-registry.h"

typedef struct
{
  const char *id;
  guint       widths[5];     /* 0-terminated: inputs, hidden …, outputs */
  guint       batch, rows;
  const char *activation, *loss, *optimiser;
  double      lr;
} Workload;

static const Workload workloads[] = {
  { "W1", { 2, 8, 8, 1 }, 10, 500, "tanh", "mse", "sgd", 0.03 },
  { "W2", { 784, 128, 10 }, 64, 2048, "relu", "ce_with_logits", "adam", 0.001 },
  { "W3", { 784, 512, 256, 10 }, 128, 2048, "relu", "ce_with_logits", "adam", 0.001 },
  { "W4", { 1024, 2048, 2048, 1024 }, 256, 1024, "relu", "mse", "momentum", 0.01 },
};

enum { FEWEST = 9, ROUNDS = 501 };   /* short ones: where others use the machine too, some are undisturbed */

/* A table of normal numbers: inputs, then targets (a class for cross-entropy). */
static ChainTable *
make_table (const Workload *w, guint n_out)
{
  ChainTable *table = chain_table_new (w->rows);
  ChainStream s;
  gboolean classes = strcmp (w->loss, "mse") != 0;
  guint targets = classes ? 1 : n_out;

  chain_stream_init (&s, 1, CHAIN_STREAM_DATA, 0, 0);
  for (guint j = 0; j < w->widths[0] + targets; j++)
    {
      gboolean target = j >= w->widths[0];
      g_autofree char *name = target ? g_strdup_printf ("t%u", j - w->widths[0] + 1) : g_strdup_printf ("x%u", j + 1);
      ChainColumn *c = chain_table_add (table, name, target && classes ? CHAIN_COLUMN_CATEGORY : CHAIN_COLUMN_NUMBER);
      for (guint k = 0; target && classes && k < n_out; k++)
        g_ptr_array_add (c->labels, g_strdup_printf ("%u", k));
      for (guint i = 0; i < w->rows; i++)
        c->values[i] = target && classes ? (i < n_out ? i : chain_stream_below (&s, i, j, n_out)) : chain_stream_normal (&s, i, j);
    }
  return table;
}

static ChainSpec *
make_spec (const Workload *w, guint *n_out, double *flop)
{
  ChainSpec *spec = chain_spec_new ();
  double macs = 0;
  guint n = 1;

  for (; n < 5 && w->widths[n] != 0; n++)
    {
      g_autofree char *id = g_strdup_printf ("d%u", n), *before = g_strdup_printf ("d%u", n - 1);
      ChainLayer *l = chain_layer_new (id, "dense");
      gboolean last = n == 4 || w->widths[n + 1] == 0;
      g_ptr_array_set_size (l->inputs, 0);
      g_ptr_array_add (l->inputs, g_strdup (n == 1 ? "x" : before));
      chain_layer_set_units (l, w->widths[n]);
      if (!last)
        chain_choice_set (&l->activation, w->activation, NULL);
      g_ptr_array_add (spec->layers, l);
      /* forward, dW and (but for the first layer) dX are one product each */
      macs += (double) w->widths[n - 1] * w->widths[n] * w->batch * (n == 1 ? 2 : 3);
    }
  *n_out = w->widths[n - 1];
  *flop = 2 * macs;
  g_ptr_array_set_size (spec->losses, 0);
  g_ptr_array_add (spec->losses, chain_loss_term_new (w->loss));
  chain_choice_set (&spec->optimiser, w->optimiser, NULL);
  chain_choice_set_param (&spec->optimiser, "lr", w->lr);
  for (guint j = 0; strcmp (w->loss, "mse") == 0 && j < *n_out; j++)
    g_ptr_array_add (spec->data.targets, g_strdup_printf ("t%u", j + 1));
  if (strcmp (w->loss, "mse") != 0)
    g_ptr_array_add (spec->data.targets, g_strdup ("t1"));
  chain_set_str (&spec->data.scale_inputs, "none");
  chain_set_str (&spec->data.scale_targets, "none");
  spec->data.source = CHAIN_SOURCE_EMBEDDED;
  spec->data.test = 0;
  spec->batch_size = w->batch;
  spec->drop_last = TRUE;
  spec->stop = (ChainStopSpec){ .eval_every = G_MAXUINT, .target_loss = NAN };
  spec->seed = 1;
  return chain_spec_seal (spec);
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

/* Of all threads: what others do on the machine makes a round longer, but hardly this. */
static double
cpu_seconds (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &ts);
  return (double) ts.tv_sec + 1e-9 * (double) ts.tv_nsec;
}

static gboolean
measure (ChainTrainer *t, double budget, double seconds[ROUNDS], double busy[ROUNDS], guint64 *runs, int *rounds, GError **error)
{
  guint64 steps = 1;
  double once = 0;

  /* warm up until a round is long enough to time */
  for (;; steps *= 2)
    {
      gint64 began = g_get_monotonic_time ();
      for (guint64 i = 0; i < steps; i++)
        if (!chain_trainer_iterate (t))
          {
            g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_DIVERGED, _ ("The run ended early: %s"), chain_trainer_message (t));
            return FALSE;
          }
      once = (double) (g_get_monotonic_time () - began) * 1e-6 / (double) steps;
      if (once * (double) steps > 0.1)
        break;
    }
  *rounds = (int) CLAMP (budget / once, FEWEST, ROUNDS);
  steps = MAX ((guint64) (budget / *rounds / once), 1);
  for (int r = 0; r < *rounds; r++)
    {
      gint64 began = g_get_monotonic_time ();
      double cpu = cpu_seconds ();
      for (guint64 i = 0; i < steps; i++)
        chain_trainer_iterate (t);
      busy[r] = (cpu_seconds () - cpu) / (double) steps;
      seconds[r] = (double) (g_get_monotonic_time () - began) * 1e-6 / (double) steps;
    }
  *runs = steps * (guint64) *rounds;
  qsort (seconds, (gsize) *rounds, sizeof seconds[0], compare);
  qsort (busy, (gsize) *rounds, sizeof busy[0], compare);
  return TRUE;
}

static int
bench (const Workload *w, int threads, double budget, gboolean plan)
{
  GError *error = NULL;
  guint n_out;
  double flop, peak = cli_fma_peak (), seconds[ROUNDS], busy[ROUNDS];
  guint64 runs;
  int rounds = 1;
  g_autoptr (ChainSpec) spec = make_spec (w, &n_out, &flop);
  g_autoptr (ChainTable) table = make_table (w, n_out);
  g_autoptr (ChainDataset) data = chain_dataset_new (spec, table, NULL, &error);
  ChainTrainer *t = data != NULL ? chain_trainer_new (spec, data, &error) : NULL;
  gboolean good = t != NULL;
  char median[CHAIN_NUMBER_SIZE], min[CHAIN_NUMBER_SIZE], cpu[CHAIN_NUMBER_SIZE], work[CHAIN_NUMBER_SIZE], fraction[CHAIN_NUMBER_SIZE];

  if (good && plan)
    good = cli_print_plan (t, w->batch, TRUE, &error);
  else if (good)
    {
      chain_trainer_set_threads (t, threads);
      good = measure (t, budget, seconds, busy, &runs, &rounds, &error);
    }
  g_clear_pointer (&t, chain_trainer_free);
  if (!good)
    return cli_bad (error);
  if (plan)
    return CHAIN_EXIT_OK;
  double part = flop / seconds[rounds / 2] / (peak * threads);
  printf ("{\"workload\":\"%s\",\"threads\":%d,\"median_s\":%s,\"min_s\":%s,\"cpu_s\":%s,\"runs\":%" G_GUINT64_FORMAT
          ",\"flop\":%s,\"fraction_of_peak\":%s,\"blas_core\":\"%s\"}\n",
          w->id, threads, chain_number_write_digits (median, seconds[rounds / 2], 6), chain_number_write_digits (min, seconds[0], 6),
          chain_number_write_digits (cpu, busy[rounds / 2], 6), runs,
          chain_number_write (work, flop), isfinite (part) ? chain_number_write_digits (fraction, part, 4) : "null", chain_blas_core ());
  return CHAIN_EXIT_OK;
}

int
verb_bench (int argc, char **argv)
{
  g_autofree char *threads_text = NULL, *seconds_text = NULL;
  gint64 threads = 1;
  double budget = 3;
  gboolean plan = FALSE;
  const GOptionEntry entries[] = {
    { "threads", 0, 0, G_OPTION_ARG_STRING, &threads_text, N_ ("Threads (default 1)"), "N" },
    { "seconds", 0, 0, G_OPTION_ARG_STRING, &seconds_text, N_ ("Time to spend (default 3)"), "S" },
    { "plan", 0, 0, G_OPTION_ARG_NONE, &plan, N_ ("Print the plan of the step and its tile programs instead"), NULL },
    { 0 }
  };
  g_auto (GStrv) rest = NULL;
  int status;

  if (!cli_parse ("bench", entries, argc, argv, 1, 1, &rest, &status))
    return status;
  if ((threads_text != NULL && !cli_int ("bench", "threads", threads_text, 1, 256, &threads))
      || (seconds_text != NULL && !cli_number ("bench", "seconds", seconds_text, 0.1, 3600, &budget)))
    return CHAIN_EXIT_USAGE;
  if (strcmp (rest[0], "W8") == 0)
    return cli_bench_scalar ();
  for (guint i = 0; i < G_N_ELEMENTS (workloads); i++)
    if (strcmp (workloads[i].id, rest[0]) == 0)
      return bench (&workloads[i], (int) threads, budget, plan);
  return cli_usage ("bench", _ ("There is no workload “%s”; there are W1, W2, W3, W4 and W8"), rest[0]);
}
