/* SPDX-License-Identifier: Apache-2.0 */
/* Figures: evaluation in blocks, small cases by hand, the statistics of a step and what they are called. */
#include "tests/engine/nn/fixture.h"

#include "engine/nn/health.h"

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
test_blocks (void)   /* metrics of many rows in blocks = figures of one batch */
{
  Fixture f = { .s = make_spec () };
  g_autoptr (GError) error = NULL;
  guint n = 2500;
  net_terms (f.s);
  chain_choice_set_param (&f.s->optimiser, "l2", 0.1);
  open_model (&f, 3, 2, 0, n);
  ChainDataset d = { .prep = f.prep, .n = n, .n_train = n, .d = 3, .k = 2, .x = make_numbers (n * 3, 0.3), .t = make_numbers (n * 2, 1.1) };
  ChainEvalPrograms p = chain_eval_programs (f.m, f.x);
  ChainMetrics metrics;
  g_assert_true (chain_evaluate (f.m, f.x, &p, &d, 0, n, &metrics, &error));
  write_leaf (f.x, f.m->x, n, d.x, n * 3);
  write_leaf (f.x, f.m->t, n, d.t, n * 2);
  ChainProgram whole = chain_exec_program (f.x, &f.m->loss_eval, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
  g_assert_true (chain_exec_run (f.x, whole, n, &error));
  g_assert_cmpfloat_with_epsilon (metrics.loss / chain_exec_read_one (f.x, whole, n, f.m->loss_eval), 1, 1e-12);
  g_assert_false (metrics.classify);
  g_autofree double *y = g_new (double, n * 2);
  g_assert_true (chain_predict (f.m, f.x, &p, d.x, n, FALSE, y, &error));
  double size = 0;
  for (guint i = 0; i < n * 2; i++)
    size += fabs (y[i] - d.t[i]) / (n * 2);
  g_assert_cmpfloat_with_epsilon (metrics.mae, size, 1e-12);
  g_free (d.x);
  g_free (d.t);
  close_model (&f);
}

static void
test_small_metrics (void)
{
  static const double y[] = { 1, 2, 4 }, t[] = { 1, 3, 2 }, flat[] = { 2, 2, 2 };
  static const guint truth[] = { 0, 1, 1, 2 }, guess[] = { 0, 1, 2, 2 };
  static const double tie[] = { 0.4, 0.4, 0.2 }, half[] = { 0.5 }, low[] = { 0.49 };
  double r2, mae, rmse;
  guint c[9];
  chain_regression_metrics (y, t, 3, &r2, &mae, &rmse);
  g_assert_cmpfloat_with_epsilon (r2, 1 - 5.0 / 2, 1e-15);
  g_assert_cmpfloat_with_epsilon (mae, 1, 1e-15);
  g_assert_cmpfloat_with_epsilon (rmse, sqrt (5.0 / 3), 1e-15);
  chain_regression_metrics (flat, flat, 3, &r2, &mae, &rmse);
  g_assert_cmpfloat (r2, ==, 1);
  chain_regression_metrics (y, flat, 3, &r2, &mae, &rmse);
  g_assert_cmpfloat (r2, ==, 0);
  chain_confusion (truth, guess, 4, 3, c);
  g_assert_cmpuint (c[0], ==, 1);
  g_assert_cmpuint (c[3 + 2], ==, 1);
  g_assert_cmpuint (c[6 + 2], ==, 1);
  g_assert_cmpuint (chain_predicted_class (tie, 3), ==, 0);
  g_assert_cmpuint (chain_predicted_class (half, 1), ==, 1);
  g_assert_cmpuint (chain_predicted_class (low, 1), ==, 0);
}

static void
test_probe (void)
{
  Fixture f = { .s = make_spec () };
  g_autoptr (GError) error = NULL;
  ChainLayerStat stats[4];
  guint bits[4];
  double w[12], bias[4] = { -50, 3, 3, 3 }, big[16];
  make_layer (f.s, "r", "dense", 4, "relu", "x", NULL);
  make_layer (f.s, "s", "dense", 4, "tanh", "r", NULL);
  make_layer (f.s, "o", "dense", 2, NULL, "s", NULL);
  make_loss (f.s, "mse");
  open_model (&f, 3, 2, 0, ROWS);
  for (guint i = 0; i < 12; i++)
    w[i] = 0.1 * (i % 3 + 1);   /* all units alike */
  for (guint i = 0; i < 16; i++)
    big[i] = 100 * (1 + i);
  write_leaf (f.x, chain_model_tensor (f.m, "r.weight")->leaf, 1, w, 12);
  write_leaf (f.x, chain_model_tensor (f.m, "r.bias")->leaf, 1, bias, 4);
  write_leaf (f.x, chain_model_tensor (f.m, "s.weight")->leaf, 1, big, 16);
  ChainProgram p = chain_probe_program (f.m, f.x);
  g_assert_true (chain_exec_run (f.x, p, ROWS, &error));
  g_assert_true (chain_probe_layers (f.m, f.x, p, ROWS, stats));
  g_assert_cmpfloat (stats[0].dead, ==, 0.25);
  g_assert_cmpfloat (stats[0].symmetric, ==, 1);
  g_assert_cmpfloat (stats[1].symmetric, ==, 0);
  g_assert_cmpfloat (stats[1].saturated, >, 0.5);
  g_assert_true (isfinite (stats[2].grad_rms) && stats[2].grad_rms > 0);
  g_assert_true (isfinite (stats[2].update_ratio) && stats[2].update_ratio > 0);
  chain_health_layers (stats, 3, 1, bits);
  g_assert_true (bits[0] & CHAIN_HEALTH_DEAD);
  g_assert_true (bits[0] & CHAIN_HEALTH_SYMMETRIC);
  g_assert_cmpuint (bits[1] & CHAIN_HEALTH_SATURATED, ==, CHAIN_HEALTH_SATURATED);
  g_assert_cmpuint (bits[2] & (CHAIN_HEALTH_DEAD | CHAIN_HEALTH_SATURATED | CHAIN_HEALTH_SYMMETRIC | CHAIN_HEALTH_NON_FINITE), ==, 0);
  close_model (&f);
}

static void
test_health (void)
{
  ChainLayerStat s[3] = { { .grad_rms = 1e-7 }, { .grad_rms = 0.5 }, { .grad_rms = 0.4 } };
  guint bits[3];
  chain_health_layers (s, 3, 1, bits);
  g_assert_cmpstr (chain_health_name (bits[0]), ==, "vanishing");
  g_assert_cmpstr (chain_health_name (bits[1]), ==, "ok");
  s[0].grad_rms = 0.3;
  s[1].grad_rms = 5000;
  chain_health_layers (s, 3, 1, bits);
  g_assert_cmpstr (chain_health_name (bits[0]), ==, "ok");
  g_assert_cmpstr (chain_health_name (bits[1]), ==, "exploding");
  s[1].grad_rms = 0.5;
  chain_health_layers (s, 3, 2000, bits);
  g_assert_cmpstr (chain_health_name (bits[2]), ==, "exploding");
  s[2].non_finite = 0.1;
  chain_health_layers (s, 3, NAN, bits);
  g_assert_cmpstr (chain_health_name (bits[2]), ==, "not finite");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/metrics/blocks", test_blocks);
  g_test_add_func ("/nn/metrics/small", test_small_metrics);
  g_test_add_func ("/nn/metrics/probe", test_probe);
  g_test_add_func ("/nn/metrics/health", test_health);
  return g_test_run ();
}
