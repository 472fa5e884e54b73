/* SPDX-License-Identifier: Apache-2.0 */
/* The chips over the columns of the network: − tanh ×6 ▾ +, and (+) between layers. Real widgets, placed on the canvas where its layout says. */
#pragma once

#include "app/session/session.h"
#include "ui/canvas/canvas.h"

G_BEGIN_DECLS

typedef struct _ChainChips ChainChips;
typedef void (*ChainChipFunc) (const char *element, gpointer data);     /* "layer:d1" */

/* Both outlive the chips. */
ChainChips *chain_chips_new  (ChainCanvas *canvas, ChainSession *session);
void        chain_chips_free (ChainChips *c);
void        chain_chips_sync (ChainChips *c);      /* after the document changed */
void        chain_chips_tell_cost (ChainChips *c, const ChainSnapshot *s);       /* in their tooltips */
/* Narrow columns: chips lose their buttons, then all but the number of units. */
void        chain_chips_set_pitch (ChainChips *c, double pixels);
/* more: ▾ was pressed; link: the port was. */
void        chain_chips_listen (ChainChips *c, ChainChipFunc more, ChainChipFunc link, gpointer data);
gboolean    chain_chip_focus   (ChainChips *c, const char *element);

G_END_DECLS
