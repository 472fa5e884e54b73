/* SPDX-License-Identifier: Apache-2.0 */
/* The corpus of bad and tricky inputs, in process, by the rules of its manifest: outcome, class, probes, warnings, time, a position in
 * every refusal, the same answer byte for byte in three locales. tests/data/badinputs is a copy; its checksums are tested here too, as
 * are those of the reference vectors. */
#include "app/io/csv.h"
#include "app/io/data-load.h"
#include "app/io/document.h"
#include "app/io/inspect.h"
#include "app/io/json.h"
#include "tests/app/io/kit.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static json_t *manifest;
static GHashTable *first_answer;     /* case -> line of the first locale */
static guint n_judged;

static json_t *
read_manifest (const char *path)
{
  g_autofree char *full = kit_data (path);
  json_t *j = json_load_file (full, JSON_REJECT_DUPLICATES, NULL);

  g_assert_nonnull (j);
  return j;
}

static const char *
text_of (const json_t *o, const char *key)
{
  const char *t = json_string_value (json_object_get (o, key));

  return t ? t : "";
}

static gboolean
holds (const json_t *list, const char *text)
{
  for (gsize i = 0; i < json_array_size (list); i++)
    if (g_str_equal (json_string_value (json_array_get (list, i)), text))
      return TRUE;
  return FALSE;
}

