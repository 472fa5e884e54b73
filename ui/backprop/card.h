/* SPDX-License-Identifier: Apache-2.0 */
/* The formula card: what happens at this position, in one sentence, in symbols, with numbers, and checked by a central difference; during the update
 * the lines of the optimiser, each with this weight's numbers (DESIGN 3.2). Main thread. */
#pragma once

#include <gtk/gtk.h>

#include "app/stepper/diagram.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_FORMULA_CARD (chain_formula_card_get_type ())
G_DECLARE_FINAL_TYPE (ChainFormulaCard, chain_formula_card, CHAIN, FORMULA_CARD, GtkWidget)

GtkWidget *chain_formula_card_new  (void);
void       chain_formula_card_show (ChainFormulaCard *c, const ChainStepCard *card, guint position, guint length);
/* How much of it is seen while its step is told in parts; showing another shows all. */
typedef enum { CHAIN_REVEAL_SYMBOLS, CHAIN_REVEAL_NUMBERS, CHAIN_REVEAL_ALL } ChainReveal;
void       chain_formula_card_reveal (ChainFormulaCard *c, ChainReveal reveal);
/* The difference by the side of adjoint; result NULL: none is taken here, and why (message NULL: hides the band). */
void       chain_formula_card_check (ChainFormulaCard *c, const ChainProbeResult *result, const char *message);
void       chain_formula_card_wait  (ChainFormulaCard *c);       /* a difference is being taken */
GtkWidget  *chain_formula_card_present (ChainFormulaCard *c);    /* the row of the optimiser's present line; NULL */
const char *chain_formula_card_title (ChainFormulaCard *c);
const char *chain_formula_card_band  (ChainFormulaCard *c);      /* what the band says; for tests */

G_END_DECLS
