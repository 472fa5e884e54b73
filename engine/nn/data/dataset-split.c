/* SPDX-License-Identifier: Apache-2.0 */
/* From a table and a spec to a data set: which columns, which rows, training or test, and what was odd about them.
 *
 * The split is drawn from the stream (seed, split): the same seed holds out the same rows whatever else changes. Both halves keep the
 * order of the table, so "rows 0..10" of the training split means something to a reader of the file. */
#include "engine/nn/data/dataset-private.h"
#include "engine/nn/refuse.h"

#include "engine/base/number.h"
#include "engine/nn/table.h"

#include <math.h>
#include <string.h>

#define MAX_CLASSES 1000
#define IMBALANCE 100   /* RELIABILITY 3.3, C7: worth a word from here on */

G_GNUC_PRINTF (2, 3) static void
warn (ChainDataset *d, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_ptr_array_add (d->warnings, g_strdup_vprintf (format, args));
  va_end (args);
}

/* --- columns --- */
static gboolean
has_name (const GPtrArray *names, const char *name)
{
  for (guint i = 0; i < names->len; i++)
    if (g_strcmp0 (names->pdata[i], name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
no_such_column (const ChainTable *t, const char *name, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);
  for (guint i = 0; i < t->columns->len && i < 12; i++)
    g_string_append_printf (known, "%s“%s”", i ? ", " : "", ((const ChainColumn *) t->columns->pdata[i])->name);
  return _chain_refuse (error, "Data: there is no column “%s”; there are %s%s.", name, known->str, t->columns->len > 12 ? ", …" : "");
}

static gboolean
columns_exist (const ChainTable *t, const GPtrArray *names, GError **error)
{
  for (guint i = 0; i < names->len; i++)
    if (chain_table_find (t, names->pdata[i]) < 0)
      return no_such_column (t, names->pdata[i], error);
  return TRUE;
}

static void
add_column (GPtrArray *to, const char *name, ChainColumnKind kind)
{
  ChainPrepColumn *p = g_new0 (ChainPrepColumn, 1);
  p->column = g_strdup (name);
  p->kind = kind;
  p->scale = 1;
  g_ptr_array_add (to, p);
}

/* What a bundled set says about itself where the spec is silent; NULL for other sources. */
static const ChainDataRow *
bundled_row (const ChainDataSpec *data)
{
  return data->source == CHAIN_SOURCE_BUNDLED && data->choice.id ? chain_data_row (data->choice.id) : NULL;
}

static gboolean
is_ignored (const ChainDataSpec *data, const char *name)
{
  const ChainDataRow *row = bundled_row (data);
  return has_name (data->ignore, name) || (row && row->ignore && g_strv_contains (row->ignore, name));
}

/* Names and kinds of what goes in and out; numbers come later, from the training rows. */
static gboolean
choose_columns (const ChainDataSpec *data, const ChainTable *t, ChainPrep *p, GError **error)
{
  if (t->columns->len == 0)
    return _chain_refuse (error, "Data: there are no columns.");
  if (!columns_exist (t, data->inputs, error) || !columns_exist (t, data->targets, error) || !columns_exist (t, data->ignore, error))
    return FALSE;
  const ChainColumn *last = t->columns->pdata[t->columns->len - 1];
  const char *own = t->default_target && chain_table_find (t, t->default_target) >= 0 ? t->default_target : last->name;
  for (guint i = 0; i < t->columns->len; i++)
    {
      const ChainColumn *c = t->columns->pdata[i];
      gboolean target = data->targets->len ? has_name (data->targets, c->name) : strcmp (c->name, own) == 0;
      if (target && data->targets->len == 0)
        add_column (p->targets, c->name, c->kind);
      else if (data->inputs->len == 0 && !target && !is_ignored (data, c->name))
        add_column (p->inputs, c->name, c->kind);
    }
  for (guint i = 0; i < data->targets->len; i++)
    add_column (p->targets, data->targets->pdata[i], CHAIN_COLUMN_NUMBER);
  for (guint i = 0; i < data->inputs->len; i++)
    add_column (p->inputs, data->inputs->pdata[i], CHAIN_COLUMN_NUMBER);
  for (guint i = 0; i < p->inputs->len + p->targets->len; i++)
    {
      ChainPrepColumn *c = i < p->inputs->len ? p->inputs->pdata[i] : p->targets->pdata[i - p->inputs->len];
      c->kind = ((const ChainColumn *) t->columns->pdata[chain_table_find (t, c->column)])->kind;
    }
  if (p->inputs->len == 0)
    return _chain_refuse (error, "Data: no column is left as an input; every column is a target or ignored.");
  return TRUE;
}

/* TRUE for a column of whole numbers with few enough different ones to be class labels. */
static gboolean
holds_labels (const ChainTable *t, const char *name)
{
  const ChainColumn *c = t->columns->pdata[chain_table_find (t, name)];
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < t->n_rows; i++)
    if (!isnan (c->values[i]))
      {
        if (c->values[i] != floor (c->values[i]) || fabs (c->values[i]) > G_MAXINT32)
          return FALSE;
        g_hash_table_add (seen, GINT_TO_POINTER ((int) c->values[i]));
        if (g_hash_table_size (seen) > MAX_CLASSES)
          return FALSE;
      }
  return g_hash_table_size (seen) > 0;
}

/* A loss that compares classes wants classes: numbers 0 … 9 under cross-entropy are labels, not amounts. */
static gboolean
loss_wants_classes (const ChainSpec *spec)
{
  for (guint i = 0; i < spec->losses->len; i++)
    {
      const ChainLossTerm *term = spec->losses->pdata[i];
      const ChainLossRow *row = term->choice.id ? chain_loss_row (term->choice.id) : NULL;
      if (row && row->task == CHAIN_LOSS_MULTICLASS)
        return TRUE;
    }
  return FALSE;
}

/* What the spec says; else what the bundled set says; else what the loss needs of a column of labels; NULL = by the kind of the target. */
static const char *
task_of (const ChainSpec *spec, const ChainTable *t, const ChainPrep *p)
{
  const ChainDataRow *row = bundled_row (&spec->data);
  const ChainPrepColumn *first = p->targets->pdata[0];
  gboolean own = spec->data.targets->len == 0;

  if (spec->data.task || (row && own && row->task))
    return spec->data.task ? spec->data.task : row->task;
  if (p->targets->len == 1 && first->kind == CHAIN_COLUMN_NUMBER && loss_wants_classes (spec) && holds_labels (t, first->column))
    return "classify";
  return NULL;
}

static gboolean
choose_task (const char *task, ChainPrep *p, GError **error)
{
  guint categories = 0;
  for (guint j = 0; j < p->targets->len; j++)
    categories += ((const ChainPrepColumn *) p->targets->pdata[j])->kind == CHAIN_COLUMN_CATEGORY;
  const char *first = ((const ChainPrepColumn *) p->targets->pdata[0])->column;
  if (g_strcmp0 (task, "classify") == 0 && p->targets->len > 1)
    return _chain_refuse (error, "Data: classification has one target column, here are %u.", p->targets->len);
  if (categories && p->targets->len > 1)
    return _chain_refuse (error, "Data: several targets must all hold numbers, and %u of them hold text.", categories);
  if (categories && g_strcmp0 (task, "regress") == 0)
    return _chain_refuse (error, "Data: the target “%s” holds text; regression needs numbers.", first);
  p->classify = categories || g_strcmp0 (task, "classify") == 0;
  return TRUE;
}

/* --- rows --- */
static gboolean
misses_any (const ChainTable *t, const GPtrArray *columns, guint row)
{
  for (guint j = 0; j < columns->len; j++)
    {
      const ChainColumn *c = t->columns->pdata[chain_table_find (t, ((const ChainPrepColumn *) columns->pdata[j])->column)];
      if (isnan (c->values[row]))
        return TRUE;
    }
  return FALSE;
}

static gboolean
any_missing (const ChainTable *t, const GPtrArray *columns)
{
  for (guint j = 0; j < columns->len; j++)
    {
      const ChainColumn *c = t->columns->pdata[chain_table_find (t, ((const ChainPrepColumn *) columns->pdata[j])->column)];
      for (guint i = 0; i < t->n_rows; i++)
        if (isnan (c->values[i]))
          return TRUE;
    }
  return FALSE;
}

/* d->rows: those that can be used, in the order of the table. */
static gboolean
choose_rows (const ChainDataSpec *data, const ChainTable *t, ChainDataset *d, GError **error)
{
  guint limit = data->limit >= 1 && data->limit < t->n_rows ? (guint) data->limit : t->n_rows;
  gboolean drop = strcmp (data->missing, "drop") == 0 && any_missing (t, d->prep->inputs);
  gboolean holes = any_missing (t, d->prep->targets);
  guint no_target = 0, no_input = 0, first = 0;
  d->n = 0;
  for (guint i = 0; i < limit; i++)
    if (holes && misses_any (t, d->prep->targets, i))
      first = no_target++ ? first : i;
    else if (drop && misses_any (t, d->prep->inputs, i))
      no_input++;
    else
      d->rows[d->n++] = i;
  if (no_target)
    warn (d, "Rows without a target were left out: %u, the first is row %u.", no_target, first + 1);
  if (no_input)
    warn (d, "Rows with missing values were left out: %u.", no_input);
  if (d->n == 0)
    return _chain_refuse (error, t->n_rows ? "Data: no row is left to train on." : "Data: there are no rows.");
  return TRUE;
}

/* --- split --- */
static int
compare_rows (gconstpointer a, gconstpointer b)
{
  guint p = *(const guint *) a, q = *(const guint *) b;
  return p < q ? -1 : p > q;
}

static guint
share_of (guint n, double test)
{
  if (test <= 0 || n < 2)
    return 0;
  double k = floor (n * test + 0.5);
  return (guint) CLAMP (k, 1, n - 1);
}

/* How many of each class are held out: its share rounded down, the rest by largest remainder, never the last one of a class. */
static void
stratum_shares (const guint *count, guint classes, guint n, guint n_test, guint *out)
{
  guint given = 0;
  g_autofree double *rest = g_new0 (double, classes);
  for (guint c = 0; c < classes; c++)
    {
      double exact = (double) count[c] * n_test / n;
      out[c] = MIN ((guint) floor (exact), count[c] ? count[c] - 1 : 0);
      rest[c] = exact - out[c];
      given += out[c];
    }
  while (given < n_test)
    {
      guint best = classes;
      for (guint c = 0; c < classes; c++)
        if (out[c] + 1 < count[c] && (best == classes || rest[c] > rest[best]))
          best = c;
      if (best == classes)
        return;   /* every class is down to its last row: a smaller test split */
      out[best]++;
      rest[best] -= 1;
      given++;
    }
}

/* Moves `take` of the rows of each stratum to the test side. stratum: class of each of d->rows. */
static void
mark_test (const guint *stratum, guint classes, const guint *take, uint64_t seed, guint n, gboolean *test)
{
  g_autofree guint *members = g_new (guint, n);
  g_autofree uint32_t *order = g_new (uint32_t, n);
  for (guint c = 0; c < classes; c++)
    {
      guint m = 0;
      ChainStream stream;
      for (guint i = 0; i < n; i++)
        if (stratum[i] == c)
          members[m++] = i;
      if (m == 0 || take[c] == 0)
        continue;
      chain_stream_init (&stream, seed, CHAIN_STREAM_SPLIT, c, 0);
      chain_stream_permute (&stream, order, m);
      for (guint k = 0; k < take[c]; k++)
        test[members[order[k]]] = TRUE;
    }
}

/* Class number of each row in use, by the target's labels. */
static guint *
class_of_rows (const ChainTable *t, const ChainDataset *d)
{
  const ChainPrepColumn *p = d->prep->targets->pdata[0];
  const ChainColumn *c = t->columns->pdata[chain_table_find (t, p->column)];
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);
  guint *out = g_new0 (guint, d->n);
  char buf[CHAIN_NUMBER_SIZE];
  for (guint k = 0; k < p->labels->len; k++)
    g_hash_table_insert (index, p->labels->pdata[k], GUINT_TO_POINTER (k));
  for (guint i = 0; i < d->n; i++)
    {
      double v = c->values[d->rows[i]];
      const char *text = c->kind == CHAIN_COLUMN_CATEGORY ? c->labels->pdata[(guint) v] : chain_number_write (buf, v);
      out[i] = GPOINTER_TO_UINT (g_hash_table_lookup (index, text));
    }
  return out;
}

