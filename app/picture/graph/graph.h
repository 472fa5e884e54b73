/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the computational graph's picture: places of cells (places.c), layout with elements (layout.c), lanes of wires (lanes.c), words
 * (words.c), ink (draw.c, cells.c, wires.c, notes.c, far.c).
 *
 * Two coordinate systems. Natural: as DESIGN 4.7 gives sizes, an operation has radius 19. Picture: natural times `fit`, moved to (ox, oy), so that a
 * graph of any size fits into any picture. What is drawn, hit and described is the same ChainGraphLayout. */
#pragma once

#include "app/picture/draw/paint.h"
#include "app/picture/layered/layered.h"
#include "app/picture/step-view.h"

G_BEGIN_DECLS

#define CHAIN_GRAPH_LINE 24.0        /* of a block of products */
#define CHAIN_GRAPH_LEGEND 38.0      /* height of the legend's row, where the picture is high enough for one */

typedef enum { CHAIN_SHAPE_ROUND, CHAIN_SHAPE_SQUARE, CHAIN_SHAPE_TAG, CHAIN_SHAPE_BOX } ChainGraphShape;

/* Of tags over the symbol and chips under it; of tags at its left; all in a line (stands.c). */
typedef enum { CHAIN_STAND_OVER, CHAIN_STAND_SIDE, CHAIN_STAND_ROW } ChainGraphStand;

typedef struct
{
  double          x, y;              /* centre of the symbol */
  double          hw, hh;            /* half of its size */
  double          x0, y0, x1, y1;    /* with name and chips */
  ChainGraphShape shape;
  int             host;              /* cell that this tag stands over, or -1 */
  guint           degree;            /* wires that arrive */
  guint           tags;              /* that stand over it, */
  double          tag_reach;         /* so far to both sides */
  ChainGraphStand stand;
  double          left, right, up, down;  /* what the cell takes, from its centre: with chips, name and the tags beside it */
  double          arrive;            /* wires that arrive are level from so far to the left on; 0: from its edge */
  gboolean        through;           /* and run on to the symbol: no tag stands there */
  ChainLayPoint   value, adjoint;    /* centres of the chips, from its own */
  ChainLayPoint   beside;            /* of a tag that does not stand over its host: from the host's centre */
  guint           rank;              /* gaps to its left */
  int             line;              /* of the block of products that go into one sum; of others −1 */
} ChainGraphCell;

typedef struct { double x0, y0, x1, y1; } ChainGraphRect;
typedef struct { guint layer; ChainGraphRect r; } ChainGraphFrame;

/* places.c: of one diagram, shared by every view of it. */
typedef struct
{
  guint           n, n_wires;
  ChainGraphCell *cell;
  ChainLayPoint **bend;              /* a wire */
  guint          *n_bends;
  double         *split;             /* middles of the gaps between ranks */
  double         *share;             /* of the width that is left over, to the left of each rank: crowded gaps get more */
  double         *half_rank;         /* of each rank: a bend is straight for so far on both sides */
  guint           n_splits, n_inputs;
  double          width, height;
  guint          *first_out, *out;   /* wires that leave cell i: out[first_out[i]] … out[first_out[i + 1] - 1]; */
  guint          *first_in, *in;     /* that arrive */
} ChainGraphPlaces;

/* NULL: cancelled. Until the last reference to the view goes. */
const ChainGraphPlaces *chain_graph_places (const ChainStepView *v, const int *cancel);
ChainStepPlaces *chain_graph_places_new   (const ChainStepView *before);   /* the order of its cells is kept; nullable */
ChainStepPlaces *chain_graph_places_ref   (ChainStepPlaces *p);
void             chain_graph_places_unref (ChainStepPlaces *p);
gboolean         chain_graph_is_matrix    (const ChainCell *c);
gboolean         chain_graph_is_tag       (const ChainCell *c);

typedef struct
{
  ChainStepView          *view;      /* (ref); NULL: nothing to show */
  const ChainGraphPlaces *places;
  ChainGraphCell         *cell;      /* as places, moved as the user wants */
  GArray                 *frames;    /* of ChainGraphFrame: one a layer, where no other layer's cell stands in it */
  char                  **layer;     /* names of the layers that have a frame, by layer; NULL-terminated by n_layers */
  guint                   n_layers;
  double                  fit, ox, oy;
  double                  stretch;   /* of places' y: a flat graph takes the height that there is, */
  double                  widen;     /* added to the gaps between ranks: a narrow one the width */
  char                   *notice;    /* instead of a graph */
  GPtrArray              *made;      /* of ChainElement: wires that were hit, where wires are no elements; NULL: none */
} ChainGraphLayout;

