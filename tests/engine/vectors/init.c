/* SPDX-License-Identifier: Apache-2.0 */
/* Initialisers that need a network, against tests/golden/vectors (rtol 1e-9): LSUV on given data and weights, fixup by the branches of a
 * residual network, gains of activations. What one block shows is tested in vectors-layer.c. */
#include "tests/engine/nn/make.h"
#include "tests/engine/vectors/vec-kit.h"

#include <string.h>

#define RTOL 1e-9

/* --- gains --- */
/* "leaky_relu_0.01", "elu_1", "gelu_erf" are rows with their defaults. */
static const ChainActivationRow *
activation_of (const char *name)
{
  const ChainActivationRow *row = chain_activation_row (name);
  const char *cut = strrchr (name, '_');
  g_autofree char *stem = cut != NULL ? g_strndup (name, (gsize) (cut - name)) : g_strdup (name);

  row = row != NULL ? row : chain_activation_row (stem);
  return row != NULL || !g_str_equal (name, "gelu_erf") ? row : chain_activation_row ("gelu");
}

static void
gain_case (VecCount *c, json_t *o)
{
  const char *name = vec_text (o, "activation");
  const ChainActivationRow *row = activation_of (name);
  ChainGain gain;

  if (row == NULL)
    g_error ("no activation “%s”", name);
  g_assert_true (chain_activation_gain (row, NULL, &gain));
  const struct { const char *key; double got; } pairs[] = {
    { "mean", gain.mean }, { "second_moment", gain.second_moment }, { "gain", gain.gain },
    { "derivative_second_moment", gain.derivative_second_moment }, { "backward_gain", gain.backward_gain }, { "pytorch_calculate_gain", gain.pytorch },
  };
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    if (json_object_get (o, pairs[i].key) != NULL)
      {
        double want = vec_number (json_object_get (o, pairs[i].key));

        vec_compare (c, name, &pairs[i].got, &want, 1, RTOL, 1e-12);
      }
    else
      g_assert_true (isnan (pairs[i].got));
}

/* --- LSUV --- */
static ChainSpec *
chain_of (json_t *weights, const char *activation)
{
  ChainSpec *s = make_spec ();
  json_t *o;
  gsize i;

  chain_choice_set (&s->initialiser, "lsuv", NULL);
  json_array_foreach (weights, i, o)
    {
      Vec w = vec_tensor (o);
      g_autofree char *id = g_strdup_printf ("d%" G_GSIZE_FORMAT, i + 1), *before = i > 0 ? g_strdup_printf ("d%" G_GSIZE_FORMAT, i) : g_strdup ("x");

      make_layer (s, id, "dense", w.rows, i + 1 < json_array_size (weights) ? activation : NULL, before, NULL);
      vec_clear (&w);
    }
  make_loss (s, "mse");
  return s;
}

static void
lsuv_case (VecCount *c, json_t *o)
{
  json_t *weights = vec_get (o, "weights"), *w, *results = vec_get (o, "result");
  ChainSpec *s = chain_of (weights, vec_text (vec_get (o, "params"), "activation"));
  Vec data = vec_tensor (vec_get (o, "data")), scale = vec_tensor (vec_get (o, "scale"));
  guint width = ((ChainLayer *) s->layers->pdata[s->layers->len - 1])->units;
  ChainPrep *prep = make_prep (data.cols, width, 0);
  g_autoptr (GError) error = NULL;
  ChainModel *m = chain_model_new (s, prep, &error);
  ChainExec *x;
  gsize i;

  g_assert_no_error (error);
  g_assert_true (chain_model_wants_data (m));
  x = make_exec (m, CHAIN_F64, 1);
  write_leaf (x, m->x, data.rows, data.v, data.n);
  json_array_foreach (weights, i, w)
    {
      Vec v = vec_tensor (w);

      write_leaf (x, g_array_index (m->params, ChainTensorInfo, g_array_index (m->layers, ChainLayerInfo, i).weight).leaf, 1, v.v, v.n);
      vec_clear (&v);
    }
  g_assert_true (chain_model_init_data (m, x, data.rows, &error));
  json_array_foreach (results, i, w)
    {
      Vec want = vec_tensor (w), before = vec_tensor (json_array_get (weights, i));
      g_autofree double *got = g_new (double, want.n);
      double factor;

      chain_exec_read_leaf (x, g_array_index (m->params, ChainTensorInfo, g_array_index (m->layers, ChainLayerInfo, i).weight).leaf, got, want.n);
      vec_compare (c, "lsuv", got, want.v, want.n, RTOL, 1e-15);
      factor = got[0] / before.v[0];
      vec_compare (c, "lsuv scale", &factor, scale.v + i, 1, RTOL, 0);
      vec_clear (&want);
      vec_clear (&before);
    }
  vec_clear (&data);
  vec_clear (&scale);
  chain_exec_free (x);
  chain_model_free (m);
  free_prep (prep);
  chain_spec_unref (s);
}

