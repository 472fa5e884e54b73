/* SPDX-License-Identifier: Apache-2.0 */
/* A refusal stands where the value was typed: the row's second line becomes the engine's sentence, and the document keeps what it had.
 *
 * An entry hands its text over only when it is finished: half a number ("0." on the way to 0.05) must not train a network, and an undo
 * entry for each key would be none. What an entry can undo ends where the document's history begins: once its text is the document's it
 * forgets what was typed, so that undo never brings back a text that nobody entered. */
#include "config.h"

#include "ui/settings/kit.h"

#include <string.h>

#include "engine/base/number.h"

/* --- rows --- */
GtkWidget *
chain_kit_row (const char *title, const char *about)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  chain_kit_set_about (row, about);
  return row;
}

void
chain_kit_set_about (GtkWidget *row, const char *about)
{
  g_object_set_data_full (G_OBJECT (row), "about", g_strdup (about), g_free);
  if (chain_kit_told (row) == NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), about != NULL ? about : "");
}

void
chain_kit_tell (GtkWidget *row, GtkWidget *control, const char *refusal)
{
  const char *about = g_object_get_data (G_OBJECT (row), "about");

  if (refusal == NULL && chain_kit_told (row) == NULL)
    return;
  g_object_set_data_full (G_OBJECT (row), "refusal", g_strdup (refusal), g_free);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), refusal != NULL ? refusal : about != NULL ? about : "");
  (refusal != NULL ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (row, "refused");
  if (control == NULL)
    return;
  (refusal != NULL ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (control, "error");
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, refusal != NULL ? refusal : "", -1);
}

const char *
chain_kit_told (GtkWidget *row)
{
  return g_object_get_data (G_OBJECT (row), "refusal");
}

void
chain_kit_suffix (GtkWidget *row, GtkWidget *control, const char *title)
{
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), control);
  if (title != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
}

void
chain_kit_insert (GtkWidget *row, GtkWidget *next)
{
  gtk_list_box_insert (GTK_LIST_BOX (gtk_widget_get_parent (row)), next, gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row)) + 1);
}

void
chain_kit_remove (GtkWidget *row)
{
  chain_kit_hush (row);
  gtk_list_box_remove (GTK_LIST_BOX (gtk_widget_get_parent (row)), row);
}

/* libadwaita 1.2 looks at a row's visibility only when the row enters its list. */
void
chain_kit_reveal (GtkWidget *row, gboolean visible)
{
  g_autoptr (GtkWidget) held G_GNUC_UNUSED = g_object_ref (row);
  GtkWidget *list = gtk_widget_get_parent (row);
  int at = gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row));

  if (gtk_widget_get_visible (row) == visible)
    return;
  gtk_widget_set_visible (row, visible);
  if (!GTK_IS_LIST_BOX (list))
    return;
  gtk_list_box_remove (GTK_LIST_BOX (list), row);
  gtk_list_box_insert (GTK_LIST_BOX (list), row, at);
}

GtkWidget *
chain_kit_button (const char *icon, const char *tooltip, GCallback clicked, gpointer data)
{
  GtkWidget *b = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (b, "flat");
  gtk_widget_set_tooltip_text (b, tooltip);
  gtk_widget_set_valign (b, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (b), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  g_signal_connect_swapped (b, "clicked", clicked, data);
  return b;
}

/* --- entries --- */
typedef struct
{
  GtkWidget      *entry;
  ChainCommitFunc commit;
  ChainTypedFunc  typed;
  gpointer        data;
  char           *shown;        /* what the document has */
  gboolean        filling, hushed, blank;
} Entry;

static Entry *
entry_of (GtkWidget *entry)
{
  return g_object_get_data (G_OBJECT (entry), "kit-entry");
}

static void
entry_free (gpointer p)
{
  Entry *e = p;

  g_free (e->shown);
  g_free (e);
}

static void
forget_typing (Entry *e)
{
  gtk_editable_set_enable_undo (GTK_EDITABLE (e->entry), FALSE);
  gtk_editable_set_enable_undo (GTK_EDITABLE (e->entry), TRUE);
}

static void
entry_fill (Entry *e, const char *text)
{
  gboolean before = e->filling;

  e->filling = TRUE;
  if (strcmp (gtk_editable_get_text (GTK_EDITABLE (e->entry)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (e->entry), text);
  forget_typing (e);
  e->filling = before;
}

static void
typed_cb (Entry *e)
{
  if (!e->filling && e->typed != NULL)
    e->typed (gtk_editable_get_text (GTK_EDITABLE (e->entry)), e->data);
}

/* The commit may rebuild the group that the entry stands in. */
static void
commit (Entry *e)
{
  g_autoptr (GtkWidget) held G_GNUC_UNUSED = g_object_ref (e->entry);
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (e->entry))));
  gboolean taken = TRUE;

  if (e->filling || e->hushed)
    return;
  if (*text == '\0' && !e->blank)
    {
      g_free (text);
      text = g_strdup (e->shown);
    }
  e->filling = TRUE;
  if (strcmp (text, e->shown) != 0 || gtk_widget_has_css_class (e->entry, "error"))
    taken = e->commit (text, e->data);
  e->filling = FALSE;
  if (taken)
    entry_fill (e, e->shown);          /* as the document writes it */
}

