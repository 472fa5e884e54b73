/* SPDX-License-Identifier: Apache-2.0 */
/* The loop body of training: apply commands, one step, guard, evaluate when due (ARCHITECTURE 5c, 9.3 - 9.5, 9.8, 9.12). No thread inside: the
 * command line calls iterate() in a loop, the window's worker does so on its thread. One thread at a time.
 *
 * Determinism: the state after step s is a pure function of (spec, data, build, kernel, seed, events up to s). State at any step =
 * nearest ring snapshot + replay; step back, time travel, last good weights, naming the first bad node, resuming are this one function. */
#pragma once

#include "app/train/snapshot.h"

G_BEGIN_DECLS

typedef struct _ChainTrainer ChainTrainer;

typedef enum
{
  CHAIN_COMMAND_PLAY, CHAIN_COMMAND_PAUSE,
  CHAIN_COMMAND_STEPS,          /* run n steps, then pause */
  CHAIN_COMMAND_GOTO,           /* to step n (back or forward), by ring and replay; then paused */
  CHAIN_COMMAND_SPEED,          /* value = steps a second; 0 = no limit */
  CHAIN_COMMAND_SPEC,           /* spec: hyperparameters apply at the next step; a structural change carries weights over (9.8); another
                                   data set comes with `data`; graft: what happens to the numbers besides (engine/nn/edit.h) */
  CHAIN_COMMAND_RESET,          /* start again from step 0; n = seed */
  CHAIN_COMMAND_WEIGHT,         /* name, row, col, value: one entry of a tensor */
  CHAIN_COMMAND_STOP            /* ends the worker */
} ChainCommandKind;

typedef struct
{
  ChainCommandKind kind;
  guint            seq;         /* given by chain_worker_send() */
  guint64          n;
  double           value;
  ChainSpec       *spec;        /* owned ref */
  ChainDataset    *data;        /* owned ref */
  char            *name;
  char            *graft;       /* owned; NULL */
  guint            row, col;
} ChainCommand;

ChainCommand  *chain_command_new  (ChainCommandKind kind);
void           chain_command_free (ChainCommand *c);

/* One entry of the event list: what changed the run, and before which step. */
typedef struct { guint64 step; ChainCommand *command; } ChainEvent;

/* spec sealed and valid; data made by chain_dataset_new(). Initialises the weights. (transfer full). */
ChainTrainer  *chain_trainer_new      (const ChainSpec *spec, ChainDataset *data, GError **error);
void           chain_trainer_free     (ChainTrainer *t);

/* One step; FALSE when there is nothing more to do: done (steps, epochs, target, early stopping), diverged or failed. */
gboolean       chain_trainer_iterate  (ChainTrainer *t);

/* Applies a command that is not about pace (SPEC, RESET, WEIGHT, GOTO); recorded in the event list where it changes the run. Takes
 * ownership. FALSE with an error leaves everything as it was. */
gboolean       chain_trainer_apply    (ChainTrainer *t, ChainCommand *c, GError **error);

ChainRunState  chain_trainer_state    (const ChainTrainer *t);      /* never PAUSED: pace is the worker's */
const char    *chain_trainer_message  (const ChainTrainer *t);
const char    *chain_trainer_remedy   (const ChainTrainer *t);
guint64        chain_trainer_step     (const ChainTrainer *t);      /* steps done */
double         chain_trainer_epoch    (const ChainTrainer *t);
double         chain_trainer_loss     (const ChainTrainer *t);      /* of the last step, before its update */
double         chain_trainer_lr       (const ChainTrainer *t);
const ChainSpec *chain_trainer_spec   (const ChainTrainer *t);
ChainDataset  *chain_trainer_data     (const ChainTrainer *t);      /* (transfer none) */
ChainModel    *chain_trainer_model    (const ChainTrainer *t);
ChainExec     *chain_trainer_exec     (const ChainTrainer *t);
GPtrArray     *chain_trainer_events   (const ChainTrainer *t);      /* of ChainEvent; (transfer none) */

/* Rows of each step from a script (lists of training-row indices): --batches. Takes ownership; of GArray of guint32. */
gboolean       chain_trainer_set_script (ChainTrainer *t, GPtrArray *script, GError **error);
void           chain_trainer_set_threads (ChainTrainer *t, int n);

/* A replay (GOTO) gives up when *flag becomes 1: what stops a worker in time. */
void           chain_trainer_set_cancel (ChainTrainer *t, const int *flag);
/* Nobody waits for steps: pictures may be finer. */
void           chain_trainer_set_idle (ChainTrainer *t, gboolean idle);

/* What CHAIN_WANT_TRACE shows: the next mini-batch at first. */
void           chain_trainer_set_trace_request (ChainTrainer *t, ChainTraceRequest request);

/* Called after each step with (step, epoch, loss, lr) and after each evaluation (metrics): the log. */
typedef void (*ChainStepFunc) (guint64 step, double epoch, double loss, double lr, gpointer data);
typedef void (*ChainEvalFunc) (guint64 step, const ChainMetrics *train, const ChainMetrics *test, gpointer data);
void           chain_trainer_set_log  (ChainTrainer *t, ChainStepFunc on_step, ChainEvalFunc on_eval, gpointer data);

/* Bytes that a run will hold, of which `total` is announced: the step's plan, other plans of the executor (evaluation, and pictures so far),
 * the training rows in single precision, saved states for going back at most, and what an evaluation takes for a moment. */
typedef struct { guint64 plan, plans, data, states, evaluation, total; } ChainTrainerMemory;
gboolean       chain_trainer_memory   (ChainTrainer *t, ChainTrainerMemory *m, GError **error);

gboolean       chain_trainer_evaluate (ChainTrainer *t, ChainMetrics *train, ChainMetrics *test, GError **error);   /* now */

/* Everything about this moment that `want` asks for. (transfer full). */
ChainSnapshot *chain_trainer_snapshot (ChainTrainer *t, guint want);

/* Tensors by name <-> trainer. Names as in ChainModel. with_moments: also "opt.*" and "scalar.*" (f64); without: the weights
 * that an evaluation uses. (transfer full): GPtrArray of ChainNamedTensor
 * (app/io/document.h). load: every parameter must be there with its shape; extra tensors are reported in *extra (nullable, char* array). */
GPtrArray     *chain_trainer_save_tensors (ChainTrainer *t, gboolean with_moments);
gboolean       chain_trainer_load_tensors (ChainTrainer *t, GPtrArray *tensors, gboolean with_moments, GPtrArray **extra, GError **error);

/* All that an undo brings back: tensors with moments, and which run they are of. After a reset load puts back that run's curves and step, where it is
 * still kept (app/train/memory/run.c). */
GPtrArray     *chain_trainer_save_state   (ChainTrainer *t);                                     /* (transfer full) */
gboolean       chain_trainer_load_state   (ChainTrainer *t, GPtrArray *tensors, GError **error);

/* Run record: step, epoch, sampler position, events, build, BLAS core, threads, best so far … as JSON text, and back (after load_tensors). */
char          *chain_trainer_save_run (ChainTrainer *t);
gboolean       chain_trainer_load_run (ChainTrainer *t, const char *json, GError **error);

G_END_DECLS
