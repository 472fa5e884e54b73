/* SPDX-License-Identifier: Apache-2.0 */
/* A chip is rebuilt only when the list of layers changes, else its texts change in place: focus and an open popover survive a change of
 * width. Holding − or + repeats; the session merges the clicks of one hold into one undo entry.
 *
 * The name opens the activations, ▾ all that a layer has, and the port under the chip begins a connection. A chip carries the id of its
 * element, by which editing on the canvas knows what a key or a drag is about. */
#include "config.h"

#include "ui/pages/chips-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "app/picture/layout/net.h"
#include "engine/nn/table.h"
#include "ui/canvas/element-ref.h"
#include "ui/canvas/report.h"
#include "ui/pages/activation-list.h"

#define HOLD_MS 400
#define REPEAT_MS 90

static const ChainLayer *
chip_layer (ChainChip *chip)
{
  return chip->layer != NULL ? chain_spec_layer (chain_document_spec (chain_session_document (chip->chips->session)), chip->layer) : NULL;
}

static void
change_width (ChainChip *chip, int delta)
{
  const ChainLayer *l = chip_layer (chip);
  GError *error = NULL;

  if (l == NULL || (int) l->units + delta < 1)
    return;
  chain_session_set_units (chip->chips->session, chip->layer, (int) l->units + delta, &error);
  chain_report (chip->chips->session, error);
}

static gboolean
repeat_cb (gpointer data)
{
  ChainChip *chip = data;

  change_width (chip, chip->delta);
  chip->repeat = g_timeout_add (REPEAT_MS, repeat_cb, chip);
  return G_SOURCE_REMOVE;
}

static void
hold_cb (GtkGestureClick *click, int n, double x, double y, gpointer data)
{
  ChainChip *chip = data;

  chip->delta = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (click)) == chip->minus ? -1 : 1;
  g_clear_handle_id (&chip->repeat, g_source_remove);
  chip->repeat = g_timeout_add (HOLD_MS, repeat_cb, chip);
}

static void
release_cb (ChainChip *chip)
{
  g_clear_handle_id (&chip->repeat, g_source_remove);
}

static void
step_cb (ChainChip *chip, GtkWidget *button)
{
  chain_canvas_select (chip->chips->canvas, chain_element_of_widget (chip->root));
  change_width (chip, button == chip->minus ? -1 : 1);
}

static GtkWidget *
step_button (ChainChip *chip, const char *icon, const char *name)
{
  GtkWidget *b = gtk_button_new_from_icon_name (icon);
  GtkGesture *hold = gtk_gesture_click_new ();

  gtk_accessible_update_property (GTK_ACCESSIBLE (b), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_add_css_class (b, "circular");
  gtk_widget_set_valign (b, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (b, "clicked", G_CALLBACK (step_cb), chip);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (hold), GTK_PHASE_CAPTURE);
  g_signal_connect (hold, "pressed", G_CALLBACK (hold_cb), chip);
  g_signal_connect_swapped (hold, "released", G_CALLBACK (release_cb), chip);
  g_signal_connect_swapped (hold, "cancel", G_CALLBACK (release_cb), chip);
  g_signal_connect_swapped (hold, "unpaired-release", G_CALLBACK (release_cb), chip);
  gtk_widget_add_controller (b, GTK_EVENT_CONTROLLER (hold));
  return b;
}

static void
picked_cb (const char *id, gpointer data)
{
  ChainChip *chip = data;
  GError *error = NULL;

  chain_session_set_activation (chip->chips->session, chip->layer, id, &error);
  chain_report (chip->chips->session, error);
}

static void
select_chip (ChainChip *chip)
{
  chain_canvas_select (chip->chips->canvas, chain_element_of_widget (chip->root));
}

/* The list is made when it is opened: 20 thumbnails a layer would delay the first frame. */
static void
popup_cb (GtkMenuButton *button, gpointer data)
{
  ChainChip *chip = data;
  const ChainLayer *l = chip_layer (chip);
  const ChainSpec *spec = chain_document_spec (chain_session_document (chip->chips->session));

  select_chip (chip);
  if (l != NULL)
    gtk_menu_button_set_popover (button, chain_activation_popover_new (l->activation.id != NULL ? l->activation.id : "identity",
                                                                       chip->is_output ? spec : NULL, picked_cb, chip, NULL));
}

static GtkWidget *
menu_content (ChainChip *chip)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 5);

  chip->lock = gtk_image_new_from_icon_name ("changes-prevent-symbolic");
  chip->name = gtk_label_new (NULL);
  chip->width = gtk_label_new (NULL);
  gtk_widget_add_css_class (chip->width, "chip-width");
  gtk_box_append (GTK_BOX (box), chip->lock);
  gtk_box_append (GTK_BOX (box), chip->name);
  gtk_box_append (GTK_BOX (box), chip->width);
  return box;
}

