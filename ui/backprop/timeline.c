/* SPDX-License-Identifier: Apache-2.0 */
/* Segments while there is room for them, bands where there is not; what is still to come is faint. The knob stands behind the last event that has
 * happened, so that position 0 is the left end. */
#include "config.h"

#include "ui/backprop/timeline.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "ui/canvas/theme.h"

#define SIDE 10.0          /* room for the knob at both ends */
#define BAR 11.0
#define LEAST_SEGMENT 5.0  /* narrower ones run together */

struct _ChainTimeline
{
  GtkWidget     parent_instance;
  ChainDiagram *diagram;
  guint         position;
  double        drag_x;
};

G_DEFINE_FINAL_TYPE (ChainTimeline, chain_timeline, GTK_TYPE_WIDGET)

static guint moved;

static guint
length_of (ChainTimeline *self)
{
  return self->diagram != NULL ? self->diagram->events->len : 0;
}

static double
place (ChainTimeline *self, guint position)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - 2 * SIDE;

  return SIDE + (length_of (self) > 0 ? width * position / length_of (self) : 0);
}

typedef struct { guint first, end; const ChainColour *ink; const char *text; } Band;

static guint
bands_of (ChainTimeline *self, const ChainTheme *theme, Band out[3])
{
  const ChainDiagram *d = self->diagram;
  guint a = d->n_forward, b = a + d->n_backward, c = b + d->n_update;

  out[0] = (Band){ 0, a, &theme->forward, _("Forward: evaluate and record") };
  out[1] = (Band){ a, b, &theme->backward, _("Backward: multiply and accumulate") };
  out[2] = (Band){ b, c, &theme->update, _("Update") };
  return c > b ? 3 : 2;
}

static void
draw_band (ChainTimeline *self, cairo_t *cr, const Band *band, double y)
{
  double pitch = length_of (self) > 0 ? (gtk_widget_get_width (GTK_WIDGET (self)) - 2 * SIDE) / length_of (self) : 0;
  guint done = CLAMP (self->position, band->first, band->end);

  if (pitch < LEAST_SEGMENT)
    {
      chain_theme_source (cr, band->ink, 0.3);
      cairo_rectangle (cr, place (self, band->first), y, place (self, band->end) - place (self, band->first), BAR);
      cairo_fill (cr);
      chain_theme_source (cr, band->ink, 1);
      cairo_rectangle (cr, place (self, band->first), y, place (self, done) - place (self, band->first), BAR);
      cairo_fill (cr);
      return;
    }
  for (guint i = band->first; i < band->end; i++)
    {
      double x = place (self, i) + 1, w = pitch - 2, r = MIN (2.5, w / 2);

      cairo_new_sub_path (cr);
      cairo_arc (cr, x + r, y + r, r, G_PI, 1.5 * G_PI);
      cairo_arc (cr, x + w - r, y + r, r, -0.5 * G_PI, 0);
      cairo_arc (cr, x + w - r, y + BAR - r, r, 0, 0.5 * G_PI);
      cairo_arc (cr, x + r, y + BAR - r, r, 0.5 * G_PI, G_PI);
      cairo_close_path (cr);
      chain_theme_source (cr, band->ink, i < done ? 1 : 0.28);
      cairo_fill (cr);
    }
}

/* Where the layer changes, for eyes that follow Shift+arrows. */
static void
draw_ticks (ChainTimeline *self, cairo_t *cr, const ChainTheme *theme, double y)
{
  GArray *events = self->diagram->events;

  chain_theme_source (cr, &theme->fg3, 0.9);
  cairo_set_line_width (cr, 1);
  for (guint i = 1; i < events->len; i++)
    if (g_array_index (events, ChainEventRow, i).layer != g_array_index (events, ChainEventRow, i - 1).layer
        && g_array_index (events, ChainEventRow, i).phase == g_array_index (events, ChainEventRow, i - 1).phase)
      {
        double x = floor (place (self, i)) + 0.5;

        cairo_move_to (cr, x, y + BAR + 2);
        cairo_line_to (cr, x, y + BAR + 6);
      }
  cairo_stroke (cr);
}

/* The names of the parts stand over them while they fit. */
static void
draw_captions (ChainTimeline *self, cairo_t *cr, const Band *bands, guint n, double y)
{
  double free_from = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PangoLayout) text = gtk_widget_create_pango_layout (GTK_WIDGET (self), bands[i].text);
      double x = place (self, bands[i].first) + 1, right = place (self, bands[i].end) - 1;
      PangoAttrList *small = pango_attr_list_new ();
      int w, h;

      pango_attr_list_insert (small, pango_attr_scale_new (0.8));
      pango_layout_set_attributes (text, small);
      pango_attr_list_unref (small);
      pango_layout_get_pixel_size (text, &w, &h);
      if (i > 0)
        x = MAX (x, right - w);
      if (x + w > gtk_widget_get_width (GTK_WIDGET (self)))
        x = gtk_widget_get_width (GTK_WIDGET (self)) - w;
      if (x < free_from)
        continue;
      chain_theme_source (cr, bands[i].ink, 1);
      cairo_move_to (cr, x, y - h - 2);
      pango_cairo_show_layout (cr, text);
      free_from = x + w + 8;
    }
}