ChainLayout *chain_layout_graph        (const ChainSnapshot *s, const ChainTheme *t, double w, double h);
ChainLayout *chain_layout_graph_units  (const ChainSnapshot *s, const ChainTheme *t, double w, double h);
ChainLayout *chain_layout_graph_layers (const ChainSnapshot *s, const ChainTheme *t, double w, double h);
ChainLayout *chain_layout_graph_nodes  (const ChainSnapshot *s, const ChainTheme *t, double w, double h);
const ChainElement *chain_layout_graph_hit (const ChainLayout *l, double x, double y);
void         chain_draw_graph          (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o);
char        *chain_csv_graph           (const ChainSnapshot *s);   /* cells with value and adjoint; those of step_view, or single operations */
char        *chain_csv_graph_units     (const ChainSnapshot *s);
char        *chain_csv_graph_layers    (const ChainSnapshot *s);
char        *chain_csv_graph_nodes     (const ChainSnapshot *s);
/* The view that is drawn: the snapshot's, or the trace as it is at that detail; NULL: there is no trace. detail < 0: the step view's. (transfer full). */
ChainStepView *chain_graph_view        (const ChainSnapshot *s, int detail);

/* stands.c */
void           chain_graph_choose_stands (const ChainDiagram *d, ChainGraphPlaces *p, int *rank);
void           chain_graph_share_gaps  (ChainGraphPlaces *p, const ChainDiagram *d);
void           chain_graph_make_room   (ChainGraphPlaces *p, const ChainDiagram *d);
guint          chain_graph_rank_at     (const ChainGraphPlaces *p, double x);      /* of places, not of the picture */

/* find.c: elements by place and by name. */
#define CHAIN_GRAPH_WALKABLE 500u    /* cells; of more, wires are elements when they are hit and names are made when they are asked for */
ChainElement  *chain_graph_wire_element (const ChainGraphLayout *g, guint wire);                       /* (transfer full) */
char          *chain_graph_label       (gpointer layout, const ChainElement *e);                        /* (transfer full) */
int            chain_graph_find        (const ChainGraphLayout *g, const char *id, gboolean *wire);     /* index of "cell:…" or "wire:…"; −1 */

/* lanes.c: a wire's two lanes are chains of cubic curves: point 0, then three points a curve. */
#define CHAIN_LANE_POINTS 64
typedef struct { guint n; ChainLayPoint p[CHAIN_LANE_POINTS]; } ChainLane;
void           chain_graph_lane        (const ChainGraphLayout *g, guint wire, gboolean backward, ChainLane *out);
/* Way-point k of a wire; *half: level for so far on both sides (nullable). */
ChainLayPoint  chain_graph_bend        (const ChainGraphLayout *g, guint wire, guint k, double *half);
ChainLayPoint  chain_graph_lane_at     (const ChainLane *l, double t, double *angle);    /* t in [0, 1]; angle nullable */
double         chain_graph_lane_distance (const ChainLane *l, double x, double y);
ChainGraphRect chain_graph_wire_rect   (const ChainGraphLayout *g, guint wire);
/* Straight or not, a wire between a tag and the cell that it stands over. */
gboolean       chain_graph_wire_is_drop (const ChainGraphLayout *g, guint wire);

/* words.c; (transfer full). */
char          *chain_graph_cell_label  (const ChainStepView *v, guint cell);
char          *chain_graph_wire_label  (const ChainStepView *v, guint wire);
char          *chain_graph_description (const ChainStepView *v);
char          *chain_graph_shape_text  (const ChainStepView *v, const ChainCell *c);   /* "32 × 64" */

static inline const ChainCell *
chain_graph_cell (const ChainStepView *v, guint i)
{
  return &g_array_index (v->diagram->cells, ChainCell, i);
}

static inline const ChainWire *
chain_graph_wire (const ChainStepView *v, guint i)
{
  return &g_array_index (v->diagram->wires, ChainWire, i);
}

/* The event that is under way or has happened last; NULL at the start. */
static inline const ChainEventRow *
chain_graph_event (const ChainStepView *v)
{
  return v->position > 0 && v->position <= v->diagram->events->len ? &g_array_index (v->diagram->events, ChainEventRow, v->position - 1) : NULL;
}

G_END_DECLS
