/* SPDX-License-Identifier: Apache-2.0 */
/* Main thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Sets the tooltip where it is another one. GTK 4.8 asks the display server four times where the pointer is, whatever the text, and waits for
 * each answer: with a busy server a tooltip that stays the same costs a frame. */
void chain_tooltip_set (GtkWidget *widget, const char *text);

G_END_DECLS
