/* SPDX-License-Identifier: Apache-2.0 */
/* Models of every shape: gradients against differences, what the parts are called, penalties, clipping, frozen layers, several objectives. */
#include "tests/engine/nn/fixture.h"

#include "engine/run/check.h"

#include <string.h>

/* --- gradient checks --- */
static void
net_skip (ChainSpec *s)
{
  make_layer (s, "d1", "dense", 4, "tanh", "x", NULL);
  make_layer (s, "d2", "dense", 4, "softplus", "d1", NULL);
  make_layer (s, "sum", "add", 0, "sigmoid", "d1", "d2");
  make_layer (s, "d3", "dense", 2, NULL, "sum", NULL);
  make_loss (s, "mse");
}

static void
net_concat (ChainSpec *s)
{
  make_layer (s, "a", "dense", 3, "tanh", "x", NULL);
  make_layer (s, "b", "dense", 2, "sigmoid", "x", NULL);
  make_layer (s, "c", "concat", 0, NULL, "a", "b");
  make_layer (s, "e", "concat", 0, NULL, "c", "x");
  make_layer (s, "d", "dense", 2, NULL, "e", NULL);
  chain_set_str (&make_loss (s, "mse")->reduction, "batchmean");
}

static void
net_norm (ChainSpec *s)
{
  chain_choice_set_param (&make_layer (s, "d1", "dense", 4, NULL, "x", NULL)->params, "bias", 0);
  make_layer (s, "bn", "batch_norm", 0, "tanh", "d1", NULL);
  make_layer (s, "d2", "dense", 2, NULL, "bn", NULL);
  make_loss (s, "mse");
}

static void
net_dropout (ChainSpec *s)
{
  make_layer (s, "d1", "dense", 8, "tanh", "x", NULL)->dropout = 0.4;
  chain_choice_set_param (&make_layer (s, "drop", "dropout", 0, NULL, "d1", NULL)->params, "p", 0.25);
  make_layer (s, "d2", "dense", 2, NULL, "drop", NULL);
  make_loss (s, "l1");
}

static void
net_classes (ChainSpec *s)
{
  make_layer (s, "d1", "dense", 5, "softplus", "x", NULL);
  make_layer (s, "d2", "dense", 3, NULL, "d1", NULL);
  make_loss (s, "ce_with_logits");
}

static void
net_autoencoder (ChainSpec *s)
{
  make_layer (s, "code", "dense", 2, "tanh", "x", NULL);
  make_layer (s, "rec", "dense", 3, NULL, "code", NULL);
  ChainLossTerm *t = make_loss (s, "mse");
  make_role (t, "pred", "rec");
  make_role (t, "target", "x");
  chain_choice_set_param (&s->optimiser, "l1", 0.01);
  chain_choice_set_param (&s->optimiser, "l2", 0.02);
}

static void
net_terms (ChainSpec *s)
{
  make_layer (s, "d1", "dense", 4, "tanh", "x", NULL);
  make_layer (s, "head", "dense", 2, NULL, "d1", NULL);
  make_layer (s, "rec", "dense", 3, NULL, "d1", NULL);
  make_role (make_loss (s, "mse"), "pred", "head");
  ChainLossTerm *t = make_loss (s, "huber");
  make_role (t, "pred", "rec");
  make_role (t, "target", "x");
  t->weight = 0.3;
  chain_set_str (&t->reduction, "sum");
  g_ptr_array_add (s->outputs, g_strdup ("head"));
}

static void
net_columns (ChainSpec *s)   /* one target column by name, and blocks of inputs */
{
  ChainInput *blocks[2] = { g_new (ChainInput, 1), g_new (ChainInput, 1) };
  *blocks[0] = (ChainInput){ g_strdup ("left"), 1 };
  *blocks[1] = (ChainInput){ g_strdup ("right"), 2 };
  g_ptr_array_add (s->inputs, blocks[0]);
  g_ptr_array_add (s->inputs, blocks[1]);
  make_layer (s, "a", "dense", 2, "tanh", "left", NULL);
  make_layer (s, "b", "dense", 2, "tanh", "right", NULL);
  make_layer (s, "p", "multiply", 0, NULL, "a", "b");
  make_layer (s, "d", "dense", 1, NULL, "p", NULL);
  make_role (make_loss (s, "mse"), "target", "v1");
}

