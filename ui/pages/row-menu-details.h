/* SPDX-License-Identifier: Apache-2.0 */
/* The foot of a catalogue menu: all that the table knows of one row, in a height that never changes. */
#pragma once

#include <gtk/gtk.h>

#include "ui/pages/row-menu-rows.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_ROW_DETAILS (chain_row_details_get_type ())
G_DECLARE_FINAL_TYPE (ChainRowDetails, chain_row_details, CHAIN, ROW_DETAILS, GtkWidget)

GtkWidget *chain_row_details_new  (void);
void       chain_row_details_show (ChainRowDetails *details, const ChainMenuRow *row);     /* nullable; copied */
char      *chain_row_details_words (const ChainMenuRow *row);                               /* all of it as text. (transfer full) */

G_END_DECLS
