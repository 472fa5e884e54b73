/* SPDX-License-Identifier: Apache-2.0 */
/* Wider and deeper keep the function: for every activation row and a sample of optimisers, in f32 after some steps of training, no output of 64 rows
 * changes by more than 1e-6 of the largest; ten steps later no two copies are alike. And what the other grafts do, number by number. */
#include "engine/nn/edit.h"
#include "tests/engine/nn/make.h"

#include <string.h>

enum { ROWS = 64, D = 3, K = 2, UNITS = 5 };

typedef struct { ChainSpec *s; ChainModel *m; ChainExec *x; } Side;

static ChainPrep *prep;
static double worst;

static Side
open_side (ChainSpec *s, guint64 seed)
{
  g_autoptr (GError) error = NULL;
  Side side = { .s = s, .m = chain_model_new (s, prep, &error) };
  g_assert_no_error (error);
  side.x = make_exec (side.m, s->precision, seed);
  return side;
}

static void
close_side (Side *side)
{
  chain_exec_free (side->x);
  chain_model_free (side->m);
  chain_spec_unref (side->s);
}

static void
give_data (Side *a)
{
  g_autofree double *xs = make_numbers (ROWS * D, 0.2), *ts = g_new (double, ROWS * K);
  for (guint i = 0; i < ROWS * K; i++)
    ts[i] = 0.5 * xs[i / K * D] - xs[i / K * D + 1 + i % K];   /* something to learn: outputs of the size of 1 */
  write_leaf (a->x, a->m->x, ROWS, xs, ROWS * D);
  write_leaf (a->x, a->m->t, ROWS, ts, ROWS * K);
}

static void
train (Side *a, guint steps)
{
  g_autoptr (GError) error = NULL;
  ChainProgram p = make_train_program (a->m, a->x, CHAIN_PLAN_COMMIT);
  give_data (a);
  for (guint i = 0; i < steps; i++)
    g_assert_true (chain_exec_run (a->x, p, ROWS, &error));
}

