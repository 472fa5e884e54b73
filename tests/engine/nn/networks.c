/* SPDX-License-Identifier: Apache-2.0 */
/* The recorded training runs of tests/golden/vectors/networks: the same network, data and batches must give the same numbers after 1, 2, 10
 * and 50 steps within each file's own tolerance. A file whose spec cannot be written is a failure, not a skip. */
#include "tests/engine/nn/make.h"

#include <jansson.h>
#include <string.h>

static guint n_compared;

static json_t *
get (json_t *o, const char *name)
{
  json_t *v = json_object_get (o, name);
  g_assert_nonnull (v);
  return v;
}

static double *
numbers (json_t *array)
{
  gsize n = json_array_size (array);
  double *v = g_new (double, n + 1);
  for (gsize i = 0; i < n; i++)
    v[i] = json_number_value (json_array_get (array, i));
  return v;
}

/* Parameters that a row has are taken over; the rest repeat the variant (README). */
static void
take_params (ChainChoice *to, const ChainRowInfo *info, json_t *params)
{
  const char *name;
  json_t *value;
  json_object_foreach (params, name, value)
    for (guint i = 0; i < info->n_params; i++)
      if (g_str_equal (info->params[i].name, name))
        chain_choice_set_param (to, name, json_is_boolean (value) ? json_is_true (value) : json_number_value (value));
}

static void
add_node (ChainSpec *s, json_t *node)
{
  const char *op = json_string_value (get (node, "op"));
  json_t *params = get (node, "params"), *inputs = get (node, "inputs");
  ChainLayer *l = chain_layer_new (json_string_value (get (node, "name")), op);
  for (gsize i = 0; i < json_array_size (inputs); i++)
    g_ptr_array_add (l->inputs, g_strdup (json_string_value (json_array_get (inputs, i))));
  if (g_str_equal (op, "dense"))
    chain_layer_set_units (l, (guint) json_integer_value (get (params, "out")));
  if (g_str_equal (op, "activation"))
    {
      const char *id = json_string_value (get (params, "name"));
      chain_choice_set (&l->activation, id, NULL);
      g_assert_nonnull (chain_activation_row (id));
      take_params (&l->activation, &chain_activation_row (id)->info, params);
    }
  else
    take_params (&l->params, &chain_layer_row (op)->info, params);
  g_ptr_array_add (s->layers, l);
}

static void
add_term (ChainSpec *s, json_t *term)
{
  ChainLossTerm *t = make_loss (s, json_string_value (get (term, "id")));
  const char *role;
  json_t *source;
  chain_choice_set (&t->choice, json_string_value (get (term, "id")), json_string_value (get (term, "variant")));
  g_assert_nonnull (chain_loss_row (t->choice.id));
  take_params (&t->choice, &chain_loss_row (t->choice.id)->info, get (term, "params"));
  chain_set_str (&t->reduction, json_string_value (get (term, "reduction")));
  t->weight = json_number_value (get (term, "weight"));
  json_object_foreach (get (term, "inputs"), role, source)
    make_role (t, role, json_string_value (source));
}

static void
set_optimiser (ChainSpec *s, json_t *root)
{
  json_t *o = get (root, "optimiser"), *clip = json_object_get (root, "gradient_clipping");
  const char *id = json_string_value (get (o, "id"));
  gsize i;
  json_t *r;
  chain_choice_set (&s->optimiser, id, json_string_value (get (o, "variant")));
  g_assert_nonnull (chain_optim_row (id));
  take_params (&s->optimiser, &chain_optim_row (id)->info, get (o, "params"));
  chain_choice_set_param (&s->optimiser, "decay_all", 1);   /* PyTorch's weight_decay acts on every parameter */
  if (json_is_object (clip))
    chain_choice_set_param (&s->optimiser, "clip_norm", json_number_value (get (get (clip, "params"), "max_norm")));
  json_array_foreach (json_object_get (root, "regularisers"), i, r)
    chain_choice_set_param (&s->optimiser, json_string_value (get (r, "id")), json_number_value (get (get (r, "params"), "lambda")));
}

typedef struct
{
  json_t     *root, *expected;
  ChainSpec  *spec;
  ChainPrep  *prep;
  ChainModel *m;
  ChainExec  *x;
  double     *xs, *ts;
  guint       n, d, k;
} Run;

