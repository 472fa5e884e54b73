/* SPDX-License-Identifier: Apache-2.0 */
/* The focus stays in the search field while arrows walk in the list, so that typing and walking mix; the list's selection is what Enter
 * chooses. Where there is no search field the focus walks along. Rows that cannot be chosen can be walked to, since their reason is worth
 * reading. The height is fixed while the menu is open: a search that leaves two rows does not pull the list from under the pointer. */
#include "config.h"

#include "ui/pages/row-menu-private.h"

#include <glib/gi18n-lib.h>

#include "ui/pages/row-menu-details.h"

#define PAGE 6             /* rows that a Page key walks */

G_DEFINE_FINAL_TYPE (ChainRowMenu, chain_row_menu, GTK_TYPE_POPOVER)

static guint chosen_signal;

static const ChainMenuRow *
row_of (GtkListBoxRow *item)
{
  return chain_row_face_row (CHAIN_ROW_FACE (gtk_list_box_row_get_child (item)));
}

static gboolean
is_left (ChainRowMenu *self, guint i)
{
  return self->score[i] > 0;
}

/* --- headings --- */
static GtkWidget *
heading (const char *text)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0f, "ellipsize", PANGO_ELLIPSIZE_END, NULL);

  gtk_widget_add_css_class (label, "row-menu-heading");
  return label;
}

static void
header_cb (GtkListBoxRow *item, GtkListBoxRow *before, gpointer data)
{
  const char *group = row_of (item)->group;
  gboolean wanted = *group != '\0' && (before == NULL || g_strcmp0 (row_of (before)->group, group) != 0);

  if (wanted && gtk_list_box_row_get_header (item) == NULL)
    gtk_list_box_row_set_header (item, heading (group));
  else if (!wanted)
    gtk_list_box_row_set_header (item, NULL);
}

/* The heading of the group that is cut at the top lies over the list, so that a reader always sees where he is. */
static void
update_sticky (ChainRowMenu *self)
{
  double y = gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroll)));
  GtkListBoxRow *item;
  int height;

  gtk_widget_measure (self->sticky, GTK_ORIENTATION_VERTICAL, -1, NULL, &height, NULL, NULL);
  item = gtk_list_box_get_row_at_y (GTK_LIST_BOX (self->list), (int) y + height);      /* NULL: the next heading is on its way up */
  if (item != NULL)
    gtk_label_set_text (GTK_LABEL (self->sticky), row_of (item)->group);
  gtk_widget_set_opacity (self->sticky, y > 0 && item != NULL && *row_of (item)->group != '\0' ? 1 : 0);
}

/* --- the row under attention --- */
static void
show_details (ChainRowMenu *self)
{
  GtkListBoxRow *item = self->hovered != NULL ? self->hovered : gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list));

  chain_row_details_show (CHAIN_ROW_DETAILS (self->details), item != NULL ? row_of (item) : NULL);
}

/* As little as needed while somebody walks; at first to the middle. */
static gboolean
scroll_to (ChainRowMenu *self, GtkListBoxRow *item, gboolean middle)
{
  GtkAdjustment *a = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroll));
  double top = gtk_adjustment_get_value (a), page = gtk_adjustment_get_page_size (a);
  int head = 0;
  graphene_rect_t box;

  if (!gtk_widget_compute_bounds (GTK_WIDGET (item), self->list, &box) || box.size.height <= 0 || page <= 0)
    return FALSE;
  if (*row_of (item)->group != '\0')
    gtk_widget_measure (self->sticky, GTK_ORIENTATION_VERTICAL, -1, NULL, &head, NULL, NULL);
  if (middle)
    gtk_adjustment_set_value (a, box.origin.y + box.size.height / 2 - page / 2);
  else if (box.origin.y - head < top)
    gtk_adjustment_set_value (a, box.origin.y - head);
  else if (box.origin.y + box.size.height > top + page)
    gtk_adjustment_set_value (a, box.origin.y + box.size.height - page);
  return TRUE;
}

static void
attend (ChainRowMenu *self, GtkListBoxRow *item)
{
  self->hovered = NULL;
  gtk_list_box_select_row (GTK_LIST_BOX (self->list), item);
  if (self->search != NULL && item != NULL)
    gtk_accessible_update_relation (GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_RELATION_ACTIVE_DESCENDANT, item, -1);
  if (item != NULL)
    scroll_to (self, item, FALSE);
  show_details (self);
}

