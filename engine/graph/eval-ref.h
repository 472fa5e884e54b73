/* SPDX-License-Identifier: Apache-2.0 */
/* An interpreter over the reference column of the op table: slow, obvious, f64. What plans are compared with. */
#pragma once

#include "engine/graph/graph.h"

G_BEGIN_DECLS

typedef struct { ChainId leaf; const double *data; } ChainRefBinding;   /* data: all entries for this b, row-major */

/* out[i] receives all entries of ids[i] (rows · cols numbers for this b). Leaves that the ids need must be bound, except n_rows,
 * which is b. CHAIN_ERROR_SPEC with the leaf's name otherwise, CHAIN_ERROR_OVERFLOW or _MEMORY for a value that is too large.
 * Any thread when g is sealed. */
gboolean chain_ref_eval (const ChainGraph *g, const ChainRefBinding *leaves, guint n_leaves, gint64 b, guint64 seed,
                         const ChainId *ids, guint n_ids, double *const *out, GError **error);

/* Entries of a node for this b. */
gsize    chain_ref_size (const ChainGraph *g, ChainId id, gint64 b);

G_END_DECLS
