/* SPDX-License-Identifier: Apache-2.0 */
/* The list of activations with their curves, in a popover, searchable. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef void (*ChainActivationFunc) (const char *id, gpointer data);

/* current: id of the row that is in use (nullable). picked (id, data) is called before the popover closes. */
GtkWidget *chain_activation_popover_new (const char *current, gboolean is_output, ChainActivationFunc picked, gpointer data, GDestroyNotify destroy);

G_END_DECLS
