/* SPDX-License-Identifier: Apache-2.0 */
/* The row of settings under the header bar: at most seven captioned fields, made from the tables, and "All settings". */
#pragma once

#include "app/session/session.h"
#include "ui/canvas/width-class.h"
#include "ui/settings/settings.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define CHAIN_TYPE_STRIP (chain_strip_get_type ())
G_DECLARE_FINAL_TYPE (ChainStrip, chain_strip, CHAIN, STRIP, GtkBox)

void       chain_strip_set_session (ChainStrip *strip, ChainSession *session);    /* once */
/* Shows as many fields as the class allows and `room` pixels hold; the others move into the window of all settings. */
void       chain_strip_set_class   (ChainStrip *strip, ChainWidthClass width, int room);
void       chain_strip_scale_rate  (ChainStrip *strip, double factor);            /* [ and ] */
void       chain_strip_show_settings (ChainStrip *strip);
ChainSettings *chain_strip_settings (ChainStrip *strip);
/* For tests: "data", "loss", "optimiser", "rate", "batch", "initialiser", "decay". */
GtkWidget *chain_strip_field       (ChainStrip *strip, const char *id);
guint      chain_strip_n_shown     (ChainStrip *strip);

G_END_DECLS
