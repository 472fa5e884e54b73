/* SPDX-License-Identifier: Apache-2.0 */
/* eval and predict: what a trained network says about data. Both go through the document's fitted preprocessing, and errors and outputs are in
 * the data's own units. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/io/csv.h"
#include "app/io/data-load.h"
#include "engine/base/number.h"

/* The block of rows of --data, prepared as the training rows were. */
static ChainDataset *
load_block (const CliDocument *doc, const char *path, gboolean need_targets, GError **error)
{
  g_autoptr (ChainTable) table = chain_data_load_file (path, &doc->spec->data, error);
  ChainDataset *block = table != NULL ? chain_dataset_apply (doc->data->prep, table, need_targets, error) : NULL;

  if (block == NULL)
    g_prefix_error (error, "%s: ", path);
  return block;
}

static void
print_human (const char *title, const ChainMetrics *m)
{
  g_autoptr (GString) text = g_string_new (NULL);

  cli_metrics_json (text, m);
  g_strdelimit (text->str, "{}\"", ' ');
  printf ("%s %s\n", title, text->str);
}

static gboolean
figures (GString *line, ChainTrainer *t, const ChainDataset *d, guint first, guint last, GError **error)
{
  return cli_figures_json (line, chain_trainer_model (t), chain_trainer_exec (t), d, first, last, error);
}

static int
eval (const char *path, const CliOverrides *over, const char *weights, const char *data, gboolean json)
{
  CliDocument doc;
  GError *error = NULL;
  ChainTrainer *t = NULL;
  ChainMetrics train, test, block;
  g_autoptr (ChainDataset) rows = NULL;
  g_autoptr (GString) line = g_string_new (NULL);
  gboolean good = cli_load (path, over, &doc, &error) && (t = cli_trainer (&doc, weights, FALSE, &error)) != NULL;

  if (good && data == NULL)
    {
      good = chain_trainer_evaluate (t, &train, &test, &error);
      if (good)
        {
          g_string_append (line, "{\"train\":");
          cli_metrics_json (line, &train);
          good = figures (line, t, doc.data, 0, doc.data->n_train, &error);
          if (good && cli_has_metrics (&test))
            {
              g_string_append (line, ",\"test\":");
              cli_metrics_json (line, &test);
              good = figures (line, t, doc.data, doc.data->n_train, doc.data->n, &error);
            }
        }
    }
  else if (good)
    {
      ChainEvalPrograms programs = chain_eval_programs (chain_trainer_model (t), chain_trainer_exec (t));
      rows = load_block (&doc, data, TRUE, &error);
      good = rows != NULL && chain_evaluate (chain_trainer_model (t), chain_trainer_exec (t), &programs, rows, 0, rows->n, &block, &error);
      if (good)
        {
          g_string_append (line, "{\"data\":");
          cli_metrics_json (line, &block);
          good = figures (line, t, rows, 0, rows->n, &error);
        }
    }
  if (good && json)
    printf ("%s}\n", line->str);
  else if (good && data != NULL)
    print_human (_ ("data "), &block);
  else if (good)
    {
      print_human (_ ("train"), &train);
      if (cli_has_metrics (&test))
        print_human (_ ("test "), &test);
    }
  g_clear_pointer (&t, chain_trainer_free);
  cli_clear (&doc);
  return good ? CHAIN_EXIT_OK : cli_bad (error);
}

int
verb_eval (int argc, char **argv)
{
  CliOverrides over = { 0 };
  char *weights = NULL, *data = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "weights", 0, 0, G_OPTION_ARG_FILENAME, &weights, N_ ("Weights (.safetensors or .chainrule); a .chainrule SPEC has its own"), "W" },
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &data, N_ ("Evaluate all rows of this file instead"), "FILE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("One line of JSON"), NULL },
    CLI_OVERRIDE_ENTRIES (over),
    { 0 }
  };
  g_auto (GStrv) rest = NULL;
  int status;

  if (cli_parse ("eval", entries, argc, argv, 1, 1, &rest, &status))
    {
      if (weights == NULL && !g_str_has_suffix (rest[0], ".chainrule"))
        status = cli_usage ("eval", _ ("A plain spec has no weights; give --weights"));
      else
        status = eval (rest[0], &over, weights, data, json);
    }
  g_free (weights);
  g_free (data);
  g_strfreev (over.set);
  g_strfreev (over.target);
  g_free (over.split), g_free (over.precision), g_free (over.seed);
  return status;
}

