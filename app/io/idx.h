/* SPDX-License-Identifier: Apache-2.0 */
/* IDX (the format of MNIST), plain or gzip -> ChainTable. */
#pragma once

#include "app/io/file-replace.h"
#include "engine/nn/dataset.h"

G_BEGIN_DECLS

/* Rows = the first dimension, columns = the product of the others, as numbers; image_width/height set for three dimensions. where may be
 * NULL. (transfer full) or NULL. */
ChainTable *chain_idx_read      (const void *data, gsize len, ChainFileWhere *where, GError **error);

/* Images and their labels as one table; labels (one dimension, whole numbers) become the category "label", the default target, in
 * numeric order. folder: what chain_file_read_in() says; NULL = anywhere. */
ChainTable *chain_idx_load_pair (const char *folder, const char *images, const char *labels, GError **error);

G_END_DECLS
