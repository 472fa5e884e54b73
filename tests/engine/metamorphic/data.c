/* SPDX-License-Identifier: Apache-2.0 */
/* Metamorphic properties of data and weights (RELIABILITY 4.3, 11, 12, 14 to 19, 23 to 25): what is done to the rows, columns, classes or
 * units must do nothing, or something known, to loss, output and gradient. For every loss of the table in each variant on three networks.
 *
 * 23 speaks of the loss surface at (0, 0). There is no such view; what it rests on is tested: parameters read, moved by nothing and written
 * back give the same bits. */
#include "tests/engine/metamorphic/kit.h"

#include <math.h>
#include <string.h>

#define MAX_ROWS 16

/* --- 11 --- */
static void
check_permuted_batch (MetaCheck *k, Meta *a, Dice *d)
{
  g_autofree double *theta = meta_theta (a, d);
  guint rows[MAX_ROWS], b = 1 + dice (d, 8);
  MetaData data = meta_data (a, d, b), other;
  MetaValue v, w;

  dice_permutation (d, rows, b);
  other = meta_data_rows (a, &data, rows, b);
  v = meta_run (a, k->dtype, theta, &data);
  w = meta_run (a, k->dtype, theta, &other);
  meta_expect_same (k, a, &w, &v);
  for (guint i = 0; i < b; i++)
    meta_expect_all (k, a, "output", w.out + i * a->c->width, v.out + rows[i] * a->c->width, a->c->width);
  meta_value_clear (&v);
  meta_value_clear (&w);
  meta_data_clear (&data);
  meta_data_clear (&other);
}

static void
test_permuted_batch (void)
{
  meta_each (11, "batch permuted", NULL, NULL, check_permuted_batch);
}

/* --- 12 --- */
/* Not those for which a sample twice is another question: other pairs to tell apart, pairs of a row with itself left out. */
static gboolean
is_mean (const MetaCase *c)
{
  return !g_str_equal (c->row->info.id, "nt_xent") && !(g_str_equal (c->row->info.id, "mmd") && g_str_equal (c->variant, "unbiased"));
}

static void
check_doubled (MetaCheck *k, Meta *a, Dice *d, double factor)
{
  g_autofree double *theta = meta_theta (a, d);
  guint rows[2 * MAX_ROWS], b = 1 + dice (d, 6);
  MetaData data = meta_data (a, d, b), twice;
  MetaValue v, w;

  for (guint i = 0; i < 2 * b; i++)
    rows[i] = i % b;
  twice = meta_data_rows (a, &data, rows, 2 * b);
  v = meta_run (a, k->dtype, theta, &data);
  w = meta_run (a, k->dtype, theta, &twice);
  v.loss *= factor;
  for (gsize i = 0; i < a->n; i++)
    v.grad[i] *= factor;
  meta_expect_same (k, a, &w, &v);
  meta_value_clear (&v);
  meta_value_clear (&w);
  meta_data_clear (&data);
  meta_data_clear (&twice);
}

static void
check_doubled_mean (MetaCheck *k, Meta *a, Dice *d)
{
  check_doubled (k, a, d, 1);
}

static void
check_doubled_sum (MetaCheck *k, Meta *a, Dice *d)
{
  check_doubled (k, a, d, 2);
}

static gboolean
is_summed (const MetaCase *c)
{
  return is_mean (c) && !c->row->scalar;
}

static void
test_doubled_batch (void)
{
  const MetaOptions sum = { .reduction = "sum" };

  meta_each (12, "batch twice, mean", is_mean, NULL, check_doubled_mean);
  meta_each (12, "batch twice, sum", is_summed, &sum, check_doubled_sum);
}

/* --- 14 --- */
static gboolean
has_weights (const MetaCase *c)
{
  return g_str_has_prefix (c->row->info.id, "sample_weighted");
}

