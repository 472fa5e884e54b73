/* SPDX-License-Identifier: Apache-2.0 */
/* The widget itself: what it shows, its size, its marks. It owns no knowledge of any picture; the view row lays out, draws, hits and
 * describes. On screen stands a texture of the newest picture; under zoom and pan it is stretched until the sharp one arrives. */
#include "config.h"

#include "ui/canvas/canvas-private.h"

#include <glib/gi18n-lib.h>

#include "ui/canvas/theme.h"

G_DEFINE_FINAL_TYPE (ChainCanvas, chain_canvas, GTK_TYPE_WIDGET)

static void
adopt_theme (ChainCanvas *self)
{
  chain_theme_follow (&self->theme, self->text_size);
  self->theme.draw_background = FALSE;
  self->theme.draw_header = FALSE;
  self->theme.draw_chips = FALSE;
  if (self->on_card)
    self->theme.canvas = self->theme.card;
}

static void
theme_changed_cb (gpointer object)
{
  ChainCanvas *self = object;

  adopt_theme (self);
  self->theme_changed = TRUE;
  _chain_canvas_invalidate (self, TRUE);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
chain_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  ChainCanvas *self = CHAIN_CANVAS (widget);

  if (width != self->width || height != self->height || self->picture == NULL)
    _chain_canvas_render_now (self);
  _chain_canvas_allocate (self);
}

static void
chain_canvas_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *min, int *nat, int *min_base, int *nat_base)
{
  ChainCanvas *self = CHAIN_CANVAS (widget);

  *min = 0;
  *nat = self->view == NULL ? 0 : (int) (orientation == GTK_ORIENTATION_HORIZONTAL ? self->view->width : self->view->height);
  if (self->explorable)
    *nat = MIN (*nat, 400);
}

static void
chain_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  ChainCanvas *self = CHAIN_CANVAS (widget);

  if (self->picture != NULL)
    {
      double r = self->zoom / self->shown_zoom;

      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (self->pan_x - self->shown_x * r), (float) (self->pan_y - self->shown_y * r)));
      if (r < 1 || r > 1)
        gtk_snapshot_scale (snapshot, (float) r, (float) r);
      _chain_canvas_append_picture (self, snapshot, r);
      gtk_snapshot_restore (snapshot);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (!GTK_IS_NATIVE (child) && child != self->cover)
      gtk_widget_snapshot_child (widget, child, snapshot);
  if (self->cover != NULL)
    gtk_widget_snapshot_child (widget, self->cover, snapshot);
}

static void
chain_canvas_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (chain_canvas_parent_class)->map (widget);
  _chain_canvas_invalidate (CHAIN_CANVAS (widget), TRUE);
}

/* Where the focus is among the stops of the canvas: widgets placed on it first, then the picture itself. -1: outside. */
static int
focus_stop (ChainCanvas *self)
{
  GtkWidget *inside = gtk_widget_get_focus_child (GTK_WIDGET (self));

  for (guint i = 0; inside != NULL && i < self->placed->len; i++)
    if (((ChainPlaced *) g_ptr_array_index (self->placed, i))->widget == inside)
      return (int) i;
  return inside != NULL || gtk_widget_has_focus (GTK_WIDGET (self)) ? (int) self->placed->len : -1;
}

static gboolean
focus_picture (ChainCanvas *self)
{
  if (self->selected != NULL && chain_canvas_focus_element (self, self->selected))
    return TRUE;
  if (self->nodes->len > 0)
    return gtk_widget_grab_focus (g_ptr_array_index (self->nodes, 0));
  return gtk_widget_grab_focus (GTK_WIDGET (self));
}

