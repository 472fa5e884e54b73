/* SPDX-License-Identifier: Apache-2.0 */
/* From the words of a command line to a trainer: options, the document, its overrides, its data, its weights. */
#include "config.h"

#include "app/cli/cli.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/io/data-load.h"
#include "engine/base/number.h"

gboolean
cli_parse (const char *verb, const GOptionEntry *entries, int argc, char **argv, guint min, guint max, char ***rest, int *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GString) description = g_string_new (_ ("Examples:"));
  const ChainVerb *row = NULL;
  gboolean help = FALSE;
  const GOptionEntry help_entry[] = { { "help", 'h', 0, G_OPTION_ARG_NONE, &help, N_ ("Show this help"), NULL }, { 0 } };

  for (guint i = 0; i < chain_n_verbs; i++)
    if (strcmp (chain_verbs[i].name, verb) == 0)
      row = &chain_verbs[i];
  g_assert (row != NULL);

  context = g_option_context_new (row->arguments);
  g_option_context_set_summary (context, _ (row->summary));
  g_option_context_set_help_enabled (context, FALSE);
  g_auto (GStrv) lines = g_strsplit (row->examples, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (description, "\n  %s", lines[i]);
  g_option_context_set_description (context, description->str);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, help_entry, GETTEXT_PACKAGE);

  g_autofree char *prgname = g_strdup_printf ("chainrule-cli %s", verb);
  g_set_prgname (prgname);
  *rest = NULL;
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      *status = cli_usage (verb, "%s", error->message);
      return FALSE;
    }
  if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);
      fputs (text, stdout);
      *status = CHAIN_EXIT_OK;
      return FALSE;
    }
  if (argc > 1 && strcmp (argv[1], "--") == 0)
    argc--, argv++;
  if ((guint) argc - 1 < min || (guint) argc - 1 > max)
    {
      *status = cli_usage (verb, (guint) argc - 1 < min ? _ ("An argument is missing; expected: %s") : _ ("Too many arguments; expected: %s"),
                           row->arguments);
      return FALSE;
    }
  *rest = g_strdupv (argv + 1);
  return TRUE;
}

gboolean
cli_number (const char *verb, const char *option, const char *text, double min, double max, double *value)
{
  if (chain_number_parse (text, -1, value) && *value >= min && *value <= max)
    return TRUE;
  char low[CHAIN_NUMBER_SIZE], high[CHAIN_NUMBER_SIZE];
  cli_usage (verb, _ ("--%s takes a number from %s to %s with a decimal point, not “%s”"), option, chain_number_write (low, min),
             chain_number_write (high, max), text);
  return FALSE;
}

