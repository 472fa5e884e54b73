/* SPDX-License-Identifier: Apache-2.0 */
/* Check Gradients (DESIGN 1, task E4): every gradient against central differences, at the weights of the moment that it was asked for. */
#pragma once

#include <adwaita.h>

#include "app/session/explore.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_GRADIENT_DIALOG (chain_gradient_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ChainGradientDialog, chain_gradient_dialog, CHAIN, GRADIENT_DIALOG, AdwWindow)

/* Starts the check at once; closing the window gives it up. */
GtkWidget  *chain_gradient_dialog_new    (GtkWindow *parent, ChainSession *session);
gboolean    chain_gradient_dialog_is_done (ChainGradientDialog *d);
const char *chain_gradient_dialog_verdict (ChainGradientDialog *d);   /* what stands on top */

G_END_DECLS
