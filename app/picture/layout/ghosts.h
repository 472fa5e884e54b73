/* SPDX-License-Identifier: Apache-2.0 */
/* Earlier runs behind the present one: curves of the loss, lines of the boundary, and how long ago each was. */
#pragma once

#include "app/picture/layout/field.h"
#include "app/picture/layout/lines.h"

G_BEGIN_DECLS

/* "5 edits ago", "1 edit undone", "1 run ago"; (transfer full). */
char *chain_ghost_when   (const ChainGhost *g, const ChainSnapshot *s);
/* Its curve is that of the test split where there is one, as in the present run's figure; NULL where it has none or it would not compare. */
const ChainSeriesView *chain_ghost_series (const ChainGhost *g, const ChainSnapshot *s, gboolean *test);
/* In plot units of f's plot: a line for each answer that can lie over the present one. */
void  chain_ghosts_over_field (ChainFieldLayout *f, const ChainSnapshot *s, const ChainTheme *t);
void  chain_ghost_line_free   (gpointer line);

G_END_DECLS
