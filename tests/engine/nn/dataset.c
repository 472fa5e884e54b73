/* SPDX-License-Identifier: Apache-2.0 */
/* From a table to matrices: what is fitted, on which rows, and what a user is told. */
#include "tests/engine/nn/make.h"

#include <string.h>

/* n rows: a number, a constant, a category, and a target of two classes. */
static ChainTable *
small_table (guint n)
{
  static const char *const islands[] = { "Torgersen", "Biscoe", "Dream" };
  ChainTable *t = chain_table_new (n);
  ChainColumn *size = chain_table_add (t, "size", CHAIN_COLUMN_NUMBER), *flat = chain_table_add (t, "flat", CHAIN_COLUMN_NUMBER);
  ChainColumn *island = chain_table_add (t, "island", CHAIN_COLUMN_CATEGORY), *kind = chain_table_add (t, "kind", CHAIN_COLUMN_CATEGORY);
  for (guint k = 0; k < 3; k++)
    g_ptr_array_add (island->labels, g_strdup (islands[k]));
  g_ptr_array_add (kind->labels, g_strdup ("10"));
  g_ptr_array_add (kind->labels, g_strdup ("9"));
  for (guint i = 0; i < n; i++)
    {
      size->values[i] = i * i % 17 + 0.5 * i;
      flat->values[i] = 4.1;
      island->values[i] = i % 3;
      kind->values[i] = i % 5 == 0;   /* one in five is "9" */
    }
  return t;
}

static ChainColumn *
column (ChainTable *t, const char *name)
{
  return t->columns->pdata[chain_table_find (t, name)];
}

static ChainDataset *
make (ChainSpec *s, ChainTable *t)
{
  g_autoptr (GError) error = NULL;
  ChainDataset *d = chain_dataset_new (s, t, NULL, &error);
  g_assert_no_error (error);
  return d;
}

static gboolean
warned (const ChainDataset *d, const char *words)
{
  for (guint i = 0; i < d->warnings->len; i++)
    if (strstr (d->warnings->pdata[i], words))
      return TRUE;
  return FALSE;
}

static void
test_columns (void)
{
  g_autoptr (ChainSpec) s = make_spec ();
  g_autoptr (ChainTable) t = small_table (20);
  g_autoptr (ChainDataset) d = make (s, t);
  g_auto (GStrv) names = chain_prep_input_names (d->prep);
  g_autofree char *joined = g_strjoinv (" | ", names);
  g_assert_cmpstr (joined, ==, "size | flat | island = Biscoe | island = Dream | island = Torgersen");
  g_assert_true (d->prep->classify);
  g_assert_cmpuint (d->d, ==, 5);
  g_assert_cmpuint (d->k, ==, 1);
  g_assert_cmpuint (d->prep->n_classes, ==, 2);
  const ChainPrepColumn *target = d->prep->targets->pdata[0];
  g_assert_cmpstr (target->labels->pdata[0], ==, "9");   /* numbers in their order, not "10" < "9" */
  for (guint i = 0; i < d->n; i++)
    {
      guint row = d->rows[i];
      g_assert_cmpfloat (d->t[i], ==, row % 5 == 0 ? 0 : 1);
      g_assert_cmpfloat (d->x[i * 5 + 1], ==, 0);   /* a constant column is 0, never NaN */
      g_assert_cmpfloat (d->x[i * 5 + 2], ==, row % 3 == 1);
      g_assert_cmpfloat (d->x[i * 5 + 3], ==, row % 3 == 2);
      g_assert_cmpfloat (d->x[i * 5 + 4], ==, row % 3 == 0);
    }
  g_assert_true (warned (d, "“flat”"));
}

