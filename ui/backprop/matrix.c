/* SPDX-License-Identifier: Apache-2.0 */
/* The entry in view: where a cell is a matrix, the card can speak of one number of it, the one that somebody chose on its heat map. */
#include "config.h"

#include "ui/backprop/page-private.h"

void
_chain_backprop_choose_entry (ChainBackpropPage *p, const char *cell, gint64 row, gint64 col)
{
  if (g_strcmp0 (p->entry_cell, cell) == 0 && p->entry_row == row && p->entry_col == col)
    return;
  g_free (p->entry_cell);
  p->entry_cell = g_strdup (cell);
  p->entry_row = row;
  p->entry_col = col;
  if (p->diagram != NULL)
    _chain_backprop_go (p, p->position, FALSE);
}
