/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that train a tensor of their own (PReLU, swish, the scalars of fixup), layers that draw (Gumbel-softmax, between two samples), and
 * what a Wasserstein pair needs: the gradient penalty, and clipping of one network's weights. Numbers worked by hand where that is
 * possible, else gradients against differences. */
#include "tests/engine/nn/make.h"

#include "engine/run/check.h"

#include <string.h>

#define ROWS 5

typedef struct { ChainSpec *s; ChainPrep *prep; ChainModel *m; ChainExec *x; } Rig;

static void
open_rig (Rig *r, guint d, guint k)
{
  g_autoptr (GError) error = NULL;
  g_autofree double *xs = make_numbers (ROWS * d, 0.3), *ts = make_numbers (ROWS * k, 1.9);
  g_assert_true (chain_spec_validate (r->s, d, &error));
  g_assert_no_error (error);
  r->prep = make_prep (d, k, 0);
  r->m = chain_model_new (r->s, r->prep, &error);
  g_assert_no_error (error);
  r->x = make_exec (r->m, CHAIN_F64, 4);
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
    }
  if (!chain_check_gradient (r->x, ROWS, r->m->loss_train, wrt, grads, n, 0, rows, &error))
    g_error ("%s", error ? error->message : "a gradient is not what differences give");
}

static void
read_tensor (Rig *r, const char *name, double *out, guint n)
{
  const ChainTensorInfo *t = chain_model_tensor (r->m, name);
  if (t == NULL)
    g_error ("there is no “%s”", name);
  g_assert_cmpuint (t->rows * t->cols, ==, n);
  g_assert_true (chain_exec_read_leaf (r->x, t->leaf, out, n));
}

static double
read_one (Rig *r, const char *name)
{
  double v;
  read_tensor (r, name, &v, 1);
  return v;
}

/* Values of a node of the training form and of the evaluation form. */
static void
read_nodes (Rig *r, const ChainId *ids, guint n, double **out, guint size)
{
  ChainProgram p = chain_exec_program (r->x, ids, n, NULL, 0, CHAIN_PLAN_DEFAULT);
  g_assert_true (chain_exec_run (r->x, p, ROWS, NULL));
  for (guint i = 0; i < n; i++)
    g_assert_true (chain_exec_read (r->x, p, ROWS, ids[i], out[i], size));
}

static void
step (Rig *r)
{
  ChainProgram p = make_train_program (r->m, r->x, CHAIN_PLAN_COMMIT);
  g_assert_true (chain_exec_run (r->x, p, ROWS, NULL));
}

static void
use_sgd (ChainSpec *s, double lr)
{
  chain_choice_set (&s->optimiser, "sgd", NULL);
  chain_choice_set_param (&s->optimiser, "lr", lr);
}

/* --- tensors of their own --- */
/* y = s x + b of one column, L = ½ Σ (y − t)², x = (1, 2), t = (3, 1.5), from s = 1, b = 0: r = (−2, ½), L = 2⅛, ∂L/∂s = Σ r x = −1,
 * ∂L/∂b = Σ r = −1½; a step of 0.1 gives s = 1.1, b = 0.15. */
