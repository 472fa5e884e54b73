/* SPDX-License-Identifier: Apache-2.0 */
/* What the three parts of the CSV reader share: the cells as read, before anybody knows what they mean. */
#pragma once

#include "app/io/csv.h"

G_BEGIN_DECLS

typedef struct
{
  GString   *arena;          /* the text of all cells of the data rows, one after the other */
  GArray    *lengths;        /* of guint32: of each cell, row by row */
  GArray    *lines;          /* of guint32: the line that each row begins in */
  GPtrArray *names;          /* of char*: the header */
  GPtrArray *warnings;       /* of char* */
  guint      header_line;
  ChainFileWhere *where;
  GError   **error;
} ChainCsvCells;

/* Sets error and where; returns FALSE. column 0 = the line as a whole. */
gboolean    _chain_csv_fail (const ChainCsvCells *c, guint line, guint column, gint64 offset, ChainErrorCode code, const char *format, ...) G_GNUC_PRINTF (6, 7);

/* FALSE with an error if the bytes are another format or not UTF-8 text. */
gboolean    _chain_csv_check_text (const ChainCsvCells *c, const char *text, gsize len);

/* Bytes of a first line "sep=;" with its end (0 = there is none); *delimiter is its character. */
gsize       _chain_csv_sep_line (const char *text, gsize len, char *delimiter);

/* The separator of , ; tab | that cuts the first rows into the most fields, equal in every row; ',' if none does. */
char        _chain_csv_sniff (const char *text, gsize len);

/* Gives each column its kind and values. NULL with an error. */
ChainTable *_chain_csv_columns (ChainCsvCells *c, const ChainCsvOptions *options);

G_END_DECLS