static const struct { const char *name; void (*make) (ChainSpec *s); guint d, k, classes; } nets[] = {
  { "skip", net_skip, 3, 2, 0 },       { "concat", net_concat, 3, 2, 0 },
  { "batch-norm", net_norm, 3, 2, 0 }, { "dropout", net_dropout, 3, 2, 0 },
  { "softmax-ce", net_classes, 3, 1, 3 }, { "autoencoder", net_autoencoder, 3, 1, 0 },
  { "several-terms", net_terms, 3, 2, 0 }, { "columns", net_columns, 3, 2, 0 },
};

static const ChainTensorInfo *
param (const ChainModel *m, guint i)
{
  return &g_array_index (m->params, ChainTensorInfo, i);
}

static void
test_gradient (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;
  Fixture f = { .s = make_spec () };
  nets[i].make (f.s);
  open_model (&f, nets[i].d, nets[i].k, nets[i].classes, ROWS);
  guint n = f.m->params->len, checked = 0;
  ChainId worst;
  g_autofree ChainId *leaves = g_new (ChainId, n), *grads = g_new (ChainId, n);
  g_autofree ChainCheckRow *rows = g_new0 (ChainCheckRow, n);
  for (guint k = 0; k < n; k++)
    {
      leaves[k] = param (f.m, k)->leaf;
      grads[k] = param (f.m, k)->grad;
      g_assert_true (grads[k] != CHAIN_NONE);
    }
  gboolean good = chain_check_gradient (f.x, ROWS, f.m->loss_train, leaves, grads, n, 0, rows, &error);
  g_assert_no_error (error);
  for (guint k = 0; k < n; k++)
    {
      checked += rows[k].n_checked;
      if (rows[k].error > 1)
        g_test_message ("%s: entry (%d, %d): adjoint %g, difference %g", param (f.m, k)->name, (int) rows[k].row, (int) rows[k].col,
                        rows[k].adjoint, rows[k].difference);
    }
  g_assert_true (good);
  g_assert_cmpuint (checked, >=, 10);
  g_assert_cmpfloat (chain_check_reference (f.x, ROWS, f.m->loss_train, &worst, &error), <, 1e-12);
  close_model (&f);
}

/* --- what it is made of --- */
static void
test_names (void)
{
  Fixture f = { .s = make_spec () };
  net_norm (f.s);
  open_model (&f, 3, 2, 0, ROWS);
  g_assert_null (chain_model_tensor (f.m, "d1.bias"));
  static const char *const names[] = { "d1.weight", "bn.gamma", "bn.beta", "bn.running_mean", "bn.running_var", "d2.weight", "d2.bias",
                                       "opt.m.d1.weight", "opt.v.bn.gamma" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const ChainTensorInfo *t = chain_model_tensor (f.m, names[i]);
      if (!t)
        g_error ("there is no “%s”", names[i]);
      g_assert_cmpstr (chain_graph_name (f.m->graph, t->leaf), ==, names[i]);
      g_assert_true (t->next != t->leaf);
    }
  g_assert_cmpuint (chain_model_tensor (f.m, "d1.weight")->rows, ==, 4);
  g_assert_cmpuint (chain_model_tensor (f.m, "d1.weight")->cols, ==, 3);
  g_assert_cmpuint (chain_model_n_params (f.m), ==, 12 + 8 + 10);
  for (guint i = 0; i < f.m->layers->len; i++)
    {
      const ChainLayerInfo *info = &g_array_index (f.m->layers, ChainLayerInfo, i);
      const ChainNode *out = chain_graph_node (f.m->graph, info->out);
      g_assert_cmpstr (chain_graph_scope_name (f.m->graph, out->scope), ==, info->id);
      g_assert_true (info->adjoint != CHAIN_NONE);
      g_assert_true (chain_shape_equal (chain_graph_node (f.m->graph, info->adjoint)->shape, out->shape));
    }
  close_model (&f);
}

