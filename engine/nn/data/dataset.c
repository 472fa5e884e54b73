/* SPDX-License-Identifier: Apache-2.0 */
/* A table of columns and the preprocessing that turns it into matrices.
 *
 * The preprocessing is fitted once, on the training rows, and then belongs to the document: predict, eval and every export apply the same
 * numbers (ARCHITECTURE 8). Only the *names* of categories come from all rows: a label that happens to fall into the test split alone is
 * not a leak of statistics, and treating it as unknown would refuse the user's own data. */
#include "engine/nn/data/dataset-private.h"

#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/nn/table.h"

#include <math.h>
#include <string.h>

/* --- the table --- */
static void
column_free (gpointer p)
{
  ChainColumn *c = p;
  g_free (c->name);
  g_free (c->values);
  g_clear_pointer (&c->labels, g_ptr_array_unref);
  g_free (c);
}

ChainTable *
chain_table_new (guint n_rows)
{
  ChainTable *t = g_new0 (ChainTable, 1);
  t->ref_count = 1;
  t->n_rows = n_rows;
  t->columns = g_ptr_array_new_with_free_func (column_free);
  t->warnings = g_ptr_array_new_with_free_func (g_free);
  return t;
}

ChainTable *
chain_table_ref (ChainTable *t)
{
  g_atomic_int_inc (&t->ref_count);
  return t;
}

void
chain_table_unref (ChainTable *t)
{
  if (!t || !g_atomic_int_dec_and_test (&t->ref_count))
    return;
  g_ptr_array_unref (t->columns);
  g_ptr_array_unref (t->warnings);
  g_free (t->title);
  g_free (t->sha256);
  g_free (t->path);
  g_free (t->default_target);
  g_free (t);
}

ChainColumn *
chain_table_add (ChainTable *t, const char *name, ChainColumnKind kind)
{
  ChainColumn *c = g_new0 (ChainColumn, 1);
  c->name = g_strdup (name);
  c->kind = kind;
  c->values = g_new (double, MAX (t->n_rows, 1));
  for (guint i = 0; i < t->n_rows; i++)
    c->values[i] = NAN;
  if (kind == CHAIN_COLUMN_CATEGORY)
    c->labels = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (t->columns, c);
  return c;
}

int
chain_table_find (const ChainTable *t, const char *name)
{
  for (guint i = 0; i < t->columns->len; i++)
    if (g_strcmp0 (((const ChainColumn *) t->columns->pdata[i])->name, name) == 0)
      return (int) i;
  return -1;
}

/* --- generated tables --- */

/* Classes become texts "0", "1", …, so that the kind of the target says what the task is. */
static void
fill_target (ChainTable *t, const ChainDataRow *row, const double *values)
{
  gboolean classify = strcmp (row->task, "classify") == 0;
  ChainColumn *c = chain_table_add (t, classify ? "class" : "y", classify ? CHAIN_COLUMN_CATEGORY : CHAIN_COLUMN_NUMBER);
  memcpy (c->values, values, t->n_rows * sizeof (double));
  t->default_target = g_strdup (c->name);
  for (guint i = 0; classify && i < t->n_rows; i++)
    while (c->labels->len <= (guint) values[i])
      g_ptr_array_add (c->labels, g_strdup_printf ("%u", c->labels->len));
}

ChainTable *
chain_table_generate (const ChainDataSpec *data, GError **error)
{
  const ChainDataRow *row = data->choice.id ? chain_data_row (data->choice.id) : NULL;
  if (!row || !row->generated)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "Data: “%s” is not a generated data set.", data->choice.id ? data->choice.id : "");
      return NULL;
    }
  if (!chain_choice_validate (&data->choice, &row->info, "Data", error))
    return NULL;
  ChainParams params = { &row->info, &data->choice };
  guint n = (guint) chain_param (&params, "n");
  ChainTable *t = chain_table_new (n);
  g_autofree double *x = g_new0 (double, (gsize) n * row->dims + 1), *target = g_new0 (double, n + 1);
  row->generate (x, target, n, &params, data->seed);
  for (guint j = 0; j < row->dims; j++)
    {
      g_autofree char *name = row->dims == 1 ? g_strdup ("x") : g_strdup_printf ("x%u", j + 1);
      ChainColumn *c = chain_table_add (t, name, CHAIN_COLUMN_NUMBER);
      for (guint i = 0; i < n; i++)
        c->values[i] = x[(gsize) i * row->dims + j];
    }
  fill_target (t, row, target);
  t->title = g_strdup (row->info.title);
  return t;
}

