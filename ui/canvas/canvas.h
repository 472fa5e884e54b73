/* SPDX-License-Identifier: Apache-2.0 */
/* The one widget that shows a picture: a row of the view table plus a snapshot. It pans, zooms, tells what lies under the pointer or has the
 * keyboard focus, and reads the picture out. Main thread; drawing happens on a thread of its own, since pictures are pure functions.
 *
 * Signals: "hovered" (const char *id or NULL), "focused", "selected" (same), "activated" (const char *id): double click or Enter on an element,
 * "laid-out": a picture with another geometry is on screen; "zoomed" (double x, double y: the point that stayed), "panned": by a hand. */
#pragma once

#include <gtk/gtk.h>

#include "app/picture/views.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_CANVAS (chain_canvas_get_type ())
G_DECLARE_FINAL_TYPE (ChainCanvas, chain_canvas, CHAIN, CANVAS, GtkWidget)

/* view: NULL until chain_canvas_set_view(). hertz: how often a new snapshot is drawn at most (DESIGN 4.8). explorable: zoom, pan and one
 * focusable child for each element; else one picture with a name. */
GtkWidget          *chain_canvas_new           (const ChainView *view, double hertz, gboolean explorable);
void                chain_canvas_set_view      (ChainCanvas *c, const ChainView *view);
const ChainView    *chain_canvas_view          (ChainCanvas *c);
void                chain_canvas_set_snapshot  (ChainCanvas *c, ChainSnapshot *snapshot /* (transfer none) */);
ChainSnapshot      *chain_canvas_data          (ChainCanvas *c);     /* (transfer none) (nullable) */
void                chain_canvas_set_text_size (ChainCanvas *c, double size);
void                chain_canvas_set_on_card   (ChainCanvas *c, gboolean on_card);   /* its ground is a card, not the canvas */

/* The geometry on screen; NULL before the first picture. (transfer none), until the next "laid-out". */
const ChainLayout  *chain_canvas_layout        (ChainCanvas *c);
gboolean            chain_canvas_bounds        (ChainCanvas *c, const char *id, graphene_rect_t *out);   /* in widget coordinates */

void                chain_canvas_set_show_unit (ChainCanvas *c, const char *id);     /* ChainOverlay.show_unit */
void                chain_canvas_set_hidden    (ChainCanvas *c, const char *ids);    /* ChainOverlay.hidden; NULL: none */
void                chain_canvas_select        (ChainCanvas *c, const char *id);     /* NULL: nothing */
const char         *chain_canvas_selected      (ChainCanvas *c);
const char         *chain_canvas_hovered       (ChainCanvas *c);
const char         *chain_canvas_focused       (ChainCanvas *c);     /* element with the keyboard focus */
const char         *chain_canvas_pick          (ChainCanvas *c, double x, double y);     /* element there (nullable), until the next "laid-out" */
gboolean            chain_canvas_focus_element (ChainCanvas *c, const char *id);

void                chain_canvas_zoom          (ChainCanvas *c, double factor, double x, double y);
void                chain_canvas_zoom_centre   (ChainCanvas *c, double factor);
void                chain_canvas_fit           (ChainCanvas *c);
double              chain_canvas_zoom_level    (ChainCanvas *c);
void                chain_canvas_set_max_zoom  (ChainCanvas *c, double most);
/* A point q of the picture stands at zoom q + (x, y). Setting it is told to nobody. */
void                chain_canvas_camera        (ChainCanvas *c, double *zoom, double *x, double *y);
void                chain_canvas_set_camera    (ChainCanvas *c, double zoom, double x, double y);
/* Drawn in place: for a picture that must come together with a camera. */
void                chain_canvas_show_now      (ChainCanvas *c, ChainSnapshot *snapshot);
const ChainTheme   *chain_canvas_theme         (ChainCanvas *c);

/* Keeps child centred on the element `id` of each layout, under zoom and pan; child is destroyed with the canvas or by unplace. */
void                chain_canvas_place         (ChainCanvas *c, GtkWidget *child, const char *id);
void                chain_canvas_unplace       (ChainCanvas *c, GtkWidget *child);
/* Over everything, as large as the canvas: what a drag shows. Once. */
void                chain_canvas_set_cover     (ChainCanvas *c, GtkWidget *cover);

guint               chain_canvas_pictures      (ChainCanvas *c);     /* pictures shown so far (tests, figures) */

G_END_DECLS