/* The adjoint of a layer's value, taken from the step table, is the derivative of the loss by it: for least squares 2 r / (N K). */
static void
test_adjoint (void)
{
  Fixture f = { .s = make_spec () };
  g_autoptr (GError) error = NULL;
  net_concat (f.s);
  chain_set_str (&((ChainLossTerm *) f.s->losses->pdata[0])->reduction, "mean");
  open_model (&f, 3, 2, 0, ROWS);
  ChainProgram p = chain_probe_program (f.m, f.x);
  const ChainLayerInfo *last = &g_array_index (f.m->layers, ChainLayerInfo, f.m->layers->len - 1);
  double y[2 * ROWS], t[2 * ROWS], adjoint[2 * ROWS];
  g_assert_true (chain_exec_run (f.x, p, ROWS, &error));
  g_assert_true (chain_exec_read (f.x, p, ROWS, last->out, y, 2 * ROWS));
  g_assert_true (chain_exec_read (f.x, p, ROWS, last->adjoint, adjoint, 2 * ROWS));
  g_autofree double *want = make_numbers (2 * ROWS, 1.1);
  memcpy (t, want, sizeof t);
  for (guint i = 0; i < 2 * ROWS; i++)
    g_assert_cmpfloat_with_epsilon (adjoint[i], 2 * (y[i] - t[i]) / (2 * ROWS), 1e-14);
  close_model (&f);
}

static gsize
leaf_values (Fixture *f, const char *name, double *out)
{
  const ChainTensorInfo *t = chain_model_tensor (f->m, name);
  g_assert_nonnull (t);
  gsize n = (gsize) t->rows * t->cols;
  g_assert_true (chain_exec_read_leaf (f->x, t->leaf, out, n));
  return n;
}

static void
run_steps (Fixture *f, guint n)
{
  g_autoptr (GError) error = NULL;
  ChainProgram p = make_train_program (f->m, f->x, CHAIN_PLAN_COMMIT);
  for (guint i = 0; i < n; i++)
    g_assert_true (chain_exec_run (f->x, p, ROWS, &error));
  g_assert_no_error (error);
}

static void
test_dropout_off (void)
{
  Fixture f = { .s = make_spec () };
  g_autoptr (GError) error = NULL;
  net_dropout (f.s);
  open_model (&f, 3, 2, 0, ROWS);
  const ChainLayerInfo *d1 = &g_array_index (f.m->layers, ChainLayerInfo, 0);
  g_assert_true (d1->out != d1->act);
  g_assert_true (d1->out_eval == d1->act);   /* no mask in evaluation: the very same node */
  const ChainId both[] = { d1->act, d1->out };
  ChainProgram p = chain_exec_program (f.x, both, 2, NULL, 0, CHAIN_PLAN_KEEP_ALL);
  double act[8 * ROWS], out[2][8 * ROWS];
  for (guint step = 0; step < 2; step++)
    {
      guint kept = 0;
      chain_exec_set_scalar (f.x, f.m->seed_step, step);
      g_assert_true (chain_exec_run (f.x, p, ROWS, &error));
      chain_exec_read (f.x, p, ROWS, d1->act, act, 8 * ROWS);
      chain_exec_read (f.x, p, ROWS, d1->out, out[step], 8 * ROWS);
      for (guint i = 0; i < 8 * ROWS; i++)
        {
          kept += out[step][i] != 0;
          g_assert_true (out[step][i] == 0 || fabs (out[step][i] - act[i] / 0.6) < 1e-12);
        }
      g_assert_cmpuint (kept, >, 15);
      g_assert_cmpuint (kept, <, 45);
    }
  g_assert_true (memcmp (out[0], out[1], sizeof out[0]) != 0);   /* another step, another mask */
  close_model (&f);
}

