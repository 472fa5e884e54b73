/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of the debugger: how far the movement of the present event has come, and when the next one is due (DESIGN 4.8). Follows the frame clock
 * of a widget; without animations there is no movement, and playing still steps. In slow motion an event is told in parts: each takes the time that
 * its caption takes to read, pausing holds the part, and another speed goes on from where it is. Main thread. */
#pragma once

#include <gtk/gtk.h>

#include "app/stepper/story.h"

G_BEGIN_DECLS

typedef struct _ChainStepPlay ChainStepPlay;

typedef struct
{
  void     (*moved)   (gpointer data, double tween);   /* 0 … 1: of the present event, all of its parts together */
  gboolean (*advance) (gpointer data);                 /* the next event is due; FALSE: there is none, playing ends */
  void     (*stopped) (gpointer data);                 /* playing has ended by itself */
} ChainStepPlayFuncs;

ChainStepPlay *chain_step_play_new       (GtkWidget *widget, const ChainStepPlayFuncs *funcs, gpointer data);
void           chain_step_play_free      (ChainStepPlay *p);
void           chain_step_play_set_speed (ChainStepPlay *p, double per_second, gboolean slow);   /* 0: one a frame */
void           chain_step_play_start     (ChainStepPlay *p);     /* goes on with a part that is held */
void           chain_step_play_stop      (ChainStepPlay *p);     /* the movement under way goes to its end; in slow motion it is held */
gboolean       chain_step_play_is_on     (ChainStepPlay *p);
gboolean       chain_step_play_is_moving (ChainStepPlay *p);     /* or held */
void           chain_step_play_move      (ChainStepPlay *p, const ChainStory *story);   /* an event has just happened: shows its movement; story NULL: at once in one part */
void           chain_step_play_skip      (ChainStepPlay *p);     /* to the end of the movement under way, at once */
void           chain_step_play_drop      (ChainStepPlay *p);     /* nothing moves any more: we are elsewhere */
gboolean       chain_step_play_animates  (ChainStepPlay *p);     /* FALSE: reduced motion */

G_END_DECLS
