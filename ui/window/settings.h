/* SPDX-License-Identifier: Apache-2.0 */
/* "All settings": what the strip has no room for, and what is set once. */
#pragma once

#include "app/session/session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _ChainSettings ChainSettings;

ChainSettings *chain_settings_new      (ChainSession *session);
void           chain_settings_free     (ChainSettings *s);
GtkWidget     *chain_settings_popover  (ChainSettings *s);      /* (transfer none), floating until it is used */
GtkWidget     *chain_settings_overflow (ChainSettings *s);      /* box for the fields that the strip has no room for */
void           chain_settings_sync     (ChainSettings *s);

G_END_DECLS