static void
test_scalars (void)
{
  static const double xs[] = { 1, 2 }, ts[] = { 3, 1.5 };
  Rig r = { .s = make_spec () };
  make_layer (r.s, "m", "scalar_scale", 0, NULL, "x", NULL);
  make_layer (r.s, "b", "scalar_bias", 0, NULL, "m", NULL);
  chain_set_str (&make_loss (r.s, "half_mse")->reduction, "sum");
  use_sgd (r.s, 0.1);
  open_rig (&r, 1, 1);
  g_assert_cmpfloat (read_one (&r, "m.scale"), ==, 1);
  g_assert_cmpfloat (read_one (&r, "b.bias"), ==, 0);
  write_leaf (r.x, r.m->x, 2, xs, 2);
  write_leaf (r.x, r.m->t, 2, ts, 2);
  const ChainId ids[] = { r.m->loss_train, chain_model_tensor (r.m, "m.scale")->grad, chain_model_tensor (r.m, "b.bias")->grad };
  ChainProgram p = chain_exec_program (r.x, ids, 3, NULL, 0, CHAIN_PLAN_DEFAULT), train = make_train_program (r.m, r.x, CHAIN_PLAN_COMMIT);
  g_assert_true (chain_exec_run (r.x, p, 2, NULL));
  g_assert_cmpfloat (chain_exec_read_one (r.x, p, 2, ids[0]), ==, 2.125);
  g_assert_cmpfloat (chain_exec_read_one (r.x, p, 2, ids[1]), ==, -1);
  g_assert_cmpfloat (chain_exec_read_one (r.x, p, 2, ids[2]), ==, -1.5);
  g_assert_true (chain_exec_run (r.x, train, 2, NULL));
  g_assert_cmpfloat_with_epsilon (read_one (&r, "m.scale"), 1.1, 1e-15);
  g_assert_cmpfloat_with_epsilon (read_one (&r, "b.bias"), 0.15, 1e-15);
  close_rig (&r);
}

static ChainSpec *
with_own (const char *type, const char *variant, const char *param, double value)
{
  ChainSpec *s = make_spec ();
  make_layer (s, "d1", "dense", 4, NULL, "x", NULL);
  ChainLayer *l = make_layer (s, "o", type, 0, NULL, "d1", NULL);
  chain_set_str (&l->params.variant, variant);
  if (param)
    chain_choice_set_param (&l->params, param, value);
  make_layer (s, "d2", "dense", 2, NULL, "o", NULL);
  make_loss (s, "mse");
  return s;
}

/* One number or one a unit, begun where the row says; the gradient reaches it. */
static void
test_own (void)
{
  static const struct { const char *type, *variant, *param, *tensor; double start; guint n; } rows[] = {
    { "prelu", NULL, NULL, "o.a", 0.25, 1 }, { "prelu", "channelwise", "slope", "o.a", 0.4, 4 }, { "swish", NULL, NULL, "o.beta", 1, 1 },
    { "swish", "channelwise", "beta", "o.beta", 0.7, 4 }, { "scalar_bias", NULL, NULL, "o.bias", 0, 1 }, { "scalar_scale", NULL, NULL, "o.scale", 1, 1 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Rig r = { .s = with_own (rows[i].type, rows[i].variant, rows[i].param, rows[i].start) };
      double v[4], after[4];
      open_rig (&r, 3, 2);
      read_tensor (&r, rows[i].tensor, v, rows[i].n);
      for (guint k = 0; k < rows[i].n; k++)
        g_assert_cmpfloat (v[k], ==, rows[i].start);
      check_all (&r);
      step (&r);
      read_tensor (&r, rows[i].tensor, after, rows[i].n);
      for (guint k = 0; k < rows[i].n; k++)
        g_assert_true (after[k] != v[k] && isfinite (after[k]));
      close_rig (&r);
    }
}

/* After an edit of structure a trained scalar is what it was; a slope a unit goes with its unit. */
static void
test_carry (void)
{
  static const char *const tensors[] = { "o.scale", "o.bias", "o.a" };
  static const char *const types[] = { "scalar_scale", "scalar_bias", "prelu" };
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      gboolean each = i == 2;
      Rig a = { .s = with_own (types[i], each ? "channelwise" : NULL, NULL, 0) }, b = { 0 };
      double was[4], is[5];
      guint n = each ? 4 : 1;
      open_rig (&a, 3, 2);
      step (&a);
      read_tensor (&a, tensors[i], was, n);
      b.s = chain_spec_copy (a.s);
      chain_layer_set_units (chain_spec_layer (b.s, "d1"), 5);
      open_rig (&b, 3, 2);
      chain_model_carry (a.m, a.x, b.m, b.x);
      read_tensor (&b, tensors[i], is, each ? 5 : 1);
      g_assert_cmpmem (is, n * sizeof (double), was, n * sizeof (double));
      g_assert_true (!each || is[4] == 0.25);
      close_rig (&a);
      close_rig (&b);
    }
}

