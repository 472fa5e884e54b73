/* SPDX-License-Identifier: Apache-2.0 */
/* Losses against tests/golden/vectors: unreduced values, the three reductions, gradients of the sum and of the mean, extremes included.
 * Tolerances: vectors/README.md. */
#include "tests/engine/vectors/vec-kit.h"

#include "engine/nn/table/rows.h"

#include <math.h>
#include <stdlib.h>

/* What repeats the variant or is fixed in the row. */
static const char *const ignored[] = { "log_clamp", "base", "per_sample", "kernel", "estimator", "cost", "p", NULL };

/* The row and variant that an id and variant of the files stand for. */
static const ChainLossRow *
row_of (const char *id, json_t *params, const char **variant)
{
  const char *base = vec_text (params, "base"), *name = id;
  const ChainLossRow *row;

  if (g_str_equal (id, "focal"))
    name = g_str_equal (*variant, "logits") ? "focal" : g_str_equal (*variant, "probabilities") ? "focal_probabilities" : "focal_multi_class";
  if (g_str_equal (id, "sample_weighted"))     /* a row for each loss that is weighted */
    name = g_str_equal (base, "mse") ? id : g_str_equal (base, "ce_with_logits") ? "sample_weighted_ce" : "sample_weighted_bce";
  if (g_strcmp0 (vec_text (params, "kernel"), "linear") == 0)
    *variant = "linear";
  row = chain_loss_row (name);
  if (row != NULL && (row->info.variants == NULL || !g_strv_contains (row->info.variants, *variant)))
    {
      g_assert_true (g_str_equal (*variant, "standard") || row->info.variants == NULL);
      *variant = NULL;
    }
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

typedef struct
{
  VecCount           *count;
  json_t             *o;
  const ChainLossRow *row;
  const char         *what;
  Vec                 in[4];
  ChainId             roles[4], grads[4];
  guint               which[4], n_grads;    /* roles that the file has a gradient for */
  gboolean            f32;
  double              rtol, atol;           /* of f64 */
} Case;

/* f32: values relative to the largest term (1 − c: 1), gradients to the largest entry or term. */
static void
compare (Case *c, const double *got, const double *want, guint n, gboolean grad, double term)
{
  double m = fmax (largest (want, n), term);

  if (!c->f32)
    vec_compare (c->count, c->what, got, want, n, c->rtol, c->atol);
  else if (grad)
    vec_compare (c->count, c->what, got, want, n, 2e-5, 1e-6 * m);
  else
    vec_compare (c->count, c->what, got, want, n, 4e-6, 4e-6 * m);
}

static void
compare_reductions (Case *c, double *const *out, double scale)
{
  static const char *const names[] = { "sum", "mean", "batchmean" };

  for (int i = 0; i < 3; i++)
    if (json_object_get (c->o, names[i]) != NULL)
      {
        double want = vec_number (vec_get (c->o, names[i]));
        double terms = i == 0 ? scale : scale / vec_number (vec_get (c->o, i == 1 ? "mean_divisor" : "batch_divisor"));

        vec_compare (c->count, c->what, out[i], &want, 1, c->f32 ? 4e-6 : c->rtol, c->f32 ? 4e-6 * terms : c->atol);
      }
}

/* What goes into a role: a list is a column, a class index a row of the unit matrix. */
static Vec
role_input (const Case *c, guint k)
{
  json_t *inputs = vec_get (c->o, "inputs");
  const char *name = c->row->roles[k].name;
  Vec v = vec_tensor (vec_get (inputs, g_str_equal (name, "var") && json_object_get (inputs, "logvar") != NULL ? "logvar" : name)), hot;

  if (v.rank == 2)
    return v;
  if (!c->row->roles[k].one_hot)
    return (Vec){ v.v, v.n, 1, v.n, 2 };
  hot = (Vec){ g_new0 (double, v.n * c->in[0].cols), v.n, c->in[0].cols, v.n * c->in[0].cols, 2 };
  for (guint i = 0; i < v.n; i++)
    hot.v[i * hot.cols + (guint) v.v[i]] = 1;
  vec_clear (&v);
  return hot;
}

/* The file's gradients: of the sum, or of the value of a loss of the whole batch. */
static Vec
want_grad (const Case *c, guint k)
{
  json_t *grads = vec_get (c->o, c->row->scalar ? "grad" : "grad_sum");
  const char *name = c->row->roles[k].name;

  return vec_tensor (vec_get (grads, g_str_equal (name, "var") && json_object_get (grads, "logvar") != NULL ? "logvar" : name));
}

/* Sets that are of another size than the first have a fixed number of rows. */
static void
bind_roles (Case *c, VecKit *k)
{
  for (guint i = 0; i < c->row->n_roles; i++)
    {
      const ChainLossRole *role = &c->row->roles[i];

      c->in[i] = role_input (c, i);
      c->roles[i] = vec_kit_leaf (k, role->name, &c->in[i], c->in[i].rows == c->in[0].rows);
      if (!role->is_data)
        c->which[c->n_grads++] = i;
    }
}

static void
differentiate (Case *c, ChainGraph *g, ChainId y, ChainId *grads)
{
  g_autoptr (GError) error = NULL;
  ChainId wrt[4];

  for (guint i = 0; i < c->n_grads; i++)
    wrt[i] = c->roles[c->which[i]];
  chain_grad (g, y, CHAIN_NONE, wrt, c->n_grads, grads, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < c->n_grads; i++)
    g_assert_cmpuint (grads[i], !=, CHAIN_NONE);
}

/* A loss of the whole batch: value and gradients; Sinkhorn's plan and cost as well. */
static void
run_scalar (Case *c, VecKit *k, ChainId loss, const ChainParams *p, VecEngine e)
{
  ChainId ids[7] = { loss }, plan = CHAIN_NONE, cost = CHAIN_NONE;
  gboolean with_plan = json_object_get (c->o, "plan") != NULL;
  guint n = 1 + c->n_grads;
  double *out[7];

  g_assert_true (chain_shape_equal (chain_graph_node (k->g, loss)->shape, chain_shape (1, 1)));
  g_assert_cmpuint (chain_loss_reduce (k->g, loss, "sum"), ==, loss);
  differentiate (c, k->g, loss, ids + 1);
  if (with_plan)
    {
      _chain_sinkhorn (k->g, c->roles[0], c->roles[1], chain_param (p, "epsilon"), (guint) chain_param (p, "iterations"), &plan, &cost);
      ids[n++] = plan;
      ids[n++] = cost;
    }
  vec_kit_eval (k, e, ids, n, out);
  for (guint i = 0; i < n; i++)
    {
      Vec want = i == 0 ? vec_tensor (vec_get (c->o, "value")) : i <= c->n_grads ? want_grad (c, c->which[i - 1])
                 : vec_tensor (vec_get (c->o, ids[i] == plan ? "plan" : "transport_cost"));

      compare (c, out[i], want.v, want.n, i > 0, i == 0 ? c->in[0].n : 0);
      vec_clear (&want);
      g_free (out[i]);
    }
}

/* Histograms of equal totals end in D = 0, and in f32 that 0 is a rounding error of either sign: its ±1 is in every entry of the row. */
static void
settle_last_sign (const Case *c, double *got, const Vec *want)
{
  guint cols = want->cols;

  for (guint r = 0; r < want->rows; r++)
    {
      double total = 0, shift = want->v[(r + 1) * cols - 1] - got[(r + 1) * cols - 1];

      for (guint j = r * cols; j < (r + 1) * cols; j++)
        total += c->in[0].v[j] - c->in[1].v[j];
      for (guint j = r * cols; fabs (total) < 1e-6 && j < (r + 1) * cols; j++)
        got[j] += shift;
    }
}

/* none, the reductions, d(sum) and d(mean) by every role that is not data. */
static void
run_items (Case *c, VecKit *k, ChainId none_id, VecEngine e)
{
  static const char *const names[] = { "sum", "mean", "batchmean" };
  Vec none = vec_tensor (vec_get (c->o, "none"));
  double divisor = vec_number (vec_get (c->o, "mean_divisor")), total = 0;
  double term = g_str_equal (c->row->info.id, "cosine") ? cosine_term (&c->in[0]) : 0;
  ChainId ids[12] = { none_id };
  guint n = 4 + 2 * c->n_grads;
  double *out[12];

  g_assert_cmpuint (chain_graph_node (k->g, none_id)->shape.cols == 1 && c->in[0].cols > 1, ==, c->row->per_sample && c->in[0].cols > 1);
  for (int i = 0; i < 3; i++)
    ids[1 + i] = chain_loss_reduce (k->g, none_id, names[i]);
  differentiate (c, k->g, ids[1], ids + 4);
  differentiate (c, k->g, ids[2], ids + 4 + c->n_grads);
  vec_kit_eval (k, e, ids, n, out);
  compare (c, out[0], none.v, none.n, FALSE, term > 0);
  for (guint i = 0; i < none.n; i++)
    total += fmax (fabs (none.v[i]), term > 0);
  compare_reductions (c, out + 1, total);
  for (guint i = 0; i < c->n_grads; i++)
    {
      Vec grad = want_grad (c, c->which[i]);

      if (c->f32 && g_str_equal (c->row->info.id, "emd_1d"))
        settle_last_sign (c, out[4 + i], &grad);
      compare (c, out[4 + i], grad.v, grad.n, TRUE, term);
      for (guint j = 0; j < grad.n; j++)
        grad.v[j] /= divisor;
      if (c->f32 && g_str_equal (c->row->info.id, "emd_1d"))
        settle_last_sign (c, out[4 + c->n_grads + i], &grad);
      compare (c, out[4 + c->n_grads + i], grad.v, grad.n, TRUE, term / divisor);
      vec_clear (&grad);
    }
  for (guint i = 0; i < n; i++)
    g_free (out[i]);
  vec_clear (&none);
}

static void
loss_case (VecCount *count, json_t *o, VecEngine e)
{
  const char *id = vec_text (o, "id"), *variant = vec_text (o, "variant"), *unknown = NULL;
  g_autofree char *what = g_strdup_printf ("%s/%s/%s (engine %d)", id, variant, vec_text (o, "case"), e);
  gboolean loose = g_str_equal (id, "nt_xent") || g_str_equal (id, "sinkhorn");
  Case c = { .count = count, .o = o, .what = what, .f32 = e == BY_EXEC_F32, .rtol = loose ? 1e-9 : 1e-11, .atol = loose ? 1e-11 : 1e-13 };
  ChainParams p;
  VecKit k;
  ChainId loss;

  c.row = row_of (id, vec_get (o, "params"), &variant);
  if (c.row == NULL)
    {
      vec_count_no_row (count, id);
      return;
    }
  p = (ChainParams){ &c.row->info, vec_choice (&c.row->info, variant, vec_get (o, "params"), ignored, &unknown) };
  if (unknown != NULL)
    g_error ("%s: parameter %s", id, unknown);
  vec_kit_init (&k);
  bind_roles (&c, &k);
  loss = c.row->build (k.g, c.roles, &p);
  if (c.row->scalar)
    run_scalar (&c, &k, loss, &p, e);
  else
    run_items (&c, &k, loss, e);
  count->cases++;
  vec_kit_clear (&k);
  for (guint i = 0; i < c.row->n_roles; i++)
    vec_clear (&c.in[i]);
  vec_choice_free ((ChainChoice *) p.choice);
}

static void
loss_file (const char *file, VecEngine e)
{
  json_t *root = vec_load (file), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    loss_case (&c, o, e);
  vec_count_report (&c, file, NULL);
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

/* --- the median heuristic of mmd --- */
static int
ascending (const void *a, const void *b)
{
  double p = *(const double *) a, q = *(const double *) b;

  return (p > q) - (p < q);
}

/* √(median ‖a − b‖²/2) over the pairs of both sets, the lower one of an even number, by sorting. */
static double
median_sigma (const Vec *x, const Vec *y)
{
  double d[200];
  guint n = x->rows + y->rows, pairs = 0;

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < i; j++, pairs++)
      {
        const double *a = i < x->rows ? x->v + i * x->cols : y->v + (i - x->rows) * x->cols;
        const double *b = j < x->rows ? x->v + j * x->cols : y->v + (j - x->rows) * x->cols;

        d[pairs] = 0;
        for (guint k = 0; k < x->cols; k++)
          d[pairs] += (a[k] - b[k]) * (a[k] - b[k]);
      }
  qsort (d, pairs, sizeof *d, ascending);
  return sqrt (d[(pairs - 1) / 2] / 2);
}

/* Loss and gradient of x, out[0] and out[1]. */
static void
mmd_with (const Vec *x, const Vec *y, const char *variant, const char *sigma, gboolean median, VecEngine e, double **out)
{
  const ChainLossRow *row = chain_loss_row ("mmd");
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (ChainParamValue));
  ChainParamValue width = { (char *) "sigma", NAN, (char *) sigma }, on = { (char *) "median", 1, NULL };
  ChainChoice choice = { .id = (char *) "mmd", .variant = (char *) variant, .params = list };
  ChainParams p = { &row->info, &choice };
  ChainId roles[2], ids[2];
  VecKit k;

  g_array_append_val (list, *(median ? &on : &width));
  vec_kit_init (&k);
  roles[0] = vec_kit_leaf (&k, "x", x, TRUE);
  roles[1] = vec_kit_leaf (&k, "y", y, y->rows == x->rows);
  ids[0] = row->build (k.g, roles, &p);
  g_assert_true (chain_grad (k.g, ids[0], CHAIN_NONE, roles, 1, ids + 1, NULL, NULL));
  vec_kit_eval (&k, e, ids, 2, out);
  vec_kit_clear (&k);
}

