/* SPDX-License-Identifier: Apache-2.0 */
/* Specs: a copy is equal, every changed field is seen, faulty ones are refused with the sentence that names the place, and edits of
 * structure leave ids alone. */
#include "tests/engine/nn/make.h"

#include <string.h>

/* Everything in a spec that can be filled, filled. */
static ChainSpec *
full_spec (void)
{
  g_autoptr (ChainSpec) example = chain_spec_example ();
  ChainSpec *s = chain_spec_copy (example);
  ChainInput *in = g_new (ChainInput, 1);
  *in = (ChainInput){ g_strdup ("x"), 2 };
  g_ptr_array_add (s->inputs, in);
  g_ptr_array_add (s->outputs, g_strdup ("d3"));
  g_ptr_array_add (s->data.inputs, g_strdup ("x1"));
  g_ptr_array_add (s->data.targets, g_strdup ("y"));
  g_ptr_array_add (s->data.ignore, g_strdup ("id"));
  g_ptr_array_add (s->regularisers, chain_choice_new ("l2"));
  make_role (s->losses->pdata[0], "target", "t");
  g_ptr_array_add (((ChainLossTerm *) s->losses->pdata[0])->trains, g_strdup ("d1"));
  return s;
}

static ChainLayer *first_layer (ChainSpec *s) { return s->layers->pdata[0]; }
static ChainLossTerm *first_loss (ChainSpec *s) { return s->losses->pdata[0]; }

#define CHANGE(name, code) static void change_##name (ChainSpec *s) { code; }
CHANGE (name, chain_set_str (&s->name, "other"))
CHANGE (note, chain_set_str (&s->note, "other"))
CHANGE (source, s->data.source = CHAIN_SOURCE_FILE)
CHANGE (data_choice, chain_choice_set_param (&s->data.choice, "n", 301))
CHANGE (data_seed, s->data.seed++)
CHANGE (path, chain_set_str (&s->data.path, "other"))
CHANGE (labels_path, chain_set_str (&s->data.labels_path, "other"))
CHANGE (format, chain_set_str (&s->data.format, "csv"))
CHANGE (delimiter, chain_set_str (&s->data.delimiter, ";"))
CHANGE (header, s->data.header = !s->data.header)
CHANGE (sha, chain_set_str (&s->data.sha256, "00"))
CHANGE (data_inputs, g_ptr_array_set_size (s->data.inputs, 0))
CHANGE (data_targets, g_ptr_array_set_size (s->data.targets, 0))
CHANGE (data_ignore, g_ptr_array_add (s->data.ignore, g_strdup ("more")))
CHANGE (task, chain_set_str (&s->data.task, "regress"))
CHANGE (test, s->data.test = 0.25)
CHANGE (stratify, s->data.stratify = !s->data.stratify)
CHANGE (scale_inputs, chain_set_str (&s->data.scale_inputs, "none"))
CHANGE (scale_targets, chain_set_str (&s->data.scale_targets, "none"))
CHANGE (missing, chain_set_str (&s->data.missing, "drop"))
CHANGE (limit, s->data.limit = 10)
CHANGE (input_name, chain_set_str (&((ChainInput *) s->inputs->pdata[0])->name, "y"))
CHANGE (input_size, ((ChainInput *) s->inputs->pdata[0])->size = 3)
CHANGE (outputs, chain_set_str ((char **) &s->outputs->pdata[0], "d2"))
CHANGE (layer_count, g_ptr_array_remove_index (s->layers, 1))
CHANGE (layer_id, chain_set_str (&first_layer (s)->id, "e"))
CHANGE (layer_type, chain_set_str (&first_layer (s)->type, "add"))
CHANGE (layer_inputs, g_ptr_array_add (first_layer (s)->inputs, g_strdup ("y")))
CHANGE (units, first_layer (s)->units++)
CHANGE (unit_ids, g_array_index (first_layer (s)->unit_ids, guint32, 2) = 99)
CHANGE (next_unit_id, first_layer (s)->next_unit_id++)
CHANGE (off, chain_layer_set_off (first_layer (s), 0, TRUE))
CHANGE (layer_params, chain_choice_set_param (&first_layer (s)->params, "bias", 0))
CHANGE (activation, chain_choice_set (&first_layer (s)->activation, "relu", NULL))
CHANGE (variant, chain_choice_set (&first_layer (s)->activation, "tanh", "other"))
CHANGE (dropout, first_layer (s)->dropout = 0.5)
CHANGE (layer_init, chain_choice_set (&first_layer (s)->initialiser, "zeros", NULL))
CHANGE (rate, first_layer (s)->rate = 2)
CHANGE (decay, first_layer (s)->decay = 0)
CHANGE (frozen, first_layer (s)->frozen = TRUE)
CHANGE (weights_of, chain_set_str (&first_layer (s)->weights_of, "d9"))
CHANGE (layer_note, chain_set_str (&first_layer (s)->note, "hm"))
CHANGE (loss, chain_choice_set (&first_loss (s)->choice, "mse", NULL))
CHANGE (reduction, chain_set_str (&first_loss (s)->reduction, "sum"))
CHANGE (weight, first_loss (s)->weight = 2)
CHANGE (roles, chain_set_str ((char **) &first_loss (s)->roles->pdata[0], "pred"))
CHANGE (sources, chain_set_str ((char **) &first_loss (s)->sources->pdata[0], "x"))
CHANGE (trains, g_ptr_array_set_size (first_loss (s)->trains, 0))
CHANGE (loss_count, make_loss (s, "mse"))
CHANGE (init, chain_choice_set (&s->initialiser, "zeros", NULL))
CHANGE (bias_init, chain_choice_set (&s->bias_initialiser, "constant", NULL))
CHANGE (optimiser, chain_choice_set_param (&s->optimiser, "lr", 0.04))
CHANGE (text_param, chain_choice_set_text (&s->optimiser, "lr", "0.03"))
CHANGE (regulariser, chain_choice_set_param (s->regularisers->pdata[0], "lambda", 0.5))
CHANGE (regulariser_count, g_ptr_array_set_size (s->regularisers, 0))
CHANGE (schedule, chain_choice_set (&s->schedule, "cosine", NULL))
CHANGE (per_epoch, s->schedule_per_epoch = TRUE)
CHANGE (batch, s->batch_size++)
CHANGE (order, s->order = CHAIN_ORDER_SEQUENTIAL)
CHANGE (frequencies, chain_set_str (&s->frequencies, "1, 3"))
CHANGE (drop_last, s->drop_last = TRUE)
CHANGE (seed, s->seed++)
CHANGE (precision, s->precision = CHAIN_F64)
CHANGE (epochs, s->stop.epochs = 3)
CHANGE (steps, s->stop.steps = 3)
CHANGE (target_loss, s->stop.target_loss = 0.1)
CHANGE (eval_every, s->stop.eval_every++)
CHANGE (early, s->stop.early_stopping = TRUE)
CHANGE (patience, s->stop.patience++)
CHANGE (min_delta, s->stop.min_delta = 0.1)
CHANGE (keep_best, s->stop.keep_best = TRUE)