/* --- drawn --- */
static void
test_interpolate (void)
{
  Rig r = { .s = make_spec () };
  double a[ROWS * 2], b[ROWS * 2], y[ROWS * 2], eval[ROWS * 2], *out[] = { a, b, y, eval };
  make_layer (r.s, "a", "dense", 2, NULL, "x", NULL);
  make_layer (r.s, "b", "dense", 2, NULL, "x", NULL);
  make_layer (r.s, "y", "interpolate", 0, NULL, "a", "b");
  make_loss (r.s, "mse");
  open_rig (&r, 2, 2);
  check_all (&r);
  const ChainLayerInfo *l = (const ChainLayerInfo *) (gpointer) r.m->layers->data;
  read_nodes (&r, (const ChainId[]){ l[0].out, l[1].out, l[2].out, l[2].out_eval }, 4, out, ROWS * 2);
  for (guint i = 0; i < ROWS; i++)
    {
      double u = (y[2 * i] - b[2 * i]) / (a[2 * i] - b[2 * i]);
      g_assert_true (u > 0 && u < 1 && u != 0.5);
      g_assert_cmpfloat_with_epsilon (y[2 * i + 1], u * a[2 * i + 1] + (1 - u) * b[2 * i + 1], 1e-14);   /* one u for a sample */
      g_assert_cmpfloat_with_epsilon (eval[2 * i], (a[2 * i] + b[2 * i]) / 2, 1e-15);
    }
  close_rig (&r);
}

static void
test_gumbel (void)
{
  Rig r = { .s = make_spec () };
  double z[ROWS * 3], y[ROWS * 3], eval[ROWS * 3], *out[] = { z, y, eval };
  make_layer (r.s, "z", "dense", 3, NULL, "x", NULL);
  ChainLayer *l = make_layer (r.s, "y", "gumbel_softmax", 0, NULL, "z", NULL);
  chain_choice_set_param (&l->params, "temperature", 0.5);
  make_loss (r.s, "mse");
  open_rig (&r, 2, 3);
  check_all (&r);
  const ChainLayerInfo *info = (const ChainLayerInfo *) (gpointer) r.m->layers->data;
  read_nodes (&r, (const ChainId[]){ info[0].out, info[1].out, info[1].out_eval }, 3, out, ROWS * 3);
  for (guint i = 0; i < ROWS; i++)
    {
      double sum = 0, all = 0;
      for (guint j = 0; j < 3; j++)
        {
          sum += y[3 * i + j];
          all += exp (2 * z[3 * i + j]);
        }
      g_assert_cmpfloat_with_epsilon (sum, 1, 1e-14);
      g_assert_cmpfloat_with_epsilon (eval[3 * i], exp (2 * z[3 * i]) / all, 1e-14);
      g_assert_true (y[3 * i] != eval[3 * i]);
    }
  close_rig (&r);
}

/* --- a Wasserstein pair --- */
/* The judge d1, d2 sees x, then what the generator made, then a place between both. */
static ChainSpec *
wasserstein (guint hidden, gboolean penalty)
{
  ChainSpec *s = make_spec ();
  const char *const inputs[] = { "x", "g", "mix" };
  ChainLayer *z = make_layer (s, "z", "noise", 0, NULL, "x", NULL);
  chain_choice_set_param (&z->params, "size", 2);
  make_layer (s, "g", "dense", 2, NULL, "z", NULL);
  if (penalty)
    make_layer (s, "mix", "interpolate", 0, NULL, "x", "g");
  for (guint i = 0; i < (penalty ? 3 : 2); i++)
    {
      g_autofree char *first = g_strdup_printf ("j%u", i), *last = g_strdup_printf ("k%u", i);
      ChainLayer *a = make_layer (s, first, "dense", hidden, hidden > 1 ? "tanh" : NULL, inputs[i], NULL);
      chain_set_str (&a->weights_of, i ? "j0" : NULL);
      if (hidden > 1)
        chain_set_str (&make_layer (s, last, "dense", 1, NULL, first, NULL)->weights_of, i ? "k0" : NULL);
    }
  return s;
}

