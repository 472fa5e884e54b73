/* SPDX-License-Identifier: Apache-2.0 */
/* A catalogue menu: the rows of a table in a popover, with formula and sentence, searchable, in groups, and all that is known of the row under the
 * pointer below. Signal "chosen" (const char *id): a person picked a row; the popover is closed by then. Main thread. */
#pragma once

#include <gtk/gtk.h>

#include "ui/pages/row-menu-face.h"
#include "ui/pages/row-menu-rows.h"

G_BEGIN_DECLS

#define CHAIN_MENU_SEARCH_FROM 9u      /* rows: fewer need no search */

#define CHAIN_TYPE_ROW_MENU (chain_row_menu_get_type ())
G_DECLARE_FINAL_TYPE (ChainRowMenu, chain_row_menu, CHAIN, ROW_MENU, GtkPopover)

/* title: what is chosen here, "Loss". thumb (nullable) must be known before the rows. */
GtkWidget  *chain_row_menu_new         (const char *title);
void        chain_row_menu_set_thumb   (ChainRowMenu *menu, ChainMenuThumbFunc thumb, gpointer data, GDestroyNotify destroy);
void        chain_row_menu_set_rows    (ChainRowMenu *menu, GPtrArray *rows);      /* (ref) */
void        chain_row_menu_set_current (ChainRowMenu *menu, const char *id);       /* nullable; the check mark */

/* For tests: the search entry (NULL if there are few rows), the row that Enter would choose, the rows that the search leaves. */
GtkWidget  *chain_row_menu_search      (ChainRowMenu *menu);
const char *chain_row_menu_selected    (ChainRowMenu *menu);
guint       chain_row_menu_n_visible   (ChainRowMenu *menu);
GtkWidget  *chain_row_menu_row         (ChainRowMenu *menu, const char *id);       /* the list's row */
void        chain_row_menu_choose      (ChainRowMenu *menu);                       /* as Enter does */

G_END_DECLS
