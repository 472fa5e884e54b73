/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of the debugger: how far the movement of the present event has come, and when the next one is due (DESIGN 4.8). Follows the frame clock
 * of a widget; without animations there is no movement, and playing still steps. Main thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _ChainStepPlay ChainStepPlay;

typedef struct
{
  void     (*moved)   (gpointer data, double tween);   /* 0 … 1: the movement of the present event */
  gboolean (*advance) (gpointer data);                 /* the next event is due; FALSE: there is none, playing ends */
  void     (*stopped) (gpointer data);                 /* playing has ended by itself */
} ChainStepPlayFuncs;

ChainStepPlay *chain_step_play_new       (GtkWidget *widget, const ChainStepPlayFuncs *funcs, gpointer data);
void           chain_step_play_free      (ChainStepPlay *p);
void           chain_step_play_set_speed (ChainStepPlay *p, double per_second, gboolean slow);   /* 0: one a frame */
void           chain_step_play_start     (ChainStepPlay *p);
void           chain_step_play_stop      (ChainStepPlay *p);     /* the movement under way goes to its end */
gboolean       chain_step_play_is_on     (ChainStepPlay *p);
void           chain_step_play_move      (ChainStepPlay *p);     /* an event has just happened: shows its movement */
void           chain_step_play_skip      (ChainStepPlay *p);     /* to the end of the movement under way, at once */

G_END_DECLS
