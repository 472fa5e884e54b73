/* SPDX-License-Identifier: Apache-2.0 */
/* train: the trainer's loop with a log, checkpoints and a progress line. Interrupting (Ctrl+C) ends it at a step border, saves and reports. */
#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli/cli.h"
#include "app/io/json.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"

typedef struct
{
  CliOverrides over;
  char        *batches, *weights, *save, *log;
  char        *save_every_text, *threads_text;
  gint64       save_every, threads;
  gboolean     quiet;
  FILE        *log_file;
  gboolean     log_failed;
  gint64       shown;          /* monotonic time of the last progress line */
  gint64       began;
  guint64      began_step;
} Train;

static volatile sig_atomic_t interrupted;

static void
on_interrupt (int number)
{
  (void) number;
  interrupted = 1;
}

/* Row indices of each step: [[3, 1, 4], [1, 5, 9]]. */
static GPtrArray *
read_batches (const char *path, guint n_train, GError **error)
{
  g_autofree char *text = NULL;
  gsize len;
  g_autoptr (GPtrArray) script = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  const ChainJsonLimits limits = { .bytes = (gsize) 512 << 20, .depth = 3, .string = 16, .number = 20, .keys = 1 };

  if (!chain_file_read (path, limits.bytes, &text, &len, NULL, error))
    return NULL;
  g_autoptr (ChainJson) root = chain_json_read (text, len, &limits, NULL, error);
  if (root == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  for (size_t i = 0; i < json_array_size (root); i++)
    {
      const json_t *list = json_array_get (root, i);
      GArray *rows = g_array_sized_new (FALSE, FALSE, sizeof (guint32), (guint) json_array_size (list));
      g_ptr_array_add (script, rows);
      for (size_t j = 0; j < json_array_size (list); j++)
        {
          const json_t *v = json_array_get (list, j);
          json_int_t row = json_is_integer (v) ? json_integer_value (v) : -1;
          guint32 index = (guint32) row;
          if (row < 0 || row >= (json_int_t) n_train)
            {
              g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE,
                           _ ("%s: entry %zu of batch %zu is not a training row; they are numbered 0 to %u"), path, j, i, n_train - 1);
              return NULL;
            }
          g_array_append_val (rows, index);
        }
      if (rows->len == 0)
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_EMPTY, _ ("%s: batch %zu is not a list of row numbers"), path, i);
          return NULL;
        }
    }
  if (!json_is_array (root) || script->len == 0)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_EMPTY, _ ("%s holds no batches; expected a list of lists of row numbers"), path);
      return NULL;
    }
  return g_steal_pointer (&script);
}

static void
write_log (Train *run, GString *line)
{
  g_string_append_c (line, '\n');
  if (run->log_file != NULL && fwrite (line->str, 1, line->len, run->log_file) != line->len)
    run->log_failed = TRUE;
}

static void
append_field (GString *line, const char *name, double value)
{
  char text[CHAIN_NUMBER_SIZE];
  g_string_append_printf (line, ",\"%s\":%s", name, isfinite (value) ? chain_number_write (text, value) : "null");
}

static void
on_step (guint64 step, double epoch, double loss, double lr, gpointer data)
{
  Train *run = data;

  if (run->log_file == NULL)
    return;
  g_autoptr (GString) line = g_string_sized_new (128);
  g_string_append_printf (line, "{\"step\":%" G_GUINT64_FORMAT, step);
  append_field (line, "epoch", epoch);
  append_field (line, "loss", loss);
  append_field (line, "lr", lr);
  g_string_append_c (line, '}');
  write_log (run, line);
}

static void
on_eval (guint64 step, const ChainMetrics *train, const ChainMetrics *test, gpointer data)
{
  Train *run = data;

  if (run->log_file == NULL)
    return;
  g_autoptr (GString) line = g_string_sized_new (256);
  g_string_append_printf (line, "{\"step\":%" G_GUINT64_FORMAT ",\"train\":", step);
  cli_metrics_json (line, train);
  if (cli_has_metrics (test))
    {
      g_string_append (line, ",\"test\":");
      cli_metrics_json (line, test);
    }
  g_string_append_c (line, '}');
  write_log (run, line);
}