static gboolean
is_searching (ChainRowMenu *self)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));

  return self->search != NULL && focus != NULL && gtk_widget_is_ancestor (focus, self->search);
}

static void
walk (ChainRowMenu *self, int by)
{
  GtkListBoxRow *at = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list)), *to = NULL;
  int i = at != NULL ? gtk_list_box_row_get_index (at) : by > 0 ? -1 : (int) self->items->len, left = ABS (by), step = by > 0 ? 1 : -1;

  for (i += step; i >= 0 && i < (int) self->items->len && left > 0; i += step)
    if (is_left (self, (guint) i))
      {
        to = g_ptr_array_index (self->items, i);
        left--;
      }
  if (to == NULL)
    return;
  attend (self, to);
  if (!is_searching (self))
    gtk_widget_grab_focus (GTK_WIDGET (to));
}

static void
hover_cb (ChainRowMenu *self, double x, double y)
{
  GtkListBoxRow *item = gtk_list_box_get_row_at_y (GTK_LIST_BOX (self->list), (int) y);

  if (item == self->hovered)
    return;
  self->hovered = item;
  show_details (self);
}

static void
leave_cb (ChainRowMenu *self)
{
  self->hovered = NULL;
  show_details (self);
}

/* --- choosing --- */
static void
activated_cb (ChainRowMenu *self, GtkListBoxRow *item)
{
  g_autofree char *id = g_strdup (row_of (item)->id);

  if (row_of (item)->reason != NULL)
    {
      gtk_widget_error_bell (GTK_WIDGET (self));
      return;
    }
  g_object_ref (self);
  if (gtk_widget_get_parent (GTK_WIDGET (self)) != NULL)      /* the next Space trains: it does not open this again */
    g_object_set_data (G_OBJECT (gtk_widget_get_parent (GTK_WIDGET (self))), "chain-chosen", self->list);
  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, chosen_signal, 0, id);
  g_object_unref (self);
}

void
chain_row_menu_choose (ChainRowMenu *menu)
{
  GtkListBoxRow *item = gtk_list_box_get_selected_row (GTK_LIST_BOX (menu->list));

  if (item != NULL && is_left (menu, (guint) gtk_list_box_row_get_index (item)))
    activated_cb (menu, item);
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, ChainRowMenu *self)
{
  static const struct { guint key, keypad; int by; gboolean text_too; } rows[] = {
    { GDK_KEY_Down, GDK_KEY_KP_Down, 1, TRUE },          { GDK_KEY_Up, GDK_KEY_KP_Up, -1, TRUE },
    { GDK_KEY_Page_Down, GDK_KEY_KP_Page_Down, PAGE, TRUE }, { GDK_KEY_Page_Up, GDK_KEY_KP_Page_Up, -PAGE, TRUE },
    { GDK_KEY_End, GDK_KEY_KP_End, G_MAXINT, FALSE },    { GDK_KEY_Home, GDK_KEY_KP_Home, -G_MAXINT, FALSE },
  };

  if ((state & (GDK_ALT_MASK | GDK_SUPER_MASK)) != 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if ((keyval == rows[i].key || keyval == rows[i].keypad) && (rows[i].text_too || self->search == NULL || (state & GDK_CONTROL_MASK) != 0))
      {
        walk (self, rows[i].by);
        return TRUE;
      }
  return FALSE;
}

/* --- searching --- */
static gboolean
filter_cb (GtkListBoxRow *item, gpointer data)
{
  ChainRowMenu *self = data;
  int i = gtk_list_box_row_get_index (item);

  return i < 0 || is_left (self, (guint) i);
}

static void
score_rows (ChainRowMenu *self)
{
  const char *text = self->search != NULL ? gtk_editable_get_text (GTK_EDITABLE (self->search)) : "";
  g_autofree char *stripped = g_strstrip (g_strdup (text)), *folded = chain_menu_fold (stripped);

  for (guint i = 0; i < self->items->len; i++)
    self->score[i] = *folded == '\0' ? 1 : chain_menu_row_matches (g_ptr_array_index (self->sorted, i), folded);
}

/* The best answer is selected, so that Enter takes it: of equals the first that can be chosen. */
static GtkListBoxRow *
best_row (ChainRowMenu *self)
{
  guint best = 0, best_score = 0;

  for (guint i = 0; i < self->items->len; i++)
    {
      const ChainMenuRow *row = g_ptr_array_index (self->sorted, i);
      guint score = self->score[i] == 0 ? 0 : 2 * self->score[i] + (row->reason == NULL);

      if (score > best_score)
        {
          best = i;
          best_score = score;
        }
    }
  return best_score > 0 ? g_ptr_array_index (self->items, best) : NULL;
}

static GtkListBoxRow *
current_item (ChainRowMenu *self)
{
  for (guint i = 0; i < self->items->len; i++)
    if (g_strcmp0 (((const ChainMenuRow *) g_ptr_array_index (self->sorted, i))->id, self->current) == 0)
      return g_ptr_array_index (self->items, i);
  return NULL;
}

static void
searched_cb (ChainRowMenu *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search));
  g_autofree char *none = NULL;
  GtkListBoxRow *item;

  score_rows (self);
  gtk_list_box_invalidate_filter (GTK_LIST_BOX (self->list));
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroll)), 0);
  item = *text == '\0' ? current_item (self) : best_row (self);
  attend (self, item);
  update_sticky (self);
  gtk_widget_set_visible (self->none, *text != '\0' && item == NULL);
  gtk_widget_set_can_focus (self->scroll, item != NULL);
  if (item != NULL)
    return;
  none = g_strdup_printf (_("Nothing here matches “%s”: no name, no formula, no description."), text);
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_first_child (self->none)), none);
}

