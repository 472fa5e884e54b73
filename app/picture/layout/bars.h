/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of the pictures with a row a layer: gradient flow and weight histograms. */
#pragma once

#include "app/picture/layout/plot.h"

G_BEGIN_DECLS

#define CHAIN_BINS 40

typedef struct
{
  char    *name;             /* "Layer 1" */
  guint    layer;            /* index in the spec */
  double   x, y, w, h;       /* of the bar; histogram: of the row */
  double   value;            /* RMS; histogram: RMS of the weights */
  char     text[64];         /* at its end; "" = no room */
  int      health;           /* -1 vanishing, 1 exploding, 2 not finite */
  float    bins[CHAIN_BINS]; /* share of the fullest bin */
} ChainBar;

typedef struct
{
  GArray   *bars;            /* of ChainBar */
  ChainPlot plot;
  double    zone_low, zone_high;   /* x: vanishing ends here, exploding starts here */
  double    zone_high_end;
  double    limit;           /* histogram: ± */
  guint     left_out;        /* layers that had no room */
  gboolean  empty;
} ChainBarsLayout;

ChainLayout *chain_layout_flow (const ChainSnapshot *s, const ChainTheme *t, double w, double h);
ChainLayout *chain_layout_hist (const ChainSnapshot *s, const ChainTheme *t, double w, double h);

G_END_DECLS