static void
more_cb (ChainChip *chip)
{
  select_chip (chip);
  if (chip->chips->more != NULL)
    chip->chips->more (chain_element_of_widget (chip->root), chip->chips->data);
}

static void
link_cb (ChainChip *chip)
{
  select_chip (chip);
  if (chip->chips->link != NULL)
    chip->chips->link (chain_element_of_widget (chip->root), chip->chips->data);
}

/* A dot under the chip, as the sockets of a patch bay. */
static void
add_port (ChainChip *chip)
{
  chip->port = gtk_button_new ();
  gtk_widget_add_css_class (chip->port, "port");
  gtk_widget_add_css_class (chip->root, "chip-root");
  gtk_widget_set_halign (chip->port, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (chip->port, GTK_ALIGN_END);
  gtk_widget_set_tooltip_text (chip->port, _("Drag to a layer to connect it, or click for a list"));
  g_object_set_data (G_OBJECT (chip->port), "chain-port", chip->port);
  g_signal_connect_swapped (chip->port, "clicked", G_CALLBACK (link_cb), chip);
  gtk_overlay_add_overlay (GTK_OVERLAY (chip->root), chip->port);
}

static void
add_arrow (ChainChip *chip, GtkWidget *box)
{
  chip->arrow = gtk_button_new_from_icon_name ("pan-down-symbolic");
  gtk_widget_add_css_class (chip->arrow, "flat");
  gtk_widget_add_css_class (chip->arrow, "chip-more");
  gtk_accessible_update_property (GTK_ACCESSIBLE (chip->arrow), GTK_ACCESSIBLE_PROPERTY_HAS_POPUP, TRUE, -1);
  g_signal_connect_swapped (chip->arrow, "clicked", G_CALLBACK (more_cb), chip);
  gtk_box_append (GTK_BOX (box), chip->arrow);
}

/* While something of this picture is open, a tooltip would lie over it. */
static gboolean
tooltip_cb (GtkWidget *menu, int x, int y, gboolean by_keyboard, GtkTooltip *tooltip, gpointer data)
{
  ChainChip *chip = data;
  GtkRoot *root = gtk_widget_get_root (menu);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  g_autofree char *hint = NULL;

  if (chip->words == NULL || (focus != NULL && gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) != NULL))
    return FALSE;
  if (chip->minus != NULL && !gtk_widget_get_visible (chip->minus))      /* no room for the buttons */
    hint = g_strdup_printf ("%s\n%s", chip->words, _("+ and − change the width, F2 opens all settings"));
  gtk_tooltip_set_text (tooltip, hint != NULL ? hint : chip->words);
  return TRUE;
}

static void
set_words (ChainChip *chip, const char *words)
{
  chain_set_str (&chip->words, words);
  gtk_widget_trigger_tooltip_query (chip->menu);
}

static void
make_layer_chip (ChainChip *chip, const ChainLayer *l)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  chip->root = gtk_overlay_new ();
  gtk_overlay_set_child (GTK_OVERLAY (chip->root), box);
  gtk_widget_add_css_class (box, "chip");
  chip->menu = gtk_menu_button_new ();
  gtk_menu_button_set_child (GTK_MENU_BUTTON (chip->menu), menu_content (chip));
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (chip->menu), popup_cb, chip, NULL);
  gtk_widget_add_css_class (chip->menu, "flat");
  gtk_widget_set_has_tooltip (chip->menu, TRUE);
  g_signal_connect (chip->menu, "query-tooltip", G_CALLBACK (tooltip_cb), chip);
  if (!chip->is_output && g_str_equal (l->type, "dense"))
    {
      chip->minus = step_button (chip, "list-remove-symbolic", _("Remove a unit"));
      chip->plus = step_button (chip, "list-add-symbolic", _("Add a unit"));
      gtk_box_append (GTK_BOX (box), chip->minus);
    }
  gtk_box_append (GTK_BOX (box), chip->menu);
  add_arrow (chip, box);
  if (chip->plus != NULL)
    gtk_box_append (GTK_BOX (box), chip->plus);
  if (!chip->is_output)
    add_port (chip);
}

