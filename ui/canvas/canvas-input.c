/* SPDX-License-Identifier: Apache-2.0 */
/* Pointer and keys, the same on every picture (DESIGN 3, 5.1): the wheel zooms at the pointer, a drag on the ground pans (anywhere with
 * Ctrl or the middle button), a double click on the ground fits, on an element activates it; arrows walk from element to element, E goes to the edges of a node and Escape
 * back. Keys that mean nothing here are left to the window. */
#include "ui/canvas/canvas-private.h"

#include <math.h>
#include <string.h>

#define MIN_ZOOM 0.25

static const ChainElement *
pick (ChainCanvas *c, double x, double y)
{
  if (c->layout == NULL || c->view == NULL)
    return NULL;
  return chain_layout_hit (c->view, c->layout, (x - c->pan_x) / c->zoom, (y - c->pan_y) / c->zoom);
}

static gboolean
is_live (const ChainElement *e)
{
  static const char *const roles[] = { "unit", "weight", "group", "plot", "bar", "series" };

  for (guint i = 0; e != NULL && i < G_N_ELEMENTS (roles); i++)
    if (g_str_equal (e->role, roles[i]))
      return TRUE;
  return e != NULL && (_chain_canvas_is_cell (e) || g_str_equal (e->role, "wire"));
}

const char *
chain_canvas_pick (ChainCanvas *c, double x, double y)
{
  const ChainElement *e = pick (c, x, y);

  return is_live (e) ? e->id : NULL;
}

void
_chain_canvas_rehover (ChainCanvas *c)
{
  const ChainElement *e = c->pointer_inside && !c->panning ? pick (c, c->pointer_x, c->pointer_y) : NULL;

  _chain_canvas_set_mark (c, &c->hover, is_live (e) ? e->id : NULL, "hovered");
}

static void
moved (ChainCanvas *c)
{
  _chain_canvas_invalidate (c, TRUE);
  gtk_widget_queue_allocate (GTK_WIDGET (c));
  gtk_widget_queue_draw (GTK_WIDGET (c));
}

void
chain_canvas_zoom (ChainCanvas *c, double factor, double x, double y)
{
  double to = CLAMP (c->zoom * factor, MIN_ZOOM, c->max_zoom), r = to / c->zoom;

  if (fabs (r - 1) < 1e-9)
    return;
  c->pan_x = x - (x - c->pan_x) * r;
  c->pan_y = y - (y - c->pan_y) * r;
  c->zoom = to;
  moved (c);
  g_signal_emit_by_name (c, "zoomed", x, y);
}

void
chain_canvas_zoom_centre (ChainCanvas *c, double factor)
{
  chain_canvas_zoom (c, factor, gtk_widget_get_width (GTK_WIDGET (c)) / 2.0, gtk_widget_get_height (GTK_WIDGET (c)) / 2.0);
}

void
chain_canvas_fit (ChainCanvas *c)
{
  c->zoom = 1;
  c->pan_x = c->pan_y = 0;
  moved (c);
  g_signal_emit_by_name (c, "zoomed", gtk_widget_get_width (GTK_WIDGET (c)) / 2.0, gtk_widget_get_height (GTK_WIDGET (c)) / 2.0);
}

void
chain_canvas_set_max_zoom (ChainCanvas *c, double most)
{
  c->max_zoom = most;
}

void
chain_canvas_camera (ChainCanvas *c, double *zoom, double *x, double *y)
{
  *zoom = c->zoom;
  *x = c->pan_x;
  *y = c->pan_y;
}

void
chain_canvas_set_camera (ChainCanvas *c, double zoom, double x, double y)
{
  c->zoom = CLAMP (zoom, MIN_ZOOM, c->max_zoom);
  c->pan_x = x;
  c->pan_y = y;
  moved (c);
}

double
chain_canvas_zoom_level (ChainCanvas *c)
{
  return c->zoom;
}

static void
motion_cb (ChainCanvas *c, double x, double y)
{
  c->pointer_x = x;
  c->pointer_y = y;
  c->pointer_inside = TRUE;
  _chain_canvas_rehover (c);
}

static void
leave_cb (ChainCanvas *c)
{
  c->pointer_inside = FALSE;
  _chain_canvas_rehover (c);
}

