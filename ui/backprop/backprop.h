/* SPDX-License-Identifier: Apache-2.0 */
/* The Backprop page: the graph of one training step, walked forward, backward and through the update, and back again (DESIGN 3.2). */
#pragma once

#include "app/picture/step-heat.h"
#include "app/session/session.h"
#include "ui/backprop/bar.h"
#include "ui/backprop/fields.h"
#include "ui/backprop/tape.h"
#include "ui/pages/page.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_BACKPROP_PAGE (chain_backprop_page_get_type ())
G_DECLARE_FINAL_TYPE (ChainBackpropPage, chain_backprop_page, CHAIN, BACKPROP_PAGE, GtkWidget)

void             chain_backprop_page_set_session (ChainBackpropPage *p, ChainSession *session);   /* once */

/* What is shown (all (transfer none); NULL before the first trace has come). */
ChainTrace      *chain_backprop_page_trace    (ChainBackpropPage *p);
ChainDiagram    *chain_backprop_page_diagram  (ChainBackpropPage *p);
guint            chain_backprop_page_position (ChainBackpropPage *p);
void             chain_backprop_page_go       (ChainBackpropPage *p, guint position);
/* For tests. */
ChainStepFields *chain_backprop_page_fields   (ChainBackpropPage *p);
ChainStepBar    *chain_backprop_page_bar      (ChainBackpropPage *p);
ChainTape       *chain_backprop_page_tape     (ChainBackpropPage *p);
ChainStepHeat   *chain_backprop_page_matrix   (ChainBackpropPage *p);      /* the heat map over the picture; NULL: it is closed */

G_END_DECLS