/* --- preprocessing: life --- */
static void
prep_column_free (gpointer p)
{
  ChainPrepColumn *c = p;
  g_free (c->column);
  g_clear_pointer (&c->labels, g_ptr_array_unref);
  g_free (c);
}

ChainPrep *
_chain_prep_new (void)
{
  ChainPrep *p = g_new0 (ChainPrep, 1);
  p->ref_count = 1;
  p->inputs = g_ptr_array_new_with_free_func (prep_column_free);
  p->targets = g_ptr_array_new_with_free_func (prep_column_free);
  return p;
}

ChainPrep *
chain_prep_ref (ChainPrep *p)
{
  g_atomic_int_inc (&p->ref_count);
  return p;
}

void
chain_prep_unref (ChainPrep *p)
{
  if (!p || !g_atomic_int_dec_and_test (&p->ref_count))
    return;
  g_ptr_array_unref (p->inputs);
  g_ptr_array_unref (p->targets);
  g_clear_pointer (&p->features, g_ptr_array_unref);
  g_free (p);
}

char **
chain_prep_input_names (const ChainPrep *p)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  for (guint i = 0; i < p->inputs->len; i++)
    {
      const ChainPrepColumn *c = p->inputs->pdata[i];
      for (guint k = 0; c->labels && k < c->labels->len; k++)
        {
          g_autofree char *name = g_strdup_printf ("%s = %s", c->column, (char *) c->labels->pdata[k]);
          g_strv_builder_add (names, name);
        }
      if (!c->labels)
        g_strv_builder_add (names, c->column);
    }
  for (guint j = 0; p->features && j < p->features->len; j++)
    {
      g_autofree char *name = chain_formula_text (((const ChainPrepFeature *) p->features->pdata[j])->formula, CHAIN_FORMULA_UNICODE);
      g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}

/* --- typed features --- */
static void
feature_free (gpointer p)
{
  ChainPrepFeature *f = p;
  g_free (f->text);
  chain_formula_unref (f->formula);
  g_free (f);
}

guint
chain_prep_n_columns (const ChainPrep *p)
{
  guint n = 0;
  for (guint j = 0; j < p->inputs->len; j++)
    {
      const ChainPrepColumn *c = p->inputs->pdata[j];
      n += c->labels ? c->labels->len : 1;
    }
  return n;
}

/* x1 … xn. (transfer full). */
static char **
numbered_names (guint n)
{
  char **names = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    names[i] = g_strdup_printf ("x%u", i + 1);
  return names;
}

gboolean
chain_prep_set_features (ChainPrep *p, const GPtrArray *texts, GError **error)
{
  g_auto (GStrv) names = numbered_names (chain_prep_n_columns (p));
  p->n_inputs = g_strv_length (names);
  g_clear_pointer (&p->features, g_ptr_array_unref);
  if (texts->len == 0)
    return TRUE;
  p->features = g_ptr_array_new_with_free_func (feature_free);
  for (guint j = 0; j < texts->len; j++)
    {
      ChainFormula *formula = chain_formula_parse (texts->pdata[j], (const char *const *) names, NULL, error);
      if (!formula)
        {
          g_prefix_error (error, "Data, feature %u: ", j + 1);
          return FALSE;
        }
      ChainPrepFeature *f = g_new0 (ChainPrepFeature, 1);
      f->text = g_strdup (texts->pdata[j]);
      f->formula = formula;
      g_ptr_array_add (p->features, f);
    }
  p->n_inputs += texts->len;
  return TRUE;
}

