/* SPDX-License-Identifier: Apache-2.0 */
/* CSV and its relatives -> ChainTable, on libcsv. */
#pragma once

#include "app/io/file-replace.h"
#include "engine/nn/dataset.h"

G_BEGIN_DECLS

typedef struct
{
  char        delimiter;          /* 0 = told from the text (, ; tab |), a "sep=;" line obeyed */
  gboolean    no_header;          /* names become c1, c2, … */
  const GPtrArray *lenient;       /* of char*: columns that nobody will use: mixed or empty ones do not refuse the file. NULL */
} ChainCsvOptions;

/* Text in memory. Numbers: '.' only, finite. Missing: "", NA, N/A, NaN, ?, null (any of these in a warning with the first line).
 * where->line is the line the row begins in, where->column the field. (transfer full) or NULL. Linear time. */
ChainTable *chain_csv_read  (const char *text, gsize len, const ChainCsvOptions *options, ChainFileWhere *where, GError **error);

/* Appends one field, quoted where needed. `is_text`: cells that a spreadsheet would run (= + - @ TAB CR first) get a leading ' (CWE-1236). */
void        chain_csv_append (GString *to, const char *cell, gboolean is_text);

G_END_DECLS