static gboolean
entry_key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, gpointer data)
{
  Entry *e = data;

  if (key != GDK_KEY_Escape || strcmp (gtk_editable_get_text (GTK_EDITABLE (e->entry)), e->shown) == 0)
    return FALSE;
  gtk_editable_set_text (GTK_EDITABLE (e->entry), e->shown);
  commit (e);
  return TRUE;
}

GtkWidget *
chain_kit_entry (int chars, ChainCommitFunc func, ChainTypedFunc typed, gpointer data)
{
  Entry *e = g_new0 (Entry, 1);
  GtkEventController *focus = gtk_event_controller_focus_new (), *keys = gtk_event_controller_key_new ();

  e->entry = gtk_entry_new ();
  e->commit = func;
  e->typed = typed;
  e->data = data;
  e->shown = g_strdup ("");
  gtk_editable_set_width_chars (GTK_EDITABLE (e->entry), chars);
  g_object_set_data_full (G_OBJECT (e->entry), "kit-entry", e, entry_free);
  g_signal_connect_swapped (e->entry, "activate", G_CALLBACK (commit), e);
  g_signal_connect_swapped (e->entry, "changed", G_CALLBACK (typed_cb), e);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (commit), e);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (entry_key_cb), e);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (e->entry, focus);
  gtk_widget_add_controller (e->entry, keys);
  return e->entry;
}

gboolean
chain_kit_entry_show (GtkWidget *entry, const char *text)
{
  Entry *e = entry_of (entry);

  if (strcmp (e->shown, text) == 0)
    return FALSE;
  g_free (e->shown);
  e->shown = g_strdup (text);
  entry_fill (e, text);
  return TRUE;
}

void
chain_kit_entry_commit (GtkWidget *entry)
{
  commit (entry_of (entry));
}

void
chain_kit_entry_back (GtkWidget *entry)
{
  entry_fill (entry_of (entry), entry_of (entry)->shown);
}

void
chain_kit_entry_blank (GtkWidget *entry)
{
  entry_of (entry)->blank = TRUE;
}

gboolean
chain_kit_text_undoes (GtkWidget *focus)
{
  GtkWidget *entry = focus != NULL ? gtk_widget_get_ancestor (focus, GTK_TYPE_ENTRY) : NULL;
  Entry *e = entry != NULL ? entry_of (entry) : NULL;

  return e != NULL ? strcmp (gtk_editable_get_text (GTK_EDITABLE (entry)), e->shown) != 0 : GTK_IS_EDITABLE (focus);
}

void
chain_kit_hush (GtkWidget *root)
{
  Entry *e = entry_of (root);

  if (e != NULL)
    e->hushed = TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    chain_kit_hush (child);
}

char *
chain_kit_number (double value, int digits)
{
  char text[CHAIN_NUMBER_SIZE];
  g_autoptr (GString) s = g_string_new (chain_number_write_digits (text, value, digits));
  const char *e = strchr (s->str, 'e');

  if (e == NULL)
    return g_string_free (g_steal_pointer (&s), FALSE);
  for (gsize at = (gsize) (e - s->str) + 2; s->str[at] == '0' && s->str[at + 1] != '\0';)
    g_string_erase (s, (gssize) at, 1);
  if (s->str[e - s->str + 1] == '+')
    g_string_erase (s, e - s->str + 1, 1);
  return g_string_free (g_steal_pointer (&s), FALSE);
}