static gboolean
chain_canvas_focus (GtkWidget *widget, GtkDirectionType direction)
{
  ChainCanvas *self = CHAIN_CANVAS (widget);
  int n = (int) self->placed->len, at = focus_stop (self), step = direction == GTK_DIR_TAB_BACKWARD ? -1 : 1;
  GtkWidget *inside = gtk_widget_get_focus_child (widget);

  if (inside != NULL && GTK_IS_NATIVE (inside))      /* an open popover keeps Tab to itself */
    return gtk_widget_child_focus (inside, direction);
  if (at == n)
    at += step;                       /* the picture is one stop: Tab leaves it, arrows walk inside */
  else if (at < 0)
    at = step > 0 ? 0 : n;
  for (; at >= 0 && at <= n; at += step)
    {
      if (at == n)
        return focus_picture (self);
      if (gtk_widget_child_focus (((ChainPlaced *) g_ptr_array_index (self->placed, (guint) at))->widget, direction))
        return TRUE;
    }
  return FALSE;
}

static void
placed_free (gpointer data)
{
  ChainPlaced *p = data;

  g_free (p->id);
  g_free (p);
}

static void
chain_canvas_dispose (GObject *object)
{
  ChainCanvas *self = CHAIN_CANVAS (object);
  GtkWidget *child;

  _chain_canvas_stop (self);
  _chain_canvas_elements_free (self);
  self->cover = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (chain_canvas_parent_class)->dispose (object);
}

static void
chain_canvas_finalize (GObject *object)
{
  ChainCanvas *self = CHAIN_CANVAS (object);

  g_clear_pointer (&self->snapshot, chain_snapshot_unref);
  g_clear_pointer (&self->layout, chain_layout_free);
  g_clear_pointer (&self->back, cairo_surface_destroy);
  g_clear_pointer (&self->front, cairo_surface_destroy);
  g_clear_object (&self->texture);
  g_clear_pointer (&self->picture, cairo_surface_destroy);
  g_clear_pointer (&self->spare, cairo_surface_destroy);
  g_ptr_array_unref (self->nodes);
  g_array_unref (self->places);
  g_ptr_array_unref (self->placed);
  g_free (self->hover);
  g_free (self->selected);
  g_free (self->focus);
  g_free (self->show_unit);
  g_free (self->hidden);
  g_free (self->description);
  G_OBJECT_CLASS (chain_canvas_parent_class)->finalize (object);
}

