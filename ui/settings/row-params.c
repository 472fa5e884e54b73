/* SPDX-License-Identifier: Apache-2.0 */
/* The lines hang on a heading, so that any list can have them: a group of the settings, an expander in the list of regularisers. They are made
 * anew only where the row became another one; else they follow the document value by value, and what is being typed in one of them stays. */
#include "config.h"

#include "ui/settings/row-params.h"

#include <glib/gi18n-lib.h>

#include "ui/settings/kit.h"

struct _ChainRowParams
{
  GtkWidget          *heading, *variant_row, *variant;
  char               *key, *what;
  ChainRowParamsFunc  changed;
  gpointer            data;
  const ChainRowInfo *info;
  ChainChoice        *choice;        /* what the document has */
  GPtrArray          *controls;      /* of ChainParamControl, which die with their rows */
};

static gboolean
param_cb (const ChainParamInfo *info, const double *value, const char *text, gpointer data, GError **error)
{
  ChainRowParams *p = data;
  ChainChoice *next = chain_choice_new (NULL);
  g_autofree char *key = g_strdup_printf ("%s.%s", p->key, info->name), *label = g_strdup_printf ("%s: %s", p->what, _(info->title));
  gboolean ok;

  chain_choice_copy (next, p->choice);
  if (value != NULL)
    chain_choice_set_param (next, info->name, *value);
  else if (text != NULL)
    chain_choice_set_text (next, info->name, text);
  else
    chain_choice_unset (next, info->name);
  ok = p->changed (next, label, key, p->data, error);
  chain_choice_free (next);
  return ok;
}

static void
variant_cb (const char *id, gpointer data)
{
  ChainRowParams *p = data;
  ChainChoice *next = chain_choice_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *label = g_strdup_printf (_("%s: variant"), p->what);

  chain_choice_copy (next, p->choice);
  chain_set_str (&next->variant, g_str_equal (id, p->info->variants[0]) ? NULL : id);
  if (p->changed (next, label, NULL, p->data, &error))
    chain_kit_tell (p->variant_row, NULL, NULL);
  else
    chain_kit_tell (p->variant_row, NULL, error->message);
  chain_choice_free (next);
}

static void
clear_rows (ChainRowParams *p)
{
  for (guint i = 0; i < p->controls->len; i++)
    chain_kit_remove (chain_param_control_row (g_ptr_array_index (p->controls, i)));
  g_ptr_array_set_size (p->controls, 0);
  if (p->variant_row != NULL)
    chain_kit_remove (p->variant_row);
  p->variant_row = p->variant = NULL;
}

static GtkWidget *
add_control (ChainRowParams *p, GtkWidget *after, const ChainParamInfo *info)
{
  ChainParamControl *c = chain_param_control_new (info, param_cb, p);

  g_ptr_array_add (p->controls, c);
  chain_kit_insert (after, chain_param_control_row (c));
  return chain_param_control_row (c);
}

/* One variant is no choice. */
static gboolean
has_variants (const ChainRowInfo *info)
{
  return info->variants != NULL && info->variants[0] != NULL && info->variants[1] != NULL;
}

static void
make_rows (ChainRowParams *p)
{
  GtkWidget *last = p->heading;

  clear_rows (p);
  if (has_variants (p->info))
    {
      p->variant_row = last = chain_kit_row (_("Variant"), NULL);
      p->variant = chain_pick_new (_("Variant"), variant_cb, p);
      chain_kit_suffix (p->variant_row, p->variant, NULL);
      chain_kit_insert (p->heading, p->variant_row);
    }
  for (guint i = 0; i < p->info->n_params; i++)
    last = add_control (p, last, &p->info->params[i]);
}

static void
show_variant (ChainRowParams *p)
{
  guint n = g_strv_length ((char **) p->info->variants);
  g_autofree ChainPickItem *items = g_new0 (ChainPickItem, n);
  g_autoptr (GPtrArray) titles = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < n; i++)
    {
      g_ptr_array_add (titles, chain_variant_title (p->info, p->info->variants[i]));
      items[i] = (ChainPickItem){ p->info->variants[i], g_ptr_array_index (titles, i) };
    }
  chain_pick_show (p->variant, items, n, p->choice->variant != NULL ? p->choice->variant : p->info->variants[0]);
}

static gboolean
says_something (const char *text)
{
  return text != NULL && *text != '\0' && !g_str_equal (text, "–");
}

static void
show_formula (ChainRowParams *p)
{
  gboolean formula = says_something (p->info->formula), derivative = says_something (p->info->derivative);
  g_autofree char *about = g_strdup_printf ("%s%s%s", formula ? p->info->formula : "", formula && derivative ? "\n" : "",
                                            derivative ? p->info->derivative : "");

  chain_kit_set_about (p->heading, about);
  if (says_something (p->info->when))
    gtk_widget_set_tooltip_text (p->heading, _(p->info->when));
}

void
chain_row_params_show (ChainRowParams *p, const ChainRowInfo *info, const ChainChoice *choice)
{
  chain_choice_copy (p->choice, choice);
  if (info != p->info)
    {
      p->info = info;
      make_rows (p);
      show_formula (p);
    }
  if (p->variant != NULL)
    show_variant (p);
  for (guint i = 0; i < p->controls->len; i++)
    chain_param_control_show (g_ptr_array_index (p->controls, i), choice);
}

ChainRowParams *
chain_row_params_new (GtkWidget *heading, const char *key, const char *what, ChainRowParamsFunc changed, gpointer data)
{
  ChainRowParams *p = g_new0 (ChainRowParams, 1);

  p->heading = heading;
  p->key = g_strdup (key);
  p->what = g_strdup (what);
  p->changed = changed;
  p->data = data;
  p->choice = chain_choice_new (NULL);
  p->controls = g_ptr_array_new ();
  return p;
}

void
chain_row_params_free (ChainRowParams *p)
{
  chain_choice_free (p->choice);
  g_ptr_array_unref (p->controls);
  g_free (p->key);
  g_free (p->what);
  g_free (p);
}

GtkWidget *
chain_row_params_variant (ChainRowParams *p)
{
  return p->variant;
}

guint
chain_row_params_n (ChainRowParams *p)
{
  return p->controls->len;
}

ChainParamControl *
chain_row_params_nth (ChainRowParams *p, guint i)
{
  return g_ptr_array_index (p->controls, i);
}
