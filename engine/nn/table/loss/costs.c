/* SPDX-License-Identifier: Apache-2.0 */
/* What a mistake costs: class weights, sample weights, a cost matrix, multi-class margins (SPEC 4.13–4.15, 4.17). SLIDE: Cost sensitivity.
 *
 * Class and sample weights are losses of the whole batch: PyTorch divides by the sum of the weights, the slide by the number of samples
 * (SPEC S9), so the reduction is part of the loss. */
#include "engine/nn/table/rows.h"

#include <math.h>

/* Σₙ Σₖ wₖ sₙₖ (LSE zₙ − zₙₖ) / Σₙ w of its class. */
static ChainId
build_class_weighted (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId z = roles[0], t = roles[1];
  ChainShape shape = _chain_shape_of (g, z);
  double e = chain_param (p, "label_smoothing");
  ChainId w = chain_broadcast (g, _chain_class_list (g, p, "class_weight", (guint) shape.cols, 1), shape);
  ChainId cost = chain_sub (g, chain_broadcast (g, chain_logsumexp (g, z), shape), z);
  ChainId s = e == 0 ? t : chain_offset (g, chain_scale (g, t, 1 - e), e / shape.cols);
  ChainId total = chain_sum_all (g, chain_mul (g, chain_mul (g, w, s), cost));

  return chain_div (g, total, chain_sum_all (g, chain_mul (g, w, t)));
}

/* d: the loss of each sample, m x 1; ω: m x 1. */
static ChainId
weighted_mean (ChainGraph *g, ChainId d, ChainId omega, const ChainParams *p)
{
  ChainId weighted = chain_mul (g, omega, d);

  if (g_str_equal (chain_param_variant (p), "slide_divide_by_n"))
    return chain_loss_reduce (g, weighted, "mean");
  return chain_div (g, chain_sum_all (g, weighted), chain_sum_all (g, omega));
}

static ChainId
build_sample_weighted (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  return weighted_mean (g, _chain_sum_cols (g, chain_square (g, chain_sub (g, roles[0], roles[1]))), roles[2], p);
}

static ChainId
build_sample_weighted_bce (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId z = roles[0], t = roles[1];
  ChainId yes = chain_mul (g, t, chain_softplus (g, chain_neg (g, z)));
  ChainId no = chain_mul (g, _chain_complement (g, t), chain_softplus (g, z));

  return weighted_mean (g, _chain_sum_cols (g, chain_add (g, yes, no)), roles[2], p);
}

static ChainId
build_sample_weighted_ce (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId z = roles[0], t = roles[1];
  ChainId lse = chain_mul (g, chain_logsumexp (g, z), _chain_sum_cols (g, t));

  return weighted_mean (g, chain_sub (g, lse, _chain_sum_cols (g, chain_mul (g, t, z))), roles[2], p);
}

/* The cost matrix, rows = truth; without one every mistake costs 1. */
static ChainId
cost_matrix (ChainGraph *g, const ChainParams *p, guint classes)
{
  double list[CHAIN_PARAM_LIST_MAX];
  int n = _chain_param_list (p, "cost", list, G_N_ELEMENTS (list));
  g_autofree double *row = g_new (double, classes);
  ChainId matrix = CHAIN_NONE, next;

  for (guint t = 0; t < classes; t++)
    {
      for (guint k = 0; k < classes; k++)
        row[k] = (guint) n == classes * classes ? list[t * classes + k] : t != k;
      next = _chain_constants (g, row, classes);
      matrix = matrix == CHAIN_NONE ? next : chain_concat (g, matrix, next, 0);
    }
  return matrix;
}

static ChainId
build_cost_sensitive (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId costs = cost_matrix (g, p, (guint) _chain_shape_of (g, roles[0]).cols);
  ChainId of_truth = chain_matmul (g, roles[1], costs, FALSE, FALSE);

  return _chain_sum_cols (g, chain_mul (g, of_truth, chain_softmax (g, roles[0])));
}

/* max(0, m − z_c + zₖ) for k ≠ c; 0 in the column of the truth. */
static ChainId
margins (ChainGraph *g, ChainId z, ChainId t, double margin)
{
  ChainShape shape = _chain_shape_of (g, z);
  ChainId truth = chain_broadcast (g, _chain_sum_cols (g, chain_mul (g, t, z)), shape);

  return chain_mul (g, _chain_complement (g, t), chain_relu (g, chain_offset (g, chain_sub (g, z, truth), margin)));
}

static ChainId
build_multi_class_hinge (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainShape shape = _chain_shape_of (g, roles[0]);
  ChainId over = margins (g, roles[0], roles[1], chain_param (p, "margin"));

  if (g_str_equal (chain_param_variant (p), "crammer_singer"))
    return chain_rowmax (g, over);
  if (chain_param (p, "p") == 2)
    over = chain_square (g, over);
  return chain_scale (g, _chain_sum_cols (g, over), 1.0 / shape.cols);
}

