/* SPDX-License-Identifier: Apache-2.0 */
/* JSON -> ChainSpec. Types and the range of the C field are checked here; what a value means (rows that exist, widths that fit) is
 * chain_spec_validate()'s, so that a spec made in the window meets the same rules. A fault is told by its JSON path; line and column are
 * found from the path afterwards, because Jansson keeps no positions. */
#include "config.h"
#include "app/io/spec/fields.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/nn/table.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#define EXP2_53 9007199254740992.0     /* whole numbers below are exact in a double */

typedef struct { GString *path; char **bad_path; GError **error; } Reader;

static gboolean G_GNUC_PRINTF (3, 4)
fail (const Reader *r, const char *key, const char *format, ...)
{
  g_autofree char *what = NULL, *full = NULL, *shown = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  full = g_strconcat (r->path->str, r->path->len && *key && *key != '[' ? "." : "", key, NULL);
  shown = chain_text_escape (full, -1);
  g_set_error (r->error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "%s: %s", shown, what);
  if (r->bad_path && !*r->bad_path)
    *r->bad_path = g_steal_pointer (&full);
  return FALSE;
}

/* Appends to the path; returns the length to go back to. */
static gsize
enter (Reader *r, const char *key)
{
  gsize was = r->path->len;

  if (was > 0 && *key != '[')
    g_string_append_c (r->path, '.');
  g_string_append (r->path, key);
  return was;
}

static void
leave (Reader *r, gsize was)
{
  g_string_truncate (r->path, was);
}

/* --- single values --- */
static gboolean
read_str (const Reader *r, const char *key, const json_t *v, char **out)
{
  if (!json_is_string (v) && !json_is_null (v))
    return fail (r, key, _("a text is expected"));
  chain_set_str (out, json_string_value (v));
  return TRUE;
}

static gboolean
read_double (const Reader *r, const char *key, const json_t *v, double *out)
{
  if (json_is_null (v))
    *out = NAN;
  else if (json_is_number (v))
    *out = json_number_value (v);
  else
    return fail (r, key, _("a number is expected"));
  return TRUE;
}

static gboolean
read_u64 (const Reader *r, const char *key, const json_t *v, guint64 max, guint64 *out)
{
  const char *text = json_string_value (v);
  double real = json_real_value (v);
  guint64 value = 0;

  if (json_is_integer (v) && json_integer_value (v) >= 0)
    value = (guint64) json_integer_value (v);
  else if (json_is_real (v) && real >= 0 && real < EXP2_53 && real == floor (real))
    value = (guint64) real;
  else if (!text || max < G_MAXUINT64 || !g_ascii_string_to_unsigned (text, 10, 0, max, &value, NULL))
    return fail (r, key, _("a whole number from 0 to %" G_GUINT64_FORMAT " is expected"), max);
  if (value > max)
    return fail (r, key, _("%" G_GUINT64_FORMAT " is too large; at most %" G_GUINT64_FORMAT " is allowed"), value, max);
  *out = value;
  return TRUE;
}

static gboolean
read_uint (const Reader *r, const char *key, const json_t *v, guint *out)
{
  guint64 wide;

  if (!read_u64 (r, key, v, G_MAXINT32, &wide))
    return FALSE;
  *out = (guint) wide;
  return TRUE;
}

static gboolean
read_bool (const Reader *r, const char *key, const json_t *v, gboolean *out)
{
  if (!json_is_boolean (v))
    return fail (r, key, _("true or false is expected"));
  *out = json_is_true (v);
  return TRUE;
}

static gboolean
read_strings (const Reader *r, const char *key, const json_t *v, GPtrArray *out)
{
  g_ptr_array_set_size (out, 0);
  if (json_is_string (v))
    g_ptr_array_add (out, g_strdup (json_string_value (v)));
  else if (!json_is_array (v))
    return fail (r, key, _("a list of texts is expected"));
  if (json_array_size (v) > CHAIN_LIMIT_JSON_KEYS)
    return fail (r, key, _("a list of more than %d texts"), CHAIN_LIMIT_JSON_KEYS);
  for (gsize i = 0; i < json_array_size (v); i++)
    {
      const json_t *item = json_array_get (v, i);

      if (!json_is_string (item))
        return fail (r, key, _("a list of texts is expected"));
      g_ptr_array_add (out, g_strdup (json_string_value (item)));
    }
  return TRUE;
}

