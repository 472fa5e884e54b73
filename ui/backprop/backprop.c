/* SPDX-License-Identifier: Apache-2.0 */
/* Structure of the page: the strip, the graph, and beside it the formula card and the tape; narrow windows have the card below the graph and the tape
 * as a second view (DESIGN 3). What moves is in walk.c, what hands do in hands.c. */
#include "config.h"

#include "ui/backprop/page-private.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

#include "app/session/documents/examples.h"
#include "app/session/recovery.h"

#define EXAMPLE "one-one-two-one"
#define GRAPH_HERTZ 60.0
#define CARD_MOST 400       /* px: the tape keeps its share */

static void page_interface_init (ChainPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ChainBackpropPage, chain_backprop_page, GTK_TYPE_WIDGET, G_IMPLEMENT_INTERFACE (CHAIN_TYPE_PAGE, page_interface_init))

/* NULL if it is not installed. */
static const char *
example_path (void)
{
  const GPtrArray *all = chain_examples ();

  for (guint i = 0; i < all->len; i++)
    if (g_str_equal (((const ChainExample *) g_ptr_array_index (all, i))->id, EXAMPLE))
      return ((const ChainExample *) g_ptr_array_index (all, i))->path;
  return NULL;
}

static void
snapshot_cb (ChainBackpropPage *self, ChainSession *session)
{
  if (self->shown && session == _chain_backprop_session (self))
    _chain_backprop_take (self, chain_session_snapshot (session));
}

static void
example_edited_cb (ChainBackpropPage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.views-changed", NULL);
}

/* A session of its own: the document stays as it is, and the example trains and steps like any other. */
static void
make_example (ChainBackpropPage *self)
{
  g_autoptr (GError) error = NULL;
  const char *path = self->example == NULL ? example_path () : NULL;

  if (self->example != NULL)
    return;
  if (path == NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->info_label), _("The example is not installed with this copy of the program."));
      gtk_widget_set_visible (self->info, TRUE);
      return;
    }
  self->example = chain_session_new ();
  if (!chain_session_open (self->example, path, &error))
    {
      gtk_label_set_text (GTK_LABEL (self->info_label), error->message);
      gtk_widget_set_visible (self->info, TRUE);
      g_clear_object (&self->example);
      return;
    }
  self->pump = chain_pump_new (GTK_WIDGET (self), self->example);
  chain_pump_set_want (self->pump, CHAIN_WANT_TRACE | CHAIN_WANT_PARAMS);
  g_signal_connect_object (self->example, "snapshot", G_CALLBACK (snapshot_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->example, "document", G_CALLBACK (example_edited_cb), self, G_CONNECT_SWAPPED);
}

static void
kick (ChainBackpropPage *self)
{
  ChainSession *s = _chain_backprop_session (self);

  chain_session_set_trace_request (s, chain_step_fields_request (self->fields));
  if (s == self->session)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.views-changed", NULL);
  else
    chain_pump_kick (self->pump);
  snapshot_cb (self, s);
}

/* Another network begins at its beginning. */
static void
forget (ChainBackpropPage *self)
{
  _chain_backprop_stop_making (self);
  g_clear_pointer (&self->watched, g_free);
  g_clear_pointer (&self->opened, g_free);
  g_clear_pointer (&self->entry_cell, g_free);
  g_clear_pointer (&self->trace, chain_trace_unref);
  g_clear_pointer (&self->diagram, chain_diagram_unref);
  g_clear_pointer (&self->view, chain_step_view_unref);
  self->position = 0;
  self->landing = CHAIN_LAND_STAY;
  self->detail_chosen = FALSE;
}

static void
fields_cb (ChainBackpropPage *self)
{
  gboolean example = chain_step_fields_is_example (self->fields);

  if (example)
    make_example (self);
  if (self->is_example != example)
    {
      self->is_example = example;
      forget (self);
      chain_step_fields_set_detail (self->fields, CHAIN_DETAIL_OPERATIONS);
    }
  else if ((self->diagram != NULL || self->coming != NULL) && chain_step_fields_detail (self->fields) != self->detail)
    {
      self->detail_chosen = TRUE;
      g_clear_pointer (&self->opened, g_free);
      self->lens.fresh = TRUE;
      _chain_backprop_remake (self);
    }
  self->detail = chain_step_fields_detail (self->fields);
  _chain_backprop_redraw (self);
  kick (self);
}

static void
bar_cb (ChainBackpropPage *self)
{
  chain_step_play_set_speed (self->play, chain_step_bar_speed (self->bar), chain_step_bar_is_slow (self->bar));
  if (self->diagram == NULL)
    return;
  if (self->story == NULL)
    _chain_backprop_new_story (self);
  self->told = G_MAXUINT;
  _chain_backprop_move_to (self, self->at);
}