void
chain_prep_derive (const ChainPrep *p, double *x, gsize n)
{
  guint base = chain_prep_n_columns (p);
  g_auto (GStrv) names = p->features ? numbered_names (base) : NULL;
  for (guint j = 0; p->features && j < p->features->len; j++)
    chain_formula_eval_rows (((const ChainPrepFeature *) p->features->pdata[j])->formula, (const char *const *) names, x, p->n_inputs, n,
                             x + base + j, p->n_inputs);
}

/* --- labels --- */

/* Numbers in their order when all labels are numbers, bytes otherwise: "2" before "10", and the same in every locale. */
static int
compare_as_numbers (gconstpointer a, gconstpointer b)
{
  double p = 0, q = 0;
  chain_number_parse (*(char *const *) a, -1, &p);
  chain_number_parse (*(char *const *) b, -1, &q);
  return p < q ? -1 : p > q;
}

static int
compare_as_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static void
sort_labels (GPtrArray *labels)
{
  gboolean numbers = TRUE;
  double v;
  for (guint i = 0; i < labels->len; i++)
    numbers = numbers && chain_number_parse (labels->pdata[i], -1, &v);
  g_ptr_array_sort (labels, numbers ? compare_as_numbers : compare_as_text);
}

/* The text of an entry; a number column can serve as classes, and a file of 0 and 1 may be read as either kind. */
static const char *
entry_text (const ChainColumn *c, guint row, char buf[CHAIN_NUMBER_SIZE])
{
  double v = c->values[row];
  if (isnan (v))
    return NULL;
  return c->kind == CHAIN_COLUMN_CATEGORY ? c->labels->pdata[(guint) v] : chain_number_write (buf, v);
}

GPtrArray *
_chain_labels_of (const ChainColumn *c, const guint *rows, guint n)
{
  GPtrArray *labels = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  char buf[CHAIN_NUMBER_SIZE];
  for (guint i = 0; i < n; i++)
    {
      const char *text = entry_text (c, rows[i], buf);
      if (!text || g_hash_table_contains (seen, text))
        continue;
      char *own = g_strdup (text);
      g_hash_table_add (seen, own);
      g_ptr_array_add (labels, own);
    }
  sort_labels (labels);
  return labels;
}

/* Entry of each label in prep's order; the map from a table's own label numbers is made once a column. */
static GHashTable *
label_index (const GPtrArray *labels)
{
  GHashTable *map = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < labels->len; i++)
    g_hash_table_insert (map, labels->pdata[i], GUINT_TO_POINTER (i + 1));
  return map;
}

/* --- fitting a column --- */
void
_chain_fit_number (ChainPrepColumn *p, const ChainColumn *c, const guint *rows, guint n, const char *scale)
{
  double sum = 0, low = INFINITY, high = -INFINITY;
  guint known = 0;
  for (guint i = 0; i < n; i++)
    {
      double v = c->values[rows[i]];
      if (isnan (v))
        continue;
      sum += v;
      low = MIN (low, v);
      high = MAX (high, v);
      known++;
    }
  double mean = known ? sum / known : 0, squares = 0;
  for (guint i = 0; i < n; i++)
    if (!isnan (c->values[rows[i]]))
      squares += (c->values[rows[i]] - mean) * (c->values[rows[i]] - mean);
  p->fill = mean;
  p->shift = 0;
  p->scale = 1;
  if (known == 0 || strcmp (scale, "none") == 0)
    return;
  gboolean minmax = strcmp (scale, "minmax") == 0;
  double spread = minmax ? high - low : sqrt (squares / known);   /* population deviation */
  p->shift = minmax ? low : mean;
  /* A constant column: its deviation is 0, or rounding of its mean only. It must come out as 0, not as noise blown up to size 1. */
  p->scale = low == high || !(spread > 0) || !isfinite (spread) ? 1 : spread;
  if (low == high)
    p->shift = low;
}

