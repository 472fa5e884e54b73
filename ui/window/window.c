/* SPDX-License-Identifier: Apache-2.0 */
/* Structure only: the parts, who listens to whom, and the width class. Every verb is a session function behind an action. */
#include "config.h"

#include "ui/window/window-private.h"

#include <glib/gi18n-lib.h>

#include "app/session/recovery.h"
#include "ui/canvas/theme.h"

G_DEFINE_FINAL_TYPE (ChainWindow, chain_window, ADW_TYPE_APPLICATION_WINDOW)

#define N_PAGES 2

static void
all_pages (ChainWindow *self, ChainPage *pages[N_PAGES])
{
  pages[0] = CHAIN_PAGE (self->page);
  pages[1] = CHAIN_PAGE (self->backprop);
}

/* Also what the Network page wants while another is shown: a snapshot that lacks it would make its pictures blink when it comes back. */
void
_chain_window_update_want (ChainWindow *w)
{
  chain_pump_set_want (w->pump, chain_page_want (w->shown) | chain_network_page_want (w->page));
}

void
_chain_window_set_text_size (ChainWindow *w, double size)
{
  ChainPage *pages[N_PAGES];

  all_pages (w, pages);
  for (guint i = 0; i < N_PAGES; i++)
    chain_page_set_text_size (pages[i], size);
}

gboolean
_chain_window_show_page (ChainWindow *w, const char *id)
{
  GtkWidget *now = gtk_stack_get_child_by_name (GTK_STACK (w->pages), id), *bar;
  ChainPage *page = g_str_equal (id, "backprop") ? CHAIN_PAGE (w->backprop) : CHAIN_PAGE (w->page);

  if (now == NULL)
    return FALSE;
  bar = chain_page_bar (page);
  chain_sidebar_select (w->sidebar, id);
  if (page == w->shown)
    return TRUE;
  chain_page_set_shown (w->shown, FALSE);
  w->shown = page;
  gtk_stack_set_visible_child (GTK_STACK (w->pages), now);
  gtk_stack_set_visible_child (GTK_STACK (w->bars), bar != NULL ? bar : GTK_WIDGET (w->transport));
  chain_page_set_shown (page, TRUE);
  _chain_window_update_want (w);
  _chain_window_update_actions (w);
  chain_pump_kick (w->pump);
  return TRUE;
}

/* Widgets grow with the text: what counts is the width in their measure. */
static gboolean
apply_class_cb (gpointer data)
{
  ChainWindow *self = data;
  ChainPage *pages[N_PAGES];
  ChainWidthClass now = chain_width_class ((int) (self->width / chain_theme_text_scaling ()));
  gboolean folded = now <= CHAIN_WIDTH_COMPACT;

  self->class_idle = 0;
  if (!self->class_known || now != self->width_class)
    {
      gboolean was_folded = self->class_known && self->width_class <= CHAIN_WIDTH_COMPACT;

      self->width_class = now;
      all_pages (self, pages);
      for (guint i = 0; i < N_PAGES; i++)
        chain_page_set_class (pages[i], now);
      chain_transport_set_class (self->transport, now);
      if (now == CHAIN_WIDTH_NARROW)      /* a toast must not lie on the switcher of the two views */
        gtk_widget_add_css_class (self->toasts, "over-switcher");
      else
        gtk_widget_remove_css_class (self->toasts, "over-switcher");
      if (now <= CHAIN_WIDTH_COMPACT)     /* and what it speaks of is mostly in the cards: beside them, where there is room */
        gtk_widget_remove_css_class (self->toasts, "beside-cards");
      else
        gtk_widget_add_css_class (self->toasts, "beside-cards");
      adw_flap_set_fold_policy (ADW_FLAP (self->flap), folded ? ADW_FLAP_FOLD_POLICY_ALWAYS : ADW_FLAP_FOLD_POLICY_NEVER);
      if (!self->class_known || folded != was_folded)
        adw_flap_set_reveal_flap (ADW_FLAP (self->flap), !folded);
      self->class_known = TRUE;
      _chain_window_update_want (self);
      _chain_window_update_mark (self);
    }
  chain_strip_set_class (self->strip, now, self->width - (folded ? 0 : 164));
  return G_SOURCE_REMOVE;
}

