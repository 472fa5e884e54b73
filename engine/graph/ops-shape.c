/* SPDX-License-Identifier: Apache-2.0 */
/* Shape rules. An axis is a number or a multiple of B (negative); two axes agree only when they are the same word, because B is
 * not known yet and a graph must hold for every B (ARCHITECTURE 8). */
#include "engine/graph/ops-private.h"

#define SHAPE_TEXT 48

static void
axis_text (char *buf, gsize size, int32_t axis)
{
  if (axis == CHAIN_B)
    g_snprintf (buf, size, "B");
  else if (axis < 0)
    g_snprintf (buf, size, "%lld·B", -(long long) axis);
  else
    g_snprintf (buf, size, "%d", axis);
}

static const char *
shape_text (char buf[SHAPE_TEXT], ChainShape s)
{
  char rows[16], cols[16];

  axis_text (rows, sizeof rows, s.rows);
  axis_text (cols, sizeof cols, s.cols);
  g_snprintf (buf, SHAPE_TEXT, "%s × %s", rows, cols);
  return buf;
}

/* "what": a sentence with up to two %s for the two shapes. */
static gboolean
bad_shapes (GError **error, const char *what, ChainShape a, ChainShape b)
{
  char ta[SHAPE_TEXT], tb[SHAPE_TEXT];

  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, what, shape_text (ta, a), shape_text (tb, b));
  return FALSE;
}

static gboolean
bad_arg (GError **error, const char *what, int a, int b)
{
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, what, a, b);
  return FALSE;
}

static gboolean
valid_axis (int32_t axis)
{
  return axis != 0 && axis >= -G_MAXINT32;
}

static gboolean
check_given (const ChainShape *s, GError **error)
{
  if (valid_axis (s->rows) && valid_axis (s->cols))
    return TRUE;
  return bad_shapes (error, "A value of %s has an empty axis; every axis needs at least one entry", *s, *s);
}

CHAIN_SHAPE (given)
{
  if (arg->i[0] < 0 || arg->i[0] > CHAIN_LEAF_ROWS)
    return bad_arg (error, "There is no kind %d of leaf", arg->i[0], 0);
  if ((arg->i[0] == CHAIN_LEAF_SCALAR || arg->i[0] == CHAIN_LEAF_ROWS) && !chain_shape_is_scalar (*out))
    return bad_shapes (error, "A scalar leaf is 1 × 1, not %s", *out, *out);
  return check_given (out, error);
}

CHAIN_SHAPE (scalar)
{
  *out = chain_shape (1, 1);
  return TRUE;
}

CHAIN_SHAPE (random)
{
  if (!chain_shape_is_scalar (in[0]))
    return bad_shapes (error, "The step of a random value is 1 × 1, not %s", in[0], in[0]);
  if (arg->i[0] != CHAIN_RANDOM_UNIFORM && arg->i[0] != CHAIN_RANDOM_NORMAL)
    return bad_arg (error, "There is no distribution number %d", arg->i[0], 0);
  return check_given (out, error);
}

CHAIN_SHAPE (same)
{
  for (guint i = 1; i < n; i++)
    if (!chain_shape_equal (in[i], in[0]))
      return bad_shapes (error, "An element-wise operation needs equal shapes, but has %s and %s; broadcast one of them", in[0], in[i]);
  *out = in[0];
  return TRUE;
}

CHAIN_SHAPE (polygamma)
{
  if (arg->i[0] < 0 || arg->i[0] > 64)
    return bad_arg (error, "The order of polygamma is %d; it must be from 0 to 64", arg->i[0], 0);
  *out = in[0];
  return TRUE;
}

CHAIN_SHAPE (clamp)
{
  if (!(arg->value <= arg->value2))
    return bad_arg (error, "The lower bound of clamp is above the upper one; exchange them", 0, 0);
  *out = in[0];
  return TRUE;
}

CHAIN_SHAPE (round)
{
  if (arg->i[0] < 0 || arg->i[0] > 2)
    return bad_arg (error, "There is no rounding number %d; use 0 (integer), 1 (bfloat16) or 2 (binary16)", arg->i[0], 0);
  *out = in[0];
  return TRUE;
}

CHAIN_SHAPE (matmul)
{
  ChainShape a = arg->i[0] ? chain_shape (in[0].cols, in[0].rows) : in[0];
  ChainShape b = arg->i[1] ? chain_shape (in[1].cols, in[1].rows) : in[1];

  if (a.cols != b.rows)
    return bad_shapes (error, "A matrix product of %s and %s does not exist: the inner sizes differ", a, b);
  *out = chain_shape (a.rows, b.cols);
  return TRUE;
}

CHAIN_SHAPE (transpose)
{
  *out = chain_shape (in[0].cols, in[0].rows);
  return TRUE;
}

