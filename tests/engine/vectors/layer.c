/* SPDX-License-Identifier: Apache-2.0 */
/* Layers, schedules and initialisers against tests/golden/vectors: outputs, VJPs and running statistics; 100 rates each; moments, bounds and
 * quantiles of drawn weights; orthogonal, identity, Dirac and truncated normal from given numbers. Tolerances: vectors/README.md. */
#include "tests/engine/vectors/vec-kit.h"

#include "engine/nn/model/layers.h"
#include "engine/nn/table/rows.h"

#include <math.h>
#include <string.h>

/* --- layers --- */
typedef struct { VecKit k; json_t *o; Vec v[8]; ChainId leaf[8]; const char *name[8]; guint n; } Case;

/* The leaf of an input (differentiable) or of a fixed tensor. Lists are vectors of the layer, 1 x n. */
static ChainId
leaf (Case *c, const char *group, const char *name)
{
  Vec *v = &c->v[c->n];

  for (guint i = 0; i < c->n; i++)
    if (g_str_equal (c->name[i], name))
      return c->leaf[i];
  g_assert_cmpuint (c->n, <, G_N_ELEMENTS (c->v));
  *v = vec_tensor (vec_get (vec_get (c->o, group), name));
  c->name[c->n] = name;
  c->leaf[c->n] = vec_kit_leaf (&c->k, name, v, v->rank == 2 && !g_str_has_suffix (name, "weight"));
  return c->leaf[c->n++];
}

static ChainId
in (Case *c, const char *name)
{
  return json_object_get (vec_get (c->o, "inputs"), name) != NULL ? leaf (c, "inputs", name) : CHAIN_NONE;
}

static ChainId
fixed (Case *c, const char *name)
{
  return leaf (c, "fixed", name);
}

static double
number (Case *c, const char *name)
{
  return vec_number (vec_get (vec_get (c->o, "params"), name));
}

static gboolean
says (Case *c, const char *param, const char *value)
{
  return g_strcmp0 (vec_text (vec_get (c->o, "params"), param), value) == 0;
}

static ChainId
build_batch_norm (Case *c, ChainId *mean, ChainId *var, ChainId *biased)
{
  ChainGraph *g = c->k.g;
  gboolean runs = json_object_get (c->o, "fixed") != NULL;     /* one case is about the batch alone */
  ChainId x = in (c, "x"), gamma = in (c, "gamma"), beta = in (c, "beta");
  ChainId m = runs ? fixed (c, "running_mean") : chain_zeros_like (g, gamma), v = runs ? fixed (c, "running_var") : chain_ones_like (g, gamma);
  ChainBatchNorm a, b;

  if (says (c, "mode", "eval"))
    return chain_layer_batch_norm_eval (g, x, gamma, beta, m, v, number (c, "eps"));
  a = chain_layer_batch_norm_train (g, x, gamma, beta, m, v, number (c, "eps"), number (c, "momentum"), TRUE);
  b = chain_layer_batch_norm_train (g, x, gamma, beta, m, v, number (c, "eps"), number (c, "momentum"), FALSE);
  *mean = runs ? a.mean_next : CHAIN_NONE;
  *var = a.var_next;
  *biased = b.var_next;
  return a.y;
}

static ChainId
build_dropout (Case *c)
{
  ChainGraph *g = c->k.g;
  double p = number (c, "p");

  if (says (c, "mode", "eval"))
    return says (c, "scaling", "classic") ? chain_scale (g, in (c, "x"), 1 - p) : in (c, "x");
  if (says (c, "scaling", "classic"))
    return chain_mul (g, in (c, "x"), fixed (c, "mask"));
  return chain_layer_dropout_mask (g, in (c, "x"), fixed (c, "mask"), p);
}

/* x + tanh (dense x), and the gate between the two. */
static ChainId
build_skip (Case *c, gboolean gated)
{
  ChainGraph *g = c->k.g;
  ChainId x = in (c, "x"), h = chain_tanh (g, chain_layer_dense (g, x, in (c, "weight"), in (c, "bias"))), t, open[2], closed[2], both[2];

  if (!gated)
    return chain_layer_add (g, (ChainId[]){ x, h }, 2);
  t = chain_sigmoid (g, chain_layer_dense (g, x, in (c, "gate_weight"), in (c, "gate_bias")));
  open[0] = t;
  open[1] = h;
  closed[0] = chain_sub (g, chain_ones_like (g, t), t);
  closed[1] = x;
  both[0] = chain_layer_multiply (g, open, 2);
  both[1] = chain_layer_multiply (g, closed, 2);
  return chain_layer_add (g, both, 2);
}

