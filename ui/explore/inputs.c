/* SPDX-License-Identifier: Apache-2.0 */
/* A toggle has no state of its own: it is pressed when the document's list holds its formula, so that undo releases it. Formulas that are none of the usual
 * ones are toggles too, as long as they are in use. */
#include "config.h"

#include "ui/explore/inputs.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/lang/formula.h"

#define PER_LINE 3

struct _ChainInputs
{
  ChainCanvas  *canvas;
  ChainSession *session;
  GtkWidget    *button, *flow, *entry, *problem;
  char         *shown;        /* the formulas that have toggles, with a line end after each */
  gboolean      filling;
};

static void
say (ChainInputs *i, const char *text)
{
  gtk_label_set_text (GTK_LABEL (i->problem), text != NULL ? text : "");
  gtk_widget_set_visible (i->problem, text != NULL);
  if (text != NULL)
    gtk_widget_add_css_class (i->entry, "error");
  else
    gtk_widget_remove_css_class (i->entry, "error");
}

static gboolean
toggle (ChainInputs *i, const char *formula)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = chain_session_toggle_feature (i->session, formula, &error);

  say (i, ok ? NULL : error->message);
  return ok;
}

static void
toggled_cb (GtkToggleButton *button, ChainInputs *i)
{
  g_autofree char *formula = g_strdup (g_object_get_data (G_OBJECT (button), "formula"));

  if (i->filling)
    return;
  if (gtk_toggle_button_get_active (button) != chain_session_has_feature (i->session, formula))
    toggle (i, formula);
  chain_inputs_sync (i);
}

static void
entered_cb (ChainInputs *i)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (i->entry));
  g_autofree char *twice = NULL;

  if (*text == '\0')
    return;
  if (chain_session_has_feature (i->session, text))
    {
      twice = g_strdup_printf (_("“%s” is an input already"), text);
      say (i, twice);
    }
  else if (toggle (i, text))
    gtk_editable_set_text (GTK_EDITABLE (i->entry), "");
}

static void
typed_cb (ChainInputs *i)
{
  static const char *const names[] = { "x#", NULL };
  const char *text = gtk_editable_get_text (GTK_EDITABLE (i->entry));
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainFormula) formula G_GNUC_UNUSED = *text != '\0' ? chain_formula_parse (text, names, NULL, &error) : NULL;

  say (i, error != NULL ? error->message : NULL);
}

