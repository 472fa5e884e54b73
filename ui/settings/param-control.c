/* SPDX-License-Identifier: Apache-2.0 */
/* What a parameter is, its row says; here stands only how each kind is edited. Nothing is checked twice: the document refuses what cannot be,
 * with its own sentence, and the line shows it. A formula is also read while it is typed, since only then a mark under the wrong character
 * helps. A parameter without a possible default ("clip at", off unless given) shows an empty entry. */
#include "config.h"

#include "ui/canvas/wheel.h"
#include "ui/settings/param-control.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "engine/base/number.h"
#include "engine/lang/formula.h"
#include "ui/settings/kit.h"
#include "ui/settings/scale-map.h"

#define SWITCH_WORDS "(0 or 1)"

struct _ChainParamControl
{
  const ChainParamInfo *info;
  GtkWidget            *row, *reset, *scale, *entry, *toggle;
  ChainScaleMap         map;
  ChainParamFunc        changed;
  gpointer              data;
  double                value;          /* that the document has */
  gboolean              filling, dragging;
};

static gboolean
is_switch (const ChainParamInfo *p)
{
  return p->integer && !(p->min > 0) && !(p->min < 0) && p->max >= 1 && p->max <= 1;
}

static gboolean
is_text (const ChainParamInfo *p)
{
  return isnan (p->value);
}

/* Off unless it is given. */
static gboolean
is_optional (const ChainParamInfo *p)
{
  return !is_text (p) && !chain_scale_allows (p, p->value);
}

/* A switch need not say what its two numbers are. */
static char *
title_of (const ChainParamInfo *p)
{
  char *title = g_strdup (_(p->title)), *words = is_switch (p) ? strstr (title, SWITCH_WORDS) : NULL;

  if (words != NULL)
    memmove (words, words + strlen (SWITCH_WORDS), strlen (words + strlen (SWITCH_WORDS)) + 1);
  words = is_switch (p) ? strstr (title, "; 0 or 1)") : NULL;
  if (words != NULL)
    memmove (words, ")", 2);
  return g_strchomp (title);
}

static gboolean
give (ChainParamControl *c, const double *value, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GtkWidget) held G_GNUC_UNUSED = g_object_ref (c->row);
  gboolean ok = c->changed (c->info, value, text, c->data, &error);

  chain_kit_tell (c->row, c->entry, ok ? NULL : error->message);
  return ok;
}

/* --- texts --- */
static void
mark (GtkWidget *entry, const ChainFormulaError *where)
{
  PangoAttrList *list = pango_attr_list_new ();
  const char *text = gtk_editable_get_text (GTK_EDITABLE (entry));
  glong chars = g_utf8_strlen (text, -1), from, to;
  PangoAttribute *line;

  if (where != NULL && where->column > 0)
    {
      from = MIN ((glong) where->column - 1, MAX (chars - 1, 0));     /* behind the last character: the last one */
      to = MIN (from + MAX ((glong) where->length, 1), chars);
      line = pango_attr_underline_new (PANGO_UNDERLINE_ERROR);
      line->start_index = (guint) (g_utf8_offset_to_pointer (text, from) - text);
      line->end_index = (guint) (g_utf8_offset_to_pointer (text, to) - text);
      pango_attr_list_insert (list, line);
    }
  gtk_entry_set_attributes (GTK_ENTRY (entry), list);
  pango_attr_list_unref (list);
}

static void
formula_typed_cb (const char *text, gpointer data)
{
  ChainParamControl *c = data;
  ChainFormulaError where = { 0, 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainFormula) f = chain_formula_parse (text, c->info->formula_names, &where, &error);

  mark (c->entry, f == NULL ? &where : NULL);
  chain_kit_tell (c->row, c->entry, f == NULL ? error->message : NULL);
}

static gboolean
text_commit_cb (const char *text, gpointer data)
{
  ChainParamControl *c = data;
  gboolean ok = give (c, NULL, *text != '\0' ? text : NULL);

  if (c->info->formula_names != NULL && ok)
    mark (c->entry, NULL);
  return ok;
}

