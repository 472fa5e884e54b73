/* SPDX-License-Identifier: Apache-2.0 */
/* Metamorphic properties of training (RELIABILITY 4.3, 13, 20, 21): a loss times c, minibatches of all rows, and settings in which every
 * optimiser of the table is a formula that fits on one line. A row without its line here fails. 22, in two halves with a file between, is
 * /property/22 in tests/app/train/trainer-resume.c. */
#include "tests/engine/metamorphic/kit.h"

#include <math.h>
#include <string.h>

static const MetaParam no_params[] = { { NULL, 0 } };

/* Losses without corners for optimisers that look at signs: the last digit must not turn a step round. */
static const char *const smooth[] = { "mse", "log_cosh", "ce_with_logits", "bce_with_logits", "half_mse" };

/* --- 13 --- */
/* The model of the same case with its loss times c; both run. */
static void
check_factor (MetaCheck *k, Meta *a, Dice *d)
{
  double c = exp (dice_real (d)), rate = 1e-3;
  const MetaParam slower[] = { { "lr", rate / c }, { NULL, 0 } }, usual[] = { { "lr", rate }, { NULL, 0 } };
  const MetaOptions times = { .weight = c, .optimiser_params = slower }, once = { .optimiser_params = usual };
  g_autofree double *theta = meta_theta (a, d), *p = g_new (double, a->n), *q = g_new (double, a->n);
  MetaData data = meta_data (a, d, 1 + dice (d, 6));
  MetaValue v, w;
  Meta b, plain;

  meta_open (&b, a->c, a->net, &times);
  meta_open (&plain, a->c, a->net, &once);
  v = meta_run (a, k->dtype, theta, &data);
  w = meta_run (&b, k->dtype, theta, &data);
  v.loss *= c;
  for (gsize i = 0; i < a->n; i++)
    v.grad[i] *= c;
  meta_expect_same (k, a, &w, &v);
  for (guint step = 0; step < 3; step++)
    {
      meta_step (&plain, k->dtype, step ? NULL : theta, &data, p);
      meta_step (&b, k->dtype, step ? NULL : theta, &data, q);
    }
  meta_expect_all (k, a, "SGD's path", q, p, a->n);
  meta_value_clear (&v);
  meta_value_clear (&w);
  meta_data_clear (&data);
  meta_close (&b);
  meta_close (&plain);
}

/* What a factor c on the loss does to an optimiser: a rate of 1/c undoes it, or it does not notice (small numbers set to 0); or another
 * parameter, `with`, must follow too, by this power of c. leeway: its own bar, for what a fixed small number leaves. */
typedef struct { const char *id; gboolean by_rate; MetaParam params[4]; const char *with; int power; double leeway; } Scaling;

static const Scaling scalings[] = {
  { "sgd", TRUE, { { "momentum", 0.9 } }, NULL, 0, 0 },
  { "momentum", TRUE, { { "alpha", 0.9 } }, NULL, 0, 0 },
  { "nesterov", TRUE, { { "alpha", 0.9 } }, NULL, 0, 0 },
  { "schedule_free_sgd", TRUE, { { NULL, 0 } }, NULL, 0, 0 },
  { "lookahead", TRUE, { { "k", 2 } }, NULL, 0, 0 },
  { "sam", TRUE, { { NULL, 0 } }, NULL, 0, 0 },
  { "asam", TRUE, { { NULL, 0 } }, NULL, 0, 0 },
  { "langevin", TRUE, { { "temperature", 1e-3 } }, "temperature", 1, 0 },
  { "gradient_noise", TRUE, { { "eta", 0.01 } }, "eta", 2, 0 },
  { "rmsprop", FALSE, { { "eps", 0 } }, NULL, 0, 0 },
  { "adagrad", FALSE, { { "eps", 0 } }, NULL, 0, 0 },
  { "adadelta", TRUE, { { "eps", 1e-6 } }, "eps", 2, 0 },   /* √(X + ε) grows as the gradient does; so its step does */
  { "rprop", FALSE, { { NULL, 0 } }, NULL, 0, 0 },
  { "adam", FALSE, { { "eps", 0 } }, NULL, 0, 0 },
  { "adamw", FALSE, { { "eps", 0 } }, NULL, 0, 0 },
  { "amsgrad", FALSE, { { "eps", 0 } }, NULL, 0, 0 },
  { "adamax", FALSE, { { "eps", 0 } }, NULL, 0, 0 },
  { "nadam", FALSE, { { "eps", 0 } }, NULL, 0, 0 },
  { "radam", TRUE, { { "beta2", 0.5 } }, NULL, 0, 0 },   /* ρ never above 5: a momentum */
  { "yogi", FALSE, { { "eps", 0 }, { "initial_accumulator", 0 } }, NULL, 0, 0 },
  { "adabelief", FALSE, { { "eps", 0 }, { "eps_outside", 0 } }, NULL, 0, 0 },
  { "lamb", FALSE, { { "eps", 0 } }, NULL, 0, 0 },
  { "lion", FALSE, { { NULL, 0 } }, NULL, 0, 0 },
  { "sign_sgd", FALSE, { { NULL, 0 } }, NULL, 0, 0 },
  { "signum", FALSE, { { NULL, 0 } }, NULL, 0, 0 },
  { "lars", FALSE, { { "weight_decay", 0 } }, NULL, 0, 0 },
  { "adafactor", FALSE, { { "eps1", 0 } }, NULL, 0, 0 },
  { "muon", FALSE, { { "adam_eps", 0 } }, NULL, 0, 1e-3 },   /* ‖U‖ + 1e-7 is what it divides by */
  { "schedule_free_adamw", FALSE, { { "eps", 0 } }, NULL, 0, 0 },
};

