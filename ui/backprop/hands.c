/* SPDX-License-Identifier: Apache-2.0 */
/* What hands do on the graph: a click goes to a cell, a double click or Enter opens it in place or, on a parameter, edits its value; a drag moves a
 * cell; the search walks over what matches. */
#include "config.h"

#include "ui/backprop/page-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define CELL "cell:"

static const char *
cell_id (const char *element)
{
  return element != NULL && g_str_has_prefix (element, CELL) ? element + strlen (CELL) : NULL;
}

/* ids with a space after each. */
static gboolean
is_listed (const char *list, const char *id)
{
  g_autofree char *padded = g_strconcat (" ", list != NULL ? list : "", NULL), *wanted = g_strdup_printf (" %s ", id);

  return strstr (padded, wanted) != NULL;
}

gboolean
_chain_backprop_open_cell (ChainBackpropPage *p, const char *cell, gboolean open)
{
  const ChainCell *c = chain_diagram_find (p->diagram, cell);
  g_auto (GStrv) ids = g_strsplit (p->opened != NULL ? p->opened : "", " ", -1);
  GString *next;

  if (open && (c == NULL || c->n_opened == 0 || is_listed (p->opened, cell)))
    return FALSE;
  next = g_string_new (NULL);
  for (guint i = 0; ids[i] != NULL; i++)      /* out: of it, or of what it was opened from */
    if (*ids[i] != '\0' && (open || !g_str_has_prefix (cell, ids[i])))
      g_string_append_printf (next, "%s ", ids[i]);
  if (open)
    g_string_append_printf (next, "%s ", cell);
  _chain_lens_begin (p, cell);
  p->detail_chosen = TRUE;      /* what was opened is not folded for being too much */
  g_free (p->opened);
  p->opened = g_string_free (next, FALSE);
  _chain_backprop_remake (p);
  return TRUE;
}

/* --- the value of a parameter --- */

typedef struct { ChainBackpropPage *page; char *tensor; guint row, col; } Entry;

static void
entry_free (gpointer data, GClosure *closure)
{
  Entry *e = data;

  g_free (e->tensor);
  g_free (e);
}

static void
value_cb (GtkSpinButton *spin, gpointer data)
{
  Entry *e = data;
  ChainSession *s = _chain_backprop_session (e->page);

  if (!chain_session_set_weight (s, e->tensor, e->row, e->col, gtk_spin_button_get_value (spin), NULL))
    return;
  if (s == e->page->session)
    gtk_widget_activate_action (GTK_WIDGET (e->page), "win.views-changed", NULL);
  else
    chain_pump_kick (e->page->pump);
}

static gboolean
unparent_cb (gpointer data)
{
  gtk_widget_unparent (data);
  return G_SOURCE_REMOVE;
}

/* Not while it closes. */
static void
closed_cb (GtkPopover *popover, gpointer data)
{
  CHAIN_BACKPROP_PAGE (data)->editor = NULL;
  g_idle_add_full (G_PRIORITY_DEFAULT, unparent_cb, g_object_ref (popover), g_object_unref);
}

static const ChainTensorInfo *
tensor_of (ChainBackpropPage *p, const ChainCell *c)
{
  const GArray *params = p->trace->model->params;

  for (guint i = 0; i < params->len; i++)
    if (g_array_index (params, ChainTensorInfo, i).leaf == c->node)
      return &g_array_index (params, ChainTensorInfo, i);
  return NULL;
}

static void
edit (ChainBackpropPage *p, const char *element, const ChainCell *c)
{
  const ChainTensorInfo *t = tensor_of (p, c);
  g_autofree char *name = chain_maths_to_text (c->name), *title = g_strdup_printf (_("Value of %s"), name);
  GtkWidget *box, *label, *spin;
  graphene_rect_t at;
  Entry *e;

  if (t == NULL || c->row < 0 || c->col < 0 || p->editor != NULL || !chain_canvas_bounds (p->canvas, element, &at))
    return;
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  label = gtk_label_new (title);
  spin = gtk_spin_button_new_with_range (-1e6, 1e6, 0.05);
  e = g_new0 (Entry, 1);
  *e = (Entry){ p, g_strdup (t->name), (guint) c->row, (guint) c->col };
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), 4);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), chain_cell_value (p->trace, c));
  g_signal_connect_data (spin, "value-changed", G_CALLBACK (value_cb), e, entry_free, 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_widget_add_css_class (label, "card-title");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), spin);
  p->editor = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (p->editor), box);
  g_signal_connect (p->editor, "closed", G_CALLBACK (closed_cb), p);
  gtk_widget_set_parent (p->editor, GTK_WIDGET (p->canvas));
  gtk_popover_set_pointing_to (GTK_POPOVER (p->editor), &(GdkRectangle){ (int) at.origin.x, (int) at.origin.y, (int) at.size.width, (int) at.size.height });
  gtk_popover_popup (GTK_POPOVER (p->editor));
}

