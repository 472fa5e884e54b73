/* SPDX-License-Identifier: Apache-2.0 */
/* One place knows what an edit is about: the element whose menu is open, else the chip or element with the focus, else what was clicked.
 * Menus, keys and drags all end in a verb on such a subject. Keys are heard before the canvas walks with its arrows, but never from within a
 * popover or a text field, which have their own use for them. */
#include "config.h"

#include "ui/build/build-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct { guint keyval; GdkModifierType state; const char *verb; } KeyRow;

/* The first row that applies to the subject counts. */
static const KeyRow keys[] = {
  { GDK_KEY_F2, 0, "width" },
  { GDK_KEY_plus, 0, "nudge-up" },
  { GDK_KEY_plus, GDK_SHIFT_MASK, "nudge-up" },
  { GDK_KEY_KP_Add, 0, "nudge-up" },
  { GDK_KEY_minus, 0, "nudge-down" },
  { GDK_KEY_KP_Subtract, 0, "nudge-down" },
  { GDK_KEY_plus, 0, "add-unit" },
  { GDK_KEY_plus, GDK_SHIFT_MASK, "add-unit" },
  { GDK_KEY_KP_Add, 0, "add-unit" },
  { GDK_KEY_minus, 0, "remove-one" },
  { GDK_KEY_KP_Subtract, 0, "remove-one" },
  { GDK_KEY_Delete, 0, "zero" },
  { GDK_KEY_KP_Delete, 0, "zero" },
  { GDK_KEY_Delete, 0, "remove" },
  { GDK_KEY_KP_Delete, 0, "remove" },
  { GDK_KEY_Left, GDK_ALT_MASK, "move-left" },
  { GDK_KEY_Right, GDK_ALT_MASK, "move-right" },
  { GDK_KEY_Up, GDK_ALT_MASK, "swap-up" },
  { GDK_KEY_Down, GDK_ALT_MASK, "swap-down" },
};

/* Also heard when nothing on the canvas has the focus. */
static const KeyRow window_keys[] = {
  { GDK_KEY_c, GDK_CONTROL_MASK, "copy" },
  { GDK_KEY_x, GDK_CONTROL_MASK, "cut" },
  { GDK_KEY_v, GDK_CONTROL_MASK, "paste" },
  { GDK_KEY_d, GDK_CONTROL_MASK, "duplicate" },
  { GDK_KEY_k, GDK_CONTROL_MASK, "connect" },
};

const ChainSpec *
_chain_build_spec (ChainBuild *b)
{
  return chain_document_spec (chain_session_document (b->session));
}

const ChainLayer *
_chain_build_find (ChainBuild *b, const char *layer)
{
  return chain_spec_layer (_chain_build_spec (b), layer);
}

static guint
kind_of (const char *id)
{
  return g_str_has_prefix (id, "layer:")    ? CHAIN_SUBJECT_LAYER
         : g_str_has_prefix (id, "unit:")   ? CHAIN_SUBJECT_UNIT
         : g_str_has_prefix (id, "weight:") ? CHAIN_SUBJECT_WEIGHT
                                            : 0;
}

gboolean
_chain_build_subject (ChainBuild *b, const char *id, ChainSubject *out)
{
  const ChainSpec *spec = _chain_build_spec (b);
  g_autofree char *own = id != NULL ? g_strdup (id) : b->target != NULL ? g_strdup (b->target) : chain_net_editor_subject (b->editor);

  memset (out, 0, sizeof *out);
  if (own == NULL)
    return FALSE;
  g_strlcpy (out->id, own, sizeof out->id);
  if (g_str_equal (own, "layer:x") || g_str_has_prefix (own, "unit:x:") || g_str_equal (own, "stack:x"))
    if (chain_spec_layer_index (spec, "x") < 0)
      {
        out->kind = CHAIN_SUBJECT_INPUTS;
        out->index = -1;
        g_strlcpy (out->layer, "x", sizeof out->layer);
        return TRUE;
      }
  out->kind = kind_of (own);
  if (out->kind == 0 || !chain_element_layer (spec, own, out->layer) || (out->kind != CHAIN_SUBJECT_LAYER && !chain_element_ref (own, &out->ref)))
    {
      out->kind = 0;
      return FALSE;
    }
  out->index = chain_spec_layer_index (spec, out->layer);
  out->is_output = out->index == (int) spec->layers->len - 1;
  return TRUE;
}