/* --- numbers --- */
static gboolean
number_commit_cb (const char *text, gpointer data)
{
  ChainParamControl *c = data;
  g_auto (GStrv) parts = g_strsplit (text, "\u2212", -1);
  g_autofree char *plain = g_strdelimit (g_strjoinv ("-", parts), ",", '.'), *refusal = NULL;
  double v;

  if (*text == '\0')
    return give (c, NULL, NULL);
  if (chain_number_parse (plain, -1, &v))
    return give (c, &v, NULL);
  refusal = g_strdup_printf (_("“%s” is not a number; write it like 0.05 or 5e-2"), text);
  chain_kit_tell (c->row, c->entry, refusal);
  return FALSE;
}

static void
scale_cb (ChainParamControl *c)
{
  g_autoptr (GtkWidget) held G_GNUC_UNUSED = g_object_ref (c->row);
  char text[CHAIN_NUMBER_SIZE];
  gboolean taken;
  double v;

  if (c->filling)
    return;
  v = chain_scale_value (&c->map, gtk_range_get_value (GTK_RANGE (c->scale)));
  if (!chain_number_parse (chain_number_write_digits (text, v, 6), -1, &v))
    return;
  c->dragging = TRUE;
  taken = give (c, &v, NULL);
  c->dragging = FALSE;
  c->filling = TRUE;
  if (!taken)
    gtk_range_set_value (GTK_RANGE (c->scale), chain_scale_position (&c->map, c->value));
  c->filling = FALSE;
}

static void
toggle_cb (ChainParamControl *c)
{
  g_autoptr (GtkWidget) held G_GNUC_UNUSED = g_object_ref (c->row);
  double v = gtk_switch_get_active (GTK_SWITCH (c->toggle));

  if (c->filling)
    return;
  if (give (c, &v, NULL))
    return;
  c->filling = TRUE;
  gtk_switch_set_active (GTK_SWITCH (c->toggle), c->value > 0);
  c->filling = FALSE;
}

static void
reset_cb (ChainParamControl *c)
{
  if (give (c, NULL, NULL) && c->entry != NULL)
    mark (c->entry, NULL);
}

/* --- making --- */
static void
make_number (ChainParamControl *c, const char *title)
{
  c->map = chain_scale_map (c->info);
  if (!is_optional (c->info))
    {
      c->scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, c->map.from, c->map.to, c->map.step);
      gtk_scale_set_draw_value (GTK_SCALE (c->scale), FALSE);
      gtk_widget_set_size_request (c->scale, 130, -1);
      chain_wheel_calm (c->scale);
      chain_kit_suffix (c->row, c->scale, title);
      g_signal_connect_swapped (c->scale, "value-changed", G_CALLBACK (scale_cb), c);
    }
  c->entry = chain_kit_entry (8, number_commit_cb, NULL, c);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (c->entry), 8);
  gtk_entry_set_alignment (GTK_ENTRY (c->entry), 1);
  gtk_widget_add_css_class (c->entry, "numeric");
  if (is_optional (c->info))
    {
      gtk_entry_set_placeholder_text (GTK_ENTRY (c->entry), _("Off"));
      chain_kit_entry_blank (c->entry);
    }
  chain_kit_suffix (c->row, c->entry, title);
}

static void
make_text (ChainParamControl *c, const char *title)
{
  gboolean formula = c->info->formula_names != NULL;

  c->entry = chain_kit_entry (formula ? 26 : 18, text_commit_cb, formula ? formula_typed_cb : NULL, c);
  if (c->info->per_class == 1)
    gtk_entry_set_placeholder_text (GTK_ENTRY (c->entry), _("one a class: 1, 2, 1"));
  else if (!formula)
    gtk_entry_set_placeholder_text (GTK_ENTRY (c->entry), _("20, 50"));
  if (c->info->text == NULL)
    chain_kit_entry_blank (c->entry);
  chain_kit_suffix (c->row, c->entry, title);
}

