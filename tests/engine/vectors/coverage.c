/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing of tests/golden/vectors is left out, and nothing of the tables is untested.
 *
 * Every case of every file of the catalogue is walked: its id is a row, and its variant and its parameters are those of that row, or the
 * case is in one of the small tables below, which say what stands for it and why. The other way round, every row has a case, or a line
 * that names the test which looks at it. A line that nothing needs any more fails as well, so the tables cannot grow stale. */
#include "tests/engine/vectors/vec-kit.h"

#include "engine/graph/ops.h"

#include <string.h>

typedef enum { ACTIVATION, LAYER, LOSS, REGULARISER, INITIALISER, OPTIMISER, SCHEDULE, METRIC, DATASET, OP, N_KINDS } Kind;
static const char *const tables[N_KINDS] = { "activations", "layers", "losses", "regularisers", "initialisers", "optimisers", "schedules", "metrics",
                                              "datasets", NULL };

static const struct { const char *file; Kind kind; } files[] = {
  { "activations_scalar_f64.json", ACTIVATION }, { "activations_scalar_f32.json", ACTIVATION }, { "activations_vector_f64.json", ACTIVATION },
  { "layers_f64.json", LAYER }, { "losses_f64.json", LOSS }, { "losses_f32.json", LOSS }, { "label_smoothing_targets.json", LOSS },
  { "regularisers_f64.json", REGULARISER }, { "initialisers_statistics.json", INITIALISER }, { "initialisers_deterministic_f64.json", INITIALISER },
  { "optimisers_pytorch_f64.json", OPTIMISER }, { "optimisers_pytorch_f32.json", OPTIMISER }, { "optimisers_paper_and_slide_f64.json", OPTIMISER },
  { "newton_schulz_f64.json", OPTIMISER }, { "schedules_f64.json", SCHEDULE }, { "metrics_f64.json", METRIC }, { "autodiff_ops_f64.json", OP },
  { "autodiff_expressions_f64.json", OP },
};

/* Files of later work, by the issue that brings them. */
static const struct { const char *file, *when; } later_files[] = {
  { "second_order_methods_f64.json", "methods and curvature" }, { "checkpointing.json", "methods and curvature" },
  { "finite_differences.json", "methods and curvature" }, { "curvature_f64.json", "methods and curvature, loss surface" },
  { "loss_surface_f64.json", "loss surface" }, { "symbolic_swell.json", "autodiff lab" },
  { "implicit_and_ste_f64.json", "autodiff lab; straight-through is in act.c" },
};

/* --- ids that are not the id of a row of their kind --- */
typedef struct { Kind kind; const char *id; Kind of; const char *row, *builder, *why; } Alias;
static const Alias aliases[] = {
  /* a row under another id: row */
  { ACTIVATION, "swish", ACTIVATION, "silu", NULL, "one row, β is its parameter" },
  { ACTIVATION, "hard_sigmoid_legacy", ACTIVATION, "hard_sigmoid", NULL, "the variant legacy" },
  { ACTIVATION, "prelu", LAYER, "prelu", NULL, "its slope is trained, so it is a layer" },
  { ACTIVATION, "prelu_channelwise", LAYER, "prelu", NULL, "the variant channelwise" },
  { ACTIVATION, "swish_trainable_beta", LAYER, "swish", NULL, "its β is trained, so it is a layer" },
  { ACTIVATION, "maxout", LAYER, "maxout", NULL, "it changes the width, so it is a layer" },
  { ACTIVATION, "glu", LAYER, "glu", NULL, "it halves the width, so it is a layer" },
  { LAYER, "residual", LAYER, "add", NULL, "add of x and a branch of x" },
  { LAYER, "highway", LAYER, "multiply", NULL, "two gates and an add" },
  { LAYER, "branch", LAYER, "identity", NULL, "a layer that two others read" },
  { LAYER, "bias", LAYER, "scalar_bias", NULL, "the same sum; the row has one number for all columns" },
  { LAYER, "scale", LAYER, "scalar_scale", NULL, "the same product; the row has one number for all columns" },
  { LOSS, "label_smoothing_targets", LOSS, "label_smoothing_ce", NULL, "the targets that both variants make" },
  { INITIALISER, "pytorch_linear_default", INITIALISER, "slide_heuristic_uniform", NULL, "kaiming_uniform with a = √5 is U[±1/√n]" },
  { INITIALISER, "truncated_normal_from_uniform", INITIALISER, "truncated_normal", NULL, "the quantile that the row draws through" },
  { OPTIMISER, "newton_schulz_5", OPTIMISER, "muon", NULL, "the inner step of the row" },
  /* no row: builder */
  { ACTIVATION, "logsumexp", N_KINDS, NULL, "chain_logsumexp", "one number of a row; the op of that name" },
  { LAYER, "slice", N_KINDS, NULL, "chain_slice", "input blocks and target columns are cut by it" },
  { INITIALISER, "activation_gain", N_KINDS, NULL, "chain_activation_gain", "a number that `list activations` shows" },
  { OP, "scalar_expression", N_KINDS, NULL, "chain_formula_parse", "compared in tests/engine/lang" },
  /* later work */
  { OPTIMISER, "shampoo", N_KINDS, NULL, "later", "methods and curvature: needs the roots of matrices" },
  { OPTIMISER, "soap", N_KINDS, NULL, "later", "methods and curvature: needs the eigenvectors of matrices" },
};

