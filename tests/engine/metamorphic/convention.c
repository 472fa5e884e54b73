/* SPDX-License-Identifier: Apache-2.0 */
/* Conventions under their name (RELIABILITY 4.6): where the lecture prints another formula than is usual, both are rows or variants, and each
 * is held here to the formula as printed, worked in plain C. What a reduction divides by is held to the counts written on the node. */
#include "tests/engine/metamorphic/kit.h"

#include "engine/graph/eval-ref.h"

#include <math.h>

/* --- losses --- */
#define N 4
#define K 3

/* Numbers of the unreduced loss (or of its reduction) for predictions y and targets t of N x K. */
static guint
loss_of (const char *id, const char *variant, const MetaParam *p, const double *y, const double *t, const char *reduction, double *out)
{
  const ChainLossRow *row = chain_loss_row (id);
  ChainChoice *choice = chain_choice_new (id);
  ChainParams params = { &row->info, choice };
  ChainGraph *g = chain_graph_new ();
  ChainId roles[2] = { chain_leaf (g, CHAIN_LEAF_INPUT, "y", chain_shape (CHAIN_B, K)), chain_leaf (g, CHAIN_LEAF_INPUT, "t", chain_shape (CHAIN_B, K)) };
  const ChainRefBinding leaves[] = { { roles[0], y }, { roles[1], t } };
  ChainId id_out;
  guint n;

  chain_choice_set (choice, id, variant);
  for (; p != NULL && p->name != NULL; p++)
    chain_choice_set_param (choice, p->name, p->value);
  id_out = row->build (g, roles, &params);
  if (reduction)
    id_out = chain_loss_reduce (g, id_out, reduction);
  n = (guint) chain_ref_size (g, id_out, N);
  g_assert_true (chain_ref_eval (g, leaves, 2, N, 0, &id_out, 1, &out, NULL));
  chain_graph_free (g);
  chain_choice_free (choice);
  return n;
}

static const double some_y[N * K] = { 1.7, -0.3, 2.5, 0.2, -4, 0.9, 6, 1.1, -0.05, 0.4, -1.2, 3 };
static const double some_t[N * K] = { 0.3, 1, 0, 0.7, 0, 1, 1, 0.5, 0.25, 1, 0, 0.9 };

static void
expect (const double *got, guint n, double (*want) (guint i))
{
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (got[i], want (i), 1e-13 * (1 + fabs (want (i))));
}

/* SLIDE: Cross-entropy loss with logits. Its first line lacks the minus of the loss; its last line is the loss. */
static double first_line (guint i) { double s = 1 / (1 + exp (-some_y[i])); return some_t[i] * log (s) + (1 - some_t[i]) * log (1 - s); }
static double last_line (guint i) { double z = some_y[i]; return some_t[i] * log1p (exp (-z)) + (1 - some_t[i]) * (z + log1p (exp (-z))); }
static double negative (guint i) { return -first_line (i); }

static void
test_bce_logits (void)
{
  double out[N * K];

  g_assert_cmpfloat_with_epsilon (first_line (0), -1.3578, 1e-4);
  g_assert_cmpuint (loss_of ("bce_with_logits", "standard", NULL, some_y, some_t, NULL, out), ==, N * K);
  expect (out, N * K, negative);
  expect (out, N * K, last_line);
}

/* SLIDE: Piecewise functions. Labels cut to [k, 1 − k]; usual: (1 − ε) t + ε/2. */
static double soft (double z, double t) { return t * log1p (exp (-z)) + (1 - t) * (z + log1p (exp (-z))); }
static double smoothed_slide (guint i) { return soft (some_y[i], fmin (fmax (some_t[i], 0.2), 0.8)); }
static double smoothed_usual (guint i) { return soft (some_y[i], 0.8 * some_t[i] + 0.1); }

static void
test_label_smoothing (void)
{
  static const MetaParam p[] = { { "label_smoothing", 0.2 }, { "k", 0.2 }, { NULL, 0 } };
  double out[N * K];

  expect (out, loss_of ("label_smoothing_bce", "standard", p, some_y, some_t, NULL, out), smoothed_usual);
  expect (out, loss_of ("label_smoothing_bce", "slide_clamp", p, some_y, some_t, NULL, out), smoothed_slide);
}

/* SLIDE: "Hinge loss": r²/(2β) below β, |r| above; smooth L1 takes β/2 off, the hinge of support vectors is max (0, 1 − t y). */
static double r_of (guint i) { return some_y[i] - some_t[i]; }
static double hinge_slide (guint i) { double r = fabs (r_of (i)); return r < 1.5 ? r * r / 3 : r; }
static double smooth_l1 (guint i) { double r = fabs (r_of (i)); return r < 1.5 ? r * r / 3 : r - 0.75; }
static double hinge_true (guint i) { return fmax (0, 1 - (some_t[i] == 0 ? -1 : some_t[i]) * some_y[i]); }
static double huber (guint i) { double r = fabs (r_of (i)); return r <= 1.5 ? r * r / 2 : 1.5 * (r - 0.75); }

