/* SPDX-License-Identifier: Apache-2.0 */
/* A tool, not a test: writes data/samples/one-one-two-one.chainrule, the network of the debugger's mock-up with its numbers. */
#include "app/io/document.h"
#include "engine/nn/model.h"

#include <string.h>

static ChainLayer *
dense (ChainSpec *spec, const char *id, const char *input, guint units, const char *activation)
{
  ChainLayer *l = chain_layer_new (id, "dense");

  g_ptr_array_add (l->inputs, g_strdup (input));
  chain_layer_set_units (l, units);
  if (activation != NULL)
    chain_choice_set (&l->activation, activation, NULL);
  g_ptr_array_add (spec->layers, l);
  return l;
}

static void
put (ChainDocumentFile *f, const char *name, guint rows, guint cols, int rank, const double *v)
{
  ChainTensor *t = chain_tensor_new (CHAIN_F64, rows, cols);

  t->rank = rank;
  for (guint i = 0; i < rows * cols; i++)
    chain_tensor_set (t, i, v[i]);
  chain_document_file_add (f, name, t);
  chain_tensor_unref (t);
}

static ChainSpec *
make_spec (void)
{
  ChainSpec *spec = chain_spec_new ();

  chain_set_str (&spec->name, "1–1–2–1 example");
  chain_set_str (&spec->note, "Four units and nine numbers: the backward pass can be followed by hand. The first sample is x = 0.8 with target 1.");
  spec->data.source = CHAIN_SOURCE_EMBEDDED;
  spec->data.test = 0;
  chain_set_str (&spec->data.task, "classify");
  chain_set_str (&spec->data.scale_inputs, "none");
  dense (spec, "d1", "x", 1, "tanh");
  dense (spec, "d2", "d1", 2, "tanh");
  dense (spec, "d3", "d2", 1, NULL);
  g_ptr_array_add (spec->losses, chain_loss_term_new ("bce_with_logits"));
  chain_choice_set (&spec->optimiser, "sgd", NULL);
  chain_choice_set_param (&spec->optimiser, "lr", 0.1);
  spec->batch_size = 4;
  spec->order = CHAIN_ORDER_SEQUENTIAL;
  spec->precision = CHAIN_F64;
  spec->stop.epochs = 200;
  return chain_spec_seal (spec);
}

int
main (int argc, char **argv)
{
  static const double x[] = { 0.8, -0.9, 0.3, -0.4, 1.2, -1.5, 0.6, 0.1, -0.2, 1.6, -1.1, 0.5 };
  static const double w1 = 1.2, b1 = -0.3, w2[] = { 1.1, -0.9 }, b2[] = { 0.2, 0.4 }, w3[] = { 0.7, -1.3 }, b3 = 0.1;
  ChainDocumentFile *f = chain_document_file_new ();
  ChainTable *table = chain_table_new (G_N_ELEMENTS (x));
  ChainColumn *in = chain_table_add (table, "x", CHAIN_COLUMN_NUMBER), *out = chain_table_add (table, "t", CHAIN_COLUMN_CATEGORY);
  GError *error = NULL;

  g_ptr_array_add (out->labels, g_strdup ("0"));
  g_ptr_array_add (out->labels, g_strdup ("1"));
  for (guint i = 0; i < G_N_ELEMENTS (x); i++)
    {
      in->values[i] = x[i];
      out->values[i] = x[i] > 0.2;
    }
  f->spec = make_spec ();
  f->data = table;
  put (f, "d1.weight", 1, 1, 2, &w1);
  put (f, "d1.bias", 1, 1, 1, &b1);
  put (f, "d2.weight", 2, 1, 2, w2);
  put (f, "d2.bias", 1, 2, 1, b2);
  put (f, "d3.weight", 1, 2, 2, w3);
  put (f, "d3.bias", 1, 1, 1, &b3);
  if (!chain_document_file_save (f, argv[1], NULL, NULL, &error))
    g_error ("%s", error->message);
  chain_document_file_free (f);
  return 0;
}
