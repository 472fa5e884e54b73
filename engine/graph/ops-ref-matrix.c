/* SPDX-License-Identifier: Apache-2.0 */
/* References of the rows that move, multiply, reduce and solve. Indices out of range read a zero, so no data can make them
 * read outside; NaN is the largest number for rowmax, argmax and argsort. */
#include "engine/graph/ops-private.h"

#include <math.h>
#include <string.h>

static double
entry (const ChainRefValue *v, int64_t r, int64_t c, int transposed)
{
  return transposed ? v->data[c * v->cols + r] : v->data[r * v->cols + c];
}

CHAIN_REF (matmul)
{
  int64_t inner = arg->i[0] ? in[0].rows : in[0].cols;

  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < cols; c++)
      {
        double sum = 0;

        for (int64_t k = 0; k < inner; k++)
          sum += entry (&in[0], r, k, arg->i[0]) * entry (&in[1], k, c, arg->i[1]);
        out[r * cols + c] = sum;
      }
}

CHAIN_REF (transpose)
{
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < cols; c++)
      out[r * cols + c] = entry (&in[0], r, c, 1);
}

CHAIN_REF (reshape)
{
  memcpy (out, in[0].data, (gsize) (rows * cols) * sizeof (double));
}

CHAIN_REF (concat)
{
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < cols; c++)
      {
        if (arg->i[0] == 0)
          out[r * cols + c] = r < in[0].rows ? entry (&in[0], r, c, 0) : entry (&in[1], r - in[0].rows, c, 0);
        else
          out[r * cols + c] = c < in[0].cols ? entry (&in[0], r, c, 0) : entry (&in[1], r, c - in[0].cols, 0);
      }
}

/* The length in arg may be a multiple of B; the value's own size tells what B is. */
CHAIN_REF (slice)
{
  int64_t len = arg->i[0] ? cols : rows;
  int64_t start = arg->i[1] >= 0 ? arg->i[1] : len / arg->i[2] * arg->i[1];

  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < cols; c++)
      out[r * cols + c] = arg->i[0] == 0 ? entry (&in[0], r + start, c, 0) : entry (&in[0], r, c + start, 0);
}

/* x as an index below n, or -1. */
static int64_t
index_of (double x, int64_t n)
{
  return x >= 0 && x < (double) n ? (int64_t) x : -1;
}

CHAIN_REF (gather_rows)
{
  for (int64_t r = 0; r < rows; r++)
    {
      int64_t k = index_of (in[1].data[r], in[0].rows);

      for (int64_t c = 0; c < cols; c++)
        out[r * cols + c] = k < 0 ? 0 : entry (&in[0], k, c, 0);
    }
}

CHAIN_REF (one_hot)
{
  for (int64_t r = 0; r < rows; r++)
    {
      int64_t k = index_of (in[0].data[r], cols);

      for (int64_t c = 0; c < cols; c++)
        out[r * cols + c] = c == k;
    }
}

CHAIN_REF (broadcast)
{
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < cols; c++)
      out[r * cols + c] = entry (&in[0], in[0].rows == 1 ? 0 : r, in[0].cols == 1 ? 0 : c, 0);
}

CHAIN_REF (sum)
{
  for (int64_t i = 0; i < rows * cols; i++)
    out[i] = 0;
  for (int64_t r = 0; r < in[0].rows; r++)
    for (int64_t c = 0; c < in[0].cols; c++)
      out[(rows == 1 ? 0 : r) * cols + (cols == 1 ? 0 : c)] += entry (&in[0], r, c, 0);
}

static int64_t
first_maximum (const double *row, int64_t n)
{
  int64_t best = 0;

  for (int64_t c = 1; c < n && !isnan (row[best]); c++)
    if (row[c] > row[best] || isnan (row[c]))
      best = c;
  return best;
}

CHAIN_REF (rowmax)
{
  for (int64_t r = 0; r < rows; r++)
    {
      const double *row = in[0].data + r * in[0].cols;

      out[r] = row[first_maximum (row, in[0].cols)];
    }
}

CHAIN_REF (argmax)
{
  for (int64_t r = 0; r < rows; r++)
    out[r] = (double) first_maximum (in[0].data + r * in[0].cols, in[0].cols);
}

CHAIN_REF (cumsum)
{
  for (int64_t r = 0; r < rows; r++)
    {
      double sum = 0;

      for (int64_t k = 0; k < cols; k++)
        {
          int64_t at = r * cols + (arg->i[0] ? cols - 1 - k : k);

          sum += in[0].data[at];
          out[at] = sum;
        }
    }
}