static void
split_rows (const ChainSpec *spec, ChainDataset *d, const guint *classes)
{
  gboolean strata = classes && spec->data.stratify;
  guint n_test = share_of (d->n, spec->data.test), k = strata ? d->prep->n_classes : 1;
  g_autofree guint *stratum = g_new0 (guint, d->n), *count = g_new0 (guint, k), *take = g_new0 (guint, k);
  g_autofree gboolean *test = g_new0 (gboolean, d->n);
  g_autofree guint *sorted = g_new (guint, d->n);
  for (guint i = 0; i < d->n; i++)
    count[stratum[i] = strata ? classes[i] : 0]++;
  stratum_shares (count, k, d->n, n_test, take);
  mark_test (stratum, k, take, spec->seed, d->n, test);
  d->n_train = 0;
  for (guint side = 0, at = 0; side < 2; side++)
    for (guint i = 0; i < d->n; i++)
      if (test[i] == (gboolean) side)
        {
          sorted[at++] = d->rows[i];
          d->n_train += side == 0;
        }
  memcpy (d->rows, sorted, d->n * sizeof (guint));
  qsort (d->rows, d->n_train, sizeof (guint), compare_rows);
  qsort (d->rows + d->n_train, d->n - d->n_train, sizeof (guint), compare_rows);
  if (spec->data.test > 0 && d->n < 2)
    warn (d, "There is one row only: it is used for training, and nothing is held out.");
}

