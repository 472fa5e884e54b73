/* SPDX-License-Identifier: Apache-2.0 */
/* What the debugger's graph shows of a trace: which diagram, where in it, and what of it is switched on. The graph views of the view table
 * read it from ChainSnapshot.step_view; a snapshot with a trace and without it shows the trace at the end of its backward pass.
 *
 * A step view is a value: whoever has made one fills in its plain fields, gives it away and never writes to it again. While a step plays, each
 * frame is a copy with another tween; copies share the trace, the diagram and the places of the cells, so that a frame costs no layout.
 *
 *   v = chain_step_view_copy (now); v->position = 23; v->tween = 0.4;
 *   s = chain_step_view_snapshot (v, newest); chain_canvas_set_snapshot (canvas, s);
 *
 * Any thread; the places are found once, by whoever needs them first. */
#pragma once

#include "app/picture/theme.h"
#include "app/stepper/story.h"
#include "app/train/snapshot.h"

G_BEGIN_DECLS

typedef struct _ChainStepPlaces ChainStepPlaces;   /* where the cells of one diagram stand; made once, shared */
typedef struct _ChainStepView ChainStepView;

struct _ChainStepView
{
  int              ref_count;
  ChainTrace      *trace;        /* (ref) */
  ChainDiagram    *diagram;      /* (ref) */
  guint            position;     /* the first `position` events have happened, */
  double           tween;        /* the last of them, event position − 1, by this share: 0 … 1. 0 – 0.5: a pulse runs along its wires; 0.5 – 1: the
                                    chip fades in, or the old one into the new. 1: done (also what reduced motion shows) */
  ChainTell        tell;         /* slow motion: which part of that event is told, and how much of it has been shown; NOTHING: tween counts */
  double           share;        /*   0 … 1 */
  gboolean         values, adjoints, local;   /* chips and lanes that are shown; local derivatives on wires under the pointer and at the step */
  GHashTable      *moved;        /* (ref) id of a cell -> ChainStepOffset of where it was dragged; NULL: none */
  ChainStepPlaces *places;       /* (ref) */
};

typedef struct { double dx, dy; } ChainStepOffset;   /* from its own place, in units of the picture at zoom 1 */

/* Everything shown, at the end of the backward pass, tween 1. before: the view on screen (nullable); of the same graph it lends its places and
 * what was moved, of another one cells that are in both keep their order. (transfer full). */
ChainStepView   *chain_step_view_new      (ChainTrace *trace, ChainDiagram *diagram, const ChainStepView *before);
ChainStepView   *chain_step_view_copy     (const ChainStepView *v);     /* unpublished: its plain fields may be set. (transfer full) */
ChainStepView   *chain_step_view_ref      (ChainStepView *v);
void             chain_step_view_unref    (ChainStepView *v);           /* NULL is fine */
void             chain_step_view_move     (ChainStepView *v, const char *cell, double dx, double dy);   /* of an unpublished copy; adds to what was moved */

/* A light snapshot for the canvas: spec and data of `of`, the trace, and v. (transfer full). */
ChainSnapshot   *chain_step_view_snapshot (ChainStepView *v, const ChainSnapshot *of);

/* Finds the places now, in a task, so that the first picture waits for nothing: 5 000 cells take up to 1.5 s. FALSE: *cancel (atomic, nullable)
 * became 1; the work ends within 50 ms. */
gboolean         chain_step_view_prepare  (const ChainStepView *v, const int *cancel);
/* Where the cell stands in a picture of the given size: centre of its symbol. FALSE: there is no such cell. */
gboolean         chain_step_view_place    (const ChainStepView *v, const ChainTheme *t, double width, double height, guint cell, double *x, double *y);

/* Where all of them stand (at: nullable, as long as there are cells), and how many pixels a unit of the design has there. */
typedef struct { double x, y; } ChainStepPoint;
gboolean         chain_step_view_map      (const ChainStepView *v, const ChainTheme *t, double width, double height, ChainStepPoint *at, double *scale);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainStepView, chain_step_view_unref)

G_END_DECLS
