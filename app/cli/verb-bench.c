/* SPDX-License-Identifier: Apache-2.0 */
/* bench: the time of one training step of a standard workload through the very trainer that everything else uses: batch gather, plan,
 * update, guard. Medians of rounds; the data are random numbers that live in memory. Any other fully connected shape, as "64-256-256-10",
 * is a workload too: relu, squared error, plain SGD. With the time it says what memory the plan announced and what the process took. */
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

enum { MOST_WIDTHS = 131 };

typedef struct
{
  const char *id;
  guint       widths[MOST_WIDTHS];     /* 0-terminated: inputs, hidden …, outputs */
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

  for (; w->widths[n] != 0; n++)
    {
      g_autofree char *id = g_strdup_printf ("d%u", n), *before = g_strdup_printf ("d%u", n - 1);
      ChainLayer *l = chain_layer_new (id, "dense");
      gboolean last = w->widths[n + 1] == 0;
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

/* A figure of /proc/self/status in bytes, as "VmRSS:"; 0 where the system does not tell. */
static gint64
process_bytes (const char *name)
{
  g_autofree char *text = NULL;
  const char *at;
  gint64 kib = 0;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL) || (at = strstr (text, name)) == NULL)
    return 0;
  at += strlen (name);
  at += strspn (at, " \t");
  return chain_number_parse_int (at, (gssize) strspn (at, "0123456789"), 0, G_MAXINT64 / 1024, &kib) ? kib * 1024 : 0;
}

/* Lets the peak begin again at what is held now. */
static void
forget_peak (void)
{
  FILE *f = fopen ("/proc/self/clear_refs", "w");

  if (f == NULL)
    return;
  fputs ("5", f);
  fclose (f);
}

typedef struct
{
  double  seconds[ROUNDS], busy[ROUNDS];
  int     rounds;
  guint64 runs;
  ChainTrainerMemory memory;
  gint64  before, warm, after, peak;   /* resident bytes: without a trainer, after the first steps, after the last, at most */
} Figures;

static gboolean
run (const Workload *w, ChainTrainer *t, int threads, double budget, Figures *f, GError **error)
{
  chain_trainer_set_threads (t, threads);
  if (!chain_trainer_memory (t, &f->memory, error))
    return FALSE;
  if (!measure (t, 0, f->seconds, f->busy, &f->runs, &f->rounds, error))
    return FALSE;
  f->warm = process_bytes ("VmRSS:");
  if (!measure (t, budget, f->seconds, f->busy, &f->runs, &f->rounds, error))
    return FALSE;
  f->after = process_bytes ("VmRSS:");
  f->peak = process_bytes ("VmHWM:");
  return TRUE;
}

static void
print_memory (const Figures *f)
{
  const ChainTrainerMemory *m = &f->memory;

  printf (",\"plan_bytes\":%" G_GUINT64_FORMAT ",\"other_plans_bytes\":%" G_GUINT64_FORMAT ",\"data_bytes\":%" G_GUINT64_FORMAT
          ",\"states_bytes\":%" G_GUINT64_FORMAT ",\"evaluation_bytes\":%" G_GUINT64_FORMAT ",\"announced_bytes\":%" G_GUINT64_FORMAT,
          m->plan, m->plans, m->data, m->states, m->evaluation, m->total);
  printf (",\"process_bytes\":%" G_GINT64_FORMAT ",\"peak_bytes\":%" G_GINT64_FORMAT ",\"grown_bytes\":%" G_GINT64_FORMAT "}\n",
          f->after - f->before, f->peak - f->before, f->after - f->warm);
}

static void
print_figures (const Workload *w, int threads, double flop, const Figures *f)
{
  char median[CHAIN_NUMBER_SIZE], min[CHAIN_NUMBER_SIZE], cpu[CHAIN_NUMBER_SIZE], work[CHAIN_NUMBER_SIZE], fraction[CHAIN_NUMBER_SIZE];
  double part = flop / f->seconds[f->rounds / 2] / (cli_fma_peak () * threads);

  printf ("{\"workload\":\"%s\",\"threads\":%d,\"median_s\":%s,\"min_s\":%s,\"cpu_s\":%s,\"runs\":%" G_GUINT64_FORMAT
          ",\"flop\":%s,\"fraction_of_peak\":%s,\"blas_core\":\"%s\"",
          w->id, threads, chain_number_write_digits (median, f->seconds[f->rounds / 2], 6), chain_number_write_digits (min, f->seconds[0], 6),
          chain_number_write_digits (cpu, f->busy[f->rounds / 2], 6), f->runs,
          chain_number_write (work, flop), isfinite (part) ? chain_number_write_digits (fraction, part, 4) : "null", chain_blas_core ());
  print_memory (f);
}