static void
timeline_cb (ChainBackpropPage *self, guint position)
{
  _chain_backprop_go (self, position, FALSE);
}

static void
picked_cb (ChainBackpropPage *self, guint cell)
{
  _chain_backprop_go (self, chain_diagram_seek (self->diagram, cell, self->position), FALSE);
}

static void
show_example_cb (ChainBackpropPage *self)
{
  chain_step_fields_set_example (self->fields, TRUE);
}

static GtkWidget *
make_info (ChainBackpropPage *self)
{
  GtkWidget *button = gtk_button_new_with_label (_("Show the 1–1–2–1 example"));

  self->info = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->info_label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->info_label), 0);
  gtk_label_set_wrap (GTK_LABEL (self->info_label), TRUE);
  gtk_widget_set_hexpand (self->info_label, TRUE);
  gtk_widget_add_css_class (self->info, "banner");
  gtk_widget_add_css_class (button, "flat");
  gtk_box_append (GTK_BOX (self->info), self->info_label);
  gtk_box_append (GTK_BOX (self->info), button);
  gtk_widget_set_visible (self->info, FALSE);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (show_example_cb), self);
  return self->info;
}

static GtkWidget *
make_tape (ChainBackpropPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4), *header = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *title = gtk_label_new (_("Book-keeping"));

  self->held = gtk_label_new (NULL);
  self->tape = CHAIN_TAPE (chain_tape_new ());
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_add_css_class (title, "card-title");
  gtk_widget_add_css_class (self->held, "card-note");
  gtk_widget_add_css_class (header, "card-header");
  gtk_box_append (GTK_BOX (header), title);
  gtk_box_append (GTK_BOX (header), self->held);
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->tape));
  gtk_widget_set_vexpand (GTK_WIDGET (self->tape), TRUE);
  gtk_widget_add_css_class (box, "card");
  gtk_widget_set_vexpand (box, TRUE);
  return box;
}

static void
make_canvas (ChainBackpropPage *self)
{
  self->canvas = g_object_ref_sink (CHAIN_CANVAS (chain_canvas_new (chain_view_by_id ("graph"), GRAPH_HERTZ, TRUE)));
  self->overlay = gtk_overlay_new ();
  gtk_widget_set_hexpand (GTK_WIDGET (self->canvas), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->canvas), TRUE);
  gtk_overlay_set_child (GTK_OVERLAY (self->overlay), GTK_WIDGET (self->canvas));
  self->canvas_box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->canvas_box, "view");
  gtk_widget_set_hexpand (self->canvas_box, TRUE);
  gtk_box_append (GTK_BOX (self->canvas_box), self->overlay);
  gtk_box_append (GTK_BOX (self->canvas_box), _chain_backprop_make_captions (self));
}

/* Owned here: both move between the side column and the narrow layout. */
static void
make_side (ChainBackpropPage *self)
{
  self->card = CHAIN_FORMULA_CARD (chain_formula_card_new ());
  self->card_scroll = g_object_ref_sink (gtk_scrolled_window_new ());     /* whose width does not follow that of a formula */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->card_scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->card_scroll), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->card_scroll), CARD_MOST);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->card_scroll), GTK_WIDGET (self->card));
  gtk_widget_add_css_class (self->card_scroll, "card");
  self->results = g_object_ref_sink (make_tape (self));
  self->side_box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  gtk_widget_add_css_class (self->side_box, "cards");
  gtk_box_append (GTK_BOX (self->side_box), self->card_scroll);
  gtk_box_append (GTK_BOX (self->side_box), self->results);
  self->side = self->side_box;
  gtk_widget_set_hexpand (self->side, FALSE);
  gtk_widget_add_css_class (self->side, "side-column");
}

static void
chain_backprop_page_dispose (GObject *object)
{
  ChainBackpropPage *self = CHAIN_BACKPROP_PAGE (object);
  GtkWidget *child;

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  if (self->play != NULL)
    _chain_backprop_end (self);
  g_clear_pointer (&self->pump, chain_pump_free);
  if (self->example != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->example, self);
      chain_session_drop_journal (self->example);
    }
  g_clear_object (&self->example);
  g_clear_object (&self->session);
  _chain_backprop_drop_hands (self);
  if (self->canvas != NULL)
    g_signal_handlers_disconnect_by_data (self->canvas, self);
  g_clear_object (&self->canvas);
  g_clear_object (&self->card_scroll);
  g_clear_object (&self->results);
  g_clear_object (&self->bar);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (chain_backprop_page_parent_class)->dispose (object);
}

static void
chain_backprop_page_class_init (ChainBackpropPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chain_backprop_page_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
}