static gboolean
read_enum (const Reader *r, const char *key, const json_t *v, const char *const *names, int *out)
{
  g_autofree char *all = NULL;

  for (int i = 0; json_is_string (v) && names[i]; i++)
    if (g_str_equal (names[i], json_string_value (v)))
      {
        *out = i;
        return TRUE;
      }
  all = g_strjoinv (", ", (char **) names);
  return fail (r, key, _("one of %s is expected"), all);
}

static gboolean
read_params (const Reader *r, const char *key, json_t *v, ChainChoice *c)
{
  const char *name;
  json_t *value;

  if (!json_is_object (v))
    return fail (r, key, _("an object of parameters is expected"));
  json_object_foreach (v, name, value)
    if (json_is_number (value))
      chain_choice_set_param (c, name, json_number_value (value));
    else if (json_is_boolean (value))
      chain_choice_set_param (c, name, json_is_true (value));
    else if (json_is_string (value))
      chain_choice_set_text (c, name, json_string_value (value));
    else if (!json_is_null (value))
      {
        g_autofree char *full = g_strdup_printf ("%s.%s", key, name);
        return fail (r, full, _("a number or a text is expected"));
      }
  return TRUE;
}

static gboolean read_fields (Reader *r, const json_t *object, const ChainFields *fields, gpointer base);

static gboolean
read_choice (Reader *r, const char *key, const json_t *v, ChainChoice *c)
{
  gsize was;
  gboolean ok;

  if (json_is_string (v) || json_is_null (v))
    {
      chain_choice_set (c, json_string_value (v), NULL);
      return TRUE;
    }
  if (!json_is_object (v))
    return fail (r, key, _("the name of a row, or an object with “id”, is expected"));
  if (json_object_get (v, "id"))
    chain_choice_set (c, NULL, NULL);
  was = enter (r, key);
  ok = read_fields (r, v, &_chain_fields_choice, c);
  leave (r, was);
  return ok;
}

static gboolean
read_field (Reader *r, const ChainField *f, json_t *v, gpointer base)
{
  switch (f->kind)
    {
    case FIELD_STR:
      return read_str (r, f->key, v, &CHAIN_FIELD (char *, base, f));
    case FIELD_DOUBLE:
      return read_double (r, f->key, v, &CHAIN_FIELD (double, base, f));
    case FIELD_UINT:
      return read_uint (r, f->key, v, &CHAIN_FIELD (guint, base, f));
    case FIELD_U64:
      return read_u64 (r, f->key, v, G_MAXUINT64, &CHAIN_FIELD (guint64, base, f));
    case FIELD_BOOL:
      return read_bool (r, f->key, v, &CHAIN_FIELD (gboolean, base, f));
    case FIELD_STRINGS:
      return read_strings (r, f->key, v, CHAIN_FIELD (GPtrArray *, base, f));
    case FIELD_CHOICE:
      return read_choice (r, f->key, v, &CHAIN_FIELD (ChainChoice, base, f));
    case FIELD_CHOICE_ID:
      return read_str (r, f->key, v, &CHAIN_FIELD (ChainChoice, base, f).id);
    case FIELD_CHOICE_VARIANT:
      return read_str (r, f->key, v, &CHAIN_FIELD (ChainChoice, base, f).variant);
    case FIELD_PARAMS:
      return read_params (r, f->key, v, &CHAIN_FIELD (ChainChoice, base, f));
    case FIELD_ENUM:
      return read_enum (r, f->key, v, f->names, &CHAIN_FIELD (int, base, f));
    case FIELD_OTHER:
    default:
      return TRUE;
    }
}

static gboolean
read_fields (Reader *r, const json_t *object, const ChainFields *fields, gpointer base)
{
  for (guint i = 0; i < fields->n; i++)
    {
      json_t *v = json_object_get (object, fields->fields[i].key);

      if (v && !read_field (r, &fields->fields[i], v, base))
        return FALSE;
    }
  return TRUE;
}

