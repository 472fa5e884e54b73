/* SPDX-License-Identifier: Apache-2.0 */
/* Four drags on the canvas. A chip moves its layer; a tile changes places with another of its layer; a port (or Ctrl or Alt with a chip, Alt with a tile)
 * draws a connection; a weight that is selected, or any with Alt, is turned up and down. A press stays a click until the pointer has moved 8 px; then the drag takes it away
 * from the button or the canvas under it. Escape puts everything back. What a drop would do is worked out once, when the drag begins: every
 * layer with its place, and whether it can be reached or the sentence why not. */
#include "config.h"

#include "ui/build/drag.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/number-text.h"
#include "ui/canvas/report.h"

#define THRESHOLD 8
#define PER_PIXEL 0.01
#define PER_PIXEL_FINE 0.001

static void
target_clear (gpointer data)
{
  ChainDragTarget *t = data;

  g_free (t->id);
  g_free (t->name);
  g_free (t->reason);
}

static void
grow (graphene_rect_t *all, gboolean *any, const graphene_rect_t *r)
{
  if (*any)
    graphene_rect_union (all, r, all);
  else
    *all = *r;
  *any = TRUE;
}

/* Chip and tiles of a layer ("x": the inputs) on the canvas. */
static gboolean
column_rect (ChainBuild *b, const char *layer, graphene_rect_t *out)
{
  const ChainLayout *l = chain_canvas_layout (b->canvas);
  g_autofree char *chip = g_strconcat ("layer:", layer, NULL), *unit = g_strconcat ("unit:", layer, ":", NULL), *more = g_strconcat ("more:", layer, NULL),
                  *stack = g_strconcat ("stack:", layer, NULL);
  gboolean any = FALSE;

  for (guint i = 0; l != NULL && i < l->elements->len; i++)
    {
      const ChainElement *e = g_ptr_array_index (l->elements, i);
      graphene_rect_t r;

      if ((g_str_equal (e->id, chip) || g_str_has_prefix (e->id, unit) || g_str_equal (e->id, more) || g_str_equal (e->id, stack))
          && chain_canvas_bounds (b->canvas, e->id, &r))
        grow (out, &any, &r);
    }
  return any;
}

static void
add_target (ChainDrag *d, const char *id, gboolean to_check)
{
  ChainDragTarget t = { .id = g_strdup (id), .name = _chain_build_layer_title (d->build, id), .possible = TRUE };
  g_autoptr (GError) error = NULL;

  if (!column_rect (d->build, id, &t.rect))
    {
      target_clear (&t);
      return;
    }
  if (to_check && !chain_session_can_connect (d->build->session, d->layer, id, &error))
    {
      t.possible = FALSE;
      t.reason = g_strdup (error->message);
    }
  t.own = g_str_equal (id, d->layer);
  g_array_append_val (d->targets, t);
}

static void
find_targets (ChainDrag *d)
{
  const ChainSpec *spec = _chain_build_spec (d->build);

  g_array_set_size (d->targets, 0);
  add_target (d, "x", d->kind == CHAIN_DRAG_LINK);
  for (guint i = 0; i < spec->layers->len; i++)
    add_target (d, ((const ChainLayer *) g_ptr_array_index (spec->layers, i))->id, d->kind == CHAIN_DRAG_LINK);
}

static ChainDragTarget *
target_at (ChainDrag *d, guint i)
{
  return &g_array_index (d->targets, ChainDragTarget, i);
}

/* --- what a drop here would do --- */
static void
hover_link (ChainDrag *d)
{
  d->over = -1;
  for (guint i = 0; i < d->targets->len; i++)
    {
      graphene_rect_t r = target_at (d, i)->rect;

      graphene_rect_inset (&r, -16, -10);
      if (d->x >= r.origin.x && d->x <= r.origin.x + r.size.width && d->y >= r.origin.y && d->y <= r.origin.y + r.size.height)
        d->over = (int) i;
    }
  g_clear_pointer (&d->text, g_free);
  if (d->over < 0)
    d->text = g_strdup (_("Drop on a layer to connect it"));
  else if (target_at (d, (guint) d->over)->own)
    d->text = g_strdup (_("From here…"));
  else
    d->text = target_at (d, (guint) d->over)->possible ? g_strdup_printf (_("Connect to “%s”"), target_at (d, (guint) d->over)->name)
                                                       : g_strdup (target_at (d, (guint) d->over)->reason);
}

/* The gap behind column `over`: never behind the output. */
static void
hover_layer (ChainDrag *d)
{
  int at = (int) d->targets->len - 2;

  for (int i = 0; i + 1 < (int) d->targets->len; i++)
    {
      const graphene_rect_t *a = &target_at (d, (guint) i)->rect, *c = &target_at (d, (guint) i + 1)->rect;
      double middle = (a->origin.x + a->size.width / 2 + c->origin.x + c->size.width / 2) / 2, half = (c->origin.x + c->size.width / 2 - a->origin.x - a->size.width / 2) / 2;

      if (d->x < middle + half)
        {
          at = i;
          break;
        }
    }
  d->over = MAX (at, 0);
  g_clear_pointer (&d->text, g_free);
  d->moves = !target_at (d, (guint) d->over)->own && !(d->over + 1 < (int) d->targets->len && target_at (d, (guint) d->over + 1)->own);
  d->text = d->moves ? g_strdup_printf (_("Move behind “%s”"), target_at (d, (guint) d->over)->name) : g_strdup (_("It stays here"));
}

