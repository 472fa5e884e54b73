/* SPDX-License-Identifier: Apache-2.0 */
/* A matrix of the debugger as a large heat map (DESIGN 3.2: "hover shows the matrix as a heat map"): its values and, once they are in, its adjoints,
 * each with rows and columns, its own colours and colour bar, norm, least and largest entry. What is drawn, hit and read out is one geometry.
 *
 * A map shows every entry while there is a point for each; where there is not, a point is the entry of largest size among those it stands for, and
 * the map says so. Rows and columns are counted from 0 as chain_trace_at() does, and from 1 in words. */
#pragma once

#include "app/picture/step-view.h"

G_BEGIN_DECLS

typedef struct { double x, y, w, h; } ChainHeatRect;

typedef struct
{
  gboolean      adjoint;         /* else the value */
  const double *entry;           /* of the node: all its rows and columns */
  ChainHeatRect map, bar;        /* colours; their scale */
  double        norm, least, largest, most;      /* most: |entry|, what the ends of the bar are */
  guint64       n_bad;           /* entries that are not finite */
} ChainHeatPanel;

typedef struct
{
  ChainStepView *view;           /* (ref) */
  guint          cell;
  gint64         row, col, rows, cols;           /* of the node's value: what the cell shows */
  gint64         all_cols;       /* of the node */
  guint          nx, ny;         /* points of a map; fewer than cols, rows: thinned */
  guint          n_panels;       /* 0: not computed yet */
  ChainHeatPanel panel[2];
  double         width, height;
  char          *title, *note;   /* "W₁, 10 × 128"; why it is thinned or empty, or NULL */
} ChainStepHeat;

/* NULL: the cell is a single number. (transfer full). */
ChainStepHeat *chain_step_heat_new   (const ChainStepView *v, guint cell, const ChainTheme *t);
void           chain_step_heat_free  (ChainStepHeat *h);
/* FALSE: there is no entry. Of a thinned map the entry that is drawn there. */
gboolean       chain_step_heat_hit   (const ChainStepHeat *h, double x, double y, gint64 *row, gint64 *col);
/* (row, col): under the pointer or the keyboard; (chosen_row, chosen_col): in view on the card; −1: none. The ground is the caller's. */
void           chain_step_heat_draw  (cairo_t *cr, const ChainStepHeat *h, const ChainTheme *t, gint64 row, gint64 col, gint64 chosen_row, gint64 chosen_col);
/* "Row 3, column 17: value 0.1234, adjoint −0.0012". (transfer full). */
char          *chain_step_heat_entry (const ChainStepHeat *h, gint64 row, gint64 col);
/* The whole in a sentence, for a reader. (transfer full). */
char          *chain_step_heat_text  (const ChainStepHeat *h);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainStepHeat, chain_step_heat_free)

G_END_DECLS