/* Variants that the row has under another name, or as parameters. NULL id: of every row of the kind. */
typedef struct { Kind kind; const char *id, *variant, *how; } Form;
static const Form forms[] = {
  { LOSS, "focal", "logits", "row focal" },
  { LOSS, "focal", "probabilities", "row focal_probabilities" },
  { LOSS, "focal", "multi_class_logits", "row focal_multi_class" },
  { LOSS, "cross_entropy", "probabilities", "the only form; ce_with_logits is the other" },
  { INITIALISER, "slide_heuristic_uniform", "slide ('Xavier Glorot')", "the only form" },
  { INITIALISER, "slide_heuristic_uniform", "kaiming_uniform a=sqrt(5)", "the same distribution" },
  { INITIALISER, "truncated_normal", "bounds in standard deviations", "parameters a and b" },
  { INITIALISER, "sparse", "pytorch: zeros per column", "the only form" },
  { INITIALISER, "fixup", "branch scale", "the only form" },
  { OPTIMISER, "rmsprop", "keras_eps_inside_momentum", "variant slide_goodfellow_8.5_eps_inside with momentum" },
  { OPTIMISER, "rmsprop", "keras_eps_inside_centered", "variant slide_goodfellow_8.5_eps_inside with centered" },
  { OPTIMISER, "adadelta", "pytorch", "the only form" },
  { OPTIMISER, "sam", "foret_2021", "the variants name the base" },
  { OPTIMISER, "asam", "kwon_2021_elementwise", "the variants name the base" },
  { OPTIMISER, "lookahead", "zhang_2019", "the variants name the base" },
  { OPTIMISER, "schedule_free_sgd", "defazio_2024", "the only form" },
  { OPTIMISER, "schedule_free_adamw", "defazio_2024", "the only form" },
  { OPTIMISER, "langevin", "given_normals", "the normals are given in place of the stream" },
  { OPTIMISER, "gradient_noise", "given_normals", "the normals are given in place of the stream" },
  { OPTIMISER, NULL, "lr_drop_at_step_11", "a schedule; shows where the forms of momentum part" },
  { SCHEDULE, "cosine_warm_restarts", "pytorch", "the only form" },
  { SCHEDULE, "step", "pytorch", "the only form" },
  { SCHEDULE, "multi_step", "pytorch", "the only form" },
  { SCHEDULE, "exponential", "pytorch", "the only form" },
  { SCHEDULE, "linear_warmup", "pytorch", "the only form" },
  { SCHEDULE, "cyclical", "pytorch", "the variants are the modes" },
  { SCHEDULE, "one_cycle", "pytorch", "the variants are the ways to anneal" },
  { SCHEDULE, "one_cycle", "pytorch_with_momentum", "variant cos_with_momentum" },
  { SCHEDULE, "reduce_on_plateau", "pytorch", "the variants are mode and threshold_mode" },
};

