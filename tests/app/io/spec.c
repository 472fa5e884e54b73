/* SPDX-License-Identifier: Apache-2.0 */
/* Specs as JSON: what is read is what is written, faults are told by place, unknown keys live, `--set` knows every key. */
#include "app/io/spec-io.h"
#include "tests/app/io/kit.h"

#include <string.h>

#define HEAD "{\"format\": \"chainrule/1\""

static ChainSpec *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  ChainSpec *s = chain_spec_from_json (text, strlen (text), NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (s);
  return s;
}

static void
assert_round_trip (const ChainSpec *s)
{
  g_autofree char *text = chain_spec_to_json (s), *again = NULL;
  g_autoptr (ChainSpec) back = parse (text);

  g_assert_true (chain_spec_equal (s, back));
  again = chain_spec_to_json (back);
  g_assert_cmpstr (text, ==, again);
}

/* --- everything that a spec can say --- */
static const char *const everything =
  HEAD ",\n \"name\": \"all\", \"note\": \"n\",\n"
  " \"data\": {\"source\": \"file\", \"id\": \"iris\", \"params\": {\"n\": 7, \"noise\": 0.1}, \"seed\": \"18446744073709551615\", \"path\": \"a.csv\", \"labels\": \"l\","
  "   \"format\": \"csv\", \"delimiter\": \";\", \"header\": false, \"sha256\": \"ab\", \"inputs\": [\"a\", \"b\"], \"targets\": \"t1\", \"ignore\": [\"z\"],"
  "   \"task\": \"regress\", \"test\": 0.25, \"stratify\": false, \"scale_inputs\": \"minmax\", \"scale_targets\": \"none\", \"missing\": \"drop\", \"limit\": 50},\n"
  " \"network\": {\"inputs\": [{\"name\": \"left\", \"size\": 3}, {\"name\": \"right\", \"size\": 2}],\n"
  "  \"layers\": [\n"
  "   {\"id\": \"d1\", \"inputs\": [\"left\"], \"units\": 4, \"activation\": {\"id\": \"leaky_relu\", \"variant\": \"v\", \"params\": {\"alpha\": 0.02}}, \"dropout\": 0.5,"
  "    \"initialiser\": \"he_normal\", \"rate\": 0.5, \"decay\": 0.001, \"frozen\": true, \"note\": \"hm\", \"unit_ids\": [3, 1, 9, 4], \"next_unit_id\": 12, \"off\": [9]},\n"
  "   {\"id\": \"d2\", \"units\": 2, \"variant\": \"w\", \"params\": {\"bias\": false, \"f\": \"x^2\"}}],\n"
  "  \"outputs\": [\"d2\"]},\n"
  " \"losses\": [\"mse\", {\"id\": \"huber\", \"variant\": \"v\", \"params\": {\"delta\": 2}, \"reduction\": \"sum\", \"weight\": 0.5,"
  "   \"inputs\": {\"pred\": \"d2\", \"target\": \"t1\"}, \"trains\": [\"d1\"]}],\n"
  " \"initialiser\": {\"id\": \"normal\", \"params\": {\"sigma\": 0.1}}, \"bias_initialiser\": \"constant\",\n"
  " \"optimiser\": {\"id\": \"sgd\", \"params\": {\"lr\": 0.1}},"
  " \"regularisers\": [\"l1\", {\"id\": \"max_norm\", \"variant\": \"v\", \"params\": {\"c\": 3}}],\n"
  " \"schedule\": {\"id\": \"step\", \"params\": {\"every\": 3}, \"per\": \"epoch\"},\n"
  " \"batch\": {\"size\": 8, \"order\": \"replacement\", \"drop_last\": true},\n"
  " \"training\": {\"epochs\": 2.5, \"steps\": 9, \"seed\": 9007199254740993, \"precision\": \"f64\", \"eval_every\": 3, \"target_loss\": 1e-3,"
  "   \"early_stopping\": {\"patience\": 4, \"min_delta\": 0.01}, \"keep_best\": true}}\n";