static void
test_hinge (void)
{
  static const MetaParam p[] = { { "beta", 1.5 }, { NULL, 0 } };
  double out[N * K];

  expect (out, loss_of ("smooth_l1", "slide_hinge", p, some_y, some_t, NULL, out), hinge_slide);
  expect (out, loss_of ("smooth_l1", "standard", p, some_y, some_t, NULL, out), smooth_l1);
  expect (out, loss_of ("hinge", NULL, NULL, some_y, some_t, NULL, out), hinge_true);
}

static void
test_huber (void)
{
  static const MetaParam p[] = { { "delta", 1.5 }, { NULL, 0 } };
  double out[N * K];

  expect (out, loss_of ("huber", NULL, p, some_y, some_t, NULL, out), huber);
}

/* SLIDE: Structured output: −Σ y t/(Σ y + Σ t); usual: 1 − (2 Σ y t + s)/(Σ y + Σ t + s). */
static void
sums (guint row, double *both, double *total)
{
  *both = *total = 0;
  for (guint k = row * K; k < (row + 1) * K; k++)
    {
      *both += some_y[k] * some_t[k];
      *total += some_y[k] + some_t[k];
    }
}
static double dice_slide (guint i) { double both, total; sums (i, &both, &total); return -both / total; }
static double dice_usual (guint i) { double both, total; sums (i, &both, &total); return 1 - (2 * both + 1) / (total + 1); }

static void
test_dice (void)
{
  double out[N * K];

  g_assert_cmpuint (loss_of ("dice", "slide_no_factor_2", NULL, some_y, some_t, NULL, out), ==, N);
  expect (out, N, dice_slide);
  expect (out, loss_of ("dice", "standard", NULL, some_y, some_t, NULL, out), dice_usual);
}

/* mean: of all that is written on the node; batchmean: of the samples; sum: of nothing. */
static void
test_reductions (void)
{
  static const struct { const char *id; double entries; } rows[] = { { "mse", N * K }, { "dice", N } };
  double out[N * K], sum;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpuint (loss_of (rows[i].id, NULL, NULL, some_y, some_t, "sum", out), ==, 1);
      sum = out[0];
      loss_of (rows[i].id, NULL, NULL, some_y, some_t, "mean", out);
      g_assert_cmpfloat_with_epsilon (out[0], sum / rows[i].entries, 1e-14);
      loss_of (rows[i].id, NULL, NULL, some_y, some_t, "batchmean", out);
      g_assert_cmpfloat_with_epsilon (out[0], sum / N, 1e-14);
    }
}

/* --- optimisers: four steps, the rate halved for the last two --- */
typedef double (*Step) (double w, double g, guint t, double lr, double *m, double *v);

#define LR 0.03
#define DELTA 1e-2

/* SLIDE: Algorithm 8.7, m̂/√(v̂ + δ) as printed; PyTorch and the paper: m̂/(√v̂ + δ). */
static double
adam (double w, double g, guint t, double lr, double *m, double *v, gboolean inside)
{
  double m_hat, v_hat;

  *m = 0.9 * *m + 0.1 * g;
  *v = 0.99 * *v + 0.01 * g * g;
  m_hat = *m / (1 - pow (0.9, t));
  v_hat = *v / (1 - pow (0.99, t));
  return w - lr * m_hat / (inside ? sqrt (v_hat + DELTA) : sqrt (v_hat) + DELTA);
}
static double adam_slide (double w, double g, guint t, double lr, double *m, double *v) { return adam (w, g, t, lr, m, v, TRUE); }
static double adam_usual (double w, double g, guint t, double lr, double *m, double *v) { return adam (w, g, t, lr, m, v, FALSE); }

/* SLIDE: Algorithm 8.5, g/√(δ + r) as printed; PyTorch: g/(√r + δ). */
static double
rmsprop (double w, double g, double lr, double *r, gboolean inside)
{
  *r = 0.9 * *r + 0.1 * g * g;
  return w - lr * g / (inside ? sqrt (DELTA + *r) : sqrt (*r) + DELTA);
}
static double rmsprop_slide (double w, double g, guint t, double lr, double *m, double *v) { return rmsprop (w, g, lr, v, TRUE); }
static double rmsprop_usual (double w, double g, guint t, double lr, double *m, double *v) { return rmsprop (w, g, lr, v, FALSE); }

/* SLIDE: Algorithm 8.2: the rate goes into the velocity. PyTorch: it stays outside, so a new rate acts on the old velocity too. */
static double
velocity_slide (double w, double g, guint t, double lr, double *m, double *v)
{
  *v = 0.9 * *v - lr * g;
  return w + *v;
}

static double
velocity_pytorch (double w, double g, guint t, double lr, double *m, double *v)
{
  *v = 0.9 * *v + g;
  return w - lr * *v;
}

