/* SPDX-License-Identifier: Apache-2.0 */
/* Menu and parameters of one choice belong together: the heading says what was chosen and how it computes, the lines below are its numbers. */
#include "config.h"

#include "ui/settings/row-choice.h"

#include <glib/gi18n-lib.h>

#include "ui/pages/choice-field.h"
#include "ui/settings/kit.h"

struct _ChainRowChoice
{
  GtkWidget       *row;
  ChainChoiceField *field;
  ChainRowParams  *params;
  ChainRowPickFunc picked;
  gpointer         data;
};

static void
pick_cb (const char *id, gpointer data)
{
  chain_row_choice_pick (data, id);
}

gboolean
chain_row_choice_pick (ChainRowChoice *c, const char *id)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = c->picked (id, c->data, &error);

  chain_kit_tell (c->row, NULL, ok ? NULL : error->message);
  return ok;
}

ChainRowChoice *
chain_row_choice_new (const char *title, const char *key, const char *what, ChainRowPickFunc picked, ChainRowParamsFunc changed, gpointer data)
{
  ChainRowChoice *c = g_new0 (ChainRowChoice, 1);

  c->row = chain_kit_row (title, NULL);
  c->field = chain_choice_field_new (title, FALSE, pick_cb, c);
  c->picked = picked;
  c->data = data;
  c->params = chain_row_params_new (c->row, key, what, changed, data);
  gtk_widget_set_size_request (chain_choice_field_root (c->field), 170, -1);
  chain_kit_suffix (c->row, chain_choice_field_root (c->field), NULL);
  gtk_widget_add_css_class (c->row, "row-choice");
  return c;
}

void
chain_row_choice_free (ChainRowChoice *c)
{
  chain_row_params_free (c->params);
  g_free (c);
}

GtkWidget *
chain_row_choice_row (ChainRowChoice *c)
{
  return c->row;
}

void
chain_row_choice_show (ChainRowChoice *c, GPtrArray *rows, const ChainRowInfo *info, const ChainChoice *choice)
{
  chain_choice_field_set_rows (c->field, rows);
  chain_choice_field_select (c->field, info->id);
  chain_row_params_show (c->params, info, choice);
}

void
chain_row_choice_show_table (ChainRowChoice *c, const char *table, const ChainRowInfo *info, const ChainChoice *choice)
{
  g_autoptr (GPtrArray) rows = chain_menu_rows_new ();

  chain_menu_rows_add_table (rows, table);
  chain_row_choice_show (c, rows, info, choice);
}

ChainRowParams *
chain_row_choice_params (ChainRowChoice *c)
{
  return c->params;
}