static int
bench (const Workload *w, int threads, double budget, gboolean plan)
{
  GError *error = NULL;
  guint n_out;
  double flop;
  Figures f = { .rounds = 1 };
  g_autoptr (ChainSpec) spec = make_spec (w, &n_out, &flop);
  g_autoptr (ChainTable) table = make_table (w, n_out);
  g_autoptr (ChainDataset) data = chain_dataset_new (spec, table, NULL, &error);
  ChainTrainer *t;
  gboolean good;

  forget_peak ();
  f.before = process_bytes ("VmRSS:");
  t = data != NULL ? chain_trainer_new (spec, data, &error) : NULL;
  good = t != NULL && (plan ? cli_print_plan (t, w->batch, TRUE, &error) : run (w, t, threads, budget, &f, &error));
  g_clear_pointer (&t, chain_trainer_free);
  if (!good)
    return cli_bad (error);
  if (!plan)
    print_figures (w, threads, flop, &f);
  return CHAIN_EXIT_OK;
}

/* "64-256-256-10" into `w`; FALSE if it is no such thing. */
static gboolean
parse_shape (const char *text, guint batch, Workload *w)
{
  g_auto (GStrv) parts = g_strsplit (text, "-", MOST_WIDTHS);
  guint n = g_strv_length (parts);
  gint64 width;

  *w = (Workload){ .id = text, .batch = batch, .rows = MAX (batch, 512), .activation = "relu", .loss = "mse", .optimiser = "sgd", .lr = 1e-4 };
  if (n < 2 || n >= MOST_WIDTHS)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      if (!chain_number_parse_int (parts[i], -1, 1, 65536, &width))
        return FALSE;
      w->widths[i] = (guint) width;
    }
  return TRUE;
}

int
verb_bench (int argc, char **argv)
{
  g_autofree char *threads_text = NULL, *seconds_text = NULL, *batch_text = NULL;
  gint64 threads = 1, batch = 64;
  double budget = 3;
  gboolean plan = FALSE;
  const GOptionEntry entries[] = {
    { "threads", 0, 0, G_OPTION_ARG_STRING, &threads_text, N_ ("Threads (default 1)"), "N" },
    { "seconds", 0, 0, G_OPTION_ARG_STRING, &seconds_text, N_ ("Time to spend (default 3)"), "S" },
    { "batch", 0, 0, G_OPTION_ARG_STRING, &batch_text, N_ ("Rows of a batch, for a shape of your own (default 64)"), "N" },
    { "plan", 0, 0, G_OPTION_ARG_NONE, &plan, N_ ("Print the plan of the step and its tile programs instead"), NULL },
    { 0 }
  };
  g_auto (GStrv) rest = NULL;
  Workload own;
  int status;

  if (!cli_parse ("bench", entries, argc, argv, 1, 1, &rest, &status))
    return status;
  if ((threads_text != NULL && !cli_int ("bench", "threads", threads_text, 1, 256, &threads))
      || (batch_text != NULL && !cli_int ("bench", "batch", batch_text, 1, 65536, &batch))
      || (seconds_text != NULL && !cli_number ("bench", "seconds", seconds_text, 0.1, 3600, &budget)))
    return CHAIN_EXIT_USAGE;
  if (strcmp (rest[0], "W8") == 0)
    return cli_bench_scalar ();
  for (guint i = 0; i < G_N_ELEMENTS (workloads); i++)
    if (strcmp (workloads[i].id, rest[0]) == 0)
      return bench (&workloads[i], (int) threads, budget, plan);
  if (parse_shape (rest[0], (guint) batch, &own))
    return bench (&own, (int) threads, budget, plan);
  return cli_usage ("bench", _ ("There is no workload “%s”; there are W1, W2, W3, W4, W8 and shapes such as 64-256-10"), rest[0]);
}