/* A sample of weight 2, and it twice with weight 1; the slide divides by the number of samples, one more the second time. */
static void
check_weight_two (MetaCheck *k, Meta *a, Dice *d)
{
  g_autofree double *theta = meta_theta (a, d);
  guint rows[MAX_ROWS], b = 1 + dice (d, 6), heavy = dice (d, b);
  double factor = g_str_equal (a->c->variant, "slide_divide_by_n") ? (b + 1.0) / b : 1;
  MetaData data = meta_data (a, d, b), more;
  MetaValue v, w;

  for (guint i = 0; i <= b; i++)
    rows[i] = i < b ? i : heavy;
  for (guint i = 0; i < b; i++)
    data.x[i * (FEATURES + 1) + FEATURES] = 1;
  more = meta_data_rows (a, &data, rows, b + 1);
  data.x[heavy * (FEATURES + 1) + FEATURES] = 2;
  v = meta_run (a, k->dtype, theta, &data);
  w = meta_run (a, k->dtype, theta, &more);
  w.loss *= factor;
  for (gsize i = 0; i < a->n; i++)
    w.grad[i] *= factor;
  meta_expect_same (k, a, &w, &v);
  meta_value_clear (&v);
  meta_value_clear (&w);
  meta_data_clear (&data);
  meta_data_clear (&more);
}

/* Weights of classes: the heavier class 2 : 1, and each of its samples twice in a balanced loss. loss of the first = share · sum of the second. */
static void
check_class_weight (MetaCheck *k, const char *loss, const MetaOptions *heavy, const char *plain, guint class, double share)
{
  const MetaOptions balanced = { .reduction = "sum" };
  Meta a, b;

  for (guint net = 0; net < META_NETS; net++)
    {
      meta_open (&a, meta_case (loss, NULL), net, heavy);
      if (heavy->loss_params && g_str_equal (heavy->loss_params[0].name, "pos_weight"))
        {
          meta_close (&a);
          meta_open (&a, meta_case (loss, "pos_weight"), net, heavy);
        }
      meta_open (&b, meta_case (plain, NULL), net, &balanced);
      for (guint i = 0; i < draws_count (90); i++)
        {
          guint rows[2 * MAX_ROWS], n = 0;
          Dice d;

          k->seed = draws_seed_of (14, k->draws);
          k->dtype = (ChainDtype) (k->draws++ % 2);
          dice_init (&d, k->seed);
          g_autofree double *theta = meta_theta (&a, &d);
          MetaData data = meta_data (&a, &d, 1 + dice (&d, 6)), more;
          for (guint r = 0; r < data.b; r++)
            {
              rows[n++] = r;
              if (data.t[r] == class)
                rows[n++] = r;
            }
          more = meta_data_rows (&a, &data, rows, n);
          MetaValue v = meta_run (&a, k->dtype, theta, &data), w = meta_run (&b, k->dtype, theta, &more);
          double factor = share > 0 ? share : 1.0 / n;   /* a mean over the weights: their sum is the number of rows */
          w.loss *= factor;
          for (gsize j = 0; j < a.n; j++)
            w.grad[j] *= factor;
          meta_expect_same (k, &a, &v, &w);
          meta_value_clear (&v);
          meta_value_clear (&w);
          meta_data_clear (&data);
          meta_data_clear (&more);
        }
      meta_close (&a);
      meta_close (&b);
    }
}

static void
test_weight_two (void)
{
  static const MetaParam positive[] = { { "pos_weight", 2 }, { NULL, 0 } }, alpha[] = { { "alpha_pos", 2.0 / 3 }, { NULL, 0 } };
  const MetaOptions by_list = { .loss_text = { "class_weight", "1, 2, 1" } };
  const MetaOptions by_factor = { .reduction = "sum", .loss_params = positive }, by_alpha = { .reduction = "sum", .loss_params = alpha };
  MetaCheck k = { .test = 14 };

  meta_each (14, "weight 2 = twice", has_weights, NULL, check_weight_two);
  check_class_weight (&k, "ce_class_weighted", &by_list, "ce_with_logits", 1, 0);
  check_class_weight (&k, "bce_with_logits", &by_factor, "bce_with_logits", 1, 1);
  check_class_weight (&k, "weighted_bce_with_logits", &by_alpha, "bce_with_logits", 1, 1.0 / 3);
  check_class_weight (&k, "weighted_bce", &by_alpha, "bce", 1, 1.0 / 3);
  draws_tell ("class of weight 2 = twice", k.draws, k.worst);
}