static const Scaling *
scaling_of (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (scalings); i++)
    if (g_str_equal (scalings[i].id, id))
      return &scalings[i];
  g_error ("nothing says what optimiser “%s” makes of a loss times c", id);
}

static double
default_of (const ChainRowInfo *info, const char *name)
{
  for (guint i = 0; i < info->n_params; i++)
    if (g_str_equal (info->params[i].name, name))
      return info->params[i].value;
  g_error ("%s has no parameter %s", info->id, name);
}

/* Paths of six steps; a power of two for c, so that only a small number somewhere could tell the difference. */
static void
check_scaling (MetaCheck *k, const ChainOptimRow *row, const char *loss, guint net)
{
  const Scaling *s = scaling_of (row->info.id);
  double c = k->draws % 2 ? 4 : 0.125;
  MetaParam one[6] = { { "lr", default_of (&row->info, "lr") } }, other[6] = { { "lr", one[0].value / (s->by_rate ? c : 1) } };
  Meta a, b;
  Dice d;
  guint n = 1;

  for (; n < 5 && s->params[n - 1].name != NULL; n++)
    {
      one[n] = other[n] = s->params[n - 1];
      if (s->with && g_str_equal (one[n].name, s->with))
        other[n].value *= pow (c, s->power);
    }
  meta_open (&a, meta_case (loss, NULL), net, &(MetaOptions){ .optimiser = row->info.id, .optimiser_params = one });
  meta_open (&b, meta_case (loss, NULL), net, &(MetaOptions){ .optimiser = row->info.id, .optimiser_params = other, .weight = c });
  dice_init (&d, k->seed);
  g_autofree double *theta = meta_theta (&a, &d), *p = g_new (double, a.n), *q = g_new (double, a.n);
  MetaData data = meta_data (&a, &d, 6);
  for (guint step = 0; step < 6; step++)
    {
      meta_step (&a, k->dtype, step ? NULL : theta, &data, p);
      meta_step (&b, k->dtype, step ? NULL : theta, &data, q);
    }
  k->scale = s->leeway > 0 ? s->leeway / (k->dtype == CHAIN_F32 ? 1e-5 : 1e-12) : 10;
  meta_expect_all (k, &a, "path", q, p, a.n);
  meta_data_clear (&data);
  meta_close (&a);
  meta_close (&b);
}

static void
each_optimiser (guint test, const char *what, guint per_row, double scale, void (*check) (MetaCheck *k, const ChainOptimRow *row, const char *loss, guint net))
{
  MetaCheck k = { .test = test, .scale = scale };
  guint n;
  const ChainOptimRow *rows = chain_table_optims (&n);

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < draws_count (per_row); j++)
      for (int dtype = 0; dtype < 2; dtype++)
        {
          k.seed = draws_seed_of (test, 100000 + k.draws++ / 2);
          k.dtype = (ChainDtype) dtype;
          check (&k, &rows[i], smooth[j % G_N_ELEMENTS (smooth)], j % META_NETS);
        }
  draws_tell (what, k.draws / 2, k.worst);
}

