/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for all documents of this person (DESIGN 2.5). */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* One page over parent, whose actions "app.style" and "win.text-size" it drives; everything else is a setting that is read where it counts. */
GtkWidget *chain_preferences_new (GtkWindow *parent);

/* As the settings say: GTK's animations. At start, and whenever the preference changes. */
void       chain_preferences_apply_motion (void);

G_END_DECLS
