/* SPDX-License-Identifier: Apache-2.0 */
/* check: every gradient of the network against f64 central differences, and the plan's values against the naive reference. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

#include "app/cli/cli.h"
#include "engine/base/number.h"
#include "engine/run/check.h"

/* Rows that the check runs on: enough to reach every class and branch, few enough to take a moment. */
enum { CHECK_ROWS = 24 };

static void
print_row (const ChainTensorInfo *p, const ChainCheckRow *row)
{
  char error[CHAIN_NUMBER_SIZE], adjoint[CHAIN_NUMBER_SIZE], difference[CHAIN_NUMBER_SIZE];

  printf ("%-4s %-24s %6u %s  %s %s  (%s[%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "]: %s %s, %s %s)", row->error <= 1 ? "ok" : "BAD", p->name,
          row->n_checked, _ ("entries"), _ ("worst error / bar"), chain_number_write_digits (error, row->error, 3), p->name, row->row, row->col,
          _ ("adjoint"), chain_number_write_digits (adjoint, row->adjoint, 9), _ ("difference"),
          chain_number_write_digits (difference, row->difference, 9));
  if (row->n_kinks > 0)
    printf ("  %u %s", row->n_kinks, _ ("at a kink"));
  putchar ('\n');
}

/* TRUE if every error is within the bar; *error for what could not be run at all. */
static gboolean
check (const CliDocument *doc, ChainTrainer *t, guint max_entries, gboolean *passed, GError **error)
{
  const ChainModel *m = chain_trainer_model (t);
  ChainExec *x = chain_trainer_exec (t);
  guint n = m->params->len, b = MIN (doc->data->n_train, (guint) CHECK_ROWS);
  g_autofree ChainId *wrt = g_new (ChainId, n), *grads = g_new (ChainId, n);
  g_autofree ChainCheckRow *rows = g_new0 (ChainCheckRow, n);
  g_autoptr (GError) failed = NULL;
  double worst = 0, reference;
  ChainId at = CHAIN_NONE;
  char text[CHAIN_NUMBER_SIZE];

  for (guint i = 0; i < n; i++)
    {
      const ChainTensorInfo *p = &g_array_index (m->params, ChainTensorInfo, i);
      wrt[i] = p->leaf;
      grads[i] = p->grad;
    }
  if (!chain_exec_write (x, m->x, b, doc->data->x, (gsize) b * doc->data->d, error)
      || !chain_exec_write (x, m->t, b, doc->data->t, (gsize) b * doc->data->k, error))
    return FALSE;
  *passed = chain_check_gradient (x, b, m->loss_train, wrt, grads, n, max_entries, rows, &failed);
  if (failed != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failed));
      return FALSE;
    }
  for (guint i = 0; i < n; i++)
    {
      print_row (&g_array_index (m->params, ChainTensorInfo, i), &rows[i]);
      worst = MAX (worst, rows[i].error);
    }
  reference = chain_check_reference (x, b, m->loss_train, &at, &failed);
  if (failed != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failed));
      return FALSE;
    }
  printf ("%s %s\n", _ ("values against the reference, worst relative difference"), chain_number_write_digits (text, reference, 3));
  *passed = *passed && reference <= 1e-9;
  printf ("%s %s: %s\n", _ ("worst gradient error / bar"), chain_number_write_digits (text, worst, 3), *passed ? _ ("passed") : _ ("FAILED"));
  return TRUE;
}

int
verb_check (int argc, char **argv)
{
  CliOverrides over = { 0 };
  char *weights = NULL, *max_text = NULL;
  gint64 max_entries = 0;
  const GOptionEntry entries[] = {
    { "weights", 0, 0, G_OPTION_ARG_FILENAME, &weights, N_ ("Check at these weights instead of fresh ones"), "W" },
    { "max-entries", 0, 0, G_OPTION_ARG_STRING, &max_text, N_ ("At most so many entries of each parameter (default: all)"), "N" },
    CLI_OVERRIDE_ENTRIES (over),
    { 0 }
  };
  g_auto (GStrv) rest = NULL;
  int status;

  if (cli_parse ("check", entries, argc, argv, 1, 1, &rest, &status)
      && (status = CHAIN_EXIT_USAGE, max_text == NULL || cli_int ("check", "max-entries", max_text, 1, G_MAXUINT32, &max_entries)))
    {
      CliDocument doc;
      GError *error = NULL;
      ChainTrainer *t = NULL;
      gboolean passed = FALSE, good;

      g_free (over.precision);
      over.precision = g_strdup ("f64");
      good = cli_load (rest[0], &over, &doc, &error) && (t = cli_trainer (&doc, weights, FALSE, &error)) != NULL
             && check (&doc, t, (guint) max_entries, &passed, &error);
      g_clear_pointer (&t, chain_trainer_free);
      cli_clear (&doc);
      status = !good ? cli_bad (error) : passed ? CHAIN_EXIT_OK : CHAIN_EXIT_BAD_INPUT;
    }
  g_free (weights), g_free (max_text), g_free (over.split), g_free (over.precision), g_free (over.seed);
  g_strfreev (over.set);
  g_strfreev (over.target);
  return status;
}