static const ChainParamInfo class_params[] = {
  { ROW_TEXT_PARAM ("class_weight", N_ ("Weight of each class, with commas; one for all (1)")), .per_class = 1 },
  { ROW_PARAM ("label_smoothing", N_ ("Smoothing ε"), 0, 0, 1), .open_max = TRUE },
};
static const ChainParamInfo cost_params[] = {
  { ROW_TEXT_PARAM ("cost", N_ ("Cost of each answer, a row for each truth, with commas (0 on the diagonal, else 1)")), .per_class = 2 },
};
static const ChainParamInfo hinge_params[] = {
  { ROW_PARAM ("margin", N_ ("Margin"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
  { ROW_PARAM ("p", N_ ("Power p, 1 or 2 (Weston & Watkins)"), 1, 1, 2), .integer = TRUE },
};

#define PRED { .name = "pred" }
#define TARGET { .name = "target", .is_data = TRUE }
#define CLASS { .name = "target", .is_data = TRUE, .one_hot = TRUE }
#define WEIGHT { .name = "weight", .is_data = TRUE, .column = TRUE }
#define WEIGHTED ROW_VARIANTS ("divide_by_total_weight", "slide_divide_by_n")
#define WEIGHTED_FORMULA "L = Σₙ ωₙ dₙ / Σₙ ωₙ; slide: Σₙ ωₙ dₙ / N; "

static const ChainLossRow rows[] = {
  { .info = { ROW_INFO ("sample_weighted", N_ ("Weighted samples, squared error"), WEIGHTED_FORMULA "d = Σₖ (y − t)²", "∂L/∂y = 2 ω (y − t) / Σω",
              "–", "Cost sensitivity", "PyTorch – · Keras sample_weight (divides by N) · optax –",
              N_ ("Use it when some samples count more or are more certain. Divide by N / by Σω."), N_ ("Cost-sensitive")), WEIGHTED },
    .task = CHAIN_LOSS_REGRESSION, .output_activation = "identity", .link = "identity", .scalar = TRUE, .roles = { PRED, TARGET, WEIGHT },
    .n_roles = 3, .build = build_sample_weighted },
  { .info = { ROW_INFO ("sample_weighted_bce", N_ ("Weighted samples, binary cross-entropy (logits)"),
              WEIGHTED_FORMULA "d = t·sp(−z) + (1 − t)·sp(z)", "∂L/∂z = ω (σ(z) − t) / Σω", "–", "Cost sensitivity",
              "PyTorch BCEWithLogitsLoss(weight) · Keras sample_weight (divides by N) · optax –",
              N_ ("Use it when some samples of two classes count more. Divide by N / by Σω."), N_ ("Cost-sensitive")), WEIGHTED },
    .task = CHAIN_LOSS_BINARY, .output_activation = "identity", .link = "sigmoid", .scalar = TRUE, .roles = { PRED, TARGET, WEIGHT },
    .n_roles = 3, .build = build_sample_weighted_bce },
  { .info = { ROW_INFO ("sample_weighted_ce", N_ ("Weighted samples, cross-entropy (logits)"), WEIGHTED_FORMULA "d = ln Σₖ e^zₖ − Σₖ tₖ zₖ",
              "∂L/∂z = ω (softmax(z) − t) / Σω", "–", "Cost sensitivity", "PyTorch – · Keras sample_weight (divides by N) · optax –",
              N_ ("Use it when some samples of several classes count more. Divide by N / by Σω."), N_ ("Cost-sensitive")), WEIGHTED },
    .task = CHAIN_LOSS_MULTICLASS, .output_activation = "identity", .link = "softmax", .scalar = TRUE, .roles = { PRED, CLASS, WEIGHT },
    .n_roles = 3, .build = build_sample_weighted_ce },
  { .info = { ROW_INFO ("ce_class_weighted", N_ ("Cross-entropy with class weights (logits)"),
              "L = Σₙ w(cₙ) CEₙ / Σₙ w(cₙ), cₙ the true class, CE the cross-entropy from logits", "∂L/∂z = w (softmax(z) − t) / Σw", "–",
              "Cost sensitivity", "PyTorch CrossEntropyLoss(weight) · Keras class_weight · optax –",
              N_ ("Use it when classes are of unequal size: a weight of 1/share makes them count alike."), N_ ("Cost-sensitive")),
              ROW_PARAMS (class_params),
              ROW_VARIANTS ("pytorch_mean") },
    .task = CHAIN_LOSS_MULTICLASS, .output_activation = "identity", .link = "softmax", .scalar = TRUE, .roles = { PRED, CLASS }, .n_roles = 2,
    .build = build_class_weighted },
  { .info = { ROW_INFO ("cost_sensitive", N_ ("Expected cost (logits)"), "L = Σₖ C[t, k] pₖ, p = softmax(z), C the cost of answer k when t is true",
              "∂L/∂z = p ⊙ (C[t, ·] − L)", "Elkan 2001", "Cost sensitivity", "PyTorch – · Keras – · optax –",
              N_ ("Use it when mistakes have prices; rows of the matrix are truths, columns are answers."), N_ ("Cost-sensitive")),
              ROW_PARAMS (cost_params),
              ROW_VARIANTS ("expected_cost") },
    .task = CHAIN_LOSS_MULTICLASS, .output_activation = "identity", .link = "softmax", .per_sample = TRUE, .roles = { PRED, CLASS },
    .n_roles = 2, .build = build_cost_sensitive },
  { .info = { ROW_INFO ("multi_class_hinge", N_ ("Multi-class hinge"),
              "L = 1/K Σ_{k≠c} max(0, m − z_c + zₖ)^p, c the true class; Crammer & Singer: max(0, m + max_{k≠c} zₖ − z_c)",
              "p = 1: ∂L/∂zₖ = 1/K where the margin is broken, ∂L/∂z_c = −their sum", "Weston & Watkins 1999; Crammer & Singer 2001", NULL,
              "PyTorch MultiMarginLoss · Keras CategoricalHinge (Crammer & Singer) · optax multiclass_hinge_loss",
              N_ ("Use it for a support vector machine of several classes on top of the network."), N_ ("Margin")), ROW_PARAMS (hinge_params),
              ROW_VARIANTS ("weston_watkins_pytorch", "crammer_singer") },
    .task = CHAIN_LOSS_MULTICLASS, .output_activation = "identity", .link = "softmax", .per_sample = TRUE, .roles = { PRED, CLASS },
    .n_roles = 2, .build = build_multi_class_hinge },
};

const void *
_chain_loss_costs (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
