/* SPDX-License-Identifier: Apache-2.0 */
/* The view table: every picture of the program, drawn by the same functions in the window, in exports, on the command line and in tests
 * (ARCHITECTURE 5d). Two pure stages: layout (snapshot -> geometry with ids) and draw (geometry -> cairo).
 *
 * Pure: reads its arguments, writes ink; no widget, settings, clock, static state or random numbers; same input, same bytes. */
#pragma once

#include "app/picture/theme.h"
#include "app/train/snapshot.h"

G_BEGIN_DECLS

/* A picture is drawn back to front in four parts, so that a window may keep some of them as textures. BACK: background, header, grid, axes; LIVE:
 * what each snapshot changes (fields, edges, tiles, curves); FRONT: still things above it (data points, frames); OVERLAY: hover, selection, focus.
 * BACK and FRONT are the same picture as long as ChainLayout.still is the same number and the size is the same. */
typedef enum { CHAIN_PART_BACK = 1 << 0, CHAIN_PART_LIVE = 1 << 1, CHAIN_PART_FRONT = 1 << 2, CHAIN_PART_OVERLAY = 1 << 3, CHAIN_PART_ALL = 15 } ChainPart;

/* What is marked in a picture: ids are those of the layout's elements ("unit:d1:3", "weight:d1:0:1", "layer:d1", "add:d1"); NULL = none. */
typedef struct { const char *hover, *selected, *focus; const char *show_unit; /* boundary: show this unit's response instead of the output */
                 const char *hidden;  /* network: ids of units and layers that are drawn faint, a space after each */
                 double fixed; /* graph: device pixels of a widget's; legend and ground stay where they are under zoom and pan; 0: part of the picture */
                 guint parts;  /* ChainPart bits to draw; 0 = all */ } ChainOverlay;

/* One element of a layout: what can be hit, focused, described, tested. */
typedef struct
{
  char  *id;
  char  *role;          /* "unit", "weight", "layer", "plot", "series", "bar" … */
  double x, y, w, h;    /* rectangle in the picture's coordinates */
  char  *label;         /* sentence for a screen reader and a tooltip */
  guint    index;        /* the view's own number of it */
  gboolean is_static;   /* drawn in BACK or FRONT: does not move with training */
} ChainElement;

typedef struct
{
  double     width, height;
  GPtrArray *elements;   /* of ChainElement, in reading order */
  char      *description;/* the picture as a sentence (accessible description) */
  char      *title, *note;  /* card header: "Decision boundary", "log scale" */
  guint64    still;      /* equal numbers and sizes: BACK and FRONT need not be drawn again */
  char    *(*label) (gpointer data, const ChainElement *e);   /* of very many elements a name is made when somebody asks: chain_layout_label() */
  gpointer   data;       /* the view's own geometry */
  void     (*free_data) (gpointer data);
} ChainLayout;

typedef struct
{
  const char *id;              /* "network", "boundary", "loss", "gradient-flow" */
  const char *title;           /* msgid */
  const char *about;           /* msgid: what it shows, one sentence */
  double      width, height;   /* natural size */
  guint       want;            /* ChainWant bits it needs */
  gboolean  (*applies) (const ChainSnapshot *s);    /* e.g. boundary needs two classes or a plane; NULL = always */
  ChainLayout *(*layout) (const ChainSnapshot *s, const ChainTheme *t, double w, double h);
  void       (*draw) (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o);
  /* NULL: the rectangle test of chain_layout_hit() serves (edges of a graph need their own) */
  const ChainElement *(*hit) (const ChainLayout *l, double x, double y);
  char      *(*csv) (const ChainSnapshot *s);       /* numbers behind it, (transfer full) */
} ChainView;

const ChainView *chain_table_views (guint *n);
const ChainView *chain_view_by_id  (const char *id);
/* The view that answers "what has it learnt" for this network and its data: boundary (one or two inputs), confusion (images, or classes over more than
 * 12 inputs), predicted (values over more than two inputs); a row of the table that applies. */
const char      *chain_view_for_result (const ChainSnapshot *s);
const ChainElement *chain_layout_hit (const ChainView *v, const ChainLayout *l, double x, double y);
const ChainElement *chain_layout_find (const ChainLayout *l, const char *id);
char            *chain_layout_label (const ChainLayout *l, const ChainElement *e);      /* what a reader says of it. (transfer full) */
void             chain_layout_free (ChainLayout *l);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainLayout, chain_layout_free)

G_END_DECLS
