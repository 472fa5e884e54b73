/* SPDX-License-Identifier: Apache-2.0 */
/* The document. Two files cannot be renamed together, so there is one: parameters, moments, host state and embedded data are tensors, all
 * text is one JSON value in the metadata (RELIABILITY 0.3). A digest over everything that is loaded stands beside it: a document with
 * one flipped bit is refused instead of being a different network (A19). Any reader of safetensors sees the weights. */
#include "config.h"
#include "app/io/document.h"
#include "engine/base/number.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define KEY "chainrule"
#define KEY_SUM "chainrule.sha256"
#define COLUMN_PREFIX "data.columns."

static void
named_tensor_free (gpointer p)
{
  ChainNamedTensor *t = p;

  g_free (t->name);
  chain_tensor_unref (t->tensor);
  g_free (t);
}

ChainDocumentFile *
chain_document_file_new (void)
{
  ChainDocumentFile *d = g_new0 (ChainDocumentFile, 1);

  d->tensors = g_ptr_array_new_with_free_func (named_tensor_free);
  d->warnings = g_ptr_array_new_with_free_func (g_free);
  return d;
}

void
chain_document_file_free (ChainDocumentFile *d)
{
  if (!d)
    return;
  g_clear_pointer (&d->spec, chain_spec_unref);
  g_clear_pointer (&d->prep, chain_prep_unref);
  g_clear_pointer (&d->data, chain_table_unref);
  g_ptr_array_unref (d->tensors);
  g_ptr_array_unref (d->warnings);
  g_free (d->run_json);
  g_free (d);
}

void
chain_document_file_add (ChainDocumentFile *d, const char *name, ChainTensor *tensor)
{
  ChainNamedTensor *t = g_new (ChainNamedTensor, 1);

  *t = (ChainNamedTensor){ g_strdup (name), chain_tensor_ref (tensor) };
  g_ptr_array_add (d->tensors, t);
}

ChainTensor *
chain_document_file_find (const ChainDocumentFile *d, const char *name)
{
  for (guint i = 0; i < d->tensors->len; i++)
    if (g_str_equal (((ChainNamedTensor *) d->tensors->pdata[i])->name, name))
      return ((ChainNamedTensor *) d->tensors->pdata[i])->tensor;
  return NULL;
}

/* --- fitted preprocessing --- */
static json_t *
labels_value (const GPtrArray *labels)
{
  json_t *a = json_array ();

  for (guint i = 0; i < labels->len; i++)
    json_array_append_new (a, json_string (labels->pdata[i]));
  return a;
}

static json_t *
prep_columns_value (const GPtrArray *columns)
{
  json_t *a = json_array ();

  for (guint i = 0; i < columns->len; i++)
    {
      const ChainPrepColumn *c = columns->pdata[i];
      json_t *o = json_object ();

      json_object_set_new (o, "column", json_string (c->column));
      json_object_set_new (o, "kind", json_string (c->kind == CHAIN_COLUMN_NUMBER ? "number" : "category"));
      json_object_set_new (o, "shift", isfinite (c->shift) ? json_real (c->shift) : json_null ());
      json_object_set_new (o, "scale", isfinite (c->scale) ? json_real (c->scale) : json_null ());
      json_object_set_new (o, "fill", isfinite (c->fill) ? json_real (c->fill) : json_null ());
      if (c->labels)
        json_object_set_new (o, "labels", labels_value (c->labels));
      json_array_append_new (a, o);
    }
  return a;
}

static json_t *
features_value (const GPtrArray *features)
{
  json_t *a = json_array ();

  for (guint i = 0; i < features->len; i++)
    json_array_append_new (a, json_string (((const ChainPrepFeature *) features->pdata[i])->text));
  return a;
}

json_t *
chain_prep_to_json (const ChainPrep *prep)
{
  json_t *o = json_object ();

  json_object_set_new (o, "inputs", prep_columns_value (prep->inputs));
  json_object_set_new (o, "targets", prep_columns_value (prep->targets));
  if (prep->features)
    json_object_set_new (o, "features", features_value (prep->features));
  json_object_set_new (o, "classify", json_boolean (prep->classify));
  json_object_set_new (o, "n_inputs", json_integer (prep->n_inputs));
  json_object_set_new (o, "n_targets", json_integer (prep->n_targets));
  json_object_set_new (o, "n_classes", json_integer (prep->n_classes));
  return o;
}

