/* SPDX-License-Identifier: Apache-2.0 */
/* GtkDropDown in 4.8 shows one string an item; the list gets a factory of its own, so that long tables show their family beside the name.
 * Above eight rows typing searches. The model is only replaced when its texts change: a field that is open keeps its place. */
#include "ui/window/choice-field.h"

struct _ChainChoiceField
{
  GtkWidget      *root, *drop_down;
  GPtrArray      *ids, *groups;      /* of char* */
  char          **titles, *caption;
  ChainChoiceFunc changed;
  gpointer        data;
  gboolean        filling;
};

static void
field_free (gpointer data)
{
  ChainChoiceField *f = data;

  g_ptr_array_unref (f->ids);
  g_ptr_array_unref (f->groups);
  g_strfreev (f->titles);
  g_free (f->caption);
  g_free (f);
}

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18), *title = gtk_label_new (NULL), *group = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_add_css_class (group, "dim-label");
  gtk_widget_add_css_class (group, "caption");
  gtk_label_set_ellipsize (GTK_LABEL (group), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (group), 26);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), group);
  gtk_list_item_set_child (item, box);
}

static void
bind_cb (GtkListItemFactory *factory, GtkListItem *item, gpointer data)
{
  ChainChoiceField *f = data;
  GtkWidget *title = gtk_widget_get_first_child (gtk_list_item_get_child (item)), *group = gtk_widget_get_next_sibling (title);
  const char *text = gtk_string_object_get_string (gtk_list_item_get_item (item));

  gtk_label_set_text (GTK_LABEL (title), text);
  for (guint i = 0; i < f->ids->len; i++)
    if (g_str_equal (f->titles[i], text))
      {
        const char *g = g_ptr_array_index (f->groups, i);

        gtk_label_set_text (GTK_LABEL (group), g);
        gtk_widget_set_visible (group, *g != '\0');
      }
}

/* In GTK 4.8 the focus goes to a button inside the drop-down, which is read as "GtkToggleButton". */
void
chain_choice_name_button (GtkWidget *drop_down, const char *caption)
{
  GtkStringObject *item = gtk_drop_down_get_selected_item (GTK_DROP_DOWN (drop_down));
  g_autofree char *name = item != NULL ? g_strdup_printf ("%s: %s", caption, gtk_string_object_get_string (item)) : g_strdup (caption);

  for (GtkWidget *child = gtk_widget_get_first_child (drop_down); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_TOGGLE_BUTTON (child))
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
selected_cb (ChainChoiceField *f)
{
  guint i = gtk_drop_down_get_selected (GTK_DROP_DOWN (f->drop_down));

  chain_choice_name_button (f->drop_down, f->caption);
  if (!f->filling && i < f->ids->len)
    f->changed (g_ptr_array_index (f->ids, i), f->data);
}

static void
make_list_factory (ChainChoiceField *f)
{
  GtkListItemFactory *list = gtk_signal_list_item_factory_new ();

  g_signal_connect (list, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (list, "bind", G_CALLBACK (bind_cb), f);
  gtk_drop_down_set_list_factory (GTK_DROP_DOWN (f->drop_down), list);
  g_object_unref (list);
}

ChainChoiceField *
chain_choice_field_new (const char *caption, gboolean captioned, ChainChoiceFunc changed, gpointer data)
{
  ChainChoiceField *f = g_new0 (ChainChoiceField, 1);
  GtkWidget *label = gtk_label_new (caption);

  f->ids = g_ptr_array_new_with_free_func (g_free);
  f->groups = g_ptr_array_new_with_free_func (g_free);
  f->caption = g_strdup (caption);
  f->changed = changed;
  f->data = data;
  f->root = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  f->drop_down = gtk_drop_down_new (NULL, gtk_property_expression_new (GTK_TYPE_STRING_OBJECT, NULL, "string"));
  make_list_factory (f);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "field-caption");
  gtk_widget_set_visible (label, captioned);
  gtk_box_append (GTK_BOX (f->root), label);
  gtk_box_append (GTK_BOX (f->root), f->drop_down);
  gtk_accessible_update_property (GTK_ACCESSIBLE (f->drop_down), GTK_ACCESSIBLE_PROPERTY_LABEL, caption, -1);
  g_signal_connect_swapped (f->drop_down, "notify::selected", G_CALLBACK (selected_cb), f);
  g_object_set_data_full (G_OBJECT (f->root), "field", f, field_free);
  return f;
}

GtkWidget *
chain_choice_field_root (ChainChoiceField *f)
{
  return f->root;
}

GtkWidget *
chain_choice_field_drop_down (ChainChoiceField *f)
{
  return f->drop_down;
}

static gboolean
same_items (ChainChoiceField *f, const ChainChoiceItem *items, guint n)
{
  if (f->titles == NULL || f->ids->len != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!g_str_equal (items[i].id, g_ptr_array_index (f->ids, i)) || !g_str_equal (items[i].title, f->titles[i]))
      return FALSE;
  return TRUE;
}

void
chain_choice_field_set_items (ChainChoiceField *f, const ChainChoiceItem *items, guint n)
{
  GtkStringList *model;

  if (same_items (f, items, n))
    return;
  g_ptr_array_set_size (f->ids, 0);
  g_ptr_array_set_size (f->groups, 0);
  g_strfreev (f->titles);
  f->titles = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    {
      f->titles[i] = g_strdup (items[i].title);
      g_ptr_array_add (f->ids, g_strdup (items[i].id));
      g_ptr_array_add (f->groups, g_strdup (items[i].group != NULL ? items[i].group : ""));
    }
  f->filling = TRUE;
  model = gtk_string_list_new ((const char *const *) f->titles);
  gtk_drop_down_set_model (GTK_DROP_DOWN (f->drop_down), G_LIST_MODEL (model));
  gtk_drop_down_set_enable_search (GTK_DROP_DOWN (f->drop_down), n > 8);
  g_object_unref (model);
  f->filling = FALSE;
}

void
chain_choice_field_select (ChainChoiceField *f, const char *id)
{
  f->filling = TRUE;
  for (guint i = 0; i < f->ids->len; i++)
    if (g_strcmp0 (g_ptr_array_index (f->ids, i), id) == 0)
      gtk_drop_down_set_selected (GTK_DROP_DOWN (f->drop_down), i);
  f->filling = FALSE;
  chain_choice_name_button (f->drop_down, f->caption);
}
