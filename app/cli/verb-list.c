/* SPDX-License-Identifier: Apache-2.0 */
/* list: rows of the tables, for people and (--json) for programs. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/io/json.h"
#include "app/picture/views.h"
#include "engine/graph/ops.h"

static const char *const table_names[] = { "activations", "losses", "initialisers", "optimisers", "schedules", "regularisers", "layers", "metrics", "ops", "datasets", "views" };

static json_t *
text_or_null (const char *text)
{
  return text != NULL ? json_string (text) : json_null ();
}

static json_t *
param_json (const ChainParamInfo *p)
{
  json_t *o = json_object ();
  const double value[] = { p->value, p->min, p->max };
  const char *name[] = { "default", "min", "max" };

  json_object_set_new (o, "name", json_string (p->name));
  json_object_set_new (o, "title", json_string (_ (p->title)));
  for (guint i = 0; i < 3; i++)
    json_object_set_new (o, name[i], isfinite (value[i]) ? json_real (value[i]) : json_null ());
  json_object_set_new (o, "integer", json_boolean (p->integer));
  return o;
}

static json_t *
info_json (const ChainRowInfo *r)
{
  json_t *o = json_object (), *params = json_array (), *variants = json_array ();

  json_object_set_new (o, "id", json_string (r->id));
  json_object_set_new (o, "name", json_string (_ (r->title)));
  json_object_set_new (o, "formula", text_or_null (r->formula));
  json_object_set_new (o, "derivative", text_or_null (r->derivative));
  for (guint i = 0; i < r->n_params; i++)
    json_array_append_new (params, param_json (&r->params[i]));
  json_object_set_new (o, "parameters", params);
  for (guint i = 0; r->variants != NULL && r->variants[i] != NULL; i++)
    json_array_append_new (variants, json_string (r->variants[i]));
  json_object_set_new (o, "variants", variants);
  json_object_set_new (o, "source", text_or_null (r->source));
  json_object_set_new (o, "lecture", text_or_null (r->lecture));
  json_object_set_new (o, "elsewhere", text_or_null (r->elsewhere));
  json_object_set_new (o, "when", r->when != NULL ? json_string (_ (r->when)) : json_null ());
  json_object_set_new (o, "group", r->group != NULL ? json_string (_ (r->group)) : json_null ());
  return o;
}

static json_t *
plain_row (const char *id, const char *name, const char *formula, const char *derivative, const char *when)
{
  const ChainRowInfo info = { .id = id, .title = name, .formula = formula, .derivative = derivative, .when = when };
  return info_json (&info);
}

static json_t *
number_or_null (double v)
{
  return isfinite (v) ? json_real (v) : json_null ();
}

/* What an activation makes of a standard normal, beside its row. */
static void
add_gain (json_t *o, const ChainRowInfo *info)
{
  ChainGain gain;

  if (!chain_activation_gain (chain_activation_row (info->id), NULL, &gain))
    return;
  json_object_set_new (o, "gain", number_or_null (gain.gain));
  json_object_set_new (o, "backward_gain", number_or_null (gain.backward_gain));
  json_object_set_new (o, "gain_pytorch", number_or_null (gain.pytorch));
}

static json_t *
ops_json (void)
{
  json_t *rows = json_array ();
  for (int op = CHAIN_OP_NONE + 1; op < CHAIN_N_OPS; op++)
    {
      const ChainOpRow *r = chain_op_row ((ChainOp) op);
      json_t *o = plain_row (r->name, r->title, r->formula, r->local, NULL);
      json_object_set_new (o, "symbol", json_string (r->symbol));
      json_object_set_new (o, "arity", json_integer (r->arity));
      json_array_append_new (rows, o);
    }
  return rows;
}

static json_t *
views_json (void)
{
  json_t *rows = json_array ();
  guint n;
  const ChainView *views = chain_table_views (&n);

  for (guint i = 0; i < n; i++)
    {
      json_t *o = plain_row (views[i].id, views[i].title, NULL, NULL, views[i].about);
      json_object_set_new (o, "width", json_integer ((json_int_t) views[i].width));
      json_object_set_new (o, "height", json_integer ((json_int_t) views[i].height));
      json_array_append_new (rows, o);
    }
  return rows;
}

static json_t *
table_json (const char *name)
{
  json_t *rows;

  if (strcmp (name, "ops") == 0)
    return ops_json ();
  if (strcmp (name, "views") == 0)
    return views_json ();
  g_autoptr (GPtrArray) infos = chain_table_infos (name);
  if (infos == NULL)
    return NULL;
  rows = json_array ();
  for (guint i = 0; i < infos->len; i++)
    {
      json_array_append_new (rows, info_json (infos->pdata[i]));
      if (strcmp (name, "activations") == 0)
        add_gain (json_array_get (rows, i), infos->pdata[i]);
    }
  return rows;
}

static void
print_rows (const json_t *rows)
{
  size_t i;
  const json_t *row;

  json_array_foreach (rows, i, row)
    {
      const char *formula = json_string_value (json_object_get (row, "formula")), *when = json_string_value (json_object_get (row, "when"));
      printf ("  %-24s %s\n", json_string_value (json_object_get (row, "id")), json_string_value (json_object_get (row, "name")));
      if (formula != NULL)
        printf ("  %-24s %s\n", "", formula);
      if (when != NULL)
        printf ("  %-24s %s\n", "", when);
    }
}

int
verb_list (int argc, char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = { { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("As JSON"), NULL }, { 0 } };
  g_auto (GStrv) rest = NULL;
  int status;

  if (!cli_parse ("list", entries, argc, argv, 0, 1, &rest, &status))
    return status;

  g_autoptr (ChainJson) all = json_object ();
  for (guint i = 0; i < G_N_ELEMENTS (table_names); i++)
    if (rest[0] == NULL || strcmp (rest[0], table_names[i]) == 0)
      json_object_set_new (all, table_names[i], table_json (table_names[i]));
  if (json_object_size (all) == 0)
    {
      g_autofree char *names = g_strjoinv (", ", (char **) (const char *[]){ "activations", "losses", "initialisers", "optimisers", "schedules",
                                                                           "regularisers", "layers", "metrics", "ops", "datasets", "views", NULL });
      return cli_usage ("list", _ ("There is no table “%s”; there are %s"), rest[0], names);
    }
  if (json)
    {
      g_autofree char *text = chain_json_write (rest[0] != NULL ? json_object_get (all, rest[0]) : all, FALSE);
      fputs (text, stdout);
      return CHAIN_EXIT_OK;
    }
  const char *name;
  json_t *rows;
  json_object_foreach (all, name, rows)
    {
      printf ("%s\n", name);
      print_rows (rows);
    }
  return CHAIN_EXIT_OK;
}