/* Parameters of a case that are no parameter of the row. NULL id: of every row of the kind. */
typedef struct { Kind kind; const char *id, *param, *why; } Extra;
static const Extra extras[] = {
  { ACTIVATION, NULL, "axis", "always the columns" },
  { LAYER, "glu", "axis", "always the columns" },
  { ACTIVATION, NULL, "surrogate", "the variant" },
  { LAYER, "prelu", "a", "a trained tensor" },
  { LAYER, "dense", "in", "the width of what it reads" },
  { LAYER, "dense", "out", "ChainLayer.units" },
  { LAYER, "scalar_bias", "size", "the width of what it reads" },
  { LAYER, "scalar_scale", "size", "the width of what it reads" },
  { LAYER, NULL, "mode", "training or evaluation form" },
  { LAYER, "dropout", "scaling", "the row is the inverted form; the classic one is the same up to 1 − p" },
  { LAYER, "batch_norm", "running_var", "the variant" },
  { LAYER, NULL, "arity", "the number of inputs" },
  { LAYER, "add", "inner", "the branch" },
  { LAYER, "multiply", "inner", "the branch" },
  { LAYER, "multiply", "gate", "the gate" },
  { LAYER, "concat", "axis", "always the columns" },
  { LAYER, "identity", "branches", "the number of readers" },
  { LAYER, "reparameterised_gaussian", "parameterisation", "the variant" },
  { LAYER, "gumbel_softmax", "hard", "always soft" },
  { LOSS, NULL, "log_clamp", "−100 as in PyTorch" },
  { LOSS, "label_smoothing_ce", "classes", "the width of the prediction" },
  { LOSS, "label_smoothing_ce", "epsilon", "label_smoothing, k" },
  { LOSS, "mmd", "kernel", "the variant linear, else Gaussian" },
  { LOSS, "mmd", "estimator", "the variant" },
  { LOSS, "sinkhorn", "cost", "always the squared distance" },
  { LOSS, "triplet", "p", "always the Euclidean distance" },
  { LOSS, "sample_weighted", "base", "a row for each: sample_weighted, sample_weighted_bce, sample_weighted_ce" },
  { LOSS, "sample_weighted", "per_sample", "how the base is summed first" },
  { INITIALISER, NULL, "fan_in", "the block" },
  { INITIALISER, NULL, "fan_out", "the block" },
  { INITIALISER, NULL, "rows", "the block" },
  { INITIALISER, NULL, "cols", "the block" },
  { INITIALISER, NULL, "mode", "the variant" },
  { INITIALISER, NULL, "nonlinearity", "a: 0 for ReLU, 1 for a linear layer" },
  { INITIALISER, "zeros", "value", "0" },
  { INITIALISER, "fixup", "branches", "read off the network" },
  { INITIALISER, "fixup", "layers_per_branch", "read off the network" },
  { INITIALISER, "lsuv", "activation", "of the network" },
  { INITIALISER, "lsuv", "bias", "of the network" },
  { INITIALISER, "lsuv", "variance", "always 1" },
  { OPTIMISER, NULL, "eps_inside", "the variant" },
  { OPTIMISER, NULL, "eps_mode", "the variant" },
  { OPTIMISER, NULL, "amsgrad", "the row amsgrad" },
  { OPTIMISER, NULL, "decoupled", "the row adamw" },
  { OPTIMISER, NULL, "adaptive", "the row asam" },
  { OPTIMISER, NULL, "base", "the variant" },
  { OPTIMISER, NULL, "base_params", "parameters of the wrapper" },
  { OPTIMISER, NULL, "lr_after_10_steps", "a schedule" },
  { OPTIMISER, "muon", "orthogonaliser", "the variant exact_polar" },
  { OPTIMISER, "muon", "scale", "the variant" },
  { OPTIMISER, "sign_sgd", "beta", "0 there; signum is the row with β" },
  { OPTIMISER, NULL, "adam", "schedule_free_adamw" },
  { OPTIMISER, "schedule_free_sgd", "beta2", "unused there" },
  { OPTIMISER, "schedule_free_sgd", "eps", "unused there" },
  { SCHEDULE, NULL, "lr", "the optimiser's rate" },
  { SCHEDULE, "one_cycle", "lr_max", "the optimiser's rate" },
  { SCHEDULE, NULL, "mode", "the variant" },
  { SCHEDULE, NULL, "anneal", "the variant" },
  { SCHEDULE, NULL, "threshold_mode", "the variant" },
};

