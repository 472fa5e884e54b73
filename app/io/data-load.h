/* SPDX-License-Identifier: Apache-2.0 */
/* From what a spec says about its data to a table: generator, bundled set, or a file told by its content. */
#pragma once

#include "engine/nn/dataset.h"

G_BEGIN_DECLS

/* Folder that holds `datasets/`: the source tree's data/ for a build folder, else the installed one, else NULL. (transfer full). */
char       *chain_data_dir  (void);

/* base_dir: the document's folder; a path in the spec is opened only inside it. NULL: a person gave the path, it may lie anywhere.
 * datasets_dir: NULL = chain_data_dir()/datasets.
 * Embedded data is not here: the document carries it. (transfer full) or NULL with one sentence. */
ChainTable *chain_data_load (const ChainDataSpec *data, const char *base_dir, const char *datasets_dir, GError **error);

/* One file, as `--data FILE`: options of `data` (delimiter, header, labels_path, ignore) hold; data may be NULL. */
ChainTable *chain_data_load_file (const char *path, const ChainDataSpec *data, GError **error);

G_END_DECLS