static void
load_data (Run *r)
{
  json_t *data = get (r->root, "data"), *x = get (data, "x"), *t = json_object_get (data, "t");
  r->n = (guint) json_integer_value (json_array_get (get (x, "shape"), 0));
  r->d = (guint) json_integer_value (json_array_get (get (x, "shape"), 1));
  r->xs = numbers (get (x, "data"));
  r->k = 1;
  if (t && json_array_size (get (t, "shape")) > 1)
    r->k = (guint) json_integer_value (json_array_get (get (t, "shape"), 1));
  r->ts = t ? numbers (get (t, "data")) : g_new0 (double, r->n);
}

static void
open_run (Run *r, const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "vectors", "networks", name, NULL);
  json_error_t problem;
  gsize i;
  json_t *v;
  *r = (Run){ .root = json_load_file (path, 0, &problem), .spec = make_spec () };
  g_assert_nonnull (r->root);
  r->expected = get (r->root, "expected");
  load_data (r);
  json_array_foreach (get (r->root, "nodes"), i, v)
    add_node (r->spec, v);
  json_array_foreach (get (r->root, "outputs"), i, v)
    g_ptr_array_add (r->spec->outputs, g_strdup (json_string_value (v)));
  json_array_foreach (get (r->root, "loss"), i, v)
    add_term (r->spec, v);
  set_optimiser (r->spec, r->root);
  const ChainLossTerm *t = r->spec->losses->pdata[0];
  guint width = chain_spec_layer_width (r->spec, t->sources->pdata[g_str_equal (t->roles->pdata[0], "pred") ? 0 : 1], r->d);
  gboolean classes = chain_loss_row (t->choice.id)->roles[1].one_hot && r->k == 1;
  r->prep = make_prep (r->d, r->k, classes ? width : 0);
}

static void
close_run (Run *r)
{
  chain_exec_free (r->x);
  chain_model_free (r->m);
  free_prep (r->prep);
  chain_spec_unref (r->spec);
  json_decref (r->root);
  g_free (r->xs);
  g_free (r->ts);
}

static void
set_tensors (Run *r, json_t *tensors)
{
  const char *name;
  json_t *t;
  json_object_foreach (tensors, name, t)
    {
      const ChainTensorInfo *info = chain_model_tensor (r->m, name);
      g_autofree double *v = numbers (get (t, "data"));
      g_assert_nonnull (info);
      g_assert_cmpuint (json_array_size (get (t, "data")), ==, (gsize) info->rows * info->cols);
      write_leaf (r->x, info->leaf, 1, v, (gsize) info->rows * info->cols);
    }
}

static double
compare_tensors (Run *r, json_t *tensors)
{
  double worst = 0;
  const char *name;
  json_t *t;
  json_object_foreach (tensors, name, t)
    {
      const ChainTensorInfo *info = chain_model_tensor (r->m, name);
      g_assert_nonnull (info);
      gsize n = (gsize) info->rows * info->cols;
      g_autofree double *v = g_new (double, n), *want = numbers (t);
      g_assert_cmpuint (json_array_size (t), ==, n);
      g_assert_true (chain_exec_read_leaf (r->x, info->leaf, v, n));
      for (gsize i = 0; i < n; i++)
        worst = fmax (worst, fabs (v[i] - want[i]));
      n_compared += (guint) n;
    }
  return worst;
}

static void
write_rows (Run *r, json_t *rows)
{
  guint b = (guint) json_array_size (rows);
  g_autofree double *x = g_new (double, b * r->d), *t = g_new (double, b * r->k);
  for (guint i = 0; i < b; i++)
    {
      gsize row = (gsize) json_integer_value (json_array_get (rows, i));
      memcpy (x + i * r->d, r->xs + row * r->d, r->d * sizeof (double));
      memcpy (t + i * r->k, r->ts + row * r->k, r->k * sizeof (double));
    }
  write_leaf (r->x, r->m->x, b, x, b * r->d);
  write_leaf (r->x, r->m->t, b, t, b * r->k);
}

static double
schedule_rate (Run *r, guint step, double lr)
{
  json_t *s = json_object_get (r->root, "schedule");
  if (!json_is_object (s))
    return lr;
  const ChainScheduleRow *row = chain_schedule_row (json_string_value (get (s, "id")));
  g_autoptr (ChainSpec) holder = make_spec ();
  g_assert_nonnull (row);
  chain_choice_set (&holder->schedule, row->info.id, NULL);
  take_params (&holder->schedule, &row->info, get (s, "params"));
  ChainParams p = { &row->info, &holder->schedule };
  return row->rate (lr, step, &p);
}

