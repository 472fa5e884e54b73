/* SPDX-License-Identifier: Apache-2.0 */
/* (view, snapshot, theme, size) -> PNG, SVG, PDF or CSV, through the one durable save. */
#pragma once

#include "app/picture/views.h"

G_BEGIN_DECLS

/* A view that does not apply to the snapshot is drawn as its card with a sentence that says so. Format by the extension of path. scale: pixels a unit (PNG). The file carries seed, settings and step in its metadata. */
gboolean chain_export (const ChainView *v, const ChainSnapshot *s, const ChainTheme *t, double width, double height, double scale, const char *path,
                       GError **error);
/* "two-moons_epoch-46_boundary.svg"; (transfer full). */
char    *chain_export_name (const ChainView *v, const ChainSnapshot *s, const char *extension);

G_END_DECLS
