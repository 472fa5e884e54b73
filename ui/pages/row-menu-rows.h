/* SPDX-License-Identifier: Apache-2.0 */
/* What a catalogue menu lists: rows of a table with what the present document makes of them. */
#pragma once

#include <glib.h>

#include "engine/nn/table.h"

G_BEGIN_DECLS

typedef struct
{
  const char         *id;
  const ChainRowInfo *info;      /* NULL: a row with a title only */
  const char         *title;     /* all texts translated; NULL: that of info */
  const char         *group;     /* heading; NULL: that of info */
  const char         *note;      /* stands in place of the formula */
  const char         *reason;    /* why it cannot be chosen now, one short sentence; NULL: it can */
} ChainMenuRow;

/* An array of ChainMenuRow whose texts it owns; never changed once it is given to a menu. */
GPtrArray          *chain_menu_rows_new       (void);
void                chain_menu_rows_add       (GPtrArray *rows, const ChainMenuRow *row);     /* copied; title and group filled in */
void                chain_menu_rows_add_table (GPtrArray *rows, const char *table);           /* by its CLI name: "optimisers" */
const ChainMenuRow *chain_menu_rows_find      (const GPtrArray *rows, const char *id);        /* NULL */
gboolean            chain_menu_rows_equal     (const GPtrArray *a, const GPtrArray *b);
/* The same rows as a menu shows them: what cannot be chosen last, groups in the order of the table, in a group the lecture's rows first. They
 * belong to `rows`. (transfer container). */
GPtrArray          *chain_menu_rows_sorted    (const GPtrArray *rows);

/* How well a row answers a search: 0 not at all, 1 somewhere in its texts, then in its title, at its start, its whole title or id. The query
 * is folded by chain_menu_fold(). */
guint               chain_menu_row_matches    (const ChainMenuRow *row, const char *folded);
char               *chain_menu_fold           (const char *text);
/* "lr = 0.03, beta1 = 0.9"; NULL if it has none. (transfer full). */
char               *chain_menu_row_params     (const ChainRowInfo *info);
/* Its names in the libraries that have it; NULL if none has. (transfer full). */
char               *chain_menu_row_elsewhere  (const ChainRowInfo *info);

G_END_DECLS