static const MetaParam adam_params[] = { { "lr", LR }, { "beta1", 0.9 }, { "beta2", 0.99 }, { "eps", DELTA }, { NULL, 0 } };
static const MetaParam rms_params[] = { { "lr", LR }, { "rho", 0.9 }, { "eps", DELTA }, { NULL, 0 } };
static const MetaParam velocity_params[] = { { "lr", LR }, { "alpha", 0.9 }, { NULL, 0 } };
static const MetaParam momentum_params[] = { { "lr", LR }, { "momentum", 0.9 }, { NULL, 0 } };

static const struct { const char *path, *id, *variant; const MetaParam *params; Step step; } rules[] = {
  { "/convention/adam/slide-delta-inside-root", "adam", "slide_eps_inside_root", adam_params, adam_slide },
  { "/convention/adam/pytorch-delta-outside", "adam", "standard", adam_params, adam_usual },
  { "/convention/rmsprop/slide-delta-inside-root", "rmsprop", "slide_goodfellow_8.5_eps_inside", rms_params, rmsprop_slide },
  { "/convention/rmsprop/pytorch-delta-outside", "rmsprop", "pytorch", rms_params, rmsprop_usual },
  { "/convention/momentum/slide-velocity", "momentum", "slide_goodfellow_8.2", velocity_params, velocity_slide },
  { "/convention/momentum/pytorch-rate-outside", "sgd", "pytorch", momentum_params, velocity_pytorch },
};

static void
test_rule (gconstpointer data)
{
  guint rule = GPOINTER_TO_UINT (data);
  Meta a;
  Dice d;

  meta_open (&a, meta_case ("mse", NULL), 0,
             &(MetaOptions){ .optimiser = rules[rule].id, .optimiser_variant = rules[rule].variant, .optimiser_params = rules[rule].params });
  dice_init (&d, 3);
  g_autofree double *theta = meta_theta (&a, &d), *now = g_memdup2 (theta, a.n * sizeof (double));
  g_autofree double *m = g_new0 (double, a.n), *v = g_new0 (double, a.n), *got = g_new (double, a.n);
  MetaData batch = meta_data (&a, &d, 5);
  meta_step (&a, CHAIN_F64, theta, &batch, NULL);   /* states made; then from the start again */
  g_assert_true (chain_model_init (a.m, a.x[CHAIN_F64], 1, NULL));
  for (guint t = 1; t <= 4; t++)
    {
      double lr = t < 3 ? LR : LR / 2;
      MetaValue g = meta_run (&a, CHAIN_F64, now, &batch);

      chain_exec_set_scalar (a.x[CHAIN_F64], a.m->lr, lr);
      meta_step (&a, CHAIN_F64, NULL, &batch, got);
      for (gsize i = 0; i < a.n; i++)
        {
          now[i] = rules[rule].step (now[i], g.grad[i], t, lr, &m[i], &v[i]);
          g_assert_cmpfloat_with_epsilon (got[i], now[i], 1e-13);
        }
      meta_value_clear (&g);
    }
  meta_data_clear (&batch);
  meta_close (&a);
}

/* --- SLIDE: Weight initialisation: U(±1/√n) of n inputs, under the name of Glorot; Glorot & Bengio: U(±√(6/(in + out))) --- */
static void
test_glorot (void)
{
  enum { OUT = 40, IN = 60 };
  static const struct { const char *id; double bound; } rows[] = { { "slide_heuristic_uniform", 0.12909944487358055 },   /* 1/√60 */
                                                                   { "glorot_uniform", 0.24494897427831781 } };          /* √(6/100) */
  double w[OUT * IN];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const ChainInitRow *row = chain_init_row (rows[i].id);
      ChainParams p = { &row->info, NULL };
      double top = 0, square = 0;

      row->fill (w, OUT, IN, &p, 7, 1);
      for (guint k = 0; k < OUT * IN; k++)
        {
          top = fmax (top, fabs (w[k]));
          square += w[k] * w[k] / (OUT * IN);
        }
      g_assert_cmpfloat (top, <=, rows[i].bound);
      g_assert_cmpfloat (top, >, 0.995 * rows[i].bound);
      g_assert_cmpfloat_with_epsilon (square, rows[i].bound * rows[i].bound / 3, 0.1 * rows[i].bound * rows[i].bound / 3);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/convention/bce-from-logits", test_bce_logits);
  g_test_add_func ("/convention/label-smoothing", test_label_smoothing);
  g_test_add_func ("/convention/hinge", test_hinge);
  g_test_add_func ("/convention/huber", test_huber);
  g_test_add_func ("/convention/dice", test_dice);
  g_test_add_func ("/convention/reductions", test_reductions);
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    g_test_add_data_func (rules[i].path, GUINT_TO_POINTER (i), test_rule);
  g_test_add_func ("/convention/glorot", test_glorot);
  return g_test_run ();
}
