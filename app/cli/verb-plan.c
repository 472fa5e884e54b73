/* SPDX-License-Identifier: Apache-2.0 */
/* plan: what one training step is made of. The items in the order in which they run, where each value lives, and with --program the tile
 * programs that the compiler makes of the element-wise ones: the place to look when a step is slower than it should be. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/cli/cli.h"

gboolean
cli_print_plan (ChainTrainer *t, guint batch, gboolean program, GError **error)
{
  const ChainModel *m = chain_trainer_model (t);
  ChainExec *x = chain_trainer_exec (t);
  const ChainId outputs[] = { m->loss_train, m->grad_sq };
  ChainProgram p = chain_exec_program (x, outputs, G_N_ELEMENTS (outputs), (const ChainState *) (gconstpointer) m->states->data,
                                       m->states->len, CHAIN_PLAN_COMMIT);
  const ChainPlan *plan = chain_exec_plan (x, p, batch, error);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (plan == NULL)
    return FALSE;
  text = program ? chain_plan_dump (m->graph, plan) : chain_plan_dump_items (m->graph, plan);
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    cli_print (lines[i]);
  return TRUE;
}

int
verb_plan (int argc, char **argv)
{
  CliOverrides over = { 0 };
  CliDocument doc = { 0 };
  g_autofree char *batch_text = NULL;
  g_auto (GStrv) rest = NULL;
  gboolean program = FALSE, good;
  GError *error = NULL;
  gint64 batch = 0;
  ChainTrainer *t;
  int status;
  const GOptionEntry entries[] = {
    { "program", 0, 0, G_OPTION_ARG_NONE, &program, N_ ("Print the tile programs too, one micro-operation a line"), NULL },
    { "batch", 0, 0, G_OPTION_ARG_STRING, &batch_text, N_ ("Rows of a batch (default: the document's)"), "N" },
    CLI_OVERRIDE_ENTRIES (over),
    { 0 }
  };

  if (!cli_parse ("plan", entries, argc, argv, 1, 1, &rest, &status))
    goto out;
  status = CHAIN_EXIT_USAGE;
  if (batch_text != NULL && !cli_int ("plan", "batch", batch_text, 1, G_MAXINT32, &batch))
    goto out;
  t = cli_load (rest[0], &over, &doc, &error) ? cli_trainer (&doc, NULL, FALSE, &error) : NULL;
  if (t != NULL && batch == 0)
    batch = doc.spec->batch_size == 0 ? doc.data->n_train : MIN (doc.spec->batch_size, doc.data->n_train);
  good = t != NULL && cli_print_plan (t, (guint) batch, program, &error);
  g_clear_pointer (&t, chain_trainer_free);
  cli_clear (&doc);
  status = good ? CHAIN_EXIT_OK : cli_bad (error);

out:
  g_strfreev (over.set);
  g_strfreev (over.target);
  g_free (over.split), g_free (over.precision), g_free (over.seed);
  return status;
}
