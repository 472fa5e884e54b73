/* SPDX-License-Identifier: Apache-2.0 */
/* Computed inputs at the input column: a button under its tiles opens the usual formulas as toggles, those in use, and a field for any other. */
#pragma once

#include "app/session/explore.h"
#include "ui/canvas/canvas.h"

G_BEGIN_DECLS

typedef struct _ChainInputs ChainInputs;

ChainInputs *chain_inputs_new    (ChainCanvas *canvas, ChainSession *session);    /* both outlive it */
void         chain_inputs_free   (ChainInputs *i);
void         chain_inputs_sync   (ChainInputs *i);
GtkWidget   *chain_inputs_button (ChainInputs *i);

G_END_DECLS
