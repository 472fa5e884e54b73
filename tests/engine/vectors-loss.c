/* SPDX-License-Identifier: Apache-2.0 */
/* Losses against tests/golden/vectors: unreduced values, the three reductions, gradients of the sum and of the mean, extremes included.
 * Tolerances: vectors/README.md. */
#include "tests/engine/vec-kit.h"

#include <math.h>

/* What repeats the variant or is fixed in the row. */
static const char *const ignored[] = { "log_clamp", NULL };

/* The row and variant that an id and variant of the files stand for. */
static const ChainLossRow *
row_of (const char *id, const char **variant)
{
  const ChainLossRow *row;
  const char *name = id;

  if (g_str_equal (id, "focal"))
    name = g_str_equal (*variant, "logits") ? "focal" : g_str_equal (*variant, "probabilities") ? "focal_probabilities" : "focal_multi_class";
  if (g_str_equal (id, "reconstruction"))      /* the squared error or cross-entropy with the input as target (SPEC 4.31) */
    name = g_str_equal (*variant, "bce") ? "bce" : "mse";
  row = chain_loss_row (name);
  if (row != NULL && (row->info.variants == NULL || !g_strv_contains (row->info.variants, *variant)))
    *variant = NULL;
  return row;
}

static double
largest (const double *v, guint n)
{
  double m = 0;

  for (guint i = 0; i < n; i++)
    m = fmax (m, fabs (v[i]));
  return m;
}

/* The gradient of cosine is a difference of two terms as long as 1/‖y‖, and 0 where y and t are parallel: in f32 nothing can be better than
 * those terms allow (PyTorch's own f32 result is off by 1.2e-7 there, 50 times the bar that the result alone would set). */
static double
cosine_term (const Vec *y)
{
  double term = 0;

  for (guint r = 0; r < y->rows; r++)
    {
      double sq = 0;

      for (guint i = 0; i < y->cols; i++)
        sq += y->v[r * y->cols + i] * y->v[r * y->cols + i];
      term = sq > 1e-12 ? fmax (term, 1 / sqrt (sq)) : term;
    }
  return term;
}

/* f32: values relative to the largest term (1 − c: 1), gradients to the largest entry or term. */
static void
compare (VecCount *c, const char *what, const double *got, const double *want, guint n, gboolean f32, gboolean grad, double term)
{
  double m = fmax (largest (want, n), term);

  if (!f32)
    vec_compare (c, what, got, want, n, 1e-11, 1e-13);
  else if (grad)
    vec_compare (c, what, got, want, n, 2e-5, 1e-6 * m);
  else
    vec_compare (c, what, got, want, n, 4e-6, 4e-6 * m);
}

static void
compare_reductions (VecCount *c, const char *what, json_t *o, double *const *out, gboolean f32, double scale)
{
  static const char *const names[] = { "sum", "mean", "batchmean" };

  for (int i = 0; i < 3; i++)
    {
      double want = vec_number (vec_get (o, names[i]));
      double terms = i == 0 ? scale : scale / vec_number (vec_get (o, i == 1 ? "mean_divisor" : "batch_divisor"));

      vec_compare (c, what, out[i], &want, 1, f32 ? 4e-6 : 1e-11, f32 ? 4e-6 * terms : 1e-13);
    }
}