static void
test_everything (void)
{
  g_autoptr (ChainSpec) s = parse (everything);
  const ChainLayer *d1 = s->layers->pdata[0], *d2 = s->layers->pdata[1];
  const ChainLossTerm *mse = s->losses->pdata[0], *huber = s->losses->pdata[1];
  double v;

  g_assert_cmpuint (s->regularisers->len, ==, 2);
  g_assert_cmpstr (((const ChainChoice *) s->regularisers->pdata[1])->variant, ==, "v");
  g_assert_true (chain_choice_param (s->regularisers->pdata[1], "c", &v) && v == 3);
  g_assert_cmpstr (s->name, ==, "all");
  g_assert_cmpint (s->data.source, ==, CHAIN_SOURCE_FILE);
  g_assert_true (s->data.seed == G_MAXUINT64 && s->seed == 9007199254740993u);
  g_assert_false (s->data.header);
  g_assert_cmpuint (s->data.targets->len, ==, 1);
  g_assert_cmpuint (d1->units, ==, 4);
  g_assert_cmpuint (g_array_index (d1->unit_ids, guint32, 2), ==, 9);
  g_assert_cmpuint (d1->next_unit_id, ==, 12);
  g_assert_true (chain_layer_is_off (d1, 2));
  g_assert_false (chain_layer_is_off (d1, 0));
  g_assert_true (chain_choice_param (&d1->activation, "alpha", &v) && v == 0.02);
  g_assert_cmpstr (d2->inputs->pdata[0], ==, "d1");   /* left out: the layer before */
  g_assert_true (chain_choice_param (&d2->params, "bias", &v) && v == 0);
  g_assert_cmpstr (chain_choice_text (&d2->params, "f"), ==, "x^2");
  g_assert_cmpstr (d2->params.variant, ==, "w");
  g_assert_cmpstr (mse->choice.id, ==, "mse");
  g_assert_cmpstr (huber->sources->pdata[1], ==, "t1");
  g_assert_true (s->schedule_per_epoch && s->drop_last && s->stop.early_stopping && s->stop.keep_best);
  g_assert_cmpint (s->precision, ==, CHAIN_F64);
  assert_round_trip (s);
}

static void
run_round_trips (const char *locale)
{
  g_autoptr (ChainSpec) example = chain_spec_example ();
  g_autoptr (ChainSpec) empty = chain_spec_new ();
  g_autoptr (ChainSpec) all = parse (everything);
  static char *first;
  g_autofree char *text = chain_spec_to_json (all);

  assert_round_trip (example);
  assert_round_trip (empty);
  assert_round_trip (all);
  if (!first)
    first = g_steal_pointer (&text);
  else
    g_assert_cmpstr (first, ==, text);
}

static void
test_round_trips (void)
{
  kit_in_locales (run_round_trips);
}

