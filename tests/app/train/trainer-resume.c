/* SPDX-License-Identifier: Apache-2.0 */
/* Property 22 (RELIABILITY 4.3): k + m steps = k steps, saved, reloaded, m steps, bit for bit. For every optimiser of the table in each
 * variant, in both precisions, through the bytes of the document that a save writes. */
#include "tests/app/train/train-kit.h"

#include "app/io/document.h"

typedef struct { const ChainOptimRow *row; const char *variant; } Case;

static ChainTrainer *
start (const Case *c, ChainDtype dtype)
{
  ChainSpec *spec = train_kit_spec ();

  chain_choice_set (&spec->optimiser, c->row->info.id, c->variant);
  chain_choice_set (&spec->schedule, "cosine", NULL);
  ((ChainLayer *) g_ptr_array_index (spec->layers, 0))->dropout = 0.1;
  spec->precision = dtype;
  return train_kit_trainer (spec);
}

/* The document that a save would write, read again. */
static ChainDocumentFile *
through_a_file (ChainTrainer *t)
{
  g_autoptr (ChainDocumentFile) d = chain_document_file_new ();
  g_autoptr (GPtrArray) tensors = chain_trainer_save_tensors (t, TRUE);
  g_autoptr (GError) error = NULL;
  ChainDocumentFile *back;
  gsize len;
  char *bytes;

  d->spec = chain_spec_ref (chain_trainer_spec (t));
  d->run_json = chain_trainer_save_run (t);
  for (guint i = 0; i < tensors->len; i++)
    {
      const ChainNamedTensor *n = g_ptr_array_index (tensors, i);
      chain_document_file_add (d, n->name, n->tensor);
    }
  bytes = chain_document_file_write (d, &len, &error);
  g_assert_no_error (error);
  back = chain_document_file_read (bytes, len, NULL, &error);
  g_assert_no_error (error);
  return back;
}

static void
check (const Case *c, ChainDtype dtype, guint first, guint second)
{
  ChainTrainer *whole = start (c, dtype), *half = start (c, dtype), *rest = start (c, dtype);
  g_autoptr (ChainDocumentFile) saved = NULL;
  g_autoptr (GPtrArray) extra = NULL;
  g_autoptr (GError) error = NULL;
  ChainExecState *a, *b;

  train_kit_run (whole, first + second);
  train_kit_run (half, first);
  saved = through_a_file (half);
  g_assert_true (chain_trainer_load_tensors (rest, saved->tensors, TRUE, &extra, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (extra->len, ==, 0);
  g_assert_true (chain_trainer_load_run (rest, saved->run_json, &error));
  g_assert_no_error (error);
  train_kit_run (rest, second);
  a = chain_exec_save (chain_trainer_exec (whole));
  b = chain_exec_save (chain_trainer_exec (rest));
  train_kit_same (a, b, TRUE);
  g_assert_cmpfloat (chain_trainer_loss (whole), ==, chain_trainer_loss (rest));
  chain_exec_state_unref (a);
  chain_exec_state_unref (b);
  chain_trainer_free (whole);
  chain_trainer_free (half);
  chain_trainer_free (rest);
}

static void
test_resume (gconstpointer data)
{
  for (int dtype = 0; dtype < 2; dtype++)
    check (data, (ChainDtype) dtype, 9, 8);
}

int
main (int argc, char **argv)
{
  static const char *const only[] = { NULL, NULL };
  static Case cases[256];
  guint n, used = 0;
  const ChainOptimRow *rows = chain_table_optims (&n);

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < n; i++)
    for (const char *const *v = rows[i].info.variants ? rows[i].info.variants : only; v == only || *v != NULL; v++)
      {
        g_autofree char *path = g_strdup_printf ("/property/22-resume/%s/%s", rows[i].info.id, *v ? *v : "standard");

        g_assert_cmpuint (used, <, G_N_ELEMENTS (cases));
        cases[used] = (Case){ &rows[i], *v };
        g_test_add_data_func (path, &cases[used++], test_resume);
        if (v == only)
          break;
      }
  return g_test_run ();
}
