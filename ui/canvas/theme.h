/* SPDX-License-Identifier: Apache-2.0 */
/* The desktop's style as a ChainTheme. Main thread. */
#pragma once

#include <gtk/gtk.h>

#include "app/picture/theme.h"

G_BEGIN_DECLS

/* Fills t from the style manager (dark, high contrast) and the settings (font, text scaling); text_size multiplies the scale. */
void chain_theme_follow (ChainTheme *t, double text_size);

/* Text scaling of the desktop: 1 … 2 and beyond. */
double chain_theme_text_scaling (void);

/* Calls changed (object) whenever the above would give another answer; ends with the object. */
void chain_theme_watch  (gpointer object, void (*changed) (gpointer object));

G_END_DECLS