/* --- faults, each with its sentence --- */
static const struct { const char *text, *says; ChainErrorCode code; } faults[] = {
  { "", "line 1, column 1: the text is empty", CHAIN_ERROR_EMPTY },
  { "[]", "an object is expected", CHAIN_ERROR_SPEC },
  { "{}", "format: this is not a Chainrule document", CHAIN_ERROR_SPEC },
  { "{\"format\": 1}", "line 1, column 12: format: this is not a Chainrule document", CHAIN_ERROR_SPEC },
  { "{\"format\": \"onnx/1\"}", "this is not a Chainrule document", CHAIN_ERROR_SPEC },
  { "{\"format\": \"chainrule/2\"}", "made by a newer Chainrule (format 2; this reads 1)", CHAIN_ERROR_SPEC },
  { "{\"format\": \"chainrule/2.0\"}", "made by a newer Chainrule (format 2.0; this reads 1)", CHAIN_ERROR_SPEC },
  { "{\"format\": \"chainrule/1000000000\"}", "made by a newer Chainrule (format 1000000000", CHAIN_ERROR_SPEC },
  { "{\"format\": \"chainrule/0\"}", "there is no format 0", CHAIN_ERROR_SPEC },
  { "{\"format\": \"chainrule/-1\"}", "is not a version", CHAIN_ERROR_SPEC },
  { "{\"format\": \"chainrule/1e9\"}", "is not a version", CHAIN_ERROR_SPEC },
  { "{\"format\": \"chainrule/\"}", "is not a version", CHAIN_ERROR_SPEC },
  { "{\"format\": \"chainrule/1.\"}", "is not a version", CHAIN_ERROR_SPEC },
  { HEAD ",\n\n  \"name\": 3}", "line 3, column 11: name: a text is expected", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": []}", "network: an object is expected", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"layers\": {}}}", "network.layers: a list is expected", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"layers\": [3]}}", "network.layers[0]: a layer is an object", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"layers\": [{}]}}", "network.layers[0].id: a layer needs an “id”", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"layers\": [{\"id\": \"a\"},\n {\"id\": \"b\", \"units\": -2}]}}", "line 2, column 23: network.layers[1].units: a whole number", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"layers\": [{\"id\": \"b\", \"units\": 2.5}]}}", "network.layers[0].units: a whole number", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"layers\": [{\"id\": \"b\", \"units\": 2000000}]}}", "at most 1000000", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"layers\": [{\"id\": \"b\", \"units\": 9999999999}]}}", "is too large", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"layers\": [{\"id\": \"b\", \"inputs\": [1]}]}}", "network.layers[0].inputs: a list of texts", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"layers\": [{\"id\": \"b\", \"activation\": 7}]}}", "network.layers[0].activation: the name of a row", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"layers\": [{\"id\": \"b\", \"activation\": {\"id\": 7}}]}}", "network.layers[0].activation.id: a text", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"layers\": [{\"id\": \"b\", \"units\": 2, \"unit_ids\": [1]}]}}", "network.layers[0].unit_ids: a list of 2 numbers", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"layers\": [{\"id\": \"b\", \"units\": 2, \"off\": [2]}]}}", "network.layers[0].off: there is no unit with the id 2", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"layers\": [{\"id\": \"b\", \"frozen\": 1}]}}", "frozen: true or false", CHAIN_ERROR_SPEC },
  { HEAD ", \"network\": {\"inputs\": [{}]}}", "network.inputs[0]: an object with “name”", CHAIN_ERROR_SPEC },
  { HEAD ", \"losses\": [{}]}", "losses[0]: the name of a loss", CHAIN_ERROR_SPEC },
  { HEAD ", \"losses\": [{\"id\": \"mse\", \"weight\": \"1\"}]}", "losses[0].weight: a number", CHAIN_ERROR_SPEC },
  { HEAD ", \"losses\": [{\"id\": \"mse\", \"inputs\": [1]}]}", "losses[0].inputs: an object from role", CHAIN_ERROR_SPEC },
  { HEAD ", \"losses\": [{\"id\": \"mse\", \"reduction\": null}]}", "losses[0].reduction", CHAIN_ERROR_SPEC },
  { HEAD ", \"optimiser\": {\"id\": \"sgd\", \"params\": []}}", "optimiser.params: an object", CHAIN_ERROR_SPEC },
  { HEAD ", \"optimiser\": {\"id\": \"sgd\", \"params\": {\"lr\": [1]}}}", "optimiser.params.lr: a number or a text", CHAIN_ERROR_SPEC },
  { HEAD ", \"schedule\": {\"per\": \"day\"}}", "schedule.per: one of step, epoch", CHAIN_ERROR_SPEC },
  { HEAD ", \"batch\": {\"order\": \"random\"}}", "batch.order: one of shuffle, sequential, replacement, balanced, undersample", CHAIN_ERROR_SPEC },
  { HEAD ", \"training\": {\"precision\": \"f16\"}}", "training.precision: one of f32, f64", CHAIN_ERROR_SPEC },
  { HEAD ", \"training\": {\"early_stopping\": 3}}", "training.early_stopping: an object", CHAIN_ERROR_SPEC },
  { HEAD ", \"training\": {\"early_stopping\": {\"patience\": true}}}", "training.early_stopping.patience: a whole number", CHAIN_ERROR_SPEC },
  { HEAD ", \"data\": {\"source\": \"web\"}}", "data.source: one of generator, bundled, file, embedded", CHAIN_ERROR_SPEC },
  { HEAD ", \"data\": {\"seed\": \"x\"}}", "data.seed: a whole number", CHAIN_ERROR_SPEC },
  { HEAD ", \"name\": \"a\", \"name\": \"b\"}", "duplicate", CHAIN_ERROR_DUPLICATE },
  { HEAD ", \"name\": \"\x1b\"}", "line 1, column", CHAIN_ERROR_SYNTAX },
};

