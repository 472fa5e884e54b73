/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that need no row of their own: compositions of rows, with the derivatives that follow. Composite rows of ops.h show
 * some of them as one box. */
#pragma once

#include "engine/graph/graph.h"

G_BEGIN_DECLS

ChainId chain_reciprocal    (ChainGraph *g, ChainId a);
ChainId chain_rsqrt         (ChainGraph *g, ChainId a);
ChainId chain_tan           (ChainGraph *g, ChainId a);
ChainId chain_sinh          (ChainGraph *g, ChainId a);                 /* exact near 0 */
ChainId chain_cosh          (ChainGraph *g, ChainId a);
ChainId chain_log_sigmoid   (ChainGraph *g, ChainId a);                 /* −softplus (−a), SPEC 2.3 */
ChainId chain_pow_const     (ChainGraph *g, ChainId a, double exponent);

ChainId chain_sum_cols      (ChainGraph *g, ChainId a);                 /* m x n -> m x 1 */
ChainId chain_mean_cols     (ChainGraph *g, ChainId a);                 /* m x n -> m x 1 */
ChainId chain_mean_all      (ChainGraph *g, ChainId a);                 /* 1 x 1; B rows by n_rows */
ChainId chain_variance_rows (ChainGraph *g, ChainId a);                 /* m x n -> 1 x n, divided by m */
ChainId chain_prod_cols     (ChainGraph *g, ChainId a);                 /* m x n -> m x 1, n a number; exact at zeros */
ChainId chain_rowmin        (ChainGraph *g, ChainId a);                 /* the first minimiser receives */
ChainId chain_sort          (ChainGraph *g, ChainId a, gboolean descending);   /* each row */
ChainId chain_log_softmax   (ChainGraph *g, ChainId a);
ChainId chain_norm2         (ChainGraph *g, ChainId a);                 /* Frobenius, 1 x 1; derivative 0 at 0 */
ChainId chain_dot           (ChainGraph *g, ChainId a, ChainId b);      /* Σ a ⊙ b, 1 x 1 */

ChainId chain_affine        (ChainGraph *g, ChainId x, ChainId w, ChainId b);  /* x Wᵀ + b: m x in, out x in, 1 x out */
ChainId chain_logdet_spd    (ChainGraph *g, ChainId a);                 /* ln det of a symmetric positive definite matrix */
ChainId chain_quadratic_form (ChainGraph *g, ChainId matrix, ChainId x);/* xᵀ A x, x n x 1 */

G_END_DECLS