static void
test_factor (void)
{
  meta_each (13, "loss times c, SGD's rate by c", NULL, NULL, check_factor);
  each_optimiser (13, "loss times c, every optimiser", 6, 10, check_scaling);
}

/* --- 20 --- */
/* Four epochs: full batches; minibatches of all rows, which the sampler leaves in their order, so that not a bit differs; and all rows in
 * another order each time. */
static void
check_full_batch (MetaCheck *k, Meta *a, Dice *d)
{
  guint n = 2 + dice (d, 6), b;
  g_autofree double *theta = meta_theta (a, d), *p = g_new (double, a->n), *q = g_new (double, a->n), *r = g_new (double, a->n);
  double *const paths[] = { p, q, r };
  MetaData data = meta_data (a, d, n), part;
  ChainSampler full, mini;
  guint order[8];

  chain_sampler_init (&full, n, 0, CHAIN_ORDER_SEQUENTIAL, FALSE, k->seed);
  chain_sampler_init (&mini, n, n, CHAIN_ORDER_SHUFFLE, FALSE, k->seed);
  for (guint which = 0; which < 3; which++)
    for (guint step = 0; step < 4; step++)
      {
        const guint *rows = which == 2 ? order : chain_sampler_next (which ? &mini : &full, &b);

        dice_permutation (d, order, n);
        g_assert_cmpuint (b, ==, n);
        part = meta_data_rows (a, &data, rows, b);
        meta_step (a, k->dtype, step ? NULL : theta, &part, paths[which]);
        meta_data_clear (&part);
      }
  g_assert_cmpint (memcmp (p, q, a->n * sizeof (double)), ==, 0);
  meta_expect_all (k, a, "path", r, p, a->n);
  chain_sampler_clear (&full);
  chain_sampler_clear (&mini);
  meta_data_clear (&data);
}

static void
check_full_batch_of (MetaCheck *k, const ChainOptimRow *row, const char *loss, guint net)
{
  Meta a;
  Dice d;

  meta_open (&a, meta_case (loss, NULL), net, &(MetaOptions){ .optimiser = row->info.id });
  dice_init (&d, k->seed);
  check_full_batch (k, &a, &d);
  meta_close (&a);
}

static void
test_full_batch (void)
{
  static const MetaParam slow[] = { { "lr", 1e-3 }, { NULL, 0 } };
  const MetaOptions sgd = { .optimiser_params = slow };

  meta_each (20, "a minibatch of all rows", NULL, &sgd, check_full_batch);
  each_optimiser (20, "a minibatch of all rows, every optimiser", 6, 1000, check_full_batch_of);
}

/* --- 21 --- */
/* The next w of one parameter of m x n from its gradient, worked by hand. eps as set below. */
typedef void (*Hand) (const double *w, const double *g, guint m, guint n, double lr, double *out);

#define EPS 1e-3

static double
length (const double *v, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += v[i] * v[i];
  return sqrt (sum);
}

#define BY_ENTRY(name, step) \
  static void name (const double *w, const double *g, guint m, guint n, double lr, double *out) \
  { for (gsize i = 0; i < (gsize) m * n; i++) out[i] = w[i] - (step); }

BY_ENTRY (hand_sgd, lr * g[i])
BY_ENTRY (hand_sign, lr * ((g[i] > 0) - (g[i] < 0)))
BY_ENTRY (hand_outside, lr * g[i] / (fabs (g[i]) + EPS))
BY_ENTRY (hand_inside, lr * g[i] / sqrt (g[i] * g[i] + EPS))
BY_ENTRY (hand_delta, lr * sqrt (EPS) / sqrt (0.1 * g[i] * g[i] + EPS) * g[i])
BY_ENTRY (hand_belief, lr * g[i] / (sqrt (EPS) + EPS))
BY_ENTRY (hand_lars, lr * 0.001 * length (w, (gsize) m * n) / (length (g, (gsize) m * n) + EPS) * g[i])

