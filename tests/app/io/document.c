/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: what is saved is what is loaded, bit for bit; every truncation and every flipped bit is refused; whatever a mutation does to
 * a good file of any format, a reader answers, and what a reader accepts can be written and read again. */
#include "app/io/csv.h"
#include "app/io/document.h"
#include "app/io/idx.h"
#include "app/io/json.h"
#include "app/io/npy.h"
#include "tests/app/io/kit.h"

#include <math.h>
#include <string.h>

static ChainTensor *
make_tensor (ChainDtype dtype, int rank, guint rows, guint cols)
{
  ChainTensor *t = chain_tensor_new (dtype, rows, cols);

  t->rank = rank;
  for (guint i = 0; i < rows * cols; i++)
    chain_tensor_set (t, i, i / 3.0 - 1);
  return t;
}

static ChainTable *
make_table (void)
{
  ChainTable *t = chain_table_new (5);
  ChainColumn *x = chain_table_add (t, "x\xc3\xa4", CHAIN_COLUMN_NUMBER), *c = chain_table_add (t, "class", CHAIN_COLUMN_CATEGORY);

  g_ptr_array_add (c->labels, g_strdup ("red"));
  g_ptr_array_add (c->labels, g_strdup ("blue \"q\""));
  for (guint i = 0; i < 5; i++)
    {
      x->values[i] = i == 3 ? NAN : 0.1 * i;
      c->values[i] = i == 4 ? NAN : i % 2;
    }
  x->n_missing = c->n_missing = 1;
  chain_set_str (&t->title, "painted");
  chain_set_str (&t->default_target, "class");
  return t;
}

/* What the data set takes for granted; each of these crashed when a document without its data was opened. */
static void
test_bad_prep (void)
{
  static const char *const rows[] = {
    "{\"inputs\":[{\"column\":\"x\",\"kind\":\"number\"}],\"targets\":[{\"column\":\"t\",\"kind\":\"category\",\"labels\":[]}],"
    "\"classify\":true,\"n_inputs\":1,\"n_targets\":1,\"n_classes\":0}",
    "{\"inputs\":[{\"column\":\"x\",\"kind\":\"number\"}],\"targets\":[{\"column\":\"t\",\"kind\":\"number\"}],"
    "\"classify\":true,\"n_inputs\":1,\"n_targets\":1,\"n_classes\":2}",
    "{\"inputs\":[{\"column\":\"x\",\"kind\":\"number\"}],\"targets\":[],\"classify\":false,\"n_inputs\":1,\"n_targets\":0,\"n_classes\":0}",
    "{\"inputs\":[{\"column\":\"x\",\"kind\":\"number\"}],\"targets\":[{\"column\":\"t\",\"kind\":\"category\",\"labels\":[\"a\",\"b\",\"c\"]}],"
    "\"classify\":true,\"n_inputs\":1,\"n_targets\":1,\"n_classes\":2}",
    "{\"inputs\":[{\"column\":\"x\",\"kind\":\"category\",\"labels\":[\"a\"],\"fill\":1e30}],\"targets\":[{\"column\":\"t\",\"kind\":\"number\"}],"
    "\"classify\":false,\"n_inputs\":1,\"n_targets\":1,\"n_classes\":0}",
    "{\"inputs\":[{\"column\":\"x\",\"kind\":\"number\"}],\"targets\":[{\"column\":\"t\",\"kind\":\"number\"}],"
    "\"classify\":false,\"n_inputs\":1,\"n_targets\":7,\"n_classes\":0}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (ChainJson) json = json_loads (rows[i], 0, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_nonnull (json);
      g_assert_null (chain_prep_from_json (json, &error));
      g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC);
    }
}