static void
test_frozen (void)
{
  Fixture f = { .s = make_spec () };
  double before[16], after[16];
  net_norm (f.s);
  chain_spec_layer (f.s, "d1")->frozen = TRUE;
  chain_spec_layer (f.s, "bn")->frozen = TRUE;
  chain_spec_layer (f.s, "d2")->rate = 0.5;
  open_model (&f, 3, 2, 0, ROWS);
  const ChainTensorInfo *w = chain_model_tensor (f.m, "d1.weight");
  g_assert_true (w->grad == CHAIN_NONE && w->next == w->leaf);
  g_assert_null (chain_model_tensor (f.m, "opt.m.d1.weight"));
  g_assert_nonnull (chain_model_tensor (f.m, "opt.m.d2.weight"));
  gsize n = leaf_values (&f, "d1.weight", before);
  run_steps (&f, 3);
  leaf_values (&f, "d1.weight", after);
  g_assert_cmpmem (before, n * sizeof (double), after, n * sizeof (double));
  leaf_values (&f, "bn.running_mean", after);
  g_assert_cmpfloat (after[0], ==, 0);
  leaf_values (&f, "bn.running_var", after);
  g_assert_cmpfloat (after[0], ==, 1);
  close_model (&f);
}

/* One step of plain descent: w' = w − η · factor · g, and decay on weights only unless asked for. */
static void
descend (double factor, double layer_decay, gboolean all, double *weight, double *bias)
{
  Fixture f = { .s = make_spec () };
  make_layer (f.s, "d", "dense", 2, NULL, "x", NULL);
  chain_spec_layer (f.s, "d")->rate = factor;
  chain_spec_layer (f.s, "d")->decay = layer_decay;
  make_loss (f.s, "mse");
  chain_choice_set (&f.s->optimiser, "sgd", NULL);
  chain_choice_set_param (&f.s->optimiser, "lr", 0.1);
  chain_choice_set_param (&f.s->optimiser, "momentum", 0);
  if (all)
    chain_choice_set_param (&f.s->optimiser, "decay_all", 1);
  chain_choice_set (&f.s->bias_initialiser, "constant", NULL);
  chain_choice_set_param (&f.s->bias_initialiser, "value", 0.7);
  open_model (&f, 3, 2, 0, ROWS);
  run_steps (&f, 1);
  double v[8];
  leaf_values (&f, "d.weight", v);
  *weight = v[0];
  leaf_values (&f, "d.bias", v);
  *bias = v[0];
  close_model (&f);
}

static void
test_rate_and_decay (void)
{
  double w0, b0, w1, b1, w2, b2, w3, b3, w4, b4;
  descend (0, NAN, FALSE, &w0, &b0);   /* nothing moves */
  descend (1, NAN, FALSE, &w1, &b1);
  descend (0.5, NAN, FALSE, &w2, &b2);
  g_assert_cmpfloat (b0, ==, 0.7);
  g_assert_cmpfloat_with_epsilon (w2 - w0, 0.5 * (w1 - w0), 1e-14);
  descend (1, 0.2, FALSE, &w3, &b3);
  g_assert_cmpfloat_with_epsilon (w3 - w1, -0.1 * 0.2 * w0, 1e-14);
  g_assert_cmpfloat (b3, ==, b1);
  descend (1, 0.2, TRUE, &w4, &b4);
  g_assert_cmpfloat (w4, ==, w3);
  g_assert_cmpfloat_with_epsilon (b4 - b1, -0.1 * 0.2 * 0.7, 1e-14);
}