static void
show_progress (Train *run, ChainTrainer *t, gboolean last)
{
  gint64 now = g_get_monotonic_time ();
  char epoch[CHAIN_NUMBER_SIZE], loss[CHAIN_NUMBER_SIZE], rate[CHAIN_NUMBER_SIZE];

  if (run->quiet || !isatty (STDERR_FILENO) || (!last && now - run->shown < 100000))
    return;
  run->shown = now;
  double seconds = (double) (now - run->began) * 1e-6;
  fprintf (stderr, "\r\033[K%s %" G_GUINT64_FORMAT "  %s %s  %s %s  %s %s%s", _ ("step"), chain_trainer_step (t), _ ("epoch"),
           chain_number_write_fixed (epoch, chain_trainer_epoch (t), 1), _ ("loss"), chain_number_write_digits (loss, chain_trainer_loss (t), 4),
           chain_number_write_digits (rate, (double) (chain_trainer_step (t) - run->began_step) / MAX (seconds, 1e-6), 3), _ ("steps/s"),
           last ? "\n" : "");
  fflush (stderr);
}

static gboolean
save_tensors (ChainTrainer *t, const char *path, GError **error)
{
  g_autoptr (GPtrArray) tensors = chain_trainer_save_tensors (t, FALSE);
  g_autoptr (ChainTensorFile) file = chain_tensor_file_new ();

  for (guint i = 0; i < tensors->len; i++)
    {
      const ChainNamedTensor *named = tensors->pdata[i];
      chain_tensor_file_add (file, named->name, named->tensor);
    }
  return chain_tensor_file_save (file, path, NULL, NULL, error);
}

static gboolean
save_document (ChainTrainer *t, const CliDocument *doc, const char *path, GError **error)
{
  g_autoptr (ChainDocumentFile) file = chain_document_file_new ();
  g_autoptr (GPtrArray) tensors = chain_trainer_save_tensors (t, TRUE);

  file->spec = chain_spec_ref (chain_trainer_spec (t));
  file->prep = chain_prep_ref (doc->data->prep);
  file->run_json = chain_trainer_save_run (t);
  for (guint i = 0; i < tensors->len; i++)
    {
      const ChainNamedTensor *named = tensors->pdata[i];
      chain_document_file_add (file, named->name, named->tensor);
    }
  if (doc->spec->data.source == CHAIN_SOURCE_FILE || doc->spec->data.source == CHAIN_SOURCE_EMBEDDED)
    {
      gsize bytes = (gsize) doc->table->n_rows * doc->table->columns->len * sizeof (double);
      if (bytes <= CHAIN_LIMIT_EMBED_BYTES)
        file->data = chain_table_ref (doc->table);
    }
  return chain_document_file_save (file, path, NULL, NULL, error);
}

static gboolean
save_as (ChainTrainer *t, const CliDocument *doc, const char *path, GError **error)
{
  return g_str_has_suffix (path, ".chainrule") ? save_document (t, doc, path, error) : save_tensors (t, path, error);
}

/* OUT.safetensors -> OUT-00000010.safetensors */
static char *
checkpoint_name (const char *path, guint64 step)
{
  const char *slash = strrchr (path, '/'), *dot = strrchr (slash != NULL ? slash : path, '.');
  int stem = dot != NULL ? (int) (dot - path) : (int) strlen (path);

  return g_strdup_printf ("%.*s-%08" G_GUINT64_FORMAT "%s", stem, path, step, dot != NULL ? dot : ".safetensors");
}

