/* SPDX-License-Identifier: Apache-2.0 */
/* Double click or Enter on a weight or a unit opens its number in place; the picture follows each turn of the spin button, because the
 * worker applies a new weight between two steps. A unit is edited through its bias (DESIGN 3.1). */
#include "config.h"

#include "ui/canvas/net-editor.h"

#include <glib/gi18n-lib.h>

#include "ui/canvas/element-ref.h"
#include "ui/canvas/report.h"

struct _ChainNetEditor
{
  ChainCanvas    *canvas;
  ChainSession   *session;
  GtkWidget      *popover, *caption, *spin;
  ChainElementRef ref;
  guint           row, col;
  gboolean        filling;
};

/* A chip that has the focus counts before the picture's own focus, and that before what was clicked. */
char *
chain_net_editor_subject (ChainNetEditor *e)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (e->canvas));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  const char *id = focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (e->canvas)) ? chain_element_of_widget (focus) : NULL;

  if (id == NULL || g_str_has_prefix (id, "add:"))
    id = chain_canvas_focused (e->canvas);
  if (id == NULL)
    id = chain_canvas_selected (e->canvas);
  return g_strdup (id);
}

char *
chain_net_editor_layer (ChainNetEditor *e)
{
  g_autofree char *id = chain_net_editor_subject (e);
  char layer[65];

  return chain_element_layer (chain_document_spec (chain_session_document (e->session)), id, layer) ? g_strdup (layer) : NULL;
}

void
chain_net_editor_add_layer (ChainNetEditor *e)
{
  const ChainSpec *spec = chain_document_spec (chain_session_document (e->session));
  g_autofree char *layer = chain_net_editor_layer (e);
  guint n = spec->layers->len;
  GError *error = NULL;

  /* after the output layer nothing can follow: then before it */
  if (layer == NULL || chain_spec_layer_index (spec, layer) == (int) n - 1)
    {
      g_free (layer);
      layer = n > 1 ? g_strdup (((ChainLayer *) g_ptr_array_index (spec->layers, n - 2))->id) : NULL;
    }
  chain_session_add_layer (e->session, layer, &error);
  chain_report (e->session, error);
}

void
chain_net_editor_remove (ChainNetEditor *e)
{
  g_autofree char *layer = chain_net_editor_layer (e);
  GError *error = NULL;

  if (layer == NULL)
    return;
  if (chain_session_remove_layer (e->session, layer, &error))
    chain_canvas_select (e->canvas, NULL);
  chain_report (e->session, error);
}

void
chain_net_editor_add_units (ChainNetEditor *e, int delta)
{
  g_autofree char *id = chain_net_editor_layer (e);
  const ChainLayer *layer = id != NULL ? chain_spec_layer (chain_document_spec (chain_session_document (e->session)), id) : NULL;
  GError *error = NULL;

  if (layer == NULL || (int) layer->units + delta < 1)
    return;
  chain_session_set_units (e->session, id, (int) layer->units + delta, &error);
  chain_report (e->session, error);
}

static void
value_changed_cb (ChainNetEditor *e, GtkSpinButton *spin)
{
  GError *error = NULL;

  if (e->filling)
    return;
  chain_session_set_weight (e->session, e->ref.tensor, e->row, e->col, gtk_spin_button_get_value (spin), &error);
  chain_report (e->session, error);
}

/* In 4.8 a spin button takes what was typed when the focus leaves: too late, the popover is gone by then. */
static void
activate_cb (ChainNetEditor *e)
{
  gtk_spin_button_update (GTK_SPIN_BUTTON (e->spin));
  gtk_popover_popdown (GTK_POPOVER (e->popover));
}

static void
closed_cb (ChainNetEditor *e)
{
  g_autofree char *id = g_strdup (chain_canvas_selected (e->canvas));

  if (id == NULL || !chain_canvas_focus_element (e->canvas, id))
    gtk_widget_grab_focus (GTK_WIDGET (e->canvas));
}

