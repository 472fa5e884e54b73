/* SPDX-License-Identifier: Apache-2.0 */
/* Regularisers are a list: penalties act on the loss, clipping on the gradient, constraints on the weights, each kind in the order of the list.
 * A line opens to variant and numbers of its row. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ui/pages/row-menu.h"
#include "ui/settings/section.h"

typedef struct _Regular Regular;
typedef struct { Regular *all; guint index; GtkWidget *row, *heading; const ChainRowInfo *info; ChainRowParams *params; } Line;

struct _Regular
{
  ChainSession        *session;
  AdwPreferencesGroup *group;
  GtkWidget           *none;
  GPtrArray           *lines;        /* of Line */
  gboolean             opened;       /* the next line that is made stands open: it was just added */
};

static gboolean
changed_cb (const ChainChoice *choice, const char *label, const char *key, gpointer data, GError **error)
{
  Line *line = data;
  ChainSpec *next = chain_section_copy (line->all->session);

  chain_choice_copy (g_ptr_array_index (next->regularisers, line->index), choice);
  return chain_section_apply (line->all->session, next, label, key, error);
}

static gboolean
add (Regular *r, const char *id, GError **error)
{
  ChainSpec *next = chain_section_copy (r->session);

  g_ptr_array_add (next->regularisers, chain_choice_new (id));
  r->opened = TRUE;
  return chain_section_apply (r->session, next, _("add a regulariser"), NULL, error);
}

static void
chosen_cb (Regular *r, const char *id)
{
  g_autoptr (GError) error = NULL;

  if (!add (r, id, &error))
    chain_section_describe (r->group, error->message);
}

static void
remove_cb (Line *line)
{
  Regular *r = line->all;
  ChainSpec *next = chain_section_copy (r->session);
  g_autoptr (GError) error = NULL;

  g_ptr_array_remove_index (next->regularisers, line->index);
  if (!chain_section_apply (r->session, next, _("remove a regulariser"), NULL, &error))
    chain_kit_tell (line->heading, NULL, error->message);
}

static Line *
line_new (Regular *r, guint index, const ChainRowInfo *info)
{
  Line *line = g_new0 (Line, 1);
  g_autofree char *key = g_strdup_printf ("regulariser%u", index), *tip = g_strdup_printf (_("Remove “%s”"), _(info->title));

  line->all = r;
  line->index = index;
  line->info = info;
  line->row = adw_expander_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (line->row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (line->row), _(info->title));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (line->row), info->when != NULL ? _(info->when) : "");
  adw_expander_row_add_action (ADW_EXPANDER_ROW (line->row), chain_kit_button ("list-remove-symbolic", tip, G_CALLBACK (remove_cb), line));
  line->heading = chain_kit_row (_(info->group), NULL);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (line->row), line->heading);
  line->params = chain_row_params_new (line->heading, key, _(info->title), changed_cb, line);
  adw_preferences_group_add (r->group, line->row);
  return line;
}

static void
line_free (gpointer p)
{
  Line *line = p;

  chain_row_params_free (line->params);
  g_free (line);
}

static gboolean
same_lines (Regular *r, const ChainSpec *spec)
{
  for (guint i = 0; r->lines->len == spec->regularisers->len && i < r->lines->len; i++)
    if (!g_str_equal (((Line *) g_ptr_array_index (r->lines, i))->info->id, ((ChainChoice *) g_ptr_array_index (spec->regularisers, i))->id))
      return FALSE;
  return r->lines->len == spec->regularisers->len;
}

static void
make_lines (Regular *r, const ChainSpec *spec)
{
  chain_kit_hush (GTK_WIDGET (r->group));
  for (guint i = 0; i < r->lines->len; i++)
    adw_preferences_group_remove (r->group, ((Line *) g_ptr_array_index (r->lines, i))->row);
  g_ptr_array_set_size (r->lines, 0);
  for (guint i = 0; i < spec->regularisers->len; i++)
    {
      const ChainChoice *c = g_ptr_array_index (spec->regularisers, i);

      g_ptr_array_add (r->lines, line_new (r, i, &chain_regular_row (c->id)->info));
    }
  if (r->opened && r->lines->len > 0)
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (((Line *) g_ptr_array_index (r->lines, r->lines->len - 1))->row), TRUE);
  r->opened = FALSE;
}

static void
regular_show (gpointer self, const ChainSpec *spec)
{
  Regular *r = self;

  if (!same_lines (r, spec))
    make_lines (r, spec);
  gtk_widget_set_visible (r->none, r->lines->len == 0);
  for (guint i = 0; i < r->lines->len; i++)
    {
      Line *line = g_ptr_array_index (r->lines, i);

      chain_row_params_show (line->params, line->info, g_ptr_array_index (spec->regularisers, i));
    }
}

static void
regular_free (gpointer self)
{
  Regular *r = self;

  g_ptr_array_unref (r->lines);
  g_free (r);
}

/* Made when it is opened. */
static void
popup_cb (GtkMenuButton *button, gpointer data)
{
  g_autoptr (GPtrArray) rows = NULL;
  GtkWidget *menu;

  if (gtk_menu_button_get_popover (button) != NULL)
    return;
  rows = chain_menu_rows_new ();
  menu = chain_row_menu_new (_("Add a regulariser"));
  chain_menu_rows_add_table (rows, "regularisers");
  chain_row_menu_set_rows (CHAIN_ROW_MENU (menu), rows);
  g_signal_connect_swapped (menu, "chosen", G_CALLBACK (chosen_cb), data);
  gtk_menu_button_set_popover (button, menu);
}

ChainSection
chain_section_regular (ChainSession *session, AdwPreferencesPage *page)
{
  Regular *r = g_new0 (Regular, 1);
  GtkWidget *button = gtk_menu_button_new ();

  r->session = session;
  r->lines = g_ptr_array_new_with_free_func (line_free);
  r->group = chain_section_group (page, _("Regularisation"), _("Penalties, clipping of the gradient, bounds of the weights"));
  r->none = chain_kit_row (_("None"), _("Add a row of the table with the button above"));
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "list-add-symbolic");
  gtk_menu_button_set_has_frame (GTK_MENU_BUTTON (button), FALSE);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (button), popup_cb, r, NULL);
  gtk_widget_set_tooltip_text (button, _("Add a regulariser"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Add a regulariser"), -1);
  adw_preferences_group_set_header_suffix (r->group, button);
  adw_preferences_group_add (r->group, r->none);
  return (ChainSection){ r, regular_show, regular_free };
}

/* --- for tests --- */
gboolean
chain_section_regular_add (gpointer self, const char *id)
{
  return add (self, id, NULL);
}

ChainRowParams *
chain_section_regular_params (gpointer self, guint i)
{
  return ((Line *) g_ptr_array_index (((Regular *) self)->lines, i))->params;
}