/* --- moving parameters about: row i of the result is row rows[i], column i column cols[i] (NULL: as it is), from column `from` on --- */
static void
rearrange (const Meta *a, const char *name, double *theta, const guint *rows, const guint *cols, guint n_cols)
{
  guint m, n;
  gsize at = meta_at (a, name, &m, &n);
  g_autofree double *old = g_memdup2 (theta + at, (gsize) m * n * sizeof (double));

  for (guint i = 0; i < m; i++)
    for (guint j = 0; j < n; j++)
      theta[at + i * n + j] = old[(rows ? rows[i] : i) * n + (cols && j < n_cols ? cols[j] : j)];
}

static gboolean
has (const Meta *a, const char *name)
{
  return chain_model_tensor (a->m, name) != NULL;
}

/* The layers that read d1 (net 2: with f beside it). */
static void
rearrange_readers (const Meta *a, double *theta, const guint *units)
{
  static const char *const heads[] = { "out.weight", "r1.weight", "r2.weight" };

  if (a->net > 0)
    rearrange (a, "h.weight", theta, NULL, units, HIDDEN);
  for (guint i = 0; a->net == 0 && i < G_N_ELEMENTS (heads); i++)
    if (has (a, heads[i]))
      rearrange (a, heads[i], theta, NULL, units, HIDDEN);
}

/* --- 15 --- */
static void
check_permuted_units (MetaCheck *k, Meta *a, Dice *d)
{
  g_autofree double *theta = meta_theta (a, d), *moved = g_memdup2 (theta, a->n * sizeof (double));
  guint units[HIDDEN], i;
  MetaData data = meta_data (a, d, 1 + dice (d, 6));
  MetaValue v, w;
  double *both[2];

  dice_permutation (d, units, HIDDEN);
  v = meta_run (a, k->dtype, theta, &data);
  both[0] = moved;
  both[1] = v.grad;   /* the gradient moves with the weights */
  for (i = 0; i < 2; i++)
    {
      rearrange (a, "d1.weight", both[i], units, NULL, 0);
      rearrange (a, "d1.bias", both[i], NULL, units, HIDDEN);
      rearrange_readers (a, both[i], units);
    }
  w = meta_run (a, k->dtype, moved, &data);
  meta_expect_same (k, a, &w, &v);
  meta_expect_all (k, a, "output", w.out, v.out, v.n_out);
  meta_value_clear (&v);
  meta_value_clear (&w);
  meta_data_clear (&data);
}

static void
test_permuted_units (void)
{
  meta_each (15, "hidden units permuted", NULL, NULL, check_permuted_units);
}

/* --- 16 --- */
static gboolean
is_multiclass (const MetaCase *c)
{
  return c->row->task == CHAIN_LOSS_MULTICLASS;
}

static void
check_shifted_logits (MetaCheck *k, Meta *a, Dice *d)
{
  g_autofree double *theta = meta_theta (a, d);
  double shift = 3 * dice_real (d);
  MetaData data = meta_data (a, d, 1 + dice (d, 6));
  MetaValue v = meta_run (a, k->dtype, theta, &data), w;
  gsize at = meta_at (a, "out.bias", NULL, NULL);

  for (guint i = 0; i < a->c->width; i++)
    theta[at + i] += shift;
  w = meta_run (a, k->dtype, theta, &data);
  meta_expect_same (k, a, &w, &v);
  meta_value_clear (&v);
  meta_value_clear (&w);
  meta_data_clear (&data);
}

