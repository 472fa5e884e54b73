/* SPDX-License-Identifier: Apache-2.0 */
/* One canvas and three cards over the same snapshot. The first card shows what the data allow: a boundary, a fitted curve, or whatever row
 * of the view table applies. The page knows nothing of the window; it is told its width class and asked for its pictures. */
#include "config.h"

#include "ui/pages/network.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

#include "app/picture/draw/unit.h"
#include "app/picture/number-text.h"
#include "ui/health/badges.h"
#include "ui/pages/card.h"
#include "ui/pages/chips.h"
#include "ui/pages/page.h"

#define N_CARDS 3

struct _ChainNetworkPage
{
  GtkWidget        parent_instance;

  GtkWidget       *stack, *main_box, *canvas_box, *results_bin, *switcher;
  GtkWidget       *side;                /* the column, owned */
  ChainCard        cards[N_CARDS];
  ChainCanvas     *canvas, *last;
  ChainSession    *session;
  ChainNetEditor  *editor;
  ChainChips      *chips;
  ChainExplore    *explore;
  ChainBadges     *badges;
  ChainWidthClass  width;
  gboolean         side_hidden, frozen;
  int              height;              /* of the page when its canvas was last laid out */
  guint            heights_idle;
};

static void page_interface_init (ChainPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ChainNetworkPage, chain_network_page, GTK_TYPE_WIDGET, G_IMPLEMENT_INTERFACE (CHAIN_TYPE_PAGE, page_interface_init))

static const struct { const char *view; double hertz; } card_rows[N_CARDS] = { { NULL, 15 }, { "loss", 30 }, { "gradient-flow", 5 } };

/* The first card answers "what has it learnt", as this network and its data allow. The
 * window asks for the numbers it wants after each snapshot. */
static void
show_snapshot (ChainNetworkPage *self)
{
  ChainSnapshot *s = chain_session_snapshot (self->session);

  if (self->frozen)
    return;
  chain_canvas_set_snapshot (self->canvas, s);
  chain_badges_sync (self->badges);
  chain_chips_tell_cost (self->chips, s);
  for (guint i = 0; i < N_CARDS; i++)
    {
      chain_card_follow (&self->cards[i], s, chain_view_by_id (card_rows[i].view != NULL ? card_rows[i].view : chain_view_for_result (s)));
      chain_canvas_set_snapshot (self->cards[i].canvas, s);
    }
}

static void
document_cb (ChainNetworkPage *self)
{
  chain_chips_sync (self->chips);
  chain_explore_sync (self->explore);
}

/* What the response of a unit is drawn in, or why it cannot be drawn; (transfer full). */
static char *
response_note (ChainNetworkPage *self, const char *id)
{
  const ChainSnapshot *s = chain_canvas_data (self->canvas);
  char number[CHAIN_NUMBER_TEXT_SIZE];
  double limit;

  if (s == NULL || chain_unit_field (s, id, &limit) == NULL)
    return g_strdup (_("its response needs a plane of few inputs"));
  if (!g_str_equal (chain_canvas_view (self->cards[0].canvas)->id, "boundary"))
    return g_strdup (_("this picture has no plane to show it on"));
  chain_number_text_setting (number, limit);
  return g_strdup_printf (_("response, −%s … %s"), number, number);
}

/* The unit under the pointer, else the one that the keyboard is at. */
static void
show_unit_cb (ChainNetworkPage *self)
{
  const char *id = chain_canvas_hovered (self->canvas);

  if (id == NULL)
    id = chain_canvas_focused (self->canvas);
  if (id != NULL && !g_str_has_prefix (id, "unit:"))
    id = NULL;
  chain_canvas_set_show_unit (self->cards[0].canvas, id);
  chain_card_set_subject (&self->cards[0], id != NULL ? chain_layout_find (chain_canvas_layout (self->canvas), id) : NULL, id != NULL ? response_note (self, id) : NULL);
}

/* Heights of the pictures in the cards. The boundary takes what the others leave, up to the shape of a slightly wide square; what is left
 * then goes to the loss. */
