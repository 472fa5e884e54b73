/* SPDX-License-Identifier: Apache-2.0 */
/* GTK 4.8 has no way to tell a screen reader about things that are not widgets, so each element of a picture gets a widget that draws
 * nothing. It cannot be picked by the pointer: the canvas knows better what lies under it. */
#include "ui/canvas/canvas-node.h"

struct _ChainCanvasNode
{
  GtkWidget parent_instance;
  char     *id;
  char     *label;
};

G_DEFINE_FINAL_TYPE (ChainCanvasNode, chain_canvas_node, GTK_TYPE_WIDGET)

static void
chain_canvas_node_finalize (GObject *object)
{
  ChainCanvasNode *self = CHAIN_CANVAS_NODE (object);

  g_free (self->id);
  g_free (self->label);
  G_OBJECT_CLASS (chain_canvas_node_parent_class)->finalize (object);
}

static void
chain_canvas_node_class_init (ChainCanvasNodeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chain_canvas_node_finalize;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "canvasnode");
}

static void
chain_canvas_node_init (ChainCanvasNode *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);
}

GtkWidget *
chain_canvas_node_new (const char *id, const char *role)
{
  gboolean acts = g_str_equal (role, "unit") || g_str_equal (role, "weight") || g_str_has_prefix (id, "cell:");
  ChainCanvasNode *self = g_object_new (CHAIN_TYPE_CANVAS_NODE, "accessible-role",
                                        acts ? GTK_ACCESSIBLE_ROLE_BUTTON : GTK_ACCESSIBLE_ROLE_GROUP, NULL);

  self->id = g_strdup (id);
  return GTK_WIDGET (self);
}

const char *
chain_canvas_node_id (ChainCanvasNode *node)
{
  return node->id;
}

void
chain_canvas_node_set_label (ChainCanvasNode *node, const char *label)
{
  if (g_strcmp0 (node->label, label) == 0)
    return;
  g_free (node->label);
  node->label = g_strdup (label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (node), GTK_ACCESSIBLE_PROPERTY_LABEL, label != NULL ? label : "", -1);
}