CHAIN_REF (permute)
{
  for (int64_t i = 0; i < rows * cols; i++)
    out[i] = 0;
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < cols; c++)
      {
        int64_t k = index_of (in[1].data[r * cols + c], cols);

        if (k >= 0 && arg->i[0])
          out[r * cols + k] = in[0].data[r * cols + c];
        else if (k >= 0)
          out[r * cols + c] = in[0].data[r * cols + k];
      }
}

static gboolean
before (double a, double b)
{
  return a < b || (isnan (b) && !isnan (a));
}

/* By insertion: stable, and obvious. */
CHAIN_REF (argsort)
{
  for (int64_t r = 0; r < rows; r++)
    {
      const double *row = in[0].data + r * cols;
      double *order = out + r * cols;

      for (int64_t c = 0; c < cols; c++)
        {
          int64_t at = c;

          for (; at > 0 && before (row[c], row[(int64_t) order[at - 1]]); at--)
            order[at] = order[at - 1];
          order[at] = (double) c;
        }
    }
}

/* SPEC 2.25: m + ln sum exp (x - m); an infinite maximum is the result. */
static double
log_sum_exp (const double *row, int64_t n)
{
  double m = row[first_maximum (row, n)], sum = 0;

  if (!isfinite (m))
    return m;
  for (int64_t c = 0; c < n; c++)
    sum += exp (row[c] - m);
  return m + log (sum);
}

CHAIN_REF (logsumexp)
{
  for (int64_t r = 0; r < rows; r++)
    out[r] = log_sum_exp (in[0].data + r * in[0].cols, in[0].cols);
}

CHAIN_REF (softmax)
{
  for (int64_t r = 0; r < rows; r++)
    {
      const double *row = in[0].data + r * cols;
      double m = row[first_maximum (row, cols)], sum = 0;

      for (int64_t c = 0; c < cols; c++)
        sum += out[r * cols + c] = exp (row[c] - m);
      for (int64_t c = 0; c < cols; c++)
        out[r * cols + c] /= sum;
    }
}

static void
swap_rows (double *m, int64_t cols, int64_t a, int64_t b)
{
  for (int64_t c = 0; c < cols; c++)
    {
      double t = m[a * cols + c];

      m[a * cols + c] = m[b * cols + c];
      m[b * cols + c] = t;
    }
}

/* x_i -= factor · x_k, from column `from` on. */
static void
eliminate (double *m, int64_t cols, int64_t i, int64_t k, int64_t from, double factor)
{
  for (int64_t c = from; c < cols; c++)
    m[i * cols + c] -= factor * m[k * cols + c];
}

/* Gaussian elimination with partial pivoting. A singular matrix gives infinities or NaN, which the guard reports. */
CHAIN_REF (solve)
{
  int64_t n = rows;
  double *a = g_new (double, n * n);

  for (int64_t r = 0; r < n; r++)
    for (int64_t c = 0; c < n; c++)
      a[r * n + c] = entry (&in[0], r, c, arg->i[0]);
  memcpy (out, in[1].data, (gsize) (rows * cols) * sizeof (double));
  for (int64_t k = 0; k < n; k++)
    {
      int64_t pivot = k;

      for (int64_t r = k + 1; r < n; r++)
        if (fabs (a[r * n + k]) > fabs (a[pivot * n + k]))
          pivot = r;
      swap_rows (a, n, k, pivot);
      swap_rows (out, cols, k, pivot);
      for (int64_t r = k + 1; r < n; r++)
        {
          double factor = a[r * n + k] / a[k * n + k];

          eliminate (a, n, r, k, k, factor);
          eliminate (out, cols, r, k, 0, factor);
        }
    }
  for (int64_t k = n - 1; k >= 0; k--)
    {
      for (int64_t c = 0; c < cols; c++)
        out[k * cols + c] /= a[k * n + k];
      for (int64_t r = 0; r < k; r++)
        eliminate (out, cols, r, k, 0, a[r * n + k]);
    }
  g_free (a);
}

/* Of the symmetric part (A + Aᵀ)/2: then the derivative is symmetric too, as in PyTorch. */
CHAIN_REF (cholesky)
{
  int64_t n = rows;

  for (int64_t i = 0; i < n * n; i++)
    out[i] = 0;
  for (int64_t r = 0; r < n; r++)
    for (int64_t c = 0; c <= r; c++)
      {
        double sum = (in[0].data[r * n + c] + in[0].data[c * n + r]) / 2;

        for (int64_t k = 0; k < c; k++)
          sum -= out[r * n + k] * out[c * n + k];
        out[r * n + c] = r == c ? sqrt (sum) : sum / out[c * n + c];
      }
}