static void
chain_backprop_page_init (ChainBackpropPage *self)
{
  GtkWidget *narrow_tape = adw_bin_new (), *strip = gtk_scrolled_window_new ();

  gtk_orientable_set_orientation (GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))), GTK_ORIENTATION_VERTICAL);
  self->fields = CHAIN_STEP_FIELDS (chain_step_fields_new ());
  self->bar = g_object_ref_sink (CHAIN_STEP_BAR (chain_step_bar_new ()));
  make_canvas (self);
  make_side (self);
  self->main_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_box_append (GTK_BOX (self->main_box), self->canvas_box);
  gtk_box_append (GTK_BOX (self->main_box), self->side);
  self->stack = gtk_stack_new ();
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_stack_add_titled (GTK_STACK (self->stack), self->main_box, "graph", _("Graph"));
  gtk_stack_add_titled (GTK_STACK (self->stack), narrow_tape, "tape", _("Tape"));
  self->switcher = gtk_stack_switcher_new ();
  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (self->switcher), GTK_STACK (self->stack));
  gtk_widget_set_halign (self->switcher, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->switcher, "page-switcher");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (strip), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);      /* never wider than the window */
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (strip), GTK_WIDGET (self->fields));
  gtk_widget_set_parent (strip, GTK_WIDGET (self));
  gtk_widget_set_parent (make_info (self), GTK_WIDGET (self));
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
  gtk_widget_set_parent (self->switcher, GTK_WIDGET (self));
  _chain_backprop_start (self);
  _chain_backprop_add_hands (self);
  g_signal_connect_swapped (self->fields, "changed", G_CALLBACK (fields_cb), self);
  g_signal_connect_swapped (self->fields, "search", G_CALLBACK (_chain_backprop_find), self);
  g_signal_connect_swapped (self->bar, "changed", G_CALLBACK (bar_cb), self);
  g_signal_connect_swapped (chain_step_bar_timeline (self->bar), "moved", G_CALLBACK (timeline_cb), self);
  g_signal_connect_swapped (self->tape, "picked", G_CALLBACK (picked_cb), self);
  self->width = CHAIN_WIDTH_NORMAL;
  gtk_widget_set_visible (self->switcher, FALSE);
}

void
chain_backprop_page_set_session (ChainBackpropPage *p, ChainSession *session)
{
  p->session = g_object_ref (session);
  g_signal_connect_swapped (session, "snapshot", G_CALLBACK (snapshot_cb), p);
}

ChainTrace *
chain_backprop_page_trace (ChainBackpropPage *p)
{
  return p->trace;
}

ChainDiagram *
chain_backprop_page_diagram (ChainBackpropPage *p)
{
  return p->diagram;
}

guint
chain_backprop_page_position (ChainBackpropPage *p)
{
  return p->position;
}

void
chain_backprop_page_go (ChainBackpropPage *p, guint position)
{
  _chain_backprop_go (p, position, FALSE);
}

ChainStepFields *
chain_backprop_page_fields (ChainBackpropPage *p)
{
  return p->fields;
}

ChainStepBar *
chain_backprop_page_bar (ChainBackpropPage *p)
{
  return p->bar;
}

ChainTape *
chain_backprop_page_tape (ChainBackpropPage *p)
{
  return p->tape;
}

/* --- what the window asks --- */

static void
move_to (GtkWidget *widget, GtkWidget *box)
{
  GtkWidget *parent = gtk_widget_get_parent (widget);

  if (parent == box)
    return;
  if (GTK_IS_BOX (parent))
    gtk_box_remove (GTK_BOX (parent), widget);
  else if (ADW_IS_BIN (parent))
    adw_bin_set_child (ADW_BIN (parent), NULL);
  if (ADW_IS_BIN (box))
    adw_bin_set_child (ADW_BIN (box), widget);
  else
    gtk_box_append (GTK_BOX (box), widget);
}

/* Narrow: the card under the graph, the tape as a view of its own. */
static void
page_set_class (ChainPage *page, ChainWidthClass width)
{
  static const int columns[] = { -1, 320, 340, 560 };
  ChainBackpropPage *p = CHAIN_BACKPROP_PAGE (page);
  gboolean narrow = width == CHAIN_WIDTH_NARROW;
  GtkWidget *bin = gtk_stack_get_child_by_name (GTK_STACK (p->stack), "tape");

  p->width = width;
  move_to (p->card_scroll, narrow ? p->canvas_box : p->side_box);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (p->card_scroll), -1);      /* it may not be above the other */
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (p->card_scroll), narrow ? CHAIN_CARD_NARROW : CARD_MOST);
  if (!narrow && gtk_widget_get_parent (p->results) == p->side_box)
    gtk_box_reorder_child_after (GTK_BOX (p->side_box), p->card_scroll, NULL);
  move_to (p->results, narrow ? bin : p->side_box);
  gtk_widget_set_size_request (p->side, columns[width], -1);
  gtk_widget_set_visible (p->side, !narrow && !p->side_hidden);
  gtk_widget_set_visible (p->switcher, narrow);
  if (!narrow)
    gtk_stack_set_visible_child_name (GTK_STACK (p->stack), "graph");
  chain_step_fields_set_class (p->fields, width);
  chain_step_bar_set_class (p->bar, width);
  if (p->diagram != NULL)
    _chain_backprop_go (p, p->position, FALSE);
}