static gboolean
heights_cb (gpointer data)
{
  static const struct { int loss, flow, most, loss_most; } rows[] = { { 140, 84, 320, 180 }, { 128, 80, 262, 180 }, { 134, 80, 278, 190 }, { 152, 120, 470, 330 } };
  ChainNetworkPage *self = data;
  int rest = self->height - rows[self->width].loss - rows[self->width].flow - 24 - 20 - 3 * 40, result = CLAMP (rest, 190, rows[self->width].most);

  self->heights_idle = 0;
  if (self->width == CHAIN_WIDTH_NARROW)
    result = MAX (result, 240);
  chain_card_height (&self->cards[0], result);
  chain_card_height (&self->cards[1], CLAMP (rows[self->width].loss + rest - result, rows[self->width].loss, rows[self->width].loss_most));
  chain_card_height (&self->cards[2], rows[self->width].flow);
  return G_SOURCE_REMOVE;
}

static void
update_heights (ChainNetworkPage *self)
{
  if (self->heights_idle == 0)
    self->heights_idle = g_idle_add_full (G_PRIORITY_HIGH_IDLE, heights_cb, self, NULL);
}

/* Narrow columns: chips shrink before they overlap. */
static void
laid_out_cb (ChainNetworkPage *self)
{
  const ChainLayout *l = chain_canvas_layout (self->canvas);
  double last = -1, pitch = G_MAXDOUBLE;

  for (guint i = 0; i < l->elements->len; i++)
    {
      const ChainElement *e = g_ptr_array_index (l->elements, i);

      if (!g_str_equal (e->role, "layer"))
        continue;
      if (last >= 0)
        pitch = MIN (pitch, e->x + e->w / 2 - last);
      last = e->x + e->w / 2;
    }
  chain_chips_set_pitch (self->chips, pitch * chain_canvas_zoom_level (self->canvas));
  chain_badges_set_pitch (self->badges, pitch * chain_canvas_zoom_level (self->canvas));
  if (self->height != gtk_widget_get_height (GTK_WIDGET (self)))
    {
      self->height = gtk_widget_get_height (GTK_WIDGET (self));
      update_heights (self);
    }
}

static void
entered_cb (GtkEventController *motion, double x, double y, gpointer data)
{
  CHAIN_NETWORK_PAGE (data)->last = CHAIN_CANVAS (gtk_event_controller_get_widget (motion));
}

static void
focused_cb (GtkEventController *focus, gpointer data)
{
  CHAIN_NETWORK_PAGE (data)->last = CHAIN_CANVAS (gtk_event_controller_get_widget (focus));
}

static void
remember_last (ChainNetworkPage *self, ChainCanvas *canvas)
{
  GtkEventController *motion = gtk_event_controller_motion_new (), *focus = gtk_event_controller_focus_new ();

  g_signal_connect (motion, "enter", G_CALLBACK (entered_cb), self);
  g_signal_connect (focus, "enter", G_CALLBACK (focused_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (canvas), motion);
  gtk_widget_add_controller (GTK_WIDGET (canvas), focus);
}

static void
make_side (ChainNetworkPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);

  gtk_widget_add_css_class (box, "cards");
  for (guint i = 0; i < N_CARDS; i++)
    {
      chain_card_init (&self->cards[i], chain_view_by_id (card_rows[i].view != NULL ? card_rows[i].view : "boundary"), card_rows[i].hertz);
      gtk_box_append (GTK_BOX (box), self->cards[i].root);
      remember_last (self, self->cards[i].canvas);
    }
  self->side = g_object_ref_sink (gtk_scrolled_window_new ());
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->side), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->side), box);
  gtk_widget_set_hexpand (self->side, FALSE);
  gtk_widget_add_css_class (self->side, "side-column");
}

