/* SPDX-License-Identifier: Apache-2.0 */
/* Taking the weights is one call between two steps; the walk is done by a thread of the pool. */
#include "app/session/explore.h"
#include "app/session/session-private.h"

typedef struct { ChainWeightLineStart *start; char *tensor; guint row, col; double low, high; int stop; } Job;

static void
job_free (gpointer data)
{
  Job *j = data;

  chain_weight_line_start_free (j->start);
  g_free (j->tensor);
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
line_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *j = data;
  GError *error = NULL;
  gulong handler = cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), j, NULL) : 0;
  ChainWeightLine *l = chain_weight_line_new (j->start, j->tensor, j->row, j->col, j->low, j->high, &j->stop, &error);

  g_cancellable_disconnect (cancellable, handler);
  if (l != NULL)
    g_task_return_pointer (task, l, (GDestroyNotify) chain_weight_line_free);
  else
    g_task_return_error (task, error);
}

void
chain_session_weight_line_async (ChainSession *s, const char *tensor, guint row, guint col, double low, double high, GCancellable *cancellable, GAsyncReadyCallback done,
                                 gpointer data)
{
  GTask *task = _chain_session_task (s, cancellable, done, data);
  Job *j = g_new0 (Job, 1);

  j->tensor = g_strdup (tensor);
  j->row = row;
  j->col = col;
  j->low = low;
  j->high = high;
  chain_worker_call (s->worker, take_start, &j->start);
  g_task_set_task_data (task, j, job_free);
  g_task_run_in_thread (task, line_worker);
  g_object_unref (task);
}

ChainWeightLine *
chain_session_weight_line_finish (ChainSession *s, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
