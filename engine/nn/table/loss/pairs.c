/* SPDX-License-Identifier: Apache-2.0 */
/* Losses that compare samples with one another: contrastive, triplet, NT-Xent (SPEC 4.28–4.30). Their roles are played by layers: the code
 * of one sample, and the codes of those that belong or do not belong to it. */
#include "engine/nn/model/layers.h"
#include "engine/nn/table/rows.h"

#include <math.h>

static ChainId
squares (ChainGraph *g, ChainId a, ChainId b, double eps)
{
  ChainId d = chain_sub (g, a, b);

  return _chain_sum_cols (g, chain_square (g, eps != 0 ? chain_offset (g, d, eps) : d));
}

static ChainId
build_contrastive (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  ChainId s = roles[2], sq = squares (g, roles[0], roles[1], 0);
  ChainId gap = chain_relu (g, chain_offset (g, chain_neg (g, _chain_safe_root (g, sq)), chain_param (p, "margin")));
  ChainId apart = chain_mul (g, _chain_complement (g, s), chain_square (g, gap));

  return chain_scale (g, chain_add (g, chain_mul (g, s, sq), apart), 0.5);
}

static ChainId
build_triplet (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  gboolean squared = g_str_equal (chain_param_variant (p), "squared_facenet");
  double eps = squared ? 0 : chain_param (p, "eps");
  ChainId near = squares (g, roles[0], roles[1], eps), far = squares (g, roles[0], roles[2], eps);

  if (!squared)
    {
      near = _chain_safe_root (g, near);
      far = _chain_safe_root (g, far);
      if (chain_param (p, "swap") == 1)
        far = chain_min (g, far, _chain_safe_root (g, squares (g, roles[1], roles[2], eps)));
    }
  return chain_relu (g, chain_offset (g, chain_sub (g, near, far), chain_param (p, "margin")));
}

/* 1 on the diagonal, n x n, n a number or a multiple of B. */
static ChainId
diagonal (ChainGraph *g, int32_t n)
{
  ChainId place = chain_cumsum (g, chain_full (g, chain_shape (1, n), 1), FALSE);

  return chain_one_hot (g, chain_transpose (g, chain_offset (g, place, -1)), n);
}

/* u = the 2N unit rows; each is to find its partner among the 2N − 1 others. */
static ChainId
build_nt_xent (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  double t = chain_param (p, "temperature");
  ChainId a = chain_layer_l2_normalise (g, roles[0], 1e-12), b = chain_layer_l2_normalise (g, roles[1], 1e-12);
  ChainId u = chain_concat (g, a, b, 0);
  ChainId all = chain_scale (g, chain_matmul (g, u, u, FALSE, TRUE), 1 / t);
  ChainId others = chain_where (g, diagonal (g, _chain_shape_of (g, u).rows), chain_full (g, _chain_shape_of (g, all), -1e30), all);
  ChainId partner = chain_scale (g, _chain_sum_cols (g, chain_mul (g, a, b)), 1 / t);

  return chain_sub (g, chain_logsumexp (g, others), chain_concat (g, partner, partner, 0));
}

static const ChainParamInfo contrastive_params[] = {
  { ROW_PARAM ("margin", N_ ("Margin m of pairs that differ"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
};
static const ChainParamInfo triplet_params[] = {
  { ROW_PARAM ("margin", N_ ("Margin m (FaceNet used 0.2)"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
  { ROW_PARAM ("eps", N_ ("Small number ε on every component"), 1e-6, 0, 1), .log_scale = TRUE },
  { ROW_PARAM ("swap", N_ ("Swap: the nearer of both distances to the negative (0 or 1)"), 0, 0, 1), .integer = TRUE },
};
static const ChainParamInfo xent_params[] = {
  { ROW_PARAM ("temperature", N_ ("Temperature T (optax 0.07)"), 0.5, 0, 1e6), .open_min = TRUE, .log_scale = TRUE },
};

#define CODES .task = CHAIN_LOSS_OTHER, .output_activation = "identity", .link = "identity", .per_sample = TRUE

static const ChainLossRow rows[] = {
  { .info = { ROW_INFO ("contrastive", N_ ("Contrastive"), "L = ½ s D² + ½ (1 − s) max(0, m − D)², D = ‖a − b‖, s = 1 for similar pairs",
              "∂L/∂a = s (a − b) − (1 − s) max(0, m − D) (a − b)/D, 0 at D = 0", "Hadsell et al. 2006 (Y = 1 − s)", NULL,
              "PyTorch – · Keras – · optax –", N_ ("Use it to learn codes that are near for similar pairs and a margin apart for others."),
              N_ ("Pairs and triplets")), ROW_PARAMS (contrastive_params) },
    CODES, .roles = { { .name = "a" }, { .name = "b" }, { .name = "similar", .is_data = TRUE, .column = TRUE } }, .n_roles = 3,
    .build = build_contrastive },
  { .info = { ROW_INFO ("triplet", N_ ("Triplet"),
              "L = max(0, ‖a − p‖ − ‖a − n‖ + m), a anchor, p like it, n unlike it, margin m; FaceNet: with squared distances",
              "∂L/∂a = (a − p)/‖a − p‖ − (a − n)/‖a − n‖ where the margin is broken", "Schroff et al. 2015; Balntas et al. 2016", NULL,
              "PyTorch TripletMarginLoss · Keras – · optax triplet_margin_loss",
              N_ ("Use it to learn codes in which a sample is nearer to its like than to others."), N_ ("Pairs and triplets")),
              ROW_PARAMS (triplet_params), ROW_VARIANTS ("pytorch", "squared_facenet") },
    CODES, .roles = { { .name = "anchor" }, { .name = "positive" }, { .name = "negative" } }, .n_roles = 3, .build = build_triplet },
  { .info = { ROW_INFO ("nt_xent", N_ ("NT-Xent (InfoNCE)"), "L = ln Σ_{j≠i} e^(uᵢ·uⱼ/T) − uᵢ·u_partner/T, u the codes at length 1",
              "softmax of the similarities, minus 1 at the partner, through the normalisation", "Chen et al. 2020", NULL,
              "PyTorch – · Keras – · optax ntxent", N_ ("Use it to learn without labels: two views of a sample are to find each other in the batch."),
              N_ ("Pairs and triplets")), ROW_PARAMS (xent_params) },
    CODES, .roles = { { .name = "a" }, { .name = "b" } }, .n_roles = 2, .build = build_nt_xent },
};

const void *
_chain_loss_pairs (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
