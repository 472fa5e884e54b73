/* SPDX-License-Identifier: Apache-2.0 */
/* Where the tensors of a file go: a report to read, to change line by line, and to apply as one edit. */
#pragma once

#include <adwaita.h>

#include "app/session/documents/weights.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_WEIGHTS_DIALOG (chain_weights_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ChainWeightsDialog, chain_weights_dialog, CHAIN, WEIGHTS_DIALOG, AdwWindow)

/* Takes map. name: of the file. Signal "applied": the session has the weights. */
GtkWidget *chain_weights_dialog_new (GtkWindow *parent, ChainSession *session, ChainWeightsMap *map /* (transfer full) */, const char *name);

G_END_DECLS
