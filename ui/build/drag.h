/* SPDX-License-Identifier: Apache-2.0 */
/* A drag on the canvas while it lasts: what is dragged, what could be reached (drag.c), and how that looks (cover.c). */
#pragma once

#include "ui/build/build-private.h"

G_BEGIN_DECLS

typedef enum { CHAIN_DRAG_LAYER, CHAIN_DRAG_LINK, CHAIN_DRAG_UNIT, CHAIN_DRAG_WEIGHT } ChainDragKind;

typedef struct
{
  char           *id, *name;
  graphene_rect_t rect;          /* chip and tiles, in canvas coordinates */
  gboolean        possible, own; /* own: what is dragged itself */
  char           *reason;        /* why it is not possible; NULL */
} ChainDragTarget;

struct _ChainDrag
{
  ChainBuild      *build;
  GtkGesture      *gesture;
  GtkWidget       *cover;
  ChainDragKind    kind;
  gboolean         active, moves, fine;
  ChainSubject     subject;
  char             layer[65];
  graphene_point_t from;
  graphene_rect_t  from_rect, over_rect;
  double           x, y, before;
  GArray          *targets;      /* of ChainDragTarget, inputs first */
  int              over;         /* a target, the gap behind it, or a unit; -1: nothing */
  char            *text;         /* beside the pointer; NULL */
};

void       _chain_drag_cancel (ChainDrag *d);
GtkWidget *_chain_drag_cover  (ChainDrag *d);

G_END_DECLS
