/* SPDX-License-Identifier: Apache-2.0 */
/* The list of pages. A page that does not exist is not in it. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define CHAIN_TYPE_SIDEBAR (chain_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (ChainSidebar, chain_sidebar, CHAIN, SIDEBAR, GtkWidget)

/* key: the digit of Ctrl+1 … Ctrl+8 that stays with the page (ARCHITECTURE 10). */
typedef struct { const char *id, *title, *icon, *group; guint key; } ChainPageRow;

const ChainPageRow *chain_table_pages (guint *n);

/* Signal "picked" (const char *id). */
void chain_sidebar_select (ChainSidebar *sidebar, const char *id);

G_END_DECLS
