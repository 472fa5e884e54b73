/* SPDX-License-Identifier: Apache-2.0 */
/* The wheel over a control scrolls what the control stands in and changes nothing. Main thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void chain_wheel_calm (GtkWidget *control);

G_END_DECLS