static double
eval_loss (Run *r, ChainProgram p)
{
  g_autoptr (GError) error = NULL;
  write_leaf (r->x, r->m->x, r->n, r->xs, (gsize) r->n * r->d);
  write_leaf (r->x, r->m->t, r->n, r->ts, (gsize) r->n * r->k);
  g_assert_true (chain_exec_run (r->x, p, r->n, &error));
  return chain_exec_read_one (r->x, p, r->n, r->m->loss_eval);
}

static void
check_step (Run *r, guint step, ChainProgram eval)
{
  g_autofree char *key = g_strdup_printf ("%u", step);
  json_t *after = json_object_get (get (r->expected, "after_step"), key);
  if (!after)
    return;
  double bar = json_number_value (get (get (r->root, "tolerance_f64"), key));
  double params = compare_tensors (r, get (after, "params")), buffers = compare_tensors (r, get (after, "buffers"));
  double loss = fabs (eval_loss (r, eval) - json_number_value (get (after, "full_loss_eval")));
  g_test_message ("step %u: weights %.2g, buffers %.2g, loss %.2g of %.2g", step, params, buffers, loss, bar);
  g_assert_cmpfloat (params, <=, bar);
  g_assert_cmpfloat (buffers, <=, bar);
  g_assert_cmpfloat (loss, <=, bar * 100);
  n_compared++;
}

static void
test_run (gconstpointer name)
{
  Run r;
  g_autoptr (GError) error = NULL;
  open_run (&r, name);
  r.m = chain_model_new (r.spec, r.prep, &error);
  g_assert_no_error (error);
  g_assert_true (chain_graph_validate (r.m->graph, &error));
  r.x = make_exec (r.m, CHAIN_F64, 1);
  set_tensors (&r, get (r.root, "initial_params"));
  set_tensors (&r, get (r.root, "initial_buffers"));
  ChainProgram train = make_train_program (r.m, r.x, CHAIN_PLAN_COMMIT);
  ChainProgram eval = chain_exec_program (r.x, &r.m->loss_eval, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
  double lr = chain_exec_get_scalar (r.x, r.m->lr);
  json_t *batches = get (r.root, "batches"), *losses = get (r.expected, "loss"), *norms = get (r.expected, "grad_norm_before_clipping");
  for (guint step = 0; step < 50; step++)
    {
      json_t *rows = json_array_get (batches, step);
      gint64 b = (gint64) json_array_size (rows);
      write_rows (&r, rows);
      chain_exec_set_scalar (r.x, r.m->lr, schedule_rate (&r, step, lr));
      g_assert_true (chain_exec_run (r.x, train, b, &error));
      double want = json_number_value (json_array_get (losses, step)), norm = json_number_value (json_array_get (norms, step));
      g_assert_cmpfloat (fabs (chain_exec_read_one (r.x, train, b, r.m->loss_train) - want), <=, 1e-10 * fmax (1, want));
      g_assert_cmpfloat (fabs (sqrt (chain_exec_read_one (r.x, train, b, r.m->grad_sq)) - norm), <=, 1e-10 * fmax (1, norm));
      n_compared += 2;
      check_step (&r, step + 1, eval);
    }
  g_assert_cmpfloat (chain_exec_get_scalar (r.x, r.m->step), ==, 50);
  close_run (&r);
}

int
main (int argc, char **argv)
{
  static const char *const names[] = {
    "01_mlp_tanh_mse_momentum.json", "02_mlp_relu_bce_adam_dropout_off.json", "03_mlp_gelu_label_smoothing_adamw_cosine.json",
    "04_batchnorm_relu_huber_rmsprop.json", "05_residual_layernorm_silu_nesterov_clipped.json",
    "06_branch_concat_skip_autoencoder_momentum_slide.json"
  };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strdup_printf ("/nn/network/%.2s", names[i]);
      g_test_add_data_func (path, names[i], test_run);
    }
  int status = g_test_run ();
  g_test_message ("in all %u runs, %u numbers compared", (guint) G_N_ELEMENTS (names), n_compared);
  return status;
}
