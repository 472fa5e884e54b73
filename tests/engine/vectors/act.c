/* SPDX-License-Identifier: Apache-2.0 */
/* Activations against tests/golden/vectors: value, first and second derivative at every point, in f64 by the reference interpreter and by
 * the executor, in f32 by the executor. Tolerances: vectors/README.md. */
#include "tests/engine/vectors/vec-kit.h"

#include "engine/nn/model/layers.h"

#include <math.h>

static const char *const ignored[] = { "axis", "surrogate", NULL };

/* The row and variant that an id of the files stands for. */
static const ChainActivationRow *
row_of (const char *id, json_t *params, const char **variant)
{
  *variant = vec_text (params, "surrogate");
  if (g_str_equal (id, "swish"))
    return chain_activation_row ("silu");
  if (g_str_equal (id, "hard_sigmoid_legacy"))
    {
      *variant = "legacy";
      return chain_activation_row ("hard_sigmoid");
    }
  return chain_activation_row (id);
}

/* Builds the case's function of z; CHAIN_NONE if there is neither a row nor a builder. */
static ChainId
build (VecKit *k, const char *id, json_t *params, ChainId z)
{
  const char *variant, *unknown = NULL;
  const ChainActivationRow *row = row_of (id, params, &variant);
  ChainParams p;
  ChainId y;

  if (g_str_equal (id, "prelu"))
    return chain_layer_prelu (k->g, z, chain_const (k->g, vec_number (vec_get (params, "a"))));
  if (row == NULL)
    return CHAIN_NONE;
  p = (ChainParams){ &row->info, vec_choice (&row->info, variant, params, ignored, &unknown) };
  if (unknown != NULL)
    g_error ("%s: parameter %s", id, unknown);
  y = row->build (k->g, z, &p);
  vec_choice_free ((ChainChoice *) p.choice);
  return y;
}

static ChainId
derivative (ChainGraph *g, ChainId y, ChainId z)
{
  g_autoptr (GError) error = NULL;
  ChainId d;

  chain_grad (g, y, chain_ones_like (g, y), &z, 1, &d, NULL, &error);
  g_assert_no_error (error);
  return d != CHAIN_NONE ? d : chain_zeros_like (g, z);
}

static double
largest (const Vec *v)
{
  double m = 0;

  for (guint i = 0; i < v->n; i++)
    m = fmax (m, isfinite (v->v[i]) ? fabs (v->v[i]) : 0);
  return m;
}

/* Each entry has its own tolerance: 8u(1 + κ), κ = |x y′/y| (README). */
static void
compare_values (VecCount *c, const char *what, json_t *o, const Vec *x, const Vec *y, const Vec *dy, const double *got, gboolean f32)
{
  double u = f32 ? 0x1p-24 : 0x1p-53, floor_rtol = f32 ? 4e-6 : 0, omega = 0;

  if (g_str_equal (vec_text (o, "id"), "sine"))
    omega = vec_number (vec_get (vec_get (o, "params"), "omega"));
  for (guint i = 0; i < x->n; i++)
    {
      double kappa = y->v[i] != 0 ? fabs (x->v[i] * dy->v[i] / y->v[i]) : 0, atol = f32 ? 1e-37 : 1e-300;

      if (omega != 0 && fabs (omega * x->v[i]) > 100)
        atol = 4 * u * fabs (omega * x->v[i]) * fmax (1, omega);
      vec_compare (c, what, got + i, y->v + i, 1, fmax (floor_rtol, 8 * u * (1 + kappa)), atol);
    }
}

static void
compare_second (VecCount *c, const char *what, const Vec *want, const double *got)
{
  for (guint i = 0; i < want->n; i++)
    if (!isnan (want->v[i]))
      vec_compare (c, what, got + i, want->v + i, 1, 1e-8, 1e-14);
}