static gboolean
loop (Train *run, ChainTrainer *t, const CliDocument *doc, GError **error)
{
  run->began = g_get_monotonic_time ();
  run->began_step = chain_trainer_step (t);
  while (!interrupted)
    {
      guint64 before = chain_trainer_step (t);
      gboolean more = chain_trainer_iterate (t);
      if (run->log_failed)
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _ ("%s cannot be written: %s"), run->log, g_strerror (errno));
          return FALSE;
        }
      if (run->save_every > 0 && chain_trainer_step (t) != before && chain_trainer_step (t) % (guint64) run->save_every == 0)
        {
          g_autofree char *name = checkpoint_name (run->save, chain_trainer_step (t));
          if (!save_as (t, doc, name, error))
            return FALSE;
        }
      if (!more)
        break;
      show_progress (run, t, FALSE);
    }
  show_progress (run, t, TRUE);
  return TRUE;
}

/* A pair of networks that judge each other has a loss and nothing else to be measured by. */
static void
print_metrics (const char *title, const ChainMetrics *m)
{
  const struct { const char *name; double value; gboolean percent; } figures[] =
    { { _ ("accuracy"), 100 * m->accuracy, TRUE }, { "R²", m->r2, FALSE }, { "MAE", m->mae, FALSE }, { "RMSE", m->rmse, FALSE } };
  char text[CHAIN_NUMBER_SIZE];

  if (!cli_has_metrics (m))
    return;
  printf ("%s  %s %s", title, _ ("loss"), chain_number_write_digits (text, m->loss, 4));
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    if (!isnan (figures[i].value))
      printf (figures[i].percent ? "  %s %s %%" : "  %s %s", figures[i].name,
              figures[i].percent ? chain_number_write_fixed (text, figures[i].value, 1) : chain_number_write_digits (text, figures[i].value, 4));
  putchar ('\n');
}

static gboolean
finish (Train *run, ChainTrainer *t, const CliDocument *doc, GError **error)
{
  ChainMetrics train, test;

  if (run->save != NULL && !save_as (t, doc, run->save, error))
    return FALSE;
  if (chain_trainer_state (t) == CHAIN_RUN_DIVERGED || chain_trainer_state (t) == CHAIN_RUN_FAILED)
    {
      const char *remedy = chain_trainer_remedy (t);
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_DIVERGED, "%s%s%s", chain_trainer_message (t), remedy != NULL ? ". " : "",
                   remedy != NULL ? remedy : "");
      return FALSE;
    }
  if (run->quiet)
    return TRUE;
  if (!chain_trainer_evaluate (t, &train, &test, error))
    return FALSE;
  printf ("%s %" G_GUINT64_FORMAT "\n", _ ("steps"), chain_trainer_step (t));
  print_metrics (_ ("train"), &train);
  print_metrics (_ ("test "), &test);
  return TRUE;
}

static gboolean
prepare (Train *run, ChainTrainer *t, const CliDocument *doc, GError **error)
{
  if (run->batches != NULL)
    {
      GPtrArray *script = read_batches (run->batches, doc->data->n_train, error);
      if (script == NULL || !chain_trainer_set_script (t, script, error))
        return FALSE;
    }
  if (run->threads > 0)
    chain_trainer_set_threads (t, (int) run->threads);
  if (run->log != NULL)
    {
      run->log_file = fopen (run->log, "we");
      if (run->log_file == NULL)
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _ ("%s cannot be written: %s"), run->log, g_strerror (errno));
          return FALSE;
        }
    }
  chain_trainer_set_log (t, on_step, on_eval, run);
  return TRUE;
}