static ChainId
build_more (Case *c, const char *id)
{
  ChainGraph *g = c->k.g;

  if (g_str_equal (id, "add"))
    return chain_layer_add (g, (ChainId[]){ in (c, "a"), in (c, "b") }, 2);
  if (g_str_equal (id, "multiply"))
    return chain_layer_multiply (g, (ChainId[]){ in (c, "a"), in (c, "b") }, 2);
  if (g_str_equal (id, "concat"))
    return chain_layer_concat (g, (ChainId[]){ in (c, "a"), in (c, "b"), in (c, "c") }, 3);
  if (g_str_equal (id, "slice"))
    return chain_slice (g, in (c, "x"), 1, (int32_t) number (c, "start"), (int32_t) (number (c, "stop") - number (c, "start")));
  if (g_str_equal (id, "gaussian_noise"))     /* the row draws its own normals; here they are given */
    return says (c, "mode", "eval") ? in (c, "x") : chain_add (g, in (c, "x"), chain_scale (g, fixed (c, "eps"), number (c, "stddev")));
  if (g_str_equal (id, "reparameterised_gaussian"))
    return chain_layer_reparameterise (g, in (c, "mu"), says (c, "parameterisation", "logvar") ? in (c, "logvar") : in (c, "rho"),
                                       fixed (c, "eps"), !says (c, "parameterisation", "logvar"));
  if (g_str_equal (id, "gumbel_softmax"))
    return chain_layer_gumbel_softmax (g, in (c, "logits"), fixed (c, "gumbel"), number (c, "temperature"));
  if (g_str_equal (id, "l2_normalise"))
    return chain_layer_l2_normalise (g, in (c, "x"), number (c, "eps"));
  return CHAIN_NONE;
}

static ChainId
build_layer (Case *c, const char *id)
{
  ChainGraph *g = c->k.g;
  ChainId x = in (c, "x");

  if (g_str_equal (id, "dense"))
    return chain_layer_dense (g, x, in (c, "weight"), in (c, "bias"));
  if (g_str_equal (id, "bias"))
    return chain_layer_shift (g, x, in (c, "bias"));
  if (g_str_equal (id, "scale"))
    return chain_layer_scale (g, x, in (c, "scale"));
  if (g_str_equal (id, "identity") || g_str_equal (id, "branch"))
    return x;
  if (g_str_equal (id, "dropout"))
    return build_dropout (c);
  if (g_str_equal (id, "layer_norm"))
    return chain_layer_layer_norm (g, x, in (c, "gamma"), in (c, "beta"), number (c, "eps"));
  if (g_str_equal (id, "rms_norm"))
    return chain_layer_rms_norm (g, x, in (c, "gamma"), number (c, "eps"));
  if (g_str_equal (id, "residual") || g_str_equal (id, "highway"))
    return build_skip (c, id[0] == 'h');
  return build_more (c, id);
}

/* Σ of output ⊙ cotangent over all outputs: its derivative is the VJP, and fan-out (branch) adds. */
static ChainId
weighted (Case *c, ChainId y, json_t *outputs, Vec *ups)
{
  ChainId sum = CHAIN_NONE;
  const char *name;
  json_t *value;
  guint n = 0;

  json_object_foreach (outputs, name, value)
    {
      ChainId up, term;

      ups[n] = vec_tensor (vec_get (vec_get (c->o, "cotangent"), name));
      up = vec_kit_leaf (&c->k, "up", &ups[n], TRUE);
      term = chain_sum_all (c->k.g, chain_mul (c->k.g, y, up));
      sum = sum == CHAIN_NONE ? term : chain_add (c->k.g, sum, term);
      n++;
    }
  return sum;
}

static void
compare_tensor (VecCount *n, const char *what, const double *got, json_t *want)
{
  Vec v = vec_tensor (want);

  vec_compare (n, what, got, v.v, v.n, 1e-10, 1e-12);
  vec_clear (&v);
}