/* none, the reductions, d(sum)/d(pred) and d(mean)/d(pred). */
static void
run_case (VecCount *c, json_t *o, const ChainLossRow *row, const ChainParams *p, const Vec *in, VecEngine e)
{
  static const char *const names[] = { "sum", "mean", "batchmean" };
  g_autofree char *what = g_strdup_printf ("%s/%s/%s (engine %d)", vec_text (o, "id"), vec_text (o, "variant"), vec_text (o, "case"), e);
  Vec none = vec_tensor (vec_get (o, "none")), grad = vec_tensor (vec_get (vec_get (o, "grad_sum"), "pred"));
  double divisor = vec_number (vec_get (o, "mean_divisor")), total = 0;
  double term = g_str_equal (row->info.id, "cosine") ? cosine_term (&in[0]) : 0;
  gboolean f32 = e == BY_EXEC_F32;
  ChainId roles[4] = { CHAIN_NONE }, ids[6];
  double *out[6];
  VecKit k;

  vec_kit_init (&k);
  for (guint i = 0; i < row->n_roles; i++)
    roles[i] = vec_kit_leaf (&k, row->roles[i].name, &in[i], TRUE);
  ids[0] = row->build (k.g, roles, p);
  g_assert_cmpuint (chain_graph_node (k.g, ids[0])->shape.cols == 1 && in[0].cols > 1, ==, row->per_sample && in[0].cols > 1);
  for (int i = 0; i < 3; i++)
    ids[1 + i] = chain_loss_reduce (k.g, ids[0], names[i]);
  g_assert_true (chain_grad (k.g, ids[1], CHAIN_NONE, roles, 1, &ids[4], NULL, NULL));
  g_assert_true (chain_grad (k.g, ids[2], CHAIN_NONE, roles, 1, &ids[5], NULL, NULL));
  vec_kit_eval (&k, e, ids, 6, out);
  compare (c, what, out[0], none.v, none.n, f32, FALSE, term > 0);
  for (guint i = 0; i < none.n; i++)
    total += fmax (fabs (none.v[i]), term > 0);
  compare_reductions (c, what, o, out + 1, f32, total);
  compare (c, what, out[4], grad.v, grad.n, f32, TRUE, term);
  for (guint i = 0; i < grad.n; i++)
    grad.v[i] /= divisor;
  compare (c, what, out[5], grad.v, grad.n, f32, TRUE, term / divisor);
  c->cases++;
  for (int i = 0; i < 6; i++)
    g_free (out[i]);
  vec_clear (&none);
  vec_clear (&grad);
  vec_kit_clear (&k);
}

static void
loss_case (VecCount *c, json_t *o, VecEngine e)
{
  const char *id = vec_text (o, "id"), *variant = vec_text (o, "variant"), *unknown = NULL;
  const ChainLossRow *row = row_of (id, &variant);
  ChainParams p;
  Vec in[4] = { 0 };

  if (row == NULL)
    {
      vec_count_no_row (c, id);
      return;
    }
  p = (ChainParams){ &row->info, vec_choice (&row->info, variant, vec_get (o, "params"), ignored, &unknown) };
  if (unknown != NULL)
    g_error ("%s: parameter %s", id, unknown);
  for (guint i = 0; i < row->n_roles; i++)
    in[i] = vec_tensor (vec_get (vec_get (o, "inputs"), row->roles[i].name));
  run_case (c, o, row, &p, in, e);
  for (guint i = 0; i < row->n_roles; i++)
    vec_clear (&in[i]);
  vec_choice_free ((ChainChoice *) p.choice);
}

static const char *const no_row[] = {
  "ce_class_weighted", "contrastive", "cost_sensitive", "emd_1d", "gan_discriminator", "gan_generator", "gaussian_nll", "kl_gaussian_standard_normal",
  "mmd", "multi_class_hinge", "nt_xent", "poisson_nll", "sample_weighted", "sinkhorn", "triplet", NULL
};

static void
loss_file (const char *file, VecEngine e)
{
  json_t *root = vec_load (file), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    loss_case (&c, o, e);
  vec_count_report (&c, file, no_row);
  json_decref (root);
}

static void
test_reference (void)
{
  loss_file ("losses_f64.json", BY_REFERENCE);
}

static void
test_exec (void)
{
  loss_file ("losses_f64.json", BY_EXEC_F64);
}

static void
test_f32 (void)
{
  loss_file ("losses_f32.json", BY_EXEC_F32);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vectors/losses/reference", test_reference);
  g_test_add_func ("/vectors/losses/f64", test_exec);
  g_test_add_func ("/vectors/losses/f32", test_f32);
  return g_test_run ();
}