/* --- judging one answer --- */
static gboolean
probes_hold (const json_t *want, const json_t *answer)
{
  const json_t *probe = json_object_get (want, "probe"), *cells = json_object_get (answer, "cells");

  for (gsize i = 0; i < json_array_size (probe); i++)
    {
      const json_t *value = json_array_get (json_array_get (probe, i), 2), *cell = json_array_get (json_array_get (cells, i), 2);
      double x = json_number_value (value), y = json_number_value (cell);

      if (json_is_string (value) ? !json_equal (value, cell) : !json_is_number (cell) || fabs (x - y) > 1e-6 * fmax (1, fabs (x)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
tensors_hold (const json_t *want, const json_t *answer)
{
  const json_t *tensors = json_object_get (want, "tensors"), *count = json_object_get (tensors, "count"), *got = json_object_get (answer, "tensors");

  if (!tensors)
    return TRUE;
  return json_is_integer (count) ? json_object_size (got) == (gsize) json_integer_value (count) : json_equal (tensors, got);
}

static gboolean
loaded_as (const json_t *want, const json_t *answer)
{
  static const char *const figures[] = { "rows", "cols", "missing" };

  if (!json_is_true (json_object_get (answer, "ok")))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    if (json_object_get (want, figures[i]) && !json_equal (json_object_get (want, figures[i]), json_object_get (answer, figures[i])))
      return FALSE;
  if (json_object_get (want, "names") && !json_equal (json_object_get (want, "names"), json_object_get (answer, "names")))
    return FALSE;
  if (json_is_true (json_object_get (want, "must_warn")) && json_array_size (json_object_get (answer, "warnings")) == 0)
    return FALSE;
  return probes_hold (want, answer) && tensors_hold (want, answer);
}

static gboolean
outcome_allowed (const json_t *allowed, const json_t *answer)
{
  for (gsize i = 0; i < json_array_size (allowed); i++)
    {
      const json_t *a = json_array_get (allowed, i);

      if (g_str_equal (text_of (a, "outcome"), "reject") ? holds (json_object_get (a, "classes"), text_of (answer, "class")) : loaded_as (a, answer))
        return TRUE;
    }
  return FALSE;
}

/* Read as words, with a warning: never as a number. */
static gboolean
loaded_as_text (const json_t *answer)
{
  return json_is_true (json_object_get (answer, "ok")) && json_array_size (json_object_get (answer, "warnings")) > 0;
}

static gboolean
judge (const json_t *e, const json_t *answer)
{
  const char *expect = text_of (e, "expect");

  if (g_str_equal (expect, "policy"))
    return outcome_allowed (json_object_get (e, "allowed"), answer);
  if (g_str_equal (expect, "load"))
    return loaded_as (e, answer) || outcome_allowed (json_object_get (e, "alt"), answer);
  return holds (json_object_get (e, "classes"), text_of (answer, "class")) || outcome_allowed (json_object_get (e, "alt"), answer)
         || (json_is_true (json_object_get (e, "alt_load_as_text")) && loaded_as_text (answer));
}

static void
check_message (const json_t *e, const json_t *answer, const char *file)
{
  const char *message = text_of (answer, "message");
  g_autofree char *base = g_path_get_basename (file);

  if (json_is_true (json_object_get (answer, "ok")))
    return;
  g_assert_nonnull (strstr (message, base));
  g_assert_cmpuint (strlen (message), <=, 4096);
  if (!g_str_has_prefix (text_of (e, "id"), "json-string-64mib"))   /* refused by its size alone, before there is a place */
    g_assert_true (strstr (message, "line ") || strstr (message, "byte ") || strstr (message, "tensor "));
}

static char *
inspect (const json_t *e, const char *path)
{
  const json_t *options = json_object_get (e, "options"), *probe = json_object_get (e, "probe");
  g_autofree ChainInspectCell *cells = g_new0 (ChainInspectCell, json_array_size (probe) + 1);
  const char *delimiter = text_of (options, "delimiter");
  ChainInspectOptions o = { text_of (e, "format"), strlen (delimiter) == 1 ? delimiter[0] : 0,
                            json_is_false (json_object_get (options, "header")), cells, (guint) json_array_size (probe) };

  for (gsize i = 0; i < json_array_size (probe); i++)
    cells[i] = (ChainInspectCell){ (guint) json_integer_value (json_array_get (json_array_get (probe, i), 0)),
                                   (guint) json_integer_value (json_array_get (json_array_get (probe, i), 1)) };
  return chain_inspect_json (path, &o, NULL);
}

static void
check_no_control (const char *line)
{
  g_assert_true (g_utf8_validate (line, -1, NULL));
  for (const char *p = line; *p; p++)
    g_assert_true ((guchar) *p >= 0x20 && (guchar) *p != 0x7f);
}

static void
run_case (const json_t *e, const char *path)
{
  const char *id = text_of (e, "id");
  gint64 start = g_get_monotonic_time ();
  g_autofree char *line = inspect (e, path);
  double seconds = (double) (g_get_monotonic_time () - start) / 1e6;
  json_t *answer = json_loads (line, JSON_REJECT_DUPLICATES, NULL);
  const char *before = g_hash_table_lookup (first_answer, id);

  g_assert_nonnull (answer);
  if (!judge (e, answer))
    g_error ("%s: expected %s, got %.300s", id, text_of (e, "expect"), line);
  check_message (e, answer, path);
  check_no_control (line);
  if (!kit_sanitized ())
    g_assert_cmpfloat (seconds, <=, json_number_value (json_object_get (e, "max_seconds")));
  if (before)
    g_assert_cmpstr (before, ==, line);
  else
    g_hash_table_insert (first_answer, g_strdup (id), g_steal_pointer (&line));
  n_judged++;
  json_decref (answer);
}

static void
run_table (const char *locale)
{
  const json_t *cases = json_object_get (manifest, "cases");

  for (gsize i = 0; i < json_array_size (cases); i++)
    {
      const json_t *e = json_array_get (cases, i);
      g_autofree char *file = g_build_filename ("data/badinputs", text_of (e, "file"), NULL), *path = kit_data (file);

      if (!json_is_true (json_object_get (e, "generated")))
        run_case (e, path);
    }
}

static void
test_corpus (void)
{
  n_judged = 0;
  kit_in_locales (run_table);
  g_assert_cmpuint (n_judged, ==, 3 * (206 - 5));
}

/* --- the large ones, made here --- */
static void
test_generated (void)
{
  const json_t *cases = json_object_get (manifest, "cases");
  g_autofree char *maker = kit_data ("data/badinputs/gen_large.py"), *out = kit_scratch ("large");
  guint n = 0;

  for (gsize i = 0; i < json_array_size (cases); i++)
    {
      const json_t *e = json_array_get (cases, i);
      g_autofree char *base = g_path_get_basename (text_of (e, "file")), *path = g_build_filename (out, base, NULL);
      const char *argv[] = { "/usr/bin/python3", "-B", maker, out, text_of (e, "id"), NULL };
      int status;

      if (!json_is_true (json_object_get (e, "generated")))
        continue;
      g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, NULL));
      g_assert_cmpint (status, ==, 0);
      run_case (e, path);
      g_assert_cmpint (unlink (path), ==, 0);
      n++;
    }
  g_assert_cmpuint (n, ==, 5);
}

static void
test_memory (void)
{
  struct rusage use;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &use), ==, 0);
  if (kit_sanitized ())
    g_test_skip ("a sanitizer's memory is not ours");
  else
    g_assert_cmpint (use.ru_maxrss, <=, 512 << 10);
}