static double *
outputs (Side *a)
{
  double *y = g_new (double, ROWS * K);
  ChainProgram p = chain_exec_program (a->x, &a->m->output_eval, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
  give_data (a);
  g_assert_true (chain_exec_run (a->x, p, ROWS, NULL));
  g_assert_true (chain_exec_read (a->x, p, ROWS, a->m->output_eval, y, ROWS * K));
  return y;
}

static double *
leaf (Side *a, const char *name)
{
  const ChainTensorInfo *t = chain_model_tensor (a->m, name);
  g_assert_nonnull (t);
  double *v = g_new (double, (gsize) t->rows * t->cols);
  g_assert_true (chain_exec_read_leaf (a->x, t->leaf, v, (gsize) t->rows * t->cols));
  return v;
}

/* Two hidden layers; extra: what stands between them ("batch_norm", "dropout", "concat", NULL). */
static ChainSpec *
network (const char *activation, const char *optimiser, const char *extra)
{
  ChainSpec *s = make_spec ();
  gboolean join = g_strcmp0 (extra, "concat") == 0;
  s->precision = CHAIN_F32;
  chain_choice_set (&s->optimiser, optimiser, NULL);
  chain_choice_set_param (&s->optimiser, "lr", strcmp (activation, "exp") == 0 ? 1e-4 : 0.01);   /* e^e^z is steep */
  make_layer (s, "d1", "dense", UNITS, activation, "x", NULL);
  if (extra)
    make_layer (s, "e", extra, 0, NULL, "d1", join ? "x" : NULL);
  make_layer (s, "d2", "dense", 4, activation, extra ? "e" : "d1", NULL);
  make_layer (s, "d3", "dense", K, NULL, "d2", NULL);
  make_loss (s, "mse");
  return chain_spec_seal (s);
}

/* Takes next. */
static Side
grafted (Side *a, ChainSpec *next, const char *graft)
{
  g_autoptr (GError) error = NULL;
  Side b = open_side (next, 99);
  chain_model_carry (a->m, a->x, b.m, b.x);
  chain_model_graft (a->m, a->x, b.m, b.x, graft, &error);
  g_assert_no_error (error);
  return b;
}

static void
same_function (Side *a, Side *b, const char *what)
{
  g_autofree double *y = outputs (a), *z = outputs (b);
  double most = 0, far = 0;
  for (guint i = 0; i < ROWS * K; i++)
    {
      most = fmax (most, fabs (y[i]));
      far = fmax (far, fabs (y[i] - z[i]));
    }
  if (!(far <= 1e-6 * most && most > 1e-3))
    g_test_message ("%s: outputs change by %g of the largest", what, far / most);
  g_assert_true (isfinite (most) && most > 1e-3);
  g_assert_true (far <= 1e-6 * most);
  worst = fmax (worst, far / most);
}

/* Rows of incoming weights and bias, or columns of outgoing weights: units i and j are not the same. */
static void
all_differ (Side *b, const char *what)
{
  guint n = chain_spec_layer (b->s, "d1")->units, in = chain_model_tensor (b->m, "d1.weight")->cols;
  g_autofree double *w = leaf (b, "d1.weight");
  for (guint i = 0; i < n; i++)
    for (guint j = i + 1; j < n; j++)
      {
        double far = 0;
        for (guint k = 0; k < in; k++)
          far = fmax (far, fabs (w[i * in + k] - w[j * in + k]));
        if (!(far > 0))
          g_test_message ("%s: units %u and %u have the same incoming weights", what, i, j);
        g_assert_cmpfloat (far, >, 0);
      }
}

static void
widen_one (const char *activation, const char *optimiser, const char *extra, guint units)
{
  g_autofree char *what = g_strdup_printf ("%s, %s, %s, %u", activation, optimiser, extra ? extra : "-", units);
  g_autoptr (GError) error = NULL;
  Side a = open_side (network (activation, optimiser, extra), 1);
  train (&a, 100);
  ChainSpec *next = chain_spec_widen (a.s, "d1", units, &error);
  g_assert_no_error (error);
  Side b = grafted (&a, next, "split d1");
  same_function (&a, &b, what);
  train (&b, 10);
  all_differ (&b, what);
  close_side (&a);
  close_side (&b);
}

static const char *const optimisers[] = { "sgd", "adam", "rmsprop", "sign_sgd", "schedule_free_adamw", "lookahead" };

static void
test_widen (void)
{
  guint n;
  const ChainActivationRow *rows = chain_table_activations (&n);
  for (guint i = 0; i < n; i++)
    for (guint k = 0; k < G_N_ELEMENTS (optimisers) && !rows[i].rowwise; k++)
      widen_one (rows[i].info.id, optimisers[k], NULL, k % 2 ? UNITS + 2 : 3 * UNITS + 1);
  g_test_message ("outputs change by at most %g of the largest", worst);
}

static void
test_widen_through (void)
{
  static const char *const between[] = { "batch_norm", "dropout", "concat", "prelu", "gaussian_noise" };
  static const char *const activations[] = { "tanh", "relu", "hardtanh" };
  for (guint i = 0; i < G_N_ELEMENTS (between); i++)
    for (guint k = 0; k < G_N_ELEMENTS (activations); k++)
      widen_one (activations[k], "adam", between[i], 2 * UNITS);
}

/* Unit 2 off: its copy is off too, and both may be whatever they like. */
static void
test_widen_off (void)
{
  g_autoptr (GError) error = NULL;
  ChainSpec *s = network ("tanh", "adam", NULL), *off = chain_spec_copy (s);
  chain_layer_set_off (chain_spec_layer (off, "d1"), 2, TRUE);
  chain_spec_unref (s);
  Side a = open_side (chain_spec_seal (off), 1);
  train (&a, 3);
  ChainSpec *next = chain_spec_widen (a.s, "d1", 2 * UNITS, &error);
  g_assert_no_error (error);
  g_assert_true (chain_layer_is_off (chain_spec_layer (next, "d1"), UNITS + 2));
  g_assert_false (chain_layer_is_off (chain_spec_layer (next, "d1"), UNITS + 1));
  Side b = grafted (&a, next, "split d1");
  same_function (&a, &b, "off");
  close_side (&a);
  close_side (&b);
}

/* Two readers of the same units, one of them the output. */
static void
test_widen_readers (void)
{
  g_autoptr (GError) error = NULL;
  ChainSpec *s = make_spec ();
  s->precision = CHAIN_F32;
  make_layer (s, "d1", "dense", UNITS, "relu", "x", NULL);
  make_layer (s, "d2", "dense", 4, "tanh", "d1", NULL);
  make_layer (s, "c", "concat", 0, NULL, "d2", "d1");
  make_layer (s, "d3", "dense", K, NULL, "c", NULL);
  make_loss (s, "mse");
  Side a = open_side (chain_spec_seal (s), 1);
  train (&a, 5);
  ChainSpec *next = chain_spec_widen (a.s, "d1", UNITS + 3, &error);
  g_assert_no_error (error);
  Side b = grafted (&a, next, "split d1");
  same_function (&a, &b, "two readers");
  close_side (&a);
  close_side (&b);
}

static void
test_deepen (void)
{
  guint n;
  const ChainActivationRow *rows = chain_table_activations (&n);
  for (guint i = 0; i < n; i++)
    for (guint k = 0; k < 2; k++)
      {
        g_autoptr (GError) error = NULL;
        g_autofree char *id = NULL, *graft = NULL;
        Side a = open_side (network (rows[i].info.id, optimisers[k], NULL), 1);
        train (&a, 5);
        ChainSpec *next = chain_spec_deepen (a.s, k ? "d2" : "d1", D, &id, &error);
        g_assert_no_error (error);
        graft = g_strdup_printf ("identity %s", id);
        Side b = grafted (&a, next, graft);
        same_function (&a, &b, rows[i].info.id);
        g_autofree double *moment = NULL;
        if (k)
          {
            moment = leaf (&b, "opt.m.d3.weight");   /* the reader keeps its moments too */
            g_autofree double *before = leaf (&a, "opt.m.d3.weight");
            g_assert_cmpmem (moment, K * 4 * sizeof (double), before, K * 4 * sizeof (double));
          }
        train (&b, 10);
        close_side (&a);
        close_side (&b);
      }
}

/* A layer whose activation leaves its own values alone keeps it; any other gets a linear one. Behind the input it is linear. */
static void
test_deepen_activation (void)
{
  static const struct { const char *activation; gboolean kept; } cases[] = {
    { "relu", TRUE }, { "relu6", TRUE }, { "hardtanh", TRUE }, { "abs", TRUE }, { "sign", TRUE },
    { "tanh", FALSE }, { "sigmoid", FALSE }, { "leaky_relu", FALSE }, { "softmax", FALSE }, { "gelu_erf", FALSE }, { "step", FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ChainSpec) s = network (cases[i].activation, "adam", NULL);
      g_autofree char *id = NULL;
      g_autoptr (ChainSpec) next = chain_spec_deepen (s, "d1", D, &id, NULL);
      g_assert_cmpstr (chain_spec_layer (next, id)->activation.id, ==, cases[i].kept ? cases[i].activation : NULL);
      g_assert_cmpuint (chain_spec_layer (next, id)->units, ==, UNITS);
    }
  g_autoptr (ChainSpec) s = network ("relu", "adam", NULL);
  g_autofree char *id = NULL;
  g_autoptr (ChainSpec) first = chain_spec_deepen (s, NULL, D, &id, NULL);
  g_assert_cmpuint (chain_spec_layer (first, id)->units, ==, D);
  g_assert_null (chain_spec_layer (first, id)->activation.id);
}

static void
test_nature (void)
{
  static const struct { const char *id; gboolean idempotent, homogeneous, smooth; } cases[] = {
    { NULL, TRUE, TRUE, TRUE },       { "relu", TRUE, TRUE, FALSE },        { "leaky_relu", FALSE, TRUE, FALSE }, { "tanh", FALSE, FALSE, TRUE },
    { "hardtanh", TRUE, FALSE, FALSE }, { "sigmoid", FALSE, FALSE, TRUE },  { "step", FALSE, FALSE, FALSE },      { "softmax", FALSE, FALSE, FALSE },
    { "square", FALSE, FALSE, TRUE }, { "softplus", FALSE, FALSE, TRUE },   { "abs", TRUE, TRUE, FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ChainChoice *c = chain_choice_new (cases[i].id);
      ChainActivationNature nature = chain_activation_nature (c);
      g_test_message ("%s", cases[i].id ? cases[i].id : "-");
      g_assert_cmpint (nature.idempotent, ==, cases[i].idempotent);
      g_assert_cmpint (nature.homogeneous, ==, cases[i].homogeneous);
      g_assert_cmpint (nature.smooth, ==, cases[i].smooth);
      chain_choice_free (c);
    }
}

/* --- the other grafts --- */
static void
test_copy (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  Side a = open_side (network ("tanh", "adam", NULL), 1);
  train (&a, 5);
  ChainSpec *next = chain_spec_widen (a.s, "d1", 4 + UNITS, &error);   /* 9 units that read 3 values, then a square layer */
  chain_spec_unref (next);
  ChainSpec *square = chain_spec_set_units (a.s, "d2", UNITS, &error);
  Side b = grafted (&a, square, "");
  train (&b, 2);
  Side c = grafted (&b, chain_spec_duplicate_layer (b.s, "d2", &id, &error), "copy d2 d4");
  g_assert_no_error (error);
  g_assert_cmpstr (id, ==, "d4");
  static const char *const names[] = { "%s.weight", "%s.bias", "opt.m.%s.weight", "opt.v.%s.bias" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_strdup_printf (names[i], "d2"), *to = g_strdup_printf (names[i], "d4");
      g_autofree double *old = leaf (&b, from), *now = leaf (&c, to), *kept = leaf (&c, from);
      gsize n = strstr (from, "bias") ? UNITS : UNITS * UNITS;
      g_assert_cmpmem (now, n * sizeof (double), old, n * sizeof (double));
      g_assert_cmpmem (kept, n * sizeof (double), old, n * sizeof (double));
    }
  g_autofree double *reader = leaf (&c, "d3.weight"), *before = leaf (&b, "d3.weight");
  g_assert_cmpmem (reader, K * UNITS * sizeof (double), before, K * UNITS * sizeof (double));
  close_side (&a);
  close_side (&b);
  close_side (&c);
}

static void
test_draw (void)
{
  g_autoptr (GError) error = NULL;
  Side a = open_side (network ("tanh", "adam", NULL), 1);
  train (&a, 5);
  g_autofree double *w = leaf (&a, "d1.weight"), *m = leaf (&a, "opt.m.d1.weight"), *out = leaf (&a, "d2.weight");
  g_assert_true (chain_model_graft (a.m, a.x, a.m, a.x, "draw d1 2 7", &error));
  g_autofree double *w1 = leaf (&a, "d1.weight"), *m1 = leaf (&a, "opt.m.d1.weight"), *out1 = leaf (&a, "d2.weight"), *b1 = leaf (&a, "d1.bias");
  for (guint i = 0; i < UNITS * D; i++)
    if (i / D == 2)
      {
        g_assert_cmpfloat (w[i], !=, w1[i]);
        g_assert_cmpfloat (m1[i], ==, 0);
      }
    else
      {
        g_assert_cmpfloat (w[i], ==, w1[i]);
        g_assert_cmpfloat (m[i], ==, m1[i]);
      }
  g_assert_cmpfloat (b1[2], ==, 0);
  g_assert_cmpfloat (b1[1], !=, 0);
  g_assert_cmpmem (out, 4 * UNITS * sizeof (double), out1, 4 * UNITS * sizeof (double));
  g_assert_true (chain_model_graft (a.m, a.x, a.m, a.x, "draw d1 2 8", &error));
  g_autofree double *w2 = leaf (&a, "d1.weight");
  g_assert_cmpfloat (w2[2 * D], !=, w1[2 * D]);
  g_assert_true (chain_model_graft (a.m, a.x, a.m, a.x, "draw d1 2 7", &error));
  g_autofree double *w3 = leaf (&a, "d1.weight");
  g_assert_cmpmem (w3, UNITS * D * sizeof (double), w1, UNITS * D * sizeof (double));   /* a replay draws the same */
  close_side (&a);
}

/* A layer of one unit: its weight is one row, not a vector of units. */
static void
test_draw_one (void)
{
  g_autoptr (GError) error = NULL;
  ChainSpec *s = network ("tanh", "adam", NULL);
  Side a = open_side (chain_spec_set_units (s, "d1", 1, &error), 1);
  chain_spec_unref (s);
  train (&a, 5);
  g_autofree double *w = leaf (&a, "d1.weight"), *m = leaf (&a, "opt.m.d1.weight");
  g_assert_true (chain_model_graft (a.m, a.x, a.m, a.x, "draw d1 0 7", &error));
  g_autofree double *w1 = leaf (&a, "d1.weight"), *m1 = leaf (&a, "opt.m.d1.weight"), *b1 = leaf (&a, "d1.bias");
  for (guint i = 0; i < D; i++)
    {
      g_assert_cmpfloat (w[i], !=, w1[i]);
      g_assert_cmpfloat (m[i], !=, 0);
      g_assert_cmpfloat (m1[i], ==, 0);
    }
  g_assert_cmpfloat (b1[0], ==, 0);
  close_side (&a);
}

static void
test_set (void)
{
  g_autoptr (GError) error = NULL;
  Side a = open_side (network ("tanh", "schedule_free_adamw", NULL), 1);
  g_assert_true (chain_model_graft (a.m, a.x, a.m, a.x, "set d3.bias 1 2 0.5 -0.25\nset d3.weight 1 1 9", &error));   /* another shape: left out */
  g_autofree double *b = leaf (&a, "d3.bias"), *w = leaf (&a, "d3.weight"), *average = leaf (&a, "opt.x.d3.bias");
  g_assert_cmpfloat (b[0], ==, 0.5);
  g_assert_cmpfloat (b[1], ==, -0.25);
  g_assert_cmpfloat (average[1], ==, -0.25);
  g_assert_cmpfloat (w[0], !=, 9);
  static const char *const bad[] = { "set d3.bias 1 2 0.5", "set d3.bias 1 2 0.5 x", "split nothing", "split d1 d2", "draw d1 99 1", "copy d1", "identity d1",
                                     "grow d1", "set d3.bias 4294967296 1 1" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (chain_model_graft (a.m, a.x, a.m, a.x, bad[i], &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
    }
  close_side (&a);
}

static void
test_lost (void)
{
  g_autoptr (GError) error = NULL;
  Side a = open_side (network ("tanh", "adam", NULL), 1);
  Side b = open_side (chain_spec_remove_unit (a.s, "d1", 1, &error), 1);
  g_autoptr (GArray) lost = chain_model_lost (a.m, b.m), none = chain_model_lost (b.m, a.m);
  g_assert_cmpuint (lost->len, ==, 3);
  static const guint64 counts[] = { D, 1, 4 };   /* its row, its bias, its column in d2 */
  for (guint i = 0; i < lost->len; i++)
    g_assert_cmpuint (g_array_index (lost, ChainLost, i).count, ==, counts[i]);
  g_assert_cmpuint (none->len, ==, 0);
  close_side (&a);
  close_side (&b);
}

int
main (int argc, char **argv)
{
  int rc;
  g_test_init (&argc, &argv, NULL);
  prep = make_prep (D, K, 0);
  g_test_add_func ("/grow/nature", test_nature);
  g_test_add_func ("/grow/widen", test_widen);
  g_test_add_func ("/grow/widen-through", test_widen_through);
  g_test_add_func ("/grow/widen-off", test_widen_off);
  g_test_add_func ("/grow/widen-readers", test_widen_readers);
  g_test_add_func ("/grow/deepen", test_deepen);
  g_test_add_func ("/grow/deepen-activation", test_deepen_activation);
  g_test_add_func ("/grow/copy", test_copy);
  g_test_add_func ("/grow/draw", test_draw);
  g_test_add_func ("/grow/draw-one", test_draw_one);
  g_test_add_func ("/grow/set", test_set);
  g_test_add_func ("/grow/lost", test_lost);
  rc = g_test_run ();
  free_prep (prep);
  return rc;
}
