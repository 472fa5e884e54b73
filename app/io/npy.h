/* SPDX-License-Identifier: Apache-2.0 */
/* NumPy's .npy -> ChainTable; no .npz, no objects, nothing is evaluated. */
#pragma once

#include "app/io/file-replace.h"
#include "engine/nn/dataset.h"

G_BEGIN_DECLS

/* Rows = the first dimension, columns = the product of the others. where may be NULL. (transfer full) or NULL. */
ChainTable *chain_npy_read (const void *data, gsize len, ChainFileWhere *where, GError **error);

G_END_DECLS