static void
add_layer_cb (ChainChip *chip)
{
  ChainSession *session = chip->chips->session;
  GError *error = NULL;

  chain_session_add_layer (session, chip->layer, &error);
  chain_report (session, error);
}

static void
chip_free (gpointer data)
{
  ChainChip *chip = data;

  g_clear_handle_id (&chip->repeat, g_source_remove);
  chain_canvas_unplace (chip->chips->canvas, chip->root);
  g_free (chip->layer);
  g_free (chip->tip);
  g_free (chip->words);
  g_free (chip);
}

static ChainChip *
new_chip (ChainChips *c, const char *layer)
{
  ChainChip *chip = g_new0 (ChainChip, 1);

  chip->chips = c;
  chip->layer = g_strdup (layer);
  g_ptr_array_add (c->chips, chip);
  return chip;
}

static void
place (ChainChip *chip, const char *prefix, const char *id)
{
  g_autofree char *element = g_strconcat (prefix, id, NULL);

  chain_element_name_widget (chip->root, element);
  _chain_chips_watch (chip);
  chain_canvas_place (chip->chips->canvas, chip->root, element);
}

static void
add_inputs_chip (ChainChips *c)
{
  ChainChip *chip = new_chip (c, NULL);

  GtkWidget *label = gtk_label_new (_("Inputs"));

  chip->root = gtk_overlay_new ();
  gtk_overlay_set_child (GTK_OVERLAY (chip->root), label);
  gtk_widget_add_css_class (label, "chip");
  gtk_widget_add_css_class (label, "chip-plain");
  add_port (chip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chip->port), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Connect the inputs to…"), -1);
  place (chip, "layer:", "x");
}

