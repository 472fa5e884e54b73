/* SPDX-License-Identifier: Apache-2.0 */
/* ChainSpec -> JSON. Sparse: only what differs from a fresh spec, so that a saved sample is short and a diff shows what was meant; full:
 * every key, which `--set` edits. Unknown keys of the text that the spec was read from are put back where they stood: layers and inputs
 * are matched by name, losses by position. */
#include "config.h"
#include "app/io/spec/fields.h"
#include "engine/base/number.h"

#include <math.h>
#include <string.h>

static gboolean
same_number (double a, double b)
{
  return a == b || (isnan (a) && isnan (b));
}

static json_t *
number_value (double v)
{
  if (!isfinite (v))
    return json_null ();
  if (v == floor (v) && fabs (v) < 1e15)
    return json_integer ((json_int_t) v);
  return json_real (v);
}

static json_t *
u64_value (guint64 v)
{
  char buf[24];

  if (v <= G_MAXINT64)
    return json_integer ((json_int_t) v);
  g_snprintf (buf, sizeof buf, "%" G_GUINT64_FORMAT, v);
  return json_string (buf);
}

static json_t *
text_value (const char *text)
{
  return text ? json_string (text) : json_null ();
}

static json_t *
strings_value (const GPtrArray *list)
{
  json_t *a = json_array ();

  for (guint i = 0; i < list->len; i++)
    json_array_append_new (a, json_string (list->pdata[i]));
  return a;
}

static json_t *
params_value (const ChainChoice *c)
{
  json_t *o = json_object ();

  for (guint i = 0; c->params && i < c->params->len; i++)
    {
      const ChainParamValue *p = &g_array_index (c->params, ChainParamValue, i);

      json_object_set_new (o, p->name, p->text ? json_string (p->text) : number_value (p->value));
    }
  return o;
}

static json_t *
choice_value (const ChainChoice *c, gboolean full)
{
  json_t *o;

  if (!full && !c->variant && c->params->len == 0)
    return text_value (c->id);
  o = json_object ();
  json_object_set_new (o, "id", text_value (c->id));
  if (full || c->variant)
    json_object_set_new (o, "variant", text_value (c->variant));
  if (full || c->params->len > 0)
    json_object_set_new (o, "params", params_value (c));
  return o;
}

static gboolean
same_strings (const GPtrArray *a, const GPtrArray *b)
{
  gboolean same = a->len == b->len;

  for (guint i = 0; same && i < a->len; i++)
    same = g_str_equal (a->pdata[i], b->pdata[i]);
  return same;
}

/* The value of one field, or NULL when it is the default and only what differs is wanted. */
static json_t *
field_value (const ChainField *f, gconstpointer base, gconstpointer fresh, gboolean full)
{
  const ChainChoice *a = &CHAIN_FIELD_CONST (ChainChoice, base, f), *b = &CHAIN_FIELD_CONST (ChainChoice, fresh, f);

#define VALUE(type) CHAIN_FIELD_CONST (type, base, f)
#define FRESH(type) CHAIN_FIELD_CONST (type, fresh, f)
  switch (f->kind)
    {
    case FIELD_STR:
      return full || g_strcmp0 (VALUE (char *), FRESH (char *)) ? text_value (VALUE (char *)) : NULL;
    case FIELD_DOUBLE:
      return full || !same_number (VALUE (double), FRESH (double)) ? number_value (VALUE (double)) : NULL;
    case FIELD_UINT:
      return full || VALUE (guint) != FRESH (guint) ? json_integer (VALUE (guint)) : NULL;
    case FIELD_U64:
      return full || VALUE (guint64) != FRESH (guint64) ? u64_value (VALUE (guint64)) : NULL;
    case FIELD_BOOL:
      return full || VALUE (gboolean) != FRESH (gboolean) ? json_boolean (VALUE (gboolean)) : NULL;
    case FIELD_STRINGS:
      return full || !same_strings (VALUE (GPtrArray *), FRESH (GPtrArray *)) ? strings_value (VALUE (GPtrArray *)) : NULL;
    case FIELD_CHOICE:
      return full || !chain_choice_equal (a, b) ? choice_value (a, full) : NULL;
    case FIELD_CHOICE_ID:
      return full || a->id ? text_value (a->id) : NULL;
    case FIELD_CHOICE_VARIANT:
      return full || a->variant ? text_value (a->variant) : NULL;
    case FIELD_PARAMS:
      return full || a->params->len > 0 ? params_value (a) : NULL;
    case FIELD_ENUM:
      return full || VALUE (int) != FRESH (int) ? json_string (f->names[VALUE (int)]) : NULL;
    case FIELD_OTHER:
    default:
      return NULL;
    }
#undef VALUE
#undef FRESH
}