static void
prep_column_free (gpointer p)
{
  ChainPrepColumn *c = p;

  g_free (c->column);
  g_clear_pointer (&c->labels, g_ptr_array_unref);
  g_free (c);
}

static GPtrArray *
read_labels (const json_t *list)
{
  GPtrArray *labels = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < json_array_size (list); i++)
    g_ptr_array_add (labels, g_strdup (json_string_value (json_array_get (list, i))));
  return labels;
}

static gboolean
is_text_list (const json_t *list)
{
  for (gsize i = 0; i < json_array_size (list); i++)
    if (!json_is_string (json_array_get (list, i)))
      return FALSE;
  return json_is_array (list);
}

static gboolean
prep_fail (GError **error, const char *what)
{
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("the fitted preprocessing of this document is damaged: %s"), what);
  return FALSE;
}

static gboolean
read_prep_column (const json_t *o, GPtrArray *to, GError **error)
{
  const char *name = json_string_value (json_object_get (o, "column")), *kind = json_string_value (json_object_get (o, "kind"));
  const json_t *labels = json_object_get (o, "labels");
  ChainPrepColumn *c;

  if (!name || !kind || (!g_str_equal (kind, "number") && !g_str_equal (kind, "category")))
    return prep_fail (error, _("a column needs a name and a kind"));
  c = g_new0 (ChainPrepColumn, 1);
  g_ptr_array_add (to, c);
  c->column = g_strdup (name);
  c->kind = g_str_equal (kind, "category") ? CHAIN_COLUMN_CATEGORY : CHAIN_COLUMN_NUMBER;
  c->shift = json_number_value (json_object_get (o, "shift"));
  c->scale = json_is_number (json_object_get (o, "scale")) ? json_number_value (json_object_get (o, "scale")) : 1;
  c->fill = json_is_number (json_object_get (o, "fill")) ? json_number_value (json_object_get (o, "fill")) : NAN;
  if (c->scale == 0)
    return prep_fail (error, _("a scale is zero"));
  if ((c->kind == CHAIN_COLUMN_CATEGORY) != (labels != NULL) || (labels && (!is_text_list (labels) || json_array_size (labels) == 0)))
    return prep_fail (error, _("a category needs a list of labels, a number has none"));
  if (!labels)
    return TRUE;
  c->labels = read_labels (labels);
  if (isnan (c->fill))
    c->fill = 0;                /* a target has none */
  return (c->fill >= 0 && c->fill < c->labels->len) || prep_fail (error, _("a category is filled with a label that it does not have"));
}

static gboolean
read_prep_columns (const json_t *list, GPtrArray *to, GError **error)
{
  for (gsize i = 0; i < json_array_size (list); i++)
    if (!read_prep_column (json_array_get (list, i), to, error))
      return FALSE;
  return json_is_array (list) || prep_fail (error, _("a list of columns is expected"));
}

/* Also sets n_inputs, by what the columns and features give. */
static gboolean
read_prep_features (const json_t *list, ChainPrep *p, GError **error)
{
  g_autoptr (GPtrArray) texts = NULL;

  if (list && !is_text_list (list))
    return prep_fail (error, _("the features are a list of formulas"));
  texts = read_labels (list);
  return chain_prep_set_features (p, texts, error);
}

/* What the data set takes for granted of preprocessing that it was given: a target, and for classes one that has them, all counted. */
static gboolean
read_prep_targets (const json_t *o, ChainPrep *p, GError **error)
{
  const ChainPrepColumn *first = p->targets->len > 0 ? g_ptr_array_index (p->targets, 0) : NULL;
  guint categories = 0;

  for (guint i = 0; i < p->targets->len; i++)
    categories += ((const ChainPrepColumn *) g_ptr_array_index (p->targets, i))->kind == CHAIN_COLUMN_CATEGORY;
  p->classify = json_is_true (json_object_get (o, "classify"));
  p->n_targets = p->targets->len;
  p->n_classes = p->classify && categories == 1 ? first->labels->len : 0;
  if (p->n_targets == 0 || json_integer_value (json_object_get (o, "n_targets")) != p->n_targets)
    return prep_fail (error, _("its target columns are not as many as it says"));
  if (categories != (p->classify ? 1 : 0) || (p->classify && p->n_targets != 1))
    return prep_fail (error, _("classes need one target with labels, numbers need targets without"));
  return json_integer_value (json_object_get (o, "n_classes")) == p->n_classes || prep_fail (error, _("its labels are not as many as its classes"));
}

