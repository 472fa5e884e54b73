/* SPDX-License-Identifier: Apache-2.0 */
/* "All settings": a window beside the main one in which everything that a document says about data and training is set by hand, live. Main
 * thread. */
#pragma once

#include "app/session/session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _ChainSettings ChainSettings;

ChainSettings *chain_settings_new      (ChainSession *session);
void           chain_settings_free     (ChainSettings *s);
/* Shows the window beside the one that widget is in. It is made when it is first shown. */
void           chain_settings_present  (ChainSettings *s, GtkWidget *widget);
GtkWidget     *chain_settings_overflow (ChainSettings *s);      /* box for the fields that the strip has no room for */
void           chain_settings_sync     (ChainSettings *s);

/* For tests: the window (NULL before it was shown); a section of section.h by its page, "data", "features", "sampling", "loss", "optimiser",
 * "schedule", "regular", "start", "run". */
GtkWidget     *chain_settings_window   (ChainSettings *s);
gpointer       chain_settings_section  (ChainSettings *s, const char *id);

G_END_DECLS