char *
_chain_build_layer_name (ChainBuild *b, const char *layer)
{
  const ChainSpec *spec = _chain_build_spec (b);
  int i = chain_spec_layer_index (spec, layer);

  if (i < 0)
    return g_strdup (_("Inputs"));
  return i == (int) spec->layers->len - 1 ? g_strdup (_("Output")) : g_strdup_printf (_("Layer %d"), i + 1);
}

char *
_chain_build_layer_title (ChainBuild *b, const char *layer)
{
  g_autofree char *name = _chain_build_layer_name (b, layer);

  return chain_spec_layer_index (_chain_build_spec (b), layer) < 0 ? g_steal_pointer (&name) : g_strdup_printf ("%s (%s)", name, layer);
}

void
_chain_build_focus (ChainBuild *b, const char *element)
{
  chain_canvas_select (b->canvas, element);
  if (!chain_chip_focus (b->chips, element) && !chain_canvas_focus_element (b->canvas, element))
    gtk_widget_grab_focus (GTK_WIDGET (b->canvas));
}

/* --- popovers --- */
static void
forget_focus (ChainBuild *b)
{
  if (b->focus != NULL)
    g_object_remove_weak_pointer (G_OBJECT (b->focus), (gpointer *) &b->focus);
  b->focus = NULL;
}

static void
remember_focus (ChainBuild *b)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (b->root));

  forget_focus (b);
  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (b->canvas)) || gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) != NULL)
    return;
  b->focus = focus;
  g_object_add_weak_pointer (G_OBJECT (focus), (gpointer *) &b->focus);
}

/* What was done may have replaced the chip that had the focus: then the selected element has it. */
static void
return_focus (ChainBuild *b)
{
  g_autofree char *selected = g_strdup (chain_canvas_selected (b->canvas));

  if (b->focus != NULL && gtk_widget_get_mapped (b->focus) && gtk_widget_grab_focus (b->focus))
    return;
  if (selected != NULL && (chain_chip_focus (b->chips, selected) || chain_canvas_focus_element (b->canvas, selected)))
    return;
  gtk_widget_grab_focus (GTK_WIDGET (b->canvas));
}

static gboolean
drop_cb (gpointer popover)
{
  if (gtk_widget_get_parent (popover) != NULL)
    gtk_widget_unparent (popover);
  g_object_unref (popover);
  return G_SOURCE_REMOVE;
}

/* A menu's verb runs after it has closed: the subject stays until then. And a popover may have a place of its own for the focus, which comes
 * after this signal. */
static gboolean
after_close_cb (gpointer data)
{
  ChainBuild *b = data;

  if (b->popover != NULL)
    return G_SOURCE_REMOVE;
  g_clear_pointer (&b->target, g_free);
  if (gtk_root_get_focus (GTK_ROOT (b->root)) == NULL || gtk_widget_has_focus (GTK_WIDGET (b->canvas)) || b->focus != NULL)
    return_focus (b);
  return G_SOURCE_REMOVE;
}

static void
closed_cb (ChainBuild *b, GtkWidget *popover)
{
  g_idle_add (drop_cb, g_object_ref (popover));
  if (b->popover != popover)
    return;
  b->popover = NULL;
  return_focus (b);
  g_idle_add (after_close_cb, b);
}

void
_chain_build_show (ChainBuild *b, GtkWidget *popover, const char *element, const graphene_point_t *at)
{
  graphene_rect_t r;
  GdkRectangle to = { 0, 0, 1, 1 };

  if (b->popover != NULL)
    gtk_popover_popdown (GTK_POPOVER (b->popover));
  remember_focus (b);
  if (at != NULL)
    to = (GdkRectangle){ (int) at->x, (int) at->y, 1, 1 };
  else if (chain_canvas_bounds (b->canvas, element, &r))
    to = (GdkRectangle){ (int) r.origin.x, (int) r.origin.y, (int) r.size.width, (int) r.size.height };
  gtk_widget_set_parent (popover, GTK_WIDGET (b->canvas));
  gtk_popover_set_pointing_to (GTK_POPOVER (popover), &to);
  g_signal_connect_swapped (popover, "closed", G_CALLBACK (closed_cb), b);
  b->popover = popover;
  gtk_popover_popup (GTK_POPOVER (popover));
}

