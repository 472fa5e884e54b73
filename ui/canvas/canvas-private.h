/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the canvas, shared by its four files: widget (canvas.c), drawing thread (canvas-render.c), pointer and keys (canvas-input.c),
 * elements as widgets (canvas-elements.c). */
#pragma once

#include "ui/canvas/canvas.h"

G_BEGIN_DECLS

typedef struct _ChainRenderJob ChainRenderJob;

typedef struct { GtkWidget *widget; char *id; } ChainPlaced;

struct _ChainCanvas
{
  GtkWidget        parent_instance;

  const ChainView *view;
  ChainSnapshot   *snapshot;
  ChainTheme       theme;
  gboolean         theme_changed;             /* still parts are of another theme or view */
  double           text_size;
  gboolean         explorable, on_card;

  /* on screen */
  ChainLayout     *layout;
  cairo_surface_t *picture, *spare;           /* spare: of the picture before, drawn on again once no frame shows it */
  GdkTexture      *texture;                   /* the same for a renderer on the GPU; NULL until it asks */
  int              width, height, scale;      /* of the picture, in widget pixels */
  double           shown_zoom, shown_x, shown_y;
  cairo_surface_t *back, *front;
  guint64          still;
  guint            geometry;                  /* hash of ids and rectangles */
  guint            pictures;

  /* wanted */
  double           zoom, pan_x, pan_y, max_zoom;
  char            *hover, *selected, *focus, *show_unit, *hidden;
  double           hertz;
  gint64           last_start;
  gboolean         stale;
  ChainRenderJob  *job;
  guint            timer;

  /* words */
  gint64           last_words, last_names;
  guint            words_timer;
  char            *description;

  /* elements */
  GPtrArray       *nodes;                     /* of ChainCanvasNode */
  GArray          *places;                    /* of guint: where each node's element stood in the layout, to find it again without a search */
  guint            nodes_timer;               /* of many elements those in view are nodes, once the picture rests */
  GPtrArray       *placed;                    /* of ChainPlaced */
  GtkWidget       *cover;                     /* NULL */
  guint            elements_idle;
  gboolean         geometry_changed;

  /* pointer */
  double           pointer_x, pointer_y, drag_x, drag_y;
  gboolean         pointer_inside, panning;
};

/* Cells of a computational graph have roles of their own; their ids say what they are. */
static inline gboolean
_chain_canvas_is_cell (const ChainElement *e)
{
  return g_str_has_prefix (e->id, "cell:");
}

static inline gboolean
_chain_canvas_is_edge (const ChainElement *e)
{
  return g_str_equal (e->role, "weight") || g_str_equal (e->role, "wire");
}

/* canvas-render.c */
void _chain_canvas_invalidate    (ChainCanvas *c, gboolean at_once);
void _chain_canvas_render_now    (ChainCanvas *c);
void _chain_canvas_append_picture (ChainCanvas *c, GtkSnapshot *snapshot, double stretch);   /* stretch: between two zooms, until it is drawn anew */
void _chain_canvas_stop          (ChainCanvas *c);

/* canvas-elements.c */
void _chain_canvas_laid_out      (ChainCanvas *c, gboolean geometry_changed);   /* soon: nodes, names, "laid-out" */
void _chain_canvas_allocate      (ChainCanvas *c);
void _chain_canvas_elements_free (ChainCanvas *c);
ChainElement *_chain_canvas_neighbour (ChainCanvas *c, const char *from, GtkDirectionType direction);

/* canvas-input.c */
void _chain_canvas_add_input     (ChainCanvas *c);
void _chain_canvas_rehover       (ChainCanvas *c);
gboolean _chain_canvas_key       (ChainCanvas *c, guint keyval, GdkModifierType state);

/* canvas.c */
void _chain_canvas_set_mark      (ChainCanvas *c, char **mark, const char *id, const char *signal);

G_END_DECLS