/* "As a Chainrule document every one of them must be refused." */
static void
test_json_is_no_document (void)
{
  const json_t *cases = json_object_get (manifest, "cases");
  guint n = 0;

  for (gsize i = 0; i < json_array_size (cases); i++)
    {
      const json_t *e = json_array_get (cases, i);
      g_autofree char *file = g_build_filename ("data/badinputs", text_of (e, "file"), NULL), *path = kit_data (file);
      g_autoptr (GError) error = NULL;

      if (!g_str_equal (text_of (e, "format"), "json") || json_is_true (json_object_get (e, "generated")))
        continue;
      g_assert_null (chain_document_file_load (path, NULL, &error));
      g_assert_nonnull (error);
      n++;
    }
  g_assert_cmpuint (n, ==, 42);
}

static void
test_warns_on_training (void)
{
  const json_t *cases = json_object_get (manifest, "cases");
  guint n = 0;

  for (gsize i = 0; i < json_array_size (cases); i++)
    {
      const json_t *e = json_array_get (cases, i);
      g_autofree char *file = g_build_filename ("data/badinputs", text_of (e, "file"), NULL), *path = kit_data (file);
      g_autoptr (ChainSpec) spec = chain_spec_new ();
      g_autoptr (ChainTable) table = NULL;
      g_autoptr (ChainDataset) set = NULL;
      g_autoptr (GError) error = NULL;

      if (!json_is_true (json_object_get (e, "must_warn_on_train")))
        continue;
      table = chain_data_load_file (path, NULL, &error);
      g_assert_no_error (error);
      set = chain_dataset_new (spec, table, NULL, &error);
      if (!error && set->warnings->len == 0)
        g_error ("%s: training starts without a warning", text_of (e, "id"));
      n++;
    }
  g_assert_cmpuint (n, >=, 3);
}

/* --- the copies are what the manifests say --- */
static void
check_sums (const json_t *list, const char *folder)
{
  for (gsize i = 0; i < json_array_size (list); i++)
    {
      const json_t *e = json_array_get (list, i);
      g_autofree char *file = g_build_filename (folder, text_of (e, "file"), NULL), *path = kit_data (file), *data = NULL, *sum = NULL;
      gsize len;

      if (json_is_true (json_object_get (e, "generated")))
        continue;
      data = kit_read (path, &len);
      sum = chain_sha256 (data, len);
      g_assert_cmpstr (sum, ==, text_of (e, "sha256"));
    }
}

static void
test_checksums (void)
{
  json_t *vectors = read_manifest ("golden/vectors/manifest.json");

  g_assert_cmpuint (json_array_size (json_object_get (manifest, "cases")), ==, 206);
  check_sums (json_object_get (manifest, "cases"), "data/badinputs");
  g_assert_cmpuint (json_array_size (json_object_get (vectors, "files")), >, 20);
  check_sums (json_object_get (vectors, "files"), "golden/vectors");
  json_decref (vectors);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  manifest = read_manifest ("data/badinputs/manifest.json");
  first_answer = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_test_add_func ("/io/corpus/checksums", test_checksums);
  g_test_add_func ("/io/corpus/three-locales", test_corpus);
  g_test_add_func ("/io/corpus/generated", test_generated);
  g_test_add_func ("/io/corpus/json-is-no-document", test_json_is_no_document);
  g_test_add_func ("/io/corpus/warns-on-training", test_warns_on_training);
  g_test_add_func ("/io/corpus/memory", test_memory);
  status = g_test_run ();
  g_hash_table_unref (first_answer);
  json_decref (manifest);
  kit_finish ();
  return status;
}
