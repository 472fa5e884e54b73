/* SPDX-License-Identifier: Apache-2.0 */
/* Further inputs that are computed from the first ones: the usual five as toggles, and any formula in x1, x2 … typed. A toggle is no state of its
 * own: it is pressed when the list holds its formula, however that is spelt. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/lang/formula.h"
#include "ui/settings/section.h"

static const struct { const char *formula, *label; guint inputs; } usual[] = {
  { "x1^2", "x₁²", 1 }, { "x2^2", "x₂²", 2 }, { "x1*x2", "x₁x₂", 2 }, { "sin(x1)", "sin x₁", 1 }, { "sin(x2)", "sin x₂", 2 },
};
static const char *const names[] = { "x#", NULL };

typedef struct
{
  ChainSession        *session;
  AdwPreferencesGroup *group;
  GtkWidget           *toggle_row, *toggles[G_N_ELEMENTS (usual)], *add_row, *entry;
  GPtrArray           *rows;         /* of GtkWidget, one a formula */
  GPtrArray           *shown;        /* of char * */
  gboolean             filling;
} Features;

static gboolean
same_formula (const char *a, const char *b)
{
  g_autoptr (ChainFormula) f = chain_formula_parse (a, names, NULL, NULL), g = chain_formula_parse (b, names, NULL, NULL);

  return f != NULL && g != NULL && chain_formula_equal (f, g);
}

static int
find (const GPtrArray *features, const char *formula)
{
  for (guint i = 0; i < features->len; i++)
    if (same_formula (g_ptr_array_index (features, i), formula))
      return (int) i;
  return -1;
}

static char *
pretty (const char *text)
{
  g_autoptr (ChainFormula) f = chain_formula_parse (text, names, NULL, NULL);

  return f != NULL ? chain_formula_text (f, CHAIN_FORMULA_UNICODE) : g_strdup (text);
}

static gboolean
apply (Features *f, ChainSpec *next, GError **error)
{
  return chain_session_apply_data (f->session, next, _("change the typed inputs"), NULL, error);
}

static gboolean
add_feature (Features *f, const char *text, GError **error)
{
  ChainSpec *next;

  if (find (chain_document_spec (chain_session_document (f->session))->data.features, text) >= 0)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("“%s” is an input already"), text);
      return FALSE;
    }
  next = chain_section_copy (f->session);
  g_ptr_array_add (next->data.features, g_strdup (text));
  return apply (f, next, error);
}

static gboolean
remove_feature (Features *f, int at, GError **error)
{
  ChainSpec *next = chain_section_copy (f->session);

  g_ptr_array_remove_index (next->data.features, (guint) at);
  return apply (f, next, error);
}

static void
toggled_cb (GtkToggleButton *button, gpointer data)
{
  Features *f = data;
  const char *formula = g_object_get_data (G_OBJECT (button), "formula");
  int at = find (chain_document_spec (chain_session_document (f->session))->data.features, formula);
  g_autoptr (GError) error = NULL;
  gboolean ok = TRUE, on = gtk_toggle_button_get_active (button);

  if (f->filling)
    return;
  if (on && at < 0)
    ok = add_feature (f, formula, &error);
  else if (!on && at >= 0)
    ok = remove_feature (f, at, &error);
  chain_kit_tell (f->toggle_row, NULL, ok ? NULL : error->message);
}

static void
remove_cb (GtkWidget *button, gpointer data)
{
  Features *f = data;
  guint at;
  g_autoptr (GError) error = NULL;

  if (g_ptr_array_find (f->rows, gtk_widget_get_ancestor (button, ADW_TYPE_ACTION_ROW), &at) && !remove_feature (f, (int) at, &error))
    chain_kit_tell (f->add_row, NULL, error->message);
}

static gboolean
commit_cb (const char *text, gpointer data)
{
  Features *f = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = *text == '\0' || add_feature (f, text, &error);

  chain_kit_tell (f->add_row, f->entry, ok ? NULL : error->message);
  return ok;
}

static void
typed_cb (const char *text, gpointer data)
{
  Features *f = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainFormula) formula G_GNUC_UNUSED = *text != '\0' ? chain_formula_parse (text, names, NULL, &error) : NULL;

  chain_kit_tell (f->add_row, f->entry, error != NULL ? error->message : NULL);
}

static void
add_clicked_cb (Features *f)
{
  chain_kit_entry_commit (f->entry);
}

