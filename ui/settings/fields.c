/* SPDX-License-Identifier: Apache-2.0 */
/* A line reads a field of the document's spec and, when it is edited, enters a copy of the spec with that field changed; whether the value can be,
 * the document says. So a new field of the spec is one row in a table of one of the groups and no code. */
#include "config.h"

#include "ui/settings/fields.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "engine/base/number.h"

typedef struct
{
  ChainFields          *all;
  const ChainFieldInfo *info;
  GtkWidget            *row, *control;
} Field;

struct _ChainFields
{
  ChainSession *session;
  Field        *fields;
  guint         n;
  gboolean      filling;
};

static gpointer
place (const ChainFieldInfo *info, const ChainSpec *spec)
{
  return (char *) spec + info->offset;
}

/* --- reading --- */
static char *
joined (const GPtrArray *names)
{
  g_autoptr (GString) s = g_string_new (NULL);

  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (s, "%s%s", i > 0 ? ", " : "", (const char *) g_ptr_array_index (names, i));
  return g_string_free (g_steal_pointer (&s), FALSE);
}

static char *
count_text (const ChainFieldInfo *info, guint64 v)
{
  return v == 0 && info->empty != NULL ? g_strdup ("") : g_strdup_printf ("%" G_GUINT64_FORMAT, v);
}

static char *
field_text (const ChainFieldInfo *info, const ChainSpec *spec)
{
  gpointer at = place (info, spec);
  double v;

  switch (info->kind)
    {
    case CHAIN_FIELD_NUMBER:
    case CHAIN_FIELD_OPTIONAL:
      v = *(const double *) at;
      return isnan (v) || (info->kind == CHAIN_FIELD_NUMBER && info->empty != NULL && !(fabs (v) > 0)) ? g_strdup ("") : chain_kit_number (v, 9);
    case CHAIN_FIELD_COUNT:
      return count_text (info, *(const guint *) at);
    case CHAIN_FIELD_BIG:
      return count_text (info, *(const guint64 *) at);
    case CHAIN_FIELD_NAMES:
      return joined (*(GPtrArray *const *) at);
    default:
      return g_strdup (*(char *const *) at != NULL ? *(char *const *) at : "");
    }
}

/* --- writing --- */
static gboolean
no_number (const char *text, GError **error)
{
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE, _("“%s” is not a number; write it like 0.3"), text);
  return FALSE;
}

static gboolean
set_number (double *to, const ChainFieldInfo *info, const char *text, GError **error)
{
  g_autofree char *plain = g_strdelimit (g_strdup (text), ",", '.');

  if (*text == '\0')
    *to = info->kind == CHAIN_FIELD_OPTIONAL ? NAN : 0;
  else if (!chain_number_parse (plain, -1, to))
    return no_number (text, error);
  return TRUE;
}

static gboolean
set_count (gint64 *to, gint64 max, const char *text, GError **error)
{
  if (*text == '\0')
    *to = 0;
  else if (!chain_number_parse_int (text, -1, 0, max, to))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE, _("“%s” is not a whole number from 0 to %" G_GINT64_FORMAT), text, max);
      return FALSE;
    }
  return TRUE;
}

static void
set_names (GPtrArray *to, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);

  g_ptr_array_set_size (to, 0);
  for (guint i = 0; parts[i] != NULL; i++)
    if (*g_strstrip (parts[i]) != '\0')
      g_ptr_array_add (to, g_strdup (parts[i]));
}

static gboolean
set_field (const ChainFieldInfo *info, ChainSpec *spec, const char *text, GError **error)
{
  gpointer at = place (info, spec);
  gint64 v = 0;

  switch (info->kind)
    {
    case CHAIN_FIELD_NUMBER:
    case CHAIN_FIELD_OPTIONAL:
      return set_number (at, info, text, error);
    case CHAIN_FIELD_COUNT:
      if (!set_count (&v, G_MAXINT32, text, error))
        return FALSE;
      *(guint *) at = (guint) v;
      return TRUE;
    case CHAIN_FIELD_BIG:
      if (!set_count (&v, G_MAXINT64, text, error))
        return FALSE;
      *(guint64 *) at = (guint64) v;
      return TRUE;
    case CHAIN_FIELD_SWITCH:
      *(gboolean *) at = g_str_equal (text, "1");
      return TRUE;
    case CHAIN_FIELD_NAMES:
      set_names (*(GPtrArray **) at, text);
      return TRUE;
    case CHAIN_FIELD_ENUM:
      for (guint i = 0; i < info->n_items; i++)
        if (g_str_equal (info->items[i].id, text))
          *(int *) at = (int) i;
      return TRUE;
    default:
      chain_set_str (at, *text != '\0' || (info->kind == CHAIN_FIELD_TEXT && info->empty == NULL) ? text : NULL);
      return TRUE;
    }
}

static gboolean
enter (Field *f, const char *text)
{
  ChainSession *s = f->all->session;
  ChainSpec *next = chain_spec_copy (chain_document_spec (chain_session_document (s)));
  g_autofree char *label = g_strdup_printf (_("change “%s”"), _(f->info->title));
  g_autoptr (GError) error = NULL;
  gboolean ok = set_field (f->info, next, text, &error);

  if (!ok)
    chain_spec_unref (next);
  else if (f->info->of_data)
    ok = chain_session_apply_data (s, next, label, f->info->key, &error);
  else
    ok = chain_session_apply (s, chain_spec_seal (next), label, f->info->key, &error);
  chain_kit_tell (f->row, GTK_IS_ENTRY (f->control) ? f->control : NULL, ok ? NULL : error->message);
  return ok;
}

static gboolean
commit_cb (const char *text, gpointer data)
{
  return enter (data, text);
}