/* Rows without a case in the files: the test that looks at them. NULL row: every row of the table. */
typedef struct { Kind kind; const char *row, *test; } Elsewhere;
static const Elsewhere elsewhere[] = {
  { LAYER, "activation", "nn/networks.c: nodes of the recorded runs" },
  { LAYER, "noise", "nn/roles.c: a generator starts from it" },
  { LOSS, "focal_probabilities", "vectors/loss.c: focal/probabilities" },
  { LOSS, "focal_multi_class", "vectors/loss.c: focal/multi_class_logits" },
  { LOSS, "sample_weighted_bce", "vectors/loss.c: sample_weighted with base bce_with_logits" },
  { LOSS, "sample_weighted_ce", "vectors/loss.c: sample_weighted with base ce_with_logits" },
  { LOSS, "formula", "nn/typed.c" },
  { DATASET, NULL, "nn/tables.c: draws each generator, reads the head of each file; app/io/data.c reads each whole" },
  { LOSS, "gradient_penalty", "nn/layers.c: by hand and by differences" },
  { LAYER, "interpolate", "nn/layers.c: inside a pair" },
  { REGULARISER, "weight_clipping", "vectors/regular.c: by hand; nn/layers.c: of one network of a pair" },
};

/* --- walking --- */
static GHashTable *covered[N_KINDS];   /* row ids with a case */
static GHashTable *used;               /* lines of the tables above that a case or a row needed */
static guint n_cases, n_by_builder, n_later;

static const ChainRowInfo *
row_info (Kind kind, const char *id)
{
  g_autoptr (GPtrArray) infos = tables[kind] != NULL ? chain_table_infos (tables[kind]) : NULL;

  for (guint i = 0; infos != NULL && i < infos->len; i++)
    if (g_str_equal (((const ChainRowInfo *) infos->pdata[i])->id, id))
      return infos->pdata[i];
  return NULL;
}

static void
check_form (Kind kind, const ChainRowInfo *row, const char *variant)
{
  if (variant == NULL || g_str_equal (variant, "standard") || (row->variants != NULL && g_strv_contains (row->variants, variant)))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (forms[i].kind == kind && g_str_equal (forms[i].variant, variant) && (forms[i].id == NULL || g_str_equal (forms[i].id, row->id)))
      {
        g_hash_table_add (used, (gpointer) &forms[i]);
        return;
      }
  g_error ("%s: the row “%s” has no variant “%s”", tables[kind], row->id, variant);
}

static gboolean
row_has (const ChainRowInfo *row, const char *param)
{
  for (guint i = 0; i < row->n_params; i++)
    if (g_str_equal (row->params[i].name, param))
      return TRUE;
  return FALSE;
}

static void
check_param (Kind kind, const ChainRowInfo *row, const char *param)
{
  if (row_has (row, param))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (extras); i++)
    if (extras[i].kind == kind && g_str_equal (extras[i].param, param) && (extras[i].id == NULL || g_str_equal (extras[i].id, row->id)))
      {
        g_hash_table_add (used, (gpointer) &extras[i]);
        return;
      }
  g_error ("%s: the row “%s” has no parameter “%s”", tables[kind], row->id, param);
}

static void
check_row (Kind kind, const ChainRowInfo *row, const char *variant, json_t *params)
{
  const char *name;
  json_t *value;

  g_hash_table_add (covered[kind], (gpointer) row->id);
  check_form (kind, row, variant);
  json_object_foreach (params, name, value)
    check_param (kind, row, name);
}

static gboolean
op_is_known (const char *id)
{
  for (int op = CHAIN_OP_NONE + 1; op < CHAIN_N_OPS; op++)
    if (g_str_equal (chain_op_row ((ChainOp) op)->name, id))
      return TRUE;
  return FALSE;
}

/* ops-vectors.c fails on an id that it has no builder for; what is no op of the table is a composition (build-more.h). */
static void
check_op (const char *id)
{
  static const char *const composed[] = { "pow_const", "square", "rsqrt", "reciprocal", "tan", "sinh", "cosh", "maximum", "minimum", "matvec", "dot", "outer",
                                          "mean", "prod", "variance", "norm2", "log_softmax", "logdet_spd", "quadratic_form", "sort", NULL };

  if (!op_is_known (id) && !g_strv_contains (composed, id))
    g_error ("“%s” is neither an op nor a composition of ops", id);
}

