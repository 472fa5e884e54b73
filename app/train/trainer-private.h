/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the trainer share. A *rig* is one structure with everything that hangs on it: model, executor, programs, data in the
 * executor's precision. A hyperparameter change keeps the rig, a structural change makes a new one and carries the weights over. */
#pragma once

#include "app/io/document.h"
#include "app/train/trainer.h"
#include "engine/nn/metrics.h"
#include "engine/nn/model.h"
#include "engine/nn/table.h"

G_BEGIN_DECLS

typedef struct
{
  guint             id;             /* counts up: tells ring entries of another structure */
  ChainSpec        *spec;           /* (ref) that it was built from */
  ChainDataset     *data;           /* (ref) */
  ChainModel       *model;
  ChainExec        *exec;
  ChainProgram      train, keep, fields, output;
  ChainExecLoop     loop;           /* over `train`: batch in, loss and squared gradient out */
  ChainProgram      averages;       /* what stands for the parameters in an evaluation, where an optimiser keeps that apart */
  gboolean          has_averages;
  ChainEvalPrograms eval;
  const void       *x, *t;          /* training rows, d and k numbers each, in the executor's dtype */
  void             *own_x, *own_t;  /* the same where they are converted copies */
  gsize             row_x, row_t;   /* bytes a row */
  guint             axis_x, axis_y; /* inputs that span the pictures' plane */
} ChainRig;

/* Early stopping and the calendar of evaluations: part of the state of a run. */
typedef struct
{
  double          best;             /* loss at the best evaluation; +inf before the first */
  guint64         best_step;
  double          best_epoch;
  ChainExecState *best_state;       /* with keep-best only; else NULL */
  gboolean        reached_target;
  gboolean        stop;             /* patience is over */
  GArray         *silent_since;     /* (ref, never written again) of double: epoch since when each unit, layer by layer, answers 0 to every row; NaN; NULL */
} ChainEvalState;

typedef struct
{
  guint64         step;
  ChainExecState *state;
  guint64         sampler_epoch, sampler_step;
  guint           sampler_pos;
  guint           n_applied;        /* events in force */
  guint           rig_id, segment;
  ChainSpec      *spec;             /* (ref) */
  ChainDataset   *data;             /* (ref) */
  double          loss, grad_sq, epoch;
  ChainEvalState  eval;
} ChainRingEntry;

typedef enum { CHAIN_STEP_OK, CHAIN_STEP_END, CHAIN_STEP_BAD, CHAIN_STEP_ERROR } ChainStepResult;

struct _ChainTrainer
{
  ChainRig       *rig;
  guint           next_rig_id;
  ChainSpec      *spec;             /* (ref) in force: hyperparameters may be newer than rig->spec */
  int             threads;

  /* one step */
  ChainSampler    sampler;
  GPtrArray      *script;           /* (ref) of GArray of guint32; NULL */
  const uint32_t *rows;             /* of the last step; NULL before the first */
  guint           n_rows;
  guint64         step;
  double          loss, grad_sq, lr;
  double          base_lr, lr_epoch;/* lr_epoch: epoch, or number of evaluations, that lr was computed for */
  const ChainScheduleRow *schedule;
  gboolean        constant;
  gboolean        lr_fresh;         /* the leaf holds lr */

  ChainRunState   state;
  char           *message, *remedy;
  ChainRemedy     remedy_kind;
  int             trouble;          /* layer where the first value broke; -1 */
  ChainTrouble    broke;
  ChainEvalState  eval;
  ChainExecState *parked;           /* the last state while the best one is shown at the end; NULL */

  GPtrArray      *ring;             /* of ChainRingEntry, by step */
  gsize           ring_bytes;
  guint64         ring_every;       /* a power of two */
  GPtrArray      *events;           /* of ChainEvent */
  guint           n_applied;
  const ChainEvent *plain_event;    /* the newest event, if it kept the structure */

  ChainSeries    *train_loss, *eval_train, *eval_test, *eval_score;
  GArray         *evaluations;      /* of ChainEvaluation: those of the calendar, for the run record */
  GPtrArray      *past;             /* segments before the present one (trainer-segment.c) */
  guint           segment, last_segment;
  GPtrArray      *runs;             /* put aside by resets (memory/run.c) */
  guint64         run;              /* the present one */
  guint64         segment_step;     /* where the present one began */
  double          segment_epoch;
  ChainMetrics    train, test;      /* newest */
  gboolean        has_metrics;
  double          metrics_epoch;    /* where they were made */

  ChainStepFunc   on_step;
  ChainEvalFunc   on_eval;
  gpointer        log_data;
  const int      *cancel;           /* a replay gives up when this becomes 1; NULL */

  double         *scratch;          /* for snapshots */
  gsize           scratch_size;
  ChainTraceRequest trace;
  gboolean        idle;             /* snapshots may be finer: nobody waits for steps */
};

typedef struct { guint64 step; double epoch, train, test, score; } ChainEvaluation;

/* --- trainer.c --- */
void            _chain_trainer_set_state (ChainTrainer *t, ChainRunState state, const char *message, const char *remedy);
void            _chain_trainer_unpark    (ChainTrainer *t);
void            _chain_trainer_settle    (ChainTrainer *t);
ChainStepResult _chain_trainer_advance   (ChainTrainer *t, gboolean live, GError **error);
void            _chain_event_free        (gpointer event);