static void
test_split (void)
{
  g_autoptr (ChainSpec) s = make_spec ();
  g_autoptr (ChainTable) t = small_table (100);
  g_autoptr (ChainDataset) d = make (s, t), again = make (s, t);
  gboolean seen[100] = { FALSE };
  guint rare = 0;
  g_assert_cmpuint (d->n_train, ==, 70);
  for (guint i = 0; i < d->n; i++)
    {
      g_assert_false (seen[d->rows[i]]);
      seen[d->rows[i]] = TRUE;
      if (i && i != d->n_train)
        g_assert_cmpuint (d->rows[i], >, d->rows[i - 1]);   /* the order of the table in both halves */
      rare += i < d->n_train && d->rows[i] % 5 == 0;
    }
  g_assert_cmpuint (rare, ==, 14);   /* stratified: a fifth of 70 */
  g_assert_cmpmem (d->rows, d->n * sizeof (guint), again->rows, again->n * sizeof (guint));
  s->seed = 99;
  g_autoptr (ChainDataset) other = make (s, t);
  g_assert_true (memcmp (d->rows, other->rows, d->n * sizeof (guint)) != 0);
  s->data.test = 0;
  g_autoptr (ChainDataset) whole = make (s, t);
  g_assert_cmpuint (whole->n_train, ==, 100);
  g_assert_cmpuint (whole->rows[42], ==, 42);
}

/* Shift and scale come from the training rows alone: a wild test row must not move them. */
static void
test_fit_on_training (void)
{
  g_autoptr (ChainSpec) s = make_spec ();
  g_autoptr (ChainTable) t = small_table (50);
  g_autoptr (ChainDataset) d = make (s, t);
  const ChainPrepColumn *p = d->prep->inputs->pdata[0];
  double mean = 0, var = 0, x_mean = 0, x_var = 0;
  for (guint i = 0; i < d->n_train; i++)
    mean += column (t, "size")->values[d->rows[i]] / d->n_train;
  for (guint i = 0; i < d->n_train; i++)
    var += pow (column (t, "size")->values[d->rows[i]] - mean, 2) / d->n_train;
  g_assert_cmpfloat_with_epsilon (p->shift, mean, 1e-12);
  g_assert_cmpfloat_with_epsilon (p->scale, sqrt (var), 1e-12);
  for (guint i = 0; i < d->n_train; i++)
    x_mean += d->x[i * d->d] / d->n_train;
  for (guint i = 0; i < d->n_train; i++)
    x_var += pow (d->x[i * d->d], 2) / d->n_train;
  g_assert_cmpfloat_with_epsilon (x_mean, 0, 1e-12);
  g_assert_cmpfloat_with_epsilon (x_var, 1, 1e-12);
  column (t, "size")->values[d->rows[d->n_train]] = 1e9;
  g_autoptr (ChainDataset) moved = make (s, t);
  const ChainPrepColumn *q = moved->prep->inputs->pdata[0];
  g_assert_cmpfloat (p->shift, ==, q->shift);
  g_assert_cmpfloat (p->scale, ==, q->scale);
  chain_set_str (&s->data.scale_inputs, "minmax");
  g_autoptr (ChainDataset) unit = make (s, t);
  double low = 1, high = 0;
  for (guint i = 0; i < unit->n_train; i++)
    {
      low = fmin (low, unit->x[i * unit->d]);
      high = fmax (high, unit->x[i * unit->d]);
    }
  g_assert_cmpfloat (low, ==, 0);
  g_assert_cmpfloat (high, ==, 1);
}

static void
test_regression (void)
{
  g_autoptr (ChainSpec) s = make_spec ();
  g_autoptr (ChainTable) t = small_table (40);
  g_ptr_array_add (s->data.targets, g_strdup ("size"));
  g_autoptr (ChainDataset) d = make (s, t);
  const ChainPrepColumn *p = d->prep->targets->pdata[0];
  g_assert_false (d->prep->classify);
  g_assert_cmpuint (d->prep->n_classes, ==, 0);
  for (guint i = 0; i < d->n; i++)   /* scaling back gives the number of the table */
    g_assert_cmpfloat_with_epsilon (d->t[i] * p->scale + p->shift, column (t, "size")->values[d->rows[i]], 1e-12);
  chain_set_str (&s->data.task, "classify");
  g_autoptr (ChainDataset) classes = make (s, t);
  g_assert_true (classes->prep->classify);
  g_assert_cmpuint (classes->prep->n_classes, >, 10);
  g_ptr_array_add (s->data.targets, g_strdup ("flat"));
  chain_set_str (&s->data.task, NULL);
  g_autoptr (ChainDataset) two = make (s, t);
  g_assert_cmpuint (two->k, ==, 2);
  g_assert_cmpfloat (two->t[1], ==, 0);
}

