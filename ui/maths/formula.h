/* SPDX-License-Identifier: Apache-2.0 */
/* A formula as a widget: wraps at its width, follows the theme, is read aloud as a sentence, and copies as text or LaTeX. Main thread.
 *
 * Signal "anchor" (const char *id): the pointer came to a marked part, or left it (NULL). */
#pragma once

#include <gtk/gtk.h>

#include "app/maths/maths.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_MATHS_LABEL (chain_maths_label_get_type ())
G_DECLARE_FINAL_TYPE (ChainMathsLabel, chain_maths_label, CHAIN, MATHS_LABEL, GtkWidget)

GtkWidget  *chain_maths_label_new       (ChainMaths *m);                      /* (transfer none); NULL shows nothing */
void        chain_maths_label_set_maths (ChainMathsLabel *self, ChainMaths *m);  /* (transfer none) */
ChainMaths *chain_maths_label_get_maths (ChainMathsLabel *self);                 /* (transfer none) */
void        chain_maths_label_set_size  (ChainMathsLabel *self, double px);      /* of the em before text scaling; 17 at first */
const char *chain_maths_label_anchor_at (ChainMathsLabel *self, double x, double y);   /* owned by the formula; NULL */
gboolean    chain_maths_label_find      (ChainMathsLabel *self, const char *anchor, graphene_rect_t *out);   /* in the widget's coordinates */

G_END_DECLS
