/* SPDX-License-Identifier: Apache-2.0 */
/* The layout depends on the width, and GTK asks for heights at several widths before it gives one: the two limits are measured once a formula,
 * and the layout of the last width is kept. */
#include "config.h"

#include "ui/maths/formula.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "ui/canvas/theme.h"

#define LEAST_WIDTH 120

struct _ChainMathsLabel
{
  GtkWidget      parent_instance;
  ChainMaths    *maths;
  ChainMathsBox *box;              /* at laid_width */
  double         laid_width, size;
  int            least, natural;   /* widths; −1: not known */
  char          *hovered;
  GtkWidget     *menu;
};

enum { SIGNAL_ANCHOR, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ChainMathsLabel, chain_maths_label, GTK_TYPE_WIDGET)

static void
take_ink (ChainMathsStyle *s, ChainMathsInk ink, const ChainColour *c)
{
  s->ink[ink].r = c->r;
  s->ink[ink].g = c->g;
  s->ink[ink].b = c->b;
  s->ink[ink].a = 1;
}

static ChainMathsStyle
style_of (ChainMathsLabel *self, double width)
{
  ChainMathsStyle s = { 0 };
  ChainTheme t;

  chain_theme_follow (&t, 1);
  s.size = self->size * t.scale;
  s.max_width = width;
  take_ink (&s, CHAIN_MATHS_PLAIN, &t.fg);
  take_ink (&s, CHAIN_MATHS_FORWARD, &t.forward);
  take_ink (&s, CHAIN_MATHS_BACKWARD, &t.backward);
  take_ink (&s, CHAIN_MATHS_UPDATE, &t.update);
  take_ink (&s, CHAIN_MATHS_FAINT, &t.fg2);
  take_ink (&s, CHAIN_MATHS_STRONG, &t.fg);
  return s;
}

static ChainMathsBox *
lay_out (ChainMathsLabel *self, double width)
{
  ChainMathsStyle s = style_of (self, width);

  if (self->box != NULL && fabs (self->laid_width - width) < 0.5)
    return self->box;
  g_clear_pointer (&self->box, chain_maths_box_free);
  if (self->maths != NULL)
    self->box = chain_maths_layout (self->maths, &s);
  self->laid_width = width;
  return self->box;
}

static int
width_at (ChainMathsLabel *self, double width)
{
  ChainMathsBox *b = lay_out (self, width);
  double w = 0;

  if (b != NULL)
    chain_maths_box_size (b, &w, NULL, NULL);
  return (int) ceil (w);
}

static void
forget (ChainMathsLabel *self)
{
  g_clear_pointer (&self->box, chain_maths_box_free);
  self->least = self->natural = -1;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
theme_changed (gpointer object)
{
  forget (object);
  gtk_widget_queue_draw (object);
}

static GtkSizeRequestMode
chain_maths_label_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
chain_maths_label_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  ChainMathsLabel *self = CHAIN_MATHS_LABEL (widget);
  ChainMathsBox *b;
  double asc = 0, desc = 0;

  if (self->natural < 0)
    {
      self->natural = width_at (self, 0);
      self->least = MIN (width_at (self, 1), self->natural);
    }
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MIN (self->least, LEAST_WIDTH);      /* what cannot be broken is drawn smaller */
      *natural = self->natural;
      return;
    }
  b = lay_out (self, for_size < 0 || for_size >= self->natural ? 0 : for_size);
  if (b != NULL)
    chain_maths_box_size (b, NULL, &asc, &desc);
  *minimum = *natural = (int) ceil (asc) + (int) ceil (desc);
  *minimum_baseline = *natural_baseline = (int) ceil (asc);
}

static void
chain_maths_label_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  ChainMathsLabel *self = CHAIN_MATHS_LABEL (widget);

  lay_out (self, width >= self->natural ? 0 : width);
  if (self->menu != NULL)
    gtk_popover_present (GTK_POPOVER (self->menu));
}

/* The layout on show, and where its baseline begins. */
static ChainMathsBox *
shown (ChainMathsLabel *self, double *y)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  ChainMathsBox *b = lay_out (self, self->natural >= 0 && width >= self->natural ? 0 : MAX (width, 1));
  double asc = 0, desc = 0;

  if (b == NULL)
    return NULL;
  chain_maths_box_size (b, NULL, &asc, &desc);
  *y = ceil (asc) + floor (MAX (0, gtk_widget_get_height (GTK_WIDGET (self)) - ceil (asc) - ceil (desc)) / 2);
  return b;
}

static void
chain_maths_label_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  ChainMathsLabel *self = CHAIN_MATHS_LABEL (widget);
  float w = (float) gtk_widget_get_width (widget), h = (float) gtk_widget_get_height (widget);
  double y;
  ChainMathsBox *b = shown (self, &y);

  if (b != NULL)
    {
      cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (-2, -2, w + 4, h + 4));

      double wide, fit;

      chain_maths_box_size (b, &wide, NULL, NULL);
      fit = wide > w ? w / wide : 1;
      cairo_translate (cr, 0, y);
      cairo_scale (cr, fit, fit);
      chain_maths_box_draw (cr, b, 0, 0);
      cairo_destroy (cr);
    }
  if (gtk_widget_has_visible_focus (widget))
    gtk_snapshot_render_focus (snapshot, gtk_widget_get_style_context (widget), 0, 0, w, h);
}

/* --- anchors --- */
const char *
chain_maths_label_anchor_at (ChainMathsLabel *self, double x, double y)
{
  double base;
  ChainMathsBox *b = shown (self, &base);

  return b != NULL ? chain_maths_box_hit (b, x, y - base) : NULL;
}