static void
hover_unit (ChainDrag *d)
{
  const char *id = chain_canvas_pick (d->build->canvas, d->x, d->y);
  ChainSubject s;

  d->over = -1;
  g_clear_pointer (&d->text, g_free);
  if (id != NULL && _chain_build_subject (d->build, id, &s) && s.kind == CHAIN_SUBJECT_UNIT && g_str_equal (s.layer, d->layer))
    {
      if (s.ref.row != d->subject.ref.row && chain_canvas_bounds (d->build->canvas, id, &d->over_rect))
        d->over = (int) s.ref.row;
      d->text = d->over >= 0 ? g_strdup_printf (_("Change places with unit %u"), s.ref.row + 1) : g_strdup (_("It stays here"));
    }
  else
    d->text = g_strdup (_("Units change places within their layer"));
}

static void
hover_weight (ChainDrag *d)
{
  double value = d->before - (d->y - d->from.y) * (d->fine ? PER_PIXEL_FINE : PER_PIXEL);
  char buf[CHAIN_NUMBER_TEXT_SIZE];

  value = round (value * 1000) / 1000;
  _chain_build_set_weight (d->build, &d->subject.ref, value);
  g_free (d->text);
  d->text = g_strdup (chain_number_text_signed (buf, value, 3));
}

static void
hover (ChainDrag *d)
{
  static void (*const hovers[]) (ChainDrag *) = { hover_layer, hover_link, hover_unit, hover_weight };

  hovers[d->kind] (d);
  gtk_widget_queue_draw (d->cover);
}

/* --- beginning --- */
static gboolean
is_step_button (GtkWidget *on, GtkWidget *until)
{
  for (; on != NULL && on != until; on = gtk_widget_get_parent (on))
    if (gtk_widget_has_css_class (on, "circular") || gtk_widget_has_css_class (on, "adder"))
      return TRUE;
  return FALSE;
}

static gboolean
is_port (GtkWidget *on)
{
  for (; on != NULL; on = gtk_widget_get_parent (on))
    if (g_object_get_data (G_OBJECT (on), "chain-port") != NULL)
      return TRUE;
  return FALSE;
}

/* Which drag a press here may become; FALSE: none. */
static gboolean
classify (ChainDrag *d, double x, double y, GdkModifierType state)
{
  ChainBuild *b = d->build;
  GtkWidget *canvas = GTK_WIDGET (b->canvas), *on = gtk_widget_pick (canvas, x, y, GTK_PICK_DEFAULT);
  const char *id = chain_element_of_widget (on);
  gboolean chip = id != NULL, link = is_port (on) || (state & GDK_ALT_MASK) != 0 || (chip && (state & GDK_CONTROL_MASK) != 0);

  if (chip && (g_str_has_prefix (id, "add:") || is_step_button (on, canvas)))
    return FALSE;
  if (!chip)
    id = chain_canvas_pick (b->canvas, x, y);
  if (id == NULL || (!chip && (state & GDK_CONTROL_MASK) != 0) || !_chain_build_subject (b, id, &d->subject))
    return FALSE;
  if (d->subject.kind == CHAIN_SUBJECT_WEIGHT)
    d->kind = CHAIN_DRAG_WEIGHT;
  else
    d->kind = link ? CHAIN_DRAG_LINK : d->subject.kind == CHAIN_SUBJECT_LAYER ? CHAIN_DRAG_LAYER : CHAIN_DRAG_UNIT;
  g_strlcpy (d->layer, d->subject.layer, sizeof d->layer);
  if (d->kind == CHAIN_DRAG_WEIGHT)
    return (state & GDK_ALT_MASK) != 0 || g_strcmp0 (id, chain_canvas_selected (b->canvas)) == 0;
  if (d->kind != CHAIN_DRAG_LINK && d->subject.kind == CHAIN_SUBJECT_INPUTS)
    return FALSE;
  return !d->subject.is_output || d->kind == CHAIN_DRAG_UNIT;
}

static void
begin_cb (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  ChainDrag *d = data;
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (gesture));
  GdkSurface *own = gtk_native_get_surface (gtk_widget_get_native (GTK_WIDGET (d->build->canvas)));

  d->active = FALSE;
  if (event == NULL || gdk_event_get_surface (event) != own
      || !classify (d, x, y, gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture))))
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  graphene_point_init (&d->from, (float) x, (float) y);
}

static gboolean
key_cb (GtkEventControllerKey *key, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  ChainDrag *d = data;

  if (!d->active || keyval != GDK_KEY_Escape)
    return FALSE;
  _chain_drag_cancel (d);
  return TRUE;
}

