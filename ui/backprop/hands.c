/* SPDX-License-Identifier: Apache-2.0 */
/* What hands do on the graph: a click goes to a cell, a double click or Enter opens it in place or, on a parameter, edits its value; a drag moves a
 * cell; the search walks over what matches. */
#include "config.h"

#include "ui/backprop/page-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define CELL "cell:"
#define DOUBLE_MS 250u      /* a second click comes within */

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

/* Out: of the cell itself, or of what it was opened from; of what was opened last where its name does not tell. */
static gboolean
closes (char **ids, guint i, const char *cell)
{
  gboolean named = FALSE;
  guint last = 0;

  for (guint k = 0; ids[k] != NULL; k++)
    if (*ids[k] != '\0')
      {
        named = named || g_str_has_prefix (cell, ids[k]);
        last = k;
      }
  return named ? g_str_has_prefix (cell, ids[i]) : i == last;
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
  for (guint i = 0; ids[i] != NULL; i++)
    if (*ids[i] != '\0' && (open || !closes (ids, i, cell)))
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

typedef struct { ChainBackpropPage *page; char *tensor; guint row, col; double shown; } Entry;

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

  if (fabs (gtk_spin_button_get_value (spin) - e->shown) < 1e-9)      /* the field reads its own rounded text again: nobody has typed */
    return;
  e->shown = gtk_spin_button_get_value (spin);
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
  *e = (Entry){ p, g_strdup (t->name), (guint) c->row, (guint) c->col, round (chain_cell_value (p->trace, c) * 1e4) / 1e4 };
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
go_to (ChainBackpropPage *p, const char *id)
{
  guint cell = GPOINTER_TO_UINT (g_hash_table_lookup (p->diagram->by_id, id)) - 1;

  _chain_backprop_go (p, chain_diagram_seek (p->diagram, cell, p->position), FALSE);
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
    go_to (p, id);
}

/* A parameter is followed through the update; anything else is gone to. */
static void
take_up (ChainBackpropPage *p, const char *id)
{
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
    go_to (p, id);
}

/* Under the button it may become a drag: that is known when the button goes up. */
static void
selected_cb (ChainBackpropPage *p, const char *element)
{
  if (!p->finding && p->dragged == NULL)
    take_up (p, cell_id (element));
}

/* --- a click on a cell --- */

static gboolean
edit_late_cb (gpointer data)
{
  ChainBackpropPage *p = data;
  g_autofree char *element = g_strconcat (CELL, p->clicked, NULL);
  const ChainCell *c = p->diagram != NULL ? chain_diagram_find (p->diagram, p->clicked) : NULL;

  p->edit_timer = 0;
  if (c != NULL)
    edit (p, element, c);
  return G_SOURCE_REMOVE;
}

void
_chain_backprop_pressed (ChainBackpropPage *p)
{
  g_clear_handle_id (&p->edit_timer, g_source_remove);
}

/* The button is up and it was no drag. A parameter's value is edited, once it is known that this is no half of a double click. */
void
_chain_backprop_clicked (ChainBackpropPage *p, const char *id)
{
  const ChainCell *c = p->diagram != NULL ? chain_diagram_find (p->diagram, id) : NULL;

  if (c == NULL)
    return;
  if (c->kind == CHAIN_CELL_PARAM && p->editor == NULL)
    {
      g_free (p->clicked);
      p->clicked = g_strdup (id);
      p->edit_timer = g_timeout_add (DOUBLE_MS, edit_late_cb, p);
    }
  take_up (p, id);
}

void
_chain_backprop_drop_hands (ChainBackpropPage *p)
{
  g_clear_handle_id (&p->edit_timer, g_source_remove);
  g_clear_pointer (&p->dragged, g_free);
  g_clear_pointer (&p->clicked, g_free);
  g_clear_pointer (&p->found, g_free);
}

/* --- finding --- */

static gboolean
matches (const ChainCell *c, const char *key)
{
  g_autofree char *name = chain_maths_to_text (c->name), *folded = g_utf8_casefold (name, -1), *symbol = g_utf8_casefold (c->symbol != NULL ? c->symbol : "", -1),
                  *id = g_utf8_casefold (c->id, -1);

  return strstr (folded, key) != NULL || strstr (symbol, key) != NULL || strstr (id, key) != NULL;
}

/* A name that is the text itself comes before those that only contain it. */
static gboolean
is_name (const ChainCell *c, const char *key)
{
  g_autofree char *name = chain_maths_to_text (c->name), *folded = g_utf8_casefold (name, -1);

  return strcmp (folded, key) == 0;
}

static void
mark_found (ChainBackpropPage *p, const ChainCell *c)
{
  g_autofree char *element = c != NULL ? g_strconcat (CELL, c->id, NULL) : NULL;

  g_free (p->found);
  p->found = c != NULL ? g_strdup (c->id) : NULL;
  p->found_new = TRUE;
  p->finding = TRUE;
  chain_canvas_select (p->canvas, element);
  p->finding = FALSE;
}

static gboolean
still_found (ChainBackpropPage *p, const char *key)
{
  const ChainCell *c = p->diagram != NULL && p->found != NULL && !p->found_new ? chain_diagram_find (p->diagram, p->found) : NULL;

  return c != NULL && *key != '\0' && matches (c, key);
}

/* While a name is typed its cell is marked; Enter goes to it, and once more to the next one. */
void
_chain_backprop_find (ChainBackpropPage *p, const char *text, gboolean enter)
{
  g_autofree char *key = g_utf8_casefold (text, -1);
  guint start = 0, n = p->diagram != NULL ? p->diagram->cells->len : 0;
  const ChainCell *match = NULL;

  if (!enter && still_found (p, key))      /* Enter was quicker than the pause after typing */
    return;
  if (enter && p->found != NULL && !p->found_new && n > 0)
    start = GPOINTER_TO_UINT (g_hash_table_lookup (p->diagram->by_id, p->found));
  for (guint i = 0; i < n && *key != '\0' && !(enter && p->found_new && p->found != NULL); i++)
    {
      const ChainCell *c = chain_diagram_cell (p->diagram, (start + i) % n);

      if (match == NULL && matches (c, key))
        match = c;
      if (start == 0 && is_name (c, key))
        {
          match = c;
          break;
        }
    }
  if (!enter || match != NULL)
    mark_found (p, match);
  if (!enter || p->found == NULL || chain_diagram_find (p->diagram, p->found) == NULL)
    return;
  p->found_new = FALSE;
  go_to (p, p->found);
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