/* --- metrics: a case is a set of predictions with every figure of them; each field is a row, or part of the case or of a curve --- */
static const struct { const char *field, *row, *why; } figures[] = {
  { "confusion_rows_true_columns_predicted", "confusion", NULL }, { "tn_fp_fn_tp", "confusion", NULL },
  { "top_2_accuracy", "top_k_accuracy", NULL }, { "brier_multi_class", "brier", NULL }, { "calibration", "ece", NULL }, { "calibration", "mce", NULL },
  { "macro", "f1", NULL }, { "micro", "f1", NULL }, { "weighted", "f1", NULL }, { "bias", "mean_error", NULL },
  { "classes", NULL, "given" }, { "target", NULL, "given" }, { "probabilities", NULL, "given" }, { "score", NULL, "given" },
  { "threshold", NULL, "given" }, { "prediction", NULL, "given, or the class of the probabilities" }, { "id", NULL, "given" }, { "case", NULL, "given" },
  { "roc_fpr", "roc_auc", NULL }, { "roc_tpr", "roc_auc", NULL }, { "roc_thresholds", "roc_auc", NULL },
  { "pr_recall", "average_precision", NULL }, { "pr_precision", "average_precision", NULL }, { "pr_thresholds", "average_precision", NULL },
};

static void
check_figures (json_t *o)
{
  const char *field;
  json_t *value;

  json_object_foreach (o, field, value)
    {
      gboolean known = row_info (METRIC, field) != NULL;

      if (known)
        g_hash_table_add (covered[METRIC], (gpointer) row_info (METRIC, field)->id);
      for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
        if (g_str_equal (figures[i].field, field))
          {
            known = TRUE;
            if (figures[i].row != NULL)
              g_hash_table_add (covered[METRIC], (gpointer) row_info (METRIC, figures[i].row)->id);
          }
      if (!known)
        g_error ("metrics: “%s” is no row", field);
    }
}

static void
check_case (Kind kind, json_t *o)
{
  const char *id = vec_text (o, "id"), *variant = vec_text (o, "variant");
  json_t *params = json_object_get (o, "params");
  const ChainRowInfo *row = row_info (kind, id);

  n_cases++;
  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (row == NULL && aliases[i].kind == kind && g_str_equal (aliases[i].id, id))
      {
        g_hash_table_add (used, (gpointer) &aliases[i]);
        n_by_builder += aliases[i].builder != NULL && !g_str_equal (aliases[i].builder, "later");
        n_later += g_strcmp0 (aliases[i].builder, "later") == 0;
        if (aliases[i].builder != NULL)
          return;
        kind = aliases[i].of;
        row = row_info (kind, aliases[i].row);
      }
  if (kind == OP)
    check_op (id);
  else if (kind == METRIC)
    check_figures (o);
  else if (row == NULL)
    g_error ("%s: “%s” is neither a row nor in the table of this test", tables[kind], id);
  else
    check_row (kind, row, variant, params);
}

static void
check_files (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      json_t *root = vec_load (files[i].file), *o;
      guint before = n_cases;
      gsize k;

      json_array_foreach (vec_get (root, "cases"), k, o)
        check_case (files[i].kind, o);
      g_assert_cmpuint (n_cases, >, before);
      json_decref (root);
    }
}

/* --- recorded runs: every op, activation, loss, regulariser, optimiser and schedule of each network is a row --- */
static void
check_named (Kind kind, const char *id)
{
  if (row_info (kind, id) == NULL)
    g_error ("networks: %s has no row “%s”", tables[kind], id);
}

