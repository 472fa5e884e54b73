/* SPDX-License-Identifier: Apache-2.0 */
/* `inspect`: one door for the corpus, the fuzzers' regressions and bug reports. It adds nothing to the readers; it tells what they said. */
#include "config.h"
#include "app/io/inspect.h"
#include "app/io/csv.h"
#include "app/io/idx.h"
#include "app/io/json.h"
#include "app/io/npy.h"
#include "app/io/safetensors.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static void
append_texts (GString *to, const char *key, const GPtrArray *texts)
{
  g_string_append_printf (to, ",\"%s\":[", key);
  for (guint i = 0; i < texts->len; i++)
    {
      if (i > 0)
        g_string_append_c (to, ',');
      chain_json_append_string (to, texts->pdata[i]);
    }
  g_string_append_c (to, ']');
}

static void
append_cell (GString *to, const ChainTable *t, const ChainInspectCell *cell)
{
  const ChainColumn *c = cell->col < t->columns->len && cell->row < t->n_rows ? t->columns->pdata[cell->col] : NULL;
  double v = c ? c->values[cell->row] : NAN;

  g_string_append_printf (to, "[%u,%u,", cell->row, cell->col);
  if (c && c->labels && !isnan (v))
    chain_json_append_string (to, c->labels->pdata[(guint) v]);
  else
    chain_json_append_number (to, v);   /* missing, or not there: null */
  g_string_append_c (to, ']');
}

static void
append_table (GString *to, const ChainTable *t, const ChainInspectOptions *o)
{
  guint64 missing = 0;

  for (guint i = 0; i < t->columns->len; i++)
    missing += ((ChainColumn *) t->columns->pdata[i])->n_missing;
  g_string_append_printf (to, "{\"ok\":true,\"rows\":%u,\"cols\":%u,\"missing\":%" G_GUINT64_FORMAT ",\"cells\":[", t->n_rows, t->columns->len, missing);
  for (guint i = 0; i < o->n_cells; i++)
    {
      if (i > 0)
        g_string_append_c (to, ',');
      append_cell (to, t, &o->cells[i]);
    }
  g_string_append (to, "],\"names\":[");
  for (guint i = 0; i < t->columns->len; i++)
    {
      if (i > 0)
        g_string_append_c (to, ',');
      chain_json_append_string (to, ((ChainColumn *) t->columns->pdata[i])->name);
    }
  g_string_append_c (to, ']');
  append_texts (to, "warnings", t->warnings);
  g_string_append_c (to, '}');
}

static void
append_tensors (GString *to, const ChainTensorFile *f)
{
  g_string_append (to, "{\"ok\":true,\"tensors\":{");
  for (guint i = 0; i < f->tensors->len; i++)
    {
      const ChainFileTensor *t = f->tensors->pdata[i];

      if (i > 0)
        g_string_append_c (to, ',');
      chain_json_append_string (to, t->name);
      g_string_append_printf (to, ":[\"%s\",[", t->dtype);
      for (guint k = 0; k < t->rank; k++)
        g_string_append_printf (to, k ? ",%" G_GUINT64_FORMAT : "%" G_GUINT64_FORMAT, t->shape[k]);
      g_string_append (to, "]]");
    }
  g_string_append_c (to, '}');
  append_texts (to, "warnings", f->warnings);
  g_string_append_c (to, '}');
}

/* Takes data over. FALSE and error when refused. */
static gboolean
inspect_bytes (GString *to, char *data, gsize len, const ChainInspectOptions *o, ChainFileWhere *where, GError **error)
{
  g_autofree char *owned = NULL;
  g_autoptr (ChainTable) t = NULL;

  if (g_str_equal (o->as, "safetensors"))
    {
      g_autoptr (ChainTensorFile) f = chain_tensor_file_read (data, len, where, error);

      if (f)
        append_tensors (to, f);
      return f != NULL;
    }
  owned = data;
  if (g_str_equal (o->as, "json"))
    {
      g_autoptr (ChainJson) j = chain_json_read (data, len, NULL, where, error);

      if (j)
        g_string_append (to, "{\"ok\":true,\"warnings\":[]}");
      return j != NULL;
    }
  if (g_str_equal (o->as, "csv"))
    {
      ChainCsvOptions options = { o->delimiter, o->no_header, NULL };
      t = chain_csv_read (data, len, &options, where, error);
    }
  else if (g_str_equal (o->as, "idx"))
    t = chain_idx_read (data, len, where, error);
  else if (g_str_equal (o->as, "npy"))
    t = chain_npy_read (data, len, where, error);
  else
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_UNSUPPORTED, _("“%s” is not a format that is read"), o->as);
  if (t)
    append_table (to, t, o);
  return t != NULL;
}

static void
append_refusal (GString *to, const char *path, const ChainFileWhere *where, const GError *e)
{
  g_autofree char *base = g_path_get_basename (path), *name = chain_text_escape (base, -1), *message = g_strdup_printf ("%s: %s", name, e->message);
  gboolean ours = e->domain == CHAIN_ERROR;

  g_string_append (to, "{\"ok\":false,\"class\":");
  chain_json_append_string (to, ours ? chain_error_name (e->code) : "io");
  if (where->line > 0)
    g_string_append_printf (to, ",\"line\":%u", where->line);
  if (where->line > 0 && where->column > 0)
    g_string_append_printf (to, ",\"column\":%u", where->column);
  if (where->offset >= 0)
    g_string_append_printf (to, ",\"offset\":%" G_GINT64_FORMAT, where->offset);
  g_string_append (to, ",\"message\":");
  chain_json_append_string (to, message);
  g_string_append_c (to, '}');
}

char *
chain_inspect_json (const char *path, const ChainInspectOptions *options, gboolean *ok)
{
  GString *to = g_string_new (NULL);
  ChainFileWhere where = { 0, 0, -1 };
  g_autoptr (GError) error = NULL;
  gsize max = g_str_equal (options->as, "json") ? 2 * CHAIN_LIMIT_JSON_BYTES : CHAIN_LIMIT_GZIP, len = 0;
  char *data = NULL;
  gboolean loaded = chain_file_read (path, max, &data, &len, NULL, &error) && inspect_bytes (to, data, len, options, &where, &error);

  if (!loaded)
    append_refusal (to, path, &where, error);
  if (ok)
    *ok = loaded;
  return g_string_free (to, FALSE);
}
