/* SPDX-License-Identifier: Apache-2.0 */
/* Diagram and places of a trace, made on a thread of their own, so that a window goes on while thousands of cells are laid out. One result is wanted
 * at a time: a new order cancels the one before, which ends within 50 ms. Small graphs are ready before anybody sees the difference: asking waits
 * for them a moment, and their result comes before it returns. Main thread; needs its main loop. */
#pragma once

#include "app/picture/step-view.h"

G_BEGIN_DECLS

typedef struct _ChainStepMaker ChainStepMaker;

typedef struct
{
  ChainTrace    *trace;
  ChainDetail    detail;
  gboolean       chosen;          /* by a person; else a graph that is too much to read is made in the next coarser detail */
  const char    *opened, *watched;   /* as for chain_diagram_new(); NULL */
  ChainStepView *before;          /* on screen; NULL */
  const ChainTheme *theme;        /* of the picture, and its size; 0: that of a window of 1280 x 800 */
  double         width, height;
} ChainStepOrder;

/* diagram, view: (transfer none); view is of the order's trace, its places are found. detail: of the diagram. */
typedef void (*ChainStepMade) (ChainDiagram *diagram, ChainStepView *view, ChainDetail detail, gpointer data);

ChainStepMaker *chain_step_maker_new   (ChainStepMade made, gpointer data);
void            chain_step_maker_free  (ChainStepMaker *m);      /* its threads have ended when this returns */
/* TRUE: made() has been called already. */
gboolean        chain_step_maker_ask   (ChainStepMaker *m, const ChainStepOrder *order);
void            chain_step_maker_drop  (ChainStepMaker *m);      /* what was asked last is not wanted any more */
gboolean        chain_step_maker_busy  (ChainStepMaker *m);      /* a result is wanted and not here */
guint           chain_step_maker_cells (ChainStepMaker *m);      /* that are being laid out; 0: they are not counted yet */

G_END_DECLS