static void
append_header (GString *csv, const ChainPrep *prep, guint width)
{
  if (!prep->classify)
    {
      for (guint j = 0; j < width; j++)
        {
          const ChainPrepColumn *c = j < prep->targets->len ? prep->targets->pdata[j] : NULL;
          g_autofree char *name = c != NULL ? g_strdup (c->column) : g_strdup_printf ("y%u", j + 1);
          g_string_append (csv, j > 0 ? "," : "");
          chain_csv_append (csv, name, TRUE);
        }
      g_string_append (csv, "\r\n");
      return;
    }
  const ChainPrepColumn *target = prep->targets->pdata[0];
  for (guint j = 0; j < width; j++)
    {
      const char *label = width == 1 ? target->labels->pdata[prep->n_classes > 1 ? 1 : 0]
                                     : j < target->labels->len ? target->labels->pdata[j] : "";
      g_autofree char *name = g_strdup_printf ("p(%s)", label);
      chain_csv_append (csv, name, TRUE);
      g_string_append_c (csv, ',');
    }
  chain_csv_append (csv, target->column, TRUE);
  g_string_append (csv, "\r\n");
}

static void
append_row (GString *csv, const ChainPrep *prep, const double *y, guint width)
{
  char text[CHAIN_NUMBER_SIZE];

  for (guint j = 0; j < width; j++)
    {
      const ChainPrepColumn *c = !prep->classify && j < prep->targets->len ? prep->targets->pdata[j] : NULL;
      g_string_append (csv, j > 0 ? "," : "");
      g_string_append (csv, chain_number_write (text, c != NULL ? y[j] * c->scale + c->shift : y[j]));
    }
  if (prep->classify)
    {
      const ChainPrepColumn *target = prep->targets->pdata[0];
      guint k = chain_predicted_class (y, width);
      g_string_append_c (csv, ',');
      chain_csv_append (csv, k < target->labels->len ? target->labels->pdata[k] : "", TRUE);
    }
  g_string_append (csv, "\r\n");
}

static int
predict (const char *path, const CliOverrides *over, const char *weights, const char *data, const char *out)
{
  CliDocument doc;
  GError *error = NULL;
  ChainTrainer *t = NULL;
  g_autoptr (ChainDataset) block = NULL;
  g_autoptr (GString) csv = g_string_new (NULL);
  gboolean good = cli_load (path, over, &doc, &error) && (t = cli_trainer (&doc, weights, FALSE, &error)) != NULL;

  if (good && data != NULL)
    good = (block = load_block (&doc, data, FALSE, &error)) != NULL;
  else if (good)
    block = chain_dataset_ref (doc.data);
  if (good)
    {
      const ChainModel *m = chain_trainer_model (t);
      ChainEvalPrograms programs = chain_eval_programs (m, chain_trainer_exec (t));
      guint width = (guint) chain_graph_node (m->graph, m->output_eval)->shape.cols;
      g_autofree double *y = g_try_new (double, (gsize) block->n * width);
      good = y != NULL && chain_predict (m, chain_trainer_exec (t), &programs, block->x, block->n, TRUE, y, &error);
      if (good)
        append_header (csv, block->prep, width);
      for (guint i = 0; good && i < block->n; i++)
        append_row (csv, block->prep, y + (gsize) i * width, width);
    }
  if (good && out != NULL)
    good = chain_file_replace (out, csv->str, csv->len, NULL, NULL, &error);
  else if (good)
    fwrite (csv->str, 1, csv->len, stdout);
  g_clear_pointer (&t, chain_trainer_free);
  cli_clear (&doc);
  return good ? CHAIN_EXIT_OK : cli_bad (error);
}

int
verb_predict (int argc, char **argv)
{
  CliOverrides over = { 0 };
  char *weights = NULL, *data = NULL, *out = NULL;
  const GOptionEntry entries[] = {
    { "weights", 0, 0, G_OPTION_ARG_FILENAME, &weights, N_ ("Weights (.safetensors or .chainrule); a .chainrule SPEC has its own"), "W" },
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &data, N_ ("Rows to predict; default: the document's own data"), "FILE" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &out, N_ ("File instead of standard output"), "FILE" },
    CLI_OVERRIDE_ENTRIES (over),
    { 0 }
  };
  g_auto (GStrv) rest = NULL;
  int status;

  if (cli_parse ("predict", entries, argc, argv, 1, 1, &rest, &status))
    {
      if (weights == NULL && !g_str_has_suffix (rest[0], ".chainrule"))
        status = cli_usage ("predict", _ ("A plain spec has no weights; give --weights"));
      else
        status = predict (rest[0], &over, weights, data, out);
    }
  g_free (weights);
  g_free (data);
  g_free (out);
  g_strfreev (over.set);
  g_strfreev (over.target);
  g_free (over.split), g_free (over.precision), g_free (over.seed);
  return status;
}