/* --- drop-downs --- */
typedef struct
{
  GtkWidget    *drop_down;
  char         *title;
  GStrv         ids, titles;
  ChainPickFunc changed;
  gpointer      data;
  gboolean      filling;
} Pick;

static void
pick_free (gpointer p)
{
  Pick *k = p;

  g_free (k->title);
  g_strfreev (k->ids);
  g_strfreev (k->titles);
  g_free (k);
}

/* In GTK 4.8 the focus goes to a button inside the drop-down, which has no name of its own. */
static void
pick_name (Pick *k)
{
  guint i = gtk_drop_down_get_selected (GTK_DROP_DOWN (k->drop_down));
  gboolean some = k->titles != NULL && i < g_strv_length (k->titles);
  g_autofree char *name = some ? g_strdup_printf ("%s: %s", k->title, k->titles[i]) : g_strdup (k->title);

  for (GtkWidget *child = gtk_widget_get_first_child (k->drop_down); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_TOGGLE_BUTTON (child))
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
picked_cb (Pick *k)
{
  guint i = gtk_drop_down_get_selected (GTK_DROP_DOWN (k->drop_down));
  g_autofree char *id = NULL;

  pick_name (k);
  if (k->filling || i >= g_strv_length (k->ids))
    return;
  id = g_strdup (k->ids[i]);           /* the change may fill the list anew */
  k->changed (id, k->data);
}

GtkWidget *
chain_pick_new (const char *title, ChainPickFunc changed, gpointer data)
{
  Pick *k = g_new0 (Pick, 1);

  k->drop_down = gtk_drop_down_new (NULL, gtk_property_expression_new (GTK_TYPE_STRING_OBJECT, NULL, "string"));
  k->title = g_strdup (title);
  k->ids = g_new0 (char *, 1);
  k->changed = changed;
  k->data = data;
  g_object_set_data_full (G_OBJECT (k->drop_down), "kit-pick", k, pick_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (k->drop_down), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_signal_connect_swapped (k->drop_down, "notify::selected", G_CALLBACK (picked_cb), k);
  return k->drop_down;
}

static gboolean
same_items (Pick *k, const ChainPickItem *items, guint n)
{
  if (k->titles == NULL || g_strv_length (k->ids) != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (strcmp (items[i].id, k->ids[i]) != 0 || strcmp (items[i].title, k->titles[i]) != 0)
      return FALSE;
  return TRUE;
}

static void
pick_fill (Pick *k, const ChainPickItem *items, guint n)
{
  g_autoptr (GtkStringList) model = NULL;

  g_strfreev (k->ids);
  g_strfreev (k->titles);
  k->ids = g_new0 (char *, n + 1);
  k->titles = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    {
      k->ids[i] = g_strdup (items[i].id);
      k->titles[i] = g_strdup (items[i].title);
    }
  model = gtk_string_list_new ((const char *const *) k->titles);
  gtk_drop_down_set_model (GTK_DROP_DOWN (k->drop_down), G_LIST_MODEL (model));
  gtk_drop_down_set_enable_search (GTK_DROP_DOWN (k->drop_down), n > 8);
}

void
chain_pick_show (GtkWidget *pick, const ChainPickItem *items, guint n, const char *selected)
{
  Pick *k = g_object_get_data (G_OBJECT (pick), "kit-pick");

  k->filling = TRUE;
  if (!same_items (k, items, n))
    pick_fill (k, items, n);
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (k->ids[i], selected) == 0)
      gtk_drop_down_set_selected (GTK_DROP_DOWN (pick), i);
  k->filling = FALSE;
  pick_name (k);
}

const char *
chain_pick_id (GtkWidget *pick, guint i)
{
  Pick *k = g_object_get_data (G_OBJECT (pick), "kit-pick");

  return i < g_strv_length (k->ids) ? k->ids[i] : NULL;
}