static ChainDocumentFile *
make_document (void)
{
  static const char prep[] = "{\"inputs\":[{\"column\":\"x\",\"kind\":\"number\",\"shift\":0.30000000000000004,\"scale\":2.0,\"fill\":0.1}],"
                             "\"targets\":[{\"column\":\"class\",\"kind\":\"category\",\"labels\":[\"red\",\"blue\"]}],"
                             "\"classify\":true,\"features\":[\"x₁²\",\"sin(x1)\"],\"n_inputs\":3,\"n_targets\":1,\"n_classes\":2}";
  ChainDocumentFile *d = chain_document_file_new ();
  g_autoptr (ChainTensor) w = make_tensor (CHAIN_F32, 2, 3, 2), b = make_tensor (CHAIN_F32, 1, 1, 3), step = make_tensor (CHAIN_F64, 0, 1, 1);
  g_autoptr (ChainJson) p = json_loads (prep, 0, NULL);

  d->spec = chain_spec_example ();
  d->prep = chain_prep_from_json (p, NULL);
  d->data = make_table ();
  d->run_json = g_strdup ("{\"build\":\"x\",\"events\":[[3,\"rate\",0.1]],\"whole\":2.0}");
  chain_document_file_add (d, "d1.weight", w);
  chain_document_file_add (d, "d1.bias", b);
  chain_document_file_add (d, "scalar.step", step);
  g_assert_nonnull (d->prep);
  return d;
}

static void
assert_same_tensor (const ChainTensor *a, const ChainTensor *b)
{
  g_assert_nonnull (b);
  g_assert_true (a->dtype == b->dtype && a->rank == b->rank && a->rows == b->rows && a->cols == b->cols);
  g_assert_cmpmem (a->data, chain_tensor_size (a) * (a->dtype == CHAIN_F64 ? 8 : 4), b->data, chain_tensor_size (b) * (b->dtype == CHAIN_F64 ? 8 : 4));
}

static void
assert_same_table (const ChainTable *a, const ChainTable *b)
{
  g_assert_true (a->n_rows == b->n_rows && a->columns->len == b->columns->len && a->image_width == b->image_width);
  g_assert_cmpstr (a->title, ==, b->title);
  g_assert_cmpstr (a->default_target, ==, b->default_target);
  for (guint i = 0; i < a->columns->len; i++)
    {
      const ChainColumn *c = a->columns->pdata[i], *e = b->columns->pdata[i];

      g_assert_cmpstr (c->name, ==, e->name);
      g_assert_true (c->kind == e->kind && c->n_missing == e->n_missing);
      for (guint k = 0; c->labels && k < c->labels->len; k++)
        g_assert_cmpstr (c->labels->pdata[k], ==, e->labels->pdata[k]);
      for (guint k = 0; k < a->n_rows; k++)
        g_assert_true (c->values[k] == e->values[k] || (isnan (c->values[k]) && isnan (e->values[k])));
    }
}

static void
run_round_trip (const char *locale)
{
  g_autoptr (ChainDocumentFile) d = make_document (), back = NULL;
  g_autofree char *path = kit_scratch ("round.chainrule"), *first = NULL, *second = NULL;
  g_autoptr (ChainJson) prep = chain_prep_to_json (d->prep), prep_back = NULL;
  g_autoptr (GError) error = NULL;
  ChainFileStamp stamp;
  gsize n = 0, m = 0;

  g_assert_true (chain_document_file_save (d, path, NULL, &stamp, &error));
  back = chain_document_file_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (chain_spec_equal (d->spec, back->spec));
  g_assert_cmpuint (back->tensors->len, ==, 3);
  for (guint i = 0; i < d->tensors->len; i++)
    {
      const ChainNamedTensor *t = d->tensors->pdata[i];
      assert_same_tensor (t->tensor, chain_document_file_find (back, t->name));
    }
  prep_back = chain_prep_to_json (back->prep);
  g_assert_true (json_equal (prep, prep_back));
  assert_same_table (d->data, back->data);
  g_assert_cmpstr (d->run_json, ==, back->run_json);
  first = chain_document_file_write (d, &n, &error);
  second = chain_document_file_write (back, &m, &error);
  g_assert_cmpmem (first, n, second, m);   /* load and save: the same bytes */
}

