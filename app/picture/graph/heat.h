/* SPDX-License-Identifier: Apache-2.0 */
/* Between the geometry (heat.c) and the ink (heat-draw.c) of the large heat map. */
#pragma once

#include "app/picture/step-heat.h"

G_BEGIN_DECLS

/* The entry that point (i, j) of a map stands for. */
void  chain_heat_point   (const ChainStepHeat *h, const ChainHeatPanel *p, guint i, guint j, gint64 *row, gint64 *col);
char *chain_heat_caption (const ChainHeatPanel *p);      /* (transfer full) */

G_END_DECLS
