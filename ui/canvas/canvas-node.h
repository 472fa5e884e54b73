/* SPDX-License-Identifier: Apache-2.0 */
/* A focusable, named child for one element of a picture. The canvas draws; the child gives focus, role and name (DESIGN 5.2). */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define CHAIN_TYPE_CANVAS_NODE (chain_canvas_node_get_type ())
G_DECLARE_FINAL_TYPE (ChainCanvasNode, chain_canvas_node, CHAIN, CANVAS_NODE, GtkWidget)

GtkWidget  *chain_canvas_node_new       (const char *id, const char *role);
const char *chain_canvas_node_id        (ChainCanvasNode *node);
void        chain_canvas_node_set_label (ChainCanvasNode *node, const char *label);   /* a sentence */

G_END_DECLS
