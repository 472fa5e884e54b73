/* SPDX-License-Identifier: Apache-2.0 */
/* Hash of names that come from files. g_str_hash() lets a file choose its collisions: 65,536 of them cost 19 s (RELIABILITY M10). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* SipHash-1-3 under a key drawn once a process; for GHashTable with g_str_equal. Never iterate such a table into a result. */
guint chain_keyed_hash (gconstpointer text);

G_END_DECLS