static void
check_network (const char *name)
{
  g_autofree char *path = g_strconcat ("networks/", name, NULL);
  json_t *root = vec_load (path), *o;
  gsize i;

  json_array_foreach (vec_get (root, "nodes"), i, o)
    {
      check_named (LAYER, vec_text (o, "op"));
      if (g_str_equal (vec_text (o, "op"), "activation"))
        check_named (ACTIVATION, vec_text (vec_get (o, "params"), "name"));
    }
  json_array_foreach (vec_get (root, "loss"), i, o)
    check_named (LOSS, vec_text (o, "id"));
  json_array_foreach (json_object_get (root, "regularisers"), i, o)
    check_named (REGULARISER, vec_text (o, "id"));
  if (json_is_object (json_object_get (root, "gradient_clipping")))
    check_named (REGULARISER, vec_text (json_object_get (root, "gradient_clipping"), "id"));
  if (json_is_object (json_object_get (root, "schedule")))
    check_named (SCHEDULE, vec_text (json_object_get (root, "schedule"), "id"));
  check_named (OPTIMISER, vec_text (vec_get (root, "optimiser"), "id"));
  n_cases++;
  json_decref (root);
}

static void
check_networks (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "golden", "vectors", "networks", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  g_assert_nonnull (dir);
  for (; (name = g_dir_read_name (dir)) != NULL; n++)
    check_network (name);
  g_assert_cmpuint (n, ==, 6);
}

static void
test_cases (void)
{
  used = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < N_KINDS; i++)
    covered[i] = g_hash_table_new (g_str_hash, g_str_equal);
  check_files ();
  check_networks ();
  g_test_message ("%u cases: %u of rows, %u of named builders, %u of later work", n_cases, n_cases - n_by_builder - n_later, n_by_builder, n_later);
}

/* Every file of the folder is walked here, or is later work. */
static void
test_files (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "golden", "vectors", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      gboolean known = g_str_equal (name, "manifest.json") || !g_str_has_suffix (name, ".json");

      for (guint i = 0; i < G_N_ELEMENTS (files); i++)
        known = known || g_str_equal (files[i].file, name);
      for (guint i = 0; i < G_N_ELEMENTS (later_files); i++)
        known = known || g_str_equal (later_files[i].file, name);
      if (!known)
        g_error ("“%s” is in no list of this test", name);
      n += g_str_has_suffix (name, ".json");
    }
  g_assert_cmpuint (n, ==, 1 + G_N_ELEMENTS (files) + G_N_ELEMENTS (later_files));
}

static gboolean
is_elsewhere (Kind kind, const char *row)
{
  for (guint i = 0; i < G_N_ELEMENTS (elsewhere); i++)
    if (elsewhere[i].kind == kind && (elsewhere[i].row == NULL || g_str_equal (elsewhere[i].row, row)))
      {
        g_hash_table_add (used, (gpointer) &elsewhere[i]);
        return TRUE;
      }
  return FALSE;
}

static void
test_rows (void)
{
  guint rows = 0;

  for (guint kind = 0; kind < N_KINDS; kind++)
    {
      g_autoptr (GPtrArray) infos = tables[kind] != NULL ? chain_table_infos (tables[kind]) : NULL;

      for (guint i = 0; infos != NULL && i < infos->len; i++, rows++)
        {
          const char *id = ((const ChainRowInfo *) infos->pdata[i])->id;
          gboolean has_case = g_hash_table_contains (covered[kind], id);

          if (has_case == is_elsewhere ((Kind) kind, id))
            g_error ("%s: the row “%s” has %s", tables[kind], id, has_case ? "a case, and a line that says otherwise" : "neither a case nor a test");
        }
      if (infos != NULL)
        g_test_message ("%s: %u rows, %u with a case", tables[kind], infos->len, g_hash_table_size (covered[kind]));
    }
  g_test_message ("%u rows", rows);
}

#define CHECK_USED(list, text) \
  for (guint i = 0; i < G_N_ELEMENTS (list); i++) \
    if (!g_hash_table_contains (used, &list[i])) \
      g_error ("no case needs the line “%s” of this test", text)

static void
test_lines (void)
{
  CHECK_USED (aliases, aliases[i].id);
  CHECK_USED (forms, forms[i].variant);
  CHECK_USED (extras, extras[i].param);
  CHECK_USED (elsewhere, elsewhere[i].test);
  for (guint i = 0; i < N_KINDS; i++)
    g_hash_table_unref (covered[i]);
  g_hash_table_unref (used);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vectors/coverage/files", test_files);
  g_test_add_func ("/vectors/coverage/cases", test_cases);
  g_test_add_func ("/vectors/coverage/rows", test_rows);
  g_test_add_func ("/vectors/coverage/lines", test_lines);
  return g_test_run ();
}