static void
test_deterministic (void)
{
  json_t *root = vec_load ("initialisers_deterministic_f64.json"), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    {
      const char *id = vec_text (o, "id");

      if (!g_str_equal (id, "lsuv") && !g_str_equal (id, "activation_gain"))
        continue;
      if (id[0] == 'l')
        lsuv_case (&c, o);
      else
        gain_case (&c, o);
      c.cases++;
    }
  vec_count_report (&c, "initialisers_deterministic_f64.json", NULL);
  json_decref (root);
}

/* --- fixup --- */
/* in, then `branches` blocks x + branch (x) of `layers` dense layers, then out. */
static ChainSpec *
residual (guint branches, guint layers)
{
  ChainSpec *s = make_spec ();
  g_autofree char *at = g_strdup ("in");

  chain_choice_set (&s->initialiser, "fixup", NULL);
  make_layer (s, "in", "dense", 6, "relu", "x", NULL);
  for (guint b = 0; b < branches; b++)
    {
      g_autofree char *from = g_strdup (at), *sum = g_strdup_printf ("s%u", b);

      for (guint k = 0; k < layers; k++)
        {
          char *id = g_strdup_printf ("b%u_%u", b, k);

          make_layer (s, id, "dense", 6, k + 1 < layers ? "relu" : NULL, from, NULL);
          g_free (from);
          from = id;
        }
      make_layer (s, sum, "add", 0, NULL, at, from);
      g_free (at);
      at = g_strdup (sum);
    }
  make_layer (s, "out", "dense", 2, NULL, at, NULL);
  make_loss (s, "mse");
  return s;
}

/* The common factor between the weights of a layer and He weights of the same stream. */
static double
factor_of (const ChainModel *m, ChainExec *x, const char *layer)
{
  g_autofree char *name = g_strconcat (layer, ".weight", NULL);
  const ChainTensorInfo *t = chain_model_tensor (m, name);
  const ChainInitRow *he = chain_init_row ("he_normal");
  ChainParams p = { &he->info, NULL };
  g_autofree double *w = g_new (double, t->rows * t->cols), *plain = g_new (double, t->rows * t->cols);

  chain_exec_read_leaf (x, t->leaf, w, t->rows * t->cols);
  he->fill (plain, t->rows, t->cols, &p, 1, chain_stream_object (layer));
  for (guint i = 0; i < t->rows * t->cols; i++)
    g_assert_cmpfloat_with_epsilon (w[i], w[0] / plain[0] * plain[i], 1e-12);
  return w[0] / plain[0];
}

static void
fixup_case (VecCount *c, json_t *o)
{
  json_t *p = vec_get (o, "params"), *expect = vec_get (o, "expect");
  guint branches = (guint) vec_number (vec_get (p, "branches")), layers = (guint) vec_number (vec_get (p, "layers_per_branch"));
  ChainSpec *s = residual (branches, layers);
  ChainPrep *prep = make_prep (3, 2, 0);
  ChainModel *m = chain_model_new (s, prep, NULL);
  ChainExec *x = make_exec (m, CHAIN_F64, 1);
  double want = vec_number (vec_get (expect, "scale_of_inner_layers")), last = vec_number (vec_get (expect, "last_layer_of_branch"));
  double out = vec_number (vec_get (expect, "output_layer")), bias = vec_number (vec_get (expect, "scalar_bias")), got, b[6];

  for (guint i = 0; i < branches; i++)
    for (guint k = 0; k < layers; k++)
      {
        g_autofree char *id = g_strdup_printf ("b%u_%u", i, k), *name = g_strdup_printf ("b%u_%u.bias", i, k);

        got = factor_of (m, x, id);
        vec_compare (c, "fixup", &got, k + 1 < layers ? &want : &last, 1, RTOL, 0);
        chain_exec_read_leaf (x, chain_model_tensor (m, name)->leaf, b, 6);
        vec_compare (c, "fixup bias", b, &bias, 1, 0, 0);
      }
  got = factor_of (m, x, "out");
  vec_compare (c, "fixup output", &got, &out, 1, 0, 0);
  got = factor_of (m, x, "in");
  g_assert_cmpfloat (got, ==, 1);
  /* the sum takes its branch as it is */
  g_assert_cmpfloat (vec_number (vec_get (expect, "scalar_multiplier")), ==, 1);
  c->cases++;
  chain_exec_free (x);
  chain_model_free (m);
  free_prep (prep);
  chain_spec_unref (s);
}

static void
test_fixup (void)
{
  json_t *root = vec_load ("initialisers_statistics.json"), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    if (g_str_equal (vec_text (o, "id"), "fixup"))
      fixup_case (&c, o);
  vec_count_report (&c, "initialisers_statistics.json", NULL);
  json_decref (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vectors/initialisers/networks", test_deterministic);
  g_test_add_func ("/vectors/initialisers/fixup", test_fixup);
  return vec_test_run ();
}
