/* SPDX-License-Identifier: Apache-2.0 */
/* The badges under the chips: what ails a layer, in a word; a click says why, and what another click can do about it (DESIGN 3.1, 4.9). */
#pragma once

#include "app/session/session.h"
#include "ui/canvas/canvas.h"

G_BEGIN_DECLS

typedef struct _ChainBadges ChainBadges;

/* Both outlive the badges. */
ChainBadges *chain_badges_new   (ChainCanvas *canvas, ChainSession *session);
void         chain_badges_free  (ChainBadges *b);
void         chain_badges_sync  (ChainBadges *b);                      /* after a snapshot was taken */
void         chain_badges_set_pitch (ChainBadges *b, double pixels);   /* narrow columns: the sign alone */

G_END_DECLS