static void
layer_case (VecCount *n, json_t *o, VecEngine e)
{
  static const char *const after[] = { "running_mean_after", "running_var_after", "running_var_after_if_biased" };
  const char *id = vec_text (o, "id"), *name;
  Case c = { .o = o };
  ChainId ids[12], wrt[8], running[3] = { CHAIN_NONE };
  double *out[12] = { NULL };
  Vec ups[2] = { 0 };
  json_t *value;
  guint n_wrt = 0, n_ids = 0;

  vec_kit_init (&c.k);
  ids[n_ids++] = g_str_equal (id, "batch_norm") ? build_batch_norm (&c, &running[0], &running[1], &running[2]) : build_layer (&c, id);
  if (ids[0] == CHAIN_NONE)
    g_error ("no builder for layer “%s”", id);
  json_object_foreach (vec_get (o, "vjp"), name, value)
    wrt[n_wrt++] = in (&c, name);
  g_assert_true (chain_grad (c.k.g, weighted (&c, ids[0], vec_get (o, "outputs"), ups), CHAIN_NONE, wrt, n_wrt, ids + 1, NULL, NULL));
  for (guint i = 0; i < n_wrt; i++, n_ids++)
    ids[n_ids] = ids[n_ids] != CHAIN_NONE ? ids[n_ids] : chain_zeros_like (c.k.g, wrt[i]);
  for (int i = 0; i < 3 && running[0] != CHAIN_NONE; i++)
    ids[n_ids++] = running[i];
  vec_kit_eval (&c.k, e, ids, n_ids, out);
  json_object_foreach (vec_get (o, "outputs"), name, value)
    compare_tensor (n, id, out[0], value);
  n_ids = 1;
  json_object_foreach (vec_get (o, "vjp"), name, value)
    compare_tensor (n, id, out[n_ids++], value);
  for (int i = 0; i < 3 && running[0] != CHAIN_NONE; i++)
    compare_tensor (n, id, out[n_ids++], vec_get (o, after[i]));
  n->cases++;
  for (guint i = 0; i < G_N_ELEMENTS (out); i++)
    g_free (out[i]);
  for (guint i = 0; i < c.n; i++)
    vec_clear (&c.v[i]);
  vec_clear (&ups[0]);
  vec_clear (&ups[1]);
  vec_kit_clear (&c.k);
}

static void
test_layers (gconstpointer engine)
{
  json_t *root = vec_load ("layers_f64.json"), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    layer_case (&c, o, GPOINTER_TO_INT (engine));
  vec_count_report (&c, "layers_f64.json", NULL);
  json_decref (root);
}

/* Not read as parameters: the modes that are variants here, and the other names of the same thing. */
static const char *const ignored[] = { "lr", "mode", "anneal", "threshold_mode", "fan_in", "fan_out", "nonlinearity", "rows", "cols",
                                       NULL };

/* --- schedules --- */
static const char *
schedule_variant (const ChainRowInfo *info, json_t *o, json_t *params)
{
  const char *const names[] = { vec_text (o, "variant"), vec_text (params, "mode"), vec_text (params, "anneal") };

  if (g_str_equal (info->id, "reduce_on_plateau"))
    {
      gboolean highest = g_str_equal (names[1], "max"), absolute = g_str_equal (vec_text (params, "threshold_mode"), "abs");

      return info->variants[2 * highest + absolute];
    }
  if (json_object_get (o, "momentum") != NULL)
    return "cos_with_momentum";
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (info->variants != NULL && names[i] != NULL && g_strv_contains (info->variants, names[i]))
      return names[i];
  return NULL;
}

/* metric[k] is reported after epoch k + 1, so that the rate of epoch k has heard k of them. */
static void
compare_listening (VecCount *c, const ChainScheduleRow *row, double lr, const ChainParams *p, json_t *o)
{
  Vec want = vec_tensor (vec_get (o, "lr")), metric = vec_tensor (vec_get (o, "metric"));

  for (guint k = 0; k < want.n; k++)
    {
      double got = row->replay (lr, metric.v, k, p);

      vec_compare (c, row->info.id, &got, want.v + k, 1, 1e-12, 0);
    }
  vec_clear (&want);
  vec_clear (&metric);
}

static void
compare_momentum (VecCount *c, const ChainScheduleRow *row, const ChainParams *p, json_t *o)
{
  Vec want = json_object_get (o, "momentum") != NULL ? vec_tensor (vec_get (o, "momentum")) : (Vec){ 0 };

  for (guint k = 0; k < want.n; k++)
    {
      double got = row->momentum (k, p);

      vec_compare (c, row->info.id, &got, want.v + k, 1, 1e-12, 0);
    }
  vec_clear (&want);
}