static void
test_faults (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (chain_spec_from_json (faults[i].text, strlen (faults[i].text), NULL, &error));
      g_assert_nonnull (error);
      if (error->code != (int) faults[i].code || !strstr (error->message, faults[i].says))
        g_error ("%s: expected “%s”, got “%s” (%s)", faults[i].text, faults[i].says, error->message, chain_error_name (error->code));
    }
}

/* --- unknown keys --- */
static void
test_unknown_keys (void)
{
  static const char *const kept[] = { "future_root", "future_data", "future_network", "future_layer", "future_activation", "future_loss", "future_optimiser",
                                      "future_batch", "future_training", "future_schedule", "chainrule/1.7" };
  const char *text = "{\"format\": \"chainrule/1.7\", \"future_root\": [1, {\"a\": null}], \"data\": {\"future_data\": 1},"
                     "\"network\": {\"future_network\": 1, \"layers\": [{\"id\": \"a\", \"units\": 1}, {\"id\": \"b\", \"units\": 2, \"future_layer\": \"x\","
                     " \"activation\": {\"id\": \"tanh\", \"future_activation\": 1}, \"dropout\": 0.5}]}, \"losses\": [{\"id\": \"mse\", \"future_loss\": 2}],"
                     "\"optimiser\": {\"id\": \"sgd\", \"future_optimiser\": 1}, \"batch\": {\"future_batch\": 0}, \"training\": {\"future_training\": 0},"
                     "\"schedule\": {\"future_schedule\": 1}}";
  g_autoptr (ChainSpec) s = parse (text);
  g_autofree char *out = chain_spec_to_json (s), *after = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    g_assert_nonnull (strstr (out, kept[i]));
  /* Known keys come from the spec, not from the old text: what was set back to its default stays away. */
  ((ChainLayer *) s->layers->pdata[1])->dropout = 0;
  g_ptr_array_remove_index (s->layers, 0);
  after = chain_spec_to_json (s);
  g_assert_null (strstr (after, "dropout"));
  g_assert_nonnull (strstr (after, "future_layer"));   /* found by its id, though it moved */
}

/* --- --set --- */
static const struct { const char *path, *value, *says; } sets[] = {
  { "optimiser.params.lr", "0.25", NULL },
  { "optimiser.params.brand_new", "1", NULL },
  { "network.layers.d2.units", "7", NULL },
  { "network.layers.0.activation", "tanh", NULL },
  { "network.layers.d1.activation.params.alpha", "0.5", NULL },
  { "batch.size", "32", NULL },
  { "batch.order", "sequential", NULL },
  { "training.target_loss", "null", NULL },
  { "training.early_stopping", "false", NULL },
  { "training.early_stopping.patience", "5", NULL },
  { "data.inputs", "[\"q\"]", NULL },
  { "name", "3 moons", NULL },
  { "optimiser", "adam", NULL },
  { "losses.0.weight", "2", NULL },
  { "losses.mse.weight", "2", NULL },
  { "schedule.id", "cosine", NULL },
  { "batch.sise", "32", "batch.sise: there is no “sise” here; there are size, order, frequencies, drop_last" },
  { "batch", "3", "batch: an object is expected" },
  { "network.layers.d9.units", "3", "there is no “d9” here" },
  { "network.layers.99.units", "3", "there is no “99” here" },
  { "batch.size", "many", "batch.size: a whole number" },
  { "batch.size.x", "1", "there is no “x” here" },
  { "batch.size", "1,5", "batch.size: a whole number" },
  { "optimiser.params.lr", "nan", NULL },   /* a text parameter: the table refuses it by name when the spec is validated */
  { "", "1", "a path such as batch.size is expected" },
};

