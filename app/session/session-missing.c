/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that stand in for data that are not here. They have the columns of the fitted preprocessing, so the network has its shape and its
 * weights their place; the values say nothing, so nothing may be learnt from them, and a save writes the run record that was read. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/io/data-load.h"
#include "app/session/autosave.h"
#include "app/session/missing.h"
#include "app/session/session-private.h"

#include <math.h>
#include <string.h>

#define ROWS 40u              /* enough for a split in any proportion, with some rows of each class */
#define NUMBERS (1u << 22)    /* in a column of classes at most, times columns */

static void
fill (ChainTable *t, ChainColumn *c, double shift, double scale, GPtrArray *labels)
{
  guint rows = t->n_rows, n = labels != NULL ? MAX (labels->len, 1) : rows;

  if (labels != NULL)
    {
      c->kind = CHAIN_COLUMN_CATEGORY;
      c->labels = g_ptr_array_new_with_free_func (g_free);
      for (guint i = 0; i < labels->len; i++)
        g_ptr_array_add (c->labels, g_strdup (g_ptr_array_index (labels, i)));
    }
  for (guint r = 0; r < rows; r++)
    c->values[r] = labels != NULL ? r % n : shift + scale * (2.0 * r / (rows - 1) - 1);
}

static void
add_fitted (ChainTable *t, const GPtrArray *columns)
{
  for (guint i = 0; i < columns->len; i++)
    {
      const ChainPrepColumn *p = g_ptr_array_index (columns, i);

      if (chain_table_find (t, p->column) < 0)
        fill (t, chain_table_add (t, p->column, CHAIN_COLUMN_NUMBER), p->shift, p->scale, p->labels);
    }
}

static void
add_named (ChainTable *t, const GPtrArray *names, const char *fallback, GPtrArray *labels)
{
  if (names->len == 0 && fallback != NULL)
    fill (t, chain_table_add (t, fallback, CHAIN_COLUMN_NUMBER), 0, 1, labels);
  for (guint i = 0; i < names->len; i++)
    fill (t, chain_table_add (t, g_ptr_array_index (names, i), CHAIN_COLUMN_NUMBER), 0, 1, labels);
}

/* Of a spec that nothing was fitted for: where the loss counts them. */
static guint
guessed_classes (const ChainSpec *spec)
{
  const ChainLossTerm *term = spec->losses->len > 0 ? g_ptr_array_index (spec->losses, 0) : NULL;
  const ChainLossRow *row = term != NULL ? chain_loss_row (term->choice.id) : NULL;
  const ChainLayer *out = spec->layers->len > 0 ? g_ptr_array_index (spec->layers, spec->layers->len - 1) : NULL;

  return row == NULL ? 0 : row->task == CHAIN_LOSS_BINARY ? 2 : row->task == CHAIN_LOSS_MULTICLASS && out != NULL ? out->units : 0;
}

/* Nothing was fitted: the spec's own words, else two inputs. */
static void
add_guessed (ChainTable *t, const ChainSpec *spec)
{
  guint classes = MIN (guessed_classes (spec), t->n_rows / 2);
  g_autoptr (GPtrArray) labels = classes > 0 ? g_ptr_array_new_with_free_func (g_free) : NULL;

  for (guint i = 0; i < classes; i++)
    g_ptr_array_add (labels, g_strdup_printf ("%u", i));
  add_named (t, spec->data.inputs, spec->data.inputs->len == 0 ? "x1" : NULL, NULL);
  if (spec->data.inputs->len == 0)
    fill (t, chain_table_add (t, "x2", CHAIN_COLUMN_NUMBER), 0, 1, NULL);
  add_named (t, spec->data.targets, "y", labels);
}

/* Each class twice, so that none is missing from either part of a split by classes. */
static guint
rows_for (const ChainSpec *spec, const ChainPrep *prep)
{
  guint classes = prep == NULL ? guessed_classes (spec) : 0;
  guint columns = prep == NULL ? spec->data.inputs->len + 3 : prep->inputs->len + 1;

  for (guint i = 0; prep != NULL && i < prep->targets->len; i++)
    {
      const ChainPrepColumn *p = g_ptr_array_index (prep->targets, i);

      classes = MAX (classes, p->labels != NULL ? p->labels->len : 0);
    }
  return MAX (ROWS, 2 * MIN (classes, NUMBERS / columns));
}

ChainTable *
_chain_session_stand_in (const ChainSpec *spec, const ChainPrep *prep)
{
  ChainTable *t = chain_table_new (rows_for (spec, prep));

  if (prep == NULL)
    add_guessed (t, spec);
  else
    {
      add_fitted (t, prep->inputs);
      add_fitted (t, prep->targets);
    }
  chain_set_str (&t->title, _("Data not found"));
  return t;
}

