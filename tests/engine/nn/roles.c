/* SPDX-License-Identifier: Apache-2.0 */
/* Losses with other roles than prediction and target, weights in common and noise, as parts of a model: who plays what, what is refused
 * with which words, gradients of the whole network against differences. */
#include "tests/engine/nn/make.h"

#include "engine/run/check.h"

#include <string.h>

#define ROWS 6

typedef struct { ChainSpec *s; ChainPrep *prep; ChainModel *m; ChainExec *x; } Rig;

static void
open_rig (Rig *r, guint d, guint k, guint classes)
{
  g_autoptr (GError) error = NULL;
  g_autofree double *xs = make_numbers (ROWS * d, 0.3), *ts = make_numbers (ROWS * k, 1.9);
  r->prep = make_prep (d, k, classes);
  r->m = chain_model_new (r->s, r->prep, &error);
  g_assert_no_error (error);
  r->x = make_exec (r->m, CHAIN_F64, 4);
  for (guint i = 0; i < ROWS * k; i++)
    ts[i] = classes > 0 ? i % classes : ts[i];
  write_leaf (r->x, r->m->x, ROWS, xs, ROWS * d);
  write_leaf (r->x, r->m->t, ROWS, ts, ROWS * k);
}

static void
close_rig (Rig *r)
{
  chain_exec_free (r->x);
  chain_model_free (r->m);
  free_prep (r->prep);
  chain_spec_unref (r->s);
}

static void
check_all (Rig *r)
{
  guint n = r->m->params->len;
  g_autofree ChainId *wrt = g_new (ChainId, n), *grads = g_new (ChainId, n);
  g_autofree ChainCheckRow *rows = g_new0 (ChainCheckRow, n);
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < n; i++)
    {
      wrt[i] = g_array_index (r->m->params, ChainTensorInfo, i).leaf;
      grads[i] = g_array_index (r->m->params, ChainTensorInfo, i).grad;
      g_assert_cmpuint (grads[i], !=, CHAIN_NONE);
    }
  g_assert_true (chain_check_gradient (r->x, ROWS, r->m->loss_train, wrt, grads, n, 0, rows, &error));
  g_assert_no_error (error);
}

static void
add_block (ChainSpec *s, const char *name, guint size)
{
  ChainInput *in = g_new0 (ChainInput, 1);
  in->name = g_strdup (name);
  in->size = size;
  g_ptr_array_add (s->inputs, in);
}

/* One coder for both samples of a pair. */
static ChainSpec *
siamese (void)
{
  ChainSpec *s = make_spec ();
  add_block (s, "left", 3);
  add_block (s, "right", 3);
  make_layer (s, "a1", "dense", 4, "tanh", "left", NULL);
  make_layer (s, "a2", "dense", 2, NULL, "a1", NULL);
  chain_set_str (&make_layer (s, "b1", "dense", 4, "tanh", "right", NULL)->weights_of, "a1");
  chain_set_str (&make_layer (s, "b2", "dense", 2, NULL, "b1", NULL)->weights_of, "a2");
  return s;
}

static void
test_shared (void)
{
  Rig r = { .s = siamese () };
  ChainLossTerm *t = make_loss (r.s, "contrastive");
  make_role (t, "a", "a2");
  make_role (t, "b", "b2");
  make_role (t, "similar", "t");
  open_rig (&r, 6, 1, 0);
  g_assert_cmpuint (r.m->params->len, ==, 4);             /* not 8: two layers' weights and biases */
  g_assert_null (chain_model_tensor (r.m, "b1.weight"));
  g_assert_cmpint (g_array_index (r.m->layers, ChainLayerInfo, 2).weight, ==, g_array_index (r.m->layers, ChainLayerInfo, 0).weight);
  check_all (&r);
  close_rig (&r);
}

static void
test_pairs (void)
{
  Rig r = { .s = siamese () };
  ChainLossTerm *t = make_loss (r.s, "nt_xent");
  make_role (t, "a", "a2");
  make_role (t, "b", "b2");
  open_rig (&r, 6, 1, 0);
  check_all (&r);
  close_rig (&r);
}