static void
page_set_text_size (ChainPage *page, double size)
{
  CHAIN_BACKPROP_PAGE (page)->text_size = size;
  chain_canvas_set_text_size (CHAIN_BACKPROP_PAGE (page)->canvas, size);
}

static void
page_set_frozen (ChainPage *page, gboolean frozen)
{
  CHAIN_BACKPROP_PAGE (page)->frozen = frozen;
  _chain_backprop_redraw (CHAIN_BACKPROP_PAGE (page));
}

static void
page_toggle_side (ChainPage *page)
{
  ChainBackpropPage *p = CHAIN_BACKPROP_PAGE (page);

  if (p->width == CHAIN_WIDTH_NARROW)
    {
      const char *now = gtk_stack_get_visible_child_name (GTK_STACK (p->stack));

      gtk_stack_set_visible_child_name (GTK_STACK (p->stack), g_strcmp0 (now, "graph") == 0 ? "tape" : "graph");
      return;
    }
  p->side_hidden = !p->side_hidden;
  gtk_widget_set_visible (p->side, !p->side_hidden);
}

/* One moment is looked at: training rests meanwhile. */
static void
page_set_shown (ChainPage *page, gboolean shown)
{
  ChainBackpropPage *p = CHAIN_BACKPROP_PAGE (page);

  p->shown = shown;
  if (!shown && chain_step_play_is_on (p->play))
    _chain_backprop_toggle (p);
  if (!shown)
    return;
  if (chain_session_is_playing (p->session))
    chain_session_pause (p->session);
  gtk_widget_grab_focus (GTK_WIDGET (chain_step_bar_timeline (p->bar)));      /* what is said of each step is said of it */
  kick (p);
}

static guint
page_want (ChainPage *page)
{
  ChainBackpropPage *p = CHAIN_BACKPROP_PAGE (page);

  return p->shown && _chain_backprop_session (p) == p->session ? CHAIN_WANT_TRACE : 0;
}

static ChainCanvas *
page_canvas (ChainPage *page)
{
  return CHAIN_BACKPROP_PAGE (page)->canvas;
}

static GtkWidget *
page_bar (ChainPage *page)
{
  return GTK_WIDGET (CHAIN_BACKPROP_PAGE (page)->bar);
}

static gboolean
page_command (ChainPage *page, const char *verb)
{
  ChainBackpropPage *p = CHAIN_BACKPROP_PAGE (page);

  if (g_str_equal (verb, "play"))
    _chain_backprop_toggle (p);
  else if (g_str_equal (verb, "step"))
    _chain_backprop_step (p, chain_step_bar_grain (p->bar), FALSE);
  else if (g_str_equal (verb, "step-back"))
    _chain_backprop_step (p, chain_step_bar_grain (p->bar), TRUE);
  else if (g_str_equal (verb, "step-ten"))
    _chain_backprop_step (p, CHAIN_GRAIN_LAYER, FALSE);
  else if (g_str_equal (verb, "step-back-ten"))
    _chain_backprop_step (p, CHAIN_GRAIN_LAYER, TRUE);
  else if (g_str_equal (verb, "to-start"))
    _chain_backprop_go (p, 0, FALSE);
  else if (g_str_equal (verb, "to-end"))
    _chain_backprop_go (p, G_MAXUINT, FALSE);
  else if (g_str_equal (verb, "lay-out"))
    _chain_backprop_lay_out (p);
  else if (g_str_equal (verb, "undo") || g_str_equal (verb, "redo"))
    return _chain_backprop_undo (p, g_str_equal (verb, "redo"));
  else
    return FALSE;
  return TRUE;
}

static const char *
page_undo_label (ChainPage *page, gboolean redo)
{
  return _chain_backprop_undo_label (CHAIN_BACKPROP_PAGE (page), redo);
}

static void
page_interface_init (ChainPageInterface *iface)
{
  iface->undo_label = page_undo_label;
  iface->set_class = page_set_class;
  iface->set_text_size = page_set_text_size;
  iface->set_frozen = page_set_frozen;
  iface->toggle_side = page_toggle_side;
  iface->set_shown = page_set_shown;
  iface->want = page_want;
  iface->canvas = page_canvas;
  iface->picture = page_canvas;
  iface->bar = page_bar;
  iface->command = page_command;
}
