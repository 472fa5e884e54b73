/* SPDX-License-Identifier: Apache-2.0 */
/* Data of a document, and what in a network has to follow it. Other data means another number of inputs, classes or targets: loss, width and
 * activation of the output follow, hidden layers stay. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/io/data-load.h"
#include "app/session/session-private.h"

#include <string.h>

#define MOST_RECENT 8

void
_chain_session_data_free (gpointer p)
{
  ChainSessionData *d = p;

  chain_spec_unref (d->spec);
  chain_table_unref (d->table);
  chain_dataset_unref (d->data);
  g_free (d);
}

static gboolean
same_names (const GPtrArray *a, const GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    if (strcmp (g_ptr_array_index (a, i), g_ptr_array_index (b, i)) != 0)
      return FALSE;
  return TRUE;
}

static gboolean
same_table (const ChainDataSpec *a, const ChainDataSpec *b)
{
  return a->source == b->source && chain_choice_equal (&a->choice, &b->choice) && a->seed == b->seed && g_strcmp0 (a->path, b->path) == 0
         && g_strcmp0 (a->labels_path, b->labels_path) == 0 && g_strcmp0 (a->format, b->format) == 0
         && g_strcmp0 (a->delimiter, b->delimiter) == 0 && a->header == b->header && same_names (a->ignore, b->ignore)
         && (a->sha256 == NULL || b->sha256 == NULL || strcmp (a->sha256, b->sha256) == 0);
}

static gboolean
same_data (const ChainSpec *p, const ChainSpec *q)
{
  const ChainDataSpec *a = &p->data, *b = &q->data;

  return same_table (a, b) && p->seed == q->seed && same_names (a->inputs, b->inputs) && same_names (a->targets, b->targets)
         && same_names (a->features, b->features)
         && g_strcmp0 (a->task, b->task) == 0 && a->test == b->test && a->stratify == b->stratify
         && g_strcmp0 (a->scale_inputs, b->scale_inputs) == 0 && g_strcmp0 (a->scale_targets, b->scale_targets) == 0
         && g_strcmp0 (a->missing, b->missing) == 0 && a->limit == b->limit;
}

void
_chain_session_keep_data (ChainSession *s, const ChainSpec *spec, ChainTable *table, ChainDataset *data)
{
  ChainSessionData *d;

  for (guint i = 0; i < s->recent->len; i++)
    if (((ChainSessionData *) g_ptr_array_index (s->recent, i))->data == data)
      return;
  d = g_new0 (ChainSessionData, 1);
  d->spec = chain_spec_ref (spec);
  d->table = chain_table_ref (table);
  d->data = chain_dataset_ref (data);
  g_ptr_array_add (s->recent, d);
  if (s->recent->len > MOST_RECENT)
    g_ptr_array_remove_index (s->recent, 0);
}

void
_chain_session_forget_table (ChainSession *s, const ChainTable *table)
{
  for (guint i = s->recent->len; i-- > 0;)
    if (((ChainSessionData *) g_ptr_array_index (s->recent, i))->table == table)
      g_ptr_array_remove_index (s->recent, i);
}

/* Rows that stand in are found for edits and undo of the document that they stand in for. */
static gboolean
may_use (const ChainSession *s, const ChainSessionData *d)
{
  return !s->opening || s->missing == NULL || d->table != s->missing->table;
}

void
_chain_session_grant (ChainSession *s, const char *path)
{
  if (s->granted == NULL)
    s->granted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (s->granted, g_strdup (path));
}

static gboolean
is_granted (const ChainSession *s, const ChainDataSpec *d)
{
  return s->granted != NULL && d->path != NULL && g_hash_table_contains (s->granted, d->path);
}

static ChainTable *
find_table (ChainSession *s, const ChainSpec *spec, const char *base_dir, GError **error)
{
  for (guint i = s->recent->len; i-- > 0;)
    {
      const ChainSessionData *d = g_ptr_array_index (s->recent, i);

      if (may_use (s, d) && same_table (&d->spec->data, &spec->data))
        return chain_table_ref (d->table);
    }
  if (spec->data.source == CHAIN_SOURCE_FILE && is_granted (s, &spec->data))
    return chain_data_load_file (spec->data.path, &spec->data, error);
  if (spec->data.source == CHAIN_SOURCE_FILE && base_dir == NULL)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_IO, _("this document has no folder that its data could lie in; choose the data file"));
      return NULL;
    }
  return chain_data_load (&spec->data, base_dir, NULL, error);
}

