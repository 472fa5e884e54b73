/* SPDX-License-Identifier: Apache-2.0 */
/* As for the loss along one weight: the weights are taken between two steps, all else is done by a thread of the pool. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/number-text.h"
#include "app/session/explore.h"
#include "app/session/session-private.h"
#include "engine/base/number.h"

typedef struct { ChainWeightLineStart *start; int stop; } Job;

static void
job_free (gpointer data)
{
  Job *j = data;

  chain_weight_line_start_free (j->start);
  g_free (j);
}

static void
take_start (ChainTrainer *t, gpointer data)
{
  *(ChainWeightLineStart **) data = chain_weight_line_start (t);
}

static void
cancelled_cb (GCancellable *c, gpointer data)
{
  g_atomic_int_set (&((Job *) data)->stop, 1);
}

static void
check_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *j = data;
  GError *error = NULL;
  gulong handler = cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), j, NULL) : 0;
  ChainGradientCheck *c = chain_gradient_check_new (j->start, CHAIN_SESSION_CHECK_ENTRIES, &j->stop, &error);

  g_cancellable_disconnect (cancellable, handler);
  if (c != NULL)
    g_task_return_pointer (task, c, (GDestroyNotify) chain_gradient_check_free);
  else
    g_task_return_error (task, error);
}

void
chain_session_check_gradients_async (ChainSession *s, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data)
{
  GTask *task = _chain_session_task (s, cancellable, done, data);
  Job *j = g_new0 (Job, 1);

  chain_worker_call (s->worker, take_start, &j->start);
  g_task_set_task_data (task, j, job_free);
  g_task_run_in_thread (task, check_worker);
  g_object_unref (task);
}

ChainGradientCheck *
chain_session_check_gradients_finish (ChainSession *s, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- in words --- */
static const ChainCheckLine *
worst_line (const ChainGradientCheck *c, guint *n_bad, guint *n_stand_in, guint *n_lost)
{
  const ChainCheckLine *worst = NULL;

  *n_bad = *n_stand_in = *n_lost = 0;
  for (guint i = 0; i < c->lines->len; i++)
    {
      const ChainCheckLine *l = c->lines->pdata[i];

      *n_bad += !(l->row.error <= 1);
      *n_stand_in += !(l->row.error <= 1) && l->stand_in;
      *n_lost += chain_check_line_is_lost (c, l);
      if (worst == NULL || l->row.error > worst->row.error)
        worst = l;
    }
  return worst;
}

/* "All 67 gradients agree", or how many of them were looked at. */
static char *
agreement (const ChainGradientCheck *c, double worst)
{
  char error[CHAIN_NUMBER_TEXT_SIZE], some[CHAIN_NUMBER_TEXT_SIZE], all[CHAIN_NUMBER_TEXT_SIZE];
  guint64 n_all = 0, n = 0;

  for (guint i = 0; i < c->lines->len; i++)
    {
      const ChainCheckLine *l = c->lines->pdata[i];

      n_all += l->n_entries;
      n += l->row.n_checked + l->row.n_kinks;
    }
  chain_number_text_short (error, worst);
  chain_number_text_count (some, n);
  chain_number_text_count (all, n_all);
  if (n < n_all)
    return g_strdup_printf (_("All gradients that were checked, %s of %s, agree with central differences; largest relative error %s."), some, all, error);
  return g_strdup_printf (ngettext ("The gradient of %s parameter agrees with its central difference; relative error %s.",
                                    "All %s gradients agree with central differences; largest relative error %s.", (gulong) n), some, error);
}

char *
chain_gradient_check_verdict (const ChainGradientCheck *c)
{
  char buf[CHAIN_NUMBER_TEXT_SIZE];
  guint n_bad, n_stand_in, n_lost;
  const ChainCheckLine *worst = worst_line (c, &n_bad, &n_stand_in, &n_lost);

  if (worst == NULL)
    return g_strdup (_("Nothing to check: no parameter of this network is trained."));
  if (isinf (c->loss) || isinf (worst->row.error))
    return g_strdup (_("No verdict: the loss is not finite at these weights. Reset them and check again."));
  if (n_bad > 0 && n_bad == n_lost)
    return g_strdup_printf (_("No verdict: the loss is %s here, and what a small step changes is lost in its rounding. Reset the weights and check again."),
                            chain_number_text_short (buf, c->loss));
  if (n_bad > 0 && n_bad == n_stand_in)
    return g_strdup_printf (ngettext ("%u tensor of %u disagrees, as it must: a straight-through gradient stands in for the true one.",
                                      "%u tensors of %u disagree, as they must: a straight-through gradient stands in for the true one.", n_bad), n_bad, c->lines->len);
  if (n_bad > 0)
    return g_strdup_printf (ngettext ("%u tensor of %u disagrees with its differences; the worst is %s, with a relative error of %s.",
                                      "%u tensors of %u disagree with their differences; the worst is %s, with a relative error of %s.", n_bad),
                            n_bad, c->lines->len, worst->tensor, chain_number_text_short (buf, chain_check_line_relative (worst)));
  if (c->reference > CHAIN_CHECK_REFERENCE)
    return g_strdup_printf (_("The gradients agree, but a value differs from the reference by %s, relative."), chain_number_text_short (buf, c->reference));
  return agreement (c, chain_check_line_relative (worst));
}

static void
append_number (GString *text, double v, int digits)
{
  char buf[CHAIN_NUMBER_SIZE];

  g_string_append_c (text, '\t');
  g_string_append (text, chain_number_write_digits (buf, v, digits));
}

char *
chain_gradient_check_text (const ChainGradientCheck *c)
{
  g_autofree char *verdict = chain_gradient_check_verdict (c);
  GString *text = g_string_new (verdict);

  for (guint i = 0; i < c->notes->len; i++)
    g_string_append_printf (text, "\n%s", (const char *) c->notes->pdata[i]);
  g_string_append_printf (text, "\n\n%s\n", _("parameter\trow\tcolumn\tadjoint\tcentral difference\trelative error\tchecked\tat a kink\tresult"));
  for (guint i = 0; i < c->lines->len; i++)
    {
      const ChainCheckLine *l = c->lines->pdata[i];

      g_string_append_printf (text, "%s\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT, l->tensor, l->row.row, l->row.col);
      append_number (text, l->row.adjoint, 12);
      append_number (text, l->row.difference, 12);
      append_number (text, chain_check_line_relative (l), 3);
      g_string_append_printf (text, "\t%u\t%u\t%s\n", l->row.n_checked, l->row.n_kinks, l->row.error <= 1 ? _("passed") : _("FAILED"));
    }
  return g_string_free (text, FALSE);
}
