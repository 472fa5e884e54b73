/* SPDX-License-Identifier: Apache-2.0 */
/* Order is the order of the lecture; headings group the pages as it does (DESIGN 2.1). A page is one row of the table below. */
#include "config.h"

#include "ui/window/sidebar.h"

#include <glib/gi18n-lib.h>

static const ChainPageRow pages[] = {
  { "network", N_("Network"), "chainrule-network-symbolic", N_("Build"), 2 },
  { "backprop", N_("Backprop"), "chainrule-backprop-symbolic", N_("Build"), 3 },
};

struct _ChainSidebar
{
  GtkWidget  parent_instance;
  GtkWidget *list;
};

G_DEFINE_FINAL_TYPE (ChainSidebar, chain_sidebar, GTK_TYPE_WIDGET)

const ChainPageRow *
chain_table_pages (guint *n)
{
  *n = G_N_ELEMENTS (pages);
  return pages;
}

static void
header_cb (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
  const ChainPageRow *page = &pages[gtk_list_box_row_get_index (row)];
  GtkWidget *label;

  if (before != NULL && g_str_equal (pages[gtk_list_box_row_get_index (before)].group, page->group))
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  label = gtk_label_new (_(page->group));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "sidebar-heading");
  gtk_list_box_row_set_header (row, label);
}

static void
activated_cb (ChainSidebar *self, GtkListBoxRow *row)
{
  g_signal_emit_by_name (self, "picked", pages[gtk_list_box_row_get_index (row)].id);
}

static void
add_page (ChainSidebar *self, const ChainPageRow *page)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10), *label = gtk_label_new (_(page->title));

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (page->icon));
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_box_append (GTK_LIST_BOX (self->list), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (box)), GTK_ACCESSIBLE_PROPERTY_LABEL, _(page->title), -1);
}

static void
chain_sidebar_dispose (GObject *object)
{
  g_clear_pointer (&CHAIN_SIDEBAR (object)->list, gtk_widget_unparent);
  G_OBJECT_CLASS (chain_sidebar_parent_class)->dispose (object);
}

static void
chain_sidebar_class_init (ChainSidebarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chain_sidebar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  g_signal_new ("picked", CHAIN_TYPE_SIDEBAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
chain_sidebar_init (ChainSidebar *self)
{
  self->list = gtk_list_box_new ();
  gtk_widget_add_css_class (self->list, "navigation-sidebar");
  gtk_widget_add_css_class (GTK_WIDGET (self), "sidebar");
  gtk_widget_set_size_request (GTK_WIDGET (self), 164, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Pages"), -1);
  gtk_list_box_set_header_func (GTK_LIST_BOX (self->list), header_cb, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    add_page (self, &pages[i]);
  gtk_widget_set_parent (self->list, GTK_WIDGET (self));
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (activated_cb), self);
}

void
chain_sidebar_select (ChainSidebar *sidebar, const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    if (g_str_equal (pages[i].id, id))
      gtk_list_box_select_row (GTK_LIST_BOX (sidebar->list), gtk_list_box_get_row_at_index (GTK_LIST_BOX (sidebar->list), (int) i));
}