#define C(name) { #name, change_##name }
static const struct { const char *name; void (*change) (ChainSpec *s); } changes[] = {
  C (regulariser), C (regulariser_count), C (name), C (note), C (source), C (data_choice), C (data_seed), C (path), C (labels_path), C (format), C (delimiter), C (header),
  C (sha), C (data_inputs), C (data_targets), C (data_ignore), C (task), C (test), C (stratify), C (scale_inputs), C (scale_targets),
  C (missing), C (limit), C (input_name), C (input_size), C (outputs), C (layer_count), C (layer_id), C (layer_type), C (layer_inputs),
  C (units), C (unit_ids), C (next_unit_id), C (off), C (layer_params), C (activation), C (variant), C (dropout), C (layer_init), C (rate),
  C (decay), C (frozen), C (weights_of), C (layer_note), C (loss), C (reduction), C (weight), C (roles), C (sources), C (trains), C (loss_count),
  C (init), C (bias_init), C (optimiser), C (text_param), C (schedule), C (per_epoch), C (batch), C (order), C (frequencies), C (drop_last), C (seed),
  C (precision), C (epochs), C (steps), C (target_loss), C (eval_every), C (early), C (patience), C (min_delta), C (keep_best),
};

static void
test_copy (void)
{
  g_autoptr (ChainSpec) s = full_spec (), same = chain_spec_copy (s);
  g_assert_true (chain_spec_equal (s, same));
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (ChainSpec) a = chain_spec_copy (s);
      changes[i].change (a);
      g_autoptr (ChainSpec) b = chain_spec_copy (a);
      if (chain_spec_equal (s, a) || chain_spec_equal (a, s))
        g_error ("a change of “%s” is not seen", changes[i].name);
      if (!chain_spec_equal (a, b))
        g_error ("a change of “%s” is not copied", changes[i].name);
    }
  chain_set_str (&same->source_json, "{}");
  g_assert_true (chain_spec_equal (s, same));   /* where it was read from is not what it says */
}

static void
test_choice (void)
{
  g_autoptr (ChainSpec) s = chain_spec_new ();
  ChainChoice *a = &s->optimiser, *b = &s->schedule;
  double v = 0;
  chain_choice_set (a, "adam", "standard");
  chain_choice_set_param (a, "lr", 1);
  chain_choice_set_param (a, "beta1", 0.5);
  chain_choice_set_param (a, "lr", 2);
  g_assert_cmpuint (a->params->len, ==, 2);
  g_assert_true (chain_choice_param (a, "lr", &v));
  g_assert_cmpfloat (v, ==, 2);
  chain_choice_set (b, "adam", "standard");
  chain_choice_set_param (b, "beta1", 0.5);
  chain_choice_set_param (b, "lr", 2);
  g_assert_true (chain_choice_equal (a, b));   /* in whatever order they were given */
  chain_choice_set_text (b, "lr", "x + y");
  g_assert_false (chain_choice_param (b, "lr", &v));
  g_assert_cmpstr (chain_choice_text (b, "lr"), ==, "x + y");
  chain_choice_unset (b, "lr");
  g_assert_null (chain_choice_text (b, "lr"));
  chain_choice_set (a, a->id, NULL);
  g_assert_cmpstr (a->id, ==, "adam");
  g_assert_cmpuint (a->params->len, ==, 0);
}

