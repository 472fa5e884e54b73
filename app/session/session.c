/* SPDX-License-Identifier: Apache-2.0 */
/* Document, data, trainer on its thread and newest snapshot under one roof; and the verbs of training. The session never waits for a step
 * except where it must have the weights (an edit that would lose them, a save). It asks for a picture only when there is a reason: while
 * training runs, after a command, or when a view wants more than the last picture had. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/picture/number-text.h"
#include "app/session/autosave.h"
#include "app/session/session-private.h"
#include "app/session/settings.h"
#include "engine/nn/table.h"

#include <math.h>
#include <string.h>

#define WORTH_THREADS 2e6      /* numbers multiplied in one pass over a batch */
#define FIRST_SPEED 24.0      /* epochs a second of a new window (DESIGN 2.2) */

G_DEFINE_FINAL_TYPE (ChainSession, chain_session, G_TYPE_OBJECT)

enum { SNAPSHOT, STATE, DOCUMENT, MESSAGE, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
stop_worker (ChainSession *s)
{
  if (s->worker != NULL)
    chain_trainer_free (chain_worker_stop (g_steal_pointer (&s->worker)));
}

static void
set_threads (ChainTrainer *t, gpointer data)
{
  chain_trainer_set_threads (t, GPOINTER_TO_INT (data));
}

/* All cores but one, which the window keeps (ARCHITECTURE 5b); one for networks whose step is over sooner than threads can meet. The result does
 * not depend on it. */
static void
fit_threads (ChainSession *s)
{
  const ChainSpec *spec = chain_document_spec (s->document);
  guint batch = spec->batch_size == 0 ? s->data->n_train : MIN (spec->batch_size, s->data->n_train);
  gboolean big = (double) chain_model_n_params (s->model) * batch >= WORTH_THREADS;
  guint n = g_get_num_processors (), chosen = MIN ((guint) MAX (chain_setting_number ("training", "threads", 0), 0), n);
  guint wanted = !big ? 1 : chosen > 0 ? chosen : MAX (1, n - 1);

  if (wanted == s->threads || s->worker == NULL)
    return;
  s->threads = wanted;
  chain_worker_call (s->worker, set_threads, GINT_TO_POINTER ((int) wanted));
}

guint
chain_session_threads (ChainSession *s)
{
  return s->threads;
}

static void
on_document_changed (ChainDocument *d, ChainSession *s)
{
  fit_threads (s);
  _chain_autosave_changed (s);
  g_signal_emit (s, signals[DOCUMENT], 0);
}

void
_chain_session_changed (ChainSession *s)
{
  g_signal_emit (s, signals[DOCUMENT], 0);
}

static void
set_document (ChainSession *s, ChainDocument *d)
{
  if (s->document != NULL)
    g_signal_handlers_disconnect_by_data (s->document, s);
  g_clear_object (&s->document);
  s->document = d;
  if (d != NULL)
    g_signal_connect (d, "changed", G_CALLBACK (on_document_changed), s);
}

static void
chain_session_dispose (GObject *object)
{
  ChainSession *s = CHAIN_SESSION (object);

  _chain_autosave_free (s);
  stop_worker (s);
  set_document (s, NULL);
  g_clear_pointer (&s->snapshot, chain_snapshot_unref);
  g_clear_pointer (&s->model, chain_model_free);
  g_clear_pointer (&s->data, chain_dataset_unref);
  g_clear_pointer (&s->table, chain_table_unref);
  g_clear_pointer (&s->recent, g_ptr_array_unref);
  g_clear_pointer (&s->told, g_free);
  g_clear_pointer (&s->granted, g_hash_table_unref);
  g_clear_pointer (&s->missing, _chain_session_missing_free);
  g_clear_pointer (&s->ghosts, g_ptr_array_unref);
  G_OBJECT_CLASS (chain_session_parent_class)->dispose (object);
}

static void
chain_session_class_init (ChainSessionClass *class)
{
  G_OBJECT_CLASS (class)->dispose = chain_session_dispose;
  signals[SNAPSHOT] = g_signal_new ("snapshot", CHAIN_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[STATE] = g_signal_new ("state", CHAIN_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[DOCUMENT] = g_signal_new ("document", CHAIN_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MESSAGE] = g_signal_new ("message", CHAIN_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_STRING,
                                   G_TYPE_STRING, G_TYPE_STRING);
}

static void
chain_session_init (ChainSession *s)
{
  s->speed = FIRST_SPEED;
  s->recent = g_ptr_array_new_with_free_func (_chain_session_data_free);
}

void
_chain_session_message (ChainSession *s, const char *text, const char *action_label, const char *action)
{
  g_signal_emit (s, signals[MESSAGE], 0, text, action_label, action);
}

/* A state that an earlier command caused says nothing about the last one: then a further call is on its way. */
static void
on_state (gpointer data)
{
  ChainSession *s = data;
  ChainRunState state;

  s->stale = TRUE;
  if (chain_worker_applied (s->worker) == s->seq)
    {
      state = chain_worker_state (s->worker);
      s->playing = state == CHAIN_RUN_RUNNING;
    }
  _chain_autosave_changed (s);
  g_signal_emit (s, signals[STATE], 0);
}

guint
_chain_session_send (ChainSession *s, ChainCommand *c)
{
  s->seq = chain_worker_send (s->worker, c);
  s->stale = TRUE;
  return s->seq;
}

void
_chain_session_send_speed (ChainSession *s)
{
  const ChainSpec *spec = chain_document_spec (s->document);
  ChainCommand *c = chain_command_new (CHAIN_COMMAND_SPEED);
  guint batch = spec->batch_size == 0 ? s->data->n_train : MIN (spec->batch_size, s->data->n_train);

  c->value = s->speed * ceil ((double) s->data->n_train / MAX (batch, 1));
  _chain_session_send (s, c);
}

static void
forget_pictures (ChainSession *s)
{
  g_clear_pointer (&s->snapshot, chain_snapshot_unref);
  s->asked = s->playing = FALSE;
  s->have = s->seq = 0;
  s->stale = TRUE;
  g_clear_pointer (&s->told, g_free);
}

static void
replace_data (ChainSession *s, const ChainSpec *spec, ChainTable *table, ChainDataset *data)
{
  chain_table_ref (table);
  chain_dataset_ref (data);
  g_clear_pointer (&s->table, chain_table_unref);
  g_clear_pointer (&s->data, chain_dataset_unref);
  s->table = table;
  s->data = data;
  _chain_session_keep_data (s, spec, table, data);
}

static void
pass_trace_request (ChainTrainer *t, gpointer data)
{
  chain_trainer_set_trace_request (t, *(ChainTraceRequest *) data);
  g_free (data);
}

static void
send_trace_request (ChainSession *s)
{
  chain_worker_post (s->worker, pass_trace_request, g_free, g_memdup2 (&s->trace, sizeof s->trace));
}

gboolean
_chain_session_start (ChainSession *s, ChainSpec *spec, ChainTable *table, ChainDataset *data, GPtrArray *tensors, const char *run,
                      ChainSessionMissing *missing, GError **error)
{
  ChainTrainer *t = chain_trainer_new (spec, data, error);
  g_autoptr (GPtrArray) drawn = t != NULL && tensors != NULL && tensors->len > 0 ? chain_trainer_save_tensors (t, FALSE) : NULL;
  ChainModel *model = t == NULL ? NULL : chain_model_new (spec, data->prep, error);

  if (model == NULL || (tensors != NULL && tensors->len > 0 && !chain_trainer_load_tensors (t, tensors, TRUE, NULL, error))
      || (run != NULL && !chain_trainer_load_run (t, run, error)))
    {
      chain_trainer_free (t);
      g_clear_pointer (&model, chain_model_free);
      return FALSE;
    }
  _chain_autosave_restart (s);
  stop_worker (s);
  if (s->missing != NULL)
    _chain_session_forget_table (s, s->missing->table);
  g_clear_pointer (&s->missing, _chain_session_missing_free);
  g_clear_pointer (&s->model, chain_model_free);
  s->model = model;
  forget_pictures (s);
  g_clear_pointer (&s->ghosts, g_ptr_array_unref);
  s->runs = s->reset_seq = 0;
  s->own_numbers = drawn != NULL && !_chain_session_same_numbers (t, drawn);
  replace_data (s, spec, table, data);
  s->missing = missing;
  s->snapshot = chain_trainer_snapshot (t, CHAIN_WANT_PARAMS | CHAIN_WANT_FIELD | CHAIN_WANT_STATS | CHAIN_WANT_METRICS);
  _chain_session_blank_missing (s, s->snapshot);
  set_document (s, chain_document_new (chain_spec_ref (spec)));
  s->worker = chain_worker_new (t, on_state, s);
  s->threads = 1;
  fit_threads (s);
  _chain_session_send_speed (s);
  send_trace_request (s);
  g_signal_emit (s, signals[DOCUMENT], 0);
  g_signal_emit (s, signals[SNAPSHOT], 0);
  return TRUE;
}

ChainSession *
chain_session_new (void)
{
  ChainSession *s = g_object_new (CHAIN_TYPE_SESSION, NULL);
  g_autoptr (GError) error = NULL;

  if (!chain_session_open_spec (s, chain_spec_example (), &error))
    g_error ("%s", error->message);
  return s;
}

ChainDocument *
chain_session_document (ChainSession *s)
{
  return s->document;
}

ChainSnapshot *
chain_session_snapshot (ChainSession *s)
{
  return s->snapshot;
}

ChainDataset *
chain_session_data (ChainSession *s)
{
  return s->data;
}

static void
save_weights (ChainTrainer *t, gpointer data)
{
  *(GPtrArray **) data = chain_trainer_save_state (t);
}

GPtrArray *
_chain_session_weights (ChainSession *s)
{
  GPtrArray *tensors = NULL;

  chain_worker_call (s->worker, save_weights, &tensors);
  return tensors;
}

/* --- training --- */
static void
set_playing (ChainSession *s, gboolean playing)
{
  s->playing = playing;
  _chain_autosave_changed (s);
  g_signal_emit (s, signals[STATE], 0);
}

/* Why the run ended, for somebody who wonders; (transfer full). */
static char *
end_reason (const ChainStopSpec *stop, const ChainSnapshot *p)
{
  char buf[CHAIN_NUMBER_TEXT_SIZE];

  if (stop->epochs > 0 && p->epoch >= stop->epochs - 1e-9)
    return g_strdup_printf (_("The run has reached its end: %s epochs"), chain_number_text_setting (buf, stop->epochs));
  if (stop->steps > 0 && p->step >= stop->steps)
    return g_strdup_printf (_("The run has reached its end: %s steps"), chain_number_text_count (buf, stop->steps));
  if (stop->early_stopping)
    return g_strdup_printf (ngettext ("Early stopping ended the run: no better test loss for %u epoch", "Early stopping ended the run: no better test loss for %u epochs",
                                      stop->patience), stop->patience);
  return g_strdup (_("The run has ended: the loss has reached its target"));
}

/* A run that has ended does not go on by itself: says why, and offers what helps. FALSE if it has not ended. */
gboolean
chain_session_tell_end (ChainSession *s)
{
  const ChainSnapshot *p = s->snapshot;
  g_autofree char *text = NULL;

  if (chain_worker_applied (s->worker) != s->seq || chain_worker_state (s->worker) < CHAIN_RUN_DONE || p->state < CHAIN_RUN_DONE)
    return FALSE;
  if (p->state == CHAIN_RUN_DONE)
    {
      text = end_reason (&p->spec->stop, p);
      _chain_session_message (s, text, _("Train On"), "win.train-on");
    }
  else
    {
      text = p->state == CHAIN_RUN_DIVERGED ? chain_health_trouble_text (p) : g_strdup (p->message != NULL ? p->message : _("Training stopped: a value is not finite"));
      _chain_session_message (s, text, p->remedy_kind != CHAIN_REMEDY_ADVICE ? p->remedy : NULL, "win.remedy");
    }
  return TRUE;
}

void
chain_session_train_on (ChainSession *s)
{
  ChainSpec *next = chain_spec_copy (chain_document_spec (s->document));
  g_autoptr (GError) error = NULL;

  next->stop.epochs = 0;
  next->stop.steps = 0;
  next->stop.early_stopping = FALSE;
  next->stop.target_loss = NAN;
  if (!chain_session_apply (s, next, _("Train on"), NULL, &error))
    _chain_session_message (s, error->message, NULL, NULL);
  else
    chain_session_play (s);
}

void
chain_session_play (ChainSession *s)
{
  if (_chain_session_refuse_missing (s) || chain_session_tell_end (s))
    return;
  _chain_session_send (s, chain_command_new (CHAIN_COMMAND_PLAY));
  chain_document_touch (s->document);
  set_playing (s, TRUE);
}

void
chain_session_pause (ChainSession *s)
{
  _chain_session_send (s, chain_command_new (CHAIN_COMMAND_PAUSE));
  set_playing (s, FALSE);
}

gboolean
chain_session_is_playing (ChainSession *s)
{
  return s->playing;
}

/* Backwards the present step must be known: pausing and asking are one call on the worker's thread. */
static void
read_step (ChainTrainer *t, gpointer data)
{
  *(guint64 *) data = chain_trainer_step (t);
}

void
chain_session_step (ChainSession *s, int n)
{
  ChainCommand *c;
  guint64 step = 0, back = n < 0 ? (guint64) - (gint64) n : 0;

  if (n == 0 || _chain_session_refuse_missing (s) || (n > 0 && chain_session_tell_end (s)))
    return;
  c = chain_command_new (n > 0 ? CHAIN_COMMAND_STEPS : CHAIN_COMMAND_GOTO);
  c->n = (guint64) MAX (n, 0);
  if (n < 0)
    {
      _chain_session_send (s, chain_command_new (CHAIN_COMMAND_PAUSE));
      chain_worker_call (s->worker, read_step, &step);
      c->n = step > back ? step - back : 0;
    }
  _chain_session_send (s, c);
  chain_document_touch (s->document);
  set_playing (s, FALSE);
}

void
chain_session_reset (ChainSession *s, gboolean new_seed)
{
  const ChainSpec *spec = chain_document_spec (s->document);
  ChainCommand *c;
  gboolean replaced;
  g_autoptr (GError) error = NULL;

  chain_session_pause (s);
  replaced = _chain_session_put_by (s, chain_history_serial (chain_document_entries (s->document)));
  if (new_seed)
    {
      ChainSpec *next = chain_spec_copy (spec);

      next->seed = spec->seed + 1;
      if (!chain_session_apply (s, chain_spec_seal (next), _("new seed"), NULL, &error))
        _chain_session_message (s, error->message, NULL, NULL);
    }
  spec = chain_document_spec (s->document);
  c = chain_command_new (CHAIN_COMMAND_RESET);
  c->n = spec->seed;
  c->spec = chain_spec_ref (spec);
  c->data = chain_dataset_ref (s->data);
  s->own_numbers = FALSE;
  s->reset_seq = _chain_session_send (s, c);
  s->runs += replaced;
  chain_document_touch (s->document);
  g_signal_emit (s, signals[STATE], 0);
}

void
chain_session_set_speed (ChainSession *s, double epochs_per_s)
{
  s->speed = epochs_per_s > 0 ? epochs_per_s : 0;
  _chain_session_send_speed (s);
  g_signal_emit (s, signals[STATE], 0);
}

double
chain_session_speed (ChainSession *s)
{
  return s->speed;
}

static gboolean
halve_rate (ChainSession *s, GError **error)
{
  const ChainSpec *spec = chain_document_spec (s->document);
  ChainSpec *next = chain_spec_copy (spec);
  double lr = s->snapshot->lr;

  chain_choice_param (&spec->optimiser, "lr", &lr);
  chain_choice_set_param (&next->optimiser, "lr", lr / 2);
  return _chain_session_apply_and_restart (s, chain_spec_seal (next), _("halve the learning rate"), error);
}

void
chain_session_remedy (ChainSession *s)
{
  const ChainSpec *spec = chain_document_spec (s->document);
  const char *id = spec->losses->len > 0 ? ((const ChainLossTerm *) g_ptr_array_index (spec->losses, 0))->choice.id : NULL;
  g_autoptr (GError) error = NULL;

  if (s->snapshot->remedy_kind == CHAIN_REMEDY_HALVE_RATE)
    halve_rate (s, &error);
  else if (s->snapshot->remedy_kind == CHAIN_REMEDY_LOGITS && chain_loss_from_logits (id) != NULL && chain_session_set_loss (s, chain_loss_from_logits (id), &error))
    chain_session_reset (s, FALSE);
  if (error != NULL)
    _chain_session_message (s, error->message, NULL, NULL);
}

/* --- pictures --- */
void
chain_session_set_trace_request (ChainSession *s, ChainTraceRequest request)
{
  if (s->trace.of == request.of && s->trace.index == request.index)
    return;
  s->trace = request;
  send_trace_request (s);
  s->stale = TRUE;
}

ChainTraceRequest
chain_session_trace_request (ChainSession *s)
{
  return s->trace;
}

static void
pass_refusal (ChainSession *s)
{
  const ChainSnapshot *p = s->snapshot;

  if (p->message == NULL || p->state == CHAIN_RUN_DIVERGED || p->state == CHAIN_RUN_FAILED)
    {
      g_clear_pointer (&s->told, g_free);
      return;
    }
  if (g_strcmp0 (s->told, p->message) == 0)
    return;
  chain_set_str (&s->told, p->message);
  _chain_session_message (s, p->message, NULL, NULL);
}

static gboolean
take (ChainSession *s)
{
  ChainSnapshot *p = chain_worker_take (s->worker);

  if (p == NULL)
    return FALSE;
  g_clear_pointer (&s->snapshot, chain_snapshot_unref);
  _chain_session_blank_missing (s, p);
  _chain_session_show_with (s, p);
  s->snapshot = p;
  s->have = s->asked_for;
  s->asked = FALSE;
  pass_refusal (s);
  g_signal_emit (s, signals[SNAPSHOT], 0);
  return TRUE;
}

static void
ask (ChainSession *s, guint want)
{
  s->asked_for = want;
  s->asked = TRUE;
  s->stale = FALSE;
  chain_worker_want (s->worker, want);
}

gboolean
chain_session_pump (ChainSession *s, guint want)
{
  gboolean fresh = take (s);

  /* a picture may have been published between two commands: then the last one is not in it */
  if (s->playing || s->stale || (!s->asked && ((want & ~s->have) != 0 || s->snapshot->seq != s->seq)))
    ask (s, want);
  return fresh;
}

gboolean
chain_session_is_settled (ChainSession *s)
{
  return !s->playing && !s->stale && !s->asked && s->snapshot->seq == s->seq;
}

static gboolean
is_moving (ChainSession *s)
{
  return chain_worker_applied (s->worker) != s->seq || (!s->playing && chain_worker_state (s->worker) == CHAIN_RUN_RUNNING);
}

gboolean
chain_session_wait (ChainSession *s, guint want)
{
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (is_moving (s) && g_get_monotonic_time () < end)
    g_usleep (200);
  take (s);
  ask (s, want);
  while (g_get_monotonic_time () < end)
    {
      if (take (s) && s->snapshot->seq == s->seq)
        return TRUE;
      if (!s->asked)
        ask (s, want);
      g_usleep (200);
    }
  return FALSE;
}