static const char *
judged (guint hidden, guint i)
{
  static const char *const names[] = { "j0", "j1", "j2", "k0", "k1", "k2" };
  return names[hidden > 1 ? 3 + i : i];
}

static ChainLossTerm *
add_penalty (ChainSpec *s, guint hidden, const char *variant)
{
  ChainLossTerm *t = make_loss (s, "gradient_penalty");
  chain_set_str (&t->choice.variant, variant);
  make_role (t, "value", judged (hidden, 2));
  make_role (t, "at", "mix");
  return t;
}

/* A judge D(x) = w·x + b has the slope w everywhere: L = λ (‖w‖ − 1)², ∂L/∂w = 2 λ (‖w‖ − 1) w/‖w‖, ∂L/∂b = 0 (no gradient at all). */
static void
test_penalty_by_hand (void)
{
  static const struct { double w[2]; const char *variant; double loss, grad[2]; } at[] = {
    { { 3, 4 }, "two_sided", 160, { 48, 64 } }, { { 0.3, 0.4 }, "two_sided", 2.5, { -6, -8 } }, { { 0.3, 0.4 }, "one_sided", 0, { 0, 0 } },
    { { 0, 0 }, "two_sided", 10, { 0, 0 } },
  };
  for (guint i = 0; i < G_N_ELEMENTS (at); i++)
    {
      Rig r = { .s = wasserstein (1, TRUE) };
      double grad[2];
      add_penalty (r.s, 1, at[i].variant);
      open_rig (&r, 2, 1);
      const ChainTensorInfo *w = chain_model_tensor (r.m, "j0.weight");
      write_leaf (r.x, w->leaf, 1, at[i].w, 2);
      const ChainId ids[] = { r.m->loss_train, w->grad };
      ChainProgram p = chain_exec_program (r.x, ids, 2, NULL, 0, CHAIN_PLAN_DEFAULT);
      g_assert_true (chain_exec_run (r.x, p, ROWS, NULL));
      g_assert_cmpfloat_with_epsilon (chain_exec_read_one (r.x, p, ROWS, ids[0]), at[i].loss, 1e-12);
      chain_exec_read (r.x, p, ROWS, ids[1], grad, 2);
      g_assert_cmpfloat_with_epsilon (grad[0], at[i].grad[0], 1e-12);
      g_assert_cmpfloat_with_epsilon (grad[1], at[i].grad[1], 1e-12);
      g_assert_cmpuint (chain_model_tensor (r.m, "j0.bias")->grad, ==, CHAIN_NONE);
      close_rig (&r);
    }
}

/* A judge with a bend: the derivative of a derivative, through the weights and through what the generator made. */
static void
test_penalty (void)
{
  Rig r = { .s = wasserstein (4, TRUE) };
  ChainLossTerm *t = make_loss (r.s, "gan_discriminator");
  chain_set_str (&t->choice.variant, "wgan");
  make_role (t, "real", judged (4, 0));
  make_role (t, "fake", judged (4, 1));
  add_penalty (r.s, 4, NULL);
  open_rig (&r, 2, 1);
  check_all (&r);
  close_rig (&r);
}

static void
train_only (ChainLossTerm *t, const char *a, const char *b)
{
  g_ptr_array_add (t->trains, g_strdup (a));
  if (b)
    g_ptr_array_add (t->trains, g_strdup (b));
}

static Rig
open_pair (double loss)
{
  Rig r = { .s = wasserstein (4, FALSE) };
  ChainLossTerm *d = make_loss (r.s, "gan_discriminator"), *g = make_loss (r.s, "gan_generator");
  ChainChoice *clip = chain_choice_new ("weight_clipping");
  chain_set_str (&d->choice.variant, "wgan");
  chain_set_str (&g->choice.variant, "wgan");
  make_role (d, "real", judged (4, 0));
  make_role (d, "fake", judged (4, 1));
  make_role (g, "fake", judged (4, 1));
  train_only (d, "j0", "k0");
  train_only (g, "g", NULL);
  if (loss > 0)
    chain_choice_set_param (clip, "loss", loss);
  g_ptr_array_add (r.s->regularisers, clip);
  use_sgd (r.s, 0.01);
  open_rig (&r, 2, 1);
  step (&r);
  return r;
}

