/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine/vectors/vec-kit.h"

#include "engine/base/number.h"

#include <math.h>
#include <string.h>

#define MAX_PRINTED 12

json_t *
vec_load (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "vectors", name, NULL);
  json_error_t error;
  json_t *root = json_load_file (path, 0, &error);

  if (root == NULL)
    g_error ("%s: %s", path, error.text);
  g_assert_cmpstr (vec_text (root, "format"), ==, "chainrule-vectors/1");
  return root;
}

json_t *
vec_get (json_t *o, const char *name)
{
  json_t *v = json_object_get (o, name);

  g_assert_nonnull (v);
  return v;
}

const char *
vec_text (json_t *o, const char *name)
{
  return json_string_value (json_object_get (o, name));
}

double
vec_number (json_t *v)
{
  const char *text = json_string_value (v);

  if (json_is_boolean (v))
    return json_is_true (v);
  if (json_is_null (v))
    return NAN;
  if (text == NULL)
    {
      g_assert_true (json_is_number (v));
      return json_number_value (v);
    }
  if (g_str_equal (text, "NaN"))
    return NAN;
  g_assert_true (g_str_equal (text, "Infinity") || g_str_equal (text, "-Infinity"));
  return text[0] == '-' ? -INFINITY : INFINITY;
}

Vec
vec_tensor (json_t *v)
{
  json_t *data = json_is_object (v) ? vec_get (v, "data") : v, *shape = json_is_object (v) ? vec_get (v, "shape") : NULL;
  Vec out = { .rank = shape != NULL ? (int) json_array_size (shape) : 1 };

  if (!json_is_array (data))
    {
      out.v = g_new (double, 1);
      out.v[0] = vec_number (data);
      out.rows = out.cols = out.n = 1;
      return out;
    }
  out.n = (guint) json_array_size (data);
  out.rows = out.rank == 2 ? (guint) json_integer_value (json_array_get (shape, 0)) : 1;
  out.cols = out.rank == 2 ? (guint) json_integer_value (json_array_get (shape, 1)) : out.n;
  g_assert_cmpuint (out.rows * out.cols, ==, out.n);
  out.v = g_new (double, out.n + 1);
  for (guint i = 0; i < out.n; i++)
    out.v[i] = vec_number (json_array_get (data, i));
  return out;
}

void
vec_clear (Vec *v)
{
  g_clear_pointer (&v->v, g_free);
}

/* --- leaves and evaluation --- */
typedef struct { ChainId leaf; Vec v; } Bound;

void
vec_kit_init (VecKit *k)
{
  k->g = chain_graph_new ();
  k->leaves = g_array_new (FALSE, FALSE, sizeof (Bound));
  k->b = 1;
}

void
vec_kit_clear (VecKit *k)
{
  g_array_unref (k->leaves);
  chain_graph_free (k->g);
}

static ChainId
bind (VecKit *k, const char *name, Vec v, ChainShape shape)
{
  Bound o = { chain_leaf (k->g, shape.rows < 0 ? CHAIN_LEAF_INPUT : CHAIN_LEAF_PARAM, name, shape), v };

  if (shape.rows < 0)
    k->b = v.rows;
  g_array_append_val (k->leaves, o);
  return o.leaf;
}

ChainId
vec_kit_leaf (VecKit *k, const char *name, const Vec *v, gboolean batch)
{
  return bind (k, name, *v, chain_shape (batch ? CHAIN_B : (int32_t) v->rows, (int32_t) v->cols));
}

ChainId
vec_kit_column (VecKit *k, const char *name, const Vec *v)
{
  Vec column = { v->v, v->n, 1, v->n, 2 };

  return bind (k, name, column, chain_shape (CHAIN_B, 1));
}

static void
eval_reference (VecKit *k, const ChainId *ids, guint n, double **out)
{
  g_autofree ChainRefBinding *leaves = g_new (ChainRefBinding, k->leaves->len + 1);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < k->leaves->len; i++)
    leaves[i] = (ChainRefBinding){ g_array_index (k->leaves, Bound, i).leaf, g_array_index (k->leaves, Bound, i).v.v };
  chain_ref_eval (k->g, leaves, k->leaves->len, k->b, 1, ids, n, out, &error);
  g_assert_no_error (error);
}

static void
eval_exec (VecKit *k, ChainDtype dtype, const ChainId *ids, guint n, double **out)
{
  g_autoptr (GError) error = NULL;
  ChainExec *x = chain_exec_new (k->g, dtype, &error);
  ChainProgram p;

  g_assert_no_error (error);
  for (guint i = 0; i < k->leaves->len; i++)
    {
      const Bound *o = &g_array_index (k->leaves, Bound, i);

      chain_exec_write (x, o->leaf, k->b, o->v.v, o->v.n, &error);
      g_assert_no_error (error);
    }
  p = chain_exec_program (x, ids, n, NULL, 0, CHAIN_PLAN_DEFAULT);
  chain_exec_run (x, p, k->b, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    g_assert_true (chain_exec_read (x, p, k->b, ids[i], out[i], chain_ref_size (k->g, ids[i], k->b)));
  chain_exec_free (x);
}

void
vec_kit_eval (VecKit *k, VecEngine e, const ChainId *ids, guint n, double **out)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (chain_graph_validate (k->g, &error));
  g_assert_no_error (error);
  chain_graph_seal (k->g);
  for (guint i = 0; i < n; i++)
    out[i] = g_new (double, chain_ref_size (k->g, ids[i], k->b) + 1);
  if (e == BY_REFERENCE)
    eval_reference (k, ids, n, out);
  else
    eval_exec (k, e == BY_EXEC_F64 ? CHAIN_F64 : CHAIN_F32, ids, n, out);
}