static void
add_adder (ChainChips *c, const char *after, guint index)
{
  ChainChip *chip = new_chip (c, after);
  g_autofree char *name = after == NULL ? g_strdup (_("Add a layer after the inputs")) : g_strdup_printf (_("Add a layer after layer %u"), index);

  chip->is_add = TRUE;
  chip->root = gtk_button_new_from_icon_name ("list-add-symbolic");
  gtk_widget_add_css_class (chip->root, "circular");
  gtk_widget_add_css_class (chip->root, "adder");
  gtk_widget_set_tooltip_text (chip->root, _("Add a layer here"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (chip->root), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (chip->root, "clicked", G_CALLBACK (add_layer_cb), chip);
  place (chip, "add:", after != NULL ? after : "x");
}

static gboolean
same_layers (ChainChips *c, const ChainSpec *spec)
{
  guint n = 0;

  for (guint i = 0; i < c->chips->len; i++)
    {
      ChainChip *chip = g_ptr_array_index (c->chips, i);

      if (chip->is_add || chip->layer == NULL)
        continue;
      if (n >= spec->layers->len || !g_str_equal (((ChainLayer *) g_ptr_array_index (spec->layers, n))->id, chip->layer) ||
          chip->is_output != (n == spec->layers->len - 1))
        return FALSE;
      n++;
    }
  return c->chips->len > 0 && n == spec->layers->len;
}

static void
rebuild (ChainChips *c, const ChainSpec *spec)
{
  g_ptr_array_set_size (c->chips, 0);
  add_inputs_chip (c);
  for (guint i = 0; i < spec->layers->len; i++)
    {
      const ChainLayer *l = g_ptr_array_index (spec->layers, i);
      ChainChip *chip;

      add_adder (c, i == 0 ? NULL : ((ChainLayer *) g_ptr_array_index (spec->layers, i - 1))->id, i);
      chip = new_chip (c, l->id);
      chip->is_output = i == spec->layers->len - 1;
      make_layer_chip (chip, l);
      place (chip, "layer:", l->id);
    }
}

/* The layer's own activation, as its menu has it. Short names: the chip is as wide as its column. */
static const char *
activation_name (const ChainLayer *l)
{
  return l->activation.id == NULL || g_str_equal (l->activation.id, "identity") ? _("linear") : l->activation.id;
}

/* What the loss does to the output: *brief for the chip, and a sentence. NULL: it takes it as it is. */
static const char *
link_name (const ChainSpec *spec, const char **brief)
{
  gboolean is_score;
  const char *link = chain_net_link (spec, &is_score);

  if (is_score || g_str_equal (link, "identity"))
    return NULL;
  *brief = g_str_equal (link, "sigmoid") ? _("σ in loss") : g_str_equal (link, "exp") ? _("exp in loss") : _("softmax in loss");
  return g_str_equal (link, "sigmoid") ? _("The loss applies σ itself; p = σ(z) is what is read.")
         : g_str_equal (link, "exp")   ? _("The loss applies the exponential itself; the rate e^z is what is read.")
                                       : _("The loss applies softmax itself; p = softmax(z) is what is read.");
}

static void
name_step (GtkWidget *button, gboolean add, int layer)
{
  g_autofree char *name = g_strdup_printf (add ? _("Add a unit to layer %d") : _("Remove a unit of layer %d"), layer);

  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
name_parts (ChainChip *chip, int layer)
{
  g_autofree char *more = g_strdup_printf (_("Settings of layer %d"), layer), *link = g_strdup_printf (_("Connect layer %d to…"), layer);

  gtk_accessible_update_property (GTK_ACCESSIBLE (chip->arrow), GTK_ACCESSIBLE_PROPERTY_LABEL, more, -1);
  if (chip->port != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (chip->port), GTK_ACCESSIBLE_PROPERTY_LABEL, link, -1);
}

static void
update (ChainChip *chip, const ChainSpec *spec)
{
  const ChainLayer *l = chip_layer (chip);
  const ChainLayerRow *type = l != NULL ? chain_layer_row (l->type) : NULL;
  g_autofree char *width = NULL, *label = NULL, *text = NULL, *tip = NULL;
  g_autofree char *kind = NULL;
  const char *name, *link, *brief = NULL;

  if (chip->is_add || l == NULL)
    return;
  kind = type != NULL ? g_strndup (_(type->info.title), strcspn (_(type->info.title), "(")) : NULL;      /* "Add (skip connection)" */
  name = g_str_equal (l->type, "dense") || g_str_equal (l->type, "activation") || kind == NULL ? activation_name (l) : g_strstrip (kind);
  if (g_str_equal (l->type, "dense") && (!chip->is_output || l->units > 1))
    width = g_strdup_printf ("×%u", l->units);
  link = chip->is_output ? link_name (spec, &brief) : NULL;
  text = link != NULL && !chip->chips->narrow ? g_strdup_printf ("%s · %s", name, brief) : g_strdup (name);
  gtk_label_set_text (GTK_LABEL (chip->name), text);
  gtk_label_set_text (GTK_LABEL (chip->width), width != NULL ? width : "");
  gtk_widget_set_visible (chip->width, width != NULL);
  gtk_widget_set_visible (chip->name, width == NULL || !chip->chips->tiny);
  gtk_widget_set_visible (chip->arrow, !chip->chips->tiny);
  gtk_widget_set_visible (chip->lock, l->frozen);
  name_parts (chip, chain_spec_layer_index (spec, l->id) + 1);
  label = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Layer %d: %s, %u unit", "Layer %d: %s, %u units", l->units),
                           chain_spec_layer_index (spec, l->id) + 1, name, l->units);
  tip = g_strconcat (label, l->frozen ? _(", frozen") : "", link != NULL ? ". " : NULL, link, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chip->menu), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
  if (g_strcmp0 (chip->tip, tip) != 0)      /* else its words stay, with what it costs: the query asks the display server and waits */
    set_words (chip, tip);
  chain_set_str (&chip->tip, tip);
  if (chip->minus == NULL)
    return;
  name_step (chip->minus, FALSE, chain_spec_layer_index (spec, l->id) + 1);
  name_step (chip->plus, TRUE, chain_spec_layer_index (spec, l->id) + 1);
  if (l->units <= 1 && gtk_widget_has_focus (chip->minus))
    _chain_chip_focus_part (chip, CHAIN_CHIP_PLUS);
  gtk_widget_set_sensitive (chip->minus, l->units > 1);
  if (chip->chips->small && (gtk_widget_has_focus (chip->minus) || gtk_widget_has_focus (chip->plus)))
    gtk_widget_grab_focus (chip->menu);
  gtk_widget_set_visible (chip->minus, !chip->chips->small);
  gtk_widget_set_visible (chip->plus, !chip->chips->small);
}

/* Which layer keys and menus are about. */
static void
mark_selected (ChainChips *c)
{
  const char *selected = chain_canvas_selected (c->canvas);

  for (guint i = 0; i < c->chips->len; i++)
    {
      ChainChip *chip = g_ptr_array_index (c->chips, i);
      GtkWidget *face = chip->is_add ? NULL : gtk_overlay_get_child (GTK_OVERLAY (chip->root));

      if (face != NULL && g_strcmp0 (chain_element_of_widget (chip->root), selected) == 0)
        gtk_widget_add_css_class (face, "selected");
      else if (face != NULL)
        gtk_widget_remove_css_class (face, "selected");
    }
}

void
chain_chips_sync (ChainChips *c)
{
  const ChainSpec *spec = chain_document_spec (chain_session_document (c->session));

  ChainChipFocus focus = { 0 };

  if (!same_layers (c, spec))
    {
      _chain_chips_note_focus (c, &focus);
      rebuild (c, spec);
    }
  for (guint i = 0; i < c->chips->len; i++)
    update (g_ptr_array_index (c->chips, i), spec);
  if (focus.known != NULL)
    _chain_chips_give_focus (c, &focus);
  mark_selected (c);
}

/* What the layer costs, under what it is. */
void
chain_chips_tell_cost (ChainChips *c, const ChainSnapshot *s)
{
  for (guint i = 0; i < c->chips->len; i++)
    {
      ChainChip *chip = g_ptr_array_index (c->chips, i);
      g_autofree char *cost = chip->menu != NULL ? chain_net_layer_cost (s, chain_spec_layer_index (s->spec, chip->layer)) : NULL;
      g_autofree char *text = cost != NULL && chip->tip != NULL ? g_strdup_printf ("%s\n%s", chip->tip, cost) : NULL;

      if (text == NULL || g_strcmp0 (text, chip->words) == 0)
        continue;
      set_words (chip, text);
      gtk_accessible_update_property (GTK_ACCESSIBLE (chip->menu), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, cost, -1);
    }
}

void
chain_chips_set_pitch (ChainChips *c, double pitch)
{
  gboolean narrow = pitch < 180, small = pitch < 158, tiny = pitch < 112;

  if (c->narrow == narrow && c->small == small && c->tiny == tiny)
    return;
  c->narrow = narrow;
  c->small = small;
  c->tiny = tiny;
  chain_chips_sync (c);
}

ChainChips *
chain_chips_new (ChainCanvas *canvas, ChainSession *session)
{
  ChainChips *c = g_new0 (ChainChips, 1);

  c->canvas = canvas;
  c->session = session;
  c->chips = g_ptr_array_new_with_free_func (chip_free);
  chain_chips_sync (c);
  g_signal_connect_swapped (canvas, "selected", G_CALLBACK (mark_selected), c);
  return c;
}

void
chain_chips_listen (ChainChips *c, ChainChipFunc more, ChainChipFunc link, gpointer data)
{
  c->more = more;
  c->link = link;
  c->data = data;
}

gboolean
chain_chip_focus (ChainChips *c, const char *element)
{
  for (guint i = 0; i < c->chips->len; i++)
    {
      ChainChip *chip = g_ptr_array_index (c->chips, i);

      if (!chip->is_add && g_strcmp0 (chain_element_of_widget (chip->root), element) == 0)
        return gtk_widget_grab_focus (chip->menu != NULL ? chip->menu : chip->port);
    }
  return FALSE;
}

void
chain_chips_free (ChainChips *c)
{
  g_signal_handlers_disconnect_by_data (c->canvas, c);
  g_ptr_array_unref (c->chips);
  g_free (c->wanted);
  g_free (c);
}
