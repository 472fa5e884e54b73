/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into the network from its canvas (DESIGN 2.5, 3.1): units off, alone or pale, the loss along a weight, computed inputs, earlier runs. What a
 * menu says a key does too: O off, S only this, H pale, Shift+H all shown again, L loss along the weight. Main thread.
 *
 * Pale units and layers are a matter of looking: of this window, not of the document. */
#pragma once

#include "app/session/explore.h"
#include "ui/canvas/canvas.h"

G_BEGIN_DECLS

typedef struct _ChainExplore ChainExplore;

/* All outlive it. root: the page, which gets the actions "explore.…" and hears the keys. */
ChainExplore *chain_explore_new    (ChainCanvas *canvas, ChainSession *session, GtkWidget *root);
void          chain_explore_free   (ChainExplore *x);
void          chain_explore_sync   (ChainExplore *x);     /* the document or its data changed */

/* A verb ("off", "solo", "hide", "show-all", "weight-line") on an element of the canvas; NULL: what has the focus or is selected. FALSE: it does not apply. */
gboolean      chain_explore_do     (ChainExplore *x, const char *verb, const char *element);
/* The verbs that apply to an element, as a section of its context menu; data: the ChainExplore. */
void          chain_explore_fill   (GMenu *section, const char *element, gpointer data);

/* For tests: the open plot of the loss along a weight (nullable); the button of the computed inputs. */
GtkWidget    *chain_explore_plot   (ChainExplore *x);
GtkWidget    *chain_explore_inputs (ChainExplore *x);

G_END_DECLS