/* The most frequent label stands in for a missing one. */
void
_chain_fit_category (ChainPrepColumn *p, const ChainColumn *c, const guint *rows, guint n)
{
  g_autoptr (GHashTable) index = label_index (p->labels);
  g_autofree guint *count = g_new0 (guint, p->labels->len + 1);
  char buf[CHAIN_NUMBER_SIZE];
  guint best = 0;
  for (guint i = 0; i < n; i++)
    {
      const char *text = entry_text (c, rows[i], buf);
      if (text)
        count[GPOINTER_TO_UINT (g_hash_table_lookup (index, text)) - 1]++;
    }
  for (guint k = 1; k < p->labels->len; k++)
    if (count[k] > count[best])
      best = k;
  p->shift = 0;
  p->scale = 1;
  p->fill = best;
}

/* --- applying --- */
static gboolean
bad_value (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
bad_value (GError **error, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE, text);
  return FALSE;
}

static gboolean
apply_number (const ChainPrepColumn *p, const ChainColumn *c, const ChainDataset *d, double *out, guint stride, gboolean fill,
              GError **error)
{
  if (c->kind != CHAIN_COLUMN_NUMBER)
    return bad_value (error, "Column “%s” holds text, but the network was made for numbers there.", p->column);
  for (guint i = 0; i < d->n; i++)
    {
      double v = c->values[d->rows[i]];
      if (isinf (v))
        return bad_value (error, "Row %u, column “%s” is infinite; correct it or leave the row out.", d->rows[i] + 1, p->column);
      v = isnan (v) && fill ? p->fill : v;
      out[(gsize) i * stride] = (v - p->shift) / p->scale;
      if (isinf (out[(gsize) i * stride]))
        return bad_value (error, "Row %u, column “%s” is too large to be scaled.", d->rows[i] + 1, p->column);
    }
  return TRUE;
}

/* one_hot: labels->len columns of 0 and 1; else the label's number. */
static gboolean
apply_category (const ChainPrepColumn *p, const ChainColumn *c, const ChainDataset *d, double *out, guint stride, gboolean one_hot,
                GError **error)
{
  g_autoptr (GHashTable) index = label_index (p->labels);
  char buf[CHAIN_NUMBER_SIZE];
  for (guint i = 0; i < d->n; i++)
    {
      double *at = out + (gsize) i * stride;
      const char *text = entry_text (c, d->rows[i], buf);
      guint k = text ? GPOINTER_TO_UINT (g_hash_table_lookup (index, text)) : (guint) p->fill + 1;
      if (k == 0)
        return bad_value (error, "Row %u, column “%s”: “%s” did not occur in the data that the network was trained on.",
                          d->rows[i] + 1, p->column, text);
      if (one_hot)
        for (guint j = 0; j < p->labels->len; j++)
          at[j] = j == k - 1;
      else
        *at = text ? k - 1 : NAN;
    }
  return TRUE;
}

static const ChainColumn *
need_column (const ChainTable *table, const char *name, GError **error)
{
  int i = chain_table_find (table, name);
  if (i >= 0)
    return table->columns->pdata[i];
  bad_value (error, "The data has no column “%s”, which the network reads.", name);
  return NULL;
}

static gboolean
apply_features (ChainDataset *d, GError **error)
{
  guint base = chain_prep_n_columns (d->prep);
  chain_prep_derive (d->prep, d->x, d->n);
  for (guint i = 0; i < d->n; i++)
    for (guint j = base; j < d->d; j++)
      if (!isfinite (d->x[(gsize) i * d->d + j]))
        return bad_value (error, "Row %u: the feature “%s” is not a finite number there; use a formula that is finite for every row.",
                          d->rows[i] + 1, ((const ChainPrepFeature *) d->prep->features->pdata[j - base])->text);
  return TRUE;
}