gboolean
cli_int (const char *verb, const char *option, const char *text, gint64 min, gint64 max, gint64 *value)
{
  if (chain_number_parse_int (text, -1, min, max, value))
    return TRUE;
  cli_usage (verb, _ ("--%s takes a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ", not “%s”"), option, min, max, text);
  return FALSE;
}

void
cli_print (const char *text)
{
  g_autofree char *safe = chain_text_escape (text, -1);
  puts (safe);
}

static gboolean
apply_overrides (ChainSpec *spec, const CliOverrides *o, GError **error)
{
  const struct { const char *path, *value; } simple[] = {
    { "training.precision", o->precision }, { "training.seed", o->seed }, { "batch.order", o->order },
    { "training.epochs", o->epochs },       { "training.steps", o->steps },
  };

  if (o->data != NULL)
    {
      spec->data.source = CHAIN_SOURCE_FILE;
      chain_choice_clear (&spec->data.choice);
      chain_set_str (&spec->data.path, o->data);
      chain_set_str (&spec->data.sha256, NULL);
      chain_set_str (&spec->data.labels_path, NULL);
      chain_set_str (&spec->data.format, NULL);
    }
  if (o->target != NULL)
    {
      g_ptr_array_set_size (spec->data.targets, 0);
      for (guint i = 0; o->target[i] != NULL; i++)
        g_ptr_array_add (spec->data.targets, g_strdup (o->target[i]));
    }
  if (o->split != NULL && !chain_spec_set_path (spec, "data.test", strcmp (o->split, "none") == 0 ? "0" : o->split, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (simple); i++)
    if (simple[i].value != NULL && !chain_spec_set_path (spec, simple[i].path, simple[i].value, error))
      return FALSE;
  if (o->epochs != NULL && o->steps == NULL)
    spec->stop.steps = 0;
  if (o->steps != NULL && o->epochs == NULL)
    spec->stop.epochs = 0;
  for (guint i = 0; o->set != NULL && o->set[i] != NULL; i++)
    {
      const char *equals = strchr (o->set[i], '=');
      if (equals == NULL)
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _ ("--set %s has no “=”; write PATH=VALUE"), o->set[i]);
          return FALSE;
        }
      g_autofree char *path = g_strndup (o->set[i], (gsize) (equals - o->set[i]));
      if (!chain_spec_set_path (spec, path, equals + 1, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
cli_load (const char *path, const CliOverrides *o, CliDocument *doc, GError **error)
{
  g_autoptr (GError) local = NULL;
  ChainSpec *spec;
  ChainPrep *fitted;

  memset (doc, 0, sizeof *doc);
  doc->file = chain_document_file_load (path, NULL, error);
  if (doc->file == NULL)
    return FALSE;
  if (doc->file->spec == NULL)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _ ("%s holds weights only; give a .json spec or a .chainrule document"), path);
      return FALSE;
    }
  spec = chain_spec_copy (doc->file->spec);
  if (o != NULL && !apply_overrides (spec, o, error))
    {
      chain_spec_unref (spec);
      return FALSE;
    }
  doc->spec = chain_spec_seal (spec);
  doc->base_dir = o != NULL && o->data != NULL ? NULL : g_path_get_dirname (path);
  if (doc->file->data != NULL && (o == NULL || o->data == NULL))
    doc->table = chain_table_ref (doc->file->data);
  else
    doc->table = chain_data_load (&doc->spec->data, doc->base_dir, NULL, &local);
  if (doc->table == NULL)
    {
      if (doc->base_dir != NULL && doc->spec->data.source == CHAIN_SOURCE_FILE)
        g_set_error (error, local->domain, local->code, _ ("%s (--data FILE)"), local->message);
      else
        g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  fitted = o != NULL && (o->data != NULL || o->target != NULL || o->split != NULL) ? NULL : doc->file->prep;
  doc->data = chain_dataset_new (doc->spec, doc->table, fitted, error);
  return doc->data != NULL;
}

void
cli_clear (CliDocument *doc)
{
  g_clear_pointer (&doc->data, chain_dataset_unref);
  g_clear_pointer (&doc->table, chain_table_unref);
  g_clear_pointer (&doc->spec, chain_spec_unref);
  g_clear_pointer (&doc->file, chain_document_file_free);
  g_clear_pointer (&doc->base_dir, g_free);
}

ChainTrainer *
cli_trainer (const CliDocument *doc, const char *weights, gboolean resume, GError **error)
{
  g_autoptr (ChainDocumentFile) file = NULL;
  ChainTrainer *t = chain_trainer_new (doc->spec, doc->data, error);
  gboolean good = TRUE;

  if (t == NULL)
    return NULL;
  if (weights != NULL)
    {
      file = chain_document_file_load (weights, NULL, error);
      good = file != NULL && chain_trainer_load_tensors (t, file->tensors, FALSE, NULL, error);
      if (!good)
        g_prefix_error (error, "%s: ", weights);
    }
  else if (doc->file->tensors->len > 0)
    {
      good = chain_trainer_load_tensors (t, doc->file->tensors, resume, NULL, error)
             && (!resume || doc->file->run_json == NULL || chain_trainer_load_run (t, doc->file->run_json, error));
    }
  if (!good)
    g_clear_pointer (&t, chain_trainer_free);
  return t;
}

static void
append_figure (GString *to, const char *name, double value)
{
  char text[CHAIN_NUMBER_SIZE];
  g_string_append_printf (to, "\"%s\":%s", name, isfinite (value) ? chain_number_write (text, value) : "null");
}

void
cli_metrics_json (GString *to, const ChainMetrics *m)
{
  g_string_append_c (to, '{');
  append_figure (to, "loss", m->loss);
  if (m->classify)
    {
      g_string_append_c (to, ',');
      append_figure (to, "accuracy", m->accuracy);
    }
  else
    {
      const double value[] = { m->r2, m->mae, m->rmse };
      const char *name[] = { "r2", "mae", "rmse" };
      for (guint i = 0; i < 3; i++)
        {
          g_string_append_c (to, ',');
          append_figure (to, name[i], value[i]);
        }
    }
  g_string_append_c (to, '}');
}

gboolean
cli_has_metrics (const ChainMetrics *m)
{
  return !isnan (m->loss);
}
