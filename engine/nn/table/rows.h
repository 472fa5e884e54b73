/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the tables: the families of rows that table.c joins, and the few builders that several families share.
 *
 * A family is one file: a static array of rows and a function that returns it. A new family is one file, one line below and one line in
 * table.c; a new row is one line in its family. */
#pragma once

#include "engine/nn/table.h"

G_BEGIN_DECLS

/* A row's head, in the order of ChainRowInfo; parameters and variants follow. */
#define ROW_INFO(a, b, c, d, e, f, h, i, j) .id = a, .title = b, .formula = c, .derivative = d, .source = e, .lecture = f, \
                                            .elsewhere = h, .when = i, .group = j

/* In a row's head: the parameter array with its length. */
#define ROW_PARAMS(array) .params = (array), .n_params = G_N_ELEMENTS (array)
#define ROW_VARIANTS(...) .variants = (const char *const[]) { __VA_ARGS__, NULL }

/* A parameter: name, title, default, range; what else it is follows as designators. */
#define ROW_PARAM(id, label, start, low, high) .name = id, .title = label, .value = start, .min = low, .max = high

/* A parameter that is a list of numbers given as text ("20, 50, 51"); it has no numeric default and no range. */
#define ROW_TEXT_PARAM(id, label) .name = id, .title = label, .value = NAN, .min = NAN, .max = NAN

/* A parameter that is a formula in some names (engine/lang); the first of them must occur in it. */
#define ROW_FORMULA_PARAM(id, label, start, ...) ROW_TEXT_PARAM (id, label), .text = start, .formula_names = (const char *const[]) { __VA_ARGS__, NULL }

const void *_chain_act_lecture      (guint *n);
const void *_chain_act_smooth       (guint *n);
const void *_chain_act_pieces       (guint *n);
const void *_chain_act_straight     (guint *n);
const void *_chain_loss_regression  (guint *n);
const void *_chain_loss_classes     (guint *n);
const void *_chain_loss_weighted    (guint *n);
const void *_chain_loss_overlap     (guint *n);
const void *_chain_loss_costs       (guint *n);
const void *_chain_loss_likelihood  (guint *n);
const void *_chain_loss_pairs       (guint *n);
const void *_chain_loss_transport   (guint *n);
const void *_chain_loss_adversarial (guint *n);
const void *_chain_loss_typed       (guint *n);
const void *_chain_init_rows        (guint *n);
const void *_chain_init_structured  (guint *n);
const void *_chain_init_network     (guint *n);
const void *_chain_optim_descent    (guint *n);
const void *_chain_optim_adaptive   (guint *n);
const void *_chain_optim_adam       (guint *n);
const void *_chain_optim_sign       (guint *n);
const void *_chain_optim_matrix     (guint *n);
const void *_chain_optim_wrap       (guint *n);
const void *_chain_optim_averaged   (guint *n);
const void *_chain_schedule_rows    (guint *n);
const void *_chain_schedule_cycles  (guint *n);
const void *_chain_schedule_plateau (guint *n);
const void *_chain_regular_rows     (guint *n);
const void *_chain_layer_rows       (guint *n);
const void *_chain_metric_rows      (guint *n);
const void *_chain_data_generated   (guint *n);
const void *_chain_data_bundled     (guint *n);

/* --- shared builders --- */
ChainShape _chain_shape_of   (ChainGraph *g, ChainId a);
/* ln p for probabilities, clamped as PyTorch does (SPEC 4.7): value max (ln p, −100), derivative 1 / max (p, 1e-12). */
ChainId    _chain_log_clamped (ChainGraph *g, ChainId p);
/* Sums each row: m x n -> m x 1. */
ChainId    _chain_sum_cols   (ChainGraph *g, ChainId a);
/* n constants side by side, 1 x n. */
ChainId    _chain_constants  (ChainGraph *g, const double *values, guint n);
/* The K numbers of a list parameter, 1 x K: one number serves all, none is `fallback`, missing ones repeat the last. */
ChainId    _chain_class_list (ChainGraph *g, const ChainParams *p, const char *name, guint classes, double fallback);
/* ‖row‖ of each row, m x 1; the derivative of a row of zeros is 0. */
ChainId    _chain_row_lengths (ChainGraph *g, ChainId a);
/* The same from the squares of the lengths, m x 1. */
ChainId    _chain_safe_root  (ChainGraph *g, ChainId sq);
/* Squared distance of each row of a (m x d) from each of b (n x d): m x n, never below 0. */
ChainId    _chain_distances  (ChainGraph *g, ChainId a, ChainId b);
/* Entropic optimal transport of the rows of x to those of y, uniform weights, `iterations` rounds (SPEC 4.25): 1 x 1. plan and cost
 * (nullable): P, m x n, and Σ P C. */
ChainId    _chain_sinkhorn   (ChainGraph *g, ChainId x, ChainId y, double epsilon, guint iterations, ChainId *plan, ChainId *cost);

/* Mixes for a running average: b old + (1 − b) new, b a host node. */
ChainId    _chain_average    (ChainGraph *g, ChainId old, ChainId b, ChainId new_value);
/* a + s for a 1 x 1 s (a host node as a rule). */
ChainId    _chain_plus       (ChainGraph *g, ChainId a, ChainId s);
/* 1 − a. */
ChainId    _chain_complement (ChainGraph *g, ChainId a);
/* ‖a‖ over all entries, 1 x 1. */
ChainId    _chain_norm       (ChainGraph *g, ChainId a);

/* Muon's orthogonalisation (SPEC 7.20): u/(‖u‖ + 1e-7), then `steps` rounds of the quintic and `polish` of X ← (3 X − X Xᵀ X)/2, which
 * ends at the polar factor. */
ChainId    _chain_newton_schulz (ChainGraph *g, ChainId u, guint steps, guint polish);

/* --- numbers shared by initialisers and tests --- */
/* Quantile of N(0, 1), 0 < p < 1. */
double     _chain_normal_quantile (double p);
/* m + s x, x from N(0, 1) cut to [a, b], at its quantile u in (0, 1). */
double     _chain_truncated_normal (double u, double mean, double stddev, double a, double b);
/* Makes a Gaussian block of rows x cols orthogonal in place (SPEC 6): Q of the QR of the taller of it and its transpose, with diag R > 0,
 * times gain. */
void       _chain_orthogonal (double *w, guint rows, guint cols, double gain);
/* Fixup: factor of the inner layers of L branches of m layers, L^(−1/(2m − 2)). */
double     _chain_fixup_scale (guint branches, guint layers);
/* Ones on the diagonal of each of `groups` blocks of rows (identity: groups = 1). */
void       _chain_dirac      (double *w, guint rows, guint cols, guint groups, double gain);

#define CHAIN_PARAM_LIST_MAX 256

/* The list that a text parameter holds; 0 if it was not given. */
int        _chain_param_list (const ChainParams *p, const char *name, double *out, guint max);

/* Numbers of a text "20, 50, 51" into out (at most max); how many, or -1 where it is not such a list. */
int        _chain_parse_list (const char *text, double *out, guint max);

G_END_DECLS