static GtkWidget *
make_row (Features *f, const char *text)
{
  g_autofree char *title = pretty (text), *tip = g_strdup_printf (_("Remove the input %s"), title);
  GtkWidget *row = chain_kit_row (title, strcmp (title, text) != 0 ? text : NULL), *button = gtk_button_new_from_icon_name ("list-remove-symbolic");

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tip);
  chain_kit_suffix (row, button, tip);
  g_signal_connect (button, "clicked", G_CALLBACK (remove_cb), f);
  return row;
}

static gboolean
same_list (const GPtrArray *a, const GPtrArray *b)
{
  for (guint i = 0; a->len == b->len && i < a->len; i++)
    if (strcmp (g_ptr_array_index (a, i), g_ptr_array_index (b, i)) != 0)
      return FALSE;
  return a->len == b->len;
}

static void
show_list (Features *f, const GPtrArray *features)
{
  GtkWidget *last = f->toggle_row;

  if (same_list (f->shown, features))
    return;
  for (guint i = 0; i < f->rows->len; i++)
    chain_kit_remove (g_ptr_array_index (f->rows, i));
  g_ptr_array_set_size (f->rows, 0);
  g_ptr_array_set_size (f->shown, 0);
  for (guint i = 0; i < features->len; i++)
    {
      GtkWidget *row = make_row (f, g_ptr_array_index (features, i));

      chain_kit_insert (last, row);
      g_ptr_array_add (f->rows, row);
      g_ptr_array_add (f->shown, g_strdup (g_ptr_array_index (features, i)));
      last = row;
    }
  chain_kit_entry_back (f->entry);
  chain_kit_tell (f->add_row, f->entry, NULL);
}

static void
features_show (gpointer self, const ChainSpec *spec)
{
  Features *f = self;
  const ChainPrep *prep = chain_session_data (f->session)->prep;
  guint columns = chain_prep_n_columns (prep);

  f->filling = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    {
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (f->toggles[i]), find (spec->data.features, usual[i].formula) >= 0);
      gtk_widget_set_sensitive (f->toggles[i], usual[i].inputs <= columns);
    }
  show_list (f, spec->data.features);
  f->filling = FALSE;
}

static void
features_free (gpointer self)
{
  Features *f = self;

  g_ptr_array_unref (f->rows);
  g_ptr_array_unref (f->shown);
  g_free (f);
}

static void
make_toggles (Features *f)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  f->toggle_row = chain_kit_row (_("Usual ones"), NULL);
  gtk_widget_add_css_class (box, "linked");
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    {
      g_autofree char *name = g_strdup_printf (_("Input %s"), usual[i].label);

      f->toggles[i] = gtk_toggle_button_new_with_label (usual[i].label);
      g_object_set_data (G_OBJECT (f->toggles[i]), "formula", (gpointer) usual[i].formula);
      gtk_widget_set_tooltip_text (f->toggles[i], name);
      g_signal_connect (f->toggles[i], "toggled", G_CALLBACK (toggled_cb), f);
      gtk_box_append (GTK_BOX (box), f->toggles[i]);
    }
  chain_kit_suffix (f->toggle_row, box, NULL);
  adw_preferences_group_add (f->group, f->toggle_row);
}

ChainSection
chain_section_features (ChainSession *session, AdwPreferencesPage *page)
{
  Features *f = g_new0 (Features, 1);

  f->session = session;
  f->rows = g_ptr_array_new ();
  f->shown = g_ptr_array_new_with_free_func (g_free);
  f->group = chain_section_group (page, _("Computed Inputs"), _("Formulas in x1, x2 …, the scaled inputs in their order"));
  make_toggles (f);
  f->add_row = chain_kit_row (_("Formula"), NULL);
  f->entry = chain_kit_entry (18, commit_cb, typed_cb, f);
  gtk_entry_set_placeholder_text (GTK_ENTRY (f->entry), "exp(−x1²)");
  chain_kit_suffix (f->add_row, f->entry, _("Formula of a further input"));
  chain_kit_suffix (f->add_row, chain_kit_button ("list-add-symbolic", _("Add this input"), G_CALLBACK (add_clicked_cb), f), NULL);
  adw_preferences_group_add (f->group, f->add_row);
  return (ChainSection){ f, features_show, features_free };
}

/* --- for tests --- */
gboolean
chain_section_features_add (gpointer self, const char *formula)
{
  Features *f = self;

  gtk_editable_set_text (GTK_EDITABLE (f->entry), formula);
  chain_kit_entry_commit (f->entry);
  return chain_kit_told (f->add_row) == NULL;
}

const char *
chain_section_features_told (gpointer self)
{
  return chain_kit_told (((Features *) self)->add_row);
}