void
_chain_session_missing_free (ChainSessionMissing *m)
{
  if (m == NULL)
    return;
  chain_table_unref (m->table);
  chain_dataset_unref (m->data);
  g_free (m->reason);
  g_free (m->run);
  g_free (m);
}

gboolean
_chain_session_is_missing (const ChainSession *s)
{
  return s->missing != NULL && s->missing->table == s->table;
}

/* A change of the data's settings fits it anew, to rows that say nothing. */
gboolean
_chain_session_prep_is_own (const ChainSession *s)
{
  return !_chain_session_is_missing (s) || (s->missing->fitted && s->missing->data == s->data);
}

const char *
chain_session_missing_data (ChainSession *s)
{
  return _chain_session_is_missing (s) ? s->missing->reason : NULL;
}

static void
empty_series (ChainSeriesView **v)
{
  ChainSeries *none = chain_series_new ();

  chain_series_view_unref (*v);
  *v = chain_series_view (none);
  chain_series_free (none);
}

/* How well the network does on rows that stand in would look like a result. The picture has just come from the worker: nobody else reads it. */
void
_chain_session_blank_missing (ChainSession *s, ChainSnapshot *p)
{
  const ChainMetrics nothing = { NAN, p->train.classify, NAN, NAN, NAN, NAN };

  if (!_chain_session_is_missing (s))
    return;
  p->train = p->test = nothing;
  p->loss = NAN;
  g_clear_pointer (&p->predictions, chain_predictions_free);
  empty_series (&p->eval_train);
  empty_series (&p->eval_test);
  empty_series (&p->eval_score);
}

gboolean
_chain_session_refuse_missing (ChainSession *s)
{
  if (_chain_session_is_missing (s))
    _chain_session_message (s, _("The data of this document are not here"), _("Find the Data…"), "win.find-data");
  return _chain_session_is_missing (s);
}

/* --- found --- */
static void
tell_other_file (ChainSession *s, const ChainSpec *spec, const ChainTable *table, const char *path)
{
  g_autofree char *name = g_filename_display_basename (path), *text = NULL;

  if (spec->data.sha256 == NULL || g_strcmp0 (spec->data.sha256, table->sha256) == 0)
    return;
  text = g_strdup_printf (_("“%s” is not the file that this document was made with: its checksum is another"), name);
  _chain_session_message (s, text, NULL, NULL);
}

/* The document goes on, with its path and the data it found as an unsaved change. */
static gboolean
start_on (ChainSession *s, ChainSpec *next, ChainTable *table, ChainDataset *data, GError **error)
{
  g_autofree char *path = g_strdup (chain_document_path (s->document)), *run = g_strdup (s->missing->run);
  const ChainFileStamp *seen = chain_document_stamp (s->document);
  ChainFileStamp stamp = seen != NULL ? *seen : (ChainFileStamp){ 0 };
  g_autoptr (GPtrArray) weights = s->missing->fitted ? _chain_session_weights (s) : NULL;
  gboolean known = seen != NULL, ok, own = _chain_session_prep_is_own (s);

  _chain_autosave_goes_on (s, TRUE);
  ok = _chain_session_start (s, next, table, data, weights, weights != NULL && own ? run : NULL, NULL, error);
  _chain_autosave_goes_on (s, FALSE);
  if (!ok)
    return FALSE;
  if (path != NULL)
    chain_document_set_saved (s->document, path, known ? &stamp : NULL, TRUE);
  else
    chain_document_touch (s->document);
  return TRUE;
}

gboolean
chain_session_find_data (ChainSession *s, const char *path, GError **error)
{
  const ChainSpec *spec = chain_document_spec (s->document);
  g_autofree char *absolute = g_canonicalize_filename (path, NULL), *labels = spec->data.labels_path != NULL ? _chain_session_labels_beside (absolute) : NULL;
  g_autoptr (ChainSpec) next = NULL;
  g_autoptr (ChainTable) table = NULL;
  g_autoptr (ChainDataset) data = NULL;

  if (!_chain_session_is_missing (s))
    return TRUE;
  next = chain_spec_copy (spec);
  chain_set_str (&next->data.path, absolute);
  chain_set_str (&next->data.labels_path, labels);
  table = chain_data_load_file (absolute, &next->data, error);
  data = table != NULL ? chain_dataset_new (next, table, _chain_session_prep_is_own (s) ? s->data->prep : NULL, error) : NULL;
  if (data == NULL)
    return FALSE;
  _chain_session_grant (s, absolute);
  chain_set_str (&next->data.sha256, table->sha256);
  tell_other_file (s, spec, table, absolute);
  return start_on (s, chain_spec_seal (next), table, data, error);
}