static void
scalar_case (VecCount *c, json_t *o, VecEngine e)
{
  gboolean f32 = e == BY_EXEC_F32, second = !f32 && json_object_get (o, "d2y") != NULL;
  Vec x = vec_tensor (vec_get (o, "x")), y = vec_tensor (vec_get (o, "y")), dy = vec_tensor (vec_get (o, "dy"));
  const char *id = vec_text (o, "id");
  g_autofree char *what = g_strdup_printf ("%s (engine %d)", id, e);
  double *out[3] = { NULL }, m = largest (&dy);
  ChainId ids[3], z;
  VecKit k;

  vec_kit_init (&k);
  z = vec_kit_column (&k, "z", &x);
  ids[0] = build (&k, id, vec_get (o, "params"), z);
  if (ids[0] == CHAIN_NONE)
    vec_count_no_row (c, id);
  else
    {
      ids[1] = derivative (k.g, ids[0], z);
      ids[2] = second ? derivative (k.g, ids[1], z) : z;
      vec_kit_eval (&k, e, ids, 3, out);
      compare_values (c, what, o, &x, &y, &dy, out[0], f32);
      vec_compare (c, what, out[1], dy.v, x.n, f32 ? 2e-5 : 1e-12, (f32 ? 2e-6 : 1e-15) * m);
      if (second)
        {
          Vec d2 = vec_tensor (vec_get (o, "d2y"));

          compare_second (c, what, &d2, out[2]);
          vec_clear (&d2);
        }
      c->cases++;
    }
  for (int i = 0; i < 3; i++)
    g_free (out[i]);
  vec_kit_clear (&k);
  vec_clear (&x);
  vec_clear (&y);
  vec_clear (&dy);
}

static void
scalar_file (const char *file, VecEngine e)
{
  json_t *root = vec_load (file), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    scalar_case (&c, o, e);
  vec_count_report (&c, file, NULL);
  json_decref (root);
}

static void
test_scalar_reference (void)
{
  scalar_file ("activations_scalar_f64.json", BY_REFERENCE);
}

static void
test_scalar_exec (void)
{
  scalar_file ("activations_scalar_f64.json", BY_EXEC_F64);
}

static void
test_scalar_f32 (void)
{
  scalar_file ("activations_scalar_f32.json", BY_EXEC_F32);
}

/* --- functions of a row --- */
static ChainId
build_vector (VecKit *k, const char *id, json_t *params, ChainId x)
{
  if (g_str_equal (id, "logsumexp"))
    return chain_logsumexp (k->g, x);
  if (g_str_equal (id, "maxout"))
    return chain_layer_maxout (k->g, x, (int32_t) vec_number (vec_get (params, "pieces")));
  if (g_str_equal (id, "glu"))
    return chain_layer_glu (k->g, x);
  return build (k, id, params, x);
}

static ChainId
build_sloped (ChainGraph *g, ChainId x, ChainId slope, gboolean prelu)
{
  return prelu ? chain_layer_prelu (g, x, slope) : chain_layer_swish (g, x, slope);
}

static void
compare_slope (VecCount *c, const char *id, const double *got, json_t *want)
{
  Vec d = vec_tensor (want);

  vec_compare (c, id, got, d.v, d.n, 1e-11, 1e-13);
  vec_clear (&d);
}

/* prelu's slopes and swish's β are leaves whose derivative is compared too. */
static void
vector_case (VecCount *c, json_t *o, VecEngine e)
{
  const char *id = vec_text (o, "id"), *slope = g_str_equal (id, "prelu_channelwise") ? "a" : g_str_equal (id, "swish_trainable_beta") ? "beta" : NULL;
  Vec x = vec_tensor (vec_get (o, "x")), y = vec_tensor (vec_get (o, "y")), up = vec_tensor (vec_get (o, "cotangent"));
  Vec want = vec_tensor (vec_get (o, "vjp_x")), s = { 0 };
  g_autoptr (GError) error = NULL;
  ChainId leaf, value, seed, wrt[2], grads[2] = { CHAIN_NONE }, ids[3];
  double *out[3] = { NULL };
  Vec *const all[] = { &x, &y, &up, &want, &s };
  VecKit k;

  vec_kit_init (&k);
  leaf = vec_kit_leaf (&k, "x", &x, TRUE);
  wrt[0] = leaf;
  if (slope != NULL)
    {
      s = vec_tensor (vec_get (vec_get (o, "params"), slope));
      wrt[1] = vec_kit_leaf (&k, slope, &s, FALSE);
      value = build_sloped (k.g, leaf, wrt[1], slope[0] == 'a');
    }
  else
    value = build_vector (&k, id, vec_get (o, "params"), leaf);
  g_assert_true (value != CHAIN_NONE);
  seed = y.rank == 1 ? vec_kit_column (&k, "up", &up) : vec_kit_leaf (&k, "up", &up, TRUE);
  chain_grad (k.g, value, seed, wrt, slope != NULL ? 2 : 1, grads, NULL, &error);
  g_assert_no_error (error);
  ids[0] = value;
  ids[1] = grads[0];
  ids[2] = slope != NULL ? grads[1] : value;
  vec_kit_eval (&k, e, ids, 3, out);
  vec_compare (c, id, out[0], y.v, y.n, 1e-11, 1e-13);
  vec_compare (c, id, out[1], want.v, want.n, 1e-11, 1e-13);
  if (slope != NULL)
    compare_slope (c, id, out[2], vec_get (o, slope[0] == 'a' ? "vjp_a" : "vjp_beta"));
  c->cases++;
  for (int i = 0; i < 3; i++)
    g_free (out[i]);
  vec_kit_clear (&k);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    vec_clear (all[i]);
}