static void
hand_lamb (const double *w, const double *g, guint m, guint n, double lr, double *out)
{
  gsize size = (gsize) m * n;
  g_autofree double *u = g_new (double, size);

  for (gsize i = 0; i < size; i++)
    u[i] = g[i] / (fabs (g[i]) + EPS);
  for (gsize i = 0; i < size; i++)
    out[i] = w[i] - lr * length (w, size) / length (u, size) * u[i];
}

/* v = R C / mean R of a matrix; of a vector g², where u is its sign. Then no longer than 1 a root mean square. */
static void
hand_adafactor (const double *w, const double *g, guint m, guint n, double lr, double *out)
{
  g_autofree double *row = g_new0 (double, m), *col = g_new0 (double, n), *u = g_new (double, (gsize) m * n);
  double mean = 0, rms;

  for (guint i = 0; i < m * n; i++)
    {
      row[i / n] += g[i] * g[i] / n;
      col[i % n] += g[i] * g[i] / m;
      mean += g[i] * g[i] / n / m;
    }
  for (guint i = 0; i < m * n; i++)
    u[i] = g[i] / (m > 1 ? sqrt (row[i / n] * col[i % n] / mean) : fabs (g[i]));
  rms = length (u, (gsize) m * n) / sqrt ((double) m * n);
  for (guint i = 0; i < m * n; i++)
    out[i] = w[i] - lr * u[i] / fmax (1, rms);
}

/* X ← 3.4445 X + (−4.775 A + 2.0315 A²) X, A = X Xᵀ, five times, X wide. */
static void
newton_schulz (double *x, guint m, guint n)
{
  g_autofree double *a = g_new (double, m * m), *c = g_new (double, m * m), *y = g_new (double, m * n);

  for (guint round = 0; round < 5; round++)
    {
      for (guint i = 0; i < m * m; i++)
        {
          a[i] = 0;
          for (guint k = 0; k < n; k++)
            a[i] += x[i / m * n + k] * x[i % m * n + k];
        }
      for (guint i = 0; i < m * m; i++)
        {
          c[i] = -4.775 * a[i];
          for (guint k = 0; k < m; k++)
            c[i] += 2.0315 * a[i / m * m + k] * a[k * m + i % m];
        }
      for (guint i = 0; i < m * n; i++)
        {
          y[i] = 3.4445 * x[i];
          for (guint k = 0; k < m; k++)
            y[i] += c[i / n * m + k] * x[k * n + i % n];
        }
      memcpy (x, y, m * n * sizeof (double));
    }
}

static void
hand_muon (const double *w, const double *g, guint m, guint n, double lr, double *out)
{
  gboolean tall = m > n;
  g_autofree double *x = g_new (double, m * n);
  double size = length (g, (gsize) m * n) + 1e-7;

  if (m == 1)
    {
      hand_outside (w, g, m, n, 0.01, out);   /* adam_lr */
      return;
    }
  for (guint i = 0; i < m * n; i++)
    x[tall ? i % n * m + i / n : i] = g[i] / size;
  newton_schulz (x, tall ? n : m, tall ? m : n);
  for (guint i = 0; i < m * n; i++)
    out[i] = w[i] - lr * sqrt (fmax (1, (double) m / n)) * x[tall ? i % n * m + i / n : i];
}

/* first: only the first step is that simple. */
typedef struct { const char *id, *variant; MetaParam params[6]; Hand next; gboolean first; } Degenerate;