static void
chain_canvas_class_init (ChainCanvasClass *klass)
{
  static const char *const with_id[] = { "hovered", "focused", "selected", "activated" };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chain_canvas_dispose;
  G_OBJECT_CLASS (klass)->finalize = chain_canvas_finalize;
  widget_class->size_allocate = chain_canvas_size_allocate;
  widget_class->measure = chain_canvas_measure;
  widget_class->snapshot = chain_canvas_snapshot;
  widget_class->map = chain_canvas_map;
  widget_class->focus = chain_canvas_focus;
  gtk_widget_class_set_css_name (widget_class, "canvas");
  for (guint i = 0; i < G_N_ELEMENTS (with_id); i++)
    g_signal_new (with_id[i], CHAIN_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  g_signal_new ("laid-out", CHAIN_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("panned", CHAIN_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("zoomed", CHAIN_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  g_signal_new ("worded", CHAIN_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
scale_factor_cb (ChainCanvas *self)
{
  _chain_canvas_invalidate (self, TRUE);
}

static void
chain_canvas_init (ChainCanvas *self)
{
  self->zoom = self->shown_zoom = 1;
  self->max_zoom = 4;
  self->text_size = 1;
  self->nodes = g_ptr_array_new ();
  self->places = g_array_new (FALSE, FALSE, sizeof (guint));
  self->placed = g_ptr_array_new_with_free_func (placed_free);
  adopt_theme (self);
  chain_theme_watch (self, theme_changed_cb);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (scale_factor_cb), NULL);
}

GtkWidget *
chain_canvas_new (const ChainView *view, double hertz, gboolean explorable)
{
  GtkAccessibleRole role = explorable ? GTK_ACCESSIBLE_ROLE_GROUP : GTK_ACCESSIBLE_ROLE_IMG;
  ChainCanvas *self = g_object_new (CHAIN_TYPE_CANVAS, "accessible-role", role, NULL);

  self->hertz = hertz;
  self->explorable = explorable;
  _chain_canvas_add_input (self);
  chain_canvas_set_view (self, view);
  return GTK_WIDGET (self);
}

void
chain_canvas_set_view (ChainCanvas *c, const ChainView *view)
{
  if (c->view == view)
    return;
  c->view = view;
  c->theme_changed = TRUE;
  gtk_accessible_update_property (GTK_ACCESSIBLE (c), GTK_ACCESSIBLE_PROPERTY_LABEL, _(view->title), -1);
  gtk_widget_queue_resize (GTK_WIDGET (c));
  _chain_canvas_invalidate (c, TRUE);
}

const ChainView *
chain_canvas_view (ChainCanvas *c)
{
  return c->view;
}

/* A first picture cannot be drawn in an allocation that came before the data. */
void
chain_canvas_set_snapshot (ChainCanvas *c, ChainSnapshot *snapshot)
{
  gboolean other_spec = c->snapshot == NULL || c->snapshot->spec != snapshot->spec;

  if (c->snapshot == snapshot)
    return;
  chain_snapshot_ref (snapshot);
  g_clear_pointer (&c->snapshot, chain_snapshot_unref);
  c->snapshot = snapshot;
  if (c->picture == NULL)
    gtk_widget_queue_allocate (GTK_WIDGET (c));
  _chain_canvas_invalidate (c, other_spec);
}

void
chain_canvas_show_now (ChainCanvas *c, ChainSnapshot *snapshot)
{
  chain_canvas_set_snapshot (c, snapshot);
  if (c->picture == NULL || !gtk_widget_get_mapped (GTK_WIDGET (c)))
    return;
  _chain_canvas_render_now (c);
  gtk_widget_queue_allocate (GTK_WIDGET (c));
  gtk_widget_queue_draw (GTK_WIDGET (c));
}

const ChainTheme *
chain_canvas_theme (ChainCanvas *c)
{
  return &c->theme;
}

ChainSnapshot *
chain_canvas_data (ChainCanvas *c)
{
  return c->snapshot;
}

void
chain_canvas_set_text_size (ChainCanvas *c, double size)
{
  c->text_size = size;
  theme_changed_cb (c);
}

void
chain_canvas_set_on_card (ChainCanvas *c, gboolean on_card)
{
  c->on_card = on_card;
  theme_changed_cb (c);
}

const ChainLayout *
chain_canvas_layout (ChainCanvas *c)
{
  return c->layout;
}

void
_chain_canvas_set_mark (ChainCanvas *c, char **mark, const char *id, const char *signal)
{
  if (g_strcmp0 (*mark, id) == 0)
    return;
  g_free (*mark);
  *mark = g_strdup (id);
  _chain_canvas_invalidate (c, TRUE);
  gtk_widget_queue_draw (GTK_WIDGET (c));
  if (signal != NULL)
    g_signal_emit_by_name (c, signal, *mark);
}

void
chain_canvas_set_hidden (ChainCanvas *c, const char *ids)
{
  _chain_canvas_set_mark (c, &c->hidden, ids, NULL);
}

void
chain_canvas_set_show_unit (ChainCanvas *c, const char *id)
{
  _chain_canvas_set_mark (c, &c->show_unit, id, NULL);
}

void
chain_canvas_select (ChainCanvas *c, const char *id)
{
  _chain_canvas_set_mark (c, &c->selected, id, "selected");
}

const char *
chain_canvas_selected (ChainCanvas *c)
{
  return c->selected;
}

const char *
chain_canvas_hovered (ChainCanvas *c)
{
  return c->hover;
}

const char *
chain_canvas_focused (ChainCanvas *c)
{
  return c->focus;
}

guint
chain_canvas_pictures (ChainCanvas *c)
{
  return c->pictures;
}