static void
test_round_trip (void)
{
  kit_in_locales (run_round_trip);
}

static void
test_kinds (void)
{
  g_autofree char *json = kit_scratch ("plain.json"), *weights = kit_scratch ("weights.safetensors"), *other = kit_scratch ("other");
  g_autoptr (ChainSpec) s = chain_spec_example ();
  g_autoptr (ChainTensorFile) f = chain_tensor_file_new ();
  g_autoptr (ChainTensor) w = make_tensor (CHAIN_F64, 2, 2, 2);
  g_autoptr (ChainDocumentFile) a = NULL, b = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (chain_spec_save (s, json, NULL, NULL, &error));
  a = chain_document_file_load (json, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (a->spec->sealed && chain_spec_equal (a->spec, s) && a->tensors->len == 0);
  chain_tensor_file_add (f, "w", w);
  g_assert_true (chain_tensor_file_save (f, weights, NULL, NULL, &error));
  b = chain_document_file_load (weights, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (b->spec);
  assert_same_tensor (w, chain_document_file_find (b, "w"));
  kit_write (other, "<html></html>", 13);
  g_assert_null (chain_document_file_load (other, NULL, &error));
  g_assert_nonnull (error);
}

/* Refused, or nothing of it changed. */
static void
assert_damage_seen (const char *bytes, gsize len, const char *good, gsize good_len, const char *what, gsize at)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainDocumentFile) d = chain_document_file_read (g_memdup2 (bytes, MAX (len, 1)), len, NULL, &error);
  g_autofree char *again = NULL;
  gsize n = 0;

  if (!d)
    {
      g_assert_nonnull (error);
      return;
    }
  again = chain_document_file_write (d, &n, NULL);
  if (n != good_len || memcmp (again, good, n) != 0)
    g_error ("%s at byte %zu gives another document", what, at);
}

static void
test_damage (void)
{
  g_autoptr (ChainDocumentFile) d = make_document ();
  gsize n = 0, variants = 0;
  g_autofree char *good = chain_document_file_write (d, &n, NULL), *bad = g_memdup2 (good, n);
  guint64 seed = 7;

  for (gsize at = 0; at < n; at++, variants++)
    assert_damage_seen (good, at, good, n, "a cut", at);
  for (gsize at = 0; at < n; at++)
    for (guint bit = kit_next (&seed) % 4; bit < 8; bit += 4, variants++)   /* two of the eight bits of every byte */
      {
        bad[at] ^= (char) (1 << bit);
        assert_damage_seen (bad, n, good, n, "a flipped bit", at);
        bad[at] = good[at];
      }
  g_test_message ("%zu variants of %zu bytes", variants, n);
  g_assert_cmpuint (variants, ==, 3 * n);
}