static void
text_scaling_cb (gpointer object)
{
  ChainWindow *self = object;

  if (self->class_idle == 0)
    self->class_idle = g_idle_add_full (G_PRIORITY_HIGH_IDLE, apply_class_cb, self, NULL);
}

/* Nothing may change inside an allocation: the class is applied from an idle, before the next frame. */
static void
chain_window_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  ChainWindow *self = CHAIN_WINDOW (widget);

  GTK_WIDGET_CLASS (chain_window_parent_class)->size_allocate (widget, width, height, baseline);
  if (self->width == width)
    return;
  self->width = width;
  text_scaling_cb (self);
}

static gboolean
chain_window_close_request (GtkWindow *window)
{
  ChainWindow *self = CHAIN_WINDOW (window);

  if (!self->sure && _chain_window_ask_close (self))
    return TRUE;
  _chain_window_keep_size (self);
  chain_session_pause (self->session);
  return GTK_WINDOW_CLASS (chain_window_parent_class)->close_request (window);
}

static void
document_cb (ChainWindow *self)
{
  ChainDocument *d = chain_session_document (self->session);
  g_autofree char *title = chain_document_title (d), *subtitle = chain_document_subtitle (d);

  adw_window_title_set_title (ADW_WINDOW_TITLE (self->title), title);
  adw_window_title_set_subtitle (ADW_WINDOW_TITLE (self->title), subtitle);
  gtk_window_set_title (GTK_WINDOW (self), title);
  _chain_window_update_actions (self);
  _chain_window_update_mark (self);
  _chain_window_update_disk (self);
  chain_pump_kick (self->pump);
}

static void
state_cb (ChainWindow *self)
{
  _chain_window_update_actions (self);
}

static void
picked_cb (ChainWindow *self, const char *id)
{
  g_action_group_activate_action (G_ACTION_GROUP (self), "page", g_variant_new_string (id));
}

static void
snapshot_cb (ChainWindow *self)
{
  const ChainSnapshot *s = chain_session_snapshot (self->session);
  gboolean at_start = s->step == 0;

  if (at_start != (self->last_step == 0))
    _chain_window_update_actions (self);
  self->last_step = s->step;
  _chain_window_update_want (self);
}

static void
chain_window_dispose (GObject *object)
{
  ChainWindow *self = CHAIN_WINDOW (object);

  g_clear_handle_id (&self->class_idle, g_source_remove);
  g_clear_pointer (&self->build, chain_build_free);
  g_clear_pointer (&self->pump, chain_pump_free);
  if (self->session != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->session, self);
      chain_session_drop_journal (self->session);      /* closing was agreed to: what is not saved is not wanted */
    }
  _chain_window_clear_messages (self);
  g_clear_pointer (&self->unsaved, g_ptr_array_unref);
  g_clear_object (&self->monitor);
  g_clear_handle_id (&self->saving_id, g_source_remove);
  g_clear_pointer (&self->watched, g_free);
  g_clear_object (&self->source_monitor);
  g_clear_pointer (&self->source, g_free);
  g_clear_object (&self->session);
  g_clear_object (&self->chooser);
  G_OBJECT_CLASS (chain_window_parent_class)->dispose (object);
}