/* --- fit --- */
static gboolean
fit_targets (const ChainDataSpec *data, const ChainTable *t, ChainDataset *d, GError **error)
{
  ChainPrep *p = d->prep;
  p->n_targets = p->targets->len;
  for (guint j = 0; j < p->targets->len; j++)
    {
      ChainPrepColumn *c = p->targets->pdata[j];
      if (p->classify)
        continue;
      _chain_fit_number (c, t->columns->pdata[chain_table_find (t, c->column)], d->rows, d->n_train, data->scale_targets);
    }
  return TRUE;
}

/* Labels from all rows in use: see the head of dataset.c. */
static gboolean
find_classes (const ChainTable *t, ChainDataset *d, GError **error)
{
  ChainPrepColumn *c = d->prep->targets->pdata[0];
  c->labels = _chain_labels_of (t->columns->pdata[chain_table_find (t, c->column)], d->rows, d->n);
  if (c->labels->len > MAX_CLASSES)
    return _chain_refuse (error, "Data: the target “%s” has %u different values; classification takes at most %d, use regression for numbers.",
                          c->column, c->labels->len, MAX_CLASSES);
  c->kind = CHAIN_COLUMN_CATEGORY;
  d->prep->n_classes = c->labels->len;
  return TRUE;
}

static gboolean
fit_inputs (const ChainDataSpec *data, const ChainTable *t, ChainDataset *d, GError **error)
{
  ChainPrep *p = d->prep;
  guint64 n = 0;
  for (guint j = 0; j < p->inputs->len; j++)
    {
      ChainPrepColumn *c = p->inputs->pdata[j];
      const ChainColumn *column = t->columns->pdata[chain_table_find (t, c->column)];
      if (c->kind == CHAIN_COLUMN_NUMBER)
        _chain_fit_number (c, column, d->rows, d->n_train, data->scale_inputs);
      else
        {
          c->labels = _chain_labels_of (column, d->rows, d->n);
          if (c->labels->len > MAX_CLASSES)
            return _chain_refuse (error, "Data: the input “%s” has %u different texts; leave it out or turn it into numbers.", c->column,
                                  c->labels->len);
          _chain_fit_category (c, column, d->rows, d->n_train);
        }
      n += c->labels ? c->labels->len : 1;
    }
  if (n == 0 || n > G_MAXINT32)
    return _chain_refuse (error, "Data: the inputs hold no values.");
  return chain_prep_set_features (p, data->features, error);
}

