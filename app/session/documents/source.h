/* SPDX-License-Identifier: Apache-2.0 */
/* The file that a document's data were read from, once they are read (RELIABILITY A10): what is trained on is a copy in memory, which nothing that
 * happens to the file can change. Main thread. */
#pragma once

#include "app/session/session.h"

G_BEGIN_DECLS

/* Where it is, absolute; NULL: the data are not of a file, or were not found. (transfer full). */
char    *chain_session_data_path       (ChainSession *s);
/* Its present rows with the same columns and settings, as one undoable edit; weights stay where they fit. */
gboolean chain_session_read_data_again (ChainSession *s, GError **error);

G_END_DECLS
