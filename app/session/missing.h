/* SPDX-License-Identifier: Apache-2.0 */
/* A document whose data are not where it may look for them opens all the same: with its weights, on rows that stand in for the data, and
 * unable to train until somebody says where the data are (RELIABILITY 2.4 rule 6). Main thread. */
#pragma once

#include "app/session/session.h"

G_BEGIN_DECLS

/* Why the data are not here, as a sentence; NULL = they are. */
const char *chain_session_missing_data (ChainSession *s);
/* Reads the data from the file that a person chose, keeping weights and run; another file than the one that the document was made with is said. */
gboolean    chain_session_find_data    (ChainSession *s, const char *path, GError **error);

G_END_DECLS
