/* SPDX-License-Identifier: Apache-2.0 */
/* A card of the side column: title and note from the picture's layout, under them the picture. A menu beside the title puts another view of the
 * table into the card. */
#pragma once

#include "ui/canvas/canvas.h"

G_BEGIN_DECLS

typedef struct
{
  GtkWidget       *root, *title, *note, *menu;
  ChainCanvas     *canvas;     /* owned */
  const ChainView *chosen;     /* in the menu; NULL: the page decides */
  const ChainView *usual;      /* what it decided last */
  char            *subject_note;  /* owned: what its response is drawn in, or why it is not */
  char            *subject;    /* owned: the unit that a boundary card shows instead of the output */
} ChainCard;

/* The canvas is made here; the struct is plain and lives in the page. */
void chain_card_init   (ChainCard *card, const ChainView *view, double hertz);
/* Shows the view chosen in the menu as long as it applies, else `usual`. */
void chain_card_follow (ChainCard *card, const ChainSnapshot *s, const ChainView *usual);
void chain_card_set_subject (ChainCard *card, const ChainElement *e /* nullable */, char *note /* (transfer full), nullable */);
void chain_card_height (ChainCard *card, int height);     /* of the picture */

G_END_DECLS