/* With the bandwidth from the median the loss and its gradient are those of that number given: nothing flows back through the median. */
static void
test_median (void)
{
  static const char *const variants[] = { "biased", "unbiased" };
  double a[14], b[18];
  VecCount c;
  Vec x = { a, 7, 2, 14, 2 };

  vec_count_init (&c);
  for (guint i = 0; i < 32; i++)
    *(i < 14 ? &a[i] : &b[i - 14]) = 1.5 * sin (2.3 * i) + (i < 14 ? 0 : 0.4);
  for (guint k = 0; k < 12; k++)
    {
      Vec y = { b, k % 2 ? 9 : 7, 2, k % 2 ? 18 : 14, 2 };
      VecEngine e = (VecEngine) (k / 2 % 3);
      char buf[G_ASCII_DTOSTR_BUF_SIZE];
      double *got[2], *want[2], bar = e == BY_EXEC_F32 ? 1e-5 : 1e-11;

      g_ascii_dtostr (buf, sizeof buf, median_sigma (&x, &y));
      mmd_with (&x, &y, variants[k / 6], buf, FALSE, BY_REFERENCE, want);
      mmd_with (&x, &y, variants[k / 6], NULL, TRUE, e, got);
      vec_compare (&c, "loss", got[0], want[0], 1, bar, bar);
      vec_compare (&c, "gradient", got[1], want[1], 14, bar, bar);
      c.cases++;
      for (guint i = 0; i < 2; i++)
        {
          g_free (got[i]);
          g_free (want[i]);
        }
    }
  vec_count_report (&c, "mmd with the median", NULL);
}