static void
test_clipping (void)
{
  Fixture f = { .s = make_spec () };
  g_autoptr (GError) error = NULL;
  double before[8], after[8], step = 0;
  make_layer (f.s, "d", "dense", 2, NULL, "x", NULL);
  make_loss (f.s, "mse");
  chain_choice_set (&f.s->optimiser, "sgd", NULL);
  chain_choice_set_param (&f.s->optimiser, "momentum", 0);
  chain_choice_set_param (&f.s->optimiser, "lr", 1);
  chain_choice_set_param (&f.s->optimiser, "clip_norm", 0.01);
  open_model (&f, 3, 2, 0, ROWS);
  gsize n = leaf_values (&f, "d.weight", before);
  ChainProgram p = make_train_program (f.m, f.x, CHAIN_PLAN_COMMIT);
  double bias[2][2];
  leaf_values (&f, "d.bias", bias[0]);
  g_assert_true (chain_exec_run (f.x, p, ROWS, &error));
  g_assert_cmpfloat (chain_exec_read_one (f.x, p, ROWS, f.m->grad_sq), >, 0.01);   /* before clipping */
  leaf_values (&f, "d.weight", after);
  leaf_values (&f, "d.bias", bias[1]);
  for (gsize i = 0; i < n; i++)
    step += pow (after[i] - before[i], 2);
  for (gsize i = 0; i < 2; i++)
    step += pow (bias[1][i] - bias[0][i], 2);
  g_assert_cmpfloat_with_epsilon (sqrt (step), 0.01, 1e-12);
  close_model (&f);
}

static void
pair (ChainSpec *s)
{
  make_layer (s, "a", "dense", 2, "tanh", "x", NULL);
  make_layer (s, "b", "dense", 2, NULL, "a", NULL);
  ChainLossTerm *one = make_loss (s, "mse"), *two = make_loss (s, "l1");
  g_ptr_array_add (one->trains, g_strdup ("b"));
  g_ptr_array_add (two->trains, g_strdup ("a"));
  chain_choice_set (&s->optimiser, "sgd", NULL);
  chain_choice_set_param (&s->optimiser, "lr", 0.1);
  chain_choice_set_param (&s->optimiser, "momentum", 0.5);
}

/* Two objectives in one step are the same as one step of the first alone, then one of the second alone on what the first left. */
static void
test_objectives (void)
{
  Fixture both = { .s = make_spec () }, first = { .s = make_spec () }, second = { .s = make_spec () };
  static const char *const names[] = { "a.weight", "a.bias", "b.weight", "b.bias" };
  pair (both.s);
  pair (first.s);
  pair (second.s);
  g_ptr_array_remove_index (first.s->losses, 1);
  g_ptr_array_remove_index (second.s->losses, 0);
  open_model (&both, 3, 2, 0, ROWS);
  open_model (&first, 3, 2, 0, ROWS);
  open_model (&second, 3, 2, 0, ROWS);
  g_assert_nonnull (chain_model_tensor (both.m, "b.weight"));
  g_assert_true (param (both.m, 0)->next != param (both.m, 0)->leaf);
  run_steps (&both, 1);
  run_steps (&first, 1);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      double v[8];
      gsize n = leaf_values (&first, names[i], v);
      write_leaf (second.x, chain_model_tensor (second.m, names[i])->leaf, 1, v, n);
    }
  run_steps (&second, 1);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      double u[8], v[8];
      gsize n = leaf_values (&both, names[i], u);
      leaf_values (&second, names[i], v);
      for (gsize k = 0; k < n; k++)
        g_assert_cmpfloat_with_epsilon (u[k], v[k], 1e-15);
    }
  close_model (&both);
  close_model (&first);
  close_model (&second);
}

/* The look-ahead form of Nesterov from v = 0 is PyTorch's form seen from the look-ahead point (SPEC 7.3). */
static void
test_look_ahead (void)
{
  Fixture ahead = { .s = make_spec () }, torch = { .s = make_spec () };
  Fixture *const both[] = { &ahead, &torch };
  for (guint i = 0; i < 2; i++)
    {
      ChainSpec *s = both[i]->s;
      make_layer (s, "a", "dense", 3, "tanh", "x", NULL);
      make_layer (s, "b", "dense", 2, NULL, "a", NULL);
      make_loss (s, "mse");
      chain_choice_set (&s->optimiser, i ? "sgd" : "nesterov", NULL);
      chain_choice_set_param (&s->optimiser, "lr", 0.05);
      chain_choice_set_param (&s->optimiser, i ? "momentum" : "alpha", 0.9);
      if (i)
        chain_choice_set_param (&s->optimiser, "nesterov", 1);
      open_model (both[i], 3, 2, 0, ROWS);
      run_steps (both[i], 5);
    }
  for (guint i = 0; i < ahead.m->params->len; i++)
    {
      const char *name = param (ahead.m, i)->name;
      g_autofree char *moment = g_strdup_printf ("opt.velocity.%s", name);
      double w[16], v[16], u[16];
      gsize n = leaf_values (&ahead, name, w);
      leaf_values (&ahead, moment, v);
      leaf_values (&torch, name, u);
      for (gsize k = 0; k < n; k++)
        g_assert_cmpfloat_with_epsilon (w[k] + 0.9 * v[k], u[k], 1e-13);
    }
  close_model (&ahead);
  close_model (&torch);
}