gboolean
chain_maths_label_find (ChainMathsLabel *self, const char *anchor, graphene_rect_t *out)
{
  double base;
  ChainMathsBox *b = shown (self, &base);
  ChainMathsRect r;

  if (b == NULL || !chain_maths_box_find (b, anchor, &r))
    return FALSE;
  graphene_rect_init (out, (float) r.x, (float) (r.y + base), (float) r.w, (float) r.h);
  return TRUE;
}

static void
hover (ChainMathsLabel *self, const char *id)
{
  if (g_strcmp0 (id, self->hovered) == 0)
    return;
  g_free (self->hovered);
  self->hovered = g_strdup (id);
  g_signal_emit (self, signals[SIGNAL_ANCHOR], 0, self->hovered);
}

static void
on_motion_cb (GtkEventControllerMotion *motion, double x, double y, gpointer user)
{
  hover (user, chain_maths_label_anchor_at (user, x, y));
}

static void
on_leave_cb (GtkEventControllerMotion *motion, gpointer user)
{
  hover (user, NULL);
}

/* --- copying --- */
static void
copy (GtkWidget *widget, const char *action, GVariant *parameter)
{
  ChainMathsLabel *self = CHAIN_MATHS_LABEL (widget);
  g_autofree char *text = NULL;

  if (self->maths == NULL)
    return;
  text = g_str_equal (action, "formula.copy-latex") ? chain_maths_to_latex (self->maths) : chain_maths_to_text (self->maths);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
open_menu (ChainMathsLabel *self, double x, double y)
{
  if (self->maths == NULL)
    return;
  if (self->menu == NULL)
    {
      g_autoptr (GMenu) model = g_menu_new ();

      g_menu_append (model, _("Copy as _Text"), "formula.copy-text");
      g_menu_append (model, _("Copy as _LaTeX"), "formula.copy-latex");
      self->menu = gtk_popover_menu_new_from_model (G_MENU_MODEL (model));
      gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
      gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
      gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
    }
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
menu_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  open_menu (CHAIN_MATHS_LABEL (widget), 0, gtk_widget_get_height (widget));
}

static void
on_pressed_cb (GtkGestureClick *click, int n, double x, double y, gpointer user)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (click));

  gtk_widget_grab_focus (user);
  if (event != NULL && gdk_event_triggers_context_menu (event))
    {
      open_menu (user, x, y);
      gtk_gesture_set_state (GTK_GESTURE (click), GTK_EVENT_SEQUENCE_CLAIMED);
    }
}

static void
chain_maths_label_dispose (GObject *object)
{
  ChainMathsLabel *self = CHAIN_MATHS_LABEL (object);

  g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_pointer (&self->box, chain_maths_box_free);
  g_clear_pointer (&self->maths, chain_maths_unref);
  g_clear_pointer (&self->hovered, g_free);
  G_OBJECT_CLASS (chain_maths_label_parent_class)->dispose (object);
}

static void
chain_maths_label_class_init (ChainMathsLabelClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chain_maths_label_dispose;
  widget->get_request_mode = chain_maths_label_request_mode;
  widget->measure = chain_maths_label_measure;
  widget->size_allocate = chain_maths_label_size_allocate;
  widget->snapshot = chain_maths_label_snapshot;
  signals[SIGNAL_ANCHOR] = g_signal_new ("anchor", CHAIN_TYPE_MATHS_LABEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_css_name (widget, "formula");
  gtk_widget_class_set_accessible_role (widget, GTK_ACCESSIBLE_ROLE_MATH);
  gtk_widget_class_install_action (widget, "formula.copy-text", NULL, copy);
  gtk_widget_class_install_action (widget, "formula.copy-latex", NULL, copy);
  gtk_widget_class_install_action (widget, "formula.menu", NULL, menu_action);
  gtk_widget_class_add_binding_action (widget, GDK_KEY_c, GDK_CONTROL_MASK, "formula.copy-text", NULL);
  gtk_widget_class_add_binding_action (widget, GDK_KEY_c, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "formula.copy-latex", NULL);
  gtk_widget_class_add_binding_action (widget, GDK_KEY_F10, GDK_SHIFT_MASK, "formula.menu", NULL);
  gtk_widget_class_add_binding_action (widget, GDK_KEY_Menu, 0, "formula.menu", NULL);
}

static void
chain_maths_label_init (ChainMathsLabel *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->size = 17;
  self->least = self->natural = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  chain_theme_watch (self, theme_changed);
}

GtkWidget *
chain_maths_label_new (ChainMaths *m)
{
  ChainMathsLabel *self = g_object_new (CHAIN_TYPE_MATHS_LABEL, NULL);

  chain_maths_label_set_maths (self, m);
  return GTK_WIDGET (self);
}

void
chain_maths_label_set_maths (ChainMathsLabel *self, ChainMaths *m)
{
  g_autofree char *spoken = NULL;

  g_return_if_fail (CHAIN_IS_MATHS_LABEL (self));
  if (m == self->maths)
    return;
  g_clear_pointer (&self->maths, chain_maths_unref);
  self->maths = m != NULL ? chain_maths_ref (m) : NULL;
  spoken = m != NULL ? chain_maths_to_speech (m) : g_strdup ("");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  forget (self);
  hover (self, NULL);
}

ChainMaths *
chain_maths_label_get_maths (ChainMathsLabel *self)
{
  g_return_val_if_fail (CHAIN_IS_MATHS_LABEL (self), NULL);
  return self->maths;
}

void
chain_maths_label_set_size (ChainMathsLabel *self, double px)
{
  g_return_if_fail (CHAIN_IS_MATHS_LABEL (self) && px > 0);
  self->size = px;
  forget (self);
}