static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx, double dy, gpointer data)
{
  ChainCanvas *c = data;

  if (fabs (dy) < 1e-9)
    return FALSE;
  chain_canvas_zoom (c, pow (1.15, -dy), c->pointer_x, c->pointer_y);
  return TRUE;
}

static void
pinch_cb (GtkGestureZoom *gesture, double scale, gpointer data)
{
  ChainCanvas *c = data;
  double x, y;

  if (gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    chain_canvas_zoom (c, CLAMP (scale / MAX (c->drag_x, 0.01), 0.8, 1.25), x, y);
  c->drag_x = scale;
}

static void
pinch_begin_cb (ChainCanvas *c)
{
  c->drag_x = 1;
}

static void
click_cb (GtkGestureClick *click, int n, double x, double y, gpointer data)
{
  ChainCanvas *c = data;
  const ChainElement *e = pick (c, x, y);
  g_autofree char *id = is_live (e) ? g_strdup (e->id) : NULL;

  if (gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (click)) & GDK_CONTROL_MASK)
    return;
  if (gtk_widget_pick (GTK_WIDGET (c), x, y, GTK_PICK_DEFAULT) != GTK_WIDGET (c))      /* a widget that stands on the picture */
    return;
  if (id == NULL || !chain_canvas_focus_element (c, id))
    gtk_widget_grab_focus (GTK_WIDGET (c));
  chain_canvas_select (c, id);
  if (n != 2)
    return;
  if (id != NULL)
    g_signal_emit_by_name (c, "activated", id);
  else if (c->explorable)
    chain_canvas_fit (c);
}

static void
drag_begin_cb (GtkGestureDrag *drag, double x, double y, gpointer data)
{
  ChainCanvas *c = data;
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (drag));
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (drag));
  const ChainElement *e = pick (c, x, y);
  gboolean ground = !is_live (e) || g_str_equal (e->role, "wire");      /* nobody drags a wire, and they are everywhere */

  if (button != GDK_BUTTON_MIDDLE && !(button == GDK_BUTTON_PRIMARY && ((state & GDK_CONTROL_MASK) != 0 || ground)))
    {
      gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  c->drag_x = c->pan_x;
  c->drag_y = c->pan_y;
}

static void
drag_update_cb (GtkGestureDrag *drag, double dx, double dy, gpointer data)
{
  ChainCanvas *c = data;

  if (!c->panning)
    {
      if (hypot (dx, dy) < 4)
        return;                /* a click */
      c->panning = TRUE;
      gtk_widget_set_cursor_from_name (GTK_WIDGET (c), "grabbing");
      _chain_canvas_rehover (c);
    }
  c->pan_x = c->drag_x + dx;
  c->pan_y = c->drag_y + dy;
  moved (c);
  g_signal_emit_by_name (c, "panned");
}

static void
drag_end_cb (ChainCanvas *c)
{
  c->panning = FALSE;
  gtk_widget_set_cursor (GTK_WIDGET (c), NULL);
}

/* "wire:<from>><to>:<input>": the first that leaves a cell, or else arrives. */
static const ChainElement *
wire_at (ChainCanvas *c, const char *cell)
{
  g_autofree char *leaves = g_strdup_printf ("wire:%s>", cell), *arrives = g_strdup_printf (">%s:", cell);
  const ChainElement *best = NULL;

  for (guint i = 0; i < c->layout->elements->len; i++)
    {
      const ChainElement *e = g_ptr_array_index (c->layout->elements, i);

      if (g_str_has_prefix (e->id, leaves))
        return e;
      if (best == NULL && g_str_equal (e->role, "wire") && strstr (e->id, arrives) != NULL)
        best = e;
    }
  return best;
}

/* The first edge that starts or ends at a node, in reading order: "weight:<layer>:<to>:<from>" touches it on screen. */
static const ChainElement *
edge_at (ChainCanvas *c, const char *node)
{
  const ChainElement *n = chain_layout_find (c->layout, node);

  if (n != NULL && _chain_canvas_is_cell (n))
    return wire_at (c, node + strlen ("cell:"));
  for (guint i = 0; n != NULL && i < c->layout->elements->len; i++)
    {
      const ChainElement *e = g_ptr_array_index (c->layout->elements, i);

      if (g_str_equal (e->role, "weight") && fabs (e->x - (n->x + n->w)) < 16 && e->y <= n->y + n->h && e->y + e->h >= n->y)
        return e;
    }
  return NULL;
}

