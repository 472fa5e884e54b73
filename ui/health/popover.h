/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "app/health/health.h"
#include "app/session/session.h"

G_BEGIN_DECLS

/* findings: of one layer, of ChainFinding; read now, not kept. (transfer floating). */
GtkWidget *chain_health_popover_new (ChainSession *session, GPtrArray *findings);

G_END_DECLS