/* --- what was odd --- */
static void
warn_classes (ChainDataset *d, const guint *classes)
{
  const ChainPrepColumn *c = d->prep->targets->pdata[0];
  guint k = d->prep->n_classes;
  g_autofree guint *count = g_new0 (guint, MAX (k, 1));
  guint most = 0, least = 0;
  for (guint i = 0; i < d->n; i++)
    count[classes[i]]++;
  for (guint j = 1; j < k; j++)
    {
      most = count[j] > count[most] ? j : most;
      least = count[j] < count[least] ? j : least;
    }
  if (k == 1)
    warn (d, "Every row has the class “%s”: there is nothing to tell apart.", (char *) c->labels->pdata[0]);
  else if (k == d->n && d->n > 2)
    warn (d, "Every row has a class of its own in “%s”; a column of names or numbers may have been taken as the target.", c->column);
  else if (count[most] >= (guint64) IMBALANCE * count[least])
    warn (d, "The classes are far from equal: %u rows of “%s” for %u of “%s”; accuracy alone says little.", count[most],
          (char *) c->labels->pdata[most], count[least], (char *) c->labels->pdata[least]);
}

static void
warn_columns (ChainDataset *d, const ChainTable *t, const GPtrArray *columns)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint constant = 0, empty = 0;
  for (guint j = 0; j < columns->len; j++)
    {
      const ChainPrepColumn *p = columns->pdata[j];
      const ChainColumn *c = t->columns->pdata[chain_table_find (t, p->column)];
      double first = NAN;
      gboolean same = TRUE;
      for (guint i = 0; i < d->n_train && same; i++)
        {
          double v = c->values[d->rows[i]];
          first = isnan (first) ? v : first;
          same = isnan (v) || v == first;
        }
      if (!same || d->n_train < 2)
        continue;
      constant++;
      empty += isnan (first);
      if (constant <= 5)
        g_string_append_printf (names, "%s“%s”", constant > 1 ? ", " : "", p->column);
    }
  if (constant)
    warn (d, "Constant in the training rows, so it tells the network nothing: %s%s (%u in all).", names->str,
          constant > 5 ? ", …" : "", constant);
  if (empty)
    warn (d, "Columns without any known value in the training rows: %u.", empty);
}