static void show_field (Field *f, const ChainSpec *spec);

/* What was refused must not go on standing there as if it were so. */
static void
enter_or_back (Field *f, const char *text)
{
  if (!enter (f, text))
    show_field (f, chain_document_spec (chain_session_document (f->all->session)));
}

static void
switch_cb (Field *f)
{
  if (!f->all->filling)
    enter_or_back (f, gtk_switch_get_active (GTK_SWITCH (f->control)) ? "1" : "0");
}

static void
pick_cb (const char *id, gpointer data)
{
  enter_or_back (data, id);
}

/* --- lines --- */
static void
make_field (Field *f)
{
  const char *title = _(f->info->title);

  f->row = chain_kit_row (title, f->info->about != NULL ? _(f->info->about) : NULL);
  if (f->info->kind == CHAIN_FIELD_SWITCH)
    {
      f->control = gtk_switch_new ();
      chain_kit_suffix (f->row, f->control, NULL);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (f->row), f->control);
      g_signal_connect_swapped (f->control, "notify::active", G_CALLBACK (switch_cb), f);
      return;
    }
  if (f->info->items != NULL)
    f->control = chain_pick_new (title, pick_cb, f);
  else
    {
      gboolean words = f->info->kind == CHAIN_FIELD_TEXT || f->info->kind == CHAIN_FIELD_NAMES;

      f->control = chain_kit_entry (words ? 18 : 10, commit_cb, NULL, f);
      gtk_entry_set_alignment (GTK_ENTRY (f->control), words ? 0 : 1);
      if (f->info->empty != NULL)
        {
          gtk_entry_set_placeholder_text (GTK_ENTRY (f->control), _(f->info->empty));
          chain_kit_entry_blank (f->control);
        }
    }
  chain_kit_suffix (f->row, f->control, title);
}

ChainFields *
chain_fields_new (AdwPreferencesGroup *group, ChainSession *session, const ChainFieldInfo *table, guint n)
{
  ChainFields *all = g_new0 (ChainFields, 1);

  all->session = session;
  all->n = n;
  all->fields = g_new0 (Field, n);
  for (guint i = 0; i < n; i++)
    {
      all->fields[i] = (Field){ all, &table[i], NULL, NULL };
      make_field (&all->fields[i]);
      adw_preferences_group_add (group, all->fields[i].row);
    }
  return all;
}

void
chain_fields_free (ChainFields *f)
{
  g_free (f->fields);
  g_free (f);
}

static void
show_pick (Field *f, const ChainSpec *spec)
{
  g_autofree ChainPickItem *items = g_new0 (ChainPickItem, f->info->n_items);
  gpointer at = place (f->info, spec);
  const char *word = f->info->kind == CHAIN_FIELD_WORD ? *(char *const *) at : NULL;

  for (guint i = 0; i < f->info->n_items; i++)
    items[i] = (ChainPickItem){ f->info->items[i].id, _(f->info->items[i].title) };
  if (f->info->kind == CHAIN_FIELD_ENUM)
    word = items[MIN ((guint) *(const int *) at, f->info->n_items - 1)].id;
  chain_pick_show (f->control, items, f->info->n_items, word != NULL ? word : "");
}

static void
show_field (Field *f, const ChainSpec *spec)
{
  g_autofree char *text = NULL;

  f->all->filling = TRUE;
  if (f->info->kind == CHAIN_FIELD_SWITCH)
    gtk_switch_set_active (GTK_SWITCH (f->control), *(const gboolean *) place (f->info, spec));
  else if (f->info->items != NULL)
    show_pick (f, spec);
  else
    {
      text = field_text (f->info, spec);
      if (chain_kit_entry_show (f->control, text))
        chain_kit_tell (f->row, f->control, NULL);
    }
  f->all->filling = FALSE;
}

/* What its hidden group holds is hidden itself: the search looks at rows only. */
static GtkWidget *
group_of (Field *f)
{
  GtkWidget *group = gtk_widget_get_ancestor (f->row, ADW_TYPE_PREFERENCES_GROUP);

  return group != NULL ? group : f->row;
}

void
chain_fields_show (ChainFields *all, const ChainSpec *spec)
{
  for (guint i = 0; i < all->n; i++)
    {
      Field *f = &all->fields[i];

      chain_kit_reveal (f->row, gtk_widget_get_visible (group_of (f)) && (f->info->applies == NULL || f->info->applies (spec, all->session)));
      show_field (f, spec);
    }
}

/* --- for tests --- */
static Field *
find (ChainFields *all, const char *key)
{
  for (guint i = 0; i < all->n; i++)
    if (g_str_equal (all->fields[i].info->key, key))
      return &all->fields[i];
  return NULL;
}

gboolean
chain_fields_type (ChainFields *all, const char *key, const char *text)
{
  Field *f = find (all, key);

  if (GTK_IS_SWITCH (f->control))
    gtk_switch_set_active (GTK_SWITCH (f->control), g_str_equal (text, "1"));
  else if (GTK_IS_DROP_DOWN (f->control))
    {
      for (guint i = 0; chain_pick_id (f->control, i) != NULL; i++)
        if (g_str_equal (chain_pick_id (f->control, i), text))
          gtk_drop_down_set_selected (GTK_DROP_DOWN (f->control), i);
    }
  else
    {
      gtk_editable_set_text (GTK_EDITABLE (f->control), text);
      chain_kit_entry_commit (f->control);
    }
  return chain_kit_told (f->row) == NULL;
}

GtkWidget *
chain_fields_row (ChainFields *all, const char *key)
{
  Field *f = find (all, key);

  return f != NULL ? f->row : NULL;
}