GtkWidget *
chain_build_popover (ChainBuild *b)
{
  return b->popover;
}

/* --- keys --- */
static gboolean
is_elsewhere (ChainBuild *b)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (b->root));

  return focus != NULL && (GTK_IS_TEXT (focus) || GTK_IS_EDITABLE (focus) || GTK_IS_TEXT_VIEW (focus)
                           || gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) != NULL || gtk_widget_get_root (focus) != GTK_ROOT (b->root));
}

static gboolean
find_key (ChainBuild *b, const KeyRow *rows, guint n, guint keyval, GdkModifierType state)
{
  GdkModifierType relevant = state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK);
  ChainSubject s;

  for (guint i = 0; i < n; i++)
    if (rows[i].keyval == keyval && rows[i].state == relevant)
      {
        _chain_build_subject (b, NULL, &s);
        if (_chain_build_verb (b, rows[i].verb, &s))
          return TRUE;
      }
  return FALSE;
}

/* Arrows belong to the walk over the canvas, until a weight is selected: then up and down are its value. */
static gboolean
nudge_key (ChainBuild *b, guint keyval, GdkModifierType state)
{
  int up = keyval == GDK_KEY_Up || keyval == GDK_KEY_KP_Up ? 1 : keyval == GDK_KEY_Down || keyval == GDK_KEY_KP_Down ? -1 : 0;
  const char *selected = chain_canvas_selected (b->canvas);
  ChainSubject s;

  if (up == 0 || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0 || !_chain_build_subject (b, NULL, &s) || s.kind != CHAIN_SUBJECT_WEIGHT
      || g_strcmp0 (selected, s.id) != 0)
    return FALSE;
  return _chain_build_nudge (b, &s, up, (state & GDK_SHIFT_MASK) != 0);
}

/* Escape leaves the value and goes on walking. */
static gboolean
leave_weight (ChainBuild *b)
{
  const char *selected = chain_canvas_selected (b->canvas);

  if (selected == NULL || !g_str_has_prefix (selected, "weight:") || g_strcmp0 (selected, chain_canvas_focused (b->canvas)) != 0)
    return FALSE;
  chain_canvas_select (b->canvas, NULL);
  return TRUE;
}

static gboolean
canvas_key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  ChainBuild *b = data;
  ChainSubject s;

  if (is_elsewhere (b))
    return FALSE;
  if (keyval == GDK_KEY_Menu || (keyval == GDK_KEY_F10 && (state & GDK_SHIFT_MASK) != 0))
    return _chain_build_subject (b, NULL, &s) && _chain_build_menu_at (b, &s, NULL);
  if (keyval == GDK_KEY_Escape)
    return leave_weight (b);
  return nudge_key (b, keyval, state) || find_key (b, keys, G_N_ELEMENTS (keys), keyval, state)
         || find_key (b, window_keys, G_N_ELEMENTS (window_keys), keyval, state);
}

static gboolean
root_key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  ChainBuild *b = data;

  return !is_elsewhere (b) && gtk_widget_get_mapped (GTK_WIDGET (b->canvas))
         && find_key (b, window_keys, G_N_ELEMENTS (window_keys), keyval, state);
}

static void
add_keys (ChainBuild *b, GtkWidget *widget, GtkPropagationPhase phase, GCallback pressed)
{
  GtkEventController *key = gtk_event_controller_key_new ();

  gtk_event_controller_set_propagation_phase (key, phase);
  g_signal_connect (key, "key-pressed", pressed, b);
  gtk_widget_add_controller (widget, key);
}

/* --- the right button --- */
static void
pressed_cb (GtkGestureClick *click, int n, double x, double y, gpointer data)
{
  ChainBuild *b = data;
  GtkWidget *on = gtk_widget_pick (GTK_WIDGET (b->canvas), x, y, GTK_PICK_DEFAULT);
  const char *id = chain_element_of_widget (on);
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (click));
  ChainSubject s;

  if (event == NULL || !gdk_event_triggers_context_menu (event) || gdk_event_get_surface (event) != gtk_native_get_surface (gtk_widget_get_native (GTK_WIDGET (b->canvas))))
    return;
  if (id == NULL || g_str_has_prefix (id, "add:"))
    id = chain_canvas_pick (b->canvas, x, y);
  if (id == NULL || !_chain_build_subject (b, id, &s))
    return;
  chain_canvas_select (b->canvas, s.id);
  if (_chain_build_menu_at (b, &s, &GRAPHENE_POINT_INIT ((float) x, (float) y)))
    gtk_gesture_set_state (GTK_GESTURE (click), GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
add_click (ChainBuild *b)
{
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), b);
  gtk_widget_add_controller (GTK_WIDGET (b->canvas), GTK_EVENT_CONTROLLER (click));
}