static void
warn_missing (ChainDataset *d, const ChainTable *t)
{
  guint n = 0;
  for (guint j = 0; j < d->prep->inputs->len; j++)
    {
      const ChainPrepColumn *p = d->prep->inputs->pdata[j];
      const ChainColumn *c = t->columns->pdata[chain_table_find (t, p->column)];
      for (guint i = 0; i < d->n; i++)
        n += isnan (c->values[d->rows[i]]) ? 1 : 0;
    }
  if (n)
    warn (d, "Missing values were filled with the mean (numbers) or the most frequent text of their column: %u.", n);
}

/* --- the whole --- */
static gboolean
check_finite (const ChainTable *t, const ChainDataset *d, const GPtrArray *columns, GError **error)
{
  for (guint j = 0; j < columns->len; j++)
    {
      const ChainPrepColumn *p = columns->pdata[j];
      const ChainColumn *c = t->columns->pdata[chain_table_find (t, p->column)];
      for (guint i = 0; i < d->n; i++)
        if (isinf (c->values[d->rows[i]]))
          {
            g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE,
                         "Row %u, column “%s” is infinite; correct it or leave the row out.", d->rows[i] + 1, p->column);
            return FALSE;
          }
    }
  return TRUE;
}

static gboolean
prep_fits_table (const ChainPrep *p, const ChainTable *t, GError **error)
{
  for (guint j = 0; j < p->inputs->len + p->targets->len; j++)
    {
      const ChainPrepColumn *c = j < p->inputs->len ? p->inputs->pdata[j] : p->targets->pdata[j - p->inputs->len];
      if (chain_table_find (t, c->column) < 0)
        return no_such_column (t, c->column, error);
    }
  return TRUE;
}

static gboolean
split_and_fit (const ChainSpec *spec, const ChainTable *t, ChainDataset *d, gboolean fitted, GError **error)
{
  if (!choose_rows (&spec->data, t, d, error) || !check_finite (t, d, d->prep->inputs, error)
      || !check_finite (t, d, d->prep->targets, error) || (!fitted && d->prep->classify && !find_classes (t, d, error)))
    return FALSE;
  g_autofree guint *classes = d->prep->classify ? class_of_rows (t, d) : NULL;
  if (classes)
    warn_classes (d, classes);
  split_rows (spec, d, classes);
  if (!fitted && (!fit_targets (&spec->data, t, d, error) || !fit_inputs (&spec->data, t, d, error)))
    return FALSE;
  warn_missing (d, t);
  warn_columns (d, t, d->prep->inputs);
  if (!d->prep->classify)
    warn_columns (d, t, d->prep->targets);
  return TRUE;
}

/* A fitted document brings its own features; other ones would give the weights other inputs than they know. */
static gboolean
features_fit (const ChainDataSpec *data, const ChainPrep *p, GError **error)
{
  guint n = p->features ? p->features->len : 0;
  gboolean same = n == data->features->len;
  for (guint j = 0; same && j < n; j++)
    same = g_str_equal (((const ChainPrepFeature *) p->features->pdata[j])->text, data->features->pdata[j]);
  return same || _chain_refuse (error, "Data: the typed features are not those that this document was fitted with; train a new one from the spec.");
}

ChainDataset *
chain_dataset_new (const ChainSpec *spec, const ChainTable *table, ChainPrep *fitted, GError **error)
{
  g_autoptr (ChainDataset) d = _chain_dataset_alloc (table->n_rows);
  d->prep = fitted ? chain_prep_ref (fitted) : _chain_prep_new ();
  if (fitted ? !prep_fits_table (fitted, table, error) || !features_fit (&spec->data, fitted, error)
             : !choose_columns (&spec->data, table, d->prep, error) || !choose_task (task_of (spec, table, d->prep), d->prep, error))
    return NULL;
  if (!split_and_fit (spec, table, d, fitted != NULL, error))
    return NULL;
  if (spec->batch_size > d->n_train)
    warn (d, "The batch of %u rows is larger than the %u training rows: each step uses all of them.", spec->batch_size, d->n_train);
  return _chain_dataset_fill (d, table, TRUE, error) ? g_steal_pointer (&d) : NULL;
}
