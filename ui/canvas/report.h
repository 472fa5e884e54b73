/* SPDX-License-Identifier: Apache-2.0 */
/* What a session function refused, as a toast. */
#pragma once

#include "app/session/session.h"

G_BEGIN_DECLS

/* Takes ownership of error (nullable). Returns TRUE if there was none. */
gboolean chain_report (ChainSession *session, GError *error);

G_END_DECLS