static gboolean
apply_targets (ChainDataset *d, const ChainTable *table, gboolean need, GError **error)
{
  for (guint j = 0; j < d->prep->targets->len; j++)
    {
      const ChainPrepColumn *p = d->prep->targets->pdata[j];
      int at = chain_table_find (table, p->column);
      if (at < 0 && need)
        return need_column (table, p->column, error) != NULL;
      if (at < 0)
        for (guint i = 0; i < d->n; i++)
          d->t[(gsize) i * d->k + j] = NAN;
      else if (p->labels ? !apply_category (p, table->columns->pdata[at], d, d->t + j, d->k, FALSE, error)
                         : !apply_number (p, table->columns->pdata[at], d, d->t + j, d->k, FALSE, error))
        return FALSE;
    }
  return TRUE;
}

/* The matrices of d->rows. */
gboolean
_chain_dataset_fill (ChainDataset *d, const ChainTable *table, gboolean need_targets, GError **error)
{
  gsize nx, nt, bytes;
  d->d = d->prep->n_inputs;
  d->k = d->prep->n_targets;
  if (!chain_mul_size (d->n, MAX (d->d, 1), &nx) || !chain_mul_size (d->n, MAX (d->k, 1), &nt)
      || !chain_add_size (nx, nt, &bytes) || !chain_mul_size (bytes, sizeof (double), &bytes))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_OVERFLOW, "The data set is too large: %u rows of %u numbers.", d->n, d->d);
      return FALSE;
    }
  if (!chain_memory_check (bytes, "the data set", error))
    return FALSE;
  d->x = g_new0 (double, MAX (nx, 1));
  d->t = g_new0 (double, MAX (nt, 1));
  guint at = 0;
  for (guint j = 0; j < d->prep->inputs->len; j++)
    {
      const ChainPrepColumn *p = d->prep->inputs->pdata[j];
      const ChainColumn *c = need_column (table, p->column, error);
      if (!c
          || (p->labels ? !apply_category (p, c, d, d->x + at, d->d, TRUE, error)
                        : !apply_number (p, c, d, d->x + at, d->d, TRUE, error)))
        return FALSE;
      at += p->labels ? p->labels->len : 1;
    }
  d->image_width = table->image_width;
  d->image_height = table->image_height;
  if ((gsize) d->image_width * d->image_height != d->d)
    d->image_width = d->image_height = 0;
  return apply_features (d, error) && apply_targets (d, table, need_targets, error);
}

/* --- life of a data set --- */
ChainDataset *
_chain_dataset_alloc (guint n)
{
  ChainDataset *d = g_new0 (ChainDataset, 1);
  d->ref_count = 1;
  d->n = n;
  d->rows = g_new0 (guint, MAX (n, 1));
  d->warnings = g_ptr_array_new_with_free_func (g_free);
  return d;
}

ChainDataset *
chain_dataset_apply (ChainPrep *prep, const ChainTable *table, gboolean need_targets, GError **error)
{
  if (table->n_rows == 0)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_EMPTY, "The data has no rows.");
      return NULL;
    }
  g_autoptr (ChainDataset) d = _chain_dataset_alloc (table->n_rows);
  d->prep = chain_prep_ref (prep);
  for (guint i = 0; i < d->n; i++)
    d->rows[i] = i;
  if (!_chain_dataset_fill (d, table, need_targets, error))
    return NULL;
  for (gsize i = 0; need_targets && i < (gsize) d->n * d->k; i++)
    if (isnan (d->t[i]))
      {
        bad_value (error, "Row %u has no target.", (guint) (i / d->k) + 1);
        return NULL;
      }
  return g_steal_pointer (&d);
}

ChainDataset *
chain_dataset_ref (ChainDataset *d)
{
  g_atomic_int_inc (&d->ref_count);
  return d;
}

void
chain_dataset_unref (ChainDataset *d)
{
  if (!d || !g_atomic_int_dec_and_test (&d->ref_count))
    return;
  chain_prep_unref (d->prep);
  g_free (d->rows);
  g_free (d->x);
  g_free (d->t);
  g_ptr_array_unref (d->warnings);
  g_free (d);
}