/* The object at `key` read by `fields`; absent is fine. */
static gboolean
read_object (Reader *r, const json_t *parent, const char *key, const ChainFields *fields, gpointer base)
{
  const json_t *v = json_object_get (parent, key);
  gsize was;
  gboolean ok;

  if (!v)
    return TRUE;
  if (!json_is_object (v))
    return fail (r, key, _("an object is expected"));
  was = enter (r, key);
  ok = read_fields (r, v, fields, base);
  leave (r, was);
  return ok;
}

/* --- lists of objects --- */
typedef gboolean (*ReadItem) (Reader *r, json_t *item, ChainSpec *s);

static gboolean
read_list (Reader *r, const json_t *parent, const char *key, guint max, ReadItem read_item, ChainSpec *s)
{
  const json_t *list = json_object_get (parent, key);
  gboolean ok = TRUE;

  if (list && !json_is_array (list))
    return fail (r, key, _("a list is expected"));
  if (json_array_size (list) > max)
    return fail (r, key, _("%zu entries; at most %u are allowed"), json_array_size (list), max);
  for (gsize i = 0; ok && i < json_array_size (list); i++)
    {
      g_autofree char *item_key = g_strdup_printf ("%s[%zu]", key, i);
      gsize was = enter (r, item_key);

      ok = read_item (r, json_array_get (list, i), s);
      leave (r, was);
    }
  return ok;
}

static gboolean
read_input (Reader *r, json_t *item, ChainSpec *s)
{
  ChainInput *in;

  if (!json_is_object (item) || !json_is_string (json_object_get (item, "name")))
    return fail (r, "", _("an object with “name” and “size” is expected"));
  in = g_new0 (ChainInput, 1);
  g_ptr_array_add (s->inputs, in);
  return read_fields (r, item, &_chain_fields_input, in);
}

static gboolean
read_unit_ids (Reader *r, const json_t *item, ChainLayer *l)
{
  const json_t *ids = json_object_get (item, "unit_ids");
  json_t *next = json_object_get (item, "next_unit_id");
  guint64 v;

  if (l->units > CHAIN_LIMIT_WIDTH)
    return fail (r, "units", _("%u units; at most %d are allowed"), l->units, CHAIN_LIMIT_WIDTH);
  chain_layer_set_units (l, l->units);
  if (ids && json_array_size (ids) != l->units)
    return fail (r, "unit_ids", _("a list of %u numbers is expected, one a unit"), l->units);
  for (gsize i = 0; i < json_array_size (ids); i++)
    {
      if (!read_u64 (r, "unit_ids", json_array_get (ids, i), G_MAXUINT32 - 1, &v))
        return FALSE;
      g_array_index (l->unit_ids, guint32, i) = (guint32) v;
      l->next_unit_id = MAX (l->next_unit_id, (guint32) v + 1);
    }
  if (next)
    {
      if (!read_u64 (r, "next_unit_id", next, G_MAXUINT32, &v))
        return FALSE;
      l->next_unit_id = MAX (l->next_unit_id, (guint32) v);
    }
  return TRUE;
}

/* Units that are switched off, by their ids. */
static gboolean
read_off (Reader *r, const json_t *item, ChainLayer *l)
{
  json_t *off = json_object_get (item, "off");
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 id;
  guint64 v;

  if (off && !json_is_array (off))
    return fail (r, "off", _("a list of unit ids is expected"));
  for (gsize i = 0; i < json_array_size (off); i++)
    {
      if (!read_u64 (r, "off", json_array_get (off, i), G_MAXUINT32 - 1, &v))
        return FALSE;
      id = (guint32) v;
      g_array_append_val (ids, id);
    }
  return chain_layer_take_off (l, ids, &id) || fail (r, "off", _("there is no unit with the id %u"), id);
}

