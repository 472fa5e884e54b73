/* SPDX-License-Identifier: Apache-2.0 */
/* Where the focus is when chips are made anew. It stays on the part that it was on; a layer that has come has it instead, for that is what the person is
 * about; and where its layer went, the chip that stands there now. The picture of a new layer comes from the worker: its chip is not on the screen
 * before that, and what is not on the screen loses the focus. */
#include "config.h"

#include "ui/pages/chips-private.h"

#include "ui/canvas/element-ref.h"

static GtkWidget *
part_of (ChainChip *chip, int part)
{
  GtkWidget *parts[] = { chip->is_add ? chip->root : NULL, chip->minus, chip->menu, chip->arrow, chip->plus, chip->port };

  return (guint) part < G_N_ELEMENTS (parts) ? parts[part] : NULL;
}

void
_chain_chips_note_focus (ChainChips *c, ChainChipFocus *f)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (c->canvas));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  *f = (ChainChipFocus){ 0 };
  for (guint i = 0; i < c->chips->len && focus != NULL && f->known == NULL; i++)
    {
      ChainChip *chip = g_ptr_array_index (c->chips, i);

      for (int part = 0; part < CHAIN_CHIP_PARTS && f->known == NULL; part++)
        {
          GtkWidget *w = part_of (chip, part);

          if (w != NULL && (focus == w || gtk_widget_is_ancestor (focus, w)))
            *f = (ChainChipFocus){ i, chip->is_add, part, g_strdup (chip->layer), g_ptr_array_new_with_free_func (g_free) };
        }
    }
  for (guint i = 0; i < c->chips->len && f->known != NULL; i++)
    if (!((ChainChip *) g_ptr_array_index (c->chips, i))->is_add)
      g_ptr_array_add (f->known, g_strdup (((ChainChip *) g_ptr_array_index (c->chips, i))->layer));
}

gboolean
_chain_chip_focus_part (ChainChip *chip, int part)
{
  GtkWidget *w = part_of (chip, part);

  return (w != NULL && gtk_widget_get_visible (w) && gtk_widget_get_sensitive (w) && gtk_widget_grab_focus (w))
         || (chip->menu != NULL && gtk_widget_grab_focus (chip->menu)) || (chip->port != NULL && gtk_widget_grab_focus (chip->port));
}

static gboolean
same_id (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (a, b) == 0;
}

/* To a layer that has come, else where it was, else to the chip that stands there now. */
void
_chain_chips_give_focus (ChainChips *c, ChainChipFocus *f)
{
  ChainChip *fresh = NULL, *same = NULL, *there = NULL;

  for (guint i = 0; i < c->chips->len; i++)
    {
      ChainChip *chip = g_ptr_array_index (c->chips, i);

      if (!chip->is_add && fresh == NULL && !g_ptr_array_find_with_equal_func (f->known, chip->layer, same_id, NULL))
        fresh = chip;
      if (chip->is_add == f->is_add && g_strcmp0 (chip->layer, f->layer) == 0)
        same = chip;
      if (i <= f->at && !chip->is_add)
        there = chip;
    }
  if (fresh != NULL)
    {
      chain_set_str (&c->wanted, chain_element_of_widget (fresh->root));
      chain_canvas_select (c->canvas, c->wanted);
    }
  else if (same != NULL || there != NULL)
    _chain_chip_focus_part (same != NULL ? same : there, f->part);
  g_ptr_array_unref (f->known);
  g_free (f->layer);
}

/* Until then GTK may have given it to whatever stands first; what a person has chosen outside the canvas stays. */
static void
mapped_cb (ChainChip *chip)
{
  ChainChips *c = chip->chips;
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (c->canvas));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (c->wanted == NULL || g_strcmp0 (chain_element_of_widget (chip->root), c->wanted) != 0)
    return;
  if (focus == NULL || !gtk_widget_get_mapped (focus) || gtk_widget_is_ancestor (focus, GTK_WIDGET (c->canvas)))
    _chain_chip_focus_part (chip, CHAIN_CHIP_MENU);
  g_clear_pointer (&c->wanted, g_free);
}

void
_chain_chips_watch (ChainChip *chip)
{
  g_signal_connect_data (chip->root, "map", G_CALLBACK (mapped_cb), chip, NULL, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}
