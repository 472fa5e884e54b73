/* SPDX-License-Identifier: Apache-2.0 */
/* The loss along one weight in a popover at its edge. While the run goes on the curve is computed again, as often as a job is done. */
#pragma once

#include "app/session/explore.h"
#include "ui/canvas/canvas.h"

G_BEGIN_DECLS

typedef struct _ChainWeightPlot ChainWeightPlot;

ChainWeightPlot *chain_weight_plot_new    (ChainCanvas *canvas, ChainSession *session);   /* both outlive it */
void             chain_weight_plot_free   (ChainWeightPlot *p);
void             chain_weight_plot_open   (ChainWeightPlot *p, const char *element);      /* "weight:d1:0:1" */
GtkWidget       *chain_weight_plot_widget (ChainWeightPlot *p);                           /* NULL: closed */

G_END_DECLS