static gboolean
read_layer (Reader *r, json_t *item, ChainSpec *s)
{
  const char *id = json_string_value (json_object_get (item, "id"));
  ChainLayer *l;

  if (!json_is_object (item))
    return fail (r, "", _("a layer is an object"));
  if (!id)
    return fail (r, "id", _("a layer needs an “id”, such as \"d1\""));
  l = chain_layer_new (id, "dense");
  g_ptr_array_add (s->layers, l);
  if (!read_fields (r, item, &_chain_fields_layer, l) || !read_unit_ids (r, item, l) || !read_off (r, item, l))
    return FALSE;
  if (!l->type || !*l->type)
    return fail (r, "type", _("a layer needs a type, such as \"dense\""));
  if (!json_object_get (item, "inputs"))   /* the chain of a plain network need not be written out */
    {
      guint n = s->layers->len;
      const char *before = n > 1 ? ((ChainLayer *) s->layers->pdata[n - 2])->id : s->inputs->len ? ((ChainInput *) s->inputs->pdata[0])->name : "x";

      g_ptr_array_add (l->inputs, g_strdup (before));
    }
  return TRUE;
}

static gboolean
read_roles (Reader *r, json_t *roles, ChainLossTerm *t)
{
  const char *role;
  json_t *source;

  if (roles && !json_is_object (roles))
    return fail (r, "inputs", _("an object from role to layer or column is expected"));
  json_object_foreach (roles, role, source)
    {
      if (!json_is_string (source))
        return fail (r, "inputs", _("an object from role to layer or column is expected"));
      g_ptr_array_add (t->roles, g_strdup (role));
      g_ptr_array_add (t->sources, g_strdup (json_string_value (source)));
    }
  return TRUE;
}

static gboolean
read_loss (Reader *r, json_t *item, ChainSpec *s)
{
  const json_t *id = json_is_object (item) ? json_object_get (item, "id") : item;
  ChainLossTerm *t;

  if (!json_is_string (id))
    return fail (r, "", _("the name of a loss, or an object with “id”, is expected"));
  t = chain_loss_term_new (json_string_value (id));
  g_ptr_array_add (s->losses, t);
  if (json_is_string (item))
    return TRUE;
  if (!read_fields (r, item, &_chain_fields_loss, t))
    return FALSE;
  if (!t->reduction)
    return fail (r, "reduction", _("\"mean\", \"sum\" or \"batchmean\" is expected"));
  return read_roles (r, json_object_get (item, "inputs"), t);
}

static gboolean
read_regulariser (Reader *r, json_t *item, ChainSpec *s)
{
  const json_t *id = json_is_object (item) ? json_object_get (item, "id") : item;
  ChainChoice *c;

  if (!json_is_string (id))
    return fail (r, "", _("the name of a regulariser, or an object with “id”, is expected"));
  c = chain_choice_new (json_string_value (id));
  g_ptr_array_add (s->regularisers, c);
  return json_is_string (item) || read_fields (r, item, &_chain_fields_choice, c);
}

/* --- the whole --- */

/* "chainrule/1" and "chainrule/1.7" are read; another major version is refused by name. */
static gboolean
read_format (const Reader *r, const json_t *root)
{
  const char *text = json_string_value (json_object_get (root, "format")), *version, *dot;
  gint64 major, minor;

  if (!text || !g_str_has_prefix (text, "chainrule/"))
    return fail (r, "format", _("this is not a Chainrule document: \"format\": \"%s\" is missing"), CHAIN_SPEC_FORMAT);
  version = text + strlen ("chainrule/");
  dot = strchr (version, '.');
  if (!chain_number_parse_int (version, dot ? dot - version : -1, 0, G_MAXINT32, &major) || !g_ascii_isdigit (*version)
      || (dot && (!chain_number_parse_int (dot + 1, -1, 0, G_MAXINT32, &minor) || !g_ascii_isdigit (dot[1]))))
    return fail (r, "format", _("“%s” is not a version of the Chainrule format"), text);
  if (major > 1)
    return fail (r, "format", _("made by a newer Chainrule (format %s; this reads 1)"), version);
  return major == 1 || fail (r, "format", _("there is no format %s; this reads 1"), version);
}

static gboolean
read_schedule (Reader *r, const json_t *root, ChainSpec *s)
{
  const json_t *v = json_object_get (root, "schedule");

  if (json_is_string (v))
    {
      chain_choice_set (&s->schedule, json_string_value (v), NULL);
      return TRUE;
    }
  return read_object (r, root, "schedule", &_chain_fields_schedule, s);
}

