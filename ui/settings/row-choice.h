/* SPDX-License-Identifier: Apache-2.0 */
/* A choice in a table as lines of a list: a heading with the menu of rows, formula and derivative, then variant and parameters of the chosen
 * row. Main thread. */
#pragma once

#include "ui/settings/row-params.h"

G_BEGIN_DECLS

typedef struct _ChainRowChoice ChainRowChoice;

/* A person picked a row. FALSE with a sentence: refused. */
typedef gboolean (*ChainRowPickFunc) (const char *id, gpointer data, GError **error);

/* key, what, changed: as of chain_row_params_new(); data goes to both functions. */
ChainRowChoice *chain_row_choice_new    (const char *title, const char *key, const char *what, ChainRowPickFunc picked, ChainRowParamsFunc changed, gpointer data);
void            chain_row_choice_free   (ChainRowChoice *c);
GtkWidget      *chain_row_choice_row    (ChainRowChoice *c);      /* the heading; goes into a list before the first show */
/* rows: of ChainMenuRow. info: the chosen one, alive as long as it is shown; one without parameters for what is in no table (own data). */
void            chain_row_choice_show   (ChainRowChoice *c, GPtrArray *rows, const ChainRowInfo *info, const ChainChoice *choice);
void            chain_row_choice_show_table (ChainRowChoice *c, const char *table, const ChainRowInfo *info, const ChainChoice *choice);
ChainRowParams *chain_row_choice_params (ChainRowChoice *c);
gboolean        chain_row_choice_pick   (ChainRowChoice *c, const char *id);      /* tests: as from the menu; FALSE: refused */

G_END_DECLS
