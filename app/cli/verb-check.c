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

static gboolean
trains (const ChainLossTerm *t, const char *layer)
{
  for (guint i = 0; i < t->trains->len; i++)
    if (g_str_equal (t->trains->pdata[i], layer))
      return TRUE;
  return t->trains->len == 0;
}

/* Layers whose gradient is a stand-in: there a check has to fail, and says why (SPEC 9.9). */
static void
warn_of_stand_ins (const ChainSpec *spec)
{
  for (guint i = 0; i < spec->layers->len; i++)
    {
      const ChainLayer *l = spec->layers->pdata[i];
      const ChainActivationRow *row = l->activation.id != NULL ? chain_activation_row (l->activation.id) : NULL;

      if (row != NULL && row->straight_through && g_strcmp0 (l->activation.variant, "none") != 0)
        {
          printf (_ ("layer “%s”: the gradient of “%s” is straight-through, not the true derivative (which is 0), so differences do not agree"),
                  l->id, row->info.id);
          putchar ('\n');
        }
    }
}

/* What the model's objective trains: tensors, leaves, gradients. The loss may depend on others, which are another objective's. */
static guint
gather (const ChainModel *m, const ChainTensorInfo **tensors, ChainId *wrt, ChainId *grads)
{
  guint n = 0;

  for (guint i = 0; i < m->params->len; i++)
    {
      const ChainTensorInfo *p = &g_array_index (m->params, ChainTensorInfo, i);

      if (!trains (m->spec->losses->pdata[0], p->layer) && p->grad == CHAIN_NONE)
        continue;
      tensors[n] = p;
      wrt[n] = p->leaf;
      grads[n++] = p->grad;
    }
  return n;
}

/* TRUE if every error is within the bar; *error for what could not be run at all. */
static gboolean
check_model (const CliDocument *doc, const ChainModel *m, ChainExec *x, guint max_entries, gboolean *passed, GError **error)
{
  guint n, b = MIN (doc->data->n_train, (guint) CHECK_ROWS);
  g_autofree ChainId *wrt = g_new (ChainId, m->params->len), *grads = g_new (ChainId, m->params->len);
  g_autofree ChainCheckRow *rows = g_new0 (ChainCheckRow, m->params->len);
  g_autofree const ChainTensorInfo **tensors = g_new (const ChainTensorInfo *, m->params->len);
  g_autoptr (GError) failed = NULL;
  double worst = 0, reference;
  ChainId at = CHAIN_NONE;
  char text[CHAIN_NUMBER_SIZE];

  n = gather (m, tensors, wrt, grads);
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
      print_row (tensors[i], &rows[i]);
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

static gboolean
same_objective (const ChainLossTerm *a, const ChainLossTerm *b)
{
  if (a->trains->len != b->trains->len)
    return FALSE;
  for (guint i = 0; i < a->trains->len; i++)
    if (!g_str_equal (a->trains->pdata[i], b->trains->pdata[i]))
      return FALSE;
  return TRUE;
}

/* A model of the terms that are one objective with term k: objectives are trained in turn, so each is checked by itself. */
static gboolean
check_objective (const CliDocument *doc, ChainTrainer *t, guint k, guint max_entries, gboolean *passed, GError **error)
{
  const ChainModel *all = chain_trainer_model (t);
  ChainSpec *spec = chain_spec_copy (all->spec);
  ChainModel *m;
  ChainExec *x = NULL;
  gboolean good;

  for (guint i = all->spec->losses->len; i-- > 0;)
    if (!same_objective (all->spec->losses->pdata[i], all->spec->losses->pdata[k]))
      g_ptr_array_remove_index (spec->losses, i);
  chain_spec_seal (spec);
  m = chain_model_new (spec, doc->data->prep, error);
  good = m != NULL && (x = chain_exec_new (m->graph, CHAIN_F64, error)) != NULL && chain_model_init (m, x, spec->seed, error);
  if (good)
    {
      chain_model_carry (all, chain_trainer_exec (t), m, x);
      good = check_model (doc, m, x, max_entries, passed, error);
    }
  g_clear_pointer (&x, chain_exec_free);
  g_clear_pointer (&m, chain_model_free);
  chain_spec_unref (spec);
  return good;
}

static gboolean
check (const CliDocument *doc, ChainTrainer *t, guint max_entries, gboolean *passed, GError **error)
{
  const ChainModel *m = chain_trainer_model (t);
  GPtrArray *terms = m->spec->losses;
  gboolean one = TRUE, good = TRUE, now;

  warn_of_stand_ins (m->spec);
  for (guint i = 1; i < terms->len; i++)
    one = one && same_objective (terms->pdata[0], terms->pdata[i]);
  if (one)
    return check_model (doc, m, chain_trainer_exec (t), max_entries, passed, error);
  *passed = TRUE;
  for (guint i = 0; i < terms->len && good; i++)
    {
      gboolean seen = FALSE;

      for (guint k = 0; k < i; k++)
        seen = seen || same_objective (terms->pdata[k], terms->pdata[i]);
      if (seen)
        continue;
      good = check_objective (doc, t, i, max_entries, &now, error);
      *passed = *passed && good && now;
    }
  return good;
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
