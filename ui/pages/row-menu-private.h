/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the catalogue menu. */
#pragma once

#include "ui/pages/row-menu.h"

G_BEGIN_DECLS

struct _ChainRowMenu
{
  GtkPopover         parent_instance;
  char              *title, *current;
  GPtrArray         *rows, *sorted;            /* of ChainMenuRow; sorted: in the order of the list */
  GPtrArray         *items;                    /* of GtkListBoxRow, of the same order */
  guint             *score;                    /* of each item for the present search */
  ChainMenuThumbFunc thumb;
  gpointer           thumb_data;
  GDestroyNotify     thumb_destroy;
  GtkWidget         *search, *overlay, *scroll, *list, *sticky, *line, *details, *none;
  GtkListBoxRow     *hovered;
  guint              tick;
  gboolean           had_tooltip;              /* the thing that the menu hangs on: none over the open menu */
};

/* row-menu-size.c: before it is shown. */
void _chain_row_menu_fit (ChainRowMenu *menu);

G_END_DECLS
