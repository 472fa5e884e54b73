/* SPDX-License-Identifier: Apache-2.0 */
/* Ids of the network's elements taken apart: what an edit of "weight:d1:0:1" or "unit:d1:3" is about. */
#pragma once

#include <gtk/gtk.h>

#include "app/picture/views.h"

G_BEGIN_DECLS

/* tensor: name of the tensor that holds the entry: the weight, or the bias of the unit. */
typedef struct { char layer[65]; guint row, col; gboolean is_weight; char tensor[80]; } ChainElementRef;

gboolean chain_element_ref (const char *id, ChainElementRef *out);
/* The tensor in the snapshot, with row and col as chain_session_set_weight() wants them; NULL if there is no such entry. */
const ChainSnapTensor *chain_element_tensor (const ChainSnapshot *s, const ChainElementRef *ref, guint *row, guint *col);

/* A widget that stands for an element: "layer:d1" for a chip. `of` looks at widget (nullable) and what it is part of; NULL: none. */
void        chain_element_name_widget (GtkWidget *widget, const char *id);
const char *chain_element_of_widget   (GtkWidget *widget);

/* "layer:d1", "unit:d1:3", "weight:d1:0:1" -> "d1"; FALSE: of no layer of the spec. */
gboolean    chain_element_layer       (const ChainSpec *spec, const char *id, char layer[65]);

G_END_DECLS