gboolean
_chain_session_find_data (ChainSession *s, const ChainSpec *spec, const char *base_dir, ChainTable **table, ChainDataset **data, GError **error)
{
  *table = NULL;
  *data = NULL;
  for (guint i = s->recent->len; i-- > 0;)
    {
      const ChainSessionData *d = g_ptr_array_index (s->recent, i);

      if (may_use (s, d) && same_data (d->spec, spec))
        {
          *table = chain_table_ref (d->table);
          *data = chain_dataset_ref (d->data);
          return TRUE;
        }
    }
  *table = find_table (s, spec, base_dir, error);
  *data = *table == NULL ? NULL : chain_dataset_new (spec, *table, NULL, error);
  if (*data != NULL)
    return TRUE;
  g_clear_pointer (table, chain_table_unref);
  return FALSE;
}

/* --- fitting --- */
static ChainLayer *
output_layer (ChainSpec *spec)
{
  const char *id = spec->outputs->len > 0 ? g_ptr_array_index (spec->outputs, 0) : NULL;
  ChainLayer *l = id != NULL ? chain_spec_layer (spec, id) : NULL;

  if (l == NULL && spec->layers->len > 0)
    l = g_ptr_array_index (spec->layers, spec->layers->len - 1);
  return l;
}

static gboolean
is_squashing (const char *activation)
{
  return g_strcmp0 (activation, "sigmoid") == 0 || g_strcmp0 (activation, "softmax") == 0;
}

/* The output is the last layer; where an activation layer ends the network, the dense layer under it has the width. */
static void
set_width (ChainSpec *spec, guint width)
{
  ChainLayer *l = output_layer (spec);

  for (guint hops = 0; l != NULL && strcmp (l->type, "dense") != 0 && l->inputs->len > 0 && hops < spec->layers->len; hops++)
    l = chain_spec_layer (spec, g_ptr_array_index (l->inputs, 0));
  if (l != NULL && strcmp (l->type, "dense") == 0 && l->units != width)
    chain_layer_set_units (l, width);
}

void
_chain_session_set_loss_of (ChainSpec *spec, const char *loss_id, guint width)
{
  ChainLossTerm *term = spec->losses->len > 0 ? g_ptr_array_index (spec->losses, 0) : NULL;
  const ChainLossRow *row = chain_loss_row (loss_id);
  ChainLayer *out = output_layer (spec);

  if (term == NULL)
    {
      term = chain_loss_term_new (loss_id);
      g_ptr_array_add (spec->losses, term);
    }
  else if (g_strcmp0 (term->choice.id, loss_id) != 0)
    chain_choice_set (&term->choice, loss_id, NULL);
  if (width > 0)
    set_width (spec, width);
  if (out == NULL || row == NULL)
    return;
  if (is_squashing (row->output_activation))
    chain_choice_set (&out->activation, row->output_activation, NULL);
  else if (is_squashing (out->activation.id) && g_strcmp0 (row->link, "identity") != 0)
    chain_choice_set (&out->activation, NULL, NULL);
}

static const char *
present_loss (const ChainSpec *spec, ChainLossTask *task)
{
  const ChainLossTerm *term = spec->losses->len > 0 ? g_ptr_array_index (spec->losses, 0) : NULL;
  const ChainLossRow *row = term != NULL ? chain_loss_row (term->choice.id) : NULL;

  *task = row != NULL ? row->task : CHAIN_LOSS_OTHER;
  return row != NULL ? row->info.id : NULL;
}

void
_chain_session_fit (ChainSpec *spec, const ChainDataset *data)
{
  ChainLossTask task;
  const char *loss = present_loss (spec, &task);
  guint classes = data->prep->n_classes;

  if (spec->inputs->len <= 1)
    g_ptr_array_set_size (spec->inputs, 0);
  if (!data->prep->classify)
    _chain_session_set_loss_of (spec, loss != NULL && task == CHAIN_LOSS_REGRESSION ? loss : "mse", data->prep->n_targets);
  else if (classes > 2 || (loss != NULL && task == CHAIN_LOSS_MULTICLASS))
    _chain_session_set_loss_of (spec, loss != NULL && task == CHAIN_LOSS_MULTICLASS ? loss : "ce_with_logits", MAX (classes, 2));
  else
    _chain_session_set_loss_of (spec, loss != NULL && task == CHAIN_LOSS_BINARY ? loss : "bce_with_logits", 1);
}

static void
clear_columns (ChainDataSpec *d)
{
  g_ptr_array_set_size (d->inputs, 0);
  g_ptr_array_set_size (d->targets, 0);
  g_ptr_array_set_size (d->ignore, 0);
  g_ptr_array_set_size (d->features, 0);
  chain_set_str (&d->task, NULL);
  chain_set_str (&d->path, NULL);
  chain_set_str (&d->labels_path, NULL);
  chain_set_str (&d->format, NULL);
  chain_set_str (&d->sha256, NULL);
  chain_set_str (&d->delimiter, "auto");
  d->header = TRUE;
  d->limit = 0;
}

