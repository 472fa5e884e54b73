/* SPDX-License-Identifier: Apache-2.0 */
/* A box of rows, one row a banner: the text takes what the buttons leave and wraps. */
#include "config.h"

#include "ui/pages/banners.h"

GtkWidget *
chain_banners_new (void)
{
  return gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
}

static GtkWidget *
find (GtkWidget *banners, const char *id)
{
  for (GtkWidget *w = gtk_widget_get_first_child (banners); w != NULL; w = gtk_widget_get_next_sibling (w))
    if (g_strcmp0 (gtk_widget_get_name (w), id) == 0)
      return w;
  return NULL;
}

void
chain_banners_hide (GtkWidget *banners, const char *id)
{
  GtkWidget *old = find (banners, id);

  if (old != NULL)
    gtk_box_remove (GTK_BOX (banners), old);
}

static GtkWidget *
label_of (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);      /* paths have no spaces */
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_natural_wrap_mode (GTK_LABEL (label), GTK_NATURAL_WRAP_NONE);
  gtk_widget_set_hexpand (label, TRUE);
  return label;
}

static GtkWidget *
buttons_of (const ChainBannerButton *buttons, guint n)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  for (guint i = 0; i < n; i++)
    {
      GtkWidget *b = gtk_button_new_with_mnemonic (buttons[i].label);

      gtk_actionable_set_action_name (GTK_ACTIONABLE (b), buttons[i].action);
      if (buttons[i].style != NULL)
        gtk_widget_add_css_class (b, buttons[i].style);
      gtk_box_append (GTK_BOX (box), b);
    }
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  return box;
}

void
chain_banners_show (GtkWidget *banners, const char *id, const char *text, const ChainBannerButton *buttons, guint n)
{
  GtkWidget *old = find (banners, id), *row;

  if (old != NULL && g_strcmp0 (g_object_get_data (G_OBJECT (old), "text"), text) == 0)
    return;
  chain_banners_hide (banners, id);
  row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_set_name (row, id);
  gtk_widget_add_css_class (row, "banner");
  g_object_set_data_full (G_OBJECT (row), "text", g_strdup (text), g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_box_append (GTK_BOX (row), label_of (text));
  gtk_box_append (GTK_BOX (row), buttons_of (buttons, n));
  gtk_box_append (GTK_BOX (banners), row);
}