ChainPrep *
chain_prep_from_json (const json_t *value, GError **error)
{
  g_autoptr (ChainPrep) p = g_new0 (ChainPrep, 1);

  p->ref_count = 1;
  p->inputs = g_ptr_array_new_with_free_func (prep_column_free);
  p->targets = g_ptr_array_new_with_free_func (prep_column_free);
  if (!read_prep_columns (json_object_get (value, "inputs"), p->inputs, error) || !read_prep_columns (json_object_get (value, "targets"), p->targets, error))
    return NULL;
  if (!read_prep_targets (value, p, error) || !read_prep_features (json_object_get (value, "features"), p, error))
    return NULL;
  if (p->n_inputs != json_integer_value (json_object_get (value, "n_inputs")))
    {
      prep_fail (error, _("its columns do not give the inputs that it names"));
      return NULL;
    }
  return g_steal_pointer (&p);
}

/* --- embedded data --- */
static void
write_column (ChainTensorFile *f, const ChainColumn *c, guint n)
{
  g_autofree char *name = g_strconcat (COLUMN_PREFIX, c->name, NULL);
  guint64 shape[1] = { n };

  if (c->kind == CHAIN_COLUMN_NUMBER)
    chain_tensor_file_add_raw (f, name, "F64", 1, shape, c->values);
  else
    {
      g_autofree gint32 *index = g_new (gint32, MAX (n, 1));

      for (guint i = 0; i < n; i++)
        index[i] = isnan (c->values[i]) ? -1 : (gint32) c->values[i];
      chain_tensor_file_add_raw (f, name, "I32", 1, shape, index);
    }
}

static json_t *
write_data (ChainTensorFile *f, const ChainTable *t)
{
  json_t *o = json_object (), *columns = json_array ();

  json_object_set_new (o, "rows", json_integer (t->n_rows));
  json_object_set_new (o, "title", t->title ? json_string (t->title) : json_null ());
  json_object_set_new (o, "target", t->default_target ? json_string (t->default_target) : json_null ());
  json_object_set_new (o, "image_width", json_integer (t->image_width));
  json_object_set_new (o, "image_height", json_integer (t->image_height));
  for (guint i = 0; i < t->columns->len; i++)
    {
      const ChainColumn *c = t->columns->pdata[i];
      json_t *entry = json_object ();

      json_object_set_new (entry, "name", json_string (c->name));
      if (c->labels)
        json_object_set_new (entry, "labels", labels_value (c->labels));
      json_array_append_new (columns, entry);
      write_column (f, c, t->n_rows);
    }
  json_object_set_new (o, "columns", columns);
  return o;
}

static gboolean
data_fail (GError **error)
{
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT, _("the data embedded in this document do not fit together"));
  return FALSE;
}

static gboolean
read_column (const ChainTensorFile *f, const json_t *entry, ChainTable *t, GError **error)
{
  const char *name = json_string_value (json_object_get (entry, "name"));
  const json_t *labels = json_object_get (entry, "labels");
  g_autofree char *tensor = g_strconcat (COLUMN_PREFIX, name ? name : "", NULL);
  const ChainFileTensor *stored = chain_tensor_file_find (f, tensor);
  ChainColumn *c;

  if (!name || !stored || stored->n != t->n_rows || (labels && !is_text_list (labels)) || !g_str_equal (stored->dtype, labels ? "I32" : "F64"))
    return data_fail (error);
  c = chain_table_add (t, name, CHAIN_COLUMN_NUMBER);
  if (labels)
    {
      c->kind = CHAIN_COLUMN_CATEGORY;
      c->labels = read_labels (labels);
    }
  for (guint i = 0; i < t->n_rows; i++)
    {
      gint32 index;

      if (!labels)
        memcpy (&c->values[i], (const char *) stored->data + 8 * (gsize) i, 8);
      else
        {
          memcpy (&index, (const char *) stored->data + 4 * (gsize) i, 4);
          if (index < -1 || index >= (gint32) c->labels->len)
            return data_fail (error);
          c->values[i] = index < 0 ? NAN : index;
        }
      c->n_missing += isnan (c->values[i]) != 0;
    }
  return TRUE;
}