static void
clear_search_cb (ChainRowMenu *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_widget_grab_focus (self->search);
}

/* --- opening --- */
static gboolean
settle_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  ChainRowMenu *self = CHAIN_ROW_MENU (widget);
  GtkListBoxRow *item = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list));

  if (item != NULL && !scroll_to (self, item, TRUE))
    return G_SOURCE_CONTINUE;
  update_sticky (self);
  self->tick = 0;
  return G_SOURCE_REMOVE;
}

static void
chain_row_menu_show (GtkWidget *widget)
{
  ChainRowMenu *self = CHAIN_ROW_MENU (widget);
  GtkWidget *parent = gtk_widget_get_parent (widget);

  self->had_tooltip = parent != NULL && gtk_widget_get_has_tooltip (parent);
  if (self->had_tooltip)
    gtk_widget_set_has_tooltip (parent, FALSE);
  if (self->search != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  attend (self, current_item (self));
  _chain_row_menu_fit (self);
  GTK_WIDGET_CLASS (chain_row_menu_parent_class)->show (widget);
  if (self->search == NULL && gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list)) != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list))));
  else if (self->search != NULL)
    gtk_widget_grab_focus (self->search);
  if (self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (widget, settle_cb, NULL, NULL);
}

static void
chain_row_menu_closed (GtkPopover *popover)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (popover));

  if (parent == NULL)
    return;
  gtk_widget_set_has_tooltip (parent, gtk_widget_get_has_tooltip (parent) || CHAIN_ROW_MENU (popover)->had_tooltip);
  gtk_widget_grab_focus (parent);
}

/* --- making --- */
/* GTK 4.8 does not pass on the description of a list's row, but the name of what is in it. */
static void
describe (GtkListBoxRow *item, const ChainMenuRow *row, gboolean current)
{
  const ChainRowInfo *info = row->info;
  g_autofree char *slide = info != NULL && info->lecture != NULL ? g_strdup_printf (_("Lecture, slide “%s”."), _(info->lecture)) : NULL;
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  g_autofree char *all = NULL;

  if (current)
    g_ptr_array_add (parts, (char *) _("In use."));
  if (row->reason != NULL || (info != NULL && info->when != NULL))
    g_ptr_array_add (parts, (char *) (row->reason != NULL ? row->reason : _(info->when)));
  if (slide != NULL)
    g_ptr_array_add (parts, slide);
  g_ptr_array_add (parts, NULL);
  all = g_strjoinv (" ", (char **) parts->pdata);
  gtk_accessible_update_property (GTK_ACCESSIBLE (item), GTK_ACCESSIBLE_PROPERTY_LABEL, row->title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, all, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_list_box_row_get_child (item)), GTK_ACCESSIBLE_PROPERTY_LABEL, all, -1);
}

