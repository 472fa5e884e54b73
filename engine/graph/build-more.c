/* SPDX-License-Identifier: Apache-2.0 */
/* Each function is built in the form that stays right at the points where the textbook form is not: sinh by expm1, a product by
 * halves so that zeros do no harm, the norm with a choice so that its derivative at 0 is 0 (SPEC 0.2). */
#include "engine/graph/build-more.h"

#include "engine/graph/graph-private.h"

ChainId
chain_reciprocal (ChainGraph *g, ChainId a)
{
  return chain_div (g, chain_ones_like (g, a), a);
}

ChainId
chain_rsqrt (ChainGraph *g, ChainId a)
{
  return chain_reciprocal (g, chain_sqrt (g, a));
}

ChainId
chain_tan (ChainGraph *g, ChainId a)
{
  ChainId sine = chain_sin (g, a);

  return chain_div (g, sine, chain_cos (g, a));
}

/* ½ ((eᵃ − 1) − (e⁻ᵃ − 1)): both parts keep their digits near 0 and have opposite signs, so nothing cancels. */
ChainId
chain_sinh (ChainGraph *g, ChainId a)
{
  ChainId up = chain_expm1 (g, a);
  ChainId down = chain_expm1 (g, chain_neg (g, a));

  return chain_scale (g, chain_sub (g, up, down), 0.5);
}

ChainId
chain_cosh (ChainGraph *g, ChainId a)
{
  ChainId up = chain_exp (g, a);
  ChainId down = chain_exp (g, chain_neg (g, a));

  return chain_scale (g, chain_add (g, up, down), 0.5);
}

ChainId
chain_log_sigmoid (ChainGraph *g, ChainId a)
{
  return chain_neg (g, chain_softplus (g, chain_neg (g, a)));
}

ChainId
chain_pow_const (ChainGraph *g, ChainId a, double exponent)
{
  return chain_pow (g, a, chain_full (g, _chain_shape_of (g, a), exponent));
}

ChainId
chain_sum_cols (ChainGraph *g, ChainId a)
{
  return chain_sum (g, a, chain_shape (_chain_shape_of (g, a).rows, 1));
}

/* An axis as a host number: a constant, n_rows, or a multiple of it. */
static ChainId
axis_count (ChainGraph *g, int32_t axis)
{
  if (axis > 0)
    return chain_const (g, axis);
  if (axis == CHAIN_B)
    return chain_n_rows (g);
  return chain_scale (g, chain_n_rows (g), -(double) axis);
}

ChainId
chain_mean_cols (ChainGraph *g, ChainId a)
{
  ChainId total = chain_sum_cols (g, a);

  return chain_div_s (g, total, axis_count (g, _chain_shape_of (g, a).cols));
}

ChainId
chain_mean_all (ChainGraph *g, ChainId a)
{
  ChainShape s = _chain_shape_of (g, a);
  ChainId total = chain_sum_all (g, a), rows, cols;

  if (s.rows > 0 && s.cols > 0)
    return chain_div (g, total, chain_const (g, (double) s.rows * s.cols));
  rows = axis_count (g, s.rows);
  cols = axis_count (g, s.cols);
  return chain_div (g, total, chain_mul (g, rows, cols));
}

ChainId
chain_variance_rows (ChainGraph *g, ChainId a)
{
  ChainId mean = chain_broadcast (g, chain_mean_rows (g, a), _chain_shape_of (g, a));

  return chain_mean_rows (g, chain_square (g, chain_sub (g, a, mean)));
}

ChainId
chain_prod_cols (ChainGraph *g, ChainId a)
{
  int32_t n = _chain_shape_of (g, a).cols;

  g_assert (n > 0);
  while (n > 1)
    {
      int32_t half = n / 2;
      ChainId left = chain_slice (g, a, 1, 0, half);
      ChainId product = chain_mul (g, left, chain_slice (g, a, 1, half, half));

      a = n % 2 ? chain_concat (g, product, chain_slice (g, a, 1, n - 1, 1), 1) : product;
      n -= half;
    }
  return a;
}

ChainId
chain_rowmin (ChainGraph *g, ChainId a)
{
  return chain_neg (g, chain_rowmax (g, chain_neg (g, a)));
}

ChainId
chain_sort (ChainGraph *g, ChainId a, gboolean descending)
{
  ChainId order = chain_argsort (g, descending ? chain_neg (g, a) : a);

  return chain_permute (g, a, order, FALSE);
}

/* u − ln (1 + Σ e^u), u = a − max a, the sum without the (first) largest entry. a − LSE (a) loses the digits that a large a and its
 * LSE share: of two logits 10⁴ and 10⁴ − 9 it would say 0 and not −1.2e-4. */
ChainId
chain_log_softmax (ChainGraph *g, ChainId a)
{
  ChainShape s = _chain_shape_of (g, a);
  ChainId u = chain_sub (g, a, chain_broadcast (g, chain_rowmax (g, a), s));
  ChainId largest = chain_one_hot (g, chain_argmax (g, a), s.cols);
  ChainId rest = chain_where (g, largest, chain_zeros_like (g, a), chain_exp (g, u));

  return chain_sub (g, u, chain_broadcast (g, chain_log1p (g, chain_sum_cols (g, rest)), s));
}

ChainId
chain_norm2 (ChainGraph *g, ChainId a)
{
  ChainId s = chain_sum_all (g, chain_square (g, a));
  ChainId root = chain_sqrt (g, s);

  return chain_where (g, s, root, chain_zeros_like (g, s));
}

ChainId
chain_dot (ChainGraph *g, ChainId a, ChainId b)
{
  return chain_sum_all (g, chain_mul (g, a, b));
}

ChainId
chain_affine (ChainGraph *g, ChainId x, ChainId w, ChainId b)
{
  ChainId product = chain_matmul (g, x, w, FALSE, TRUE);

  return chain_add (g, product, chain_broadcast (g, b, _chain_shape_of (g, product)));
}

/* 2 Σ ln Lᵢᵢ, A = L Lᵀ. */
ChainId
chain_logdet_spd (ChainGraph *g, ChainId a)
{
  ChainShape s = _chain_shape_of (g, a);
  ChainId factor = chain_cholesky (g, a);
  ChainId place = chain_cumsum (g, chain_full (g, chain_shape (1, s.cols), 1), FALSE);
  ChainId hot = chain_one_hot (g, chain_transpose (g, chain_offset (g, place, -1)), s.cols);
  ChainId diagonal = chain_sum_cols (g, chain_mul (g, factor, hot));

  return chain_scale (g, chain_sum_all (g, chain_log (g, diagonal)), 2);
}

ChainId
chain_quadratic_form (ChainGraph *g, ChainId matrix, ChainId x)
{
  return chain_matmul (g, x, chain_matmul (g, matrix, x, FALSE, FALSE), TRUE, FALSE);
}