/* All samples in one place have no median to go by: the loss is 0 and its gradient finite. */
static void
test_median_of_one_place (void)
{
  double same[8] = { 1, 2, 1, 2, 1, 2, 1, 2 };
  Vec x = { same, 4, 2, 8, 2 };
  double *out[2];

  mmd_with (&x, &x, NULL, NULL, TRUE, BY_EXEC_F64, out);
  g_assert_cmpfloat (fabs (out[0][0]), <=, 1e-15);
  for (guint i = 0; i < 8; i++)
    g_assert_cmpfloat (out[1][i], ==, 0);
  g_free (out[0]);
  g_free (out[1]);
}

/* --- label_smoothing_targets.json --- */
/* The smoothed target s is not a node that a row shows, but the gradient is softmax(z) Σs − s: at z = 0 it gives s back. */
static void
smoothing_case (VecCount *c, json_t *o, const char *variant, const char *param)
{
  const ChainLossRow *row = chain_loss_row ("label_smoothing_ce");
  Vec t = vec_tensor (vec_get (o, "target")), want = vec_tensor (vec_get (o, variant));
  g_autofree char *field = g_strdup_printf ("row_sum_%s", variant);
  Vec sums = vec_tensor (vec_get (o, field)), z = { g_new0 (double, t.n), t.rows, t.cols, t.n, 2 };
  ChainChoice choice = { .id = (char *) row->info.id, .variant = (char *) variant, .params = g_array_new (FALSE, FALSE, sizeof (ChainParamValue)) };
  ChainParamValue value = { (char *) param, vec_number (vec_get (vec_get (o, "params"), "epsilon")), NULL };
  ChainParams p = { &row->info, &choice };
  ChainId roles[2], grad;
  double *out;
  VecKit k;

  g_array_append_val (choice.params, value);
  vec_kit_init (&k);
  roles[0] = vec_kit_leaf (&k, "z", &z, TRUE);
  roles[1] = vec_kit_leaf (&k, "t", &t, TRUE);
  g_assert_true (chain_grad (k.g, chain_sum_all (k.g, row->build (k.g, roles, &p)), CHAIN_NONE, roles, 1, &grad, NULL, NULL));
  vec_kit_eval (&k, BY_EXEC_F64, &grad, 1, &out);
  for (guint i = 0; i < t.n; i++)
    out[i] = sums.v[i / t.cols] / t.cols - out[i];
  vec_compare (c, variant, out, want.v, want.n, 1e-11, 1e-13);
  c->cases++;
  g_free (out);
  vec_kit_clear (&k);
  g_array_unref (choice.params);
  vec_clear (&t);
  vec_clear (&want);
  vec_clear (&sums);
  vec_clear (&z);
}

static void
test_smoothing (void)
{
  json_t *root = vec_load ("label_smoothing_targets.json"), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    {
      smoothing_case (&c, o, "standard", "label_smoothing");
      smoothing_case (&c, o, "slide_clamp", "k");
    }
  vec_count_report (&c, "label_smoothing_targets.json", NULL);
  json_decref (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vectors/losses/reference", test_reference);
  g_test_add_func ("/vectors/losses/f64", test_exec);
  g_test_add_func ("/vectors/losses/f32", test_f32);
  g_test_add_func ("/vectors/losses/smoothing-targets", test_smoothing);
  g_test_add_func ("/losses/mmd-median", test_median);
  g_test_add_func ("/losses/mmd-median-of-one-place", test_median_of_one_place);
  return vec_test_run ();
}
