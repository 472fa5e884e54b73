/* SPDX-License-Identifier: Apache-2.0 */
/* A card of the side column: title and note from the picture's layout, under them the picture. */
#pragma once

#include "ui/canvas/canvas.h"

G_BEGIN_DECLS

typedef struct { GtkWidget *root, *title, *note; ChainCanvas *canvas; /* owned */ } ChainCard;

/* The canvas is made here; the struct is plain and lives in the page. */
void chain_card_init   (ChainCard *card, const ChainView *view, double hertz);
void chain_card_height (ChainCard *card, int height);     /* of the picture */

G_END_DECLS