static void
chain_network_page_dispose (GObject *object)
{
  ChainNetworkPage *self = CHAIN_NETWORK_PAGE (object);
  GtkWidget *child;

  g_clear_handle_id (&self->heights_idle, g_source_remove);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_pointer (&self->editor, chain_net_editor_free);
  g_clear_pointer (&self->explore, chain_explore_free);
  g_clear_pointer (&self->badges, chain_badges_free);
  g_clear_pointer (&self->chips, chain_chips_free);
  if (self->canvas != NULL)
    g_signal_handlers_disconnect_by_data (self->canvas, self);
  g_clear_object (&self->canvas);
  for (guint i = 0; i < N_CARDS; i++)
    if (self->cards[i].canvas != NULL)
      {
        g_clear_pointer (&self->cards[i].subject, g_free);
        g_clear_pointer (&self->cards[i].subject_note, g_free);
        g_signal_handlers_disconnect_by_data (self->cards[i].canvas, &self->cards[i]);
        g_clear_object (&self->cards[i].canvas);
      }
  g_clear_object (&self->side);
  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (chain_network_page_parent_class)->dispose (object);
}

static void
chain_network_page_class_init (ChainNetworkPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chain_network_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/chainrule/Chainrule/pages/network.ui");
  gtk_widget_class_bind_template_child (widget_class, ChainNetworkPage, stack);
  gtk_widget_class_bind_template_child (widget_class, ChainNetworkPage, main_box);
  gtk_widget_class_bind_template_child (widget_class, ChainNetworkPage, canvas_box);
  gtk_widget_class_bind_template_child (widget_class, ChainNetworkPage, results_bin);
  gtk_widget_class_bind_template_child (widget_class, ChainNetworkPage, switcher);
}

static void
chain_network_page_init (ChainNetworkPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->canvas = g_object_ref_sink (CHAIN_CANVAS (chain_canvas_new (chain_view_by_id ("network"), 30, TRUE)));
  gtk_widget_set_hexpand (GTK_WIDGET (self->canvas), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->canvas), TRUE);
  gtk_box_append (GTK_BOX (self->canvas_box), GTK_WIDGET (self->canvas));
  g_signal_connect_swapped (self->canvas, "hovered", G_CALLBACK (show_unit_cb), self);
  g_signal_connect_swapped (self->canvas, "focused", G_CALLBACK (show_unit_cb), self);
  remember_last (self, self->canvas);
  make_side (self);
  self->last = self->canvas;
  self->width = CHAIN_WIDTH_NARROW;
  chain_network_page_set_class (self, CHAIN_WIDTH_NORMAL);
}

void
chain_network_page_set_session (ChainNetworkPage *p, ChainSession *session)
{
  p->session = g_object_ref (session);
  p->editor = chain_net_editor_new (p->canvas, session);
  p->chips = chain_chips_new (p->canvas, session);
  p->explore = chain_explore_new (p->canvas, session, GTK_WIDGET (p));
  p->badges = chain_badges_new (p->canvas, session);
  g_signal_connect_swapped (p->canvas, "laid-out", G_CALLBACK (laid_out_cb), p);
  g_signal_connect_swapped (session, "snapshot", G_CALLBACK (show_snapshot), p);
  g_signal_connect_swapped (session, "document", G_CALLBACK (document_cb), p);
  show_snapshot (p);
}

static void
put_side (ChainNetworkPage *p, gboolean narrow)
{
  GtkWidget *parent = gtk_widget_get_parent (p->side);

  if (parent == p->main_box)
    gtk_box_remove (GTK_BOX (p->main_box), p->side);
  else if (parent != NULL)
    adw_bin_set_child (ADW_BIN (p->results_bin), NULL);
  if (narrow)
    adw_bin_set_child (ADW_BIN (p->results_bin), p->side);
  else
    gtk_box_append (GTK_BOX (p->main_box), p->side);
}