static const Degenerate degenerates[] = {
  { "sgd", NULL, { { "momentum", 0 } }, hand_sgd, FALSE },
  { "sgd", NULL, { { "momentum", 0 }, { "nesterov", 1 } }, hand_sgd, FALSE },
  { "momentum", NULL, { { "alpha", 0 } }, hand_sgd, FALSE },
  { "nesterov", NULL, { { "alpha", 0 } }, hand_sgd, FALSE },
  { "rmsprop", "pytorch", { { "rho", 0 }, { "eps", EPS } }, hand_outside, FALSE },
  { "rmsprop", "slide_goodfellow_8.5_eps_inside", { { "rho", 0 }, { "eps", EPS } }, hand_inside, FALSE },
  { "adagrad", "pytorch", { { "eps", EPS } }, hand_outside, TRUE },
  { "adagrad", "goodfellow_8.4", { { "eps", EPS } }, hand_outside, TRUE },
  { "adagrad", "keras_optax_eps_inside", { { "eps", EPS } }, hand_inside, TRUE },
  { "adadelta", NULL, { { "rho", 0.9 }, { "eps", EPS } }, hand_delta, TRUE },
  { "rprop", NULL, { { NULL, 0 } }, hand_sign, TRUE },
  { "adam", "standard", { { "beta1", 0 }, { "beta2", 0 }, { "eps", EPS } }, hand_outside, FALSE },
  { "adam", "slide_eps_inside_root", { { "beta1", 0 }, { "beta2", 0 }, { "eps", EPS } }, hand_inside, FALSE },
  { "adam", "keras_epsilon_hat", { { "beta1", 0 }, { "beta2", 0 }, { "eps", EPS } }, hand_outside, FALSE },
  { "adamw", NULL, { { "beta1", 0 }, { "beta2", 0 }, { "eps", EPS }, { "weight_decay", 0 } }, hand_outside, FALSE },
  { "amsgrad", NULL, { { "beta1", 0 }, { "beta2", 0 }, { "eps", EPS } }, hand_outside, TRUE },
  { "adamax", NULL, { { "beta1", 0 }, { "beta2", 0 }, { "eps", EPS } }, hand_outside, FALSE },
  { "nadam", NULL, { { "beta1", 0 }, { "beta2", 0 }, { "eps", EPS } }, hand_outside, FALSE },
  { "radam", NULL, { { "beta1", 0 } }, hand_sgd, FALSE },
  { "yogi", NULL, { { "beta1", 0 }, { "beta2", 0 }, { "eps", EPS }, { "initial_accumulator", 0 } }, hand_outside, TRUE },
  { "adabelief", NULL, { { "beta1", 0 }, { "beta2", 0 }, { "eps", EPS }, { "eps_outside", EPS } }, hand_belief, FALSE },
  { "lamb", NULL, { { "beta1", 0 }, { "beta2", 0 }, { "eps", EPS }, { "weight_decay", 0 } }, hand_lamb, FALSE },
  { "lion", NULL, { { "beta1", 0 } }, hand_sign, FALSE },
  { "sign_sgd", NULL, { { NULL, 0 } }, hand_sign, FALSE },
  { "signum", NULL, { { "beta", 0 } }, hand_sign, FALSE },
  { "lars", NULL, { { "momentum", 0 }, { "weight_decay", 0 }, { "eps", EPS } }, hand_lars, FALSE },
  { "langevin", NULL, { { "temperature", 0 } }, hand_sgd, FALSE },
  { "gradient_noise", NULL, { { "eta", 0 } }, hand_sgd, FALSE },
  { "schedule_free_sgd", NULL, { { "beta", 0 } }, hand_sgd, FALSE },
  { "schedule_free_adamw", NULL, { { "beta", 0 }, { "beta2", 0 }, { "eps", EPS } }, hand_outside, FALSE },
  { "sam", "sgd", { { "rho", 0 } }, hand_sgd, FALSE },
  { "asam", "sgd", { { "rho", 0 } }, hand_sgd, FALSE },
  { "lookahead", "sgd", { { "alpha", 1 }, { "k", 1 } }, hand_sgd, FALSE },
  { "adafactor", NULL, { { "scale_parameter", 0 } }, hand_adafactor, TRUE },
  { "muon", "rows_over_cols", { { "momentum", 0 }, { "adam_beta1", 0 }, { "adam_beta2", 0 }, { "adam_eps", EPS } }, hand_muon, FALSE },
};

static void
check_degenerate (MetaCheck *k, const Degenerate *s, const char *loss, guint net)
{
  const ChainOptimRow *row = chain_optim_row (s->id);
  double lr = default_of (&row->info, "lr");
  Meta a;
  Dice d;

  meta_open (&a, meta_case (loss, NULL), net,
             &(MetaOptions){ .optimiser = s->id, .optimiser_variant = s->variant, .optimiser_params = s->params[0].name ? s->params : no_params });
  dice_init (&d, k->seed);
  g_autofree double *now = meta_theta (&a, &d), *next = g_new (double, a.n), *hand = g_new (double, a.n);
  MetaData data = meta_data (&a, &d, 1 + dice (&d, 6));
  for (guint step = 0; step < (s->first ? 1 : 3); step++)
    {
      MetaValue v = meta_run (&a, k->dtype, now, &data);
      gsize at = 0;

      for (guint i = 0; i < a.m->params->len; i++)
        {
          const ChainTensorInfo *p = &g_array_index (a.m->params, ChainTensorInfo, i);

          s->next (now + at, v.grad + at, p->rows, p->cols, lr, hand + at);
          at += (gsize) p->rows * p->cols;
        }
      meta_step (&a, k->dtype, step ? NULL : now, &data, next);
      meta_expect_all (k, &a, "weight", next, hand, a.n);
      memcpy (now, next, a.n * sizeof (double));
      meta_value_clear (&v);
    }
  meta_data_clear (&data);
  meta_close (&a);
}