/* --- writers and readers agree --- */
static void
test_safetensors (void)
{
  static const guint64 shape[] = { 2, 3, 4, 0 };
  g_autoptr (ChainTensorFile) f = chain_tensor_file_new (), back = NULL;
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  double numbers[24] = { 0 };
  gsize n = 0;

  chain_tensor_file_add_raw (f, "z", "F64", 3, shape, numbers);
  chain_tensor_file_add_raw (f, "a", "BF16", 2, shape, "\x80\x3f\x00\x40\x40\x40\x80\x40\xa0\x40\xc0\x7f");
  chain_tensor_file_add_raw (f, "empty", "I8", 4, shape, "");
  g_hash_table_insert (f->metadata, g_strdup ("k\n"), g_strdup ("v\"\\\x01"));
  bytes = chain_tensor_file_write (f, FALSE, &n, &error);
  g_assert_no_error (error);
  g_assert_cmpuint ((guint64) (guchar) bytes[0] % 8, ==, 0);
  back = chain_tensor_file_read (g_steal_pointer (&bytes), n, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->tensors->len, ==, 3);
  g_assert_cmpstr (g_hash_table_lookup (back->metadata, "k\n"), ==, "v\"\\\x01");
  g_assert_cmpuint (back->warnings->len, ==, 1);   /* 0x7fc0 is a NaN */
  {
    g_autoptr (ChainTensor) a = chain_file_tensor_read (chain_tensor_file_find (back, "a"), &error);
    g_autoptr (ChainTensor) z = chain_file_tensor_read (chain_tensor_file_find (back, "z"), &error);

    g_assert_true (a->dtype == CHAIN_F32 && a->rows == 2 && a->cols == 3 && chain_tensor_get (a, 1) == 2 && isnan (chain_tensor_get (a, 5)));
    g_assert_true (z->dtype == CHAIN_F64 && z->rows == 2 && z->cols == 12);
    g_assert_null (chain_file_tensor_read (chain_tensor_file_find (back, "empty"), &error));
    g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE);
    g_clear_error (&error);
  }
  chain_tensor_file_add_raw (f, "z", "F64", 0, NULL, numbers);
  g_assert_null (chain_tensor_file_write (f, TRUE, &n, &error));   /* one name twice */
  g_assert_nonnull (error);
}

/* A naive reader of quoted commas as the oracle, for every size up to 200: zsv #603 misread short inputs without a final line end. */
static void
test_csv_sizes (void)
{
  for (guint rows = 1; rows <= 200; rows++)
    for (guint final = 0; final < 2; final++)
      {
        g_autoptr (GString) s = g_string_new ("a,\"b \"\"q\"\"\"");
        g_autoptr (ChainTable) t = NULL;
        g_autoptr (GError) error = NULL;

        for (guint i = 0; i < rows; i++)
          g_string_append_printf (s, "%s%u,\"w,%u\"", i % 3 ? "\n" : "\r\n", i, i % 7);
        if (final)
          g_string_append_c (s, '\n');
        t = chain_csv_read (s->str, s->len, NULL, NULL, &error);
        g_assert_no_error (error);
        g_assert_cmpuint (t->n_rows, ==, rows);
        for (guint i = 0; i < rows; i++)
          {
            const ChainColumn *a = t->columns->pdata[0], *b = t->columns->pdata[1];
            g_autofree char *want = g_strdup_printf ("w,%u", i % 7);

            g_assert_cmpfloat (a->values[i], ==, i);
            g_assert_cmpstr (b->labels->pdata[(guint) b->values[i]], ==, want);
          }
      }
}