static void
test_set (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      g_autoptr (ChainSpec) s = parse (everything);
      g_autoptr (ChainSpec) before = chain_spec_copy (s);
      g_autoptr (GError) error = NULL;
      gboolean ok = chain_spec_set_path (s, sets[i].path, sets[i].value, &error);

      if (sets[i].says)
        {
          g_assert_false (ok);
          if (!strstr (error->message, sets[i].says))
            g_error ("--set %s=%s: expected “%s”, got “%s”", sets[i].path, sets[i].value, sets[i].says, error->message);
          g_assert_true (chain_spec_equal (s, before));
        }
      else
        {
          g_assert_no_error (error);
          g_assert_false (chain_spec_equal (s, before));
          assert_round_trip (s);
        }
    }
}

static void
test_set_values (void)
{
  g_autoptr (ChainSpec) s = parse (everything);
  double v;

  g_assert_true (chain_spec_set_path (s, "network.layers.d1.units", "5", NULL));
  g_assert_cmpuint (((ChainLayer *) s->layers->pdata[0])->units, ==, 5);
  g_assert_true (chain_spec_set_path (s, "optimiser.params.lr", "1e-3", NULL));
  g_assert_true (chain_choice_param (&s->optimiser, "lr", &v) && v == 1e-3);
  g_assert_true (chain_spec_set_path (s, "optimiser.id", "adam", NULL));
  g_assert_cmpstr (s->optimiser.id, ==, "adam");
  g_assert_false (chain_choice_param (&s->optimiser, "lr", &v));   /* a new row begins with its own defaults */
  g_assert_true (chain_spec_set_path (s, "network.layers.d2.id", "e2", NULL));      /* a layer's row is its type: a new name changes nothing else */
  g_assert_cmpstr (((ChainLayer *) s->layers->pdata[1])->params.variant, ==, "w");
  g_assert_true (chain_choice_param (&((ChainLayer *) s->layers->pdata[1])->params, "bias", &v) && v == 0);
  g_assert_true (chain_spec_set_path (s, "network.layers.e2.type", "prelu", NULL));
  g_assert_null (((ChainLayer *) s->layers->pdata[1])->params.variant);
  g_assert_cmpuint (((ChainLayer *) s->layers->pdata[1])->params.params->len, ==, 0);
  g_assert_true (chain_spec_set_path (s, "training.seed", "18446744073709551615", NULL));
  g_assert_true (s->seed == G_MAXUINT64);
}

/* --- the samples are read, valid and stable --- */
static void
test_samples (void)
{
  g_autofree char *dir = kit_data ("../data/samples");
  g_autoptr (GDir) d = g_dir_open (dir, 0, NULL);
  const char *name;
  guint n = 0;

  g_assert_nonnull (d);
  while ((name = g_dir_read_name (d)))
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (ChainSpec) s = NULL;

      if (!g_str_has_suffix (name, ".json"))
        continue;
      s = chain_spec_load (path, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (chain_spec_validate (s, 0, &error));
      g_assert_no_error (error);
      assert_round_trip (s);
      n++;
    }
  g_assert_cmpuint (n, >=, 5);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/io/spec/everything", test_everything);
  g_test_add_func ("/io/spec/round-trips", test_round_trips);
  g_test_add_func ("/io/spec/faults", test_faults);
  g_test_add_func ("/io/spec/unknown-keys", test_unknown_keys);
  g_test_add_func ("/io/spec/set", test_set);
  g_test_add_func ("/io/spec/set-values", test_set_values);
  g_test_add_func ("/io/spec/samples", test_samples);
  status = g_test_run ();
  kit_finish ();
  return status;
}
