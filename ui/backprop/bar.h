/* SPDX-License-Identifier: Apache-2.0 */
/* The transport of the debugger: to the start, back, play, forward, the timeline, what a step is, and how many of them a second. It has the look of
 * the transport of training and the same actions; the page answers them. Main thread.
 *
 * Signal "changed": another grain or speed was chosen. */
#pragma once

#include "ui/backprop/timeline.h"
#include "ui/canvas/width-class.h"

G_BEGIN_DECLS

/* What one step is. Mini-batches and epochs are steps of the trainer. */
typedef enum { CHAIN_GRAIN_OPERATION, CHAIN_GRAIN_LAYER, CHAIN_GRAIN_BATCH, CHAIN_GRAIN_EPOCH } ChainGrain;

#define CHAIN_TYPE_STEP_BAR (chain_step_bar_get_type ())
G_DECLARE_FINAL_TYPE (ChainStepBar, chain_step_bar, CHAIN, STEP_BAR, GtkWidget)

GtkWidget     *chain_step_bar_new         (void);
ChainTimeline *chain_step_bar_timeline    (ChainStepBar *b);
ChainGrain     chain_step_bar_grain       (ChainStepBar *b);
double         chain_step_bar_speed       (ChainStepBar *b);      /* steps a second; 0: as fast as pictures can be drawn */
gboolean       chain_step_bar_is_slow     (ChainStepBar *b);      /* slow motion: with captions */
void           chain_step_bar_set_playing (ChainStepBar *b, gboolean playing);
void           chain_step_bar_set_class   (ChainStepBar *b, ChainWidthClass width);
GtkWidget     *chain_step_bar_play_button (ChainStepBar *b);

G_END_DECLS