static void
chain_window_class_init (ChainWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chain_window_dispose;
  widget_class->size_allocate = chain_window_size_allocate;
  GTK_WINDOW_CLASS (klass)->close_request = chain_window_close_request;
  g_type_ensure (CHAIN_TYPE_SIDEBAR);
  g_type_ensure (CHAIN_TYPE_STRIP);
  g_type_ensure (CHAIN_TYPE_NETWORK_PAGE);
  g_type_ensure (CHAIN_TYPE_BACKPROP_PAGE);
  g_type_ensure (CHAIN_TYPE_TRANSPORT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/chainrule/Chainrule/window/window.ui");
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, content);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, title);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, open_button);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, undo_button);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, redo_button);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, sidebar_button);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, strip);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, bars);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, page);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, backprop);
  gtk_widget_class_bind_template_child (widget_class, ChainWindow, transport);
}

static void
listen (ChainWindow *self)
{
  g_signal_connect_swapped (self->session, "document", G_CALLBACK (document_cb), self);
  g_signal_connect_swapped (self->session, "state", G_CALLBACK (state_cb), self);
  g_signal_connect_swapped (self->session, "snapshot", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (self->sidebar, "picked", G_CALLBACK (picked_cb), self);
  _chain_window_watch_messages (self);
}

static void
chain_window_init (ChainWindow *self)
{
  int height;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->shown = CHAIN_PAGE (self->page);
  gtk_stack_add_child (GTK_STACK (self->bars), chain_page_bar (CHAIN_PAGE (self->backprop)));
  self->session = chain_session_new ();
  self->text_size = 1;
  self->pump = chain_pump_new (GTK_WIDGET (self), self->session);
  _chain_window_add_actions (self);
  _chain_window_add_recovery (self);
  _chain_window_add_disk (self);
  chain_strip_set_session (self->strip, self->session);
  chain_network_page_set_session (self->page, self->session);
  chain_backprop_page_set_session (self->backprop, self->session);
  self->build = chain_build_new (chain_network_page_canvas (self->page), chain_network_page_chips (self->page),
                                 chain_network_page_editor (self->page), self->session, GTK_WIDGET (self));
  chain_build_add_section (self->build, chain_explore_fill, chain_network_page_explore (self->page));
  chain_transport_set_session (self->transport, self->session);
  chain_sidebar_select (self->sidebar, "network");
  listen (self);
  _chain_window_add_keys (self);
  _chain_window_add_drop (self);
  _chain_window_add_open_menu (self);
  chain_theme_watch (self, text_scaling_cb);
  _chain_window_recall_size (self);
  gtk_window_get_default_size (GTK_WINDOW (self), &self->width, &height);
  apply_class_cb (self);              /* before the first size is asked for: a wrong class would widen the window */
  document_cb (self);
  gtk_window_set_focus (GTK_WINDOW (self), chain_transport_play_button (self->transport));
}

GtkWidget *
chain_window_new (GtkApplication *app)
{
  return g_object_new (CHAIN_TYPE_WINDOW, "application", app, NULL);
}

ChainSession *
chain_window_session (ChainWindow *w)
{
  return w->session;
}

ChainNetworkPage *
chain_window_page (ChainWindow *w)
{
  return w->page;
}

ChainBuild *
chain_window_build (ChainWindow *w)
{
  return w->build;
}

ChainWidthClass
chain_window_class (ChainWindow *w)
{
  return w->width_class;
}

gboolean
chain_window_is_pristine (ChainWindow *w)
{
  ChainDocument *d = chain_session_document (w->session);

  return !chain_document_is_dirty (d) && chain_document_path (d) == NULL;
}

gboolean
chain_window_save_png (ChainWindow *w, const char *path, GError **error)
{
  GtkWidget *widget = GTK_WIDGET (w);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget), scale = gtk_widget_get_scale_factor (widget);
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GdkTexture) texture = NULL;
  GskRenderNode *node;
  gboolean ok;

  gtk_snapshot_scale (snapshot, (float) scale, (float) scale);
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("The window has not been drawn yet"));
      return FALSE;
    }
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (w)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, (float) (width * scale), (float) (height * scale)));
  gsk_render_node_unref (node);
  ok = gdk_texture_save_to_png (texture, path);
  if (!ok)
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("The picture cannot be written to “%s”"), path);
  return ok;
}