static void
test_csv_write (void)
{
  static const struct { const char *cell, *text, *number; } cells[] = {
    { "plain", "plain", "plain" }, { "-1.5", "\"'-1.5\"", "-1.5" }, { "=SUM(A1)", "\"'=SUM(A1)\"", "=SUM(A1)" }, { "@x", "\"'@x\"", "@x" },
    { "+1", "\"'+1\"", "+1" }, { "\tx", "\"'\tx\"", "\"\tx\"" }, { "\rx", "\"'\rx\"", "\"\rx\"" }, { "a,b", "\"a,b\"", "\"a,b\"" },
    { "a\"b", "\"a\"\"b\"", "\"a\"\"b\"" }, { "", "\"\"", "\"\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL), number = g_string_new (NULL);

      chain_csv_append (text, cells[i].cell, TRUE);
      chain_csv_append (number, cells[i].cell, FALSE);
      g_assert_cmpstr (text->str, ==, cells[i].text);
      g_assert_cmpstr (number->str, ==, cells[i].number);
    }
}

static const struct { const char *text; ChainErrorCode code; guint line, column; } csv_faults[] = {
  { "a,b\n1,2\n3,4x\n5,6\n", CHAIN_ERROR_BAD_VALUE, 3, 2 },
  { "a,b\n\"x\ny\",2\nz,3,4\n", CHAIN_ERROR_RAGGED, 4, 0 },
  { "a,b\n1,\"2\n3,4\n", CHAIN_ERROR_SYNTAX, 2, 2 },
  { "a,a\n1,2\n", CHAIN_ERROR_DUPLICATE, 1, 2 },
  { ",\n1,2\n", CHAIN_ERROR_BAD_HEADER, 1, 1 },
  { "a;b\n1,5;2,5\n", CHAIN_ERROR_BAD_VALUE, 2, 1 },
  { "a,b\n1e999,2\n", CHAIN_ERROR_BAD_VALUE, 2, 1 },
  { "a,b\ninf,2\n", CHAIN_ERROR_BAD_VALUE, 2, 1 },
  { "a,b\nNA,2\n", CHAIN_ERROR_BAD_VALUE, 2, 1 },
};

static void
test_csv_places (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (csv_faults); i++)
    {
      g_autoptr (GError) error = NULL;
      ChainFileWhere where = { 0, 0, -1 };

      g_assert_null (chain_csv_read (csv_faults[i].text, strlen (csv_faults[i].text), NULL, &where, &error));
      g_assert_error (error, CHAIN_ERROR, (int) csv_faults[i].code);
      g_assert_cmpuint (where.line, ==, csv_faults[i].line);
      g_assert_cmpuint (where.column, ==, csv_faults[i].column);
    }
}

static void
test_csv_limits (void)
{
  for (guint over = 0; over < 2; over++)   /* at the limit, and one over it */
    {
      g_autoptr (GString) wide = g_string_new (NULL), field = g_string_new ("a,b\n1,");
      g_autoptr (ChainTable) t = NULL, u = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *fill = g_strnfill ((1 << 20) + over, 'x');

      for (guint row = 0; row < 2; row++)
        for (guint i = 0; i < 65536 + over; i++)
          g_string_append_printf (wide, "%s%s%u", i ? "," : row ? "\n" : "", row ? "" : "n", i);
      t = chain_csv_read (wide->str, wide->len, NULL, NULL, &error);
      g_assert_true ((t != NULL) == !over && (!over || error->code == CHAIN_ERROR_TOO_LARGE));
      g_clear_error (&error);
      g_string_append (field, fill);
      u = chain_csv_read (field->str, field->len, NULL, NULL, &error);
      g_assert_true ((u != NULL) == !over && (!over || error->code == CHAIN_ERROR_TOO_LARGE));
    }
}

static void
test_idx_pair (void)
{
  g_autofree char *images = kit_data ("../data/datasets/fashion_mnist_2000-images-idx3-ubyte.gz");
  g_autofree char *labels = kit_data ("../data/datasets/fashion_mnist_2000-labels-idx1-ubyte.gz");
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainTable) t = chain_idx_load_pair (NULL, images, labels, &error), none = NULL;
  const ChainColumn *label;

  g_assert_no_error (error);
  g_assert_true (t->n_rows == 2000 && t->columns->len == 785 && t->image_width == 28 && t->image_height == 28);
  label = t->columns->pdata[784];
  g_assert_cmpuint (label->labels->len, ==, 10);
  for (guint i = 0; i < 10; i++)
    g_assert_cmpint (((char *) label->labels->pdata[i])[0], ==, '0' + (int) i);
  none = chain_idx_load_pair (NULL, labels, images, &error);
  g_assert_null (none);
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT);
}

/* --- 20,000 mutations --- */
typedef struct { const char *name; char *bytes; gsize len; int kind; } Seed;

