/* SPDX-License-Identifier: Apache-2.0 */
/* What the window says a step costs, against counts made by hand from the formulas. */
#include "tests/app/train/train-kit.h"

#define B 32

static ChainSnapshot *
snapshot_of (ChainSpec *spec, guint64 *products)
{
  ChainTrainer *t = train_kit_trainer (spec);
  const ChainModel *m = chain_trainer_model (t);
  const ChainId outputs[] = { m->loss_train, m->grad_sq };
  ChainProgram p = chain_exec_program (chain_trainer_exec (t), outputs, 2, (const ChainState *) (gconstpointer) m->states->data, m->states->len,
                                       CHAIN_PLAN_COMMIT);
  const ChainPlan *plan = chain_exec_plan (chain_trainer_exec (t), p, B, NULL);
  ChainSnapshot *s = chain_trainer_snapshot (t, CHAIN_WANT_STATS);

  g_assert_nonnull (plan);
  *products = 0;
  for (guint i = 0; i < plan->n_items; i++)
    if (plan->items[i].op == CHAIN_OP_MATMUL)
      *products += chain_plan_item_flops (m->graph, &plan->items[i], B);
  g_assert_cmpuint (s->batch, ==, B);
  g_assert_cmpuint (s->step_bytes, ==, chain_plan_bytes (plan));
  chain_trainer_free (t);
  return s;
}

static const ChainSnapLayer *
layer (const ChainSnapshot *s, guint i)
{
  return g_ptr_array_index (s->layers, i);
}

/* 2-6-6-1, tanh, cross-entropy from logits, gradient descent, 32 rows. */
static void
test_moons (void)
{
  ChainSpec *spec = train_kit_spec ();
  g_autoptr (ChainSnapshot) s = NULL;
  guint64 products, layers, loss, norm, update;

  chain_choice_set (&spec->optimiser, "sgd", NULL);
  spec->batch_size = B;
  s = snapshot_of (spec, &products);
  g_assert_cmpuint (s->n_params, ==, 2 * 6 + 6 + 6 * 6 + 6 + 6 + 1);
  g_assert_cmpuint (layer (s, 0)->n_params, ==, 18);
  g_assert_cmpuint (layer (s, 1)->n_params, ==, 42);
  g_assert_cmpuint (layer (s, 2)->n_params, ==, 7);
  /* Y = X Wᵀ, W̄ = Ȳᵀ X for each layer, X̄ = Ȳ W for all but the first */
  g_assert_cmpuint (products, ==, 2 * B * (2 * (2 * 6 + 6 * 6 + 6 * 1) + 6 * 6 + 6 * 1));
  /* + b, tanh; 1 − y² (two), times the adjoint, and the sum for b̄ */
  layers = 2 * (2 + 4) * B * 6 + B;
  /* σ(z), −z, two softplus, 1 − t, two products and an addition, the sum and the mean; back: three products, a sigmoid, a sign, a product and an
   * addition, and the sum for the last b̄ */
  loss = B * (5 + 3) + B + 1 + B * (5 + 2) + B;
  /* g · g summed for the five tensors of more than one number, four additions, and the last b̄² */
  norm = 2 * (12 + 6 + 36 + 6 + 6) + 4 + 2;
  update = 2 * 67;                                 /* w − η g */
  g_assert_cmpuint (s->step_flops, ==, products + layers + loss + norm + update);
}

/* 784-128-10, relu. */
static void
test_images (void)
{
  g_autoptr (ChainSnapshot) s = NULL;
  ChainSpec *spec = train_kit_spec ();
  ChainLayer *first = g_ptr_array_index (spec->layers, 0), *last;
  guint64 products;

  spec->data.source = CHAIN_SOURCE_BUNDLED;
  chain_choice_set (&spec->data.choice, "fashion", NULL);
  g_ptr_array_remove_index (spec->layers, 1);
  last = g_ptr_array_index (spec->layers, 1);
  chain_set_str ((char **) &g_ptr_array_index (last->inputs, 0), first->id);
  chain_layer_set_units (first, 128);
  chain_layer_set_units (last, 10);
  chain_choice_set (&first->activation, "relu", NULL);
  chain_choice_set (&last->activation, NULL, NULL);
  chain_choice_set (&((ChainLossTerm *) g_ptr_array_index (spec->losses, 0))->choice, "ce_with_logits", NULL);
  chain_choice_set (&spec->optimiser, "sgd", NULL);
  spec->batch_size = B;
  s = snapshot_of (spec, &products);
  g_assert_cmpuint (s->n_params, ==, 784 * 128 + 128 + 128 * 10 + 10);
  g_assert_cmpuint (products, ==, 2 * B * (2 * (784 * 128 + 128 * 10) + 128 * 10));
  /* the first layer: two products of 784 x 128; + b, relu, where z > 0, times the adjoint, the sum for b̄ */
  g_assert_cmpuint (layer (s, 0)->flops, ==, 2 * 2 * B * 784 * 128 + 5 * B * 128);
  g_assert_cmpuint (s->step_flops, >, products + 2 * s->n_params);
  g_assert_cmpuint (s->step_flops, <, products * 21 / 20);
  g_assert_cmpuint (s->step_bytes, >, 4 * s->n_params);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cost/moons", test_moons);
  g_test_add_func ("/cost/images", test_images);
  return g_test_run ();
}