static void
add_search (ChainRowMenu *self, GtkWidget *box)
{
  g_autofree char *name = g_strdup_printf (_("Search: %s"), self->title);

  self->search = gtk_search_entry_new ();
  gtk_text_set_placeholder_text (GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (self->search))), _("Name, formula, or its name elsewhere"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->search), box);
  gtk_widget_add_css_class (self->search, "row-menu-search");
  gtk_widget_set_size_request (self->search, 100, -1);
  gtk_box_prepend (GTK_BOX (box), self->search);
  g_signal_connect_swapped (self->search, "changed", G_CALLBACK (searched_cb), self);
  g_signal_connect_swapped (self->search, "activate", G_CALLBACK (chain_row_menu_choose), self);
  g_signal_connect_swapped (self->search, "stop-search", G_CALLBACK (gtk_popover_popdown), self);
}

static void
drop_items (ChainRowMenu *self)
{
  self->hovered = NULL;
  for (guint i = 0; i < self->items->len; i++)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), g_ptr_array_index (self->items, i));
  g_ptr_array_set_size (self->items, 0);
  g_clear_pointer (&self->score, g_free);
  g_clear_pointer (&self->sorted, g_ptr_array_unref);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
}

void
chain_row_menu_set_rows (ChainRowMenu *menu, GPtrArray *rows)
{
  GtkWidget *box = gtk_popover_get_child (GTK_POPOVER (menu));

  g_ptr_array_ref (rows);
  drop_items (menu);
  menu->rows = rows;
  menu->sorted = chain_menu_rows_sorted (rows);
  menu->score = g_new (guint, rows->len + 1);
  for (guint i = 0; i < rows->len; i++)
    menu->score[i] = 1;
  for (guint i = 0; i < menu->sorted->len; i++)
    {
      const ChainMenuRow *row = g_ptr_array_index (menu->sorted, i);
      GtkWidget *item = gtk_list_box_row_new ();

      gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (item), chain_row_face_new (row, menu->thumb, menu->thumb_data));
      gtk_widget_set_sensitive (item, row->reason == NULL);
      g_ptr_array_add (menu->items, item);
      gtk_list_box_append (GTK_LIST_BOX (menu->list), item);
    }
  if (rows->len >= CHAIN_MENU_SEARCH_FROM && menu->search == NULL)
    add_search (menu, box);
  else if (rows->len < CHAIN_MENU_SEARCH_FROM && menu->search != NULL)
    {
      gtk_box_remove (GTK_BOX (box), menu->search);
      menu->search = NULL;
    }
  chain_row_menu_set_current (menu, menu->current);
}

void
chain_row_menu_set_current (ChainRowMenu *menu, const char *id)
{
  if (id != menu->current)
    {
      g_free (menu->current);
      menu->current = g_strdup (id);
    }
  for (guint i = 0; i < menu->items->len; i++)
    {
      GtkListBoxRow *item = g_ptr_array_index (menu->items, i);
      gboolean current = g_strcmp0 (row_of (item)->id, menu->current) == 0;

      chain_row_face_set_current (CHAIN_ROW_FACE (gtk_list_box_row_get_child (item)), current);
      describe (item, row_of (item), current);
    }
}

void
chain_row_menu_set_thumb (ChainRowMenu *menu, ChainMenuThumbFunc thumb, gpointer data, GDestroyNotify destroy)
{
  menu->thumb = thumb;
  menu->thumb_data = data;
  menu->thumb_destroy = destroy;
}

static void
chain_row_menu_dispose (GObject *object)
{
  ChainRowMenu *self = CHAIN_ROW_MENU (object);

  if (self->list != NULL)
    {
      gtk_list_box_set_filter_func (GTK_LIST_BOX (self->list), NULL, NULL, NULL);
      g_signal_handlers_disconnect_by_data (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroll)), self);
      drop_items (self);
      self->list = NULL;
    }
  G_OBJECT_CLASS (chain_row_menu_parent_class)->dispose (object);
}

