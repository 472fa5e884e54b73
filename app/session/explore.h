/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into a network while it is built (DESIGN 3.1): units switched off, typed inputs switched on, earlier runs to compare with, the loss along
 * one weight. Main thread.
 *
 * A unit that is off is a property of the document (ChainLayer.off): undoable, saved, the same on the command line and in exports. The run goes on with
 * it: it passes on 0, and it learns nothing, so that what it knew is there when it is switched on again (weight decay alone still acts). "Only this
 * one" is the same thing the other way round.
 *
 * Earlier runs are not part of the document and are not saved: they are of this session, a few of them, and go with it. */
#pragma once

#include "app/session/session.h"
#include "app/train/ghost.h"
#include "app/train/gradient-check.h"
#include "app/train/weight-line.h"

G_BEGIN_DECLS

#define CHAIN_GHOSTS CHAIN_SNAP_GHOSTS

/* --- units --- */
gboolean chain_session_is_off     (ChainSession *s, const char *layer, guint unit);
gboolean chain_session_set_off    (ChainSession *s, const char *layer, guint unit, gboolean off, GError **error);
gboolean chain_session_set_layer_off (ChainSession *s, const char *layer, gboolean off, GError **error);   /* all of its units */
gboolean chain_session_is_solo    (ChainSession *s, const char *layer, guint unit);      /* on, and all others of its layer off */
/* All others of the layer off; all on where that is so already. */
gboolean chain_session_solo       (ChainSession *s, const char *layer, guint unit, GError **error);
/* Layers that run beside this one, on other ways from the inputs to the output, off; on again where that is so already. */
gboolean chain_session_solo_layer (ChainSession *s, const char *layer, GError **error);

/* --- typed inputs: formulas in x1, x2 … --- */
gboolean chain_session_has_feature    (ChainSession *s, const char *formula);    /* however it is spelt */
gboolean chain_session_toggle_feature (ChainSession *s, const char *formula, GError **error);
/* The usual ones that the columns allow: formula and how it is written; NULL past the last. */
const char *chain_session_usual_feature (ChainSession *s, guint i, const char **text);

/* --- earlier runs --- */
guint    chain_session_n_ghosts     (ChainSession *s);
gboolean chain_session_shows_ghosts (ChainSession *s);
void     chain_session_show_ghosts  (ChainSession *s, gboolean show);
void     chain_session_forget_ghosts (ChainSession *s);

/* --- the loss along one weight: a task of its own; nothing of the run waits for it --- */
void             chain_session_weight_line_async  (ChainSession *s, const char *tensor, guint row, guint col, double low, double high, GCancellable *cancellable,
                                                   GAsyncReadyCallback done, gpointer data);
ChainWeightLine *chain_session_weight_line_finish (ChainSession *s, GAsyncResult *result, GError **error);   /* (transfer full) */

/* --- every gradient against differences, at the present weights: likewise; of each parameter at most CHAIN_SESSION_CHECK_ENTRIES --- */
#define CHAIN_SESSION_CHECK_ENTRIES 200u
void                chain_session_check_gradients_async  (ChainSession *s, GCancellable *cancellable, GAsyncReadyCallback done, gpointer data);
ChainGradientCheck *chain_session_check_gradients_finish (ChainSession *s, GAsyncResult *result, GError **error);   /* (transfer full) */
/* In words: one sentence; and all of it as lines with tabs, numbers as a file has them. (transfer full). */
char               *chain_gradient_check_verdict (const ChainGradientCheck *c);
char               *chain_gradient_check_text    (const ChainGradientCheck *c);

G_END_DECLS