/* --- the toggles --- */
static GtkWidget *
make_toggle (ChainInputs *i, const char *formula, const char *text)
{
  GtkWidget *b = gtk_toggle_button_new_with_label (text);
  g_autofree char *name = g_strdup_printf (_("Input %s"), text);

  g_object_set_data_full (G_OBJECT (b), "formula", g_strdup (formula), g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (b), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect (b, "toggled", G_CALLBACK (toggled_cb), i);
  return b;
}

static char *
pretty (const char *text)
{
  static const char *const names[] = { "x#", NULL };
  g_autoptr (ChainFormula) f = chain_formula_parse (text, names, NULL, NULL);

  return f != NULL ? chain_formula_text (f, CHAIN_FORMULA_UNICODE) : g_strdup (text);
}

static gboolean
is_usual (ChainInputs *i, const char *formula)
{
  const char *text, *f;

  for (guint k = 0; (f = chain_session_usual_feature (i->session, k, &text)) != NULL; k++)
    {
      static const char *const names[] = { "x#", NULL };
      g_autoptr (ChainFormula) a = chain_formula_parse (formula, names, NULL, NULL), b = chain_formula_parse (f, names, NULL, NULL);

      if (a != NULL && b != NULL && chain_formula_equal (a, b))
        return TRUE;
    }
  return FALSE;
}

static void
add (ChainInputs *i, guint *n, const char *formula, const char *text)
{
  gtk_grid_attach (GTK_GRID (i->flow), make_toggle (i, formula, text), (int) (*n % PER_LINE), (int) (*n / PER_LINE), 1, 1);
  (*n)++;
}

static char *
wanted (ChainInputs *i)
{
  const GPtrArray *features = chain_document_spec (chain_session_document (i->session))->data.features;
  GString *all = g_string_new (NULL);
  const char *text, *f;

  for (guint k = 0; (f = chain_session_usual_feature (i->session, k, &text)) != NULL; k++)
    g_string_append_printf (all, "%s\n", f);
  for (guint k = 0; k < features->len; k++)
    if (!is_usual (i, g_ptr_array_index (features, k)))
      g_string_append_printf (all, "%s\n", (const char *) g_ptr_array_index (features, k));
  return g_string_free (all, FALSE);
}

static void
fill (ChainInputs *i)
{
  const GPtrArray *features = chain_document_spec (chain_session_document (i->session))->data.features;
  GtkWidget *child;
  const char *text, *f;
  guint n = 0;

  while ((child = gtk_widget_get_first_child (i->flow)) != NULL)
    gtk_grid_remove (GTK_GRID (i->flow), child);
  for (guint k = 0; (f = chain_session_usual_feature (i->session, k, &text)) != NULL; k++)
    add (i, &n, f, text);
  for (guint k = 0; k < features->len; k++)
    if (!is_usual (i, g_ptr_array_index (features, k)))
      {
        g_autofree char *name = pretty (g_ptr_array_index (features, k));

        add (i, &n, g_ptr_array_index (features, k), name);
      }
}

void
chain_inputs_sync (ChainInputs *i)
{
  g_autofree char *now = wanted (i);
  guint on = chain_document_spec (chain_session_document (i->session))->data.features->len;
  g_autofree char *name = on > 0 ? g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Computed inputs, %u in use", "Computed inputs, %u in use", on), on)
                                 : g_strdup (_("Computed inputs, none in use"));

  i->filling = TRUE;
  if (g_strcmp0 (i->shown, now) != 0)
    {
      fill (i);
      g_free (i->shown);
      i->shown = g_steal_pointer (&now);
    }
  for (GtkWidget *b = gtk_widget_get_first_child (i->flow); b != NULL; b = gtk_widget_get_next_sibling (b))
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (b), chain_session_has_feature (i->session, g_object_get_data (G_OBJECT (b), "formula")));
  gtk_accessible_update_property (GTK_ACCESSIBLE (i->button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  i->filling = FALSE;
}

/* --- the popover --- */
static GtkWidget *
make_popover (ChainInputs *i)
{
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8), *title = gtk_label_new (_("Computed Inputs"));
  GtkWidget *hint = gtk_label_new (_("Inputs that stay keep their weights."));

  gtk_widget_add_css_class (title, "heading");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  i->flow = gtk_grid_new ();
  gtk_grid_set_row_spacing (GTK_GRID (i->flow), 6);
  gtk_grid_set_column_spacing (GTK_GRID (i->flow), 6);
  gtk_grid_set_column_homogeneous (GTK_GRID (i->flow), TRUE);
  i->entry = gtk_entry_new ();
  gtk_entry_set_placeholder_text (GTK_ENTRY (i->entry), _("Formula, such as exp(−x1²)"));
  gtk_editable_set_width_chars (GTK_EDITABLE (i->entry), 26);
  gtk_accessible_update_property (GTK_ACCESSIBLE (i->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Formula of a further input"), -1);
  i->problem = gtk_label_new (NULL);
  gtk_widget_add_css_class (i->problem, "error");
  for (guint k = 0; k < 2; k++)
    {
      GtkWidget *label = k == 0 ? i->problem : hint;

      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_max_width_chars (GTK_LABEL (label), 32);
      gtk_widget_add_css_class (label, "caption");
    }
  gtk_widget_add_css_class (hint, "dim-label");
  gtk_widget_set_visible (i->problem, FALSE);
  g_signal_connect_swapped (i->entry, "activate", G_CALLBACK (entered_cb), i);
  g_signal_connect_swapped (i->entry, "changed", G_CALLBACK (typed_cb), i);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), i->flow);
  gtk_box_append (GTK_BOX (box), i->entry);
  gtk_box_append (GTK_BOX (box), i->problem);
  gtk_box_append (GTK_BOX (box), hint);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  return popover;
}

/* Over the open popover it would cover the title. */
static void
tip_cb (ChainInputs *i)
{
  gboolean open = gtk_widget_get_visible (GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (i->button))));

  gtk_widget_set_tooltip_text (i->button, open ? NULL : _("Computed inputs: x₁², sin x₂, any formula"));
}

GtkWidget *
chain_inputs_button (ChainInputs *i)
{
  return i->button;
}

ChainInputs *
chain_inputs_new (ChainCanvas *canvas, ChainSession *session)
{
  ChainInputs *i = g_new0 (ChainInputs, 1);

  i->canvas = canvas;
  i->session = session;
  i->button = gtk_menu_button_new ();
  gtk_menu_button_set_child (GTK_MENU_BUTTON (i->button), gtk_label_new ("f(x)"));      /* a label of the button itself would be its name */
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (i->button), make_popover (i));
  g_signal_connect_swapped (gtk_menu_button_get_popover (GTK_MENU_BUTTON (i->button)), "notify::visible", G_CALLBACK (tip_cb), i);
  tip_cb (i);
  gtk_widget_add_css_class (i->button, "computed-inputs");
  chain_canvas_place (canvas, i->button, "features:x");
  return i;
}

void
chain_inputs_free (ChainInputs *i)
{
  g_signal_handlers_disconnect_by_data (gtk_menu_button_get_popover (GTK_MENU_BUTTON (i->button)), i);
  chain_canvas_unplace (i->canvas, i->button);
  g_free (i->shown);
  g_free (i);
}