/* --- for the window, chips and tests --- */
gboolean
chain_build_menu (ChainBuild *b, const char *element)
{
  ChainSubject s;

  return _chain_build_subject (b, element, &s) && _chain_build_menu_at (b, &s, NULL);
}

gboolean
chain_build_layer (ChainBuild *b, const char *element)
{
  ChainSubject s;

  if (!_chain_build_subject (b, element, &s) || (s.kind & (CHAIN_SUBJECT_LAYER | CHAIN_SUBJECT_UNIT)) == 0)
    return FALSE;
  _chain_build_layer_popover (b, &s, CHAIN_LAYER_PART_ACTIVATION);
  return TRUE;
}

gboolean
chain_build_do (ChainBuild *b, const char *verb, const char *element)
{
  ChainSubject s;

  _chain_build_subject (b, element, &s);
  return _chain_build_verb (b, verb, &s);
}

void
chain_build_remove (ChainBuild *b)
{
  if (!chain_build_do (b, "zero", NULL))
    chain_build_do (b, "remove", NULL);
}

void
chain_build_add_section (ChainBuild *b, ChainBuildSection fill, gpointer data)
{
  g_array_append_vals (b->sections, &(ChainBuildFill){ fill, data }, 1);
}

static void
more_cb (const char *element, gpointer data)
{
  chain_build_layer (data, element);
}

static void
link_cb (const char *element, gpointer data)
{
  ChainSubject s;

  if (_chain_build_subject (data, element, &s))
    _chain_build_connect_list (data, &s);
}

ChainBuild *
chain_build_new (ChainCanvas *canvas, ChainChips *chips, ChainNetEditor *editor, ChainSession *session, GtkWidget *root)
{
  ChainBuild *b = g_new0 (ChainBuild, 1);

  b->canvas = g_object_ref (canvas);
  b->chips = chips;
  b->editor = editor;
  b->session = g_object_ref (session);
  b->root = root;
  b->sections = g_array_new (FALSE, FALSE, sizeof (ChainBuildFill));
  b->pasting = g_cancellable_new ();
  _chain_build_add_verbs (b);
  add_keys (b, GTK_WIDGET (canvas), GTK_PHASE_CAPTURE, G_CALLBACK (canvas_key_cb));
  add_keys (b, root, GTK_PHASE_BUBBLE, G_CALLBACK (root_key_cb));
  add_click (b);
  _chain_build_add_weight (b);
  _chain_build_add_drag (b);
  chain_chips_listen (chips, more_cb, link_cb, b);
  return b;
}

/* The window goes: its widgets may outlive the builder for a moment, and must not call it. */
static void
drop_controllers (ChainBuild *b, GtkWidget *widget)
{
  g_autoptr (GListModel) list = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (list, i);

      g_signal_handlers_disconnect_by_data (controller, b);
    }
}

void
chain_build_free (ChainBuild *b)
{
  g_cancellable_cancel (b->pasting);
  g_object_unref (b->pasting);
  chain_chips_listen (b->chips, NULL, NULL, NULL);
  if (b->popover != NULL)
    {
      g_signal_handlers_disconnect_by_data (b->popover, b);
      gtk_widget_unparent (b->popover);
    }
  while (g_source_remove_by_user_data (b))
    ;
  drop_controllers (b, GTK_WIDGET (b->canvas));
  drop_controllers (b, b->root);
  forget_focus (b);
  _chain_build_drag_free (b);
  gtk_widget_insert_action_group (GTK_WIDGET (b->canvas), "build", NULL);
  g_clear_object (&b->actions);
  g_array_unref (b->sections);
  g_object_unref (b->session);
  g_object_unref (b->canvas);
  g_free (b->target);
  g_free (b);
}
