/* SPDX-License-Identifier: Apache-2.0 */
/* Faulty specs, one fault each, with a part of the sentence that a user must see: the place and what is wrong. */
#include "tests/engine/nn/make.h"

#include <string.h>

static ChainSpec *
good_spec (void)
{
  g_autoptr (ChainSpec) example = chain_spec_example ();
  return chain_spec_copy (example);
}

static ChainLayer *layer (ChainSpec *s, guint i) { return s->layers->pdata[i]; }
static ChainLossTerm *loss (ChainSpec *s) { return s->losses->pdata[0]; }

static void
add_input (ChainSpec *s, const char *name, guint size)
{
  ChainInput *in = g_new (ChainInput, 1);
  *in = (ChainInput){ g_strdup (name), size };
  g_ptr_array_add (s->inputs, in);
}

#define FAULT(name, code) static void fault_##name (ChainSpec *s) { code; }
FAULT (no_layers, g_ptr_array_set_size (s->layers, 0))
FAULT (no_loss, g_ptr_array_set_size (s->losses, 0))
FAULT (bad_id, chain_set_str (&layer (s, 2)->id, "d 3"))
FAULT (empty_id, chain_set_str (&layer (s, 2)->id, ""))
FAULT (reserved_id, chain_set_str (&layer (s, 2)->id, "loss"))
FAULT (same_id, chain_set_str (&layer (s, 2)->id, "d1"))
FAULT (no_type, chain_set_str (&layer (s, 1)->type, "dens"))
FAULT (no_input, g_ptr_array_set_size (layer (s, 1)->inputs, 0))
FAULT (unknown_input, chain_set_str ((char **) &layer (s, 1)->inputs->pdata[0], "d9"))
FAULT (later_input, chain_set_str ((char **) &layer (s, 0)->inputs->pdata[0], "d2"))
FAULT (own_input, chain_set_str ((char **) &layer (s, 0)->inputs->pdata[0], "d1"))
FAULT (two_inputs, g_ptr_array_add (layer (s, 1)->inputs, g_strdup ("x")))
FAULT (no_units, chain_layer_set_units (layer (s, 1), 0))
FAULT (too_wide, layer (s, 1)->units = 2000000)
FAULT (unit_count, layer (s, 1)->units = 7)
FAULT (unit_twice, g_array_index (layer (s, 1)->unit_ids, guint32, 1) = 0)
FAULT (unit_late, g_array_index (layer (s, 1)->unit_ids, guint32, 1) = 77)
FAULT (no_activation, chain_choice_set (&layer (s, 0)->activation, "tahn", NULL))
FAULT (no_variant, chain_choice_set (&layer (s, 0)->activation, "tanh", "slide"))
FAULT (no_param, chain_choice_set_param (&layer (s, 0)->params, "width", 3))
FAULT (dropout_high, layer (s, 0)->dropout = 1.5)
FAULT (dropout_nan, layer (s, 0)->dropout = NAN)
FAULT (rate, layer (s, 0)->rate = -1)
FAULT (decay, layer (s, 0)->decay = -0.1)
FAULT (layer_init, chain_choice_set (&layer (s, 0)->initialiser, "xavier", NULL))
FAULT (output, g_ptr_array_add (s->outputs, g_strdup ("d9")))
FAULT (loss_row, chain_choice_set (&loss (s)->choice, "crossentropy", NULL))
FAULT (reduction, chain_set_str (&loss (s)->reduction, "average"))
FAULT (weight, loss (s)->weight = INFINITY)
FAULT (role, make_role (loss (s), "truth", "t"))
FAULT (role_twice, make_role (loss (s), "pred", "d3"); make_role (loss (s), "pred", "d2"))
FAULT (role_layer, make_role (loss (s), "pred", "t"))
FAULT (trains, g_ptr_array_add (loss (s)->trains, g_strdup ("d9")))
FAULT (optimiser, chain_choice_set (&s->optimiser, "sgdm", NULL))
FAULT (lr_zero, chain_choice_set_param (&s->optimiser, "lr", 0))
FAULT (lr_negative, chain_choice_set_param (&s->optimiser, "lr", -0.1))
FAULT (lr_nan, chain_choice_set_param (&s->optimiser, "lr", NAN))
FAULT (beta, chain_choice_set_param (&s->optimiser, "beta1", 1.5))
FAULT (decay_all, chain_choice_set_param (&s->optimiser, "decay_all", 2))
FAULT (clip, chain_choice_set_param (&s->optimiser, "clip_norm", 0))
FAULT (l2, chain_choice_set_param (&s->optimiser, "l2", -1))
FAULT (schedule, chain_choice_set (&s->schedule, "cosinus", NULL))
FAULT (initialiser, chain_choice_set (&s->initialiser, NULL, NULL))
FAULT (bias_init, chain_choice_set (&s->bias_initialiser, "zero", NULL))
FAULT (test_one, s->data.test = 1)
FAULT (test_nan, s->data.test = NAN)
FAULT (scale, chain_set_str (&s->data.scale_inputs, "unit"))
FAULT (target_scale, chain_set_str (&s->data.scale_targets, "minmax"))
FAULT (missing, chain_set_str (&s->data.missing, "median"))
FAULT (task, chain_set_str (&s->data.task, "cluster"))
FAULT (delimiter, chain_set_str (&s->data.delimiter, ";;"))
FAULT (no_path, s->data.source = CHAIN_SOURCE_FILE)
FAULT (no_set, chain_choice_set (&s->data.choice, "moon", NULL))
FAULT (epochs, s->stop.epochs = -1)
FAULT (epochs_inf, s->stop.epochs = INFINITY)
FAULT (patience, s->stop.early_stopping = TRUE; s->stop.patience = 0)
FAULT (eval_every, s->stop.eval_every = 0)
FAULT (min_delta, s->stop.min_delta = NAN)
FAULT (shared_unknown, chain_set_str (&chain_spec_layer (s, "d2")->weights_of, "d9"))
FAULT (shared_later, chain_set_str (&chain_spec_layer (s, "d2")->weights_of, "d3"))
FAULT (shared_shape, chain_set_str (&chain_spec_layer (s, "d2")->weights_of, "d1"))
FAULT (frequency_negative, chain_set_str (&s->frequencies, "1, -2"))
FAULT (frequency_words, chain_set_str (&s->frequencies, "even"))
FAULT (add_widths, make_layer (s, "sum", "add", 0, NULL, "d1", "d3"))
FAULT (glu_width, make_layer (s, "g", "glu", 0, NULL, "d3", NULL))
FAULT (norm_batch, s->batch_size = 1; make_layer (s, "bn", "batch_norm", 0, NULL, "d3", NULL))
FAULT (block_sum, add_input (s, "x", 5))
FAULT (block_zero, add_input (s, "x", 0))
FAULT (block_twice, add_input (s, "x", 1); add_input (s, "x", 1))