static void
test_shifted_logits (void)
{
  meta_each (16, "a constant on all logits", is_multiclass, NULL, check_shifted_logits);
}

/* --- 17 --- */
/* On probabilities ln y and ln (1 − y) are not each other's mirror once y is rounded: 1 − y keeps what its size leaves of y's last digit. That
 * is why the forms from logits are there; the bar of these grows as 1/(1 − y) does. */
static double
leeway (const Meta *a, const MetaValue *v)
{
  double most = 1;

  for (gsize i = 0; g_str_equal (a->c->row->output_activation, "sigmoid") && i < v->n_out; i++)
    most = fmax (most, 1 / fmax (fmin (v->out[i], 1 - v->out[i]), 1e-30));
  return most;
}

static gboolean
is_binary (const MetaCase *c)
{
  return c->row->task == CHAIN_LOSS_BINARY;
}

static void
check_flipped (MetaCheck *k, Meta *a, Dice *d)
{
  g_autofree double *theta = meta_theta (a, d);
  MetaData data = meta_data (a, d, 1 + dice (d, 6));
  MetaValue v = meta_run (a, k->dtype, theta, &data), w;
  guint n, m;
  gsize at = meta_at (a, "out.weight", &m, &n), bias = meta_at (a, "out.bias", NULL, NULL);

  for (gsize i = 0; i <= (gsize) m * n; i++)   /* the last is the bias */
    {
      gsize where = i < (gsize) m * n ? at + i : bias;
      theta[where] = -theta[where];
      v.grad[where] = -v.grad[where];
    }
  for (guint i = 0; i < data.b; i++)
    data.t[i] = 1 - data.t[i];
  w = meta_run (a, k->dtype, theta, &data);
  k->scale = leeway (a, &v);
  meta_expect_same (k, a, &w, &v);
  meta_value_clear (&v);
  meta_value_clear (&w);
  meta_data_clear (&data);
}

static void
test_flipped (void)
{
  static const MetaParam half[] = { { "alpha", 0.5 }, { NULL, 0 } };
  const MetaOptions fair = { .loss_params = half };
  MetaCheck k = { .test = 17 };
  guint n;
  const MetaCase *cases = meta_cases (&n);

  for (guint i = 0; i < n; i++)
    for (guint net = 0; is_binary (&cases[i]) && net < META_NETS; net++)
      {
        Meta a;

        meta_open (&a, &cases[i], net, g_str_has_prefix (cases[i].row->info.id, "focal") ? &fair : NULL);
        for (guint j = 0; j < draws_count (40); j++)
          {
            Dice d;

            k.seed = draws_seed_of (17, k.draws);
            k.dtype = (ChainDtype) (k.draws++ % 2);
            dice_init (&d, k.seed);
            check_flipped (&k, &a, &d);
          }
        meta_close (&a);
      }
  g_assert_cmpuint (k.draws, >=, 1000);
  draws_tell ("labels flipped, logit negated", k.draws, k.worst);
}

/* --- 18 --- */
static gboolean
targets_stay (const MetaCase *c)
{
  return !g_str_equal (c->row->info.id, "reconstruction");
}

/* Columns [from, from + FEATURES) of a weight, which read f. */
static void
scale_columns (const Meta *a, const char *name, guint from, double factor, double *theta)
{
  guint m, n;
  gsize at = meta_at (a, name, &m, &n);

  for (guint i = 0; i < m; i++)
    for (guint j = from; j < from + FEATURES; j++)
      theta[at + i * n + j] *= factor;
}

