/* SPDX-License-Identifier: Apache-2.0 */
/* Cards hold results only (DESIGN 2.1). Title and note come with the picture, so that "log scale" stands there when the scale is
 * logarithmic, and nowhere else is that known. */
#include "config.h"

#include "ui/pages/card.h"

#include <glib/gi18n-lib.h>

static void
set_text (GtkWidget *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (label)), text) != 0)
    gtk_label_set_text (GTK_LABEL (label), text);
}

static void
worded_cb (ChainCard *card)
{
  const ChainLayout *l = chain_canvas_layout (card->canvas);

  set_text (card->title, l->title != NULL ? l->title : _(chain_canvas_view (card->canvas)->title));
  set_text (card->note, l->note != NULL ? l->note : "");
  gtk_widget_set_visible (card->note, l->note != NULL && *l->note != '\0');
}

static GtkWidget *
make_header (ChainCard *card)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  card->title = gtk_label_new (NULL);
  card->note = gtk_label_new (NULL);
  gtk_widget_add_css_class (card->title, "card-title");
  gtk_widget_add_css_class (card->note, "card-note");
  gtk_label_set_xalign (GTK_LABEL (card->title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (card->title), PANGO_ELLIPSIZE_END);
  gtk_label_set_ellipsize (GTK_LABEL (card->note), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (card->note), 1);
  gtk_widget_set_hexpand (card->note, TRUE);
  gtk_box_append (GTK_BOX (box), card->title);
  gtk_box_append (GTK_BOX (box), card->note);
  gtk_widget_add_css_class (box, "card-header");
  return box;
}

void
chain_card_init (ChainCard *card, const ChainView *view, double hertz)
{
  card->root = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (card->root, "card");
  gtk_box_append (GTK_BOX (card->root), make_header (card));
  card->canvas = g_object_ref_sink (CHAIN_CANVAS (chain_canvas_new (view, hertz, FALSE)));
  chain_canvas_set_on_card (card->canvas, TRUE);
  set_text (card->title, _(view->title));
  g_signal_connect_swapped (card->canvas, "worded", G_CALLBACK (worded_cb), card);
  gtk_box_append (GTK_BOX (card->root), GTK_WIDGET (card->canvas));
}

void
chain_card_height (ChainCard *card, int height)
{
  gtk_widget_set_size_request (GTK_WIDGET (card->canvas), -1, height);
}