static void
test_hyper (void)
{
  Fixture f = { .s = make_spec () };
  net_skip (f.s);
  chain_choice_set_param (&f.s->optimiser, "lr", 0.02);
  open_model (&f, 3, 2, 0, ROWS);
  g_assert_cmpfloat (chain_exec_get_scalar (f.x, f.m->lr), ==, 0.02);
  g_autoptr (ChainSpec) next = chain_spec_copy (f.s);
  chain_choice_set_param (&next->optimiser, "lr", 0.5);
  next->batch_size = 3;
  g_assert_true (chain_model_same_graph (f.m, next));
  for (guint i = 0; i < f.m->hyper->len; i++)
    chain_choice_set_param (&next->optimiser, g_array_index (f.m->hyper, ChainHyperInfo, i).name, 0.125);
  g_assert_true (chain_model_same_graph (f.m, next));
  chain_model_set_hyper (f.m, f.x, next);
  g_assert_cmpfloat (chain_exec_get_scalar (f.x, f.m->lr), ==, 0.5);
  for (guint i = 0; i < f.m->hyper->len; i++)
    g_assert_cmpfloat (chain_exec_get_scalar (f.x, g_array_index (f.m->hyper, ChainHyperInfo, i).leaf), ==, 0.125);
  chain_layer_set_units (next->layers->pdata[0], 5);
  g_assert_false (chain_model_same_graph (f.m, next));
  close_model (&f);
}

static void
expect_refusal (void (*make) (ChainSpec *), guint k, guint classes, const char *words)
{
  ChainSpec *s = make_spec ();
  ChainPrep *prep = make_prep (3, k, classes);
  g_autoptr (GError) error = NULL;
  make (s);
  ChainModel *m = chain_model_new (s, prep, &error);
  g_assert_null (m);
  g_assert_nonnull (error);
  if (!strstr (error->message, words))
    g_error ("“%s” does not hold “%s”", error->message, words);
  free_prep (prep);
  chain_spec_unref (s);
}

static void
net_binary (ChainSpec *s)
{
  make_layer (s, "d1", "dense", 1, NULL, "x", NULL);
  make_loss (s, "bce_with_logits");
}

static void
test_refused (void)
{
  expect_refusal (net_skip, 3, 0, "“d3” has 2 outputs, and the target has 3 columns");
  expect_refusal (net_classes, 1, 4, "“d2” has 3 outputs, and the data has 4 classes");
  expect_refusal (net_binary, 1, 3, "one output tells two classes apart, and the data has 3");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (nets); i++)
    {
      g_autofree char *path = g_strdup_printf ("/nn/model/gradient/%s", nets[i].name);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_gradient);
    }
  g_test_add_func ("/nn/model/names", test_names);
  g_test_add_func ("/nn/model/adjoint", test_adjoint);
  g_test_add_func ("/nn/model/dropout-off", test_dropout_off);
  g_test_add_func ("/nn/model/frozen", test_frozen);
  g_test_add_func ("/nn/model/rate-and-decay", test_rate_and_decay);
  g_test_add_func ("/nn/model/clipping", test_clipping);
  g_test_add_func ("/nn/model/objectives", test_objectives);
  g_test_add_func ("/nn/model/look-ahead", test_look_ahead);
  g_test_add_func ("/nn/model/hyper", test_hyper);
  g_test_add_func ("/nn/model/refused", test_refused);
  return g_test_run ();
}