static void
check_scaled (MetaCheck *k, Meta *a, Dice *d)
{
  g_autofree double *theta = meta_theta (a, d);
  double factor = exp (dice_real (d));
  MetaData data = meta_data (a, d, 1 + dice (d, 6));
  MetaValue v = meta_run (a, k->dtype, theta, &data), w;

  for (gint64 i = 0; i < data.b; i++)
    for (guint c = 0; c < FEATURES; c++)
      data.x[i * (FEATURES + 1) + c] *= factor;
  scale_columns (a, "d1.weight", 0, 1 / factor, theta);
  scale_columns (a, "d1.weight", 0, factor, v.grad);
  if (a->net == 2)
    {
      scale_columns (a, "h.weight", HIDDEN, 1 / factor, theta);
      scale_columns (a, "h.weight", HIDDEN, factor, v.grad);
    }
  w = meta_run (a, k->dtype, theta, &data);
  meta_expect_same (k, a, &w, &v);
  meta_expect_all (k, a, "output", w.out, v.out, v.n_out);
  meta_value_clear (&v);
  meta_value_clear (&w);
  meta_data_clear (&data);
}

static void
test_scaled (void)
{
  meta_each (18, "x times a, first weights by 1/a", targets_stay, NULL, check_scaled);
}

/* --- 19 --- */
static void
check_identity (MetaCheck *k, Meta *a, Dice *d)
{
  const MetaOptions longer = { .identity = TRUE };
  g_autofree double *theta = meta_theta (a, d), *more = NULL, *grad = g_new0 (double, a->n);
  MetaData data = meta_data (a, d, 1 + dice (d, 6));
  MetaValue v = meta_run (a, k->dtype, theta, &data), w;
  gsize at;
  Meta b;

  meta_open (&b, a->c, a->net, &longer);
  more = g_new0 (double, b.n);
  meta_carry (a, theta, &b, more);
  at = meta_at (&b, "id.weight", NULL, NULL);
  for (guint i = 0; i < HIDDEN; i++)
    more[at + i * (HIDDEN + 1)] = 1;
  w = meta_run (&b, k->dtype, more, &data);
  meta_carry (&b, w.grad, a, grad);
  meta_expect (k, a, "loss", w.loss, v.loss, fabs (v.loss));
  meta_expect_all (k, a, "output", w.out, v.out, v.n_out);
  meta_expect_all (k, a, "gradient", grad, v.grad, a->n);
  meta_value_clear (&v);
  meta_value_clear (&w);
  meta_data_clear (&data);
  meta_close (&b);
}

static void
test_identity (void)
{
  meta_each (19, "a layer that does nothing", NULL, NULL, check_identity);
}

/* --- 23 --- */
static void
check_origin (MetaCheck *k, Meta *a, Dice *d)
{
  g_autofree double *theta = meta_theta (a, d), *held = g_new (double, a->n);
  MetaData data = meta_data (a, d, 1 + dice (d, 6));
  MetaValue v = meta_run (a, k->dtype, theta, &data), w;
  gsize at = 0;

  for (guint i = 0; i < a->m->params->len; i++)
    {
      const ChainTensorInfo *p = &g_array_index (a->m->params, ChainTensorInfo, i);

      g_assert_true (chain_exec_read_leaf (a->x[k->dtype], p->leaf, held + at, (gsize) p->rows * p->cols));
      at += (gsize) p->rows * p->cols;
    }
  for (gsize i = 0; i < a->n; i++)
    held[i] += 0 * dice_real (d) + 0 * dice_real (d);
  w = meta_run (a, k->dtype, held, &data);
  g_assert_cmpint (memcmp (&v.loss, &w.loss, sizeof v.loss), ==, 0);
  g_assert_cmpint (memcmp (v.grad, w.grad, a->n * sizeof (double)), ==, 0);
  meta_value_clear (&v);
  meta_value_clear (&w);
  meta_data_clear (&data);
}

static void
test_origin (void)
{
  meta_each (23, "θ + 0 d₁ + 0 d₂, same bits", NULL, NULL, check_origin);
}