static void
make_popover (ChainNetEditor *e)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  e->caption = gtk_label_new (NULL);
  gtk_widget_add_css_class (e->caption, "heading");
  e->spin = gtk_spin_button_new_with_range (-1000, 1000, 0.05);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (e->spin), 4);
  gtk_editable_set_width_chars (GTK_EDITABLE (e->spin), 9);
  gtk_box_append (GTK_BOX (box), e->caption);
  gtk_box_append (GTK_BOX (box), e->spin);
  e->popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (e->popover), box);
  gtk_widget_set_parent (e->popover, GTK_WIDGET (e->canvas));
  g_signal_connect_swapped (e->spin, "value-changed", G_CALLBACK (value_changed_cb), e);
  g_signal_connect_swapped (gtk_editable_get_delegate (GTK_EDITABLE (e->spin)), "activate", G_CALLBACK (activate_cb), e);
  g_signal_connect_swapped (e->popover, "closed", G_CALLBACK (closed_cb), e);
}

static void
fill (ChainNetEditor *e, const ChainSnapTensor *t)
{
  g_autofree char *name = e->ref.is_weight ? g_strdup_printf (_("Weight to unit %u from %u"), e->ref.row + 1, e->ref.col + 1)
                                           : g_strdup_printf (_("Bias of unit %u"), e->ref.row + 1);

  e->filling = TRUE;
  gtk_label_set_text (GTK_LABEL (e->caption), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (e->spin), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (e->spin), t->value[(gsize) e->row * t->cols + e->col]);
  e->filling = FALSE;
}

void
chain_net_editor_edit (ChainNetEditor *e, const char *id)
{
  const ChainSnapTensor *t;
  graphene_rect_t r;
  graphene_point_t at;

  if (!chain_element_ref (id, &e->ref) || !chain_canvas_bounds (e->canvas, id, &r) || chain_canvas_data (e->canvas) == NULL)
    return;
  t = chain_element_tensor (chain_canvas_data (e->canvas), &e->ref, &e->row, &e->col);
  if (t == NULL)
    return;
  if (e->popover == NULL)
    make_popover (e);
  fill (e, t);
  graphene_rect_get_center (&r, &at);
  gtk_popover_set_pointing_to (GTK_POPOVER (e->popover), &(GdkRectangle){ (int) at.x, (int) at.y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (e->popover));
  gtk_widget_grab_focus (e->spin);
}

static gboolean
key_cb (GtkEventControllerKey *key, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  ChainNetEditor *e = data;
  g_autofree char *layer = chain_net_editor_layer (e);

  if (layer == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  switch (keyval)
    {
    case GDK_KEY_plus: case GDK_KEY_KP_Add: chain_net_editor_add_units (e, 1); return TRUE;
    case GDK_KEY_minus: case GDK_KEY_KP_Subtract: chain_net_editor_add_units (e, -1); return TRUE;
    case GDK_KEY_Delete: case GDK_KEY_KP_Delete: chain_net_editor_remove (e); return TRUE;
    default: return FALSE;
    }
}

ChainNetEditor *
chain_net_editor_new (ChainCanvas *canvas, ChainSession *session)
{
  ChainNetEditor *e = g_new0 (ChainNetEditor, 1);
  GtkEventController *key = gtk_event_controller_key_new ();

  e->canvas = canvas;
  e->session = session;
  g_signal_connect_swapped (canvas, "activated", G_CALLBACK (chain_net_editor_edit), e);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), e);
  gtk_widget_add_controller (GTK_WIDGET (canvas), key);
  return e;
}

void
chain_net_editor_free (ChainNetEditor *e)
{
  g_signal_handlers_disconnect_by_data (e->canvas, e);
  if (e->popover != NULL)
    {
      g_signal_handlers_disconnect_by_data (e->popover, e);
      g_signal_handlers_disconnect_by_data (e->spin, e);
      g_signal_handlers_disconnect_by_data (gtk_editable_get_delegate (GTK_EDITABLE (e->spin)), e);
      gtk_widget_unparent (e->popover);
    }
  g_free (e);
}