/* --- trainer-step.c --- */
ChainRig       *_chain_rig_new           (const ChainSpec *spec, ChainDataset *data, guint id, int threads, GError **error);
void            _chain_rig_free          (ChainRig *rig);
void            _chain_trainer_hyper     (ChainTrainer *t);              /* after t->spec changed: rates, sampler, leaves */
void            _chain_trainer_sampler   (ChainTrainer *t, guint64 epoch, guint pos, guint64 step);
void            _chain_trainer_gather    (ChainTrainer *t, const uint32_t *rows, guint n);
void            _chain_trainer_set_rate  (ChainTrainer *t);
ChainStepResult _chain_trainer_run_step  (ChainTrainer *t, GError **error);

/* --- trainer-eval.c --- */
gboolean        _chain_trainer_calendar  (ChainTrainer *t, gboolean live, GError **error);   /* after a step: evaluate if due */
gboolean        _chain_trainer_finished  (ChainTrainer *t);              /* TRUE: a stopping rule holds */
void            _chain_trainer_finish    (ChainTrainer *t);
void            _chain_eval_state_clear  (ChainEvalState *e);
void            _chain_eval_state_copy   (ChainEvalState *to, const ChainEvalState *from);
void            _chain_trainer_note      (ChainTrainer *t);              /* newest metrics into the display series */

/* --- trainer-replay.c --- */
void            _chain_ring_entry_free   (gpointer entry);
void            _chain_trainer_ring_push (ChainTrainer *t);
void            _chain_trainer_ring_clear (ChainTrainer *t);
void            _chain_trainer_ring_cut  (ChainTrainer *t, guint64 from);  /* forget the states of this step and later ones */
void            _chain_trainer_forget_after (ChainTrainer *t, double epoch);   /* what curves and evaluations know of later */
gboolean        _chain_trainer_goto      (ChainTrainer *t, guint64 step, GError **error);
void            _chain_trainer_diagnose  (ChainTrainer *t);              /* after a bad step: message, remedy, last good weights */

/* --- trainer-edit.c --- */
gboolean        _chain_trainer_change    (ChainTrainer *t, const ChainCommand *c, GError **error);  /* without recording */
gboolean        _chain_trainer_reset     (ChainTrainer *t, const ChainCommand *c, GError **error);
void            _chain_trainer_restart   (ChainTrainer *t, guint64 step, guint64 epoch, guint pos);  /* forgets the history */
void            _chain_trainer_rebase    (ChainTrainer *t);              /* weights came from outside: what was before is unreachable */
gboolean        _chain_trainer_due_events (ChainTrainer *t, GError **error);

/* --- trainer-dead.c --- */
void            _chain_trainer_watch_dead (ChainTrainer *t);             /* after an evaluation of the calendar */
gboolean        _chain_trainer_is_dead   (const ChainTrainer *t, guint layer, guint unit);

/* --- trainer-segment.c --- */
void            _chain_segment_free      (gpointer segment);
void            _chain_trainer_segments_new (ChainTrainer *t);           /* makes the curves */
void            _chain_trainer_segments_free (ChainTrainer *t);
GPtrArray      *_chain_trainer_segments_steal (ChainTrainer *t);
void            _chain_trainer_segments_give (ChainTrainer *t, GPtrArray *past);
void            _chain_trainer_segment_first (ChainTrainer *t);          /* another run: nothing was before */
void            _chain_trainer_segment_next (ChainTrainer *t, const ChainSpec *spec_before, ChainDataset *data_before);
void            _chain_trainer_segment_back (ChainTrainer *t, guint segment);

/* --- look/trace.c --- */
void            _chain_trainer_trace     (ChainTrainer *t, ChainSnapshot *s);

/* --- memory/run.c --- */
void            _chain_trainer_runs_new  (ChainTrainer *t);
void            _chain_trainer_put_by    (ChainTrainer *t);              /* before another run begins: curves and events go */

/* --- snapshot.c, trainer-field.c, trainer-axes.c, trainer-predict.c --- */
void            _chain_snap_tensor_free  (gpointer p);
void            _chain_snap_layer_free   (gpointer p);
void            _chain_trainer_fields    (ChainTrainer *t, ChainSnapshot *s);
void            _chain_dataset_axes      (const ChainDataset *d, guint *x, guint *y);   /* equal: a line */
void            _chain_trainer_predictions (ChainTrainer *t, ChainSnapshot *s);
void            _chain_trainer_unit_states (ChainTrainer *t, ChainSnapshot *s, guint b);
double         *_chain_trainer_scratch   (ChainTrainer *t, gsize n);

/* Epochs done, fractional. */
static inline double
_chain_trainer_position (const ChainTrainer *t)
{
  const ChainSampler *s = &t->sampler;

  if (G_UNLIKELY (s->pos < s->n && chain_sampler_at_epoch_end (s)))
    return (double) s->epoch + 1;
  return (double) s->epoch + (double) s->pos / s->n;
}

static inline const ChainTensorInfo *
_chain_tensor_at (const GArray *a, guint i)
{
  return &g_array_index (a, ChainTensorInfo, i);
}

static inline const ChainLayerInfo *
_chain_layer_at (const ChainModel *m, guint i)
{
  return &g_array_index (m->layers, ChainLayerInfo, i);
}

G_END_DECLS
