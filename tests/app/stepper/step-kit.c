/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/app/stepper/step-kit.h"

#include "app/io/data-load.h"
#include "app/io/document.h"

#include <string.h>

const char *const step_kit_names[] = { "plain", "skip", "concat", "batch_norm", "dropout", "softmax", "autoencoder", "layer_norm", "gelu_erf", "relu", NULL };

static ChainLayer *
add (ChainSpec *spec, const char *id, const char *type, guint units, const char *activation, const char *input, const char *second)
{
  ChainLayer *l = chain_layer_new (id, type);

  g_ptr_array_add (l->inputs, g_strdup (input));
  if (second != NULL)
    g_ptr_array_add (l->inputs, g_strdup (second));
  if (units > 0)
    chain_layer_set_units (l, units);
  if (activation != NULL)
    chain_choice_set (&l->activation, activation, NULL);
  g_ptr_array_add (spec->layers, l);
  return l;
}

static void
choose (ChainSpec *spec, const char *data, const char *loss)
{
  chain_choice_set (&spec->data.choice, data, NULL);
  spec->data.source = strcmp (data, "penguins") == 0 ? CHAIN_SOURCE_BUNDLED : CHAIN_SOURCE_GENERATOR;
  if (strcmp (data, "moons") == 0 || strcmp (data, "wave") == 0)
    chain_choice_set_param (&spec->data.choice, "n", 40);
  chain_choice_set (&((ChainLossTerm *) g_ptr_array_index (spec->losses, 0))->choice, loss, NULL);
}

/* x -> d1 (3) -> the layer that the network is about -> d9 (1). */
static void
sandwich (ChainSpec *spec, const char *type, const char *activation)
{
  add (spec, "d1", "dense", 3, type == NULL ? activation : "tanh", "x", NULL);
  if (type != NULL)
    add (spec, "m1", type, 0, activation, "d1", NULL);
  add (spec, "d9", "dense", 1, NULL, type != NULL ? "m1" : "d1", NULL);
}

static void
skip (ChainSpec *spec, const char *join)
{
  add (spec, "d1", "dense", 3, "tanh", "x", NULL);
  add (spec, "d2", "dense", 3, "sigmoid", "d1", NULL);
  add (spec, "j1", join, 0, NULL, "d1", "d2");
  add (spec, "d9", "dense", 1, NULL, "j1", NULL);
}

static void
softmax (ChainSpec *spec)
{
  choose (spec, "penguins", "cross_entropy");
  add (spec, "d1", "dense", 4, "tanh", "x", NULL);
  add (spec, "d9", "dense", 3, "softmax", "d1", NULL);
}

static void
autoencoder (ChainSpec *spec)
{
  ChainLossTerm *term = g_ptr_array_index (spec->losses, 0);

  choose (spec, "moons", "mse");
  add (spec, "d1", "dense", 1, "tanh", "x", NULL);
  add (spec, "d9", "dense", 2, NULL, "d1", NULL);
  g_ptr_array_add (term->roles, g_strdup ("target"));
  g_ptr_array_add (term->sources, g_strdup ("x"));
}

ChainSpec *
step_kit_spec (const char *name)
{
  g_autoptr (ChainSpec) example = chain_spec_example ();
  ChainSpec *spec = chain_spec_copy (example);

  spec->stop.epochs = 0;
  spec->batch_size = 5;
  g_ptr_array_set_size (spec->layers, 0);
  choose (spec, "moons", "bce_with_logits");
  if (strcmp (name, "plain") == 0)
    sandwich (spec, NULL, "tanh");
  else if (strcmp (name, "skip") == 0)
    skip (spec, "add");
  else if (strcmp (name, "concat") == 0)
    skip (spec, "concat");
  else if (strcmp (name, "softmax") == 0)
    softmax (spec);
  else if (strcmp (name, "autoencoder") == 0)
    autoencoder (spec);
  else if (strcmp (name, "gelu_erf") == 0 || strcmp (name, "relu") == 0)
    sandwich (spec, NULL, name);
  else
    sandwich (spec, name, NULL);
  return spec;
}

ChainTrainer *
step_kit_trainer (ChainSpec *spec)
{
  GError *error = NULL;
  ChainTable *table;
  ChainDataset *data;
  ChainTrainer *t;

  chain_spec_seal (spec);
  table = chain_data_load (&spec->data, NULL, NULL, &error);
  g_assert_no_error (error);
  data = chain_dataset_new (spec, table, NULL, &error);
  g_assert_no_error (error);
  t = chain_trainer_new (spec, data, &error);
  g_assert_no_error (error);
  chain_dataset_unref (data);
  chain_table_unref (table);
  chain_spec_unref (spec);
  return t;
}

ChainTrace *
step_kit_trace (ChainTrainer *t, ChainTraceOf of, guint index)
{
  ChainSnapshot *s;
  ChainTrace *trace;

  chain_trainer_set_trace_request (t, (ChainTraceRequest){ of, index });
  s = chain_trainer_snapshot (t, CHAIN_WANT_TRACE);
  g_assert_cmpstr (s->trace_error, ==, NULL);
  trace = chain_trace_ref (s->trace);
  chain_snapshot_unref (s);
  return trace;
}

static int
by_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

GPtrArray *
step_kit_samples (void)
{
  GPtrArray *out = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "..", "data", "samples", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (out, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (out, by_text);
  return out;
}

ChainTrainer *
step_kit_sample (const char *path)
{
  GError *error = NULL;
  ChainDocumentFile *file = chain_document_file_load (path, NULL, &error);
  ChainTable *table;
  ChainDataset *data;
  ChainTrainer *t;

  g_assert_no_error (error);
  table = file->data != NULL ? chain_table_ref (file->data) : chain_data_load (&file->spec->data, NULL, NULL, &error);
  g_assert_no_error (error);
  data = chain_dataset_new (file->spec, table, file->prep, &error);
  g_assert_no_error (error);
  t = chain_trainer_new (file->spec, data, &error);
  g_assert_no_error (error);
  if (file->tensors->len > 0)
    g_assert_true (chain_trainer_load_tensors (t, file->tensors, FALSE, NULL, &error));
  chain_dataset_unref (data);
  chain_table_unref (table);
  chain_document_file_free (file);
  return t;
}

ChainTrainer *
step_kit_example (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data", "samples", "one-one-two-one.chainrule", NULL);

  return step_kit_sample (path);
}

ChainTrainer *
step_kit_deep (guint layers)
{
  ChainSpec *spec = step_kit_spec ("plain");

  for (guint i = 0; i < layers; i++)
    {
      g_autofree char *id = g_strdup_printf ("h%u", i), *before = i > 0 ? g_strdup_printf ("h%u", i - 1) : g_strdup ("d1");
      ChainLayer *l = chain_layer_new (id, "dense"), *last = g_ptr_array_index (spec->layers, spec->layers->len - 1);

      g_ptr_array_add (l->inputs, g_strdup (before));
      chain_layer_set_units (l, 3);
      chain_choice_set (&l->activation, "tanh", NULL);
      g_ptr_array_insert (spec->layers, (int) spec->layers->len - 1, l);
      g_ptr_array_set_size (last->inputs, 0);
      g_ptr_array_add (last->inputs, g_strdup (id));
    }
  return step_kit_trainer (spec);
}