static void
chain_timeline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  ChainTimeline *self = CHAIN_TIMELINE (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  double y = floor (height * 0.56), x;
  ChainTheme theme;
  Band bands[3];
  cairo_t *cr;
  guint n;

  if (self->diagram == NULL)
    return;
  chain_theme_follow (&theme, 1);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  n = bands_of (self, &theme, bands);
  for (guint i = 0; i < n; i++)
    draw_band (self, cr, &bands[i], y);
  draw_ticks (self, cr, &theme, y);
  draw_captions (self, cr, bands, n, y);
  x = place (self, self->position);
  cairo_new_path (cr);
  chain_theme_source (cr, &theme.card, 1);
  cairo_arc (cr, x, y + BAR / 2, 9, 0, 2 * G_PI);
  cairo_fill_preserve (cr);
  chain_theme_source (cr, self->position <= self->diagram->n_forward ? &theme.forward : bands[self->position > bands[1].end ? 2 : 1].ink, 1);
  cairo_set_line_width (cr, 3);
  cairo_stroke (cr);
  if (gtk_widget_has_visible_focus (widget))
    {
      chain_theme_source (cr, &theme.accent, 1);
      cairo_set_line_width (cr, 2);
      cairo_arc (cr, x, y + BAR / 2, 13, 0, 2 * G_PI);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
}

static void
chain_timeline_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *min, int *nat, int *min_base, int *nat_base)
{
  *min = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : (int) (40 * chain_theme_text_scaling ());
  *nat = orientation == GTK_ORIENTATION_HORIZONTAL ? 400 : *min;
}

static void
emit (ChainTimeline *self, guint position)
{
  if (position != self->position)
    g_signal_emit (self, moved, 0, position);
}

static guint
position_at (ChainTimeline *self, double x)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - 2 * SIDE;

  return width > 0 ? (guint) lround (CLAMP ((x - SIDE) / width, 0, 1) * length_of (self)) : 0;
}

static void
drag_begin_cb (GtkGestureDrag *drag, double x, double y, ChainTimeline *self)
{
  self->drag_x = x;
  emit (self, position_at (self, x));
}

static void
drag_update_cb (GtkGestureDrag *drag, double dx, double dy, ChainTimeline *self)
{
  emit (self, position_at (self, self->drag_x + dx));
}

static gboolean
key_cb (GtkEventControllerKey *key, guint keyval, guint keycode, GdkModifierType state, ChainTimeline *self)
{
  guint n = length_of (self), at = self->position;
  gboolean by_layer = (state & GDK_SHIFT_MASK) != 0;

  if (self->diagram == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  switch (keyval)
    {
    case GDK_KEY_Right: case GDK_KEY_Up:
      emit (self, chain_diagram_move (self->diagram, at, by_layer ? CHAIN_MOVE_LAYER : CHAIN_MOVE_OPERATION, FALSE));
      return TRUE;
    case GDK_KEY_Left: case GDK_KEY_Down:
      emit (self, chain_diagram_move (self->diagram, at, by_layer ? CHAIN_MOVE_LAYER : CHAIN_MOVE_OPERATION, TRUE));
      return TRUE;
    case GDK_KEY_Home:
      emit (self, 0);
      return TRUE;
    case GDK_KEY_End:
      emit (self, n);
      return TRUE;
    default:
      return FALSE;
    }
}

static void
chain_timeline_dispose (GObject *object)
{
  g_clear_pointer (&CHAIN_TIMELINE (object)->diagram, chain_diagram_unref);
  G_OBJECT_CLASS (chain_timeline_parent_class)->dispose (object);
}

static void
chain_timeline_class_init (ChainTimelineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chain_timeline_dispose;
  widget_class->snapshot = chain_timeline_snapshot;
  widget_class->measure = chain_timeline_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
  moved = g_signal_new ("moved", CHAIN_TYPE_TIMELINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
chain_timeline_init (ChainTimeline *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *key = gtk_event_controller_key_new ();

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Position on the tape"), -1);
  chain_theme_watch (self, (void (*) (gpointer)) gtk_widget_queue_resize);
}

GtkWidget *
chain_timeline_new (void)
{
  return g_object_new (CHAIN_TYPE_TIMELINE, NULL);
}

void
chain_timeline_set_diagram (ChainTimeline *t, ChainDiagram *d)
{
  if (t->diagram == d)
    return;
  g_clear_pointer (&t->diagram, chain_diagram_unref);
  t->diagram = d != NULL ? chain_diagram_ref (d) : NULL;
  gtk_accessible_update_property (GTK_ACCESSIBLE (t), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0, GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, (double) length_of (t), -1);
  gtk_widget_queue_draw (GTK_WIDGET (t));
}

void
chain_timeline_set_position (ChainTimeline *t, guint position, const char *spoken)
{
  t->position = position;
  gtk_accessible_update_property (GTK_ACCESSIBLE (t), GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, (double) position, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, spoken, -1);
  chain_timeline_say (t, spoken);
  gtk_widget_queue_draw (GTK_WIDGET (t));
}

/* GTK 4.8 offers no value text of a slider of our own to screen readers; the description of what has the focus they read when it changes. */
void
chain_timeline_say (ChainTimeline *t, const char *spoken)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (t), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, spoken, -1);
}

guint
chain_timeline_position (ChainTimeline *t)
{
  return t->position;
}