/* --- 24 --- */
static void
check_columns (MetaCheck *k, Meta *a, Dice *d)
{
  g_autofree double *theta = meta_theta (a, d);
  guint cols[FEATURES], beside[HIDDEN + FEATURES];
  MetaData data = meta_data (a, d, 1 + dice (d, 6));
  MetaValue v = meta_run (a, k->dtype, theta, &data), w;

  dice_permutation (d, cols, FEATURES);
  for (guint i = 0; i < HIDDEN + FEATURES; i++)
    beside[i] = i < HIDDEN ? i : HIDDEN + cols[i - HIDDEN];
  for (gint64 i = 0; i < data.b; i++)
    {
      double *row = data.x + i * (FEATURES + 1), old[FEATURES];

      memcpy (old, row, sizeof old);
      for (guint c = 0; c < FEATURES; c++)
        row[c] = old[cols[c]];
    }
  for (guint i = 0; i < 2; i++)
    {
      double *of = i ? v.grad : theta;

      rearrange (a, "d1.weight", of, NULL, cols, FEATURES);
      if (a->net == 2)
        rearrange (a, "h.weight", of, NULL, beside, HIDDEN + FEATURES);
      if (!targets_stay (a->c))
        {
          rearrange (a, "out.weight", of, cols, NULL, 0);
          rearrange (a, "out.bias", of, NULL, cols, FEATURES);
        }
    }
  w = meta_run (a, k->dtype, theta, &data);
  meta_expect_same (k, a, &w, &v);
  meta_value_clear (&v);
  meta_value_clear (&w);
  meta_data_clear (&data);
}

static void
test_columns (void)
{
  meta_each (24, "columns permuted with their weights", NULL, NULL, check_columns);
}

/* --- 25 --- */
/* The distance of histograms knows the order of its classes: only turning it round leaves it. */
static void
check_classes (MetaCheck *k, Meta *a, Dice *d)
{
  g_autofree double *theta = meta_theta (a, d);
  guint order[3], place[3];
  MetaData data = meta_data (a, d, 1 + dice (d, 6));
  MetaValue v = meta_run (a, k->dtype, theta, &data), w;

  dice_permutation (d, order, 3);
  for (guint i = 0; i < 3; i++)
    {
      order[i] = meta_is (a, "emd_1d") ? 2 - i : order[i];
      place[order[i]] = i;
    }
  for (gint64 i = 0; i < data.b; i++)
    data.t[i] = place[(guint) data.t[i]];
  for (guint i = 0; i < 2; i++)
    {
      rearrange (a, "out.weight", i ? v.grad : theta, order, NULL, 0);
      rearrange (a, "out.bias", i ? v.grad : theta, NULL, order, 3);
    }
  w = meta_run (a, k->dtype, theta, &data);
  meta_expect_same (k, a, &w, &v);
  for (gint64 i = 0; i < data.b; i++)
    for (guint c = 0; c < 3; c++)
      meta_expect (k, a, "output", w.out[3 * i + c], v.out[3 * i + order[c]], fabs (w.out[3 * i + c]));
  meta_value_clear (&v);
  meta_value_clear (&w);
  meta_data_clear (&data);
}

static void
test_classes (void)
{
  meta_each (25, "classes permuted with their outputs", is_multiclass, NULL, check_classes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/property/11-permuted-batch", test_permuted_batch);
  g_test_add_func ("/property/12-doubled-batch", test_doubled_batch);
  g_test_add_func ("/property/14-weight-two", test_weight_two);
  g_test_add_func ("/property/15-permuted-units", test_permuted_units);
  g_test_add_func ("/property/16-shifted-logits", test_shifted_logits);
  g_test_add_func ("/property/17-flipped-labels", test_flipped);
  g_test_add_func ("/property/18-scaled-inputs", test_scaled);
  g_test_add_func ("/property/19-identity-layer", test_identity);
  g_test_add_func ("/property/23-origin-of-the-surface", test_origin);
  g_test_add_func ("/property/24-permuted-columns", test_columns);
  g_test_add_func ("/property/25-permuted-classes", test_classes);
  return g_test_run ();
}
