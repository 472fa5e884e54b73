/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of text with buttons under the header bar: something about the document that stays true until somebody decides. libadwaita
 * has a banner from 1.3 on, with one button; these need up to three. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

typedef struct { const char *label, *action, *style; } ChainBannerButton;    /* style: a CSS class or NULL */

GtkWidget *chain_banners_new  (void);
/* Shows the banner `id`, or changes it if it says something else. */
void       chain_banners_show (GtkWidget *banners, const char *id, const char *text, const ChainBannerButton *buttons, guint n);
void       chain_banners_hide (GtkWidget *banners, const char *id);

G_END_DECLS
