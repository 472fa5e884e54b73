/* SPDX-License-Identifier: Apache-2.0 */
/* The list of activations with their curves, in a popover, searchable. */
#pragma once

#include <gtk/gtk.h>

#include "engine/nn/spec.h"

G_BEGIN_DECLS

typedef void (*ChainActivationFunc) (const char *id, gpointer data);

/* current: id of the row that is in use (nullable). output_of: the spec whose output the layer is, NULL for a hidden layer. picked (id, data) is
 * called before the popover closes. */
GtkWidget *chain_activation_popover_new (const char *current, const ChainSpec *output_of, ChainActivationFunc picked, gpointer data, GDestroyNotify destroy);

G_END_DECLS
