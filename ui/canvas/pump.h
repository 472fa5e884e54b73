/* SPDX-License-Identifier: Apache-2.0 */
/* The frame-clock side of the worker: one tick callback a window. Main thread. */
#pragma once

#include <gtk/gtk.h>

#include "app/session/session.h"

G_BEGIN_DECLS

typedef struct _ChainPump ChainPump;

/* Ticks on the frame clock of widget while it is mapped and the session runs, or for a while after a kick. */
ChainPump *chain_pump_new      (GtkWidget *widget, ChainSession *session);
void       chain_pump_free     (ChainPump *p);
void       chain_pump_set_want (ChainPump *p, guint want);   /* ChainWant bits of the visible pictures */
void       chain_pump_kick     (ChainPump *p);               /* a command was sent: look for its effect */
gboolean   chain_pump_is_ticking (ChainPump *p);

G_END_DECLS