void
chain_network_page_set_class (ChainNetworkPage *p, ChainWidthClass width)
{
  static const int columns[] = { -1, 320, 340, 560 };
  gboolean narrow = width == CHAIN_WIDTH_NARROW;

  if (p->width == width)
    return;
  p->width = width;
  put_side (p, narrow);
  gtk_widget_set_size_request (p->side, columns[width], -1);
  update_heights (p);
  gtk_widget_set_visible (p->switcher, narrow);
  gtk_widget_set_visible (p->side, narrow || !p->side_hidden);
  if (!narrow)
    gtk_stack_set_visible_child_name (GTK_STACK (p->stack), "network");
}

void
chain_network_page_set_text_size (ChainNetworkPage *p, double size)
{
  chain_canvas_set_text_size (p->canvas, size);
  for (guint i = 0; i < N_CARDS; i++)
    chain_canvas_set_text_size (p->cards[i].canvas, size);
}

void
chain_network_page_set_frozen (ChainNetworkPage *p, gboolean frozen)
{
  p->frozen = frozen;
  show_snapshot (p);
}

void
chain_network_page_toggle_side (ChainNetworkPage *p)
{
  if (p->width == CHAIN_WIDTH_NARROW)
    {
      const char *now = gtk_stack_get_visible_child_name (GTK_STACK (p->stack));

      chain_network_page_show (p, g_strcmp0 (now, "network") == 0 ? "results" : "network");
      return;
    }
  p->side_hidden = !p->side_hidden;
  gtk_widget_set_visible (p->side, !p->side_hidden);
}

void
chain_network_page_show (ChainNetworkPage *p, const char *view)
{
  gtk_stack_set_visible_child_name (GTK_STACK (p->stack), view);
}

/* All of its pictures, also those that another view hides just now: a snapshot that lacks what a picture shows would make it blink when
 * the view changes. */
guint
chain_network_page_want (ChainNetworkPage *p)
{
  guint want = CHAIN_WANT_METRICS | chain_canvas_view (p->canvas)->want;      /* the transport shows metrics in any case */

  for (guint i = 0; i < N_CARDS; i++)
    want |= chain_canvas_view (p->cards[i].canvas)->want;
  return want;
}

ChainCanvas *
chain_network_page_canvas (ChainNetworkPage *p)
{
  return p->canvas;
}

ChainCanvas *
chain_network_page_picture (ChainNetworkPage *p)
{
  return p->last;
}

ChainCanvas *
chain_network_page_card (ChainNetworkPage *p, guint i)
{
  return p->cards[i].canvas;
}

ChainNetEditor *
chain_network_page_editor (ChainNetworkPage *p)
{
  return p->editor;
}

ChainChips *
chain_network_page_chips (ChainNetworkPage *p)
{
  return p->chips;
}

ChainExplore *
chain_network_page_explore (ChainNetworkPage *p)
{
  return p->explore;
}

static void
page_set_class (ChainPage *p, ChainWidthClass width)
{
  chain_network_page_set_class (CHAIN_NETWORK_PAGE (p), width);
}

static void
page_set_text_size (ChainPage *p, double size)
{
  chain_network_page_set_text_size (CHAIN_NETWORK_PAGE (p), size);
}

static void
page_set_frozen (ChainPage *p, gboolean frozen)
{
  chain_network_page_set_frozen (CHAIN_NETWORK_PAGE (p), frozen);
}

static void
page_toggle_side (ChainPage *p)
{
  chain_network_page_toggle_side (CHAIN_NETWORK_PAGE (p));
}

static guint
page_want (ChainPage *p)
{
  return chain_network_page_want (CHAIN_NETWORK_PAGE (p));
}

static ChainCanvas *
page_canvas (ChainPage *p)
{
  return CHAIN_NETWORK_PAGE (p)->canvas;
}

static ChainCanvas *
page_picture (ChainPage *p)
{
  return CHAIN_NETWORK_PAGE (p)->last;
}

static void
page_interface_init (ChainPageInterface *iface)
{
  iface->set_class = page_set_class;
  iface->set_text_size = page_set_text_size;
  iface->set_frozen = page_set_frozen;
  iface->toggle_side = page_toggle_side;
  iface->want = page_want;
  iface->canvas = page_canvas;
  iface->picture = page_picture;
}