/* rows · cols as coefficient · B^degree. */
static int64_t
count_entries (ChainShape s, int *degree)
{
  *degree = (s.rows < 0) + (s.cols < 0);
  return ABS ((int64_t) s.rows) * ABS ((int64_t) s.cols);
}

CHAIN_SHAPE (reshape)
{
  int degree_in, degree_out;

  if (!check_given (out, error))
    return FALSE;
  if (count_entries (in[0], &degree_in) != count_entries (*out, &degree_out) || degree_in != degree_out)
    return bad_shapes (error, "%s cannot be reshaped to %s: the number of entries differs", in[0], *out);
  return TRUE;
}

/* Both numbers or both multiples of B. */
static gboolean
add_axes (int32_t a, int32_t b, int32_t *out)
{
  int64_t sum = (int64_t) a + b;

  if ((a < 0) != (b < 0) || sum > G_MAXINT32 || sum < -G_MAXINT32)
    return FALSE;
  *out = (int32_t) sum;
  return TRUE;
}

CHAIN_SHAPE (concat)
{
  int axis = arg->i[0];

  if (axis != 0 && axis != 1)
    return bad_arg (error, "Axis %d does not exist; use 0 for rows or 1 for columns", axis, 0);
  *out = in[0];
  if (axis == 0 ? in[0].cols == in[1].cols && add_axes (in[0].rows, in[1].rows, &out->rows)
                : in[0].rows == in[1].rows && add_axes (in[0].cols, in[1].cols, &out->cols))
    return TRUE;
  return bad_shapes (error, axis == 0 ? "%s cannot be put on top of %s" : "%s cannot be put beside %s", in[0], in[1]);
}

CHAIN_SHAPE (slice)
{
  int axis = arg->i[0];
  int64_t start = arg->i[1], len = arg->i[2], size;

  if (axis != 0 && axis != 1)
    return bad_arg (error, "Axis %d does not exist; use 0 for rows or 1 for columns", axis, 0);
  size = axis ? in[0].cols : in[0].rows;
  if (size < 0)
    {
      start = -start;
      len = -len;
      size = -size;
    }
  if (start < 0 || len < 1 || start + len > size)
    return bad_shapes (error, "A slice reaches outside of its value of %s", in[0], in[0]);
  *out = axis ? chain_shape (in[0].rows, arg->i[2]) : chain_shape (arg->i[2], in[0].cols);
  return TRUE;
}

CHAIN_SHAPE (gather_rows)
{
  if (in[1].cols != 1)
    return bad_shapes (error, "Row numbers for a table of %s are k × 1, not %s", in[0], in[1]);
  *out = chain_shape (in[1].rows, in[0].cols);
  return TRUE;
}

CHAIN_SHAPE (one_hot)
{
  if (in[0].cols != 1)
    return bad_shapes (error, "Class numbers are m × 1, not %s", in[0], in[0]);
  if (!valid_axis (arg->i[0]))
    return bad_arg (error, "One-hot rows need at least one class, not %d", arg->i[0], 0);
  *out = chain_shape (in[0].rows, arg->i[0]);
  return TRUE;
}

/* small is big with any of its axes replaced by 1. */
static gboolean
shrinks_to (ChainShape big, ChainShape small)
{
  return (small.rows == big.rows || small.rows == 1) && (small.cols == big.cols || small.cols == 1);
}

CHAIN_SHAPE (broadcast)
{
  if (!check_given (out, error))
    return FALSE;
  if (!shrinks_to (*out, in[0]))
    return bad_shapes (error, "%s cannot be repeated to %s: an axis must be equal or 1", in[0], *out);
  return TRUE;
}

CHAIN_SHAPE (sum)
{
  if (!check_given (out, error))
    return FALSE;
  if (!shrinks_to (in[0], *out))
    return bad_shapes (error, "%s cannot be summed to %s: an axis must be equal or 1", in[0], *out);
  return TRUE;
}

CHAIN_SHAPE (row)
{
  *out = chain_shape (in[0].rows, 1);
  return TRUE;
}

CHAIN_SHAPE (permute)
{
  if (!chain_shape_equal (in[0], in[1]))
    return bad_shapes (error, "A permutation of %s needs numbers of the same shape, not %s", in[0], in[1]);
  *out = in[0];
  return TRUE;
}

CHAIN_SHAPE (solve)
{
  if (in[0].rows != in[0].cols || in[0].rows != in[1].rows)
    return bad_shapes (error, "A linear system needs a square matrix and a right side of as many rows, not %s and %s", in[0], in[1]);
  *out = in[1];
  return TRUE;
}

CHAIN_SHAPE (square)
{
  if (in[0].rows != in[0].cols)
    return bad_shapes (error, "A Cholesky factor needs a square matrix, not %s", in[0], in[0]);
  *out = in[0];
  return TRUE;
}