/* Noise is other noise at each step, and the same again at the same step. */
static void
test_noise (void)
{
  Rig r = { .s = make_spec () };
  double out[3][ROWS * 3];
  ChainLayer *z = make_layer (r.s, "z", "noise", 0, NULL, "x", NULL);
  chain_choice_set_param (&z->params, "size", 3);
  make_layer (r.s, "g", "dense", 2, NULL, "z", NULL);
  make_loss (r.s, "mmd");
  open_rig (&r, 2, 2, 0);
  check_all (&r);
  ChainId id = g_array_index (r.m->layers, ChainLayerInfo, 0).out_eval;
  g_assert_cmpint (chain_graph_node (r.m->graph, id)->shape.cols, ==, 3);
  ChainProgram p = chain_exec_program (r.x, &id, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
  for (guint i = 0; i < 3; i++)
    {
      chain_exec_set_scalar (r.x, r.m->seed_step, i == 1 ? 8 : 7);
      g_assert_true (chain_exec_run (r.x, p, ROWS, NULL));
      chain_exec_read (r.x, p, ROWS, id, out[i], ROWS * 3);
    }
  g_assert_cmpmem (out[0], sizeof out[0], out[2], sizeof out[2]);
  g_assert_true (memcmp (out[0], out[1], sizeof out[0]) != 0);
  close_rig (&r);
}

/* The middle of a variational autoencoder: a sample in training, its mean in evaluation, gradients through both inputs. */
static void
test_sampling (void)
{
  static const char *const variants[] = { "logvar", "softplus_std" };
  for (guint k = 0; k < G_N_ELEMENTS (variants); k++)
    {
      Rig r = { .s = make_spec () };
      double mean[ROWS * 2], drawn[ROWS * 2], eval[ROWS * 2];
      make_layer (r.s, "mu", "dense", 2, NULL, "x", NULL);
      make_layer (r.s, "spread", "dense", 2, NULL, "x", NULL);
      ChainLayer *z = make_layer (r.s, "z", "reparameterised_gaussian", 0, NULL, "mu", "spread");
      chain_set_str (&z->params.variant, variants[k]);
      make_layer (r.s, "y", "dense", 3, NULL, "z", NULL);
      make_loss (r.s, "reconstruction");
      open_rig (&r, 3, 1, 0);
      check_all (&r);
      const ChainLayerInfo *info = (const ChainLayerInfo *) (gpointer) r.m->layers->data;
      const ChainId ids[] = { info[0].out, info[2].out, info[2].out_eval };
      ChainProgram p = chain_exec_program (r.x, ids, 3, NULL, 0, CHAIN_PLAN_DEFAULT);
      g_assert_true (chain_exec_run (r.x, p, ROWS, NULL));
      chain_exec_read (r.x, p, ROWS, ids[0], mean, ROWS * 2);
      chain_exec_read (r.x, p, ROWS, ids[1], drawn, ROWS * 2);
      chain_exec_read (r.x, p, ROWS, ids[2], eval, ROWS * 2);
      g_assert_cmpmem (mean, sizeof mean, eval, sizeof eval);
      for (guint i = 0; i < ROWS * 2; i++)
        g_assert_true (drawn[i] != mean[i]);
      close_rig (&r);
    }
}

/* An autoencoder's target is its input without being told; a rate is read through the exponential. */
static void
test_sources (void)
{
  Rig r = { .s = make_spec () }, counts = { .s = make_spec () };
  make_layer (r.s, "y", "dense", 3, NULL, "x", NULL);
  make_loss (r.s, "reconstruction");
  open_rig (&r, 3, 1, 0);
  g_assert_cmpint (r.m->predicts, ==, CHAIN_PREDICTS_INPUT);
  check_all (&r);
  close_rig (&r);
  make_layer (counts.s, "y", "dense", 1, NULL, "x", NULL);
  make_loss (counts.s, "poisson_nll");
  open_rig (&counts, 3, 1, 0);
  g_assert_cmpint (chain_graph_node (counts.m->graph, counts.m->proba_eval)->op, ==, CHAIN_OP_EXP);
  close_rig (&counts);
}

/* --- what does not fit together --- */
static void
refused (ChainSpec *s, guint d, guint classes, const char *words)
{
  ChainPrep *prep = make_prep (d, 1, classes);
  g_autoptr (GError) error = NULL;
  g_assert_null (chain_model_new (s, prep, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
  free_prep (prep);
  chain_spec_unref (s);
}

static ChainSpec *
with_loss (guint units, const char *loss, const char *param, const char *list)
{
  ChainSpec *s = make_spec ();
  make_layer (s, "y", "dense", units, NULL, "x", NULL);
  ChainLossTerm *t = make_loss (s, loss);
  if (param)
    chain_choice_set_text (&t->choice, param, list);
  return s;
}

static void
test_refused (void)
{
  ChainSpec *s = with_loss (1, "sample_weighted", NULL, NULL);
  refused (s, 2, 0, "nothing plays the role “weight”");
  s = with_loss (1, "sample_weighted", NULL, NULL);
  make_role (s->losses->pdata[0], "weight", "x");
  refused (s, 2, 0, "“x” (weight) has 2 columns; it takes one number a sample");
  refused (with_loss (3, "cost_sensitive", "cost", "0, 1, 1, 0"), 2, 3, "“cost” has 4 numbers; the network has 3 outputs, so give 9");
  refused (with_loss (3, "ce_class_weighted", "class_weight", "1, 2"), 2, 3, "“class_weight” has 2 numbers");
  refused (with_loss (3, "mmd", NULL, NULL), 2, 0, "“y” has 3 outputs, and the target has 1 columns");
  s = with_loss (2, "gaussian_nll", NULL, NULL);
  make_layer (s, "v", "dense", 1, NULL, "x", NULL);
  make_role (s->losses->pdata[0], "pred", "y");
  make_role (s->losses->pdata[0], "var", "v");
  refused (s, 2, 0, "“y” has 2 outputs and “v” has 1; they must agree");
  s = with_loss (3, "ce_with_logits", NULL, NULL);
  s->order = CHAIN_ORDER_BALANCED;
  chain_set_str (&s->frequencies, "1, 2");
  refused (s, 2, 3, "there are frequencies of 2 classes, and the data has 3");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/roles/shared", test_shared);
  g_test_add_func ("/nn/roles/pairs", test_pairs);
  g_test_add_func ("/nn/roles/noise", test_noise);
  g_test_add_func ("/nn/roles/sampling", test_sampling);
  g_test_add_func ("/nn/roles/sources", test_sources);
  g_test_add_func ("/nn/roles/refused", test_refused);
  return g_test_run ();
}
