/* SPDX-License-Identifier: Apache-2.0 */
/* The scrubber of the debugger: one segment an event of the tape, forward, backward and update in their colours, layer borders as ticks
 * (DESIGN 3.2). A slider to a screen reader; what just happened is its value text (DESIGN 5.2). Main thread.
 *
 * Signal "moved" (guint position): somebody moved it; the owner decides and calls set_position. */
#pragma once

#include <gtk/gtk.h>

#include "app/stepper/diagram.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_TIMELINE (chain_timeline_get_type ())
G_DECLARE_FINAL_TYPE (ChainTimeline, chain_timeline, CHAIN, TIMELINE, GtkWidget)

GtkWidget *chain_timeline_new          (void);
void       chain_timeline_set_diagram  (ChainTimeline *t, ChainDiagram *d);          /* (transfer none) (nullable) */
void       chain_timeline_set_position (ChainTimeline *t, guint position, const char *spoken);
void       chain_timeline_say          (ChainTimeline *t, const char *spoken);      /* what a screen reader says of it now */
guint      chain_timeline_position     (ChainTimeline *t);

G_END_DECLS
