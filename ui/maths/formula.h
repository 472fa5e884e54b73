/* SPDX-License-Identifier: Apache-2.0 */
/* A formula as a widget: wraps at its width, follows the theme, is read aloud as a sentence, and copies as text or LaTeX. Main thread.
 *
 * Signal "anchor" (const char *id): the pointer came to a marked part, or left it (NULL). */
#pragma once

#include <gtk/gtk.h>

#include "app/maths/maths.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_FORMULA (chain_formula_get_type ())
G_DECLARE_FINAL_TYPE (ChainFormula, chain_formula, CHAIN, FORMULA, GtkWidget)

GtkWidget  *chain_formula_new       (ChainMaths *m);                      /* (transfer none); NULL shows nothing */
void        chain_formula_set_maths (ChainFormula *self, ChainMaths *m);  /* (transfer none) */
ChainMaths *chain_formula_get_maths (ChainFormula *self);                 /* (transfer none) */
void        chain_formula_set_size  (ChainFormula *self, double px);      /* of the em before text scaling; 17 at first */
const char *chain_formula_anchor_at (ChainFormula *self, double x, double y);   /* owned by the formula; NULL */
gboolean    chain_formula_find      (ChainFormula *self, const char *anchor, graphene_rect_t *out);   /* in the widget's coordinates */

G_END_DECLS