static int
train (Train *run, const char *path)
{
  CliDocument doc;
  GError *error = NULL;
  ChainTrainer *t = NULL;
  gboolean good;

  /* a script of batches is a run of that many steps */
  if (run->batches != NULL && run->over.epochs == NULL && run->over.steps == NULL)
    run->over.steps = g_strdup ("0");
  good = cli_load (path, &run->over, &doc, &error);
  if (good)
    {
      for (guint i = 0; !run->quiet && i < doc.data->warnings->len; i++)
        {
          g_autofree char *safe = chain_text_escape (doc.data->warnings->pdata[i], -1);
          fprintf (stderr, "chainrule-cli: %s: %s\n", _ ("warning"), safe);
        }
      t = cli_trainer (&doc, run->weights, TRUE, &error);
      good = t != NULL && prepare (run, t, &doc, &error);
    }
  if (good)
    {
      struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = (int) SA_RESETHAND };
      sigaction (SIGINT, &action, NULL);
      good = loop (run, t, &doc, &error) && finish (run, t, &doc, &error);
    }
  if (run->log_file != NULL && fclose (run->log_file) != 0 && good)
    {
      g_set_error (&error, CHAIN_ERROR, CHAIN_ERROR_IO, _ ("%s cannot be written: %s"), run->log, g_strerror (errno));
      good = FALSE;
    }
  g_clear_pointer (&t, chain_trainer_free);
  cli_clear (&doc);
  return good ? CHAIN_EXIT_OK : cli_bad (error);
}

static void
train_clear (Train *run)
{
  g_strfreev (run->over.set);
  g_strfreev (run->over.target);
  char *texts[] = { run->over.data, run->over.split, run->over.precision, run->over.seed, run->over.order, run->over.epochs, run->over.steps,
                    run->batches, run->weights, run->save, run->log, run->save_every_text, run->threads_text };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
}

int
verb_train (int argc, char **argv)
{
  Train run = { 0 };
  const GOptionEntry entries[] = {
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &run.over.data, N_ ("Data file (CSV or IDX) instead of the spec's"), "FILE" },
    CLI_OVERRIDE_ENTRIES (run.over),
    { "epochs", 0, 0, G_OPTION_ARG_STRING, &run.over.epochs, N_ ("Stop after so many epochs"), "N" },
    { "steps", 0, 0, G_OPTION_ARG_STRING, &run.over.steps, N_ ("Stop after so many steps (counted from the start of the run)"), "N" },
    { "order", 0, 0, G_OPTION_ARG_STRING, &run.over.order, N_ ("How rows are drawn"), "shuffle|sequential|replacement|balanced|undersample" },
    { "batches", 0, 0, G_OPTION_ARG_FILENAME, &run.batches, N_ ("JSON lists of row indices, one list a step"), "FILE" },
    { "weights", 0, 0, G_OPTION_ARG_FILENAME, &run.weights, N_ ("Start from these weights"), "IN" },
    { "save", 0, 0, G_OPTION_ARG_FILENAME, &run.save, N_ ("Save at the end: .safetensors (weights) or .chainrule (everything)"), "OUT" },
    { "save-every", 0, 0, G_OPTION_ARG_STRING, &run.save_every_text, N_ ("Also save every N steps, as OUT-00000010.safetensors"), "N" },
    { "log", 0, 0, G_OPTION_ARG_FILENAME, &run.log, N_ ("One JSON object a step and an evaluation"), "OUT.jsonl" },
    { "threads", 0, 0, G_OPTION_ARG_STRING, &run.threads_text, N_ ("Threads; the result does not depend on them"), "N" },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &run.quiet, N_ ("Print nothing but errors"), NULL },
    { 0 }
  };
  g_auto (GStrv) rest = NULL;
  int status = CHAIN_EXIT_USAGE;

  if (cli_parse ("train", entries, argc, argv, 1, 1, &rest, &status))
    {
      status = CHAIN_EXIT_USAGE;
      if (run.over.epochs != NULL && run.over.steps != NULL)
        cli_usage ("train", _ ("Give --epochs or --steps, not both"));
      else if (run.save_every_text != NULL && run.save == NULL)
        cli_usage ("train", _ ("--save-every needs --save for the names of its files"));
      else if ((run.save_every_text == NULL || cli_int ("train", "save-every", run.save_every_text, 1, G_MAXINT32, &run.save_every))
               && (run.threads_text == NULL || cli_int ("train", "threads", run.threads_text, 1, 256, &run.threads)))
        status = train (&run, rest[0]);
    }
  train_clear (&run);
  return status;
}