static gboolean
answer (int kind, const char *bytes, gsize len)
{
  g_autoptr (GError) error = NULL;
  ChainFileWhere where;
  g_autoptr (ChainTable) t = NULL;
  g_autoptr (ChainDocumentFile) d = NULL;
  g_autoptr (ChainTensorFile) f = NULL;

  if (kind == 0)
    t = chain_csv_read (bytes, len, NULL, &where, &error);
  else if (kind == 1)
    t = chain_idx_read (bytes, len, &where, &error);
  else if (kind == 2)
    t = chain_npy_read (bytes, len, &where, &error);
  else if (kind == 3)
    f = chain_tensor_file_read (g_memdup2 (bytes, len), len, &where, &error);
  else
    d = chain_document_file_read (g_memdup2 (bytes, len), len, &where, &error);
  g_assert_true ((t || f || d) == (error == NULL));
  if (error)
    g_assert_true (error->domain == CHAIN_ERROR && error->message[0]);
  return error == NULL;
}

static void
mutate (GString *s, guint64 *seed)
{
  guint edits = 1 + kit_next (seed) % 4;

  for (guint i = 0; i < edits && s->len > 0; i++)
    {
      gsize at = kit_next (seed) % s->len, some = kit_next (seed) % 32;

      switch (kit_next (seed) % 5)
        {
        case 0:
          s->str[at] = (char) kit_next (seed);
          break;
        case 1:
          s->str[at] ^= (char) (1 << kit_next (seed) % 8);
          break;
        case 2:
          g_string_erase (s, (gssize) at, (gssize) MIN (s->len - at, some));
          break;
        case 3:
          g_string_insert_len (s, (gssize) at, s->str, (gssize) MIN (s->len, some));
          break;
        default:
          g_string_truncate (s, at);
          break;
        }
    }
}

static void
test_mutations (void)
{
  static const char *const files[] = { "csv/quoted-numbers.csv", "csv/all-unique-labels.csv", "idx/images-10x4x4.idx3-ubyte", "idx/images-gz.idx3-ubyte.gz",
                                       "npy/three-dims.npy", "npy/fortran-order.npy", "safetensors/metadata.safetensors", "safetensors/f16-bf16.safetensors" };
  static const int kinds[] = { 0, 0, 1, 1, 2, 2, 3, 3, 4, 4 };
  g_autoptr (ChainDocumentFile) d = make_document ();
  g_autoptr (ChainSpec) spec = chain_spec_example ();
  guint64 seed = 11;
  guint accepted = 0, total = 0;

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      g_autofree char *rel = k < 8 ? g_build_filename ("data/badinputs", files[k], NULL) : NULL, *path = rel ? kit_data (rel) : NULL, *bytes = NULL;
      gsize len = 0;

      bytes = path ? kit_read (path, &len) : k == 8 ? chain_document_file_write (d, &len, NULL) : chain_spec_to_json (spec);
      len = k == 9 ? strlen (bytes) : len;
      g_assert_true (answer (kinds[k], bytes, len));
      for (guint i = 0; i < 2000; i++, total++)
        {
          g_autoptr (GString) s = g_string_new_len (bytes, (gssize) len);

          mutate (s, &seed);
          accepted += answer (kinds[k], s->str, s->len);
        }
    }
  g_test_message ("%u mutations, %u still read", total, accepted);
  g_assert_cmpuint (total, ==, 20000);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/io/document/bad-prep", test_bad_prep);
  g_test_add_func ("/io/document/round-trip", test_round_trip);
  g_test_add_func ("/io/document/kinds", test_kinds);
  g_test_add_func ("/io/document/damage", test_damage);
  g_test_add_func ("/io/safetensors/write", test_safetensors);
  g_test_add_func ("/io/csv/sizes", test_csv_sizes);
  g_test_add_func ("/io/csv/write", test_csv_write);
  g_test_add_func ("/io/csv/places", test_csv_places);
  g_test_add_func ("/io/csv/limits", test_csv_limits);
  g_test_add_func ("/io/idx/pair", test_idx_pair);
  g_test_add_func ("/io/mutations", test_mutations);
  status = g_test_run ();
  kit_finish ();
  return status;
}
