/* SPDX-License-Identifier: Apache-2.0 */
/* check: every gradient of the network against f64 central differences, and the plan's values against the naive reference. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

#include "app/cli/cli.h"
#include "app/train/gradient-check.h"
#include "engine/base/number.h"

static void
print_line (const ChainCheckLine *l)
{
  const ChainCheckRow *row = &l->row;
  char error[CHAIN_NUMBER_SIZE], adjoint[CHAIN_NUMBER_SIZE], difference[CHAIN_NUMBER_SIZE];

  printf ("%-4s %-24s %6u %s  %s %s  (%s[%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "]: %s %s, %s %s)", row->error <= 1 ? "ok" : "BAD", l->tensor,
          row->n_checked, _ ("entries"), _ ("worst error / bar"), chain_number_write_digits (error, row->error, 3), l->tensor, row->row, row->col,
          _ ("adjoint"), chain_number_write_digits (adjoint, row->adjoint, 9), _ ("difference"),
          chain_number_write_digits (difference, row->difference, 9));
  if (row->n_kinks > 0)
    printf ("  %u %s", row->n_kinks, _ ("at a kink"));
  putchar ('\n');
}

static gboolean
check (ChainTrainer *t, guint max_entries, gboolean *passed, GError **error)
{
  g_autoptr (ChainGradientCheck) c = chain_gradient_check_run (t, max_entries, NULL, error);
  char text[CHAIN_NUMBER_SIZE];

  if (c == NULL)
    return FALSE;
  for (guint i = 0; i < c->notes->len; i++)
    puts (c->notes->pdata[i]);
  for (guint i = 0; i < c->lines->len; i++)
    print_line (c->lines->pdata[i]);
  printf ("%s %s\n", _ ("values against the reference, worst relative difference"), chain_number_write_digits (text, c->reference, 3));
  *passed = c->passed;
  printf ("%s %s: %s\n", _ ("worst gradient error / bar"), chain_number_write_digits (text, c->worst, 3), c->passed ? _ ("passed") : _ ("FAILED"));
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
             && check (t, (guint) max_entries, &passed, &error);
      g_clear_pointer (&t, chain_trainer_free);
      cli_clear (&doc);
      status = !good ? cli_bad (error) : passed ? CHAIN_EXIT_OK : CHAIN_EXIT_BAD_INPUT;
    }
  g_free (weights), g_free (max_text), g_free (over.split), g_free (over.precision), g_free (over.seed);
  g_strfreev (over.set);
  g_strfreev (over.target);
  return status;
}
