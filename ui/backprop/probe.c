/* SPDX-License-Identifier: Apache-2.0 */
/* One task at a time: stepping quickly asks more often than a large network can answer, and only the last answer is shown. The probe with its
 * executor is kept for as long as questions are about the same trace. */
#include "config.h"

#include "ui/backprop/probe.h"

typedef struct { ChainTrace *trace; ChainId node; gint64 row, col; } Question;

/* What goes to the task's thread and comes back: the queue may be gone by then. */
typedef struct { Question q; ChainProbe *probe; ChainProbeResult result; char *message; } Job;

struct _ChainProbeQueue
{
  ChainProbeFunc done;
  gpointer       data;
  Question       next;           /* trace NULL: none */
  Question       now;            /* being answered; trace NULL: none */
  gboolean       wanted;         /* its answer */
  ChainProbe    *probe;          /* of probe_trace */
  ChainTrace    *probe_trace;
  ChainProbeQueue **self;        /* the running task's way back; NULL in it once we are gone */
};

static void
question_clear (Question *q)
{
  g_clear_pointer (&q->trace, chain_trace_unref);
}

static void
job_free (gpointer data)
{
  Job *job = data;

  question_clear (&job->q);
  g_clear_pointer (&job->probe, chain_probe_free);
  g_free (job->message);
  g_free (job);
}

static void
run_cb (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  g_autoptr (GError) error = NULL;

  if (job->probe == NULL)
    job->probe = chain_probe_new (job->q.trace, &error);
  if (job->probe != NULL)
    chain_probe_run (job->probe, job->q.node, job->q.row, job->q.col, &job->result, &error);
  if (error != NULL)
    job->message = g_strdup (error->message);
  g_task_return_boolean (task, error == NULL);
}

static void start (ChainProbeQueue *q);

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ChainProbeQueue **slot = data, *q = *slot;
  Job *job = g_task_get_task_data (G_TASK (result));
  gboolean ok = g_task_propagate_boolean (G_TASK (result), NULL);

  g_free (slot);
  if (q == NULL)
    return;
  q->self = NULL;
  q->probe = g_steal_pointer (&job->probe);
  if (q->wanted && q->next.trace == NULL)
    q->done (ok ? &job->result : NULL, job->message, q->data);
  question_clear (&q->now);
  start (q);
}

static void
start (ChainProbeQueue *q)
{
  GTask *task;
  Job *job;

  if (q->self != NULL || q->next.trace == NULL)
    return;
  if (q->probe_trace != q->next.trace)
    {
      g_clear_pointer (&q->probe, chain_probe_free);
      g_clear_pointer (&q->probe_trace, chain_trace_unref);
      q->probe_trace = chain_trace_ref (q->next.trace);
    }
  q->now = q->next;
  q->next.trace = NULL;
  q->wanted = TRUE;
  job = g_new0 (Job, 1);
  job->q = q->now;
  chain_trace_ref (job->q.trace);
  job->probe = g_steal_pointer (&q->probe);
  q->self = g_new (ChainProbeQueue *, 1);
  *q->self = q;
  task = g_task_new (NULL, NULL, done_cb, q->self);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, run_cb);
  g_object_unref (task);
}

ChainProbeQueue *
chain_probe_queue_new (ChainProbeFunc done, gpointer data)
{
  ChainProbeQueue *q = g_new0 (ChainProbeQueue, 1);

  q->done = done;
  q->data = data;
  return q;
}

void
chain_probe_queue_free (ChainProbeQueue *q)
{
  if (q->self != NULL)
    *q->self = NULL;
  question_clear (&q->next);
  question_clear (&q->now);
  g_clear_pointer (&q->probe, chain_probe_free);
  g_clear_pointer (&q->probe_trace, chain_trace_unref);
  g_free (q);
}

void
chain_probe_queue_ask (ChainProbeQueue *q, ChainTrace *trace, ChainId node, gint64 row, gint64 col)
{
  question_clear (&q->next);
  q->next = (Question){ chain_trace_ref (trace), node, row, col };
  start (q);
}

void
chain_probe_queue_drop (ChainProbeQueue *q)
{
  question_clear (&q->next);
  q->wanted = FALSE;
}
