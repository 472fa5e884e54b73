/* SPDX-License-Identifier: Apache-2.0 */
/* Weights that somebody else trained, into the network that is open. */
#pragma once

#include "app/io/weights-map.h"
#include "app/session/session.h"

G_BEGIN_DECLS

/* What of the file goes where in the present network: a proposal. NULL with one sentence. (transfer full). */
ChainWeightsMap *chain_session_map_weights   (ChainSession *s, const char *path, GError **error);
/* One undoable edit: parameters that the map fills take what the file has, the others keep their values. name: of the file, for the undo label.
 * FALSE, and nothing has happened, if the network is not the one of the map any more, or a number is not finite. */
gboolean         chain_session_apply_weights (ChainSession *s, const ChainWeightsMap *map, const char *name, GError **error);

G_END_DECLS
