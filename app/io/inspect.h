/* SPDX-License-Identifier: Apache-2.0 */
/* One file read with all limits and told in one line of JSON: what `chainrule-cli inspect` prints, the corpus and bug reports use. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct { guint row, col; } ChainInspectCell;
typedef struct
{
  const char *as;                  /* "csv", "idx", "npy", "safetensors", "json" */
  char        delimiter;           /* csv: 0 = auto */
  gboolean    no_header;
  const ChainInspectCell *cells;   /* tables: values to print */
  guint       n_cells;
} ChainInspectOptions;

/* (transfer full), one line without its end, never NULL. *ok (nullable): whether the file loaded. Control characters in texts are
 * escaped as JSON does, so that the line is safe on a terminal. */
char *chain_inspect_json (const char *path, const ChainInspectOptions *options, gboolean *ok);

G_END_DECLS