#define F(name, words) { #name, fault_##name, words }
static const struct { const char *name; void (*make) (ChainSpec *s); const char *words; } faults[] = {
  F (shared_unknown, "weights of “d9”, which is no earlier layer"), F (shared_later, "weights of “d3”, which is no earlier layer"),
  F (shared_shape, "weights of “d1”, which is of another shape"), F (frequency_negative, "numbers from 0"), F (frequency_words, "“even” is no list"),
  F (no_layers, "no layers"), F (no_loss, "There is no loss"), F (bad_id, "Layer “d 3”: a name has"), F (empty_id, "Layer “”: a name"),
  F (reserved_id, "“loss”: this name is reserved"), F (same_id, "Layer “d1”: this name is used twice"),
  F (no_type, "Layer “d2”: there is no layer type “dens”"), F (no_input, "Layer “d2”: it reads nothing"),
  F (unknown_input, "Layer “d2”: it reads “d9”, which does not exist"), F (later_input, "Layer “d1”: it reads “d2”, which comes later"),
  F (own_input, "Layer “d1”: it reads itself"), F (two_inputs, "Layer “d2”: “dense” reads 1 to 1 inputs, here are 2"),
  F (no_units, "Layer “d2”: a layer has 1 to"), F (too_wide, "Layer “d2”: a layer has 1 to"),
  F (unit_count, "Layer “d2”: 7 units but 6 unit ids"), F (unit_twice, "Layer “d2”: unit id 0 is used twice"),
  F (unit_late, "Layer “d2”: unit id 77"), F (no_activation, "Layer “d1”: there is no activation “tahn”"),
  F (no_variant, "Layer “d1”: “tanh” has no variant “slide”"), F (no_param, "Layer “d1”: “dense” has no parameter “width”"),
  F (dropout_high, "Layer “d1”: dropout"), F (dropout_nan, "Layer “d1”: dropout"), F (rate, "Layer “d1”: the factor on the learning rate"),
  F (decay, "Layer “d1”: weight decay"), F (layer_init, "Layer “d1”: there is no initialiser “xavier”"), F (output, "output “d9”"),
  F (loss_row, "Loss: there is no loss “crossentropy”"), F (reduction, "Loss: the reduction is"), F (weight, "Loss: the weight"),
  F (role, "Loss: “bce_with_logits” has no role “truth”"), F (role_twice, "Loss: the role “pred” is given twice"),
  F (role_layer, "Loss: the role “pred” is played by a layer"), F (trains, "Loss: it trains “d9”"),
  F (optimiser, "Optimiser: there is no optimiser “sgdm”"), F (lr_zero, "Optimiser: the learning rate is a number above 0"),
  F (lr_negative, "Optimiser: the learning rate is a number above 0"), F (lr_nan, "Optimiser: the learning rate is a number above 0"),
  F (beta, "Optimiser: “beta1” of “adam”"), F (decay_all, "Optimiser: “decay_all” is 0 or 1"), F (clip, "Optimiser: “clip_norm”"),
  F (l2, "Optimiser: “l2”"), F (schedule, "Schedule: there is no schedule “cosinus”"),
  F (initialiser, "Initialiser: there is no initialiser"), F (bias_init, "Initialiser of the biases: there is no initialiser “zero”"),
  F (test_one, "Data: the test share"), F (test_nan, "Data: the test share"), F (scale, "Data: inputs are scaled by"),
  F (target_scale, "Data: targets are scaled by"), F (missing, "Data: missing values"), F (task, "Data: the task is"),
  F (delimiter, "Data: the delimiter"), F (no_path, "Data: no file is named"), F (no_set, "Data: there is no data set “moon”"),
  F (epochs, "Stop: the number of epochs"), F (epochs_inf, "Stop: the number of epochs"), F (patience, "Stop: patience"),
  F (eval_every, "Stop: an evaluation"), F (min_delta, "Stop: the least improvement"),
  F (add_widths, "Layer “sum”: it joins values of equal width, but “d1” has 6 and “d3” has 1"),
  F (glu_width, "Layer “g”: it splits its input into groups of 2"), F (norm_batch, "Layer “bn”: batch normalisation needs"),
  F (block_sum, "The input blocks hold 5 columns together, the data has 2"), F (block_zero, "Input “x”: a block has 1 to"),
  F (block_twice, "Input “x”: this name is used twice"),
};

