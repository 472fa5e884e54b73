/* SPDX-License-Identifier: Apache-2.0 */
/* The loss along one weight as a plot: chain_draw_lines() draws it. */
#pragma once

#include "app/picture/layout/lines.h"
#include "app/train/weight-line.h"

G_BEGIN_DECLS

/* line NULL: an empty frame with a notice. now: the weight of this moment, marked on the curve; NaN: that of the line. */
ChainLayout *chain_layout_weight_line (const ChainWeightLine *line, double now, const ChainTheme *t, double w, double h);

G_END_DECLS
