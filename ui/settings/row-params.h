/* SPDX-License-Identifier: Apache-2.0 */
/* Variant and parameters of any chosen row, as lines of the list that a heading row stands in: one line each, made from the table. Main
 * thread. */
#pragma once

#include <adwaita.h>

#include "engine/nn/table.h"
#include "ui/settings/param-control.h"

G_BEGIN_DECLS

typedef struct _ChainRowParams ChainRowParams;

/* next: the choice with the change in it. label: of the undo entry. key: changes with one key within half a second are one entry. FALSE with
 * a sentence: refused, nothing changed. */
typedef gboolean (*ChainRowParamsFunc) (const ChainChoice *next, const char *label, const char *key, gpointer data, GError **error);

/* heading: a row in a list box; the lines follow it, its second line becomes formula and derivative. what: start of labels and keys
 * ("optimiser"), translated. */
ChainRowParams *chain_row_params_new  (GtkWidget *heading, const char *key, const char *what, ChainRowParamsFunc changed, gpointer data);
/* The heading must still be there, or the lines gone with it. */
void            chain_row_params_free (ChainRowParams *p);
void            chain_row_params_show (ChainRowParams *p, const ChainRowInfo *info, const ChainChoice *choice);

/* For tests. */
GtkWidget         *chain_row_params_variant (ChainRowParams *p);      /* its drop-down; NULL */
guint              chain_row_params_n       (ChainRowParams *p);
ChainParamControl *chain_row_params_nth     (ChainRowParams *p, guint i);

/* What a variant is called: plain words, or its id with spaces. (transfer full), translated. */
char *chain_variant_title (const ChainRowInfo *info, const char *variant);

G_END_DECLS