static void
test_degenerate (void)
{
  MetaCheck k = { .test = 21, .scale = 10 };
  guint n, per_row = draws_count (1000 / G_N_ELEMENTS (degenerates) + 1);
  const ChainOptimRow *rows = chain_table_optims (&n);

  for (guint i = 0; i < n; i++)
    {
      guint found = 0;

      for (guint j = 0; j < G_N_ELEMENTS (degenerates); j++)
        found += g_str_equal (degenerates[j].id, rows[i].info.id);
      if (found == 0)
        g_error ("no setting in which optimiser “%s” is simple", rows[i].info.id);
    }
  for (guint j = 0; j < G_N_ELEMENTS (degenerates); j++)
    for (guint i = 0; i < per_row; i++)
      {
        k.seed = draws_seed_of (21, k.draws);
        k.dtype = (ChainDtype) (k.draws++ % 2);
        check_degenerate (&k, &degenerates[j], smooth[i % G_N_ELEMENTS (smooth)], i % META_NETS);
      }
  g_assert_cmpuint (k.draws, >=, 1000);
  draws_tell ("degenerate settings", k.draws, k.worst);
}

/* Momentum 0 = gradient descent, bit for bit: both forms of momentum, and Nesterov's of today. His first form builds the network a second
 * time, whose sums may be contracted in another order: it is held to the bar. */
static void
test_momentum_zero (void)
{
  static const MetaParam rate[] = { { "lr", 0.07 }, { NULL, 0 } }, zero[] = { { "lr", 0.07 }, { "alpha", 0 }, { NULL, 0 } };
  static const MetaParam ahead[] = { { "lr", 0.07 }, { "momentum", 0 }, { "nesterov", 1 }, { NULL, 0 } };
  const MetaOptions ways[] = { { .optimiser = "sgd", .optimiser_params = rate },      { .optimiser = "sgd", .optimiser_params = ahead },
                               { .optimiser = "momentum", .optimiser_params = zero }, { .optimiser = "nesterov", .optimiser_params = zero } };
  MetaCheck k = { .test = 21 };
  guint n;
  const MetaCase *cases = meta_cases (&n);

  for (guint i = 0; i < n; i++)
    for (int dtype = 0; dtype < 2; dtype++)
      {
        double *path[G_N_ELEMENTS (ways)];

        for (guint w = 0; w < G_N_ELEMENTS (ways); w++)
          {
            Meta a;
            Dice d;

            meta_open (&a, &cases[i], i % META_NETS, &ways[w]);
            dice_init (&d, draws_seed_of (21, 500000 + i));
            g_autofree double *theta = meta_theta (&a, &d);
            MetaData data = meta_data (&a, &d, 5);
            path[w] = g_new (double, a.n);
            for (guint step = 0; step < 5; step++)
              meta_step (&a, (ChainDtype) dtype, step ? NULL : theta, &data, path[w]);
            k.dtype = (ChainDtype) dtype;
            k.seed = draws_seed_of (21, 500000 + i);
            meta_expect_all (&k, &a, "path", path[w], path[0], a.n);
            if (w < 3 && memcmp (path[0], path[w], a.n * sizeof (double)) != 0)
              g_error ("%s/%s: %s with momentum 0 is not gradient descent", cases[i].row->info.id, cases[i].variant, ways[w].optimiser);
            meta_data_clear (&data);
            meta_close (&a);
          }
        for (guint w = 0; w < G_N_ELEMENTS (ways); w++)
          g_free (path[w]);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/property/13-loss-times-c", test_factor);
  g_test_add_func ("/property/20-full-batch", test_full_batch);
  g_test_add_func ("/property/21-degenerate-settings", test_degenerate);
  g_test_add_func ("/property/21-momentum-zero", test_momentum_zero);
  return g_test_run ();
}