/* --- choices --- */
static void
value_clear (gpointer p)
{
  ChainParamValue *v = p;

  g_free (v->name);
  g_free (v->text);
}

/* A list of numbers as a text parameter holds it; a matrix row by row. */
static void
list_text (json_t *array, GString *s)
{
  for (gsize i = 0; i < json_array_size (array); i++)
    {
      json_t *item = json_array_get (array, i);
      char buf[CHAIN_NUMBER_SIZE];

      if (json_is_array (item))
        list_text (item, s);
      else
        g_string_append_printf (s, "%s%s", s->len > 0 ? ", " : "", chain_number_write (buf, vec_number (item)));
    }
}

static gboolean
row_has (const ChainRowInfo *info, const char *name)
{
  for (guint i = 0; i < info->n_params; i++)
    if (g_str_equal (info->params[i].name, name))
      return TRUE;
  return FALSE;
}

ChainChoice *
vec_choice (const ChainRowInfo *info, const char *variant, json_t *params, const char *const *ignore, const char **unknown)
{
  ChainChoice *c = g_new0 (ChainChoice, 1);
  g_autoptr (GError) error = NULL;
  const char *name;
  json_t *value;

  c->id = g_strdup (info->id);
  c->variant = g_strdup (variant);
  c->params = g_array_new (FALSE, TRUE, sizeof (ChainParamValue));
  g_array_set_clear_func (c->params, value_clear);
  json_object_foreach (params, name, value)
    {
      ChainParamValue v = { .value = NAN };

      if (!row_has (info, name))
        {
          if (ignore != NULL && g_strv_contains (ignore, name))
            continue;
          *unknown = name;
          vec_choice_free (c);
          return NULL;
        }
      v.name = g_strdup (name);
      if (json_is_array (value))
        {
          GString *text = g_string_new (NULL);

          list_text (value, text);
          v.text = g_string_free (text, FALSE);
        }
      else
        v.value = vec_number (value);
      g_array_append_val (c->params, v);
    }
  chain_choice_validate (c, info, "vector", &error);
  g_assert_no_error (error);
  return c;
}

void
vec_choice_free (ChainChoice *c)
{
  g_free (c->id);
  g_free (c->variant);
  g_array_unref (c->params);
  g_free (c);
}

/* --- counting --- */
void
vec_count_init (VecCount *c)
{
  *c = (VecCount){ .without_row = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL) };
}

void
vec_count_no_row (VecCount *c, const char *id)
{
  g_hash_table_add (c->without_row, g_strdup (id));
}

static guint64 all_numbers;
static guint   all_cases;

int
vec_test_run (void)
{
  int status = g_test_run ();

  g_test_message ("in all %u cases, %" G_GUINT64_FORMAT " numbers compared", all_cases, all_numbers);
  return status;
}

void
vec_count_report (VecCount *c, const char *file, const char *const *expected)
{
  g_autoptr (GList) ids = g_list_sort (g_hash_table_get_keys (c->without_row), (GCompareFunc) strcmp);
  g_autoptr (GString) list = g_string_new (NULL);
  guint n_expected = expected != NULL ? g_strv_length ((char **) expected) : 0;

  for (GList *l = ids; l != NULL; l = l->next)
    g_string_append_printf (list, " %s", (const char *) l->data);
  g_test_message ("%s: %u cases, %" G_GUINT64_FORMAT " numbers compared, %u out of tolerance; without a row:%s", file, c->cases, c->numbers,
                  c->failures, list->len > 0 ? list->str : " none");
  all_numbers += c->numbers;
  all_cases += c->cases;
  g_assert_cmpuint (c->numbers, >, 0);
  g_assert_cmpuint (c->failures, ==, 0);
  for (GList *l = ids; l != NULL; l = l->next)
    if (expected == NULL || !g_strv_contains (expected, l->data))
      g_error ("%s: no row for “%s”, and the test does not know that", file, (const char *) l->data);
  g_assert_cmpuint (g_hash_table_size (c->without_row), ==, n_expected);
  g_hash_table_unref (c->without_row);
}

void
vec_compare (VecCount *c, const char *what, const double *a, const double *b, gsize n, double rtol, double atol)
{
  c->numbers += n;
  for (gsize i = 0; i < n; i++)
    {
      if (a[i] == b[i] || (isnan (a[i]) && isnan (b[i])) || fabs (a[i] - b[i]) <= atol + rtol * fabs (b[i]))
        continue;
      if (c->failures++ < MAX_PRINTED)
        g_test_message ("%s [%" G_GSIZE_FORMAT "]: %.17g, wanted %.17g (off by %.3g)", what, i, a[i], b[i], a[i] - b[i]);
    }
}
