/* SPDX-License-Identifier: Apache-2.0 */
/* The chips over the columns of the network: − tanh ×6 ▾ +, and (+) between layers. Real widgets, placed on the canvas where its layout says. */
#pragma once

#include "app/session/session.h"
#include "ui/canvas/canvas.h"

G_BEGIN_DECLS

typedef struct _ChainChips ChainChips;

/* Both outlive the chips. */
ChainChips *chain_chips_new  (ChainCanvas *canvas, ChainSession *session);
void        chain_chips_free (ChainChips *c);
void        chain_chips_sync (ChainChips *c);      /* after the document changed */
/* TRUE: only names, as narrow columns want. */
void        chain_chips_set_small (ChainChips *c, gboolean small);

G_END_DECLS
