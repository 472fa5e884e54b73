/* SPDX-License-Identifier: Apache-2.0 */
/* Building a network by hand on the canvas (DESIGN 2.4, 2.5, 3.1): context menus, the popover of a layer, drags, the clipboard and the keys
 * for all of them. Whatever can be dragged can also be done from a menu and by a key; every edit is a session function. Main thread. */
#pragma once

#include "ui/canvas/net-editor.h"
#include "ui/pages/chips.h"

G_BEGIN_DECLS

typedef struct _ChainBuild ChainBuild;

/* All outlive the builder. root: the window, which hears keys when nothing on the canvas has the focus. */
ChainBuild *chain_build_new         (ChainCanvas *canvas, ChainChips *chips, ChainNetEditor *editor, ChainSession *session, GtkWidget *root);
void        chain_build_free        (ChainBuild *b);

/* Another room's entries in the context menu of an element ("layer:d1", "unit:d1:3", "weight:d1:0:1"): fill appends to the section, or not. */
typedef void (*ChainBuildSection) (GMenu *section, const char *element, gpointer data);
void        chain_build_add_section (ChainBuild *b, ChainBuildSection fill, gpointer data);

/* The context menu of an element, as Menu or a right click opens it; the popover of a layer. FALSE: it has none. */
gboolean    chain_build_menu        (ChainBuild *b, const char *element);
gboolean    chain_build_layer       (ChainBuild *b, const char *element);
void        chain_build_remove      (ChainBuild *b);      /* what is selected: a layer, a unit; a weight becomes 0 */
/* A verb by its name in the menus, on an element (NULL: what is selected); FALSE: it does not apply. */
gboolean    chain_build_do          (ChainBuild *b, const char *verb, const char *element);
GtkWidget  *chain_build_popover     (ChainBuild *b);      /* the open menu or popover; NULL */

G_END_DECLS