static double
largest (Rig *r, const char *name, guint n)
{
  double v[8], m = 0;
  read_tensor (r, name, v, n);
  for (guint i = 0; i < n; i++)
    m = fmax (m, fabs (v[i]));
  return m;
}

/* The judge's weights are bounded, the generator's only where the rule is for all or for its loss. */
static void
test_weight_clipping (void)
{
  for (guint loss = 0; loss <= 2; loss++)
    {
      Rig r = open_pair (loss);
      g_assert_true ((largest (&r, "j0.weight", 8) <= 0.01) == (loss != 2));
      g_assert_true ((largest (&r, "k0.weight", 4) <= 0.01) == (loss != 2));
      g_assert_true ((largest (&r, "g.weight", 4) <= 0.01) == (loss != 1));
      g_assert_cmpfloat (largest (&r, loss == 2 ? "g.weight" : "j0.weight", loss == 2 ? 4 : 8), ==, 0.01);
      close_rig (&r);
    }
}

/* Clipping of gradients for one loss leaves the step of the other as it is. */
static void
test_clip_of_one (void)
{
  double moved[3][2];
  for (guint loss = 0; loss <= 2; loss++)
    {
      Rig r = { .s = wasserstein (4, FALSE) };
      ChainLossTerm *d = make_loss (r.s, "gan_discriminator"), *g = make_loss (r.s, "gan_generator");
      make_role (d, "real", judged (4, 0));
      make_role (d, "fake", judged (4, 1));
      make_role (g, "fake", judged (4, 1));
      train_only (d, "j0", "k0");
      train_only (g, "g", NULL);
      if (loss > 0)
        {
          ChainChoice *clip = chain_choice_new ("clip_value");
          chain_choice_set_param (clip, "clip", 1e-6);
          chain_choice_set_param (clip, "loss", loss);
          g_ptr_array_add (r.s->regularisers, clip);
        }
      use_sgd (r.s, 1);
      open_rig (&r, 2, 1);
      moved[loss][0] = -largest (&r, "k0.bias", 1);
      moved[loss][1] = -largest (&r, "g.bias", 2);
      step (&r);
      moved[loss][0] += largest (&r, "k0.bias", 1);
      moved[loss][1] += largest (&r, "g.bias", 2);
      close_rig (&r);
    }
  g_assert_true (moved[0][0] > 1e-5 && moved[0][1] > 1e-5);
  g_assert_true (moved[1][0] <= 1e-6 && moved[1][1] > 1e-5);
  g_assert_true (moved[2][0] == moved[0][0] && moved[2][1] <= 1e-6);
}

static void
test_refused (void)
{
  g_autoptr (ChainSpec) s = make_spec ();
  g_autoptr (GError) error = NULL;
  ChainChoice *clip = chain_choice_new ("weight_clipping");
  make_layer (s, "y", "dense", 1, NULL, "x", NULL);
  make_loss (s, "mse");
  chain_choice_set_param (clip, "loss", 2);
  g_ptr_array_add (s->regularisers, clip);
  g_assert_false (chain_spec_validate (s, 2, &error));
  g_assert_nonnull (strstr (error->message, "“loss” is 2, and there are 1 losses"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/layers/scalars", test_scalars);
  g_test_add_func ("/nn/layers/own", test_own);
  g_test_add_func ("/nn/layers/carry", test_carry);
  g_test_add_func ("/nn/layers/interpolate", test_interpolate);
  g_test_add_func ("/nn/layers/gumbel", test_gumbel);
  g_test_add_func ("/nn/layers/penalty-by-hand", test_penalty_by_hand);
  g_test_add_func ("/nn/layers/penalty", test_penalty);
  g_test_add_func ("/nn/layers/weight-clipping", test_weight_clipping);
  g_test_add_func ("/nn/layers/clip-of-one", test_clip_of_one);
  g_test_add_func ("/nn/layers/refused", test_refused);
  return g_test_run ();
}
