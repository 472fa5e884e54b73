/* SPDX-License-Identifier: Apache-2.0 */
/* One way to say that a spec cannot be built: every part of nn that reads one ends in a sentence and FALSE. */
#pragma once

#include "engine/base/types.h"

G_BEGIN_DECLS

/* Sets CHAIN_ERROR_SPEC with the sentence. Returns FALSE, which as a ChainId is CHAIN_NONE. */
gboolean _chain_refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