static void
activated_cb (ChainBackpropPage *p, const char *element)
{
  const char *id = cell_id (element);
  const ChainCell *c = id != NULL && p->diagram != NULL ? chain_diagram_find (p->diagram, id) : NULL;

  if (c == NULL)
    return;
  if (c->kind == CHAIN_CELL_PARAM)
    edit (p, element, c);
  else if (is_listed (p->opened, id))
    _chain_backprop_open_cell (p, id, FALSE);
  else if (!_chain_backprop_open_cell (p, id, TRUE))
    _chain_backprop_go (p, chain_diagram_seek (p->diagram, (guint) GPOINTER_TO_UINT (g_hash_table_lookup (p->diagram->by_id, id)) - 1, p->position), FALSE);
}

/* A parameter is followed through the update; anything else is gone to. */
static void
selected_cb (ChainBackpropPage *p, const char *element)
{
  const char *id = cell_id (element);
  const ChainCell *c = id != NULL && p->diagram != NULL ? chain_diagram_find (p->diagram, id) : NULL;

  if (c == NULL)
    return;
  if (c->kind == CHAIN_CELL_PARAM)
    {
      if (g_strcmp0 (p->watched, id) == 0)
        return;
      g_free (p->watched);
      p->watched = g_strdup (id);
      _chain_backprop_remake (p);
    }
  else
    _chain_backprop_go (p, chain_diagram_seek (p->diagram, (guint) GPOINTER_TO_UINT (g_hash_table_lookup (p->diagram->by_id, id)) - 1, p->position), FALSE);
}

/* --- finding --- */

static gboolean
matches (const ChainCell *c, const char *key)
{
  g_autofree char *name = chain_maths_to_text (c->name), *folded = g_utf8_casefold (name, -1), *symbol = g_utf8_casefold (c->symbol != NULL ? c->symbol : "", -1),
                  *id = g_utf8_casefold (c->id, -1);

  return strstr (folded, key) != NULL || strstr (symbol, key) != NULL || strstr (id, key) != NULL;
}

void
_chain_backprop_find (ChainBackpropPage *p, const char *text, gboolean next)
{
  g_autofree char *key = g_utf8_casefold (text, -1);
  const char *at = cell_id (chain_canvas_focused (p->canvas));
  guint start = 0;

  if (p->diagram == NULL || *key == '\0')
    return;
  if (at != NULL && next)
    start = GPOINTER_TO_UINT (g_hash_table_lookup (p->diagram->by_id, at));
  for (guint i = 0; i < p->diagram->cells->len; i++)
    {
      const ChainCell *c = chain_diagram_cell (p->diagram, (start + i) % p->diagram->cells->len);
      g_autofree char *element = NULL;

      if (!matches (c, key))
        continue;
      element = g_strconcat (CELL, c->id, NULL);
      if (next)
        chain_canvas_focus_element (p->canvas, element);
      else
        chain_canvas_select (p->canvas, element);
      return;
    }
}

/* What was opened last. */
static gboolean
fold_last (ChainBackpropPage *p)
{
  g_auto (GStrv) ids = g_strsplit (p->opened != NULL ? p->opened : "", " ", -1);
  guint n = g_strv_length (ids);

  while (n > 0 && *ids[n - 1] == '\0')
    n--;
  return n > 0 && p->diagram != NULL && _chain_backprop_open_cell (p, ids[n - 1], FALSE);
}

static gboolean
key_cb (GtkEventControllerKey *key, guint keyval, guint keycode, GdkModifierType state, ChainBackpropPage *p)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (p)));

  if ((state & GDK_CONTROL_MASK) != 0 && keyval == GDK_KEY_f)
    {
      chain_step_fields_search (p->fields);
      return TRUE;
    }
  if (GTK_IS_EDITABLE (focus) || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  switch (keyval)
    {
    case GDK_KEY_i:
      _chain_backprop_into (p, FALSE);
      return TRUE;
    case GDK_KEY_m:
      return _chain_backprop_show_matrix (p);
    case GDK_KEY_o:
      _chain_backprop_into (p, TRUE);
      return TRUE;
    case GDK_KEY_0:
      chain_canvas_fit (p->canvas);
      return TRUE;
    case GDK_KEY_Escape:
      if (!chain_step_play_is_moving (p->play))
        return fold_last (p);
      chain_step_play_skip (p->play);
      return TRUE;
    default:
      return FALSE;
    }
}

void
_chain_backprop_add_hands (ChainBackpropPage *p)
{
  GtkWidget *const heard[] = { GTK_WIDGET (p), GTK_WIDGET (p->bar) };      /* the window shows the bar beside the page */

  g_signal_connect_swapped (p->canvas, "activated", G_CALLBACK (activated_cb), p);
  g_signal_connect_swapped (p->canvas, "selected", G_CALLBACK (selected_cb), p);
  _chain_backprop_add_moves (p);
  for (guint i = 0; i < G_N_ELEMENTS (heard); i++)
    {
      GtkEventController *key = gtk_event_controller_key_new ();

      g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), p);
      gtk_widget_add_controller (heard[i], key);
    }
}
