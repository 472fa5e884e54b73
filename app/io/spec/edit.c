/* SPDX-License-Identifier: Apache-2.0 */
/* `--set path=value`: the full JSON form is edited and read again, so that there is one definition of every key, its type and its range.
 * The full form holds every key there is, hence a path that is not in it is a typing error and is refused; only parameters, whose names
 * belong to the rows, may be new. */
#include "config.h"
#include "app/io/spec/fields.h"
#include "engine/base/number.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
fail (GError **error, const char *path, const char *what)
{
  g_autofree char *shown = chain_text_escape (path, -1);

  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "%s: %s", shown, what);
  return FALSE;
}

/* The keys of an object as a list for the sentence. */
static char *
key_list (json_t *object)
{
  GString *s = g_string_new (NULL);
  const char *key;
  json_t *value;

  json_object_foreach (object, key, value)
    g_string_append_printf (s, "%s%s", s->len ? ", " : "", key);
  return g_string_free (s, FALSE);
}

static json_t *
step_into_list (json_t *list, const char *part, gsize *index)
{
  gint64 number;

  for (gsize i = 0; i < json_array_size (list); i++)
    {
      const json_t *item = json_array_get (list, i);
      const char *id = json_string_value (json_object_get (item, "id")), *name = json_string_value (json_object_get (item, "name"));

      if (g_strcmp0 (id, part) == 0 || g_strcmp0 (name, part) == 0)
        {
          *index = i;
          return json_array_get (list, i);
        }
    }
  if (!chain_number_parse_int (part, -1, 0, G_MAXINT32, &number))
    return NULL;
  *index = (gsize) number;
  return json_array_get (list, (gsize) number);
}

/* JSON if the value is JSON, else the text itself: tanh needs no quotes. */
static json_t *
parse_value (const char *value)
{
  json_t *v = chain_json_read (value, strlen (value), NULL, NULL, NULL);

  return v ? v : json_string (value);
}

/* Parameters belong to a row: choosing another one drops them. The row of a layer is its type; its id is a name. */
static void
forget_params (json_t *object, const char *key)
{
  if (!g_str_equal (key, json_object_get (object, "type") ? "type" : "id") || !json_object_get (object, "params"))
    return;
  json_object_set_new (object, "params", json_object ());
  if (json_object_get (object, "variant"))
    json_object_set_new (object, "variant", json_null ());
}

static gboolean
set_in_tree (json_t *tree, const char *path, json_t *value, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (path, ".", 16);
  guint n = g_strv_length (parts);
  json_t *at = tree;
  gsize index = 0;

  for (guint i = 0; i < n; i++)
    {
      gboolean last = i + 1 == n, free_names = i > 0 && (g_str_equal (parts[i - 1], "params") || (i > 1 && g_str_equal (parts[i - 1], "inputs")));
      json_t *next = json_is_array (at) ? step_into_list (at, parts[i], &index) : json_object_get (at, parts[i]);

      if (!next && !(last && json_is_object (at) && free_names))
        {
          g_autofree char *keys = json_is_object (at) ? key_list (at) : NULL, *what = NULL;

          what = keys ? g_strdup_printf (_("there is no “%s” here; there are %s"), parts[i], keys) : g_strdup_printf (_("there is no “%s” here"), parts[i]);
          return fail (error, path, what);
        }
      if (last && json_is_array (at))
        json_array_set (at, index, value);
      else if (last)
        {
          forget_params (at, parts[i]);
          json_object_set (at, parts[i], value);
        }
      at = next;
    }
  return n > 0 || fail (error, path, _("a path such as batch.size is expected"));
}

static void
drop_gone_from_off (json_t *off, json_int_t units)
{
  for (gsize i = json_array_size (off); i-- > 0;)
    if (json_integer_value (json_array_get (off, i)) >= units)
      json_array_remove (off, i);
}

/* Units that were given a new count lose the ids that were written for the old one; the reader makes them again. Which of them were off is then
 * known only where the ids were just the places. */
static void
drop_stale_unit_ids (json_t *tree)
{
  json_t *layers = json_object_get (json_object_get (tree, "network"), "layers");

  for (gsize i = 0; i < json_array_size (layers); i++)
    {
      json_t *l = json_array_get (layers, i);
      const json_t *ids = json_object_get (l, "unit_ids");

      if (ids && (json_int_t) json_array_size (ids) != json_integer_value (json_object_get (l, "units")))
        {
          json_object_del (l, "unit_ids");
          json_object_del (l, "off");
        }
      else if (!ids)
        drop_gone_from_off (json_object_get (l, "off"), json_integer_value (json_object_get (l, "units")));
    }
}

gboolean
chain_spec_set_path (ChainSpec *spec, const char *path, const char *value, GError **error)
{
  g_autoptr (ChainJson) tree = _chain_spec_to_tree (spec, TRUE);
  g_autoptr (ChainJson) v = parse_value (value);
  g_autoptr (ChainSpec) next = NULL;
  ChainSpec swap;

  g_assert (!spec->sealed);
  if (!set_in_tree (tree, path, v, error))
    return FALSE;
  drop_stale_unit_ids (tree);
  next = _chain_spec_from_tree (tree, NULL, error);
  if (!next)
    return FALSE;
  next->source_json = g_steal_pointer (&spec->source_json);
  swap = *spec;
  *spec = *next;
  *next = swap;
  spec->ref_count = swap.ref_count;
  next->ref_count = 1;
  return TRUE;
}
