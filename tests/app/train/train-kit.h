/* SPDX-License-Identifier: Apache-2.0 */
/* Small networks and comparisons that the tests of the trainer share. */
#pragma once

#include "app/train/trainer.h"
#include "engine/nn/table.h"

G_BEGIN_DECLS

/* The example of the window with stopping rules off; mutable. */
ChainSpec    *train_kit_spec    (void);
/* Seals spec, makes its data, fails the test if the trainer cannot be made. Takes spec. */
ChainTrainer *train_kit_trainer (ChainSpec *spec);
void          train_kit_run     (ChainTrainer *t, guint64 steps);
/* Hyperparameter "lr" to a new sealed spec. */
ChainCommand *train_kit_rate    (ChainTrainer *t, double lr);
ChainCommand *train_kit_batch   (ChainTrainer *t, guint batch);
ChainCommand *train_kit_goto    (guint64 step);
void          train_kit_apply   (ChainTrainer *t, ChainCommand *c);
/* Bit for bit: parameters, states, host scalars. */
void          train_kit_same    (ChainExecState *a, ChainExecState *b, gboolean same);

G_END_DECLS