static void
test_units (void)
{
  ChainLayer *l = chain_layer_new ("d1", "dense");
  chain_layer_set_units (l, 3);
  chain_layer_set_units (l, 1);
  chain_layer_set_units (l, 3);
  g_assert_cmpuint (g_array_index (l->unit_ids, guint32, 0), ==, 0);
  g_assert_cmpuint (g_array_index (l->unit_ids, guint32, 1), ==, 3);   /* a removed unit's id is never given again */
  g_assert_cmpuint (g_array_index (l->unit_ids, guint32, 2), ==, 4);
  chain_layer_free (l);
}

static const ChainLayer *
layer_at (const ChainSpec *s, guint i)
{
  return s->layers->pdata[i];
}

static void
test_insert_remove (void)
{
  g_autoptr (ChainSpec) s = chain_spec_example ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainSpec) a = chain_spec_insert_layer (s, "d1", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (a->layers->len, ==, 4);
  g_assert_cmpstr (layer_at (a, 1)->id, ==, "d4");
  g_assert_cmpstr (layer_at (a, 1)->activation.id, ==, "tanh");
  g_assert_cmpstr (layer_at (a, 1)->inputs->pdata[0], ==, "d1");
  g_assert_cmpstr (layer_at (a, 2)->inputs->pdata[0], ==, "d4");
  g_autoptr (ChainSpec) b = chain_spec_insert_layer (s, NULL, &error);
  g_assert_cmpstr (layer_at (b, 0)->inputs->pdata[0], ==, "x");
  g_assert_cmpstr (layer_at (b, 1)->inputs->pdata[0], ==, "d4");
  g_autoptr (ChainSpec) c = chain_spec_insert_layer (s, "d3", &error);   /* behind the output: in front of it */
  g_assert_cmpstr (layer_at (c, 3)->id, ==, "d3");
  g_assert_cmpstr (layer_at (c, 3)->inputs->pdata[0], ==, "d4");
  g_assert_cmpuint (layer_at (c, 2)->units, ==, 6);
  g_autoptr (ChainSpec) back = chain_spec_remove_layer (a, "d4", &error);
  g_assert_true (chain_spec_equal (back, s));
  g_assert_null (chain_spec_remove_layer (s, "d3", &error));
  g_assert_nonnull (strstr (error->message, "“d3”"));
  g_clear_error (&error);
  g_assert_null (chain_spec_remove_layer (s, "nope", &error));
  g_clear_error (&error);
  g_autoptr (ChainSpec) wide = chain_spec_set_units (s, "d1", 8, &error);
  g_assert_cmpuint (chain_spec_layer_width (wide, "d1", 2), ==, 8);
  g_assert_null (chain_spec_set_units (s, "d1", 0, &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC);
}

static void
test_widths (void)
{
  g_autoptr (ChainSpec) s = make_spec ();
  make_layer (s, "a", "dense", 3, "tanh", "x", NULL);
  make_layer (s, "b", "dense", 4, NULL, "x", NULL);
  make_layer (s, "c", "concat", 0, NULL, "a", "b");
  make_layer (s, "e", "activation", 0, "relu", "c", NULL);
  make_layer (s, "f", "concat", 0, NULL, "e", "x");
  g_assert_cmpuint (chain_spec_layer_width (s, "e", 5), ==, 7);
  g_assert_cmpuint (chain_spec_layer_width (s, "f", 5), ==, 12);
  g_assert_cmpuint (chain_spec_layer_width (s, "f", 0), ==, 0);
  g_assert_cmpuint (chain_spec_layer_width (s, "nope", 5), ==, 0);
}

/* Thousands of layers: widths and checks are not quadratic in what a user can draw. */
static void
test_long (void)
{
  g_autoptr (ChainSpec) s = make_spec ();
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *id = g_strdup_printf ("d%u", i), *before = g_strdup_printf ("d%u", i - 1);
      make_layer (s, id, "dense", 2, "tanh", i ? before : "x", NULL);
    }
  make_loss (s, "mse");
  chain_spec_validate (s, 2, &error);
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/spec/copy", test_copy);
  g_test_add_func ("/nn/spec/choice", test_choice);
  g_test_add_func ("/nn/spec/units", test_units);
  g_test_add_func ("/nn/spec/insert-remove", test_insert_remove);
  g_test_add_func ("/nn/spec/widths", test_widths);
  g_test_add_func ("/nn/spec/long", test_long);
  return g_test_run ();
}