static void
end (ChainDrag *d)
{
  d->active = FALSE;
  g_clear_pointer (&d->text, g_free);
  gtk_widget_set_cursor (GTK_WIDGET (d->build->canvas), NULL);
  gtk_widget_queue_draw (d->cover);
}

void
_chain_drag_cancel (ChainDrag *d)
{
  if (!d->active)
    return;
  if (d->kind == CHAIN_DRAG_WEIGHT)
    _chain_build_set_weight (d->build, &d->subject.ref, d->before);
  end (d);
  gtk_gesture_set_state (GTK_GESTURE (d->gesture), GTK_EVENT_SEQUENCE_DENIED);
}

static gboolean
start (ChainDrag *d)
{
  if (d->kind == CHAIN_DRAG_WEIGHT && !_chain_build_weight_value (d->build, &d->subject.ref, &d->before))
    return FALSE;
  if (d->kind == CHAIN_DRAG_UNIT && !chain_canvas_bounds (d->build->canvas, d->subject.id, &d->from_rect))
    return FALSE;
  find_targets (d);
  if (d->kind != CHAIN_DRAG_UNIT && !column_rect (d->build, d->layer, &d->from_rect))
    return FALSE;
  chain_canvas_select (d->build->canvas, d->subject.kind == CHAIN_SUBJECT_INPUTS ? NULL : d->subject.id);
  d->active = TRUE;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (d->build->canvas), d->kind == CHAIN_DRAG_WEIGHT ? "ns-resize" : d->kind == CHAIN_DRAG_LINK ? "crosshair" : "grabbing");
  return TRUE;
}

static void
update_cb (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  ChainDrag *d = data;

  if (!d->active)
    {
      if (hypot (dx, dy) < THRESHOLD)
        return;
      if (!start (d))
        {
          gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
          return;
        }
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
    }
  d->fine = (gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture)) & GDK_SHIFT_MASK) != 0;
  d->x = d->from.x + dx;
  d->y = d->from.y + dy;
  hover (d);
}

/* --- dropping --- */
static void
drop (ChainDrag *d)
{
  ChainBuild *b = d->build;
  GError *error = NULL;
  const ChainDragTarget *t = d->over >= 0 && d->kind != CHAIN_DRAG_UNIT ? target_at (d, (guint) d->over) : NULL;
  g_autofree char *element = NULL;

  if (d->kind == CHAIN_DRAG_LAYER && d->moves)
    {
      element = g_strconcat ("layer:", d->layer, NULL);
      chain_session_move_layer (b->session, d->layer, d->over == 0 ? NULL : t->id, &error);
    }
  else if (d->kind == CHAIN_DRAG_LINK && t != NULL && !t->own)
    chain_session_connect (b->session, d->layer, t->id, NULL, &error);
  else if (d->kind == CHAIN_DRAG_UNIT && d->over >= 0)
    {
      element = g_strdup_printf ("unit:%s:%d", d->layer, d->over);
      chain_session_swap_units (b->session, d->layer, d->subject.ref.row, (guint) d->over, &error);
    }
  if (error == NULL && element != NULL)
    _chain_build_focus (b, element);
  chain_report (b->session, error);
}

static void
end_cb (ChainDrag *d)
{
  if (!d->active)
    return;
  drop (d);
  end (d);
}

static void
cancel_cb (ChainDrag *d)
{
  if (d->active)
    end (d);
}

void
_chain_build_add_drag (ChainBuild *b)
{
  ChainDrag *d = g_new0 (ChainDrag, 1);
  GtkEventController *key = gtk_event_controller_key_new ();

  d->build = b;
  b->drag = d;
  d->targets = g_array_new (FALSE, TRUE, sizeof (ChainDragTarget));
  g_array_set_clear_func (d->targets, target_clear);
  d->cover = _chain_drag_cover (d);
  chain_canvas_set_cover (b->canvas, d->cover);
  d->gesture = gtk_gesture_drag_new ();
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (d->gesture), GTK_PHASE_CAPTURE);
  g_signal_connect (d->gesture, "drag-begin", G_CALLBACK (begin_cb), d);
  g_signal_connect (d->gesture, "drag-update", G_CALLBACK (update_cb), d);
  g_signal_connect_swapped (d->gesture, "drag-end", G_CALLBACK (end_cb), d);
  g_signal_connect_swapped (d->gesture, "cancel", G_CALLBACK (cancel_cb), d);
  gtk_widget_add_controller (GTK_WIDGET (b->canvas), GTK_EVENT_CONTROLLER (d->gesture));
  gtk_event_controller_set_propagation_phase (key, GTK_PHASE_CAPTURE);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), d);
  gtk_widget_add_controller (b->root, key);
}

static void
drop_handlers (GtkWidget *widget, gpointer data)
{
  g_autoptr (GListModel) list = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (list, i);

      g_signal_handlers_disconnect_by_data (controller, data);
    }
}

void
_chain_build_drag_free (ChainBuild *b)
{
  ChainDrag *d = b->drag;

  drop_handlers (GTK_WIDGET (b->canvas), d);
  drop_handlers (b->root, d);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (d->cover), NULL, NULL, NULL);
  g_array_unref (d->targets);
  g_free (d->text);
  g_free (d);
}