/* The unit nearest to where an edge ends. */
static const ChainElement *
node_of (ChainCanvas *c, const char *edge)
{
  const ChainElement *e = chain_layout_find (c->layout, edge), *best = NULL;
  double best_d = 0;

  if (e != NULL && g_str_equal (e->role, "wire"))
    {
      g_autofree char *from = g_strndup (edge + strlen ("wire:"), (gsize) (strchr (edge, '>') - edge) - strlen ("wire:")), *cell = g_strconcat ("cell:", from, NULL);

      return chain_layout_find (c->layout, cell);
    }
  for (guint i = 0; e != NULL && i < c->layout->elements->len; i++)
    {
      const ChainElement *n = g_ptr_array_index (c->layout->elements, i);
      double d = hypot (n->x + n->w - e->x, n->y + n->h / 2 - (e->y + e->h / 2));

      if (g_str_equal (n->role, "unit") && (best == NULL || d < best_d))
        {
          best = n;
          best_d = d;
        }
    }
  return best;
}

static gboolean
walk (ChainCanvas *c, const ChainElement *to)
{
  if (to != NULL)
    chain_canvas_focus_element (c, to->id);
  return TRUE;
}

gboolean
_chain_canvas_key (ChainCanvas *c, guint keyval, GdkModifierType state)
{
  if (c->focus == NULL || c->layout == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  switch (keyval)
    {
    case GDK_KEY_Left: return walk (c, _chain_canvas_neighbour (c, c->focus, GTK_DIR_LEFT));
    case GDK_KEY_Right: return walk (c, _chain_canvas_neighbour (c, c->focus, GTK_DIR_RIGHT));
    case GDK_KEY_Up: return walk (c, _chain_canvas_neighbour (c, c->focus, GTK_DIR_UP));
    case GDK_KEY_Down: return walk (c, _chain_canvas_neighbour (c, c->focus, GTK_DIR_DOWN));
    case GDK_KEY_e: case GDK_KEY_E: return walk (c, edge_at (c, c->focus));
    case GDK_KEY_Escape: return (g_str_has_prefix (c->focus, "weight:") || g_str_has_prefix (c->focus, "wire:")) && walk (c, node_of (c, c->focus));
    case GDK_KEY_Return: case GDK_KEY_KP_Enter:
      {
        g_autofree char *id = g_strdup (c->focus);

        chain_canvas_select (c, id);
        g_signal_emit_by_name (c, "activated", id);
        return TRUE;
      }
    default: return FALSE;
    }
}

static gboolean
key_cb (GtkEventControllerKey *key, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  return _chain_canvas_key (data, keyval, state);
}

static void
add_drag (ChainCanvas *c)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), c);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), c);
  g_signal_connect_swapped (drag, "end", G_CALLBACK (drag_end_cb), c);
  gtk_widget_add_controller (GTK_WIDGET (c), GTK_EVENT_CONTROLLER (drag));
}

static void
add_zoom (ChainCanvas *c)
{
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkGesture *pinch = gtk_gesture_zoom_new ();

  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), c);
  gtk_widget_add_controller (GTK_WIDGET (c), scroll);
  g_signal_connect_swapped (pinch, "begin", G_CALLBACK (pinch_begin_cb), c);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinch_cb), c);
  gtk_widget_add_controller (GTK_WIDGET (c), GTK_EVENT_CONTROLLER (pinch));
}

void
_chain_canvas_add_input (ChainCanvas *c)
{
  GtkEventController *motion = gtk_event_controller_motion_new (), *key = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect_swapped (motion, "enter", G_CALLBACK (motion_cb), c);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), c);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), c);
  gtk_widget_add_controller (GTK_WIDGET (c), motion);
  g_signal_connect (click, "pressed", G_CALLBACK (click_cb), c);
  gtk_widget_add_controller (GTK_WIDGET (c), GTK_EVENT_CONTROLLER (click));
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), c);
  gtk_widget_add_controller (GTK_WIDGET (c), key);
  if (!c->explorable)
    return;
  add_drag (c);
  add_zoom (c);
}