static ChainTable *
read_data (const ChainTensorFile *f, const json_t *o, GError **error)
{
  json_int_t rows = json_integer_value (json_object_get (o, "rows"));
  const json_t *columns = json_object_get (o, "columns");
  g_autoptr (ChainTable) t = NULL;

  /* Each column is checked against its tensor before a row of it is allocated: the first one bounds them all. */
  if (rows < 1 || rows > G_MAXINT32 || json_array_size (columns) == 0 || f->tensors->len < json_array_size (columns))
    {
      data_fail (error);
      return NULL;
    }
  t = chain_table_new ((guint) rows);
  for (gsize i = 0; i < json_array_size (columns); i++)
    if (!read_column (f, json_array_get (columns, i), t, error))
      return NULL;
  chain_set_str (&t->title, json_string_value (json_object_get (o, "title")));
  chain_set_str (&t->default_target, json_string_value (json_object_get (o, "target")));
  t->image_width = (guint) CLAMP (json_integer_value (json_object_get (o, "image_width")), 0, G_MAXINT32);
  t->image_height = (guint) CLAMP (json_integer_value (json_object_get (o, "image_height")), 0, G_MAXINT32);
  return g_steal_pointer (&t);
}

/* --- reading --- */
static gboolean
check_digest (const ChainTensorFile *f, GError **error)
{
  const char *said = g_hash_table_lookup (f->metadata, KEY_SUM);
  g_autofree char *sum = chain_tensor_file_digest (f, KEY_SUM);

  if (g_hash_table_lookup (f->metadata, KEY) && said && g_str_equal (said, sum))
    return TRUE;
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT, _("this document is damaged: its content does not match its checksum; use an older copy"));
  return FALSE;
}

static gboolean
seal_spec (ChainSpec *spec, GError **error)
{
  if (!spec || !chain_spec_validate (spec, 0, error))
    return FALSE;
  chain_spec_seal (spec);
  return TRUE;
}

static gboolean
read_parts (ChainDocumentFile *d, const ChainTensorFile *f, const json_t *root, GError **error)
{
  json_t *prep = json_object_get (root, "prep"), *data = json_object_get (root, "data"), *run = json_object_get (root, "run"), *spec = json_object_get (root, "spec");

  d->spec = _chain_spec_from_tree (spec, NULL, error);
  if (!d->spec)
    return FALSE;
  d->spec->source_json = chain_json_write (spec, TRUE);
  if (!seal_spec (d->spec, error))
    return FALSE;
  if (prep && !(d->prep = chain_prep_from_json (prep, error)))
    return FALSE;
  if (data && !(d->data = read_data (f, data, error)))
    return FALSE;
  d->run_json = run ? chain_json_write (run, TRUE) : NULL;
  return TRUE;
}

static gboolean
read_tensors (ChainDocumentFile *d, const ChainTensorFile *f, GError **error)
{
  for (guint i = 0; i < f->tensors->len; i++)
    {
      const ChainFileTensor *stored = f->tensors->pdata[i];
      g_autoptr (ChainTensor) t = NULL;

      if (g_str_has_prefix (stored->name, COLUMN_PREFIX) || stored->n == 0)
        continue;
      t = chain_file_tensor_read (stored, error);
      if (!t)
        return FALSE;
      chain_document_file_add (d, stored->name, t);
    }
  return TRUE;
}

static ChainDocumentFile *
read_tensor_document (char *data, gsize len, ChainFileWhere *where, GError **error)
{
  static const ChainJsonLimits limits = { CHAIN_LIMIT_ST_HEADER, CHAIN_LIMIT_JSON_DEPTH, CHAIN_LIMIT_ST_HEADER, CHAIN_LIMIT_JSON_NUMBER, 1 << 20 };
  g_autoptr (ChainTensorFile) f = chain_tensor_file_read (data, len, where, error);
  g_autoptr (ChainDocumentFile) d = chain_document_file_new ();
  const char *text = f ? g_hash_table_lookup (f->metadata, KEY) : NULL;
  g_autoptr (ChainJson) root = NULL;

  if (!f)
    return NULL;
  for (guint i = 0; i < f->warnings->len; i++)
    g_ptr_array_add (d->warnings, g_strdup (f->warnings->pdata[i]));
  if (text || g_hash_table_contains (f->metadata, KEY_SUM))
    {
      if (!check_digest (f, error))
        return NULL;
      root = chain_json_read (text, strlen (text), &limits, where, error);
      if (!root || !read_parts (d, f, root, error))
        return NULL;
    }
  if (!read_tensors (d, f, error))
    return NULL;
  return g_steal_pointer (&d);
}