static void
schedule_case (VecCount *c, json_t *o)
{
  const char *id = vec_text (o, "id"), *unknown = NULL;
  const ChainScheduleRow *row = chain_schedule_row (id);
  json_t *params = vec_get (o, "params"), *lr = json_object_get (params, "lr");
  Vec want = vec_tensor (vec_get (o, "lr"));
  ChainParams p;

  if (row != NULL)
    {
      double rate;

      if (lr == NULL)                                    /* one_cycle: the optimiser's rate is the highest one */
        lr = json_object_get (params, "lr_max");
      rate = lr != NULL ? vec_number (lr) : 1;
      if (g_str_equal (id, "one_cycle"))
        json_object_del (params, "lr_max");
      p = (ChainParams){ &row->info, vec_choice (&row->info, schedule_variant (&row->info, o, params), params, ignored, &unknown) };
      if (unknown != NULL)
        g_error ("%s: parameter %s", id, unknown);
      if (row->replay != NULL)
        compare_listening (c, row, rate, &p, o);
      compare_momentum (c, row, &p, o);
      for (guint k = 0; row->replay == NULL && k < want.n; k++)
        {
          double got = row->rate (rate, k, &p);

          vec_compare (c, id, &got, want.v + k, 1, 1e-12, strstr (id, "cosine") || strstr (id, "cycle") ? 1e-15 : 0);
        }
      c->cases++;
      vec_choice_free ((ChainChoice *) p.choice);
    }
  else
    vec_count_no_row (c, id);
  vec_clear (&want);
}

static void
test_schedules (void)
{
  json_t *root = vec_load ("schedules_f64.json"), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    schedule_case (&c, o);
  vec_count_report (&c, "schedules_f64.json", NULL);
  json_decref (root);
}

/* --- initialisers --- */
static const ChainInitRow *
init_row (json_t *o, const char **variant)
{
  const char *id = vec_text (o, "id"), *form = vec_text (o, "variant"), *mode = vec_text (vec_get (o, "params"), "mode");
  const ChainInitRow *row = chain_init_row (g_str_equal (id, "pytorch_linear_default") ? "slide_heuristic_uniform" : id);

  *variant = NULL;
  if (row != NULL && row->info.variants != NULL)
    *variant = g_strv_contains (row->info.variants, form) ? form : mode;
  return row;
}

/* "linear" is the slope 1: g² = 2/(1 + a²). */
static void
fit_params (json_t *params, const char *id)
{
  if (g_strcmp0 (vec_text (params, "nonlinearity"), "linear") == 0)
    json_object_set_new (params, "a", json_real (1));
  if (g_str_equal (id, "zeros"))
    json_object_del (params, "value");
}

static void
check_moments (VecCount *c, const char *what, json_t *expect, const double *w, gsize n)
{
  double mean = vec_number (vec_get (expect, "mean")), var = vec_number (vec_get (expect, "variance")), m, v;
  long double sum = 0, squares = 0;
  json_t *kurtosis = json_object_get (expect, "kurtosis"), *quantiles = json_object_get (expect, "quantiles"), *pair;
  gsize i;

  for (i = 0; i < n; i++)
    sum += w[i];
  m = (double) (sum / n);
  for (i = 0; i < n; i++)
    squares += (w[i] - m) * (w[i] - m);
  v = (double) (squares / n);
  vec_compare (c, what, &m, &mean, 1, 1e-12, 5 * sqrt (var / (double) n));
  if (kurtosis != NULL)
    vec_compare (c, what, &v, &var, 1, 0, 5 * var * sqrt ((vec_number (kurtosis) - 1) / (double) n));
  for (i = 0; i < n && json_object_get (expect, "low") != NULL; i++)
    g_assert_true (w[i] >= vec_number (json_object_get (expect, "low")) - 1e-15 && w[i] <= vec_number (json_object_get (expect, "high")) + 1e-15);
  json_array_foreach (quantiles, i, pair)
    {
      double q = vec_number (json_array_get (pair, 0)), at = vec_number (json_array_get (pair, 1)), below = 0;

      for (gsize k = 0; k < n; k++)
        below += (w[k] <= at) / (double) n;
      vec_compare (c, what, &below, &q, 1, 0, 5 * sqrt (q * (1 - q) / (double) n));
    }
}

static void
check_sparse (VecCount *c, json_t *expect, const double *w, guint rows, guint cols)
{
  double zeros = vec_number (vec_get (expect, "zeros_per_column"));

  for (guint k = 0; k < cols; k++)
    {
      double got = 0;

      for (guint r = 0; r < rows; r++)
        got += w[r * cols + k] == 0;
      vec_compare (c, "sparse", &got, &zeros, 1, 0, 0);
    }
}

static guint
size_of (json_t *params, const char *a, const char *b, guint otherwise)
{
  json_t *v = json_object_get (params, a) != NULL ? json_object_get (params, a) : json_object_get (params, b);

  return v != NULL ? (guint) json_integer_value (v) : otherwise;
}

