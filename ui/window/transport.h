/* SPDX-License-Identifier: Apache-2.0 */
/* The bar at the bottom: reset, back, train, step, speed, readouts, device. One transport for everything that has time (DESIGN rule 2). */
#pragma once

#include "app/session/session.h"
#include "ui/canvas/width-class.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define CHAIN_TYPE_TRANSPORT (chain_transport_get_type ())
G_DECLARE_FINAL_TYPE (ChainTransport, chain_transport, CHAIN, TRANSPORT, GtkWidget)

void       chain_transport_set_session (ChainTransport *t, ChainSession *session);   /* once */
void       chain_transport_set_class   (ChainTransport *t, ChainWidthClass width);
GtkWidget *chain_transport_play_button (ChainTransport *t);

/* The speed slider: 0 … 1 <-> steps a second, 0 = no limit (top end). */
double     chain_transport_speed_of    (double position);
double     chain_transport_position_of (double steps_per_s);

G_END_DECLS