static void
test_vector (gconstpointer engine)
{
  json_t *root = vec_load ("activations_vector_f64.json"), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    vector_case (&c, o, GPOINTER_TO_INT (engine));
  vec_count_report (&c, "activations_vector_f64.json", NULL);
  json_decref (root);
}

/* --- straight-through (implicit_and_ste_f64.json) --- */
/* sign with the derivative of tanh: the stand-in that no variant offers, by the same construction. */
static ChainId
sign_by_tanh (ChainGraph *g, ChainId x)
{
  ChainId s = chain_tanh (g, x);

  return chain_add (g, chain_sign (g, x), chain_sub (g, s, chain_stop (g, s)));
}

static void
straight_case (VecCount *c, json_t *o, const char *surrogate, const char *field, VecEngine e)
{
  Vec x = vec_tensor (vec_get (o, "x")), w = vec_tensor (vec_get (o, "w")), want = vec_tensor (vec_get (o, field)), y = vec_tensor (vec_get (o, "y"));
  const ChainActivationRow *row = chain_activation_row ("sign");
  ChainChoice choice = { .id = (char *) "sign", .variant = (char *) surrogate };
  ChainParams p = { &row->info, &choice };
  ChainId ids[2], in;
  double *out[2];
  VecKit k;

  vec_kit_init (&k);
  in = vec_kit_column (&k, "x", &x);
  ids[0] = surrogate != NULL ? row->build (k.g, in, &p) : sign_by_tanh (k.g, in);
  ids[0] = chain_sum_all (k.g, chain_mul (k.g, ids[0], vec_kit_column (&k, "w", &w)));
  ids[1] = derivative (k.g, ids[0], in);
  vec_kit_eval (&k, e, ids, 2, out);
  vec_compare (c, field, out[0], y.v, 1, 1e-9, 0);
  vec_compare (c, field, out[1], want.v, want.n, 1e-9, 0);
  c->cases++;
  g_free (out[0]);
  g_free (out[1]);
  vec_kit_clear (&k);
  vec_clear (&x);
  vec_clear (&w);
  vec_clear (&y);
  vec_clear (&want);
}

static void
test_straight_through (void)
{
  json_t *root = vec_load ("implicit_and_ste_f64.json"), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    for (int e = BY_REFERENCE; e <= BY_EXEC_F64; e++)
      if (g_str_equal (vec_text (o, "id"), "straight_through"))
        {
          straight_case (&c, o, "none", "true_gradient", (VecEngine) e);
          straight_case (&c, o, "identity", "ste_identity", (VecEngine) e);
          straight_case (&c, o, "clipped", "ste_clipped", (VecEngine) e);
          straight_case (&c, o, NULL, "ste_tanh_derivative", (VecEngine) e);
        }
  g_assert_cmpuint (c.cases, >=, 8);
  vec_count_report (&c, "implicit_and_ste_f64.json", NULL);
  json_decref (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vectors/activations/scalar-reference", test_scalar_reference);
  g_test_add_func ("/vectors/activations/scalar-f64", test_scalar_exec);
  g_test_add_func ("/vectors/activations/scalar-f32", test_scalar_f32);
  g_test_add_data_func ("/vectors/activations/vector-reference", GINT_TO_POINTER (BY_REFERENCE), test_vector);
  g_test_add_data_func ("/vectors/activations/vector-f64", GINT_TO_POINTER (BY_EXEC_F64), test_vector);
  g_test_add_func ("/vectors/activations/straight-through", test_straight_through);
  return vec_test_run ();
}
