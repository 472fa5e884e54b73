/* SPDX-License-Identifier: Apache-2.0 */
/* The field holds the rows, the menu only shows them: it is made when it is first opened, since seven menus of up to 46 rows would delay the
 * first frame, and it is only filled anew when the rows change. The button's text may be cut; its name and tooltip are whole. */
#include "config.h"

#include "ui/pages/choice-field.h"

#include <glib/gi18n-lib.h>

struct _ChainChoiceField
{
  GtkWidget      *root, *button, *label;
  ChainRowMenu   *menu;         /* owned by the button */
  GPtrArray      *rows;         /* of ChainMenuRow */
  char           *caption, *selected;
  ChainChoiceFunc changed;
  gpointer        data;
};

static void
field_free (gpointer data)
{
  ChainChoiceField *f = data;

  g_ptr_array_unref (f->rows);
  g_free (f->caption);
  g_free (f->selected);
  g_free (f);
}

/* In GTK 4.8 the focus goes to a button inside the drop-down, which is read as "GtkToggleButton". */
static void
name_button_cb (GtkWidget *drop_down, GParamSpec *pspec, gpointer data)
{
  const char *caption = data;
  GtkStringObject *item = gtk_drop_down_get_selected_item (GTK_DROP_DOWN (drop_down));
  g_autofree char *name = item != NULL ? g_strdup_printf ("%s: %s", caption, gtk_string_object_get_string (item)) : g_strdup (caption);

  for (GtkWidget *child = gtk_widget_get_first_child (drop_down); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_TOGGLE_BUTTON (child))
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
caption_free (gpointer caption, GClosure *closure)
{
  g_free (caption);
}

void
chain_choice_name_button (GtkWidget *drop_down, const char *caption)
{
  name_button_cb (drop_down, NULL, (gpointer) caption);
  g_signal_connect_data (drop_down, "notify::selected", G_CALLBACK (name_button_cb), g_strdup (caption), caption_free, 0);
}

static void
show (ChainChoiceField *f)
{
  const ChainMenuRow *row = chain_menu_rows_find (f->rows, f->selected);
  g_autofree char *name = row != NULL ? g_strdup_printf ("%s: %s", f->caption, row->title) : g_strdup (f->caption);

  gtk_label_set_text (GTK_LABEL (f->label), row != NULL ? row->title : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (f->button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_tooltip_text (f->button, row != NULL && row->info != NULL && row->info->when != NULL ? _(row->info->when) : NULL);
}

static void
chosen_cb (ChainChoiceField *f, const char *id)
{
  if (g_strcmp0 (id, f->selected) != 0)
    f->changed (id, f->data);
}

ChainRowMenu *
chain_choice_field_menu (ChainChoiceField *f)
{
  if (f->menu == NULL)
    {
      f->menu = CHAIN_ROW_MENU (chain_row_menu_new (f->caption));
      chain_row_menu_set_current (f->menu, f->selected);
      chain_row_menu_set_rows (f->menu, f->rows);
      g_signal_connect_swapped (f->menu, "chosen", G_CALLBACK (chosen_cb), f);
      gtk_menu_button_set_popover (GTK_MENU_BUTTON (f->button), GTK_WIDGET (f->menu));
    }
  return f->menu;
}

static void
popup_cb (GtkMenuButton *button, gpointer data)
{
  chain_choice_field_menu (data);
}

static void
make_button (ChainChoiceField *f)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  f->label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (f->label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (f->label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (f->label), 22);
  gtk_widget_set_hexpand (f->label, TRUE);
  gtk_box_append (GTK_BOX (box), f->label);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("pan-down-symbolic"));
  f->button = gtk_menu_button_new ();
  gtk_menu_button_set_child (GTK_MENU_BUTTON (f->button), box);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (f->button), popup_cb, f, NULL);
  gtk_widget_add_css_class (f->button, "choice-field");
}

ChainChoiceField *
chain_choice_field_new (const char *caption, gboolean captioned, ChainChoiceFunc changed, gpointer data)
{
  ChainChoiceField *f = g_new0 (ChainChoiceField, 1);
  GtkWidget *label = gtk_label_new (caption);

  f->rows = chain_menu_rows_new ();
  f->caption = g_strdup (caption);
  f->changed = changed;
  f->data = data;
  f->root = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  make_button (f);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "field-caption");
  gtk_widget_set_visible (label, captioned);
  gtk_box_append (GTK_BOX (f->root), label);
  gtk_box_append (GTK_BOX (f->root), f->button);
  show (f);
  g_object_set_data_full (G_OBJECT (f->root), "field", f, field_free);
  return f;
}

ChainChoiceField *
chain_choice_field_of (GtkWidget *root)
{
  return g_object_get_data (G_OBJECT (root), "field");
}

GtkWidget *
chain_choice_field_root (ChainChoiceField *f)
{
  return f->root;
}

GtkWidget *
chain_choice_field_button (ChainChoiceField *f)
{
  return f->button;
}

void
chain_choice_field_set_rows (ChainChoiceField *f, GPtrArray *rows)
{
  if (chain_menu_rows_equal (f->rows, rows))
    return;
  g_ptr_array_ref (rows);
  g_ptr_array_unref (f->rows);
  f->rows = rows;
  if (f->menu != NULL)
    chain_row_menu_set_rows (f->menu, rows);
  show (f);
}

void
chain_choice_field_set_table (ChainChoiceField *f, const char *table)
{
  g_autoptr (GPtrArray) rows = chain_menu_rows_new ();

  chain_menu_rows_add_table (rows, table);
  chain_choice_field_set_rows (f, rows);
}

void
chain_choice_field_set_items (ChainChoiceField *f, const ChainChoiceItem *items, guint n)
{
  g_autoptr (GPtrArray) rows = chain_menu_rows_new ();

  for (guint i = 0; i < n; i++)
    chain_menu_rows_add (rows, &(ChainMenuRow){ .id = items[i].id, .title = items[i].title, .group = items[i].group });
  chain_choice_field_set_rows (f, rows);
}

void
chain_choice_field_select (ChainChoiceField *f, const char *id)
{
  if (g_strcmp0 (id, f->selected) == 0)
    return;
  g_free (f->selected);
  f->selected = g_strdup (id);
  if (f->menu != NULL)
    chain_row_menu_set_current (f->menu, id);
  show (f);
}