static void
chain_row_menu_finalize (GObject *object)
{
  ChainRowMenu *self = CHAIN_ROW_MENU (object);

  if (self->thumb_destroy != NULL)
    self->thumb_destroy (self->thumb_data);
  g_ptr_array_unref (self->items);
  g_free (self->title);
  g_free (self->current);
  G_OBJECT_CLASS (chain_row_menu_parent_class)->finalize (object);
}

static void
chain_row_menu_class_init (ChainRowMenuClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chain_row_menu_dispose;
  G_OBJECT_CLASS (klass)->finalize = chain_row_menu_finalize;
  GTK_WIDGET_CLASS (klass)->show = chain_row_menu_show;
  GTK_POPOVER_CLASS (klass)->closed = chain_row_menu_closed;
  chosen_signal = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static GtkWidget *
make_none (ChainRowMenu *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *text = gtk_label_new (NULL), *clear = gtk_button_new_with_label (_("Clear Search"));

  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_justify (GTK_LABEL (text), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (GTK_LABEL (text), 36);
  gtk_widget_set_halign (clear, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), clear);
  gtk_widget_set_visible (box, FALSE);
  g_signal_connect_swapped (clear, "clicked", G_CALLBACK (clear_search_cb), self);
  return box;
}

static void
make_list (ChainRowMenu *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_BROWSE);
  gtk_list_box_set_filter_func (GTK_LIST_BOX (self->list), filter_cb, self, NULL);
  gtk_list_box_set_header_func (GTK_LIST_BOX (self->list), header_cb, self, NULL);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (activated_cb), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (hover_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (self->list, motion);
  self->scroll = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroll), self->list);
  gtk_widget_set_focusable (self->scroll, FALSE);
  g_signal_connect_swapped (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroll)), "value-changed", G_CALLBACK (update_sticky), self);
}

static void
chain_row_menu_init (ChainRowMenu *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkEventController *key = gtk_event_controller_key_new ();

  self->items = g_ptr_array_new ();
  make_list (self);
  self->sticky = heading ("");
  gtk_widget_set_valign (self->sticky, GTK_ALIGN_START);
  gtk_widget_set_opacity (self->sticky, 0);
  gtk_widget_set_can_target (self->sticky, FALSE);
  self->none = make_none (self);
  self->overlay = gtk_overlay_new ();
  gtk_overlay_set_child (GTK_OVERLAY (self->overlay), self->scroll);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), self->sticky);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), self->none);
  self->line = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
  self->details = chain_row_details_new ();
  gtk_widget_add_css_class (self->details, "row-menu-details");
  gtk_box_append (GTK_BOX (box), self->overlay);
  gtk_box_append (GTK_BOX (box), self->line);
  gtk_box_append (GTK_BOX (box), self->details);
  gtk_popover_set_child (GTK_POPOVER (self), box);
  gtk_widget_add_css_class (GTK_WIDGET (self), "row-menu");
  gtk_event_controller_set_propagation_phase (key, GTK_PHASE_CAPTURE);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (box, key);
}

GtkWidget *
chain_row_menu_new (const char *title)
{
  ChainRowMenu *self = g_object_new (CHAIN_TYPE_ROW_MENU, NULL);

  self->title = g_strdup (title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  return GTK_WIDGET (self);
}

GtkWidget *
chain_row_menu_search (ChainRowMenu *menu)
{
  return menu->search;
}

const char *
chain_row_menu_selected (ChainRowMenu *menu)
{
  GtkListBoxRow *item = gtk_list_box_get_selected_row (GTK_LIST_BOX (menu->list));

  return item != NULL ? row_of (item)->id : NULL;
}

guint
chain_row_menu_n_visible (ChainRowMenu *menu)
{
  guint n = 0;

  for (guint i = 0; i < menu->items->len; i++)
    n += is_left (menu, i);
  return n;
}

GtkWidget *
chain_row_menu_row (ChainRowMenu *menu, const char *id)
{
  for (guint i = 0; i < menu->items->len; i++)
    if (g_strcmp0 (row_of (g_ptr_array_index (menu->items, i))->id, id) == 0)
      return g_ptr_array_index (menu->items, i);
  return NULL;
}
