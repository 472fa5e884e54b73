/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a trainer on its own thread: commands in by a mutex box that is drained between steps, snapshots out by one atomic exchange
 * (ARCHITECTURE 5c). Nobody waits; the thread runs at nice 10 and sleeps while paused. The worker never calls GTK. */
#pragma once

#include "app/train/trainer.h"

G_BEGIN_DECLS

typedef struct _ChainWorker ChainWorker;

/* Takes ownership of trainer. on_state: posted to the main context once for each change of run state (nullable). */
typedef void (*ChainWorkerFunc) (gpointer data);
ChainWorker   *chain_worker_new     (ChainTrainer *trainer, ChainWorkerFunc on_state, gpointer data);
/* Stops after at most one step, joins, returns the trainer. (transfer full) */
ChainTrainer  *chain_worker_stop    (ChainWorker *w);

/* Takes ownership; returns the command's sequence number; never waits. Any thread. */
guint          chain_worker_send    (ChainWorker *w, ChainCommand *c);
void           chain_worker_want    (ChainWorker *w, guint want);
ChainSnapshot *chain_worker_take    (ChainWorker *w);       /* (transfer full) (nullable): newest not yet taken */

/* What the thread last said, without waiting: the run state, and the sequence number of the last command that it carried out. */
ChainRunState  chain_worker_state   (ChainWorker *w);
guint          chain_worker_applied (ChainWorker *w);

/* Runs func (trainer, data) on the worker's thread between two steps and waits for it: saving, exporting. */
void           chain_worker_call    (ChainWorker *w, void (*func) (ChainTrainer *t, gpointer data), gpointer data);

/* The same without waiting: func runs on the worker's thread, after all commands sent before. If the worker ends first, dropped (data) runs in
 * chain_worker_stop() instead. */
void           chain_worker_post    (ChainWorker *w, void (*func) (ChainTrainer *t, gpointer data), GDestroyNotify dropped, gpointer data);

G_END_DECLS