static json_t *
write_fields (const ChainFields *fields, gconstpointer base, gconstpointer fresh, gboolean full)
{
  json_t *o = json_object ();

  for (guint i = 0; i < fields->n; i++)
    {
      json_t *v = field_value (&fields->fields[i], base, fresh, full);

      if (v)
        json_object_set_new (o, fields->fields[i].key, v);
    }
  return o;
}

static void
set_unless_empty (json_t *o, const char *key, json_t *value, gboolean full)
{
  if (full || json_object_size (value) > 0)
    json_object_set_new (o, key, value);
  else
    json_decref (value);
}

/* Of units that are there, so that what is written can be read. */
static void
write_off (json_t *o, const ChainLayer *l, gboolean full)
{
  json_t *off = json_array ();

  for (guint i = 0; i < l->unit_ids->len; i++)
    if (chain_layer_is_off (l, i))
      json_array_append_new (off, json_integer (g_array_index (l->unit_ids, guint32, i)));
  if (full || json_array_size (off) > 0)
    json_object_set (o, "off", off);
  json_decref (off);
}

static json_t *
layer_value (const ChainLayer *l, gboolean full)
{
  ChainLayer *fresh = chain_layer_new ("", "");
  json_t *o = write_fields (&_chain_fields_layer, l, fresh, full);
  gboolean plain = l->next_unit_id == l->units;

  for (guint i = 0; plain && i < l->unit_ids->len; i++)
    plain = g_array_index (l->unit_ids, guint32, i) == i;
  if (!plain)   /* ids that a count alone does not give */
    {
      json_t *ids = json_array ();

      for (guint i = 0; i < l->unit_ids->len; i++)
        json_array_append_new (ids, json_integer (g_array_index (l->unit_ids, guint32, i)));
      json_object_set_new (o, "unit_ids", ids);
      json_object_set_new (o, "next_unit_id", json_integer (l->next_unit_id));
    }
  write_off (o, l, full);
  chain_layer_free (fresh);
  return o;
}

static json_t *
loss_value (const ChainLossTerm *t, gboolean full)
{
  ChainLossTerm *fresh = chain_loss_term_new (NULL);
  json_t *o = write_fields (&_chain_fields_loss, t, fresh, full), *roles = json_object ();

  for (guint i = 0; i < t->roles->len; i++)
    json_object_set_new (roles, t->roles->pdata[i], json_string (t->sources->pdata[i]));
  set_unless_empty (o, "inputs", roles, full);
  chain_loss_term_free (fresh);
  return o;
}

/* Always an object, so that unknown keys have a place. */
static json_t *
regulariser_value (const ChainChoice *c, gboolean full)
{
  json_t *v = choice_value (c, full), *o;

  if (json_is_object (v))
    return v;
  o = json_object ();
  json_object_set_new (o, "id", v);
  return o;
}

/* A file has no row; the default one would be noise. */
static json_t *
data_value (const ChainDataSpec *d, const ChainDataSpec *fresh, gboolean full)
{
  json_t *o = write_fields (&_chain_fields_data, d, fresh, full);

  if (!full && d->source >= CHAIN_SOURCE_FILE && chain_choice_equal (&d->choice, &fresh->choice))
    json_object_del (o, "id");
  return o;
}

