/* SPDX-License-Identifier: Apache-2.0 */
/* How large a catalogue menu opens: it ends inside the window, and keeps its height while it is open. It opens downwards; where the list would
 * be short there and has more room above, upwards. Where the window is low the list comes first and the details move into tooltips. */
#include "config.h"

#include "ui/pages/row-menu-private.h"

#include "ui/canvas/theme.h"
#include "ui/pages/row-menu-details.h"

#define WIDTH 396          /* of a row; with the popover's edges less than 420. Larger text widens it by at most two fifths */
#define LEAST_LIST 210     /* pixels: for less the details make room */
#define MOST_LIST 420

/* Pixels between the thing that the menu hangs on and the window's edge on the side that the menu is told to open to: the lower one, unless
 * `wanted` pixels do not fit there and the upper one is farther. */
static int
choose_side (ChainRowMenu *self, int wanted)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));
  GtkRoot *root = parent != NULL ? gtk_widget_get_root (parent) : NULL;
  graphene_rect_t box;
  int above, below;
  gboolean up;

  gtk_popover_set_position (GTK_POPOVER (self), GTK_POS_BOTTOM);
  if (root == NULL || !gtk_widget_compute_bounds (parent, GTK_WIDGET (root), &box))
    return 600;
  above = (int) box.origin.y;
  below = gtk_widget_get_height (GTK_WIDGET (root)) - (int) (box.origin.y + box.size.height);
  up = below < wanted && above > below;
  if (up)
    gtk_popover_set_position (GTK_POPOVER (self), GTK_POS_TOP);
  return up ? above : below;
}

static int
menu_width (void)
{
  return (int) (WIDTH * CLAMP (chain_theme_text_scaling (), 1, 1.4));
}

static int
natural_height (GtkWidget *widget)
{
  int height = 0;

  if (widget != NULL && gtk_widget_get_visible (widget))
    gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, menu_width (), NULL, &height, NULL, NULL);
  return height;
}

/* What the details would say, where there is no room for them. */
static void
tell_in_tooltips (ChainRowMenu *self, gboolean tell)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      g_autofree char *words = tell ? chain_row_details_words (g_ptr_array_index (self->sorted, i)) : NULL;

      gtk_widget_set_tooltip_text (g_ptr_array_index (self->items, i), words);
    }
}

void
_chain_row_menu_fit (ChainRowMenu *self)
{
  gboolean plain = self->sorted->len > 0 && ((const ChainMenuRow *) g_ptr_array_index (self->sorted, 0))->info == NULL;
  int edges = 40 + (self->search != NULL ? natural_height (self->search) + 6 : 0);
  int room = choose_side (self, edges + MIN (natural_height (self->list), (int) (LEAST_LIST * chain_theme_text_scaling ()))) - edges, rest;

  gtk_widget_set_visible (self->details, !plain);
  rest = room - natural_height (self->details) - 14;
  if (rest < LEAST_LIST * chain_theme_text_scaling ())
    {
      gtk_widget_set_visible (self->details, FALSE);
      rest = room;
    }
  gtk_widget_set_visible (self->line, gtk_widget_get_visible (self->details));
  tell_in_tooltips (self, !plain && !gtk_widget_get_visible (self->details));
  gtk_widget_set_size_request (self->scroll, menu_width (), CLAMP (natural_height (self->list), 1, CLAMP (rest, 130, (int) (MOST_LIST * chain_theme_text_scaling ()))));
}