/* Fits spec (mutable, taken) to its new data and enters it as one edit. */
static gboolean
enter_data (ChainSession *s, ChainSpec *spec, ChainTable *table, ChainDataset *data, const char *label, GError **error)
{
  gboolean ok;

  _chain_session_fit (spec, data);
  ok = _chain_session_enter (s, chain_spec_seal (spec), table, data, label, NULL, error);
  for (guint i = 0; ok && i < data->warnings->len && i < 1; i++)
    _chain_session_message (s, g_ptr_array_index (data->warnings, i), NULL, NULL);
  chain_table_unref (table);
  chain_dataset_unref (data);
  return ok;
}

ChainTable *
chain_session_table (ChainSession *s)
{
  return s->table;
}

static gboolean
same_targets (const ChainPrep *a, const ChainPrep *b)
{
  return a->classify == b->classify && a->n_classes == b->n_classes && a->n_targets == b->n_targets;
}

gboolean
chain_session_apply_data (ChainSession *s, ChainSpec *next, const char *label, const char *merge_key, GError **error)
{
  g_autofree char *folder = chain_document_path (s->document) != NULL ? g_path_get_dirname (chain_document_path (s->document)) : NULL;
  ChainTable *table;
  ChainDataset *data;
  gboolean ok;

  if (!chain_spec_validate (next, 0, error) || !_chain_session_find_data (s, next, folder, &table, &data, error))
    {
      chain_spec_unref (next);
      return FALSE;
    }
  if (!same_targets (data->prep, s->data->prep))
    _chain_session_fit (next, data);
  ok = _chain_session_enter (s, chain_spec_seal (next), table, data, label, merge_key, error);
  chain_table_unref (table);
  chain_dataset_unref (data);
  return ok;
}

gboolean
chain_session_set_data (ChainSession *s, const char *data_id, GError **error)
{
  const ChainDataRow *row = chain_data_row (data_id);
  ChainSpec *next;
  ChainTable *table;
  ChainDataset *data;
  g_autofree char *label = NULL;
  gboolean trained;

  if (row == NULL)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("There is no data set “%s”; the data menu lists them"), data_id);
      return FALSE;
    }
  next = chain_spec_copy (chain_document_spec (s->document));
  clear_columns (&next->data);
  next->data.source = row->generated ? CHAIN_SOURCE_GENERATOR : CHAIN_SOURCE_BUNDLED;
  chain_choice_set (&next->data.choice, data_id, NULL);
  chain_set_str (&next->name, _(row->info.title));
  if (!_chain_session_find_data (s, next, NULL, &table, &data, error))
    {
      chain_spec_unref (next);
      return FALSE;
    }
  trained = s->snapshot->step > 0;
  label = g_strdup_printf (_("data: %s"), _(row->info.title));
  if (!enter_data (s, next, table, data, label, error))
    return FALSE;
  if (trained)
    _chain_session_message (s, _("Other data: training goes on with the weights that fit; Reset starts anew"), _("Undo"), "win.undo");
  return TRUE;
}

static char *
name_of_file (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  char *dot = strchr (base + 1, '.');

  if (dot != NULL)
    *dot = '\0';
  return g_filename_display_name (base);
}

/* The labels of an image file lie beside it under the usual names. */
char *
_chain_session_labels_beside (const char *path)
{
  g_autofree char *dir = g_path_get_dirname (path), *base = g_path_get_basename (path), *other = NULL;
  const char *at = strstr (base, "images");

  if (at == NULL)
    return NULL;
  other = g_strdup_printf ("%.*slabels%s", (int) (at - base), base, at + strlen ("images"));
  for (char *p = strstr (other, "idx3"); p != NULL; p = NULL)
    p[3] = '1';
  g_autofree char *full = g_build_filename (dir, other, NULL);
  return g_file_test (full, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&full) : NULL;
}

gboolean
chain_session_import (ChainSession *s, const char *path, GError **error)
{
  ChainSpec *next = chain_spec_copy (chain_document_spec (s->document));
  ChainTable *table;
  ChainDataset *data;
  g_autofree char *label = NULL, *name = name_of_file (path), *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *labels = _chain_session_labels_beside (absolute);

  clear_columns (&next->data);
  next->data.source = CHAIN_SOURCE_FILE;
  chain_choice_set (&next->data.choice, NULL, NULL);
  chain_set_str (&next->data.path, absolute);
  chain_set_str (&next->data.labels_path, labels);
  chain_set_str (&next->name, name);
  table = chain_data_load_file (absolute, &next->data, error);
  data = table == NULL ? NULL : chain_dataset_new (next, table, NULL, error);
  if (data == NULL)
    {
      g_clear_pointer (&table, chain_table_unref);
      chain_spec_unref (next);
      return FALSE;
    }
  _chain_session_grant (s, absolute);
  chain_set_str (&next->data.sha256, table->sha256);
  label = g_strdup_printf (_("data: %s"), name);
  return enter_data (s, next, table, data, label, error);
}