static void
statistics_case (VecCount *c, json_t *o)
{
  const char *id = vec_text (o, "id"), *variant, *unknown = NULL;
  const ChainInitRow *row = init_row (o, &variant);
  json_t *params = vec_get (o, "params"), *expect = vec_get (o, "expect");
  guint rows = size_of (params, "fan_out", "rows", 400), cols = size_of (params, "fan_in", "cols", 300), blocks;
  g_autofree double *w = NULL;
  ChainParams p;

  if (row == NULL || row->after != CHAIN_INIT_AFTER_NOTHING)
    {
      vec_count_no_row (c, id);
      return;
    }
  fit_params (params, id);
  p = (ChainParams){ &row->info, vec_choice (&row->info, variant, params, ignored, &unknown) };
  if (unknown != NULL)
    g_error ("%s: parameter %s", id, unknown);
  blocks = 1 + 100000 / (rows * cols);                 /* at least 100000 values, each block with an object number of its own */
  w = g_new (double, (gsize) rows * cols * blocks);
  for (guint i = 0; i < blocks; i++)
    row->fill (w + (gsize) i * rows * cols, rows, cols, &p, 7, i + 1);
  if (g_str_equal (id, "sparse"))
    check_sparse (c, expect, w, rows, cols);
  else
    check_moments (c, id, expect, w, (gsize) rows * cols * blocks);
  c->cases++;
  vec_choice_free ((ChainChoice *) p.choice);
}

static void
test_statistics (void)
{
  static const char *const no_row[] = { "fixup", NULL };    /* of a network: vectors-init.c */
  json_t *root = vec_load ("initialisers_statistics.json"), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    statistics_case (&c, o);
  vec_count_report (&c, "initialisers_statistics.json", no_row);
  json_decref (root);
}

static void
truncated_case (VecCount *c, json_t *o)
{
  json_t *p = vec_get (o, "params");
  Vec u = vec_tensor (vec_get (o, "uniform")), want = vec_tensor (vec_get (o, "result"));

  for (guint i = 0; i < u.n; i++)
    {
      double got = _chain_truncated_normal (u.v[i], vec_number (vec_get (p, "mean")), vec_number (vec_get (p, "stddev")),
                                            vec_number (vec_get (p, "a")), vec_number (vec_get (p, "b")));

      vec_compare (c, "truncated_normal", &got, want.v + i, 1, 1e-9, 1e-15);
    }
  vec_clear (&u);
  vec_clear (&want);
}

static void
deterministic_case (VecCount *c, json_t *o)
{
  const char *id = vec_text (o, "id");
  json_t *p = json_object_get (o, "params");
  guint rows = size_of (p, "rows", "rows", 0), cols = size_of (p, "cols", "cols", 0);
  Vec want = { 0 }, w = { 0 };

  if (g_str_equal (id, "truncated_normal_from_uniform"))
    truncated_case (c, o);
  else if (g_str_equal (id, "orthogonal") || g_str_equal (id, "identity") || g_str_equal (id, "dirac"))
    {
      want = vec_tensor (vec_get (o, "result"));
      if (id[0] == 'o')
        {
          w = vec_tensor (vec_get (o, "gaussian"));
          g_assert_cmpuint (w.rows, ==, rows);
          _chain_orthogonal (w.v, rows, cols, vec_number (vec_get (p, "gain")));
        }
      else
        {
          w.v = g_new (double, rows * cols);
          _chain_dirac (w.v, rows, cols, id[0] == 'd' ? (guint) vec_number (vec_get (p, "groups")) : 1,
                        id[0] == 'd' ? 1 : vec_number (vec_get (p, "gain")));
        }
      vec_compare (c, id, w.v, want.v, want.n, 1e-9, 1e-15);
      vec_clear (&want);
      vec_clear (&w);
    }
  else
    {
      vec_count_no_row (c, id);
      return;
    }
  c->cases++;
}

static void
test_deterministic (void)
{
  static const char *const no_row[] = { "activation_gain", "lsuv", NULL };   /* vectors-init.c */
  json_t *root = vec_load ("initialisers_deterministic_f64.json"), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    deterministic_case (&c, o);
  vec_count_report (&c, "initialisers_deterministic_f64.json", no_row);
  json_decref (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/vectors/layers/reference", GINT_TO_POINTER (BY_REFERENCE), test_layers);
  g_test_add_data_func ("/vectors/layers/f64", GINT_TO_POINTER (BY_EXEC_F64), test_layers);
  g_test_add_func ("/vectors/schedules", test_schedules);
  g_test_add_func ("/vectors/initialisers/statistics", test_statistics);
  g_test_add_func ("/vectors/initialisers/deterministic", test_deterministic);
  return vec_test_run ();
}