static void
make_reset (ChainParamControl *c, const char *title)
{
  g_autofree char *number = is_text (c->info) || is_optional (c->info) ? NULL : chain_kit_number (c->info->value, 7);
  const char *value = is_text (c->info) ? c->info->text : number;
  g_autofree char *tip = value != NULL ? g_strdup_printf (_("Back to the default of “%s”, %s"), title, value)
                                       : g_strdup_printf (_("Back to the default of “%s”"), title);

  c->reset = chain_kit_button ("edit-undo-symbolic", tip, G_CALLBACK (reset_cb), c);
  gtk_widget_add_css_class (c->reset, "param-reset");
  gtk_widget_set_visible (c->reset, FALSE);
  adw_action_row_add_suffix (ADW_ACTION_ROW (c->row), c->reset);
}

ChainParamControl *
chain_param_control_new (const ChainParamInfo *info, ChainParamFunc changed, gpointer data)
{
  ChainParamControl *c = g_new0 (ChainParamControl, 1);
  g_autofree char *title = title_of (info);

  c->info = info;
  c->changed = changed;
  c->data = data;
  c->row = chain_kit_row (title, NULL);
  g_object_set_data_full (G_OBJECT (c->row), "param-control", c, g_free);
  make_reset (c, title);
  if (is_switch (info))
    {
      c->toggle = gtk_switch_new ();
      chain_kit_suffix (c->row, c->toggle, NULL);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (c->row), c->toggle);
      g_signal_connect_swapped (c->toggle, "notify::active", G_CALLBACK (toggle_cb), c);
    }
  else if (is_text (info))
    make_text (c, title);
  else
    make_number (c, title);
  return c;
}

GtkWidget *
chain_param_control_row (ChainParamControl *c)
{
  return c->row;
}

const ChainParamInfo *
chain_param_control_info (ChainParamControl *c)
{
  return c->info;
}

/* Another value than the one that was refused: the refusal is over. */
static void
show_text (ChainParamControl *c, const char *text)
{
  if (!chain_kit_entry_show (c->entry, text))
    return;
  chain_kit_tell (c->row, c->entry, NULL);
  mark (c->entry, NULL);
}

static void
show_number (ChainParamControl *c, const ChainChoice *choice, gboolean given)
{
  double v = c->info->value;
  g_autofree char *text = NULL;
  gboolean off = is_optional (c->info) && !given;

  chain_choice_param (choice, c->info->name, &v);
  c->value = v;
  if (c->toggle != NULL)
    gtk_switch_set_active (GTK_SWITCH (c->toggle), v > 0);
  if (c->scale != NULL && !c->dragging)
    gtk_range_set_value (GTK_RANGE (c->scale), chain_scale_position (&c->map, v));
  if (c->entry != NULL)
    show_text (c, off ? "" : (text = chain_kit_number (v, 7)));
}

void
chain_param_control_show (ChainParamControl *c, const ChainChoice *choice)
{
  double v = c->info->value;
  const char *text = chain_choice_text (choice, c->info->name);
  gboolean given = text != NULL || chain_choice_param (choice, c->info->name, &v);

  c->filling = TRUE;
  if (is_text (c->info))
    show_text (c, text != NULL ? text : c->info->text != NULL ? c->info->text : "");
  else
    show_number (c, choice, given);
  gtk_widget_set_visible (c->reset, given && (text != NULL ? g_strcmp0 (text, c->info->text) != 0 : is_optional (c->info) || fabs (v - c->info->value) > 0));
  c->filling = FALSE;
}

/* --- for tests --- */
gboolean
chain_param_control_type (ChainParamControl *c, const char *text)
{
  g_autoptr (GtkWidget) held G_GNUC_UNUSED = g_object_ref (c->row);

  gtk_editable_set_text (GTK_EDITABLE (c->entry), text);
  chain_kit_entry_commit (c->entry);
  return chain_kit_told (c->row) == NULL;
}

GtkWidget *
chain_param_control_widget (ChainParamControl *c, GType type)
{
  GtkWidget *all[] = { c->scale, c->entry, c->toggle, c->reset };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i] != NULL && G_TYPE_CHECK_INSTANCE_TYPE (all[i], type))
      return all[i];
  return NULL;
}