static json_t *
network_value (const ChainSpec *s, const ChainSpec *fresh, gboolean full)
{
  json_t *o = json_object (), *rest = write_fields (&_chain_fields_network, s, fresh, full), *list = json_array ();
  static const ChainInput no_input = { NULL, 0 };

  for (guint i = 0; i < s->inputs->len; i++)
    json_array_append_new (list, write_fields (&_chain_fields_input, s->inputs->pdata[i], &no_input, TRUE));
  if (full || s->inputs->len > 0)
    json_object_set (o, "inputs", list);
  json_decref (list);
  list = json_array ();
  for (guint i = 0; i < s->layers->len; i++)
    json_array_append_new (list, layer_value (s->layers->pdata[i], full));
  json_object_set_new (o, "layers", list);
  json_object_update (o, rest);
  json_decref (rest);
  return o;
}

static json_t *
training_value (const ChainSpec *s, const ChainSpec *fresh, gboolean full)
{
  json_t *o = write_fields (&_chain_fields_training, s, fresh, full), *early = write_fields (&_chain_fields_early, s, fresh, full);

  /* An object alone means "on": it says so only when it is off. */
  if (!full && json_object_size (early) > 0 && !s->stop.early_stopping)
    json_object_set_new (early, "enabled", json_false ());
  set_unless_empty (o, "early_stopping", early, full);
  return o;
}

json_t *
_chain_spec_to_tree (const ChainSpec *s, gboolean full)
{
  g_autoptr (ChainSpec) fresh = chain_spec_new ();
  json_t *o = json_object (), *list = json_array (), *plain = write_fields (&_chain_fields_root, s, fresh, full);

  json_object_set_new (o, "format", json_string (CHAIN_SPEC_FORMAT));
  if (json_object_get (plain, "name"))
    json_object_set (o, "name", json_object_get (plain, "name"));
  if (json_object_get (plain, "note"))
    json_object_set (o, "note", json_object_get (plain, "note"));
  json_object_set_new (o, "data", data_value (&s->data, &fresh->data, full));
  json_object_set_new (o, "network", network_value (s, fresh, full));
  for (guint i = 0; i < s->losses->len; i++)
    json_array_append_new (list, loss_value (s->losses->pdata[i], full));
  json_object_set_new (o, "losses", list);
  json_object_update (o, plain);
  json_decref (plain);
  list = json_array ();
  for (guint i = 0; i < s->regularisers->len; i++)
    json_array_append_new (list, regulariser_value (s->regularisers->pdata[i], full));
  if (full || s->regularisers->len > 0)
    json_object_set (o, "regularisers", list);
  json_decref (list);
  if (full || !chain_choice_equal (&s->schedule, &fresh->schedule) || s->schedule_per_epoch)
    json_object_set_new (o, "schedule", write_fields (&_chain_fields_schedule, s, fresh, full));
  set_unless_empty (o, "batch", write_fields (&_chain_fields_batch, s, fresh, full), full);
  set_unless_empty (o, "training", training_value (s, fresh, full), full);
  return o;
}

/* --- unknown keys --- */
static gboolean
is_known (const ChainFields *fields, const char *key)
{
  for (guint i = 0; i < fields->n; i++)
    if (g_str_equal (fields->fields[i].key, key))
      return TRUE;
  return FALSE;
}

/* A bare id must become an object before a key can be added. */
static json_t *
as_object (json_t *parent, const char *key)
{
  json_t *v = json_object_get (parent, key), *o;

  if (json_is_object (v))
    return v;
  o = json_object ();
  if (json_is_string (v))
    json_object_set (o, "id", v);
  json_object_set_new (parent, key, o);
  return o;
}

static void
keep_unknown (json_t *to, json_t *from, const ChainFields *fields)
{
  const char *key;
  json_t *value;

  json_object_foreach (from, key, value)
    if (!is_known (fields, key))
      json_object_set (to, key, value);
}

static gboolean
has_unknown (json_t *from, const ChainFields *fields)
{
  const char *key;
  json_t *value;

  json_object_foreach (from, key, value)
    if (!is_known (fields, key))
      return TRUE;
  return FALSE;
}