/* A length that fits the file and a brace behind it: no JSON text begins like that. */
static gboolean
is_tensor_file (const char *data, gsize len)
{
  guint64 n = 0;

  if (len < 9)
    return FALSE;
  memcpy (&n, data, 8);
  return data[8] == '{' && GUINT64_FROM_LE (n) <= CHAIN_LIMIT_ST_HEADER;
}

static gboolean
is_json_text (const char *data, gsize len)
{
  gsize i = 0;

  while (i < len && data[i] && strchr (" \t\r\n\xef\xbb\xbf", data[i]))
    i++;
  return i < len && data[i] == '{';
}

ChainDocumentFile *
chain_document_file_read (char *data, gsize len, ChainFileWhere *where, GError **error)
{
  g_autoptr (ChainDocumentFile) d = NULL;

  if (is_tensor_file (data, len) || !is_json_text (data, len))
    return read_tensor_document (data, len, where, error);
  d = chain_document_file_new ();
  d->spec = chain_spec_from_json (data, len, where, error);
  g_free (data);
  if (!seal_spec (d->spec, error))
    return NULL;
  return g_steal_pointer (&d);
}

ChainDocumentFile *
chain_document_file_load (const char *path, ChainFileStamp *stamp, GError **error)
{
  ChainDocumentFile *d;
  char *data;
  gsize len;

  if (!chain_file_read (path, G_MAXSSIZE, &data, &len, stamp, error))
    return NULL;
  d = chain_document_file_read (data, len, NULL, error);
  if (!d)
    {
      g_autofree char *name = chain_text_escape (path, -1);
      g_prefix_error (error, "%s: ", name);
    }
  return d;
}

/* --- writing --- */
static json_t *
spec_value (const ChainSpec *spec)
{
  g_autofree char *text = chain_spec_to_json (spec);

  return json_loads (text, 0, NULL);
}

/* The metadata entry; NULL if run_json is not what its owner promised. */
static char *
make_text (const ChainDocumentFile *d, ChainTensorFile *f, GError **error)
{
  g_autoptr (ChainJson) root = json_object ();
  json_t *run;

  json_object_set_new (root, "format", json_string (CHAIN_SPEC_FORMAT));
  json_object_set_new (root, "spec", spec_value (d->spec));
  if (d->prep)
    json_object_set_new (root, "prep", chain_prep_to_json (d->prep));
  if (d->data)
    json_object_set_new (root, "data", write_data (f, d->data));
  if (d->run_json)
    {
      run = json_loads (d->run_json, JSON_DECODE_ANY, NULL);
      if (!run)
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SYNTAX, _("the record of the run is not JSON"));
          return NULL;
        }
      json_object_set_new (root, "run", run);
    }
  return chain_json_write (root, TRUE);
}

char *
chain_document_file_write (const ChainDocumentFile *d, gsize *len, GError **error)
{
  g_autoptr (ChainTensorFile) f = chain_tensor_file_new ();

  for (guint i = 0; i < d->tensors->len; i++)
    {
      const ChainNamedTensor *t = d->tensors->pdata[i];
      chain_tensor_file_add (f, t->name, t->tensor);
    }
  if (d->spec)
    {
      char *text = make_text (d, f, error);

      if (!text)
        return NULL;
      g_hash_table_insert (f->metadata, g_strdup (KEY), text);
      g_hash_table_insert (f->metadata, g_strdup (KEY_SUM), chain_tensor_file_digest (f, KEY_SUM));
    }
  return chain_tensor_file_write (f, TRUE, len, error);
}

gboolean
chain_document_file_save (const ChainDocumentFile *d, const char *path, const ChainFileStamp *expected, ChainFileStamp *stamp, GError **error)
{
  gsize len = 0;
  g_autofree char *bytes = chain_document_file_write (d, &len, error);

  return bytes && chain_file_replace (path, bytes, len, expected, stamp, error);
}