static void
test_missing (void)
{
  g_autoptr (ChainSpec) s = make_spec ();
  g_autoptr (ChainTable) t = small_table (30);
  for (guint i = 0; i < 3; i++)
    column (t, "size")->values[7 * i] = NAN;
  column (t, "island")->values[2] = NAN;
  column (t, "kind")->values[11] = NAN;
  g_autoptr (ChainDataset) d = make (s, t);
  g_assert_cmpuint (d->n, ==, 29);
  g_assert_true (warned (d, "without a target"));
  g_assert_true (warned (d, "row 12"));
  g_assert_true (warned (d, "filled"));
  for (gsize i = 0; i < (gsize) d->n * d->d; i++)
    g_assert_true (isfinite (d->x[i]));
  for (guint i = 0; i < d->n; i++)
    if (d->rows[i] == 7)
      g_assert_cmpfloat_with_epsilon (d->x[i * d->d], 0, 1e-12);   /* the mean */
  chain_set_str (&s->data.missing, "drop");
  g_autoptr (ChainDataset) dropped = make (s, t);
  g_assert_cmpuint (dropped->n, ==, 25);
}

static void
test_apply (void)
{
  g_autoptr (ChainSpec) s = make_spec ();
  g_autoptr (ChainTable) t = small_table (30), more = small_table (8);
  g_autoptr (ChainDataset) d = make (s, t);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainDataset) a = chain_dataset_apply (d->prep, more, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (a->n, ==, 8);
  const ChainPrepColumn *p = d->prep->inputs->pdata[0];
  g_assert_cmpfloat (a->x[3 * a->d], ==, (column (more, "size")->values[3] - p->shift) / p->scale);
  /* labels in another order of appearance mean the same */
  gpointer first = column (more, "kind")->labels->pdata[0];
  column (more, "kind")->labels->pdata[0] = column (more, "kind")->labels->pdata[1];
  column (more, "kind")->labels->pdata[1] = first;
  g_autoptr (ChainDataset) b = chain_dataset_apply (d->prep, more, TRUE, &error);
  g_assert_cmpfloat (b->t[0], ==, 1 - a->t[0]);
  chain_set_str ((char **) &column (more, "island")->labels->pdata[1], "Elba");
  g_assert_null (chain_dataset_apply (d->prep, more, TRUE, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE);
  g_assert_nonnull (strstr (error->message, "Row 2, column “island”: “Elba”"));
  g_clear_error (&error);
  g_ptr_array_remove_index (more->columns, (guint) chain_table_find (more, "kind"));
  chain_set_str ((char **) &column (more, "island")->labels->pdata[1], "Biscoe");
  g_autoptr (ChainDataset) c = chain_dataset_apply (d->prep, more, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (isnan (c->t[0]));
  g_assert_null (chain_dataset_apply (d->prep, more, TRUE, &error));
  g_assert_nonnull (strstr (error->message, "“kind”"));
  g_clear_error (&error);
}

static void
test_warnings (void)
{
  g_autoptr (ChainSpec) s = make_spec ();
  g_autoptr (ChainTable) one = small_table (1), few = small_table (6), many = small_table (400);
  g_autoptr (ChainDataset) a = make (s, one);
  g_assert_cmpuint (a->n_train, ==, 1);
  g_assert_true (warned (a, "one row only"));
  g_assert_true (warned (a, "Every row has the class"));
  for (guint i = 0; i < 6; i++)
    column (few, "kind")->values[i] = 0;
  g_autoptr (ChainDataset) b = make (s, few);
  g_assert_true (warned (b, "Every row has the class “10”"));
  for (guint i = 0; i < 400; i++)
    column (many, "kind")->values[i] = i < 3;
  g_autoptr (ChainDataset) c = make (s, many);
  g_assert_true (warned (c, "far from equal"));
  column (many, "kind")->values[3] = 1;   /* 396 to 4: below 100 to 1 */
  g_autoptr (ChainDataset) d = make (s, many);
  g_assert_false (warned (d, "far from equal"));
  chain_set_str (&s->data.task, "classify");
  g_ptr_array_add (s->data.targets, g_strdup ("size"));
  for (guint i = 0; i < 6; i++)
    column (few, "size")->values[i] = 1.5 * i;
  g_autoptr (ChainDataset) e = make (s, few);
  g_assert_true (warned (e, "class of its own"));
  s->batch_size = 500;
  g_autoptr (ChainDataset) f = make (s, few);
  g_assert_true (warned (f, "batch of 500"));
}

static void
expect (ChainSpec *s, ChainTable *t, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainDataset) d = chain_dataset_new (s, t, NULL, &error);
  g_assert_null (d);
  g_assert_nonnull (error);
  if (!strstr (error->message, words))
    g_error ("“%s” does not hold “%s”", error->message, words);
}

static void
test_refused (void)
{
  g_autoptr (ChainSpec) s = make_spec ();
  g_autoptr (ChainTable) t = small_table (12), big = small_table (1500);
  column (t, "size")->values[3] = INFINITY;
  expect (s, t, "Row 4, column “size” is infinite");
  column (t, "size")->values[3] = 0;
  g_ptr_array_add (s->data.inputs, g_strdup ("weight"));
  expect (s, t, "no column “weight”; there are “size”, “flat”");
  g_ptr_array_set_size (s->data.inputs, 0);
  chain_set_str (&s->data.task, "regress");
  expect (s, t, "“kind” holds text");
  chain_set_str (&s->data.task, "classify");
  g_ptr_array_add (s->data.targets, g_strdup ("size"));
  for (guint i = 0; i < 1500; i++)
    column (big, "size")->values[i] = i;
  expect (s, big, "1500 different values");
  g_ptr_array_add (s->data.targets, g_strdup ("flat"));
  expect (s, big, "one target column");
  chain_set_str (&s->data.task, NULL);
  g_ptr_array_set_size (s->data.targets, 0);
  g_ptr_array_add (s->data.ignore, g_strdup ("size"));
  g_ptr_array_add (s->data.ignore, g_strdup ("flat"));
  g_ptr_array_add (s->data.ignore, g_strdup ("island"));
  expect (s, t, "no column is left");
  g_autoptr (ChainTable) none = small_table (0);
  g_ptr_array_set_size (s->data.ignore, 0);
  expect (s, none, "no rows");
}

/* A rare class keeps a row in training, however large the test split. */
static void
test_rare_class (void)
{
  g_autoptr (ChainSpec) s = make_spec ();
  g_autoptr (ChainTable) t = small_table (10);
  guint seen = 0;
  for (guint i = 0; i < 10; i++)
    column (t, "kind")->values[i] = i == 6;
  s->data.test = 0.8;
  g_autoptr (ChainDataset) d = make (s, t);
  for (guint i = 0; i < d->n_train; i++)
    seen += d->rows[i] == 6;
  g_assert_cmpuint (seen, ==, 1);
  g_assert_cmpuint (d->n_train, ==, 2);
}

static void
test_generated (void)
{
  g_autoptr (ChainSpec) s = chain_spec_example ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainTable) t = chain_table_generate (&s->data, &error);
  g_assert_no_error (error);
  g_autoptr (ChainDataset) d = chain_dataset_new (s, t, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (d->n, ==, 300);
  g_assert_cmpuint (d->n_train, ==, 210);
  g_assert_cmpuint (d->d, ==, 2);
  g_assert_cmpuint (d->prep->n_classes, ==, 2);
  g_autoptr (ChainDataset) again = chain_dataset_new (s, t, d->prep, &error);   /* with what was fitted before */
  g_assert_no_error (error);
  g_assert_cmpmem (d->x, d->n * 2 * sizeof (double), again->x, again->n * 2 * sizeof (double));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/dataset/columns", test_columns);
  g_test_add_func ("/nn/dataset/split", test_split);
  g_test_add_func ("/nn/dataset/fit-on-training", test_fit_on_training);
  g_test_add_func ("/nn/dataset/regression", test_regression);
  g_test_add_func ("/nn/dataset/missing", test_missing);
  g_test_add_func ("/nn/dataset/apply", test_apply);
  g_test_add_func ("/nn/dataset/warnings", test_warnings);
  g_test_add_func ("/nn/dataset/refused", test_refused);
  g_test_add_func ("/nn/dataset/rare-class", test_rare_class);
  g_test_add_func ("/nn/dataset/generated", test_generated);
  return g_test_run ();
}