static void
keep_in (json_t *to, const json_t *from, const char *key, const ChainFields *fields)
{
  json_t *source = json_object_get (from, key);

  if (json_is_object (source) && has_unknown (source, fields))
    keep_unknown (as_object (to, key), source, fields);
}

static json_t *
find_named (const json_t *list, const char *key, const char *name)
{
  for (gsize i = 0; name && i < json_array_size (list); i++)
    {
      json_t *item = json_array_get (list, i);

      if (g_strcmp0 (json_string_value (json_object_get (item, key)), name) == 0)
        return item;
    }
  return NULL;
}

/* Each list is walked once with a table of names: 10,000 layers stay linear. */
static GHashTable *
index_by (const json_t *list, const char *key)
{
  GHashTable *index = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < json_array_size (list); i++)
    {
      const char *name = json_string_value (json_object_get (json_array_get (list, i), key));

      if (name)
        g_hash_table_insert (index, (gpointer) name, json_array_get (list, i));
    }
  return index;
}

static void
keep_network (json_t *to, const json_t *from)
{
  const json_t *layers = json_object_get (to, "layers"), *inputs = json_object_get (to, "inputs");
  g_autoptr (GHashTable) old = index_by (json_object_get (from, "layers"), "id");

  for (gsize i = 0; i < json_array_size (layers); i++)
    {
      json_t *layer = json_array_get (layers, i), *source = g_hash_table_lookup (old, json_string_value (json_object_get (layer, "id")));

      if (!source)
        continue;
      keep_unknown (layer, source, &_chain_fields_layer);
      keep_in (layer, source, "activation", &_chain_fields_choice);
      keep_in (layer, source, "initialiser", &_chain_fields_choice);
    }
  for (gsize i = 0; i < json_array_size (inputs); i++)
    {
      json_t *in = json_array_get (inputs, i), *source = find_named (json_object_get (from, "inputs"), "name", json_string_value (json_object_get (in, "name")));

      if (source)
        keep_unknown (in, source, &_chain_fields_input);
    }
}

static void
keep_list (json_t *to, const json_t *from, const ChainFields *fields)
{
  for (gsize i = 0; i < json_array_size (to); i++)
    {
      json_t *source = json_array_get (from, i);

      if (json_is_object (source))
        keep_unknown (json_array_get (to, i), source, fields);
    }
}

static void
keep_all (json_t *to, json_t *from)
{
  static const struct { const char *key; const ChainFields *fields; } parts[] = {
    { "data", &_chain_fields_data }, { "network", &_chain_fields_network }, { "schedule", &_chain_fields_schedule },
    { "batch", &_chain_fields_batch }, { "training", &_chain_fields_training }, { "initialiser", &_chain_fields_choice },
    { "bias_initialiser", &_chain_fields_choice }, { "optimiser", &_chain_fields_choice },
  };

  keep_unknown (to, from, &_chain_fields_root);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    keep_in (to, from, parts[i].key, parts[i].fields);
  keep_network (json_object_get (to, "network"), json_object_get (from, "network"));
  keep_list (json_object_get (to, "losses"), json_object_get (from, "losses"), &_chain_fields_loss);
  keep_list (json_object_get (to, "regularisers"), json_object_get (from, "regularisers"), &_chain_fields_choice);
  /* A minor version that is newer than this program stays what it was. */
  if (json_is_string (json_object_get (from, "format")))
    json_object_set (to, "format", json_object_get (from, "format"));
}

char *
chain_spec_to_json (const ChainSpec *spec)
{
  g_autoptr (ChainJson) tree = _chain_spec_to_tree (spec, FALSE);

  if (spec->source_json)
    {
      g_autoptr (ChainJson) source = chain_json_read (spec->source_json, strlen (spec->source_json), NULL, NULL, NULL);

      if (json_is_object (source))
        keep_all (tree, source);
    }
  return chain_json_write (tree, FALSE);
}

gboolean
chain_spec_save (const ChainSpec *spec, const char *path, const ChainFileStamp *expected, ChainFileStamp *stamp, GError **error)
{
  g_autofree char *text = chain_spec_to_json (spec);

  return chain_file_replace (path, text, strlen (text), expected, stamp, error);
}