static void
test_good (void)
{
  g_autoptr (ChainSpec) s = good_spec ();
  g_autoptr (GError) error = NULL;
  chain_spec_validate (s, 2, &error);
  g_assert_no_error (error);
  chain_choice_set_param (&s->optimiser, "decay_all", 1);
  chain_choice_set_param (&s->optimiser, "clip_norm", 0.5);
  chain_spec_validate (s, 0, &error);
  g_assert_no_error (error);
}

static void
test_faults (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (ChainSpec) s = good_spec ();
      g_autoptr (GError) error = NULL;
      faults[i].make (s);
      if (chain_spec_validate (s, 2, &error))
        g_error ("“%s” is not found", faults[i].name);
      g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC);
      if (!strstr (error->message, faults[i].words))
        g_error ("%s: “%s” does not hold “%s”", faults[i].name, error->message, faults[i].words);
    }
}

/* Only what a model can build is in the menu of layers. */
static void
test_every_layer_type (void)
{
  guint n;
  const ChainLayerRow *rows = chain_table_layers (&n);
  ChainPrep *prep = make_prep (4, 1, 0);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ChainSpec) s = make_spec ();
      g_autoptr (GError) error = NULL;
      make_layer (s, "a", "dense", 4, NULL, "x", NULL);
      make_layer (s, "b", rows[i].info.id, g_str_equal (rows[i].info.id, "dense") ? 4 : 0, NULL, "a", rows[i].min_inputs > 1 ? "x" : NULL);
      make_layer (s, "c", "dense", 1, NULL, "b", NULL);
      make_loss (s, "mse");
      g_autoptr (ChainModel) m = chain_model_new (s, prep, &error);
      g_assert_no_error (error);
      g_assert_true (chain_graph_validate (m->graph, &error));
    }
  free_prep (prep);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/spec/good", test_good);
  g_test_add_func ("/nn/spec/faults", test_faults);
  g_test_add_func ("/nn/spec/every-layer-type", test_every_layer_type);
  return g_test_run ();
}
