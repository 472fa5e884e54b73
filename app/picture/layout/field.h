/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of the pictures over the input plane: the boundary card and the scatter of the data. */
#pragma once

#include "app/picture/layout/contour.h"
#include "app/picture/layout/plot.h"

G_BEGIN_DECLS

typedef struct { float x, y; guint16 shape; gboolean test; } ChainDot;   /* picture coordinates; shape = class */

/* The answer of an earlier run: its boundary, or its curve; points in picture coordinates, x NaN lifts the pen. */
typedef struct { GArray *points; /* of ChainPoint */ char *label; double label_x, label_y; } ChainGhostLine;

typedef struct
{
  ChainPlot   plot;
  gboolean    line;           /* one input: a curve, not a plane */
  gboolean    has_field;      /* the snapshot holds an output */
  guint       classes;        /* 0: regression */
  double      lo, hi;         /* colour limits of a regression's plane, scaled units */
  double      zero;           /* y of the value 0 or of 0.5 */
  ChainDot   *dots;
  guint       n_dots;
  float      *dot_value;      /* regression over a plane: the target, scaled units */
  float      *logit;          /* two classes over a plane: log p / (1 - p) of class 1, which is smooth where p jumps; NULL */
  ChainContour *contours;     /* plane, classification: one for two classes, else one a class */
  guint       n_contours;
  GPtrArray  *ghosts;         /* of ChainGhostLine, oldest first; NULL */
} ChainFieldLayout;

ChainLayout *chain_layout_boundary (const ChainSnapshot *s, const ChainTheme *t, double w, double h);
ChainLayout *chain_layout_data     (const ChainSnapshot *s, const ChainTheme *t, double w, double h);

/* What a network makes out of noise, over its data: only where it makes points of the plane that the data lie in. */
#define CHAIN_GENERATED_MOST 600u
gboolean     chain_generated_applies (const ChainSnapshot *s);
ChainLayout *chain_layout_generated  (const ChainSnapshot *s, const ChainTheme *t, double w, double h);
/* How many points of the output are drawn, every stride-th; 0 without an output. */
guint        chain_generated_points  (const ChainSnapshot *s, gsize *stride);

#define CHAIN_LOGIT_LIMIT 16.0   /* f32 probabilities know no more */

/* Index of the class a point of the output field belongs to, and how sure (0 … 1). */
guint        chain_field_class (const ChainSnapshot *s, gsize at, gsize size, double *sure);

G_END_DECLS
