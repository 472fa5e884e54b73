/* SPDX-License-Identifier: Apache-2.0 */
/* The examples as cards with live pictures. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define CHAIN_TYPE_GALLERY (chain_gallery_window_get_type ())
G_DECLARE_FINAL_TYPE (ChainGalleryWindow, chain_gallery_window, CHAIN, GALLERY_WINDOW, AdwWindow)

/* Over parent, whose action "win.open-example" (string: path) opens what is picked. */
GtkWidget *chain_gallery_window_new (GtkWindow *parent);

G_END_DECLS