static gboolean
read_early (Reader *r, const json_t *root, ChainSpec *s)
{
  const json_t *training = json_object_get (root, "training"), *v = json_object_get (training, "early_stopping");
  gsize was;
  gboolean ok;

  s->stop.early_stopping = json_is_true (v) || json_is_object (v);
  if (!v || json_is_boolean (v) || json_is_null (v))
    return TRUE;
  was = enter (r, "training");
  ok = read_object (r, training, "early_stopping", &_chain_fields_early, s);
  leave (r, was);
  return ok;
}

static gboolean
read_network (Reader *r, const json_t *root, ChainSpec *s)
{
  const json_t *network = json_object_get (root, "network");
  gsize was;
  gboolean ok;

  if (!read_object (r, root, "network", &_chain_fields_network, s))
    return FALSE;
  was = enter (r, "network");
  ok = read_list (r, network, "inputs", CHAIN_LIMIT_LAYERS, read_input, s) && read_list (r, network, "layers", CHAIN_LIMIT_LAYERS, read_layer, s);
  leave (r, was);
  return ok;
}

/* The fields that the program uses without asking whether they are set. */
static void
fill_defaults (ChainSpec *s)
{
  g_autoptr (ChainSpec) fresh = chain_spec_new ();

  if (!s->name)
    chain_set_str (&s->name, "");
  if (!s->data.scale_inputs)
    chain_set_str (&s->data.scale_inputs, fresh->data.scale_inputs);
  if (!s->data.scale_targets)
    chain_set_str (&s->data.scale_targets, fresh->data.scale_targets);
  if (!s->data.missing)
    chain_set_str (&s->data.missing, fresh->data.missing);
  if (!s->data.delimiter)
    chain_set_str (&s->data.delimiter, fresh->data.delimiter);
  if (isnan (s->data.limit))
    s->data.limit = 0;
}

ChainSpec *
_chain_spec_from_tree (const json_t *root, char **bad_path, GError **error)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_autoptr (ChainSpec) s = chain_spec_new ();
  Reader r = { path, bad_path, error };

  if (!json_is_object (root))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("this is not a Chainrule document: an object is expected"));
      return NULL;
    }
  if (!read_format (&r, root) || !read_fields (&r, root, &_chain_fields_root, s) || !read_object (&r, root, "data", &_chain_fields_data, &s->data)
      || !read_network (&r, root, s) || !read_list (&r, root, "losses", CHAIN_LIMIT_LAYERS, read_loss, s)
      || !read_list (&r, root, "regularisers", CHAIN_LIMIT_REGULARISERS, read_regulariser, s) || !read_schedule (&r, root, s)
      || !read_object (&r, root, "batch", &_chain_fields_batch, s) || !read_object (&r, root, "training", &_chain_fields_training, s)
      || !read_early (&r, root, s))
    return NULL;
  fill_defaults (s);
  return g_steal_pointer (&s);
}

ChainSpec *
chain_spec_from_json (const char *text, gsize len, ChainFileWhere *where, GError **error)
{
  g_autoptr (ChainJson) root = chain_json_read (text, len, NULL, where, error);
  g_autofree char *bad = NULL;
  ChainFileWhere at;
  ChainSpec *s;

  if (!root)
    return NULL;
  s = _chain_spec_from_tree (root, &bad, error);
  if (s)
    {
      g_free (s->source_json);
      s->source_json = g_strndup (text, len);
    }
  else if (bad && chain_json_locate (text, len, bad, &at))
    {
      g_prefix_error (error, _("line %u, column %u: "), at.line, at.column);
      if (where)
        *where = at;
    }
  return s;
}

ChainSpec *
chain_spec_load (const char *path, ChainFileStamp *stamp, GError **error)
{
  g_autofree char *text = NULL;
  ChainSpec *s;
  gsize len;

  if (!chain_file_read (path, CHAIN_LIMIT_JSON_BYTES, &text, &len, stamp, error))
    return NULL;
  s = chain_spec_from_json (text, len, NULL, error);
  if (!s)
    {
      g_autofree char *name = chain_text_escape (path, -1);
      g_prefix_error (error, "%s: ", name);
    }
  return s;
}
